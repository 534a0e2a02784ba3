/* SPDX-License-Identifier: MIT */
/* dls_adpcm.h - Microsoft ADPCM: blocks of 4-bit differences, each block independent. Internal to the DLS reader. */
#ifndef DMUS_FORMATS_DLS_ADPCM_H
#define DMUS_FORMATS_DLS_ADPCM_H

#include "formats/dls.h"

/* Bytes at the head of a block: predictor, step and two samples per channel. */
uint32_t adpcm_header_size(uint32_t channels);

/* Frames in all of the wave's data; a last block that is cut counts as far as it goes. block_align must be at least
 * adpcm_header_size. */
uint64_t adpcm_frames(const struct dls_wave *wave);

/* dls_wave_decode for DLS_MSADPCM. */
void adpcm_decode(const struct dls_wave *wave, uint32_t first, uint32_t frames, int16_t *out);

#endif
