/* SPDX-License-Identifier: MIT */
/* The kit's descriptor and property handlers. */
#include <string.h>

#include "kit_driver.h"

const GUID kit_set = {0x6b697401, 0x1111, 0x2222, {1, 2, 3, 4, 5, 6, 7, 8}};
const GUID kit_other_set = {0x6b697402, 0x1111, 0x2222, {1, 2, 3, 4, 5, 6, 7, 8}};
static const GUID node_name = {0x6b697403, 0x1111, 0x2222, {1, 2, 3, 4, 5, 6, 7, 8}};
static const GUID volume_set = {0xfedfae25, 0xe46e, 0x11d1, {0xaa, 0xce, 0x00, 0x00, 0xf8, 0x75, 0xac, 0x12}};

/* An item of the driver's own, longer than the port's: the stride counts. */
struct item {
    PCPROPERTY_ITEM item;
    ULONG size;
    ULONG value;
};

static NTSTATUS get_ulong(PPCPROPERTY_REQUEST r)
{
    const struct item *item = (const struct item *)(const void *)r->PropertyItem;
    kit->seen = *r;
    if (r->ValueSize == 0) {
        r->ValueSize = item->size;
        return STATUS_BUFFER_OVERFLOW;
    }
    if (r->ValueSize < item->size) {
        r->ValueSize = item->size;
        return STATUS_BUFFER_TOO_SMALL;
    }
    memcpy(r->Value, &item->value, sizeof item->value);
    r->ValueSize = item->size;
    return STATUS_SUCCESS;
}

static NTSTATUS set_ulong(PPCPROPERTY_REQUEST r)
{
    struct item *item = (struct item *)(void *)(uintptr_t)r->PropertyItem;
    kit->seen = *r;
    if (r->ValueSize < sizeof item->value)
        return STATUS_BUFFER_TOO_SMALL;
    if (r->Verb & KSPROPERTY_TYPE_SET) {
        memcpy(&item->value, r->Value, sizeof item->value);
        return STATUS_SUCCESS;
    }
    memcpy(r->Value, &item->value, sizeof item->value);
    r->ValueSize = sizeof item->value;
    return STATUS_SUCCESS;
}

static NTSTATUS pend(PPCPROPERTY_REQUEST r)
{
    kit->seen = *r;
    kit->pending = r;
    atomic_store(&kit->pended, true);
    return STATUS_PENDING;
}

static NTSTATUS instance(PPCPROPERTY_REQUEST r)
{
    kit->seen = *r;
    ULONG sum = r->InstanceSize;
    for (ULONG i = 0; i < r->InstanceSize; i++)
        sum += ((const UCHAR *)r->Instance)[i];
    if (r->ValueSize < sizeof sum)
        return STATUS_BUFFER_TOO_SMALL;
    memcpy(r->Value, &sum, sizeof sum);
    r->ValueSize = sizeof sum;
    return STATUS_SUCCESS;
}

static NTSTATUS support(PPCPROPERTY_REQUEST r)
{
    ULONG mine = KSPROPERTY_TYPE_GET | 0x40000000u; /* a mask that only the handler can have made */
    kit->seen = *r;
    if (!(r->Verb & KSPROPERTY_TYPE_BASICSUPPORT) || r->ValueSize < sizeof mine)
        return STATUS_INVALID_DEVICE_REQUEST;
    memcpy(r->Value, &mine, sizeof mine);
    r->ValueSize = sizeof mine;
    return STATUS_SUCCESS;
}

static NTSTATUS overrun(PPCPROPERTY_REQUEST r)
{
    if (r->Value)
        ((UCHAR *)r->Value)[r->ValueSize] = 1;
    return STATUS_SUCCESS;
}

static NTSTATUS lies(PPCPROPERTY_REQUEST r)
{
    r->ValueSize += 100;
    return STATUS_SUCCESS;
}

static NTSTATUS changed(PPCPROPERTY_REQUEST r)
{
    ULONG size = r->ValueSize;
    if (size == 2 || size == 3) { /* too small: one says nothing of the size, the other something false */
        r->ValueSize = size - 2;
        return STATUS_BUFFER_TOO_SMALL;
    }
    return size ? STATUS_NOT_ALL_ASSIGNED : STATUS_BUFFER_TOO_SMALL;
}

#define GET      KSPROPERTY_TYPE_GET
#define SET      KSPROPERTY_TYPE_SET
#define SUPPORT  KSPROPERTY_TYPE_BASICSUPPORT
static struct item node_items[] = {
    {{&kit_set, KIT_ITEM_ULONG, GET, get_ulong}, 4, 0x1234},
    {{&kit_set, KIT_ITEM_SET, GET | SET, set_ulong}, 4, 7},
    {{&kit_set, KIT_ITEM_PENDING, GET | SET, pend}, 4, 0},
    {{&kit_set, KIT_ITEM_INSTANCE, GET, instance}, 4, 0},
    {{&kit_set, KIT_ITEM_SUPPORT, GET | SUPPORT, support}, 4, 0},
    {{&kit_set, KIT_ITEM_OVERRUN, GET, overrun}, 4, 0},
    {{&kit_set, KIT_ITEM_LIES, GET, lies}, 4, 0},
    {{&kit_set, KIT_ITEM_CHANGED, GET, changed}, 4, 0},
    {{&volume_set, 0, GET | SET, set_ulong}, 4, 77}, /* KSPROPERTY_SYNTH_VOLUME */
};
static struct item filter_items[] = {{{&kit_set, KIT_ITEM_ULONG, GET, get_ulong}, 4, 0x5678}};
static struct item pin_items[] = {{{&kit_set, KIT_ITEM_ULONG, GET, get_ulong}, 4, 0x9abc},
                                  {{&kit_other_set, 0, GET, NULL}, 4, 0}};

#define TABLE(items) {.PropertyItemSize = sizeof(items)[0], .PropertyCount = SIZEOF_ARRAY(items), .Properties = &(items)[0].item}
static const PCAUTOMATION_TABLE node_table = TABLE(node_items), filter_table = TABLE(filter_items), pin_table = TABLE(pin_items);


static KSDATARANGE_MUSIC directmusic_range, midi_range;
static KSDATARANGE_AUDIO wave_range;

static void fill_ranges(void)
{
    memset(&directmusic_range, 0, sizeof directmusic_range);
    directmusic_range.DataRange.FormatSize = sizeof directmusic_range;
    directmusic_range.DataRange.MajorFormat = KSDATAFORMAT_TYPE_MUSIC;
    directmusic_range.DataRange.SubFormat = KSDATAFORMAT_SUBTYPE_DIRECTMUSIC;
    directmusic_range.DataRange.Specifier = KSDATAFORMAT_SPECIFIER_NONE;
    directmusic_range.ChannelMask = 0xffff;
    midi_range = directmusic_range;
    midi_range.DataRange.SubFormat = KSDATAFORMAT_SUBTYPE_MIDI;
    memset(&wave_range, 0, sizeof wave_range);
    wave_range.DataRange.FormatSize = sizeof wave_range;
    wave_range.DataRange.MajorFormat = KSDATAFORMAT_TYPE_AUDIO;
    wave_range.DataRange.SubFormat = KSDATAFORMAT_SUBTYPE_PCM;
    wave_range.DataRange.Specifier = KSDATAFORMAT_SPECIFIER_WAVEFORMATEX;
    wave_range.MaximumChannels = 2;
    wave_range.MinimumBitsPerSample = 16;
    wave_range.MaximumBitsPerSample = 16;
    wave_range.MinimumSampleFrequency = 11025;
    wave_range.MaximumSampleFrequency = 48000;
}

static const PKSDATARANGE render_ranges[] = {&midi_range.DataRange, &directmusic_range.DataRange};
static const PKSDATARANGE capture_ranges[] = {&directmusic_range.DataRange, &midi_range.DataRange};
static const PKSDATARANGE wave_ranges[] = {&wave_range.DataRange};

/* Pins, too, are longer than the port knows. */
struct pin {
    PCPIN_DESCRIPTOR pin;
    ULONG own[2];
};
static struct pin pins[KIT_PINS];

struct node {
    PCNODE_DESCRIPTOR node;
    ULONG own[2];
};
static struct node nodes[2];
static const PCCONNECTION_DESCRIPTOR connections[] = {{PCFILTER_NODE, KIT_RENDER, 0, KSNODEPIN_STANDARD_IN},
                                                      {0, KSNODEPIN_STANDARD_OUT, PCFILTER_NODE, KIT_WAVE}};
static GUID categories[3];
PCFILTER_DESCRIPTOR kit_filter_descriptor, kit_topology_descriptor;

static void fill_pin(unsigned id, KSPIN_DATAFLOW flow, KSPIN_COMMUNICATION communication, const PKSDATARANGE *ranges, ULONG count)
{
    PCPIN_DESCRIPTOR *pin = &pins[id].pin;
    bool bridge = communication == KSPIN_COMMUNICATION_NONE;
    memset(&pins[id], 0, sizeof pins[id]);
    pin->MaxGlobalInstanceCount = bridge ? 0 : 3;
    pin->MaxFilterInstanceCount = bridge ? 0 : 2;
    pin->AutomationTable = id == KIT_RENDER ? &pin_table : NULL;
    pin->KsPinDescriptor.DataRanges = ranges;
    pin->KsPinDescriptor.DataRangesCount = count;
    pin->KsPinDescriptor.DataFlow = flow;
    pin->KsPinDescriptor.Communication = communication;
    pin->KsPinDescriptor.Category = &KSCATEGORY_AUDIO;
}

static void fill(void)
{
    fill_ranges();
    fill_pin(KIT_RENDER, KSPIN_DATAFLOW_IN, KSPIN_COMMUNICATION_SINK, render_ranges, 2);
    fill_pin(KIT_CAPTURE, KSPIN_DATAFLOW_OUT, KSPIN_COMMUNICATION_SINK, capture_ranges, 2);
    fill_pin(KIT_WAVE, KSPIN_DATAFLOW_OUT, KSPIN_COMMUNICATION_SOURCE, wave_ranges, 1);
    fill_pin(KIT_BRIDGE, KSPIN_DATAFLOW_OUT, KSPIN_COMMUNICATION_NONE, capture_ranges, 2);
    memset(nodes, 0, sizeof nodes);
    nodes[0].node.AutomationTable = &node_table;
    nodes[0].node.Type = nodes[1].node.Type = &KSNODETYPE_SYNTHESIZER;
    nodes[0].node.Name = &kit_set;
    nodes[1].node.Name = &node_name;
    categories[0] = KSCATEGORY_AUDIO;
    categories[1] = KSCATEGORY_RENDER;
    categories[2] = KSNODETYPE_SYNTHESIZER;
    kit_filter_descriptor = (PCFILTER_DESCRIPTOR){
        .AutomationTable = &filter_table,
        .PinSize = sizeof pins[0],
        .PinCount = KIT_PINS,
        .Pins = &pins[0].pin,
        .NodeSize = sizeof nodes[0],
        .NodeCount = 2,
        .Nodes = &nodes[0].node,
        .ConnectionCount = SIZEOF_ARRAY(connections),
        .Connections = connections,
        .CategoryCount = 3,
        .Categories = categories,
    };
    kit_topology_descriptor = (PCFILTER_DESCRIPTOR){
        .PinSize = sizeof pins[0], .PinCount = 1, .Pins = &pins[KIT_BRIDGE].pin, .CategoryCount = 1, .Categories = categories};
}

__attribute__((constructor)) static void fill_at_start(void) { fill(); }
