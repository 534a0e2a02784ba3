/* SPDX-License-Identifier: MIT */
/*
 * IKsControl that does something: every property's access as BASICSUPPORT tells it (ddi-user.md 2.4, 5.7), SetSynthSink,
 * Effects and WavesReverb as they are heard, what the profiles say of GS and XG.
 */
#include "stage.h"

#define SET(ks, set, id, value) request((ks), (set), (id), KSPROPERTY_TYPE_SET, &(value), sizeof(value), NULL)

static struct stage stage;

static HRESULT request(void *object, const GUID *set, ULONG id, ULONG flags, void *data, ULONG size, ULONG *returned)
{
    IKsControl *ks;
    KSPROPERTY property = {0};
    property.Set = *set;
    property.Id = id;
    property.Flags = flags;
    CHECK_EQ(IUnknown_QueryInterface((IUnknown *)object, &IID_IKsControl, (void **)&ks), S_OK);
    HRESULT hr = IKsControl_KsProperty(ks, &property, sizeof property, data, size, returned);
    IKsControl_Release(ks);
    return hr;
}

enum { G = KSPROPERTY_TYPE_GET, S = KSPROPERTY_TYPE_SET };

struct access {
    const GUID *set;
    ULONG id, access, size;
};

/* What an item allows, what it refuses and with which code. */
static void check_access(void *object, const struct access *a)
{
    ULONG mask = 0xAAAAAAAA, returned = 0;
    BYTE data[32] = {0};
    CHECK_EQ(request(object, a->set, a->id, KSPROPERTY_TYPE_BASICSUPPORT, &mask, sizeof mask, &returned), S_OK);
    CHECK_EQ(mask, a->access);
    CHECK_EQ(returned, 4);
    CHECK_EQ(request(object, a->set, a->id, KSPROPERTY_TYPE_BASICSUPPORT, &mask, 3, &returned), (HRESULT)0x8007007A);
    CHECK_EQ(request(object, a->set, a->id, KSPROPERTY_TYPE_BASICSUPPORT, NULL, 0, &returned), (HRESULT)0x800700EA);
    CHECK_EQ(returned, 4);
    CHECK_EQ(request(object, a->set, a->id, KSPROPERTY_TYPE_SETSUPPORT, NULL, 0, &returned), S_OK);
    HRESULT get = request(object, a->set, a->id, G, NULL, 0, &returned);
    CHECK_EQ(get, a->access & G ? (HRESULT)0x800700EA : DMUS_E_GET_UNSUPPORTED);
    CHECK_EQ(returned, a->access & G ? a->size : 0);
    HRESULT set = request(object, a->set, a->id, S, NULL, 0, &returned);
    CHECK_EQ(set, a->access & S ? (HRESULT)0x800700EA : DMUS_E_SET_UNSUPPORTED);
    CHECK_EQ(request(object, a->set, a->id, S, data, a->size - 1, &returned),
             a->access & S ? (HRESULT)0x8007007A : DMUS_E_SET_UNSUPPORTED);
    CHECK_EQ(request(object, a->set, a->id + 2, G, data, sizeof data, &returned), DMUS_E_UNKNOWN_PROPERTY);
}

static void test_access_of_every_property(void)
{
    const struct access of_synth[] = {
        {&GUID_DMUS_PROP_GM_Hardware, 0, G, 4},      {&GUID_DMUS_PROP_GS_Hardware, 0, G, 4},
        {&GUID_DMUS_PROP_XG_Hardware, 0, G, 4},      {&GUID_DMUS_PROP_GS_Capable, 0, G, 4},
        {&GUID_DMUS_PROP_XG_Capable, 0, G, 4},       {&GUID_DMUS_PROP_DLS1, 0, G, 4},
        {&GUID_DMUS_PROP_DLS2, 0, G, 4},             {&GUID_DMUS_PROP_INSTRUMENT2, 0, G, 4},
        {&GUID_DMUS_PROP_MemorySize, 0, G, 4},       {&GUID_DMUS_PROP_SampleMemorySize, 0, G, 4},
        {&GUID_DMUS_PROP_SamplePlaybackRate, 0, G, 4}, {&GUID_DMUS_PROP_Effects, 0, G | S, 4},
        {&GUID_DMUS_PROP_WavesReverb, 0, G | S, 16}, {&GUID_DMUS_PROP_Volume, 0, S, 4},
        {&GUID_DMUS_PROP_Volume, 1, S, 4},           {&GUID_DMUS_PROP_SetSynthSink, 0, S, sizeof(void *)},
    };
    const struct access of_sink[] = {
        {&GUID_DMUS_PROP_SinkUsesDSound, 0, G, 4},  {&GUID_DMUS_PROP_SynthSink_DSOUND, 0, G, 4},
        {&GUID_DMUS_PROP_SynthSink_WAVE, 0, G, 4},  {&GUID_DMUS_PROP_WritePeriod, 0, G | S, 4},
        {&GUID_DMUS_PROP_WriteLatency, 0, G | S, 4},
    };
    IUnknown *synth, *sink;
    CHECK_EQ(user_create_instance(&CLSID_DirectMusicSynth, NULL, &IID_IUnknown, (void **)&synth), S_OK);
    CHECK_EQ(user_create_instance(&CLSID_DirectMusicSynthSink, NULL, &IID_IUnknown, (void **)&sink), S_OK);
    for (size_t i = 0; i < sizeof of_synth / sizeof of_synth[0]; i++)
        check_access(synth, &of_synth[i]);
    for (size_t i = 0; i < sizeof of_sink / sizeof of_sink[0]; i++)
        check_access(sink, &of_sink[i]);
    /* Each object knows its own sets only, and LegacyCaps belongs to WinMM ports. */
    IUnknown *const objects[] = {synth, sink};
    const GUID *const foreign[2][2] = {{&GUID_DMUS_PROP_WritePeriod, &GUID_DMUS_PROP_LegacyCaps},
                                       {&GUID_DMUS_PROP_DLS2, &GUID_DMUS_PROP_LegacyCaps}};
    static const ULONG flags[] = {G, S, KSPROPERTY_TYPE_BASICSUPPORT, KSPROPERTY_TYPE_SETSUPPORT};
    for (int i = 0; i < 2; i++)
        for (int k = 0; k < 2; k++)
            for (int f = 0; f < 4; f++) {
                BYTE data[512] = {0};
                CHECK_EQ(request(objects[i], foreign[i][k], 0, flags[f], data, sizeof data, NULL), DMUS_E_UNKNOWN_PROPERTY);
            }
    CHECK_EQ(IUnknown_Release(sink), 0);
    CHECK_EQ(IUnknown_Release(synth), 0);
}

static void test_set_synth_sink(void)
{
    IDirectMusicSynth *synth;
    IUnknown *sink, *none = NULL;
    IReferenceClock *clock, *again;
    CHECK_EQ(user_create_instance(&CLSID_DirectMusicSynth, NULL, &IID_IDirectMusicSynth, (void **)&synth), S_OK);
    CHECK_EQ(user_create_instance(&CLSID_DirectMusicSynthSink, NULL, &IID_IUnknown, (void **)&sink), S_OK);
    CHECK_EQ(SET(synth, &GUID_DMUS_PROP_SetSynthSink, 0, none), S_OK);
    CHECK_EQ(IDirectMusicSynth_GetLatencyClock(synth, &clock), DMUS_E_NOSYNTHSINK);
    IUnknown *wrong = (IUnknown *)synth;
    CHECK_EQ(SET(synth, &GUID_DMUS_PROP_SetSynthSink, 0, wrong), E_NOINTERFACE);
    CHECK_EQ(IDirectMusicSynth_GetLatencyClock(synth, &clock), DMUS_E_NOSYNTHSINK);
    CHECK_EQ(SET(synth, &GUID_DMUS_PROP_SetSynthSink, 0, sink), S_OK);
    IUnknown_AddRef(sink);
    CHECK_EQ(IUnknown_Release(sink), 2); /* one reference, as SetSynthSink takes */
    CHECK_EQ(IDirectMusicSynth_GetLatencyClock(synth, &clock), S_OK);
    CHECK_EQ(IDirectMusicSynthSink_GetLatencyClock((IDirectMusicSynthSink *)sink, &again), S_OK);
    CHECK(clock == again);
    IReferenceClock_Release(clock);
    IReferenceClock_Release(again);
    CHECK_EQ(SET(synth, &GUID_DMUS_PROP_SetSynthSink, 0, none), S_OK);
    IUnknown_AddRef(sink);
    CHECK_EQ(IUnknown_Release(sink), 1);
    CHECK_EQ(IUnknown_Release(sink), 0);
    CHECK_EQ(IDirectMusicSynth_Release(synth), 0);
}

static void test_gs_and_xg(void)
{
    for (DWORD profile = 0; profile < 2; profile++) {
        DWORD gs = 9, xg = 9;
        stage_open(&stage, (struct stage_options){.profile = profile});
        CHECK_EQ(request(stage.synth, &GUID_DMUS_PROP_GS_Capable, 0, G, &gs, 4, NULL), S_OK);
        CHECK_EQ(request(stage.synth, &GUID_DMUS_PROP_XG_Capable, 0, G, &xg, 4, NULL), S_OK);
        CHECK_EQ(gs, profile == DMUS_PROFILE_STUDIO);
        CHECK_EQ(xg, FALSE);
        stage_close(&stage);
    }
}

/* ---- effects as they are heard ------------------------------------------- */

enum { RATE = 22050, TAIL = 2 * RATE };

static float tail[2 * TAIL];

/* A click with the whole reverb send, and two seconds of what it leaves. */
static void click(const DMUS_WAVES_REVERB_PARAMS *reverb, DWORD effects)
{
    static const int16_t one[8] = {32000, -20000, 15000, -9000, 7000};
    stage_open(&stage, (struct stage_options){.profile = DMUS_PROFILE_STUDIO, .effects = DMUS_EFFECT_REVERB | DMUS_EFFECT_CHORUS});
    stage_load(&stage, image_play_wave(6, 1, one, 8, RATE));
    if (reverb) {
        DMUS_WAVES_REVERB_PARAMS copy = *reverb;
        CHECK_EQ(SET(stage.synth, &GUID_DMUS_PROP_WavesReverb, 0, copy), S_OK);
    }
    CHECK_EQ(SET(stage.synth, &GUID_DMUS_PROP_Effects, 0, effects), S_OK);
    stage_midi(&stage, 1, 0, 0xB0, 91, 127);
    stage_midi(&stage, 1, 0, 0xB0, 93, 127);
    stage_skip(&stage, 10000); /* new values glide */
    CHECK_EQ(stage_play(&stage, stage.position, 1, 1), S_OK);
    stage_render(&stage, tail, TAIL);
    stage_close(&stage);
}

static double energy(double from_s, double to_s)
{
    double sum = 0;
    for (int i = (int)(from_s * RATE); i < (int)(to_s * RATE); i++)
        sum += (double)tail[2 * i] * (double)tail[2 * i] + (double)tail[2 * i + 1] * (double)tail[2 * i + 1];
    return sum;
}

static double decibel(double ratio) { return 10 * log10(ratio); }

static void test_effects_property_switches_them(void)
{
    click(NULL, 0);
    CHECK(energy(0, 0.01) > 1e-3);
    CHECK(energy(0.03, 2) == 0);
    click(NULL, DMUS_EFFECT_REVERB);
    CHECK(energy(0.1, 0.5) > 1e-8);
    click(NULL, DMUS_EFFECT_CHORUS);
    CHECK(energy(0.002, 0.05) > 1e-8);
    CHECK(energy(0.5, 2) < 1e-12);
}

/* fInGain and fReverbMix in dB, fReverbTime as the time to -60 dB, fHighFreqRTRatio at the top of the spectrum. */
static void test_waves_reverb_drives_the_reverb(void)
{
    DMUS_WAVES_REVERB_PARAMS p = {.fInGain = 0, .fReverbMix = 0, .fReverbTime = 1000, .fHighFreqRTRatio = 0.999f};
    click(&p, DMUS_EFFECT_REVERB);
    double full = energy(0.2, 0.4), slope = decibel(energy(0.2, 0.4) / energy(0.6, 0.8)) / 0.4;
    CHECK_NEAR(slope, 60, 6);
    p.fReverbMix = -12;
    click(&p, DMUS_EFFECT_REVERB);
    CHECK_NEAR(decibel(energy(0.2, 0.4) / full), -12, 0.1);
    p.fReverbMix = 0;
    p.fInGain = -9;
    click(&p, DMUS_EFFECT_REVERB);
    CHECK_NEAR(decibel(energy(0.2, 0.4) / full), -9, 0.1);
    p.fInGain = 0;
    p.fReverbTime = 3000;
    click(&p, DMUS_EFFECT_REVERB);
    CHECK_NEAR(decibel(energy(0.2, 0.4) / energy(1.2, 1.4)), 20, 3); /* 60 dB in 3 s */
    double bright = energy(0.5, 0.8);
    p.fHighFreqRTRatio = 0.1f;
    click(&p, DMUS_EFFECT_REVERB);
    CHECK(decibel(energy(0.5, 0.8) / bright) < -3); /* the highs are gone sooner */
}

int main(void)
{
    RUN(test_access_of_every_property);
    RUN(test_set_synth_sink);
    RUN(test_gs_and_xg);
    RUN(test_effects_property_switches_them);
    RUN(test_waves_reverb_drives_the_reverb);
    CHECK_EQ(user_live_objects(), 0);
    CHECK_EQ(dm_alloc_live(), 0);
    return tap_done();
}
