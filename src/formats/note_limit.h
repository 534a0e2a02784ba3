/* SPDX-License-Identifier: MIT */
/*
 * note_limit.h - a receiver of notes that stops listening after a while.
 *
 * A damaged file can have a million faults of one kind. The first NOTES_GIVEN
 * go through, the rest is counted and reported as one at the end. One thread.
 */
#ifndef DMUS_FORMATS_NOTE_LIMIT_H
#define DMUS_FORMATS_NOTE_LIMIT_H

#include <stdint.h>

#include "base/status.h"

enum { NOTES_GIVEN = 200 };

struct note_limit {
    struct dm_notes notes;     /* hand this to the readers */
    const struct dm_notes *to; /* may be NULL */
    uint32_t given, withheld;
};

/* Pass notes on to TO. *LIMIT must stay where it is until note_limit_end. */
void note_limit_begin(struct note_limit *limit, const struct dm_notes *to);
/* Say how many were withheld, if any. */
void note_limit_end(struct note_limit *limit);

#endif
