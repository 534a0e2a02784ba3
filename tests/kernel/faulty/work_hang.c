/* SPDX-License-Identifier: MIT */
/* A work item that never ends. */
#include "faulty.h"

static PIO_WORKITEM work;

static volatile LONG never;

static VOID NTAPI item(PDEVICE_OBJECT device, PVOID context)
{
    UNREFERENCED_PARAMETER(device);
    UNREFERENCED_PARAMETER(context);
    while (!never)
        ;
}

static NTSTATUS start(PDEVICE_OBJECT device)
{
    LARGE_INTEGER moment;
    moment.QuadPart = -10000;
    work = IoAllocateWorkItem(device);
    if (work)
        IoQueueWorkItem(work, item, DelayedWorkQueue, NULL);
    KeDelayExecutionThread(KernelMode, FALSE, &moment);
    return STATUS_SUCCESS;
}

#define ON_START(device, resources) start(device)
#include "skeleton.h"
