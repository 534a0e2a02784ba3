/* SPDX-License-Identifier: MIT */
/*
 * sink_pace.h - a stream of samples against a device that runs by a crystal of its own.
 *
 * The master clock decides when a sample is due, the device when it is heard.
 * The two are laid upon each other once, at the start, by the choice of where
 * the first sample goes in the device's buffer. From then on the device's play
 * cursor is watched, and the conversions follow it slowly (spec/ddi-user.md
 * 7.2): at most 500 us a second, so that neither a cursor that moves in steps
 * nor one late wake-up shows in the clock.
 *
 * Arithmetic only: no lock, no call, no memory. One thread.
 */
#ifndef DMUS_USER_SINK_PACE_H
#define DMUS_USER_SINK_PACE_H

#include <stdbool.h>
#include <stdint.h>

#include "audio/output.h"
#include "base/time_map.h"

#define SINK_FOLLOW_MAX 100     /* 10 us each step: 500 us a second at the default period */
#define SINK_LEAD_MAX   4500000 /* of the latency clock: 450 ms (spec/ddi-user.md 7.3). The stream may be further ahead */

struct sink_pace {
    uint32_t rate;
    int64_t ahead_100ns;  /* write period and write latency: how far beyond the device's own need the stream is kept */
    int64_t device_100ns; /* the device's own need: from its play cursor to its write cursor, the most that was seen */
    bool far_off;         /* the last look showed a need of more than SINK_LEAD_MAX */
    bool aligned; /* false: at the start, or the device failed; the next step lays the stream upon it */
};

/* What to do before the stream is filled up to LEAD_100NS beyond the master clock. */
struct sink_step {
    bool seek; /* the device's next frame is SEEK_TO */
    int64_t seek_to;
    int64_t skip;        /* samples to leave out: the device ran dry, they could not be heard any more */
    bool skip_is_devices; /* it ran ahead, or wants its sound earlier than it ever did: no stream could have been there */
    int64_t shift_100ns; /* add to the time of every sample */
    int64_t lead_100ns;
    bool resync;  /* the device stood still or jumped by more than 100 ms */
};

void sink_pace_start(struct sink_pace *pace, uint32_t rate, int64_t ahead_100ns);

/* The lead that a device with this cursor needs, and needed so far. A need of more than SINK_LEAD_MAX is believed when two looks
 * running show it. */
int64_t sink_pace_lead(struct sink_pace *pace, const struct audio_cursor *cursor);

/* The lead that the device can hold. If it needs more, it cannot be served. */
int64_t sink_pace_most(const struct sink_pace *pace, const struct audio_cursor *cursor);

/* CURSOR and the master time NOW belong to one moment; sample POSITION is the next to be written, at cursor->written. */
struct sink_step sink_pace_step(struct sink_pace *pace, const struct time_map *map, int64_t now_100ns,
                                const struct audio_cursor *cursor, int64_t position);

#endif
