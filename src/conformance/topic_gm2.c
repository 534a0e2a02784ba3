/* SPDX-License-Identifier: MIT */
/*
 * topic_gm2.c - sound controllers 71 to 78, modulation range, controller destinations, key-based controllers.
 *
 * Rules: spec/dls.md 5.4, 5.5, 5.7 (GM 2, CA-022, CA-023). No standard gives the sound controllers a size; theirs is what spec/dls.md
 * recommends and src/synth/modulation.c documents: at (value - 64) / 64 of the range CC71 20 dB of resonance, CC72, CC75 6000 time
 * cents, CC73 2000 time cents, CC74 9600 cents of cutoff, CC76 2400 cents of vibrato rate, CC77 50 cents of depth, CC78 3000 time
 * cents. Times and rates within 0.2 %, delays within 1 ms, depths within 1 % of themselves, cutoffs within 25 cents (0.25 dB).
 */
#include <math.h>

#include "scene.h"

#define LONG (3u * CONF_RATE)

static size_t start(uint32_t i)
{
    return PROBE_FIRST + (size_t)i * LONG;
}

static double by(uint8_t value, double range)
{
    return (value - 64) / 64.0 * range;
}

/* ---- envelope: CC72, 73, 75 ---------------------------------------------------------------- */

static const uint8_t values[] = {48, 64, 80};
static const struct { uint8_t controller; double seconds, range; const char *what; } times[] = {
    {73, 0.2, 2000, "attack"}, {75, 1, 6000, "decay"}, {72, 0.5, 6000, "release"}};

static void build_times(struct conf_bank *bank, struct conf_song *song)
{
    uint32_t wave = probe_begin_constant(bank, song);
    scene_instrument(bank, wave, 0, 0, 1, false, 0); /* one segment each, so that it is read alone */
    conf_connect(bank, SRC_NONE, SRC_NONE, DST_EG1_ATTACK, TRN_NONE, conf_seconds(0.2));
    scene_instrument(bank, wave, 0, 0, 2, false, 0);
    conf_connect(bank, SRC_NONE, SRC_NONE, DST_EG1_DECAY, TRN_NONE, conf_seconds(1));
    conf_connect(bank, SRC_NONE, SRC_NONE, DST_EG1_SUSTAIN, TRN_NONE, conf_percent(0));
    scene_instrument(bank, wave, 0, 0, 3, false, 0);
    conf_connect(bank, SRC_NONE, SRC_NONE, DST_EG1_RELEASE, TRN_NONE, conf_seconds(0.5));
    for (uint32_t i = 0; i < 9; i++) {
        scene_reset(song, start(i) - 2400);
        conf_cc(song, start(i) - 200, 0, times[i / 3].controller, values[i % 3]);
        probe_play(song, start(i), i / 3 == 2 ? 24000 : 96000, 1 + i / 3, 60, 127);
    }
    scene_reset(song, start(9) - 2400);
    conf_until(song, start(9));
}

static void judge_times(struct conf_judge *judge)
{
    for (uint32_t i = 0; i < 9; i++) {
        uint8_t value = values[i % 3];
        double exact = times[i / 3].seconds * exp2(by(value, times[i / 3].range) / 1200), measured;
        size_t at = start(i) + (i / 3 == 2 ? 24000 : 0);
        size_t a = at + (size_t)(0.1 * exact * CONF_RATE), b = at + (size_t)(0.5 * exact * CONF_RATE);
        if (i / 3 == 0)
            measured = (double)(b - a) / CONF_RATE / (probe_level(judge, b) - probe_level(judge, a));
        else
            measured = -96 * (double)(b - a) / CONF_RATE / (probe_db(judge, b) - probe_db(judge, a));
        conf_row(judge, "GM2 3.3", exact * 1000, measured * 1000, exact * 2, "ms", "CC%d at %d: %s of %g ms", times[i / 3].controller,
                 value, times[i / 3].what, times[i / 3].seconds * 1000);
    }
}

/* ---- filter: CC71, CC74 ------------------------------------------------------------------------- */

#define TONE 6000.0 /* 8 frames */
static const struct { uint8_t program, value; double base; } cutoffs[] = {
    {1, 48, 1000}, {1, 56, 1000}, {1, 64, 1000}, {1, 68, 1000}, {1, 72, 1000}, {2, 48, 19912}, {2, 44, 19912}};
static const struct { uint8_t value; double resonance; } resonances[] = {{64, 6}, {80, 11}, {96, 16}, {56, 3.5}, {32, 0}};

static void build_filter(struct conf_bank *bank, struct conf_song *song)
{
    connection list[] = {{SRC_NONE, SRC_NONE, DST_CUTOFF, TRN_NONE, conf_hertz(1000)}, {SRC_NONE, SRC_NONE, DST_Q, TRN_NONE, conf_db(6)}};
    struct probe_waves waves = probe_begin_pair(bank, song, 8);
    probe_pair(bank, 1, waves, list, 1);
    probe_pair(bank, 2, waves, NULL, 0);
    uint32_t constant = probe_constant(bank);
    probe_instrument(bank, 3, constant, list, 2);
    probe_instrument(bank, 4, constant, NULL, 0);
    for (uint32_t i = 0; i < COUNT(cutoffs); i++) {
        scene_reset(song, scene_start(i) - 2400);
        conf_cc(song, scene_start(i) - 200, 0, 74, cutoffs[i].value);
        probe_play(song, scene_start(i), 20000, cutoffs[i].program, 60, 127);
    }
    uint64_t first = scene_start(COUNT(cutoffs));
    scene_reset(song, first - 2400);
    probe_play(song, first, 20000, 4, 60, 127); /* the constant without a filter */
    for (uint32_t i = 0; i < COUNT(resonances); i++) {
        uint64_t at = scene_start(COUNT(cutoffs) + 1 + i);
        scene_reset(song, at - 2400);
        conf_cc(song, at - 200, 0, 71, resonances[i].value);
        probe_play(song, at, 20000, 3, 60, 127);
    }
    conf_until(song, scene_start(COUNT(cutoffs) + 1 + COUNT(resonances)));
}

static void judge_filter(struct conf_judge *judge)
{
    for (uint32_t i = 0; i < COUNT(cutoffs); i++) {
        double exact = probe_absolute_cents(cutoffs[i].base) + by(cutoffs[i].value, 9600);
        conf_row(judge, "GM2 3.3", exact, probe_cutoff(judge, (size_t)scene_start(i) + 12000, TONE, 0), 25, "cent",
                 "CC74 at %d: cutoff of %s", cutoffs[i].value, cutoffs[i].program == 1 ? "1000 Hz" : "an instrument without a filter (13500 cents)");
    }
    size_t open = (size_t)scene_start(COUNT(cutoffs)) + 12000;
    double full = conf_mean(conf_sound(judge), CONF_LEFT, open, open + 480);
    for (uint32_t i = 0; i < COUNT(resonances); i++) {
        size_t at = (size_t)scene_start(COUNT(cutoffs) + 1 + i) + 12000;
        double level = conf_to_db(conf_mean(conf_sound(judge), CONF_LEFT, at, at + 480) / full);
        conf_row(judge, "GM2 3.3", resonances[i].resonance, -2 * level, 0.25, "dB", "CC71 at %d: resonance of 6 dB (by the gain at 0 Hz)",
                 resonances[i].value);
    }
}

/* ---- vibrato: CC76, 77, 78, RPN 5 ------------------------------------------------------------------ */

#define VIBRATO_TONE 3000.0
static const struct vibrato { const char *what; struct move moves[4]; double hertz, depth, delay; } vibratos[] = {
    {"centre", {{0}}, 5, 30, 0.1},
    {"CC76 at 96", {CC(0, 0, 76, 96)}, 10, 30, 0.1},
    {"CC76 at 32", {CC(0, 0, 76, 32)}, 2.5, 30, 0.1},
    {"CC77 at 96", {CC(0, 0, 77, 96)}, 5, 55, 0.1},
    {"CC77 at 32", {CC(0, 0, 77, 32)}, 5, 5, 0.1},
    {"CC77 at 0: none, and not turned over", {CC(0, 0, 77, 0)}, 5, 0, 0.1},
    {"CC77 at 16, CC1 at 64", {CC(0, 0, 77, 16), CC(0, 0, 1, 64)}, 5, 30 + 25 - 37.5, 0.1},
    {"CC78 at 96", {CC(0, 0, 78, 96)}, 5, 30, 0.1 * 2.37841423},
    {"CC78 at 32", {CC(0, 0, 78, 32)}, 5, 30, 0.1 / 2.37841423},
    {"CC1 at 127, range of 50 cents", {CC(0, 0, 1, 127)}, 5, 30 + 50 * 127.0 / 128, 0.1},
    {"CC1 at 127, RPN 5 of 1 semitone", {RPN(0, 0, 5, 1), CC(0, 0, 1, 127)}, 5, 30 + 100 * 127.0 / 128, 0.1},
    {"CC1 at 64, RPN 5 of 6 semitones", {RPN(0, 0, 5, 6), CC(0, 0, 1, 64)}, 5, 30 + 600 * 64 / 128.0, 0.1},
};

static void build_vibrato(struct conf_bank *bank, struct conf_song *song)
{
    connection list[] = {{SRC_VIBRATO, SRC_NONE, DST_PITCH, TRN_BIPOLAR, conf_cents(30)},
                         {SRC_VIBRATO, SRC_CC + 1, DST_PITCH, TRN_BIPOLAR, conf_cents(50)},
                         {SRC_NONE, SRC_NONE, DST_VIB_DELAY, TRN_NONE, conf_seconds(0.1)}};
    probe_pair(bank, 1, probe_begin_pair(bank, song, 16), list, COUNT(list));
    for (uint32_t i = 0; i < COUNT(vibratos); i++) {
        scene_reset(song, start(i) - 2400);
        conf_program(song, start(i) - 200, 0, 0, 0, 1);
        scene_play(song, start(i) - 100, vibratos[i].moves, COUNT(vibratos[i].moves));
        conf_note(song, start(i), LONG - 9600, 0, 60, 127);
    }
    conf_until(song, start(COUNT(vibratos)));
}

static struct probe_sine vibrato(const struct conf_judge *judge, enum probe_kind kind, size_t at, double hertz, double delay)
{
    double series[400], from = 14400, step = 240;
    probe_series(judge, kind, at + (size_t)from, (size_t)step, COUNT(series), VIBRATO_TONE, series);
    return probe_fit(series, COUNT(series), from / CONF_RATE, step / CONF_RATE, hertz, delay);
}

static void judge_vibrato(struct conf_judge *judge)
{
    for (uint32_t i = 0; i < COUNT(vibratos); i++) {
        const struct vibrato *v = &vibratos[i];
        struct probe_sine sine = vibrato(judge, PROBE_PITCH, start(i), v->hertz, v->delay);
        double span = 240.0 / CONF_RATE * v->hertz * 3.141592653589793; /* the pitch is read as a mean over 240 frames */
        double depth = v->depth * sin(span) / span;
        conf_row(judge, "GM2 3.3", depth, sine.depth, depth > 0 ? 0.01 * v->depth : 0.1, "cent", "%s: vibrato depth", v->what);
        if (v->depth == 0) /* no rate, no delay */
            continue;
        conf_row(judge, "GM2 3.3", v->hertz, sine.hertz, 0.002 * v->hertz, "Hz", "%s: vibrato rate", v->what);
        conf_row(judge, "GM2 3.3", v->delay * 1000, sine.delay * 1000, 1, "ms", "%s: vibrato delay", v->what);
    }
}

/* ---- controller destinations -------------------------------------------------------------------------- */

#define PRESSURE_TO(pairs) SYSEX(0, "7F 7F 09 01 00 " pairs)
static const struct scene pitch_destinations[] = {
    {"CA-022", "pressure to pitch, +12 semitones, at 127", 1200, MOVES(PRESSURE_TO("00 4C"), PRESSURE(0, 0, 127), ON(100, 0, 60))},
    {"CA-022", "at 64", 1200 * 64 / 127.0, MOVES(PRESSURE_TO("00 4C"), PRESSURE(0, 0, 64), ON(100, 0, 60))},
    {"CA-022", "at 0", 0, MOVES(PRESSURE_TO("00 4C"), ON(100, 0, 60))},
    {"CA-022", "lowest value: -24 semitones", -2400, MOVES(PRESSURE_TO("00 28"), PRESSURE(0, 0, 127), ON(100, 0, 60))},
    {"CA-022", "0x40: none", 0, MOVES(PRESSURE_TO("00 40"), PRESSURE(0, 0, 127), ON(100, 0, 60))},
    {"CA-022", "pressure moves a sounding note", 1200, MOVES(PRESSURE_TO("00 4C"), ON(100, 0, 60), PRESSURE(4800, 0, 127))},
    {"CA-022", "another channel", 0, MOVES(PRESSURE_TO("00 4C"), PRESSURE(0, 1, 127), ON(100, 1, 60))},
    {"CA-022", "a new message replaces the old", 0,
     MOVES(PRESSURE_TO("00 4C"), PRESSURE_TO("01 40"), PRESSURE(0, 0, 127), ON(100, 0, 60))},
    {"CA-022", "CC16 to pitch, -12 semitones", -1200, MOVES(SYSEX(0, "7F 7F 09 03 00 10 00 34"), CC(0, 0, 16, 127), ON(100, 0, 60))},
    {"CA-022", "CC64 to 95: CC80", 700, MOVES(SYSEX(0, "7F 7F 09 03 00 50 00 47"), CC(0, 0, 80, 127), ON(100, 0, 60))},
    {"CA-022", "CC32 to 63 are not to be had", 0, MOVES(SYSEX(0, "7F 7F 09 03 00 21 00 47"), CC(0, 0, 33, 127), ON(100, 0, 60))},
    {"CA-022", "one controller at a time: the last", 0,
     MOVES(SYSEX(0, "7F 7F 09 03 00 10 00 34"), SYSEX(0, "7F 7F 09 03 00 11 00 34"), CC(0, 0, 16, 127), ON(100, 0, 60))},
    {"CA-022", "pressure and controller add up", 300,
     MOVES(PRESSURE_TO("00 4C"), PRESSURE(0, 0, 127), SYSEX(0, "7F 7F 09 03 00 10 00 37"), CC(0, 0, 16, 127), ON(100, 0, 60))},
    {"CA-022", "poly pressure to pitch (09 02), +12 semitones", 1200,
     MOVES(SYSEX(0, "7F 7F 09 02 00 00 4C"), ON(100, 0, 60), POLY_PRESSURE(4800, 0, 60, 127))},
    {"CA-022", "poly pressure of another key", 0,
     MOVES(SYSEX(0, "7F 7F 09 02 00 00 4C"), ON(100, 0, 60), POLY_PRESSURE(4800, 0, 61, 127))},
};

static void build_destinations(struct conf_bank *bank, struct conf_song *song)
{
    probe_begin_pair(bank, song, 480);
    scene_build(song, pitch_destinations, COUNT(pitch_destinations));
}

static void judge_destinations(struct conf_judge *judge)
{
    for (uint32_t i = 0; i < COUNT(pitch_destinations); i++) {
        size_t at = (size_t)scene_start(i) + SCENE_CHECK;
        double cents = scene_cents(judge, at - 2400, at + 2400, 100, pitch_destinations[i].expected);
        conf_row(judge, pitch_destinations[i].clause, pitch_destinations[i].expected, cents, 0.01, "cent", "%s", pitch_destinations[i].what);
    }
}

/* Filter and amplitude, steady and by the LFO. */
static const struct target { const char *what, *sysex; uint8_t pressure; enum probe_kind kind; bool lfo; double expected; } targets[] = {
    {"cutoff, 0x50", "7F 7F 09 01 00 01 50", 127, PROBE_CUTOFF, false, 2400},
    {"cutoff, 0x30, at 64", "7F 7F 09 01 00 01 30", 64, PROBE_CUTOFF, false, -2400 * 64 / 127.0},
    {"amplitude, 0x7F", "7F 7F 09 01 00 02 7F", 127, PROBE_GAIN, false, 5.9529},
    {"amplitude, 0x20", "7F 7F 09 01 00 02 20", 127, PROBE_GAIN, false, -6.0206},
    {"amplitude, 0x20, at 64", "7F 7F 09 01 00 02 20", 64, PROBE_GAIN, false, -2.5198},
    {"LFO to pitch, 0x7F", "7F 7F 09 01 00 03 7F", 127, PROBE_PITCH, true, 600},
    {"LFO to pitch, 0x40, at 64", "7F 7F 09 01 00 03 40", 64, PROBE_PITCH, true, 600 * 64 / 127.0 * 64 / 127},
    {"LFO to cutoff, 0x40", "7F 7F 09 01 00 04 40", 127, PROBE_CUTOFF, true, 2400 * 64 / 127.0},
};

static void build_targets(struct conf_bank *bank, struct conf_song *song)
{
    connection list[] = {{SRC_NONE, SRC_NONE, DST_CUTOFF, TRN_NONE, conf_hertz(800)}};
    struct probe_waves waves = probe_begin_pair(bank, song, 16);
    probe_pair(bank, 1, waves, list, 1);
    for (uint32_t i = 0; i < COUNT(targets); i++) {
        scene_reset(song, start(i) - 2400);
        scene_sysex(song, start(i) - 300, targets[i].sysex);
        conf_message(song, start(i) - 250, 0xD0, targets[i].pressure, 0);
        probe_play(song, start(i), LONG - 9600, targets[i].kind == PROBE_CUTOFF ? 1 : 0, 60, 127);
    }
    conf_until(song, start(COUNT(targets)));
}

static void judge_targets(struct conf_judge *judge)
{
    for (uint32_t i = 0; i < COUNT(targets); i++) {
        const struct target *t = &targets[i];
        double base = t->kind == PROBE_CUTOFF ? probe_absolute_cents(800) : 0, measured;
        if (t->lfo)
            measured = vibrato(judge, t->kind, start(i), 5, 0.01).depth;
        else if (t->kind == PROBE_CUTOFF)
            measured = probe_cutoff(judge, start(i) + 24000, VIBRATO_TONE, 0) - base;
        else
            measured = probe_amplitude_db(judge, start(i) + 24000);
        double tolerance = t->kind == PROBE_GAIN ? 0.05 : t->kind == PROBE_CUTOFF ? 25 : 0.01 * t->expected;
        conf_row(judge, "CA-022", t->expected, measured, tolerance, t->kind == PROBE_GAIN ? "dB" : "cent", "pressure %d to %s", t->pressure,
                 t->what);
    }
}

/* LFO to amplitude at full depth: between nothing and full, as 1 - depth * (1 - lfo) / 2. */
static void build_tremolo(struct conf_bank *bank, struct conf_song *song)
{
    uint32_t wave = probe_begin_constant(bank, song);
    probe_instrument(bank, 1, wave, NULL, 0);
    scene_sysex(song, start(0) - 300, "7F 7F 09 01 00 05 7F");
    conf_message(song, start(0) - 250, 0xD0, 127, 0);
    probe_play(song, start(0), LONG - 9600, 1, 60, 127);
    conf_until(song, start(1));
}

static void judge_tremolo(struct conf_judge *judge)
{
    double low = 2, high = 0, sum = 0;
    size_t from = start(0) + 24000, to = from + 96000; /* ten cycles of 5 Hz */
    for (size_t f = from; f < to; f++) {
        double level = probe_level(judge, f);
        low = fmin(low, level);
        high = fmax(high, level);
        sum += level / 96000;
    }
    conf_row(judge, "CA-022", 1, high, 0.01, "", "pressure to LFO to amplitude, 100 %%: highest level");
    conf_row(judge, "CA-022", 0, low, 0.01, "", "lowest level");
    conf_row(judge, "CA-022", 0.5, sum, 0.01, "", "mean level");
}

/* ---- key-based controllers ------------------------------------------------------------------------------- */

#define KEYED(pairs) SYSEX(0, "7F 7F 0A 01 09 3C " pairs)
#define CENTRE 0.70710678
static const struct scene keyed[] = {
    {"CA-023", "volume 0x40: 100 %", 1, MOVES(KEYED("07 40"), ON(100, 9, 60))},
    {"CA-023", "volume 0x20: 50 %", 0.5, MOVES(KEYED("07 20"), ON(100, 9, 60))},
    {"CA-023", "volume 0x7F", 127 / 64.0, MOVES(KEYED("07 7F"), ON(100, 9, 60))},
    {"CA-023", "volume 0: silence", 0, MOVES(KEYED("07 00"), ON(100, 9, 60))},
    {"CA-023", "another key", 1, MOVES(KEYED("07 20"), ON(100, 9, 61))},
    {"CA-023", "a melodic channel is not meant", 1, MOVES(SYSEX(0, "7F 7F 0A 01 00 3C 07 20"), ON(100, 0, 60))},
    {"CA-023", "pan 0: left", 1 / CENTRE, MOVES(KEYED("0A 00"), ON(100, 9, 60))},
    {"CA-023", "pan 0x7F: right (nothing on the left)", 0, MOVES(KEYED("0A 7F"), ON(100, 9, 60))},
    {"CA-023", "pan 0x40: centre", 1, MOVES(KEYED("0A 40"), ON(100, 9, 60))},
    {"5.7", "CC10 offsets the pan of the key", 0, MOVES(KEYED("0A 60"), CC(0, 9, 10, 127), ON(100, 9, 60))},
    {"CA-023", "two pairs in one message", 0.5 / CENTRE, MOVES(KEYED("07 20 0A 00"), ON(100, 9, 60))},
    {"CA-023", "reverb send (read from CC91)", 0.5, MOVES(PROGRAM(0, 9, 1), KEYED("5B 7F"), ON(100, 9, 60))},
    {"CA-023", "chorus send (read from CC93)", 0.5, MOVES(PROGRAM(0, 9, 2), KEYED("5D 7F"), ON(100, 9, 60))},
    {"5.7", "a program change restores the kit", 1, MOVES(KEYED("07 20"), PROGRAM(50, 9, 0), ON(100, 9, 60))},
    {"GS, XG", "NRPN 1C 3C: pan 1, left", 1 / CENTRE, MOVES(NRPN(0, 9, 0x1C, 60, 1), ON(100, 9, 60))},
    {"GS, XG", "NRPN 1D 3C: reverb send", 0.5, MOVES(PROGRAM(0, 9, 1), NRPN(0, 9, 0x1D, 60, 127), ON(100, 9, 60))},
    {"GS, XG", "NRPN 1E 3C: chorus send", 0.5, MOVES(PROGRAM(0, 9, 2), NRPN(0, 9, 0x1E, 60, 127), ON(100, 9, 60))},
    {"MIDI 1.0", "the pedal holds drums", 1, MOVES(CC(0, 9, 64, 127), ON(100, 9, 60), OFF(4800, 9, 60))},
    {"GM2 2.8", "GM 2 on: the pedal does not", 0, MOVES(SYSEX(0, "7E 7F 09 03"), CC(4000, 9, 64, 127), ON(4800, 9, 60), OFF(9600, 9, 60))},
    {"GM2 2.8", "GM 2: rhythm parts ignore the sound controllers (CC73)", 1,
     MOVES(PROGRAM(0, 9, 0), CC(0, 9, 73, 127), ON(100, 9, 60))},
};

static void build_keyed(struct conf_bank *bank, struct conf_song *song)
{
    uint32_t wave = probe_begin_constant(bank, song);
    scene_instrument(bank, wave, 0, 0, 0, true, 0);
    for (uint32_t i = 0; i < 2; i++) { /* a send at full halves the level */
        scene_instrument(bank, wave, 0, 0, 1 + i, true, 0);
        conf_connect(bank, i ? SRC_CC + 93 : SRC_CC + 91, SRC_NONE, DST_GAIN, TRN_NONE, conf_db(-6.0206));
    }
    scene_build(song, keyed, COUNT(keyed));
}

static void judge_keyed(struct conf_judge *judge)
{
    scene_judge(judge, keyed, COUNT(keyed));
}

static const struct scene keyed_pitches[] = {
    {"CA-023", "fine tuning (78), +50 cents", 50, MOVES(KEYED("78 60"), ON(100, 9, 60))},
    {"CA-023", "coarse tuning (79), +5 semitones", 500, MOVES(KEYED("79 45"), ON(100, 9, 60))},
    {"CA-023", "both", 450, MOVES(KEYED("79 45 78 20"), ON(100, 9, 60))},
    {"MIDI 1.0", "the wheel bends drums", -200, MOVES(WHEEL(0, 9, 0), ON(100, 9, 60))},
    {"GM2 2.8", "GM 2 on: the wheel does not", 0, MOVES(SYSEX(0, "7E 7F 09 03"), WHEEL(4000, 9, 0), ON(4800, 9, 60))},
    {"GS, XG", "NRPN 18 3C: coarse tuning of -7", -700, MOVES(NRPN(0, 9, 0x18, 60, 57), ON(100, 9, 60))},
};

static void build_keyed_pitches(struct conf_bank *bank, struct conf_song *song)
{
    struct probe_waves waves = probe_begin_pair(bank, song, 480);
    conf_instrument(bank, 0, 0, 0, true);
    conf_region(bank, waves.sine);
    conf_connect(bank, SRC_NONE, SRC_NONE, DST_PAN, TRN_NONE, conf_percent(-50));
    conf_region(bank, waves.cosine);
    conf_connect(bank, SRC_NONE, SRC_NONE, DST_PAN, TRN_NONE, conf_percent(50));
    scene_build(song, keyed_pitches, COUNT(keyed_pitches));
}

static void judge_keyed_pitches(struct conf_judge *judge)
{
    for (uint32_t i = 0; i < COUNT(keyed_pitches); i++) {
        size_t at = (size_t)scene_start(i) + SCENE_CHECK;
        double cents = scene_cents(judge, at - 2400, at + 2400, 100, keyed_pitches[i].expected);
        conf_row(judge, keyed_pitches[i].clause, keyed_pitches[i].expected, cents, 0.01, "cent", "%s", keyed_pitches[i].what);
    }
}

static const struct conf_case cases[] = {
    {.id = "gm2-times", .title = "CC72, 73, 75: envelope times", .build = build_times, .judge = judge_times},
    {.id = "gm2-filter", .title = "CC71, 74: resonance and brightness", .build = build_filter, .judge = judge_filter},
    {.id = "gm2-vibrato", .title = "CC76, 77, 78 and RPN 5: vibrato", .build = build_vibrato, .judge = judge_vibrato},
    {.id = "gm2-destinations", .title = "Controller destinations: pitch", .build = build_destinations, .judge = judge_destinations},
    {.id = "gm2-targets", .title = "Controller destinations: filter, amplitude, LFO", .build = build_targets, .judge = judge_targets},
    {.id = "gm2-tremolo", .title = "Controller destinations: LFO to amplitude", .build = build_tremolo, .judge = judge_tremolo},
    {.id = "gm2-keys", .title = "Key-based controllers: level, pan, sends", .build = build_keyed, .judge = judge_keyed},
    {.id = "gm2-key-tuning", .title = "Key-based controllers: tuning", .build = build_keyed_pitches, .judge = judge_keyed_pitches},
};

extern const struct conf_topic conf_topic_gm2;
const struct conf_topic conf_topic_gm2 = {"General MIDI 2", cases, COUNT(cases)};
