/* SPDX-License-Identifier: MIT */
/* ntddk.h - the older name of wdm.h, which has all of it here. */
#ifndef DDI_NTDDK_H
#define DDI_NTDDK_H

#include "wdm.h"

#endif
