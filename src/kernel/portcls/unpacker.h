/* SPDX-License-Identifier: MIT */
/*
 * unpacker.h - written stream data to events, stamped with master-clock time.
 *
 * UNPACK_DIRECTMUSIC: DMUS_EVENTHEADER records, one event each. A record longer than an allocator's buffer becomes several events,
 * INCOMPLETE on all but the last, of one time and in a row. The channel group passes through unchanged. A structured event ends with its
 * message: of the three bytes of a program change or channel pressure two are left.
 * UNPACK_MIDI: KSMUSICFORMAT packets, one event per MIDI message, channel group 1; a message may span packets and writes.
 * Times (spec/ddi-kernel.md 8.3): the first delta counts from the write's start, the others from the packet before; an event
 * never plays before the last one of an earlier write.
 *
 * The bytes are foreign: they are measured before anything is published. Writes of one unpacker come one at a time, at IRQL up to
 * DISPATCH; nothing is locked while the output is called.
 */
#ifndef DMUS_KERNEL_PORTCLS_UNPACKER_H
#define DMUS_KERNEL_PORTCLS_UNPACKER_H

#include <stddef.h>

#include "kernel/portcls/mxf.h"

enum unpacker_format { UNPACK_DIRECTMUSIC, UNPACK_MIDI };

struct unpacker_config {
    enum unpacker_format format;
    IAllocatorMXF *allocator; /* one reference is kept on each */
    IMXF *output;             /* the sequencer */
    const char *name;         /* track of the trace: "unpacker pin 0"; copied */
};

struct unpacker;

/* STATUS_INSUFFICIENT_RESOURCES, STATUS_INVALID_PARAMETER. */
NTSTATUS unpacker_create(const struct unpacker_config *config, struct unpacker **out);
void unpacker_destroy(struct unpacker *unpacker); /* returns a pending piece; NULL allowed */

/* One write of SIZE bytes whose deltas count from START. *USED (may be NULL): bytes of whole records taken; those are published, in
 * order, whatever the status.
 *   STATUS_INVALID_PARAMETER       a record passes the end of the data: nothing of this write is published
 *   STATUS_INSUFFICIENT_RESOURCES  the allocator ran dry; write the rest from *USED again when events are back, with START as
 *                                  before. UNPACK_MIDI: *USED is SIZE, messages that found no event are lost
 * Bytes at the end that are too few for a header are ignored. Records whose channel group does not fit 16 bits are dropped. */
NTSTATUS unpacker_write(struct unpacker *unpacker, int64_t start_100ns, const void *data, size_t size, size_t *used);

/* STOP: forgets the running status, an unfinished message, and the times of earlier writes. */
void unpacker_reset(struct unpacker *unpacker);

#endif
