/* SPDX-License-Identifier: MIT */
/* filter.cpp - pins, node, wires and properties of the square-wave synthesizer. */
#include "miniport.h"

#pragma code_seg("PAGE")

// {6C1D9E52-3B0B-4B46-9A0C-5E1F0C7B7A31}
static const GUID SquareClassId = {0x6c1d9e52, 0x3b0b, 0x4b46, {0x9a, 0x0c, 0x5e, 0x1f, 0x0c, 0x7b, 0x7a, 0x31}};

// What every get of a fixed size begins with: size asked for, too small, or go on.
#define CHECK_SIZE(request, bytes) \
    if ((request)->ValueSize == 0) { \
        (request)->ValueSize = (bytes); \
        return STATUS_BUFFER_OVERFLOW; \
    } \
    if ((request)->ValueSize < (bytes)) { \
        (request)->ValueSize = (bytes); \
        return STATUS_BUFFER_TOO_SMALL; \
    }

static NTSTATUS PropertyHandler_Caps(IN PPCPROPERTY_REQUEST Request)
{
    PAGED_CODE();
    if (!(Request->Verb & KSPROPERTY_TYPE_GET))
        return STATUS_INVALID_DEVICE_REQUEST;
    CHECK_SIZE(Request, sizeof(SYNTHCAPS));

    SYNTHCAPS *caps = (SYNTHCAPS *)Request->Value;
    RtlZeroMemory(caps, sizeof(*caps));
    caps->Guid = SquareClassId;
    caps->Flags = SYNTH_PC_SOFTWARESYNTH;
    caps->MaxChannelGroups = 1;
    caps->MaxVoices = VOICES;
    caps->MaxAudioChannels = 2;
    caps->EffectFlags = SYNTH_EFFECT_NONE;
    wcscpy(caps->Description, L"Square waves");
    Request->ValueSize = sizeof(SYNTHCAPS);
    return STATUS_SUCCESS;
}

static NTSTATUS PropertyHandler_PortParameters(IN PPCPROPERTY_REQUEST Request)
{
    PAGED_CODE();
    if (!(Request->Verb & KSPROPERTY_TYPE_GET) || !Request->MinorTarget)
        return STATUS_INVALID_DEVICE_REQUEST;
    CHECK_SIZE(Request, sizeof(SYNTH_PORTPARAMS));
    if (Request->InstanceSize < sizeof(SYNTH_PORTPARAMS))
        return STATUS_INVALID_PARAMETER;

    PSQUARESTREAM stream = (PSQUARESTREAM)(PSYNTHSINKDMUS)Request->MinorTarget;
    SYNTH_PORTPARAMS *wanted = (SYNTH_PORTPARAMS *)Request->Instance;
    SYNTH_PORTPARAMS given = {0, VOICES, 1, 2, 0, SYNTH_EFFECT_NONE, FALSE};
    BOOLEAN changed = FALSE;
    given.ValidParams = SYNTH_PORTPARAMS_VOICES | SYNTH_PORTPARAMS_CHANNELGROUPS | SYNTH_PORTPARAMS_AUDIOCHANNELS |
                        SYNTH_PORTPARAMS_SAMPLERATE | SYNTH_PORTPARAMS_EFFECTS | SYNTH_PORTPARAMS_SHARE;
    given.SampleRate = stream->SampleRate();

    if (wanted->ValidParams & SYNTH_PORTPARAMS_VOICES)
        changed |= wanted->Voices != given.Voices;
    if (wanted->ValidParams & SYNTH_PORTPARAMS_CHANNELGROUPS)
        changed |= wanted->ChannelGroups != given.ChannelGroups;
    if (wanted->ValidParams & SYNTH_PORTPARAMS_AUDIOCHANNELS)
        changed |= wanted->AudioChannels != given.AudioChannels;
    if (wanted->ValidParams & SYNTH_PORTPARAMS_SAMPLERATE)
        changed |= wanted->SampleRate != given.SampleRate;
    if (wanted->ValidParams & SYNTH_PORTPARAMS_EFFECTS)
        changed |= wanted->EffectsFlags != given.EffectsFlags;
    if (wanted->ValidParams & SYNTH_PORTPARAMS_SHARE)
        changed |= wanted->Share != given.Share;

    RtlCopyMemory(Request->Value, &given, sizeof(given));
    Request->ValueSize = sizeof(given);
    return changed ? STATUS_NOT_ALL_ASSIGNED : STATUS_SUCCESS;
}

static NTSTATUS PropertyHandler_ChannelGroups(IN PPCPROPERTY_REQUEST Request)
{
    PAGED_CODE();
    CHECK_SIZE(Request, sizeof(ULONG));
    if (Request->Verb & KSPROPERTY_TYPE_GET) {
        *(PULONG)Request->Value = 1;
        Request->ValueSize = sizeof(ULONG);
        return STATUS_SUCCESS;
    }
    return *(PULONG)Request->Value == 1 ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}

static NTSTATUS PropertyHandler_LatencyClock(IN PPCPROPERTY_REQUEST Request)
{
    PAGED_CODE();
    if (!(Request->Verb & KSPROPERTY_TYPE_GET) || !Request->MinorTarget)
        return STATUS_INVALID_DEVICE_REQUEST;
    CHECK_SIZE(Request, sizeof(ULONGLONG));

    PSQUARESTREAM stream = (PSQUARESTREAM)(PSYNTHSINKDMUS)Request->MinorTarget;
    ULONGLONG latency = (ULONGLONG)stream->LatencyTime();
    RtlCopyMemory(Request->Value, &latency, sizeof(latency));
    Request->ValueSize = sizeof(latency);
    return STATUS_SUCCESS;
}

static NTSTATUS PropertyHandler_RunningStats(IN PPCPROPERTY_REQUEST Request)
{
    PAGED_CODE();
    if (!(Request->Verb & KSPROPERTY_TYPE_GET) || !Request->MinorTarget)
        return STATUS_INVALID_DEVICE_REQUEST;
    CHECK_SIZE(Request, sizeof(SYNTH_STATS));

    PSQUARESTREAM stream = (PSQUARESTREAM)(PSYNTHSINKDMUS)Request->MinorTarget;
    SYNTH_STATS *stats = (SYNTH_STATS *)Request->Value;
    RtlZeroMemory(stats, sizeof(*stats));
    stats->ValidStats = SYNTH_STATS_VOICES;
    stats->Voices = stream->SoundingVoices();
    Request->ValueSize = sizeof(SYNTH_STATS);
    return STATUS_SUCCESS;
}

static NTSTATUS PropertyHandler_Volume(IN PPCPROPERTY_REQUEST Request)
{
    PAGED_CODE();
    if (!Request->MinorTarget)
        return STATUS_INVALID_DEVICE_REQUEST;
    CHECK_SIZE(Request, sizeof(LONG));

    PSQUARESTREAM stream = (PSQUARESTREAM)(PSYNTHSINKDMUS)Request->MinorTarget;
    if (Request->Verb & KSPROPERTY_TYPE_SET)
        return stream->SetVolume(*(PLONG)Request->Value);
    *(PLONG)Request->Value = stream->Volume();
    Request->ValueSize = sizeof(LONG);
    return STATUS_SUCCESS;
}

static PCPROPERTY_ITEM SynthProperties[] = {
    {&KSPROPSETID_Synth, KSPROPERTY_SYNTH_CAPS, PCPROPERTY_ITEM_FLAG_GET, PropertyHandler_Caps},
    {&KSPROPSETID_Synth, KSPROPERTY_SYNTH_PORTPARAMETERS, PCPROPERTY_ITEM_FLAG_GET, PropertyHandler_PortParameters},
    {&KSPROPSETID_Synth, KSPROPERTY_SYNTH_CHANNELGROUPS, PCPROPERTY_ITEM_FLAG_GET | PCPROPERTY_ITEM_FLAG_SET,
     PropertyHandler_ChannelGroups},
    {&KSPROPSETID_Synth, KSPROPERTY_SYNTH_LATENCYCLOCK, PCPROPERTY_ITEM_FLAG_GET, PropertyHandler_LatencyClock},
    {&KSPROPSETID_Synth, KSPROPERTY_SYNTH_RUNNINGSTATS, PCPROPERTY_ITEM_FLAG_GET, PropertyHandler_RunningStats},
};
DEFINE_PCAUTOMATION_TABLE_PROP(AutomationSynth, SynthProperties);

static PCPROPERTY_ITEM PinProperties[] = {
    {&KSPROPSETID_Synth, KSPROPERTY_SYNTH_VOLUME, PCPROPERTY_ITEM_FLAG_GET | PCPROPERTY_ITEM_FLAG_SET,
     PropertyHandler_Volume},
};
DEFINE_PCAUTOMATION_TABLE_PROP(AutomationPin, PinProperties);

static KSDATARANGE_MUSIC MidiRanges[] = {
    {{{sizeof(KSDATARANGE_MUSIC), 0, 0, 0, {STATICGUIDOF(KSDATAFORMAT_TYPE_MUSIC)},
       {STATICGUIDOF(KSDATAFORMAT_SUBTYPE_DIRECTMUSIC)}, {STATICGUIDOF(KSDATAFORMAT_SPECIFIER_NONE)}}},
     {STATICGUIDOF(KSMUSIC_TECHNOLOGY_SQSYNTH)}, 16, VOICES, 0xffff},
    {{{sizeof(KSDATARANGE_MUSIC), 0, 0, 0, {STATICGUIDOF(KSDATAFORMAT_TYPE_MUSIC)},
       {STATICGUIDOF(KSDATAFORMAT_SUBTYPE_MIDI)}, {STATICGUIDOF(KSDATAFORMAT_SPECIFIER_NONE)}}},
     {STATICGUIDOF(KSMUSIC_TECHNOLOGY_SQSYNTH)}, 16, VOICES, 0xffff},
};
static PKSDATARANGE MidiRangePointers[] = {PKSDATARANGE(&MidiRanges[0]), PKSDATARANGE(&MidiRanges[1])};

static KSDATARANGE_AUDIO WaveRanges[] = {
    {{{sizeof(KSDATARANGE_AUDIO), 0, 0, 0, {STATICGUIDOF(KSDATAFORMAT_TYPE_AUDIO)},
       {STATICGUIDOF(KSDATAFORMAT_SUBTYPE_PCM)}, {STATICGUIDOF(KSDATAFORMAT_SPECIFIER_WAVEFORMATEX)}}},
     2, 16, 16, 8000, 96000},
};
static PKSDATARANGE WaveRangePointers[] = {PKSDATARANGE(&WaveRanges[0])};

static PCPIN_DESCRIPTOR Pins[] = {
    {1, 1, 0, &AutomationPin,
     {0, NULL, 0, NULL, SIZEOF_ARRAY(MidiRangePointers), MidiRangePointers, KSPIN_DATAFLOW_IN, KSPIN_COMMUNICATION_SINK,
      &KSCATEGORY_SYNTHESIZER, &KSAUDFNAME_MIDI, {0}}},
    {1, 1, 0, &AutomationPin,
     {0, NULL, 0, NULL, SIZEOF_ARRAY(WaveRangePointers), WaveRangePointers, KSPIN_DATAFLOW_OUT,
      KSPIN_COMMUNICATION_SOURCE, &KSCATEGORY_AUDIO, NULL, {0}}},
};

static PCNODE_DESCRIPTOR Nodes[] = {
    {0, &AutomationSynth, &KSNODETYPE_SYNTHESIZER, NULL},
};

static PCCONNECTION_DESCRIPTOR Connections[] = {
    {PCFILTER_NODE, PIN_MIDI, NODE_SYNTH, KSNODEPIN_STANDARD_IN},
    {NODE_SYNTH, KSNODEPIN_STANDARD_OUT, PCFILTER_NODE, PIN_WAVE},
};

static GUID Categories[] = {
    {STATICGUIDOF(KSCATEGORY_AUDIO)},
    {STATICGUIDOF(KSCATEGORY_RENDER)},
    {STATICGUIDOF(KSCATEGORY_SYNTHESIZER)},
    {STATICGUIDOF(KSCATEGORY_DATATRANSFORM)},
};

PCFILTER_DESCRIPTOR SquareFilterDescriptor = {
    0,
    NULL,
    sizeof(PCPIN_DESCRIPTOR), SIZEOF_ARRAY(Pins), Pins,
    sizeof(PCNODE_DESCRIPTOR), SIZEOF_ARRAY(Nodes), Nodes,
    SIZEOF_ARRAY(Connections), Connections,
    SIZEOF_ARRAY(Categories), Categories,
};
