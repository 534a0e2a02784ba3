/* SPDX-License-Identifier: MIT */
#include "kernels.h"

#ifdef __SSE2__
#define V_NAME(f) f##_sse2
#include "kernels_sse.h"

#include "control_lanes.h"
#include "kernels_vector.h"
#include "effects_vector.h"
#include "lanes_vector.h"

static void control_sse2(const struct control_job *jobs, uint32_t count, const struct control_rules *rules)
{
    control_jobs(jobs, count, rules);
}

static uint32_t look_sse2(const struct control *c, struct lanes *lanes, double level[LANES], const double factor[LANES],
                          const double add[LANES], float came[LANES])
{
    return look_lanes(c, lanes, level, factor, add, came);
}

static unsigned needs_sse2(const struct lanes *lanes)
{
    return needs_lanes(lanes);
}

const struct kernels kernels_sse2 = {
    .name = "sse2",
    .cpu = CPU_SSE2,
    .interp = {interp_nearest_c, interp_linear_sse2, interp_cubic_sse2, interp_sinc_sse2, interp_sinc_sse2},
    .lanes = lanes_sse2,
    .sum = lanes_sum_sse2,
    .control = control_sse2,
    .look = look_sse2,
    .needs = needs_sse2,
    .effects = &effects_sse2,
};
#endif
