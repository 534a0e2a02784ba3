/* SPDX-License-Identifier: MIT */
/* control_avx2.h - the eight lanes of control_vector.h: floats in one vector, doubles in two */
#ifndef DMUS_SYNTH_CONTROL_AVX2_H
#define DMUS_SYNTH_CONTROL_AVX2_H

typedef __m256 ef;
typedef __m256i ei;
typedef __m256 ef_mask;
typedef struct {
    __m256d low, high;
} ed;
typedef ed ed_mask;
typedef struct {
    __m256i low, high;
} el;

#define EF_COMPARE(a, b, how) _mm256_cmp_ps(a, b, how)
#define ED_COMPARE(a, b, how) ((ed){_mm256_cmp_pd((a).low, (b).low, how), _mm256_cmp_pd((a).high, (b).high, how)})
#define ED_BOTH(f, a, b) ((ed){f((a).low, (b).low), f((a).high, (b).high)})

V_INLINE ef_mask ef_mask_load(const uint32_t *p) { return _mm256_loadu_ps((const float *)(const void *)p); }
V_INLINE ef_mask ef_mask_of(uint32_t bits)
{
    const __m256i lane = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
    return _mm256_castsi256_ps(_mm256_cmpeq_epi32(_mm256_and_si256(_mm256_set1_epi32((int)bits), lane), lane));
}

V_INLINE ef_mask ef_and(ef_mask a, ef_mask b) { return _mm256_and_ps(a, b); }
V_INLINE ef_mask ef_or(ef_mask a, ef_mask b) { return _mm256_or_ps(a, b); }
V_INLINE ef_mask ef_and_not(ef_mask a, ef_mask b) { return _mm256_andnot_ps(b, a); }
V_INLINE uint32_t ef_bits(ef_mask a) { return (uint32_t)_mm256_movemask_ps(a); }
V_INLINE uint32_t ed_bits(ed_mask a) { return (uint32_t)(_mm256_movemask_pd(a.low) | _mm256_movemask_pd(a.high) << 4); }
V_INLINE ef ef_keep(ef_mask mask, ef a, ef b) { return _mm256_blendv_ps(b, a, mask); }

V_INLINE ei ei_keep(ef_mask mask, ei a, ei b)
{
    return _mm256_blendv_epi8(b, a, _mm256_castps_si256(mask));
}

V_INLINE __m256d ed_half_mask(__m128 a) { return _mm256_castsi256_pd(_mm256_cvtepi32_epi64(_mm_castps_si128(a))); }

V_INLINE ed_mask ed_mask_of(ef_mask a)
{
    return (ed){ed_half_mask(_mm256_castps256_ps128(a)), ed_half_mask(_mm256_extractf128_ps(a, 1))};
}

V_INLINE ed ed_load(const double *p) { return (ed){_mm256_loadu_pd(p), _mm256_loadu_pd(p + 4)}; }
V_INLINE ed ed_set1(double x) { return (ed){_mm256_set1_pd(x), _mm256_set1_pd(x)}; }
V_INLINE ed ed_add(ed a, ed b) { return ED_BOTH(_mm256_add_pd, a, b); }
V_INLINE ed ed_sub(ed a, ed b) { return ED_BOTH(_mm256_sub_pd, a, b); }
V_INLINE ed ed_mul(ed a, ed b) { return ED_BOTH(_mm256_mul_pd, a, b); }
V_INLINE ed ed_div(ed a, ed b) { return ED_BOTH(_mm256_div_pd, a, b); }
V_INLINE ed ed_least(ed a, ed b) { return ED_BOTH(_mm256_min_pd, a, b); }
V_INLINE ed ed_most(ed a, ed b) { return ED_BOTH(_mm256_max_pd, a, b); }
V_INLINE ed ed_minus(ed a) { return ED_BOTH(_mm256_xor_pd, a, ed_set1(-0.0)); }

V_INLINE void ed_store(double *p, ed v)
{
    _mm256_storeu_pd(p, v.low);
    _mm256_storeu_pd(p + 4, v.high);
}

V_INLINE ed ed_keep(ed_mask mask, ed a, ed b)
{
    return (ed){_mm256_blendv_pd(b.low, a.low, mask.low), _mm256_blendv_pd(b.high, a.high, mask.high)};
}

V_INLINE ed ed_of(ef a)
{
    return (ed){_mm256_cvtps_pd(_mm256_castps256_ps128(a)), _mm256_cvtps_pd(_mm256_extractf128_ps(a, 1))};
}

V_INLINE ef ef_of(ed a)
{
    return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm256_cvtpd_ps(a.low)), _mm256_cvtpd_ps(a.high), 1);
}

V_INLINE ei ei_of(ed a)
{
    return _mm256_inserti128_si256(_mm256_castsi128_si256(_mm256_cvttpd_epi32(a.low)), _mm256_cvttpd_epi32(a.high), 1);
}

V_INLINE ed ed_whole(ei a)
{
    return (ed){_mm256_cvtepi32_pd(_mm256_castsi256_si128(a)), _mm256_cvtepi32_pd(_mm256_extracti128_si256(a, 1))};
}

V_INLINE __m256d ed_two_pairs(const double *p, const uint32_t *at)
{
    return _mm256_insertf128_pd(_mm256_castpd128_pd256(_mm_loadu_pd(p + at[0])), _mm_loadu_pd(p + at[2]), 1);
}

V_INLINE void ed_pairs(const double *p, const uint32_t *at, ed *first, ed *second)
{
    ed even = {ed_two_pairs(p, at), ed_two_pairs(p, at + 4)}, odd = {ed_two_pairs(p, at + 1), ed_two_pairs(p, at + 5)};
    *first = ED_BOTH(_mm256_unpacklo_pd, even, odd);
    *second = ED_BOTH(_mm256_unpackhi_pd, even, odd);
}

V_INLINE __m256d ed_half_power(__m256d whole)
{
    return _mm256_castsi256_pd(_mm256_slli_epi64(_mm256_add_epi64(_mm256_castpd_si256(whole), _mm256_set1_epi64x(1023)), 52));
}

V_INLINE ed ed_power(ed whole) { return (ed){ed_half_power(whole.low), ed_half_power(whole.high)}; }

V_INLINE el el_load(const uint64_t *p)
{
    const __m256i *at = (const __m256i *)(const void *)p;
    return (el){_mm256_loadu_si256(at), _mm256_loadu_si256(at + 1)};
}

V_INLINE void el_store(uint64_t *p, el v)
{
    __m256i *at = (__m256i *)(void *)p;
    _mm256_storeu_si256(at, v.low);
    _mm256_storeu_si256(at + 1, v.high);
}

V_INLINE __m256i el_half_add(__m256i phase, __m128i frames, __m256i turn)
{
    __m256i wide = _mm256_cvtepu32_epi64(frames);
    __m256i low = _mm256_mul_epu32(wide, turn), high = _mm256_mul_epu32(wide, _mm256_srli_epi64(turn, 32));
    return _mm256_add_epi64(phase, _mm256_add_epi64(low, _mm256_slli_epi64(high, 32)));
}

V_INLINE el el_add_turns(el phase, ei frames, el turn)
{
    return (el){el_half_add(phase.low, _mm256_castsi256_si128(frames), turn.low),
                el_half_add(phase.high, _mm256_extracti128_si256(frames, 1), turn.high)};
}

V_INLINE ei el_upper(el a)
{
    __m256 both = _mm256_shuffle_ps(_mm256_castsi256_ps(a.low), _mm256_castsi256_ps(a.high), 0xDD);
    return _mm256_permute4x64_epi64(_mm256_castps_si256(both), 0xD8);
}

#endif
