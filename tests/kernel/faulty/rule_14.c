/* SPDX-License-Identifier: MIT */
/* Breaks rule 14: a long buffer is taken and never put into an event. */
#include "faulty.h"

static NTSTATUS service(struct stream *s)
{
    PBYTE buffer;
    s->allocator->lpVtbl->GetBuffer(s->allocator, &buffer);
    return s->state >= KSSTATE_PAUSE ? deliver(s, note(s)) : STATUS_SUCCESS;
}

#define ON_SERVICE service
#include "skeleton.h"
