/* SPDX-License-Identifier: MIT */
#include "kernels.h"

/* SYNTH_HAVE_*: meson.build, for what the compiler can build. */
static const struct kernels *const tables[] = {
#ifdef SYNTH_HAVE_AVX512
    &kernels_avx512,
#endif
#ifdef SYNTH_HAVE_AVX2
    &kernels_avx2,
#endif
#ifdef SYNTH_HAVE_SSE41
    &kernels_sse41,
#endif
#ifdef SYNTH_HAVE_SSE2
    &kernels_sse2,
#endif
#ifdef SYNTH_HAVE_NEON
    &kernels_neon,
#endif
    &kernels_c,
};

const struct kernels *kernels_at(unsigned index)
{
    return index < sizeof tables / sizeof tables[0] ? tables[index] : NULL;
}

const struct kernels *kernels_for(uint32_t cpu)
{
    unsigned i = 0;
    while (tables[i]->cpu & ~cpu) /* the last needs nothing */
        i++;
    return tables[i];
}
