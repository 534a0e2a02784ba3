/* SPDX-License-Identifier: MIT */
/*
 * filter.h - coefficients of the resonant low-pass of a voice.
 *
 * The prototype of DLS 2.2 section 1.5.2 (spec/dls.md 3.6):
 *     H(z) = k / (1 + b1/z + b2/z^2),  b1 = -2 r cos(theta),  b2 = r^2,  q = 1 + b1 + b2,  k = q * 10^(-resonance/40)
 * with cutoff where the DC line meets the 12 dB/octave line through the
 * response at Fs/4, and resonance = peak over DC. With t = tan(theta/2) all of
 * it is rational in t; a table gives t from the two inputs.
 *
 * From Fs/4 up to Fs/2 the coefficients go over into those of an open filter.
 * Internal to the engine.
 */
#ifndef DMUS_SYNTH_FILTER_H
#define DMUS_SYNTH_FILTER_H

#define FILTER_CUTOFF_STEPS 64
#define FILTER_Q_STEPS 16
#define FILTER_Q_MAX_DB 22.5f
#define FILTER_U_MIN (1.0 / 256.0)
#define FILTER_U_OPENING 1.9 /* from here to Fs/2 the gain of the resonance fades */

struct filter_table {
    /* t / (4 Fc/Fs) over 4 Fc/Fs = 0..1 and over resonance */
    double ratio[FILTER_Q_STEPS + 1][FILTER_CUTOFF_STEPS + 1];
};

/* What a resonance needs to be known as. */
struct filter_resonance {
    double peak; /* 10^(dB/20) */
    double c;    /* sqrt(peak^2 - 1) */
    double gain; /* 10^(-dB/40) */
    double at;   /* row of the table */
};

struct filter_coefs {
    float k, q, b2;
};
#define FILTER_OPEN ((struct filter_coefs){1.0f, 1.0f, 0.0f})

void filter_table_init(struct filter_table *table);
/* Resonance in dB, clamped to 0..22.5. */
void filter_resonance(struct filter_resonance *out, float db);
/* U = 4 Fc/Fs; below 1/256 it is taken as that, from 2 on the filter is open. */
struct filter_coefs filter_solve(const struct filter_table *table, const struct filter_resonance *res, double u);

#endif
