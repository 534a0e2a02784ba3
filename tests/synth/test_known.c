/* SPDX-License-Identifier: MIT */
/*
 * What one note found out about its channel serves the next ones, and what of a
 * channel changed decides how much a voice looks at again. Neither may be heard:
 * random notes and controllers with many voices, once as they are, once with
 * every message preceded by one that says nothing new but makes all voices and
 * notes look at everything. The same bits.
 */
#include <stdlib.h>

#include "../tap.h"
#include "base/cpu.h"
#include "image_builder.h"
#include "synth/synth.h"
#include "test_memory.h"

enum { RATE = 48000, FRAMES = 24000, WAVE = 3000, VOICES = 240, PROGRAMS = 4 };

static uint32_t random_state;
static uint32_t dice(uint32_t sides)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (random_state >> 8) % sides;
}

static struct test_memory memory;
static struct builder image, wave_image;
static struct synth *synth;
static bool look_again;

static struct synth_download *load(const struct builder *b)
{
    struct synth_download *download;
    bool keeps;
    CHECK_EQ(synth_download(synth, b->bytes, b->size, &download, &keeps), SYNTH_OK);
    return download;
}

/* Connections of every kind: from channel to gain, pan and sends alone and together with others, to generators, to the key, and
 * (program 2) of the note beside the channel, which cannot be shared. */
static const struct build_connection connections[] = {
    {0, 0, 0x206, 0, -6000 * 65536},  {0, 0, 0x209, 0, -3600 * 65536},  {0, 0, 0x500, 0, 8000 * 65536},
    {2, 0, 0x500, 0, 1200 * 65536},   {0x81, 0, 0x500, 0, 900 * 65536}, {9, 0x81, 3, 0x4000, 50 * 65536},
    {0x8C, 0, 1, 0x8000, 120 * 65536}, {0x8C, 0, 4, 0x4000, 300 * 65536}, {0x8D, 0, 1, 0x8000, 60 * 65536},
    {1, 0, 4, 0x4000, 90 * 65536},    {8, 0, 3, 0, 70 * 65536},          {2, 0x8A, 1, 0x8000, 240 * 65536},
};
static const uint32_t connection_counts[PROGRAMS] = {0, 9, 12, 11};

static struct synth_download *load_program(uint32_t program, const struct build_connection *list, uint32_t count)
{
    build_begin(&image, 3, 2 + program, 4);
    build_root(&image, program, 3, 1, 0);
    build_artic2(&image, 1, 2, 0, list, count);
    build_region(&image, 3, 0, (struct build_region){.options = 1, .wave = 1, .loops = 1, .loop_start = 100, .loop_length = 2000});
    return load(&image);
}

static void load_wave(void)
{
    static int16_t samples[WAVE];
    for (int i = 0; i < WAVE; i++)
        samples[i] = (int16_t)(dice(40000) - 20000);
    build_wave(&wave_image, 1, 44100, 16, samples, WAVE);
    load(&wave_image);
}

static void send(uint32_t at, uint32_t status, uint32_t a, uint32_t b)
{
    const uint8_t channel = status & 15, message[3] = {(uint8_t)status, (uint8_t)a, (uint8_t)b};
    /* a bend range of two semitones, which it has anyway */
    const uint8_t same[3][3] = {{(uint8_t)(0xB0 | channel), 101, 0}, {(uint8_t)(0xB0 | channel), 100, 0}, {(uint8_t)(0xB0 | channel), 6, 2}};
    for (int i = 0; i < 3 && look_again; i++)
        CHECK_EQ(synth_play(synth, at, 1, same[i], 3), SYNTH_OK);
    CHECK_EQ(synth_play(synth, at, 1, message, status >> 4 == 0xC || status >> 4 == 0xD ? 2 : 3), SYNTH_OK);
}

static void queue(uint32_t from, uint32_t to)
{
    static const uint8_t controllers[] = {1, 7, 10, 11, 12, 13, 39, 71, 74, 77, 91, 93};
    for (uint32_t at = from; at < to; at += dice(24)) {
        uint32_t channel = dice(16);
        switch (dice(10)) {
        case 0:
        case 1:
        case 2:
            send(at, 0xB0 | channel, controllers[dice(sizeof controllers)], dice(128));
            break;
        case 3:
            send(at, 0xE0 | channel, dice(128), dice(128));
            break;
        case 4:
            send(at, (dice(2) ? 0xD0u : 0xA0u) | channel, dice(128), dice(128));
            break;
        case 5:
            send(at, 0xC0 | channel, dice(PROGRAMS), 0);
            break;
        default:
            send(at, 0x90 | channel, 20 + dice(80), dice(3) ? 1 + dice(127) : 0);
            break;
        }
    }
}

static void render_to(uint32_t from, uint32_t to, float *out)
{
    for (uint32_t at = from; at < to; at += 500)
        synth_render_f32(synth, at, 500, out + (size_t)at * 2);
}

static void open_synth(void)
{
    struct synth_config config = {.sample_rate = RATE, .channels = 2, .voices = VOICES, .groups = 1, .effects = 3,
                                  .profile = SYNTH_STUDIO, .interpolation = SYNTH_CUBIC, .cpu = cpu_usable()};
    struct synth_memory mem = test_memory(&memory);
    random_state = 5;
    CHECK_EQ(synth_create(&config, &mem, &synth), SYNTH_OK);
    load_wave();
}

static void render(bool again, float *out)
{
    open_synth();
    look_again = again;
    for (uint32_t program = 0; program < PROGRAMS; program++)
        load_program(program, connections, connection_counts[program]);
    queue(0, FRAMES);
    render_to(0, FRAMES, out);
    struct synth_stats stats;
    synth_get_stats(synth, &stats);
    CHECK_EQ(stats.voices_peak, VOICES); /* so that notes are stolen as well */
    CHECK(stats.peak > 0.1f);
    synth_destroy(synth);
    CHECK_EQ(memory.live, 0);
}

static void test_looking_again_changes_nothing(void)
{
    static float usual[2 * FRAMES], thorough[2 * FRAMES];
    render(false, usual);
    render(true, thorough);
    CHECK(memcmp(usual, thorough, sizeof usual) == 0);
}

static float peak_of_note(uint32_t at)
{
    static float out[2 * 4000];
    float peak = 0;
    synth_play(synth, at, 1, (const uint8_t[]){0x90, 60, 100}, 3);
    synth_play(synth, at + 2000, 1, (const uint8_t[]){0x80, 60, 0}, 3);
    synth_render_f32(synth, at, 4000, out);
    for (uint32_t i = 0; i < 2 * 4000; i++)
        peak = out[i] > peak ? out[i] : peak;
    return peak;
}

/* Another articulation, where the old one was if the memory is like most; nothing is said to the channel. */
static void test_exchanged_articulation(void)
{
    static const struct build_connection loud[] = {{0, 0, 0x209, 0, -12000 * 65536}, {0x8C, 0, 1, 0x8000, -120 * 65536}};
    static const struct build_connection soft[] = {{0, 0, 0x209, 0, -12000 * 65536}, {0x8C, 0, 1, 0x8000, -240 * 65536}};
    struct synth_download *gone = NULL, *first;
    void *tag;
    open_synth();
    first = load_program(0, loud, 2);
    float before = peak_of_note(0);
    CHECK(before > 0.01f);
    synth_unload(synth, first, NULL);
    peak_of_note(4000); /* nothing plays it */
    CHECK(synth_collect(synth, &gone, &tag) && gone == first);
    load_program(0, soft, 2);
    CHECK_NEAR(peak_of_note(8000) / before, 0.2512, 0.01); /* -12 dB */
    synth_destroy(synth);
}

int main(void)
{
    RUN(test_looking_again_changes_nothing);
    RUN(test_exchanged_articulation);
    return tap_done();
}
