/* SPDX-License-Identifier: MIT */
/* Levels of instruction sets: their names, that they build on each other, and how the environment limits them. */
#define _POSIX_C_SOURCE 200112L
#include <stdlib.h>

#include "../tap.h"
#include "base/cpu.h"

static void test_levels(void)
{
    uint32_t features, again;
    const char *name;
    unsigned count = 0;
    for (; (name = cpu_level(count, &features)) != NULL; count++) {
        CHECK(cpu_level_by_name(name, &again));
        CHECK_EQ(again, features);
    }
    CHECK_EQ(count, 6);
    CHECK(cpu_level_by_name("AVX2", &features) && features == (CPU_SSE2 | CPU_SSE41 | CPU_AVX2));
    CHECK(cpu_level_by_name("c", &features) && features == 0);
    CHECK(cpu_level_by_name(NULL, &features) && features == UINT32_MAX);
    CHECK(cpu_level_by_name("best", &features) && features == UINT32_MAX);
    CHECK(!cpu_level_by_name("avx", &features));
    CHECK(!cpu_level_by_name("avx22", &features));
    CHECK(!cpu_level_by_name("", &features));
}

static void test_environment(void)
{
    static const char *const levels[] = {"c", "sse2", "sse41", "avx2", "avx512", "neon"};
    for (int i = 0; i < 6; i++) {
        uint32_t features;
        setenv("OPENDMUS_SIMD", levels[i], 1);
        CHECK(cpu_level_by_name(levels[i], &features));
        CHECK_EQ(cpu_usable(), cpu_features() & features);
    }
    setenv("OPENDMUS_SIMD", "nonsense", 1);
    CHECK_EQ(cpu_usable(), cpu_features());
    unsetenv("OPENDMUS_SIMD");
    CHECK_EQ(cpu_usable(), cpu_features());
}

/* What the machine has, by the compiler's own detection */
static void test_features(void)
{
    uint32_t found = cpu_features();
    CHECK((found & (CPU_SSE2 | CPU_SSE41 | CPU_AVX2 | CPU_AVX512)) == 0 || (found & CPU_NEON) == 0);
#if defined(__x86_64__) || defined(__i386__)
    __builtin_cpu_init();
    CHECK_EQ((found & CPU_SSE2) != 0, __builtin_cpu_supports("sse2") != 0);
    CHECK_EQ((found & CPU_SSE41) != 0, __builtin_cpu_supports("sse4.1") && __builtin_cpu_supports("ssse3"));
    CHECK_EQ((found & CPU_AVX2) != 0, __builtin_cpu_supports("avx2") != 0);
    CHECK_EQ((found & CPU_AVX512) != 0, __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                                            __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"));
#elif defined(__aarch64__)
    CHECK_EQ(found, CPU_NEON);
#endif
}

int main(void)
{
    RUN(test_levels);
    RUN(test_environment);
    RUN(test_features);
    return tap_done();
}
