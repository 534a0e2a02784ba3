/* SPDX-License-Identifier: MIT */
/*
 * topic_oscillator.c - pitch and loops.
 *
 * Rules: DLS 2.2 sections 1.5.1 and 1.14 (spec/dls.md 3.3, 1.6): pitch = key - unity note + fine tune, forward loops go on through
 * the release, release loops are left when the note ends; and the goals of the project: pitch within 0.1 cent from -4 to +4
 * octaves, loops of one sample to the whole wave without a seam.
 */
#include <math.h>
#include <stdlib.h>

#include "conf.h"

#define NOTE (2u * CONF_RATE) /* spacing of notes */

static double cents(double measured, double expected)
{
    return 1200 * log2(measured / expected);
}

/* ---- pitch ------------------------------------------------------------------- */

/* A wave of 480 frames a period at 48 kHz: 100 Hz at unity note 60. Keys 12 to 108 are four octaves down and up. */
static void build_pitch(struct conf_bank *bank, struct conf_song *song)
{
    uint32_t wave = conf_wave_sine(bank, 480, 0.5, 0, CONF_RATE);
    conf_instrument(bank, 0, 0, 0, false);
    conf_region(bank, wave);
    conf_program(song, 0, 0, 0, 0, 0);
    for (uint32_t i = 0; i <= 16; i++)
        conf_note(song, CONF_RATE + i * NOTE, NOTE - 4800, 0, (uint8_t)(12 + 6 * i), 127);
    conf_until(song, CONF_RATE + 17 * NOTE);
}

static void judge_pitch(struct conf_judge *judge)
{
    for (uint32_t i = 0; i <= 16; i++) {
        int key = 12 + 6 * (int)i;
        double exact = 100 * exp2((key - 60) / 12.0);
        size_t at = CONF_RATE + i * NOTE;
        double measured = conf_frequency(conf_sound(judge), CONF_LEFT, at + 9600, at + NOTE - 9600, exact);
        conf_row(judge, "DLS2 1.5.1", 0, cents(measured, exact), 0.1, "cent", "key %d: %.2f Hz", key, exact);
    }
}

/* ---- unity note, fine tune, sample rate --------------------------------------------- */

static const struct { uint32_t rate; uint16_t unity; int16_t fine; } tunings[] = {
    {48000, 48, 0}, {48000, 60, 50}, {48000, 72, -33}, {44100, 60, 0}, {22050, 69, 17}, {96000, 60, -100}, {11025, 36, 1}};
#define TUNINGS (sizeof tunings / sizeof *tunings)

static void build_tuning(struct conf_bank *bank, struct conf_song *song)
{
    for (uint32_t i = 0; i < TUNINGS; i++) {
        uint32_t wave = conf_wave_sine(bank, 100, 0.5, 0, tunings[i].rate);
        conf_instrument(bank, 0, 0, i, false);
        struct dls_region *region = conf_region(bank, wave);
        region->sample.unity_note = tunings[i].unity;
        region->sample.fine_tune = tunings[i].fine;
        conf_program(song, CONF_RATE / 2 + i * NOTE, 0, 0, 0, (uint8_t)i);
        conf_note(song, CONF_RATE + i * NOTE, NOTE - 4800, 0, 60, 127);
    }
    conf_until(song, CONF_RATE + TUNINGS * NOTE);
}

static void judge_tuning(struct conf_judge *judge)
{
    for (uint32_t i = 0; i < TUNINGS; i++) {
        double exact = tunings[i].rate / 100.0 * exp2((60 - tunings[i].unity + tunings[i].fine / 100.0) / 12);
        size_t at = CONF_RATE + i * NOTE;
        double measured = conf_frequency(conf_sound(judge), CONF_LEFT, at + 9600, at + NOTE - 9600, exact);
        conf_row(judge, "DLS2 2.16, 1.14", 0, cents(measured, exact), 0.1, "cent", "wave at %u Hz, unity note %u, fine tune %d cents",
                 tunings[i].rate, tunings[i].unity, tunings[i].fine);
    }
}

/* ---- loops --------------------------------------------------------------------------- */

static const uint32_t loop_lengths[] = {1, 2, 3, 4, 7, 16, 64, 333, 4800};
#define LOOPS (sizeof loop_lengths / sizeof *loop_lengths)

/* Each wave: 4800 frames of silence, then one period of a sine as the loop (1 frame: a constant). */
static void build_loops(struct conf_bank *bank, struct conf_song *song)
{
    for (uint32_t i = 0; i < LOOPS; i++) {
        uint32_t n = loop_lengths[i];
        int16_t *samples = calloc(4800 + n, sizeof *samples);
        if (!samples)
            return;
        for (uint32_t k = 0; k < n; k++)
            samples[4800 + k] = n == 1 ? 16384 : (int16_t)lrint(16384 * cos(6.283185307179586 * k / n));
        uint32_t wave = conf_wave(bank, samples, 4800 + n, CONF_RATE);
        free(samples);
        conf_instrument(bank, 0, 0, i, false);
        struct dls_region *region = conf_region(bank, wave);
        region->sample.loop_start = 4800;
        region->sample.loop_length = n;
        conf_program(song, CONF_RATE / 2 + i * NOTE, 0, 0, 0, (uint8_t)i);
        conf_note(song, CONF_RATE + i * NOTE, NOTE - 4800, 0, 60, 127);
    }
    conf_until(song, CONF_RATE + LOOPS * NOTE);
}

static void judge_loops(struct conf_judge *judge)
{
    const struct conf_sound *sound = conf_sound(judge);
    for (uint32_t i = 0; i < LOOPS; i++) {
        size_t at = CONF_RATE + i * NOTE + 9600, to = CONF_RATE + (i + 1) * NOTE - 9600;
        uint32_t n = loop_lengths[i];
        if (n <= 2) { /* a constant, or the highest frequency there is */
            double sign = n == 1 ? 1 : -1, worst = 0, scale = conf_rms(sound, CONF_LEFT, at, to);
            for (size_t f = at + 1; f < to; f++)
                worst = fmax(worst, fabs((double)sound->left[f] - sign * sound->left[f - 1]));
            conf_at_most(judge, "DLS2 1.5.1", -96, scale > 1e-6 ? conf_to_db(worst / scale) : 0, "dB", "loop of %u frames: change from period to period", n);
            continue;
        }
        double hertz = (double)CONF_RATE / n, exact = conf_frequency(sound, CONF_LEFT, at, to, hertz);
        conf_row(judge, "DLS2 1.5.1", 0, cents(exact, hertz), 0.01, "cent", "loop of %u frames: pitch", n);
        /* At a rate of one the loop is repeated as it is: each period equals the one before. */
        double worst = 0;
        for (size_t f = at + n; f < to; f++)
            worst = fmax(worst, fabs((double)sound->left[f] - sound->left[f - n]));
        conf_at_most(judge, "DLS2 1.5.1", -96, conf_to_db(worst / conf_peak(sound, CONF_LEFT, at, to)), "dB",
                     "loop of %u frames: change from period to period", n);
    }
}

/* ---- release loop -------------------------------------------------------------------------- */

/* Loop at +0.25, then 9600 frames at -0.25, then silence: leaving the loop is heard as the change of sign. */
static void build_release(struct conf_bank *bank, struct conf_song *song)
{
    enum { LEAD = 100, LOOP = 64, REST = 9600, FRAMES = LEAD + LOOP + REST };
    static int16_t samples[FRAMES];
    for (int i = 0; i < FRAMES; i++)
        samples[i] = i < LEAD + LOOP ? 8192 : -8192;
    uint32_t wave = conf_wave(bank, samples, FRAMES, CONF_RATE);
    for (uint32_t i = 0; i < 2; i++) {
        conf_instrument(bank, 0, 0, i, false);
        struct dls_region *region = conf_region(bank, wave);
        region->sample.loop = i ? DLS_LOOP_RELEASE : DLS_LOOP_FORWARD;
        region->sample.loop_start = LEAD;
        region->sample.loop_length = LOOP;
        conf_connect(bank, SRC_NONE, SRC_NONE, DST_EG1_RELEASE, TRN_NONE, conf_seconds(40));
        conf_cc(song, CONF_RATE / 2 + i * NOTE, 0, 120, 0); /* the long release before it */
        conf_program(song, CONF_RATE / 2 + i * NOTE, 0, 0, 0, (uint8_t)i);
        conf_note(song, CONF_RATE + i * NOTE, CONF_RATE, 0, 60, 127);
    }
    /* The pedal holds the gate: the loop is left when it is lifted. */
    conf_cc(song, CONF_RATE / 2 + 3 * NOTE, 0, 120, 0);
    conf_cc(song, CONF_RATE / 2 + 3 * NOTE, 0, 64, 127);
    conf_note(song, CONF_RATE + 3 * NOTE, 4800, 0, 62, 127);
    conf_cc(song, 2 * CONF_RATE + 3 * NOTE, 0, 64, 0);
    conf_until(song, CONF_RATE + 5 * NOTE);
}

static void judge_release(struct conf_judge *judge)
{
    const struct conf_sound *sound = conf_sound(judge);
    size_t forward = CONF_RATE + CONF_RATE, release = forward + NOTE, held = CONF_RATE + 3 * NOTE;
    double level = conf_mean(sound, CONF_LEFT, forward - 9600, forward - 4800);
    conf_row(judge, "DLS2 1.5.1", 0, conf_to_db(conf_mean(sound, CONF_LEFT, forward + 4800, forward + 9600) / level) + 96.0 / 40 * 0.15, 0.02,
             "dB", "forward loop goes on in the release");
    size_t turn = release;
    while (turn < release + CONF_RATE && sound->left[turn] > 0)
        turn++;
    conf_row(judge, "DLS2 1.5.1", 32, (double)(turn - release), 32, "frames", "release loop: left within one period of 64 frames");
    size_t end = turn + 100;
    while (end < turn + CONF_RATE && fabsf(sound->left[end]) > 0.01 * level)
        end++;
    conf_row(judge, "DLS2 1.5.1", 9600, (double)(end - turn), 16, "frames", "after it, the rest of the wave is played once");
    conf_at_least(judge, "DLS2 1.5.1", 0.9, conf_mean(sound, CONF_LEFT, held + 24000, held + 40000) / level, "",
                  "with the pedal down after the note-off the loop goes on");
    conf_at_most(judge, "DLS2 1.5.1", 0, conf_mean(sound, CONF_LEFT, held + CONF_RATE + 200, held + CONF_RATE + 4000) / level, "",
                 "it is left when the pedal is lifted");
}

/* ---- phase lock ----------------------------------------------------------------------------------- */

/* Left and right halves of a stereo wave, the slave with a wrong rate and tuning that phase locking must ignore. */
static void build_phase(struct conf_bank *bank, struct conf_song *song)
{
    uint32_t wave = conf_wave_sine(bank, 480, 0.5, 0, CONF_RATE), off = conf_wave_sine(bank, 480, 0.5, 0, 44100);
    conf_instrument(bank, 0, 0, 0, false);
    struct dls_region *master = conf_region(bank, wave);
    master->phase_group = 1;
    master->link_options = 1; /* F_WAVELINK_PHASE_MASTER */
    conf_connect(bank, SRC_NONE, SRC_NONE, DST_PAN, TRN_NONE, conf_percent(-50));
    struct dls_region *slave = conf_region(bank, off);
    slave->phase_group = 1;
    slave->sample.fine_tune = 30;
    conf_connect(bank, SRC_NONE, SRC_NONE, DST_PAN, TRN_NONE, conf_percent(50));
    conf_connect(bank, SRC_NONE, SRC_NONE, DST_PITCH, TRN_NONE, conf_cents(200));
    conf_program(song, 0, 0, 0, 0, 0);
    conf_note(song, CONF_RATE, 9 * CONF_RATE, 0, 67, 127);
    conf_wheel(song, 3 * CONF_RATE, 0, 12000);
    conf_until(song, 11 * CONF_RATE);
}

static void judge_phase(struct conf_judge *judge)
{
    const struct conf_sound *sound = conf_sound(judge);
    double hertz = 100 * exp2(7.0 / 12 + 2.0 * (12000 - 8192) / 8192 / 12), worst = 0;
    for (int s = 4; s < 10; s++) {
        double left, right;
        conf_fit(sound, CONF_LEFT, (size_t)s * CONF_RATE, (size_t)s * CONF_RATE + 24000, hertz, NULL, &left);
        conf_fit(sound, CONF_RIGHT, (size_t)s * CONF_RATE, (size_t)s * CONF_RATE + 24000, hertz, NULL, &right);
        worst = fmax(worst, fabs(remainder(left - right, 1)) / hertz * CONF_RATE);
    }
    conf_row(judge, "DLS2 1.4.7", 0, cents(conf_frequency(sound, CONF_RIGHT, 4u * CONF_RATE, 9u * CONF_RATE, hertz), hertz), 0.1, "cent",
             "pitch of the slave: the master's");
    conf_row(judge, "DLS2 1.4.7", 0, conf_to_db(conf_rms(sound, CONF_RIGHT, 4u * CONF_RATE, 9u * CONF_RATE) /
                                                conf_rms(sound, CONF_LEFT, 4u * CONF_RATE, 9u * CONF_RATE)), 0.05, "dB",
             "level of the slave against the master");
    conf_at_most(judge, "DLS2 1.4.7", 0.5, worst, "frames", "phase between master and slave over 6 s, with pitch bend");
}

static const struct conf_case cases[] = {
    {.id = "pitch", .title = "Pitch over eight octaves", .build = build_pitch, .judge = judge_pitch},
    {.id = "tuning", .title = "Unity note, fine tune and sample rate", .build = build_tuning, .judge = judge_tuning},
    {.id = "loops", .title = "Forward loops", .build = build_loops, .judge = judge_loops},
    {.id = "release-loop", .title = "Release loops", .build = build_release, .judge = judge_release},
    {.id = "phase-lock", .title = "Phase-locked pairs", .build = build_phase, .judge = judge_phase},
};

extern const struct conf_topic conf_topic_oscillator;
const struct conf_topic conf_topic_oscillator = {"Oscillator", cases, sizeof cases / sizeof *cases};
