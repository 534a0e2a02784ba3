/* SPDX-License-Identifier: MIT */
/* Download images: refusals (spec/ddi-user.md 6.8), repairs (spec/dls.md 1.6), translation of DMUS_ARTICPARAMS, life cycle. */
#include "../tap.h"
#include "fixture.h"
#include "synth/download_artic.h"

static struct fixture f;

static enum synth_status load_bytes(const void *bytes, size_t size)
{
    struct synth_download *download = (struct synth_download *)&f;
    bool keeps = true;
    struct synth_download *last = f.synth->downloads.loaded.last;
    long live = f.memory.live;
    enum synth_status status = synth_download(f.synth, bytes, size, &download, &keeps);
    if (status != SYNTH_OK) {
        /* A refused image leaves no trace. */
        CHECK(download == NULL);
        CHECK(!keeps);
        CHECK(f.synth->downloads.loaded.last == last);
        CHECK_EQ(f.memory.live, live);
    }
    return status;
}

static enum synth_status load(void) { return load_bytes(f.image.bytes, f.image.size); }

static uint8_t *object(uint32_t index) { return f.image.bytes + load_le32(f.image.bytes + 16 + 4 * index); }

static const struct build_region whole = {.wave = 1};

static void plain(void) { build_instrument(&f.image, 7, 0, 0, &whole, 1); }

static void test_accepts(void)
{
    plain();
    CHECK_EQ(load(), SYNTH_OK);
    build_wave(&f.image, 2, 44100, 8, NULL, 10);
    CHECK_EQ(load(), SYNTH_OK);
    build_wave(&f.image, 3, 44100, 16, NULL, 0); /* native 38: a wave of hardly any data */
    put32(object(1), 1);
    CHECK_EQ(load(), SYNTH_OK);
    build_instrument(&f.image, 7, 0, 0, &whole, 0); /* no region: tolerated (6.3) */
    CHECK_EQ(load(), SYNTH_OK);
}

static void test_offset_table(void)
{
    CHECK_EQ(load_bytes(f.image.bytes, 0), SYNTH_BAD_OFFSET_TABLE);
    CHECK_EQ(load_bytes(f.image.bytes, 15), SYNTH_BAD_OFFSET_TABLE);
    plain();
    put32(f.image.bytes, 0);
    put32(f.image.bytes + 8, 0);
    CHECK_EQ(load(), SYNTH_UNKNOWN_DOWNLOAD); /* the type is tested before the table */
    plain();
    put32(f.image.bytes, 7);
    CHECK_EQ(load(), SYNTH_UNKNOWN_DOWNLOAD);
    plain();
    put32(f.image.bytes + 8, 0);
    CHECK_EQ(load(), SYNTH_BAD_OFFSET_TABLE);
    plain();
    put32(f.image.bytes + 8, 0x40000001); /* 16 + 4n wraps in 32 bits */
    CHECK_EQ(load(), SYNTH_BAD_OFFSET_TABLE);
    plain();
    put32(f.image.bytes + 12, f.image.size + 1); /* longer than the memory */
    CHECK_EQ(load(), SYNTH_BAD_OFFSET_TABLE);
    plain();
    put32(f.image.bytes + 16, 16 + 4 * f.image.entries + 4); /* root not after the table */
    CHECK_EQ(load(), SYNTH_BAD_OFFSET_TABLE);
    plain();
    put32(f.image.bytes + 16 + 4 * 3, f.image.size); /* region at the end */
    CHECK_EQ(load(), SYNTH_BAD_OFFSET_TABLE);
    plain();
    put32(f.image.bytes + 16 + 4 * 3, 8); /* region in the header */
    CHECK_EQ(load(), SYNTH_BAD_OFFSET_TABLE);
    plain();
    put32(f.image.bytes + 16 + 4 * 3, 0xFFFFFFFF);
    CHECK_EQ(load(), SYNTH_BAD_OFFSET_TABLE);
}

/* One 32- or 16-bit field of a good instrument image changed. */
static void test_bad_instruments(void)
{
    static const struct {
        uint32_t index, offset, bytes, value;
        enum synth_status want;
        const char *what;
    } cases[] = {
        {0, 4, 4, 4, SYNTH_BAD_INSTRUMENT, "first region outside the table"},
        {0, 12, 4, 0x2E006D, SYNTH_OK, "extension chunk outside the table: nobody reads it"},
        {0, 16, 4, 99, SYNTH_OK, "copyright outside the table: nobody reads it"},
        {3, 16, 4, 3, SYNTH_BAD_INSTRUMENT, "region chain of one region"},
        {3, 16, 4, 4, SYNTH_BAD_INSTRUMENT, "next region outside the table"},
        {3, 0, 2, 61, SYNTH_OK, "key range of one key"},
        {3, 0, 2, 128, SYNTH_BAD_INSTRUMENT, "key range above the keys"},
        {3, 2, 2, 200, SYNTH_OK, "key range open above: clamped"},
        {3, 4, 2, 128, SYNTH_BAD_INSTRUMENT, "velocity low above high"},
        {3, 20, 4, 4, SYNTH_OK, "extension chunk of the region"},
        {3, 52, 4, 0x10000000, SYNTH_BAD_INSTRUMENT, "loops that wrap in 32 bits"},
        {3, 52, 4, 2, SYNTH_BAD_INSTRUMENT, "second loop beyond the image"},
        {3, 32, 4, 2, SYNTH_BAD_WAVE_LINK, "no such wave"},
        {3, 32, 4, 0xFFFFFFFF, SYNTH_BAD_WAVE_LINK, "ROM set"},
        {0, 8, 4, 4, SYNTH_BAD_ARTICULATION, "articulation outside the table"},
        {3, 12, 4, 4, SYNTH_BAD_ARTICULATION, "articulation of the region"},
        {1, 0, 4, 4, SYNTH_BAD_ARTICULATION, "connection list outside the table"},
        {1, 4, 4, 4, SYNTH_OK, "extension chunk of the articulation"},
        {1, 8, 4, 1, SYNTH_BAD_ARTICULATION, "articulation chain of one"},
        {2, 0, 4, 12, SYNTH_BAD_ARTICULATION, "size of the list header"},
        {2, 4, 4, 0x15555556, SYNTH_BAD_ARTICULATION, "connections that wrap in 32 bits"},
        {2, 4, 4, 0xFFFFFFFF, SYNTH_BAD_ARTICULATION, "most connections"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        plain();
        if (cases[i].bytes == 2)
            put16(object(cases[i].index) + cases[i].offset, cases[i].value);
        else
            put32(object(cases[i].index) + cases[i].offset, cases[i].value);
        enum synth_status got = load();
        if (!CHECK(got == cases[i].want))
            printf("#   %s: status %d, want %d\n", cases[i].what, got, cases[i].want);
    }
    /* Truncated: every shorter image is refused, whatever the reason. */
    plain();
    uint32_t accepted = 0;
    for (uint32_t size = 0; size < f.image.size; size++) {
        put32(f.image.bytes + 12, size);
        accepted += load_bytes(f.image.bytes, size) == SYNTH_OK;
    }
    CHECK_EQ(accepted, 16 / 4 * 4); /* the unused loop at the end of the last region */
}

static void test_bad_waves(void)
{
    static const struct {
        uint32_t index, offset, bytes, value;
        enum synth_status want;
    } cases[] = {
        {0, 12, 2, 3, SYNTH_NOT_PCM},       {0, 12, 2, 0xFFFE, SYNTH_NOT_PCM}, {0, 14, 2, 2, SYNTH_NOT_MONO},
        {0, 14, 2, 0, SYNTH_NOT_MONO},      {0, 26, 2, 24, SYNTH_BAD_WAVE},    {0, 26, 2, 8, SYNTH_BAD_WAVE},
        {0, 24, 2, 4, SYNTH_BAD_WAVE},      {0, 16, 4, 0, SYNTH_BAD_WAVE},     {0, 16, 4, 0xFFFFFFFF, SYNTH_BAD_WAVE},
        {0, 8, 4, 0, SYNTH_BAD_WAVE},       {0, 8, 4, 2, SYNTH_BAD_WAVE},      {0, 0, 4, 2, SYNTH_OK},
        {0, 4, 4, 2, SYNTH_OK},             {1, 0, 4, 25, SYNTH_BAD_WAVE},     {1, 0, 4, 0xFFFFFFFF, SYNTH_BAD_WAVE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        build_wave(&f.image, 9, 44100, 16, NULL, 10);
        if (cases[i].bytes == 2)
            put16(object(cases[i].index) + cases[i].offset, cases[i].value);
        else
            put32(object(cases[i].index) + cases[i].offset, cases[i].value);
        enum synth_status got = load();
        if (!CHECK(got == cases[i].want))
            printf("#   case %zu: status %d, want %d\n", i, got, cases[i].want);
    }
}

static void test_no_articulation(void)
{
    static struct fixture native;
    build_begin(&f.image, 3, 7, 2);
    build_root(&f.image, 0, 1, 0, 0);
    build_region(&f.image, 1, 0, whole);
    CHECK_EQ(load(), SYNTH_OK); /* studio: the defaults of DLS */
    CHECK(fixture_open(&native, SYNTH_NATIVE));
    struct synth_download *download;
    bool keeps;
    CHECK_EQ(synth_download(native.synth, f.image.bytes, f.image.size, &download, &keeps), SYNTH_NO_ARTICULATION);
    plain(); /* an empty list is an articulation */
    CHECK_EQ(synth_download(native.synth, f.image.bytes, f.image.size, &download, &keeps), SYNTH_OK);
    CHECK(fixture_close(&native));
}

static void test_bare_instruments(void)
{
    static struct fixture native;
    struct synth_config config = fixture_config(SYNTH_NATIVE);
    config.bare_instruments = true;
    CHECK(fixture_open_config(&native, config));
    struct synth_download *download;
    bool keeps;
    build_begin(&f.image, 3, 7, 2);
    build_root(&f.image, 0, 1, 0, 0);
    build_region(&f.image, 1, 0, whole);
    CHECK_EQ(synth_download(native.synth, f.image.bytes, f.image.size, &download, &keeps), SYNTH_OK);
    put32(f.image.bytes, 1); /* the form of level 1 */
    CHECK_EQ(synth_download(native.synth, f.image.bytes, f.image.size, &download, &keeps), SYNTH_NO_ARTICULATION);
    CHECK(fixture_close(&native));
}

/* Chains that share their tails must not cost the square of the image. */
static void test_shared_chains(void)
{
    enum { CHAIN = 1000, LIST = 100 };
    static const struct build_connection connections[LIST] = {{0, 0, 3, 0, 65536}};
    build_begin(&f.image, 3, 7, 2 + CHAIN + CHAIN);
    build_root(&f.image, 0, 2 + CHAIN, 0, 0);
    build_artic2(&f.image, 2, 1, 3, connections, LIST);
    for (uint32_t i = 1; i < CHAIN; i++) {
        uint8_t *artic = build_object(&f.image, 2 + i, 12);
        put32(artic, 1);
        put32(artic + 8, i + 1 < CHAIN ? 3 + i : 0);
    }
    put32(build_region(&f.image, 2 + CHAIN, 0, whole) + 12, 2);
    CHECK_EQ(load(), SYNTH_OK); /* 1000 lists of 100 connections */
    /* 300 regions, each with an articulation that begins one further down the chain. */
    build_begin(&f.image, 3, 7, 2 + CHAIN + CHAIN);
    build_root(&f.image, 0, 2 + CHAIN, 0, 0);
    build_artic2(&f.image, 2, 1, 3, connections, LIST);
    for (uint32_t i = 1; i < CHAIN; i++) {
        uint8_t *artic = build_object(&f.image, 2 + i, 12);
        put32(artic, 1);
        put32(artic + 8, i + 1 < CHAIN ? 3 + i : 0);
    }
    for (uint32_t i = 0; i < 300; i++)
        put32(build_region(&f.image, 2 + CHAIN + i, i + 1 < 300 ? 3 + CHAIN + i : 0, whole) + 12, 2 + i);
    CHECK_EQ(load(), SYNTH_BAD_ARTICULATION);
}

static const struct region *first_region(void)
{
    return &f.synth->downloads.loaded.last->instrument->regions[0];
}

static void test_region_fields(void)
{
    struct build_region r = {.key_low = 10, .key_high = 20, .velocity_low = 30, .velocity_high = 40, .options = 1, .key_group = 5,
                             .wave = 1, .link_options = 3, .phase_group = 77, .unity = 64, .fine = -50, .gain = -120 * 65536};
    build_instrument(&f.image, 7, DRUMS | 0x00123456, 1, &r, 1);
    CHECK_EQ(load(), SYNTH_OK);
    const struct instrument *instrument = f.synth->downloads.loaded.last->instrument;
    const struct region *region = first_region();
    CHECK_EQ(instrument->patch, DRUMS | 0x00123456);
    CHECK(instrument->drums && instrument->gm);
    CHECK_EQ(region->key_low, 10);
    CHECK_EQ(region->key_high, 20);
    CHECK_EQ(region->velocity_low, 30);
    CHECK_EQ(region->velocity_high, 40);
    CHECK(region->self_non_exclusive && region->phase_master && region->multichannel);
    CHECK_EQ(region->key_group, 5);
    CHECK_EQ(region->phase_group, 77);
    CHECK_EQ(region->unity_note, 64);
    CHECK_EQ(region->fine_tune, -50);
    CHECK_EQ(region->gain, -12 * 655360);
    CHECK_EQ(region->loop, LOOP_NONE);
    CHECK_EQ(region->wave->frames, 100);
    CHECK_EQ(region->wave->sample_rate, 22050);
    CHECK(region->artic != NULL && instrument->key_artic != NULL);
}

/* spec/dls.md 1.6 and 7.1: what is repaired rather than refused. */
static void test_repairs(void)
{
    static const struct {
        struct build_region in;
        enum loop_kind loop;
        uint32_t start, length;
    } loops[] = {
        {{.loops = 1, .loop_start = 10, .loop_length = 90}, LOOP_FORWARD, 10, 90},
        {{.loops = 1, .loop_start = 10, .loop_length = 91}, LOOP_FORWARD, 10, 90},
        {{.loops = 1, .loop_start = 99, .loop_length = 1}, LOOP_FORWARD, 99, 1},
        {{.loops = 1, .loop_start = 100, .loop_length = 1}, LOOP_NONE, 0, 0},
        {{.loops = 1, .loop_start = 10, .loop_length = 0}, LOOP_NONE, 0, 0},
        {{.loops = 1, .loop_type = 1, .loop_start = 1, .loop_length = 2}, LOOP_RELEASE, 1, 2},
        {{.loops = 1, .loop_type = 2, .loop_start = 1, .loop_length = 2}, LOOP_RELEASE, 1, 2},
        {{.loops = 1, .loop_start = 10, .loop_length = 0x7FFFFFFF}, LOOP_FORWARD, 10, 90},
    };
    for (size_t i = 0; i < sizeof loops / sizeof loops[0]; i++) {
        struct build_region r = loops[i].in;
        r.wave = 1;
        build_instrument(&f.image, 7, 0, 0, &r, 1);
        CHECK_EQ(load(), SYNTH_OK);
        CHECK_EQ(first_region()->loop, loops[i].loop);
        CHECK_EQ(first_region()->loop_start, loops[i].start);
        CHECK_EQ(first_region()->loop_length, loops[i].length);
    }
    struct build_region r = {.wave = 1, .loops = 1, .loop_start = 0xFFFFFFFF, .loop_length = 1};
    build_instrument(&f.image, 7, 0, 0, &r, 1);
    CHECK_EQ(load(), SYNTH_BAD_WAVE);

    static const int32_t gains[][2] = {{100 * 655360, 0}, {-100 * 655360, 0}, {INT32_MIN, 0}, {20 * 655360, 12 * 655360},
                                       {-96 * 655360, -96 * 655360}};
    for (size_t i = 0; i < sizeof gains / sizeof gains[0]; i++) {
        struct build_region g = {.wave = 1, .gain = gains[i][0], .unity = 200, .key_group = 16};
        build_instrument(&f.image, 7, 0, 0, &g, 1);
        CHECK_EQ(load(), SYNTH_OK);
        CHECK_EQ(first_region()->gain, gains[i][1]);
        CHECK_EQ(first_region()->unity_note, 60);
        CHECK_EQ(first_region()->key_group, 0);
    }
    plain();
    put16(object(3) + 6, 0); /* velocities 0-0 */
    CHECK_EQ(load(), SYNTH_OK);
    CHECK_EQ(first_region()->velocity_high, 127);
}

/* A region whose WSMP and WLOOP were never written, as Wine 10.0 sends one: key 60 at the wave's own pitch, once through. */
static void test_region_without_sample(void)
{
    static const uint32_t left[][9] = {
        {0, 0, 0, 0, 0, 0, 0, 0, 0},
        {0x0077002D, 0x0064005C, 0x0073006C, 0x0074005C, 0x006F0077, 0x006E0069, 0x002E0073, 0x006C0064, 0x00000073},
        {1, 0x7FFF, 0, 0, 2, 0, 0, 8, 1},
    };
    for (size_t i = 0; i < sizeof left / sizeof left[0]; i++) {
        plain();
        for (uint32_t k = 0; k < 9; k++)
            put32(object(3) + 36 + 4 * k, left[i][k]);
        CHECK_EQ(load(), SYNTH_OK);
        CHECK_EQ(first_region()->unity_note, 60);
        CHECK_EQ(first_region()->fine_tune, 0);
        CHECK_EQ(first_region()->gain, 0);
        CHECK_EQ(first_region()->loop, LOOP_NONE);
    }
    static const uint32_t sizes[] = {0, 20, 36}; /* forgotten, right, counted with the loop */
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct build_region r = {.wave = 1, .unity = 64, .fine = 7, .loops = 1, .loop_start = 10, .loop_length = 80};
        build_instrument(&f.image, 7, 0, 0, &r, 1);
        put32(object(3) + 36, sizes[i]);
        CHECK_EQ(load(), SYNTH_OK);
        CHECK_EQ(first_region()->unity_note, 64);
        CHECK_EQ(first_region()->fine_tune, 7);
        CHECK_EQ(first_region()->loop, LOOP_FORWARD);
    }
}

/* by_key against a plain search, for random key ranges. */
static void test_key_index(void)
{
    enum { REGIONS = 40 };
    struct build_region r[REGIONS];
    uint32_t random = 5, wrong = 0;
    for (int round = 0; round < 50; round++) {
        for (int i = 0; i < REGIONS; i++) {
            random = random * 1664525u + 1013904223u;
            uint32_t low = random >> 10 & 127, high = low + (random >> 20 & 31);
            r[i] = (struct build_region){.key_low = low, .key_high = high > 127 || high == 0 ? 127 : high, .wave = 1};
        }
        build_instrument(&f.image, 7, 0, 0, r, REGIONS);
        CHECK_EQ(load(), SYNTH_OK);
        const struct instrument *instrument = f.synth->downloads.loaded.last->instrument;
        for (uint32_t key = 0; key < 128; key++) {
            const struct key_regions *found = &instrument->key[key];
            uint32_t at = 0;
            for (uint16_t i = 0; i < REGIONS; i++)
                if (r[i].key_low <= key && key <= r[i].key_high) {
                    wrong += at == 0 && found->region != i;
                    wrong += at >= found->count || instrument->by_key[found->first + at++] != i;
                }
            wrong += at != found->count;
        }
    }
    CHECK_EQ(wrong, 0);
}

/* Type 1: each field of DMUS_ARTICPARAMS becomes the connection that spec/dls.md 2.6 names for it. */
static void test_articparams(void)
{
    static const uint16_t want[20][3] = {
        {0, 0, 0x104},     {0, 0, 0x105},     {1, 0, 1},     {1, 0, 3},     {1, 0x81, 1},  {1, 0x81, 3}, {0, 0, 0x206},
        {0, 0, 0x207},     {0, 0, 0x20A},     {0, 0, 0x209}, {2, 0, 0x206}, {3, 0, 0x207}, {0, 0, 0x30A}, {0, 0, 0x30B},
        {0, 0, 0x30E},     {0, 0, 0x30D},     {2, 0, 0x30A}, {3, 0, 0x30B}, {5, 0, 3},     {0, 0, 4},
    };
    build_begin(&f.image, 1, 7, 4);
    build_root(&f.image, 0, 3, 1, 0);
    put32(build_object(&f.image, 1, 8), 2);
    uint8_t *params = build_object(&f.image, 2, 80);
    for (uint32_t i = 0; i < 20; i++)
        put32(params + 4 * i, 1000 + i);
    build_region(&f.image, 3, 0, whole);
    CHECK_EQ(load(), SYNTH_OK);
    struct image image;
    struct artic_block blocks[20];
    uint32_t count, budget = 100;
    CHECK_EQ(image_open(&image, f.image.bytes, f.image.size), SYNTH_OK);
    CHECK_EQ(download_artic(&image, 1, blocks, &count, &budget), SYNTH_OK);
    CHECK_EQ(count, 20);
    for (uint32_t i = 0; i < 20; i++) {
        CHECK_EQ(blocks[i].source, want[i][0]);
        CHECK_EQ(blocks[i].control, want[i][1]);
        CHECK_EQ(blocks[i].destination, want[i][2]);
        CHECK_EQ(blocks[i].scale, 1000 + (int)i);
        CHECK_EQ(blocks[i].transform, want[i][0] == 1 ? 0x4000 : 0); /* LFO is bipolar, all else linear */
    }
    put32(object(1), 4);
    CHECK_EQ(load(), SYNTH_BAD_ARTICULATION);
    put32(object(1), 3); /* 80 bytes do not fit where the region is */
    CHECK_EQ(load(), SYNTH_BAD_ARTICULATION);
}

/* A misaligned or 8-bit wave. */
static void test_wave_memory(void)
{
    static _Alignas(16) uint8_t odd[512];
    static const int16_t samples[4] = {1, -2, 300, -32768};
    struct synth_download *download;
    bool keeps;
    build_wave(&f.image, 20, 44100, 16, samples, 4);
    CHECK_EQ(synth_download(f.synth, f.image.bytes, f.image.size, &download, &keeps), SYNTH_OK);
    CHECK(keeps);
    const struct wave *wave = &downloads_wave(&f.synth->downloads, 20)->wave;
    CHECK(wave->samples == object(1) + 4);
    memcpy(odd + 1, f.image.bytes, f.image.size);
    put32(odd + 5, 21);
    CHECK_EQ(synth_download(f.synth, odd + 1, f.image.size, &download, &keeps), SYNTH_OK);
    CHECK(!keeps);
    wave = &downloads_wave(&f.synth->downloads, 21)->wave;
    CHECK(memcmp(wave->samples, samples, sizeof samples) == 0);
    uint64_t before = f.synth->downloads.wave_bytes;
    CHECK_EQ(synth_unload(f.synth, download, NULL), SYNTH_OK);
    void *tag;
    CHECK(synth_collect(f.synth, &download, &tag));
    CHECK_EQ(f.synth->downloads.wave_bytes, before - 8);
}

static void test_out_of_memory(void)
{
    static const struct build_connection c[1] = {{0, 0, 3, 0, 65536}};
    build_begin(&f.image, 3, 7, 4);
    build_root(&f.image, 0, 3, 1, 0);
    build_artic2(&f.image, 1, 2, 0, c, 1);
    build_region(&f.image, 3, 0, whole);
    enum synth_status status;
    long nth = 0;
    do {
        f.memory.fail_at = f.memory.requests + ++nth;
        status = load();
        CHECK(status == SYNTH_NOMEM || status == SYNTH_OK);
    } while (status == SYNTH_NOMEM && nth < 50);
    f.memory.fail_at = 0;
    CHECK_EQ(status, SYNTH_OK);
    CHECK(nth > 5);
}

/* ---- life cycle ---------------------------------------------------------- */

static bool collect(struct synth_download **handle, uintptr_t *tag)
{
    void *pointer = NULL;
    *handle = NULL;
    bool any = synth_collect(f.synth, handle, &pointer);
    *tag = (uintptr_t)pointer;
    return any;
}

static void test_unload(void)
{
    struct synth_download *instrument = fixture_plain(&f, 5), *handle;
    uintptr_t tag;
    CHECK_EQ(synth_unload(f.synth, NULL, NULL), SYNTH_NOT_FOUND);
    CHECK_EQ(synth_unload(f.synth, (struct synth_download *)(uintptr_t)64, NULL), SYNTH_NOT_FOUND);
    CHECK(!collect(&handle, &tag));
    CHECK_EQ(synth_unload(f.synth, instrument, (void *)(uintptr_t)42), SYNTH_OK);
    CHECK_EQ(synth_unload(f.synth, instrument, NULL), SYNTH_NOT_FOUND); /* once */
    CHECK(collect(&handle, &tag)); /* at once: nothing uses it */
    CHECK(handle == instrument);
    CHECK_EQ(tag, 42);
    CHECK(!collect(&handle, &tag));
}

/* native 40: a wave's handle is finished when the last instrument that refers to it is unloaded. */
static void test_wave_waits_for_instruments(void)
{
    struct synth_download *handle, *wave = f.synth->downloads.loaded.first;
    struct synth_download *a = fixture_plain(&f, 5), *b = fixture_plain(&f, 6);
    uintptr_t tag;
    CHECK_EQ(synth_unload(f.synth, wave, (void *)(uintptr_t)1), SYNTH_OK);
    CHECK(!collect(&handle, &tag));
    plain();
    CHECK_EQ(load(), SYNTH_BAD_WAVE_LINK); /* withdrawn: later instruments do not find it */
    CHECK_EQ(synth_unload(f.synth, a, (void *)(uintptr_t)2), SYNTH_OK);
    CHECK(collect(&handle, &tag) && tag == 2);
    CHECK(!collect(&handle, &tag));
    PLAY(&f, 0xC0, 6);
    PLAY(&f, 0x90, 60, 100);
    CHECK_EQ(fake_count(f.mixer, FAKE_PLAYING), 1); /* the other one still plays it */
    PLAY(&f, 0x80, 60, 0);
    fake_finish_all(f.mixer, FAKE_RELEASED);
    fixture_render(&f, 1);
    CHECK_EQ(synth_unload(f.synth, b, (void *)(uintptr_t)3), SYNTH_OK);
    CHECK(collect(&handle, &tag) && tag == 3);
    CHECK(collect(&handle, &tag) && tag == 1 && handle == wave);
    CHECK(!collect(&handle, &tag));
}

static void test_unload_while_sounding(void)
{
    struct synth_download *instrument = fixture_plain(&f, 5), *handle;
    uintptr_t tag;
    PLAY(&f, 0xC0, 5);
    PLAY(&f, 0x90, 60, 100);
    PLAY(&f, 0x90, 61, 100);
    CHECK_EQ(fake_count(f.mixer, FAKE_PLAYING), 2);
    CHECK_EQ(synth_unload(f.synth, instrument, NULL), SYNTH_OK);
    CHECK(!collect(&handle, &tag));
    PLAY(&f, 0x90, 62, 100); /* later notes do not find it */
    CHECK_EQ(fake_count(f.mixer, FAKE_PLAYING), 2);
    PLAY(&f, 0x80, 60, 0); /* but note-off reaches the sounding ones */
    CHECK_EQ(fake_count(f.mixer, FAKE_RELEASED), 1);
    fake_finish_all(f.mixer, FAKE_RELEASED);
    fixture_render(&f, 1);
    CHECK(!collect(&handle, &tag));
    fake_finish_all(f.mixer, FAKE_PLAYING);
    fixture_render(&f, 1);
    CHECK(collect(&handle, &tag));
    CHECK(handle == instrument);
}

/* As if synth_unload ran while a render was in flight. */
static void test_unload_during_render(void)
{
    struct synth_download *instrument = fixture_plain(&f, 5), *handle;
    uintptr_t tag;
    downloads_enter(&f.synth->downloads, &f.synth->patches);
    CHECK_EQ(synth_unload(f.synth, instrument, NULL), SYNTH_OK);
    CHECK(!collect(&handle, &tag));
    downloads_leave(&f.synth->downloads);
    CHECK(collect(&handle, &tag));
    /* And one that began after the unload need not be waited for. */
    instrument = fixture_plain(&f, 5);
    CHECK_EQ(synth_unload(f.synth, instrument, NULL), SYNTH_OK);
    downloads_enter(&f.synth->downloads, &f.synth->patches);
    CHECK(collect(&handle, &tag));
    downloads_leave(&f.synth->downloads);
}

static void test_walk_loaded(void)
{
    struct synth_download *a = fixture_plain(&f, 5), *b = fixture_plain(&f, 6);
    struct synth_download *first = synth_next_download(f.synth, NULL);
    CHECK(first == f.synth->downloads.loaded.first);
    CHECK(synth_next_download(f.synth, a) == b);
    CHECK(synth_next_download(f.synth, b) == NULL);
}

/* The newest wave of an id is the one that later instruments get. */
static void test_duplicate_ids(void)
{
    struct synth_download *handle;
    bool keeps;
    static struct builder other;
    build_wave(&other, 1, 8000, 8, NULL, 50);
    CHECK_EQ(synth_download(f.synth, other.bytes, other.size, &handle, &keeps), SYNTH_OK);
    fixture_plain(&f, 5);
    CHECK_EQ(first_region()->wave->frames, 50);
    CHECK_EQ(synth_unload(f.synth, handle, NULL), SYNTH_OK);
    fixture_plain(&f, 6);
    CHECK_EQ(first_region()->wave->frames, 100);
}

#define RUN_FRESH(test)                                \
    do {                                               \
        if (!fixture_open(&f, SYNTH_STUDIO))           \
            return 1;                                  \
        RUN(test);                                     \
        if (!fixture_close(&f)) {                      \
            printf("Bail out! leak after " #test "\n"); \
            return 1;                                  \
        }                                              \
    } while (0)

int main(void)
{
    RUN_FRESH(test_accepts);
    RUN_FRESH(test_offset_table);
    RUN_FRESH(test_bad_instruments);
    RUN_FRESH(test_bad_waves);
    RUN_FRESH(test_no_articulation);
    RUN_FRESH(test_bare_instruments);
    RUN_FRESH(test_shared_chains);
    RUN_FRESH(test_region_fields);
    RUN_FRESH(test_repairs);
    RUN_FRESH(test_region_without_sample);
    RUN_FRESH(test_key_index);
    RUN_FRESH(test_articparams);
    RUN_FRESH(test_wave_memory);
    RUN_FRESH(test_out_of_memory);
    RUN_FRESH(test_unload);
    RUN_FRESH(test_wave_waits_for_instruments);
    RUN_FRESH(test_unload_while_sounding);
    RUN_FRESH(test_unload_during_render);
    RUN_FRESH(test_walk_loaded);
    RUN_FRESH(test_duplicate_ids);
    return tap_done();
}
