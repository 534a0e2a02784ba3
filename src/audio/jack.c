/* SPDX-License-Identifier: MIT */
/* JACK: one port per channel, pulled from in the server's cycle. Rate and period are the server's. */
#include <stdio.h>
#include <string.h>

#include "device.h"
#include "jack_common.h"
#include "outputs.h"

struct jack_device {
    struct device device;
    jack_client_t *client;
    jack_port_t *ports[2];
    int64_t next_frame; /* that the next cycle should begin with */
};

static const struct device_driver driver;

/* ---- on the server's thread ---- */

static int process(jack_nframes_t count, void *arg)
{
    struct jack_device *jack = arg;
    struct device *device = &jack->device;
    jack_nframes_t first;
    struct device_beat beat = {.asked_100ns = jack_common_cycle(jack->client, &first)};
    beat.frame = jack_common_frame(first);
    int64_t gap = jack->next_frame ? beat.frame - jack->next_frame : 0;
    beat.lost = gap > 0 && gap < INT32_MAX ? (uint32_t)gap : 0;
    jack->next_frame = beat.frame + count;
    float *left = jack_port_get_buffer(jack->ports[0], count);
    float *right = jack->ports[1] ? jack_port_get_buffer(jack->ports[1], count) : NULL;
    if (!left || count > DEVICE_PULL_MAX) /* 8192: refused in connect, and nobody changes to it while we play */
        return 0;
    device_pull_planes(device, left, right, count, &beat);
    return 0;
}

/* ---- on the library's other threads ---- */

static void gone(jack_status_t code, const char *reason, void *arg)
{
    (void)code, (void)reason;
    device_lost(arg, "the server is gone");
}

static int xrun(void *arg)
{
    device_count_xrun(arg);
    return 0;
}

static void look_at_latency(jack_latency_callback_mode_t mode, void *arg)
{
    struct jack_device *jack = arg;
    jack_latency_range_t range;
    if (mode != JackPlaybackLatency)
        return;
    jack_port_get_latency_range(jack->ports[0], mode, &range);
    device_set_latency(&jack->device, range.max);
}

static int new_period(jack_nframes_t frames, void *arg)
{
    struct jack_device *jack = arg;
    if (frames > DEVICE_PULL_MAX)
        device_lost(&jack->device, "the server's period is too long");
    return 0;
}

/* ---- connecting ---- */

static void jack_disconnect_client(struct device *device)
{
    struct jack_device *jack = (struct jack_device *)device;
    jack_client_close(jack->client);
    jack->client = NULL;
}

static enum dm_status register_ports(struct jack_device *jack, struct dm_error *err)
{
    static const char *const stereo[] = {"out_left", "out_right"};
    for (uint32_t i = 0; i < jack->device.config.channels; i++) {
        const char *name = jack->device.config.channels == 1 ? "out" : stereo[i];
        jack->ports[i] = jack_port_register(jack->client, name, JACK_DEFAULT_AUDIO_TYPE, JackPortIsOutput, 0);
        if (!jack->ports[i])
            return dm_fail(err, DM_ERR_DEVICE, "JACK: no port is left");
    }
    return DM_OK;
}

static void set_callbacks(struct jack_device *jack)
{
    jack_set_process_callback(jack->client, process, jack);
    jack_on_info_shutdown(jack->client, gone, jack);
    jack_set_xrun_callback(jack->client, xrun, jack);
    jack_set_latency_callback(jack->client, look_at_latency, jack);
    jack_set_buffer_size_callback(jack->client, new_period, jack);
}

static enum dm_status jack_connect_client(struct device *device, struct audio_info *info, struct dm_error *err)
{
    struct jack_device *jack = (struct jack_device *)device;
    enum dm_status status = jack_common_open(device->config.client, &jack->client, err);
    if (status != DM_OK)
        return status;
    jack_nframes_t rate = jack_get_sample_rate(jack->client), period = jack_get_buffer_size(jack->client);
    if (device->config.sample_rate && device->config.sample_rate != rate)
        status = dm_fail(err, DM_ERR_UNSUPPORTED, "JACK: the server runs at %lu Hz, not %lu", (unsigned long)rate,
                         (unsigned long)device->config.sample_rate);
    else if (period > DEVICE_PULL_MAX)
        status = dm_fail(err, DM_ERR_UNSUPPORTED, "JACK: the server's period of %lu frames is too long", (unsigned long)period);
    else
        status = register_ports(jack, err);
    if (status != DM_OK) {
        jack_disconnect_client(device);
        return status;
    }
    set_callbacks(jack);
    info->sample_rate = rate;
    info->channels = device->config.channels;
    info->format = SAMPLE_F32;
    info->period_frames = period;
    info->frame_clock = AUDIO_FRAMES_JACK;
    snprintf(info->device, sizeof info->device, "%s", jack_get_client_name(jack->client));
    return DM_OK;
}

/* The ports whose names begin with the device's, else the first physical ones; one channel goes to the first two. */
static void connect_ports(struct jack_device *jack)
{
    const struct audio_config *config = &jack->device.config;
    const unsigned long flags = JackPortIsInput | (config->device ? 0 : JackPortIsPhysical);
    for (uint32_t i = 0; i < 2; i++) {
        jack_port_t *to = jack_common_port(jack->client, config->device, JACK_DEFAULT_AUDIO_TYPE, flags, i);
        if (to)
            jack_connect(jack->client, jack_port_name(jack->ports[config->channels == 1 ? 0 : i]), jack_port_name(to));
        else if (i == 0)
            device_note(&jack->device, LOG_WARNING, "no port to play to%s%s", config->device ? " called " : "",
                        config->device ? config->device : "");
    }
}

static enum dm_status jack_run(struct device *device, struct dm_error *err)
{
    struct jack_device *jack = (struct jack_device *)device;
    jack->next_frame = 0;
    if (jack_activate(jack->client))
        return dm_fail(err, DM_ERR_DEVICE, "JACK: the server does not start the client");
    struct realtime_grant grant;
    realtime_look_at(jack_client_thread_id(jack->client), &grant);
    device_set_grant(device, &grant);
    if (!device->config.no_connect)
        connect_ports(jack);
    return DM_OK;
}

static void jack_halt(struct device *device)
{
    struct jack_device *jack = (struct jack_device *)device;
    jack_deactivate(jack->client);
}

/* ---- the table's side ---- */

static enum dm_status jack_open(const struct audio_config *config, struct audio_output **out, struct dm_error *err)
{
    return device_open(&driver, config, out, err);
}

/* Clients with inputs, by the names of their ports up to the colon. */
static enum dm_status jack_list(audio_device_fn *each, void *ctx, struct dm_error *err)
{
    jack_client_t *client;
    char last[256] = "";
    enum dm_status status = jack_common_open("dmus-list", &client, err);
    if (status != DM_OK)
        return status;
    const char **ports = jack_get_ports(client, NULL, JACK_DEFAULT_AUDIO_TYPE, JackPortIsInput);
    for (size_t i = 0; ports && ports[i]; i++) {
        char name[256];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(ports[i], ":"), ports[i]);
        jack_port_t *port = jack_port_by_name(client, ports[i]);
        bool physical = port && (jack_port_flags(port) & JackPortIsPhysical);
        if (strcmp(name, last))
            each(ctx, &(struct audio_device){name, ports[i], physical});
        snprintf(last, sizeof last, "%s", name);
    }
    jack_free(ports);
    jack_client_close(client);
    return DM_OK;
}

const struct audio_output_ops audio_jack = {
    .name = "jack",
    .description = "JACK",
    .open = jack_open,
    .list = jack_list,
    DEVICE_OPS,
};

static const struct device_driver driver = {
    "JACK",   &audio_jack, sizeof(struct jack_device),
    jack_connect_client, jack_run, jack_halt, jack_disconnect_client,
};
