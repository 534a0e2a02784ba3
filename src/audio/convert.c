/* SPDX-License-Identifier: MIT */
#include "convert.h"

/* Adding and taking away 1.5 * 2^52 rounds a double below 2^51 to the nearest whole number, ties to even, without libm;
 * larger ones are limited anyway. */
static int32_t limited(float sample, double scale, size_t *clipped)
{
    const double magic = 6755399441055744.0;
    double exact = (double)sample * scale; /* a float times a power of two */
    double whole = exact + magic - magic;
    double kept = whole < scale - 1.0 ? whole : scale - 1.0;
    kept = kept > -scale ? kept : -scale;
    kept = sample == sample ? kept : 0.0;
    *clipped += !(kept == whole);
    return (int32_t)kept;
}

size_t convert_f32_s16(int16_t *out, const float *in, size_t count)
{
    size_t clipped = 0;
    for (size_t i = 0; i < count; i++)
        out[i] = (int16_t)limited(in[i], 32768.0, &clipped);
    return clipped;
}

size_t convert_f32_s24(int32_t *out, const float *in, size_t count)
{
    size_t clipped = 0;
    for (size_t i = 0; i < count; i++)
        out[i] = limited(in[i], 8388608.0, &clipped) * 256;
    return clipped;
}

void convert_s16_s24(int32_t *out, const int16_t *in, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = in[i] * 65536;
}

void convert_s16_f32(float *out, const int16_t *in, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = (float)in[i] * (1.0f / 32768.0f);
}
