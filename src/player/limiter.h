/* SPDX-License-Identifier: MIT */
/*
 * limiter.h - a look-ahead limiter for finished sound: peaks are lowered
 * before they come, so that nothing is clipped and nothing is bent.
 *
 * The gain is the smallest that any frame of the next LOOK_AHEAD asks for,
 * let rise again by RELEASE, and averaged over the look-ahead: it reaches what
 * a peak asks for exactly when the peak comes. Both channels share it. Where
 * nothing exceeds the ceiling the gain is 1 and samples pass unchanged.
 *
 * One thread; what comes out does not depend on how the frames are cut.
 */
#ifndef DMUS_PLAYER_LIMITER_H
#define DMUS_PLAYER_LIMITER_H

#include <stddef.h>
#include <stdint.h>

#define LIMITER_LOOK_AHEAD 0.005 /* seconds */
#define LIMITER_RELEASE 0.100    /* seconds to come back by 63 % */
#define LIMITER_CEILING 0.988f   /* -0.1 dBFS */

struct limiter;

/* NULL: out of memory. CHANNELS 1 or 2, RATE in Hz. */
struct limiter *limiter_create(uint32_t channels, uint32_t rate);
void limiter_free(struct limiter *limiter); /* NULL allowed */

/* COUNT interleaved frames in; writes those that are ready to OUT, which has room for COUNT frames, and returns how many. The first
 * look-ahead of frames stays inside until more come. */
size_t limiter_process(struct limiter *limiter, const float *in, size_t count, float *out);
/* The frames that are still inside: at most MAX into OUT, returns how many; 0 when there are no more. No process after it. */
size_t limiter_drain(struct limiter *limiter, float *out, size_t max);

#endif
