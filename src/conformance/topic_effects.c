/* SPDX-License-Identifier: MIT */
/*
 * topic_effects.c - reverb and chorus: decay by octave band, density, the parameters of GM 2, GS and WavesReverb.
 *
 * Rules: spec/dls.md 5.6 (GM 2 sections on slots 01 01 and 01 02), ddi-user.md 5.7 (WavesReverb). No specification says how close a
 * decay time has to be: 5 %, the just noticeable difference of ISO 3382-1. Each note is one sample of a wave, so that what follows
 * is the response of the effect.
 */
#include <math.h>

#include "decay.h"
#include "rig.h"
#include "scene.h"

#define HALF (5u * CONF_RATE) /* from an impulse on the left to one on the right */
#define SLOT (10u * CONF_RATE)

static size_t start(uint32_t i)
{
    return PROBE_FIRST + (size_t)i * SLOT;
}

static uint32_t impulse(struct conf_bank *bank)
{
    int16_t samples[64] = {32000};
    uint32_t wave = conf_wave(bank, samples, COUNT(samples), CONF_RATE);
    conf_instrument(bank, 0, 0, 0, false);
    conf_region(bank, wave)->sample.loop = DLS_LOOP_NONE;
    return wave;
}

/* ---- reverb: GM 2 and GS ------------------------------------------------------------------------- */

static const struct reverb { const char *what; double seconds; const char *sysex[2]; } reverbs[] = {
    {"type 0, small room", 1.1, {"7F 7F 04 05 01 01 01 01 01 00 00", NULL}},
    {"type 1, medium room", 1.3, {"7F 7F 04 05 01 01 01 01 01 00 01", NULL}},
    {"type 2, large room", 1.5, {"7F 7F 04 05 01 01 01 01 01 00 02", NULL}},
    {"type 3, medium hall", 1.8, {"7F 7F 04 05 01 01 01 01 01 00 03", NULL}},
    {"type 4, large hall", 1.8, {"7F 7F 04 05 01 01 01 01 01 00 04", NULL}},
    {"type 8, plate", 1.3, {"7F 7F 04 05 01 01 01 01 01 00 08", NULL}},
    {"time value 30", 0, {"7F 7F 04 05 01 01 01 01 01 00 04", "7F 7F 04 05 01 01 01 01 01 01 1E"}},
    {"time value 72", 0, {"7F 7F 04 05 01 01 01 01 01 00 04", "7F 7F 04 05 01 01 01 01 01 01 48"}},
    {"type and time in one message", 0, {"7F 7F 04 05 01 01 01 01 01 00 00 01 48", NULL}},
    {"GS macro 1", 1.3, {"41 10 42 12 40 01 30 01 cs", NULL}},
    {"GS macro 5", 1.3, {"41 10 42 12 40 01 30 05 cs", NULL}},
};

/* What the value says: exp((value - 40) / 40) seconds. The times that section 5.6 prints for the types are rounded. */
static double seconds_of(const struct reverb *r)
{
    static const double values[] = {44, 50, 56, 64, 64, 50, 30, 72, 72, 50, 50};
    return exp((values[r - reverbs] - 40) * 0.025);
}

static void build_reverb(struct conf_bank *bank, struct conf_song *song)
{
    impulse(bank);
    for (uint32_t i = 0; i < COUNT(reverbs); i++) {
        scene_reset(song, start(i) - 4800);
        for (uint32_t k = 0; k < 2 && reverbs[i].sysex[k]; k++)
            scene_sysex(song, start(i) - 2400, reverbs[i].sysex[k]);
        conf_cc(song, start(i) - 2400, 0, 91, 127);
        for (uint32_t side = 0; side < 2; side++) {
            conf_cc(song, start(i) + side * HALF - 100, 0, 10, side ? 127 : 0);
            conf_note(song, start(i) + side * HALF, 4800, 0, 60, 127);
        }
    }
    conf_until(song, start(COUNT(reverbs)));
}

static void judge_reverb(struct conf_judge *judge)
{
    const struct conf_sound *sound = conf_sound(judge);
    for (uint32_t i = 0; i < COUNT(reverbs); i++) {
        double exact = seconds_of(&reverbs[i]);
        size_t from[] = {start(i) + 24, start(i) + HALF + 24}; /* past the direct impulse */
        for (double hertz = 125; hertz <= 250; hertz *= 2)
            conf_row(judge, "GM2, 5.6", exact, decay_seconds(sound, from, 2, (size_t)(1.6 * exact * CONF_RATE), hertz, 1), 0.05 * exact, "s", "%s: decay at %g Hz",
                     reverbs[i].what, hertz);
    }
}

/* ---- reverb: WavesReverb, texture ------------------------------------------------------------------------ */

/* Responses of 5 s to an impulse of one sample at 0.1 s on the left and at 5.1 s on the right; NULL: as opened. */
static struct conf_sound response(const float values[4])
{
    struct rig_options options = {.reverb = true};
    struct conf_bank *bank = conf_bank_new("reverb");
    impulse(bank);
    struct rig *rig = rig_open(&options, bank);
    conf_bank_free(bank);
    if (values)
        rig_waves_reverb(rig, values[0], values[1], values[2], values[3]);
    rig_message(rig, 0, 1, 0xB0, 91, 127);
    for (uint32_t side = 0; side < 2; side++) {
        rig_message(rig, side * HALF, 1, 0xB0, 10, side ? 127 : 0);
        rig_message(rig, side * HALF + 4800, 1, 0x90, 60, 127);
    }
    struct conf_sound sound = rig_sound(rig, 2 * HALF);
    rig_close(rig);
    return sound;
}

#define HEARD (4800u + 24) /* past the direct impulse */

static double seconds_at(const struct conf_sound *sound, double seconds, double hertz, double q)
{
    static const size_t from[] = {HEARD, HALF + HEARD};
    return decay_seconds(sound, from, 2, (size_t)(1.6 * seconds * CONF_RATE), hertz, q);
}

static void judge_waves(struct conf_judge *judge)
{
    static const double bands[] = {125, 250, 500, 1000, 2000, 4000, 8000};
    static const double times[] = {500, 1000, 2500};
    for (uint32_t t = 0; t < COUNT(times); t++) {
        struct conf_sound sound = response((float[]){0, 0, (float)times[t], 0.999f});
        double exact = times[t] / 1000;
        if (t == 1)
            conf_plot(judge, "WavesReverb, 1000 ms, ratio 0.999: decay time by octave band", "Hz", "s", true);
        for (uint32_t b = 0; b < COUNT(bands); b++) {
            double seconds = seconds_at(&sound, exact, bands[b], 1);
            conf_row(judge, "ddi-user 5.7", exact, seconds, 0.05 * exact, "s", "time of %g ms, ratio 0.999: decay at %g Hz", times[t],
                     bands[b]);
            if (t == 1)
                conf_point(judge, bands[b], exact, seconds);
        }
        rig_free_sound(&sound);
    }
    static const double ratios[] = {0.8, 0.5, 0.3};
    for (uint32_t i = 0; i < COUNT(ratios); i++) {
        struct conf_sound sound = response((float[]){0, 0, 2000, (float)ratios[i]});
        conf_row(judge, "ddi-user 5.7", 2 * ratios[i], seconds_at(&sound, 2, 5000, 6), 0.05 * 2 * ratios[i], "s",
                 "time of 2000 ms, ratio %g: decay at 5 kHz", ratios[i]);
        conf_row(judge, "ddi-user 5.7", 2, seconds_at(&sound, 2, 125, 1), 0.1, "s",
                 "time of 2000 ms, ratio %g: decay at 125 Hz", ratios[i]);
        rig_free_sound(&sound);
    }
    double reference = 0;
    static const float gains[][2] = {{0, 0}, {-6, 0}, {0, -10}, {-12, -20}};
    for (uint32_t i = 0; i < COUNT(gains); i++) {
        struct conf_sound sound = response((float[]){gains[i][0], gains[i][1], 1000, 0.5f});
        double level = conf_to_db(conf_rms(&sound, CONF_LEFT, HEARD, HEARD + CONF_RATE / 2));
        if (i == 0)
            reference = level;
        else
            conf_row(judge, "ddi-user 5.7", (double)gains[i][0] + (double)gains[i][1], level - reference, 0.05, "dB",
                     "in gain %g dB, mix %g dB: level of the reverb", (double)gains[i][0], (double)gains[i][1]);
        rig_free_sound(&sound);
    }
    struct conf_sound opened = response(NULL), same = response((float[]){0, -10, 1000, 0.001f});
    double difference = 0;
    for (size_t f = 0; f < opened.frames; f++)
        difference = fmax(difference, fabs((double)opened.left[f] - (double)same.left[f]));
    conf_row(judge, "ddi-user 5.7", 0, difference, 0, "", "as opened: 0 dB, -10 dB, 1000 ms, 0.001 (largest difference)");
    rig_free_sound(&opened);
    rig_free_sound(&same);
}

static void judge_texture(struct conf_judge *judge)
{
    struct conf_sound sound = response((float[]){0, 0, 2500, 0.999f});
    size_t dense = HEARD;
    while (dense < HEARD + 48000 && decay_density(&sound, CONF_LEFT, dense, 960) < 0.9)
        dense += 240;
    conf_at_most(judge, "goal", 120, (double)(dense - HEARD) * 1000 / CONF_RATE, "ms", "echo density of 0.9 reached after");
    double sum = 0, least = 9;
    uint32_t count = 0;
    conf_plot(judge, "Echo density of the reverb", "ms", "density (1: Gaussian noise)", false);
    for (size_t at = HEARD; at + 960 < HEARD + 48000; at += 480) {
        double density = decay_density(&sound, CONF_LEFT, at, 960);
        conf_point(judge, (double)(at - HEARD) * 1000 / CONF_RATE, 1, density);
        if (at < dense + 4800)
            continue;
        sum += density;
        least = fmin(least, density);
        count++;
    }
    conf_row(judge, "goal", 1, sum / count, 0.05, "", "mean echo density from 0.1 s later on");
    conf_at_least(judge, "goal", 0.75, least, "", "least echo density of 20 ms there");
    conf_at_most(judge, "goal", 0.2, decay_likeness(&sound, CONF_LEFT, HEARD + 24000, HEARD + 48000, 48, 4800), "",
                 "strongest repetition in the tail after 1 to 100 ms");
    conf_at_most(judge, "goal", 0.2, fabs(decay_correlation(&sound, HEARD, HEARD + 96000)), "", "correlation of the sides");
    conf_row(judge, "goal", 0, conf_to_db(conf_rms(&sound, CONF_LEFT, HEARD, HEARD + 96000)) -
             conf_to_db(conf_rms(&sound, CONF_RIGHT, HEARD, HEARD + 96000)), 1, "dB", "balance of the sides");
    rig_free_sound(&sound);
}

/* ---- chorus ------------------------------------------------------------------------------------------------ */

#define IMPULSES 240u
#define APART 2400u /* near enough for the effect not to fall asleep between */
#define CHORUS_SLOT (14u * CONF_RATE)

static const struct chorus { const char *what; double rate, depth, feedback; const char *sysex[2]; } choruses[] = {
    {"type 0, chorus 1", 3, 5, 0, {"7F 7F 04 05 01 01 01 01 02 00 00", NULL}},
    {"type 1, chorus 2", 9, 19, 5, {"7F 7F 04 05 01 01 01 01 02 00 01", NULL}},
    {"type 2, chorus 3", 3, 19, 8, {"7F 7F 04 05 01 01 01 01 02 00 02", NULL}},
    {"type 3, chorus 4", 9, 16, 16, {"7F 7F 04 05 01 01 01 01 02 00 03", NULL}},
    {"type 4, feedback chorus", 2, 24, 64, {"7F 7F 04 05 01 01 01 01 02 00 04", NULL}},
    {"type 5, flanger", 1, 5, 112, {"7F 7F 04 05 01 01 01 01 02 00 05", NULL}},
    {"rate value 20, depth value 40", 20, 40, 0, {"7F 7F 04 05 01 01 01 01 02 00 00", "7F 7F 04 05 01 01 01 01 02 01 14 02 28"}},
    {"feedback value 32", 3, 5, 32, {"7F 7F 04 05 01 01 01 01 02 00 00", "7F 7F 04 05 01 01 01 01 02 03 20"}},
    {"GS macro 3", 9, 16, 16, {"41 10 42 12 40 01 38 03 cs", NULL}},
};

static void build_chorus(struct conf_bank *bank, struct conf_song *song)
{
    impulse(bank);
    for (uint32_t i = 0; i < COUNT(choruses); i++) {
        uint64_t at = PROBE_FIRST + (uint64_t)i * CHORUS_SLOT;
        scene_reset(song, at - 24000);
        for (uint32_t k = 0; k < 2 && choruses[i].sysex[k]; k++)
            scene_sysex(song, at - 20000, choruses[i].sysex[k]);
        conf_cc(song, at - 20000, 0, 93, 127);
        for (uint32_t n = 0; n < IMPULSES; n++)
            conf_note(song, at + n * APART, 1200, 0, 60, 127);
    }
    conf_until(song, PROBE_FIRST + COUNT(choruses) * (uint64_t)CHORUS_SLOT);
}

/* Frames after FROM at which the next arrival of an impulse lies, by the centre of its few samples; *area their sum. */
static double arrival(const float *x, size_t from, size_t within, double threshold, double *area)
{
    size_t f = from;
    while (f < from + within && fabs((double)x[f]) < threshold)
        f++;
    double sum = 0, moment = 0;
    for (size_t k = f - 3; k <= f + 4; k++) {
        sum += (double)x[k];
        moment += (double)x[k] * (double)(k - from);
    }
    *area = sum;
    return moment / sum;
}

static struct probe_sine swing(const struct conf_sound *sound, enum conf_channel channel, size_t at, const struct chorus *c, double *feedback)
{
    const float *x = channel == CONF_LEFT ? sound->left : sound->right;
    double delays[IMPULSES], ratio = 0;
    *feedback = NAN;
    if (at + (IMPULSES + 2) * APART > sound->frames) /* cut short */
        return (struct probe_sine){NAN, NAN, NAN, NAN, NAN};
    double dry = fabs((double)x[at]);
    for (uint32_t n = 0; n < IMPULSES; n++) {
        double first, second;
        size_t from = at + n * APART;
        double frames = arrival(x, from + 40, 1600, 0.2 * dry, &first) + 40;
        delays[n] = frames * 1000 / CONF_RATE;
        if (c->feedback > 0) {
            size_t expected = from + (size_t)fmax(2 * fmin(frames, APART / 2.0) - 20, 3); /* the echo comes about as late again */
            arrival(x, expected, 60, 0.3 * c->feedback * 0.00763 * dry, &second);
            ratio += second / first / IMPULSES;
        }
    }
    *feedback = ratio;
    return probe_fit(delays, IMPULSES, 0, (double)APART / CONF_RATE, c->rate * 0.122, 0);
}

static void judge_chorus(struct conf_judge *judge)
{
    for (uint32_t i = 0; i < COUNT(choruses); i++) {
        const struct chorus *c = &choruses[i];
        size_t at = PROBE_FIRST + (size_t)i * CHORUS_SLOT;
        double feedback, other, rate = c->rate * 0.122, depth = (c->depth + 1) / 3.2;
        struct probe_sine left = swing(conf_sound(judge), CONF_LEFT, at, c, &feedback);
        struct probe_sine right = swing(conf_sound(judge), CONF_RIGHT, at, c, &other);
        conf_row(judge, "GM2, 5.6", rate, left.hertz, 0.01 * rate, "Hz", "%s: rate", c->what);
        conf_row(judge, "GM2, 5.6", depth, 2 * fabs(left.depth), 0.02 * depth, "ms", "%s: depth, peak to peak", c->what);
        if (c->feedback > 0)
            conf_row(judge, "GM2, 5.6", c->feedback * 0.763, 100 * feedback, 2, "%", "%s: feedback", c->what);
        double turns = remainder((left.delay - right.delay) * rate + (left.depth * right.depth < 0 ? 0.5 : 0), 1);
        conf_row(judge, "goal", 0.25, fabs(turns), 0.02, "turns", "%s: the sides are apart by", c->what);
    }
}

/* ---- chorus to reverb ------------------------------------------------------------------------------------------- */

static const uint8_t to_reverb[] = {127, 64, 32, 0};

static void build_chain(struct conf_bank *bank, struct conf_song *song)
{
    impulse(bank);
    for (uint32_t i = 0; i < COUNT(to_reverb); i++) {
        uint8_t bytes[] = {0xF0, 0x7F, 0x7F, 0x04, 0x05, 0x01, 0x01, 0x01, 0x01, 0x02, 0x04, to_reverb[i], 0xF7};
        scene_reset(song, start(i) - 24000);
        scene_sysex(song, start(i) - 20000, "7F 7F 04 05 01 01 01 01 02 00 00");
        conf_sysex(song, start(i) - 20000, bytes, sizeof bytes);
        conf_cc(song, start(i) - 20000, 0, 93, 127);
        conf_note(song, start(i), 4800, 0, 60, 127);
    }
    conf_until(song, start(COUNT(to_reverb)));
}

static void judge_chain(struct conf_judge *judge)
{
    double reference = 0;
    for (uint32_t i = 0; i < COUNT(to_reverb); i++) {
        size_t from = start(i) + 4800; /* past the chorus itself */
        double level = conf_to_db(conf_rms(conf_sound(judge), CONF_LEFT, from, from + 24000));
        if (i == 0)
            conf_at_least(judge, "GM2, 5.6", -100, reference = level, "dBFS", "chorus to reverb of 127: the reverb sounds");
        else if (to_reverb[i])
            conf_row(judge, "GM2, 5.6", conf_to_db(to_reverb[i] / 127.0), level - reference, 0.5, "dB", "chorus to reverb of %d against 127",
                     to_reverb[i]);
        else
            conf_at_most(judge, "GM2, 5.6", -120, level, "dBFS", "chorus to reverb of 0: no reverb");
    }
}

static const struct conf_case cases[] = {
    {.id = "effects-reverb", .title = "Reverb by GM 2 and GS", .build = build_reverb, .judge = judge_reverb, .effects = true},
    {.id = "effects-waves", .title = "Reverb by WavesReverb", .judge = judge_waves},
    {.id = "effects-texture", .title = "Texture of the reverb", .judge = judge_texture},
    {.id = "effects-chorus", .title = "Chorus by GM 2 and GS", .build = build_chorus, .judge = judge_chorus, .effects = true},
    {.id = "effects-chain", .title = "Chorus into reverb", .build = build_chain, .judge = judge_chain, .effects = true},
};

extern const struct conf_topic conf_topic_effects;
const struct conf_topic conf_topic_effects = {"Reverb and chorus", cases, COUNT(cases)};
