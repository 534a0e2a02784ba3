/* SPDX-License-Identifier: MIT */
/* render.c - our own sound of a case: the song and the bank go through the DDI like any other. */
#include <stdlib.h>
#include <string.h>

#include "dmus/dmus.h"
#include "judge.h"

struct capture {
    float *frames;
    size_t count, capacity;
};

static int capture(void *ctx, const void *frames, size_t count)
{
    struct capture *c = ctx;
    if (count > c->capacity - c->count) {
        c->capacity = 2 * c->capacity + count;
        c->frames = conf_grow(c->frames, c->capacity, 2 * sizeof(float));
    }
    memcpy(c->frames + 2 * c->count, frames, count * 2 * sizeof(float));
    c->count += count;
    return 0;
}

static uint32_t interpolation_number(const char *name)
{
    static const char *const names[] = {"default", "nearest", "linear", "cubic", "sinc16", "sinc32"};
    for (uint32_t i = 0; name && i < 6; i++)
        if (strcmp(name, names[i]) == 0)
            return i;
    return DMUS_INTERPOLATE_DEFAULT;
}

static void set_options(struct dmus_render_options *options, const struct conf_case *test)
{
    dmus_render_defaults(options);
    options->profile = test->native ? DMUS_RENDER_NATIVE : DMUS_RENDER_STUDIO;
    options->sample_rate = conf_rate(test);
    options->reverb = options->chorus = test->effects ? DMUS_ON : DMUS_OFF;
    options->interpolation = interpolation_number(test->interpolation);
    options->tail = DMUS_TAIL_LAST_EVENT;
    options->loudness = false;
    options->polyphony = test->polyphony ? test->polyphony : test->native ? 256 : options->polyphony;
}

static enum dmus_status open_both(const struct conf_case *test, const struct conf_bytes *bank_file,
                                  const struct conf_bytes *song_file, struct dmus_bank **bank, struct dmus_song **song,
                                  struct dmus_error *error)
{
    enum dmus_status status = dmus_song_open_memory(song_file->data, song_file->size, test->id, song, error);
    if (status != DMUS_OK)
        return status;
    if (!bank_file)
        return dmus_song_get_bank(*song, bank, error);
    return dmus_bank_open_memory(bank_file->data, bank_file->size, test->id, bank, error);
}

float *conf_render_files(const struct conf_case *test, const struct conf_bytes *bank_file, const struct conf_bytes *song_file,
                         size_t *frames)
{
    struct dmus_bank *bank = NULL;
    struct dmus_song *song = NULL;
    struct dmus_error error = DMUS_INIT(dmus_error);
    struct dmus_render_options options = DMUS_INIT(dmus_render_options);
    struct dmus_output output = DMUS_INIT(dmus_output);
    struct capture sound = {0};
    set_options(&options, test);
    output.format = DMUS_F32;
    output.write = capture;
    output.write_ctx = &sound;
    enum dmus_status status = open_both(test, bank_file, song_file, &bank, &song, &error);
    if (status == DMUS_OK)
        status = dmus_render(song, &bank, 1, &options, &output, NULL, &error);
    dmus_song_close(song);
    dmus_bank_close(bank);
    if (status != DMUS_OK) {
        fprintf(stderr, "conformance: %s: %s\n", test->id, error.text);
        free(sound.frames);
        return NULL;
    }
    *frames = sound.count;
    return sound.frames;
}

float *conf_render(const struct conf_case *test, size_t *frames)
{
    struct conf_bytes bank_file, song_file;
    uint64_t length;
    conf_make(test, &bank_file, &song_file, &length);
    float *sound = conf_render_files(test, &bank_file, &song_file, frames);
    free(bank_file.data);
    free(song_file.data);
    return sound;
}
