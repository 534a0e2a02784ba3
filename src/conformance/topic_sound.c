/* SPDX-License-Identifier: MIT */
/*
 * topic_sound.c - how clean the oscillator's interpolation is.
 *
 * The goals are the project's own; method of spec/performance.md section 4: a 16-bit sine in a loop of 44100 frames at 44.1 kHz,
 * rendered at 48 kHz, and its ratio to everything else from 20 Hz to 20 kHz (a 16-bit source has about 98 dB).
 */
#include <math.h>
#include <stdlib.h>

#include "conf.h"

#define NOTE (5u * CONF_RATE)

static const struct { int hertz, key; } tones[] = {{997, 60}, {997, 67}, {997, 48}, {997, 79}, {9973, 60}, {9973, 67}, {9973, 48}, {9973, 79}, {15013, 60}};
#define TONES (sizeof tones / sizeof *tones)

static void build(struct conf_bank *bank, struct conf_song *song)
{
    static const int hertz[] = {997, 9973, 15013};
    int16_t *samples = malloc(44100 * sizeof *samples);
    if (!samples)
        return;
    for (uint32_t w = 0; w < 3; w++) {
        for (int i = 0; i < 44100; i++)
            samples[i] = (int16_t)lrint(0.98 * 32767 * sin(6.283185307179586 * fmod((double)hertz[w] * i, 44100) / 44100));
        uint32_t wave = conf_wave(bank, samples, 44100, 44100);
        conf_instrument(bank, 0, 0, w, false);
        conf_region(bank, wave);
    }
    free(samples);
    for (uint32_t i = 0; i < TONES; i++) {
        uint8_t program = tones[i].hertz == 997 ? 0 : tones[i].hertz == 9973 ? 1 : 2;
        conf_program(song, CONF_RATE / 2 + i * NOTE, 0, 0, 0, program);
        conf_note(song, CONF_RATE + i * NOTE, NOTE - 9600, 0, (uint8_t)tones[i].key, 127);
    }
    conf_until(song, CONF_RATE + TONES * NOTE);
}

static void judge_mode(struct conf_judge *judge, double sinad, double alias)
{
    const struct conf_sound *sound = conf_sound(judge);
    size_t first = CONF_RATE + 4 * NOTE; /* 9973 Hz unshifted */
    double unshifted = conf_tone_db(sound, CONF_LEFT, first + 24000, first + NOTE - 24000, 9973);
    for (uint32_t i = 0; i < TONES; i++) {
        size_t from = CONF_RATE + i * NOTE + 24000, to = CONF_RATE + (i + 1) * NOTE - 24000;
        double hertz = tones[i].hertz * exp2((tones[i].key - 60) / 12.0);
        if (hertz > CONF_RATE / 2.0) { /* the wanted tone lies above Nyquist: nothing of it may be left */
            double folded = CONF_RATE - hertz;
            conf_at_most(judge, "goal", -alias, conf_tone_db(sound, CONF_LEFT, from, to, folded) - unshifted, "dB",
                         "%d Hz at %+d semitones: alias at %.0f Hz against the unshifted tone", tones[i].hertz, tones[i].key - 60, folded);
            continue;
        }
        if (tones[i].hertz == 15013) {
            double low = conf_tone_db(sound, CONF_LEFT, CONF_RATE + 24000, CONF_RATE + NOTE - 24000, 997);
            conf_row(judge, "goal", 0, conf_tone_db(sound, CONF_LEFT, from, to, hertz) - low, 0.1, "dB", "15013 Hz unshifted: level against 997 Hz");
            continue;
        }
        conf_at_least(judge, "goal", sinad, conf_sinad(sound, CONF_LEFT, from, to, hertz), "dB", "%d Hz at %+d semitones: SINAD",
                      tones[i].hertz, tones[i].key - 60);
        conf_row(judge, "goal", 0, 1200 * log2(conf_frequency(sound, CONF_LEFT, from, to, hertz) / hertz), 0.01, "cent",
                 "%d Hz at %+d semitones: pitch", tones[i].hertz, tones[i].key - 60);
    }
}

static void judge_sinc16(struct conf_judge *judge)
{
    judge_mode(judge, 88, 60);
}

static void judge_sinc32(struct conf_judge *judge)
{
    judge_mode(judge, 96, 80);
}

static const struct conf_case cases[] = {
    {.id = "sinc16", .title = "Interpolation sinc16", .build = build, .judge = judge_sinc16, .interpolation = "sinc16"},
    {.id = "sinc32", .title = "Interpolation sinc32", .build = build, .judge = judge_sinc32, .interpolation = "sinc32"},
};

extern const struct conf_topic conf_topic_sound;
const struct conf_topic conf_topic_sound = {"Interpolation", cases, sizeof cases / sizeof *cases};
