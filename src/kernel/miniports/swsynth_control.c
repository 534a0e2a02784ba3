/* SPDX-License-Identifier: MIT */
/* IDmusSynthControl of both kinds of stream (dmus/idmus.h): what user mode's synth offers, on the stream's instance. */
#include "swsynth.h"

#include <dmerror.h>

static HRESULT STDMETHODCALLTYPE control_QueryInterface(IDmusSynthControl *iface, REFIID riid, void **out)
{
    return swsynth_stream_query(impl_from_IDmusSynthControl(iface), riid, out);
}

static ULONG STDMETHODCALLTYPE control_AddRef(IDmusSynthControl *iface)
{
    return refcount_add(&impl_from_IDmusSynthControl(iface)->refs);
}

static ULONG STDMETHODCALLTYPE control_Release(IDmusSynthControl *iface)
{
    return swsynth_stream_release(impl_from_IDmusSynthControl(iface));
}

static HRESULT STDMETHODCALLTYPE control_SetConfig(IDmusSynthControl *iface, const DMUS_SYNTHCONFIG *config)
{
    struct swsynth_instance *instance = swsynth_instance_of(impl_from_IDmusSynthControl(iface));
    if (!config)
        return E_POINTER;
    return instance ? swsynth_set_config(instance, config) : DMUS_E_SYNTHNOTCONFIGURED;
}

static HRESULT STDMETHODCALLTYPE control_GetConfig(IDmusSynthControl *iface, DMUS_SYNTHCONFIG *config)
{
    struct swsynth_instance *instance = swsynth_instance_of(impl_from_IDmusSynthControl(iface));
    if (!config)
        return E_POINTER;
    if (config->dwSize < sizeof *config)
        return E_INVALIDARG;
    if (!instance)
        return DMUS_E_SYNTHNOTCONFIGURED;
    DWORD size = config->dwSize;
    *config = instance->config;
    config->dwSize = size;
    return S_OK;
}

/* ---- rendering ---- */

static HRESULT STDMETHODCALLTYPE control_RenderFloat(IDmusSynthControl *iface, float *buffer, DWORD length, LONGLONG position)
{
    struct swsynth_stream *stream = impl_from_IDmusSynthControl(iface);
    if (!buffer)
        return E_POINTER;
    struct swsynth_instance *instance = swsynth_render_enter(stream, length, position);
    if (!instance)
        return DMUS_E_SYNTHINACTIVE;
    LONGLONG since = swsynth_now_ns();
    synth_render_f32(instance->engine, position, length, buffer);
    swsynth_render_leave(stream, length, position, since, meter_to_bits(synth_peak(instance->engine)));
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE control_RenderBuses(IDmusSynthControl *iface, float *const *buffers, const DWORD *buses,
                                                     DWORD count, DWORD length, LONGLONG position)
{
    struct swsynth_stream *stream = impl_from_IDmusSynthControl(iface);
    uint32_t peak = 0;
    if (count > DMUS_RENDER_BUSES_MAX)
        return E_INVALIDARG;
    if (count && (!buffers || !buses))
        return E_POINTER;
    for (DWORD i = 0; i < count; i++)
        if (!buffers[i])
            return E_POINTER;
    struct swsynth_instance *instance = swsynth_render_enter(stream, length, position);
    if (!instance)
        return DMUS_E_SYNTHINACTIVE;
    LONGLONG since = swsynth_now_ns();
    synth_render_buses(instance->engine, position, length, buffers, buses, count);
    for (DWORD i = 0; i < count; i++) {
        uint32_t bits = meter_peak_f32(buffers[i], length);
        peak = bits > peak ? bits : peak;
    }
    swsynth_render_leave(stream, length, position, since, peak);
    return S_OK;
}

/* ---- reports ---- */

/* The lock, if there is an engine to ask. */
static struct swsynth_instance *enter(IDmusSynthControl *iface, KIRQL *irql)
{
    struct swsynth_instance *instance = swsynth_instance_of(impl_from_IDmusSynthControl(iface));
    if (!instance || !instance->engine)
        return NULL;
    KeAcquireSpinLock(&instance->lock, irql);
    return instance;
}

static HRESULT STDMETHODCALLTYPE control_GetReport(IDmusSynthControl *iface, DMUS_SYNTHREPORT *report)
{
    struct synth_stats stats;
    struct synth_missing missing;
    DWORD patches = 0;
    KIRQL irql;
    if (!report)
        return E_POINTER;
    if (report->dwSize < sizeof *report)
        return E_INVALIDARG;
    struct swsynth_instance *instance = enter(iface, &irql);
    if (!instance)
        return DMUS_E_SYNTHNOTCONFIGURED;
    synth_get_stats(instance->engine, &stats);
    while (synth_get_missing(instance->engine, patches, &missing))
        patches++;
    KeReleaseSpinLock(&instance->lock, irql);
    *report = (DMUS_SYNTHREPORT){.dwSize = report->dwSize,
                                 .dwVoices = stats.voices,
                                 .dwVoicesPeak = stats.voices_peak,
                                 .dwNotesLost = stats.notes_lost,
                                 .dwEventsLate = stats.events_late,
                                 .dwPatchesMissing = patches,
                                 .ullNotesMissing = stats.notes_missing,
                                 .ullSamplesClipped = stats.samples_clipped,
                                 .ullFrames = stats.frames,
                                 .ullWaveBytes = stats.wave_bytes,
                                 .fPeak = stats.peak};
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE control_ResetReport(IDmusSynthControl *iface)
{
    KIRQL irql;
    struct swsynth_instance *instance = enter(iface, &irql);
    if (!instance)
        return DMUS_E_SYNTHNOTCONFIGURED;
    synth_reset_stats(instance->engine);
    KeReleaseSpinLock(&instance->lock, irql);
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE control_GetMissing(IDmusSynthControl *iface, DWORD index, DMUS_MISSINGPATCH *out)
{
    struct synth_missing missing;
    KIRQL irql;
    if (!out)
        return E_POINTER;
    if (out->dwSize < sizeof *out)
        return E_INVALIDARG;
    struct swsynth_instance *instance = enter(iface, &irql);
    if (!instance)
        return DMUS_E_SYNTHNOTCONFIGURED;
    bool found = synth_get_missing(instance->engine, index, &missing);
    KeReleaseSpinLock(&instance->lock, irql);
    if (!found)
        return S_FALSE;
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
static HRESULT STDMETHODCALLTYPE control_IsSilent(IDmusSynthControl *iface)
{
    struct synth_stats stats;
    KIRQL irql;
    struct swsynth_instance *instance = enter(iface, &irql);
    if (!instance)
        return S_OK;
    synth_get_stats(instance->engine, &stats);
    bool silent = stats.queued_events == 0 && !instance->held && atomic_load(&instance->silent);
    KeReleaseSpinLock(&instance->lock, irql);
    return silent ? S_OK : S_FALSE;
}

const IDmusSynthControlVtbl swsynth_control_vtbl = {
    control_QueryInterface, control_AddRef,      control_Release,    control_SetConfig, control_GetConfig,  control_RenderFloat,
    control_GetReport,      control_ResetReport, control_GetMissing, control_IsSilent,  control_RenderBuses,
};
