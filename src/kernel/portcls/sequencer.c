/* SPDX-License-Identifier: MIT */
#include "sequencer.h"

#include <stdio.h>

#include "allocator.h"
#include "base/alloc.h"
#include "com.h"
#include "event_heap.h"
#include "kernel/wdm/machine.h"
#include "kernel/wdm/trace.h"
#include "master_clock.h"
#include "mxf_lock.h"

#define HEAP_FIRST 256
#define LOCKED_MAX 256 /* events queued before the lock is let go */

struct sequencer {
    IMXF IMXF_iface;
    struct refcount refs; /* counted, but the pin decides */
    struct sequencer_config config;
    struct event_pool *pool; /* NULL: nobody asks who has what */
    char name[MXF_NAME_MAX];
    struct mxf_lock lock;
    /* all below: [lock] */
    struct mxf_turn turn; /* to call the output */
    struct event_heap heap;
    KSSTATE state;
    int64_t run_since_100ns;
    int64_t announced_100ns; /* what sequencer_next_due answered last */
    struct sequencer_stats stats;
};

static const IMXFVtbl sequencer_vtbl;
IMPL_FROM(sequencer, IMXF, sequencer_vtbl)

static int64_t clock_time(const struct sequencer *sequencer) { return master_clock_read(sequencer->config.clock); }

/* Unsigned: DONT_HOLD_FOR_SEQUENCING is 2^63, more than any signed difference can be (spec 8.4). */
static bool is_due(const struct sequencer *sequencer, int64_t time_100ns, int64_t now_100ns)
{
    return time_100ns <= now_100ns || (uint64_t)time_100ns - (uint64_t)now_100ns <= sequencer->config.prefetch_100ns;
}

static int64_t due_time(const struct sequencer *sequencer, int64_t time_100ns)
{
    uint64_t above_lowest = (uint64_t)time_100ns - (uint64_t)INT64_MIN;
    uint64_t prefetch = sequencer->config.prefetch_100ns;
    return prefetch >= above_lowest ? INT64_MIN : (int64_t)((uint64_t)time_100ns - prefetch);
}

/* --- delivery --- */

/* What one delivery found out, to be told when nothing is locked. */
struct delivery {
    struct mxf_chain chain;
    unsigned late;
    int64_t late_max_100ns, stamp_100ns;
};

static void measure(struct sequencer *sequencer, const struct event_entry *entry, int64_t now_100ns, struct delivery *delivery)
{
    struct sequencer_stats *stats = &sequencer->stats;
    int64_t due = due_time(sequencer, entry->time_100ns);
    stats->delivered++;
    if (!entry->waits || due < sequencer->run_since_100ns)
        return;
    int64_t late = now_100ns > due ? now_100ns - due : 0;
    unsigned bucket = 0;
    while (bucket + 1 < SEQUENCER_BUCKETS && late >= (INT64_C(100) << bucket))
        bucket++;
    stats->timed++;
    stats->late[bucket]++;
    stats->late_max_100ns = late > stats->late_max_100ns ? late : stats->late_max_100ns;
    if (late <= 2 * WDM_MS)
        return;
    stats->late_2ms++;
    delivery->late++;
    delivery->late_max_100ns = late > delivery->late_max_100ns ? late : delivery->late_max_100ns;
}

/* [lock] The next events that are due, of one stamp. */
static bool take_due(struct sequencer *sequencer, struct delivery *delivery)
{
    struct event_heap *heap = &sequencer->heap;
    *delivery = (struct delivery){0};
    if (sequencer->state != KSSTATE_RUN || heap->count == 0)
        return false;
    int64_t now = clock_time(sequencer), time = heap->entries[0].time_100ns;
    if (!is_due(sequencer, time, now))
        return false;
    delivery->stamp_100ns = time;
    do {
        struct event_entry entry = event_heap_pop(heap);
        measure(sequencer, &entry, now, delivery);
        mxf_chain_add(&delivery->chain, entry.event);
    } while (!sequencer->config.singly && heap->count > 0 && heap->entries[0].time_100ns == time);
    return true;
}

static void deliver(struct sequencer *sequencer, struct delivery *delivery)
{
    struct wdm_machine *machine = wdm_current();
    if (delivery->late && machine && wdm_time_base(machine) == WDM_REAL)
        wdm_broken(WDM_RULE_LATE, "%s: %u event(s) with stamp %lld handed down %lld us after they were due", sequencer->name,
                   delivery->late, (long long)delivery->stamp_100ns, (long long)(delivery->late_max_100ns / 10));
    if (sequencer->pool)
        event_pool_hand(sequencer->pool, delivery->chain.head, sequencer->config.holder);
    mxf_put(sequencer->config.output, delivery->chain.head, sequencer->name);
}

/* [lock] None during a delivery, even if more has come due meanwhile: a timer set for it would fire, find the turn taken, be set
 * again, and so on until the delivery is over, which a timer thread of high priority might never let happen. */
static int64_t next_due(const struct sequencer *sequencer)
{
    if (sequencer->state != KSSTATE_RUN || sequencer->heap.count == 0 || sequencer->turn.busy)
        return INT64_MAX;
    return due_time(sequencer, sequencer->heap.entries[0].time_100ns);
}

/* Who finds the turn taken has left his events in the heap, where the holder looks again. */
static void drain(struct sequencer *sequencer)
{
    struct delivery delivery;
    mxf_lock(&sequencer->lock);
    if (mxf_turn_take(&sequencer->turn)) {
        while (take_due(sequencer, &delivery)) {
            mxf_unlock(&sequencer->lock);
            deliver(sequencer, &delivery);
            mxf_lock(&sequencer->lock);
        }
        mxf_turn_give(&sequencer->turn);
    }
    bool earlier = next_due(sequencer) < sequencer->announced_100ns;
    mxf_unlock(&sequencer->lock);
    if (earlier && sequencer->config.wake)
        sequencer->config.wake(sequencer->config.wake_ctx);
}

void sequencer_service(struct sequencer *sequencer)
{
    wdm_need_irql(DISPATCH_LEVEL, "sequencer");
    drain(sequencer);
}

int64_t sequencer_next_due(struct sequencer *sequencer)
{
    mxf_lock(&sequencer->lock);
    int64_t due = sequencer->announced_100ns = next_due(sequencer);
    mxf_unlock(&sequencer->lock);
    return due;
}

/* --- input --- */

static void discard(struct sequencer *sequencer, PDMUS_KERNEL_EVENT chain)
{
    IAllocatorMXF *allocator = sequencer->config.allocator;
    if (chain)
        allocator->lpVtbl->PutMessage(allocator, chain);
}

/* [lock], which is let go while memory is asked for. */
static bool make_room(struct sequencer *sequencer)
{
    struct event_heap *heap = &sequencer->heap;
    while (heap->count == heap->capacity) {
        size_t capacity = heap->capacity ? 2 * heap->capacity : HEAP_FIRST;
        mxf_unlock(&sequencer->lock);
        struct event_entry *entries = dm_realloc(NULL, capacity, sizeof *entries);
        mxf_lock(&sequencer->lock);
        if (!entries)
            return heap->count < heap->capacity;
        if (capacity <= heap->capacity) { /* another thread made room */
            dm_free(entries);
            continue;
        }
        if (heap->count)
            memcpy(entries, heap->entries, heap->count * sizeof *entries);
        struct event_entry *old = heap->entries;
        heap->entries = entries;
        heap->capacity = capacity;
        dm_free(old);
    }
    return true;
}

static NTSTATUS STDMETHODCALLTYPE sequencer_PutMessage(IMXF *iface, PDMUS_KERNEL_EVENT chain)
{
    struct sequencer *sequencer = impl_from_IMXF(iface);
    struct sequencer_stats *stats = &sequencer->stats;
    struct mxf_chain refused = {NULL, NULL};
    NTSTATUS status = STATUS_SUCCESS;
    wdm_need_irql(DISPATCH_LEVEL, "sequencer");
    int64_t now = clock_time(sequencer);
    mxf_lock(&sequencer->lock);
    for (unsigned i = 1; chain; i++) {
        PDMUS_KERNEL_EVENT event = chain;
        if (i % LOCKED_MAX == 0) { /* a long write must not hold up the timer */
            mxf_unlock(&sequencer->lock);
            mxf_lock(&sequencer->lock);
        }
        chain = chain->pNextEvt;
        event->pNextEvt = NULL;
        bool room = sequencer->state == KSSTATE_STOP || make_room(sequencer);
        if (sequencer->state == KSSTATE_STOP || !room) { /* the state may have changed while room was made */
            status = room ? status : STATUS_INSUFFICIENT_RESOURCES;
            stats->discarded++;
            mxf_chain_add(&refused, event);
            continue;
        }
        stats->accepted++;
        event_heap_add(&sequencer->heap, event, !is_due(sequencer, event->ullPresTime100ns, now));
        stats->held_max = sequencer->heap.count > stats->held_max ? sequencer->heap.count : stats->held_max;
    }
    mxf_unlock(&sequencer->lock);
    discard(sequencer, refused.head);
    drain(sequencer);
    return status;
}

NTSTATUS sequencer_set_state(struct sequencer *sequencer, KSSTATE state)
{
    struct mxf_chain held = {NULL, NULL};
    mxf_lock(&sequencer->lock);
    sequencer->state = state;
    if (state == KSSTATE_RUN)
        sequencer->run_since_100ns = clock_time(sequencer);
    else
        mxf_turn_wait(&sequencer->turn, &sequencer->lock);
    if (state == KSSTATE_STOP) {
        sequencer->stats.discarded += sequencer->heap.count;
        while (sequencer->heap.count > 0)
            mxf_chain_add(&held, event_heap_pop(&sequencer->heap).event);
        sequencer->announced_100ns = INT64_MAX;
    }
    mxf_unlock(&sequencer->lock);
    WDM_TRACE(sequencer->name, "state", "\"state\":%d", (int)state);
    discard(sequencer, held.head);
    if (state == KSSTATE_RUN)
        drain(sequencer);
    return STATUS_SUCCESS;
}

/* --- the object --- */

static NTSTATUS STDMETHODCALLTYPE sequencer_QueryInterface(IMXF *iface, REFIID riid, PVOID *out)
{
    *out = NULL;
    if (!guid_is(riid, &IID_IUnknown) && !guid_is(riid, &IID_IMXF))
        return STATUS_INVALID_PARAMETER;
    iface->lpVtbl->AddRef(iface);
    *out = iface;
    return STATUS_SUCCESS;
}

static ULONG STDMETHODCALLTYPE sequencer_AddRef(IMXF *iface) { return refcount_add(&impl_from_IMXF(iface)->refs); }
static ULONG STDMETHODCALLTYPE sequencer_Release(IMXF *iface) { return refcount_release(&impl_from_IMXF(iface)->refs); }

static NTSTATUS STDMETHODCALLTYPE sequencer_SetState(IMXF *iface, KSSTATE state)
{
    return sequencer_set_state(impl_from_IMXF(iface), state);
}

/* Its output was fixed when the pin was built. */
static NTSTATUS STDMETHODCALLTYPE sequencer_connect(IMXF *iface, PMXF sink)
{
    (void)iface, (void)sink;
    return STATUS_INVALID_DEVICE_REQUEST;
}

static const IMXFVtbl sequencer_vtbl = {
    .QueryInterface = sequencer_QueryInterface,
    .AddRef = sequencer_AddRef,
    .Release = sequencer_Release,
    .SetState = sequencer_SetState,
    .PutMessage = sequencer_PutMessage,
    .ConnectOutput = sequencer_connect,
    .DisconnectOutput = sequencer_connect,
};

IMXF *sequencer_input(struct sequencer *sequencer) { return &sequencer->IMXF_iface; }

NTSTATUS sequencer_create(const struct sequencer_config *config, struct sequencer **out)
{
    *out = NULL;
    if (!config->allocator || !config->output || !config->clock)
        return STATUS_INVALID_PARAMETER;
    struct sequencer *sequencer = dm_calloc(1, sizeof *sequencer);
    if (!sequencer)
        return STATUS_INSUFFICIENT_RESOURCES;
    if (!mxf_lock_init(&sequencer->lock))
        goto no_lock;
    if (!mxf_turn_init(&sequencer->turn))
        goto no_turn;
    sequencer->IMXF_iface.lpVtbl = &sequencer_vtbl;
    refcount_init(&sequencer->refs, 1);
    sequencer->config = *config;
    snprintf(sequencer->name, sizeof sequencer->name, "%s", config->name ? config->name : "sequencer");
    sequencer->config.name = sequencer->name;
    sequencer->pool = config->holder ? allocator_pool(config->allocator) : NULL;
    sequencer->state = KSSTATE_STOP;
    sequencer->announced_100ns = INT64_MAX;
    COM_ADDREF(config->allocator);
    COM_ADDREF(config->output);
    COM_ADDREF(config->clock);
    *out = sequencer;
    return STATUS_SUCCESS;
no_turn:
    mxf_lock_end(&sequencer->lock);
no_lock:
    dm_free(sequencer);
    return STATUS_INSUFFICIENT_RESOURCES;
}

void sequencer_destroy(struct sequencer *sequencer)
{
    if (!sequencer)
        return;
    sequencer_set_state(sequencer, KSSTATE_STOP);
    COM_RELEASE(sequencer->config.output);
    COM_RELEASE(sequencer->config.allocator);
    COM_RELEASE(sequencer->config.clock);
    mxf_turn_end(&sequencer->turn);
    mxf_lock_end(&sequencer->lock);
    dm_free(sequencer->heap.entries);
    dm_free(sequencer);
}

void sequencer_stats(struct sequencer *sequencer, struct sequencer_stats *out)
{
    mxf_lock(&sequencer->lock);
    *out = sequencer->stats;
    out->held_now = sequencer->heap.count;
    mxf_unlock(&sequencer->lock);
}
