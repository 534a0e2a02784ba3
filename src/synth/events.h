/* SPDX-License-Identifier: MIT */
/*
 * events.h - time-stamped MIDI from the control side to the render side.
 *
 * The control side owns the memory: nodes come from chunks, whole system
 * exclusives from single blocks. It pushes a node on the inbox; the render side
 * takes the whole inbox with one exchange, melds it into a pairing heap that is
 * linked through the nodes, and hands used nodes back through a mailbox word.
 * The queue has no bound. The render side neither allocates nor loops on a
 * compare-and-swap: its steps are wait-free.
 *
 * Order: by position, then by arrival. Internal to the engine.
 */
#ifndef DMUS_SYNTH_EVENTS_H
#define DMUS_SYNTH_EVENTS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "synth.h"

struct event {
    struct event *next;  /* free list, inbox, sibling in the heap, used list */
    struct event *child; /* first child in the heap */
    int64_t sample;      /* position it is due at */
    uint64_t sequence;   /* order of arrival */
    uint32_t group;      /* 0 all, else 1.. */
    uint32_t size;       /* bytes of the message */
    uint16_t own_block;  /* 1: a memory block of its own, 0: part of a chunk */
    uint16_t kind;       /* EVENT_* */
    uint8_t bytes[];
};

enum { EVENT_MIDI, EVENT_PLAY, EVENT_STOP_PLAY }; /* bytes: a message, a struct play *, a voice id */

#define EVENT_INLINE SYNTH_POST_MAX /* bytes of a node that comes from a chunk: 64 in all, a line of the cache */

struct events {
    /* control side */
    struct synth_memory mem;
    struct event_chunk *chunks;
    struct event *free;
    uint64_t sequence;
    /* shared */
    _Alignas(64) _Atomic(struct event *) inbox;
    _Atomic(struct event *) returned; /* mailbox: the render side fills it when empty, the control side empties it */
    atomic_uint pending;              /* pushed and not yet done, as of the last events_hand_back */
    /* render side */
    _Alignas(64) struct event *heap;
    struct event *used;
    struct event *reserve; /* nodes for events_post */
    uint32_t reserve_count, reserve_wanted;
    uint32_t done; /* still in PENDING: an atomic operation costs as much as all else that an event takes */
    uint64_t posted;
};

/* [control] MEM is copied. */
void events_init(struct events *events, const struct synth_memory *mem);
/* Free everything. No render in flight. [control] */
void events_destroy(struct events *events);

/* Copy one message of SIZE >= 1 bytes into the queue. SYNTH_OK or SYNTH_NOMEM. [control] */
enum synth_status events_push(struct events *events, int64_t sample, uint32_t group, const uint8_t *bytes, size_t size);
/* The same for the bytes of another kind of event. They are not freed with it. */
enum synth_status events_push_command(struct events *events, int64_t sample, uint16_t kind, const void *bytes, size_t size);
/* Give the render side COUNT nodes of its own for events_post, at least. No render in flight. SYNTH_NOMEM: it keeps what it has.
 * [control] */
enum synth_status events_reserve(struct events *events, uint32_t count);
/* Drop all events. No render in flight. [control] */
void events_clear(struct events *events);

/* Take in what has arrived. [render] */
void events_collect(struct events *events);
/* Queue a message of at most EVENT_INLINE bytes, after those of the control side for the same position that have arrived. false:
 * the reserve is used up. [render] */
bool events_post(struct events *events, int64_t sample, uint32_t group, const uint8_t *bytes, size_t size);
/* The next event, still queued, or NULL. [render] */
static inline const struct event *events_first(const struct events *events) { return events->heap; }
/* events.c: the way of events_take where the heap's root has no child or several, which are melded. For events_take alone. */
struct event *events_take_meld(struct events *events);
/* Take the next event out; there must be one. It stays valid until events_done. [render] */
static inline struct event *events_take(struct events *events)
{
    struct event *first = events->heap, *child = first->child;
    if (!child || child->next)
        return events_take_meld(events);
    events->heap = child; /* pushed in order of time, as most are */
    first->child = NULL;
    return first;
}
void events_done(struct events *events, struct event *event);
/* Offer the used nodes to the control side, and let events_pending know; once a block. [render] */
void events_hand_back(struct events *events);

/* Events pushed and not yet done when the render side last handed back. Any thread. */
uint32_t events_pending(const struct events *events);

#endif
