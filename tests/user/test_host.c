/* SPDX-License-Identifier: MIT */
/* A synth and a sink as Microsoft's port puts them together: native-behaviour.md E 30, N 82. */
#include "base/alloc.h"
#include "doubles.h"
#include "images.h"

/* The clock given to the synth reaches neither a reference nor the sink. */
static void test_E30_master_clock_of_the_synth_goes_nowhere(void)
{
    IDirectMusicSynth *synth;
    IDirectMusicSynthSink *sink;
    struct test_clock clock = test_clock_make(0);
    CHECK_EQ(user_create_instance(&CLSID_DirectMusicSynth, NULL, &IID_IDirectMusicSynth, (void **)&synth), S_OK);
    CHECK_EQ(user_create_instance(&CLSID_DirectMusicSynthSink, NULL, &IID_IDirectMusicSynthSink, (void **)&sink), S_OK);
    CHECK_EQ(IDirectMusicSynth_SetSynthSink(synth, sink), S_OK);
    CHECK_EQ(IDirectMusicSynth_SetMasterClock(synth, NULL), E_POINTER);
    CHECK_EQ(IDirectMusicSynth_SetMasterClock(synth, &clock.iface_member), S_OK);
    CHECK_EQ(clock.refs, 1);
    CHECK_EQ(IDirectMusicSynth_Open(synth, NULL), S_OK);
#ifndef _WIN32 /* there the sink asks for DirectSound first */
    CHECK_EQ(IDirectMusicSynthSink_Activate(sink, TRUE), (HRESULT)0x88781170); /* has no clock */
#endif
    CHECK_EQ(IDirectMusicSynth_Activate(synth, TRUE), (HRESULT)0x88781131);
    CHECK_EQ(clock.refs, 1);
    CHECK_EQ(IDirectMusicSynth_Release(synth), 0);
    CHECK_EQ(IDirectMusicSynthSink_Release(sink), 0);
}

static HRESULT set_volume(IKsControl *ks, ULONG item, LONG volume)
{
    KSPROPERTY property = {0};
    ULONG returned;
    property.Set = GUID_DMUS_PROP_Volume;
    property.Id = item;
    property.Flags = KSPROPERTY_TYPE_SET;
    return IKsControl_KsProperty(ks, &property, sizeof property, &volume, sizeof volume, &returned);
}

/* Its steps one after the other, and a note at the end of them. The sink may ask for the format before Open. */
static void test_N82_order_of_a_port(void)
{
    IDirectMusicSynth *synth;
    IDirectMusicSynthSink *sink;
    IDmusSinkControl *control;
    IKsControl *ks;
    IReferenceClock *clock;
    struct test_output output = test_output_make(2, false);
    DMUS_PORTPARAMS params = {.dwSize = sizeof params};
    WAVEFORMATEX format;
    DWORD size = sizeof format;
    int16_t bar[400];
    for (int i = 0; i < 400; i++)
        bar[i] = 8192;

    CHECK_EQ(user_create_instance(&CLSID_DirectMusicSynth, NULL, &IID_IDirectMusicSynth, (void **)&synth), S_OK);
    CHECK_EQ(IDirectMusicSynth_QueryInterface(synth, &IID_IKsControl, (void **)&ks), S_OK);
    CHECK_EQ(user_create_instance(&CLSID_DirectMusicSynthSink, NULL, &IID_IDirectMusicSynthSink, (void **)&sink), S_OK);
    CHECK_EQ(IDirectMusicSynth_SetSynthSink(synth, sink), S_OK);
    CHECK_EQ(user_create_stream_clock(sink, &clock), S_OK);
    CHECK_EQ(IDirectMusicSynth_SetMasterClock(synth, clock), S_OK);
    CHECK_EQ(IDirectMusicSynthSink_SetMasterClock(sink, clock), S_OK);
    CHECK_EQ(IDirectMusicSynth_GetFormat(synth, &format, &size), (HRESULT)0x88781131);
    CHECK_EQ(IDirectMusicSynthSink_GetDesiredBufferSize(sink, &size), E_UNEXPECTED);
    CHECK_EQ(IDirectMusicSynth_Open(synth, &params), S_OK);
    CHECK_EQ(IDirectMusicSynthSink_GetDesiredBufferSize(sink, &size), S_OK);
    CHECK_EQ(size, params.dwSampleRate * params.dwAudioChannels * 4);
    CHECK_EQ(set_volume(ks, 0, -600), S_OK);
    CHECK_EQ(set_volume(ks, 1, 0), S_OK);

    /* Offline, so that the samples can be looked at. */
    CHECK_EQ(IDirectMusicSynthSink_QueryInterface(sink, &IID_IDmusSinkControl, (void **)&control), S_OK);
    CHECK_EQ(control->lpVtbl->SetOffline(control, TRUE), S_OK);
    CHECK_EQ(control->lpVtbl->SetOutput(control, &output, FALSE), S_OK);
    CHECK_EQ(IDirectMusicSynth_Activate(synth, TRUE), S_OK);
    struct image wave = image_wave(1, bar, 400, 22050);
    struct image instrument =
        image_instrument(&(struct instrument_desc){.id = 2, .wave_id = 1, .unity_note = 60, .loop_length = 400});
    static struct event_buffer events;
    HANDLE handle;
    BOOL may_free;
    CHECK_EQ(IDirectMusicSynth_Download(synth, &handle, wave.bytes, &may_free), S_OK);
    CHECK_EQ(IDirectMusicSynth_Download(synth, &handle, instrument.bytes, &may_free), S_OK);
    event_midi(&events, 1, 0, 0xB0, 91, 0); /* dry */
    event_midi(&events, 1, 0, 0x90, 60, 127);
    CHECK_EQ(IDirectMusicSynth_PlayBuffer(synth, 0, events.bytes, events.size), S_OK);
    CHECK_EQ(control->lpVtbl->Pump(control, 2000, 500), S_OK);
    CHECK_EQ(output.frames, 2000);
    /* items 48, 49: -6 dB of Volume, CC7 = 100, p = 64/127; one group, so without the doubling */
    double want = 8192 * pow(10, (40 * log10(100.0 / 127) - 6) / 20) * sqrt(63.0 / 127);
    const int16_t *out = (const int16_t *)(void *)output.bytes;
    if (output.frames == 2000)
        CHECK_NEAR(out[2 * 1500], want, 1.5);

    CHECK_EQ(IDirectMusicSynth_Activate(synth, FALSE), S_OK);
    CHECK_EQ(IDirectMusicSynth_Close(synth), S_OK);
    control->lpVtbl->Release(control);
    IKsControl_Release(ks);
    CHECK_EQ(IDirectMusicSynth_Release(synth), 0);
    CHECK_EQ(IDirectMusicSynthSink_Release(sink), 0);
    IReferenceClock_Release(clock);
    CHECK_EQ(user_live_objects(), 0);
    CHECK_EQ(dm_alloc_live(), 0);
    image_free(&wave);
    image_free(&instrument);
    test_output_free(&output);
}

int main(void)
{
    RUN(test_E30_master_clock_of_the_synth_goes_nowhere);
    RUN(test_N82_order_of_a_port);
    return tap_done();
}
