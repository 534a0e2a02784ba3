/* SPDX-License-Identifier: MIT */
/* The run-time library: counted strings, numbers, GUIDs. */
#include <string.h>

#include <ddi_wide.h>

#include "kernel/wdm/guid_text.h"
#include "kernel/wdm/impl.h"
#include "kernel/wdm/units.h"

#define STRING_TAG 0x53677453 /* "StgS" */

SIZE_T NTAPI RtlCompareMemory(const VOID *Source1, const VOID *Source2, SIZE_T Length)
{
    const uint8_t *a = Source1, *b = Source2;
    SIZE_T i = 0;
    while (i < Length && a[i] == b[i])
        i++;
    return i;
}

static size_t bounded_length(size_t units, size_t unit_size)
{
    size_t most = UNICODE_STRING_MAX_BYTES / unit_size - 1;
    return (units < most ? units : most) * unit_size;
}

VOID NTAPI RtlInitUnicodeString(PUNICODE_STRING DestinationString, PCWSTR SourceString)
{
    size_t bytes = SourceString ? bounded_length(ddi_wcslen(SourceString), sizeof(WCHAR)) : 0;
    *DestinationString = (UNICODE_STRING){(USHORT)bytes, (USHORT)(SourceString ? bytes + sizeof(WCHAR) : 0),
                                          (PWSTR)(uintptr_t)SourceString};
}

VOID NTAPI RtlInitAnsiString(PANSI_STRING DestinationString, PCSTR SourceString)
{
    size_t bytes = SourceString ? bounded_length(strlen(SourceString), 1) : 0;
    *DestinationString = (ANSI_STRING){(USHORT)bytes, (USHORT)(SourceString ? bytes + 1 : 0), (PCHAR)(uintptr_t)SourceString};
}

VOID NTAPI RtlCopyUnicodeString(PUNICODE_STRING DestinationString, PCUNICODE_STRING SourceString)
{
    size_t bytes = SourceString ? SourceString->Length : 0;
    if (bytes > DestinationString->MaximumLength)
        bytes = DestinationString->MaximumLength & ~1u;
    if (bytes)
        memmove(DestinationString->Buffer, SourceString->Buffer, bytes);
    DestinationString->Length = (USHORT)bytes;
    if (bytes + sizeof(WCHAR) <= DestinationString->MaximumLength)
        DestinationString->Buffer[bytes / 2] = 0;
}

NTSTATUS NTAPI RtlAppendUnicodeStringToString(PUNICODE_STRING Destination, PCUNICODE_STRING Source)
{
    size_t total = (size_t)Destination->Length + Source->Length;
    if (total > Destination->MaximumLength)
        return STATUS_BUFFER_TOO_SMALL;
    if (Source->Length)
        memmove(Destination->Buffer + Destination->Length / 2, Source->Buffer, Source->Length);
    Destination->Length = (USHORT)total;
    if (total + sizeof(WCHAR) <= Destination->MaximumLength)
        Destination->Buffer[total / 2] = 0;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlAppendUnicodeToString(PUNICODE_STRING Destination, PCWSTR Source)
{
    UNICODE_STRING source;
    RtlInitUnicodeString(&source, Source);
    return RtlAppendUnicodeStringToString(Destination, &source);
}

WCHAR NTAPI RtlUpcaseUnicodeChar(WCHAR SourceCharacter)
{
    wdm_need_irql(PASSIVE_LEVEL, "RtlUpcaseUnicodeChar");
    return unit_up(SourceCharacter);
}

static LONG compare(PCUNICODE_STRING String1, PCUNICODE_STRING String2, BOOLEAN CaseInSensitive)
{
    size_t a = String1->Length / 2u, b = String2->Length / 2u;
    if (CaseInSensitive)
        return units_compare(String1->Buffer, a, String2->Buffer, b);
    for (size_t i = 0; i < a && i < b; i++)
        if (String1->Buffer[i] != String2->Buffer[i])
            return (LONG)String1->Buffer[i] - (LONG)String2->Buffer[i];
    return (LONG)a - (LONG)b;
}

LONG NTAPI RtlCompareUnicodeString(PCUNICODE_STRING String1, PCUNICODE_STRING String2, BOOLEAN CaseInSensitive)
{
    wdm_need_irql(PASSIVE_LEVEL, "RtlCompareUnicodeString");
    return compare(String1, String2, CaseInSensitive);
}

BOOLEAN NTAPI RtlEqualUnicodeString(PCUNICODE_STRING String1, PCUNICODE_STRING String2, BOOLEAN CaseInSensitive)
{
    wdm_need_irql(PASSIVE_LEVEL, "RtlEqualUnicodeString");
    return compare(String1, String2, CaseInSensitive) == 0;
}

BOOLEAN NTAPI RtlPrefixUnicodeString(PCUNICODE_STRING Prefix, PCUNICODE_STRING String, BOOLEAN CaseInSensitive)
{
    UNICODE_STRING start = *String;
    wdm_need_irql(PASSIVE_LEVEL, "RtlPrefixUnicodeString");
    if (start.Length < Prefix->Length)
        return FALSE;
    start.Length = Prefix->Length;
    return compare(Prefix, &start, CaseInSensitive) == 0;
}

NTSTATUS NTAPI RtlIntegerToUnicodeString(ULONG Value, ULONG Base, PUNICODE_STRING String)
{
    WCHAR digits[33];
    size_t n = 0;
    wdm_need_irql(PASSIVE_LEVEL, "RtlIntegerToUnicodeString");
    if (Base == 0)
        Base = 10;
    if (Base != 2 && Base != 8 && Base != 10 && Base != 16)
        return STATUS_INVALID_PARAMETER;
    do {
        digits[n++] = (WCHAR) "0123456789ABCDEF"[Value % Base];
        Value /= Base;
    } while (Value);
    if (n * 2 > String->MaximumLength)
        return STATUS_BUFFER_OVERFLOW;
    for (size_t i = 0; i < n; i++)
        String->Buffer[i] = digits[n - 1 - i];
    String->Length = (USHORT)(n * 2);
    if (n * 2 + 2 <= String->MaximumLength)
        String->Buffer[n] = 0;
    return STATUS_SUCCESS;
}

static unsigned digit_of(WCHAR c)
{
    if (c >= '0' && c <= '9')
        return c - '0' + 0u;
    c = unit_up(c);
    return c >= 'A' && c <= 'F' ? c - 'A' + 10u : 99;
}

/* Base 0: 0x, 0o and 0b in front say which. Ends at the first character that is no digit, and wraps as on Windows. */
NTSTATUS NTAPI RtlUnicodeStringToInteger(PCUNICODE_STRING String, ULONG Base, PULONG Value)
{
    size_t i = 0, n = String->Length / 2u;
    ULONG value = 0;
    wdm_need_irql(PASSIVE_LEVEL, "RtlUnicodeStringToInteger");
    while (i < n && String->Buffer[i] <= ' ')
        i++;
    bool negative = i < n && String->Buffer[i] == '-';
    i += i < n && (negative || String->Buffer[i] == '+');
    if (Base == 0) {
        WCHAR mark = i + 1 < n && String->Buffer[i] == '0' ? String->Buffer[i + 1] : 0;
        Base = mark == 'x' ? 16 : mark == 'o' ? 8 : mark == 'b' ? 2 : 10;
        i += Base == 10 ? 0 : 2;
    } else if (Base != 2 && Base != 8 && Base != 10 && Base != 16) {
        return STATUS_INVALID_PARAMETER;
    }
    for (; i < n && digit_of(String->Buffer[i]) < Base; i++)
        value = value * Base + digit_of(String->Buffer[i]);
    *Value = negative ? 0 - value : value;
    return STATUS_SUCCESS;
}

/* ---- strings in new memory ---- */

static bool allocate(PUNICODE_STRING string, size_t units)
{
    *string = (UNICODE_STRING){0, 0, NULL};
    if ((units + 1) * 2 > UNICODE_STRING_MAX_BYTES)
        return false;
    string->Buffer = ExAllocatePoolWithTag(PagedPool, (units + 1) * 2, STRING_TAG);
    if (!string->Buffer)
        return false;
    string->MaximumLength = (USHORT)((units + 1) * 2);
    return true;
}

VOID NTAPI RtlFreeUnicodeString(PUNICODE_STRING UnicodeString)
{
    wdm_need_irql(PASSIVE_LEVEL, "RtlFreeUnicodeString");
    if (UnicodeString->Buffer)
        ExFreePoolWithTag(UnicodeString->Buffer, STRING_TAG);
    *UnicodeString = (UNICODE_STRING){0, 0, NULL};
}

VOID NTAPI RtlFreeAnsiString(PANSI_STRING AnsiString)
{
    wdm_need_irql(PASSIVE_LEVEL, "RtlFreeAnsiString");
    if (AnsiString->Buffer)
        ExFreePoolWithTag(AnsiString->Buffer, STRING_TAG);
    *AnsiString = (ANSI_STRING){0, 0, NULL};
}

NTSTATUS NTAPI RtlAnsiStringToUnicodeString(PUNICODE_STRING DestinationString, PANSI_STRING SourceString,
                                            BOOLEAN AllocateDestinationString)
{
    size_t n = SourceString->Length;
    wdm_need_irql(PASSIVE_LEVEL, "RtlAnsiStringToUnicodeString");
    if (AllocateDestinationString && !allocate(DestinationString, n))
        return STATUS_NO_MEMORY;
    if ((n + 1) * 2 > DestinationString->MaximumLength)
        return STATUS_BUFFER_OVERFLOW;
    for (size_t i = 0; i < n; i++)
        DestinationString->Buffer[i] = (UCHAR)SourceString->Buffer[i];
    DestinationString->Buffer[n] = 0;
    DestinationString->Length = (USHORT)(n * 2);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlUnicodeStringToAnsiString(PANSI_STRING DestinationString, PCUNICODE_STRING SourceString,
                                            BOOLEAN AllocateDestinationString)
{
    size_t n = SourceString->Length / 2u;
    wdm_need_irql(PASSIVE_LEVEL, "RtlUnicodeStringToAnsiString");
    if (AllocateDestinationString) {
        PCHAR buffer = ExAllocatePoolWithTag(PagedPool, n + 1, STRING_TAG);
        if (!buffer)
            return STATUS_NO_MEMORY;
        *DestinationString = (ANSI_STRING){0, (USHORT)(n + 1), buffer};
    }
    if (n + 1 > DestinationString->MaximumLength)
        return STATUS_BUFFER_OVERFLOW;
    for (size_t i = 0; i < n; i++)
        DestinationString->Buffer[i] = (char)(SourceString->Buffer[i] < 0x100 ? SourceString->Buffer[i] : '?');
    DestinationString->Buffer[n] = 0;
    DestinationString->Length = (USHORT)n;
    return STATUS_SUCCESS;
}

/* ---- GUIDs ---- */

NTSTATUS NTAPI RtlStringFromGUID(REFGUID Guid, PUNICODE_STRING GuidString)
{
    char text[GUID_TEXT + 1];
    wdm_need_irql(PASSIVE_LEVEL, "RtlStringFromGUID");
    if (!allocate(GuidString, GUID_TEXT))
        return STATUS_NO_MEMORY;
    guid_text(Guid, text);
    for (size_t i = 0; i <= GUID_TEXT; i++)
        GuidString->Buffer[i] = (UCHAR)text[i];
    GuidString->Length = GUID_TEXT * 2;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlGUIDFromString(PCUNICODE_STRING GuidString, GUID *Guid)
{
    static const char shape[] = "{xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx}";
    uint8_t bytes[16];
    unsigned digits = 0;
    wdm_need_irql(PASSIVE_LEVEL, "RtlGUIDFromString");
    if (GuidString->Length != GUID_TEXT * 2)
        return STATUS_INVALID_PARAMETER;
    for (size_t i = 0; i < GUID_TEXT; i++) {
        unsigned digit = digit_of(GuidString->Buffer[i]);
        if (shape[i] != 'x' ? GuidString->Buffer[i] != (WCHAR)shape[i] : digit > 15)
            return STATUS_INVALID_PARAMETER;
        if (shape[i] != 'x')
            continue;
        bytes[digits / 2] = (uint8_t)(digits % 2 ? bytes[digits / 2] << 4 | digit : digit);
        digits++;
    }
    Guid->Data1 = (ULONG)bytes[0] << 24 | (ULONG)bytes[1] << 16 | (ULONG)bytes[2] << 8 | bytes[3];
    Guid->Data2 = (USHORT)(bytes[4] << 8 | bytes[5]);
    Guid->Data3 = (USHORT)(bytes[6] << 8 | bytes[7]);
    memcpy(Guid->Data4, bytes + 8, 8);
    return STATUS_SUCCESS;
}
