/* SPDX-License-Identifier: MIT */
/* Damaged sound banks: repaired or refused with a reason, nothing leaks. */
#include "base/alloc.h"
#include "sf2_builder.h"

static struct sf2_builder s;

static void check_refused(const struct builder *file, enum dm_status status, const char *words)
{
    struct opened_bank o = open_bank(file);
    CHECK_EQ(o.status, status);
    CHECK(o.bank == NULL);
    CHECK_EQ(o.err.status, status);
    if (!CHECK(strstr(o.err.text, words) != NULL))
        printf("# \"%s\" without \"%s\"\n", o.err.text, words);
    close_bank(&o);
}

static void test_not_a_bank(void)
{
    struct builder b = {0};
    check_refused(&b, DM_ERR_FORMAT, "not a SoundFont");
    put(&b, (const uint8_t *)"RIFF\4\0\0\0WAVE", 12);
    check_refused(&b, DM_ERR_FORMAT, "not a SoundFont");
    b.size = 0;
    put(&b, (const uint8_t *)"RIFF\4\0\0\0sfbk", 12);
    check_refused(&b, DM_ERR_FORMAT, "without a pdta list");
    b.size = 0;
    put(&b, (const uint8_t *)"MThd\0\0\0\6\0\1\0\1\0\x60", 14);
    check_refused(&b, DM_ERR_FORMAT, "not a SoundFont");
    free(b.data);
}

static void test_missing_tables(void)
{
    for (int i = 0; i < TABLES; i++) {
        sf2_simple(&s);
        sf2_close(&s);
        s.table[i].size = 0;
        if (i == PMOD || i == IMOD) {
            struct opened_bank o = bank_of(&s);
            CHECK_EQ(heard.count, 1);
            CHECK(was_heard("no modulators"));
            CHECK_EQ(o.bank->presets[0].zone_count, 1);
            close_bank(&o);
        } else {
            char words[16];
            snprintf(words, sizeof words, "'%.4s' records", sf2_table_names[i]);
            sf2_assemble(&s);
            check_refused(&s.file, DM_ERR_FORMAT, words);
        }
        sf2_clear(&s);
    }
}

static void test_nothing_to_play(void)
{
    sf2_simple(&s);
    s.no_smpl = true;
    sf2_close(&s);
    sf2_assemble(&s);
    check_refused(&s.file, DM_ERR_FORMAT, "without a usable sample");
    sf2_clear(&s);

    sf2_simple(&s);
    s.table[SHDR].size = 0;
    sf2_close(&s);
    sf2_assemble(&s);
    check_refused(&s.file, DM_ERR_FORMAT, "without a usable sample");
    sf2_clear(&s);

    sf2_simple(&s);
    s.table[PHDR].size = 0;
    sf2_close(&s);
    sf2_assemble(&s);
    check_refused(&s.file, DM_ERR_FORMAT, "without a playable preset");
    sf2_clear(&s);

    sf2_simple(&s);
    s.table[PGEN].data[2] = 9; /* no such instrument */
    sf2_close(&s);
    sf2_assemble(&s);
    check_refused(&s.file, DM_ERR_FORMAT, "without a playable preset (1 named)");
    sf2_clear(&s);
}

/* A table that does not end with a whole record: the rest is cut off and said. */
static void test_partial_records(void)
{
    for (int i = 0; i < TABLES; i++) {
        sf2_simple(&s);
        sf2_close(&s);
        PUT(&s.table[i], 1, 2, 3);
        struct opened_bank o = bank_of(&s);
        char words[64];
        snprintf(words, sizeof words, "'%.4s' is cut off behind record", sf2_table_names[i]);
        CHECK(was_heard(words));
        CHECK_EQ(heard.count, 1);
        close_bank(&o);
        sf2_clear(&s);
    }
}

static void test_wrong_riff_size(void)
{
    static const struct {
        uint32_t size;
        const char *note;
    } cases[] = {{0xFFFFFFFF, "declares more bytes"}, {4, "behind its declared end"}, {100, "behind its declared end"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sf2_simple(&s);
        sf2_close(&s);
        sf2_assemble(&s);
        for (int k = 0; k < 4; k++)
            s.file.data[4 + k] = (uint8_t)(cases[i].size >> 8 * k);
        struct opened_bank o = open_bank(&s.file);
        CHECK_EQ(o.status, DM_OK);
        CHECK(was_heard(cases[i].note));
        CHECK(o.bank && o.bank->presets[0].zone_count == 1);
        close_bank(&o);
        sf2_clear(&s);
    }
}

static void put_rich_bank(void)
{
    sf2_simple(&s);
    sf2_text(&s, "INAM", "Bank");
    sf2_preset(&s, "Two", 1, 0);
    sf2_zone(&s, PRESET);
    sf2_mod(&s, PRESET, 1, 2, 3, 4, 5);
    sf2_zone(&s, PRESET);
    sf2_gen(&s, PRESET, 43, 0x4000);
    sf2_gen(&s, PRESET, 41, 1);
    sf2_instrument(&s, "Other");
    sf2_zone(&s, INSTRUMENT);
    sf2_gen(&s, INSTRUMENT, 44, 0x4000);
    sf2_gen(&s, INSTRUMENT, 53, 1);
    sf2_sample(&s, "Left", 0, 146, 146, 0, 4);
    for (int i = 0; i < 146; i++)
        PUT(&s.low, (uint8_t)i);
    sf2_close(&s);
    sf2_assemble(&s);
}

static void use(const struct sf2_bank *bank)
{
    for (uint32_t i = 0; i < bank->sample_count; i++) {
        int16_t frames[146];
        uint32_t count = sf2_sample_frames(bank, i);
        if (count > 0 && count <= 146)
            CHECK_EQ(sf2_sample_decode(bank, i, 0, count, frames, NULL), DM_OK);
    }
    for (uint32_t i = 0; i < bank->preset_count; i++)
        for (uint32_t k = 0; k < bank->presets[i].zone_count; k++) {
            const struct sf2_zone *zone = &bank->presets[i].zones[k];
            CHECK(zone->global || zone->target < bank->instrument_count);
        }
    for (uint32_t i = 0; i < bank->instrument_count; i++)
        for (uint32_t k = 0; k < bank->instruments[i].zone_count; k++) {
            const struct sf2_zone *zone = &bank->instruments[i].zones[k];
            CHECK(zone->global || zone->target < bank->sample_count);
        }
}

static void test_every_truncation(void)
{
    put_rich_bank();
    size_t whole = s.file.size, opened = 0;
    for (size_t cut = 0; cut <= whole; cut++) {
        long live = dm_alloc_live();
        s.file.size = cut;
        struct opened_bank o = open_bank(&s.file);
        if (o.status == DM_OK) {
            opened++;
            CHECK(cut == whole || heard.count > 0);
            use(o.bank);
        } else {
            CHECK_EQ(o.status, DM_ERR_FORMAT);
        }
        close_bank(&o);
        CHECK_EQ(dm_alloc_live(), live);
    }
    CHECK(opened > 40 && opened < 150); /* from some way into the last table, shdr, on */
    sf2_clear(&s);
}

/* Any byte of headers and tables at any of five values: the reader answers, and what it gives is in range. */
static void test_every_byte_damaged(void)
{
    put_rich_bank();
    for (size_t at = 0; at < s.file.size; at++) {
        static const uint8_t values[] = {0x00, 0xFF, 0x80, 0x7F, 0x01};
        uint8_t saved = s.file.data[at];
        for (int i = 0; i < 5; i++) {
            s.file.data[at] = values[i];
            struct opened_bank o = open_bank(&s.file);
            if (o.bank)
                use(o.bank);
            close_bank(&o);
        }
        s.file.data[at] = saved;
    }
    CHECK(true);
    sf2_clear(&s);
}

static void test_out_of_memory(void)
{
    put_rich_bank();
    long n = 1;
    for (;; n++) {
        long live = dm_alloc_live();
        dm_alloc_fail_at(n, true);
        struct opened_bank o = open_bank(&s.file);
        dm_alloc_fail_at(0, false);
        enum dm_status status = o.status;
        close_bank(&o);
        CHECK_EQ(dm_alloc_live(), live);
        if (status == DM_OK)
            break;
        CHECK_EQ(status, DM_ERR_NOMEM);
    }
    CHECK(n > 2);
    sf2_clear(&s);
}

int main(void)
{
    RUN(test_not_a_bank);
    RUN(test_missing_tables);
    RUN(test_nothing_to_play);
    RUN(test_partial_records);
    RUN(test_wrong_riff_size);
    RUN(test_every_truncation);
    RUN(test_every_byte_damaged);
    RUN(test_out_of_memory);
    return tap_done();
}
