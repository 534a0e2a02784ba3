/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "playing.h"
#include "sound_words.h"

enum { OPT_GROUPS = 256 };

enum { SOURCES_MOST = 16 };

static const struct option_spec specs[] = {
    PLAYING_OPTIONS,
    {'m', "midi", "SOURCE", "alsa, jack, pipewire, rawmidi:DEVICE or raw:PATH (a FIFO, device or\nfile; raw:- is standard input); may be repeated (default: the first\nof alsa, jack and pipewire that works)"},
    {'C', "connect", "PORT", "listen to this sender: what stands before it as -m tells which\nkind (alsa: CLIENT:PORT)"},
    {PLAYING_LIST_MIDI, "list-midi", NULL, "list sources of MIDI, and end"},
    {OPT_GROUPS, "separate", NULL, "a set of 16 channels for each source, instead of one for all"},
    {PLAYING_RECORD_MIDI, "record-midi", "FILE", "also write what is played to a MIDI file"},
    {0, NULL, NULL, NULL}};

void help_live(FILE *out)
{
    fputs("Usage: dmus live [OPTION]... [BANK]...\n"
          "An instrument: play what comes from keyboards and other programs, now.\n\n", out);
    options_help(out, specs);
    fputs("\nOn a terminal: ! ends all notes, q quits. Without -b a bank is looked for as 'dmus render' does.\n"
          "Exit status: 0 done, 1 usage, 2 bank, 3 device, 4 record.\n", out);
}

struct live_request {
    struct playing playing;
    const char *sources[SOURCES_MOST], *connects[SOURCES_MOST];
    uint32_t count;
    bool separate;
};

static bool add_source(struct live_request *r, const char *source)
{
    if (r->count == SOURCES_MOST) {
        complain("live", "more than %d sources of MIDI", SOURCES_MOST);
        return false;
    }
    r->sources[r->count++] = source;
    return true;
}

static bool parse_own(struct live_request *r, const struct option_parser *parser, int id)
{
    switch (id) {
    case 'm':
        return add_source(r, parser->argument);
    case 'C':
        if (r->count == 0 && !add_source(r, "alsa"))
            return false;
        if (strncmp(r->sources[r->count - 1], "raw", 3) == 0) {
            complain("live", "--connect: '%s' is a file or device of its own, nothing can be connected to it", r->sources[r->count - 1]);
            return false;
        }
        r->connects[r->count - 1] = parser->argument;
        return true;
    case OPT_GROUPS:
        return r->separate = true;
    default:
        return false;
    }
}

/* Without -m: a port that others can find. */
static bool connect_any(struct dmus_live *live, int *code)
{
    static const char *const kinds[] = {"alsa", "jack", "pipewire"};
    struct dmus_error errors[sizeof kinds / sizeof kinds[0]];
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        errors[i] = (struct dmus_error)DMUS_INIT(dmus_error);
        if (dmus_live_connect(live, kinds[i], NULL, 1, &errors[i]) == DMUS_OK)
            return true;
    }
    complain("live", "no source of MIDI works: %s; %s; %s", errors[0].text, errors[1].text, errors[2].text);
    complain("live", "'-m raw:PATH' reads MIDI bytes from a file, FIFO or device, '-m raw:-' from standard input");
    *code = EXIT_DEVICE;
    return false;
}

static bool connect(struct live_request *r, struct dmus_live *live, int *code)
{
    struct dmus_error err = DMUS_INIT(dmus_error);
    if (r->count == 0)
        return connect_any(live, code);
    for (uint32_t i = 0; i < r->count; i++) {
        enum dmus_status status = dmus_live_connect(live, r->sources[i], r->connects[i], r->separate ? i + 1 : 1, &err);
        if (status != DMUS_OK) {
            complain("live", "%s: %s", r->sources[i], err.text);
            *code = exit_code_of(status);
            return false;
        }
    }
    return true;
}

static bool load(struct live_request *r, struct dmus_live *live, int *code)
{
    struct dmus_bank *banks[DMUS_MAX_BANKS];
    struct dmus_error err = DMUS_INIT(dmus_error);
    size_t count = 0;
    enum dmus_status status = playing_find_banks(&r->playing, NULL, banks, &count, &err);
    if (status == DMUS_OK)
        status = dmus_live_load(live, banks, count, &err);
    while (count)
        dmus_bank_close(banks[--count]);
    playing_end(&r->playing);
    if (status == DMUS_OK)
        return true;
    complain("live", "%s", err.text);
    *code = exit_code_of(status);
    return false;
}

/* A raw source may be a file that somebody wrote. */
static bool spares_sources(const struct live_request *r)
{
    struct dmus_error err = DMUS_INIT(dmus_error);
    bool spared = true;
    for (uint32_t i = 0; i < r->count && spared && r->playing.record.overwrite; i++)
        if (strncmp(r->sources[i], "raw:", 4) == 0)
            spared = spares_input(r->playing.record.path, r->sources[i] + 4, &err) &&
                     spares_input(r->playing.record_midi, r->sources[i] + 4, &err);
    if (!spared)
        complain("live", "%s", err.text);
    return spared;
}

int cmd_live(int argc, char **argv)
{
    static struct live_request request;
    struct live_request *r = &request;
    struct option_parser parser = {.command = "dmus live", .specs = specs, .argc = argc, .argv = argv};
    int code = EXIT_DONE;
    playing_defaults(&r->playing, "live");
    for (int id; (id = options_next(&parser)) != 0;) {
        if (id == 'h') {
            help_live(stdout);
            return EXIT_DONE;
        }
        if (id == PLAYING_LIST_AUDIO)
            return playing_list_audio();
        if (id == PLAYING_LIST_MIDI)
            return playing_list_midi();
        int shared = id < 0 ? -1 : playing_option(&r->playing, &parser, id);
        if (shared < 0 || (shared == 0 && !parse_own(r, &parser, id)))
            return EXIT_USAGE;
    }
    if (!playing_options_end(&r->playing))
        return EXIT_USAGE;
    for (int i = parser.index; i < argc; i++) {
        if (!is_bank_file(argv[i])) {
            complain("live", "'%s' is no bank", argv[i]);
            return EXIT_INPUT;
        }
        if (!playing_add_bank(&r->playing, argv[i]))
            return EXIT_USAGE;
    }
    r->playing.options.groups = r->separate && r->count ? r->count : 1;
    if (!spares_sources(r))
        return EXIT_USAGE;
    if (!playing_spares(&r->playing, NULL, &code))
        return code;
    struct dmus_live *live = playing_open(&r->playing, &code);
    if (live && load(r, live, &code) && connect(r, live, &code))
        code = playing_watch(&r->playing, live, NULL);
    else
        playing_report_failure(&r->playing);
    dmus_live_close(live);
    return code;
}
