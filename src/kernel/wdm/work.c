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
    if (IsListEmpty(&m->work))
        return false;
    WORK_QUEUE_ITEM *item = CONTAINING_RECORD(RemoveHeadList(&m->work), WORK_QUEUE_ITEM, List);
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

VOID NTAPI ExQueueWorkItem(PWORK_QUEUE_ITEM WorkItem, WORK_QUEUE_TYPE QueueType)
{
    struct wdm_machine *m = wdm_self()->machine;
    (void)QueueType;
    wdm_need_irql(DISPATCH_LEVEL, "ExQueueWorkItem");
    pthread_mutex_lock(&m->lock);
    bool queued = WorkItem->List.Flink != NULL;
    if (!queued) {
        InsertTailList(&m->work, &WorkItem->List);
        run_want_work(m);
    }
    pthread_mutex_unlock(&m->lock);
    if (queued)
        wdm_broken(WDM_RULE_STILL_QUEUED, "work item %p queued while it is queued", (void *)WorkItem);
}

/* The routine may free the item. */
static VOID NTAPI run_device_item(PVOID Parameter)
{
    struct _IO_WORKITEM *item = Parameter;
    item->routine(item->device, item->context);
}

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
    pthread_mutex_lock(&m->lock);
    if (!IoWorkItem->item.List.Flink) {
        IoWorkItem->routine = WorkerRoutine;
        IoWorkItem->context = Context;
    }
    pthread_mutex_unlock(&m->lock);
    ExQueueWorkItem(&IoWorkItem->item, QueueType);
}

/* A queued one is found out by ExFreePool. */
VOID NTAPI IoFreeWorkItem(PIO_WORKITEM IoWorkItem) { ExFreePoolWithTag(IoWorkItem, WORK_TAG); }
