/* SPDX-License-Identifier: MIT */
/*
 * Streaming waves and wave articulations: download types 4 and 5, Refresh. Nothing public documents them; what is tested is what
 * dmus/ddi.h says.
 */
#include "stage.h"

enum { BUFFERS = 3, LENGTH = 400, TOTAL = 4000, ARTIC = 100 };

static struct stage stage;
static int16_t data[TOTAL];
static uint32_t given; /* samples of data that the buffers have had */

static void make_data(void)
{
    uint32_t seed = 5;
    for (int i = 0; i < TOTAL; i++) {
        seed = seed * 1664525u + 1013904223u;
        data[i] = (int16_t)(9000 * sin(i * 0.07) + (int)(seed >> 20) - 2048);
    }
}

static const uint32_t ids[BUFFERS] = {1, 2, 3};

/* Buffers 1..3 with the first samples of DATA, and articulation ARTIC on them. */
static void open_stream(struct stage_options options)
{
    make_data();
    stage_open(&stage, options);
    for (uint32_t i = 0; i < BUFFERS; i++)
        stage_load(&stage, image_play_wave(5, ids[i], data + LENGTH * i, LENGTH, STAGE_RATE));
    stage_load(&stage, image_wave_articulation(ARTIC, 0xFFFFFFFF, ARTIC, 0, ids, BUFFERS));
    given = BUFFERS * LENGTH;
}

/* Write the next LENGTH samples, or what is left, into the buffer whose turn it is and refresh it. */
static HRESULT refill(uint32_t turn)
{
    uint32_t slot = turn % BUFFERS, count = TOTAL - given < LENGTH ? TOTAL - given : LENGTH;
    struct image *image = &stage.kept[slot];
    put32(image, 24, 2 * count);
    for (uint32_t i = 0; i < count; i++)
        put16(image, 28 + 2 * i, (uint16_t)data[given + i]);
    given += count;
    return IDirectMusicSynth8_Refresh(stage.synth, ids[slot], given == TOTAL ? REFRESH_F_LASTBUFFER : 0);
}

/* Render FRAMES in blocks of BLOCK as a host does: after each, whatever was played is filled again. */
static void run(float *out, uint32_t frames, uint32_t block, uint32_t *turn)
{
    for (uint32_t done = 0; done < frames; done += block) {
        SAMPLE_POSITION at;
        stage_render(&stage, out + 2 * done, block);
        while (given < TOTAL && stage_exists(&stage, 1, &at) && at >= (*turn + 1) * LENGTH)
            CHECK_EQ(refill((*turn)++), S_OK);
    }
}

/* The reference: the same samples as one wave of type 6. */
static void render_whole(struct stage_options options, LONG pitch, float *out, uint32_t frames)
{
    make_data();
    stage_open(&stage, options);
    stage_load(&stage, image_play_wave(6, 50, data, TOTAL, STAGE_RATE));
    CHECK_EQ(IDirectMusicSynth8_PlayVoice(stage.synth, 37, 1, 1, 0, 50, pitch, 0, 0, 0, 0), S_OK);
    stage_render(&stage, out, frames);
    stage_close(&stage);
}

/* The samples of a stream are those of one wave, bit for bit: no seam between buffers, at any pitch and kernel. */
static void test_stream_equals_the_whole_wave(void)
{
    static const struct {
        DWORD profile, interpolation;
        LONG pitch;
    } table[] = {{DMUS_PROFILE_NATIVE, DMUS_INTERPOLATION_LINEAR, 0},     {DMUS_PROFILE_NATIVE, DMUS_INTERPOLATION_NEAREST, 300},
                 {DMUS_PROFILE_STUDIO, DMUS_INTERPOLATION_SINC16, 0},     {DMUS_PROFILE_STUDIO, DMUS_INTERPOLATION_SINC16, -700},
                 {DMUS_PROFILE_STUDIO, DMUS_INTERPOLATION_SINC32, 1150}, {DMUS_PROFILE_NATIVE, DMUS_INTERPOLATION_CUBIC, -1200}};
    enum { FRAMES = 9216 };
    static float whole[2 * FRAMES], pieces[2 * FRAMES];
    for (size_t k = 0; k < sizeof table / sizeof table[0]; k++) {
        struct stage_options options = {.profile = table[k].profile, .interpolation = table[k].interpolation};
        uint32_t turn = 0;
        render_whole(options, table[k].pitch, whole, FRAMES);
        open_stream(options);
        CHECK_EQ(IDirectMusicSynth8_PlayVoice(stage.synth, 37, 1, 1, 0, ARTIC, table[k].pitch, 0, 0, 0, 0), S_OK);
        run(pieces, FRAMES, 96, &turn);
        CHECK_EQ(given, TOTAL);
        CHECK(!stage_exists(&stage, 1, NULL)); /* the last buffer ended it */
        CHECK(memcmp(whole, pieces, sizeof whole) == 0);
        stage_close(&stage);
    }
}

static void test_position_counts_on_through_the_stream(void)
{
    static float out[2 * 64];
    SAMPLE_POSITION at, last = 0;
    uint32_t turn = 0;
    open_stream((struct stage_options){0});
    CHECK_EQ(stage_play(&stage, 0, 1, ARTIC), S_OK);
    for (uint32_t frames = 64; frames <= 3200; frames += 64) {
        run(out, 64, 64, &turn);
        CHECK(stage_exists(&stage, 1, &at));
        CHECK(at >= last && at <= frames && at + 64 >= frames); /* to the control point */
        last = at;
    }
    stage_close(&stage);
}

static void test_start_inside_the_stream(void)
{
    static float out[2 * 200];
    open_stream((struct stage_options){0});
    CHECK_EQ(IDirectMusicSynth8_PlayVoice(stage.synth, 0, 1, 1, 0, ARTIC, 0, 0, LENGTH + 50, 0, 0), S_OK);
    stage_render(&stage, out, 200);
    for (int i = 0; i < 200; i++)
        CHECK_NEAR(out[2 * i], data[LENGTH + 50 + i] / 32768.0 * stage_gain(), 1e-5);
    given = LENGTH * BUFFERS;
    CHECK_EQ(refill(0), S_OK); /* the first buffer was passed over */
    CHECK_EQ(refill(1), E_FAIL);
    stage_close(&stage);
}

static void test_an_empty_buffer_is_waited_for(void)
{
    static float out[2 * 2000];
    SAMPLE_POSITION at;
    open_stream((struct stage_options){0});
    CHECK_EQ(stage_play(&stage, 0, 1, ARTIC), S_OK);
    stage_render(&stage, out, 2000); /* 1200 there are */
    CHECK(stage_exists(&stage, 1, &at));
    CHECK_EQ(at, BUFFERS * LENGTH);
    for (int i = BUFFERS * LENGTH + 64; i < 2000; i++)
        CHECK(out[2 * i] == 0);
    CHECK_EQ(refill(0), S_OK);
    stage_render(&stage, out, 400);
    int first = 0;
    while (first < 64 && out[2 * first] == 0)
        first++;
    CHECK(first < 64); /* at the next control point */
    for (int i = first; i < first + 300; i++) /* not one sample lost */
        CHECK_NEAR(out[2 * i], data[BUFFERS * LENGTH + i - first] / 32768.0 * stage_gain(), 1e-5);
    CHECK(stage_exists(&stage, 1, &at));
    CHECK(at >= BUFFERS * LENGTH + 300 && at <= BUFFERS * LENGTH + 400);
    CHECK_EQ(IDirectMusicSynth8_StopVoice(stage.synth, 0, 1), S_OK);
    stage_skip(&stage, 500);
    CHECK(!stage_exists(&stage, 1, NULL)); /* also one that waits can be stopped */
    stage_close(&stage);
}

static void test_refresh_codes(void)
{
    open_stream((struct stage_options){0});
    struct image *first = &stage.kept[0];
    CHECK_EQ(IDirectMusicSynth8_Refresh(stage.synth, 99, 0), (HRESULT)0x88781120);
    CHECK_EQ(IDirectMusicSynth8_Refresh(stage.synth, ARTIC, 0), (HRESULT)0x88781120);
    CHECK_EQ(IDirectMusicSynth8_Refresh(stage.synth, 1, 2), E_INVALIDARG);
    CHECK_EQ(IDirectMusicSynth8_Refresh(stage.synth, 1, 0), S_OK); /* not playing: any time */
    put32(first, 24, 0x7FFFFFFF);
    CHECK_EQ(IDirectMusicSynth8_Refresh(stage.synth, 1, 0), (HRESULT)0x8878112B);
    put32(first, 24, 2 * 100);
    CHECK_EQ(IDirectMusicSynth8_Refresh(stage.synth, 1, 0), S_OK); /* shorter */
    CHECK_EQ(stage_play(&stage, 0, 1, ARTIC), S_OK);
    CHECK_EQ(IDirectMusicSynth8_Refresh(stage.synth, 1, 0), E_FAIL); /* queued: not played yet */
    CHECK_EQ(stage_play(&stage, 0, 2, ARTIC), E_FAIL);               /* a stream has one voice */
    stage_skip(&stage, 164); /* past the 100, at a control point */
    CHECK_EQ(IDirectMusicSynth8_Refresh(stage.synth, 1, 0), S_OK);
    CHECK_EQ(IDirectMusicSynth8_Refresh(stage.synth, 1, 0), E_FAIL);
    CHECK_EQ(IDirectMusicSynth8_Refresh(stage.synth, 2, 0), E_FAIL);                    /* is being played */
    CHECK_EQ(IDirectMusicSynth8_Refresh(stage.synth, 3, REFRESH_F_LASTBUFFER), S_OK);  /* full, and the last one */
    CHECK_EQ(IDirectMusicSynth8_Refresh(stage.synth, 3, REFRESH_F_LASTBUFFER), E_FAIL);
    stage_skip(&stage, 2 * LENGTH);
    CHECK(!stage_exists(&stage, 1, NULL));
    CHECK_EQ(stage_play(&stage, 0, 2, ARTIC), S_OK); /* again from the first buffer */
    stage_skip(&stage, 10);
    CHECK(stage_exists(&stage, 2, NULL));
    CHECK_EQ(IDirectMusicSynth8_Activate(stage.synth, FALSE), S_OK);
    CHECK_EQ(IDirectMusicSynth8_Refresh(stage.synth, 3, 0), S_OK);
    stage_close(&stage);
}

/* A stream takes no loop and no start that no position can hold. */
static void test_stream_positions(void)
{
    open_stream((struct stage_options){0});
    CHECK_EQ(IDirectMusicSynth8_PlayVoice(stage.synth, 0, 1, 1, 0, ARTIC, 0, 0, 0, 0, 100), E_INVALIDARG);
    CHECK_EQ(IDirectMusicSynth8_PlayVoice(stage.synth, 0, 1, 1, 0, ARTIC, 0, 0, 0, 1, 1), E_INVALIDARG);
    CHECK_EQ(IDirectMusicSynth8_PlayVoice(stage.synth, 0, 1, 1, 0, ARTIC, 0, 0, UINT64_MAX, 0, 0), E_INVALIDARG);
    CHECK_EQ(IDirectMusicSynth8_PlayVoice(stage.synth, 0, 1, 1, 0, ARTIC, 0, 0, 1u << 30, 0, 0), S_OK); /* far past what is there */
    stage_skip(&stage, 1000);
    SAMPLE_POSITION at;
    CHECK(stage_exists(&stage, 1, &at));
    CHECK_EQ(at, BUFFERS * LENGTH); /* all passed over, waits */
    stage_close(&stage);
}

static void test_odd_buffers(void)
{
    static const int16_t one[1] = {12345};
    static const uint8_t bytes[3] = {255, 0, 192};
    static float out[2 * 128];
    stage_open(&stage, (struct stage_options){.interpolation = DMUS_INTERPOLATION_NEAREST});
    for (uint32_t i = 0; i < 5; i++) /* four buffers of one sample and one of none */
        stage_load(&stage, image_play_wave(5, 10 + i, one, i == 2 ? 0 : 1, STAGE_RATE));
    stage_load(&stage, image_wave_articulation(20, 0xFFFFFFFF, 20, 0, (const uint32_t[]){10, 11, 12, 13, 14}, 5));
    stage_load(&stage, image_play_wave8(5, 30, bytes, 3, STAGE_RATE));
    stage_load(&stage, image_wave_articulation(31, 0xFFFFFFFF, 31, 0, (const uint32_t[]){30}, 1));
    CHECK_EQ(IDirectMusicSynth8_Refresh(stage.synth, 14, REFRESH_F_LASTBUFFER), S_OK);
    CHECK_EQ(stage_play(&stage, 0, 1, 20), S_OK);
    stage_render(&stage, out, 128);
    for (int i = 0; i < 128; i++)
        CHECK_NEAR(out[2 * i], i < 4 ? 12345 / 32768.0 * stage_gain() : 0, 1e-5);
    CHECK(!stage_exists(&stage, 1, NULL));
    CHECK_EQ(IDirectMusicSynth8_Refresh(stage.synth, 30, REFRESH_F_LASTBUFFER), S_OK);
    CHECK_EQ(stage_play(&stage, 128, 2, 31), S_OK);
    stage_render(&stage, out, 128);
    for (int i = 0; i < 3; i++)
        CHECK_NEAR(out[2 * i], (bytes[i] - 128) / 128.0 * stage_gain(), 1e-5);
    CHECK(!stage_exists(&stage, 2, NULL));
    stage_close(&stage);
}

/* An end that comes without samples: the last buffer is refreshed with nothing in it. */
static void test_last_buffer_may_be_empty(void)
{
    open_stream((struct stage_options){0});
    CHECK_EQ(stage_play(&stage, 0, 1, ARTIC), S_OK);
    stage_skip(&stage, LENGTH + 64);
    put32(&stage.kept[0], 24, 0);
    CHECK_EQ(IDirectMusicSynth8_Refresh(stage.synth, 1, REFRESH_F_LASTBUFFER), S_OK);
    stage_skip(&stage, (BUFFERS - 1) * LENGTH + 64);
    CHECK(!stage_exists(&stage, 1, NULL));
    stage_close(&stage);
}

/* Far up in pitch a cell takes thousands of samples: whole rings at once. */
static void test_fast_stream(void)
{
    static float out[2 * 256];
    open_stream((struct stage_options){0});
    CHECK_EQ(IDirectMusicSynth8_PlayVoice(stage.synth, 0, 1, 1, 0, ARTIC, 12000, 0, 0, 0, 0), S_OK);
    stage_render(&stage, out, 256);
    SAMPLE_POSITION at;
    CHECK(stage_exists(&stage, 1, &at));
    CHECK_EQ(at, BUFFERS * LENGTH);
    CHECK_EQ(refill(0), S_OK);
    CHECK_EQ(refill(1), S_OK);
    CHECK_EQ(refill(2), S_OK);
    stage_render(&stage, out, 256);
    CHECK(stage_exists(&stage, 1, &at));
    CHECK_EQ(at, 2 * BUFFERS * LENGTH);
    stage_close(&stage);
}

static void test_slaves_follow_their_master(void)
{
    static float out[2 * 1000];
    make_data();
    stage_open(&stage, (struct stage_options){0});
    stage_load(&stage, image_play_wave(6, 1, data, TOTAL, STAGE_RATE));
    stage_load(&stage, image_wave_articulation(10, DSBUSID_LEFT, 10, 1, (const uint32_t[]){1}, 1));
    stage_load(&stage, image_wave_articulation(11, DSBUSID_RIGHT, 10, 1, (const uint32_t[]){1}, 1));
    CHECK_EQ(IDirectMusicSynth8_PlayVoice(stage.synth, 0, 1, 1, 0, 10, 0, 0, 0, 0, 0), S_OK);
    CHECK_EQ(IDirectMusicSynth8_PlayVoice(stage.synth, 100, 2, 1, 1, 11, 500, 0, 0, 0, 0), S_OK); /* later, and at another pitch */
    stage_midi(&stage, 1, 300, 0xE0, 0, 100); /* the master's channel bends */
    stage_render(&stage, out, 1000);
    for (int i = 101; i < 1000; i++)
        CHECK_NEAR(out[2 * i + 1], out[2 * i], 1e-6);
    CHECK(fabsf(out[2 * 500]) > 1e-3f);
    SAMPLE_POSITION master = 1, slave = 2;
    CHECK(stage_exists(&stage, 1, &master) && stage_exists(&stage, 2, &slave));
    CHECK_EQ(slave, master);
    /* Without its master it goes at its own pitch. */
    CHECK_EQ(IDirectMusicSynth8_StopVoice(stage.synth, 1000, 1), S_OK);
    CHECK_EQ(IDirectMusicSynth8_StopVoice(stage.synth, 1000, 2), S_OK);
    stage_skip(&stage, 500);
    CHECK_EQ(IDirectMusicSynth8_PlayVoice(stage.synth, 1500, 3, 1, 1, 11, 1200, 0, 0, 0, 0), S_OK);
    stage_skip(&stage, 500);
    CHECK(stage_exists(&stage, 3, &slave));
    CHECK_NEAR((double)slave, 1000, 1);
    stage_close(&stage);
}

static void test_self_exclusive_articulation(void)
{
    make_data();
    for (uint32_t option = 0; option < 2; option++) {
        stage_open(&stage, (struct stage_options){0});
        stage_load(&stage, image_play_wave(6, 1, data, TOTAL, STAGE_RATE));
        stage_load(&stage, image_wave_articulation(10, 0xFFFFFFFF, 10, option, (const uint32_t[]){1}, 1));
        CHECK_EQ(stage_play(&stage, 0, 1, 10), S_OK);
        CHECK_EQ(IDirectMusicSynth8_PlayVoice(stage.synth, 100, 2, 1, 1, 10, 0, 0, 0, 0, 0), S_OK); /* another channel */
        CHECK_EQ(stage_play(&stage, 200, 3, 10), S_OK);
        stage_skip(&stage, 1000);
        CHECK(stage_exists(&stage, 1, NULL) == (option == 1));
        CHECK(stage_exists(&stage, 2, NULL) && stage_exists(&stage, 3, NULL));
        stage_close(&stage);
    }
}

struct called {
    int order[8], count;
};

static struct called called;

static HRESULT CALLBACK on_unload(HANDLE handle, HANDLE user)
{
    (void)handle;
    called.order[called.count++] = *(const int *)user;
    return S_OK;
}

/* Buffers wait for their articulation, the articulation for its voice. */
static void test_life_of_a_stream(void)
{
    static const int name[] = {0, 1, 2, 3};
    HANDLE handle[4];
    called.count = 0;
    make_data();
    stage_open(&stage, (struct stage_options){0});
    for (uint32_t i = 0; i < BUFFERS; i++)
        handle[i] = stage_load(&stage, image_play_wave(5, ids[i], data, LENGTH, STAGE_RATE));
    handle[3] = stage_load(&stage, image_wave_articulation(ARTIC, 0xFFFFFFFF, ARTIC, 0, ids, BUFFERS));
    CHECK_EQ(stage_play(&stage, 0, 1, ARTIC), S_OK);
    stage_skip(&stage, 100);
    for (int i = 0; i < 4; i++)
        CHECK_EQ(IDirectMusicSynth8_Unload(stage.synth, handle[i], on_unload, (HANDLE)(uintptr_t)&name[i]), S_OK);
    stage_skip(&stage, 64);
    CHECK(stage_exists(&stage, 1, NULL));
    CHECK_EQ(called.count, 0);
    CHECK_EQ(IDirectMusicSynth8_Refresh(stage.synth, 1, 0), (HRESULT)0x88781120); /* withdrawn */
    CHECK_EQ(IDirectMusicSynth8_StopVoice(stage.synth, 0, 1), S_OK);
    stage_skip(&stage, 500);
    CHECK(!stage_exists(&stage, 1, NULL)); /* any control method calls back */
    CHECK_EQ(called.count, 4);
    CHECK_EQ(called.order[0], 3); /* the articulation let go of the others */
    /* Without a voice everything goes at once. */
    called.count = 0;
    handle[0] = stage_load(&stage, image_play_wave(5, 7, data, LENGTH, STAGE_RATE));
    handle[1] = stage_load(&stage, image_wave_articulation(8, 0xFFFFFFFF, 8, 0, (const uint32_t[]){7}, 1));
    CHECK_EQ(IDirectMusicSynth8_Unload(stage.synth, handle[0], on_unload, (HANDLE)(uintptr_t)&name[0]), S_OK);
    CHECK_EQ(called.count, 0);
    CHECK_EQ(IDirectMusicSynth8_Unload(stage.synth, handle[1], on_unload, (HANDLE)(uintptr_t)&name[1]), S_OK);
    CHECK_EQ(called.count, 2);
    stage_close(&stage);
}

/* A buffer is free for another articulation once the first is gone. */
static void test_buffers_belong_to_one_articulation(void)
{
    open_stream((struct stage_options){0});
    HANDLE handle;
    BOOL may_free;
    struct image second = image_wave_articulation(101, 0xFFFFFFFF, 101, 0, ids, BUFFERS);
    CHECK_EQ(IDirectMusicSynth8_Download(stage.synth, &handle, second.bytes, &may_free), (HRESULT)0x88781128);
    stage_close(&stage);
    make_data();
    stage_open(&stage, (struct stage_options){0});
    stage_load(&stage, image_play_wave(5, 1, data, LENGTH, STAGE_RATE));
    HANDLE first = stage_load(&stage, image_wave_articulation(100, 0xFFFFFFFF, 100, 0, ids, 1));
    CHECK_EQ(IDirectMusicSynth8_Unload(stage.synth, first, NULL, NULL), S_OK);
    stage_load(&stage, image_wave_articulation(101, 0xFFFFFFFF, 101, 0, ids, 1));
    CHECK_EQ(stage_play(&stage, 0, 1, 101), S_OK);
    stage_skip(&stage, 10);
    stage_close(&stage);
    image_free(&second);
}

static void test_downloads_without_memory(void)
{
    make_data();
    stage_open(&stage, (struct stage_options){0});
    struct image images[] = {image_play_wave(5, 1, data, 100, STAGE_RATE), image_play_wave(6, 2, data, 100, STAGE_RATE),
                             image_wave_articulation(3, 512, 3, 0, (const uint32_t[]){1}, 1)};
    for (int i = 0; i < 3; i++)
        for (long n = 1;; n++) {
            long live = dm_alloc_live();
            HANDLE handle;
            BOOL may_free;
            dm_alloc_fail_at(n, true);
            HRESULT hr = IDirectMusicSynth8_Download(stage.synth, &handle, images[i].bytes, &may_free);
            dm_alloc_fail_at(0, false);
            if (hr == S_OK) {
                CHECK(n > 1);
                break;
            }
            CHECK_EQ(hr, E_OUTOFMEMORY);
            CHECK(handle == NULL);
            CHECK_EQ(dm_alloc_live(), live);
        }
    CHECK_EQ(stage_play(&stage, 0, 1, 3), S_OK);
    stage_skip(&stage, 100);
    stage_close(&stage);
    for (int i = 0; i < 3; i++)
        image_free(&images[i]);
}

int main(void)
{
    RUN(test_stream_equals_the_whole_wave);
    RUN(test_position_counts_on_through_the_stream);
    RUN(test_start_inside_the_stream);
    RUN(test_an_empty_buffer_is_waited_for);
    RUN(test_refresh_codes);
    RUN(test_stream_positions);
    RUN(test_odd_buffers);
    RUN(test_last_buffer_may_be_empty);
    RUN(test_fast_stream);
    RUN(test_slaves_follow_their_master);
    RUN(test_self_exclusive_articulation);
    RUN(test_life_of_a_stream);
    RUN(test_buffers_belong_to_one_articulation);
    RUN(test_downloads_without_memory);
    return tap_done();
}
