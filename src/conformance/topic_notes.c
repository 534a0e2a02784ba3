/* SPDX-License-Identifier: MIT */
/*
 * topic_notes.c - which regions a note plays, and which notes it ends.
 *
 * Rules: DLS 2.2 sections 1.4.2, 1.4.4, 1.7.2.9, 1.7.3 (spec/dls.md 1.5, 3.2). Voices have a release of 10 s where it
 * matters that they are shut down and not released: then 96 dB take 10 s in release and 15 ms in shutdown.
 */
#include <math.h>

#include "scene.h"

#define OVERLAPS 0x0001 /* F_RGN_OPTION_SELFNONEXCLUSIVE */

static void slow_release(struct conf_bank *bank)
{
    conf_connect(bank, SRC_NONE, SRC_NONE, DST_EG1_RELEASE, TRN_NONE, conf_seconds(10));
}

static void steady_velocity(struct conf_bank *bank)
{
    conf_connect(bank, SRC_VELOCITY, SRC_NONE, DST_GAIN, TRN_INVERT | TRN_CONCAVE, 0);
}

/* Region of keys LOW..HIGH with a slow release. */
static struct dls_region *keys(struct conf_bank *bank, uint32_t wave, uint16_t low, uint16_t high)
{
    struct dls_region *region = conf_region(bank, wave);
    region->key_low = low;
    region->key_high = high;
    slow_release(bank);
    return region;
}

/* ---- key groups ------------------------------------------------------------------- */

static const struct scene key_groups[] = {
    {"DLS2 1.4.4", "a note of the same key group ends the old one", 1, MOVES(PROGRAM(0, 0, 1), ON(0, 0, 40), ON(4800, 0, 42))},
    {"DLS2 1.4.4", "a note of another key group does not", 2, MOVES(PROGRAM(0, 0, 1), ON(0, 0, 40), ON(4800, 0, 44))},
    {"DLS2 1.4.4", "a note without key group does not", 2, MOVES(PROGRAM(0, 0, 1), ON(0, 0, 40), ON(4800, 0, 46))},
    {"DLS2 1.4.4", "two notes without key group", 2, MOVES(PROGRAM(0, 0, 1), ON(0, 0, 46), ON(4800, 0, 47))},
    {"DLS2 1.4.4", "groups are local to a channel", 2,
     MOVES(PROGRAM(0, 0, 1), PROGRAM(0, 1, 1), ON(0, 0, 40), ON(4800, 1, 42))},
    {"3.2", "groups are local to an instrument", 2, MOVES(PROGRAM(0, 0, 1), ON(0, 0, 40), PROGRAM(4700, 0, 2), ON(4800, 0, 42))},
    {"DLS2 1.4.4", "two regions of one group on one note-on", 2, MOVES(PROGRAM(0, 0, 1), ON(0, 0, 48))},
    {"DLS2 1.4.4", "both of them end with the next of the group", 1, MOVES(PROGRAM(0, 0, 1), ON(0, 0, 48), ON(4800, 0, 40))},
    {"DLS2 1.4.4", "a released note of the group ends as well", 1,
     MOVES(PROGRAM(0, 0, 1), ON(0, 0, 40), OFF(4700, 0, 40), ON(4800, 0, 42))},
    {"DLS2 1.4.4", "group 15 is a group", 1, MOVES(PROGRAM(0, 0, 1), ON(0, 0, 50), ON(4800, 0, 51))},
    {"DLS2 1.4.4", "drums have groups", 1, MOVES(ON(0, 9, 40), ON(4800, 9, 42))},
    {"DLS2 1.4.4", "three of a group, one left", 1, MOVES(PROGRAM(0, 0, 1), ON(0, 0, 40), ON(2400, 0, 42), ON(4800, 0, 40))},
};

static void group_instrument(struct conf_bank *bank, uint32_t wave)
{
    static const struct { uint16_t key, group; } notes[] = {{40, 1}, {42, 1}, {44, 2}, {46, 0}, {47, 0}, {48, 1}, {48, 1}, {50, 15}, {51, 15}};
    for (uint32_t i = 0; i < COUNT(notes); i++) {
        struct dls_region *region = keys(bank, wave, notes[i].key, notes[i].key);
        region->key_group = notes[i].group;
        region->options = OVERLAPS;
    }
}

static void build_key_groups(struct conf_bank *bank, struct conf_song *song)
{
    uint32_t wave = probe_begin_constant(bank, song);
    for (uint32_t program = 1; program <= 2; program++) {
        conf_instrument(bank, 0, 0, program, false);
        group_instrument(bank, wave);
    }
    conf_instrument(bank, 0, 0, 0, true);
    group_instrument(bank, wave);
    scene_build(song, key_groups, COUNT(key_groups));
}

static void judge_key_groups(struct conf_judge *judge)
{
    scene_judge(judge, key_groups, COUNT(key_groups));
}

/* ---- repeated notes ------------------------------------------------------------------ */

/* Release of 10 s: 9.6 dB a second; SCENE_CHECK + 240 frames, the middle of the reading, after the note-on. */
#define RELEASED_AT(frame) pow(10, -9.6 * (SCENE_CHECK + 240 - (frame)) / CONF_RATE / 20)

/* Program 1 exclusive, 2 overlapping, 3 overlapping below velocity 64 and exclusive from there, drums exclusive. The rows with a
 * released note get their expectation when they are judged. */
static const struct scene repeats[] = {
    {"DLS2 1.4.4", "the same key again: the old note ends", 1, MOVES(PROGRAM(0, 0, 1), ON(0, 0, 60), ON(4800, 0, 60))},
    {"DLS2 App. A", "with the self-non-exclusive flag both sound", 2, MOVES(PROGRAM(0, 0, 2), ON(0, 0, 60), ON(4800, 0, 60))},
    {"3.2", "old region flagged, new not: the old note ends", 1,
     MOVES(PROGRAM(0, 0, 3), ON_VELOCITY(0, 0, 60, 32), ON_VELOCITY(4800, 0, 60, 100))},
    {"3.2", "new region flagged, old not: both sound", 2,
     MOVES(PROGRAM(0, 0, 3), ON_VELOCITY(0, 0, 60, 100), ON_VELOCITY(4800, 0, 60, 32))},
    {"DLS2 1.4.4", "another key: both sound", 2, MOVES(PROGRAM(0, 0, 1), ON(0, 0, 60), ON(4800, 0, 61))},
    {"DLS2 1.4.4", "the same key on another channel: both sound", 2,
     MOVES(PROGRAM(0, 0, 1), PROGRAM(0, 1, 1), ON(0, 0, 60), ON(4800, 1, 60))},
    {"3.2", "a note held by the pedal ends", 1,
     MOVES(PROGRAM(0, 0, 1), CC(0, 0, 64, 127), ON(0, 0, 60), OFF(2400, 0, 60), ON(4800, 0, 60))},
    {"3.2", "a released note of a melodic instrument sounds on", -1,
     MOVES(PROGRAM(0, 0, 1), ON(0, 0, 60), OFF(2400, 0, 60), ON(4800, 0, 60))},
    {"3.2", "a released note of a drum kit ends", 1, MOVES(ON(0, 9, 60), OFF(2400, 9, 60), ON(4800, 9, 60))},
    {"DLS2 1.4.2", "two layers on one note-on, exclusive as they are", 2, MOVES(PROGRAM(0, 0, 4), ON(0, 0, 60))},
    {"DLS2 1.4.4", "two layers again: the two old ones end", 2, MOVES(PROGRAM(0, 0, 4), ON(0, 0, 60), ON(4800, 0, 60))},
    {"MIDI 1.0", "two of one key with the flag, one note-off: one is left", -2,
     MOVES(PROGRAM(0, 0, 2), ON(0, 0, 60), ON(2400, 0, 60), OFF(4800, 0, 60))},
    {"MIDI 1.0", "note-on with velocity 0 is a note-off", -3, MOVES(PROGRAM(0, 0, 1), ON(0, 0, 60), ON_VELOCITY(2400, 0, 60, 0))},
};

static void build_repeats(struct conf_bank *bank, struct conf_song *song)
{
    uint32_t wave = probe_begin_constant(bank, song);
    conf_instrument(bank, 0, 0, 1, false);
    keys(bank, wave, 0, 127);
    conf_instrument(bank, 0, 0, 2, false);
    keys(bank, wave, 0, 127)->options = OVERLAPS;
    conf_instrument(bank, 0, 0, 3, false);
    struct dls_region *soft = keys(bank, wave, 0, 127);
    soft->options = OVERLAPS;
    soft->velocity_high = 63;
    steady_velocity(bank);
    keys(bank, wave, 0, 127)->velocity_low = 64;
    steady_velocity(bank);
    conf_instrument(bank, 0, 0, 4, false);
    keys(bank, wave, 0, 127);
    keys(bank, wave, 0, 127);
    conf_instrument(bank, 0, 0, 0, true);
    keys(bank, wave, 0, 127);
    scene_build(song, repeats, COUNT(repeats));
}

static void judge_repeats(struct conf_judge *judge)
{
    struct scene scenes[COUNT(repeats)];
    for (uint32_t i = 0; i < COUNT(repeats); i++) {
        scenes[i] = repeats[i];
        if (repeats[i].expected == -1)
            scenes[i].expected = 1 + RELEASED_AT(2400);
        else if (repeats[i].expected == -2)
            scenes[i].expected = 1 + RELEASED_AT(4800);
        else if (repeats[i].expected == -3)
            scenes[i].expected = RELEASED_AT(2400);
    }
    scene_judge(judge, scenes, COUNT(scenes));
}

/* ---- shutdown ------------------------------------------------------------------------- */

/* A group of two: key 40 sounds, key 42 plays a wave of zeros, so that what is left is the shutdown alone. */
static const struct { double seconds, sustain; } shutdowns[] = {{0, 100}, {0.01, 100}, {0.05, 100}, {0.2, 100}, {1, 100}, {0.2, 75}, {0, 75}};

static void build_shutdown(struct conf_bank *bank, struct conf_song *song)
{
    uint32_t wave = probe_begin_constant(bank, song), silent = conf_wave_dc(bank, 64, 0, CONF_RATE);
    for (uint32_t i = 0; i < COUNT(shutdowns); i++) {
        uint64_t at = PROBE_FIRST + (uint64_t)i * 2 * CONF_RATE;
        conf_instrument(bank, 0, 0, 1 + i, false);
        for (uint32_t k = 0; k < 2; k++) {
            struct dls_region *region = keys(bank, k ? silent : wave, k ? 42 : 40, k ? 42 : 40);
            region->key_group = 3;
            if (shutdowns[i].seconds > 0) /* else the default, 15 ms */
                conf_connect(bank, SRC_NONE, SRC_NONE, DST_EG1_SHUTDOWN, TRN_NONE, conf_seconds(shutdowns[i].seconds));
            if (shutdowns[i].sustain < 100)
                conf_connect(bank, SRC_NONE, SRC_NONE, DST_EG1_SUSTAIN, TRN_NONE, conf_percent(shutdowns[i].sustain));
        }
        probe_play(song, at, CONF_RATE * 3 / 2, 1 + i, 40, 127);
        conf_note(song, at + 24000, 9600, 0, 42, 127);
    }
    conf_until(song, PROBE_FIRST + COUNT(shutdowns) * 2 * CONF_RATE);
}

static void judge_shutdown(struct conf_judge *judge)
{
    for (uint32_t i = 0; i < COUNT(shutdowns); i++) {
        size_t off = PROBE_FIRST + (size_t)i * 2 * CONF_RATE + 24000;
        double seconds = shutdowns[i].seconds > 0 ? shutdowns[i].seconds : 0.015, start = -96 * (1 - shutdowns[i].sustain / 100);
        size_t a = (size_t)(0.05 * seconds * CONF_RATE), b = (size_t)(0.6 * seconds * CONF_RATE);
        double rate = (probe_db(judge, off + b) - probe_db(judge, off + a)) / (double)(b - a) * CONF_RATE;
        conf_row(judge, "DLS2 1.7.2.9", seconds * 1000, -96e3 / rate, seconds * 2, "ms", "shutdown of %g ms%s from %g dB",
                 seconds * 1000, shutdowns[i].seconds > 0 ? "" : " (default)", start);
        double line = start - 96 * (double)a / CONF_RATE / seconds;
        conf_row(judge, "DLS2 1.7.2.9", line, probe_db(judge, off + a), 0.05, "dB", "level after a twentieth of it");
        /* From the start level 96 + start dB are left of the full travel. */
        size_t end = off;
        while (end < off + 60000 && probe_level(judge, end) != 0)
            end++;
        conf_at_most(judge, "DLS2 1.7.2.9", seconds * (96 + start) / 96 * CONF_RATE + 2, (double)(end - off), "frames",
                     "silent after");
        conf_at_most(judge, "goal", -80, conf_to_db(conf_step(conf_sound(judge), CONF_LEFT, end - 2, end + 2)), "dBFS",
                     "step that is left at its end");
    }
}

/* ---- splits and layers ------------------------------------------------------------------- */

#define SPLIT(key, velocity, level, text) {"DLS2 1.4.2", text, level, MOVES(PROGRAM(0, 0, 1), ON_VELOCITY(0, 0, key, velocity))}

/* Weights tell the regions apart: 1 keys 20..50, 1/2 keys 51..80, 1/4 keys 40..60 (a layer over the split), 1/8 velocities 1..63 of
 * keys 90..100, 1/16 velocities 64..127 of them, 1/32 all of them. */
static const struct scene splits[] = {
    SPLIT(19, 127, 0, "below the lowest region: no sound"),
    SPLIT(20, 127, 1, "lowest key of a region"),
    SPLIT(39, 127, 1, "below the layer"),
    SPLIT(40, 127, 1.25, "region and layer"),
    SPLIT(50, 127, 1.25, "highest key of the lower region"),
    SPLIT(51, 127, 0.75, "lowest key of the upper region"),
    SPLIT(60, 127, 0.75, "highest key of the layer"),
    SPLIT(61, 127, 0.5, "above the layer"),
    SPLIT(80, 127, 0.5, "highest key"),
    SPLIT(81, 127, 0, "above the highest region: no sound"),
    SPLIT(95, 1, 0.125 + 0.03125, "velocity 1: soft region and the one over all"),
    SPLIT(95, 63, 0.125 + 0.03125, "velocity 63: soft"),
    SPLIT(95, 64, 0.0625 + 0.03125, "velocity 64: loud"),
    SPLIT(95, 127, 0.0625 + 0.03125, "velocity 127: loud"),
};

static void weigh(struct conf_bank *bank, uint32_t wave, uint16_t low, uint16_t high, uint16_t soft, uint16_t loud, double weight)
{
    struct dls_region *region = conf_region(bank, wave);
    region->key_low = low;
    region->key_high = high;
    region->velocity_low = soft;
    region->velocity_high = loud;
    region->sample.gain = conf_db(conf_to_db(weight));
    steady_velocity(bank);
}

static void build_splits(struct conf_bank *bank, struct conf_song *song)
{
    uint32_t wave = probe_begin_constant(bank, song);
    conf_instrument(bank, 0, 0, 1, false);
    weigh(bank, wave, 20, 50, 0, 127, 1);
    weigh(bank, wave, 51, 80, 0, 127, 0.5);
    weigh(bank, wave, 40, 60, 0, 127, 0.25);
    weigh(bank, wave, 90, 100, 1, 63, 0.125);
    weigh(bank, wave, 90, 100, 64, 127, 0.0625);
    weigh(bank, wave, 90, 100, 0, 127, 0.03125);
    scene_build(song, splits, COUNT(splits));
}

static void judge_splits(struct conf_judge *judge)
{
    scene_judge(judge, splits, COUNT(splits));
}

/* ---- the key number generator ------------------------------------------------------------- */

/* Program 1: keys 0..59 at 1, keys 60..127 at 1/2. Program 2: the same, coarse tuning switched off in its instrument list. Drums
 * likewise. */
static const struct scene shifted[] = {
    {"DLS2 1.7.3", "key 55", 1, MOVES(PROGRAM(0, 0, 1), ON(0, 0, 55))},
    {"DLS2 1.7.3", "key 55, RPN 2 of +12: the region of key 67", 0.5, MOVES(PROGRAM(0, 0, 1), RPN(0, 0, 2, 76), ON(0, 0, 55))},
    {"DLS2 1.7.3", "key 64, RPN 2 of -5: the region of key 59", 1, MOVES(PROGRAM(0, 0, 1), RPN(0, 0, 2, 59), ON(0, 0, 64))},
    {"DLS2 1.7.3", "key 59, RPN 2 of +1", 0.5, MOVES(PROGRAM(0, 0, 1), RPN(0, 0, 2, 65), ON(0, 0, 59))},
    {"DLS2 1.7.3", "key 120, RPN 2 of +24: the highest key", 0.5, MOVES(PROGRAM(0, 0, 1), RPN(0, 0, 2, 88), ON(0, 0, 120))},
    {"DLS2 1.7.3", "key 10, RPN 2 of -24: the lowest key", 1, MOVES(PROGRAM(0, 0, 1), RPN(0, 0, 2, 40), ON(0, 0, 10))},
    {"DLS2 2.7", "scale 0 for RPN 2 in the instrument's list: nothing moves", 1,
     MOVES(PROGRAM(0, 0, 2), RPN(0, 0, 2, 76), ON(0, 0, 55))},
    {"3.2", "drums keep their note", 1, MOVES(RPN(0, 9, 2, 76), ON(0, 9, 55))},
};

static void split_at_60(struct conf_bank *bank, uint32_t wave)
{
    struct dls_region *region = conf_region(bank, wave);
    region->key_high = 59;
    region = conf_region(bank, wave);
    region->key_low = 60;
    region->sample.gain = conf_db(conf_to_db(0.5));
}

static void build_shifted(struct conf_bank *bank, struct conf_song *song)
{
    uint32_t wave = probe_begin_constant(bank, song);
    conf_instrument(bank, 0, 0, 1, false);
    split_at_60(bank, wave);
    conf_instrument(bank, 0, 0, 2, false);
    conf_connect(bank, SRC_RPN2, SRC_NONE, DST_KEYNUMBER, TRN_BIPOLAR, 0);
    split_at_60(bank, wave);
    conf_instrument(bank, 0, 0, 0, true);
    split_at_60(bank, wave);
    scene_build(song, shifted, COUNT(shifted));
}

static void judge_shifted(struct conf_judge *judge)
{
    scene_judge(judge, shifted, COUNT(shifted));
}

static const struct conf_case cases[] = {
    {.id = "notes-groups", .title = "Key groups", .build = build_key_groups, .judge = judge_key_groups},
    {.id = "notes-repeat", .title = "Repeated notes", .build = build_repeats, .judge = judge_repeats},
    {.id = "notes-shutdown", .title = "Shutdown", .build = build_shutdown, .judge = judge_shutdown},
    {.id = "notes-splits", .title = "Splits and layers", .build = build_splits, .judge = judge_splits},
    {.id = "notes-key", .title = "Coarse tuning chooses the region", .build = build_shifted, .judge = judge_shifted},
};

extern const struct conf_topic conf_topic_notes;
const struct conf_topic conf_topic_notes = {"Notes", cases, COUNT(cases)};
