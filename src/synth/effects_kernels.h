/* SPDX-License-Identifier: MIT */
/*
 * effects_kernels.h - the inner loops of reverb and chorus, one set per
 * instruction set: plain C in effects_kernels.c, vectors in effects_vector.h.
 * Every set gives the bits of the plain C one (tests/synth/test_effects.c).
 *
 * COUNT: 1..FX_BLOCK frames. Where a comment says "rounded up",
 * a kernel may read or write up to the next multiple of FX_ROUND; what it
 * writes there means nothing. Internal to the engine.
 */
#ifndef DMUS_SYNTH_EFFECTS_KERNELS_H
#define DMUS_SYNTH_EFFECTS_KERNELS_H

#include <stdbool.h>
#include <stdint.h>

enum { FX_BLOCK = 64, FX_ROUND = 16, FX_LINES = 16, FX_DIFFUSERS = 3, FX_RINGS = FX_LINES + 2 * FX_DIFFUSERS };

/* Input below -140 dBFS is silence; what is no number or absurd (beyond 120 dBFS) is kept out of the loops. Squares. */
#define FX_GATE_LOW 1e-14f
#define FX_GATE_HIGH 1e12f

/* Added to the input of the reverb's network: no sum or filter state in it ever becomes denormal. -360 dB. */
#define FX_FLOOR 1e-18f

#define FX_EIGHTH 0.35355339f /* 1/sqrt(8): one side goes into 8 of the reverb's lines */

extern const float fx_places[FX_BLOCK]; /* 0, 1, 2 ...; to 64 bytes */

/* What moves along a straight line within a block of the reverb: at its first frame, and per frame */
struct reverb_ramps {
    float level, level_step; /* of the output */
    float cosine, cosine_step, sine, sine_step; /* of the rotation */
};

/* One block of the reverb, or the end of one and the beginning of the next. Input: gate, then allpass after allpass on each side,
 * v = x + gain * z, x = z - gain * v. Lines: what comes out of them goes through their filters, y = x + pole * y, and the matrix,
 * back into them and out. */
struct reverb_net {
    _Alignas(64) float pole[FX_LINES], gain[FX_LINES]; /* gain: times y, the matrix's share in it */
    float state[FX_LINES];               /* y */
    float peak[FX_LINES];                /* where there is no sound and was none: raised to the largest |y| */
    float diffused[2][FX_BLOCK];         /* the input after the allpasses, x * FX_EIGHTH + FX_FLOOR; rounded up */
    float diffusion[2][FX_DIFFUSERS];    /* gains of the allpasses */
    float *rings;                        /* memory of the delays; places in it: */
    int32_t from[FX_RINGS];              /* of lines, left and right allpasses what comes out; rounded up ... */
    int32_t to[FX_RINGS];                /* ... and goes in; rounded up */
    const float *in[2];
    float *out[2];                       /* the effect is added */
    float place;                         /* of the first frame in its block */
    uint32_t border;                     /* frames of that block, the others begin the next; at least COUNT: all are of one block */
    struct reverb_ramps ramps[2];        /* of the two */
    bool heard; /* there was sound in this block before, or there is in both */
};

static inline const float *fx_from(const struct reverb_net *net, int ring) { return net->rings + net->from[ring]; }
static inline float *fx_to(const struct reverb_net *net, int ring) { return net->rings + net->to[ring]; }

/* The line into which row ROW of the matrix goes. In order, the matrix would be symmetric and its own inverse: the tail's strongest
 * likeness to itself is 0.17 in this order and was 0.21 in that one (tests/synth/test_effects.c). */
#define FX_TARGET(row) ((5 * (row) + 3) % FX_LINES)

/* What moves along a straight line within a block of the chorus */
struct chorus_ramps {
    int64_t delay, step; /* of the first frame here, and per frame: frames, 32.32 */
    float place;         /* of the first frame in its block */
    float feedback, feedback_step, level, level_step; /* at place 0, and per frame */
};

/* One side of the chorus, one block or the end of one and the beginning of the next */
struct chorus_line {
    const float *in;
    const float *data; /* the ring ... */
    uint32_t at, mask; /* ... where the first frame goes in it, and its size less one */
    float *to;         /* data + at, rounded up */
    float *out;        /* the effect is added */
    uint32_t border;   /* frames of the first block, the others begin the next; at least COUNT: all are of one block */
    struct chorus_ramps ramps[2]; /* of the two */
};

struct effects_kernels {
    bool (*reverb)(struct reverb_net *net, uint32_t count); /* whether there is sound */
    bool (*chorus_line)(const struct chorus_line *line, uint32_t count); /* whether there is sound */
};

extern const struct effects_kernels effects_c, effects_sse2, effects_sse41, effects_avx2, effects_avx512, effects_neon;

/* The larger one of PEAK and |X| */
static inline float fx_louder(float peak, float x)
{
    float size = x < 0 ? -x : x;
    return size > peak ? size : peak;
}

/* Whether the gate leaves any of the two */
static inline bool fx_audible(float left, float right)
{
    float square = left * left, other = right * right;
    return (square > FX_GATE_LOW && square < FX_GATE_HIGH) || (other > FX_GATE_LOW && other < FX_GATE_HIGH);
}

/* Frames, of at most COUNT, for which the whole part of the delay stays as it is now. */
static inline uint32_t chorus_steady(int64_t delay, int64_t step, uint32_t count)
{
    int64_t fraction = delay & INT64_C(0xFFFFFFFF);
    int64_t room = step > 0 ? INT64_C(0xFFFFFFFF) - fraction : fraction;
    int64_t size = step > 0 ? step : -step;
    if (size * count <= room)
        return count;
    return (uint32_t)(room / size) + 1;
}

/* First of the four taps of the frame K on from the first one */
static inline const float *chorus_taps(const struct chorus_line *line, int64_t delay, uint32_t k)
{
    return line->data + ((line->at + k - (uint32_t)(delay >> 32) - 2) & line->mask);
}

#endif
