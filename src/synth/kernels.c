/* SPDX-License-Identifier: MIT */
#include "kernels.h"

const struct kernels kernels_c = {
    .name = "c",
    .interp = {interp_nearest_c, interp_linear_c, interp_cubic_c, interp_sinc_c, interp_sinc_c},
    .lanes = lanes_c,
    .sum = lanes_sum_c,
};
