/* SPDX-License-Identifier: MIT */
#include "kernel/portcls/filter.h"

#include "base/alloc.h"
#include "kernel/portcls/descriptor.h"
#include "kernel/wdm/machine.h"

NTSTATUS filter_create(struct pc_subdevice *subdevice, struct pc_filter **out)
{
    struct pc_filter *filter = dm_calloc(1, sizeof *filter);
    ULONG pins = subdevice->port->filter->PinCount;
    if (filter)
        filter->instances = dm_calloc(pins ? pins : 1, sizeof *filter->instances);
    if (!filter || !filter->instances) {
        dm_free(filter);
        pc_subdevice_release(subdevice);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    filter->object.kind = PC_FILTER;
    filter->subdevice = subdevice;
    filter->port = subdevice->port;
    *out = filter;
    return STATUS_SUCCESS;
}

void filter_destroy(struct pc_filter *filter)
{
    pc_subdevice_release(filter->subdevice);
    dm_free(filter->instances);
    dm_free(filter);
}

NTSTATUS filter_pin_counts(struct pc_filter *filter, ULONG pin, struct pin_counts *out)
{
    struct port *port = filter->port;
    const PCPIN_DESCRIPTOR *descriptor = descriptor_pin(port->filter, pin);
    if (!descriptor)
        return STATUS_INVALID_PARAMETER;
    out->filter_necessary = descriptor->MinFilterInstanceCount;
    out->filter_possible = descriptor->MaxFilterInstanceCount;
    out->global_possible = descriptor->MaxGlobalInstanceCount;
    pthread_mutex_lock(&port->lock);
    out->filter_current = filter->instances[pin];
    out->global_current = port->instances[pin];
    pthread_mutex_unlock(&port->lock);
    if (port->pin_count) {
        struct wdm_call call;
        wdm_call_begin(&call, "IPinCount::PinCount");
        port->pin_count->lpVtbl->PinCount(port->pin_count, pin, &out->filter_necessary, &out->filter_current,
                                          &out->filter_possible, &out->global_current, &out->global_possible);
        wdm_call_end(&call);
    }
    return STATUS_SUCCESS;
}

static bool room(ULONG current, ULONG possible) { return possible == KSINSTANCE_INDETERMINATE || current < possible; }

NTSTATUS filter_take_instance(struct pc_filter *filter, ULONG pin)
{
    struct port *port = filter->port;
    struct pin_counts counts;
    NTSTATUS status = filter_pin_counts(filter, pin, &counts);
    if (!NT_SUCCESS(status))
        return status;
    /* Between the question and here another thread may have opened one: what is counted under the lock decides, too. */
    pthread_mutex_lock(&port->lock);
    ULONG current = filter->instances[pin] > counts.filter_current ? filter->instances[pin] : counts.filter_current;
    ULONG global = port->instances[pin] > counts.global_current ? port->instances[pin] : counts.global_current;
    bool ok = room(current, counts.filter_possible) && room(global, counts.global_possible);
    if (ok) {
        filter->instances[pin]++;
        port->instances[pin]++;
    }
    pthread_mutex_unlock(&port->lock);
    return ok ? STATUS_SUCCESS : STATUS_DEVICE_BUSY;
}

void filter_drop_instance(struct pc_filter *filter, ULONG pin)
{
    pthread_mutex_lock(&filter->port->lock);
    filter->instances[pin]--;
    filter->port->instances[pin]--;
    pthread_mutex_unlock(&filter->port->lock);
}
