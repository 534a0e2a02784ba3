/* SPDX-License-Identifier: MIT */
/* Breaks rule 10: real-time messages are not for this device, and are dropped where they are. */
#include "faulty.h"

static NTSTATUS put(struct stream *s, PDMUS_KERNEL_EVENT chain)
{
    while (chain) {
        PDMUS_KERNEL_EVENT event = chain;
        chain = event->pNextEvt;
        event->pNextEvt = NULL;
        if (!(SHORT_EVT(event) && event->uData.abData[0] >= 0xF8))
            recycle(s, event);
    }
    return STATUS_SUCCESS;
}

#define ON_PUT put
#include "skeleton.h"
