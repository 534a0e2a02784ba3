/* SPDX-License-Identifier: MIT */
/* Breaks rule 20: captured events are stamped backwards. */
#include "faulty.h"

static NTSTATUS service(struct stream *s)
{
    PDMUS_KERNEL_EVENT event = s->state >= KSSTATE_PAUSE && s->sink ? note(s) : NULL;
    if (!event)
        return STATUS_SUCCESS;
    event->ullPresTime100ns -= s->last;
    s->last += 1000000;
    return deliver(s, event);
}

#define ON_SERVICE service
#include "skeleton.h"
