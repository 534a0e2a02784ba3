/* SPDX-License-Identifier: MIT */
/*
 * midi_output.h - where MIDI goes now: one small file per kind behind one table, as midi_input.h, part of audio_devices_dep.
 *
 *     alsa      a named port of the ALSA sequencer; connect "client:port" makes it send there
 *     rawmidi   an ALSA rawmidi device, name "hw:1,0"
 *     raw       bytes as on the wire, to a FIFO, pty, device, file that is there, or socket; name a path, "-" standard output, or
 *               "fd:N", which is made non-blocking while it is open
 *
 * What is sent waits in a ring until its time, and a thread of the output's own gives it to the device. Bytes leave in the
 * order in which they were sent, none before its time; one with an earlier time than the one before it leaves right behind that.
 * No sender ever waits for the device. If it takes less than it is sent, if it is unplugged or its other side closes, what
 * finds no room is lost whole, counted, and told in the log (area "midi").
 *
 * Functions are midi_out_*: midi_output_* are the kernel half's, and `dmus` is linked with both.
 */
#ifndef DMUS_AUDIO_MIDI_OUTPUT_H
#define DMUS_AUDIO_MIDI_OUTPUT_H

#include "midi_input.h" /* midi_config, midi_port */

struct midi_output;

struct midi_output_state {
    bool gone;        /* unplugged, server lost, other side closed; alsa and rawmidi are looked for again */
    uint64_t sent;    /* bytes that the device took */
    uint64_t waiting; /* in the ring */
    uint64_t lost;    /* for want of room, of a device, or because of close */
    char port[128];   /* under which others find it: "128:0" */
    char text[200];   /* the last thing that happened, one line, or "" */
};

struct midi_output_ops {
    const char *name;
    const char *description; /* one line for lists */
    /* midi_config: connect is whom to send to; sysex_max the longest piece that midi_out_send takes; as_bytes has no meaning.
     * DM_ERR_DEVICE, DM_ERR_OPEN (path), DM_ERR_NOT_FOUND (connect), DM_ERR_ARGUMENT, DM_ERR_NOMEM. */
    enum dm_status (*open)(const struct midi_config *config, struct midi_output **out, struct dm_error *err);
    /* Receivers. DM_OK, or DM_ERR_DEVICE if the server is not there. NULL: nothing to list. */
    enum dm_status (*list)(midi_port_fn *each, void *ctx, struct dm_error *err);
};

/* NULL-terminated, first choice first. */
extern const struct midi_output_ops *const midi_outputs[];
const struct midi_output_ops *midi_out_find(const char *name); /* NULL if unknown or not built in */
/* Open by "KIND" or "KIND:NAME", as midi_input_open; "alsa:CLIENT:PORT" is alsa with connect. DM_ERR_NOT_FOUND names the kinds. */
enum dm_status midi_out_open(const char *spec, const struct midi_config *config, struct midi_output **out,
                                struct dm_error *err);
/* At once: what still waits is lost. No other thread uses OUT any more. NULL allowed. */
void midi_out_close(struct midi_output *out);

/* COUNT bytes, to leave at TIME_100NS of clock_now_100ns, 0: now. Whole messages or parts of them; senders on several threads send
 * whole ones, of up to sysex_max bytes, since only a call's bytes stay together. false: lost. Any thread; senders wait for
 * each other while bytes are copied, and for nothing else. */
bool midi_out_send(struct midi_output *out, const uint8_t *bytes, size_t count, int64_t time_100ns);

/* Wait until the device took all that was sent before: false if it is gone or the time is over. Any thread. */
bool midi_out_flush(struct midi_output *out, int64_t timeout_100ns);

/* Any thread. */
void midi_out_state(struct midi_output *out, struct midi_output_state *state);

#endif
