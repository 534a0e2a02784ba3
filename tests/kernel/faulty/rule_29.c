/* SPDX-License-Identifier: MIT */
/* Breaks rule 29: an event object is signalled after its memory was freed. */
#include "faulty.h"

static NTSTATUS init(struct miniport *m, PRESOURCELIST resources)
{
    PKEVENT event = ExAllocatePoolWithTag(NonPagedPool, sizeof *event, TAG);
    UNREFERENCED_PARAMETER(m);
    UNREFERENCED_PARAMETER(resources);
    if (!event)
        return STATUS_INSUFFICIENT_RESOURCES;
    KeInitializeEvent(event, NotificationEvent, FALSE);
    ExFreePoolWithTag(event, TAG);
    KeSetEvent(event, IO_NO_INCREMENT, FALSE);
    return STATUS_SUCCESS;
}

#define ON_INIT init
#include "skeleton.h"
