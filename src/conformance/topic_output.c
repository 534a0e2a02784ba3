/* SPDX-License-Identifier: MIT */
/*
 * topic_output.c - the output stage: offset, dither, headroom, silence, and what switched-off effects cost.
 *
 * Goals of the project: no offset above -100 dBFS; 16 bits with triangular dither of two steps (S. P. Lipshitz, R. A. Wannamaker, J.
 * Vanderkooy, JAES 40, 1992: mean error 0 and error power 1/4 of a squared step whatever the signal); float without a limit; effects
 * without input leave the samples as they are.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rig.h"
#include "scene.h"

#define SECONDS 4u

/* A sine of 1000 Hz on a quarter of the way to the left, LEVEL dB, and the rig to play it. */
static struct conf_sound sine(struct rig_options options, double level)
{
    struct conf_bank *bank = conf_bank_new("output");
    uint32_t wave = conf_wave_sine(bank, 48, 0.9, 0, CONF_RATE);
    scene_instrument(bank, wave, 0, 0, 0, false, level);
    struct rig *rig = rig_open(&options, bank);
    conf_bank_free(bank);
    rig_message(rig, 0, 1, 0xB0, 7, 127);
    rig_message(rig, 0, 1, 0xB0, 10, 48);
    rig_message(rig, 0, 1, 0x90, 60, 127);
    struct conf_sound sound = rig_sound(rig, SECONDS * CONF_RATE);
    rig_close(rig);
    return sound;
}

/* ---- offset ---------------------------------------------------------------------------------- */

static void judge_offset(struct conf_judge *judge)
{
    static const struct { const char *what; struct rig_options options; double level; } cases[] = {
        {"float", {0}, 0},
        {"float, with reverb and chorus", {.reverb = true, .chorus = true}, 0},
        {"16 bits with dither", {.s16 = true, .dither = true}, 0},
        {"16 bits with dither, at -80 dB", {.s16 = true, .dither = true}, -80},
        {"16 bits, profile native", {.native = true, .s16 = true}, 0},
    };
    for (uint32_t i = 0; i < COUNT(cases); i++) {
        struct conf_sound sound = sine(cases[i].options, cases[i].level);
        for (uint32_t side = 0; side < 2; side++)
            conf_at_most(judge, "goal", -100, conf_to_db(conf_mean(&sound, side ? CONF_RIGHT : CONF_LEFT, CONF_RATE, SECONDS * CONF_RATE)),
                         "dBFS", "offset of a sine, %s, %s", cases[i].what, side ? "right" : "left");
        rig_free_sound(&sound);
    }
}

static void judge_silence(struct conf_judge *judge)
{
    struct conf_bank *bank = conf_bank_new("silence");
    conf_region(bank, conf_wave_sine(bank, 48, 0.9, 0, CONF_RATE));
    for (uint32_t s16 = 0; s16 < 2; s16++) {
        struct rig_options options = {.reverb = true, .chorus = true, .s16 = s16, .dither = s16};
        struct rig *rig = rig_open(&options, bank);
        struct conf_sound before = rig_sound(rig, 9600);
        rig_message(rig, 9600, 1, 0xB0, 91, 0);
        rig_message(rig, 9600, 1, 0x90, 60, 127);
        rig_message(rig, 12000, 1, 0x80, 60, 0);
        struct conf_sound after = rig_sound(rig, 48000);
        const char *form = s16 ? "16 bits with dither" : "float";
        conf_row(judge, "goal", 0, conf_peak(&before, CONF_LEFT, 0, 9600), 0, "", "before the first note, %s: peak", form);
        conf_at_least(judge, "goal", 0.1, conf_peak(&after, CONF_LEFT, 0, 2400), "", "the note, %s: peak", form);
        conf_row(judge, "goal", 0, conf_peak(&after, CONF_LEFT, 24000, 48000), 0, "", "after its end, %s: peak", form);
        rig_free_sound(&before);
        rig_free_sound(&after);
        rig_close(rig);
    }
    conf_bank_free(bank);
}

/* ---- dither ------------------------------------------------------------------------------------- */

struct error_figures {
    double mean, rms, most, neighbour, sides, signal;
};

/* Error of S16 against EXACT in steps of 16 bits. */
static struct error_figures errors(const struct conf_sound *s16, const struct conf_sound *exact)
{
    double n = 0, sum = 0, square = 0, most = 0, lag = 0, cross = 0, right = 0, with = 0, signal = 0, before = 0;
    for (size_t f = CONF_RATE / 10; f < s16->frames && f < exact->frames; f++) {
        double x = 32768 * (double)exact->left[f], e = 32768 * (double)s16->left[f] - x;
        double r = 32768 * ((double)s16->right[f] - (double)exact->right[f]);
        n++, sum += e, square += e * e, most = fmax(most, fabs(e));
        lag += e * before, before = e;
        cross += e * r, right += r * r;
        with += e * x, signal += x * x;
    }
    return (struct error_figures){sum / n, sqrt(square / n), most, lag / square, cross / sqrt(square * right), with / sqrt(square * signal)};
}

static void judge_dither(struct conf_judge *judge)
{
    static const double levels[] = {0, -40, -66, -84, -93}; /* -84: about two steps, -93: less than one */
    for (uint32_t i = 0; i < COUNT(levels); i++) {
        struct conf_sound exact = sine((struct rig_options){0}, levels[i]);
        struct conf_sound s16 = sine((struct rig_options){.s16 = true, .dither = true}, levels[i]);
        struct error_figures e = errors(&s16, &exact);
        conf_row(judge, "JAES 40", 0, e.mean, 0.005, "steps", "sine at %g dB: mean error", levels[i]);
        conf_row(judge, "JAES 40", 0.5, e.rms, 0.005, "steps", "sine at %g dB: error, root mean square", levels[i]);
        conf_at_most(judge, "JAES 40", 1.5, e.most, "steps", "sine at %g dB: largest error", levels[i]);
        conf_row(judge, "JAES 40", 0, e.neighbour, 0.01, "", "sine at %g dB: likeness of neighbouring errors", levels[i]);
        conf_row(judge, "JAES 40", 0, e.sides, 0.01, "", "sine at %g dB: likeness of the errors of left and right", levels[i]);
        conf_row(judge, "JAES 40", 0, e.signal, 0.01, "", "sine at %g dB: likeness of error and signal", levels[i]);
        rig_free_sound(&exact);
        rig_free_sound(&s16);
    }
    struct conf_sound exact = sine((struct rig_options){.native = true}, -20.3);
    struct conf_sound s16 = sine((struct rig_options){.native = true, .s16 = true}, -20.3);
    struct error_figures e = errors(&s16, &exact);
    conf_at_most(judge, "goal", 0.5, e.most, "steps", "profile native, no dither: largest error (nearest value)");
    rig_free_sound(&exact);
    rig_free_sound(&s16);
}

/* ---- headroom --------------------------------------------------------------------------------------- */

/* COUNT full-scale constants, or sines, on one rig. */
static struct rig *chord(struct rig_options options, uint32_t count, bool sines, double release)
{
    struct conf_bank *bank = conf_bank_new("chord");
    uint32_t wave = sines ? conf_wave_sine(bank, 200, 1, 0, CONF_RATE) : conf_wave_dc(bank, 64, 1, CONF_RATE);
    conf_instrument(bank, 0, 0, 0, false);
    conf_region(bank, wave)->options = 1; /* notes of one key overlap */
    if (release > 0) {
        conf_connect(bank, SRC_NONE, SRC_NONE, DST_EG1_RELEASE, TRN_NONE, conf_seconds(release));
        conf_connect(bank, SRC_NONE, SRC_NONE, DST_CUTOFF, TRN_NONE, conf_hertz(2000));
        conf_connect(bank, SRC_NONE, SRC_NONE, DST_Q, TRN_NONE, conf_db(12));
        conf_connect(bank, SRC_LFO, SRC_NONE, DST_PITCH, TRN_BIPOLAR, conf_cents(50));
    }
    options.voices = 256;
    struct rig *rig = rig_open(&options, bank);
    conf_bank_free(bank);
    rig_message(rig, 0, 1, 0xB0, 7, 127);
    rig_message(rig, 0, 1, 0xB0, 93, 100);
    for (uint32_t i = 0; i < count; i++)
        rig_message(rig, 0, 1, 0x90, sines ? (uint8_t)(20 + i % 80) : 60, 127);
    return rig;
}

static void judge_headroom(struct conf_judge *judge)
{
    struct rig *rig = chord((struct rig_options){0}, 8, false, 0);
    struct conf_sound sound = rig_sound(rig, 9600);
    conf_row(judge, "goal", 8 * 32767 / 32768.0 * 0.70710678, conf_mean(&sound, CONF_LEFT, 4800, 9600), 1e-4, "",
             "float: eight full-scale voices in the centre");
    rig_free_sound(&sound);
    rig_close(rig);
    rig = chord((struct rig_options){.s16 = true}, 8, false, 0);
    sound = rig_sound(rig, 9600);
    conf_row(judge, "goal", 32767, 32768 * conf_mean(&sound, CONF_LEFT, 4800, 9600), 0, "steps", "16 bits: the same, limited");
    conf_at_least(judge, "goal", 2 * 9000, (double)rig_report(rig).clipped, "samples", "16 bits: limited samples are counted");
    rig_free_sound(&sound);
    rig_close(rig);
}

static void judge_chord(struct conf_judge *judge)
{
    struct rig *rig = chord((struct rig_options){.reverb = true, .chorus = true}, 200, true, 0.5);
    struct conf_sound sound = rig_sound(rig, 48000);
    double strange = 0;
    for (size_t f = 0; f < sound.frames; f++)
        strange += !isfinite(sound.left[f]) + !isfinite(sound.right[f]);
    conf_row(judge, "goal", 0, strange, 0, "samples", "200 full-scale voices with filter, LFO, reverb, chorus: not a number");
    conf_at_least(judge, "goal", 1, conf_peak(&sound, CONF_LEFT, 0, 48000), "", "their peak");
    rig_free_sound(&sound);
    double loud = rig_block_time(rig, 96000, 480);
    for (uint32_t key = 0; key < 128; key++)
        for (uint32_t k = 0; k < 3; k++) /* each note-off ends one of them */
            rig_message(rig, 144000, 1, 0x80, (uint8_t)key, 0);
    double slowest = 0; /* from the release on until the reverb sleeps: small numbers everywhere */
    for (uint32_t i = 0; i < 12; i++)
        slowest = fmax(slowest, rig_block_time(rig, 12000, 480));
    conf_at_most(judge, "goal", 1.3, slowest / loud, "", "slowest quarter second of their release and of the tail, against before");
    rig_close(rig);
}

/* ---- effects that nobody uses -------------------------------------------------------------------------- */

static void build_busy(struct conf_bank *bank, struct conf_song *song)
{
    uint32_t wave = conf_wave_sine(bank, 100, 0.7, 0, 44100);
    conf_instrument(bank, 0, 0, 0, false);
    conf_region(bank, wave);
    conf_connect(bank, SRC_NONE, SRC_NONE, DST_EG1_RELEASE, TRN_NONE, conf_seconds(0.3));
    for (uint8_t channel = 0; channel < 4; channel++) {
        conf_cc(song, 0, channel, 91, 0);
        conf_cc(song, 0, channel, 93, 0);
    }
    for (uint32_t i = 0; i < 60; i++)
        conf_note(song, 1000 + i * 1999, 4000, (uint8_t)(i % 4), (uint8_t)(40 + i * 7 % 40), (uint8_t)(60 + i % 60));
    conf_until(song, 150000);
}

static void judge_bypass(struct conf_judge *judge)
{
    static const struct conf_case with = {.id = "bypass", .title = "", .build = build_busy, .effects = true};
    static const struct conf_case without = {.id = "bypass", .title = "", .build = build_busy};
    struct conf_bytes bank, song;
    uint64_t frames;
    conf_make(&with, &bank, &song, &frames);
    struct conf_sound a = rig_render_files(&with, &bank, &song), b = rig_render_files(&without, &bank, &song);
    double differ = fabs((double)a.frames - (double)b.frames), peak = conf_peak(&a, CONF_LEFT, 0, a.frames);
    for (size_t f = 0; f < a.frames && f < b.frames; f++)
        differ += (memcmp(&a.left[f], &b.left[f], sizeof(float)) != 0) + (memcmp(&a.right[f], &b.right[f], sizeof(float)) != 0);
    conf_at_least(judge, "goal", 0.01, peak, "", "60 notes without sends: peak");
    conf_row(judge, "goal", 0, differ, 0, "samples", "effects on and off: samples that differ in any bit");
    rig_free_sound(&a);
    rig_free_sound(&b);
    free(bank.data);
    free(song.data);
}

static const struct conf_case cases[] = {
    {.id = "output-offset", .title = "Offset", .judge = judge_offset},
    {.id = "output-silence", .title = "Silence", .judge = judge_silence},
    {.id = "output-dither", .title = "Dither", .judge = judge_dither},
    {.id = "output-headroom", .title = "Headroom", .judge = judge_headroom},
    {.id = "output-chord", .title = "200 voices", .judge = judge_chord},
    {.id = "output-bypass", .title = "Effects without sends", .judge = judge_bypass},
};

extern const struct conf_topic conf_topic_output;
const struct conf_topic conf_topic_output = {"Output", cases, COUNT(cases)};
