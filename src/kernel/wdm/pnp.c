/* SPDX-License-Identifier: MIT */
/* Device objects, their stacks, and what is known about them. */
#include "kernel/wdm/pnp.h"

#include <string.h>

#include "base/alloc.h"
#include "kernel/wdm/impl.h"
#include "kernel/wdm/registry.h"
#include "kernel/wdm/units.h"

#define IO_TYPE_DEVICE 3
#define KEY_BASE       0x1000 /* facts above it are registry paths by type */

struct fact {
    struct fact *next;
    ULONG number; /* DEVICE_REGISTRY_PROPERTY, or KEY_BASE + type */
    size_t size;
    uint8_t bytes[];
};

/* DEVICE_OBJECT.DeviceObjectExtension */
struct extension {
    struct fact *facts;
    size_t total; /* bytes of the object with the driver's extension */
};

static struct extension *extension_of(PDEVICE_OBJECT device)
{
    return device && device->Type == IO_TYPE_DEVICE ? device->DeviceObjectExtension : NULL;
}

NTSTATUS NTAPI IoCreateDevice(PDRIVER_OBJECT DriverObject, ULONG DeviceExtensionSize, PUNICODE_STRING DeviceName,
                              DEVICE_TYPE DeviceType, ULONG DeviceCharacteristics, BOOLEAN Exclusive,
                              PDEVICE_OBJECT *DeviceObject)
{
    size_t front = (sizeof(DEVICE_OBJECT) + 15) & ~(size_t)15;
    (void)DeviceName;
    (void)Exclusive;
    *DeviceObject = NULL;
    wdm_need_irql(APC_LEVEL, "IoCreateDevice");
    PDEVICE_OBJECT device = dm_calloc(1, front + DeviceExtensionSize);
    struct extension *extension = dm_calloc(1, sizeof *extension);
    if (!device || !extension) {
        dm_free(device);
        dm_free(extension);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    extension->total = front + DeviceExtensionSize;
    device->Type = IO_TYPE_DEVICE;
    device->Size = (USHORT)(sizeof *device + DeviceExtensionSize);
    device->DriverObject = DriverObject;
    device->Flags = DO_DEVICE_INITIALIZING;
    device->Characteristics = DeviceCharacteristics;
    device->DeviceExtension = DeviceExtensionSize ? (char *)device + front : NULL;
    device->DeviceType = DeviceType;
    device->StackSize = 1;
    device->DeviceObjectExtension = extension;
    if (DriverObject) {
        device->NextDevice = DriverObject->DeviceObject;
        DriverObject->DeviceObject = device;
    }
    *DeviceObject = device;
    return STATUS_SUCCESS;
}

VOID NTAPI IoDeleteDevice(PDEVICE_OBJECT DeviceObject)
{
    struct extension *extension = extension_of(DeviceObject);
    wdm_need_irql(APC_LEVEL, "IoDeleteDevice");
    if (!extension) {
        wdm_broken(WDM_RULE_AFTER_RELEASE, "IoDeleteDevice: %p is no device object", (void *)DeviceObject);
        return;
    }
    if (DeviceObject->AttachedDevice)
        wdm_broken(WDM_RULE_AFTER_RELEASE, "device %p deleted while %p is attached to it", (void *)DeviceObject,
                   (void *)DeviceObject->AttachedDevice);
    wdm_report_queued(wdm_self()->machine, DeviceObject, extension->total, "a deleted device");
    if (DeviceObject->DriverObject) {
        PDEVICE_OBJECT *at = &DeviceObject->DriverObject->DeviceObject;
        while (*at && *at != DeviceObject)
            at = &(*at)->NextDevice;
        if (*at)
            *at = DeviceObject->NextDevice;
    }
    for (struct fact *next, *f = extension->facts; f; f = next) {
        next = f->next;
        dm_free(f);
    }
    dm_free(extension);
    DeviceObject->Type = 0;
    dm_free(DeviceObject);
}

PDEVICE_OBJECT NTAPI IoAttachDeviceToDeviceStack(PDEVICE_OBJECT SourceDevice, PDEVICE_OBJECT TargetDevice)
{
    wdm_need_irql(DISPATCH_LEVEL, "IoAttachDeviceToDeviceStack");
    while (TargetDevice->AttachedDevice)
        TargetDevice = TargetDevice->AttachedDevice;
    if (TargetDevice->StackSize == 127)
        return NULL;
    TargetDevice->AttachedDevice = SourceDevice;
    SourceDevice->StackSize = (CCHAR)(TargetDevice->StackSize + 1);
    return TargetDevice;
}

VOID NTAPI IoDetachDevice(PDEVICE_OBJECT TargetDevice)
{
    wdm_need_irql(PASSIVE_LEVEL, "IoDetachDevice");
    TargetDevice->AttachedDevice = NULL;
}

/* ---- facts ---- */

static bool set_fact(PDEVICE_OBJECT pdo, ULONG number, const void *value, size_t size)
{
    struct extension *extension = extension_of(pdo);
    struct fact *fact = extension ? dm_malloc(sizeof *fact + size) : NULL;
    if (!fact)
        return false;
    *fact = (struct fact){.next = extension->facts, .number = number, .size = size};
    if (size)
        memcpy(fact->bytes, value, size);
    extension->facts = fact; /* an older one of that number is behind it, and freed with the device */
    return true;
}

static const struct fact *fact_of(PDEVICE_OBJECT pdo, ULONG number)
{
    struct extension *extension = extension_of(pdo);
    const struct fact *f = extension ? extension->facts : NULL;
    while (f && f->number != number)
        f = f->next;
    return f;
}

bool wdm_device_describe(PDEVICE_OBJECT pdo, DEVICE_REGISTRY_PROPERTY property, const void *value, size_t size)
{
    return set_fact(pdo, property, value, size);
}

bool wdm_device_describe_text(PDEVICE_OBJECT pdo, DEVICE_REGISTRY_PROPERTY property, const char *utf8)
{
    size_t size = strlen(utf8), count = units_from_utf8(NULL, 0, utf8, size);
    uint16_t *units = dm_calloc(count + 1, sizeof *units);
    if (!units)
        return false;
    units_from_utf8(units, count, utf8, size);
    bool done = wdm_device_describe(pdo, property, units, (count + 1) * sizeof *units);
    dm_free(units);
    return done;
}

NTSTATUS NTAPI IoGetDeviceProperty(PDEVICE_OBJECT DeviceObject, DEVICE_REGISTRY_PROPERTY DeviceProperty, ULONG BufferLength,
                                   PVOID PropertyBuffer, PULONG ResultLength)
{
    const struct fact *fact = fact_of(DeviceObject, DeviceProperty);
    wdm_need_irql(PASSIVE_LEVEL, "IoGetDeviceProperty");
    *ResultLength = 0;
    if (!extension_of(DeviceObject))
        return STATUS_INVALID_PARAMETER;
    if (!fact)
        return STATUS_OBJECT_NAME_NOT_FOUND;
    *ResultLength = (ULONG)fact->size;
    if (BufferLength < fact->size)
        return STATUS_BUFFER_TOO_SMALL;
    if (fact->size)
        memcpy(PropertyBuffer, fact->bytes, fact->size);
    return STATUS_SUCCESS;
}

bool wdm_device_set_key(PDEVICE_OBJECT pdo, ULONG type, const char *path)
{
    return registry_make(wdm_self()->machine, path, NULL) == DM_OK && set_fact(pdo, KEY_BASE + type, path, strlen(path) + 1);
}

NTSTATUS NTAPI IoOpenDeviceRegistryKey(PDEVICE_OBJECT DeviceObject, ULONG DevInstKeyType, ACCESS_MASK DesiredAccess,
                                       PHANDLE DevInstRegKey)
{
    const struct fact *fact = fact_of(DeviceObject, KEY_BASE + DevInstKeyType);
    wdm_need_irql(PASSIVE_LEVEL, "IoOpenDeviceRegistryKey");
    *DevInstRegKey = NULL;
    if (!extension_of(DeviceObject))
        return STATUS_INVALID_PARAMETER;
    if (!fact)
        return STATUS_OBJECT_NAME_NOT_FOUND;
    return registry_open(wdm_self()->machine, (const char *)fact->bytes, DesiredAccess, DevInstRegKey);
}
