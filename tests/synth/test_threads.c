/* SPDX-License-Identifier: MIT */
/*
 * Control side and render side at the same time, for a bounded number of rounds. What a handle kept is overwritten and freed as
 * soon as synth_collect gives it back: the thread and address sanitizers see if the render side still reads it.
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "../tap.h"
#include "image_builder.h"
#include "synth/synth.h"
#include "test_memory.h"

enum { ROUNDS = 10000, LIVE = 16, WAVE_FRAMES = 400 };

static struct synth *synth;
static atomic_bool done;
static atomic_llong rendered, allowed;

static void *render_thread(void *context)
{
    static int16_t out[2 * 256];
    int64_t position = 0;
    uint32_t random = 1;
    (void)context;
    while (!atomic_load(&done)) {
        while (position > atomic_load(&allowed) && !atomic_load(&done))
            sched_yield();
        random = random * 1664525u + 1013904223u;
        uint32_t frames = 1 + (random >> 16) % 256;
        synth_render_s16(synth, position, frames, out);
        position += frames;
        atomic_store(&rendered, position);
    }
    return NULL;
}

static uint32_t random_state = 9;
static uint32_t dice(uint32_t sides)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (random_state >> 8) % sides;
}

/* One wave and one instrument on it, at patch PATCH. */
struct pair {
    struct synth_download *wave, *instrument;
    uint8_t *memory; /* of the wave */
    size_t size;
};

static struct pair pairs[LIVE];
static struct builder image;
static uint32_t next_id = 1;
static long finished;
static uint32_t voices_seen;

static bool load_pair(struct pair *pair, uint32_t patch)
{
    int16_t samples[WAVE_FRAMES];
    bool keeps;
    for (int i = 0; i < WAVE_FRAMES; i++)
        samples[i] = (int16_t)(dice(20000) - 10000);
    build_wave(&image, next_id, 44100, 16, samples, WAVE_FRAMES);
    pair->size = image.size;
    pair->memory = aligned_alloc(16, (image.size + 15) & ~(size_t)15);
    memcpy(pair->memory, image.bytes, image.size);
    if (synth_download(synth, pair->memory, pair->size, &pair->wave, &keeps) != SYNTH_OK || !keeps)
        return false;
    struct build_region region = {.wave = next_id, .loops = dice(2), .loop_length = WAVE_FRAMES, .options = dice(2),
                                  .key_group = dice(2)};
    build_instrument(&image, next_id + 1, patch, 0, &region, 1);
    next_id += 2;
    return synth_download(synth, image.bytes, image.size, &pair->instrument, &keeps) == SYNTH_OK && !keeps;
}

/* The tag is the pair's memory for a wave, NULL for an instrument. */
static void collect(void)
{
    struct synth_download *handle;
    void *tag;
    while (synth_collect(synth, &handle, &tag)) {
        finished++;
        if (tag) {
            memset(tag, 0xDD, 64);
            free(tag);
        }
    }
}

static void replace(uint32_t at)
{
    struct pair *pair = &pairs[at];
    if (pair->wave) {
        bool wave_first = dice(2);
        if (wave_first)
            CHECK_EQ(synth_unload(synth, pair->wave, pair->memory), SYNTH_OK);
        CHECK_EQ(synth_unload(synth, pair->instrument, NULL), SYNTH_OK);
        if (!wave_first)
            CHECK_EQ(synth_unload(synth, pair->wave, pair->memory), SYNTH_OK);
    }
    CHECK(load_pair(pair, dice(LIVE)));
}

static void send(int64_t sample, uint32_t group, uint8_t status, uint8_t a, uint8_t b)
{
    uint8_t bytes[3] = {status, a, b};
    synth_play(synth, sample, group, bytes, 3);
}

static void play_something(void)
{
    static const uint8_t controllers[] = {7, 64, 66, 120, 121, 123, 126, 127, 1, 10};
    static const uint8_t reset[] = {0xF0, 0x7E, 0x7F, 9, 1, 0xF7};
    int64_t now = atomic_load(&rendered) + dice(600) - 100;
    uint8_t channel = (uint8_t)dice(16), kind = (uint8_t)dice(12);
    if (kind < 6)
        send(now, dice(6), (uint8_t)(0x90 | channel), (uint8_t)(40 + dice(40)), (uint8_t)dice(128));
    else if (kind < 8)
        send(now, dice(6), (uint8_t)(0xC0 | channel), (uint8_t)dice(LIVE), 0);
    else if (kind < 11)
        send(now, dice(6), (uint8_t)(0xB0 | channel), controllers[dice(10)], (uint8_t)dice(128));
    else
        synth_play(synth, now, dice(6), reset, sizeof reset);
}

static void change_settings(uint32_t round)
{
    struct synth_stats stats;
    struct synth_missing missing;
    uint32_t priority;
    synth_set_volume(synth, round & 1, (int32_t)dice(1000) - 800);
    synth_set_effects(synth, dice(4));
    synth_set_reverb(synth, &(struct synth_reverb){0, -(float)dice(20), 100.0f + (float)dice(1000), 0.5f});
    synth_set_groups(synth, 1 + dice(5));
    synth_set_channel_priority(synth, 1, dice(16), 0x80000000u | dice(16));
    synth_get_channel_priority(synth, 1, 3, &priority);
    synth_get_stats(synth, &stats);
    CHECK(stats.voices <= 32 && stats.peak >= 0);
    voices_seen = stats.voices > voices_seen ? stats.voices : voices_seen;
    if (dice(10) == 0)
        synth_reset_stats(synth);
    for (uint32_t i = 0; i < 5; i++)
        synth_get_missing(synth, i, &missing);
}

static void test_control_beside_render(void)
{
    struct test_memory memory;
    struct synth_memory mem = test_memory(&memory);
    struct synth_config config = {.sample_rate = 44100, .channels = 2, .voices = 32, .groups = 3, .effects = 3,
                                  .profile = SYNTH_STUDIO, .interpolation = SYNTH_LINEAR};
    pthread_t thread;
    CHECK_EQ(synth_create(&config, &mem, &synth), SYNTH_OK);
    for (uint32_t i = 0; i < LIVE; i++)
        CHECK(load_pair(&pairs[i], i));
    CHECK_EQ(pthread_create(&thread, NULL, render_thread, NULL), 0);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < 4; i++)
            play_something();
        if (round % 8 == 0)
            replace(dice(LIVE));
        if (round % 16 == 0)
            change_settings(round);
        collect();
        atomic_store(&allowed, (long long)round * 20 + 1000); /* keep the two at a common pace */
        while (atomic_load(&rendered) < (long long)round * 20)
            sched_yield();
    }
    atomic_store(&done, true);
    pthread_join(thread, NULL);
    for (uint32_t i = 0; i < LIVE; i++) {
        synth_unload(synth, pairs[i].instrument, NULL);
        synth_unload(synth, pairs[i].wave, pairs[i].memory);
    }
    synth_reset(synth);
    collect();
    CHECK(voices_seen > 8);
    CHECK_EQ(finished, 2 * LIVE + 2 * ((ROUNDS + 7) / 8)); /* every handle exactly once */
    CHECK(synth_next_download(synth, NULL) == NULL);
    synth_destroy(synth);
    CHECK_EQ(memory.live, 0);
}

int main(void)
{
    RUN(test_control_beside_render);
    return tap_done();
}
