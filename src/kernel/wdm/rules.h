/* SPDX-License-Identifier: MIT */
/*
 * rules.h - what a driver must not do, and the book in which it is written down.
 *
 * Each rule has a number that never changes and a title. Whoever sees a rule broken (the kernel services, the port
 * driver, the MXF engine, the host) says so with wdm_broken and goes on as harmlessly as it can; the book of the
 * calling thread's machine counts it and keeps the text. Nothing here stops a driver.
 *
 * Cost while no rule is broken: none. Any thread, any IRQL.
 */
#ifndef DMUS_KERNEL_WDM_RULES_H
#define DMUS_KERNEL_WDM_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct wdm_machine;

/* The numbers are shown to people and stand in doc/: never renumbered. */
enum wdm_rule {
    WDM_RULE_NONE = 0,
    WDM_RULE_IRQL = 1,               /* a service or entry called above (or below) the IRQL it allows */
    WDM_RULE_PAGED_CODE = 2,         /* PAGED_CODE() reached at DISPATCH_LEVEL or above; lock, timer, ... in paged pool */
    WDM_RULE_IRQL_RESTORE = 3,       /* returned at another IRQL than called at */
    WDM_RULE_LOCK_RECURSION = 4,     /* spin lock acquired by the thread that holds it */
    WDM_RULE_LOCK_ACROSS = 5,        /* spin lock held on return, or while the driver is called back */
    WDM_RULE_LOCK_MISUSE = 6,        /* lock used at the wrong level, not held, or held by another thread */
    WDM_RULE_POOL_LEAK = 7,          /* pool, by tag, IRP or handle left at unload */
    WDM_RULE_POOL_FREE = 8,          /* pool block freed twice, or never allocated */
    WDM_RULE_POOL_OVERRUN = 9,       /* guard zone around a pool block changed */
    WDM_RULE_EVENT_LEAK = 10,        /* DMUS_KERNEL_EVENT not returned */
    WDM_RULE_EVENT_TWICE = 11,       /* event returned twice */
    WDM_RULE_EVENT_FOREIGN = 12,     /* event that no allocator of this port gave */
    WDM_RULE_EVENT_AFTER_RETURN = 13, /* event written or passed on after its return */
    WDM_RULE_BUFFER_LEAK = 14,       /* long buffer not returned */
    WDM_RULE_BUFFER_TWICE = 15,      /* buffer returned twice or reachable from two events */
    WDM_RULE_BUFFER_FOREIGN = 16,    /* buffer that no allocator of this port gave */
    WDM_RULE_PUT_AFTER_STOP = 17,    /* PutMessage to the sink after STOP */
    WDM_RULE_STATE = 18,             /* stream state order, or SetState failed */
    WDM_RULE_REFERENCES = 19,        /* reference count not back at teardown to what it was, or object left */
    WDM_RULE_TIME_BACK = 20,         /* time stamp goes back */
    WDM_RULE_RENDER_OVERRUN = 21,    /* Render wrote outside its slice */
    WDM_RULE_PROPERTY_OVERRUN = 22,  /* property handler wrote beyond its value */
    WDM_RULE_PROPERTY_RESULT = 23,   /* property handler's size and status contradict each other */
    WDM_RULE_BLOCKING = 24,          /* wait at DISPATCH_LEVEL or above, or one that nothing can end */
    WDM_RULE_STILL_QUEUED = 25,      /* timer, DPC or work item queued while its memory goes; interrupt connected at unload */
    WDM_RULE_DESCRIPTOR = 26,        /* filter descriptor invalid: strides, counts, instance limits */
    WDM_RULE_INTERRUPT = 27,         /* interrupt that no service routine claims, or that none quiets */
    WDM_RULE_UNSUPPORTED = 28,       /* service that this machine does not offer */
    WDM_RULE_AFTER_RELEASE = 29,     /* object used after its last release */
    WDM_RULE_LATE = 30,              /* event delivered more than 2 ms after its stamp (real time; informational) */
    WDM_RULE_QUERY = 31,             /* QueryInterface: success without an interface or its reference, failure with one */
    WDM_RULE_HARDWARE = 32,          /* port that is neither given nor answered, or a long stall (informational) */
    WDM_RULE_POWER = 33,             /* port of a device touched while it is in D1 to D3 */
    WDM_RULE_COUNT                   /* one more than the highest number */
};

/* One line without a full stop; "?" outside 1..WDM_RULE_COUNT-1. Static. */
const char *wdm_rule_title(enum wdm_rule rule);
/* Does a count above 0 mean a faulty driver? False for what only informs (WDM_RULE_LATE, WDM_RULE_HARDWARE). */
bool wdm_rule_is_fault(enum wdm_rule rule);

/* Write into the current machine's book that RULE was broken. FMT names the objects: "timer 0x... in block 'abcd'". */
void wdm_broken(enum wdm_rule rule, const char *fmt, ...) DM_PRINTF(2, 3);
/* The same for what shows later than it was done: CODE is where (what wdm_caller said then), HOW what was done there: "allocated in". */
void wdm_broken_at(enum wdm_rule rule, const char *how, uintptr_t code, const char *fmt, ...) DM_PRINTF(4, 5);

/* Some rules are only looked at where a driver has what they are about: those of PutMessage to the sink (17, 20) with a capture stream,
 * 21 with a wave stream, 22 and 23 with properties, 27 with interrupts, 33 with ports. Who looks says so; all others count as
 * tried. A breach does, too. */
void wdm_rule_try(enum wdm_rule rule);
bool wdm_rule_tried(struct wdm_machine *machine, enum wdm_rule rule);

#define WDM_BREACH_TEXT  200
#define WDM_BREACHES_KEPT 64 /* texts per machine; of later ones only the first of each rule, the others are counted */

struct wdm_breach {
    enum wdm_rule rule;
    unsigned thread;    /* number of the thread inside the machine, from 1 */
    unsigned irql;      /* of that thread at that moment */
    int64_t time_100ns; /* machine time, since 1601 */
    uintptr_t code;     /* where in a driver's code, 0: not known */
    const char *how;    /* what was done there, static: "in", "allocated in" */
    char text[WDM_BREACH_TEXT];
};

uint64_t wdm_rule_count(struct wdm_machine *machine, enum wdm_rule rule);
uint64_t wdm_rule_faults(struct wdm_machine *machine); /* sum over the rules that mean a fault */
/* Copy breach INDEX, in the order of time; false past the last one kept. */
bool wdm_rule_breach(struct wdm_machine *machine, size_t index, struct wdm_breach *out);
/* Forget all: counts 0, no texts. */
void wdm_rule_reset(struct wdm_machine *machine);

/* Called at each breach, on the thread and at the IRQL of the offender, with nothing locked. NULL ends it.
 * Before other threads of the machine run. */
typedef void wdm_breach_fn(void *ctx, const struct wdm_breach *breach);
void wdm_rule_notify(struct wdm_machine *machine, wdm_breach_fn *fn, void *ctx);

/* Who can tell which code of a driver called: an address in it, of the innermost call on the thread's stack but SKIP of the driver's
 * own frames; 0: none. Asked at each breach, and for each block, event and buffer that is lent or given back. NULL ends it. Before other
 * threads of the machine run. */
typedef uintptr_t wdm_caller_fn(void *ctx, unsigned skip);
void wdm_rule_callers(struct wdm_machine *machine, wdm_caller_fn *fn, void *ctx);
uintptr_t wdm_caller(void); /* 0 as well where nobody can tell, and outside of machines */

#endif
