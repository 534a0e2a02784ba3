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
 * every loop (effects_kernels.h) but the one-pole filters free of recursion. Everything that changes
 * slowly changes on a grid of 64 frames counted from the wake-up; within it
 * each value is a function of its place, so that the cut of the stream has no
 * influence. That grid is hardly ever the caller's: where nothing but the rotation and the
 * level changes, the end of one block and the beginning of the next are one piece of work.
 */
#include <string.h>

#include "effects.h"

#include "effects_kernels.h"
#include "fmath.h"

enum { LINES = FX_LINES, RINGS = FX_RINGS, BLOCK = FX_BLOCK, DIFFUSERS = FX_DIFFUSERS, FADE_BLOCKS = 32 };

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
/* Rings of the 16 lines, then of the diffusers, left and right */
struct rings {
    int32_t start[RINGS]; /* in net.rings: SIZE floats, and behind them room for a copy of the first BLOCK */
    int32_t size[RINGS];  /* a multiple of BLOCK */
    int32_t at[RINGS];    /* where the next frame goes; divided by BLOCK, it leaves the caller's place */
    int32_t delay[RINGS]; /* frames */
};

struct reverb {
    struct reverb_net net;
    float next_pole[LINES], next_gain[LINES], next_diffusion[2][DIFFUSERS];
    double rate;
    struct rings rings;
    int32_t old_delay[LINES], next_delay[LINES]; /* old: being faded out */
    int32_t longest;    /* frames, of all delays now */
    uint32_t fade;      /* blocks of the change of lengths still to come */
    bool gliding;       /* poles and gains have not arrived, or other lengths are asked for */
    float next_level;   /* output gain asked for */
    float glide, line_glide; /* share of the way per block */
    double cosine, sine, turn_cosine, turn_sine;
    uint64_t age;       /* frames since the wake-up */
    int32_t quiet;      /* frames without input and since the last look at the tail */
    float peak;         /* of the tail in them */
    bool asleep;
};

/* ---- set-up ---- */

static int32_t frames_of(double ms, double rate)
{
    double frames = fm_floor(ms * 0.001 * rate + 0.5);
    return frames < BLOCK ? BLOCK : (int32_t)frames;
}

/* Short ones are longer than they need be, so that few wrap in any block. */
static int32_t ring_size(double ms, double rate)
{
    int32_t blocks = frames_of(ms, rate) / BLOCK + 2;
    return (blocks < 16 ? 16 : blocks) * BLOCK;
}

/* Lays the rings out behind the struct, after a BLOCK each for what is not read in place; with REVERB NULL only counts. Returns the
 * bytes. */
static size_t lay_out(struct reverb *reverb, double rate, unsigned char *memory)
{
    size_t used = (sizeof(struct reverb) + 63) / 64 * 64;
    int32_t start = RINGS * BLOCK;
    if (reverb)
        reverb->net.rings = (float *)(void *)(memory + used);
    for (int i = 0; i < RINGS; i++) {
        int32_t size = ring_size(i < LINES ? line_ms[i] : diffuser_ms[i - LINES], rate);
        if (reverb) {
            reverb->rings.start[i] = start;
            reverb->rings.size[i] = size;
        }
        start += size + BLOCK;
    }
    return used + (size_t)start * sizeof(float);
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
        reverb->rings.delay[LINES + d] = frames_of(diffuser_ms[d], rate);
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
    struct reverb_net *net = &reverb->net;
    reverb->longest = 0;
    for (int i = 0; i < LINES; i++)
        reverb->rings.delay[i] = reverb->next_delay[i];
    for (int i = 0; i < RINGS; i++)
        if (reverb->rings.delay[i] > reverb->longest)
            reverb->longest = reverb->rings.delay[i];
    memcpy(net->pole, reverb->next_pole, sizeof net->pole);
    memcpy(net->gain, reverb->next_gain, sizeof net->gain);
    memcpy(net->diffusion, reverb->next_diffusion, sizeof net->diffusion);
    net->ramps[0].level = reverb->next_level;
    net->ramps[0].level_step = 0;
    reverb->fade = 0;
    reverb->gliding = false;
}

void reverb_set(struct reverb *reverb, float time_s, float hf_ratio, float gain, float size)
{
    double time = clamped(time_s, 0.1, 10.0), ratio = clamped(hf_ratio, 0.001, 1.0);
    double scale = smallest_scale + (1.0 - smallest_scale) * clamped(size, 0.0, 1.0);
    double passed = 0; /* mean energy that one pass leaves */
    for (int i = 0; i < LINES; i++) {
        reverb->next_delay[i] = frames_of(line_ms[i] * scale, reverb->rate);
        double seconds = (double)reverb->next_delay[i] / reverb->rate;
        double gain_db = -60.0 * seconds / time;
        double pole = pole_for(reverb, fm_db_to_gain(gain_db * (1.0 / ratio - 1.0)));
        double line_gain = fm_db_to_gain(gain_db);
        reverb->next_pole[i] = (float)pole;
        reverb->next_gain[i] = (float)(line_gain * (1.0 - pole) * 0.25); /* 1/4: the Hadamard matrix made orthogonal */
        passed += line_gain * line_gain / LINES;
    }
    /* Short tails must not leave in the diffusers what has gone from the lines: half of the decay time at most. */
    for (int d = 0; d < 2 * DIFFUSERS; d++) {
        double most = fm_db_to_gain(-60.0 * (double)reverb->rings.delay[LINES + d] / reverb->rate / (0.5 * time));
        reverb->next_diffusion[d / DIFFUSERS][d % DIFFUSERS] = (float)(most < 0.6 ? most : 0.6);
    }
    /* An impulse into one side keeps its energy at gain 1: the network gives a share of passed / (1 - passed) / 16. */
    reverb->next_level = (float)(clamped(gain, 0.0, 1000.0) * 4.0 * fm_sqrt((1.0 - passed) / passed));
    reverb->gliding = true;
    if (reverb->asleep)
        reach_targets(reverb);
}

/* ---- slow changes, once per block ---- */

static float toward(float from, float to, float share)
{
    float step = (to - from) * share, next = from + step;
    return next == from ? to : next;
}

/* Whether all have arrived */
static bool all_toward(float *restrict from, const float *restrict to, float share, int count)
{
    bool there = true;
    for (int i = 0; i < count; i++) {
        from[i] = toward(from[i], to[i], share);
        there = there && from[i] == to[i];
    }
    return there;
}

/* Returns whether the lengths are those that were asked for. */
static bool begin_fade(struct reverb *reverb)
{
    int32_t *delay = reverb->rings.delay;
    bool changed = false;
    for (int i = 0; i < LINES; i++) {
        changed = changed || reverb->next_delay[i] != delay[i];
        reverb->old_delay[i] = delay[i];
        delay[i] = reverb->next_delay[i];
        if (delay[i] > reverb->longest)
            reverb->longest = delay[i];
    }
    reverb->fade = changed ? FADE_BLOCKS : 0;
    return !changed;
}

static void glide(struct reverb *reverb)
{
    struct reverb_net *net = &reverb->net;
    bool there = reverb->fade == 0 && begin_fade(reverb);
    there = all_toward(net->pole, reverb->next_pole, reverb->line_glide, LINES) && there;
    there = all_toward(net->gain, reverb->next_gain, reverb->line_glide, LINES) && there;
    for (int side = 0; side < 2; side++)
        there = all_toward(net->diffusion[side], reverb->next_diffusion[side], reverb->line_glide, DIFFUSERS) && there;
    reverb->gliding = !there;
}

/* Those of the block after the one of ramps[0] */
static struct reverb_ramps next_ramps(struct reverb *reverb)
{
    struct reverb_ramps ramps = reverb->net.ramps[0];
    ramps.level += ramps.level_step * BLOCK;
    ramps.level_step = (toward(ramps.level, reverb->next_level, reverb->glide) - ramps.level) * (1.0f / BLOCK);

    double cosine = reverb->cosine * reverb->turn_cosine - reverb->sine * reverb->turn_sine;
    double sine = reverb->cosine * reverb->turn_sine + reverb->sine * reverb->turn_cosine;
    ramps.cosine = (float)reverb->cosine;
    ramps.sine = (float)reverb->sine;
    ramps.cosine_step = (float)((cosine - reverb->cosine) * (1.0 / BLOCK));
    ramps.sine_step = (float)((sine - reverb->sine) * (1.0 / BLOCK));
    reverb->cosine = cosine;
    reverb->sine = sine;
    return ramps;
}

static void next_block(struct reverb *reverb)
{
    if (reverb->fade > 0)
        reverb->fade--;
    if (reverb->gliding)
        glide(reverb);
    reverb->net.ramps[0] = next_ramps(reverb);
}

/* ---- one block, or a part of one ---- */

/* So that BLOCK frames can be read in one go from FROM on, too. */
static void mirror(const struct reverb *reverb, int i, int32_t from)
{
    float *data = reverb->net.rings + reverb->rings.start[i];
    if (from > reverb->rings.size[i] - BLOCK)
        memcpy(data + reverb->rings.size[i], data, BLOCK * sizeof(float));
}

/* COUNT frames of DELAY frames ago, in place or in SPARE. What lies before the wake-up is silence, whatever the memory holds. */
static const float *ring_read(const struct reverb *reverb, int i, int32_t delay, uint32_t count, float *spare)
{
    const struct rings *rings = &reverb->rings;
    int32_t place = rings->at[i] - delay + (rings->at[i] < delay ? rings->size[i] : 0);
    const float *from = reverb->net.rings + rings->start[i] + place;
    mirror(reverb, i, place);
    if (reverb->age >= (uint32_t)delay)
        return from;
    uint64_t before = (uint32_t)delay - reverb->age;
    for (uint32_t k = 0; k < count; k++)
        spare[k] = k < before ? 0.0f : from[k];
    return spare;
}

/* What a line gives now; both lengths mixed while they change. */
static const float *line_read(const struct reverb *reverb, int i, uint32_t count, float *spare)
{
    const float *now = ring_read(reverb, i, reverb->rings.delay[i], count, spare);
    if (reverb->fade == 0 || i >= LINES)
        return now;
    float other[BLOCK];
    const float *old = ring_read(reverb, i, reverb->old_delay[i], count, other);
    float base = (float)((FADE_BLOCKS - reverb->fade) * BLOCK + (uint32_t)(reverb->age % BLOCK));
    for (uint32_t k = 0; k < count; k++)
        spare[k] = old[k] + (now[k] - old[k]) * ((base + fx_places[k]) * (1.0f / (FADE_BLOCKS * BLOCK)));
    return spare;
}

/* The rings' places, where all delays lie behind the wake-up and stay as they are */
static void find(struct reverb *reverb)
{
    const struct rings *rings = &reverb->rings;
    struct reverb_net *net = &reverb->net;
    int32_t from[RINGS], room = 0;
    for (int i = 0; i < RINGS; i++) {
        int32_t start = rings->at[i] - rings->delay[i];
        from[i] = start + (start >> 31 & rings->size[i]);
        room |= rings->size[i] - BLOCK - from[i];
    }
    for (int i = 0; i < RINGS; i++) {
        net->from[i] = rings->start[i] + from[i];
        net->to[i] = rings->start[i] + rings->at[i];
    }
    for (int i = 0; room < 0 && i < RINGS; i++)
        mirror(reverb, i, from[i]);
}

static void advance(struct rings *rings, int32_t count)
{
    for (int i = 0; i < RINGS; i++) {
        int32_t at = rings->at[i] + count;
        rings->at[i] = at == rings->size[i] ? 0 : at;
    }
}

/* COUNT frames of one block, or of two. Kernels write beyond them, rounded up: what comes next, or what is older than any delay.
 * While nothing comes in, the tail's peak is taken: the largest output of any line. */
static void run(struct reverb *reverb, const struct effects_kernels *kernels, uint32_t count)
{
    struct reverb_net *net = &reverb->net;
    const uint32_t rounded = (count + FX_ROUND - 1) / FX_ROUND * FX_ROUND;
    find(reverb);
    for (int i = 0; (reverb->age < (uint32_t)reverb->longest || reverb->fade > 0) && i < RINGS; i++)
        net->from[i] = (int32_t)(line_read(reverb, i, rounded, net->rings + i * BLOCK) - net->rings);
    net->place = (float)(int32_t)(reverb->age % BLOCK);
    net->heard = kernels->reverb(net, count) || net->heard;
    advance(&reverb->rings, (int32_t)count);
    for (int i = 0; !net->heard && i < LINES; i++) {
        reverb->peak = fx_louder(reverb->peak, net->peak[i] * net->gain[i]);
        net->peak[i] = 0;
    }
}

/* ---- waking and sleeping ---- */

static void wake(struct reverb *reverb, uint32_t place)
{
    reach_targets(reverb);
    memset(reverb->net.state, 0, sizeof reverb->net.state);
    memset(reverb->net.peak, 0, sizeof reverb->net.peak);
    for (int i = 0; i < RINGS; i++)
        reverb->rings.at[i] = (int32_t)(place % BLOCK);
    reverb->cosine = 1;
    reverb->sine = 0;
    reverb->age = 0;
    reverb->quiet = 0;
    reverb->peak = 0;
    reverb->net.heard = false;
    reverb->asleep = false;
}

/* At the end of a block: sleep once all that the lines held has come out below -100 dBFS. An output is a sum of 16
 * such values. */
static void maybe_sleep(struct reverb *reverb)
{
    reverb->quiet += BLOCK;
    if (reverb->net.heard) {
        reverb->quiet = 0;
        reverb->peak = 0;
    } else if (reverb->quiet >= reverb->longest + BLOCK) {
        float level = reverb->next_level > 1e-3f ? reverb->next_level : 1e-3f;
        if (reverb->peak * level * LINES < 1e-5f)
            reverb->asleep = true;
        reverb->quiet = 0;
        reverb->peak = 0;
    }
    reverb->net.heard = false;
}

/* Whether BORDER frames that end a block and those after them can be done at once: pole, gain and lengths stay, and there is sound
 * in both blocks, so that the tail is not looked at. */
static bool goes_on(const struct reverb *reverb, const float *in_left, const float *in_right, uint32_t border)
{
    return !reverb->gliding && reverb->fade == 0 && fx_audible(in_left[0], in_right[0]) &&
           fx_audible(in_left[border], in_right[border]);
}

/* COUNT frames from AGE on, BORDER of them in the block that age is in */
static void run_two(struct reverb *reverb, const struct effects_kernels *kernels, uint32_t border, uint32_t count)
{
    struct reverb_net *net = &reverb->net;
    net->ramps[1] = next_ramps(reverb);
    net->border = border;
    net->heard = true;
    run(reverb, kernels, count);
    net->ramps[0] = net->ramps[1];
    maybe_sleep(reverb);
    net->heard = true;
    reverb->age += count;
}

/* COUNT frames from AGE on, all in one block */
static void run_one(struct reverb *reverb, const struct effects_kernels *kernels, uint32_t count)
{
    if (reverb->age % BLOCK == 0)
        next_block(reverb);
    reverb->net.border = BLOCK;
    run(reverb, kernels, count);
    reverb->age += count;
    if (reverb->age % BLOCK == 0)
        maybe_sleep(reverb);
}

void reverb_process(struct reverb *reverb, const struct effects_kernels *kernels, const float *in_left, const float *in_right,
                    float *out_left, float *out_right, uint32_t frames, uint32_t place)
{
    struct reverb_net *net = &reverb->net;
    for (uint32_t at = 0; at < frames;) {
        if (reverb->asleep) {
            while (at < frames && !fx_audible(in_left[at], in_right[at]))
                at++;
            if (at == frames)
                return;
            wake(reverb, place + at);
        }
        const uint32_t border = BLOCK - (uint32_t)(reverb->age % BLOCK), room = BLOCK - (uint32_t)reverb->rings.at[0] % BLOCK;
        uint32_t count = frames - at < room ? frames - at : room;
        net->in[0] = in_left + at;
        net->in[1] = in_right + at;
        net->out[0] = out_left + at;
        net->out[1] = out_right + at;
        if (count > border && goes_on(reverb, net->in[0], net->in[1], border)) {
            run_two(reverb, kernels, border, count);
        } else {
            count = count < border ? count : border;
            run_one(reverb, kernels, count);
        }
        at += count;
    }
}

bool reverb_idle(const struct reverb *reverb) { return reverb->asleep; }

void reverb_clear(struct reverb *reverb)
{
    reverb->asleep = true;
    reach_targets(reverb);
}
