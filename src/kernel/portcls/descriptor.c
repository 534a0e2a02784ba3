/* SPDX-License-Identifier: MIT */
#include "kernel/portcls/descriptor.h"

#include <ksmedia.h>
#include <dmusprop.h>

#include <stdio.h>

#include "kernel/wdm/rules.h"

static const void *item(const void *array, ULONG stride, ULONG count, ULONG index)
{
    return index < count ? (const char *)array + (size_t)stride * index : NULL;
}

const PCPIN_DESCRIPTOR *descriptor_pin(const PCFILTER_DESCRIPTOR *filter, ULONG pin)
{
    return item(filter->Pins, filter->PinSize, filter->PinCount, pin);
}

const PCNODE_DESCRIPTOR *descriptor_node(const PCFILTER_DESCRIPTOR *filter, ULONG node)
{
    return item(filter->Nodes, filter->NodeSize, filter->NodeCount, node);
}

const PCPROPERTY_ITEM *descriptor_property(const PCAUTOMATION_TABLE *table, ULONG index)
{
    return table ? item(table->Properties, table->PropertyItemSize, table->PropertyCount, index) : NULL;
}

const PCPROPERTY_ITEM *descriptor_find_property(const PCAUTOMATION_TABLE *table, const GUID *set, ULONG id, bool *set_known)
{
    const PCPROPERTY_ITEM *found;
    *set_known = false;
    for (ULONG i = 0; (found = descriptor_property(table, i)) != NULL; i++) {
        if (!guid_is(found->Set, set))
            continue;
        *set_known = true;
        if (found->Id == id)
            return found;
    }
    return NULL;
}

ULONG descriptor_synth_node(const PCFILTER_DESCRIPTOR *filter)
{
    for (ULONG i = 0; i < filter->NodeCount; i++) {
        const GUID *type = descriptor_node(filter, i)->Type;
        if (type && (guid_is(type, &KSNODETYPE_SYNTHESIZER) || guid_is(type, &KSNODETYPE_DMSYNTH)))
            return i;
    }
    return KSFILTER_NODE;
}

/* An array of COUNT items of STRIDE bytes, each at least BASE. */
static bool check_array(const void *array, ULONG stride, ULONG count, size_t base, const char *whose, const char *what)
{
    if (!array != !count) {
        wdm_broken(WDM_RULE_DESCRIPTOR, "%s: %s: pointer %s, count %u", whose, what, array ? "set" : "NULL", (unsigned)count);
        return count == 0;
    }
    if (count && (stride < base || stride % 8 != 0)) {
        wdm_broken(WDM_RULE_DESCRIPTOR, "%s: %s: stride %u, must be a multiple of 8 and at least %u", whose, what,
                   (unsigned)stride, (unsigned)base);
        return stride >= base;
    }
    return true;
}

static bool check_table(const PCAUTOMATION_TABLE *table, const char *whose, const char *what)
{
    char text[64];
    if (!table)
        return true;
    snprintf(text, sizeof text, "properties of %s", what);
    bool ok = check_array(table->Properties, table->PropertyItemSize, table->PropertyCount, sizeof(PCPROPERTY_ITEM), whose, text);
    snprintf(text, sizeof text, "methods of %s", what);
    ok &= check_array(table->Methods, table->MethodItemSize, table->MethodCount, sizeof(PCMETHOD_ITEM), whose, text);
    snprintf(text, sizeof text, "events of %s", what);
    ok &= check_array(table->Events, table->EventItemSize, table->EventCount, sizeof(PCEVENT_ITEM), whose, text);
    if (table->Reserved)
        wdm_broken(WDM_RULE_DESCRIPTOR, "%s: automation table of %s: Reserved is not 0", whose, what);
    for (ULONG i = 0; ok && i < table->PropertyCount; i++)
        if (!descriptor_property(table, i)->Set) {
            wdm_broken(WDM_RULE_DESCRIPTOR, "%s: property item %u of %s has no set", whose, (unsigned)i, what);
            ok = false;
        }
    return ok;
}

static bool check_ranges(const KSPIN_DESCRIPTOR *pin, const char *whose, const char *what)
{
    if (!pin->DataRanges != !pin->DataRangesCount) {
        wdm_broken(WDM_RULE_DESCRIPTOR, "%s: %s: data ranges %s, count %u", whose, what, pin->DataRanges ? "set" : "NULL",
                   (unsigned)pin->DataRangesCount);
        return pin->DataRangesCount == 0;
    }
    for (ULONG i = 0; i < pin->DataRangesCount; i++)
        if (!pin->DataRanges[i] || pin->DataRanges[i]->FormatSize < sizeof(KSDATARANGE)) {
            wdm_broken(WDM_RULE_DESCRIPTOR, "%s: %s: data range %u is %s", whose, what, (unsigned)i,
                       pin->DataRanges[i] ? "shorter than KSDATARANGE" : "NULL");
            return false;
        }
    return true;
}

static void check_instances(const PCPIN_DESCRIPTOR *pin, const char *whose, const char *what)
{
    ULONG global = pin->MaxGlobalInstanceCount, filter = pin->MaxFilterInstanceCount, least = pin->MinFilterInstanceCount;
    KSPIN_COMMUNICATION communication = pin->KsPinDescriptor.Communication;
    bool bridge = communication == KSPIN_COMMUNICATION_NONE || communication == KSPIN_COMMUNICATION_BRIDGE;
    if (least == KSINSTANCE_INDETERMINATE)
        wdm_broken(WDM_RULE_DESCRIPTOR, "%s: %s: MinFilterInstanceCount is -1", whose, what);
    else if (least > filter)
        wdm_broken(WDM_RULE_DESCRIPTOR, "%s: %s: needs %u instances of at most %u", whose, what, (unsigned)least,
                   (unsigned)filter);
    if (bridge && (global || filter || least || pin->AutomationTable))
        wdm_broken(WDM_RULE_DESCRIPTOR, "%s: %s: a bridge pin with instances or an automation table", whose, what);
    if (pin->KsPinDescriptor.DataFlow != KSPIN_DATAFLOW_IN && pin->KsPinDescriptor.DataFlow != KSPIN_DATAFLOW_OUT)
        wdm_broken(WDM_RULE_DESCRIPTOR, "%s: %s: data flow %d", whose, what, (int)pin->KsPinDescriptor.DataFlow);
}

static bool check_pin(const PCFILTER_DESCRIPTOR *filter, ULONG id, const char *whose)
{
    const PCPIN_DESCRIPTOR *pin = descriptor_pin(filter, id);
    const KSPIN_DESCRIPTOR *ks = &pin->KsPinDescriptor;
    char what[32];
    snprintf(what, sizeof what, "pin %u", (unsigned)id);
    check_instances(pin, whose, what);
    if (ks->MediumsCount && !ks->Mediums) {
        wdm_broken(WDM_RULE_DESCRIPTOR, "%s: %s: %u mediums at NULL", whose, what, (unsigned)ks->MediumsCount);
        return false;
    }
    return check_ranges(ks, whose, what) && check_table(pin->AutomationTable, whose, what);
}

static bool check_node(const PCFILTER_DESCRIPTOR *filter, ULONG id, const char *whose)
{
    const PCNODE_DESCRIPTOR *node = descriptor_node(filter, id);
    char what[32];
    snprintf(what, sizeof what, "node %u", (unsigned)id);
    if (!node->Type) {
        wdm_broken(WDM_RULE_DESCRIPTOR, "%s: %s has no type", whose, what);
        return false;
    }
    for (ULONG i = 0; i < id; i++) {
        const PCNODE_DESCRIPTOR *other = descriptor_node(filter, i);
        if (guid_is(other->Type, node->Type) && (!other->Name || !node->Name || guid_is(other->Name, node->Name)))
            wdm_broken(WDM_RULE_DESCRIPTOR, "%s: nodes %u and %u are of one type and have no names to tell them apart", whose,
                       (unsigned)i, (unsigned)id);
    }
    return check_table(node->AutomationTable, whose, what);
}

static void check_connections(const PCFILTER_DESCRIPTOR *filter, const char *whose)
{
    for (ULONG i = 0; i < filter->ConnectionCount; i++) {
        const PCCONNECTION_DESCRIPTOR *c = &filter->Connections[i];
        bool from = c->FromNode == PCFILTER_NODE ? c->FromNodePin < filter->PinCount : c->FromNode < filter->NodeCount;
        bool to = c->ToNode == PCFILTER_NODE ? c->ToNodePin < filter->PinCount : c->ToNode < filter->NodeCount;
        if (!from || !to)
            wdm_broken(WDM_RULE_DESCRIPTOR, "%s: connection %u ends at a pin or node that does not exist", whose, (unsigned)i);
    }
}

bool descriptor_check(const PCFILTER_DESCRIPTOR *filter, const char *whose)
{
    if (filter->Version != 0)
        wdm_broken(WDM_RULE_DESCRIPTOR, "%s: filter descriptor version %u, must be 0", whose, (unsigned)filter->Version);
    bool ok = check_array(filter->Pins, filter->PinSize, filter->PinCount, sizeof(PCPIN_DESCRIPTOR), whose, "pins") &&
              check_array(filter->Nodes, filter->NodeSize, filter->NodeCount, sizeof(PCNODE_DESCRIPTOR), whose, "nodes") &&
              check_array(filter->Connections, 8, filter->ConnectionCount, 8, whose, "connections") &&
              check_array(filter->Categories, 8, filter->CategoryCount, 8, whose, "categories") &&
              check_table(filter->AutomationTable, whose, "filter");
    for (ULONG i = 0; ok && i < filter->PinCount; i++)
        ok = check_pin(filter, i, whose);
    for (ULONG i = 0; ok && i < filter->NodeCount; i++)
        ok = check_node(filter, i, whose);
    if (ok)
        check_connections(filter, whose);
    return ok;
}
