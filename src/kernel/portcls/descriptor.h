/* SPDX-License-Identifier: MIT */
/*
 * descriptor.h - a miniport's PCFILTER_DESCRIPTOR: walked by its strides, and judged.
 *
 * The strides (PinSize, NodeSize, PropertyItemSize ...) are authoritative: a driver may append fields of its own to every item.
 * Nothing here allocates or calls the driver; any thread. Source: spec/ddi-kernel.md 6.6.
 */
#ifndef DMUS_KERNEL_PORTCLS_DESCRIPTOR_H
#define DMUS_KERNEL_PORTCLS_DESCRIPTOR_H

#include "com.h"

/* NULL past the end. */
const PCPIN_DESCRIPTOR *descriptor_pin(const PCFILTER_DESCRIPTOR *filter, ULONG pin);
const PCNODE_DESCRIPTOR *descriptor_node(const PCFILTER_DESCRIPTOR *filter, ULONG node);
/* TABLE may be NULL. */
const PCPROPERTY_ITEM *descriptor_property(const PCAUTOMATION_TABLE *table, ULONG index);
/* Item ID of SET; *SET_KNOWN tells whether the table has any item of it. */
const PCPROPERTY_ITEM *descriptor_find_property(const PCAUTOMATION_TABLE *table, const GUID *set, ULONG id, bool *set_known);
/* The node that carries the synth's properties: the first of a synthesizer's type, else KSFILTER_NODE. */
ULONG descriptor_synth_node(const PCFILTER_DESCRIPTOR *filter);

/* Reports every fault under rule 26, each with WHOSE name. False if the descriptor cannot be walked safely. */
bool descriptor_check(const PCFILTER_DESCRIPTOR *filter, const char *whose);

#endif
