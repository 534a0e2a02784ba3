/* SPDX-License-Identifier: MIT */
/* Which bank to play with: spec/ecosystem.md section 3.3. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bank.h"
#include "base/alloc.h"
#include "errors.h"
#include "song.h"

enum { PATH_ROOM = 4096 };

struct search {
    struct dmus_lookup lookup;
    struct dmus_bank **banks;
    size_t count;
    bool below;       /* the song's own bank is taken: one more is wanted */
    enum dmus_lookup_place place;
    struct dm_error *err;
};

const char *dmus_place_name(enum dmus_lookup_place place)
{
    switch (place) {
    case DMUS_PLACE_NAMED: return "command line";
    case DMUS_PLACE_ENVIRONMENT: return "environment";
    case DMUS_PLACE_SONG: return "inside the song";
    case DMUS_PLACE_BESIDE: return "beside the song";
    case DMUS_PLACE_CONFIG: return "configuration";
    case DMUS_PLACE_USER: return "user";
    case DMUS_PLACE_SYSTEM: return "system";
    }
    return "elsewhere";
}

static void report(const struct search *s, const char *path, enum dmus_lookup_result result, const char *reason)
{
    if (!s->lookup.report)
        return;
    struct dmus_lookup_step step = {
        .size = sizeof step, .place = (uint32_t)s->place, .result = (uint32_t)result, .path = path, .reason = reason};
    s->lookup.report(s->lookup.report_ctx, &step);
}

static void take(struct search *s, struct dmus_bank *bank, const char *path)
{
    s->banks[s->count++] = bank;
    report(s, path, s->below ? DMUS_LOOKUP_BELOW : DMUS_LOOKUP_TAKEN, "");
}

static bool exists(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 || errno != ENOENT;
}

/* A bank that somebody named: it opens, or the search has failed. */
static enum dm_status open_named(struct search *s, const char *path)
{
    struct dmus_bank *bank;
    struct dmus_error err = DMUS_INIT(dmus_error);
    if (s->count == DMUS_MAX_BANKS)
        return dm_fail(s->err, DM_ERR_ARGUMENT, "more than %d banks", DMUS_MAX_BANKS);
    enum dmus_status status = dmus_bank_open(path, &bank, &err);
    if (status == DMUS_OK) {
        take(s, bank, path);
        return DM_OK;
    }
    report(s, path, exists(path) ? DMUS_LOOKUP_UNUSABLE : DMUS_LOOKUP_ABSENT, err.text);
    return dm_fail(s->err, (enum dm_status)status, "%s", err.text);
}

/* A bank that may be there. */
static void try_file(struct search *s, const char *path)
{
    struct dmus_bank *bank;
    struct dmus_error err = DMUS_INIT(dmus_error);
    if (!exists(path)) {
        report(s, path, DMUS_LOOKUP_ABSENT, "");
    } else if (dmus_bank_open(path, &bank, &err) == DMUS_OK) {
        take(s, bank, path);
    } else {
        report(s, path, DMUS_LOOKUP_UNUSABLE, err.text);
    }
}

/* Enough found? */
static bool done(const struct search *s) { return s->count > (s->below ? 1u : 0u); }

/* ---- the places, in order ---- */

static enum dm_status named(struct search *s)
{
    s->place = DMUS_PLACE_NAMED;
    enum dm_status status = DM_OK;
    for (uint32_t i = 0; status == DM_OK && i < s->lookup.named_count; i++)
        status = open_named(s, s->lookup.named[i]);
    return status;
}

/* SDL_mixer's list: the first that is there. If none is, what was named would be replaced by another. */
static enum dm_status sdl_list(struct search *s, const char *const whole)
{
    char path[PATH_ROOM];
    const char *list = whole;
    while (*list) {
        size_t length = strcspn(list, ":;");
        if (length && length < sizeof path) {
            memcpy(path, list, length);
            path[length] = '\0';
            if (exists(path))
                return open_named(s, path);
            report(s, path, DMUS_LOOKUP_ABSENT, "listed in SDL_SOUNDFONTS");
        }
        list += length;
        list += *list != '\0';
    }
    if (!whole[strspn(whole, ":;")]) /* nothing was named */
        return DM_OK;
    return dm_fail(s->err, DM_ERR_OPEN, "SDL_SOUNDFONTS: no such file: %s", whole);
}

static enum dm_status environment(struct search *s)
{
    s->place = DMUS_PLACE_ENVIRONMENT;
    const char *own = getenv("DMUS_BANK"), *sdl = getenv("SDL_SOUNDFONTS");
    if (own && *own)
        return open_named(s, own);
    report(s, "$DMUS_BANK", DMUS_LOOKUP_ABSENT, "not set");
    if (sdl && *sdl)
        return sdl_list(s, sdl);
    report(s, "$SDL_SOUNDFONTS", DMUS_LOOKUP_ABSENT, "not set");
    return DM_OK;
}

static enum dm_status inside_song(struct search *s)
{
    s->place = DMUS_PLACE_SONG;
    if (s->lookup.song->embedded.size == 0) {
        report(s, s->lookup.song->path, DMUS_LOOKUP_ABSENT, "no bank in it");
        return DM_OK;
    }
    struct dmus_bank *bank;
    struct dmus_error err = DMUS_INIT(dmus_error);
    enum dmus_status status = dmus_song_get_bank(s->lookup.song, &bank, &err);
    if (status != DMUS_OK) {
        report(s, s->lookup.song->path, DMUS_LOOKUP_UNUSABLE, err.text);
        return dm_fail(s->err, (enum dm_status)status, "%s", err.text);
    }
    take(s, bank, s->lookup.song->path);
    s->below = true;
    return DM_OK;
}

static void beside_song(struct search *s)
{
    static const char *const suffixes[] = {".dls", ".sf2", ".sf3"};
    const char *path = s->lookup.song->path;
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *dot = strrchr(name, '.');
    size_t base = dot && dot != name ? (size_t)(dot - path) : strlen(path);
    char candidate[PATH_ROOM];
    s->place = DMUS_PLACE_BESIDE;
    for (unsigned i = 0; i < 3 && !done(s); i++)
        if (base + 5 < sizeof candidate) {
            snprintf(candidate, sizeof candidate, "%.*s%s", (int)base, path, suffixes[i]);
            if (strcmp(candidate, path) != 0)
                try_file(s, candidate);
        }
}

static enum dm_status configured(struct search *s)
{
    s->place = DMUS_PLACE_CONFIG;
    enum dm_status status = DM_OK;
    if (s->lookup.config_count == 0)
        report(s, "no bank configured", DMUS_LOOKUP_ABSENT, "");
    for (uint32_t i = 0; status == DM_OK && i < s->lookup.config_count; i++)
        status = open_named(s, s->lookup.config[i]);
    return status;
}

static void try_below(struct search *s, const char *directory, const char *file)
{
    char path[PATH_ROOM];
    if (!done(s) && (size_t)snprintf(path, sizeof path, "%s/%s", directory, file) < sizeof path)
        try_file(s, path);
}

static int is_visible(const struct dirent *entry) { return entry->d_name[0] != '.'; }

/* The first usable bank of a directory, by name. */
static void try_directory(struct search *s, const char *directory)
{
    struct dirent **entries;
    int count = scandir(directory, &entries, is_visible, alphasort);
    if (count < 0) {
        report(s, directory, DMUS_LOOKUP_ABSENT, "");
        return;
    }
    for (int i = 0; i < count; i++) {
        try_below(s, directory, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
}

static void user_directories(struct search *s)
{
    const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    char base[PATH_ROOM], path[PATH_ROOM + 16];
    s->place = DMUS_PLACE_USER;
    if (data && data[0] == '/')
        snprintf(base, sizeof base, "%s", data);
    else if (home && home[0] == '/')
        snprintf(base, sizeof base, "%s/.local/share", home);
    else
        return;
    try_below(s, base, "soundfonts/default.dls");
    try_below(s, base, "soundfonts/default.sf2");
    try_below(s, base, "soundfonts/default.sf3");
    snprintf(path, sizeof path, "%s/sounds/sf2", base);
    if (!done(s))
        try_directory(s, path);
}

static void system_directories(struct search *s)
{
    static const char *const files[] = {"soundfonts/default.dls", "soundfonts/default.sf2", "soundfonts/default.sf3",
                                        "sounds/sf3/default-GM.sf3", "sounds/sf2/default-GM.sf2"};
    const char *list = getenv("XDG_DATA_DIRS");
    char directory[PATH_ROOM];
    s->place = DMUS_PLACE_SYSTEM;
    if (!list || !*list)
        list = "/usr/local/share:/usr/share";
    while (*list && !done(s)) {
        size_t length = strcspn(list, ":");
        if (length && length < sizeof directory && list[0] == '/') {
            memcpy(directory, list, length);
            directory[length] = '\0';
            for (unsigned i = 0; i < sizeof files / sizeof files[0]; i++)
                try_below(s, directory, files[i]);
        }
        list += length;
        list += *list != '\0';
    }
}

static enum dm_status search_all(struct search *s)
{
    enum dm_status status = named(s);
    if (status == DM_OK && s->count == 0)
        status = environment(s);
    if (status != DM_OK || s->count)
        return status;
    if (s->lookup.song)
        status = inside_song(s);
    if (status == DM_OK && s->lookup.song)
        beside_song(s);
    if (status == DM_OK && !done(s))
        status = configured(s);
    if (status == DM_OK && !done(s))
        user_directories(s);
    if (status == DM_OK && !done(s))
        system_directories(s);
    if (status == DM_OK && s->count == 0)
        return dm_fail(s->err, DM_ERR_NOT_FOUND,
                       "no bank found: name one with --bank or in DMUS_BANK, or install one "
                       "(Debian: timgm6mb-soundfont or fluid-soundfont-gm)");
    return status;
}

static bool all_there(const char *const *names, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (!names || !names[i])
            return false;
    return true;
}

enum dmus_status dmus_find_banks(const struct dmus_lookup *lookup, struct dmus_bank *banks[DMUS_MAX_BANKS],
                                 size_t *count, struct dmus_error *err)
{
    if (count)
        *count = 0;
    if (banks)
        memset(banks, 0, DMUS_MAX_BANKS * sizeof *banks);
    if (!abi_fits(lookup, sizeof *lookup) || !banks || !count)
        return error_argument(err, "dmus_find_banks: an argument is missing or has no size");
    struct dm_error inner = {0};
    struct search s = {.banks = banks, .err = &inner};
    abi_load(&s.lookup, sizeof s.lookup, lookup);
    if (!all_there(s.lookup.named, s.lookup.named_count) || !all_there(s.lookup.config, s.lookup.config_count))
        return error_argument(err, "dmus_find_banks: a name of a bank is missing");
    enum dm_status status = search_all(&s);
    if (status == DM_OK) {
        *count = s.count;
        return DMUS_OK;
    }
    for (size_t i = 0; i < s.count; i++) {
        dmus_bank_close(banks[i]);
        banks[i] = NULL;
    }
    return error_public(err, status, &inner);
}
