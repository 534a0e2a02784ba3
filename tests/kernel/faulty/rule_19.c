/* SPDX-License-Identifier: MIT */
/* Breaks rule 19: Init takes two references on the port and gives one back. */
#include "faulty.h"

static NTSTATUS init(struct miniport *m, PRESOURCELIST resources)
{
    UNREFERENCED_PARAMETER(resources);
    m->port->lpVtbl->AddRef(m->port);
    return STATUS_SUCCESS;
}

#define ON_INIT init
#include "skeleton.h"
