/* SPDX-License-Identifier: MIT */
/* Waits, and the objects that are nothing but a state: events, semaphores, mutexes. */
#include "kernel/wdm/impl.h"

/* Virtual: a wait of the host's thread without a timeout is given up after so long, for a periodic timer would keep it for ever. */
#define LONGEST_WAIT (600 * 1000 * WDM_MS)

void wait_header_init(DISPATCHER_HEADER *header, unsigned type, LONG state)
{
    *header = (DISPATCHER_HEADER){.Type = (UCHAR)type, .SignalState = state};
    InitializeListHead(&header->WaitListHead);
}

bool wait_header_is(const DISPATCHER_HEADER *header, unsigned first, unsigned last, const char *what)
{
    if (header->Type >= first && header->Type <= last)
        return true;
    wdm_broken(WDM_RULE_AFTER_RELEASE, "%s: object %p was freed or never initialised", what, (const void *)header);
    return false;
}

void wait_wake_locked(struct wdm_machine *m, void *object)
{
    for (LIST_ENTRY *at = m->waits.Flink; at != &m->waits; at = at->Flink) {
        struct wdm_wait *wait = CONTAINING_RECORD(at, struct wdm_wait, link);
        for (unsigned i = 0; i < wait->count; i++)
            if (wait->objects[i] == object)
                pthread_cond_signal(&wait->signalled);
    }
}

static bool ready(struct wdm_thread *self, const DISPATCHER_HEADER *header)
{
    if (header->Type == TYPE_MUTEX && ((const KMUTANT *)(const void *)header)->OwnerThread == thread_identity(self))
        return true;
    return header->SignalState > 0;
}

static void take(struct wdm_thread *self, DISPATCHER_HEADER *header)
{
    KMUTANT *mutex = (KMUTANT *)(void *)header;
    switch (header->Type) {
    case TYPE_EVENT_SYNCHRONIZATION:
    case TYPE_TIMER_SYNCHRONIZATION:
        header->SignalState = 0;
        break;
    case TYPE_SEMAPHORE:
        header->SignalState--;
        break;
    case TYPE_MUTEX:
        header->SignalState--; /* below 0: taken more than once */
        mutex->OwnerThread = thread_identity(self);
        break;
    default:
        break;
    }
}

bool wait_satisfied_locked(struct wdm_thread *self, const struct wdm_wait *wait, bool do_take, NTSTATUS *status)
{
    unsigned hits = 0, first = 0;
    for (unsigned i = 0; i < wait->count; i++) {
        bool hit = ready(self, wait->objects[i]);
        if (hit && hits++ == 0)
            first = i;
    }
    if (wait->all ? hits < wait->count : hits == 0)
        return false;
    *status = wait->all ? STATUS_WAIT_0 : STATUS_WAIT_0 + (NTSTATUS)first;
    for (unsigned i = 0; do_take && i < wait->count; i++)
        if (wait->all || i == first)
            take(self, wait->objects[i]);
    return true;
}

/* Virtual: nothing else happens, but a work item waits without an end, perhaps with what this wait is for. */
static bool item_gives_up_locked(struct wdm_thread *self)
{
    unsigned irql = self->irql;
    self->irql = PASSIVE_LEVEL;
    bool given_up = thread_give_up_locked(self);
    self->irql = irql;
    return given_up;
}

/* Virtual, a thread of the host: the machine goes on until the wait ends. False: it never will. */
static bool virtual_progress(struct wdm_thread *self, const struct wdm_wait *wait)
{
    struct wdm_machine *m = self->machine;
    unsigned irql = self->irql;
    pthread_mutex_unlock(&m->lock);
    self->irql = PASSIVE_LEVEL; /* the others are other threads */
    bool moved = run_step(self, wait->deadline_100ns);
    self->irql = irql;
    if (!moved && wait->deadline_100ns != INT64_MAX)
        time_advance(m, wait->deadline_100ns);
    pthread_mutex_lock(&m->lock);
    return moved || wait->deadline_100ns != INT64_MAX || item_gives_up_locked(self);
}

/* True: look again. */
static bool wait_more_locked(struct wdm_thread *self, struct wdm_wait *wait)
{
    struct wdm_machine *m = self->machine;
    if (!time_is_virtual(m)) {
        time_wait_until(m, &wait->signalled, wait->deadline_100ns);
        return true;
    }
    if (self->system) {
        self->system->wait = wait;
        thread_yield_locked(self->system);
        bool go_on = !self->system->give_up;
        self->system->give_up = false;
        return go_on;
    }
    return virtual_progress(self, wait);
}

static NTSTATUS wait_locked(struct wdm_thread *self, struct wdm_wait *wait, bool blocking)
{
    NTSTATUS status;
    struct wdm_machine *m = self->machine;
    bool endless = time_is_virtual(m) && !self->system && wait->deadline_100ns == INT64_MAX;
    int64_t give_up = endless ? wdm_time_100ns(m) + LONGEST_WAIT : INT64_MAX;
    for (;;) {
        if (wait_satisfied_locked(self, wait, true, &status))
            return status;
        if (wdm_time_100ns(m) >= give_up) {
            if (!item_gives_up_locked(self))
                return STATUS_UNSUCCESSFUL;
            give_up = wdm_time_100ns(m) + LONGEST_WAIT;
            continue;
        }
        if (!blocking || wdm_time_100ns(m) >= wait->deadline_100ns)
            return STATUS_TIMEOUT;
        if (!wait_more_locked(self, wait))
            return STATUS_UNSUCCESSFUL;
    }
}

static NTSTATUS wait_for(void *const *objects, unsigned count, bool all, const LARGE_INTEGER *timeout, const char *what)
{
    struct wdm_thread *self = wdm_self();
    struct wdm_machine *m = self->machine;
    bool blocking = !timeout || timeout->QuadPart != 0;
    struct wdm_wait wait = {.objects = objects, .count = count, .all = all,
                            .deadline_100ns = timeout ? time_due(m, timeout->QuadPart) : INT64_MAX};
    for (unsigned i = 0; i < count; i++)
        if (!wait_header_is(objects[i], TYPE_EVENT_NOTIFICATION, TYPE_TIMER_SYNCHRONIZATION, what))
            return STATUS_UNSUCCESSFUL;
    if (blocking && self->irql >= DISPATCH_LEVEL) {
        wdm_broken(WDM_RULE_BLOCKING, "%s at IRQL %u with a timeout other than 0", what, self->irql);
        blocking = false;
    } else if (!blocking) {
        wdm_need_irql(DISPATCH_LEVEL, what);
    }
    time_cond_init(&wait.signalled);
    pthread_mutex_lock(&m->lock);
    InsertTailList(&m->waits, &wait.link);
    NTSTATUS status = wait_locked(self, &wait, blocking);
    RemoveEntryList(&wait.link);
    pthread_mutex_unlock(&m->lock);
    pthread_cond_destroy(&wait.signalled);
    if (!blocking && status == STATUS_TIMEOUT)
        time_polled(self);
    if (status == STATUS_UNSUCCESSFUL)
        wdm_broken(WDM_RULE_BLOCKING, "%s on %p waits for ever: nothing that is left ends it", what, objects[0]);
    return status;
}

NTSTATUS NTAPI KeWaitForSingleObject(PVOID Object, KWAIT_REASON WaitReason, KPROCESSOR_MODE WaitMode, BOOLEAN Alertable,
                                     PLARGE_INTEGER Timeout)
{
    (void)WaitReason;
    (void)WaitMode;
    (void)Alertable;
    return wait_for(&Object, 1, false, Timeout, "KeWaitForSingleObject");
}

NTSTATUS NTAPI KeWaitForMultipleObjects(ULONG Count, PVOID Object[], WAIT_TYPE WaitType, KWAIT_REASON WaitReason,
                                        KPROCESSOR_MODE WaitMode, BOOLEAN Alertable, PLARGE_INTEGER Timeout,
                                        PKWAIT_BLOCK WaitBlockArray)
{
    (void)WaitReason;
    (void)WaitMode;
    (void)Alertable;
    if (Count == 0 || Count > MAXIMUM_WAIT_OBJECTS || (Count > THREAD_WAIT_OBJECTS && !WaitBlockArray))
        return STATUS_INVALID_PARAMETER;
    return wait_for(Object, Count, WaitType == WaitAll, Timeout, "KeWaitForMultipleObjects");
}

NTSTATUS NTAPI KeDelayExecutionThread(KPROCESSOR_MODE WaitMode, BOOLEAN Alertable, PLARGE_INTEGER Interval)
{
    KEVENT never;
    void *object = &never;
    (void)WaitMode;
    (void)Alertable;
    KeInitializeEvent(&never, NotificationEvent, FALSE);
    wait_for(&object, 1, false, Interval, "KeDelayExecutionThread");
    return STATUS_SUCCESS;
}

/* ---- events ---- */

static void need_resident(const void *object, enum resident what)
{
    if (wdm_current())
        pool_need_resident(wdm_self(), object, what);
}

VOID NTAPI KeInitializeEvent(PRKEVENT Event, EVENT_TYPE Type, BOOLEAN State)
{
    need_resident(Event, RESIDENT_EVENT);
    wait_header_init(&Event->Header, Type == SynchronizationEvent ? TYPE_EVENT_SYNCHRONIZATION : TYPE_EVENT_NOTIFICATION,
                State != 0);
}

static LONG set_state(KEVENT *event, LONG state, const char *what)
{
    struct wdm_machine *m = wdm_self()->machine;
    if (!wait_header_is(&event->Header, TYPE_EVENT_NOTIFICATION, TYPE_EVENT_SYNCHRONIZATION, what))
        return 0;
    wdm_need_irql(DISPATCH_LEVEL, what);
    pthread_mutex_lock(&m->lock);
    LONG old = event->Header.SignalState;
    event->Header.SignalState = state;
    if (state)
        wait_wake_locked(m, event);
    pthread_mutex_unlock(&m->lock);
    return old;
}

LONG NTAPI KeSetEvent(PRKEVENT Event, KPRIORITY Increment, BOOLEAN Wait)
{
    (void)Increment;
    if (Wait)
        wdm_need_irql(PASSIVE_LEVEL, "KeSetEvent with Wait");
    return set_state(Event, 1, "KeSetEvent");
}

LONG NTAPI KeResetEvent(PRKEVENT Event) { return set_state(Event, 0, "KeResetEvent"); }

VOID NTAPI KeClearEvent(PRKEVENT Event) { set_state(Event, 0, "KeClearEvent"); }

LONG NTAPI KeReadStateEvent(PRKEVENT Event)
{
    struct wdm_machine *m = wdm_self()->machine;
    time_polled(wdm_self());
    pthread_mutex_lock(&m->lock);
    LONG state = Event->Header.SignalState;
    pthread_mutex_unlock(&m->lock);
    return state;
}

/* ---- semaphores and mutexes ---- */

VOID NTAPI KeInitializeSemaphore(PRKSEMAPHORE Semaphore, LONG Count, LONG Limit)
{
    need_resident(Semaphore, RESIDENT_SEMAPHORE);
    wait_header_init(&Semaphore->Header, TYPE_SEMAPHORE, Count);
    Semaphore->Limit = Limit;
}

LONG NTAPI KeReleaseSemaphore(PRKSEMAPHORE Semaphore, KPRIORITY Increment, LONG Adjustment, BOOLEAN Wait)
{
    struct wdm_machine *m = wdm_self()->machine;
    (void)Increment;
    (void)Wait;
    if (!wait_header_is(&Semaphore->Header, TYPE_SEMAPHORE, TYPE_SEMAPHORE, "KeReleaseSemaphore"))
        return 0;
    wdm_need_irql(DISPATCH_LEVEL, "KeReleaseSemaphore");
    pthread_mutex_lock(&m->lock);
    LONG old = Semaphore->Header.SignalState;
    bool over = Adjustment <= 0 || old > Semaphore->Limit - Adjustment;
    if (!over) {
        Semaphore->Header.SignalState = old + Adjustment;
        for (LONG i = 0; i < Adjustment; i++)
            wait_wake_locked(m, Semaphore);
    }
    pthread_mutex_unlock(&m->lock);
    if (over)
        wdm_broken(WDM_RULE_LOCK_MISUSE, "KeReleaseSemaphore: %d more than %d would pass the limit", (int)Adjustment, (int)old);
    return old;
}

VOID NTAPI KeInitializeMutex(PRKMUTEX Mutex, ULONG Level)
{
    (void)Level;
    need_resident(Mutex, RESIDENT_MUTEX);
    *Mutex = (KMUTANT){.OwnerThread = NULL};
    wait_header_init(&Mutex->Header, TYPE_MUTEX, 1);
}

LONG NTAPI KeReleaseMutex(PRKMUTEX Mutex, BOOLEAN Wait)
{
    struct wdm_thread *self = wdm_self();
    struct wdm_machine *m = self->machine;
    (void)Wait;
    if (!wait_header_is(&Mutex->Header, TYPE_MUTEX, TYPE_MUTEX, "KeReleaseMutex"))
        return 0;
    wdm_need_irql(DISPATCH_LEVEL, "KeReleaseMutex");
    pthread_mutex_lock(&m->lock);
    LONG old = Mutex->Header.SignalState;
    bool owned = Mutex->OwnerThread == thread_identity(self);
    if (owned && ++Mutex->Header.SignalState == 1) {
        Mutex->OwnerThread = NULL;
        wait_wake_locked(m, Mutex);
    }
    pthread_mutex_unlock(&m->lock);
    if (!owned)
        wdm_broken(WDM_RULE_LOCK_MISUSE, "mutex %p released by a thread that does not own it", (void *)Mutex);
    return old;
}

/* ---- fast mutexes ---- */

VOID NTAPI ExAcquireFastMutex(PFAST_MUTEX FastMutex)
{
    struct wdm_thread *self = wdm_self();
    if (!wdm_need_irql(APC_LEVEL, "ExAcquireFastMutex"))
        return;
    if (__atomic_load_n(&FastMutex->Owner, __ATOMIC_RELAXED) == thread_identity(self)) {
        wdm_broken(WDM_RULE_LOCK_RECURSION, "fast mutex %p acquired by its owner", (void *)FastMutex);
        return;
    }
    if (InterlockedDecrement(&FastMutex->Count) < 0)
        KeWaitForSingleObject(&FastMutex->Event, Executive, KernelMode, FALSE, NULL);
    __atomic_store_n(&FastMutex->Owner, thread_identity(self), __ATOMIC_RELAXED);
    FastMutex->OldIrql = self->irql;
    self->irql = APC_LEVEL;
}

BOOLEAN NTAPI ExTryToAcquireFastMutex(PFAST_MUTEX FastMutex)
{
    struct wdm_thread *self = wdm_self();
    wdm_need_irql(APC_LEVEL, "ExTryToAcquireFastMutex");
    if (InterlockedCompareExchange(&FastMutex->Count, 0, 1) != 1)
        return FALSE;
    __atomic_store_n(&FastMutex->Owner, thread_identity(self), __ATOMIC_RELAXED);
    FastMutex->OldIrql = self->irql;
    self->irql = APC_LEVEL;
    return TRUE;
}

VOID NTAPI ExReleaseFastMutex(PFAST_MUTEX FastMutex)
{
    struct wdm_thread *self = wdm_self();
    if (__atomic_load_n(&FastMutex->Owner, __ATOMIC_RELAXED) != thread_identity(self)) {
        wdm_broken(WDM_RULE_LOCK_MISUSE, "fast mutex %p released by a thread that does not own it", (void *)FastMutex);
        return;
    }
    ULONG irql = FastMutex->OldIrql;
    __atomic_store_n(&FastMutex->Owner, NULL, __ATOMIC_RELAXED);
    if (InterlockedIncrement(&FastMutex->Count) <= 0)
        KeSetEvent(&FastMutex->Event, IO_NO_INCREMENT, FALSE);
    irql_lower(self, irql);
}
