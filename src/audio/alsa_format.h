/* SPDX-License-Identifier: MIT */
/*
 * alsa_format.h - from the source's samples to a card's. Internal to the room.
 *
 * Float to float, and 16 bits to anything, is exact. Cards with more channels
 * than the source has get silence in the others; one channel goes to the first
 * two of a card that does not do one.
 */
#ifndef DMUS_AUDIO_ALSA_FORMAT_H
#define DMUS_AUDIO_ALSA_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

#include "alsa_library.h"
#include "output.h"

struct alsa_format {
    snd_pcm_format_t format;
    enum sample_format told;
    uint32_t channels, card_channels;
    uint32_t frame_bytes; /* of the card */
    int32_t *wide;        /* buffers, released by end */
    char *frames;
};

/* The best of what HW allows; narrows HW to it. 0, or ALSA's error. */
int alsa_format_choose(struct alsa_format *format, snd_pcm_t *pcm, snd_pcm_hw_params_t *hw, uint32_t channels);
/* Buffers for FRAMES; false: no memory, and end is due. */
bool alsa_format_begin(struct alsa_format *format, uint32_t frames);
void alsa_format_end(struct alsa_format *format);

/* COUNT frames of the source, interleaved, as the card wants them. Valid until the next call. Real-time safe. */
const void *alsa_format_convert(struct alsa_format *format, const void *source, uint32_t count, bool is_float);

#endif
