/* SPDX-License-Identifier: MIT */
/*
 * impl.h - what the kernel services share among themselves.
 *
 * Locks, in the order in which they may be taken: machine->lock (queues, signal states, waits), then the leaf locks of
 * the rule book, the trace, the pool and the registry. None is held while foreign code (a driver, a device model, a
 * receiver of breaches) runs, except the trace's while its live receiver does.
 */
#ifndef DMUS_KERNEL_WDM_IMPL_H
#define DMUS_KERNEL_WDM_IMPL_H

#include <pthread.h>
#include <stdatomic.h>

#include "kernel/wdm/machine.h"
#include "kernel/wdm/trace.h"

#define HELD_MAX 32

/* A spin lock in somebody's hands. */
struct wdm_held {
    const void *lock;
    bool raised; /* acquired by a form that raised the IRQL */
};

/* A thread in a machine. One per thread of the system and nesting of different machines; never freed while it lives. */
struct wdm_thread {
    struct wdm_machine *machine;
    uint32_t serial; /* of the machine that NUMBER is of */
    unsigned number; /* from 1 */
    unsigned irql;
    unsigned held_count;
    struct wdm_held held[HELD_MAX];
};

struct wdm_book {
    pthread_mutex_t lock;
    uint64_t counts[WDM_RULE_COUNT];
    size_t kept;
    struct wdm_breach breaches[WDM_BREACHES_KEPT];
    wdm_breach_fn *notify;
    void *notify_ctx;
};

struct wdm_trace_state {
    pthread_mutex_t lock;
    atomic_bool on;
    FILE *file;
    uint64_t written; /* records in the file */
    char **names;     /* tracks seen, by number - 1 */
    unsigned tracks;
    wdm_trace_fn *live;
    void *live_ctx;
};

struct wdm_machine {
    struct wdm_config config;
    uint32_t serial; /* tells a machine from one that stood at the same address before */
    int64_t boot_100ns;
    int64_t origin_100ns;          /* real: the monotonic clock at boot */
    _Atomic int64_t virtual_100ns; /* virtual: now */
    atomic_uint threads;           /* numbers given */
    pthread_mutex_t lock;
    struct wdm_book book;
    struct wdm_trace_state trace;
};

/* The calling thread in its current machine. Outside of every machine the program is at fault and is stopped. */
struct wdm_thread *wdm_self(void);

#endif
