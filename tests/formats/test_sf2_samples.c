/* SPDX-License-Identifier: MIT */
/* Sample headers and sample data of a sound bank. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* MAP_ANONYMOUS */
#endif
#include <sys/mman.h>
#include <unistd.h>

#include "sf2_builder.h"

static struct sf2_builder s;

static void test_a_good_sample(void)
{
    sf2_simple(&s);
    sf2_close(&s);
    struct opened_bank o = bank_of(&s);
    const struct sf2_sample *sample = &o.bank->samples[0];
    CHECK_STR(sample->name, "Sample");
    CHECK_EQ(sample->start, 0);
    CHECK_EQ(sample->end, 100);
    CHECK_EQ(sample->loop_start, 10);
    CHECK_EQ(sample->loop_end, 90);
    CHECK_EQ(sample->sample_rate, 32000);
    CHECK_EQ(sample->original_key, 61);
    CHECK_EQ(sample->correction, -5);
    CHECK_EQ(sample->type, 1);
    CHECK(sample->usable && !sample->rom && !sample->vorbis);
    CHECK_EQ(sf2_sample_frames(o.bank, 0), 100);
    CHECK_EQ(sf2_sample_frames(o.bank, 1), 0);
    CHECK_EQ(o.bank->pool.size, 292);
    CHECK_EQ(o.bank->pool24.size, 0);
    CHECK_EQ(heard.count, 0);
    close_bank(&o);
    sf2_clear(&s);
}

/* The pool has 1000 frames; sample 0 is good so that the bank opens. */
static void test_ranges_and_loops(void)
{
    static const struct {
        uint32_t start, end, loop_start, loop_end; /* in the file */
        bool usable;
        uint32_t want_end, want_loop_start, want_loop_end;
        const char *note;
    } cases[] = {
        {100, 200, 110, 190, true, 200, 10, 90, NULL},
        {100, 200, 100, 200, true, 200, 0, 100, NULL},
        {0, 1000, 0, 1000, true, 1000, 0, 1000, NULL},
        {100, 200, 150, 150, true, 200, 0, 0, NULL}, /* no loop, the usual one-shot */
        {100, 200, 0, 0, true, 200, 0, 0, NULL},
        {100, 200, 190, 110, true, 200, 10, 90, "loop 190 to 110 repaired to 110 to 190"},
        {100, 200, 90, 190, true, 200, 0, 90, "loop 90 to 190 repaired to 100 to 190"},
        {100, 200, 110, 201, true, 200, 10, 100, "repaired to 110 to 200"},
        {100, 200, 110, 0xFFFFFFFF, true, 200, 10, 100, "repaired"},
        {100, 200, 10, 100, true, 200, 0, 0, "lies outside, no loop"},
        {100, 200, 10, 90, true, 200, 0, 0, "lies outside, no loop"},
        {100, 200, 200, 300, true, 200, 0, 0, "lies outside, no loop"},
        {900, 1001, 910, 1000, true, 1000, 10, 100, "ends at 1001, data at 1000"},
        {900, 0xFFFFFFFF, 0, 0, true, 1000, 0, 0, "ends at 4294967295"},
        {1000, 1100, 0, 0, false, 1100, 0, 0, "1000 to 1100 of 1000, silent"},
        {0xFFFFFFF0, 0xFFFFFFFF, 0, 0, false, 0xFFFFFFFF, 0, 0, "silent"},
        {200, 100, 0, 0, false, 100, 0, 0, "200 to 100 of 1000, silent"},
        {100, 100, 0, 0, false, 100, 0, 0, "silent"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sf2_simple(&s);
        sf2_ramp(&s, 1000 - 146);
        sf2_sample(&s, "Case", cases[i].start, cases[i].end, cases[i].loop_start, cases[i].loop_end, 1);
        sf2_close(&s);
        struct opened_bank o = bank_of(&s);
        const struct sf2_sample *sample = &o.bank->samples[1];
        CHECK_EQ(sample->usable, cases[i].usable);
        CHECK_EQ(sample->start, cases[i].start);
        CHECK_EQ(sample->end, cases[i].want_end);
        CHECK_EQ(sample->loop_start, cases[i].want_loop_start);
        CHECK_EQ(sample->loop_end, cases[i].want_loop_end);
        CHECK_EQ(heard.count, cases[i].note ? 1 : 0);
        CHECK(!cases[i].note || (was_heard("sample 1 'Case': ") && was_heard(cases[i].note)));
        CHECK_EQ(sf2_sample_frames(o.bank, 1), cases[i].usable ? cases[i].want_end - cases[i].start : 0);
        close_bank(&o);
        sf2_clear(&s);
    }
}

static void test_odd_values(void)
{
    static const struct {
        uint8_t key, want_key;
        uint32_t rate, want_rate;
        unsigned notes;
    } cases[] = {{0, 0, 8000, 8000, 0},       {127, 127, 384000, 384000, 0}, {255, 60, 44100, 44100, 0},
                 {128, 60, 44100, 44100, 1},  {254, 60, 0, 22050, 2},        {60, 60, 384001, 384000, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sf2_simple(&s);
        s.table[SHDR].data[40] = cases[i].key;
        for (int k = 0; k < 4; k++)
            s.table[SHDR].data[36 + k] = (uint8_t)(cases[i].rate >> 8 * k);
        s.table[SHDR].data[42] = 0x39;
        s.table[SHDR].data[43] = 0x30;
        s.table[SHDR].data[44] = 4;
        sf2_close(&s);
        struct opened_bank o = bank_of(&s);
        CHECK_EQ(o.bank->samples[0].original_key, cases[i].want_key);
        CHECK_EQ(o.bank->samples[0].sample_rate, cases[i].want_rate);
        CHECK_EQ(o.bank->samples[0].link, 12345); /* as in the file, even beyond the last sample */
        CHECK_EQ(o.bank->samples[0].type, 4);
        CHECK_EQ(heard.count, cases[i].notes);
        close_bank(&o);
        sf2_clear(&s);
    }
}

static void test_rom(void)
{
    sf2_simple(&s);
    sf2_sample(&s, "Rom", 0, 100, 0, 0, 0x8001);
    sf2_close(&s);
    struct opened_bank o = bank_of(&s);
    CHECK(o.bank->samples[1].rom && !o.bank->samples[1].usable);
    CHECK(was_heard("sample 1 'Rom': in the ROM"));
    int16_t frame = 1;
    struct dm_error err = {DM_OK, ""};
    CHECK_EQ(sf2_sample_decode(o.bank, 1, 0, 1, &frame, &err), DM_ERR_FORMAT);
    CHECK_STR(err.text, "sample 1 'Rom' has no data");
    close_bank(&o);
    sf2_clear(&s);

    sf2_simple(&s);
    s.table[SHDR].data[45] = 0x80;
    sf2_close(&s);
    sf2_assemble(&s);
    o = open_bank(&s.file);
    CHECK_EQ(o.status, DM_ERR_UNSUPPORTED);
    close_bank(&o);
    sf2_clear(&s);
}

static void test_decode_16_bit(void)
{
    sf2_simple(&s);
    sf2_ramp(&s, 65536 - 146);
    sf2_sample(&s, "All", 40000, 65536, 0, 0, 1);
    sf2_close(&s);
    struct opened_bank o = bank_of(&s);
    static int16_t frames[25536];
    CHECK_EQ(sf2_sample_decode(o.bank, 1, 0, 25536, frames, NULL), DM_OK);
    int wrong = 0;
    for (int i = 0; i < 25536; i++)
        wrong += frames[i] != 40000 + i - 65536; /* frame n holds n modulo 65536 */
    CHECK_EQ(wrong, 0);
    CHECK_EQ(sf2_sample_decode(o.bank, 1, 25535, 1, frames, NULL), DM_OK);
    CHECK_EQ(frames[0], -1);
    CHECK_EQ(sf2_sample_decode(o.bank, 1, 25536, 0, frames, NULL), DM_OK);
    struct dm_error err = {DM_OK, ""};
    CHECK_EQ(sf2_sample_decode(o.bank, 1, 25535, 2, frames, &err), DM_ERR_ARGUMENT);
    CHECK_EQ(sf2_sample_decode(o.bank, 1, 25537, 0, frames, &err), DM_ERR_ARGUMENT);
    CHECK_EQ(sf2_sample_decode(o.bank, 1, 1, UINT32_MAX, frames, &err), DM_ERR_ARGUMENT);
    CHECK_EQ(sf2_sample_decode(o.bank, 2, 0, 1, frames, &err), DM_ERR_ARGUMENT);
    close_bank(&o);
    sf2_clear(&s);
}

/* 24-bit frames to the nearest 16-bit value, compared with the division of the whole number. */
static void test_decode_24_bit(void)
{
    enum { N = 3000 };
    static int32_t values[N];
    static int16_t frames[N];
    uint32_t random = 1;
    sf2_simple(&s);
    s.pool.size = 0;
    for (int i = 0; i < N; i++) {
        random = random * 1664525u + 1013904223u;
        static const int32_t edges[] = {0, 127, 128, 129, -127, -128, -129, 8388607, -8388608, 8388479, 8388480, -256};
        values[i] = i < 12 ? edges[i] : (int32_t)(random >> 8) - 8388608;
        put_le16(&s.pool, (uint32_t)values[i] >> 8 & 0xFFFF);
        PUT(&s.low, (uint8_t)values[i]);
    }
    sf2_sample(&s, "24", 1, N, 0, 0, 1);
    sf2_close(&s);
    struct opened_bank o = bank_of(&s);
    CHECK_EQ(o.bank->pool24.size, N);
    CHECK_EQ(sf2_sample_decode(o.bank, 1, 0, N - 1, frames + 1, NULL), DM_OK);
    int wrong = 0;
    for (int i = 1; i < N; i++) {
        double nearest = floor(values[i] / 256.0 + 0.5);
        wrong += frames[i] != (nearest > 32767 ? 32767 : nearest);
    }
    CHECK_EQ(wrong, 0);
    CHECK_EQ(heard.count, 0);
    close_bank(&o);
    sf2_clear(&s);
}

static void test_sm24_that_does_not_count(void)
{
    static const struct {
        unsigned minor;
        size_t frames, low;
        const char *note; /* NULL: it counts */
    } cases[] = {{4, 146, 146, NULL},       {4, 147, 147, NULL},   {4, 147, 148, NULL},       {4, 146, 148, "ignored"},
                 {4, 146, 145, "ignored"},  {4, 146, 1, "of 1 bytes for 146"},    {1, 146, 146, "2.01 bank"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sf2_version(&s, 2, cases[i].minor);
        sf2_simple(&s);
        sf2_ramp(&s, (unsigned)cases[i].frames - 146);
        for (size_t k = 0; k < cases[i].low; k++)
            PUT(&s.low, 0xFF);
        sf2_close(&s);
        struct opened_bank o = bank_of(&s);
        int16_t frame = 0;
        CHECK_EQ(sf2_sample_decode(o.bank, 0, 50, 1, &frame, NULL), DM_OK);
        CHECK_EQ(frame, cases[i].note ? 50 : 51);
        CHECK_EQ(o.bank->pool24.size > 0, !cases[i].note);
        CHECK_EQ(heard.count, cases[i].note ? 1 : 0);
        close_bank(&o);
        sf2_clear(&s);
    }
}

/* Opening looks at the records only. The sample pages may not even be read here. */
static void test_samples_are_not_touched(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    sf2_simple(&s);
    sf2_ramp(&s, (unsigned)(4 * page));
    sf2_close(&s);
    sf2_assemble(&s);
    size_t size = (s.file.size + page - 1) / page * page;
    uint8_t *bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(bytes != MAP_FAILED);
    memcpy(bytes, s.file.data, s.file.size);
    CHECK(mprotect(bytes + page, 7 * page, PROT_NONE) == 0); /* smpl begins in the first page and has 8 */
    struct sf2_bank *bank;
    CHECK_EQ(sf2_read((struct span){bytes, s.file.size}, NULL, &bank, NULL), DM_OK);
    CHECK(bank->pool.data < bytes + page && bank->pool.data + bank->pool.size > bytes + 8 * page);
    CHECK_EQ(sf2_sample_frames(bank, 0), 100);
    sf2_free(bank);
    munmap(bytes, size);
    sf2_clear(&s);
}

int main(void)
{
    RUN(test_a_good_sample);
    RUN(test_ranges_and_loops);
    RUN(test_odd_values);
    RUN(test_rom);
    RUN(test_decode_16_bit);
    RUN(test_decode_24_bit);
    RUN(test_sm24_that_does_not_count);
    RUN(test_samples_are_not_touched);
    return tap_done();
}
