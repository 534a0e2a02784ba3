/* SPDX-License-Identifier: MIT */
/*
 * ddi.h - the DirectMusic DDI objects of OpenDMus in a Linux program: what CoCreateInstance is on Windows.
 *
 * libdmus holds the two classes of dmsynth.dll, with the same interfaces, codes
 * and threads, by the platform's own calling convention. Their declarations are
 * OpenDMus's copies of the documented headers (pkg-config: in the include path):
 *
 *     #define COBJMACROS
 *     #define INITGUID // in one source file: the identifiers are data of the program
 *     #include <dmus/ddi.h>
 *
 *     IDirectMusicSynth *synth;
 *     HRESULT hr = dmus_create_instance(&CLSID_DirectMusicSynth, NULL, &IID_IDirectMusicSynth, (void **)&synth);
 *
 * The sink of these objects has no DirectSound here: SinkUsesDSound is FALSE,
 * and without IDmusSinkControl (idmus.h) it discards the sound at the pace of
 * its master clock. A program that wants the sound brings a sink of its own,
 * which calls IDirectMusicSynth::Render, or uses IDmusSinkControl offline.
 *
 * Any function, any thread. Nothing needs to be initialised.
 */
#ifndef DMUS_DDI_H
#define DMUS_DDI_H

#include <dmusics.h>
#include <dmusicc.h>
#include <dmusbuff.h>
#include <dmdls.h>
#include <dmerror.h>
#include <dmksctrl.h>
#include <dmusici.h>

#include "idmus.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifndef DMUS_API
#ifdef __GNUC__
#define DMUS_API __attribute__((visibility("default")))
#else
#define DMUS_API
#endif
#endif

/* An object of CLSID_DirectMusicSynth or CLSID_DirectMusicSynthSink with one reference, by the interface RIID. OUTER must be
 * NULL: CLASS_E_NOAGGREGATION. CLASS_E_CLASSNOTAVAILABLE, E_NOINTERFACE, E_OUTOFMEMORY, E_POINTER; then *ppv is NULL. */
DMUS_API HRESULT dmus_create_instance(REFCLSID clsid, IUnknown *outer, REFIID riid, void **ppv);

/* Its class object, for hosts that keep one (IClassFactory). */
DMUS_API HRESULT dmus_get_class_object(REFCLSID clsid, REFIID riid, void **ppv);

/* A master clock that follows the system's monotonic clock, in units of 100 ns. */
DMUS_API HRESULT dmus_create_system_clock(IReferenceClock **clock);

/* A master clock that moves with the frames that SINK renders, from 0 on: offline work, independent of the system's time. SINK
 * must be one of this library (E_NOINTERFACE). */
DMUS_API HRESULT dmus_create_stream_clock(IDirectMusicSynthSink *sink, IReferenceClock **clock);

#ifdef __cplusplus
}
#endif
#endif
