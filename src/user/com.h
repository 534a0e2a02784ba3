/* SPDX-License-Identifier: MIT */
/*
 * com.h - what every COM object of this room shares: from an interface to its
 * object, comparison of identifiers, and the count that DllCanUnloadNow asks.
 */
#ifndef DMUS_USER_COM_H
#define DMUS_USER_COM_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "ddi.h"

/* Define impl_from_IFACE(): the object a pointer to its member IFACE_iface belongs to. A foreign or freed pointer is
 * caught by its vtable. */
#define IMPL_FROM(object, iface_type, vtable)                                             \
    static inline struct object *impl_from_##iface_type(iface_type *iface)                \
    {                                                                                     \
        assert(iface->lpVtbl == &(vtable));                                               \
        return (struct object *)(void *)((char *)iface - offsetof(struct object, iface_type##_iface)); \
    }

/* Whether the sink's own way out is DirectSound, as it is in Microsoft's. */
#ifdef _WIN32
#define SINK_NEEDS_DSOUND TRUE
#else
#define SINK_NEEDS_DSOUND FALSE
#endif

static inline bool guid_is(const GUID *a, const GUID *b) { return memcmp(a, b, sizeof *a) == 0; }

/* One object, or one server lock, more or less in the library. Any thread. */
void user_object_born(void);
void user_object_died(void);

#endif
