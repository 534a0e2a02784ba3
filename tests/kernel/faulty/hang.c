/* SPDX-License-Identifier: MIT */
/* Waits at DISPATCH_LEVEL (rule 24), then for ever, for something in memory that nobody does. */
#include "faulty.h"

static volatile LONG never;

static NTSTATUS put(struct stream *s, PDMUS_KERNEL_EVENT chain)
{
    LARGE_INTEGER moment;
    moment.QuadPart = -10000;
    KeDelayExecutionThread(KernelMode, FALSE, &moment);
    while (!never)
        ;
    return recycle(s, chain);
}

#define ON_PUT put
#include "skeleton.h"
