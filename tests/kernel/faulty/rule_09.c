/* SPDX-License-Identifier: MIT */
/* Breaks rule 9: Init writes one byte behind its block. */
#include "faulty.h"

static NTSTATUS init(struct miniport *m, PRESOURCELIST resources)
{
    PUCHAR block = ExAllocatePoolWithTag(NonPagedPool, 20, TAG);
    UNREFERENCED_PARAMETER(m);
    UNREFERENCED_PARAMETER(resources);
    if (!block)
        return STATUS_INSUFFICIENT_RESOURCES;
    for (volatile int i = 0; i <= 20; i++)
        block[i] = 0;
    ExFreePoolWithTag(block, TAG);
    return STATUS_SUCCESS;
}

#define ON_INIT init
#include "skeleton.h"
