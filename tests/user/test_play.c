/* SPDX-License-Identifier: MIT */
/* PlayBuffer: ddi-user.md 2.1, 4.3, 7.4, 15 item 27; native-behaviour.md H 42, 43. */
#include "base/alloc.h"
#include "doubles.h"
#include "images.h"

static IDirectMusicSynth *synth;
static IDmusSynthControl *control;
static struct test_sink sink;

static void create(void)
{
    sink = test_sink_make(10000000); /* a time of n is frame n */
    CHECK_EQ(user_create_instance(&CLSID_DirectMusicSynth, NULL, &IID_IDirectMusicSynth, (void **)&synth), S_OK);
    CHECK_EQ(IDirectMusicSynth_QueryInterface(synth, &IID_IDmusSynthControl, (void **)&control), S_OK);
    CHECK_EQ(IDirectMusicSynth_SetSynthSink(synth, &sink.iface_member), S_OK);
    CHECK_EQ(IDirectMusicSynth_Open(synth, NULL), S_OK);
    CHECK_EQ(IDirectMusicSynth_Activate(synth, TRUE), S_OK);
}

static void destroy(void)
{
    control->lpVtbl->Release(control);
    CHECK_EQ(IDirectMusicSynth_Release(synth), 0);
    CHECK_EQ(sink.refs, 1);
    CHECK_EQ(user_live_objects(), 0);
    CHECK_EQ(dm_alloc_live(), 0);
}

static HRESULT play(const struct event_buffer *events, DWORD size)
{
    /* a heap copy of the exact size, so that a sanitizer sees a read past it; given back at once, since events are copied */
    BYTE *copy = malloc(size ? size : 1);
    if (!copy)
        abort();
    memcpy(copy, events->bytes, size);
    HRESULT hr = IDirectMusicSynth_PlayBuffer(synth, 1000, copy, size);
    memset(copy, 0xEE, size);
    free(copy);
    return hr;
}

static void test_H43_states(void)
{
    struct event_buffer events = {.size = 0};
    event_midi(&events, 1, 0, 0x90, 60, 100);
    create();
    CHECK_EQ(IDirectMusicSynth_PlayBuffer(synth, 0, NULL, 24), E_POINTER);
    CHECK_EQ(play(&events, 0), S_OK);
    CHECK_EQ(play(&events, 24), S_OK);
    CHECK_EQ(IDirectMusicSynth_Activate(synth, FALSE), S_OK);
    CHECK_EQ(play(&events, 24), DMUS_E_SYNTHINACTIVE);
    CHECK_EQ(IDirectMusicSynth_SetSynthSink(synth, NULL), S_OK);
    CHECK_EQ(play(&events, 24), DMUS_E_NOSYNTHSINK);
    CHECK_EQ(IDirectMusicSynth_Close(synth), S_OK);
    CHECK_EQ(play(&events, 24), DMUS_E_SYNTHNOTCONFIGURED);
    destroy();
}

/* A sink while whose conversion another thread, as it were, activates the synth anew, or gives it another sink. */
static struct test_sink other;
static int anew_how;

static HRESULT STDMETHODCALLTYPE convert_and_begin_anew(IDirectMusicSynthSink *iface, REFERENCE_TIME time, LONGLONG *sample)
{
    int how = anew_how;
    anew_how = 0;
    if (how == 1) {
        CHECK_EQ(IDirectMusicSynth_Activate(synth, FALSE), S_OK);
        CHECK_EQ(IDirectMusicSynth_Activate(synth, TRUE), S_OK);
    } else if (how == 2) {
        CHECK_EQ(IDirectMusicSynth_Activate(synth, FALSE), S_OK);
    } else if (how == 3) {
        other = test_sink_make(10000000);
        CHECK_EQ(IDirectMusicSynth_SetSynthSink(synth, &other.iface_member), S_OK);
    }
    return test_sink_RefTimeToSample(iface, time, sample);
}

/* What was converted for the time line before is not queued for the next one, where its position would mean nothing. */
static void test_activated_anew_meanwhile(void)
{
    static const IDirectMusicSynthSinkVtbl vtbl = {
        test_sink_QueryInterface, test_sink_AddRef,          test_sink_Release,      test_sink_Init,
        test_sink_SetMasterClock, test_sink_GetLatencyClock, test_sink_Activate,     test_sink_SampleToRefTime,
        convert_and_begin_anew,   test_sink_SetDirectSound,  test_sink_GetDesiredBufferSize,
    };
    struct event_buffer events = {.size = 0};
    event_midi(&events, 1, 0, 0x90, 60, 100);
    for (int how = 1; how <= 3; how++) {
        create();
        sink.iface_member.lpVtbl = &vtbl;
        anew_how = how;
        CHECK_EQ(play(&events, 24), DMUS_E_SYNTHINACTIVE);
        CHECK_EQ(control->lpVtbl->IsSilent(control), S_OK);
        if (how == 2)
            CHECK_EQ(IDirectMusicSynth_Activate(synth, TRUE), S_OK);
        anew_how = how;
        CHECK_EQ(IDirectMusicSynth8_StopVoice((IDirectMusicSynth8 *)synth, 0, 1), how == 3 ? S_OK : DMUS_E_SYNTHINACTIVE);
        CHECK_EQ(play(&events, 24), how == 2 ? DMUS_E_SYNTHINACTIVE : S_OK);
        destroy();
    }
}

static void test_item_27_H42_walk(void)
{
    static const uint8_t gs_reset[11] = {0xF0, 0x41, 0x10, 0x42, 0x12, 0x40, 0x00, 0x7F, 0x00, 0x41, 0xF7};
    struct event_buffer events = {.size = 0};
    create();
    event_midi(&events, 1, 0, 0xC0, 5, 0);
    CHECK_EQ(events.size, 24);
    event_put(&events, 1, 10, 0, gs_reset, sizeof gs_reset);
    CHECK_EQ(events.size, 56);
    event_midi(&events, 1, 20, 0xFF, 0, 0);
    CHECK_EQ(events.size, 80);
    for (DWORD size = 1; size < events.size; size++) {
        bool whole = size == 24 || size == 56;
        CHECK_EQ(play(&events, size), whole ? S_OK : E_INVALIDARG);
    }
    sink.conversions = 0;
    CHECK_EQ(play(&events, events.size), S_OK);
    CHECK_EQ(sink.conversions, 3);
    sink.conversions = 0;
    CHECK_EQ(play(&events, events.size - 1), E_INVALIDARG); /* all or nothing */
    CHECK_EQ(sink.conversions, 0);
    destroy();
}

static void test_malformed_events_are_refused_whole(void)
{
    static const uint8_t note[4] = {0x90, 60, 100, 0}, running[3] = {60, 100, 0};
    struct {
        const char *what;
        uint32_t size, flags;
        const uint8_t *data;
        HRESULT result;
    } table[] = {
        {"structured, no data", 0, 1, note, E_INVALIDARG},
        {"structured, running status", 3, 1, running, E_INVALIDARG},
        {"structured, 4 bytes", 4, 1, note, E_INVALIDARG},
        {"structured, note of 2 bytes", 2, 1, note, E_INVALIDARG},
        {"structured, program of 2 bytes", 2, 1, (const uint8_t[]){0xC0, 1}, S_OK},
        {"structured, system exclusive", 3, 1, (const uint8_t[]){0xF0, 0x7E, 0xF7}, E_INVALIDARG},
        {"structured, clock", 1, 1, (const uint8_t[]){0xF8}, S_OK},
        {"unstructured, no data", 0, 0, note, S_OK},
        {"unstructured, a note", 3, 0, note, S_OK},
        {"unstructured, no end", 3, 0, (const uint8_t[]){0xF0, 1, 2}, S_OK},
    };
    create();
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct event_buffer events = {.size = 0};
        event_midi(&events, 1, 0, 0x90, 60, 100);
        event_put(&events, 1, 0, table[i].flags, table[i].data, table[i].size);
        sink.conversions = 0;
        HRESULT hr = play(&events, events.size);
        if (!CHECK(hr == table[i].result))
            printf("# %s: 0x%08x\n", table[i].what, (unsigned)hr);
        CHECK(FAILED(hr) ? sink.conversions == 0 : sink.conversions >= 1);
    }
    struct event_buffer events = {.size = 0};
    event_midi(&events, 1, 0, 0x90, 60, 100);
    struct image view = {events.bytes, sizeof events.bytes};
    put32(&view, 0, 0xFFFFFFFF); /* 20 + cbEvent + 7 passes 2^32 */
    CHECK_EQ(play(&events, 24), E_INVALIDARG);
    put32(&view, 0, 0xFFFFFFE8);
    CHECK_EQ(play(&events, 24), E_INVALIDARG);
    destroy();
}

static void test_extreme_times_do_not_overflow(void)
{
    static const int64_t extremes[] = {INT64_MIN, INT64_MAX, -1, 0};
    create();
    sink.rate = 0; /* its own arithmetic shall not overflow */
    for (int i = 0; i < 4; i++) {
        for (int k = 0; k < 4; k++) {
            struct event_buffer events = {.size = 0};
            event_midi(&events, 1, extremes[i], 0xB0, 7, 100);
            CHECK_EQ(IDirectMusicSynth_PlayBuffer(synth, extremes[k], events.bytes, events.size), S_OK);
        }
    }
    destroy();
}

/* The host's bytes change after they were checked: the second event is no whole one any more. */
static void test_buffer_that_changes_meanwhile(void)
{
    static struct event_buffer events;
    create();
    for (int before = 0; before < 3; before++) {
        events.size = 0;
        for (int i = 0; i < 64 * before + 2; i++)
            event_midi(&events, 1, i, 0xB0, 1, 5);
        sink.spoil = events.bytes + 24 * (64 * before + 1);
        CHECK_EQ(IDirectMusicSynth_PlayBuffer(synth, 0, events.bytes, events.size), E_INVALIDARG);
    }
    sink.spoil = NULL;
    destroy();
}

static void test_more_events_than_one_batch(void)
{
    static struct event_buffer events;
    create();
    events.size = 0;
    for (int i = 0; i < 1000; i++)
        event_midi(&events, 1, i, 0xB0, 1, (uint8_t)(i & 127));
    CHECK_EQ(play(&events, events.size), S_OK);
    CHECK_EQ(sink.conversions, 1000);
    CHECK_EQ(control->lpVtbl->IsSilent(control), S_FALSE); /* queued */
    static SHORT frames[2 * 2100];
    CHECK_EQ(IDirectMusicSynth_Render(synth, frames, 2100, 0), S_OK);
    CHECK_EQ(control->lpVtbl->IsSilent(control), S_OK);
    destroy();
}

static void test_no_memory(void)
{
    struct event_buffer events = {.size = 0};
    uint8_t sysex[600] = {0xF0, 0x7D};
    sysex[599] = 0xF7;
    event_put(&events, 1, 0, 0, sysex, sizeof sysex);
    create();
    dm_alloc_fail_at(1, true);
    CHECK_EQ(play(&events, events.size), E_OUTOFMEMORY);
    dm_alloc_fail_at(0, false);
    CHECK_EQ(play(&events, events.size), S_OK);
    destroy();
}

/* A sink that is not ours says where its times lie; H 45: many renders of 128 frames give what one gives. */
static void test_H45_custom_sink(void)
{
    static SHORT whole[2 * 12800], cut[2 * 12800];
    struct image wave = image_wave(1, (const int16_t[]){20000, 20000, 20000, 20000}, 4, 22050);
    struct image instrument = image_instrument(&(struct instrument_desc){.id = 2, .wave_id = 1, .unity_note = 60});
    struct event_buffer events = {.size = 0};
    HANDLE handle;
    BOOL may_free;
    event_midi(&events, 1, 6000, 0x90, 60, 127); /* play() adds 1000 */
    for (int pass = 0; pass < 2; pass++) {
        create();
        CHECK_EQ(IDirectMusicSynth_Download(synth, &handle, wave.bytes, &may_free), S_OK);
        CHECK_EQ(IDirectMusicSynth_Download(synth, &handle, instrument.bytes, &may_free), S_OK);
        CHECK_EQ(play(&events, events.size), S_OK);
        if (pass == 0)
            CHECK_EQ(IDirectMusicSynth_Render(synth, whole, 12800, 0), S_OK);
        for (LONGLONG at = 0; pass == 1 && at < 12800; at += 128)
            CHECK_EQ(IDirectMusicSynth_Render(synth, cut + 2 * at, 128, at), S_OK);
        destroy();
    }
    int first = 0;
    while (first < 12800 && whole[2 * first] == 0 && whole[2 * first + 1] == 0)
        first++;
    CHECK(first >= 7000 && first <= 7001);
    CHECK(memcmp(whole, cut, sizeof whole) == 0);
    image_free(&wave);
    image_free(&instrument);
}

int main(void)
{
    RUN(test_H45_custom_sink);
    RUN(test_H43_states);
    RUN(test_activated_anew_meanwhile);
    RUN(test_item_27_H42_walk);
    RUN(test_malformed_events_are_refused_whole);
    RUN(test_extreme_times_do_not_overflow);
    RUN(test_buffer_that_changes_meanwhile);
    RUN(test_more_events_than_one_batch);
    RUN(test_no_memory);
    return tap_done();
}
