/* SPDX-License-Identifier: MIT */
/*
 * alloc.h - the heap, with a switch that makes it fail.
 *
 * Everything outside the engine allocates here, so that a test can make the
 * n-th allocation of any operation fail and see that nothing leaks. Thread-safe;
 * never call on a render thread.
 *
 * A test of an out-of-memory path:
 *
 *     for (long n = 1;; n++) {
 *         long live = dm_alloc_live();
 *         dm_alloc_fail_at(n, true);
 *         enum dm_status status = thing_open(..., &thing, &err);
 *         dm_alloc_fail_at(0, false);
 *         if (status == DM_OK) { thing_close(thing); break; }
 *         CHECK_EQ(status, DM_ERR_NOMEM);
 *         CHECK_EQ(dm_alloc_live(), live);
 *     }
 */
#ifndef DMUS_BASE_ALLOC_H
#define DMUS_BASE_ALLOC_H

#include <stdbool.h>
#include <stddef.h>

/* NULL if memory is short or the size does not fit. A size of 0 gives a block that may be freed.
 * What these return is ended by dm_free. */
void *dm_malloc(size_t size);
void *dm_calloc(size_t count, size_t size); /* zeroed */
/* Grow or shrink an array to COUNT elements; NULL leaves the old block as it was. BLOCK may be NULL. */
void *dm_realloc(void *block, size_t count, size_t size);
char *dm_strdup(const char *text); /* NULL gives NULL */
void dm_free(void *block);         /* NULL allowed */

/* Zeroed, address a multiple of ALIGN (a power of two, at most 4096). Ended by dm_free_aligned, not dm_free. */
void *dm_calloc_aligned(size_t align, size_t size);
void dm_free_aligned(void *block); /* NULL allowed */

/* Tests only. The NTH allocation from now on fails (1: the next one); ALL_AFTER: so do all later ones. 0 ends it.
 * A growing or shrinking dm_realloc counts as an allocation. For all threads of the process. */
void dm_alloc_fail_at(long nth, bool all_after);
/* Blocks that are allocated now in the whole process. */
long dm_alloc_live(void);

#endif
