/* SPDX-License-Identifier: MIT */
/*
 * kernels.h - the inner loops of the mixer behind one table per instruction
 * set. Every table's kernels give the bits of the plain C ones: same order of
 * operations, no fused multiply-add (tests/synth/test_kernels*.c). Internal to
 * the engine.
 *
 * One file kernels_*.c per instruction set, compiled with that set's flags in
 * a library of its own (meson.build); kernels_vector.h is what they share.
 */
#ifndef DMUS_SYNTH_KERNELS_H
#define DMUS_SYNTH_KERNELS_H

#include "apart.h"
#include "base/cpu.h"
#include "control.h"
#include "effects_kernels.h"
#include "interp.h"
#include "lanes.h"

/* V_INLINE: a constant argument makes a loop of its own, so these must not stay calls. V_UNROLL: the vectors of the
 * array that the loop fills are to live in registers. V_COPY: a load of few bytes, which memcpy is not in freestanding code. */
#ifdef __clang__
#define V_INLINE static inline __attribute__((always_inline))
#define V_UNROLL _Pragma("clang loop unroll(full)")
#elif defined(__GNUC__)
#define V_INLINE static inline __attribute__((always_inline))
#define V_UNROLL _Pragma("GCC unroll 16")
#else
#define V_INLINE static inline
#define V_UNROLL
#endif
#ifdef __GNUC__
#define V_COPY(to, from, size) __builtin_memcpy(to, from, size)
#else
#define V_COPY(to, from, size) memcpy(to, from, size)
#endif

struct kernels {
    const char *name;     /* of the level, as cpu_level_by_name has it */
    uint32_t cpu;         /* CPU_* that must be there */
    interp_fn *interp[5]; /* by enum synth_interpolation */
    lanes_fn *lanes;
    lanes_sum_fn *sum;
    control_fn *control;
    look_fn *look;
    needs_fn *needs;
    const struct effects_kernels *effects;
};

extern const struct kernels kernels_c, kernels_sse2, kernels_sse41, kernels_avx2, kernels_avx512, kernels_neon;
/* For the AVX-512 table: a group alone is not made faster by wider vectors. */
lanes_fn lanes_avx2;

/* The tables of this build, best first, the plain C ones last; NULL past the last. */
const struct kernels *kernels_at(unsigned index);
/* The best that needs nothing but what CPU has. */
const struct kernels *kernels_for(uint32_t cpu);

#endif
