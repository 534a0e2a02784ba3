/* SPDX-License-Identifier: MIT */
#include "fmath.h"

#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

static uint64_t bits_of(double x)
{
    uint64_t u;
    memcpy(&u, &x, sizeof u);
    return u;
}

static double of_bits(uint64_t u)
{
    double x;
    memcpy(&x, &u, sizeof x);
    return x;
}

static double pow2(int e) /* -1022..1023 */
{
    return of_bits((uint64_t)(e + 1023) << 52);
}

double fm_floor(double x)
{
    if (!(x > -4503599627370496.0 && x < 4503599627370496.0))
        return x; /* no fraction bits left, or not a number */
    double t = (double)(int64_t)x;
    return t > x ? t - 1.0 : t;
}

double fm_exp2(double x)
{
    if (!(x > -1022.0))
        x = -1022.0; /* also NaN */
    if (x > 1023.0)
        x = 1023.0;
    double n = fm_floor(x + 0.5);
    double f = (x - n) * 0.69314718055994530942; /* |f| <= 0.3466: 13 Taylor terms leave 2e-16 */
    /* By halves: one after the other they would wait for each other twice as long as all the rest of a voice's control takes. */
    double f2 = f * f, f4 = f2 * f2, f8 = f4 * f4;
    double a = (1.0 + f) + (0.5 + 1.0 / 6.0 * f) * f2;
    double b = (1.0 / 24.0 + 1.0 / 120.0 * f) + (1.0 / 720.0 + 1.0 / 5040.0 * f) * f2;
    double c = (1.0 / 40320.0 + 1.0 / 362880.0 * f) + (1.0 / 3628800.0 + 1.0 / 39916800.0 * f) * f2;
    double p = a + (b * f4 + (c + 1.0 / 479001600.0 * f4) * f8);
    return p * pow2((int)n);
}

double fm_log2(double x)
{
    if (!(x > 0.0))
        return -1074.0;
    int e = 0;
    if (x < 2.2250738585072014e-308) { /* subnormal */
        x *= 18014398509481984.0;      /* 2^54 */
        e = -54;
    }
    uint64_t u = bits_of(x);
    e += (int)(u >> 52) - 1023;
    double m = of_bits((u & 0xFFFFFFFFFFFFFu) | 0x3FF0000000000000u); /* 1..2 */
    if (m > 1.41421356237309504880) {
        m *= 0.5;
        e++;
    }
    double s = (m - 1.0) / (m + 1.0), z = s * s; /* |s| <= 0.1716: log m = 2 atanh s */
    double p = 1.0 / 19.0;
    p = p * z + 1.0 / 17.0;
    p = p * z + 1.0 / 15.0;
    p = p * z + 1.0 / 13.0;
    p = p * z + 1.0 / 11.0;
    p = p * z + 1.0 / 9.0;
    p = p * z + 1.0 / 7.0;
    p = p * z + 1.0 / 5.0;
    p = p * z + 1.0 / 3.0;
    p = p * z + 1.0;
    return (double)e + s * p * 2.88539008177792681472; /* 2 / ln 2 */
}

/* sin and cos of r turns, |r| <= 1/8: Taylor terms to x^15 and x^16 leave less than 1e-16 */
static double sin_kernel(double r)
{
    double x = r * 6.28318530717958647693, z = x * x;
    double p = -1.0 / 1307674368000.0;
    p = p * z + 1.0 / 6227020800.0;
    p = p * z - 1.0 / 39916800.0;
    p = p * z + 1.0 / 362880.0;
    p = p * z - 1.0 / 5040.0;
    p = p * z + 1.0 / 120.0;
    p = p * z - 1.0 / 6.0;
    return x + x * z * p;
}

static double cos_kernel(double r)
{
    double x = r * 6.28318530717958647693, z = x * x;
    double p = 1.0 / 20922789888000.0;
    p = p * z - 1.0 / 87178291200.0;
    p = p * z + 1.0 / 479001600.0;
    p = p * z - 1.0 / 3628800.0;
    p = p * z + 1.0 / 40320.0;
    p = p * z - 1.0 / 720.0;
    p = p * z + 1.0 / 24.0;
    p = p * z - 0.5;
    return 1.0 + z * p;
}

static double quarter_turn(double turns, unsigned ahead)
{
    double t = turns - fm_floor(turns); /* exact, 0..1 */
    if (!(t >= 0.0 && t <= 1.0))
        return 0.0; /* infinite or not a number */
    unsigned q = (unsigned)(t * 4.0 + 0.5);
    double r = t - 0.25 * (double)q;
    switch ((q + ahead) & 3u) {
    case 0:
        return sin_kernel(r);
    case 1:
        return cos_kernel(r);
    case 2:
        return -sin_kernel(r);
    default:
        return -cos_kernel(r);
    }
}

double fm_sin(double turns)
{
    return quarter_turn(turns, 0);
}

double fm_cos(double turns)
{
    return quarter_turn(turns, 1);
}

#if defined(__SSE2__) || defined(__aarch64__)
/* IEEE's own is correctly rounded, too. */
double fm_sqrt(double x)
{
    if (!(x > 0.0))
        return 0.0;
#if defined(__SSE2__)
    __m128d v = _mm_set_sd(x);
    return _mm_cvtsd_f64(_mm_sqrt_sd(v, v));
#else
    return vget_lane_f64(vsqrt_f64(vdup_n_f64(x)), 0);
#endif
}
#else
double fm_sqrt(double x)
{
    if (!(x > 0.0))
        return 0.0;
    if (x > 1.7976931348623157e308)
        return x;
    int e = 0;
    if (x < 2.2250738585072014e-308) {
        x *= 18014398509481984.0;
        e = -54;
    }
    uint64_t u = bits_of(x);
    e += (int)(u >> 52) - 1023;
    uint64_t m = (u & 0xFFFFFFFFFFFFFu) | 0x10000000000000u;
    unsigned odd = (unsigned)e & 1u;
    e = (e - (int)odd) / 2;
    double a = (double)m * (odd ? 2.0 : 1.0) / 4503599627370496.0; /* 1..4 */
    double y = 0.5 * a + 0.5;
    for (int i = 0; i < 6; i++)
        y = 0.5 * (y + a / y);
    /* y is within an ulp; settle it on integers: |X - r^2| <= r, X = m * 2^52 (or 53). The difference is small, so it is
     * exact modulo 2^64. */
    uint64_t r = (uint64_t)(y * 4503599627370496.0);
    int64_t d = (int64_t)((m << (52 + odd)) - r * r);
    while (d > (int64_t)r) {
        d -= (int64_t)(2 * r + 1);
        r++;
    }
    while (d <= -(int64_t)r) {
        d += (int64_t)(2 * r - 1);
        r--;
    }
    return (double)r / 4503599627370496.0 * pow2(e);
}
#endif
