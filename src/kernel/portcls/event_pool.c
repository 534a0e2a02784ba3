/* SPDX-License-Identifier: MIT */
#include "event_pool.h"

#include <stdatomic.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/refcount.h"
#include "cell_store.h"
#include "kernel/wdm/rules.h"

#define EVENTS_DEFAULT  256
#define BUFFERS_DEFAULT 16
#define LEAK_GROUPS     8
#define STALE_TOLD      16
#define EVENT_TEXT      40

struct event_pool {
    struct refcount refs;
    uint16_t buffer_size;
    struct cell_store events, buffers;
    _Atomic uint32_t holders; /* numbers given */
};

NTSTATUS event_pool_create(const struct event_pool_config *config, struct event_pool **out)
{
    struct event_pool_config use = config ? *config : (struct event_pool_config){0};
    *out = NULL;
    use.buffer_size = use.buffer_size ? use.buffer_size : EVENT_BUFFER_SIZE_DEFAULT;
    if (use.buffer_size < EVENT_BUFFER_SIZE_MIN || use.buffer_size > EVENT_BUFFER_SIZE_MAX)
        return STATUS_INVALID_PARAMETER;
    struct event_pool *pool = dm_calloc(1, sizeof *pool);
    if (!pool)
        return STATUS_INSUFFICIENT_RESOURCES;
    refcount_init(&pool->refs, 1);
    pool->buffer_size = (uint16_t)use.buffer_size;
    if (!cell_store_init(&pool->events, sizeof(DMUS_KERNEL_EVENT), use.events ? use.events : EVENTS_DEFAULT,
                         use.events_max, use.trap_use_after_return))
        goto no_events;
    if (!cell_store_init(&pool->buffers, use.buffer_size, use.buffers ? use.buffers : BUFFERS_DEFAULT, use.buffers_max,
                         use.trap_use_after_return))
        goto no_buffers;
    *out = pool;
    return STATUS_SUCCESS;
no_buffers:
    cell_store_end(&pool->events);
no_events:
    dm_free(pool);
    return STATUS_INSUFFICIENT_RESOURCES;
}

void event_pool_add_ref(struct event_pool *pool) { refcount_add(&pool->refs); }

void event_pool_release(struct event_pool *pool)
{
    if (refcount_release(&pool->refs) != 0)
        return;
    event_pool_report_leaks(pool, "end of the port");
    cell_store_end(&pool->events);
    cell_store_end(&pool->buffers);
    dm_free(pool);
}

uint16_t event_pool_buffer_size(const struct event_pool *pool) { return pool->buffer_size; }

/* WHERE: "" or what precedes, with its colon. */
static void tell_stale(const char *where, const char *what, const void *cell, const struct cell_past *past)
{
    if (past->who[0])
        wdm_broken_at(WDM_RULE_EVENT_AFTER_RETURN, "returned in", past->code, "%s%s %p was written after %s returned it", where, what,
                      cell, past->who);
    else
        wdm_broken_at(WDM_RULE_EVENT_AFTER_RETURN, NULL, 0, "%s%s %p was written, which nobody has taken yet", where, what, cell);
}

NTSTATUS event_pool_get(struct event_pool *pool, const char *taker, PDMUS_KERNEL_EVENT *out)
{
    struct cell_past before;
    bool stale;
    struct cell *cell = cell_store_take(&pool->events, taker, wdm_caller(), &stale, &before);
    *out = NULL;
    if (!cell)
        return STATUS_INSUFFICIENT_RESOURCES;
    PDMUS_KERNEL_EVENT event = (PDMUS_KERNEL_EVENT)(void *)cell->bytes;
    if (stale)
        tell_stale("", "event", event, &before);
    /* Both "zeroed by the allocator" and "cbStruct is the size" are documented: spec 12.8. */
    event->cbStruct = sizeof *event;
    event->ullBytePosition = kBytePositionNone;
    *out = event;
    return STATUS_SUCCESS;
}

NTSTATUS event_pool_get_buffer(struct event_pool *pool, const char *taker, PBYTE *out)
{
    struct cell_past before;
    bool stale;
    struct cell *cell = cell_store_take(&pool->buffers, taker, wdm_caller(), &stale, &before);
    *out = cell ? cell->bytes : NULL;
    if (cell && stale)
        tell_stale("", "buffer", cell->bytes, &before);
    return cell ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
}

/* OF: the event it came with, or NULL. */
static NTSTATUS return_buffer(struct event_pool *pool, const char *giver, uintptr_t code, PBYTE buffer, const DMUS_KERNEL_EVENT *of)
{
    struct cell_past before;
    struct cell *cell;
    switch (cell_store_claim(&pool->buffers, buffer, &cell, &before)) {
    case CELL_CLAIMED:
        if (!cell_store_give(&pool->buffers, cell, giver, code))
            wdm_broken(WDM_RULE_POOL_OVERRUN, "buffer %p, returned by %s, was written beyond its %u bytes", (void *)buffer,
                       giver, pool->buffer_size);
        return STATUS_SUCCESS;
    case CELL_NOT_OUT:
        wdm_broken(WDM_RULE_BUFFER_TWICE, "%s returned buffer %p (event %p), which %s had returned", giver, (void *)buffer,
                   (const void *)of, before.who);
        break;
    case CELL_INSIDE:
        wdm_broken(WDM_RULE_BUFFER_FOREIGN, "%s returned %p (event %p), which points into a buffer", giver, (void *)buffer,
                   (const void *)of);
        break;
    case CELL_FOREIGN:
        wdm_broken(WDM_RULE_BUFFER_FOREIGN, "%s returned %p (event %p), which is no buffer of this port", giver,
                   (void *)buffer, (const void *)of);
        break;
    }
    return STATUS_INVALID_PARAMETER;
}

NTSTATUS event_pool_put_buffer(struct event_pool *pool, const char *giver, PBYTE buffer)
{
    return return_buffer(pool, giver, wdm_caller(), buffer, NULL);
}

/* Claimed events on their way back, oldest first. */
struct returning {
    struct cell *head, *tail;
};

/* Each event is claimed before its link is followed: a chain that bites its own tail ends there. */
static void claim_chain(struct event_pool *pool, const char *giver, PDMUS_KERNEL_EVENT chain, struct returning *list)
{
    struct cell_past before;
    struct cell *cell;
    while (chain) {
        switch (cell_store_claim(&pool->events, chain, &cell, &before)) {
        case CELL_CLAIMED:
            break;
        case CELL_NOT_OUT:
            wdm_broken(WDM_RULE_EVENT_TWICE, "%s returned event %p, which was returned already (by %s)", giver,
                       (void *)chain, before.who[0] ? before.who : "nobody");
            return;
        default:
            wdm_broken(WDM_RULE_EVENT_FOREIGN, "%s returned %p, which is no event of this port", giver, (void *)chain);
            return;
        }
        cell->next = NULL;
        if (list->tail)
            list->tail->next = cell;
        else
            list->head = cell;
        list->tail = cell;
        chain = chain->pNextEvt;
    }
}

void event_pool_put(struct event_pool *pool, const char *giver, PDMUS_KERNEL_EVENT chain)
{
    struct returning list = {NULL, NULL};
    uintptr_t code = chain ? wdm_caller() : 0;
    claim_chain(pool, giver, chain, &list);
    while (list.head) {
        struct cell *cell = list.head;
        PDMUS_KERNEL_EVENT event = (PDMUS_KERNEL_EVENT)(void *)cell->bytes;
        /* The size test must not come first: a package's cbEvent says nothing about pPackageEvt (spec 6.1, 8.5). */
        if (PACKAGE_EVT(event))
            claim_chain(pool, giver, event->uData.pPackageEvt, &list);
        else if (!SHORT_EVT(event) && event->uData.pbData)
            return_buffer(pool, giver, code, event->uData.pbData, event);
        list.head = cell->next;
        if (!list.head)
            list.tail = NULL;
        if (!cell_store_give(&pool->events, cell, giver, code))
            wdm_broken(WDM_RULE_POOL_OVERRUN, "event %p, returned by %s, was written beyond its end", (void *)event, giver);
    }
}

/* "1200 bytes: F0 43 10": what the driver may recognise a message by. Of an event that is out. */
static const char *event_text(struct event_pool *pool, const DMUS_KERNEL_EVENT *event, char out[EVENT_TEXT])
{
    const BYTE *data = SHORT_EVT(event) ? event->uData.abData : event->uData.pbData;
    bool readable = !PACKAGE_EVT(event) && (SHORT_EVT(event) || event_pool_owns_buffer(pool, data));
    int at = PACKAGE_EVT(event) ? snprintf(out, EVENT_TEXT, "a package") : snprintf(out, EVENT_TEXT, "%u bytes", event->cbEvent);
    for (unsigned i = 0; readable && i < 3 && i < event->cbEvent; i++)
        at += snprintf(out + at, EVENT_TEXT - (size_t)at, "%s%02X", i ? " " : ": ", data[i]);
    return out;
}

uint32_t event_pool_holder(struct event_pool *pool) { return atomic_fetch_add(&pool->holders, 1) + 1; }

void event_pool_hand(struct event_pool *pool, const DMUS_KERNEL_EVENT *chain, uint32_t holder)
{
    for (; chain; chain = chain->pNextEvt)
        cell_store_hand(&pool->events, chain, holder);
}

void event_pool_report_held(struct event_pool *pool, uint32_t holder, const char *who)
{
    const void *first;
    char message[EVENT_TEXT];
    uint32_t count = cell_store_held(&pool->events, holder, &first);
    if (count)
        wdm_broken(WDM_RULE_EVENT_LEAK, "%s is gone and has not returned %u event%s, %s%s", who, (unsigned)count, count == 1 ? "" : "s",
                   count == 1 ? "" : "the first ", event_text(pool, first, message));
}

bool event_pool_accept(struct event_pool *pool, const char *who, const DMUS_KERNEL_EVENT *event)
{
    switch (cell_store_look(&pool->events, event)) {
    case CELL_CLAIMED:
        cell_store_hand(&pool->events, event, 0);
        return true;
    case CELL_NOT_OUT:
        wdm_broken(WDM_RULE_EVENT_AFTER_RETURN, "%s was given event %p, which was returned before", who, (const void *)event);
        return false;
    default:
        wdm_broken(WDM_RULE_EVENT_FOREIGN, "%s was given %p, which is no event of this port", who, (const void *)event);
        return false;
    }
}

bool event_pool_owns_buffer(struct event_pool *pool, const void *buffer)
{
    return cell_store_look(&pool->buffers, buffer) == CELL_CLAIMED;
}

void event_pool_stats(struct event_pool *pool, struct event_pool_stats *out)
{
    mxf_lock(&pool->events.lock);
    out->events_taken = pool->events.taken;
    out->events_returned = pool->events.returned;
    out->events = pool->events.total;
    out->events_out = pool->events.out;
    mxf_unlock(&pool->events.lock);
    mxf_lock(&pool->buffers.lock);
    out->buffers_taken = pool->buffers.taken;
    out->buffers_returned = pool->buffers.returned;
    out->buffers = pool->buffers.total;
    out->buffers_out = pool->buffers.out;
    mxf_unlock(&pool->buffers.lock);
}

static uint32_t report(struct cell_store *store, enum wdm_rule rule, const char *what, const char *where)
{
    struct cell_leak leaks[LEAK_GROUPS];
    uint32_t count;
    unsigned groups = cell_store_leaks(store, leaks, LEAK_GROUPS, &count);
    for (unsigned i = 0; i < groups; i++)
        wdm_broken_at(rule, "taken in", leaks[i].past.code, "%s: %u %s%s that %s took not returned, the first at %p", where,
                      leaks[i].count, what, leaks[i].count == 1 ? "" : "s", leaks[i].past.who, leaks[i].first);
    return count;
}

/* Most are found out when they are given out again; here those that were not. */
static void report_stale(struct cell_store *store, const char *what, const char *where)
{
    struct cell_stale stale[STALE_TOLD];
    unsigned count = cell_store_stale(store, stale, STALE_TOLD);
    char before[64];
    snprintf(before, sizeof before, "%s: ", where);
    for (unsigned i = 0; i < count; i++)
        tell_stale(before, what, stale[i].cell, &stale[i].past);
}

uint32_t event_pool_report_leaks(struct event_pool *pool, const char *where)
{
    report_stale(&pool->events, "event", where);
    report_stale(&pool->buffers, "buffer", where);
    return report(&pool->events, WDM_RULE_EVENT_LEAK, "event", where) +
           report(&pool->buffers, WDM_RULE_BUFFER_LEAK, "buffer", where);
}
