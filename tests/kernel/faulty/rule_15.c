/* SPDX-License-Identifier: MIT */
/* Breaks rule 15: one buffer belongs to two events. */
#include "faulty.h"

static NTSTATUS service(struct stream *s)
{
    PDMUS_KERNEL_EVENT first = note(s), second = note(s);
    PBYTE buffer = NULL;
    if (first && second && NT_SUCCESS(s->allocator->lpVtbl->GetBuffer(s->allocator, &buffer))) {
        first->cbEvent = second->cbEvent = 16;
        first->uData.pbData = second->uData.pbData = buffer;
    }
    if (first)
        recycle(s, first);
    if (second)
        recycle(s, second);
    return STATUS_SUCCESS;
}

#define ON_SERVICE service
#include "skeleton.h"
