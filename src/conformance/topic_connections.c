/* SPDX-License-Identifier: MIT */
/*
 * topic_connections.c - the connections of DLS 2.2 tables 2 to 6 (spec/dls.md 2.7), one after the other: what holds without
 * them, their least and greatest amount, and what lies beyond: a destination is clamped to its range (2.3); a scale of pitch or gain
 * beyond the table's range, which a device need not honour, is honoured, because SoundFonts that became DLS have them (6.2).
 *
 * Sends: topic_gain. Velocity, CC7, CC11 and CC10 value by value: topic_gain. Cutoff and resonance: topic_filter.
 */
#include <math.h>
#include <stdio.h>

#include "probe.h"

#define WIRES 4u
#define TONE 3000.0 /* Hz, 16 frames a period */
#define HIGH_TONE 6000.0

/* What is read from the sound of a row. */
enum reading {
    RATE, DELAY,                    /* of an LFO that moves the pitch */
    PITCH, GAIN, CUTOFF, PAN, SIDE, /* at rest; SIDE: the silent side of a hard pan */
    DEPTH                           /* of the LFO on the first wire's destination */
};

struct row {
    const char *what;
    struct probe_wire wires[WIRES];
    uint8_t key, velocity, cc, value, pressure; /* 0: 60, 127, none */
    uint16_t wheel;                             /* 0: in the middle */
    enum reading reading;
    double expected, guess; /* guess: rate in Hz where DELAY is read and the other way round */
    double seconds;         /* 0: 1 */
    const char *clause;     /* NULL: 2.7 */
};

static double seconds_of(const struct row *row)
{
    return row->seconds > 0 ? row->seconds : 1;
}

static uint64_t row_at(const struct row *rows, uint32_t index)
{
    double at = 1;
    for (uint32_t i = 0; i < index; i++)
        at += seconds_of(&rows[i]) + 0.3;
    return (uint64_t)(at * CONF_RATE) / 64 * 64;
}

static uint32_t wires_of(const struct row *row, connection list[WIRES])
{
    uint32_t n = 0;
    for (; n < WIRES && row->wires[n].destination; n++)
        list[n] = probe_connection(&row->wires[n]);
    return n;
}

static bool moves_cutoff(const struct row *row)
{
    return row->reading == CUTOFF || (row->reading == DEPTH && row->wires[0].destination == DST_CUTOFF);
}

static bool moves_gain(const struct row *row)
{
    return row->reading == GAIN || (row->reading == DEPTH && row->wires[0].destination == DST_GAIN);
}

/* The pan rows play a constant, all others the quadrature pair. */
static void build_rows(struct conf_bank *bank, struct conf_song *song, const struct row *rows, uint32_t count)
{
    struct probe_waves waves = probe_begin_pair(bank, song, 16), high = probe_quadrature(bank, 8);
    uint32_t constant = probe_constant(bank);
    for (uint32_t i = 0; i < count; i++) {
        const struct row *row = &rows[i];
        connection list[WIRES];
        uint32_t n = wires_of(row, list);
        if (row->reading == PAN || row->reading == SIDE)
            probe_instrument(bank, i + 1, constant, list, n);
        else
            probe_pair(bank, i + 1, moves_cutoff(row) ? high : waves, list, n);
        uint64_t at = row_at(rows, i);
        probe_controllers(song, at - 4800, 0);
        if (moves_gain(row) && row->cc != 7)
            conf_cc(song, at - 4800, 0, 7, 64);
        if (row->cc)
            conf_cc(song, at - 4800, 0, row->cc, row->value);
        conf_message(song, at - 4800, 0xd0, row->pressure, 0);
        if (row->wheel)
            conf_wheel(song, at - 4800, 0, row->wheel);
        probe_play(song, at, (uint64_t)(seconds_of(row) * CONF_RATE), i + 1, row->key ? row->key : 60,
                   row->velocity ? row->velocity : 127);
    }
    conf_until(song, row_at(rows, count));
}

static struct probe_sine fit(const struct conf_judge *judge, const struct row *row, uint64_t at, double hertz, double delay)
{
    enum { POINTS = 300 };
    double values[POINTS], skip = fmin(delay, 10) + 0.02;
    size_t from = (size_t)(skip * CONF_RATE), step = (size_t)((seconds_of(row) - skip - 0.02) * CONF_RATE) / POINTS;
    enum probe_kind kind = moves_cutoff(row) ? PROBE_CUTOFF : moves_gain(row) ? PROBE_GAIN : PROBE_PITCH;
    probe_series(judge, kind, at + from, step, POINTS, kind == PROBE_CUTOFF ? HIGH_TONE : TONE, values);
    return probe_fit(values, POINTS, (double)from / CONF_RATE, (double)step / CONF_RATE, hertz, delay);
}

static double pan_of(const struct conf_judge *judge, uint64_t at)
{
    const struct conf_sound *sound = conf_sound(judge);
    double left = conf_mean(sound, CONF_LEFT, at, at + 9600), right = conf_mean(sound, CONF_RIGHT, at, at + 9600);
    return 100 * (atan2(right, left) / 1.57079632679489661923 - 0.5);
}

static void judge_row(struct conf_judge *judge, const struct row *row, uint64_t at)
{
    const char *clause = row->clause ? row->clause : "2.7";
    double settled = fmin(0.5, seconds_of(row) / 2);
    size_t middle = at + (size_t)(settled * CONF_RATE);
    enum conf_channel side;
    switch (row->reading) {
    case RATE:
        conf_row(judge, clause, row->expected, fit(judge, row, at, row->expected, row->guess).hertz, row->expected * 0.01, "Hz",
                 "%s", row->what);
        break;
    case DELAY: {
        struct probe_sine sine = fit(judge, row, at, row->guess, row->expected);
        conf_row(judge, clause, row->expected, sine.depth > 50 ? sine.delay : NAN, 0.001, "s", "%s", row->what);
        break;
    }
    case PITCH:
        conf_row(judge, clause, row->expected, probe_cents(judge, middle, middle + 9600, TONE), 0.1, "cent", "%s", row->what);
        break;
    case GAIN:
        conf_row(judge, clause, row->expected, probe_amplitude_db(judge, middle), 0.05, "dB", "%s", row->what);
        break;
    case CUTOFF:
        conf_row(judge, clause, row->expected, probe_cutoff(judge, middle, HIGH_TONE, 0), 25, "cent", "%s", row->what);
        break;
    case PAN:
        conf_row(judge, clause, row->expected, pan_of(judge, middle), 0.2, "%", "%s", row->what);
        break;
    case SIDE:
        side = row->wires[0].amount < 0 ? CONF_RIGHT : CONF_LEFT;
        conf_at_most(judge, clause, row->expected, conf_to_db(conf_rms(conf_sound(judge), side, middle, middle + 9600)), "dB", "%s",
                     row->what);
        break;
    case DEPTH:
        conf_row(judge, clause, row->expected, fit(judge, row, at, 5, 0.01).depth,
                 fmax(fabs(row->expected) * 0.01, moves_gain(row) ? 0.05 : 0.5),
                 moves_gain(row) ? "dB" : "cent", "%s", row->what);
    }
}

static void judge_rows(struct conf_judge *judge, const struct row *rows, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        judge_row(judge, &rows[i], row_at(rows, i));
}

#define CASE(name)                                                                \
    static void build_##name(struct conf_bank *bank, struct conf_song *song)      \
    {                                                                             \
        build_rows(bank, song, name##_rows, COUNT(name##_rows));                  \
    }                                                                             \
    static void judge_##name(struct conf_judge *judge)                            \
    {                                                                             \
        judge_rows(judge, name##_rows, COUNT(name##_rows));                       \
    }

/* ---- frequency and delay of the LFOs ---------------------------------------------- */

#define PITCH_LFO {SRC_LFO, 0, DST_PITCH, TRN_BIPOLAR, 100}
#define PITCH_VIB {SRC_VIBRATO, 0, DST_PITCH, TRN_BIPOLAR, 100}
#define RATE_ROWS(name, moved, destination)                                                                                        \
    {.what = name " frequency: absent, 5 Hz", .wires = {moved}, .reading = RATE, .expected = 5, .guess = 0.01},                    \
    {.what = name " frequency: minimum, 0.1 Hz", .wires = {moved, {0, 0, destination, 0, 0.1}}, .reading = RATE, .expected = 0.1,  \
     .guess = 0.01, .seconds = 8},                                                                                                 \
    {.what = name " frequency: maximum, 20 Hz", .wires = {moved, {0, 0, destination, 0, 20}}, .reading = RATE, .expected = 20,     \
     .guess = 0.01},                                                                                                               \
    {.what = name " frequency: 0.05 Hz is 0.1 Hz", .wires = {moved, {0, 0, destination, 0, 0.05}}, .reading = RATE,                \
     .expected = 0.1, .guess = 0.01, .seconds = 8, .clause = "2.3"},                                                               \
    {.what = name " frequency: 40 Hz is 20 Hz", .wires = {moved, {0, 0, destination, 0, 40}}, .reading = RATE, .expected = 20,     \
     .guess = 0.01, .clause = "2.3"},                                                                                              \
    {.what = name " frequency: 500 Hz is 5 Hz", .wires = {moved, {0, 0, destination, 0, 500}}, .reading = RATE, .expected = 5,     \
     .guess = 0.01, .clause = "2.9 rule 6"},                                                                                       \
    {.what = name " frequency: 0.001 Hz is 5 Hz", .wires = {moved, {0, 0, destination, 0, 0.001}}, .reading = RATE, .expected = 5, \
     .guess = 0.01, .clause = "2.9 rule 6"}
#define DELAY_ROWS(name, moved, destination)                                                                                       \
    {.what = name " delay: absent, 10 ms", .wires = {moved}, .reading = DELAY, .expected = 0.01, .guess = 5},                      \
    {.what = name " delay: minimum, 10 ms", .wires = {moved, {0, 0, destination, 0, 0.01}}, .reading = DELAY, .expected = 0.01,    \
     .guess = 5},                                                                                                                  \
    {.what = name " delay: 100 ms", .wires = {moved, {0, 0, destination, 0, 0.1}}, .reading = DELAY, .expected = 0.1, .guess = 5}, \
    {.what = name " delay: maximum, 10 s", .wires = {moved, {0, 0, destination, 0, 10}}, .reading = DELAY, .expected = 10,         \
     .guess = 5, .seconds = 11},                                                                                                   \
    {.what = name " delay: 1 ms is 10 ms", .wires = {moved, {0, 0, destination, 0, 0.001}}, .reading = DELAY, .expected = 0.01,    \
     .guess = 5, .clause = "2.3"},                                                                                                 \
    {.what = name " delay: 15 s is 10 s", .wires = {moved, {0, 0, destination, 0, 15}}, .reading = DELAY, .expected = 10,          \
     .guess = 5, .seconds = 11, .clause = "2.3"}

static const struct row clock_rows[] = {
    RATE_ROWS("LFO", PITCH_LFO, DST_LFO_FREQUENCY), RATE_ROWS("vibrato LFO", PITCH_VIB, DST_VIB_FREQUENCY),
    DELAY_ROWS("LFO", PITCH_LFO, DST_LFO_DELAY), DELAY_ROWS("vibrato LFO", PITCH_VIB, DST_VIB_DELAY)};
CASE(clock)

/* ---- pitch ---------------------------------------------------------------------------- */

#define LFO_PITCH_ROWS(name, source)                                                                                             \
    {.what = name " to pitch: absent", .wires = {{0, 0, DST_PAN, 0, 0}}, .cc = 1, .value = 127, .pressure = 127,                 \
     .reading = PITCH},                                                                                                          \
    {.what = name " to pitch: minimum", .wires = {{source, 0, DST_PITCH, TRN_BIPOLAR, -1200}}, .reading = DEPTH,                 \
     .expected = -1200},                                                                                                         \
    {.what = name " to pitch: maximum", .wires = {{source, 0, DST_PITCH, TRN_BIPOLAR, 1200}}, .reading = DEPTH,                  \
     .expected = 1200},                                                                                                          \
    {.what = name " to pitch: 1800 cents, beyond the range", .wires = {{source, 0, DST_PITCH, TRN_BIPOLAR, 1800}}, .reading = DEPTH,        \
     .expected = 1800, .clause = "2.7, extension"},                                                                                  \
    {.what = name " by CC1 to pitch: minimum, CC1 = 64", .wires = {{source, SRC_CC + 1, DST_PITCH, TRN_BIPOLAR, -1200}}, .cc = 1, \
     .value = 64, .reading = DEPTH, .expected = -600},                                                                           \
    {.what = name " by CC1 to pitch: maximum, CC1 = 64", .wires = {{source, SRC_CC + 1, DST_PITCH, TRN_BIPOLAR, 1200}}, .cc = 1,  \
     .value = 64, .reading = DEPTH, .expected = 600},                                                                            \
    {.what = name " by CC1 to pitch: 2400, beyond the range, CC1 = 64", .wires = {{source, SRC_CC + 1, DST_PITCH, TRN_BIPOLAR, 2400}}, \
     .cc = 1, .value = 64, .reading = DEPTH, .expected = 1200, .clause = "2.7, extension"},                                           \
    {.what = name " by pressure to pitch: minimum, pressure 64", .wires = {{source, SRC_PRESSURE, DST_PITCH, TRN_BIPOLAR, -1200}}, \
     .pressure = 64, .reading = DEPTH, .expected = -600},                                                                        \
    {.what = name " by pressure to pitch: maximum, pressure 64", .wires = {{source, SRC_PRESSURE, DST_PITCH, TRN_BIPOLAR, 1200}}, \
     .pressure = 64, .reading = DEPTH, .expected = 600},                                                                         \
    {.what = name " by pressure to pitch: 2400, beyond the range, pressure 64",                                                      \
     .wires = {{source, SRC_PRESSURE, DST_PITCH, TRN_BIPOLAR, 2400}}, .pressure = 64, .reading = DEPTH, .expected = 1200,          \
     .clause = "2.7, extension"}

static const struct row pitch_rows[] = {
    {.what = "tuning: absent", .wires = {{0, 0, DST_PAN, 0, 0}}, .reading = PITCH},
    {.what = "tuning: minimum", .wires = {{0, 0, DST_PITCH, 0, -1200}}, .reading = PITCH, .expected = -1200},
    {.what = "tuning: maximum", .wires = {{0, 0, DST_PITCH, 0, 1200}}, .reading = PITCH, .expected = 1200},
    {.what = "tuning: 1800 cents, beyond the range", .wires = {{0, 0, DST_PITCH, 0, 1800}}, .reading = PITCH, .expected = 1800,
     .clause = "2.7, extension"},
    {.what = "wheel by RPN 0: absent, wheel up", .wires = {{0, 0, DST_PAN, 0, 0}}, .wheel = 16383, .reading = PITCH,
     .expected = 200 * 8191 / 8192.0},
    {.what = "wheel by RPN 0: absent, wheel at 4096", .wires = {{0, 0, DST_PAN, 0, 0}}, .wheel = 4096, .reading = PITCH,
     .expected = -100},
    {.what = "wheel by RPN 0: 12800, wheel at 12288", .wires = {{SRC_WHEEL, SRC_RPN0, DST_PITCH, TRN_BIPOLAR, 12800}},
     .wheel = 12288, .reading = PITCH, .expected = 100},
    {.what = "wheel by RPN 0: 0, wheel at 12288", .wires = {{SRC_WHEEL, SRC_RPN0, DST_PITCH, TRN_BIPOLAR, 0}}, .wheel = 12288,
     .reading = PITCH, .clause = "2.9 rule 5"},
    {.what = "key to pitch: absent, key 67", .wires = {{0, 0, DST_PAN, 0, 0}}, .key = 67, .reading = PITCH, .expected = 700},
    {.what = "key to pitch: maximum, 12800, key 53", .wires = {{SRC_KEY, 0, DST_PITCH, 0, 12800}}, .key = 53, .reading = PITCH,
     .expected = -700},
    {.what = "key to pitch: 11520, key 70, unity 60", .wires = {{SRC_KEY, 0, DST_PITCH, 0, 11520}}, .key = 70, .reading = PITCH,
     .expected = 90 * 70 - 6000, .clause = "3.3"},
    {.what = "RPN 1 to pitch: absent, RPN 1 = 0", .wires = {{0, 0, DST_PAN, 0, 0}}, .cc = 6, .value = 0, .reading = PITCH,
     .expected = -100},
    {.what = "RPN 1 to pitch: absent, RPN 1 = 96 * 128", .wires = {{0, 0, DST_PAN, 0, 0}}, .cc = 6, .value = 96, .reading = PITCH,
     .expected = 50},
    {.what = "RPN 1 to pitch: maximum, RPN 1 = 80 * 128", .wires = {{SRC_RPN1, 0, DST_PITCH, TRN_BIPOLAR, 100}}, .cc = 6,
     .value = 80, .reading = PITCH, .expected = 25},
    {.what = "RPN 1 to pitch: minimum, 0, RPN 1 = 96 * 128", .wires = {{SRC_RPN1, 0, DST_PITCH, TRN_BIPOLAR, 0}}, .cc = 6,
     .value = 96, .reading = PITCH},
    LFO_PITCH_ROWS("LFO", SRC_LFO),
    LFO_PITCH_ROWS("vibrato LFO", SRC_VIBRATO),
    {.what = "EG2 to pitch: absent", .wires = {{0, 0, DST_EG2_SUSTAIN, 0, 100}}, .reading = PITCH},
    {.what = "EG2 to pitch: minimum", .wires = {{SRC_EG2, 0, DST_PITCH, 0, -1200}}, .reading = PITCH, .expected = -1200},
    {.what = "EG2 to pitch: maximum", .wires = {{SRC_EG2, 0, DST_PITCH, 0, 1200}}, .reading = PITCH, .expected = 1200},
    {.what = "EG2 to pitch: 1800 cents, beyond the range", .wires = {{SRC_EG2, 0, DST_PITCH, 0, 1800}}, .reading = PITCH, .expected = 1800,
     .clause = "2.7, extension"},
};

/* RPN 1 is left selected for the data entry of its rows. */
static void build_pitch(struct conf_bank *bank, struct conf_song *song)
{
    build_rows(bank, song, pitch_rows, COUNT(pitch_rows));
    for (uint32_t i = 0; i < COUNT(pitch_rows); i++)
        if (pitch_rows[i].cc == 6)
            conf_rpn(song, row_at(pitch_rows, i) - 2400, 0, 1, pitch_rows[i].value, 0);
}

static void judge_pitch(struct conf_judge *judge)
{
    judge_rows(judge, pitch_rows, COUNT(pitch_rows));
}

/* ---- gain ------------------------------------------------------------------------------- */

/* CC7 stands at 64 (-11.9 dB) in all but the rows about it, so that what makes louder has room. */
#define ROOM (-11.905)
static const struct row gain_rows[] = {
    {.what = "LFO to gain, by CC1, by pressure: absent", .wires = {{0, 0, DST_PAN, 0, 0}}, .cc = 1, .value = 127, .pressure = 127,
     .reading = GAIN, .expected = ROOM},
    {.what = "LFO to gain: 6 dB", .wires = {{SRC_LFO, 0, DST_GAIN, TRN_BIPOLAR, 6}}, .reading = DEPTH, .expected = 6},
    {.what = "LFO to gain: maximum, 12 dB", .wires = {{SRC_LFO, 0, DST_GAIN, TRN_BIPOLAR, 12}}, .reading = DEPTH, .expected = 12},
    {.what = "LFO to gain: 18 dB, beyond the range", .wires = {{SRC_LFO, 0, DST_GAIN, TRN_BIPOLAR, 18}}, .reading = DEPTH, .expected = 18,
     .clause = "2.7, extension"},
    {.what = "LFO by CC1 to gain: maximum, CC1 = 64", .wires = {{SRC_LFO, SRC_CC + 1, DST_GAIN, TRN_BIPOLAR, 12}}, .cc = 1,
     .value = 64, .reading = DEPTH, .expected = 6},
    {.what = "LFO by CC1 to gain: 24 dB, beyond the range, CC1 = 64", .wires = {{SRC_LFO, SRC_CC + 1, DST_GAIN, TRN_BIPOLAR, 24}}, .cc = 1,
     .value = 64, .reading = DEPTH, .expected = 12, .clause = "2.7, extension"},
    {.what = "LFO by pressure to gain: maximum, pressure 64", .wires = {{SRC_LFO, SRC_PRESSURE, DST_GAIN, TRN_BIPOLAR, 12}},
     .pressure = 64, .reading = DEPTH, .expected = 6},
    {.what = "LFO by pressure to gain: 24 dB, beyond the range, pressure 64", .wires = {{SRC_LFO, SRC_PRESSURE, DST_GAIN, TRN_BIPOLAR, 24}},
     .pressure = 64, .reading = DEPTH, .expected = 12, .clause = "2.7, extension"},
    {.what = "velocity to gain: absent, velocity 64", .wires = {{0, 0, DST_PAN, 0, 0}}, .velocity = 64, .reading = GAIN,
     .expected = 2 * ROOM},
    {.what = "velocity to gain: -96 dB, velocity 64", .wires = {{SRC_VELOCITY, 0, DST_GAIN, TRN_INVERT | TRN_CONCAVE, -96}},
     .velocity = 64, .reading = GAIN, .expected = 2 * ROOM},
    {.what = "velocity to gain: 0, velocity 64", .wires = {{SRC_VELOCITY, 0, DST_GAIN, TRN_INVERT | TRN_CONCAVE, 0}},
     .velocity = 64, .reading = GAIN, .expected = ROOM},
    {.what = "CC7 to gain: -96 dB, CC7 = 64", .wires = {{SRC_CC + 7, 0, DST_GAIN, TRN_INVERT | TRN_CONCAVE, -96}}, .cc = 7,
     .value = 64, .reading = GAIN, .expected = ROOM},
    {.what = "CC7 to gain: 0, CC7 = 64", .wires = {{SRC_CC + 7, 0, DST_GAIN, TRN_INVERT | TRN_CONCAVE, 0}}, .cc = 7, .value = 64,
     .reading = GAIN, .clause = "2.9 rule 5"},
    {.what = "CC11 to gain: -96 dB, CC11 = 64", .wires = {{SRC_CC + 11, 0, DST_GAIN, TRN_INVERT | TRN_CONCAVE, -96}}, .cc = 11,
     .value = 64, .reading = GAIN, .expected = 2 * ROOM},
    {.what = "CC11 to gain: 0, CC11 = 64", .wires = {{SRC_CC + 11, 0, DST_GAIN, TRN_INVERT | TRN_CONCAVE, 0}}, .cc = 11,
     .value = 64, .reading = GAIN, .expected = ROOM, .clause = "2.9 rule 5"},
};
CASE(gain)

/* ---- pan ----------------------------------------------------------------------------------- */

static const struct row pan_rows[] = {
    {.what = "default pan: absent", .wires = {{0, 0, DST_PITCH, 0, 0}}, .reading = PAN},
    {.what = "default pan: 20 %", .wires = {{0, 0, DST_PAN, 0, 20}}, .reading = PAN, .expected = 20},
    {.what = "default pan: minimum, -50 %: right", .wires = {{0, 0, DST_PAN, 0, -50}}, .reading = SIDE, .expected = -100},
    {.what = "default pan: maximum, 50 %: left", .wires = {{0, 0, DST_PAN, 0, 50}}, .reading = SIDE, .expected = -100},
    {.what = "default pan: -80 % is -50 %: right", .wires = {{0, 0, DST_PAN, 0, -80}}, .reading = SIDE, .expected = -100,
     .clause = "2.3"},
    {.what = "default pan: 80 % is 50 %: left", .wires = {{0, 0, DST_PAN, 0, 80}}, .reading = SIDE, .expected = -100,
     .clause = "2.3"},
    {.what = "CC10 to pan: absent, CC10 = 96", .wires = {{0, 0, DST_PITCH, 0, 0}}, .cc = 10, .value = 96, .reading = PAN,
     .expected = 25.4},
    {.what = "CC10 to pan: maximum, 50.8 %, CC10 = 32", .wires = {{SRC_CC + 10, 0, DST_PAN, TRN_BIPOLAR, 50.8}}, .cc = 10,
     .value = 32, .reading = PAN, .expected = -25.4},
    {.what = "CC10 to pan: minimum, -50.8 %, CC10 = 32", .wires = {{SRC_CC + 10, 0, DST_PAN, TRN_BIPOLAR, -50.8}}, .cc = 10,
     .value = 32, .reading = PAN, .expected = 25.4},
    {.what = "CC10 to pan: 20 %, CC10 = 96", .wires = {{SRC_CC + 10, 0, DST_PAN, TRN_BIPOLAR, 20}}, .cc = 10, .value = 96,
     .reading = PAN, .expected = 10},
    {.what = "CC10 to pan: 0, CC10 = 127", .wires = {{SRC_CC + 10, 0, DST_PAN, TRN_BIPOLAR, 0}}, .cc = 10, .value = 127,
     .reading = PAN, .clause = "2.9 rule 5"},
};
CASE(pan)

/* ---- cutoff ----------------------------------------------------------------------------------- */

#define AT_1000 {0, 0, DST_CUTOFF, 0, 1000}
#define CENTS_1000 8321.309
static const struct row cutoff_rows[] = {
    {.what = "initial cutoff: minimum, 5535 cents", .wires = {{0, 0, DST_CUTOFF, 0, 200}}, .reading = CUTOFF, .expected = 5535},
    {.what = "initial cutoff: 1000 Hz; moved by nothing when all is absent", .wires = {AT_1000}, .cc = 1, .value = 127,
     .pressure = 127, .reading = CUTOFF, .expected = CENTS_1000},
    {.what = "initial cutoff: 4000 Hz", .wires = {{0, 0, DST_CUTOFF, 0, 4000}}, .reading = CUTOFF, .expected = CENTS_1000 + 2400},
    {.what = "LFO to cutoff: 1200 cents", .wires = {{SRC_LFO, 0, DST_CUTOFF, TRN_BIPOLAR, 1200}, AT_1000}, .reading = DEPTH,
     .expected = 1200},
    {.what = "LFO by CC1 to cutoff: maximum, 12800 cents, CC1 = 8",
     .wires = {{SRC_LFO, SRC_CC + 1, DST_CUTOFF, TRN_BIPOLAR, 12800},
               AT_1000}, .cc = 1, .value = 8, .reading = DEPTH, .expected = 800},
    {.what = "LFO by CC1 to cutoff: minimum, -12800 cents, CC1 = 8",
     .wires = {{SRC_LFO, SRC_CC + 1, DST_CUTOFF, TRN_BIPOLAR, -12800},
               AT_1000}, .cc = 1, .value = 8, .reading = DEPTH, .expected = -800},
    {.what = "LFO by pressure to cutoff: maximum, 12800 cents, pressure 8",
     .wires = {{SRC_LFO, SRC_PRESSURE, DST_CUTOFF, TRN_BIPOLAR, 12800}, AT_1000}, .pressure = 8, .reading = DEPTH, .expected = 800},
    {.what = "LFO by pressure to cutoff: minimum, -12800 cents, pressure 8",
     .wires = {{SRC_LFO, SRC_PRESSURE, DST_CUTOFF, TRN_BIPOLAR, -12800},
               AT_1000}, .pressure = 8, .reading = DEPTH, .expected = -800},
    {.what = "EG2 to cutoff: maximum, 12800 cents, sustain 10 %",
     .wires = {{SRC_EG2, 0, DST_CUTOFF, 0, 12800}, {0, 0, DST_EG2_SUSTAIN, 0, 10},
               AT_1000}, .reading = CUTOFF, .expected = CENTS_1000 + 1280},
    {.what = "EG2 to cutoff: minimum, -12800 cents, sustain 10 %",
     .wires = {{SRC_EG2, 0, DST_CUTOFF, 0, -12800}, {0, 0, DST_EG2_SUSTAIN, 0, 10},
               AT_1000}, .reading = CUTOFF, .expected = CENTS_1000 - 1280},
    {.what = "velocity to cutoff: maximum, 12800 cents, velocity 16",
     .wires = {{SRC_VELOCITY, 0, DST_CUTOFF, 0, 12800}, {SRC_VELOCITY, 0, DST_GAIN, TRN_INVERT | TRN_CONCAVE, 0},
               AT_1000}, .velocity = 16, .reading = CUTOFF, .expected = CENTS_1000 + 1600},
    {.what = "velocity to cutoff: minimum, -12800 cents, velocity 16",
     .wires = {{SRC_VELOCITY, 0, DST_CUTOFF, 0, -12800}, {SRC_VELOCITY, 0, DST_GAIN, TRN_INVERT | TRN_CONCAVE, 0},
               AT_1000}, .velocity = 16, .reading = CUTOFF, .expected = CENTS_1000 - 1600},
    {.what = "key to cutoff: maximum, 12800 cents from 31.25 Hz, key 60",
     .wires = {{SRC_KEY, 0, DST_CUTOFF, 0, 12800}, {0, 0, DST_CUTOFF, 0, 31.25}}, .reading = CUTOFF, .expected = CENTS_1000},
    {.what = "key to cutoff: minimum, -12800 cents from 32 kHz, key 60",
     .wires = {{SRC_KEY, 0, DST_CUTOFF, 0, -12800}, {0, 0, DST_CUTOFF, 0, 32000}}, .reading = CUTOFF, .expected = CENTS_1000},
};
CASE(cutoff)

/* ---- key number ----------------------------------------------------------------------------------- */

/* RPN 2 moves the key before the region is chosen: keys below 64 are quiet, from 64 on open; the pitch tells the key. */
static const struct { const char *what; bool written; double scale; uint8_t key, rpn2; int heard; } keys[] = {
    {"RPN 2 to key number: absent, key 60, RPN 2 in the middle", false, 0, 60, 64, 60},
    {"RPN 2 to key number: absent, key 60, +5", false, 0, 60, 69, 65},
    {"RPN 2 to key number: absent, key 67, -5", false, 0, 67, 59, 62},
    {"RPN 2 to key number: maximum, 6400 cents, key 60, +4", true, 6400, 60, 68, 64},
    {"RPN 2 to key number: minimum, 0, key 60, +5", true, 0, 60, 69, 60},
    {"RPN 2 to key number: 3200 cents, key 60, +10", true, 3200, 60, 74, 65},
};

static void build_key(struct conf_bank *bank, struct conf_song *song)
{
    struct probe_waves waves = probe_begin_pair(bank, song, 16);
    for (uint32_t i = 0; i < COUNT(keys); i++) {
        conf_instrument(bank, 0, 0, i + 1, false);
        if (keys[i].written)
            conf_connect(bank, SRC_RPN2, SRC_NONE, DST_KEYNUMBER, TRN_BIPOLAR, conf_cents(keys[i].scale));
        for (int r = 0; r < 4; r++) {
            struct dls_region *region = conf_region(bank, r & 1 ? waves.cosine : waves.sine);
            region->key_low = r & 2 ? 64 : 0;
            region->key_high = r & 2 ? 127 : 63;
            region->sample.gain = r & 2 ? 0 : conf_db(-20);
            conf_connect(bank, SRC_NONE, SRC_NONE, DST_PAN, TRN_NONE, conf_percent(r & 1 ? 50 : -50));
        }
        uint64_t at = PROBE_FIRST + i * CONF_RATE;
        conf_rpn(song, at - 4800, 0, 2, keys[i].rpn2, 0);
        probe_play(song, at, 38400, i + 1, keys[i].key, 127);
    }
    conf_until(song, PROBE_FIRST + COUNT(keys) * CONF_RATE);
}

static void judge_key(struct conf_judge *judge)
{
    for (uint32_t i = 0; i < COUNT(keys); i++) {
        size_t at = PROBE_FIRST + i * CONF_RATE + 19200;
        conf_row(judge, "DLS2 1.7.3", 100 * (keys[i].heard - 60), probe_cents(judge, at, at + 9600, TONE), 0.1, "cent", "%s: pitch",
                 keys[i].what);
        conf_row(judge, "DLS2 1.7.3", keys[i].heard >= 64 ? 0 : -20, probe_amplitude_db(judge, at), 0.05, "dB", "%s: region",
                 keys[i].what);
    }
}

static const struct conf_case cases[] = {
    {.id = "connect-clock", .title = "Frequency and delay of the LFOs", .build = build_clock, .judge = judge_clock},
    {.id = "connect-pitch", .title = "To pitch", .build = build_pitch, .judge = judge_pitch},
    {.id = "connect-gain", .title = "To gain", .build = build_gain, .judge = judge_gain},
    {.id = "connect-pan", .title = "To pan", .build = build_pan, .judge = judge_pan},
    {.id = "connect-cutoff", .title = "To the cutoff", .build = build_cutoff, .judge = judge_cutoff},
    {.id = "connect-key", .title = "To the key number", .build = build_key, .judge = judge_key},
};

extern const struct conf_topic conf_topic_connections;
const struct conf_topic conf_topic_connections = {"Connections", cases, COUNT(cases)};
