/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "../tests/synth/image_builder.h"
#include "../tests/synth/test_memory.h"
#include "contender.h"
#include "synth/synth.h"
#include "user/workers.h"

enum { BLOCK = 512 };

struct engine {
    struct test_memory memory;
    struct synth *synth;
    struct workers *workers;
    int64_t position;
    struct builder wave, instrument;
    float out[2 * BLOCK];
};

static void render(void *self, uint32_t frames)
{
    struct engine *e = self;
    for (uint32_t n; frames; frames -= n) {
        n = frames < BLOCK ? frames : BLOCK;
        synth_render_f32(e->synth, e->position, n, e->out);
        e->position += n;
    }
}

static void finish(void *self)
{
    struct engine *e = self;
    if (e->synth)
        synth_destroy(e->synth);
    workers_destroy(e->workers);
    free(e);
}

static bool load(struct engine *e, const struct builder *image)
{
    struct synth_download *download;
    bool keeps;
    return synth_download(e->synth, image->bytes, image->size, &download, &keeps) == SYNTH_OK;
}

static bool load_bank(struct engine *e, const struct stress *stress)
{
    static const struct build_connection moving[] = {
        {9, 0, 3, 0x4000, 20 * 65536},       {1, 0, 1, 0x4000, 20 * 65536},   {5, 0, 0x500, 0, 1200 * 65536},
        {0, 0, 0x30B, 0, 4000 * 65536},      {0, 0, 0x30A, 0, 3000 * 65536},  {0, 0, 0x30D, 0, 3000 * 65536},
        {0, 0, 0x114, 0, -600 * 65536},
    };
    struct build_connection artic[16];
    uint32_t count = 0, layers = stress_layers(stress->voices);
    if (stress->filter)
        artic[count++] = (struct build_connection){0, 0, 0x500, 0, STRESS_CUTOFF_CENTS * 65536};
    for (uint32_t i = 0; stress->modulated && i < sizeof moving / sizeof moving[0]; i++)
        artic[count++] = moving[i];
    int16_t samples[STRESS_LOOP];
    stress_wave(samples);
    build_wave(&e->wave, 1, STRESS_SOURCE_RATE, 16, samples, STRESS_LOOP);
    build_begin(&e->instrument, 3, 2, 3 + layers);
    build_root(&e->instrument, 0, 3, 1, 0);
    build_artic2(&e->instrument, 1, 2, 0, artic, count);
    for (uint32_t i = 0; i < layers; i++)
        build_region(&e->instrument, 3 + i, i + 1 < layers ? 4 + i : 0,
                     (struct build_region){.options = 1, .wave = 1, .loops = 1, .loop_length = STRESS_LOOP});
    return load(e, &e->wave) && load(e, &e->instrument);
}

static bool start(struct engine *e, const struct stress *stress)
{
    uint32_t notes = stress->voices / stress_layers(stress->voices);
    for (uint8_t i = 0; stress->effects && i < 16; i++) {
        if (synth_play(e->synth, 0, 1, (const uint8_t[]){(uint8_t)(0xB0 | i), 91, 100}, 3) != SYNTH_OK ||
            synth_play(e->synth, 0, 1, (const uint8_t[]){(uint8_t)(0xB0 | i), 93, 100}, 3) != SYNTH_OK)
            return false;
    }
    for (uint32_t i = 0; i < notes; i++) {
        struct stress_note note = stress_note(i);
        uint8_t bytes[] = {(uint8_t)(0x90 | note.channel), (uint8_t)note.key, 100};
        if (synth_play(e->synth, 0, 1 + i % stress->groups, bytes, sizeof bytes) != SYNTH_OK)
            return false;
    }
    render(e, 64);
    struct synth_stats stats;
    synth_get_stats(e->synth, &stats);
    return stats.voices == stress->voices;
}

struct contender engine_open(const struct stress *stress, int mode)
{
    struct synth_config config = {.sample_rate = STRESS_RATE, .channels = 2, .voices = stress->voices, .groups = stress->groups,
                                  .effects = stress->effects ? SYNTH_EFFECT_REVERB | SYNTH_EFFECT_CHORUS : 0,
                                  .profile = SYNTH_STUDIO, .interpolation = (enum synth_interpolation)mode,
                                  .cpu = stress->cpu};
    struct engine *e = calloc(1, sizeof *e);
    if (!e)
        return (struct contender){0};
    struct synth_memory mem = test_memory(&e->memory);
    e->workers = workers_create(stress->threads);
    if (e->workers)
        config.workers = (struct synth_workers){workers_run, e->workers, workers_count(e->workers)};
    if (synth_create(&config, &mem, &e->synth) != SYNTH_OK || !load_bank(e, stress) || !start(e, stress)) {
        fprintf(stderr, "stress: the engine does not play %u voices\n", (unsigned)stress->voices);
        finish(e);
        return (struct contender){0};
    }
    return (struct contender){e, render, finish};
}
