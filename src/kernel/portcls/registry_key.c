/* SPDX-License-Identifier: MIT */
/*
 * IRegistryKey (spec 3.13): a handle of the kernel's registry services behind an object. The last Release closes it.
 */
#include "com.h"

#include "base/alloc.h"
#include "kernel/portcls/device.h"
#include "kernel/portcls/registry_key.h"
#include "kernel/wdm/given.h"
#include "kernel/wdm/machine.h"

struct registry_key {
    IRegistryKey IRegistryKey_iface;
    struct refcount refs;
    struct wdm_given given;
    HANDLE handle;
    bool deleted;
};
static const IRegistryKeyVtbl registry_key_vtbl;
IMPL_FROM(registry_key, IRegistryKey, registry_key_vtbl)

/* HANDLE is closed with the object, and at once if there is no memory for one. */
static NTSTATUS key_new(IRegistryKey **out, HANDLE handle)
{
    struct registry_key *self = dm_calloc(1, sizeof *self);
    if (!self) {
        ZwClose(handle);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    self->IRegistryKey_iface.lpVtbl = &registry_key_vtbl;
    refcount_init(&self->refs, 1);
    self->handle = handle;
    wdm_given_end_handle(handle);
    wdm_given_begin(&self->given, WDM_RULE_REFERENCES, "IRegistryKey");
    *out = &self->IRegistryKey_iface;
    return STATUS_SUCCESS;
}

static NTSTATUS NTAPI key_QueryInterface(IRegistryKey *iface, REFIID iid, PVOID *out)
{
    if (!guid_is(iid, &IID_IRegistryKey) && !guid_is(iid, &IID_IUnknown)) {
        *out = NULL;
        return STATUS_INVALID_PARAMETER;
    }
    COM_ADDREF(iface);
    *out = iface;
    return STATUS_SUCCESS;
}

static ULONG NTAPI key_AddRef(IRegistryKey *iface) { return refcount_add(&impl_from_IRegistryKey(iface)->refs); }

static ULONG NTAPI key_Release(IRegistryKey *iface)
{
    struct registry_key *self = impl_from_IRegistryKey(iface);
    ULONG left = refcount_release(&self->refs);
    if (left == 0) {
        wdm_given_end(&self->given);
        ZwClose(self->handle);
        dm_free(self);
    }
    return left;
}

/* The level is checked in all of them, and a deleted key is gone. */
static NTSTATUS enter(struct registry_key *self, const char *what)
{
    wdm_need_irql(PASSIVE_LEVEL, what);
    return self->deleted ? STATUS_INVALID_HANDLE : STATUS_SUCCESS;
}

static NTSTATUS NTAPI key_QueryKey(IRegistryKey *iface, KEY_INFORMATION_CLASS information, PVOID data, ULONG length, PULONG result)
{
    struct registry_key *self = impl_from_IRegistryKey(iface);
    NTSTATUS status = enter(self, "IRegistryKey::QueryKey");
    return NT_SUCCESS(status) ? ZwQueryKey(self->handle, information, data, length, result) : status;
}

static NTSTATUS NTAPI key_EnumerateKey(IRegistryKey *iface, ULONG index, KEY_INFORMATION_CLASS information, PVOID data,
                                       ULONG length, PULONG result)
{
    struct registry_key *self = impl_from_IRegistryKey(iface);
    NTSTATUS status = enter(self, "IRegistryKey::EnumerateKey");
    return NT_SUCCESS(status) ? ZwEnumerateKey(self->handle, index, information, data, length, result) : status;
}

static NTSTATUS NTAPI key_QueryValueKey(IRegistryKey *iface, PUNICODE_STRING name, KEY_VALUE_INFORMATION_CLASS information,
                                        PVOID data, ULONG length, PULONG result)
{
    struct registry_key *self = impl_from_IRegistryKey(iface);
    NTSTATUS status = enter(self, "IRegistryKey::QueryValueKey");
    if (NT_SUCCESS(status) && !name)
        return STATUS_INVALID_PARAMETER;
    return NT_SUCCESS(status) ? ZwQueryValueKey(self->handle, name, information, data, length, result) : status;
}

static NTSTATUS NTAPI key_EnumerateValueKey(IRegistryKey *iface, ULONG index, KEY_VALUE_INFORMATION_CLASS information,
                                            PVOID data, ULONG length, PULONG result)
{
    struct registry_key *self = impl_from_IRegistryKey(iface);
    NTSTATUS status = enter(self, "IRegistryKey::EnumerateValueKey");
    return NT_SUCCESS(status) ? ZwEnumerateValueKey(self->handle, index, information, data, length, result) : status;
}

static NTSTATUS NTAPI key_SetValueKey(IRegistryKey *iface, PUNICODE_STRING name, ULONG type, PVOID data, ULONG size)
{
    struct registry_key *self = impl_from_IRegistryKey(iface);
    UNICODE_STRING unnamed = {0};
    NTSTATUS status = enter(self, "IRegistryKey::SetValueKey");
    if (NT_SUCCESS(status) && !data && size)
        return STATUS_INVALID_PARAMETER;
    return NT_SUCCESS(status) ? ZwSetValueKey(self->handle, name ? name : &unnamed, 0, type, data, size) : status;
}

static NTSTATUS NTAPI key_QueryRegistryValues(IRegistryKey *iface, PRTL_QUERY_REGISTRY_TABLE table, PVOID context)
{
    struct registry_key *self = impl_from_IRegistryKey(iface);
    NTSTATUS status = enter(self, "IRegistryKey::QueryRegistryValues");
    if (NT_SUCCESS(status) && !table)
        return STATUS_INVALID_PARAMETER;
    return NT_SUCCESS(status) ? RtlQueryRegistryValues(RTL_REGISTRY_HANDLE, (PCWSTR)self->handle, table, context, NULL) : status;
}

static NTSTATUS NTAPI key_NewSubKey(IRegistryKey *iface, IRegistryKey **out, PUNKNOWN outer, ACCESS_MASK access,
                                    PUNICODE_STRING name, ULONG options, PULONG disposition)
{
    struct registry_key *self = impl_from_IRegistryKey(iface);
    OBJECT_ATTRIBUTES attributes;
    HANDLE handle;
    NTSTATUS status = enter(self, "IRegistryKey::NewSubKey");
    if (!NT_SUCCESS(status))
        return status;
    if (!out || !name)
        return STATUS_INVALID_PARAMETER;
    *out = NULL;
    if (outer)
        return STATUS_NOT_SUPPORTED;
    InitializeObjectAttributes(&attributes, name, OBJ_CASE_INSENSITIVE, self->handle, NULL);
    status = ZwCreateKey(&handle, access, &attributes, 0, NULL, options, disposition);
    return NT_SUCCESS(status) ? key_new(out, handle) : status;
}

static NTSTATUS NTAPI key_DeleteKey(IRegistryKey *iface)
{
    struct registry_key *self = impl_from_IRegistryKey(iface);
    NTSTATUS status = enter(self, "IRegistryKey::DeleteKey");
    if (NT_SUCCESS(status))
        status = ZwDeleteKey(self->handle);
    self->deleted |= NT_SUCCESS(status);
    return status;
}

static const IRegistryKeyVtbl registry_key_vtbl = {
    key_QueryInterface, key_AddRef, key_Release, key_QueryKey, key_EnumerateKey, key_QueryValueKey, key_EnumerateValueKey,
    key_SetValueKey, key_QueryRegistryValues, key_NewSubKey, key_DeleteKey,
};

static NTSTATUS open_general(HANDLE *handle, ACCESS_MASK access, POBJECT_ATTRIBUTES attributes, ULONG options,
                             PULONG disposition)
{
    if (!attributes)
        return STATUS_INVALID_PARAMETER;
    return ZwCreateKey(handle, access, attributes, 0, NULL, options, disposition);
}

NTSTATUS registry_key_open(IRegistryKey **out, ULONG type, ACCESS_MASK access, struct pc_device *device, PCWSTR subdevice,
                           POBJECT_ATTRIBUTES attributes, ULONG options, PULONG disposition)
{
    HANDLE handle = NULL;
    NTSTATUS status;
    if (type != GeneralRegistryKey && !device)
        return STATUS_INVALID_PARAMETER;
    switch (type) {
    case GeneralRegistryKey: status = open_general(&handle, access, attributes, options, disposition); break;
    case DeviceRegistryKey: status = IoOpenDeviceRegistryKey(device->pdo, PLUGPLAY_REGKEY_DEVICE, access, &handle); break;
    case DriverRegistryKey: status = IoOpenDeviceRegistryKey(device->pdo, PLUGPLAY_REGKEY_DRIVER, access, &handle); break;
    case HwProfileRegistryKey:
        status = IoOpenDeviceRegistryKey(device->pdo, PLUGPLAY_REGKEY_DEVICE | PLUGPLAY_REGKEY_CURRENT_HWPROFILE, access, &handle);
        break;
    case DeviceInterfaceRegistryKey: {
        /* Below the device's key, under the reference string. */
        UNICODE_STRING name;
        OBJECT_ATTRIBUTES below;
        HANDLE parent;
        if (!subdevice)
            return STATUS_INVALID_PARAMETER;
        status = IoOpenDeviceRegistryKey(device->pdo, PLUGPLAY_REGKEY_DEVICE, access, &parent);
        if (!NT_SUCCESS(status))
            return status;
        RtlInitUnicodeString(&name, subdevice);
        InitializeObjectAttributes(&below, &name, OBJ_CASE_INSENSITIVE, parent, NULL);
        status = ZwOpenKey(&handle, access, &below);
        ZwClose(parent);
        break;
    }
    default: return STATUS_INVALID_PARAMETER;
    }
    return NT_SUCCESS(status) ? key_new(out, handle) : status;
}

NTSTATUS NTAPI PcNewRegistryKey(PREGISTRYKEY *out, PUNKNOWN outer, ULONG type, ACCESS_MASK access, PVOID device,
                                PVOID subdevice, POBJECT_ATTRIBUTES attributes, ULONG options, PULONG disposition)
{
    wdm_need_irql(PASSIVE_LEVEL, "PcNewRegistryKey");
    if (!out)
        return STATUS_INVALID_PARAMETER;
    *out = NULL;
    if (outer)
        return STATUS_NOT_SUPPORTED;
    (void)subdevice; /* documented as NULL: the interface key is reached through IPort::NewRegistryKey */
    return registry_key_open(out, type, access, device ? pc_device_of(device) : NULL, NULL, attributes, options, disposition);
}
