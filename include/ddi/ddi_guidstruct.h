/* SPDX-License-Identifier: MIT */
/*
 * ddi_guidstruct.h - how the GUIDs of kernel streaming are written.
 *
 * STATIC_NAME is a list of numbers for use inside initialisers, by way of STATICGUIDOF(NAME). DEFINE_GUIDSTRUCT makes the
 * constant NAME of it: no INITGUID needed, every unit has a hidden definition and the linker keeps one per program.
 * GUIDs are compared by value, never by address: a driver's are not the host's.
 *
 * Source: spec/ddi-kernel.md 5, 11.1, 11.2.
 */
#ifndef DDI_GUIDSTRUCT_H
#define DDI_GUIDSTRUCT_H

#include "guiddef.h"

#define STATICGUIDOF(name) STATIC_##name
#define DEFINE_GUIDSTRUCT(text, name) \
    EXTERN_C __attribute__((weak, visibility("hidden"))) const GUID name; \
    const GUID name = {STATICGUIDOF(name)}
#define DEFINE_GUIDNAMED(name) name
#define DEFINE_GUIDEX(name)    DEFINE_GUIDSTRUCT("", name)

#endif
