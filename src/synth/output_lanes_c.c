/* SPDX-License-Identifier: MIT */
#include "output_lanes.h"

const struct output_kernels output_kernels_c = {.s16 = lanes_s16, .f32 = lanes_f32};
