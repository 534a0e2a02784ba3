/* SPDX-License-Identifier: MIT */
/*
 * mixer.h - the part of a session that runs on the device's thread: pulls its decks, adds them up, hands live MIDI to the live
 * deck, and tells what it did. It never waits, allocates or calls the system; all that goes in or out is a ring or an atomic word.
 *
 * Two counts of frames from the start of the device. Heard frames: all that the device asked for. Song frames: those of the
 * songs' decks, which stand still while paused; the live deck is never paused.
 */
#ifndef DMUS_LIVE_MIXER_H
#define DMUS_LIVE_MIXER_H

#include <stdatomic.h>

#include "audio/midi_input.h"
#include "audio/output.h"
#include "base/ring.h"
#include "deck.h"
#include "loopback.h"

enum { MIXER_DECKS = 4, MIXER_INPUTS = 16, MIXER_CHANNELS_MAX = 2, MIXER_SYSEX_BYTES = 1 << 18, MIXER_GROUPS_MAX = 64 };

/* A live message on its way to the control thread: for the record and the display. */
struct mixer_played {
    int64_t frame; /* heard frame it acts at */
    uint8_t group, size;
    uint8_t bytes[3];
};

/* A system exclusive likewise; its bytes come with mixer_take_sysex. */
struct mixer_sysex {
    int64_t frame;
    uint32_t size, group;
    bool posted; /* the live deck has it already; else it is to be sent */
};

struct mixer_slot {
    struct deck *deck; /* NULL: free */
    int64_t start;     /* song frame of the deck's frame 0 */
    bool leaving;      /* fades in the next pull, and then it is */
    bool gone;
};

struct mixer_input {
    struct midi_input *input; /* NULL: free */
    uint32_t group;
};

/* Figures of the audio thread. Any thread may read. */
struct mixer_figures {
    _Atomic int64_t frame, heard; /* song frames and heard frames done */
    _Atomic int64_t live_start; /* heard frame of the live deck's frame 0; INT64_MIN: it has not begun */
    atomic_uint largest;    /* pull so far, frames; the device's period to begin with */
    atomic_uint input_delay; /* frames from a live message's arrival to its frame: constant while LARGEST is */
    atomic_uint missing;    /* pulls for which a deck had not rendered enough (deck_pull) */
    atomic_uint gone;       /* times that a sender fell silent or left (MIDI_GONE) */
    atomic_uint late, lost; /* live messages too late for their frame, and left out */
    atomic_uint peak_bits;  /* float, since the reader last took it */
    atomic_uint load_permille; /* largest since the reader last took it */
    atomic_bool paused;     /* as it is heard */
};

struct mixer {
    uint32_t rate, channels, pull_max;
    uint32_t burst; /* frames that the device may ask for in one go: its buffer */
    enum audio_frame_clock frame_clock;

    /* audio thread */
    struct mixer_slot slots[MIXER_DECKS];
    struct mixer_input inputs[MIXER_INPUTS];
    struct deck *live; /* takes live messages; NULL: none */
    int64_t live_start; /* heard frame of its frame 0 */
    int64_t frame, heard;
    bool paused, ending, ended;
    uint64_t hanging; /* bit per group: notes may hang, they are to be ended as soon as there is room */
    int64_t latest[MIXER_GROUPS_MAX]; /* heard frame of the last live message of each group */
    float *scratch;    /* pull_max frames */

    struct ring commands, done, played;
    /* System exclusives for the control thread: bytes, each message led by a struct mixer_sysex. */
    uint8_t *sysex;
    _Atomic uint32_t sysex_written, sysex_read;
    /* What is heard, for recording: NULL when nobody records. Whole frames; what does not fit is counted. */
    struct ring tap;
    atomic_bool tapping;
    _Atomic uint64_t tap_lost;
    _Atomic int64_t tap_first; /* heard frame of the first one tapped; INT64_MIN: none yet */

    /* When what begins after silence will be heard, clock_now_100ns: for measuring (latency.c). */
    struct ring onsets;
    atomic_bool watching;
    struct onset_finder finder;

    struct mixer_figures figures;
};

/* END: everything fades, the rest is silence. */
enum mixer_command_kind { MIXER_ADD, MIXER_ADD_LIVE, MIXER_REMOVE, MIXER_PAUSE, MIXER_RESUME, MIXER_LISTEN, MIXER_FORGET, MIXER_END };
struct mixer_command {
    enum mixer_command_kind kind;
    struct deck *deck;        /* ADD, REMOVE (of a song): fades, and comes back through `done` once it is not touched any more */
    int64_t frame;            /* ADD: start. In the past: now */
    struct midi_input *input; /* LISTEN, FORGET: likewise */
    uint32_t group;
};

/* For an opened, stopped DEVICE. DM_ERR_NOMEM. */
enum dm_status mixer_init(struct mixer *mixer, struct audio_output *device, struct dm_error *err);
void mixer_clear(struct mixer *mixer); /* the device is stopped */

/* Control thread. false: the ring is full, try again later. */
bool mixer_command(struct mixer *mixer, const struct mixer_command *command);
/* The next deck or input that a REMOVE or FORGET has set free. */
bool mixer_done(struct mixer *mixer, struct mixer_command *command);
/* The next system exclusive of live input, copied to BYTES (MIXER_SYSEX_BYTES of room). false: none. */
bool mixer_take_sysex(struct mixer *mixer, struct mixer_sysex *sysex, uint8_t *bytes);

/* The device's source: mixer_pull(mixer, ...). Audio thread. */
void mixer_pull(void *mixer, void *frames, uint32_t count, const struct audio_moment *moment);

#endif
