/* SPDX-License-Identifier: MIT */
#include "formats/note_limit.h"

#include <stdbool.h>
#include <stddef.h>

static void pass(void *ctx, const char *text)
{
    struct note_limit *limit = ctx;
    if (limit->given < NOTES_GIVEN) {
        limit->given++;
        limit->to->note(limit->to->ctx, text);
    } else if (limit->withheld < UINT32_MAX) {
        limit->withheld++;
    }
}

void note_limit_begin(struct note_limit *limit, const struct dm_notes *to)
{
    bool heard = to && to->note;
    *limit = (struct note_limit){.notes = {heard ? pass : NULL, limit}, .to = to};
}

void note_limit_end(struct note_limit *limit)
{
    if (limit->withheld > 0)
        dm_note(limit->to, "%lu more notes are not shown", (unsigned long)limit->withheld);
}
