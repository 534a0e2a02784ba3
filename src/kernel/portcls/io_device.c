/* SPDX-License-Identifier: MIT */
#include "kernel/portcls/io_device.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "kernel/wdm/machine.h"
#include "kernel/wdm/registry.h"

VOID NTAPI IofCompleteRequest(PIRP irp, CCHAR boost)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(irp);
    (void)boost;
    wdm_need_irql(DISPATCH_LEVEL, "IoCompleteRequest");
    if (stack->CompletionRoutine)
        stack->CompletionRoutine(stack->DeviceObject, irp, stack->Context);
}

NTSTATUS NTAPI IoCreateDevice(PDRIVER_OBJECT driver, ULONG extension_size, PUNICODE_STRING name, DEVICE_TYPE type,
                              ULONG characteristics, BOOLEAN exclusive, PDEVICE_OBJECT *out)
{
    (void)name, (void)exclusive; /* nothing is opened by name but filters */
    wdm_need_irql(PASSIVE_LEVEL, "IoCreateDevice");
    if (!driver || !out)
        return STATUS_INVALID_PARAMETER;
    PDEVICE_OBJECT device = dm_calloc(1, sizeof *device);
    void *extension = extension_size ? dm_calloc(1, extension_size) : NULL;
    if (!device || (extension_size && !extension)) {
        dm_free(device);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    device->Size = (USHORT)sizeof *device;
    device->ReferenceCount = 1;
    device->DriverObject = driver;
    device->DeviceExtension = extension;
    device->DeviceType = type;
    device->Characteristics = characteristics;
    device->StackSize = 1;
    device->Flags = DO_DEVICE_INITIALIZING;
    device->NextDevice = driver->DeviceObject;
    driver->DeviceObject = device;
    *out = device;
    return STATUS_SUCCESS;
}

VOID NTAPI IoDeleteDevice(PDEVICE_OBJECT device)
{
    wdm_need_irql(PASSIVE_LEVEL, "IoDeleteDevice");
    PDEVICE_OBJECT *link = &device->DriverObject->DeviceObject;
    while (*link && *link != device)
        link = &(*link)->NextDevice;
    if (*link)
        *link = device->NextDevice;
    dm_free(device->DeviceExtension);
    dm_free(device);
}

PDEVICE_OBJECT NTAPI IoAttachDeviceToDeviceStack(PDEVICE_OBJECT source, PDEVICE_OBJECT target)
{
    wdm_need_irql(DISPATCH_LEVEL, "IoAttachDeviceToDeviceStack");
    while (target->AttachedDevice)
        target = target->AttachedDevice;
    target->AttachedDevice = source;
    source->StackSize = (CCHAR)(target->StackSize + 1);
    return target;
}

VOID NTAPI IoDetachDevice(PDEVICE_OBJECT target)
{
    wdm_need_irql(DISPATCH_LEVEL, "IoDetachDevice");
    target->AttachedDevice = NULL;
}

static const struct {
    DEVICE_REGISTRY_PROPERTY property;
    const char *value; /* of the node's key */
} properties[] = {
    {DevicePropertyDeviceDescription, "DeviceDesc"},
    {DevicePropertyHardwareID, "HardwareID"},
    {DevicePropertyCompatibleIDs, "CompatibleIDs"},
    {DevicePropertyClassName, "Class"},
    {DevicePropertyClassGuid, "ClassGUID"},
    {DevicePropertyDriverKeyName, "Driver"},
    {DevicePropertyManufacturer, "Mfg"},
    {DevicePropertyFriendlyName, "FriendlyName"},
    {DevicePropertyLocationInformation, "LocationInformation"},
    {DevicePropertyPhysicalDeviceObjectName, "PhysicalDeviceObjectName"},
    {DevicePropertyEnumeratorName, "EnumeratorName"},
    {DevicePropertyLegacyBusType, "LegacyBusType"},
    {DevicePropertyBusNumber, "BusNumber"},
    {DevicePropertyAddress, "Address"},
    {DevicePropertyUINumber, "UINumber"},
};

static const struct io_node *node_of(PDEVICE_OBJECT pdo) { return pdo ? pdo->DeviceObjectExtension : NULL; }

NTSTATUS NTAPI IoGetDeviceProperty(PDEVICE_OBJECT pdo, DEVICE_REGISTRY_PROPERTY property, ULONG length, PVOID buffer,
                                   PULONG result)
{
    const struct io_node *node = node_of(pdo);
    const char *value = NULL;
    size_t size = 0;
    uint32_t type;
    wdm_need_irql(PASSIVE_LEVEL, "IoGetDeviceProperty");
    if (!node || !result || (length && !buffer))
        return STATUS_INVALID_PARAMETER;
    *result = 0;
    for (size_t i = 0; i < sizeof properties / sizeof properties[0]; i++)
        if (properties[i].property == property)
            value = properties[i].value;
    if (!value || !wdm_registry_get(wdm_current(), node->enum_key, value, &type, NULL, 0, &size))
        return STATUS_OBJECT_NAME_NOT_FOUND;
    *result = (ULONG)size;
    if (size > length)
        return STATUS_BUFFER_TOO_SMALL;
    wdm_registry_get(wdm_current(), node->enum_key, value, &type, buffer, length, &size);
    return STATUS_SUCCESS;
}

static NTSTATUS open_key(const char *path, ACCESS_MASK access, PHANDLE out)
{
    WCHAR wide[192];
    UNICODE_STRING name;
    OBJECT_ATTRIBUTES attributes;
    size_t i = 0;
    for (; path[i] && i < sizeof wide / sizeof wide[0] - 1; i++)
        wide[i] = (WCHAR)(unsigned char)path[i];
    wide[i] = 0;
    RtlInitUnicodeString(&name, wide);
    InitializeObjectAttributes(&attributes, &name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    return ZwOpenKey(out, access, &attributes);
}

NTSTATUS NTAPI IoOpenDeviceRegistryKey(PDEVICE_OBJECT pdo, ULONG type, ACCESS_MASK access, PHANDLE out)
{
    const struct io_node *node = node_of(pdo);
    char path[192];
    wdm_need_irql(PASSIVE_LEVEL, "IoOpenDeviceRegistryKey");
    if (!node || !out)
        return STATUS_INVALID_PARAMETER;
    switch (type) {
    case PLUGPLAY_REGKEY_DEVICE: snprintf(path, sizeof path, "%s\\Device Parameters", node->enum_key); break;
    case PLUGPLAY_REGKEY_DRIVER: snprintf(path, sizeof path, "%s", node->driver_key); break;
    case PLUGPLAY_REGKEY_DEVICE | PLUGPLAY_REGKEY_CURRENT_HWPROFILE:
        snprintf(path, sizeof path, "%s\\Hardware Profile", node->enum_key);
        break;
    default: return STATUS_INVALID_PARAMETER;
    }
    return open_key(path, access, out);
}
