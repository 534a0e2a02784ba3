/* SPDX-License-Identifier: MIT */
/* Breaks rule 6: SetState is at PASSIVE_LEVEL, but takes the lock as if it were at DISPATCH_LEVEL. */
#include "faulty.h"

static NTSTATUS set_state(struct stream *s, KSSTATE state)
{
    KeAcquireSpinLockAtDpcLevel(&s->lock);
    s->last = state;
    KeReleaseSpinLockFromDpcLevel(&s->lock);
    return STATUS_SUCCESS;
}

#define ON_STATE set_state
#include "skeleton.h"
