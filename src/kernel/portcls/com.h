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
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <wdm.h>
#include <portcls.h>

#include "base/refcount.h"
#include "kernel/wdm/rules.h"

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

/* References on an object that is lent to drivers. While the owner keeps it, the last reference is the owner's: a Release that would end
 * the object is the driver's fault (rule 29), and does not. */
struct lent {
    struct refcount refs;
    atomic_bool kept;
};

/* WHAT it is, and WHOSE: "allocator", "pin 0". The count that is left, 0: free the object. */
static inline ULONG lent_release(struct lent *lent, const char *what, const char *whose)
{
    ULONG left = refcount_release(&lent->refs);
    if (left > 0 || !atomic_load(&lent->kept))
        return left;
    refcount_add(&lent->refs);
    wdm_broken(WDM_RULE_AFTER_RELEASE, "the %s of %s was released more often than it was referenced", what, whose);
    return 1;
}

#endif
