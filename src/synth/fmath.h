/* SPDX-License-Identifier: MIT */
/*
 * fmath.h - the engine's own mathematics.
 *
 * Plain IEEE arithmetic in a fixed order (built with -ffp-contract=off and
 * without x87), so that every compiler, optimisation level and machine gives
 * the same bits. The largest error is stated at each function and checked by
 * tests/synth/test_fmath.c against libm.
 */
#ifndef DMUS_SYNTH_FMATH_H
#define DMUS_SYNTH_FMATH_H

double fm_exp2(double x);  /* 2^x, relative error < 1e-14; x clamped to -1022..1023 */
double fm_log2(double x);  /* log2 x for x > 0, absolute error < 1e-14 * max(1, |log2 x|); x <= 0 gives -1074 */
double fm_sin(double turns); /* sin(2 pi turns), any finite argument, absolute error < 1e-14 */
double fm_cos(double turns);
double fm_sqrt(double x);  /* correctly rounded; 0 for x <= 0 */
double fm_floor(double x);

#define FM_OCTAVES_PER_DB 0.16609640474436813 /* 1/(20*log10(2)) */
static inline double fm_db_to_gain(double db) { return fm_exp2(db * FM_OCTAVES_PER_DB); }
static inline double fm_cents_to_ratio(double cents) { return fm_exp2(cents * (1.0 / 1200.0)); }

#endif
