/* SPDX-License-Identifier: MIT */
#include "testbank.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void blob_add(struct blob *blob, const void *bytes, size_t size)
{
    if (blob->size + size > blob->room) {
        blob->room = (blob->size + size) * 2;
        blob->data = realloc(blob->data, blob->room);
        if (!blob->data)
            abort();
    }
    if (size)
        memcpy(blob->data + blob->size, bytes, size);
    blob->size += size;
}

void blob_free(struct blob *blob)
{
    free(blob->data);
    memset(blob, 0, sizeof *blob);
}

static void add_le(struct blob *blob, uint32_t value, int bytes)
{
    for (int i = 0; i < bytes; i++) {
        uint8_t byte = (uint8_t)(value >> 8 * i);
        blob_add(blob, &byte, 1);
    }
}

static void add_be(struct blob *blob, uint32_t value, int bytes)
{
    for (int i = bytes; i-- > 0;) {
        uint8_t byte = (uint8_t)(value >> 8 * i);
        blob_add(blob, &byte, 1);
    }
}

static void add_name(struct blob *blob, const char *name)
{
    char field[20] = {0};
    snprintf(field, sizeof field, "%s", name);
    blob_add(blob, field, sizeof field);
}

/* ---- SoundFont ---- */

enum { GUARD = 46 }; /* zero frames behind each sample */

uint16_t sf2w_sample(struct sf2_writer *w, const char *name, const int16_t *data, uint32_t frames, uint32_t loop_start,
                     uint32_t loop_end, uint32_t rate, uint8_t key, int8_t correction, uint16_t link, uint16_t type)
{
    uint32_t start = (uint32_t)(w->smpl.size / 2);
    for (uint32_t i = 0; i < frames + GUARD; i++)
        add_le(&w->smpl, i < frames ? (uint16_t)data[i] : 0, 2);
    add_name(&w->shdr, name);
    add_le(&w->shdr, start, 4);
    add_le(&w->shdr, start + frames, 4);
    add_le(&w->shdr, start + loop_start, 4);
    add_le(&w->shdr, start + loop_end, 4);
    add_le(&w->shdr, rate, 4);
    add_le(&w->shdr, key, 1);
    add_le(&w->shdr, (uint8_t)correction, 1);
    add_le(&w->shdr, link, 2);
    add_le(&w->shdr, type, 2);
    return (uint16_t)(w->shdr.size / 46 - 1);
}

static void bag(struct blob *bags, const struct blob *gens, const struct blob *mods)
{
    add_le(bags, (uint32_t)(gens->size / 4), 2);
    add_le(bags, (uint32_t)(mods->size / 10), 2);
}

static void mod(struct blob *mods, uint16_t source, uint16_t destination, int amount, uint16_t amount_source,
                uint16_t transform)
{
    add_le(mods, source, 2);
    add_le(mods, destination, 2);
    add_le(mods, (uint16_t)amount, 2);
    add_le(mods, amount_source, 2);
    add_le(mods, transform, 2);
}

uint16_t sf2w_instrument(struct sf2_writer *w, const char *name)
{
    add_name(&w->inst, name);
    add_le(&w->inst, (uint32_t)(w->ibag.size / 4), 2);
    return (uint16_t)(w->inst.size / 22 - 1);
}

void sf2w_izone(struct sf2_writer *w) { bag(&w->ibag, &w->igen, &w->imod); }

void sf2w_igen(struct sf2_writer *w, uint16_t oper, int amount)
{
    add_le(&w->igen, oper, 2);
    add_le(&w->igen, (uint16_t)amount, 2);
}

void sf2w_imod(struct sf2_writer *w, uint16_t source, uint16_t destination, int amount, uint16_t amount_source,
               uint16_t transform)
{
    mod(&w->imod, source, destination, amount, amount_source, transform);
}

void sf2w_preset(struct sf2_writer *w, const char *name, uint16_t bank, uint16_t program)
{
    add_name(&w->phdr, name);
    add_le(&w->phdr, program, 2);
    add_le(&w->phdr, bank, 2);
    add_le(&w->phdr, (uint32_t)(w->pbag.size / 4), 2);
    add_le(&w->phdr, 0, 4);
    add_le(&w->phdr, 0, 4);
    add_le(&w->phdr, 0, 4);
}

void sf2w_pzone(struct sf2_writer *w) { bag(&w->pbag, &w->pgen, &w->pmod); }

void sf2w_pgen(struct sf2_writer *w, uint16_t oper, int amount)
{
    add_le(&w->pgen, oper, 2);
    add_le(&w->pgen, (uint16_t)amount, 2);
}

void sf2w_pmod(struct sf2_writer *w, uint16_t source, uint16_t destination, int amount, uint16_t amount_source,
               uint16_t transform)
{
    mod(&w->pmod, source, destination, amount, amount_source, transform);
}

static void chunk(struct blob *to, const char *id, const struct blob *body)
{
    blob_add(to, id, 4);
    add_le(to, (uint32_t)body->size, 4);
    blob_add(to, body->data, body->size);
    if (body->size & 1)
        add_le(to, 0, 1);
}

static void list(struct blob *to, const char *type, struct blob *body)
{
    blob_add(to, "LIST", 4);
    add_le(to, (uint32_t)body->size + 4, 4);
    blob_add(to, type, 4);
    blob_add(to, body->data, body->size);
    blob_free(body);
}

struct blob sf2w_finish(struct sf2_writer *w)
{
    sf2w_preset(w, "EOP", 0, 0);
    sf2w_pzone(w);
    sf2w_pgen(w, 0, 0);
    sf2w_pmod(w, 0, 0, 0, 0, 0);
    sf2w_instrument(w, "EOI");
    sf2w_izone(w);
    sf2w_igen(w, 0, 0);
    sf2w_imod(w, 0, 0, 0, 0, 0);
    sf2w_sample(w, "EOS", NULL, 0, 0, 0, 0, 0, 0, 0, 0);
    struct blob info = {0}, sdta = {0}, pdta = {0}, form = {0}, body = {0};
    static const uint8_t version[4] = {2, 0, 4, 0};
    struct blob ifil = {(uint8_t *)(uintptr_t)version, 4, 0}, text = {(uint8_t *)(uintptr_t) "EMU8000", 8, 0},
                name = {(uint8_t *)(uintptr_t) "Test bank", 10, 0};
    chunk(&info, "ifil", &ifil);
    chunk(&info, "isng", &text);
    chunk(&info, "INAM", &name);
    chunk(&sdta, "smpl", &w->smpl);
    const struct {
        const char *id;
        struct blob *blob;
    } tables[] = {{"phdr", &w->phdr}, {"pbag", &w->pbag}, {"pmod", &w->pmod}, {"pgen", &w->pgen}, {"inst", &w->inst},
                  {"ibag", &w->ibag}, {"imod", &w->imod}, {"igen", &w->igen}, {"shdr", &w->shdr}};
    for (unsigned i = 0; i < 9; i++) {
        chunk(&pdta, tables[i].id, tables[i].blob);
        blob_free(tables[i].blob);
    }
    blob_free(&w->smpl);
    list(&body, "INFO", &info);
    list(&body, "sdta", &sdta);
    list(&body, "pdta", &pdta);
    blob_add(&form, "RIFF", 4);
    add_le(&form, (uint32_t)body.size + 4, 4);
    blob_add(&form, "sfbk", 4);
    blob_add(&form, body.data, body.size);
    blob_free(&body);
    return form;
}

/* ---- MIDI ---- */

static void delta(struct smf_writer *w, uint32_t tick)
{
    uint32_t value = tick > w->tick ? tick - w->tick : 0;
    uint8_t bytes[5];
    int count = 0;
    do {
        bytes[count++] = value & 0x7F;
        value >>= 7;
    } while (value);
    while (count-- > 0) {
        uint8_t byte = (uint8_t)(bytes[count] | (count ? 0x80 : 0));
        blob_add(&w->track, &byte, 1);
    }
    if (tick > w->tick)
        w->tick = tick;
}

static void length(struct smf_writer *w, size_t size)
{
    uint8_t bytes[2] = {(uint8_t)(0x80 | size >> 7), (uint8_t)(size & 0x7F)};
    blob_add(&w->track, bytes, 2);
}

void smfw_event(struct smf_writer *w, uint32_t tick, const uint8_t *bytes, size_t size)
{
    delta(w, tick);
    blob_add(&w->track, bytes, 1);
    if (bytes[0] == 0xF0)
        length(w, size - 1);
    blob_add(&w->track, bytes + 1, size - 1);
}

void smfw_message(struct smf_writer *w, uint32_t tick, int status, int data1, int data2)
{
    uint8_t bytes[3] = {(uint8_t)status, (uint8_t)data1, (uint8_t)data2};
    smfw_event(w, tick, bytes, (status & 0xE0) == 0xC0 ? 2 : 3);
}

void smfw_meta(struct smf_writer *w, uint32_t tick, int type, const void *bytes, size_t size)
{
    uint8_t head[2] = {0xFF, (uint8_t)type};
    delta(w, tick);
    blob_add(&w->track, head, 2);
    length(w, size);
    blob_add(&w->track, bytes, size);
}

struct blob smfw_finish(struct smf_writer *w, uint32_t tick)
{
    struct blob file = {0};
    smfw_meta(w, tick, 0x2F, NULL, 0);
    blob_add(&file, "MThd", 4);
    add_be(&file, 6, 4);
    add_be(&file, 0, 2);
    add_be(&file, 1, 2);
    add_be(&file, 24000, 2); /* ticks per quarter at the default 120 per minute */
    blob_add(&file, "MTrk", 4);
    add_be(&file, (uint32_t)w->track.size, 4);
    blob_add(&file, w->track.data, w->track.size);
    blob_free(&w->track);
    w->tick = 0;
    return file;
}

/* ---- a bank and songs ---- */

enum { CYCLE = 96, CYCLES = 20, FRAMES = CYCLE * CYCLES };

static void fill(int16_t *data, double amplitude, double harmonics)
{
    for (int i = 0; i < FRAMES; i++) {
        double x = 2 * 3.14159265358979323846 * i / CYCLE;
        data[i] = (int16_t)lround(32767 * amplitude * (sin(x) + harmonics * sin(3 * x)) / (1 + harmonics));
    }
}

static void drum(struct sf2_writer *w, uint16_t sample, int low, int high, int exclusive, int attenuation)
{
    sf2w_izone(w);
    sf2w_igen(w, 43, sf2w_range(low, high));
    sf2w_igen(w, 48, attenuation);
    if (exclusive)
        sf2w_igen(w, 57, exclusive);
    sf2w_igen(w, 38, -2000);
    sf2w_igen(w, 53, sample);
}

struct blob testbank_make(void)
{
    static int16_t sine[FRAMES], rich[FRAMES];
    struct sf2_writer w = {0};
    fill(sine, 0.5, 0);
    fill(rich, 0.5, 0.5);
    uint16_t plain = sf2w_sample(&w, "sine", sine, FRAMES, CYCLE, FRAMES - CYCLE, 48000, 71, 3, 0, 1);
    uint16_t left = sf2w_sample(&w, "pad left", rich, FRAMES, CYCLE, FRAMES - CYCLE, 44100, 69, 0, 2, 4);
    uint16_t right = sf2w_sample(&w, "pad right", sine, FRAMES, CYCLE, FRAMES - CYCLE, 44100, 69, 0, 1, 2);

    uint16_t simple = sf2w_instrument(&w, "simple");
    sf2w_izone(&w); /* global */
    sf2w_igen(&w, 38, -1200);
    sf2w_izone(&w);
    sf2w_igen(&w, 43, sf2w_range(0, 59));
    sf2w_igen(&w, 54, 1);
    sf2w_igen(&w, 53, plain);
    sf2w_izone(&w);
    sf2w_igen(&w, 43, sf2w_range(60, 127));
    sf2w_igen(&w, 44, sf2w_range(0, 90));
    sf2w_igen(&w, 54, 3);
    sf2w_igen(&w, 52, 12);
    sf2w_igen(&w, 53, plain);
    sf2w_izone(&w);
    sf2w_igen(&w, 43, sf2w_range(60, 120));
    sf2w_igen(&w, 44, sf2w_range(91, 127));
    sf2w_igen(&w, 48, 50);
    sf2w_igen(&w, 54, 1);
    sf2w_igen(&w, 53, right);

    uint16_t pad = sf2w_instrument(&w, "pad");
    for (int half = 0; half < 2; half++) {
        sf2w_izone(&w);
        sf2w_igen(&w, 17, half ? 500 : -500);
        sf2w_igen(&w, 34, -3000);
        sf2w_igen(&w, 36, -500);
        sf2w_igen(&w, 37, 200);
        sf2w_igen(&w, 38, 0);
        sf2w_igen(&w, 8, 7000);
        sf2w_igen(&w, 9, 60);
        sf2w_igen(&w, 11, 1500);
        sf2w_igen(&w, 28, -1000);
        sf2w_igen(&w, 29, 400);
        sf2w_igen(&w, 6, 20);
        sf2w_igen(&w, 24, -800);
        sf2w_igen(&w, 40, 20);
        sf2w_igen(&w, 54, 1);
        sf2w_igen(&w, 53, half ? right : left);
    }
    uint16_t split = sf2w_instrument(&w, "split");
    for (int key = 0; key < 128; key += 4) {
        sf2w_izone(&w);
        sf2w_igen(&w, 43, sf2w_range(key, key + 3));
        sf2w_igen(&w, 48, key);
        sf2w_igen(&w, 54, 1);
        sf2w_igen(&w, 58, key + 1);
        sf2w_igen(&w, 53, key % 8 ? plain : right);
    }
    uint16_t kit = sf2w_instrument(&w, "kit");
    drum(&w, plain, 36, 36, 0, 0);
    drum(&w, left, 38, 40, 0, 20);
    drum(&w, right, 42, 42, 1, 40);
    drum(&w, right, 46, 46, 1, 60);
    uint16_t kit16 = sf2w_instrument(&w, "power");
    drum(&w, left, 36, 36, 0, 0);

    sf2w_preset(&w, "Sine", 0, 0);
    sf2w_pzone(&w);
    sf2w_pgen(&w, 41, simple);
    sf2w_preset(&w, "Pad", 0, 5);
    sf2w_pzone(&w); /* global */
    sf2w_pgen(&w, 48, 30);
    sf2w_pzone(&w);
    sf2w_pgen(&w, 16, 300);
    sf2w_pgen(&w, 41, pad);
    sf2w_preset(&w, "Sine 2", 1, 0);
    sf2w_pzone(&w);
    sf2w_pgen(&w, 51, 12);
    sf2w_pgen(&w, 41, simple);
    sf2w_preset(&w, "Split", 0, 16);
    sf2w_pzone(&w);
    sf2w_pgen(&w, 41, split);
    sf2w_preset(&w, "GM 2", 121, 0);
    sf2w_pzone(&w);
    sf2w_pgen(&w, 41, pad);
    sf2w_preset(&w, "Standard", 128, 0);
    sf2w_pzone(&w);
    sf2w_pgen(&w, 41, kit);
    sf2w_preset(&w, "Power", 128, 16);
    sf2w_pzone(&w);
    sf2w_pgen(&w, 41, kit16);
    return sf2w_finish(&w);
}

static uint32_t random_below(uint32_t *state, uint32_t limit)
{
    *state = *state * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)(*state >> 8) * limit >> 24);
}

/* Resets, banks, rhythm parts and tunings too: whatever moves a note to another instrument or region. */
static void random_sysex(struct smf_writer *w, uint32_t tick, uint32_t *state)
{
    static const uint8_t messages[][12] = {
        {0xF0, 0x7E, 0x7F, 0x09, 0x01, 0xF7},
        {0xF0, 0x7E, 0x7F, 0x09, 0x03, 0xF7},
        {0xF0, 0x41, 0x10, 0x42, 0x12, 0x40, 0x00, 0x7F, 0x00, 0x41, 0xF7},
        {0xF0, 0x43, 0x10, 0x4C, 0x00, 0x00, 0x7E, 0x00, 0xF7},
        {0xF0, 0x41, 0x10, 0x42, 0x12, 0x40, 0x12, 0x15, 0x01, 0x18, 0xF7},
        {0xF0, 0x41, 0x10, 0x42, 0x12, 0x40, 0x11, 0x16, 0x46, 0x53, 0xF7},
        {0xF0, 0x7F, 0x7F, 0x04, 0x04, 0x00, 0x43, 0xF7},
        {0xF0, 0x43, 0x10, 0x4C, 0x08, 0x01, 0x07, 0x01, 0xF7},
        {0xF0, 0x41, 0x10, 0x42, 0x12, 0x40, 0x11, 0x00, 0x01, 0x05, 0x29, 0xF7},
    };
    uint32_t pick = random_below(state, sizeof messages / sizeof messages[0]);
    size_t size = 1;
    while (messages[pick][size - 1] != 0xF7)
        size++;
    smfw_event(w, tick, messages[pick], size);
}

struct blob testsong_random(uint32_t seed, uint32_t count, double seconds)
{
    static const uint8_t banks[] = {0, 0, 0, 1, 2, 8, 120, 121, 126, 127};
    static const uint8_t programs[] = {0, 0, 5, 5, 16, 17, 40};
    static const uint8_t channels[] = {0, 0, 1, 2, 9, 9};
    struct smf_writer w = {0};
    uint32_t state = seed, last = (uint32_t)(seconds * 48000);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t tick = (uint32_t)((uint64_t)last * i / count);
        int channel = channels[random_below(&state, sizeof channels)];
        switch (random_below(&state, 16)) {
        case 0:
            smfw_message(&w, tick, 0xB0 | channel, 0, banks[random_below(&state, sizeof banks)]);
            smfw_message(&w, tick, 0xC0 | channel, programs[random_below(&state, sizeof programs)], 0);
            break;
        case 1:
            smfw_message(&w, tick, 0xC0 | channel, programs[random_below(&state, sizeof programs)], 0);
            break;
        case 2:
            smfw_message(&w, tick, 0xB0 | channel, 1 + (int)random_below(&state, 12), (int)random_below(&state, 128));
            break;
        case 3:
            smfw_message(&w, tick, 0xE0 | channel, (int)random_below(&state, 128), (int)random_below(&state, 128));
            break;
        case 4:
            random_sysex(&w, tick, &state);
            break;
        case 5:
            if (random_below(&state, 4) == 0) {
                smfw_message(&w, tick, 0xB0 | channel, 101, 0);
                smfw_message(&w, tick, 0xB0 | channel, 100, 2);
                smfw_message(&w, tick, 0xB0 | channel, 6, 60 + (int)random_below(&state, 8));
            }
            break;
        default: {
            int key = channel == 9 ? 35 + (int)random_below(&state, 14) : 36 + (int)random_below(&state, 60);
            smfw_message(&w, tick, 0x90 | channel, key, 1 + (int)random_below(&state, 127));
            smfw_message(&w, tick + 200, 0x80 | channel, key, 0);
        }
        }
    }
    return smfw_finish(&w, last + 4800);
}
