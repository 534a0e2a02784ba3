/* SPDX-License-Identifier: MIT */
#include "output.h"

#include "base/cpu.h"
#include "output_kernels.h"

/* SYNTH_HAVE_*: meson.build. What comes before AVX2 is not worth a table: two 64-bit products at a time (output_lanes.h). */
static const struct output_kernels *kernels_for_output(uint32_t cpu)
{
    (void)cpu;
#ifdef SYNTH_HAVE_AVX512
    if (cpu & CPU_AVX512)
        return &output_kernels_avx512;
#endif
#ifdef SYNTH_HAVE_AVX2
    if (cpu & CPU_AVX2)
        return &output_kernels_avx2;
#endif
    return &output_kernels_c;
}

void output_s16(const struct output *output, const float *left, const float *right, uint32_t frames, uint64_t frame,
                int16_t *out, struct output_meter *meter)
{
    kernels_for_output(output->cpu)->s16(output, left, right, frames, frame, out, meter);
}

void output_f32(const struct output *output, const float *left, const float *right, uint32_t frames, float *out,
                struct output_meter *meter)
{
    kernels_for_output(output->cpu)->f32(output, left, right, frames, out, meter);
}

static float louder(float peak, float value)
{
    float size = value < 0.0f ? -value : value;
    return size > peak ? size : peak;
}

void output_measure(const struct bus_outputs *outputs, uint32_t frames, struct output_meter *meter)
{
    for (uint32_t k = 0; k < outputs->count; k++)
        for (uint32_t i = 0; i < frames; i++)
            meter->peak = louder(meter->peak, outputs->out[k][outputs->at + i]);
}
