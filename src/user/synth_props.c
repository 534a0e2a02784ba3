/* SPDX-License-Identifier: MIT */
#include "property.h"
#include "synth_impl.h"

static HRESULT read_true(void *object, void *value)
{
    (void)object;
    *(DWORD *)value = TRUE;
    return S_OK;
}

static HRESULT read_false(void *object, void *value)
{
    (void)object;
    *(DWORD *)value = FALSE;
    return S_OK;
}

/* Studio has the parts, variations, controllers, effects and system exclusives that a GS file may ask for, beside the sounds,
 * which are downloaded. XG wants a third, variation, effect, which the engine has not. Native knows no NRPN and no sound
 * controllers (spec/ddi-user.md 9.2). */
static HRESULT read_gs_capable(void *object, void *value)
{
    struct synth_object *synth = object;
    os_mutex_lock(&synth->lock);
    *(DWORD *)value = synth->config.dwProfile == DMUS_PROFILE_STUDIO;
    os_mutex_unlock(&synth->lock);
    return S_OK;
}

static HRESULT read_memory_size(void *object, void *value)
{
    (void)object;
    *(DWORD *)value = DMUS_PC_SYSTEMMEMORY;
    return S_OK;
}

static HRESULT read_rate(void *object, void *value)
{
    struct synth_object *synth = object;
    os_mutex_lock(&synth->lock);
    bool open = synth->engine != NULL;
    *(DWORD *)value = synth->params.rate;
    os_mutex_unlock(&synth->lock);
    return open ? S_OK : DMUS_E_SYNTHNOTCONFIGURED;
}

/* Effects belong to what was opened: Open chooses them, so there is nothing to ask or to set before. */
static HRESULT read_effects(void *object, void *value)
{
    struct synth_object *synth = object;
    HRESULT hr = DMUS_E_SYNTHNOTCONFIGURED;
    os_mutex_lock(&synth->lock);
    if (synth->engine) {
        *(DWORD *)value = synth_effects(synth->engine);
        hr = S_OK;
    }
    os_mutex_unlock(&synth->lock);
    return hr;
}

static HRESULT write_effects(void *object, const void *value)
{
    struct synth_object *synth = object;
    DWORD effects = *(const DWORD *)value;
    HRESULT hr = DMUS_E_SYNTHNOTCONFIGURED;
    os_mutex_lock(&synth->lock);
    if (synth->engine) {
        hr = effects & ~port_profiles[synth->config.dwProfile].effects ? E_INVALIDARG : S_OK;
        if (SUCCEEDED(hr))
            synth_set_effects(synth->engine, effects);
    }
    os_mutex_unlock(&synth->lock);
    return hr;
}

static HRESULT read_reverb(void *object, void *value)
{
    struct synth_object *synth = object;
    os_mutex_lock(&synth->lock);
    struct synth_reverb reverb = synth->reverb;
    os_mutex_unlock(&synth->lock);
    DMUS_WAVES_REVERB_PARAMS params = {.fInGain = reverb.in_gain_db,
                                       .fReverbMix = reverb.mix_db,
                                       .fReverbTime = reverb.time_ms,
                                       .fHighFreqRTRatio = reverb.hf_ratio};
    memcpy(value, &params, sizeof params);
    return S_OK;
}

/* NaN fails both comparisons and becomes LOW. */
static float clamp(float value, float low, float high)
{
    return value > high ? high : value >= low ? value : low;
}

static HRESULT write_reverb(void *object, const void *value)
{
    struct synth_object *synth = object;
    DMUS_WAVES_REVERB_PARAMS params;
    memcpy(&params, value, sizeof params);
    struct synth_reverb reverb = {.in_gain_db = clamp(params.fInGain, -96, 0),
                                  .mix_db = clamp(params.fReverbMix, -96, 0),
                                  .time_ms = clamp(params.fReverbTime, 0.001f, 3000),
                                  .hf_ratio = clamp(params.fHighFreqRTRatio, 0.001f, 0.999f)};
    os_mutex_lock(&synth->lock);
    synth->reverb = reverb;
    if (synth->engine)
        synth_set_reverb(synth->engine, &reverb);
    os_mutex_unlock(&synth->lock);
    return S_OK;
}

static HRESULT write_volume(struct synth_object *synth, unsigned item, LONG volume)
{
    volume = volume > DMUS_VOLUME_MAX ? DMUS_VOLUME_MAX : volume < DMUS_VOLUME_MIN ? DMUS_VOLUME_MIN : volume;
    os_mutex_lock(&synth->lock);
    synth->volume[item] = volume;
    synth->volume_chosen[item] = true;
    if (synth->engine)
        synth_set_volume(synth->engine, item, volume);
    os_mutex_unlock(&synth->lock);
    return S_OK;
}

static HRESULT write_volume_0(void *object, const void *value) { return write_volume(object, 0, *(const LONG *)value); }
static HRESULT write_volume_1(void *object, const void *value) { return write_volume(object, 1, *(const LONG *)value); }

/* The other door to SetSynthSink: an object that has the interface, or NULL. */
static HRESULT write_sink(void *object, const void *value)
{
    struct synth_object *synth = object;
    IDirectMusicSynthSink *sink = NULL;
    IUnknown *unknown;
    memcpy(&unknown, value, sizeof unknown);
    HRESULT hr = unknown ? IUnknown_QueryInterface(unknown, &IID_IDirectMusicSynthSink, (void **)&sink) : S_OK;
    if (FAILED(hr))
        return hr;
    hr = synth_SetSynthSink(&synth->IDirectMusicSynth8_iface, sink);
    if (sink)
        IDirectMusicSynthSink_Release(sink);
    return hr;
}

/* Measured: Volume can be set, never read (native-behaviour.md 8). The sink answers for itself: what is unknown here, the
 * port asks there. LegacyCaps belongs to WinMM ports alone (spec/ddi-user.md 5.7). */
static const struct property properties[] = {
    {&GUID_DMUS_PROP_GM_Hardware, 0, sizeof(DWORD), read_false, NULL},
    {&GUID_DMUS_PROP_GS_Hardware, 0, sizeof(DWORD), read_false, NULL},
    {&GUID_DMUS_PROP_XG_Hardware, 0, sizeof(DWORD), read_false, NULL},
    {&GUID_DMUS_PROP_GS_Capable, 0, sizeof(DWORD), read_gs_capable, NULL},
    {&GUID_DMUS_PROP_XG_Capable, 0, sizeof(DWORD), read_false, NULL},
    {&GUID_DMUS_PROP_DLS1, 0, sizeof(DWORD), read_true, NULL},
    {&GUID_DMUS_PROP_DLS2, 0, sizeof(DWORD), read_true, NULL},
    {&GUID_DMUS_PROP_INSTRUMENT2, 0, sizeof(DWORD), read_true, NULL},
    {&GUID_DMUS_PROP_SampleMemorySize, 0, sizeof(DWORD), read_memory_size, NULL},
    {&GUID_DMUS_PROP_SamplePlaybackRate, 0, sizeof(DWORD), read_rate, NULL},
    {&GUID_DMUS_PROP_Effects, 0, sizeof(DWORD), read_effects, write_effects},
    {&GUID_DMUS_PROP_WavesReverb, 0, sizeof(DMUS_WAVES_REVERB_PARAMS), read_reverb, write_reverb},
    {&GUID_DMUS_PROP_Volume, 0, sizeof(LONG), NULL, write_volume_0},
    {&GUID_DMUS_PROP_Volume, 1, sizeof(LONG), NULL, write_volume_1},
    {&GUID_DMUS_PROP_SetSynthSink, 0, sizeof(IUnknown *), NULL, write_sink},
};

static HRESULT STDMETHODCALLTYPE synth_ks_QueryInterface(IKsControl *iface, REFIID riid, void **ppv)
{
    return synth_QueryInterface(&impl_from_IKsControl(iface)->IDirectMusicSynth8_iface, riid, ppv);
}

static ULONG STDMETHODCALLTYPE synth_ks_AddRef(IKsControl *iface)
{
    return synth_AddRef(&impl_from_IKsControl(iface)->IDirectMusicSynth8_iface);
}

static ULONG STDMETHODCALLTYPE synth_ks_Release(IKsControl *iface)
{
    return synth_Release(&impl_from_IKsControl(iface)->IDirectMusicSynth8_iface);
}

static HRESULT STDMETHODCALLTYPE synth_ks_KsProperty(IKsControl *iface, KSPROPERTY *property, ULONG cb_property, void *data,
                                                     ULONG cb_data, ULONG *returned)
{
    return property_request(properties, sizeof properties / sizeof properties[0], impl_from_IKsControl(iface), property,
                            cb_property, data, cb_data, returned);
}

static HRESULT STDMETHODCALLTYPE synth_ks_KsMethod(IKsControl *iface, KSMETHOD *method, ULONG cb_method, void *data,
                                                   ULONG cb_data, ULONG *returned)
{
    (void)iface, (void)method, (void)cb_method, (void)data, (void)cb_data;
    if (returned)
        *returned = 0;
    return E_NOTIMPL;
}

static HRESULT STDMETHODCALLTYPE synth_ks_KsEvent(IKsControl *iface, KSEVENT *event, ULONG cb_event, void *data,
                                                  ULONG cb_data, ULONG *returned)
{
    (void)iface, (void)event, (void)cb_event, (void)data, (void)cb_data;
    if (returned)
        *returned = 0;
    return E_NOTIMPL;
}

const IKsControlVtbl synth_ks_vtbl = {
    synth_ks_QueryInterface, synth_ks_AddRef,   synth_ks_Release,
    synth_ks_KsProperty,     synth_ks_KsMethod, synth_ks_KsEvent,
};
