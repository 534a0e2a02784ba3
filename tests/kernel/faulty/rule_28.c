/* SPDX-License-Identifier: MIT */
/* Breaks rule 28: device memory is mapped, which this machine does not have. */
#include "faulty.h"

static NTSTATUS init(struct miniport *m, PRESOURCELIST resources)
{
    PHYSICAL_ADDRESS address;
    UNREFERENCED_PARAMETER(m);
    UNREFERENCED_PARAMETER(resources);
    address.QuadPart = 0xC0000000;
    MmMapIoSpace(address, 4096, MmNonCached);
    return STATUS_SUCCESS;
}

#define ON_INIT init
#include "skeleton.h"
