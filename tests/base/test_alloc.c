/* SPDX-License-Identifier: MIT */
/* The heap's failure switch and balance, aligned blocks, arenas. */
#include "base/alloc.h"
#include "base/arena.h"
#include "tap.h"

static void test_nth_allocation_fails(void)
{
    long live = dm_alloc_live();
    dm_alloc_fail_at(2, false);
    void *a = dm_malloc(10), *b = dm_malloc(10), *c = dm_calloc(3, 3);
    CHECK(a != NULL);
    CHECK(b == NULL);
    CHECK(c != NULL);
    dm_alloc_fail_at(1, true);
    CHECK(dm_malloc(1) == NULL);
    CHECK(dm_realloc(a, 100, 100) == NULL);
    CHECK(dm_strdup("x") == NULL);
    CHECK(dm_calloc_aligned(64, 64) == NULL);
    dm_alloc_fail_at(0, false);
    CHECK_EQ(dm_alloc_live(), live + 2);
    dm_free(a);
    dm_free(b);
    dm_free(c);
    CHECK_EQ(dm_alloc_live(), live);
}

static void test_sizes_that_do_not_fit(void)
{
    volatile size_t huge = SIZE_MAX / 2 + 2; /* not seen by the compiler's own warning */
    CHECK(dm_calloc(huge, 2) == NULL);
    CHECK(dm_realloc(NULL, huge, 2) == NULL);
    CHECK(dm_calloc_aligned(64, SIZE_MAX - (huge - huge)) == NULL);
    struct arena arena = {0};
    CHECK(arena_array(&arena, huge, 2) == NULL);
    CHECK(arena_alloc(&arena, SIZE_MAX - (huge - huge), 1) == NULL);
    CHECK(arena_alloc(&arena, SIZE_MAX - 64 - (huge - huge), 1) == NULL);
    CHECK(arena_copy(&arena, "", SIZE_MAX - (huge - huge)) == NULL);
    CHECK_EQ(arena.total, 0);
    CHECK(arena_alloc(&arena, 1, 1) != NULL);
    arena_clear(&arena);
}

static void test_aligned_blocks(void)
{
    long live = dm_alloc_live();
    for (size_t align = 1; align <= 4096; align *= 2) {
        uint8_t *block = dm_calloc_aligned(align, 100);
        CHECK(block != NULL);
        CHECK_EQ((uintptr_t)block % align, 0);
        for (int i = 0; i < 100; i++)
            CHECK_EQ(block[i], 0);
        memset(block, 0xFF, 100);
        dm_free_aligned(block);
    }
    CHECK(dm_calloc_aligned(48, 1) == NULL);
    CHECK(dm_calloc_aligned(8192, 1) == NULL);
    dm_free_aligned(NULL);
    CHECK_EQ(dm_alloc_live(), live);
}

static void test_realloc_keeps_content(void)
{
    long live = dm_alloc_live();
    uint32_t *array = dm_realloc(NULL, 4, sizeof *array);
    for (uint32_t i = 0; i < 4; i++)
        array[i] = i * 7;
    array = dm_realloc(array, 4096, sizeof *array);
    for (uint32_t i = 0; i < 4; i++)
        CHECK_EQ(array[i], i * 7);
    CHECK_EQ(dm_alloc_live(), live + 1);
    dm_free(array);
    CHECK_EQ(dm_alloc_live(), live);
}

/* Blocks of sizes from a small generator, all at once: zeroed, aligned, none overlaps another. */
static void test_arena_many_sizes(void)
{
    enum { COUNT = 3000 };
    static struct {
        uint8_t *at;
        size_t size;
    } taken[COUNT];
    long live = dm_alloc_live();
    struct arena arena = {0};
    uint32_t seed = 1;
    bool zeroed = true, aligned = true, kept = true;
    for (int i = 0; i < COUNT; i++) {
        seed = seed * 1664525u + 1013904223u;
        size_t size = i % 500 == 499 ? 3000000 : seed >> 22, align = (size_t)1 << (seed >> 8) % 7;
        uint8_t *at = arena_alloc(&arena, size, align);
        taken[i].at = at;
        taken[i].size = size;
        aligned = aligned && at && (uintptr_t)at % align == 0;
        for (size_t k = 0; k < size; k++)
            zeroed = zeroed && at[k] == 0;
        memset(at, i & 0xFF, size);
    }
    for (int i = 0; i < COUNT; i++)
        for (size_t k = 0; k < taken[i].size; k++)
            kept = kept && taken[i].at[k] == (i & 0xFF);
    CHECK(zeroed);
    CHECK(aligned);
    CHECK(kept);
    CHECK(dm_alloc_live() - live < 30);
    arena_clear(&arena);
    CHECK_EQ(dm_alloc_live(), live);
    CHECK_EQ(arena.total, 0);
    CHECK(arena_alloc(&arena, 8, 8) != NULL);
    arena_clear(&arena);
}

static void test_arena_out_of_memory(void)
{
    long live = dm_alloc_live();
    struct arena arena = {0};
    CHECK_STR(arena_copy(&arena, "abcdef", 3), "abc");
    dm_alloc_fail_at(1, true);
    CHECK(arena_alloc(&arena, 100000, 1) == NULL);
    CHECK(arena_alloc(&arena, 100, 1) != NULL); /* still room in the first block */
    dm_alloc_fail_at(0, false);
    CHECK(arena_alloc(&arena, 100000, 1) != NULL);
    arena_clear(&arena);
    CHECK_EQ(dm_alloc_live(), live);
}

int main(void)
{
    RUN(test_nth_allocation_fails);
    RUN(test_sizes_that_do_not_fit);
    RUN(test_aligned_blocks);
    RUN(test_realloc_keeps_content);
    RUN(test_arena_many_sizes);
    RUN(test_arena_out_of_memory);
    return tap_done();
}
