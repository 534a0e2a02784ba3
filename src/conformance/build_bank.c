/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "build.h"
#include "edit.h"

/* What the collection does not hold itself: samples, and how many entries each growing array has. */
struct wave_data {
    int16_t *samples;
};

struct conf_bank {
    struct dls_collection collection;
    struct wave_data *data; /* one per wave */
    char name[64];
    void (*change)(struct conf_chunk *form); /* NULL: none */
};

void *conf_grow(void *block, size_t count, size_t size)
{
    void *grown = count <= SIZE_MAX / size ? realloc(block, count * size) : NULL;
    if (!grown) {
        fputs("conformance: out of memory\n", stderr);
        exit(2);
    }
    return grown;
}

void conf_append(struct conf_bytes *bytes, const void *data, size_t size)
{
    if (size > bytes->capacity - bytes->size) {
        bytes->capacity = 2 * bytes->capacity + size + 4096;
        bytes->data = conf_grow(bytes->data, bytes->capacity, 1);
    }
    memcpy(bytes->data + bytes->size, data, size);
    bytes->size += size;
}

struct conf_bank *conf_bank_new(const char *name)
{
    struct conf_bank *bank = conf_grow(NULL, 1, sizeof *bank);
    *bank = (struct conf_bank){.collection.level = 2};
    snprintf(bank->name, sizeof bank->name, "OpenDMus conformance: %.32s", name);
    bank->collection.info.name = bank->name;
    return bank;
}

uint32_t conf_wave(struct conf_bank *bank, const int16_t *samples, uint32_t frames, uint32_t sample_rate)
{
    struct dls_collection *c = &bank->collection;
    uint32_t index = c->wave_count++;
    c->waves = conf_grow(c->waves, c->wave_count, sizeof *c->waves);
    bank->data = conf_grow(bank->data, c->wave_count, sizeof *bank->data);
    bank->data[index].samples = conf_grow(NULL, frames, sizeof(int16_t));
    memcpy(bank->data[index].samples, samples, frames * sizeof(int16_t));
    c->waves[index] = (struct dls_wave){.codec = DLS_PCM_S16, .channels = 1, .block_align = 2, .sample_rate = sample_rate,
                                        .frames = frames, .name = "", .usable = true};
    return index;
}

uint32_t conf_wave_sine(struct conf_bank *bank, uint32_t frames, double amplitude, double phase, uint32_t sample_rate)
{
    int16_t *samples = conf_grow(NULL, frames, sizeof *samples);
    for (uint32_t i = 0; i < frames; i++)
        samples[i] = (int16_t)lrint(32767 * amplitude * sin(6.283185307179586 * ((double)i / frames + phase)));
    uint32_t index = conf_wave(bank, samples, frames, sample_rate);
    free(samples);
    return index;
}

uint32_t conf_wave_dc(struct conf_bank *bank, uint32_t frames, double amplitude, uint32_t sample_rate)
{
    int16_t *samples = conf_grow(NULL, frames, sizeof *samples);
    for (uint32_t i = 0; i < frames; i++)
        samples[i] = (int16_t)lrint(32767 * amplitude);
    uint32_t index = conf_wave(bank, samples, frames, sample_rate);
    free(samples);
    return index;
}

void conf_instrument(struct conf_bank *bank, uint32_t msb, uint32_t lsb, uint32_t program, bool drums)
{
    struct dls_collection *c = &bank->collection;
    c->instruments = conf_grow(c->instruments, ++c->instrument_count, sizeof *c->instruments);
    c->instruments[c->instrument_count - 1] = (struct dls_instrument){
        .bank = msb << 8 | lsb | (drums ? DLS_DRUMS : 0), .program = program, .name = ""};
}

static struct dls_instrument *present_instrument(struct conf_bank *bank)
{
    if (bank->collection.instrument_count == 0)
        conf_instrument(bank, 0, 0, 0, false);
    return &bank->collection.instruments[bank->collection.instrument_count - 1];
}

struct dls_region *conf_region(struct conf_bank *bank, uint32_t wave)
{
    struct dls_instrument *instrument = present_instrument(bank);
    instrument->regions = conf_grow(instrument->regions, ++instrument->region_count, sizeof *instrument->regions);
    struct dls_region *region = &instrument->regions[instrument->region_count - 1];
    *region = (struct dls_region){
        .key_high = 127, .velocity_high = 127, .channel = 1, .wave = wave,
        .sample = {.present = true, .unity_note = 60, .loop = DLS_LOOP_FORWARD,
                   .loop_length = bank->collection.waves[wave].frames}};
    return region;
}

void conf_connect(struct conf_bank *bank, uint16_t source, uint16_t control, uint16_t destination, uint16_t transform,
                  int32_t scale)
{
    struct dls_instrument *instrument = present_instrument(bank);
    struct dls_articulation *articulation = instrument->region_count
                                                ? &instrument->regions[instrument->region_count - 1].articulation
                                                : &instrument->articulation;
    articulation->present = true;
    articulation->connections = conf_grow(articulation->connections, ++articulation->count, sizeof *articulation->connections);
    articulation->connections[articulation->count - 1] =
        (struct dls_connection){source, control, destination, transform, scale};
}

static enum dm_status read_pcm(void *ctx, uint32_t wave, uint32_t first, uint32_t frames, int16_t *out, struct dm_error *err)
{
    const struct conf_bank *bank = ctx;
    (void)err;
    memcpy(out, bank->data[wave].samples + first, frames * sizeof *out);
    return DM_OK;
}

static enum dm_status write_bytes(void *ctx, const void *data, size_t size, struct dm_error *err)
{
    (void)err;
    conf_append(ctx, data, size);
    return DM_OK;
}

void conf_edit(struct conf_bank *bank, void (*change)(struct conf_chunk *form))
{
    bank->change = change;
}

struct conf_bytes conf_bank_file(struct conf_bank *bank)
{
    struct conf_bytes bytes = {0};
    struct dm_error err = {0};
    struct dls_collection *c = &bank->collection;
    c->region_count = c->connection_count = 0;
    for (uint32_t i = 0; i < c->instrument_count; i++) {
        c->region_count += c->instruments[i].region_count;
        c->connection_count += c->instruments[i].articulation.count;
        for (uint32_t r = 0; r < c->instruments[i].region_count; r++)
            c->connection_count += c->instruments[i].regions[r].articulation.count;
    }
    struct dls_pcm_source pcm = {read_pcm, bank};
    struct byte_sink sink = {write_bytes, &bytes};
    if (dls_write(c, &pcm, &sink, &err) != DM_OK) {
        fprintf(stderr, "conformance: %s: %s\n", bank->name, err.text);
        exit(2);
    }
    if (bank->change)
        conf_apply_edit(&bytes, bank->change);
    return bytes;
}

void conf_bank_free(struct conf_bank *bank)
{
    struct dls_collection *c = &bank->collection;
    for (uint32_t i = 0; i < c->instrument_count; i++) {
        for (uint32_t r = 0; r < c->instruments[i].region_count; r++)
            free(c->instruments[i].regions[r].articulation.connections);
        free(c->instruments[i].regions);
        free(c->instruments[i].articulation.connections);
    }
    for (uint32_t i = 0; i < c->wave_count; i++)
        free(bank->data[i].samples);
    free(bank->data);
    free(c->instruments);
    free(c->waves);
    free(bank);
}
