/* SPDX-License-Identifier: MIT */
/*
 * registry.h - what the server writes about itself (spec/ddi-user.md 2.6), and takes back.
 *
 * For each class, under HKEY_CLASSES_ROOT:
 *     CLSID\{clsid}                    = description
 *     CLSID\{clsid}\InprocServer32     = path of the DLL; ThreadingModel = Both
 *     CLSID\{clsid}\ProgID             = Name.1
 *     CLSID\{clsid}\VersionIndependentProgID = Name
 *     Name, Name.1                     = description; subkey CLSID = {clsid}; Name\CurVer = Name.1
 * and for each synth, under HKEY_LOCAL_MACHINE:
 *     SOFTWARE\Microsoft\DirectMusic\SoftwareSynths\{clsid}  Description = description
 *
 * What each of these values was before, say because Microsoft's or Wine's
 * server is registered for the class already, is kept beside it, in value
 * OpenDMusPrevious (or "OpenDMusPrevious ThreadingModel", "... Description");
 * if it was not there, nothing is kept. Removal puts all back, and deletes what
 * was not there, with keys that become empty. The value OpenDMus of
 * InprocServer32 is our own path: what has it was written by us, and a copy of
 * the DLL that is registered from another place takes over what the first one
 * found.
 *
 * In 32-bit Windows code on a 64-bit system these are the 32-bit keys.
 */
#ifndef DMUS_DLL_REGISTRY_H
#define DMUS_DLL_REGISTRY_H

#include <windows.h>

enum class_pair {
    PAIR_MICROSOFT = 1, /* CLSID_DirectMusicSynth and its sink: in the place of the system's own */
    PAIR_OWN = 2        /* CLSID_OpenDMusSynth and its sink: beside it */
};

/* PATH is the DLL's. Each returns 0 or the first error of the registry; what can be done is done all the same. */
LSTATUS registry_add(const WCHAR *path, enum class_pair pair);
LSTATUS registry_remove(const WCHAR *path, enum class_pair pair);

/* The value Profile ("native", "studio") under HKEY_CURRENT_USER, then HKEY_LOCAL_MACHINE, key Software\OpenDMus. False if there
 * is none. SIZE in characters, at least 1. */
BOOL registry_profile(WCHAR *chars, DWORD size);

#endif
