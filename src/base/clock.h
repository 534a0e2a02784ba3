/* SPDX-License-Identifier: MIT */
/*
 * clock.h - the system's monotonic time in the DDI's unit, 100 ns
 * (REFERENCE_TIME). CLOCK_MONOTONIC, or QueryPerformanceCounter on Windows.
 * Any thread; no allocation, no lock.
 */
#ifndef DMUS_BASE_CLOCK_H
#define DMUS_BASE_CLOCK_H

#include <stdint.h>

#define CLOCK_100NS_PER_SECOND INT64_C(10000000)

/* Never goes back. The origin has no meaning. */
int64_t clock_now_100ns(void);

/* Return at or after the moment TIME_100NS of clock_now_100ns, at once if it is past. Signals do not shorten it. */
void clock_sleep_until_100ns(int64_t time_100ns);

#endif
