/* SPDX-License-Identifier: MIT */
/* Breaks rule 13: the capture stream sends an event that it has returned. */
#include "faulty.h"

static NTSTATUS service(struct stream *s)
{
    PDMUS_KERNEL_EVENT event = s->state >= KSSTATE_PAUSE && s->sink ? note(s) : NULL;
    if (!event)
        return STATUS_SUCCESS;
    recycle(s, event);
    return deliver(s, event);
}

#define ON_SERVICE service
#include "skeleton.h"
