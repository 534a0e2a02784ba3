/* SPDX-License-Identifier: MIT */
/* Bad input: truncated, bit-flipped, empty, of another kind, missing; and memory that runs out anywhere. */
#define _POSIX_C_SOURCE 200809L
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"
#include "dmus/dmus.h"
#include "player/bank.h"
#include "tap.h"
#include "testbank.h"

static struct dmus_error err;

static int discard(void *ctx, const void *frames, size_t count)
{
    (void)ctx, (void)frames, (void)count;
    return 0;
}

static enum dmus_status play(struct dmus_bank *bank, struct dmus_song *song)
{
    struct dmus_render_options options = DMUS_INIT(dmus_render_options);
    struct dmus_output output = DMUS_INIT(dmus_output);
    dmus_render_defaults(&options);
    options.sample_rate = 8000;
    options.interpolation = DMUS_INTERPOLATE_LINEAR;
    options.reverb = options.chorus = DMUS_OFF;
    options.loudness = false;
    options.tail = DMUS_TAIL_LAST_EVENT;
    options.to_seconds = 0.3;
    options.polyphony = 16;
    output.format = DMUS_F32;
    output.write = discard;
    err = (struct dmus_error)DMUS_INIT(dmus_error);
    return dmus_render(song, &bank, 1, &options, &output, NULL, &err);
}

static bool explained(const char *name) { return err.text[0] && (!name || strstr(err.text, name) != NULL); }

/* Open and play; every outcome is allowed but silence about the reason, and no leak. */
static void try_bank(const uint8_t *data, size_t size, struct dmus_song *song, long *opened)
{
    struct dmus_bank *bank;
    err = (struct dmus_error)DMUS_INIT(dmus_error);
    enum dmus_status status = dmus_bank_open_memory(data, size, "damaged.sf2", &bank, &err);
    if (status != DMUS_OK) {
        CHECK(bank == NULL && explained("damaged.sf2"));
        return;
    }
    ++*opened;
    status = play(bank, song);
    CHECK(status == DMUS_OK || explained(NULL));
    dmus_bank_close(bank);
}

static void test_truncated_and_flipped_banks(void)
{
    struct blob file = testbank_make(), midi = testsong_random(2, 30, 0.3);
    struct dmus_song *song;
    CHECK_EQ(dmus_song_open_memory(midi.data, midi.size, "ok.mid", &song, NULL), DMUS_OK);
    long live = dm_alloc_live(), opened = 0;
    for (size_t size = 0; size < file.size; size += size < 200 ? 1 : 157)
        try_bank(file.data, size, song, &opened);
    /* The tables, where a flip hurts most, lie at the end. */
    uint32_t state = 5;
    for (int i = 0; i < 400; i++) {
        state = state * 1664525u + 1013904223u;
        size_t reach = i % 4 ? 4000 : file.size, at = file.size - 1 - (state >> 8) % reach;
        uint8_t bit = (uint8_t)(1u << (state >> 5 & 7));
        file.data[at] ^= bit;
        try_bank(file.data, file.size, song, &opened);
        file.data[at] ^= bit;
    }
    CHECK(opened > 100);
    CHECK_EQ(dm_alloc_live(), live);
    dmus_song_close(song);
    blob_free(&file);
    blob_free(&midi);
}

static void test_truncated_and_flipped_songs(void)
{
    struct blob file = testbank_make(), midi = testsong_random(2, 60, 0.3);
    struct dmus_bank *bank;
    CHECK_EQ(dmus_bank_open_memory(file.data, file.size, "ok.sf2", &bank, NULL), DMUS_OK);
    long opened = 0;
    uint32_t state = 9;
    for (int i = 0; i < 300; i++) {
        size_t size = midi.size;
        uint8_t bit = 0;
        state = state * 1664525u + 1013904223u;
        size_t at = (state >> 8) % midi.size;
        if (i % 2)
            size = at;
        else
            bit = (uint8_t)(1u << (state >> 5 & 7));
        midi.data[at] ^= bit;
        struct dmus_song *song;
        err = (struct dmus_error)DMUS_INIT(dmus_error);
        if (dmus_song_open_memory(midi.data, size, "damaged.mid", &song, &err) == DMUS_OK) {
            opened++;
            CHECK(play(bank, song) == DMUS_OK || explained("damaged.mid"));
            dmus_song_close(song);
        } else {
            CHECK(song == NULL && explained("damaged.mid"));
        }
        midi.data[at] ^= bit;
    }
    CHECK(opened > 50);
    dmus_bank_close(bank);
    blob_free(&file);
    blob_free(&midi);
}

static void test_wrong_things(void)
{
    err = (struct dmus_error)DMUS_INIT(dmus_error);
    struct blob file = testbank_make();
    struct smf_writer w = {0};
    smfw_message(&w, 0, 0xC0, 5, 0);
    struct blob mute = smfw_finish(&w, 1000);
    struct dmus_bank *bank;
    struct dmus_song *song;
    CHECK_EQ(dmus_bank_open("/nonexistent/x.sf2", &bank, &err), DMUS_ERR_OPEN);
    CHECK(explained("/nonexistent/x.sf2"));
    CHECK_EQ(dmus_bank_open("/", &bank, &err), DMUS_ERR_OPEN);
    CHECK(explained("/"));
    CHECK_EQ(dmus_song_open("/", &song, &err), DMUS_ERR_OPEN);
    CHECK_EQ(dmus_bank_open_memory("", 0, "empty", &bank, &err), DMUS_ERR_FORMAT);
    CHECK(explained("empty: empty file"));
    CHECK_EQ(dmus_song_open_memory("", 0, "empty", &song, &err), DMUS_ERR_FORMAT);
    CHECK_EQ(dmus_bank_open_memory(mute.data, mute.size, "song", &bank, &err), DMUS_ERR_FORMAT);
    CHECK(explained("song, not a bank"));
    CHECK_EQ(dmus_song_open_memory(file.data, file.size, "bank", &song, &err), DMUS_ERR_FORMAT);
    CHECK(explained("bank, not a song"));
    CHECK_EQ(dmus_bank_open_memory("hello world, how are you", 24, "text", &bank, &err), DMUS_ERR_FORMAT);
    CHECK_EQ(dmus_bank_open_memory(NULL, 5, "null", &bank, &err), DMUS_ERR_ARGUMENT);

    struct sf2_writer empty = {0};
    struct blob nothing = sf2w_finish(&empty);
    CHECK_EQ(dmus_bank_open_memory(nothing.data, nothing.size, "none.sf2", &bank, &err), DMUS_ERR_FORMAT);
    CHECK(explained("none.sf2"));

    CHECK_EQ(dmus_song_open_memory(mute.data, mute.size, "mute.mid", &song, &err), DMUS_OK);
    CHECK_EQ(dmus_bank_open_memory(file.data, file.size, "ok.sf2", &bank, &err), DMUS_OK);
    CHECK_EQ(play(bank, song), DMUS_ERR_FORMAT);
    CHECK(explained("mute.mid: no note"));
    dmus_song_close(song);
    smfw_message(&w, 0, 0xC0, 99, 0);
    smfw_message(&w, 0, 0x90, 60, 100);
    struct blob lost = smfw_finish(&w, 1000);
    CHECK_EQ(dmus_song_open_memory(lost.data, lost.size, "lost.mid", &song, &err), DMUS_OK);
    CHECK_EQ(play(bank, song), DMUS_ERR_NOT_FOUND);
    CHECK(explained("ok.sf2"));
    dmus_song_close(song);
    dmus_bank_close(bank);
    blob_free(&lost);
    blob_free(&nothing);
    blob_free(&mute);
    blob_free(&file);
}

/* Nothing here takes a second; what is not bounded takes minutes. */
#define PATIENCE (20 * (double)CLOCKS_PER_SEC)

/* A bank of FILE, and what playing a note with it says, which must not take long. */
static enum dmus_status play_one_note(const struct blob *file, struct dmus_bank **bank)
{
    struct smf_writer s = {0};
    smfw_message(&s, 0, 0x90, 50, 100);
    struct blob midi = smfw_finish(&s, 480);
    struct dmus_song *song = NULL;
    clock_t begin = clock();
    CHECK_EQ(dmus_bank_open_memory(file->data, file->size, "hostile.sf2", bank, &err), DMUS_OK);
    CHECK_EQ(dmus_song_open_memory(midi.data, midi.size, "one.mid", &song, &err), DMUS_OK);
    enum dmus_status status = play(*bank, song);
    CHECK((double)(clock() - begin) < PATIENCE);
    dmus_song_close(song);
    blob_free(&midi);
    return status;
}

/* Zones of a preset and of its instrument multiply; 4100 times 4100 of them, in each of 15 presets, must not keep anybody
 * waiting. */
static void test_zones_that_multiply(void)
{
    enum { ZONES = 4100, PRESETS = 15, STEPS = 1 << 25 };
    static const int16_t silence[64];
    struct sf2_writer w = {0};
    uint16_t sample = sf2w_sample(&w, "s", silence, 64, 0, 64, 8000, 60, 0, 0, 1);
    uint16_t inst = sf2w_instrument(&w, "many");
    for (int i = 0; i < ZONES; i++) {
        sf2w_izone(&w);
        sf2w_igen(&w, 43, i ? sf2w_range(127, 127) : sf2w_range(50, 50));
        sf2w_igen(&w, 53, sample);
    }
    for (int p = 0; p < PRESETS; p++) {
        sf2w_preset(&w, "many", 0, (uint16_t)p);
        for (int i = 0; i < ZONES; i++) {
            sf2w_pzone(&w);
            sf2w_pgen(&w, 43, sf2w_range(i ? 0 : 50, 50));
            sf2w_pgen(&w, 41, inst);
        }
    }
    struct blob file = sf2w_finish(&w);
    struct dmus_bank *bank = NULL;
    struct dmus_instrument_info info = DMUS_INIT(dmus_instrument_info);
    CHECK_EQ(play_one_note(&file, &bank), DMUS_OK);
    CHECK_EQ(dmus_bank_get_instrument(bank, 0, &info), DMUS_OK);
    /* One zone of the instrument meets all of the preset's that were looked at. Each takes two generators of its own and
     * three steps for each zone of the instrument, with its two generators. */
    CHECK_EQ(info.regions, STEPS / (3 * ZONES + 2));
    CHECK_EQ(dmus_bank_get_instrument(bank, 1, &info), DMUS_OK);
    CHECK_EQ(info.regions, 0);
    dmus_bank_close(bank);
    blob_free(&file);
}

/* 16000 modulators of a preset's zone for each of 8000 zones of an instrument. */
static void test_modulators_that_multiply(void)
{
    enum { ZONES = 8000, MODULATORS = 16000 };
    static const int16_t silence[64];
    struct sf2_writer w = {0};
    uint16_t sample = sf2w_sample(&w, "s", silence, 64, 0, 64, 8000, 60, 0, 0, 1);
    uint16_t inst = sf2w_instrument(&w, "many");
    for (int i = 0; i < ZONES; i++) {
        sf2w_izone(&w);
        sf2w_igen(&w, 53, sample);
    }
    sf2w_preset(&w, "many", 0, 0);
    sf2w_pzone(&w);
    sf2w_pgen(&w, 41, inst);
    for (int i = 0; i < MODULATORS; i++)
        sf2w_pmod(&w, (uint16_t)i, 48, 1, 0, 0);
    struct blob file = sf2w_finish(&w);
    struct dmus_bank *bank = NULL;
    CHECK_EQ(play_one_note(&file, &bank), DMUS_OK);
    dmus_bank_close(bank);
    blob_free(&file);
}

/* 4000 waves that are nearly as long as the pool: of zones that each begin a frame later, or of sample headers that name the same
 * frames. */
static void many_waves(bool headers)
{
    enum { FRAMES = 100000, ZONES = 4000, HEADER = 46 };
    static const int16_t silence[FRAMES];
    struct sf2_writer w = {0};
    uint8_t header[HEADER];
    sf2w_sample(&w, "s", silence, FRAMES, 0, FRAMES, 8000, 60, 0, 0, 1);
    memcpy(header, w.shdr.data, HEADER);
    for (int i = 1; headers && i < ZONES; i++)
        blob_add(&w.shdr, header, HEADER);
    sf2w_instrument(&w, "many");
    for (int i = 0; i < ZONES; i++) {
        sf2w_izone(&w);
        sf2w_igen(&w, 0, headers ? 0 : i);
        sf2w_igen(&w, 53, headers ? i : 0);
    }
    sf2w_preset(&w, "many", 0, 0);
    sf2w_pzone(&w);
    sf2w_pgen(&w, 41, 0);
    struct blob file = sf2w_finish(&w);
    struct dmus_bank *bank = NULL;
    const struct dls_instrument *many = NULL;
    CHECK_EQ(play_one_note(&file, &bank), DMUS_OK);
    CHECK_EQ(bank->ops->instrument(bank, 0, &many, NULL), DM_OK);
    /* Eight times the pool and 2^24 frames. */
    CHECK(many->region_count >= 100 && many->region_count <= 9 + (1 << 24) / (FRAMES - ZONES));
    const char *remark = bank->ops->instrument_remark(bank, 0, 0);
    CHECK(remark && strstr(remark, "preset 'many', instrument 'many': sample 's'") && strstr(remark, "left out"));
    dmus_bank_close(bank);
    blob_free(&file);
}

static void test_zones_that_multiply_samples(void) { many_waves(false); }
static void test_headers_that_multiply_samples(void) { many_waves(true); }

/* Names of 20 bytes are longer in UTF-8: a remark has them whole, and no half of a letter. */
static void test_names_in_remarks(void)
{
    static const int16_t silence[64];
    static const char name[] = "a\xE9\xE9\xE9\xE9\xE9\xE9\xE9\xE9\xE9\xE9\xE9\xE9\xE9\xE9\xE9\xE9\xE9\xE9\xE9";
    struct sf2_writer w = {0};
    uint16_t sample = sf2w_sample(&w, name, silence, 64, 0, 64, 8000, 60, 0, 0, 1);
    sf2w_instrument(&w, name);
    sf2w_izone(&w);
    sf2w_igen(&w, 33, 0); /* a delay of a second */
    sf2w_igen(&w, 53, sample);
    sf2w_preset(&w, name, 0, 0);
    sf2w_pzone(&w);
    sf2w_pgen(&w, 41, 0);
    struct blob file = sf2w_finish(&w);
    struct dmus_bank *bank = NULL;
    CHECK_EQ(play_one_note(&file, &bank), DMUS_OK);
    const char *remark = bank->ops->instrument_remark(bank, 0, 0);
    struct dmus_instrument_info info = DMUS_INIT(dmus_instrument_info);
    CHECK_EQ(dmus_bank_get_instrument(bank, 0, &info), DMUS_OK);
    if (CHECK(remark != NULL)) {
        CHECK(text_valid_utf8(remark, strlen(remark)));
        CHECK(strncmp(remark + strlen("preset '"), info.name, strlen(info.name)) == 0);
        CHECK(strstr(remark, "before its envelope begins") != NULL);
    }
    dmus_bank_close(bank);
    blob_free(&file);
}

/* One whole life, from bytes to sound and to a DLS file. */
static enum dmus_status live_once(const struct blob *file, const struct blob *midi)
{
    struct dmus_bank *bank = NULL;
    struct dmus_song *song = NULL;
    err = (struct dmus_error)DMUS_INIT(dmus_error);
    enum dmus_status status = dmus_bank_open_memory(file->data, file->size, "m.sf2", &bank, &err);
    if (status == DMUS_OK)
        status = dmus_song_open_memory(midi->data, midi->size, "m.mid", &song, &err);
    if (status == DMUS_OK)
        status = play(bank, song);
    if (status == DMUS_OK)
        status = dmus_convert(bank, "/dev/null", NULL, NULL, &err);
    dmus_song_close(song);
    dmus_bank_close(bank);
    return status;
}

static void test_memory_runs_out(void)
{
    struct blob file = testbank_make();
    struct smf_writer w = {0};
    smfw_message(&w, 0, 0x90, 50, 100);
    smfw_message(&w, 0, 0x99, 36, 100);
    struct blob midi = smfw_finish(&w, 480);
    long live = dm_alloc_live(), failed = 0, wrong = 0;
    for (long n = 1; n < 5000; n++) {
        dm_alloc_fail_at(n, true);
        enum dmus_status status = live_once(&file, &midi);
        dm_alloc_fail_at(0, false);
        if (status == DMUS_OK)
            break;
        failed++;
        if (status != DMUS_ERR_NOMEM && wrong++ < 5)
            printf("# allocation %ld: status %d, %s\n", n, (int)status, err.text);
        if (dm_alloc_live() != live) {
            CHECK_EQ(dm_alloc_live(), live);
            printf("# allocation %ld leaked\n", n);
            break;
        }
    }
    printf("# %ld allocations\n", failed);
    CHECK(failed > 50);
    CHECK_EQ(wrong, 0);
    CHECK_EQ(dm_alloc_live(), live);
    blob_free(&file);
    blob_free(&midi);
}

int main(void)
{
    RUN(test_wrong_things);
    RUN(test_truncated_and_flipped_banks);
    RUN(test_truncated_and_flipped_songs);
    RUN(test_zones_that_multiply);
    RUN(test_modulators_that_multiply);
    RUN(test_zones_that_multiply_samples);
    RUN(test_headers_that_multiply_samples);
    RUN(test_names_in_remarks);
    RUN(test_memory_runs_out);
    return tap_done();
}
