/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "options.h"
#include "wine_install.h"

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
          "Make the DirectMusic programs of a Wine prefix play through OpenDMus. PREFIX: default $WINEPREFIX, or ~/.wine.\n\n",
          out);
    options_help(out, specs);
    fputs("\nOpenDMus's dmsynth.dll goes in the place of Wine's in system32 and, in a 64-bit prefix, in syswow64; the old ones\n"
          "are kept beside as dmsynth.dll.opendmus-backup. The override dmsynth=native is set for that DLL alone.\n"
          "Wine must not be running in the prefix. OPENDMUS_PROFILE=studio in the environment of a program makes it sound\n"
          "as DLS 2 says instead of as Microsoft's synthesizer does.\n"
          "Exit status: 0 done, 1 usage, 2 no usable prefix, bank or DLL, 4 something could not be written.\n", out);
}

static int install_all(struct install *install, bool again)
{
    bool ok = install->prefix.win64 ? put_dll(install, SYSTEM32, MACHINE_X64) && put_dll(install, SYSWOW64, MACHINE_I386)
                                    : put_dll(install, SYSTEM32, MACHINE_I386);
    ok = ok && set_override(install) && give_gm_dls(install);
    if (ok && !interrupted()) {
        const char *quote = strpbrk(install->prefix.path, " \t$&();|<>*?[#") ? "'" : "";
        tell(install, "Done. `dmus wine-install --remove %s%s%s` undoes it.", quote, install->prefix.path, quote);
        return EXIT_DONE;
    }
    if (!again && file_there(install->record.path)) {
        complain("wine-install", "not done; undoing what was");
        install->quiet = true;
        undo(install);
    }
    return interrupted() ? interrupt_code() : EXIT_OUTPUT;
}

/* A backup that no record knows is of somebody's who has removed us when the DLL was not ours any more. */
static bool no_stray_backup(const struct install *install, const char *path)
{
    char target[PATH_MAX], backup[PATH_MAX];
    if (record_has(&install->record, path))
        return true;
    if (!path_join(target, install->prefix.path, path) || !file_backup_path(backup, target))
        return false;
    if (file_there(backup))
        complain("wine-install", "%s: from an earlier installation; move it away first", backup);
    return !file_there(backup);
}

/* All that can be wrong with what was asked for, before anything is touched. */
static int check_request(const struct install *install)
{
    const unsigned machines[] = {MACHINE_I386, MACHINE_X64};
    if (!no_stray_backup(install, SYSTEM32 "/" DLL) || !no_stray_backup(install, SYSWOW64 "/" DLL))
        return EXIT_INPUT;
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
