/* SPDX-License-Identifier: MIT */
/* kernels_draw.h - random input for kernels */
#ifndef DMUS_TESTS_KERNELS_DRAW_H
#define DMUS_TESTS_KERNELS_DRAW_H

#include <stdio.h>

#include "synth/kernels.h"

static uint64_t state = 1;
static uint32_t draw(uint32_t below)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((state >> 33) % below);
}

static float draw_float(float low, float high)
{
    return low + (high - low) * (float)draw(1 << 24) * (1.0f / 16777216.0f);
}

struct guarded_lanes {
    float before[16];
    struct lanes lanes;
    float after[16];
};

static void draw_lanes(struct lanes *l)
{
    for (unsigned n = 0; n < LANES; n++) {
        l->e[n] = draw_float(0, 1);
        l->m[n] = draw(2) ? 1.0f : draw_float(0.99f, 1);
        l->a[n] = draw(2) ? 0.0f : draw_float(0, 0.001f);
        l->left[n] = draw_float(0, 1e-4f);
        l->right[n] = draw_float(0, 1e-4f);
        l->reverb[n] = draw_float(0, 1);
        l->chorus[n] = draw_float(0, 1);
        l->left_slope[n] = draw_float(-1e-7f, 1e-7f);
        l->right_slope[n] = draw_float(-1e-7f, 1e-7f);
        l->reverb_slope[n] = draw_float(-1e-4f, 1e-4f);
        l->chorus_slope[n] = draw_float(-1e-4f, 1e-4f);
        l->b2[n] = draw_float(0, 0.95f); /* q = 1 + b1 + b2 of stable poles */
        l->q[n] = draw_float(0.001f, 0.5f);
        l->k[n] = l->q[n] * draw_float(0.3f, 1);
        l->k_slope[n] = draw_float(-1e-6f, 1e-6f);
        l->q_slope[n] = draw_float(-1e-6f, 1e-6f);
        l->b2_slope[n] = draw_float(-1e-6f, 1e-6f);
        l->y[n] = draw_float(-1000, 1000);
        l->d[n] = draw_float(-10, 10);
        l->filter[n] = draw(3) ? UINT32_MAX : 0;
    }
}

/* Kernels from number *AT on that this machine has, but not the plain C ones; NULL after the last */
static const struct kernels *next_kernels(unsigned *at)
{
    const struct kernels *k;
    while ((k = kernels_at((*at)++)) != NULL) {
        if (k != &kernels_c && !(k->cpu & ~cpu_features()))
            return k;
        printf("# %s: %s\n", k->name, k == &kernels_c ? "the reference" : "not on this machine");
    }
    return NULL;
}

/* COMPARED: how many came of it. SSE2 at least, where there is any */
static bool compared_enough(unsigned compared)
{
    printf("# %u instruction sets compared with C\n", compared);
#ifdef __x86_64__
    return compared > 0;
#else
    return compared > 0 || !cpu_features();
#endif
}

#endif
