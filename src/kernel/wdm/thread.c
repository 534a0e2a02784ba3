/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* sigaltstack */
/*
 * System threads. In real time they are threads like any other. In virtual time each has the turn only between
 * thread_resume_one_locked and its next wait, so that one runs at a time and always in the same order.
 *
 * So do the workers of virtual time, each of which runs one work item after the other. There are as many as items were under way at
 * once: an item that waits keeps its worker, and the next one does not wait for it.
 */
#include <signal.h>

#include "base/alloc.h"
#include "kernel/wdm/impl.h"

#define END_LIMIT (2000 * WDM_MS) /* real time: how long threads may take to end before they are given up */
#define WORKERS_MAX  32
#define SIGNAL_STACK 65536
#define GIVEN_UP_MAX 8 /* waits of one item; then it is left where it is */

void *thread_identity(struct wdm_thread *self) { return self->system ? (void *)self->system : (void *)self; }

PKTHREAD NTAPI KeGetCurrentThread(VOID) { return (PKTHREAD)thread_identity(wdm_self()); }

static void pass_turn_locked(struct wdm_kthread *kthread)
{
    kthread->turn = false;
    pthread_cond_broadcast(&kthread->turn_changed);
}

static void await_turn_locked(struct wdm_kthread *kthread)
{
    while (!kthread->turn)
        pthread_cond_wait(&kthread->turn_changed, &kthread->machine->lock);
}

void thread_yield_locked(struct wdm_kthread *kthread)
{
    pass_turn_locked(kthread);
    await_turn_locked(kthread);
    kthread->wait = NULL;
}

/* A system thread's identity while the thread that resumed it asks: whom a mutex is for. */
static bool may_run(struct wdm_kthread *kthread)
{
    struct wdm_thread as = {.machine = kthread->machine, .system = kthread};
    NTSTATUS status;
    if (kthread->ended || kthread->idle)
        return false;
    return !kthread->wait || wait_satisfied_locked(&as, kthread->wait, false, &status) ||
           wdm_time_100ns(kthread->machine) >= kthread->wait->deadline_100ns;
}

static void give_turn_locked(struct wdm_kthread *kthread)
{
    kthread->turn = true;
    pthread_cond_broadcast(&kthread->turn_changed);
    while (kthread->turn)
        pthread_cond_wait(&kthread->turn_changed, &kthread->machine->lock);
}

bool thread_resume_one_locked(struct wdm_thread *self)
{
    struct wdm_machine *m = self->machine;
    for (LIST_ENTRY *at = m->kthreads.Flink; at != &m->kthreads; at = at->Flink) {
        struct wdm_kthread *kthread = CONTAINING_RECORD(at, struct wdm_kthread, link);
        if (kthread == self->system || kthread->turn || !may_run(kthread))
            continue;
        give_turn_locked(kthread);
        return true;
    }
    return false;
}

int64_t thread_next_locked(const struct wdm_machine *m)
{
    int64_t next = INT64_MAX;
    for (LIST_ENTRY *at = m->kthreads.Flink; at != &m->kthreads; at = at->Flink) {
        struct wdm_kthread *kthread = CONTAINING_RECORD(at, struct wdm_kthread, link);
        if (!kthread->ended && kthread->wait && kthread->wait->deadline_100ns < next)
            next = kthread->wait->deadline_100ns;
    }
    return next;
}

/* Who tells of a crash (drivers/crash.c) cannot do so on a stack that the driver has used up. A sanitizer has its own. */
static void signal_stack_begin(struct wdm_kthread *kthread)
{
    stack_t stack = {.ss_size = SIGNAL_STACK}, old;
    if (sigaltstack(NULL, &old) != 0 || !(old.ss_flags & SS_DISABLE) || !(stack.ss_sp = dm_malloc(SIGNAL_STACK)))
        return;
    sigaltstack(&stack, NULL);
    kthread->signal_stack = stack.ss_sp;
}

static void signal_stack_end(struct wdm_kthread *kthread)
{
    stack_t none = {.ss_flags = SS_DISABLE};
    if (kthread->signal_stack)
        sigaltstack(&none, NULL);
    dm_free(kthread->signal_stack);
}

/* By PsTerminateSystemThread or the routine's return; the thread itself. */
static void end(struct wdm_thread *self, struct wdm_kthread *kthread, NTSTATUS status)
{
    struct wdm_machine *m = kthread->machine;
    if (self->held_count)
        wdm_broken(WDM_RULE_LOCK_ACROSS, "system thread ended with spin lock %p held",
                   (void *)self->held[self->held_count - 1].lock);
    if (self->irql != PASSIVE_LEVEL)
        wdm_broken(WDM_RULE_IRQL_RESTORE, "system thread ended at IRQL %u", self->irql);
    if (self->stack_queued)
        queue_report_stack(self, UINTPTR_MAX, "a system thread's routine");
    wdm_leave();
    signal_stack_end(kthread);
    pthread_mutex_lock(&m->lock);
    kthread->status = status;
    kthread->ended = true;
    kthread->header.SignalState = 1;
    wait_wake_locked(m, kthread);
    pass_turn_locked(kthread);
    pthread_cond_broadcast(&m->changed);
    pthread_mutex_unlock(&m->lock);
}

static void *run_thread(void *ctx)
{
    struct wdm_kthread *kthread = ctx;
    struct wdm_machine *m = kthread->machine;
    if (time_is_virtual(m)) { /* before it gets a number */
        pthread_mutex_lock(&m->lock);
        await_turn_locked(kthread);
        pthread_mutex_unlock(&m->lock);
    }
    signal_stack_begin(kthread);
    wdm_enter(m);
    wdm_self()->system = kthread;
    kthread->routine(kthread->context);
    end(wdm_self(), kthread, STATUS_SUCCESS);
    return NULL;
}

NTSTATUS NTAPI PsTerminateSystemThread(NTSTATUS ExitStatus)
{
    struct wdm_thread *self = wdm_self();
    if (!self->system || self->system->worker || !wdm_need_irql(PASSIVE_LEVEL, "PsTerminateSystemThread"))
        return STATUS_INVALID_PARAMETER;
    end(self, self->system, ExitStatus);
    pthread_exit(NULL);
}

static void join_locked(struct wdm_kthread *kthread)
{
    if (kthread->joined)
        return;
    kthread->joined = true;
    pthread_mutex_unlock(&kthread->machine->lock);
    pthread_join(kthread->thread, NULL);
    pthread_mutex_lock(&kthread->machine->lock);
}

/* Only an ended thread loses its last reference: the machine keeps one of each. */
void thread_release_locked(struct wdm_kthread *kthread)
{
    if (--kthread->references > 0)
        return;
    RemoveEntryList(&kthread->link);
    join_locked(kthread);
    pthread_cond_destroy(&kthread->turn_changed);
    wdm_given_end(&kthread->given);
    dm_free(kthread);
}

static void add_pointer_locked(struct wdm_kthread *kthread)
{
    kthread->references++;
    if (kthread->pointers++ == 0)
        wdm_given_begin(&kthread->given, WDM_RULE_REFERENCES, "referenced thread object");
}

/* One that is about to end gets two seconds. */
static bool await_end_locked(struct wdm_kthread *kthread, int64_t until)
{
    struct wdm_machine *m = kthread->machine;
    while (!time_is_virtual(m) && !kthread->ended && wdm_time_100ns(m) < until)
        time_wait_until(m, &m->changed, until);
    return kthread->ended;
}

/* An ended one is signalled while it is still on its way out of PsTerminateSystemThread. The machine's reference keeps each in the
 * list while the lock is let go. */
size_t wdm_threads_settle(struct wdm_machine *m)
{
    size_t running = 0;
    int64_t until = wdm_time_100ns(m) + END_LIMIT;
    pthread_mutex_lock(&m->lock);
    for (LIST_ENTRY *at = m->kthreads.Flink; at != &m->kthreads; at = at->Flink) {
        struct wdm_kthread *kthread = CONTAINING_RECORD(at, struct wdm_kthread, link);
        if (kthread->worker)
            continue;
        if (await_end_locked(kthread, until))
            join_locked(kthread);
        else
            running++;
    }
    pthread_mutex_unlock(&m->lock);
    for (size_t i = 0; i < running; i++)
        wdm_broken(WDM_RULE_STILL_QUEUED, "a system thread has not ended at unload");
    return running;
}

/* ---- work items ---- */

static VOID NTAPI run_items(PVOID StartContext)
{
    struct wdm_kthread *worker = StartContext;
    struct wdm_machine *m = worker->machine;
    pthread_mutex_lock(&m->lock);
    while (!m->stopping) {
        worker->idle = false;
        work_run_one_locked(wdm_self());
        worker->idle = true;
        thread_yield_locked(worker);
    }
    pthread_mutex_unlock(&m->lock);
}

static struct wdm_kthread *new_kthread(struct wdm_machine *m, PKSTART_ROUTINE routine, PVOID context)
{
    struct wdm_kthread *kthread = dm_calloc(1, sizeof *kthread);
    if (!kthread)
        return NULL;
    *kthread = (struct wdm_kthread){.machine = m, .routine = routine, .context = context, .references = 1};
    wait_header_init(&kthread->header, TYPE_THREAD, 0);
    pthread_cond_init(&kthread->turn_changed, NULL);
    return kthread;
}

static void free_kthread(struct wdm_kthread *kthread)
{
    pthread_cond_destroy(&kthread->turn_changed);
    dm_free(kthread);
}

static struct wdm_kthread *new_worker_locked(struct wdm_machine *m)
{
    struct wdm_kthread *worker = new_kthread(m, run_items, NULL);
    if (!worker)
        return NULL;
    worker->context = worker;
    worker->worker = true;
    if (pthread_create(&worker->thread, NULL, run_thread, worker) != 0) {
        free_kthread(worker);
        return NULL;
    }
    InsertTailList(&m->kthreads, &worker->link);
    return worker;
}

bool thread_work_locked(struct wdm_thread *self)
{
    struct wdm_machine *m = self->machine;
    struct wdm_kthread *worker = NULL;
    unsigned workers = 0;
    for (LIST_ENTRY *at = m->kthreads.Flink; at != &m->kthreads; at = at->Flink) {
        struct wdm_kthread *kthread = CONTAINING_RECORD(at, struct wdm_kthread, link);
        workers += kthread->worker;
        if (kthread->idle && !kthread->turn && !worker)
            worker = kthread;
    }
    if (m->work.count && !worker && workers < WORKERS_MAX)
        worker = new_worker_locked(m);
    if (m->work.count && worker)
        give_turn_locked(worker);
    else if (m->work.count && workers == 0) /* no thread to be had: better here than never */
        work_run_one_locked(self);
    else
        return false;
    return true;
}

/* The one that began last may be what the others wait for. */
bool thread_give_up_locked(struct wdm_thread *self)
{
    struct wdm_machine *m = self->machine;
    for (LIST_ENTRY *at = m->kthreads.Blink; at != &m->kthreads; at = at->Blink) {
        struct wdm_kthread *kthread = CONTAINING_RECORD(at, struct wdm_kthread, link);
        bool endless = kthread->worker && kthread->wait && kthread->wait->deadline_100ns == INT64_MAX;
        if (!endless || kthread->turn || kthread->given_up == GIVEN_UP_MAX || may_run(kthread))
            continue;
        kthread->given_up++;
        kthread->give_up = true;
        give_turn_locked(kthread);
        return true;
    }
    return false;
}

/* An item that has not ended: of a device, or any; its place in *ITEM. It is told once. */
static bool unended_locked(struct wdm_machine *m, bool device_items, struct wdm_queued *item)
{
    for (LIST_ENTRY *at = m->kthreads.Flink; at != &m->kthreads; at = at->Flink) {
        struct wdm_kthread *kthread = CONTAINING_RECORD(at, struct wdm_kthread, link);
        if (!kthread->worker || kthread->idle || kthread->told || (kthread->device_item && !device_items))
            continue;
        kthread->told = true;
        *item = kthread->item;
        return true;
    }
    return false;
}

static void report_unended(struct wdm_machine *m, bool device_items)
{
    struct wdm_queued item;
    for (;;) {
        pthread_mutex_lock(&m->lock);
        bool found = unended_locked(m, device_items, &item);
        pthread_mutex_unlock(&m->lock);
        if (!found)
            return;
        wdm_broken_at(WDM_RULE_STILL_QUEUED, "queued in", item.code, "work item %p has not ended at unload", item.object);
    }
}

/* On Windows a device's item holds the device, and with it the driver, until it has returned (IoQueueWorkItem). */
bool wdm_work_settle(struct wdm_machine *m)
{
    report_unended(m, false);
    bool ended = wdm_work_finish(m);
    report_unended(m, true);
    return ended;
}

static void end_workers_locked(struct wdm_machine *m)
{
    for (LIST_ENTRY *at = m->kthreads.Flink; at != &m->kthreads; at = at->Flink) {
        struct wdm_kthread *kthread = CONTAINING_RECORD(at, struct wdm_kthread, link);
        if (kthread->idle && !kthread->ended)
            give_turn_locked(kthread);
    }
}

bool threads_free(struct wdm_machine *m)
{
    bool ended = true;
    int64_t until = wdm_time_100ns(m) + END_LIMIT;
    pthread_mutex_lock(&m->lock);
    end_workers_locked(m);
    while (ended && !IsListEmpty(&m->kthreads)) {
        struct wdm_kthread *kthread = CONTAINING_RECORD(m->kthreads.Flink, struct wdm_kthread, link);
        ended = await_end_locked(kthread, until);
        if (ended) {
            kthread->references = 1;
            thread_release_locked(kthread);
        }
    }
    pthread_mutex_unlock(&m->lock);
    return ended;
}

NTSTATUS NTAPI PsCreateSystemThread(PHANDLE ThreadHandle, ULONG DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
                                    HANDLE ProcessHandle, PVOID ClientId, PKSTART_ROUTINE StartRoutine, PVOID StartContext)
{
    struct wdm_machine *m = wdm_self()->machine;
    (void)ObjectAttributes;
    (void)ProcessHandle;
    (void)ClientId;
    wdm_need_irql(PASSIVE_LEVEL, "PsCreateSystemThread");
    struct wdm_kthread *kthread = new_kthread(m, StartRoutine, StartContext);
    if (!kthread)
        return STATUS_INSUFFICIENT_RESOURCES;
    kthread->references++; /* the handle's */
    NTSTATUS status = handle_open(m, HANDLE_THREAD, kthread, DesiredAccess, ThreadHandle);
    pthread_mutex_lock(&m->lock);
    if (NT_SUCCESS(status) && pthread_create(&kthread->thread, NULL, run_thread, kthread) != 0) {
        handle_forget(m, *ThreadHandle);
        status = STATUS_INSUFFICIENT_RESOURCES;
    }
    if (NT_SUCCESS(status))
        InsertTailList(&m->kthreads, &kthread->link);
    pthread_mutex_unlock(&m->lock);
    if (!NT_SUCCESS(status))
        free_kthread(kthread);
    return status;
}

NTSTATUS NTAPI ObReferenceObjectByHandle(HANDLE Handle, ACCESS_MASK DesiredAccess, POBJECT_TYPE ObjectType,
                                         KPROCESSOR_MODE AccessMode, PVOID *Object, POBJECT_HANDLE_INFORMATION HandleInformation)
{
    struct wdm_machine *m = wdm_self()->machine;
    (void)DesiredAccess;
    (void)ObjectType;
    (void)AccessMode;
    (void)HandleInformation;
    wdm_need_irql(PASSIVE_LEVEL, "ObReferenceObjectByHandle");
    pthread_mutex_lock(&m->lock);
    struct wdm_kthread *kthread = handle_object(m, Handle, HANDLE_THREAD, NULL);
    if (kthread)
        add_pointer_locked(kthread);
    pthread_mutex_unlock(&m->lock);
    *Object = kthread;
    return kthread ? STATUS_SUCCESS : STATUS_INVALID_HANDLE;
}

VOID NTAPI ObReferenceObject(PVOID Object)
{
    struct wdm_machine *m = wdm_self()->machine;
    struct wdm_kthread *kthread = Object;
    if (!wait_header_is(&kthread->header, TYPE_THREAD, TYPE_THREAD, "ObReferenceObject"))
        return;
    pthread_mutex_lock(&m->lock);
    add_pointer_locked(kthread);
    pthread_mutex_unlock(&m->lock);
}

VOID NTAPI ObDereferenceObject(PVOID Object)
{
    struct wdm_machine *m = wdm_self()->machine;
    struct wdm_kthread *kthread = Object;
    if (!wait_header_is(&kthread->header, TYPE_THREAD, TYPE_THREAD, "ObDereferenceObject"))
        return;
    pthread_mutex_lock(&m->lock);
    if (kthread->pointers && --kthread->pointers == 0)
        wdm_given_end(&kthread->given);
    thread_release_locked(kthread);
    pthread_mutex_unlock(&m->lock);
}
