/* SPDX-License-Identifier: MIT */
/* bits.h - sets of up to 64 as bits of a word. Freestanding. */
#ifndef DMUS_BASE_BITS_H
#define DMUS_BASE_BITS_H

#include <stdint.h>

/* Number of the lowest bit set in WORD, which is not 0 */
static inline uint32_t lowest_bit(uint64_t word)
{
#ifdef __GNUC__
    return (uint32_t)__builtin_ctzll(word);
#else
    uint32_t n = 0;
    for (unsigned half = 32; half; half /= 2)
        if (!(word & (((uint64_t)1 << half) - 1))) {
            word >>= half;
            n += half;
        }
    return n;
#endif
}

/* Of the highest one */
static inline uint32_t highest_bit(uint64_t word)
{
    uint32_t n = 0;
    for (unsigned half = 32; half; half /= 2)
        if (word >> half) {
            word >>= half;
            n += half;
        }
    return n;
}

/* How many are set */
static inline uint32_t count_bits(uint64_t word)
{
    uint32_t count = 0;
    for (; word; word &= word - 1)
        count++;
    return count;
}

#endif
