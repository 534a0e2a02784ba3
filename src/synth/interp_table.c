/* SPDX-License-Identifier: MIT */
#include "interp.h"

#include "fmath.h"

/* A family is a list of kernels for rising steps. TAPS grow with the step by octaves; in between the cutoff (of the source
 * rate) falls. TAPS * rows is the same for all kernels of a family, so that one window serves them all: a wider kernel
 * is smoother in time and needs fewer phases. */
struct shape {
    float max_step;
    uint32_t taps;
    float cutoff;
};

#define WINDOW_POINTS 8192u /* of the half window, at most: taps * rows / 2 */
#define ROW_BITS 8u         /* of the narrowest kernel */

static const struct shape sinc16[] = {
    {1.07f, 16, 0.475f}, {1.20f, 16, 0.40f}, {1.42f, 16, 0.34f}, {1.69f, 16, 0.29f}, {2.01f, 16, 0.25f},
    {2.40f, 32, 0.180f}, {2.85f, 32, 0.145f}, {3.40f, 32, 0.122f}, {4.01f, 32, 0.104f},
    {4.80f, 64, 0.086f}, {5.70f, 64, 0.073f}, {8.01f, 64, 0.053f}, {11.4f, 128, 0.037f}, {16.0f, 128, 0.0265f},
};

static const struct shape sinc32[] = {
    {1.07f, 32, 0.490f}, {1.20f, 32, 0.44f}, {1.42f, 32, 0.37f}, {1.69f, 32, 0.31f}, {2.01f, 32, 0.26f},
    {2.40f, 64, 0.215f}, {2.85f, 64, 0.175f}, {3.40f, 64, 0.147f}, {4.01f, 64, 0.125f},
    {5.70f, 128, 0.087f}, {8.01f, 128, 0.062f}, {11.4f, 256, 0.0435f}, {16.0f, 256, 0.031f},
};

static const struct {
    const struct shape *shapes;
    uint32_t count;
    double beta;
} designs[2] = {
    {sinc16, sizeof sinc16 / sizeof sinc16[0], 8.6},
    {sinc32, sizeof sinc32 / sizeof sinc32[0], 9.6},
};

size_t interp_table_size(enum synth_interpolation mode)
{
    if (mode != SYNTH_SINC16 && mode != SYNTH_SINC32)
        return 0;
    unsigned n = mode == SYNTH_SINC32;
    size_t level = (size_t)2 * designs[n].shapes[0].taps << ROW_BITS; /* rows grow fewer as they grow longer */
    return (WINDOW_POINTS + 16u + designs[n].count * level) * sizeof(float);
}

/* Half of a Kaiser window, POINTS+1 values from its middle to its end: I0(beta sqrt(1 - x^2)), unscaled */
static void kaiser(float *out, uint32_t points, double beta)
{
    for (uint32_t i = 0; i <= points; i++) {
        double x = (double)i / (double)points, v = 0.25 * beta * beta * (1.0 - x * x);
        double term = 1.0, sum = 1.0;
        for (int k = 1; k < 40 && term > 1e-12 * sum; k++) {
            term *= v / (double)(k * k);
            sum += term;
        }
        out[i] = (float)sum;
    }
}

/* One phase: TAPS values of the windowed sinc around a point FRACTION after its middle tap, their sum made 1 */
static void row(float *out, uint32_t taps, double cutoff, const float *window, uint32_t rows, uint32_t r)
{
    double d = -(double)(taps / 2 - 1) - (double)r / (double)rows;
    double s = fm_sin(cutoff * d), c = fm_cos(cutoff * d);
    double turn_s = fm_sin(cutoff), turn_c = fm_cos(cutoff), sum = 0.0;
    int32_t at = -(int32_t)((taps / 2 - 1) * rows + r); /* d in steps of the window */
    for (uint32_t j = 0; j < taps; j++) {
        double h = at ? s / (d * 6.28318530717958647693) : cutoff;
        h *= (double)window[at < 0 ? -at : at];
        out[j] = (float)h;
        sum += h;
        double next = s * turn_c + c * turn_s;
        c = c * turn_c - s * turn_s;
        s = next;
        d += 1.0;
        at += (int32_t)rows;
    }
    float scale = (float)(1.0 / sum);
    for (uint32_t j = 0; j < taps; j++)
        out[j] *= scale;
}

/* The rows of one kernel, each followed by its difference to the next */
static void fill(float *at, const struct shape *s, const float *window, uint32_t rows)
{
    float beyond[INTERP_TAPS_MAX];
    row(at, s->taps, (double)s->cutoff, window, rows, 0);
    for (uint32_t r = 0; r < rows; r++, at += 2 * s->taps) {
        float *next = r + 1 < rows ? at + 2 * s->taps : beyond, *difference = at + s->taps;
        row(next, s->taps, (double)s->cutoff, window, rows, r + 1);
        for (uint32_t j = 0; j < s->taps; j++)
            difference[j] = next[j] - at[j];
    }
}

static uint32_t log2_of(uint32_t power)
{
    uint32_t n = 0;
    while (power >>= 1)
        n++;
    return n;
}

void interp_family_init(struct interp_family *family, enum synth_interpolation mode, void *mem)
{
    static const uint32_t plain_taps[3] = {1, 2, 4};
    family->bias = mode == SYNTH_NEAREST ? (int64_t)1 << 31 : 0;
    if (mode != SYNTH_SINC16 && mode != SYNTH_SINC32) {
        family->count = 1;
        family->level[0] = (struct interp_level){INT64_MAX, plain_taps[mode], 0, 0, NULL};
        return;
    }
    unsigned n = mode == SYNTH_SINC32;
    const struct shape *shapes = designs[n].shapes;
    uint32_t points = (shapes[0].taps << ROW_BITS) / 2;
    float *window = mem, *at = window + WINDOW_POINTS + 16u;
    kaiser(window, points, designs[n].beta);
    family->count = designs[n].count;
    for (uint32_t i = 0; i < family->count; i++) {
        const struct shape *s = &shapes[i];
        uint32_t bits = ROW_BITS;
        while (s->taps << bits > shapes[0].taps << ROW_BITS)
            bits--;
        family->level[i] = (struct interp_level){(int64_t)((double)s->max_step * 4294967296.0), s->taps, bits,
                                                32u - bits - log2_of(2 * s->taps), at};
        fill(at, s, window, 1u << bits);
        at += (size_t)2 * s->taps << bits;
    }
    family->level[family->count - 1].max_step = INT64_MAX;
}

const struct interp_level *interp_level_for(const struct interp_family *family, int64_t step)
{
    uint32_t i = 0;
    while (i + 1 < family->count && step > family->level[i].max_step)
        i++;
    return &family->level[i];
}
