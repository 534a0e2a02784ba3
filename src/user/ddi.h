/* SPDX-License-Identifier: MIT */
/* ddi.h - the DDI headers this room is written against: ours, or the platform's on Windows. */
#ifndef DMUS_USER_DDI_H
#define DMUS_USER_DDI_H

#ifndef COBJMACROS
#define COBJMACROS
#endif
/* vtables are read-only */
#ifndef CONST_VTABLE
#define CONST_VTABLE
#endif
#ifdef _WIN32
#include <windows.h>
#endif
#include <dmusics.h>
#include <dmusicc.h>
#include <dmusbuff.h>
#include <dmdls.h>
#include <dmerror.h>
#include <dmksctrl.h>
#include <dmusici.h> /* CLSID_DirectMusicSynthSink */

#include "dmus/idmus.h"

/* mingw's dmksctrl.h has no macros for C. */
#ifndef IKsControl_KsProperty
#define IKsControl_QueryInterface(p, a, b) (p)->lpVtbl->QueryInterface(p, a, b)
#define IKsControl_AddRef(p) (p)->lpVtbl->AddRef(p)
#define IKsControl_Release(p) (p)->lpVtbl->Release(p)
#define IKsControl_KsProperty(p, a, b, c, d, e) (p)->lpVtbl->KsProperty(p, a, b, c, d, e)
#define IKsControl_KsMethod(p, a, b, c, d, e) (p)->lpVtbl->KsMethod(p, a, b, c, d, e)
#define IKsControl_KsEvent(p, a, b, c, d, e) (p)->lpVtbl->KsEvent(p, a, b, c, d, e)
#endif

#endif
