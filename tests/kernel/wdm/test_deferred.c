/* SPDX-License-Identifier: MIT */
/* Timers, DPCs and work items in virtual time: what runs when, and in which order (spec/ddi-kernel.md 11.3). */
#include "wdm_rig.h"

static char order[256];
static int64_t times[64];
static unsigned runs, irqls[64];
static struct wdm_machine *machine;

static VOID NTAPI note(PKDPC Dpc, PVOID DeferredContext, PVOID SystemArgument1, PVOID SystemArgument2)
{
    (void)Dpc;
    (void)SystemArgument2;
    times[runs] = wdm_time_100ns(machine) - wdm_boot_100ns(machine);
    irqls[runs] = KeGetCurrentIrql();
    order[runs++] = SystemArgument1 ? *(const char *)SystemArgument1 : *(const char *)DeferredContext;
    order[runs] = 0;
}

static VOID NTAPI note_timer(PKDPC Dpc, PVOID DeferredContext, PVOID SystemArgument1, PVOID SystemArgument2)
{
    (void)SystemArgument1;
    (void)SystemArgument2;
    note(Dpc, DeferredContext, NULL, NULL);
}

static void start(void)
{
    machine = machine_open(WDM_VIRTUAL);
    runs = 0;
    order[0] = 0;
}

static void test_dpc_order(void)
{
    KDPC low, middle, high;
    start();
    KeInitializeDpc(&low, note, "l");
    KeInitializeDpc(&middle, note, "m");
    KeInitializeDpc(&high, note, "h");
    KeSetImportanceDpc(&low, LowImportance);
    KeSetImportanceDpc(&high, HighImportance);
    KIRQL old = KeRaiseIrqlToDpcLevel();
    CHECK_EQ(old, PASSIVE_LEVEL);
    CHECK(KeInsertQueueDpc(&low, NULL, NULL));
    CHECK(KeInsertQueueDpc(&middle, "1", NULL));
    CHECK(!KeInsertQueueDpc(&middle, "2", NULL)); /* coalesced: runs once, with the first arguments */
    CHECK(KeInsertQueueDpc(&high, NULL, NULL));
    CHECK_STR(order, "");
    KeLowerIrql(old);
    CHECK_STR(order, "hl1");
    CHECK_EQ(irqls[0], DISPATCH_LEVEL);
    CHECK(KeInsertQueueDpc(&low, NULL, NULL)); /* at PASSIVE at once, as on one processor */
    CHECK_STR(order, "hl1l");
    KeRaiseIrql(DISPATCH_LEVEL, &old);
    KeInsertQueueDpc(&low, NULL, NULL);
    CHECK(KeRemoveQueueDpc(&low));
    CHECK(!KeRemoveQueueDpc(&low));
    KeLowerIrql(old);
    CHECK_STR(order, "hl1l");
    machine_close(machine);
}

static void test_timers(void)
{
    KTIMER a, b, c;
    KDPC da, db, dc;
    start();
    KeInitializeTimer(&a);
    KeInitializeTimerEx(&b, SynchronizationTimer);
    KeInitializeTimer(&c);
    KeInitializeDpc(&da, note_timer, "a");
    KeInitializeDpc(&db, note_timer, "b");
    KeInitializeDpc(&dc, note_timer, "c");
    CHECK(!KeSetTimer(&a, after_ms(5), &da));
    CHECK(!KeSetTimerEx(&b, after_ms(1), 2, &db)); /* 1, 3, 5, 7 ms */
    CHECK(!KeSetTimer(&c, in_100ns(wdm_boot_100ns(machine) + 50000), &dc)); /* 5 ms, absolute */
    CHECK(KeSetTimer(&a, after_ms(4), &da));                                 /* replaces */
    CHECK_EQ(wdm_next_due(machine), wdm_boot_100ns(machine) + 10000);
    wdm_run_until(machine, wdm_boot_100ns(machine) + 80000);
    CHECK_STR(order, "bbacbb"); /* c was armed at 0, b for 5 ms at 3 ms */
    CHECK_EQ(times[2], 40000);
    CHECK_EQ(times[3], 50000);
    CHECK_EQ(times[5], 70000);
    CHECK_EQ(wdm_time_100ns(machine), wdm_boot_100ns(machine) + 80000);
    CHECK(KeReadStateTimer(&a));
    CHECK(!KeCancelTimer(&a));
    CHECK(KeCancelTimer(&b));
    wdm_run_until(machine, wdm_boot_100ns(machine) + 200000);
    CHECK_EQ(runs, 6);
    CHECK(!KeSetTimer(&a, in_100ns(0), &da)); /* due 0: at once */
    CHECK_EQ(runs, 7);
    machine_close(machine);
}

static VOID NTAPI free_self(PDEVICE_OBJECT DeviceObject, PVOID Context)
{
    (void)DeviceObject;
    irqls[runs] = KeGetCurrentIrql();
    order[runs++] = 'w';
    order[runs] = 0;
    IoFreeWorkItem(Context);
}

static VOID NTAPI plain_work(PVOID Parameter)
{
    LARGE_INTEGER t = after_ms(3);
    order[runs++] = *(const char *)Parameter;
    KeDelayExecutionThread(KernelMode, FALSE, &t);
    times[runs] = wdm_time_100ns(machine) - wdm_boot_100ns(machine);
    order[runs++] = 'e';
    order[runs] = 0;
}

/* What is initialised again while it waits is taken out first, and told. */
static void test_initialised_again(void)
{
    KTIMER timer, other;
    KDPC dpc;
    start();
    KeInitializeTimer(&timer);
    KeInitializeTimer(&other);
    KeInitializeDpc(&dpc, note_timer, "t");
    KeSetTimer(&timer, after_ms(2), &dpc);
    KeSetTimer(&other, after_ms(3), &dpc);
    KeInitializeTimer(&timer);
    only_broken(machine, WDM_RULE_STILL_QUEUED, 1);
    wdm_run_until(machine, wdm_boot_100ns(machine) + 50000);
    CHECK_EQ(runs, 1);
    CHECK_EQ(times[0], 30000);
    KIRQL old = KeRaiseIrqlToDpcLevel();
    KeInsertQueueDpc(&dpc, NULL, NULL);
    KeInitializeDpc(&dpc, note_timer, "d");
    KeLowerIrql(old);
    CHECK_EQ(runs, 1);
    only_broken(machine, WDM_RULE_STILL_QUEUED, 2);
    wdm_rule_reset(machine);
    machine_close(machine);
}

static void test_work(void)
{
    WORK_QUEUE_ITEM item;
    start();
    PIO_WORKITEM io = IoAllocateWorkItem(NULL);
    ExInitializeWorkItem(&item, plain_work, "p");
    KIRQL old = KeRaiseIrqlToDpcLevel();
    IoQueueWorkItem(io, free_self, DelayedWorkQueue, io);
    ExQueueWorkItem(&item, CriticalWorkQueue);
    KeLowerIrql(old);
    CHECK_STR(order, "");
    CHECK(!wdm_run_idle(machine, 2));
    CHECK(wdm_run_idle(machine, 10));
    CHECK_STR(order, "wpe");
    CHECK_EQ(irqls[0], PASSIVE_LEVEL);
    CHECK_EQ(times[2], 30000);
    machine_close(machine);
}

static void test_waits(void)
{
    KTIMER timer;
    KEVENT event;
    KSEMAPHORE semaphore;
    LARGE_INTEGER none = in_100ns(0), two = after_ms(2);
    start();
    KeInitializeTimer(&timer);
    KeInitializeEvent(&event, SynchronizationEvent, FALSE);
    KeInitializeSemaphore(&semaphore, 1, 2);
    CHECK_EQ(KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, &none), STATUS_TIMEOUT);
    CHECK_EQ(KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, &two), STATUS_TIMEOUT);
    CHECK_EQ(wdm_time_100ns(machine) - wdm_boot_100ns(machine), 20000);
    KeSetTimer(&timer, after_ms(7), NULL);
    CHECK_EQ(KeWaitForSingleObject(&timer, Executive, KernelMode, FALSE, NULL), STATUS_SUCCESS);
    CHECK_EQ(wdm_time_100ns(machine) - wdm_boot_100ns(machine), 90000);
    CHECK_EQ(KeSetEvent(&event, 0, FALSE), 0);
    PVOID objects[] = {&event, &semaphore};
    CHECK_EQ(KeWaitForMultipleObjects(2, objects, WaitAll, Executive, KernelMode, FALSE, &none, NULL), STATUS_SUCCESS);
    CHECK_EQ(KeReadStateEvent(&event), 0);
    CHECK_EQ(KeReleaseSemaphore(&semaphore, 0, 1, FALSE), 0);
    CHECK_EQ(KeWaitForMultipleObjects(2, objects, WaitAll, Executive, KernelMode, FALSE, &none, NULL), STATUS_TIMEOUT);
    CHECK_EQ(KeWaitForMultipleObjects(2, objects, WaitAny, Executive, KernelMode, FALSE, &none, NULL), STATUS_WAIT_0 + 1);
    machine_close(machine);
}

static void test_mutex(void)
{
    KMUTEX mutex;
    FAST_MUTEX fast;
    start();
    KeInitializeMutex(&mutex, 0);
    for (int i = 0; i < 3; i++)
        CHECK_EQ(KeWaitForSingleObject(&mutex, Executive, KernelMode, FALSE, NULL), STATUS_SUCCESS);
    for (int i = 0; i < 3; i++)
        KeReleaseMutex(&mutex, FALSE);
    only_broken(machine, WDM_RULE_NONE, 0);
    KeReleaseMutex(&mutex, FALSE);
    only_broken(machine, WDM_RULE_LOCK_MISUSE, 1);
    wdm_rule_reset(machine);
    ExInitializeFastMutex(&fast);
    ExAcquireFastMutex(&fast);
    CHECK_EQ(KeGetCurrentIrql(), APC_LEVEL);
    CHECK(!ExTryToAcquireFastMutex(&fast));
    ExReleaseFastMutex(&fast);
    CHECK(ExTryToAcquireFastMutex(&fast));
    ExReleaseFastMutex(&fast);
    machine_close(machine);
}

/* ---- loops that wait for time to pass ---- */

static int64_t passed(void) { return wdm_time_100ns(machine) - wdm_boot_100ns(machine); }

enum clock { SYSTEM, INTERRUPT, COUNTER, TICKS, CLOCKS };

static int64_t read_clock(enum clock clock)
{
    LARGE_INTEGER now = {.QuadPart = 0};
    if (clock == SYSTEM)
        KeQuerySystemTime(&now);
    else if (clock == INTERRUPT)
        now.QuadPart = (LONGLONG)KeQueryInterruptTime();
    else if (clock == COUNTER)
        now = KeQueryPerformanceCounter(NULL);
    else
        KeQueryTickCount(&now);
    return clock == TICKS ? now.QuadPart * KeQueryTimeIncrement() : now.QuadPart;
}

/* A driver's call that does nothing but look at the clock for so long. */
static unsigned spin(enum clock clock, int64_t t_100ns)
{
    struct wdm_call call;
    unsigned reads = 0;
    wdm_call_begin(&call, "spin");
    for (int64_t from = read_clock(clock); read_clock(clock) - from < t_100ns;)
        reads++;
    wdm_call_end(&call);
    return reads;
}

/* Whichever clock: it ends, takes the same every time, and what is due meanwhile comes at its time. */
static void test_spin_on_a_clock(void)
{
    KTIMER timer;
    KDPC dpc;
    for (int clock = 0; clock < CLOCKS; clock++) {
        unsigned reads[2];
        for (int again = 0; again < 2; again++) {
            start();
            KeInitializeTimer(&timer);
            KeInitializeDpc(&dpc, note_timer, "t");
            KeSetTimerEx(&timer, after_ms(10), 10, &dpc);
            reads[again] = spin((enum clock)clock, 500000);
            CHECK(passed() >= 500000 && passed() < 500000 + 2 * 10000);
            CHECK(runs >= 4);
            for (unsigned i = 0; i < 4; i++)
                CHECK_EQ(times[i], (i + 1) * 100000);
            KeCancelTimer(&timer);
            machine_close(machine);
        }
        CHECK_EQ(reads[0], reads[1]);
    }
}

static void test_spin_at_dispatch(void)
{
    KTIMER timer;
    KDPC dpc;
    start();
    KeInitializeTimer(&timer);
    KeInitializeDpc(&dpc, note_timer, "t");
    KeSetTimer(&timer, after_ms(1), &dpc);
    KIRQL old = KeRaiseIrqlToDpcLevel();
    spin(SYSTEM, 20000);
    CHECK_EQ(runs, 0);
    KeLowerIrql(old);
    CHECK_EQ(runs, 1);
    CHECK(times[0] >= 20000 && times[0] < 20100);
    machine_close(machine);
}

static VOID NTAPI set_flag(PVOID Context)
{
    LARGE_INTEGER t = after_ms(1);
    KeDelayExecutionThread(KernelMode, FALSE, &t);
    *(volatile LONG *)Context = 1;
}

/* On objects; and on a thread and a work item, which have their turn in between. */
static void test_spin_on_states(void)
{
    LARGE_INTEGER none = in_100ns(0);
    KTIMER timer;
    HANDLE thread;
    WORK_QUEUE_ITEM item;
    volatile LONG threaded = 0, worked = 0;
    start();
    KeInitializeTimer(&timer);
    KeSetTimer(&timer, after_ms(3), NULL);
    while (!KeReadStateTimer(&timer))
        ;
    CHECK_EQ(passed(), 30000);
    KeSetTimer(&timer, after_ms(3), NULL);
    while (KeWaitForSingleObject(&timer, Executive, KernelMode, FALSE, &none) == STATUS_TIMEOUT)
        ;
    CHECK_EQ(passed(), 60000);
    CHECK_EQ(PsCreateSystemThread(&thread, 0, NULL, NULL, NULL, set_flag, (PVOID)&threaded), STATUS_SUCCESS);
    ExInitializeWorkItem(&item, set_flag, (PVOID)&worked);
    ExQueueWorkItem(&item, DelayedWorkQueue);
    int64_t limit = read_clock(SYSTEM) + 1000000;
    while ((!threaded || !worked) && read_clock(SYSTEM) < limit)
        ;
    CHECK(threaded && worked);
    ZwClose(thread);
    machine_close(machine);
}

static VOID NTAPI set_event(PVOID Context) { KeSetEvent(Context, IO_NO_INCREMENT, FALSE); }

/* With a fast mutex held, at APC_LEVEL, the threads run as well; one that wants the mutex waits for it. */
static FAST_MUTEX fast;
static VOID NTAPI want_fast(PVOID Context)
{
    ExAcquireFastMutex(&fast);
    order[runs++] = 'w';
    order[runs] = 0;
    ExReleaseFastMutex(&fast);
    KeSetEvent(Context, IO_NO_INCREMENT, FALSE);
}
static void test_spin_at_apc(void)
{
    KEVENT event, over;
    HANDLE threads[2];
    start();
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    KeInitializeEvent(&over, NotificationEvent, FALSE);
    ExInitializeFastMutex(&fast);
    CHECK_EQ(PsCreateSystemThread(&threads[0], 0, NULL, NULL, NULL, want_fast, &over), STATUS_SUCCESS);
    CHECK_EQ(PsCreateSystemThread(&threads[1], 0, NULL, NULL, NULL, set_event, &event), STATUS_SUCCESS);
    ExAcquireFastMutex(&fast);
    CHECK_EQ(KeGetCurrentIrql(), APC_LEVEL);
    while (!KeReadStateEvent(&event))
        ;
    CHECK_STR(order, "");
    ExReleaseFastMutex(&fast);
    CHECK_EQ(KeWaitForSingleObject(&over, Executive, KernelMode, FALSE, NULL), STATUS_SUCCESS);
    CHECK_STR(order, "w");
    wdm_run_idle(machine, 0);
    ZwClose(threads[0]);
    ZwClose(threads[1]);
    machine_close(machine);
}

/* Stamps are no loop: as many as there may be in a call, in call after call. */
static void test_stamps_take_no_time(void)
{
    struct wdm_call call;
    start();
    for (int i = 0; i < 100; i++) {
        wdm_call_begin(&call, "stamps");
        for (int n = 0; n < 900; n++)
            CHECK(read_clock(INTERRUPT) == 0);
        wdm_call_end(&call);
    }
    LARGE_INTEGER t = after_ms(1);
    for (int i = 1; i < 100; i++) { /* a thread without calls: time passes otherwise */
        KeDelayExecutionThread(KernelMode, FALSE, &t);
        for (int n = 0; n < 900; n++)
            CHECK(read_clock(INTERRUPT) == i * 10000);
    }
    machine_close(machine);
}

/* More than the queue has room for at first, in the order of their times. */
static void test_many(void)
{
    enum { MANY = 500 };
    static KTIMER timers[MANY];
    struct wdm_machine *m = machine_open(WDM_VIRTUAL);
    for (int i = 0; i < MANY; i++) {
        KeInitializeTimer(&timers[i]);
        KeSetTimer(&timers[i], after_ms(1 + i * 7 % MANY), NULL);
    }
    int64_t start = wdm_time_100ns(m);
    for (int ms = 1; ms <= MANY; ms++) {
        int expired = 0;
        CHECK_EQ(wdm_next_due(m), start + ms * WDM_MS);
        wdm_run_until(m, start + ms * WDM_MS);
        for (int i = 0; i < MANY; i++)
            expired += KeReadStateTimer(&timers[i]);
        CHECK_EQ(expired, ms);
    }
    machine_close(m);
}

int main(void)
{
    RUN(test_many);
    RUN(test_dpc_order);
    RUN(test_timers);
    RUN(test_initialised_again);
    RUN(test_work);
    RUN(test_waits);
    RUN(test_mutex);
    RUN(test_spin_on_a_clock);
    RUN(test_spin_at_dispatch);
    RUN(test_spin_on_states);
    RUN(test_spin_at_apc);
    RUN(test_stamps_take_no_time);
    return tap_done();
}
