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

#endif
