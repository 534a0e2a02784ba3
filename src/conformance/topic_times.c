/* SPDX-License-Identifier: MIT */
/*
 * topic_times.c - the connections to the times and levels of both envelopes (DLS 2.2 tables 3 and 4, spec/dls.md 2.7).
 *
 * EG1 is heard as the gain of a constant; EG2, through a connection of 1200 cents, as the pitch of the quadrature probe. What
 * holds for one holds for the other in the unit of its destination (spec/dls.md 3.4): EG1 falls straight in dB over 96 dB, EG2
 * straight from 1 to 0. Times within 0.2 %, levels within 0.05 dB or 0.1 % (goals of the project).
 */
#include <math.h>
#include <stdio.h>

#include "probe.h"

#define TONE 3000.0 /* Hz, 16 frames a period */
#define WIRES 4u

enum eg { EG1, EG2 };
static const char *const names[] = {"EG1", "EG2"};

/* Destinations by their EG1 number. */
static uint16_t destination(enum eg eg, uint16_t of_eg1)
{
    static const uint16_t pairs[][2] = {
        {DST_EG1_ATTACK, DST_EG2_ATTACK}, {DST_EG1_DECAY, DST_EG2_DECAY}, {DST_EG1_RELEASE, DST_EG2_RELEASE},
        {DST_EG1_SUSTAIN, DST_EG2_SUSTAIN}, {DST_EG1_DELAY, DST_EG2_DELAY}, {DST_EG1_HOLD, DST_EG2_HOLD}};
    for (uint32_t i = 0; eg == EG2 && i < COUNT(pairs); i++)
        if (pairs[i][0] == of_eg1)
            return pairs[i][1];
    return of_eg1;
}

enum reading {
    LEVEL,   /* share of full at TIME: EG1 in dB, EG2 in % */
    RISE,    /* length of the attack, from its slope between TIME and twice that */
    FALL,    /* length of the full decay or release, likewise, TIME counted from the note-on or from the note-off */
    FALLEN,  /* when the level has fallen by a hundredth of the full way */
    ONSET    /* first sound or movement */
};

struct row {
    const char *what;
    struct probe_wire wires[WIRES]; /* of EG1 */
    uint8_t key, velocity;          /* 0: 60, 127 */
    enum reading reading;
    double time, expected;          /* s; LEVEL: 0..1, EG1 takes it for decay (-96 dB * (1 - x)) */
    bool released;                  /* time counts from the note-off, 0.5 s after the note-on */
    const char *clause;             /* NULL: 2.7 */
};

#define ATTACK DST_EG1_ATTACK
#define DECAY DST_EG1_DECAY
#define HOLD DST_EG1_HOLD
#define SUSTAIN DST_EG1_SUSTAIN
#define RELEASE DST_EG1_RELEASE
#define LATE DST_EG1_DELAY

static const struct row rows[] = {
    {.what = "delay: absent", .wires = {{0, 0, ATTACK, 0, 0.2}}, .reading = RISE, .time = 0.05, .expected = 0.2},
    {.what = "delay: 0.3 s", .wires = {{0, 0, LATE, 0, 0.3}}, .reading = ONSET, .expected = 0.3},
    {.what = "delay: 0 s (0x80000000)", .wires = {{0, 0, LATE, 0, 0}}, .reading = ONSET},
    {.what = "attack: absent, 0 s: level after 10 ms", .wires = {{0, 0, SUSTAIN, 0, 100}}, .reading = LEVEL, .time = 0.01,
     .expected = 1},
    {.what = "attack: 0.5 s", .wires = {{0, 0, ATTACK, 0, 0.5}}, .reading = RISE, .time = 0.2, .expected = 0.5},
    {.what = "attack: maximum, 40 s", .wires = {{0, 0, ATTACK, 0, 40}}, .reading = RISE, .time = 0.6, .expected = 40},
    {.what = "attack: 80 s is 40 s", .wires = {{0, 0, ATTACK, 0, 80}}, .reading = RISE, .time = 0.6, .expected = 40,
     .clause = "2.3"},
    {.what = "hold: absent, 0 s: decay of 1 s has begun", .wires = {{0, 0, DECAY, 0, 1}, {0, 0, SUSTAIN, 0, 20}}, .reading = FALLEN,
     .expected = 0.01},
    {.what = "hold: 0.3 s before a decay of 1 s", .wires = {{0, 0, HOLD, 0, 0.3}, {0, 0, DECAY, 0, 1}, {0, 0, SUSTAIN, 0, 20}},
     .reading = FALLEN, .expected = 0.31},
    {.what = "decay: absent, 0 s: level after 10 ms with 75 % sustain", .wires = {{0, 0, SUSTAIN, 0, 75}}, .reading = LEVEL,
     .time = 0.01, .expected = 0.75},
    {.what = "decay: 2 s", .wires = {{0, 0, DECAY, 0, 2}, {0, 0, SUSTAIN, 0, 0}}, .reading = FALL, .time = 0.3, .expected = 2},
    {.what = "decay: maximum, 40 s", .wires = {{0, 0, DECAY, 0, 40}, {0, 0, SUSTAIN, 0, 0}}, .reading = FALL, .time = 0.6,
     .expected = 40},
    {.what = "decay: 80 s is 40 s", .wires = {{0, 0, DECAY, 0, 80}, {0, 0, SUSTAIN, 0, 0}}, .reading = FALL, .time = 0.6,
     .expected = 40, .clause = "2.3"},
    {.what = "sustain: absent, 100 %", .wires = {{0, 0, DECAY, 0, 0.1}}, .reading = LEVEL, .time = 0.4, .expected = 1},
    {.what = "sustain: 60 %", .wires = {{0, 0, DECAY, 0, 0.1}, {0, 0, SUSTAIN, 0, 60}}, .reading = LEVEL, .time = 0.4,
     .expected = 0.6},
    {.what = "sustain: minimum, 0 %", .wires = {{0, 0, DECAY, 0, 0.1}, {0, 0, SUSTAIN, 0, 0}}, .reading = LEVEL, .time = 0.4},
    {.what = "sustain: -20 % is 0 %", .wires = {{0, 0, DECAY, 0, 0.1}, {0, 0, SUSTAIN, 0, -20}}, .reading = LEVEL, .time = 0.4,
     .clause = "2.3"},
    {.what = "sustain: 140 % is 100 %", .wires = {{0, 0, DECAY, 0, 0.1}, {0, 0, SUSTAIN, 0, 140}}, .reading = LEVEL, .time = 0.4,
     .expected = 1, .clause = "2.3"},
    {.what = "release: absent, 0 s: level after 10 ms", .wires = {{0, 0, SUSTAIN, 0, 100}}, .reading = LEVEL, .time = 0.01,
     .released = true},
    {.what = "release: 1 s", .wires = {{0, 0, RELEASE, 0, 1}}, .reading = FALL, .time = 0.2, .released = true, .expected = 1},
    {.what = "release: 0.5 s from 50 % sustain", .wires = {{0, 0, RELEASE, 0, 0.5}, {0, 0, SUSTAIN, 0, 50}}, .reading = FALL,
     .time = 0.05, .released = true, .expected = 0.5},
    {.what = "release: maximum, 40 s", .wires = {{0, 0, RELEASE, 0, 40}}, .reading = FALL, .time = 0.4, .released = true,
     .expected = 40},
    {.what = "release: 80 s is 40 s", .wires = {{0, 0, RELEASE, 0, 80}}, .reading = FALL, .time = 0.4, .released = true,
     .expected = 40, .clause = "2.3"},
    {.what = "velocity to attack: absent, velocity 32", .wires = {{0, 0, ATTACK, 0, 0.2}}, .velocity = 32, .reading = RISE,
     .time = 0.05, .expected = 0.2},
    {.what = "velocity to attack: 2400 tc, velocity 64", .wires = {{0, 0, ATTACK, 0, 0.1}, {SRC_VELOCITY, 0, ATTACK, 0, 2400}},
     .velocity = 64, .reading = RISE, .time = 0.05, .expected = 0.2},
    {.what = "velocity to attack: maximum, 6000 tc, velocity 64",
     .wires = {{0, 0, ATTACK, 0, 0.1},
               {SRC_VELOCITY, 0, ATTACK, 0, 6000}}, .velocity = 64, .reading = RISE, .time = 0.2, .expected = 0.565685},
    {.what = "velocity to attack: -1200 tc, velocity 64", .wires = {{0, 0, ATTACK, 0, 0.4}, {SRC_VELOCITY, 0, ATTACK, 0, -1200}},
     .velocity = 64, .reading = RISE, .time = 0.1, .expected = 0.282843, .clause = "3.4"},
    {.what = "velocity to attack: 6000 tc on 0 s is 0 s: level after 10 ms",
     .wires = {{0, 0, ATTACK, 0, 0}, {SRC_VELOCITY, 0, ATTACK, 0,
                                      6000}}, .reading = LEVEL, .time = 0.01, .expected = 1, .clause = "DLS2 1.14.3"},
    {.what = "velocity to attack: 6000 tc on an absent time: level after 10 ms", .wires = {{SRC_VELOCITY, 0, ATTACK, 0, 6000}},
     .reading = LEVEL, .time = 0.01, .expected = 1, .clause = "DLS2 1.14.3"},
    {.what = "key to decay: absent, key 96", .wires = {{0, 0, DECAY, 0, 1}, {0, 0, SUSTAIN, 0, 0}}, .key = 96, .reading = FALL,
     .time = 0.2, .expected = 1},
    {.what = "key to decay: 2400 tc, key 64", .wires = {{0, 0, DECAY, 0, 1}, {0, 0, SUSTAIN, 0, 0}, {SRC_KEY, 0, DECAY, 0, 2400}},
     .key = 64, .reading = FALL, .time = 0.3, .expected = 2},
    {.what = "key to decay: maximum, 6000 tc, key 32",
     .wires = {{0, 0, DECAY, 0, 1}, {0, 0, SUSTAIN, 0, 0},
               {SRC_KEY, 0, DECAY, 0, 6000}}, .key = 32, .reading = FALL, .time = 0.3, .expected = 2.378414},
    {.what = "key to decay: -1200 tc, key 64", .wires = {{0, 0, DECAY, 0, 1}, {0, 0, SUSTAIN, 0, 0}, {SRC_KEY, 0, DECAY, 0, -1200}},
     .key = 64, .reading = FALL, .time = 0.15, .expected = 0.707107, .clause = "3.4"},
    {.what = "key to hold: absent, key 96", .wires = {{0, 0, HOLD, 0, 0.2}, {0, 0, DECAY, 0, 1}, {0, 0, SUSTAIN, 0, 20}}, .key = 96,
     .reading = FALLEN, .expected = 0.21},
    {.what = "key to hold: 2400 tc, key 64",
     .wires = {{0, 0, HOLD, 0, 0.2}, {0, 0, DECAY, 0, 1}, {0, 0, SUSTAIN, 0, 20},
               {SRC_KEY, 0, HOLD, 0, 2400}}, .key = 64, .reading = FALLEN, .expected = 0.41},
    {.what = "key to hold: maximum, 6000 tc, key 32",
     .wires = {{0, 0, HOLD, 0, 0.2}, {0, 0, DECAY, 0, 1}, {0, 0, SUSTAIN, 0, 20},
               {SRC_KEY, 0, HOLD, 0, 6000}}, .key = 32, .reading = FALLEN, .expected = 0.485683},
};

static uint64_t row_at(uint32_t index)
{
    return PROBE_FIRST + (uint64_t)index * 2 * CONF_RATE;
}

static void build_rows(struct conf_bank *bank, struct conf_song *song, enum eg eg)
{
    uint32_t constant = eg == EG1 ? probe_begin_constant(bank, song) : 0;
    struct probe_waves waves = {0, 0};
    if (eg == EG2)
        waves = probe_begin_pair(bank, song, 16);
    for (uint32_t i = 0; i < COUNT(rows); i++) {
        connection list[WIRES + 5];
        uint32_t n = 0;
        for (uint32_t w = 0; w < WIRES && rows[i].wires[w].destination; w++) {
            struct probe_wire wire = rows[i].wires[w];
            wire.destination = destination(eg, wire.destination);
            list[n++] = probe_connection(&wire);
        }
        list[n++] = (connection){SRC_VELOCITY, SRC_NONE, DST_GAIN, TRN_INVERT | TRN_CONCAVE, 0};
        list[n++] = (connection){SRC_KEY, SRC_NONE, DST_PITCH, TRN_NONE, 0}; /* unity note 0: the same sound at every key */
        if (eg == EG2) {
            list[n++] = (connection){SRC_EG2, SRC_NONE, DST_PITCH, TRN_NONE, conf_cents(1200)};
            list[n++] = (connection){SRC_NONE, SRC_NONE, DST_EG1_RELEASE, TRN_NONE, conf_seconds(40)};
            probe_pair_unity(bank, i + 1, waves, list, n, 0);
        } else {
            probe_instrument(bank, i + 1, constant, list, n)->sample.unity_note = 0;
        }
        conf_cc(song, row_at(i) - 2400, 0, 120, 0); /* long releases */
        probe_play(song, row_at(i), rows[i].released ? CONF_RATE / 2 : CONF_RATE * 3 / 2, i + 1, rows[i].key ? rows[i].key : 60,
                   rows[i].velocity ? rows[i].velocity : 127);
    }
    conf_until(song, row_at(COUNT(rows)));
}

/* Share of the full amplitude (EG1) or of the full depth (EG2). */
static double share(const struct conf_judge *judge, enum eg eg, size_t frame)
{
    return eg == EG1 ? probe_level(judge, frame) : probe_cents(judge, frame - 24, frame + 24, TONE) / 1200;
}

/* How much of the way from full to nothing is gone. */
static double fallen(const struct conf_judge *judge, enum eg eg, size_t frame)
{
    return eg == EG1 ? -probe_db(judge, frame) / 96 : 1 - share(judge, eg, frame);
}

static void judge_level(struct conf_judge *judge, enum eg eg, const struct row *row, size_t at, const char *clause)
{
    size_t frame = at + (size_t)lrint(row->time * CONF_RATE);
    if (eg == EG2)
        conf_row(judge, clause, 100 * row->expected, 100 * share(judge, eg, frame), 0.1, "%", "EG2 %s", row->what);
    else if (row->expected > 0)
        conf_row(judge, clause, -96 * (1 - row->expected), probe_db(judge, frame), 0.05, "dB", "EG1 %s", row->what);
    else
        conf_at_most(judge, clause, -96, probe_db(judge, frame), "dB", "EG1 %s", row->what);
}

static void judge_row(struct conf_judge *judge, enum eg eg, const struct row *row, uint64_t start)
{
    const char *clause = row->clause ? row->clause : "2.7", *name = names[eg];
    size_t at = start + (row->released ? CONF_RATE / 2 : 0), time = (size_t)lrint(row->time * CONF_RATE), frame = at + 48;
    double a, b, slope;
    switch (row->reading) {
    case LEVEL:
        judge_level(judge, eg, row, at, clause);
        break;
    case RISE:
        slope = (share(judge, eg, at + 2 * time) - share(judge, eg, at + time)) / (double)time;
        conf_row(judge, clause, row->expected, 1 / slope / CONF_RATE, row->expected * 0.002, "s", "%s %s", name, row->what);
        break;
    case FALL:
        a = fallen(judge, eg, at + time), b = fallen(judge, eg, at + 2 * time);
        conf_row(judge, clause, row->expected, (double)time / (b - a) / CONF_RATE, row->expected * 0.002, "s", "%s %s", name,
                 row->what);
        break;
    case FALLEN:
        while (frame < at + CONF_RATE && !(fallen(judge, eg, frame) >= 0.01))
            frame++;
        conf_row(judge, clause, row->expected, (double)(frame - at) / CONF_RATE, 0.001, "s", "%s %s: 1 %% of the way", name,
                 row->what);
        break;
    case ONSET: /* EG2 at once moves the whole way */
        frame = at + (eg == EG2 ? 48 : 0);
        while (frame < at + CONF_RATE && !(share(judge, eg, frame) > 0.5))
            frame++;
        conf_row(judge, clause, row->expected, (double)(frame - at) / CONF_RATE, 0.002, "s", "%s %s: first sign", name, row->what);
        break;
    }
}

static void judge_rows(struct conf_judge *judge, enum eg eg)
{
    for (uint32_t i = 0; i < COUNT(rows); i++)
        judge_row(judge, eg, &rows[i], row_at(i));
}

static void build_eg1(struct conf_bank *bank, struct conf_song *song)
{
    build_rows(bank, song, EG1);
}

static void judge_eg1(struct conf_judge *judge)
{
    judge_rows(judge, EG1);
}

static void build_eg2(struct conf_bank *bank, struct conf_song *song)
{
    build_rows(bank, song, EG2);
}

static void judge_eg2(struct conf_judge *judge)
{
    judge_rows(judge, EG2);
}

/* ---- 40 s of delay and hold ---------------------------------------------------------- */

/* Left: delay of 60 s, right: hold of 60 s before a decay; both may last 40 s at most. */
static void build_longest(struct conf_bank *bank, struct conf_song *song)
{
    uint32_t wave = probe_begin_constant(bank, song);
    for (uint32_t i = 0; i < 2; i++) {
        connection list[] = {{SRC_NONE, SRC_NONE, DST_PAN, TRN_NONE, conf_percent(i ? 50 : -50)},
                             {SRC_NONE, SRC_NONE, i ? HOLD : LATE, TRN_NONE, conf_seconds(60)},
                             {SRC_NONE, SRC_NONE, DECAY, TRN_NONE, conf_seconds(1)},
                             {SRC_NONE, SRC_NONE, SUSTAIN, TRN_NONE, i ? 0 : conf_percent(100)}};
        probe_instrument(bank, i + 1, wave, list, 4);
        probe_controllers(song, 0, (uint8_t)(i + 1));
        conf_program(song, 0, (uint8_t)(i + 1), 0, 0, (uint8_t)(i + 1));
        conf_note(song, PROBE_FIRST, 43 * CONF_RATE, (uint8_t)(i + 1), 60, 127);
    }
    conf_until(song, PROBE_FIRST + 44 * CONF_RATE);
}

static void judge_longest(struct conf_judge *judge)
{
    const struct conf_sound *sound = conf_sound(judge);
    double open = conf_mean(sound, CONF_LEFT, PROBE_REFERENCE + 4800, PROBE_REFERENCE + 9000);
    size_t onset = conf_onset(sound, CONF_LEFT, PROBE_FIRST, PROBE_FIRST + 44u * CONF_RATE, open / 100);
    conf_row(judge, "2.3", 40, (double)(onset - PROBE_FIRST) / CONF_RATE, 0.08, "s", "EG1 delay: 60 s is 40 s");
    size_t fall = PROBE_FIRST + CONF_RATE;
    while (fall < PROBE_FIRST + 44u * CONF_RATE && fall < sound->frames && (double)sound->right[fall] > open * sqrt(2) * 0.99)
        fall++;
    conf_row(judge, "2.3", 40, (double)(fall - PROBE_FIRST) / CONF_RATE, 0.08, "s", "EG1 hold: 60 s is 40 s");
}

/* ---- shutdown --------------------------------------------------------------------------- */

/* A note hard left is cut by the same key struck again, whose sound is hard right. */
static const struct { const char *what; bool given; double seconds; } shutdowns[] = {
    {"absent, 15 ms", false, 0.015}, {"15 ms", true, 0.015}, {"100 ms", true, 0.1}, {"1 s", true, 1}, {"0 s (0x80000000)", true, 0},
    {"maximum, 40 s", true, 40}};

static void build_shutdown(struct conf_bank *bank, struct conf_song *song)
{
    uint32_t wave = probe_begin_constant(bank, song);
    for (uint32_t i = 0; i < COUNT(shutdowns); i++) {
        connection list[] = {{SRC_NONE, SRC_NONE, DST_PAN, TRN_NONE, conf_percent(-50)},
                             {SRC_NONE, SRC_NONE, DST_EG1_RELEASE, TRN_NONE, conf_seconds(20)},
                             {SRC_NONE, SRC_NONE, DST_EG1_SHUTDOWN, TRN_NONE, conf_seconds(shutdowns[i].seconds)}};
        probe_instrument(bank, i + 1, wave, list, shutdowns[i].given ? 3 : 2);
        conf_cc(song, row_at(i) - 2400, 0, 120, 0);
        probe_play(song, row_at(i), CONF_RATE, i + 1, 60, 127);
        conf_program(song, row_at(i) + CONF_RATE / 2 - 100, 0, 0, 0, COUNT(shutdowns) + 1);
        conf_note(song, row_at(i) + CONF_RATE / 2, CONF_RATE, 0, 60, 127);
    }
    connection right = {SRC_NONE, SRC_NONE, DST_PAN, TRN_NONE, conf_percent(50)};
    probe_instrument(bank, COUNT(shutdowns) + 1, wave, &right, 1);
    conf_until(song, row_at(COUNT(shutdowns)));
}

static void judge_shutdown(struct conf_judge *judge)
{
    for (uint32_t i = 0; i < COUNT(shutdowns); i++) {
        double seconds = shutdowns[i].seconds, room = conf_to_db(sqrt(2)); /* hard left is louder */
        size_t at = row_at(i) + CONF_RATE / 2;
        if (seconds > 0) {
            size_t span = (size_t)(fmin(seconds, 0.8) * 0.25 * CONF_RATE);
            double a = probe_db(judge, at + span) - room, b = probe_db(judge, at + 2 * span) - room;
            conf_row(judge, "DLS2 1.7.2.9", -96 / seconds * (double)span / CONF_RATE, a, 0.5, "dB",
                     "EG1 shutdown, %s: level after %.2f ms",
                     shutdowns[i].what, (double)span * 1000 / CONF_RATE);
            conf_row(judge, "DLS2 1.7.2.9", seconds, -96 / (b - a) * (double)span / CONF_RATE, seconds * 0.002, "s",
                     "EG1 shutdown, %s: full length",
                     shutdowns[i].what);
        } else {
            conf_at_most(judge, "DLS2 1.7.2.9", -96, probe_db(judge, at + 240), "dB", "EG1 shutdown, %s: level after 5 ms",
                         shutdowns[i].what);
        }
    }
}

static const struct conf_case cases[] = {
    {.id = "connect-eg1", .title = "To EG1", .build = build_eg1, .judge = judge_eg1},
    {.id = "connect-eg2", .title = "To EG2", .build = build_eg2, .judge = judge_eg2},
    {.id = "connect-longest", .title = "Delay and hold of 40 s", .build = build_longest, .judge = judge_longest},
    {.id = "connect-shutdown", .title = "To the shutdown time", .build = build_shutdown, .judge = judge_shutdown},
};

extern const struct conf_topic conf_topic_times;
const struct conf_topic conf_topic_times = {"Connections to the envelopes", cases, COUNT(cases)};
