/* SPDX-License-Identifier: MIT */
/* Waits at DISPATCH_LEVEL (rule 24), then follows a pointer in an event that it has returned. */
#include "faulty.h"

static NTSTATUS put(struct stream *s, PDMUS_KERNEL_EVENT chain)
{
    LARGE_INTEGER moment;
    moment.QuadPart = -10000;
    KeDelayExecutionThread(KernelMode, FALSE, &moment);
    recycle(s, chain);
    return chain->pNextEvt->cbEvent ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}

#define ON_PUT put
#include "skeleton.h"
