/* SPDX-License-Identifier: MIT */
/* Routing: which table, which item, and what the port answers when there is none (spec 7.7). */
#include "kernel/portcls/property.h"

#include <dmusprop.h>

#include "kernel/portcls/descriptor.h"
#include "kernel/portcls/irp.h"
#include "kernel/portcls/pin.h"
#include "kernel/wdm/trace.h"

NTSTATUS property_answer(struct property_call *call, const void *bytes, ULONG size, ULONG *returned)
{
    *returned = size;
    if (call->value_size == 0)
        return STATUS_BUFFER_OVERFLOW;
    if (call->value_size < size)
        return STATUS_BUFFER_TOO_SMALL;
    memcpy(call->value, bytes, size);
    return STATUS_SUCCESS;
}

NTSTATUS property_answer_ulong(struct property_call *call, ULONG value, ULONG *returned)
{
    return property_answer(call, &value, sizeof value, returned);
}

NTSTATUS property_answer_list(struct property_call *call, const void *items, ULONG stride, ULONG count, ULONG *returned)
{
    KSMULTIPLE_ITEM head = {0};
    uint64_t size = sizeof head + (uint64_t)stride * count;
    if (size > 0xffffffffu)
        return STATUS_INVALID_PARAMETER;
    head.Size = (ULONG)size;
    head.Count = count;
    *returned = head.Size;
    if (call->value_size == 0)
        return STATUS_BUFFER_OVERFLOW;
    if (call->value_size == sizeof head.Size)
        return property_answer_ulong(call, head.Size, returned);
    if (call->value_size < head.Size)
        return STATUS_BUFFER_TOO_SMALL;
    memcpy(call->value, &head, sizeof head);
    if (count)
        memcpy((char *)call->value + sizeof head, items, (size_t)stride * count);
    return STATUS_SUCCESS;
}

NTSTATUS property_take(const struct property_call *call, void *bytes, ULONG size)
{
    if (call->value_size < size)
        return STATUS_BUFFER_TOO_SMALL;
    memcpy(bytes, call->value, size);
    return STATUS_SUCCESS;
}

NTSTATUS property_verb(struct property_call *call, ULONG access, bool *done, ULONG *returned)
{
    ULONG verb = call->key.Flags & ~(ULONG)KSPROPERTY_TYPE_TOPOLOGY;
    *done = true;
    if (verb == KSPROPERTY_TYPE_SETSUPPORT)
        return STATUS_SUCCESS;
    if (verb == KSPROPERTY_TYPE_BASICSUPPORT)
        return property_answer_ulong(call, access, returned);
    *done = false;
    return verb == KSPROPERTY_TYPE_GET && (access & PROPERTY_GET)   ? STATUS_SUCCESS
           : verb == KSPROPERTY_TYPE_SET && (access & PROPERTY_SET) ? STATUS_SUCCESS
                                                                    : STATUS_INVALID_DEVICE_REQUEST;
}

/* One place in the filter where an item may stand. */
struct place {
    const PCAUTOMATION_TABLE *table;
    ULONG node; /* what the handler is told */
};

static bool is_volume(const KSPROPERTY *key)
{
    return guid_is(&key->Set, &KSPROPSETID_Synth) &&
           (key->Id == KSPROPERTY_SYNTH_VOLUME || key->Id == KSPROPERTY_SYNTH_VOLUMEBOOST);
}

/* The table of the call; for a volume without a node, which the documents place differently, also where else it may be
 * (spec 12, 13): the pin's, the synth node's, the filter's. */
static unsigned places(const struct property_call *call, struct place out[3])
{
    const PCFILTER_DESCRIPTOR *filter = call->filter->port->filter;
    unsigned count = 0;
    if (call->node != KSFILTER_NODE) {
        out[0] = (struct place){descriptor_node(filter, call->node)->AutomationTable, call->node};
        return 1;
    }
    if (call->pin)
        out[count++] = (struct place){descriptor_pin(filter, call->pin->id)->AutomationTable, KSFILTER_NODE};
    else
        out[count++] = (struct place){filter->AutomationTable, KSFILTER_NODE};
    if (is_volume(&call->key)) {
        ULONG node = descriptor_synth_node(filter);
        if (node != KSFILTER_NODE)
            out[count++] = (struct place){descriptor_node(filter, node)->AutomationTable, node};
        if (call->pin)
            out[count++] = (struct place){filter->AutomationTable, KSFILTER_NODE};
    }
    return count;
}

/* An item is there. Its flags are what the driver says it can; BASICSUPPORT that it does not want is answered from them. */
static NTSTATUS use_item(struct property_call *call, const PCPROPERTY_ITEM *item, ULONG node, ULONG header_size, ULONG *returned)
{
    ULONG verb = call->key.Flags & ~(ULONG)KSPROPERTY_TYPE_TOPOLOGY;
    if (verb == KSPROPERTY_TYPE_BASICSUPPORT && !(item->Flags & KSPROPERTY_TYPE_BASICSUPPORT))
        return property_answer_ulong(call, item->Flags & (KSPROPERTY_TYPE_GET | KSPROPERTY_TYPE_SET), returned);
    if (verb == 0 || (verb & (verb - 1)) != 0 || !(item->Flags & verb))
        return STATUS_INVALID_DEVICE_REQUEST;
    return property_call_handler(call, item, node, header_size, returned);
}

static NTSTATUS standard_sets(struct property_call *call, ULONG *returned)
{
    NTSTATUS status = STATUS_NOT_FOUND;
    if (!call->pin)
        status = property_pin_set(call, returned);
    if (status == STATUS_NOT_FOUND && !call->pin)
        status = property_topology_set(call, returned);
    if (status == STATUS_NOT_FOUND)
        status = property_connection_set(call, returned);
    return status;
}

static NTSTATUS route(struct property_call *call, ULONG *returned)
{
    struct place where[3];
    bool topology = (call->key.Flags & KSPROPERTY_TYPE_TOPOLOGY) != 0, any = false;
    ULONG verb = call->key.Flags & ~(ULONG)KSPROPERTY_TYPE_TOPOLOGY;
    ULONG header_size = topology ? sizeof(KSNODEPROPERTY) : sizeof(KSPROPERTY);
    unsigned count = places(call, where);
    for (unsigned i = 0; i < count; i++) {
        bool set_known;
        const PCPROPERTY_ITEM *item = descriptor_find_property(where[i].table, &call->key.Set, call->key.Id, &set_known);
        any |= set_known;
        if (item && item->Handler && verb != KSPROPERTY_TYPE_SETSUPPORT)
            return use_item(call, item, where[i].node, header_size, returned);
    }
    if (any && verb == KSPROPERTY_TYPE_SETSUPPORT)
        return STATUS_SUCCESS;
    return topology ? STATUS_NOT_FOUND : standard_sets(call, returned);
}

static NTSTATUS parse(struct property_call *call)
{
    KSNODEPROPERTY node;
    call->node = KSFILTER_NODE;
    if (call->request_size < sizeof call->key)
        return STATUS_INVALID_BUFFER_SIZE;
    memcpy(&call->key, call->request, sizeof call->key);
    if (!(call->key.Flags & KSPROPERTY_TYPE_TOPOLOGY))
        return STATUS_SUCCESS;
    if (call->request_size < sizeof node)
        return STATUS_INVALID_BUFFER_SIZE;
    memcpy(&node, call->request, sizeof node);
    call->node = node.NodeId;
    /* (ULONG)-1 would select no node at all */
    return descriptor_node(call->filter->port->filter, node.NodeId) ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

NTSTATUS property_irp(struct pc_filter *filter, struct pc_pin *pin, PIRP irp)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(irp);
    struct property_call call = {
        .filter = filter,
        .pin = pin,
        .irp = irp,
        .request = stack->Parameters.DeviceIoControl.Type3InputBuffer,
        .request_size = stack->Parameters.DeviceIoControl.InputBufferLength,
        .value = irp->UserBuffer,
        .value_size = stack->Parameters.DeviceIoControl.OutputBufferLength,
    };
    ULONG returned = 0;
    NTSTATUS status = (!call.request && call.request_size) || (!call.value && call.value_size) ? STATUS_INVALID_PARAMETER
                                                                                               : parse(&call);
    if (NT_SUCCESS(status))
        status = route(&call, &returned);
    WDM_TRACE(pin ? pin->name : filter->port->name, "property", "\"id\":%u,\"flags\":%u,\"status\":\"%08x\"",
              (unsigned)call.key.Id, (unsigned)call.key.Flags, (unsigned)status);
    return status == STATUS_PENDING ? status : irp_complete(irp, status, returned);
}
