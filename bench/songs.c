/* SPDX-License-Identifier: MIT */
/*
 * songs.c - what a song costs, ours and FluidSynth's in one process, in turns.
 *
 * Usage: songs ROUNDS BANK SONG CONTENDER...
 * CONTENDER: ours/MODE/EFFECTS (MODE: linear, cubic, sinc16, sinc32) or fluidsynth/TAPS/EFFECTS (TAPS: 1, 4, 7);
 * EFFECTS: on or off, reverb and chorus.
 *
 * 48 kHz, stereo floats, 256 voices, both in pieces of 4096 frames. Banks are open before the clock runs; ours still
 * downloads what the song uses inside it, FluidSynth has loaded everything. Prints JSON: CPU time of the process in ns
 * per frame, one figure per round.
 */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "dmus/dmus.h"
#include "fluidsynth_api.h"
#include "measure.h"

enum { CONTENDERS_MAX = 16, ROUNDS_MAX = 1000, VOICES = 256, RATE = 48000, PIECE = 4096 };

struct contender {
    const char *name;
    int mode; /* enum dmus_interpolation, or taps */
    bool effects;
    void *settings, *synth; /* FluidSynth; NULL: ours */
    float peak;
    double ns[ROUNDS_MAX]; /* per frame */
};

static struct contender contenders[CONTENDERS_MAX];
static unsigned count;
static struct fluidsynth_api fluid;
static const char *song_path, *bank_path;
static struct dmus_song *song;
static struct dmus_bank *bank;
static uint64_t frames; /* of the song, by its last event */
static uint32_t voices_peak, voices_stolen;

static int fail(const char *what)
{
    fprintf(stderr, "songs: %s\n", what);
    exit(2);
}

static void play_ours(struct contender *c)
{
    struct dmus_error err = DMUS_INIT(dmus_error);
    struct dmus_render_options options = DMUS_INIT(dmus_render_options);
    struct dmus_output output = DMUS_INIT(dmus_output);
    struct dmus_report *report;
    dmus_render_defaults(&options);
    options.sample_rate = RATE;
    options.polyphony = VOICES;
    options.block_frames = PIECE;
    options.interpolation = (uint32_t)c->mode;
    options.reverb = options.chorus = c->effects ? DMUS_ON : DMUS_OFF;
    options.tail = DMUS_TAIL_LAST_EVENT;
    options.loudness = false;
    output.format = DMUS_F32;
    if (dmus_render(song, &bank, 1, &options, &output, &report, &err))
        fail(err.text);
    struct dmus_report_info info = DMUS_INIT(dmus_report_info);
    dmus_report_get_info(report, &info);
    frames = info.frames;
    voices_peak = info.voices_peak;
    voices_stolen = info.voices_stolen;
    c->peak = (float)pow(10.0, info.peak_dbfs / 20.0);
    dmus_report_free(report);
}

static void play_theirs(struct contender *c)
{
    static float left[PIECE], right[PIECE];
    fluid.system_reset(c->synth);
    void *player = fluid.new_player(c->synth);
    if (!player || fluid.player_add(player, song_path) || fluid.player_play(player))
        fail("FluidSynth does not play the song");
    for (uint64_t left_over = frames; left_over; ) {
        int n = left_over < PIECE ? (int)left_over : PIECE;
        fluid.write_float(c->synth, n, left, 0, 1, right, 0, 1);
        for (int i = 0; i < n; i += 16) /* that it sounds */
            c->peak = fmaxf(c->peak, fabsf(left[i]));
        left_over -= (uint64_t)n;
    }
    fluid.player_stop(player);
    fluid.delete_player(player);
}

static void open_theirs(struct contender *c)
{
    if (!fluid.new_synth && !fluidsynth_api_open(&fluid))
        fail("no libfluidsynth.so.3 here");
    c->settings = fluid.new_settings();
    fluid.setnum(c->settings, "synth.sample-rate", RATE);
    fluid.setint(c->settings, "synth.polyphony", VOICES);
    fluid.setint(c->settings, "synth.reverb.active", c->effects);
    fluid.setint(c->settings, "synth.chorus.active", c->effects);
    fluid.setint(c->settings, "synth.cpu-cores", 1);
    fluid.setstr(c->settings, "player.timing-source", "sample");
    c->synth = fluid.new_synth(c->settings);
    if (!c->synth || fluid.sfload(c->synth, bank_path, 1) < 0) /* the library, unlike the program, puts no other in its place */
        fail("FluidSynth does not load the bank");
    fluid.set_interp(c->synth, -1, c->mode);
}

static void add(const char *name)
{
    static const char *const modes[] = {"", "nearest", "linear", "cubic", "sinc16", "sinc32"};
    char who[16], mode[16], effects[16];
    struct contender *c = &contenders[count];
    if (count == CONTENDERS_MAX || sscanf(name, "%15[^/]/%15[^/]/%15s", who, mode, effects) != 3)
        fail("what is this contender?");
    c->name = name;
    c->effects = strcmp(effects, "on") == 0;
    if (strcmp(who, "fluidsynth") == 0) {
        c->mode = atoi(mode);
        open_theirs(c);
    } else
        for (int i = 1; i < 6; i++)
            if (strcmp(mode, modes[i]) == 0)
                c->mode = i;
    if (!c->mode)
        fail("what is this mode?");
    count++;
}

static void print(unsigned rounds)
{
    printf("{\"frames\": %llu, \"voices_peak\": %u, \"voices_stolen\": %u, \"contenders\": {", (unsigned long long)frames,
           (unsigned)voices_peak, (unsigned)voices_stolen);
    for (unsigned i = 0; i < count; i++) {
        printf("%s\n  \"%s\": {\"peak\": %.5f, \"ns\": [", i ? "," : "", contenders[i].name, (double)contenders[i].peak);
        for (unsigned r = 0; r < rounds; r++)
            printf("%s%.3f", r ? ", " : "", contenders[i].ns[r]);
        printf("]}");
    }
    printf("}}\n");
}

int main(int argc, char **argv)
{
    struct dmus_error err = DMUS_INIT(dmus_error);
    unsigned rounds = argc > 4 ? (unsigned)strtoul(argv[1], NULL, 10) : 0;
    if (!rounds || rounds > ROUNDS_MAX)
        fail("usage: songs ROUNDS BANK SONG CONTENDER...");
    bank_path = argv[2];
    song_path = argv[3];
    if (dmus_song_open(song_path, &song, &err) || dmus_bank_open(bank_path, &bank, &err))
        fail(err.text);
    for (int i = 4; i < argc; i++)
        add(argv[i]);
    play_ours(&(struct contender){.mode = DMUS_INTERPOLATE_LINEAR}); /* how long it is */
    for (unsigned r = 0; r < rounds; r++)
        for (unsigned i = 0; i < count; i++) {
            double begin = now_ns(CLOCK_PROCESS_CPUTIME_ID);
            if (contenders[i].synth)
                play_theirs(&contenders[i]);
            else
                play_ours(&contenders[i]);
            contenders[i].ns[r] = (now_ns(CLOCK_PROCESS_CPUTIME_ID) - begin) / (double)frames;
        }
    print(rounds);
    return 0; /* FluidSynth's synths end with the process */
}
