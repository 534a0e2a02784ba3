/* SPDX-License-Identifier: MIT */
/* Shows rule 32: a port behind the end of the device's range is read. Informs only. */
#include "faulty.h"

static NTSTATUS init(struct miniport *m, PRESOURCELIST resources)
{
    PCM_PARTIAL_RESOURCE_DESCRIPTOR range = resources->lpVtbl->FindTranslatedEntry(resources, CmResourceTypePort, 0);
    UNREFERENCED_PARAMETER(m);
    if (range)
        READ_PORT_UCHAR((PUCHAR)(ULONG_PTR)(range->u.Port.Start.QuadPart + range->u.Port.Length));
    return STATUS_SUCCESS;
}

#define ON_INIT init
#include "skeleton.h"
