/* SPDX-License-Identifier: MIT */
/*
 * topic_portamento.c - glides, portamento control, legato.
 *
 * Rules: MIDI 1.0 (CC5, 65, 68, 84), GM 2 3.3; the rate has no published numbers: spec/dls.md 3.11 recommends
 * 1000 * 10^(-5 CC5 / 127) cents per ms, at once for 0.
 */
#include <math.h>

#include "scene.h"

#define TONE 480u             /* 100 Hz at key 60 */
#define LENGTH (2u * CONF_RATE)

static double rate_of(int cc5) /* cents per ms */
{
    return 1000 * pow(10, -5.0 * cc5 / 127);
}

/* Pitch of key 60 and the glide by frame T after a note-on that started from KEY cents away. */
static double glided(double from, double to, int cc5, double frames)
{
    double way = rate_of(cc5) * frames * 1000 / CONF_RATE;
    return from < to ? fmin(from + way, to) : fmax(from - way, to);
}

static size_t start(uint32_t i)
{
    return PROBE_FIRST + (size_t)i * LENGTH;
}

/* ---- rates --------------------------------------------------------------------------- */

/* Old key, new key, CC5, mono. */
static const struct glide { uint8_t from, to, time; bool mono; } glides[] = {
    {48, 60, 64, true}, {72, 60, 64, true}, {52, 60, 72, true}, {55, 67, 50, true}, {60, 61, 96, true}, {48, 60, 64, false}, {72, 48, 60, true}, {48, 60, 0, true}};

static void prepare(struct conf_song *song, uint64_t at, const struct glide *glide)
{
    scene_reset(song, at - 4800);
    conf_program(song, at - 200, 0, 0, 0, 1);
    conf_cc(song, at - 200, 0, glide->mono ? 126 : 127, glide->mono ? 1 : 0);
    conf_cc(song, at - 200, 0, 5, glide->time);
    conf_cc(song, at - 200, 0, 65, 127);
}

static void build_glides(struct conf_bank *bank, struct conf_song *song)
{
    probe_pair(bank, 1, probe_begin_pair(bank, song, TONE), NULL, 0);
    for (uint32_t i = 0; i < COUNT(glides); i++) {
        uint64_t at = start(i);
        prepare(song, at, &glides[i]);
        conf_note(song, at, 9000, 0, glides[i].from, 127); /* ends before the next begins: one voice to read */
        conf_note(song, at + 9600, 72000, 0, glides[i].to, 127);
    }
    conf_until(song, start(COUNT(glides)));
}

static void judge_glides(struct conf_judge *judge)
{
    for (uint32_t i = 0; i < COUNT(glides); i++) {
        const struct glide *g = &glides[i];
        size_t at = start(i) + 9600;
        double from = (g->from - 60) * 100.0, to = (g->to - 60) * 100.0, way = fabs(to - from), rate = rate_of(g->time);
        if (g->time == 0) {
            conf_row(judge, "3.11", to, probe_cents(judge, at + 480, at + 1440, 100), 0.1, "cent", "CC5 0: at once");
            continue;
        }
        size_t a = at + (size_t)(0.1 * way / rate * CONF_RATE / 1000), b = at + (size_t)(0.9 * way / rate * CONF_RATE / 1000);
        size_t half = 480;
        double slope = (probe_cents(judge, b - half, b + half, 100) - probe_cents(judge, a - half, a + half, 100)) / (double)(b - a);
        conf_row(judge, "3.11", to > from ? rate : -rate, slope * CONF_RATE / 1000, 0.002 * rate, "cent/ms",
                 "rate at CC5 %d, key %d to %d, %s", g->time, g->from, g->to, g->mono ? "mono" : "poly");
        size_t late = at + (size_t)(1.1 * way / rate * CONF_RATE / 1000) + half;
        conf_row(judge, "3.11", to, probe_cents(judge, late, late + 960, 100), 0.1, "cent", "pitch after the glide");
    }
    conf_plot(judge, "Portamento from key 48 to 60 at CC5 64", "ms after note-on", "cents", false);
    for (uint32_t k = 5; k <= 60; k++) {
        double frames = k * 480.0;
        size_t at = start(0) + 9600 + (size_t)frames;
        conf_point(judge, frames * 1000 / CONF_RATE, glided(-1200, 0, 64, frames), probe_cents(judge, at - 240, at + 240, 100));
    }
}

/* ---- when it glides ----------------------------------------------------------------------- */

/* One note at the end, read 100 ms after its start: CC5 64 goes 3.02 cents per ms, so 302 cents from where it began. */
#define READ_AT 4800u
static const struct when { const char *clause, *what; double expected; struct move moves[10]; } whens[] = {
    {"MIDI 1.0", "portamento off: no glide", 0, {CC(0, 0, 5, 64), ON(0, 0, 48), OFF(4000, 0, 48), ON(9600, 0, 60)}},
    {"MIDI 1.0", "portamento at 63 is off", 0, {CC(0, 0, 5, 64), CC(0, 0, 65, 63), ON(0, 0, 48), OFF(4000, 0, 48), ON(9600, 0, 60)}},
    {"MIDI 1.0", "portamento at 64 is on", -1200, {CC(0, 0, 5, 64), CC(0, 0, 65, 64), ON(0, 0, 48), OFF(4000, 0, 48), ON(9600, 0, 60)}},
    {"MIDI 1.0", "no note before: no glide", 0, {CC(0, 0, 5, 64), CC(0, 0, 65, 127), ON(9600, 0, 60)}},
    {"MIDI 1.0", "CC84: from its key, portamento off", -700, {CC(0, 0, 5, 64), CC(9500, 0, 84, 53), ON(9600, 0, 60)}},
    {"MIDI 1.0", "CC84 has precedence over the last note", 500,
     {CC(0, 0, 5, 64), CC(0, 0, 65, 127), ON(0, 0, 48), OFF(4000, 0, 48), CC(9500, 0, 84, 65), ON(9600, 0, 60)}},
    {"MIDI 1.0", "CC84 is for one note only", 0,
     {CC(0, 0, 5, 64), CC(0, 0, 84, 53), ON(0, 0, 62), OFF(4000, 0, 62), ON(9600, 0, 60)}},
    {"RP-015", "CC121 turns portamento off", 0,
     {CC(0, 0, 5, 64), CC(0, 0, 65, 127), ON(0, 0, 48), OFF(4000, 0, 48), CC(9000, 0, 121, 0), CC(9000, 0, 7, 127), ON(9600, 0, 60)}},
    {"MIDI 1.0", "CC84 of a sounding key moves its voice", -1200,
     {CC(0, 0, 5, 64), ON(0, 0, 48), CC(9600, 0, 84, 48), ON(9600, 0, 60)}},
};

static void build_whens(struct conf_bank *bank, struct conf_song *song)
{
    probe_pair(bank, 1, probe_begin_pair(bank, song, TONE), NULL, 0);
    for (uint32_t i = 0; i < COUNT(whens); i++) {
        scene_reset(song, start(i) - 4800);
        conf_program(song, start(i) - 200, 0, 0, 0, 1);
        scene_play(song, start(i), whens[i].moves, COUNT(whens[i].moves));
    }
    scene_reset(song, start(COUNT(whens)));
    conf_until(song, start(COUNT(whens)));
}

static void judge_whens(struct conf_judge *judge)
{
    for (uint32_t i = 0; i < COUNT(whens); i++) {
        size_t at = start(i) + 9600 + READ_AT;
        double expected = glided(whens[i].expected, 0, 64, READ_AT);
        conf_row(judge, whens[i].clause, expected, probe_cents(judge, at - 480, at + 480, 100), 0.5, "cent", "%s", whens[i].what);
    }
    size_t last = start(COUNT(whens) - 1);
    conf_row(judge, "MIDI 1.0", 0, probe_amplitude_db(judge, last + 48000), 0.05, "dB", "moved by CC84: one voice, not two");
}

/* ---- note-offs after a move, legato ------------------------------------------------------- */

static const struct scene moved[] = {
    {"MIDI 1.0", "moved by CC84: the old key's note-off does nothing", 1,
     MOVES(PROGRAM(0, 0, 1), ON(0, 0, 48), CC(4800, 0, 84, 48), ON(4800, 0, 60), OFF(9600, 0, 48))},
    {"MIDI 1.0", "moved by CC84: the new key's note-off ends it", 0,
     MOVES(PROGRAM(0, 0, 1), ON(0, 0, 48), CC(4800, 0, 84, 48), ON(4800, 0, 60), OFF(9600, 0, 60))},
    {"MIDI 1.0", "mono without legato: a new attack (1 s, read after 0.3 s)", 0.3 + 240.0 / CONF_RATE,
     MOVES(PROGRAM(0, 0, 2), CC(0, 0, 126, 1), ON(0, 0, 60), ON(4800, 0, 62))},
    {"MIDI 1.0", "mono with legato (CC68): the attack goes on (read after 0.4 s)", 0.4 + 240.0 / CONF_RATE,
     MOVES(PROGRAM(0, 0, 2), CC(0, 0, 126, 1), CC(0, 0, 68, 127), ON(0, 0, 60), ON(4800, 0, 62))},
    {"MIDI 1.0", "legato without mono: two notes", 2, MOVES(PROGRAM(0, 0, 1), CC(0, 0, 68, 127), ON(0, 0, 60), ON(4800, 0, 62))},
    {"MIDI 1.0", "legato: the first note has its attack", 0.4 + 240.0 / CONF_RATE,
     MOVES(PROGRAM(0, 0, 2), CC(0, 0, 126, 1), CC(0, 0, 68, 127), ON(0, 0, 60))},
    {"MIDI 1.0", "legato: the new key's note-off ends the note", 0,
     MOVES(PROGRAM(0, 0, 1), CC(0, 0, 126, 1), CC(0, 0, 68, 127), ON(0, 0, 60), ON(4800, 0, 62), OFF(9600, 0, 62))},
};

static void build_moved(struct conf_bank *bank, struct conf_song *song)
{
    uint32_t wave = probe_begin_constant(bank, song);
    scene_instrument(bank, wave, 0, 0, 1, false, 0);
    scene_instrument(bank, wave, 0, 0, 2, false, 0);
    conf_connect(bank, SRC_NONE, SRC_NONE, DST_EG1_ATTACK, TRN_NONE, conf_seconds(1));
    scene_build(song, moved, COUNT(moved));
}

static void judge_moved(struct conf_judge *judge)
{
    scene_judge(judge, moved, COUNT(moved));
}

static const struct conf_case cases[] = {
    {.id = "portamento", .title = "Portamento time", .build = build_glides, .judge = judge_glides},
    {.id = "portamento-when", .title = "Portamento: when, and from where", .build = build_whens, .judge = judge_whens},
    {.id = "portamento-legato", .title = "Note-offs after a move, legato", .build = build_moved, .judge = judge_moved},
};

extern const struct conf_topic conf_topic_portamento;
const struct conf_topic conf_topic_portamento = {"Portamento and legato", cases, COUNT(cases)};
