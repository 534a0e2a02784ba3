/* SPDX-License-Identifier: MIT */
/* Real time: timers, DPCs, work items, locks, waits, interrupts and pool from several threads at once. */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "kernel/wdm/device.h"
#include "wdm_rig.h"

#define THREADS 4
#define ROUNDS  400

static struct wdm_machine *machine;
static KSPIN_LOCK lock;
static long guarded; /* by lock */
static atomic_long dpc_runs, work_runs, dpcs_at_once, overlaps;

static VOID NTAPI dpc_routine(PKDPC Dpc, PVOID DeferredContext, PVOID SystemArgument1, PVOID SystemArgument2)
{
    (void)Dpc;
    (void)DeferredContext;
    (void)SystemArgument1;
    (void)SystemArgument2;
    atomic_fetch_add(&overlaps, atomic_fetch_add(&dpcs_at_once, 1));
    KeAcquireSpinLockAtDpcLevel(&lock);
    guarded++;
    KeReleaseSpinLockFromDpcLevel(&lock);
    atomic_fetch_add(&dpc_runs, 1);
    atomic_fetch_sub(&dpcs_at_once, 1);
}

static VOID NTAPI work_routine(PDEVICE_OBJECT DeviceObject, PVOID Context)
{
    KIRQL old;
    (void)DeviceObject;
    KeAcquireSpinLock(&lock, &old);
    guarded++;
    KeReleaseSpinLock(&lock, old);
    atomic_fetch_add(&work_runs, 1);
    IoFreeWorkItem(Context);
}

static KDPC shared_dpc;
static KMUTEX mutex;
static long by_mutex;

static void *pound(void *ctx)
{
    long *direct = ctx;
    KTIMER timer;
    KDPC dpc;
    wdm_enter(machine);
    KeInitializeTimer(&timer);
    KeInitializeDpc(&dpc, dpc_routine, NULL);
    for (int i = 0; i < ROUNDS; i++) {
        KIRQL old;
        KeSetTimer(&timer, in_100ns(-(i % 7) * 1000), &dpc);
        KeInsertQueueDpc(&shared_dpc, NULL, NULL);
        PIO_WORKITEM item = IoAllocateWorkItem(NULL);
        IoQueueWorkItem(item, work_routine, DelayedWorkQueue, item);
        KeAcquireSpinLock(&lock, &old);
        guarded++;
        ++*direct;
        KeReleaseSpinLock(&lock, old);
        KeWaitForSingleObject(&mutex, Executive, KernelMode, FALSE, NULL);
        by_mutex++;
        KeReleaseMutex(&mutex, FALSE);
        if (i % 3 == 0)
            KeCancelTimer(&timer);
    }
    KeCancelTimer(&timer);
    KeFlushQueuedDpcs();
    wdm_leave();
    return NULL;
}

static void test_pound(void)
{
    pthread_t threads[THREADS];
    long direct[THREADS] = {0}, sum = 0;
    machine = machine_open(WDM_REAL);
    KeInitializeSpinLock(&lock);
    KeInitializeMutex(&mutex, 0);
    KeInitializeDpc(&shared_dpc, dpc_routine, NULL);
    for (int i = 0; i < THREADS; i++)
        CHECK_EQ(pthread_create(&threads[i], NULL, pound, &direct[i]), 0);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        sum += direct[i];
    }
    CHECK(wdm_run_idle(machine, 20000));
    CHECK_EQ(sum, THREADS * ROUNDS);
    CHECK_EQ(atomic_load(&work_runs), THREADS * ROUNDS);
    CHECK_EQ(by_mutex, THREADS * ROUNDS);
    CHECK_EQ(guarded, sum + atomic_load(&work_runs) + atomic_load(&dpc_runs));
    CHECK(atomic_load(&dpc_runs) > 0);
    CHECK_EQ(atomic_load(&overlaps), 0); /* DPCs are serialised */
    machine_close(machine);
}

/* ---- the time of timers ---- */

static KEVENT ticked;
static int64_t tick_times[16];
static unsigned ticks;

static VOID NTAPI tick(PKDPC Dpc, PVOID DeferredContext, PVOID SystemArgument1, PVOID SystemArgument2)
{
    (void)Dpc;
    (void)DeferredContext;
    (void)SystemArgument1;
    (void)SystemArgument2;
    if (ticks < 10)
        tick_times[ticks] = wdm_time_100ns(machine);
    if (++ticks == 10)
        KeSetEvent(&ticked, 0, FALSE);
}

static void test_timer_times(void)
{
    KTIMER timer;
    KDPC dpc;
    LARGE_INTEGER limit = after_ms(10000), brief = after_ms(3);
    machine = machine_open(WDM_REAL);
    KeInitializeEvent(&ticked, NotificationEvent, FALSE);
    KeInitializeTimer(&timer);
    KeInitializeDpc(&dpc, tick, NULL);
    int64_t start = wdm_time_100ns(machine);
    KeSetTimerEx(&timer, after_ms(5), 2, &dpc);
    CHECK_EQ(KeWaitForSingleObject(&ticked, Executive, KernelMode, FALSE, &limit), STATUS_SUCCESS);
    KeCancelTimer(&timer);
    KeFlushQueuedDpcs();
    for (int i = 0; i < 10; i++) /* never early; how late is the system's business */
        CHECK(tick_times[i] >= start + (5 + 2 * i) * WDM_MS);
    start = wdm_time_100ns(machine);
    KeDelayExecutionThread(KernelMode, FALSE, &brief);
    CHECK(wdm_time_100ns(machine) >= start + 3 * WDM_MS);
    start = wdm_time_100ns(machine);
    KeStallExecutionProcessor(300);
    CHECK(wdm_time_100ns(machine) >= start + 3000);
    machine_close(machine);
}

/* ---- an interrupt against synchronized routines ---- */

static long by_isr, isr_count; /* by the interrupt's lock */

static BOOLEAN NTAPI service(PKINTERRUPT Interrupt, PVOID ServiceContext)
{
    (void)Interrupt;
    (void)ServiceContext;
    wdm_interrupt_set(machine, 9, false);
    by_isr++;
    isr_count++;
    KeInsertQueueDpc(&shared_dpc, NULL, NULL);
    return TRUE;
}

static BOOLEAN NTAPI synchronized(PVOID SynchronizeContext)
{
    (void)SynchronizeContext;
    by_isr++;
    return KeGetCurrentIrql() == 6;
}

static void *raise_often(void *ctx)
{
    (void)ctx;
    for (int i = 0; i < ROUNDS; i++) {
        wdm_interrupt_set(machine, 9, true);
    }
    return NULL;
}

static void fire(void *ctx, int64_t now_100ns)
{
    struct wdm_alarm **alarm = ctx;
    (void)now_100ns;
    wdm_interrupt_set(machine, 9, true);
    wdm_alarm_set(*alarm, wdm_time_100ns(machine) + 1000);
}

static void test_interrupt(void)
{
    PKINTERRUPT interrupt;
    pthread_t thread;
    struct wdm_alarm *alarm;
    long calls = 0;
    machine = machine_open(WDM_REAL);
    atomic_store(&dpc_runs, 0);
    KeInitializeDpc(&shared_dpc, dpc_routine, NULL);
    CHECK_EQ(IoConnectInterrupt(&interrupt, service, NULL, NULL, 9, 6, 6, LevelSensitive, FALSE, 1, FALSE), STATUS_SUCCESS);
    alarm = wdm_alarm_create(machine, fire, &alarm);
    wdm_alarm_set(alarm, 0);
    CHECK_EQ(pthread_create(&thread, NULL, raise_often, NULL), 0);
    for (int i = 0; i < ROUNDS; i++)
        calls += KeSynchronizeExecution(interrupt, synchronized, NULL);
    pthread_join(thread, NULL);
    wdm_alarm_destroy(alarm);
    wdm_interrupt_set(machine, 9, false);
    CHECK(wdm_run_idle(machine, 20000));
    IoDisconnectInterrupt(interrupt);
    CHECK_EQ(calls, ROUNDS);
    CHECK_EQ(by_isr, calls + isr_count);
    CHECK(isr_count > 0 && atomic_load(&dpc_runs) > 0);
    machine_close(machine);
}

/* ---- system threads ---- */

static KEVENT go;
static KSEMAPHORE went;

static VOID NTAPI runner(PVOID StartContext)
{
    (void)StartContext;
    KeWaitForSingleObject(&go, Executive, KernelMode, FALSE, NULL);
    KeReleaseSemaphore(&went, 0, 1, FALSE);
    PsTerminateSystemThread(STATUS_SUCCESS);
}

static void system_threads(enum wdm_time time)
{
    PVOID threads[3];
    KWAIT_BLOCK blocks[3];
    LARGE_INTEGER limit = after_ms(10000);
    machine = machine_open(time);
    KeInitializeEvent(&go, NotificationEvent, FALSE);
    KeInitializeSemaphore(&went, 0, 3);
    for (int i = 0; i < 3; i++) {
        HANDLE handle;
        CHECK_EQ(PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, NULL, NULL, NULL, runner, NULL), STATUS_SUCCESS);
        CHECK_EQ(ObReferenceObjectByHandle(handle, THREAD_ALL_ACCESS, NULL, KernelMode, &threads[i], NULL), STATUS_SUCCESS);
        CHECK_EQ(ZwClose(handle), STATUS_SUCCESS);
    }
    CHECK_EQ(wdm_threads_settle(machine), 3);
    CHECK_EQ(wdm_rule_count(machine, WDM_RULE_STILL_QUEUED), 3);
    wdm_rule_reset(machine);
    KeSetEvent(&go, 0, FALSE);
    CHECK_EQ(KeWaitForMultipleObjects(3, threads, WaitAll, Executive, KernelMode, FALSE, &limit, blocks), STATUS_SUCCESS);
    CHECK_EQ(went.Header.SignalState, 3);
    CHECK_EQ(wdm_threads_settle(machine), 0);
    for (int i = 0; i < 3; i++)
        ObDereferenceObject(threads[i]);
    machine_close(machine);
}

static void test_system_threads_real(void) { system_threads(WDM_REAL); }
static void test_system_threads_virtual(void) { system_threads(WDM_VIRTUAL); }

int main(void)
{
    RUN(test_pound);
    RUN(test_timer_times);
    RUN(test_interrupt);
    RUN(test_system_threads_real);
    RUN(test_system_threads_virtual);
    return tap_done();
}
