/* SPDX-License-Identifier: MIT */
/*
 * topic_filter.c - the resonant low-pass.
 *
 * Rules: DLS 2.2 sections 1.5.2 and 1.15.2 (spec/dls.md 3.6): the prototype H(z) = k / (1 + b1/z + b2/z^2) with cutoff and
 * resonance as defined there, gain at 0 Hz of minus half the resonance; goals of the project: within 0.25 dB of it up to
 * 20 kHz, spurs of a moving cutoff below -90 dB. The response is that of a single sample, divided by the response without
 * a filter, so that the oscillator's part in it cancels.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "probe.h"

#define BEFORE 256u   /* frames of silence in front of the impulse */
#define RING 32768u   /* frames in which even 200 Hz with 22.5 dB rings out */
#define SLOT 38400u   /* spacing of notes */

static const double cutoffs[8] = {200, 338.787, 573.883, 972.118, 1646.7, 2789.4, 4725.05, 8000}; /* Hz, even steps in pitch */
static const double resonances[8] = {0, 3, 6, 9, 12, 16.5, 19.5, 22.5};

static uint32_t impulse(struct conf_bank *bank)
{
    int16_t *samples = calloc(BEFORE + RING, sizeof *samples);
    if (!samples)
        abort();
    samples[BEFORE] = 32767;
    uint32_t wave = conf_wave(bank, samples, BEFORE + RING, CONF_RATE);
    free(samples);
    return wave;
}

static void one_shot(struct conf_bank *bank, uint32_t program, uint32_t wave, const connection *list, uint32_t count)
{
    probe_instrument(bank, program, wave, list, count)->sample.loop = DLS_LOOP_NONE;
}

static uint64_t slot(uint32_t index)
{
    return PROBE_FIRST + (uint64_t)index * SLOT;
}

/* Level at HERTZ of the response in slot INDEX; slot 0 is without filter. */
static double response(const struct conf_judge *judge, uint32_t index, double hertz)
{
    return probe_spectrum_db(judge, slot(index), BEFORE + RING, hertz) - probe_spectrum_db(judge, slot(0), BEFORE + RING, hertz);
}

/* Largest deviation from the prototype at 48 frequencies of a logarithmic scale from 20 Hz to 20 kHz. */
static double deviation(const struct conf_judge *judge, uint32_t index, double hertz, double resonance)
{
    struct probe_filter filter = probe_filter(hertz, resonance);
    double worst = 0;
    for (int i = 0; i < 48; i++) {
        double f = 20 * pow(1000, i / 47.0), d = response(judge, index, f) - probe_filter_db(&filter, f);
        if (!(fabs(d) <= fabs(worst)))
            worst = d;
    }
    return worst;
}

static void filter_list(connection list[2], int32_t cutoff, double resonance)
{
    list[0] = (connection){SRC_NONE, SRC_NONE, DST_CUTOFF, TRN_NONE, cutoff};
    list[1] = (connection){SRC_NONE, SRC_NONE, DST_Q, TRN_NONE, conf_db(resonance)};
}

/* ---- response ---------------------------------------------------------------- */

static void build_response(struct conf_bank *bank, struct conf_song *song)
{
    uint32_t wave = impulse(bank), program = 0;
    one_shot(bank, program, wave, NULL, 0);
    for (uint32_t c = 0; c < 8; c++)
        for (uint32_t r = 0; r < 8; r++) {
            connection list[2];
            filter_list(list, conf_hertz(cutoffs[c]), resonances[r]);
            one_shot(bank, ++program, wave, list, 2);
        }
    probe_controllers(song, 0, 0);
    for (uint32_t i = 0; i <= program; i++)
        probe_play(song, slot(i), SLOT - 2400, i, 60, 127);
    conf_until(song, slot(program + 1));
}

static void judge_response(struct conf_judge *judge)
{
    uint32_t index = 0;
    for (uint32_t c = 0; c < 8; c++)
        for (uint32_t r = 0; r < 8; r++)
            conf_row(judge, "DLS2 1.5.2", 0, deviation(judge, ++index, cutoffs[c], resonances[r]), 0.25, "dB",
                     "%.0f Hz, %g dB: largest deviation from H(z), 20 Hz to 20 kHz", cutoffs[c], resonances[r]);
    for (uint32_t r = 0; r < 8; r++)
        conf_row(judge, "DLS2 1.5.2", -resonances[r] / 2, response(judge, 4 * 8 + r + 1, 0), 0.25, "dB",
                 "gain at 0 Hz with %g dB of resonance", resonances[r]);
    static const struct { uint32_t c, r; } shown[] = {{0, 7}, {4, 0}, {4, 4}, {4, 7}, {7, 7}};
    for (uint32_t i = 0; i < COUNT(shown); i++) {
        char title[80];
        snprintf(title, sizeof title, "Low-pass at %.0f Hz, resonance %g dB", cutoffs[shown[i].c], resonances[shown[i].r]);
        struct probe_filter filter = probe_filter(cutoffs[shown[i].c], resonances[shown[i].r]);
        conf_plot(judge, title, "Hz", "dB", true);
        for (int k = 0; k <= 72; k++) {
            double f = 20 * pow(1000, k / 72.0);
            conf_point(judge, f, probe_filter_db(&filter, f), response(judge, shown[i].c * 8 + shown[i].r + 1, f));
        }
    }
}

/* ---- steps and range ------------------------------------------------------------- */

/* 16 steps of resonance; cutoffs a cent apart; what lies outside the range. */
static const struct { double cutoff, resonance, heard_cutoff, heard_resonance; const char *what; } beyond[] = {
    {1000, 30, 1000, 22.5, "resonance of 30 dB: as 22.5 dB"},
    {1000, -6, 1000, 0, "resonance of -6 dB: as 0 dB"},
    {0, 12, 0, 0, "cutoff above Nyquist: flat, whatever the resonance"},
};
#define RESONANCE_STEPS 16u
#define CENT_STEPS 8u

static void build_steps(struct conf_bank *bank, struct conf_song *song)
{
    uint32_t wave = impulse(bank), program = 0;
    connection list[2];
    one_shot(bank, program, wave, NULL, 0);
    for (uint32_t i = 0; i < RESONANCE_STEPS; i++) {
        filter_list(list, conf_hertz(1000), 1.5 * i);
        one_shot(bank, ++program, wave, list, 2);
    }
    for (uint32_t i = 0; i < CENT_STEPS; i++) {
        filter_list(list, conf_cents(8000 + i), 0);
        one_shot(bank, ++program, wave, list, 2);
    }
    for (uint32_t i = 0; i < COUNT(beyond); i++) {
        filter_list(list, beyond[i].cutoff > 0 ? conf_hertz(beyond[i].cutoff) : conf_cents(14400), beyond[i].resonance);
        one_shot(bank, ++program, wave, list, 2);
    }
    probe_controllers(song, 0, 0);
    for (uint32_t i = 0; i <= program; i++)
        probe_play(song, slot(i), SLOT - 2400, i, 60, 127);
    conf_until(song, slot(program + 1));
}

/* Peak of the response near HERTZ over that at 0 Hz. */
static double peak(const struct conf_judge *judge, uint32_t index, double hertz)
{
    double best = response(judge, index, 0), low = best;
    for (int i = -120; i <= 60; i++)
        best = fmax(best, response(judge, index, hertz * exp2(i / 240.0)));
    return best - low;
}

static void judge_steps(struct conf_judge *judge)
{
    uint32_t index = 0;
    for (uint32_t i = 0; i < RESONANCE_STEPS; i++)
        conf_row(judge, "DLS2 1.5.2", 1.5 * i, peak(judge, ++index, 1000), 0.25, "dB", "1000 Hz, %g dB: peak over the gain at 0 Hz",
                 1.5 * i);
    double first = response(judge, index + 1, 8000), worst = 0;
    struct probe_filter base = probe_filter(probe_hertz(8000), 0);
    for (uint32_t i = 1; i < CENT_STEPS; i++) { /* far above the cutoff a cent of it is 0.01 dB */
        struct probe_filter filter = probe_filter(probe_hertz(8000 + i), 0);
        double slope = (probe_filter_db(&filter, 8000) - probe_filter_db(&base, 8000)) / i;
        worst = fmax(worst, fabs((response(judge, index + 1 + i, 8000) - first) / slope - i));
    }
    conf_at_most(judge, "DLS2 1.15.2", 1, worst, "cent", "cutoffs of 8000 to 8007 cents: largest error of a step");
    index += CENT_STEPS;
    for (uint32_t i = 0; i < COUNT(beyond); i++) {
        double d = 0;
        if (beyond[i].heard_cutoff > 0)
            d = deviation(judge, ++index, beyond[i].heard_cutoff, beyond[i].heard_resonance);
        else
            for (int k = 0, at = (int)++index; k < 48; k++)
                d = fmax(d, fabs(response(judge, (uint32_t)at, 20 * pow(1000, k / 47.0))));
        conf_row(judge, "DLS2 1.15.2", 0, d, 0.25, "dB", "%s", beyond[i].what);
    }
}

/* ---- filter off ------------------------------------------------------------------- */

#define NOISE 24000u

static void build_off(struct conf_bank *bank, struct conf_song *song)
{
    int16_t *samples = calloc(NOISE, sizeof *samples);
    if (!samples)
        abort();
    uint32_t state = 1;
    for (uint32_t i = 0; i < NOISE; i++) {
        state = state * 1664525u + 1013904223u;
        samples[i] = (int16_t)((int32_t)(state >> 16) - 32768);
    }
    uint32_t wave = conf_wave(bank, samples, NOISE, CONF_RATE);
    free(samples);
    connection off[] = {{SRC_NONE, SRC_NONE, DST_CUTOFF, TRN_NONE, 0x7fffffff},
                        {SRC_NONE, SRC_NONE, DST_Q, TRN_NONE, conf_db(12)},
                        {SRC_LFO, SRC_NONE, DST_CUTOFF, TRN_BIPOLAR, conf_cents(2400)},
                        {SRC_VELOCITY, SRC_NONE, DST_CUTOFF, TRN_NONE, conf_cents(-9600)}};
    one_shot(bank, 0, wave, NULL, 0);
    one_shot(bank, 1, wave, off, 1);
    one_shot(bank, 2, wave, off, 2);
    one_shot(bank, 3, wave, off, 3);
    one_shot(bank, 4, wave, off, 4);
    one_shot(bank, 5, wave, off + 1, 1);
    probe_controllers(song, 0, 0);
    for (uint32_t i = 0; i < 6; i++)
        probe_play(song, slot(i), NOISE, i, 64, 127);
    conf_until(song, slot(6));
}

static void judge_off(struct conf_judge *judge)
{
    static const char *const what[] = {"", "cutoff 0x7FFFFFFF", "cutoff 0x7FFFFFFF, resonance 12 dB",
                                       "the same, with an LFO on the cutoff",
                                       "the same, with velocity on the cutoff", "resonance 12 dB without a cutoff"};
    const struct conf_sound *sound = conf_sound(judge);
    conf_at_least(judge, "DLS2 1.5.2", -40, conf_to_db(conf_step(sound, CONF_LEFT, slot(0), slot(0) + NOISE / 2)), "dBFS",
                  "noise without a filter is heard: largest step");
    for (uint32_t i = 1; i < 6; i++) {
        double difference = 0;
        for (size_t f = 0; f < NOISE && slot(i) + f < sound->frames; f++)
            difference = fmax(difference, fabs((double)sound->left[slot(i) + f] - sound->left[slot(0) + f]));
        conf_row(judge, "DLS2 1.15.2", 0, difference, 0, "", "%s: difference from no filter", what[i]);
    }
}

/* ---- distortion and moving cutoffs --------------------------------------------------- */

#define LONG 192000u

struct sweep {
    const char *what;
    double lfo_hertz, lfo_cents, seconds, eg_cents, resonance, cutoff;
};
static const struct sweep sweeps[] = {
    {"standing at 1000 Hz", 0, 0, 0, 0, 0, 1000},
    {"standing at 1000 Hz with 12 dB", 0, 0, 0, 0, 12, 1000},
    {"LFO of 0.5 Hz, 2400 cents about 1500 Hz", 0.5, 2400, 0, 0, 0, 1500},
    {"LFO of 5 Hz, 1200 cents about 2000 Hz, 6 dB", 5, 1200, 0, 0, 6, 2000},
    {"LFO of 20 Hz, 1200 cents about 3000 Hz", 20, 1200, 0, 0, 0, 3000},
    {"EG2 over 6 s from 200 Hz to 8 kHz", 0, 0, 6, 6386.3, 0, 200},
};

static void build_sweeps(struct conf_bank *bank, struct conf_song *song)
{
    int16_t *samples = calloc(48000, sizeof *samples);
    if (!samples)
        abort();
    /* 997 periods in 48000 frames: the rounding to 16 bits is spread over lines 1 Hz apart. */
    for (int i = 0; i < 48000; i++)
        samples[i] = (int16_t)lrint(32000 * sin(6.283185307179586 * fmod(997.0 * i, 48000) / 48000));
    uint32_t wave = conf_wave(bank, samples, 48000, CONF_RATE);
    free(samples);
    probe_controllers(song, 0, 0);
    for (uint32_t i = 0; i < COUNT(sweeps); i++) {
        const struct sweep *s = &sweeps[i];
        connection list[8];
        uint32_t n = 2;
        filter_list(list, conf_hertz(s->cutoff), s->resonance);
        if (s->lfo_hertz > 0) {
            list[n++] = (connection){SRC_NONE, SRC_NONE, DST_LFO_FREQUENCY, TRN_NONE, conf_hertz(s->lfo_hertz)};
            list[n++] = (connection){SRC_LFO, SRC_NONE, DST_CUTOFF, TRN_BIPOLAR, conf_cents(s->lfo_cents)};
        }
        if (s->seconds > 0) {
            list[n++] = (connection){SRC_NONE, SRC_NONE, DST_EG2_ATTACK, TRN_NONE, conf_seconds(s->seconds)};
            list[n++] = (connection){SRC_EG2, SRC_NONE, DST_CUTOFF, TRN_NONE, conf_cents(s->eg_cents)};
        }
        probe_instrument(bank, i, wave, list, n);
        probe_play(song, PROBE_FIRST + i * LONG, LONG - 9600, i, 60, 127);
    }
    conf_until(song, PROBE_FIRST + COUNT(sweeps) * LONG);
}

static void judge_sweeps(struct conf_judge *judge)
{
    const struct conf_sound *sound = conf_sound(judge);
    for (uint32_t i = 0; i < COUNT(sweeps); i++) {
        size_t from = PROBE_FIRST + i * LONG + 24000, to = PROBE_FIRST + (i + 1) * LONG - 12000;
        if (i < 2)
            conf_at_least(judge, "DLS2 1.15.2", 86, conf_sinad(sound, CONF_LEFT, from, to, 997), "dB", "997 Hz, cutoff %s: SINAD",
                          sweeps[i].what);
        conf_at_most(judge, "goal", -90, conf_spur_db(sound, CONF_LEFT, from, to, 997, 400), "dB",
                     "997 Hz, cutoff %s: largest spur", sweeps[i].what);
    }
}

/* ---- stability -------------------------------------------------------------------------- */

/* The test of Mobile DLS: a square of 100 Hz, cutoff up from 200 to 1200 Hz by a tenth of a semitone every 2 ms. */
#define SWEEP_CENTS (1200 * 2.584962500721156)
#define SWEEP_SECONDS (SWEEP_CENTS / 10 * 0.002)
static const double stability[] = {0, 12, 22.5};

static void build_stability(struct conf_bank *bank, struct conf_song *song)
{
    int16_t samples[480];
    for (int i = 0; i < 480; i++)
        samples[i] = i < 240 ? 8192 : -8192;
    uint32_t wave = conf_wave(bank, samples, 480, CONF_RATE);
    probe_instrument(bank, 0, wave, NULL, 0);
    probe_controllers(song, 0, 0);
    probe_play(song, PROBE_REFERENCE, 9600, 0, 60, 127);
    for (uint32_t i = 0; i < 3; i++) {
        connection list[4];
        filter_list(list, conf_hertz(200), stability[i]);
        list[2] = (connection){SRC_NONE, SRC_NONE, DST_EG2_ATTACK, TRN_NONE, conf_seconds(SWEEP_SECONDS)};
        list[3] = (connection){SRC_EG2, SRC_NONE, DST_CUTOFF, TRN_NONE, conf_cents(SWEEP_CENTS)};
        probe_instrument(bank, i + 1, wave, list, 4);
        probe_play(song, PROBE_FIRST + i * LONG, LONG - 9600, i + 1, 60, 127);
    }
    conf_until(song, PROBE_FIRST + 3 * LONG);
}

/* Largest value of the prototype's output for the same sweep, its coefficients new at every sample, for an input of 1. */
static double prototype_peak(double resonance)
{
    double y1 = 0, y2 = 0, peak = 0;
    struct probe_filter filter = {0};
    for (int i = 0; i < 2 * CONF_RATE; i++) {
        if (i % 8 == 0)
            filter = probe_filter(200 * exp2(fmin(i / (SWEEP_SECONDS * CONF_RATE), 1) * SWEEP_CENTS / 1200), resonance);
        double y = filter.k * (i % 480 < 240 ? 1 : -1) - filter.b1 * y1 - filter.b2 * y2;
        y2 = y1, y1 = y;
        peak = fmax(peak, fabs(y));
    }
    return peak;
}

static void judge_stability(struct conf_judge *judge)
{
    const struct conf_sound *sound = conf_sound(judge);
    double input = conf_rms(sound, CONF_LEFT, PROBE_REFERENCE + 4800, PROBE_REFERENCE + 9120);
    for (uint32_t i = 0; i < 3; i++) {
        size_t at = PROBE_FIRST + i * LONG, settled = at + 2u * CONF_RATE;
        conf_row(judge, "MDLS", conf_to_db(prototype_peak(stability[i])),
                 conf_to_db(conf_peak(sound, CONF_LEFT, at, settled) / input), 1.5,
                 "dB", "square of 100 Hz, 200 to 1200 Hz at %g dB: peak", stability[i]);
        double worst = 0;
        for (size_t f = settled; f < settled + CONF_RATE && f < sound->frames; f++)
            worst = fmax(worst, fabs((double)sound->left[f] - sound->left[f - 480]));
        conf_at_most(judge, "MDLS", -90, conf_to_db(worst / input), "dB", "at %g dB: change from period to period, 1.4 s later",
                     stability[i]);
        conf_at_most(judge, "MDLS", -90, conf_to_db(conf_mean(sound, CONF_LEFT, settled, settled + CONF_RATE) / input), "dB",
                     "at %g dB: mean of the sound", stability[i]);
    }
}

/* ---- routes ---------------------------------------------------------------------------------- */

/* A tone of 6 kHz well above the cutoff: its level tells the cutoff at every moment. */
#define ROUTE_TONE 6000.0
#define ROUTE_SLOT 96000u

struct route {
    const char *what;
    uint16_t source, control, transform;
    double cents;                  /* scale */
    uint8_t key, velocity, cc1, pressure;
    double expected;               /* shift, or depth of the LFO, in cents */
    const char *clause;
};
static const struct route routes[] = {
    {"no connection but the cutoff", 0, 0, 0, 0, 60, 127, 127, 127, 0, "2.7"},
    {"velocity 127, 1200 cents", SRC_VELOCITY, 0, 0, 1200, 60, 127, 0, 0, 1200 * 127.0 / 128, "2.7"},
    {"velocity 64, 1200 cents", SRC_VELOCITY, 0, 0, 1200, 60, 64, 0, 0, 600, "2.7"},
    {"velocity 1, -2400 cents", SRC_VELOCITY, 0, 0, -2400, 60, 1, 0, 0, -2400.0 / 128, "2.7"},
    {"key 0, 2400 cents", SRC_KEY, 0, 0, 2400, 0, 127, 0, 0, 0, "2.7"},
    {"key 60, 2400 cents", SRC_KEY, 0, 0, 2400, 60, 127, 0, 0, 1125, "2.7"},
    {"key 96, 1280 cents", SRC_KEY, 0, 0, 1280, 96, 127, 0, 0, 960, "2.7"},
    {"EG2 at 100 %, 1200 cents", SRC_EG2, 0, 0, 1200, 60, 127, 0, 0, 1200, "2.7"},
    {"EG2 at 100 %, -1800 cents", SRC_EG2, 0, 0, -1800, 60, 127, 0, 0, -1800, "2.7"},
    {"LFO, 600 cents", SRC_LFO, 0, TRN_BIPOLAR, 600, 60, 127, 0, 0, 600, "2.7"},
    {"LFO, -600 cents", SRC_LFO, 0, TRN_BIPOLAR, -600, 60, 127, 0, 0, -600, "2.7"},
    {"LFO by CC1 = 0, 1200 cents", SRC_LFO, SRC_CC + 1, TRN_BIPOLAR, 1200, 60, 127, 0, 0, 0, "2.7"},
    {"LFO by CC1 = 64, 1200 cents", SRC_LFO, SRC_CC + 1, TRN_BIPOLAR, 1200, 60, 127, 64, 0, 600, "2.7"},
    {"LFO by CC1 = 127, 1200 cents", SRC_LFO, SRC_CC + 1, TRN_BIPOLAR, 1200, 60, 127, 127, 0, 1200 * 127.0 / 128, "2.7"},
    {"LFO by pressure = 0, 1200 cents", SRC_LFO, SRC_PRESSURE, TRN_BIPOLAR, 1200, 60, 127, 0, 0, 0, "2.7"},
    {"LFO by pressure = 64, 1200 cents", SRC_LFO, SRC_PRESSURE, TRN_BIPOLAR, 1200, 60, 127, 0, 64, 600, "2.7"},
    {"LFO by pressure = 127, 1200 cents", SRC_LFO, SRC_PRESSURE, TRN_BIPOLAR, 1200, 60, 127, 0, 127, 1200 * 127.0 / 128, "2.7"},
};

static void build_routes(struct conf_bank *bank, struct conf_song *song)
{
    struct probe_waves waves = probe_begin_pair(bank, song, 8);
    for (uint32_t i = 0; i < COUNT(routes); i++) {
        const struct route *r = &routes[i];
        connection list[] = {{SRC_NONE, SRC_NONE, DST_CUTOFF, TRN_NONE, conf_hertz(1000)},
                             {SRC_NONE, SRC_NONE, DST_LFO_FREQUENCY, TRN_NONE, conf_hertz(2)},
                             {SRC_KEY, SRC_NONE, DST_PITCH, TRN_NONE, 0}, /* unity note 0: the tone is the same at every key */
                             {SRC_VELOCITY, SRC_NONE, DST_GAIN, TRN_INVERT | TRN_CONCAVE, 0},
                             {r->source, r->control, DST_CUTOFF, r->transform, conf_cents(r->cents)}};
        probe_pair_unity(bank, i + 1, waves, list, r->source ? 5 : 4, 0);
        uint64_t at = PROBE_FIRST + i * ROUTE_SLOT;
        conf_cc(song, at - 2400, 0, 1, r->cc1);
        conf_message(song, at - 2400, 0xd0, r->pressure, 0);
        probe_play(song, at, ROUTE_SLOT - 9600, i + 1, r->key, r->velocity);
    }
    conf_until(song, PROBE_FIRST + COUNT(routes) * ROUTE_SLOT);
}

static void judge_routes(struct conf_judge *judge)
{
    double values[200], base = probe_absolute_cents(1000);
    for (uint32_t i = 0; i < COUNT(routes); i++) {
        size_t at = PROBE_FIRST + i * ROUTE_SLOT;
        /* 25 cents are 0.25 dB at 12 dB per octave, 50 cents the half semitone of the formats */
        if (routes[i].source == SRC_LFO) {
            probe_series(judge, PROBE_CUTOFF, at + 4800, 360, 200, ROUTE_TONE, values);
            struct probe_sine sine = probe_fit(values, 200, 4800.0 / CONF_RATE, 360.0 / CONF_RATE, 2, 0.010);
            conf_row(judge, routes[i].clause, routes[i].expected, sine.depth, 25, "cent", "%s: depth on the cutoff",
                     routes[i].what);
        } else {
            conf_row(judge, routes[i].clause, routes[i].expected, probe_cutoff(judge, at + 24000, ROUTE_TONE, 0) - base, 25, "cent",
                     "%s: shift of the cutoff", routes[i].what);
        }
    }
    size_t at = PROBE_FIRST + 9 * ROUTE_SLOT;
    conf_plot(judge, "LFO of 2 Hz moving the cutoff by 600 cents", "ms after note-on", "cents about 1000 Hz", false);
    for (int k = 1; k < 100; k++) {
        double t = 0.01 * k;
        conf_point(judge, t * 1000, 600 * sin(6.283185307179586 * 2 * (t - 0.01)),
                   probe_cutoff(judge, at + (size_t)lrint(t * CONF_RATE), ROUTE_TONE, 0) - base);
    }
}

static const struct conf_case cases[] = {
    {.id = "filter-response", .title = "Response at 8 cutoffs and 8 resonances", .build = build_response, .judge = judge_response},
    {.id = "filter-steps", .title = "Steps and limits", .build = build_steps, .judge = judge_steps},
    {.id = "filter-off", .title = "No filter", .build = build_off, .judge = judge_off},
    {.id = "filter-sweep", .title = "Distortion and moving cutoffs", .build = build_sweeps, .judge = judge_sweeps},
    {.id = "filter-stability", .title = "Stability of a sweep", .build = build_stability, .judge = judge_stability},
    {.id = "filter-routes", .title = "What moves the cutoff", .build = build_routes, .judge = judge_routes},
};

extern const struct conf_topic conf_topic_filter;
const struct conf_topic conf_topic_filter = {"Filter", cases, COUNT(cases)};
