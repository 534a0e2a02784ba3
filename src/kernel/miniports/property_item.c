/* SPDX-License-Identifier: MIT */
#include "property_item.h"

_Static_assert(sizeof(struct property_item) % 8 == 0, "strides are multiples of 8 (spec/ddi-kernel.md 6.6)");

static NTSTATUS basic_support(PPCPROPERTY_REQUEST request, const struct property_item *item)
{
    ULONG verbs = (item->get ? KSPROPERTY_TYPE_GET : 0u) | (item->set ? KSPROPERTY_TYPE_SET : 0u);
    if (request->ValueSize == 0) {
        request->ValueSize = sizeof verbs;
        return STATUS_BUFFER_OVERFLOW;
    }
    if (request->ValueSize < sizeof verbs) {
        request->ValueSize = sizeof verbs;
        return STATUS_BUFFER_TOO_SMALL;
    }
    if (!request->Value)
        return STATUS_INVALID_PARAMETER;
    RtlCopyMemory(request->Value, &verbs, sizeof verbs);
    request->ValueSize = sizeof verbs;
    return STATUS_SUCCESS;
}

static NTSTATUS get(PPCPROPERTY_REQUEST request, const struct property_item *item)
{
    union {
        LONGLONG align;
        UCHAR bytes[PROPERTY_VALUE_MAX];
    } value;
    if (request->ValueSize < item->size) {
        NTSTATUS status = request->ValueSize ? STATUS_BUFFER_TOO_SMALL : STATUS_BUFFER_OVERFLOW;
        request->ValueSize = item->size;
        return status;
    }
    if (item->size && !request->Value)
        return STATUS_INVALID_PARAMETER;
    RtlZeroMemory(value.bytes, item->size);
    NTSTATUS status = item->get(request, value.bytes);
    if (status == STATUS_PENDING)
        return status;
    request->ValueSize = NT_SUCCESS(status) ? item->size : 0;
    if (NT_SUCCESS(status))
        RtlCopyMemory(request->Value, value.bytes, item->size);
    return status;
}

static NTSTATUS set(PPCPROPERTY_REQUEST request, const struct property_item *item)
{
    union {
        LONGLONG align;
        UCHAR bytes[PROPERTY_VALUE_MAX];
    } value;
    if (request->ValueSize < item->size)
        return STATUS_BUFFER_TOO_SMALL;
    if (item->size && !request->Value)
        return STATUS_INVALID_PARAMETER;
    if (item->size)
        RtlCopyMemory(value.bytes, request->Value, item->size);
    return item->set(request, value.bytes);
}

NTSTATUS property_item_handle(PPCPROPERTY_REQUEST request)
{
    const struct property_item *item = (const void *)request->PropertyItem; /* its first member */
    PAGED_CODE();
    if (request->Verb & KSPROPERTY_TYPE_BASICSUPPORT)
        return basic_support(request, item);
    if (request->Verb & KSPROPERTY_TYPE_GET ? !item->get : !(request->Verb & KSPROPERTY_TYPE_SET) || !item->set)
        return STATUS_INVALID_DEVICE_REQUEST;
    if (request->InstanceSize < item->instance_size || (item->instance_size && !request->Instance))
        return STATUS_INVALID_PARAMETER;
    return request->Verb & KSPROPERTY_TYPE_GET ? get(request, item) : set(request, item);
}
