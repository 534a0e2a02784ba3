/* SPDX-License-Identifier: MIT */
/*
 * stream.h - a ring of buffers that the host fills again and again while a
 * voice plays through them (download type 5, IDirectMusicSynth8::Refresh).
 *
 * A buffer is full from its download on. The voice plays the buffers in the
 * order of the articulation, round and round, and gives each back - empty - at
 * the first control point past its end; samples that the interpolation still
 * wants are kept aside. Refresh makes it full again. A voice that finds an empty
 * buffer waits in silence and goes on with the first sample of it. The buffer that
 * was refreshed as the last ends the voice.
 *
 * The samples stay in the host's memory, little-endian at any address.
 *
 * Threads: the control side turns empty into full, the render side full into
 * empty; each only touches a buffer that is its own. Internal to the engine.
 */
#ifndef DMUS_SYNTH_STREAM_H
#define DMUS_SYNTH_STREAM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "interp.h"

enum { STREAM_EMPTY, STREAM_FULL, STREAM_LAST };

struct stream_buffer {
    const uint8_t *data;
    uint32_t room;      /* bytes in the image for data */
    atomic_uint frames; /* valid while not empty */
    atomic_uint state;  /* STREAM_* */
};

struct stream {
    uint32_t count; /* >= 1 */
    bool eight_bit;
    /* render side, while a voice plays */
    uint32_t at;       /* buffer that position 0 lies in */
    bool waiting;      /* no data: silence */
    bool last;         /* the end is known: that of AVAILABLE */
    bool ended;        /* the last buffer was given back */
    int64_t available; /* frames in full buffers from AT on */
    uint64_t base;     /* frames of the stream before position 0 */
    uint64_t reached;  /* frames of the stream played, as of the last update */
    int16_t before[INTERP_TAPS_MAX]; /* the samples before position 0, newest last */
    struct stream_buffer *buffer[]; /* COUNT */
};

/* A voice starts at the first sample of the first buffer. [render] */
void stream_begin(struct stream *stream);

/* Once per control point: give back what *POSITION (32.32, relative to the buffer it lies in) has passed, and look what has
 * come. Returns the position past which there is no sample, INT64_MAX / 2 while that is open. [render] */
int64_t stream_update(struct stream *stream, int64_t *position);

/* COUNT samples from FIRST on into OUT; zero where there are none. [render] */
void stream_read(const struct stream *stream, int64_t first, uint32_t count, int16_t *out);

#endif
