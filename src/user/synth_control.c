/* SPDX-License-Identifier: MIT */
#include "synth_impl.h"

static HRESULT STDMETHODCALLTYPE synth_control_QueryInterface(IDmusSynthControl *iface, REFIID riid, void **ppv)
{
    return synth_QueryInterface(&impl_from_IDmusSynthControl(iface)->IDirectMusicSynth8_iface, riid, ppv);
}

static ULONG STDMETHODCALLTYPE synth_control_AddRef(IDmusSynthControl *iface)
{
    return synth_AddRef(&impl_from_IDmusSynthControl(iface)->IDirectMusicSynth8_iface);
}

static ULONG STDMETHODCALLTYPE synth_control_Release(IDmusSynthControl *iface)
{
    return synth_Release(&impl_from_IDmusSynthControl(iface)->IDirectMusicSynth8_iface);
}

static HRESULT STDMETHODCALLTYPE synth_control_SetConfig(IDmusSynthControl *iface, const DMUS_SYNTHCONFIG *config)
{
    struct synth_object *synth = impl_from_IDmusSynthControl(iface);
    if (!config)
        return E_POINTER;
    /* A longer structure asks for something this library does not have. */
    if (config->dwSize != sizeof *config || config->dwProfile > DMUS_PROFILE_STUDIO ||
        config->dwInterpolation > DMUS_INTERPOLATION_SINC32 || config->dwDither > 2 || config->dwSimd > DMUS_SIMD_NEON ||
        config->dwThreads > DMUS_THREADS_MAX)
        return E_INVALIDARG;
    os_mutex_lock(&synth->lock);
    bool open = synth->engine != NULL;
    if (!open) {
        synth->config = *config;
        for (int i = 0; i < 2; i++)
            if (!synth->volume_chosen[i])
                synth->volume[i] = port_profiles[config->dwProfile].volume[i];
    }
    os_mutex_unlock(&synth->lock);
    return open ? DMUS_E_ALREADYOPEN : S_OK;
}

static HRESULT STDMETHODCALLTYPE synth_control_GetConfig(IDmusSynthControl *iface, DMUS_SYNTHCONFIG *config)
{
    struct synth_object *synth = impl_from_IDmusSynthControl(iface);
    if (!config)
        return E_POINTER;
    if (config->dwSize < sizeof *config)
        return E_INVALIDARG;
    DWORD size = config->dwSize;
    os_mutex_lock(&synth->lock);
    *config = synth->config;
    os_mutex_unlock(&synth->lock);
    config->dwSize = size;
    return S_OK;
}

/* [lock] */
static void current_stats(struct synth_object *synth, struct synth_stats *stats)
{
    if (synth->engine)
        synth_get_stats(synth->engine, stats);
    else
        *stats = synth->last_stats;
}

/* [lock] */
static bool current_missing(const struct synth_object *synth, DWORD index, struct synth_missing *missing)
{
    if (synth->engine)
        return synth_get_missing(synth->engine, index, missing);
    if (index >= synth->last_missing_count)
        return false;
    *missing = synth->last_missing[index];
    return true;
}

/* [lock] */
static DWORD count_missing(const struct synth_object *synth)
{
    struct synth_missing missing;
    DWORD count = 0;
    while (count < MISSING_KEPT && current_missing(synth, count, &missing))
        count++;
    return count;
}

static HRESULT STDMETHODCALLTYPE synth_control_GetReport(IDmusSynthControl *iface, DMUS_SYNTHREPORT *report)
{
    struct synth_object *synth = impl_from_IDmusSynthControl(iface);
    struct synth_stats stats = {0};
    DWORD missing = 0;
    if (!report)
        return E_POINTER;
    if (report->dwSize < sizeof *report)
        return E_INVALIDARG;
    os_mutex_lock(&synth->lock);
    bool known = synth->opened_once;
    if (known) {
        current_stats(synth, &stats);
        missing = count_missing(synth);
    }
    synth_unlock_and_call_back(synth);
    if (!known)
        return DMUS_E_SYNTHNOTCONFIGURED;
    *report = (DMUS_SYNTHREPORT){.dwSize = report->dwSize,
                                 .dwVoices = stats.voices,
                                 .dwVoicesPeak = stats.voices_peak,
                                 .dwNotesLost = stats.notes_lost,
                                 .dwEventsLate = stats.events_late,
                                 .dwPatchesMissing = missing,
                                 .ullNotesMissing = stats.notes_missing,
                                 .ullSamplesClipped = stats.samples_clipped,
                                 .ullFrames = stats.frames,
                                 .ullWaveBytes = stats.wave_bytes,
                                 .fPeak = stats.peak};
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE synth_control_ResetReport(IDmusSynthControl *iface)
{
    struct synth_object *synth = impl_from_IDmusSynthControl(iface);
    os_mutex_lock(&synth->lock);
    HRESULT hr = synth->opened_once ? S_OK : DMUS_E_SYNTHNOTCONFIGURED;
    if (synth->engine) {
        synth_reset_stats(synth->engine);
    } else {
        memset(&synth->last_stats, 0, sizeof synth->last_stats);
        synth->last_missing_count = 0;
    }
    os_mutex_unlock(&synth->lock);
    return hr;
}

static HRESULT STDMETHODCALLTYPE synth_control_GetMissing(IDmusSynthControl *iface, DWORD index, DMUS_MISSINGPATCH *out)
{
    struct synth_object *synth = impl_from_IDmusSynthControl(iface);
    struct synth_missing missing = {0};
    if (!out)
        return E_POINTER;
    if (out->dwSize < sizeof *out)
        return E_INVALIDARG;
    os_mutex_lock(&synth->lock);
    bool known = synth->opened_once;
    bool found = known && current_missing(synth, index, &missing);
    os_mutex_unlock(&synth->lock);
    if (!found)
        return known ? S_FALSE : DMUS_E_SYNTHNOTCONFIGURED;
    *out = (DMUS_MISSINGPATCH){.dwSize = out->dwSize,
                               .dwPatch = missing.patch,
                               .dwChannelGroup = missing.group,
                               .dwChannel = missing.channel,
                               .dwKey = missing.key,
                               .dwNotes = missing.count,
                               .fInstrument = missing.has_instrument};
    return S_OK;
}

/* The queue first: an event that left it did so in a Render that had cleared silent before. */
static HRESULT STDMETHODCALLTYPE synth_control_IsSilent(IDmusSynthControl *iface)
{
    struct synth_object *synth = impl_from_IDmusSynthControl(iface);
    struct synth_stats stats = {0};
    os_mutex_lock(&synth->lock);
    bool open = synth->engine != NULL;
    if (open)
        synth_get_stats(synth->engine, &stats);
    bool silent = !open || (stats.queued_events == 0 && atomic_load(&synth->silent));
    os_mutex_unlock(&synth->lock);
    return silent ? S_OK : S_FALSE;
}

const IDmusSynthControlVtbl synth_control_vtbl = {
    synth_control_QueryInterface,
    synth_control_AddRef,
    synth_control_Release,
    synth_control_SetConfig,
    synth_control_GetConfig,
    synth_control_RenderFloat,
    synth_control_GetReport,
    synth_control_ResetReport,
    synth_control_GetMissing,
    synth_control_IsSilent,
    synth_control_RenderBuses,
};
