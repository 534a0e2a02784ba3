/* SPDX-License-Identifier: MIT */
/*
 * refcount.h - atomic reference counts. Freestanding, wait-free, any thread.
 *
 * COM's AddRef and Release return the new count, so these do too; only "it is
 * 0 now" is a dependable answer, all else may be out of date on return.
 */
#ifndef DMUS_BASE_REFCOUNT_H
#define DMUS_BASE_REFCOUNT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct refcount {
    _Atomic uint32_t count;
};

/* COUNT is usually 1: the creator's reference. Not atomic with the others: before the object is shared. */
static inline void refcount_init(struct refcount *refs, uint32_t count) { atomic_init(&refs->count, count); }

/* The caller must hold a reference already. */
static inline uint32_t refcount_add(struct refcount *refs)
{
    return atomic_fetch_add_explicit(&refs->count, 1, memory_order_relaxed) + 1;
}

/* Returns 0 to exactly one caller, which then sees all that the others did and frees the object. */
static inline uint32_t refcount_release(struct refcount *refs)
{
    return atomic_fetch_sub_explicit(&refs->count, 1, memory_order_acq_rel) - 1;
}

/* Take a reference unless the count is already 0: for a list that holds objects without a reference of its own. */
static inline bool refcount_try_add(struct refcount *refs)
{
    uint32_t count = atomic_load_explicit(&refs->count, memory_order_relaxed);
    while (count != 0)
        if (atomic_compare_exchange_weak_explicit(&refs->count, &count, count + 1, memory_order_relaxed,
                                                  memory_order_relaxed))
            return true;
    return false;
}

#endif
