/* SPDX-License-Identifier: MIT */
/*
 * ddi_types.h - the base types that every DDI header is written in.
 *
 * Widths are those of Windows on every machine: LONG and DWORD have 32 bits although C's `long` has 64 on LP64 systems,
 * WCHAR has 16 bits although wchar_t has 32 (but for -fshort-wchar). Windows builds use the platform's headers and never see this file.
 *
 * A native build uses the platform's calling convention. Code whose vtables are called by PE modules (a Wine builtin)
 * defines DDI_MS_ABI, which gives every method, callback and export Microsoft's convention: ms_abi on x86-64, stdcall on
 * i386. Both sides of a call must agree, so the switch belongs to the whole build.
 *
 * Source: spec/ddi-user.md 0.2, 0.3, 12.1.
 */
#ifndef DDI_TYPES_H
#define DDI_TYPES_H

#if defined(_WIN32) && !defined(__ELF__) /* a driver's own -D_WIN32 is welcome */
#error "include/ddi is for other systems: a Windows build uses the platform's headers"
#endif

#include <stddef.h>
#include <stdint.h>

#ifdef DDI_MS_ABI
#if defined(__x86_64__)
#define DDI_CALL __attribute__((ms_abi))
#elif defined(__i386__)
#define DDI_CALL __attribute__((stdcall))
#else
#define DDI_CALL
#endif
#else
#define DDI_CALL
#endif
#define STDMETHODCALLTYPE DDI_CALL
#define STDAPICALLTYPE    DDI_CALL
#define CALLBACK          DDI_CALL
#define WINAPI            DDI_CALL

#ifdef __cplusplus
#define EXTERN_C extern "C"
#else
#define EXTERN_C extern
#endif

/* A 64-bit member of a structure: i386 outside Windows would put it at a multiple of 4. */
#define DDI_ALIGN8 __attribute__((aligned(8)))

#ifndef VOID
#define VOID void
#endif

typedef char CHAR;
typedef signed char INT8;
typedef unsigned char UCHAR;
typedef uint8_t BYTE;
typedef int16_t SHORT;
typedef uint16_t USHORT;
typedef uint16_t WORD;
/* UTF-16 code unit. A driver is compiled with -fshort-wchar, so that its L"" strings are made of these. */
#if __SIZEOF_WCHAR_T__ == 2
typedef wchar_t WCHAR;
#else
typedef uint16_t WCHAR;
#endif
typedef int INT;
typedef unsigned int UINT;
typedef int32_t LONG;
typedef uint32_t ULONG;
typedef uint32_t DWORD;
typedef long long LONGLONG;
typedef unsigned long long ULONGLONG;
typedef ULONGLONG DWORDLONG;
typedef int32_t BOOL; /* 0 false, anything else true; write TRUE as 1 */
typedef BOOL WINBOOL;
typedef uint8_t BOOLEAN;
typedef intptr_t LONG_PTR;
typedef uintptr_t ULONG_PTR;
typedef ULONG_PTR DWORD_PTR;
typedef ULONG_PTR SIZE_T;
typedef DWORD FOURCC;  /* first character in the low byte */
typedef LONG HRESULT;  /* negative: failure */
typedef void *HANDLE;
typedef struct HWND__ *HWND; /* opaque, only passed on */

typedef void *PVOID, *LPVOID;
typedef const void *LPCVOID;
typedef HANDLE *PHANDLE, *LPHANDLE;
typedef BYTE *PBYTE, *LPBYTE;
typedef SHORT *PSHORT;
typedef WORD *PWORD, *LPWORD;
typedef LONG *PLONG, *LPLONG;
typedef ULONG *PULONG;
typedef DWORD *PDWORD, *LPDWORD;
typedef BOOL *PBOOL, *LPBOOL;
typedef LONGLONG *PLONGLONG;
typedef ULONGLONG *PULONGLONG;
typedef WCHAR *PWCHAR, *PWSTR, *LPWSTR;
typedef const WCHAR *PCWSTR, *LPCWSTR;
typedef struct _OVERLAPPED OVERLAPPED, *LPOVERLAPPED; /* opaque, only passed on */

#ifndef TRUE
#define TRUE 1
#endif
#ifndef FALSE
#define FALSE 0
#endif

#define SUCCEEDED(hr)       (((HRESULT)(hr)) >= 0)
#define FAILED(hr)          (((HRESULT)(hr)) < 0)
#define HRESULT_CODE(hr)    ((hr) & 0xFFFF)
#define HRESULT_FACILITY(hr) (((hr) >> 16) & 0x1FFF)
#define HRESULT_SEVERITY(hr) (((hr) >> 31) & 1)
#define SEVERITY_SUCCESS    0
#define SEVERITY_ERROR      1
#define FACILITY_WIN32      7
#define MAKE_HRESULT(sev, fac, code) \
    ((HRESULT)(((ULONG)(sev) << 31) | ((ULONG)(fac) << 16) | ((ULONG)(code))))

#define ERROR_INSUFFICIENT_BUFFER 122
#define ERROR_MORE_DATA           234
/* The HRESULT of a Win32 error number, which is positive. */
#define HRESULT_FROM_WIN32(x) \
    ((HRESULT)(x) <= 0 ? (HRESULT)(x) : MAKE_HRESULT(SEVERITY_ERROR, FACILITY_WIN32, (x) & 0xFFFF))

#define NOERROR                   0
#define S_OK                      ((HRESULT)0x00000000)
#define S_FALSE                   ((HRESULT)0x00000001)
#define E_NOTIMPL                 ((HRESULT)0x80004001)
#define E_NOINTERFACE             ((HRESULT)0x80004002)
#define E_POINTER                 ((HRESULT)0x80004003)
#define E_ABORT                   ((HRESULT)0x80004004)
#define E_FAIL                    ((HRESULT)0x80004005)
#define E_UNEXPECTED              ((HRESULT)0x8000FFFF)
#define CLASS_E_NOAGGREGATION     ((HRESULT)0x80040110)
#define CLASS_E_CLASSNOTAVAILABLE ((HRESULT)0x80040111)
#define REGDB_E_CLASSNOTREG       ((HRESULT)0x80040154)
#define E_ACCESSDENIED            ((HRESULT)0x80070005)
#define E_OUTOFMEMORY             ((HRESULT)0x8007000E)
#define E_INVALIDARG              ((HRESULT)0x80070057)

#endif
