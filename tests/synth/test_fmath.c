/* SPDX-License-Identifier: MIT */
/* fmath against libm in long double, over the ranges that the header promises. */
#include "synth/fmath.h"

#include "../tap.h"

static uint64_t state = 88172645463325252u;
static double uniform(double low, double high)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return low + (high - low) * ((double)(state >> 11) / 9007199254740992.0);
}

static void test_exp2(void)
{
    double worst = 0;
    for (int i = 0; i < 300000; i++) {
        double x = i & 1 ? uniform(-1000, 1000) : uniform(-20, 20);
        long double want = exp2l((long double)x);
        double err = (double)fabsl((long double)fm_exp2(x) / want - 1.0L);
        worst = err > worst ? err : worst;
    }
    printf("# exp2: worst relative error %.3g\n", worst);
    CHECK(worst < 1e-14);
    for (int e = -1022; e <= 1023; e++)
        CHECK(fm_exp2(e) == ldexp(1.0, e));
    CHECK(fm_exp2(-5000.0) == ldexp(1.0, -1022));
    CHECK(fm_exp2(5000.0) == ldexp(1.0, 1023));
}

static void test_log2(void)
{
    double worst = 0;
    for (int i = 0; i < 300000; i++) {
        double x = i & 1 ? uniform(0.4, 3.0) : ldexp(uniform(1, 2), (int)uniform(-1074, 1023));
        long double want = log2l((long double)x);
        long double scale = fabsl(want) > 1 ? fabsl(want) : 1;
        double err = (double)(fabsl((long double)fm_log2(x) - want) / scale);
        worst = err > worst ? err : worst;
    }
    printf("# log2: worst error %.3g\n", worst);
    CHECK(worst < 1e-14);
    CHECK(fm_log2(0.0) == -1074.0);
    CHECK(fm_log2(-3.0) == -1074.0);
    CHECK(fm_log2(1.0) == 0.0);
}

static void test_sin_cos(void)
{
    const long double tau = 6.283185307179586476925286766559L;
    double worst = 0;
    for (int i = 0; i < 300000; i++) {
        double x = i & 1 ? uniform(-2, 2) : uniform(-1e6, 1e6);
        long double r = (long double)x - roundl((long double)x);
        double es = (double)fabsl((long double)fm_sin(x) - sinl(tau * r));
        double ec = (double)fabsl((long double)fm_cos(x) - cosl(tau * r));
        worst = es > worst ? es : worst;
        worst = ec > worst ? ec : worst;
    }
    printf("# sin, cos: worst error %.3g\n", worst);
    CHECK(worst < 1e-14);
    CHECK(fm_sin(0.0) == 0.0);
    CHECK(fm_cos(0.0) == 1.0);
    CHECK(fabs(fm_sin(1e300)) <= 1.0);
}

static void test_sqrt(void)
{
    long wrong = 0;
    for (int i = 0; i < 300000; i++) {
        double x = i & 1 ? uniform(0, 10) : ldexp(uniform(1, 2), (int)uniform(-1074, 1023));
        wrong += fm_sqrt(x) != sqrt(x);
    }
    CHECK_EQ(wrong, 0);
    for (int i = 0; i < 1000; i++)
        CHECK(fm_sqrt((double)i * i) == i);
    CHECK(fm_sqrt(-1.0) == 0.0);
}

static void test_floor(void)
{
    long wrong = 0;
    for (int i = 0; i < 100000; i++) {
        double x = i & 1 ? uniform(-5, 5) : uniform(-1e17, 1e17);
        wrong += fm_floor(x) != floor(x);
    }
    CHECK_EQ(wrong, 0);
    CHECK(fm_floor(-1.0) == -1.0);
    CHECK(fm_floor(-0.25) == -1.0);
}

static void test_helpers(void)
{
    CHECK_NEAR(fm_db_to_gain(-6.020599913279624), 0.5, 1e-14);
    CHECK_NEAR(fm_cents_to_ratio(700), 1.4983070768766815, 1e-14);
}

int main(void)
{
    RUN(test_exp2);
    RUN(test_log2);
    RUN(test_sin_cos);
    RUN(test_sqrt);
    RUN(test_floor);
    RUN(test_helpers);
    return tap_done();
}
