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
 *                  so many frames
 *   V_STRIDES      if all V_WIDTH frames' taps are in one window: near_taps4, and for a step that does not change stride_of,
 *                  stride_picks, near_window, near_pick
 *   V_PLACES       if places can be looked up in vectors: neighbours(p, &s01, &s23) is taps4 of the V_WIDTH places from P on;
 *                  vf_pick(v, at): lane i is element at[i] of V; vi_sub; vi_first(v): its first element; vi_all_first(v)
 *   V_TABLES       if they can be in two vectors: neighbours and vf_pick, and vf_pick_two(low, high, at): of both
 *
 * V_NAME(f) is the name of a kernel.
 *
 * No operation may be fused: kernels_c is the reference, bit for bit.
 */
#ifndef DMUS_SYNTH_KERNELS_VECTOR_H
#define DMUS_SYNTH_KERNELS_VECTOR_H

#define FRACTION (1.0f / 16777216.0f)
#ifndef V_DIRECT_TAPS
#define V_DIRECT_TAPS 0
#endif
#ifndef V_ELEMENT
#define V_ELEMENT(p, k) vf_set1((p)[k])
#endif

/* ---- phases ---------------------------------------------------------------------- */

/* Phases of V_WIDTH frames that follow each other, and the way to the next V_WIDTH. */
struct phases {
    vp at, step, slope;
};

/* STRAIGHT: the slope is zero, as it mostly is. */
V_INLINE struct phases phases_begin(const struct interp_span *span, const bool straight)
{
    const uint64_t n = V_WIDTH, step = (uint64_t)span->step, slope = (uint64_t)span->slope;
    struct phases p;
    p.at = vp_add(vp_set1(span->phase), vp_count(step));
    p.step = p.slope = vp_set1(n * step);
    if (straight)
        return p;
    p.at = vp_add(p.at, vp_pairs(slope));
    p.step = vp_add(vp_set1(n * step + n * (n - 1) / 2 * slope), vp_count(n * slope));
    p.slope = vp_set1(n * n * slope);
    return p;
}

V_INLINE void phases_next(struct phases *p, const bool straight)
{
    p->at = vp_add(p->at, p->step);
    if (!straight)
        p->step = vp_add(p->step, p->slope);
}

/* The lower halves alone, which run on by themselves: all that fractions need. */
struct parts {
    vi at, step, slope;
};

V_INLINE struct parts parts_begin(const struct interp_span *span, const bool straight)
{
    const struct phases p = phases_begin(span, straight);
    return (struct parts){vp_part(p.at), vp_part(p.step), vp_part(p.slope)};
}

V_INLINE void parts_next(struct parts *p, const bool straight)
{
    p->at = vi_add(p->at, p->step);
    if (!straight)
        p->step = vi_add(p->step, p->slope);
}

/* Phases one by one: cheaper where a place must be an address. */
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

#ifndef V_STORE_SOME
/* Store COUNT values, 1 .. V_WIDTH. */
V_INLINE void store_some(float *out, vf v, uint32_t count)
{
    float values[V_WIDTH];
    vf_storeu(values, v);
    for (uint32_t k = 0; k < count; k++)
        out[k] = values[k];
}
#endif

/* V_WIDTH of them, or the COUNT that are left */
V_INLINE void store_next(float *out, vf v, uint32_t count)
{
    if (count >= V_WIDTH)
        vf_storeu(out, v);
    else
        store_some(out, v, count);
}

/* Of the lower halves of phases */
V_INLINE vf fractions(vi part)
{
    return vf_mul(vf_of(vi_srl(part, 8)), vf_set1(FRACTION));
}

V_INLINE vi pair(int low, int high)
{
    return vi_set1((int32_t)(((uint32_t)high << 16) | ((uint32_t)low & 0xFFFFu)));
}

/* The largest step at which FRAMES frames that follow each other are at no more than PLACES places */
V_INLINE int64_t step_among(int64_t places, int64_t frames)
{
    return (places - 1) * ((int64_t)1 << 32) / (frames - 1);
}

V_INLINE int64_t largest_step(const struct interp_span *span, uint32_t count)
{
    int64_t last = span->step + (int64_t)count * span->slope;
    return span->step > last ? span->step : last;
}

#ifdef V_NEAR_FRAMES
/* Whether a window of V_NEAR_SAMPLES holds TAPS taps of each of V_NEAR_FRAMES frames: they then come out of few loads. */
V_INLINE int64_t near_step(int64_t taps)
{
    return step_among(V_NEAR_SAMPLES - taps + 1, V_NEAR_FRAMES);
}

V_INLINE bool near(const struct interp_span *span, uint32_t count, int64_t taps)
{
    return largest_step(span, count) <= near_step(taps);
}

V_INLINE bool near_straight(const struct interp_span *span, int64_t taps)
{
    return span->slope == 0 && span->step <= near_step(taps);
}
#endif

V_INLINE vf linear(vf f, vi s)
{
    vf s0 = vf_of(vi_madd(s, pair(1, 0))), rise = vf_of(vi_madd(s, pair(-1, 1)));
    return vf_add(s0, vf_mul(f, rise));
}

/* Frames behind the last one are picked out of its window, too. */
#ifdef V_NEAR_FRAMES
V_INLINE void linear_near(const struct interp_span *span, float *out, uint32_t count, const bool straight)
{
    struct phases p = phases_begin(span, straight);
    for (uint32_t i = 0; i < count; i += V_WIDTH) {
        store_next(out + i, linear(fractions(vp_part(p.at)), near_taps2(span->src, vp_whole(p.at))), count - i);
        phases_next(&p, straight);
    }
}
#endif

#ifdef V_STRIDES
V_INLINE void linear_straight(const struct interp_span *span, float *out, uint32_t count)
{
    const struct stride stride = stride_of((uint64_t)span->step);
    uint64_t phase = span->phase;
    for (uint32_t i = 0; i < count; i += V_WIDTH) {
        struct picks p = stride_picks(&stride, phase);
        vi window = near_window(span->src + (phase >> 32));
        store_next(out + i, linear(fractions(p.part), near_pick(window, p.first)), count - i);
        phase += V_WIDTH * (uint64_t)span->step;
    }
}
#endif

V_INLINE void linear_span(const struct interp_span *span, float *out, uint32_t count, const bool straight)
{
    struct parts p = parts_begin(span, straight);
    struct walk walk = walk_at(span, 0);
    uint32_t at[V_WIDTH], i = 0;
    for (; count - i >= V_WIDTH; i += V_WIDTH) {
        walk_places(&walk, span, 2, true, straight, at);
        vf_storeu(out + i, linear(fractions(p.at), taps2(span->src, at)));
        parts_next(&p, straight);
    }
    if (i == count)
        return;
    walk_places(&walk, span, 2, false, straight, at);
    store_some(out + i, linear(fractions(p.at), taps2(span->src, at)), count - i);
}

APART void linear_usual(const struct interp_span *span, float *out, uint32_t count)
{
    if (span->slope == 0)
        linear_span(span, out, count, true);
    else
        linear_span(span, out, count, false);
}

static void V_NAME(interp_linear)(const struct interp_span *span, float *out, uint32_t count)
{
#ifdef V_STRIDES
    if (near_straight(span, 2))
        linear_straight(span, out, count);
    else
#endif
#ifdef V_NEAR_FRAMES
    if (near(span, count, 2) && span->slope == 0)
        linear_near(span, out, count, true);
    else if (near(span, count, 2))
        linear_near(span, out, count, false);
    else
#endif
        linear_usual(span, out, count);
}

/* Coefficients of the polynomial in half the fraction, of whole numbers, which the C kernel's sums are too: no rounding before the
 * products, and powers of two change none of theirs. */
struct cubic {
    vf c1, c2, c3, s1;
};

V_INLINE struct cubic cubic_of(vi s01, vi s23)
{
    return (struct cubic){.c1 = vf_of(vi_add(vi_madd(s01, pair(-1, 0)), vi_madd(s23, pair(1, 0)))),
                          .c2 = vf_of(vi_add(vi_madd(s01, pair(4, -10)), vi_madd(s23, pair(8, -2)))),
                          .c3 = vf_of(vi_add(vi_madd(s01, pair(-4, 12)), vi_madd(s23, pair(-12, 4)))),
                          .s1 = vf_of(vi_sra16(s01))};
}

V_INLINE vf cubic_at(struct cubic c, vi part)
{
    vf half = vf_mul(vf_of(vi_srl(part, 8)), vf_set1(FRACTION / 2));
    vf sum = vf_add(vf_mul(vf_add(vf_mul(c.c3, half), c.c2), half), c.c1);
    return vf_add(vf_mul(sum, half), c.s1);
}

V_INLINE vf cubic(vi part, vi s01, vi s23)
{
    return cubic_at(cubic_of(s01, s23), part);
}

#if defined(V_TABLES) || defined(V_PLACES)
V_INLINE struct cubic neighbouring(const int16_t *src)
{
    vi s01, s23;
    neighbours(src, &s01, &s23);
    return cubic_of(s01, s23);
}
#endif

#ifdef V_TABLES
V_INLINE struct cubic cubic_pick(struct cubic low, struct cubic high, vi at, const bool two)
{
    return two ? (struct cubic){vf_pick_two(low.c1, high.c1, at), vf_pick_two(low.c2, high.c2, at),
                                vf_pick_two(low.c3, high.c3, at), vf_pick_two(low.s1, high.s1, at)}
               : (struct cubic){vf_pick(low.c1, at), vf_pick(low.c2, at), vf_pick(low.c3, at), vf_pick(low.s1, at)};
}

/* Few samples for the frames: the coefficients for all places first, or TWO times as many as in a vector. */
V_INLINE void cubic_tabled(const struct interp_span *span, float *out, uint32_t count, const bool two, const bool straight)
{
    const struct cubic low = neighbouring(span->src), high = two ? neighbouring(span->src + V_WIDTH) : low;
    struct phases p = phases_begin(span, straight);
    for (uint32_t i = 0; i < count; i += V_WIDTH) {
        store_next(out + i, cubic_at(cubic_pick(low, high, vp_whole(p.at), two), vp_part(p.at)), count - i);
        phases_next(&p, straight);
    }
}

/* Two of them only where one is not enough: less can be read of fewer samples. */
APART void cubic_few(const struct interp_span *span, float *out, uint32_t count)
{
    const bool two = span->samples > V_WIDTH + 3, straight = span->slope == 0;
    if (two && straight)
        cubic_tabled(span, out, count, true, true);
    else if (straight)
        cubic_tabled(span, out, count, false, true);
    else if (two)
        cubic_tabled(span, out, count, true, false);
    else
        cubic_tabled(span, out, count, false, false);
}
#endif

#ifdef V_STRIDES
APART void cubic_near(const struct interp_span *span, float *out, uint32_t count)
{
    struct phases p = phases_begin(span, false);
    for (uint32_t i = 0; i < count; i += V_WIDTH) {
        vi s01, s23;
        near_taps4(span->src, vp_whole(p.at), &s01, &s23);
        store_next(out + i, cubic(vp_part(p.at), s01, s23), count - i);
        phases_next(&p, false);
    }
}

V_INLINE void cubic_straight(const struct interp_span *span, float *out, uint32_t count)
{
    const struct stride stride = stride_of((uint64_t)span->step);
    uint64_t phase = span->phase;
    for (uint32_t i = 0; i < count; i += V_WIDTH) {
        struct picks p = stride_picks(&stride, phase);
        const int16_t *src = span->src + (phase >> 32);
        vi s01 = near_pick(near_window(src), p.first), s23 = near_pick(near_window(src + 2), p.first);
        store_next(out + i, cubic(p.part, s01, s23), count - i);
        phase += V_WIDTH * (uint64_t)span->step;
    }
}
#endif

#ifdef V_PLACES
/* One of V_WIDTH neighbouring places for each frame: PLACE counts from BASE. */
V_INLINE vf cubic_from(struct cubic c, const struct phases *p, vi base)
{
    const vi at = vi_sub(vp_whole(p->at), base);
    struct cubic here = {vf_pick(c.c1, at), vf_pick(c.c2, at), vf_pick(c.c3, at), vf_pick(c.s1, at)};
    return cubic_at(here, vp_part(p->at));
}

/* VECTORS of frames at a time, all between V_WIDTH places: the coefficients once for these */
V_INLINE void cubic_among(const struct interp_span *span, float *out, uint32_t count, const uint32_t vectors, const bool straight)
{
    struct phases p = phases_begin(span, straight);
    const int16_t *src = span->src;
    for (uint32_t i = 0; i < count;) {
        const vi place = vp_whole(p.at), base = vi_all_first(place);
        const struct cubic c = neighbouring(src + vi_first(place));
        uint32_t k = 0;
        for (; k < vectors && count - i >= V_WIDTH; k++, i += V_WIDTH) {
            vf_storeu(out + i, cubic_from(c, &p, base));
            phases_next(&p, straight);
        }
        if (k == vectors || i == count)
            continue;
        store_some(out + i, cubic_from(c, &p, base), count - i);
        return;
    }
}

APART void cubic_places(const struct interp_span *span, float *out, uint32_t count)
{
    if (span->slope != 0)
        cubic_among(span, out, count, 2, false);
    else if (span->step <= step_among(V_WIDTH, 4 * V_WIDTH))
        cubic_among(span, out, count, 4, true);
    else
        cubic_among(span, out, count, 2, true);
}
#endif

V_INLINE void cubic_span(const struct interp_span *span, float *out, uint32_t count, const bool straight)
{
    struct parts p = parts_begin(span, straight);
    struct walk walk = walk_at(span, 0);
    uint32_t at[V_WIDTH], i = 0;
    vi s01, s23;
    for (; count - i >= V_WIDTH; i += V_WIDTH) {
        walk_places(&walk, span, 4, true, straight, at);
        taps4(span->src, at, &s01, &s23);
        vf_storeu(out + i, cubic(p.at, s01, s23));
        parts_next(&p, straight);
    }
    if (i == count)
        return;
    walk_places(&walk, span, 4, false, straight, at);
    taps4(span->src, at, &s01, &s23);
    store_some(out + i, cubic(p.at, s01, s23), count - i);
}

APART void cubic_usual(const struct interp_span *span, float *out, uint32_t count)
{
    if (span->slope == 0)
        cubic_span(span, out, count, true);
    else
        cubic_span(span, out, count, false);
}

static void V_NAME(interp_cubic)(const struct interp_span *span, float *out, uint32_t count)
{
#ifdef V_TABLES
    if (span->samples <= 2 * V_WIDTH + 3)
        cubic_few(span, out, count);
    else
#endif
#ifdef V_STRIDES
    if (near_straight(span, 4))
        cubic_straight(span, out, count);
    else if (near(span, count, 4))
        cubic_near(span, out, count);
    else
#endif
#ifdef V_PLACES
    if (largest_step(span, count) <= step_among(V_WIDTH, 2 * V_WIDTH))
        cubic_places(span, out, count);
    else
#endif
        cubic_usual(span, out, count);
}

/* How far each frame is on its way from its row to the next; COUNT rounded up. */
V_INLINE void row_fractions(const struct interp_span *span, float *f, uint32_t count, const bool straight)
{
    struct parts p = parts_begin(span, straight);
    for (uint32_t i = 0; i < count; i += V_WIDTH) {
        vf_store(f + i, vf_mul(vf_of(vi_srl(vi_sll(p.at, span->level->row_bits), 8)), vf_set1(FRACTION)));
        parts_next(&p, straight);
    }
}

/* Samples as they came or as floats. DIRECT: not out of the work buffer, whose stores a load across two of them must wait for. */
union samples {
    const int16_t *direct;
    const float *floats;
};

V_INLINE union samples samples_from(union samples at, size_t place, const bool direct)
{
    return direct ? (union samples){.direct = at.direct + place} : (union samples){.floats = at.floats + place};
}

V_INLINE vf samples_load(union samples at, size_t place, const bool direct)
{
    return direct ? vf_samples(at.direct + place) : vf_loadu(at.floats + place);
}

/* SPAN's as floats, in its work buffer: fewer conversions than a frame's taps each, unless the step is wide. At least 16. */
V_INLINE union samples samples_to_floats(const struct interp_span *span)
{
    const uint32_t last = span->samples - V_WIDTH;
    for (uint32_t i = 0; i < last; i += V_WIDTH)
        vf_store(span->work + i, vf_samples(span->src + i));
    vf_storeu(span->work + last, vf_samples(span->src + last));
    return (union samples){.floats = span->work};
}

/* The sixteen partial sums of the frame whose taps begin at AT, folded to V_WIDTH */
V_INLINE vf products(union samples at, const float *row, vf f, const uint32_t taps, const bool direct)
{
    vf sum[16 / V_WIDTH];
    for (uint32_t n = 0; n < 16; n += V_WIDTH) {
        vf c = vf_add(vf_load(row + n), vf_mul(f, vf_load(row + taps + n)));
        sum[n / V_WIDTH] = vf_mul(c, samples_load(at, n, direct));
    }
    for (uint32_t j = 16; j < taps; j += 16)
        for (uint32_t n = 0; n < 16; n += V_WIDTH) {
            vf c = vf_add(vf_load(row + j + n), vf_mul(f, vf_load(row + taps + j + n)));
            sum[n / V_WIDTH] = vf_add(sum[n / V_WIDTH], vf_mul(c, samples_load(at, j + n, direct)));
        }
    for (unsigned half = 16 / V_WIDTH / 2; half; half /= 2)
        for (unsigned n = 0; n < half; n++)
            sum[n] = vf_add(sum[n], sum[n + half]);
    return sum[0];
}

/* What the frames of a span have in common, apart from SPAN: a store to the output might change what that says. */
struct sinc {
    const struct interp_span *span;
    union samples window;
    const float *rows;
};

/* V_WIDTH frames from WALK on */
V_INLINE vf sinc_some(const struct sinc sinc, struct walk *walk, const float *f, const uint32_t taps, bool whole,
                      const uint32_t shift, const bool straight)
{
    const bool direct = taps <= V_DIRECT_TAPS;
    const uint64_t mask = (UINT32_MAX >> shift) & ~(2 * taps - 1);
    vf sums[V_WIDTH];
    V_UNROLL
    for (unsigned k = 0; k < V_WIDTH; k++) {
        const float *row = sinc.rows + (size_t)(walk->phase >> shift & mask);
        union samples at = samples_from(sinc.window, walk_place(walk, sinc.span, taps, whole), direct);
        sums[k] = products(at, row, V_ELEMENT(f, k), taps, direct);
        walk_on(walk, straight);
    }
    return vf_fold(sums);
}

V_INLINE void sinc(const struct interp_span *span, float *out, uint32_t count, const uint32_t taps, const uint32_t shift,
                   const bool straight)
{
    _Alignas(64) float f[MIXER_GRID + V_WIDTH];
    const union samples window = taps > V_DIRECT_TAPS ? samples_to_floats(span) : (union samples){.direct = span->src};
    const struct sinc common = {span, window, span->level->rows};
    struct walk walk = walk_at(span, 0);
    uint32_t i = 0;
    row_fractions(span, f, count, straight);
    for (; count - i >= V_WIDTH; i += V_WIDTH)
        vf_storeu(out + i, sinc_some(common, &walk, f + i, taps, true, shift, straight));
    if (i < count)
        store_some(out + i, sinc_some(common, &walk, f + i, taps, false, shift, straight), count - i);
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

#endif
