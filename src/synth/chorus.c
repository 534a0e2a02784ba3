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
 * influence. While there is sound, the end of one block and the beginning of the next are one
 * piece of work: the grid is hardly ever the caller's.
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
    struct chorus_ramps ramps; /* of this block from now on */
};

struct chorus {
    double rate;
    struct side sides[2];
    uint32_t mask;
    uint32_t at;         /* where the next frame goes; divided by BLOCK, it leaves the caller's place */
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
        side->ramps = (struct chorus_ramps){.delay = (int64_t)(from * one), .step = (int64_t)((side->delay - from) * (one / BLOCK)),
                                            .feedback = chorus->feedback, .feedback_step = chorus->feedback_step,
                                            .level = chorus->level, .level_step = chorus->level_step};
    }
}

/* ---- frames ---- */

/* One side, COUNT frames; if BORDER is less, those after it are of the next block, and its ramps are the side's. The kernel writes
 * beyond them, rounded up: what comes next, or what is older than any delay. */
static void run_side(struct chorus *chorus, const struct effects_kernels *kernels, struct side *side,
                     const struct chorus_ramps *ramps, const float *in, float *out, uint32_t border, uint32_t count)
{
    float *to = side->data + chorus->at;
    const struct chorus_line line = {.in = in, .data = side->data, .at = chorus->at, .mask = chorus->mask, .to = to, .out = out,
                                     .border = border, .ramps = {*ramps, side->ramps}};
    chorus->heard = kernels->chorus_line(&line, count) || chorus->heard;
    if (chorus->at < 2 * BLOCK)
        for (uint32_t k = 0; k < count; k++)
            to[chorus->mask + 1 + k] = to[k];
    for (uint32_t k = 0; !chorus->heard && k < count; k++)
        chorus->peak = fx_louder(chorus->peak, to[k]);
}

/* COUNT frames of a block have passed. */
static void move_on(struct chorus *chorus, uint32_t count)
{
    chorus->place += count;
    for (int i = 0; i < 2; i++) {
        struct chorus_ramps *ramps = &chorus->sides[i].ramps;
        ramps->delay += ramps->step * count;
        ramps->place += (float)(int32_t)count;
    }
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

/* COUNT frames, all in this block */
static void run_one(struct chorus *chorus, const struct effects_kernels *kernels, const float *const in[2], float *const out[2],
                    uint32_t from, uint32_t count)
{
    if (chorus->place == 0)
        next_block(chorus);
    for (int i = 0; i < 2; i++)
        run_side(chorus, kernels, &chorus->sides[i], &chorus->sides[i].ramps, in[i] + from, out[i] + from, BLOCK, count);
    chorus->at = (chorus->at + count) & chorus->mask;
    move_on(chorus, count);
    if (chorus->place == BLOCK)
        end_block(chorus);
}

/* COUNT frames, BORDER of them in this block and the others in the next; with sound in both, so that the tail is not looked at */
static void run_two(struct chorus *chorus, const struct effects_kernels *kernels, const float *const in[2], float *const out[2],
                    uint32_t from, uint32_t border, uint32_t count)
{
    const struct chorus_ramps ramps[2] = {chorus->sides[0].ramps, chorus->sides[1].ramps};
    chorus->heard = true;
    end_block(chorus);
    next_block(chorus);
    chorus->heard = true;
    for (int i = 0; i < 2; i++)
        run_side(chorus, kernels, &chorus->sides[i], &ramps[i], in[i] + from, out[i] + from, border, count);
    chorus->at = (chorus->at + count) & chorus->mask;
    move_on(chorus, count - border);
}

void chorus_process(struct chorus *chorus, const struct effects_kernels *kernels, const float *in_left, const float *in_right,
                    float *out_left, float *out_right, uint32_t frames, uint32_t place)
{
    const float *const in[2] = {in_left, in_right};
    float *const out[2] = {out_left, out_right};
    for (uint32_t from = 0; from < frames;) {
        if (chorus->asleep) {
            while (from < frames && !fx_audible(in_left[from], in_right[from]))
                from++;
            if (from == frames)
                return;
            chorus->at = (place + from) % BLOCK;
            chorus->asleep = false;
        }
        const uint32_t border = BLOCK - chorus->place, room = BLOCK - chorus->at % BLOCK;
        uint32_t count = frames - from < room ? frames - from : room;
        if (count > border && fx_audible(in_left[from], in_right[from]) &&
            fx_audible(in_left[from + border], in_right[from + border])) {
            run_two(chorus, kernels, in, out, from, border, count);
        } else {
            count = count < border ? count : border;
            run_one(chorus, kernels, in, out, from, count);
        }
        from += count;
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
