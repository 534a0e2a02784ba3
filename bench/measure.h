/* SPDX-License-Identifier: MIT */
/* measure.h - clocks and order statistics of the measuring programs. */
#ifndef DMUS_BENCH_MEASURE_H
#define DMUS_BENCH_MEASURE_H

#include <stdlib.h>
#include <time.h>

/* CLOCK_THREAD_CPUTIME_ID for one thread's work, CLOCK_MONOTONIC where several work. */
static inline double now_ns(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static inline int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

struct spread {
    double min, median, max;
};

/* Sorts VALUES, of which there is at least one. */
static inline struct spread spread_of(double *values, size_t count)
{
    qsort(values, count, sizeof *values, by_value);
    return (struct spread){values[0], values[count / 2], values[count - 1]};
}

#endif
