/* SPDX-License-Identifier: MIT */
/*
 * topic_pedals.c - pedals, channel mode messages, resets of controllers.
 *
 * Rules: spec/dls.md 3.10, 3.11, 5.4 (MIDI 1.0, GM 2 3.3, RP-015, DLS 2.2 section 1.11). Instrument 1 ends at once with its gate,
 * instrument 2 takes 10 s. The readers (programs 16 ...) have one connection from a controller to the gain or the pitch, which
 * tells the value that the controller has.
 */
#include <math.h>

#include "scene.h"

static void instruments(struct conf_bank *bank, struct conf_song *song)
{
    uint32_t wave = probe_begin_constant(bank, song);
    scene_instrument(bank, wave, 0, 0, 1, false, 0);
    scene_instrument(bank, wave, 0, 0, 2, false, 0);
    conf_connect(bank, SRC_NONE, SRC_NONE, DST_EG1_RELEASE, TRN_NONE, conf_seconds(10));
    scene_instrument(bank, wave, 0, 0, 0, true, 0);
}

/* ---- pedals ------------------------------------------------------------------------- */

#define HELD(text, level, ...) {"GM2 3.3", text, level, MOVES(PROGRAM(0, 0, 1), PROGRAM(0, 1, 1), __VA_ARGS__)}

static const struct scene pedals[] = {
    HELD("no pedal: a note-off ends the note", 0, ON(0, 0, 60), OFF(4800, 0, 60)),
    HELD("sustain at 127 holds", 1, CC(0, 0, 64, 127), ON(0, 0, 60), OFF(4800, 0, 60)),
    HELD("sustain at 64 holds", 1, CC(0, 0, 64, 64), ON(0, 0, 60), OFF(4800, 0, 60)),
    HELD("sustain at 63 does not", 0, CC(0, 0, 64, 63), ON(0, 0, 60), OFF(4800, 0, 60)),
    HELD("pedal pressed after the note-on holds", 1, ON(0, 0, 60), CC(2400, 0, 64, 127), OFF(4800, 0, 60)),
    HELD("pedal up ends what was released", 0, CC(0, 0, 64, 127), ON(0, 0, 60), OFF(4800, 0, 60), CC(9600, 0, 64, 0)),
    HELD("pedal up leaves what is held", 1, CC(0, 0, 64, 127), ON(0, 0, 60), ON(0, 0, 62), OFF(4800, 0, 60), CC(9600, 0, 64, 0)),
    HELD("the pedal is its channel's", 0, CC(0, 1, 64, 127), ON(0, 0, 60), OFF(4800, 0, 60)),
    HELD("sostenuto holds what was held", 1, ON(0, 0, 60), CC(2400, 0, 66, 127), OFF(4800, 0, 60)),
    HELD("sostenuto does not hold later notes", 0, CC(0, 0, 66, 127), ON(2400, 0, 60), OFF(4800, 0, 60)),
    HELD("sostenuto up ends the note", 0, ON(0, 0, 60), CC(2400, 0, 66, 127), OFF(4800, 0, 60), CC(9600, 0, 66, 0)),
    HELD("sostenuto up leaves a held key", 1, ON(0, 0, 60), CC(2400, 0, 66, 127), CC(9600, 0, 66, 0)),
    HELD("sostenuto repeated does not latch anew", 1, ON(0, 0, 60), CC(2400, 0, 66, 127), ON(4800, 0, 62), CC(7200, 0, 66, 100),
         OFF(9600, 0, 60), OFF(9600, 0, 62)),
    HELD("sostenuto up under sustain: held on", 1, ON(0, 0, 60), CC(2400, 0, 66, 127), CC(2400, 0, 64, 127), OFF(4800, 0, 60),
         CC(9600, 0, 66, 0)),
    HELD("sustain up under sostenuto: held on", 1, ON(0, 0, 60), CC(2400, 0, 66, 127), CC(2400, 0, 64, 127), OFF(4800, 0, 60),
         CC(9600, 0, 64, 0)),
    {"3.11", "soft pedal: a new note is 5 dB quieter", 0.562341, MOVES(PROGRAM(0, 0, 1), CC(0, 0, 67, 127), ON(2400, 0, 60))},
    {"3.11", "soft pedal below 64: not", 1, MOVES(PROGRAM(0, 0, 1), CC(0, 0, 67, 63), ON(2400, 0, 60))},
    {"3.11", "soft pedal leaves a sounding note", 1, MOVES(PROGRAM(0, 0, 1), ON(0, 0, 60), CC(2400, 0, 67, 127))},
    {"3.11", "soft pedal leaves drums", 1, MOVES(CC(0, 9, 67, 127), ON(2400, 9, 60))},
};

static void build_pedals(struct conf_bank *bank, struct conf_song *song)
{
    instruments(bank, song);
    scene_build(song, pedals, COUNT(pedals));
}

static void judge_pedals(struct conf_judge *judge)
{
    scene_judge(judge, pedals, COUNT(pedals));
}

/* ---- channel mode messages --------------------------------------------------------------- */

#define MODE(text, level, ...) {"MIDI 1.0", text, level, MOVES(PROGRAM(0, 0, 1), PROGRAM(0, 1, 1), __VA_ARGS__)}

static const struct scene modes[] = {
    MODE("CC120 silences held notes", 0, ON(0, 0, 60), ON(0, 0, 62), CC(9600, 0, 120, 0)),
    MODE("CC120 silences under the pedal", 0, CC(0, 0, 64, 127), ON(0, 0, 60), CC(9600, 0, 120, 0)),
    MODE("CC120 leaves other channels", 1, ON(0, 0, 60), ON(0, 1, 62), CC(9600, 0, 120, 0)),
    {"MIDI 1.0", "CC120 cuts a release", 0, MOVES(PROGRAM(0, 0, 2), ON(0, 0, 60), OFF(4800, 0, 60), CC(9600, 0, 120, 0))},
    MODE("CC123 ends held notes", 0, ON(0, 0, 60), ON(0, 0, 62), CC(9600, 0, 123, 0)),
    MODE("CC123 leaves other channels", 1, ON(0, 0, 60), ON(0, 1, 62), CC(9600, 0, 123, 0)),
    {"DLS2 1.8", "CC123 honours the pedal", 1,
     MOVES(PROGRAM(0, 0, 1), CC(0, 0, 64, 127), ON(0, 0, 60), CC(9600, 0, 123, 0))},
    {"DLS2 1.8", "and the pedal ends the note afterwards", 0,
     MOVES(PROGRAM(0, 0, 1), CC(0, 0, 64, 127), ON(0, 0, 60), CC(9600, 0, 123, 0), CC(14400, 0, 64, 0))},
    MODE("CC124 ends notes", 0, ON(0, 0, 60), CC(9600, 0, 124, 0)),
    MODE("CC125 ends notes", 0, ON(0, 0, 60), CC(9600, 0, 125, 0)),
    MODE("CC126 ends notes", 0, ON(0, 0, 60), CC(9600, 0, 126, 1)),
    MODE("CC127 ends notes", 0, ON(0, 0, 60), CC(9600, 0, 127, 0)),
    MODE("poly at power-on", 2, ON(0, 0, 60), ON(4800, 0, 62)),
    MODE("mono after CC126: a new note ends the old one", 1, CC(0, 0, 126, 1), ON(2400, 0, 60), ON(4800, 0, 62)),
    MODE("mono with value 0", 1, CC(0, 0, 126, 0), ON(2400, 0, 60), ON(4800, 0, 62)),
    MODE("mono is its channel's", 3, CC(0, 0, 126, 1), ON(2400, 0, 60), ON(2400, 1, 60), ON(4800, 0, 62), ON(4800, 1, 62)),
    MODE("poly again after CC127", 2, CC(0, 0, 126, 1), CC(1200, 0, 127, 0), ON(2400, 0, 60), ON(4800, 0, 62)),
    MODE("mono: a chord at one frame leaves one note", 1, CC(0, 0, 126, 1), ON(2400, 0, 60), ON(2400, 0, 62), ON(2400, 0, 64)),
    MODE("CC121 lets the pedal go", 0, CC(0, 0, 64, 127), ON(0, 0, 60), OFF(4800, 0, 60), CC(9600, 0, 121, 0)),
    MODE("CC121 lets sostenuto go", 0, ON(0, 0, 60), CC(2400, 0, 66, 127), OFF(4800, 0, 60), CC(9600, 0, 121, 0)),
    MODE("CC121 leaves a held key", 1, ON(0, 0, 60), CC(9600, 0, 121, 0)),
    MODE("CC122 (local control) does nothing", 1, ON(0, 0, 60), CC(9600, 0, 122, 0)),
};

static void build_modes(struct conf_bank *bank, struct conf_song *song)
{
    instruments(bank, song);
    scene_build(song, modes, COUNT(modes));
}

static void judge_modes(struct conf_judge *judge)
{
    scene_judge(judge, modes, COUNT(modes));
}

/* CC123 starts the release of the articulation, CC120 a short ramp. */
static void build_ends(struct conf_bank *bank, struct conf_song *song)
{
    instruments(bank, song);
    for (uint32_t i = 0; i < 2; i++) {
        uint64_t at = scene_start(4 * i);
        scene_reset(song, at - 2400);
        conf_program(song, at, 0, 0, 0, 2);
        conf_note(song, at + 100, 80000, 0, 60, 127);
        conf_cc(song, at + 12345, 0, i ? 120 : 123, 0);
    }
    conf_until(song, scene_start(8));
}

static void judge_ends(struct conf_judge *judge)
{
    size_t released = (size_t)scene_start(0) + 12345, silenced = (size_t)scene_start(4) + 12345;
    conf_row(judge, "MIDI 1.0", 0, probe_db(judge, released - 1), 0.01, "dB", "one frame before CC123");
    conf_row(judge, "DLS2 1.7.2", -9.6, probe_db(judge, released + CONF_RATE), 0.05, "dB", "CC123 with a release of 10 s, 1 s later");
    conf_row(judge, "MIDI 1.0", 0, probe_db(judge, silenced - 1), 0.01, "dB", "one frame before CC120");
    size_t end = silenced;
    while (end < silenced + 48000 && probe_level(judge, end) != 0)
        end++;
    conf_at_most(judge, "3.10", 15, (double)(end - silenced) * 1000 / CONF_RATE, "ms", "silent after CC120");
    conf_at_most(judge, "goal", -80, conf_to_db(conf_step(conf_sound(judge), CONF_LEFT, end - 2, end + 2)), "dBFS",
                 "step that is left at its end");
}

/* ---- reset all controllers ------------------------------------------------------------------ */

/* What is set before CC121, and what a reader must then say. Gains are -48 dB times value / 128
 * (CC10: bipolar), pitches are cents. */
static const struct reset_row {
    const char *what;
    struct move set[4];
    uint16_t source;       /* to the gain; 0: the pitch is read */
    double after_0, after_127;
    struct move after[4];  /* sent after the reset */
} resets[] = {
    {"CC1", {CC(0, 0, 1, 99)}, SRC_CC + 1, 0, 0, {{0}}},
    {"CC11", {CC(0, 0, 11, 40)}, SRC_CC + 11, -48.0 * 127 / 128, -48.0 * 127 / 128, {{0}}},
    {"CC7", {CC(0, 0, 7, 50)}, SRC_CC + 7, -48.0 * 50 / 128, -48.0 * 100 / 128, {{0}}},
    {"CC10", {CC(0, 0, 10, 84)}, SRC_CC + 10, -48.0 * (2 * 84 / 128.0 - 1), 0, {{0}}},
    {"CC91", {CC(0, 0, 91, 100)}, SRC_CC + 91, -48.0 * 100 / 128, -48.0 * 40 / 128, {{0}}},
    {"CC93", {CC(0, 0, 93, 100)}, SRC_CC + 93, -48.0 * 100 / 128, 0, {{0}}},
    {"channel pressure", {PRESSURE(0, 0, 90)}, SRC_PRESSURE, 0, 0, {{0}}},
    {"poly pressure", {POLY_PRESSURE(0, 0, 60, 90)}, SRC_POLY, 0, 0, {{0}}},
    {"pitch wheel", {WHEEL(0, 0, 12288)}, 0, 0, 0, {{0}}},
    {"bend range (RPN 0), wheel up after the reset", {RPN(0, 0, 0, 12)}, 0, 600, 100, {WHEEL(0, 0, 12288)}},
    {"fine tuning (RPN 1)", {RPN(0, 0, 1, 96)}, 0, 50, 0, {{0}}},
    {"coarse tuning (RPN 2)", {RPN(0, 0, 2, 67)}, 0, 300, 0, {{0}}},
    {"selected parameter (data entry after the reset)", {CC(0, 0, 101, 0), CC(0, 0, 100, 1)}, 0, 0, 0, {CC(0, 0, 6, 96)}},
};

#define TONE 480u /* 100 Hz at key 60 */

static void build_resets(struct conf_bank *bank, struct conf_song *song)
{
    struct probe_waves waves = probe_begin_pair(bank, song, TONE);
    for (uint32_t i = 0; i < COUNT(resets); i++) {
        uint16_t transform = resets[i].source == SRC_CC + 10 ? TRN_BIPOLAR : TRN_NONE;
        connection reader = {resets[i].source, SRC_NONE, DST_GAIN, transform, conf_db(-48)};
        connection list[] = {reader,
                             {SRC_CC + 7, SRC_NONE, DST_GAIN, TRN_INVERT | TRN_CONCAVE, 0},
                             {SRC_CC + 11, SRC_NONE, DST_GAIN, TRN_INVERT | TRN_CONCAVE, 0},
                             {SRC_CC + 10, SRC_NONE, DST_PAN, TRN_BIPOLAR, 0}};
        /* Of two connections from one controller to the gain the later would count: the reader stands last and alone. */
        uint32_t first = 0, count = COUNT(list);
        if (resets[i].source == SRC_CC + 7)
            list[1] = reader, first = 1;
        else if (resets[i].source == SRC_CC + 11)
            list[2] = reader, first = 1;
        else if (resets[i].source == 0)
            first = 1;
        probe_pair(bank, 16 + i, waves, list + first, count - first);
    }
    for (uint32_t i = 0; i < 2 * COUNT(resets); i++) {
        const struct reset_row *row = &resets[i / 2];
        uint64_t at = scene_start(i);
        scene_reset(song, at - 2400);
        conf_program(song, at - 100, 0, 0, 0, (uint8_t)(16 + i / 2));
        for (uint32_t k = 0; k < 4 && row->set[k].status; k++)
            conf_message(song, at, row->set[k].status, row->set[k].data1, row->set[k].data2);
        conf_cc(song, at + 100, 0, 121, i % 2 ? 127 : 0);
        for (uint32_t k = 0; k < 4 && row->after[k].status; k++)
            conf_message(song, at + 200, row->after[k].status, row->after[k].data1, row->after[k].data2);
        conf_note(song, at + 4800, 16800, 0, 60, 127);
    }
    conf_until(song, scene_start(2 * COUNT(resets)));
}

static void judge_resets(struct conf_judge *judge)
{
    for (uint32_t i = 0; i < 2 * COUNT(resets); i++) {
        const struct reset_row *row = &resets[i / 2];
        size_t at = (size_t)scene_start(i) + 12000;
        double expected = i % 2 ? row->after_127 : row->after_0;
        const char *clause = i % 2 ? "DLS2 1.8 (127)" : "RP-015 (0)";
        if (row->source)
            conf_row(judge, clause, expected, probe_amplitude_db(judge, at), 0.05, "dB", "%s after CC121 value %d", row->what,
                     i % 2 ? 127 : 0);
        else
            conf_row(judge, clause, expected, scene_cents(judge, at, at + 4800, CONF_RATE / TONE, expected), 0.1, "cent",
                     "%s after CC121 value %d", row->what, i % 2 ? 127 : 0);
    }
}

static const struct conf_case cases[] = {
    {.id = "pedals", .title = "Sustain, sostenuto and soft pedal", .build = build_pedals, .judge = judge_pedals},
    {.id = "mode-messages", .title = "Channel mode messages", .build = build_modes, .judge = judge_modes},
    {.id = "mode-ends", .title = "How notes off and sound off end", .build = build_ends, .judge = judge_ends},
    {.id = "mode-reset", .title = "Reset all controllers", .build = build_resets, .judge = judge_resets},
};

extern const struct conf_topic conf_topic_pedals;
const struct conf_topic conf_topic_pedals = {"Pedals and channel modes", cases, COUNT(cases)};
