/* SPDX-License-Identifier: MIT */
/*
 * dmsynth.dll: the class objects of src/user behind the four functions that
 * COM and regsvr32 ask an in-process server for, and DllInstall.
 *
 *   regsvr32 dmsynth.dll               in the place of Microsoft's classes, and our own beside them
 *   regsvr32 /n /i:beside dmsynth.dll  our own classes alone: Microsoft's stay what they are
 *   regsvr32 /u ...                    takes back what that registration wrote
 *
 * The profile of every object is native, unless OPENDMUS_PROFILE in the
 * environment or else the registry (registry.h) says studio. Below Wine native
 * plays instruments without articulation, which Windows refuses.
 */
#include <windows.h>
#include <olectl.h>

#include "registry.h"
#include "user/user.h"

STDAPI DllInstall(BOOL install, LPCWSTR arguments); /* no header of the platform has it */

static HINSTANCE self;

BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, void *reserved);
BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, void *reserved)
{
    (void)reserved;
    if (reason == DLL_PROCESS_ATTACH) {
        self = instance;
        DisableThreadLibraryCalls(instance);
    }
    return TRUE;
}

/* dmusic.dll of Wine 10.0 reads neither lar2 nor art2 and sends instruments that have only those without articulation. */
static BOOL below_wine(void)
{
    HMODULE ntdll = GetModuleHandleW(L"ntdll.dll");
    return ntdll && GetProcAddress(ntdll, "wine_get_version");
}

static void choose_manners(void)
{
    WCHAR text[16];
    DWORD chars = GetEnvironmentVariableW(L"OPENDMUS_PROFILE", text, ARRAYSIZE(text));
    BOOL told = (chars > 0 && chars < ARRAYSIZE(text)) || registry_profile(text, ARRAYSIZE(text));
    BOOL studio = told && CompareStringOrdinal(text, -1, L"studio", -1, TRUE) == CSTR_EQUAL;
    user_set_default_profile(studio ? DMUS_PROFILE_STUDIO : DMUS_PROFILE_NATIVE);
    user_set_bare_instruments(below_wine());
}

STDAPI DllGetClassObject(REFCLSID clsid, REFIID riid, void **ppv)
{
    choose_manners();
    return user_get_class_object(clsid, riid, ppv);
}

STDAPI DllCanUnloadNow(void) { return user_live_objects() == 0 ? S_OK : S_FALSE; }

/* The registry's failures are E_FAIL to a host (spec/ddi-user.md 2.6). */
static HRESULT act(LSTATUS (*change)(const WCHAR *path, enum class_pair pair), unsigned pairs)
{
    WCHAR path[MAX_PATH];
    DWORD chars = GetModuleFileNameW(self, path, ARRAYSIZE(path));
    BOOL ok = chars > 0 && chars < ARRAYSIZE(path);
    if (ok && (pairs & PAIR_MICROSOFT))
        ok &= change(path, PAIR_MICROSOFT) == ERROR_SUCCESS;
    if (ok && (pairs & PAIR_OWN))
        ok &= change(path, PAIR_OWN) == ERROR_SUCCESS;
    return ok ? S_OK : E_FAIL;
}

STDAPI DllRegisterServer(void) { return act(registry_add, PAIR_MICROSOFT | PAIR_OWN); }
STDAPI DllUnregisterServer(void) { return act(registry_remove, PAIR_MICROSOFT | PAIR_OWN); }

STDAPI DllInstall(BOOL install, LPCWSTR arguments)
{
    if (!arguments || CompareStringOrdinal(arguments, -1, L"beside", -1, TRUE) != CSTR_EQUAL)
        return E_INVALIDARG;
    return act(install ? registry_add : registry_remove, PAIR_OWN);
}
