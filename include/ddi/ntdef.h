/* SPDX-License-Identifier: MIT */
/*
 * ntdef.h - what every kernel-mode header is written in: NTSTATUS, counted strings, lists, 64-bit integers as unions.
 *
 * Names that drivers import are declared with NTSYSAPI, NTKERNELAPI, NTHALAPI or PORTCLSAPI. All four mean: exported by
 * the program that hosts the driver, found when the driver is loaded. NTAPI is the platform's own convention (see
 * DDI_MS_ABI in ddi_types.h). A unit whose wchar_t has 16 bits is a driver and gets the vocabulary of ddi_driver.h, too.
 *
 * Source: spec/ddi-kernel.md 11.1, 11.2, 13.
 */
#ifndef DDI_NTDEF_H
#define DDI_NTDEF_H

#include "basetyps.h"
#include "ddi_types.h"
#include "guiddef.h"

#if __SIZEOF_WCHAR_T__ == 2 || defined(DDI_DRIVER)
#include "ddi_driver.h"
#endif

#define NTAPI        DDI_CALL
#define FASTCALL     DDI_CALL
#define DDI_IMPORT   __attribute__((visibility("default")))
#define NTSYSAPI     DDI_IMPORT
#define NTSYSCALLAPI DDI_IMPORT
#define NTKERNELAPI  DDI_IMPORT
#define NTHALAPI     DDI_IMPORT
#define PORTCLSAPI   EXTERN_C DDI_IMPORT

#ifndef CONST
#define CONST const
#endif

typedef LONG NTSTATUS, *PNTSTATUS; /* negative: failure; values in ntstatus.h */
#define NT_SUCCESS(status)     (((NTSTATUS)(status)) >= 0)
#define NT_INFORMATION(status) ((((ULONG)(status)) >> 30) == 1)
#define NT_WARNING(status)     ((((ULONG)(status)) >> 30) == 2)
#define NT_ERROR(status)       ((((ULONG)(status)) >> 30) == 3)

typedef char CCHAR, *PCHAR, *PSTR, *LPSTR, *PSZ;
typedef const char *PCSTR, *LPCSTR, *PCCHAR;
typedef UCHAR *PUCHAR;
typedef USHORT *PUSHORT;
typedef BOOLEAN *PBOOLEAN;
typedef int *PINT;
typedef unsigned int *PUINT;
typedef HRESULT *PHRESULT;
typedef const WCHAR *PCWCHAR;
typedef LONG_PTR *PLONG_PTR;
typedef ULONG_PTR *PULONG_PTR;
typedef LONG_PTR SSIZE_T;
typedef ULONG_PTR KAFFINITY, *PKAFFINITY; /* one bit per processor */
typedef SIZE_T *PSIZE_T;
typedef int32_t LONG32;
typedef int32_t INT32;
typedef uint32_t ULONG32, UINT32, DWORD32;
typedef int16_t INT16;
typedef uint16_t UINT16;
typedef uint8_t UINT8;
typedef long long LONG64, INT64;
typedef unsigned long long ULONG64, UINT64, DWORD64;
typedef intptr_t INT_PTR;
typedef uintptr_t UINT_PTR;

#define PtrToUlong(p)    ((ULONG)(ULONG_PTR)(p)) /* the lower 32 bits */
#define PtrToLong(p)     ((LONG)(LONG_PTR)(p))
#define PtrToUint(p)     ((UINT)(UINT_PTR)(p))
#define UlongToPtr(u)    ((PVOID)(ULONG_PTR)(ULONG)(u))
#define LongToPtr(l)     ((PVOID)(LONG_PTR)(LONG)(l))
#define UlongToHandle(u) ((HANDLE)(ULONG_PTR)(ULONG)(u))
#define HandleToUlong(h) ((ULONG)(ULONG_PTR)(h))

typedef union _LARGE_INTEGER { /* 8 bytes, alignment 8 on every machine; LowPart is the lower half whatever the order */
    __extension__ struct {
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        LONG HighPart;
        ULONG LowPart;
#else
        ULONG LowPart;
        LONG HighPart;
#endif
    };
    struct {
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        LONG HighPart;
        ULONG LowPart;
#else
        ULONG LowPart;
        LONG HighPart;
#endif
    } u;
    LONGLONG QuadPart DDI_ALIGN8;
} LARGE_INTEGER, *PLARGE_INTEGER;

typedef union _ULARGE_INTEGER {
    __extension__ struct {
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        ULONG HighPart;
        ULONG LowPart;
#else
        ULONG LowPart;
        ULONG HighPart;
#endif
    };
    struct {
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        ULONG HighPart;
        ULONG LowPart;
#else
        ULONG LowPart;
        ULONG HighPart;
#endif
    } u;
    ULONGLONG QuadPart DDI_ALIGN8;
} ULARGE_INTEGER, *PULARGE_INTEGER;

typedef LARGE_INTEGER PHYSICAL_ADDRESS, *PPHYSICAL_ADDRESS;

typedef struct _LUID {
    ULONG LowPart;
    LONG HighPart;
} LUID, *PLUID;

typedef struct _UNICODE_STRING { /* counted; a terminating zero may follow and is not counted */
    USHORT Length;               /* bytes */
    USHORT MaximumLength;        /* bytes that Buffer has room for */
    PWSTR Buffer;
} UNICODE_STRING, *PUNICODE_STRING;
typedef const UNICODE_STRING *PCUNICODE_STRING;

typedef struct _STRING {
    USHORT Length; /* bytes */
    USHORT MaximumLength;
    PCHAR Buffer;
} STRING, *PSTRING, ANSI_STRING, *PANSI_STRING;

#define UNICODE_NULL       ((WCHAR)0)
#define UNICODE_STRING_MAX_BYTES 65534

/* Counted strings of a literal, or of an array of the driver's own. */
#ifdef __cplusplus
static inline PWSTR ddi_mutable(const WCHAR *s) { return const_cast<PWSTR>(s); }
static inline PCHAR ddi_mutable(const char *s) { return const_cast<PCHAR>(s); }
#else
#define ddi_mutable(s) ((void *)(s))
#endif
#define RTL_CONSTANT_STRING(s) {(USHORT)(sizeof(s) - sizeof((s)[0])), (USHORT)sizeof(s), ddi_mutable(s)}
#define DECLARE_CONST_UNICODE_STRING(name, literal) \
    const WCHAR name##_buffer[] = literal; \
    const UNICODE_STRING name = {(USHORT)(sizeof(literal) - sizeof(WCHAR)), (USHORT)sizeof(literal), ddi_mutable(name##_buffer)}
#define DECLARE_UNICODE_STRING_SIZE(name, characters) \
    WCHAR name##_buffer[characters]; \
    UNICODE_STRING name = {0, (USHORT)((characters) * sizeof(WCHAR)), name##_buffer}
#define RtlInitEmptyUnicodeString(string, buffer, bytes) \
    ((VOID)((string)->Buffer = (buffer), (string)->MaximumLength = (USHORT)(bytes), (string)->Length = 0))

/* A link of a ring; a head is a link, too, and an empty ring is a head that points at itself. */
typedef struct _LIST_ENTRY {
    struct _LIST_ENTRY *Flink; /* next */
    struct _LIST_ENTRY *Blink; /* previous */
} LIST_ENTRY, *PLIST_ENTRY;

typedef struct _SINGLE_LIST_ENTRY {
    struct _SINGLE_LIST_ENTRY *Next;
} SINGLE_LIST_ENTRY, *PSINGLE_LIST_ENTRY;

typedef struct _OBJECT_ATTRIBUTES { /* names an object for Zw calls; fill with InitializeObjectAttributes */
    ULONG Length;                   /* bytes of this structure */
    HANDLE RootDirectory;           /* what ObjectName is relative to, or NULL */
    PUNICODE_STRING ObjectName;     /* must live as long as the structure */
    ULONG Attributes;               /* OBJ_* */
    PVOID SecurityDescriptor;
    PVOID SecurityQualityOfService;
} OBJECT_ATTRIBUTES, *POBJECT_ATTRIBUTES;
typedef const OBJECT_ATTRIBUTES *PCOBJECT_ATTRIBUTES;

#define OBJ_INHERIT          0x00000002
#define OBJ_PERMANENT        0x00000010
#define OBJ_EXCLUSIVE        0x00000020
#define OBJ_CASE_INSENSITIVE 0x00000040
#define OBJ_OPENIF           0x00000080
#define OBJ_OPENLINK         0x00000100
#define OBJ_KERNEL_HANDLE    0x00000200

#define InitializeObjectAttributes(p, name, attributes, root, security) \
    do { \
        (p)->Length = sizeof(OBJECT_ATTRIBUTES); \
        (p)->RootDirectory = (root); \
        (p)->ObjectName = (name); \
        (p)->Attributes = (attributes); \
        (p)->SecurityDescriptor = (security); \
        (p)->SecurityQualityOfService = NULL; \
    } while (0)

/* Address of the object that has `field` at `address`. */
#ifndef CONTAINING_RECORD
#define CONTAINING_RECORD(address, type, field) ((type *)((PCHAR)(address) - offsetof(type, field)))
#endif
#ifndef FIELD_OFFSET
#define FIELD_OFFSET(type, field) ((LONG)offsetof(type, field))
#endif
#ifndef RTL_NUMBER_OF
#define RTL_NUMBER_OF(array) (sizeof(array) / sizeof((array)[0]))
#define ARRAYSIZE(array)     RTL_NUMBER_OF(array)
#endif
#ifndef UNREFERENCED_PARAMETER
#define UNREFERENCED_PARAMETER(p)  ((void)(p))
#define DBG_UNREFERENCED_PARAMETER(p) ((void)(p))
#define DBG_UNREFERENCED_LOCAL_VARIABLE(v) ((void)(v))
#endif

#ifndef RTL_FIELD_SIZE
#define RTL_FIELD_SIZE(type, field)           (sizeof(((type *)0)->field))
#define RTL_SIZEOF_THROUGH_FIELD(type, field) ((ULONG)(offsetof(type, field) + RTL_FIELD_SIZE(type, field)))
#endif
#ifndef Int32x32To64
#define Int32x32To64(a, b)  ((LONGLONG)(LONG)(a) * (LONGLONG)(LONG)(b))
#define UInt32x32To64(a, b) ((ULONGLONG)(ULONG)(a) * (ULONGLONG)(ULONG)(b))
#endif

/* What NTDDI_VERSION is compared with, where the driver sets it. */
#define NTDDI_WIN2K    0x05000000
#define NTDDI_WINXP    0x05010000
#define NTDDI_WINXPSP1 0x05010100
#define NTDDI_WINXPSP2 0x05010200
#define NTDDI_WS03     0x05020000
#define NTDDI_VISTA    0x06000000
#define NTDDI_LONGHORN NTDDI_VISTA
#define NTDDI_WIN7     0x06010000
#define NTDDI_WIN8     0x06020000
#define NTDDI_WINBLUE  0x06030000
#define NTDDI_WIN10    0x0a000000

#define MAXUCHAR  0xff
#define MAXUSHORT 0xffff
#define MAXDWORD  0xffffffffu
#define MAXULONG  0xffffffffu
#define MAXLONG   0x7fffffff
#define MINLONG   ((LONG)0x80000000)
#define MAXLONGLONG ((LONGLONG)0x7fffffffffffffffLL)
#define MAXULONGLONG ((ULONGLONG)-1)

#endif
