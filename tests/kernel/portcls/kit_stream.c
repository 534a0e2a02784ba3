/* SPDX-License-Identifier: MIT */
/* The kit's streams: render, capture and wave in one object, and the legacy kind. */
#include <stdio.h>
#include <string.h>

#include "kit_driver.h"

struct stream {
    IMXF IMXF_iface;
    ISynthSinkDMus ISynthSinkDMus_iface;
    IMiniportMidiStream IMiniportMidiStream_iface;
    LONG refs;
    struct kit *owner;
    ULONG pin;
    _Atomic KSSTATE state;
    IAllocatorMXF *allocator;
    IMasterClock *clock;
    IMXF *sink; /* NULL: the allocator */
    LONGLONG position;
};
#define STREAM(iface, member) ((struct stream *)(void *)((char *)(iface)-offsetof(struct stream, member)))

static NTSTATUS query(struct stream *self, REFIID iid, PVOID *out)
{
    *out = NULL;
    if (IsEqualGUID(iid, &IID_IUnknown) || IsEqualGUID(iid, &IID_IMXF))
        *out = &self->IMXF_iface;
    else if (IsEqualGUID(iid, &IID_ISynthSinkDMus) && (self->pin == KIT_WAVE || self->owner->config.share_stream))
        *out = &self->ISynthSinkDMus_iface;
    if (*out)
        InterlockedIncrement(&self->refs);
    return *out ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

static ULONG release(struct stream *self)
{
    LONG left = InterlockedDecrement(&self->refs);
    if (left == 0) {
        kit_log("stream %u gone", (unsigned)self->pin);
        if (self->owner->config.keep_clock) {
            REFERENCE_TIME now = 0;
            self->clock->lpVtbl->GetTime(self->clock, &now);
        }
        if (self->allocator)
            self->allocator->lpVtbl->Release(self->allocator);
        atomic_fetch_sub(&self->owner->streams, 1);
        ExFreePool(self);
    }
    return (ULONG)left;
}

static NTSTATUS set_state(struct stream *self, KSSTATE state)
{
    static const char *const names[] = {"STOP", "ACQUIRE", "PAUSE", "RUN"};
    bool fails = self->owner->config.fail_state_set && self->owner->config.fail_state == (int)state;
    kit_log("stream %u %s -> %s%s", (unsigned)self->pin, names[atomic_load(&self->state)], names[state], fails ? " fails" : "");
    if (fails)
        return STATUS_INVALID_DEVICE_STATE;
    self->state = state;
    if (state == KSSTATE_RUN && self->owner->config.power_in_state)
        kit_ask_power(self->owner, PowerDeviceD3);
    return STATUS_SUCCESS;
}

static NTSTATUS NTAPI mxf_QueryInterface(IMXF *iface, REFIID iid, PVOID *out) { return query(STREAM(iface, IMXF_iface), iid, out); }
static ULONG NTAPI mxf_AddRef(IMXF *iface) { return (ULONG)InterlockedIncrement(&STREAM(iface, IMXF_iface)->refs); }
static ULONG NTAPI mxf_Release(IMXF *iface) { return release(STREAM(iface, IMXF_iface)); }
static NTSTATUS NTAPI mxf_SetState(IMXF *iface, KSSTATE state) { return set_state(STREAM(iface, IMXF_iface), state); }

/* What the device has: raw bytes, stamped now. */
static NTSTATUS capture(struct stream *self)
{
    struct kit *k = self->owner;
    PDMUS_KERNEL_EVENT event;
    atomic_fetch_add(&k->services, 1);
    if (self->state < KSSTATE_PAUSE || !self->sink)
        return STATUS_SUCCESS;
    unsigned count = atomic_exchange(&k->capture_count, 0);
    if (count == 0)
        return STATUS_SUCCESS;
    count = count < sizeof(PBYTE) ? count : (unsigned)sizeof(PBYTE);
    if (!NT_SUCCESS(self->allocator->lpVtbl->GetMessage(self->allocator, &event)))
        return STATUS_SUCCESS;
    memcpy(event->uData.abData, k->capture_bytes, count);
    event->cbEvent = (USHORT)count;
    event->usChannelGroup = 1;
    self->clock->lpVtbl->GetTime(self->clock, &event->ullPresTime100ns);
    SET_INCOMPLETE_EVT(event);
    return self->sink->lpVtbl->PutMessage(self->sink, event);
}

static NTSTATUS NTAPI mxf_PutMessage(IMXF *iface, PDMUS_KERNEL_EVENT chain)
{
    struct stream *self = STREAM(iface, IMXF_iface);
    if (!chain)
        return capture(self);
    for (PDMUS_KERNEL_EVENT e = chain; e; e = e->pNextEvt) {
        unsigned n = atomic_fetch_add(&self->owner->puts, 1);
        if (n < sizeof self->owner->stamps / sizeof self->owner->stamps[0])
            self->owner->stamps[n] = e->ullPresTime100ns;
        if (n < sizeof self->owner->keys)
            self->owner->keys[n] = e->uData.abData[1];
        self->owner->last_event = e;
    }
    if (self->owner->config.put_stall_us)
        KeStallExecutionProcessor(self->owner->config.put_stall_us);
    if (self->owner->config.keep_events)
        return STATUS_SUCCESS;
    return self->allocator->lpVtbl->PutMessage(self->allocator, chain);
}

static NTSTATUS NTAPI mxf_ConnectOutput(IMXF *iface, IMXF *sink)
{
    kit_log("stream %u connected", (unsigned)STREAM(iface, IMXF_iface)->pin);
    STREAM(iface, IMXF_iface)->sink = sink;
    return STATUS_SUCCESS;
}

static NTSTATUS NTAPI mxf_DisconnectOutput(IMXF *iface, IMXF *sink)
{
    (void)sink;
    kit_log("stream %u disconnected", (unsigned)STREAM(iface, IMXF_iface)->pin);
    STREAM(iface, IMXF_iface)->sink = NULL;
    return STATUS_SUCCESS;
}

static IMXFVtbl mxf_vtbl = {mxf_QueryInterface, mxf_AddRef,        mxf_Release,         mxf_SetState,
                            mxf_PutMessage,     mxf_ConnectOutput, mxf_DisconnectOutput};

/* --- ISynthSinkDMus --- */
#define SINK(iface) STREAM(iface, ISynthSinkDMus_iface)
static NTSTATUS NTAPI sink_QueryInterface(ISynthSinkDMus *iface, REFIID iid, PVOID *out) { return query(SINK(iface), iid, out); }
static ULONG NTAPI sink_AddRef(ISynthSinkDMus *iface) { return (ULONG)InterlockedIncrement(&SINK(iface)->refs); }
static ULONG NTAPI sink_Release(ISynthSinkDMus *iface) { return release(SINK(iface)); }
static NTSTATUS NTAPI sink_SetState(ISynthSinkDMus *iface, KSSTATE state) { return set_state(SINK(iface), state); }
static NTSTATUS NTAPI sink_PutMessage(ISynthSinkDMus *iface, PDMUS_KERNEL_EVENT chain)
{
    return mxf_PutMessage(&SINK(iface)->IMXF_iface, chain);
}
static NTSTATUS NTAPI sink_connect(ISynthSinkDMus *iface, IMXF *sink)
{
    SINK(iface)->sink = sink;
    return STATUS_SUCCESS;
}
/* Frame n is n in the left channel, -n in the right one. */
static void NTAPI sink_Render(ISynthSinkDMus *iface, PBYTE buffer, DWORD frames, LONGLONG position)
{
    for (DWORD i = 0; i < frames; i++) {
        int16_t pair[2] = {(int16_t)(position + i), (int16_t) - (position + i)};
        memcpy(buffer + 4 * i, pair, 4);
    }
    SINK(iface)->position = position + frames;
}
static NTSTATUS NTAPI sink_SyncToMaster(ISynthSinkDMus *iface, REFERENCE_TIME time, BOOL start)
{
    (void)iface, (void)time;
    if (start)
        kit_log("wave starts");
    return STATUS_SUCCESS;
}
static NTSTATUS NTAPI sink_convert(ISynthSinkDMus *iface, LONGLONG from, LONGLONG *to)
{
    (void)iface;
    *to = from;
    return STATUS_SUCCESS;
}
static ISynthSinkDMusVtbl sink_vtbl = {sink_QueryInterface, sink_AddRef, sink_Release,      sink_SetState, sink_PutMessage, sink_connect,
                                       sink_connect,        sink_Render, sink_SyncToMaster, sink_convert,  sink_convert};

/* --- IMiniportMidiStream --- */
#define MIDI(iface) STREAM(iface, IMiniportMidiStream_iface)
static NTSTATUS NTAPI midi_QueryInterface(IMiniportMidiStream *iface, REFIID iid, PVOID *out)
{
    bool known = IsEqualGUID(iid, &IID_IUnknown) || IsEqualGUID(iid, &IID_IMiniportMidiStream);
    *out = known ? iface : NULL;
    if (known)
        InterlockedIncrement(&MIDI(iface)->refs);
    return known ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}
static ULONG NTAPI midi_AddRef(IMiniportMidiStream *iface) { return (ULONG)InterlockedIncrement(&MIDI(iface)->refs); }
static ULONG NTAPI midi_Release(IMiniportMidiStream *iface) { return release(MIDI(iface)); }
static NTSTATUS NTAPI midi_SetFormat(IMiniportMidiStream *iface, PKSDATAFORMAT format)
{
    (void)iface, (void)format;
    return STATUS_SUCCESS;
}
static NTSTATUS NTAPI midi_SetState(IMiniportMidiStream *iface, KSSTATE state) { return set_state(MIDI(iface), state); }
static NTSTATUS NTAPI midi_Read(IMiniportMidiStream *iface, PVOID buffer, ULONG length, PULONG read)
{
    struct kit *k = MIDI(iface)->owner;
    *read = k->capture_count < length ? k->capture_count : length;
    memcpy(buffer, k->capture_bytes, *read);
    k->capture_count -= *read;
    memmove(k->capture_bytes, k->capture_bytes + *read, k->capture_count);
    return STATUS_SUCCESS;
}
static NTSTATUS NTAPI midi_Write(IMiniportMidiStream *iface, PVOID data, ULONG size, PULONG written)
{
    struct kit *k = MIDI(iface)->owner;
    *written = 0;
    if (k->midi_busy) {
        k->midi_busy--;
        return STATUS_SUCCESS;
    }
    *written = size > 4 ? 4 : size;
    if (k->midi_out_count + *written <= sizeof k->midi_out)
        memcpy(k->midi_out + k->midi_out_count, data, *written);
    k->midi_out_count += *written;
    return STATUS_SUCCESS;
}
static IMiniportMidiStreamVtbl midi_vtbl = {midi_QueryInterface, midi_AddRef,   midi_Release, midi_SetFormat,
                                            midi_SetState,       midi_Read,     midi_Write};

static struct stream *stream_new(ULONG pin, IAllocatorMXF *allocator, IMasterClock *clock)
{
    struct stream *self = ExAllocatePoolWithTag(NonPagedPool, sizeof *self, 'mrtS');
    if (!self)
        return NULL;
    memset(self, 0, sizeof *self);
    self->IMXF_iface.lpVtbl = &mxf_vtbl;
    self->ISynthSinkDMus_iface.lpVtbl = &sink_vtbl;
    self->IMiniportMidiStream_iface.lpVtbl = &midi_vtbl;
    self->refs = 1;
    self->owner = kit;
    self->pin = pin;
    self->allocator = allocator;
    self->clock = clock;
    if (allocator)
        allocator->lpVtbl->AddRef(allocator);
    atomic_fetch_add(&kit->streams, 1);
    kit->clock = clock;
    return self;
}

NTSTATUS kit_stream_new(ULONG pin, IAllocatorMXF *allocator, IMasterClock *clock, IMXF **out)
{
    struct stream *self = stream_new(pin, allocator, clock);
    if (!self)
        return STATUS_INSUFFICIENT_RESOURCES;
    *out = &self->IMXF_iface;
    kit->last_stream = *out;
    return STATUS_SUCCESS;
}

NTSTATUS kit_midi_stream_new(ULONG pin, IMiniportMidiStream **out)
{
    struct stream *self = stream_new(pin, NULL, NULL);
    if (!self)
        return STATUS_INSUFFICIENT_RESOURCES;
    *out = &self->IMiniportMidiStream_iface;
    return STATUS_SUCCESS;
}
