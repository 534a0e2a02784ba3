/* SPDX-License-Identifier: MIT */
/* Breaks rule 16: an event points to memory of the driver's. */
#include "faulty.h"

static NTSTATUS service(struct stream *s)
{
    static UCHAR mine[64];
    PDMUS_KERNEL_EVENT event = note(s);
    if (!event)
        return STATUS_SUCCESS;
    event->cbEvent = sizeof mine;
    event->uData.pbData = mine;
    return recycle(s, event);
}

#define ON_SERVICE service
#include "skeleton.h"
