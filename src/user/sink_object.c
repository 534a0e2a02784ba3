/* SPDX-License-Identifier: MIT */
#include "sink_impl.h"

#include "base/alloc.h"
#include "synth_object.h"

#define RATE_UNCONFIGURED 22050u /* native-behaviour.md 73 */
#define PERIOD_MS         20u    /* defaults of spec/ddi-user.md 7.5 */
#define LATENCY_MS        55u

void sink_object_hold(struct sink_object *sink) { refcount_add(&sink->holds); }

void sink_object_let_go(struct sink_object *sink)
{
    if (refcount_release(&sink->holds))
        return;
    os_mutex_destroy(&sink->clock_lock);
    os_mutex_destroy(&sink->lock);
    dm_free(sink);
    user_object_died();
}

HRESULT STDMETHODCALLTYPE sink_QueryInterface(IDirectMusicSynthSink *iface, REFIID riid, void **ppv)
{
    struct sink_object *sink = impl_from_IDirectMusicSynthSink(iface);
    if (!ppv)
        return E_POINTER;
    *ppv = NULL;
    if (!riid)
        return E_POINTER;
    if (guid_is(riid, &IID_IUnknown) || guid_is(riid, &IID_IDirectMusicSynthSink))
        *ppv = &sink->IDirectMusicSynthSink_iface;
    else if (guid_is(riid, &IID_IKsControl))
        *ppv = &sink->IKsControl_iface;
    else if (guid_is(riid, &IID_IDmusSinkControl))
        *ppv = &sink->IDmusSinkControl_iface;
    else
        return E_NOINTERFACE;
    refcount_add(&sink->refs);
    return S_OK;
}

ULONG STDMETHODCALLTYPE sink_AddRef(IDirectMusicSynthSink *iface)
{
    return refcount_add(&impl_from_IDirectMusicSynthSink(iface)->refs);
}

/* [lock] */
static void stop(struct sink_object *sink)
{
    struct sink_session *session = sink->session;
    if (!session)
        return;
    sink->session = NULL;
    atomic_store(&sink->active, false);
    sink_session_end(session);
}

/* [lock] */
static void set_synth(struct sink_object *sink, IDirectMusicSynth *synth)
{
    struct synth_object *old = sink->own;
    sink->synth = synth;
    sink->own = synth_object_from(synth);
    if (sink->own)
        synth_object_hold(sink->own);
    if (old)
        synth_object_let_go(old);
}

ULONG STDMETHODCALLTYPE sink_Release(IDirectMusicSynthSink *iface)
{
    struct sink_object *sink = impl_from_IDirectMusicSynthSink(iface);
    IReferenceClock *old;
    ULONG left = refcount_release(&sink->refs);
    if (left || os_ending())
        return left;
    refcount_add(&sink->refs); /* a clock that goes may look at us once more */
    os_mutex_lock(&sink->lock);
    stop(sink);
    set_synth(sink, NULL);
    sink_keep_dsound(sink, NULL, NULL);
    os_mutex_unlock(&sink->lock);
    sink_replace_clock(sink, NULL, &old);
    if (old)
        IReferenceClock_Release(old);
    sink_object_let_go(sink);
    return 0;
}

/* Rate and channels of a synth that is open, in a format this sink can take. */
static HRESULT ask_format(IDirectMusicSynth *synth, WAVEFORMATEX *format)
{
    DWORD size = sizeof *format;
    HRESULT hr = IDirectMusicSynth_GetFormat(synth, format, &size);
    if (FAILED(hr))
        return hr;
    bool usable = format->wFormatTag == WAVE_FORMAT_PCM && format->wBitsPerSample == 16 && format->nChannels >= 1 &&
                  format->nChannels <= 2 && format->nSamplesPerSec > 0;
    return usable ? S_OK : DMUS_E_WAVEFORMATNOTSUPPORTED;
}

/* [lock] */
static void init(struct sink_object *sink, IDirectMusicSynth *synth)
{
    WAVEFORMATEX format;
    if (synth != sink->synth) {
        if (sink->session)
            sink_session_detach(sink->session);
        set_synth(sink, synth);
    }
    if (!sink->session) {
        struct time_map map = sink_map(sink);
        map.rate = synth && SUCCEEDED(ask_format(synth, &format)) ? format.nSamplesPerSec : RATE_UNCONFIGURED;
        sink_set_map(sink, &map);
    }
}

static HRESULT STDMETHODCALLTYPE sink_Init(IDirectMusicSynthSink *iface, IDirectMusicSynth *synth)
{
    struct sink_object *sink = impl_from_IDirectMusicSynthSink(iface);
    if (os_ending())
        return S_OK;
    os_mutex_lock(&sink->lock);
    init(sink, synth);
    os_mutex_unlock(&sink->lock);
    return S_OK;
}

void sink_object_forget(struct sink_object *sink, IDirectMusicSynth *synth)
{
    os_mutex_lock(&sink->lock);
    if (sink->synth == synth)
        init(sink, NULL);
    os_mutex_unlock(&sink->lock);
}

static HRESULT STDMETHODCALLTYPE sink_SetMasterClock(IDirectMusicSynthSink *iface, IReferenceClock *clock)
{
    struct sink_object *sink = impl_from_IDirectMusicSynthSink(iface);
    IReferenceClock *old;
    if (!clock)
        return E_POINTER;
    if (sink_clock_leads_to(clock, sink))
        return E_FAIL; /* to be told the time, it would have to ask itself (spec/ddi-user.md 2.2 has this code) */
    os_mutex_lock(&sink->lock);
    HRESULT hr = sink_replace_clock(sink, clock, &old);
    os_mutex_unlock(&sink->lock);
    if (old)
        IReferenceClock_Release(old);
    return hr;
}

static HRESULT STDMETHODCALLTYPE sink_GetLatencyClock(IDirectMusicSynthSink *iface, IReferenceClock **clock)
{
    struct sink_object *sink = impl_from_IDirectMusicSynthSink(iface);
    if (!clock)
        return E_POINTER;
    *clock = &sink->IReferenceClock_iface;
    refcount_add(&sink->refs);
    return S_OK;
}

static void reset_report(struct sink_object *sink)
{
    atomic_uint *const counters[] = {&sink->underruns, &sink->underruns_late, &sink->resyncs, &sink->wake_max_us,
                                     &sink->render_max_us};
    for (size_t i = 0; i < sizeof counters / sizeof counters[0]; i++)
        atomic_store(counters[i], 0);
}

/* [lock] The order of the checks is Microsoft's (native-behaviour.md 77). */
static HRESULT start(struct sink_object *sink)
{
    WAVEFORMATEX format = {0};
    struct sink_session *session;
    struct time_map map;
    REFERENCE_TIME now;
    if (!sink->synth || ask_format(sink->synth, &format) == DMUS_E_SYNTHNOTCONFIGURED)
        return DMUS_E_SYNTHNOTCONFIGURED;
    if (SINK_NEEDS_DSOUND && !sink->dsound && !sink->dsound_buffer && !sink->output && !sink->offline)
        return DMUS_E_DSOUND_NOT_SET;
    HRESULT hr = sink_master_time(sink, &now, &map);
    if (FAILED(hr))
        return hr;
    if (sink->session)
        return DMUS_E_SYNTHACTIVE;
    hr = ask_format(sink->synth, &format);
    if (FAILED(hr))
        return hr;
    hr = sink_session_create(sink, &format, &session);
    if (SUCCEEDED(hr) && FAILED(hr = sink_master_time(sink, &now, &map))) /* a device takes its time to start */
        sink_session_end(session);
    if (FAILED(hr))
        return hr;
    map = (struct time_map){
        .start_100ns = now, .rate = format.nSamplesPerSec, .exact = sink->profile == DMUS_PROFILE_STUDIO};
    sink_restart_map(sink, &map);
    reset_report(sink);
    sink_session_tell_lead(session, session->lead_100ns);
    atomic_store(&sink->active_offline, sink->offline);
    sink->session = session;
    hr = sink_session_start_device(session);
    atomic_store(&sink->active, SUCCEEDED(hr));
    if (SUCCEEDED(hr) && !sink->offline && !sink_session_start_thread(session))
        hr = E_OUTOFMEMORY;
    if (FAILED(hr))
        stop(sink);
    return hr;
}

static HRESULT STDMETHODCALLTYPE sink_Activate(IDirectMusicSynthSink *iface, BOOL enable)
{
    struct sink_object *sink = impl_from_IDirectMusicSynthSink(iface);
    HRESULT hr = S_OK;
    if (os_ending())
        return S_OK;
    atomic_fetch_add(&sink->stopping, 1);
    os_mutex_lock(&sink->lock);
    atomic_fetch_sub(&sink->stopping, 1);
    if (enable)
        hr = start(sink);
    else
        stop(sink);
    os_mutex_unlock(&sink->lock);
    return hr;
}

static HRESULT STDMETHODCALLTYPE sink_SampleToRefTime(IDirectMusicSynthSink *iface, LONGLONG sample, REFERENCE_TIME *time)
{
    if (!time)
        return E_POINTER;
    struct time_map map = sink_map(impl_from_IDirectMusicSynthSink(iface));
    *time = time_map_to_time(&map, sample);
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE sink_RefTimeToSample(IDirectMusicSynthSink *iface, REFERENCE_TIME time, LONGLONG *sample)
{
    if (!sample)
        return E_POINTER;
    struct time_map map = sink_map(impl_from_IDirectMusicSynthSink(iface));
    *sample = time_map_to_sample(&map, time);
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE sink_SetDirectSound(IDirectMusicSynthSink *iface, IDirectSound *dsound,
                                                     IDirectSoundBuffer *buffer)
{
    struct sink_object *sink = impl_from_IDirectMusicSynthSink(iface);
    os_mutex_lock(&sink->lock);
    WAVEFORMATEX format;
    HRESULT hr = sink->session                            ? DMUS_E_SYNTHACTIVE
                 : (dsound || buffer) && !sink->synth     ? DMUS_E_SYNTHNOTCONFIGURED
                                                          : S_OK;
    /* A synth that is not open yet has no format to compare: Activate does it then. */
    if (SUCCEEDED(hr) && buffer && SUCCEEDED(ask_format(sink->synth, &format)))
        hr = sink_check_dsound_buffer(buffer, &format);
    if (SUCCEEDED(hr))
        sink_keep_dsound(sink, dsound, buffer);
    os_mutex_unlock(&sink->lock);
    return hr;
}

/* Two seconds of 16-bit sound, in bytes (native-behaviour.md 79). */
static HRESULT STDMETHODCALLTYPE sink_GetDesiredBufferSize(IDirectMusicSynthSink *iface, DWORD *size)
{
    struct sink_object *sink = impl_from_IDirectMusicSynthSink(iface);
    WAVEFORMATEX format;
    if (!size)
        return E_POINTER;
    os_mutex_lock(&sink->lock);
    HRESULT hr = !sink->synth                                 ? DMUS_E_SYNTHNOTCONFIGURED
                 : FAILED(ask_format(sink->synth, &format))   ? E_UNEXPECTED
                                                              : S_OK;
    os_mutex_unlock(&sink->lock);
    if (SUCCEEDED(hr))
        *size = format.nSamplesPerSec * format.nChannels * 4;
    return hr;
}

const IDirectMusicSynthSinkVtbl sink_vtbl = {
    /* IUnknown */
    sink_QueryInterface,
    sink_AddRef,
    sink_Release,
    /* IDirectMusicSynthSink */
    sink_Init,
    sink_SetMasterClock,
    sink_GetLatencyClock,
    sink_Activate,
    sink_SampleToRefTime,
    sink_RefTimeToSample,
    sink_SetDirectSound,
    sink_GetDesiredBufferSize,
};

struct sink_object *sink_object_from(IDirectMusicSynthSink *sink)
{
    return sink && sink->lpVtbl == &sink_vtbl ? impl_from_IDirectMusicSynthSink(sink) : NULL;
}

HRESULT sink_object_create(IDirectMusicSynthSink **out)
{
    *out = NULL;
    struct sink_object *sink = dm_calloc(1, sizeof *sink);
    if (!sink)
        return E_OUTOFMEMORY;
    if (!os_mutex_init(&sink->lock)) {
        dm_free(sink);
        return E_OUTOFMEMORY;
    }
    if (!os_mutex_init(&sink->clock_lock)) {
        os_mutex_destroy(&sink->lock);
        dm_free(sink);
        return E_OUTOFMEMORY;
    }
    sink->IDirectMusicSynthSink_iface.lpVtbl = &sink_vtbl;
    sink->IKsControl_iface.lpVtbl = &sink_ks_vtbl;
    sink->IDmusSinkControl_iface.lpVtbl = &sink_control_vtbl;
    sink->IReferenceClock_iface.lpVtbl = &sink_clock_vtbl;
    refcount_init(&sink->refs, 1);
    refcount_init(&sink->holds, 1);
    sink->profile = DMUS_PROFILE_NATIVE;
    sink->period_ms = PERIOD_MS;
    sink->latency_ms = LATENCY_MS;
    atomic_init(&sink->map_rate, RATE_UNCONFIGURED);
    sink->latency_last = INT64_MIN;
    user_object_born();
    *out = &sink->IDirectMusicSynthSink_iface;
    return S_OK;
}
