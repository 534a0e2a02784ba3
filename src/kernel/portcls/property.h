/* SPDX-License-Identifier: MIT */
/*
 * property.h - IOCTL_KS_PROPERTY on filters and pins: whose table, whose handler, and what its answer means (spec 7.6, 7.7).
 *
 * The miniport's table comes first, the port's own sets are the fallback. A handler works on copies of request and value between
 * guard zones (rule 22); what it wrote reaches the client's buffer whatever its status, as if it had had the buffer itself.
 */
#ifndef DMUS_KERNEL_PORTCLS_PROPERTY_H
#define DMUS_KERNEL_PORTCLS_PROPERTY_H

#include <ks.h>

#include "kernel/portcls/filter.h"

struct pc_pin;

/* One request, as the client put it. */
struct property_call {
    struct pc_filter *filter;
    struct pc_pin *pin;        /* NULL: on the filter's handle */
    PIRP irp;
    const void *request;       /* KSPROPERTY and more; any alignment */
    ULONG request_size;
    void *value;
    ULONG value_size;
    KSPROPERTY key;            /* copy of the beginning of the request */
    ULONG node;                /* from KSNODEPROPERTY, or KSFILTER_NODE */
};

/* IRP is IOCTL_KS_PROPERTY on FILTER or, if not NULL, PIN. Completes it now or later; answers what the dispatch routine answers.
 * PASSIVE; calls the miniport with nothing locked. */
NTSTATUS property_irp(struct pc_filter *filter, struct pc_pin *pin, PIRP irp);

/* The handler of ITEM for the call; STATUS_PENDING: the IRP is completed when the driver says so. Otherwise *RETURNED is set. */
NTSTATUS property_call_handler(struct property_call *call, const PCPROPERTY_ITEM *item, ULONG node, ULONG header_size,
                               ULONG *returned);
/* Does a handler of DEVICE keep a request, which it may complete later? */
struct pc_device;
bool property_kept(const struct pc_device *device);
/* Requests that DEVICE's handlers never completed: each is rule 23, and its IRP is completed with STATUS_CANCELLED. Answers
 * how many. */
unsigned property_abandon(struct pc_device *device);

/* --- the port's own sets: STATUS_NOT_FOUND if the call is none of theirs --- */
NTSTATUS property_pin_set(struct property_call *call, ULONG *returned);        /* KSPROPSETID_Pin */
NTSTATUS property_topology_set(struct property_call *call, ULONG *returned);   /* KSPROPSETID_Topology */
NTSTATUS property_connection_set(struct property_call *call, ULONG *returned); /* KSPROPSETID_Connection, SynthClock */
NTSTATUS property_intersection(struct property_call *call, ULONG pin, ULONG *returned);

/* --- what they share --- */
#define PROPERTY_GET 1u
#define PROPERTY_SET 2u
/* Is this the verb? BASICSUPPORT is answered with ACCESS, SETSUPPORT with success; *DONE says that there is nothing left to do.
 * STATUS_INVALID_DEVICE_REQUEST for a verb that ACCESS does not allow. */
NTSTATUS property_verb(struct property_call *call, ULONG access, bool *done, ULONG *returned);
/* SIZE bytes as the value: STATUS_BUFFER_OVERFLOW and the size for an empty buffer, STATUS_BUFFER_TOO_SMALL for a short one. */
NTSTATUS property_answer(struct property_call *call, const void *bytes, ULONG size, ULONG *returned);
NTSTATUS property_answer_ulong(struct property_call *call, ULONG value, ULONG *returned);
/* KSMULTIPLE_ITEM and COUNT items of STRIDE bytes. A buffer of exactly sizeof(ULONG) gets the whole size. */
NTSTATUS property_answer_list(struct property_call *call, const void *items, ULONG stride, ULONG count, ULONG *returned);
/* SIZE bytes of a SET's value. */
NTSTATUS property_take(const struct property_call *call, void *bytes, ULONG size);

#endif
