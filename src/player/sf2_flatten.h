/* SPDX-License-Identifier: MIT */
/*
 * sf2_flatten.h - a SoundFont preset as one DLS instrument (spec/dls.md 6.1).
 *
 * One region for each pair of a preset zone and an instrument zone whose ranges
 * meet, with the sums of their generators.
 */
#ifndef DMUS_PLAYER_SF2_FLATTEN_H
#define DMUS_PLAYER_SF2_FLATTEN_H

#include "base/arena.h"
#include "formats/dls.h"
#include "formats/sf2.h"

#define SF2_WAVE_NO_MEMORY UINT32_MAX
#define SF2_WAVE_TOO_MUCH (UINT32_MAX - 1) /* the waves of the bank are already far larger than its samples */

/* Where the flattener gets wave numbers: some frames of a sample. Returns the number, or one of these two. */
struct sf2_wave_source {
    uint32_t (*wave)(void *ctx, uint32_t sample, uint32_t first, uint32_t frames);
    uint32_t (*frames)(void *ctx, uint32_t sample); /* length of a sample, remembered */
    void *ctx;
};

/* What of a preset is looked at. */
struct sf2_extent {
    uint32_t zones;   /* the first of its zones: all, unless the bank as a whole has too many pairs of zones */
    uint32_t regions; /* that sf2_flatten would make, at most: pairs whose ranges meet and whose sample is usable */
};

/* The extents of all presets of BANK, in time that no file makes long. Any thread. */
void sf2_measure(const struct sf2_bank *bank, struct sf2_extent *extents);

/* Build preset PRESET of BANK, of which sf2_measure said EXTENT, into ARENA. Zones without a usable sample are left out; that, and
 * what DLS cannot express, is said to NOTES. BANK_WORD is ulBank of the result. *out lives in ARENA; it may have no region.
 * DM_ERR_NOMEM. */
enum dm_status sf2_flatten(const struct sf2_bank *bank, uint32_t preset, const struct sf2_extent *extent, uint32_t bank_word,
                           struct arena *arena, const struct sf2_wave_source *waves, const struct dm_notes *notes,
                           struct dls_instrument **out, struct dm_error *err);

#endif
