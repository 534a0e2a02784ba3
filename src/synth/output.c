/* SPDX-License-Identifier: MIT */
#include "output.h"

static float magnitude(float value) { return value < 0.0f ? -value : value; }

static float louder(float peak, float value)
{
    float size = magnitude(value);
    return size > peak ? size : peak;
}

/* Sum of two uniform numbers, -1..1. The mixing function is splitmix64's finalizer (Steele, Lea, Flood 2014, public domain). */
static float triangular(uint64_t frame, uint32_t channel)
{
    uint64_t x = (frame * 2 + channel) * UINT64_C(0x9E3779B97F4A7C15) + UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
    x ^= x >> 31;
    uint32_t sum = (uint32_t)(x >> 48) + (uint32_t)(x >> 32 & 0xFFFF); /* 0..131070 */
    return ((float)sum - 65535.0f) * (1.0f / 65536.0f);
}

static int16_t to_s16(float value, float dither, struct output_meter *meter)
{
    float scaled = value * 32768.0f + dither;
    if (!(scaled < 32767.5f)) {
        if (scaled != scaled)
            return 0;
        meter->clipped++;
        return 32767;
    }
    if (scaled < -32768.5f) {
        meter->clipped++;
        return -32768;
    }
    /* Conversion truncates: from a positive offset it rounds to nearest, halves up. */
    return (int16_t)((int32_t)(scaled + 40000.5f) - 40000);
}

static void stereo_s16(bool dither, const float *left, const float *right, uint32_t frames, uint64_t frame, int16_t *out,
                       struct output_meter *meter)
{
    for (uint32_t i = 0; i < frames; i++) {
        bool noise = dither && (left[i] != 0.0f || right[i] != 0.0f);
        meter->peak = louder(louder(meter->peak, left[i]), right[i]);
        out[2 * i] = to_s16(left[i], noise ? triangular(frame + i, 0) : 0.0f, meter);
        out[2 * i + 1] = to_s16(right[i], noise ? triangular(frame + i, 1) : 0.0f, meter);
    }
}

void output_s16(const struct output *output, const float *left, const float *right, uint32_t frames, uint64_t frame,
                int16_t *out, struct output_meter *meter)
{
    if (output->channels == 2) {
        stereo_s16(output->dither, left, right, frames, frame, out, meter);
        return;
    }
    for (uint32_t i = 0; i < frames; i++) {
        float value = (left[i] + right[i]) * 0.5f;
        meter->peak = louder(meter->peak, value);
        out[i] = to_s16(value, output->dither && value != 0.0f ? triangular(frame + i, 0) : 0.0f, meter);
    }
}

void output_f32(const struct output *output, const float *left, const float *right, uint32_t frames, float *out,
                struct output_meter *meter)
{
    if (output->channels == 2) {
        for (uint32_t i = 0; i < frames; i++) {
            meter->peak = louder(louder(meter->peak, left[i]), right[i]);
            out[2 * i] = left[i];
            out[2 * i + 1] = right[i];
        }
        return;
    }
    for (uint32_t i = 0; i < frames; i++) {
        out[i] = (left[i] + right[i]) * 0.5f;
        meter->peak = louder(meter->peak, out[i]);
    }
}

void output_measure(const struct bus_outputs *outputs, uint32_t frames, struct output_meter *meter)
{
    for (uint32_t k = 0; k < outputs->count; k++)
        for (uint32_t i = 0; i < frames; i++)
            meter->peak = louder(meter->peak, outputs->out[k][outputs->at + i]);
}
