/* SPDX-License-Identifier: MIT */
/* Kernel timers: a queue in order of due time, equal ones in order of arming. */
#include "kernel/wdm/impl.h"

static bool known(const KTIMER *timer, const char *what)
{
    return wait_header_is(&timer->Header, TYPE_TIMER_NOTIFICATION, TYPE_TIMER_SYNCHRONIZATION, what);
}

static bool insert_locked(struct wdm_machine *m, const struct wdm_queued *item)
{
    KTIMER *timer = item->object;
    size_t at = m->timers.count;
    while (at > 0 && m->timers.items[at - 1].due_100ns > item->due_100ns)
        at--;
    timer->DueTime.QuadPart = (ULONGLONG)item->due_100ns;
    timer->Header.Inserted = queue_insert_locked(&m->timers, at, item);
    return timer->Header.Inserted;
}

static bool remove_locked(struct wdm_machine *m, KTIMER *timer)
{
    size_t at = queue_find_locked(&m->timers, timer);
    if (at == NOT_QUEUED)
        return false;
    queue_take_locked(&m->timers, at);
    timer->Header.Inserted = FALSE;
    return true;
}

int64_t timer_next_locked(const struct wdm_machine *m) { return m->timers.count ? m->timers.items[0].due_100ns : INT64_MAX; }

/* A machine that was held up for long does not make up for every period. */
static void arm_next_period(struct wdm_machine *m, struct wdm_queued item, int64_t now)
{
    int64_t period = item.period * WDM_MS;
    item.due_100ns += period;
    if (item.due_100ns < now - 1000 * WDM_MS)
        item.due_100ns = now + period - (now - item.due_100ns) % period;
    insert_locked(m, &item);
}

static bool intact(const struct wdm_queued *item)
{
    const KTIMER *timer = item->object;
    bool is_timer = timer->Header.Type == TYPE_TIMER_NOTIFICATION || timer->Header.Type == TYPE_TIMER_SYNCHRONIZATION;
    return is_timer && (!item->dpc || item->dpc->Type == TYPE_DPC);
}

static void expire_locked(struct wdm_machine *m, const struct wdm_queued *item, int64_t now)
{
    KTIMER *timer = item->object;
    timer->Header.Inserted = FALSE;
    if (item->period > 0)
        arm_next_period(m, *item, now);
    timer->Header.SignalState = 1;
    wait_wake_locked(m, timer);
    if (item->dpc) { /* the arguments are the system time's halves, as on Windows */
        struct wdm_queued dpc = {.object = item->dpc, .code = item->code, .stack = item->stack};
        dpc_insert_locked(m, &dpc, (PVOID)(ULONG_PTR)(ULONG)now, (PVOID)(ULONG_PTR)(ULONG)(now >> 32));
    }
}

void timer_expire_locked(struct wdm_machine *m)
{
    int64_t now = wdm_time_100ns(m);
    while (timer_next_locked(m) <= now) {
        struct wdm_queued item = queue_take_locked(&m->timers, 0);
        if (intact(&item))
            expire_locked(m, &item, now);
        else
            queue_overwritten_locked(m, &item, "timer");
    }
}

/* Overwriting one that is armed would tear the list apart. */
VOID NTAPI KeInitializeTimerEx(PKTIMER Timer, TIMER_TYPE Type)
{
    if (wdm_current()) {
        wdm_report_queued(wdm_current(), Timer, sizeof *Timer, "KeInitializeTimer");
        pool_need_resident(wdm_self(), Timer, RESIDENT_TIMER);
    }
    *Timer = (KTIMER){.Period = 0};
    wait_header_init(&Timer->Header, Type == SynchronizationTimer ? TYPE_TIMER_SYNCHRONIZATION : TYPE_TIMER_NOTIFICATION, 0);
}

VOID NTAPI KeInitializeTimer(PKTIMER Timer) { KeInitializeTimerEx(Timer, NotificationTimer); }

static BOOLEAN set(PKTIMER Timer, LARGE_INTEGER DueTime, LONG Period, PKDPC Dpc, uintptr_t code)
{
    struct wdm_thread *self = wdm_self();
    struct wdm_machine *m = self->machine;
    wdm_need_irql(DISPATCH_LEVEL, "KeSetTimer");
    if (!known(Timer, "KeSetTimer"))
        return FALSE;
    if (Dpc && Dpc->Type != TYPE_DPC) {
        wdm_broken(WDM_RULE_AFTER_RELEASE, "KeSetTimer: DPC %p was freed or never initialised", (void *)Dpc);
        return FALSE;
    }
    pool_need_resident(self, Timer, RESIDENT_TIMER);
    if (Dpc)
        pool_need_resident(self, Dpc, RESIDENT_DPC);
    struct wdm_queued item = {.object = Timer, .dpc = Dpc, .period = Period, .code = code, .stack = queue_stack(self, Timer, Dpc)};
    pthread_mutex_lock(&m->lock);
    bool armed = remove_locked(m, Timer);
    Timer->Header.SignalState = 0;
    Timer->Period = Period;
    Timer->Dpc = Dpc;
    item.due_100ns = time_due(m, DueTime.QuadPart);
    bool inserted = insert_locked(m, &item);
    if (m->timers.count && m->timers.items[0].object == Timer)
        run_want_dpc(m);
    pthread_mutex_unlock(&m->lock);
    if (!inserted)
        machine_print(m, "machine: no memory for a timer's place in the queue");
    run_deferred(self); /* it may be due already */
    return armed;
}

ULONG NTAPI ExSetTimerResolution(ULONG DesiredTime, BOOLEAN SetResolution)
{
    (void)DesiredTime;
    (void)SetResolution;
    wdm_need_irql(PASSIVE_LEVEL, "ExSetTimerResolution");
    return KeQueryTimeIncrement();
}

BOOLEAN NTAPI KeSetTimerEx(PKTIMER Timer, LARGE_INTEGER DueTime, LONG Period, PKDPC Dpc)
{
    return set(Timer, DueTime, Period, Dpc, CALLED_FROM);
}

BOOLEAN NTAPI KeSetTimer(PKTIMER Timer, LARGE_INTEGER DueTime, PKDPC Dpc) { return set(Timer, DueTime, 0, Dpc, CALLED_FROM); }

BOOLEAN NTAPI KeCancelTimer(PKTIMER Timer)
{
    struct wdm_machine *m = wdm_self()->machine;
    wdm_need_irql(DISPATCH_LEVEL, "KeCancelTimer");
    if (!known(Timer, "KeCancelTimer"))
        return FALSE;
    pthread_mutex_lock(&m->lock);
    bool armed = remove_locked(m, Timer);
    pthread_mutex_unlock(&m->lock);
    return armed;
}

BOOLEAN NTAPI KeReadStateTimer(PKTIMER Timer)
{
    struct wdm_machine *m = wdm_self()->machine;
    time_polled(wdm_self());
    pthread_mutex_lock(&m->lock);
    bool signalled = Timer->Header.SignalState > 0;
    pthread_mutex_unlock(&m->lock);
    return signalled;
}
