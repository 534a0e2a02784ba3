/* SPDX-License-Identifier: MIT */
/* Kernel timers: a list in order of due time, equal ones in order of arming. */
#include "kernel/wdm/impl.h"

static bool known(const KTIMER *timer, const char *what)
{
    return wait_header_is(&timer->Header, TYPE_TIMER_NOTIFICATION, TYPE_TIMER_SYNCHRONIZATION, what);
}

static void insert_locked(struct wdm_machine *m, KTIMER *timer)
{
    LIST_ENTRY *before = &m->timers;
    while (before->Blink != &m->timers &&
           CONTAINING_RECORD(before->Blink, KTIMER, TimerListEntry)->DueTime.QuadPart > timer->DueTime.QuadPart)
        before = before->Blink;
    InsertTailList(before, &timer->TimerListEntry);
    timer->Header.Inserted = TRUE;
}

static bool remove_locked(KTIMER *timer)
{
    if (!timer->Header.Inserted)
        return false;
    RemoveEntryList(&timer->TimerListEntry);
    timer->Header.Inserted = FALSE;
    return true;
}

int64_t timer_next_locked(const struct wdm_machine *m)
{
    if (IsListEmpty(&m->timers))
        return INT64_MAX;
    return (int64_t)CONTAINING_RECORD(m->timers.Flink, KTIMER, TimerListEntry)->DueTime.QuadPart;
}

/* A machine that was held up for long does not make up for every period. */
static void arm_next_period(struct wdm_machine *m, KTIMER *timer, int64_t now)
{
    int64_t period = timer->Period * WDM_MS, due = (int64_t)timer->DueTime.QuadPart + period;
    if (due < now - 1000 * WDM_MS)
        due = now + period - (now - due) % period;
    timer->DueTime.QuadPart = (ULONGLONG)due;
    insert_locked(m, timer);
}

void timer_expire_locked(struct wdm_machine *m)
{
    int64_t now = wdm_time_100ns(m);
    while (timer_next_locked(m) <= now) {
        KTIMER *timer = CONTAINING_RECORD(m->timers.Flink, KTIMER, TimerListEntry);
        remove_locked(timer);
        if (timer->Period > 0)
            arm_next_period(m, timer, now);
        timer->Header.SignalState = 1;
        wait_wake_locked(m, timer);
        if (timer->Dpc) /* the arguments are the system time's halves, as on Windows */
            dpc_insert_locked(m, timer->Dpc, (PVOID)(ULONG_PTR)(ULONG)now, (PVOID)(ULONG_PTR)(ULONG)(now >> 32));
    }
}

/* Overwriting one that is armed would tear the list apart. */
VOID NTAPI KeInitializeTimerEx(PKTIMER Timer, TIMER_TYPE Type)
{
    if (wdm_current())
        wdm_report_queued(wdm_current(), Timer, sizeof *Timer, "KeInitializeTimer");
    *Timer = (KTIMER){.Period = 0};
    wait_header_init(&Timer->Header, Type == SynchronizationTimer ? TYPE_TIMER_SYNCHRONIZATION : TYPE_TIMER_NOTIFICATION, 0);
}

VOID NTAPI KeInitializeTimer(PKTIMER Timer) { KeInitializeTimerEx(Timer, NotificationTimer); }

BOOLEAN NTAPI KeSetTimerEx(PKTIMER Timer, LARGE_INTEGER DueTime, LONG Period, PKDPC Dpc)
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
    pthread_mutex_lock(&m->lock);
    bool armed = remove_locked(Timer);
    Timer->Header.SignalState = 0;
    Timer->DueTime.QuadPart = (ULONGLONG)time_due(m, DueTime.QuadPart);
    Timer->Period = Period;
    Timer->Dpc = Dpc;
    insert_locked(m, Timer);
    if (m->timers.Flink == &Timer->TimerListEntry)
        run_want_dpc(m);
    pthread_mutex_unlock(&m->lock);
    run_deferred(self); /* it may be due already */
    return armed;
}

BOOLEAN NTAPI KeSetTimer(PKTIMER Timer, LARGE_INTEGER DueTime, PKDPC Dpc) { return KeSetTimerEx(Timer, DueTime, 0, Dpc); }

BOOLEAN NTAPI KeCancelTimer(PKTIMER Timer)
{
    struct wdm_machine *m = wdm_self()->machine;
    wdm_need_irql(DISPATCH_LEVEL, "KeCancelTimer");
    if (!known(Timer, "KeCancelTimer"))
        return FALSE;
    pthread_mutex_lock(&m->lock);
    bool armed = remove_locked(Timer);
    pthread_mutex_unlock(&m->lock);
    return armed;
}

BOOLEAN NTAPI KeReadStateTimer(PKTIMER Timer)
{
    struct wdm_machine *m = wdm_self()->machine;
    pthread_mutex_lock(&m->lock);
    bool signalled = Timer->Header.SignalState > 0;
    pthread_mutex_unlock(&m->lock);
    return signalled;
}
