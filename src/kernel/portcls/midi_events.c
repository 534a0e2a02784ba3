/* SPDX-License-Identifier: MIT */
#include "midi_events.h"

#include <string.h>

struct maker {
    struct midi_events *events;
    struct mxf_chain *chain;
};

static int64_t stamp(struct midi_events *events, int64_t time_100ns)
{
    if (time_100ns < events->floor_100ns)
        time_100ns = events->floor_100ns;
    if (events->monotone)
        events->floor_100ns = time_100ns;
    if (time_100ns > events->last_100ns)
        events->last_100ns = time_100ns;
    return time_100ns;
}

static void emit(struct maker *maker, PDMUS_KERNEL_EVENT event, int64_t time_100ns)
{
    event->usChannelGroup = maker->events->group;
    event->ullPresTime100ns = stamp(maker->events, time_100ns);
    mxf_chain_add(maker->chain, event);
}

static void on_message(void *ctx, const uint8_t *bytes, uint32_t count, int64_t time_100ns)
{
    struct maker *maker = ctx;
    PDMUS_KERNEL_EVENT event;
    if (!NT_SUCCESS(mxf_event(maker->events->allocator, bytes, count, &event))) {
        maker->events->lost++;
        return;
    }
    maker->events->messages++;
    emit(maker, event, time_100ns);
}

static void drop_pending(struct midi_events *events)
{
    if (events->buffer)
        events->allocator->lpVtbl->PutBuffer(events->allocator, events->buffer);
    events->buffer = NULL;
    events->fill = 0;
}

/* What is gathered becomes an event, in the buffer in which it lies. */
static bool flush(struct maker *maker, bool complete, int64_t time_100ns)
{
    struct midi_events *events = maker->events;
    PDMUS_KERNEL_EVENT event;
    if (!NT_SUCCESS(mxf_event(events->allocator, NULL, 0, &event))) {
        events->lost++;
        drop_pending(events);
        return false;
    }
    event->cbEvent = (USHORT)events->fill;
    if (events->buffer)
        event->uData.pbData = events->buffer;
    else
        memcpy(event->uData.abData, events->few, events->fill);
    if (!complete)
        SET_INCOMPLETE_EVT(event);
    events->buffer = NULL;
    events->fill = 0;
    events->pieces++;
    emit(maker, event, time_100ns);
    return true;
}

/* Room for at least one more byte; *room bytes at the answer. */
static uint8_t *make_room(struct maker *maker, int64_t time_100ns, uint32_t *room)
{
    struct midi_events *events = maker->events;
    IAllocatorMXF *allocator = events->allocator;
    uint32_t size = allocator->lpVtbl->GetBufferSize(allocator);
    if (events->buffer && events->fill == size && !flush(maker, false, time_100ns))
        return NULL;
    if (!events->buffer && events->fill == sizeof events->few) {
        PBYTE buffer;
        if (!NT_SUCCESS(allocator->lpVtbl->GetBuffer(allocator, &buffer))) {
            events->lost++;
            return NULL;
        }
        events->buffer = memcpy(buffer, events->few, sizeof events->few);
    }
    *room = (events->buffer ? size : (uint32_t)sizeof events->few) - events->fill;
    return (events->buffer ? events->buffer : events->few) + events->fill;
}

static void on_sysex(void *ctx, const uint8_t *bytes, size_t count, unsigned flags, int64_t time_100ns)
{
    struct maker *maker = ctx;
    struct midi_events *events = maker->events;
    if (flags & MIDI_SYSEX_FIRST) {
        drop_pending(events);
        events->skipping = false;
    }
    while (count && !events->skipping) {
        uint32_t room;
        uint8_t *to = make_room(maker, time_100ns, &room);
        if (!to) {
            drop_pending(events);
            events->skipping = true;
            break;
        }
        uint32_t part = count < room ? (uint32_t)count : room;
        memcpy(to, bytes, part);
        events->fill += part;
        bytes += part;
        count -= part;
    }
    if (flags & MIDI_SYSEX_LAST && !events->skipping)
        flush(maker, true, time_100ns);
}

void midi_events_reset(struct midi_events *events)
{
    drop_pending(events);
    midi_parser_reset(&events->parser);
    events->skipping = false;
    events->floor_100ns = events->last_100ns = 0;
}

bool midi_events_parse(struct midi_events *events, const uint8_t *bytes, size_t count, int64_t time_100ns,
                       struct mxf_chain *chain)
{
    struct maker maker = {events, chain};
    const struct midi_parser_sink sink = {on_message, on_sysex, &maker};
    uint64_t lost = events->lost;
    midi_parse(&events->parser, bytes, count, time_100ns, &sink);
    return events->lost == lost;
}
