/* SPDX-License-Identifier: MIT */
/*
 * Threads that help to render: the same bits as one, whatever their number, which of them takes which part and how the stream is
 * cut into blocks; with voices that end, filters that begin to move, channels that change and voices locked to others.
 */
#include <pthread.h>
#include <string.h>

#include "../tap.h"
#include "image_builder.h"
#include "synth/synth.h"
#include "test_memory.h"

enum { FRAMES = 24000, VOICES = 1024, THREADS = 5 };

static struct test_memory memory;
static struct builder wave_image, image;
static float sound[2][2 * FRAMES];

/* ---- hosts ------------------------------------------------------------------------ */

struct job {
    void (*work)(void *arg, uint32_t n);
    void *arg;
    uint32_t n;
};

static void *enter(void *ctx)
{
    struct job *job = ctx;
    job->work(job->arg, job->n);
    return NULL;
}

static long calls;

/* A thread for each piece of work: slow, but every order may happen. */
static void run_threads(void *ctx, void (*work)(void *arg, uint32_t n), void *arg)
{
    uint32_t count = *(uint32_t *)ctx;
    pthread_t thread[THREADS];
    struct job job[THREADS];
    calls++;
    for (uint32_t i = 1; i < count; i++) {
        job[i] = (struct job){work, arg, i};
        if (pthread_create(&thread[i], NULL, enter, &job[i]))
            exit(2);
    }
    work(arg, 0);
    for (uint32_t i = 1; i < count; i++)
        pthread_join(thread[i], NULL);
}

/* One after the other, the last worker first: it takes all there is. */
static void run_backwards(void *ctx, void (*work)(void *arg, uint32_t n), void *arg)
{
    calls++;
    for (uint32_t i = *(uint32_t *)ctx; i-- > 0;)
        work(arg, i);
}

/* ---- music ------------------------------------------------------------------------ */

static void build_images(void)
{
    static const struct build_connection artic[] = {
        {0, 0, 0x500, 0, 8000 * 65536},  {5, 0, 0x500, 0, 2400 * 65536},   {0, 0, 0x30B, 0, -1200 * 65536},
        {9, 0, 3, 0x4000, 30 * 65536},   {1, 0, 1, 0x4000, 30 * 65536},    {0, 0, 0x209, 0, -4000 * 65536},
        {0, 0, 0x207, 0, 0},             {0, 0, 0x20A, 0, 500 * 65536},    {0xDB, 0, 0x81, 0, 500 * 65536},
    };
    int16_t samples[500];
    for (int i = 0; i < 500; i++)
        samples[i] = (int16_t)(i % 50 * 400 - 9800);
    build_wave(&wave_image, 1, 22050, 16, samples, 500);
    build_begin(&image, 3, 2, 3 + 4);
    build_root(&image, 0, 3, 1, 0);
    build_artic2(&image, 1, 2, 0, artic, sizeof artic / sizeof artic[0]);
    for (uint32_t i = 0; i < 4; i++) /* the last one is no loop and ends by itself; two are locked to the first */
        build_region(&image, 3 + i, i < 3 ? 4 + i : 0,
                     (struct build_region){.options = 1, .wave = 1, .loops = i < 3, .loop_length = 480, .unity = 50 + i,
                                           .link_options = i == 0, .phase_group = i < 2});
}

static void load(struct synth *synth, const struct builder *b)
{
    struct synth_download *download;
    bool keeps;
    CHECK_EQ(synth_download(synth, b->bytes, b->size, &download, &keeps), SYNTH_OK);
}

static uint32_t state;
static uint32_t dice(uint32_t sides)
{
    state = state * 1664525u + 1013904223u;
    return (state >> 8) % sides;
}

static void play(struct synth *synth)
{
    state = 7;
    for (uint32_t i = 0; i < 400; i++) { /* 256 notes of 4 voices at once, and then one in place of the other */
        uint8_t on[] = {(uint8_t)(0x90 | i % 9), (uint8_t)(40 + dice(50)), (uint8_t)(40 + dice(80))};
        uint8_t off[] = {(uint8_t)(0x80 | i % 9), on[1], 0};
        uint8_t change[] = {(uint8_t)(0xB0 | i % 9), i % 2 ? 11 : 10, (uint8_t)dice(128)};
        int64_t at = i < 256 ? dice(64) : (int64_t)dice(FRAMES);
        CHECK_EQ(synth_play(synth, at, 1, on, 3), SYNTH_OK);
        if (i % 3 == 0)
            CHECK_EQ(synth_play(synth, at + 1000 + dice(9000), 1, off, 3), SYNTH_OK);
        CHECK_EQ(synth_play(synth, (int64_t)dice(FRAMES), 1, change, 3), SYNTH_OK);
    }
}

/* Rendered with COUNT workers of RUN in blocks of at most BLOCK frames. */
static void render(float *out, void (*run)(void *, void (*)(void *, uint32_t), void *), uint32_t count, uint32_t block)
{
    struct synth_config config = {.sample_rate = 48000, .channels = 2, .voices = VOICES, .groups = 1,
                                  .effects = SYNTH_EFFECT_REVERB, .profile = SYNTH_STUDIO, .interpolation = SYNTH_CUBIC,
                                  .workers = {run, &count, count}};
    struct synth_memory mem = test_memory(&memory);
    struct synth *synth;
    CHECK_EQ(synth_create(&config, &mem, &synth), SYNTH_OK);
    load(synth, &wave_image);
    load(synth, &image);
    play(synth);
    calls = 0;
    for (uint32_t at = 0, n; at < FRAMES; at += n) {
        n = FRAMES - at < block ? FRAMES - at : block;
        synth_render_f32(synth, at, n, out + 2 * at);
    }
    struct synth_stats stats;
    synth_get_stats(synth, &stats);
    CHECK(stats.voices_peak > 900);
    synth_destroy(synth);
    CHECK_EQ(memory.live, 0);
}

static void test_same_bits(void)
{
    static const struct {
        void (*run)(void *, void (*)(void *, uint32_t), void *);
        uint32_t count, block;
    } cases[] = {{run_backwards, 2, 4096}, {run_threads, 2, 4096}, {run_threads, THREADS, 333}, {run_backwards, THREADS, 64}};
    render(sound[0], NULL, 0, 1000);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        render(sound[1], cases[i].run, cases[i].count, cases[i].block);
        CHECK(calls > FRAMES / 64 - 10); /* they were asked */
        CHECK(memcmp(sound[0], sound[1], sizeof sound[0]) == 0);
    }
}

static void test_sounds(void)
{
    double sum = 0.0;
    for (size_t i = 0; i < 2 * FRAMES; i++)
        sum += (double)sound[0][i] * (double)sound[0][i];
    CHECK(sum / (2 * FRAMES) > 1e-3);
}

/* Few voices need no help: the host is not troubled. */
static void test_few_voices(void)
{
    uint32_t count = 2;
    struct synth_config config = {.sample_rate = 48000, .channels = 2, .voices = VOICES, .groups = 1, .profile = SYNTH_STUDIO,
                                  .interpolation = SYNTH_CUBIC, .workers = {run_threads, &count, count}};
    struct synth_memory mem = test_memory(&memory);
    struct synth *synth;
    CHECK_EQ(synth_create(&config, &mem, &synth), SYNTH_OK);
    load(synth, &wave_image);
    load(synth, &image);
    for (uint8_t key = 40; key < 60; key++)
        CHECK_EQ(synth_play(synth, 0, 1, (const uint8_t[]){0x90, key, 100}, 3), SYNTH_OK);
    calls = 0;
    synth_render_f32(synth, 0, 4096, sound[1]);
    CHECK_EQ(calls, 0);
    synth_destroy(synth);
    config.workers.count = SYNTH_WORKERS_MAX + 1;
    CHECK_EQ(synth_create(&config, &mem, &synth), SYNTH_BAD_ARGUMENT);
}

int main(void)
{
    build_images();
    RUN(test_same_bits);
    RUN(test_sounds);
    RUN(test_few_voices);
    return tap_done();
}
