/* SPDX-License-Identifier: MIT */
/*
 * topic_lfo.c - the two LFOs: rate, delay, shape, polarity and depth.
 *
 * Rules: DLS 2.2 sections 1.7.1 and 1.15.4 (spec/dls.md 3.5): 0.1 to 20 Hz within 1 %, delay of 10 ms to 10 s within 10 ms, phase
 * 0 after it, bipolar: a positive scale is louder, higher and brighter in the first half of the cycle. Stricter here: rate within
 * 0.2 %, delay within 1 ms, depth within 1 % of itself. Read from the quadrature probe as a function of time, fitted by
 * centre + depth sin(2 pi rate (t - delay)).
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "probe.h"

#define POINTS 400u
#define TONE 3000.0 /* Hz, 16 frames a period */
#define HIGH_TONE 6000.0 /* for the cutoff */
#define CUTOFF 1000.0

enum lfo { LFO, VIB };
static const char *const names[] = {"LFO", "vibrato LFO"};
static const uint16_t sources[] = {SRC_LFO, SRC_VIBRATO}, frequencies[] = {DST_LFO_FREQUENCY, DST_VIB_FREQUENCY},
                      delays[] = {DST_LFO_DELAY, DST_VIB_DELAY};

/* Fit POINTS values from SKIP seconds after the note-on at AT over SECONDS. */
static struct probe_sine fit(const struct conf_judge *judge, enum probe_kind kind, uint64_t at, double skip, double seconds,
                             double hertz, double delay)
{
    double values[POINTS], from = floor(skip * CONF_RATE), step = floor(seconds * CONF_RATE / POINTS);
    probe_series(judge, kind, at + (size_t)from, (size_t)step, POINTS, kind == PROBE_CUTOFF ? HIGH_TONE : TONE, values);
    return probe_fit(values, POINTS, from / CONF_RATE, step / CONF_RATE, hertz, delay);
}

/* ---- rate and delay ----------------------------------------------------------- */

static const struct { double hertz, delay, seconds; } clocks[] = {
    {0.1, 0.01, 20}, {0.5, 0.01, 5}, {1, 0.1, 4}, {5, 0.01, 2}, {5.5, 0.5, 2.5}, {8, 1, 3}, {10, 0.25, 1.5}, {20, 0.01, 1.5},
    {20, 2, 4}};

static uint64_t clock_at(uint32_t lfo, uint32_t index)
{
    uint64_t at = PROBE_FIRST;
    for (uint32_t i = 0; i < lfo * COUNT(clocks) + index; i++)
        at += (uint64_t)((clocks[i % COUNT(clocks)].seconds + 0.5) * CONF_RATE);
    return at;
}

static void build_clock(struct conf_bank *bank, struct conf_song *song)
{
    struct probe_waves waves = probe_begin_pair(bank, song, 16);
    for (uint32_t lfo = 0; lfo < 2; lfo++)
        for (uint32_t i = 0; i < COUNT(clocks); i++) {
            connection list[] = {{SRC_NONE, SRC_NONE, frequencies[lfo], TRN_NONE, conf_hertz(clocks[i].hertz)},
                                 {SRC_NONE, SRC_NONE, delays[lfo], TRN_NONE, conf_seconds(clocks[i].delay)},
                                 {sources[lfo], SRC_NONE, DST_PITCH, TRN_BIPOLAR, conf_cents(100)}};
            uint32_t program = 1 + lfo * COUNT(clocks) + i;
            probe_pair(bank, program, waves, list, COUNT(list));
            probe_play(song, clock_at(lfo, i), (uint64_t)(clocks[i].seconds * CONF_RATE), program, 60, 127);
        }
    conf_until(song, clock_at(2, 0));
}

static void judge_clock(struct conf_judge *judge)
{
    for (uint32_t lfo = 0; lfo < 2; lfo++)
        for (uint32_t i = 0; i < COUNT(clocks); i++) {
            double hertz = clocks[i].hertz, delay = clocks[i].delay;
            double skip = delay + 0.02, span = clocks[i].seconds - skip - 0.02;
            struct probe_sine sine = fit(judge, PROBE_PITCH, clock_at(lfo, i), skip, span, hertz, delay);
            conf_row(judge, "DLS2 1.15.4", hertz, sine.hertz, hertz * 0.002, "Hz", "%s: rate of %g Hz", names[lfo], hertz);
            conf_row(judge, "DLS2 1.15.4", delay * 1000, sine.delay * 1000, 1, "ms",
                     "%s: start after a delay of %g ms, phase 0 (%g Hz)", names[lfo], delay * 1000, hertz);
            double still = probe_cents(judge, clock_at(lfo, i) + 240, clock_at(lfo, i) + (size_t)(delay * CONF_RATE) - 48, TONE);
            conf_row(judge, "DLS2 1.7.1", 0, still, 0.1, "cent", "%s: pitch during the delay of %g ms (%g Hz)", names[lfo],
                     delay * 1000, hertz);
        }
    conf_plot(judge, "LFO of 5.5 Hz after 0.5 s", "ms after note-on", "cents", false);
    for (uint32_t k = 1; k < 160; k++) {
        double t = 0.4 + 0.005 * k, exact = t < 0.5 ? 0 : 100 * sin(6.283185307179586 * 5.5 * (t - 0.5));
        size_t at = clock_at(LFO, 4) + (size_t)lrint(t * CONF_RATE);
        conf_point(judge, t * 1000, exact, probe_cents(judge, at - 24, at + 24, TONE));
    }
}

/* ---- shape ---------------------------------------------------------------------- */

static void build_shape(struct conf_bank *bank, struct conf_song *song)
{
    struct probe_waves waves = probe_begin_pair(bank, song, 16);
    for (uint32_t i = 0; i < 4; i++) {
        uint32_t lfo = i / 2;
        connection list[] = {{SRC_NONE, SRC_NONE, frequencies[lfo], TRN_NONE, conf_hertz(i % 2 ? 20 : 2)},
                             {sources[lfo], SRC_NONE, DST_PITCH, TRN_BIPOLAR, conf_cents(600)}};
        probe_pair(bank, i + 1, waves, list, COUNT(list));
        probe_play(song, PROBE_FIRST + i * 2 * CONF_RATE, CONF_RATE * 3 / 2, i + 1, 60, 127);
    }
    conf_until(song, PROBE_FIRST + 8 * CONF_RATE);
}

static void judge_shape(struct conf_judge *judge)
{
    for (uint32_t i = 0; i < 4; i++) {
        uint64_t at = PROBE_FIRST + i * 2 * CONF_RATE;
        double hertz = i % 2 ? 20 : 2;
        struct probe_sine sine = fit(judge, PROBE_PITCH, at, 0.02, 1.2, hertz, 0.01);
        /* The pitch is read as a mean over some frames, which rounds the crests by sinc(span * rate). */
        double span = floor(1.2 * CONF_RATE / POINTS) / CONF_RATE * hertz * 3.141592653589793;
        conf_row(judge, "DLS2 1.7.1", 600 * sin(span) / span, sine.depth, 6, "cent", "%s at %g Hz: depth of 600 cents",
                 names[i / 2], hertz);
        conf_at_most(judge, "DLS2 1.7.1", 1, 100 * sine.residual / 600, "%", "%s at %g Hz: largest distance from a sine",
                     names[i / 2], hertz);
        conf_row(judge, "DLS2 1.7.1", 0, sine.centre, 1, "cent", "%s at %g Hz: mean", names[i / 2], hertz);
    }
}

/* ---- depth and polarity ------------------------------------------------------------- */

/* Slots of 1.2 s at 5 Hz; the sine of pitch, gain or cutoff is compared with scale times control. */
#define DEPTH_SLOT 57600u

struct depth {
    enum lfo lfo;
    enum probe_kind kind;
    uint16_t control;
    double scale;     /* cents, or dB */
    uint8_t value;    /* of the control */
};
static const struct depth depths[] = {
    {LFO, PROBE_PITCH, SRC_NONE, 50, 0},           {LFO, PROBE_PITCH, SRC_NONE, -200, 0},
    {LFO, PROBE_PITCH, SRC_NONE, 1200, 0},         {LFO, PROBE_PITCH, SRC_NONE, -1200, 0},
    {LFO, PROBE_PITCH, SRC_CC + 1, 100, 127},      {LFO, PROBE_PITCH, SRC_CC + 1, -400, 32},
    {LFO, PROBE_PITCH, SRC_PRESSURE, 100, 127},    {LFO, PROBE_PITCH, SRC_PRESSURE, -400, 32},
    {LFO, PROBE_GAIN, SRC_NONE, 1, 0},             {LFO, PROBE_GAIN, SRC_NONE, 12, 0},
    {LFO, PROBE_GAIN, SRC_CC + 1, 6, 127},         {LFO, PROBE_GAIN, SRC_CC + 1, 12, 64},
    {LFO, PROBE_GAIN, SRC_PRESSURE, 6, 127},       {LFO, PROBE_GAIN, SRC_PRESSURE, 12, 64},
    {LFO, PROBE_CUTOFF, SRC_NONE, 600, 0},         {LFO, PROBE_CUTOFF, SRC_NONE, -1200, 0},
    {LFO, PROBE_CUTOFF, SRC_CC + 1, 1200, 96},     {LFO, PROBE_CUTOFF, SRC_PRESSURE, 1200, 96},
    {VIB, PROBE_PITCH, SRC_NONE, 50, 0},           {VIB, PROBE_PITCH, SRC_NONE, -200, 0},
    {VIB, PROBE_PITCH, SRC_NONE, 1200, 0},         {VIB, PROBE_PITCH, SRC_NONE, -1200, 0},
    {VIB, PROBE_PITCH, SRC_CC + 1, 100, 127},      {VIB, PROBE_PITCH, SRC_CC + 1, -400, 32},
    {VIB, PROBE_PITCH, SRC_PRESSURE, 100, 127},    {VIB, PROBE_PITCH, SRC_PRESSURE, -400, 32},
    /* not among the connections of DLS 2, but of its form */
    {VIB, PROBE_GAIN, SRC_NONE, 6, 0},             {VIB, PROBE_GAIN, SRC_CC + 1, 6, 64},
    {VIB, PROBE_CUTOFF, SRC_NONE, 600, 0},         {VIB, PROBE_CUTOFF, SRC_PRESSURE, 1200, 64},
};

static double control_value(const struct depth *d)
{
    return d->control ? d->value / 128.0 : 1;
}

static void build_depth(struct conf_bank *bank, struct conf_song *song)
{
    static const uint16_t destinations[] = {DST_PITCH, DST_GAIN, DST_CUTOFF};
    struct probe_waves waves = probe_begin_pair(bank, song, 16), high = probe_quadrature(bank, 8);
    for (uint32_t i = 0; i < COUNT(depths); i++) {
        const struct depth *d = &depths[i];
        connection list[] = {{sources[d->lfo], d->control, destinations[d->kind], TRN_BIPOLAR,
                              d->kind == PROBE_GAIN ? conf_db(d->scale) : conf_cents(d->scale)},
                             {SRC_NONE, SRC_NONE, DST_CUTOFF, TRN_NONE, conf_hertz(CUTOFF)}};
        uint64_t at = PROBE_FIRST + i * DEPTH_SLOT;
        probe_pair(bank, i + 1, d->kind == PROBE_CUTOFF ? high : waves, list, d->kind == PROBE_CUTOFF ? 2 : 1);
        conf_cc(song, at - 2400, 0, 1, d->control == SRC_CC + 1 ? d->value : 0);
        conf_message(song, at - 2400, 0xd0, d->control == SRC_PRESSURE ? d->value : 0, 0);
        conf_cc(song, at - 2400, 0, 7, d->kind == PROBE_GAIN ? 45 : 127); /* 18 dB of room for what is louder */
        probe_play(song, at, DEPTH_SLOT - 4800, i + 1, 60, 127);
    }
    conf_until(song, PROBE_FIRST + COUNT(depths) * DEPTH_SLOT);
}

static void judge_depth(struct conf_judge *judge)
{
    static const char *const what[] = {"pitch", "gain", "cutoff"}, *const units[] = {"cent", "dB", "cent"};
    for (uint32_t i = 0; i < COUNT(depths); i++) {
        const struct depth *d = &depths[i];
        double exact = d->scale * control_value(d);
        struct probe_sine sine = fit(judge, d->kind, PROBE_FIRST + i * DEPTH_SLOT, 0.05, 1.0, 5, 0.01);
        const char *by = d->control == SRC_NONE ? "" : d->control == SRC_PRESSURE ? " by pressure = " : " by CC1 = ";
        char value[8] = "";
        if (d->control)
            snprintf(value, sizeof value, "%u", d->value);
        double tolerance = d->kind == PROBE_GAIN ? fmax(0.05, fabs(exact) * 0.01) : fabs(exact) * 0.01;
        conf_row(judge, d->lfo == VIB && d->kind != PROBE_PITCH ? "2.1 (extension)" : "2.7, DLS2 1.7.1", exact, sine.depth,
                 tolerance, units[d->kind],
                 "%s to %s, scale %g%s%s: depth with sign", names[d->lfo], what[d->kind], d->scale, by, value);
    }
}

/* ---- both at once, and controls that move ------------------------------------------------ */

static void build_both(struct conf_bank *bank, struct conf_song *song)
{
    struct probe_waves waves = probe_begin_pair(bank, song, 16);
    connection both[] = {{SRC_NONE, SRC_NONE, DST_LFO_FREQUENCY, TRN_NONE, conf_hertz(3)},
                         {SRC_NONE, SRC_NONE, DST_VIB_FREQUENCY, TRN_NONE, conf_hertz(8)},
                         {SRC_LFO, SRC_NONE, DST_PITCH, TRN_BIPOLAR, conf_cents(100)},
                         {SRC_VIBRATO, SRC_NONE, DST_PITCH, TRN_BIPOLAR, conf_cents(70)}};
    connection sum[] = {{SRC_LFO, SRC_NONE, DST_PITCH, TRN_BIPOLAR, conf_cents(50)},
                        {SRC_LFO, SRC_CC + 1, DST_PITCH, TRN_BIPOLAR, conf_cents(128)},
                        {SRC_LFO, SRC_PRESSURE, DST_PITCH, TRN_BIPOLAR, conf_cents(64)}};
    probe_pair(bank, 1, waves, both, COUNT(both));
    probe_pair(bank, 2, waves, sum, COUNT(sum));
    probe_play(song, PROBE_FIRST, 2 * CONF_RATE, 1, 60, 127);
    uint64_t at = PROBE_FIRST + 3 * CONF_RATE;
    probe_play(song, at, 4 * CONF_RATE, 2, 60, 127);
    conf_cc(song, at + CONF_RATE, 0, 1, 50);
    conf_message(song, at + 2 * CONF_RATE, 0xd0, 100, 0);
    conf_cc(song, at + 3 * CONF_RATE, 0, 1, 0);
    /* two notes half a cycle apart: each has its own phase */
    probe_play(song, at + 5 * CONF_RATE, CONF_RATE, 2, 60, 127);
    probe_play(song, at + 6 * CONF_RATE + 4800 * 5 / 2, CONF_RATE, 2, 60, 127);
    conf_until(song, at + 8 * CONF_RATE);
}

static void judge_both(struct conf_judge *judge)
{
    /* Each is fitted in what the other leaves. */
    double values[POINTS], rest[POINTS], step = 216.0 / CONF_RATE;
    probe_series(judge, PROBE_PITCH, PROBE_FIRST + 2400, 216, POINTS, TONE, values);
    struct probe_sine slow = {0}, fast = {0};
    for (int round = 0; round < 6; round++) {
        for (uint32_t k = 0; k < POINTS; k++)
            rest[k] = values[k] - fast.depth * sin(6.283185307179586 * fast.hertz * (0.05 + k * step - fast.delay));
        slow = probe_fit(rest, POINTS, 0.05, step, 3, 0.01);
        for (uint32_t k = 0; k < POINTS; k++)
            rest[k] = values[k] - slow.depth * sin(6.283185307179586 * slow.hertz * (0.05 + k * step - slow.delay));
        fast = probe_fit(rest, POINTS, 0.05, step, 8, 0.01);
    }
    conf_row(judge, "DLS2 1.7.1", 100, slow.depth, 1, "cent", "both LFOs on the pitch: that of 3 Hz");
    conf_row(judge, "DLS2 1.7.1", 70, fast.depth, 0.7, "cent", "both LFOs on the pitch: that of 8 Hz");
    uint64_t at = PROBE_FIRST + 3 * CONF_RATE;
    static const double expected[] = {50, 100, 150, 100};
    static const char *const what[] = {"constant alone", "and CC1 = 50 while it sounds", "and pressure = 100 while it sounds",
                                       "and CC1 back at 0"};
    for (uint32_t i = 0; i < 4; i++)
        conf_row(judge, "2.1", expected[i], fit(judge, PROBE_PITCH, at, i + 0.15, 0.8, 5, 0.01).depth, expected[i] * 0.01, "cent",
                 "LFO to pitch, sum of the connections: %s", what[i]);
    for (uint32_t i = 0; i < 2; i++) {
        uint64_t start = i ? at + 6 * CONF_RATE + 4800 * 5 / 2 : at + 5 * CONF_RATE;
        conf_row(judge, "DLS2 1.7.1", 10, 1000 * fit(judge, PROBE_PITCH, start, 0.05, 0.8, 5, 0.01).delay, 1, "ms",
                 "note %u: the phase begins with the note", i + 1);
    }
}

static const struct conf_case cases[] = {
    {.id = "lfo-clock", .title = "Rate and delay", .build = build_clock, .judge = judge_clock},
    {.id = "lfo-shape", .title = "Shape", .build = build_shape, .judge = judge_shape},
    {.id = "lfo-depth", .title = "Depth and polarity", .build = build_depth, .judge = judge_depth},
    {.id = "lfo-sum", .title = "Sums, moving controls, phase", .build = build_both, .judge = judge_both},
};

extern const struct conf_topic conf_topic_lfo;
const struct conf_topic conf_topic_lfo = {"LFOs", cases, COUNT(cases)};
