/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "options.h"
#include "progress.h"
#include "wine_prefix.h"
#include "wine_record.h"

#define OVERRIDES "Software\\\\Wine\\\\DllOverrides"
#define SYSTEM32  "drive_c/windows/system32"
#define SYSWOW64  "drive_c/windows/syswow64"
#define DLL       "dmsynth.dll"
#define GM_DLS    "drivers/gm.dls"

enum { OPT_REMOVE = 256, OPT_GM_DLS, OPT_DLLS };

static const struct option_spec specs[] = {
    {OPT_REMOVE, "remove", NULL, "undo exactly what installing did"},
    {OPT_GM_DLS, "gm-dls", "BANK", "if the prefix has no drivers/gm.dls, make one from BANK, a SoundFont\n"
                                   "or DLS file, as games without a bank of their own need it"},
    {OPT_DLLS, "dlls", "DIR", "take the DLLs from DIR/x86_64-windows and DIR/i386-windows"},
    {'q', "quiet", NULL, "no report and no question, only errors"},
    {'h', "help", NULL, "this text"},
    {0, NULL, NULL, NULL}};

void help_wine_install(FILE *out)
{
    fputs("Usage: dmus wine-install [OPTION]... [PREFIX]\n"
          "Make the DirectMusic programs of a Wine prefix play through OpenDMus. PREFIX: default $WINEPREFIX, or ~/.wine.\n\n", out);
    options_help(out, specs);
    fputs("\nOpenDMus's dmsynth.dll goes in the place of Wine's in system32 and, in a 64-bit prefix, in syswow64; the old ones\n"
          "are kept beside as dmsynth.dll.opendmus-backup. The override dmsynth=native is set for that DLL alone.\n"
          "Wine must not be running in the prefix. OPENDMUS_PROFILE=studio in the environment of a program makes it sound\n"
          "as DLS 2 says instead of as Microsoft's synthesizer does.\n"
          "Exit status: 0 done, 1 usage, 2 no usable prefix, bank or DLL, 4 something could not be written.\n", out);
}

struct install {
    struct wine_prefix prefix;
    struct wine_record record;
    const char *bank, *dlls;
    bool quiet;
};

#ifdef __GNUC__
__attribute__((format(printf, 2, 3)))
#endif
static void tell(const struct install *install, const char *format, ...)
{
    va_list args;
    if (install->quiet)
        return;
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
}

/* ---- the override ------------------------------------------------------------------- */

static bool load_overrides(const struct install *install, char path[PATH_MAX], struct file_bytes *text)
{
    if (!path_join(path, install->prefix.path, "user.reg") || !file_read(path, text))
        return false;
    if (registry_is_one(text))
        return true;
    complain("wine-install", "%s: not a registry of Wine", path);
    free(text->data);
    return false;
}

static bool set_override(struct install *install)
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

/* ---- files ---------------------------------------------------------------------------- */

/* Put one DLL in its place; the record knows first. */
static bool put_dll(struct install *install, const char *place, unsigned machine)
{
    char found[PATH_MAX], path[PATH_MAX], target[PATH_MAX];
    struct file_bytes bytes;
    snprintf(path, sizeof path, "%s/" DLL, place);
    if (!dll_load(install->dlls, machine, found, &bytes))
        return false;
    bool again = record_has(&install->record, path);
    struct record_entry *entry = record_entry(&install->record, RECORD_DLL, path);
    bool ok = entry && path_join(target, install->prefix.path, path);
    if (ok) {
        entry->backup = again ? entry->backup : file_there(target);
        entry->hash = bytes_hash(&bytes);
        ok = record_save(&install->record) && (!entry->backup || file_keep(target)) && file_write(target, &bytes);
    }
    if (ok)
        tell(install, "%s: OpenDMus for %d-bit programs, from %s%s", path, machine == MACHINE_X64 ? 64 : 32, found,
             !entry->backup ? "" : again ? "; the first one's backup stays" : "; the old one is " DLL ".opendmus-backup");
    free(bytes.data);
    return ok;
}

static bool take_back_file(struct install *install, const struct record_entry *entry)
{
    char target[PATH_MAX], backup[PATH_MAX];
    uint64_t hash;
    if (!path_join(target, install->prefix.path, entry->path) || !file_backup_path(backup, target))
        return false;
    bool ours = file_hash(target, &hash) && hash == entry->hash;
    if (entry->backup && !file_there(backup)) {
        tell(install, "%s: never replaced", entry->path);
        return true;
    }
    if (!ours && file_there(target)) {
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
static bool undo(struct install *install)
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

/* ---- gm.dls --------------------------------------------------------------------------- */

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
    options.progress = on_progress;
    options.progress_ctx = &progress;
    progress_start_counting(&progress, "waves", install->quiet);
    enum dmus_status status = dmus_convert(bank, target, &options, &result, &error);
    progress_end(&progress);
    if (status != DMUS_OK) {
        complain("wine-install", "%s", error.text);
        return false;
    }
    tell(install, "%s: %u instruments, %.1f MB, made from %s", target + strlen(install->prefix.path) + 1, result.instruments,
         (double)result.bytes / 1e6, path_of(bank));
    return true;
}

/* PLACE/drivers/gm.dls: made from BANK, or, if that is NULL, another name for FIRST. */
static bool put_gm_dls(struct install *install, const char *place, struct dmus_bank *bank, const char *first)
{
    char directory[PATH_MAX], path[PATH_MAX], folder[PATH_MAX], target[PATH_MAX];
    snprintf(directory, sizeof directory, "%s/drivers", place);
    snprintf(path, sizeof path, "%s/" GM_DLS, place);
    if (!path_join(folder, install->prefix.path, directory) || !path_join(target, install->prefix.path, path))
        return false;
    if (!file_there(folder)) {
        if (!record_entry(&install->record, RECORD_DIRECTORY, directory) || !record_save(&install->record))
            return false;
        if (mkdir(folder, 0777) != 0) {
            complain("wine-install", "%s: %s", folder, strerror(errno));
            return false;
        }
    }
    if (file_there(target))
        return true;
    bool ok = first ? link(first, target) == 0 : convert(install, bank, target);
    if (first && !ok && symlink("../../system32/" GM_DLS, target) != 0) {
        complain("wine-install", "%s: %s", target, strerror(errno));
        return false;
    }
    ok = ok || first;
    struct record_entry *entry = ok ? record_entry(&install->record, RECORD_FILE, path) : NULL;
    if (!entry || !file_hash(target, &entry->hash))
        return false;
    if (first)
        tell(install, "%s: the same for 32-bit programs", path);
    return record_save(&install->record);
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

static bool give_gm_dls(struct install *install)
{
    char first[PATH_MAX];
    bool ok;
    if (!path_join(first, install->prefix.path, SYSTEM32 "/" GM_DLS))
        return false;
    if (file_there(first)) {
        if (install->bank && !record_has(&install->record, SYSTEM32 "/" GM_DLS))
            tell(install, "%s: there is one already, left alone", SYSTEM32 "/" GM_DLS);
        return true;
    }
    struct dmus_bank *bank = choose_bank(install, &ok);
    if (!bank)
        return ok;
    ok = put_gm_dls(install, SYSTEM32, bank, NULL) && (!install->prefix.win64 || put_gm_dls(install, SYSWOW64, NULL, first));
    dmus_bank_close(bank);
    return ok;
}

/* ---- the command ---------------------------------------------------------------------- */

static int install_all(struct install *install, bool again)
{
    bool ok = install->prefix.win64 ? put_dll(install, SYSTEM32, MACHINE_X64) && put_dll(install, SYSWOW64, MACHINE_I386)
                                    : put_dll(install, SYSTEM32, MACHINE_I386);
    ok = ok && set_override(install) && give_gm_dls(install);
    if (ok) {
        tell(install, "Done. `dmus wine-install --remove %s` undoes it.", install->prefix.path);
        return EXIT_DONE;
    }
    if (!again && file_there(install->record.path)) {
        complain("wine-install", "not done; undoing what was");
        install->quiet = true;
        undo(install);
    }
    return interrupted() ? interrupt_code() : EXIT_OUTPUT;
}

/* All that can be wrong with what was asked for, before anything is touched. */
static int check_request(const struct install *install)
{
    const unsigned machines[] = {MACHINE_I386, MACHINE_X64};
    for (int i = 0; i < (install->prefix.win64 ? 2 : 1); i++) {
        char found[PATH_MAX];
        struct file_bytes bytes;
        if (!dll_load(install->dlls, machines[i], found, &bytes))
            return EXIT_INPUT;
        free(bytes.data);
    }
    if (install->bank) {
        struct dmus_error error = DMUS_INIT(dmus_error);
        struct dmus_bank *bank = NULL;
        if (dmus_bank_open(install->bank, &bank, &error) != DMUS_OK) {
            complain("wine-install", "%s", error.text);
            return exit_code_of(error.status);
        }
        dmus_bank_close(bank);
    }
    return EXIT_DONE;
}

static int act(struct install *install, const char *name, bool removing)
{
    bool there = false;
    if (!prefix_open(name, &install->prefix) || !record_load(install->prefix.path, &install->record, &there))
        return EXIT_INPUT;
    int code;
    if (!removing) {
        code = check_request(install);
        if (code == EXIT_DONE)
            code = install_all(install, there);
    } else if (there) {
        code = undo(install) ? EXIT_DONE : EXIT_OUTPUT;
    } else {
        complain("wine-install", "%s: OpenDMus is not installed there", install->prefix.path);
        code = EXIT_INPUT;
    }
    record_free(&install->record);
    return code;
}

int cmd_wine_install(int argc, char **argv)
{
    struct option_parser parser = {.command = "dmus wine-install", .specs = specs, .argc = argc, .argv = argv};
    struct install install = {.quiet = false};
    bool removing = false;
    for (int id; (id = options_next(&parser)) != 0;) {
        switch (id) {
        case OPT_REMOVE:
            removing = true;
            break;
        case OPT_GM_DLS:
            install.bank = parser.argument;
            break;
        case OPT_DLLS:
            install.dlls = parser.argument;
            break;
        case 'q':
            install.quiet = true;
            break;
        case 'h':
            help_wine_install(stdout);
            return EXIT_DONE;
        default:
            return EXIT_USAGE;
        }
    }
    if (argc - parser.index > 1 || (removing && (install.bank || install.dlls))) {
        complain("wine-install", argc - parser.index > 1 ? "one prefix at a time" : "--remove takes no other option");
        fputs("Try 'dmus wine-install --help'.\n", stderr);
        return EXIT_USAGE;
    }
    catch_interrupts();
    return act(&install, argc - parser.index == 1 ? argv[parser.index] : NULL, removing);
}
