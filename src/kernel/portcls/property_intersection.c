/* SPDX-License-Identifier: MIT */
/* KSPROPERTY_PIN_DATAINTERSECTION: the client's ranges in order, each against the pin's in order; the miniport judges, and where it
 * declines, the port does (spec 3.3, 9.1). */
#include "base/alloc.h"
#include "kernel/portcls/descriptor.h"
#include "kernel/portcls/format.h"
#include "kernel/portcls/property.h"
#include "kernel/wdm/machine.h"

#define RANGES_MAX 1024u
#define GUARD      32u
#define GUARD_BYTE 0x5A
#define ATTRIBUTES 0x2u /* KSDATARANGE.Flags: a KSMULTIPLE_ITEM of attributes follows the range */

static bool guards_whole(const uint8_t *room, ULONG size)
{
    for (ULONG i = 0; i < GUARD; i++)
        if (room[i] != GUARD_BYTE || room[GUARD + size + i] != GUARD_BYTE)
            return false;
    return true;
}

static NTSTATUS default_intersection(struct property_call *call, const KSDATARANGE *client, const KSDATARANGE *mine,
                                     ULONG *returned)
{
    uint8_t format[FORMAT_INTERSECTION_MAX];
    ULONG size;
    NTSTATUS status = format_intersect(client, mine, format, &size);
    return NT_SUCCESS(status) ? property_answer(call, format, size, returned) : status;
}

static NTSTATUS ask_miniport(struct property_call *call, ULONG pin, const KSDATARANGE *client, const KSDATARANGE *mine,
                             ULONG *returned)
{
    IMiniport *miniport = call->filter->port->miniport;
    ULONG size = call->value_size, result = 0;
    struct wdm_call guard;
    uint8_t *room = dm_malloc((size_t)size + 2 * GUARD);
    if (!room)
        return STATUS_INSUFFICIENT_RESOURCES;
    memset(room, GUARD_BYTE, (size_t)size + 2 * GUARD);
    wdm_call_begin(&guard, "IMiniport::DataRangeIntersection");
    NTSTATUS status = miniport->lpVtbl->DataRangeIntersection(miniport, pin, (PKSDATARANGE)(uintptr_t)client,
                                                              (PKSDATARANGE)(uintptr_t)mine, size, size ? room + GUARD : NULL,
                                                              &result);
    wdm_call_end(&guard);
    if (!guards_whole(room, size))
        wdm_broken(WDM_RULE_PROPERTY_OVERRUN, "%s: DataRangeIntersection of pin %u wrote outside its %u bytes",
                   call->filter->port->name, (unsigned)pin, (unsigned)size);
    if (NT_SUCCESS(status) && result > size) {
        wdm_broken(WDM_RULE_PROPERTY_RESULT, "%s: DataRangeIntersection of pin %u succeeds with %u bytes of %u",
                   call->filter->port->name, (unsigned)pin, (unsigned)result, (unsigned)size);
        result = size;
    }
    if (NT_SUCCESS(status) && result)
        memcpy(call->value, room + GUARD, result);
    dm_free(room);
    *returned = result;
    return status;
}

/* STATUS_NO_MATCH: try the next pair. */
static NTSTATUS pair(struct property_call *call, ULONG pin, const KSDATARANGE *client, const KSDATARANGE *mine, ULONG *returned)
{
    NTSTATUS status = ask_miniport(call, pin, client, mine, returned);
    return status == STATUS_NOT_IMPLEMENTED ? default_intersection(call, client, mine, returned) : status;
}

static NTSTATUS against_pin(struct property_call *call, ULONG pin, const KSDATARANGE *client, ULONG *returned)
{
    const KSPIN_DESCRIPTOR *ks = &descriptor_pin(call->filter->port->filter, pin)->KsPinDescriptor;
    for (ULONG i = 0; i < ks->DataRangesCount; i++) {
        NTSTATUS status = pair(call, pin, client, ks->DataRanges[i], returned);
        if (status != STATUS_NO_MATCH)
            return status;
    }
    return STATUS_NO_MATCH;
}

/* Bytes from AT to the next range, or 0 if there is no whole range at AT. */
static uint64_t range_step(const uint8_t *bytes, uint64_t at, uint64_t size, const KSDATARANGE **range)
{
    ULONG range_size, flags;
    if (size - at < sizeof(KSDATARANGE))
        return 0;
    memcpy(&range_size, bytes + at, sizeof range_size);
    memcpy(&flags, bytes + at + sizeof range_size, sizeof flags);
    if (range_size < sizeof(KSDATARANGE) || range_size > size - at)
        return 0;
    *range = (const KSDATARANGE *)(const void *)(bytes + at);
    uint64_t step = (range_size + (uint64_t)7) & ~(uint64_t)7;
    if (flags & ATTRIBUTES) {
        ULONG attributes;
        if (step > size - at || size - at - step < sizeof(KSMULTIPLE_ITEM))
            return 0;
        memcpy(&attributes, bytes + at + step, sizeof attributes);
        if (attributes < sizeof(KSMULTIPLE_ITEM) || attributes > size - at - step)
            return 0;
        step += (attributes + (uint64_t)7) & ~(uint64_t)7;
    }
    return step > size - at ? size - at : step; /* the last one need not be padded */
}

static NTSTATUS walk(struct property_call *call, ULONG pin, const uint8_t *bytes, uint64_t size, ULONG count, ULONG *returned)
{
    uint64_t at = 0;
    for (ULONG i = 0; i < count; i++) {
        const KSDATARANGE *range;
        uint64_t step = range_step(bytes, at, size, &range);
        if (step == 0)
            return STATUS_INVALID_PARAMETER;
        NTSTATUS status = against_pin(call, pin, range, returned);
        if (status != STATUS_NO_MATCH)
            return status;
        at += step;
    }
    return STATUS_NO_MATCH;
}

NTSTATUS property_intersection(struct property_call *call, ULONG pin, ULONG *returned)
{
    KSMULTIPLE_ITEM head;
    const uint8_t *bytes = (const uint8_t *)call->request + sizeof(KSP_PIN);
    uint64_t size = call->request_size - (uint64_t)sizeof(KSP_PIN);
    if (size < sizeof head)
        return STATUS_INVALID_BUFFER_SIZE;
    memcpy(&head, bytes, sizeof head);
    if (head.Size < sizeof head || head.Size > size || head.Count == 0 || head.Count > RANGES_MAX)
        return STATUS_INVALID_PARAMETER;
    size = head.Size - sizeof head;
    uint8_t *copy = dm_malloc((size_t)size); /* aligned for the miniport, and not the client's to change */
    if (!copy)
        return STATUS_INSUFFICIENT_RESOURCES;
    memcpy(copy, bytes + sizeof head, (size_t)size);
    NTSTATUS status = walk(call, pin, copy, size, head.Count, returned);
    dm_free(copy);
    return status;
}
