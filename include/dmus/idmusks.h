/* SPDX-License-Identifier: MIT */
/*
 * idmusks.h - what OpenDMus's software synth miniport offers beyond the DDI: a property set, and its class.
 *
 * All items are of the synth node and are asked of a pin (KSNODEPROPERTY with KSPROPERTY_TYPE_TOPOLOGY): each pin is an
 * instance of its own, and a wave pin stands for the instance that it is joined to (STATUS_INVALID_DEVICE_STATE while it
 * is joined to none). The structures are those of idmus.h, whose IDmusSynthControl the streams of both kinds of pin
 * answer to QueryInterface.
 *
 * Include after the DDI headers (portcls.h, ks.h) and before or after idmus.h.
 */
#ifndef DMUS_IDMUSKS_H
#define DMUS_IDMUSKS_H

#include "idmus.h"

#ifdef __cplusplus
extern "C" {
#endif

/* {E3F2F2D4-226E-4D47-BE0C-DC61A9D81DC8} */
DEFINE_GUID(KSPROPSETID_OpenDMusSynth, 0xe3f2f2d4, 0x226e, 0x4d47, 0xbe, 0x0c, 0xdc, 0x61, 0xa9, 0xd8, 0x1d, 0xc8);
/* SYNTHCAPS.Guid of the miniport. {AFFC6932-8B06-4B46-A72B-F5595641FBF7} */
DEFINE_GUID(CLSID_OpenDMusMiniport, 0xaffc6932, 0x8b06, 0x4b46, 0xa7, 0x2b, 0xf5, 0x59, 0x56, 0x41, 0xfb, 0xf7);

typedef enum {
    /* Get, set: DMUS_SYNTHCONFIG. Set before the first KSPROPERTY_SYNTH_PORTPARAMETERS, and before the pin leaves STOP:
     * STATUS_INVALID_DEVICE_STATE. STATUS_INVALID_PARAMETER (size or value). The profile of a new instance is the DWORD value
     * "Profile" of the driver's registry key, native without one. */
    KSPROPERTY_OPENDMUS_CONFIG = 0,
    /* Get: DMUS_SYNTHREPORT since PORTPARAMETERS; set: anything of that size starts the figures anew. */
    KSPROPERTY_OPENDMUS_REPORT,
    /* Get, the instance data is a ULONG index: DMUS_MISSINGPATCH. STATUS_NO_MORE_ENTRIES past the last. */
    KSPROPERTY_OPENDMUS_MISSING,
    /* Get: ULONG, 1 when nothing sounds, nothing waits and the effects' tails are over. */
    KSPROPERTY_OPENDMUS_SILENT,
    /* Get: ULONG number of the instance, from 1. Set, of a wave pin that is not in RUN: join it to this instance, 0: to none.
     * STATUS_NOT_FOUND, STATUS_NO_MATCH (its format is not the instance's), STATUS_DEVICE_BUSY (that has a wave pin). */
    KSPROPERTY_OPENDMUS_INSTANCE,
    /* Get: LONG, the DMUS_E_ code (dmerror.h) for which the last KSPROPERTY_SYNTH_DLS_DOWNLOAD was refused; 0 if it was not. */
    KSPROPERTY_OPENDMUS_REFUSAL
} KSPROPERTY_OPENDMUS;

#ifdef __cplusplus
}
#endif
#endif
