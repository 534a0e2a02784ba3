/* SPDX-License-Identifier: MIT */
/*
 * kit.h - voices for tests of the sounding half of the engine, built straight
 * from struct wave, region and artic, without download images.
 */
#ifndef DMUS_TESTS_SYNTH_KIT_H
#define DMUS_TESTS_SYNTH_KIT_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "synth/voice.h"

#define KIT_PI 3.14159265358979323846

static inline void *kit_alloc(void *ctx, size_t size)
{
    (void)ctx;
    void *block = aligned_alloc(64, (size + 127) & ~(size_t)63);
    if (block)
        memset(block, 0, (size + 127) & ~(size_t)63);
    return block;
}

static inline void kit_free(void *ctx, void *block)
{
    (void)ctx;
    free(block);
}

static const struct synth_memory kit_memory = {kit_alloc, kit_free, NULL};

/* One instrument of one region on one channel, and a mixer. */
struct kit {
    struct synth_config config;
    struct mixer *mixer;
    struct master master;
    struct channel channel;
    struct wave wave;
    int16_t *samples;
    struct region region;
    void *artic_memory;
    enum synth_profile profile;
};

static inline void kit_articulate(struct kit *kit, const struct artic_block *blocks, uint32_t count)
{
    free(kit->artic_memory);
    kit->artic_memory = kit_alloc(NULL, artic_size(count));
    kit->region.artic = artic_compile(kit->artic_memory, blocks, count, kit->config.profile);
}

/* A channel that adds nothing: volume 127, centre, no sends. */
static inline void kit_channel(struct kit *kit)
{
    memset(&kit->channel, 0, sizeof kit->channel);
    memset(&kit->master, 0, sizeof kit->master);
    kit->channel.version = kit->master.version = 1;
    kit->channel.master = &kit->master;
    kit->channel.wheel = kit->channel.rpn1 = kit->channel.rpn2 = 8192;
    kit->channel.bend_range = 200;
    kit->channel.modulation_range = 50;
    kit->channel.cc[7] = kit->channel.cc[11] = 127;
    kit->channel.cc[10] = 64;
    for (int i = 71; i <= 78; i++)
        kit->channel.cc[i] = 64;
}

static inline void kit_open(struct kit *kit, uint32_t rate, enum synth_interpolation mode, enum synth_profile profile,
                            uint32_t voices, uint32_t frames)
{
    memset(kit, 0, sizeof *kit);
    kit->config = (struct synth_config){.sample_rate = rate, .channels = 2, .voices = voices, .groups = 1, .profile = profile,
                                        .interpolation = mode};
    kit->mixer = mixer_create(&kit->config, voices, &kit_memory);
    kit_channel(kit);
    kit->samples = calloc(frames + 1, sizeof *kit->samples);
    kit->wave = (struct wave){kit->samples, frames, rate, false, 1};
    kit->region.key_high = kit->region.velocity_high = 127;
    kit->region.wave = &kit->wave;
    kit->region.unity_note = 60;
    kit_articulate(kit, NULL, 0);
}

static inline void kit_close(struct kit *kit)
{
    mixer_destroy(kit->mixer, &kit_memory);
    free(kit->samples);
    free(kit->artic_memory);
}

static inline void kit_loop(struct kit *kit, uint32_t start, uint32_t length)
{
    kit->region.loop = LOOP_FORWARD;
    kit->region.loop_start = start;
    kit->region.loop_length = length;
}

/* The whole wave a constant, looped: what comes out is the gain. */
static inline void kit_constant(struct kit *kit, int16_t value)
{
    for (uint32_t i = 0; i < kit->wave.frames; i++)
        kit->samples[i] = value;
    kit_loop(kit, 0, kit->wave.frames);
}

/* CYCLES of a sine over the whole wave, looped. */
static inline void kit_sine(struct kit *kit, double amplitude, double cycles)
{
    for (uint32_t i = 0; i < kit->wave.frames; i++)
        kit->samples[i] = (int16_t)lrint(amplitude * sin(2 * KIT_PI * cycles * i / kit->wave.frames));
    kit_loop(kit, 0, kit->wave.frames);
}

static inline struct voice_params kit_note(const struct kit *kit, uint8_t key, uint8_t velocity)
{
    struct voice_params p;
    memset(&p, 0, sizeof p);
    p.region = &kit->region;
    p.channel = &kit->channel;
    p.note = p.key = key;
    p.velocity = velocity;
    p.phase_master = VOICE_NONE;
    return p;
}

static inline void kit_start(struct kit *kit, voice_slot slot, uint8_t key, uint8_t velocity)
{
    struct voice_params p = kit_note(kit, key, velocity);
    mixer_start(kit->mixer, slot, &p);
}

static inline double kit_db(double gain)
{
    return gain > 0 ? 20 * log10(gain) : -400;
}

/* Power of the sine of FREQUENCY (cycles per frame) that fits best; REST (COUNT values): what it leaves. */
static inline double kit_tone(const float *x, uint32_t count, double frequency, double *rest)
{
    double ss = 0, cc = 0, sc = 0, xs = 0, xc = 0;
    for (uint32_t i = 0; i < count; i++) {
        double s = sin(2 * KIT_PI * frequency * i), c = cos(2 * KIT_PI * frequency * i);
        ss += s * s, cc += c * c, sc += s * c, xs += (double)x[i] * s, xc += (double)x[i] * c;
    }
    double det = ss * cc - sc * sc, a = (xs * cc - xc * sc) / det, b = (xc * ss - xs * sc) / det;
    for (uint32_t i = 0; i < count; i++)
        rest[i] = (double)x[i] - a * sin(2 * KIT_PI * frequency * i) - b * cos(2 * KIT_PI * frequency * i);
    return (a * a + b * b) / 2;
}

#endif
