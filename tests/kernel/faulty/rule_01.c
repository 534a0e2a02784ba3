/* SPDX-License-Identifier: MIT */
/* Breaks rule 1: a service for PASSIVE_LEVEL is called in PutMessage, which is at DISPATCH_LEVEL. */
#include "faulty.h"

static NTSTATUS put(struct stream *s, PDMUS_KERNEL_EVENT chain)
{
    PSERVICEGROUP group = NULL;
    if (NT_SUCCESS(PcNewServiceGroup(&group, NULL)))
        group->lpVtbl->Release(group);
    return recycle(s, chain);
}

#define ON_PUT put
#include "skeleton.h"
