/* SPDX-License-Identifier: MIT */
#include "property.h"

#include "com.h"

static const struct property *find(const struct property *table, size_t count, const KSPROPERTY *key, bool *set_known)
{
    *set_known = false;
    for (size_t i = 0; i < count; i++) {
        if (!guid_is(&key->Set, table[i].set))
            continue;
        *set_known = true;
        if (key->Id == table[i].id)
            return &table[i];
    }
    return NULL;
}

static HRESULT check_room(const void *data, ULONG cb_data, ULONG size, ULONG *returned)
{
    if (data && cb_data >= size)
        return S_OK;
    if (data || cb_data == 0)
        *returned = size;
    if (!data)
        return cb_data ? E_POINTER : PROPERTY_MORE_DATA;
    return PROPERTY_INSUFFICIENT_BUFFER;
}

static HRESULT answer_support(const struct property *property, void *data, ULONG cb_data, ULONG *returned)
{
    ULONG access = (property->read ? KSPROPERTY_TYPE_GET : 0u) | (property->write ? KSPROPERTY_TYPE_SET : 0u);
    HRESULT hr = check_room(data, cb_data, sizeof access, returned);
    if (FAILED(hr))
        return hr;
    memcpy(data, &access, sizeof access);
    *returned = sizeof access;
    return S_OK;
}

static HRESULT read_value(const struct property *property, void *object, void *data, ULONG cb_data, ULONG *returned)
{
    _Alignas(8) unsigned char value[PROPERTY_MAX_SIZE];
    if (!property->read)
        return DMUS_E_GET_UNSUPPORTED;
    HRESULT hr = check_room(data, cb_data, property->size, returned);
    if (SUCCEEDED(hr))
        hr = property->read(object, value);
    if (SUCCEEDED(hr)) {
        memcpy(data, value, property->size);
        *returned = property->size;
    }
    return hr;
}

static HRESULT write_value(const struct property *property, void *object, const void *data, ULONG cb_data, ULONG *returned)
{
    _Alignas(8) unsigned char value[PROPERTY_MAX_SIZE];
    if (!property->write)
        return DMUS_E_SET_UNSUPPORTED;
    HRESULT hr = check_room(data, cb_data, property->size, returned);
    if (FAILED(hr))
        return hr;
    memcpy(value, data, property->size);
    return property->write(object, value);
}

HRESULT property_request(const struct property *table, size_t count, void *object, const KSPROPERTY *request, ULONG cb_request,
                         void *data, ULONG cb_data, ULONG *returned)
{
    KSPROPERTY key;
    ULONG unused;
    bool set_known;
    if (!returned)
        returned = &unused;
    *returned = 0;
    if (!request)
        return E_POINTER;
    if (cb_request < sizeof key)
        return E_INVALIDARG;
    memcpy(&key, request, sizeof key);
    const struct property *property = find(table, count, &key, &set_known);
    if (key.Flags == KSPROPERTY_TYPE_SETSUPPORT)
        return set_known ? S_OK : DMUS_E_UNKNOWN_PROPERTY;
    if (!property)
        return DMUS_E_UNKNOWN_PROPERTY;
    switch (key.Flags) {
    case KSPROPERTY_TYPE_GET: return read_value(property, object, data, cb_data, returned);
    case KSPROPERTY_TYPE_SET: return write_value(property, object, data, cb_data, returned);
    case KSPROPERTY_TYPE_BASICSUPPORT: return answer_support(property, data, cb_data, returned);
    default: return E_NOTIMPL;
    }
}
