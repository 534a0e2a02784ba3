/* SPDX-License-Identifier: MIT */
/* KSPROPSETID_Connection on pins, and the master clock of KSPROPSETID_SynthClock on either (spec 7.4, 7.6). */
#include <dmusprop.h>

#include "kernel/portcls/master_clock.h"
#include "kernel/portcls/pin.h"
#include "kernel/portcls/property.h"

static NTSTATUS state_item(struct property_call *call, ULONG *returned)
{
    ULONG state;
    if (call->key.Flags == KSPROPERTY_TYPE_GET)
        return property_answer_ulong(call, (ULONG)pin_state(call->pin), returned);
    NTSTATUS status = property_take(call, &state, sizeof state);
    if (!NT_SUCCESS(status))
        return status;
    return state <= KSSTATE_RUN ? pin_set_state(call->pin, (KSSTATE)state) : STATUS_INVALID_PARAMETER;
}

static NTSTATUS priority_item(struct property_call *call, ULONG *returned)
{
    KSPRIORITY priority;
    NTSTATUS status;
    if (call->key.Flags == KSPROPERTY_TYPE_GET) {
        pthread_mutex_lock(&call->pin->lock);
        priority = call->pin->priority;
        pthread_mutex_unlock(&call->pin->lock);
        return property_answer(call, &priority, sizeof priority, returned);
    }
    status = property_take(call, &priority, sizeof priority);
    if (NT_SUCCESS(status)) {
        pthread_mutex_lock(&call->pin->lock);
        call->pin->priority = priority;
        pthread_mutex_unlock(&call->pin->lock);
    }
    return status;
}

/* A stream keeps the format it was opened with; asking for that one again is allowed. */
static NTSTATUS format_item(struct property_call *call, ULONG *returned)
{
    const KSDATAFORMAT *format = call->pin->format;
    if (call->key.Flags == KSPROPERTY_TYPE_GET)
        return property_answer(call, format, format->FormatSize, returned);
    if (call->value_size < sizeof *format)
        return STATUS_BUFFER_TOO_SMALL;
    bool same = call->value_size == format->FormatSize && memcmp(call->value, format, format->FormatSize) == 0;
    return same ? STATUS_SUCCESS : STATUS_NO_MATCH;
}

static NTSTATUS master_clock(struct property_call *call, ULONG *returned)
{
    REFERENCE_TIME now = 0;
    IMasterClock *clock = call->filter->port->clock;
    bool done;
    if (call->key.Id != KSPROPERTY_SYNTH_MASTERCLOCK && call->key.Flags != KSPROPERTY_TYPE_SETSUPPORT)
        return STATUS_NOT_FOUND;
    NTSTATUS status = property_verb(call, PROPERTY_GET, &done, returned);
    if (done || !NT_SUCCESS(status))
        return status;
    now = master_clock_read(clock);
    return property_answer(call, &now, sizeof now, returned);
}

NTSTATUS property_connection_set(struct property_call *call, ULONG *returned)
{
    bool done;
    if (guid_is(&call->key.Set, &KSPROPSETID_SynthClock) && call->filter->port->clock)
        return master_clock(call, returned);
    if (!call->pin || !guid_is(&call->key.Set, &KSPROPSETID_Connection))
        return STATUS_NOT_FOUND;
    if (call->key.Id > KSPROPERTY_CONNECTION_DATAFORMAT && call->key.Flags != KSPROPERTY_TYPE_SETSUPPORT)
        return STATUS_NOT_FOUND;
    NTSTATUS status = property_verb(call, PROPERTY_GET | PROPERTY_SET, &done, returned);
    if (done || !NT_SUCCESS(status))
        return status;
    switch (call->key.Id) {
    case KSPROPERTY_CONNECTION_STATE: return state_item(call, returned);
    case KSPROPERTY_CONNECTION_PRIORITY: return priority_item(call, returned);
    default: return format_item(call, returned);
    }
}
