/* SPDX-License-Identifier: MIT */
/*
 * arena.h - many small allocations that end together.
 *
 * A reader puts everything it builds for one file into one arena and frees it
 * at once. Memory comes in blocks that double up to 1 MiB; a request larger
 * than that gets a block of its own. One thread at a time.
 */
#ifndef DMUS_BASE_ARENA_H
#define DMUS_BASE_ARENA_H

#include <stddef.h>

struct arena_block;

/* A zeroed struct is an empty arena. */
struct arena {
    struct arena_block *blocks; /* newest first */
    size_t total;               /* bytes taken from the heap */
};

/* SIZE zeroed bytes, address a multiple of ALIGN (a power of two, at most 64). NULL if memory is short or the size does
 * not fit; the arena stays usable. SIZE 0 gives an address that may be compared but not used. */
void *arena_alloc(struct arena *arena, size_t size, size_t align);
/* COUNT zeroed elements of SIZE bytes, aligned for any type; NULL also if the product does not fit. */
void *arena_array(struct arena *arena, size_t count, size_t size);
/* Copy of SIZE bytes with a NUL behind them. */
char *arena_copy(struct arena *arena, const void *bytes, size_t size);
/* Free everything; the arena is empty and usable again. */
void arena_clear(struct arena *arena);

#endif
