/* SPDX-License-Identifier: MIT */
/* remarks.h - a list of one-line remarks, collected through dm_notes. One thread at a time. */
#ifndef DMUS_PLAYER_REMARKS_H
#define DMUS_PLAYER_REMARKS_H

#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"

#define REMARKS_MAX 1000u

struct remarks {
    uint32_t count;
    uint32_t total; /* with those beyond REMARKS_MAX, which are only counted */
    const char **text;
    uint32_t capacity;
    struct arena arena;
};

/* A receiver that adds to REMARKS what was not said just before. Remarks are a courtesy: one that memory is short for is only counted. */
struct dm_notes remarks_receiver(struct remarks *remarks);
/* Say how many were withheld, if any. To be called once, after the last one. */
void remarks_end(struct remarks *remarks);
/* NULL past the last. */
const char *remarks_get(const struct remarks *remarks, uint32_t index);
void remarks_clear(struct remarks *remarks); /* a zeroed struct is an empty list */

#endif
