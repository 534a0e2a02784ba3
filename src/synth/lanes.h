/* SPDX-License-Identifier: MIT */
/*
 * lanes.h - eight voices side by side: filter, envelope, gain, pan, sends and
 * mix of what the oscillators left in a buffer per voice.
 *
 * Order of operations per frame and lane, to be kept by every kernel:
 *     if filter:  d = (b2*d + k*x) - q*y;  y = y + d;  s = y       (else s = x)
 *     s = s*e;  e = e*m + a
 *     l = s*left;  r = s*right
 *     mix_left += l;  mix_right += r;  reverb += l*reverb ...;  chorus += ...
 *     every ramped value += its slope    (left and right: if RAMP; sends: if RAMP_SENDS; k, q, b2: if SWEEP)
 * and before that, where a part of the cell begins, k, q and b2 of lanes on a path
 * go to where its point says, with new slopes.
 * That filter is the all-pole prototype 1/(1 + b1/z + b2/z^2) with q = 1+b1+b2
 * written on position and velocity, so that rounding cannot move its DC gain
 * k/q or its cutoff however low that is.
 *
 * Internal to the engine; render side.
 */
#ifndef DMUS_SYNTH_LANES_H
#define DMUS_SYNTH_LANES_H

#include <stdbool.h>
#include <stdint.h>

#include "voice.h"

#define LANES 8u

struct lanes {
    _Alignas(64) float left[LANES]; /* the two sides side by side, as in the mix */
    float right[LANES];
    float left_slope[LANES], right_slope[LANES];
    float e[LANES], m[LANES], a[LANES];
    float reverb[LANES], reverb_slope[LANES];
    float chorus[LANES], chorus_slope[LANES];
    float k[LANES], k_slope[LANES];
    float q[LANES], q_slope[LANES];
    float b2[LANES], b2_slope[LANES];
    float y[LANES], d[LANES];
    uint32_t filter[LANES]; /* all ones or zero */
};

#define PATH_PARTS 4u /* of a cell */
#define PATH_FRAMES (MIXER_GRID / PATH_PARTS)

/* Where the coefficients of fast filters are when a part of the cell begins, and their slopes in it */
struct path_point {
    _Alignas(32) float k[LANES];
    float k_slope[LANES];
    float q[LANES], q_slope[LANES];
    float b2[LANES], b2_slope[LANES];
};

/* The first part needs none: struct lanes says where a cell begins. */
struct lanes_path {
    _Alignas(64) struct path_point point[PATH_PARTS - 1];
    uint32_t on[LANES]; /* all ones: the lane follows it */
};

enum mix_bus {
    BUS_LEFT,
    BUS_RIGHT,
    BUS_REVERB_LEFT,
    BUS_REVERB_RIGHT,
    BUS_CHORUS_LEFT,
    BUS_CHORUS_RIGHT,
    BUS_COUNT
};

/* One span of at most MIXER_GRID frames, summed over groups but not yet over lanes. */
struct mix {
    _Alignas(64) float row[BUS_COUNT / 2][MIXER_GRID][2][LANES]; /* left and right of each pair of buses */
};

/* Lanes of frame I on BUS */
static inline float *mix_lanes(struct mix *mix, unsigned bus, uint32_t i)
{
    return mix->row[bus / 2][i][bus % 2];
}

#define LANES_FILTER 1u /* some lane is filtered */
#define LANES_REVERB 2u /* some lane sends */
#define LANES_CHORUS 4u
#define LANES_RAMP 8u   /* some slope of gains is not zero; without it none is looked at */
#define LANES_SWEEP 16u /* the same of the filter's slopes */
#define LANES_RAMP_SENDS 64u /* the same of those of sends */
#define LANES_FRESH 32u /* the mix begins with these groups: what stands in the rows of their buses counts as zero */

#define LANES_GROUPS 4u /* that a kernel takes side by side */

/* The paths of the groups that a kernel takes, and the place in the cell of the span's first frame */
struct lanes_paths {
    const struct lanes_path *of[LANES_GROUPS];
    uint32_t cell_pos;
};

/* Whether frame I begins a part that has a point; its number to POINT */
static inline bool path_point_at(const struct lanes_paths *paths, uint32_t i, uint32_t *point)
{
    const uint32_t at = paths->cell_pos + i;
    *point = at / PATH_FRAMES - 1;
    return at % PATH_FRAMES == 0 && at != 0;
}

/* The frame after I from which on the next part's coefficients are used */
static inline uint32_t path_part_end(const struct lanes_paths *paths, uint32_t i)
{
    return i + PATH_FRAMES - (paths->cell_pos + i) % PATH_FRAMES;
}

/* Frames FIRST .. FIRST+COUNT of the span: X (lane by lane) to MIX. 1 .. LANES_GROUPS groups, the lanes of number g at X + g*LANES:
 * as one group after the other, but a filter's steps wait for each other, and more groups fill the gaps. The rows of X are read
 * up to the next multiple of 16 frames. PATHS: NULL, if no lane is on one; else SWEEP is among the features, and FILTER. */
typedef void lanes_fn(struct lanes *const *group, uint32_t groups, const float (*x)[MIXER_GRID], struct mix *mix, uint32_t first,
                      uint32_t count, unsigned features, const struct lanes_paths *paths);

/* RUN(..., features) once for each set of features that kernels are made for; a wider set changes no bit, as what it adds is
 * zero. */
static inline unsigned lanes_variant(unsigned features)
{
    if (features & LANES_CHORUS)
        features |= LANES_REVERB;
    if (!(features & LANES_FILTER))
        features &= ~LANES_SWEEP;
    if (!(features & LANES_REVERB))
        features &= ~LANES_RAMP_SENDS;
    if (features & LANES_RAMP_SENDS)
        features |= LANES_RAMP;
    return features & ~LANES_FRESH;
}

/* Whether kernels of these features add to the buses of PAIR */
static inline bool lanes_use(unsigned features, unsigned pair)
{
    static const unsigned needs[BUS_COUNT / 2] = {0, LANES_REVERB | LANES_CHORUS, LANES_CHORUS};
    return !needs[pair] || (features & needs[pair]) != 0;
}

/* Frames FIRST .. FIRST+COUNT of the buses that they add to: nothing */
static inline void mix_clear(struct mix *mix, uint32_t first, uint32_t count, unsigned features)
{
    for (unsigned pair = 0; pair < BUS_COUNT / 2; pair++)
        for (uint32_t i = first; lanes_use(features, pair) && i < first + count; i++)
            for (unsigned n = 0; n < 2 * LANES; n++)
                mix->row[pair][i][n / LANES][n % LANES] = 0.0f;
}

#define LANES_CASE_(run, f, ...) \
    case (f): \
        run(__VA_ARGS__, (f)); \
        break; \
    case (f) | LANES_RAMP: \
        run(__VA_ARGS__, (f) | LANES_RAMP); \
        break;
#define LANES_SEND_CASE_(run, f, ...) \
    LANES_CASE_(run, f, __VA_ARGS__) \
    case (f) | LANES_RAMP | LANES_RAMP_SENDS: \
        run(__VA_ARGS__, (f) | LANES_RAMP | LANES_RAMP_SENDS); \
        break;
#define LANES_SENDS_(run, f, ...) \
    LANES_CASE_(run, f, __VA_ARGS__) \
    LANES_SEND_CASE_(run, (f) | LANES_REVERB, __VA_ARGS__) \
    LANES_SEND_CASE_(run, (f) | LANES_REVERB | LANES_CHORUS, __VA_ARGS__)
#define LANES_DISPATCH(run, features, ...) \
    switch (lanes_variant(features)) { \
        LANES_SENDS_(run, 0u, __VA_ARGS__) \
        LANES_SENDS_(run, LANES_FILTER, __VA_ARGS__) \
        LANES_SENDS_(run, LANES_FILTER | LANES_SWEEP, __VA_ARGS__) \
    default: \
        break; \
    }

/* left[i], right[i] = ((0+4)+(2+6)) + ((1+5)+(3+7)) of the lanes of row i */
typedef void lanes_sum_fn(const float (*rows)[2][LANES], float *left, float *right, uint32_t count);

lanes_fn lanes_c;
lanes_sum_fn lanes_sum_c;

#endif
