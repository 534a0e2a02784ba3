/* SPDX-License-Identifier: MIT */
/* checked.h - arithmetic that says when it overflows. Freestanding. */
#ifndef DMUS_BASE_CHECKED_H
#define DMUS_BASE_CHECKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* *out = a * b, or false (and *out untouched) if the product does not fit size_t. */
static inline bool mul_size(size_t a, size_t b, size_t *out)
{
    if (b != 0 && a > SIZE_MAX / b)
        return false;
    *out = a * b;
    return true;
}

/* *out = a + b, or false (and *out untouched) if the sum does not fit size_t. */
static inline bool add_size(size_t a, size_t b, size_t *out)
{
    if (a > SIZE_MAX - b)
        return false;
    *out = a + b;
    return true;
}

#endif
