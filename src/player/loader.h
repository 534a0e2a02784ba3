/* SPDX-License-Identifier: MIT */
/*
 * loader.h - the selected instruments and their waves, downloaded through a
 * route. One thread.
 */
#ifndef DMUS_PLAYER_LOADER_H
#define DMUS_PLAYER_LOADER_H

#include "bank.h"
#include "route.h"
#include "selection.h"

struct loaded_wave {
    struct wave_image *image; /* NULL: not wanted yet, or refused */
    bool refused;
};

struct loader {
    const struct route_ops *ops;
    struct route *route;
    struct dmus_bank *const *banks;
    size_t bank_count;
    struct loaded_wave **waves;  /* per bank, by wave number */
    uint32_t *wave_counts;
    uint32_t *instruments;       /* downloaded per bank */
    void **kept;                 /* instrument images that the synth goes on reading */
    uint32_t kept_count;
    uint32_t instrument_count, region_count, wave_count, dropped_regions;
    uint64_t wave_bytes;
    uint32_t append_frames;
    struct image_region *scratch; /* regions of the instrument in hand */
    uint32_t scratch_count;
};

/* Download what SELECTION wants. Regions whose wave cannot be decoded are left out and said to NOTES. The images stay with LOADER
 * until loader_clear, which must come after the route was closed. DM_ERR_NOMEM, DM_ERR_FORMAT (the synth refused: a
 * fault of ours), DM_ERR_UNSUPPORTED. */
enum dm_status loader_run(struct loader *loader, const struct route_ops *ops, struct route *route,
                          struct dmus_bank *const *banks, size_t bank_count, const struct selection *selection,
                          const struct dm_notes *notes, struct dm_error *err);
void loader_clear(struct loader *loader);

#endif
