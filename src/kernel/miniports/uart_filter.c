/* SPDX-License-Identifier: MIT */
/* Pins, nodes and wires (spec/ddi-kernel.md 8.15). */
#include "uart.h"

/* The last range is the second of the capture pin, which has both formats. */
static const GUID *const subformats[UART_PINS + 1] = {
    [UART_PIN_LEGACY] = &KSDATAFORMAT_SUBTYPE_MIDI,         [UART_PIN_RENDER] = &KSDATAFORMAT_SUBTYPE_DIRECTMUSIC,
    [UART_PIN_BRIDGE_OUT] = &KSDATAFORMAT_SUBTYPE_MIDI_BUS, [UART_PIN_BRIDGE_IN] = &KSDATAFORMAT_SUBTYPE_MIDI_BUS,
    [UART_PIN_CAPTURE] = &KSDATAFORMAT_SUBTYPE_MIDI,        [UART_PINS] = &KSDATAFORMAT_SUBTYPE_DIRECTMUSIC,
};

static const struct {
    KSPIN_DATAFLOW flow;
    const GUID *name;
    bool bridge;
} shapes[UART_PINS] = {
    [UART_PIN_LEGACY] = {KSPIN_DATAFLOW_IN, &KSAUDFNAME_MIDI, false},
    [UART_PIN_RENDER] = {KSPIN_DATAFLOW_IN, &KSAUDFNAME_DMUSIC_MPU_OUT, false},
    [UART_PIN_BRIDGE_OUT] = {KSPIN_DATAFLOW_OUT, NULL, true},
    [UART_PIN_BRIDGE_IN] = {KSPIN_DATAFLOW_IN, NULL, true},
    [UART_PIN_CAPTURE] = {KSPIN_DATAFLOW_OUT, &KSAUDFNAME_DMUSIC_MPU_IN, false},
};

static const PCNODE_DESCRIPTOR nodes[UART_NODES] = {
    [UART_NODE_RENDER] = {.AutomationTable = &uart_node_table,
                          .Type = &KSNODETYPE_SYNTHESIZER,
                          .Name = &KSAUDFNAME_DMUSIC_MPU_OUT}, /* two nodes of a type have names of their own */
    [UART_NODE_CAPTURE] = {.AutomationTable = &uart_node_table,
                           .Type = &KSNODETYPE_SYNTHESIZER,
                           .Name = &KSAUDFNAME_DMUSIC_MPU_IN},
};

static const PCCONNECTION_DESCRIPTOR connections[] = {
    {PCFILTER_NODE, UART_PIN_LEGACY, PCFILTER_NODE, UART_PIN_BRIDGE_OUT},
    {PCFILTER_NODE, UART_PIN_RENDER, UART_NODE_RENDER, KSNODEPIN_STANDARD_IN},
    {UART_NODE_RENDER, KSNODEPIN_STANDARD_OUT, PCFILTER_NODE, UART_PIN_BRIDGE_OUT},
    {PCFILTER_NODE, UART_PIN_BRIDGE_IN, UART_NODE_CAPTURE, KSNODEPIN_STANDARD_IN},
    {UART_NODE_CAPTURE, KSNODEPIN_STANDARD_OUT, PCFILTER_NODE, UART_PIN_CAPTURE},
};

static const GUID categories[] = {{STATIC_KSCATEGORY_AUDIO}, {STATIC_KSCATEGORY_RENDER}, {STATIC_KSCATEGORY_CAPTURE}};

static void init_range(KSDATARANGE_MUSIC *range, const GUID *subformat)
{
    range->DataRange.FormatSize = sizeof *range;
    range->DataRange.MajorFormat = KSDATAFORMAT_TYPE_MUSIC;
    range->DataRange.SubFormat = *subformat;
    range->DataRange.Specifier = KSDATAFORMAT_SPECIFIER_NONE;
    range->Technology = KSMUSIC_TECHNOLOGY_PORT;
    range->ChannelMask = 0xFFFF;
}

static void init_pin(PCPIN_DESCRIPTOR *pin, ULONG id, const PKSDATARANGE *ranges)
{
    KSPIN_DESCRIPTOR *ks = &pin->KsPinDescriptor;
    ULONG instances = shapes[id].bridge ? 0 : 1;
    pin->MaxGlobalInstanceCount = pin->MaxFilterInstanceCount = instances;
    ks->DataRangesCount = id == UART_PIN_CAPTURE ? 2 : 1;
    ks->DataRanges = ranges;
    ks->DataFlow = shapes[id].flow;
    ks->Communication = shapes[id].bridge ? KSPIN_COMMUNICATION_NONE : KSPIN_COMMUNICATION_SINK;
    ks->Category = &KSCATEGORY_AUDIO;
    ks->Name = shapes[id].name;
}

void uart_filter_technology(struct uart_filter *filter, const GUID *technology)
{
    for (int i = 0; i <= UART_PINS; i++)
        filter->ranges[i].Technology = *technology;
}

/* FILTER is zeroed, and stays where it is. */
void uart_filter_init(struct uart_filter *filter)
{
    for (ULONG i = 0; i <= UART_PINS; i++) {
        init_range(&filter->ranges[i], subformats[i]);
        filter->pointers[i] = &filter->ranges[i].DataRange;
    }
    for (ULONG i = 0; i < UART_PINS; i++)
        init_pin(&filter->pins[i], i, &filter->pointers[i]);
    filter->filter = (PCFILTER_DESCRIPTOR){.PinSize = sizeof filter->pins[0],
                                           .PinCount = UART_PINS,
                                           .Pins = filter->pins,
                                           .NodeSize = sizeof nodes[0],
                                           .NodeCount = UART_NODES,
                                           .Nodes = nodes,
                                           .ConnectionCount = ARRAYSIZE(connections),
                                           .Connections = connections,
                                           .CategoryCount = ARRAYSIZE(categories),
                                           .Categories = categories};
}
