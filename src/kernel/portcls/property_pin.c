/* SPDX-License-Identifier: MIT */
/* KSPROPSETID_Pin and KSPROPSETID_Topology on a filter (spec 7.6). */
#include "base/alloc.h"
#include "kernel/portcls/descriptor.h"
#include "kernel/portcls/names.h"
#include "kernel/portcls/pin.h"
#include "kernel/portcls/property.h"

static NTSTATUS answer_guid(struct property_call *call, const GUID *guid, ULONG *returned)
{
    return guid ? property_answer(call, guid, sizeof *guid, returned) : STATUS_NOT_FOUND;
}

static NTSTATUS answer_cinstances(struct property_call *call, ULONG possible, ULONG current, ULONG *returned)
{
    KSPIN_CINSTANCES counts = {possible, current};
    return property_answer(call, &counts, sizeof counts, returned);
}

/* Ranges follow each other at multiples of 8 behind the head. */
static NTSTATUS answer_ranges(struct property_call *call, const KSDATARANGE *const *ranges, ULONG count, ULONG *returned)
{
    uint64_t size = 0;
    for (ULONG i = 0; i < count; i++)
        size += (ranges[i]->FormatSize + (uint64_t)7) & ~(uint64_t)7;
    if (size > 0xffffff00u)
        return STATUS_INVALID_PARAMETER;
    uint8_t *bytes = dm_calloc(1, (size_t)size);
    if (!bytes)
        return STATUS_INSUFFICIENT_RESOURCES;
    size_t at = 0;
    for (ULONG i = 0; i < count; i++) {
        memcpy(bytes + at, ranges[i], ranges[i]->FormatSize);
        at += (ranges[i]->FormatSize + (size_t)7) & ~(size_t)7;
    }
    /* One item of all the bytes, whose count is then put right. */
    NTSTATUS status = property_answer_list(call, bytes, (ULONG)size, 1, returned);
    if (status == STATUS_SUCCESS && *returned > sizeof(ULONG))
        memcpy((char *)call->value + offsetof(KSMULTIPLE_ITEM, Count), &count, sizeof count);
    dm_free(bytes);
    return status;
}

static NTSTATUS answer_interfaces(struct property_call *call, ULONG *returned)
{
    KSPIN_INTERFACE streaming = {0};
    streaming.Set = KSINTERFACESETID_Standard;
    streaming.Id = KSINTERFACE_STANDARD_STREAMING;
    return property_answer_list(call, &streaming, sizeof streaming, 1, returned);
}

static NTSTATUS answer_mediums(struct property_call *call, const KSPIN_DESCRIPTOR *pin, ULONG *returned)
{
    KSPIN_MEDIUM standard = {0};
    standard.Set = KSMEDIUMSETID_Standard;
    standard.Id = KSMEDIUM_STANDARD_DEVIO;
    return pin->MediumsCount ? property_answer_list(call, pin->Mediums, sizeof *pin->Mediums, pin->MediumsCount, returned)
                             : property_answer_list(call, &standard, sizeof standard, 1, returned);
}

static NTSTATUS propose_format(struct property_call *call, const KSPIN_DESCRIPTOR *pin)
{
    KSDATAFORMAT format;
    NTSTATUS status = property_take(call, &format, sizeof format);
    if (!NT_SUCCESS(status))
        return status;
    if (format.FormatSize < sizeof format || format.FormatSize > call->value_size)
        return STATUS_INVALID_PARAMETER;
    KSDATAFORMAT *copy = dm_malloc(format.FormatSize);
    if (!copy)
        return STATUS_INSUFFICIENT_RESOURCES;
    memcpy(copy, call->value, format.FormatSize);
    status = STATUS_NO_MATCH;
    for (ULONG i = 0; i < pin->DataRangesCount && status != STATUS_SUCCESS; i++)
        if (pin_format_in_range(copy, format.FormatSize, pin->DataRanges[i]))
            status = STATUS_SUCCESS;
    dm_free(copy);
    return status;
}

static NTSTATUS pin_counts(struct property_call *call, ULONG pin, ULONG *returned)
{
    struct pin_counts counts;
    NTSTATUS status = filter_pin_counts(call->filter, pin, &counts);
    if (!NT_SUCCESS(status))
        return status;
    switch (call->key.Id) {
    case KSPROPERTY_PIN_CINSTANCES: return answer_cinstances(call, counts.filter_possible, counts.filter_current, returned);
    case KSPROPERTY_PIN_GLOBALCINSTANCES: return answer_cinstances(call, counts.global_possible, counts.global_current, returned);
    default: return property_answer_ulong(call, counts.filter_necessary, returned);
    }
}

static NTSTATUS pin_item(struct property_call *call, ULONG id, const KSPIN_DESCRIPTOR *pin, ULONG *returned)
{
    const KSDATARANGE *const *ranges = (const KSDATARANGE *const *)(const void *)pin->DataRanges;
    switch (call->key.Id) {
    case KSPROPERTY_PIN_CINSTANCES:
    case KSPROPERTY_PIN_GLOBALCINSTANCES:
    case KSPROPERTY_PIN_NECESSARYINSTANCES: return pin_counts(call, id, returned);
    case KSPROPERTY_PIN_DATAFLOW: return property_answer_ulong(call, (ULONG)pin->DataFlow, returned);
    case KSPROPERTY_PIN_COMMUNICATION: return property_answer_ulong(call, (ULONG)pin->Communication, returned);
    case KSPROPERTY_PIN_DATARANGES: return answer_ranges(call, ranges, pin->DataRangesCount, returned);
    case KSPROPERTY_PIN_CONSTRAINEDDATARANGES:
        if (pin->ConstrainedDataRangesCount && pin->ConstrainedDataRanges)
            return answer_ranges(call, (const KSDATARANGE *const *)(const void *)pin->ConstrainedDataRanges,
                                 pin->ConstrainedDataRangesCount, returned);
        return answer_ranges(call, ranges, pin->DataRangesCount, returned);
    case KSPROPERTY_PIN_DATAINTERSECTION: return property_intersection(call, id, returned);
    case KSPROPERTY_PIN_INTERFACES: return answer_interfaces(call, returned);
    case KSPROPERTY_PIN_MEDIUMS: return answer_mediums(call, pin, returned);
    case KSPROPERTY_PIN_CATEGORY: return answer_guid(call, pin->Category, returned);
    case KSPROPERTY_PIN_NAME: return names_answer(call, pin->Name ? pin->Name : pin->Category, returned);
    case KSPROPERTY_PIN_PHYSICALCONNECTION: return names_answer_wire(call, id, returned);
    case KSPROPERTY_PIN_PROPOSEDATAFORMAT: return propose_format(call, pin);
    default: return STATUS_NOT_FOUND;
    }
}

NTSTATUS property_pin_set(struct property_call *call, ULONG *returned)
{
    const PCFILTER_DESCRIPTOR *filter = call->filter->port->filter;
    bool done;
    KSP_PIN request;
    if (!guid_is(&call->key.Set, &KSPROPSETID_Pin))
        return STATUS_NOT_FOUND;
    bool setsupport = call->key.Flags == KSPROPERTY_TYPE_SETSUPPORT;
    if (call->key.Id > KSPROPERTY_PIN_PROPOSEDATAFORMAT && !setsupport)
        return STATUS_NOT_FOUND;
    ULONG access = call->key.Id == KSPROPERTY_PIN_PROPOSEDATAFORMAT ? PROPERTY_SET : PROPERTY_GET;
    NTSTATUS status = property_verb(call, access, &done, returned);
    if (done || !NT_SUCCESS(status))
        return status;
    if (call->key.Id == KSPROPERTY_PIN_CTYPES)
        return property_answer_ulong(call, filter->PinCount, returned);
    if (call->request_size < sizeof request)
        return STATUS_INVALID_BUFFER_SIZE;
    memcpy(&request, call->request, sizeof request);
    const PCPIN_DESCRIPTOR *pin = descriptor_pin(filter, request.PinId);
    return pin ? pin_item(call, request.PinId, &pin->KsPinDescriptor, returned) : STATUS_INVALID_PARAMETER;
}

static NTSTATUS answer_nodes(struct property_call *call, const PCFILTER_DESCRIPTOR *filter, ULONG *returned)
{
    GUID *types = dm_calloc(filter->NodeCount ? filter->NodeCount : 1, sizeof *types);
    if (!types)
        return STATUS_INSUFFICIENT_RESOURCES;
    for (ULONG i = 0; i < filter->NodeCount; i++)
        types[i] = *descriptor_node(filter, i)->Type;
    NTSTATUS status = property_answer_list(call, types, sizeof *types, filter->NodeCount, returned);
    dm_free(types);
    return status;
}

NTSTATUS property_topology_set(struct property_call *call, ULONG *returned)
{
    const PCFILTER_DESCRIPTOR *filter = call->filter->port->filter;
    KSP_NODE request;
    bool done;
    if (!guid_is(&call->key.Set, &KSPROPSETID_Topology))
        return STATUS_NOT_FOUND;
    if (call->key.Id > KSPROPERTY_TOPOLOGY_NAME && call->key.Flags != KSPROPERTY_TYPE_SETSUPPORT)
        return STATUS_NOT_FOUND;
    NTSTATUS status = property_verb(call, PROPERTY_GET, &done, returned);
    if (done || !NT_SUCCESS(status))
        return status;
    switch (call->key.Id) {
    case KSPROPERTY_TOPOLOGY_CATEGORIES:
        return property_answer_list(call, filter->Categories, sizeof(GUID), filter->CategoryCount, returned);
    case KSPROPERTY_TOPOLOGY_NODES: return answer_nodes(call, filter, returned);
    case KSPROPERTY_TOPOLOGY_CONNECTIONS:
        return property_answer_list(call, filter->Connections, sizeof *filter->Connections, filter->ConnectionCount, returned);
    default: break;
    }
    if (call->request_size < sizeof request)
        return STATUS_INVALID_BUFFER_SIZE;
    memcpy(&request, call->request, sizeof request);
    const PCNODE_DESCRIPTOR *node = descriptor_node(filter, request.NodeId);
    return node ? names_answer(call, node->Name ? node->Name : node->Type, returned) : STATUS_INVALID_PARAMETER;
}
