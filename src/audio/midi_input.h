/* SPDX-License-Identifier: MIT */
/*
 * midi_input.h - where live MIDI comes from: one small file per kind behind one table, part of audio_devices_dep.
 *
 *     alsa      a named port of the ALSA sequencer; connect "client:port" makes it listen there
 *     jack      a port of JACK, stamped to the frame
 *     pipewire  a port of PipeWire, stamped to the frame
 *     rawmidi   an ALSA rawmidi device, name "hw:1,0"
 *     raw       bytes as on the wire, from a file, FIFO, pty or device; name a path, "-" standard input, or "fd:N"
 *
 * An opened input receives on a thread of its own, or of its server, and puts
 * whole messages, each with its time of arrival, into a queue without locks.
 * One thread takes them out with midi_input_peek and midi_input_drop, which
 * are real-time safe: they neither allocate, lock, wait nor call the system.
 *
 * Running status is undone, note-on of velocity 0 stays what it is, real-time
 * bytes inside a system exclusive come before it. Active sensing is not handed
 * on: if a sender that began it is silent for 330 ms (MIDI 1.0), a message
 * MIDI_GONE is put into the queue. So it is when a port is unplugged or a
 * server dies, and after a flood filled the queue: notes may hang, and whoever
 * plays them should end them.
 */
#ifndef DMUS_AUDIO_MIDI_INPUT_H
#define DMUS_AUDIO_MIDI_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "output.h"

enum midi_message_kind {
    MIDI_BYTES, /* one message: 1..3 bytes with its status, or a system exclusive F0 ... F7; as_bytes: any bytes */
    MIDI_GONE   /* no bytes: the sender fell silent, left, or something was lost before this */
};

struct midi_message {
    enum midi_message_kind kind;
    int64_t time_100ns; /* arrival, of clock_now_100ns; of what comes with a frame, that frame's time */
    int64_t frame;      /* of FRAME_CLOCK */
    enum audio_frame_clock frame_clock; /* AUDIO_FRAMES_OWN: frame has no meaning */
    const uint8_t *bytes; /* valid until midi_input_drop */
    uint32_t size;
};

struct midi_config {
    const char *name;    /* kinds above: which device or path; NULL where the kind needs none */
    const char *connect; /* alsa, jack, pipewire: a sender to listen to, NULL for none: others will connect */
    const char *client;  /* name shown by servers, NULL for "dmus" */
    uint32_t sysex_max;  /* bytes of the longest system exclusive taken, 0 for 64 KiB; at most 16 MiB. Longer ones are left out,
                          * counted and logged */
    bool as_bytes;       /* pieces of what comes instead of messages, of up to 4096 bytes: nothing is undone, reordered or left out,
                          * active sensing and its silence are the taker's. lost then counts bytes */
};

struct midi_state {
    bool gone;               /* end of file, unplugged, server lost; servers are looked for again, as in output.h */
    uint64_t messages;       /* put into the queue */
    uint32_t lost;           /* left out for want of room */
    uint32_t sysex_refused;  /* longer than sysex_max */
    uint32_t stray_bytes;    /* that belong to no message, and unfinished messages */
    char port[128];          /* under which others find it: "dmus:midi in", "128:0" */
    char text[200];          /* the last thing that happened, one line, or "" */
};

struct midi_input;

struct midi_port { /* one line of --list-midi; strings live during the call */
    const char *name;        /* for midi_config.name or .connect */
    const char *description;
};
typedef void midi_port_fn(void *ctx, const struct midi_port *port);

struct midi_input_ops {
    const char *name;
    const char *description; /* one line for --list-midi */
    /* DM_ERR_DEVICE, DM_ERR_OPEN (path), DM_ERR_NOT_FOUND (connect), DM_ERR_ARGUMENT, DM_ERR_NOMEM. */
    enum dm_status (*open)(const struct midi_config *config, struct midi_input **out, struct dm_error *err);
    /* Ends the thread; nothing waits for senders. */
    void (*close)(struct midi_input *in);
    /* DM_OK, or DM_ERR_DEVICE if the server is not there. NULL: nothing to list. */
    enum dm_status (*list)(midi_port_fn *each, void *ctx, struct dm_error *err);
};

/* NULL-terminated, first choice first. */
extern const struct midi_input_ops *const midi_inputs[];
const struct midi_input_ops *midi_input_find(const char *name); /* NULL if unknown or not built in */
/* Open by "KIND" or "KIND:NAME": "alsa", "rawmidi:hw:1,0", "raw:/tmp/fifo"; config->name is then not looked at. NULL: the first
 * of the table that opens without a name. DM_ERR_NOT_FOUND names the kinds there are. */
enum dm_status midi_input_open(const char *spec, const struct midi_config *config, struct midi_input **out,
                               struct dm_error *err);
void midi_input_close(struct midi_input *in); /* NULL allowed */

/* The oldest message, or false. Real-time safe; one consumer. */
bool midi_input_peek(struct midi_input *in, struct midi_message *message);
void midi_input_drop(struct midi_input *in); /* after a peek that gave true */

/* Wait until there is a message, or the time is over: false. For consumers that are not real time, instead of polling. */
bool midi_input_wait(struct midi_input *in, int64_t timeout_100ns);

/* Any thread. */
void midi_input_state(struct midi_input *in, struct midi_state *state);

#endif
