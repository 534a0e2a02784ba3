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
    CHECK(wdm_run_idle(machine, 0));
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

int main(void)
{
    RUN(test_dpc_order);
    RUN(test_timers);
    RUN(test_initialised_again);
    RUN(test_work);
    RUN(test_waits);
    RUN(test_mutex);
    return tap_done();
}
