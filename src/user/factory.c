/* SPDX-License-Identifier: MIT */
#include "user.h"

#include <stdatomic.h>

#include "com.h"
#include "sink_object.h"
#include "synth_object.h"

static atomic_long live_objects;

void user_object_born(void) { atomic_fetch_add(&live_objects, 1); }
void user_object_died(void) { atomic_fetch_sub(&live_objects, 1); }
LONG user_live_objects(void) { return (LONG)atomic_load(&live_objects); }

/* A class object is static: it is never born and never dies. */
struct class_object {
    IClassFactory IClassFactory_iface;
    const CLSID *clsid;
    HRESULT (*create)(REFIID riid, void **ppv);
};

static const IClassFactoryVtbl class_vtbl;
IMPL_FROM(class_object, IClassFactory, class_vtbl)

static HRESULT STDMETHODCALLTYPE class_QueryInterface(IClassFactory *iface, REFIID riid, void **ppv)
{
    if (!ppv)
        return E_POINTER;
    bool known = riid && (guid_is(riid, &IID_IUnknown) || guid_is(riid, &IID_IClassFactory));
    *ppv = known ? iface : NULL;
    return known ? S_OK : E_NOINTERFACE;
}

static ULONG STDMETHODCALLTYPE class_AddRef(IClassFactory *iface)
{
    (void)iface;
    return 2;
}

static ULONG STDMETHODCALLTYPE class_Release(IClassFactory *iface)
{
    (void)iface;
    return 1;
}

static HRESULT STDMETHODCALLTYPE class_CreateInstance(IClassFactory *iface, IUnknown *outer, REFIID riid, void **ppv)
{
    struct class_object *class = impl_from_IClassFactory(iface);
    if (!ppv)
        return E_POINTER;
    *ppv = NULL;
    if (outer)
        return CLASS_E_NOAGGREGATION;
    return riid ? class->create(riid, ppv) : E_POINTER;
}

static HRESULT STDMETHODCALLTYPE class_LockServer(IClassFactory *iface, WINBOOL lock)
{
    (void)iface;
    if (lock)
        user_object_born();
    else
        user_object_died();
    return S_OK;
}

static const IClassFactoryVtbl class_vtbl = {
    class_QueryInterface,
    class_AddRef,
    class_Release,
    class_CreateInstance,
    class_LockServer,
};

static HRESULT create_synth(REFIID riid, void **ppv)
{
    IDirectMusicSynth8 *synth;
    HRESULT hr = synth_object_create(&synth);
    if (FAILED(hr))
        return hr;
    hr = IDirectMusicSynth8_QueryInterface(synth, riid, ppv);
    IDirectMusicSynth8_Release(synth);
    return hr;
}

static HRESULT create_sink(REFIID riid, void **ppv)
{
    IDirectMusicSynthSink *sink;
    HRESULT hr = sink_object_create(&sink);
    if (FAILED(hr))
        return hr;
    hr = IDirectMusicSynthSink_QueryInterface(sink, riid, ppv);
    IDirectMusicSynthSink_Release(sink);
    return hr;
}

static struct class_object classes[] = {
    {{&class_vtbl}, &CLSID_DirectMusicSynth, create_synth},
    {{&class_vtbl}, &CLSID_DirectMusicSynthSink, create_sink},
};

HRESULT user_get_class_object(REFCLSID clsid, REFIID riid, void **ppv)
{
    if (!ppv)
        return E_POINTER;
    *ppv = NULL;
    if (!clsid || !riid)
        return E_POINTER;
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
        if (guid_is(clsid, classes[i].clsid))
            return class_QueryInterface(&classes[i].IClassFactory_iface, riid, ppv);
    return CLASS_E_CLASSNOTAVAILABLE;
}

HRESULT user_create_instance(REFCLSID clsid, IUnknown *outer, REFIID riid, void **ppv)
{
    IClassFactory *class;
    if (!ppv)
        return E_POINTER;
    *ppv = NULL;
    HRESULT hr = user_get_class_object(clsid, &IID_IClassFactory, (void **)&class);
    return FAILED(hr) ? hr : IClassFactory_CreateInstance(class, outer, riid, ppv);
}
