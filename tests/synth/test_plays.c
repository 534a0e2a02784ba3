/* SPDX-License-Identifier: MIT */
/* Voices of the DirectX 8 API inside the engine: nothing allocated while rendering, lists and plays that are given back. */
#include <stdlib.h>

#include "../tap.h"
#include "image_builder.h"
#include "synth/engine.h"
#include "test_memory.h"

enum { RATE = 22050, LENGTH = 500, ONE_SHOT = 1, BUFFERS = 2, STREAM = 20, BUS_ARTIC = 30 };

static struct test_memory memory;
static struct synth *synth;
static struct builder blocks[2 + BUFFERS + 1];
static int64_t position;

static void load(struct builder *b)
{
    struct synth_download *download;
    bool keeps;
    CHECK_EQ(synth_download(synth, b->bytes, b->size, &download, &keeps), SYNTH_OK);
}

static bool open_engine(uint32_t voices)
{
    static int16_t samples[LENGTH];
    static const uint32_t ids[BUFFERS] = {10, 11}, one_shot[1] = {ONE_SHOT};
    struct synth_config config = {.sample_rate = RATE, .channels = 2, .voices = voices, .groups = 2, .effects = 3,
                                  .profile = SYNTH_STUDIO, .interpolation = SYNTH_CUBIC};
    struct synth_memory mem = test_memory(&memory);
    if (!CHECK(synth_create(&config, &mem, &synth) == SYNTH_OK))
        return false;
    for (int i = 0; i < LENGTH; i++)
        samples[i] = (int16_t)(i * 50);
    build_play_wave(&blocks[0], 6, ONE_SHOT, RATE, samples, LENGTH);
    load(&blocks[0]);
    for (uint32_t i = 0; i < BUFFERS; i++) {
        build_play_wave(&blocks[1 + i], 5, ids[i], RATE, samples, LENGTH);
        load(&blocks[1 + i]);
    }
    build_wave_articulation(&blocks[1 + BUFFERS], STREAM, ids, BUFFERS);
    load(&blocks[1 + BUFFERS]);
    build_wave_articulation(&blocks[2 + BUFFERS], BUS_ARTIC, one_shot, 1);
    put32(blocks[2 + BUFFERS].bytes + 24 + 4, 512); /* ulBus */
    load(&blocks[2 + BUFFERS]);
    position = 0;
    return true;
}

static void close_engine(void)
{
    synth_destroy(synth);
    CHECK_EQ(memory.live, 0);
}

static enum synth_status play(uint32_t id, uint32_t group, uint32_t channel, uint32_t download, int64_t at, uint64_t loop_end)
{
    const struct synth_voice voice = {.id = id, .group = group, .channel = channel, .download_id = download, .loop_end = loop_end};
    return synth_play_voice(synth, at, &voice);
}

static void render(uint32_t frames)
{
    static float out[2 * 4096];
    synth_render_f32(synth, position, frames, out);
    position += frames;
}

static void assign(uint32_t channel, uint32_t bus)
{
    CHECK_EQ(synth_assign_buses(synth, 1, channel, &bus, 1), SYNTH_OK);
}

static bool exists(uint32_t id)
{
    uint64_t at;
    return synth_voice_position(synth, id, &at);
}

static void test_render_allocates_nothing(void)
{
    static float buffers[3][1000], *const out[3] = {buffers[0], buffers[1], buffers[2]};
    static const uint32_t ids[3] = {0, 512, 64};
    if (!open_engine(8))
        return;
    assign(1, 512);
    for (uint32_t i = 0; i < 12; i++) /* more than there are slots */
        CHECK_EQ(play(i, 1, i % 3, ONE_SHOT, i * 40, LENGTH), SYNTH_OK);
    CHECK_EQ(play(50, 1, 0, STREAM, 100, 0), SYNTH_OK);
    CHECK_EQ(play(51, 1, 0, BUS_ARTIC, 150, 0), SYNTH_OK);
    for (uint32_t i = 0; i < 12; i += 3)
        CHECK_EQ(synth_stop_voice(synth, 700 + i, i), SYNTH_OK);
    long requests = memory.requests, live = memory.live;
    for (int i = 0; i < 4; i++) {
        render(333);
        synth_render_buses(synth, position, 1000, out, ids, 3);
        position += 1000;
    }
    CHECK_EQ(memory.requests, requests);
    CHECK_EQ(memory.live, live); /* nor does it free */
    CHECK(exists(50)); /* waits for its buffers */
    close_engine();
}

/* A replaced list lives as long as a voice that started with it, and no longer. */
static void test_bus_lists_are_given_back(void)
{
    if (!open_engine(8))
        return;
    long live = memory.live;
    for (uint32_t i = 0; i < 50; i++) {
        assign(0, 512 + i);
        CHECK(memory.live <= live + 2);
        render(10);
    }
    CHECK_EQ(play(1, 1, 0, ONE_SHOT, 0, LENGTH), SYNTH_OK);
    render(100);
    for (uint32_t i = 0; i < 50; i++) {
        assign(0, 600 + i);
        CHECK(memory.live <= live + 2 + 1 + 2); /* the voice's own, and what PlayVoice took */
        render(10);
    }
    CHECK_EQ(synth_stop_voice(synth, position, 1), SYNTH_OK);
    render(1000);
    const uint32_t plain[] = {1, 65, 0, 64};
    for (int i = 0; i < 2; i++)
        CHECK_EQ(synth_assign_buses(synth, 1, 0, plain, 4), SYNTH_OK);
    CHECK(!exists(1));
    struct synth_download *handle;
    void *tag;
    CHECK(!synth_collect(synth, &handle, &tag));
    long chunk = 1; /* of the event queue */
    CHECK(memory.live <= live + chunk + 1);
    CHECK(synth->old_buses == NULL);
    CHECK(synth->plays.all == NULL);
    close_engine();
}

/* A voice for a group that is gone when its time comes never was. */
static void test_group_gone_before_the_voice(void)
{
    if (!open_engine(8))
        return;
    CHECK_EQ(play(1, 2, 0, ONE_SHOT, 500, 0), SYNTH_OK);
    CHECK_EQ(play(2, 2, 0, STREAM, 500, 0), SYNTH_OK);
    CHECK(exists(1) && exists(2));
    CHECK_EQ(synth_set_groups(synth, 1), SYNTH_OK);
    CHECK_EQ(play(3, 2, 0, ONE_SHOT, 500, 0), SYNTH_BAD_ARGUMENT);
    render(1000);
    CHECK(!exists(1) && !exists(2));
    CHECK_EQ(synth_set_groups(synth, 2), SYNTH_OK);
    CHECK_EQ(play(2, 2, 0, STREAM, 500, 0), SYNTH_OK); /* the stream is free again */
    render(100);
    CHECK(exists(2));
    close_engine();
}

/* Whatever is queued, sounds, waits or was replaced: the end frees it. */
static void test_the_end_at_any_moment(void)
{
    for (int when = 0; when < 12; when++) {
        if (!open_engine(4))
            return;
        assign(0, 512);
        for (uint32_t i = 0; i < 8; i++)
            CHECK_EQ(play(i, 1, i & 1, i == 5 ? STREAM : i == 6 ? BUS_ARTIC : ONE_SHOT, i * 150, 0), SYNTH_OK);
        render((uint32_t)when * 200 + 1);
        assign(0, 513);
        for (struct synth_download *at = synth_next_download(synth, NULL); at && when & 1; at = synth_next_download(synth, NULL))
            CHECK_EQ(synth_unload(synth, at, NULL), SYNTH_OK);
        if (when % 3 == 1)
            synth_stop(synth);
        else if (when % 3 == 2)
            synth_reset(synth);
        if (when % 3) {
            for (uint32_t i = 0; i < 8; i++)
                CHECK(!exists(i));
            CHECK(synth_silent(synth));
            struct synth_download *handle;
            void *tag;
            int collected = 0;
            while (synth_collect(synth, &handle, &tag))
                collected++;
            CHECK_EQ(collected, when & 1 ? 3 + BUFFERS : 0);
        }
        close_engine();
    }
}

static void test_no_memory_for_a_stop(void)
{
    if (!open_engine(4))
        return;
    CHECK_EQ(play(1, 1, 0, ONE_SHOT, 0, LENGTH), SYNTH_OK);
    render(10);
    memory.fail_at = memory.requests + 1;
    enum synth_status status = SYNTH_OK;
    for (int i = 0; i < 1000 && status == SYNTH_OK; i++)
        status = synth_stop_voice(synth, 1000000, 1);
    CHECK_EQ(status, SYNTH_NOMEM);
    memory.fail_at = 0;
    CHECK_EQ(synth_stop_voice(synth, 0, 1), SYNTH_OK);
    render(1000);
    CHECK(!exists(1));
    close_engine();
}

int main(void)
{
    RUN(test_render_allocates_nothing);
    RUN(test_bus_lists_are_given_back);
    RUN(test_group_gone_before_the_voice);
    RUN(test_the_end_at_any_moment);
    RUN(test_no_memory_for_a_stop);
    return tap_done();
}
