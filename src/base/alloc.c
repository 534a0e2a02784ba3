/* SPDX-License-Identifier: MIT */
#include "alloc.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "checked.h"

static atomic_long live_blocks;
static atomic_long fail_countdown; /* 0: off; 1: the next allocation fails; negative: every one does */
static atomic_bool fail_all_after;

void dm_alloc_fail_at(long nth, bool all_after)
{
    atomic_store(&fail_all_after, all_after);
    atomic_store(&fail_countdown, nth > 0 ? nth : 0);
}

long dm_alloc_live(void) { return atomic_load(&live_blocks); }

static bool allowed(void)
{
    long left = atomic_load_explicit(&fail_countdown, memory_order_relaxed);
    while (left != 0) {
        if (left < 0)
            return false;
        long next = left > 1 ? left - 1 : atomic_load(&fail_all_after) ? -1 : 0;
        if (atomic_compare_exchange_weak(&fail_countdown, &left, next))
            return left > 1;
    }
    return true;
}

static void *counted(void *block)
{
    if (block)
        atomic_fetch_add_explicit(&live_blocks, 1, memory_order_relaxed);
    return block;
}

/* Beyond PTRDIFF_MAX no heap answers, and sanitizers stop the program for asking. */
static bool sane(size_t size) { return size <= PTRDIFF_MAX; }

void *dm_malloc(size_t size) { return sane(size) && allowed() ? counted(malloc(size ? size : 1)) : NULL; }

void *dm_calloc(size_t count, size_t size)
{
    size_t bytes;
    if (!mul_size(count, size, &bytes) || !sane(bytes) || !allowed())
        return NULL;
    return counted(calloc(1, bytes ? bytes : 1));
}

void *dm_realloc(void *block, size_t count, size_t size)
{
    size_t bytes;
    if (!mul_size(count, size, &bytes) || !sane(bytes) || !allowed())
        return NULL;
    void *moved = realloc(block, bytes ? bytes : 1);
    return block ? moved : counted(moved);
}

char *dm_strdup(const char *text)
{
    if (!text)
        return NULL;
    size_t size = strlen(text) + 1;
    char *copy = dm_malloc(size);
    if (copy)
        memcpy(copy, text, size);
    return copy;
}

void dm_free(void *block)
{
    if (!block)
        return;
    atomic_fetch_sub_explicit(&live_blocks, 1, memory_order_relaxed);
    free(block);
}

/* The block's true address stands in the pointer just before it: aligned_alloc is missing on Windows, and calloc
 * gets big blocks zeroed by the system without touching them. */
void *dm_calloc_aligned(size_t align, size_t size)
{
    size_t total;
    if (align < sizeof(void *))
        align = sizeof(void *);
    if ((align & (align - 1)) != 0 || align > 4096 || !add_size(size, align + sizeof(void *), &total))
        return NULL;
    uint8_t *raw = dm_calloc(1, total);
    if (!raw)
        return NULL;
    uint8_t *first = raw + sizeof(void *);
    uint8_t *block = first + (align - ((uintptr_t)first & (align - 1))) % align;
    memcpy(block - sizeof(void *), &raw, sizeof raw);
    return block;
}

void dm_free_aligned(void *block)
{
    if (!block)
        return;
    void *raw;
    memcpy(&raw, (uint8_t *)block - sizeof raw, sizeof raw);
    dm_free(raw);
}
