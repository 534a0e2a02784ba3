/* SPDX-License-Identifier: MIT */
/* units.c - the fixed-point units of DLS, by the formulas of DLS 2.2 section 1.14 and the C library. */
#include <math.h>

#include "conf.h"

static int32_t fixed(double value)
{
    double x = nearbyint(value * 65536.0);
    return x > INT32_MAX ? INT32_MAX : x < INT32_MIN ? INT32_MIN : (int32_t)x;
}

int32_t conf_seconds(double seconds)
{
    return seconds > 0 ? fixed(1200 * log2(seconds)) : INT32_MIN;
}

int32_t conf_hertz(double hertz)
{
    return fixed(1200 * log2(hertz / 440) + 6900);
}

int32_t conf_cents(double cents)
{
    return fixed(cents);
}

int32_t conf_db(double db)
{
    return fixed(10 * db);
}

int32_t conf_percent(double percent)
{
    return fixed(10 * percent);
}
