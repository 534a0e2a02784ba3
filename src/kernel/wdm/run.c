/* SPDX-License-Identifier: MIT */
/* What happens when: the event loop of virtual time and the threads of real time. */
#include <sched.h>

#include "base/clock.h"
#include "kernel/wdm/impl.h"

#define IDLE_STEPS 100000
/* So many work items may begin at one moment before they are taken for one that waits by queueing itself again. */
#define WORKS      1000
#define WORK_100NS 10
#define FINISH_REAL_MS    1000
#define FINISH_VIRTUAL_MS 600000

void run_init(struct wdm_machine *m)
{
    queue_init(&m->timers);
    queue_init(&m->dpcs);
    queue_init(&m->work);
    InitializeListHead(&m->waits);
    InitializeListHead(&m->kthreads);
    pthread_mutex_init(&m->lock, NULL);
    time_cond_init(&m->changed);
    time_cond_init(&m->dpc_wanted);
    time_cond_init(&m->alarm_wanted);
    time_cond_init(&m->work_wanted);
}

void run_finish(struct wdm_machine *m)
{
    queue_finish(&m->timers);
    queue_finish(&m->dpcs);
    queue_finish(&m->work);
    pthread_cond_destroy(&m->changed);
    pthread_cond_destroy(&m->dpc_wanted);
    pthread_cond_destroy(&m->alarm_wanted);
    pthread_cond_destroy(&m->work_wanted);
    pthread_mutex_destroy(&m->lock);
}

/* ---- virtual time ---- */

void run_deferred(struct wdm_thread *self)
{
    struct wdm_machine *m = self->machine;
    if (atomic_load_explicit(&m->lines_waiting, memory_order_acquire))
        interrupt_serve_waiting(self);
    /* Not inside an alarm: a DPC may wait for the hardware, whose alarms are held up meanwhile. */
    if (!time_is_virtual(m) || self->irql >= DISPATCH_LEVEL || m->draining || m->alarm_running)
        return;
    pthread_mutex_lock(&m->lock);
    m->draining = true;
    for (;;) {
        timer_expire_locked(m);
        KDPC *dpc = dpc_take_locked(m);
        if (!dpc)
            break;
        dpc_run_locked(self, dpc);
    }
    m->draining = false;
    pthread_mutex_unlock(&m->lock);
}

static int64_t earlier(int64_t a, int64_t b) { return a < b ? a : b; }

static int64_t next_locked(const struct wdm_machine *m)
{
    return earlier(earlier(timer_next_locked(m), alarm_next_locked(m)), thread_next_locked(m));
}

/* Alarms first: they are hardware. A timer that comes due queues its DPC, which the next step runs. */
static bool due_step_locked(struct wdm_machine *m, int64_t limit_100ns)
{
    int64_t next = next_locked(m);
    if (next > limit_100ns || next == INT64_MAX)
        return false;
    time_advance(m, next);
    if (alarm_run_one_locked(m))
        return true;
    int64_t before = timer_next_locked(m);
    timer_expire_locked(m);
    return timer_next_locked(m) != before || thread_next_locked(m) <= next;
}

/* From then on others have their turn before each item, and it takes a microsecond, as with who asks for the time (time_polled). */
static bool before_work_locked(struct wdm_thread *self, int64_t limit_100ns)
{
    struct wdm_machine *m = self->machine;
    int64_t now = wdm_time_100ns(m);
    if (!m->work.count || now != m->worked_100ns)
        m->work_begun = 0;
    m->worked_100ns = now;
    if (m->work_begun < WORKS)
        return false;
    if (thread_resume_one_locked(self))
        return true;
    int64_t until = earlier(limit_100ns, now + WORK_100NS);
    bool done = due_step_locked(m, until);
    time_advance(m, until);
    m->worked_100ns = wdm_time_100ns(m);
    return done;
}

static bool work_locked(struct wdm_thread *self)
{
    bool begun = thread_work_locked(self);
    self->machine->work_begun += begun;
    return begun;
}

bool run_step(struct wdm_thread *self, int64_t limit_100ns)
{
    struct wdm_machine *m = self->machine;
    run_deferred(self);
    pthread_mutex_lock(&m->lock);
    bool done = before_work_locked(self, limit_100ns) || work_locked(self) || thread_resume_one_locked(self) ||
                due_step_locked(m, limit_100ns);
    pthread_mutex_unlock(&m->lock);
    if (done)
        run_deferred(self);
    return done;
}

int64_t wdm_next_due(struct wdm_machine *m)
{
    pthread_mutex_lock(&m->lock);
    int64_t next = next_locked(m);
    pthread_mutex_unlock(&m->lock);
    return next;
}

void wdm_run_until(struct wdm_machine *m, int64_t time_100ns)
{
    struct wdm_thread *self = wdm_self();
    wdm_need_irql(PASSIVE_LEVEL, "wdm_run_until");
    if (!time_is_virtual(m)) {
        clock_sleep_until_100ns(time_100ns - m->boot_100ns + m->origin_100ns);
        return;
    }
    int64_t now = wdm_time_100ns(m);
    while (run_step(self, time_100ns > now ? time_100ns : now))
        ;
    time_advance(m, time_100ns);
}

static bool busy_locked(const struct wdm_machine *m)
{
    return m->dpcs.count || m->dpc_running || m->work.count || m->work_running || m->alarm_running;
}

static bool alive_locked(const struct wdm_machine *m)
{
    bool alive = busy_locked(m) || next_locked(m) != INT64_MAX;
    for (LIST_ENTRY *at = m->kthreads.Flink; at != &m->kthreads; at = at->Flink)
        alive |= !CONTAINING_RECORD(at, struct wdm_kthread, link)->ended;
    return alive;
}

bool wdm_run_on(struct wdm_machine *m, int64_t limit_100ns)
{
    wdm_need_irql(PASSIVE_LEVEL, "wdm_run_on");
    if (time_is_virtual(m))
        return run_step(wdm_self(), limit_100ns);
    int64_t now = wdm_time_100ns(m);
    pthread_mutex_lock(&m->lock);
    bool alive = alive_locked(m) && now < limit_100ns;
    pthread_mutex_unlock(&m->lock);
    if (alive)
        wdm_run_until(m, now + WDM_MS);
    return alive;
}

/* Time passes only for the work items that wait. */
static bool idle_virtual(struct wdm_thread *self, int64_t until_100ns)
{
    struct wdm_machine *m = self->machine;
    int64_t now = wdm_time_100ns(m);
    for (int steps = 0; steps < IDLE_STEPS; steps++)
        if (!run_step(self, m->work_running ? until_100ns : now))
            return m->work_running == 0;
    return false;
}

bool wdm_run_idle(struct wdm_machine *m, unsigned limit_ms)
{
    int64_t until = wdm_time_100ns(m) + limit_ms * WDM_MS;
    if (time_is_virtual(m))
        return idle_virtual(wdm_self(), until);
    pthread_mutex_lock(&m->lock);
    while (busy_locked(m) && wdm_time_100ns(m) < until)
        time_wait_until(m, &m->changed, until);
    bool idle = !busy_locked(m);
    pthread_mutex_unlock(&m->lock);
    return idle;
}

bool wdm_work_finish(struct wdm_machine *m)
{
    struct wdm_thread *self = wdm_self();
    bool virtual = time_is_virtual(m), more = true;
    while (more) {
        if (wdm_run_idle(m, virtual ? FINISH_VIRTUAL_MS : FINISH_REAL_MS))
            return true;
        pthread_mutex_lock(&m->lock);
        more = virtual && thread_give_up_locked(self);
        pthread_mutex_unlock(&m->lock);
    }
    return false;
}

/* ---- real time ---- */

static void *dpc_thread(void *ctx)
{
    struct wdm_machine *m = ctx;
    wdm_enter(m);
    pthread_mutex_lock(&m->lock);
    while (!m->stopping) {
        timer_expire_locked(m);
        KDPC *dpc = dpc_take_locked(m);
        if (dpc)
            dpc_run_locked(wdm_self(), dpc);
        else
            time_wait_until(m, &m->dpc_wanted, timer_next_locked(m));
    }
    pthread_mutex_unlock(&m->lock);
    wdm_leave();
    return NULL;
}

static void *alarm_thread(void *ctx)
{
    struct wdm_machine *m = ctx;
    wdm_enter(m);
    pthread_mutex_lock(&m->lock);
    while (!m->stopping)
        if (!alarm_run_one_locked(m))
            time_wait_until(m, &m->alarm_wanted, alarm_next_locked(m));
    pthread_mutex_unlock(&m->lock);
    wdm_leave();
    return NULL;
}

static void *worker_thread(void *ctx)
{
    struct wdm_machine *m = ctx;
    wdm_enter(m);
    pthread_mutex_lock(&m->lock);
    while (!m->stopping) {
        if (work_run_one_locked(wdm_self()))
            continue;
        m->workers_idle++;
        pthread_cond_wait(&m->work_wanted, &m->lock);
        m->workers_idle--;
    }
    pthread_mutex_unlock(&m->lock);
    wdm_leave();
    return NULL;
}

/* With the priority that was asked for, or as the system lets us. */
static bool start(struct wdm_machine *m, pthread_t *thread, void *(*routine)(void *), int priority)
{
    int failed = -1;
    if (priority > 0) {
        pthread_attr_t attr;
        pthread_attr_init(&attr);
        pthread_attr_setinheritsched(&attr, PTHREAD_EXPLICIT_SCHED);
        pthread_attr_setschedpolicy(&attr, SCHED_FIFO);
        pthread_attr_setschedparam(&attr, &(struct sched_param){.sched_priority = priority});
        failed = pthread_create(thread, &attr, routine, m);
        pthread_attr_destroy(&attr);
    }
    if (failed)
        failed = pthread_create(thread, NULL, routine, m);
    if (failed)
        machine_print(m, "machine: no thread to be had (error %d)", failed);
    return !failed;
}

void run_want_dpc(struct wdm_machine *m)
{
    if (time_is_virtual(m))
        return;
    if (!m->dpc_thread_on)
        m->dpc_thread_on = start(m, &m->dpc_thread, dpc_thread, m->config.priority);
    pthread_cond_signal(&m->dpc_wanted);
}

void run_want_alarm(struct wdm_machine *m)
{
    if (time_is_virtual(m))
        return;
    if (!m->alarm_thread_on)
        m->alarm_thread_on = start(m, &m->alarm_thread, alarm_thread, m->config.priority);
    pthread_cond_signal(&m->alarm_wanted);
}

void run_want_work(struct wdm_machine *m)
{
    unsigned limit = m->config.workers ? m->config.workers : 2;
    if (time_is_virtual(m))
        return;
    if (m->workers_idle == 0 && m->workers_on < limit)
        m->workers_on += start(m, &m->workers[m->workers_on], worker_thread, 0);
    pthread_cond_signal(&m->work_wanted);
}

void run_stop(struct wdm_machine *m)
{
    pthread_mutex_lock(&m->lock);
    m->stopping = true;
    pthread_cond_broadcast(&m->dpc_wanted);
    pthread_cond_broadcast(&m->alarm_wanted);
    pthread_cond_broadcast(&m->work_wanted);
    pthread_mutex_unlock(&m->lock);
    if (m->dpc_thread_on)
        pthread_join(m->dpc_thread, NULL);
    if (m->alarm_thread_on)
        pthread_join(m->alarm_thread, NULL);
    for (unsigned i = 0; i < m->workers_on; i++)
        pthread_join(m->workers[i], NULL);
}
