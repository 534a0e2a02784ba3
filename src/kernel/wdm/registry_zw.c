/* SPDX-License-Identifier: MIT */
/* The registry as drivers see it. Every information class is made whole, then as much of it is copied as fits. */
#include <string.h>

#include "base/alloc.h"
#include "kernel/wdm/registry.h"
#include "kernel/wdm/registry_text.h"

static NTSTATUS status_of(enum reg_result result)
{
    switch (result) {
    case REG_OK: return STATUS_SUCCESS;
    case REG_ABSENT: return STATUS_OBJECT_NAME_NOT_FOUND;
    case REG_NOMEM: return STATUS_INSUFFICIENT_RESOURCES;
    case REG_BAD_NAME: return STATUS_INVALID_PARAMETER;
    case REG_DELETED: return STATUS_KEY_DELETED;
    default: return STATUS_CANNOT_DELETE;
    }
}

/* WCHAR is a type of its own in no host unit: both are uint16_t. */
static struct reg_name name_of(const UNICODE_STRING *string)
{
    return string && string->Buffer ? (struct reg_name){string->Buffer, string->Length / 2u} : (struct reg_name){NULL, 0};
}

/* Locks the registry and finds the key of a handle; on failure it is not locked. */
static NTSTATUS lock_key(struct wdm_machine *m, HANDLE handle, struct reg_key **key, const char *what)
{
    wdm_need_irql(PASSIVE_LEVEL, what);
    pthread_mutex_lock(&m->lock);
    *key = handle_object(m, handle, HANDLE_KEY, NULL);
    if (*key)
        pthread_mutex_lock(&m->registry.lock);
    pthread_mutex_unlock(&m->lock);
    if (!*key)
        return STATUS_INVALID_HANDLE;
    if (!(*key)->deleted)
        return STATUS_SUCCESS;
    pthread_mutex_unlock(&m->registry.lock);
    return STATUS_KEY_DELETED;
}

NTSTATUS registry_handle(struct wdm_machine *m, struct reg_key *key, ULONG access, HANDLE *out)
{
    NTSTATUS status = handle_open(m, HANDLE_KEY, key, access, out);
    if (!NT_SUCCESS(status)) {
        pthread_mutex_lock(&m->registry.lock);
        reg_release(key);
        pthread_mutex_unlock(&m->registry.lock);
    }
    return status;
}

static NTSTATUS open_key(PHANDLE out, ACCESS_MASK access, POBJECT_ATTRIBUTES attributes, bool create, bool *created,
                         const char *what)
{
    struct wdm_machine *m = wdm_self()->machine;
    struct reg_key *key = NULL;
    NTSTATUS status = STATUS_SUCCESS;
    *out = NULL;
    if (!attributes || !attributes->ObjectName)
        return STATUS_INVALID_PARAMETER;
    struct reg_name path = name_of(attributes->ObjectName);
    if (attributes->RootDirectory) {
        status = lock_key(m, attributes->RootDirectory, &key, what);
    } else {
        wdm_need_irql(PASSIVE_LEVEL, what);
        pthread_mutex_lock(&m->registry.lock);
    }
    if (!NT_SUCCESS(status))
        return status;
    status = status_of(reg_walk(&m->registry, key, path, create, &key, created));
    if (NT_SUCCESS(status))
        key->handles++;
    pthread_mutex_unlock(&m->registry.lock);
    return NT_SUCCESS(status) ? registry_handle(m, key, access, out) : status;
}

NTSTATUS NTAPI ZwOpenKey(PHANDLE KeyHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes)
{
    return open_key(KeyHandle, DesiredAccess, ObjectAttributes, false, NULL, "ZwOpenKey");
}

NTSTATUS NTAPI ZwCreateKey(PHANDLE KeyHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes, ULONG TitleIndex,
                           PUNICODE_STRING Class, ULONG CreateOptions, PULONG Disposition)
{
    bool created;
    (void)TitleIndex;
    (void)Class;
    (void)CreateOptions;
    NTSTATUS status = open_key(KeyHandle, DesiredAccess, ObjectAttributes, true, &created, "ZwCreateKey");
    if (NT_SUCCESS(status) && Disposition)
        *Disposition = created ? REG_CREATED_NEW_KEY : REG_OPENED_EXISTING_KEY;
    return status;
}

NTSTATUS NTAPI ZwDeleteKey(HANDLE KeyHandle)
{
    struct wdm_machine *m = wdm_self()->machine;
    struct reg_key *key;
    NTSTATUS status = lock_key(m, KeyHandle, &key, "ZwDeleteKey");
    if (!NT_SUCCESS(status))
        return status;
    status = status_of(reg_delete(key));
    pthread_mutex_unlock(&m->registry.lock);
    return status;
}

NTSTATUS NTAPI ZwSetValueKey(HANDLE KeyHandle, PUNICODE_STRING ValueName, ULONG TitleIndex, ULONG Type, PVOID Data,
                             ULONG DataSize)
{
    struct wdm_machine *m = wdm_self()->machine;
    struct reg_key *key;
    (void)TitleIndex;
    if (!Data && DataSize)
        return STATUS_INVALID_PARAMETER;
    NTSTATUS status = lock_key(m, KeyHandle, &key, "ZwSetValueKey");
    if (!NT_SUCCESS(status))
        return status;
    status = status_of(reg_value_set(key, name_of(ValueName), Type, Data, DataSize));
    key->written_100ns = wdm_time_100ns(m);
    pthread_mutex_unlock(&m->registry.lock);
    return status;
}

NTSTATUS NTAPI ZwDeleteValueKey(HANDLE KeyHandle, PUNICODE_STRING ValueName)
{
    struct wdm_machine *m = wdm_self()->machine;
    struct reg_key *key;
    NTSTATUS status = lock_key(m, KeyHandle, &key, "ZwDeleteValueKey");
    if (!NT_SUCCESS(status))
        return status;
    status = status_of(reg_value_delete(key, name_of(ValueName)));
    pthread_mutex_unlock(&m->registry.lock);
    return status;
}

/* ---- questions ---- */

/* FIXED bytes must fit or nothing is copied; what follows may be cut off. */
static NTSTATUS hand_out(const uint8_t *all, size_t size, size_t fixed, PVOID out, ULONG length, PULONG result)
{
    if (result)
        *result = (ULONG)size;
    if (length < fixed)
        return STATUS_BUFFER_TOO_SMALL;
    memcpy(out, all, size < length ? size : length);
    return size <= length ? STATUS_SUCCESS : STATUS_BUFFER_OVERFLOW;
}

static void append(uint8_t *all, size_t at, const void *bytes, size_t size)
{
    if (size)
        memcpy(all + at, bytes, size);
}

static NTSTATUS tell_value(const struct reg_value *v, KEY_VALUE_INFORMATION_CLASS class, PVOID out, ULONG length,
                           PULONG result)
{
    size_t name = v->name_count * 2, fixed, size;
    size_t data_at = (offsetof(KEY_VALUE_FULL_INFORMATION, Name) + name + 7) & ~(size_t)7;
    switch (class) {
    case KeyValueBasicInformation:
        fixed = offsetof(KEY_VALUE_BASIC_INFORMATION, Name);
        size = fixed + name;
        break;
    case KeyValueFullInformation:
        fixed = offsetof(KEY_VALUE_FULL_INFORMATION, Name);
        size = data_at + v->size;
        break;
    case KeyValuePartialInformation:
        fixed = offsetof(KEY_VALUE_PARTIAL_INFORMATION, Data);
        size = fixed + v->size;
        break;
    default:
        return STATUS_INVALID_PARAMETER;
    }
    uint8_t *all = dm_calloc(1, size + sizeof(KEY_VALUE_FULL_INFORMATION));
    if (!all)
        return STATUS_INSUFFICIENT_RESOURCES;
    if (class == KeyValueBasicInformation) {
        *(KEY_VALUE_BASIC_INFORMATION *)(void *)all = (KEY_VALUE_BASIC_INFORMATION){.Type = v->type, .NameLength = (ULONG)name};
        append(all, fixed, v->name, name);
    } else if (class == KeyValueFullInformation) {
        *(KEY_VALUE_FULL_INFORMATION *)(void *)all = (KEY_VALUE_FULL_INFORMATION){
            .Type = v->type, .DataOffset = (ULONG)data_at, .DataLength = (ULONG)v->size, .NameLength = (ULONG)name};
        append(all, fixed, v->name, name);
        append(all, data_at, v->data, v->size);
    } else {
        *(KEY_VALUE_PARTIAL_INFORMATION *)(void *)all =
            (KEY_VALUE_PARTIAL_INFORMATION){.Type = v->type, .DataLength = (ULONG)v->size};
        append(all, fixed, v->data, v->size);
    }
    NTSTATUS status = hand_out(all, size, fixed, out, length, result);
    dm_free(all);
    return status;
}

static void count_below(const struct reg_key *key, KEY_FULL_INFORMATION *full)
{
    for (const struct reg_key *c = key->children; c; c = c->next) {
        full->SubKeys++;
        if (full->MaxNameLen < c->name_count * 2)
            full->MaxNameLen = (ULONG)c->name_count * 2;
    }
    for (const struct reg_value *v = key->values; v; v = v->next) {
        full->Values++;
        if (full->MaxValueNameLen < v->name_count * 2)
            full->MaxValueNameLen = (ULONG)v->name_count * 2;
        if (full->MaxValueDataLen < v->size)
            full->MaxValueDataLen = (ULONG)v->size;
    }
}

static NTSTATUS tell_key(const struct reg_key *key, KEY_INFORMATION_CLASS class, PVOID out, ULONG length, PULONG result)
{
    uint8_t all[sizeof(KEY_FULL_INFORMATION) + WDM_REGISTRY_NAME_MAX * 2] __attribute__((aligned(8))) = {0};
    size_t name = key->name_count * 2, fixed;
    LARGE_INTEGER written = {.QuadPart = key->written_100ns};
    switch (class) {
    case KeyBasicInformation:
        fixed = offsetof(KEY_BASIC_INFORMATION, Name);
        *(KEY_BASIC_INFORMATION *)(void *)all = (KEY_BASIC_INFORMATION){.LastWriteTime = written, .NameLength = (ULONG)name};
        break;
    case KeyNodeInformation:
        fixed = offsetof(KEY_NODE_INFORMATION, Name);
        *(KEY_NODE_INFORMATION *)(void *)all = (KEY_NODE_INFORMATION){
            .LastWriteTime = written, .ClassOffset = (ULONG)-1, .NameLength = (ULONG)name};
        break;
    case KeyFullInformation: {
        KEY_FULL_INFORMATION full = {.LastWriteTime = written, .ClassOffset = (ULONG)-1};
        count_below(key, &full);
        memcpy(all, &full, sizeof full);
        fixed = offsetof(KEY_FULL_INFORMATION, Class);
        return hand_out(all, fixed, fixed, out, length, result);
    }
    default:
        return STATUS_INVALID_PARAMETER;
    }
    append(all, fixed, key->name, name);
    return hand_out(all, fixed + name, fixed, out, length, result);
}

NTSTATUS NTAPI ZwQueryKey(HANDLE KeyHandle, KEY_INFORMATION_CLASS KeyInformationClass, PVOID KeyInformation, ULONG Length,
                          PULONG ResultLength)
{
    struct wdm_machine *m = wdm_self()->machine;
    struct reg_key *key;
    NTSTATUS status = lock_key(m, KeyHandle, &key, "ZwQueryKey");
    if (!NT_SUCCESS(status))
        return status;
    status = tell_key(key, KeyInformationClass, KeyInformation, Length, ResultLength);
    pthread_mutex_unlock(&m->registry.lock);
    return status;
}

NTSTATUS NTAPI ZwEnumerateKey(HANDLE KeyHandle, ULONG Index, KEY_INFORMATION_CLASS KeyInformationClass, PVOID KeyInformation,
                              ULONG Length, PULONG ResultLength)
{
    struct wdm_machine *m = wdm_self()->machine;
    struct reg_key *key;
    NTSTATUS status = lock_key(m, KeyHandle, &key, "ZwEnumerateKey");
    if (!NT_SUCCESS(status))
        return status;
    struct reg_key *child = reg_child_at(key, Index);
    status = child ? tell_key(child, KeyInformationClass, KeyInformation, Length, ResultLength) : STATUS_NO_MORE_ENTRIES;
    pthread_mutex_unlock(&m->registry.lock);
    return status;
}

NTSTATUS NTAPI ZwQueryValueKey(HANDLE KeyHandle, PUNICODE_STRING ValueName, KEY_VALUE_INFORMATION_CLASS KeyValueInformationClass,
                               PVOID KeyValueInformation, ULONG Length, PULONG ResultLength)
{
    struct wdm_machine *m = wdm_self()->machine;
    struct reg_key *key;
    NTSTATUS status = lock_key(m, KeyHandle, &key, "ZwQueryValueKey");
    if (!NT_SUCCESS(status))
        return status;
    struct reg_value *v = reg_value_find(key, name_of(ValueName));
    status = v ? tell_value(v, KeyValueInformationClass, KeyValueInformation, Length, ResultLength)
               : STATUS_OBJECT_NAME_NOT_FOUND;
    pthread_mutex_unlock(&m->registry.lock);
    return status;
}

NTSTATUS NTAPI ZwEnumerateValueKey(HANDLE KeyHandle, ULONG Index, KEY_VALUE_INFORMATION_CLASS KeyValueInformationClass,
                                   PVOID KeyValueInformation, ULONG Length, PULONG ResultLength)
{
    struct wdm_machine *m = wdm_self()->machine;
    struct reg_key *key;
    NTSTATUS status = lock_key(m, KeyHandle, &key, "ZwEnumerateValueKey");
    if (!NT_SUCCESS(status))
        return status;
    struct reg_value *v = reg_value_at(key, Index);
    status = v ? tell_value(v, KeyValueInformationClass, KeyValueInformation, Length, ResultLength) : STATUS_NO_MORE_ENTRIES;
    pthread_mutex_unlock(&m->registry.lock);
    return status;
}
