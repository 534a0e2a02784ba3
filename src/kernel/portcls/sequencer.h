/* SPDX-License-Identifier: MIT */
/*
 * sequencer.h - holds events until they are due, and hands them to the stream in the order of their stamps.
 *
 * An event is due when (stamp - now) as an unsigned number is at most the prefetch time, or the stamp is past. Prefetch 0: at its
 * time. DONT_HOLD_FOR_SEQUENCING: at once. Events of equal stamp keep the order in which they came, and go down as one chain.
 * STOP returns all to the allocator; ACQUIRE and PAUSE hold; RUN delivers (spec/ddi-kernel.md 8.3, 8.4, 8.7).
 *
 * The pin drives it: sequencer_service at or after sequencer_next_due, from a timer that is re-armed then and in the wake
 * callback. Asking for the time and setting the timer must be one step under a lock of the pin's, or an earlier time could be
 * overwritten by a later one. O(log n) per event. Deliveries to the stream are serialised; PutMessage and service may be
 * called from any thread, and from inside a delivery, where they queue.
 */
#ifndef DMUS_KERNEL_PORTCLS_SEQUENCER_H
#define DMUS_KERNEL_PORTCLS_SEQUENCER_H

#include "kernel/portcls/mxf.h"

struct sequencer;

struct sequencer_config {
    IAllocatorMXF *allocator; /* one reference is kept on each of the three */
    IMXF *output;             /* the miniport's stream */
    IMasterClock *clock;
    uint64_t prefetch_100ns;  /* SchedulePreFetch as the miniport gave it */
    uint32_t holder;          /* what the output is to the allocator's pool (event_pool.h); 0: nothing to keep books about */
    bool singly;              /* never chain: each event is a PutMessage of its own */
    const char *name;         /* track of the trace: "sequencer pin 0"; copied */
    /* sequencer_next_due has become earlier: re-arm the timer. With nothing locked, at any IRQL up to DISPATCH, on the
     * thread of the PutMessage, SetState or service. May be NULL. */
    void (*wake)(void *ctx);
    void *wake_ctx;
};

/* In STOP. STATUS_INSUFFICIENT_RESOURCES, STATUS_INVALID_PARAMETER. */
NTSTATUS sequencer_create(const struct sequencer_config *config, struct sequencer **out);
/* Returns what is held. No other thread may be inside. NULL allowed. */
void sequencer_destroy(struct sequencer *sequencer);

/* Its input, for the unpacker. Valid as long as the sequencer; references on it keep nothing alive. */
IMXF *sequencer_input(struct sequencer *sequencer);

/* PASSIVE. Any order (the port makes the steps). When another state than RUN returns, no delivery is under way. Leaving RUN
 * for PAUSE keeps what is held; entering RUN delivers what is due. */
NTSTATUS sequencer_set_state(struct sequencer *sequencer, KSSTATE state);

/* Deliver what is due now, at DISPATCH. IRQL up to DISPATCH. */
void sequencer_service(struct sequencer *sequencer);
/* Master-clock time at which sequencer_service has work: INT64_MAX if nothing is held, the state is not RUN, or a delivery is under
 * way (its end wakes); may be past. */
int64_t sequencer_next_due(struct sequencer *sequencer);

/* How late events that waited here were handed down: bucket i counts those less than 2^i * 10 us after they were due. */
#define SEQUENCER_BUCKETS 16
struct sequencer_stats {
    uint64_t accepted, delivered, discarded;
    uint64_t held_now, held_max;
    uint64_t timed;                       /* delivered after having waited for their time */
    uint64_t late_2ms;                    /* of these, more than 2 ms after it (rule 30 in real time) */
    int64_t late_max_100ns;
    uint64_t late[SEQUENCER_BUCKETS];
};
void sequencer_stats(struct sequencer *sequencer, struct sequencer_stats *out);

#endif
