/* SPDX-License-Identifier: MIT */
#include "wave_sink.h"

#include <stdio.h>

#include <dmusicc.h>

#include "dmus/idmus.h"

#include "base/alloc.h"
#include "base/time_map.h"
#include "com.h"
#include "kernel/wdm/machine.h"
#include "kernel/wdm/trace.h"
#include "master_clock.h"

#define GUARD_BYTES   256
#define GUARD_PATTERN 0xB6
#define BLOCK_MAX     256 /* bytes of a frame */

struct wave_sink {
    ISynthSinkDMus *stream;
    IDmusSynthControl *control; /* NULL: no float */
    IMasterClock *clock;
    char name[MXF_NAME_MAX];
    uint32_t rate, channels, block;
    bool bytes, running, synced;
    struct time_map map; /* start: time of the first slice */
    int64_t position;    /* frames */
    uint8_t *memory;     /* guard, a slice, guard */
    size_t room;         /* bytes of the slice */
    struct wave_sink_stats stats;
};

/* --- one call of the stream --- */

static void sync_clock(struct wave_sink *sink)
{
    REFERENCE_TIME now = master_clock_read(sink->clock);
    struct wdm_call call;
    bool start = !sink->synced;
    if (start)
        sink->map.start_100ns = now;
    sink->synced = true;
    WDM_TRACE(sink->name, "SyncToMaster", "\"time\":%lld,\"start\":%s", (long long)now, start ? "true" : "false");
    wdm_call_begin(&call, "ISynthSinkDMus::SyncToMaster");
    NTSTATUS status = sink->stream->lpVtbl->SyncToMaster(sink->stream, now, start);
    wdm_call_end(&call);
    sink->stats.sync_errors += !NT_SUCCESS(status);
}

static bool is_filled(const uint8_t *guard)
{
    return guard[0] == GUARD_PATTERN && memcmp(guard, guard + 1, GUARD_BYTES - 1) == 0;
}

/* SIZE zeroed bytes with a guard zone right before and right behind them. */
static uint8_t *fenced(struct wave_sink *sink, size_t size)
{
    uint8_t *slice = sink->memory + GUARD_BYTES;
    memset(sink->memory, GUARD_PATTERN, GUARD_BYTES);
    memset(slice, 0, size);
    memset(slice + size, GUARD_PATTERN, GUARD_BYTES);
    return slice;
}

static void check_fence(struct wave_sink *sink, const uint8_t *slice, size_t size, const char *method)
{
    wdm_rule_try(WDM_RULE_RENDER_OVERRUN);
    bool low = is_filled(slice - GUARD_BYTES), high = is_filled(slice + size);
    if (low && high)
        return;
    sink->stats.overruns++;
    wdm_broken(WDM_RULE_RENDER_OVERRUN, "%s of %s wrote %s its %zu bytes at frame %lld", method, sink->name,
               high ? "before" : "beyond", size, (long long)sink->position);
}

static void render(struct wave_sink *sink, uint8_t *slice, uint32_t frames)
{
    struct wdm_call call;
    uint32_t unit = sink->bytes ? sink->block : 1;
    wdm_call_begin(&call, "ISynthSinkDMus::Render");
    sink->stream->lpVtbl->Render(sink->stream, slice, frames * unit, sink->position * unit);
    wdm_call_end(&call);
}

static bool render_float(struct wave_sink *sink, uint8_t *slice, uint32_t frames)
{
    struct wdm_call call;
    wdm_call_begin(&call, "IDmusSynthControl::RenderFloat");
    HRESULT hr = sink->control->lpVtbl->RenderFloat(sink->control, (float *)(void *)slice, frames, sink->position);
    wdm_call_end(&call);
    if (FAILED(hr))
        sink->stats.render_errors++;
    return SUCCEEDED(hr);
}

/* --- slices --- */

/* At most WAVE_SINK_SLICE_MAX frames of SIZE bytes in all. */
static void one_slice(struct wave_sink *sink, void *to, uint32_t frames, size_t size, bool floats)
{
    sync_clock(sink);
    uint8_t *slice = fenced(sink, size);
    bool ok = true;
    if (wdm_tracing())
        wdm_trace_begin(sink->name, "Render");
    if (floats)
        ok = render_float(sink, slice, frames);
    else
        render(sink, slice, frames);
    if (wdm_tracing())
        wdm_trace_end(sink->name, "Render");
    check_fence(sink, slice, size, floats ? "RenderFloat" : "Render");
    if (ok)
        memcpy(to, slice, size);
    else
        memset(to, 0, size);
    sink->position += frames;
    sink->stats.slices++;
    sink->stats.frames += frames;
}

static void slices(struct wave_sink *sink, void *buffer, uint32_t frames, size_t frame_size, bool floats)
{
    uint8_t *to = buffer;
    if (!sink->running)
        memset(buffer, 0, frames * frame_size);
    while (sink->running && frames) {
        uint32_t part = frames < WAVE_SINK_SLICE_MAX ? frames : WAVE_SINK_SLICE_MAX;
        one_slice(sink, to, part, part * frame_size, floats);
        to += part * frame_size;
        frames -= part;
    }
}

void wave_sink_slice(struct wave_sink *sink, void *buffer, uint32_t frames)
{
    slices(sink, buffer, frames, sink->block, false);
}

bool wave_sink_slice_float(struct wave_sink *sink, float *buffer, uint32_t frames)
{
    if (!sink->control)
        return false;
    slices(sink, buffer, frames, sink->channels * sizeof(float), true);
    return true;
}

bool wave_sink_has_float(const struct wave_sink *sink) { return sink->control != NULL; }

void wave_sink_start(struct wave_sink *sink)
{
    sink->running = true;
    sink->synced = false;
    sink->position = 0;
    WDM_TRACE(sink->name, "start", NULL);
}

void wave_sink_stop(struct wave_sink *sink)
{
    sink->running = false;
    WDM_TRACE(sink->name, "stop", "\"position\":%lld", (long long)sink->position);
}

int64_t wave_sink_position(const struct wave_sink *sink) { return sink->position; }

int64_t wave_sink_due_100ns(const struct wave_sink *sink)
{
    return sink->synced ? time_map_to_time(&sink->map, sink->position) : 0;
}

void wave_sink_stats(const struct wave_sink *sink, struct wave_sink_stats *out) { *out = sink->stats; }

/* --- the object --- */

static bool is_sound(const WAVEFORMATEX *format)
{
    return format && format->nSamplesPerSec && format->nChannels && format->nBlockAlign && format->nBlockAlign <= BLOCK_MAX &&
           format->nChannels <= BLOCK_MAX / sizeof(float);
}

NTSTATUS wave_sink_create(const struct wave_sink_config *config, struct wave_sink **out)
{
    const WAVEFORMATEX *format = config->format;
    *out = NULL;
    if (!config->stream || !config->clock || !is_sound(format))
        return STATUS_INVALID_PARAMETER;
    struct wave_sink *sink = dm_calloc(1, sizeof *sink);
    if (!sink)
        return STATUS_INSUFFICIENT_RESOURCES;
    sink->rate = format->nSamplesPerSec;
    sink->channels = format->nChannels;
    sink->block = format->nBlockAlign;
    size_t float_frame = sink->channels * sizeof(float);
    sink->room = WAVE_SINK_SLICE_MAX * (float_frame > sink->block ? float_frame : sink->block);
    sink->memory = dm_calloc_aligned(64, sink->room + 2 * GUARD_BYTES);
    if (!sink->memory) {
        dm_free(sink);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    sink->stream = config->stream;
    sink->clock = config->clock;
    sink->bytes = config->bytes;
    sink->map = (struct time_map){.rate = sink->rate, .exact = true};
    snprintf(sink->name, sizeof sink->name, "%s", config->name ? config->name : "wave sink");
    COM_ADDREF(sink->stream);
    COM_ADDREF(sink->clock);
    void *control = NULL;
    if (SUCCEEDED(sink->stream->lpVtbl->QueryInterface(sink->stream, &IID_IDmusSynthControl, &control)))
        sink->control = control;
    *out = sink;
    return STATUS_SUCCESS;
}

void wave_sink_destroy(struct wave_sink *sink)
{
    if (!sink)
        return;
    if (sink->control)
        COM_RELEASE(sink->control);
    COM_RELEASE(sink->stream);
    COM_RELEASE(sink->clock);
    dm_free_aligned(sink->memory);
    dm_free(sink);
}
