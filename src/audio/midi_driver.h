/* SPDX-License-Identifier: MIT */
/*
 * midi_driver.h - what all MIDI inputs have in common. Internal to the room.
 *
 * A driver receives; midi_input.c parses, stamps and queues what it hands in,
 * and, for a driver that lost its server, looks for it again on a thread of
 * its own. connect and disconnect are called by one thread at a time.
 */
#ifndef DMUS_AUDIO_MIDI_DRIVER_H
#define DMUS_AUDIO_MIDI_DRIVER_H

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "base/log.h"
#include "base/midi_parser.h"
#include "midi_input.h"
#include "midi_queue.h"

struct midi_driver {
    const char *name; /* for people */
    size_t size;      /* of the driver's own struct, which begins with a struct midi_input */
    enum dm_status (*connect)(struct midi_input *in, struct dm_error *err); /* and receive. After a failure nothing is left */
    void (*disconnect)(struct midi_input *in); /* nothing is received after it returns */
    bool comes_back; /* what was lost is looked for again */
};

/* When a chunk came. */
struct midi_stamp {
    int64_t time_100ns, frame;
    enum audio_frame_clock frame_clock;
};

struct midi_input {
    const struct midi_driver *driver;
    struct midi_config config; /* strings are copies */
    char *name, *connect, *client;
    bool connected;

    /* On the thread that receives. */
    struct midi_queue queue;
    struct midi_parser parser;
    struct midi_stamp stamp; /* of the chunk that is parsed */
    uint8_t *sysex;          /* config.sysex_max bytes */
    uint32_t sysex_size;
    bool sysex_too_long, owes_gone; /* owes_gone: MIDI_GONE found no room yet */
    bool sensing;            /* active sensing was heard */
    int64_t heard_100ns;     /* the last byte */

    sem_t filled; /* for midi_input_wait */
    atomic_bool waiting;

    atomic_bool gone;
    _Atomic uint64_t messages;
    atomic_uint lost, sysex_refused, stray;
    _Atomic(const char *) reason; /* why it is gone */

    pthread_mutex_t lock; /* the two texts */
    char port[128], text[200];

    int wake_fd; /* of the thread that looks after it */
    atomic_bool quit;
    bool watched;
    pthread_t watcher;
};

/* The open of a kind. */
enum dm_status midi_driver_open(const struct midi_driver *driver, const struct midi_config *config, struct midi_input **out,
                                struct dm_error *err);

/* ---- for the thread that receives; real-time safe ---- */

/* Bytes as on the wire, cut anywhere, that came at STAMP. */
void midi_driver_bytes(struct midi_input *in, const uint8_t *bytes, size_t count, const struct midi_stamp *stamp);
/* Now and then, at least every 100 ms while nothing comes: time passes. */
void midi_driver_idle(struct midi_input *in, int64_t now_100ns);
/* The sender left, or messages were lost on the way. */
void midi_driver_gone(struct midi_input *in, int64_t now_100ns);

/* ---- any thread ---- */

/* The end of it, until it is found again. REASON: a constant. */
void midi_driver_lost(struct midi_input *in, const char *reason);
void midi_driver_set_port(struct midi_input *in, const char *fmt, ...) DM_PRINTF(2, 3);
void midi_driver_note(struct midi_input *in, enum log_level level, const char *fmt, ...) DM_PRINTF(3, 4);

/* ---- reading file descriptors (midi_reader.c) ---- */

struct pollfd;
/* A thread that waits for its files and hands what READ gives to midi_driver_bytes. */
struct midi_reader {
    struct midi_input *in;
    pthread_t thread;
    int stop_fd;
    const struct pollfd *fds;
    unsigned fd_count;
    /* Take what is there and hand it in. NULL, or a constant that says why it is over. */
    const char *(*take)(struct midi_input *in);
};
/* FDS stay the caller's until midi_reader_stop. False: no thread. */
bool midi_reader_start(struct midi_reader *reader, struct midi_input *in, const struct pollfd *fds, unsigned fd_count,
                       const char *(*take)(struct midi_input *in));
void midi_reader_stop(struct midi_reader *reader);

#endif
