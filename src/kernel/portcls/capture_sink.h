/* SPDX-License-Identifier: MIT */
/*
 * capture_sink.h - what a capture stream's output is connected to: makes one message per event and sends it to the packer.
 *
 * INCOMPLETE events are raw bytes: they go through the parser (midi_parser.h) and return to the allocator. COMPLETE ones pass
 * unchanged, unless they continue a SysEx that raw events began. Packages are opened. A SysEx longer than an allocator's
 * buffer goes on in pieces of that size, INCOMPLETE on all but the last. Raw events without a stamp (0) get the clock's time.
 *
 * States: STOP discards and is rule 17, ACQUIRE discards, PAUSE and RUN take. A stamp before an earlier one is rule 20.
 * PutMessage at DISPATCH_LEVEL (another one is rule 1), any thread, also from inside the output's PutMessage; the order is kept.
 *
 * Source: spec/ddi-kernel.md 8.7, 8.9.
 */
#ifndef DMUS_KERNEL_PORTCLS_CAPTURE_SINK_H
#define DMUS_KERNEL_PORTCLS_CAPTURE_SINK_H

#include "kernel/portcls/mxf.h"

struct capture_sink;

struct capture_sink_config {
    IAllocatorMXF *allocator; /* one reference is kept on each of the three */
    IMXF *output;             /* the packer */
    IMasterClock *clock;
    bool drop_active_sensing; /* FE is not passed on */
    const char *name;         /* track of the trace: "capture sink pin 4"; copied */
};

/* In STOP, with the creator's reference. STATUS_INSUFFICIENT_RESOURCES, STATUS_INVALID_PARAMETER. */
NTSTATUS capture_sink_create(const struct capture_sink_config *config, struct capture_sink **out);
/* The pin is gone: from now on everything goes back to the allocator. The object itself lives until the last reference on its
 * IMXF is released (a driver may hold one). Releases the creator's. NULL allowed. */
void capture_sink_close(struct capture_sink *sink);

/* For ConnectOutput. Borrowed. */
IMXF *capture_sink_input(struct capture_sink *sink);
/* PASSIVE. STOP forgets what is half parsed; when it returns, the output is not being called. IMXF::SetState, which a driver
 * could call, succeeds and changes nothing. */
NTSTATUS capture_sink_set_state(struct capture_sink *sink, KSSTATE state);

struct capture_sink_stats {
    uint64_t raw_bytes, dropped_bytes, messages, sysex_pieces, passed;
};
void capture_sink_stats(struct capture_sink *sink, struct capture_sink_stats *out);

#endif
