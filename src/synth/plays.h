/* SPDX-License-Identifier: MIT */
/*
 * plays.h - voices of the DirectX 8 voice API: one-shot and streaming waves that
 * a host plays on a channel without an instrument (IDirectMusicSynth8).
 *
 * struct play is made by the control side when a voice is asked for and lives
 * until the control side sees that it is over; a queued event carries it to the
 * render side. It holds its download by a count of the control side, so that an
 * unloaded wave stays until its voices ended.
 *
 * What a play sounds like is a note of the profile's default articulation at its
 * unity key with velocity 127: channel volume, expression, pan, sends, wheel and
 * fine tuning act on it; pedals, note messages and mono mode do not. All sound off and
 * resets end it. Internal to the engine.
 */
#ifndef DMUS_SYNTH_PLAYS_H
#define DMUS_SYNTH_PLAYS_H

#include <stdatomic.h>

#include "downloads.h"
#include "events.h"
#include "instrument.h"
#include "part.h"
#include "seqlock.h"
#include "voice.h"

enum play_state { PLAY_QUEUED, PLAY_SOUNDING, PLAY_OVER };

struct play {
    struct play *next; /* control side: all plays, newest first */
    struct synth_download *download;
    /* constant */
    uint32_t id, group, channel; /* group 1.. */
    struct region region;
    struct wave stream_wave; /* streams: what REGION plays; format only */
    struct stream *stream;   /* NULL: one-shot */
    struct bus_list *buses;  /* of the articulation; NULL: the channel's */
    uint32_t start;
    float gain_db, tune_cents;
    /* shared */
    atomic_uint state;
    struct seqlock position_lock;
    atomic_uint position[2]; /* frames, low word first */
    /* render side */
    struct play *next_active;
    voice_slot slot;
};

struct plays {
    struct play *all;    /* control side */
    struct play *active; /* render side: sounding ones */
};

/* Everything ends at once. No render in flight, no event queued. */
void plays_end_all(struct synth *synth);
/* Forget the plays that are over. [control] */
void plays_reap(struct synth *synth);
/* Free all. No render in flight. */
void plays_destroy(struct synth *synth);

/* An event of kind EVENT_PLAY or EVENT_STOP_PLAY is due. [render] */
void plays_apply(struct synth *synth, const struct event *event);
/* The voice of PLAY fell silent. [render] */
void plays_ended(struct synth *synth, struct play *play);
/* Let the control side see where the voices are; once a call. [render] */
void plays_publish(struct synth *synth);

#endif
