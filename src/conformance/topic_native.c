/* SPDX-License-Identifier: MIT */
/*
 * topic_native.c - profile native: what Microsoft's synth was measured to do, levels, articulation and choice of instruments.
 *
 * Rules: spec/native-behaviour.md I to L, by number, at 44100 Hz as they were measured. Its tolerance of 0.05 of linear gain or
 * pitch ratio is not used up: 0.05 dB, 0.1 cent, and 0.2 % for times. Events lie on multiples of 10 ms, which the native time grid
 * of 100 us holds exactly.
 */
#include <math.h>

#include "rig.h"
#include "scene.h"

#define RATE 44100
#define STEP 441u          /* 10 ms */
#define AT(i) (RATE + (size_t)(i) * RATE)
#define LAW(v) (40 * log10((v) / 127.0))

/* ---- level (47, 48): through the DDI, two channel groups, events for group 0 ------------------------ */

/* Gain of the left channel relative to the wave, dB, of a note on GROUP of two, with item 0 of Volume at VOLUME. */
static double gain_of(uint32_t group, int32_t item0, int32_t item1, bool set, uint8_t pan)
{
    struct rig_options options = {.native = true, .rate = RATE, .voices = 32, .groups = 2};
    struct conf_bank *bank = conf_bank_new("native level");
    conf_instrument(bank, 0, 0, 0, false);
    conf_region(bank, conf_wave_dc(bank, 64, 0.5, RATE));
    struct rig *rig = rig_open(&options, bank);
    conf_bank_free(bank);
    if (set) {
        rig_volume(rig, 0, item0);
        rig_volume(rig, 1, item1);
    }
    rig_message(rig, STEP, group, 0xB0, 10, pan);
    rig_message(rig, 2 * STEP, group, 0x90, 60, 127);
    struct conf_sound sound = rig_sound(rig, RATE / 2);
    double level = conf_mean(&sound, CONF_LEFT, RATE / 4, RATE / 4 + 4410);
    rig_free_sound(&sound);
    rig_close(rig);
    return conf_to_db(level / (lrint(0.5 * 32767) / 32768.0));
}

static void judge_level(struct conf_judge *judge)
{

    double left = 6 + LAW(100) + 10 * log10(63 / 127.0); /* p = CC10 / 127 */

    conf_row(judge, "native 47", 4.84, gain_of(0, 0, 0, false, 64), 0.05, "dB", "group 0, Volume as opened, CC7 100, centre");
    conf_row(judge, "native 48", 6, gain_of(0, 600, 600, true, 64), 0.05, "dB", "group 0, Volume +600 and +600: limited after pan");
    conf_row(judge, "native 48", 6, gain_of(0, 0, 1200, true, 0), 0.05, "dB", "the same all to the left");
    conf_row(judge, "native 47", left, gain_of(1, 0, 0, false, 64), 0.05, "dB", "group 1 alone");
    conf_row(judge, "native 9", left - 6, gain_of(1, -600, 600, true, 64), 0.05, "dB", "group 1, Volume item 0 at -600");
    conf_row(judge, "native 9", left - 12, gain_of(1, -600, 0, true, 64), 0.05, "dB", "group 1, item 1 at 0 as well");
    conf_row(judge, "native 47", left, gain_of(2, 0, 0, false, 64), 0.05, "dB", "group 2 alone");
}

/* ---- gain laws (49 .. 51, 62, 63, 66) ------------------------------------------------------------------ */

/* Programs: 1 plain, 2 velocity to gain 0, 3 and 4 pan -10 and +10 %, 5 wave 12 dB down, 6 CC10 to pan 0. */
static const struct gain { const char *clause, *what; uint32_t program; uint8_t velocity; struct move moves[3]; double left, right; } gains[] = {
    {"native 49", "velocity 64", 1, 64, {{0}}, -11.905, -11.905},
    {"native 49", "velocity 63", 1, 63, {{0}}, -12.178, -12.178},
    {"native 49", "velocity 1", 1, 1, {{0}}, -84.152, -84.152},
    {"native 49", "CC7 64", 1, 127, {CC(0, 0, 7, 64)}, -11.905, -11.905},
    {"native 49", "CC11 63", 1, 127, {CC(0, 0, 11, 63)}, -12.178, -12.178},
    {"native 62", "velocity to gain with scale 0 is ignored: velocity 64", 2, 64, {{0}}, -11.905, -11.905},
    {"native 50", "region pan of -10 %", 3, 127, {{0}}, -2.218, -3.979},
    {"native 50", "region pan of +10 %", 4, 127, {{0}}, -3.979, -2.218},
    {"native 50", "CC10 51", 1, 127, {CC(0, 0, 10, 51)}, -2.231, -3.962},
    {"native 50", "CC10 76", 1, 127, {CC(0, 0, 10, 76)}, -3.962, -2.231},
    {"native 50", "CC10 0", 1, 127, {CC(0, 0, 10, 0)}, 0, -400},
    {"native 63", "CC10 to pan with scale 0 is ignored: CC10 51", 6, 127, {CC(0, 0, 10, 51)}, -2.231, -3.962},
    {"native 51", "wave gain of -12 dB", 5, 127, {{0}}, -12, -12},
    {"native 66", "CC91 and CC93 without effects", 1, 127, {CC(0, 0, 91, 127), CC(0, 0, 93, 127)}, 0, 0},
};

static void build_gains(struct conf_bank *bank, struct conf_song *song)
{
    uint32_t wave = probe_begin_constant(bank, song);
    scene_instrument(bank, wave, 0, 0, 1, false, 0);
    scene_instrument(bank, wave, 0, 0, 2, false, 0);
    conf_connect(bank, SRC_VELOCITY, SRC_NONE, DST_GAIN, TRN_INVERT | TRN_CONCAVE, 0);
    scene_instrument(bank, wave, 0, 0, 3, false, 0);
    conf_connect(bank, SRC_NONE, SRC_NONE, DST_PAN, TRN_NONE, conf_percent(-10));
    scene_instrument(bank, wave, 0, 0, 4, false, 0);
    conf_connect(bank, SRC_NONE, SRC_NONE, DST_PAN, TRN_NONE, conf_percent(10));
    scene_instrument(bank, wave, 0, 0, 5, false, -12);
    scene_instrument(bank, wave, 0, 0, 6, false, 0);
    conf_connect(bank, SRC_CC + 10, SRC_NONE, DST_PAN, TRN_BIPOLAR, 0);
    for (uint32_t i = 0; i < COUNT(gains); i++) {
        scene_reset(song, AT(i) - 2 * STEP);
        conf_program(song, AT(i), 0, 0, 0, (uint8_t)gains[i].program);
        scene_play(song, AT(i), gains[i].moves, COUNT(gains[i].moves));
        conf_note(song, AT(i) + STEP, RATE / 2, 0, 60, gains[i].velocity);
    }
    conf_until(song, AT(COUNT(gains)));
}

static void judge_gains(struct conf_judge *judge)
{
    const struct conf_sound *sound = conf_sound(judge);
    /* The note of program 1 at CC10 64 has 63/127 of the power on the left: gains are read against that. */
    double full = conf_mean(sound, CONF_LEFT, PROBE_REFERENCE + 4800, PROBE_REFERENCE + 9000) / sqrt(63 / 127.0);
    for (uint32_t i = 0; i < COUNT(gains); i++) {
        const struct gain *g = &gains[i];
        size_t at = AT(i) + RATE / 4;
        bool panned = g->left != g->right;
        /* Unless it is the pan that is read, sides are expected as the reference note has them. */
        double left = panned ? g->left : g->left + 10 * log10(63 / 127.0), right = panned ? g->right : g->right + 10 * log10(64 / 127.0);
        if (g->program == 3 || g->program == 4) { /* p is that of the region plus CC10's own 64/127 - 1/2 */
            double p = 64 / 127.0 + (g->program == 3 ? -0.1 : 0.1);
            left = 10 * log10(1 - p);
            right = 10 * log10(p);
        }
        conf_row(judge, g->clause, left, conf_to_db(conf_mean(sound, CONF_LEFT, at, at + 4410) / full), 0.05, "dB", "%s, left", g->what);
        double measured = conf_to_db(conf_mean(sound, CONF_RIGHT, at, at + 4410) / full);
        if (right < -100)
            conf_at_most(judge, g->clause, -96, measured, "dB", "%s, right", g->what);
        else
            conf_row(judge, g->clause, right, measured, 0.05, "dB", "%s, right", g->what);
    }
}

/* ---- pitch (53, 60, 63, 64) ---------------------------------------------------------------------------------- */

#define TONE 120u /* frames at 48 kHz: 400 Hz */
#define HERTZ ((double)CONF_RATE / TONE)

/* Programs: 1 plain, 2 unity note 48, 3 fine tune 1200, 4 RPN 2 to key number 0, 5 constant to pitch 1200, 6 key to pitch 0, 7 RPN 1
 * to pitch 0. */
static const struct pitch { const char *clause, *what; uint32_t program; uint8_t key; double cents; struct move moves[4]; } pitches[] = {
    {"native 53", "unity note 48", 2, 60, 1200, {{0}}},
    {"native 53", "fine tune of 1200", 3, 60, 1200, {{0}}},
    {"native 60", "RPN 2 at 76", 1, 60, 1200, {RPN(0, 0, 2, 76)}},
    {"native 60", "RPN 2 to key number with scale 0 is ignored", 4, 60, 1200, {RPN(0, 0, 2, 76)}},
    {"native 63", "constant to pitch is ignored", 5, 60, 0, {{0}}},
    {"native 63", "key to pitch with scale 0 is ignored: key 67", 6, 67, 700, {{0}}},
    {"native 63", "RPN 1 to pitch with scale 0 is ignored", 7, 60, 50, {RPN(0, 0, 1, 96)}},
    {"native 63", "RPN 1 at 127, LSB 127", 1, 60, 100 * 8191.0 / 8192, {RPN(0, 0, 1, 127), CC(0, 0, 38, 127)}},
    {"native 64", "wheel at 16383", 1, 60, 200 * 8191.0 / 8192, {WHEEL(0, 0, 16383)}},
    {"native 64", "wheel at 16383, RPN 0 at 0", 1, 60, 0, {RPN(0, 0, 0, 0), WHEEL(0, 0, 16383)}},
};

static void build_pitches(struct conf_bank *bank, struct conf_song *song)
{
    static const connection lists[][1] = {
        {{SRC_RPN2, SRC_NONE, DST_KEYNUMBER, TRN_BIPOLAR, 0}}, {{SRC_NONE, SRC_NONE, DST_PITCH, TRN_NONE, 1200 * 65536}},
        {{SRC_KEY, SRC_NONE, DST_PITCH, TRN_NONE, 0}}, {{SRC_RPN1, SRC_NONE, DST_PITCH, TRN_BIPOLAR, 0}}};
    struct probe_waves waves = probe_begin_pair(bank, song, TONE);
    probe_pair(bank, 1, waves, NULL, 0);
    probe_pair_unity(bank, 2, waves, NULL, 0, 48);
    conf_instrument(bank, 0, 0, 3, false);
    for (int side = -1; side <= 1; side += 2) {
        conf_region(bank, side < 0 ? waves.sine : waves.cosine)->sample.fine_tune = 1200;
        conf_connect(bank, SRC_NONE, SRC_NONE, DST_PAN, TRN_NONE, conf_percent(50 * side));
    }
    for (uint32_t i = 0; i < COUNT(lists); i++)
        probe_pair(bank, 4 + i, waves, lists[i], 1);
    for (uint32_t i = 0; i < COUNT(pitches); i++) {
        scene_reset(song, AT(i) - 2 * STEP);
        conf_program(song, AT(i), 0, 0, 0, (uint8_t)pitches[i].program);
        scene_play(song, AT(i), pitches[i].moves, COUNT(pitches[i].moves));
        conf_note(song, AT(i) + STEP, RATE / 2, 0, pitches[i].key, 127);
    }
    conf_until(song, AT(COUNT(pitches)));
}

static void judge_pitches(struct conf_judge *judge)
{
    for (uint32_t i = 0; i < COUNT(pitches); i++)
        conf_row(judge, pitches[i].clause, pitches[i].cents, 1200 * log2(conf_frequency(conf_sound(judge), CONF_LEFT, AT(i) + RATE / 4, AT(i) + RATE / 2, HERTZ * exp2(pitches[i].cents / 1200)) / HERTZ), 0.1, "cent",
                 "%s", pitches[i].what);
}

/* ---- instruments, drums, exclusive notes (56, 67 .. 71) --------------------------------------------------------- */

/* Weights: (0,0,0) 1, (3,0,5) 1/2, (3,4,5) 1/4, kit 0 1/8, kit 8 1/16, kit 8 of CC0 2 1/32; programs 10 and 11 as 0 with a key group and a
 * long release. */
static const struct scene choices[] = {
    {"native 67", "bank 0, program 0 to begin with", 1, MOVES(ON(0, 0, 60))},
    {"native 67", "unknown program: silence", 0, MOVES(PROGRAM(0, 0, 9), ON(100, 0, 60))},
    {"native 67", "unknown bank: silence", 0, MOVES(BANK(0, 0, 1, 0, 0), ON(100, 0, 60))},
    {"native 68", "CC0 = 3", 0.5, MOVES(BANK(0, 0, 3, 0, 5), ON(100, 0, 60))},
    {"native 68", "CC0 = 3, CC32 = 4", 0.25, MOVES(BANK(0, 0, 3, 4, 5), ON(100, 0, 60))},
    {"native 67", "CC0 = 3, CC32 = 5: silence", 0, MOVES(BANK(0, 0, 3, 5, 5), ON(100, 0, 60))},
    {"native 68", "bank select waits for the program change", 1, MOVES(CC(0, 0, 0, 3), CC(0, 0, 32, 4), ON(100, 0, 60))},
    {"native 69", "kit 0", 0.125, MOVES(ON(0, 9, 60))},
    {"native 69", "kit 8", 0.0625, MOVES(PROGRAM(0, 9, 8), ON(100, 9, 60))},
    {"native 69", "kit 9 missing: kit 0", 0.125, MOVES(PROGRAM(0, 9, 9), ON(100, 9, 60))},
    {"native 69", "CC0 = 2 has a kit 8", 0.03125, MOVES(BANK(0, 9, 2, 0, 8), ON(100, 9, 60))},
    {"native 69", "CC0 = 5 has none: kit 0, not kit 8", 0.125, MOVES(BANK(0, 9, 5, 0, 8), ON(100, 9, 60))},
    {"native 69", "CC32 = 5 has none: kit 0", 0.125, MOVES(BANK(0, 9, 0, 5, 8), ON(100, 9, 60))},
    {"native 70", "drums: a note shuts its own old voice off (release of 1 s)", 0.125, MOVES(ON(0, 9, 60), ON(9600, 9, 60))},
    {"native 56", "key group: the old note ends at once (shutdown of 0.2 s and release ignored)", 1,
     MOVES(PROGRAM(0, 0, 10), ON(0, 0, 60), ON(SCENE_CHECK - 1200, 0, 62))},
    {"native 71", "CC126: a new note ends the old one", 1, MOVES(CC(0, 0, 126, 1), ON(0, 0, 60), ON(4800, 0, 62))},
    {"native 71", "only on its channel", 2, MOVES(CC(0, 1, 126, 1), ON(0, 0, 60), ON(4800, 0, 62))},
};

static void build_choices(struct conf_bank *bank, struct conf_song *song)
{
    static const struct { uint32_t msb, lsb, program; bool drums; double weight; } list[] = {
        {3, 0, 5, false, 0.5}, {3, 4, 5, false, 0.25}, {0, 0, 0, true, 0.125}, {0, 0, 8, true, 0.0625}, {2, 0, 8, true, 0.03125}};
    uint32_t wave = probe_begin_constant(bank, song);
    for (uint32_t i = 0; i < COUNT(list); i++) {
        scene_instrument(bank, wave, list[i].msb, list[i].lsb, list[i].program, list[i].drums, conf_to_db(list[i].weight));
        conf_connect(bank, SRC_NONE, SRC_NONE, DST_EG1_RELEASE, TRN_NONE, conf_seconds(1));
    }
    scene_instrument(bank, wave, 0, 0, 10, false, 0)->key_group = 1;
    conf_connect(bank, SRC_NONE, SRC_NONE, DST_EG1_RELEASE, TRN_NONE, conf_seconds(0.2));
    conf_connect(bank, SRC_NONE, SRC_NONE, DST_EG1_SHUTDOWN, TRN_NONE, conf_seconds(0.2));
    scene_build(song, choices, COUNT(choices));
}

static void judge_choices(struct conf_judge *judge)
{
    scene_judge(judge, choices, COUNT(choices));
}

static const struct conf_case cases[] = {
    {.id = "native-level", .title = "Level, Volume, channel group 0", .judge = judge_level, .native = true, .rate = RATE},
    {.id = "native-gain", .title = "Gain and pan", .build = build_gains, .judge = judge_gains, .native = true, .rate = RATE},
    {.id = "native-pitch", .title = "Pitch", .build = build_pitches, .judge = judge_pitches, .native = true, .rate = RATE},
    {.id = "native-choice", .title = "Instruments, drums, exclusive notes", .build = build_choices, .judge = judge_choices, .native = true, .rate = RATE},
};

extern const struct conf_topic conf_topic_native;
const struct conf_topic conf_topic_native = {"Profile native: levels, pitch, instruments", cases, COUNT(cases)};
