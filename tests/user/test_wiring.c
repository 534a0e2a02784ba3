/* SPDX-License-Identifier: MIT */
/* Synth, sink and clocks together: ddi-user.md 15 items 8..13; native-behaviour.md E 28-30, F 31-34, M 75. */
#include "base/alloc.h"
#include "doubles.h"

static IDirectMusicSynth *synth;
static IDirectMusicSynthSink *sink;

static void create(void)
{
    CHECK_EQ(user_create_instance(&CLSID_DirectMusicSynth, NULL, &IID_IDirectMusicSynth, (void **)&synth), S_OK);
    CHECK_EQ(user_create_instance(&CLSID_DirectMusicSynthSink, NULL, &IID_IDirectMusicSynthSink, (void **)&sink), S_OK);
    sink_without_device(sink);
}

static void destroy(void)
{
    CHECK_EQ(IDirectMusicSynth_Release(synth), 0);
    CHECK_EQ(IDirectMusicSynthSink_Release(sink), 0);
    CHECK_EQ(user_live_objects(), 0);
    CHECK_EQ(dm_alloc_live(), 0);
}

static ULONG count_of(void *object)
{
    IUnknown_AddRef((IUnknown *)object);
    return IUnknown_Release((IUnknown *)object);
}

static void test_item_8_E28_latency_clock(void)
{
    create();
    IReferenceClock *clock = NULL, *from_sink = NULL;
    CHECK_EQ(IDirectMusicSynth_GetLatencyClock(synth, NULL), E_POINTER);
    CHECK_EQ(IDirectMusicSynth_GetLatencyClock(synth, &clock), (HRESULT)0x8878112E);
    CHECK_EQ(IDirectMusicSynth_SetSynthSink(synth, sink), S_OK);
    ULONG before = count_of(sink);
    CHECK_EQ(IDirectMusicSynth_GetLatencyClock(synth, &clock), S_OK);
    CHECK_EQ(count_of(sink), before + 1);
    CHECK_EQ(IDirectMusicSynthSink_GetLatencyClock(sink, &from_sink), S_OK);
    CHECK(clock == from_sink);
    CHECK_EQ(count_of(clock), before + 2);
    IReferenceClock_Release(clock);
    IReferenceClock_Release(from_sink);
    CHECK_EQ(count_of(sink), before);
    destroy();
}

static void test_item_9_F31_activate_without_sink(void)
{
    create();
    CHECK_EQ(IDirectMusicSynth_Activate(synth, TRUE), (HRESULT)0x8878112E);
    CHECK_EQ(IDirectMusicSynth_Activate(synth, FALSE), S_FALSE);
    CHECK_EQ(IDirectMusicSynth_Open(synth, NULL), S_OK);
    CHECK_EQ(IDirectMusicSynth_Activate(synth, TRUE), (HRESULT)0x8878112E);
    CHECK_EQ(IDirectMusicSynth_Activate(synth, FALSE), S_FALSE);
    destroy();
}

static void test_items_10_11_F32_F33_activate(void)
{
    create();
    struct test_clock clock = test_clock_make(1000);
    CHECK_EQ(IDirectMusicSynth_SetSynthSink(synth, sink), S_OK);
    CHECK_EQ(IDirectMusicSynth_Activate(synth, TRUE), DMUS_E_SYNTHNOTCONFIGURED); /* closed */
    CHECK_EQ(IDirectMusicSynth_Open(synth, NULL), S_OK);
    CHECK_EQ(IDirectMusicSynth_Activate(synth, TRUE), (HRESULT)0x88781131); /* the sink has no clock */
    CHECK_EQ(IDirectMusicSynth_Activate(synth, FALSE), S_FALSE);
    CHECK_EQ(IDirectMusicSynthSink_SetMasterClock(sink, &clock.iface_member), S_OK);
    ULONG count = count_of(synth);
    CHECK_EQ(IDirectMusicSynth_Activate(synth, TRUE), S_OK);
    CHECK_EQ(count_of(synth), count); /* M75: no reference on the synth, not even while active */
    CHECK_EQ(IDirectMusicSynth_Activate(synth, TRUE), S_FALSE);
    CHECK_EQ(IDirectMusicSynth_Activate(synth, FALSE), S_OK);
    CHECK_EQ(IDirectMusicSynth_Activate(synth, FALSE), S_FALSE);
    destroy();
    CHECK_EQ(clock.refs, 1);
}

static void test_item_12_E29_sink_references(void)
{
    create();
    CHECK_EQ(IDirectMusicSynth_SetSynthSink(synth, NULL), S_OK);
    ULONG synth_count = count_of(synth);
    CHECK_EQ(IDirectMusicSynth_SetSynthSink(synth, sink), S_OK);
    CHECK_EQ(count_of(sink), 2);
    CHECK_EQ(count_of(synth), synth_count);
    CHECK_EQ(IDirectMusicSynth_SetSynthSink(synth, sink), S_OK); /* the same again: nothing */
    CHECK_EQ(count_of(sink), 2);
    CHECK_EQ(IDirectMusicSynth_SetSynthSink(synth, NULL), S_OK);
    CHECK_EQ(count_of(sink), 1);
    destroy();
}

static void test_E29_another_sink_replaces_the_first(void)
{
    create();
    struct test_sink first = test_sink_make(44100), second = test_sink_make(44100);
    CHECK_EQ(IDirectMusicSynth_SetSynthSink(synth, &first.iface_member), S_OK);
    CHECK_EQ(first.refs, 2);
    CHECK_EQ(first.inits, 1);
    CHECK(first.synth == synth);
    CHECK_EQ(IDirectMusicSynth_SetSynthSink(synth, &second.iface_member), S_OK);
    CHECK_EQ(first.refs, 1);
    CHECK_EQ(second.refs, 2);
    struct test_sink rude = test_sink_make(44100);
    rude.init_result = E_FAIL;
    CHECK_EQ(IDirectMusicSynth_SetSynthSink(synth, &rude.iface_member), E_FAIL);
    CHECK_EQ(rude.refs, 1);
    CHECK_EQ(second.refs, 2);
    destroy();
    CHECK_EQ(second.refs, 1);
    CHECK_EQ(second.activations + second.deactivations, 0);
}

/* A sink that is not ours knows the synth by a pointer without a reference: one that runs is stopped and loses the pointer before
 * it is let go. */
static void test_E29_an_active_sink_that_goes_is_stopped(void)
{
    create();
    SHORT frame[2];
    struct test_sink first = test_sink_make(44100);
    CHECK_EQ(IDirectMusicSynth_SetSynthSink(synth, &first.iface_member), S_OK);
    CHECK_EQ(IDirectMusicSynth_Open(synth, NULL), S_OK);
    CHECK_EQ(IDirectMusicSynth_Activate(synth, TRUE), S_OK);
    CHECK_EQ(IDirectMusicSynth_Render(synth, frame, 1, 0), S_OK);
    CHECK_EQ(IDirectMusicSynth_SetSynthSink(synth, NULL), S_OK);
    CHECK_EQ(first.deactivations, 1);
    CHECK(first.synth == NULL);
    CHECK_EQ(first.refs, 1);
    CHECK_EQ(IDirectMusicSynth_Render(synth, frame, 1, 0), DMUS_E_SYNTHINACTIVE);
    /* It comes back, and runs again; the last Release takes it away once more. */
    CHECK_EQ(IDirectMusicSynth_SetSynthSink(synth, &first.iface_member), S_OK);
    CHECK_EQ(first.activations, 2);
    CHECK_EQ(IDirectMusicSynth_Render(synth, frame, 1, 0), S_OK);
    CHECK_EQ(IDirectMusicSynth_Activate(synth, TRUE), S_FALSE);
    destroy();
    CHECK_EQ(first.deactivations, 2);
    CHECK(first.synth == NULL);
    CHECK_EQ(first.refs, 1);
}

static HRESULT play_note(void)
{
    static const BYTE note[24] = {3, 0, 0, 0, 1, 0, 0, 0, [16] = DMUS_EVENT_STRUCTURED, [20] = 0x90, 60, 100};
    BYTE copy[sizeof note];
    memcpy(copy, note, sizeof copy);
    return IDirectMusicSynth_PlayBuffer(synth, 0, copy, sizeof copy);
}

/* One that cannot be activated yet, say for want of DirectSound, is activated by the host; until then nothing is queued for it. */
static void test_E29_another_sink_while_active(void)
{
    create();
    IDmusSynthControl *control;
    struct test_sink first = test_sink_make(44100), second = test_sink_make(44100);
    CHECK_EQ(IDirectMusicSynth_QueryInterface(synth, &IID_IDmusSynthControl, (void **)&control), S_OK);
    CHECK_EQ(IDirectMusicSynth_SetSynthSink(synth, &first.iface_member), S_OK);
    CHECK_EQ(IDirectMusicSynth_Open(synth, NULL), S_OK);
    CHECK_EQ(IDirectMusicSynth_Activate(synth, TRUE), S_OK);
    CHECK_EQ(play_note(), S_OK);
    CHECK_EQ(control->lpVtbl->IsSilent(control), S_FALSE);
    second.activate_result = DMUS_E_DSOUND_NOT_SET;
    CHECK_EQ(IDirectMusicSynth_SetSynthSink(synth, &second.iface_member), S_OK);
    CHECK_EQ(control->lpVtbl->IsSilent(control), S_OK); /* the note's time was the first one's */
    CHECK_EQ(first.deactivations, 1);
    CHECK(first.synth == NULL && second.synth == synth);
    CHECK_EQ(play_note(), DMUS_E_SYNTHINACTIVE);
    CHECK_EQ(IDirectMusicSynth_Activate(synth, TRUE), DMUS_E_SYNTHNOTCONFIGURED);
    second.activate_result = S_OK;
    CHECK_EQ(IDirectMusicSynth_Activate(synth, TRUE), S_OK);
    CHECK_EQ(IDirectMusicSynth_Activate(synth, TRUE), S_FALSE);
    CHECK_EQ(second.activations, 3);
    CHECK_EQ(play_note(), S_OK);
    CHECK_EQ(IDirectMusicSynth_SetSynthSink(synth, &first.iface_member), S_OK); /* this one can at once */
    CHECK_EQ(second.deactivations, 1);
    CHECK_EQ(first.activations, 2);
    CHECK_EQ(play_note(), S_OK);
    struct test_sink rude = test_sink_make(44100);
    rude.init_result = E_FAIL;
    CHECK_EQ(IDirectMusicSynth_SetSynthSink(synth, &rude.iface_member), E_FAIL);
    CHECK_EQ(first.deactivations, 1); /* goes on */
    CHECK_EQ(IDirectMusicSynth_Activate(synth, FALSE), S_OK);
    CHECK_EQ(first.deactivations, 2);
    control->lpVtbl->Release(control);
    destroy();
    CHECK_EQ(second.deactivations + rude.activations, 1);
}

static void test_item_13_F34_close_and_drop_the_sink_while_active(void)
{
    create();
    struct test_clock clock = test_clock_make(1000);
    CHECK_EQ(IDirectMusicSynth_SetSynthSink(synth, sink), S_OK);
    CHECK_EQ(IDirectMusicSynthSink_SetMasterClock(sink, &clock.iface_member), S_OK);
    CHECK_EQ(IDirectMusicSynth_Open(synth, NULL), S_OK);
    CHECK_EQ(IDirectMusicSynth_Activate(synth, TRUE), S_OK);
    CHECK_EQ(IDirectMusicSynth_Close(synth), S_OK);
    CHECK_EQ(IDirectMusicSynth_SetSynthSink(synth, NULL), S_OK);
    CHECK_EQ(count_of(sink), 1);
    CHECK_EQ(IDirectMusicSynth_Activate(synth, FALSE), (HRESULT)0x88781131);
    CHECK_EQ(IDirectMusicSynth_Activate(synth, FALSE), S_FALSE);
    destroy();
}

static void test_F32_every_refusal_of_a_sink_is_one_code(void)
{
    create();
    struct test_sink foreign = test_sink_make(44100);
    CHECK_EQ(IDirectMusicSynth_SetSynthSink(synth, &foreign.iface_member), S_OK);
    CHECK_EQ(IDirectMusicSynth_Open(synth, NULL), S_OK);
    static const HRESULT refusals[] = {E_FAIL, DMUS_E_NO_MASTER_CLOCK, DMUS_E_DSOUND_NOT_SET, E_OUTOFMEMORY};
    for (int i = 0; i < 4; i++) {
        foreign.activate_result = refusals[i];
        CHECK_EQ(IDirectMusicSynth_Activate(synth, TRUE), DMUS_E_SYNTHNOTCONFIGURED);
    }
    SHORT frame[2];
    CHECK_EQ(IDirectMusicSynth_Render(synth, frame, 1, 0), DMUS_E_SYNTHINACTIVE);
    foreign.activate_result = S_OK;
    CHECK_EQ(IDirectMusicSynth_Activate(synth, TRUE), S_OK);
    CHECK_EQ(foreign.activations, 5);
    CHECK_EQ(IDirectMusicSynth_Render(synth, frame, 1, 0), S_OK);
    CHECK_EQ(IDirectMusicSynth_Activate(synth, FALSE), S_OK);
    CHECK_EQ(foreign.deactivations, 1);
    destroy();
}

static void test_render_codes(void)
{
    create();
    SHORT frames[16];
    float floats[16];
    IDmusSynthControl *control;
    CHECK_EQ(IDirectMusicSynth_QueryInterface(synth, &IID_IDmusSynthControl, (void **)&control), S_OK);
    CHECK_EQ(IDirectMusicSynth_Render(synth, NULL, 8, 0), E_POINTER);
    CHECK_EQ(control->lpVtbl->RenderFloat(control, NULL, 8, 0), E_POINTER);
    CHECK_EQ(IDirectMusicSynth_Render(synth, frames, 8, 0), DMUS_E_SYNTHNOTCONFIGURED);
    CHECK_EQ(control->lpVtbl->RenderFloat(control, floats, 8, 0), DMUS_E_SYNTHNOTCONFIGURED);
    CHECK_EQ(IDirectMusicSynth_Open(synth, NULL), S_OK);
    CHECK_EQ(IDirectMusicSynth_Render(synth, frames, 8, 0), DMUS_E_SYNTHINACTIVE);
    CHECK_EQ(control->lpVtbl->RenderFloat(control, floats, 8, 0), DMUS_E_SYNTHINACTIVE);
    control->lpVtbl->Release(control);
    destroy();
}

/* A host that forgets all manners: the last Release of an active synth stops its sink. */
static void test_release_while_active(void)
{
    create();
    struct test_sink foreign = test_sink_make(44100);
    CHECK_EQ(IDirectMusicSynth_SetSynthSink(synth, &foreign.iface_member), S_OK);
    CHECK_EQ(IDirectMusicSynth_Open(synth, NULL), S_OK);
    CHECK_EQ(IDirectMusicSynth_Activate(synth, TRUE), S_OK);
    destroy();
    CHECK_EQ(foreign.deactivations, 1);
    CHECK_EQ(foreign.refs, 1);
}

/* A sink of ours that was given to another synth is that one's: the first lets go of it without taking it away. */
static void test_a_sink_moves_to_another_synth(void)
{
    for (int how = 0; how < 3; how++) {
        IDirectMusicSynth *second;
        struct test_clock clock = test_clock_make(1000);
        create();
        CHECK_EQ(user_create_instance(&CLSID_DirectMusicSynth, NULL, &IID_IDirectMusicSynth, (void **)&second), S_OK);
        CHECK_EQ(IDirectMusicSynthSink_SetMasterClock(sink, &clock.iface_member), S_OK);
        CHECK_EQ(IDirectMusicSynth_SetSynthSink(synth, sink), S_OK);
        CHECK_EQ(IDirectMusicSynth_Open(synth, NULL), S_OK);
        CHECK_EQ(IDirectMusicSynth_Open(second, NULL), S_OK);
        CHECK_EQ(IDirectMusicSynth_Activate(synth, TRUE), S_OK);
        CHECK_EQ(IDirectMusicSynth_SetSynthSink(second, sink), S_OK);
        if (how == 0)
            CHECK_EQ(IDirectMusicSynth_Release(synth), 0);
        else if (how == 1)
            CHECK_EQ(IDirectMusicSynth_SetSynthSink(synth, NULL), S_OK);
        else
            CHECK_EQ(IDirectMusicSynth_Activate(synth, FALSE), S_OK);
        CHECK_EQ(IDirectMusicSynth_Activate(second, TRUE), S_OK);
        DWORD size = 0;
        CHECK_EQ(IDirectMusicSynthSink_GetDesiredBufferSize(sink, &size), S_OK);
        CHECK_EQ(IDirectMusicSynth_Activate(second, FALSE), S_OK);
        if (how > 0)
            CHECK_EQ(IDirectMusicSynth_Release(synth), 0);
        synth = second;
        destroy();
    }
}

/* Our own sink outlives the synth it renders: it falls silent. */
static void test_sink_outlives_the_synth(void)
{
    create();
    IReferenceClock *clock;
    CHECK_EQ(user_create_system_clock(&clock), S_OK);
    CHECK_EQ(IDirectMusicSynth_SetSynthSink(synth, sink), S_OK);
    CHECK_EQ(IDirectMusicSynthSink_SetMasterClock(sink, clock), S_OK);
    CHECK_EQ(IDirectMusicSynth_Open(synth, NULL), S_OK);
    CHECK_EQ(IDirectMusicSynth_Activate(synth, TRUE), S_OK);
    CHECK_EQ(IDirectMusicSynth_SetSynthSink(synth, NULL), S_OK);
    CHECK_EQ(IDirectMusicSynth_Release(synth), 0);
    DWORD size;
    CHECK_EQ(IDirectMusicSynthSink_GetDesiredBufferSize(sink, &size), DMUS_E_SYNTHNOTCONFIGURED);
    CHECK_EQ(IDirectMusicSynthSink_Activate(sink, FALSE), S_OK);
    CHECK_EQ(IDirectMusicSynthSink_Activate(sink, TRUE), DMUS_E_SYNTHNOTCONFIGURED);
    CHECK_EQ(IDirectMusicSynthSink_Release(sink), 0);
    IReferenceClock_Release(clock);
    CHECK_EQ(user_live_objects(), 0);
    CHECK_EQ(dm_alloc_live(), 0);
}

/* Close is allowed while active (13), and so is Open then. A sink whose buffers are made for the old format renders silence into
 * them, no more frames than fit, until the host activates anew; the same format goes on. */
static void test_open_in_another_format_while_active(void)
{
    static const DWORD formats[][2] = {{1, 22050}, {2, 22050}, {1, 44100}, {1, 22050}};
    for (int as_float = 0; as_float < 2; as_float++) {
        struct test_output output = test_output_make(1, as_float);
        IDmusSinkControl *control;
        IReferenceClock *clock;
        create();
        CHECK_EQ(IDirectMusicSynthSink_QueryInterface(sink, &IID_IDmusSinkControl, (void **)&control), S_OK);
        CHECK_EQ(control->lpVtbl->SetOffline(control, TRUE), S_OK);
        CHECK_EQ(control->lpVtbl->SetOutput(control, &output, as_float), S_OK);
        CHECK_EQ(user_create_stream_clock(sink, &clock), S_OK);
        CHECK_EQ(IDirectMusicSynthSink_SetMasterClock(sink, clock), S_OK);
        CHECK_EQ(IDirectMusicSynth_SetSynthSink(synth, sink), S_OK);
        for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
            DMUS_PORTPARAMS params = {.dwSize = sizeof params,
                                      .dwValidParams = DMUS_PORTPARAMS_AUDIOCHANNELS | DMUS_PORTPARAMS_SAMPLERATE,
                                      .dwAudioChannels = formats[i][0],
                                      .dwSampleRate = formats[i][1]};
            CHECK_EQ(IDirectMusicSynth_Open(synth, &params), S_OK);
            if (i == 0)
                CHECK_EQ(IDirectMusicSynth_Activate(synth, TRUE), S_OK);
            bool same = formats[i][0] == formats[0][0] && formats[i][1] == formats[0][1];
            CHECK_EQ(control->lpVtbl->Pump(control, 4096, 4096), same ? S_OK : (HRESULT)0x8878113C);
            CHECK_EQ(output.frames, 4096 * (i + 1)); /* silence instead */
            CHECK_EQ(IDirectMusicSynth_Close(synth), S_OK);
        }
        control->lpVtbl->Release(control);
        IReferenceClock_Release(clock);
        destroy();
        test_output_free(&output);
    }
}

int main(void)
{
    RUN(test_item_8_E28_latency_clock);
    RUN(test_item_9_F31_activate_without_sink);
    RUN(test_items_10_11_F32_F33_activate);
    RUN(test_item_12_E29_sink_references);
    RUN(test_E29_another_sink_replaces_the_first);
    RUN(test_E29_an_active_sink_that_goes_is_stopped);
    RUN(test_E29_another_sink_while_active);
    RUN(test_item_13_F34_close_and_drop_the_sink_while_active);
    RUN(test_F32_every_refusal_of_a_sink_is_one_code);
    RUN(test_render_codes);
    RUN(test_release_while_active);
    RUN(test_a_sink_moves_to_another_synth);
    RUN(test_sink_outlives_the_synth);
    RUN(test_open_in_another_format_while_active);
    return tap_done();
}
