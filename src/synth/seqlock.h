/* SPDX-License-Identifier: MIT */
/*
 * seqlock.h - several words handed over as one, without a lock: one writer,
 * and readers that notice when they were interrupted. The version is odd while
 * the words are being written. Internal to the engine.
 */
#ifndef DMUS_SYNTH_SEQLOCK_H
#define DMUS_SYNTH_SEQLOCK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct seqlock {
    atomic_uint version;
};

static inline void seqlock_write(struct seqlock *lock, atomic_uint *words, const uint32_t *values, unsigned count)
{
    unsigned version = atomic_load_explicit(&lock->version, memory_order_relaxed);
    atomic_store_explicit(&lock->version, version + 1, memory_order_relaxed);
    /* release on each word: who reads a new word sees the odd version too */
    for (unsigned i = 0; i < count; i++)
        atomic_store_explicit(&words[i], values[i], memory_order_release);
    atomic_store_explicit(&lock->version, version + 2, memory_order_release);
}

/* false if a write was under way; *seen: the version that was read. */
static inline bool seqlock_read(const struct seqlock *lock, const atomic_uint *words, uint32_t *values, unsigned count,
                                uint32_t *seen)
{
    unsigned version = atomic_load_explicit(&lock->version, memory_order_acquire);
    if (version & 1)
        return false;
    for (unsigned i = 0; i < count; i++)
        values[i] = atomic_load_explicit(&words[i], memory_order_acquire);
    *seen = version;
    return atomic_load_explicit(&lock->version, memory_order_relaxed) == version;
}

#endif
