/* SPDX-License-Identifier: MIT */
#include "interp.h"

#define FRACTION (1.0f / 16777216.0f)

void interp_nearest_c(const struct interp_span *span, float *out, uint32_t count)
{
    uint64_t phase = span->phase, step = (uint64_t)span->step;
    for (uint32_t i = 0; i < count; i++) {
        out[i] = (float)span->src[phase >> 32];
        phase += step;
        step += (uint64_t)span->slope;
    }
}

void interp_linear_c(const struct interp_span *span, float *out, uint32_t count)
{
    uint64_t phase = span->phase, step = (uint64_t)span->step;
    for (uint32_t i = 0; i < count; i++) {
        const int16_t *s = span->src + (phase >> 32);
        float f = (float)(int32_t)((uint32_t)phase >> 8) * FRACTION;
        float s0 = (float)s[0], s1 = (float)s[1];
        out[i] = s0 + f * (s1 - s0);
        phase += step;
        step += (uint64_t)span->slope;
    }
}

/* 4-point, third-order Hermite (Catmull-Rom) */
void interp_cubic_c(const struct interp_span *span, float *out, uint32_t count)
{
    uint64_t phase = span->phase, step = (uint64_t)span->step;
    for (uint32_t i = 0; i < count; i++) {
        const int16_t *s = span->src + (phase >> 32);
        float f = (float)(int32_t)((uint32_t)phase >> 8) * FRACTION;
        float s0 = (float)s[0], s1 = (float)s[1], s2 = (float)s[2], s3 = (float)s[3];
        float c1 = 0.5f * (s2 - s0);
        float c2 = (s0 - 2.5f * s1) + (2.0f * s2 - 0.5f * s3);
        float c3 = 0.5f * (s3 - s0) + 1.5f * (s1 - s2);
        out[i] = ((c3 * f + c2) * f + c1) * f + s1;
        phase += step;
        step += (uint64_t)span->slope;
    }
}

/* Sixteen partial sums, tap j in sum j mod 16, folded in halves: an order that vectors of 4, 8 and 16 share. */
void interp_sinc_c(const struct interp_span *span, float *out, uint32_t count)
{
    const struct interp_level *level = span->level;
    const uint32_t taps = level->taps, bits = level->row_bits, mask = ~(2 * taps - 1);
    uint64_t phase = span->phase, step = (uint64_t)span->step;
    for (uint32_t i = 0; i < count; i++) {
        const int16_t *s = span->src + (phase >> 32);
        uint32_t fraction = (uint32_t)phase;
        const float *row = level->rows + (fraction >> level->row_shift & mask), *next = row + taps;
        float f = (float)(int32_t)((fraction << bits) >> 8) * FRACTION;
        float a[16];
        for (uint32_t n = 0; n < 16; n++)
            a[n] = (row[n] + f * next[n]) * (float)s[n];
        for (uint32_t j = 16; j < taps; j += 16)
            for (uint32_t n = 0; n < 16; n++)
                a[n] += (row[j + n] + f * next[j + n]) * (float)s[j + n];
        for (uint32_t half = 8; half; half /= 2)
            for (uint32_t n = 0; n < half; n++)
                a[n] += a[n + half];
        out[i] = a[0];
        phase += step;
        step += (uint64_t)span->slope;
    }
}
