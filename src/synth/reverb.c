/* SPDX-License-Identifier: MIT */
/*
 * Reverb: a feedback delay network of 16 lines after
 *   J.-M. Jot, A. Chaigne, "Digital delay networks for designing artificial
 *   reverberators", 90th AES Convention, 1991 (decay time and damping set per
 *   line from its length, so that all modes decay alike),
 * behind series allpass diffusers after
 *   M. R. Schroeder, "Natural sounding artificial reverberation", JAES 10(3), 1962,
 * with a Hadamard matrix that a slow rotation of four pairs of lines varies, after
 *   S. J. Schlecht, E. A. P. Habets, "Time-varying feedback matrices in feedback
 *   delay networks and their application in artificial reverberation", JASA 138(3), 2015:
 * the matrix stays orthogonal at every moment, so that the variation takes away
 * the metallic ring of fixed modes and leaves the decay time exact.
 *
 * Works in blocks of at most 64 frames, shorter than any delay, which makes
 * every loop but the one-pole filters free of recursion. Everything that changes
 * slowly changes on a grid of 64 frames counted from the wake-up; within it
 * each value is a function of its place, so that the cut of the stream has no
 * influence.
 */
#include "effects.h"

#include "fmath.h"

enum { LINES = 16, BLOCK = 64, DIFFUSERS = 3, FADE_BLOCKS = 32 };

/* Lengths at size 1 in milliseconds: spread evenly on a logarithmic scale, no two in a ratio of small numbers. */
static const double line_ms[LINES] = {31.31, 33.67, 36.19, 38.83, 41.77, 44.93, 48.23, 51.91,
                                      55.79, 59.93, 64.49, 69.31, 74.47, 80.11, 86.17, 92.63};
static const double diffuser_ms[2 * DIFFUSERS] = {3.11, 4.73, 6.17, 3.53, 4.31, 6.71};
static const double smallest_scale = 0.35; /* of the lengths at size 0 */
static const double reference_hz = 5000.0; /* where the ratio of decay times holds, as in I3DL2 */
static const double lowest_corner_hz = 1000.0; /* of the damping; a lower one would shorten the lows */
static const double rotation_hz = 0.17;
static const double glide_s = 0.1;
static const double line_glide_s = 0.3; /* slower: the lines' gains move in steps */
/* Added to the input of the network: no sum or filter state in it ever becomes denormal. -360 dB. */
static const float floor_level = 1e-18f;

struct ring {
    float *data;   /* SIZE floats and a copy of the first BLOCK behind them */
    uint32_t size; /* a multiple of BLOCK */
    uint32_t at;   /* where the next frame goes */
};

struct line {
    struct ring ring;
    uint32_t delay, old_delay, next_delay; /* frames; old: being faded out */
    float pole, gain;                      /* y = x + pole * y, then times gain */
    float next_pole, next_gain;
    float state;
};

struct diffuser {
    struct ring ring;
    uint32_t delay;
    float gain, next_gain;
};

struct reverb {
    double rate;
    struct line lines[LINES];
    struct diffuser diffusers[2 * DIFFUSERS]; /* left, right */
    uint32_t longest;   /* frames, of all lines now */
    uint32_t fade;      /* blocks of the change of lengths still to come */
    float level, level_step, next_level; /* output gain: at the start of this block, per frame, asked for */
    float glide, line_glide; /* share of the way per block */
    double cosine, sine, turn_cosine, turn_sine;
    float cos_from, cos_step, sin_from, sin_step;
    uint64_t age;       /* frames since the wake-up */
    uint32_t quiet;     /* frames without input and since the last look at the tail */
    float peak;         /* of the tail in them */
    bool asleep, heard; /* heard: input in this block */
};

struct block {
    float in[2][BLOCK];
    float x[LINES][BLOCK];
    float out[2][BLOCK];
    float cosine[BLOCK], sine[BLOCK];
    float spare[BLOCK];
};

static const float places[BLOCK] = {
    0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
    22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
    44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};
static const float silence[BLOCK];

/* ---- set-up ---- */

static uint32_t frames_of(double ms, double rate)
{
    double frames = fm_floor(ms * 0.001 * rate + 0.5);
    return frames < BLOCK ? BLOCK : (uint32_t)frames;
}

static uint32_t ring_size(double ms, double rate) { return (frames_of(ms, rate) / BLOCK + 2) * BLOCK; }

/* Lays the rings out behind the struct; with REVERB NULL only counts. Returns the bytes. */
static size_t lay_out(struct reverb *reverb, double rate, unsigned char *memory)
{
    size_t used = (sizeof(struct reverb) + 63) / 64 * 64;
    for (int i = 0; i < LINES + 2 * DIFFUSERS; i++) {
        int d = i - LINES;
        uint32_t size = ring_size(d < 0 ? line_ms[i] : diffuser_ms[d], rate);
        if (reverb) {
            struct ring *ring = d < 0 ? &reverb->lines[i].ring : &reverb->diffusers[d].ring;
            ring->data = (float *)(void *)(memory + used);
            ring->size = size;
        }
        used += (size_t)(size + BLOCK) * sizeof(float);
    }
    return used;
}

size_t reverb_size(uint32_t sample_rate) { return lay_out(NULL, (double)sample_rate, NULL); }

static float glide_share(double time_s, double rate)
{
    return (float)(1.0 - fm_exp2(-1.4426950408889634 * BLOCK / (time_s * rate)));
}

struct reverb *reverb_init(void *memory, uint32_t sample_rate)
{
    struct reverb *reverb = memory;
    double rate = (double)sample_rate;
    reverb->rate = rate;
    lay_out(reverb, rate, memory);
    for (int d = 0; d < 2 * DIFFUSERS; d++)
        reverb->diffusers[d].delay = frames_of(diffuser_ms[d], rate);
    reverb->turn_cosine = fm_cos(rotation_hz * BLOCK / rate);
    reverb->turn_sine = fm_sin(rotation_hz * BLOCK / rate);
    reverb->glide = glide_share(glide_s, rate);
    reverb->line_glide = glide_share(line_glide_s, rate);
    reverb->asleep = true;
    reverb_set(reverb, 1.0f, 0.5f, 1.0f, 0.5f);
    return reverb;
}

static double clamped(float value, double low, double high)
{
    double x = (double)value;
    return x >= low ? (x <= high ? x : high) : low; /* NaN: low */
}

/* Pole of the one-pole low-pass that is down by RATIO (0..1) at the reference frequency. From
 * (1 - p)^2 / (1 - 2 p cos w + p^2) = ratio^2. */
static double pole_for(const struct reverb *reverb, double ratio)
{
    double reference = reference_hz < 0.4 * reverb->rate ? reference_hz : 0.4 * reverb->rate;
    double highest = fm_exp2(-9.064720283654388 * lowest_corner_hz / reverb->rate); /* 2 pi / ln 2 */
    if (ratio > 0.9999999)
        return 0.0;
    double q = ratio * ratio * (1.0 - fm_cos(reference / reverb->rate)) / (1.0 - ratio * ratio);
    double pole = 1.0 / (1.0 + q + fm_sqrt(q * (q + 2.0)));
    return pole < highest ? pole : highest;
}

static void reach_targets(struct reverb *reverb)
{
    reverb->longest = 0;
    for (int i = 0; i < LINES; i++) {
        struct line *line = &reverb->lines[i];
        line->delay = line->old_delay = line->next_delay;
        line->pole = line->next_pole;
        line->gain = line->next_gain;
        if (line->delay > reverb->longest)
            reverb->longest = line->delay;
    }
    for (int d = 0; d < 2 * DIFFUSERS; d++) {
        struct diffuser *diffuser = &reverb->diffusers[d];
        diffuser->gain = diffuser->next_gain;
    }
    reverb->level = reverb->next_level;
    reverb->level_step = 0;
    reverb->fade = 0;
}

void reverb_set(struct reverb *reverb, float time_s, float hf_ratio, float gain, float size)
{
    double time = clamped(time_s, 0.1, 10.0), ratio = clamped(hf_ratio, 0.001, 1.0);
    double scale = smallest_scale + (1.0 - smallest_scale) * clamped(size, 0.0, 1.0);
    double passed = 0; /* mean energy that one pass leaves */
    for (int i = 0; i < LINES; i++) {
        struct line *line = &reverb->lines[i];
        line->next_delay = frames_of(line_ms[i] * scale, reverb->rate);
        double seconds = (double)line->next_delay / reverb->rate;
        double gain_db = -60.0 * seconds / time;
        double pole = pole_for(reverb, fm_db_to_gain(gain_db * (1.0 / ratio - 1.0)));
        double line_gain = fm_db_to_gain(gain_db);
        line->next_pole = (float)pole;
        line->next_gain = (float)(line_gain * (1.0 - pole) * 0.25); /* 1/4: the Hadamard matrix made orthogonal */
        passed += line_gain * line_gain / LINES;
    }
    /* Short tails must not leave in the diffusers what has gone from the lines: half of the decay time at most. */
    for (int d = 0; d < 2 * DIFFUSERS; d++) {
        struct diffuser *diffuser = &reverb->diffusers[d];
        double most = fm_db_to_gain(-60.0 * (double)diffuser->delay / reverb->rate / (0.5 * time));
        diffuser->next_gain = (float)(most < 0.6 ? most : 0.6);
    }
    /* An impulse into one side keeps its energy at gain 1: the network gives a share of passed / (1 - passed) / 16. */
    reverb->next_level = (float)(clamped(gain, 0.0, 1000.0) * 4.0 * fm_sqrt((1.0 - passed) / passed));
    if (reverb->asleep)
        reach_targets(reverb);
}

/* ---- slow changes, once per block ---- */

static float toward(float from, float to, float share)
{
    float step = (to - from) * share, next = from + step;
    return next == from ? to : next;
}

static void begin_fade(struct reverb *reverb)
{
    bool changed = false;
    for (int i = 0; i < LINES; i++) {
        struct line *line = &reverb->lines[i];
        changed = changed || line->next_delay != line->delay;
        line->old_delay = line->delay;
        line->delay = line->next_delay;
        if (line->delay > reverb->longest)
            reverb->longest = line->delay;
    }
    reverb->fade = changed ? FADE_BLOCKS : 0;
}

FX_INLINE void next_block(struct reverb *reverb)
{
    if (reverb->fade > 0)
        reverb->fade--;
    if (reverb->fade == 0)
        begin_fade(reverb);
    for (int i = 0; i < LINES; i++) {
        struct line *line = &reverb->lines[i];
        line->pole = toward(line->pole, line->next_pole, reverb->line_glide);
        line->gain = toward(line->gain, line->next_gain, reverb->line_glide);
    }
    for (int d = 0; d < 2 * DIFFUSERS; d++) {
        struct diffuser *diffuser = &reverb->diffusers[d];
        diffuser->gain = toward(diffuser->gain, diffuser->next_gain, reverb->line_glide);
    }
    reverb->level += reverb->level_step * BLOCK;
    reverb->level_step =
        (toward(reverb->level, reverb->next_level, reverb->glide) - reverb->level) * (1.0f / BLOCK);

    double cosine = reverb->cosine * reverb->turn_cosine - reverb->sine * reverb->turn_sine;
    double sine = reverb->cosine * reverb->turn_sine + reverb->sine * reverb->turn_cosine;
    reverb->cos_from = (float)reverb->cosine;
    reverb->sin_from = (float)reverb->sine;
    reverb->cos_step = (float)((cosine - reverb->cosine) * (1.0 / BLOCK));
    reverb->sin_step = (float)((sine - reverb->sine) * (1.0 / BLOCK));
    reverb->cosine = cosine;
    reverb->sine = sine;
}

/* ---- one block, or a part of one ---- */

/* COUNT frames of DELAY frames ago. What lies before the wake-up is silence, whatever the memory holds. */
FX_INLINE const float *ring_read(const struct ring *ring, uint32_t delay, uint64_t age, uint32_t count, float *spare)
{
    const float *from = ring->data + (ring->at >= delay ? ring->at - delay : ring->at + ring->size - delay);
    if (age >= delay)
        return from;
    uint64_t before = delay - age;
    if (before >= count)
        return silence;
    for (uint32_t k = 0; k < count; k++)
        spare[k] = k < before ? 0.0f : from[k];
    return spare;
}

FX_INLINE void ring_advance(struct ring *ring, uint32_t count)
{
    if (ring->at < BLOCK)
        for (uint32_t k = 0; k < count; k++)
            ring->data[ring->size + ring->at + k] = ring->data[ring->at + k];
    ring->at += count;
    if (ring->at == ring->size)
        ring->at = 0;
}

/* Below -140 dBFS is silence; what is no number or absurd is kept out of the loop. Returns whether there is sound. */
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

FX_INLINE void diffuse(struct reverb *reverb, struct diffuser *diffuser, float *restrict x, uint32_t count, float *spare)
{
    const float *restrict z = ring_read(&diffuser->ring, diffuser->delay, reverb->age, count, spare);
    float *restrict v = diffuser->ring.data + diffuser->ring.at;
    float gain = diffuser->gain;
    for (uint32_t k = 0; k < count; k++) {
        float old = z[k], sum = x[k] + gain * old;
        v[k] = sum;
        x[k] = old - gain * sum;
    }
    ring_advance(&diffuser->ring, count);
}

/* What a line gives now; both lengths mixed while they change. */
FX_INLINE const float *line_read(const struct reverb *reverb, const struct line *line, uint32_t count, float *spare)
{
    const float *now = ring_read(&line->ring, line->delay, reverb->age, count, spare);
    if (reverb->fade == 0)
        return now;
    float other[BLOCK];
    const float *old = ring_read(&line->ring, line->old_delay, reverb->age, count, other);
    float base = (float)((FADE_BLOCKS - reverb->fade) * BLOCK + (uint32_t)(reverb->age % BLOCK));
    for (uint32_t k = 0; k < count; k++)
        spare[k] = old[k] + (now[k] - old[k]) * ((base + places[k]) * (1.0f / (FADE_BLOCKS * BLOCK)));
    return spare;
}

/* The filters of eight lines side by side: each alone would wait for its own last result. */
FX_INLINE void damp8(struct reverb *reverb, struct line *line, float (*restrict x)[BLOCK], uint32_t count)
{
    float spare[8][BLOCK];
    const float *from[8];
    for (int i = 0; i < 8; i++)
        from[i] = line_read(reverb, &line[i], count, spare[i]);
    const float *f0 = from[0], *f1 = from[1], *f2 = from[2], *f3 = from[3];
    const float *f4 = from[4], *f5 = from[5], *f6 = from[6], *f7 = from[7];
    float p0 = line[0].pole, p1 = line[1].pole, p2 = line[2].pole, p3 = line[3].pole;
    float p4 = line[4].pole, p5 = line[5].pole, p6 = line[6].pole, p7 = line[7].pole;
    float y0 = line[0].state, y1 = line[1].state, y2 = line[2].state, y3 = line[3].state;
    float y4 = line[4].state, y5 = line[5].state, y6 = line[6].state, y7 = line[7].state;
    for (uint32_t k = 0; k < count; k++) {
        x[0][k] = y0 = f0[k] + p0 * y0;
        x[1][k] = y1 = f1[k] + p1 * y1;
        x[2][k] = y2 = f2[k] + p2 * y2;
        x[3][k] = y3 = f3[k] + p3 * y3;
        x[4][k] = y4 = f4[k] + p4 * y4;
        x[5][k] = y5 = f5[k] + p5 * y5;
        x[6][k] = y6 = f6[k] + p6 * y6;
        x[7][k] = y7 = f7[k] + p7 * y7;
    }
    line[0].state = y0;
    line[1].state = y1;
    line[2].state = y2;
    line[3].state = y3;
    line[4].state = y4;
    line[5].state = y5;
    line[6].state = y6;
    line[7].state = y7;
}

/* First half of the Hadamard matrix: within four neighbours. */
FX_INLINE void mix_near(const struct line *line, float (*restrict x)[BLOCK], uint32_t count)
{
    float ga = line[0].gain, gb = line[1].gain, gc = line[2].gain, gd = line[3].gain;
    for (uint32_t k = 0; k < count; k++) {
        float a = x[0][k] * ga, b = x[1][k] * gb, c = x[2][k] * gc, d = x[3][k] * gd;
        float ab = a + b, cd = c + d, a_b = a - b, c_d = c - d;
        x[0][k] = ab + cd;
        x[1][k] = a_b + c_d;
        x[2][k] = ab - cd;
        x[3][k] = a_b - c_d;
    }
}

/* Another row of the small matrix from each group of four: all 16 lines with the signs of a bent function, which is as
 * far from every row of the big matrix as can be. Were it one of them, the tail would resemble itself after the length
 * of that line. */
FX_INLINE void tap(struct block *block, uint32_t count)
{
    const float(*x)[BLOCK] = (const float(*)[BLOCK])block->x;
    for (uint32_t k = 0; k < count; k++) {
        block->out[0][k] = x[0][k] + x[5][k] + (x[10][k] + x[15][k]);
        block->out[1][k] = x[3][k] + x[6][k] + (x[9][k] + x[12][k]);
    }
}

FX_INLINE void rotate(float *restrict a, float *restrict b, const struct block *block, uint32_t count)
{
    for (uint32_t k = 0; k < count; k++) {
        float c = block->cosine[k], s = block->sine[k], x = a[k], y = b[k];
        a[k] = c * x - s * y;
        b[k] = s * x + c * y;
    }
}

/* Second half: across the groups of four; the input joins, and all goes into the lines. */
FX_INLINE void mix_far(const float (*restrict x)[BLOCK], const float *restrict in, float *restrict wa, float *restrict wb,
                    float *restrict wc, float *restrict wd, uint32_t count)
{
    for (uint32_t k = 0; k < count; k++) {
        float a = x[0][k], b = x[4][k], c = x[8][k], d = x[12][k], put = in[k];
        float ab = a + b, cd = c + d, a_b = a - b, c_d = c - d;
        wa[k] = ab + cd + put;
        wb[k] = a_b + c_d - put;
        wc[k] = ab - cd + put;
        wd[k] = a_b - c_d + put;
    }
}

/* Where row ROW of the matrix goes. In order, the matrix would be symmetric and its own inverse: the tail's strongest
 * likeness to itself is 0.17 in this order and was 0.21 in that one (tests/synth/test_effects.c). */
FX_INLINE float *row_target(struct reverb *reverb, int row)
{
    struct ring *ring = &reverb->lines[(5 * row + 3) % LINES].ring;
    return ring->data + ring->at;
}

FX_INLINE void mix(struct reverb *reverb, struct block *block, uint32_t count)
{
    struct line *lines = reverb->lines;
    for (int i = 0; i < LINES; i += 4)
        mix_near(&lines[i], &block->x[i], count);
    tap(block, count);
    for (int i = 0; i < 4; i++)
        rotate(block->x[i], block->x[i + 4], block, count);
    for (int i = 0; i < 4; i++)
        mix_far((const float(*)[BLOCK]) & block->x[i], block->in[i & 1], row_target(reverb, i),
                row_target(reverb, i + 4), row_target(reverb, i + 8), row_target(reverb, i + 12), count);
    for (int i = 0; i < LINES; i++)
        ring_advance(&lines[i].ring, count);
}

FX_INLINE void prepare_input(struct reverb *reverb, struct block *block, uint32_t count)
{
    const float eighth = 0.35355339f; /* one side goes into 8 lines: 1/sqrt(8) */
    for (int side = 0; side < 2; side++) {
        float *restrict in = block->in[side];
        for (int d = 0; d < DIFFUSERS; d++)
            diffuse(reverb, &reverb->diffusers[side * DIFFUSERS + d], in, count, block->spare);
        for (uint32_t k = 0; k < count; k++)
            in[k] = in[k] * eighth + floor_level;
    }
}

FX_INLINE void write_output(const struct reverb *reverb, const struct block *block, float *restrict left,
                         float *restrict right, uint32_t count)
{
    float place = (float)(uint32_t)(reverb->age % BLOCK);
    for (uint32_t k = 0; k < count; k++) {
        float level = reverb->level + reverb->level_step * (place + places[k]);
        left[k] += block->out[0][k] * level;
        right[k] += block->out[1][k] * level;
    }
}

/* Largest output of any line in the block, in units of the network. */
FX_INLINE float tail_peak(const struct reverb *reverb, const struct block *block, uint32_t count)
{
    float peak = reverb->peak;
    for (int i = 0; i < LINES; i++) {
        float gain = reverb->lines[i].gain;
        for (uint32_t k = 0; k < count; k++) {
            float x = block->x[i][k] * gain;
            x = x < 0 ? -x : x;
            peak = x > peak ? x : peak;
        }
    }
    return peak;
}

FX_INLINE void run(struct reverb *reverb, struct block *block, float *left, float *right, uint32_t count)
{
    float place = (float)(uint32_t)(reverb->age % BLOCK);
    prepare_input(reverb, block, count);
    for (int i = 0; i < LINES; i += 8)
        damp8(reverb, &reverb->lines[i], &block->x[i], count);
    if (!reverb->heard)
        reverb->peak = tail_peak(reverb, block, count);
    for (uint32_t k = 0; k < count; k++) {
        block->cosine[k] = reverb->cos_from + reverb->cos_step * (place + places[k]);
        block->sine[k] = reverb->sin_from + reverb->sin_step * (place + places[k]);
    }
    mix(reverb, block, count);
    write_output(reverb, block, left, right, count);
}

/* ---- waking and sleeping ---- */

static void wake(struct reverb *reverb)
{
    reach_targets(reverb);
    for (int i = 0; i < LINES; i++) {
        reverb->lines[i].state = 0;
        reverb->lines[i].ring.at = 0;
    }
    for (int d = 0; d < 2 * DIFFUSERS; d++)
        reverb->diffusers[d].ring.at = 0;
    reverb->cosine = 1;
    reverb->sine = 0;
    reverb->age = 0;
    reverb->quiet = 0;
    reverb->peak = 0;
    reverb->heard = false;
    reverb->asleep = false;
}

/* At the end of a block: sleep once all that the lines held has come out below -100 dBFS. An output is a sum of 16
 * such values. */
static void maybe_sleep(struct reverb *reverb)
{
    reverb->quiet += BLOCK;
    if (reverb->heard) {
        reverb->quiet = 0;
        reverb->peak = 0;
    } else if (reverb->quiet >= reverb->longest + BLOCK) {
        float level = reverb->next_level > 1e-3f ? reverb->next_level : 1e-3f;
        if (reverb->peak * level * LINES < 1e-5f)
            reverb->asleep = true;
        reverb->quiet = 0;
        reverb->peak = 0;
    }
    reverb->heard = false;
}

FX_INLINE bool audible(float left, float right)
{
    float square = left * left, other = right * right;
    return (square > 1e-14f && square < 1e12f) || (other > 1e-14f && other < 1e12f);
}

FX_INLINE void process(struct reverb *reverb, const float *in_left, const float *in_right, float *out_left, float *out_right,
                    uint32_t frames)
{
    for (uint32_t at = 0; at < frames;) {
        if (reverb->asleep) {
            while (at < frames && !audible(in_left[at], in_right[at]))
                at++;
            if (at == frames)
                return;
            wake(reverb);
        }
        uint32_t place = (uint32_t)(reverb->age % BLOCK);
        uint32_t count = frames - at < BLOCK - place ? frames - at : BLOCK - place;
        struct block block;
        if (place == 0)
            next_block(reverb);
        bool left = gate(block.in[0], in_left + at, count), right = gate(block.in[1], in_right + at, count);
        reverb->heard = reverb->heard || left || right;
        run(reverb, &block, out_left + at, out_right + at, count);
        reverb->age += count;
        at += count;
        if (reverb->age % BLOCK == 0)
            maybe_sleep(reverb);
    }
}

void reverb_process(struct reverb *reverb, const float *in_left, const float *in_right, float *out_left, float *out_right, uint32_t frames)
{
    process(reverb, in_left, in_right, out_left, out_right, frames);
}

#if FX_AVX2
FX_TARGET void reverb_process_avx2(struct reverb *reverb, const float *in_left, const float *in_right, float *out_left, float *out_right, uint32_t frames)
{
    process(reverb, in_left, in_right, out_left, out_right, frames);
}
#endif

bool reverb_idle(const struct reverb *reverb) { return reverb->asleep; }

void reverb_clear(struct reverb *reverb)
{
    reverb->asleep = true;
    reach_targets(reverb);
}
