/* SPDX-License-Identifier: MIT */
/* output_kernels.h - one table of output loops per instruction set: output_lanes_*.c. Internal to output.c. */
#ifndef DMUS_SYNTH_OUTPUT_KERNELS_H
#define DMUS_SYNTH_OUTPUT_KERNELS_H

#include "output.h"

/* As output_s16 and output_f32; the meter is raised in the same way. */
struct output_kernels {
    void (*s16)(const struct output *output, const float *left, const float *right, uint32_t frames, uint64_t frame, int16_t *out,
                struct output_meter *meter);
    void (*f32)(const struct output *output, const float *left, const float *right, uint32_t frames, float *out,
                struct output_meter *meter);
};

extern const struct output_kernels output_kernels_c, output_kernels_avx2, output_kernels_avx512;

#endif
