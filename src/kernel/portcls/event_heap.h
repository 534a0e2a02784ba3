/* SPDX-License-Identifier: MIT */
/*
 * event_heap.h - events in the order of their stamps, equal ones in the order in which they came. Internal to the sequencer.
 *
 * A binary heap; no lock. Room is made separately, so that adding cannot fail.
 */
#ifndef DMUS_KERNEL_PORTCLS_EVENT_HEAP_H
#define DMUS_KERNEL_PORTCLS_EVENT_HEAP_H

#include "mxf.h"

struct event_entry {
    int64_t time_100ns;
    uint64_t order;
    PDMUS_KERNEL_EVENT event;
    bool waits; /* was not due yet when it came */
};

struct event_heap {
    struct event_entry *entries; /* [0] is the next; room for CAPACITY */
    size_t count, capacity;
    uint64_t order; /* of the next to be added */
};

/* COUNT < CAPACITY. EVENT's link is cut. */
void event_heap_add(struct event_heap *heap, PDMUS_KERNEL_EVENT event, bool waits);
/* COUNT > 0. */
struct event_entry event_heap_pop(struct event_heap *heap);

#endif
