/* SPDX-License-Identifier: MIT */
/*
 * topic_wild.c - banks as they are found: oddities that change the sound.
 *
 * Rules: spec/dls.md 7.1 by number; what they do to reading alone is tested in tests/formats.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "edit.h"
#include "rig.h"
#include "scene.h"

/* ---- level ----------------------------------------------------------------------------------- */

/* Programs of build_levels, in order from 1. */
enum {
    CONCAVE = 1, CONCAVE_VOLUME, ABSURD_BIAS, ABSURD_LOW, ABSURD_WAVE, SLOW, TWICE, SOFTEST, SWAPPED, REGION_SAMPLE, WAVE_SAMPLE,
    RESERVED
};

static const struct scene levels[] = {
    {"7.1 no. 9", "velocity to gain concave without invert: velocity 64", 0.253938, MOVES(PROGRAM(0, 0, CONCAVE), ON_VELOCITY(100, 0, 60, 64))},
    {"7.1 no. 9", "and velocity 127", 1, MOVES(PROGRAM(0, 0, CONCAVE), ON(100, 0, 60))},
    {"7.1 no. 9", "CC7 to gain concave without invert: CC7 64", 0.253938,
     MOVES(PROGRAM(0, 0, CONCAVE_VOLUME), CC(0, 0, 7, 64), ON(100, 0, 60))},
    {"7.1 no. 10", "a gain of 32767 cB is ignored", 1, MOVES(PROGRAM(0, 0, ABSURD_BIAS), ON(100, 0, 60))},
    {"7.1 no. 10", "a gain of -32768 cB is ignored", 1, MOVES(PROGRAM(0, 0, ABSURD_LOW), ON(100, 0, 60))},
    {"7.1 no. 10", "a wave gain of 100 dB is ignored", 1, MOVES(PROGRAM(0, 0, ABSURD_WAVE), ON(100, 0, 60))},
    {"7.1 no. 11", "key to decay makes hours: 40 s for 96 dB", 0.892, MOVES(PROGRAM(0, 0, SLOW), ON(100, 0, 60))},
    {"7.1 no. 13", "a program twice: the first is played", 1, MOVES(PROGRAM(0, 0, TWICE), ON(100, 0, 60))},
    {"7.1 no. 23", "velocities 0 to 0: all, velocity 127", 1, MOVES(PROGRAM(0, 0, SOFTEST), ON(100, 0, 60))},
    {"7.1 no. 23", "velocity 1", 0.000062, MOVES(PROGRAM(0, 0, SOFTEST), ON_VELOCITY(100, 0, 60, 1))},
    {"7.1 no. 24", "keys 80 to 40: swapped, key 60", 1, MOVES(PROGRAM(0, 0, SWAPPED), ON(100, 0, 60))},
    {"7.1 no. 24", "key 39", 0, MOVES(PROGRAM(0, 0, SWAPPED), ON(100, 0, 39))},
    {"7.1 no. 20", "region and wave disagree: the region's gain, not the sum", 0.5, MOVES(PROGRAM(0, 0, REGION_SAMPLE), ON(100, 0, 60))},
    {"1.6", "region without a sample chunk: the wave's gain and loop", 0.25, MOVES(PROGRAM(0, 0, WAVE_SAMPLE), ON(100, 0, 60))},
    {"7.1 no. 4", "reserved destinations do nothing", 1, MOVES(PROGRAM(0, 0, RESERVED), ON(100, 0, 60))},
    {"7.1 no. 5", "a drum note of no duration: its release of 10 s sounds", 0.656, MOVES(ON(100, 9, 60), OFF(100, 9, 60))},
    {"7.1 no. 5", "of one frame", 0.656, MOVES(ON(100, 9, 60), OFF(101, 9, 60))},
    {"7.1 no. 30", "kit in bank 127 asked for, GS: kit 0", 1, MOVES(BANK(0, 9, 127, 0, 0), ON(100, 9, 61))},
};

static void one(struct conf_bank *bank, uint32_t wave, uint32_t program, uint16_t source, uint16_t destination, uint16_t transform, int32_t scale)
{
    scene_instrument(bank, wave, 0, 0, program, false, 0);
    conf_connect(bank, source, SRC_NONE, destination, transform, scale);
}

/* 12 dB down, unity note 60, looped over all of its 64 frames. */
static void add_sample_chunk(struct conf_chunk *form)
{
    uint8_t wsmp[36] = {20, 0, 0, 0, 60, 0, 0, 0};
    store_le32(wsmp + 8, (uint32_t)conf_db(-12.0412));
    store_le32(wsmp + 16, 1);
    store_le32(wsmp + 20, 16);
    store_le32(wsmp + 32, 64);
    conf_add_chunk(conf_child(conf_child(form, "wvpl", 0), "wave", 1), "wsmp", wsmp, sizeof wsmp);
}

static void build_levels(struct conf_bank *bank, struct conf_song *song)
{
    uint32_t wave = probe_begin_constant(bank, song);
    one(bank, wave, CONCAVE, SRC_VELOCITY, DST_GAIN, TRN_CONCAVE, -960 * 65536);
    one(bank, wave, CONCAVE_VOLUME, SRC_CC + 7, DST_GAIN, TRN_CONCAVE, -960 * 65536);
    one(bank, wave, ABSURD_BIAS, SRC_NONE, DST_GAIN, TRN_NONE, 32767 * 65536);
    one(bank, wave, ABSURD_LOW, SRC_NONE, DST_GAIN, TRN_NONE, INT32_MIN);
    scene_instrument(bank, wave, 0, 0, ABSURD_WAVE, false, 100);
    one(bank, wave, SLOW, SRC_NONE, DST_EG1_DECAY, TRN_NONE, conf_seconds(10));
    conf_connect(bank, SRC_KEY, SRC_NONE, DST_EG1_DECAY, TRN_NONE, 32000 * 65536);
    conf_connect(bank, SRC_NONE, SRC_NONE, DST_EG1_SUSTAIN, TRN_NONE, 0);
    scene_instrument(bank, wave, 0, 0, TWICE, false, 0);
    scene_instrument(bank, wave, 0, 0, TWICE, false, -12);
    scene_instrument(bank, wave, 0, 0, SOFTEST, false, 0)->velocity_high = 0;
    struct dls_region *region = scene_instrument(bank, wave, 0, 0, SWAPPED, false, 0);
    region->key_low = 80;
    region->key_high = 40;
    uint32_t own = probe_constant(bank); /* wave 1: gets a sample chunk of its own */
    scene_instrument(bank, own, 0, 0, REGION_SAMPLE, false, -6.0206);
    scene_instrument(bank, own, 0, 0, WAVE_SAMPLE, false, 0)->sample.present = false;
    conf_edit(bank, add_sample_chunk);
    one(bank, wave, RESERVED, SRC_NONE, 0x0002, TRN_NONE, -480 * 65536);
    conf_connect(bank, SRC_NONE, SRC_NONE, 0x0208, TRN_NONE, conf_seconds(1));
    conf_connect(bank, SRC_NONE, SRC_NONE, 0x030C, TRN_NONE, conf_seconds(1));
    scene_instrument(bank, wave, 0, 0, 0, true, 0)->key_high = 60;
    conf_connect(bank, SRC_NONE, SRC_NONE, DST_EG1_RELEASE, TRN_NONE, conf_seconds(10));
    conf_region(bank, wave)->key_low = 61;
    scene_build(song, levels, COUNT(levels));
}

static void judge_levels(struct conf_judge *judge)
{
    struct scene scenes[COUNT(levels)];
    double since = (SCENE_CHECK + 240 - 100.0) / CONF_RATE; /* of the notes at the reading */
    memcpy(scenes, levels, sizeof scenes);
    for (uint32_t i = 0; i < COUNT(scenes); i++) {
        if (scenes[i].expected == 0.892)
            scenes[i].expected = pow(10, -96 / 40.0 * since / 20);
        else if (scenes[i].expected == 0.656)
            scenes[i].expected = pow(10, -96 / 10.0 * since / 20);
    }
    scene_judge(judge, scenes, COUNT(scenes));
}

/* ---- pitch -------------------------------------------------------------------------------------- */

#define TONE 480u

/* Programs: 1 key to pitch 0 and unity note 60, not compensated; 2 compensated by unity note 0; 3 by a fine tune of 6000; 4 key to
 * pitch of half scale, compensated (unity 30); 5 plain. */
static const struct pitch { const char *what; uint32_t program; uint8_t key; double cents; } pitches[] = {
    {"key to pitch 0, not compensated: key 36", 1, 36, 0}, {"key 60", 1, 60, 0}, {"key 84", 1, 84, 0},
    {"compensated by the unity note: key 36", 2, 36, 0}, {"key 84", 2, 84, 0},
    {"compensated by fine tune: key 36", 3, 36, 0}, {"key 84", 3, 84, 0},
    {"half scale from key 0: key 60", 4, 60, 0}, {"key 72", 4, 72, 600}, {"key 48", 4, 48, -600}};

static void build_pitches(struct conf_bank *bank, struct conf_song *song)
{
    static const struct { int32_t scale; uint16_t unity; int16_t fine; } programs[] = {{0, 60, 0}, {0, 0, 0}, {0, 60, 6000}, {6400, 30, 0}};
    struct probe_waves waves = probe_begin_pair(bank, song, TONE);
    for (uint32_t i = 0; i < COUNT(programs); i++) {
        conf_instrument(bank, 0, 0, 1 + i, false);
        for (int side = -1; side <= 1; side += 2) {
            struct dls_region *region = conf_region(bank, side < 0 ? waves.sine : waves.cosine);
            region->sample.unity_note = programs[i].unity;
            region->sample.fine_tune = programs[i].fine;
            conf_connect(bank, SRC_KEY, SRC_NONE, DST_PITCH, TRN_NONE, conf_cents(programs[i].scale));
            conf_connect(bank, SRC_NONE, SRC_NONE, DST_PAN, TRN_NONE, conf_percent(50 * side));
        }
    }
    for (uint32_t i = 0; i < COUNT(pitches); i++)
        probe_play(song, scene_start(i), 20000, pitches[i].program, pitches[i].key, 127);
    conf_until(song, scene_start(COUNT(pitches)));
}

static void judge_pitches(struct conf_judge *judge)
{
    for (uint32_t i = 0; i < COUNT(pitches); i++) {
        size_t at = (size_t)scene_start(i);
        double cents = scene_cents(judge, at + 4800, at + 14400, 100, pitches[i].cents);
        conf_row(judge, "7.1 no. 12", pitches[i].cents, cents, 0.01, "cent", "%s", pitches[i].what);
    }
}

/* ---- an LFO to the pitch twice (28) ----------------------------------------------------------------- */

static void build_twice(struct conf_bank *bank, struct conf_song *song)
{
    connection list[] = {{SRC_LFO, SRC_NONE, DST_PITCH, TRN_BIPOLAR, conf_cents(10)},
                         {SRC_LFO, SRC_CC + 1, DST_PITCH, TRN_BIPOLAR, conf_cents(48)}};
    probe_pair(bank, 1, probe_begin_pair(bank, song, 16), list, 2);
    for (uint32_t i = 0; i < 2; i++) {
        conf_cc(song, PROBE_FIRST + i * 2 * CONF_RATE - 200, 0, 1, i ? 127 : 0);
        probe_play(song, PROBE_FIRST + i * 2 * CONF_RATE, CONF_RATE * 3 / 2, 1, 60, 127);
    }
    conf_until(song, PROBE_FIRST + 4 * CONF_RATE);
}

static void judge_twice(struct conf_judge *judge)
{
    for (uint32_t i = 0; i < 2; i++) {
        double series[200], depth = i ? 10 + 48 * 127 / 128.0 : 10;
        probe_series(judge, PROBE_PITCH, PROBE_FIRST + i * 2 * CONF_RATE + 4800, 240, COUNT(series), 3000, series);
        struct probe_sine sine = probe_fit(series, COUNT(series), 0.1, 0.005, 5, 0.01);
        conf_row(judge, "7.1 no. 28", depth, sine.depth, 0.01 * depth, "cent", "LFO to pitch plain and by CC1, CC1 at %d: depth", i ? 127 : 0);
    }
}

/* ---- a bank inside the song, one bank off (29) ---------------------------------------------------------- */

static void append_chunk(struct conf_bytes *to, const char *id, const struct conf_bytes *data)
{
    uint8_t header[8];
    memcpy(header, id, 4);
    store_le32(header + 4, (uint32_t)data->size);
    conf_append(to, header, 8);
    conf_append(to, data->data, data->size);
    if (data->size & 1)
        conf_append(to, "", 1);
}

/* Song that asks for bank MSB of program 5, with a bank that has program 5 in bank 0 (1) and in bank 1 (1/2) embedded. */
static struct conf_bytes rmid(uint8_t msb)
{
    struct conf_bank *bank = conf_bank_new("rmid");
    struct conf_song *song = conf_song_new("rmid");
    uint32_t wave = probe_constant(bank);
    scene_instrument(bank, wave, 0, 0, 5, false, 0);
    scene_instrument(bank, wave, 1, 0, 5, false, -6.0206);
    probe_controllers(song, 0, 0);
    conf_program(song, 0, 0, msb, 0, 5);
    conf_note(song, 4800, 24000, 0, 60, 127);
    struct conf_bytes midi = conf_song_file(song, CONF_RATE), dls = conf_bank_file(bank), file = {0}, form = {0};
    conf_append(&form, "RMID", 4);
    append_chunk(&form, "data", &midi);
    conf_append(&form, dls.data, dls.size); /* a form of its own */
    append_chunk(&file, "RIFF", &form);
    conf_bank_free(bank);
    conf_song_free(song);
    free(midi.data);
    free(dls.data);
    free(form.data);
    return file;
}

static void judge_rmid(struct conf_judge *judge)
{
    static const struct conf_case how = {.id = "wild-rmid"};
    static const struct { uint8_t msb; double level; const char *what; } asks[] = {
        {0, 1, "song asks for bank 0: no offset"}, {1, 0.5, "song asks for bank 1: no offset"}, {2, 0.5, "song asks for bank 2 alone: offset 1"}};
    double reference = 0;
    for (uint32_t i = 0; i < COUNT(asks); i++) {
        struct conf_bytes file = rmid(asks[i].msb);
        struct conf_sound sound = rig_render_files(&how, NULL, &file);
        double level = conf_mean(&sound, CONF_LEFT, 14400, 24000);
        if (i == 0)
            reference = level;
        conf_row(judge, "7.1 no. 29", conf_to_db(asks[i].level), conf_to_db(level / reference), 0.05, "dB", "bank 0 and 1 in the file, %s",
                 asks[i].what);
        rig_free_sound(&sound);
        free(file.data);
    }
}

static const struct conf_case cases[] = {
    {.id = "wild-levels", .title = "Levels and choices", .build = build_levels, .judge = judge_levels},
    {.id = "wild-pitch", .title = "Key to pitch switched off", .build = build_pitches, .judge = judge_pitches},
    {.id = "wild-lfo", .title = "An LFO connected twice", .build = build_twice, .judge = judge_twice},
    {.id = "wild-rmid", .title = "A bank inside the song", .judge = judge_rmid},
};

extern const struct conf_topic conf_topic_wild;
const struct conf_topic conf_topic_wild = {"Banks from the wild", cases, COUNT(cases)};
