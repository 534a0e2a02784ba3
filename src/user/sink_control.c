/* SPDX-License-Identifier: MIT */
#include "sink_impl.h"
#include "synth_object.h"

static HRESULT STDMETHODCALLTYPE sink_control_QueryInterface(IDmusSinkControl *iface, REFIID riid, void **ppv)
{
    return sink_QueryInterface(&impl_from_IDmusSinkControl(iface)->IDirectMusicSynthSink_iface, riid, ppv);
}

static ULONG STDMETHODCALLTYPE sink_control_AddRef(IDmusSinkControl *iface)
{
    return sink_AddRef(&impl_from_IDmusSinkControl(iface)->IDirectMusicSynthSink_iface);
}

static ULONG STDMETHODCALLTYPE sink_control_Release(IDmusSinkControl *iface)
{
    return sink_Release(&impl_from_IDmusSinkControl(iface)->IDirectMusicSynthSink_iface);
}

static HRESULT STDMETHODCALLTYPE sink_control_SetOutput(IDmusSinkControl *iface, void *output, BOOL as_float)
{
    struct sink_object *sink = impl_from_IDmusSinkControl(iface);
    os_mutex_lock(&sink->lock);
    HRESULT hr = sink->session ? DMUS_E_SYNTHACTIVE : S_OK;
    if (SUCCEEDED(hr)) {
        sink->output = output;
        sink->output_float = as_float != FALSE;
    }
    os_mutex_unlock(&sink->lock);
    return hr;
}

static HRESULT STDMETHODCALLTYPE sink_control_SetOffline(IDmusSinkControl *iface, BOOL offline)
{
    struct sink_object *sink = impl_from_IDmusSinkControl(iface);
    os_mutex_lock(&sink->lock);
    HRESULT hr = sink->session ? DMUS_E_SYNTHACTIVE : S_OK;
    if (SUCCEEDED(hr))
        sink->offline = offline != FALSE;
    os_mutex_unlock(&sink->lock);
    return hr;
}

static HRESULT STDMETHODCALLTYPE sink_control_SetProfile(IDmusSinkControl *iface, DWORD profile)
{
    struct sink_object *sink = impl_from_IDmusSinkControl(iface);
    if (profile > DMUS_PROFILE_STUDIO)
        return E_INVALIDARG;
    os_mutex_lock(&sink->lock);
    HRESULT hr = sink->session ? DMUS_E_SYNTHACTIVE : S_OK;
    if (SUCCEEDED(hr)) {
        struct time_map map = sink_map(sink);
        sink->profile = profile;
        map.exact = profile == DMUS_PROFILE_STUDIO;
        sink_set_map(sink, &map);
    }
    os_mutex_unlock(&sink->lock);
    return hr;
}

/* One block at a time, so that whoever wants to stop the sink gets between two. */
static HRESULT STDMETHODCALLTYPE sink_control_Pump(IDmusSinkControl *iface, ULONGLONG frames, DWORD block)
{
    struct sink_object *sink = impl_from_IDmusSinkControl(iface);
    struct synth_object *own = NULL;
    HRESULT hr = S_OK;
    if (block == 0)
        return E_INVALIDARG;
    block = block < SINK_BLOCK_MAX ? block : SINK_BLOCK_MAX;
    do {
        uint32_t count = frames < block ? (uint32_t)frames : block;
        while (atomic_load(&sink->stopping) && !os_ending())
            os_sleep_ms(1);
        os_mutex_lock(&sink->lock);
        if (!sink->session || !sink->offline)
            hr = DMUS_E_SYNTHINACTIVE;
        else if (count)
            hr = sink_session_block(sink->session, count);
        if (!own && sink->own)
            synth_object_hold(own = sink->own);
        os_mutex_unlock(&sink->lock);
        if (own)
            synth_object_poke(own);
        frames -= count;
    } while (SUCCEEDED(hr) && frames);
    if (own)
        synth_object_let_go(own);
    return hr;
}

static HRESULT STDMETHODCALLTYPE sink_control_GetPosition(IDmusSinkControl *iface, LONGLONG *position)
{
    if (!position)
        return E_POINTER;
    *position = atomic_load(&impl_from_IDmusSinkControl(iface)->position);
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE sink_control_GetReport(IDmusSinkControl *iface, DMUS_SINKREPORT *report)
{
    struct sink_object *sink = impl_from_IDmusSinkControl(iface);
    if (!report)
        return E_POINTER;
    if (report->dwSize < sizeof *report)
        return E_INVALIDARG;
    report->dwUnderruns = atomic_load(&sink->underruns);
    report->dwUnderrunsLate = atomic_load(&sink->underruns_late);
    report->dwResyncs = atomic_load(&sink->resyncs);
    report->dwWakeMax = atomic_load(&sink->wake_max_us);
    report->dwRenderMax = atomic_load(&sink->render_max_us);
    report->dwLead = (DWORD)(atomic_load(&sink->lead_100ns) / 10);
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE sink_control_SetFeed(IDmusSinkControl *iface, DMUS_SINKFEED feed, void *context)
{
    struct sink_object *sink = impl_from_IDmusSinkControl(iface);
    os_mutex_lock(&sink->lock);
    HRESULT hr = sink->session ? DMUS_E_SYNTHACTIVE : S_OK;
    if (SUCCEEDED(hr)) {
        sink->feed = feed;
        sink->feed_context = context;
    }
    os_mutex_unlock(&sink->lock);
    return hr;
}

static HRESULT STDMETHODCALLTYPE sink_control_SetHold(IDmusSinkControl *iface, BOOL hold)
{
    struct sink_object *sink = impl_from_IDmusSinkControl(iface);
    os_mutex_lock(&sink->lock);
    sink->held = hold != FALSE;
    HRESULT hr = sink->session && sink->session->pulled.device ? sink_pull_hold(sink->session, sink->held) : S_OK;
    os_mutex_unlock(&sink->lock);
    return hr;
}

const IDmusSinkControlVtbl sink_control_vtbl = {
    sink_control_QueryInterface, sink_control_AddRef,     sink_control_Release,
    sink_control_SetOutput,      sink_control_SetOffline, sink_control_SetProfile,
    sink_control_Pump,           sink_control_GetPosition, sink_control_GetReport,
    sink_control_SetFeed,        sink_control_SetHold,
};
