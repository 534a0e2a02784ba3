/* SPDX-License-Identifier: MIT */
/*
 * ask.h - property requests to a filter or a pin, and to a node behind it, as a client packs them.
 *
 * Answers are the driver's NTSTATUS, untouched. Threads as in kernel/host/host.h.
 */
#ifndef DMUS_DRIVERS_ASK_H
#define DMUS_DRIVERS_ASK_H

#include "kernel/host/host.h"

#define ASK_INSTANCE_MAX 64 /* bytes of instance data; those of the synth sets have at most 28 */
#define ASK_NO_NODE      (-1)

struct ask {
    struct host_filter *filter; /* one of the two */
    struct host_pin *pin;
    int node; /* ASK_NO_NODE: the handle's own table */
    const GUID *set;
    ULONG id;
    const void *instance; /* cb_instance bytes, or NULL */
    uint32_t cb_instance;
};

/* VERB: KSPROPERTY_TYPE_ bits. VALUE is read by a set and written by a get. *RETURNED may be NULL. STATUS_INVALID_PARAMETER for more than
 * ASK_INSTANCE_MAX bytes. */
NTSTATUS ask_property(const struct ask *ask, ULONG verb, void *value, uint32_t cb_value, uint32_t *returned);
NTSTATUS ask_get(const struct ask *ask, void *value, uint32_t cb_value);
NTSTATUS ask_set(const struct ask *ask, void *value, uint32_t cb_value);

/* The port's master clock; 0 if it cannot be asked. */
int64_t ask_master_time(struct host_filter *filter);

#endif
