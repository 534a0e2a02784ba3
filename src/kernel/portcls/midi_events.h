/* SPDX-License-Identifier: MIT */
/*
 * midi_events.h - raw MIDI bytes to events, one message each. What unpacker and capture sink have in common. Internal.
 *
 * A SysEx longer than the allocator's buffers becomes several events, INCOMPLETE on all but the last. No lock: the owner's.
 */
#ifndef DMUS_KERNEL_PORTCLS_MIDI_EVENTS_H
#define DMUS_KERNEL_PORTCLS_MIDI_EVENTS_H

#include "base/midi_parser.h"
#include "mxf.h"

struct midi_events {
    /* set by the owner; kept by midi_events_reset */
    IAllocatorMXF *allocator; /* borrowed */
    bool monotone;            /* no event is stamped before the one made before it */
    uint16_t group;           /* of the events made */
    struct midi_parser parser;
    /* own */
    int64_t floor_100ns; /* no event is stamped before this; the owner may raise it */
    int64_t last_100ns;  /* the latest stamp given */
    PBYTE buffer;        /* of the SysEx, once it is longer than a pointer */
    uint8_t few[sizeof(PBYTE)];
    uint32_t fill;
    bool skipping;       /* the rest of a SysEx for which there was no memory */
    uint64_t messages, pieces, lost; /* so far; lost: events for which there was no memory */
};

/* A zeroed structure with an allocator is ready. Forgets what is pending and all times. */
void midi_events_reset(struct midi_events *events);
/* What BYTES complete is appended to CHAIN. False if memory was short somewhere. */
bool midi_events_parse(struct midi_events *events, const uint8_t *bytes, size_t count, int64_t time_100ns,
                       struct mxf_chain *chain);

#endif
