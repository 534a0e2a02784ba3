/* SPDX-License-Identifier: MIT */
#include "remarks.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"

/* Regions of one instrument tend to have the same thing said about each of them. */
static bool said_before(const struct remarks *remarks, const char *line)
{
    enum { LOOK_BACK = 32 };
    for (uint32_t i = remarks->count > LOOK_BACK ? remarks->count - LOOK_BACK : 0; i < remarks->count; i++)
        if (strcmp(remarks->text[i], line) == 0)
            return true;
    return false;
}

static void add(struct remarks *remarks, const char *text)
{
    if (remarks->count == remarks->capacity) {
        uint32_t capacity = remarks->capacity ? remarks->capacity * 2 : 16;
        const char **grown = dm_realloc(remarks->text, capacity, sizeof *grown);
        if (!grown)
            return;
        remarks->text = grown;
        remarks->capacity = capacity;
    }
    char *copy = arena_copy(&remarks->arena, text, strlen(text));
    if (copy)
        remarks->text[remarks->count++] = copy;
}

static void receive(void *ctx, const char *text)
{
    struct remarks *remarks = ctx;
    if (!said_before(remarks, text) && remarks->total++ < REMARKS_MAX)
        add(remarks, text);
}

struct dm_notes remarks_receiver(struct remarks *remarks)
{
    struct dm_notes notes = {receive, remarks};
    return notes;
}

void remarks_end(struct remarks *remarks)
{
    if (remarks->total <= REMARKS_MAX)
        return;
    char line[64];
    snprintf(line, sizeof line, "%u more remarks", (unsigned)(remarks->total - REMARKS_MAX));
    add(remarks, line);
}

const char *remarks_get(const struct remarks *remarks, uint32_t index)
{
    return index < remarks->count ? remarks->text[index] : NULL;
}

void remarks_clear(struct remarks *remarks)
{
    dm_free(remarks->text);
    arena_clear(&remarks->arena);
    memset(remarks, 0, sizeof *remarks);
}
