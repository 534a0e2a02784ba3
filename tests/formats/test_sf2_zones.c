/* SPDX-License-Identifier: MIT */
/* Texts, presets, instruments and zones of a sound bank: every record where the file has it. */
#include "sf2_builder.h"

static struct sf2_builder s;

static void test_texts(void)
{
    sf2_simple(&s);
    sf2_text(&s, "INAM", "B\xE4nk");
    sf2_text(&s, "isng", "EMU8000");
    sf2_text(&s, "ICOP", "nobody");
    sf2_text(&s, "IENG", "me");
    sf2_text(&s, "ICMT", "two\nlines");
    sf2_text(&s, "ICRD", "today");
    sf2_text(&s, "ISFT", "tool");
    sf2_text(&s, "INAM", "second name");
    sf2_close(&s);
    struct opened_bank o = bank_of(&s);
    CHECK_EQ(o.bank->version_major, 2);
    CHECK_EQ(o.bank->version_minor, 4);
    CHECK_STR(o.bank->name, "B\xC3\xA4nk");
    CHECK_STR(o.bank->engine, "EMU8000");
    CHECK_STR(o.bank->copyright, "nobody");
    CHECK_STR(o.bank->engineer, "me");
    CHECK_STR(o.bank->comment, "two lines");
    CHECK_STR(o.bank->date, "today");
    CHECK_STR(o.bank->software, "tool");
    CHECK_EQ(heard.count, 0);
    close_bank(&o);
    sf2_clear(&s);

    sf2_simple(&s);
    sf2_close(&s);
    o = bank_of(&s);
    CHECK(!o.bank->name && !o.bank->comment);
    close_bank(&o);
    sf2_clear(&s);
}

static void test_versions(void)
{
    static const struct {
        unsigned major;
        enum dm_status status;
        const char *note;
    } cases[] = {{1, DM_ERR_UNSUPPORTED, NULL}, {2, DM_OK, NULL}, {3, DM_OK, NULL}, {4, DM_OK, "version 4.00"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sf2_version(&s, cases[i].major, 0);
        sf2_simple(&s);
        sf2_close(&s);
        sf2_assemble(&s);
        struct opened_bank o = open_bank(&s.file);
        CHECK_EQ(o.status, cases[i].status);
        CHECK(!cases[i].note || was_heard(cases[i].note));
        close_bank(&o);
        sf2_clear(&s);
    }
    sf2_simple(&s);
    s.info.size = 0;
    sf2_close(&s);
    struct opened_bank o = bank_of(&s);
    CHECK_EQ(o.bank->version_major, 2);
    CHECK_EQ(o.bank->version_minor, 1);
    CHECK(was_heard("no version"));
    close_bank(&o);
    sf2_clear(&s);
}

static bool gen_is(const struct sf2_zone *zone, uint32_t i, unsigned oper, unsigned amount)
{
    return i < zone->generator_count && zone->generators[i].oper == oper && zone->generators[i].amount == amount;
}

static void test_every_record_is_kept(void)
{
    sf2_simple(&s);
    s.table[PHDR].size = s.table[PBAG].size = s.table[PGEN].size = 0;
    s.table[INST].size = s.table[IBAG].size = s.table[IGEN].size = 0;
    sf2_preset(&s, "Zwanzig Zeichen lang", 127, 128); /* 20 bytes, no NUL */
    sf2_zone(&s, PRESET);
    sf2_gen(&s, PRESET, 8, -2400);
    sf2_mod(&s, PRESET, 0x0102, 8, -100, 0x0081, 2);
    sf2_zone(&s, PRESET);
    sf2_gen(&s, PRESET, 43, 0x4830);
    sf2_gen(&s, PRESET, 44, 0x7F01);
    sf2_gen(&s, PRESET, 51, -12);
    sf2_gen(&s, PRESET, 41, 1);
    sf2_preset(&s, "Second", 0, 0);
    sf2_zone(&s, PRESET);
    sf2_gen(&s, PRESET, 41, 0);
    sf2_instrument(&s, "one");
    sf2_zone(&s, INSTRUMENT);
    sf2_gen(&s, INSTRUMENT, 53, 0);
    sf2_instrument(&s, "two");
    sf2_zone(&s, INSTRUMENT);
    sf2_mod(&s, INSTRUMENT, 1, 2, 3, 4, 5);
    sf2_mod(&s, INSTRUMENT, 6, 0x8001, -32768, 9, 10);
    sf2_zone(&s, INSTRUMENT);
    sf2_gen(&s, INSTRUMENT, 44, 0x6440);
    sf2_gen(&s, INSTRUMENT, 14, 1);      /* unused by the specification */
    sf2_gen(&s, INSTRUMENT, 200, 0xFFFF); /* beyond it */
    sf2_gen(&s, INSTRUMENT, 48, 10);
    sf2_gen(&s, INSTRUMENT, 48, 20);
    sf2_gen(&s, INSTRUMENT, 53, 0);
    sf2_mod(&s, INSTRUMENT, 11, 12, 13, 14, 15);
    sf2_close(&s);
    struct opened_bank o = bank_of(&s);
    const struct sf2_bank *bank = o.bank;
    CHECK_EQ(heard.count, 0);
    CHECK_EQ(bank->preset_count, 2);
    CHECK_EQ(bank->instrument_count, 2);
    CHECK_EQ(bank->sample_count, 1);

    const struct sf2_preset *preset = &bank->presets[0];
    CHECK_STR(preset->name, "Zwanzig Zeichen lang");
    CHECK_EQ(preset->program, 127);
    CHECK_EQ(preset->bank, 128);
    CHECK_EQ(preset->zone_count, 2);
    const struct sf2_zone *zone = &preset->zones[0];
    CHECK(zone->global);
    CHECK_EQ(zone->generator_count, 1);
    CHECK(gen_is(zone, 0, 8, 0xF6A0));
    CHECK_EQ(zone->modulator_count, 1);
    CHECK_EQ(zone->modulators[0].source, 0x0102);
    CHECK_EQ(zone->modulators[0].destination, 8);
    CHECK_EQ(zone->modulators[0].amount, -100);
    CHECK_EQ(zone->modulators[0].amount_source, 0x0081);
    CHECK_EQ(zone->modulators[0].transform, 2);
    CHECK_EQ(zone->key_low, 0);
    CHECK_EQ(zone->key_high, 127);
    CHECK_EQ(zone->velocity_low, 0);
    CHECK_EQ(zone->velocity_high, 127);
    zone = &preset->zones[1];
    CHECK(!zone->global);
    CHECK_EQ(zone->target, 1);
    CHECK_EQ(zone->key_low, 0x30);
    CHECK_EQ(zone->key_high, 0x48);
    CHECK_EQ(zone->velocity_low, 1);
    CHECK_EQ(zone->velocity_high, 127);
    CHECK_EQ(zone->generator_count, 4);
    CHECK(gen_is(zone, 0, 43, 0x4830) && gen_is(zone, 1, 44, 0x7F01) && gen_is(zone, 2, 51, 0xFFF4) &&
          gen_is(zone, 3, 41, 1));
    CHECK_EQ(zone->modulator_count, 0);
    CHECK_EQ(bank->presets[1].zone_count, 1);
    CHECK_EQ(bank->presets[1].zones[0].target, 0);

    const struct sf2_instrument *instrument = &bank->instruments[1];
    CHECK_STR(instrument->name, "two");
    CHECK_EQ(instrument->zone_count, 2);
    zone = &instrument->zones[0]; /* global although it has modulators only */
    CHECK(zone->global);
    CHECK_EQ(zone->generator_count, 0);
    CHECK_EQ(zone->modulator_count, 2);
    CHECK_EQ(zone->modulators[1].destination, 0x8001);
    CHECK_EQ(zone->modulators[1].amount, -32768);
    zone = &instrument->zones[1];
    CHECK_EQ(zone->velocity_low, 0x40);
    CHECK_EQ(zone->velocity_high, 0x64);
    CHECK_EQ(zone->generator_count, 6);
    CHECK(gen_is(zone, 1, 14, 1) && gen_is(zone, 2, 200, 0xFFFF) && gen_is(zone, 3, 48, 10) &&
          gen_is(zone, 4, 48, 20) && gen_is(zone, 5, 53, 0));
    CHECK_EQ(zone->modulator_count, 1);
    CHECK_EQ(zone->modulators[0].transform, 15);
    close_bank(&o);
    sf2_clear(&s);
}

/* One instrument whose zones the cases fill; the sample zone of sf2_simple stays in front as zone 0. */
static struct opened_bank with_zone(const int (*gens)[2], size_t count)
{
    sf2_simple(&s);
    sf2_zone(&s, INSTRUMENT);
    for (size_t i = 0; i < count; i++)
        sf2_gen(&s, INSTRUMENT, (unsigned)gens[i][0], gens[i][1]);
    sf2_close(&s);
    struct opened_bank o = bank_of(&s);
    sf2_clear(&s);
    return o;
}
#define WITH_ZONE(...) with_zone((const int[][2]){__VA_ARGS__}, sizeof((const int[][2]){__VA_ARGS__}) / (2 * sizeof(int)))

/* SF2 2.04 section 8.1.2: order within a zone. */
static void test_order_of_generators(void)
{
    struct opened_bank o = WITH_ZONE({44, 0x4030}, {43, 0x2010}, {53, 0});
    CHECK_EQ(o.bank->instruments[0].zones[1].velocity_high, 0x40);
    CHECK_EQ(o.bank->instruments[0].zones[1].key_high, 127);
    CHECK_EQ(o.bank->instruments[0].zones[1].generator_count, 3);
    CHECK(was_heard("instrument 0 'Instrument': zone 1: key range out of place"));
    close_bank(&o);
    o = WITH_ZONE({43, 0x2010}, {8, 1}, {44, 0x4030}, {53, 0});
    CHECK_EQ(o.bank->instruments[0].zones[1].velocity_high, 127);
    CHECK_EQ(o.bank->instruments[0].zones[1].key_low, 0x10);
    CHECK(was_heard("velocity range out of place"));
    close_bank(&o);
    o = WITH_ZONE({53, 0}, {8, 1}, {9, 2});
    CHECK_EQ(o.bank->instruments[0].zones[1].generator_count, 1);
    CHECK(was_heard("2 generators behind its sample"));
    close_bank(&o);
    o = WITH_ZONE({43, 0x1020}, {44, 0xFF00}, {53, 0});
    CHECK_EQ(o.bank->instruments[0].zones[1].key_low, 0x10);
    CHECK_EQ(o.bank->instruments[0].zones[1].key_high, 0x20);
    CHECK_EQ(o.bank->instruments[0].zones[1].velocity_high, 127);
    CHECK_EQ(heard.count, 2);
    close_bank(&o);
}

static void test_dropped_zones(void)
{
    struct opened_bank o = WITH_ZONE({53, 1});
    CHECK_EQ(o.bank->instruments[0].zone_count, 1);
    CHECK(was_heard("instrument 0 'Instrument': zone 1 dropped: sample 1 of 1"));
    close_bank(&o);
    o = WITH_ZONE({8, 1000});
    CHECK_EQ(o.bank->instruments[0].zone_count, 1);
    CHECK(was_heard("zone 1 dropped: it names no sample"));
    close_bank(&o);

    sf2_simple(&s);
    sf2_zone(&s, PRESET);
    sf2_gen(&s, PRESET, 41, 7);
    sf2_close(&s);
    o = bank_of(&s);
    CHECK_EQ(o.bank->presets[0].zone_count, 1);
    CHECK(was_heard("preset 000:005 'Preset': zone 1 dropped: instrument 7 of 1"));
    close_bank(&o);
    sf2_clear(&s);
}

/* Five presets of two zones each; the index at FIELD of record INDEX of TABLE becomes VALUE. */
static struct opened_bank with_index(int table, unsigned index, unsigned field, unsigned value)
{
    sf2_version(&s, 2, 1);
    for (int i = 0; i < 5; i++) {
        char name[] = "P0";
        name[1] = (char)('0' + i);
        sf2_preset(&s, name, (unsigned)i, 0);
        for (int k = 0; k < 2; k++) {
            sf2_zone(&s, PRESET);
            sf2_gen(&s, PRESET, 8, 100 * i + k);
            sf2_gen(&s, PRESET, 41, 0);
            sf2_mod(&s, PRESET, 1, 2, 100 * i + k, 0, 0);
        }
    }
    sf2_instrument(&s, "I");
    sf2_zone(&s, INSTRUMENT);
    sf2_gen(&s, INSTRUMENT, 53, 0);
    sf2_sample(&s, "S", 0, 100, 0, 0, 1);
    sf2_ramp(&s, 146);
    sf2_close(&s);
    uint8_t *p = s.table[table].data + index * sf2_table_records[table] + field;
    p[0] = (uint8_t)value;
    p[1] = (uint8_t)(value >> 8);
    struct opened_bank o = bank_of(&s);
    sf2_clear(&s);
    return o;
}

/* How many of the ten zones came through whole. */
static int whole_zones(const struct sf2_bank *bank)
{
    int whole = 0;
    for (uint32_t i = 0; i < bank->preset_count; i++)
        for (uint32_t k = 0; k < bank->presets[i].zone_count; k++) {
            const struct sf2_zone *zone = &bank->presets[i].zones[k];
            whole += zone->generator_count == 2 && zone->generators[0].amount == 100 * i + k &&
                     zone->modulator_count == 1 && zone->modulators[0].amount == (int)(100 * i + k);
        }
    return whole;
}

static void test_wrong_indices(void)
{
    static const struct {
        int table;
        unsigned index, field, value;
        int whole; /* of ten: a wrong index costs its own owner or zone and the one before, no others */
    } cases[] = {
        {PHDR, 2, 24, 4, 10},     {PHDR, 2, 24, 0xFFFF, 6}, {PHDR, 2, 24, 9, 8},   {PHDR, 2, 24, 0, 6},
        {PBAG, 5, 0, 10, 10},     {PBAG, 5, 0, 0xFFFF, 8},  {PBAG, 5, 0, 19, 9},   {PBAG, 5, 0, 0, 8},
        {PBAG, 5, 2, 0xFFFF, 8},  {PBAG, 5, 2, 0, 8},       {PBAG, 10, 0, 30, 9},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct opened_bank o = with_index(cases[i].table, cases[i].index, cases[i].field, cases[i].value);
        int whole = whole_zones(o.bank);
        CHECK_EQ(whole, cases[i].whole);
        CHECK((whole == 10) == (heard.count == 0));
        CHECK_EQ(o.bank->preset_count, 5);
        close_bank(&o);
    }
}

/* A hostile file may name the same records in every zone: work and memory stay in proportion to its size. */
static void test_overlapping_zones(void)
{
    enum { MANY = 20000 };
    sf2_version(&s, 2, 1);
    for (int i = 0; i < MANY; i++) {
        sf2_preset(&s, "P", 0, 0);
        sf2_zone(&s, PRESET);
        sf2_gen(&s, PRESET, 8, 1);
    }
    sf2_gen(&s, PRESET, 41, 0);
    sf2_instrument(&s, "I");
    sf2_zone(&s, INSTRUMENT);
    sf2_gen(&s, INSTRUMENT, 53, 0);
    sf2_sample(&s, "S", 0, 100, 0, 0, 1);
    sf2_ramp(&s, 146);
    sf2_close(&s);
    for (unsigned i = 0; i < MANY; i++) {
        unsigned index = i & 1 ? MANY : 0; /* 0..all, all..0, 0..all */
        for (int k = 0; k < 2; k++) {
            s.table[PHDR].data[38 * i + 24 + (unsigned)k] = (uint8_t)(index >> 8 * k);
            s.table[PBAG].data[4 * i + (unsigned)k] = (uint8_t)(index >> 8 * k);
        }
    }
    struct opened_bank o = bank_of(&s);
    uint64_t zones = 0, gens = 0;
    for (uint32_t i = 0; i < o.bank->preset_count; i++)
        for (uint32_t k = 0; k < o.bank->presets[i].zone_count; k++, zones++)
            gens += o.bank->presets[i].zones[k].generator_count;
    CHECK_EQ(o.bank->preset_count, MANY);
    CHECK(zones <= 2 * (MANY + 1));
    CHECK(gens <= 2 * (MANY + 2));
    CHECK(was_heard("zone 1 dropped: its generators 20000 to 0 of 20002"));
    CHECK_EQ(heard.count, 201);
    close_bank(&o);
    sf2_clear(&s);
}

int main(void)
{
    RUN(test_texts);
    RUN(test_versions);
    RUN(test_every_record_is_kept);
    RUN(test_order_of_generators);
    RUN(test_dropped_zones);
    RUN(test_wrong_indices);
    RUN(test_overlapping_zones);
    return tap_done();
}
