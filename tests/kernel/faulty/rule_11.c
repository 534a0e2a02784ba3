/* SPDX-License-Identifier: MIT */
/* Breaks rule 11: an event is returned twice. */
#include "faulty.h"

static NTSTATUS put(struct stream *s, PDMUS_KERNEL_EVENT chain)
{
    recycle(s, chain);
    return recycle(s, chain);
}

#define ON_PUT put
#include "skeleton.h"
