/* SPDX-License-Identifier: MIT */
/* The whole engine with its real mixer: same bits for any cut, onsets at their frame, voices that end, all groups. */
#include <stdlib.h>

#include "../tap.h"
#include "image_builder.h"
#include "synth/engine.h"
#include "test_memory.h"

enum { RATE = 48000, LENGTH = 3 * RATE };

static struct test_memory memory;
static struct synth *synth;
static struct builder image, wave_image;

static bool load(void)
{
    struct synth_download *download;
    bool keeps;
    return synth_download(synth, image.bytes, image.size, &download, &keeps) == SYNTH_OK;
}

/* A looped sine of 100 frames, and three instruments on it: with release and filter, plain, drums with a key group. */
static bool open_engine(enum synth_profile profile, enum synth_interpolation interpolation, uint32_t effects, uint32_t voices)
{
    static int16_t samples[200];
    static const struct build_connection artic[] = {
        {0, 0, 0x206, 0, -4000 * 65536},    /* EG1 attack 0.1 s */
        {0, 0, 0x209, 0, -1200 * 65536},    /* EG1 release 0.5 s */
        {0, 0, 0x500, 0, 9000 * 65536},     /* cutoff */
        {9, 0, 3, 0x4000, 30 * 65536},      /* vibrato */
        {1, 0x81, 1, 0x4000, 30 * 65536},   /* CC1 tremolo */
        {0xDB, 0, 0x81, 0, 500 * 65536},
    };
    struct synth_config config = {.sample_rate = RATE, .channels = 2, .voices = voices, .groups = 2, .effects = effects,
                                  .profile = profile, .interpolation = interpolation, .dither = true};
    struct synth_memory mem = test_memory(&memory);
    struct build_region loop = {.wave = 1, .loops = 1, .loop_length = 100, .loop_start = 50};
    if (synth_create(&config, &mem, &synth) != SYNTH_OK)
        return false;
    for (int i = 0; i < 200; i++)
        samples[i] = (int16_t)(20000 * sin(2 * 3.14159265358979 * i / 100));
    build_wave(&image, 1, 44100, 16, samples, 200);
    wave_image = image;
    struct synth_download *download;
    bool keeps;
    if (synth_download(synth, wave_image.bytes, wave_image.size, &download, &keeps) != SYNTH_OK)
        return false;
    build_begin(&image, 3, 2, 4);
    build_root(&image, 0, 3, 1, 0);
    build_artic2(&image, 1, 2, 0, artic, sizeof artic / sizeof artic[0]);
    build_region(&image, 3, 0, loop);
    if (!load())
        return false;
    build_instrument(&image, 3, 1, 0, &loop, 1);
    if (!load())
        return false;
    struct build_region kit[2] = {{.wave = 1, .key_high = 60, .key_group = 1}, {.wave = 1, .key_low = 50, .options = 1}};
    build_instrument(&image, 4, 0x80000000u, 0, kit, 2);
    return load();
}

static bool close_engine(void)
{
    synth_destroy(synth);
    return memory.live == 0;
}

static void play(int64_t sample, uint32_t group, uint8_t status, uint8_t a, uint8_t b)
{
    uint8_t bytes[3] = {status, a, b};
    synth_play(synth, sample, group, bytes, 3);
}

static uint32_t random_state;
static uint32_t dice(uint32_t sides)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (random_state >> 8) % sides;
}

static void random_song(void)
{
    static const uint8_t controllers[] = {1, 7, 10, 11, 64, 66, 67, 91, 93, 5, 65, 74, 71, 72};
    static const uint8_t reset[] = {0xF0, 0x7E, 0x7F, 9, 1, 0xF7};
    static const uint8_t tune[] = {0xF0, 0x7E, 0x7F, 8, 8, 3, 127, 127, 64, 70, 64, 70, 64, 64, 70, 64, 70, 64, 70, 64, 0xF7};
    random_state = 4242;
    for (uint8_t channel = 0; channel < 16; channel += 3)
        play(0, 0, (uint8_t)(0xC0 | channel), channel % 2, 0);
    for (int i = 0; i < 900; i++) {
        int64_t sample = dice(LENGTH - RATE);
        uint8_t channel = (uint8_t)dice(16), kind = (uint8_t)dice(20);
        if (kind < 12)
            play(sample, 1 + dice(2), (uint8_t)(0x90 | channel), (uint8_t)(30 + dice(60)), (uint8_t)(dice(4) ? 20 + dice(100) : 0));
        else if (kind < 17)
            play(sample, dice(3), (uint8_t)(0xB0 | channel), controllers[dice(sizeof controllers)], (uint8_t)dice(128));
        else if (kind == 17)
            play(sample, 0, (uint8_t)(0xE0 | channel), 0, (uint8_t)dice(128));
        else if (kind == 18)
            play(sample, 0, (uint8_t)(0xD0 | channel), (uint8_t)dice(128), 0);
        else if (dice(20) == 0)
            synth_play(synth, sample, 1 + dice(2), reset, sizeof reset);
        else
            synth_play(synth, sample, 1 + dice(2), tune, sizeof tune);
    }
    for (uint8_t channel = 0; channel < 16; channel++) {
        play(LENGTH - RATE, 0, (uint8_t)(0xB0 | channel), 121, 0);
        play(LENGTH - RATE, 0, (uint8_t)(0xB0 | channel), 123, 0);
    }
}

static void render(uint32_t block, int16_t *out)
{
    random_state = 77;
    for (uint32_t at = 0, n; at < LENGTH; at += n) {
        uint32_t state = random_state;
        n = block ? block : 1 + dice(700);
        random_state = block ? state : random_state;
        if (n > LENGTH - at)
            n = LENGTH - at;
        synth_render_s16(synth, at, n, out + 2 * (size_t)at);
    }
}

static int16_t whole[2 * LENGTH], cut[2 * LENGTH];

static uint32_t first_difference(void)
{
    uint32_t i = 0;
    while (i < 2 * LENGTH && whole[i] == cut[i])
        i++;
    return i;
}

/* 24 voices, so that notes are stolen all the time. */
static void check_cuts(enum synth_profile profile, enum synth_interpolation interpolation, uint32_t effects)
{
    static const uint32_t blocks[] = {4096, 1, 7, 64, 441, 0};
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
        struct synth_stats stats;
        CHECK(open_engine(profile, interpolation, effects, 24));
        random_song();
        render(blocks[i], i ? cut : whole);
        synth_get_stats(synth, &stats);
        CHECK(stats.notes_lost > 20);
        CHECK(stats.peak > 0.01f);
        CHECK_EQ(stats.events_late, 0);
        if (i)
            CHECK_EQ(first_difference(), 2 * LENGTH);
        CHECK(close_engine());
    }
}

static void test_cuts_studio(void) { check_cuts(SYNTH_STUDIO, SYNTH_CUBIC, 0); }
static void test_cuts_studio_effects(void) { check_cuts(SYNTH_STUDIO, SYNTH_SINC16, 3); }
static void test_cuts_native(void) { check_cuts(SYNTH_NATIVE, SYNTH_LINEAR, 1); }

/* What is played after a stop at any frame is what a new engine plays, dither and all, in blocks of any size. */
static void test_after_a_stop(void)
{
    static const uint32_t blocks[] = {4096, 7, 441};
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
        CHECK(open_engine(SYNTH_STUDIO, SYNTH_CUBIC, 3, 24));
        if (i) {
            play(10, 1, 0x90, 60, 100);
            synth_render_s16(synth, 0, 13000 + blocks[i], cut);
            synth_stop(synth);
        }
        random_song();
        render(blocks[i], i ? cut : whole);
        if (i)
            CHECK_EQ(first_difference(), 2 * LENGTH);
        CHECK(close_engine());
    }
}

/* A wave that begins at full level, attack 0: the first sound is at the event's frame. */
static void test_onset(void)
{
    static const uint32_t frames[] = {0, 1, 37, 63, 64, 65, 500, 1001};
    for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++) {
        static float out[2 * 2048];
        static int16_t samples[100];
        CHECK(open_engine(SYNTH_STUDIO, SYNTH_LINEAR, 0, 8));
        for (int k = 0; k < 100; k++)
            samples[k] = 16384;
        build_wave(&image, 9, RATE, 16, samples, 100);
        static struct builder flat;
        flat = image;
        struct synth_download *download;
        bool keeps;
        CHECK_EQ(synth_download(synth, flat.bytes, flat.size, &download, &keeps), SYNTH_OK);
        build_instrument(&image, 5, 2, 0, &(struct build_region){.wave = 9, .loops = 1, .loop_length = 100}, 1);
        CHECK(load());
        play(0, 1, 0xC0, 2, 0);
        play(frames[i], 1, 0x90, 60, 127);
        synth_render_f32(synth, 0, 2048, out);
        uint32_t first = 0;
        while (first < 2048 && out[2 * first] == 0 && out[2 * first + 1] == 0)
            first++;
        CHECK_EQ(first, frames[i]);
        CHECK(close_engine());
    }
}

/* native 48: an event for group 0 sounds once per group, +6 dB for two. */
static void test_group_zero_doubles(void)
{
    float peak[2];
    for (uint32_t group = 0; group < 2; group++) {
        static float out[2 * 9600];
        CHECK(open_engine(SYNTH_STUDIO, SYNTH_LINEAR, 0, 8));
        play(0, group, 0xC0, 1, 0);
        play(0, group, 0x90, 60, 40);
        synth_render_f32(synth, 0, 9600, out);
        peak[group] = 0;
        for (int i = 0; i < 2 * 9600; i++)
            peak[group] = fmaxf(peak[group], fabsf(out[i]));
        CHECK(close_engine());
    }
    CHECK_NEAR(20 * log10(peak[0] / peak[1]), 20 * log10(2), 0.01);
}

static void test_everything_ends(void)
{
    CHECK(open_engine(SYNTH_STUDIO, SYNTH_LINEAR, 3, 24));
    random_song();
    render(480, whole);
    CHECK(!synth_silent(synth));
    uint32_t seconds = 0;
    while (!synth_silent(synth) && seconds++ < 60)
        for (uint32_t i = 0; i < 10; i++)
            synth_render_s16(synth, LENGTH + seconds * RATE + i * 4800, 4800, whole);
    CHECK(seconds < 60);
    struct synth_stats stats;
    synth_get_stats(synth, &stats);
    CHECK_EQ(stats.voices, 0);
    for (uint32_t i = 0; i < synth->alloc.slots; i++)
        if (synth->alloc.slot[i].patch || synth->alloc.slot[i].lists)
            CHECK_EQ(i, UINT32_MAX); /* a slot that was never freed */
    int loud = 0;
    for (uint32_t i = 0; i < 9600; i++)
        loud += whole[i] > 1 || whole[i] < -1;
    CHECK_EQ(loud, 0);
    CHECK(close_engine());
}

/* Notes that end and come again for minutes: as many slots as at the beginning. */
static void test_churn(void)
{
    static float out[2 * 480];
    CHECK(open_engine(SYNTH_STUDIO, SYNTH_NEAREST, 0, 64));
    random_state = 5;
    for (uint32_t block = 0; block < 6000; block++) {
        for (int i = 0; i < 3; i++) {
            uint8_t channel = (uint8_t)dice(16), note = (uint8_t)(30 + dice(60));
            play(block * 480 + dice(480), 1, (uint8_t)(0x90 | channel), note, (uint8_t)(1 + dice(127)));
            play(block * 480 + dice(4800), 1, (uint8_t)(0x80 | channel), note, 0);
        }
        synth_render_f32(synth, block * 480, 480, out);
    }
    struct synth_stats stats;
    synth_get_stats(synth, &stats);
    CHECK(stats.voices <= 64);
    CHECK(stats.notes_lost < 20000);
    uint32_t free_slots = 0, held = 0;
    for (uint32_t i = 0; i < synth->alloc.slots; i++) {
        free_slots += synth->alloc.free_words[i / 32] >> i % 32 & 1;
        held += synth->alloc.slot[i].patch != NULL;
    }
    CHECK_EQ(free_slots + held, synth->alloc.slots);
    CHECK(close_engine());
}

int main(void)
{
    RUN(test_onset);
    RUN(test_group_zero_doubles);
    RUN(test_cuts_studio);
    RUN(test_cuts_studio_effects);
    RUN(test_cuts_native);
    RUN(test_after_a_stop);
    RUN(test_everything_ends);
    RUN(test_churn);
    return tap_done();
}
