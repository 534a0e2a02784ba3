/* SPDX-License-Identifier: MIT */
/* adapter.cpp - entry points of the MIDI cable: a software device with one subdevice, "MidiCable". */
#define PUT_GUIDS_HERE
#include "midicable.h"

NTSTATUS StartDevice(IN PDEVICE_OBJECT DeviceObject, IN PIRP Irp, IN PRESOURCELIST ResourceList);

#pragma code_seg("PAGE")
extern "C" NTSTATUS AddDevice(IN PDRIVER_OBJECT DriverObject, IN PDEVICE_OBJECT PhysicalDeviceObject)
{
    PAGED_CODE();
    return PcAddAdapterDevice(DriverObject, PhysicalDeviceObject, PCPFNSTARTDEVICE(StartDevice), 1, 0);
}

extern "C" NTSTATUS DriverEntry(IN PDRIVER_OBJECT DriverObject, IN PUNICODE_STRING RegistryPathName)
{
    PAGED_CODE();
    return PcInitializeAdapterDriver(DriverObject, RegistryPathName, PDRIVER_ADD_DEVICE(AddDevice));
}

NTSTATUS StartDevice(IN PDEVICE_OBJECT DeviceObject, IN PIRP Irp, IN PRESOURCELIST ResourceList)
{
    PAGED_CODE();
    static WCHAR name[] = L"MidiCable";
    PPORT port = NULL;
    PUNKNOWN miniport = NULL;

    NTSTATUS ntStatus = PcNewPort(&port, CLSID_PortDMus);
    if (NT_SUCCESS(ntStatus))
        ntStatus = CreateMiniportCable(&miniport, GUID_NULL, NULL, NonPagedPool);
    if (NT_SUCCESS(ntStatus))
        ntStatus = port->Init(DeviceObject, Irp, miniport, NULL, ResourceList);
    if (NT_SUCCESS(ntStatus))
        ntStatus = PcRegisterSubdevice(DeviceObject, name, port);
    if (miniport)
        miniport->Release();
    if (port)
        port->Release();
    return ntStatus;
}
