/* SPDX-License-Identifier: MIT */
/* Breaks rule 4: PutMessage takes its lock, and takes it again in the function that it calls. */
#include "faulty.h"

static void count(struct stream *s)
{
    KeAcquireSpinLockAtDpcLevel(&s->lock);
    s->last++;
    KeReleaseSpinLockFromDpcLevel(&s->lock);
}

static NTSTATUS put(struct stream *s, PDMUS_KERNEL_EVENT chain)
{
    KeAcquireSpinLockAtDpcLevel(&s->lock);
    count(s);
    KeReleaseSpinLockFromDpcLevel(&s->lock);
    return recycle(s, chain);
}

#define ON_PUT put
#include "skeleton.h"
