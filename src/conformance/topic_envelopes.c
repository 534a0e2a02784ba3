/* SPDX-License-Identifier: MIT */
/*
 * topic_envelopes.c - EG1 heard through a constant wave: the sound is the gain.
 *
 * Rules: DLS 2.2 section 1.7.2 (spec/dls.md 3.4). Attack straight in amplitude; decay and release straight in dB over
 * 96 dB; sustain level -96 * (1 - s) dB; times in frames exact to a sample.
 */
#include <math.h>

#include "conf.h"

#define REFERENCE 4800u /* where the reference note (program 0, no articulation) begins; it lasts 0.2 s */
#define FIRST 48000u    /* where the first measured note begins */

static void reference(struct conf_bank *bank, struct conf_song *song, uint32_t *wave)
{
    *wave = conf_wave_dc(bank, 64, 0.25, CONF_RATE);
    conf_instrument(bank, 0, 0, 0, false);
    conf_region(bank, *wave);
    conf_program(song, 0, 0, 0, 0, 0);
    conf_note(song, REFERENCE, 9600, 0, 60, 127);
}

static double full(const struct conf_judge *judge)
{
    return conf_mean(conf_sound(judge), CONF_LEFT, REFERENCE + 4800, REFERENCE + 9000);
}

/* Envelope level at FRAME, relative to the reference. */
static double level(const struct conf_judge *judge, size_t frame)
{
    return conf_mean(conf_sound(judge), CONF_LEFT, frame, frame + 1) / full(judge);
}

static double level_db(const struct conf_judge *judge, size_t frame)
{
    return conf_to_db(level(judge, frame));
}

/* ---- attack --------------------------------------------------------------- */

static const double attacks[] = {0.010, 0.100, 0.3337, 1.0, 2.5};
#define ATTACKS (sizeof attacks / sizeof *attacks)

static void build_attack(struct conf_bank *bank, struct conf_song *song)
{
    uint32_t wave, at = FIRST;
    reference(bank, song, &wave);
    for (uint32_t i = 0; i < ATTACKS; i++, at += 4 * CONF_RATE) {
        conf_instrument(bank, 0, 0, i + 1, false);
        conf_region(bank, wave);
        conf_connect(bank, SRC_NONE, SRC_NONE, DST_EG1_ATTACK, TRN_NONE, conf_seconds(attacks[i]));
        conf_program(song, at - 100, 0, 0, 0, (uint8_t)(i + 1));
        conf_note(song, at, 3 * CONF_RATE, 0, 60, 127);
    }
    conf_until(song, at);
}

static void judge_attack(struct conf_judge *judge)
{
    uint32_t at = FIRST;
    for (uint32_t i = 0; i < ATTACKS; i++, at += 4 * CONF_RATE) {
        double frames = attacks[i] * CONF_RATE;
        /* Time by the slope between a quarter and three quarters of the way. */
        double a = level(judge, at + (size_t)(frames / 4)), b = level(judge, at + (size_t)(frames * 3 / 4));
        double slope = (b - a) / (floor(frames * 3 / 4) - floor(frames / 4));
        conf_row(judge, "DLS2 1.7.2.2", attacks[i] * 1000, 1000 / slope / CONF_RATE, attacks[i] * 2, "ms", "attack of %g ms", attacks[i] * 1000);
        double half = level_db(judge, at + (size_t)(frames / 2)), exact = conf_to_db(floor(frames / 2) / frames);
        conf_row(judge, "DLS2 1.7.2.2", exact, half, 0.05, "dB", "level half way through an attack of %g ms", attacks[i] * 1000);
        /* The segment ends where the level stops rising. */
        size_t end = at;
        while (end < at + 3u * CONF_RATE && level(judge, end) < 0.99999)
            end++;
        conf_row(judge, "DLS2 1.7.2.2", ceil(frames), (double)(end - at), 1, "frames", "end of an attack of %g ms", attacks[i] * 1000);
    }
    conf_plot(judge, "EG1 attack of 100 ms", "ms after note-on", "amplitude", false);
    for (uint32_t k = 0; k <= 75; k++) {
        double t = k * 0.002;
        conf_point(judge, t * 1000, fmin(t / 0.1, 1), level(judge, FIRST + 4u * CONF_RATE + (size_t)lrint(t * CONF_RATE)));
    }
}

/* ---- delay and hold ----------------------------------------------------------- */

static void build_hold(struct conf_bank *bank, struct conf_song *song)
{
    uint32_t wave;
    reference(bank, song, &wave);
    conf_instrument(bank, 0, 0, 1, false);
    conf_region(bank, wave);
    conf_connect(bank, SRC_NONE, SRC_NONE, DST_EG1_DELAY, TRN_NONE, conf_seconds(0.1));
    conf_connect(bank, SRC_NONE, SRC_NONE, DST_EG1_HOLD, TRN_NONE, conf_seconds(0.25));
    conf_connect(bank, SRC_NONE, SRC_NONE, DST_EG1_DECAY, TRN_NONE, conf_seconds(1));
    conf_connect(bank, SRC_NONE, SRC_NONE, DST_EG1_SUSTAIN, TRN_NONE, conf_percent(50));
    conf_program(song, FIRST - 100, 0, 0, 0, 1);
    conf_note(song, FIRST, 2 * CONF_RATE, 0, 60, 127);
    conf_until(song, FIRST + 3 * CONF_RATE);
}

static void judge_hold(struct conf_judge *judge)
{
    double scale = full(judge);
    size_t onset = conf_onset(conf_sound(judge), CONF_LEFT, FIRST, FIRST + CONF_RATE, 1e-6 * scale);
    conf_row(judge, "DLS2 1.7.2.1", 0.1 * CONF_RATE, (double)(onset - FIRST), 1, "frames", "delay of 100 ms: first sound");
    conf_row(judge, "DLS2 1.7.2", 0, level_db(judge, FIRST + 16000), 0.01, "dB", "level during hold");
    size_t end = FIRST + 12000;
    while (end < FIRST + 2u * CONF_RATE && level(judge, end) > 0.9999)
        end++;
    conf_row(judge, "DLS2 1.7.2", 0.35 * CONF_RATE, (double)(end - FIRST), 2, "frames", "end of hold (delay 100 ms, hold 250 ms)");
}

/* ---- decay and sustain ----------------------------------------------------------- */

static const struct { double seconds, sustain; } decays[] = {{0.05, 90}, {0.5, 50}, {1, 75}, {10, 95}, {2, 0}};
#define DECAYS (sizeof decays / sizeof *decays)

static void build_decay(struct conf_bank *bank, struct conf_song *song)
{
    uint32_t wave, at = FIRST;
    reference(bank, song, &wave);
    for (uint32_t i = 0; i < DECAYS; i++, at += 4 * CONF_RATE) {
        conf_instrument(bank, 0, 0, i + 1, false);
        conf_region(bank, wave);
        conf_connect(bank, SRC_NONE, SRC_NONE, DST_EG1_DECAY, TRN_NONE, conf_seconds(decays[i].seconds));
        conf_connect(bank, SRC_NONE, SRC_NONE, DST_EG1_SUSTAIN, TRN_NONE, conf_percent(decays[i].sustain));
        conf_program(song, at - 100, 0, 0, 0, (uint8_t)(i + 1));
        conf_note(song, at, 3 * CONF_RATE, 0, 60, 127);
    }
    conf_until(song, at);
}

static void judge_decay(struct conf_judge *judge)
{
    uint32_t at = FIRST;
    for (uint32_t i = 0; i < DECAYS; i++, at += 4 * CONF_RATE) {
        double bottom = -96 * (1 - decays[i].sustain / 100), length = decays[i].seconds * -bottom / 96; /* of the real decay */
        double to = fmin(length * 0.9, decays[i].seconds * 60 / 96);                                 /* stay above -60 dB */
        size_t a = (size_t)(0.1 * length * CONF_RATE), b = (size_t)(to * CONF_RATE);
        double rate = (level_db(judge, at + b) - level_db(judge, at + a)) / (double)(b - a) * CONF_RATE;
        conf_row(judge, "DLS2 1.7.2", decays[i].seconds, -96 / rate, decays[i].seconds * 0.002, "s",
                 "decay of %g s over 96 dB", decays[i].seconds);
        double middle = level_db(judge, at + (a + b) / 2), exact = -96 / decays[i].seconds * (double)((a + b) / 2) / CONF_RATE;
        conf_row(judge, "DLS2 1.7.2", exact, middle, 0.05, "dB", "level %.0f ms into a decay of %g s",
                 (double)((a + b) / 2) * 1000 / CONF_RATE, decays[i].seconds);
        if (decays[i].sustain > 0 && length < 2.5)
            conf_row(judge, "DLS2 1.7.2", bottom, level_db(judge, at + (size_t)(2.7 * CONF_RATE)), 0.05, "dB", "sustain level of %g %%",
                     decays[i].sustain);
    }
    /* The largest step of a ramp of 96 dB per second, as a ratio between neighbouring samples. */
    double largest = 0;
    for (size_t f = FIRST + 8u * CONF_RATE + 100; f < FIRST + 8u * CONF_RATE + 11000; f++)
        largest = fmax(largest, fabs(level_db(judge, f + 1) - level_db(judge, f)));
    conf_at_most(judge, "3.4", 0.003, largest, "dB", "largest step between samples of a decay of 96 dB/s");
    conf_plot(judge, "EG1 decay of 1 s to 75 %", "ms after note-on", "dB", false);
    for (uint32_t k = 0; k <= 80; k++) {
        double t = k * 0.005;
        conf_point(judge, t * 1000, fmax(-96 * t, -24), level_db(judge, FIRST + 8u * CONF_RATE + (size_t)lrint(t * CONF_RATE)));
    }
}

/* ---- release ------------------------------------------------------------------------ */

static const double releases[] = {0.1, 0.5, 2};
#define RELEASES (sizeof releases / sizeof *releases)

static void build_release(struct conf_bank *bank, struct conf_song *song)
{
    uint32_t wave, at = FIRST;
    reference(bank, song, &wave);
    for (uint32_t i = 0; i < 2 * RELEASES; i++, at += 4 * CONF_RATE) {
        conf_instrument(bank, 0, 0, i + 1, false);
        conf_region(bank, wave);
        conf_connect(bank, SRC_NONE, SRC_NONE, DST_EG1_RELEASE, TRN_NONE, conf_seconds(releases[i % RELEASES]));
        if (i >= RELEASES) { /* the second three: from the middle of an attack */
            conf_connect(bank, SRC_NONE, SRC_NONE, DST_EG1_ATTACK, TRN_NONE, conf_seconds(1));
        }
        conf_program(song, at - 100, 0, 0, 0, (uint8_t)(i + 1));
        conf_note(song, at, CONF_RATE / 2, 0, 60, 127);
    }
    conf_until(song, at);
}

static void judge_release(struct conf_judge *judge)
{
    uint32_t at = FIRST;
    for (uint32_t i = 0; i < 2 * RELEASES; i++, at += 4 * CONF_RATE) {
        double seconds = releases[i % RELEASES], start = i < RELEASES ? 0 : conf_to_db(0.5);
        size_t off = at + CONF_RATE / 2, a = (size_t)(0.02 * seconds * CONF_RATE), b = (size_t)(0.55 * seconds * CONF_RATE);
        double rate = (level_db(judge, off + b) - level_db(judge, off + a)) / (double)(b - a) * CONF_RATE;
        const char *from = i < RELEASES ? "sustain" : "half an attack";
        conf_row(judge, "DLS2 1.7.2", seconds, -96 / rate, seconds * 0.002, "s", "release of %g s from %s", seconds, from);
        conf_row(judge, "DLS2 1.7.2", start - 96 * 0.25, level_db(judge, off + (size_t)(0.25 * seconds * CONF_RATE)), 0.05, "dB",
                 "level a quarter into a release of %g s from %s", seconds, from);
    }
}

/* ---- scaling of times ----------------------------------------------------------------- */

static void build_scaling(struct conf_bank *bank, struct conf_song *song)
{
    uint32_t wave, at = FIRST;
    reference(bank, song, &wave);
    conf_instrument(bank, 0, 0, 1, false); /* velocity -> attack */
    conf_region(bank, wave);
    conf_connect(bank, SRC_NONE, SRC_NONE, DST_EG1_ATTACK, TRN_NONE, conf_seconds(0.2));
    conf_connect(bank, SRC_VELOCITY, SRC_NONE, DST_EG1_ATTACK, TRN_NONE, conf_cents(2400));
    conf_connect(bank, SRC_VELOCITY, SRC_NONE, DST_GAIN, TRN_INVERT | TRN_CONCAVE, 0); /* velocity must not change the level */
    conf_instrument(bank, 0, 0, 2, false); /* key -> decay and hold */
    conf_region(bank, wave);
    conf_connect(bank, SRC_NONE, SRC_NONE, DST_EG1_HOLD, TRN_NONE, conf_seconds(0.1));
    conf_connect(bank, SRC_KEY, SRC_NONE, DST_EG1_HOLD, TRN_NONE, conf_cents(2400));
    conf_connect(bank, SRC_NONE, SRC_NONE, DST_EG1_DECAY, TRN_NONE, conf_seconds(1));
    conf_connect(bank, SRC_KEY, SRC_NONE, DST_EG1_DECAY, TRN_NONE, conf_cents(-1200));
    conf_connect(bank, SRC_NONE, SRC_NONE, DST_EG1_SUSTAIN, TRN_NONE, conf_percent(60));
    for (uint32_t i = 0; i < 3; i++, at += 3 * CONF_RATE) {
        conf_program(song, at - 100, 0, 0, 0, 1);
        conf_note(song, at, 2 * CONF_RATE, 0, 60, (uint8_t[]){16, 64, 127}[i]);
    }
    for (uint32_t i = 0; i < 3; i++, at += 3 * CONF_RATE) {
        conf_program(song, at - 100, 0, 0, 0, 2);
        conf_note(song, at, 2 * CONF_RATE, 0, (uint8_t[]){36, 60, 96}[i], 127);
    }
    conf_until(song, at);
}

static void judge_scaling(struct conf_judge *judge)
{
    uint32_t at = FIRST;
    for (uint32_t i = 0; i < 3; i++, at += 3 * CONF_RATE) {
        int velocity = (int[]){16, 64, 127}[i];
        double exact = 0.2 * exp2(2400.0 * velocity / 128 / 1200), frames = exact * CONF_RATE;
        double a = level(judge, at + (size_t)(frames / 4)), b = level(judge, at + (size_t)(frames * 3 / 4));
        double slope = (b - a) / (floor(frames * 3 / 4) - floor(frames / 4));
        conf_row(judge, "DLS2 1.7.2.2", exact * 1000, 1000 / slope / CONF_RATE, exact * 2, "ms", "attack, 200 ms and 2400 tc by velocity %d", velocity);
    }
    for (uint32_t i = 0; i < 3; i++, at += 3 * CONF_RATE) {
        int key = (int[]){36, 60, 96}[i];
        double hold = 0.1 * exp2(2400.0 * key / 128 / 1200), decay = exp2(-1200.0 * key / 128 / 1200);
        size_t end = at + 480; /* past the ringing of the interpolation at the start of the wave */
        while (end < at + 2u * CONF_RATE && level(judge, end) > 0.9999)
            end++;
        conf_row(judge, "DLS2 1.7.2", hold * CONF_RATE, (double)(end - at), 0.002 * hold * CONF_RATE + 2, "frames",
                 "hold, 100 ms and 2400 tc by key %d", key);
        size_t a = at + (size_t)((hold + 0.05 * decay) * CONF_RATE), b = at + (size_t)((hold + 0.35 * decay) * CONF_RATE);
        double rate = (level_db(judge, b) - level_db(judge, a)) / (double)(b - a) * CONF_RATE;
        conf_row(judge, "DLS2 1.7.2", decay, -96 / rate, 0.002 * decay, "s", "decay, 1 s and -1200 tc by key %d", key);
    }
}

static const struct conf_case cases[] = {
    {.id = "eg1-attack", .title = "EG1 attack", .build = build_attack, .judge = judge_attack},
    {.id = "eg1-hold", .title = "EG1 delay and hold", .build = build_hold, .judge = judge_hold},
    {.id = "eg1-decay", .title = "EG1 decay and sustain", .build = build_decay, .judge = judge_decay},
    {.id = "eg1-release", .title = "EG1 release", .build = build_release, .judge = judge_release},
    {.id = "eg1-scaling", .title = "EG1 times by key and velocity", .build = build_scaling, .judge = judge_scaling},
};

extern const struct conf_topic conf_topic_envelopes;
const struct conf_topic conf_topic_envelopes = {"Volume envelope (EG1)", cases, sizeof cases / sizeof *cases};
