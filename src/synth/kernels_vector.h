/* SPDX-License-Identifier: MIT */
/*
 * kernels_vector.h - the kernels over vectors of V_WIDTH floats, written once.
 * Each kernels_*.c defines for its instruction set
 *
 *   vf vi vp         V_WIDTH floats; as many 32-bit integers; as many 64-bit phases
 *   vf_load loadu store storeu set1 add sub mul   on floats; load, store: aligned
 *   vf_of(vi)        signed integers to floats
 *   vf_keep(mask, a, b)   lanes of A where MASK is all ones, else of B
 *   vf_fold(const vf s[V_WIDTH])   lane i: the elements of s[i] folded in halves
 *   vf_samples(p)    V_WIDTH 16-bit samples at P as floats
 *   vi_add sll srl set1   on integers; vi_sra16: the upper halves, signed
 *   vi_madd(vi, vi)  sum of the two products of 16-bit halves
 *   vp_set1 vp_add   on phases; vp_whole vp_part: upper and lower 32 bits; vp_count(x): lane i is i*x; vp_pairs(x): i*(i-1)/2*x
 *   taps2(src, at)   the two taps of each frame, the first in the lower half; AT: uint32_t places
 *   taps4(src, at, &low, &high)   four: the first two in LOW
 *   V_NEAR_FRAMES  if it pays: near_taps2 is the same with the places in a vi, where V_NEAR_SAMPLES samples hold the taps of
 *                  so many frames; with V_NEAR_CUBIC there is near_taps4, too
 *
 * and, where lanes are to be made, V_LANES (static, or nothing) and
 *   vf_transpose(vf rows[V_WIDTH])
 * V_NAME(f) is the name of a kernel.
 *
 * No operation may be fused: kernels_c is the reference, bit for bit.
 */
#ifndef DMUS_SYNTH_KERNELS_VECTOR_H
#define DMUS_SYNTH_KERNELS_VECTOR_H

#define FRACTION (1.0f / 16777216.0f)
#ifndef V_ELEMENT
#define V_ELEMENT(p, k) vf_set1((p)[k])
#endif

/* ---- phases ---------------------------------------------------------------------- */

/* Phases of V_WIDTH frames that follow each other, and the way to the next V_WIDTH. */
struct phases {
    vp at, step, slope;
};

V_INLINE struct phases phases_begin(const struct interp_span *span)
{
    const uint64_t n = V_WIDTH, step = (uint64_t)span->step, slope = (uint64_t)span->slope;
    struct phases p;
    p.at = vp_add(vp_set1(span->phase), vp_add(vp_count(step), vp_pairs(slope)));
    p.step = vp_add(vp_set1(n * step + n * (n - 1) / 2 * slope), vp_count(n * slope));
    p.slope = vp_set1(n * n * slope);
    return p;
}

/* STRAIGHT: the slope is zero, as it mostly is. */
V_INLINE void phases_next(struct phases *p, const bool straight)
{
    p->at = vp_add(p->at, p->step);
    if (!straight)
        p->step = vp_add(p->step, p->slope);
}

/* The same one by one: cheaper where a place must be an address. */
struct walk {
    uint64_t phase, step, slope;
};

/* At frame I of the span */
V_INLINE struct walk walk_at(const struct interp_span *span, uint64_t i)
{
    uint64_t step = (uint64_t)span->step, slope = (uint64_t)span->slope;
    return (struct walk){span->phase + i * step + i * (i - 1) / 2 * slope, step + i * slope, slope};
}

V_INLINE void walk_on(struct walk *walk, const bool straight)
{
    walk->phase += walk->step;
    if (!straight)
        walk->step += walk->slope;
}

/* Samples before the taps of the frame. Frames behind the last one are computed, too (not WHOLE): moved onto the last taps they
 * read nothing that may not be there. */
V_INLINE uint32_t walk_place(const struct walk *walk, const struct interp_span *span, uint32_t taps, bool whole)
{
    uint32_t place = (uint32_t)(walk->phase >> 32), last = span->samples - taps;
    return whole || place <= last ? place : last;
}

V_INLINE void walk_places(struct walk *walk, const struct interp_span *span, uint32_t taps, bool whole, const bool straight,
                          uint32_t *at)
{
    for (unsigned k = 0; k < V_WIDTH; k++) {
        at[k] = walk_place(walk, span, taps, whole);
        walk_on(walk, straight);
    }
}

/* ---- interpolation ------------------------------------------------------------------ */

/* Store COUNT values, 1 .. V_WIDTH. */
V_INLINE void store_some(float *out, vf v, uint32_t count)
{
    float values[V_WIDTH];
    vf_storeu(values, v);
    for (uint32_t k = 0; k < count; k++)
        out[k] = values[k];
}

V_INLINE vf fraction(const struct phases *p)
{
    return vf_mul(vf_of(vi_srl(vp_part(p->at), 8)), vf_set1(FRACTION));
}

V_INLINE vi pair(int low, int high)
{
    return vi_set1((int32_t)(((uint32_t)high << 16) | ((uint32_t)low & 0xFFFFu)));
}

#ifdef V_NEAR_FRAMES
/* Whether a window of V_NEAR_SAMPLES holds TAPS taps of each of V_NEAR_FRAMES frames: they then come out of few loads. */
V_INLINE bool near(const struct interp_span *span, uint32_t count, int64_t taps)
{
    int64_t last = span->step + (int64_t)count * span->slope, most = span->step > last ? span->step : last;
    return (V_NEAR_FRAMES - 1) * most <= (V_NEAR_SAMPLES - taps) * ((int64_t)1 << 32);
}
#endif

V_INLINE vf linear(vf f, vi s)
{
    vf s0 = vf_of(vi_madd(s, pair(1, 0))), rise = vf_of(vi_madd(s, pair(-1, 1)));
    return vf_add(s0, vf_mul(f, rise));
}

#ifdef V_NEAR_FRAMES
V_INLINE uint32_t linear_near(const struct interp_span *span, struct phases *p, struct walk *walk, float *out, uint32_t count,
                              const bool straight)
{
    uint32_t i = 0;
    for (; count - i >= V_WIDTH; i += V_WIDTH) {
        vf_storeu(out + i, linear(fraction(p), near_taps2(span->src, vp_whole(p->at))));
        phases_next(p, straight);
    }
    *walk = walk_at(span, i);
    return i;
}
#endif

V_INLINE void linear_span(const struct interp_span *span, float *out, uint32_t count, const bool straight)
{
    struct phases p = phases_begin(span);
    struct walk walk = walk_at(span, 0);
    uint32_t at[V_WIDTH], i = 0;
#ifdef V_NEAR_FRAMES
    if (near(span, count, 2))
        i = linear_near(span, &p, &walk, out, count, straight);
#endif
    for (; count - i >= V_WIDTH; i += V_WIDTH) {
        walk_places(&walk, span, 2, true, straight, at);
        vf_storeu(out + i, linear(fraction(&p), taps2(span->src, at)));
        phases_next(&p, straight);
    }
    if (i == count)
        return;
    walk_places(&walk, span, 2, false, straight, at);
    store_some(out + i, linear(fraction(&p), taps2(span->src, at)), count - i);
}

static void V_NAME(interp_linear)(const struct interp_span *span, float *out, uint32_t count)
{
    if (span->slope == 0)
        linear_span(span, out, count, true);
    else
        linear_span(span, out, count, false);
}

/* Twice the polynomial's coefficients in whole numbers, which the C kernel's sums are too: no rounding before the products. */
V_INLINE vf cubic(vf f, vi s01, vi s23)
{
    vf s1 = vf_of(vi_sra16(s01));
    vf c1 = vf_of(vi_add(vi_madd(s01, pair(-1, 0)), vi_madd(s23, pair(1, 0))));
    vf c2 = vf_of(vi_add(vi_madd(s01, pair(2, -5)), vi_madd(s23, pair(4, -1))));
    vf c3 = vf_of(vi_add(vi_madd(s01, pair(-1, 3)), vi_madd(s23, pair(-3, 1))));
    vf sum = vf_add(vf_mul(vf_add(vf_mul(c3, f), c2), f), c1);
    return vf_add(vf_mul(sum, vf_mul(f, vf_set1(0.5f))), s1);
}

#ifdef V_NEAR_CUBIC
V_INLINE uint32_t cubic_near(const struct interp_span *span, struct phases *p, struct walk *walk, float *out, uint32_t count,
                             const bool straight)
{
    uint32_t i = 0;
    for (; count - i >= V_WIDTH; i += V_WIDTH) {
        vi s01, s23;
        near_taps4(span->src, vp_whole(p->at), &s01, &s23);
        vf_storeu(out + i, cubic(fraction(p), s01, s23));
        phases_next(p, straight);
    }
    *walk = walk_at(span, i);
    return i;
}
#endif

V_INLINE void cubic_span(const struct interp_span *span, float *out, uint32_t count, const bool straight)
{
    struct phases p = phases_begin(span);
    struct walk walk = walk_at(span, 0);
    uint32_t at[V_WIDTH], i = 0;
    vi s01, s23;
#ifdef V_NEAR_CUBIC
    if (near(span, count, 4))
        i = cubic_near(span, &p, &walk, out, count, straight);
#endif
    for (; count - i >= V_WIDTH; i += V_WIDTH) {
        walk_places(&walk, span, 4, true, straight, at);
        taps4(span->src, at, &s01, &s23);
        vf_storeu(out + i, cubic(fraction(&p), s01, s23));
        phases_next(&p, straight);
    }
    if (i == count)
        return;
    walk_places(&walk, span, 4, false, straight, at);
    taps4(span->src, at, &s01, &s23);
    store_some(out + i, cubic(fraction(&p), s01, s23), count - i);
}

static void V_NAME(interp_cubic)(const struct interp_span *span, float *out, uint32_t count)
{
    if (span->slope == 0)
        cubic_span(span, out, count, true);
    else
        cubic_span(span, out, count, false);
}

/* How far each frame is on its way from its row to the next; COUNT rounded up. Lower halves of the phases are enough. */
V_INLINE void row_fractions(const struct interp_span *span, float *f, uint32_t count, const bool straight)
{
    struct phases p = phases_begin(span);
    for (uint32_t i = 0; i < count; i += V_WIDTH) {
        vf_store(f + i, vf_mul(vf_of(vi_srl(vi_sll(vp_part(p.at), span->level->row_bits), 8)), vf_set1(FRACTION)));
        phases_next(&p, straight);
    }
}

/* The window as floats: fewer conversions than a frame's taps each, unless the step is wide. At least 16 samples. */
V_INLINE void samples_to_floats(const struct interp_span *span)
{
    const uint32_t last = span->samples - V_WIDTH;
    for (uint32_t i = 0; i < last; i += V_WIDTH)
        vf_store(span->work + i, vf_samples(span->src + i));
    vf_storeu(span->work + last, vf_samples(span->src + last));
}

/* The sixteen partial sums of one frame, folded to V_WIDTH */
V_INLINE vf products(const float *s, const float *row, vf f, const uint32_t taps)
{
    vf sum[16 / V_WIDTH];
    for (uint32_t n = 0; n < 16; n += V_WIDTH) {
        vf c = vf_add(vf_load(row + n), vf_mul(f, vf_load(row + taps + n)));
        sum[n / V_WIDTH] = vf_mul(c, vf_loadu(s + n));
    }
    for (uint32_t j = 16; j < taps; j += 16)
        for (uint32_t n = 0; n < 16; n += V_WIDTH) {
            vf c = vf_add(vf_load(row + j + n), vf_mul(f, vf_load(row + taps + j + n)));
            sum[n / V_WIDTH] = vf_add(sum[n / V_WIDTH], vf_mul(c, vf_loadu(s + j + n)));
        }
    for (unsigned half = 16 / V_WIDTH / 2; half; half /= 2)
        for (unsigned n = 0; n < half; n++)
            sum[n] = vf_add(sum[n], sum[n + half]);
    return sum[0];
}

/* V_WIDTH frames from WALK on. LAST: the place that none goes beyond. */
V_INLINE vf sinc_some(const struct interp_span *span, struct walk *walk, const float *f, const uint32_t taps, bool whole,
                      const uint32_t shift, const bool straight)
{
    const float *rows = span->level->rows, *work = span->work;
    const uint32_t mask = ~(2 * taps - 1);
    vf sums[V_WIDTH];
    V_UNROLL
    for (unsigned k = 0; k < V_WIDTH; k++) {
        uint32_t row = (uint32_t)walk->phase >> shift & mask;
        const float *s = work + walk_place(walk, span, taps, whole);
        sums[k] = products(s, rows + row, V_ELEMENT(f, k), taps);
        walk_on(walk, straight);
    }
    return vf_fold(sums);
}

V_INLINE void sinc(const struct interp_span *span, float *out, uint32_t count, const uint32_t taps, const uint32_t shift,
                   const bool straight)
{
    _Alignas(64) float f[MIXER_GRID + V_WIDTH];
    struct walk walk = walk_at(span, 0);
    uint32_t i = 0;
    samples_to_floats(span);
    row_fractions(span, f, count, straight);
    for (; count - i >= V_WIDTH; i += V_WIDTH)
        vf_storeu(out + i, sinc_some(span, &walk, f + i, taps, true, shift, straight));
    if (i < count)
        store_some(out + i, sinc_some(span, &walk, f + i, taps, false, shift, straight), count - i);
}

static void V_NAME(interp_sinc)(const struct interp_span *span, float *out, uint32_t count)
{
    const struct interp_level *level = span->level;
    const bool straight = span->slope == 0;
    if (level->taps == 16 && level->row_shift == 19 && straight) /* with constants: a tenth faster */
        sinc(span, out, count, 16, 19, true);
    else if (level->taps == 16 && level->row_shift == 19)
        sinc(span, out, count, 16, 19, false);
    else if (level->taps == 32 && straight)
        sinc(span, out, count, 32, level->row_shift, true);
    else if (level->taps == 32)
        sinc(span, out, count, 32, level->row_shift, false);
    else
        sinc(span, out, count, level->taps, level->row_shift, false);
}

#ifdef V_LANES

/* ---- lanes ------------------------------------------------------------------------- */

/* V_WIDTH lanes on their way through a span */
struct chain {
    vf e, m, a, left, right, left_slope, right_slope;
    vf k, q, b2, y, d, filter, k_slope, q_slope, b2_slope;
    vf reverb, chorus, reverb_slope, chorus_slope;
};

/* What they add to the buses in one frame */
struct drop {
    vf bus[BUS_COUNT];
};

V_INLINE struct chain chain_load(const struct lanes *g, unsigned n)
{
    return (struct chain){
        .e = vf_load(g->e + n),
        .m = vf_load(g->m + n),
        .a = vf_load(g->a + n),
        .left = vf_load(g->left + n),
        .right = vf_load(g->right + n),
        .left_slope = vf_load(g->left_slope + n),
        .right_slope = vf_load(g->right_slope + n),
        .k = vf_load(g->k + n),
        .q = vf_load(g->q + n),
        .b2 = vf_load(g->b2 + n),
        .y = vf_load(g->y + n),
        .d = vf_load(g->d + n),
        .filter = vf_load((const float *)(const void *)(g->filter + n)),
        .k_slope = vf_load(g->k_slope + n),
        .q_slope = vf_load(g->q_slope + n),
        .b2_slope = vf_load(g->b2_slope + n),
        .reverb = vf_load(g->reverb + n),
        .chorus = vf_load(g->chorus + n),
        .reverb_slope = vf_load(g->reverb_slope + n),
        .chorus_slope = vf_load(g->chorus_slope + n),
    };
}

V_INLINE void chain_store(const struct chain *c, struct lanes *g, unsigned n, const unsigned features)
{
    vf_store(g->e + n, c->e);
    if (features & LANES_FILTER) {
        vf_store(g->y + n, c->y);
        vf_store(g->d + n, c->d);
    }
    if (features & LANES_SWEEP) {
        vf_store(g->k + n, c->k);
        vf_store(g->q + n, c->q);
        vf_store(g->b2 + n, c->b2);
    }
    if (features & LANES_RAMP) {
        vf_store(g->left + n, c->left);
        vf_store(g->right + n, c->right);
        vf_store(g->reverb + n, c->reverb);
        vf_store(g->chorus + n, c->chorus);
    }
}

V_INLINE vf filtered(struct chain *c, vf s, const unsigned features)
{
    c->d = vf_sub(vf_add(vf_mul(c->b2, c->d), vf_mul(c->k, s)), vf_mul(c->q, c->y));
    c->y = vf_add(c->y, c->d);
    if (features & LANES_SWEEP) {
        c->k = vf_add(c->k, c->k_slope);
        c->q = vf_add(c->q, c->q_slope);
        c->b2 = vf_add(c->b2, c->b2_slope);
    }
    return vf_keep(c->filter, c->y, s);
}

V_INLINE struct drop chain_step(struct chain *c, vf s, const unsigned features)
{
    struct drop out;
    if (features & LANES_FILTER)
        s = filtered(c, s, features);
    s = vf_mul(s, c->e);
    c->e = vf_add(vf_mul(c->e, c->m), c->a);
    vf l = out.bus[BUS_LEFT] = vf_mul(s, c->left);
    vf r = out.bus[BUS_RIGHT] = vf_mul(s, c->right);
    if (features & LANES_REVERB) {
        out.bus[BUS_REVERB_LEFT] = vf_mul(l, c->reverb);
        out.bus[BUS_REVERB_RIGHT] = vf_mul(r, c->reverb);
    }
    if (features & LANES_CHORUS) {
        out.bus[BUS_CHORUS_LEFT] = vf_mul(l, c->chorus);
        out.bus[BUS_CHORUS_RIGHT] = vf_mul(r, c->chorus);
    }
    if (features & LANES_RAMP) {
        c->left = vf_add(c->left, c->left_slope);
        c->right = vf_add(c->right, c->right_slope);
        if (features & LANES_REVERB)
            c->reverb = vf_add(c->reverb, c->reverb_slope);
        if (features & LANES_CHORUS)
            c->chorus = vf_add(c->chorus, c->chorus_slope);
    }
    return out;
}

V_INLINE unsigned bus_end(const unsigned features)
{
    return features & LANES_CHORUS ? BUS_COUNT : features & LANES_REVERB ? BUS_CHORUS_LEFT : BUS_REVERB_LEFT;
}

/* X by frames instead of lanes, from FIRST on */
V_INLINE void turn(const float (*x)[MIXER_GRID], uint32_t first, uint32_t count, float (*out)[LANES])
{
    uint32_t i = 0;
    for (; count - i >= V_WIDTH; i += V_WIDTH)
        for (unsigned n = 0; n < LANES; n += V_WIDTH) {
            vf rows[V_WIDTH];
            for (unsigned k = 0; k < V_WIDTH; k++)
                rows[k] = vf_loadu(x[n + k] + first + i);
            vf_transpose(rows);
            for (unsigned k = 0; k < V_WIDTH; k++)
                vf_store(out[i + k] + n, rows[k]);
        }
    for (; i < count; i++)
        for (unsigned n = 0; n < LANES; n++)
            out[i][n] = x[n][first + i];
}

/* Two chains at once: the halves of a group where a vector is half of its lanes, else two groups; TWO: the second is there. */
V_INLINE void run(struct lanes *group, struct lanes *second, const bool two, const float (*x)[LANES], struct mix *mix,
                       uint32_t first, uint32_t count, const unsigned features)
{
    const bool halves = V_WIDTH < LANES;
    struct lanes *other = halves || !two ? group : second;
    const unsigned n = halves ? V_WIDTH % LANES : 0;
    const float *x2 = halves ? x[0] + n : x[MIXER_GRID];
    struct chain a = chain_load(group, 0), b = chain_load(other, n);
    for (uint32_t i = 0; i < count; i++) {
        struct drop p = chain_step(&a, vf_load(x[i]), features), q = p;
        if (two)
            q = chain_step(&b, vf_load(x2 + i * LANES), features);
        for (unsigned bus = 0; bus < bus_end(features); bus++) {
            float *at = mix->bus[bus][first + i];
            vf sum = vf_add(vf_load(at), p.bus[bus]);
            if (two && !halves)
                sum = vf_add(sum, q.bus[bus]);
            vf_store(at, sum);
            if (halves)
                vf_store(at + n, vf_add(vf_load(at + n), q.bus[bus]));
        }
    }
    chain_store(&a, group, 0, features);
    if (two)
        chain_store(&b, other, n, features);
}

V_INLINE void turn_and_run(struct lanes *group, struct lanes *second, const bool two, const float (*x)[MIXER_GRID],
                                struct mix *mix, uint32_t first, uint32_t count, unsigned features)
{
    _Alignas(64) float by_frame[2 * MIXER_GRID][LANES];
    turn(x, first, count, by_frame);
    if (two && second)
        turn(x + LANES, first, count, by_frame + MIXER_GRID);
    const float(*frames)[LANES] = (const float(*)[LANES])by_frame;
    LANES_DISPATCH(run, features, group, second, two, frames, mix, first, count)
}

V_LANES void V_NAME(lanes)(struct lanes *group, struct lanes *second, const float (*x)[MIXER_GRID], struct mix *mix,
                           uint32_t first, uint32_t count, unsigned features)
{
    const bool halves = V_WIDTH < LANES;
    if (second && !halves) {
        turn_and_run(group, second, true, x, mix, first, count, features);
        return;
    }
    turn_and_run(group, NULL, halves, x, mix, first, count, features);
    if (second)
        turn_and_run(second, NULL, halves, x + LANES, mix, first, count, features);
}

V_LANES void V_NAME(lanes_sum)(const float (*rows)[LANES], float *out, uint32_t count)
{
    uint32_t i = 0;
    for (; count - i >= V_WIDTH; i += V_WIDTH) {
        vf sums[V_WIDTH];
        for (unsigned k = 0; k < V_WIDTH; k++) {
            sums[k] = vf_load(rows[i + k]);
            if (V_WIDTH < LANES)
                sums[k] = vf_add(sums[k], vf_load(rows[i + k] + V_WIDTH % LANES));
        }
        vf_storeu(out + i, vf_fold(sums));
    }
    lanes_sum_c(rows + i, out + i, count - i);
}
#endif

#endif
