/* SPDX-License-Identifier: MIT */
/*
 * guiddef.h - GUID, and the DEFINE_GUID that declares or defines one.
 *
 * Every header writes its GUIDs with DEFINE_GUID. Normally that declares; a unit that defines INITGUID before its first
 * DDI header (or includes initguid.h before them) defines them. The definitions are weak, so any number of units may.
 *
 * Source: spec/ddi-user.md 0.2, 1.
 */
#ifndef DDI_GUIDDEF_H
#define DDI_GUIDDEF_H

#include <string.h>

#include "ddi_types.h"

typedef struct _GUID {
    ULONG Data1;
    USHORT Data2;
    USHORT Data3;
    BYTE Data4[8];
} GUID; /* 16 bytes, alignment 4; the first three fields in the machine's byte order */

typedef GUID IID, CLSID;
typedef GUID *LPGUID, *LPIID, *LPCLSID;
typedef const GUID *LPCGUID;

#ifdef __cplusplus
#define REFGUID  const GUID &
#define REFIID   const IID &
#define REFCLSID const CLSID &

inline bool operator==(REFGUID a, REFGUID b) { return memcmp(&a, &b, sizeof(GUID)) == 0; }
inline bool operator!=(REFGUID a, REFGUID b) { return !(a == b); }
static inline int IsEqualGUID(REFGUID a, REFGUID b) { return a == b; }
#else
#define REFGUID  const GUID *
#define REFIID   const IID *
#define REFCLSID const CLSID *

static inline int IsEqualGUID(REFGUID a, REFGUID b) { return memcmp(a, b, sizeof(GUID)) == 0; }
#endif
#define IsEqualIID(a, b)   IsEqualGUID(a, b)
#define IsEqualCLSID(a, b) IsEqualGUID(a, b)

#define DECLSPEC_SELECTANY __attribute__((weak))

#endif

/* Outside the guard: initguid.h turns declarations into definitions for the headers that follow it. */
#undef DEFINE_GUID
#ifdef INITGUID
#define DEFINE_GUID(name, d1, d2, d3, b0, b1, b2, b3, b4, b5, b6, b7) \
    EXTERN_C const GUID name DECLSPEC_SELECTANY; \
    const GUID name = {d1, d2, d3, {b0, b1, b2, b3, b4, b5, b6, b7}}
#else
#define DEFINE_GUID(name, d1, d2, d3, b0, b1, b2, b3, b4, b5, b6, b7) EXTERN_C const GUID name
#endif
#ifndef DDI_GUID_NULL
#define DDI_GUID_NULL
DEFINE_GUID(GUID_NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
#endif
