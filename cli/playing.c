/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700
#include "playing.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "sound_words.h"
#include "view.h"

enum { STEP_MS = 60 };

void playing_defaults(struct playing *playing, const char *command)
{
    *playing = (struct playing){.command = command, .options = DMUS_INIT(dmus_live_options), .record = DMUS_INIT(dmus_output)};
    dmus_live_defaults(&playing->options);
    playing->record.format = DMUS_S24;
}

bool playing_add_bank(struct playing *playing, const char *path)
{
    return add_bank_name(playing->command, path, playing->banks, &playing->bank_count);
}

static int flag(bool *out)
{
    *out = true;
    return 1;
}

static int device_option(struct playing *playing, const struct option_parser *parser, int id)
{
    struct dmus_live_options *o = &playing->options;
    switch (id) {
    case 'a':
        o->audio = parser->argument;
        return 1;
    case 'r':
        return option_unsigned(parser, "--rate", 8000, 192000, &o->sample_rate) ? 1 : -1;
    case 'z':
        return option_unsigned(parser, "--period", 16, 4096, &o->period_frames) ? 1 : -1;
    case 'c':
        return option_unsigned(parser, "--periods", 2, 64, &o->periods) ? 1 : -1;
    case PLAYING_CLIENT:
        o->client = parser->argument;
        return 1;
    case PLAYING_NO_CONNECT:
        return flag(&o->no_connect);
    case PLAYING_NO_REALTIME:
        return flag(&o->no_realtime);
    default:
        return 0;
    }
}

static int sound_option(struct playing *playing, const struct option_parser *parser, int id)
{
    struct dmus_live_options *o = &playing->options;
    uint32_t kernel;
    switch (id) {
    case 'g':
        return option_number(parser, "--gain", -80, 20, &o->gain_db) ? 1 : -1;
    case 'p':
        return option_unsigned(parser, "--polyphony", 1, 16384, &o->polyphony) ? 1 : -1;
    case PLAYING_REVERB:
        return option_switch(parser, "--reverb", &o->reverb) ? 1 : -1;
    case PLAYING_CHORUS:
        return option_switch(parser, "--chorus", &o->chorus) ? 1 : -1;
    case PLAYING_PROFILE:
        return option_word(parser, "--profile", profile_words, &o->profile) ? 1 : -1;
    case PLAYING_INTERPOLATION:
        return option_word(parser, "--interpolation", interpolation_words, &o->interpolation) ? 1 : -1;
    case PLAYING_SIMD:
        return option_word(parser, "--simd", simd_words, &o->simd) ? 1 : -1;
    case PLAYING_THROUGH:
        if (!option_word(parser, "--through", half_words, &kernel))
            return -1;
        o->through_kernel = kernel != 0;
        return 1;
    default:
        return 0;
    }
}

int playing_option(struct playing *playing, const struct option_parser *parser, int id)
{
    switch (id) {
    case 'b':
        return playing_add_bank(playing, parser->argument) ? 1 : -1;
    case PLAYING_RECORD:
        playing->record.path = parser->argument;
        return 1;
    case PLAYING_RECORD_MIDI:
        playing->record_midi = parser->argument;
        return 1;
    case PLAYING_FORMAT:
        return option_word(parser, "--format", format_words, &playing->record.format) ? 1 : -1;
    case 'y':
        return flag(&playing->record.overwrite);
    case PLAYING_PLAIN:
        return flag(&playing->plain);
    case PLAYING_JSON:
        return flag(&playing->json);
    case 'q':
        return flag(&playing->quiet);
    case 'v':
        playing->verbose++;
        return 1;
    default: {
        int done = device_option(playing, parser, id);
        return done ? done : sound_option(playing, parser, id);
    }
    }
}

bool playing_options_end(struct playing *playing)
{
    static const char *const options[] = {"--record", "--record-midi"};
    playing->out = report_stream(playing->record.path, playing->record_midi);
    return outputs_differ(playing->command, (const char *const[]){playing->record.path, playing->record_midi}, options, 2);
}

/* ---- lists ---- */

static bool list_port(void *ctx, const struct dmus_port *port)
{
    (void)ctx;
    if (!*port->name)
        printf("%-10s %s\n", port->kind, port->description);
    else if (strcmp(port->name, "?") == 0)
        printf("           (%s)\n", port->description);
    else
        printf("           %s:%s%s%s%s\n", port->kind, port->name, port->is_default ? "  [default]" : "",
               strcmp(port->name, port->description) ? "  " : "", strcmp(port->name, port->description) ? port->description : "");
    return true;
}

static int listed(const char *command, enum dmus_status status, const struct dmus_error *err)
{
    if (status != DMUS_OK)
        complain(command, "%s", err->text);
    return exit_code_of(status);
}

int playing_list_audio(void)
{
    struct dmus_error err = DMUS_INIT(dmus_error);
    return listed(NULL, dmus_live_list_audio(list_port, NULL, &err), &err);
}

int playing_list_midi(void)
{
    struct dmus_error err = DMUS_INIT(dmus_error);
    return listed(NULL, dmus_live_list_midi(list_port, NULL, &err), &err);
}

/* ---- banks ---- */

static void tell_lookup(void *ctx, const struct dmus_lookup_step *step)
{
    static const char *const results[] = {"nothing", "unusable", "taken", "taken for what the song's own bank lacks"};
    const struct playing *playing = ctx;
    if (!playing->verbose) {
        complain_of_lookup(playing->command, step);
        return;
    }
    complain(playing->command, "%s: %s: %s%s%s", dmus_place_name(step->place), step->path, step->result < 4 ? results[step->result] : "?",
             *step->reason ? ": " : "", step->reason);
}

/* Songs in a row tend to have the same bank: that is told of once. */
static void tell_repairs(struct playing *playing, const struct dmus_bank *bank)
{
    struct dmus_bank_info info = DMUS_INIT(dmus_bank_info);
    if (dmus_bank_get_info(bank, &info) != DMUS_OK || info.remarks == 0 || strcmp(info.path, playing->repaired) == 0)
        return;
    complain_of_bank(playing->command, bank, playing->verbose);
    snprintf(playing->repaired, sizeof playing->repaired, "%s", info.path);
}

static struct dmus_lookup lookup_of(const struct playing *playing, struct dmus_song *song)
{
    struct dmus_lookup lookup = DMUS_INIT(dmus_lookup);
    lookup.named = playing->banks;
    lookup.named_count = playing->bank_count;
    lookup.song = song;
    return lookup;
}

enum dmus_status playing_find_banks(struct playing *playing, struct dmus_song *song, struct dmus_bank *banks[DMUS_MAX_BANKS],
                                    size_t *count, struct dmus_error *err)
{
    struct dmus_lookup lookup = lookup_of(playing, song);
    for (*count = 0; *count < playing->named_count; ++*count)
        banks[*count] = dmus_bank_ref(playing->named[*count]);
    if (playing->named_count)
        return DMUS_OK;
    lookup.report = tell_lookup;
    lookup.report_ctx = playing;
    enum dmus_status status = dmus_find_banks(&lookup, banks, count, err);
    for (size_t i = 0; status == DMUS_OK && i < *count; i++)
        tell_repairs(playing, banks[i]);
    for (size_t i = 0; status == DMUS_OK && playing->bank_count && i < *count; i++)
        playing->named[playing->named_count++] = dmus_bank_ref(banks[i]);
    return status;
}

void playing_end(struct playing *playing)
{
    while (playing->named_count)
        dmus_bank_close(playing->named[--playing->named_count]);
}

/* ---- songs that fail ---- */

static void keep_failure(struct playing *playing, const char *path, enum dmus_status status, const struct dmus_error *err)
{
    if (playing->failed < playing->songs)
        playing->failures[playing->failed++] = (struct playing_failure){path, status, *err};
}

void playing_failed(struct playing *playing, const char *path, enum dmus_status status, const struct dmus_error *err, int *code)
{
    complain(playing->command, "%s", err->text);
    keep_failure(playing, path, status, err);
    if (*code == EXIT_DONE)
        *code = exit_code_of(status);
}

/* Those that the session could not load; its messages told them. */
static void collect_failures(struct playing *playing, struct dmus_live *live, const struct dmus_live_state *s,
                             const char *const *titles)
{
    for (uint32_t i = 0; titles && i < s->songs; i++) {
        struct dmus_error err = DMUS_INIT(dmus_error);
        enum dmus_status status = dmus_live_song_status(live, i, &err);
        if (status != DMUS_OK)
            keep_failure(playing, titles[i], status, &err);
    }
}

static bool records_spare(const struct playing *playing, const char *input, struct dmus_error *err)
{
    return spares_input(playing->record.path, input, err) && spares_input(playing->record_midi, input, err);
}

/* Named banks by their names: a pipe can be opened only once. The others are looked for once more when they are loaded, which also
 * tells of them: to load those of every song before the first is heard would take too long where nothing is replaced. */
bool playing_spares(const struct playing *playing, struct dmus_song *song, int *code)
{
    struct dmus_error err = DMUS_INIT(dmus_error), ignored = DMUS_INIT(dmus_error);
    struct dmus_lookup lookup = lookup_of(playing, song);
    struct dmus_bank *banks[DMUS_MAX_BANKS];
    size_t count = 0;
    if (!playing->record.overwrite || (!can_be_replaced(playing->record.path) && !can_be_replaced(playing->record_midi)))
        return true;
    if (!playing->bank_count)
        dmus_find_banks(&lookup, banks, &count, &ignored);
    bool spared = true;
    for (uint32_t i = 0; spared && i < playing->bank_count; i++)
        spared = records_spare(playing, playing->banks[i], &err);
    spared = spared && spares_inputs(playing->record.path, song, banks, count, &err) &&
             spares_inputs(playing->record_midi, song, banks, count, &err);
    while (count)
        dmus_bank_close(banks[--count]);
    if (!spared) {
        complain(playing->command, "%s", err.text);
        *code = EXIT_USAGE;
    }
    return spared;
}

/* ---- the session ---- */

struct dmus_live *playing_open(struct playing *playing, int *code)
{
    struct dmus_error err = DMUS_INIT(dmus_error);
    struct dmus_live *live = NULL;
    if (playing->options.profile == DMUS_RENDER_NATIVE && playing->options.polyphony > 1000)
        playing->options.polyphony = 1000;
    enum dmus_status status = dmus_live_open(&playing->options, &live, &err);
    if (status == DMUS_OK && (playing->record.path || playing->record_midi))
        status = dmus_live_record(live, &playing->record, playing->record_midi, &err);
    if (status == DMUS_OK) {
        struct dmus_live_state s = DMUS_INIT(dmus_live_state);
        dmus_live_get_state(live, &s);
        if (playing->verbose)
            complain(playing->command, "%s, %u Hz, %u frames at a time, latency %u frames, real-time priority %s", s.device, s.sample_rate,
                     s.period_frames, s.latency_frames, playing->options.no_realtime ? "not asked for" : s.realtime ? "granted" : "not granted");
        return live;
    }
    bool midi = playing->record_midi && strncmp(err.text, playing->record_midi, strlen(playing->record_midi)) == 0;
    complain(playing->command, "%s%s", err.text,
             overwrite_hint(status, midi ? playing->record_midi : playing->record.path, playing->record.overwrite));
    if (!live && status == DMUS_ERR_DEVICE && !playing->options.audio)
        complain(playing->command, "without a device, '-a null' plays in silence and 'dmus render' writes a file");
    *code = status == DMUS_ERR_NOT_FOUND ? EXIT_USAGE : exit_code_of(status); /* there is no such output */
    dmus_live_close(live);
    return NULL;
}

static const struct view_ops *open_view(const struct playing *playing, struct view *view, struct dmus_live *live)
{
#ifdef HAVE_NCURSES
    if (!playing->plain && !playing->quiet && playing->out == stdout && view_screen.open(view, live))
        return &view_screen;
#else
    (void)playing;
#endif
    view_plain.open(view, live);
    return &view_plain;
}

static void warn(const struct playing *playing, const struct dmus_live_state *s)
{
    if (s->underruns)
        complain(playing->command, "warning: %u underrun%s: sound was lost", s->underruns, s->underruns == 1 ? "" : "s");
    if (s->late_events)
        complain(playing->command, "warning: %u event%s came too late for %s frame", s->late_events, s->late_events == 1 ? "" : "s",
                 s->late_events == 1 ? "its" : "their");
    if (s->midi_lost)
        complain(playing->command, "warning: %u live message%s lost", s->midi_lost, s->midi_lost == 1 ? " was" : "s were");
    if (s->notes_missing && (s->songs == 0 || s->playing)) /* of songs that are over the session told more */
        complain(playing->command, "warning: %u note%s found no instrument or region", s->notes_missing,
                 s->notes_missing == 1 ? "" : "s");
    if (s->clipped_samples)
        complain(playing->command, "warning: %s: %" PRIu64 " sample%s clipped; lower --gain, or use --format f32",
                 playing->record.path, s->clipped_samples, s->clipped_samples == 1 ? " was" : "s were");
}

static void json_failures(struct json *json, const struct playing *playing)
{
    json_unsigned(json, "songs", playing->songs);
    json_unsigned(json, "songs_failed", playing->failed);
    json_open(json, "failed", '[');
    for (uint32_t i = 0; i < playing->failed; i++) {
        const struct playing_failure *failure = &playing->failures[i];
        json_open(json, NULL, '{');
        json_text(json, "song", failure->path);
        json_text(json, "status", dmus_status_text(failure->status));
        json_text(json, "error", failure->error.text);
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void json_figures(struct json *json, const struct dmus_live_state *s)
{
    json_unsigned(json, "sample_rate", s->sample_rate);
    json_unsigned(json, "period_frames", s->period_frames);
    json_unsigned(json, "latency_frames", s->latency_frames);
    json_unsigned(json, "input_latency_frames", s->input_latency_frames);
    json_bool(json, "realtime", s->realtime);
    json_bool(json, "memory_locked", s->memory_locked);
    json_unsigned(json, "voices_peak", s->voices_peak);
    json_unsigned(json, "underruns", s->underruns);
    json_unsigned(json, "events_late", s->late_events);
    json_unsigned(json, "midi_lost", s->midi_lost);
    json_unsigned(json, "recorded_frames", s->recorded_frames);
    json_unsigned(json, "notes_missing", s->notes_missing);
    json_unsigned(json, "clipped_samples", s->clipped_samples);
}

/* S: NULL if no session began. */
static void report_json(const struct playing *playing, const struct dmus_live_state *s)
{
    struct json json = {.out = playing->out};
    json_open(&json, NULL, '{');
    json_text(&json, "version", dmus_version());
    json_text(&json, "device", s ? s->device : NULL);
    json_failures(&json, playing);
    if (s)
        json_figures(&json, s);
    json_close(&json, '}');
}

void playing_report_failure(const struct playing *playing)
{
    if (playing->json)
        report_json(playing, NULL);
}

static void report(const struct playing *playing, const struct dmus_live_state *s)
{
    if (playing->json)
        report_json(playing, s);
    if (playing->verbose)
        complain(playing->command, "memory was %slocked", s->memory_locked ? "" : "not ");
    warn(playing, s);
}

static void say_messages(const struct view_ops *ops, struct view *view, struct dmus_live *live)
{
    char text[256];
    while (dmus_live_message(live, text, sizeof text))
        ops->say(view, text);
}

/* false when the session says that it is over. What came last must have sounded: a moment of silence. */
static bool go_on(const struct view_ops *ops, struct view *view, struct dmus_live *live, struct dmus_live_state *s, int *silent_steps)
{
    say_messages(ops, view, live);
    dmus_live_get_state(live, s);
    *silent_steps = s->voices || !s->inputs_ended ? 0 : *silent_steps + 1;
    return (view->titles ? s->playing : *silent_steps * STEP_MS < 1000) && !s->device_failed;
}

int playing_watch(struct playing *playing, struct dmus_live *live, const char *const *titles)
{
    struct view view = {.titles = titles, .out = playing->out, .verbose = playing->verbose,
                        .quiet = playing->quiet || playing->json};
    struct dmus_live_state s = DMUS_INIT(dmus_live_state);
    const struct view_ops *ops = open_view(playing, &view, live);
    int code = EXIT_DONE, silent_steps = 0;
    catch_interrupts();
    while (go_on(ops, &view, live, &s, &silent_steps) && !interrupted() && ops->step(&view, live))
        dmus_live_wait(live, STEP_MS);
    say_messages(ops, &view, live); /* what came with the end */
    ops->close(&view);
    if (s.songs_failed)
        code = EXIT_INPUT;
    if (s.device_failed) {
        complain(playing->command, "%s: the device is gone", s.device);
        code = EXIT_DEVICE;
    }
    struct dmus_error err = DMUS_INIT(dmus_error);
    enum dmus_status status = dmus_live_record_end(live, &err);
    if (status != DMUS_OK) {
        complain(playing->command, "%s", err.text);
        code = exit_code_of(status);
    }
    dmus_live_get_state(live, &s); /* the record is whole now */
    collect_failures(playing, live, &s, titles);
    report(playing, &s);
    return interrupted() && code == EXIT_DONE && titles ? interrupt_code() : code;
}
