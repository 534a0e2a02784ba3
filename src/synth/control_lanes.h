/* SPDX-License-Identifier: MIT */
/*
 * control_lanes.h - the control kernel (control.h), written once in loops over
 * the lanes that compilers turn into vectors of whatever a file is compiled
 * for. Only IEEE operations in a fixed order: same bits everywhere, those of
 * fmath.c, lfo.c, filter.c, gain.c, pitch.c and voice_control.c.
 */
#ifndef DMUS_SYNTH_CONTROL_LANES_H
#define DMUS_SYNTH_CONTROL_LANES_H

#include "control.h"
#include "fmath.h"
#include "kernels.h"

#define EACH_LANE for (unsigned n = 0; n < LANES; n++)
#define EACH_OF(count) for (unsigned n = 0; n < (count); n++) /* of what need not be all lanes */

union double_bits {
    double x;
    uint64_t u;
};

union float_bits {
    float x;
    uint32_t u;
};

/* A where YES, else B: by masks, as a loop with branches is not turned into vectors. */
V_INLINE double either(int yes, double a, double b)
{
    union double_bits p = {.x = a}, q = {.x = b};
    uint64_t mask = -(uint64_t)(yes != 0);
    p.u = (p.u & mask) | (q.u & ~mask);
    return p.x;
}

V_INLINE float eitherf(uint32_t mask, float a, float b)
{
    union float_bits p = {.x = a}, q = {.x = b};
    p.u = (p.u & mask) | (q.u & ~mask);
    return p.x;
}

V_INLINE uint32_t mask_of(int yes)
{
    return -(uint32_t)(yes != 0);
}

/* The lanes where MASK is all ones */
V_INLINE uint32_t bits_of(const uint32_t *restrict mask)
{
    uint32_t bits = 0;
    EACH_LANE bits |= mask[n] & 1u << n;
    return bits;
}

/* fm_exp2. The bounds are chosen so that NaN goes where it goes there. */
V_INLINE void exp2_lanes(double *restrict v, const unsigned count)
{
    EACH_OF(count) v[n] = v[n] > -1022.0 ? v[n] : -1022.0;
    EACH_OF(count) v[n] = v[n] > 1023.0 ? 1023.0 : v[n];
    EACH_OF(count) {
        double x = v[n];
        double t = x + 0.5, nearest = (t + ROUNDER) - ROUNDER;
        double whole = nearest - either(nearest > t, 1.0, 0.0);
        double f = (x - whole) * 0.69314718055994530942;
        double f2 = f * f, f4 = f2 * f2, f8 = f4 * f4;
        double a = (1.0 + f) + (0.5 + 1.0 / 6.0 * f) * f2;
        double b = (1.0 / 24.0 + 1.0 / 120.0 * f) + (1.0 / 720.0 + 1.0 / 5040.0 * f) * f2;
        double c = (1.0 / 40320.0 + 1.0 / 362880.0 * f) + (1.0 / 3628800.0 + 1.0 / 39916800.0 * f) * f2;
        double p = a + (b * f4 + (c + 1.0 / 479001600.0 * f4) * f8);
        union double_bits power = {.x = whole + ROUNDER};
        power.u = (power.u + 1023u) << 52;
        v[n] = p * power.x;
    }
}

/* lfo_advance by a cell */
V_INLINE void clock_lanes(struct control *restrict c, unsigned clock, const uint32_t *restrict on, float *restrict value)
{
    _Alignas(64) int32_t frames[LANES], folded[LANES];
    uint32_t any = 0;
    EACH_LANE value[n] = 0.0f;
    if (!c->running[clock])
        return;
    EACH_LANE {
        double left = (double)(int32_t)(on[n] & MIXER_GRID) - c->wait[clock][n];
        frames[n] = (int32_t)either(left > 0.0, left + 0.5, 0.0);
        c->wait[clock][n] = either(left > 0.0, 0.0, -left);
    }
    EACH_LANE any |= (uint32_t)frames[n] | (uint32_t)(c->phase[clock][n] >> 32);
    if (!any)
        return; /* all of them wait */
    EACH_LANE c->phase[clock][n] += (uint64_t)(uint32_t)frames[n] * c->turn[clock][n];
    EACH_LANE {
        uint32_t p = (uint32_t)(c->phase[clock][n] >> 32), mask = -((p + 0x40000000u) >> 31 & (uint32_t)(p != 0x40000000u));
        folded[n] = (int32_t)((mask & (0x80000000u - p)) | (~mask & p));
    }
    EACH_LANE {
        double x = (double)folded[n] * (6.28318530717958647693 / 4294967296.0), z = x * x;
        double s = -1.0 / 39916800.0;
        s = s * z + 1.0 / 362880.0;
        s = s * z - 1.0 / 5040.0;
        s = s * z + 1.0 / 120.0;
        s = s * z - 1.0 / 6.0;
        value[n] = (float)(x + x * z * s);
    }
}

/* eg2_advance by a cell that ends no segment */
V_INLINE void eg2_lanes(struct control *restrict c, const uint32_t *restrict on, float *restrict value)
{
    _Alignas(64) uint32_t ending[LANES];
    EACH_LANE {
        int moves = (int)(on[n] & ~c->eg2_held[n]);
        double now = c->eg2[n], before = c->eg2_before[n], left = c->eg2_left[n];
        double later = now + c->eg2_slope[n] * (double)MIXER_GRID, rest = left - (double)MIXER_GRID;
        c->eg2[n] = either(moves, later, now);
        c->eg2_before[n] = either(moves, now, before);
        c->eg2_left[n] = either(moves, rest, left);
    }
    EACH_LANE {
        uint32_t moves = on[n] & ~c->eg2_held[n];
        c->eg2_span[n] = (moves & MIXER_GRID) | (~moves & c->eg2_span[n]);
        ending[n] = mask_of(c->eg2_left[n] <= (double)MIXER_GRID);
        value[n] = (float)c->eg2[n];
    }
    c->eg2_ending = bits_of(ending);
}

/* voice_gain_wanted, of a new gain alone */
V_INLINE void renew_lanes(struct control *restrict c, const struct control_rules *restrict rules)
{
    _Alignas(64) double gain[LANES];
    const float most = rules->most_db;
    const uint32_t unlimited = mask_of(!rules->limit_sum);
    EACH_LANE {
        float sum = c->sum_db[n], db = eitherf(mask_of(sum < most) | unlimited, sum, most);
        int heard = (int)(mask_of(sum > rules->silence_db) & mask_of(c->master_db[n] > MASTER_SILENT_DB));
        gain[n] = either(heard, (double)(db + c->master_db[n] + c->volume_db[n]) * FM_OCTAVES_PER_DB, SILENT_OCTAVES);
    }
    exp2_lanes(gain, LANES);
    for (unsigned way = WAY_LEFT; way <= WAY_RIGHT; way++)
        EACH_LANE {
            float new = (float)gain[n] * c->side[way][n] * SOURCE_UNIT, old = c->wanted[way][n];
            c->wanted[way][n] = eitherf(mask_of((int)(c->renewed & 1u << n)), new, old);
        }
    c->renewed = 0;
}

/* Whether a way from FIRST to before END moved */
V_INLINE int smooth_lanes(struct control *restrict c, unsigned first, unsigned end, const uint32_t *restrict on, const float share)
{
    uint32_t moved = 0;
    for (unsigned way = first; way < end; way++)
        EACH_LANE {
            float now = c->smooth[way][n], wanted = c->wanted[way][n], next = now + (wanted - now) * share;
            float close = eitherf(mask_of(wanted > 0.0f), wanted, -wanted) * 1e-3f + 1e-9f, off = next - wanted;
            next = eitherf(mask_of(off < close) & mask_of(off > -close), wanted, next);
            c->smooth[way][n] = eitherf(on[n], next, now);
            moved |= on[n] & mask_of(next != now);
        }
    return moved != 0;
}

V_INLINE void ways_lanes(struct control *restrict c, const uint32_t *restrict on, const float share)
{
    uint32_t underway = 0;
    if (c->underway & UNDERWAY_SIDES && smooth_lanes(c, WAY_LEFT, WAY_RIGHT + 1, on, share))
        underway |= UNDERWAY_SIDES;
    if (c->underway & UNDERWAY_REST && smooth_lanes(c, WAY_RIGHT + 1, WAY_COUNT, on, share))
        underway |= UNDERWAY_REST;
    c->underway = underway;
}

/* voice_gain_tremolo, and what it does to both sides */
V_INLINE void gain_lanes(struct control *restrict c, const float *restrict db, const float *restrict lfo,
                         const struct control_rules *restrict rules, float (*restrict to)[LANES])
{
    _Alignas(64) float factor[LANES];
    _Alignas(64) double power[LANES];
    uint32_t any = 0;
    EACH_LANE factor[n] = 1.0f - c->lfo_gain[n] * (0.5f - 0.5f * lfo[n]);
    EACH_LANE any |= mask_of(db[n] != 0.0f);
    if (any) {
        const float most = rules->most_db;
        if (rules->limit_sum)
            EACH_LANE {
                float sum = c->sum_db[n], both = sum + db[n];
                float with = eitherf(mask_of(both < most), both, most), without = eitherf(mask_of(sum < most), sum, most);
                power[n] = (double)(with - without) * FM_OCTAVES_PER_DB;
            }
        else
            EACH_LANE power[n] = (double)db[n] * FM_OCTAVES_PER_DB;
        exp2_lanes(power, LANES);
        EACH_LANE factor[n] = factor[n] * (float)power[n];
    }
    for (unsigned way = WAY_LEFT; way <= WAY_RIGHT; way++)
        EACH_LANE {
            float gain = c->smooth[way][n] * factor[n];
            to[way][n] = eitherf(mask_of(gain < rules->most), gain, rules->most);
        }
}

/* voice_step before it is limited and rounded */
V_INLINE void pitch_lanes(struct control *restrict c, const float *restrict live, const uint32_t *restrict on)
{
    _Alignas(64) double cents[LANES], step[LANES];
    _Alignas(64) uint32_t changed[LANES];
    EACH_LANE {
        double x = c->pitch[n] + c->glide[n] + (double)live[n];
        double before = c->stepped[n];
        cents[n] = either((int)on[n], x, before);
    }
    EACH_LANE changed[n] = mask_of(cents[n] != c->stepped[n]);
    c->stepped_on = bits_of(changed);
    if (!c->stepped_on)
        return;
    EACH_LANE {
        double low = either(cents[n] > -14400.0, cents[n], -14400.0);
        step[n] = either(cents[n] < 14400.0, low, 14400.0) * (1.0 / 1200.0);
    }
    exp2_lanes(step, LANES);
    EACH_LANE {
        double new = step[n] * c->rate[n] * 4294967296.0, old = c->step_to[n];
        c->step_to[n] = either((int)changed[n], new, old);
        c->stepped[n] = cents[n];
    }
}

/* Of two rows of the table what is left and right of a cutoff */
struct taps {
    _Alignas(64) double low[LANES], low_next[LANES], high[LANES], high_next[LANES];
};

/* struct filter_resonance by lanes */
struct resonances {
    const double *restrict peak, *restrict root, *restrict gain, *restrict row;
};

/* Cutoffs beyond Fs/4: Q and B2 of the poles in, coefficients out */
V_INLINE void open_lanes(const struct resonances *restrict c, const double *restrict u, double *restrict k, double *restrict q,
                         double *restrict b2, const unsigned count)
{
    EACH_OF(count) {
        double pole_q = q[n], pole_b2 = b2[n];
        double open = either(u[n] > 1.0, u[n] - 1.0, 0.0);
        double out_q = pole_q + open * (1.0 - pole_q);
        double closing = (u[n] - FILTER_U_OPENING) / (2.0 - FILTER_U_OPENING);
        double close = either(u[n] > FILTER_U_OPENING, closing, 0.0);
        double gain = c->gain[n] + close * (1.0 - c->gain[n]);
        k[n] = either(u[n] < 2.0, out_q * gain, 1.0);
        q[n] = either(u[n] < 2.0, out_q, 1.0);
        b2[n] = either(u[n] < 2.0, pole_b2 - open * pole_b2, 0.0);
    }
}

/* filter_solve: U in, coefficients out */
V_INLINE void solve_lanes(const struct resonances *restrict c, const double *restrict u,
                          const struct filter_table *restrict table, double *restrict k, double *restrict q, double *restrict b2,
                          const unsigned count)
{
    _Alignas(64) double at[LANES], f[LANES], g[LANES];
    _Alignas(64) int32_t place[LANES];
    _Alignas(64) uint32_t opens[LANES];
    uint32_t any_opens = 0;
    struct taps taps;
    EACH_OF(count) at[n] = u[n] > FILTER_U_MIN ? u[n] : FILTER_U_MIN;
    EACH_OF(count) at[n] = at[n] > 1.0 ? 1.0 : at[n];
    EACH_OF(count) {
        double x = at[n] * FILTER_CUTOFF_STEPS, row = c->row[n];
        int32_t i = (int32_t)either(x < FILTER_CUTOFF_STEPS - 1, x, FILTER_CUTOFF_STEPS - 1.0);
        int32_t j = (int32_t)either(row < FILTER_Q_STEPS - 1, row, FILTER_Q_STEPS - 1.0);
        f[n] = x - (double)i;
        g[n] = row - (double)j;
        place[n] = j * (FILTER_CUTOFF_STEPS + 1) + i;
    }
    EACH_OF(count) {
        const double *low = table->ratio[0] + place[n], *high = low + FILTER_CUTOFF_STEPS + 1;
        taps.low[n] = low[0];
        taps.low_next[n] = low[1];
        taps.high[n] = high[0];
        taps.high_next[n] = high[1];
    }
    EACH_OF(count) {
        double a = taps.low[n] + f[n] * (taps.low_next[n] - taps.low[n]);
        double b = taps.high[n] + f[n] * (taps.high_next[n] - taps.high[n]);
        double t = (a + g[n] * (b - a)) * at[n], tt = t * t, peak = c->peak[n], root = c->root[n];
        double scale = 1.0 / (1.0 + tt + 2.0 * t * peak);
        double r = (1.0 - tt + 2.0 * t * root) * scale;
        double one_minus_r = (2.0 * tt + 2.0 * t * (peak - root)) * scale;
        double one_minus_cos = 2.0 * tt / (1.0 + tt);
        double pole_q = one_minus_r * one_minus_r + 2.0 * r * one_minus_cos, pole_b2 = r * r;
        k[n] = pole_q * c->gain[n];
        q[n] = pole_q;
        b2[n] = pole_b2;
    }
    EACH_OF(count) opens[n] = mask_of(u[n] > 1.0) | mask_of(!(u[n] < 2.0));
    EACH_OF(count) any_opens |= opens[n];
    if (any_opens)
        open_lanes(c, u, k, q, b2, count);
}

/* Cutoffs in cents to coefficients */
V_INLINE void tune_lanes(const struct resonances *restrict c, const float *restrict cutoff,
                         const struct control_rules *restrict rules, float *restrict k, float *restrict q, float *restrict b2,
                         const unsigned count)
{
    _Alignas(64) double u[LANES], wide[3][LANES];
    EACH_OF(count) u[n] = (double)eitherf(mask_of(cutoff[n] < 40000.0f), cutoff[n], 40000.0f) * (1.0 / 1200.0);
    exp2_lanes(u, count);
    EACH_OF(count) u[n] = rules->cutoff_to_u * u[n];
    solve_lanes(c, u, rules->table, wide[0], wide[1], wide[2], count);
    EACH_OF(count) {
        k[n] = (float)wide[0][n];
        q[n] = (float)wide[1][n];
        b2[n] = (float)wide[2][n];
    }
}

/* One lane value at the start of its way, and the way */
V_INLINE void lead_lanes(const uint32_t *restrict on, const float *restrict from, const float *restrict to, float *restrict at,
                         float *restrict slope)
{
    EACH_LANE {
        float begin = from[n], here = at[n], now = slope[n], way = (to[n] - begin) * (1.0f / (float)MIXER_GRID);
        at[n] = eitherf(on[n], begin, here);
        slope[n] = eitherf(on[n], way, now);
    }
}

V_INLINE void take_lanes(const uint32_t *restrict on, const float *restrict from, float *restrict to)
{
    EACH_LANE {
        float new = from[n], old = to[n];
        to[n] = eitherf(on[n], new, old);
    }
}

V_INLINE void filter_lanes(struct control *restrict c, struct lanes *restrict l, const float *restrict live,
                           const uint32_t *restrict on, const struct control_rules *restrict rules)
{
    _Alignas(64) uint32_t here[LANES], fast[LANES], news[LANES], moved[LANES];
    _Alignas(64) float cutoff[LANES], k[LANES], q[LANES], b2[LANES];
    uint32_t filtered = 0, any = 0;
    c->fast = 0;
    EACH_LANE here[n] = on[n] & l->filter[n];
    EACH_LANE filtered |= here[n];
    if (!filtered)
        return;
    EACH_LANE cutoff[n] = c->smooth[WAY_CUTOFF][n] + live[n];
    EACH_LANE {
        news[n] = here[n] & (mask_of(cutoff[n] != c->solved_cutoff[n]) | mask_of(c->resonance[n] != c->solved_resonance[n]));
        any |= news[n];
    }
    if (!(any | c->swept))
        return;
    EACH_LANE {
        float b0 = c->before[0][n], b1 = c->before[1][n], solved = c->solved_cutoff[n];
        moved[n] = news[n] | (here[n] & (mask_of(b0 != solved) | mask_of(b1 != solved)));
    }
    c->swept = bits_of(moved);
    take_lanes(here, c->before[1], c->before[2]);
    take_lanes(here, c->before[0], c->before[1]);
    take_lanes(here, c->solved_cutoff, c->before[0]);
    EACH_LANE {
        k[n] = c->k[n];
        q[n] = c->q[n];
        b2[n] = c->b2[n];
    }
    if (any) {
        const struct resonances resonances = {c->peak, c->root, c->gain, c->row};
        tune_lanes(&resonances, cutoff, rules, k, q, b2, LANES);
        EACH_LANE {
            float way = cutoff[n] - c->before[0][n];
            uint32_t known = mask_of(!(c->before[0][n] < UNKNOWN_CUTOFF));
            fast[n] = here[n] & known & (mask_of(way > FAST_CENTS) | mask_of(way < -FAST_CENTS));
        }
        c->fast = bits_of(fast);
        take_lanes(here, cutoff, c->solved_cutoff);
        take_lanes(here, c->resonance, c->solved_resonance);
    }
    lead_lanes(here, c->k, k, l->k, l->k_slope);
    lead_lanes(here, c->q, q, l->q, l->q_slope);
    lead_lanes(here, c->b2, b2, l->b2, l->b2_slope);
    take_lanes(here, k, c->k);
    take_lanes(here, q, c->q);
    take_lanes(here, b2, c->b2);
}

/* find_path of voice_control.c: lane N's way through the cell, part by part. The points are solved side by side, the last of them
 * in vain, as it is known. A function of its own: as the inside of a loop, loops over points would be unrolled and not turned into
 * vectors. */
APART void path_lane(const struct control *restrict c, unsigned n, struct lanes *restrict l, struct lanes_path *restrict path,
                     const struct control_rules *restrict rules)
{
    _Alignas(64) float cutoff[PATH_PARTS], k[PATH_PARTS], q[PATH_PARTS], b2[PATH_PARTS];
    _Alignas(64) double peak[PATH_PARTS], root[PATH_PARTS], gain[PATH_PARTS], row[PATH_PARTS];
    const struct resonances resonances = {peak, root, gain, row};
    const float to = c->solved_cutoff[n], c0 = c->before[0][n], c1 = c->before[1][n], c2 = c->before[2][n];
    const float d1 = to - c0, part = 1.0f / (float)PATH_FRAMES;
    const float d2 = c1 < UNKNOWN_CUTOFF ? 0.0f : d1 - (c0 - c1);
    const float d3 = c2 < UNKNOWN_CUTOFF ? 0.0f : d2 - ((c0 - c1) - (c1 - c2));
    for (unsigned i = 0; i < PATH_PARTS; i++) {
        float t = (float)(int)(i + 1) * (1.0f / (float)PATH_PARTS), s = t - 1.0f;
        cutoff[i] = to + s * (d1 + t * (0.5f * d2 + (t + 1.0f) * (1.0f / 6.0f) * d3));
        peak[i] = c->peak[n];
        root[i] = c->root[n];
        gain[i] = c->gain[n];
        row[i] = c->row[n];
    }
    tune_lanes(&resonances, cutoff, rules, k, q, b2, PATH_PARTS);
    k[PATH_PARTS - 1] = c->k[n];
    q[PATH_PARTS - 1] = c->q[n];
    b2[PATH_PARTS - 1] = c->b2[n];
    l->k_slope[n] = (k[0] - l->k[n]) * part;
    l->q_slope[n] = (q[0] - l->q[n]) * part;
    l->b2_slope[n] = (b2[0] - l->b2[n]) * part;
    for (unsigned i = 0; i < PATH_PARTS - 1; i++) {
        struct path_point *p = &path->point[i];
        p->k[n] = k[i];
        p->q[n] = q[i];
        p->b2[n] = b2[i];
        p->k_slope[n] = (k[i + 1] - k[i]) * part;
        p->q_slope[n] = (q[i + 1] - q[i]) * part;
        p->b2_slope[n] = (b2[i + 1] - b2[i]) * part;
    }
}

APART void path_lanes(const struct control *restrict c, struct lanes *restrict l, struct lanes_path *restrict path,
                      const struct control_rules *restrict rules)
{
    for (unsigned n = 0; n < LANES; n++)
        if (c->fast >> n & 1u)
            path_lane(c, n, l, path, rules);
}

V_INLINE void live_lanes(const struct control *restrict c, unsigned dest, const float *restrict lfo, const float *restrict vibrato,
                         const float *restrict eg2, float *restrict live)
{
    EACH_LANE live[n] = c->depth[BY_LFO][dest][n] * lfo[n] + c->depth[BY_VIBRATO][dest][n] * vibrato[n] +
                        c->depth[BY_EG2][dest][n] * eg2[n];
}

/* Generators move the gain. */
V_INLINE uint32_t gain_moves(const struct control *restrict c, const uint32_t *restrict on)
{
    uint32_t any = 0;
    EACH_LANE {
        uint32_t lfo = mask_of(c->depth[BY_LFO][ON_GAIN][n] != 0.0f) | mask_of(c->lfo_gain[n] != 0.0f);
        any |= on[n] & (lfo | mask_of(c->depth[BY_VIBRATO][ON_GAIN][n] != 0.0f) | mask_of(c->depth[BY_EG2][ON_GAIN][n] != 0.0f));
    }
    return any;
}

V_INLINE void sides_lanes(struct control *restrict c, struct lanes *restrict l, const uint32_t *restrict on,
                         float (*restrict to)[LANES])
{
    lead_lanes(on, c->next[WAY_LEFT], to[WAY_LEFT], l->left, l->left_slope);
    lead_lanes(on, c->next[WAY_RIGHT], to[WAY_RIGHT], l->right, l->right_slope);
    take_lanes(on, to[WAY_LEFT], c->next[WAY_LEFT]);
    take_lanes(on, to[WAY_RIGHT], c->next[WAY_RIGHT]);
}

V_INLINE void sends_lanes(struct control *restrict c, struct lanes *restrict l, const uint32_t *restrict on)
{
    lead_lanes(on, c->next[WAY_REVERB], c->smooth[WAY_REVERB], l->reverb, l->reverb_slope);
    lead_lanes(on, c->next[WAY_CHORUS], c->smooth[WAY_CHORUS], l->chorus, l->chorus_slope);
    take_lanes(on, c->smooth[WAY_REVERB], c->next[WAY_REVERB]);
    take_lanes(on, c->smooth[WAY_CHORUS], c->next[WAY_CHORUS]);
}

static inline void control_lanes(struct control *restrict c, struct lanes *restrict l, const uint32_t *restrict on,
                                 const struct control_rules *restrict rules, struct lanes_path *restrict path)
{
    _Alignas(64) float lfo[LANES], vibrato[LANES], eg2[LANES], live[LANES], to[2][LANES];
    clock_lanes(c, CLOCK_LFO, on, lfo);
    clock_lanes(c, CLOCK_VIBRATO, on, vibrato);
    EACH_LANE eg2[n] = 0.0f;
    if (c->eg2_held)
        eg2_lanes(c, on, eg2);
    if (c->renewed)
        renew_lanes(c, rules);
    const uint32_t underway = c->underway, moves = gain_moves(c, on) | (underway & UNDERWAY_SIDES);
    if (underway)
        ways_lanes(c, on, rules->smoothing);
    live_lanes(c, ON_PITCH, lfo, vibrato, eg2, live);
    pitch_lanes(c, live, on);
    if (moves | c->uneven) {
        live_lanes(c, ON_GAIN, lfo, vibrato, eg2, live);
        gain_lanes(c, live, lfo, rules, to);
        sides_lanes(c, l, on, to);
    }
    c->uneven = moves;
    if (underway & UNDERWAY_REST)
        sends_lanes(c, l, on);
    live_lanes(c, ON_CUTOFF, lfo, vibrato, eg2, live);
    filter_lanes(c, l, live, on, rules);
    if (c->fast)
        path_lanes(c, l, path, rules);
}

static inline void control_jobs(const struct control_job *jobs, uint32_t count, const struct control_rules *rules)
{
    for (uint32_t i = 0; i < count; i++)
        control_lanes(jobs[i].control, jobs[i].lanes, jobs[i].on, rules, jobs[i].path);
}

V_INLINE void flush_lanes(float *restrict values)
{
    union float_bits bits;
    EACH_LANE {
        bits.x = values[n];
        bits.u &= mask_of((bits.u & 0x7FFFFFFFu) >= TINY_BITS);
        values[n] = bits.x;
    }
}

static inline uint32_t look_lanes(const struct control *restrict c, struct lanes *restrict l, double *restrict level,
                                  const double *restrict factor, const double *restrict add, float *restrict came)
{
    _Alignas(64) uint32_t quiet[LANES];
    EACH_LANE came[n] = l->e[n];
    EACH_LANE l->e[n] = (float)level[n];
    EACH_LANE {
        float left = c->next[WAY_LEFT][n], right = c->next[WAY_RIGHT][n], least = c->least[n];
        float loud = eitherf(mask_of(left > right), left, right) * 32768.0f;
        quiet[n] = mask_of(came[n] * eitherf(mask_of(loud > least), loud, least) < INAUDIBLE);
    }
    EACH_LANE level[n] = level[n] * factor[n] + add[n];
    flush_lanes(l->y);
    flush_lanes(l->d);
    return bits_of(quiet);
}

/* Bits of values: whether one of four is not zero */
V_INLINE uint32_t some(const float *restrict a, const float *restrict b, const float *restrict c, const float *restrict d)
{
    union float_bits v[4];
    uint32_t any = 0;
    EACH_LANE {
        v[0].x = a[n];
        v[1].x = b[n];
        v[2].x = c[n];
        v[3].x = d[n];
        any |= v[0].u | v[1].u | v[2].u | v[3].u;
    }
    return any << 1;
}

V_INLINE uint32_t some_positive(const float *restrict a, const float *restrict b)
{
    uint32_t any = 0;
    EACH_LANE any |= mask_of(a[n] > 0.0f) | mask_of(b[n] > 0.0f);
    return any;
}

static inline unsigned needs_lanes(const struct lanes *restrict l)
{
    return (some(l->left_slope, l->right_slope, l->right_slope, l->right_slope) ? LANES_RAMP : 0u) |
           (some(l->reverb_slope, l->chorus_slope, l->chorus_slope, l->chorus_slope) ? LANES_RAMP_SENDS : 0u) |
           (some(l->k_slope, l->q_slope, l->b2_slope, l->b2_slope) ? LANES_SWEEP : 0u) |
           (some_positive(l->reverb, l->reverb_slope) ? LANES_REVERB : 0u) |
           (some_positive(l->chorus, l->chorus_slope) ? LANES_CHORUS : 0u);
}

#endif
