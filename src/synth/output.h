/* SPDX-License-Identifier: MIT */
/*
 * output.h - planar float to what the host gets. Internal to the engine.
 *
 * One channel is (left + right) / 2: as loud as either side of a centred voice,
 * and never above what stereo would reach. 16 bit: 1.0 is 32768, nearest value,
 * limited to -32768..32767. Dither is triangular, two steps wide peak to peak; its
 * sequence is a function of frame number and channel, and it rests while both
 * channels are exactly 0. NaN becomes 0.
 */
#ifndef DMUS_SYNTH_OUTPUT_H
#define DMUS_SYNTH_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "buses.h"

struct output {
    uint32_t channels; /* 1 or 2 */
    bool dither;
    uint32_t cpu; /* CPU_* that may be used; the bits are the same */
};

/* What was seen on the way. */
struct output_meter {
    float peak;       /* raised to the largest magnitude */
    uint64_t clipped; /* raised by the samples that were limited */
};

/* FRAMES frames, the first of which is number FRAME since the start. OUT: channels * FRAMES values. */
void output_s16(const struct output *output, const float *left, const float *right, uint32_t frames, uint64_t frame,
                int16_t *out, struct output_meter *meter);
/* The same without dither and limit. */
void output_f32(const struct output *output, const float *left, const float *right, uint32_t frames, float *out,
                struct output_meter *meter);
/* The peak of FRAMES frames of all collected buses. */
void output_measure(const struct bus_outputs *outputs, uint32_t frames, struct output_meter *meter);

#endif
