/* SPDX-License-Identifier: MIT */
/*
 * property.h - IKsControl::KsProperty as a table.
 *
 * The rules of spec/ddi-user.md 2.4, in this order:
 *   request too short                            E_INVALIDARG (NULL: E_POINTER)
 *   set or item unknown                          DMUS_E_UNKNOWN_PROPERTY
 *   neither GET, SET, BASICSUPPORT, SETSUPPORT   E_NOTIMPL
 *   item cannot be read or written               DMUS_E_GET_UNSUPPORTED, DMUS_E_SET_UNSUPPORTED
 *   no data and cbData 0                         HRESULT of ERROR_MORE_DATA, *returned = size of the value
 *   no data, but cbData                          E_POINTER
 *   data too short                               HRESULT of ERROR_INSUFFICIENT_BUFFER, *returned = size of the value
 * BASICSUPPORT answers a ULONG of KSPROPERTY_TYPE_GET and _SET. SETSUPPORT asks whether the set is known at all.
 */
#ifndef DMUS_USER_PROPERTY_H
#define DMUS_USER_PROPERTY_H

#include "ddi.h"

#define PROPERTY_MORE_DATA           ((HRESULT)0x800700EA)
#define PROPERTY_INSUFFICIENT_BUFFER ((HRESULT)0x8007007A)
#define PROPERTY_MAX_SIZE            16u

struct property {
    const GUID *set;
    ULONG id;
    ULONG size; /* of the value, bytes, at most PROPERTY_MAX_SIZE */
    /* NULL: not readable, not writable. VALUE is aligned and SIZE bytes long. */
    HRESULT (*read)(void *object, void *value);
    HRESULT (*write)(void *object, const void *value);
};

/* RETURNED may be NULL. Nothing needs to be aligned. */
HRESULT property_request(const struct property *table, size_t count, void *object, const KSPROPERTY *request, ULONG cb_request,
                         void *data, ULONG cb_data, ULONG *returned);

#endif
