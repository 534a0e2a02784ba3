/* SPDX-License-Identifier: MIT */
#include "synth_impl.h"

#include "base/alloc.h"

static void destroy(struct synth_object *synth)
{
    os_mutex_destroy(&synth->lock);
    os_mutex_destroy(&synth->wiring);
    dm_free(synth);
    user_object_died();
}

void synth_object_hold(struct synth_object *synth) { refcount_add(&synth->holds); }

void synth_object_let_go(struct synth_object *synth)
{
    if (refcount_release(&synth->holds) == 0)
        destroy(synth);
}

HRESULT STDMETHODCALLTYPE synth_QueryInterface(IDirectMusicSynth8 *iface, REFIID riid, void **ppv)
{
    struct synth_object *synth = impl_from_IDirectMusicSynth8(iface);
    if (!ppv)
        return E_POINTER;
    *ppv = NULL;
    if (!riid)
        return E_POINTER;
    if (guid_is(riid, &IID_IUnknown) || guid_is(riid, &IID_IDirectMusicSynth) || guid_is(riid, &IID_IDirectMusicSynth8))
        *ppv = &synth->IDirectMusicSynth8_iface;
    else if (guid_is(riid, &IID_IKsControl))
        *ppv = &synth->IKsControl_iface;
    else if (guid_is(riid, &IID_IDmusSynthControl))
        *ppv = &synth->IDmusSynthControl_iface;
    else if (guid_is(riid, &IID_IDmusSynthLive))
        *ppv = &synth->IDmusSynthLive_iface;
    else
        return E_NOINTERFACE;
    refcount_add(&synth->refs);
    return S_OK;
}

ULONG STDMETHODCALLTYPE synth_AddRef(IDirectMusicSynth8 *iface)
{
    return refcount_add(&impl_from_IDirectMusicSynth8(iface)->refs);
}

/* The last reference went: a sink that still runs is stopped, since it must not render into a dead synth, and the host gets
 * the unload callbacks that it is owed. */
static void end(struct synth_object *synth)
{
    if (os_ending())
        return;
    refcount_add(&synth->refs); /* whoever is called from here may take and give references */
    os_mutex_lock(&synth->wiring);
    atomic_store(&synth->gate, 0);
    os_mutex_lock(&synth->lock);
    IDirectMusicSynthSink *sink = synth->sink;
    synth->sink = NULL;
    os_mutex_unlock(&synth->lock);
    if (sink) {
        if (synth->running) {
            IDirectMusicSynthSink_Activate(sink, FALSE);
            synth_leave_sink(synth, sink);
        }
        IDirectMusicSynthSink_Release(sink);
    }
    os_mutex_unlock(&synth->wiring);
    synth_shut(synth);
    synth_object_let_go(synth);
}

ULONG STDMETHODCALLTYPE synth_Release(IDirectMusicSynth8 *iface)
{
    struct synth_object *synth = impl_from_IDirectMusicSynth8(iface);
    ULONG left = refcount_release(&synth->refs);
    if (left == 0)
        end(synth);
    return left;
}

const IDirectMusicSynth8Vtbl synth_vtbl = {
    /* IUnknown */
    synth_QueryInterface,
    synth_AddRef,
    synth_Release,
    /* IDirectMusicSynth */
    synth_Open,
    synth_Close,
    synth_SetNumChannelGroups,
    synth_Download,
    synth_Unload,
    synth_PlayBuffer,
    synth_GetRunningStats,
    synth_GetPortCaps,
    synth_SetMasterClock,
    synth_GetLatencyClock,
    synth_Activate,
    synth_SetSynthSink,
    synth_Render,
    synth_SetChannelPriority,
    synth_GetChannelPriority,
    synth_GetFormat,
    synth_GetAppend,
    /* IDirectMusicSynth8 */
    synth_PlayVoice,
    synth_StopVoice,
    synth_GetVoiceState,
    synth_Refresh,
    synth_AssignChannelToBuses,
};

struct synth_object *synth_object_from(IDirectMusicSynth *synth)
{
    if (!synth || (const void *)synth->lpVtbl != (const void *)&synth_vtbl)
        return NULL;
    return impl_from_IDirectMusicSynth8((IDirectMusicSynth8 *)synth);
}

HRESULT synth_object_create(const CLSID *class, IDirectMusicSynth8 **out)
{
    *out = NULL;
    struct synth_object *synth = dm_calloc(1, sizeof *synth);
    if (!synth)
        return E_OUTOFMEMORY;
    if (!os_mutex_init(&synth->wiring)) {
        dm_free(synth);
        return E_OUTOFMEMORY;
    }
    if (!os_mutex_init(&synth->lock)) {
        os_mutex_destroy(&synth->wiring);
        dm_free(synth);
        return E_OUTOFMEMORY;
    }
    synth->IDirectMusicSynth8_iface.lpVtbl = &synth_vtbl;
    synth->IKsControl_iface.lpVtbl = &synth_ks_vtbl;
    synth->IDmusSynthControl_iface.lpVtbl = &synth_control_vtbl;
    synth->IDmusSynthLive_iface.lpVtbl = &synth_live_vtbl;
    refcount_init(&synth->refs, 1);
    refcount_init(&synth->holds, 1);
    synth->class = class;
    synth->config = (DMUS_SYNTHCONFIG){.dwSize = sizeof synth->config,
                                       .dwProfile = DMUS_PROFILE_NATIVE,
                                       .dwInterpolation = DMUS_INTERPOLATION_DEFAULT,
                                       .dwDither = 2};
    synth->volume[0] = port_profiles[DMUS_PROFILE_NATIVE].volume[0];
    synth->volume[1] = port_profiles[DMUS_PROFILE_NATIVE].volume[1];
    /* Defaults of GUID_DMUS_PROP_WavesReverb, spec/ddi-user.md 5.7. */
    synth->reverb = (struct synth_reverb){.in_gain_db = 0, .mix_db = -10, .time_ms = 1000, .hf_ratio = 0.001f};
    user_object_born();
    *out = &synth->IDirectMusicSynth8_iface;
    return S_OK;
}
