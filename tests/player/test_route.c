/* SPDX-License-Identifier: MIT */
/* Both doors by themselves: what the player relies on, and unloading, which a render leaves to close. */
#include <stdlib.h>

#include "base/alloc.h"
#include "dmus/dmus.h"
#include "player/bank.h"
#include "player/image.h"
#include "player/route.h"
#include "player/song_buffers.h"
#include "tap.h"
#include "testbank.h"

struct ear {
    struct audio_output base;
    float peak;
    uint64_t frames;
    bool refuse;
};

static enum dm_status ear_write(struct audio_output *out, const void *frames, size_t count, struct dm_error *err)
{
    struct ear *ear = (struct ear *)(void *)out;
    const float *samples = frames;
    if (ear->refuse)
        return dm_fail(err, DM_ERR_WRITE, "enough");
    for (size_t i = 0; i < 2 * count; i++)
        ear->peak = fabsf(samples[i]) > ear->peak ? fabsf(samples[i]) : ear->peak;
    ear->frames += count;
    return DM_OK;
}

static const struct audio_output_ops ear_ops = {.name = "ear", .write = ear_write};
static struct ear ear = {.base = {&ear_ops}};
static const struct route_ops *ops; /* the door under test */

static struct route_config config(void)
{
    return (struct route_config){.studio = true,
                                 .sample_rate = 48000,
                                 .channels = 2,
                                 .voices = 8,
                                 .groups = 2,
                                 .dither = 2,
                                 .volume = -1000,
                                 .output = &ear.base,
                                 .float_samples = true};
}

static void note(struct route *route, int64_t frame, int status, int key, int velocity)
{
    uint8_t buffer[24], message[3] = {(uint8_t)status, (uint8_t)key, (uint8_t)velocity};
    uint32_t size = song_event_put(buffer, 0, 1, true, message, 3);
    CHECK_EQ(ops->play(route, song_frame_time(frame, 48000), buffer, size, NULL), DM_OK);
}

static float heard_in(struct route *route, uint64_t frames)
{
    ear.peak = 0;
    CHECK_EQ(ops->pump(route, frames, 64, NULL), DM_OK);
    return ear.peak;
}

static void test_life_of_a_download(void)
{
    struct blob file = testbank_make();
    struct dmus_bank *bank;
    struct route *route;
    struct route_config c = config();
    CHECK_EQ(dmus_bank_open_memory(file.data, file.size, "test.sf2", &bank, NULL), DMUS_OK);
    CHECK_EQ(ops->open(&c, &route, NULL), DM_OK);
    CHECK_EQ(ops->append_frames(route), 2); /* native-behaviour.md 26 */

    const struct dls_instrument *instrument;
    struct image_region region;
    struct wave_image *wave;
    uint8_t *image;
    size_t size;
    void *wave_handle, *instrument_handle;
    bool keeps;
    CHECK_EQ(bank->ops->instrument(bank, 0, &instrument, NULL), DM_OK);
    CHECK_EQ(bank_wave_image(bank, instrument->regions[0].wave, 2, &wave, NULL), DM_OK);
    region = (struct image_region){&instrument->regions[0], &instrument->regions[0].sample, wave->id};
    CHECK_EQ(image_instrument(0, image_next_id(), instrument, &region, 1, &image, &size, NULL), DM_OK);
    /* Waves first: an instrument whose wave is not there is refused (6.3). */
    CHECK_EQ(ops->download(route, image, &instrument_handle, &keeps, NULL), DM_ERR_FORMAT);
    CHECK_EQ(ops->download(route, wave->bytes, &wave_handle, &keeps, NULL), DM_OK);
    CHECK(keeps);
    CHECK_EQ(ops->download(route, image, &instrument_handle, &keeps, NULL), DM_OK);
    CHECK(!keeps);
    dm_free(image);

    note(route, 100, 0x90, 50, 127);
    CHECK(!ops->silent(route));
    CHECK(heard_in(route, 4800) > 0.01f);
    CHECK_EQ(ops->unload(route, instrument_handle, NULL), DM_OK);
    CHECK_EQ(ops->unload(route, wave_handle, NULL), DM_OK);
    CHECK(ops->unload(route, wave_handle, NULL) != DM_OK);
    CHECK(heard_in(route, 4800) > 0.01f); /* what sounds goes on */
    note(route, 9600, 0x80, 50, 0);
    heard_in(route, 96000);
    CHECK(ops->silent(route));
    note(route, 105700, 0x90, 50, 127); /* found no more */
    CHECK(heard_in(route, 4800) == 0);
    struct route_report report;
    struct route_missing missing;
    ops->report(route, &report);
    CHECK_EQ(report.notes_missing, 1);
    CHECK_EQ(report.events_late, 0);
    CHECK_EQ(report.frames, 4800 + 4800 + 96000 + 4800);
    CHECK(ops->missing(route, 0, &missing));
    CHECK_EQ(missing.key, 50);
    CHECK(!ops->missing(route, 1, &missing));
    ops->close(route);
    wave_image_release(bank, wave);
    dmus_bank_close(bank);
    blob_free(&file);
}

static void test_output_that_refuses(void)
{
    struct route *route;
    struct route_config c = config();
    CHECK_EQ(ops->open(&c, &route, NULL), DM_OK);
    CHECK_EQ(ops->pump(route, 1000, 100, NULL), DM_OK);
    ear.refuse = true;
    CHECK_EQ(ops->pump(route, 1000, 100, NULL), DM_ERR_WRITE);
    ear.refuse = false;
    ops->close(route);
    ops->close(NULL);
}

static void test_what_the_synth_cannot_give(void)
{
    struct route *route;
    struct route_config c = config();
    struct dm_error err = {0};
    c.studio = false;
    c.sample_rate = 192000; /* native ends at 96000 and says so with S_FALSE */
    CHECK_EQ(ops->open(&c, &route, &err), DM_ERR_ARGUMENT);
    CHECK(route == NULL && strstr(err.text, "96000") != NULL);
}

int main(void)
{
    static const struct route_ops *const doors[] = {&route_user_mode, &route_kernel_mode};
    for (int i = 0; i < 2; i++) {
        ops = doors[i];
        printf("# through %s mode\n", ops->name);
        RUN(test_life_of_a_download);
        RUN(test_output_that_refuses);
        RUN(test_what_the_synth_cannot_give);
    }
    return tap_done();
}
