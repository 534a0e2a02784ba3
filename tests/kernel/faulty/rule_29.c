/* SPDX-License-Identifier: MIT */
/* Breaks rule 29: a DPC is queued after its owner has wiped it. */
#include "faulty.h"

static VOID NTAPI nothing(PKDPC dpc, PVOID context, PVOID argument1, PVOID argument2)
{
    UNREFERENCED_PARAMETER(dpc);
    UNREFERENCED_PARAMETER(context);
    UNREFERENCED_PARAMETER(argument1);
    UNREFERENCED_PARAMETER(argument2);
}

static NTSTATUS init(struct miniport *m, PRESOURCELIST resources)
{
    KDPC dpc;
    UNREFERENCED_PARAMETER(m);
    UNREFERENCED_PARAMETER(resources);
    KeInitializeDpc(&dpc, nothing, NULL);
    RtlZeroMemory(&dpc, sizeof dpc);
    KeInsertQueueDpc(&dpc, NULL, NULL);
    return STATUS_SUCCESS;
}

#define ON_INIT init
#include "skeleton.h"
