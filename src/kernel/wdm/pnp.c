/* SPDX-License-Identifier: MIT */
/* Device objects, their stacks, and what is known about them. */
#include "kernel/wdm/pnp.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "kernel/wdm/guid_text.h"
#include "kernel/wdm/impl.h"
#include "kernel/wdm/registry.h"
#include "kernel/wdm/units.h"

#define IO_TYPE_DEVICE 3
#define LINK_TAG       0x53677453 /* "StgS", as RtlFreeUnicodeString has it */
#define KEY_BASE       0x1000 /* facts above it are registry paths by type */
#define GUARD          16  /* between the object and its extension */
#define GUARD_BEHIND   512 /* a driver that has not asked for a structure of its own writes all of it */
#define GUARD_BYTE     0xFD

struct fact {
    struct fact *next;
    ULONG number; /* DEVICE_REGISTRY_PROPERTY, or KEY_BASE + type */
    size_t size;
    uint8_t bytes[];
};

/* DEVICE_OBJECT.DeviceObjectExtension. What is known about a device stands apart from what drivers write. */
struct extension {
    struct extension *next; /* in the machine */
    struct wdm_machine *machine;
    struct fact *facts;
    size_t total;    /* bytes of the object with the driver's extension */
    uint8_t *data;   /* the driver's extension */
    size_t size;
    uintptr_t code;  /* where it was made */
    DEVICE_POWER_STATE power; /* PoSetPowerState */
    void *owner;     /* wdm_device_reserve */
    uint64_t words;
};

static struct extension *extension_of(PDEVICE_OBJECT device)
{
    return device && device->Type == IO_TYPE_DEVICE ? device->DeviceObjectExtension : NULL;
}

/* ---- what a driver must not write ---- */

static ULONG_PTR word_value(unsigned i) { return (ULONG_PTR)0x64506353u ^ (ULONG_PTR)i << 24; }

static ULONG_PTR *word_of(const struct extension *e, unsigned i) { return (ULONG_PTR *)(void *)e->data + i; }

static void fill_words(const struct extension *e)
{
    for (unsigned i = 0; i < 64; i++)
        if (e->words >> i & 1)
            *word_of(e, i) = word_value(i);
}

bool wdm_device_reserve(PDEVICE_OBJECT device, void *owner, uint64_t words)
{
    struct extension *extension = extension_of(device);
    if (!extension || (words && extension->size < 64 * sizeof(ULONG_PTR)))
        return false;
    pthread_mutex_lock(&extension->machine->devices.lock);
    extension->owner = owner;
    extension->words = words;
    fill_words(extension);
    pthread_mutex_unlock(&extension->machine->devices.lock);
    return true;
}

void *wdm_device_owner(PDEVICE_OBJECT device)
{
    const struct extension *extension = extension_of(device);
    return extension ? extension->owner : NULL;
}

/* One that was written, as it was found; what was there is put back, so that it is told once. */
struct damage {
    uintptr_t code;
    char text[WDM_BREACH_TEXT];
};

static bool words_written(const struct extension *e, struct damage *out)
{
    unsigned first = 64, last = 0;
    for (unsigned i = 0; i < 64; i++)
        if (e->words >> i & 1 && *word_of(e, i) != word_value(i)) {
            first = i < first ? i : first;
            last = i;
        }
    if (first == 64)
        return false;
    snprintf(out->text, sizeof out->text,
             "device extension %p: words that are the port class's written, the first %u, the last %u", (void *)e->data, first,
             last);
    fill_words(e);
    return true;
}

/* The first byte is right and each is like the one before it. */
static bool is_intact(const uint8_t *guard, size_t size) { return *guard == GUARD_BYTE && memcmp(guard, guard + 1, size - 1) == 0; }

static bool guard_written(const struct extension *e, struct damage *out)
{
    ptrdiff_t at = -GUARD;
    if (is_intact(e->data - GUARD, GUARD) && is_intact(e->data + e->size, GUARD_BEHIND))
        return false;
    while (e->data[at] == GUARD_BYTE)
        at = at == -1 ? (ptrdiff_t)e->size : at + 1;
    snprintf(out->text, sizeof out->text, "device extension %p of %zu bytes, written at offset %td, %s", (void *)e->data,
             e->size, at, at < 0 ? "before its start" : "behind its end");
    memset(e->data - GUARD, GUARD_BYTE, GUARD);
    memset(e->data + e->size, GUARD_BYTE, GUARD_BEHIND);
    return true;
}

static bool find_damage(struct wdm_machine *m, struct damage *out)
{
    bool found = false;
    pthread_mutex_lock(&m->devices.lock);
    for (struct extension *e = m->devices.first; e && !found; e = e->next) {
        found = words_written(e, out) || guard_written(e, out);
        out->code = e->code;
    }
    pthread_mutex_unlock(&m->devices.lock);
    return found;
}

void devices_check(struct wdm_machine *m, const char *call)
{
    struct damage damage;
    while (find_damage(m, &damage))
        wdm_broken_at(WDM_RULE_POOL_OVERRUN, "made in", damage.code, "%s; seen %s%s", damage.text, call ? "on return of " : "by IoDeleteDevice",
                      call ? call : "");
}

static void link_in(struct extension *extension)
{
    struct wdm_devices *devices = &extension->machine->devices;
    pthread_mutex_lock(&devices->lock);
    extension->next = devices->first;
    devices->first = extension;
    pthread_mutex_unlock(&devices->lock);
}

static void link_out(struct extension *extension)
{
    struct wdm_devices *devices = &extension->machine->devices;
    pthread_mutex_lock(&devices->lock);
    struct extension **at = &devices->first;
    while (*at && *at != extension)
        at = &(*at)->next;
    if (*at)
        *at = extension->next;
    pthread_mutex_unlock(&devices->lock);
}

/* ---- devices and stacks ---- */

NTSTATUS NTAPI IoCreateDevice(PDRIVER_OBJECT DriverObject, ULONG DeviceExtensionSize, PUNICODE_STRING DeviceName,
                              DEVICE_TYPE DeviceType, ULONG DeviceCharacteristics, BOOLEAN Exclusive,
                              PDEVICE_OBJECT *DeviceObject)
{
    size_t front = ((sizeof(DEVICE_OBJECT) + 15) & ~(size_t)15) + GUARD;
    (void)DeviceName;
    (void)Exclusive;
    *DeviceObject = NULL;
    wdm_need_irql(APC_LEVEL, "IoCreateDevice");
    if (DeviceExtensionSize > SIZE_MAX - front - GUARD_BEHIND)
        return STATUS_INSUFFICIENT_RESOURCES;
    PDEVICE_OBJECT device = dm_calloc(1, front + DeviceExtensionSize + GUARD_BEHIND);
    struct extension *extension = dm_calloc(1, sizeof *extension);
    if (!device || !extension) {
        dm_free(device);
        dm_free(extension);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    *extension = (struct extension){.machine = wdm_self()->machine, .total = front + DeviceExtensionSize,
                                    .data = (uint8_t *)device + front, .size = DeviceExtensionSize, .code = wdm_caller(),
                                    .power = PowerDeviceD0};
    memset(extension->data - GUARD, GUARD_BYTE, GUARD);
    memset(extension->data + DeviceExtensionSize, GUARD_BYTE, GUARD_BEHIND);
    device->Type = IO_TYPE_DEVICE;
    device->Size = (USHORT)(sizeof *device + DeviceExtensionSize);
    device->DriverObject = DriverObject;
    device->Flags = DO_DEVICE_INITIALIZING;
    device->Characteristics = DeviceCharacteristics;
    device->DeviceExtension = DeviceExtensionSize ? extension->data : NULL;
    device->DeviceType = DeviceType;
    device->StackSize = 1;
    device->DeviceObjectExtension = extension;
    if (DriverObject) {
        device->NextDevice = DriverObject->DeviceObject;
        DriverObject->DeviceObject = device;
    }
    link_in(extension);
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
    devices_check(extension->machine, NULL);
    link_out(extension);
    wdm_report_queued(extension->machine, DeviceObject, extension->total, "a deleted device");
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

/* ---- interfaces and power ---- */

static size_t put_units(WCHAR *to, const char *text)
{
    size_t n = strlen(text);
    for (size_t i = 0; i < n; i++)
        to[i] = (UCHAR)text[i];
    return n;
}

NTSTATUS NTAPI IoRegisterDeviceInterface(PDEVICE_OBJECT PhysicalDeviceObject, const GUID *InterfaceClassGuid,
                                         PUNICODE_STRING ReferenceString, PUNICODE_STRING SymbolicLinkName)
{
    char device[40], guid[GUID_TEXT + 1];
    size_t reference = ReferenceString ? ReferenceString->Length / 2u : 0;
    wdm_need_irql(PASSIVE_LEVEL, "IoRegisterDeviceInterface");
    *SymbolicLinkName = (UNICODE_STRING){0, 0, NULL};
    if (!extension_of(PhysicalDeviceObject))
        return STATUS_INVALID_DEVICE_REQUEST;
    snprintf(device, sizeof device, "\\??\\DEVICE#%p#", (void *)PhysicalDeviceObject);
    guid_text(InterfaceClassGuid, guid);
    size_t bytes = (strlen(device) + GUID_TEXT + 1 + reference + 1) * sizeof(WCHAR);
    WCHAR *text = bytes <= UNICODE_STRING_MAX_BYTES ? ExAllocatePoolWithTag(PagedPool, bytes, LINK_TAG) : NULL;
    if (!text)
        return STATUS_INSUFFICIENT_RESOURCES;
    size_t n = put_units(text, device);
    n += put_units(text + n, guid);
    if (reference) {
        text[n++] = '\\';
        memcpy(text + n, ReferenceString->Buffer, reference * sizeof(WCHAR));
        n += reference;
    }
    text[n] = 0;
    *SymbolicLinkName = (UNICODE_STRING){(USHORT)(n * sizeof(WCHAR)), (USHORT)bytes, text};
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI IoSetDeviceInterfaceState(PUNICODE_STRING SymbolicLinkName, BOOLEAN Enable)
{
    (void)Enable;
    wdm_need_irql(PASSIVE_LEVEL, "IoSetDeviceInterfaceState");
    return SymbolicLinkName && SymbolicLinkName->Length ? STATUS_SUCCESS : STATUS_OBJECT_NAME_NOT_FOUND;
}

POWER_STATE NTAPI PoSetPowerState(PDEVICE_OBJECT DeviceObject, POWER_STATE_TYPE Type, POWER_STATE State)
{
    struct extension *extension = extension_of(DeviceObject);
    POWER_STATE before = {.DeviceState = PowerDeviceD0};
    wdm_need_irql(DISPATCH_LEVEL, "PoSetPowerState");
    if (Type == SystemPowerState)
        before.SystemState = PowerSystemWorking;
    if (Type != DevicePowerState || !extension)
        return before;
    pthread_mutex_lock(&extension->machine->devices.lock);
    before.DeviceState = extension->power;
    extension->power = State.DeviceState;
    pthread_mutex_unlock(&extension->machine->devices.lock);
    return before;
}
