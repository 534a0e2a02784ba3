/* SPDX-License-Identifier: MIT */
/* Alarms of device models: hardware that acts by itself. */
#include "base/alloc.h"
#include "kernel/wdm/impl.h"

struct wdm_alarm {
    struct wdm_alarm *next;
    struct wdm_machine *machine;
    wdm_alarm_fn *fn;
    void *ctx;
    bool armed, dead; /* dead: destroyed by its own function */
    int64_t due_100ns;
    uint64_t serial; /* of the setting, for alarms at one time */
};

static struct wdm_alarm *first_locked(const struct wdm_machine *m)
{
    struct wdm_alarm *first = NULL;
    for (struct wdm_alarm *a = m->alarms; a; a = a->next)
        if (a->armed && (!first || a->due_100ns < first->due_100ns ||
                         (a->due_100ns == first->due_100ns && a->serial < first->serial)))
            first = a;
    return first;
}

int64_t alarm_next_locked(const struct wdm_machine *m)
{
    const struct wdm_alarm *first = first_locked(m);
    return first ? first->due_100ns : INT64_MAX;
}

static void free_locked(struct wdm_alarm *alarm)
{
    struct wdm_alarm **at = &alarm->machine->alarms;
    while (*at != alarm)
        at = &(*at)->next;
    *at = alarm->next;
    dm_free(alarm);
}

bool alarm_run_one_locked(struct wdm_machine *m)
{
    int64_t now = wdm_time_100ns(m);
    struct wdm_alarm *alarm = first_locked(m);
    if (!alarm || alarm->due_100ns > now || m->alarm_running)
        return false;
    alarm->armed = false;
    m->alarm_running = alarm;
    m->alarm_runner = pthread_self();
    pthread_mutex_unlock(&m->lock);
    alarm->fn(alarm->ctx, now);
    pthread_mutex_lock(&m->lock);
    m->alarm_running = NULL;
    if (alarm->dead)
        free_locked(alarm);
    pthread_cond_broadcast(&m->changed);
    return true;
}

struct wdm_alarm *wdm_alarm_create(struct wdm_machine *m, wdm_alarm_fn *fn, void *ctx)
{
    struct wdm_alarm *alarm = dm_calloc(1, sizeof *alarm);
    if (!alarm)
        return NULL;
    *alarm = (struct wdm_alarm){.machine = m, .fn = fn, .ctx = ctx};
    pthread_mutex_lock(&m->lock);
    alarm->next = m->alarms;
    m->alarms = alarm;
    pthread_mutex_unlock(&m->lock);
    return alarm;
}

void wdm_alarm_set(struct wdm_alarm *alarm, int64_t time_100ns)
{
    struct wdm_machine *m = alarm->machine;
    pthread_mutex_lock(&m->lock);
    alarm->armed = true;
    alarm->due_100ns = time_100ns;
    alarm->serial = ++m->alarm_serial;
    run_want_alarm(m);
    pthread_mutex_unlock(&m->lock);
}

void wdm_alarm_cancel(struct wdm_alarm *alarm)
{
    pthread_mutex_lock(&alarm->machine->lock);
    alarm->armed = false;
    pthread_mutex_unlock(&alarm->machine->lock);
}

void wdm_alarm_destroy(struct wdm_alarm *alarm)
{
    if (!alarm)
        return;
    struct wdm_machine *m = alarm->machine;
    pthread_mutex_lock(&m->lock);
    alarm->armed = false;
    while (m->alarm_running == alarm && !pthread_equal(m->alarm_runner, pthread_self()))
        pthread_cond_wait(&m->changed, &m->lock);
    if (m->alarm_running == alarm)
        alarm->dead = true;
    else
        free_locked(alarm);
    pthread_mutex_unlock(&m->lock);
}

void alarms_free(struct wdm_machine *m)
{
    while (m->alarms)
        free_locked(m->alarms);
}
