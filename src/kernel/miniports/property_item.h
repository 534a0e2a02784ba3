/* SPDX-License-Identifier: MIT */
/*
 * property_item.h - items of automation tables that say how large their values are, and the one handler that checks requests
 * against them, so that no other code meets a wrong size.
 *
 * A table is an array of struct property_item with PropertyItemSize = sizeof(struct property_item): the item begins with the
 * PCPROPERTY_ITEM that the port knows. Handler is property_item_handle in all of them.
 *
 * The handler answers (spec/ddi-kernel.md 7.7, 8.15): BASICSUPPORT with the item's GET and SET bits; a get without a value with
 * STATUS_BUFFER_OVERFLOW and the size; one that is too small with STATUS_BUFFER_TOO_SMALL and the size; STATUS_INVALID_DEVICE_REQUEST
 * for a verb that the item has not; STATUS_INVALID_PARAMETER for instance data that are too short or a NULL value.
 * Values pass through an aligned copy. PASSIVE_LEVEL.
 */
#ifndef DMUS_KERNEL_MINIPORTS_PROPERTY_ITEM_H
#define DMUS_KERNEL_MINIPORTS_PROPERTY_ITEM_H

#include "miniport.h"

#define PROPERTY_VALUE_MAX 304u /* bytes of any value; SYNTHCAPS has 296 */

struct property_item {
    PCPROPERTY_ITEM item;
    ULONG size;          /* of the value */
    ULONG instance_size; /* of what must follow the node property */
    /* What the verb does; VALUE is size bytes, for get zeroed. NULL: no such verb. INSTANCE is unaligned. get: the value is copied
     * out if the status is a success and not STATUS_PENDING. */
    NTSTATUS (*get)(PPCPROPERTY_REQUEST request, void *value);
    NTSTATUS (*set)(PPCPROPERTY_REQUEST request, const void *value);
};

NTSTATUS property_item_handle(PPCPROPERTY_REQUEST request);

/* Initialisers of table entries. */
#define PROPERTY_GET(set_guid, id, bytes, instance, getter)                                                        \
    {{(set_guid), (id), KSPROPERTY_TYPE_GET | KSPROPERTY_TYPE_BASICSUPPORT, property_item_handle}, (bytes), (instance), \
     (getter), NULL}
#define PROPERTY_SET(set_guid, id, bytes, instance, setter)                                                        \
    {{(set_guid), (id), KSPROPERTY_TYPE_SET | KSPROPERTY_TYPE_BASICSUPPORT, property_item_handle}, (bytes), (instance), \
     NULL, (setter)}
#define PROPERTY_GET_SET(set_guid, id, bytes, instance, getter, setter)                                            \
    {{(set_guid), (id), KSPROPERTY_TYPE_GET | KSPROPERTY_TYPE_SET | KSPROPERTY_TYPE_BASICSUPPORT, property_item_handle}, \
     (bytes), (instance), (getter), (setter)}

/* The automation table over an array of items. */
#define PROPERTY_TABLE(items)                                                                                      \
    {.PropertyItemSize = sizeof(struct property_item),                                                            \
     .PropertyCount = sizeof(items) / sizeof((items)[0]),                                                         \
     .Properties = &(items)[0].item}

#endif
