/* SPDX-License-Identifier: MIT */
/*
 * filter.h - an open filter: one instance of a subdevice, and what its pins have in common.
 *
 * FILE_OBJECT.FsContext of an open file points to a struct pc_object, which is the first member of filters and pins.
 * Any thread; the lists are under the port's lock.
 */
#ifndef DMUS_KERNEL_PORTCLS_FILTER_H
#define DMUS_KERNEL_PORTCLS_FILTER_H

#include "kernel/portcls/port.h"

enum pc_kind { PC_FILTER, PC_PIN };

struct pc_object {
    enum pc_kind kind;
};

struct pc_filter {
    struct pc_object object;
    struct pc_subdevice *subdevice; /* one reference */
    struct port *port;              /* the subdevice's */
    ULONG *instances;               /* open pins by number; under port->lock */
};

/* STATUS_INSUFFICIENT_RESOURCES. SUBDEVICE's reference becomes the filter's in either case. */
NTSTATUS filter_create(struct pc_subdevice *subdevice, struct pc_filter **out);
void filter_destroy(struct pc_filter *filter);

/* How many instances there are and may be, after IPinCount had its say (spec 3.14). */
struct pin_counts {
    ULONG filter_necessary, filter_current, filter_possible, global_current, global_possible;
};
/* STATUS_INVALID_PARAMETER: no such pin. PASSIVE; calls the miniport. */
NTSTATUS filter_pin_counts(struct pc_filter *filter, ULONG pin, struct pin_counts *out);
/* Take an instance: STATUS_DEVICE_BUSY beyond the limits (a warning value: compare with NT_SUCCESS). */
NTSTATUS filter_take_instance(struct pc_filter *filter, ULONG pin);
void filter_drop_instance(struct pc_filter *filter, ULONG pin);

#endif
