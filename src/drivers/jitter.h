/* SPDX-License-Identifier: MIT */
/*
 * jitter.h - how late this computer wakes a thread that sleeps for a millisecond: what no driver and no port can be better than.
 */
#ifndef DMUS_DRIVERS_JITTER_H
#define DMUS_DRIVERS_JITTER_H

#include <stdint.h>

#include "kernel/portcls/sequencer.h"

struct jitter_stats {
    uint64_t count, late_2ms;
    int64_t late_max_100ns;
    uint64_t late[SEQUENCER_BUCKETS]; /* as sequencer_stats.late */
};

struct jitter;

/* A thread that measures until jitter_end, without real-time priority. NULL if there is none to be had. */
struct jitter *jitter_begin(void);
void jitter_end(struct jitter *jitter, struct jitter_stats *out); /* NULL allowed: all 0 */

#endif
