/* SPDX-License-Identifier: MIT */
/*
 * loopback.h - from a message that is sent to the click that is heard.
 *
 * Two ways. With JACK a client of our own sends the messages at frames it knows and listens to a port, the session's own or another
 * (a cable from the output to an input): all that lies between is measured. Elsewhere the messages are bytes in a pipe, and the
 * mixer tells when the device will let the click be heard: what lies behind the device's word is not measured.
 */
#ifndef DMUS_LIVE_LOOPBACK_H
#define DMUS_LIVE_LOOPBACK_H

#include <stdint.h>

#include "base/status.h"

enum { LOOPBACK_NOTES_MAX = 10000 };

/* What was sent and heard, each in order, in 100 ns of one clock, or frames. */
struct loopback {
    int64_t *sent, *heard; /* LOOPBACK_NOTES_MAX */
    uint32_t sent_count, heard_count;
};

/* Onsets: a frame after silence. */
struct onset_finder {
    uint32_t quiet; /* frames of silence so far */
};

#define ONSET_LEVEL 1e-4f
#define ONSET_QUIET 100u

static inline int onset_at(struct onset_finder *finder, float value)
{
    int loud = value > ONSET_LEVEL || value < -ONSET_LEVEL;
    int onset = loud && finder->quiet >= ONSET_QUIET;
    finder->quiet = loud ? 0 : finder->quiet + (finder->quiet < ONSET_QUIET);
    return onset;
}

/* JACK: NOTES note-ons to the MIDI port TO, SPACING frames or a quarter more apart; what comes from the audio port FROM. Blocks
 * meanwhile. Frames. DM_ERR_DEVICE; DM_ERR_UNSUPPORTED: built without JACK. */
enum dm_status loopback_jack(const char *from, const char *to, uint32_t notes, uint32_t spacing, struct loopback *out,
                             struct dm_error *err);

#endif
