/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700
#include "wine_install.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"

#define OVERRIDES "Software\\\\Wine\\\\DllOverrides"

void tell(const struct install *install, const char *format, ...)
{
    va_list args;
    if (install->quiet)
        return;
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
}

static bool load_overrides(const struct install *install, char path[PATH_MAX], struct file_bytes *text)
{
    char name[PATH_MAX];
    if (!path_join(name, install->prefix.path, "user.reg"))
        return false;
    if (!realpath(name, path)) { /* where a link leads, so that it stays one */
        complain("wine-install", "%s: %s", name, strerror(errno));
        return false;
    }
    file_forget_part(path);
    if (!file_read(path, text))
        return false;
    if (registry_is_one(text))
        return true;
    complain("wine-install", "%s: not a registry of Wine", path);
    free(text->data);
    return false;
}

bool set_override(struct install *install)
{
    char path[PATH_MAX];
    struct file_bytes text;
    struct registry_change change;
    if (!load_overrides(install, path, &text))
        return false;
    bool ok = registry_set(&text, OVERRIDES, "dmsynth", "native", time(NULL), &change);
    if (!ok) {
        complain("wine-install", "%s: the override of dmsynth that is there cannot be replaced", path);
    } else if (install->record.override) { /* installed before: what was there then is what will be put back */
        free(change.previous);
        ok = file_write(path, &text);
    } else {
        install->record.override = true;
        install->record.change = change;
        ok = record_save(&install->record) && file_write(path, &text);
    }
    if (ok)
        tell(install, "override: dmsynth = native%s%s", install->record.change.previous ? "; it was " : "",
             install->record.change.previous ? install->record.change.previous : "");
    free(text.data);
    return ok;
}

static bool unset_override(struct install *install)
{
    char path[PATH_MAX];
    struct file_bytes text;
    if (!install->record.override)
        return true;
    if (!load_overrides(install, path, &text))
        return false;
    bool ok = true;
    switch (registry_unset(&text, OVERRIDES, "dmsynth", "native", &install->record.change)) {
    case REGISTRY_DONE:
        ok = file_write(path, &text);
        if (ok)
            tell(install, "override of dmsynth: as it was");
        break;
    case REGISTRY_OTHER:
        tell(install, "override of dmsynth: not ours any more, left alone");
        break;
    case REGISTRY_FAILED:
        complain("wine-install", "out of memory");
        ok = false;
        break;
    }
    free(text.data);
    return ok;
}

static bool is_ours(const struct record_entry *entry, const char *target)
{
    uint64_t hash;
    return file_hash(target, &hash) && (hash == entry->hash || (entry->older && hash == entry->older));
}

/* Note what is about to be written to TARGET. *KEEP: what is there now is not ours and must be kept first. */
static bool note_dll(struct install *install, struct record_entry *entry, bool again, const char *target, uint64_t hash,
                     bool *keep)
{
    bool ours = again && is_ours(entry, target);
    *keep = !ours && file_there(target);
    if (!ours || !file_hash(target, &entry->older))
        entry->older = 0;
    entry->backup = *keep || (again && entry->backup);
    entry->hash = hash;
    return record_save(&install->record);
}

/* Put one DLL in its place; the record knows first. */
bool put_dll(struct install *install, const char *place, unsigned machine)
{
    char found[PATH_MAX], path[PATH_MAX], target[PATH_MAX];
    struct file_bytes bytes;
    bool keep = false;
    snprintf(path, sizeof path, "%s/" DLL, place);
    if (interrupted() || !dll_load(install->dlls, machine, found, &bytes))
        return false;
    bool again = record_has(&install->record, path);
    struct record_entry *entry = record_entry(&install->record, RECORD_DLL, path);
    bool ok = entry && path_join(target, install->prefix.path, path) &&
              note_dll(install, entry, again, target, bytes_hash(&bytes), &keep) && (!keep || file_keep(target)) &&
              file_write(target, &bytes);
    if (ok)
        tell(install, "%s: OpenDMus for %d-bit programs, from %s%s", path, machine == MACHINE_X64 ? 64 : 32, found,
             keep ? "; the old one is " DLL ".opendmus-backup" : entry->backup ? "; the first one's backup stays" : "");
    free(bytes.data);
    return ok;
}

/* Whatever moment an installation was interrupted at, the record tells what may be there (wine_record.h). */
static bool take_back_file(struct install *install, const struct record_entry *entry)
{
    char target[PATH_MAX], backup[PATH_MAX];
    if (!path_join(target, install->prefix.path, entry->path) || !file_backup_path(backup, target))
        return false;
    file_forget_part(target);
    if (entry->backup && !file_there(backup)) {
        tell(install, "%s: never replaced", entry->path);
        return true;
    }
    if (file_there(target) && !is_ours(entry, target) && !(entry->backup && file_is_backup(target))) {
        tell(install, "%s: not ours any more, left alone%s", entry->path, entry->backup ? "; its backup stays" : "");
        return true;
    }
    if (entry->backup ? !file_put_back(target) : unlink(target) != 0 && errno != ENOENT) {
        if (!entry->backup)
            complain("wine-install", "%s: %s", target, strerror(errno));
        return false;
    }
    tell(install, "%s: %s", entry->path, entry->backup ? "the old one is back" : "removed");
    return true;
}

/* Last thing first. A directory that others use by now stays. */
bool undo(struct install *install)
{
    bool ok = unset_override(install);
    for (unsigned i = install->record.count; i-- > 0;) {
        const struct record_entry *entry = &install->record.entries[i];
        char path[PATH_MAX];
        if (entry->kind != RECORD_DIRECTORY)
            ok &= take_back_file(install, entry);
        else if (path_join(path, install->prefix.path, entry->path) && rmdir(path) == 0)
            tell(install, "%s: removed", entry->path);
    }
    return ok && record_delete(&install->record);
}
