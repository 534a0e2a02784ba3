/* SPDX-License-Identifier: MIT */
/*
 * topic_gain.c - velocity, volume, expression, master volume, wave gain, pan and effect sends.
 *
 * Rules: DLS 2.2 section 1.6.5 and 1.7.4, RP-036 (spec/dls.md 3.7 to 3.9): 40 log10(v/127) dB for velocity, CC7, CC11 and
 * master volume; pan by cosine and sine of P = CC10 and region added up, clamped to +-50 %; sends linear in amplitude.
 * Tolerance of the project: 0.05 dB. Levels are those of a constant, relative to a note with everything open.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "probe.h"

#define SLOT 24000u
#define HALF_PI 1.57079632679489661923

static const uint8_t values[] = {127, 126, 100, 96, 64, 32, 16, 8, 2, 1, 0}; /* of the table in spec/dls.md 3.7 */

static uint64_t slot(uint32_t index)
{
    return PROBE_FIRST + (uint64_t)index * SLOT;
}

/* Level in the second half of slot INDEX. */
static double heard(const struct conf_judge *judge, enum conf_channel channel, uint32_t index)
{
    return probe_span_db(judge, channel, slot(index) + SLOT / 2, slot(index) + SLOT - 4800);
}

static double law(double value, double most)
{
    return value >= most ? 0 : 40 * log10(value / most);
}

/* ---- velocity --------------------------------------------------------------- */

#define VELOCITIES (COUNT(values) - 1) /* a note-on with velocity 0 is a note-off */

static void build_velocity(struct conf_bank *bank, struct conf_song *song)
{
    probe_begin_constant(bank, song);
    for (uint32_t i = 0; i < VELOCITIES; i++)
        conf_note(song, slot(i), SLOT - 2400, 0, 60, values[i]);
    uint32_t wave = probe_constant(bank);
    connection flat = {SRC_VELOCITY, SRC_NONE, DST_GAIN, TRN_INVERT | TRN_CONCAVE, 0};
    probe_instrument(bank, 1, wave, &flat, 1);
    conf_program(song, slot(VELOCITIES) - 100, 0, 0, 0, 1);
    for (uint32_t i = 0; i < 2; i++)
        conf_note(song, slot(VELOCITIES + i), SLOT - 2400, 0, 60, i ? 1 : 64);
    conf_note(song, slot(VELOCITIES + 2), SLOT / 4, 0, 60, 127);
    conf_message(song, slot(VELOCITIES + 2) + SLOT / 8, 0x90, 60, 0);
    conf_until(song, slot(VELOCITIES + 3));
}

static void judge_velocity(struct conf_judge *judge)
{
    for (uint32_t i = 0; i < VELOCITIES; i++)
        conf_row(judge, "DLS2 1.6.5.4", law(values[i], 127), heard(judge, CONF_LEFT, i), 0.05, "dB", "velocity %u", values[i]);
    for (uint32_t i = 0; i < 2; i++)
        conf_row(judge, "2.7", 0, heard(judge, CONF_LEFT, VELOCITIES + i), 0.05, "dB",
                 "velocity %d with a scale of 0 for velocity to gain", i ? 1 : 64);
    conf_at_most(judge, "DLS2 1.8", -96, heard(judge, CONF_LEFT, VELOCITIES + 2), "dB", "after a note-on with velocity 0");
    conf_plot(judge, "Velocity", "velocity", "dB", false);
    for (uint32_t i = 0; i < VELOCITIES; i++)
        conf_point(judge, values[i], law(values[i], 127), heard(judge, CONF_LEFT, i));
}

/* ---- volume and expression ------------------------------------------------------ */

/* One held note; the controllers step in the middle of it. */
static const struct { uint8_t controller, msb, lsb; } steps[] = {
    {7, 127, 0}, {7, 126, 0}, {7, 100, 0}, {7, 96, 0}, {7, 64, 0}, {7, 32, 0}, {7, 16, 0}, {7, 8, 0}, {7, 2, 0}, {7, 1, 0},
    {7, 0, 0},
    {7, 64, 64}, {7, 1, 64}, {7, 127, 127},
    {11, 127, 0}, {11, 126, 0}, {11, 100, 0}, {11, 96, 0}, {11, 64, 0}, {11, 32, 0}, {11, 16, 0}, {11, 8, 0}, {11, 2, 0},
    {11, 1, 0},
    {11, 0, 0}, {11, 64, 64}};

static void build_volume(struct conf_bank *bank, struct conf_song *song)
{
    probe_begin_constant(bank, song);
    conf_note(song, slot(0) - 2400, (uint64_t)(COUNT(steps) + 3) * SLOT, 0, 60, 127);
    for (uint32_t i = 0; i < COUNT(steps); i++) {
        uint8_t other = steps[i].controller == 7 ? 11 : 7;
        conf_cc(song, slot(i), 0, other, 127);
        conf_cc(song, slot(i), 0, other + 32, 0);
        conf_cc(song, slot(i), 0, steps[i].controller, steps[i].msb);
        conf_cc(song, slot(i), 0, steps[i].controller + 32, steps[i].lsb);
    }
    conf_cc(song, slot(COUNT(steps)), 0, 7, 100); /* both */
    conf_cc(song, slot(COUNT(steps)), 0, 39, 0);
    conf_cc(song, slot(COUNT(steps)), 0, 11, 64);
    conf_cc(song, slot(COUNT(steps)), 0, 43, 0);
    conf_until(song, slot(COUNT(steps) + 2));
}

static void judge_volume(struct conf_judge *judge)
{
    for (uint32_t i = 0; i < COUNT(steps); i++) {
        double value = steps[i].msb * 128.0 + steps[i].lsb, db = heard(judge, CONF_LEFT, i);
        if (steps[i].msb == 0)
            conf_at_most(judge, "DLS2 1.6.5.4", -96, db, "dB", "CC%d = 0", steps[i].controller);
        else if (steps[i].lsb)
            conf_row(judge, "DLS2 App. C", law(value, 16256), db, 0.05, "dB", "CC%d = %d with CC%d = %d", steps[i].controller,
                     steps[i].msb, steps[i].controller + 32, steps[i].lsb);
        else
            conf_row(judge, "DLS2 1.6.5.4", law(value, 16256), db, 0.05, "dB", "CC%d = %d", steps[i].controller, steps[i].msb);
    }
    conf_row(judge, "DLS2 1.6.2", law(100, 127) + law(64, 127), heard(judge, CONF_LEFT, COUNT(steps)), 0.05, "dB",
             "CC7 = 100 and CC11 = 64");
    conf_plot(judge, "CC7", "value", "dB", false);
    for (uint32_t i = 0; i < 10; i++)
        conf_point(judge, steps[i].msb, law(steps[i].msb, 127), heard(judge, CONF_LEFT, i));
}

/* ---- smooth controllers ------------------------------------------------------------- */

/* Held notes with a controller running through single steps, 10 ms apart; then a leap. */
static const struct { const char *what; uint8_t controller, from, to; } runs[] = {
    {"CC7 from 127 to 64", 7, 127, 64}, {"CC11 from 127 to 64", 11, 127, 64}, {"CC10 from 0 to 127", 10, 0, 127}};
#define RUN_SLOT 96000u

static void build_smooth(struct conf_bank *bank, struct conf_song *song)
{
    probe_begin_constant(bank, song);
    for (uint32_t i = 0; i < COUNT(runs); i++) {
        uint64_t at = PROBE_FIRST + i * RUN_SLOT;
        probe_controllers(song, at - 4800, 0);
        conf_cc(song, at - 4800, 0, runs[i].controller, runs[i].from);
        conf_note(song, at, RUN_SLOT - 9600, 0, 60, 127);
        int value = runs[i].from, step = runs[i].to > runs[i].from ? 1 : -1;
        for (uint64_t t = at + 9600; value != runs[i].to; t += 480)
            conf_cc(song, t, 0, runs[i].controller, (uint8_t)(value += step));
    }
    conf_until(song, PROBE_FIRST + COUNT(runs) * RUN_SLOT);
}

static void judge_smooth(struct conf_judge *judge)
{
    const struct conf_sound *sound = conf_sound(judge);
    /* A step of 0.0025 dB, in amplitude, of a note with everything open (pan: of one that is hard left). */
    double open = conf_mean(sound, CONF_LEFT, PROBE_REFERENCE + 4800, PROBE_REFERENCE + 9000);
    for (uint32_t i = 0; i < COUNT(runs); i++) {
        size_t at = PROBE_FIRST + i * RUN_SLOT + 4800, to = PROBE_FIRST + (i + 1) * RUN_SLOT - 14400;
        double level = runs[i].controller == 10 ? open * sqrt(2) : open;
        double step = fmax(conf_step(sound, CONF_LEFT, at, to), conf_step(sound, CONF_RIGHT, at, to));
        conf_at_most(judge, "DLS2 1.15.3", 0.0025, conf_to_db(1 + step / level), "dB",
                     "%s by ones every 10 ms: largest step from sample to sample", runs[i].what);
        double end = runs[i].controller == 10 ? conf_to_db(sqrt(2)) : law(64, 127);
        enum conf_channel side = runs[i].controller == 10 ? CONF_RIGHT : CONF_LEFT;
        conf_row(judge, "3.7, 3.8", end, probe_span_db(judge, side, to - 4800, to), 0.05, "dB", "%s: level at its end", runs[i].what);
    }
}

/* ---- master volume -------------------------------------------------------------------- */

static const struct { uint8_t lsb, msb; } masters[] = {{0, 127}, {127, 127}, {0, 100}, {0, 64}, {64, 64}, {0, 16}, {0, 1}, {0, 0}};

static void build_master(struct conf_bank *bank, struct conf_song *song)
{
    probe_begin_constant(bank, song);
    conf_note(song, slot(0) - 2400, (uint64_t)(COUNT(masters) + 1) * SLOT, 0, 60, 127);
    for (uint32_t i = 0; i < COUNT(masters); i++) {
        uint8_t message[] = {0xf0, 0x7f, 0x7f, 4, 1, masters[i].lsb, masters[i].msb, 0xf7};
        conf_sysex(song, slot(i), message, sizeof message);
    }
    conf_until(song, slot(COUNT(masters) + 1));
}

static void judge_master(struct conf_judge *judge)
{
    for (uint32_t i = 0; i < COUNT(masters); i++) {
        double value = masters[i].msb * 128.0 + masters[i].lsb, db = heard(judge, CONF_LEFT, i);
        if (value > 0)
            conf_row(judge, "CA-018, 3.7", law(value, 16256), db, 0.05, "dB", "master volume %d (low byte %d)", masters[i].msb,
                     masters[i].lsb);
        else
            conf_at_most(judge, "CA-018, 3.7", -96, db, "dB", "master volume 0");
    }
}

/* ---- wave gain and constant gain ---------------------------------------------------------- */

/* The note is played with velocity 64, 11.9 dB below full, so that what makes it louder has room. */
static const struct { double sample_db, bias_db, heard_db; const char *clause; } gains[] = {
    {0, 0, 0, "DLS2 2.16"}, {-0.1, 0, -0.1, "DLS2 2.16"}, {-6.02, 0, -6.02, "DLS2 2.16"}, {-12, 0, -12, "DLS2 2.16"},
    {-48, 0, -48, "DLS2 2.16"},
    {6, 0, 6, "1.6"}, {20, 0, 12, "1.6"}, {0, -6, -6, "2.1"}, {0, -30.5, -30.5, "2.1"}, {-10, -10, -20, "DLS2 1.6.2"},
    {3, -9, -6, "DLS2 1.6.2"},
    {3276.7, 0, 0, "7.1 no. 10"}};

static void build_sample_gain(struct conf_bank *bank, struct conf_song *song)
{
    uint32_t wave = probe_begin_constant(bank, song);
    for (uint32_t i = 0; i < COUNT(gains); i++) {
        connection bias = {SRC_NONE, SRC_NONE, DST_GAIN, TRN_NONE, conf_db(gains[i].bias_db)};
        probe_instrument(bank, i + 1, wave, &bias, 1)->sample.gain = conf_db(gains[i].sample_db);
        probe_play(song, slot(i), SLOT - 2400, i + 1, 60, 64);
    }
    conf_until(song, slot(COUNT(gains)));
}

static void judge_sample_gain(struct conf_judge *judge)
{
    for (uint32_t i = 0; i < COUNT(gains); i++)
        conf_row(judge, gains[i].clause, law(64, 127) + gains[i].heard_db, heard(judge, CONF_LEFT, i), 0.05, "dB",
                 "wave gain %g dB, constant gain %g dB, velocity 64", gains[i].sample_db, gains[i].bias_db);
}

/* ---- pan ------------------------------------------------------------------------------------ */

static const struct { double region; uint8_t cc; } pans[] = {
    {0, 0}, {0, 1}, {0, 2}, {0, 32}, {0, 63}, {0, 64}, {0, 65}, {0, 96}, {0, 126}, {0, 127},
    {-50, 64}, {-25, 64}, {-10, 64}, {10, 64}, {25, 64}, {50, 64},
    {25, 127}, {-25, 0}, {50, 0}, {-50, 127}, {20, 80}, {-30, 100}, {70, 64}, {-70, 64}};

static double position(uint32_t i)
{
    double region = fmin(fmax(pans[i].region, -50), 50);
    return fmin(fmax(region + (2 * pans[i].cc / 128.0 - 1) * 50.8, -50), 50) / 100;
}

static void build_pan(struct conf_bank *bank, struct conf_song *song)
{
    uint32_t wave = probe_begin_constant(bank, song);
    for (uint32_t i = 0; i < COUNT(pans); i++) {
        connection pan = {SRC_NONE, SRC_NONE, DST_PAN, TRN_NONE, conf_percent(pans[i].region)};
        probe_instrument(bank, i + 1, wave, &pan, 1);
        conf_cc(song, slot(i) - 1200, 0, 10, pans[i].cc);
        probe_play(song, slot(i), SLOT - 2400, i + 1, 60, 127);
    }
    conf_cc(song, slot(COUNT(pans)) - 1200, 0, 10, 64); /* one held note that is moved */
    probe_play(song, slot(COUNT(pans)), 34 * (uint64_t)SLOT, 0, 60, 127);
    for (uint32_t k = 0; k <= 32; k++)
        conf_cc(song, slot(COUNT(pans) + k), 0, 10, (uint8_t)(k < 32 ? 4 * k : 127));
    conf_until(song, slot(COUNT(pans) + 34));
}

static double side_db(double p, bool right)
{
    double angle = HALF_PI * (p + 0.5);
    return conf_to_db(right ? sin(angle) : cos(angle)) - conf_to_db(cos(HALF_PI / 2));
}

static void judge_pan(struct conf_judge *judge)
{
    for (uint32_t i = 0; i < COUNT(pans); i++)
        for (int right = 0; right < 2; right++) {
            double exact = side_db(position(i), right), db = heard(judge, right ? CONF_RIGHT : CONF_LEFT, i);
            if (exact < -96)
                conf_at_most(judge, "RP-036, 3.8", -96, db, "dB", "region %g %%, CC10 = %u: %s", pans[i].region, pans[i].cc,
                             right ? "right" : "left");
            else
                conf_row(judge, "RP-036, 3.8", exact, db, 0.05, "dB", "region %g %%, CC10 = %u: %s", pans[i].region, pans[i].cc,
                         right ? "right" : "left");
        }
    double worst = 0;
    for (uint32_t k = 0; k <= 32; k++) {
        double l = pow(10, heard(judge, CONF_LEFT, COUNT(pans) + k) / 10);
        double r = pow(10, heard(judge, CONF_RIGHT, COUNT(pans) + k) / 10);
        double db = 10 * log10((l + r) / 2);
        if (!(fabs(db) <= fabs(worst)))
            worst = db;
    }
    conf_row(judge, "RP-036, 3.8", 0, worst, 0.05, "dB", "a sounding note moved from left to right: largest change of power");
    conf_plot(judge, "Pan of a sounding note, left channel", "CC10", "dB", false);
    for (uint32_t k = 0; k < 32; k++)
        conf_point(judge, 4 * k, side_db(fmax((8.0 * k / 128 - 1) * 0.508, -0.5), false), heard(judge, CONF_LEFT, COUNT(pans) + k));
}

/* ---- sum ------------------------------------------------------------------------------------- */

static void build_sum(struct conf_bank *bank, struct conf_song *song)
{
    uint32_t wave = probe_begin_constant(bank, song);
    conf_instrument(bank, 0, 0, 1, false); /* four layers */
    for (int i = 0; i < 4; i++)
        conf_region(bank, wave);
    probe_play(song, slot(0), SLOT - 2400, 1, 60, 64);
    conf_program(song, slot(1) - 100, 0, 0, 0, 0);
    for (uint32_t i = 0; i < 2; i++)
        conf_note(song, slot(1), SLOT - 2400, 0, (uint8_t)(60 + i), 64); /* a constant has no pitch */
    probe_controllers(song, 0, 1);
    conf_program(song, 0, 1, 0, 0, 0);
    conf_note(song, slot(2), SLOT - 2400, 0, 60, 64);
    conf_note(song, slot(2), SLOT - 2400, 1, 60, 32);
    conf_until(song, slot(3));
}

static void judge_sum(struct conf_judge *judge)
{
    double quiet = law(64, 127), other = law(32, 127);
    conf_row(judge, "DLS2 1.4.5", quiet + conf_to_db(4), heard(judge, CONF_LEFT, 0), 0.05, "dB",
             "four layers of one note, velocity 64");
    conf_row(judge, "DLS2 1.4.5", quiet + conf_to_db(2), heard(judge, CONF_LEFT, 1), 0.05, "dB", "two notes, velocity 64");
    conf_row(judge, "DLS2 1.4.5", conf_to_db(pow(10, quiet / 20) + pow(10, other / 20)), heard(judge, CONF_LEFT, 2), 0.05, "dB",
             "notes of velocity 64 and 32 on two channels");
}

/* ---- sends -------------------------------------------------------------------------------------- */

/* What the effect adds, as the difference from the same note without a send. Chorus: the constant itself. Reverb: the
 * energy of the tail of a burst. The first two slots of each are the ones that the others are compared with. */
static const struct send { uint8_t cc; double bias, scale, share; } sends[] = {
    {0, 0, 100, 0},       {127, 0, 100, 1},       {100, 0, 100, 100 / 127.0}, {64, 0, 100, 64 / 127.0}, {40, 0, 100, 40 / 127.0},
    {1, 0, 100, 1 / 127.0}, {0, 100, 100, 1},     {0, 25, 100, 0.25},         {64, 25, 50, 0.25 + 32 / 127.0}, {127, 0, 0, 0},
    {127, 60, 100, 1},    {127, 0, 20, 0.2}};
#define SEND_SLOT 192000u
#define BURST 9600u

static uint64_t send_slot(uint32_t index)
{
    return PROBE_FIRST + (uint64_t)index * SEND_SLOT;
}

static void build_sends(struct conf_bank *bank, struct conf_song *song, uint32_t wave, uint16_t destination, uint8_t controller)
{
    probe_controllers(song, 0, 0);
    for (uint32_t i = 0; i < COUNT(sends); i++) {
        connection list[] = {{SRC_CC + controller, SRC_NONE, destination, TRN_NONE, conf_percent(sends[i].scale)},
                             {SRC_NONE, SRC_NONE, destination, TRN_NONE, conf_percent(sends[i].bias)}};
        probe_instrument(bank, i, wave, sends[i].scale < 100 || sends[i].bias > 0 ? list : NULL,
                         sends[i].scale < 100 || sends[i].bias > 0 ? 2 : 0)->sample.loop = DLS_LOOP_NONE;
        conf_cc(song, send_slot(i) - 2400, 0, controller, sends[i].cc);
        probe_play(song, send_slot(i), 48000, i, 60, 127);
    }
    conf_until(song, send_slot(COUNT(sends)));
}

/* A burst of 500 Hz with a soft end, then silence. */
static void build_reverb_send(struct conf_bank *bank, struct conf_song *song)
{
    int16_t *samples = calloc(48000, sizeof *samples);
    if (!samples)
        abort();
    for (uint32_t i = 0; i < BURST; i++)
        samples[i] = (int16_t)lrint(30000 * pow(sin(HALF_PI * 2 * i / BURST), 2) * sin(HALF_PI * 4 * 500 * i / CONF_RATE));
    uint32_t wave = conf_wave(bank, samples, 48000, CONF_RATE);
    free(samples);
    build_sends(bank, song, wave, DST_REVERB, 91);
}

static void build_chorus_send(struct conf_bank *bank, struct conf_song *song)
{
    uint32_t wave = conf_wave_dc(bank, 48000, 0.25, CONF_RATE);
    build_sends(bank, song, wave, DST_CHORUS, 93);
}

/* Root mean square of slot INDEX minus slot 0 in [from, to) of the slot. */
static double added(const struct conf_judge *judge, uint32_t index, size_t from, size_t to)
{
    const struct conf_sound *sound = conf_sound(judge);
    double sum = 0;
    for (size_t f = from; f < to && send_slot(index) + f < sound->frames; f++) {
        double left = (double)sound->left[send_slot(index) + f] - sound->left[send_slot(0) + f];
        double right = (double)sound->right[send_slot(index) + f] - sound->right[send_slot(0) + f];
        sum += left * left + right * right;
    }
    return sqrt(sum);
}

static void judge_sends(struct conf_judge *judge, const char *name, uint8_t controller, size_t from, size_t to)
{
    double full = added(judge, 1, from, to);
    conf_at_least(judge, "DLS2 1.7.5", -60, full > 0 ? conf_to_db(full / sqrt(2.0 * (double)(to - from))) : -400, "dB",
                  "%s: CC%d = 127 is heard", name, controller);
    for (uint32_t i = 2; i < COUNT(sends); i++) {
        double share = added(judge, i, from, to) / full;
        if (sends[i].share > 0)
            conf_row(judge, "GM2, 3.9", conf_to_db(sends[i].share), conf_to_db(share), 0.05, "dB",
                     "%s: CC%d = %d with scale %g %%, constant %g %%, relative to CC%d = 127", name, controller, sends[i].cc,
                     sends[i].scale, sends[i].bias, controller);
        else
            conf_at_most(judge, "GM2, 3.9", -96, conf_to_db(share), "dB", "%s: CC%d = %d with scale %g %%", name, controller,
                         sends[i].cc, sends[i].scale);
    }
}

static void judge_reverb_send(struct conf_judge *judge)
{
    judge_sends(judge, "reverb", 91, BURST, BURST + 24000);
}

static void judge_chorus_send(struct conf_judge *judge)
{
    judge_sends(judge, "chorus", 93, 24000, 43200);
}

/* ---- the worked example of DLS 1 --------------------------------------------------------------------- */

#define EXAMPLE_AT 7200u /* frames: 150 ms */

/* LFO at its low point after 150 ms: 10 ms of delay and three quarters of a turn in 140 ms. */
static void build_example(struct conf_bank *bank, struct conf_song *song)
{
    uint32_t wave = probe_begin_constant(bank, song);
    struct probe_waves waves = probe_quadrature(bank, 48);
    connection list[] = {
        {SRC_NONE, SRC_NONE, DST_LFO_FREQUENCY, TRN_NONE, conf_hertz(0.75 / 0.14)},
        {SRC_LFO, SRC_NONE, DST_GAIN, TRN_BIPOLAR, conf_db(3)},
        {SRC_LFO, SRC_CC + 1, DST_GAIN, TRN_BIPOLAR, conf_db(1)},
        {SRC_NONE, SRC_NONE, DST_EG1_ATTACK, TRN_NONE, conf_seconds(0.4)},
        {SRC_VELOCITY, SRC_NONE, DST_EG1_ATTACK, TRN_NONE, conf_cents(-1200)},
        {SRC_NONE, SRC_NONE, DST_EG2_DECAY, TRN_NONE, conf_seconds(10)},
        {SRC_NONE, SRC_NONE, DST_EG2_SUSTAIN, TRN_NONE, 0},
        {SRC_EG2, SRC_NONE, DST_PITCH, TRN_NONE, conf_cents(30)},
        {SRC_NONE, SRC_NONE, DST_PITCH, TRN_NONE, conf_cents(1)}}; /* the fine tune of the example */
    probe_instrument(bank, 1, wave, list, COUNT(list))->sample.unity_note = 54;
    probe_pair_unity(bank, 2, waves, list, COUNT(list), 54);
    conf_cc(song, slot(0) - 2400, 0, 1, 25);
    conf_cc(song, slot(0) - 2400, 0, 7, 100);
    conf_cc(song, slot(0) - 2400, 0, 11, 120);
    conf_cc(song, slot(0) - 2400, 0, 10, 75);
    conf_wheel(song, slot(0) - 2400, 0, 8192 + 365);
    probe_play(song, slot(0), SLOT - 2400, 1, 60, 110);
    conf_cc(song, slot(2) - 2400, 0, 10, 64);
    probe_play(song, slot(2), SLOT - 2400, 2, 60, 110);
    conf_until(song, slot(4));
}

static void judge_example(struct conf_judge *judge)
{
    const struct conf_sound *sound = conf_sound(judge);
    double attack = 0.4 * exp2(-110.0 / 128), eg1 = conf_to_db(0.150 / attack), lfo = -(3 + 25.0 / 128);
    double mono = eg1 + lfo + law(110, 127) + law(100, 127) + law(120, 127), p = (2 * 75.0 / 128 - 1) * 0.508;
    size_t at = slot(0) + EXAMPLE_AT;
    double open = conf_mean(sound, CONF_LEFT, PROBE_REFERENCE + 4800, PROBE_REFERENCE + 9000) * sqrt(2);
    double left = conf_to_db((double)sound->left[at] / open), right = conf_to_db((double)sound->right[at] / open);
    conf_row(judge, "DLS1 example, 3.7", mono, 10 * log10(pow(10, left / 10) + pow(10, right / 10)), 0.05, "dB",
             "level of the voice after 150 ms");
    conf_row(judge, "DLS1 example, 3.8", mono + conf_to_db(cos(HALF_PI * (p + 0.5))), left, 0.05, "dB", "left, CC10 = 75");
    conf_row(judge, "DLS1 example, 3.8", mono + conf_to_db(sin(HALF_PI * (p + 0.5))), right, 0.05, "dB", "right, CC10 = 75");
    double cents = 600 + 1 + 30 * (1 - 0.015) + 200 * 365.0 / 8192;
    at = slot(2) + EXAMPLE_AT;
    conf_row(judge, "DLS1 example, 3.7", cents, probe_cents(judge, at - 480, at + 480, 1000), 0.1, "cent", "pitch after 150 ms");
}

static const struct conf_case cases[] = {
    {.id = "gain-velocity", .title = "Velocity", .build = build_velocity, .judge = judge_velocity},
    {.id = "gain-volume", .title = "Volume and expression", .build = build_volume, .judge = judge_volume},
    {.id = "gain-smooth", .title = "Smooth controllers", .build = build_smooth, .judge = judge_smooth},
    {.id = "gain-master", .title = "Master volume", .build = build_master, .judge = judge_master},
    {.id = "gain-wave", .title = "Gain of wave and articulation", .build = build_sample_gain, .judge = judge_sample_gain},
    {.id = "gain-pan", .title = "Pan", .build = build_pan, .judge = judge_pan},
    {.id = "gain-sum", .title = "Sum of voices", .build = build_sum, .judge = judge_sum},
    {.id = "gain-reverb", .title = "Reverb send", .build = build_reverb_send, .judge = judge_reverb_send, .effects = true},
    {.id = "gain-chorus", .title = "Chorus send", .build = build_chorus_send, .judge = judge_chorus_send, .effects = true},
    {.id = "gain-example", .title = "The worked example of DLS 1", .build = build_example, .judge = judge_example},
};

extern const struct conf_topic conf_topic_gain;
const struct conf_topic conf_topic_gain = {"Gain, pan and sends", cases, COUNT(cases)};
