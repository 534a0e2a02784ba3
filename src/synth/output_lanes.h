/* SPDX-License-Identifier: MIT */
/* output_lanes.h - one table of output loops per instruction set (output_lanes.c). Internal to output.c and its tests. */
#ifndef DMUS_SYNTH_OUTPUT_LANES_H
#define DMUS_SYNTH_OUTPUT_LANES_H

#include "output.h"

/* As output_s16 and output_f32; the meter is raised in the same way. */
struct output_lanes {
    void (*s16)(const struct output *output, const float *left, const float *right, uint32_t frames, uint64_t frame, int16_t *out,
                struct output_meter *meter);
    void (*f32)(const struct output *output, const float *left, const float *right, uint32_t frames, float *out,
                struct output_meter *meter);
};

#ifndef OUTPUT_SET
#define OUTPUT_SET c
#endif
#define OUTPUT_NAME_OF(set) output_lanes_##set
#define OUTPUT_NAME(set)    OUTPUT_NAME_OF(set)

extern const struct output_lanes output_lanes_c, output_lanes_avx2, output_lanes_avx512;

#endif
