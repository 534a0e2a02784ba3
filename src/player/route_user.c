/* SPDX-License-Identifier: MIT */
/* The user-mode door: IDirectMusicSynth8, IDirectMusicSynthSink, IKsControl, and our own IDmus* interfaces. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "hresult.h"
#include "route.h"
#include "user/user.h"

struct route {
    struct route_config config;
    IDirectMusicSynth8 *synth;
    IDmusSynthControl *control;
    IDmusSynthLive *live; /* NULL: nothing is posted, nobody looks at levels */
    IDirectMusicSynthSink *sink;
    IDmusSinkControl *sink_control;
    IReferenceClock *clock;
    bool open, active;
    int64_t pulled; /* frames */
};

static enum dm_status fail(struct dm_error *err, const char *what, HRESULT hr)
{
    return dm_fail(err, hr == E_OUTOFMEMORY ? DM_ERR_NOMEM : DM_ERR_DEVICE, "%s: %s (0x%08X)", what, hresult_text(hr),
                   (unsigned)hr);
}

static void user_close(struct route *route)
{
    if (!route)
        return;
    if (route->active)
        IDirectMusicSynth8_Activate(route->synth, FALSE);
    if (route->open)
        IDirectMusicSynth8_Close(route->synth);
    if (route->sink_control) {
        route->sink_control->lpVtbl->SetOutput(route->sink_control, NULL, FALSE);
        route->sink_control->lpVtbl->Release(route->sink_control);
    }
    if (route->synth)
        IDirectMusicSynth8_SetSynthSink(route->synth, NULL);
    if (route->clock)
        IReferenceClock_Release(route->clock);
    if (route->sink)
        IDirectMusicSynthSink_Release(route->sink);
    if (route->live)
        route->live->lpVtbl->Release(route->live);
    if (route->control)
        route->control->lpVtbl->Release(route->control);
    if (route->synth)
        IDirectMusicSynth8_Release(route->synth);
    dm_free(route);
}

/* ---- opening ---- */

static enum dm_status create_objects(struct route *route, struct dm_error *err)
{
    HRESULT hr = user_create_instance(&CLSID_DirectMusicSynth, NULL, &IID_IDirectMusicSynth8, (void **)&route->synth);
    if (SUCCEEDED(hr))
        hr = user_create_instance(&CLSID_DirectMusicSynthSink, NULL, &IID_IDirectMusicSynthSink,
                                  (void **)&route->sink);
    if (SUCCEEDED(hr))
        hr = IDirectMusicSynth8_QueryInterface(route->synth, &IID_IDmusSynthControl, (void **)&route->control);
    if (SUCCEEDED(hr))
        hr = IDirectMusicSynthSink_QueryInterface(route->sink, &IID_IDmusSinkControl, (void **)&route->sink_control);
    return SUCCEEDED(hr) ? DM_OK : fail(err, "creating the synthesizer", hr);
}

static enum dm_status connect(struct route *route, struct dm_error *err)
{
    const struct route_config *c = &route->config;
    DWORD profile = c->studio ? DMUS_PROFILE_STUDIO : DMUS_PROFILE_NATIVE;
    DMUS_SYNTHCONFIG config = {sizeof config, profile, c->interpolation, c->dither, c->simd, c->threads};
    HRESULT hr = route->control->lpVtbl->SetConfig(route->control, &config);
    if (SUCCEEDED(hr))
        hr = route->sink_control->lpVtbl->SetProfile(route->sink_control, profile);
    if (SUCCEEDED(hr))
        hr = route->sink_control->lpVtbl->SetOffline(route->sink_control, TRUE);
    if (SUCCEEDED(hr))
        hr = route->sink_control->lpVtbl->SetOutput(route->sink_control, c->output, c->float_samples);
    if (SUCCEEDED(hr))
        hr = IDirectMusicSynth8_SetSynthSink(route->synth, route->sink);
    if (SUCCEEDED(hr))
        hr = user_create_stream_clock(route->sink, &route->clock);
    if (SUCCEEDED(hr))
        hr = IDirectMusicSynthSink_SetMasterClock(route->sink, route->clock);
    return SUCCEEDED(hr) ? DM_OK : fail(err, "connecting synthesizer and sink", hr);
}

static enum dm_status open_port(struct route *route, struct dm_error *err)
{
    const struct route_config *c = &route->config;
    DMUS_PORTPARAMS params = {.dwSize = sizeof params};
    params.dwValidParams = DMUS_PORTPARAMS_VOICES | DMUS_PORTPARAMS_CHANNELGROUPS | DMUS_PORTPARAMS_AUDIOCHANNELS |
                           DMUS_PORTPARAMS_SAMPLERATE | DMUS_PORTPARAMS_EFFECTS;
    params.dwVoices = c->voices;
    params.dwChannelGroups = c->groups;
    params.dwAudioChannels = c->channels;
    params.dwSampleRate = c->sample_rate;
    params.dwEffectFlags = (c->reverb ? DMUS_EFFECT_REVERB : 0) | (c->chorus ? DMUS_EFFECT_CHORUS : 0);
    HRESULT hr = IDirectMusicSynth8_Open(route->synth, &params);
    if (FAILED(hr))
        return fail(err, "opening the synthesizer", hr);
    route->open = true;
    struct route_granted got = {params.dwSampleRate, params.dwAudioChannels, params.dwVoices, params.dwChannelGroups};
    return route_check_granted(c, &got, err);
}

static enum dm_status prepare_live(struct route *route, struct dm_error *err)
{
    if (route->config.posts == 0 && !route->config.levels)
        return DM_OK;
    HRESULT hr = IDirectMusicSynth8_QueryInterface(route->synth, &IID_IDmusSynthLive, (void **)&route->live);
    if (SUCCEEDED(hr) && route->config.posts)
        hr = route->live->lpVtbl->Reserve(route->live, route->config.posts);
    if (SUCCEEDED(hr) && route->config.levels)
        hr = route->live->lpVtbl->WatchLevels(route->live);
    return SUCCEEDED(hr) ? DM_OK : fail(err, "making room for live messages", hr);
}

/* One item of the Volume property; the two add up (native-behaviour.md 9). */
static HRESULT set_volume(IKsControl *ks, ULONG item, LONG volume)
{
    KSPROPERTY property;
    ULONG returned = 0;
    memset(&property, 0, sizeof property);
    property.Set = GUID_DMUS_PROP_Volume;
    property.Id = item;
    property.Flags = KSPROPERTY_TYPE_SET;
    return IKsControl_KsProperty(ks, &property, sizeof property, &volume, sizeof volume, &returned);
}

static enum dm_status set_volumes(struct route *route, struct dm_error *err)
{
    IKsControl *ks;
    HRESULT hr = IDirectMusicSynth8_QueryInterface(route->synth, &IID_IKsControl, (void **)&ks);
    if (SUCCEEDED(hr)) {
        hr = set_volume(ks, 0, route->config.volume);
        if (SUCCEEDED(hr))
            hr = set_volume(ks, 1, 0);
        IKsControl_Release(ks);
    }
    return SUCCEEDED(hr) ? DM_OK : fail(err, "setting the volume", hr);
}

static enum dm_status user_open(const struct route_config *config, struct route **out, struct dm_error *err)
{
    *out = NULL;
    struct route *route = dm_calloc(1, sizeof *route);
    if (!route)
        return dm_fail(err, DM_ERR_NOMEM, "no memory for the synthesizer");
    route->config = *config;
    enum dm_status status = create_objects(route, err);
    if (status == DM_OK)
        status = connect(route, err);
    if (status == DM_OK)
        status = open_port(route, err);
    if (status == DM_OK)
        status = prepare_live(route, err);
    if (status == DM_OK)
        status = set_volumes(route, err);
    if (status == DM_OK) {
        HRESULT hr = IDirectMusicSynth8_Activate(route->synth, TRUE);
        route->active = SUCCEEDED(hr);
        /* The sink's own code is hidden (native-behaviour.md 32); it has all that it asks for, so what it lacks is memory. */
        if (FAILED(hr))
            status = fail(err, "activating the synthesizer", hr == DMUS_E_SYNTHNOTCONFIGURED ? E_OUTOFMEMORY : hr);
    }
    if (status != DM_OK) {
        user_close(route);
        return status;
    }
    *out = route;
    return DM_OK;
}

/* ---- playing ---- */

static uint32_t user_append_frames(struct route *route)
{
    DWORD append = 0;
    return SUCCEEDED(IDirectMusicSynth8_GetAppend(route->synth, &append)) ? append : 0;
}

static enum dm_status user_download(struct route *route, void *image, void **handle, bool *keeps, struct dm_error *err)
{
    HANDLE loaded = NULL;
    BOOL may_free = TRUE;
    HRESULT hr = IDirectMusicSynth8_Download(route->synth, &loaded, image, &may_free);
    *handle = loaded;
    *keeps = !may_free;
    if (SUCCEEDED(hr))
        return DM_OK;
    return dm_fail(err, hr == E_OUTOFMEMORY ? DM_ERR_NOMEM : DM_ERR_FORMAT, "refused by the synthesizer: %s (0x%08X)",
                   hresult_text(hr), (unsigned)hr);
}

static HRESULT CALLBACK unloaded(HANDLE handle, HANDLE user)
{
    (void)handle, (void)user;
    return S_OK; /* images are kept until close */
}

static enum dm_status user_unload(struct route *route, void *handle, struct dm_error *err)
{
    HRESULT hr = IDirectMusicSynth8_Unload(route->synth, handle, unloaded, NULL);
    return SUCCEEDED(hr) ? DM_OK : fail(err, "unloading", hr);
}

static enum dm_status user_play(struct route *route, int64_t start_100ns, const uint8_t *buffer, uint32_t size,
                                struct dm_error *err)
{
    REFERENCE_TIME first;
    HRESULT hr = IDirectMusicSynthSink_SampleToRefTime(route->sink, 0, &first);
    if (SUCCEEDED(hr))
        hr = IDirectMusicSynth8_PlayBuffer(route->synth, first + start_100ns, (BYTE *)(uintptr_t)buffer, size);
    return SUCCEEDED(hr) ? DM_OK : fail(err, "queueing events", hr);
}

static void user_pull(struct route *route, float *frames, uint32_t count)
{
    if (FAILED(route->control->lpVtbl->RenderFloat(route->control, frames, count, route->pulled)))
        memset(frames, 0, (size_t)count * route->config.channels * sizeof *frames);
    route->pulled += count;
}

static bool user_post(struct route *route, int64_t frame, uint32_t group, const uint8_t *bytes, uint32_t size)
{
    return route->live && route->live->lpVtbl->Post(route->live, frame, group, bytes, size) == S_OK;
}

static enum dm_status user_pump(struct route *route, uint64_t frames, uint32_t block, struct dm_error *err)
{
    HRESULT hr = route->sink_control->lpVtbl->Pump(route->sink_control, frames, block);
    if (SUCCEEDED(hr))
        return DM_OK;
    return hr == E_FAIL ? DM_ERR_WRITE : fail(err, "rendering", hr);
}

static bool user_silent(struct route *route) { return route->control->lpVtbl->IsSilent(route->control) == S_OK; }

static bool user_level(struct route *route, uint32_t group, uint32_t channel, uint32_t *voices, float *gain)
{
    DWORD count;
    float db;
    if (!route->live || route->live->lpVtbl->GetLevel(route->live, group, channel, &count, &db) != S_OK)
        return false;
    *voices = count;
    *gain = db > -120 ? powf(10, db / 20) : 0;
    return true;
}

static void user_report(struct route *route, struct route_report *out)
{
    DMUS_SYNTHREPORT report = {.dwSize = sizeof report};
    memset(out, 0, sizeof *out);
    if (FAILED(route->control->lpVtbl->GetReport(route->control, &report)))
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

static bool user_missing(struct route *route, uint32_t index, struct route_missing *out)
{
    DMUS_MISSINGPATCH missing = {.dwSize = sizeof missing};
    if (route->control->lpVtbl->GetMissing(route->control, index, &missing) != S_OK)
        return false;
    out->patch = missing.dwPatch;
    out->group = missing.dwChannelGroup;
    out->channel = missing.dwChannel;
    out->key = missing.dwKey;
    out->notes = missing.dwNotes;
    out->instrument_found = missing.fInstrument != FALSE;
    return true;
}

const struct route_ops route_user_mode = {
    .name = "user",
    .realtime = true,
    .threads = true,
    .open = user_open,
    .append_frames = user_append_frames,
    .download = user_download,
    .unload = user_unload,
    .play = user_play,
    .post = user_post,
    .pull = user_pull,
    .pump = user_pump,
    .silent = user_silent,
    .level = user_level,
    .report = user_report,
    .missing = user_missing,
    .close = user_close,
};
