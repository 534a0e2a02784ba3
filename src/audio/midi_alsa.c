/* SPDX-License-Identifier: MIT */
/* A named port of the ALSA sequencer. */
#include <poll.h>
#include <stdio.h>

#include "alsa_common.h"
#include "alsa_library.h"
#include "base/clock.h"
#include "midi_driver.h"
#include "midi_inputs.h"

#define POOL     2000 /* events that the kernel keeps for us: its greatest number */
#define FDS_MAX  4
#define BYTES    512 /* of one event; system exclusives come in pieces of 256 */

struct alsa_input {
    struct midi_input in;
    snd_seq_t *seq;
    snd_midi_event_t *decoder;
    int port;
    struct midi_reader reader;
    struct pollfd fds[FDS_MAX];
};

static void take_event(struct alsa_input *alsa, snd_seq_event_t *event, const struct midi_stamp *stamp)
{
    uint8_t bytes[BYTES];
    if (event->type == SND_SEQ_EVENT_SYSEX) {
        midi_driver_bytes(&alsa->in, event->data.ext.ptr, event->data.ext.len, stamp);
    } else if (event->type == SND_SEQ_EVENT_PORT_UNSUBSCRIBED) {
        midi_driver_gone(&alsa->in, stamp->time_100ns);
    } else {
        long count = snd_midi_event_decode(alsa->decoder, bytes, sizeof bytes, event);
        if (count > 0)
            midi_driver_bytes(&alsa->in, bytes, (size_t)count, stamp);
    }
}

static const char *take(struct midi_input *in)
{
    struct alsa_input *alsa = (struct alsa_input *)in;
    snd_seq_event_t *event;
    do {
        int left = snd_seq_event_input(alsa->seq, &event);
        struct midi_stamp stamp = {.time_100ns = clock_now_100ns()};
        if (left == -EAGAIN)
            return NULL;
        if (left == -ENOSPC) /* the kernel had no room for all of it */
            midi_driver_gone(in, stamp.time_100ns);
        else if (left < 0)
            return "the sequencer is gone";
        else
            take_event(alsa, event, &stamp);
    } while (snd_seq_event_input_pending(alsa->seq, 0) > 0);
    return NULL;
}

static void close_seq(struct alsa_input *alsa)
{
    if (alsa->decoder)
        snd_midi_event_free(alsa->decoder);
    snd_seq_close(alsa->seq);
    alsa->decoder = NULL;
}

static void alsa_disconnect(struct midi_input *in)
{
    struct alsa_input *alsa = (struct alsa_input *)in;
    midi_reader_stop(&alsa->reader);
    close_seq(alsa);
}

static enum dm_status connect_sender(struct alsa_input *alsa, const char *from, struct dm_error *err)
{
    snd_seq_addr_t address;
    if (snd_seq_parse_address(alsa->seq, &address, from) < 0)
        return dm_fail(err, DM_ERR_NOT_FOUND, "ALSA MIDI: no sender '%s'", from);
    int error = snd_seq_connect_from(alsa->seq, alsa->port, address.client, address.port);
    return error < 0 ? dm_fail(err, DM_ERR_DEVICE, "ALSA MIDI: cannot connect to %s: %s", from, snd_strerror(error)) : DM_OK;
}

static int create_port(struct alsa_input *alsa)
{
    snd_seq_set_client_name(alsa->seq, alsa->in.config.client);
    snd_seq_set_client_pool_input(alsa->seq, POOL);
    alsa->port = snd_seq_create_simple_port(alsa->seq, "midi in", SND_SEQ_PORT_CAP_WRITE | SND_SEQ_PORT_CAP_SUBS_WRITE,
                                            SND_SEQ_PORT_TYPE_MIDI_GENERIC | SND_SEQ_PORT_TYPE_SYNTHESIZER |
                                                SND_SEQ_PORT_TYPE_SOFTWARE | SND_SEQ_PORT_TYPE_APPLICATION);
    if (alsa->port < 0)
        return alsa->port;
    int error = snd_midi_event_new(BYTES, &alsa->decoder);
    if (error == 0)
        snd_midi_event_no_status(alsa->decoder, 1);
    return error;
}

static enum dm_status alsa_connect(struct midi_input *in, struct dm_error *err)
{
    struct alsa_input *alsa = (struct alsa_input *)in;
    enum dm_status status = alsa_common_begin(err);
    if (status != DM_OK)
        return status;
    int error = snd_seq_open(&alsa->seq, "default", SND_SEQ_OPEN_INPUT, SND_SEQ_NONBLOCK);
    if (error < 0)
        return dm_fail(err, DM_ERR_DEVICE, "ALSA MIDI: no sequencer: %s", snd_strerror(error));
    error = create_port(alsa);
    status = error < 0 ? dm_fail(err, DM_ERR_DEVICE, "ALSA MIDI: %s", snd_strerror(error)) : DM_OK;
    if (status == DM_OK && in->config.connect)
        status = connect_sender(alsa, in->config.connect, err);
    if (status == DM_OK) {
        int fds = snd_seq_poll_descriptors(alsa->seq, alsa->fds, FDS_MAX, POLLIN);
        midi_driver_set_port(in, "%d:%d", snd_seq_client_id(alsa->seq), alsa->port);
        if (fds <= 0 || !midi_reader_start(&alsa->reader, in, alsa->fds, (unsigned)fds, take))
            status = dm_fail(err, DM_ERR_NOMEM, "ALSA MIDI: no thread");
    }
    if (status != DM_OK)
        close_seq(alsa);
    return status;
}

static const struct midi_driver driver = {"ALSA MIDI", sizeof(struct alsa_input), alsa_connect, alsa_disconnect, true};

static enum dm_status alsa_open(const struct midi_config *config, struct midi_input **out, struct dm_error *err)
{
    return midi_driver_open(&driver, config, out, err);
}

static enum dm_status alsa_list(midi_port_fn *each, void *ctx, struct dm_error *err)
{
    return alsa_common_list_ports(SND_SEQ_PORT_CAP_READ | SND_SEQ_PORT_CAP_SUBS_READ, each, ctx, err);
}

const struct midi_input_ops midi_alsa = {"alsa", "a port of the ALSA sequencer", alsa_open, midi_input_close, alsa_list};
