/* SPDX-License-Identifier: MIT */
/*
 * topic_midi.c - exactness of events; the parameters of GS, XG and NRPN that stand for a controller.
 *
 * Rules: spec/dls.md 4.5, 5.4; design: an event for frame n acts at frame n.
 */
#include <math.h>

#include "scene.h"

/* ---- exact to the frame ------------------------------------------------------------------ */

#define NOTES 50u

/* Frames on no grid: multiples of 2^k, of 10 ms or of a buffer are all missed. */
static uint64_t odd_frame(uint32_t i)
{
    return PROBE_FIRST + (uint64_t)i * 9601 + (uint64_t)i * i % 61 * 2 + 1;
}

static uint64_t odd_length(uint32_t i)
{
    return 2401 + (uint64_t)i * 7 % 43;
}

/* Program 1 falls by 96 dB a second once its gate is closed. */
static void build_exact(struct conf_bank *bank, struct conf_song *song)
{
    uint32_t wave = probe_begin_constant(bank, song);
    scene_instrument(bank, wave, 0, 0, 1, false, 0);
    conf_connect(bank, SRC_NONE, SRC_NONE, DST_EG1_RELEASE, TRN_NONE, conf_seconds(1));
    conf_program(song, PROBE_FIRST - 100, 0, 0, 0, 1);
    for (uint32_t i = 0; i < NOTES; i++) {
        conf_note(song, odd_frame(i), odd_length(i), 0, 60, 127);
        conf_cc(song, odd_frame(i) + 7200, 0, 120, 0);
    }
    for (uint32_t i = 0; i < NOTES; i++) { /* and pedals: the gate closes with CC64 */
        conf_cc(song, odd_frame(NOTES + i), 0, 64, 127);
        conf_note(song, odd_frame(NOTES + i), 1200, 0, 60, 127);
        conf_cc(song, odd_frame(NOTES + i) + odd_length(i), 0, 64, 0);
        conf_cc(song, odd_frame(NOTES + i) + 7200, 0, 120, 0);
    }
    conf_until(song, odd_frame(2 * NOTES));
}

static double farthest(double a, double b)
{
    return fabs(b) > fabs(a) ? b : a;
}

static void judge_exact(struct conf_judge *judge)
{
    const struct conf_sound *sound = conf_sound(judge);
    double on = 0, off = 0, pedal = 0, silence = 0;
    for (uint32_t i = 0; i < 2 * NOTES; i++) {
        size_t at = (size_t)odd_frame(i), end = at + (size_t)odd_length(i % NOTES);
        on = farthest(on, (double)conf_onset(sound, CONF_LEFT, at - 1000, at + 1000, 1e-3) - (double)at);
        size_t falls = end - 300;
        while (falls < end + 300 && probe_level(judge, falls) > 0.9999)
            falls++;
        double late = (double)falls - (double)end - 1; /* -0.002 dB per frame: the first frame below is the one after */
        *(i < NOTES ? &off : &pedal) = farthest(i < NOTES ? off : pedal, late);
        size_t cut = at + 7200;
        double expected = -96.0 * (double)(cut - 1 - end) / CONF_RATE;
        silence = farthest(silence, probe_db(judge, cut - 1) - expected);
    }
    conf_row(judge, "design", 0, on, 0, "frames", "%u note-ons: farthest from its frame", 2 * NOTES);
    conf_row(judge, "design", 0, off, 0, "frames", "%u note-offs: farthest from its frame", NOTES);
    conf_row(judge, "design", 0, pedal, 0, "frames", "%u pedals up: farthest from its frame", NOTES);
    conf_row(judge, "design", 0, silence, 0.02, "dB", "%u all sound off: level one frame before", 2 * NOTES);
}

/* ---- the twins of controllers ---------------------------------------------------------------- */

/* Programs 16 + i have one connection from a controller to the gain, -48 dB times value / 128 (CC10: bipolar). */
static const uint8_t readers[] = {1, 7, 10, 11, 71, 72, 73, 74, 75, 76, 77, 78, 91, 93, 16, 80};

static uint32_t reader_of(uint8_t controller)
{
    uint32_t i = 0;
    while (i < COUNT(readers) && readers[i] != controller)
        i++;
    return 16 + i;
}

static double reading(uint8_t controller, double value)
{
    if (controller == 10)
        return -48 * (2 * value / 128 - 1);
    return -48 * value / 128;
}

static const struct twin { const char *clause, *what; uint8_t controller; double value; struct move moves[4]; } twins[] = {
    {"MIDI 1.0", "CC1 with CC33 as its low half", 1, 64 + 96 / 128.0, {CC(0, 0, 1, 64), CC(0, 0, 33, 96)}},
    {"MIDI 1.0", "CC7 with CC39", 7, 50 + 64 / 128.0, {CC(0, 0, 7, 50), CC(0, 0, 39, 64)}},
    {"MIDI 1.0", "CC11 with CC43", 11, 50 + 64 / 128.0, {CC(0, 0, 11, 50), CC(0, 0, 43, 64)}},
    {"MIDI 1.0", "CC10 with CC42", 10, 80 + 64 / 128.0, {CC(0, 0, 10, 80), CC(0, 0, 42, 64)}},
    {"MIDI 1.0", "a high half clears the low half", 1, 32, {CC(0, 0, 1, 64), CC(0, 0, 33, 96), CC(0, 0, 1, 32)}},
    {"2.2", "any controller is a source: CC16", 16, 77, {CC(0, 0, 16, 77)}},
    {"2.2", "CC80", 80, 99, {CC(0, 0, 80, 99)}},
    {"GS", "40 11 19: level", 7, 50, {SYSEX(0, "41 10 42 12 40 11 19 32 cs")}},
    {"GS", "40 11 1C: pan", 10, 84, {SYSEX(0, "41 10 42 12 40 11 1C 54 cs")}},
    {"GS", "40 11 21: chorus send", 93, 50, {SYSEX(0, "41 10 42 12 40 11 21 32 cs")}},
    {"GS", "40 11 22: reverb send", 91, 50, {SYSEX(0, "41 10 42 12 40 11 22 32 cs")}},
    {"GS", "40 11 30: vibrato rate", 76, 80, {SYSEX(0, "41 10 42 12 40 11 30 50 cs")}},
    {"GS", "40 11 31: vibrato depth", 77, 80, {SYSEX(0, "41 10 42 12 40 11 31 50 cs")}},
    {"GS", "40 11 32: cutoff", 74, 80, {SYSEX(0, "41 10 42 12 40 11 32 50 cs")}},
    {"GS", "40 11 33: resonance", 71, 80, {SYSEX(0, "41 10 42 12 40 11 33 50 cs")}},
    {"GS", "40 11 34: attack", 73, 80, {SYSEX(0, "41 10 42 12 40 11 34 50 cs")}},
    {"GS", "40 11 35: decay", 75, 80, {SYSEX(0, "41 10 42 12 40 11 35 50 cs")}},
    {"GS", "40 11 36: release", 72, 80, {SYSEX(0, "41 10 42 12 40 11 36 50 cs")}},
    {"GS", "40 11 37: vibrato delay", 78, 80, {SYSEX(0, "41 10 42 12 40 11 37 50 cs")}},
    {"XG", "08 00 0B: level", 7, 50, {SYSEX(0, "43 10 4C 08 00 0B 32")}},
    {"XG", "08 00 0E: pan", 10, 84, {SYSEX(0, "43 10 4C 08 00 0E 54")}},
    {"XG", "08 00 12: chorus send", 93, 50, {SYSEX(0, "43 10 4C 08 00 12 32")}},
    {"XG", "08 00 13: reverb send", 91, 50, {SYSEX(0, "43 10 4C 08 00 13 32")}},
    {"XG", "08 00 15: vibrato rate", 76, 80, {SYSEX(0, "43 10 4C 08 00 15 50")}},
    {"XG", "08 00 16: vibrato depth", 77, 80, {SYSEX(0, "43 10 4C 08 00 16 50")}},
    {"XG", "08 00 17: vibrato delay", 78, 80, {SYSEX(0, "43 10 4C 08 00 17 50")}},
    {"XG", "08 00 18: cutoff", 74, 80, {SYSEX(0, "43 10 4C 08 00 18 50")}},
    {"XG", "08 00 19: resonance", 71, 80, {SYSEX(0, "43 10 4C 08 00 19 50")}},
    {"XG", "08 00 1A: attack", 73, 80, {SYSEX(0, "43 10 4C 08 00 1A 50")}},
    {"XG", "08 00 1B: decay", 75, 80, {SYSEX(0, "43 10 4C 08 00 1B 50")}},
    {"XG", "08 00 1C: release", 72, 80, {SYSEX(0, "43 10 4C 08 00 1C 50")}},
    {"GS, XG", "NRPN 01 08: vibrato rate", 76, 80, {NRPN(0, 0, 1, 8, 80)}},
    {"GS, XG", "NRPN 01 09: vibrato depth", 77, 80, {NRPN(0, 0, 1, 9, 80)}},
    {"GS, XG", "NRPN 01 0A: vibrato delay", 78, 80, {NRPN(0, 0, 1, 10, 80)}},
    {"GS, XG", "NRPN 01 20: cutoff", 74, 80, {NRPN(0, 0, 1, 0x20, 80)}},
    {"GS, XG", "NRPN 01 21: resonance", 71, 80, {NRPN(0, 0, 1, 0x21, 80)}},
    {"GS, XG", "NRPN 01 63: attack", 73, 80, {NRPN(0, 0, 1, 0x63, 80)}},
    {"GS, XG", "NRPN 01 64: decay", 75, 80, {NRPN(0, 0, 1, 0x64, 80)}},
    {"GS, XG", "NRPN 01 66: release", 72, 80, {NRPN(0, 0, 1, 0x66, 80)}},
};

static void reader(struct conf_bank *bank, uint32_t wave, uint32_t program, uint8_t controller)
{
    static const uint8_t silent[] = {7, 11};
    scene_instrument(bank, wave, 0, 0, program, false, 0);
    for (uint32_t i = 0; i < COUNT(silent); i++)
        if (silent[i] != controller)
            conf_connect(bank, SRC_CC + silent[i], SRC_NONE, DST_GAIN, TRN_INVERT | TRN_CONCAVE, 0);
    conf_connect(bank, SRC_CC + 10, SRC_NONE, DST_PAN, TRN_BIPOLAR, 0);
    conf_connect(bank, SRC_CC + controller, SRC_NONE, DST_GAIN, controller == 10 ? TRN_BIPOLAR : TRN_NONE, conf_db(-48));
}

static void build_twins(struct conf_bank *bank, struct conf_song *song)
{
    uint32_t wave = probe_begin_constant(bank, song);
    for (uint32_t i = 0; i < COUNT(readers); i++)
        reader(bank, wave, 16 + i, readers[i]);
    for (uint32_t i = 0; i < COUNT(twins); i++) {
        uint64_t at = scene_start(i);
        scene_reset(song, at - 2400);
        conf_program(song, at - 100, 0, 0, 0, (uint8_t)reader_of(twins[i].controller));
        scene_play(song, at, twins[i].moves, COUNT(twins[i].moves));
        conf_note(song, at + 100, 22000, 0, 60, 127);
    }
    conf_until(song, scene_start(COUNT(twins)));
}

static void judge_twins(struct conf_judge *judge)
{
    for (uint32_t i = 0; i < COUNT(twins); i++) {
        size_t at = (size_t)scene_start(i) + SCENE_CHECK;
        conf_row(judge, twins[i].clause, reading(twins[i].controller, twins[i].value), probe_span_db(judge, CONF_LEFT, at, at + 480),
                 0.05, "dB", "%s", twins[i].what);
    }
}

/* ---- master settings, velocity of a part ------------------------------------------------------ */

#define VOLUME_64 0.253938 /* 40 log10(64 / 127) dB */
static const struct scene masters[] = {
    {"GS", "40 00 04: master volume 64", VOLUME_64, MOVES(SYSEX(0, "41 10 42 12 40 00 04 40 cs"), ON(100, 0, 60))},
    {"GS", "40 00 04: master volume 0", 0, MOVES(SYSEX(0, "41 10 42 12 40 00 04 00 cs"), ON(100, 0, 60))},
    {"GS", "master volume moves a sounding note", VOLUME_64, MOVES(ON(100, 0, 60), SYSEX(4800, "41 10 42 12 40 00 04 40 cs"))},
    {"XG", "00 00 04: master volume 64", VOLUME_64, MOVES(SYSEX(0, "43 10 4C 00 00 04 40"), ON(100, 0, 60))},
    {"GS", "40 00 06: master pan 127 (nothing on the left)", 0, MOVES(SYSEX(0, "41 10 42 12 40 00 06 7F cs"), ON(100, 0, 60))},
    {"GS", "40 00 06: master pan 1", 1, MOVES(SYSEX(0, "41 10 42 12 40 00 06 01 cs"), ON(100, 0, 60))},
    {"CA-025, 5.5", "master balance 7F 7F (nothing on the left)", 0, MOVES(SYSEX(0, "7F 7F 04 02 7F 7F"), ON(100, 0, 60))},
    {"CA-025, 5.5", "master balance 00 00: the left as it is", 1, MOVES(SYSEX(0, "7F 7F 04 02 00 00"), ON(100, 0, 60))},
    {"CA-025, 5.5", "master balance 00 40: centre", 1, MOVES(SYSEX(0, "7F 7F 04 02 00 40"), ON(100, 0, 60))},
    {"CA-025, 5.5", "master balance 7F 7F, a voice on the right: silent on the left, as it was", 0,
     MOVES(SYSEX(0, "7F 7F 04 02 7F 7F"), CC(0, 0, 10, 127), ON(100, 0, 60))},
    {"GS", "40 11 1A: velocity depth of half: 127 counts as 63", 0.246070, MOVES(SYSEX(0, "41 10 42 12 40 11 1A 20 cs"), ON(100, 0, 60))},
    {"GS", "40 11 1B: velocity offset of +16: 32 counts as 64", VOLUME_64,
     MOVES(SYSEX(0, "41 10 42 12 40 11 1B 50 cs"), ON_VELOCITY(100, 0, 60, 32))},
    {"4.5", "DLS off leaves everything", 1, MOVES(ON(100, 0, 60), SYSEX(4800, "7E 7F 0A 02"))},
    {"5.5", "an unknown universal message leaves everything", 1, MOVES(ON(100, 0, 60), SYSEX(4800, "7E 7F 7C 01 02 03"))},
};

static void build_masters(struct conf_bank *bank, struct conf_song *song)
{
    probe_begin_constant(bank, song);
    scene_build(song, masters, COUNT(masters));
}

static void judge_masters(struct conf_judge *judge)
{
    scene_judge(judge, masters, COUNT(masters));
}

static const struct conf_case cases[] = {
    {.id = "midi-exact", .title = "Events at their frame", .build = build_exact, .judge = judge_exact},
    {.id = "midi-master", .title = "Master volume and balance, velocity of a part", .build = build_masters, .judge = judge_masters},
    {.id = "midi-twins", .title = "Low halves, and what stands for a controller in GS, XG and NRPN", .build = build_twins, .judge = judge_twins},
};

extern const struct conf_topic conf_topic_midi;
const struct conf_topic conf_topic_midi = {"MIDI events and parameters", cases, COUNT(cases)};
