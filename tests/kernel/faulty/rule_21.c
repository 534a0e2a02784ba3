/* SPDX-License-Identifier: MIT */
/* Breaks rule 21: Render writes one frame too many. */
#include "faulty.h"

static void render(PBYTE buffer, DWORD frames, struct stream *s)
{
    UNREFERENCED_PARAMETER(s);
    for (DWORD i = 0; i <= frames; i++)
        ((ULONG *)buffer)[i] = 0x00010001;
}

#define ON_RENDER render
#include "skeleton.h"
