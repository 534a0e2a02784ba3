/* SPDX-License-Identifier: MIT */
/*
 * cpu.h - instruction sets beyond plain C, by level: what the machine has and
 * what the user lets us use of it.
 *
 * Levels build on each other: that of AVX2 includes SSE4.1 and SSE2. The
 * functions are for hosts; the numbers are also the engine's (synth_config.cpu).
 * Thread: any.
 */
#ifndef DMUS_BASE_CPU_H
#define DMUS_BASE_CPU_H

#include <stdbool.h>
#include <stdint.h>

#define CPU_SSE2 0x01u
#define CPU_SSE41 0x02u  /* with SSSE3 */
#define CPU_AVX2 0x04u
#define CPU_AVX512 0x08u /* F, BW, DQ, VL */
#define CPU_NEON 0x10u   /* of AArch64 */

/* CPU_* of this machine; a set counts only if the system also keeps its registers. */
uint32_t cpu_features(void);

/* The INDEXth level's name ("c", "sse2", "sse41", "avx2", "avx512", "neon") and CPU_* set; NULL past the last. */
const char *cpu_level(unsigned index, uint32_t *features);
/* The set of the level NAME (letters of either case; NULL and "best": everything). false: no such level. */
bool cpu_level_by_name(const char *name, uint32_t *features);

/* cpu_features as far as the level in the environment variable OPENDMUS_SIMD goes; a level that the machine lacks gives the best
 * below it, an unknown name changes nothing. */
uint32_t cpu_usable(void);

#endif
