/* SPDX-License-Identifier: MIT */
/*
 * image.h - DMUS download images (spec/ddi-user.md section 6), written in the
 * byte order of the DDI whatever the machine's is.
 *
 * Pure functions; any thread.
 */
#ifndef DMUS_PLAYER_IMAGE_H
#define DMUS_PLAYER_IMAGE_H

#include "base/status.h"
#include "formats/dls.h"

/* Bytes of a WAVE image of FRAMES 16-bit mono frames with APPEND_FRAMES of room behind them (GetAppend) and the margin of 32
 * bytes that the Download page asks for. May exceed 32 bits: the caller checks. */
uint64_t image_wave_size(uint32_t frames, uint32_t append_frames);

/* Write everything but the samples of a WAVE image into IMAGE (zeroed, image_wave_size bytes, 64-byte aligned); returns where
 * the FRAMES samples belong: 64-byte aligned, little-endian. */
int16_t *image_wave_begin(uint8_t *image, uint32_t download_id, uint32_t sample_rate, uint32_t frames,
                          uint32_t append_frames);

/* One region of an instrument to download. */
struct image_region {
    const struct dls_region *region;
    const struct dls_sample_info *sample; /* resolved wsmp: the region's, else the wave's */
    uint32_t wave_id;                     /* dwDLId of its wave */
};

/* An INSTRUMENT2 image of PATCH with COUNT regions (none: it only takes the patch): region lists replace the one of the instrument, equal lists are stored
 * once; where there is none at all an empty effect stands in, because an instrument without articulation is refused.
 * *out is freed with dm_free. DM_ERR_NOMEM; DM_ERR_UNSUPPORTED beyond 4 GiB. */
enum dm_status image_instrument(uint32_t patch, uint32_t download_id, const struct dls_instrument *instrument,
                                const struct image_region *regions, uint32_t count, uint8_t **out, size_t *size,
                                struct dm_error *err);

/* The dwDLId for an instrument image; waves have theirs from the same series. */
uint32_t image_next_id(void);

#endif
