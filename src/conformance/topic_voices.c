/* SPDX-License-Identifier: MIT */
/*
 * topic_voices.c - who loses his voice: priority of channels, order of stealing, layers, ramps.
 *
 * Rules: DLS 2.2 section 1.4.5 (spec/dls.md 3.12) and, within a channel, the order that src/synth/alloc.h writes down: released
 * before held, the quietest in steps of 6 dB, the oldest; never a voice of the same note-on. Each key plays a sine of its own, 100
 * Hz apart at equal level, so that the spectrum tells which keys sound. The synthesizer has 4 voices.
 */
#include <math.h>

#include "scene.h"

enum { KEYS = 16, FIRST_KEY = 60 };

#define KEY(n) (FIRST_KEY + (n))
#define MIX(text, sounding, ...) {"DLS2 1.4.5", text, sounding, MOVES(__VA_ARGS__)}
#define CHORD(channel) ON(0, channel, KEY(0)), ON(100, channel, KEY(1)), ON(200, channel, KEY(2)), ON(300, channel, KEY(3))

/* "expected": bit n for KEY(n). Channels count from 0 here: 9 is channel 10. */
static const struct scene contests[] = {
    MIX("four voices for four notes", 0xF, CHORD(0)),
    {"alloc.h", "equal notes: the oldest goes", 0x1E, MOVES(CHORD(0), ON(9600, 0, KEY(4)))},
    {"alloc.h", "two more: the two oldest go", 0x3C, MOVES(CHORD(0), ON(9600, 0, KEY(4)), ON(9700, 0, KEY(5)))},
    {"alloc.h", "a released note before held ones", 0x1B, MOVES(CHORD(0), OFF(2400, 0, KEY(2)), ON(9600, 0, KEY(4)))},
    {"alloc.h", "of two released ones the older", 0x1D,
     MOVES(CHORD(0), OFF(2400, 0, KEY(3)), OFF(2500, 0, KEY(1)), ON(9600, 0, KEY(4)))},
    {"alloc.h", "a quiet note before loud ones", 0x17,
     MOVES(ON(0, 0, KEY(0)), ON(100, 0, KEY(1)), ON(200, 0, KEY(2)), ON_VELOCITY(300, 0, KEY(3), 64), ON(9600, 0, KEY(4)))},
    {"alloc.h", "less than a step of 6 dB does not count", 0x1E,
     MOVES(ON(0, 0, KEY(0)), ON(100, 0, KEY(1)), ON(200, 0, KEY(2)), ON_VELOCITY(300, 0, KEY(3), 110), ON(9600, 0, KEY(4)))},
    {"alloc.h", "a loud released note before a quiet held one", 0x1D,
     MOVES(ON(0, 0, KEY(0)), ON(100, 0, KEY(1)), ON(200, 0, KEY(2)), ON_VELOCITY(300, 0, KEY(3), 64), OFF(2400, 0, KEY(1)),
      ON(9600, 0, KEY(4)))},
    MIX("channel 10 holds all: a note on 11 is dropped", 0xF, CHORD(9), ON(9600, 10, KEY(4))),
    MIX("channel 10 holds all: a note on 1 is dropped", 0xF, CHORD(9), ON(9600, 0, KEY(4))),
    MIX("channel 11 holds all: 10 takes one", 0x1E, CHORD(10), ON(9600, 9, KEY(4))),
    MIX("channel 1 holds all: a note on 2 is dropped", 0xF, CHORD(0), ON(9600, 1, KEY(4))),
    MIX("even when those on 1 are released", 0xF, CHORD(0), OFF(2400, 0, KEY(0)), OFF(2400, 0, KEY(1)), OFF(2400, 0, KEY(2)),
        OFF(2400, 0, KEY(3)), ON(9600, 1, KEY(4))),
    MIX("channel 2 holds all: 1 takes one", 0x1E, CHORD(1), ON(9600, 0, KEY(4))),
    MIX("the channel of lowest priority loses: 16 of 16, 2, 1, 10", 0x1E, ON(0, 15, KEY(0)), ON(100, 1, KEY(1)), ON(200, 0, KEY(2)),
        ON(300, 9, KEY(3)), ON(9600, 2, KEY(4))),
    MIX("also when it is the youngest", 0x17, ON(0, 9, KEY(0)), ON(100, 0, KEY(1)), ON(200, 1, KEY(2)), ON(300, 15, KEY(3)),
        ON(9600, 2, KEY(4))),
    MIX("and held while one above is released", 0x1D, ON(0, 0, KEY(0)), ON(100, 2, KEY(1)), ON(200, 2, KEY(2)), ON(300, 0, KEY(3)),
        OFF(2400, 0, KEY(3)), ON(9600, 1, KEY(4))),
    MIX("9 loses to 8", 0x1E, ON(0, 8, KEY(0)), ON(100, 7, KEY(1)), ON(200, 7, KEY(2)), ON(300, 7, KEY(3)), ON(9600, 7, KEY(4))),
    MIX("11 loses to 9", 0x1D, ON(0, 8, KEY(0)), ON(100, 10, KEY(1)), ON(200, 8, KEY(2)), ON(300, 8, KEY(3)), ON(9600, 8, KEY(4))),
    MIX("12 loses to 11", 0x1D, ON(0, 10, KEY(0)), ON(100, 11, KEY(1)), ON(200, 10, KEY(2)), ON(300, 10, KEY(3)),
        ON(9600, 10, KEY(4))),
    MIX("0A 03 (allocation off): 11 takes from 10", 0x1E, SYSEX(0, "7E 7F 0A 03"), CHORD(9), ON(9600, 10, KEY(4))),
    MIX("0A 04 turns it on again", 0xF, SYSEX(0, "7E 7F 0A 03"), SYSEX(0, "7E 7F 0A 04"), CHORD(9), ON(9600, 10, KEY(4))),
    MIX("DLS on turns it on again", 0xF, SYSEX(0, "7E 7F 0A 03"), SYSEX(0, "7E 7F 0A 01"), CHORD(9), ON(9600, 10, KEY(4))),
    {"MDLS 3.12", "MIP: channel 3 before 1: 3 takes from 1", 0x1E, MOVES(SYSEX(0, "7F 7F 0B 01 02 04 00 08 09 0C"), CHORD(0), ON(9600, 2, KEY(4)))},
    {"MDLS 3.12", "MIP: 1 takes none from 3", 0xF, MOVES(SYSEX(0, "7F 7F 0B 01 02 04 00 08 09 0C"), CHORD(2), ON(9600, 0, KEY(4)))},
    {"MDLS 3.12", "MIP: a channel that is not in it comes last", 0xF, MOVES(SYSEX(0, "7F 7F 0B 01 02 04 00 08"), CHORD(2), ON(9600, 9, KEY(4)))},
    {"MDLS 3.12", "a reset ends the order of MIP", 0xF,
     MOVES(SYSEX(0, "7F 7F 0B 01 02 04 00 08"), SYSEX(0, "7E 7F 09 01"), CHORD(0), ON(9600, 2, KEY(4)))},
    {"3.12", "three layers, two voices to be had: two of them", 0x303,
     MOVES(ON(0, 9, KEY(0)), ON(100, 9, KEY(1)), PROGRAM(0, 0, 1), ON(9600, 0, 40))},
    {"3.12", "six layers on four voices: four of them, none steals another", 0xF00, MOVES(PROGRAM(0, 0, 2), ON(9600, 0, 40))},
    {"3.12", "layers steal from the same channel", 0x708, MOVES(CHORD(0), PROGRAM(4000, 0, 1), ON(9600, 0, 40))},
};

static void layers(struct conf_bank *bank, const uint32_t *waves, uint32_t program, uint32_t count)
{
    conf_instrument(bank, 0, 0, program, false);
    for (uint32_t i = 0; i < count; i++) {
        struct dls_region *region = conf_region(bank, waves[8 + i]);
        region->sample.unity_note = region->key_low = region->key_high = 40;
    }
}

static void keyboard(struct conf_bank *bank, const uint32_t *waves)
{
    for (uint16_t i = 0; i < KEYS; i++) {
        struct dls_region *region = conf_region(bank, waves[i]);
        region->sample.unity_note = region->key_low = region->key_high = KEY(i);
        conf_connect(bank, SRC_NONE, SRC_NONE, DST_EG1_RELEASE, TRN_NONE, conf_seconds(10));
    }
}

static void build_contests(struct conf_bank *bank, struct conf_song *song)
{
    uint32_t waves[KEYS];
    int16_t samples[480];
    for (uint32_t i = 0; i < KEYS; i++) {
        for (uint32_t k = 0; k < 480; k++)
            samples[k] = (int16_t)lrint(16000 * sin(6.283185307179586 * (i + 1) * k / 480));
        waves[i] = conf_wave(bank, samples, 480, CONF_RATE);
    }
    conf_instrument(bank, 0, 0, 0, false);
    keyboard(bank, waves);
    layers(bank, waves, 1, 3);
    layers(bank, waves, 2, 6);
    conf_instrument(bank, 0, 0, 0, true);
    keyboard(bank, waves);
    probe_controllers(song, 0, 0);
    conf_note(song, PROBE_REFERENCE, 9600, 0, KEY(0), 127);
    scene_build(song, contests, COUNT(contests));
}

static uint32_t sounding(const struct conf_judge *judge, size_t at, double reference)
{
    uint32_t set = 0;
    for (uint32_t i = 0; i < KEYS; i++) {
        double amplitude;
        conf_fit(conf_sound(judge), CONF_LEFT, at, at + 960, 100.0 * (i + 1), &amplitude, NULL);
        set |= (amplitude > 0.1 * reference ? 1u : 0u) << i;
    }
    return set;
}

static void judge_contests(struct conf_judge *judge)
{
    double reference;
    conf_fit(conf_sound(judge), CONF_LEFT, PROBE_REFERENCE + 4800, PROBE_REFERENCE + 5760, 100, &reference, NULL);
    for (uint32_t i = 0; i < COUNT(contests); i++)
        conf_row(judge, contests[i].clause, contests[i].expected, sounding(judge, (size_t)scene_start(i) + SCENE_CHECK, reference), 0,
                 "set", "%s (bit n: note n sounds)", contests[i].what);
}

/* ---- the ramp of a theft --------------------------------------------------------------------- */

/* With one voice: a constant is stolen by a note of zeros. */
static void build_ramp(struct conf_bank *bank, struct conf_song *song)
{
    uint32_t wave = probe_begin_constant(bank, song), silent = conf_wave_dc(bank, 64, 0, CONF_RATE);
    conf_instrument(bank, 0, 0, 1, false);
    conf_region(bank, wave)->key_high = 63;
    conf_connect(bank, SRC_NONE, SRC_NONE, DST_EG1_RELEASE, TRN_NONE, conf_seconds(10));
    conf_region(bank, silent)->key_low = 64;
    for (uint32_t i = 0; i < 4; i++) {
        uint64_t at = PROBE_FIRST + i * 24000;
        probe_play(song, at, 12000, 1, 60, 127);
        conf_note(song, at + (i % 2 ? 14000 : 9600) + 37 * i, 2400, 0, 70, 127); /* held, or in its release */
    }
    conf_until(song, PROBE_FIRST + 4 * 24000);
}

static void judge_ramp(struct conf_judge *judge)
{
    for (uint32_t i = 0; i < 4; i++) {
        size_t at = PROBE_FIRST + i * 24000 + (i % 2 ? 14000 : 9600) + 37 * i, end = at;
        const char *which = i % 2 ? "released" : "held";
        while (end < at + 9600 && probe_level(judge, end) != 0)
            end++;
        double corner = 0, step = 0;
        for (size_t f = at - 10; f < end + 10; f++) {
            double a = probe_level(judge, f), b = probe_level(judge, f + 1), c = probe_level(judge, f + 2);
            corner = fmax(corner, fabs(a - 2 * b + c));
            if (f >= end - 2)
                step = fmax(step, fabs(b - a));
        }
        conf_at_most(judge, "3.10", 15, (double)(end - at) * 1000 / CONF_RATE, "ms", "a stolen %s voice is silent after", which);
        conf_at_most(judge, "goal", -80, conf_to_db(step), "dBFS", "step that is left at the end, %s", which);
        conf_at_most(judge, "goal", -60, conf_to_db(corner), "dBFS", "sharpest corner of the ramp, %s", which);
    }
}

static const struct conf_case cases[] = {
    {.id = "voices-priority", .title = "Order of stealing with 4 voices", .build = build_contests, .judge = judge_contests, .polyphony = 4},
    {.id = "voices-ramp", .title = "The ramp of a theft", .build = build_ramp, .judge = judge_ramp, .polyphony = 1},
};

extern const struct conf_topic conf_topic_voices;
const struct conf_topic conf_topic_voices = {"Voice allocation", cases, COUNT(cases)};
