/* SPDX-License-Identifier: MIT */
#include "kernel/portcls/names.h"

#include "base/alloc.h"
#include "kernel/wdm/guid_text.h"

#define NAME_UNITS 256
static const char media_categories[] = "\\Registry\\Machine\\System\\CurrentControlSet\\Control\\MediaCategories\\";

static void widen(WCHAR *out, const char *text)
{
    while ((*out++ = (WCHAR)(unsigned char)*text++) != 0)
        ;
}

static NTSTATUS read_name(const GUID *name, WCHAR out[NAME_UNITS], ULONG *size)
{
    WCHAR path[sizeof media_categories + GUID_TEXT], value_name[5];
    char guid[GUID_TEXT + 1];
    UNICODE_STRING key_string, value_string;
    OBJECT_ATTRIBUTES attributes;
    HANDLE key;
    struct {
        KEY_VALUE_PARTIAL_INFORMATION info;
        WCHAR room[NAME_UNITS];
    } value;
    widen(path, media_categories);
    widen(path + sizeof media_categories - 1, guid_text(name, guid));
    widen(value_name, "Name");
    RtlInitUnicodeString(&key_string, path);
    RtlInitUnicodeString(&value_string, value_name);
    InitializeObjectAttributes(&attributes, &key_string, OBJ_CASE_INSENSITIVE, NULL, NULL);
    NTSTATUS status = ZwOpenKey(&key, KEY_READ, &attributes);
    if (!NT_SUCCESS(status))
        return STATUS_OBJECT_NAME_NOT_FOUND;
    status = ZwQueryValueKey(key, &value_string, KeyValuePartialInformation, &value, sizeof value, size);
    ZwClose(key);
    if (!NT_SUCCESS(status) || value.info.Type != REG_SZ)
        return STATUS_OBJECT_NAME_NOT_FOUND;
    ULONG units = value.info.DataLength / sizeof(WCHAR);
    if (units >= NAME_UNITS)
        units = NAME_UNITS - 1;
    memcpy(out, value.info.Data, units * sizeof(WCHAR));
    while (units && out[units - 1] == 0)
        units--;
    out[units] = 0;
    *size = (units + 1) * (ULONG)sizeof(WCHAR);
    return STATUS_SUCCESS;
}

NTSTATUS names_answer(struct property_call *call, const GUID *name, ULONG *returned)
{
    WCHAR text[NAME_UNITS];
    ULONG size;
    if (!name)
        return STATUS_NOT_FOUND;
    NTSTATUS status = read_name(name, text, &size);
    return NT_SUCCESS(status) ? property_answer(call, text, size, returned) : status;
}

static size_t units(const WCHAR *text)
{
    size_t n = 0;
    while (text[n])
        n++;
    return n;
}

/* Pin and link at the far end of the wire, copied; the link is NULL if there is none. */
static WCHAR *far_end(struct pc_device *device, const struct port *port, ULONG pin, ULONG *far_pin)
{
    WCHAR *link = NULL;
    const IUnknown *self = (const IUnknown *)&port->IPortDMus_iface;
    pthread_mutex_lock(&device->lock);
    for (struct pc_wire *w = device->wires; w && !link; w = w->next) {
        bool from = w->from == self && w->from_pin == pin, to = w->to == self && w->to_pin == pin;
        const IUnknown *other = from ? w->to : w->from;
        const WCHAR *name = w->external;
        if (!from && !to)
            continue;
        for (struct pc_subdevice *s = device->subdevices; s && !name; s = s->next)
            if ((const IUnknown *)&s->port->IPortDMus_iface == other)
                name = s->name;
        *far_pin = from ? w->to_pin : w->from_pin;
        if (name && (link = dm_calloc(units(name) + 1, sizeof *link)) != NULL)
            memcpy(link, name, units(name) * sizeof *link);
    }
    pthread_mutex_unlock(&device->lock);
    return link;
}

NTSTATUS names_answer_wire(struct property_call *call, ULONG pin, ULONG *returned)
{
    struct port *port = call->filter->port;
    ULONG head[2] = {0, 0}; /* Size, Pin */
    WCHAR *link = far_end(port->device, port, pin, &head[1]);
    if (!link)
        return STATUS_NOT_FOUND;
    size_t link_size = (units(link) + 1) * sizeof *link, size = sizeof head + link_size;
    char *answer = dm_malloc(size);
    NTSTATUS status = STATUS_INSUFFICIENT_RESOURCES;
    if (answer) {
        head[0] = (ULONG)size;
        memcpy(answer, head, sizeof head);
        memcpy(answer + sizeof head, link, link_size);
        status = property_answer(call, answer, (ULONG)size, returned);
    }
    dm_free(answer);
    dm_free(link);
    return status;
}
