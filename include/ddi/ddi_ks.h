/* SPDX-License-Identifier: MIT */
/*
 * ddi_ks.h - the corner of kernel streaming that user mode needs: how a property, method or event is named.
 *
 * Shared by dmksctrl.h and ks.h, as Windows has the same declarations in both.
 *
 * Source: spec/ddi-user.md 4.2, 5.6.
 */
#ifndef DDI_KS_H
#define DDI_KS_H

#include "guiddef.h"

/* Formats of an event buffer; GUID_NULL may stand for either. */
DEFINE_GUID(KSDATAFORMAT_SUBTYPE_MIDI, 0x1d262760, 0xe957, 0x11cf, 0xa5, 0xd6, 0x28, 0xdb, 0x04, 0xc1, 0x00, 0x00);
DEFINE_GUID(KSDATAFORMAT_SUBTYPE_DIRECTMUSIC, 0x1a82f8bc, 0x3f8b, 0x11d2,
            0xb7, 0x74, 0x00, 0x60, 0x08, 0x33, 0x16, 0xc1);

__extension__ typedef struct _KSIDENTIFIER { /* 24 bytes, alignment 8 on every machine */
    __extension__ union {
        __extension__ struct {
            GUID Set;
            ULONG Id;    /* item of the set */
            ULONG Flags; /* KSPROPERTY_TYPE_*, KSMETHOD_TYPE_* */
        };
        LONGLONG Alignment DDI_ALIGN8;
    };
} KSIDENTIFIER, *PKSIDENTIFIER;

typedef KSIDENTIFIER KSPROPERTY, *PKSPROPERTY, KSMETHOD, *PKSMETHOD, KSEVENT, *PKSEVENT;

#define KSPROPERTY_TYPE_GET            0x00000001
#define KSPROPERTY_TYPE_SET            0x00000002
#define KSPROPERTY_TYPE_SETSUPPORT     0x00000100
#define KSPROPERTY_TYPE_BASICSUPPORT   0x00000200 /* asks for a mask of KSPROPERTY_TYPE_GET and _SET */
#define KSPROPERTY_TYPE_RELATIONS      0x00000400
#define KSPROPERTY_TYPE_SERIALIZESET   0x00000800
#define KSPROPERTY_TYPE_UNSERIALIZESET 0x00001000
#define KSPROPERTY_TYPE_SERIALIZERAW   0x00002000
#define KSPROPERTY_TYPE_UNSERIALIZERAW 0x00004000
#define KSPROPERTY_TYPE_SERIALIZESIZE  0x00008000
#define KSPROPERTY_TYPE_DEFAULTVALUES  0x00010000
#define KSPROPERTY_TYPE_TOPOLOGY       0x10000000

#define KSMETHOD_TYPE_NONE         0x00000000
#define KSMETHOD_TYPE_READ         0x00000001
#define KSMETHOD_TYPE_SEND         0x00000001
#define KSMETHOD_TYPE_WRITE        0x00000002
#define KSMETHOD_TYPE_MODIFY       0x00000003
#define KSMETHOD_TYPE_SOURCE       0x00000004
#define KSMETHOD_TYPE_SETSUPPORT   0x00000100
#define KSMETHOD_TYPE_BASICSUPPORT 0x00000200

#endif
