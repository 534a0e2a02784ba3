/* SPDX-License-Identifier: MIT */
#include "build_sf2.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GEN_INSTRUMENT = 41, GEN_KEYS = 43, GEN_VELOCITIES = 44, GEN_SAMPLE = 53, GUARD = 46, NO_TARGET = 0xFFFF };

struct zone {
    struct { uint16_t oper, amount; } generators[48];
    struct { uint16_t source, destination, amount, amount_source; } modulators[16];
    uint32_t generator_count, modulator_count;
    uint16_t target; /* NO_TARGET: global */
};

struct preset {
    uint16_t bank, program;
    struct zone own;
    struct zone *zones; /* of its instrument */
    uint32_t zone_count;
};

struct sf2_file {
    struct preset *presets;
    uint32_t preset_count, sample_count;
    struct conf_bytes pool, headers; /* smpl, shdr */
};

static void put16(struct conf_bytes *to, unsigned value)
{
    uint8_t bytes[2] = {(uint8_t)value, (uint8_t)(value >> 8)};
    conf_append(to, bytes, 2);
}

static void put32(struct conf_bytes *to, uint32_t value)
{
    put16(to, value & 0xFFFF);
    put16(to, value >> 16);
}

static void put_name(struct conf_bytes *to, const char *name, uint32_t number)
{
    char field[20] = {0};
    snprintf(field, sizeof field, "%s %u", name, (unsigned)number);
    conf_append(to, field, sizeof field);
}

struct sf2_file *sf2_new(void)
{
    struct sf2_file *file = conf_grow(NULL, 1, sizeof *file);
    *file = (struct sf2_file){0};
    return file;
}

/* ---- samples ---- */

uint32_t sf2_sample(struct sf2_file *file, const int16_t *samples, uint32_t frames, uint32_t loop_start, uint32_t loop_end)
{
    static const uint8_t silence[2 * GUARD];
    uint32_t start = (uint32_t)(file->pool.size / 2);
    for (uint32_t i = 0; i < frames; i++)
        put16(&file->pool, (uint16_t)samples[i]);
    conf_append(&file->pool, silence, sizeof silence);
    put_name(&file->headers, "sample", file->sample_count);
    put32(&file->headers, start);
    put32(&file->headers, start + frames);
    put32(&file->headers, start + loop_start);
    put32(&file->headers, start + loop_end);
    put32(&file->headers, CONF_RATE);
    put16(&file->headers, 60); /* original key, no correction */
    put16(&file->headers, 0);
    put16(&file->headers, 1); /* mono */
    return file->sample_count++;
}

uint32_t sf2_constant(struct sf2_file *file, double level)
{
    int16_t samples[96];
    for (uint32_t i = 0; i < 96; i++)
        samples[i] = (int16_t)lrint(32767 * level);
    return sf2_sample(file, samples, 96, 16, 80);
}

uint32_t sf2_sine(struct sf2_file *file, uint32_t period, double phase)
{
    int16_t *samples = conf_grow(NULL, 4 * (size_t)period, sizeof *samples);
    for (uint32_t i = 0; i < 4 * period; i++)
        samples[i] = (int16_t)lrint(0.9 * 32767 * sin(6.283185307179586 * ((double)(i % period) / period + phase)));
    uint32_t index = sf2_sample(file, samples, 4 * period, period, 3 * period);
    free(samples);
    return index;
}

/* ---- presets and zones ---- */

static struct preset *present_preset(struct sf2_file *file)
{
    return &file->presets[file->preset_count - 1];
}

static struct zone *present_zone(struct sf2_file *file)
{
    struct preset *preset = present_preset(file);
    return &preset->zones[preset->zone_count - 1];
}

void sf2_preset(struct sf2_file *file, uint16_t bank, uint16_t program)
{
    file->presets = conf_grow(file->presets, ++file->preset_count, sizeof *file->presets);
    *present_preset(file) = (struct preset){.bank = bank, .program = program};
    present_preset(file)->own.target = (uint16_t)(file->preset_count - 1);
}

static void begin_zone(struct sf2_file *file, uint16_t target)
{
    struct preset *preset = present_preset(file);
    preset->zones = conf_grow(preset->zones, ++preset->zone_count, sizeof *preset->zones);
    *present_zone(file) = (struct zone){.target = target};
}

void sf2_global_zone(struct sf2_file *file)
{
    begin_zone(file, NO_TARGET);
}

void sf2_zone(struct sf2_file *file, uint32_t sample)
{
    begin_zone(file, (uint16_t)sample);
}

static void add_generator(struct zone *zone, uint16_t oper, int32_t amount)
{
    if (zone->generator_count == sizeof zone->generators / sizeof *zone->generators)
        exit(2);
    zone->generators[zone->generator_count].oper = oper;
    zone->generators[zone->generator_count++].amount = (uint16_t)amount;
}

static void add_modulator(struct zone *zone, uint16_t source, uint16_t destination, int32_t amount, uint16_t amount_source)
{
    if (zone->modulator_count == sizeof zone->modulators / sizeof *zone->modulators)
        exit(2);
    uint32_t i = zone->modulator_count++;
    zone->modulators[i].source = source;
    zone->modulators[i].destination = destination;
    zone->modulators[i].amount = (uint16_t)amount;
    zone->modulators[i].amount_source = amount_source;
}

void sf2_preset_generator(struct sf2_file *file, uint16_t oper, int32_t amount)
{
    add_generator(&present_preset(file)->own, oper, amount);
}

void sf2_preset_modulator(struct sf2_file *file, uint16_t source, uint16_t destination, int32_t amount, uint16_t amount_source)
{
    add_modulator(&present_preset(file)->own, source, destination, amount, amount_source);
}

void sf2_generator(struct sf2_file *file, uint16_t oper, int32_t amount)
{
    add_generator(present_zone(file), oper, amount);
}

void sf2_range(struct sf2_file *file, uint16_t oper, uint8_t low, uint8_t high)
{
    add_generator(present_zone(file), oper, low | high << 8);
}

void sf2_modulator(struct sf2_file *file, uint16_t source, uint16_t destination, int32_t amount, uint16_t amount_source)
{
    add_modulator(present_zone(file), source, destination, amount, amount_source);
}

/* ---- the file ---- */

/* Tables of one level: bags, modulators, generators. */
struct level {
    struct conf_bytes bag, mod, gen;
};

static void put_bag(struct level *level)
{
    put16(&level->bag, (unsigned)(level->gen.size / 4));
    put16(&level->bag, (unsigned)(level->mod.size / 10));
}

/* Ranges have to come first, the link (GEN_INSTRUMENT, GEN_SAMPLE) last. */
static void put_zone(struct level *level, const struct zone *zone, uint16_t link)
{
    put_bag(level);
    for (int ranges = 1; ranges >= 0; ranges--)
        for (uint32_t i = 0; i < zone->generator_count; i++) {
            bool range = zone->generators[i].oper == GEN_KEYS || zone->generators[i].oper == GEN_VELOCITIES;
            if (range != (ranges == 1))
                continue;
            put16(&level->gen, zone->generators[i].oper);
            put16(&level->gen, zone->generators[i].amount);
        }
    if (zone->target != NO_TARGET) {
        put16(&level->gen, link);
        put16(&level->gen, zone->target);
    }
    for (uint32_t i = 0; i < zone->modulator_count; i++) {
        put16(&level->mod, zone->modulators[i].source);
        put16(&level->mod, zone->modulators[i].destination);
        put16(&level->mod, zone->modulators[i].amount);
        put16(&level->mod, zone->modulators[i].amount_source);
        put16(&level->mod, 0);
    }
}

static void end_level(struct level *level)
{
    static const uint8_t zeros[10];
    put_bag(level);
    conf_append(&level->gen, zeros, 4);
    conf_append(&level->mod, zeros, 10);
}

static void put_chunk(struct conf_bytes *to, const char *id, struct conf_bytes *body)
{
    conf_append(to, id, 4);
    put32(to, (uint32_t)body->size);
    conf_append(to, body->data, body->size);
    if (body->size & 1)
        conf_append(to, "", 1);
    free(body->data);
    *body = (struct conf_bytes){0};
}

static void put_list(struct conf_bytes *to, const char *type, struct conf_bytes *children)
{
    struct conf_bytes body = {0};
    conf_append(&body, type, 4);
    conf_append(&body, children->data, children->size);
    free(children->data);
    *children = (struct conf_bytes){0};
    put_chunk(to, "LIST", &body);
}

static void put_tables(struct sf2_file *file, struct conf_bytes *pdta)
{
    static const uint8_t zeros[46];
    struct level presets = {0}, instruments = {0};
    struct conf_bytes phdr = {0}, inst = {0};
    for (uint32_t p = 0; p <= file->preset_count; p++) {
        const struct preset *preset = &file->presets[p];
        bool last = p == file->preset_count; /* the terminal record */
        put_name(&phdr, "preset", p);
        put16(&phdr, last ? 0 : preset->program);
        put16(&phdr, last ? 0 : preset->bank);
        put16(&phdr, (unsigned)(presets.bag.size / 4));
        conf_append(&phdr, zeros, 12);
        put_name(&inst, "instrument", p);
        put16(&inst, (unsigned)(instruments.bag.size / 4));
        if (last)
            break;
        put_zone(&presets, &preset->own, GEN_INSTRUMENT);
        for (uint32_t z = 0; z < preset->zone_count; z++)
            put_zone(&instruments, &preset->zones[z], GEN_SAMPLE);
    }
    end_level(&presets);
    end_level(&instruments);
    conf_append(&file->headers, zeros, 46);
    put_chunk(pdta, "phdr", &phdr);
    put_chunk(pdta, "pbag", &presets.bag);
    put_chunk(pdta, "pmod", &presets.mod);
    put_chunk(pdta, "pgen", &presets.gen);
    put_chunk(pdta, "inst", &inst);
    put_chunk(pdta, "ibag", &instruments.bag);
    put_chunk(pdta, "imod", &instruments.mod);
    put_chunk(pdta, "igen", &instruments.gen);
    put_chunk(pdta, "shdr", &file->headers);
}

void sf2_end(struct sf2_file *file, struct conf_bytes *out)
{
    struct conf_bytes info = {0}, sdta = {0}, pdta = {0}, form = {0}, version = {0}, engine = {0}, name = {0};
    put16(&version, 2);
    put16(&version, 4);
    conf_append(&engine, "EMU8000", 8);
    conf_append(&name, "OpenDMus conformance\0", 22); /* sizes of texts are even in SoundFonts */
    put_chunk(&info, "ifil", &version);
    put_chunk(&info, "isng", &engine);
    put_chunk(&info, "INAM", &name);
    put_chunk(&sdta, "smpl", &file->pool);
    put_tables(file, &pdta);
    conf_append(&form, "sfbk", 4);
    put_list(&form, "INFO", &info);
    put_list(&form, "sdta", &sdta);
    put_list(&form, "pdta", &pdta);
    put_chunk(out, "RIFF", &form);
    for (uint32_t p = 0; p < file->preset_count; p++)
        free(file->presets[p].zones);
    free(file->presets);
    free(file);
}
