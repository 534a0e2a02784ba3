/* SPDX-License-Identifier: MIT */
/*
 * sink_pull.h - a session whose device asks for its sound (audio/output.h). Internal to the sink.
 *
 * Three threads meet here. The device's renders and never waits: it shares
 * single atomic words with the others. The session's own looks after the
 * conversions once a write period. The host's starts, holds and stops.
 *
 * How the conversions follow what a device tells of its time: sink_follow.h.
 */
#ifndef DMUS_USER_SINK_PULL_H
#define DMUS_USER_SINK_PULL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "ddi.h"
#include "sink_follow.h"

struct audio_output;
struct sink_session;

struct sink_pull {
    struct audio_output *device;
    bool float_samples;
    DMUS_SINKFEED feed;
    void *feed_context;
    IDmusSynthControl *control; /* of synth, or NULL */
    _Atomic(IDirectMusicSynth *) synth; /* NULL: silence */
    atomic_bool rendering;
    atomic_bool held;

    /* The last pull; version is odd while it is written. */
    atomic_uint version;
    _Atomic int64_t asked_100ns, heard_100ns; /* of its first frame */
    _Atomic int64_t origin_100ns;             /* when frame 0 of the stream would have been heard, by that */
    _Atomic int64_t least_100ns, most_100ns;  /* origins of the window's pulls */
    atomic_uint pulls;                        /* in the window */
    atomic_uint count;
    atomic_bool was_held; /* position stood still */
    atomic_uint jumps;    /* the device began anew so often */

    atomic_uint taken; /* windows, by the session's thread */
    unsigned window;   /* device's thread: taken when its window began */

    unsigned jumps_seen, version_seen; /* [session->pull] */
    struct sink_follow follow;         /* [session->pull] */
};

/* [lock] Start the device and wait for its first pulls. The stream is held until sink_pull_release. E_FAIL. */
HRESULT sink_pull_start(struct sink_session *session);
/* Let the stream go on, or stop it, and follow at once. E_FAIL: the device does not ask. */
HRESULT sink_pull_hold(struct sink_session *session, bool hold);
/* Once a write period: bring conversions and lead after the device. */
void sink_pull_follow(struct sink_session *session);
/* Forget the synth; waits for a Render under way. */
void sink_pull_detach(struct sink_session *session);
/* No pull after it returns. */
void sink_pull_stop(struct sink_session *session);

#endif
