/* SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drivers/crash.h"
#include "drivers/hang.h"
#include "hosting.h"
#include "options.h"

enum { OPT_RECORD = 256, OPT_RECORD_MIDI, OPT_TRACE, OPT_TIME, OPT_SECONDS, OPT_CHANNELS, OPT_BUFFER, OPT_REGISTRY, OPT_BYTES, OPT_TRAP,
       OPT_LEGACY, OPT_JSON };

static const struct option_spec specs[] = {
    {'l', "list", NULL, "list filters, pins, nodes, wires and properties (also done if nothing\nelse is asked for)"},
    {'p', "play", "SONG", "play SONG into the first pin that takes MIDI"},
    {OPT_LEGACY, "legacy", NULL, "into the pin of the legacy format, as midiOut would, not the DirectMusic\none"},
    {'b', "bank", "FILE", "DLS or SoundFont bank to download into a synth node that takes DLS;\nmay be repeated. Without one such a synth is silent, unless it has a set\nin ROM"},
    {OPT_RECORD, "record", "FILE", "write the sound of the wave pin to a sound file"},
    {OPT_RECORD_MIDI, "record-midi", "FILE", "write what the capture pin gives to a MIDI file"},
    {OPT_SECONDS, "seconds", "SECONDS", "stop after so long (default: when the song has died away)"},
    {OPT_TIME, "time", "BASE", "virtual: no waiting, and every run the same (default); real: the\nclock's"},
    {OPT_TRACE, "trace", "FILE", "every hop with its time: '-' prints lines, a FILE becomes a Chrome\ntrace (chrome://tracing, "
                                 "Perfetto)"},
    {'R', "resources", "FILE", "ports, interrupts and emulated hardware of the device"},
    {OPT_REGISTRY, "registry", "FILE", "values of the registry"},
    {'f', "filter", "NAME", "list or use this filter (default: list all, use the first that can do\nwhat is asked for)"},
    {'r', "rate", "HZ", "sample rate to ask for, 8000 to 192000 (default: 48000)"},
    {OPT_CHANNELS, "channels", "N", "to ask for, 1 or 2 (default: 2)"},
    {OPT_BUFFER, "buffer", "BYTES", "of the allocator's long buffers, 32 to 65535 (default: 4096)"},
    {OPT_BYTES, "render-bytes", NULL, "Render counts bytes, not frames"},
    {OPT_TRAP, "trap", NULL, "under AddressSanitizer, stop at the use of a returned event"},
    {'y', "overwrite", NULL, "replace existing files"},
    {OPT_JSON, "json", NULL, "report for machines"},
    {'q', "quiet", NULL, "do not show what the driver prints, nor a report when no rule was broken"},
    {'h', "help", NULL, "this text"},
    {0, NULL, NULL, NULL}};

void help_host(FILE *out)
{
    const char *name, *summary;
    fputs("Usage: dmus host [OPTION]... DRIVER\n"
          "Load a kernel-mode DirectMusic driver, built as a shared object, into a simulated kernel; open, play and record it,\n"
          "and report which of the rules for drivers it broke. DRIVER is a file, or one of\n", out);
    for (size_t i = 0; session_builtin(i, &name, &summary); i++)
        fprintf(out, "  %-10s %s\n", name, summary);
    fputc('\n', out);
    options_help(out, specs);
    fputs("\nThe rules are explained in doc/driver-rules.md, writing drivers in doc/drivers.md.\n"
          "Exit status: 0 done, 1 usage, 2 driver, song or bank, 3 refused by the driver, 4 output, 6 a rule was broken.\n", out);
}

/* Files that it may be told to write, in the order of their options. */
enum { OUTPUTS = 3 };
static const char *const output_options[OUTPUTS] = {"--record", "--record-midi", "--trace"};
struct outputs {
    const char *path[OUTPUTS]; /* NULL: not that one */
};

static struct outputs outputs_of(const struct hosting *h)
{
    return (struct outputs){{h->play.record, h->play.record_midi, h->trace}};
}

static bool parse_play(struct hosting *h, const struct option_parser *parser, int id)
{
    switch (id) {
    case 'p':
        h->song_name = parser->argument;
        return true;
    case 'b':
        if (h->bank_count < DMUS_MAX_BANKS)
            h->bank_names[h->bank_count++] = parser->argument;
        return true;
    case OPT_RECORD:
        h->play.record = parser->argument;
        return true;
    case OPT_RECORD_MIDI:
        h->play.record_midi = parser->argument;
        return true;
    case OPT_SECONDS:
        return option_time(parser, "--seconds", &h->play.seconds);
    case OPT_LEGACY:
        return h->play.legacy = true;
    case 'f':
        h->filter = parser->argument;
        return true;
    case 'r':
        return option_unsigned(parser, "--rate", 8000, 192000, &h->play.rate);
    case OPT_CHANNELS:
        return option_unsigned(parser, "--channels", 1, 2, &h->play.channels);
    case 'y':
        return h->play.overwrite = true;
    default:
        return false;
    }
}

static bool parse_machine(struct hosting *h, const struct option_parser *parser, int id)
{
    static const char *const times[] = {"virtual", "real", NULL};
    int choice;
    switch (id) {
    case OPT_TIME:
        choice = option_choice(parser, "--time", times);
        h->session.time = choice == 1 ? WDM_REAL : WDM_VIRTUAL;
        return choice >= 0;
    case OPT_TRACE:
        h->trace = parser->argument;
        return true;
    case 'R':
        h->session.resources = parser->argument;
        return true;
    case OPT_REGISTRY:
        h->session.registry = parser->argument;
        return true;
    case OPT_BUFFER:
        return option_unsigned(parser, "--buffer", 32, 65535, &h->session.event_buffer_size);
    case OPT_BYTES:
        return h->session.render_bytes = true;
    case OPT_TRAP:
        return h->session.trap_use_after_return = true;
    case 'l':
        return h->list = true;
    case OPT_JSON:
        return h->json = true;
    case 'q':
        return h->quiet = true;
    default:
        return parse_play(h, parser, id);
    }
}

bool hosting_parse(struct hosting *h, int argc, char **argv, int *code)
{
    struct option_parser parser = {.command = "dmus host", .specs = specs, .argc = argc, .argv = argv};
    *h = (struct hosting){.play = {.rate = 48000, .channels = 2}};
    *code = EXIT_USAGE;
    for (int id; (id = options_next(&parser)) != 0;) {
        if (id == 'h') {
            help_host(stdout);
            *code = EXIT_DONE;
            return false;
        }
        if (id < 0 || !parse_machine(h, &parser, id))
            return false;
    }
    if (argc - parser.index != 1) {
        complain("host", parser.index == argc ? "no driver; 'dmus help host' tells more" : "one driver at a time");
        return false;
    }
    h->session.driver = argv[parser.index];
    h->out = report_stream(h->play.record, h->play.record_midi);
    const struct outputs outputs = outputs_of(h);
    if (!outputs_differ("host", outputs.path, output_options, OUTPUTS))
        return false;
    if ((h->bank_count || h->play.legacy) && !h->song_name) {
        complain("host", h->bank_count ? "--bank: downloads are for a song, which --play names"
                                       : "--legacy is about a song, which --play names");
        return false;
    }
    return true;
}

/* ---- files ---- */

/* No output replaces what is read. */
static bool spares_all(const struct hosting *h)
{
    const struct outputs outputs = outputs_of(h);
    const char *const files[] = {h->song_name, h->session.driver, h->session.resources, h->session.registry};
    struct dmus_error err = DMUS_INIT(dmus_error);
    bool spared = true;
    for (size_t o = 0; h->play.overwrite && spared && o < OUTPUTS; o++) {
        for (size_t i = 0; spared && i < sizeof files / sizeof *files; i++)
            spared = spares_input(outputs.path[o], files[i], &err);
        for (uint32_t i = 0; spared && i < h->bank_count; i++)
            spared = spares_input(outputs.path[o], h->bank_names[i], &err);
    }
    if (!spared)
        complain("host", "%s", err.text);
    return spared;
}

static bool open_inputs(struct hosting *h, int *code)
{
    struct dmus_error err = DMUS_INIT(dmus_error);
    enum dmus_status status = DMUS_OK;
    if (h->song_name)
        status = dmus_song_open(h->song_name, &h->play.song, &err);
    for (uint32_t i = 0; status == DMUS_OK && i < h->bank_count; i++) {
        status = dmus_bank_open(h->bank_names[i], &h->banks[i], &err);
        h->play.bank_count += status == DMUS_OK;
    }
    h->play.banks = h->banks;
    if (status != DMUS_OK)
        complain("host", "%s", err.text);
    *code = exit_code_of(status);
    return status == DMUS_OK;
}

static void close_inputs(struct hosting *h)
{
    for (size_t i = 0; i < h->play.bank_count; i++)
        dmus_bank_close(h->banks[i]);
    dmus_song_close(h->play.song);
}

static void print_driver(void *ctx, const char *line)
{
    fprintf(ctx, "driver: %s\n", line);
}

/* ---- work ---- */

static int failed(const struct dm_error *err, enum dm_status status)
{
    complain("host", "%s", err->text);
    return exit_code_of((enum dmus_status)status);
}

static bool wants_play(const struct hosting *h)
{
    return h->song_name || h->play.record || h->play.record_midi || h->play.seconds > 0;
}

/* After SIGINT or SIGTERM the driver does not come back: it is asked where it is (crashed), and ends there. */
static void stuck(void)
{
    enum { PATIENCE_S = 5 };
    hang_ask(getpid());
    sleep(PATIENCE_S);
    _exit(interrupt_code());
}

static int play(struct hosting *h, struct session *session, struct play_report *report)
{
    struct graph graph;
    struct dm_error err = {0};
    if (!graph_choose(session->host, h->filter, &graph)) { /* work has looked for a named one */
        complain("host", "no filter can be played");
        return EXIT_INPUT;
    }
    if (!h->song_name && h->play.seconds <= 0) {
        complain("host", "without a song, --seconds must say how long to listen");
        return EXIT_USAGE;
    }
    h->play.graph = &graph;
    h->play.cancelled = interrupted;
    catch_interrupts_or(stuck);
    enum dm_status status = play_song(session, &h->play, report, &err);
    if (status != DM_OK) {
        const char *record = h->play.record && strstr(err.text, h->play.record) ? h->play.record : h->play.record_midi;
        complain("host", "%s%s", err.text, overwrite_hint((enum dmus_status)status, record, h->play.overwrite));
        return exit_code_of((enum dmus_status)status);
    }
    return report->cancelled ? interrupt_code() : EXIT_DONE;
}

/* What the driver has is told before it plays, what it did afterwards. */
static int work(struct hosting *h, struct session *session, struct json *json)
{
    struct dm_error err = {0};
    struct play_report report;
    struct graph named = {.filter = HOSTING_ALL};
    enum dm_status status = session_start(&h->session, session, &err);
    if (status != DM_OK)
        return failed(&err, status);
    if (h->filter && !graph_choose(session->host, h->filter, &named)) {
        hosting_no_filter(session->host, h->filter);
        return EXIT_INPUT;
    }
    if (h->list || !wants_play(h)) {
        if (h->json)
            hosting_list_json(json, session->host, named.filter);
        else
            hosting_list_text(h->out, session->host, named.filter);
    }
    if (!wants_play(h))
        return EXIT_DONE;
    int code = play(h, session, &report);
    bool played = code != EXIT_USAGE && code != EXIT_INPUT && (code == EXIT_DONE || report.seconds > 0);
    if (played && h->json)
        hosting_play_json(json, &report);
    else if (played && !h->quiet)
        hosting_play_text(h->out, &report);
    if (code == EXIT_DONE && h->play.bank_count && !report.took_banks)
        complain("host", "warning: the filter has no synth node that takes DLS; --bank was not used");
    if (code == EXIT_DONE && report.wants_bank)
        complain("host", "warning: the synth has no sounds of its own and nothing was downloaded: it is silent; --bank FILE gives it instruments");
    return code;
}

struct last_words {
    const struct hosting *hosting;
    struct session *session;
    struct hosting_trace *trace;
};

/* Then it may be the reader of one that does not come back. */
static bool writes_to_pipes(const struct hosting *h)
{
    const struct outputs outputs = outputs_of(h);
    struct stat info;
    for (size_t i = 0; i < OUTPUTS; i++) {
        const char *path = outputs.path[i];
        if (path && (strcmp(path, "-") == 0 ? fstat(STDOUT_FILENO, &info) : stat(path, &info)) == 0 && S_ISFIFO(info.st_mode))
            return true;
    }
    return false;
}

/* The report would have come at the end, which there will not be. */
static void crashed(void *ctx, const struct crash *crash)
{
    const struct last_words *words = ctx;
    struct place_teller *teller = hosting_teller(&words->hosting->session);
    const char *place = place_text(teller, place_offset(words->session->places, crash->code));
    bool hung = crash->signal == SIGXCPU && interrupted();
    int code = interrupt_code();
    wdm_print_flush();
    if (hung)
        complain("host", "interrupted; the driver%s has not come back%s%s",
                 writes_to_pipes(words->hosting) ? " or the reader of a pipe" : "", *place ? ": it is in " : "", place);
    else
        complain("host", "crashed by %s%s%s%s", crash->text, *place ? " in " : " outside of the driver's code", place, crash->hint);
    if (words->session->host && wdm_rule_faults(host_machine(words->session->host)) > 0)
        hosting_rules_text(stderr, words->hosting, words->session);
    if (!words->hosting->json)
        flush_output(); /* lists and the lines of a trace */
    if (hung) { /* if this waits for what the driver holds, stuck does not */
        hosting_trace_stop(words->hosting, words->session, words->trace, &code);
        _exit(code);
    }
}

static int host_driver(struct hosting *h)
{
    struct session session;
    struct last_words words = {h, &session, NULL};
    struct dm_error err = {0};
    struct json json = {.out = h->out};
    int code = EXIT_DONE;
    enum dm_status status = session_open(&h->session, &session, &err);
    if (status != DM_OK)
        return failed(&err, status);
    crash_watch(&session.places, crashed, &words);
    if (h->json) {
        json_open(&json, NULL, '{');
        json_text(&json, "driver", h->session.driver);
        json_text(&json, "time", h->session.time == WDM_REAL ? "real" : "virtual");
    }
    if (hosting_trace_start(h, &session, &words.trace, &code)) {
        code = work(h, &session, &json);
        session_shut_down(&session);
        struct hosting_trace *trace = words.trace;
        words.trace = NULL;
        hosting_trace_stop(h, &session, trace, &code);
    }
    struct wdm_machine *machine = host_machine(session.host);
    bool broken = wdm_rule_faults(machine) > 0;
    if (h->json) {
        hosting_rules_json(&json, h, &session);
        json_close(&json, '}');
    } else if (broken || (!h->quiet && code == EXIT_DONE)) {
        hosting_rules_text(h->out, h, &session);
    }
    crash_unwatch();
    session_close(&session);
    return code == EXIT_DONE && broken ? EXIT_RULES : code;
}

int cmd_host(int argc, char **argv)
{
    struct hosting hosting;
    int code;
    if (!hosting_parse(&hosting, argc, argv, &code))
        return code;
    hosting.session.print = print_driver;
    hosting.session.print_ctx = stderr;
    if (hosting.quiet)
        hosting.session.print = NULL;
    if (!spares_all(&hosting))
        return EXIT_USAGE;
    if (open_inputs(&hosting, &code))
        code = host_driver(&hosting);
    close_inputs(&hosting);
    return code;
}
