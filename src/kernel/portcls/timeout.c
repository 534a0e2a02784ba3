/* SPDX-License-Identifier: MIT */
/* PcRegisterIoTimeout: routines that are called once a second at DISPATCH_LEVEL (spec 4). */
#include "base/alloc.h"
#include "kernel/portcls/device.h"
#include "kernel/wdm/machine.h"

#define SECOND_MS    1000
#define ROUTINES_MAX 16

struct pc_io_timeout {
    struct pc_io_timeout *next;
    PIO_TIMER_ROUTINE routine;
    PVOID context;
};

/* Called from a copy: a routine may register and unregister. */
static VOID NTAPI every_second(PKDPC dpc, PVOID context, PVOID argument1, PVOID argument2)
{
    struct pc_device *device = context;
    struct pc_io_timeout copy[ROUTINES_MAX];
    size_t count = 0;
    (void)dpc, (void)argument1, (void)argument2;
    pthread_mutex_lock(&device->lock);
    for (struct pc_io_timeout *t = device->timeouts; t && count < ROUTINES_MAX; t = t->next)
        copy[count++] = *t;
    pthread_mutex_unlock(&device->lock);
    for (size_t i = 0; i < count; i++) {
        struct wdm_call call;
        wdm_call_begin(&call, "I/O timeout routine");
        copy[i].routine(device->fdo, copy[i].context);
        wdm_call_end(&call);
    }
}

void pc_timeouts_init(struct pc_device *device)
{
    KeInitializeTimer(&device->timeout_timer);
    KeInitializeDpc(&device->timeout_dpc, every_second, device);
}

void pc_timeouts_stop(struct pc_device *device)
{
    KeCancelTimer(&device->timeout_timer);
    KeRemoveQueueDpc(&device->timeout_dpc);
    KeFlushQueuedDpcs();
}

void pc_timeouts_end(struct pc_device *device)
{
    pc_timeouts_stop(device); /* one may have been registered since */
    while (device->timeouts) {
        struct pc_io_timeout *timeout = device->timeouts;
        device->timeouts = timeout->next;
        wdm_broken(WDM_RULE_STILL_QUEUED, "I/O timeout with context %p is still registered when its device is removed",
                   timeout->context);
        dm_free(timeout);
    }
}

NTSTATUS NTAPI PcRegisterIoTimeout(PDEVICE_OBJECT fdo, PIO_TIMER_ROUTINE routine, PVOID context)
{
    struct pc_device *device = pc_device_of(fdo);
    NTSTATUS status = STATUS_SUCCESS;
    LARGE_INTEGER due;
    wdm_need_irql(PASSIVE_LEVEL, "PcRegisterIoTimeout");
    struct pc_io_timeout *timeout = device && routine ? dm_calloc(1, sizeof *timeout) : NULL;
    if (!timeout)
        return device && routine ? STATUS_INSUFFICIENT_RESOURCES : STATUS_INVALID_PARAMETER;
    timeout->routine = routine;
    timeout->context = context;
    size_t count = 0;
    pthread_mutex_lock(&device->lock);
    for (struct pc_io_timeout *t = device->timeouts; t; t = t->next, count++)
        if (t->routine == routine && t->context == context)
            status = STATUS_UNSUCCESSFUL; /* is there already */
    if (count >= ROUTINES_MAX)
        status = STATUS_INSUFFICIENT_RESOURCES;
    if (NT_SUCCESS(status)) {
        timeout->next = device->timeouts;
        device->timeouts = timeout;
    }
    pthread_mutex_unlock(&device->lock);
    if (!NT_SUCCESS(status)) {
        dm_free(timeout);
        return status;
    }
    due.QuadPart = -(LONGLONG)SECOND_MS * WDM_MS;
    if (count == 0)
        KeSetTimerEx(&device->timeout_timer, due, SECOND_MS, &device->timeout_dpc);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI PcUnregisterIoTimeout(PDEVICE_OBJECT fdo, PIO_TIMER_ROUTINE routine, PVOID context)
{
    struct pc_device *device = pc_device_of(fdo);
    wdm_need_irql(PASSIVE_LEVEL, "PcUnregisterIoTimeout");
    if (!device)
        return STATUS_INVALID_PARAMETER;
    pthread_mutex_lock(&device->lock);
    struct pc_io_timeout **link = &device->timeouts, *found;
    while (*link && ((*link)->routine != routine || (*link)->context != context))
        link = &(*link)->next;
    found = *link;
    if (found)
        *link = found->next;
    bool idle = !device->timeouts;
    pthread_mutex_unlock(&device->lock);
    if (!found)
        return STATUS_NOT_FOUND;
    dm_free(found);
    if (idle)
        KeCancelTimer(&device->timeout_timer);
    KeFlushQueuedDpcs();
    return STATUS_SUCCESS;
}
