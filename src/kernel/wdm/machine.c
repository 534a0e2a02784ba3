/* SPDX-License-Identifier: MIT */
#include "kernel/wdm/machine.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/log.h"
#include "kernel/wdm/impl.h"

#define DEEPEST 8
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
    if (slot->said && depth == 1)
        wdm_print_flush();
    depth--;
    for (unsigned i = 0; i < depth; i++)
        if (stack[i] == slot)
            return;
    slot->machine = NULL;
}

void machine_print_line(struct wdm_machine *m, const char *line)
{
    if (m->config.print)
        m->config.print(m->config.print_ctx, line);
    else
        log_at(LOG_INFO, "driver", "%s", line);
}

void machine_print(struct wdm_machine *m, const char *fmt, ...)
{
    char line[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    wdm_print_flush();
    machine_print_line(m, line);
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
    pthread_mutex_init(&m->book.lock, NULL);
    pthread_mutex_init(&m->trace.lock, NULL);
    pthread_mutex_init(&m->ports.lock, NULL);
    pthread_mutex_init(&m->devices.lock, NULL);
    reg_init(&m->registry);
    pool_init(m);
    time_init(m);
    run_init(m);
    *out = m;
    return DM_OK;
}

void wdm_machine_destroy(struct wdm_machine *m)
{
    if (!m)
        return;
    run_stop(m);
    handles_free(m);
    if (!threads_free(m)) {
        machine_print(m, "machine: a system thread has not ended; the machine's memory is left to it");
        return;
    }
    wdm_trace_stop(m, NULL);
    interrupts_free(m);
    alarms_free(m);
    given_finish(m);
    pool_finish(m);
    ports_finish(m);
    pthread_mutex_destroy(&m->devices.lock);
    reg_finish(&m->registry);
    run_finish(m);
    pthread_mutex_destroy(&m->trace.lock);
    pthread_mutex_destroy(&m->book.lock);
    dm_free(m);
}
