/* SPDX-License-Identifier: MIT */
#include "control_lanes.h"
#include "kernels.h"

void control_c(struct control *c, struct lanes *lanes, const uint32_t on[LANES], const struct control_rules *rules,
               struct lanes_path *path)
{
    control_lanes(c, lanes, on, rules, path);
}

const struct kernels kernels_c = {
    .name = "c",
    .interp = {interp_nearest_c, interp_linear_c, interp_cubic_c, interp_sinc_c, interp_sinc_c},
    .lanes = lanes_c,
    .sum = lanes_sum_c,
    .control = control_c,
    .effects = &effects_c,
};
