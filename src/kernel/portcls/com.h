/* SPDX-License-Identifier: MIT */
/*
 * com.h - what every COM object of this room shares: from an interface to its object, and comparison of identifiers.
 *
 * Objects are C structures whose first members are their interfaces by value. Methods answer NTSTATUS; a QueryInterface for
 * something unknown answers STATUS_INVALID_PARAMETER, as spec 2 found, and *out is NULL. No object can be aggregated: an outer
 * unknown is refused with STATUS_NOT_SUPPORTED.
 */
#ifndef DMUS_KERNEL_PORTCLS_COM_H
#define DMUS_KERNEL_PORTCLS_COM_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <wdm.h>
#include <portcls.h>

#include "base/refcount.h"

/* Define impl_from_IFACE(): the object a pointer to its member IFACE_iface belongs to. A foreign or freed pointer is
 * caught by its vtable. */
#define IMPL_FROM(object, iface_type, vtable)                                             \
    static inline struct object *impl_from_##iface_type(iface_type *iface)                \
    {                                                                                     \
        assert(iface->lpVtbl == &(vtable));                                               \
        return (struct object *)(void *)((char *)iface - offsetof(struct object, iface_type##_iface)); \
    }

static inline bool guid_is(const GUID *a, const GUID *b) { return memcmp(a, b, sizeof *a) == 0; }

/* COM calls on any interface pointer. */
#define COM_ADDREF(p)  ((p)->lpVtbl->AddRef(p))
#define COM_RELEASE(p) ((p)->lpVtbl->Release(p))

#endif
