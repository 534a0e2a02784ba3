/* SPDX-License-Identifier: MIT */
#include "ask.h"

#include <string.h>

#include <dmusicks.h>
#include <dmusprop.h>

NTSTATUS ask_property(const struct ask *ask, ULONG verb, void *value, uint32_t cb_value, uint32_t *returned)
{
    _Alignas(8) uint8_t request[sizeof(KSNODEPROPERTY) + ASK_INSTANCE_MAX];
    KSNODEPROPERTY head;
    uint32_t size = ask->node == ASK_NO_NODE ? sizeof head.Property : sizeof head;
    if (ask->cb_instance > ASK_INSTANCE_MAX)
        return STATUS_INVALID_PARAMETER;
    memset(&head, 0, sizeof head);
    head.Property.Set = *ask->set;
    head.Property.Id = ask->id;
    head.Property.Flags = verb | (ask->node == ASK_NO_NODE ? 0u : KSPROPERTY_TYPE_TOPOLOGY);
    head.NodeId = (ULONG)ask->node;
    memcpy(request, &head, size);
    if (ask->cb_instance)
        memcpy(request + size, ask->instance, ask->cb_instance);
    size += ask->cb_instance;
    return ask->pin ? host_pin_property(ask->pin, request, size, value, cb_value, returned)
                    : host_filter_property(ask->filter, request, size, value, cb_value, returned);
}

NTSTATUS ask_get(const struct ask *ask, void *value, uint32_t cb_value)
{
    return ask_property(ask, KSPROPERTY_TYPE_GET, value, cb_value, NULL);
}

NTSTATUS ask_set(const struct ask *ask, void *value, uint32_t cb_value)
{
    return ask_property(ask, KSPROPERTY_TYPE_SET, value, cb_value, NULL);
}

int64_t ask_master_time(struct host_filter *filter)
{
    ULONGLONG now = 0;
    struct ask ask = {.filter = filter, .node = ASK_NO_NODE, .set = &KSPROPSETID_SynthClock, .id = KSPROPERTY_SYNTH_MASTERCLOCK};
    return NT_SUCCESS(ask_get(&ask, &now, sizeof now)) ? (int64_t)now : 0;
}
