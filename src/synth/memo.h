/* SPDX-License-Identifier: MIT */
/*
 * memo.h - powers of two that were asked for before. Times, gains and pitches
 * of notes repeat themselves; the value is the very one of fm_exp2. And what
 * mostly is the same as for the note before. Not for several threads at a time.
 * Internal to the engine.
 */
#ifndef DMUS_SYNTH_MEMO_H
#define DMUS_SYNTH_MEMO_H

#include <stdint.h>
#include <string.h>

#include "filter.h"
#include "fmath.h"

#define MEMO_BITS 9u

struct memo {
    float pan, pan_left, pan_right; /* of pan_law in gain.c, as asked last */
    float resonance_db;             /* of filter_resonance, likewise */
    struct filter_resonance resonance;
    struct {
        uint64_t bits; /* of the argument */
        double value;
    } entry[1u << MEMO_BITS];
};

static inline void memo_init(struct memo *memo)
{
    memo->pan = memo->resonance_db = 1e9f;
    for (uint32_t i = 0; i < 1u << MEMO_BITS; i++) {
        memo->entry[i].bits = 0;
        memo->entry[i].value = 1.0; /* 2^+0 */
    }
}

static inline uint64_t memo_bits(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline uint32_t memo_place(uint64_t bits)
{
    return (uint32_t)(bits * 0x9E3779B97F4A7C15u >> (64u - MEMO_BITS));
}

/* X will be asked for: only a hint to the cache. */
static inline void memo_expect(const struct memo *memo, double x)
{
#ifdef __GNUC__
    __builtin_prefetch(&memo->entry[memo_place(memo_bits(x))], 1, 3);
#else
    (void)memo;
    (void)x;
#endif
}

static inline double memo_exp2(struct memo *memo, double x)
{
    uint64_t bits = memo_bits(x);
    uint32_t at = memo_place(bits);
    if (memo->entry[at].bits != bits) {
        memo->entry[at].bits = bits;
        memo->entry[at].value = fm_exp2(x);
    }
    return memo->entry[at].value;
}

#endif
