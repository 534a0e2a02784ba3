/* SPDX-License-Identifier: MIT */
/*
 * ring.h - wait-free queue from one thread to one other, of records of one
 * size. Freestanding; nothing allocates, every call ends in bounded time.
 *
 * One producer calls ring_free, ring_slot, ring_commit and ring_push; one
 * consumer ring_used, ring_front, ring_drop and ring_pop. The two indices
 * count on past the capacity and wrap at 2^32, so that full and empty differ
 * without a spare slot. Each side keeps what it last saw of the other's index
 * beside its own and looks again only when that is not enough.
 */
#ifndef DMUS_BASE_RING_H
#define DMUS_BASE_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct ring {
    uint8_t *records;
    size_t record_size;
    uint32_t mask; /* capacity - 1 */
    /* A cache line each, so that the two threads do not fight for one. */
    _Alignas(64) _Atomic uint32_t written; /* producer's */
    uint32_t seen_read;
    _Alignas(64) _Atomic uint32_t read; /* consumer's */
    uint32_t seen_written;
};

/* MEMORY: CAPACITY * RECORD_SIZE bytes, aligned as the records need, owned by the caller and outliving the ring.
 * CAPACITY: a power of two, 1..2^31. False if it is not, or if the product does not fit. Before the ring is shared. */
static inline bool ring_init(struct ring *ring, void *memory, uint32_t capacity, size_t record_size)
{
    if (capacity == 0 || (capacity & (capacity - 1)) != 0 || record_size == 0 || record_size > SIZE_MAX / capacity)
        return false;
    ring->records = (uint8_t *)memory;
    ring->record_size = record_size;
    ring->mask = capacity - 1;
    atomic_init(&ring->written, 0);
    atomic_init(&ring->read, 0);
    ring->seen_read = 0;
    ring->seen_written = 0;
    return true;
}

/* ---- producer ---- */

/* Records that can be pushed now; never fewer a moment later. */
static inline uint32_t ring_free(struct ring *ring)
{
    uint32_t written = atomic_load_explicit(&ring->written, memory_order_relaxed);
    ring->seen_read = atomic_load_explicit(&ring->read, memory_order_acquire);
    return ring->mask + 1 - (written - ring->seen_read);
}

/* Where to build the next record in place, or NULL if the ring is full. Not visible before ring_commit. */
static inline void *ring_slot(struct ring *ring)
{
    uint32_t written = atomic_load_explicit(&ring->written, memory_order_relaxed);
    if (written - ring->seen_read > ring->mask && ring_free(ring) == 0)
        return NULL;
    return ring->records + (size_t)(written & ring->mask) * ring->record_size;
}

/* Publish the record built in ring_slot. */
static inline void ring_commit(struct ring *ring)
{
    uint32_t written = atomic_load_explicit(&ring->written, memory_order_relaxed);
    atomic_store_explicit(&ring->written, written + 1, memory_order_release);
}

/* Copy a record in; false if the ring is full. */
static inline bool ring_push(struct ring *ring, const void *record)
{
    void *slot = ring_slot(ring);
    if (!slot)
        return false;
    memcpy(slot, record, ring->record_size);
    ring_commit(ring);
    return true;
}

/* ---- consumer ---- */

/* Records that can be popped now; never fewer a moment later. */
static inline uint32_t ring_used(struct ring *ring)
{
    ring->seen_written = atomic_load_explicit(&ring->written, memory_order_acquire);
    return ring->seen_written - atomic_load_explicit(&ring->read, memory_order_relaxed);
}

/* The oldest record in place, or NULL if the ring is empty. Valid until ring_drop. */
static inline void *ring_front(struct ring *ring)
{
    uint32_t read = atomic_load_explicit(&ring->read, memory_order_relaxed);
    if (ring->seen_written == read && ring_used(ring) == 0)
        return NULL;
    return ring->records + (size_t)(read & ring->mask) * ring->record_size;
}

/* Give the slot of ring_front back to the producer. */
static inline void ring_drop(struct ring *ring)
{
    uint32_t read = atomic_load_explicit(&ring->read, memory_order_relaxed);
    atomic_store_explicit(&ring->read, read + 1, memory_order_release);
}

/* Copy the oldest record out and drop it; false if the ring is empty. */
static inline bool ring_pop(struct ring *ring, void *record)
{
    void *front = ring_front(ring);
    if (!front)
        return false;
    memcpy(record, front, ring->record_size);
    ring_drop(ring);
    return true;
}

#endif
