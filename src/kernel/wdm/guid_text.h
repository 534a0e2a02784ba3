/* SPDX-License-Identifier: MIT */
/* guid_text.h - a GUID as people and registries write it. Pure; any thread, any IRQL. */
#ifndef DMUS_KERNEL_WDM_GUID_TEXT_H
#define DMUS_KERNEL_WDM_GUID_TEXT_H

#include <wdm.h>

#define GUID_TEXT 38 /* characters of "{FEDFAE26-E46E-11D1-AACE-0000F875AC12}" */

/* Digits in upper case, with the NUL. Answers TEXT. */
char *guid_text(const GUID *guid, char text[GUID_TEXT + 1]);

#endif
