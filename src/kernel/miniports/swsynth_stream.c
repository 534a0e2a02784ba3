/* SPDX-License-Identifier: MIT */
/* What both kinds of stream share, and the MIDI stream. */
#include "swsynth.h"

NTSTATUS swsynth_stream_query(struct swsynth_stream *stream, REFIID riid, PVOID *out)
{
    if (!out)
        return STATUS_INVALID_PARAMETER;
    *out = NULL;
    if (guid_is(riid, &IID_IUnknown) || guid_is(riid, &IID_IMXF) ||
        (stream->wave && guid_is(riid, &IID_ISynthSinkDMus)))
        *out = &stream->IMXF_iface;
    else if (guid_is(riid, &IID_IDmusSynthControl))
        *out = &stream->IDmusSynthControl_iface;
    else
        return STATUS_INVALID_PARAMETER;
    refcount_add(&stream->refs);
    return STATUS_SUCCESS;
}

struct swsynth_instance *swsynth_instance_of(struct swsynth_stream *stream) { return stream->instance; }

static void end(struct swsynth_stream *stream)
{
    struct swsynth_miniport *miniport = stream->miniport;
    swsynth_wire(miniport);
    struct swsynth_stream **at = &miniport->streams;
    while (*at && *at != stream)
        at = &(*at)->next;
    if (*at)
        *at = stream->next;
    if (stream->wave) {
        swsynth_part(stream);
        COM_RELEASE(stream->allocator);
    } else {
        if (stream->instance->wave)
            swsynth_part(stream->instance->wave);
        swsynth_instance_destroy(stream->instance);
    }
    swsynth_pair(miniport);
    swsynth_unwire(miniport);
    ExFreePoolWithTag(stream, SWSYNTH_TAG);
    swsynth_miniport_release(miniport);
}

ULONG swsynth_stream_release(struct swsynth_stream *stream)
{
    ULONG left = refcount_release(&stream->refs);
    if (left == 0)
        end(stream);
    return left;
}

static NTSTATUS STDMETHODCALLTYPE midi_QueryInterface(IMXF *iface, REFIID riid, PVOID *out)
{
    return swsynth_stream_query(impl_from_IMXF(iface), riid, out);
}

static ULONG STDMETHODCALLTYPE midi_AddRef(IMXF *iface) { return refcount_add(&impl_from_IMXF(iface)->refs); }
static ULONG STDMETHODCALLTYPE midi_Release(IMXF *iface) { return swsynth_stream_release(impl_from_IMXF(iface)); }

/* ACQUIRE takes what playing needs. STOP ends all sound: what comes is discarded (spec/ddi-kernel.md 8.7). */
static NTSTATUS STDMETHODCALLTYPE midi_SetState(IMXF *iface, KSSTATE state)
{
    struct swsynth_stream *stream = impl_from_IMXF(iface);
    NTSTATUS status = STATUS_SUCCESS;
    PAGED_CODE();
    swsynth_wire(stream->miniport);
    if (state != KSSTATE_STOP)
        status = swsynth_configure_default(stream->instance);
    if (NT_SUCCESS(status))
        atomic_store(&stream->state, state);
    if (state == KSSTATE_STOP)
        swsynth_instance_stop(stream->instance, false);
    swsynth_unwire(stream->miniport);
    return status;
}

static NTSTATUS STDMETHODCALLTYPE midi_PutMessage(IMXF *iface, PDMUS_KERNEL_EVENT chain)
{
    struct swsynth_stream *stream = impl_from_IMXF(iface);
    if (!chain)
        return STATUS_SUCCESS;
    if (atomic_load(&stream->state) != KSSTATE_STOP)
        return swsynth_put(stream->instance, chain);
    swsynth_return(stream->instance, chain);
    return STATUS_SUCCESS;
}

/* A synth's stream is the end of the way. */
static NTSTATUS STDMETHODCALLTYPE midi_ConnectOutput(IMXF *iface, PMXF sink)
{
    (void)iface, (void)sink;
    return STATUS_INVALID_DEVICE_REQUEST;
}

const IMXFVtbl swsynth_midi_vtbl = {
    midi_QueryInterface, midi_AddRef,        midi_Release,       midi_SetState,
    midi_PutMessage,     midi_ConnectOutput, midi_ConnectOutput,
};

NTSTATUS swsynth_stream_create(struct swsynth_miniport *miniport, PAllocatorMXF allocator, PMASTERCLOCK clock,
                               struct swsynth_stream **out)
{
    *out = NULL;
    struct swsynth_stream *stream = ExAllocatePoolWithTag(NonPagedPool, sizeof *stream, SWSYNTH_TAG);
    if (!stream)
        return STATUS_INSUFFICIENT_RESOURCES;
    RtlZeroMemory(stream, sizeof *stream);
    NTSTATUS status = swsynth_instance_create(miniport, allocator, clock, &stream->instance);
    if (!NT_SUCCESS(status)) {
        ExFreePoolWithTag(stream, SWSYNTH_TAG);
        return status;
    }
    stream->IMXF_iface.lpVtbl = &swsynth_midi_vtbl;
    stream->IDmusSynthControl_iface.lpVtbl = &swsynth_control_vtbl;
    refcount_init(&stream->refs, 1);
    stream->miniport = miniport;
    refcount_add(&miniport->refs);
    *out = stream;
    return STATUS_SUCCESS;
}
