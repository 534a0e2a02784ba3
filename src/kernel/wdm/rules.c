/* SPDX-License-Identifier: MIT */
#include "kernel/wdm/rules.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "kernel/wdm/impl.h"
#include "kernel/wdm/trace.h"

static const char *const titles[WDM_RULE_COUNT] = {
    [WDM_RULE_IRQL] = "service or entry called at the wrong IRQL",
    [WDM_RULE_PAGED_CODE] = "paged code or memory at DISPATCH_LEVEL or above",
    [WDM_RULE_IRQL_RESTORE] = "IRQL not restored on return",
    [WDM_RULE_LOCK_RECURSION] = "spin lock acquired by its holder",
    [WDM_RULE_LOCK_ACROSS] = "spin lock held on return or across a callback",
    [WDM_RULE_LOCK_MISUSE] = "lock at the wrong level, not held, or held by another thread",
    [WDM_RULE_POOL_LEAK] = "pool, request or handle left at unload",
    [WDM_RULE_POOL_FREE] = "pool block freed twice, or foreign",
    [WDM_RULE_POOL_OVERRUN] = "written outside a pool block",
    [WDM_RULE_EVENT_LEAK] = "event not returned to the allocator",
    [WDM_RULE_EVENT_TWICE] = "event returned twice",
    [WDM_RULE_EVENT_FOREIGN] = "foreign event",
    [WDM_RULE_EVENT_AFTER_RETURN] = "event used after its return",
    [WDM_RULE_BUFFER_LEAK] = "buffer not returned to the allocator",
    [WDM_RULE_BUFFER_TWICE] = "buffer returned twice, or reachable from two events",
    [WDM_RULE_BUFFER_FOREIGN] = "foreign buffer",
    [WDM_RULE_PUT_AFTER_STOP] = "PutMessage to the sink after STOP",
    [WDM_RULE_STATE] = "stream state out of order, or SetState failed",
    [WDM_RULE_REFERENCES] = "reference count wrong at teardown",
    [WDM_RULE_TIME_BACK] = "time stamp goes back",
    [WDM_RULE_RENDER_OVERRUN] = "Render wrote outside its slice",
    [WDM_RULE_PROPERTY_OVERRUN] = "property handler wrote beyond its value",
    [WDM_RULE_PROPERTY_RESULT] = "property handler's size and status contradict each other",
    [WDM_RULE_BLOCKING] = "wait at DISPATCH_LEVEL or above, or one that nothing can end",
    [WDM_RULE_STILL_QUEUED] = "timer, DPC or work item still queued when its memory goes",
    [WDM_RULE_DESCRIPTOR] = "filter descriptor invalid",
    [WDM_RULE_INTERRUPT] = "interrupt not claimed or never quieted",
    [WDM_RULE_UNSUPPORTED] = "service not offered by this machine",
    [WDM_RULE_AFTER_RELEASE] = "object used after its last release",
    [WDM_RULE_LATE] = "event delivered more than 2 ms late",
    [WDM_RULE_HARDWARE] = "port of no device, or long stall",
    [WDM_RULE_POWER] = "hardware touched in D1 to D3",
    [WDM_RULE_QUERY] = "QueryInterface and what it gives contradict each other",
};

#define BIT(rule) (UINT64_C(1) << (rule))
/* Those that need an occasion. */
static const uint64_t occasional = BIT(WDM_RULE_PUT_AFTER_STOP) | BIT(WDM_RULE_TIME_BACK) | BIT(WDM_RULE_RENDER_OVERRUN) |
                                   BIT(WDM_RULE_PROPERTY_OVERRUN) | BIT(WDM_RULE_PROPERTY_RESULT) | BIT(WDM_RULE_INTERRUPT) |
                                   BIT(WDM_RULE_POWER);

static bool is_rule(enum wdm_rule rule) { return rule > WDM_RULE_NONE && rule < WDM_RULE_COUNT; }

const char *wdm_rule_title(enum wdm_rule rule) { return is_rule(rule) ? titles[rule] : "?"; }

bool wdm_rule_is_fault(enum wdm_rule rule)
{
    return is_rule(rule) && rule != WDM_RULE_LATE && rule != WDM_RULE_HARDWARE;
}

static void keep(struct wdm_book *book, const struct wdm_breach *breach)
{
    pthread_mutex_lock(&book->lock);
    bool first = book->counts[breach->rule]++ == 0;
    if (first || book->repeats < WDM_BREACHES_KEPT - 1) {
        book->repeats += !first;
        book->breaches[book->kept++] = *breach;
    }
    pthread_mutex_unlock(&book->lock);
}

static void broken(enum wdm_rule rule, const char *how, uintptr_t code, const char *fmt, va_list args)
{
    struct wdm_thread *self = wdm_self();
    struct wdm_machine *m = self->machine;
    struct wdm_breach breach = {.rule = rule, .thread = self->number, .irql = self->irql, .time_100ns = wdm_time_100ns(m),
                                .code = code, .how = how};
    if (!is_rule(rule))
        return;
    vsnprintf(breach.text, sizeof breach.text, fmt, args);
    keep(&m->book, &breach);
    if (wdm_tracing()) {
        char text[WDM_BREACH_TEXT];
        wdm_trace("rules", wdm_rule_title(rule), "\"rule\":%d,\"text\":\"%s\"", (int)rule,
                  wdm_trace_escape(text, sizeof text, breach.text));
    }
    if (m->book.notify)
        m->book.notify(m->book.notify_ctx, &breach);
}

void wdm_broken(enum wdm_rule rule, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    broken(rule, "in", wdm_caller(), fmt, args);
    va_end(args);
}

void wdm_broken_at(enum wdm_rule rule, const char *how, uintptr_t code, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    broken(rule, how, code, fmt, args);
    va_end(args);
}

void wdm_rule_callers(struct wdm_machine *m, wdm_caller_fn *fn, void *ctx)
{
    m->book.caller = fn;
    m->book.caller_ctx = ctx;
}

uintptr_t wdm_caller(void)
{
    struct wdm_machine *m = wdm_current();
    return m && m->book.caller ? m->book.caller(m->book.caller_ctx, wdm_self()->shim) : 0;
}

void wdm_rule_try(enum wdm_rule rule)
{
    atomic_uint_least64_t *tried = &wdm_self()->machine->book.tried;
    if (!(atomic_load_explicit(tried, memory_order_relaxed) & BIT(rule)))
        atomic_fetch_or_explicit(tried, BIT(rule), memory_order_relaxed);
}

bool wdm_rule_tried(struct wdm_machine *m, enum wdm_rule rule)
{
    if (!is_rule(rule))
        return false;
    uint64_t tried = ~occasional | atomic_load_explicit(&m->book.tried, memory_order_relaxed);
    return (tried & BIT(rule)) || wdm_rule_count(m, rule) > 0;
}

uint64_t wdm_rule_count(struct wdm_machine *m, enum wdm_rule rule)
{
    if (!is_rule(rule))
        return 0;
    pthread_mutex_lock(&m->book.lock);
    uint64_t count = m->book.counts[rule];
    pthread_mutex_unlock(&m->book.lock);
    return count;
}

uint64_t wdm_rule_faults(struct wdm_machine *m)
{
    uint64_t sum = 0;
    for (int rule = 1; rule < WDM_RULE_COUNT; rule++)
        if (wdm_rule_is_fault((enum wdm_rule)rule))
            sum += wdm_rule_count(m, (enum wdm_rule)rule);
    return sum;
}

bool wdm_rule_breach(struct wdm_machine *m, size_t index, struct wdm_breach *out)
{
    pthread_mutex_lock(&m->book.lock);
    bool found = index < m->book.kept;
    if (found)
        *out = m->book.breaches[index];
    pthread_mutex_unlock(&m->book.lock);
    return found;
}

void wdm_rule_reset(struct wdm_machine *m)
{
    pthread_mutex_lock(&m->book.lock);
    memset(m->book.counts, 0, sizeof m->book.counts);
    m->book.kept = m->book.repeats = 0;
    atomic_store_explicit(&m->book.tried, 0, memory_order_relaxed);
    pthread_mutex_unlock(&m->book.lock);
}

void wdm_rule_notify(struct wdm_machine *m, wdm_breach_fn *fn, void *ctx)
{
    m->book.notify = fn;
    m->book.notify_ctx = ctx;
}
