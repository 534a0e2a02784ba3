/* SPDX-License-Identifier: MIT */
/* test_memory.h - struct synth_memory that counts live blocks and can fail at the nth request. */
#ifndef DMUS_TESTS_SYNTH_TEST_MEMORY_H
#define DMUS_TESTS_SYNTH_TEST_MEMORY_H

#include <stdlib.h>
#include <string.h>

#include "synth/synth.h"

struct test_memory {
    long live, requests;
    long fail_at; /* this request (1-based) and all later ones fail; 0 never */
};

static inline void *test_alloc(void *ctx, size_t size)
{
    struct test_memory *memory = ctx;
    memory->requests++;
    if (memory->fail_at && memory->requests >= memory->fail_at)
        return NULL;
    size_t rounded = (size + 63) & ~(size_t)63;
    void *block = rounded >= size ? aligned_alloc(64, rounded ? rounded : 64) : NULL;
    if (block) {
        memset(block, 0, rounded ? rounded : 64);
        memory->live++;
    }
    return block;
}

static inline void test_free(void *ctx, void *block)
{
    struct test_memory *memory = ctx;
    memory->live -= block != NULL;
    free(block);
}

static inline struct synth_memory test_memory(struct test_memory *memory)
{
    *memory = (struct test_memory){0};
    return (struct synth_memory){test_alloc, test_free, memory};
}

#endif
