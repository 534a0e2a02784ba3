/* SPDX-License-Identifier: MIT */
/* The kernel-mode door: our software synth as a DMus miniport, on a simulated machine of the route's own in virtual time. */
#include <string.h>

#include <wdm.h>

#include <ks.h>
#include <ksmedia.h>

#include <dmusicks.h>
#include <dmusprop.h>

#include "base/alloc.h"
#include "base/cpu.h"
#include "base/time_map.h"
#include "dmus/idmusks.h"
#include "hresult.h"
#include "machine_parts.h"
#include "route.h"

enum { PIN_DIRECTMUSIC = 1, PIN_WAVE = 2, SYNTH_NODE = 0, SLICE_MAX = 4096 };

struct route {
    struct route_config config;
    struct host *host;
    struct host_driver *driver;
    struct host_device *device;
    struct host_filter *filter;
    struct host_pin *midi, *wave;
    int64_t start_100ns;   /* master clock: frame 0 is due */
    int64_t machine_100ns; /* the same moment on the machine's clock */
    int64_t position;      /* first frame not yet rendered */
    void *frames;          /* SLICE_MAX of them */
    NTSTATUS write_status; /* of the last write that failed after it had been taken */
};

static enum dm_status fail(struct dm_error *err, const char *what, NTSTATUS status)
{
    bool memory = status == STATUS_INSUFFICIENT_RESOURCES || status == STATUS_NO_MEMORY;
    return dm_fail(err, memory ? DM_ERR_NOMEM : DM_ERR_DEVICE, "%s: %s (status 0x%08X)", what,
                   memory ? "out of memory" : "refused by the kernel-mode synthesizer", (unsigned)status);
}

/* ---- properties of the synth node ---- */

#define INSTANCE_MAX 32 /* bytes of instance data; SYNTH_PORTPARAMS has 28 */

struct node_request {
    KSNODEPROPERTY property;
    uint8_t instance[INSTANCE_MAX];
};

static uint32_t node_request(struct node_request *request, const GUID *set, ULONG id, ULONG verb, const void *instance,
                             uint32_t size)
{
    memset(request, 0, sizeof *request);
    request->property.Property.Set = *set;
    request->property.Property.Id = id;
    request->property.Property.Flags = verb | KSPROPERTY_TYPE_TOPOLOGY;
    request->property.NodeId = SYNTH_NODE;
    if (size)
        memcpy(request->instance, instance, size);
    return (uint32_t)(sizeof request->property + size);
}

/* INSTANCE: instance_size bytes, may be NULL for none. */
static NTSTATUS get(struct route *route, const GUID *set, ULONG id, const void *instance, uint32_t instance_size,
                    void *value, uint32_t size)
{
    struct node_request request;
    uint32_t bytes = node_request(&request, set, id, KSPROPERTY_TYPE_GET, instance, instance_size);
    return host_pin_property(route->midi, &request, bytes, value, size, NULL);
}

static NTSTATUS set(struct route *route, const GUID *set_guid, ULONG id, void *value, uint32_t size)
{
    struct node_request request;
    uint32_t bytes = node_request(&request, set_guid, id, KSPROPERTY_TYPE_SET, NULL, 0);
    return host_pin_property(route->midi, &request, bytes, value, size, NULL);
}

/* ---- opening ---- */

static void kernel_close(struct route *route)
{
    if (!route)
        return;
    host_close_pin(route->wave);
    host_close_pin(route->midi);
    host_close_filter(route->filter);
    host_destroy(route->host);
    dm_free(route->frames);
    dm_free(route);
}

static enum dm_status start_machine(struct route *route, struct dm_error *err)
{
    struct host_config config = {.time = WDM_VIRTUAL};
    struct host_driver_config driver;
    uint8_t connect[HOST_CONNECT_MAX];
    machine_parts_config(&config);
    machine_parts_driver(0, &driver); /* the software synth */
    enum dm_status status = host_create(&config, &route->host, err);
    if (status == DM_OK)
        status = host_load_driver(route->host, &driver, &route->driver, err);
    if (status == DM_OK)
        status = host_add_device(route->driver, NULL, &route->device, err);
    if (status != DM_OK)
        return status;
    NTSTATUS nt = host_open_filter(route->host, "DMusic", &route->filter);
    if (NT_SUCCESS(nt)) {
        uint32_t size = host_connect_music(connect, PIN_DIRECTMUSIC, &KSDATAFORMAT_SUBTYPE_DIRECTMUSIC);
        nt = host_create_pin(route->filter, connect, size, &route->midi);
    }
    return NT_SUCCESS(nt) ? DM_OK : fail(err, "opening the synthesizer's pin", nt);
}

/* A driver has no environment: what OPENDMUS_SIMD allows is said here. */
static uint32_t simd_level(const struct route_config *config)
{
    uint32_t level, best = DMUS_SIMD_C, usable = cpu_usable();
    if (config->simd != DMUS_SIMD_BEST)
        return config->simd;
    for (uint32_t i = 0; cpu_level(i, &level); i++)
        if (level && (level & ~usable) == 0)
            best = DMUS_SIMD_C + i;
    return best;
}

static NTSTATUS configure(struct route *route)
{
    const struct route_config *c = &route->config;
    DMUS_SYNTHCONFIG config = {.dwSize = sizeof config,
                               .dwProfile = c->studio ? DMUS_PROFILE_STUDIO : DMUS_PROFILE_NATIVE,
                               .dwInterpolation = c->interpolation,
                               .dwDither = c->dither,
                               .dwSimd = simd_level(c)};
    return set(route, &KSPROPSETID_OpenDMusSynth, KSPROPERTY_OPENDMUS_CONFIG, &config, sizeof config);
}

static enum dm_status open_port(struct route *route, struct dm_error *err)
{
    const struct route_config *c = &route->config;
    SYNTH_PORTPARAMS params = {.ValidParams = SYNTH_PORTPARAMS_VOICES | SYNTH_PORTPARAMS_CHANNELGROUPS |
                                              SYNTH_PORTPARAMS_AUDIOCHANNELS | SYNTH_PORTPARAMS_SAMPLERATE |
                                              SYNTH_PORTPARAMS_EFFECTS,
                               .Voices = c->voices,
                               .ChannelGroups = c->groups,
                               .AudioChannels = c->channels,
                               .SampleRate = c->sample_rate,
                               .EffectsFlags = (c->reverb ? SYNTH_EFFECT_REVERB : 0u) |
                                               (c->chorus ? SYNTH_EFFECT_CHORUS : 0u)};
    SYNTH_PORTPARAMS granted;
    NTSTATUS status = configure(route);
    if (NT_SUCCESS(status))
        status = get(route, &KSPROPSETID_Synth, KSPROPERTY_SYNTH_PORTPARAMETERS, &params, sizeof params, &granted,
                     sizeof granted);
    if (!NT_SUCCESS(status))
        return fail(err, "opening the synthesizer", status);
    struct route_granted got = {granted.SampleRate, granted.AudioChannels, granted.Voices, granted.ChannelGroups};
    enum dm_status as_wished = route_check_granted(c, &got, err);
    if (as_wished != DM_OK)
        return as_wished;
    LONG volume = c->volume, boost = 0;
    status = set(route, &KSPROPSETID_Synth, KSPROPERTY_SYNTH_VOLUME, &volume, sizeof volume);
    if (NT_SUCCESS(status))
        status = set(route, &KSPROPSETID_Synth, KSPROPERTY_SYNTH_VOLUMEBOOST, &boost, sizeof boost);
    return NT_SUCCESS(status) ? DM_OK : fail(err, "setting the volume", status);
}

/* The clock that everything is stamped with: a property of the filter, answered by the port. */
static NTSTATUS master_clock(struct route *route, int64_t *now)
{
    KSPROPERTY property;
    ULONGLONG time = 0;
    memset(&property, 0, sizeof property);
    property.Set = KSPROPSETID_SynthClock;
    property.Id = KSPROPERTY_SYNTH_MASTERCLOCK;
    property.Flags = KSPROPERTY_TYPE_GET;
    NTSTATUS status = host_filter_property(route->filter, &property, sizeof property, &time, sizeof time, NULL);
    *now = (int64_t)time;
    return status;
}

/* Time stands still until the first slice, so frame 0 is due now. */
static enum dm_status run(struct route *route, struct dm_error *err)
{
    uint8_t connect[HOST_CONNECT_MAX];
    uint32_t size = host_connect_wave(connect, PIN_WAVE, route->config.sample_rate, route->config.channels, 16);
    NTSTATUS status = host_create_pin(route->filter, connect, size, &route->wave);
    if (NT_SUCCESS(status))
        status = host_pin_set_state(route->wave, KSSTATE_RUN);
    if (NT_SUCCESS(status))
        status = host_pin_set_state(route->midi, KSSTATE_RUN);
    if (NT_SUCCESS(status))
        status = master_clock(route, &route->start_100ns);
    route->machine_100ns = wdm_time_100ns(host_machine(route->host));
    return NT_SUCCESS(status) ? DM_OK : fail(err, "starting the synthesizer's pins", status);
}

static enum dm_status kernel_open(const struct route_config *config, struct route **out, struct dm_error *err)
{
    *out = NULL;
    struct route *route = dm_calloc(1, sizeof *route);
    if (!route)
        return dm_fail(err, DM_ERR_NOMEM, "no memory for the synthesizer");
    route->config = *config;
    route->frames = dm_calloc((size_t)SLICE_MAX * config->channels, sizeof(float));
    enum dm_status status = route->frames ? DM_OK : dm_fail(err, DM_ERR_NOMEM, "no memory for the synthesizer");
    if (status == DM_OK)
        status = start_machine(route, err);
    if (status == DM_OK)
        status = open_port(route, err);
    if (status == DM_OK)
        status = run(route, err);
    if (status != DM_OK) {
        kernel_close(route);
        return status;
    }
    *out = route;
    return DM_OK;
}

/* ---- downloads ---- */

static uint32_t kernel_append_frames(struct route *route)
{
    ULONG bytes = 0;
    NTSTATUS status = get(route, &KSPROPSETID_Synth_Dls, KSPROPERTY_SYNTH_DLS_APPEND, NULL, 0, &bytes, sizeof bytes);
    return NT_SUCCESS(status) ? bytes / 2 : 0; /* of 16-bit mono */
}

/* The image says itself how long it is (spec/ddi-user.md 6). */
static enum dm_status kernel_download(struct route *route, void *image, void **handle, bool *keeps, struct dm_error *err)
{
    DMUS_DOWNLOADINFO info;
    SYNTHDOWNLOAD result = {.DownloadHandle = NULL, .Free = TRUE};
    LONG refusal = 0;
    memcpy(&info, image, sizeof info);
    SYNTH_BUFFER buffer = {.BufferSize = info.cbSize, .BufferAddress = image};
    NTSTATUS status = get(route, &KSPROPSETID_Synth_Dls, KSPROPERTY_SYNTH_DLS_DOWNLOAD, &buffer, sizeof buffer, &result,
                          sizeof result);
    *handle = NT_SUCCESS(status) ? result.DownloadHandle : NULL;
    *keeps = NT_SUCCESS(status) && !result.Free;
    if (NT_SUCCESS(status))
        return DM_OK;
    if (status == STATUS_INSUFFICIENT_RESOURCES || status == STATUS_NO_MEMORY)
        return fail(err, "downloading", status);
    get(route, &KSPROPSETID_OpenDMusSynth, KSPROPERTY_OPENDMUS_REFUSAL, NULL, 0, &refusal, sizeof refusal);
    return dm_fail(err, DM_ERR_FORMAT, "refused by the synthesizer: %s (0x%08X)", hresult_text(refusal),
                   (unsigned)refusal);
}

/* An unload ends when no voice plays the wave any more: later than the call. */
struct unload {
    struct node_request request;
    HANDLE handle;
};

static void unloaded(void *ctx, NTSTATUS status, uint32_t bytes)
{
    (void)status, (void)bytes;
    dm_free(ctx);
}

static enum dm_status kernel_unload(struct route *route, void *handle, struct dm_error *err)
{
    struct unload *unload = dm_calloc(1, sizeof *unload);
    if (!unload)
        return dm_fail(err, DM_ERR_NOMEM, "no memory to unload");
    unload->handle = handle;
    uint32_t size = node_request(&unload->request, &KSPROPSETID_Synth_Dls, KSPROPERTY_SYNTH_DLS_UNLOAD, KSPROPERTY_TYPE_SET,
                                 NULL, 0);
    NTSTATUS status = host_pin_property_async(route->midi, &unload->request, size, &unload->handle, sizeof unload->handle,
                                              unloaded, unload);
    return NT_SUCCESS(status) ? DM_OK : fail(err, "unloading", status);
}

/* ---- playing ---- */

/* A write keeps its bytes until it is done. */
struct write {
    struct host_packet packet;
    struct route *route;
    max_align_t bytes[];
};

static void written(void *ctx, NTSTATUS status, uint32_t bytes)
{
    struct write *write = ctx;
    (void)bytes;
    if (!NT_SUCCESS(status))
        write->route->write_status = status;
    dm_free(write);
}

static enum dm_status kernel_play(struct route *route, int64_t start_100ns, const uint8_t *buffer, uint32_t size,
                                  struct dm_error *err)
{
    struct write *write = dm_malloc(sizeof *write + size);
    if (!write)
        return dm_fail(err, DM_ERR_NOMEM, "no memory for %u bytes of events", (unsigned)size);
    memset(write, 0, sizeof *write);
    memcpy(write->bytes, buffer, size);
    write->route = route;
    write->packet = (struct host_packet){.data = write->bytes,
                                         .size = size,
                                         .used = size,
                                         .time = route->start_100ns + start_100ns,
                                         .done = written,
                                         .ctx = write};
    NTSTATUS status = host_pin_write(route->midi, &write->packet);
    if (NT_SUCCESS(status))
        status = route->write_status;
    return NT_SUCCESS(status) ? DM_OK : fail(err, "queueing events", status);
}

/* The machine's time is that of the frame which comes next. */
static void advance_clock(struct route *route)
{
    struct time_map map = {.start_100ns = route->machine_100ns, .rate = route->config.sample_rate, .exact = true};
    struct wdm_machine *machine = host_machine(route->host);
    wdm_enter(machine);
    wdm_run_until(machine, time_map_to_time(&map, route->position));
    wdm_leave();
}

static NTSTATUS render(struct route *route, uint32_t count)
{
    return route->config.float_samples ? host_pin_pull_float(route->wave, route->frames, count)
                                       : host_pin_pull(route->wave, route->frames, count);
}

static enum dm_status kernel_pump(struct route *route, uint64_t frames, uint32_t block, struct dm_error *err)
{
    struct audio_output *output = route->config.output;
    if (block == 0)
        return dm_fail(err, DM_ERR_ARGUMENT, "blocks of no frames");
    block = block < SLICE_MAX ? block : SLICE_MAX;
    while (frames) {
        uint32_t count = frames < block ? (uint32_t)frames : block;
        advance_clock(route);
        NTSTATUS status = NT_SUCCESS(route->write_status) ? render(route, count) : route->write_status;
        if (!NT_SUCCESS(status))
            return fail(err, "rendering", status);
        route->position += count;
        frames -= count;
        if (output && output->ops->write(output, route->frames, count, err) != DM_OK)
            return DM_ERR_WRITE;
    }
    return DM_OK;
}

static void kernel_pull(struct route *route, float *frames, uint32_t count)
{
    for (uint32_t n; count; count -= n, frames += (size_t)n * route->config.channels) {
        n = count < SLICE_MAX ? count : SLICE_MAX;
        advance_clock(route);
        if (!NT_SUCCESS(host_pin_pull_float(route->wave, frames, n)))
            memset(frames, 0, (size_t)n * route->config.channels * sizeof *frames);
        route->position += n;
    }
}

static bool kernel_silent(struct route *route)
{
    ULONG silent = 0;
    NTSTATUS status = get(route, &KSPROPSETID_OpenDMusSynth, KSPROPERTY_OPENDMUS_SILENT, NULL, 0, &silent, sizeof silent);
    return NT_SUCCESS(status) && silent;
}

static void kernel_report(struct route *route, struct route_report *out)
{
    DMUS_SYNTHREPORT report;
    memset(out, 0, sizeof *out);
    if (!NT_SUCCESS(get(route, &KSPROPSETID_OpenDMusSynth, KSPROPERTY_OPENDMUS_REPORT, NULL, 0, &report, sizeof report)))
        return;
    out->voices = report.dwVoices;
    out->voices_peak = report.dwVoicesPeak;
    out->notes_lost = report.dwNotesLost;
    out->events_late = report.dwEventsLate;
    out->missing_count = report.dwPatchesMissing;
    out->notes_missing = report.ullNotesMissing;
    out->samples_clipped = report.ullSamplesClipped;
    out->frames = report.ullFrames;
    out->wave_bytes = report.ullWaveBytes;
    out->peak = report.fPeak;
}

static bool kernel_missing(struct route *route, uint32_t index, struct route_missing *out)
{
    DMUS_MISSINGPATCH missing;
    NTSTATUS status = get(route, &KSPROPSETID_OpenDMusSynth, KSPROPERTY_OPENDMUS_MISSING, &index, sizeof index, &missing,
                          sizeof missing);
    if (status != STATUS_SUCCESS)
        return false;
    out->patch = missing.dwPatch;
    out->group = missing.dwChannelGroup;
    out->channel = missing.dwChannel;
    out->key = missing.dwKey;
    out->notes = missing.dwNotes;
    out->instrument_found = missing.fInstrument != FALSE;
    return true;
}

const struct route_ops route_kernel_mode = {
    .name = "kernel",
    .open = kernel_open,
    .append_frames = kernel_append_frames,
    .download = kernel_download,
    .unload = kernel_unload,
    .play = kernel_play,
    .pull = kernel_pull,
    .pump = kernel_pump,
    .silent = kernel_silent,
    .report = kernel_report,
    .missing = kernel_missing,
    .close = kernel_close,
};
