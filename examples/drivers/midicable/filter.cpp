/* SPDX-License-Identifier: MIT */
/* filter.cpp - pins, nodes, wires and properties of the MIDI cable. */
#include "midicable.h"

#pragma code_seg("PAGE")

// {0F2B7C11-6A59-4D0E-8C7D-2B1A9E44D5F0}
static const GUID CableClassId = {0x0f2b7c11, 0x6a59, 0x4d0e, {0x8c, 0x7d, 0x2b, 0x1a, 0x9e, 0x44, 0xd5, 0xf0}};

static NTSTATUS SizeNeeded(IN OUT PPCPROPERTY_REQUEST Request, IN ULONG Bytes)
{
    NTSTATUS ntStatus = Request->ValueSize == 0      ? STATUS_BUFFER_OVERFLOW
                        : Request->ValueSize < Bytes ? STATUS_BUFFER_TOO_SMALL
                                                     : STATUS_SUCCESS;
    Request->ValueSize = Bytes;
    return ntStatus;
}

static NTSTATUS PropertyHandler_Synth(IN PPCPROPERTY_REQUEST Request)
{
    PAGED_CODE();
    NTSTATUS ntStatus = STATUS_INVALID_DEVICE_REQUEST;

    if (!(Request->Verb & KSPROPERTY_TYPE_GET))
        return ntStatus;
    switch (Request->PropertyItem->Id) {
    case KSPROPERTY_SYNTH_CAPS: {
        static const WCHAR name[] = L"MIDI cable";
        ntStatus = SizeNeeded(Request, sizeof(SYNTHCAPS));
        if (NT_SUCCESS(ntStatus)) {
            SYNTHCAPS *caps = (SYNTHCAPS *)Request->Value;
            RtlZeroMemory(caps, sizeof(*caps));
            caps->Guid = CableClassId;
            caps->Flags = SYNTH_PC_EXTERNAL;
            caps->MaxChannelGroups = 1;
            caps->MaxVoices = 0xffffffff;
            caps->MaxAudioChannels = 0xffffffff;
            RtlCopyMemory(caps->Description, name, sizeof(name));
        }
        break;
    }
    case KSPROPERTY_SYNTH_PORTPARAMETERS:
        if (!Request->MinorTarget)
            break;
        ntStatus = SizeNeeded(Request, sizeof(SYNTH_PORTPARAMS));
        if (NT_SUCCESS(ntStatus)) {
            if (Request->InstanceSize < sizeof(SYNTH_PORTPARAMS))
                return STATUS_INVALID_PARAMETER;
            SYNTH_PORTPARAMS *params = (SYNTH_PORTPARAMS *)Request->Value;
            RtlCopyMemory(params, Request->Instance, sizeof(*params));
            ULONG asked = params->ValidParams;
            if ((asked & ~SYNTH_PORTPARAMS_CHANNELGROUPS) ||
                ((asked & SYNTH_PORTPARAMS_CHANNELGROUPS) && params->ChannelGroups != 1))
                ntStatus = STATUS_NOT_ALL_ASSIGNED;
            params->ValidParams = asked & SYNTH_PORTPARAMS_CHANNELGROUPS;
            params->ChannelGroups = 1;
        }
        break;
    case KSPROPERTY_SYNTH_CHANNELGROUPS:
        ntStatus = SizeNeeded(Request, sizeof(ULONG));
        if (NT_SUCCESS(ntStatus))
            *(PULONG)Request->Value = 1;
        break;
    }
    return ntStatus;
}

static PCPROPERTY_ITEM SynthProperties[] = {
    {&KSPROPSETID_Synth, KSPROPERTY_SYNTH_CAPS, PCPROPERTY_ITEM_FLAG_GET, PropertyHandler_Synth},
    {&KSPROPSETID_Synth, KSPROPERTY_SYNTH_PORTPARAMETERS, PCPROPERTY_ITEM_FLAG_GET, PropertyHandler_Synth},
    {&KSPROPSETID_Synth, KSPROPERTY_SYNTH_CHANNELGROUPS, PCPROPERTY_ITEM_FLAG_GET, PropertyHandler_Synth},
};
DEFINE_PCAUTOMATION_TABLE_PROP(AutomationSynth, SynthProperties);

static KSDATARANGE_MUSIC Ranges[] = {
    {{{sizeof(KSDATARANGE_MUSIC), 0, 0, 0, {STATICGUIDOF(KSDATAFORMAT_TYPE_MUSIC)},
       {STATICGUIDOF(KSDATAFORMAT_SUBTYPE_MIDI)}, {STATICGUIDOF(KSDATAFORMAT_SPECIFIER_NONE)}}},
     {STATICGUIDOF(KSMUSIC_TECHNOLOGY_PORT)}, 0, 0, 0xffff},
    {{{sizeof(KSDATARANGE_MUSIC), 0, 0, 0, {STATICGUIDOF(KSDATAFORMAT_TYPE_MUSIC)},
       {STATICGUIDOF(KSDATAFORMAT_SUBTYPE_DIRECTMUSIC)}, {STATICGUIDOF(KSDATAFORMAT_SPECIFIER_NONE)}}},
     {STATICGUIDOF(KSMUSIC_TECHNOLOGY_PORT)}, 0, 0, 0xffff},
};
static PKSDATARANGE RangePointers[] = {PKSDATARANGE(&Ranges[0]), PKSDATARANGE(&Ranges[1])};

static PCPIN_DESCRIPTOR Pins[] = {
    {1, 1, 0, NULL,
     {0, NULL, 0, NULL, SIZEOF_ARRAY(RangePointers), RangePointers, KSPIN_DATAFLOW_IN, KSPIN_COMMUNICATION_SINK,
      &KSCATEGORY_AUDIO, &KSAUDFNAME_DMUSIC_MPU_OUT, {0}}},
    {1, 1, 0, NULL,
     {0, NULL, 0, NULL, SIZEOF_ARRAY(RangePointers), RangePointers, KSPIN_DATAFLOW_OUT, KSPIN_COMMUNICATION_SINK,
      &KSCATEGORY_AUDIO, &KSAUDFNAME_DMUSIC_MPU_IN, {0}}},
};

// Two of one type, so they need names.
static PCNODE_DESCRIPTOR Nodes[] = {
    {0, &AutomationSynth, &KSNODETYPE_SYNTHESIZER, &KSAUDFNAME_DMUSIC_MPU_OUT},
    {0, &AutomationSynth, &KSNODETYPE_SYNTHESIZER, &KSAUDFNAME_DMUSIC_MPU_IN},
};

static PCCONNECTION_DESCRIPTOR Connections[] = {
    {PCFILTER_NODE, PIN_RENDER, NODE_RENDER, KSNODEPIN_STANDARD_IN},
    {NODE_RENDER, KSNODEPIN_STANDARD_OUT, NODE_CAPTURE, KSNODEPIN_STANDARD_IN},
    {NODE_CAPTURE, KSNODEPIN_STANDARD_OUT, PCFILTER_NODE, PIN_CAPTURE},
};

static GUID Categories[] = {
    {STATICGUIDOF(KSCATEGORY_AUDIO)},
    {STATICGUIDOF(KSCATEGORY_RENDER)},
    {STATICGUIDOF(KSCATEGORY_CAPTURE)},
};

PCFILTER_DESCRIPTOR CableFilterDescriptor = {
    0,
    NULL,
    sizeof(PCPIN_DESCRIPTOR), SIZEOF_ARRAY(Pins), Pins,
    sizeof(PCNODE_DESCRIPTOR), SIZEOF_ARRAY(Nodes), Nodes,
    SIZEOF_ARRAY(Connections), Connections,
    SIZEOF_ARRAY(Categories), Categories,
};
