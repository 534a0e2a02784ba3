/* SPDX-License-Identifier: MIT */
#include "events.h"

#include <string.h>

#include "base/checked.h"

enum { CHUNK_NODES = 256 };

/* Stride of nodes in a chunk: header and EVENT_INLINE bytes, rounded up to the alignment of a node. */
#define NODE_STRIDE \
    ((offsetof(struct event, bytes) + EVENT_INLINE + _Alignof(struct event) - 1) & ~(_Alignof(struct event) - 1))

#define POSTED (UINT64_C(1) << 63) /* sequence numbers of the render side follow all of the control side */

struct event_chunk {
    struct event_chunk *next;
    _Alignas(struct event) uint8_t nodes[CHUNK_NODES * NODE_STRIDE];
};

void events_init(struct events *events, const struct synth_memory *mem)
{
    events->mem = *mem;
    events->chunks = NULL;
    events->free = NULL;
    events->sequence = 0;
    atomic_init(&events->inbox, NULL);
    atomic_init(&events->returned, NULL);
    atomic_init(&events->pending, 0);
    events->heap = NULL;
    events->used = NULL;
    events->reserve = NULL;
    events->reserve_count = events->reserve_wanted = events->done = 0;
    events->posted = POSTED;
}

/* ---- control side ------------------------------------------------------- */

static void recycle(struct events *events, struct event *list)
{
    while (list) {
        struct event *next = list->next;
        if (list->own_block) {
            events->mem.free(events->mem.ctx, list);
        } else {
            list->next = events->free;
            events->free = list;
        }
        list = next;
    }
}

static void take_returned(struct events *events)
{
    if (atomic_load_explicit(&events->returned, memory_order_relaxed))
        recycle(events, atomic_exchange_explicit(&events->returned, NULL, memory_order_acquire));
}

static bool add_chunk(struct events *events)
{
    struct event_chunk *chunk = events->mem.alloc(events->mem.ctx, sizeof *chunk);
    if (!chunk)
        return false;
    chunk->next = events->chunks;
    events->chunks = chunk;
    for (size_t i = CHUNK_NODES; i-- > 0;) {
        struct event *event = (struct event *)(void *)(chunk->nodes + i * NODE_STRIDE);
        event->own_block = 0;
        event->next = events->free;
        events->free = event;
    }
    return true;
}

static struct event *new_event(struct events *events, size_t size)
{
    take_returned(events);
    if (size > EVENT_INLINE) {
        size_t bytes;
        if (size > UINT32_MAX || !add_size(offsetof(struct event, bytes), size, &bytes))
            return NULL;
        struct event *event = events->mem.alloc(events->mem.ctx, bytes < sizeof *event ? sizeof *event : bytes);
        if (event)
            event->own_block = 1;
        return event;
    }
    if (!events->free && !add_chunk(events))
        return NULL;
    struct event *event = events->free;
    events->free = event->next;
    return event;
}

static enum synth_status push(struct events *events, int64_t sample, uint16_t kind, uint32_t group, const void *bytes,
                              size_t size)
{
    struct event *event = new_event(events, size);
    if (!event)
        return SYNTH_NOMEM;
    event->kind = kind;
    event->sample = sample;
    event->sequence = events->sequence++;
    event->group = group;
    event->size = (uint32_t)size;
    event->child = NULL;
    memcpy(event->bytes, bytes, size);
    atomic_fetch_add_explicit(&events->pending, 1, memory_order_relaxed);
    event->next = atomic_load_explicit(&events->inbox, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&events->inbox, &event->next, event, memory_order_release,
                                                  memory_order_relaxed))
        ;
    return SYNTH_OK;
}

enum synth_status events_push(struct events *events, int64_t sample, uint32_t group, const uint8_t *bytes, size_t size)
{
    return push(events, sample, EVENT_MIDI, group, bytes, size);
}

enum synth_status events_push_command(struct events *events, int64_t sample, uint16_t kind, const void *bytes, size_t size)
{
    return push(events, sample, kind, 0, bytes, size);
}

enum synth_status events_reserve(struct events *events, uint32_t count)
{
    take_returned(events);
    while (events->reserve_count < count) {
        if (!events->free && !add_chunk(events))
            return SYNTH_NOMEM;
        struct event *event = events->free;
        events->free = event->next;
        event->next = events->reserve;
        events->reserve = event;
        events->reserve_count++;
    }
    if (events->reserve_wanted < count)
        events->reserve_wanted = count;
    return SYNTH_OK;
}

static void publish_done(struct events *events)
{
    if (events->done)
        atomic_fetch_sub_explicit(&events->pending, events->done, memory_order_relaxed);
    events->done = 0;
}

void events_clear(struct events *events)
{
    events_collect(events);
    while (events->heap)
        events_done(events, events_take(events));
    publish_done(events);
    take_returned(events);
    recycle(events, events->used);
    events->used = NULL;
}

void events_destroy(struct events *events)
{
    events_clear(events);
    while (events->chunks) {
        struct event_chunk *next = events->chunks->next;
        events->mem.free(events->mem.ctx, events->chunks);
        events->chunks = next;
    }
    events->free = NULL;
}

/* ---- render side -------------------------------------------------------- */

static bool before(const struct event *a, const struct event *b)
{
    return a->sample != b->sample ? a->sample < b->sample : a->sequence < b->sequence;
}

/* Two heaps to one; the roots' next links do not count. */
static struct event *meld(struct event *a, struct event *b)
{
    if (!a)
        return b;
    if (!b)
        return a;
    if (before(b, a)) {
        struct event *swap = a;
        a = b;
        b = swap;
    }
    b->next = a->child;
    a->child = b;
    return a;
}

/* The batch is melded into a heap of its own first. Its list runs from the newest node to the oldest, so that a batch in
 * order of time becomes a chain, and taking from it costs one step each. */
void events_collect(struct events *events)
{
    if (!atomic_load_explicit(&events->inbox, memory_order_relaxed))
        return;
    struct event *list = atomic_exchange_explicit(&events->inbox, NULL, memory_order_acquire);
    struct event *batch = NULL;
    while (list) {
        struct event *next = list->next;
        list->next = NULL;
        batch = meld(batch, list);
        list = next;
    }
    events->heap = meld(events->heap, batch);
}

/* The usual two passes of a pairing heap: pair the children from left to right, then meld the pairs from right to left. */
struct event *events_take_meld(struct events *events)
{
    struct event *first = events->heap;
    struct event *child = first->child, *pairs = NULL;
    while (child) {
        struct event *a = child, *b = child->next;
        child = b ? b->next : NULL;
        struct event *pair = meld(a, b);
        pair->next = pairs;
        pairs = pair;
    }
    struct event *heap = NULL;
    while (pairs) {
        struct event *next = pairs->next;
        heap = meld(heap, pairs);
        pairs = next;
    }
    if (heap)
        heap->next = NULL;
    events->heap = heap;
    first->child = NULL;
    return first;
}

bool events_post(struct events *events, int64_t sample, uint32_t group, const uint8_t *bytes, size_t size)
{
    struct event *event = events->reserve;
    if (!event || size > EVENT_INLINE)
        return false;
    events->reserve = event->next;
    events->reserve_count--;
    event->kind = EVENT_MIDI;
    event->sample = sample;
    event->sequence = events->posted++;
    event->group = group;
    event->size = (uint32_t)size;
    event->next = event->child = NULL;
    memcpy(event->bytes, bytes, size);
    atomic_fetch_add_explicit(&events->pending, 1, memory_order_relaxed);
    events->heap = meld(events->heap, event);
    return true;
}

void events_done(struct events *events, struct event *event)
{
    if (!event->own_block && events->reserve_count < events->reserve_wanted) {
        event->next = events->reserve;
        events->reserve = event;
        events->reserve_count++;
    } else {
        event->next = events->used;
        events->used = event;
    }
    events->done++;
}

/* Only the render side fills the mailbox and only when it is empty, so that a plain store will do. */
void events_hand_back(struct events *events)
{
    publish_done(events);
    if (events->used && !atomic_load_explicit(&events->returned, memory_order_relaxed)) {
        atomic_store_explicit(&events->returned, events->used, memory_order_release);
        events->used = NULL;
    }
}

uint32_t events_pending(const struct events *events) { return atomic_load_explicit(&events->pending, memory_order_relaxed); }
