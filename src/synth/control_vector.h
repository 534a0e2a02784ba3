/* SPDX-License-Identifier: MIT */
/*
 * control_vector.h - the control kernel (control.h) where eight lanes of floats
 * are one vector and those of doubles one or two: what control_lanes.h does in
 * loops, with everything of a step in registers. Bit for bit the same. Of the
 * instruction set (control_avx2.h, control_avx512.h), beside Intel's __m256:
 *
 *   ef ei ed el      the lanes as floats, 32-bit integers, doubles, 64-bit phases
 *   ef_mask ed_mask  which lanes, as comparisons of ef and ed give it
 *   ed_least most    as a < b ? a : b and a > b ? a : b
 *   ed_pairs(p, at, &first, &second)   p[at[n]] and p[at[n] + 1] of each lane (gathers are slower)
 *   ed_power(x)      2^(x - 1.5*2^52) for whole numbers
 *   el_add_turns(phase, frames, turn)
 */
#ifndef DMUS_SYNTH_CONTROL_VECTOR_H
#define DMUS_SYNTH_CONTROL_VECTOR_H

#include "control.h"
#include "fmath.h"
#include "kernels.h"

V_INLINE ef ef_load(const float *p) { return _mm256_loadu_ps(p); }
V_INLINE void ef_store(float *p, ef v) { _mm256_storeu_ps(p, v); }
V_INLINE ef ef_set1(float x) { return _mm256_set1_ps(x); }
V_INLINE ef ef_add(ef a, ef b) { return _mm256_add_ps(a, b); }
V_INLINE ef ef_sub(ef a, ef b) { return _mm256_sub_ps(a, b); }
V_INLINE ef ef_mul(ef a, ef b) { return _mm256_mul_ps(a, b); }
V_INLINE ef ef_size(ef a) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), a); }
V_INLINE ei ei_load(const uint32_t *p) { return _mm256_loadu_si256((const __m256i *)(const void *)p); }
V_INLINE void ei_store(uint32_t *p, ei v) { _mm256_storeu_si256((__m256i *)(void *)p, v); }

/* As C compares: with what is no number, only "not the same" is true. */
V_INLINE ef_mask ef_above(ef a, ef b) { return EF_COMPARE(a, b, _CMP_GT_OQ); }
V_INLINE ef_mask ef_below(ef a, ef b) { return EF_COMPARE(a, b, _CMP_LT_OQ); }
V_INLINE ef_mask ef_differs(ef a, ef b) { return EF_COMPARE(a, b, _CMP_NEQ_UQ); }
V_INLINE ed_mask ed_above(ed a, ed b) { return ED_COMPARE(a, b, _CMP_GT_OQ); }
V_INLINE ed_mask ed_differs(ed a, ed b) { return ED_COMPARE(a, b, _CMP_NEQ_UQ); }

/* fm_exp2 */
V_INLINE ed exp2_eight(ed v)
{
    const ed one = ed_set1(1.0);
    ed x = ed_least(ed_most(v, ed_set1(-1022.0)), ed_set1(1023.0));
    ed t = ed_add(x, ed_set1(0.5)), nearest = ed_sub(ed_add(t, ed_set1(ROUNDER)), ed_set1(ROUNDER));
    ed whole = ed_sub(nearest, ed_keep(ed_above(nearest, t), one, ed_set1(0.0)));
    ed f = ed_mul(ed_sub(x, whole), ed_set1(0.69314718055994530942));
    ed f2 = ed_mul(f, f), f4 = ed_mul(f2, f2), f8 = ed_mul(f4, f4);
    ed a = ed_add(ed_add(one, f), ed_mul(ed_add(ed_set1(0.5), ed_mul(ed_set1(1.0 / 6.0), f)), f2));
    ed b = ed_add(ed_add(ed_set1(1.0 / 24.0), ed_mul(ed_set1(1.0 / 120.0), f)),
                  ed_mul(ed_add(ed_set1(1.0 / 720.0), ed_mul(ed_set1(1.0 / 5040.0), f)), f2));
    ed c = ed_add(ed_add(ed_set1(1.0 / 40320.0), ed_mul(ed_set1(1.0 / 362880.0), f)),
                  ed_mul(ed_add(ed_set1(1.0 / 3628800.0), ed_mul(ed_set1(1.0 / 39916800.0), f)), f2));
    ed tail = ed_add(ed_mul(b, f4), ed_mul(ed_add(c, ed_mul(ed_set1(1.0 / 479001600.0), f4)), f8));
    return ed_mul(ed_add(a, tail), ed_power(ed_add(whole, ed_set1(ROUNDER))));
}

/* lfo_advance by a cell */
V_INLINE ef clock_eight(struct control *c, unsigned clock, ef_mask on)
{
    const ed none = ed_set1(0.0);
    if (!c->running[clock])
        return ef_set1(0.0f);
    ed left = ed_sub(ed_keep(ed_mask_of(on), ed_set1((double)MIXER_GRID), none), ed_load(c->wait[clock]));
    ed_mask over = ed_above(left, none);
    ei frames = ei_of(ed_keep(over, ed_add(left, ed_set1(0.5)), none));
    ed_store(c->wait[clock], ed_keep(over, none, ed_minus(left)));
    el phase = el_add_turns(el_load(c->phase[clock]), frames, el_load(c->turn[clock]));
    el_store(c->phase[clock], phase);
    /* the second and the third quarter folded back */
    const ei quarter = _mm256_set1_epi32(0x40000000), half = _mm256_set1_epi32(INT32_MIN);
    ei turned = el_upper(phase), moved = _mm256_add_epi32(turned, quarter);
    ei back = _mm256_andnot_si256(_mm256_cmpeq_epi32(moved, half), _mm256_srai_epi32(moved, 31));
    ei folded = _mm256_blendv_epi8(turned, _mm256_sub_epi32(half, turned), back);
    ed x = ed_mul(ed_whole(folded), ed_set1(6.28318530717958647693 / 4294967296.0)), z = ed_mul(x, x);
    ed s = ed_set1(-1.0 / 39916800.0);
    s = ed_add(ed_mul(s, z), ed_set1(1.0 / 362880.0));
    s = ed_sub(ed_mul(s, z), ed_set1(1.0 / 5040.0));
    s = ed_add(ed_mul(s, z), ed_set1(1.0 / 120.0));
    s = ed_sub(ed_mul(s, z), ed_set1(1.0 / 6.0));
    return ef_of(ed_add(x, ed_mul(ed_mul(x, z), s)));
}

/* eg2_advance by a cell that ends no segment */
V_INLINE ef eg2_eight(struct control *c, ef_mask on)
{
    const ed grid = ed_set1((double)MIXER_GRID);
    const ef_mask moves = ef_and_not(on, ef_mask_load(c->eg2_held));
    const ed_mask moves_wide = ed_mask_of(moves);
    ed now = ed_load(c->eg2), left = ed_load(c->eg2_left);
    ed later = ed_keep(moves_wide, ed_add(now, ed_mul(ed_load(c->eg2_slope), grid)), now);
    left = ed_keep(moves_wide, ed_sub(left, grid), left);
    ed_store(c->eg2, later);
    ed_store(c->eg2_before, ed_keep(moves_wide, now, ed_load(c->eg2_before)));
    ed_store(c->eg2_left, left);
    ei_store(c->eg2_span, ei_keep(moves, _mm256_set1_epi32(MIXER_GRID), ei_load(c->eg2_span)));
    c->eg2_ending = ed_bits(ED_COMPARE(left, grid, _CMP_LE_OQ));
    return ef_of(later);
}

/* voice_gain_wanted, of a new gain alone */
V_INLINE void renew_eight(struct control *c, const struct control_rules *rules)
{
    const ef_mask renewed = ef_mask_of(c->renewed);
    ef sum = ef_load(c->sum_db), master = ef_load(c->master_db), db = sum;
    if (rules->limit_sum)
        db = _mm256_min_ps(sum, ef_set1(rules->most_db));
    ed power = ed_mul(ed_of(ef_add(ef_add(db, master), ef_load(c->volume_db))), ed_set1(FM_OCTAVES_PER_DB));
    ef_mask heard = ef_and(ef_above(sum, ef_set1(rules->silence_db)), ef_above(master, ef_set1(MASTER_SILENT_DB)));
    const ef gain = ef_of(exp2_eight(ed_keep(ed_mask_of(heard), power, ed_set1(SILENT_OCTAVES))));
    for (unsigned way = WAY_LEFT; way <= WAY_RIGHT; way++) {
        ef new = ef_mul(ef_mul(gain, ef_load(c->side[way])), ef_set1(SOURCE_UNIT));
        ef_store(c->wanted[way], ef_keep(renewed, new, ef_load(c->wanted[way])));
    }
    c->renewed = 0;
}

/* Whether a way from FIRST to before END moved */
V_INLINE bool smooth_eight(struct control *c, unsigned first, unsigned end, ef_mask on, float share)
{
    ef_mask moved = ef_above(ef_set1(0.0f), ef_set1(0.0f));
    for (unsigned way = first; way < end; way++) {
        ef now = ef_load(c->smooth[way]), wanted = ef_load(c->wanted[way]);
        ef next = ef_add(now, ef_mul(ef_sub(wanted, now), ef_set1(share)));
        ef close = ef_add(ef_mul(ef_size(wanted), ef_set1(1e-3f)), ef_set1(1e-9f)), off = ef_sub(next, wanted);
        next = ef_keep(ef_below(ef_size(off), close), wanted, next);
        ef_store(c->smooth[way], ef_keep(on, next, now));
        moved = ef_or(moved, ef_and(on, ef_differs(next, now)));
    }
    return ef_bits(moved) != 0;
}

V_INLINE void ways_eight(struct control *c, ef_mask on, float share)
{
    uint32_t underway = 0;
    if (c->underway & UNDERWAY_SIDES && smooth_eight(c, WAY_LEFT, WAY_RIGHT + 1, on, share))
        underway |= UNDERWAY_SIDES;
    if (c->underway & UNDERWAY_REST && smooth_eight(c, WAY_RIGHT + 1, WAY_COUNT, on, share))
        underway |= UNDERWAY_REST;
    c->underway = underway;
}

/* Values at the start of their way, and the way */
V_INLINE void lead_eight(ef_mask on, ef from, ef to, float *at, float *slope)
{
    ef way = ef_mul(ef_sub(to, from), ef_set1(1.0f / (float)MIXER_GRID));
    ef_store(at, ef_keep(on, from, ef_load(at)));
    ef_store(slope, ef_keep(on, way, ef_load(slope)));
}

/* The same from NEXT, which TO becomes */
V_INLINE void follow_eight(ef_mask on, ef to, float *next, float *at, float *slope)
{
    ef from = ef_load(next);
    lead_eight(on, from, to, at, slope);
    ef_store(next, ef_keep(on, to, from));
}

/* What generators add to a destination: LFO, vibrato, EG2 */
V_INLINE ef live_eight(const struct control *c, unsigned dest, ef lfo, ef vibrato, ef eg2)
{
    ef both = ef_add(ef_mul(ef_load(c->depth[BY_LFO][dest]), lfo), ef_mul(ef_load(c->depth[BY_VIBRATO][dest]), vibrato));
    return ef_add(both, ef_mul(ef_load(c->depth[BY_EG2][dest]), eg2));
}

/* Generators move the gain. */
V_INLINE uint32_t gain_moves_eight(const struct control *c, ef_mask on)
{
    const ef none = ef_set1(0.0f);
    ef_mask lfo = ef_or(ef_differs(ef_load(c->depth[BY_LFO][ON_GAIN]), none), ef_differs(ef_load(c->lfo_gain), none));
    ef_mask more = ef_or(ef_differs(ef_load(c->depth[BY_VIBRATO][ON_GAIN]), none),
                         ef_differs(ef_load(c->depth[BY_EG2][ON_GAIN]), none));
    return ef_bits(ef_and(on, ef_or(lfo, more))) ? UINT32_MAX : 0;
}

V_INLINE ed tremolo_eight(const struct control *c, ef db, const struct control_rules *rules)
{
    const ed octaves = ed_set1(FM_OCTAVES_PER_DB);
    if (!rules->limit_sum)
        return ed_mul(ed_of(db), octaves);
    const ef most = ef_set1(rules->most_db);
    ef sum = ef_load(c->sum_db), both = ef_add(sum, db);
    return ed_mul(ed_of(ef_sub(_mm256_min_ps(both, most), _mm256_min_ps(sum, most))), octaves);
}

/* voice_gain_tremolo, and what it does to both sides */
V_INLINE void gain_eight(struct control *c, struct lanes *l, ef db, ef lfo, const struct control_rules *rules, ef_mask on)
{
    const ef half = ef_set1(0.5f), one = ef_set1(1.0f), most = ef_set1(rules->most);
    ef factor = ef_sub(one, ef_mul(ef_load(c->lfo_gain), ef_sub(half, ef_mul(half, lfo))));
    if (ef_bits(ef_differs(db, ef_set1(0.0f))))
        factor = ef_mul(factor, ef_of(exp2_eight(tremolo_eight(c, db, rules))));
    ef left = _mm256_min_ps(ef_mul(ef_load(c->smooth[WAY_LEFT]), factor), most);
    ef right = _mm256_min_ps(ef_mul(ef_load(c->smooth[WAY_RIGHT]), factor), most);
    follow_eight(on, left, c->next[WAY_LEFT], l->left, l->left_slope);
    follow_eight(on, right, c->next[WAY_RIGHT], l->right, l->right_slope);
}

V_INLINE void sends_eight(struct control *c, struct lanes *l, ef_mask on)
{
    follow_eight(on, ef_load(c->smooth[WAY_REVERB]), c->next[WAY_REVERB], l->reverb, l->reverb_slope);
    follow_eight(on, ef_load(c->smooth[WAY_CHORUS]), c->next[WAY_CHORUS], l->chorus, l->chorus_slope);
}

/* voice_step before it is limited and rounded */
V_INLINE void pitch_eight(struct control *c, ef live, ef_mask on)
{
    ed before = ed_load(c->stepped);
    ed cents = ed_add(ed_add(ed_load(c->pitch), ed_load(c->glide)), ed_of(live));
    cents = ed_keep(ed_mask_of(on), cents, before);
    ed_mask changed = ed_differs(cents, before);
    c->stepped_on = ed_bits(changed);
    if (!c->stepped_on)
        return;
    ed limited = ed_least(ed_most(cents, ed_set1(-14400.0)), ed_set1(14400.0));
    ed ratio = exp2_eight(ed_mul(limited, ed_set1(1.0 / 1200.0)));
    ed step = ed_mul(ed_mul(ratio, ed_load(c->rate)), ed_set1(4294967296.0));
    ed_store(c->step_to, ed_keep(changed, step, ed_load(c->step_to)));
    ed_store(c->stepped, cents);
}

/* struct filter_resonance of eight lanes, or points of a path */
struct resonance_eight {
    ed peak, root, gain, row;
};

struct wide_coefs {
    ed k, q, b2;
};

struct narrow_coefs {
    ef k, q, b2;
};

/* Cutoffs beyond Fs/4: C is that of the poles, K not yet set */
V_INLINE struct wide_coefs open_eight(struct wide_coefs c, const struct resonance_eight *r, ed u)
{
    const ed one = ed_set1(1.0), none = ed_set1(0.0);
    ed open = ed_keep(ed_above(u, one), ed_sub(u, one), none);
    ed q = ed_add(c.q, ed_mul(open, ed_sub(one, c.q)));
    ed closing = ed_div(ed_sub(u, ed_set1(FILTER_U_OPENING)), ed_set1(2.0 - FILTER_U_OPENING));
    ed close = ed_keep(ed_above(u, ed_set1(FILTER_U_OPENING)), closing, none);
    ed gain = ed_add(r->gain, ed_mul(close, ed_sub(one, r->gain)));
    ed_mask filters = ED_COMPARE(u, ed_set1(2.0), _CMP_LT_OQ);
    return (struct wide_coefs){ed_keep(filters, ed_mul(q, gain), one), ed_keep(filters, q, one),
                               ed_keep(filters, ed_sub(c.b2, ed_mul(open, c.b2)), none)};
}

/* filter_solve */
V_INLINE struct wide_coefs solve_eight(const struct resonance_eight *r, ed u, const struct filter_table *table)
{
    const ed one = ed_set1(1.0), two = ed_set1(2.0);
    const double *rows = table->ratio[0], *next_rows = rows + FILTER_CUTOFF_STEPS + 1;
    ed at = ed_least(ed_most(u, ed_set1(FILTER_U_MIN)), one);
    ed x = ed_mul(at, ed_set1((double)FILTER_CUTOFF_STEPS));
    ei i = ei_of(ed_least(x, ed_set1((double)(FILTER_CUTOFF_STEPS - 1))));
    ei j = ei_of(ed_least(r->row, ed_set1((double)(FILTER_Q_STEPS - 1))));
    ei place = _mm256_add_epi32(_mm256_mullo_epi32(j, _mm256_set1_epi32(FILTER_CUTOFF_STEPS + 1)), i);
    _Alignas(32) uint32_t places[LANES];
    ed low, low_next, high, high_next;
    ei_store(places, place);
    ed_pairs(rows, places, &low, &low_next);
    ed_pairs(next_rows, places, &high, &high_next);
    ed f = ed_sub(x, ed_whole(i)), g = ed_sub(r->row, ed_whole(j));
    ed a = ed_add(low, ed_mul(f, ed_sub(low_next, low)));
    ed b = ed_add(high, ed_mul(f, ed_sub(high_next, high)));
    ed t = ed_mul(ed_add(a, ed_mul(g, ed_sub(b, a))), at), tt = ed_mul(t, t), t2 = ed_mul(two, t), tt2 = ed_mul(two, tt);
    ed scale = ed_div(one, ed_add(ed_add(one, tt), ed_mul(t2, r->peak)));
    ed radius = ed_mul(ed_add(ed_sub(one, tt), ed_mul(t2, r->root)), scale);
    ed short_of_one = ed_mul(ed_add(tt2, ed_mul(t2, ed_sub(r->peak, r->root))), scale);
    ed turned = ed_div(tt2, ed_add(one, tt)); /* 1 - cos */
    struct wide_coefs c = {.b2 = ed_mul(radius, radius)};
    c.q = ed_add(ed_mul(short_of_one, short_of_one), ed_mul(ed_mul(two, radius), turned));
    c.k = ed_mul(c.q, r->gain);
    if (ed_bits(ED_COMPARE(u, one, _CMP_NLE_UQ)))
        c = open_eight(c, r, u);
    return c;
}

/* Cutoffs in cents to coefficients */
V_INLINE struct narrow_coefs tune_eight(const struct resonance_eight *r, ef cutoff, const struct control_rules *rules)
{
    ed octaves = ed_mul(ed_of(_mm256_min_ps(cutoff, ef_set1(40000.0f))), ed_set1(1.0 / 1200.0));
    struct wide_coefs c = solve_eight(r, ed_mul(ed_set1(rules->cutoff_to_u), exp2_eight(octaves)), rules->table);
    return (struct narrow_coefs){ef_of(c.k), ef_of(c.q), ef_of(c.b2)};
}

V_INLINE struct resonance_eight resonance_load(const struct control *c)
{
    return (struct resonance_eight){ed_load(c->peak), ed_load(c->root), ed_load(c->gain), ed_load(c->row)};
}

V_INLINE void filter_eight(struct control *c, struct lanes *l, ef live, ef_mask on, const struct control_rules *rules)
{
    const ef_mask here = ef_and(on, ef_mask_load(l->filter));
    c->fast = 0;
    if (!ef_bits(here))
        return;
    const ef solved = ef_load(c->solved_cutoff), solved_resonance = ef_load(c->solved_resonance);
    const ef before = ef_load(c->before[0]), earlier = ef_load(c->before[1]), resonance = ef_load(c->resonance);
    ef cutoff = ef_add(ef_load(c->smooth[WAY_CUTOFF]), live);
    ef_mask new = ef_and(here, ef_or(ef_differs(cutoff, solved), ef_differs(resonance, solved_resonance)));
    if (!(ef_bits(new) | c->swept))
        return;
    c->swept = ef_bits(ef_or(new, ef_and(here, ef_or(ef_differs(before, solved), ef_differs(earlier, solved)))));
    ef_store(c->before[2], ef_keep(here, earlier, ef_load(c->before[2])));
    ef_store(c->before[1], ef_keep(here, before, earlier));
    ef_store(c->before[0], ef_keep(here, solved, before));
    struct narrow_coefs to = {ef_load(c->k), ef_load(c->q), ef_load(c->b2)};
    if (ef_bits(new)) {
        const struct resonance_eight r = resonance_load(c);
        to = tune_eight(&r, cutoff, rules);
        ef_mask known = EF_COMPARE(solved, ef_set1(UNKNOWN_CUTOFF), _CMP_NLT_UQ);
        c->fast = ef_bits(ef_and(ef_and(here, known), ef_above(ef_size(ef_sub(cutoff, solved)), ef_set1(FAST_CENTS))));
        ef_store(c->solved_cutoff, ef_keep(here, cutoff, solved));
        ef_store(c->solved_resonance, ef_keep(here, resonance, solved_resonance));
    }
    follow_eight(here, to.k, c->k, l->k, l->k_slope);
    follow_eight(here, to.q, c->q, l->q, l->q_slope);
    follow_eight(here, to.b2, c->b2, l->b2, l->b2_slope);
}

/* ---- paths ------------------------------------------------------------------------- */

_Static_assert(PATH_PARTS == 4 && LANES == 8, "the points of two lanes are a vector");

/* P[A] four times, then P[B] */
V_INLINE ef ef_two(const float *p, unsigned a, unsigned b) { return _mm256_set_m128(_mm_set1_ps(p[b]), _mm_set1_ps(p[a])); }

V_INLINE ed ed_two(const double *p, unsigned a, unsigned b)
{
    const double both[LANES] = {p[a], p[a], p[a], p[a], p[b], p[b], p[b], p[b]};
    return ed_load(both);
}

/* Where the points of lane N go, one coefficient: AT, SLOPE where the cell begins, in struct lanes, and at the points */
V_INLINE void path_put(const float points[PATH_PARTS], float end, unsigned n, float *at, float *slope, struct lanes_path *path,
                       size_t at_offset, size_t slope_offset)
{
    const float part = 1.0f / (float)PATH_FRAMES;
    slope[n] = (points[0] - at[n]) * part;
    for (unsigned i = 0; i < PATH_PARTS - 1; i++) {
        unsigned char *p = (unsigned char *)&path->point[i];
        float to = i < PATH_PARTS - 2 ? points[i + 1] : end;
        ((float *)(void *)(p + at_offset))[n] = points[i];
        ((float *)(void *)(p + slope_offset))[n] = (to - points[i]) * part;
    }
}

#define PATH_PUT(f) \
    path_put(points.f + half * PATH_PARTS, c->f[lane], lane, l->f, l->f##_slope, path, offsetof(struct path_point, f), \
             offsetof(struct path_point, f##_slope))

/* The way through the cell of lanes A and B, which may be the same, part by part (find_path of voice_control.c) */
APART void path_two(const struct control *c, unsigned a, unsigned b, struct lanes *l, struct lanes_path *path,
                    const struct control_rules *rules)
{
    struct {
        _Alignas(32) float k[LANES], q[LANES], b2[LANES];
    } points;
    const ef none = ef_set1(0.0f), unknown = ef_set1(UNKNOWN_CUTOFF);
    const ef t = _mm256_setr_ps(0.25f, 0.5f, 0.75f, 1.0f, 0.25f, 0.5f, 0.75f, 1.0f), s = ef_sub(t, ef_set1(1.0f));
    const ef to = ef_two(c->solved_cutoff, a, b), c0 = ef_two(c->before[0], a, b), c1 = ef_two(c->before[1], a, b);
    const ef c2 = ef_two(c->before[2], a, b), d1 = ef_sub(to, c0), e1 = ef_sub(c0, c1);
    const ef d2 = ef_keep(ef_below(c1, unknown), none, ef_sub(d1, e1));
    const ef d3 = ef_keep(ef_below(c2, unknown), none, ef_sub(d2, ef_sub(e1, ef_sub(c1, c2))));
    ef bend = ef_mul(ef_mul(ef_add(t, ef_set1(1.0f)), ef_set1(1.0f / 6.0f)), d3);
    ef curve = ef_add(d1, ef_mul(t, ef_add(ef_mul(ef_set1(0.5f), d2), bend)));
    const struct resonance_eight r = {ed_two(c->peak, a, b), ed_two(c->root, a, b), ed_two(c->gain, a, b), ed_two(c->row, a, b)};
    struct narrow_coefs coefs = tune_eight(&r, ef_add(to, ef_mul(s, curve)), rules);
    ef_store(points.k, coefs.k);
    ef_store(points.q, coefs.q);
    ef_store(points.b2, coefs.b2);
    for (unsigned half = 0, lane = a; half < 2; half++, lane = b) {
        PATH_PUT(k);
        PATH_PUT(q);
        PATH_PUT(b2);
    }
}

APART void path_eight(const struct control *c, struct lanes *l, struct lanes_path *path, const struct control_rules *rules)
{
    unsigned lanes[LANES + 1], count = 0;
    for (unsigned n = 0; n < LANES; n++)
        if (c->fast >> n & 1u)
            lanes[count++] = n;
    lanes[count] = lanes[count - 1];
    for (unsigned i = 0; i < count; i += 2)
        path_two(c, lanes[i], lanes[i + 1], l, path, rules);
}

/* All but the filter; returns what generators add to the cutoff. */
V_INLINE ef lead_on(struct control *c, struct lanes *l, ef_mask on, const struct control_rules *rules)
{
    ef lfo = clock_eight(c, CLOCK_LFO, on), vibrato = clock_eight(c, CLOCK_VIBRATO, on), eg2 = ef_set1(0.0f);
    if (c->eg2_held)
        eg2 = eg2_eight(c, on);
    if (c->renewed)
        renew_eight(c, rules);
    const uint32_t underway = c->underway, moves = gain_moves_eight(c, on) | (underway & UNDERWAY_SIDES);
    if (underway)
        ways_eight(c, on, rules->smoothing);
    pitch_eight(c, live_eight(c, ON_PITCH, lfo, vibrato, eg2), on);
    if (moves | c->uneven)
        gain_eight(c, l, live_eight(c, ON_GAIN, lfo, vibrato, eg2), lfo, rules, on);
    c->uneven = moves;
    if (underway & UNDERWAY_REST)
        sends_eight(c, l, on);
    return live_eight(c, ON_CUTOFF, lfo, vibrato, eg2);
}

/* Filters after everything else: their long chains of operations then stand next to each other, and a processor does several of
 * them at once. */
static void V_NAME(control)(const struct control_job *jobs, uint32_t count, const struct control_rules *rules)
{
    ef cutoff[CONTROL_JOBS];
    for (uint32_t i = 0; i < count; i++)
        cutoff[i] = lead_on(jobs[i].control, jobs[i].lanes, ef_mask_load(jobs[i].on), rules);
    for (uint32_t i = 0; i < count; i++)
        filter_eight(jobs[i].control, jobs[i].lanes, cutoff[i], ef_mask_load(jobs[i].on), rules);
    for (uint32_t i = 0; i < count; i++)
        if (jobs[i].control->fast)
            path_eight(jobs[i].control, jobs[i].lanes, jobs[i].path, rules);
}

/* ---- all groups -------------------------------------------------------------------- */

V_INLINE void flush_eight(float *values)
{
    ei bits = ei_load((const uint32_t *)(const void *)values), size = _mm256_and_si256(bits, _mm256_set1_epi32(INT32_MAX));
    ef loud = _mm256_castsi256_ps(_mm256_cmpgt_epi32(size, _mm256_set1_epi32(TINY_BITS - 1)));
    ef_store(values, _mm256_and_ps(_mm256_castsi256_ps(bits), loud));
}

static uint32_t V_NAME(look)(const struct control *c, struct lanes *l, double level[LANES], const double factor[LANES],
                             const double add[LANES], float came[LANES])
{
    const ef e = ef_load(l->e);
    ef loud = ef_mul(_mm256_max_ps(ef_load(c->next[WAY_LEFT]), ef_load(c->next[WAY_RIGHT])), ef_set1(32768.0f));
    ed now = ed_load(level);
    ef_store(came, e);
    ef_store(l->e, ef_of(now));
    ed_store(level, ed_add(ed_mul(now, ed_load(factor)), ed_load(add)));
    flush_eight(l->y);
    flush_eight(l->d);
    return ef_bits(ef_below(ef_mul(e, _mm256_max_ps(loud, ef_load(c->least))), ef_set1(INAUDIBLE)));
}

V_INLINE ef ef_any(ef a, ef b) { return _mm256_or_ps(a, b); }

V_INLINE bool some_eight(ef a)
{
    ei size = _mm256_slli_epi32(_mm256_castps_si256(a), 1);
    return !_mm256_testz_si256(size, size);
}

V_INLINE bool positive_eight(const float *a, const float *b)
{
    const ef none = ef_set1(0.0f);
    return ef_bits(ef_or(ef_above(ef_load(a), none), ef_above(ef_load(b), none))) != 0;
}

static unsigned V_NAME(needs)(const struct lanes *l)
{
    ef ramps = ef_any(ef_load(l->left_slope), ef_load(l->right_slope));
    ef sends = ef_any(ef_load(l->reverb_slope), ef_load(l->chorus_slope));
    ef sweeps = ef_any(ef_any(ef_load(l->k_slope), ef_load(l->q_slope)), ef_load(l->b2_slope));
    return (some_eight(ramps) ? LANES_RAMP : 0u) | (some_eight(sends) ? LANES_RAMP_SENDS : 0u) |
           (some_eight(sweeps) ? LANES_SWEEP : 0u) |
           (positive_eight(l->reverb, l->reverb_slope) ? LANES_REVERB : 0u) |
           (positive_eight(l->chorus, l->chorus_slope) ? LANES_CHORUS : 0u);
}

#endif
