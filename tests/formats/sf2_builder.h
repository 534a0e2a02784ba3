/* SPDX-License-Identifier: MIT */
/*
 * sf2_builder.h - SoundFonts record by record for tests.
 *
 *     struct sf2_builder s = {0};
 *     sf2_preset(&s, "Piano", 0, 0);
 *     sf2_zone(&s, PRESET); sf2_gen(&s, PRESET, 41, 0);
 *     ... INSTRUMENT likewise, sf2_sample, put(&s.pool, ...)
 *     sf2_close(&s);      (terminal records; tables may be damaged from here on)
 *     sf2_assemble(&s);   (s.file)
 */
#ifndef DMUS_TESTS_SF2_BUILDER_H
#define DMUS_TESTS_SF2_BUILDER_H

#include "builder.h"
#include "formats/sf2.h"

enum { PRESET = 0, INSTRUMENT = 4 }; /* first table of a level */
enum { PHDR, PBAG, PMOD, PGEN, INST, IBAG, IMOD, IGEN, SHDR, TABLES };

struct sf2_builder {
    struct builder table[TABLES], info, pool, low, file;
    bool no_smpl;
};

static const char sf2_table_names[TABLES][5] = {"phdr", "pbag", "pmod", "pgen", "inst", "ibag", "imod", "igen", "shdr"};
static const size_t sf2_table_records[TABLES] = {38, 4, 10, 4, 22, 4, 10, 4, 46};

static inline void put_le16(struct builder *b, unsigned v) { PUT(b, (uint8_t)v, (uint8_t)(v >> 8)); }
static inline void put_le32(struct builder *b, uint32_t v)
{
    put_le16(b, v & 0xFFFF);
    put_le16(b, v >> 16);
}

static inline void put_name(struct builder *b, const char *name)
{
    uint8_t field[20] = {0};
    memcpy(field, name, strlen(name) < 20 ? strlen(name) : 20);
    put(b, field, 20);
}

static inline unsigned sf2_count(const struct sf2_builder *s, int table)
{
    return (unsigned)(s->table[table].size / sf2_table_records[table]);
}

static inline void sf2_preset(struct sf2_builder *s, const char *name, unsigned program, unsigned bank)
{
    struct builder *b = &s->table[PHDR];
    put_name(b, name);
    put_le16(b, program);
    put_le16(b, bank);
    put_le16(b, sf2_count(s, PBAG));
    for (int i = 0; i < 3; i++)
        put_le32(b, 0);
}

static inline void sf2_instrument(struct sf2_builder *s, const char *name)
{
    put_name(&s->table[INST], name);
    put_le16(&s->table[INST], sf2_count(s, IBAG));
}

static inline void sf2_zone(struct sf2_builder *s, int level)
{
    put_le16(&s->table[level + PBAG], sf2_count(s, level + PGEN));
    put_le16(&s->table[level + PBAG], sf2_count(s, level + PMOD));
}

static inline void sf2_gen(struct sf2_builder *s, int level, unsigned oper, int amount)
{
    put_le16(&s->table[level + PGEN], oper);
    put_le16(&s->table[level + PGEN], (unsigned)amount);
}

static inline void sf2_mod(struct sf2_builder *s, int level, unsigned source, unsigned destination, int amount,
                           unsigned amount_source, unsigned transform)
{
    struct builder *b = &s->table[level + PMOD];
    put_le16(b, source);
    put_le16(b, destination);
    put_le16(b, (unsigned)amount);
    put_le16(b, amount_source);
    put_le16(b, transform);
}

static inline void sf2_sample(struct sf2_builder *s, const char *name, uint32_t start, uint32_t end,
                              uint32_t loop_start, uint32_t loop_end, unsigned type)
{
    struct builder *b = &s->table[SHDR];
    put_name(b, name);
    put_le32(b, start);
    put_le32(b, end);
    put_le32(b, loop_start);
    put_le32(b, loop_end);
    put_le32(b, 32000);
    PUT(b, 61, 0xFB); /* key, correction -5 */
    put_le16(b, 0);
    put_le16(b, type);
}

static inline void sf2_text(struct sf2_builder *s, const char *id, const char *text)
{
    size_t size = strlen(text) + 1;
    put(&s->info, (const uint8_t *)id, 4);
    put_le32(&s->info, (uint32_t)size);
    put(&s->info, (const uint8_t *)text, size);
    if (size & 1)
        PUT(&s->info, 0);
}

static inline void sf2_version(struct sf2_builder *s, unsigned major, unsigned minor)
{
    put(&s->info, (const uint8_t *)"ifil\4\0\0\0", 8);
    put_le16(&s->info, major);
    put_le16(&s->info, minor);
}

static inline void sf2_close(struct sf2_builder *s)
{
    sf2_preset(s, "EOP", 0, 0);
    sf2_instrument(s, "EOI");
    for (int level = PRESET; level <= INSTRUMENT; level += 4) {
        sf2_zone(s, level);
        sf2_gen(s, level, 0, 0);
        sf2_mod(s, level, 0, 0, 0, 0, 0);
    }
    put_name(&s->table[SHDR], "EOS");
    for (int i = 0; i < 26; i++)
        PUT(&s->table[SHDR], 0);
}

static inline size_t sf2_begin(struct builder *b, const char *id, const char *type)
{
    put(b, (const uint8_t *)id, 4);
    put_le32(b, 0);
    size_t body = b->size;
    if (type)
        put(b, (const uint8_t *)type, 4);
    return body;
}

static inline void sf2_end(struct builder *b, size_t body)
{
    uint32_t size = (uint32_t)(b->size - body);
    for (int i = 0; i < 4; i++)
        b->data[body - 4 + (size_t)i] = (uint8_t)(size >> 8 * i);
    if (size & 1)
        PUT(b, 0);
}

static inline void sf2_chunk(struct builder *b, const char *id, const struct builder *content)
{
    size_t body = sf2_begin(b, id, NULL);
    put(b, content->data, content->size);
    sf2_end(b, body);
}

static inline void sf2_assemble(struct sf2_builder *s)
{
    struct builder *b = &s->file;
    b->size = 0;
    size_t form = sf2_begin(b, "RIFF", "sfbk"), list = sf2_begin(b, "LIST", "INFO");
    put(b, s->info.data, s->info.size);
    sf2_end(b, list);
    list = sf2_begin(b, "LIST", "sdta");
    if (!s->no_smpl)
        sf2_chunk(b, "smpl", &s->pool);
    if (s->low.size > 0)
        sf2_chunk(b, "sm24", &s->low);
    sf2_end(b, list);
    list = sf2_begin(b, "LIST", "pdta");
    for (int i = 0; i < TABLES; i++)
        if (s->table[i].size > 0)
            sf2_chunk(b, sf2_table_names[i], &s->table[i]);
    sf2_end(b, list);
    sf2_end(b, form);
}

static inline void sf2_clear(struct sf2_builder *s)
{
    for (int i = 0; i < TABLES; i++)
        free(s->table[i].data);
    free(s->info.data);
    free(s->pool.data);
    free(s->low.data);
    free(s->file.data);
    *s = (struct sf2_builder){0};
}

/* The ramp 0, 1, 2 ... as FRAMES more frames of the pool. */
static inline void sf2_ramp(struct sf2_builder *s, unsigned frames)
{
    for (unsigned i = 0; i < frames; i++)
        put_le16(&s->pool, (unsigned)(s->pool.size / 2));
}

/* One preset, one instrument, one sample of 100 frames with a loop: version 2.04. */
static inline void sf2_simple(struct sf2_builder *s)
{
    sf2_version(s, 2, 4);
    sf2_preset(s, "Preset", 5, 0);
    sf2_zone(s, PRESET);
    sf2_gen(s, PRESET, 41, 0);
    sf2_instrument(s, "Instrument");
    sf2_zone(s, INSTRUMENT);
    sf2_gen(s, INSTRUMENT, 53, 0);
    sf2_sample(s, "Sample", 0, 100, 10, 90, 1);
    sf2_ramp(s, 146);
}

/* The file as a heap copy of its own, which the bank looks into. */
struct opened_bank {
    struct sf2_bank *bank; /* NULL: refused */
    uint8_t *bytes;
    enum dm_status status;
    struct dm_error err;
};

static inline struct opened_bank open_bank(const struct builder *file)
{
    struct opened_bank o = {NULL, exact_copy(file), DM_OK, {DM_OK, ""}};
    forget();
    o.status = sf2_read((struct span){o.bytes, file->size}, &hearing, &o.bank, &o.err);
    return o;
}

static inline void close_bank(struct opened_bank *o)
{
    sf2_free(o->bank);
    free(o->bytes);
}

/* A bank that must open. */
static inline struct opened_bank bank_of(struct sf2_builder *s)
{
    sf2_assemble(s);
    struct opened_bank o = open_bank(&s->file);
    CHECK_EQ(o.status, DM_OK);
    if (o.status != DM_OK) {
        printf("# %s\n", o.err.text);
        exit(1);
    }
    return o;
}

#endif
