/* SPDX-License-Identifier: MIT */
#include "connection.h"
#include "fmath.h"
#include "input_table.h"

#define MAX_VALUE 16256.0f /* 127/128 of 14 bits */
#define KNEE 0.0039810717f /* 10^(-12/5) */
#define FIVE_TWELFTHS_LOG10 0.12542915696 /* 5/12 * log10(2) */

/* Whether X is a 7-bit value, and which. */
static bool whole_value(float x, uint32_t *value)
{
    if (!(x >= 0.0f && x <= MAX_VALUE))
        return false;
    *value = (uint32_t)x / 128;
    return (float)(*value * 128) == x;
}

/* The unipolar curves of DLS 2.2 section 1.6.5, X in 0..MAX_VALUE and beyond */
static float curve(uint8_t code, float x, float range)
{
    uint32_t value;
    switch (code) {
    case CURVE_CONCAVE:
        if (whole_value(x, &value))
            return concave_table[value];
        if (x > (1.0f - KNEE) * MAX_VALUE)
            return 1.0f;
        return (float)(-FIVE_TWELFTHS_LOG10 * fm_log2(1.0 - (double)x / (double)MAX_VALUE));
    case CURVE_CONVEX:
        if (whole_value(x, &value))
            return convex_table[value];
        if (x < KNEE * MAX_VALUE)
            return 0.0f;
        return (float)(1.0 + FIVE_TWELFTHS_LOG10 * fm_log2((double)x / (double)MAX_VALUE));
    case CURVE_SWITCH:
        return x < 8192.0f ? 0.0f : 1.0f;
    default:
        return x / range;
    }
}

float input_value(uint8_t input, float x, float range)
{
    uint8_t code = input & INPUT_CURVE;
    if (input & INPUT_INVERT)
        x = MAX_VALUE - x > 0.0f ? MAX_VALUE - x : 0.0f;
    if (!(input & INPUT_BIPOLAR))
        return curve(code, x, range);
    if (code == CURVE_CONCAVE || code == CURVE_CONVEX) {
        float v = 2.0f * x - MAX_VALUE;
        return v < 0.0f ? -curve(code, -v, range) : curve(code, v, range);
    }
    return 2.0f * curve(code, x, range) - 1.0f;
}
