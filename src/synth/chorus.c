/* SPDX-License-Identifier: MIT */
/*
 * Chorus: one modulated delay line with feedback per side, after
 *   J. Dattorro, "Effect design, part 2: delay-line modulation and chorus",
 *   JAES 45(10), 1997,
 * read with a four-point Hermite polynomial. The two sides' oscillators stand a
 * quarter of a turn apart.
 *
 * What changes slowly changes on a grid of 64 frames; within it the delay moves
 * in a straight line, in fixed point, so that the cut of the stream has no
 * influence.
 */
#include "effects.h"

#include "effects_kernels.h"
#include "fmath.h"

enum { BLOCK = FX_BLOCK };

static const double least_ms = 1.5; /* delay at the near end of the swing; at low rates a block and its taps */
static const double most_depth_ms = 40.0;
static const double glide_s = 0.1;

struct side {
    float *data; /* MASK + 1 frames and a copy of the first 2 * BLOCK behind them */
    double delay;        /* frames, at the end of this block */
    int64_t delay_fixed; /* now */
    int64_t delay_step;  /* per frame */
};

struct chorus {
    double rate;
    struct side sides[2];
    uint32_t mask;
    uint32_t at;         /* where the next frame goes */
    uint32_t place;      /* in the block */
    double cosine, sine; /* of the oscillator, at the end of this block */
    double turn_cosine, turn_sine;
    double swing, next_swing; /* half of the depth in frames */
    double glide;
    float feedback, feedback_step, next_feedback;
    float level, level_step, next_level;
    uint32_t quiet; /* frames without input since the last look at the tail */
    float peak;     /* of the tail in them */
    bool asleep, heard;
};

/* ---- set-up ---- */

/* No frame of a block reads what the same block writes. */
static double least_frames(double rate)
{
    double frames = least_ms * 0.001 * rate;
    return frames > BLOCK + 3 ? frames : BLOCK + 3;
}

static uint32_t ring_size(double rate)
{
    uint32_t longest = (uint32_t)(least_frames(rate) + most_depth_ms * 0.001 * rate) + 2 * BLOCK, size = 2 * BLOCK;
    while (size < longest)
        size *= 2;
    return size;
}

size_t chorus_size(uint32_t sample_rate)
{
    return (sizeof(struct chorus) + 63) / 64 * 64 + 2 * (ring_size((double)sample_rate) + 2 * BLOCK) * sizeof(float);
}

struct chorus *chorus_init(void *memory, uint32_t sample_rate)
{
    struct chorus *chorus = memory;
    float *rings = (float *)(void *)((unsigned char *)memory + (sizeof(struct chorus) + 63) / 64 * 64);
    uint32_t size = ring_size((double)sample_rate);
    chorus->rate = (double)sample_rate;
    chorus->mask = size - 1;
    chorus->sides[0].data = rings;
    chorus->sides[1].data = rings + size + 2 * BLOCK;
    chorus->cosine = 1.0;
    chorus->glide = 1.0 - fm_exp2(-1.4426950408889634 * BLOCK / (glide_s * chorus->rate));
    chorus->asleep = true;
    chorus_set(chorus, 0.4f, 6.0f, 0.0f, 1.0f);
    return chorus;
}

static double clamped(float value, double low, double high)
{
    double x = (double)value;
    return x >= low ? (x <= high ? x : high) : low; /* NaN: low */
}

static double delay_now(const struct chorus *chorus, int side)
{
    return least_frames(chorus->rate) + chorus->swing * (1.0 + (side ? chorus->cosine : chorus->sine));
}

static void reach_targets(struct chorus *chorus)
{
    chorus->swing = chorus->next_swing;
    chorus->feedback = chorus->next_feedback;
    chorus->level = chorus->next_level;
    chorus->feedback_step = chorus->level_step = 0;
    for (int i = 0; i < 2; i++)
        chorus->sides[i].delay = delay_now(chorus, i);
}

void chorus_set(struct chorus *chorus, float rate_hz, float depth_ms, float feedback, float gain)
{
    double turns = clamped(rate_hz, 0.0, 20.0) * BLOCK / chorus->rate;
    chorus->turn_cosine = fm_cos(turns);
    chorus->turn_sine = fm_sin(turns);
    chorus->next_swing = clamped(depth_ms, 0.0, most_depth_ms) * 0.0005 * chorus->rate;
    chorus->next_feedback = (float)clamped(feedback, -0.95, 0.95);
    chorus->next_level = (float)clamped(gain, 0.0, 1000.0);
    if (chorus->asleep)
        reach_targets(chorus);
}

/* ---- once per block ---- */

/* End one block's ramp and set out for the next one's. */
static void ramp(float *value, float *step, float target, float share)
{
    *value += *step * BLOCK;
    *step = (target - *value) * (share / BLOCK);
    if (*value + *step * BLOCK == *value) {
        *value = target;
        *step = 0;
    }
}

static void next_block(struct chorus *chorus)
{
    const double one = 4294967296.0; /* 2^32 */
    double cosine = chorus->cosine * chorus->turn_cosine - chorus->sine * chorus->turn_sine;
    double sine = chorus->cosine * chorus->turn_sine + chorus->sine * chorus->turn_cosine;
    /* One Newton step back to the unit circle, so that hours of rounding do not add up. */
    double fix = 1.5 - 0.5 * (cosine * cosine + sine * sine);
    chorus->cosine = cosine * fix;
    chorus->sine = sine * fix;

    chorus->swing += (chorus->next_swing - chorus->swing) * chorus->glide;
    ramp(&chorus->feedback, &chorus->feedback_step, chorus->next_feedback, (float)chorus->glide);
    ramp(&chorus->level, &chorus->level_step, chorus->next_level, (float)chorus->glide);
    for (int i = 0; i < 2; i++) {
        struct side *side = &chorus->sides[i];
        double from = side->delay;
        side->delay = delay_now(chorus, i);
        side->delay_fixed = (int64_t)(from * one);
        side->delay_step = (int64_t)((side->delay - from) * (one / BLOCK));
    }
}

/* ---- frames ---- */

/* One side, COUNT frames of one block. The kernel writes beyond them, rounded up: what comes next, or what is older than any delay. */
static void run_side(struct chorus *chorus, const struct effects_kernels *kernels, struct side *side, const float *in, float *out,
                     uint32_t count)
{
    float *to = side->data + chorus->at;
    struct chorus_line line = {.in = in, .data = side->data, .at = chorus->at, .mask = chorus->mask, .to = to, .out = out,
                               .delay = side->delay_fixed, .step = side->delay_step, .place = (float)(int32_t)chorus->place,
                               .feedback = chorus->feedback, .feedback_step = chorus->feedback_step,
                               .level = chorus->level, .level_step = chorus->level_step};
    chorus->heard = kernels->chorus_line(&line, count) || chorus->heard;
    side->delay_fixed += side->delay_step * count;
    if (chorus->at < 2 * BLOCK)
        for (uint32_t k = 0; k < count; k++)
            to[chorus->mask + 1 + k] = to[k];
    for (uint32_t k = 0; !chorus->heard && k < count; k++)
        chorus->peak = fx_louder(chorus->peak, to[k]);
}

/* ---- waking and sleeping ---- */

static void go_to_sleep(struct chorus *chorus)
{
    for (int i = 0; i < 2; i++)
        for (uint32_t k = 0; k < chorus->mask + 1 + 2 * BLOCK; k++)
            chorus->sides[i].data[k] = 0;
    chorus->at = 0;
    chorus->place = 0;
    chorus->quiet = 0;
    chorus->peak = 0;
    chorus->heard = false;
    chorus->asleep = true;
    reach_targets(chorus);
}

static void end_block(struct chorus *chorus)
{
    chorus->place = 0;
    chorus->quiet += BLOCK;
    if (chorus->heard) {
        chorus->quiet = 0;
        chorus->peak = 0;
    } else if (chorus->quiet > chorus->mask) {
        float level = chorus->next_level > 1e-3f ? chorus->next_level : 1e-3f;
        if (chorus->peak * level < 1e-5f) {
            go_to_sleep(chorus);
            return;
        }
        chorus->quiet = 0;
        chorus->peak = 0;
    }
    chorus->heard = false;
}

void chorus_process(struct chorus *chorus, const struct effects_kernels *kernels, const float *in_left, const float *in_right,
                    float *out_left, float *out_right, uint32_t frames)
{
    const float *const in[2] = {in_left, in_right};
    float *const out[2] = {out_left, out_right};
    for (uint32_t from = 0; from < frames;) {
        if (chorus->asleep) {
            while (from < frames && !fx_audible(in_left[from], in_right[from]))
                from++;
            if (from == frames)
                return;
            chorus->asleep = false;
        }
        if (chorus->place == 0)
            next_block(chorus);
        uint32_t left = BLOCK - chorus->place, count = frames - from < left ? frames - from : left;
        for (int i = 0; i < 2; i++)
            run_side(chorus, kernels, &chorus->sides[i], in[i] + from, out[i] + from, count);
        chorus->at = (chorus->at + count) & chorus->mask;
        chorus->place += count;
        from += count;
        if (chorus->place == BLOCK)
            end_block(chorus);
    }
}

bool chorus_idle(const struct chorus *chorus) { return chorus->asleep; }

void chorus_clear(struct chorus *chorus)
{
    go_to_sleep(chorus);
    chorus->cosine = 1.0;
    chorus->sine = 0.0;
    reach_targets(chorus);
}
