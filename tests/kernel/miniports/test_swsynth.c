/* SPDX-License-Identifier: MIT */
/* The software synth's miniport: its filter, its properties, which pin goes with which, and its life. */
#include "synth_rig.h"

#include "user/port_profile.h"

static void test_filter(void)
{
    struct stage s;
    stage_open(&s);
    const PCFILTER_DESCRIPTOR *f = s.filter;
    CHECK_EQ(f->Version, 0);
    CHECK_EQ(f->PinCount, 3);
    CHECK_EQ(f->NodeCount, 1);
    CHECK_EQ(f->PinSize % 8, 0);
    CHECK(IsEqualGUID(f->Nodes[0].Type, &KSNODETYPE_SYNTHESIZER));
    /* spec/ddi-kernel.md 9.4: the legacy pin first; 8.10: the wires */
    CHECK(IsEqualGUID(&f->Pins[0].KsPinDescriptor.DataRanges[0]->SubFormat, &KSDATAFORMAT_SUBTYPE_MIDI));
    CHECK(IsEqualGUID(&f->Pins[1].KsPinDescriptor.DataRanges[0]->SubFormat, &KSDATAFORMAT_SUBTYPE_DIRECTMUSIC));
    CHECK(IsEqualGUID(&f->Pins[2].KsPinDescriptor.DataRanges[0]->MajorFormat, &KSDATAFORMAT_TYPE_AUDIO));
    CHECK_EQ(f->Pins[0].KsPinDescriptor.DataRanges[0]->FormatSize, 96);
    CHECK_EQ(f->Pins[2].KsPinDescriptor.DataRanges[0]->FormatSize, 88);
    CHECK_EQ(f->Pins[1].KsPinDescriptor.DataFlow, KSPIN_DATAFLOW_IN);
    CHECK_EQ(f->Pins[2].KsPinDescriptor.DataFlow, KSPIN_DATAFLOW_OUT);
    CHECK_EQ(f->ConnectionCount, 3);
    CHECK(f->Connections[1].FromNode == PCFILTER_NODE && f->Connections[1].FromNodePin == 1 && f->Connections[1].ToNode == 0 &&
          f->Connections[1].ToNodePin == 1);
    CHECK(f->Connections[2].FromNode == 0 && f->Connections[2].FromNodePin == 0 &&
          f->Connections[2].ToNode == PCFILTER_NODE && f->Connections[2].ToNodePin == 2);
    stage_close(&s);
}

static void test_limits_are_those_of_user_mode(void)
{
    for (int i = 0; i < 2; i++) {
        const struct swsynth_profile *k = &swsynth_profiles[i];
        const struct port_profile *u = &port_profiles[i];
        CHECK_EQ(k->voices_max, u->voices_max);
        CHECK_EQ(k->groups_max, u->groups_max);
        CHECK_EQ(k->rate_min, u->rate_min);
        CHECK_EQ(k->rate_max, u->rate_max);
        CHECK_EQ(k->effects, u->effects);
        CHECK_EQ(k->defaults.voices, u->defaults.voices);
        CHECK_EQ(k->defaults.groups, u->defaults.groups);
        CHECK_EQ(k->defaults.channels, u->defaults.channels);
        CHECK_EQ(k->defaults.rate, u->defaults.rate);
        CHECK_EQ(k->defaults.effects, u->defaults.effects);
        CHECK_EQ(k->volume[0], u->volume[0]);
        CHECK_EQ(k->volume[1], u->volume[1]);
        CHECK_EQ(k->dither, u->dither);
    }
}

/* Sizes 0, too small, exact and larger; verbs that an item has and has not; to the filter and to a pin. */
static void check_item(struct stage *s, void *stream, const PCPROPERTY_ITEM *item)
{
    uint8_t value[400], instance[64] = {0};
    ULONG full = 0, size = sizeof(ULONG), bits = 0, gets = item->Flags & KSPROPERTY_TYPE_GET;
    CHECK_EQ(request(s, stream, item, KSPROPERTY_TYPE_BASICSUPPORT, NULL, 0, &bits, &size), STATUS_SUCCESS);
    CHECK_EQ(bits, item->Flags & (KSPROPERTY_TYPE_GET | KSPROPERTY_TYPE_SET));
    ULONG wrong = gets ? KSPROPERTY_TYPE_SET : KSPROPERTY_TYPE_GET;
    size = sizeof value;
    if (!(item->Flags & wrong))
        CHECK_EQ(request(s, stream, item, wrong, instance, sizeof instance, value, &size), STATUS_INVALID_DEVICE_REQUEST);
    if (!gets)
        return;
    CHECK_EQ(request(s, stream, item, KSPROPERTY_TYPE_GET, instance, sizeof instance, NULL, &full), STATUS_BUFFER_OVERFLOW);
    CHECK(full > 0 && full < sizeof value);
    size = full - 1;
    memset(value, 0xA5, sizeof value);
    CHECK_EQ(request(s, stream, item, KSPROPERTY_TYPE_GET, instance, sizeof instance, value, &size), STATUS_BUFFER_TOO_SMALL);
    CHECK_EQ(size, full);
    CHECK_EQ(value[0], 0xA5);
    size = sizeof value;
    NTSTATUS status = request(s, stream, item, KSPROPERTY_TYPE_GET, instance, sizeof instance, value, &size);
    CHECK_EQ(size, NT_SUCCESS(status) ? full : 0);
    CHECK_EQ(value[full], 0xA5);
    size = full;
    CHECK_EQ(request(s, stream, item, KSPROPERTY_TYPE_GET, instance, sizeof instance, NULL, &size), STATUS_INVALID_PARAMETER);
}

static void test_property_sizes_and_verbs(void)
{
    struct stage s;
    SYNTH_PORTPARAMS granted;
    ULONG size = sizeof(SYNTH_PORTPARAMS);
    stage_open(&s);
    PMXF midi = open_midi(&s);
    CHECK_EQ(port_params(&s, midi, 48000, 2, &granted), STATUS_SUCCESS);
    void *streams[] = {midi, NULL};
    for (int t = 0; t < 2; t++) {
        const PCAUTOMATION_TABLE *table = s.filter->Nodes[0].AutomationTable;
        for (ULONG i = 0; i < table->PropertyCount; i++)
            check_item(&s, streams[t], table_item(table, i));
    }
    /* Instance data that are not all there. */
    CHECK_EQ(request(&s, midi, find_item(&s, &KSPROPSETID_Synth, KSPROPERTY_SYNTH_PORTPARAMETERS), KSPROPERTY_TYPE_GET, &granted,
                     sizeof granted - 1, &granted, &size),
             STATUS_INVALID_PARAMETER);
    midi->lpVtbl->Release(midi);
    stage_close(&s);
}

static void test_caps(void)
{
    struct stage s;
    SYNTHCAPS caps;
    stage_open(&s);
    CHECK_EQ(get_property(&s, NULL, &KSPROPSETID_Synth, KSPROPERTY_SYNTH_CAPS, NULL, 0, &caps, sizeof caps), STATUS_SUCCESS);
    CHECK_EQ(caps.Flags & (SYNTH_PC_DLS | SYNTH_PC_DLS2 | SYNTH_PC_SOFTWARESYNTH),
             SYNTH_PC_DLS | SYNTH_PC_DLS2 | SYNTH_PC_SOFTWARESYNTH);
    CHECK_EQ(caps.MemorySize, 0x7FFFFFFF);
    CHECK_EQ(caps.MaxAudioChannels, 2);
    CHECK_EQ(caps.Description[0], 'O');
    CHECK_EQ(caps.Description[127], 0);
    stage_close(&s);
}

static void test_port_parameters(void)
{
    struct stage s;
    SYNTH_PORTPARAMS wanted = {0}, granted;
    stage_open(&s);
    PMXF midi = open_midi(&s);
    const GUID *set = &KSPROPSETID_Synth;
    /* 7.2, 3: what was not asked for is told, too. */
    CHECK_EQ(get_property(&s, midi, set, KSPROPERTY_SYNTH_PORTPARAMETERS, &wanted, sizeof wanted, &granted, sizeof granted),
             STATUS_SUCCESS);
    CHECK_EQ(granted.Voices, 32); /* native-behaviour.md: 32 voices, 2 groups, 22050 Hz */
    CHECK_EQ(granted.ChannelGroups, 2);
    CHECK_EQ(granted.SampleRate, 22050);
    CHECK_EQ(granted.Share, FALSE);
    /* 7.2, 2: what cannot be met is replaced. */
    wanted = (SYNTH_PORTPARAMS){.ValidParams = SYNTH_PORTPARAMS_VOICES | SYNTH_PORTPARAMS_SAMPLERATE, .Voices = 100000, .SampleRate = 44100};
    CHECK_EQ(get_property(&s, midi, set, KSPROPERTY_SYNTH_PORTPARAMETERS, &wanted, sizeof wanted, &granted, sizeof granted),
             STATUS_NOT_ALL_ASSIGNED);
    CHECK_EQ(granted.Voices, 1000);
    CHECK_EQ(granted.SampleRate, 44100); /* 7.2, 4 */
    /* A wave pin that is there decides on the rate. */
    ISynthSinkDMus *wave = open_wave(&s, 44100, 2);
    CHECK_EQ(port_params(&s, midi, 32000, 2, &granted), STATUS_NOT_ALL_ASSIGNED);
    CHECK_EQ(granted.SampleRate, 44100);
    /* With downloads only the number of groups changes. */
    struct image images[2];
    SYNTHDOWNLOAD handles[2];
    load_instrument(&s, midi, images, handles);
    wanted = (SYNTH_PORTPARAMS){.ValidParams = SYNTH_PORTPARAMS_VOICES | SYNTH_PORTPARAMS_CHANNELGROUPS, .Voices = 50, .ChannelGroups = 7};
    CHECK_EQ(get_property(&s, midi, set, KSPROPERTY_SYNTH_PORTPARAMETERS, &wanted, sizeof wanted, &granted, sizeof granted),
             STATUS_NOT_ALL_ASSIGNED);
    CHECK_EQ(granted.Voices, 16);
    CHECK_EQ(granted.ChannelGroups, 7);
    CHECK_EQ(set_property(&s, midi, &KSPROPSETID_Synth_Dls, KSPROPERTY_SYNTH_DLS_UNLOAD, &handles[0].DownloadHandle,
                          sizeof(HANDLE)),
             STATUS_PENDING); /* the instrument uses it */
    wave->lpVtbl->Release(wave);
    midi->lpVtbl->Release(midi);
    CHECK_EQ(completed_count, 1);
    image_free(&images[0]);
    image_free(&images[1]);
    stage_close(&s);
}

static ULONG joined_to(struct stage *s, void *wave)
{
    ULONG number = 0;
    NTSTATUS status = get_property(s, wave, &KSPROPSETID_OpenDMusSynth, KSPROPERTY_OPENDMUS_INSTANCE, NULL, 0, &number,
                                   sizeof number);
    CHECK(status == (number ? STATUS_SUCCESS : STATUS_INVALID_DEVICE_STATE));
    return number;
}

static void test_pairing(void)
{
    struct stage s;
    SYNTH_PORTPARAMS granted;
    stage_open(&s);
    /* In order of opening. */
    PMXF a = open_midi(&s), b = open_midi(&s);
    ISynthSinkDMus *first = open_wave(&s, 48000, 2), *second = open_wave(&s, 44100, 2);
    CHECK_EQ(joined_to(&s, first), 1);
    CHECK_EQ(joined_to(&s, second), 2);
    /* An instance that goes leaves its wave pin to the next that fits. */
    a->lpVtbl->Release(a);
    CHECK_EQ(joined_to(&s, first), 0);
    PMXF c = open_midi(&s);
    CHECK_EQ(joined_to(&s, first), 3);
    /* What is configured in another way does not fit. */
    ISynthSinkDMus *third = open_wave(&s, 32000, 1);
    PMXF d = NULL;
    CHECK_EQ(joined_to(&s, third), 0);
    third->lpVtbl->Release(third);
    d = open_midi(&s);
    CHECK_EQ(port_params(&s, d, 48000, 2, &granted), STATUS_SUCCESS);
    third = open_wave(&s, 32000, 1);
    CHECK_EQ(joined_to(&s, third), 0);
    ISynthSinkDMus *fourth = open_wave(&s, 48000, 2);
    CHECK_EQ(joined_to(&s, fourth), 4);
    first->lpVtbl->Release(first);
    second->lpVtbl->Release(second);
    third->lpVtbl->Release(third);
    fourth->lpVtbl->Release(fourth);
    b->lpVtbl->Release(b);
    c->lpVtbl->Release(c);
    d->lpVtbl->Release(d);
    stage_close(&s);
}

static void test_joining_by_number(void)
{
    struct stage s;
    const GUID *set = &KSPROPSETID_OpenDMusSynth;
    ULONG number;
    stage_open(&s);
    PMXF a = open_midi(&s), b = open_midi(&s);
    ISynthSinkDMus *wave = open_wave(&s, 48000, 2), *other = open_wave(&s, 48000, 2);
    number = 2;
    CHECK_EQ(set_property(&s, wave, set, KSPROPERTY_OPENDMUS_INSTANCE, &number, sizeof number), STATUS_DEVICE_BUSY);
    number = 9;
    CHECK_EQ(set_property(&s, wave, set, KSPROPERTY_OPENDMUS_INSTANCE, &number, sizeof number), STATUS_NOT_FOUND);
    number = 0;
    CHECK_EQ(set_property(&s, other, set, KSPROPERTY_OPENDMUS_INSTANCE, &number, sizeof number), STATUS_SUCCESS);
    CHECK_EQ(joined_to(&s, other), 0);
    number = 2;
    CHECK_EQ(set_property(&s, wave, set, KSPROPERTY_OPENDMUS_INSTANCE, &number, sizeof number), STATUS_SUCCESS);
    CHECK_EQ(joined_to(&s, wave), 2);
    number = 1;
    CHECK_EQ(set_property(&s, other, set, KSPROPERTY_OPENDMUS_INSTANCE, &number, sizeof number), STATUS_SUCCESS);
    CHECK_EQ(joined_to(&s, other), 1);
    CHECK_EQ(set_property(&s, a, set, KSPROPERTY_OPENDMUS_INSTANCE, &number, sizeof number), STATUS_INVALID_DEVICE_REQUEST);
    set_state(wave, KSSTATE_STOP, KSSTATE_RUN);
    CHECK_EQ(set_property(&s, wave, set, KSPROPERTY_OPENDMUS_INSTANCE, &number, sizeof number), STATUS_INVALID_DEVICE_STATE);
    set_state(wave, KSSTATE_RUN, KSSTATE_STOP);
    wave->lpVtbl->Release(wave);
    other->lpVtbl->Release(other);
    a->lpVtbl->Release(a);
    b->lpVtbl->Release(b);
    stage_close(&s);
}

static void test_wave_formats(void)
{
    struct stage s;
    PMXF stream;
    stage_open(&s);
    KSDATAFORMAT_WAVEFORMATEX good = wave_format(48000, 2), bad;
    bad = good, bad.WaveFormatEx.wBitsPerSample = 24;
    CHECK_EQ(new_stream(&s, SWSYNTH_PIN_WAVE, &bad, &stream), STATUS_NO_MATCH);
    bad = wave_format(48000, 3);
    CHECK_EQ(new_stream(&s, SWSYNTH_PIN_WAVE, &bad, &stream), STATUS_NO_MATCH);
    bad = wave_format(7999, 2);
    CHECK_EQ(new_stream(&s, SWSYNTH_PIN_WAVE, &bad, &stream), STATUS_NO_MATCH);
    bad = good, bad.DataFormat.FormatSize = 64;
    CHECK_EQ(new_stream(&s, SWSYNTH_PIN_WAVE, &bad, &stream), STATUS_NO_MATCH);
    bad = good, bad.WaveFormatEx.nBlockAlign = 3;
    CHECK_EQ(new_stream(&s, SWSYNTH_PIN_WAVE, &bad, &stream), STATUS_NO_MATCH);
    CHECK_EQ(new_stream(&s, 7, &good, &stream), STATUS_INVALID_PARAMETER);
    stage_close(&s);
}

static void test_intersection(void)
{
    struct stage s;
    KSDATARANGE_AUDIO client = {.MaximumChannels = 6, .MinimumBitsPerSample = 8, .MaximumBitsPerSample = 24,
                                .MinimumSampleFrequency = 40000, .MaximumSampleFrequency = 500000};
    KSDATAFORMAT_WAVEFORMATEX format;
    ULONG used = 0;
    stage_open(&s);
    PKSDATARANGE mine = s.filter->Pins[2].KsPinDescriptor.DataRanges[0];
    client.DataRange = *mine;
    client.DataRange.FormatSize = sizeof client;
    IMiniportDMus *m = s.miniport;
    CHECK_EQ(m->lpVtbl->DataRangeIntersection(m, 2, &client.DataRange, mine, 0, NULL, &used), STATUS_BUFFER_OVERFLOW);
    CHECK_EQ(used, 82);
    CHECK_EQ(m->lpVtbl->DataRangeIntersection(m, 2, &client.DataRange, mine, 81, &format, &used), STATUS_BUFFER_TOO_SMALL);
    CHECK_EQ(m->lpVtbl->DataRangeIntersection(m, 2, &client.DataRange, mine, 82, &format, &used), STATUS_SUCCESS);
    CHECK_EQ(format.WaveFormatEx.nSamplesPerSec, 40000); /* native's 22050, as near as the client's range goes */
    CHECK_EQ(format.WaveFormatEx.nChannels, 2);
    CHECK_EQ(format.WaveFormatEx.wBitsPerSample, 16);
    client.MinimumBitsPerSample = 24;
    CHECK_EQ(m->lpVtbl->DataRangeIntersection(m, 2, &client.DataRange, mine, 82, &format, &used), STATUS_NO_MATCH);
    CHECK_EQ(m->lpVtbl->DataRangeIntersection(m, 1, mine, mine, 82, &format, &used), STATUS_NOT_IMPLEMENTED);
    stage_close(&s);
}

static void test_configuration(void)
{
    struct stage s;
    DMUS_SYNTHCONFIG config;
    SYNTH_PORTPARAMS granted;
    const GUID *set = &KSPROPSETID_OpenDMusSynth;
    ULONG capable = 9;
    stage_open(&s);
    PMXF midi = open_midi(&s);
    CHECK_EQ(get_property(&s, midi, set, KSPROPERTY_OPENDMUS_CONFIG, NULL, 0, &config, sizeof config), STATUS_SUCCESS);
    CHECK_EQ(config.dwProfile, DMUS_PROFILE_NATIVE);
    CHECK_EQ(get_property(&s, midi, &GUID_DMUS_PROP_GS_Capable, 0, NULL, 0, &capable, sizeof capable), STATUS_SUCCESS);
    CHECK_EQ(capable, 0);
    config.dwProfile = 5;
    CHECK_EQ(set_property(&s, midi, set, KSPROPERTY_OPENDMUS_CONFIG, &config, sizeof config), STATUS_INVALID_PARAMETER);
    config.dwProfile = DMUS_PROFILE_STUDIO;
    CHECK_EQ(set_property(&s, midi, set, KSPROPERTY_OPENDMUS_CONFIG, &config, sizeof config), STATUS_SUCCESS);
    CHECK_EQ(get_property(&s, midi, &GUID_DMUS_PROP_GS_Capable, 0, NULL, 0, &capable, sizeof capable), STATUS_SUCCESS);
    CHECK_EQ(capable, 1);
    CHECK_EQ(port_params(&s, midi, 192000, 1, &granted), STATUS_SUCCESS);
    CHECK_EQ(set_property(&s, midi, set, KSPROPERTY_OPENDMUS_CONFIG, &config, sizeof config), STATUS_INVALID_DEVICE_STATE);
    midi->lpVtbl->Release(midi);
    stage_close(&s);
}

static void test_settings(void)
{
    struct stage s;
    SYNTH_PORTPARAMS granted;
    LONG volume = 5000;
    DWORD effects = 2, priority = 0, groups;
    SYNTHVOICEPRIORITY_INSTANCE drums = {0, 9};
    DMUS_WAVES_REVERB_PARAMS reverb;
    stage_open(&s);
    PMXF midi = open_midi(&s);
    CHECK_EQ(get_property(&s, midi, &KSPROPSETID_Synth, KSPROPERTY_SYNTH_VOICEPRIORITY, &drums, sizeof drums, &priority,
                          sizeof priority),
             STATUS_UNSUCCESSFUL); /* not configured */
    CHECK_EQ(port_params(&s, midi, 48000, 2, &granted), STATUS_SUCCESS);
    CHECK_EQ(set_property(&s, midi, &KSPROPSETID_Synth, KSPROPERTY_SYNTH_VOLUME, &volume, sizeof volume), STATUS_SUCCESS);
    CHECK_EQ(get_property(&s, midi, &KSPROPSETID_Synth, KSPROPERTY_SYNTH_VOLUME, NULL, 0, &volume, sizeof volume),
             STATUS_SUCCESS);
    CHECK_EQ(volume, 2000);
    CHECK_EQ(set_property(&s, midi, &GUID_DMUS_PROP_Effects, 0, &effects, sizeof effects), STATUS_INVALID_PARAMETER);
    effects = 0;
    CHECK_EQ(set_property(&s, midi, &GUID_DMUS_PROP_Effects, 0, &effects, sizeof effects), STATUS_SUCCESS);
    /* spec/ddi-kernel.md 6.4: STANDARD | offset; groups from 0 */
    CHECK_EQ(get_property(&s, midi, &KSPROPSETID_Synth, KSPROPERTY_SYNTH_VOICEPRIORITY, &drums, sizeof drums, &priority,
                          sizeof priority),
             STATUS_SUCCESS);
    CHECK_EQ(priority, 0x8000000F);
    drums.ChannelGroup = 2;
    CHECK_EQ(get_property(&s, midi, &KSPROPSETID_Synth, KSPROPERTY_SYNTH_VOICEPRIORITY, &drums, sizeof drums, &priority,
                          sizeof priority),
             STATUS_UNSUCCESSFUL); /* there are two */
    groups = 3;
    CHECK_EQ(set_property(&s, midi, &KSPROPSETID_Synth, KSPROPERTY_SYNTH_CHANNELGROUPS, &groups, sizeof groups), STATUS_SUCCESS);
    CHECK_EQ(get_property(&s, midi, &KSPROPSETID_Synth, KSPROPERTY_SYNTH_VOICEPRIORITY, &drums, sizeof drums, &priority,
                          sizeof priority),
             STATUS_SUCCESS);
    groups = 1001;
    CHECK_EQ(set_property(&s, midi, &KSPROPSETID_Synth, KSPROPERTY_SYNTH_CHANNELGROUPS, &groups, sizeof groups),
             STATUS_UNSUCCESSFUL);
    CHECK_EQ(get_property(&s, midi, &GUID_DMUS_PROP_WavesReverb, 0, NULL, 0, &reverb, sizeof reverb), STATUS_SUCCESS);
    CHECK_NEAR(reverb.fReverbMix, -10, 0);
    CHECK_NEAR(reverb.fReverbTime, 1000, 0);
    reverb.fReverbTime = 1e9f;
    CHECK_EQ(set_property(&s, midi, &GUID_DMUS_PROP_WavesReverb, 0, &reverb, sizeof reverb), STATUS_SUCCESS);
    CHECK_EQ(get_property(&s, midi, &GUID_DMUS_PROP_WavesReverb, 0, NULL, 0, &reverb, sizeof reverb), STATUS_SUCCESS);
    CHECK_NEAR(reverb.fReverbTime, 3000, 0);
    midi->lpVtbl->Release(midi);
    stage_close(&s);
}

int main(void)
{
    RUN(test_filter);
    RUN(test_limits_are_those_of_user_mode);
    RUN(test_property_sizes_and_verbs);
    RUN(test_caps);
    RUN(test_port_parameters);
    RUN(test_pairing);
    RUN(test_joining_by_number);
    RUN(test_wave_formats);
    RUN(test_intersection);
    RUN(test_configuration);
    RUN(test_settings);
    return tap_done();
}
