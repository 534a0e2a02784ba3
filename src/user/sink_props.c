/* SPDX-License-Identifier: MIT */
#include "property.h"
#include "sink_impl.h"

/* The latency clock may not be more than 450 ms ahead of the master clock (spec/ddi-user.md 2.1 GetLatencyClock), and it is
 * period + latency ahead. */
#define PERIOD_MS_MIN  1u
#define PERIOD_MS_MAX  100u
#define LATENCY_MS_MAX 350u

static HRESULT read_uses_dsound(void *object, void *value)
{
    (void)object;
    *(DWORD *)value = SINK_NEEDS_DSOUND;
    return S_OK;
}

static HRESULT read_false(void *object, void *value)
{
    (void)object;
    *(DWORD *)value = FALSE;
    return S_OK;
}

static HRESULT read_ms(struct sink_object *sink, const DWORD *field, void *value)
{
    os_mutex_lock(&sink->lock);
    *(DWORD *)value = *field;
    os_mutex_unlock(&sink->lock);
    return S_OK;
}

/* In force from the next activation on. */
static HRESULT write_ms(struct sink_object *sink, DWORD *field, DWORD ms, DWORD low, DWORD high)
{
    if (ms < low || ms > high)
        return E_INVALIDARG;
    os_mutex_lock(&sink->lock);
    *field = ms;
    os_mutex_unlock(&sink->lock);
    return S_OK;
}

static HRESULT read_period(void *object, void *value)
{
    struct sink_object *sink = object;
    return read_ms(sink, &sink->period_ms, value);
}

static HRESULT write_period(void *object, const void *value)
{
    struct sink_object *sink = object;
    return write_ms(sink, &sink->period_ms, *(const DWORD *)value, PERIOD_MS_MIN, PERIOD_MS_MAX);
}

static HRESULT read_latency(void *object, void *value)
{
    struct sink_object *sink = object;
    return read_ms(sink, &sink->latency_ms, value);
}

static HRESULT write_latency(void *object, const void *value)
{
    struct sink_object *sink = object;
    return write_ms(sink, &sink->latency_ms, *(const DWORD *)value, 0, LATENCY_MS_MAX);
}

static const struct property properties[] = {
    {&GUID_DMUS_PROP_SinkUsesDSound, 0, sizeof(DWORD), read_uses_dsound, NULL},
    {&GUID_DMUS_PROP_SynthSink_DSOUND, 0, sizeof(DWORD), read_uses_dsound, NULL},
    {&GUID_DMUS_PROP_SynthSink_WAVE, 0, sizeof(DWORD), read_false, NULL},
    {&GUID_DMUS_PROP_WritePeriod, 0, sizeof(DWORD), read_period, write_period},
    {&GUID_DMUS_PROP_WriteLatency, 0, sizeof(DWORD), read_latency, write_latency},
};

static HRESULT STDMETHODCALLTYPE sink_ks_QueryInterface(IKsControl *iface, REFIID riid, void **ppv)
{
    return sink_QueryInterface(&impl_from_IKsControl(iface)->IDirectMusicSynthSink_iface, riid, ppv);
}

static ULONG STDMETHODCALLTYPE sink_ks_AddRef(IKsControl *iface)
{
    return sink_AddRef(&impl_from_IKsControl(iface)->IDirectMusicSynthSink_iface);
}

static ULONG STDMETHODCALLTYPE sink_ks_Release(IKsControl *iface)
{
    return sink_Release(&impl_from_IKsControl(iface)->IDirectMusicSynthSink_iface);
}

static HRESULT STDMETHODCALLTYPE sink_ks_KsProperty(IKsControl *iface, KSPROPERTY *property, ULONG cb_property, void *data,
                                                    ULONG cb_data, ULONG *returned)
{
    return property_request(properties, sizeof properties / sizeof properties[0], impl_from_IKsControl(iface), property,
                            cb_property, data, cb_data, returned);
}

static HRESULT STDMETHODCALLTYPE sink_ks_KsMethod(IKsControl *iface, KSMETHOD *method, ULONG cb_method, void *data,
                                                  ULONG cb_data, ULONG *returned)
{
    (void)iface, (void)method, (void)cb_method, (void)data, (void)cb_data;
    if (returned)
        *returned = 0;
    return E_NOTIMPL;
}

static HRESULT STDMETHODCALLTYPE sink_ks_KsEvent(IKsControl *iface, KSEVENT *event, ULONG cb_event, void *data,
                                                 ULONG cb_data, ULONG *returned)
{
    (void)iface, (void)event, (void)cb_event, (void)data, (void)cb_data;
    if (returned)
        *returned = 0;
    return E_NOTIMPL;
}

const IKsControlVtbl sink_ks_vtbl = {
    sink_ks_QueryInterface, sink_ks_AddRef,   sink_ks_Release,
    sink_ks_KsProperty,     sink_ks_KsMethod, sink_ks_KsEvent,
};
