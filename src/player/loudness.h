/* SPDX-License-Identifier: MIT */
/* loudness.h - integrated loudness after EBU R 128, if built with libebur128. One thread at a time. */
#ifndef DMUS_PLAYER_LOUDNESS_H
#define DMUS_PLAYER_LOUDNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loudness;

bool loudness_available(void);
/* NULL if not built in, libebur128 is not installed, or out of memory: the figure is then missing, nothing else. */
struct loudness *loudness_create(uint32_t channels, uint32_t sample_rate);
void loudness_add_f32(struct loudness *meter, const float *frames, size_t count);
void loudness_add_s16(struct loudness *meter, const int16_t *frames, size_t count);
/* LUFS, -INFINITY for silence, NAN if METER is NULL. */
double loudness_integrated(struct loudness *meter);
void loudness_free(struct loudness *meter); /* NULL allowed */

#endif
