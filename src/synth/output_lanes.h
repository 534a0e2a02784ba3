/* SPDX-License-Identifier: MIT */
/*
 * output_lanes.h - the loops behind output.h, written so that compilers make
 * vectors of them: no early exit, one kind of work per loop, short blocks in
 * between. Each output_lanes_*.c compiles them for its instruction set; the
 * same bits from each.
 */
#ifndef DMUS_SYNTH_OUTPUT_LANES_H
#define DMUS_SYNTH_OUTPUT_LANES_H

#include <string.h>

#include "output_kernels.h"

enum { BLOCK = 64 };

/* Of four bytes memcpy would be a call in freestanding code. */
union word {
    float value;
    int32_t bits;
};

/* Bits of the magnitude, which order as it does; NaN counts as 0. */
static int32_t magnitude_bits(float value)
{
    int32_t bits = (union word){value}.bits & 0x7FFFFFFF;
    return bits <= 0x7F800000 ? bits : 0;
}

static int32_t peak_bits(const float *values, uint32_t count)
{
    int32_t peak = 0;
    for (uint32_t i = 0; i < count; i++) {
        int32_t bits = magnitude_bits(values[i]);
        peak = bits > peak ? bits : peak;
    }
    return peak;
}

static void raise_peak(struct output_meter *meter, int32_t bits)
{
    const union word peak = {.bits = bits};
    meter->peak = peak.value > meter->peak ? peak.value : meter->peak;
}

static void mix_down(const float *left, const float *right, uint32_t count, float *out)
{
    for (uint32_t i = 0; i < count; i++)
        out[i] = (left[i] + right[i]) * 0.5f;
}

/* ---- 16 bits -------------------------------------------------------------------- */

/* Sum of two uniform numbers, -1..1, for frames from FRAME on, where not both channels are silent. The mixing function is
 * splitmix64's finalizer (Steele, Lea, Flood 2014, public domain). */
static void triangular(uint64_t frame, uint32_t channel, const float *left, const float *right, uint32_t count, float *restrict out)
{
    const uint64_t step = UINT64_C(0x9E3779B97F4A7C15), first = (frame * 2 + channel + 1) * step;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t x = first + i * (2 * step);
        x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
        x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
        uint32_t high = (uint32_t)((x ^ x >> 31) >> 32);
        int32_t sum = (int32_t)(high >> 16) + (int32_t)(high & 0xFFFF); /* 0..131070 */
        float noise = ((float)sum - 65535.0f) * (1.0f / 65536.0f);
        out[i] = left[i] != 0.0f || right[i] != 0.0f ? noise : 0.0f;
    }
}

/* Nearest values, halves up: conversion truncates from a positive offset. Returns how many were limited. */
static uint32_t quantize(const float *values, const float *dither, uint32_t count, int16_t *restrict out)
{
    int32_t limited = 0;
    for (uint32_t i = 0; i < count; i++) {
        float scaled = values[i] * 32768.0f + dither[i];
        float low = scaled < 32767.5f ? scaled : 32767.0f; /* NaN, too */
        float kept = low < -32768.5f ? -32768.0f : low;
        int32_t value = (int32_t)(kept + 40000.5f) - 40000;
        limited += (scaled >= 32767.5f) + (scaled < -32768.5f);
        out[i] = (int16_t)(scaled == scaled ? value : 0);
    }
    return (uint32_t)limited;
}

static void block_s16(const struct output *output, const float *left, const float *right, uint32_t count, uint64_t frame,
                      int16_t *restrict out, struct output_meter *meter)
{
    float dither[BLOCK] = {0}, mixed[BLOCK];
    int16_t first[BLOCK], second[BLOCK];
    const bool stereo = output->channels == 2;
    if (!stereo) {
        mix_down(left, right, count, mixed);
        left = right = mixed;
    }
    int32_t peak = peak_bits(left, count), other = stereo ? peak_bits(right, count) : 0;
    if (peak == 0 && other == 0) {
        memset(out, 0, count * output->channels * sizeof *out);
        return;
    }
    raise_peak(meter, peak > other ? peak : other);
    if (output->dither)
        triangular(frame, 0, left, right, count, dither);
    meter->clipped += quantize(left, dither, count, stereo ? first : out);
    if (!stereo)
        return;
    if (output->dither)
        triangular(frame, 1, left, right, count, dither);
    meter->clipped += quantize(right, dither, count, second);
    for (size_t i = 0; i < count; i++) {
        out[2 * i] = first[i];
        out[2 * i + 1] = second[i];
    }
}

static void lanes_s16(const struct output *output, const float *left, const float *right, uint32_t frames, uint64_t frame,
                      int16_t *restrict out, struct output_meter *meter)
{
    for (uint32_t done = 0; done < frames; done += BLOCK) {
        uint32_t count = frames - done < BLOCK ? frames - done : BLOCK;
        block_s16(output, left + done, right + done, count, frame + done, out + done * output->channels, meter);
    }
}

/* ---- float ---------------------------------------------------------------------- */

static void lanes_f32(const struct output *output, const float *left, const float *right, uint32_t frames, float *restrict out,
                      struct output_meter *meter)
{
    if (output->channels != 2) {
        mix_down(left, right, frames, out);
        raise_peak(meter, peak_bits(out, frames));
        return;
    }
    raise_peak(meter, peak_bits(left, frames));
    raise_peak(meter, peak_bits(right, frames));
    for (size_t i = 0; i < frames; i++) {
        out[2 * i] = left[i];
        out[2 * i + 1] = right[i];
    }
}

#endif
