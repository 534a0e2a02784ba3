/* SPDX-License-Identifier: MIT */
/* names.h - what the identifiers of the kernel-mode DDI are called in its headers. Pure; any thread. */
#ifndef DMUS_DRIVERS_NAMES_H
#define DMUS_DRIVERS_NAMES_H

#include <wdm.h>

#define NAMES_GUID_TEXT 39 /* "{........-....-....-....-............}" and the NUL */

/* The name of a category, node type, pin name, format, technology or property set: "KSCATEGORY_AUDIO". What no public header names is
 * written into TEXT, and TEXT returned. GUID may be NULL: "". */
const char *names_guid(const GUID *guid, char text[NAMES_GUID_TEXT]);
/* Always as numbers. */
const char *names_guid_digits(const GUID *guid, char text[NAMES_GUID_TEXT]);
/* The last part of an item's name: "PORTPARAMETERS" for KSPROPERTY_SYNTH_PORTPARAMETERS. NULL if none is known. */
const char *names_property(const GUID *set, ULONG id);
/* "STATUS_NO_MATCH", or NULL. */
const char *names_status(NTSTATUS status);

#endif
