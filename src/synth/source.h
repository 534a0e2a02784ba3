/* SPDX-License-Identifier: MIT */
/*
 * source.h - the stream of samples that an oscillator reads: a wave with its
 * loop unrolled. Position v of the stream is
 *     looping:  v < loop end: sample v, else the loop again and again
 *     else:     sample v, zero past the end of data
 * and, after a release loop was left in a later lap (HISTORY), positions
 * before the loop start read the loop backwards. So a loop has no seam,
 * whatever its length and the kernel's. Or a stream, which has its own rules
 * (stream.h). Internal to the engine.
 */
#ifndef DMUS_SYNTH_SOURCE_H
#define DMUS_SYNTH_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "instrument.h"

struct stream;

struct source {
    const struct wave *wave;
    struct stream *stream; /* NULL: samples come from WAVE */
    int64_t frames;
    int64_t loop_start, loop_length;
    bool looping, release_loop, history;
    bool direct;           /* 16-bit samples in memory, to be read in place */
};

void source_init(struct source *source, const struct region *region);
/* The same for a stream, of which FRAMES says where it ends. */
void source_init_stream(struct source *source, const struct wave *format, struct stream *stream);

/* Take whole laps off POSITION (frames) that a kernel reaching REACH frames back cannot tell. */
int64_t source_wrap(const struct source *source, int64_t position, int64_t reach);

/* Leave a release loop at POSITION: play on to the end of data. A loop end that the kernel, reaching REACH frames
 * ahead, already sees as loop is left in the next lap. Returns the position in the stream from now on. */
int64_t source_release(struct source *source, int64_t position, int64_t reach);

/* COUNT samples of the stream from FIRST, not of a struct stream's, to OUT; INTERP_SLACK more may be written. */
void source_copy(const struct source *source, int64_t first, uint32_t count, int16_t *out);
/* COUNT samples of the stream from FIRST: in place, or put together in SCRATCH. INTERP_SLACK more can be read, and in SCRATCH they
 * may be written. */
const int16_t *source_window(const struct source *source, int64_t first, uint32_t count, int16_t *scratch);

#endif
