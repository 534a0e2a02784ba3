/* SPDX-License-Identifier: MIT */
#include "base/alloc.h"
#include "kernel/portcls/com.h"
#include "kernel/portcls/master_clock.h"
#include "kernel/portcls/midi_stream.h"
#include "kernel/wdm/machine.h"

#define READ_SIZE   64u
#define READS_LIMIT 4096u /* a stream that never ends */

struct midi_input {
    IMiniportMidiStream *stream;
    IAllocatorMXF *allocator;
    IMasterClock *clock;
    IMXF *sink;
    const char *track;
};

NTSTATUS midi_input_create(IMiniportMidiStream *stream, IAllocatorMXF *allocator, IMasterClock *clock, IMXF *sink,
                           const char *track, struct midi_input **out)
{
    struct midi_input *self = dm_calloc(1, sizeof *self);
    if (!self)
        return STATUS_INSUFFICIENT_RESOURCES;
    *self = (struct midi_input){stream, allocator, clock, sink, track};
    *out = self;
    return STATUS_SUCCESS;
}

void midi_input_destroy(struct midi_input *self) { dm_free(self); }

static ULONG read_some(struct midi_input *self, uint8_t bytes[READ_SIZE])
{
    ULONG got = 0;
    struct wdm_call call;
    wdm_call_begin(&call, "IMiniportMidiStream::Read");
    NTSTATUS status = self->stream->lpVtbl->Read(self->stream, bytes, READ_SIZE, &got);
    wdm_call_end(&call);
    return NT_SUCCESS(status) && got <= READ_SIZE ? got : 0;
}

void midi_input_service(struct midi_input *self)
{
    uint8_t bytes[READ_SIZE];
    ULONG got;
    USHORT room = self->allocator->lpVtbl->GetBufferSize(self->allocator);
    for (unsigned reads = 0; reads < READS_LIMIT && (got = read_some(self, bytes)) != 0; reads++) {
        REFERENCE_TIME now = master_clock_read(self->clock);
        for (ULONG at = 0; at < got;) {
            PDMUS_KERNEL_EVENT event;
            ULONG size = got - at < room ? got - at : room;
            if (!NT_SUCCESS(mxf_event(self->allocator, bytes + at, size, &event)))
                return;
            SET_INCOMPLETE_EVT(event);
            event->usChannelGroup = 1;
            event->ullPresTime100ns = now;
            mxf_pass(self->sink, event, self->track);
            at += size;
        }
    }
}
