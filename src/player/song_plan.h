/* SPDX-License-Identifier: MIT */
/*
 * song_plan.h - which patches, keys and velocities the notes of a song ask for.
 *
 * A walk through the song that follows bank selects, program changes, rhythm
 * parts and resets as the engine does (studio and native at once). Where the
 * standards or the profiles differ, every reading is followed: the plan may name
 * a patch too many, never one too few. Pure; any thread.
 */
#ifndef DMUS_PLAYER_SONG_PLAN_H
#define DMUS_PLAYER_SONG_PLAN_H

#include "base/status.h"
#include "formats/smf.h"

#define PLAN_DRUMS 0x80000000u /* DMUS_PATCH_DRUMS */

/* One patch that may be asked for. */
struct plan_use {
    uint32_t patch;         /* as selected: the rhythm bit as the reading has it */
    uint32_t notes;         /* in the most likely reading; 0: another reading only */
    uint32_t port, channel; /* of the first note */
    uint8_t key_low, key_high;
    bool all_keys;          /* something shifts keys before regions are chosen: keys count for nothing */
    int64_t time_100ns;     /* of the first note */
    uint32_t velocities[128][4]; /* by key: which velocities, a bit each */
};

enum { PLAN_USES_MAX = 2048 };

struct song_plan {
    uint32_t count;
    struct plan_use *uses; /* in order of first note */
    bool everything;       /* what may sound cannot be told: take all of the bank */
    uint32_t notes;        /* note-ons */
    uint32_t channels;     /* distinct port and channel pairs with a note */
};

/* DM_ERR_NOMEM. */
enum dm_status song_plan_make(const struct smf_song *song, struct song_plan *plan, struct dm_error *err);
void song_plan_clear(struct song_plan *plan);

/* Does any note of USE fall into the region's ranges? */
bool plan_use_wants(const struct plan_use *use, uint32_t key_low, uint32_t key_high, uint32_t velocity_low,
                    uint32_t velocity_high);

#endif
