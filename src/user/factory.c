/* SPDX-License-Identifier: MIT */
#include "user.h"

#include <stdatomic.h>

#include "base/refcount.h"
#include "com.h"
#include "sink_object.h"
#include "synth_object.h"

static atomic_long live_objects;

void user_object_born(void) { atomic_fetch_add(&live_objects, 1); }
void user_object_died(void) { atomic_fetch_sub(&live_objects, 1); }
LONG user_live_objects(void) { return (LONG)atomic_load(&live_objects); }

/* A class object is static. Each reference keeps the library: a host may have CoFreeUnusedLibraries look for what can go while
 * it holds nothing of ours but a class object. */
struct class_object {
    IClassFactory IClassFactory_iface;
    struct refcount refs;
    const CLSID *clsid;
    HRESULT (*create)(const CLSID *clsid, REFIID riid, void **ppv);
};

static const IClassFactoryVtbl class_vtbl;
IMPL_FROM(class_object, IClassFactory, class_vtbl)

static ULONG STDMETHODCALLTYPE class_AddRef(IClassFactory *iface)
{
    user_object_born();
    return refcount_add(&impl_from_IClassFactory(iface)->refs);
}

static ULONG STDMETHODCALLTYPE class_Release(IClassFactory *iface)
{
    ULONG left = refcount_release(&impl_from_IClassFactory(iface)->refs);
    user_object_died();
    return left;
}

static HRESULT STDMETHODCALLTYPE class_QueryInterface(IClassFactory *iface, REFIID riid, void **ppv)
{
    if (!ppv)
        return E_POINTER;
    bool known = riid && (guid_is(riid, &IID_IUnknown) || guid_is(riid, &IID_IClassFactory));
    *ppv = known ? iface : NULL;
    if (!known)
        return E_NOINTERFACE;
    class_AddRef(iface);
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE class_CreateInstance(IClassFactory *iface, IUnknown *outer, REFIID riid, void **ppv)
{
    struct class_object *class = impl_from_IClassFactory(iface);
    if (!ppv)
        return E_POINTER;
    *ppv = NULL;
    if (outer)
        return CLASS_E_NOAGGREGATION;
    return riid ? class->create(class->clsid, riid, ppv) : E_POINTER;
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

static atomic_uint default_profile; /* DMUS_PROFILE_NATIVE is 0 */

static atomic_bool bare_instruments;

void user_set_default_profile(DWORD profile) { atomic_store(&default_profile, profile); }
void user_set_bare_instruments(bool play) { atomic_store(&bare_instruments, play); }
bool user_bare_instruments(void) { return atomic_load(&bare_instruments); }

static HRESULT create_synth(const CLSID *clsid, REFIID riid, void **ppv)
{
    IDirectMusicSynth8 *synth;
    void *control;
    HRESULT hr = synth_object_create(clsid, &synth);
    if (FAILED(hr))
        return hr;
    if (SUCCEEDED(IDirectMusicSynth8_QueryInterface(synth, &IID_IDmusSynthControl, &control))) {
        DMUS_SYNTHCONFIG config = {.dwSize = sizeof config,
                                   .dwProfile = atomic_load(&default_profile),
                                   .dwInterpolation = DMUS_INTERPOLATION_DEFAULT,
                                   .dwDither = 2};
        ((IDmusSynthControl *)control)->lpVtbl->SetConfig(control, &config);
        ((IDmusSynthControl *)control)->lpVtbl->Release(control);
    }
    hr = IDirectMusicSynth8_QueryInterface(synth, riid, ppv);
    IDirectMusicSynth8_Release(synth);
    return hr;
}

static HRESULT create_sink(const CLSID *clsid, REFIID riid, void **ppv)
{
    IDirectMusicSynthSink *sink;
    void *control;
    (void)clsid;
    HRESULT hr = sink_object_create(&sink);
    if (FAILED(hr))
        return hr;
    if (SUCCEEDED(IDirectMusicSynthSink_QueryInterface(sink, &IID_IDmusSinkControl, &control))) {
        ((IDmusSinkControl *)control)->lpVtbl->SetProfile(control, atomic_load(&default_profile));
        ((IDmusSinkControl *)control)->lpVtbl->Release(control);
    }
    hr = IDirectMusicSynthSink_QueryInterface(sink, riid, ppv);
    IDirectMusicSynthSink_Release(sink);
    return hr;
}

static struct class_object classes[] = {
    {{&class_vtbl}, {0}, &CLSID_DirectMusicSynth, create_synth},
    {{&class_vtbl}, {0}, &CLSID_DirectMusicSynthSink, create_sink},
    {{&class_vtbl}, {0}, &CLSID_OpenDMusSynth, create_synth},
    {{&class_vtbl}, {0}, &CLSID_OpenDMusSynthSink, create_sink},
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
    if (FAILED(hr))
        return hr;
    hr = IClassFactory_CreateInstance(class, outer, riid, ppv);
    IClassFactory_Release(class);
    return hr;
}
