/* SPDX-License-Identifier: MIT */
/* Opening a pin and closing it (spec 8.2). */
#include "kernel/portcls/pin.h"

#include <stdio.h>

#include "base/alloc.h"
#include "kernel/portcls/descriptor.h"
#include "kernel/portcls/packer.h"
#include "kernel/wdm/machine.h"
#include "kernel/wdm/trace.h"

static void init_locks(struct pc_pin *pin)
{
    pthread_mutex_init(&pin->timer_lock, NULL);
    KeInitializeMutex(&pin->gate, 0);
    KeInitializeMutex(&pin->wave_gate, 0);
    pthread_mutex_init(&pin->lock, NULL);
}

static void pin_free(struct pc_pin *pin)
{
    pthread_mutex_destroy(&pin->lock);
    pthread_mutex_destroy(&pin->timer_lock);
    dm_free(pin->format);
    dm_free(pin);
}

static struct pc_pin *pin_new(struct pc_filter *filter, ULONG id, const uint8_t *format, ULONG format_size)
{
    struct pc_pin *pin = dm_calloc(1, sizeof *pin);
    KSDATAFORMAT *copy = dm_malloc(format_size);
    if (!pin || !copy) {
        dm_free(pin);
        dm_free(copy);
        return NULL;
    }
    memcpy(copy, format, format_size);
    pin->object.kind = PC_PIN;
    pin->filter = filter;
    pin->port = filter->port;
    pin->id = id;
    pin->format = copy;
    pin->writes_tail = &pin->writes;
    snprintf(pin->name, sizeof pin->name, "pin %u", (unsigned)id);
    snprintf(pin->track, sizeof pin->track, "stream pin %u", (unsigned)id);
    init_locks(pin);
    return pin;
}

/* The format is what FormatSize says, within the bytes that are there. */
static NTSTATUS parse(const void *bytes, size_t size, KSPIN_CONNECT *connect, const uint8_t **format, ULONG *format_size)
{
    if (size < sizeof *connect + sizeof(KSDATAFORMAT))
        return STATUS_INVALID_BUFFER_SIZE;
    memcpy(connect, bytes, sizeof *connect);
    *format = (const uint8_t *)bytes + sizeof *connect;
    memcpy(format_size, *format, sizeof *format_size);
    if (*format_size < sizeof(KSDATAFORMAT) || *format_size > size - sizeof *connect)
        return STATUS_INVALID_PARAMETER;
    return STATUS_SUCCESS;
}

/* With an instance taken: the device is brought to D0, then the stream made (spec 8.2). It stays in D0 until a change of power would
 * find the pin. */
static NTSTATUS open_stream(struct pc_pin *pin, const PCPIN_DESCRIPTOR *descriptor)
{
    struct power_scope scope;
    NTSTATUS status = pc_power_hold(pin->port->device, &scope);
    if (!NT_SUCCESS(status))
        return status;
    status = pin_stream_open(pin, descriptor);
    if (NT_SUCCESS(status))
        port_add_pin(pin->port, pin);
    pc_power_let_go(&scope);
    return status;
}

NTSTATUS pin_create(struct pc_filter *filter, const void *bytes, size_t size, struct pc_pin **out)
{
    KSPIN_CONNECT connect;
    const uint8_t *format;
    ULONG format_size;
    struct port *port = filter->port;
    NTSTATUS status = parse(bytes, size, &connect, &format, &format_size);
    if (!NT_SUCCESS(status))
        return status;
    const PCPIN_DESCRIPTOR *descriptor = descriptor_pin(port->filter, connect.PinId);
    if (!descriptor)
        return STATUS_INVALID_PARAMETER;
    if (port->kind != PORT_DMUS)
        return STATUS_INVALID_DEVICE_REQUEST;
    struct pc_pin *pin = pin_new(filter, connect.PinId, format, format_size);
    if (!pin)
        return STATUS_INSUFFICIENT_RESOURCES;
    pin->priority = connect.Priority;
    status = pin_check_connect(descriptor, &connect, pin->format, format_size, &pin->type);
    if (NT_SUCCESS(status))
        status = filter_take_instance(filter, pin->id);
    if (NT_SUCCESS(status)) {
        status = open_stream(pin, descriptor);
        if (!NT_SUCCESS(status))
            filter_drop_instance(filter, pin->id);
    }
    WDM_TRACE(pin->track, "open", "\"status\":\"%08x\"", (unsigned)status);
    if (!NT_SUCCESS(status)) {
        pin_free(pin);
        return status;
    }
    *out = pin;
    return STATUS_SUCCESS;
}

void pin_cleanup(struct pc_pin *pin)
{
    pthread_mutex_lock(&pin->lock);
    pin->closing = true;
    pthread_mutex_unlock(&pin->lock);
    pin_set_state(pin, KSSTATE_STOP);
    pin_cancel(pin, NULL);
    if (pin->packer) /* a read may have seen the pin open and come only now */
        packer_close(pin->packer);
}

void pin_destroy(struct pc_pin *pin)
{
    struct pc_filter *filter = pin->filter;
    ULONG id = pin->id;
    port_remove_pin(pin->port, pin);
    pin_stream_close(pin);
    WDM_TRACE(pin->track, "close", NULL);
    pin_free(pin);
    filter_drop_instance(filter, id);
}
