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

/* Points and rows are made eight at a time, side by side, for compilers to make vectors of. */
enum { BESIDE = 8 };

/* Half of a Kaiser window, POINTS+1 values from its middle to its end: I0(beta sqrt(1 - x^2)), unscaled. POINTS are many times
 * eight, seven more values are written; eight need as many terms as their first, the largest. */
static void kaiser(float *out, uint32_t points, double beta)
{
    for (uint32_t i = 0; i <= points; i += BESIDE) {
        double v[BESIDE], term[BESIDE], sum[BESIDE];
        for (uint32_t n = 0; n < BESIDE; n++) {
            double x = (double)(int32_t)(i + n) / (double)points;
            v[n] = 0.25 * beta * beta * (1.0 - x * x);
            term[n] = sum[n] = 1.0;
        }
        for (int k = 1; k < 40 && term[0] > 1e-12 * sum[0]; k++) {
            double part = 1.0 / (double)(k * k);
            for (uint32_t n = 0; n < BESIDE; n++) {
                term[n] *= v[n] * part;
                sum[n] += term[n];
            }
        }
        for (uint32_t n = 0; n < BESIDE; n++)
            out[i + n] = (float)sum[n];
    }
}

/* What the rows of one kernel have in common */
struct kernel {
    uint32_t taps, rows;
    uint32_t middle;                         /* the tap at or just before the position */
    double cutoff, turn_s, turn_c;           /* sine and cosine of a tap further ... */
    double phase_s[BESIDE], phase_c[BESIDE]; /* ... and of 0 to 7 phases */
    const float *window;
};

/* Phases from R on, COUNT of them, at most eight: TAPS values each of the windowed sinc around a point R/rows after its middle tap,
 * their sum made 1. A row is STRIDE values after the one before. R may be rows: the first phase, a tap later. */
static void make_rows(const struct kernel *k, float *out, size_t stride, uint32_t r, uint32_t count)
{
    double d[BESIDE], s[BESIDE], c[BESIDE], h[BESIDE], sum[BESIDE] = {0};
    double first = -(double)k->middle - (double)r / (double)k->rows;
    double first_s = fm_sin(k->cutoff * first), first_c = fm_cos(k->cutoff * first);
    for (uint32_t n = 0; n < BESIDE; n++) {
        d[n] = first - (double)n / (double)k->rows;
        s[n] = first_s * k->phase_c[n] - first_c * k->phase_s[n];
        c[n] = first_c * k->phase_c[n] + first_s * k->phase_s[n];
    }
    s[0] = first_s; /* with the sign of a zero */
    c[0] = first_c;
    for (uint32_t j = 0; j < k->taps; j++) {
        float w[BESIDE];
        int32_t at = ((int32_t)j - (int32_t)k->middle) * (int32_t)k->rows - (int32_t)r; /* d[0] in steps of the window */
        const float *window = k->window + (at < 0 ? -at : at);
        if (at <= 0)
            for (uint32_t n = 0; n < BESIDE; n++)
                w[n] = window[n];
        else
            for (uint32_t n = 0; n < BESIDE; n++)
                w[n] = *(window - n);
        if (!at)
            d[0] = 1.0; /* the process may have division by zero trapped */
        for (uint32_t n = 0; n < BESIDE; n++)
            h[n] = s[n] / (d[n] * 6.28318530717958647693);
        if (!at) {
            d[0] = 0.0;
            h[0] = k->cutoff;
        }
        for (uint32_t n = 0; n < BESIDE; n++) {
            h[n] *= (double)w[n];
            sum[n] += h[n];
            double next = s[n] * k->turn_c + c[n] * k->turn_s;
            c[n] = c[n] * k->turn_c - s[n] * k->turn_s;
            s[n] = next;
            d[n] += 1.0;
        }
        for (uint32_t n = 0; n < count; n++)
            out[n * stride + j] = (float)h[n];
    }
    for (uint32_t n = 0; n < count; n++) {
        float scale = (float)(1.0 / sum[n]), *row = out + n * stride;
        for (uint32_t j = 0; j < k->taps; j++)
            row[j] *= scale;
    }
}

/* The rows of one kernel, each followed by its difference to the next */
static void fill(float *at, const struct shape *s, const float *window, uint32_t rows)
{
    double cutoff = (double)s->cutoff;
    struct kernel k = {s->taps, rows, s->taps / 2 - 1, cutoff, fm_sin(cutoff), fm_cos(cutoff), {0}, {0}, window};
    for (uint32_t n = 0; n < BESIDE; n++) {
        k.phase_s[n] = fm_sin(cutoff * (double)n / (double)rows);
        k.phase_c[n] = fm_cos(cutoff * (double)n / (double)rows);
    }
    float beyond[INTERP_TAPS_MAX];
    size_t stride = 2 * (size_t)s->taps;
    for (uint32_t r = 0; r < rows; r += BESIDE)
        make_rows(&k, at + r * stride, stride, r, BESIDE);
    make_rows(&k, beyond, stride, rows, 1);
    for (uint32_t r = 0; r < rows; r++, at += stride) {
        const float *next = r + 1 < rows ? at + stride : beyond;
        for (uint32_t j = 0; j < s->taps; j++)
            at[s->taps + j] = next[j] - at[j];
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
