/* SPDX-License-Identifier: MIT */
/*
 * play.h - a song into a driver's MIDI pin, and what comes out of its wave and capture pins into files.
 *
 * Virtual time: frame 0 of the wave and time 0 of the song are the same moment, and every run is the same. Real time: the song
 * begins LEAD later than the wave; a consumer takes the sound at the pace of the clock.
 * One thread, that of the host.
 */
#ifndef DMUS_DRIVERS_PLAY_H
#define DMUS_DRIVERS_PLAY_H

#include "dmus/dmus.h"
#include "graph.h"
#include "jitter.h"
#include "session.h"

#define PLAY_LEAD_MS 100 /* real time */

struct play_config {
    const struct graph *graph;    /* filter to play */
    struct dmus_song *song;       /* NULL: nothing is played, only listened to */
    struct dmus_bank *const *banks; /* for a synth node that takes DLS; must outlive the call */
    size_t bank_count;
    uint32_t rate, channels;      /* wished for; the driver decides */
    const char *record;           /* sound file, or NULL */
    const char *record_midi;      /* Standard MIDI File, or NULL */
    bool overwrite;
    bool legacy;                  /* play into the pin of the legacy format, as midiOut would, although there is a DirectMusic one */
    double seconds;               /* how long; 0: the song and what is left of it, silence for 0.25 s or 10 s at most */
    bool (*cancelled)(void);      /* asked all the time; NULL: never */
};

struct play_report {
    bool midi, wave, capture;     /* which pins were open */
    bool legacy;                  /* the MIDI pin has the legacy format */
    uint32_t rate, channels;      /* of the wave */
    double seconds;               /* of the machine's time */
    uint64_t frames, captured;    /* frames of sound; messages */
    unsigned losses;              /* capture: reads with a gap before them */
    float peak;                   /* of 1 */
    uint32_t instruments, waves;  /* downloaded */
    uint64_t wave_bytes;
    bool took_banks;              /* the synth node has DLS downloads */
    bool wants_bank;              /* and no sound set of its own, and nothing was downloaded: it is silent (spec/ddi-kernel.md 10) */
    bool cancelled;
    bool timed;                   /* the following were measured: real time */
    struct sequencer_stats sequencer; /* also in virtual time */
    struct jitter_stats jitter;
};

/* Opens, plays, closes. DM_ERR_NOT_FOUND: no pin for what is asked; DM_ERR_DEVICE: a refusal, with its status; DM_ERR_WRITE (files),
 * DM_ERR_FORMAT (downloads), DM_ERR_NOMEM. *REPORT is filled in any case. */
enum dm_status play_song(struct session *session, const struct play_config *config, struct play_report *report, struct dm_error *err);

#endif
