/* SPDX-License-Identifier: MIT */
/*
 * layout.c - compile-time assertions: the headers in front of this file agree with the tables of this directory.
 *
 * The tables come from spec/ddi-user.md, the headers are ours or mingw-w64's; check_headers.py compiles this file against
 * both, 64 and 32 bit, as C and (renamed) as C++. What a compiler rejects here is a difference.
 *
 * DDI_HAVE_OURS is 0 for headers that are not ours: then nothing is asserted about the OURS rows.
 */
#ifdef _WIN32
#define DDI_HAVE_OURS 0
#define COBJMACROS
#include <windows.h>
#else
#define DDI_HAVE_OURS 1
#define COBJMACROS
#endif
#define DDI_HAVE_DMUSPROP DDI_HAVE_OURS

#include <dls2.h>
#include <dmdls.h>
#include <dmerror.h>
#include <dmksctrl.h>
#include <dmusbuff.h>
#include <dmusicc.h>
#include <dmusici.h>
#include <dmusics.h>
#if DDI_HAVE_DMUSPROP
#include <dmusprop.h>
#endif
#include <stddef.h>

#ifdef __cplusplus
#define ASSERT(cond, text) static_assert(cond, text)
#define ALIGN_OF(type)     alignof(type)
#define SAME_TYPE(struct_, field, type) true
#else
#define ASSERT(cond, text) _Static_assert(cond, text)
#define ALIGN_OF(type)     _Alignof(type)
#define SAME_TYPE(struct_, field, type) _Generic(((struct_ *)0)->field, type : 1, default : 0)
#endif
#define BY_WIDTH(x32, x64) (sizeof(void *) == 4 ? (x32) : (x64))

/* Structures: size, alignment, and for each field place, size and (C) type. */
#define STRUCT(name, s32, s64, a32, a64)                                     \
    ASSERT(sizeof(name) == BY_WIDTH(s32, s64), "size of " #name);            \
    ASSERT(ALIGN_OF(name) == BY_WIDTH(a32, a64), "alignment of " #name);
#define FIELD(name, type, field, o32, o64)                                                          \
    ASSERT(offsetof(name, field) == BY_WIDTH(o32, o64), "offset of " #name "." #field);             \
    ASSERT(sizeof(((name *)0)->field) == sizeof(type), "size of " #name "." #field);                \
    ASSERT(SAME_TYPE(name, field, type), "type of " #name "." #field);
#define ARRAY(name, type, n, field, o32, o64)                                                       \
    ASSERT(offsetof(name, field) == BY_WIDTH(o32, o64), "offset of " #name "." #field);             \
    ASSERT(sizeof(((name *)0)->field) == (n) * sizeof(type), "size of " #name "." #field);          \
    ASSERT(sizeof(((name *)0)->field[0]) == sizeof(type), "element of " #name "." #field);
#include "structs.h"

/* spec 0.2 */
#define WIDTH(type, bytes, is_signed) \
    ASSERT(sizeof(type) == (bytes) && ((type)-1 < (type)1) == (is_signed), "width and sign of " #type);
WIDTH(BYTE, 1, 0)
WIDTH(SHORT, 2, 1)
WIDTH(USHORT, 2, 0)
WIDTH(WORD, 2, 0)
WIDTH(WCHAR, 2, 0)
WIDTH(LONG, 4, 1)
WIDTH(ULONG, 4, 0)
WIDTH(DWORD, 4, 0)
WIDTH(BOOL, 4, 1)
WIDTH(HRESULT, 4, 1)
WIDTH(FOURCC, 4, 0)
WIDTH(PCENT, 4, 1)
WIDTH(GCENT, 4, 1)
WIDTH(TCENT, 4, 1)
WIDTH(PERCENT, 4, 1)
WIDTH(LONGLONG, 8, 1)
WIDTH(ULONGLONG, 8, 0)
WIDTH(REFERENCE_TIME, 8, 1)
WIDTH(SAMPLE_TIME, 8, 0)
WIDTH(SAMPLE_POSITION, 8, 0)
ASSERT(sizeof(HANDLE) == sizeof(void *), "HANDLE");
ASSERT(sizeof(GUID) == 16 && ALIGN_OF(GUID) == 4, "GUID");

/* Pointer names: what they point to has the size of the structure. */
#define POINTER(name, type) ASSERT(sizeof(*(name)0) == sizeof(type), #name);
POINTER(LPDMUS_PORTCAPS, DMUS_PORTCAPS)
POINTER(LPDMUS_PORTPARAMS, DMUS_PORTPARAMS)
POINTER(LPDMUS_PORTPARAMS7, DMUS_PORTPARAMS7)
POINTER(LPDMUS_PORTPARAMS8, DMUS_PORTPARAMS8)
POINTER(LPDMUS_SYNTHSTATS, DMUS_SYNTHSTATS)
POINTER(LPDMUS_SYNTHSTATS8, DMUS_SYNTHSTATS8)
POINTER(LPDMUS_CLOCKINFO, DMUS_CLOCKINFO)
POINTER(LPDMUS_BUFFERDESC, DMUS_BUFFERDESC)
POINTER(LPDMUS_EVENTHEADER, DMUS_EVENTHEADER)
POINTER(LPDMUS_NOTERANGE, DMUS_NOTERANGE)
POINTER(LPDMUS_VOICE_STATE, DMUS_VOICE_STATE)
POINTER(LPWAVEFORMATEX, WAVEFORMATEX)
POINTER(LPCONNECTION, CONNECTION)
POINTER(LPCONNECTIONLIST, CONNECTIONLIST)
POINTER(LPWSMPL, WSMPL)
POINTER(LPWLOOP, WLOOP)
POINTER(LPREFERENCE_TIME, REFERENCE_TIME)
POINTER(PKSPROPERTY, KSPROPERTY)
ASSERT(sizeof(DMUS_PORTPARAMS) == sizeof(DMUS_PORTPARAMS8), "DMUS_PORTPARAMS is the DirectX 8 form");
ASSERT(sizeof(DMUS_CLOCKINFO) == sizeof(DMUS_CLOCKINFO8), "DMUS_CLOCKINFO is the DirectX 8 form");
ASSERT(sizeof(KSMETHOD) == sizeof(KSIDENTIFIER) && sizeof(KSEVENT) == sizeof(KSIDENTIFIER), "KSMETHOD, KSEVENT");

/* Constants */
#define VALUE(name, value) ASSERT((DWORD)(name) == (DWORD)(value), #name " is " #value);
#if DDI_HAVE_OURS
#define OURS(name, value) VALUE(name, value)
#else
#define OURS(name, value)
#endif
#include "constants.h"

/* Interfaces: slots of the table, types of the methods, bytes on an i386 stack. Only C has a table to look into. */
#ifndef __cplusplus
#define STACK(type) ((sizeof(type) + 3) & ~(size_t)3)
#define STACK_1(a)       STACK(a)
#define STACK_2(a, ...)  (STACK(a) + STACK_1(__VA_ARGS__))
#define STACK_3(a, ...)  (STACK(a) + STACK_2(__VA_ARGS__))
#define STACK_4(a, ...)  (STACK(a) + STACK_3(__VA_ARGS__))
#define STACK_5(a, ...)  (STACK(a) + STACK_4(__VA_ARGS__))
#define STACK_6(a, ...)  (STACK(a) + STACK_5(__VA_ARGS__))
#define STACK_7(a, ...)  (STACK(a) + STACK_6(__VA_ARGS__))
#define STACK_8(a, ...)  (STACK(a) + STACK_7(__VA_ARGS__))
#define STACK_9(a, ...)  (STACK(a) + STACK_8(__VA_ARGS__))
#define STACK_10(a, ...) (STACK(a) + STACK_9(__VA_ARGS__))
#define STACK_11(a, ...) (STACK(a) + STACK_10(__VA_ARGS__))
#define COUNT_(a, b, c, d, e, f, g, h, i, j, k, n, ...) n
#define COUNT(...) COUNT_(__VA_ARGS__, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)

#define INTERFACE_BEGIN(iface, slots)                                                                \
    ASSERT(sizeof(iface##Vtbl) == (slots) * sizeof(void *), "slots of " #iface);                     \
    ASSERT(sizeof(iface) == sizeof(void *), "an object of " #iface " starts with its table");        \
    ASSERT(offsetof(iface, lpVtbl) == 0, "table of " #iface);
#define METHOD(iface, slot, name, ret, bytes, ...)                                                                \
    ASSERT(offsetof(iface##Vtbl, name) == (slot) * sizeof(void *), "slot of " #iface "::" #name);                  \
    ASSERT(_Generic(((iface##Vtbl *)0)->name, ret(STDMETHODCALLTYPE *)(__VA_ARGS__) : 1, default : 0),              \
           "type of " #iface "::" #name);                                                                         \
    ASSERT(sizeof(void *) != 4 || PASTE(STACK_, COUNT(__VA_ARGS__))(__VA_ARGS__) == (bytes),                        \
           "stack of " #iface "::" #name);
#include "interfaces.h"
#endif
