/* SPDX-License-Identifier: MIT */
/*
 * event_pool.h - the events and long buffers of one port, and the books about who has them.
 *
 * One pool per port; every stream has an allocator of its own over it (allocator.h), and what one stream took may come back
 * through another (spec/ddi-kernel.md 8.5, 12.6). The pool knows each event and buffer by its address, so that it recognises
 * what is returned twice, was never given out, or is written after its return.
 *
 * Pre-filled; grows by doubling when drained, without waiting for anything, up to the limits of the configuration. Free ones
 * are handed out in the order of their return, which leaves a stale pointer the longest time to be noticed.
 *
 * Rules reported (kernel/wdm/rules.h): 9 written behind a buffer, 10 and 14 leaks, 11 returned twice, 12 foreign, 13 written
 * after return, 15 buffer twice or in two events, 16 foreign buffer.
 *
 * Any thread, any IRQL up to DISPATCH. No callback is ever called from here but that of the rule book, with nothing locked.
 */
#ifndef DMUS_KERNEL_PORTCLS_EVENT_POOL_H
#define DMUS_KERNEL_PORTCLS_EVENT_POOL_H

#include "kernel/portcls/mxf.h"

#define EVENT_BUFFER_SIZE_MIN     32
#define EVENT_BUFFER_SIZE_MAX     65535
#define EVENT_BUFFER_SIZE_DEFAULT 4096

struct event_pool;

struct event_pool_config {
    uint32_t buffer_size;             /* 32..65535; 0: 4096 */
    uint32_t events, buffers;         /* filled at creation; 0: 256 and 16 */
    uint32_t events_max, buffers_max; /* it never grows beyond; 0: until memory ends */
    bool trap_use_after_return;       /* under AddressSanitizer, any access to a returned event or buffer is an error there */
};

/* The creator has one reference. STATUS_INVALID_PARAMETER, STATUS_INSUFFICIENT_RESOURCES. */
NTSTATUS event_pool_create(const struct event_pool_config *config, struct event_pool **out); /* config NULL: defaults */
void event_pool_add_ref(struct event_pool *pool);
/* The last one reports leaks and frees everything, also what is still out. */
void event_pool_release(struct event_pool *pool);

uint16_t event_pool_buffer_size(const struct event_pool *pool);

/* Zeroed but for cbStruct and ullBytePosition (none). TAKER is kept for leak reports, cut to 23 bytes.
 * STATUS_INSUFFICIENT_RESOURCES. */
NTSTATUS event_pool_get(struct event_pool *pool, const char *taker, PDMUS_KERNEL_EVENT *out);
/* Every event of the chain, the members of packages, and the buffers of both. What is not rightfully returned is left
 * alone and reported; the chain ends there. NULL: nothing to do. GIVER names the returning side in reports. */
void event_pool_put(struct event_pool *pool, const char *giver, PDMUS_KERNEL_EVENT chain);
/* buffer_size zeroed bytes, address a multiple of 16. STATUS_INSUFFICIENT_RESOURCES. */
NTSTATUS event_pool_get_buffer(struct event_pool *pool, const char *taker, PBYTE *out);
/* STATUS_INVALID_PARAMETER (and a report) if it is not out. */
NTSTATUS event_pool_put_buffer(struct event_pool *pool, const char *giver, PBYTE buffer);

/* A number for something outside of the engine that events are handed to; never 0, never the same twice. */
uint32_t event_pool_holder(struct event_pool *pool);
/* The events of CHAIN are handed to HOLDER: until they are returned, or an element accepts one of them. */
void event_pool_hand(struct event_pool *pool, const DMUS_KERNEL_EVENT *chain, uint32_t holder);
/* For when HOLDER is gone: what it still has is rule 10. WHO names it. */
void event_pool_report_held(struct event_pool *pool, uint32_t holder, const char *who);

/* For an element that is handed EVENT: true if it is out. Else false and reported, as rule 13 (was returned before) or 12
 * (foreign); the event and what is chained to it must not be touched. WHO names the element. */
bool event_pool_accept(struct event_pool *pool, const char *who, const DMUS_KERNEL_EVENT *event);
/* Is BUFFER a long buffer of the pool that is out now? Reports nothing. */
bool event_pool_owns_buffer(struct event_pool *pool, const void *buffer);

struct event_pool_stats {
    uint64_t events_taken, events_returned, buffers_taken, buffers_returned; /* since creation */
    uint32_t events, buffers;                                               /* that exist */
    uint32_t events_out, buffers_out;
};
void event_pool_stats(struct event_pool *pool, struct event_pool_stats *out);

/* Reports what is out under rules 10 and 14, one breach per taker, and answers how many events and buffers that is; under rule 13
 * what was written since its return and has not been noticed yet. For a moment at which nothing should be out. WHERE: "teardown of port dmus0". What was reported is not reported again. */
uint32_t event_pool_report_leaks(struct event_pool *pool, const char *where);

#endif
