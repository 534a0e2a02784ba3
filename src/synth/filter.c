/* SPDX-License-Identifier: MIT */
#include "filter.h"

#include "fmath.h"

#define W_MAX 0.93 /* above sqrt((R-1)/(R+1)) at 22.5 dB */

struct poles {
    double q, b2;
};

/* Poles whose angle is 2 atan t: r = (cos + sin*c) / (1 + sin*R), written so that nothing cancels at low cutoffs. */
static struct poles poles_at(double t, double peak, double c)
{
    double tt = t * t;
    double scale = 1.0 / (1.0 + tt + 2.0 * t * peak);
    double r = (1.0 - tt + 2.0 * t * c) * scale;
    double one_minus_r = (2.0 * tt + 2.0 * t * (peak - c)) * scale;
    double one_minus_cos = 2.0 * tt / (1.0 + tt);
    struct poles p = {one_minus_r * one_minus_r + 2.0 * r * one_minus_cos, r * r};
    return p;
}

/* Fourth power of 4 Fc/Fs of these poles: (q over the magnitude of the denominator at Fs/4), squared */
static double cutoff4_of(struct poles p)
{
    double s = 1.0 - p.b2, b1 = p.q - 2.0 + s;
    return p.q * p.q / (s * s + b1 * b1);
}

/* T for which the cutoff is U: secant steps from a good guess. */
static double solve(double u, double peak, double c, double guess)
{
    double want = u * u * u * u, close = want * 1e-10;
    double t0 = guess * u, f0 = cutoff4_of(poles_at(t0, peak, c)) - want;
    double t1 = t0 * 0.999, f1 = cutoff4_of(poles_at(t1, peak, c)) - want;
    for (int i = 0; i < 20 && f1 != f0 && (f1 > close || f1 < -close); i++) {
        double t2 = t1 - f1 * (t1 - t0) / (f1 - f0);
        if (!(t2 > 0.0))
            t2 = 0.5 * t1;
        t0 = t1;
        f0 = f1;
        t1 = t2;
        f1 = cutoff4_of(poles_at(t1, peak, c)) - want;
    }
    return t1;
}

void filter_table_init(struct filter_table *table)
{
    for (int j = 0; j <= FILTER_Q_STEPS; j++) {
        double w = W_MAX * (double)j / FILTER_Q_STEPS; /* the solution is smooth in w, not in dB, near 0 dB */
        double peak = (1.0 + w * w) / (1.0 - w * w), c = 2.0 * w / (1.0 - w * w);
        double ratio = 0.707; /* limit at low cutoffs */
        for (int i = 0; i <= FILTER_CUTOFF_STEPS; i++) {
            double u = i ? (double)i / FILTER_CUTOFF_STEPS : FILTER_U_MIN;
            ratio = solve(u, peak, c, ratio) / u;
            table->ratio[j][i] = ratio;
        }
    }
}

void filter_resonance(struct filter_resonance *out, float db)
{
    double d = db > 0.0f ? (double)(db < FILTER_Q_MAX_DB ? db : FILTER_Q_MAX_DB) : 0.0;
    double root = fm_db_to_gain(0.5 * d);
    out->peak = root * root;
    out->c = fm_sqrt(out->peak * out->peak - 1.0);
    out->gain = 1.0 / root;
    out->at = out->c / (1.0 + out->peak) * (FILTER_Q_STEPS / W_MAX);
}

struct filter_coefs filter_solve(const struct filter_table *table, const struct filter_resonance *res, double u)
{
    if (!(u < 2.0))
        return FILTER_OPEN;
    double open = u > 1.0 ? u - 1.0 : 0.0;
    double at = u > 1.0 ? 1.0 : u > FILTER_U_MIN ? u : FILTER_U_MIN;
    double x = at * FILTER_CUTOFF_STEPS;
    int i = x < FILTER_CUTOFF_STEPS - 1 ? (int)x : FILTER_CUTOFF_STEPS - 1;
    int j = res->at < FILTER_Q_STEPS - 1 ? (int)res->at : FILTER_Q_STEPS - 1;
    double f = x - (double)i, g = res->at - (double)j;
    const double *low = table->ratio[j], *high = table->ratio[j + 1];
    double a = low[i] + f * (low[i + 1] - low[i]);
    double b = high[i] + f * (high[i + 1] - high[i]);
    struct poles p = poles_at((a + g * (b - a)) * at, res->peak, res->c);
    double q = p.q + open * (1.0 - p.q);
    /* The DC gain belongs to the resonance as long as there is a filter; only next to Fs/2 it goes over into none. */
    double close = u > FILTER_U_OPENING ? (u - FILTER_U_OPENING) / (2.0 - FILTER_U_OPENING) : 0.0;
    double gain = res->gain + close * (1.0 - res->gain);
    struct filter_coefs out = {(float)(q * gain), (float)q, (float)(p.b2 - open * p.b2)};
    return out;
}
