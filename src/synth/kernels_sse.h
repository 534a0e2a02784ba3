/* SPDX-License-Identifier: MIT */
/* kernels_sse.h - operations of kernels_vector.h on 128-bit x86 vectors, for SSE2 and, where the compiler is allowed to, SSE4.1. */
#ifndef DMUS_SYNTH_KERNELS_SSE_H
#define DMUS_SYNTH_KERNELS_SSE_H

#include <immintrin.h>
#include <string.h>

#define V_WIDTH 4
#define V_LANES static

typedef __m128 vf;
typedef __m128i vi;
typedef struct {
    __m128i low, high; /* frames 0 1 and 2 3 */
} vp;

V_INLINE vf vf_load(const float *p) { return _mm_load_ps(p); }
V_INLINE vf vf_loadu(const float *p) { return _mm_loadu_ps(p); }
V_INLINE void vf_store(float *p, vf v) { _mm_store_ps(p, v); }
V_INLINE void vf_storeu(float *p, vf v) { _mm_storeu_ps(p, v); }
V_INLINE vf vf_set1(float x) { return _mm_set1_ps(x); }
V_INLINE vf vf_add(vf a, vf b) { return _mm_add_ps(a, b); }
V_INLINE vf vf_sub(vf a, vf b) { return _mm_sub_ps(a, b); }
V_INLINE vf vf_mul(vf a, vf b) { return _mm_mul_ps(a, b); }
V_INLINE vf vf_above(vf a, vf b) { return _mm_cmpgt_ps(a, b); }
V_INLINE vf vf_of(vi a) { return _mm_cvtepi32_ps(a); }

V_INLINE vi vi_add(vi a, vi b) { return _mm_add_epi32(a, b); }
V_INLINE vi vi_sll(vi a, uint32_t n) { return _mm_sll_epi32(a, _mm_cvtsi32_si128((int)n)); }
V_INLINE vi vi_srl(vi a, uint32_t n) { return _mm_srl_epi32(a, _mm_cvtsi32_si128((int)n)); }
V_INLINE vi vi_sra16(vi a) { return _mm_srai_epi32(a, 16); }
V_INLINE vi vi_set1(int32_t x) { return _mm_set1_epi32(x); }
V_INLINE vi vi_madd(vi a, vi b) { return _mm_madd_epi16(a, b); }

V_INLINE __m128i load4(const int16_t *p) { return _mm_loadl_epi64((const __m128i *)(const void *)p); }

V_INLINE vf vf_samples(const int16_t *p)
{
    __m128i s = load4(p);
    return vf_of(vi_sra16(_mm_unpacklo_epi16(s, s)));
}

V_INLINE vp vp_set1(uint64_t x)
{
    __m128i v = _mm_set1_epi64x((long long)x);
    return (vp){v, v};
}

/* A times X; the lanes of A are below 2^32 */
V_INLINE __m128i scaled(__m128i a, uint64_t x)
{
    __m128i low = _mm_mul_epu32(a, _mm_set1_epi64x((long long)x));
    return _mm_add_epi64(low, _mm_slli_epi64(_mm_mul_epu32(a, _mm_set1_epi64x((long long)(x >> 32))), 32));
}

V_INLINE vp vp_count(uint64_t x)
{
    return (vp){scaled(_mm_set_epi64x(1, 0), x), scaled(_mm_set_epi64x(3, 2), x)};
}

V_INLINE vp vp_pairs(uint64_t x)
{
    return (vp){_mm_setzero_si128(), scaled(_mm_set_epi64x(3, 1), x)};
}

V_INLINE vp vp_add(vp a, vp b)
{
    return (vp){_mm_add_epi64(a.low, b.low), _mm_add_epi64(a.high, b.high)};
}

V_INLINE vi vp_whole(vp a)
{
    return _mm_castps_si128(_mm_shuffle_ps(_mm_castsi128_ps(a.low), _mm_castsi128_ps(a.high), 0xDD));
}

V_INLINE vi vp_part(vp a)
{
    return _mm_castps_si128(_mm_shuffle_ps(_mm_castsi128_ps(a.low), _mm_castsi128_ps(a.high), 0x88));
}

V_INLINE vf fold4(vf a, vf b)
{
    return _mm_add_ps(_mm_movelh_ps(a, b), _mm_movehl_ps(b, a));
}

V_INLINE vf vf_fold(const vf s[V_WIDTH])
{
    vf a = fold4(s[0], s[1]), b = fold4(s[2], s[3]);
    return _mm_add_ps(_mm_shuffle_ps(a, b, 0x88), _mm_shuffle_ps(a, b, 0xDD));
}

V_INLINE void vf_transpose(vf r[V_WIDTH])
{
    vf a = _mm_unpacklo_ps(r[0], r[1]), b = _mm_unpackhi_ps(r[0], r[1]);
    vf c = _mm_unpacklo_ps(r[2], r[3]), d = _mm_unpackhi_ps(r[2], r[3]);
    r[0] = _mm_movelh_ps(a, c);
    r[1] = _mm_movehl_ps(c, a);
    r[2] = _mm_movelh_ps(b, d);
    r[3] = _mm_movehl_ps(d, b);
}

V_INLINE __m128i two_taps(const int16_t *p)
{
    int32_t both;
    V_COPY(&both, p, sizeof both);
    return _mm_cvtsi32_si128(both);
}

V_INLINE vi taps2(const int16_t *src, const uint32_t *at)
{
    return _mm_unpacklo_epi64(_mm_unpacklo_epi32(two_taps(src + at[0]), two_taps(src + at[1])),
                              _mm_unpacklo_epi32(two_taps(src + at[2]), two_taps(src + at[3])));
}

V_INLINE void taps4(const int16_t *src, const uint32_t *at, vi *low, vi *high)
{
    vf a = _mm_castsi128_ps(_mm_unpacklo_epi64(load4(src + at[0]), load4(src + at[1])));
    vf b = _mm_castsi128_ps(_mm_unpacklo_epi64(load4(src + at[2]), load4(src + at[3])));
    *low = _mm_castps_si128(_mm_shuffle_ps(a, b, 0x88));
    *high = _mm_castps_si128(_mm_shuffle_ps(a, b, 0xDD));
}

/* Picking taps out of a window by a byte shuffle, as with 8 lanes, was slower than four loads here (SSE4.1: 0.87 to 0.71 ns a frame,
 * cubic, EPYC). */
#ifdef __SSE4_1__
V_INLINE vf vf_keep(vf mask, vf a, vf b) { return _mm_blendv_ps(b, a, mask); }
#else
V_INLINE vf vf_keep(vf mask, vf a, vf b) { return _mm_or_ps(_mm_and_ps(mask, a), _mm_andnot_ps(mask, b)); }
#endif

#endif
