/* SPDX-License-Identifier: MIT */
/* Breaks rule 5: PutMessage returns with its lock held. */
#include "faulty.h"

static NTSTATUS put(struct stream *s, PDMUS_KERNEL_EVENT chain)
{
    KeAcquireSpinLockAtDpcLevel(&s->lock);
    s->last++;
    return recycle(s, chain);
}

#define ON_PUT put
#include "skeleton.h"
