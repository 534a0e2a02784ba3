/* SPDX-License-Identifier: MIT */
/* Breaks rule 27: the service routine does not recognise its own interrupt. Needs an MPU-401 in loopback. */
#include "faulty.h"

static NTSTATUS serve(PINTERRUPTSYNC sync, PVOID context)
{
    UNREFERENCED_PARAMETER(sync);
    UNREFERENCED_PARAMETER(context);
    return STATUS_UNSUCCESSFUL;
}

static NTSTATUS init(struct miniport *m, PRESOURCELIST resources)
{
    if (resources->lpVtbl->NumberOfEntriesOfType(resources, CmResourceTypeInterrupt) == 0)
        return STATUS_DEVICE_CONFIGURATION_ERROR;
    m->base = (ULONG)resources->lpVtbl->FindTranslatedEntry(resources, CmResourceTypePort, 0)->u.Port.Start.QuadPart;
    NTSTATUS status = PcNewInterruptSync(&m->sync, NULL, resources, 0, InterruptSyncModeNormal);
    if (NT_SUCCESS(status))
        status = m->sync->lpVtbl->RegisterServiceRoutine(m->sync, serve, m, TRUE);
    if (NT_SUCCESS(status))
        status = m->sync->lpVtbl->Connect(m->sync);
    if (NT_SUCCESS(status))
        WRITE_PORT_UCHAR((PUCHAR)(ULONG_PTR)(m->base + 1), 0x3F); /* UART mode; the answer interrupts */
    return status;
}

#define ON_INIT init
#include "skeleton.h"
