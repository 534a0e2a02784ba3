/* SPDX-License-Identifier: MIT */
/* initguid.h - include before the DDI headers in the unit that is to define their GUIDs (see guiddef.h). */
#ifndef INITGUID
#define INITGUID
#endif
#include "guiddef.h"
