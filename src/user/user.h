/* SPDX-License-Identifier: MIT */
/*
 * user.h - making the user-mode DDI objects without a registry.
 *
 * The Linux twin of CoCreateInstance for the classes of this room; dll/ puts
 * the same class objects behind DllGetClassObject.
 *
 * What the two classes do beyond the published contract (spec/ddi-user.md):
 *
 *   Profiles (IDmusSynthControl::SetConfig before Open; IDmusSinkControl::SetProfile):
 *                          native                  studio
 *     defaults of Open     32 voices, 2 groups,    256 voices, 2 groups,
 *                          stereo, 22050 Hz,       stereo, 48000 Hz,
 *                          reverb                  reverb and chorus
 *     limits               1..1000 voices,         1..16384 voices,
 *                          11025..96000 Hz         8000..192000 Hz
 *     Volume items 0, 1    0 and +6 dB             0 and 0 dB
 *     dither of 16 bits    off                     on
 *     sink's conversions   100 us grid             exact
 *   A new synth and a new sink are native.
 *
 *   Threads. Every method may be called from any thread at any time. Render takes no lock; a second Render while one is under
 *   way fails with E_FAIL. Close and Activate(FALSE) wait for a Render under way.
 *   Unload callbacks come without any lock held, from inside Unload, from the next control method, or from the sink's thread.
 *   They may call any method of the synth but Activate and SetSynthSink, and none of the sink.
 *   Close calls back for every Unload that still waits; a handle that was never unloaded gets no callback, its memory is the
 *   host's again. The last Release of an open synth closes it; of an active one, it stops the sink first.
 *   Events queued when the synth is deactivated are forgotten and its voices end; the channels keep their state.
 *
 *   On systems without DirectSound the sink answers FALSE to SinkUsesDSound, activates without SetDirectSound and takes its
 *   pointers as opaque.
 */
#ifndef DMUS_USER_USER_H
#define DMUS_USER_USER_H

#include "ddi.h" /* our ddi headers, or the platform's on Windows */

/* CLSID_DirectMusicSynth and CLSID_DirectMusicSynthSink. pOuter must be NULL (CLASS_E_NOAGGREGATION, *ppv NULL).
 * CLASS_E_CLASSNOTAVAILABLE, E_NOINTERFACE, E_OUTOFMEMORY, E_POINTER. Any thread. */
HRESULT user_create_instance(REFCLSID clsid, IUnknown *outer, REFIID riid, void **ppv);

/* Class object (IClassFactory) of one of the two classes. */
HRESULT user_get_class_object(REFCLSID clsid, REFIID riid, void **ppv);

/* Objects and server locks alive: 0 means the library may go. */
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
