/* SPDX-License-Identifier: MIT */
#include "uart_adapter.h"

#include <portcls.h>

static NTSTATUS start_device(PDEVICE_OBJECT device, PIRP irp, PRESOURCELIST resources)
{
    static WCHAR name[] = u"UART";
    PPORT port = NULL;
    PMINIPORT miniport = NULL;
    NTSTATUS status = PcNewPort(&port, &CLSID_PortDMus);
    if (NT_SUCCESS(status))
        status = PcNewMiniport(&miniport, &CLSID_MiniportDriverDMusUART);
    if (NT_SUCCESS(status))
        status = port->lpVtbl->Init(port, device, irp, (PUNKNOWN)(void *)miniport, NULL, resources);
    if (NT_SUCCESS(status))
        status = PcRegisterSubdevice(device, name, (PUNKNOWN)(void *)port);
    if (miniport)
        miniport->lpVtbl->Release(miniport);
    if (port)
        port->lpVtbl->Release(port);
    return status;
}

static NTSTATUS NTAPI add_device(PDRIVER_OBJECT driver, PDEVICE_OBJECT pdo)
{
    return PcAddAdapterDevice(driver, pdo, start_device, 1, 0);
}

NTSTATUS NTAPI uart_adapter_DriverEntry(PDRIVER_OBJECT driver, PUNICODE_STRING registry_path)
{
    return PcInitializeAdapterDriver(driver, registry_path, add_device);
}
