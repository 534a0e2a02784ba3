/* SPDX-License-Identifier: MIT */
/*
 * basetyps.h - the vocabulary of COM declarations: STDMETHOD, DECLARE_INTERFACE, PURE, THIS_ (see unknwn.h).
 *
 * Source: spec/ddi-kernel.md 11.1.
 */
#ifndef DDI_BASETYPS_H
#define DDI_BASETYPS_H

#include "guiddef.h"
#include "unknwn.h"

#define BEGIN_INTERFACE
#define END_INTERFACE

#ifndef DDI_ALIGNED_GUID
#define DDI_ALIGNED_GUID
/* Kernel code compares GUIDs by value with these; they take whatever REFGUID is. */
#define IsEqualGUIDAligned(a, b) IsEqualGUID(a, b)
#define InlineIsEqualGUID(a, b)  IsEqualGUID(a, b)
#endif

#endif
