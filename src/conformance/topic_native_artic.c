/* SPDX-License-Identifier: MIT */
/*
 * topic_native_artic.c - profile native: envelopes, LFOs and what drives them.
 *
 * Rules: spec/native-behaviour.md J by number, at 44100 Hz. Its tolerance of 0.05 of linear gain or pitch ratio is not used up: times
 * within 0.2 %, depths within 1 % of themselves, levels within 0.05 dB.
 */
#include <math.h>

#include "scene.h"

#define RATE 44100
#define SLOT (3u * RATE)
#define AT(i) (2u * RATE + (size_t)(i) * SLOT)
#define MS(t) ((t) * RATE / 1000)
#define LENGTH MS(1000) /* of a note */
#define TONE 120u /* frames at 48 kHz */
#define HERTZ ((double)CONF_RATE / TONE)

static void list_of(struct conf_bank *bank, const connection *list, uint32_t count)
{
    for (uint32_t i = 0; i < count && list[i].destination; i++)
        conf_connect(bank, list[i].source, list[i].control, list[i].destination, list[i].transform, list[i].scale);
}

/* A pair whose sides stand at the ends whatever CC10 adds: 64 is a little right of the centre here. */
static void pair(struct conf_bank *bank, uint32_t program, struct probe_waves waves, const connection *list, uint32_t count)
{
    conf_instrument(bank, 0, 0, program, false);
    for (int side = -1; side <= 1; side += 2) {
        conf_region(bank, side < 0 ? waves.sine : waves.cosine);
        list_of(bank, list, count);
        conf_connect(bank, SRC_NONE, SRC_NONE, DST_PAN, TRN_NONE, conf_percent(100 * side));
    }
}

static void play(struct conf_song *song, size_t at, uint32_t program, uint8_t key, uint8_t velocity, const struct move *moves, uint32_t count)
{
    scene_reset(song, at - MS(60));
    conf_program(song, at - MS(30), 0, 0, 0, (uint8_t)program);
    scene_play(song, at - MS(20), moves, count);
    conf_note(song, at, LENGTH, 0, key, velocity);
}

/* ---- EG1 (52, 55, 57, 58) ----------------------------------------------------------------------- */

#define TIME(destination, ms) {SRC_NONE, SRC_NONE, destination, TRN_NONE, conf_seconds((ms) / 1000.0)}
#define SUSTAIN(destination, permille) {SRC_NONE, SRC_NONE, destination, TRN_NONE, (permille) * 65536}

enum read { DELAY, ATTACK, ATTACK_LEVEL, HOLD, DECAY, RELEASE, LEVEL, SILENT_AFTER };
static const struct eg1 { const char *clause, *what; enum read read; uint8_t key, velocity; double expected; } envelopes[] = {
    {"native 55", "delay of 100 ms", DELAY, 60, 127, 100},
    {"native 55", "attack of 100 ms", ATTACK, 60, 127, 100},
    {"native 55", "level half way through it: straight in amplitude", ATTACK_LEVEL, 60, 127, -6.0206},
    {"native 55", "hold of 100 ms", HOLD, 60, 127, 100},
    {"native 55", "decay of 100 ms over 96 dB", DECAY, 60, 127, 100},
    {"native 55", "release of 100 ms over 96 dB", RELEASE, 60, 127, 100},
    {"native 55", "sustain level of 900", LEVEL, 60, 127, -9.6},
    {"native 57", "attack of 100 ms, 2400 by velocity 127", ATTACK, 60, 127, 400},
    {"native 57", "attack of 100 ms, 2400 by velocity 63", ATTACK, 60, 63, 100 * 1.988938},
    {"native 58", "decay of 100 ms, 2400 by key 60", DECAY, 60, 127, 192.5},
    {"native 58", "decay of 100 ms, 2400 by key 0", DECAY, 0, 127, 100},
    {"native 58", "key to hold is ignored: hold of 100 ms at key 60", HOLD, 60, 127, 100},
    {"native 52", "attack without connections: full level after", ATTACK, 60, 127, 0},
    {"native 52", "release without connections: silent within 10 ms", SILENT_AFTER, 60, 127, 10},
    {"native 55", "sustain level of 0: silent", LEVEL, 60, 127, -400},
};

static void eg1_list(uint32_t i, connection list[4])
{
    connection lists[][4] = {
        {TIME(DST_EG1_DELAY, 100)}, {TIME(DST_EG1_ATTACK, 100)}, {TIME(DST_EG1_ATTACK, 100)},
        {TIME(DST_EG1_HOLD, 100), TIME(DST_EG1_DECAY, 100), SUSTAIN(DST_EG1_SUSTAIN, 0)},
        {TIME(DST_EG1_DECAY, 100), SUSTAIN(DST_EG1_SUSTAIN, 0)}, {TIME(DST_EG1_RELEASE, 100)},
        {TIME(DST_EG1_DECAY, 100), SUSTAIN(DST_EG1_SUSTAIN, 900)},
        {TIME(DST_EG1_ATTACK, 100), {SRC_VELOCITY, SRC_NONE, DST_EG1_ATTACK, TRN_NONE, 2400 * 65536}},
        {TIME(DST_EG1_ATTACK, 100), {SRC_VELOCITY, SRC_NONE, DST_EG1_ATTACK, TRN_NONE, 2400 * 65536}},
        {TIME(DST_EG1_DECAY, 100), {SRC_KEY, SRC_NONE, DST_EG1_DECAY, TRN_NONE, 2400 * 65536}, SUSTAIN(DST_EG1_SUSTAIN, 0)},
        {TIME(DST_EG1_DECAY, 100), {SRC_KEY, SRC_NONE, DST_EG1_DECAY, TRN_NONE, 2400 * 65536}, SUSTAIN(DST_EG1_SUSTAIN, 0)},
        {TIME(DST_EG1_HOLD, 100), {SRC_KEY, SRC_NONE, DST_EG1_HOLD, TRN_NONE, 2400 * 65536}, TIME(DST_EG1_DECAY, 100),
         SUSTAIN(DST_EG1_SUSTAIN, 0)},
        {{0}}, {{0}}, {TIME(DST_EG1_DECAY, 100), SUSTAIN(DST_EG1_SUSTAIN, 0)}};
    for (uint32_t k = 0; k < 4; k++)
        list[k] = lists[i][k];
}

static void build_eg1(struct conf_bank *bank, struct conf_song *song)
{
    static const struct move none[1] = {{0}};
    uint32_t wave = probe_begin_constant(bank, song);
    for (uint32_t i = 0; i < COUNT(envelopes); i++) {
        connection list[4];
        eg1_list(i, list);
        scene_instrument(bank, wave, 0, 0, 1 + i, false, 0);
        list_of(bank, list, COUNT(list));
        play(song, AT(i), 1 + i, envelopes[i].key, envelopes[i].velocity, none, 1);
    }
    conf_until(song, AT(COUNT(envelopes)));
}

/* First frame from FROM on with a level above, or not above, LIMIT. */
static size_t passes(const struct conf_judge *judge, size_t from, bool rises, double limit)
{
    size_t f = from;
    while (f < from + SLOT && (probe_level(judge, f) > limit) != rises)
        f++;
    return f;
}

static double slope_ms(const struct conf_judge *judge, size_t from, double ms)
{
    size_t a = from + (size_t)MS(0.05 * ms), b = from + (size_t)MS(0.5 * ms);
    return -96 / (probe_db(judge, b) - probe_db(judge, a)) * (double)(b - a) * 1000 / RATE;
}

static double read_eg1(const struct conf_judge *judge, uint32_t i)
{
    const struct eg1 *e = &envelopes[i];
    double full = pow(10, 2 * log10(e->velocity / 127.0)), ms = e->expected;
    size_t at = AT(i), a, b;
    switch (e->read) {
    case DELAY:
        return (double)(passes(judge, at, true, 0.5 * full) - at) * 1000 / RATE;
    case ATTACK:
        if (ms == 0)
            return (double)(passes(judge, at, true, 0.99 * full) - at) * 1000 / RATE;
        a = at + (size_t)MS(0.1 * ms);
        b = at + (size_t)MS(0.9 * ms);
        return (double)(b - a) * full / (probe_level(judge, b) - probe_level(judge, a)) * 1000 / RATE;
    case ATTACK_LEVEL:
        return probe_db(judge, at + MS(50));
    case HOLD:
        return (double)(passes(judge, at + 100, false, 0.9999) - at - 1) * 1000 / RATE;
    case DECAY:
        return slope_ms(judge, at, ms);
    case RELEASE:
        return slope_ms(judge, at + LENGTH, ms);
    case LEVEL:
        return probe_db(judge, at + MS(500));
    default:
        return (double)(passes(judge, at + LENGTH, false, 1e-5) - at - LENGTH) * 1000 / RATE;
    }
}

static void judge_eg1(struct conf_judge *judge)
{
    for (uint32_t i = 0; i < COUNT(envelopes); i++) {
        const struct eg1 *e = &envelopes[i];
        bool level = e->read == LEVEL || e->read == ATTACK_LEVEL;
        if (e->read == SILENT_AFTER || e->expected < -96)
            conf_at_most(judge, e->clause, level ? -96 : e->expected, read_eg1(judge, i), level ? "dB" : "ms", "%s", e->what);
        else
            conf_row(judge, e->clause, e->expected, read_eg1(judge, i), level ? 0.05 : fmax(0.002 * e->expected, 0.1), level ? "dB" : "ms",
                     "%s", e->what);
    }
}

/* ---- EG2 to pitch (59) ------------------------------------------------------------------------------ */

static const connection eg2_full[] = {
    {SRC_EG2, SRC_NONE, DST_PITCH, TRN_NONE, 1200 * 65536}, {SRC_NONE, SRC_NONE, DST_EG2_SUSTAIN, TRN_NONE, 500 * 65536}};

/* Time after note-on in ms, cents there. Delay, attack, hold (with key to hold: 192.5 ms), decay: 100 ms each, sustain 500, release 100 ms:
 * full travel in a hundred, so half of it in 50. */
static const struct { double ms, cents; const char *what; } eg2_points[2][8] = {
    {{50, 0, "in the delay"}, {125, 300, "a quarter through the attack"}, {175, 900, "three quarters through the attack"},
     {250, 1200, "in the hold"}, {325, 900, "a quarter through the decay's travel"}, {500, 600, "sustain of 500"},
     {1025, 300, "a quarter of the travel into the release"}, {1100, 0, "after the release"}},
    {{150, 1200, "key to hold of 2400 at key 60: still in the hold"}, {185, 1200, "late in the hold"},
     {192.5 + 48.1, 900, "key to decay of 2400 at key 60: a quarter of 192.5 ms"}, {192.5 + 96.2, 600, "half of it"}}};

static void build_eg2(struct conf_bank *bank, struct conf_song *song)
{
    static const struct move none[1] = {{0}};
    struct probe_waves waves = probe_begin_pair(bank, song, TONE);
    connection first[8] = {eg2_full[0], eg2_full[1], TIME(DST_EG2_DELAY, 100), TIME(DST_EG2_ATTACK, 100), TIME(DST_EG2_HOLD, 100),
                           TIME(DST_EG2_DECAY, 100), TIME(DST_EG2_RELEASE, 100), TIME(DST_EG1_RELEASE, 2000)};
    connection second[6] = {eg2_full[0], {SRC_NONE, SRC_NONE, DST_EG2_SUSTAIN, TRN_NONE, 0}, TIME(DST_EG2_HOLD, 100), TIME(DST_EG2_DECAY, 100),
                            {SRC_KEY, SRC_NONE, DST_EG2_HOLD, TRN_NONE, 2400 * 65536},
                            {SRC_KEY, SRC_NONE, DST_EG2_DECAY, TRN_NONE, 2400 * 65536}};
    pair(bank, 1, waves, first, COUNT(first));
    pair(bank, 2, waves, second, COUNT(second));
    for (uint32_t i = 0; i < 2; i++)
        play(song, AT(i), 1 + i, 60, 127, none, 1);
    conf_until(song, AT(2));
}

static void judge_eg2(struct conf_judge *judge)
{
    for (uint32_t i = 0; i < 2; i++)
        for (uint32_t k = 0; k < 8 && eg2_points[i][k].what; k++) {
            size_t at = AT(i) + (size_t)MS(eg2_points[i][k].ms), half = 110; /* a period of the tone */
            conf_row(judge, "native 59", eg2_points[i][k].cents, probe_cents(judge, at - half, at + half, HERTZ), 2, "cent",
                     "EG2 to pitch %s", eg2_points[i][k].what);
        }
}

/* ---- LFOs (52, 54, 61, 65) ------------------------------------------------------------------------------- */

#define CENTS(x) ((x) * 65536)
#define CENTIBEL(x) ((x) * 65536)
static const struct lfo { const char *clause, *what; connection list[3]; enum probe_kind kind; double hertz, depth, delay; struct move moves[2]; } lfos[] = {
    {"native 52", "no connections", {{0}}, PROBE_PITCH, 5, 0, 10, {{0}}},
    {"native 52", "no connections", {{0}}, PROBE_GAIN, 5, 0, 10, {{0}}},
    {"native 52", "LFO as it is", {{SRC_LFO, SRC_NONE, DST_PITCH, TRN_BIPOLAR, CENTS(100)}}, PROBE_PITCH, 5, 100, 10, {{0}}},
    {"native 52", "vibrato LFO as it is", {{SRC_VIBRATO, SRC_NONE, DST_PITCH, TRN_BIPOLAR, CENTS(100)}}, PROBE_PITCH, 5, 100, 10, {{0}}},
    {"native 54", "LFO of 2 Hz after 100 ms, transform 0",
     {{SRC_LFO, SRC_NONE, DST_PITCH, TRN_NONE, CENTS(1200)}, {SRC_NONE, SRC_NONE, DST_LFO_FREQUENCY, TRN_NONE, 0},
      {SRC_NONE, SRC_NONE, DST_LFO_DELAY, TRN_NONE, 0}}, PROBE_PITCH, 2, 1200, 100, {{0}}},
    {"native 54", "vibrato LFO of 2 Hz after 100 ms, bipolar",
     {{SRC_VIBRATO, SRC_NONE, DST_PITCH, TRN_BIPOLAR, CENTS(100)}, {SRC_NONE, SRC_NONE, DST_VIB_FREQUENCY, TRN_NONE, 0},
      {SRC_NONE, SRC_NONE, DST_VIB_DELAY, TRN_NONE, 0}}, PROBE_PITCH, 2, 100, 100, {{0}}},
    {"native 61", "LFO to gain of 1 dB", {{SRC_LFO, SRC_NONE, DST_GAIN, TRN_BIPOLAR, CENTIBEL(10)}}, PROBE_GAIN, 5, 1, 10, {{0}}},
    {"native 61", "LFO by CC1 to gain, CC1 0", {{SRC_LFO, SRC_CC + 1, DST_GAIN, TRN_BIPOLAR, CENTIBEL(10)}}, PROBE_GAIN, 5, 0, 10, {{0}}},
    {"native 61", "LFO by CC1 to gain, CC1 127", {{SRC_LFO, SRC_CC + 1, DST_GAIN, TRN_BIPOLAR, CENTIBEL(10)}}, PROBE_GAIN, 5, 1, 10, {CC(0, 0, 1, 127)}},
    {"native 61", "LFO by pressure to gain of 10 dB, pressure 127: a tenth",
     {{SRC_LFO, SRC_PRESSURE, DST_GAIN, TRN_BIPOLAR, CENTIBEL(100)}}, PROBE_GAIN, 5, 1, 10, {PRESSURE(0, 0, 127)}},
    {"native 61", "LFO by pressure to gain, pressure 0", {{SRC_LFO, SRC_PRESSURE, DST_GAIN, TRN_BIPOLAR, CENTIBEL(100)}}, PROBE_GAIN, 5, 0, 10, {{0}}},
    {"native 65", "vibrato LFO by CC1 to pitch, CC1 0", {{SRC_VIBRATO, SRC_CC + 1, DST_PITCH, TRN_BIPOLAR, CENTS(100)}}, PROBE_PITCH, 5, 0, 10, {{0}}},
    {"native 65", "vibrato LFO by CC1 to pitch, CC1 127", {{SRC_VIBRATO, SRC_CC + 1, DST_PITCH, TRN_BIPOLAR, CENTS(100)}}, PROBE_PITCH, 5, 100, 10, {CC(0, 0, 1, 127)}},
    {"native 65", "LFO by CC1 to pitch, CC1 127", {{SRC_LFO, SRC_CC + 1, DST_PITCH, TRN_BIPOLAR, CENTS(100)}}, PROBE_PITCH, 5, 100, 10, {CC(0, 0, 1, 127)}},
    {"native 65", "vibrato LFO by pressure to pitch, 127", {{SRC_VIBRATO, SRC_PRESSURE, DST_PITCH, TRN_BIPOLAR, CENTS(100)}}, PROBE_PITCH, 5, 100, 10, {PRESSURE(0, 0, 127)}},
    {"native 65", "LFO by pressure to pitch, 127: no division by ten", {{SRC_LFO, SRC_PRESSURE, DST_PITCH, TRN_BIPOLAR, CENTS(100)}}, PROBE_PITCH, 5, 100, 10, {PRESSURE(0, 0, 127)}},
    {"native 65", "no connection, CC1 127", {{0}}, PROBE_PITCH, 5, 0, 10, {CC(0, 0, 1, 127)}},
};

static void build_lfos(struct conf_bank *bank, struct conf_song *song)
{
    struct probe_waves waves = probe_begin_pair(bank, song, TONE);
    pair(bank, 127, waves, NULL, 0); /* a reference whose sides stand at the ends */
    probe_play(song, PROBE_REFERENCE + 14400, 9600, 127, 60, 127);
    for (uint32_t i = 0; i < COUNT(lfos); i++) {
        connection list[3] = {lfos[i].list[0], lfos[i].list[1], lfos[i].list[2]};
        for (uint32_t k = 1; k < 3; k++) {
            if (list[k].destination == DST_LFO_FREQUENCY || list[k].destination == DST_VIB_FREQUENCY)
                list[k].scale = conf_hertz(lfos[i].hertz);
            else if (list[k].destination)
                list[k].scale = conf_seconds(lfos[i].delay / 1000);
        }
        pair(bank, 1 + i, waves, list, COUNT(list));
        play(song, AT(i), 1 + i, 60, 127, lfos[i].moves, COUNT(lfos[i].moves));
    }
    conf_until(song, AT(COUNT(lfos)));
}

static void judge_lfos(struct conf_judge *judge)
{
    const struct conf_sound *sound = conf_sound(judge);
    double full = 20 * log10(hypot((double)sound->left[PROBE_REFERENCE + 19200], (double)sound->right[PROBE_REFERENCE + 19200]));
    for (uint32_t i = 0; i < COUNT(lfos); i++) {
        const struct lfo *l = &lfos[i];
        double values[150], from = ceil(MS(l->delay + 20)), step = 220; /* two periods of the tone */
        for (uint32_t k = 0; k < COUNT(values); k++) {
            size_t f = AT(i) + (size_t)(from + k * step);
            values[k] = l->kind == PROBE_PITCH ? probe_cents(judge, f - 110, f + 110, HERTZ)
                                               : 20 * log10(hypot((double)sound->left[f], (double)sound->right[f])) - full;
        }
        const char *unit = l->kind == PROBE_PITCH ? "cent" : "dB";
        double largest = 0;
        for (uint32_t k = 0; k < COUNT(values); k++)
            largest = fmax(largest, fabs(values[k]));
        if (l->depth == 0) {
            conf_at_most(judge, l->clause, l->kind == PROBE_PITCH ? 0.5 : 0.01, largest, unit, "%s: largest %s", l->what,
                         l->kind == PROBE_PITCH ? "change of pitch" : "change of gain");
            continue;
        }
        struct probe_sine sine = probe_fit(values, COUNT(values), from / RATE, step / RATE, l->hertz, l->delay / 1000);
        conf_row(judge, l->clause, l->hertz, sine.hertz, 0.002 * l->hertz, "Hz", "%s: rate", l->what);
        conf_row(judge, l->clause, l->depth, sine.depth, 0.01 * l->depth, unit, "%s: depth", l->what);
        conf_row(judge, l->clause, l->delay, sine.delay * 1000, 1, "ms", "%s: delay", l->what);
    }
}

static const struct conf_case cases[] = {
    {.id = "native-eg1", .title = "EG1", .build = build_eg1, .judge = judge_eg1, .native = true, .rate = RATE},
    {.id = "native-eg2", .title = "EG2 to pitch", .build = build_eg2, .judge = judge_eg2, .native = true, .rate = RATE},
    {.id = "native-lfo", .title = "LFOs", .build = build_lfos, .judge = judge_lfos, .native = true, .rate = RATE},
};

extern const struct conf_topic conf_topic_native_artic;
const struct conf_topic conf_topic_native_artic = {"Profile native: articulation", cases, COUNT(cases)};
