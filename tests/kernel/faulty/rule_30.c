/* SPDX-License-Identifier: MIT */
/* Breaks rule 30: PutMessage takes 5 ms, so that the events after it come late. Real time only. */
#include "faulty.h"

static NTSTATUS put(struct stream *s, PDMUS_KERNEL_EVENT chain)
{
    KeStallExecutionProcessor(5000);
    return recycle(s, chain);
}

#define ON_PUT put
#include "skeleton.h"
