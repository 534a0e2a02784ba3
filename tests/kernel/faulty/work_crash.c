/* SPDX-License-Identifier: MIT */
/* A work item that goes deeper and deeper, until there is no stack. */
#include "faulty.h"

static PIO_WORKITEM work;

static int deeper(volatile int *above)
{
    volatile int here[256];
    here[0] = *above + 1;
    return *above < 0 ? 0 : deeper(here) + here[0];
}

static VOID NTAPI item(PDEVICE_OBJECT device, PVOID context)
{
    volatile int first = 0;
    UNREFERENCED_PARAMETER(device);
    UNREFERENCED_PARAMETER(context);
    deeper(&first);
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
