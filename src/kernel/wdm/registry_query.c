/* SPDX-License-Identifier: MIT */
/* RtlQueryRegistryValues: a table of values, each given to a routine or copied to a place; and the calls that write one by path. */
#include <string.h>

#include <ddi_wide.h>

#include "base/alloc.h"
#include "kernel/wdm/impl.h"

struct query {
    HANDLE top, key; /* key: where the next entry is looked up */
    PVOID context;
};

static NTSTATUS open_below(HANDLE root, PCWSTR path, bool create, HANDLE *out)
{
    UNICODE_STRING name;
    OBJECT_ATTRIBUTES attributes;
    RtlInitUnicodeString(&name, path);
    InitializeObjectAttributes(&attributes, &name, OBJ_CASE_INSENSITIVE, root, NULL);
    return create ? ZwCreateKey(out, KEY_ALL_ACCESS, &attributes, 0, NULL, REG_OPTION_NON_VOLATILE, NULL)
                  : ZwOpenKey(out, KEY_READ, &attributes);
}

static NTSTATUS open_top(ULONG relative_to, PCWSTR path, bool create, HANDLE *out)
{
    static const WCHAR services[] = u"\\Registry\\Machine\\System\\CurrentControlSet\\Services";
    static const WCHAR control[] = u"\\Registry\\Machine\\System\\CurrentControlSet\\Control";
    HANDLE root = NULL;
    if (relative_to == RTL_REGISTRY_ABSOLUTE)
        return open_below(NULL, path, create, out);
    if (relative_to != RTL_REGISTRY_SERVICES && relative_to != RTL_REGISTRY_CONTROL)
        return STATUS_INVALID_PARAMETER;
    NTSTATUS status = open_below(NULL, relative_to == RTL_REGISTRY_SERVICES ? services : control, create, &root);
    if (!NT_SUCCESS(status))
        return status;
    status = open_below(root, path, create, out);
    ZwClose(root);
    return status;
}

/* Into EntryContext, without a routine: strings into a UNICODE_STRING, up to 4 bytes as they are, more behind a size. */
static NTSTATUS copy_direct(const RTL_QUERY_REGISTRY_TABLE *entry, ULONG type, const void *data, ULONG size)
{
    if (type == REG_SZ || type == REG_EXPAND_SZ) {
        UNICODE_STRING *string = entry->EntryContext;
        UNICODE_STRING from = {(USHORT)(size & ~1u), (USHORT)size, (PWSTR)(uintptr_t)data};
        while (from.Length && from.Buffer[from.Length / 2 - 1] == 0)
            from.Length = (USHORT)(from.Length - 2);
        if (!string->Buffer) {
            string->Buffer = ExAllocatePoolWithTag(PagedPool, from.Length + 2u, 0x53677453); /* for RtlFreeUnicodeString */
            if (!string->Buffer)
                return STATUS_NO_MEMORY;
            string->MaximumLength = (USHORT)(from.Length + 2);
        }
        if (from.Length > string->MaximumLength)
            return STATUS_BUFFER_TOO_SMALL;
        RtlCopyUnicodeString(string, &from);
        return STATUS_SUCCESS;
    }
    if (size <= sizeof(ULONG)) {
        memcpy(entry->EntryContext, data, size);
        return STATUS_SUCCESS;
    }
    LONG room;
    memcpy(&room, entry->EntryContext, sizeof room);
    if (room >= 0 || (ULONG)-room < size) /* the caller says the size of its buffer as a negative number in it */
        return STATUS_BUFFER_TOO_SMALL;
    memcpy(entry->EntryContext, data, size);
    return STATUS_SUCCESS;
}

static NTSTATUS deliver(const struct query *q, const RTL_QUERY_REGISTRY_TABLE *entry, PWSTR name, ULONG type, PVOID data,
                        ULONG size)
{
    if (entry->Flags & RTL_QUERY_REGISTRY_DIRECT)
        return entry->EntryContext ? copy_direct(entry, type, data, size) : STATUS_INVALID_PARAMETER;
    if (!entry->QueryRoutine)
        return STATUS_SUCCESS;
    return entry->QueryRoutine(name, type, data, size, q->context, entry->EntryContext);
}

static ULONG default_size(const RTL_QUERY_REGISTRY_TABLE *entry)
{
    if (entry->DefaultLength || !entry->DefaultData || entry->DefaultType != REG_SZ)
        return entry->DefaultLength;
    return (ULONG)(ddi_wcslen(entry->DefaultData) + 1) * 2;
}

static NTSTATUS absent(const struct query *q, const RTL_QUERY_REGISTRY_TABLE *entry)
{
    if (entry->Flags & RTL_QUERY_REGISTRY_REQUIRED)
        return STATUS_OBJECT_NAME_NOT_FOUND;
    if (entry->DefaultType == REG_NONE || !entry->DefaultData)
        return STATUS_SUCCESS;
    return deliver(q, entry, entry->Name, entry->DefaultType, entry->DefaultData, default_size(entry));
}

static NTSTATUS query_value(const struct query *q, const RTL_QUERY_REGISTRY_TABLE *entry)
{
    UNICODE_STRING name;
    ULONG size;
    RtlInitUnicodeString(&name, entry->Name);
    NTSTATUS status = ZwQueryValueKey(q->key, &name, KeyValuePartialInformation, NULL, 0, &size);
    if (status == STATUS_OBJECT_NAME_NOT_FOUND)
        return absent(q, entry);
    KEY_VALUE_PARTIAL_INFORMATION *value = status == STATUS_BUFFER_TOO_SMALL ? dm_calloc(1, size + sizeof *value) : NULL;
    if (!value)
        return status == STATUS_BUFFER_TOO_SMALL ? STATUS_NO_MEMORY : status;
    status = ZwQueryValueKey(q->key, &name, KeyValuePartialInformation, value, size, &size);
    if (NT_SUCCESS(status))
        status = deliver(q, entry, entry->Name, value->Type, value->Data, value->DataLength);
    if (NT_SUCCESS(status) && (entry->Flags & RTL_QUERY_REGISTRY_DELETE))
        ZwDeleteValueKey(q->key, &name);
    dm_free(value);
    return status;
}

static NTSTATUS each_value(const struct query *q, const RTL_QUERY_REGISTRY_TABLE *entry)
{
    NTSTATUS status = STATUS_SUCCESS;
    for (ULONG i = 0; NT_SUCCESS(status); i++) {
        ULONG size;
        status = ZwEnumerateValueKey(q->key, i, KeyValueFullInformation, NULL, 0, &size);
        if (status == STATUS_NO_MORE_ENTRIES)
            return STATUS_SUCCESS;
        if (status != STATUS_BUFFER_TOO_SMALL)
            return status;
        KEY_VALUE_FULL_INFORMATION *value = dm_calloc(1, size + sizeof *value);
        WCHAR *name = dm_calloc(1, size + sizeof *name);
        status = value && name ? ZwEnumerateValueKey(q->key, i, KeyValueFullInformation, value, size, &size) : STATUS_NO_MEMORY;
        if (NT_SUCCESS(status)) {
            memcpy(name, value->Name, value->NameLength);
            status = deliver(q, entry, name, value->Type, (char *)value + value->DataOffset, value->DataLength);
        }
        dm_free(name);
        dm_free(value);
    }
    return status;
}

static NTSTATUS query_entry(struct query *q, const RTL_QUERY_REGISTRY_TABLE *entry)
{
    if (entry->Flags & (RTL_QUERY_REGISTRY_TOPKEY | RTL_QUERY_REGISTRY_SUBKEY)) {
        if (q->key != q->top)
            ZwClose(q->key);
        q->key = q->top;
    }
    if (entry->Flags & RTL_QUERY_REGISTRY_SUBKEY) {
        HANDLE below;
        if (!entry->Name)
            return STATUS_INVALID_PARAMETER;
        NTSTATUS status = open_below(q->top, entry->Name, false, &below);
        if (!NT_SUCCESS(status))
            return entry->Flags & RTL_QUERY_REGISTRY_REQUIRED ? status : STATUS_SUCCESS;
        q->key = below;
        return entry->QueryRoutine ? each_value(q, entry) : STATUS_SUCCESS;
    }
    if (entry->Flags & RTL_QUERY_REGISTRY_NOVALUE)
        return entry->QueryRoutine ? entry->QueryRoutine(NULL, REG_NONE, NULL, 0, q->context, entry->EntryContext)
                                   : STATUS_SUCCESS;
    return entry->Name ? query_value(q, entry) : each_value(q, entry);
}

NTSTATUS NTAPI RtlQueryRegistryValues(ULONG RelativeTo, PCWSTR Path, PRTL_QUERY_REGISTRY_TABLE QueryTable, PVOID Context,
                                      PVOID Environment)
{
    struct query q = {.context = Context};
    bool given = RelativeTo & RTL_REGISTRY_HANDLE;
    (void)Environment; /* REG_EXPAND_SZ is not expanded: there is no environment */
    wdm_need_irql(PASSIVE_LEVEL, "RtlQueryRegistryValues");
    NTSTATUS status = STATUS_SUCCESS;
    if (given)
        q.top = (HANDLE)(uintptr_t)Path;
    else
        status = open_top(RelativeTo & ~(ULONG)RTL_REGISTRY_OPTIONAL, Path, false, &q.top);
    if (!NT_SUCCESS(status))
        return RelativeTo & RTL_REGISTRY_OPTIONAL ? STATUS_SUCCESS : status;
    q.key = q.top;
    for (; NT_SUCCESS(status) && (QueryTable->QueryRoutine || QueryTable->Name); QueryTable++)
        status = query_entry(&q, QueryTable);
    if (q.key != q.top)
        ZwClose(q.key);
    if (!given)
        ZwClose(q.top);
    return status;
}

/* ---- one value by path ---- */

static NTSTATUS begin(ULONG relative_to, PCWSTR path, bool create, HANDLE *key, const char *what)
{
    wdm_need_irql(PASSIVE_LEVEL, what);
    if (relative_to & RTL_REGISTRY_HANDLE)
        *key = (HANDLE)(uintptr_t)path;
    return relative_to & RTL_REGISTRY_HANDLE ? STATUS_SUCCESS : open_top(relative_to & ~(ULONG)RTL_REGISTRY_OPTIONAL, path, create, key);
}

static NTSTATUS end(ULONG relative_to, HANDLE key, NTSTATUS status)
{
    if (!(relative_to & RTL_REGISTRY_HANDLE))
        ZwClose(key);
    return status;
}

NTSTATUS NTAPI RtlWriteRegistryValue(ULONG RelativeTo, PCWSTR Path, PCWSTR ValueName, ULONG ValueType, PVOID ValueData,
                                     ULONG ValueLength)
{
    UNICODE_STRING name;
    HANDLE key;
    NTSTATUS status = begin(RelativeTo, Path, true, &key, "RtlWriteRegistryValue");
    RtlInitUnicodeString(&name, ValueName);
    return NT_SUCCESS(status) ? end(RelativeTo, key, ZwSetValueKey(key, &name, 0, ValueType, ValueData, ValueLength)) : status;
}

NTSTATUS NTAPI RtlDeleteRegistryValue(ULONG RelativeTo, PCWSTR Path, PCWSTR ValueName)
{
    UNICODE_STRING name;
    HANDLE key;
    NTSTATUS status = begin(RelativeTo, Path, false, &key, "RtlDeleteRegistryValue");
    RtlInitUnicodeString(&name, ValueName);
    return NT_SUCCESS(status) ? end(RelativeTo, key, ZwDeleteValueKey(key, &name)) : status;
}

NTSTATUS NTAPI RtlCreateRegistryKey(ULONG RelativeTo, PWSTR Path)
{
    HANDLE key;
    NTSTATUS status = begin(RelativeTo, Path, true, &key, "RtlCreateRegistryKey");
    return NT_SUCCESS(status) ? end(RelativeTo, key, STATUS_SUCCESS) : status;
}

NTSTATUS NTAPI RtlCheckRegistryKey(ULONG RelativeTo, PWSTR Path)
{
    HANDLE key;
    NTSTATUS status = begin(RelativeTo, Path, false, &key, "RtlCheckRegistryKey");
    return NT_SUCCESS(status) ? end(RelativeTo, key, STATUS_SUCCESS) : status;
}
