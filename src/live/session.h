/* SPDX-License-Identifier: MIT */
/*
 * session.h - a live session, between its parts.
 *
 * Threads: the device's (mixer.c), the control thread and one that loads banks (session.c), one that writes records (record.c), and
 * those of the callers (open.c, queue.c, instrument.c, state.c). lock guards everything here that is not the mixer's; it is held
 * for short, but by the loader never while it loads. Nothing that runs on the device's thread takes it.
 */
#ifndef DMUS_LIVE_SESSION_H
#define DMUS_LIVE_SESSION_H

#include <pthread.h>

#include "base/status.h"
#include "deck.h"
#include "display.h"
#include "dmus/live.h"
#include "mixer.h"
#include "record.h"

/* Of its deck that is to play next: the one that plays is the session's. */
enum entry_state { ENTRY_IDLE, ENTRY_WANTED, ENTRY_LOADING, ENTRY_READY, ENTRY_FAILED };

struct tempo_change {
    int64_t time_100ns;
    double bpm;
};

/* A song of the queue. */
struct entry {
    struct dmus_song *song;
    struct dmus_bank *banks[DMUS_MAX_BANKS];
    size_t bank_count;
    enum entry_state state;
    struct dm_error failure; /* if it FAILED once */
    bool told; /* what plays in place of what its banks lack */
    bool missing_told; /* notes that did not sound */
    struct deck *deck; /* READY */
    struct tempo_change *tempi;
    uint32_t tempo_count;
};

/* A deck whose song is over, until it has fallen silent. */
struct fading {
    struct deck *deck; /* NULL: free */
    uint32_t entry;    /* whose deck it was */
    int64_t end;       /* song frame; not removed before it */
    bool removing;
};

struct live_input {
    struct midi_input *input;
    uint32_t group;
    char name[80];
    char last_text[200]; /* already told */
    uint32_t lost_told, refused_told;
};

enum { SESSION_MESSAGES = 64, SESSION_MESSAGE_SIZE = 256, FADING_MOST = MIXER_DECKS - 1 };

struct dmus_live {
    struct dmus_live_options options;
    char *audio_name, *client_name;
    struct audio_output *device;
    bool device_started;
    struct mixer mixer;
    char device_text[160];

    pthread_mutex_t lock;
    pthread_cond_t changed; /* something for dmus_live_wait */
    pthread_cond_t work;    /* something for the loader, or the end */
    pthread_t control, loader;
    bool control_started, loader_started, closing;

    struct entry *entries;
    uint32_t entry_count, entry_capacity;
    uint32_t current;       /* entry that plays or is to play next; entry_count: none */
    struct deck *deck;      /* of the current entry, while it plays; NULL: it is still to begin */
    int64_t current_start;  /* song frame of its deck's frame 0 */
    int64_t next_start;     /* when the next one is to begin, INT64_MIN: as soon as may be */
    struct transport *transport;
    int64_t fed;            /* song frame before which all was handed over */
    bool paused, repeat;
    double first_from, first_a, first_b; /* seconds: how the first song begins */
    double tempo, loop_a, loop_b;
    int keys;
    struct fading fading[FADING_MOST];
    int64_t quiet_from;     /* heard frame from which on no song sounds: it is over once the device has played that far */

    struct deck *live_deck;
    struct live_input inputs[MIXER_INPUTS];
    uint32_t input_count;
    uint8_t *sysex;         /* MIXER_SYSEX_BYTES */
    bool record_opening;    /* somebody opens a record, without the lock */
    struct record *record;  /* NULL: none */
    bool record_ending;     /* somebody closes one, without the lock */
    struct record_total recorded; /* by the record before */
    bool live_loading;      /* likewise: somebody loads the banks for live playing */

    struct display display, live_display;
    uint32_t voices; /* of all decks, a moment ago */
    uint32_t voices_peak, late_before; /* events that came too late, of decks that are gone */
    uint32_t late, failed_songs, lost_told, gone_told;
    uint64_t missing, missing_before; /* notes that did not sound; of decks that are gone */
    bool memory_asked, memory_locked;
    uint8_t *click;  /* the bank of dmus_live_measure */
    int measure_fd;  /* its pipe, 0: none */
    double load;
    float peak;
    int64_t load_since, peak_since; /* clock */
    char state_text[200];

    char messages[SESSION_MESSAGES][SESSION_MESSAGE_SIZE];
    uint32_t message_first, message_count;
    uint32_t events; /* counts what dmus_live_wait waits for */
};

/* [lock] Whether a song plays: else its display is that of live MIDI. */
static inline bool session_playing(const struct dmus_live *live) { return live->deck != NULL; }
void session_close_entry(struct entry *entry);
/* 1 to DMUS_MAX_BANKS banks, none of them NULL? Any thread. */
bool session_banks_there(struct dmus_bank *const *banks, size_t bank_count);

/* [lock] A line for dmus_live_message; the oldest is forgotten when there are too many. */
void session_say(struct dmus_live *live, const char *fmt, ...) DM_PRINTF(2, 3);

/* The threads. */
void *session_control(void *live);
void *session_load(void *live);

/* [lock] From the next song frame that can still be changed. */
int64_t session_next_frame(const struct dmus_live *live);
/* [lock] End the present song and go on with entry TARGET (entry_count: none) as soon as may be. */
void session_go_to(struct dmus_live *live, uint32_t target);
struct deck_config session_deck_config(const struct dmus_live *live, bool for_live);
/* Once, after something big was loaded and before it plays. Without the lock: it takes its time. */
void session_lock_memory(struct dmus_live *live);

#endif
