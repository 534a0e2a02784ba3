/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700
#include "wine_record.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

#define NAME "opendmus-install.txt"
#define HEAD "opendmus-install 1"

static const char *const kinds[] = {[RECORD_DLL] = "dll", [RECORD_FILE] = "file", [RECORD_DIRECTORY] = "directory"};

/* Cut *LINE at the next tab and step over it; the field before it. */
static char *field(char **line)
{
    char *begin = *line, *tab = strchr(begin, '\t');
    if (tab)
        *tab = '\0';
    *line = tab ? tab + 1 : begin + strlen(begin);
    return begin;
}

/* Paths lead into the Windows directory and nowhere else: the record is a file that anybody may have written. */
static bool path_is_sound(const char *path)
{
    return strncmp(path, "drive_c/windows/", 16) == 0 && !strstr(path, "..") &&
           strlen(path) < sizeof((struct record_entry *)0)->path;
}

static bool parse_line(struct wine_record *record, char *line)
{
    const char *kind = field(&line);
    if (strcmp(kind, "override") == 0) {
        record->override = true;
        record->change.key_added = strcmp(field(&line), "added") == 0;
        free(record->change.previous);
        record->change.previous = *line ? strdup(line) : NULL;
        return !*line || record->change.previous;
    }
    for (unsigned k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
        if (strcmp(kind, kinds[k]) != 0)
            continue;
        const char *path = field(&line);
        struct record_entry *entry = path_is_sound(path) ? record_entry(record, (enum record_kind)k, path) : NULL;
        if (!entry)
            return false;
        entry->backup = strcmp(field(&line), "backup") == 0;
        entry->hash = strtoull(field(&line), NULL, 16);
        entry->older = strtoull(line, NULL, 16);
        return true;
    }
    return false;
}

bool record_load(const char *prefix, struct wine_record *record, bool *there)
{
    struct file_bytes text;
    *record = (struct wine_record){.count = 0};
    if (!path_join(record->path, prefix, NAME))
        return false;
    file_forget_part(record->path);
    *there = file_there(record->path);
    if (!*there)
        return true;
    if (!file_read(record->path, &text))
        return false;
    char *rest = NULL, *line = strtok_r(text.data, "\n", &rest);
    bool ok = line && strcmp(line, HEAD) == 0;
    while (ok && (line = strtok_r(NULL, "\n", &rest)) != NULL)
        ok = parse_line(record, line);
    free(text.data);
    if (!ok) {
        complain("wine-install", "%s: not understood; written by another version?", record->path);
        record_free(record);
    }
    return ok;
}

bool record_save(const struct wine_record *record)
{
    const size_t room = 4096 + (record->change.previous ? strlen(record->change.previous) : 0);
    struct file_bytes text = {malloc(room), 0};
    if (!text.data) {
        complain("wine-install", "out of memory");
        return false;
    }
    size_t size = (size_t)snprintf(text.data, room, HEAD "\n");
    for (unsigned i = 0; i < record->count; i++) {
        const struct record_entry *entry = &record->entries[i];
        size += (size_t)snprintf(text.data + size, room - size, "%s\t%s\t%s\t%016" PRIx64 "\t%016" PRIx64 "\n",
                                 kinds[entry->kind], entry->path, entry->backup ? "backup" : "new", entry->hash, entry->older);
    }
    if (record->override)
        size += (size_t)snprintf(text.data + size, room - size, "override\t%s\t%s\n",
                                 record->change.key_added ? "added" : "there",
                                 record->change.previous ? record->change.previous : "");
    text.size = size;
    bool ok = file_write(record->path, &text);
    free(text.data);
    return ok;
}

bool record_delete(const struct wine_record *record)
{
    if (unlink(record->path) == 0)
        return true;
    complain("wine-install", "%s: cannot be removed", record->path);
    return false;
}

void record_free(struct wine_record *record)
{
    free(record->change.previous);
    record->change.previous = NULL;
}

bool record_has(const struct wine_record *record, const char *path)
{
    for (unsigned i = 0; i < record->count; i++)
        if (strcmp(record->entries[i].path, path) == 0)
            return true;
    return false;
}

struct record_entry *record_entry(struct wine_record *record, enum record_kind kind, const char *path)
{
    for (unsigned i = 0; i < record->count; i++)
        if (strcmp(record->entries[i].path, path) == 0)
            return &record->entries[i];
    if (record->count == RECORD_MOST)
        return NULL;
    struct record_entry *entry = &record->entries[record->count++];
    *entry = (struct record_entry){.kind = kind};
    snprintf(entry->path, sizeof entry->path, "%s", path);
    return entry;
}
