/* SPDX-License-Identifier: MIT */
#include "kernels.h"

#if defined(__AVX512F__) && defined(__AVX512BW__)
#include <immintrin.h>
#include <stddef.h>
#include <string.h>

#define V_WIDTH 16
#define V_NAME(f) f##_avx512
#define V_NEAR_FRAMES 16
#define V_NEAR_SAMPLES 32
#define V_STRIDES
#define V_TABLES
#define V_STORE_SOME
#define V_BETWEEN
#define V_DIRECT_TAPS 16
#define V_LANES_OF_ONE lanes_avx2

typedef __m512 vf;
typedef __m512i vi;
typedef struct {
    __m512i low, high; /* frames 0 1, 4 5, 8 9, 12 13 and those after each two */
} vp;

V_INLINE vf vf_load(const float *p) { return _mm512_load_ps(p); }
V_INLINE void vf_store(float *p, vf v) { _mm512_store_ps(p, v); }
V_INLINE vf vf_loadu(const float *p) { return _mm512_loadu_ps(p); }
V_INLINE void vf_storeu(float *p, vf v) { _mm512_storeu_ps(p, v); }
V_INLINE void store_some(float *p, vf v, uint32_t count) { _mm512_mask_storeu_ps(p, (__mmask16)((1u << count) - 1), v); }
V_INLINE vf vf_set1(float x) { return _mm512_set1_ps(x); }
V_INLINE vf vf_add(vf a, vf b) { return _mm512_add_ps(a, b); }
V_INLINE vf vf_sub(vf a, vf b) { return _mm512_sub_ps(a, b); }
V_INLINE vf vf_mul(vf a, vf b) { return _mm512_mul_ps(a, b); }
V_INLINE vf vf_above(vf a, vf b) { return _mm512_castsi512_ps(_mm512_movm_epi32(_mm512_cmp_ps_mask(a, b, _CMP_GT_OQ))); }
V_INLINE vf vf_keep(vf mask, vf a, vf b) { return _mm512_mask_blend_ps(_mm512_movepi32_mask(_mm512_castps_si512(mask)), b, a); }

/* X where S is above LOW and below HIGH, else 0 */
V_INLINE vf vf_between(vf x, vf s, vf low, vf high)
{
    __mmask16 above = _mm512_cmp_ps_mask(s, low, _CMP_GT_OQ);
    return _mm512_maskz_mov_ps(_mm512_mask_cmp_ps_mask(above, s, high, _CMP_LT_OQ), x);
}

V_INLINE vf vf_of(vi a) { return _mm512_cvtepi32_ps(a); }

V_INLINE vi vi_add(vi a, vi b) { return _mm512_add_epi32(a, b); }
V_INLINE vi vi_sll(vi a, uint32_t n) { return _mm512_sll_epi32(a, _mm_cvtsi32_si128((int)n)); }
V_INLINE vi vi_srl(vi a, uint32_t n) { return _mm512_srl_epi32(a, _mm_cvtsi32_si128((int)n)); }
V_INLINE vi vi_sra16(vi a) { return _mm512_srai_epi32(a, 16); }
V_INLINE vi vi_set1(int32_t x) { return _mm512_set1_epi32(x); }
V_INLINE vi vi_madd(vi a, vi b) { return _mm512_madd_epi16(a, b); }

V_INLINE vf vf_samples(const int16_t *p)
{
    return vf_of(_mm512_cvtepi16_epi32(_mm256_loadu_si256((const __m256i *)(const void *)p)));
}

V_INLINE vp vp_set1(uint64_t x)
{
    __m512i v = _mm512_set1_epi64((long long)x);
    return (vp){v, v};
}

/* A times X; the lanes of A are below 2^32 */
V_INLINE __m512i scaled(__m512i a, uint64_t x)
{
    __m512i low = _mm512_mul_epu32(a, _mm512_set1_epi64((long long)x));
    return _mm512_add_epi64(low, _mm512_slli_epi64(_mm512_mul_epu32(a, _mm512_set1_epi64((long long)(x >> 32))), 32));
}

V_INLINE vp vp_count(uint64_t x)
{
    return (vp){scaled(_mm512_setr_epi64(0, 1, 4, 5, 8, 9, 12, 13), x), scaled(_mm512_setr_epi64(2, 3, 6, 7, 10, 11, 14, 15), x)};
}

V_INLINE vp vp_pairs(uint64_t x)
{
    return (vp){scaled(_mm512_setr_epi64(0, 0, 6, 10, 28, 36, 66, 78), x),
                scaled(_mm512_setr_epi64(1, 3, 15, 21, 45, 55, 91, 105), x)};
}

V_INLINE vp vp_add(vp a, vp b)
{
    return (vp){_mm512_add_epi64(a.low, b.low), _mm512_add_epi64(a.high, b.high)};
}

V_INLINE vi vp_whole(vp a)
{
    return _mm512_castps_si512(_mm512_shuffle_ps(_mm512_castsi512_ps(a.low), _mm512_castsi512_ps(a.high), 0xDD));
}

V_INLINE vi vp_part(vp a)
{
    return _mm512_castps_si512(_mm512_shuffle_ps(_mm512_castsi512_ps(a.low), _mm512_castsi512_ps(a.high), 0x88));
}

/* A and B folded from 16 to 8 */
V_INLINE vf fold16(vf a, vf b)
{
    return _mm512_add_ps(_mm512_mask_blend_ps(0xFF00, a, b), _mm512_shuffle_f32x4(a, b, 0x4E));
}

/* The halves of A and of B folded from 8 to 4 */
V_INLINE vf fold8(vf a, vf b)
{
    return _mm512_add_ps(_mm512_shuffle_f32x4(a, b, 0x88), _mm512_shuffle_f32x4(a, b, 0xDD));
}

/* Each quarter folded from 4 to 2: A's, B's */
V_INLINE vf fold4(vf a, vf b)
{
    return _mm512_add_ps(_mm512_mask_blend_ps(0xCCCC, a, b), _mm512_shuffle_ps(a, b, 0x4E));
}

/* Quarter I of A, then of B, of C, of D */
V_INLINE vf quarters(vf a, vf b, vf c, vf d, const int i)
{
    vf low = i < 2 ? _mm512_shuffle_f32x4(a, b, 0x44) : _mm512_shuffle_f32x4(a, b, 0xEE);
    vf high = i < 2 ? _mm512_shuffle_f32x4(c, d, 0x44) : _mm512_shuffle_f32x4(c, d, 0xEE);
    return i & 1 ? _mm512_shuffle_f32x4(low, high, 0xDD) : _mm512_shuffle_f32x4(low, high, 0x88);
}

V_INLINE void vf_transpose(vf r[V_WIDTH])
{
    vf t[16], u[16];
    for (unsigned k = 0; k < 16; k += 2) {
        t[k] = _mm512_unpacklo_ps(r[k], r[k + 1]);
        t[k + 1] = _mm512_unpackhi_ps(r[k], r[k + 1]);
    }
    for (unsigned k = 0; k < 16; k += 4) {
        u[k] = _mm512_shuffle_ps(t[k], t[k + 2], 0x44);
        u[k + 1] = _mm512_shuffle_ps(t[k], t[k + 2], 0xEE);
        u[k + 2] = _mm512_shuffle_ps(t[k + 1], t[k + 3], 0x44);
        u[k + 3] = _mm512_shuffle_ps(t[k + 1], t[k + 3], 0xEE);
    }
    for (unsigned k = 0; k < 4; k++) {
        r[k] = quarters(u[k], u[k + 4], u[k + 8], u[k + 12], 0);
        r[k + 4] = quarters(u[k], u[k + 4], u[k + 8], u[k + 12], 1);
        r[k + 8] = quarters(u[k], u[k + 4], u[k + 8], u[k + 12], 2);
        r[k + 12] = quarters(u[k], u[k + 4], u[k + 8], u[k + 12], 3);
    }
}

/* Frames K, K+4, K+8, K+12, a quarter each */
#define QUARTERS(s, k) fold8(fold16((s)[k], (s)[(k) + 4]), fold16((s)[(k) + 8], (s)[(k) + 12]))

V_INLINE vf vf_fold(const vf s[V_WIDTH])
{
    vf a = fold4(QUARTERS(s, 0), QUARTERS(s, 1)), b = fold4(QUARTERS(s, 2), QUARTERS(s, 3));
    return _mm512_add_ps(_mm512_shuffle_ps(a, b, 0x88), _mm512_shuffle_ps(a, b, 0xDD));
}

V_INLINE __m512i join(__m128i a, __m128i b, __m128i c, __m128i d)
{
    __m256i low = _mm256_inserti128_si256(_mm256_castsi128_si256(a), b, 1);
    __m256i high = _mm256_inserti128_si256(_mm256_castsi128_si256(c), d, 1);
    return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
}

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
    return join(two_taps_of_four(src, at), two_taps_of_four(src, at + 4), two_taps_of_four(src, at + 8),
                two_taps_of_four(src, at + 12));
}

V_INLINE __m128i four_taps_of_two(const int16_t *src, const uint32_t *at)
{
    return _mm_unpacklo_epi64(_mm_loadl_epi64((const __m128i *)(const void *)(src + at[0])),
                              _mm_loadl_epi64((const __m128i *)(const void *)(src + at[1])));
}

V_INLINE void taps4(const int16_t *src, const uint32_t *at, vi *low, vi *high)
{
    vf a = _mm512_castsi512_ps(join(four_taps_of_two(src, at), four_taps_of_two(src, at + 4), four_taps_of_two(src, at + 8),
                                    four_taps_of_two(src, at + 12)));
    vf b = _mm512_castsi512_ps(join(four_taps_of_two(src, at + 2), four_taps_of_two(src, at + 6),
                                    four_taps_of_two(src, at + 10), four_taps_of_two(src, at + 14)));
    *low = _mm512_castps_si512(_mm512_shuffle_ps(a, b, 0x88));
    *high = _mm512_castps_si512(_mm512_shuffle_ps(a, b, 0xDD));
}

V_INLINE vi near_window(const int16_t *p) { return _mm512_loadu_si512(p); }
V_INLINE vi near_pick(vi window, vi numbers) { return _mm512_permutexvar_epi16(numbers, window); }

/* Of the window's first half, with three samples of the second */
V_INLINE void neighbours(const int16_t *p, vi *low, vi *high)
{
    const vi first = _mm512_setr_epi32(0x10000, 0x20001, 0x30002, 0x40003, 0x50004, 0x60005, 0x70006, 0x80007, 0x90008, 0xA0009,
                                       0xB000A, 0xC000B, 0xD000C, 0xE000D, 0xF000E, 0x10000F);
    const vi third = _mm512_setr_epi32(0x30002, 0x40003, 0x50004, 0x60005, 0x70006, 0x80007, 0x90008, 0xA0009, 0xB000A, 0xC000B,
                                       0xD000C, 0xE000D, 0xF000E, 0x10000F, 0x110010, 0x120011);
    vi window = near_window(p);
    *low = near_pick(window, first);
    *high = near_pick(window, third);
}

V_INLINE vf vf_pick(vf v, vi at) { return _mm512_permutexvar_ps(at, v); }
V_INLINE vf vf_pick_two(vf low, vf high, vi at) { return _mm512_permutex2var_ps(low, at, high); }

/* Two numbers in a window in each element */
V_INLINE vi picks_after(vi numbers, int32_t n) { return vi_add(numbers, vi_set1(n << 16 | n)); }
V_INLINE vi picks_at(vi place) { return vi_add(_mm512_or_epi32(place, _mm512_slli_epi32(place, 16)), vi_set1(0x00010000)); }

/* The window of these places, and the numbers in it of each frame's first two taps */
V_INLINE vi window(const int16_t *src, vi at, vi *first)
{
    __m128i begin = _mm512_castsi512_si128(at);
    *first = picks_at(_mm512_sub_epi32(at, _mm512_broadcastd_epi32(begin)));
    return near_window(src + _mm_cvtsi128_si32(begin));
}

V_INLINE vi near_taps2(const int16_t *src, vi at)
{
    vi first, samples = window(src, at, &first);
    return near_pick(samples, first);
}

V_INLINE void near_taps4(const int16_t *src, vi at, vi *low, vi *high)
{
    vi first, samples = window(src, at, &first);
    *low = near_pick(samples, first);
    *high = near_pick(samples, picks_after(first, 2));
}

/* Where frames are that follow each other at the same step: lower halves of their phases relative to the first one's, and the
 * numbers of their first two taps in its window as long as no lower half runs over. */
struct stride {
    vi part, first;
};

struct picks {
    vi part, first;
};

V_INLINE struct stride stride_of(uint64_t step)
{
    vp way = vp_count(step);
    return (struct stride){vp_part(way), picks_at(vp_whole(way))};
}

V_INLINE struct picks stride_picks(const struct stride *stride, uint64_t phase)
{
    vi begin = vi_set1((int32_t)(uint32_t)phase), part = vi_add(stride->part, begin);
    __mmask16 over = _mm512_cmplt_epu32_mask(part, begin);
    return (struct picks){part, _mm512_mask_add_epi32(stride->first, over, stride->first, vi_set1(0x00010001))};
}

/* ---- lanes ---- */

V_INLINE vf vf_load_two(const float *p, const float *second)
{
    return _mm512_insertf32x8(_mm512_castps256_ps512(_mm256_load_ps(p)), _mm256_load_ps(second), 1);
}

V_INLINE vf vf_load_mask(uint32_t mask, const float *p) { return _mm512_maskz_load_ps((__mmask16)mask, p); }
V_INLINE void vf_store_half(float *p, vf v) { _mm256_store_ps(p, _mm512_castps512_ps256(v)); }

V_INLINE void vf_store_two(float *p, float *second, vf v)
{
    vf_store_half(p, v);
    _mm256_store_ps(second, _mm512_extractf32x8_ps(v, 1));
}

V_INLINE vf vf_twice(const float *p) { return _mm512_broadcast_f32x8(_mm256_load_ps(p)); }
V_INLINE vf vf_low(vf v) { return _mm512_shuffle_f32x4(v, v, 0x44); }
V_INLINE vf vf_high(vf v) { return _mm512_shuffle_f32x4(v, v, 0xEE); }

/* out[k]: lanes 0..3 of frame k, of frame k+4, then lanes 4..7 of both */
V_INLINE void turn_group(const float (*x)[MIXER_GRID], uint32_t i, vf out[4])
{
    vf r[4], t[4];
    for (unsigned k = 0; k < 4; k++)
        r[k] = vf_load_two(x[k] + i, x[k + 4] + i);
    for (unsigned k = 0; k < 4; k += 2) {
        t[k] = _mm512_unpacklo_ps(r[k], r[k + 1]);
        t[k + 1] = _mm512_unpackhi_ps(r[k], r[k + 1]);
    }
    for (unsigned k = 0; k < 2; k++) {
        out[2 * k] = _mm512_shuffle_ps(t[k], t[k + 2], 0x44);
        out[2 * k + 1] = _mm512_shuffle_ps(t[k], t[k + 2], 0xEE);
    }
}

V_INLINE void turn_wide(const float (*x)[MIXER_GRID], const float (*second)[MIXER_GRID], uint32_t i, float (*out)[V_WIDTH])
{
    vf a[4], b[4] = {_mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps()};
    turn_group(x, i, a);
    if (second)
        turn_group(second, i, b);
    for (unsigned k = 0; k < 4; k++) {
        vf_store(out[k], _mm512_shuffle_f32x4(a[k], b[k], 0x88));
        vf_store(out[k + 4], _mm512_shuffle_f32x4(a[k], b[k], 0xDD));
    }
}

#include "control_avx512.h"
#include "control_vector.h"
#include "kernels_vector.h"
#include "effects_vector.h"
#include "lanes_vector.h"

/* Eight rows at a time: halves, quarters and eighths of them are added side by side. In SUMS then stand the left and right sums of
 * the even rows, and those of the odd ones. */
static void lanes_sum_avx512(const float (*rows)[2][LANES], float *left, float *right, uint32_t count)
{
    const __m512i in_order = _mm512_setr_epi32(0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15);
    uint32_t i = 0;
    for (; count - i >= 8; i += 8) {
        vf halves[4], fours[2];
        for (unsigned k = 0; k < 4; k++)
            halves[k] = fold8(vf_load(rows[i + 2 * k][0]), vf_load(rows[i + 2 * k + 1][0]));
        for (unsigned k = 0; k < 2; k++)
            fours[k] = _mm512_add_ps(_mm512_shuffle_ps(halves[2 * k], halves[2 * k + 1], 0x44),
                                        _mm512_shuffle_ps(halves[2 * k], halves[2 * k + 1], 0xEE));
        vf sums = _mm512_add_ps(_mm512_shuffle_ps(fours[0], fours[1], 0x88), _mm512_shuffle_ps(fours[0], fours[1], 0xDD));
        sums = _mm512_permutexvar_ps(in_order, sums);
        _mm256_storeu_ps(left + i, _mm512_castps512_ps256(sums));
        _mm256_storeu_ps(right + i, _mm512_extractf32x8_ps(sums, 1));
    }
    lanes_sum_c(rows + i, left + i, right + i, count - i);
}

const struct kernels kernels_avx512 = {
    .name = "avx512",
    .cpu = CPU_SSE2 | CPU_SSE41 | CPU_AVX2 | CPU_AVX512,
    .interp = {interp_nearest_c, interp_linear_avx512, interp_cubic_avx512, interp_sinc_avx512, interp_sinc_avx512},
    .lanes = lanes_avx512,
    .sum = lanes_sum_avx512,
    .control = control_avx512,
    .look = look_avx512,
    .needs = needs_avx512,
    .effects = &effects_avx512,
};
#endif
