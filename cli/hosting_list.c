/* SPDX-License-Identifier: MIT */
#include "hosting.h"

#include <inttypes.h>
#include <string.h>

#include <ksmedia.h>

#include "drivers/names.h"

static const char *flow_text(KSPIN_DATAFLOW flow)
{
    return flow == KSPIN_DATAFLOW_IN ? "in" : flow == KSPIN_DATAFLOW_OUT ? "out" : "?";
}

static const char *communication_text(KSPIN_COMMUNICATION communication)
{
    static const char *const texts[] = {"none", "sink", "source", "both", "bridge"};
    return communication <= KSPIN_COMMUNICATION_BRIDGE ? texts[communication] : "?";
}

static const char *count_text(uint32_t count, char text[16])
{
    if (count == KSINSTANCE_INDETERMINATE)
        snprintf(text, 16, "any");
    else
        snprintf(text, 16, "%" PRIu32, count);
    return text;
}

/* "get set" of the verbs of an item. */
static const char *verbs_text(uint32_t flags)
{
    static const char *const texts[] = {"", "get", "set", "get set"};
    return texts[flags & (KSPROPERTY_TYPE_GET | KSPROPERTY_TYPE_SET)];
}

static bool is_audio(const KSDATARANGE *range)
{
    return IsEqualGUID(&range->MajorFormat, &KSDATAFORMAT_TYPE_AUDIO) && range->FormatSize >= sizeof(KSDATARANGE_AUDIO);
}

/* ---- for people ---- */

static void properties_text(FILE *out, struct host *host, size_t filter, enum host_table table, uint32_t owner, int indent)
{
    struct host_property_info item;
    char set[NAMES_GUID_TEXT];
    for (size_t i = 0; host_filter_property_item(host, filter, table, owner, i, &item); i++) {
        const char *name = names_property(item.set, item.id);
        fprintf(out, "%*sproperty %s %" PRIu32 "%s%s  %s\n", indent, "", names_guid(item.set, set), item.id, name ? " " : "",
                name ? name : "", verbs_text(item.flags));
    }
}

static void range_text(FILE *out, const KSDATARANGE *range)
{
    char major[NAMES_GUID_TEXT], sub[NAMES_GUID_TEXT];
    fprintf(out, "      %s / %s", names_guid(&range->MajorFormat, major), names_guid(&range->SubFormat, sub));
    if (is_audio(range)) {
        const KSDATARANGE_AUDIO *audio = (const KSDATARANGE_AUDIO *)(const void *)range;
        fprintf(out, ", %u to %u Hz, up to %u channels, %u to %u bits", (unsigned)audio->MinimumSampleFrequency,
                (unsigned)audio->MaximumSampleFrequency, (unsigned)audio->MaximumChannels, (unsigned)audio->MinimumBitsPerSample,
                (unsigned)audio->MaximumBitsPerSample);
    }
    fputc('\n', out);
}

static void pins_text(FILE *out, struct host *host, size_t filter)
{
    struct host_pin_info pin;
    char guid[NAMES_GUID_TEXT], most[16], each[16];
    for (size_t i = 0; host_filter_pin(host, filter, i, &pin); i++) {
        fprintf(out, "  pin %" PRIu32 ": %s, %s, instances %s (%s in a filter)", pin.id, flow_text(pin.data_flow),
                communication_text(pin.communication), count_text(pin.max_global, most), count_text(pin.max_filter, each));
        if (pin.name || pin.category)
            fprintf(out, ", %s", names_guid(pin.name ? pin.name : pin.category, guid));
        fputc('\n', out);
        for (uint32_t r = 0; r < pin.range_count; r++)
            range_text(out, pin.ranges[r]);
        properties_text(out, host, filter, HOST_TABLE_PIN, pin.id, 6);
    }
}

static void end_text(FILE *out, ULONG node, ULONG pin)
{
    if (node == KSFILTER_NODE)
        fprintf(out, "pin %u", (unsigned)pin);
    else
        fprintf(out, "node %u.%u", (unsigned)node, (unsigned)pin);
}

static void nodes_text(FILE *out, struct host *host, size_t filter)
{
    struct host_node_info node;
    KSTOPOLOGY_CONNECTION wire;
    char type[NAMES_GUID_TEXT], name[NAMES_GUID_TEXT];
    for (size_t i = 0; host_filter_node(host, filter, i, &node); i++) {
        fprintf(out, "  node %" PRIu32 ": %s", node.id, names_guid(node.type, type));
        fprintf(out, "%s%s\n", node.name ? " named " : "", names_guid(node.name, name));
        properties_text(out, host, filter, HOST_TABLE_NODE, node.id, 6);
    }
    for (size_t i = 0; host_filter_connection(host, filter, i, &wire); i++) {
        fputs("  wire: ", out);
        end_text(out, wire.FromNode, wire.FromNodePin);
        fputs(" -> ", out);
        end_text(out, wire.ToNode, wire.ToNodePin);
        fputc('\n', out);
    }
}

void hosting_list_text(FILE *out, struct host *host, size_t only)
{
    struct host_filter_info filter;
    const GUID *category;
    char guid[NAMES_GUID_TEXT];
    for (size_t i = 0; host_filter_info(host, i, &filter); i++) {
        if (only != HOSTING_ALL && i != only)
            continue;
        fprintf(out, "filter %s/%s%s\n", filter.device, filter.name, filter.is_topology ? " (topology)" : "");
        for (size_t c = 0; host_filter_category(host, i, c, &category); c++)
            fprintf(out, "%s%s%s", c ? ", " : "  category ", names_guid(category, guid), c + 1 == filter.category_count ? "\n" : "");
        properties_text(out, host, i, HOST_TABLE_FILTER, 0, 2);
        pins_text(out, host, i);
        nodes_text(out, host, i);
    }
}

/* ---- for machines ---- */

static void json_guid(struct json *json, const char *key, const GUID *guid)
{
    char text[NAMES_GUID_TEXT];
    json_text(json, key, guid ? names_guid(guid, text) : NULL);
}

static void json_count(struct json *json, const char *key, uint32_t count)
{
    if (count == KSINSTANCE_INDETERMINATE)
        json_text(json, key, NULL);
    else
        json_unsigned(json, key, count);
}

static void properties_json(struct json *json, struct host *host, size_t filter, enum host_table table, uint32_t owner)
{
    struct host_property_info item;
    char digits[NAMES_GUID_TEXT];
    json_open(json, "properties", '[');
    for (size_t i = 0; host_filter_property_item(host, filter, table, owner, i, &item); i++) {
        json_open(json, NULL, '{');
        json_guid(json, "set", item.set);
        json_text(json, "guid", names_guid_digits(item.set, digits));
        json_unsigned(json, "id", item.id);
        json_text(json, "name", names_property(item.set, item.id));
        json_bool(json, "get", item.flags & KSPROPERTY_TYPE_GET);
        json_bool(json, "set_allowed", item.flags & KSPROPERTY_TYPE_SET);
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void range_json(struct json *json, const KSDATARANGE *range)
{
    json_open(json, NULL, '{');
    json_guid(json, "major", &range->MajorFormat);
    json_guid(json, "sub", &range->SubFormat);
    if (is_audio(range)) {
        const KSDATARANGE_AUDIO *audio = (const KSDATARANGE_AUDIO *)(const void *)range;
        json_unsigned(json, "rate_min", audio->MinimumSampleFrequency);
        json_unsigned(json, "rate_max", audio->MaximumSampleFrequency);
        json_unsigned(json, "channels_max", audio->MaximumChannels);
    }
    json_close(json, '}');
}

static void pins_json(struct json *json, struct host *host, size_t filter)
{
    struct host_pin_info pin;
    json_open(json, "pins", '[');
    for (size_t i = 0; host_filter_pin(host, filter, i, &pin); i++) {
        json_open(json, NULL, '{');
        json_unsigned(json, "id", pin.id);
        json_text(json, "flow", flow_text(pin.data_flow));
        json_text(json, "communication", communication_text(pin.communication));
        json_guid(json, "name", pin.name);
        json_guid(json, "category", pin.category);
        json_count(json, "instances_max", pin.max_global);
        json_count(json, "filter_instances_max", pin.max_filter);
        json_open(json, "ranges", '[');
        for (uint32_t r = 0; r < pin.range_count; r++)
            range_json(json, pin.ranges[r]);
        json_close(json, ']');
        properties_json(json, host, filter, HOST_TABLE_PIN, pin.id);
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void json_end(struct json *json, const char *key, ULONG node, ULONG pin)
{
    json_open(json, key, '{');
    if (node == KSFILTER_NODE)
        json_text(json, "node", NULL);
    else
        json_unsigned(json, "node", node);
    json_unsigned(json, "pin", pin);
    json_close(json, '}');
}

static void nodes_json(struct json *json, struct host *host, size_t filter)
{
    struct host_node_info node;
    KSTOPOLOGY_CONNECTION wire;
    json_open(json, "nodes", '[');
    for (size_t i = 0; host_filter_node(host, filter, i, &node); i++) {
        json_open(json, NULL, '{');
        json_unsigned(json, "id", node.id);
        json_guid(json, "type", node.type);
        json_guid(json, "name", node.name);
        properties_json(json, host, filter, HOST_TABLE_NODE, node.id);
        json_close(json, '}');
    }
    json_close(json, ']');
    json_open(json, "wires", '[');
    for (size_t i = 0; host_filter_connection(host, filter, i, &wire); i++) {
        json_open(json, NULL, '{');
        json_end(json, "from", wire.FromNode, wire.FromNodePin);
        json_end(json, "to", wire.ToNode, wire.ToNodePin);
        json_close(json, '}');
    }
    json_close(json, ']');
}

void hosting_list_json(struct json *json, struct host *host, size_t only)
{
    struct host_filter_info filter;
    const GUID *category;
    json_open(json, "filters", '[');
    for (size_t i = 0; host_filter_info(host, i, &filter); i++) {
        if (only != HOSTING_ALL && i != only)
            continue;
        json_open(json, NULL, '{');
        json_text(json, "device", filter.device);
        json_text(json, "name", filter.name);
        json_bool(json, "topology", filter.is_topology);
        json_open(json, "categories", '[');
        for (size_t c = 0; host_filter_category(host, i, c, &category); c++)
            json_guid(json, NULL, category);
        json_close(json, ']');
        properties_json(json, host, i, HOST_TABLE_FILTER, 0);
        pins_json(json, host, i);
        nodes_json(json, host, i);
        json_close(json, '}');
    }
    json_close(json, ']');
}

/* ---- for who asked for another ---- */

void hosting_no_filter(struct host *host, const char *name)
{
    struct host_filter_info filter;
    char names[512] = "";
    size_t used = 0;
    for (size_t i = 0; used < sizeof names && host_filter_info(host, i, &filter); i++)
        used += (size_t)snprintf(names + used, sizeof names - used, "%s %s/%s", i ? "," : "", filter.device, filter.name);
    complain("host", "there is no filter '%s'; there %s%s", name, names[0] ? strchr(names, ',') ? "are" : "is" : "is none", names);
}
