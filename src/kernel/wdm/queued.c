/* SPDX-License-Identifier: MIT */
/* The queues of timers, DPCs and work items, and what is still in them when its memory goes (rule 25). */
#define _GNU_SOURCE /* pthread_getattr_np */
#include <string.h>

#include "base/alloc.h"
#include "kernel/wdm/impl.h"

void queue_init(struct wdm_queue *queue)
{
    queue->items = queue->first;
    queue->room = RTL_NUMBER_OF(queue->first);
}

void queue_finish(struct wdm_queue *queue)
{
    if (queue->items != queue->first)
        dm_free(queue->items);
}

static bool grow(struct wdm_queue *queue)
{
    struct wdm_queued *items = dm_calloc(queue->room * 2, sizeof *items);
    if (!items)
        return false;
    memcpy(items, queue->items, queue->count * sizeof *items);
    queue_finish(queue);
    queue->items = items;
    queue->room *= 2;
    return true;
}

bool queue_insert_locked(struct wdm_queue *queue, size_t at, const struct wdm_queued *item)
{
    if (queue->count == queue->room && !grow(queue))
        return false;
    memmove(&queue->items[at + 1], &queue->items[at], (queue->count++ - at) * sizeof *queue->items);
    queue->items[at] = *item;
    return true;
}

struct wdm_queued queue_take_locked(struct wdm_queue *queue, size_t at)
{
    struct wdm_queued item = queue->items[at];
    memmove(&queue->items[at], &queue->items[at + 1], (--queue->count - at) * sizeof *queue->items);
    return item;
}

size_t queue_find_locked(const struct wdm_queue *queue, const void *object)
{
    for (size_t i = 0; i < queue->count; i++)
        if (queue->items[i].object == object)
            return i;
    return NOT_QUEUED;
}

void queue_overwritten_locked(struct wdm_machine *m, const struct wdm_queued *item, const char *kind)
{
    pthread_mutex_unlock(&m->lock);
    wdm_broken_at(WDM_RULE_STILL_QUEUED, "queued in", item->code, "%s %p was overwritten while it was queued", kind, item->object);
    pthread_mutex_lock(&m->lock);
}

/* ---- memory that goes ---- */

struct range {
    uintptr_t first;
    size_t size;
};

static bool within(const struct range *range, const volatile void *address)
{
    return (uintptr_t)address - range->first < range->size;
}

static bool within_routine(const struct range *range, uintptr_t routine) { return routine - range->first < range->size; }

static bool timer_within(const struct range *range, const struct wdm_queued *item)
{
    return within(range, item->object) || (item->dpc && within(range, item->dpc));
}

static bool dpc_within(const struct range *range, const struct wdm_queued *item)
{
    const KDPC *dpc = item->object;
    return within(range, dpc) || within_routine(range, (uintptr_t)dpc->DeferredRoutine);
}

static bool work_within(const struct range *range, const struct wdm_queued *item)
{
    return within(range, item->object) || within_routine(range, work_routine(item->object));
}

/* Take one thing out of the queues; its kind, or NULL. */
static const char *take_one_locked(struct wdm_machine *m, const struct range *range, void **what)
{
    for (size_t i = 0; i < m->timers.count; i++)
        if (timer_within(range, &m->timers.items[i])) {
            KTIMER *timer = *what = queue_take_locked(&m->timers, i).object;
            timer->Header.Inserted = FALSE;
            return "timer";
        }
    for (size_t i = 0; i < m->dpcs.count; i++)
        if (dpc_within(range, &m->dpcs.items[i])) {
            KDPC *dpc = *what = queue_take_locked(&m->dpcs, i).object;
            dpc->DpcData = NULL;
            return "DPC";
        }
    for (size_t i = 0; i < m->work.count; i++)
        if (work_within(range, &m->work.items[i])) {
            WORK_QUEUE_ITEM *item = *what = queue_take_locked(&m->work, i).object;
            item->List.Flink = NULL;
            return "work item";
        }
    return NULL;
}

size_t wdm_report_queued(struct wdm_machine *m, const void *memory, size_t size, const char *owner)
{
    struct range range = {(uintptr_t)memory, size};
    for (size_t found = 0;; found++) {
        void *what;
        pthread_mutex_lock(&m->lock);
        const char *kind = take_one_locked(m, &range, &what);
        pthread_mutex_unlock(&m->lock);
        if (!kind)
            return found;
        wdm_broken(WDM_RULE_STILL_QUEUED, "%s %p of '%s' is still queued", kind, what, owner);
    }
}

/* ---- a stack that was left ---- */

static void ask_stack(struct wdm_thread *self)
{
    pthread_attr_t attr;
    void *low = NULL;
    size_t size = 0;
    self->stack_low = self->stack_high = 1; /* where the system does not tell: nothing is on it */
    if (pthread_getattr_np(pthread_self(), &attr) != 0)
        return;
    if (pthread_attr_getstack(&attr, &low, &size) == 0) {
        self->stack_low = (uintptr_t)low;
        self->stack_high = (uintptr_t)low + size;
    }
    pthread_attr_destroy(&attr);
}

const struct wdm_thread *queue_stack(struct wdm_thread *self, const void *object, const void *other)
{
    if (!self->stack_high)
        ask_stack(self);
    struct range stack = {self->stack_low, self->stack_high - self->stack_low};
    if (!within(&stack, object) && !within(&stack, other))
        return NULL;
    self->stack_queued++;
    return self;
}

/* The first that lies in the part of SELF's stack that was left. COUNT: what of its stack is in the queue. */
static size_t find_left_locked(const struct wdm_queue *queue, const struct wdm_thread *self, const struct range *left,
                               size_t *count)
{
    size_t found = NOT_QUEUED;
    for (size_t i = 0; i < queue->count; i++) {
        *count += queue->items[i].stack == self;
        if (found == NOT_QUEUED && queue->items[i].stack == self && timer_within(left, &queue->items[i]))
            found = i;
    }
    return found;
}

/* As take_one_locked; but what was there is written over by whoever ran since, even by this function: not a byte is looked at. */
static const char *take_left_locked(struct wdm_thread *self, const struct range *left, struct wdm_queued *item)
{
    struct wdm_machine *m = self->machine;
    struct wdm_queue *const queues[] = {&m->timers, &m->dpcs, &m->work};
    static const char *const kinds[] = {"timer", "DPC", "work item"};
    size_t count = 0;
    for (unsigned i = 0; i < RTL_NUMBER_OF(queues); i++) {
        size_t at = find_left_locked(queues[i], self, left, &count);
        if (at == NOT_QUEUED)
            continue;
        *item = queue_take_locked(queues[i], at);
        return kinds[i];
    }
    self->stack_queued = count;
    return NULL;
}

void queue_report_stack(struct wdm_thread *self, uintptr_t frame, const char *what)
{
    struct range left = {self->stack_low, (frame < self->stack_high ? frame : self->stack_high) - self->stack_low};
    struct wdm_queued item;
    for (;;) {
        pthread_mutex_lock(&self->machine->lock);
        const char *kind = take_left_locked(self, &left, &item);
        pthread_mutex_unlock(&self->machine->lock);
        if (!kind)
            return;
        wdm_broken_at(WDM_RULE_STILL_QUEUED, "queued in", item.code, "%s %p on the stack is still queued on return of %s%s", kind,
                      item.object, what, within(&left, item.object) ? "" : ": its DPC is on the stack");
    }
}
