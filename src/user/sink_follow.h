/* SPDX-License-Identifier: MIT */
/*
 * sink_follow.h - how the conversions follow a device that asks for its sound.
 *
 * Each pull says when its first frame will be heard. Most devices say so with
 * some noise, so the conversions take it slowly: a 64th of the last error each
 * step, and no more than SINK_FOLLOW_MAX. But a device may stand still for a
 * moment and go on with the next frame (jackd that was kept from its core):
 * then all that it says from there on is late. What all pulls of a window
 * agree upon is no noise, and is taken at once; never more than that, so that
 * the conversions do not shoot past the truth and come back.
 *
 * Arithmetic only: no lock, no call, no memory. One thread.
 */
#ifndef DMUS_USER_SINK_FOLLOW_H
#define DMUS_USER_SINK_FOLLOW_H

#include <stdbool.h>
#include <stdint.h>

struct sink_follow {
    int64_t spread_100ns; /* between the pulls of one window: the device's noise, lately */
    unsigned steps;
};

/* How much later than the conversions say the device's pulls are heard, since the last step that TOOK them. */
struct sink_told {
    bool anew;  /* the device began anew, or lost frames by its own count */
    bool still; /* the stream is held: nothing is heard */
    bool fresh; /* there was a pull since the last step */
    int64_t last_100ns, least_100ns, most_100ns;
    uint32_t pulls;
};

struct sink_followed {
    int64_t shift_100ns; /* add to the time of every sample */
    bool took;           /* the window was judged: the next one begins */
    bool resync;         /* the device began anew, or was more than 100 ms off */
};

/* AT_ONCE: whatever the device says is taken as it is. */
struct sink_followed sink_follow_step(struct sink_follow *follow, const struct sink_told *told, bool at_once);

#endif
