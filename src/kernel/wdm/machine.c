/* SPDX-License-Identifier: MIT */
#include "kernel/wdm/machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "kernel/wdm/impl.h"

#define DEEPEST 8
/* 100 ns from 1601-01-01 to 1970-01-01 and to 2001-01-01: 134774 and 146097 days. */
#define UNIX_EPOCH_100NS INT64_C(116444736000000000)
#define VIRTUAL_BOOT     INT64_C(126227808000000000)

static atomic_uint machines_made;
static _Thread_local struct wdm_thread slots[DEEPEST];
static _Thread_local struct wdm_thread *stack[DEEPEST];
static _Thread_local unsigned depth;

struct wdm_thread *wdm_self(void)
{
    if (depth == 0) {
        fputs("a kernel service was called on a thread that is in no machine (wdm_enter)\n", stderr);
        abort();
    }
    return stack[depth - 1];
}

struct wdm_machine *wdm_current(void) { return depth ? stack[depth - 1]->machine : NULL; }

enum wdm_time wdm_time_base(const struct wdm_machine *m) { return m->config.time; }

void wdm_enter(struct wdm_machine *m)
{
    struct wdm_thread *slot = NULL;
    if (depth == DEEPEST) {
        fputs("wdm_enter nested too deep\n", stderr);
        abort();
    }
    for (unsigned i = 0; i < depth; i++)
        if (stack[i]->machine == m)
            slot = stack[i];
    for (unsigned i = 0; !slot && i < DEEPEST; i++)
        if (!slots[i].machine && slots[i].serial == m->serial)
            slot = &slots[i];
    for (unsigned i = 0; !slot; i++) /* at most DEEPEST are in use */
        if (!slots[i].machine)
            slot = &slots[i];
    if (slot->serial != m->serial) {
        *slot = (struct wdm_thread){.serial = m->serial};
        slot->number = atomic_fetch_add(&m->threads, 1) + 1;
    }
    slot->machine = m;
    stack[depth++] = slot;
}

void wdm_leave(void)
{
    struct wdm_thread *slot = wdm_self();
    depth--;
    for (unsigned i = 0; i < depth; i++)
        if (stack[i] == slot)
            return;
    slot->machine = NULL;
}

int64_t wdm_boot_100ns(const struct wdm_machine *m) { return m->boot_100ns; }

int64_t wdm_time_100ns(struct wdm_machine *m)
{
    if (m->config.time == WDM_VIRTUAL)
        return atomic_load_explicit(&m->virtual_100ns, memory_order_relaxed);
    return m->boot_100ns + (clock_now_100ns() - m->origin_100ns);
}

static void set_clock(struct wdm_machine *m)
{
    m->boot_100ns = VIRTUAL_BOOT;
    m->origin_100ns = clock_now_100ns();
    if (m->config.time == WDM_REAL) {
        struct timespec wall;
        clock_gettime(CLOCK_REALTIME, &wall);
        m->boot_100ns = UNIX_EPOCH_100NS + (int64_t)wall.tv_sec * CLOCK_100NS_PER_SECOND + wall.tv_nsec / 100;
    }
    atomic_store(&m->virtual_100ns, m->boot_100ns);
}

enum dm_status wdm_machine_create(const struct wdm_config *config, struct wdm_machine **out, struct dm_error *err)
{
    *out = NULL;
    if (config && (config->workers > 16 || config->priority < 0 || config->priority > 99))
        return dm_fail(err, DM_ERR_ARGUMENT, "at most 16 workers, priority 0 to 99");
    struct wdm_machine *m = dm_calloc(1, sizeof *m);
    if (!m)
        return dm_fail(err, DM_ERR_NOMEM, "machine");
    if (config)
        m->config = *config;
    m->serial = atomic_fetch_add(&machines_made, 1) + 1;
    pthread_mutex_init(&m->lock, NULL);
    pthread_mutex_init(&m->book.lock, NULL);
    pthread_mutex_init(&m->trace.lock, NULL);
    set_clock(m);
    *out = m;
    return DM_OK;
}

void wdm_machine_destroy(struct wdm_machine *m)
{
    if (!m)
        return;
    wdm_trace_stop(m, NULL);
    pthread_mutex_destroy(&m->trace.lock);
    pthread_mutex_destroy(&m->book.lock);
    pthread_mutex_destroy(&m->lock);
    dm_free(m);
}
