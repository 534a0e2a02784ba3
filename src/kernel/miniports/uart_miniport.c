/* SPDX-License-Identifier: MIT */
#include "uart.h"

#include "builtin.h"

void uart_wire(struct uart_miniport *miniport)
{
    KeWaitForSingleObject(&miniport->wiring, Executive, KernelMode, FALSE, NULL);
}

void uart_unwire(struct uart_miniport *miniport) { KeReleaseMutex(&miniport->wiring, FALSE); }

static NTSTATUS query(struct uart_miniport *miniport, REFIID riid, PVOID *out)
{
    if (!out)
        return STATUS_INVALID_PARAMETER;
    *out = NULL;
    if (guid_is(riid, &IID_IUnknown) || guid_is(riid, &IID_IMiniport) || guid_is(riid, &IID_IMiniportDMus))
        *out = &miniport->IMiniportDMus_iface;
    else if (guid_is(riid, &IID_IMusicTechnology))
        *out = &miniport->IMusicTechnology_iface;
    else if (guid_is(riid, &IID_IPowerNotify))
        *out = &miniport->IPowerNotify_iface;
    else
        return STATUS_INVALID_PARAMETER;
    refcount_add(&miniport->refs);
    return STATUS_SUCCESS;
}

/* Nothing of the device may reach this any more before it goes. */
static void end(struct uart_miniport *miniport)
{
    uart_output_end(miniport);
    uart_poll_stop(miniport);
    if (miniport->sync) {
        miniport->sync->lpVtbl->Disconnect(miniport->sync);
        COM_RELEASE(miniport->sync);
    }
    if (miniport->group)
        COM_RELEASE(miniport->group);
    ExFreePoolWithTag(miniport, UART_TAG);
}

static ULONG release(struct uart_miniport *miniport)
{
    ULONG left = refcount_release(&miniport->refs);
    if (left == 0)
        end(miniport);
    return left;
}

void uart_release(struct uart_miniport *miniport) { release(miniport); }

/* ---- IMiniportDMus ---- */

static NTSTATUS STDMETHODCALLTYPE miniport_QueryInterface(IMiniportDMus *iface, REFIID riid, PVOID *out)
{
    return query(impl_from_IMiniportDMus(iface), riid, out);
}

static ULONG STDMETHODCALLTYPE miniport_AddRef(IMiniportDMus *iface)
{
    return refcount_add(&impl_from_IMiniportDMus(iface)->refs);
}

static ULONG STDMETHODCALLTYPE miniport_Release(IMiniportDMus *iface) { return release(impl_from_IMiniportDMus(iface)); }

static NTSTATUS STDMETHODCALLTYPE miniport_GetDescription(IMiniportDMus *iface, PPCFILTER_DESCRIPTOR *out)
{
    if (!out)
        return STATUS_INVALID_PARAMETER;
    *out = &impl_from_IMiniportDMus(iface)->filter.filter;
    return STATUS_SUCCESS;
}

static NTSTATUS STDMETHODCALLTYPE miniport_DataRangeIntersection(IMiniportDMus *iface, ULONG pin, PKSDATARANGE client,
                                                                 PKSDATARANGE mine, ULONG room, PVOID out, PULONG used)
{
    (void)iface, (void)pin, (void)client, (void)mine, (void)room, (void)out, (void)used;
    return STATUS_NOT_IMPLEMENTED; /* the port's own handler does */
}

static NTSTATUS take_resources(struct uart_miniport *miniport, PRESOURCELIST resources)
{
    if (!resources)
        return STATUS_DEVICE_CONFIGURATION_ERROR;
    ULONG ports = resources->lpVtbl->NumberOfEntriesOfType(resources, CmResourceTypePort);
    ULONG interrupts = resources->lpVtbl->NumberOfEntriesOfType(resources, CmResourceTypeInterrupt);
    ULONG channels = resources->lpVtbl->NumberOfEntriesOfType(resources, CmResourceTypeDma);
    PCM_PARTIAL_RESOURCE_DESCRIPTOR port = resources->lpVtbl->FindTranslatedEntry(resources, CmResourceTypePort, 0);
    if (ports != 1 || interrupts > 1 || channels != 0 || !port || port->u.Port.Length < 2)
        return STATUS_DEVICE_CONFIGURATION_ERROR;
    miniport->port_number = port->u.Port.Start.LowPart;
    miniport->base = (PUCHAR)(ULONG_PTR)port->u.Port.Start.QuadPart;
    if (interrupts == 0)
        return STATUS_SUCCESS;
    NTSTATUS status = PcNewInterruptSync(&miniport->sync, NULL, resources, 0, InterruptSyncModeNormal);
    if (NT_SUCCESS(status))
        status = miniport->sync->lpVtbl->RegisterServiceRoutine(miniport->sync, uart_service, miniport, TRUE);
    if (NT_SUCCESS(status))
        status = miniport->sync->lpVtbl->Connect(miniport->sync);
    return status;
}

static NTSTATUS STDMETHODCALLTYPE miniport_Init(IMiniportDMus *iface, PUNKNOWN adapter, PRESOURCELIST resources,
                                                PPORTDMUS port, PSERVICEGROUP *group)
{
    struct uart_miniport *miniport = impl_from_IMiniportDMus(iface);
    PAGED_CODE();
    (void)adapter;
    *group = NULL;
    if (miniport->port)
        return STATUS_INVALID_DEVICE_STATE;
    miniport->port = port;
    NTSTATUS status = PcNewServiceGroup(&miniport->group, NULL);
    if (!NT_SUCCESS(status))
        return STATUS_INSUFFICIENT_RESOURCES;
    port->lpVtbl->RegisterServiceGroup(port, miniport->group);
    status = take_resources(miniport, resources);
    if (NT_SUCCESS(status))
        status = uart_start_device(miniport);
    if (!NT_SUCCESS(status))
        return status;
    miniport->powered = true;
    *group = miniport->group;
    COM_ADDREF(*group);
    return STATUS_SUCCESS;
}

static void STDMETHODCALLTYPE miniport_Service(IMiniportDMus *iface) { (void)iface; }

static NTSTATUS check_pin(ULONG pin, DMUS_STREAM_TYPE type)
{
    if (pin == UART_PIN_CAPTURE)
        return type == DMUS_STREAM_MIDI_CAPTURE ? STATUS_SUCCESS : STATUS_INVALID_DEVICE_REQUEST;
    if (pin == UART_PIN_LEGACY || pin == UART_PIN_RENDER)
        return type == DMUS_STREAM_MIDI_RENDER ? STATUS_SUCCESS : STATUS_INVALID_DEVICE_REQUEST;
    return STATUS_INVALID_PARAMETER;
}

static NTSTATUS STDMETHODCALLTYPE miniport_NewStream(IMiniportDMus *iface, PMXF *out, PUNKNOWN outer, POOL_TYPE pool,
                                                     ULONG pin, DMUS_STREAM_TYPE type, PKSDATAFORMAT format,
                                                     PSERVICEGROUP *group, PAllocatorMXF allocator, PMASTERCLOCK clock,
                                                     PULONGLONG prefetch)
{
    struct uart_miniport *miniport = impl_from_IMiniportDMus(iface);
    struct uart_stream *stream;
    PAGED_CODE();
    (void)pool, (void)format;
    *out = NULL;
    *group = NULL;
    NTSTATUS status = check_pin(pin, type);
    if (NT_SUCCESS(status) && (outer || !allocator || !clock))
        status = outer ? STATUS_NOT_SUPPORTED : STATUS_INVALID_PARAMETER;
    if (!NT_SUCCESS(status))
        return status;
    *prefetch = 0; /* a byte on the wire sounds at once: the port keeps time */
    uart_wire(miniport);
    status = uart_stream_create(miniport, pin, allocator, clock, &stream);
    uart_unwire(miniport);
    if (!NT_SUCCESS(status))
        return status;
    *out = &stream->IMXF_iface;
    if (pin == UART_PIN_CAPTURE) {
        *group = miniport->group;
        COM_ADDREF(*group);
    }
    return STATUS_SUCCESS;
}

static const IMiniportDMusVtbl miniport_vtbl = {
    miniport_QueryInterface, miniport_AddRef, miniport_Release,
    miniport_GetDescription, miniport_DataRangeIntersection,
    miniport_Init,           miniport_Service, miniport_NewStream,
};

/* ---- IMusicTechnology ---- */

static NTSTATUS STDMETHODCALLTYPE technology_QueryInterface(IMusicTechnology *iface, REFIID riid, PVOID *out)
{
    return query(impl_from_IMusicTechnology(iface), riid, out);
}

static ULONG STDMETHODCALLTYPE technology_AddRef(IMusicTechnology *iface)
{
    return refcount_add(&impl_from_IMusicTechnology(iface)->refs);
}

static ULONG STDMETHODCALLTYPE technology_Release(IMusicTechnology *iface)
{
    return release(impl_from_IMusicTechnology(iface));
}

/* Before Init: the port reads the ranges there. */
static NTSTATUS STDMETHODCALLTYPE technology_SetTechnology(IMusicTechnology *iface, const GUID *technology)
{
    struct uart_miniport *miniport = impl_from_IMusicTechnology(iface);
    if (!technology)
        return STATUS_INVALID_PARAMETER;
    if (miniport->port)
        return STATUS_UNSUCCESSFUL;
    uart_filter_technology(&miniport->filter, technology);
    return STATUS_SUCCESS;
}

static const IMusicTechnologyVtbl technology_vtbl = {
    technology_QueryInterface,
    technology_AddRef,
    technology_Release,
    technology_SetTechnology,
};

/* ---- IPowerNotify ---- */

static NTSTATUS STDMETHODCALLTYPE power_QueryInterface(IPowerNotify *iface, REFIID riid, PVOID *out)
{
    return query(impl_from_IPowerNotify(iface), riid, out);
}

static ULONG STDMETHODCALLTYPE power_AddRef(IPowerNotify *iface) { return refcount_add(&impl_from_IPowerNotify(iface)->refs); }
static ULONG STDMETHODCALLTYPE power_Release(IPowerNotify *iface) { return release(impl_from_IPowerNotify(iface)); }

/* Without power the device forgets UART mode, and nobody touches it; what is queued waits. */
static void STDMETHODCALLTYPE power_PowerChangeNotify(IPowerNotify *iface, POWER_STATE state)
{
    struct uart_miniport *miniport = impl_from_IPowerNotify(iface);
    bool powered = state.DeviceState == PowerDeviceD0;
    KIRQL irql;
    PAGED_CODE();
    uart_wire(miniport);
    if (powered && !miniport->powered)
        powered = NT_SUCCESS(uart_start_device(miniport));
    KeAcquireSpinLock(&miniport->out_lock, &irql);
    miniport->powered = powered;
    KeReleaseSpinLock(&miniport->out_lock, irql);
    uart_unwire(miniport);
    uart_pump(miniport);
}

static const IPowerNotifyVtbl power_vtbl = {
    power_QueryInterface,
    power_AddRef,
    power_Release,
    power_PowerChangeNotify,
};

HRESULT uart_create_instance(PUNKNOWN *out, REFCLSID clsid, PUNKNOWN outer, POOL_TYPE pool)
{
    PAGED_CODE();
    (void)clsid; /* one object has both sides */
    *out = NULL;
    if (outer)
        return STATUS_NOT_SUPPORTED;
    struct uart_miniport *miniport = ExAllocatePoolWithTag(pool, sizeof *miniport, UART_TAG);
    if (!miniport)
        return STATUS_INSUFFICIENT_RESOURCES;
    RtlZeroMemory(miniport, sizeof *miniport);
    miniport->IMiniportDMus_iface.lpVtbl = &miniport_vtbl;
    miniport->IMusicTechnology_iface.lpVtbl = &technology_vtbl;
    miniport->IPowerNotify_iface.lpVtbl = &power_vtbl;
    refcount_init(&miniport->refs, 1);
    KeInitializeMutex(&miniport->wiring, 0);
    uart_filter_init(&miniport->filter);
    uart_output_init(miniport);
    uart_poll_init(miniport);
    *out = (PUNKNOWN)&miniport->IMiniportDMus_iface;
    return STATUS_SUCCESS;
}
