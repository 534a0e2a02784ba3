/* SPDX-License-Identifier: MIT */
/* Breaks rule 33: SetState asks the hardware for its state, although streams are stopped in D3, too. */
#include "faulty.h"

static ULONG base;

static NTSTATUS init(struct miniport *m, PRESOURCELIST resources)
{
    PCM_PARTIAL_RESOURCE_DESCRIPTOR range = resources->lpVtbl->FindTranslatedEntry(resources, CmResourceTypePort, 0);
    UNREFERENCED_PARAMETER(m);
    base = range ? (ULONG)range->u.Port.Start.QuadPart : 0;
    return STATUS_SUCCESS;
}

static NTSTATUS state_asked(struct stream *s, KSSTATE state)
{
    UNREFERENCED_PARAMETER(s);
    UNREFERENCED_PARAMETER(state);
    if (base)
        READ_PORT_UCHAR((PUCHAR)(ULONG_PTR)(base + 1));
    return STATUS_SUCCESS;
}

#define ON_INIT init
#define ON_STATE state_asked
#include "skeleton.h"
