/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* dl_iterate_phdr */
#include "place.h"

#include <link.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <unwind.h>

#include "base/alloc.h"

enum { FRAMES_MAX = 64 };

struct place_finder {
    char *path;
    uintptr_t base, low;
    atomic_uintptr_t high; /* 0: the driver has not been seen yet; set last */
};

struct place_finder *place_finder_new(const char *path)
{
    struct place_finder *finder = dm_calloc(1, sizeof *finder);
    if (finder)
        finder->path = dm_strdup(path);
    if (finder && finder->path)
        return finder;
    dm_free(finder);
    return NULL;
}

void place_finder_free(struct place_finder *finder)
{
    if (finder)
        dm_free(finder->path);
    dm_free(finder);
}

void place_finder_reset(struct place_finder *finder)
{
    atomic_store(&finder->high, 0);
}

static int look_at(struct dl_phdr_info *info, size_t size, void *ctx)
{
    struct place_finder *finder = ctx;
    uintptr_t low = UINTPTR_MAX, high = 0;
    (void)size;
    if (!info->dlpi_name || strcmp(info->dlpi_name, finder->path) != 0)
        return 0;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        uintptr_t start = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
        if (info->dlpi_phdr[i].p_type != PT_LOAD)
            continue;
        low = start < low ? start : low;
        high = start + info->dlpi_phdr[i].p_memsz > high ? start + info->dlpi_phdr[i].p_memsz : high;
    }
    finder->base = info->dlpi_addr;
    finder->low = low;
    atomic_store(&finder->high, high);
    return 1;
}

static bool in_driver(const struct place_finder *finder, uintptr_t code)
{
    return code >= finder->low && code < atomic_load(&finder->high);
}

struct walk {
    const struct place_finder *finder;
    unsigned frames, skip;
    uintptr_t found;
};

static _Unwind_Reason_Code frame(struct _Unwind_Context *context, void *ctx)
{
    struct walk *walk = ctx;
    int at_the_instruction = 0; /* of a frame that a signal interrupted; else behind the call */
    uintptr_t code = _Unwind_GetIPInfo(context, &at_the_instruction);
    if (!at_the_instruction && code)
        code--;
    if (in_driver(walk->finder, code) && walk->skip-- == 0) {
        walk->found = code;
        return _URC_END_OF_STACK;
    }
    return ++walk->frames < FRAMES_MAX ? _URC_NO_REASON : _URC_END_OF_STACK;
}

uintptr_t place_caller(void *ctx, unsigned skip)
{
    struct place_finder *finder = ctx;
    struct walk walk = {.finder = finder, .skip = skip};
    if (atomic_load(&finder->high) == 0 && dl_iterate_phdr(look_at, finder) == 0)
        return 0;
    _Unwind_Backtrace(frame, &walk);
    return walk.found;
}

uintptr_t place_offset(const struct place_finder *finder, uintptr_t code)
{
    return finder && code && in_driver(finder, code) ? code - finder->base : 0;
}
