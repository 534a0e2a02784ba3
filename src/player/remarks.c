/* SPDX-License-Identifier: MIT */
#include "remarks.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"

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
    char line[640];
    snprintf(line, sizeof line, "%s%s", remarks->prefix, text);
    char *copy = arena_copy(&remarks->arena, line, strlen(line));
    if (copy)
        remarks->text[remarks->count++] = copy;
}

static void receive(void *ctx, const char *text)
{
    struct remarks *remarks = ctx;
    if (remarks->total++ < REMARKS_MAX)
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
    snprintf(line, sizeof line, "%u more remarks of this kind", (unsigned)(remarks->total - REMARKS_MAX));
    remarks->prefix[0] = '\0';
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
