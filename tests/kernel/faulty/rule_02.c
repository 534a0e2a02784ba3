/* SPDX-License-Identifier: MIT */
/* Breaks rule 2: PutMessage is paged code. */
#include "faulty.h"

static NTSTATUS put(struct stream *s, PDMUS_KERNEL_EVENT chain)
{
    PAGED_CODE();
    return recycle(s, chain);
}

#define ON_PUT put
#include "skeleton.h"
