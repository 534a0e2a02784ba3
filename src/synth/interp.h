/* SPDX-License-Identifier: MIT */
/*
 * interp.h - oscillator kernels: output frames interpolated out of a window
 * of 16-bit source samples.
 *
 * Phase is 32.32 fixed point and its step changes by SLOPE per frame, all in
 * exact integer arithmetic: frame i reads at
 *     phase + i*step + i*(i-1)/2*slope.
 * The sinc kernels are Kaiser-windowed, tabled at 2^row_bits phases and
 * blended linearly between neighbouring rows. For upward transposition there
 * is a family of them, each wider and with a lower cutoff, so that what would
 * lie above the output's Nyquist frequency is not there to alias.
 *
 * Internal to the engine; kernels are render side and real-time safe.
 */
#ifndef DMUS_SYNTH_INTERP_H
#define DMUS_SYNTH_INTERP_H

#include <stddef.h>
#include <stdint.h>

#include "synth.h"

/* One kernel of a family, for steps up to MAX_STEP. */
struct interp_level {
    int64_t max_step;    /* 32.32 */
    uint32_t taps;       /* a power of two, at least 16 for the sinc modes */
    uint32_t row_bits;
    uint32_t row_shift;  /* fraction >> row_shift, its low bits (2*taps - 1) cleared, is the row's place in ROWS */
    const float *rows;   /* 2^row_bits rows: TAPS values, then what the next row has more; NULL for the modes without a table */
};

#define INTERP_LEVELS_MAX 16u
#define INTERP_TAPS_MAX 256u
#define INTERP_SLACK 32u

struct interp_family {
    uint32_t count;
    int64_t bias;        /* added to the position first: half a sample for NEAREST, else 0 */
    struct interp_level level[INTERP_LEVELS_MAX];
};

/* Bytes of table that MODE needs. */
size_t interp_table_size(enum synth_interpolation mode);
/* Fill FAMILY, with its table in MEM (64-byte aligned). */
void interp_family_init(struct interp_family *family, enum synth_interpolation mode, void *mem);
/* The kernel for a step (32.32). */
const struct interp_level *interp_level_for(const struct interp_family *family, int64_t step);

/* src[(phase >> 32) + j], 0 <= j < taps, are the taps for PHASE; the tap at or just before the position is
 * j = taps/2 - 1 (0 for one tap). Output is in units of the 16-bit source. */
struct interp_span {
    const int16_t *src;
    uint32_t samples;    /* at SRC: those of all frames' taps; INTERP_SLACK more can be read */
    float *work;         /* room for SAMPLES values, 64-byte aligned, for the kernel to use as it likes */
    uint64_t phase;      /* below 2^32 */
    int64_t step, slope;
    const struct interp_level *level;
};
typedef void interp_fn(const struct interp_span *span, float *out, uint32_t count);

interp_fn interp_nearest_c, interp_linear_c, interp_cubic_c, interp_sinc_c;

#endif
