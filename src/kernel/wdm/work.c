/* SPDX-License-Identifier: MIT */
/* Work items: one queue for all kinds; who runs it is run.c's business. */
#include "kernel/wdm/impl.h"

#define WORK_TAG 0x6b576f49 /* "IoWk" */

struct _IO_WORKITEM {
    WORK_QUEUE_ITEM item;
    PDEVICE_OBJECT device;
    PIO_WORKITEM_ROUTINE routine;
    PVOID context;
};

bool work_run_one_locked(struct wdm_thread *self)
{
    struct wdm_machine *m = self->machine;
    struct wdm_call call;
    unsigned irql = self->irql;
    if (!m->work.count)
        return false;
    struct wdm_queued queued = queue_take_locked(&m->work, 0);
    WORK_QUEUE_ITEM *item = queued.object;
    if (item->List.Flink != &item->List) {
        queue_overwritten_locked(m, &queued, "work item");
        return true;
    }
    if (self->system) {
        self->system->item = queued;
        self->system->device_item = work_is_device_item(item);
        self->system->told = false;
        self->system->given_up = 0;
    }
    item->List.Flink = NULL;
    WORKER_THREAD_ROUTINE *routine = item->WorkerRoutine;
    void *parameter = item->Parameter;
    m->work_running++;
    pthread_mutex_unlock(&m->lock);
    self->irql = PASSIVE_LEVEL;
    wdm_call_begin(&call, "work item");
    wdm_trace_begin("work", "work item");
    routine(parameter);
    wdm_trace_end("work", "work item");
    wdm_call_end(&call);
    self->irql = irql;
    pthread_mutex_lock(&m->lock);
    m->work_running--;
    pthread_cond_broadcast(&m->changed);
    return true;
}

/* One that is queued points at itself: ExInitializeWorkItem sets but the pointer. */
static void queue(PWORK_QUEUE_ITEM WorkItem, uintptr_t code)
{
    struct wdm_thread *self = wdm_self();
    struct wdm_machine *m = self->machine;
    wdm_need_irql(DISPATCH_LEVEL, "ExQueueWorkItem");
    pool_need_resident(self, WorkItem, RESIDENT_WORK);
    struct wdm_queued item = {.object = WorkItem, .code = code, .stack = queue_stack(self, WorkItem, NULL)};
    pthread_mutex_lock(&m->lock);
    bool queued = WorkItem->List.Flink != NULL, full = !queued && !queue_insert_locked(&m->work, m->work.count, &item);
    if (!queued && !full) {
        WorkItem->List.Flink = &WorkItem->List;
        run_want_work(m);
    }
    pthread_mutex_unlock(&m->lock);
    if (queued)
        wdm_broken(WDM_RULE_STILL_QUEUED, "work item %p queued while it is queued", (void *)WorkItem);
    if (full)
        machine_print(m, "machine: no memory for a work item's place in the queue");
}

VOID NTAPI ExQueueWorkItem(PWORK_QUEUE_ITEM WorkItem, WORK_QUEUE_TYPE QueueType)
{
    (void)QueueType;
    queue(WorkItem, CALLED_FROM);
}

/* The routine may free the item. */
static VOID NTAPI run_device_item(PVOID Parameter)
{
    struct _IO_WORKITEM *item = Parameter;
    item->routine(item->device, item->context);
}

bool work_is_device_item(const WORK_QUEUE_ITEM *item) { return item->WorkerRoutine == run_device_item; }

uintptr_t work_routine(const WORK_QUEUE_ITEM *item)
{
    if (item->WorkerRoutine == run_device_item)
        return (uintptr_t)((const struct _IO_WORKITEM *)item->Parameter)->routine;
    return (uintptr_t)item->WorkerRoutine;
}

PIO_WORKITEM NTAPI IoAllocateWorkItem(PDEVICE_OBJECT DeviceObject)
{
    wdm_need_irql(DISPATCH_LEVEL, "IoAllocateWorkItem");
    struct _IO_WORKITEM *item = ExAllocatePoolWithTag(NonPagedPool, sizeof *item, WORK_TAG);
    if (item) {
        *item = (struct _IO_WORKITEM){.device = DeviceObject};
        ExInitializeWorkItem(&item->item, run_device_item, item);
    }
    return item;
}

VOID NTAPI IoQueueWorkItem(PIO_WORKITEM IoWorkItem, PIO_WORKITEM_ROUTINE WorkerRoutine, WORK_QUEUE_TYPE QueueType,
                           PVOID Context)
{
    struct wdm_machine *m = wdm_self()->machine;
    (void)QueueType;
    pthread_mutex_lock(&m->lock);
    if (!IoWorkItem->item.List.Flink) {
        IoWorkItem->routine = WorkerRoutine;
        IoWorkItem->context = Context;
    }
    pthread_mutex_unlock(&m->lock);
    queue(&IoWorkItem->item, CALLED_FROM);
}

/* A queued one is found out by ExFreePool. */
VOID NTAPI IoFreeWorkItem(PIO_WORKITEM IoWorkItem) { ExFreePoolWithTag(IoWorkItem, WORK_TAG); }
