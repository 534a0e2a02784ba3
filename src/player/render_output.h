/* SPDX-License-Identifier: MIT */
/*
 * render_output.h - between the sink and where the sound goes: cuts out the
 * wanted part, fades an end that still sounds, measures, and hands on to a file,
 * a callback or nothing. One thread.
 */
#ifndef DMUS_PLAYER_RENDER_OUTPUT_H
#define DMUS_PLAYER_RENDER_OUTPUT_H

#include "audio/output.h"
#include "dmus/dmus.h"
#include "limiter.h"
#include "loudness.h"

struct render_output {
    struct audio_output base; /* what the sink writes to */
    struct audio_output *file; /* or */
    int (*write)(void *ctx, const void *frames, size_t count);
    void *write_ctx;
    uint32_t channels;
    bool float_samples;
    uint64_t position;        /* frames received */
    uint64_t skip, end;       /* hand on frames [skip, end) */
    uint64_t fade_begin, fade_frames; /* straight to silence over these; 0 frames: no fade */
    uint64_t written;
    bool count_clipped;       /* discarded as s24: nobody else counts */
    uint64_t clipped;
    float peak;
    struct loudness *loudness;
    struct limiter *limiter;  /* NULL: none. Float samples then, whatever is handed on */
    bool s16;                 /* with a limiter: the receiver wants 16 bits */
    struct dm_error err;      /* of the first failure */
    void *scratch;            /* for faded frames */
    size_t scratch_bytes;
};

/* Make the way to OUTPUT (checked before) for CHANNELS at RATE. A file is opened, but appears only with commit. COMMENT for its
 * tags, may be NULL. Errors of the file output; DM_ERR_UNSUPPORTED. */
enum dm_status render_output_open(struct render_output *out, const struct dmus_output *output, const char *title,
                                  const char *comment, uint32_t rate, uint32_t channels, bool loudness,
                                  bool limiter, struct dm_error *err);
/* No more frames come: hand on what the limiter holds back. */
enum dm_status render_output_finish(struct render_output *out, struct dm_error *err);
/* Samples that the file had to limit so far, or would have had to. */
uint64_t render_output_clipped(const struct render_output *out);
/* End: COMMIT publishes the file, otherwise no trace is left. Frees what belongs to OUT but for its figures. */
enum dm_status render_output_close(struct render_output *out, bool commit, struct dm_error *err);

#endif
