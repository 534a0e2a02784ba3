/* SPDX-License-Identifier: MIT */
/* The filter: pins, the node and its properties (spec/ddi-kernel.md 7, 9). */
#include "swsynth.h"

#include <dmusicc.h>

/* ---- properties ---- */

static const struct property_item node_items[] = {
    PROPERTY_GET_SET(&KSPROPSETID_Synth, KSPROPERTY_SYNTH_VOLUME, sizeof(LONG), 0, swsynth_get_volume, swsynth_set_volume),
    PROPERTY_GET_SET(&KSPROPSETID_Synth, KSPROPERTY_SYNTH_VOLUMEBOOST, sizeof(LONG), 0, swsynth_get_volume, swsynth_set_volume),
    PROPERTY_GET(&KSPROPSETID_Synth, KSPROPERTY_SYNTH_CAPS, sizeof(SYNTHCAPS), 0, swsynth_get_caps),
    PROPERTY_GET(&KSPROPSETID_Synth, KSPROPERTY_SYNTH_PORTPARAMETERS, sizeof(SYNTH_PORTPARAMS), sizeof(SYNTH_PORTPARAMS),
                 swsynth_get_portparams),
    PROPERTY_GET_SET(&KSPROPSETID_Synth, KSPROPERTY_SYNTH_CHANNELGROUPS, sizeof(ULONG), 0, swsynth_get_groups,
                     swsynth_set_groups),
    PROPERTY_GET_SET(&KSPROPSETID_Synth, KSPROPERTY_SYNTH_VOICEPRIORITY, sizeof(DWORD), sizeof(SYNTHVOICEPRIORITY_INSTANCE),
                     swsynth_get_priority, swsynth_set_priority),
    PROPERTY_GET(&KSPROPSETID_Synth, KSPROPERTY_SYNTH_LATENCYCLOCK, sizeof(ULONGLONG), 0, swsynth_get_latency),
    PROPERTY_GET(&KSPROPSETID_Synth, KSPROPERTY_SYNTH_RUNNINGSTATS, sizeof(SYNTH_STATS), 0, swsynth_get_stats),

    PROPERTY_GET(&KSPROPSETID_Synth_Dls, KSPROPERTY_SYNTH_DLS_DOWNLOAD, sizeof(SYNTHDOWNLOAD), sizeof(SYNTH_BUFFER),
                 swsynth_get_download),
    PROPERTY_SET(&KSPROPSETID_Synth_Dls, KSPROPERTY_SYNTH_DLS_UNLOAD, sizeof(HANDLE), 0, swsynth_set_unload),
    PROPERTY_SET(&KSPROPSETID_Synth_Dls, KSPROPERTY_SYNTH_DLS_COMPACT, 0, 0, swsynth_set_compact),
    PROPERTY_GET(&KSPROPSETID_Synth_Dls, KSPROPERTY_SYNTH_DLS_APPEND, sizeof(ULONG), 0, swsynth_get_append),
    PROPERTY_GET(&KSPROPSETID_Synth_Dls, KSPROPERTY_SYNTH_DLS_WAVEFORMAT, sizeof(WAVEFORMATEX), 0, swsynth_get_waveformat),

    PROPERTY_GET(&GUID_DMUS_PROP_GM_Hardware, 0, sizeof(DWORD), 0, swsynth_get_false),
    PROPERTY_GET(&GUID_DMUS_PROP_GS_Hardware, 0, sizeof(DWORD), 0, swsynth_get_false),
    PROPERTY_GET(&GUID_DMUS_PROP_XG_Hardware, 0, sizeof(DWORD), 0, swsynth_get_false),
    PROPERTY_GET(&GUID_DMUS_PROP_GS_Capable, 0, sizeof(DWORD), 0, swsynth_get_gs_capable),
    PROPERTY_GET(&GUID_DMUS_PROP_XG_Capable, 0, sizeof(DWORD), 0, swsynth_get_false),
    PROPERTY_GET(&GUID_DMUS_PROP_DLS1, 0, sizeof(DWORD), 0, swsynth_get_true),
    PROPERTY_GET(&GUID_DMUS_PROP_DLS2, 0, sizeof(DWORD), 0, swsynth_get_true),
    PROPERTY_GET(&GUID_DMUS_PROP_INSTRUMENT2, 0, sizeof(DWORD), 0, swsynth_get_true),
    PROPERTY_GET(&GUID_DMUS_PROP_SampleMemorySize, 0, sizeof(DWORD), 0, swsynth_get_memory_size),
    PROPERTY_GET(&GUID_DMUS_PROP_SamplePlaybackRate, 0, sizeof(DWORD), 0, swsynth_get_rate),
    PROPERTY_GET_SET(&GUID_DMUS_PROP_Effects, 0, sizeof(DWORD), 0, swsynth_get_effects, swsynth_set_effects),
    PROPERTY_GET_SET(&GUID_DMUS_PROP_WavesReverb, 0, sizeof(DMUS_WAVES_REVERB_PARAMS), 0, swsynth_get_reverb,
                     swsynth_set_reverb),

    PROPERTY_GET_SET(&KSPROPSETID_OpenDMusSynth, KSPROPERTY_OPENDMUS_CONFIG, sizeof(DMUS_SYNTHCONFIG), 0, swsynth_get_config,
                     swsynth_set_own_config),
    PROPERTY_GET_SET(&KSPROPSETID_OpenDMusSynth, KSPROPERTY_OPENDMUS_REPORT, sizeof(DMUS_SYNTHREPORT), 0, swsynth_get_report,
                     swsynth_set_report),
    PROPERTY_GET(&KSPROPSETID_OpenDMusSynth, KSPROPERTY_OPENDMUS_MISSING, sizeof(DMUS_MISSINGPATCH), sizeof(ULONG),
                 swsynth_get_missing_patch),
    PROPERTY_GET(&KSPROPSETID_OpenDMusSynth, KSPROPERTY_OPENDMUS_SILENT, sizeof(ULONG), 0, swsynth_get_silent),
    PROPERTY_GET_SET(&KSPROPSETID_OpenDMusSynth, KSPROPERTY_OPENDMUS_INSTANCE, sizeof(ULONG), 0, swsynth_get_instance,
                     swsynth_set_instance),
    PROPERTY_GET(&KSPROPSETID_OpenDMusSynth, KSPROPERTY_OPENDMUS_REFUSAL, sizeof(LONG), 0, swsynth_get_refusal),
};

/* VOLUME is documented as a request without a node (spec/ddi-kernel.md 12.13): the pins have it, too. */
static const struct property_item pin_items[] = {
    PROPERTY_GET_SET(&KSPROPSETID_Synth, KSPROPERTY_SYNTH_VOLUME, sizeof(LONG), 0, swsynth_get_volume, swsynth_set_volume),
    PROPERTY_GET_SET(&KSPROPSETID_Synth, KSPROPERTY_SYNTH_VOLUMEBOOST, sizeof(LONG), 0, swsynth_get_volume, swsynth_set_volume),
};

static const PCAUTOMATION_TABLE node_table = PROPERTY_TABLE(node_items);
static const PCAUTOMATION_TABLE pin_table = PROPERTY_TABLE(pin_items);

/* ---- pins ---- */

#define MUSIC_RANGE(subformat)                                                                             \
    {.DataRange = {.FormatSize = sizeof(KSDATARANGE_MUSIC),                                               \
                   .MajorFormat = {STATIC_KSDATAFORMAT_TYPE_MUSIC},                                       \
                   .SubFormat = {subformat},                                                              \
                   .Specifier = {STATIC_KSDATAFORMAT_SPECIFIER_NONE}},                                    \
     .Technology = {STATIC_KSMUSIC_TECHNOLOGY_SWSYNTH}, .Channels = 16, .Notes = 16384, .ChannelMask = 0xFFFF}

static const KSDATARANGE_MUSIC legacy_range = MUSIC_RANGE(STATIC_KSDATAFORMAT_SUBTYPE_MIDI);
static const KSDATARANGE_MUSIC directmusic_range = MUSIC_RANGE(STATIC_KSDATAFORMAT_SUBTYPE_DIRECTMUSIC);
static const KSDATARANGE_AUDIO wave_range = {
    .DataRange = {.FormatSize = sizeof(KSDATARANGE_AUDIO),
                  .MajorFormat = {STATIC_KSDATAFORMAT_TYPE_AUDIO},
                  .SubFormat = {STATIC_KSDATAFORMAT_SUBTYPE_PCM},
                  .Specifier = {STATIC_KSDATAFORMAT_SPECIFIER_WAVEFORMATEX}},
    .MaximumChannels = 2,
    .MinimumBitsPerSample = 16,
    .MaximumBitsPerSample = 16,
    .MinimumSampleFrequency = 8000,
    .MaximumSampleFrequency = 192000,
};

static const PKSDATARANGE legacy_ranges[] = {(PKSDATARANGE)&legacy_range};
static const PKSDATARANGE directmusic_ranges[] = {(PKSDATARANGE)&directmusic_range};
static const PKSDATARANGE wave_ranges[] = {(PKSDATARANGE)&wave_range};

#define UNLIMITED ((ULONG)-1)
#define PIN(ranges, flow, communication, pin_category, pin_name)                                                    \
    {.MaxGlobalInstanceCount = UNLIMITED, .MaxFilterInstanceCount = UNLIMITED, .MinFilterInstanceCount = 0,        \
     .AutomationTable = &pin_table,                                                                                \
     .KsPinDescriptor = {.DataRangesCount = 1, .DataRanges = (ranges), .DataFlow = (flow),                        \
                         .Communication = (communication), .Category = (pin_category), .Name = (pin_name)}}

/* The legacy pin first, so that WDMAud lists the device as a legacy one (spec/ddi-kernel.md 9.4). It begins without instruments:
 * its client may download through the pin's node. */
static const PCPIN_DESCRIPTOR pins[SWSYNTH_PINS] = {
    [SWSYNTH_PIN_LEGACY] = PIN(legacy_ranges, KSPIN_DATAFLOW_IN, KSPIN_COMMUNICATION_SINK, &KSCATEGORY_AUDIO,
                               &KSAUDFNAME_MIDI),
    [SWSYNTH_PIN_DIRECTMUSIC] = PIN(directmusic_ranges, KSPIN_DATAFLOW_IN, KSPIN_COMMUNICATION_SINK,
                                    &KSCATEGORY_AUDIO, NULL),
    [SWSYNTH_PIN_WAVE] = PIN(wave_ranges, KSPIN_DATAFLOW_OUT, KSPIN_COMMUNICATION_SOURCE, &KSCATEGORY_AUDIO, NULL),
};

/* ---- filter ---- */

static const PCNODE_DESCRIPTOR nodes[] = {
    {.AutomationTable = &node_table, .Type = &KSNODETYPE_SYNTHESIZER},
};

static const PCCONNECTION_DESCRIPTOR connections[] = {
    {PCFILTER_NODE, SWSYNTH_PIN_LEGACY, 0, KSNODEPIN_STANDARD_IN},
    {PCFILTER_NODE, SWSYNTH_PIN_DIRECTMUSIC, 0, KSNODEPIN_STANDARD_IN},
    {0, KSNODEPIN_STANDARD_OUT, PCFILTER_NODE, SWSYNTH_PIN_WAVE},
};

static const GUID categories[] = {{STATIC_KSCATEGORY_AUDIO},
                                  {STATIC_KSCATEGORY_RENDER},
                                  {STATIC_KSCATEGORY_SYNTHESIZER},
                                  {STATIC_KSCATEGORY_DATATRANSFORM}};

const PCFILTER_DESCRIPTOR swsynth_filter = {
    .PinSize = sizeof pins[0],
    .PinCount = SWSYNTH_PINS,
    .Pins = pins,
    .NodeSize = sizeof nodes[0],
    .NodeCount = ARRAYSIZE(nodes),
    .Nodes = nodes,
    .ConnectionCount = ARRAYSIZE(connections),
    .Connections = connections,
    .CategoryCount = ARRAYSIZE(categories),
    .Categories = categories,
};
