/* SPDX-License-Identifier: MIT */
#include "registry.h"

#include "user/user.h"

#define SYNTHS_KEY L"SOFTWARE\\Microsoft\\DirectMusic\\SoftwareSynths"
#define PREVIOUS   L"OpenDMusPrevious" /* what was there before */
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

/* A value of any kind. */
struct data {
    DWORD type, size; /* bytes */
    BYTE bytes[4096];
};

static LSTATUS write_data(struct key key, const WCHAR *value, DWORD type, const void *bytes, DWORD size)
{
    HKEY handle;
    LSTATUS status = RegCreateKeyExW(key.root, key.path, 0, NULL, 0, KEY_WRITE, NULL, &handle, NULL);
    if (status != ERROR_SUCCESS)
        return status;
    status = RegSetValueExW(handle, value, 0, type, bytes, size);
    RegCloseKey(handle);
    return status;
}

static LSTATUS write_text(struct key key, const WCHAR *value, const WCHAR *chars)
{
    DWORD count = 0;
    while (chars[count])
        count++;
    return write_data(key, value, REG_SZ, chars, (count + 1) * (DWORD)sizeof *chars);
}

/* ERROR_FILE_NOT_FOUND, ERROR_MORE_DATA. */
static LSTATUS read_data(struct key key, const WCHAR *value, struct data *data)
{
    HKEY handle;
    LSTATUS status = RegOpenKeyExW(key.root, key.path, 0, KEY_QUERY_VALUE, &handle);
    if (status != ERROR_SUCCESS)
        return status;
    data->size = sizeof data->bytes;
    status = RegQueryValueExW(handle, value, NULL, &data->type, data->bytes, &data->size);
    RegCloseKey(handle);
    return status;
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

static BOOL same_path(const WCHAR *a, const WCHAR *b)
{
    return CompareStringOrdinal(a, -1, b, -1, TRUE) == CSTR_EQUAL;
}

/* A key that has nothing in it is as good as none. */
static void delete_if_empty(struct key key)
{
    HKEY handle;
    DWORD keys = 1, values = 1;
    if (RegOpenKeyExW(key.root, key.path, 0, KEY_QUERY_VALUE, &handle) != ERROR_SUCCESS)
        return;
    RegQueryInfoKeyW(handle, NULL, NULL, NULL, &keys, NULL, NULL, &values, NULL, NULL, NULL, NULL);
    RegCloseKey(handle);
    if (keys == 0 && values == 0)
        RegDeleteKeyW(key.root, key.path);
}

/* What is written for a class: TEXT as VALUE of KEY. KEPT beside it is what was there before; none, if nothing was. */
struct place {
    struct key key;
    const WCHAR *value, *kept, *text;
};
#define PLACES       11
#define SERVER_PLACE 1 /* the path */

/* A key comes before those in it. A class that is no synth has one place less. */
static size_t list_places(const struct server_class *class, const WCHAR *guid, const WCHAR *path, struct place list[PLACES])
{
    struct key server = key_of(HKEY_CLASSES_ROOT, L"CLSID\\", guid, L"\\InprocServer32");
    list[0] = (struct place){key_of(HKEY_CLASSES_ROOT, L"CLSID\\", guid, L""), NULL, PREVIOUS, class->description};
    list[SERVER_PLACE] = (struct place){server, NULL, PREVIOUS, path};
    list[2] = (struct place){server, L"ThreadingModel", PREVIOUS L" ThreadingModel", L"Both"};
    list[3] = (struct place){key_of(HKEY_CLASSES_ROOT, class->name, L".1", L""), NULL, PREVIOUS, class->description};
    const WCHAR *versioned = list[3].key.path;
    list[4] = (struct place){key_of(HKEY_CLASSES_ROOT, class->name, L".1\\CLSID", L""), NULL, PREVIOUS, guid};
    list[5] = (struct place){key_of(HKEY_CLASSES_ROOT, class->name, L"", L""), NULL, PREVIOUS, class->description};
    list[6] = (struct place){key_of(HKEY_CLASSES_ROOT, class->name, L"\\CLSID", L""), NULL, PREVIOUS, guid};
    list[7] = (struct place){key_of(HKEY_CLASSES_ROOT, class->name, L"\\CurVer", L""), NULL, PREVIOUS, versioned};
    list[8] = (struct place){key_of(HKEY_CLASSES_ROOT, L"CLSID\\", guid, L"\\ProgID"), NULL, PREVIOUS, versioned};
    list[9] = (struct place){key_of(HKEY_CLASSES_ROOT, L"CLSID\\", guid, L"\\VersionIndependentProgID"), NULL, PREVIOUS,
                             class->name};
    list[10] = (struct place){key_of(HKEY_LOCAL_MACHINE, SYNTHS_KEY L"\\", guid, L""), L"Description", PREVIOUS L" Description",
                              class->description};
    return class->synth ? PLACES : PLACES - 1;
}

/* What is there now becomes what removing puts back. */
static LSTATUS keep(const struct place *place)
{
    struct data data;
    LSTATUS status = read_data(place->key, place->value, &data);
    if (status == ERROR_SUCCESS)
        return write_data(place->key, place->kept, data.type, data.bytes, data.size);
    delete_value(place->key, place->kept);
    return status == ERROR_FILE_NOT_FOUND ? ERROR_SUCCESS : status;
}

static LSTATUS put_back(const struct place *place)
{
    struct data data;
    LSTATUS status = read_data(place->key, place->kept, &data);
    if (status == ERROR_SUCCESS)
        status = write_data(place->key, place->value, data.type, data.bytes, data.size);
    else
        delete_value(place->key, place->value);
    delete_value(place->key, place->kept);
    delete_if_empty(place->key);
    return status == ERROR_FILE_NOT_FOUND ? ERROR_SUCCESS : status;
}

/* Whether we wrote what SERVER is now, be it as a copy elsewhere, whose memory we take over. The path alone does not tell: we may
 * have been put where another's library was. */
static BOOL is_ours(struct key server, struct text *now)
{
    struct text ours;
    return read_text(server, NULL, now) && read_text(server, OURS, &ours) && same_path(ours.chars, now->chars);
}

static LSTATUS add_class(const struct server_class *class, const WCHAR *path)
{
    LSTATUS status = ERROR_SUCCESS;
    WCHAR guid[39];
    struct place list[PLACES];
    guid_text(class->clsid, guid);
    size_t count = list_places(class, guid, path, list);
    struct key server = list[SERVER_PLACE].key;
    struct text now;
    BOOL keeping = !is_ours(server, &now);
    for (size_t i = 0; i < count; i++) {
        LSTATUS kept = keeping ? keep(&list[i]) : ERROR_SUCCESS;
        note(&status, kept != ERROR_SUCCESS ? kept : write_text(list[i].key, list[i].value, list[i].text));
    }
    note(&status, write_text(server, OURS, path));
    return status;
}

static LSTATUS remove_class(const struct server_class *class, const WCHAR *path)
{
    LSTATUS status = ERROR_SUCCESS;
    WCHAR guid[39];
    struct place list[PLACES];
    struct text now;
    guid_text(class->clsid, guid);
    size_t count = list_places(class, guid, path, list);
    struct key server = list[SERVER_PLACE].key;
    if (!is_ours(server, &now) || !same_path(now.chars, path))
        return ERROR_SUCCESS; /* another server's by now */
    delete_value(server, OURS);
    for (size_t i = count; i-- > 0;)
        note(&status, put_back(&list[i]));
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
