/* SPDX-License-Identifier: MIT */
/* IKsControl on both objects: ddi-user.md 2.4, 5.7, 15 items 22, 23; native-behaviour.md B 6-9. */
#include "doubles.h"

#define MORE_DATA           ((HRESULT)0x800700EA)
#define INSUFFICIENT_BUFFER ((HRESULT)0x8007007A)

static IUnknown *object;
static IKsControl *control;

static void create(const CLSID *clsid)
{
    CHECK_EQ(user_create_instance(clsid, NULL, &IID_IUnknown, (void **)&object), S_OK);
    CHECK_EQ(IUnknown_QueryInterface(object, &IID_IKsControl, (void **)&control), S_OK);
}

static void destroy(void)
{
    IKsControl_Release(control);
    CHECK_EQ(IUnknown_Release(object), 0);
}

static HRESULT request(const GUID *set, ULONG id, ULONG flags, void *data, ULONG size, ULONG *returned)
{
    KSPROPERTY property = {0};
    property.Set = *set;
    property.Id = id;
    property.Flags = flags;
    *returned = 0xAAAAAAAA;
    return IKsControl_KsProperty(control, &property, sizeof property, data, size, returned);
}

static void check_dword(const GUID *set, DWORD want)
{
    DWORD value[2] = {0xAAAAAAAA, 0xAAAAAAAA};
    ULONG returned;
    CHECK_EQ(request(set, 0, KSPROPERTY_TYPE_GET, value, 4, &returned), S_OK);
    CHECK_EQ(returned, 4);
    CHECK_EQ(value[0], want);
    CHECK_EQ(value[1], 0xAAAAAAAA);
    CHECK_EQ(request(set, 0, KSPROPERTY_TYPE_GET, value, 8, &returned), S_OK);
    CHECK_EQ(returned, 4);
    CHECK_EQ(value[1], 0xAAAAAAAA);
    CHECK_EQ(request(set, 0, KSPROPERTY_TYPE_GET, NULL, 0, &returned), MORE_DATA);
    CHECK_EQ(returned, 4);
    CHECK_EQ(request(set, 0, KSPROPERTY_TYPE_GET, NULL, 4, &returned), E_POINTER);
    CHECK_EQ(request(set, 0, KSPROPERTY_TYPE_GET, value, 3, &returned), INSUFFICIENT_BUFFER);
    CHECK_EQ(returned, 4);
    CHECK_EQ(request(set, 0, KSPROPERTY_TYPE_SETSUPPORT, NULL, 0, &returned), S_OK);
    CHECK_EQ(request(set, 0, KSPROPERTY_TYPE_RELATIONS, value, 4, &returned), E_NOTIMPL);
    CHECK_EQ(request(set, 0, KSPROPERTY_TYPE_GET | KSPROPERTY_TYPE_SET, value, 4, &returned), E_NOTIMPL);
}

static void check_read_only(const GUID *set, DWORD want)
{
    DWORD value = 1;
    ULONG returned;
    check_dword(set, want);
    CHECK_EQ(request(set, 0, KSPROPERTY_TYPE_SET, &value, 4, &returned), DMUS_E_SET_UNSUPPORTED);
    CHECK_EQ(request(set, 0, KSPROPERTY_TYPE_BASICSUPPORT, &value, 4, &returned), S_OK);
    CHECK_EQ(value, KSPROPERTY_TYPE_GET);
    CHECK_EQ(request(set, 1, KSPROPERTY_TYPE_GET, &value, 4, &returned), DMUS_E_UNKNOWN_PROPERTY);
}

static void test_item_22_B6_what_the_synth_is(void)
{
    create(&CLSID_DirectMusicSynth);
    check_read_only(&GUID_DMUS_PROP_INSTRUMENT2, 1);
    check_read_only(&GUID_DMUS_PROP_DLS1, 1);
    check_read_only(&GUID_DMUS_PROP_DLS2, 1);
    check_read_only(&GUID_DMUS_PROP_GM_Hardware, 0);
    check_read_only(&GUID_DMUS_PROP_GS_Hardware, 0);
    check_read_only(&GUID_DMUS_PROP_XG_Hardware, 0);
    check_read_only(&GUID_DMUS_PROP_GS_Capable, 0);
    check_read_only(&GUID_DMUS_PROP_XG_Capable, 0);
    check_read_only(&GUID_DMUS_PROP_SampleMemorySize, 0x7FFFFFFF);
    check_read_only(&GUID_DMUS_PROP_MemorySize, 0x7FFFFFFF);
    destroy();
}

static void test_item_23_B8_volume(void)
{
    create(&CLSID_DirectMusicSynth);
    IDirectMusicSynth *synth;
    LONG value = -600;
    ULONG returned;
    CHECK_EQ(IUnknown_QueryInterface(object, &IID_IDirectMusicSynth, (void **)&synth), S_OK);
    for (int round = 0; round < 3; round++) {
        for (ULONG id = 0; id < 2; id++) {
            CHECK_EQ(request(&GUID_DMUS_PROP_Volume, id, KSPROPERTY_TYPE_GET, &value, 4, &returned), (HRESULT)0x88781124);
            CHECK_EQ(request(&GUID_DMUS_PROP_Volume, id, KSPROPERTY_TYPE_SET, &value, 4, &returned), S_OK);
            CHECK_EQ(request(&GUID_DMUS_PROP_Volume, id, KSPROPERTY_TYPE_SET, &value, 3, &returned), INSUFFICIENT_BUFFER);
            DWORD support = 0;
            CHECK_EQ(request(&GUID_DMUS_PROP_Volume, id, KSPROPERTY_TYPE_BASICSUPPORT, &support, 4, &returned), S_OK);
            CHECK_EQ(support, KSPROPERTY_TYPE_SET);
        }
        CHECK_EQ(request(&GUID_DMUS_PROP_Volume, 2, KSPROPERTY_TYPE_GET, &value, 4, &returned), (HRESULT)0x88781122);
        CHECK_EQ(request(&GUID_DMUS_PROP_Volume, 2, KSPROPERTY_TYPE_SET, &value, 4, &returned), (HRESULT)0x88781122);
        if (round == 0)
            CHECK_EQ(IDirectMusicSynth_Open(synth, NULL), S_OK);
        else if (round == 1)
            CHECK_EQ(IDirectMusicSynth_Close(synth), S_OK);
    }
    IDirectMusicSynth_Release(synth);
    destroy();
}

static void test_effects_rate_and_reverb(void)
{
    create(&CLSID_DirectMusicSynth);
    IDirectMusicSynth *synth;
    DWORD value = 1;
    ULONG returned;
    CHECK_EQ(IUnknown_QueryInterface(object, &IID_IDirectMusicSynth, (void **)&synth), S_OK);
    CHECK_EQ(request(&GUID_DMUS_PROP_Effects, 0, KSPROPERTY_TYPE_GET, &value, 4, &returned), DMUS_E_SYNTHNOTCONFIGURED);
    CHECK_EQ(returned, 0);
    CHECK_EQ(request(&GUID_DMUS_PROP_Effects, 0, KSPROPERTY_TYPE_SET, &value, 4, &returned), DMUS_E_SYNTHNOTCONFIGURED);
    CHECK_EQ(request(&GUID_DMUS_PROP_SamplePlaybackRate, 0, KSPROPERTY_TYPE_GET, &value, 4, &returned),
             DMUS_E_SYNTHNOTCONFIGURED);
    CHECK_EQ(IDirectMusicSynth_Open(synth, NULL), S_OK);
    check_read_only(&GUID_DMUS_PROP_SamplePlaybackRate, 22050);
    check_dword(&GUID_DMUS_PROP_Effects, DMUS_EFFECT_REVERB);
    value = 0;
    CHECK_EQ(request(&GUID_DMUS_PROP_Effects, 0, KSPROPERTY_TYPE_SET, &value, 4, &returned), S_OK);
    check_dword(&GUID_DMUS_PROP_Effects, 0);
    value = DMUS_EFFECT_CHORUS; /* native has none */
    CHECK_EQ(request(&GUID_DMUS_PROP_Effects, 0, KSPROPERTY_TYPE_SET, &value, 4, &returned), E_INVALIDARG);

    DMUS_WAVES_REVERB_PARAMS reverb = {9, 9, 9, 9};
    CHECK_EQ(request(&GUID_DMUS_PROP_WavesReverb, 0, KSPROPERTY_TYPE_GET, &reverb, sizeof reverb, &returned), S_OK);
    CHECK_EQ(returned, 16);
    CHECK_NEAR(reverb.fInGain, 0, 0);
    CHECK_NEAR(reverb.fReverbMix, -10, 0);
    CHECK_NEAR(reverb.fReverbTime, 1000, 0);
    CHECK_NEAR(reverb.fHighFreqRTRatio, 0.001, 1e-9);
    reverb = (DMUS_WAVES_REVERB_PARAMS){NAN, 12, 100000, 0.5f};
    CHECK_EQ(request(&GUID_DMUS_PROP_WavesReverb, 0, KSPROPERTY_TYPE_SET, &reverb, 15, &returned), INSUFFICIENT_BUFFER);
    CHECK_EQ(request(&GUID_DMUS_PROP_WavesReverb, 0, KSPROPERTY_TYPE_SET, &reverb, 16, &returned), S_OK);
    CHECK_EQ(request(&GUID_DMUS_PROP_WavesReverb, 0, KSPROPERTY_TYPE_GET, &reverb, 16, &returned), S_OK);
    CHECK_NEAR(reverb.fInGain, -96, 0);
    CHECK_NEAR(reverb.fReverbMix, 0, 0);
    CHECK_NEAR(reverb.fReverbTime, 3000, 0);
    CHECK_NEAR(reverb.fHighFreqRTRatio, 0.5, 0);
    IDirectMusicSynth_Release(synth);
    destroy();
}

static void test_B7_sink(void)
{
    create(&CLSID_DirectMusicSynthSink);
#ifdef _WIN32
    DWORD uses_dsound = TRUE;
#else
    DWORD uses_dsound = FALSE; /* documented in dmus/ddi.h */
#endif
    check_read_only(&GUID_DMUS_PROP_SinkUsesDSound, uses_dsound);
    check_read_only(&GUID_DMUS_PROP_SynthSink_DSOUND, uses_dsound);
    check_read_only(&GUID_DMUS_PROP_SynthSink_WAVE, FALSE);
    check_dword(&GUID_DMUS_PROP_WritePeriod, 20);
    check_dword(&GUID_DMUS_PROP_WriteLatency, 55);
    DWORD value = 5;
    ULONG returned;
    CHECK_EQ(request(&GUID_DMUS_PROP_WritePeriod, 0, KSPROPERTY_TYPE_SET, &value, 4, &returned), S_OK);
    CHECK_EQ(returned, 0);
    check_dword(&GUID_DMUS_PROP_WritePeriod, 5);
    value = 0;
    CHECK_EQ(request(&GUID_DMUS_PROP_WritePeriod, 0, KSPROPERTY_TYPE_SET, &value, 4, &returned), E_INVALIDARG);
    CHECK_EQ(request(&GUID_DMUS_PROP_WriteLatency, 0, KSPROPERTY_TYPE_SET, &value, 4, &returned), S_OK);
    check_dword(&GUID_DMUS_PROP_WriteLatency, 0);
    value = 100000;
    CHECK_EQ(request(&GUID_DMUS_PROP_WriteLatency, 0, KSPROPERTY_TYPE_SET, &value, 4, &returned), E_INVALIDARG);
    check_dword(&GUID_DMUS_PROP_WriteLatency, 0);
    CHECK_EQ(request(&GUID_DMUS_PROP_WritePeriod, 0, KSPROPERTY_TYPE_BASICSUPPORT, &value, 4, &returned), S_OK);
    CHECK_EQ(value, KSPROPERTY_TYPE_GET | KSPROPERTY_TYPE_SET);
    destroy();
}

static void test_unknown_and_malformed(void)
{
    const CLSID *const classes[] = {&CLSID_DirectMusicSynth, &CLSID_DirectMusicSynthSink};
    for (int i = 0; i < 2; i++) {
        create(classes[i]);
        DWORD value = 0;
        ULONG returned;
        KSPROPERTY property = {0};
        CHECK_EQ(request(&IID_IUnknown, 0, KSPROPERTY_TYPE_GET, &value, 4, &returned), DMUS_E_UNKNOWN_PROPERTY);
        CHECK_EQ(request(&GUID_DMUS_PROP_LegacyCaps, 0, KSPROPERTY_TYPE_GET, &value, 4, &returned), DMUS_E_UNKNOWN_PROPERTY);
        if (i) /* the synth's own is in test_set_synth_sink */
            CHECK_EQ(request(&GUID_DMUS_PROP_SetSynthSink, 0, KSPROPERTY_TYPE_SET, &value, 4, &returned),
                     DMUS_E_UNKNOWN_PROPERTY);
        CHECK_EQ(request(&IID_IUnknown, 0, KSPROPERTY_TYPE_SETSUPPORT, NULL, 0, &returned), DMUS_E_UNKNOWN_PROPERTY);
        CHECK_EQ(IKsControl_KsProperty(control, NULL, sizeof property, &value, 4, &returned), E_POINTER);
        CHECK_EQ(IKsControl_KsProperty(control, &property, sizeof property - 1, &value, 4, &returned), E_INVALIDARG);
        property.Set = i ? GUID_DMUS_PROP_WritePeriod : GUID_DMUS_PROP_DLS2;
        property.Flags = KSPROPERTY_TYPE_GET;
        CHECK_EQ(IKsControl_KsProperty(control, &property, sizeof property, &value, 4, NULL), S_OK);
        CHECK_EQ(value, i ? 20 : 1);
        CHECK_EQ(IKsControl_KsMethod(control, &property, sizeof property, &value, 4, &returned), E_NOTIMPL);
        CHECK_EQ(IKsControl_KsEvent(control, &property, sizeof property, &value, 4, &returned), E_NOTIMPL);
        destroy();
    }
}

static void test_nothing_needs_alignment(void)
{
    create(&CLSID_DirectMusicSynth);
    unsigned char raw[64], data[32];
    KSPROPERTY property = {0};
    ULONG returned;
    property.Set = GUID_DMUS_PROP_WavesReverb;
    property.Flags = KSPROPERTY_TYPE_GET;
    for (int shift = 0; shift < 8; shift++) {
        memcpy(raw + shift, &property, sizeof property);
        CHECK_EQ(IKsControl_KsProperty(control, (KSPROPERTY *)(void *)(raw + shift), sizeof property, data + shift, 16,
                                       &returned),
                 S_OK);
        CHECK_EQ(returned, 16);
    }
    destroy();
}

int main(void)
{
    RUN(test_item_22_B6_what_the_synth_is);
    RUN(test_item_23_B8_volume);
    RUN(test_effects_rate_and_reverb);
    RUN(test_B7_sink);
    RUN(test_unknown_and_malformed);
    RUN(test_nothing_needs_alignment);
    CHECK_EQ(user_live_objects(), 0);
    return tap_done();
}
