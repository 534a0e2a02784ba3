/* SPDX-License-Identifier: MIT */
#include "uart.h"

static bool is_capture(const struct uart_stream *stream) { return stream->pin == UART_PIN_CAPTURE; }

static atomic_uint *pin_count(struct uart_miniport *miniport, ULONG pin)
{
    return pin == UART_PIN_CAPTURE  ? &miniport->capture_pins
           : pin == UART_PIN_LEGACY ? &miniport->legacy_pins
                                    : &miniport->render_pins;
}

static NTSTATUS STDMETHODCALLTYPE stream_QueryInterface(IMXF *iface, REFIID riid, PVOID *out)
{
    if (!out)
        return STATUS_INVALID_PARAMETER;
    *out = NULL;
    if (!guid_is(riid, &IID_IUnknown) && !guid_is(riid, &IID_IMXF))
        return STATUS_INVALID_PARAMETER;
    *out = iface;
    refcount_add(&impl_from_IMXF(iface)->refs);
    return STATUS_SUCCESS;
}

static ULONG STDMETHODCALLTYPE stream_AddRef(IMXF *iface) { return refcount_add(&impl_from_IMXF(iface)->refs); }

/* [out_lock] */
static void unlink_stream(struct uart_stream *stream)
{
    struct uart_stream **at = &stream->miniport->streams;
    while (*at && *at != stream)
        at = &(*at)->next;
    if (*at)
        *at = stream->next;
}

static void end(struct uart_stream *stream)
{
    struct uart_miniport *miniport = stream->miniport;
    KIRQL irql;
    stream->IMXF_iface.lpVtbl->SetState(&stream->IMXF_iface, KSSTATE_STOP);
    stream->IMXF_iface.lpVtbl->DisconnectOutput(&stream->IMXF_iface, NULL);
    uart_wire(miniport);
    KeAcquireSpinLock(&miniport->out_lock, &irql);
    unlink_stream(stream);
    KeReleaseSpinLock(&miniport->out_lock, irql);
    atomic_fetch_sub(pin_count(miniport, stream->pin), 1);
    uart_unwire(miniport);
    COM_RELEASE(stream->clock);
    COM_RELEASE(stream->allocator);
    ExFreePoolWithTag(stream, UART_TAG);
    uart_release(miniport);
}

static ULONG STDMETHODCALLTYPE stream_Release(IMXF *iface)
{
    struct uart_stream *stream = impl_from_IMXF(iface);
    ULONG left = refcount_release(&stream->refs);
    if (left == 0) {
        refcount_add(&stream->refs); /* end uses it once more */
        end(stream);
    }
    return left;
}

/* Input is kept in RUN only. */
static NTSTATUS STDMETHODCALLTYPE stream_SetState(IMXF *iface, KSSTATE state)
{
    struct uart_stream *stream = impl_from_IMXF(iface);
    struct uart_miniport *miniport = stream->miniport;
    PAGED_CODE();
    if (state != KSSTATE_STOP && !miniport->ready)
        return STATUS_INVALID_DEVICE_STATE;
    uart_wire(miniport);
    KSSTATE before = (KSSTATE)atomic_exchange(&stream->state, state);
    if (is_capture(stream) && (state == KSSTATE_RUN) != (before == KSSTATE_RUN)) {
        uart_capture_to(miniport, state == KSSTATE_RUN ? stream : NULL);
        if (state == KSSTATE_RUN)
            uart_poll_start(miniport);
        else
            uart_poll_stop(miniport);
    }
    uart_unwire(miniport);
    if (!is_capture(stream) && state == KSSTATE_STOP)
        uart_flush(stream);
    else if (!is_capture(stream) && state == KSSTATE_RUN)
        uart_pump(miniport);
    return STATUS_SUCCESS;
}

/* ---- capture ---- */

/* The sink with a reference; without one the events go where unconnected output goes. */
static PMXF take_sink(struct uart_stream *stream)
{
    KIRQL irql;
    KeAcquireSpinLock(&stream->miniport->out_lock, &irql);
    PMXF sink = stream->sink ? stream->sink : (PMXF)stream->allocator;
    COM_ADDREF(sink);
    KeReleaseSpinLock(&stream->miniport->out_lock, irql);
    return sink;
}

/* All that has come in, as one chain. An event that cannot be had leaves its bytes where they are. */
static NTSTATUS service(struct uart_stream *stream)
{
    PDMUS_KERNEL_EVENT chain = NULL, *tail = &chain, event;
    NTSTATUS status = STATUS_SUCCESS;
    for (;;) {
        REFERENCE_TIME time;
        status = stream->allocator->lpVtbl->GetMessage(stream->allocator, &event);
        if (!NT_SUCCESS(status))
            break;
        ULONG count = uart_take(stream->miniport, event->uData.abData, &time);
        if (count == 0) {
            stream->allocator->lpVtbl->PutMessage(stream->allocator, event);
            break;
        }
        event->cbEvent = (USHORT)count;
        event->usChannelGroup = 1;
        event->usFlags = DMUS_KEF_EVENT_INCOMPLETE;
        event->ullPresTime100ns = time;
        event->ullBytePosition = kBytePositionNone;
        *tail = event;
        tail = &event->pNextEvt;
    }
    if (chain) {
        PMXF sink = take_sink(stream);
        sink->lpVtbl->PutMessage(sink, chain);
        COM_RELEASE(sink);
    }
    return status;
}

static NTSTATUS STDMETHODCALLTYPE stream_PutMessage(IMXF *iface, PDMUS_KERNEL_EVENT chain)
{
    struct uart_stream *stream = impl_from_IMXF(iface);
    if (!chain)
        return is_capture(stream) && atomic_load(&stream->state) == KSSTATE_RUN ? service(stream) : STATUS_SUCCESS;
    if (!is_capture(stream) && atomic_load(&stream->state) != KSSTATE_STOP) {
        uart_queue(stream, chain);
        return STATUS_SUCCESS;
    }
    stream->allocator->lpVtbl->PutMessage(stream->allocator, chain);
    return is_capture(stream) ? STATUS_INVALID_DEVICE_REQUEST : STATUS_SUCCESS;
}

/* [nothing] Put SINK (or NULL) in the place of what was connected. */
static void connect(struct uart_stream *stream, PMXF sink)
{
    KIRQL irql;
    if (sink)
        COM_ADDREF(sink);
    KeAcquireSpinLock(&stream->miniport->out_lock, &irql);
    PMXF before = stream->sink;
    stream->sink = sink;
    KeReleaseSpinLock(&stream->miniport->out_lock, irql);
    if (before)
        COM_RELEASE(before);
}

static NTSTATUS STDMETHODCALLTYPE stream_ConnectOutput(IMXF *iface, PMXF sink)
{
    struct uart_stream *stream = impl_from_IMXF(iface);
    if (!is_capture(stream) || stream->sink || !sink)
        return STATUS_UNSUCCESSFUL;
    connect(stream, sink);
    return STATUS_SUCCESS;
}

static NTSTATUS STDMETHODCALLTYPE stream_DisconnectOutput(IMXF *iface, PMXF sink)
{
    struct uart_stream *stream = impl_from_IMXF(iface);
    if (!is_capture(stream) || (sink && sink != stream->sink))
        return STATUS_UNSUCCESSFUL;
    connect(stream, NULL);
    return STATUS_SUCCESS;
}

static const IMXFVtbl stream_vtbl = {
    stream_QueryInterface, stream_AddRef,        stream_Release,          stream_SetState,
    stream_PutMessage,     stream_ConnectOutput, stream_DisconnectOutput,
};

NTSTATUS uart_stream_create(struct uart_miniport *miniport, ULONG pin, PAllocatorMXF allocator, PMASTERCLOCK clock,
                            struct uart_stream **out)
{
    KIRQL irql;
    *out = NULL;
    if (atomic_load(pin_count(miniport, pin)))
        return STATUS_INVALID_DEVICE_REQUEST; /* one of each kind (spec/ddi-kernel.md 8.2) */
    struct uart_stream *stream = ExAllocatePoolWithTag(NonPagedPool, sizeof *stream, UART_TAG);
    if (!stream)
        return STATUS_INSUFFICIENT_RESOURCES;
    RtlZeroMemory(stream, sizeof *stream);
    stream->IMXF_iface.lpVtbl = &stream_vtbl;
    refcount_init(&stream->refs, 1);
    stream->miniport = miniport;
    stream->allocator = allocator;
    stream->clock = clock;
    stream->pin = pin;
    refcount_add(&miniport->refs);
    COM_ADDREF(allocator);
    COM_ADDREF(clock);
    atomic_fetch_add(pin_count(miniport, pin), 1);
    if (!is_capture(stream)) {
        KeAcquireSpinLock(&miniport->out_lock, &irql);
        stream->next = miniport->streams;
        miniport->streams = stream;
        KeReleaseSpinLock(&miniport->out_lock, irql);
    }
    *out = stream;
    return STATUS_SUCCESS;
}
