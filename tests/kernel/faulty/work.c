/* SPDX-License-Identifier: MIT */
/*
 * No fault: a driver that leaves much to work items. They share locks of three kinds with its streams, which wait while they hold
 * them; one of them lasts as long as the device; one asks for power, and is in the middle of a change while its pin is closed.
 */
#include "faulty.h"

static KMUTEX mutex;
static FAST_MUTEX fast;
static KEVENT gate, stop, stopped;
static PIO_WORKITEM server, power, changer;
static PDEVICE_OBJECT fdo;
static LONG inside, power_queued, change_queued;

static VOID moment(LONG us)
{
    LARGE_INTEGER time;
    time.QuadPart = -(LONGLONG)us * 10;
    KeDelayExecutionThread(KernelMode, FALSE, &time);
}

/* Told as rule 6, which this driver must not break. */
static VOID alone(LONG us)
{
    KSPIN_LOCK lock;
    KeInitializeSpinLock(&lock);
    if (InterlockedIncrement(&inside) != 1)
        KeReleaseSpinLock(&lock, PASSIVE_LEVEL);
    moment(us);
    InterlockedDecrement(&inside);
}

static VOID everything(LONG us)
{
    KeWaitForSingleObject(&mutex, Executive, KernelMode, FALSE, NULL);
    ExAcquireFastMutex(&fast);
    KeWaitForSingleObject(&gate, Executive, KernelMode, FALSE, NULL);
    alone(us);
    KeSetEvent(&gate, IO_NO_INCREMENT, FALSE);
    ExReleaseFastMutex(&fast);
    KeReleaseMutex(&mutex, FALSE);
}

static VOID NTAPI change(PDEVICE_OBJECT device, PVOID context)
{
    UNREFERENCED_PARAMETER(device);
    UNREFERENCED_PARAMETER(context);
    everything(700);
    InterlockedExchange(&change_queued, 0);
}

static VOID NTAPI serve(PDEVICE_OBJECT device, PVOID context)
{
    LARGE_INTEGER time;
    UNREFERENCED_PARAMETER(device);
    UNREFERENCED_PARAMETER(context);
    time.QuadPart = -300000;
    while (KeWaitForSingleObject(&stop, Executive, KernelMode, FALSE, &time) == STATUS_TIMEOUT)
        everything(500);
    KeSetEvent(&stopped, IO_NO_INCREMENT, FALSE);
}

static VOID NTAPI change_power(PDEVICE_OBJECT device, PVOID context)
{
    UNREFERENCED_PARAMETER(context);
    PcRequestNewPowerState(device, PowerDeviceD1);
    moment(1000);
    PcRequestNewPowerState(device, PowerDeviceD0);
    InterlockedExchange(&power_queued, 0);
}

static NTSTATUS start(PDEVICE_OBJECT device)
{
    fdo = device;
    KeInitializeMutex(&mutex, 0);
    ExInitializeFastMutex(&fast);
    KeInitializeEvent(&gate, SynchronizationEvent, TRUE);
    KeInitializeEvent(&stop, NotificationEvent, FALSE);
    KeInitializeEvent(&stopped, NotificationEvent, TRUE);
    return STATUS_SUCCESS;
}

static NTSTATUS init(void)
{
    server = IoAllocateWorkItem(fdo);
    power = IoAllocateWorkItem(fdo);
    changer = IoAllocateWorkItem(fdo);
    if (!server || !power || !changer) {
        if (server)
            IoFreeWorkItem(server);
        if (power)
            IoFreeWorkItem(power);
        server = power = NULL;
        if (changer)
            IoFreeWorkItem(changer);
        changer = NULL;
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    KeClearEvent(&stopped);
    IoQueueWorkItem(server, serve, DelayedWorkQueue, NULL);
    return STATUS_SUCCESS;
}

static VOID end(void)
{
    KeSetEvent(&stop, IO_NO_INCREMENT, FALSE);
    KeWaitForSingleObject(&stopped, Executive, KernelMode, FALSE, NULL);
    while (InterlockedCompareExchange(&power_queued, 0, 0) || InterlockedCompareExchange(&change_queued, 0, 0))
        moment(1000);
    if (server)
        IoFreeWorkItem(server);
    if (power)
        IoFreeWorkItem(power);
    if (changer)
        IoFreeWorkItem(changer);
    server = power = changer = NULL;
}

static NTSTATUS state_asked(struct stream *s, KSSTATE state)
{
    KeWaitForSingleObject(&mutex, Executive, KernelMode, FALSE, NULL);
    if (InterlockedExchange(&change_queued, 1) == 0)
        IoQueueWorkItem(changer, change, DelayedWorkQueue, NULL);
    alone(1500);
    KeReleaseMutex(&mutex, FALSE);
    if (s->pin == PIN_RENDER && state == KSSTATE_STOP && InterlockedExchange(&power_queued, 1) == 0)
        IoQueueWorkItem(power, change_power, CriticalWorkQueue, NULL);
    return STATUS_SUCCESS;
}

#define ON_START(device, resources) start(device)
#define ON_INIT(miniport, resources) init()
#define ON_END(miniport) end()
#define ON_STATE state_asked
#define ON_RENDER(buffer, frames, s) everything(200)
#include "skeleton.h"
