/* SPDX-License-Identifier: MIT */
/*
 * cell_store.h - memory in cells of one size that are lent out, each known by its address. Behind event_pool.c. Internal.
 *
 * A cell is free, out, or being returned. Free ones are filled with a pattern that is looked at when they go out again, and a
 * guard zone follows each. Given out first in, first out. Grows by doubling, without holding the lock while it allocates.
 * Any thread.
 */
#ifndef DMUS_KERNEL_PORTCLS_CELL_STORE_H
#define DMUS_KERNEL_PORTCLS_CELL_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "mxf_lock.h"

#define CELL_WHO_MAX 24
#define CELL_SLABS_MAX 48
#define CELL_GUARD 16 /* bytes, at least */

enum cell_state { CELL_FREE, CELL_OUT, CELL_RETURNING };

/* Whose doing a cell's state is. */
struct cell_past {
    char who[CELL_WHO_MAX]; /* took it, or gave it back; "": nobody had it yet */
    uintptr_t code;         /* where in a driver's code (kernel/wdm/rules.h), 0: not known */
};

struct cell {
    struct cell *next; /* of the free list, or of a list of the one who claimed it */
    uint8_t *bytes;
    struct cell_past past;
    uint8_t state;          /* enum cell_state */
    bool leak_told;
    uint32_t holder; /* who was handed it last; 0: nobody who is asked for it */
};

struct cell_slab {
    uint8_t *memory;
    struct cell *cells;
    uint32_t count;
};

struct cell_store {
    struct mxf_lock lock;
    uint32_t size, stride, max;
    bool trap;
    struct cell_slab slabs[CELL_SLABS_MAX];
    unsigned slab_count;
    struct cell *free_head, *free_tail;
    uint32_t total, out;
    uint64_t taken, returned;
};

/* SIZE bytes a cell, COUNT at once, at most MAX (0: no limit). False: no memory, nothing kept. */
bool cell_store_init(struct cell_store *store, uint32_t size, uint32_t count, uint32_t max, bool trap);
void cell_store_end(struct cell_store *store);

/* A zeroed cell; NULL: drained and cannot grow. *STALE: it was written while it was free; *BEFORE: who gave it back last. */
struct cell *cell_store_take(struct cell_store *store, const char *who, uintptr_t code, bool *stale, struct cell_past *before);

enum cell_claim {
    CELL_CLAIMED,   /* it was out; now it is being returned, by the caller */
    CELL_NOT_OUT,   /* known, but free or being returned */
    CELL_INSIDE,    /* address within a cell that is out, not its start */
    CELL_FOREIGN
};
/* *BEFORE: for CELL_NOT_OUT, who gave it back. */
enum cell_claim cell_store_claim(struct cell_store *store, const void *address, struct cell **out, struct cell_past *before);
/* The same without claiming anything. */
enum cell_claim cell_store_look(struct cell_store *store, const void *address);
/* A claimed cell is free. False: the guard zone behind it was changed (and is mended). */
bool cell_store_give(struct cell_store *store, struct cell *cell, const char *who, uintptr_t code);

/* Cells that are out and were not told before, by who took them where: up to MAX groups; *COUNT cells in all. Answers how many groups. */
struct cell_leak {
    struct cell_past past;
    uint32_t count;
    const void *first;
};
unsigned cell_store_leaks(struct cell_store *store, struct cell_leak *leaks, unsigned max, uint32_t *count);

/* ADDRESS, if it is a cell that is out, is now with HOLDER. */
void cell_store_hand(struct cell_store *store, const void *address, uint32_t holder);
/* Cells that are out with HOLDER and were not told before; they count as told. *FIRST: one of them, if there is any. */
uint32_t cell_store_held(struct cell_store *store, uint32_t holder, const void **first);

/* Free cells that were written since they are free, up to MAX; they are mended. Answers how many. */
struct cell_stale {
    struct cell_past past;
    const void *cell;
};
unsigned cell_store_stale(struct cell_store *store, struct cell_stale *stale, unsigned max);

#endif
