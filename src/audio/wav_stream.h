/* SPDX-License-Identifier: MIT */
/*
 * wav_stream.h - the head of a WAV whose length is not known and cannot be
 * filled in later, because it goes down a pipe.
 *
 * Both lengths say FFFFFFFF, which readers take as "until the end" (sox,
 * ffmpeg and libsndfile do). libsndfile itself writes lengths of 0 there.
 */
#ifndef DMUS_AUDIO_WAV_STREAM_H
#define DMUS_AUDIO_WAV_STREAM_H

#include <stddef.h>
#include <stdint.h>

#include "output.h"

/* Head for CONFIG's rate, channels, format and tags into OUT; returns its size, always even. Tags longer than 1000
 * bytes are cut. CAPACITY must be at least WAV_STREAM_HEAD. */
#define WAV_STREAM_HEAD 4096
size_t wav_stream_head(const struct audio_config *config, uint8_t *out);

/* Pack samples in place as they stand in the file: little-endian s16, s24 (from the top of int32_t) or f32.
 * Returns the bytes. COUNT in samples. */
size_t wav_stream_pack(enum sample_format format, void *samples, size_t count);

#endif
