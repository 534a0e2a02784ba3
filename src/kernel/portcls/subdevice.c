/* SPDX-License-Identifier: MIT */
/* The registry of subdevices by reference string, and of the wires between them (spec 4, 8.1). */
#include <stdio.h>

#include "base/alloc.h"
#include "kernel/portcls/device.h"
#include "kernel/portcls/port.h"
#include "kernel/wdm/machine.h"

#define NAME_MAX_UNITS 255

static size_t wide_length(const WCHAR *text)
{
    size_t n = 0;
    while (n <= NAME_MAX_UNITS && text[n])
        n++;
    return n;
}

static WCHAR *wide_copy(const WCHAR *text, size_t length)
{
    WCHAR *copy = dm_calloc(length + 1, sizeof *copy);
    if (copy)
        memcpy(copy, text, length * sizeof *copy);
    return copy;
}

static WCHAR fold(WCHAR c) { return c >= 'A' && c <= 'Z' ? (WCHAR)(c + 32) : c; }

/* Reference strings compare without case. */
static bool name_is(const struct pc_subdevice *s, const WCHAR *name, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (fold(s->name[i]) != fold(name[i]))
            return false;
    return s->name[length] == 0;
}

static struct pc_subdevice *find(struct pc_device *device, const WCHAR *name, size_t length)
{
    struct pc_subdevice *s = device->subdevices;
    while (s && !name_is(s, name, length))
        s = s->next;
    return s;
}

struct pc_subdevice *pc_subdevice_open(struct pc_device *device, const WCHAR *name, size_t length)
{
    pthread_mutex_lock(&device->lock);
    struct pc_subdevice *s = find(device, name, length);
    if (s)
        refcount_add(&s->refs);
    pthread_mutex_unlock(&device->lock);
    return s;
}

void pc_subdevice_release(struct pc_subdevice *s)
{
    if (refcount_release(&s->refs))
        return;
    COM_RELEASE(&s->port->IPortDMus_iface);
    dm_free(s->name);
    dm_free(s);
}

static struct pc_subdevice *subdevice_new(struct pc_device *device, struct port *port, const WCHAR *name, size_t length)
{
    struct pc_subdevice *s = dm_calloc(1, sizeof *s);
    WCHAR *copy = wide_copy(name, length), *for_port = wide_copy(name, length);
    if (!s || !copy || !for_port) {
        dm_free(s);
        dm_free(copy);
        dm_free(for_port);
        return NULL;
    }
    refcount_init(&s->refs, 1);
    s->device = device;
    s->name = copy;
    s->port = port;
    COM_ADDREF(&port->IPortDMus_iface);
    dm_free(port->subdevice);
    port->subdevice = for_port;
    size_t used = (size_t)snprintf(port->name, sizeof port->name, "port ");
    for (size_t i = 0; i < length && used < sizeof port->name - 1; i++)
        port->name[used++] = name[i] > 32 && name[i] < 127 ? (char)name[i] : '?';
    port->name[used] = 0;
    return s;
}

static NTSTATUS publish(struct pc_device *device, struct pc_subdevice *s, size_t length)
{
    NTSTATUS status = STATUS_SUCCESS;
    ULONG count = 0;
    pthread_mutex_lock(&device->lock);
    struct pc_subdevice **link = &device->subdevices;
    for (; *link; link = &(*link)->next)
        count++;
    if (find(device, s->name, length))
        status = STATUS_OBJECT_NAME_COLLISION;
    else if (count >= device->max_objects)
        status = STATUS_INSUFFICIENT_RESOURCES;
    else
        *link = s;
    pthread_mutex_unlock(&device->lock);
    return status;
}

NTSTATUS NTAPI PcRegisterSubdevice(PDEVICE_OBJECT fdo, PWSTR name, PUNKNOWN unknown)
{
    struct pc_device *device = pc_device_of(fdo);
    struct port *port = port_of(unknown);
    wdm_need_irql(PASSIVE_LEVEL, "PcRegisterSubdevice");
    if (!device || !name || !port || !port->filter || port->device != device)
        return STATUS_INVALID_PARAMETER;
    size_t length = wide_length(name);
    if (length == 0 || length > NAME_MAX_UNITS)
        return STATUS_INVALID_PARAMETER;
    struct pc_subdevice *s = subdevice_new(device, port, name, length);
    if (!s)
        return STATUS_INSUFFICIENT_RESOURCES;
    NTSTATUS status = publish(device, s, length);
    if (!NT_SUCCESS(status))
        pc_subdevice_release(s);
    return status;
}

NTSTATUS pc_subdevice_unregister(struct pc_device *device, IUnknown *unknown)
{
    const struct port *port = port_of(unknown);
    pthread_mutex_lock(&device->lock);
    struct pc_subdevice **link = &device->subdevices, *s;
    while (*link && (*link)->port != port)
        link = &(*link)->next;
    s = *link;
    if (s) {
        *link = s->next;
        s->gone = true;
    }
    pthread_mutex_unlock(&device->lock);
    if (!s)
        return STATUS_NOT_FOUND;
    pc_subdevice_release(s);
    return STATUS_SUCCESS;
}

/* --- wires --- */
static NTSTATUS add_wire(PDEVICE_OBJECT fdo, IUnknown *from, ULONG from_pin, IUnknown *to, ULONG to_pin, PUNICODE_STRING external)
{
    struct pc_device *device = pc_device_of(fdo);
    wdm_need_irql(PASSIVE_LEVEL, "PcRegisterPhysicalConnection");
    if (!device || (from && !port_of(from)) || (to && !port_of(to)))
        return STATUS_INVALID_PARAMETER;
    struct pc_wire *wire = dm_calloc(1, sizeof *wire);
    if (wire && external)
        wire->external = wide_copy(external->Buffer, external->Length / sizeof(WCHAR));
    if (!wire || (external && !wire->external)) {
        dm_free(wire);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    wire->from = from ? (IUnknown *)&port_of(from)->IPortDMus_iface : NULL;
    wire->to = to ? (IUnknown *)&port_of(to)->IPortDMus_iface : NULL;
    wire->from_pin = from_pin;
    wire->to_pin = to_pin;
    pthread_mutex_lock(&device->lock);
    wire->next = device->wires;
    device->wires = wire;
    pthread_mutex_unlock(&device->lock);
    return STATUS_SUCCESS;
}

NTSTATUS pc_wire_remove(struct pc_device *device, IUnknown *from, ULONG from_pin, IUnknown *to, ULONG to_pin)
{
    IUnknown *source = port_of(from) ? (IUnknown *)&port_of(from)->IPortDMus_iface : NULL;
    IUnknown *sink = port_of(to) ? (IUnknown *)&port_of(to)->IPortDMus_iface : NULL;
    pthread_mutex_lock(&device->lock);
    struct pc_wire **link = &device->wires, *wire;
    while ((wire = *link) != NULL && (wire->from != source || wire->from_pin != from_pin || wire->to != sink || wire->to_pin != to_pin))
        link = &wire->next;
    if (wire)
        *link = wire->next;
    pthread_mutex_unlock(&device->lock);
    if (!wire)
        return STATUS_NOT_FOUND;
    dm_free(wire->external);
    dm_free(wire);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI PcRegisterPhysicalConnection(PDEVICE_OBJECT fdo, PUNKNOWN from, ULONG from_pin, PUNKNOWN to, ULONG to_pin)
{
    return from && to ? add_wire(fdo, from, from_pin, to, to_pin, NULL) : STATUS_INVALID_PARAMETER;
}

NTSTATUS NTAPI PcRegisterPhysicalConnectionToExternal(PDEVICE_OBJECT fdo, PUNKNOWN from, ULONG from_pin, PUNICODE_STRING to,
                                                      ULONG to_pin)
{
    return from && to ? add_wire(fdo, from, from_pin, NULL, to_pin, to) : STATUS_INVALID_PARAMETER;
}

NTSTATUS NTAPI PcRegisterPhysicalConnectionFromExternal(PDEVICE_OBJECT fdo, PUNICODE_STRING from, ULONG from_pin, PUNKNOWN to,
                                                        ULONG to_pin)
{
    return from && to ? add_wire(fdo, NULL, from_pin, to, to_pin, from) : STATUS_INVALID_PARAMETER;
}
