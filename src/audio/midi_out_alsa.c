/* SPDX-License-Identifier: MIT */
/* A named port of the ALSA sequencer that others can listen to. Times are kept by our own thread: events leave as direct ones. */
#include "alsa_common.h"
#include "alsa_library.h"
#include "midi_out_driver.h"
#include "midi_outputs.h"

#define POOL  2000 /* events that the kernel keeps for us: its greatest number */
#define PIECE 256  /* of a system exclusive: as long as other clients send them */

struct alsa_output {
    struct midi_output out;
    snd_seq_t *seq;
    snd_midi_event_t *encoder;
    snd_seq_event_t event; /* encoded, but not yet taken */
    bool pending;
    size_t held; /* bytes that the event was made of */
    int port;
};

/* An event that finds no room is kept with its bytes, which do not count as taken until the sequencer took it. */
static int put_event(struct alsa_output *alsa, size_t *taken)
{
    int error = snd_seq_event_output_direct(alsa->seq, &alsa->event);
    alsa->pending = error == -EAGAIN;
    if (!alsa->pending)
        *taken += alsa->held;
    return error;
}

static const char *alsa_write(struct midi_output *out, const uint8_t *bytes, size_t count, size_t *taken)
{
    struct alsa_output *alsa = (struct alsa_output *)out;
    int error = alsa->pending ? put_event(alsa, taken) : 0;
    while (error >= 0 && *taken < count) {
        snd_seq_ev_clear(&alsa->event);
        long used = snd_midi_event_encode(alsa->encoder, bytes + *taken, (long)(count - *taken), &alsa->event);
        alsa->held = used > 0 ? (size_t)used : 1; /* of which no event can be made */
        if (used <= 0 || alsa->event.type == SND_SEQ_EVENT_NONE) {
            *taken += alsa->held;
            continue;
        }
        snd_seq_ev_set_source(&alsa->event, (unsigned char)alsa->port);
        snd_seq_ev_set_subs(&alsa->event);
        snd_seq_ev_set_direct(&alsa->event);
        error = put_event(alsa, taken);
    }
    return error == -ENODEV || error == -EBADFD ? "the sequencer is gone" : NULL;
}

static void alsa_disconnect(struct midi_output *out)
{
    struct alsa_output *alsa = (struct alsa_output *)out;
    if (alsa->encoder)
        snd_midi_event_free(alsa->encoder);
    snd_seq_close(alsa->seq);
    alsa->encoder = NULL;
    alsa->pending = false;
}

static enum dm_status connect_receiver(struct alsa_output *alsa, const char *to, struct dm_error *err)
{
    snd_seq_addr_t address;
    if (snd_seq_parse_address(alsa->seq, &address, to) < 0)
        return dm_fail(err, DM_ERR_NOT_FOUND, "ALSA MIDI out: no receiver '%s'", to);
    int error = snd_seq_connect_to(alsa->seq, alsa->port, address.client, address.port);
    return error < 0 ? dm_fail(err, DM_ERR_DEVICE, "ALSA MIDI out: cannot connect to %s: %s", to, snd_strerror(error)) : DM_OK;
}

static int create_port(struct alsa_output *alsa)
{
    snd_seq_set_client_name(alsa->seq, alsa->out.config.client);
    snd_seq_set_client_pool_output(alsa->seq, POOL);
    alsa->port = snd_seq_create_simple_port(alsa->seq, "midi out", SND_SEQ_PORT_CAP_READ | SND_SEQ_PORT_CAP_SUBS_READ,
                                            SND_SEQ_PORT_TYPE_MIDI_GENERIC | SND_SEQ_PORT_TYPE_SOFTWARE |
                                                SND_SEQ_PORT_TYPE_APPLICATION);
    return alsa->port < 0 ? alsa->port : snd_midi_event_new(PIECE, &alsa->encoder);
}

static enum dm_status alsa_connect(struct midi_output *out, struct dm_error *err)
{
    struct alsa_output *alsa = (struct alsa_output *)out;
    enum dm_status status = alsa_common_begin(err);
    if (status != DM_OK)
        return status;
    int error = snd_seq_open(&alsa->seq, "default", SND_SEQ_OPEN_OUTPUT, SND_SEQ_NONBLOCK);
    if (error < 0)
        return dm_fail(err, DM_ERR_DEVICE, "ALSA MIDI out: no sequencer: %s", snd_strerror(error));
    error = create_port(alsa);
    status = error < 0 ? dm_fail(err, DM_ERR_DEVICE, "ALSA MIDI out: %s", snd_strerror(error)) : DM_OK;
    if (status == DM_OK && out->config.connect)
        status = connect_receiver(alsa, out->config.connect, err);
    if (status != DM_OK) {
        alsa_disconnect(out);
        return status;
    }
    int fds = snd_seq_poll_descriptors(alsa->seq, out->fds, MIDI_OUT_FDS, POLLOUT);
    out->fd_count = fds > 0 ? (unsigned)fds : 0;
    midi_out_driver_set_port(out, "%d:%d", snd_seq_client_id(alsa->seq), alsa->port);
    return DM_OK;
}

static const struct midi_out_driver driver = {"ALSA MIDI out", sizeof(struct alsa_output), alsa_connect, alsa_disconnect, alsa_write,
                                              true};

static enum dm_status alsa_open(const struct midi_config *config, struct midi_output **out, struct dm_error *err)
{
    return midi_out_driver_open(&driver, config, out, err);
}

static enum dm_status alsa_list(midi_port_fn *each, void *ctx, struct dm_error *err)
{
    return alsa_common_list_ports(SND_SEQ_PORT_CAP_WRITE | SND_SEQ_PORT_CAP_SUBS_WRITE, each, ctx, err);
}

const struct midi_output_ops midi_out_alsa = {"alsa", "a port of the ALSA sequencer", alsa_open, alsa_list};
