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

#include "fmath.h"

enum { BLOCK = 64, FRACTION = 32 };

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
    const double one = 4294967296.0; /* 2^FRACTION */
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

/* Below -140 dBFS is silence; what is no number or absurd is kept out of the loop. */
static float gated(float x)
{
    float square = x * x;
    return square > 1e-14f && square < 1e12f ? x : 0.0f;
}

FX_INLINE bool gate(float *restrict out, const float *restrict in, uint32_t count)
{
    int sound = 0;
    for (uint32_t k = 0; k < count; k++) {
        float square = in[k] * in[k];
        int keep = (square > 1e-14f) & (square < 1e12f);
        out[k] = keep ? in[k] : 0.0f;
        sound |= keep;
    }
    return sound != 0;
}

/* Four-point, third-order Hermite between the second and the third tap. The delay's FRACTION counts back in time. */
FX_INLINE void hermite(float *restrict out, const float *restrict taps, uint32_t fraction, uint32_t step, uint32_t count)
{
    for (uint32_t k = 0; k < count; k++) {
        float t = 1.0f - (float)(int32_t)((fraction + step * k) >> 8) * (1.0f / 16777216.0f);
        float a = taps[k], b = taps[k + 1], c = taps[k + 2], d = taps[k + 3];
        float slope = 0.5f * (c - a);
        float square = a - 2.5f * b + 2.0f * c - 0.5f * d;
        float cube = 0.5f * (d - a) + 1.5f * (b - c);
        out[k] = ((cube * t + square) * t + slope) * t + b;
    }
}

/* Frames, of at most COUNT, for which the whole part of the delay stays as it is now. */
static uint32_t steady(int64_t delay, int64_t step, uint32_t count)
{
    int64_t fraction = delay & (((int64_t)1 << FRACTION) - 1);
    int64_t room = step > 0 ? (((int64_t)1 << FRACTION) - 1 - fraction) : fraction;
    int64_t size = step > 0 ? step : -step;
    if (size * count <= room)
        return count;
    return (uint32_t)(room / size) + 1;
}

/* The delayed sound. The delay moves slowly, so that most blocks read one or two runs of neighbours. */
FX_INLINE void read_line(const struct chorus *chorus, struct side *side, float *out, uint32_t count)
{
    for (uint32_t k = 0; k < count;) {
        uint32_t whole = (uint32_t)(side->delay_fixed >> FRACTION);
        uint32_t run = steady(side->delay_fixed, side->delay_step, count - k);
        hermite(out + k, side->data + ((chorus->at + k - whole - 2) & chorus->mask), (uint32_t)side->delay_fixed,
                (uint32_t)side->delay_step, run);
        side->delay_fixed += side->delay_step * run;
        k += run;
    }
}

FX_INLINE void feed(const struct chorus *chorus, float *restrict line, const float *restrict in, const float *restrict wet,
                 float *restrict out, uint32_t count)
{
    float feedback = chorus->feedback, feedback_step = chorus->feedback_step;
    float level = chorus->level, level_step = chorus->level_step;
    for (uint32_t k = 0; k < count; k++) {
        float place = (float)(int32_t)(chorus->place + k);
        line[k] = in[k] + wet[k] * (feedback + feedback_step * place);
        out[k] += wet[k] * (level + level_step * place);
    }
}

FX_INLINE float peak_of(const float *x, uint32_t count, float peak)
{
    for (uint32_t k = 0; k < count; k++) {
        float size = x[k] < 0 ? -x[k] : x[k];
        peak = size > peak ? size : peak;
    }
    return peak;
}

/* One side, COUNT frames of one block. */
FX_INLINE void run_side(struct chorus *chorus, struct side *side, const float *in, float *out, uint32_t count)
{
    float dry[BLOCK], wet[BLOCK], *line = side->data + chorus->at;
    bool sound = gate(dry, in, count);
    read_line(chorus, side, wet, count);
    feed(chorus, line, dry, wet, out, count);
    if (chorus->at < 2 * BLOCK)
        for (uint32_t k = 0; k < count; k++)
            line[chorus->mask + 1 + k] = line[k];
    chorus->heard = chorus->heard || sound;
    if (!chorus->heard)
        chorus->peak = peak_of(line, count, chorus->peak);
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

FX_INLINE void process(struct chorus *chorus, const float *in_left, const float *in_right, float *out_left, float *out_right,
                    uint32_t frames)
{
    const float *const in[2] = {in_left, in_right};
    float *const out[2] = {out_left, out_right};
    for (uint32_t from = 0; from < frames;) {
        if (chorus->asleep) {
            while (from < frames && gated(in_left[from]) == 0.0f && gated(in_right[from]) == 0.0f)
                from++;
            if (from == frames)
                return;
            chorus->asleep = false;
        }
        if (chorus->place == 0)
            next_block(chorus);
        uint32_t left = BLOCK - chorus->place, count = frames - from < left ? frames - from : left;
        for (int i = 0; i < 2; i++)
            run_side(chorus, &chorus->sides[i], in[i] + from, out[i] + from, count);
        chorus->at = (chorus->at + count) & chorus->mask;
        chorus->place += count;
        from += count;
        if (chorus->place == BLOCK)
            end_block(chorus);
    }
}

void chorus_process(struct chorus *chorus, const float *in_left, const float *in_right, float *out_left, float *out_right, uint32_t frames)
{
    process(chorus, in_left, in_right, out_left, out_right, frames);
}

#if FX_AVX2
FX_TARGET void chorus_process_avx2(struct chorus *chorus, const float *in_left, const float *in_right, float *out_left, float *out_right, uint32_t frames)
{
    process(chorus, in_left, in_right, out_left, out_right, frames);
}
#endif

bool chorus_idle(const struct chorus *chorus) { return chorus->asleep; }

void chorus_clear(struct chorus *chorus)
{
    go_to_sleep(chorus);
    chorus->cosine = 1.0;
    chorus->sine = 0.0;
    reach_targets(chorus);
}
