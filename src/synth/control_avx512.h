/* SPDX-License-Identifier: MIT */
/* control_avx512.h - the eight lanes of control_vector.h: floats in half a vector, doubles in one */
#ifndef DMUS_SYNTH_CONTROL_AVX512_H
#define DMUS_SYNTH_CONTROL_AVX512_H

typedef __m256 ef;
typedef __m256i ei;
typedef __m512d ed;
typedef __m512i el;
typedef __mmask8 ef_mask, ed_mask;

#define EF_COMPARE(a, b, how) _mm256_cmp_ps_mask(a, b, how)
#define ED_COMPARE(a, b, how) _mm512_cmp_pd_mask(a, b, how)

V_INLINE ef_mask ef_mask_load(const uint32_t *p)
{
    return _mm256_movepi32_mask(_mm256_loadu_si256((const __m256i *)(const void *)p));
}

V_INLINE ef_mask ef_mask_of(uint32_t bits) { return _cvtu32_mask8(bits); }
V_INLINE ef_mask ef_and(ef_mask a, ef_mask b) { return _kand_mask8(a, b); }
V_INLINE ef_mask ef_or(ef_mask a, ef_mask b) { return _kor_mask8(a, b); }
V_INLINE ef_mask ef_and_not(ef_mask a, ef_mask b) { return _kandn_mask8(b, a); }
V_INLINE uint32_t ef_bits(ef_mask a) { return _cvtmask8_u32(a); }
V_INLINE uint32_t ed_bits(ed_mask a) { return _cvtmask8_u32(a); }
V_INLINE ed_mask ed_mask_of(ef_mask a) { return a; }
V_INLINE ef ef_keep(ef_mask mask, ef a, ef b) { return _mm256_mask_blend_ps(mask, b, a); }
V_INLINE ei ei_keep(ef_mask mask, ei a, ei b) { return _mm256_mask_blend_epi32(mask, b, a); }

V_INLINE ed ed_load(const double *p) { return _mm512_loadu_pd(p); }
V_INLINE void ed_store(double *p, ed v) { _mm512_storeu_pd(p, v); }
V_INLINE ed ed_set1(double x) { return _mm512_set1_pd(x); }
V_INLINE ed ed_add(ed a, ed b) { return _mm512_add_pd(a, b); }
V_INLINE ed ed_sub(ed a, ed b) { return _mm512_sub_pd(a, b); }
V_INLINE ed ed_mul(ed a, ed b) { return _mm512_mul_pd(a, b); }
V_INLINE ed ed_div(ed a, ed b) { return _mm512_div_pd(a, b); }
V_INLINE ed ed_least(ed a, ed b) { return _mm512_min_pd(a, b); }
V_INLINE ed ed_most(ed a, ed b) { return _mm512_max_pd(a, b); }
V_INLINE ed ed_minus(ed a) { return _mm512_xor_pd(a, _mm512_set1_pd(-0.0)); }
V_INLINE ed ed_keep(ed_mask mask, ed a, ed b) { return _mm512_mask_blend_pd(mask, b, a); }
V_INLINE ed ed_of(ef a) { return _mm512_cvtps_pd(a); }
V_INLINE ef ef_of(ed a) { return _mm512_cvtpd_ps(a); }
V_INLINE ei ei_of(ed a) { return _mm512_cvttpd_epi32(a); }
V_INLINE ed ed_whole(ei a) { return _mm512_cvtepi32_pd(a); }

V_INLINE ed ed_four(const double *p, const uint32_t *at)
{
    ed v = _mm512_castpd128_pd512(_mm_loadu_pd(p + at[0]));
    v = _mm512_insertf64x2(v, _mm_loadu_pd(p + at[2]), 1);
    v = _mm512_insertf64x2(v, _mm_loadu_pd(p + at[4]), 2);
    return _mm512_insertf64x2(v, _mm_loadu_pd(p + at[6]), 3);
}

V_INLINE void ed_pairs(const double *p, const uint32_t *at, ed *first, ed *second)
{
    ed even = ed_four(p, at), odd = ed_four(p, at + 1);
    *first = _mm512_unpacklo_pd(even, odd);
    *second = _mm512_unpackhi_pd(even, odd);
}

V_INLINE ed ed_power(ed whole)
{
    return _mm512_castsi512_pd(_mm512_slli_epi64(_mm512_add_epi64(_mm512_castpd_si512(whole), _mm512_set1_epi64(1023)), 52));
}

V_INLINE el el_load(const uint64_t *p) { return _mm512_loadu_si512(p); }
V_INLINE void el_store(uint64_t *p, el v) { _mm512_storeu_si512(p, v); }

V_INLINE el el_add_turns(el phase, ei frames, el turn)
{
    el wide = _mm512_cvtepu32_epi64(frames);
    el low = _mm512_mul_epu32(wide, turn), high = _mm512_mul_epu32(wide, _mm512_srli_epi64(turn, 32));
    return _mm512_add_epi64(phase, _mm512_add_epi64(low, _mm512_slli_epi64(high, 32)));
}

V_INLINE ei el_upper(el a) { return _mm512_cvtepi64_epi32(_mm512_srli_epi64(a, 32)); }

#endif
