/* SPDX-License-Identifier: MIT */
/* Download images against a walker of its own that knows only spec/ddi-user.md 6.1 to 6.4. */
#include <stdlib.h>

#include "base/alloc.h"
#include "player/bank.h"
#include "player/image.h"
#include "tap.h"
#include "testbank.h"

static uint32_t u32(const uint8_t *p) { return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24; }
static uint32_t u16(const uint8_t *p) { return (uint32_t)(p[0] | p[1] << 8); }

/* Object of table entry INDEX with at least NEED bytes to the end of the image, or NULL. */
static const uint8_t *object(const uint8_t *image, size_t size, uint32_t index, uint32_t need)
{
    uint32_t entries = u32(image + 8);
    if (!CHECK(index < entries))
        return NULL;
    uint32_t at = u32(image + 16 + 4 * index);
    if (!CHECK(at % 4 == 0 && at >= 16 + 4 * entries && at <= size && need <= size - at))
        return NULL;
    return image + at;
}

static void check_head(const uint8_t *image, size_t size, uint32_t type)
{
    CHECK_EQ(u32(image), type);
    CHECK_EQ(u32(image + 12), size);
    CHECK(u32(image + 8) >= 1);
    CHECK_EQ(u32(image + 16), 16 + 4 * u32(image + 8)); /* entry 0 is the root, right behind the table */
}

static void test_wave_image(void)
{
    enum { FRAMES = 1001, APPEND = 2 };
    uint64_t size = image_wave_size(FRAMES, APPEND);
    uint8_t *image = dm_calloc_aligned(64, (size_t)size);
    int16_t *samples = image_wave_begin(image, 77, 22050, FRAMES, APPEND);
    for (int i = 0; i < FRAMES; i++)
        samples[i] = (int16_t)(i * 3);
    check_head(image, (size_t)size, 2);
    CHECK_EQ(u32(image + 4), 77);
    const uint8_t *wave = object(image, (size_t)size, 0, 32);
    CHECK_EQ(u32(wave), 0);
    CHECK_EQ(u32(wave + 4), 0);
    CHECK_EQ(u16(wave + 12), 1);
    CHECK_EQ(u16(wave + 14), 1);
    CHECK_EQ(u32(wave + 16), 22050);
    CHECK_EQ(u32(wave + 20), 44100);
    CHECK_EQ(u16(wave + 24), 2);
    CHECK_EQ(u16(wave + 26), 16);
    CHECK_EQ(u16(wave + 28), 0);
    const uint8_t *data = object(image, (size_t)size, u32(wave + 8), 4 + FRAMES * 2 + APPEND * 2 + 32);
    CHECK_EQ(u32(data), FRAMES * 2);
    CHECK_EQ(u16(data + 4 + 2 * 1000), 3000);
    CHECK_EQ((uintptr_t)(data + 4) % 64, 0);
    dm_free_aligned(image);
}

/* Number of blocks of the articulation at table entry INDEX, its first block copied. */
static uint32_t read_artic(const uint8_t *image, size_t size, uint32_t index, struct dls_connection *first)
{
    const uint8_t *head = object(image, size, index, 12);
    if (!head)
        return 0;
    CHECK_EQ(u32(head + 4), 0);
    CHECK_EQ(u32(head + 8), 0);
    const uint8_t *list = object(image, size, u32(head), 8);
    if (!list)
        return 0;
    CHECK_EQ(u32(list), 8);
    uint32_t count = u32(list + 4);
    list = object(image, size, u32(head), 8 + 12 * count);
    if (list && count)
        *first = (struct dls_connection){(uint16_t)u16(list + 8), (uint16_t)u16(list + 10), (uint16_t)u16(list + 12),
                                         (uint16_t)u16(list + 14), (int32_t)u32(list + 16)};
    return count;
}

/* Walk the regions of an image and compare each with what it was made of. */
static void check_instrument(const uint8_t *image, size_t size, uint32_t patch,
                             const struct dls_instrument *instrument, const struct image_region *regions,
                             uint32_t count)
{
    check_head(image, size, 3);
    const uint8_t *root = object(image, size, 0, 24);
    CHECK_EQ(u32(root), patch);
    uint32_t index = u32(root + 4), seen = 0;
    while (index && seen <= count) {
        const uint8_t *p = object(image, size, index, 72);
        if (!p || !CHECK(seen < count))
            return;
        const struct image_region *r = &regions[seen];
        CHECK_EQ(u16(p), r->region->key_low);
        CHECK_EQ(u16(p + 2), r->region->key_high);
        CHECK_EQ(u16(p + 4), r->region->velocity_low);
        CHECK_EQ(u16(p + 6), r->region->velocity_high);
        CHECK_EQ(u16(p + 10), r->region->key_group);
        CHECK_EQ(u16(p + 26), r->region->phase_group);
        CHECK_EQ(u32(p + 28), 1);
        CHECK_EQ(u32(p + 32), r->wave_id);
        CHECK_EQ(u32(p + 36), 20);
        CHECK_EQ(u16(p + 40), r->sample->unity_note);
        CHECK_EQ((int16_t)u16(p + 42), r->sample->fine_tune);
        CHECK_EQ((int32_t)u32(p + 44), r->sample->gain);
        CHECK_EQ(u32(p + 52), r->sample->loop != DLS_LOOP_NONE);
        if (r->sample->loop != DLS_LOOP_NONE) {
            CHECK_EQ(u32(p + 56), 16);
            CHECK_EQ(u32(p + 60), r->sample->loop == DLS_LOOP_RELEASE);
            CHECK_EQ(u32(p + 64), r->sample->loop_start);
            CHECK_EQ(u32(p + 68), r->sample->loop_length);
        }
        const struct dls_articulation *artic =
            r->region->articulation.present ? &r->region->articulation : &instrument->articulation;
        uint32_t artic_index = u32(p + 12) ? u32(p + 12) : u32(root + 8);
        struct dls_connection first;
        if (CHECK(artic_index != 0) && artic->present) {
            CHECK_EQ(read_artic(image, size, artic_index, &first), artic->count);
            CHECK_EQ(memcmp(&first, artic->connections, sizeof first), 0);
        }
        index = u32(p + 16);
        seen++;
    }
    CHECK_EQ(seen, count);
}

static void test_instrument_images_of_a_bank(void)
{
    struct blob file = testbank_make();
    struct dmus_bank *bank;
    CHECK_EQ(dmus_bank_open_memory(file.data, file.size, "test.sf2", &bank, NULL), DMUS_OK);
    for (uint32_t i = 0; i < bank->entry_count; i++) {
        const struct dls_instrument *instrument;
        struct image_region regions[64];
        uint8_t *image;
        size_t size;
        CHECK_EQ(bank->ops->instrument(bank, i, &instrument, NULL), DM_OK);
        CHECK(instrument->region_count > 0 && instrument->region_count <= 64);
        for (uint32_t k = 0; k < instrument->region_count; k++)
            regions[k] = (struct image_region){&instrument->regions[k], &instrument->regions[k].sample, 1000 + k};
        CHECK_EQ(image_instrument(bank->entries[i].patch, 5, instrument, regions, instrument->region_count, &image,
                                  &size, NULL),
                 DM_OK);
        check_instrument(image, size, bank->entries[i].patch, instrument, regions, instrument->region_count);
        dm_free(image);
    }
    dmus_bank_close(bank);
    blob_free(&file);
}

/* Instrument list, region list, none, and equal region lists stored once. */
static void test_articulation_scopes(void)
{
    struct dls_connection own = {0, 0, 4, 0, 100 << 16}, common = {0, 0, 4, 0, -100 * 65536};
    struct dls_region region[4] = {0};
    struct dls_sample_info sample = {.present = true, .unity_note = 60};
    struct image_region in[4];
    struct dls_instrument instrument = {.region_count = 4, .regions = region};
    for (int i = 0; i < 4; i++) {
        region[i].key_high = region[i].velocity_high = 127;
        in[i] = (struct image_region){&region[i], &sample, 9};
    }
    region[1].articulation = region[2].articulation = (struct dls_articulation){true, 1, &own};
    uint8_t *image;
    size_t with, without;
    CHECK_EQ(image_instrument(3, 1, &instrument, in, 4, &image, &with, NULL), DM_OK);
    const uint8_t *root = object(image, with, 0, 24);
    struct dls_connection first = {0};
    /* An instrument without any articulation is refused (6.8): a stand-in that does nothing. */
    CHECK_EQ(read_artic(image, with, u32(root + 8), &first), 1);
    CHECK_EQ(first.scale, 0);
    const uint8_t *r1 = object(image, with, u32(root + 4) + 1, 72), *r2 = object(image, with, u32(root + 4) + 2, 72);
    CHECK_EQ(u32(r1 + 12), u32(r2 + 12));
    CHECK(u32(r1 + 12) != 0);
    dm_free(image);
    own.scale = 1;
    instrument.articulation = (struct dls_articulation){true, 1, &common};
    CHECK_EQ(image_instrument(3, 1, &instrument, in, 4, &image, &with, NULL), DM_OK);
    check_instrument(image, with, 3, &instrument, in, 4);
    dm_free(image);
    CHECK_EQ(image_instrument(DMUS_PATCH_DRUMS | 16, 1, &instrument, in, 0, &image, &without, NULL), DM_OK);
    check_instrument(image, without, DMUS_PATCH_DRUMS | 16, &instrument, in, 0);
    dm_free(image);
}

/* Two renders of one bank get the same image of a wave, and so does a third that comes when they are over. */
static void test_wave_images_are_shared(void)
{
    struct blob file = testbank_make();
    struct dmus_bank *bank;
    struct wave_image *a, *b;
    const long before = dm_alloc_live();
    CHECK_EQ(dmus_bank_open_memory(file.data, file.size, "test.sf2", &bank, NULL), DMUS_OK);
    long live = dm_alloc_live();
    CHECK_EQ(bank_wave_image(bank, 0, 2, &a, NULL), DM_OK);
    CHECK_EQ(bank_wave_image(bank, 0, 2, &b, NULL), DM_OK);
    CHECK(a == b);
    wave_image_release(bank, a);
    CHECK_EQ(u32(b->bytes), 2);
    CHECK_EQ(u32(b->bytes + 4), b->id);
    wave_image_release(bank, b);
    CHECK_EQ(dm_alloc_live(), live + 2); /* it and the table */
    CHECK_EQ(bank_wave_image(bank, 0, 1, &a, NULL), DM_OK); /* of a synth that wants less behind the data */
    CHECK(a == b);
    CHECK_EQ(dm_alloc_live(), live + 2);
    wave_image_release(bank, a);
    dmus_bank_close(bank);
    CHECK_EQ(dm_alloc_live(), before);
    blob_free(&file);
}

/* A synth that wants more room behind the data than is there gets an image of its own while the other is in use, and else one in
 * its place. */
static void test_wave_image_with_more_behind_it(void)
{
    struct blob file = testbank_make();
    struct dmus_bank *bank;
    struct wave_image *little, *more, *again;
    CHECK_EQ(dmus_bank_open_memory(file.data, file.size, "test.sf2", &bank, NULL), DMUS_OK);
    CHECK_EQ(bank_wave_image(bank, 0, 2, &little, NULL), DM_OK);
    long live = dm_alloc_live();
    CHECK_EQ(bank_wave_image(bank, 0, 100, &more, NULL), DM_OK);
    CHECK(more != little && more->id != little->id);
    CHECK_EQ(more->size, little->size + 98 * 2);
    CHECK_EQ(u32(more->bytes + 12), more->size); /* cbSize */
    CHECK_EQ(dm_alloc_live(), live + 1);
    wave_image_release(bank, more);
    CHECK_EQ(dm_alloc_live(), live);
    wave_image_release(bank, little);
    CHECK_EQ(bank_wave_image(bank, 0, 100, &more, NULL), DM_OK);
    CHECK_EQ(dm_alloc_live(), live);
    wave_image_release(bank, more);
    CHECK_EQ(bank_wave_image(bank, 0, 2, &again, NULL), DM_OK);
    CHECK(again == more);
    wave_image_release(bank, again);
    dmus_bank_close(bank);
    blob_free(&file);
}

static const struct bank_ops *cheap;

static void costly_wave(struct dmus_bank *bank, uint32_t wave, struct bank_wave *out)
{
    cheap->wave(bank, wave, out);
    out->costly = true;
}

/* What was costly to decode is kept, until a synth wants more room behind it. */
static void test_costly_wave_image(void)
{
    struct blob file = testbank_make();
    struct dmus_bank *bank;
    struct wave_image *first, *again;
    const long before = dm_alloc_live();
    CHECK_EQ(dmus_bank_open_memory(file.data, file.size, "test.sf2", &bank, NULL), DMUS_OK);
    cheap = bank->ops;
    struct bank_ops ops = *cheap;
    ops.wave = costly_wave;
    bank->ops = &ops;
    CHECK_EQ(bank_wave_image(bank, 0, 2, &first, NULL), DM_OK);
    uint32_t id = first->id;
    wave_image_release(bank, first);
    CHECK(bank->idle.bytes == 0 && bank->idle.oldest == NULL);
    long live = dm_alloc_live();
    CHECK_EQ(bank_wave_image(bank, 0, 2, &again, NULL), DM_OK);
    CHECK(again == first);
    wave_image_release(bank, again);
    for (int i = 0; i < 2; i++) {
        CHECK_EQ(bank_wave_image(bank, 0, 100, &again, NULL), DM_OK);
        CHECK(again->id != id && again->append_frames == 100);
        CHECK_EQ(dm_alloc_live(), live);
        CHECK(i == 0 || again == first); /* not decoded again */
        first = again;
        wave_image_release(bank, again);
    }
    bank->ops = cheap;
    dmus_bank_close(bank);
    CHECK_EQ(dm_alloc_live(), before);
    blob_free(&file);
}

/* Of idle images IDLE_BYTES_MAX are kept, the latest that were played. */
static void test_idle_wave_images(void)
{
    enum { WAVES = 3, FRAMES = 6000000 }; /* 12 MB each */
    struct sf2_writer w = {0};
    int16_t *silence = calloc(FRAMES, sizeof *silence);
    struct dmus_bank *bank;
    struct wave_image *image[WAVES], *again;
    sf2w_instrument(&w, "all");
    for (int i = 0; i < WAVES; i++)
        sf2w_sample(&w, "long", silence, FRAMES, 0, 0, 44100, 60, 0, 0, 1);
    for (int i = 0; i < WAVES; i++) {
        sf2w_izone(&w);
        sf2w_igen(&w, 43, sf2w_range(40 * i, 40 * i + 39)); /* keyRange */
        sf2w_igen(&w, 53, i);                                /* sampleID */
    }
    sf2w_preset(&w, "all", 0, 0);
    sf2w_pzone(&w);
    sf2w_pgen(&w, 41, 0); /* instrument */
    struct blob file = sf2w_finish(&w);
    const struct dls_instrument *instrument;
    CHECK_EQ(dmus_bank_open_memory(file.data, file.size, "long.sf2", &bank, NULL), DMUS_OK);
    CHECK_EQ(bank->ops->instrument(bank, 0, &instrument, NULL), DM_OK);
    CHECK_EQ(bank->ops->wave_count(bank), WAVES);
    long live = dm_alloc_live();
    for (uint32_t i = 0; i < WAVES; i++)
        CHECK_EQ(bank_wave_image(bank, i, 2, &image[i], NULL), DM_OK);
    CHECK_EQ(dm_alloc_live(), live + 1 + WAVES);
    uint32_t second = image[1]->id;
    for (uint32_t i = 0; i < WAVES; i++)
        wave_image_release(bank, image[i]);
    CHECK_EQ(dm_alloc_live(), live + 1 + 2); /* the first is gone */
    CHECK_EQ(bank_wave_image(bank, 1, 2, &again, NULL), DM_OK);
    CHECK_EQ(again->id, second);
    CHECK_EQ(bank_wave_image(bank, 0, 2, &image[0], NULL), DM_OK);
    wave_image_release(bank, image[0]);      /* with the third 24 MB are idle, ... */
    CHECK_EQ(dm_alloc_live(), live + 1 + 3);
    wave_image_release(bank, again);         /* ... and now the third, which is the oldest, goes */
    CHECK_EQ(dm_alloc_live(), live + 1 + 2);
    CHECK_EQ(bank_wave_image(bank, 1, 2, &again, NULL), DM_OK);
    CHECK_EQ(again->id, second);
    wave_image_release(bank, again);
    dmus_bank_close(bank);
    blob_free(&file);
    free(silence);
}

int main(void)
{
    RUN(test_wave_image);
    RUN(test_instrument_images_of_a_bank);
    RUN(test_articulation_scopes);
    RUN(test_wave_images_are_shared);
    RUN(test_wave_image_with_more_behind_it);
    RUN(test_costly_wave_image);
    RUN(test_idle_wave_images);
    return tap_done();
}
