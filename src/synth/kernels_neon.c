/* SPDX-License-Identifier: MIT */
#include "kernels.h"

#if defined(__aarch64__) && defined(__ARM_NEON)
#include <arm_neon.h>
#include <string.h>

#define V_WIDTH 4
#define V_NAME(f) f##_neon
#define V_LANES static

typedef float32x4_t vf;
typedef int32x4_t vi;
typedef struct {
    uint64x2_t low, high; /* frames 0 1 and 2 3 */
} vp;

V_INLINE vf vf_load(const float *p) { return vld1q_f32(p); }
V_INLINE vf vf_loadu(const float *p) { return vld1q_f32(p); }
V_INLINE void vf_store(float *p, vf v) { vst1q_f32(p, v); }
V_INLINE void vf_storeu(float *p, vf v) { vst1q_f32(p, v); }
V_INLINE vf vf_set1(float x) { return vdupq_n_f32(x); }
V_INLINE vf vf_add(vf a, vf b) { return vaddq_f32(a, b); }
V_INLINE vf vf_sub(vf a, vf b) { return vsubq_f32(a, b); }
V_INLINE vf vf_mul(vf a, vf b) { return vmulq_f32(a, b); }
V_INLINE vf vf_of(vi a) { return vcvtq_f32_s32(a); }
V_INLINE vf vf_above(vf a, vf b) { return vreinterpretq_f32_u32(vcgtq_f32(a, b)); }
V_INLINE vf vf_keep(vf mask, vf a, vf b) { return vbslq_f32(vreinterpretq_u32_f32(mask), a, b); }
V_INLINE vf vf_samples(const int16_t *p) { return vf_of(vmovl_s16(vld1_s16(p))); }

V_INLINE vi vi_add(vi a, vi b) { return vaddq_s32(a, b); }
V_INLINE vi vi_sll(vi a, uint32_t n) { return vshlq_s32(a, vdupq_n_s32((int32_t)n)); }
V_INLINE vi vi_sra16(vi a) { return vshrq_n_s32(a, 16); }
V_INLINE vi vi_set1(int32_t x) { return vdupq_n_s32(x); }

/* A shift by a negative number goes right, of unsigned elements with zeros */
V_INLINE vi vi_srl(vi a, uint32_t n)
{
    return vreinterpretq_s32_u32(vshlq_u32(vreinterpretq_u32_s32(a), vdupq_n_s32(-(int32_t)n)));
}

V_INLINE vi vi_madd(vi a, vi b)
{
    int16x8_t c = vreinterpretq_s16_s32(a), d = vreinterpretq_s16_s32(b);
    return vpaddq_s32(vmull_s16(vget_low_s16(c), vget_low_s16(d)), vmull_high_s16(c, d));
}

V_INLINE vp vp_set1(uint64_t x)
{
    return (vp){vdupq_n_u64(x), vdupq_n_u64(x)};
}

V_INLINE uint64x2_t two(uint64_t a, uint64_t b)
{
    return vcombine_u64(vcreate_u64(a), vcreate_u64(b));
}

V_INLINE vp vp_count(uint64_t x)
{
    return (vp){two(0, x), two(2 * x, 3 * x)};
}

V_INLINE vp vp_pairs(uint64_t x)
{
    return (vp){two(0, 0), two(x, 3 * x)};
}

V_INLINE vp vp_add(vp a, vp b)
{
    return (vp){vaddq_u64(a.low, b.low), vaddq_u64(a.high, b.high)};
}

V_INLINE vi vp_whole(vp a)
{
    return vuzp2q_s32(vreinterpretq_s32_u64(a.low), vreinterpretq_s32_u64(a.high));
}

V_INLINE vi vp_part(vp a)
{
    return vuzp1q_s32(vreinterpretq_s32_u64(a.low), vreinterpretq_s32_u64(a.high));
}

V_INLINE vf pairs_low(vf a, vf b) { return vcombine_f32(vget_low_f32(a), vget_low_f32(b)); }
V_INLINE vf pairs_high(vf a, vf b) { return vcombine_f32(vget_high_f32(a), vget_high_f32(b)); }

V_INLINE vf fold4(vf a, vf b)
{
    return vaddq_f32(pairs_low(a, b), pairs_high(a, b));
}

V_INLINE vf vf_fold(const vf s[V_WIDTH])
{
    return vpaddq_f32(fold4(s[0], s[1]), fold4(s[2], s[3]));
}

V_INLINE void vf_transpose(vf r[V_WIDTH])
{
    vf a = vzip1q_f32(r[0], r[1]), b = vzip2q_f32(r[0], r[1]), c = vzip1q_f32(r[2], r[3]), d = vzip2q_f32(r[2], r[3]);
    r[0] = pairs_low(a, c);
    r[1] = pairs_high(a, c);
    r[2] = pairs_low(b, d);
    r[3] = pairs_high(b, d);
}

V_INLINE int32_t two_taps(const int16_t *p)
{
    int32_t both;
    V_COPY(&both, p, sizeof both);
    return both;
}

V_INLINE vi taps2(const int16_t *src, const uint32_t *at)
{
    vi v = vdupq_n_s32(two_taps(src + at[0]));
    v = vsetq_lane_s32(two_taps(src + at[1]), v, 1);
    v = vsetq_lane_s32(two_taps(src + at[2]), v, 2);
    return vsetq_lane_s32(two_taps(src + at[3]), v, 3);
}

V_INLINE vi four_taps_of_two(const int16_t *src, const uint32_t *at)
{
    return vreinterpretq_s32_s16(vcombine_s16(vld1_s16(src + at[0]), vld1_s16(src + at[1])));
}

V_INLINE void taps4(const int16_t *src, const uint32_t *at, vi *low, vi *high)
{
    vi a = four_taps_of_two(src, at), b = four_taps_of_two(src, at + 2);
    *low = vuzp1q_s32(a, b);
    *high = vuzp2q_s32(a, b);
}

#include "control_lanes.h"
#include "kernels_vector.h"
#include "effects_vector.h"
#include "lanes_vector.h"

static void control_neon(const struct control_job *jobs, uint32_t count, const struct control_rules *rules)
{
    control_jobs(jobs, count, rules);
}

static uint32_t look_neon(const struct control *c, struct lanes *lanes, double level[LANES], const double factor[LANES],
                          const double add[LANES], float came[LANES])
{
    return look_lanes(c, lanes, level, factor, add, came);
}

static unsigned needs_neon(const struct lanes *lanes)
{
    return needs_lanes(lanes);
}

const struct kernels kernels_neon = {
    .name = "neon",
    .cpu = CPU_NEON,
    .interp = {interp_nearest_c, interp_linear_neon, interp_cubic_neon, interp_sinc_neon, interp_sinc_neon},
    .lanes = lanes_neon,
    .sum = lanes_sum_neon,
    .control = control_neon,
    .look = look_neon,
    .needs = needs_neon,
    .effects = &effects_neon,
};
#endif
