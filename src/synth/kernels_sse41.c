/* SPDX-License-Identifier: MIT */
#include "kernels.h"

#ifdef __SSE4_1__
#define V_NAME(f) f##_sse41
#include "kernels_sse.h"

#include "control_lanes.h"
#include "kernels_vector.h"
#include "effects_vector.h"
#include "lanes_vector.h"

static void control_sse41(const struct control_job *jobs, uint32_t count, const struct control_rules *rules)
{
    control_jobs(jobs, count, rules);
}

static uint32_t look_sse41(const struct control *c, struct lanes *lanes, double level[LANES], const double factor[LANES],
                           const double add[LANES], float came[LANES])
{
    return look_lanes(c, lanes, level, factor, add, came);
}

static unsigned needs_sse41(const struct lanes *lanes)
{
    return needs_lanes(lanes);
}

const struct kernels kernels_sse41 = {
    .name = "sse41",
    .cpu = CPU_SSE2 | CPU_SSE41,
    .interp = {interp_nearest_c, interp_linear_sse41, interp_cubic_sse41, interp_sinc_sse41, interp_sinc_sse41},
    .lanes = lanes_sse41,
    .sum = lanes_sum_sse41,
    .control = control_sse41,
    .look = look_sse41,
    .needs = needs_sse41,
    .effects = &effects_sse41,
};
#endif
