/* SPDX-License-Identifier: MIT */
/* fixture.h - a synth with a wave and some instruments, and shorthands to play on it at once. For tests with the fake mixer. */
#ifndef DMUS_TESTS_SYNTH_FIXTURE_H
#define DMUS_TESTS_SYNTH_FIXTURE_H

#include "fake_mixer.h"
#include "image_builder.h"
#include "synth/engine.h"
#include "test_memory.h"

#define DRUMS 0x80000000u

struct fixture {
    struct test_memory memory;
    struct synth *synth;
    struct mixer *mixer;
    int64_t position;
    struct builder image;
    struct builder wave; /* the synth keeps reading it */
};

static inline struct synth_config fixture_config(enum synth_profile profile)
{
    return (struct synth_config){.sample_rate = 44100, .channels = 2, .voices = 32, .groups = 2, .profile = profile};
}

static inline struct synth_download *fixture_load(struct fixture *f)
{
    struct synth_download *download;
    bool keeps;
    enum synth_status status = synth_download(f->synth, f->image.bytes, f->image.size, &download, &keeps);
    return status == SYNTH_OK ? download : NULL;
}

/* Wave 1: 100 frames of 16 bit at 22050 Hz. */
static inline bool fixture_open_config(struct fixture *f, struct synth_config config)
{
    static const int16_t samples[100] = {1, 2, 3};
    struct synth_memory mem = test_memory(&f->memory);
    struct synth_download *download;
    bool keeps;
    f->position = 0;
    if (synth_create(&config, &mem, &f->synth) != SYNTH_OK)
        return false;
    f->mixer = f->synth->mixer;
    build_wave(&f->wave, 1, 22050, 16, samples, 100);
    return synth_download(f->synth, f->wave.bytes, f->wave.size, &download, &keeps) == SYNTH_OK;
}

static inline bool fixture_open(struct fixture *f, enum synth_profile profile)
{
    return fixture_open_config(f, fixture_config(profile));
}

/* Destroys the synth; true if nothing leaked and the mixer was never misused. */
static inline bool fixture_close(struct fixture *f)
{
    bool clean = f->mixer->misuse == 0;
    synth_destroy(f->synth);
    return clean && f->memory.live == 0;
}

/* An instrument at PATCH with COUNT regions on wave 1 (or what they name). */
static inline struct synth_download *fixture_instrument(struct fixture *f, uint32_t patch, const struct build_region *regions,
                                                        uint32_t count)
{
    struct build_region copy[64];
    for (uint32_t i = 0; i < count; i++) {
        copy[i] = regions[i];
        copy[i].wave = copy[i].wave ? copy[i].wave : 1;
    }
    build_instrument(&f->image, 1000, patch, 0, copy, count);
    return fixture_load(f);
}

static inline struct synth_download *fixture_plain(struct fixture *f, uint32_t patch)
{
    static const struct build_region whole = {0};
    return fixture_instrument(f, patch, &whole, 1);
}

static inline void fixture_render(struct fixture *f, uint32_t frames)
{
    float out[2 * 256];
    while (frames > 0) {
        uint32_t part = frames > 256 ? 256 : frames;
        synth_render_f32(f->synth, f->position, part, out);
        f->position += part;
        frames -= part;
    }
}

/* Play one message on group 1 and render a frame, so that it is in force. */
static inline enum synth_status fixture_play(struct fixture *f, uint32_t group, const uint8_t *bytes, size_t size)
{
    enum synth_status status = synth_play(f->synth, f->position, group, bytes, size);
    fixture_render(f, 1);
    return status;
}

#define PLAY(f, ...) \
    fixture_play((f), 1, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static inline struct part *fixture_part(struct fixture *f, uint32_t group, uint32_t channel)
{
    return &synth_group(f->synth, group - 1)->part[channel];
}

#endif
