/* SPDX-License-Identifier: MIT */
#include "control_lanes.h"
#include "kernels.h"

void control_c(const struct control_job *jobs, uint32_t count, const struct control_rules *rules)
{
    control_jobs(jobs, count, rules);
}

uint32_t look_c(const struct control *c, struct lanes *lanes, double level[LANES], const double factor[LANES],
                const double add[LANES], float came[LANES])
{
    return look_lanes(c, lanes, level, factor, add, came);
}

unsigned needs_c(const struct lanes *lanes)
{
    return needs_lanes(lanes);
}

const struct kernels kernels_c = {
    .name = "c",
    .interp = {interp_nearest_c, interp_linear_c, interp_cubic_c, interp_sinc_c, interp_sinc_c},
    .lanes = lanes_c,
    .sum = lanes_sum_c,
    .control = control_c,
    .look = look_c,
    .needs = needs_c,
    .effects = &effects_c,
};
