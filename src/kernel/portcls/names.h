/* SPDX-License-Identifier: MIT */
/*
 * names.h - names of pins and nodes, and of what a bridge pin is wired to.
 *
 * A name is a GUID in the descriptor. The text belongs to the system: value Name of
 * \Registry\Machine\System\CurrentControlSet\Control\MediaCategories\{GUID}, as INF files write it.
 */
#ifndef DMUS_KERNEL_PORTCLS_NAMES_H
#define DMUS_KERNEL_PORTCLS_NAMES_H

#include "kernel/portcls/property.h"

/* The name, UTF-16 with its NUL. STATUS_OBJECT_NAME_NOT_FOUND: not in the registry; STATUS_NOT_FOUND: NAME is NULL. */
NTSTATUS names_answer(struct property_call *call, const GUID *name, ULONG *returned);

/* KSPIN_PHYSICALCONNECTION of the pin: size of the structure, pin at the other end, symbolic link of its filter with its
 * NUL. STATUS_NOT_FOUND: no wire. */
NTSTATUS names_answer_wire(struct property_call *call, ULONG pin, ULONG *returned);

#endif
