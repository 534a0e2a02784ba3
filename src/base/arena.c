/* SPDX-License-Identifier: MIT */
#include "arena.h"

#include <stdint.h>
#include <string.h>

#include "alloc.h"
#include "checked.h"

struct arena_block {
    struct arena_block *next;
    size_t size; /* of the bytes after this header */
    size_t used;
};

enum { FIRST_BLOCK = 4096, LARGEST_BLOCK = 1 << 20, MOST_ALIGN = 64 };

static uint8_t *block_bytes(struct arena_block *block) { return (uint8_t *)(block + 1); }

/* Room for SIZE bytes at ALIGN in the block, or NULL. */
static void *take(struct arena_block *block, size_t size, size_t align)
{
    uintptr_t at = (uintptr_t)block_bytes(block) + block->used;
    size_t pad = (align - (at & (align - 1))) & (align - 1);
    if (pad > block->size - block->used || size > block->size - block->used - pad)
        return NULL;
    uint8_t *taken = block_bytes(block) + block->used + pad;
    block->used += pad + size;
    return taken;
}

void *arena_alloc(struct arena *arena, size_t size, size_t align)
{
    struct arena_block *newest = arena->blocks;
    void *taken = newest ? take(newest, size, align) : NULL;
    if (taken)
        return taken;

    size_t need, want = newest ? (newest->size > LARGEST_BLOCK / 2 ? LARGEST_BLOCK : newest->size * 2) : FIRST_BLOCK;
    if (!add_size(size, MOST_ALIGN, &need))
        return NULL;
    bool own = need > want; /* too large to share: its rest is not worth making it the newest */
    size_t bytes;
    if (!add_size(own ? need : want, sizeof(struct arena_block), &bytes))
        return NULL;
    struct arena_block *block = dm_calloc(1, bytes);
    if (!block)
        return NULL;
    block->size = bytes - sizeof *block;
    if (own && newest) {
        block->next = newest->next;
        newest->next = block;
    } else {
        block->next = newest;
        arena->blocks = block;
    }
    arena->total += bytes;
    return take(block, size, align);
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    size_t bytes;
    return mul_size(count, size, &bytes) ? arena_alloc(arena, bytes, _Alignof(max_align_t)) : NULL;
}

char *arena_copy(struct arena *arena, const void *bytes, size_t size)
{
    size_t with_nul;
    char *copy = add_size(size, 1, &with_nul) ? arena_alloc(arena, with_nul, 1) : NULL;
    if (copy && size > 0)
        memcpy(copy, bytes, size);
    return copy;
}

void arena_clear(struct arena *arena)
{
    for (struct arena_block *block = arena->blocks, *next; block; block = next) {
        next = block->next;
        dm_free(block);
    }
    memset(arena, 0, sizeof *arena);
}
