/* SPDX-License-Identifier: MIT */
/*
 * drmk.h - digital rights: only the types that portcls.h names. Nothing here protects content.
 *
 * Source: spec/ddi-kernel.md 11.1.
 */
#ifndef DDI_DRMK_H
#define DDI_DRMK_H
#ifndef _DRMK_H_
#define _DRMK_H_
#endif

#include "ntdef.h"

typedef struct tagDRMRIGHTS {
    BOOL CopyProtect;
    ULONG Reserved;
    BOOL DigitalOutputDisable;
} DRMRIGHTS, *PDRMRIGHTS;

typedef struct tagDRMFORWARD DRMFORWARD, *PDRMFORWARD; /* opaque */
typedef const DRMFORWARD *PCDRMFORWARD;

#endif
