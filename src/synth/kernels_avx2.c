/* SPDX-License-Identifier: MIT */
#include "kernels.h"

#ifdef __AVX2__
#include <immintrin.h>
#include <stddef.h>
#include <string.h>

#define V_WIDTH 8
#define V_NAME(f) f##_avx2
#define V_LANES
#define V_NEAR_FRAMES 4
#define V_NEAR_SAMPLES 8
#define V_PLACES

typedef __m256 vf;
typedef __m256i vi;
typedef struct {
    __m256i low, high; /* frames 0 1 4 5 and 2 3 6 7, so that a shuffle puts halves of them in order */
} vp;

V_INLINE vf vf_load(const float *p) { return _mm256_load_ps(p); }
V_INLINE vf vf_loadu(const float *p) { return _mm256_loadu_ps(p); }
V_INLINE void vf_store(float *p, vf v) { _mm256_store_ps(p, v); }
V_INLINE void vf_storeu(float *p, vf v) { _mm256_storeu_ps(p, v); }
V_INLINE vf vf_set1(float x) { return _mm256_set1_ps(x); }
V_INLINE vf vf_add(vf a, vf b) { return _mm256_add_ps(a, b); }
V_INLINE vf vf_sub(vf a, vf b) { return _mm256_sub_ps(a, b); }
V_INLINE vf vf_mul(vf a, vf b) { return _mm256_mul_ps(a, b); }
V_INLINE vf vf_of(vi a) { return _mm256_cvtepi32_ps(a); }
V_INLINE vf vf_above(vf a, vf b) { return _mm256_cmp_ps(a, b, _CMP_GT_OQ); }
V_INLINE vf vf_keep(vf mask, vf a, vf b) { return _mm256_blendv_ps(b, a, mask); }

V_INLINE vi vi_add(vi a, vi b) { return _mm256_add_epi32(a, b); }
V_INLINE vi vi_sll(vi a, uint32_t n) { return _mm256_sll_epi32(a, _mm_cvtsi32_si128((int)n)); }
V_INLINE vi vi_srl(vi a, uint32_t n) { return _mm256_srl_epi32(a, _mm_cvtsi32_si128((int)n)); }
V_INLINE vi vi_sra16(vi a) { return _mm256_srai_epi32(a, 16); }
V_INLINE vi vi_set1(int32_t x) { return _mm256_set1_epi32(x); }
V_INLINE vi vi_madd(vi a, vi b) { return _mm256_madd_epi16(a, b); }
V_INLINE vi vi_sub(vi a, vi b) { return _mm256_sub_epi32(a, b); }
V_INLINE uint32_t vi_first(vi a) { return (uint32_t)_mm_cvtsi128_si32(_mm256_castsi256_si128(a)); }
V_INLINE vi vi_all_first(vi a) { return _mm256_broadcastd_epi32(_mm256_castsi256_si128(a)); }

V_INLINE __m128i load4(const int16_t *p) { return _mm_loadl_epi64((const __m128i *)(const void *)p); }
V_INLINE __m128i load8(const int16_t *p) { return _mm_loadu_si128((const __m128i *)(const void *)p); }

V_INLINE vf vf_samples(const int16_t *p) { return vf_of(_mm256_cvtepi16_epi32(load8(p))); }

V_INLINE __m256i join(__m128i low, __m128i high)
{
    return _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1);
}

V_INLINE vp vp_set1(uint64_t x)
{
    __m256i v = _mm256_set1_epi64x((long long)x);
    return (vp){v, v};
}

/* A times X; the lanes of A are below 2^32 */
V_INLINE __m256i scaled(__m256i a, uint64_t x)
{
    __m256i low = _mm256_mul_epu32(a, _mm256_set1_epi64x((long long)x));
    return _mm256_add_epi64(low, _mm256_slli_epi64(_mm256_mul_epu32(a, _mm256_set1_epi64x((long long)(x >> 32))), 32));
}

V_INLINE vp vp_count(uint64_t x)
{
    return (vp){scaled(_mm256_setr_epi64x(0, 1, 4, 5), x), scaled(_mm256_setr_epi64x(2, 3, 6, 7), x)};
}

V_INLINE vp vp_pairs(uint64_t x)
{
    return (vp){scaled(_mm256_setr_epi64x(0, 0, 6, 10), x), scaled(_mm256_setr_epi64x(1, 3, 15, 21), x)};
}

V_INLINE vp vp_add(vp a, vp b)
{
    return (vp){_mm256_add_epi64(a.low, b.low), _mm256_add_epi64(a.high, b.high)};
}

V_INLINE vi vp_whole(vp a)
{
    return _mm256_castps_si256(_mm256_shuffle_ps(_mm256_castsi256_ps(a.low), _mm256_castsi256_ps(a.high), 0xDD));
}

V_INLINE vi vp_part(vp a)
{
    return _mm256_castps_si256(_mm256_shuffle_ps(_mm256_castsi256_ps(a.low), _mm256_castsi256_ps(a.high), 0x88));
}

/* A and B folded from 8 to 4: those of A below those of B */
V_INLINE vf fold8(vf a, vf b)
{
    return _mm256_add_ps(_mm256_blend_ps(a, b, 0xF0), _mm256_permute2f128_ps(a, b, 0x21));
}

/* Each half folded from 4 to 2: A's, B's */
V_INLINE vf fold4(vf a, vf b)
{
    return _mm256_add_ps(_mm256_blend_ps(a, b, 0xCC), _mm256_shuffle_ps(a, b, 0x4E));
}

V_INLINE vf vf_fold(const vf s[V_WIDTH])
{
    vf a = fold4(fold8(s[0], s[4]), fold8(s[1], s[5])), b = fold4(fold8(s[2], s[6]), fold8(s[3], s[7]));
    return _mm256_add_ps(_mm256_shuffle_ps(a, b, 0x88), _mm256_shuffle_ps(a, b, 0xDD));
}

V_INLINE void vf_transpose(vf r[V_WIDTH])
{
    vf t[8], u[8];
    for (unsigned k = 0; k < 8; k += 2) {
        t[k] = _mm256_unpacklo_ps(r[k], r[k + 1]);
        t[k + 1] = _mm256_unpackhi_ps(r[k], r[k + 1]);
    }
    for (unsigned k = 0; k < 8; k += 4) {
        u[k] = _mm256_shuffle_ps(t[k], t[k + 2], 0x44);
        u[k + 1] = _mm256_shuffle_ps(t[k], t[k + 2], 0xEE);
        u[k + 2] = _mm256_shuffle_ps(t[k + 1], t[k + 3], 0x44);
        u[k + 3] = _mm256_shuffle_ps(t[k + 1], t[k + 3], 0xEE);
    }
    for (unsigned k = 0; k < 4; k++) {
        r[k] = _mm256_permute2f128_ps(u[k], u[k + 4], 0x20);
        r[k + 4] = _mm256_permute2f128_ps(u[k], u[k + 4], 0x31);
    }
}

/* P[k] in all lanes. A shuffle, as loads are what the sinc kernels have most of; P: to 16 bytes, the four of P[k] in one vector. */
V_INLINE vf element(const float *p, unsigned k)
{
    vf four = _mm256_broadcast_ps((const __m128 *)(const void *)(p + k / 4 * 4));
    switch (k % 4) {
    case 0:
        return _mm256_shuffle_ps(four, four, 0x00);
    case 1:
        return _mm256_shuffle_ps(four, four, 0x55);
    case 2:
        return _mm256_shuffle_ps(four, four, 0xAA);
    default:
        return _mm256_shuffle_ps(four, four, 0xFF);
    }
}
#define V_ELEMENT element

V_INLINE __m128i two_taps(const int16_t *p)
{
    int32_t both;
    V_COPY(&both, p, sizeof both);
    return _mm_cvtsi32_si128(both);
}

V_INLINE __m128i two_taps_of_four(const int16_t *src, const uint32_t *at)
{
    return _mm_unpacklo_epi64(_mm_unpacklo_epi32(two_taps(src + at[0]), two_taps(src + at[1])),
                              _mm_unpacklo_epi32(two_taps(src + at[2]), two_taps(src + at[3])));
}

V_INLINE vi taps2(const int16_t *src, const uint32_t *at)
{
    return join(two_taps_of_four(src, at), two_taps_of_four(src, at + 4));
}

V_INLINE __m128i four_taps_of_two(const int16_t *src, const uint32_t *at)
{
    __m128 first = _mm_castsi128_ps(load4(src + at[0]));
    return _mm_castps_si128(_mm_loadh_pi(first, (const __m64 *)(const void *)(src + at[1])));
}

V_INLINE void taps4(const int16_t *src, const uint32_t *at, vi *low, vi *high)
{
    vf a = _mm256_castsi256_ps(join(four_taps_of_two(src, at), four_taps_of_two(src, at + 4)));
    vf b = _mm256_castsi256_ps(join(four_taps_of_two(src, at + 2), four_taps_of_two(src, at + 6)));
    *low = _mm256_castps_si256(_mm256_shuffle_ps(a, b, 0x88));
    *high = _mm256_castps_si256(_mm256_shuffle_ps(a, b, 0xDD));
}

/* Eight samples for frames 0..3 and eight for 4..7 */
V_INLINE __m256i window(const int16_t *src, vi at)
{
    return join(load8(src + _mm_cvtsi128_si32(_mm256_castsi256_si128(at))),
                load8(src + _mm_cvtsi128_si32(_mm256_extracti128_si256(at, 1))));
}

/* In each element the bytes' number in the window at which the frame's taps begin, four times */
V_INLINE __m256i begins(vi at)
{
    const __m256i spread = _mm256_setr_epi8(0, 0, 0, 0, 4, 4, 4, 4, 8, 8, 8, 8, 12, 12, 12, 12, 0, 0, 0, 0, 4, 4, 4, 4, 8, 8, 8,
                                            8, 12, 12, 12, 12);
    __m256i offset = _mm256_sub_epi32(at, _mm256_shuffle_epi32(at, 0));
    return _mm256_shuffle_epi8(_mm256_slli_epi32(offset, 1), spread);
}

V_INLINE vi near_taps2(const int16_t *src, vi at)
{
    return _mm256_shuffle_epi8(window(src, at), _mm256_add_epi8(begins(at), _mm256_set1_epi32(0x03020100)));
}

/* Four taps picked like this were slower than eight loads and a transpose (0.53 to 0.48 ns a frame). */

/* Places 0..3 out of eight samples, places 4..7 out of the eight four samples later */
V_INLINE void neighbours(const int16_t *p, vi *low, vi *high)
{
    const __m128i first = _mm_setr_epi8(0, 1, 2, 3, 2, 3, 4, 5, 4, 5, 6, 7, 6, 7, 8, 9);
    const __m128i third = _mm_setr_epi8(4, 5, 6, 7, 6, 7, 8, 9, 8, 9, 10, 11, 10, 11, 12, 13);
    __m256i samples = join(load8(p), load8(p + 4));
    *low = _mm256_shuffle_epi8(samples, join(first, first));
    *high = _mm256_shuffle_epi8(samples, join(third, third));
}

V_INLINE vf vf_pick(vf v, vi at) { return _mm256_permutevar8x32_ps(v, at); }

#include "control_avx2.h"
#include "control_vector.h"
#include "kernels_vector.h"
#include "effects_vector.h"
#include "lanes_vector.h"

const struct kernels kernels_avx2 = {
    .name = "avx2",
    .cpu = CPU_SSE2 | CPU_SSE41 | CPU_AVX2,
    .interp = {interp_nearest_c, interp_linear_avx2, interp_cubic_avx2, interp_sinc_avx2, interp_sinc_avx2},
    .lanes = lanes_avx2,
    .sum = lanes_sum_avx2,
    .control = control_avx2,
    .look = look_avx2,
    .needs = needs_avx2,
    .effects = &effects_avx2,
};
#endif
