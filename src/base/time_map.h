/* SPDX-License-Identifier: MIT */
/*
 * time_map.h - stream positions (frames since activation) to master-clock time (100 ns) and back. Pure functions.
 *
 * native: Microsoft's formulas, a grid of 100 us (spec/ddi-user.md 7.2).
 *     time   = start + sample * 10000 / rate * 1000      each division towards zero
 *     sample = (time - start) / 1000 * rate / 10000
 * exact: the pair is an exact inverse from sample to time to sample, at every rate below 10 MHz.
 *     time   = start + ceil(sample * 10^7 / rate)
 *     sample = floor((time - start) * rate / 10^7)
 * Results beyond 64 bits saturate. rate is 1..2^32-1.
 */
#ifndef DMUS_BASE_TIME_MAP_H
#define DMUS_BASE_TIME_MAP_H

#include <stdbool.h>
#include <stdint.h>

struct time_map {
    int64_t start_100ns; /* master time of sample 0 */
    uint32_t rate;       /* Hz */
    bool exact;
};

int64_t time_map_to_time(const struct time_map *map, int64_t sample);
int64_t time_map_to_sample(const struct time_map *map, int64_t time_100ns);

#endif
