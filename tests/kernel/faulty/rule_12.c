/* SPDX-License-Identifier: MIT */
/* Breaks rule 12: the capture stream sends an event of its own making. */
#include "faulty.h"

static NTSTATUS service(struct stream *s)
{
    static DMUS_KERNEL_EVENT event;
    event.cbStruct = sizeof event;
    event.cbEvent = 1;
    event.uData.abData[0] = 0xF8;
    s->clock->lpVtbl->GetTime(s->clock, &event.ullPresTime100ns);
    return s->state >= KSSTATE_PAUSE && s->sink ? deliver(s, &event) : STATUS_SUCCESS;
}

#define ON_SERVICE service
#include "skeleton.h"
