/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "playing.h"
#include "sound_words.h"

enum { OPT_FROM = 256, OPT_TEMPO, OPT_TRANSPOSE, OPT_MUTE, OPT_SOLO, OPT_LOOP, OPT_REPEAT };

static const struct option_spec specs[] = {
    PLAYING_OPTIONS,
    {OPT_FROM, "from", "TIME", "begin the first song at TIME (seconds or minutes:seconds)"},
    {OPT_TEMPO, "tempo", "PERCENT", "of the song's own, 10 to 1000 (default: 100)"},
    {OPT_TRANSPOSE, "transpose", "KEYS", "semitones up, -48 to 48; drums stay (default: 0)"},
    {OPT_MUTE, "mute", "CHANNELS", "do not play these channels: 1 to 16, separated by commas"},
    {OPT_SOLO, "solo", "CHANNELS", "play only these channels"},
    {OPT_LOOP, "loop", "RANGE", "A-B: play the first song from time A to time B again and again"},
    {OPT_REPEAT, "repeat", NULL, "begin again after the last song"},
    {0, NULL, NULL, NULL}};

void help_play(FILE *out)
{
    fputs("Usage: dmus [play] [OPTION]... SONG... [BANK]...\n"
          "Play MIDI files (.mid, .rmi, .kar) one after another, without gaps.\n\n", out);
    options_help(out, specs);
    fputs("\nOn a terminal: space pauses, left and right seek, up and down choose a channel, m mutes and s solos it,\n"
          "n and p change the song, - and + the tempo, [ and ] the key, a and b mark a loop and l ends it, ! ends all\n"
          "notes, q quits. Banks are looked for as 'dmus render' does.\n"
          "Exit status: 0 done, 1 usage, 2 input, 3 device, 4 record.\n", out);
}

struct play {
    struct playing playing;
    double from, tempo, loop_a, loop_b;
    int keys;
    uint32_t muted, solo; /* bits of channels */
    bool repeat;
    struct dmus_song **songs;
    const char **titles;
    uint32_t count;
};

static bool parse_channels(const struct option_parser *parser, const char *option, uint32_t *out)
{
    const char *p = parser->argument;
    for (;;) {
        char *end;
        unsigned long channel = strtoul(p, &end, 10);
        if (!isdigit((unsigned char)*p) || channel < 1 || channel > 16 || (*end && *end != ',')) {
            complain("play", "%s: '%s' is not a list of channels from 1 to 16", option, parser->argument);
            return false;
        }
        *out |= 1u << (channel - 1);
        if (!*end)
            return true;
        p = end + 1;
    }
}

static bool parse_loop(struct play *play, const struct option_parser *parser)
{
    char text[64];
    snprintf(text, sizeof text, "%s", parser->argument);
    char *dash = strchr(text, '-');
    if (!dash) {
        complain("play", "--loop: '%s' is not a range of times A-B", parser->argument);
        return false;
    }
    *dash = 0;
    struct option_parser a = *parser, b = *parser;
    a.argument = text;
    b.argument = dash + 1;
    if (!option_time(&a, "--loop", &play->loop_a) || !option_time(&b, "--loop", &play->loop_b))
        return false;
    if (play->loop_b <= play->loop_a)
        complain("play", "--loop: the end must lie after the beginning");
    return play->loop_b > play->loop_a;
}

static bool parse_own(struct play *play, const struct option_parser *parser, int id)
{
    double number;
    switch (id) {
    case OPT_FROM:
        return option_time(parser, "--from", &play->from);
    case OPT_TEMPO:
        if (!option_number(parser, "--tempo", 10, 1000, &number))
            return false;
        play->tempo = number / 100;
        return true;
    case OPT_TRANSPOSE:
        if (!option_number(parser, "--transpose", -48, 48, &number))
            return false;
        if (number != round(number))
            complain("play", "--transpose: '%s' is not a whole number", parser->argument);
        play->keys = (int)number;
        return number == round(number);
    case OPT_MUTE:
        return parse_channels(parser, "--mute", &play->muted);
    case OPT_SOLO:
        return parse_channels(parser, "--solo", &play->solo);
    case OPT_LOOP:
        return parse_loop(play, parser);
    case OPT_REPEAT:
        return play->repeat = true;
    default:
        return false;
    }
}

/* A bank among the words. false: what was named cannot be used, and another one would play instead. */
static bool take_bank(struct play *play, const char *path, enum word word, const struct dmus_error *err, int *code)
{
    if (word == WORD_BAD_BANK)
        complain("play", "%s", err->text);
    else if (playing_add_bank(&play->playing, path))
        return true;
    *code = word == WORD_BAD_BANK ? EXIT_INPUT : EXIT_USAGE;
    return false;
}

/* Sort banks from songs, open the songs. */
static bool take_words(struct play *play, char **words, int count, int *code)
{
    play->songs = calloc((size_t)count + 1, sizeof *play->songs);
    play->titles = calloc((size_t)count + 1, sizeof *play->titles);
    play->playing.failures = calloc((size_t)count + 1, sizeof *play->playing.failures);
    if (!play->songs || !play->titles || !play->playing.failures) {
        complain("play", "out of memory");
        *code = EXIT_INPUT;
        return false;
    }
    for (int i = 0; i < count; i++) {
        struct dmus_error err = DMUS_INIT(dmus_error);
        enum word word = word_of(words[i], &err);
        if (word != WORD_SONG) {
            if (take_bank(play, words[i], word, &err, code))
                continue;
            while (++i < count) /* the report counts what was named */
                play->playing.songs += word_of(words[i], &err) == WORD_SONG;
            return false;
        }
        play->playing.songs++;
        enum dmus_status status = dmus_song_open(words[i], &play->songs[play->count], &err);
        if (status != DMUS_OK) { /* the others are played */
            playing_failed(&play->playing, words[i], status, &err, code);
            continue;
        }
        complain_of_song("play", play->songs[play->count], play->playing.verbose);
        play->titles[play->count++] = words[i];
    }
    if (play->count == 0 && *code == EXIT_DONE) {
        complain("play", count ? "no song among the arguments" : "no song given");
        fputs("Try 'dmus play --help'.\n", stderr);
        *code = EXIT_USAGE;
    }
    return play->count > 0;
}

static bool queue(struct play *play, struct dmus_live *live, int *code)
{
    uint32_t queued = 0;
    for (uint32_t i = 0; i < play->count; i++) {
        struct dmus_bank *banks[DMUS_MAX_BANKS];
        struct dmus_error err = DMUS_INIT(dmus_error);
        size_t count = 0;
        enum dmus_status status = playing_find_banks(&play->playing, play->songs[i], banks, &count, &err);
        if (status == DMUS_OK)
            status = dmus_live_queue(live, play->songs[i], banks, count, &err);
        if (status != DMUS_OK)
            playing_failed(&play->playing, play->titles[i], status, &err, code);
        else
            play->titles[queued++] = play->titles[i]; /* numbered as the session does */
        while (count)
            dmus_bank_close(banks[--count]);
    }
    return queued > 0;
}

static void turn_knobs(const struct play *play, struct dmus_live *live)
{
    for (uint32_t channel = 0; channel < 16; channel++) {
        if (play->muted >> channel & 1)
            dmus_live_mute(live, 0, channel, true);
        if (play->solo >> channel & 1)
            dmus_live_solo(live, 0, channel, true);
    }
    dmus_live_set_keys(live, play->keys);
    dmus_live_set_tempo(live, play->tempo);
}

/* Whether the first song is long enough for TIME of OPTION. */
static bool begins_inside(const struct play *play, const char *option, double time)
{
    struct dmus_song_info info = DMUS_INIT(dmus_song_info);
    dmus_song_get_info(play->songs[0], &info);
    if (!(time > 0) || time < info.seconds)
        return true;
    complain("play", "%s: %s: begin at %g s, but the song ends at %.3f s", play->titles[0], option, time, info.seconds);
    return false;
}

static int run(struct play *play, int code)
{
    if (!begins_inside(play, "--from", play->from) || !begins_inside(play, "--loop", play->loop_a))
        return EXIT_USAGE;
    for (uint32_t i = 0; i < play->count; i++)
        if (!playing_spares(&play->playing, play->songs[i], &code))
            return code;
    struct dmus_live *live = playing_open(&play->playing, &code);
    if (!live) {
        playing_report_failure(&play->playing);
        return code;
    }
    turn_knobs(play, live);
    dmus_live_begin(live, play->from, play->loop_a, play->loop_b, play->repeat);
    if (queue(play, live, &code)) {
        int watched = playing_watch(&play->playing, live, play->titles);
        code = watched ? watched : code;
    } else {
        playing_report_failure(&play->playing);
    }
    dmus_live_close(live);
    return code;
}

int cmd_play(int argc, char **argv)
{
    struct play play = {.tempo = 1};
    struct option_parser parser = {.command = "dmus play", .specs = specs, .argc = argc, .argv = argv};
    int code = EXIT_DONE;
    playing_defaults(&play.playing, "play");
    for (int id; (id = options_next(&parser)) != 0;) {
        if (id == 'h') {
            help_play(stdout);
            return EXIT_DONE;
        }
        if (id == PLAYING_LIST_AUDIO)
            return playing_list_audio();
        int shared = id < 0 ? -1 : playing_option(&play.playing, &parser, id);
        if (shared < 0 || (shared == 0 && !parse_own(&play, &parser, id)))
            return EXIT_USAGE;
    }
    if (!playing_options_end(&play.playing))
        return EXIT_USAGE;
    if (take_words(&play, argv + parser.index, argc - parser.index, &code))
        code = run(&play, code);
    else if (play.playing.songs)
        playing_report_failure(&play.playing);
    for (uint32_t i = 0; i < play.count; i++)
        dmus_song_close(play.songs[i]);
    playing_end(&play.playing);
    free(play.playing.failures);
    free(play.songs);
    free(play.titles);
    return code;
}
