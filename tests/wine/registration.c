/* SPDX-License-Identifier: MIT */
/* What the DLL writes about itself, and that it takes all back; the keys of spec/ddi-user.md 2.6. Usage: registration.exe DLL */
#include "client.h"

static HMODULE dll;
static WCHAR dll_path[MAX_PATH];

/* As a registry editor shows it; L"" if it is not there. */
static const WCHAR *value(HKEY root, const WCHAR *key, const WCHAR *name)
{
    static WCHAR text[MAX_PATH];
    DWORD size = sizeof text;
    text[0] = 0;
    return RegGetValueW(root, key, name, RRF_RT_REG_SZ, NULL, text, &size) == ERROR_SUCCESS ? text : L"";
}

static void expect(HKEY root, const WCHAR *key, const WCHAR *name, const WCHAR *want)
{
    const WCHAR *got = value(root, key, name);
    if (!CHECK(lstrcmpiW(got, want) == 0))
        printf("#   %ls, %ls: got \"%ls\", want \"%ls\"\n", key, name ? name : L"(default)", got, want);
}

static bool there(HKEY root, const WCHAR *key)
{
    HKEY handle;
    bool found = RegOpenKeyExW(root, key, 0, KEY_READ, &handle) == ERROR_SUCCESS;
    if (found)
        RegCloseKey(handle);
    return found;
}

static HRESULT call(const char *name)
{
    HRESULT(WINAPI * function)(void) = NULL;
    FARPROC found = GetProcAddress(dll, name);
    memcpy(&function, &found, sizeof function);
    return function ? function() : E_UNEXPECTED;
}

static HRESULT install(BOOL on, const WCHAR *how)
{
    HRESULT(WINAPI * function)(BOOL, LPCWSTR) = NULL;
    FARPROC found = GetProcAddress(dll, "DllInstall");
    memcpy(&function, &found, sizeof function);
    return function ? function(on, how) : E_UNEXPECTED;
}

#define SYNTH_GUID L"{58C2B4D0-46E7-11D1-89AC-00A0C9054129}"
#define SYNTH      L"CLSID\\" SYNTH_GUID
#define SINK       L"CLSID\\{AEC17CE3-A514-11D1-AFA6-00AA0024D8B6}"
#define OWN_SYNTH  L"CLSID\\{B0D2D6A3-5C0E-4D1B-8B0B-7A4E7C6E2F51}"
#define OWN_SINK   L"CLSID\\{D41F6C08-93B7-4F5D-A1C2-3E8B5D90F6A7}"
#define LIST       L"SOFTWARE\\Microsoft\\DirectMusic\\SoftwareSynths\\"
#define NAME       L"Microsoft.DirectMusicSynth"

/* What another maker's server wrote, by a path that is expanded when it is read. */
static struct other_value {
    const WCHAR *key, *value;
    DWORD type;
    const WCHAR *text; /* NULL: not there */
} other_server[] = {
    {SYNTH, NULL, REG_SZ, L"Another maker's synth"},
    {SYNTH L"\\InprocServer32", NULL, REG_EXPAND_SZ, L"%SystemRoot%\\other.dll"},
    {SYNTH L"\\InprocServer32", L"ThreadingModel", REG_SZ, L"Apartment"},
    {SYNTH L"\\ProgID", NULL, REG_SZ, L"Other.Synth.3"},
    {NAME L".1", NULL, REG_SZ, L"A name that is older"},
};
#define OTHERS (sizeof other_server / sizeof other_server[0])

static void write_other_server(void)
{
    RegDeleteTreeW(HKEY_CLASSES_ROOT, SYNTH);
    RegDeleteTreeW(HKEY_CLASSES_ROOT, NAME);
    RegDeleteTreeW(HKEY_CLASSES_ROOT, NAME L".1");
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, LIST SYNTH_GUID);
    RegDeleteTreeW(HKEY_CLASSES_ROOT, SINK); /* Wine's */
    RegDeleteTreeW(HKEY_CLASSES_ROOT, NAME L"Sink");
    RegDeleteTreeW(HKEY_CLASSES_ROOT, NAME L"Sink.1");
    for (size_t i = 0; i < OTHERS; i++) {
        const struct other_value *v = &other_server[i];
        if (v->text)
            RegSetKeyValueW(HKEY_CLASSES_ROOT, v->key, v->value, v->type, v->text, (DWORD)(lstrlenW(v->text) + 1) * sizeof(WCHAR));
    }
}

static DWORD count_in(const WCHAR *name, bool keys)
{
    HKEY key;
    DWORD subkeys = 0, values = 0;
    if (CHECK(RegOpenKeyExW(HKEY_CLASSES_ROOT, name, 0, KEY_READ, &key) == ERROR_SUCCESS)) {
        RegQueryInfoKeyW(key, NULL, NULL, NULL, &subkeys, NULL, NULL, &values, NULL, NULL, NULL, NULL);
        RegCloseKey(key);
    }
    return keys ? subkeys : values;
}

/* All of it as it was, and nothing beside. */
static void expect_other_server(void)
{
    for (size_t i = 0; i < OTHERS; i++) {
        const struct other_value *v = &other_server[i];
        WCHAR text[2 * MAX_PATH] = L"";
        DWORD type = 0, size = sizeof text;
        if (!v->text)
            continue;
        CHECK(RegGetValueW(HKEY_CLASSES_ROOT, v->key, v->value, RRF_RT_ANY | RRF_NOEXPAND, &type, text, &size) == ERROR_SUCCESS);
        CHECK_EQ(type, v->type);
        if (!CHECK(lstrcmpW(text, v->text) == 0))
            printf("#   %ls, %ls: got \"%ls\"\n", v->key, v->value ? v->value : L"(default)", text);
    }
    CHECK_EQ(count_in(SYNTH, true), 2); /* InprocServer32, ProgID */
    CHECK_EQ(count_in(SYNTH, false), 1);
    CHECK_EQ(count_in(SYNTH L"\\InprocServer32", false), 2);
    CHECK_EQ(count_in(SYNTH L"\\ProgID", false), 1);
    CHECK_EQ(count_in(NAME L".1", true), 0);
    CHECK_EQ(count_in(NAME L".1", false), 1);
    CHECK(!there(HKEY_CLASSES_ROOT, NAME));
    CHECK(!there(HKEY_LOCAL_MACHINE, LIST SYNTH_GUID));
}

static void test_registers_all(void)
{
    static const WCHAR *const servers[] = {SYNTH L"\\InprocServer32", SINK L"\\InprocServer32", OWN_SYNTH L"\\InprocServer32",
                                           OWN_SINK L"\\InprocServer32"};
    write_other_server();
    CHECK_EQ(call("DllRegisterServer"), S_OK);
    for (int i = 0; i < 4; i++) {
        expect(HKEY_CLASSES_ROOT, servers[i], NULL, dll_path);
        expect(HKEY_CLASSES_ROOT, servers[i], L"ThreadingModel", L"Both");
    }
    expect(HKEY_CLASSES_ROOT, SYNTH L"\\ProgID", NULL, L"Microsoft.DirectMusicSynth.1");
    expect(HKEY_CLASSES_ROOT, SINK L"\\ProgID", NULL, L"Microsoft.DirectMusicSynthSink.1");
    expect(HKEY_CLASSES_ROOT, SYNTH L"\\VersionIndependentProgID", NULL, L"Microsoft.DirectMusicSynth");
    expect(HKEY_CLASSES_ROOT, L"Microsoft.DirectMusicSynth.1\\CLSID", NULL, SYNTH + 6);
    expect(HKEY_CLASSES_ROOT, L"Microsoft.DirectMusicSynth\\CurVer", NULL, L"Microsoft.DirectMusicSynth.1");
    expect(HKEY_CLASSES_ROOT, L"Microsoft.DirectMusicSynthSink\\CLSID", NULL, SINK + 6);
    expect(HKEY_LOCAL_MACHINE, LIST L"{58C2B4D0-46E7-11D1-89AC-00A0C9054129}", L"Description", L"Microsoft Synthesizer");
    expect(HKEY_LOCAL_MACHINE, LIST L"{B0D2D6A3-5C0E-4D1B-8B0B-7A4E7C6E2F51}", L"Description", L"OpenDMus Synthesizer");
    CHECK(!there(HKEY_LOCAL_MACHINE, LIST L"{D41F6C08-93B7-4F5D-A1C2-3E8B5D90F6A7}")); /* a sink is no synth */
    CHECK_EQ(call("DllRegisterServer"), S_OK); /* again: the one before stays the one before */
}

static void test_com_finds_it(void)
{
    static const CLSID *const found[] = {&CLSID_DirectMusicSynth, &CLSID_OpenDMusSynth};
    static const WCHAR *const progids[] = {L"Microsoft.DirectMusicSynth", L"OpenDMus.Synth.1"};
    for (int i = 0; i < 2; i++) {
        IDirectMusicSynth *synth = NULL;
        CLSID clsid;
        DMUS_PORTCAPS caps = {.dwSize = sizeof caps};
        CHECK_EQ(CLSIDFromProgID(progids[i], &clsid), S_OK);
        CHECK(IsEqualGUID(&clsid, found[i]));
        CHECK_EQ(client_create(&clsid, &IID_IDirectMusicSynth, &synth), S_OK);
        if (!synth)
            continue;
        CHECK_EQ(IDirectMusicSynth_GetPortCaps(synth, &caps), S_OK);
        CHECK(IsEqualGUID(&caps.guidPort, found[i]));
        CHECK_EQ(IDirectMusicSynth_Release(synth), 0);
    }
}

static void test_takes_all_back(void)
{
    CHECK_EQ(call("DllUnregisterServer"), S_OK);
    WCHAR expanded[MAX_PATH];
    ExpandEnvironmentStringsW(L"%SystemRoot%\\other.dll", expanded, MAX_PATH);
    expect_other_server();
    CHECK(!there(HKEY_CLASSES_ROOT, OWN_SYNTH));
    CHECK(!there(HKEY_CLASSES_ROOT, OWN_SINK));
    CHECK(!there(HKEY_CLASSES_ROOT, L"OpenDMus.Synth"));
    CHECK(!there(HKEY_CLASSES_ROOT, L"OpenDMus.SynthSink.1"));
    CHECK(!there(HKEY_LOCAL_MACHINE, LIST L"{B0D2D6A3-5C0E-4D1B-8B0B-7A4E7C6E2F51}"));
    CHECK_EQ(call("DllUnregisterServer"), S_OK); /* another's registration is not ours to remove */
    expect(HKEY_CLASSES_ROOT, SYNTH L"\\InprocServer32", NULL, expanded);
}

/* The library is moved: registered from its new place, it takes back what was before the old one, and the old one nothing. */
static void test_a_copy_elsewhere(void)
{
    HMODULE first = dll;
    WCHAR folder[MAX_PATH], copy[MAX_PATH], server[] = SYNTH L"\\InprocServer32";
    ExpandEnvironmentStringsW(L"%SystemRoot%\\other.dll", folder, MAX_PATH);
    expect(HKEY_CLASSES_ROOT, server, NULL, folder);
    GetTempPathW(MAX_PATH - 32, folder);
    lstrcatW(lstrcpyW(copy, folder), L"opendmus copy.dll");
    CHECK(CopyFileW(dll_path, copy, FALSE));
    CHECK_EQ(call("DllRegisterServer"), S_OK);
    dll = LoadLibraryW(copy);
    if (!CHECK(dll != NULL))
        return;
    CHECK_EQ(call("DllRegisterServer"), S_OK);
    expect(HKEY_CLASSES_ROOT, server, NULL, copy);
    CHECK_EQ(call("DllRegisterServer"), S_OK);
    HMODULE second = dll;
    dll = first;
    CHECK_EQ(call("DllUnregisterServer"), S_OK); /* no longer its own */
    expect(HKEY_CLASSES_ROOT, server, NULL, copy);
    expect(HKEY_CLASSES_ROOT, OWN_SINK L"\\InprocServer32", NULL, copy);
    dll = second;
    CHECK_EQ(call("DllUnregisterServer"), S_OK);
    ExpandEnvironmentStringsW(L"%SystemRoot%\\other.dll", folder, MAX_PATH);
    expect_other_server();
    CHECK(!there(HKEY_CLASSES_ROOT, SINK));
    CHECK(!there(HKEY_CLASSES_ROOT, OWN_SYNTH));
    FreeLibrary(second);
    dll = first;
    DeleteFileW(copy);
}

#define OTHER_PATH 1

/* The server before: at the very path where our library is now (dmus wine-install), or at one beyond MAX_PATH. */
static void test_other_paths(void)
{
    static WCHAR far_away[MAX_PATH + 60];
    const struct other_value kept = other_server[OTHER_PATH];
    const WCHAR *const paths[] = {dll_path, far_away};
    for (int i = 0; i < MAX_PATH + 59; i++)
        far_away[i] = i == 1 ? L':' : i == 2 ? L'\\' : L'c';
    for (int i = 0; i < 2; i++) {
        other_server[OTHER_PATH] = (struct other_value){kept.key, NULL, REG_SZ, paths[i]};
        write_other_server();
        CHECK_EQ(call("DllUnregisterServer"), S_OK); /* nothing of ours yet */
        expect_other_server();
        CHECK_EQ(call("DllRegisterServer"), S_OK);
        CHECK_EQ(call("DllRegisterServer"), S_OK);
        expect(HKEY_CLASSES_ROOT, kept.key, NULL, dll_path);
        expect(HKEY_CLASSES_ROOT, kept.key, L"ThreadingModel", L"Both");
        CHECK_EQ(call("DllUnregisterServer"), S_OK);
        expect_other_server();
    }
    other_server[OTHER_PATH] = kept;
    write_other_server();
}

/* A class that is served by a program. */
static void test_no_server_in_process(void)
{
    static const WCHAR program[] = SYNTH L"\\LocalServer32";
    RegDeleteTreeW(HKEY_CLASSES_ROOT, SYNTH);
    RegSetKeyValueW(HKEY_CLASSES_ROOT, program, NULL, REG_SZ, L"c:\\synth.exe", sizeof L"c:\\synth.exe");
    CHECK_EQ(call("DllRegisterServer"), S_OK);
    expect(HKEY_CLASSES_ROOT, SYNTH L"\\InprocServer32", NULL, dll_path);
    CHECK_EQ(call("DllUnregisterServer"), S_OK);
    expect(HKEY_CLASSES_ROOT, program, NULL, L"c:\\synth.exe");
    CHECK_EQ(count_in(SYNTH, true), 1);
    CHECK_EQ(count_in(SYNTH, false), 0);
    write_other_server();
}

static void test_beside_the_systems_own(void)
{
    CHECK_EQ(install(TRUE, L"else"), E_INVALIDARG);
    CHECK_EQ(install(TRUE, L"beside"), S_OK);
    WCHAR expanded[MAX_PATH];
    ExpandEnvironmentStringsW(L"%SystemRoot%\\other.dll", expanded, MAX_PATH);
    expect(HKEY_CLASSES_ROOT, SYNTH L"\\InprocServer32", NULL, expanded);
    expect(HKEY_CLASSES_ROOT, OWN_SYNTH L"\\InprocServer32", NULL, dll_path);
    expect(HKEY_CLASSES_ROOT, OWN_SINK L"\\InprocServer32", L"ThreadingModel", L"Both");
    IDirectMusicSynth *synth = NULL;
    CHECK_EQ(client_create(&CLSID_OpenDMusSynth, &IID_IDirectMusicSynth, &synth), S_OK);
    if (synth)
        CHECK_EQ(IDirectMusicSynth_Release(synth), 0);
    CHECK_EQ(install(FALSE, L"beside"), S_OK);
    CHECK(!there(HKEY_CLASSES_ROOT, OWN_SYNTH));
}

/* By the environment, then by the registry; read when a class object is asked for. */
static DWORD profile_now(void)
{
    HRESULT(WINAPI * get)(REFCLSID, REFIID, void **) = NULL;
    FARPROC found = GetProcAddress(dll, "DllGetClassObject");
    IClassFactory *factory = NULL;
    IDmusSynthControl *control = NULL;
    DMUS_SYNTHCONFIG config = {.dwSize = sizeof config, .dwProfile = 99};
    memcpy(&get, &found, sizeof get);
    CHECK_EQ(get(&CLSID_DirectMusicSynth, &IID_IClassFactory, (void **)&factory), S_OK);
    CHECK_EQ(IClassFactory_CreateInstance(factory, NULL, &IID_IDmusSynthControl, (void **)&control), S_OK);
    CHECK_EQ(control->lpVtbl->GetConfig(control, &config), S_OK);
    control->lpVtbl->Release(control);
    IClassFactory_Release(factory);
    return config.dwProfile;
}

static void test_profile(void)
{
    CHECK_EQ(profile_now(), DMUS_PROFILE_NATIVE);
    SetEnvironmentVariableW(L"OPENDMUS_PROFILE", L"Studio");
    CHECK_EQ(profile_now(), DMUS_PROFILE_STUDIO);
    SetEnvironmentVariableW(L"OPENDMUS_PROFILE", NULL);
    RegSetKeyValueW(HKEY_LOCAL_MACHINE, L"Software\\OpenDMus", L"Profile", REG_SZ, L"studio", sizeof L"studio");
    CHECK_EQ(profile_now(), DMUS_PROFILE_STUDIO);
    RegSetKeyValueW(HKEY_CURRENT_USER, L"Software\\OpenDMus", L"Profile", REG_SZ, L"native", sizeof L"native");
    CHECK_EQ(profile_now(), DMUS_PROFILE_NATIVE);
    SetEnvironmentVariableW(L"OPENDMUS_PROFILE", L"studio");
    CHECK_EQ(profile_now(), DMUS_PROFILE_STUDIO);
    SetEnvironmentVariableW(L"OPENDMUS_PROFILE", NULL);
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, L"Software\\OpenDMus");
    RegDeleteTreeW(HKEY_CURRENT_USER, L"Software\\OpenDMus");
}

static void test_leaves_nothing(void)
{
    CHECK_EQ(call("DllCanUnloadNow"), S_OK);
    RegDeleteTreeW(HKEY_CLASSES_ROOT, SYNTH); /* the pretended other server */
    RegDeleteTreeW(HKEY_CLASSES_ROOT, NAME L".1");
    CHECK_EQ(call("DllRegisterServer"), S_OK);
    CHECK_EQ(call("DllUnregisterServer"), S_OK);
    CHECK(!there(HKEY_CLASSES_ROOT, SYNTH));
    CHECK(!there(HKEY_CLASSES_ROOT, SINK));
    CHECK(!there(HKEY_CLASSES_ROOT, L"Microsoft.DirectMusicSynth.1"));
    CHECK(!there(HKEY_LOCAL_MACHINE, LIST L"{58C2B4D0-46E7-11D1-89AC-00A0C9054129}"));
    CHECK_EQ(call("DllRegisterServer"), S_OK); /* as the other tests want it */
}

int main(int argc, char **argv)
{
    if (argc != 2 || !MultiByteToWideChar(CP_ACP, 0, argv[1], -1, dll_path, MAX_PATH) || !(dll = LoadLibraryW(dll_path)) ||
        !GetModuleFileNameW(dll, dll_path, MAX_PATH)) {
        printf("Bail out! usage: registration.exe DLL\n");
        return 1;
    }
    client_start();
    RUN(test_registers_all);
    RUN(test_com_finds_it);
    RUN(test_takes_all_back);
    RUN(test_a_copy_elsewhere);
    RUN(test_other_paths);
    RUN(test_no_server_in_process);
    RUN(test_beside_the_systems_own);
    RUN(test_profile);
    RUN(test_leaves_nothing);
    return tap_done();
}
