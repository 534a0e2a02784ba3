/* SPDX-License-Identifier: MIT */
/*
 * convert.h - samples from the engine's formats to those of files.
 *
 * Full scale is 1.0 in float and 2^15 or 2^23 in integers. Float to integer:
 * nearest, ties to even, limited to the range; no dither. What is limited is
 * counted; NaN becomes 0 and counts too. In IEEE arithmetic, same bits
 * everywhere. No state, any thread, real-time safe.
 */
#ifndef DMUS_AUDIO_CONVERT_H
#define DMUS_AUDIO_CONVERT_H

#include <stddef.h>
#include <stdint.h>

/* Each returns how many samples were limited. COUNT is in samples, not frames. */
size_t convert_f32_s16(int16_t *out, const float *in, size_t count);
/* 24 bits at the top of 32, the low byte 0: libsndfile's way to hand over 24-bit samples. */
size_t convert_f32_s24(int32_t *out, const float *in, size_t count);
void convert_s16_s24(int32_t *out, const int16_t *in, size_t count);
void convert_s16_f32(float *out, const int16_t *in, size_t count);

#endif
