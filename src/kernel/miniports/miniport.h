/* SPDX-License-Identifier: MIT */
/*
 * miniport.h - what the drivers of this room share: the DDI, and COM in C.
 *
 * The files that include this are drivers: they use the documented names of WDM and PortCls, the engine, and nothing else,
 * and are compiled freestanding with a 16-bit wchar_t. tests/kernel/miniports/check_imports.py holds them to it.
 */
#ifndef DMUS_KERNEL_MINIPORTS_MINIPORT_H
#define DMUS_KERNEL_MINIPORTS_MINIPORT_H

#ifndef CONST_VTABLE
#define CONST_VTABLE
#endif

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include <wdm.h>

#include <portcls.h>

#include <dmusicks.h>
#include <dmusprop.h>

#include "base/refcount.h"

/* Define impl_from_IFACE(): the object whose member IFACE_iface this is. */
#define IMPL_FROM(object, iface_type)                                                     \
    static inline struct object *impl_from_##iface_type(iface_type *iface)               \
    {                                                                                    \
        return (struct object *)(void *)((char *)iface - offsetof(struct object, iface_type##_iface)); \
    }

static inline bool guid_is(REFGUID a, REFGUID b) { return IsEqualGUIDAligned(a, b); }

#define COM_ADDREF(p)  ((p)->lpVtbl->AddRef(p))
#define COM_RELEASE(p) ((p)->lpVtbl->Release(p))

#endif
