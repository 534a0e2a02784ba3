/* SPDX-License-Identifier: MIT */
#include "effects_kernels.h"

enum { BLOCK = FX_BLOCK, LINES = FX_LINES };

_Alignas(64) const float fx_places[BLOCK] = {
    0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
    22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
    44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};

static bool gate(float *restrict out, const float *restrict in, uint32_t count)
{
    int sound = 0;
    for (uint32_t k = 0; k < count; k++) {
        float square = in[k] * in[k];
        int keep = (square > FX_GATE_LOW) & (square < FX_GATE_HIGH);
        out[k] = keep ? in[k] : 0.0f;
        sound |= keep;
    }
    return sound != 0;
}

/* ---- reverb ---------------------------------------------------------------------- */

static void diffuse(float *restrict x, const float *restrict z, float *restrict v, float gain, uint32_t count)
{
    for (uint32_t k = 0; k < count; k++) {
        float old = z[k], sum = x[k] + gain * old;
        v[k] = sum;
        x[k] = old - gain * sum;
    }
}

static bool diffuse_input(struct reverb_net *net, uint32_t count)
{
    bool sound = false;
    for (int side = 0; side < 2; side++) {
        const int ring = FX_LINES + side * FX_DIFFUSERS;
        float *restrict x = net->diffused[side];
        sound = gate(x, net->in[side], count) || sound;
        for (int d = 0; d < FX_DIFFUSERS; d++)
            diffuse(x, fx_from(net, ring + d), fx_to(net, ring + d), net->diffusion[side][d], count);
        for (uint32_t k = 0; k < count; k++)
            x[k] = x[k] * FX_EIGHTH + FX_FLOOR;
    }
    return sound;
}

/* The filters of eight lines side by side: each alone would wait for its own last result. */
static void damp8(const struct reverb_net *net, float *restrict state, int i, float (*restrict x)[BLOCK], uint32_t count)
{
    const float *f0 = fx_from(net, i), *f1 = fx_from(net, i + 1), *f2 = fx_from(net, i + 2), *f3 = fx_from(net, i + 3);
    const float *f4 = fx_from(net, i + 4), *f5 = fx_from(net, i + 5), *f6 = fx_from(net, i + 6), *f7 = fx_from(net, i + 7);
    const float *p = &net->pole[i];
    float p0 = p[0], p1 = p[1], p2 = p[2], p3 = p[3], p4 = p[4], p5 = p[5], p6 = p[6], p7 = p[7];
    float y0 = state[0], y1 = state[1], y2 = state[2], y3 = state[3];
    float y4 = state[4], y5 = state[5], y6 = state[6], y7 = state[7];
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
    state[0] = y0;
    state[1] = y1;
    state[2] = y2;
    state[3] = y3;
    state[4] = y4;
    state[5] = y5;
    state[6] = y6;
    state[7] = y7;
}

/* First half of the Hadamard matrix: within four neighbours. */
static void mix_near(const float *gain, float (*restrict x)[BLOCK], uint32_t count)
{
    float ga = gain[0], gb = gain[1], gc = gain[2], gd = gain[3];
    for (uint32_t k = 0; k < count; k++) {
        float a = x[0][k] * ga, b = x[1][k] * gb, c = x[2][k] * gc, d = x[3][k] * gd;
        float ab = a + b, cd = c + d, a_b = a - b, c_d = c - d;
        x[0][k] = ab + cd;
        x[1][k] = a_b + c_d;
        x[2][k] = ab - cd;
        x[3][k] = a_b - c_d;
    }
}

/* Levels and rotations of the frames of one block, PLACE that of the first */
static void ramp(float *restrict level, float *restrict cosine, float *restrict sine, const struct reverb_ramps *r, float place,
                 uint32_t count)
{
    for (uint32_t k = 0; k < count; k++) {
        level[k] = r->level + r->level_step * (place + fx_places[k]);
        cosine[k] = r->cosine + r->cosine_step * (place + fx_places[k]);
        sine[k] = r->sine + r->sine_step * (place + fx_places[k]);
    }
}

/* Another row of the small matrix from each group of four: all 16 lines with the signs of a bent function, which is as
 * far from every row of the big matrix as can be. Were it one of them, the tail would resemble itself after the length
 * of that line. */
static void tap(const struct reverb_net *net, const float (*x)[BLOCK], const float *restrict level, uint32_t count)
{
    float *restrict left = net->out[0], *restrict right = net->out[1];
    for (uint32_t k = 0; k < count; k++) {
        left[k] += (x[0][k] + x[5][k] + (x[10][k] + x[15][k])) * level[k];
        right[k] += (x[3][k] + x[6][k] + (x[9][k] + x[12][k])) * level[k];
    }
}

static void rotate(float (*restrict x)[BLOCK], const float *restrict cosine, const float *restrict sine, uint32_t count)
{
    for (int i = 0; i < 4; i++) {
        float *restrict a = x[i], *restrict b = x[i + 4];
        for (uint32_t k = 0; k < count; k++) {
            float old = a[k];
            a[k] = cosine[k] * old - sine[k] * b[k];
            b[k] = sine[k] * old + cosine[k] * b[k];
        }
    }
}

/* Second half: across the groups of four; the input joins, and all goes into the lines. */
static void mix_far(const float (*restrict x)[BLOCK], const float *restrict in, float *restrict wa, float *restrict wb,
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

static bool reverb_c(struct reverb_net *net, uint32_t count)
{
    bool sound = diffuse_input(net, count);
    float x[LINES][BLOCK], level[BLOCK], cosine[BLOCK], sine[BLOCK];
    const uint32_t border = net->border < count ? net->border : count;
    ramp(level, cosine, sine, &net->ramps[0], net->place, border);
    ramp(level + border, cosine + border, sine + border, &net->ramps[1], 0, count - border);
    for (int i = 0; i < LINES; i += 8)
        damp8(net, &net->state[i], i, &x[i], count);
    if (!sound && !net->heard)
        for (int i = 0; i < LINES; i++)
            for (uint32_t k = 0; k < count; k++)
                net->peak[i] = fx_louder(net->peak[i], x[i][k]);
    for (int i = 0; i < LINES; i += 4)
        mix_near(&net->gain[i], &x[i], count);
    tap(net, (const float(*)[BLOCK])x, level, count);
    rotate(x, cosine, sine, count);
    for (int i = 0; i < 4; i++)
        mix_far((const float(*)[BLOCK]) & x[i], net->diffused[i & 1], fx_to(net, FX_TARGET(i)), fx_to(net, FX_TARGET(i + 4)),
                fx_to(net, FX_TARGET(i + 8)), fx_to(net, FX_TARGET(i + 12)), count);
    return sound;
}

/* ---- chorus ---------------------------------------------------------------------- */

/* Four-point, third-order Hermite between the second and the third tap. The delay's FRACTION counts back in time. */
static void hermite(float *restrict out, const float *restrict taps, uint32_t fraction, uint32_t step, uint32_t count)
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

/* The delayed sound of the frames from FROM up to END. The delay moves slowly, so that most blocks read one or two runs of
 * neighbours. */
static void read_line(const struct chorus_line *line, const struct chorus_ramps *r, float *out, uint32_t from, uint32_t end)
{
    int64_t delay = r->delay;
    for (uint32_t k = from; k < end;) {
        uint32_t run = chorus_steady(delay, r->step, end - k);
        hermite(out + k, chorus_taps(line, delay, k), (uint32_t)delay, (uint32_t)r->step, run);
        delay += r->step * run;
        k += run;
    }
}

/* Those of one block */
static void chorus_block(const struct chorus_line *line, const struct chorus_ramps *r, const float *restrict dry, uint32_t from,
                         uint32_t end)
{
    float wet[BLOCK], *restrict to = line->to, *restrict out = line->out;
    read_line(line, r, wet, from, end);
    for (uint32_t k = from; k < end; k++) {
        float place = r->place + fx_places[k - from];
        to[k] = dry[k] + wet[k] * (r->feedback + r->feedback_step * place);
        out[k] += wet[k] * (r->level + r->level_step * place);
    }
}

static bool chorus_line_c(const struct chorus_line *line, uint32_t count)
{
    const uint32_t border = line->border < count ? line->border : count;
    float dry[BLOCK];
    bool sound = gate(dry, line->in, count);
    chorus_block(line, &line->ramps[0], dry, 0, border);
    chorus_block(line, &line->ramps[1], dry, border, count);
    return sound;
}

const struct effects_kernels effects_c = {reverb_c, chorus_line_c};
