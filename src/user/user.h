/* SPDX-License-Identifier: MIT */
/*
 * user.h - making the user-mode DDI objects without a registry.
 *
 * The Linux twin of CoCreateInstance for the classes of this room; dll/ puts
 * the same class objects behind DllGetClassObject.
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
 * Advise* E_NOTIMPL). */
HRESULT user_create_system_clock(IReferenceClock **out);

#endif
