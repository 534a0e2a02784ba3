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
 *     every ramped value += its slope    (left and right, sends: if RAMP; k, q, b2: if SWEEP)
 * That filter is the all-pole prototype 1/(1 + b1/z + b2/z^2) with q = 1+b1+b2
 * written on position and velocity, so that rounding cannot move its DC gain
 * k/q or its cutoff however low that is.
 *
 * Internal to the engine; render side.
 */
#ifndef DMUS_SYNTH_LANES_H
#define DMUS_SYNTH_LANES_H

#include <stdint.h>

#include "voice.h"

#define LANES 8u

struct lanes {
    _Alignas(64) float e[LANES];
    float m[LANES], a[LANES];
    float left[LANES], left_slope[LANES];
    float right[LANES], right_slope[LANES];
    float reverb[LANES], reverb_slope[LANES];
    float chorus[LANES], chorus_slope[LANES];
    float k[LANES], k_slope[LANES];
    float q[LANES], q_slope[LANES];
    float b2[LANES], b2_slope[LANES];
    float y[LANES], d[LANES];
    uint32_t filter[LANES]; /* all ones or zero */
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
    _Alignas(64) float bus[BUS_COUNT][MIXER_GRID][LANES];
};

#define LANES_FILTER 1u /* some lane is filtered */
#define LANES_REVERB 2u /* some lane sends */
#define LANES_CHORUS 4u
#define LANES_RAMP 8u   /* some slope of gains or sends is not zero; without it none is looked at */
#define LANES_SWEEP 16u /* the same of the filter's slopes */

/* Frames FIRST .. FIRST+COUNT of the span: X (lane by lane) to MIX. One group, or two side by side (SECOND not NULL, its lanes
 * at X + LANES), which is as FIRST_GROUP and SECOND one after the other: a filter's steps wait for each other, and a second
 * group fills the gaps. */
typedef void lanes_fn(struct lanes *first_group, struct lanes *second, const float (*x)[MIXER_GRID], struct mix *mix,
                      uint32_t first, uint32_t count, unsigned features);

/* RUN(..., features) once for each set of features that kernels are made for; a wider set changes no bit, as what it adds is
 * zero. */
static inline unsigned lanes_variant(unsigned features)
{
    if (features & LANES_CHORUS)
        features |= LANES_REVERB;
    if (!(features & LANES_FILTER))
        features &= ~LANES_SWEEP;
    return features;
}

#define LANES_CASE_(run, f, ...) \
    case (f): \
        run(__VA_ARGS__, (f)); \
        break; \
    case (f) | LANES_RAMP: \
        run(__VA_ARGS__, (f) | LANES_RAMP); \
        break;
#define LANES_SENDS_(run, f, ...) \
    LANES_CASE_(run, f, __VA_ARGS__) \
    LANES_CASE_(run, (f) | LANES_REVERB, __VA_ARGS__) \
    LANES_CASE_(run, (f) | LANES_REVERB | LANES_CHORUS, __VA_ARGS__)
#define LANES_DISPATCH(run, features, ...) \
    switch (lanes_variant(features)) { \
        LANES_SENDS_(run, 0u, __VA_ARGS__) \
        LANES_SENDS_(run, LANES_FILTER, __VA_ARGS__) \
        LANES_SENDS_(run, LANES_FILTER | LANES_SWEEP, __VA_ARGS__) \
    default: \
        break; \
    }

/* out[i] = ((0+4)+(2+6)) + ((1+5)+(3+7)) of the lanes of row i */
typedef void lanes_sum_fn(const float (*rows)[LANES], float *out, uint32_t count);

lanes_fn lanes_c;
lanes_sum_fn lanes_sum_c;

#endif
