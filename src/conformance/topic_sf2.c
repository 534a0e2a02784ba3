/* SPDX-License-Identifier: MIT */
/*
 * topic_sf2.c - SoundFont 2: what each generator and modulator means, heard.
 *
 * Rules: SoundFont 2.04 sections 8 and 9 as spec/dls.md 6.1 to 6.4 gives them; generators are named by number. Attenuation counts 0.4
 * dB for one, as EMU's own synthesizers and every player have it. Row by row a preset of its own, from program 1 on; program 0
 * has no generators.
 */
#include "topic_sf2.h"

#include <math.h>



/* ---- a table of presets -------------------------------------------------------------------------- */

static void add_zone(struct sf2_file *file, const struct sf2_row *row, uint32_t sample, int32_t pan)
{
    sf2_zone(file, sample);
    sf2_generator(file, 54, 1);
    if (pan)
        sf2_generator(file, 17, pan);
    for (uint32_t i = 0; i < COUNT(row->generators) && row->generators[i].oper; i++)
        sf2_generator(file, row->generators[i].oper, row->generators[i].amount);
    for (uint32_t i = 0; i < COUNT(row->modulators) && row->modulators[i].destination; i++)
        sf2_modulator(file, row->modulators[i].source, row->modulators[i].destination, row->modulators[i].amount,
                      row->modulators[i].amount_source);
}

void sf2_build_rows(struct conf_bytes *out, struct conf_song *song, const struct sf2_row *rows, uint32_t count, uint32_t period,
                    uint32_t slot)
{
    static const struct sf2_row plain;
    struct sf2_file *file = sf2_new();
    uint32_t sine = period ? sf2_sine(file, period, 0) : sf2_constant(file, 0.5), cosine = period ? sf2_sine(file, period, 0.25) : 0;
    for (uint32_t i = 0; i <= count; i++) {
        const struct sf2_row *row = i ? &rows[i - 1] : &plain;
        sf2_preset(file, 0, (uint16_t)i);
        for (uint32_t k = 0; k < COUNT(row->preset) && row->preset[k].oper; k++)
            sf2_preset_generator(file, row->preset[k].oper, row->preset[k].amount);
        if (row->global[0].oper)
            sf2_global_zone(file);
        for (uint32_t k = 0; k < COUNT(row->global) && row->global[k].oper; k++)
            sf2_generator(file, row->global[k].oper, row->global[k].amount);
        add_zone(file, row, sine, period ? -500 : 0);
        if (period)
            add_zone(file, row, cosine, 500);
    }
    sf2_end(file, out);
    probe_controllers(song, 0, 0);
    probe_play(song, PROBE_REFERENCE, 9600, 0, 60, 127);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t at = PROBE_FIRST + (uint64_t)i * slot;
        scene_reset(song, at - 2400);
        conf_program(song, at - 200, 0, 0, 0, (uint8_t)(i + 1));
        scene_play(song, at - 100, rows[i].moves, COUNT(rows[i].moves));
        conf_note(song, at, SF2_LENGTH, 0, rows[i].key ? rows[i].key : 60, rows[i].velocity ? rows[i].velocity : 127);
    }
    conf_until(song, PROBE_FIRST + (uint64_t)count * slot);
}

/* ---- gain ------------------------------------------------------------------------------------------ */

static const struct sf2_row gains[] = {
    {.what = "48: attenuation of 100", .expected = -4, .generators = {{48, 100}}},
    {.what = "48: 100 and 50 more by the preset", .expected = -6, .generators = {{48, 100}}, .preset = {{48, 50}}},
    {.what = "48: 100 in the global zone", .expected = -4, .global = {{48, 100}}},
    {.what = "48: 100 in the global zone, 50 in the zone", .expected = -2, .global = {{48, 100}}, .generators = {{48, 50}}},
    {.what = "17: pan 250, left", .expected = -5.3329, .generators = {{17, 250}}},
    {.what = "17: pan -500, left", .expected = 3.0103, .generators = {{17, -500}}},
    {.what = "17: pan 200, -450 more by the preset, left", .expected = 2.3226, .generators = {{17, 200}}, .preset = {{17, -450}}},
    {.what = "velocity 64", .expected = -11.9054, .velocity = 64},
    {.what = "47: velocity fixed to 64, played at 127", .expected = -11.9054, .generators = {{47, 64}}},
    {.what = "47: velocity fixed to 64, played at 10", .expected = -11.9054, .generators = {{47, 64}}, .velocity = 10},
    {.what = "CC7 64", .expected = -11.9054, .moves = {CC(0, 0, 7, 64)}},
    {.what = "CC11 64", .expected = -11.9054, .moves = {CC(0, 0, 11, 64)}},
    {.what = "velocity to attenuation replaced by 0, velocity 64", .expected = 0, .velocity = 64, .modulators = {{0x0502, 48, 0, 0}}},
    {.what = "CC7 to attenuation replaced by 480, CC7 64", .expected = -5.9527, .modulators = {{0x0587, 48, 480, 0}}, .moves = {CC(0, 0, 7, 64)}},
    {.what = "key to attenuation of 128, key 64", .expected = -6.4, .key = 64, .modulators = {{0x0003, 48, 128, 0}}},
    {.what = "CC16 by a switch to attenuation of 100, CC16 64", .expected = -10, .modulators = {{0x0C90, 48, 100, 0}}, .moves = {CC(0, 0, 16, 64)}},
    {.what = "CC16 63", .expected = 0, .modulators = {{0x0C90, 48, 100, 0}}, .moves = {CC(0, 0, 16, 63)}},
    {.what = "poly pressure to attenuation of 128, 64", .expected = -6.4, .modulators = {{0x000A, 48, 128, 0}}, .moves = {POLY_PRESSURE(0, 0, 60, 64)}},
    {.what = "CC1 by pressure to attenuation of 200, both 64", .expected = -5, .modulators = {{0x0081, 48, 200, 0x000D}},
     .moves = {CC(0, 0, 1, 64), PRESSURE(0, 0, 64)}},
    {.what = "no controller to attenuation of 60: a constant", .expected = -6, .modulators = {{0x0000, 48, 60, 0}}},
    {.what = "CC1 to LFO to volume of 0", .expected = 0, .modulators = {{0x0081, 13, 0, 0}}},
    {.what = "37: sustain of 100", .expected = -10, .generators = {{36, -12000}, {37, 100}}},
};

static void build_gains(struct conf_bytes *file, struct conf_song *song)
{
    sf2_build_rows(file, song, gains, COUNT(gains), 0, SF2_SLOT);
}

static void judge_gains(struct conf_judge *judge)
{
    for (uint32_t i = 0; i < COUNT(gains); i++)
        conf_row(judge, "SF2 8, 6.2", gains[i].expected, probe_span_db(judge, CONF_LEFT, SF2_AT(i) + 12000, SF2_AT(i) + 12480), 0.05, "dB",
                 "%s", gains[i].what);
}

/* ---- pitch --------------------------------------------------------------------------------------------- */

static const struct sf2_row pitches[] = {
    {.what = "51: coarse tune of 7", .expected = 700, .generators = {{51, 7}}},
    {.what = "52: fine tune of -30", .expected = -30, .generators = {{52, -30}}},
    {.what = "51, 52: -24 and 50, 12 and 7 more by the preset", .expected = -1143, .generators = {{51, -24}, {52, 50}}, .preset = {{51, 12}, {52, 7}}},
    {.what = "58: root key 72", .expected = -1200, .generators = {{58, 72}}},
    {.what = "56: scale tuning of 50, key 72", .expected = 600, .key = 72, .generators = {{56, 50}}},
    {.what = "56: scale tuning of 0, key 72", .expected = 0, .key = 72, .generators = {{56, 0}}},
    {.what = "56: scale tuning of 200, key 61", .expected = 200, .key = 61, .generators = {{56, 200}}},
    {.what = "56: scale tuning of 50, keys 100 to 127, key 110", .expected = 2500, .key = 110, .generators = {{43, 100 | 127 << 8}, {56, 50}}},
    {.what = "56: scale tuning of 200, keys 74 to 84, key 80", .expected = 4000, .key = 80, .generators = {{43, 74 | 84 << 8}, {56, 200}}},
    {.what = "51, 56: coarse tune of 36, scale tuning of 0", .expected = 3600, .generators = {{51, 36}, {56, 0}}},
    {.what = "46: key fixed to 90", .expected = 3000, .generators = {{46, 90}}},
    {.what = "56, 58: scale tuning of 50, root 48, key 72", .expected = 1200, .key = 72, .generators = {{56, 50}, {58, 48}}},
    {.what = "46: key fixed to 48, played at 72", .expected = -1200, .key = 72, .generators = {{46, 48}}},
    {.what = "7: modulation envelope to pitch of 1200, at its peak", .expected = 1200, .generators = {{7, 1200}}},
    {.what = "7, 29: sustain of 500", .expected = 600, .generators = {{7, 1200}, {29, 500}}},
    {.what = "wheel at 16383", .expected = 200 * 8191.0 / 8192, .moves = {WHEEL(0, 0, 16383)}},
    {.what = "wheel at 0, RPN 0 of 12", .expected = -1200, .moves = {RPN(0, 0, 0, 12), WHEEL(0, 0, 0)}},
    {.what = "CC16 to coarse tune of 12, 64", .expected = 600, .modulators = {{0x0090, 51, 12, 0}}, .moves = {CC(0, 0, 16, 64)}},
    {.what = "CC16 to fine tune of 50, 64", .expected = 25, .modulators = {{0x0090, 52, 50, 0}}, .moves = {CC(0, 0, 16, 64)}},
    {.what = "poly pressure to pitch (59) of 100, 64", .expected = 50, .modulators = {{0x000A, 59, 100, 0}}, .moves = {POLY_PRESSURE(0, 0, 60, 64)}},
    {.what = "CC16, bipolar, to fine tune of 100, 96", .expected = 50, .modulators = {{0x0290, 52, 100, 0}}, .moves = {CC(0, 0, 16, 96)}},
    {.what = "CC16, falling, to fine tune of 128, 27", .expected = 100, .modulators = {{0x0190, 52, 128, 0}}, .moves = {CC(0, 0, 16, 27)}},
};

static void build_pitches(struct conf_bytes *file, struct conf_song *song)
{
    sf2_build_rows(file, song, pitches, COUNT(pitches), 480, SF2_SLOT);
}

static void judge_pitches(struct conf_judge *judge)
{
    for (uint32_t i = 0; i < COUNT(pitches); i++)
        conf_row(judge, "SF2 8, 6.2", pitches[i].expected,
                 scene_cents(judge, SF2_AT(i) + 9600, SF2_AT(i) + 19200, 100, pitches[i].expected), 0.01, "cent", "%s", pitches[i].what);
}

/* ---- filter ---------------------------------------------------------------------------------------------- */

#define TONE 3000.0 /* 16 frames */
static const struct sf2_row cutoffs[] = {
    {.what = "8: cutoff of 9000 cents", .expected = 9000, .generators = {{8, 9000}}},
    {.what = "8: 7800, 600 more by the preset", .expected = 8400, .generators = {{8, 7800}}, .preset = {{8, 600}}},
    {.what = "11: modulation envelope to cutoff of 1200", .expected = 9000, .generators = {{8, 7800}, {11, 1200}}},
    {.what = "11, 29: sustain of 500", .expected = 8400, .generators = {{8, 7800}, {11, 1200}, {29, 500}}},
    {.what = "velocity (falling) to cutoff of -2400, velocity 127", .expected = 9000, .generators = {{8, 9000}}, .modulators = {{0x0102, 8, -2400, 0}}},
    {.what = "velocity 64", .expected = 9000 - 2400 * 63 / 128.0, .velocity = 64, .generators = {{8, 9000}},
     .modulators = {{0x0102, 8, -2400, 0}, {0x0502, 48, 0, 0}}},
    {.what = "key to cutoff of 1280, key 60", .expected = 8400, .generators = {{8, 7800}}, .modulators = {{0x0003, 8, 1280, 0}}},
    {.what = "CC16 to cutoff of 2400, bipolar, 96", .expected = 9000, .generators = {{8, 7800}}, .modulators = {{0x0290, 8, 2400, 0}},
     .moves = {CC(0, 0, 16, 96)}},
};

static void build_cutoffs(struct conf_bytes *file, struct conf_song *song)
{
    sf2_build_rows(file, song, cutoffs, COUNT(cutoffs), 16, SF2_SLOT);
}

static void judge_cutoffs(struct conf_judge *judge)
{
    for (uint32_t i = 0; i < COUNT(cutoffs); i++)
        conf_row(judge, "SF2 8, 6.2", cutoffs[i].expected, probe_cutoff(judge, SF2_AT(i) + 12000, TONE, 0), 25, "cent", "%s", cutoffs[i].what);
}

/* Gain at 0 Hz is minus half of the resonance. */
static const struct sf2_row resonances[] = {
    {.what = "9: resonance of 0", .expected = 0, .generators = {{8, 8000}}},
    {.what = "9: resonance of 100", .expected = -5, .generators = {{8, 8000}, {9, 100}}},
    {.what = "9: 100, 60 more by the preset", .expected = -8, .generators = {{8, 8000}, {9, 100}}, .preset = {{9, 60}}},
    {.what = "CC16 to resonance of 200, 64", .expected = -5, .generators = {{8, 8000}}, .modulators = {{0x0090, 9, 200, 0}}, .moves = {CC(0, 0, 16, 64)}},
};

static void build_resonances(struct conf_bytes *file, struct conf_song *song)
{
    sf2_build_rows(file, song, resonances, COUNT(resonances), 0, SF2_SLOT);
}

static void judge_resonances(struct conf_judge *judge)
{
    for (uint32_t i = 0; i < COUNT(resonances); i++)
        conf_row(judge, "SF2 8, 6.2", resonances[i].expected, probe_span_db(judge, CONF_LEFT, SF2_AT(i) + 12000, SF2_AT(i) + 12480), 0.125,
                 "dB", "%s: gain at 0 Hz", resonances[i].what);
}

/* ---- sends --------------------------------------------------------------------------------------------------- */

/* Share of the send: that of 1000 is the first row's. */
static const struct sf2_row sends[] = {
    {.what = "15: chorus send of 1000", .expected = 1, .generators = {{15, 1000}}},
    {.what = "15: 250", .expected = 0.25, .generators = {{15, 250}}},
    {.what = "15: 250, 150 more by the preset", .expected = 0.4, .generators = {{15, 250}}, .preset = {{15, 150}}},
    {.what = "CC93 127: 20 %", .expected = 0.2, .moves = {CC(0, 0, 93, 127)}},
    {.what = "CC93 to chorus replaced by 1000, CC93 64", .expected = 64 / 127.0, .modulators = {{0x00DD, 15, 1000, 0}}, .moves = {CC(0, 0, 93, 64)}},
    {.what = "16: reverb send of 1000", .expected = 1, .generators = {{16, 1000}}},
    {.what = "16: 250", .expected = 0.25, .generators = {{16, 250}}},
    {.what = "CC91 127: 20 %", .expected = 0.2, .moves = {CC(0, 0, 91, 127)}},
    {.what = "CC91 to reverb replaced by 1000, CC91 64", .expected = 64 / 127.0, .modulators = {{0x00DB, 16, 1000, 0}}, .moves = {CC(0, 0, 91, 64)}},
};
enum { FIRST_REVERB = 5 };

static void build_sends(struct conf_bytes *file, struct conf_song *song)
{
    sf2_build_rows(file, song, sends, COUNT(sends), 0, SF2_LONG_SLOT);
}

/* Chorus adds the constant itself; reverb its tail after the note. The slots are long enough for the effects to fall asleep, so that
 * they start alike. */
static void judge_sends(struct conf_judge *judge)
{
    double chorus = 0, reverb = 0;
    for (uint32_t i = 0; i < COUNT(sends); i++) {
        size_t at = PROBE_FIRST + (size_t)i * SF2_LONG_SLOT, off = at + SF2_LENGTH;
        double added = pow(10, probe_span_db(judge, CONF_LEFT, at + 14400, at + 21600) / 20) - 1;
        double tail = conf_rms(conf_sound(judge), CONF_LEFT, off + 2400, off + 12000);
        if (i == 0)
            chorus = added;
        if (i == FIRST_REVERB)
            reverb = tail;
        conf_row(judge, "SF2 8, 6.2", conf_to_db(sends[i].expected), conf_to_db(i < FIRST_REVERB ? added / chorus : tail / reverb), 0.05, "dB",
                 "%s", sends[i].what);
    }
}

static const struct conf_case cases[] = {
    {.id = "sf2-gain", .title = "Attenuation, pan, velocity, volume", .build_file = build_gains, .judge = judge_gains, .suffix = "sf2"},
    {.id = "sf2-pitch", .title = "Tuning", .build_file = build_pitches, .judge = judge_pitches, .suffix = "sf2"},
    {.id = "sf2-cutoff", .title = "Cutoff", .build_file = build_cutoffs, .judge = judge_cutoffs, .suffix = "sf2"},
    {.id = "sf2-resonance", .title = "Resonance", .build_file = build_resonances, .judge = judge_resonances, .suffix = "sf2"},
    {.id = "sf2-sends", .title = "Sends", .build_file = build_sends, .judge = judge_sends, .suffix = "sf2", .effects = true},
};

extern const struct conf_topic conf_topic_sf2;
const struct conf_topic conf_topic_sf2 = {"SoundFont 2: levels, tuning, filter", cases, COUNT(cases)};
