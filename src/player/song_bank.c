/* SPDX-License-Identifier: MIT */
/* The bank inside an RMID file, and the offset of its programs (spec/dls.md 5.2). */
#include <stdio.h>
#include <string.h>

#include "bank.h"
#include "base/alloc.h"
#include "errors.h"
#include "song.h"

/* How many of the melodic programs that the song plays does the bank have when its banks are moved up by OFFSET? */
static uint32_t hits(const struct dmus_bank *bank, const struct song_plan *plan, uint32_t offset)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < plan->count; i++) {
        uint32_t patch = plan->uses[i].patch, msb = patch >> 16 & 127;
        if (plan->uses[i].notes && !(patch & PLAN_DRUMS) && msb >= offset)
            found += bank_find(bank, patch - (offset << 16)) >= 0;
    }
    return found;
}

static enum dm_status open_with(struct dmus_song *song, uint32_t offset, struct dmus_bank **out, struct dm_error *err)
{
    size_t size = strlen(song->path) + sizeof " (bank inside)";
    char *name = dm_malloc(size);
    if (!name)
        return dm_fail(err, DM_ERR_NOMEM, "%s: no memory", song->path);
    snprintf(name, size, "%s (bank inside)", song->path);
    enum dm_status status = bank_create(name, NULL, song->embedded, song, offset, out, err);
    dm_free(name);
    return status;
}

/* Without a DBNK chunk the offset is a guess: none, unless no program is found that way and one is with 1. */
enum dmus_status dmus_song_get_bank(struct dmus_song *song, struct dmus_bank **out, struct dmus_error *err)
{
    if (out)
        *out = NULL;
    if (!song || !out)
        return error_argument(err, "dmus_song_get_bank: no song or no place for the bank");
    struct dm_error inner = {0};
    if (song->embedded.size == 0) {
        dm_fail(&inner, DM_ERR_NOT_FOUND, "%s: no bank inside", song->path);
        return error_public(err, DM_ERR_NOT_FOUND, &inner);
    }
    enum dm_status status = open_with(song, song->bank_offset_set ? song->bank_offset : 0, out, &inner);
    if (status == DM_OK && !song->bank_offset_set && hits(*out, &song->plan, 0) == 0 &&
        hits(*out, &song->plan, 1) > 0) {
        dmus_bank_close(*out);
        *out = NULL;
        status = open_with(song, 1, out, &inner);
    }
    return error_public(err, status, &inner);
}
