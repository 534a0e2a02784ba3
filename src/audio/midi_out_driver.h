/* SPDX-License-Identifier: MIT */
/*
 * midi_out_driver.h - what all MIDI outputs have in common. Internal to the room.
 *
 * A driver gives bytes to its device and never waits; midi_out_driver.c keeps the ring, the times and the thread, on which all
 * calls of the driver are made but the first connect, and the last disconnect after the thread's end.
 */
#ifndef DMUS_AUDIO_MIDI_OUT_DRIVER_H
#define DMUS_AUDIO_MIDI_OUT_DRIVER_H

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/log.h"
#include "midi_output.h"
#include "midi_queue.h"

#define MIDI_OUT_FDS 4

struct midi_out_driver {
    const char *name; /* for people */
    size_t size;      /* of the driver's own struct, which begins with a struct midi_output */
    /* Also fills in fds: those that tell when the device can take more. After a failure nothing is left. */
    enum dm_status (*connect)(struct midi_output *out, struct dm_error *err);
    void (*disconnect)(struct midi_output *out);
    /* Hand over what the device takes without waiting: *TAKEN, 0..COUNT. NULL, or a constant that says why it is over. */
    const char *(*write)(struct midi_output *out, const uint8_t *bytes, size_t count, size_t *taken);
    bool comes_back; /* what was lost is looked for again */
};

struct midi_output {
    const struct midi_out_driver *driver;
    struct midi_config config; /* strings are copies */
    char *name, *connect, *client;

    /* On the thread that sends. */
    bool connected;
    struct pollfd fds[MIDI_OUT_FDS];
    unsigned fd_count;
    uint32_t done;      /* bytes of the queue's front that the device took */
    unsigned fruitless; /* times on end that it took nothing */
    int64_t retry, delay;
    uint64_t told;      /* loss that was told, and when last */
    int64_t told_100ns;

    pthread_mutex_t senders; /* one producer of the queue at a time */
    struct midi_queue queue;
    atomic_bool idle; /* the thread waits for the queue */

    atomic_bool gone, quit;
    _Atomic uint64_t accepted, sent, lost, dropped; /* dropped: accepted first, then lost */

    pthread_mutex_t lock; /* the two texts, and what follows is waited for with it */
    pthread_cond_t emptied;
    atomic_uint flushing; /* threads that wait for emptied */
    char port[128], text[200];

    int wake_fd;
    pthread_t thread;
};

/* The open of a kind. */
enum dm_status midi_out_driver_open(const struct midi_out_driver *driver, const struct midi_config *config,
                                    struct midi_output **out, struct dm_error *err);

/* ---- any thread ---- */
void midi_out_driver_set_port(struct midi_output *out, const char *fmt, ...) DM_PRINTF(2, 3);

#endif
