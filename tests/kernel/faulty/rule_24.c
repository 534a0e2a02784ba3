/* SPDX-License-Identifier: MIT */
/* Breaks rule 24: PutMessage waits. */
#include "faulty.h"

static NTSTATUS put(struct stream *s, PDMUS_KERNEL_EVENT chain)
{
    LARGE_INTEGER millisecond;
    KEVENT never;
    millisecond.QuadPart = -10000;
    KeInitializeEvent(&never, NotificationEvent, FALSE);
    KeWaitForSingleObject(&never, Executive, KernelMode, FALSE, &millisecond);
    return recycle(s, chain);
}

#define ON_PUT put
#include "skeleton.h"
