/* SPDX-License-Identifier: MIT */
/*
 * ddi_rtl.h - the run-time library of wdm.h: memory, lists, strings, the registry, messages for the debugger.
 *
 * Source: spec/ddi-kernel.md 11.3.
 */
#ifndef DDI_RTL_H
#define DDI_RTL_H

#include <stdarg.h>
#include <string.h>

#include "ntdef.h"
#include "ntstatus.h"

#ifdef __cplusplus
extern "C" {
#endif

#define RtlCopyMemory(to, from, n) memcpy((to), (from), (n))
#define RtlMoveMemory(to, from, n) memmove((to), (from), (n))
#define RtlZeroMemory(to, n)       memset((to), 0, (n))
#define RtlFillMemory(to, n, byte) memset((to), (byte), (n))
#define RtlEqualMemory(a, b, n)    (!memcmp((a), (b), (n)))
/* Not left out by the compiler, whatever comes after. */
static inline PVOID RtlSecureZeroMemory(PVOID Memory, SIZE_T Length)
{
    memset(Memory, 0, Length);
    __asm__ volatile("" : : "r"(Memory) : "memory");
    return Memory;
}
#define CopyMemory    RtlCopyMemory
#define MoveMemory    RtlMoveMemory
#define ZeroMemory    RtlZeroMemory
#define FillMemory    RtlFillMemory
/* Bytes that are equal before the first difference. Any level. */
NTSYSAPI SIZE_T NTAPI RtlCompareMemory(const VOID *Source1, const VOID *Source2, SIZE_T Length);

static inline USHORT RtlUshortByteSwap(USHORT Source) { return __builtin_bswap16(Source); }
static inline ULONG RtlUlongByteSwap(ULONG Source) { return __builtin_bswap32(Source); }
static inline ULONGLONG RtlUlonglongByteSwap(ULONGLONG Source) { return __builtin_bswap64(Source); }
static inline LARGE_INTEGER RtlConvertLongToLargeInteger(LONG SignedInteger)
{
    LARGE_INTEGER value;
    value.QuadPart = SignedInteger;
    return value;
}
static inline LARGE_INTEGER RtlConvertUlongToLargeInteger(ULONG UnsignedInteger)
{
    LARGE_INTEGER value;
    value.QuadPart = UnsignedInteger;
    return value;
}

/* ---- rings ---- */
static inline VOID InitializeListHead(PLIST_ENTRY Head) { Head->Flink = Head->Blink = Head; }
static inline BOOLEAN IsListEmpty(const LIST_ENTRY *Head) { return (BOOLEAN)(Head->Flink == Head); }
/* The host's hook: an entry whose neighbours do not point to it is removed, a bug check 0x139 on Windows 8 and later. */
NTSYSAPI VOID NTAPI wdm_list_corrupt(PLIST_ENTRY Entry) __attribute__((cold));
/* TRUE: the list is empty now. */
static inline __attribute__((always_inline)) BOOLEAN RemoveEntryList(PLIST_ENTRY Entry)
{
    PLIST_ENTRY next = Entry->Flink, previous = Entry->Blink;
    if (!next || !previous || next->Blink != Entry || previous->Flink != Entry) {
        wdm_list_corrupt(Entry); /* and it stays as it is */
        return (BOOLEAN)(next == previous);
    }
    previous->Flink = next;
    next->Blink = previous;
    return (BOOLEAN)(next == previous);
}
/* The removed entry: the head itself if the list was empty. */
static inline PLIST_ENTRY RemoveHeadList(PLIST_ENTRY Head)
{
    PLIST_ENTRY entry = Head->Flink;
    RemoveEntryList(entry);
    return entry;
}
static inline PLIST_ENTRY RemoveTailList(PLIST_ENTRY Head)
{
    PLIST_ENTRY entry = Head->Blink;
    RemoveEntryList(entry);
    return entry;
}
static inline VOID InsertTailList(PLIST_ENTRY Head, PLIST_ENTRY Entry)
{
    Entry->Flink = Head;
    Entry->Blink = Head->Blink;
    Head->Blink->Flink = Entry;
    Head->Blink = Entry;
}
static inline VOID InsertHeadList(PLIST_ENTRY Head, PLIST_ENTRY Entry)
{
    Entry->Flink = Head->Flink;
    Entry->Blink = Head;
    Head->Flink->Blink = Entry;
    Head->Flink = Entry;
}

/* ---- strings, PASSIVE_LEVEL unless said (rule 1); Init, Copy and Append: any level, if the strings are not paged ---- */
NTSYSAPI VOID NTAPI RtlInitUnicodeString(PUNICODE_STRING DestinationString, PCWSTR SourceString); /* any level; NULL: empty */
NTSYSAPI VOID NTAPI RtlInitAnsiString(PANSI_STRING DestinationString, PCSTR SourceString);
/* Copies what fits into MaximumLength. */
NTSYSAPI VOID NTAPI RtlCopyUnicodeString(PUNICODE_STRING DestinationString, PCUNICODE_STRING SourceString);
NTSYSAPI NTSTATUS NTAPI RtlAppendUnicodeToString(PUNICODE_STRING Destination, PCWSTR Source); /* STATUS_BUFFER_TOO_SMALL */
NTSYSAPI NTSTATUS NTAPI RtlAppendUnicodeStringToString(PUNICODE_STRING Destination, PCUNICODE_STRING Source);
NTSYSAPI BOOLEAN NTAPI RtlEqualUnicodeString(PCUNICODE_STRING String1, PCUNICODE_STRING String2, BOOLEAN CaseInSensitive);
NTSYSAPI BOOLEAN NTAPI RtlPrefixUnicodeString(PCUNICODE_STRING Prefix, PCUNICODE_STRING String, BOOLEAN CaseInSensitive);
NTSYSAPI LONG NTAPI RtlCompareUnicodeString(PCUNICODE_STRING String1, PCUNICODE_STRING String2, BOOLEAN CaseInSensitive);
/* Decimal, or another base of 2, 8, 10, 16. */
NTSYSAPI NTSTATUS NTAPI RtlIntegerToUnicodeString(ULONG Value, ULONG Base, PUNICODE_STRING String);
NTSYSAPI NTSTATUS NTAPI RtlUnicodeStringToInteger(PCUNICODE_STRING String, ULONG Base, PULONG Value);
/* "{xxxxxxxx-....}" in memory that RtlFreeUnicodeString gives back. */
NTSYSAPI NTSTATUS NTAPI RtlStringFromGUID(REFGUID Guid, PUNICODE_STRING GuidString);
NTSYSAPI NTSTATUS NTAPI RtlGUIDFromString(PCUNICODE_STRING GuidString, GUID *Guid);
NTSYSAPI VOID NTAPI RtlFreeUnicodeString(PUNICODE_STRING UnicodeString);
NTSYSAPI WCHAR NTAPI RtlUpcaseUnicodeChar(WCHAR SourceCharacter);
/* Latin-1 to UTF-16 and back ('?' for what has no place in it); with TRUE into new memory, to be freed as such. */
NTSYSAPI NTSTATUS NTAPI RtlAnsiStringToUnicodeString(PUNICODE_STRING DestinationString, PANSI_STRING SourceString,
                                                     BOOLEAN AllocateDestinationString);
NTSYSAPI NTSTATUS NTAPI RtlUnicodeStringToAnsiString(PANSI_STRING DestinationString, PCUNICODE_STRING SourceString,
                                                     BOOLEAN AllocateDestinationString);
NTSYSAPI VOID NTAPI RtlFreeAnsiString(PANSI_STRING AnsiString);

/* ---- the registry: a small store of the host, STATUS_OBJECT_NAME_NOT_FOUND when absent; PASSIVE_LEVEL ---- */
typedef ULONG ACCESS_MASK, *PACCESS_MASK;
#define DELETE             0x00010000
#define READ_CONTROL       0x00020000
#define SYNCHRONIZE        0x00100000
#define STANDARD_RIGHTS_READ READ_CONTROL
#define STANDARD_RIGHTS_ALL  0x001f0000
#define GENERIC_READ       0x80000000
#define GENERIC_WRITE      0x40000000
#define GENERIC_ALL        0x10000000
#define KEY_QUERY_VALUE        0x0001
#define KEY_SET_VALUE          0x0002
#define KEY_CREATE_SUB_KEY     0x0004
#define KEY_ENUMERATE_SUB_KEYS 0x0008
#define KEY_NOTIFY             0x0010
#define KEY_CREATE_LINK        0x0020
#define KEY_READ               0x00020019
#define KEY_WRITE              0x00020006
#define KEY_ALL_ACCESS         0x000f003f

#define REG_NONE      0
#define REG_SZ        1 /* UTF-16 with its terminating zero */
#define REG_EXPAND_SZ 2
#define REG_BINARY    3
#define REG_DWORD     4
#define REG_MULTI_SZ  7

#define REG_OPTION_NON_VOLATILE 0
#define REG_OPTION_VOLATILE     1
#define REG_CREATED_NEW_KEY     1
#define REG_OPENED_EXISTING_KEY 2

typedef enum _KEY_INFORMATION_CLASS {
    KeyBasicInformation,
    KeyNodeInformation,
    KeyFullInformation
} KEY_INFORMATION_CLASS;

typedef struct _KEY_BASIC_INFORMATION {
    LARGE_INTEGER LastWriteTime;
    ULONG TitleIndex;
    ULONG NameLength; /* bytes */
    WCHAR Name[1];
} KEY_BASIC_INFORMATION, *PKEY_BASIC_INFORMATION;

typedef struct _KEY_NODE_INFORMATION {
    LARGE_INTEGER LastWriteTime;
    ULONG TitleIndex;
    ULONG ClassOffset;
    ULONG ClassLength;
    ULONG NameLength;
    WCHAR Name[1];
} KEY_NODE_INFORMATION, *PKEY_NODE_INFORMATION;

typedef struct _KEY_FULL_INFORMATION {
    LARGE_INTEGER LastWriteTime;
    ULONG TitleIndex;
    ULONG ClassOffset;
    ULONG ClassLength;
    ULONG SubKeys;
    ULONG MaxNameLen; /* bytes, as the other Max */
    ULONG MaxClassLen;
    ULONG Values;
    ULONG MaxValueNameLen;
    ULONG MaxValueDataLen;
    WCHAR Class[1];
} KEY_FULL_INFORMATION, *PKEY_FULL_INFORMATION;

typedef enum _KEY_VALUE_INFORMATION_CLASS {
    KeyValueBasicInformation,
    KeyValueFullInformation,
    KeyValuePartialInformation
} KEY_VALUE_INFORMATION_CLASS;

typedef struct _KEY_VALUE_BASIC_INFORMATION {
    ULONG TitleIndex;
    ULONG Type; /* REG_* */
    ULONG NameLength;
    WCHAR Name[1];
} KEY_VALUE_BASIC_INFORMATION, *PKEY_VALUE_BASIC_INFORMATION;

typedef struct _KEY_VALUE_FULL_INFORMATION {
    ULONG TitleIndex;
    ULONG Type;
    ULONG DataOffset; /* bytes from the start of this structure */
    ULONG DataLength;
    ULONG NameLength;
    WCHAR Name[1];
} KEY_VALUE_FULL_INFORMATION, *PKEY_VALUE_FULL_INFORMATION;

typedef struct _KEY_VALUE_PARTIAL_INFORMATION {
    ULONG TitleIndex;
    ULONG Type;
    ULONG DataLength;
    UCHAR Data[1];
} KEY_VALUE_PARTIAL_INFORMATION, *PKEY_VALUE_PARTIAL_INFORMATION;

NTSYSAPI NTSTATUS NTAPI ZwOpenKey(PHANDLE KeyHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes);
NTSYSAPI NTSTATUS NTAPI ZwCreateKey(PHANDLE KeyHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
                                    ULONG TitleIndex, PUNICODE_STRING Class, ULONG CreateOptions, PULONG Disposition);
NTSYSAPI NTSTATUS NTAPI ZwDeleteKey(HANDLE KeyHandle);
NTSYSAPI NTSTATUS NTAPI ZwQueryKey(HANDLE KeyHandle, KEY_INFORMATION_CLASS KeyInformationClass, PVOID KeyInformation,
                                   ULONG Length, PULONG ResultLength);
NTSYSAPI NTSTATUS NTAPI ZwEnumerateKey(HANDLE KeyHandle, ULONG Index, KEY_INFORMATION_CLASS KeyInformationClass,
                                       PVOID KeyInformation, ULONG Length, PULONG ResultLength);
NTSYSAPI NTSTATUS NTAPI ZwQueryValueKey(HANDLE KeyHandle, PUNICODE_STRING ValueName,
                                        KEY_VALUE_INFORMATION_CLASS KeyValueInformationClass, PVOID KeyValueInformation,
                                        ULONG Length, PULONG ResultLength);
NTSYSAPI NTSTATUS NTAPI ZwEnumerateValueKey(HANDLE KeyHandle, ULONG Index,
                                            KEY_VALUE_INFORMATION_CLASS KeyValueInformationClass,
                                            PVOID KeyValueInformation, ULONG Length, PULONG ResultLength);
NTSYSAPI NTSTATUS NTAPI ZwSetValueKey(HANDLE KeyHandle, PUNICODE_STRING ValueName, ULONG TitleIndex, ULONG Type,
                                      PVOID Data, ULONG DataSize);
NTSYSAPI NTSTATUS NTAPI ZwDeleteValueKey(HANDLE KeyHandle, PUNICODE_STRING ValueName);
NTSYSAPI NTSTATUS NTAPI ZwClose(HANDLE Handle);

/* Called for each value of a query table entry. */
typedef NTSTATUS(NTAPI RTL_QUERY_REGISTRY_ROUTINE)(PWSTR ValueName, ULONG ValueType, PVOID ValueData, ULONG ValueLength,
                                                   PVOID Context, PVOID EntryContext);
typedef RTL_QUERY_REGISTRY_ROUTINE *PRTL_QUERY_REGISTRY_ROUTINE;

typedef struct _RTL_QUERY_REGISTRY_TABLE { /* the last entry of a table has QueryRoutine and Name NULL */
    PRTL_QUERY_REGISTRY_ROUTINE QueryRoutine;
    ULONG Flags;        /* RTL_QUERY_REGISTRY_* */
    PWSTR Name;         /* of the value */
    PVOID EntryContext; /* with _DIRECT where the value goes */
    ULONG DefaultType;
    PVOID DefaultData;
    ULONG DefaultLength;
} RTL_QUERY_REGISTRY_TABLE, *PRTL_QUERY_REGISTRY_TABLE;

#define RTL_QUERY_REGISTRY_SUBKEY   0x00000001
#define RTL_QUERY_REGISTRY_TOPKEY   0x00000002
#define RTL_QUERY_REGISTRY_REQUIRED 0x00000004
#define RTL_QUERY_REGISTRY_NOVALUE  0x00000008
#define RTL_QUERY_REGISTRY_NOEXPAND 0x00000010
#define RTL_QUERY_REGISTRY_DIRECT   0x00000020
#define RTL_QUERY_REGISTRY_DELETE   0x00000040

/* What RelativeTo of RtlQueryRegistryValues says about Path. */
#define RTL_REGISTRY_ABSOLUTE 0
#define RTL_REGISTRY_SERVICES 1
#define RTL_REGISTRY_CONTROL  2
#define RTL_REGISTRY_HANDLE   0x40000000 /* Path is a HANDLE */
#define RTL_REGISTRY_OPTIONAL 0x80000000
NTSYSAPI NTSTATUS NTAPI RtlQueryRegistryValues(ULONG RelativeTo, PCWSTR Path, PRTL_QUERY_REGISTRY_TABLE QueryTable,
                                               PVOID Context, PVOID Environment);

/* Of the key at Path, as above. Set makes the key if there is none; RtlCheckRegistryKey only looks. */
NTSYSAPI NTSTATUS NTAPI RtlWriteRegistryValue(ULONG RelativeTo, PCWSTR Path, PCWSTR ValueName, ULONG ValueType, PVOID ValueData,
                                              ULONG ValueLength);
NTSYSAPI NTSTATUS NTAPI RtlDeleteRegistryValue(ULONG RelativeTo, PCWSTR Path, PCWSTR ValueName);
NTSYSAPI NTSTATUS NTAPI RtlCreateRegistryKey(ULONG RelativeTo, PWSTR Path);
NTSYSAPI NTSTATUS NTAPI RtlCheckRegistryKey(ULONG RelativeTo, PWSTR Path);

/* ---- the debugger ---- */
/* printf into the host's log; understands the Windows forms %ws, %S, %wZ, %I64, %I. Any level up to DIRQL, but
 * PASSIVE_LEVEL with %C, %S, %lc, %ls, %wc, %ws, %wZ (rule 1). 0. */
NTSYSAPI ULONG DbgPrint(PCSTR Format, ...) __attribute__((cold));
NTSYSAPI ULONG DbgPrintEx(ULONG ComponentId, ULONG Level, PCSTR Format, ...) __attribute__((cold));
NTSYSAPI ULONG NTAPI vDbgPrintEx(ULONG ComponentId, ULONG Level, PCSTR Format, va_list Arguments);
NTSYSAPI VOID NTAPI DbgBreakPoint(VOID); /* stops in a debugger, is logged without one */
/* A broken ASSERT: logged, stops in a debugger, then goes on. */
NTSYSAPI VOID NTAPI RtlAssert(PVOID FailedAssertion, PVOID FileName, ULONG LineNumber, PCHAR Message);

#define DPFLTR_ERROR_LEVEL   0
#define DPFLTR_WARNING_LEVEL 1
#define DPFLTR_TRACE_LEVEL   2
#define DPFLTR_INFO_LEVEL    3
#define DPFLTR_IHVAUDIO_ID   78
#define DPFLTR_DEFAULT_ID    101

#ifndef DBG
#define DBG 0
#endif
#if DBG
#define KdPrint(parenthesised)   DbgPrint parenthesised
#define KdPrintEx(parenthesised) DbgPrintEx parenthesised
#define KdBreakPoint()           DbgBreakPoint()
#define ASSERT(condition) \
    ((VOID)((condition) || (RtlAssert((PVOID) #condition, (PVOID)__FILE__, (ULONG)__LINE__, NULL), 0)))
#define ASSERTMSG(message, condition) \
    ((VOID)((condition) || (RtlAssert((PVOID) #condition, (PVOID)__FILE__, (ULONG)__LINE__, (PCHAR)(message)), 0)))
#else
#define KdPrint(parenthesised)        ((VOID)0)
#define KdPrintEx(parenthesised)      ((VOID)0)
#define KdBreakPoint()                ((VOID)0)
#define ASSERT(condition)             ((VOID)0)
#define ASSERTMSG(message, condition) ((VOID)0)
#endif
#define NT_ASSERT ASSERT
#if DBG
#define NT_VERIFY(condition) ((VOID)((condition) || (RtlAssert((PVOID) #condition, (PVOID)__FILE__, (ULONG)__LINE__, NULL), 0)))
#else
#define NT_VERIFY(condition) ((VOID)(condition))
#endif
#define C_ASSERT(condition) typedef char ddi_c_assert_type[(condition) ? 1 : -1] __attribute__((unused))

#ifdef __cplusplus
}
#endif
#endif
