/* SPDX-License-Identifier: MIT */
/* Deferred procedure calls: one queue, one runner. */
#include "kernel/wdm/impl.h"

static bool known(const KDPC *dpc, const char *what)
{
    if (dpc->Type == TYPE_DPC)
        return true;
    wdm_broken(WDM_RULE_AFTER_RELEASE, "%s: DPC %p was freed or never initialised", what, (const void *)dpc);
    return false;
}

/* The bytes may be anything but a DPC: only the queue knows. */
static bool is_queued(const KDPC *dpc)
{
    struct wdm_machine *m = wdm_current();
    bool found = false;
    if (!m)
        return false;
    pthread_mutex_lock(&m->lock);
    found = queue_find_locked(&m->dpcs, dpc) != NOT_QUEUED;
    pthread_mutex_unlock(&m->lock);
    return found;
}

VOID NTAPI KeInitializeDpc(PRKDPC Dpc, PKDEFERRED_ROUTINE DeferredRoutine, PVOID DeferredContext)
{
    if (is_queued(Dpc))
        wdm_report_queued(wdm_current(), Dpc, sizeof *Dpc, "KeInitializeDpc");
    if (wdm_current())
        pool_need_resident(wdm_self(), Dpc, RESIDENT_DPC);
    *Dpc = (KDPC){.Type = TYPE_DPC, .Importance = MediumImportance, .DeferredRoutine = DeferredRoutine,
                  .DeferredContext = DeferredContext};
}

VOID NTAPI KeSetImportanceDpc(PRKDPC Dpc, KDPC_IMPORTANCE Importance)
{
    if (known(Dpc, "KeSetImportanceDpc"))
        Dpc->Importance = (UCHAR)Importance;
}

bool dpc_insert_locked(struct wdm_machine *m, const struct wdm_queued *from, void *argument1, void *argument2)
{
    KDPC *dpc = from->object;
    size_t at = dpc->Importance == HighImportance ? 0 : m->dpcs.count;
    if (queue_find_locked(&m->dpcs, dpc) != NOT_QUEUED || !queue_insert_locked(&m->dpcs, at, from))
        return false;
    dpc->DpcData = m;
    dpc->SystemArgument1 = argument1;
    dpc->SystemArgument2 = argument2;
    run_want_dpc(m);
    return true;
}

KDPC *dpc_take_locked(struct wdm_machine *m)
{
    while (m->dpcs.count) {
        struct wdm_queued item = queue_take_locked(&m->dpcs, 0);
        KDPC *dpc = item.object;
        if (dpc->Type == TYPE_DPC) {
            dpc->DpcData = NULL;
            return dpc;
        }
        queue_overwritten_locked(m, &item, "DPC");
    }
    return NULL;
}

void dpc_run_locked(struct wdm_thread *self, KDPC *dpc)
{
    struct wdm_machine *m = self->machine;
    /* The routine may free the structure. */
    KDPC copy = *dpc;
    struct wdm_call call;
    unsigned irql = self->irql;
    m->dpc_running = true;
    m->dpc_current = dpc;
    pthread_mutex_unlock(&m->lock);
    self->irql = DISPATCH_LEVEL;
    wdm_call_begin(&call, "DPC routine");
    wdm_trace_begin("DPC", "DPC");
    copy.DeferredRoutine(dpc, copy.DeferredContext, copy.SystemArgument1, copy.SystemArgument2);
    wdm_trace_end("DPC", "DPC");
    wdm_call_end(&call);
    self->irql = irql;
    pthread_mutex_lock(&m->lock);
    m->dpc_running = false;
    pthread_cond_broadcast(&m->changed);
}

BOOLEAN NTAPI KeInsertQueueDpc(PRKDPC Dpc, PVOID SystemArgument1, PVOID SystemArgument2)
{
    struct wdm_thread *self = wdm_self();
    if (!known(Dpc, "KeInsertQueueDpc"))
        return FALSE;
    pool_need_resident(self, Dpc, RESIDENT_DPC);
    struct wdm_queued item = {.object = Dpc, .code = CALLED_FROM, .stack = queue_stack(self, Dpc, NULL)};
    pthread_mutex_lock(&self->machine->lock);
    bool inserted = dpc_insert_locked(self->machine, &item, SystemArgument1, SystemArgument2);
    pthread_mutex_unlock(&self->machine->lock);
    run_deferred(self);
    return inserted;
}

BOOLEAN NTAPI KeRemoveQueueDpc(PRKDPC Dpc)
{
    struct wdm_machine *m = wdm_self()->machine;
    if (!known(Dpc, "KeRemoveQueueDpc"))
        return FALSE;
    pthread_mutex_lock(&m->lock);
    size_t at = queue_find_locked(&m->dpcs, Dpc);
    bool queued = at != NOT_QUEUED;
    if (queued) {
        queue_take_locked(&m->dpcs, at);
        Dpc->DpcData = NULL;
        pthread_cond_broadcast(&m->changed);
    }
    pthread_mutex_unlock(&m->lock);
    return queued;
}

static VOID NTAPI flushed(PKDPC Dpc, PVOID DeferredContext, PVOID SystemArgument1, PVOID SystemArgument2)
{
    (void)Dpc;
    (void)SystemArgument1;
    (void)SystemArgument2;
    KeSetEvent(DeferredContext, IO_NO_INCREMENT, FALSE);
}

/* A DPC of our own behind all others: when it has run, they have. */
VOID NTAPI KeFlushQueuedDpcs(VOID)
{
    struct wdm_thread *self = wdm_self();
    KEVENT done;
    KDPC last;
    if (!wdm_need_irql(PASSIVE_LEVEL, "KeFlushQueuedDpcs"))
        return;
    KeInitializeEvent(&done, NotificationEvent, FALSE);
    KeInitializeDpc(&last, flushed, &done);
    KeInsertQueueDpc(&last, NULL, NULL);
    KeWaitForSingleObject(&done, Executive, KernelMode, FALSE, NULL);
    /* Not before the runner has done with LAST and DONE, which are on this stack. */
    pthread_mutex_lock(&self->machine->lock);
    while (!time_is_virtual(self->machine) && self->machine->dpc_running && self->machine->dpc_current == &last)
        pthread_cond_wait(&self->machine->changed, &self->machine->lock);
    pthread_mutex_unlock(&self->machine->lock);
}
