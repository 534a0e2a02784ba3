/* SPDX-License-Identifier: MIT */
#include "synth_impl.h"

static HRESULT STDMETHODCALLTYPE synth_live_QueryInterface(IDmusSynthLive *iface, REFIID riid, void **ppv)
{
    return synth_QueryInterface(&impl_from_IDmusSynthLive(iface)->IDirectMusicSynth8_iface, riid, ppv);
}

static ULONG STDMETHODCALLTYPE synth_live_AddRef(IDmusSynthLive *iface)
{
    return synth_AddRef(&impl_from_IDmusSynthLive(iface)->IDirectMusicSynth8_iface);
}

static ULONG STDMETHODCALLTYPE synth_live_Release(IDmusSynthLive *iface)
{
    return synth_Release(&impl_from_IDmusSynthLive(iface)->IDirectMusicSynth8_iface);
}

/* [lock] S_OK: open, inactive, and no Render is in the engine, which stays so as long as lock is held: the gate is opened with it.
 * Not wiring: an unload callback may come here while Activate(FALSE), with wiring held, waits for the thread it is called from. */
static HRESULT settle_inactive(struct synth_object *synth)
{
    if (!synth->engine)
        return DMUS_E_SYNTHNOTCONFIGURED;
    if (atomic_load(&synth->gate) & GATE_ACTIVE)
        return DMUS_E_SYNTHACTIVE;
    synth_wait_render(synth); /* the gate is shut without lock */
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE synth_live_Reserve(IDmusSynthLive *iface, DWORD messages)
{
    struct synth_object *synth = impl_from_IDmusSynthLive(iface);
    if (messages > DMUS_RESERVE_MAX) /* the system promises more memory than it has */
        return E_INVALIDARG;
    os_mutex_lock(&synth->lock);
    HRESULT hr = settle_inactive(synth);
    if (SUCCEEDED(hr))
        hr = synth_status_to_hresult(synth_reserve(synth->engine, messages));
    os_mutex_unlock(&synth->lock);
    return hr;
}

static HRESULT STDMETHODCALLTYPE synth_live_Post(IDmusSynthLive *iface, LONGLONG position, DWORD group, const BYTE *message,
                                                 DWORD size)
{
    struct synth_object *synth = impl_from_IDmusSynthLive(iface);
    if (!message)
        return E_POINTER;
    if (size == 0 || size > SYNTH_POST_MAX || !synth_message_valid(message, size))
        return E_INVALIDARG;
    HRESULT hr = synth_enter_render(synth);
    if (FAILED(hr))
        return hr;
    hr = synth_post(synth->engine, position, group, message, size) ? S_OK : S_FALSE;
    atomic_store(&synth->in_flight, 0);
    return hr;
}

static HRESULT STDMETHODCALLTYPE synth_live_WatchLevels(IDmusSynthLive *iface)
{
    struct synth_object *synth = impl_from_IDmusSynthLive(iface);
    os_mutex_lock(&synth->lock);
    HRESULT hr = settle_inactive(synth);
    if (SUCCEEDED(hr))
        hr = synth_status_to_hresult(synth_watch_levels(synth->engine));
    os_mutex_unlock(&synth->lock);
    return hr;
}

static HRESULT STDMETHODCALLTYPE synth_live_GetLevel(IDmusSynthLive *iface, DWORD group, DWORD channel, DWORD *voices, float *level)
{
    struct synth_object *synth = impl_from_IDmusSynthLive(iface);
    struct synth_level found;
    if (!voices || !level)
        return E_POINTER;
    os_mutex_lock(&synth->lock);
    HRESULT hr = !synth->engine                                              ? DMUS_E_SYNTHNOTCONFIGURED
                 : !synth_get_level(synth->engine, group, channel, &found) ? S_FALSE
                                                                           : S_OK;
    os_mutex_unlock(&synth->lock);
    if (hr == S_OK) {
        *voices = found.voices;
        *level = found.level_db;
    }
    return hr;
}

const IDmusSynthLiveVtbl synth_live_vtbl = {
    synth_live_QueryInterface,
    synth_live_AddRef,
    synth_live_Release,
    synth_live_Reserve,
    synth_live_Post,
    synth_live_WatchLevels,
    synth_live_GetLevel,
};
