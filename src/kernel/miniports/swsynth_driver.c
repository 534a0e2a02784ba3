/* SPDX-License-Identifier: MIT */
/* The adapter: one device without hardware, one subdevice. */
#include "swsynth.h"

static NTSTATUS NTAPI start_device(PDEVICE_OBJECT device, PIRP irp, PRESOURCELIST resources)
{
    PPORT port = NULL;
    PUNKNOWN miniport = NULL;
    PAGED_CODE();
    NTSTATUS status = PcNewPort(&port, &CLSID_PortDMus);
    if (NT_SUCCESS(status))
        status = swsynth_miniport_create(&miniport);
    if (NT_SUCCESS(status))
        status = port->lpVtbl->Init(port, device, irp, miniport, NULL, resources);
    if (NT_SUCCESS(status))
        status = PcRegisterSubdevice(device, (PWSTR)L"DMusic", (PUNKNOWN)port);
    if (miniport)
        COM_RELEASE(miniport);
    if (port)
        COM_RELEASE(port);
    return status;
}

static NTSTATUS NTAPI add_device(PDRIVER_OBJECT driver, PDEVICE_OBJECT pdo)
{
    PAGED_CODE();
    return PcAddAdapterDevice(driver, pdo, start_device, 1, 0);
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT driver, PUNICODE_STRING registry_path);
NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT driver, PUNICODE_STRING registry_path)
{
    return PcInitializeAdapterDriver(driver, registry_path, add_device);
}
