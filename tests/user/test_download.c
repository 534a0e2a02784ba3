/* SPDX-License-Identifier: MIT */
/* Download and Unload: ddi-user.md 6, 15 items 15..21; native-behaviour.md G 35-41. */
#include "base/alloc.h"
#include "doubles.h"
#include "images.h"
#include "user/user.h"

static IDirectMusicSynth *synth;
static struct test_sink sink;

struct called {
    int count;
    HANDLE handle;
};

/* What it returns is ignored (G40). */
static HRESULT CALLBACK on_unload(HANDLE handle, HANDLE user)
{
    struct called *called = user;
    called->count++;
    called->handle = handle;
    return E_FAIL;
}

static void create(void)
{
    sink = test_sink_make(10000000); /* a time of n is frame n */
    CHECK_EQ(user_create_instance(&CLSID_DirectMusicSynth, NULL, &IID_IDirectMusicSynth, (void **)&synth), S_OK);
    CHECK_EQ(IDirectMusicSynth_SetSynthSink(synth, &sink.iface_member), S_OK);
    CHECK_EQ(IDirectMusicSynth_Open(synth, NULL), S_OK);
}

static void destroy(void)
{
    CHECK_EQ(IDirectMusicSynth_Release(synth), 0);
    CHECK_EQ(user_live_objects(), 0);
    CHECK_EQ(dm_alloc_live(), 0);
}

static const int16_t loud[400] = {8000, 8000, 8000, 8000};

static struct image make_wave(uint32_t id) { return image_wave(id, loud, 400, 22050); }

static struct image make_instrument(uint32_t id, uint32_t wave_id)
{
    return image_instrument(
        &(struct instrument_desc){.id = id, .wave_id = wave_id, .unity_note = 60, .loop_start = 0, .loop_length = 400});
}

static HRESULT download(const struct image *image, HANDLE *handle, BOOL *may_free)
{
    *handle = (HANDLE)1;
    *may_free = 2;
    return IDirectMusicSynth_Download(synth, handle, image->bytes, may_free);
}

static void test_item_15_G35_G36_handles_and_ownership(void)
{
    create();
    HANDLE wave_handle, handle;
    BOOL may_free;
    struct image wave = make_wave(1), instrument = make_instrument(2, 1), flat = image_instrument1(3, 1, 1);
    CHECK_EQ(download(&wave, &wave_handle, &may_free), S_OK);
    CHECK(wave_handle != NULL);
    CHECK_EQ(may_free, FALSE);
    CHECK_EQ(download(&instrument, &handle, &may_free), S_OK);
    CHECK(handle != NULL && handle != wave_handle);
    CHECK_EQ(may_free, TRUE);
    image_free(&instrument); /* as promised */
    CHECK_EQ(download(&flat, &handle, &may_free), S_OK);
    CHECK(handle != NULL);
    CHECK_EQ(may_free, TRUE);
    image_free(&flat);
    destroy();
    image_free(&wave);
}

static void test_G37_G38_wave_formats(void)
{
    create();
    HANDLE handle;
    BOOL may_free;
    static const uint8_t bytes[] = {128, 255, 0, 128};
    static const int16_t words[] = {0, 1000, -1000, 0};
    struct image eight = image_wave8(1, bytes, 4, 44100), sixteen = image_wave(2, words, 4, 44100);
    struct image tiny = image_wave8(3, bytes, 1, 44100);
    CHECK_EQ(download(&eight, &handle, &may_free), S_OK);
    CHECK_EQ(download(&sixteen, &handle, &may_free), S_OK);
    CHECK_EQ(download(&tiny, &handle, &may_free), S_OK);
    destroy();
    image_free(&eight);
    image_free(&sixteen);
    image_free(&tiny);
}

static void test_pointers_and_closed(void)
{
    create();
    HANDLE handle = NULL;
    BOOL may_free;
    struct image wave = make_wave(1);
    CHECK_EQ(IDirectMusicSynth_Download(synth, NULL, wave.bytes, &may_free), E_POINTER);
    CHECK_EQ(IDirectMusicSynth_Download(synth, &handle, NULL, &may_free), E_POINTER);
    CHECK_EQ(IDirectMusicSynth_Download(synth, &handle, wave.bytes, NULL), E_POINTER);
    CHECK_EQ(IDirectMusicSynth_Close(synth), S_OK);
    CHECK_EQ(download(&wave, &handle, &may_free), DMUS_E_SYNTHNOTCONFIGURED);
    CHECK(handle == NULL);
    CHECK_EQ(may_free, TRUE);
    destroy();
    image_free(&wave);
}

static void test_item_16_G39_unknown_handles(void)
{
    create();
    struct called called = {0};
    struct image wave = make_wave(1);
    HANDLE handle;
    BOOL may_free;
    CHECK_EQ(IDirectMusicSynth_Unload(synth, NULL, on_unload, &called), E_FAIL);
    CHECK_EQ(IDirectMusicSynth_Unload(synth, &called, on_unload, &called), E_FAIL);
    CHECK_EQ(download(&wave, &handle, &may_free), S_OK);
    CHECK_EQ(IDirectMusicSynth_Unload(synth, NULL, on_unload, &called), E_FAIL);
    CHECK_EQ(IDirectMusicSynth_Unload(synth, (char *)handle + 1, on_unload, &called), E_FAIL);
    CHECK_EQ(called.count, 0);
    CHECK_EQ(IDirectMusicSynth_Unload(synth, handle, on_unload, &called), S_OK);
    CHECK_EQ(called.count, 1);
    CHECK(called.handle == handle);
    CHECK_EQ(IDirectMusicSynth_Unload(synth, handle, on_unload, &called), E_FAIL);
    CHECK_EQ(called.count, 1);
    destroy();
    image_free(&wave);
}

static void test_item_17_G40_wave_waits_for_its_instrument(void)
{
    create();
    struct called called = {0};
    struct image wave = make_wave(1), instrument = make_instrument(2, 1);
    HANDLE wave_handle, handle;
    BOOL may_free;
    CHECK_EQ(download(&wave, &wave_handle, &may_free), S_OK);
    CHECK_EQ(download(&instrument, &handle, &may_free), S_OK);
    CHECK_EQ(IDirectMusicSynth_Unload(synth, wave_handle, on_unload, &called), S_OK);
    CHECK_EQ(called.count, 0);
    CHECK_EQ(IDirectMusicSynth_Unload(synth, wave_handle, on_unload, &called), E_FAIL); /* retired already */
    CHECK_EQ(IDirectMusicSynth_Unload(synth, handle, NULL, NULL), S_OK);
    CHECK_EQ(called.count, 1);
    CHECK(called.handle == wave_handle);
    destroy();
    CHECK_EQ(called.count, 1);
    image_free(&wave);
    image_free(&instrument);
}

static void play(uint32_t group, uint8_t status, uint8_t data1, uint8_t data2)
{
    struct event_buffer events = {.size = 0};
    event_midi(&events, group, 0, status, data1, data2);
    CHECK_EQ(IDirectMusicSynth_PlayBuffer(synth, 0, events.bytes, events.size), S_OK);
}

/* The callback for a wave that sounds waits until its voices ended, and comes from the next control call after that. */
static void test_unload_while_sounding(void)
{
    create();
    struct called called = {0}, of_instrument = {0};
    struct image wave = make_wave(1), instrument = make_instrument(2, 1);
    HANDLE wave_handle, handle;
    BOOL may_free;
    static SHORT frames[2 * 44100];
    DMUS_SYNTHSTATS stats = {.dwSize = sizeof stats};
    CHECK_EQ(IDirectMusicSynth_Activate(synth, TRUE), S_OK);
    CHECK_EQ(download(&wave, &wave_handle, &may_free), S_OK);
    CHECK_EQ(download(&instrument, &handle, &may_free), S_OK);
    play(1, 0x90, 60, 127);
    CHECK_EQ(IDirectMusicSynth_Render(synth, frames, 1000, 0), S_OK);
    CHECK_EQ(IDirectMusicSynth_Unload(synth, handle, on_unload, &of_instrument), S_OK);
    CHECK_EQ(IDirectMusicSynth_Unload(synth, wave_handle, on_unload, &called), S_OK);
    CHECK_EQ(called.count, 0);
    play(1, 0xB0, 120, 0); /* all sound off */
    CHECK_EQ(IDirectMusicSynth_Render(synth, frames, 44100, 1000), S_OK);
    CHECK_EQ(called.count, 0); /* never from Render */
    CHECK_EQ(of_instrument.count, 0);
    CHECK_EQ(IDirectMusicSynth_GetRunningStats(synth, &stats), S_OK);
    CHECK_EQ(called.count, 1);
    CHECK_EQ(of_instrument.count, 1);
    destroy();
    CHECK_EQ(called.count, 1);
    image_free(&wave);
    image_free(&instrument);
}

static void test_deactivation_ends_voices_and_calls_back(void)
{
    create();
    struct called called = {0};
    struct image wave = make_wave(1), instrument = make_instrument(2, 1);
    HANDLE wave_handle, handle;
    BOOL may_free;
    SHORT frames[2000];
    CHECK_EQ(IDirectMusicSynth_Activate(synth, TRUE), S_OK);
    CHECK_EQ(download(&wave, &wave_handle, &may_free), S_OK);
    CHECK_EQ(download(&instrument, &handle, &may_free), S_OK);
    play(1, 0x90, 60, 127);
    CHECK_EQ(IDirectMusicSynth_Render(synth, frames, 1000, 0), S_OK);
    CHECK_EQ(IDirectMusicSynth_Unload(synth, handle, NULL, NULL), S_OK);
    CHECK_EQ(IDirectMusicSynth_Unload(synth, wave_handle, on_unload, &called), S_OK);
    CHECK_EQ(called.count, 0);
    CHECK_EQ(IDirectMusicSynth_Activate(synth, FALSE), S_OK);
    CHECK_EQ(called.count, 1);
    destroy();
    image_free(&wave);
    image_free(&instrument);
}

static void test_item_18_G41_close_answers_what_waits(void)
{
    create();
    struct called called = {0};
    struct image wave = make_wave(1), instrument = make_instrument(2, 1);
    HANDLE wave_handle, handle;
    BOOL may_free;
    CHECK_EQ(download(&wave, &wave_handle, &may_free), S_OK);
    CHECK_EQ(download(&instrument, &handle, &may_free), S_OK);
    CHECK_EQ(IDirectMusicSynth_Unload(synth, wave_handle, on_unload, &called), S_OK);
    CHECK_EQ(called.count, 0);
    CHECK_EQ(IDirectMusicSynth_Close(synth), S_OK);
    CHECK_EQ(called.count, 1);
    CHECK_EQ(IDirectMusicSynth_Unload(synth, handle, on_unload, &called), (HRESULT)0x88781131);
    CHECK_EQ(called.count, 1);
    destroy();
    image_free(&wave);
    image_free(&instrument);
}

/* The callback holds no lock: it may call back into the synth. */
static HRESULT CALLBACK download_again(HANDLE handle, HANDLE user)
{
    HANDLE again;
    BOOL may_free;
    (void)handle;
    return download(user, &again, &may_free);
}

static void test_callback_may_download(void)
{
    create();
    struct image wave = make_wave(1);
    HANDLE handle;
    BOOL may_free;
    DMUS_SYNTHSTATS8 stats = {.dwSize = sizeof stats};
    CHECK_EQ(download(&wave, &handle, &may_free), S_OK);
    CHECK_EQ(IDirectMusicSynth_Unload(synth, handle, download_again, &wave), S_OK);
    CHECK_EQ(IDirectMusicSynth_GetRunningStats(synth, (DMUS_SYNTHSTATS *)&stats), S_OK);
    CHECK_EQ(stats.dwSynthMemUse, 800);
    destroy();
    image_free(&wave);
}

struct refusal {
    const char *what;
    uint32_t at, value, size; /* put VALUE of SIZE bytes at AT */
    HRESULT result;
};

static void refuse(struct image (*make)(void), const struct refusal *table, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct image image = make();
        HANDLE handle;
        BOOL may_free;
        if (table[i].size == 2)
            put16(&image, table[i].at, table[i].value);
        else
            put32(&image, table[i].at, table[i].value);
        long live = dm_alloc_live();
        HRESULT hr = download(&image, &handle, &may_free);
        if (!CHECK(hr == table[i].result))
            printf("# %s: got 0x%08x, want 0x%08x\n", table[i].what, (unsigned)hr, (unsigned)table[i].result);
        CHECK(handle == NULL);
        CHECK_EQ(may_free, TRUE);
        CHECK_EQ(dm_alloc_live(), live);
        image_free(&image);
    }
}

static struct image wave_1(void) { return make_wave(1); }
static struct image instrument_2(void) { return make_instrument(2, 1); }

static void test_items_19_21_refused_waves(void)
{
    static const struct refusal table[] = {
        {"type 0", 0, 0, 4, (HRESULT)0x8878112D},
        {"type 7", 0, 7, 4, (HRESULT)0x8878112D},
        {"no offsets", 8, 0, 4, (HRESULT)0x8878112C},
        {"table past the end", 8, 0x40000000, 4, (HRESULT)0x8878112C},
        {"root not behind the table", 16, 28, 4, (HRESULT)0x8878112C},
        {"data entry past the end", 20, 0xFFFFFFF0, 4, (HRESULT)0x8878112C},
        {"size below the head", 12, 8, 4, (HRESULT)0x8878112C},
        {"two channels", WAVE_FORMAT_AT + 2, 2, 2, (HRESULT)0x88781125},
        {"tag 3", WAVE_FORMAT_AT, 3, 2, (HRESULT)0x8878112A},
        {"24 bits", WAVE_FORMAT_AT + 14, 24, 2, (HRESULT)0x8878112B},
        {"rate 0", WAVE_FORMAT_AT + 4, 0, 4, (HRESULT)0x8878112B},
        {"data longer than the image", WAVE_DATA_AT, 0x7FFFFFFF, 4, (HRESULT)0x8878112B},
        {"data index out of the table", 24 + 8, 9, 4, (HRESULT)0x8878112B},
    };
    create();
    refuse(wave_1, table, sizeof table / sizeof table[0]);
    struct image both = make_wave(1);
    put32(&both, 0, 0);
    put32(&both, 8, 0);
    HANDLE handle;
    BOOL may_free;
    CHECK_EQ(download(&both, &handle, &may_free), (HRESULT)0x8878112D); /* the type comes first */
    image_free(&both);
    destroy();
}

static void test_item_20_refused_instruments(void)
{
    static const struct refusal table[] = {
        {"wave not there", REGION_AT + 24 + 8, 77, 4, (HRESULT)0x88781128},
        {"region index out of the table", INSTRUMENT_AT + 4, 4, 4, (HRESULT)0x88781127},
        {"region chain in a ring", REGION_AT + 16, 1, 4, (HRESULT)0x88781127},
        {"low above high", REGION_AT, 128, 2, (HRESULT)0x88781127},
        {"2^32-1 loops", REGION_AT + 52, 0xFFFFFFFF, 4, (HRESULT)0x88781127},
        {"list head of 12 bytes", LIST_AT, 12, 4, (HRESULT)0x88781126},
        {"2^32-1 connections", LIST_AT + 4, 0xFFFFFFFF, 4, (HRESULT)0x88781126},
        {"articulation chain in a ring", ARTIC_AT + 8, 2, 4, (HRESULT)0x88781126},
        {"no articulation", INSTRUMENT_AT + 8, 0, 4, (HRESULT)0x88781129},
    };
    create();
    HANDLE handle;
    BOOL may_free;
    struct image lonely = make_instrument(2, 1), wave = make_wave(1);
    CHECK_EQ(download(&lonely, &handle, &may_free), (HRESULT)0x88781128);
    CHECK_EQ(download(&wave, &handle, &may_free), S_OK);
    refuse(instrument_2, table, sizeof table / sizeof table[0]);
    CHECK_EQ(download(&lonely, &handle, &may_free), S_OK);
    destroy();
    image_free(&lonely);
    image_free(&wave);
}

/* For hosts that cannot read an instrument's articulations */
static void test_bare_instruments(void)
{
    struct image wave = make_wave(1), bare = make_instrument(2, 1);
    put32(&bare, INSTRUMENT_AT + 8, 0);
    user_set_bare_instruments(true);
    create();
    user_set_bare_instruments(false);
    HANDLE handle;
    BOOL may_free;
    CHECK_EQ(download(&wave, &handle, &may_free), S_OK);
    CHECK_EQ(download(&bare, &handle, &may_free), S_OK);
    destroy();
    image_free(&bare);
    image_free(&wave);
}

static void test_download_without_memory(void)
{
    create();
    struct image images[2] = {make_wave(1), make_instrument(2, 1)};
    HANDLE handle;
    BOOL may_free;
    for (int i = 0; i < 2; i++) {
        for (long n = 1;; n++) {
            long live = dm_alloc_live();
            dm_alloc_fail_at(n, true);
            HRESULT hr = download(&images[i], &handle, &may_free);
            dm_alloc_fail_at(0, false);
            if (hr == S_OK) {
                CHECK(n > 1);
                break;
            }
            CHECK_EQ(hr, E_OUTOFMEMORY);
            CHECK(handle == NULL);
            CHECK_EQ(dm_alloc_live(), live);
        }
    }
    /* Unload needs none. */
    struct called called = {0};
    dm_alloc_fail_at(1, true);
    CHECK_EQ(IDirectMusicSynth_Unload(synth, handle, on_unload, &called), S_OK);
    dm_alloc_fail_at(0, false);
    CHECK_EQ(called.count, 1);
    destroy();
    image_free(&images[0]);
    image_free(&images[1]);
}

int main(void)
{
    RUN(test_item_15_G35_G36_handles_and_ownership);
    RUN(test_G37_G38_wave_formats);
    RUN(test_pointers_and_closed);
    RUN(test_item_16_G39_unknown_handles);
    RUN(test_item_17_G40_wave_waits_for_its_instrument);
    RUN(test_unload_while_sounding);
    RUN(test_deactivation_ends_voices_and_calls_back);
    RUN(test_item_18_G41_close_answers_what_waits);
    RUN(test_callback_may_download);
    RUN(test_items_19_21_refused_waves);
    RUN(test_item_20_refused_instruments);
    RUN(test_bare_instruments);
    RUN(test_download_without_memory);
    return tap_done();
}
