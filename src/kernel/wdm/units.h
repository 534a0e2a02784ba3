/* SPDX-License-Identifier: MIT */
/*
 * units.h - UTF-16 units of drivers and UTF-8 of the host. No locale; case by table-free Latin-1 rules.
 */
#ifndef DMUS_KERNEL_WDM_UNITS_H
#define DMUS_KERNEL_WDM_UNITS_H

#include <stddef.h>
#include <stdint.h>

/* Upper case of ASCII and Latin-1 letters; all other units as they are. */
static inline uint16_t unit_up(uint16_t c)
{
    if ((c >= 'a' && c <= 'z') || (c >= 0xE0 && c <= 0xFE && c != 0xF7))
        return (uint16_t)(c - 0x20);
    return c == 0xFF ? 0x178 : c;
}

/* UTF-8 of SIZE bytes to at most CAPACITY units, no zero added. Bytes that are not UTF-8 are taken as Latin-1. Returns
 * the number of units that the whole text has. OUT may be NULL if CAPACITY is 0. */
size_t units_from_utf8(uint16_t *out, size_t capacity, const char *text, size_t size);

/* COUNT units to UTF-8 with a zero, at most CAPACITY bytes, cut between characters. Halves of a pair that stand alone
 * become U+FFFD. Returns the bytes that the whole text has, without the zero. */
size_t units_to_utf8(char *out, size_t capacity, const uint16_t *units, size_t count);

/* < 0, 0, > 0 by unit_up of each. */
int units_compare(const uint16_t *a, size_t a_count, const uint16_t *b, size_t b_count);

#endif
