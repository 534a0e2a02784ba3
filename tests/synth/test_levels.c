/* SPDX-License-Identifier: MIT */
/*
 * Whole renders at every SIMD level that this machine has: notes, bends,
 * controllers, filters, effects, thefts, blocks of any size. The same bits
 * as plain C gives, in every interpolation mode.
 */
#include <stdlib.h>

#include "../tap.h"
#include "image_builder.h"
#include "synth/kernels.h"
#include "synth/synth.h"
#include "test_memory.h"

enum { RATE = 48000, FRAMES = 36000, WAVE = 3000 };

static uint32_t random_state;
static uint32_t dice(uint32_t sides)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (random_state >> 8) % sides;
}

static struct test_memory memory;
static struct builder image, wave_image;

static void load(struct synth *synth, const struct builder *b)
{
    struct synth_download *download;
    bool keeps;
    CHECK_EQ(synth_download(synth, b->bytes, b->size, &download, &keeps), SYNTH_OK);
}

/* Program 0: looped, filtered, swept and shaken; program 1: a plain loop; program 2: one shot. */
static void load_bank(struct synth *synth)
{
    static const struct build_connection rich[] = {
        {0, 0, 0x206, 0, -5000 * 65536},   {0, 0, 0x207, 0, 1200 * 65536},     {0, 0, 0x20A, 0, 600 * 65536},
        {0, 0, 0x209, 0, -2400 * 65536},   {0, 0, 0x500, 0, 7000 * 65536},     {0, 0, 0x501, 0, 80 * 65536},
        {5, 0, 0x500, 0, 3000 * 65536},    {0, 0, 0x30B, 0, -1200 * 65536},    {9, 0, 3, 0x4000, 50 * 65536},
        {1, 0, 1, 0x4000, 30 * 65536},     {1, 0, 4, 0x4000, 200 * 65536},     {2, 0, 0x500, 0, 1200 * 65536},
    };
    static int16_t samples[WAVE];
    random_state = 3;
    for (int i = 0; i < WAVE; i++)
        samples[i] = (int16_t)(dice(40000) - 20000);
    build_wave(&wave_image, 1, 44100, 16, samples, WAVE);
    load(synth, &wave_image);
    for (uint32_t program = 0; program < 3; program++) {
        build_begin(&image, 3, 2 + program, 4);
        build_root(&image, program, 3, 1, 0);
        build_artic2(&image, 1, 2, 0, rich, program ? 0 : sizeof rich / sizeof rich[0]);
        build_region(&image, 3, 0, (struct build_region){.options = 1, .wave = 1, .loops = program < 2,
                                                         .loop_start = 100 + 900 * program, .loop_length = 170 + program * 1500});
        load(synth, &image);
    }
}

static void queue_song(struct synth *synth)
{
    static const uint8_t controllers[] = {1, 7, 10, 11, 64, 74, 91, 93};
    random_state = 77;
    for (uint8_t c = 0; c < 16; c++)
        synth_play(synth, 0, 1, (const uint8_t[]){(uint8_t)(0xC0 | c), (uint8_t)(c % 3), 0}, 2);
    for (uint32_t at = 0; at < FRAMES; at += 1 + dice(120)) {
        uint8_t channel = (uint8_t)dice(16), message[3] = {0};
        switch (dice(6)) {
        case 0:
            message[0] = 0xB0 | channel, message[1] = controllers[dice(8)], message[2] = (uint8_t)dice(128);
            break;
        case 1:
            message[0] = 0xE0 | channel, message[1] = (uint8_t)dice(128), message[2] = (uint8_t)dice(128);
            break;
        default:
            message[0] = 0x90 | channel, message[1] = (uint8_t)(20 + dice(100)), message[2] = (uint8_t)dice(128);
            break;
        }
        CHECK_EQ(synth_play(synth, at, 1, message, 3), SYNTH_OK);
    }
}

static void render(const struct kernels *k, enum synth_interpolation mode, uint32_t channels, uint32_t block, float *out)
{
    struct synth_config config = {.sample_rate = RATE, .channels = channels, .voices = 100, .groups = 1, .effects = 3,
                                  .profile = SYNTH_STUDIO, .interpolation = mode, .cpu = k->cpu};
    struct synth_memory mem = test_memory(&memory);
    struct synth *synth;
    CHECK_EQ(synth_create(&config, &mem, &synth), SYNTH_OK);
    load_bank(synth);
    queue_song(synth);
    for (uint32_t at = 0, n; at < FRAMES; at += n) {
        n = block < FRAMES - at ? block : FRAMES - at;
        synth_render_f32(synth, at, n, out + (size_t)at * channels);
    }
    struct synth_stats stats;
    synth_get_stats(synth, &stats);
    CHECK_EQ(stats.voices_peak, 100);
    CHECK(stats.peak > 0.1f);
    synth_destroy(synth);
}

static void compare(enum synth_interpolation mode)
{
    static float want[2 * FRAMES], got[2 * FRAMES];
    const uint32_t channels = mode == SYNTH_LINEAR ? 1 : 2;
    size_t bytes = FRAMES * channels * sizeof want[0];
    const struct kernels *k;
    render(&kernels_c, mode, channels, 1000, want);
    for (unsigned i = 0; (k = kernels_at(i)) != NULL; i++) {
        if (k->cpu & ~cpu_features())
            continue;
        static const uint32_t blocks[] = {FRAMES, 37};
        for (int b = 0; b < 2; b++) {
            render(k, mode, channels, blocks[b], got);
            printf("# mode %d, %s, blocks of %u\n", (int)mode, k->name, (unsigned)blocks[b]);
            CHECK(memcmp(want, got, bytes) == 0);
        }
    }
}

static void test_nearest(void) { compare(SYNTH_NEAREST); }
static void test_linear(void) { compare(SYNTH_LINEAR); }
static void test_cubic(void) { compare(SYNTH_CUBIC); }
static void test_sinc16(void) { compare(SYNTH_SINC16); }
static void test_sinc32(void) { compare(SYNTH_SINC32); }

int main(void)
{
    RUN(test_nearest);
    RUN(test_linear);
    RUN(test_cubic);
    RUN(test_sinc16);
    RUN(test_sinc32);
    return tap_done();
}
