/* SPDX-License-Identifier: MIT */
#include "synth_impl.h"

#include "sink_object.h"

/* Measured: no effect at all; a host sets the clock on the sink itself (native-behaviour.md 30). */
HRESULT STDMETHODCALLTYPE synth_SetMasterClock(IDirectMusicSynth8 *iface, IReferenceClock *clock)
{
    (void)iface;
    return clock ? S_OK : E_POINTER;
}

/* [wiring or lock] A reference on the sink, or NULL. */
static IDirectMusicSynthSink *sink_reference(struct synth_object *synth)
{
    os_mutex_lock(&synth->lock);
    IDirectMusicSynthSink *sink = synth->sink;
    if (sink)
        IDirectMusicSynthSink_AddRef(sink);
    os_mutex_unlock(&synth->lock);
    return sink;
}

HRESULT STDMETHODCALLTYPE synth_GetLatencyClock(IDirectMusicSynth8 *iface, IReferenceClock **clock)
{
    struct synth_object *synth = impl_from_IDirectMusicSynth8(iface);
    if (!clock)
        return E_POINTER;
    *clock = NULL;
    IDirectMusicSynthSink *sink = sink_reference(synth);
    if (!sink)
        return DMUS_E_NOSYNTHSINK;
    HRESULT hr = IDirectMusicSynthSink_GetLatencyClock(sink, clock);
    IDirectMusicSynthSink_Release(sink);
    return hr;
}

/* [wiring] The gate opens before the sink is told, since its thread may render before its Activate returns. */
static HRESULT start(struct synth_object *synth)
{
    if (!synth->sink)
        return DMUS_E_NOSYNTHSINK;
    os_mutex_lock(&synth->lock);
    bool open = synth->engine != NULL;
    if (open && !synth->running) {
        uint32_t voices, lost;
        synth_load(synth->engine, &voices, &lost); /* no render is in flight: the gate is shut */
        meter_start(&synth->meter, synth->params.rate, lost);
        atomic_fetch_or(&synth->gate, GATE_ACTIVE);
    }
    synth_unlock_and_call_back(synth);
    if (!open)
        return DMUS_E_SYNTHNOTCONFIGURED;
    if (synth->running)
        return S_FALSE;
    HRESULT hr = IDirectMusicSynthSink_Activate(synth->sink, TRUE);
    /* Measured: any refusal but one gives this code (spec/ddi-user.md 2.1); a sink that runs already is no refusal. */
    if (FAILED(hr) && hr != DMUS_E_SYNTHACTIVE) {
        atomic_fetch_and(&synth->gate, ~GATE_ACTIVE);
        synth_wait_render(synth);
        return DMUS_E_SYNTHNOTCONFIGURED;
    }
    synth->active = synth->running = true;
    return FAILED(hr) ? S_FALSE : S_OK;
}

/* [wiring] Whether the synth is open. */
static bool halt(struct synth_object *synth)
{
    atomic_fetch_and(&synth->gate, ~GATE_ACTIVE);
    synth_wait_render(synth);
    if (synth->running)
        IDirectMusicSynthSink_Activate(synth->sink, FALSE);
    synth->running = false;
    os_mutex_lock(&synth->lock);
    bool open = synth->engine != NULL;
    synth->time_line++;
    if (open) {
        /* The next activation counts positions from 0 again: what is queued and sounds belongs to the old time line. */
        synth_stop(synth->engine);
        atomic_store(&synth->silent, true);
    }
    synth_unlock_and_call_back(synth);
    return open;
}

/* [wiring] */
static HRESULT stop(struct synth_object *synth)
{
    if (!synth->active)
        return S_FALSE;
    synth->active = false;
    return halt(synth) && synth->sink ? S_OK : DMUS_E_SYNTHNOTCONFIGURED;
}

HRESULT STDMETHODCALLTYPE synth_Activate(IDirectMusicSynth8 *iface, BOOL enable)
{
    struct synth_object *synth = impl_from_IDirectMusicSynth8(iface);
    if (os_ending())
        return S_OK;
    os_mutex_lock(&synth->wiring);
    HRESULT hr = enable ? start(synth) : stop(synth);
    os_mutex_unlock(&synth->wiring);
    return hr;
}

void synth_leave_sink(struct synth_object *synth, IDirectMusicSynthSink *sink)
{
    struct sink_object *own = sink_object_from(sink);
    if (own)
        sink_object_forget(own, (IDirectMusicSynth *)&synth->IDirectMusicSynth8_iface);
    else
        IDirectMusicSynthSink_Init(sink, NULL);
}

/* [wiring] A sink has no reference on its synth: one that runs when it is taken away would go on rendering, at last a synth that
 * is dead. The synth stays active as the host set it, so that the sink that comes runs at once, or, if it cannot yet, from the next
 * Activate(TRUE) on. */
static void exchange(struct synth_object *synth, IDirectMusicSynthSink *sink)
{
    IDirectMusicSynthSink *old = synth->sink;
    if (synth->running) {
        halt(synth);
        synth_leave_sink(synth, old);
    }
    os_mutex_lock(&synth->lock);
    synth->sink = sink;
    os_mutex_unlock(&synth->lock);
    if (old)
        IDirectMusicSynthSink_Release(old);
    if (synth->active && sink)
        start(synth);
}

HRESULT STDMETHODCALLTYPE synth_SetSynthSink(IDirectMusicSynth8 *iface, IDirectMusicSynthSink *sink)
{
    struct synth_object *synth = impl_from_IDirectMusicSynth8(iface);
    HRESULT hr = S_OK;
    if (os_ending())
        return S_OK;
    os_mutex_lock(&synth->wiring);
    if (sink != synth->sink) {
        if (sink) {
            IDirectMusicSynthSink_AddRef(sink);
            hr = IDirectMusicSynthSink_Init(sink, (IDirectMusicSynth *)iface);
        }
        if (SUCCEEDED(hr))
            exchange(synth, sink);
        else
            IDirectMusicSynthSink_Release(sink);
    }
    os_mutex_unlock(&synth->wiring);
    return FAILED(hr) ? hr : S_OK;
}
