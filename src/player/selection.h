/* SPDX-License-Identifier: MIT */
/*
 * selection.h - which instruments, regions and waves of a stack of banks a
 * song needs, resolved as the engine resolves patches (synth/patches.c, the same
 * order of fallbacks). Any thread; the result belongs to one.
 */
#ifndef DMUS_PLAYER_SELECTION_H
#define DMUS_PLAYER_SELECTION_H

#include "bank.h"
#include "song_plan.h"

struct selected {
    uint32_t bank, entry;     /* position in the stack, instrument of that bank */
    uint32_t patch;
    bool whole;               /* every region */
    uint32_t use_count, use_capacity;
    const struct plan_use **uses; /* whose notes decide on the regions; there may be none to play, but the patch is taken */
};

/* A request that the stack does not have as such, and what plays instead. */
struct substitution {
    const struct plan_use *use;
    int64_t selected;         /* index into selected, -1: nothing plays */
};

struct selection {
    uint32_t count, capacity;
    struct selected *selected;
    uint32_t substitution_count, substitution_capacity;
    struct substitution *substitutions;
    uint32_t rest_count, rest_capacity;
    struct plan_use **rests;  /* what of a use a drum kit has no region for */
};

/* STUDIO: the engine's profile. ALL: every instrument of every bank that no bank above it hides. PLAN must outlive the result.
 * Builds the drum kits it looks into. DM_ERR_NOMEM. */
enum dm_status selection_make(struct dmus_bank *const *banks, size_t bank_count, const struct song_plan *plan,
                              bool studio, bool all, struct selection *out, struct dm_error *err);
void selection_clear(struct selection *selection);

/* Say what the stack does not have and what plays instead. */
void selection_tell(const struct selection *selection, struct dmus_bank *const *banks, const struct dm_notes *notes);

/* Is this region wanted? */
bool selected_wants(const struct selected *selected, const struct dls_region *region);

#endif
