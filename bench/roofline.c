/* SPDX-License-Identifier: MIT */
/*
 * roofline.c - what the arithmetic of a voice costs without a synthesizer
 * around it: phase and loop, interpolation, a two-pole filter, ramped gains
 * and the stereo mix of looped voices, 64 frames at a time, on AVX2 and, as
 * the engine, without fused multiply-add. No events, envelopes or control, one
 * wave that is unrolled past its loop, for the sinc already converted to
 * floats. The engine is judged by its distance from this (stress.c).
 *
 * Interpolation runs along time, one voice after the other; then 8 x 8
 * transposes, and filter, gain and mix run in lanes, 16 voices at once.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "contender.h"
#include "synth/synth.h"

#ifdef __AVX2__
#include <immintrin.h>

enum { BLOCK = 64, LANES = 8, PAIR = 2, GUARD = 1024, BEFORE = 64, ROWS = 256, TAPS = 16 };

typedef __m256 vf;
typedef __m256i vi;

struct lane_set {
    _Alignas(32) float k[LANES], q[LANES], b2[LANES], y[LANES], d[LANES];
    float left[LANES], right[LANES], left_slope[LANES], right_slope[LANES];
};

struct roofline;
typedef void interpolate_fn(const struct roofline *r, uint64_t phase, uint64_t step, float *out);

struct roofline {
    _Alignas(64) float row[ROWS][2 * TAPS]; /* coefficients, then what the next row has more */
    float mix[2][BLOCK][LANES];
    float x[PAIR * LANES][BLOCK];
    float out[2][BLOCK];
    int16_t samples[BEFORE + STRESS_LOOP + GUARD];
    float floats[BEFORE + STRESS_LOOP + GUARD];
    uint32_t voices;
    uint64_t *phase, *step;
    struct lane_set *set;
    interpolate_fn *interpolate;
};

/* ---- interpolation, 9.23 phases relative to the first frame's sample -------------------- */

#define FRACTION_BITS 23
#define FRACTION_ONE (1 << FRACTION_BITS)

static inline vi phases(uint64_t phase, uint32_t step)
{
    return _mm256_add_epi32(_mm256_set1_epi32((int)((uint32_t)phase >> (32 - FRACTION_BITS))),
                            _mm256_mullo_epi32(_mm256_set1_epi32((int)step), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7)));
}

static inline vf fraction(vi at)
{
    vf f = _mm256_cvtepi32_ps(_mm256_and_si256(at, _mm256_set1_epi32(FRACTION_ONE - 1)));
    return _mm256_mul_ps(f, _mm256_set1_ps(1.0f / FRACTION_ONE));
}

static inline vf upper(vi x) { return _mm256_cvtepi32_ps(_mm256_srai_epi32(x, 16)); }
static inline vf lower(vi x) { return _mm256_cvtepi32_ps(_mm256_srai_epi32(_mm256_slli_epi32(x, 16), 16)); }

static void interpolate_linear(const struct roofline *r, uint64_t phase, uint64_t step, float *out)
{
    const int16_t *s = r->samples + BEFORE + (phase >> 32);
    uint32_t small = (uint32_t)(step >> (32 - FRACTION_BITS));
    vi at = phases(phase, small), on = _mm256_set1_epi32((int)(small * 8));
    for (int t = 0; t < BLOCK; t += 8) {
        vi taps = _mm256_i32gather_epi32((const int *)(const void *)s, _mm256_srli_epi32(at, FRACTION_BITS), 2);
        vf a = lower(taps), b = upper(taps);
        _mm256_store_ps(out + t, _mm256_add_ps(a, _mm256_mul_ps(fraction(at), _mm256_sub_ps(b, a))));
        at = _mm256_add_epi32(at, on);
    }
}

static inline __m128i four(const int16_t *p) { return _mm_loadl_epi64((const __m128i *)(const void *)p); }

static inline vf widened(__m128i x) { return _mm256_cvtepi32_ps(_mm256_cvtepi16_epi32(x)); }

/* Eight plain loads and a transpose: gathers were slower. */
static void interpolate_cubic(const struct roofline *r, uint64_t phase, uint64_t step, float *out)
{
    const int16_t *s = r->samples + BEFORE - 1 + (phase >> 32);
    uint32_t small = (uint32_t)(step >> (32 - FRACTION_BITS)), p = (uint32_t)phase >> (32 - FRACTION_BITS);
    vi at = phases(phase, small), on = _mm256_set1_epi32((int)(small * 8));
    const vf half = _mm256_set1_ps(0.5f), more = _mm256_set1_ps(1.5f), two = _mm256_set1_ps(2.0f),
             most = _mm256_set1_ps(2.5f);
    for (int t = 0; t < BLOCK; t += 8) {
        __m128i a[4];
        for (uint32_t k = 0; k < 4; k++)
            a[k] = _mm_unpacklo_epi16(four(s + ((p + 2 * k * small) >> FRACTION_BITS)),
                                      four(s + ((p + (2 * k + 1) * small) >> FRACTION_BITS)));
        __m128i low0 = _mm_unpacklo_epi32(a[0], a[1]), low1 = _mm_unpacklo_epi32(a[2], a[3]);
        __m128i high0 = _mm_unpackhi_epi32(a[0], a[1]), high1 = _mm_unpackhi_epi32(a[2], a[3]);
        vf s0 = widened(_mm_unpacklo_epi64(low0, low1)), s1 = widened(_mm_unpackhi_epi64(low0, low1));
        vf s2 = widened(_mm_unpacklo_epi64(high0, high1)), s3 = widened(_mm_unpackhi_epi64(high0, high1));
        vf f = fraction(at);
        vf c1 = _mm256_mul_ps(half, _mm256_sub_ps(s2, s0));
        vf c2 = _mm256_add_ps(_mm256_sub_ps(s0, _mm256_mul_ps(most, s1)),
                              _mm256_sub_ps(_mm256_mul_ps(two, s2), _mm256_mul_ps(half, s3)));
        vf c3 = _mm256_add_ps(_mm256_mul_ps(half, _mm256_sub_ps(s3, s0)), _mm256_mul_ps(more, _mm256_sub_ps(s1, s2)));
        vf v = _mm256_add_ps(_mm256_mul_ps(_mm256_add_ps(_mm256_mul_ps(c3, f), c2), f), c1);
        _mm256_store_ps(out + t, _mm256_add_ps(_mm256_mul_ps(v, f), s1));
        at = _mm256_add_epi32(at, on);
        p += 8 * small;
    }
}

static inline vf folded(const vf *s)
{
    vf a = _mm256_hadd_ps(_mm256_hadd_ps(s[0], s[1]), _mm256_hadd_ps(s[2], s[3]));
    vf b = _mm256_hadd_ps(_mm256_hadd_ps(s[4], s[5]), _mm256_hadd_ps(s[6], s[7]));
    return _mm256_add_ps(_mm256_permute2f128_ps(a, b, 0x20), _mm256_permute2f128_ps(a, b, 0x31));
}

static void interpolate_sinc(const struct roofline *r, uint64_t phase, uint64_t step, float *out)
{
    enum { ROW_BITS = 8, REST = FRACTION_BITS - ROW_BITS };
    const float *s = r->floats + BEFORE - (TAPS / 2 - 1) + (phase >> 32);
    uint32_t small = (uint32_t)(step >> (32 - FRACTION_BITS));
    vi p = phases(phase, small), on = _mm256_set1_epi32((int)(small * 8));
    _Alignas(32) uint32_t at[BLOCK];
    _Alignas(32) float f[BLOCK];
    for (int t = 0; t < BLOCK; t += 8) {
        _mm256_store_si256((vi *)(void *)(at + t), p);
        vf part = _mm256_cvtepi32_ps(_mm256_and_si256(p, _mm256_set1_epi32((1 << REST) - 1)));
        _mm256_store_ps(f + t, _mm256_mul_ps(part, _mm256_set1_ps(1.0f / (1 << REST))));
        p = _mm256_add_epi32(p, on);
    }
    for (int t = 0; t < BLOCK; t += 8) {
        vf sums[8];
#ifdef __clang__
#pragma clang loop unroll(full)
#else
#pragma GCC unroll 8
#endif
        for (int k = 0; k < 8; k++) {
            const float *row = r->row[at[t + k] >> REST & (ROWS - 1)], *from = s + (at[t + k] >> FRACTION_BITS);
            vf part = _mm256_broadcast_ss(f + t + k);
            vf c0 = _mm256_add_ps(_mm256_load_ps(row), _mm256_mul_ps(part, _mm256_load_ps(row + TAPS)));
            vf c1 = _mm256_add_ps(_mm256_load_ps(row + 8), _mm256_mul_ps(part, _mm256_load_ps(row + TAPS + 8)));
            sums[k] = _mm256_add_ps(_mm256_mul_ps(c0, _mm256_loadu_ps(from)), _mm256_mul_ps(c1, _mm256_loadu_ps(from + 8)));
        }
        _mm256_store_ps(out + t, folded(sums));
    }
}

/* ---- lanes -------------------------------------------------------------------------------- */

static inline void transpose(vf *r)
{
    vf t[8], u[8];
    for (int k = 0; k < 8; k += 2) {
        t[k] = _mm256_unpacklo_ps(r[k], r[k + 1]);
        t[k + 1] = _mm256_unpackhi_ps(r[k], r[k + 1]);
    }
    for (int k = 0; k < 8; k += 4) {
        u[k] = _mm256_shuffle_ps(t[k], t[k + 2], 0x44);
        u[k + 1] = _mm256_shuffle_ps(t[k], t[k + 2], 0xEE);
        u[k + 2] = _mm256_shuffle_ps(t[k + 1], t[k + 3], 0x44);
        u[k + 3] = _mm256_shuffle_ps(t[k + 1], t[k + 3], 0xEE);
    }
    for (int k = 0; k < 4; k++) {
        r[k] = _mm256_permute2f128_ps(u[k], u[k + 4], 0x20);
        r[k + 4] = _mm256_permute2f128_ps(u[k], u[k + 4], 0x31);
    }
}

struct chain {
    vf k, q, b2, y, d, left, right, left_slope, right_slope;
};

static inline void step(struct chain *c, vf x, vf *left, vf *right)
{
    c->d = _mm256_sub_ps(_mm256_add_ps(_mm256_mul_ps(c->b2, c->d), _mm256_mul_ps(c->k, x)), _mm256_mul_ps(c->q, c->y));
    c->y = _mm256_add_ps(c->y, c->d);
    *left = _mm256_add_ps(*left, _mm256_mul_ps(c->y, c->left));
    *right = _mm256_add_ps(*right, _mm256_mul_ps(c->y, c->right));
    c->left = _mm256_add_ps(c->left, c->left_slope);
    c->right = _mm256_add_ps(c->right, c->right_slope);
}

static inline struct chain load(const struct lane_set *s)
{
    return (struct chain){_mm256_load_ps(s->k),    _mm256_load_ps(s->q),          _mm256_load_ps(s->b2),
                          _mm256_load_ps(s->y),    _mm256_load_ps(s->d),          _mm256_load_ps(s->left),
                          _mm256_load_ps(s->right), _mm256_load_ps(s->left_slope), _mm256_load_ps(s->right_slope)};
}

static inline void save(struct lane_set *s, const struct chain *c)
{
    _mm256_store_ps(s->y, c->y);
    _mm256_store_ps(s->d, c->d);
    _mm256_store_ps(s->left, c->left);
    _mm256_store_ps(s->right, c->right);
}

static void lanes(struct roofline *r, struct lane_set *sets)
{
    struct chain a = load(sets), b = load(sets + 1);
    for (int t = 0; t < BLOCK; t += 8) {
        vf x[8], x2[8];
        for (int k = 0; k < 8; k++) {
            x[k] = _mm256_load_ps(r->x[k] + t);
            x2[k] = _mm256_load_ps(r->x[LANES + k] + t);
        }
        transpose(x);
        transpose(x2);
        for (int k = 0; k < 8; k++) {
            vf left = _mm256_load_ps(r->mix[0][t + k]), right = _mm256_load_ps(r->mix[1][t + k]);
            step(&a, x[k], &left, &right);
            step(&b, x2[k], &left, &right);
            _mm256_store_ps(r->mix[0][t + k], left);
            _mm256_store_ps(r->mix[1][t + k], right);
        }
    }
    save(sets, &a);
    save(sets + 1, &b);
}

/* ---- contender ------------------------------------------------------------------------------ */

static void render_block(struct roofline *r)
{
    memset(r->mix, 0, sizeof r->mix);
    for (uint32_t i = 0; i < r->voices; i += PAIR * LANES) {
        for (uint32_t n = 0; n < PAIR * LANES; n++) {
            uint64_t *phase = &r->phase[i + n];
            r->interpolate(r, *phase, r->step[i + n], r->x[n]);
            *phase += r->step[i + n] * BLOCK;
            if (*phase >> 32 >= STRESS_LOOP)
                *phase -= (uint64_t)STRESS_LOOP << 32;
        }
        lanes(r, &r->set[i / LANES]);
    }
    for (int side = 0; side < 2; side++)
        for (int t = 0; t < BLOCK; t += 8) {
            vf sums[8];
            for (int k = 0; k < 8; k++)
                sums[k] = _mm256_load_ps(r->mix[side][t + k]);
            _mm256_store_ps(r->out[side] + t, folded(sums));
        }
}

static void render(void *self, uint32_t frames)
{
    for (uint32_t i = 0; i < frames; i += BLOCK)
        render_block(self);
}

static void finish(void *self)
{
    struct roofline *r = self;
    free(r->phase);
    free(r->step);
    free(r->set);
    free(r);
}

static double windowed_sinc(double x)
{
    const double turn = 6.28318530717958647693, way = x / (TAPS / 2);
    if (way <= -1.0 || way >= 1.0)
        return 0.0;
    double window = 0.42 + 0.5 * cos(0.5 * turn * way) + 0.08 * cos(turn * way);
    return window * (x == 0.0 ? 1.0 : sin(0.5 * turn * x) / (0.5 * turn * x));
}

static void fill_tables(struct roofline *r)
{
    int16_t loop[STRESS_LOOP];
    stress_wave(loop);
    for (int i = 0; i < BEFORE + STRESS_LOOP + GUARD; i++)
        r->floats[i] = r->samples[i] = loop[(i + STRESS_LOOP - BEFORE) % STRESS_LOOP];
    for (int row = 0; row < ROWS; row++)
        for (int tap = 0; tap < TAPS; tap++) {
            double x = tap - (TAPS / 2 - 1) - row / (double)ROWS;
            r->row[row][tap] = (float)windowed_sinc(x);
            r->row[row][TAPS + tap] = (float)(windowed_sinc(x - 1.0 / ROWS) - windowed_sinc(x));
        }
}

struct contender roofline_open(const struct stress *stress, int mode)
{
    interpolate_fn *interpolate = mode == SYNTH_LINEAR  ? interpolate_linear
                                  : mode == SYNTH_CUBIC ? interpolate_cubic
                                  : mode == SYNTH_SINC16 ? interpolate_sinc : NULL;
    struct roofline *r = interpolate ? aligned_alloc(64, (sizeof *r + 63) / 64 * 64) : NULL;
    uint32_t voices = stress->voices, notes = voices / stress_layers(voices);
    if (!r || voices % (PAIR * LANES))
        return (struct contender){0};
    memset(r, 0, sizeof *r);
    r->voices = voices;
    r->interpolate = interpolate;
    r->phase = calloc(voices, sizeof *r->phase);
    r->step = calloc(voices, sizeof *r->step);
    r->set = aligned_alloc(64, (voices / LANES * sizeof *r->set + 63) / 64 * 64);
    if (!r->phase || !r->step || !r->set) {
        finish(r);
        return (struct contender){0};
    }
    fill_tables(r);
    for (uint32_t i = 0; i < voices; i++) {
        int key = (int)stress_note(i % notes).key;
        r->step[i] = (uint64_t)(pow(2.0, (key - 60) / 12.0) * STRESS_SOURCE_RATE / STRESS_RATE * 4294967296.0);
        struct lane_set *s = &r->set[i / LANES];
        uint32_t n = i % LANES;
        s->k[n] = s->q[n] = 0.06f;
        s->b2[n] = 0.7f;
        s->y[n] = s->d[n] = s->left_slope[n] = s->right_slope[n] = 0.0f;
        s->left[n] = s->right[n] = 1e-5f;
    }
    return (struct contender){r, render, finish};
}
#else
struct contender roofline_open(const struct stress *stress, int mode)
{
    (void)stress;
    (void)mode;
    return (struct contender){0};
}
#endif
