/* SPDX-License-Identifier: MIT */
/* The Pc functions that make objects by class or say something about a device, and those that this port does not offer (spec 4). */
#include "kernel/portcls/device.h"
#include "kernel/portcls/port.h"
#include "kernel/wdm/machine.h"
#include "kernel/wdm/rules.h"

NTSTATUS NTAPI PcNewPort(PPORT *out, REFCLSID clsid)
{
    wdm_need_irql(PASSIVE_LEVEL, "PcNewPort");
    if (!out || !clsid)
        return STATUS_INVALID_PARAMETER;
    *out = NULL;
    if (guid_is(clsid, &CLSID_PortDMus) || guid_is(clsid, &CLSID_PortMidi))
        return port_create(PORT_DMUS, out);
    if (guid_is(clsid, &CLSID_PortTopology))
        return port_create(PORT_TOPOLOGY, out);
    return STATUS_NOT_SUPPORTED;
}

/* The built-in miniports are the host's to give (struct pc_config); a class it does not have is told honestly. */
NTSTATUS NTAPI PcNewMiniport(PMINIPORT *out, REFCLSID clsid)
{
    struct pc_config config = pc_machine_config();
    wdm_need_irql(PASSIVE_LEVEL, "PcNewMiniport");
    if (!out || !clsid)
        return STATUS_INVALID_PARAMETER;
    *out = NULL;
    for (size_t i = 0; i < config.miniport_count; i++)
        if (guid_is(config.miniports[i].clsid, clsid))
            return config.miniports[i].create((PUNKNOWN *)(void *)out, clsid, NULL, NonPagedPool);
    bool known = guid_is(clsid, &CLSID_MiniportDriverDMusUART) || guid_is(clsid, &CLSID_MiniportDriverDMusUARTCapture) ||
                 guid_is(clsid, &CLSID_MiniportDriverUart) || guid_is(clsid, &CLSID_MiniportDriverFmSynth) ||
                 guid_is(clsid, &CLSID_MiniportDriverFmSynthWithVol);
    return known ? STATUS_NOT_SUPPORTED : STATUS_INVALID_PARAMETER;
}

NTSTATUS NTAPI PcGetDeviceProperty(PVOID fdo, DEVICE_REGISTRY_PROPERTY property, ULONG length, PVOID buffer, PULONG result)
{
    struct pc_device *device = pc_device_of(fdo);
    wdm_need_irql(PASSIVE_LEVEL, "PcGetDeviceProperty");
    return device && result ? IoGetDeviceProperty(device->pdo, property, length, buffer, result) : STATUS_INVALID_PARAMETER;
}

ULONGLONG NTAPI PcGetTimeInterval(ULONGLONG since)
{
    LARGE_INTEGER now;
    KeQuerySystemTime(&now);
    return (ULONGLONG)now.QuadPart - since;
}

/* --- not offered: no DMA, no protected content --- */
static NTSTATUS not_offered(const char *name)
{
    wdm_broken(WDM_RULE_UNSUPPORTED, "%s", name);
    return STATUS_NOT_IMPLEMENTED;
}

NTSTATUS NTAPI PcNewDmaChannel(PDMACHANNEL *out, PUNKNOWN outer, POOL_TYPE pool, PDEVICE_DESCRIPTION description,
                               PDEVICE_OBJECT fdo)
{
    (void)outer, (void)pool, (void)description, (void)fdo;
    if (out)
        *out = NULL;
    return not_offered("PcNewDmaChannel");
}

NTSTATUS NTAPI PcAddContentHandlers(ULONG content, PVOID *handlers, ULONG count)
{
    (void)content, (void)handlers, (void)count;
    return not_offered("PcAddContentHandlers");
}

NTSTATUS NTAPI PcCreateContentMixed(PULONG contents, ULONG count, PULONG mixed)
{
    (void)contents, (void)count, (void)mixed;
    return not_offered("PcCreateContentMixed");
}

NTSTATUS NTAPI PcDestroyContent(ULONG content)
{
    (void)content;
    return not_offered("PcDestroyContent");
}

NTSTATUS NTAPI PcForwardContentToDeviceObject(ULONG content, PVOID reserved, PCDRMFORWARD forward)
{
    (void)content, (void)reserved, (void)forward;
    return not_offered("PcForwardContentToDeviceObject");
}

NTSTATUS NTAPI PcForwardContentToFileObject(ULONG content, PFILE_OBJECT file)
{
    (void)content, (void)file;
    return not_offered("PcForwardContentToFileObject");
}

NTSTATUS NTAPI PcForwardContentToInterface(ULONG content, PUNKNOWN unknown, ULONG methods)
{
    (void)content, (void)unknown, (void)methods;
    return not_offered("PcForwardContentToInterface");
}

NTSTATUS NTAPI PcGetContentRights(ULONG content, PDRMRIGHTS rights)
{
    (void)content, (void)rights;
    return not_offered("PcGetContentRights");
}
