/* SPDX-License-Identifier: MIT */
#include "kernel/wdm/guid_text.h"

#include <stdio.h>

char *guid_text(const GUID *guid, char text[GUID_TEXT + 1])
{
    const BYTE *d = guid->Data4;
    snprintf(text, GUID_TEXT + 1, "{%08X-%04X-%04X-%02X%02X-%02X%02X%02X%02X%02X%02X}", (unsigned)guid->Data1, guid->Data2,
             guid->Data3, d[0], d[1], d[2], d[3], d[4], d[5], d[6], d[7]);
    return text;
}
