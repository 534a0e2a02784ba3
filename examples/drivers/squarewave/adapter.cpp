/* SPDX-License-Identifier: MIT */
/*
 * adapter.cpp - entry points of the square-wave synthesizer: a software device with one subdevice, "SquareSynth".
 *
 * Build: see the README of this directory. Nothing here depends on what hosts the driver.
 */
#define PUT_GUIDS_HERE
#include "common.h"

#define MAX_MINIPORTS 1

extern "C" DRIVER_ADD_DEVICE AddDevice;
NTSTATUS StartDevice(IN PDEVICE_OBJECT DeviceObject, IN PIRP Irp, IN PRESOURCELIST ResourceList);

#pragma code_seg("INIT")
extern "C" NTSTATUS DriverEntry(IN PDRIVER_OBJECT DriverObject, IN PUNICODE_STRING RegistryPathName)
{
    PAGED_CODE();
    return PcInitializeAdapterDriver(DriverObject, RegistryPathName, AddDevice);
}

#pragma code_seg("PAGE")
extern "C" NTSTATUS AddDevice(IN PDRIVER_OBJECT DriverObject, IN PDEVICE_OBJECT PhysicalDeviceObject)
{
    PAGED_CODE();
    return PcAddAdapterDevice(DriverObject, PhysicalDeviceObject, PCPFNSTARTDEVICE(StartDevice), MAX_MINIPORTS, 0);
}

/* Port, miniport, binding, registration: the order that every subdevice is made in. */
static NTSTATUS InstallSubdevice(IN PDEVICE_OBJECT DeviceObject, IN PIRP Irp, IN PWSTR Name, IN REFGUID PortClassId,
                                 IN PFNCREATEINSTANCE MiniportCreate, IN PUNKNOWN UnknownAdapter OPTIONAL,
                                 IN PRESOURCELIST ResourceList)
{
    PAGED_CODE();
    ASSERT(DeviceObject);
    ASSERT(Name);

    PPORT port = NULL;
    NTSTATUS ntStatus = PcNewPort(&port, PortClassId);
    if (NT_SUCCESS(ntStatus)) {
        PUNKNOWN miniport = NULL;
        ntStatus = MiniportCreate(&miniport, GUID_NULL, NULL, NonPagedPool);
        if (NT_SUCCESS(ntStatus)) {
            ntStatus = port->Init(DeviceObject, Irp, miniport, UnknownAdapter, ResourceList);
            if (NT_SUCCESS(ntStatus))
                ntStatus = PcRegisterSubdevice(DeviceObject, Name, port);
            miniport->Release();
        }
        port->Release();
    }
    return ntStatus;
}

NTSTATUS StartDevice(IN PDEVICE_OBJECT DeviceObject, IN PIRP Irp, IN PRESOURCELIST ResourceList)
{
    PAGED_CODE();

    static WCHAR name[] = L"SquareSynth";
    NTSTATUS ntStatus = InstallSubdevice(DeviceObject, Irp, name, CLSID_PortDMus, (PFNCREATEINSTANCE)CreateMiniportSquare,
                                         NULL, ResourceList);
    if (!NT_SUCCESS(ntStatus))
        _DbgPrintF(DEBUGLVL_TERSE, ("StartDevice failed with %08x", ntStatus));
    return ntStatus;
}
