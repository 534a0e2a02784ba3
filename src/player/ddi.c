/* SPDX-License-Identifier: MIT */
/* The user-mode objects under the library's public names. */
#define COBJMACROS
#include "dmus/ddi.h"

#include "user/user.h"

HRESULT dmus_create_instance(REFCLSID clsid, IUnknown *outer, REFIID riid, void **ppv)
{
    return user_create_instance(clsid, outer, riid, ppv);
}

HRESULT dmus_get_class_object(REFCLSID clsid, REFIID riid, void **ppv) { return user_get_class_object(clsid, riid, ppv); }

HRESULT dmus_create_system_clock(IReferenceClock **clock) { return user_create_system_clock(clock); }

HRESULT dmus_create_stream_clock(IDirectMusicSynthSink *sink, IReferenceClock **clock)
{
    return user_create_stream_clock(sink, clock);
}
