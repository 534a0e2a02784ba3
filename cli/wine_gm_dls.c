/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "progress.h"
#include "wine_install.h"

static bool on_progress(void *ctx, uint32_t done, uint32_t total)
{
    progress_update(ctx, done, total);
    return !interrupted();
}

static const char *path_of(const struct dmus_bank *bank)
{
    struct dmus_bank_info info = DMUS_INIT(dmus_bank_info);
    return dmus_bank_get_info(bank, &info) == DMUS_OK && info.path ? info.path : "a bank";
}

static bool convert(struct install *install, struct dmus_bank *bank, const char *target)
{
    struct progress progress = {0};
    struct dmus_convert_options options = DMUS_INIT(dmus_convert_options);
    struct dmus_convert_result result = DMUS_INIT(dmus_convert_result);
    struct dmus_error error = DMUS_INIT(dmus_error);
    options.level1 = true; /* dmusic.dll of Wine passes over all else */
    options.progress = on_progress;
    options.progress_ctx = &progress;
    progress_start_counting(&progress, "waves", install->quiet);
    enum dmus_status status = dmus_convert(bank, target, &options, &result, &error);
    progress_end(&progress);
    if (status != DMUS_OK) {
        complain("wine-install", "%s", error.text);
        return false;
    }
    tell(install, SYSTEM32 "/" GM_DLS ": %u instruments, %.1f MB, made from %s", result.instruments, (double)result.bytes / 1e6,
         path_of(bank));
    return true;
}

/* PLACE/drivers, made if it is not there. */
static bool put_folder(struct install *install, const char *place)
{
    char directory[PATH_MAX], folder[PATH_MAX];
    snprintf(directory, sizeof directory, "%s/drivers", place);
    if (!path_join(folder, install->prefix.path, directory))
        return false;
    if (file_there(folder))
        return true;
    if (!record_entry(&install->record, RECORD_DIRECTORY, directory) || !record_save(&install->record))
        return false;
    if (mkdir(folder, 0777) == 0)
        return true;
    complain("wine-install", "%s: %s", folder, strerror(errno));
    return false;
}

/* The finished file waits under another name until the record knows it. */
static bool make_gm_dls(struct install *install, struct dmus_bank *bank)
{
    char target[PATH_MAX], part[PATH_MAX];
    if (!put_folder(install, SYSTEM32) || !path_join(target, install->prefix.path, SYSTEM32 "/" GM_DLS) ||
        !file_part_path(part, target))
        return false;
    struct record_entry *entry = record_entry(&install->record, RECORD_FILE, SYSTEM32 "/" GM_DLS);
    bool ok = entry && record_save(&install->record); /* so that the part is known */
    file_forget_part(target);
    ok = ok && convert(install, bank, part) && file_hash(part, &entry->hash) && record_save(&install->record);
    if (ok && rename(part, target) != 0) {
        complain("wine-install", "%s: %s", target, strerror(errno));
        ok = false;
    }
    if (!ok)
        file_forget_part(target);
    return ok;
}

/* 32-bit programs of a 64-bit prefix find it in syswow64: another name of the same file. */
static bool share_gm_dls(struct install *install)
{
    char first[PATH_MAX], target[PATH_MAX];
    if (!put_folder(install, SYSWOW64) || !path_join(first, install->prefix.path, SYSTEM32 "/" GM_DLS) ||
        !path_join(target, install->prefix.path, SYSWOW64 "/" GM_DLS))
        return false;
    struct record_entry *entry = record_entry(&install->record, RECORD_FILE, SYSWOW64 "/" GM_DLS);
    if (!entry || !file_hash(first, &entry->hash) || !record_save(&install->record))
        return false;
    if (link(first, target) != 0 && symlink("../../system32/" GM_DLS, target) != 0) {
        complain("wine-install", "%s: %s", target, strerror(errno));
        return false;
    }
    tell(install, "%s: the same for 32-bit programs", SYSWOW64 "/" GM_DLS);
    return true;
}

static bool ask(const char *bank, const char *prefix)
{
    char answer[16] = "";
    fprintf(stderr, "%s has no drivers/gm.dls, which programs without instruments of their own play with.\n"
                    "Make one from %s? [y/N] ", prefix, bank);
    fflush(stderr);
    return fgets(answer, sizeof answer, stdin) && (answer[0] == 'y' || answer[0] == 'Y');
}

/* The bank that was named, or an installed one if there is somebody to ask. NULL with *ok: there is to be none. */
static struct dmus_bank *choose_bank(struct install *install, bool *ok)
{
    struct dmus_error error = DMUS_INIT(dmus_error);
    struct dmus_bank *banks[DMUS_MAX_BANKS] = {NULL};
    size_t count = 0;
    *ok = true;
    if (install->bank) {
        *ok = dmus_bank_open(install->bank, &banks[0], &error) == DMUS_OK;
        if (!*ok)
            complain("wine-install", "%s", error.text);
        return banks[0];
    }
    struct dmus_lookup lookup = DMUS_INIT(dmus_lookup);
    bool interactive = !install->quiet && isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
    if (!interactive || dmus_find_banks(&lookup, banks, &count, NULL) != DMUS_OK) {
        tell(install, "The prefix has no drivers/gm.dls; --gm-dls BANK makes one.");
        return NULL;
    }
    bool wanted = ask(path_of(banks[0]), install->prefix.path);
    for (size_t i = wanted ? 1 : 0; i < count; i++)
        dmus_bank_close(banks[i]);
    return wanted ? banks[0] : NULL;
}

bool give_gm_dls(struct install *install)
{
    char first[PATH_MAX], second[PATH_MAX];
    bool ok = true;
    if (!path_join(first, install->prefix.path, SYSTEM32 "/" GM_DLS) ||
        !path_join(second, install->prefix.path, SYSWOW64 "/" GM_DLS))
        return false;
    if (!file_there(first)) {
        struct dmus_bank *bank = choose_bank(install, &ok);
        if (!bank)
            return ok;
        ok = make_gm_dls(install, bank);
        dmus_bank_close(bank);
    } else if (!install->bank) {
        return true;
    } else if (!record_has(&install->record, SYSTEM32 "/" GM_DLS)) {
        tell(install, "%s: there is one already, left alone", SYSTEM32 "/" GM_DLS);
    }
    return ok && (!install->prefix.win64 || file_there(second) || share_gm_dls(install));
}
