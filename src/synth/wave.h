/* SPDX-License-Identifier: MIT */
/* wave.h - a downloaded wave: mono PCM that stays where the host put it. Internal to the engine. */
#ifndef DMUS_SYNTH_WAVE_H
#define DMUS_SYNTH_WAVE_H

#include <stdbool.h>
#include <stdint.h>

struct wave {
    const void *samples;  /* int16_t (2-byte aligned) or, if eight_bit, unsigned 8-bit with 0x80 as zero */
    uint32_t frames;
    uint32_t sample_rate; /* Hz */
    bool eight_bit;
    uint32_t download_id; /* dwDLId */
};

#endif
