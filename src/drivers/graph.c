/* SPDX-License-Identifier: MIT */
#include "graph.h"

#include <stdio.h>
#include <string.h>

#include <dmusicks.h>
#include <dmusprop.h>
#include <ksmedia.h>

static bool is_music(const KSDATARANGE *range, const GUID *subformat)
{
    return range->FormatSize >= sizeof *range && IsEqualGUID(&range->MajorFormat, &KSDATAFORMAT_TYPE_MUSIC) &&
           IsEqualGUID(&range->SubFormat, subformat);
}

static void see_wave(struct graph *graph, uint32_t pin, const KSDATARANGE *range)
{
    KSDATARANGE_AUDIO audio;
    if (graph->wave >= 0 || range->FormatSize < sizeof audio || !IsEqualGUID(&range->MajorFormat, &KSDATAFORMAT_TYPE_AUDIO) ||
        !IsEqualGUID(&range->SubFormat, &KSDATAFORMAT_SUBTYPE_PCM))
        return;
    memcpy(&audio, range, sizeof audio);
    graph->wave = (int)pin;
    graph->rate_min = audio.MinimumSampleFrequency;
    graph->rate_max = audio.MaximumSampleFrequency;
    graph->channels_max = audio.MaximumChannels;
    graph->bits = audio.MaximumBitsPerSample < 16 ? audio.MaximumBitsPerSample : 16;
    if (graph->bits < audio.MinimumBitsPerSample)
        graph->bits = audio.MinimumBitsPerSample;
}

static void see_pin(struct graph *graph, const struct host_pin_info *pin)
{
    if (pin->communication == KSPIN_COMMUNICATION_NONE || pin->communication == KSPIN_COMMUNICATION_BRIDGE)
        return;
    for (uint32_t i = 0; i < pin->range_count; i++) {
        const KSDATARANGE *range = pin->ranges[i];
        bool directmusic = is_music(range, &KSDATAFORMAT_SUBTYPE_DIRECTMUSIC);
        bool legacy = is_music(range, &KSDATAFORMAT_SUBTYPE_MIDI);
        if (pin->data_flow == KSPIN_DATAFLOW_IN) {
            if (directmusic && graph->directmusic < 0)
                graph->directmusic = (int)pin->id;
            if (legacy && graph->legacy < 0)
                graph->legacy = (int)pin->id;
        } else if ((directmusic || legacy) && (graph->capture < 0 || graph->capture == (int)pin->id)) {
            graph->capture = (int)pin->id;
            graph->capture_directmusic |= directmusic;
        } else {
            see_wave(graph, pin->id, range);
        }
    }
}

bool graph_find(struct host *host, size_t filter, struct graph *out)
{
    struct host_filter_info info;
    struct host_pin_info pin;
    struct host_node_info node;
    *out = (struct graph){.filter = filter, .directmusic = -1, .legacy = -1, .capture = -1, .wave = -1, .synth = -1};
    if (!host_filter_info(host, filter, &info))
        return false;
    snprintf(out->name, sizeof out->name, "%s/%s", info.device, info.name);
    for (size_t i = 0; !info.is_topology && host_filter_pin(host, filter, i, &pin); i++)
        see_pin(out, &pin);
    for (size_t i = 0; out->synth < 0 && host_filter_node(host, filter, i, &node); i++)
        if (IsEqualGUID(node.type, &KSNODETYPE_SYNTHESIZER) || IsEqualGUID(node.type, &KSNODETYPE_DMSYNTH))
            out->synth = (int)node.id;
    return true;
}

bool graph_choose(struct host *host, const char *name, struct graph *out)
{
    for (size_t i = 0; graph_find(host, i, out); i++) {
        const char *reference = strchr(out->name, '/') + 1;
        bool useful = out->directmusic >= 0 || out->legacy >= 0 || out->capture >= 0 || out->wave >= 0;
        if (name ? strcmp(name, out->name) == 0 || strcmp(name, reference) == 0 : useful)
            return true;
    }
    return false;
}

bool graph_has(struct host *host, size_t filter, enum host_table table, uint32_t owner, const GUID *set, ULONG id, ULONG verbs)
{
    struct host_property_info item;
    for (size_t i = 0; host_filter_property_item(host, filter, table, owner, i, &item); i++)
        if (item.id == id && (item.flags & verbs) == verbs && IsEqualGUID(item.set, set))
            return true;
    return false;
}

uint32_t graph_connect_wave(const struct graph *graph, void *bytes, uint32_t *rate, uint32_t *channels)
{
    if (*rate < graph->rate_min)
        *rate = graph->rate_min;
    if (*rate > graph->rate_max)
        *rate = graph->rate_max;
    if (*channels > graph->channels_max)
        *channels = graph->channels_max ? graph->channels_max : 1;
    return host_connect_wave(bytes, (uint32_t)graph->wave, *rate, *channels, graph->bits);
}
