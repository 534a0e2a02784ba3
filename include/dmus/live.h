/* SPDX-License-Identifier: MIT */
/*
 * live.h - the C API of OpenDMus for playing now: songs and live MIDI through
 * an audio device. Part of libdmus-live, which links to sound servers and has
 * all of libdmus in it: -ldmus beside it is not needed, and does no harm in any
 * order. Who only renders files needs dmus.h and libdmus alone.
 *
 *     struct dmus_live_options options = DMUS_INIT(dmus_live_options);
 *     dmus_live_defaults(&options);
 *     if (dmus_live_open(&options, &live, &err) || dmus_live_queue(live, song, &bank, 1, &err))
 *         fprintf(stderr, "%s\n", err.text);
 *     while (dmus_live_wait(live, 100), dmus_live_get_state(live, &state), state.playing)
 *         ...
 *     dmus_live_close(live);
 *
 * Conventions of structures, errors and strings: dmus.h.
 *
 * Threads. A session may be used by any number of threads at once, but its
 * close must come after every other use has returned. None of these functions is
 * for a real-time thread. Sound is made on the device's own thread, which never
 * waits for any other.
 *
 * Functions that return nothing bring a value out of its range into it, pass
 * over one that is no number or names no port or channel, and do nothing with a
 * session that is NULL.
 *
 * Time. At the song's own tempo the samples are those of dmus_render with the
 * same options at the device's rate, whatever the period is. A command acts
 * some 0.1 s after it was given, since the song is handed to the synthesizer
 * that long before it sounds.
 */
#ifndef DMUS_LIVE_H
#define DMUS_LIVE_H

#include "dmus.h"

#ifdef __cplusplus
extern "C" {
#endif

struct dmus_live;

/* ---- what there is ---------------------------------------------------------- */

struct dmus_port {
    uint32_t size;
    const char *kind;        /* "pipewire", "jack", "alsa", "null"; inputs: also "rawmidi", "raw" */
    const char *name;        /* for options.audio as "KIND:NAME", for dmus_live_connect likewise; "" for the kind itself */
    const char *description; /* for people */
    bool is_default;
};
/* Tell EACH output, or MIDI source, of every kind that was built in; a kind whose server does not answer is told with its reason as
 * description and the name "?". Strings live during the call. EACH returns false to stop. */
DMUS_API enum dmus_status dmus_live_list_audio(bool (*each)(void *ctx, const struct dmus_port *port), void *ctx,
                                               struct dmus_error *err);
DMUS_API enum dmus_status dmus_live_list_midi(bool (*each)(void *ctx, const struct dmus_port *port), void *ctx,
                                              struct dmus_error *err);

/* ---- a session ----------------------------------------------------------------- */

struct dmus_live_options {
    uint32_t size;
    const char *audio;      /* "KIND" or "KIND:NAME"; NULL: the first that opens, but never "null" */
    const char *client;     /* name shown by servers; NULL: "dmus" */
    uint32_t sample_rate;   /* Hz, 8000..192000 (native: 11025..96000); 0: the device's own */
    uint32_t period_frames; /* frames the device asks for at a time, 1..4096; 0: its own choice. Never changes the samples */
    uint32_t periods;       /* buffer of the device in periods, 1..64; 0: its own choice */
    bool no_connect;        /* JACK, PipeWire: connect to no device */
    uint32_t profile;       /* enum dmus_profile; and as in dmus_render_options: */
    uint32_t interpolation, polyphony;
    uint32_t reverb, chorus; /* enum dmus_switch */
    double gain_db;
    uint32_t simd;          /* enum dmus_simd; DMUS_ERR_UNSUPPORTED if the machine lacks it */
    uint32_t groups;        /* ports of live input, 1..64: dmus_live_send */
    bool through_kernel;    /* through the port driver and the miniport instead of the user-mode objects: the same samples; live
                             * messages 25 ms later, since a driver is not called on the audio thread */
    bool no_realtime;       /* do not ask for real-time scheduling and locked memory */
};
/* Studio, stereo, 256 voices, effects on, 0 dB, 1 group. options->size must be set. */
DMUS_API enum dmus_status dmus_live_defaults(struct dmus_live_options *options);

/* Open the device; it plays silence. DMUS_ERR_DEVICE, DMUS_ERR_NOT_FOUND (no such output), DMUS_ERR_UNSUPPORTED. */
DMUS_API enum dmus_status dmus_live_open(const struct dmus_live_options *options, struct dmus_live **out, struct dmus_error *err);
DMUS_API void dmus_live_close(struct dmus_live *live); /* at once, with a short fade; NULL allowed */

/* ---- songs ------------------------------------------------------------------------ */

/* Add SONG to the end of the queue; it plays with BANKS (1..DMUS_MAX_BANKS, the first that has a patch gives it). It begins
 * without a gap at the frame where the one before it ends, whose sound dies away meanwhile. The session takes references.
 * Banks are loaded on a thread of their own; what goes wrong then is told by dmus_live_message and the song is passed over.
 * DMUS_ERR_FORMAT (song without a note). */
DMUS_API enum dmus_status dmus_live_queue(struct dmus_live *live, struct dmus_song *song, struct dmus_bank *const *banks,
                                          size_t bank_count, struct dmus_error *err);
/* DMUS_OK, or why song NUMBER of the queue (from 0) could not be loaded; dmus_live_message told it, too. DMUS_ERR_ARGUMENT: there
 * is no such song. */
DMUS_API enum dmus_status dmus_live_song_status(struct dmus_live *live, uint32_t number, struct dmus_error *err);
/* How the first song begins, before it is queued, and what follows the last: from a time of it, in a loop (B <= A: none), and
 * all songs again and again. */
DMUS_API void dmus_live_begin(struct dmus_live *live, double from_seconds, double a_seconds, double b_seconds, bool repeat);
/* Go on with another song of the queue, now: BY songs forward or back. Past the end: playing ends; before the first: the first. */
DMUS_API void dmus_live_skip(struct dmus_live *live, int by);
DMUS_API void dmus_live_pause(struct dmus_live *live, bool paused); /* sound stops and goes on where it stopped */
DMUS_API void dmus_live_seek(struct dmus_live *live, double seconds); /* in the song that plays, at its own tempo */
DMUS_API void dmus_live_set_tempo(struct dmus_live *live, double ratio); /* 0.1..10 of the song's own */
DMUS_API void dmus_live_set_keys(struct dmus_live *live, int keys);      /* -48..48 semitones, not for drums */
DMUS_API void dmus_live_mute(struct dmus_live *live, uint32_t port, uint32_t channel, bool muted);
DMUS_API void dmus_live_solo(struct dmus_live *live, uint32_t port, uint32_t channel, bool solo);
/* Repeat from A to B; B <= A: no more. */
DMUS_API void dmus_live_set_loop(struct dmus_live *live, double a_seconds, double b_seconds);

/* ---- live MIDI ----------------------------------------------------------------------- */

/* Load all of BANKS for live playing, once in a session: DMUS_ERR_ARGUMENT the second time. May take a second; songs play on
 * meanwhile. The session takes references. DMUS_ERR_FORMAT, DMUS_ERR_UNSUPPORTED, DMUS_ERR_DEVICE (it does not run). */
DMUS_API enum dmus_status dmus_live_load(struct dmus_live *live, struct dmus_bank *const *banks, size_t bank_count,
                                         struct dmus_error *err);
/* Listen to a MIDI source, for GROUP (1..groups): "KIND" or "KIND:NAME" ("alsa", "jack", "pipewire", "rawmidi:hw:1,0",
 * "raw:/tmp/fifo", "raw:-"), CONNECT a sender for kinds that have them, or NULL. Several inputs are merged.
 * Each message sounds one constant time after it came: dmus_live_state.input_latency_frames.
 * DMUS_ERR_DEVICE, DMUS_ERR_OPEN, DMUS_ERR_NOT_FOUND. */
DMUS_API enum dmus_status dmus_live_connect(struct dmus_live *live, const char *source, const char *connect, uint32_t group,
                                            struct dmus_error *err);
/* One MIDI message of the program itself, as soon as may be: whole, with its status byte, 1..3 bytes, or F0 ... F7 of up to
 * 256 KiB. GROUP 1..groups. DMUS_ERR_ARGUMENT: anything else, or no bank is loaded. */
DMUS_API enum dmus_status dmus_live_send(struct dmus_live *live, uint32_t group, const uint8_t *bytes, size_t size,
                                         struct dmus_error *err);
/* All notes off, everywhere. */
DMUS_API void dmus_live_panic(struct dmus_live *live);

/* Record what is heard from now on to a file (output->path, type, format, overwrite), and live MIDI to the Standard MIDI File
 * MIDI_PATH; either may be NULL. They are published by dmus_live_record_end or the close. One record at a time, and two files: else
 * DMUS_ERR_ARGUMENT. Where the sound cannot be written any more, that is told by dmus_live_message at once, and the end of the record
 * fails. DMUS_ERR_WRITE, DMUS_ERR_UNSUPPORTED. */
DMUS_API enum dmus_status dmus_live_record(struct dmus_live *live, const struct dmus_output *output, const char *midi_path,
                                           struct dmus_error *err);
/* DMUS_OK also if nothing is recorded, or not yet: a pipe is waited for until somebody reads it. DMUS_ERR_WRITE. */
DMUS_API enum dmus_status dmus_live_record_end(struct dmus_live *live, struct dmus_error *err);

/* ---- how long it takes ------------------------------------------------------------------ */

struct dmus_latency {
    uint32_t size;
    bool looped;      /* true: sent and heard by a client of the sound server; false: heard as the device tells */
    uint32_t sample_rate;
    uint32_t sent, heard; /* notes */
    uint32_t underruns;
    double min_ms, median_ms, max_ms; /* from the message to the ear */
    double jitter_ms; /* max - min */
    double device_ms; /* the part of it that nobody measured: the device's own word */
};
/* Send NOTES (0: 200) note-ons through a MIDI input and find the clicks in the sound. The session must be new: no bank loaded,
 * effects off. LISTEN (JACK only): the port to listen to, such as an input that a cable from the output leads to, instead of the session's own.
 * Some seconds. DMUS_ERR_DEVICE, DMUS_ERR_UNSUPPORTED. */
DMUS_API enum dmus_status dmus_live_measure(struct dmus_live *live, uint32_t notes, const char *listen, struct dmus_latency *latency,
                                            struct dmus_error *err);

/* ---- how it goes ------------------------------------------------------------------------ */

struct dmus_live_state {
    uint32_t size;
    bool playing;           /* a song plays, waits to be loaded, or dies away; live: always false */
    bool paused;
    bool device_lost;       /* the device or its server is gone and is being looked for */
    bool device_failed;     /* for good */
    bool inputs_ended;      /* all sources of live MIDI were "raw" ones and are at their end */
    uint32_t song;          /* number in the queue, from 0, of the one that plays */
    uint32_t songs;         /* in the queue, played ones too */
    double seconds, total_seconds; /* in that song, at its own tempo; what is heard now */
    double tempo;           /* ratio */
    double bpm;             /* of the song where it is now, times the ratio */
    int32_t keys;
    double loop_a, loop_b;  /* loop_b 0: none */
    uint32_t voices, voices_peak;
    double load;            /* of the time that a block may take, how much it took: the largest of the last 0.5 s; 1.0 is too late */
    uint32_t underruns;     /* sound that was lost, since open */
    uint32_t late_events;   /* that came too late for their frame */
    uint32_t midi_lost;     /* live messages that were left out */
    uint32_t sample_rate, channels, period_frames;
    uint32_t latency_frames;       /* from the synthesizer to the ear, as the device tells */
    uint32_t input_latency_frames; /* from a live message's arrival to the ear, constant */
    bool realtime;          /* the audio thread has real-time priority */
    bool memory_locked;
    float peak;             /* of the last 0.1 s, 1.0 is full scale */
    uint64_t recorded_frames; /* of the record, or of the last one */
    const char *device;     /* "PipeWire: ..."; valid until the close */
    uint32_t songs_failed;  /* that could not be loaded: dmus_live_message told why */
    uint32_t notes_missing; /* that found no instrument or region, since open: dmus_live_message tells which when a song is over */
    uint64_t clipped_samples; /* of that record, limited to fit its integer format; f32: none */
};
DMUS_API enum dmus_status dmus_live_get_state(struct dmus_live *live, struct dmus_live_state *state);

struct dmus_channel_state {
    uint32_t size;
    bool used;             /* something was sent to it */
    bool heard;            /* not muted, nor shut out by a solo */
    bool muted, solo;
    bool drums;            /* channel 10, or made one by a GS or XG message of the song; live: channel 10 */
    uint32_t patch;        /* as selected, DDI patch number */
    const char *name;      /* of the instrument that plays it, or General MIDI's; valid until the next song */
    uint32_t voices;
    float level;           /* loudest voice's gain in the louder output channel, 1.0: full scale; 0 through the kernel */
    uint32_t volume, expression, pan; /* CC7, CC11, CC10 */
    int32_t bend;          /* -8192..8191 */
    uint32_t controller, value; /* the last one */
    uint32_t notes;        /* note-ons so far */
};
/* PORT 0..63, CHANNEL 0..15. */
DMUS_API enum dmus_status dmus_live_get_channel(struct dmus_live *live, uint32_t port, uint32_t channel,
                                                struct dmus_channel_state *state);

/* The oldest line that was not yet taken ("JACK: the server is gone", "tune.mid: ..."), at most SIZE bytes with NUL (256 hold
 * all); false if there is none. The last 64 wait to be taken. */
DMUS_API bool dmus_live_message(struct dmus_live *live, char *text, size_t size);
/* Return when something happened (a song began or ended, a message came), or after TIMEOUT_MS. */
DMUS_API void dmus_live_wait(struct dmus_live *live, uint32_t timeout_ms);

#ifdef __cplusplus
}
#endif
#endif
