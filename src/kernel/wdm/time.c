/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
/* The machine's clock and the services that read it. */
#include <sched.h>
#include <time.h>

#include "base/clock.h"
#include "kernel/wdm/impl.h"

/* 100 ns from 1601-01-01 to 1970-01-01 and to 2001-01-01: 134774 and 146097 days. */
#define UNIX_EPOCH_100NS INT64_C(116444736000000000)
#define VIRTUAL_BOOT     INT64_C(126227808000000000)
/* The resolution that audio drivers ask Windows for, and that the sequencer is documented to have. */
#define TICK_100NS 10000
/* So often may a driver's call ask for the time before it is taken for one that waits: more than it has events to stamp. */
#define POLLS      1000
#define POLL_100NS 10

bool time_is_virtual(const struct wdm_machine *m) { return m->config.time == WDM_VIRTUAL; }

void time_init(struct wdm_machine *m)
{
    m->boot_100ns = VIRTUAL_BOOT;
    m->origin_100ns = clock_now_100ns();
    if (!time_is_virtual(m)) {
        struct timespec wall;
        clock_gettime(CLOCK_REALTIME, &wall);
        m->boot_100ns = UNIX_EPOCH_100NS + (int64_t)wall.tv_sec * CLOCK_100NS_PER_SECOND + wall.tv_nsec / 100;
    }
    atomic_store(&m->virtual_100ns, m->boot_100ns);
}

int64_t wdm_boot_100ns(const struct wdm_machine *m) { return m->boot_100ns; }

int64_t wdm_time_100ns(struct wdm_machine *m)
{
    if (time_is_virtual(m))
        return atomic_load_explicit(&m->virtual_100ns, memory_order_relaxed);
    return m->boot_100ns + (clock_now_100ns() - m->origin_100ns);
}

void time_advance(struct wdm_machine *m, int64_t time_100ns)
{
    if (time_100ns > atomic_load(&m->virtual_100ns))
        atomic_store(&m->virtual_100ns, time_100ns);
}

void time_cond_init(pthread_cond_t *cond)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(cond, &attr);
    pthread_condattr_destroy(&attr);
}

void time_wait_until(struct wdm_machine *m, pthread_cond_t *cond, int64_t time_100ns)
{
    if (time_100ns == INT64_MAX) {
        pthread_cond_wait(cond, &m->lock);
        return;
    }
    int64_t at = time_100ns - m->boot_100ns + m->origin_100ns;
    if (at < 0)
        at = 0;
    struct timespec until = {.tv_sec = (time_t)(at / CLOCK_100NS_PER_SECOND),
                             .tv_nsec = (long)(at % CLOCK_100NS_PER_SECOND) * 100};
    pthread_cond_timedwait(cond, &m->lock, &until);
}

int64_t time_due(struct wdm_machine *m, LONGLONG due)
{
    if (due >= 0)
        return due;
    int64_t now = wdm_time_100ns(m);
    return due < now - INT64_MAX ? INT64_MAX : now - due;
}

/* The page of KeStallExecutionProcessor has this as the most that a driver should stall, and a thread below can wait instead. */
#define LONGEST_STALL_US 50

/* Virtual: hardware goes on meanwhile, everything else waits, as on one processor. */
static void stall_virtual(struct wdm_thread *self, int64_t until_100ns)
{
    struct wdm_machine *m = self->machine;
    pthread_mutex_lock(&m->lock);
    for (int64_t next; (next = alarm_next_locked(m)) <= until_100ns;) {
        time_advance(m, next);
        if (!alarm_run_one_locked(m))
            break; /* called from the alarm itself */
    }
    pthread_mutex_unlock(&m->lock);
    time_advance(m, until_100ns);
    run_deferred(self);
}

/* Who asks so often and does nothing else waits for the time to move: a microsecond for each further question. After each
 * thousand of these the others get their turn, as on Windows at the end of a quantum. */
void time_polled(struct wdm_thread *self)
{
    struct wdm_machine *m = self->machine;
    if (!time_is_virtual(m))
        return;
    int64_t now = wdm_time_100ns(m);
    if (now != self->polled_100ns)
        self->polls = 0;
    if (self->polls++ >= POLLS) {
        LARGE_INTEGER moment = {.QuadPart = -POLL_100NS};
        if (self->irql < DISPATCH_LEVEL && self->polls % POLLS == 0)
            KeDelayExecutionThread(KernelMode, FALSE, &moment);
        else
            stall_virtual(self, now + POLL_100NS);
    }
    self->polled_100ns = wdm_time_100ns(m);
}

int64_t wdm_ask_time_100ns(struct wdm_machine *m)
{
    time_polled(wdm_self());
    return wdm_time_100ns(m);
}

VOID NTAPI KeQuerySystemTime(PLARGE_INTEGER CurrentTime) { CurrentTime->QuadPart = wdm_ask_time_100ns(wdm_self()->machine); }

ULONGLONG NTAPI KeQueryInterruptTime(VOID)
{
    struct wdm_machine *m = wdm_self()->machine;
    return (ULONGLONG)(wdm_ask_time_100ns(m) - m->boot_100ns);
}

LARGE_INTEGER NTAPI KeQueryPerformanceCounter(PLARGE_INTEGER PerformanceFrequency)
{
    LARGE_INTEGER count = {.QuadPart = (LONGLONG)KeQueryInterruptTime()};
    if (PerformanceFrequency)
        PerformanceFrequency->QuadPart = CLOCK_100NS_PER_SECOND;
    return count;
}

VOID NTAPI KeQueryTickCount(PLARGE_INTEGER TickCount) { TickCount->QuadPart = (LONGLONG)(KeQueryInterruptTime() / TICK_100NS); }

ULONG NTAPI KeQueryTimeIncrement(VOID) { return TICK_100NS; }

VOID NTAPI KeStallExecutionProcessor(ULONG MicroSeconds)
{
    struct wdm_thread *self = wdm_self();
    struct wdm_machine *m = self->machine;
    int64_t until = wdm_time_100ns(m) + (int64_t)MicroSeconds * 10;
    if (MicroSeconds > LONGEST_STALL_US && self->irql >= DISPATCH_LEVEL)
        wdm_broken(WDM_RULE_HARDWARE, "KeStallExecutionProcessor of %u us at IRQL %u: no more than %u us", (unsigned)MicroSeconds,
                   self->irql, LONGEST_STALL_US);
    if (time_is_virtual(m)) {
        stall_virtual(self, until);
        return;
    }
    /* Short ones by turning on the spot: a sleep takes 50 us and more. */
    if (MicroSeconds > 100)
        clock_sleep_until_100ns(clock_now_100ns() + ((int64_t)MicroSeconds - 80) * 10);
    while (wdm_time_100ns(m) < until)
        sched_yield();
}
