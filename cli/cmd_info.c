/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700
#include <string.h>
#include <sys/stat.h>

#include "cli.h"
#include "info.h"
#include "options.h"

enum { OPT_JSON = 256, OPT_INSTRUMENTS, OPT_WAVES, OPT_CHECKSUM };

static const struct option_spec specs[] = {
    {'i', "instruments", NULL, "of a bank: list the instruments"},
    {'w', "waves", NULL, "of a bank: list the waves"},
    {OPT_CHECKSUM, "checksum", NULL, "of a bank: SHA-256 (reads the whole file)"},
    {OPT_JSON, "json", NULL, "all of it for machines"},
    {'q', "quiet", NULL, "no text, only errors: checks whether the files can be read"},
    {'v', "verbose", NULL, "also the repairs that were made, and the texts of a song"},
    {'h', "help", NULL, "this text"},
    {0, NULL, NULL, NULL}};

void help_info(FILE *out)
{
    fputs("Usage: dmus info [OPTION]... FILE...\n"
          "Tell what is in songs (MIDI, RMID) and banks (DLS, SoundFont 2, SF3).\n\n", out);
    options_help(out, specs);
    fputs("\nExit status: 0 all could be read, 1 usage, 2 one or more could not.\n", out);
}

static enum dmus_status tell_song(const char *path, const struct info_request *request, struct dmus_error *error)
{
    struct dmus_song *song = NULL;
    enum dmus_status status = dmus_song_open(path, &song, error);
    if (status == DMUS_OK)
        info_song(song, request);
    dmus_song_close(song);
    return status;
}

static enum dmus_status tell_bank(const char *path, const struct info_request *request, struct dmus_error *error)
{
    struct dmus_bank *bank = NULL;
    enum dmus_status status = dmus_bank_open(path, &bank, error);
    if (status == DMUS_OK)
        status = info_bank(bank, request, error);
    dmus_bank_close(bank);
    return status;
}

static enum dmus_status tell(const char *path, const struct info_request *request, struct dmus_error *error)
{
    enum dmus_kind kind = DMUS_KIND_SMF; /* what can be read but once is taken for a song */
    struct stat st;
    if (strcmp(path, "-") != 0 && !(stat(path, &st) == 0 && S_ISFIFO(st.st_mode))) {
        enum dmus_status status = dmus_detect(path, &kind, error);
        if (status != DMUS_OK)
            return status;
        if (kind == DMUS_KIND_UNKNOWN && stat(path, &st) == 0 && st.st_size > 0) {
            snprintf(error->text, sizeof error->text, "%s: not a song (MIDI, RMID), nor a bank (DLS, SoundFont)", path);
            return DMUS_ERR_FORMAT;
        }
    }
    return dmus_kind_is_bank(kind) ? tell_bank(path, request, error) : tell_song(path, request, error);
}

int cmd_info(int argc, char **argv)
{
    struct option_parser parser = {.command = "dmus info", .specs = specs, .argc = argc, .argv = argv};
    struct json json = {.out = stdout};
    struct info_request request = {.json = &json};
    int code = EXIT_DONE;
    for (int id; (id = options_next(&parser)) != 0;) {
        switch (id) {
        case 'i':
            request.instruments = true;
            break;
        case 'w':
            request.waves = true;
            break;
        case OPT_CHECKSUM:
            request.checksum = true;
            break;
        case OPT_JSON:
            request.as_json = true;
            break;
        case 'q':
            request.quiet = true;
            break;
        case 'v':
            request.verbose = true;
            break;
        case 'h':
            help_info(stdout);
            return EXIT_DONE;
        default:
            return EXIT_USAGE;
        }
    }
    if (parser.index == argc) {
        complain("info", "no file given");
        fputs("Try 'dmus info --help'.\n", stderr);
        return EXIT_USAGE;
    }
    if (request.as_json)
        json_open(&json, NULL, '[');
    for (int i = parser.index; i < argc; i++) {
        struct dmus_error error = DMUS_INIT(dmus_error);
        enum dmus_status status = tell(argv[i], &request, &error);
        if (status != DMUS_OK) {
            complain("info", "%s", error.text);
            code = exit_code_of(status);
        }
    }
    if (request.as_json)
        json_close(&json, ']');
    return code;
}
