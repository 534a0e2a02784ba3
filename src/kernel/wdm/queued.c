/* SPDX-License-Identifier: MIT */
/* What is still queued when memory goes (rule 25). */
#include "kernel/wdm/impl.h"

struct range {
    uintptr_t first;
    size_t size;
};

static bool within(const struct range *range, const volatile void *address)
{
    return (uintptr_t)address - range->first < range->size;
}

static bool within_routine(const struct range *range, uintptr_t routine) { return routine - range->first < range->size; }

/* Take one thing out of the queues; its kind, or NULL. */
static const char *take_one_locked(struct wdm_machine *m, const struct range *range, const void **what)
{
    for (LIST_ENTRY *at = m->timers.Flink; at != &m->timers; at = at->Flink) {
        KTIMER *timer = CONTAINING_RECORD(at, KTIMER, TimerListEntry);
        if (within(range, timer) || (timer->Dpc && within(range, timer->Dpc))) {
            RemoveEntryList(at);
            timer->Header.Inserted = FALSE;
            *what = timer;
            return "timer";
        }
    }
    for (LIST_ENTRY *at = m->dpcs.Flink; at != &m->dpcs; at = at->Flink) {
        KDPC *dpc = CONTAINING_RECORD(at, KDPC, DpcListEntry);
        if (within(range, dpc) || within_routine(range, (uintptr_t)dpc->DeferredRoutine)) {
            RemoveEntryList(at);
            dpc->DpcData = NULL;
            *what = dpc;
            return "DPC";
        }
    }
    for (LIST_ENTRY *at = m->work.Flink; at != &m->work; at = at->Flink) {
        WORK_QUEUE_ITEM *item = CONTAINING_RECORD(at, WORK_QUEUE_ITEM, List);
        if (within(range, item) || within_routine(range, work_routine(item))) {
            RemoveEntryList(at);
            item->List.Flink = NULL;
            *what = item;
            return "work item";
        }
    }
    return NULL;
}

size_t wdm_report_queued(struct wdm_machine *m, const void *memory, size_t size, const char *owner)
{
    struct range range = {(uintptr_t)memory, size};
    for (size_t found = 0;; found++) {
        const void *what;
        pthread_mutex_lock(&m->lock);
        const char *kind = take_one_locked(m, &range, &what);
        pthread_mutex_unlock(&m->lock);
        if (!kind)
            return found;
        wdm_broken(WDM_RULE_STILL_QUEUED, "%s %p of '%s' is still queued", kind, what, owner);
    }
}
