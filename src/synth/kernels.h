/* SPDX-License-Identifier: MIT */
/*
 * kernels.h - the inner loops of the mixer behind one table per instruction
 * set. Every table's kernels give the bits of the plain C ones. Internal to
 * the engine.
 */
#ifndef DMUS_SYNTH_KERNELS_H
#define DMUS_SYNTH_KERNELS_H

#include "interp.h"
#include "lanes.h"

struct kernels {
    const char *name;
    interp_fn *interp[5]; /* by enum synth_interpolation */
    lanes_fn *lanes;
    lanes_sum_fn *sum;
};

extern const struct kernels kernels_c;

#endif
