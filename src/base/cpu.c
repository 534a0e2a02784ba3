/* SPDX-License-Identifier: MIT */
#include "base/cpu.h"

#include <stddef.h>

#if (defined(__x86_64__) || defined(__i386__)) && defined(__GNUC__)
#include <cpuid.h>

#define XCR0_YMM 0x06u /* XMM and YMM state */
#define XCR0_ZMM 0xE6u /* and opmask, upper halves, upper registers */

static uint32_t extended_state(void)
{
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

/* Bit numbers: Intel SDM volume 2A, CPUID. Asked as few times as it goes: in a virtual machine each costs 17 us. */
uint32_t cpu_features(void)
{
    uint32_t a, b, c, d, found = 0, state = 0, most = (uint32_t)__get_cpuid_max(0, NULL);
    if (most < 1)
        return 0;
    __cpuid(1, a, b, c, d);
    if (d & 1u << 26)
        found |= CPU_SSE2;
    if (c & 1u << 19 && c & 1u << 9)
        found |= CPU_SSE41;
    if (c & 1u << 27) /* OSXSAVE */
        state = extended_state();
    if (!(c & 1u << 28) || (state & XCR0_YMM) != XCR0_YMM || most < 7)
        return found;
    __cpuid_count(7, 0, a, b, c, d);
    if (b & 1u << 5)
        found |= CPU_AVX2;
    const uint32_t avx512 = 1u << 16 | 1u << 17 | 1u << 30 | 1u << 31; /* F, DQ, BW, VL */
    if ((b & avx512) == avx512 && (state & XCR0_ZMM) == XCR0_ZMM)
        found |= CPU_AVX512;
    return found;
}

#elif defined(__aarch64__)

uint32_t cpu_features(void)
{
    return CPU_NEON; /* part of the architecture */
}

#else

uint32_t cpu_features(void)
{
    return 0;
}

#endif

static const struct {
    const char *name;
    uint32_t features;
} levels[] = {
    {"c", 0},
    {"sse2", CPU_SSE2},
    {"sse41", CPU_SSE2 | CPU_SSE41},
    {"avx2", CPU_SSE2 | CPU_SSE41 | CPU_AVX2},
    {"avx512", CPU_SSE2 | CPU_SSE41 | CPU_AVX2 | CPU_AVX512},
    {"neon", CPU_NEON},
};

const char *cpu_level(unsigned index, uint32_t *features)
{
    if (index >= sizeof levels / sizeof levels[0])
        return NULL;
    *features = levels[index].features;
    return levels[index].name;
}

static bool same_word(const char *a, const char *b)
{
    for (; *a && *b; a++, b++)
        if ((*a >= 'A' && *a <= 'Z' ? *a + 32 : *a) != *b)
            return false;
    return !*a && !*b;
}

bool cpu_level_by_name(const char *name, uint32_t *features)
{
    *features = UINT32_MAX;
    if (!name || same_word(name, "best"))
        return true;
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
        if (same_word(name, levels[i].name)) {
            *features = levels[i].features;
            return true;
        }
    return false;
}
