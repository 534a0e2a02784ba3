/* SPDX-License-Identifier: MIT */
/* Breaks rule 8: Init frees a block twice. */
#include "faulty.h"

static NTSTATUS init(struct miniport *m, PRESOURCELIST resources)
{
    PVOID block = ExAllocatePoolWithTag(NonPagedPool, 32, TAG);
    UNREFERENCED_PARAMETER(m);
    UNREFERENCED_PARAMETER(resources);
    if (!block)
        return STATUS_INSUFFICIENT_RESOURCES;
    ExFreePoolWithTag(block, TAG);
    ExFreePoolWithTag(block, TAG);
    return STATUS_SUCCESS;
}

#define ON_INIT init
#include "skeleton.h"
