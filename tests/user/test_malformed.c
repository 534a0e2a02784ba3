/* SPDX-License-Identifier: MIT */
/*
 * Download images of every type with one thing wrong, and the HRESULT of ddi-user.md 6.8 for it. Then every image cut off at every
 * length and with every word replaced by extremes: some documented code, no trace left, no byte read beyond the block (each lies in
 * one of its exact size, for the sanitizers).
 */
#include "base/bytes.h"
#include "stage.h"

static struct stage stage;
static const int16_t samples[8] = {1, -2, 3, -4, 5, -6, 7, -8};

#define BAD_OFFSET_TABLE ((HRESULT)0x8878112C)
#define UNKNOWN_DOWNLOAD ((HRESULT)0x8878112D)
#define BAD_INSTRUMENT   ((HRESULT)0x88781127)
#define BAD_ARTICULATION ((HRESULT)0x88781126)
#define NO_ARTICULATION  ((HRESULT)0x88781129)
#define BAD_WAVE_LINK    ((HRESULT)0x88781128)
#define BAD_WAVE         ((HRESULT)0x8878112B)
#define NOT_PCM          ((HRESULT)0x8878112A)
#define NOT_MONO         ((HRESULT)0x88781125)

/* Waves 1 (type 2), 2 (type 6) and buffers 3..5 (type 5) are there. */
static struct image whole_instrument1(void) { return image_instrument1(10, 0, 1); }
static struct image whole_wave(void) { return image_wave(10, samples, 8, 22050); }
static struct image whole_instrument2(void)
{
    static const struct connection_desc connections[2] = {{0, 0, 0x206, 0, -1000 * 65536}, {1, 0x81, 3, 0x4000, 50 << 16}};
    return image_instrument(&(struct instrument_desc){
        .id = 10, .wave_id = 1, .unity_note = 60, .loop_length = 8, .connections = connections, .connection_count = 2});
}
static struct image whole_articulation(void)
{
    return image_wave_articulation(10, 0xFFFFFFFF, 10, 0, (const uint32_t[]){3, 4, 5}, 3);
}
static struct image whole_buffer(void) { return image_play_wave(5, 10, samples, 8, 22050); }
static struct image whole_one_shot(void) { return image_play_wave(6, 10, samples, 8, 22050); }

static struct image (*const kinds[])(void) = {whole_instrument1, whole_wave, whole_instrument2, whole_articulation, whole_buffer,
                                              whole_one_shot};

static void open_stage(void)
{
    stage_open(&stage, (struct stage_options){0});
    stage_load(&stage, image_wave(1, samples, 8, 22050));
    stage_load(&stage, image_play_wave(6, 2, samples, 8, 22050));
    for (uint32_t id = 3; id <= 5; id++)
        stage_load(&stage, image_play_wave(5, id, samples, 8, 22050));
}

/* Offer the first SIZE bytes of IMAGE (at least the head that every image has), in a block of just that size at OFFSET to an
 * 8-byte boundary. An accepted one is unloaded again. */
static HRESULT offer(const struct image *image, uint32_t size, uint32_t offset)
{
    uint32_t room = size > 16 ? size : 16;
    uint8_t *block = malloc(room + offset);
    HANDLE handle = (HANDLE)1;
    BOOL may_free = 2;
    if (!block)
        abort();
    memcpy(block + offset, image->bytes, room < image->size ? room : image->size);
    long live = dm_alloc_live();
    HRESULT hr = IDirectMusicSynth8_Download(stage.synth, &handle, block + offset, &may_free);
    if (hr == S_OK) {
        CHECK(handle != NULL);
        CHECK_EQ(IDirectMusicSynth8_Unload(stage.synth, handle, NULL, NULL), S_OK);
    } else {
        CHECK(handle == NULL);
        CHECK_EQ(may_free, TRUE);
    }
    CHECK_EQ(dm_alloc_live(), live);
    free(block);
    return hr;
}

/* ---- one thing wrong --------------------------------------------------------- */

struct defect {
    struct image (*make)(void);
    const char *what;
    uint32_t at, value, size; /* VALUE of SIZE bytes at AT */
    HRESULT result;
};

#define PARAMS_AT       (ARTIC_AT + 8u)
#define PLAY_WAVE_ROOT  24u
#define PLAY_WAVE_PART1 44u /* DMUS_WAVE behind 4 + 16 bytes of root */

static const struct defect defects[] = {
    /* head and table, the same for all */
    {whole_wave, "type 0", 0, 0, 4, UNKNOWN_DOWNLOAD},
    {whole_wave, "type 7", 0, 7, 4, UNKNOWN_DOWNLOAD},
    {whole_wave, "type 2^32-1", 0, 0xFFFFFFFF, 4, UNKNOWN_DOWNLOAD},
    {whole_instrument1, "no entries", 8, 0, 4, BAD_OFFSET_TABLE},
    {whole_wave, "no entries", 8, 0, 4, BAD_OFFSET_TABLE},
    {whole_instrument2, "no entries", 8, 0, 4, BAD_OFFSET_TABLE},
    {whole_articulation, "no entries", 8, 0, 4, BAD_OFFSET_TABLE},
    {whole_buffer, "no entries", 8, 0, 4, BAD_OFFSET_TABLE},
    {whole_one_shot, "no entries", 8, 0, 4, BAD_OFFSET_TABLE},
    {whole_instrument2, "2^32-1 entries", 8, 0xFFFFFFFF, 4, BAD_OFFSET_TABLE},
    {whole_wave, "a table of 2^32 bytes", 8, 0x40000000, 4, BAD_OFFSET_TABLE},
    {whole_one_shot, "a table that wraps onto the root", 8, 0x40000002, 4, BAD_OFFSET_TABLE},
    {whole_wave, "size below the head", 12, 15, 4, BAD_OFFSET_TABLE},
    {whole_articulation, "size 0", 12, 0, 4, BAD_OFFSET_TABLE},
    {whole_instrument1, "root not behind the table", 16, 36, 4, BAD_OFFSET_TABLE},
    {whole_one_shot, "root in the table", 16, 16, 4, BAD_OFFSET_TABLE},
    {whole_articulation, "root at 2^32-1", 16, 0xFFFFFFFF, 4, BAD_OFFSET_TABLE},

    /* type 2 */
    {whole_wave, "data entry past the end", 20, 0xFFFFFFF0, 4, BAD_OFFSET_TABLE},
    {whole_wave, "data entry in the table", 20, 16, 4, BAD_OFFSET_TABLE},
    {whole_wave, "data index 0", 24 + 8, 0, 4, BAD_WAVE},
    {whole_wave, "data index out of the table", 24 + 8, 2, 4, BAD_WAVE},
    {whole_wave, "data index 2^32-1", 24 + 8, 0xFFFFFFFF, 4, BAD_WAVE},
    {whole_wave, "tag 3", WAVE_FORMAT_AT, 3, 2, NOT_PCM},
    {whole_wave, "tag 0xFFFE", WAVE_FORMAT_AT, 0xFFFE, 2, NOT_PCM},
    {whole_wave, "no channel", WAVE_FORMAT_AT + 2, 0, 2, NOT_MONO},
    {whole_wave, "two channels", WAVE_FORMAT_AT + 2, 2, 2, NOT_MONO},
    {whole_wave, "rate 0", WAVE_FORMAT_AT + 4, 0, 4, BAD_WAVE},
    {whole_wave, "rate 2^32-1", WAVE_FORMAT_AT + 4, 0xFFFFFFFF, 4, BAD_WAVE},
    {whole_wave, "block of 3", WAVE_FORMAT_AT + 12, 3, 2, BAD_WAVE},
    {whole_wave, "24 bits", WAVE_FORMAT_AT + 14, 24, 2, BAD_WAVE},
    {whole_wave, "0 bits", WAVE_FORMAT_AT + 14, 0, 2, BAD_WAVE},
    {whole_wave, "more data than there is", WAVE_DATA_AT, 21, 4, BAD_WAVE},
    {whole_wave, "2^32-1 bytes of data", WAVE_DATA_AT, 0xFFFFFFFF, 4, BAD_WAVE},

    /* type 3 */
    {whole_instrument2, "first region out of the table", INSTRUMENT_AT + 4, 4, 4, BAD_INSTRUMENT},
    {whole_instrument2, "first region 2^32-1", INSTRUMENT_AT + 4, 0xFFFFFFFF, 4, BAD_INSTRUMENT},
    {whole_instrument2, "global articulation out of the table", INSTRUMENT_AT + 8, 4, 4, BAD_ARTICULATION},
    {whole_instrument2, "no articulation anywhere", INSTRUMENT_AT + 8, 0, 4, NO_ARTICULATION},
    {whole_instrument2, "region past the end", 20, 0x7FFFFFFC, 4, BAD_OFFSET_TABLE},
    {whole_instrument2, "keys the wrong way round", REGION_AT, 128, 2, BAD_INSTRUMENT},
    {whole_instrument2, "velocities the wrong way round", REGION_AT + 4, 128, 2, BAD_INSTRUMENT},
    {whole_instrument2, "region chain in a ring", REGION_AT + 16, 1, 4, BAD_INSTRUMENT},
    {whole_instrument2, "next region out of the table", REGION_AT + 16, 4, 4, BAD_INSTRUMENT},
    {whole_instrument2, "region's articulation out of the table", REGION_AT + 12, 4, 4, BAD_ARTICULATION},
    {whole_instrument2, "a wave nobody downloaded", REGION_AT + 32, 77, 4, BAD_WAVE_LINK},
    {whole_instrument2, "a one-shot wave", REGION_AT + 32, 2, 4, BAD_WAVE_LINK},
    {whole_instrument2, "2^32-1 loops", REGION_AT + 52, 0xFFFFFFFF, 4, BAD_INSTRUMENT},
    {whole_instrument2, "2^28 loops: 2^32 bytes", REGION_AT + 52, 0x10000000, 4, BAD_INSTRUMENT},
    {whole_instrument2, "loop start 2^32-1", REGION_AT + 64, 0xFFFFFFFF, 4, BAD_WAVE},
    {whole_instrument2, "loop length 2^31", REGION_AT + 68, 0x80000000, 4, BAD_WAVE},
    {whole_instrument2, "articulation chain in a ring", ARTIC_AT + 8, 2, 4, BAD_ARTICULATION},
    {whole_instrument2, "next articulation out of the table", ARTIC_AT + 8, 4, 4, BAD_ARTICULATION},
    {whole_instrument2, "list out of the table", ARTIC_AT, 4, 4, BAD_ARTICULATION},
    {whole_instrument2, "list past the end", 28, 0xFFFFFFFF, 4, BAD_OFFSET_TABLE},
    {whole_instrument2, "list head of 12 bytes", LIST_AT, 12, 4, BAD_ARTICULATION},
    {whole_instrument2, "list head of 2^32-1 bytes", LIST_AT, 0xFFFFFFFF, 4, BAD_ARTICULATION},
    {whole_instrument2, "one connection too many", LIST_AT + 4, 3, 4, BAD_ARTICULATION},
    {whole_instrument2, "2^32-1 connections", LIST_AT + 4, 0xFFFFFFFF, 4, BAD_ARTICULATION},
    {whole_instrument2, "connections of 2^32+8 bytes", LIST_AT + 4, 0x15555556, 4, BAD_ARTICULATION},

    /* type 1 */
    {whole_instrument1, "first region out of the table", INSTRUMENT_AT + 4, 9, 4, BAD_INSTRUMENT},
    {whole_instrument1, "region chain in a ring", REGION_AT + 16, 1, 4, BAD_INSTRUMENT},
    {whole_instrument1, "no articulation anywhere", INSTRUMENT_AT + 8, 0, 4, NO_ARTICULATION},
    {whole_instrument1, "articulation out of the table", INSTRUMENT_AT + 8, 0xFFFFFFFF, 4, BAD_ARTICULATION},
    {whole_instrument1, "parameters out of the table", ARTIC_AT, 4, 4, BAD_ARTICULATION},
    {whole_instrument1, "parameters past the end", 28, 0xFFFFFFFC, 4, BAD_OFFSET_TABLE},
    {whole_instrument1, "parameters cut off", 28, PARAMS_AT + 4, 4, BAD_ARTICULATION},
    {whole_instrument1, "a wave nobody downloaded", REGION_AT + 32, 0xFFFFFFFF, 4, BAD_WAVE_LINK},

    /* type 4 */
    {whole_articulation, "ids at index 0", WAVEART_AT, 0, 4, BAD_ARTICULATION},
    {whole_articulation, "ids out of the table", WAVEART_AT, 2, 4, BAD_ARTICULATION},
    {whole_articulation, "ids at index 2^32-1", WAVEART_AT, 0xFFFFFFFF, 4, BAD_ARTICULATION},
    {whole_articulation, "ids past the end", 20, 0xFFFFFFFC, 4, BAD_OFFSET_TABLE},
    {whole_articulation, "no buffer", WAVEART_AT + 8, 0, 4, BAD_ARTICULATION},
    {whole_articulation, "one buffer too many", WAVEART_AT + 8, 4, 4, BAD_ARTICULATION},
    {whole_articulation, "2^32-1 buffers", WAVEART_AT + 8, 0xFFFFFFFF, 4, BAD_ARTICULATION},
    {whole_articulation, "2^30 buffers: 2^32 bytes", WAVEART_AT + 8, 0x40000000, 4, BAD_ARTICULATION},
    {whole_articulation, "a buffer nobody downloaded", WAVEART_IDS + 4, 77, 4, BAD_WAVE_LINK},
    {whole_articulation, "the wave of an instrument", WAVEART_IDS, 1, 4, BAD_WAVE_LINK},
    {whole_articulation, "a buffer twice", WAVEART_IDS + 8, 3, 4, BAD_ARTICULATION},
    {whole_articulation, "a one-shot wave among buffers", WAVEART_IDS + 4, 2, 4, BAD_ARTICULATION},

    /* types 5 and 6 */
    {whole_buffer, "format past the end", 20, 0xFFFFFFF0, 4, BAD_OFFSET_TABLE},
    {whole_one_shot, "format cut off", 20, PLAY_WAVE_PART1 + 8, 4, BAD_WAVE},
    {whole_buffer, "no format", 8, 1, 4, BAD_OFFSET_TABLE}, /* the root then is not behind the table */
    {whole_one_shot, "tag 2", PLAY_WAVE_PART1 + 12, 2, 2, NOT_PCM},
    {whole_buffer, "two channels", PLAY_WAVE_PART1 + 14, 2, 2, NOT_MONO},
    {whole_one_shot, "rate 0", PLAY_WAVE_PART1 + 16, 0, 4, BAD_WAVE},
    {whole_buffer, "block of 4", PLAY_WAVE_PART1 + 24, 4, 2, BAD_WAVE},
    {whole_one_shot, "12 bits", PLAY_WAVE_PART1 + 26, 12, 2, BAD_WAVE},
    {whole_buffer, "data elsewhere", PLAY_WAVE_PART1 + 8, 1, 4, BAD_WAVE},
    {whole_buffer, "more data than there is", PLAY_WAVE_ROOT, 0x31, 4, BAD_WAVE},
    {whole_one_shot, "2^32-1 bytes of data", PLAY_WAVE_ROOT, 0xFFFFFFFF, 4, BAD_WAVE},

    /* What nobody reads, no host needs to write: Wine 10.0 leaves an instrument's extension link and flags as the memory was. */
    {whole_instrument2, "extension out of the table", INSTRUMENT_AT + 12, 0x2E006D, 4, S_OK},
    {whole_instrument1, "extension out of the table", INSTRUMENT_AT + 12, 4, 4, S_OK},
    {whole_instrument2, "flags nobody knows", INSTRUMENT_AT + 20, 0x73, 4, S_OK},
    {whole_instrument2, "copyright out of the table", INSTRUMENT_AT + 16, 0xFFFFFFFF, 4, S_OK},
    {whole_instrument2, "region's extension out of the table", REGION_AT + 20, 0x10000, 4, S_OK},
    {whole_instrument2, "articulation's extension out of the table", ARTIC_AT + 4, 4, 4, S_OK},
    {whole_instrument1, "articulation's extension out of the table", ARTIC_AT + 4, 4, 4, S_OK},
    {whole_wave, "extension out of the table", 24, 2, 4, S_OK},
    {whole_wave, "copyright out of the table", 24 + 4, 0x80000000, 4, S_OK},
    {whole_one_shot, "copyright out of the table", PLAY_WAVE_PART1 + 4, 2, 4, S_OK},
};

static void test_documented_codes(void)
{
    open_stage();
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct image image = kinds[i]();
        CHECK_EQ(offer(&image, image.size, 0), S_OK);
        image_free(&image);
    }
    for (size_t i = 0; i < sizeof defects / sizeof defects[0]; i++) {
        const struct defect *d = &defects[i];
        struct image image = d->make();
        uint32_t type = image.bytes[0];
        if (d->size == 2)
            put16(&image, d->at, d->value);
        else
            put32(&image, d->at, d->value);
        HRESULT hr = offer(&image, image.size, 0);
        if (!CHECK(hr == d->result))
            printf("# type %u, %s: got 0x%08x, want 0x%08x\n", (unsigned)type, d->what, (unsigned)hr, (unsigned)d->result);
        image_free(&image);
    }
    stage_close(&stage);
}

/* Formats of one articulation's buffers must agree. */
static void test_streams_of_two_formats(void)
{
    static const uint8_t bytes[4] = {0};
    open_stage();
    stage_load(&stage, image_play_wave(5, 20, samples, 8, 44100));
    stage_load(&stage, image_play_wave8(5, 21, bytes, 4, 22050));
    stage_load(&stage, image_play_wave(6, 22, samples, 8, 22050));
    static const uint32_t lists[][2] = {{3, 20}, {3, 21}, {2, 22}, {2, 3}};
    for (int i = 0; i < 4; i++) {
        struct image image = image_wave_articulation(30, 0, 30, 0, lists[i], 2);
        CHECK_EQ(offer(&image, image.size, 0), BAD_ARTICULATION);
        image_free(&image);
    }
    static uint32_t many[257];
    for (uint32_t i = 0; i < 257; i++)
        many[i] = 100 + i;
    for (uint32_t i = 0; i < 256; i++) {
        struct image buffer = image_play_wave(5, 100 + i, samples, 1, 22050);
        HANDLE handle;
        BOOL may_free;
        CHECK_EQ(IDirectMusicSynth8_Download(stage.synth, &handle, buffer.bytes, &may_free), S_OK);
        image_free(&buffer); /* nothing plays it: nothing reads it */
    }
    struct image image = image_wave_articulation(30, 0, 30, 0, many, 257);
    CHECK_EQ(offer(&image, image.size, 0), BAD_ARTICULATION);
    image_free(&image);
    image = image_wave_articulation(30, 0, 30, 0, many, 256);
    CHECK_EQ(offer(&image, image.size, 0), S_OK);
    image_free(&image);
    stage_close(&stage);
}

static bool documented(HRESULT hr)
{
    static const HRESULT codes[] = {UNKNOWN_DOWNLOAD, BAD_OFFSET_TABLE, BAD_INSTRUMENT, BAD_ARTICULATION, NO_ARTICULATION,
                                    BAD_WAVE_LINK,    BAD_WAVE,         NOT_PCM,        NOT_MONO};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (hr == codes[i])
            return true;
    return hr == S_OK;
}

static void test_every_length(void)
{
    open_stage();
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct image image = kinds[i]();
        for (uint32_t size = 0; size < image.size; size++) {
            put32(&image, 12, size);
            HRESULT hr = offer(&image, size, 0);
            CHECK(documented(hr));
            CHECK(hr != S_OK || size + 8 > image.size); /* append space or padding is all that may be missing */
        }
        image_free(&image);
    }
    stage_close(&stage);
}

static void test_every_word_at_its_extremes(void)
{
    static const uint32_t extremes[] = {0, 1, 2, 3, 7, 0x7F, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x3FFFFFFF, 0x40000000, 0x7FFFFFFF,
                                        0x80000000, 0xFFFFFFF0, 0xFFFFFFFF};
    open_stage();
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct image image = kinds[i]();
        for (uint32_t at = 0; at + 4 <= image.size; at += 2)
            for (size_t k = 0; k < sizeof extremes / sizeof extremes[0]; k++) {
                uint8_t before[4];
                memcpy(before, image.bytes + at, 4);
                put32(&image, at, extremes[k]);
                bool size_grew = load_le32(image.bytes + 12) > image.size; /* the caller's word: the DDI gives no other */
                if (!size_grew)
                    CHECK(documented(offer(&image, image.size, 0)));
                memcpy(image.bytes + at, before, 4);
            }
        image_free(&image);
    }
    stage_close(&stage);
}

/* Any address will do, and samples at an odd one sound the same. */
static void test_odd_addresses(void)
{
    static float even[2 * 64], odd[2 * 64];
    for (uint32_t offset = 0; offset < 4; offset++) {
        open_stage();
        for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
            struct image image = kinds[i]();
            CHECK_EQ(offer(&image, image.size, offset), S_OK);
            image_free(&image);
        }
        /* A one-shot wave and a stream whose memory lies OFFSET bytes off. */
        uint8_t *blocks[2];
        for (uint32_t k = 0; k < 2; k++) {
            struct image image = image_play_wave(6 - k, 40 + k, samples, 8, STAGE_RATE);
            HANDLE handle;
            BOOL may_free;
            blocks[k] = malloc(image.size + offset);
            if (!blocks[k])
                abort();
            memcpy(blocks[k] + offset, image.bytes, image.size);
            CHECK_EQ(IDirectMusicSynth8_Download(stage.synth, &handle, blocks[k] + offset, &may_free), S_OK);
            CHECK_EQ(may_free, k == 0 && offset % 2 ? TRUE : FALSE); /* copied only where it must be */
            image_free(&image);
        }
        stage_load(&stage, image_wave_articulation(50, 0xFFFFFFFF, 50, 0, (const uint32_t[]){41}, 1));
        CHECK_EQ(stage_play(&stage, 0, 1, 40), S_OK);
        CHECK_EQ(stage_play(&stage, 20, 2, 50), S_OK);
        stage_render(&stage, offset ? odd : even, 64);
        CHECK(!offset || memcmp(odd, even, sizeof even) == 0);
        CHECK(fabsf(even[2]) > 1e-5f);
        stage_close(&stage);
        free(blocks[0]);
        free(blocks[1]);
    }
}

int main(void)
{
    RUN(test_documented_codes);
    RUN(test_streams_of_two_formats);
    RUN(test_every_length);
    RUN(test_every_word_at_its_extremes);
    RUN(test_odd_addresses);
    return tap_done();
}
