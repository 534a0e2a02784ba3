/* SPDX-License-Identifier: MIT */
#include "registry.h"

#include "user/user.h"

#define SYNTHS_KEY L"SOFTWARE\\Microsoft\\DirectMusic\\SoftwareSynths"
#define PREVIOUS   L"OpenDMusPrevious" /* the server that was there before */
#define OURS       L"OpenDMus"         /* the path that we wrote: a copy of ours elsewhere is no server before */
#define KEY_CHARS  160

struct server_class {
    enum class_pair pair;
    const CLSID *clsid;
    const WCHAR *name, *description;
    BOOL synth;
};

static const struct server_class classes[] = {
    {PAIR_MICROSOFT, &CLSID_DirectMusicSynth, L"Microsoft.DirectMusicSynth", L"Microsoft Synthesizer", TRUE},
    {PAIR_MICROSOFT, &CLSID_DirectMusicSynthSink, L"Microsoft.DirectMusicSynthSink", L"DirectMusic Synthesizer Sink", FALSE},
    {PAIR_OWN, &CLSID_OpenDMusSynth, L"OpenDMus.Synth", L"OpenDMus Synthesizer", TRUE},
    {PAIR_OWN, &CLSID_OpenDMusSynthSink, L"OpenDMus.SynthSink", L"OpenDMus Synthesizer Sink", FALSE},
};
#define CLASS_COUNT (sizeof classes / sizeof classes[0])

/* A key under ROOT, from pieces; the longest is less than half of KEY_CHARS. */
struct key {
    HKEY root;
    WCHAR path[KEY_CHARS];
};

static void append(struct key *key, const WCHAR *piece)
{
    size_t at = 0;
    while (key->path[at])
        at++;
    for (; *piece && at < KEY_CHARS - 1; at++)
        key->path[at] = *piece++;
    key->path[at] = 0;
}

static struct key key_of(HKEY root, const WCHAR *first, const WCHAR *second, const WCHAR *third)
{
    struct key key = {.root = root};
    append(&key, first);
    append(&key, second);
    append(&key, third);
    return key;
}

static void guid_text(const GUID *guid, WCHAR text[39])
{
    static const char digits[] = "0123456789ABCDEF";
    static const signed char order[] = {'{', 3, 2, 1, 0, '-', 5, 4, '-', 7, 6, '-', 8, 9, '-', 10, 11, 12, 13, 14, 15, '}'};
    const unsigned char *bytes = (const unsigned char *)guid;
    for (size_t i = 0; i < sizeof order; i++) {
        if (order[i] > 15) {
            *text++ = (WCHAR)order[i];
        } else {
            *text++ = (WCHAR)digits[bytes[order[i]] >> 4];
            *text++ = (WCHAR)digits[bytes[order[i]] & 15];
        }
    }
    *text = 0;
}

/* The first error of several calls. */
static void note(LSTATUS *status, LSTATUS result)
{
    if (*status == ERROR_SUCCESS)
        *status = result;
}

/* A text in the registry: REG_SZ, or REG_EXPAND_SZ, which a path of the system's own may be. */
struct text {
    DWORD type;
    WCHAR chars[MAX_PATH];
};

static LSTATUS write_chars(struct key key, const WCHAR *value, DWORD type, const WCHAR *chars)
{
    HKEY handle;
    DWORD count = 0;
    while (chars[count])
        count++;
    LSTATUS status = RegCreateKeyExW(key.root, key.path, 0, NULL, 0, KEY_WRITE, NULL, &handle, NULL);
    if (status != ERROR_SUCCESS)
        return status;
    status = RegSetValueExW(handle, value, 0, type, (const BYTE *)chars, (count + 1) * (DWORD)sizeof *chars);
    RegCloseKey(handle);
    return status;
}

static LSTATUS write_text(struct key key, const WCHAR *value, const WCHAR *chars)
{
    return write_chars(key, value, REG_SZ, chars);
}

static BOOL read_text(struct key key, const WCHAR *value, struct text *text)
{
    DWORD bytes = sizeof text->chars - sizeof text->chars[0];
    HKEY handle;
    if (RegOpenKeyExW(key.root, key.path, 0, KEY_QUERY_VALUE, &handle) != ERROR_SUCCESS)
        return FALSE;
    LSTATUS status = RegQueryValueExW(handle, value, NULL, &text->type, (BYTE *)text->chars, &bytes);
    RegCloseKey(handle);
    text->chars[status == ERROR_SUCCESS ? bytes / sizeof text->chars[0] : 0] = 0;
    return status == ERROR_SUCCESS && (text->type == REG_SZ || text->type == REG_EXPAND_SZ);
}

static void delete_value(struct key key, const WCHAR *value)
{
    HKEY handle;
    if (RegOpenKeyExW(key.root, key.path, 0, KEY_SET_VALUE, &handle) == ERROR_SUCCESS) {
        RegDeleteValueW(handle, value);
        RegCloseKey(handle);
    }
}

/* With all below it; none there is no error. */
static void delete_tree(LSTATUS *status, struct key key)
{
    LSTATUS result = RegDeleteTreeW(key.root, key.path);
    note(status, result == ERROR_FILE_NOT_FOUND ? ERROR_SUCCESS : result);
}

static BOOL same_path(const WCHAR *a, const WCHAR *b)
{
    return CompareStringOrdinal(a, -1, b, -1, TRUE) == CSTR_EQUAL;
}

/* BEFORE of SERVER becomes what removing puts back, unless it is a copy of ours: then it stays what that copy found. */
static LSTATUS remember(struct key server, const struct text *before)
{
    struct text ours;
    if (read_text(server, OURS, &ours) && same_path(ours.chars, before->chars))
        return ERROR_SUCCESS;
    return write_chars(server, PREVIOUS, before->type, before->chars);
}

static LSTATUS add_class(const struct server_class *class, const WCHAR *path)
{
    LSTATUS status = ERROR_SUCCESS;
    WCHAR guid[39];
    struct text before;
    guid_text(class->clsid, guid);
    struct key server = key_of(HKEY_CLASSES_ROOT, L"CLSID\\", guid, L"\\InprocServer32");
    if (read_text(server, NULL, &before) && !same_path(before.chars, path))
        note(&status, remember(server, &before));
    note(&status, write_text(key_of(HKEY_CLASSES_ROOT, L"CLSID\\", guid, L""), NULL, class->description));
    note(&status, write_text(server, OURS, path));
    note(&status, write_text(server, NULL, path));
    note(&status, write_text(server, L"ThreadingModel", L"Both"));
    struct key versioned = key_of(HKEY_CLASSES_ROOT, class->name, L".1", L"");
    note(&status, write_text(key_of(HKEY_CLASSES_ROOT, L"CLSID\\", guid, L"\\ProgID"), NULL, versioned.path));
    note(&status, write_text(key_of(HKEY_CLASSES_ROOT, L"CLSID\\", guid, L"\\VersionIndependentProgID"), NULL, class->name));
    note(&status, write_text(versioned, NULL, class->description));
    note(&status, write_text(key_of(HKEY_CLASSES_ROOT, class->name, L".1\\CLSID", L""), NULL, guid));
    note(&status, write_text(key_of(HKEY_CLASSES_ROOT, class->name, L"", L""), NULL, class->description));
    note(&status, write_text(key_of(HKEY_CLASSES_ROOT, class->name, L"\\CLSID", L""), NULL, guid));
    note(&status, write_text(key_of(HKEY_CLASSES_ROOT, class->name, L"\\CurVer", L""), NULL, versioned.path));
    if (class->synth)
        note(&status, write_text(key_of(HKEY_LOCAL_MACHINE, SYNTHS_KEY L"\\", guid, L""), L"Description", class->description));
    return status;
}

static LSTATUS remove_class(const struct server_class *class, const WCHAR *path)
{
    LSTATUS status = ERROR_SUCCESS;
    WCHAR guid[39];
    struct text now, before;
    guid_text(class->clsid, guid);
    struct key server = key_of(HKEY_CLASSES_ROOT, L"CLSID\\", guid, L"\\InprocServer32");
    if (!read_text(server, NULL, &now) || !same_path(now.chars, path))
        return ERROR_SUCCESS; /* another server's by now */
    if (read_text(server, PREVIOUS, &before)) {
        delete_value(server, PREVIOUS);
        delete_value(server, OURS);
        return write_chars(server, NULL, before.type, before.chars);
    }
    delete_tree(&status, key_of(HKEY_CLASSES_ROOT, L"CLSID\\", guid, L""));
    delete_tree(&status, key_of(HKEY_CLASSES_ROOT, class->name, L".1", L""));
    delete_tree(&status, key_of(HKEY_CLASSES_ROOT, class->name, L"", L""));
    if (class->synth)
        delete_tree(&status, key_of(HKEY_LOCAL_MACHINE, SYNTHS_KEY L"\\", guid, L""));
    return status;
}

static LSTATUS each(enum class_pair pair, const WCHAR *path, LSTATUS (*act)(const struct server_class *, const WCHAR *))
{
    LSTATUS status = ERROR_SUCCESS;
    for (size_t i = 0; i < CLASS_COUNT; i++)
        if (classes[i].pair == pair)
            note(&status, act(&classes[i], path));
    return status;
}

LSTATUS registry_add(const WCHAR *path, enum class_pair pair) { return each(pair, path, add_class); }
LSTATUS registry_remove(const WCHAR *path, enum class_pair pair) { return each(pair, path, remove_class); }

BOOL registry_profile(WCHAR *chars, DWORD size)
{
    struct text text;
    if (!read_text(key_of(HKEY_CURRENT_USER, L"Software\\OpenDMus", L"", L""), L"Profile", &text) &&
        !read_text(key_of(HKEY_LOCAL_MACHINE, L"Software\\OpenDMus", L"", L""), L"Profile", &text))
        return FALSE;
    DWORD count = 0;
    for (; text.chars[count] && count < size - 1; count++)
        chars[count] = text.chars[count];
    chars[count] = 0;
    return TRUE;
}
