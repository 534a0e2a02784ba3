/* SPDX-License-Identifier: MIT */
/* A MIDI port of JACK. A client of its own, so that it goes with any output. */
#include <stdio.h>
#include <string.h>

#include "jack_common.h"
#include "midi_driver.h"
#include "midi_inputs.h"

struct jack_input {
    struct midi_input in;
    jack_client_t *client;
    jack_port_t *port;
    jack_nframes_t rate;
    atomic_bool unplugged;
};

static int process(jack_nframes_t count, void *arg)
{
    struct jack_input *jack = arg;
    jack_nframes_t first;
    int64_t begin = jack_common_cycle(jack->client, &first);
    struct midi_stamp stamp = {.frame_clock = AUDIO_FRAMES_JACK};
    void *buffer = jack_port_get_buffer(jack->port, count);
    jack_nframes_t events = buffer ? jack_midi_get_event_count(buffer) : 0;
    jack_midi_event_t event;
    for (jack_nframes_t i = 0; i < events; i++) {
        if (jack_midi_event_get(&event, buffer, i))
            continue;
        stamp.time_100ns = begin + (int64_t)event.time * 10000000 / jack->rate;
        stamp.frame = jack_common_frame(first) + event.time;
        midi_driver_bytes(&jack->in, event.buffer, event.size, &stamp);
    }
    if (buffer && jack_midi_get_lost_event_count(buffer))
        midi_driver_gone(&jack->in, begin);
    if (atomic_exchange(&jack->unplugged, false))
        midi_driver_gone(&jack->in, begin);
    midi_driver_idle(&jack->in, begin);
    return 0;
}

static void gone(jack_status_t code, const char *reason, void *arg)
{
    (void)code, (void)reason;
    midi_driver_lost(arg, "the server is gone");
}

/* A sender that leaves disconnects its ports first. */
static void connection(jack_port_id_t a, jack_port_id_t b, int connected, void *arg)
{
    struct jack_input *jack = arg;
    jack_port_t *to = jack_port_by_id(jack->client, b);
    (void)a;
    if (!connected && to == jack->port)
        atomic_store(&jack->unplugged, true);
}

static void jack_disconnect_client(struct midi_input *in)
{
    struct jack_input *jack = (struct jack_input *)in;
    jack_client_close(jack->client);
    jack->client = NULL;
}

/* FROM: a port's name, or the begin of one. */
static enum dm_status connect_sender(struct jack_input *jack, const char *from, struct dm_error *err)
{
    jack_port_t *port = jack_common_port(jack->client, from, JACK_DEFAULT_MIDI_TYPE, JackPortIsOutput, 0);
    if (!port)
        return dm_fail(err, DM_ERR_NOT_FOUND, "JACK MIDI: no sender '%s'", from);
    if (jack_connect(jack->client, jack_port_name(port), jack_port_name(jack->port)))
        return dm_fail(err, DM_ERR_DEVICE, "JACK MIDI: cannot connect to %s", jack_port_name(port));
    return DM_OK;
}

static enum dm_status jack_connect_client(struct midi_input *in, struct dm_error *err)
{
    struct jack_input *jack = (struct jack_input *)in;
    char name[64];
    snprintf(name, sizeof name, "%s-midi", in->config.client);
    enum dm_status status = jack_common_open(name, &jack->client, err);
    if (status != DM_OK)
        return status;
    jack->rate = jack_get_sample_rate(jack->client);
    jack->port = jack_port_register(jack->client, "in", JACK_DEFAULT_MIDI_TYPE, JackPortIsInput, 0);
    jack_set_process_callback(jack->client, process, jack);
    jack_set_port_connect_callback(jack->client, connection, jack);
    jack_on_info_shutdown(jack->client, gone, jack);
    if (!jack->port || jack_activate(jack->client))
        status = dm_fail(err, DM_ERR_DEVICE, "JACK MIDI: the server refuses the port");
    else if (in->config.connect)
        status = connect_sender(jack, in->config.connect, err);
    if (status != DM_OK)
        jack_disconnect_client(in);
    else
        midi_driver_set_port(in, "%s", jack_port_name(jack->port));
    return status;
}

static const struct midi_driver driver = {"JACK MIDI", sizeof(struct jack_input), jack_connect_client, jack_disconnect_client,
                                          true};

static enum dm_status jack_open(const struct midi_config *config, struct midi_input **out, struct dm_error *err)
{
    return midi_driver_open(&driver, config, out, err);
}

static enum dm_status jack_list(midi_port_fn *each, void *ctx, struct dm_error *err)
{
    jack_client_t *client;
    enum dm_status status = jack_common_open("dmus-list", &client, err);
    if (status != DM_OK)
        return status;
    const char **ports = jack_get_ports(client, NULL, JACK_DEFAULT_MIDI_TYPE, JackPortIsOutput);
    for (size_t i = 0; ports && ports[i]; i++)
        each(ctx, &(struct midi_port){ports[i], ports[i]});
    jack_free(ports);
    jack_client_close(client);
    return DM_OK;
}

const struct midi_input_ops midi_jack = {"jack", "a port of JACK, stamped to the frame", jack_open, midi_input_close, jack_list};
