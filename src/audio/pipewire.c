/* SPDX-License-Identifier: MIT */
/* PipeWire: a stream of floats at the rate of the server's graph, so that nothing on the way changes a sample. */
#include <spa/param/audio/format-utils.h>
#include <spa/param/latency-utils.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "device.h"
#include "outputs.h"
#include "pipewire_common.h"

struct pipewire_device {
    struct device device;
    struct pipewire pw;
    struct pw_stream *stream;
    struct spa_hook stream_hook;
    _Atomic(struct spa_io_position *) position; /* of the graph; NULL while nothing drives us */
    uint32_t driver_id;                         /* whose clock next_frame belongs to */
    int64_t next_frame;
    struct realtime_grant grant;
};

static const struct device_driver driver;

/* ---- on the server's thread ---- */

/* From now to the ear, in frames of ours. */
static uint32_t latency_of(struct pipewire_device *pipe)
{
    struct pw_time time;
    if (pw_stream_get_time_n(pipe->stream, &time, sizeof time) < 0 || time.rate.denom == 0)
        return 0;
    const uint32_t rate = pipe->device.info.sample_rate;
    int64_t delay = time.delay * time.rate.num * (int64_t)rate / time.rate.denom + (int64_t)time.buffered;
    return delay > 0 && delay < 60 * (int64_t)rate ? (uint32_t)delay : 0;
}

/* Where this cycle stands. */
static void read_clock(struct pipewire_device *pipe, struct device_beat *beat)
{
    struct spa_io_position *position = atomic_load(&pipe->position);
    if (!position || position->clock.rate.denom == 0) {
        beat->asked_100ns = clock_now_100ns();
        pipe->next_frame = 0;
        return;
    }
    const struct spa_io_clock *clock = &position->clock;
    const uint32_t rate = pipe->device.info.sample_rate;
    bool same = clock->rate.num == 1 && clock->rate.denom == rate;
    beat->asked_100ns = (int64_t)(clock->nsec / 100);
    beat->frame = (int64_t)clock->position;
    int64_t gap = beat->frame - pipe->next_frame;
    if (pipe->next_frame && clock->id == pipe->driver_id && gap > 0 && gap < INT32_MAX) {
        beat->lost = (uint32_t)(same ? gap : gap * clock->rate.num * rate / clock->rate.denom);
        device_count_xrun(&pipe->device);
    }
    pipe->driver_id = clock->id;
    atomic_store(&pipewire_output_clock, clock->id);
    pipe->next_frame = beat->frame + (int64_t)clock->duration;
}

static void process(void *ctx)
{
    struct pipewire_device *pipe = ctx;
    struct device *device = &pipe->device;
    struct pw_buffer *buffer = pw_stream_dequeue_buffer(pipe->stream);
    if (!buffer)
        return;
    struct spa_data *data = &buffer->buffer->datas[0];
    const uint32_t frame_bytes = device->info.channels * (uint32_t)sizeof(float);
    uint32_t room = data->maxsize / frame_bytes, count = buffer->requested ? (uint32_t)buffer->requested : room;
    struct device_beat beat = {0};
    count = count < room ? count : room;
    read_clock(pipe, &beat);
    device_set_latency(device, latency_of(pipe));
    if (device->source.float_samples || !data->data) {
        if (data->data)
            device_pull(device, data->data, count, &beat);
    } else {
        float *out = data->data;
        device_pull(device, out, count, &beat); /* 16 bits in the first half, widened from the end */
        const int16_t *in = data->data;
        for (size_t i = (size_t)count * device->info.channels; i-- > 0;) {
            int16_t sample;
            memcpy(&sample, in + i, sizeof sample);
            float wide = (float)sample / 32768.0f;
            memcpy(out + i, &wide, sizeof wide);
        }
    }
    data->chunk->offset = 0;
    data->chunk->stride = (int32_t)frame_bytes;
    data->chunk->size = count * frame_bytes;
    buffer->size = count;
    pw_stream_queue_buffer(pipe->stream, buffer);
}

static int look_at_thread(struct spa_loop *loop, bool async, uint32_t seq, const void *data, size_t size, void *ctx)
{
    struct pipewire_device *pipe = ctx;
    (void)loop, (void)async, (void)seq, (void)data, (void)size;
    realtime_look(&pipe->grant);
    device_set_grant(&pipe->device, &pipe->grant);
    return 0;
}

/* ---- on the loop's thread ---- */

static void io_changed(void *ctx, uint32_t id, void *area, uint32_t size)
{
    struct pipewire_device *pipe = ctx;
    if (id == SPA_IO_Position)
        atomic_store(&pipe->position, size >= sizeof(struct spa_io_position) ? area : NULL);
}

static void state_changed(void *ctx, enum pw_stream_state old, enum pw_stream_state state, const char *error)
{
    struct pipewire_device *pipe = ctx;
    if (state == PW_STREAM_STATE_ERROR) {
        log_at(LOG_INFO, "pipewire", "%s", error ? error : "stream error");
        device_lost(&pipe->device, "the stream failed");
    } else if (state == PW_STREAM_STATE_UNCONNECTED && old > PW_STREAM_STATE_UNCONNECTED) {
        device_lost(&pipe->device, "the stream was ended");
    }
}

static void server_gone(void *ctx) { device_lost(ctx, "the server is gone"); }

static const struct pw_stream_events stream_events = {
    PW_VERSION_STREAM_EVENTS,
    .state_changed = state_changed,
    .io_changed = io_changed,
    .process = process,
};

/* ---- connecting ---- */

static struct pw_properties *stream_properties(const struct device *device, uint32_t rate)
{
    const struct audio_config *config = &device->config;
    struct pw_properties *props =
        pw_properties_new(PW_KEY_MEDIA_TYPE, "Audio", PW_KEY_MEDIA_CATEGORY, "Playback", PW_KEY_MEDIA_ROLE, "Music",
                          PW_KEY_NODE_NAME, config->client, PW_KEY_APP_NAME, "dmus", NULL);
    if (!props)
        return NULL;
    pw_properties_setf(props, PW_KEY_NODE_RATE, "1/%u", (unsigned)rate);
    if (config->period_frames)
        pw_properties_setf(props, PW_KEY_NODE_LATENCY, "%u/%u", (unsigned)config->period_frames, (unsigned)rate);
    if (config->device)
        pw_properties_set(props, "target.object", config->device);
    return props;
}

static void pipe_disconnect(struct device *device)
{
    struct pipewire_device *pipe = (struct pipewire_device *)device;
    pipewire_close(&pipe->pw);
    atomic_store(&pipe->position, NULL);
}

static enum dm_status pipe_connect(struct device *device, struct audio_info *info, struct dm_error *err)
{
    struct pipewire_device *pipe = (struct pipewire_device *)device;
    enum dm_status status = pipewire_open(&pipe->pw, server_gone, device, err);
    if (status != DM_OK)
        return status;
    info->sample_rate = device->config.sample_rate ? device->config.sample_rate : pipe->pw.rate;
    info->channels = device->config.channels;
    info->format = SAMPLE_F32;
    info->period_frames = device->config.period_frames;
    if (info->sample_rate == pipe->pw.rate)
        info->frame_clock = AUDIO_FRAMES_PIPEWIRE;
    else
        log_at(LOG_WARNING, "audio", "PipeWire: runs at %u Hz and converts from %u", (unsigned)pipe->pw.rate,
               (unsigned)info->sample_rate);
    snprintf(info->device, sizeof info->device, "%s", device->config.client);
    return DM_OK;
}

static int connect_stream(struct pipewire_device *pipe)
{
    uint8_t memory[1024];
    struct spa_pod_builder builder = SPA_POD_BUILDER_INIT(memory, sizeof memory);
    const struct audio_info *info = &pipe->device.info;
    struct spa_audio_info_raw format = {.format = SPA_AUDIO_FORMAT_F32, .rate = info->sample_rate, .channels = info->channels};
    format.position[0] = info->channels == 1 ? SPA_AUDIO_CHANNEL_MONO : SPA_AUDIO_CHANNEL_FL;
    format.position[1] = SPA_AUDIO_CHANNEL_FR;
    const struct spa_pod *params[1] = {spa_format_audio_raw_build(&builder, SPA_PARAM_EnumFormat, &format)};
    enum pw_stream_flags flags = PW_STREAM_FLAG_MAP_BUFFERS | PW_STREAM_FLAG_RT_PROCESS;
    if (!pipe->device.config.no_connect)
        flags |= PW_STREAM_FLAG_AUTOCONNECT;
    return pw_stream_connect(pipe->stream, PW_DIRECTION_OUTPUT, PW_ID_ANY, flags, params, 1);
}

static enum dm_status pipe_run(struct device *device, struct dm_error *err)
{
    struct pipewire_device *pipe = (struct pipewire_device *)device;
    pipe->next_frame = 0;
    pw_thread_loop_lock(pipe->pw.loop);
    pipe->stream = pw_stream_new(pipe->pw.core, device->config.client, stream_properties(device, device->info.sample_rate));
    int error = pipe->stream ? 0 : -ENOMEM;
    if (pipe->stream) {
        pw_stream_add_listener(pipe->stream, &pipe->stream_hook, &stream_events, pipe);
        error = connect_stream(pipe);
        if (error < 0)
            pw_stream_destroy(pipe->stream);
    }
    pw_thread_loop_unlock(pipe->pw.loop);
    if (error < 0)
        return dm_fail(err, error == -ENOMEM ? DM_ERR_NOMEM : DM_ERR_DEVICE, "PipeWire: no stream: %s", strerror(-error));
    pw_data_loop_invoke(pw_context_get_data_loop(pipe->pw.context), look_at_thread, 0, NULL, 0, false, pipe);
    return DM_OK;
}

static void pipe_halt(struct device *device)
{
    struct pipewire_device *pipe = (struct pipewire_device *)device;
    pw_thread_loop_lock(pipe->pw.loop);
    spa_hook_remove(&pipe->stream_hook); /* its own end is no loss */
    pw_stream_destroy(pipe->stream);
    pipe->stream = NULL;
    pw_thread_loop_unlock(pipe->pw.loop);
    atomic_store(&pipe->position, NULL);
}

/* ---- the table's side ---- */

static enum dm_status pipe_open(const struct audio_config *config, struct audio_output **out, struct dm_error *err)
{
    return device_open(&driver, config, out, err);
}

struct listing {
    audio_device_fn *each;
    void *ctx;
};

static void list_node(void *ctx, uint32_t id, const char *type, const struct spa_dict *props)
{
    struct listing *listing = ctx;
    const char *class = spa_dict_lookup(props, PW_KEY_MEDIA_CLASS), *name = spa_dict_lookup(props, PW_KEY_NODE_NAME);
    const char *text = spa_dict_lookup(props, PW_KEY_NODE_DESCRIPTION);
    (void)id;
    if (strcmp(type, PW_TYPE_INTERFACE_Node) == 0 && class && name && strcmp(class, "Audio/Sink") == 0)
        listing->each(listing->ctx, &(struct audio_device){name, text ? text : name, false});
}

static enum dm_status pipe_list(audio_device_fn *each, void *ctx, struct dm_error *err)
{
    struct listing listing = {each, ctx};
    return pipewire_list(list_node, &listing, err);
}

const struct audio_output_ops audio_pipewire = {
    .name = "pipewire",
    .description = "PipeWire",
    .open = pipe_open,
    .list = pipe_list,
    DEVICE_OPS,
};

static const struct device_driver driver = {
    "PipeWire", &audio_pipewire, sizeof(struct pipewire_device), pipe_connect, pipe_run, pipe_halt, pipe_disconnect,
};
