/* SPDX-License-Identifier: MIT */
/*
 * user.h - making the user-mode DDI objects without a registry.
 *
 * The Linux twin of CoCreateInstance for the classes of this room; dll/ puts
 * the same class objects behind DllGetClassObject.
 *
 * What the two classes do beyond the published contract: include/dmus/ddi.h, which tells it to their users.
 */
#ifndef DMUS_USER_USER_H
#define DMUS_USER_USER_H

#include <stdbool.h>

#include "ddi.h" /* our ddi headers, or the platform's on Windows */

/* CLSID_DirectMusicSynth and CLSID_DirectMusicSynthSink, or CLSID_OpenDMusSynth and CLSID_OpenDMusSynthSink, which are the same
 * but for guidPort and name in the synth's caps. pOuter must be NULL (CLASS_E_NOAGGREGATION, *ppv NULL).
 * CLASS_E_CLASSNOTAVAILABLE, E_NOINTERFACE, E_OUTOFMEMORY, E_POINTER. Any thread. */
HRESULT user_create_instance(REFCLSID clsid, IUnknown *outer, REFIID riid, void **ppv);

/* Class object (IClassFactory) of one of the classes. */
HRESULT user_get_class_object(REFCLSID clsid, REFIID riid, void **ppv);

/* The profile of the objects created from now on, DMUS_PROFILE_*; native unless this was called. Any thread. */
void user_set_default_profile(DWORD profile);

/* Whether synths opened from now on play instruments of type 3 without any articulation in the native profile, too: for hosts that
 * cannot read an instrument's articulations. Not unless this was called. Any thread. */
void user_set_bare_instruments(bool play);
bool user_bare_instruments(void);

/* Objects, references on class objects and server locks alive: 0 means the library may go. */
LONG user_live_objects(void);

/* A master clock that follows the system's monotonic clock in 100 ns; native manners (S_FALSE for an unchanged time,
 * Advise* E_NOTIMPL). E_OUTOFMEMORY, E_POINTER. */
HRESULT user_create_system_clock(IReferenceClock **out);

/* The master clock for offline work: the time of SINK's stream, which moves with the frames it renders, from 0 at its creation
 * on and across activations. With it, frame n of the first activation is due at n * 10^7 / rate, and nothing depends on the
 * system's time. SINK must be a sink of this library (E_NOINTERFACE); the clock keeps its memory, not the sink, alive.
 * E_OUTOFMEMORY, E_POINTER. */
HRESULT user_create_stream_clock(IDirectMusicSynthSink *sink, IReferenceClock **out);

#endif
