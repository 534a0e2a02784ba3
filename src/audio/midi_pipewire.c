/* SPDX-License-Identifier: MIT */
/* A MIDI port of PipeWire: a filter with nothing but that. */
#include <spa/control/control.h>
#include <spa/pod/iter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "midi_driver.h"
#include "midi_inputs.h"
#include "pipewire_common.h"

struct pipewire_input {
    struct midi_input in;
    struct pipewire pw;
    struct pw_filter *filter;
    struct spa_hook filter_hook;
    void *port;
    struct pw_proxy *link; /* from config.connect, or NULL */
};

#define LOOKS   40 /* for our own port, which the server tells of a little later */
#define LOOK_MS 50

/* ---- on the server's thread ---- */

static void take_sequence(struct pipewire_input *pipe, const struct spa_pod_sequence *sequence,
                          const struct spa_io_position *position)
{
    const struct spa_io_clock *clock = &position->clock;
    const struct spa_pod_control *control;
    SPA_POD_SEQUENCE_FOREACH(sequence, control) {
        struct midi_stamp stamp = {.time_100ns = (int64_t)(clock->nsec / 100)};
        if (control->type != SPA_CONTROL_Midi)
            continue;
        if (clock->rate.denom) {
            if (clock->id == atomic_load(&pipewire_output_clock))
                stamp.frame_clock = AUDIO_FRAMES_PIPEWIRE;
            stamp.frame = (int64_t)clock->position + control->offset;
            stamp.time_100ns += (int64_t)control->offset * CLOCK_100NS_PER_SECOND * clock->rate.num / clock->rate.denom;
        }
        midi_driver_bytes(&pipe->in, SPA_POD_BODY(&control->value), SPA_POD_BODY_SIZE(&control->value), &stamp);
    }
}

static void process(void *ctx, struct spa_io_position *position)
{
    struct pipewire_input *pipe = ctx;
    struct pw_buffer *buffer = pw_filter_dequeue_buffer(pipe->port);
    if (buffer && position) {
        const struct spa_data *data = &buffer->buffer->datas[0];
        const struct spa_pod *pod = NULL;
        if (data->data)
            pod = spa_pod_from_data(data->data, data->maxsize, data->chunk->offset, data->chunk->size);
        if (pod && spa_pod_is_sequence(pod))
            take_sequence(pipe, (const struct spa_pod_sequence *)pod, position);
    }
    if (buffer)
        pw_filter_queue_buffer(pipe->port, buffer);
    midi_driver_idle(&pipe->in, position ? (int64_t)(position->clock.nsec / 100) : clock_now_100ns());
}

/* ---- on the loop's thread ---- */

static void state_changed(void *ctx, enum pw_filter_state old, enum pw_filter_state state, const char *error)
{
    (void)old;
    if (state == PW_FILTER_STATE_ERROR) {
        log_at(LOG_INFO, "pipewire", "%s", error ? error : "filter error");
        midi_driver_lost(ctx, "the port failed");
    }
}

static void server_gone(void *ctx) { midi_driver_lost(ctx, "the server is gone"); }

static const struct pw_filter_events filter_events = {
    PW_VERSION_FILTER_EVENTS,
    .state_changed = state_changed,
    .process = process,
};

/* ---- connecting ---- */

static void pipe_disconnect(struct midi_input *in)
{
    struct pipewire_input *pipe = (struct pipewire_input *)in;
    if (pipe->filter) {
        pw_thread_loop_lock(pipe->pw.loop);
        if (pipe->link)
            pw_proxy_destroy(pipe->link);
        pipe->link = NULL;
        spa_hook_remove(&pipe->filter_hook);
        pw_filter_destroy(pipe->filter);
        pipe->filter = NULL;
        pw_thread_loop_unlock(pipe->pw.loop);
    }
    pipewire_close(&pipe->pw);
}

/* [loop locked] */
static int create_filter(struct pipewire_input *pipe)
{
    struct pw_properties *props =
        pw_properties_new(PW_KEY_MEDIA_TYPE, "Midi", PW_KEY_MEDIA_CATEGORY, "Playback", PW_KEY_MEDIA_ROLE, "DSP",
                          PW_KEY_NODE_NAME, pipe->in.config.client, PW_KEY_APP_NAME, "dmus", PW_KEY_NODE_ALWAYS_PROCESS, "true",
                          NULL);
    pipe->filter = pw_filter_new(pipe->pw.core, pipe->in.config.client, props);
    if (!pipe->filter)
        return -ENOMEM;
    pw_filter_add_listener(pipe->filter, &pipe->filter_hook, &filter_events, pipe);
    pipe->port = pw_filter_add_port(pipe->filter, PW_DIRECTION_INPUT, PW_FILTER_PORT_FLAG_MAP_BUFFERS, 1,
                                    pw_properties_new(PW_KEY_FORMAT_DSP, "8 bit raw midi", PW_KEY_PORT_NAME, "in", NULL), NULL,
                                    0);
    return pipe->port ? pw_filter_connect(pipe->filter, PW_FILTER_FLAG_RT_PROCESS, NULL, 0) : -ENOMEM;
}

struct search {
    const char *begin;  /* of the sender's name */
    uint32_t node;      /* ours */
    uint32_t from, to;  /* ports; SPA_ID_INVALID: not found */
};

static bool begins(const char *name, const char *with) { return name && strncmp(name, with, strlen(with)) == 0; }

static void look_at_port(void *ctx, uint32_t id, const char *type, const struct spa_dict *props)
{
    struct search *search = ctx;
    if (strcmp(type, PW_TYPE_INTERFACE_Port))
        return;
    const char *format = spa_dict_lookup(props, PW_KEY_FORMAT_DSP), *direction = spa_dict_lookup(props, PW_KEY_PORT_DIRECTION);
    const char *node = spa_dict_lookup(props, PW_KEY_NODE_ID);
    if (!format || !strstr(format, "midi") || !direction)
        return;
    if (strcmp(direction, "in") == 0 && node && strtoul(node, NULL, 10) == search->node)
        search->to = id;
    else if (strcmp(direction, "out") == 0 && search->from == SPA_ID_INVALID &&
             (begins(spa_dict_lookup(props, PW_KEY_OBJECT_PATH), search->begin) ||
              begins(spa_dict_lookup(props, PW_KEY_PORT_ALIAS), search->begin)))
        search->from = id;
}

/* The session manager links streams, not filters: this one we link ourselves. */
static enum dm_status connect_sender(struct pipewire_input *pipe, const char *begin, struct dm_error *err)
{
    struct search search;
    int looks = 0;
    do {
        search = (struct search){begin, pw_filter_get_node_id(pipe->filter), SPA_ID_INVALID, SPA_ID_INVALID};
        enum dm_status status = pipewire_list(look_at_port, &search, err);
        if (status != DM_OK)
            return status;
        if (search.to == SPA_ID_INVALID)
            clock_sleep_until_100ns(clock_now_100ns() + LOOK_MS * 10000);
    } while (search.to == SPA_ID_INVALID && ++looks < LOOKS);
    if (search.from == SPA_ID_INVALID)
        return dm_fail(err, DM_ERR_NOT_FOUND, "PipeWire MIDI: no sender '%s'", begin);
    struct pw_properties *props = pw_properties_new(NULL, NULL);
    if (!props)
        return dm_fail(err, DM_ERR_NOMEM, "PipeWire MIDI: out of memory");
    pw_properties_setf(props, PW_KEY_LINK_OUTPUT_PORT, "%u", (unsigned)search.from);
    pw_properties_setf(props, PW_KEY_LINK_INPUT_PORT, "%u", (unsigned)search.to);
    pw_thread_loop_lock(pipe->pw.loop);
    pipe->link = pw_core_create_object(pipe->pw.core, "link-factory", PW_TYPE_INTERFACE_Link, PW_VERSION_LINK, &props->dict, 0);
    bool answered = pipe->link && pipewire_sync(&pipe->pw);
    pw_thread_loop_unlock(pipe->pw.loop);
    pw_properties_free(props);
    return answered ? DM_OK : dm_fail(err, DM_ERR_DEVICE, "PipeWire MIDI: cannot connect to %s", begin);
}

static enum dm_status pipe_connect(struct midi_input *in, struct dm_error *err)
{
    struct pipewire_input *pipe = (struct pipewire_input *)in;
    enum dm_status status = pipewire_open(&pipe->pw, server_gone, in, err);
    if (status != DM_OK)
        return status;
    pw_thread_loop_lock(pipe->pw.loop);
    int error = create_filter(pipe);
    pw_thread_loop_unlock(pipe->pw.loop);
    if (error < 0) {
        pipe_disconnect(in);
        return dm_fail(err, error == -ENOMEM ? DM_ERR_NOMEM : DM_ERR_DEVICE, "PipeWire MIDI: %s", strerror(-error));
    }
    midi_driver_set_port(in, "%s:in", in->config.client);
    status = in->config.connect ? connect_sender(pipe, in->config.connect, err) : DM_OK;
    if (status != DM_OK)
        pipe_disconnect(in);
    return status;
}

static const struct midi_driver driver = {"PipeWire MIDI", sizeof(struct pipewire_input), pipe_connect, pipe_disconnect, true};

static enum dm_status pipe_open(const struct midi_config *config, struct midi_input **out, struct dm_error *err)
{
    return midi_driver_open(&driver, config, out, err);
}

struct listing {
    midi_port_fn *each;
    void *ctx;
};

static void list_port(void *ctx, uint32_t id, const char *type, const struct spa_dict *props)
{
    struct listing *listing = ctx;
    (void)id;
    if (strcmp(type, PW_TYPE_INTERFACE_Port))
        return;
    const char *format = spa_dict_lookup(props, PW_KEY_FORMAT_DSP), *direction = spa_dict_lookup(props, PW_KEY_PORT_DIRECTION);
    const char *name = spa_dict_lookup(props, PW_KEY_OBJECT_PATH), *text = spa_dict_lookup(props, PW_KEY_PORT_ALIAS);
    if (!name)
        name = spa_dict_lookup(props, PW_KEY_PORT_NAME);
    if (format && strstr(format, "midi") && direction && strcmp(direction, "out") == 0 && name)
        listing->each(listing->ctx, &(struct midi_port){name, text ? text : name});
}

static enum dm_status pipe_list(midi_port_fn *each, void *ctx, struct dm_error *err)
{
    struct listing listing = {each, ctx};
    return pipewire_list(list_port, &listing, err);
}

const struct midi_input_ops midi_pipewire = {"pipewire", "a port of PipeWire, stamped to the frame", pipe_open,
                                             midi_input_close, pipe_list};
