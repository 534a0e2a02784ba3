/* SPDX-License-Identifier: MIT */
#include "time_map.h"

#define PER_SECOND 10000000u

static int64_t add_saturated(int64_t a, int64_t b)
{
    if (b > 0 && a > INT64_MAX - b)
        return INT64_MAX;
    if (b < 0 && a < INT64_MIN - b)
        return INT64_MIN;
    return a + b;
}

static int64_t subtract_saturated(int64_t a, int64_t b)
{
    if (b < 0 && a > INT64_MAX + b)
        return INT64_MAX;
    if (b > 0 && a < INT64_MIN + b)
        return INT64_MIN;
    return a - b;
}

static int64_t multiply_saturated(int64_t a, uint32_t b)
{
    if (b != 0 && a > INT64_MAX / b)
        return INT64_MAX;
    if (b != 0 && a < INT64_MIN / (int64_t)b)
        return INT64_MIN;
    return a * b;
}

enum rounding { DOWN, UP, TO_ZERO };

/* value * mul / div without a wider type: the quotient of value scales exactly, and what is left of it is below 2^32, so that
 * its product fits 64 bits. */
static int64_t scale(int64_t value, uint32_t mul, uint32_t div, enum rounding rounding)
{
    int64_t whole = value / div, rest = value % div;
    if (rest < 0 && rounding != TO_ZERO) {
        whole--;
        rest += div;
    }
    uint64_t magnitude = (uint64_t)(rest < 0 ? -rest : rest) * mul;
    uint64_t part = (magnitude + (rounding == UP ? div - 1 : 0)) / div;
    int64_t scaled = multiply_saturated(whole, mul);
    if (scaled == INT64_MAX || scaled == INT64_MIN)
        return scaled;
    return add_saturated(scaled, rest < 0 ? -(int64_t)part : (int64_t)part);
}

int64_t time_map_to_time(const struct time_map *map, int64_t sample)
{
    int64_t since = map->exact ? scale(sample, PER_SECOND, map->rate, UP)
                               : multiply_saturated(scale(sample, 10000, map->rate, TO_ZERO), 1000);
    return add_saturated(map->start_100ns, since);
}

int64_t time_map_to_sample(const struct time_map *map, int64_t time_100ns)
{
    int64_t since = subtract_saturated(time_100ns, map->start_100ns);
    return map->exact ? scale(since, map->rate, PER_SECOND, DOWN) : scale(since / 1000, map->rate, 10000, TO_ZERO);
}
