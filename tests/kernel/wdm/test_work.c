/* SPDX-License-Identifier: MIT */
/*
 * Work items in virtual time run on threads of their own, as the system's worker threads do (WDK, System Worker Threads): a lock
 * that the thread which queued them holds is held against them, and one that waits holds up nobody.
 */
#include <string.h>

#include "kernel/wdm/given.h"
#include "kernel/wdm/trace.h"
#include "wdm_rig.h"

static struct wdm_machine *machine;
static WORK_QUEUE_ITEM item;
static KMUTEX mutex;
static FAST_MUTEX fast;
static KEVENT event, done;
static KTIMER timer;
static KDPC dpc;
static int inside, both, runs;
static char order[64];

static void note(char what)
{
    size_t n = strlen(order);
    if (CHECK(n + 1 < sizeof order))
        order[n] = what;
}

static void start(void)
{
    machine = machine_open(WDM_VIRTUAL);
    inside = both = runs = 0;
    memset(order, 0, sizeof order);
    KeInitializeMutex(&mutex, 0);
    ExInitializeFastMutex(&fast);
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    KeInitializeEvent(&done, NotificationEvent, FALSE);
}

static int64_t passed_ms(void) { return (wdm_time_100ns(machine) - wdm_boot_100ns(machine)) / WDM_MS; }

static void delay(int ms)
{
    LARGE_INTEGER t = after_ms(ms);
    KeDelayExecutionThread(KernelMode, FALSE, &t);
}

static NTSTATUS wait(void *object) { return KeWaitForSingleObject(object, Executive, KernelMode, FALSE, NULL); }

static void queue(WORK_QUEUE_ITEM *what, PWORKER_THREAD_ROUTINE routine, void *context)
{
    ExInitializeWorkItem(what, routine, context);
    ExQueueWorkItem(what, DelayedWorkQueue);
}

/* ---- three kinds of lock, each held by the thread that queues the item, and waits ---- */

enum lock { MUTEX, FAST, EVENT, LOCKS };

static void lock(enum lock kind)
{
    if (kind == FAST)
        ExAcquireFastMutex(&fast);
    else
        CHECK_EQ(wait(kind == MUTEX ? (void *)&mutex : &event), STATUS_SUCCESS);
}

static void unlock(enum lock kind)
{
    if (kind == FAST)
        ExReleaseFastMutex(&fast);
    else if (kind == MUTEX)
        KeReleaseMutex(&mutex, FALSE);
    else
        KeSetEvent(&event, IO_NO_INCREMENT, FALSE);
}

static VOID NTAPI go_in(PVOID Context)
{
    enum lock kind = (enum lock)(ULONG_PTR)Context;
    runs++;
    lock(kind);
    both += inside;
    note('i');
    unlock(kind);
    KeSetEvent(&done, IO_NO_INCREMENT, FALSE);
}

static void test_exclusion(void)
{
    for (int kind = 0; kind < LOCKS; kind++) {
        start();
        KeInitializeEvent(&event, SynchronizationEvent, TRUE);
        lock((enum lock)kind);
        inside = 1;
        queue(&item, go_in, (PVOID)(ULONG_PTR)kind);
        delay(1);
        CHECK_EQ(runs, 1); /* it has begun, and waits */
        CHECK_STR(order, "");
        CHECK_EQ(passed_ms(), 1);
        for (int i = 0; i < 5000; i++) { /* a loop on the clock lets it run as well */
            LARGE_INTEGER now;
            KeQuerySystemTime(&now);
        }
        note('m');
        inside = 0;
        unlock((enum lock)kind);
        CHECK_EQ(wait(&done), STATUS_SUCCESS);
        CHECK_STR(order, "mi");
        CHECK_EQ(both, 0);
        CHECK(wdm_work_settle(machine));
        machine_close(machine);
    }
}

static VOID NTAPI take_twice(PVOID Context)
{
    (void)Context;
    CHECK_EQ(wait(&mutex), STATUS_SUCCESS);
    CHECK_EQ(wait(&mutex), STATUS_SUCCESS);
    delay(2);
    KeReleaseMutex(&mutex, FALSE);
    delay(2);
    note('i');
    KeReleaseMutex(&mutex, FALSE);
}

/* The other way round: the item holds it over its waits, recursively. */
static void test_item_holds(void)
{
    start();
    queue(&item, take_twice, NULL);
    delay(1);
    CHECK_EQ(wait(&mutex), STATUS_SUCCESS);
    note('m');
    CHECK_EQ(passed_ms(), 4);
    KeReleaseMutex(&mutex, FALSE);
    CHECK_STR(order, "im");
    machine_close(machine);
}

/* ---- items among themselves ---- */

static VOID NTAPI again(PVOID Context)
{
    note((char)('0' + ++runs));
    if (runs < 5)
        ExQueueWorkItem(&item, DelayedWorkQueue);
    else
        KeSetEvent(Context, IO_NO_INCREMENT, FALSE);
}

static VOID NTAPI set_flag(PKDPC Dpc, PVOID DeferredContext, PVOID SystemArgument1, PVOID SystemArgument2)
{
    (void)Dpc, (void)SystemArgument1, (void)SystemArgument2;
    *(LONG *)DeferredContext = 1;
}

static LONG flag;
static VOID NTAPI until_flag(PVOID Context)
{
    runs++;
    if (flag)
        KeSetEvent(Context, IO_NO_INCREMENT, FALSE);
    else
        ExQueueWorkItem(&item, DelayedWorkQueue);
}

static void test_queues_itself(void)
{
    start();
    queue(&item, again, &done);
    CHECK_EQ(wait(&done), STATUS_SUCCESS);
    CHECK_STR(order, "12345");
    CHECK_EQ(passed_ms(), 0);
    /* It waits so for a timer: time passes all the same. */
    flag = 0;
    KeClearEvent(&done);
    KeInitializeTimer(&timer);
    KeInitializeDpc(&dpc, set_flag, &flag);
    KeSetTimer(&timer, after_ms(3), &dpc);
    queue(&item, until_flag, &done);
    CHECK_EQ(wait(&done), STATUS_SUCCESS);
    CHECK_EQ(passed_ms(), 3);
    CHECK(runs > 1000 && runs < 10000);
    machine_close(machine);
}

static VOID NTAPI wait_event(PVOID Context)
{
    note('a');
    CHECK_EQ(wait(&event), STATUS_SUCCESS);
    note('b');
    KeSetEvent(Context, IO_NO_INCREMENT, FALSE);
}

static VOID NTAPI set_event(PVOID Context)
{
    note('s');
    KeSetEvent(Context, IO_NO_INCREMENT, FALSE);
}

/* An item waits for what the main thread, or another item behind it, does. */
static void test_item_waits(void)
{
    WORK_QUEUE_ITEM other;
    start();
    queue(&item, wait_event, &done);
    delay(1);
    CHECK_STR(order, "a");
    CHECK(!wdm_run_idle(machine, 1000)); /* as long as it waits */
    wdm_run_until(machine, wdm_time_100ns(machine) + 3600 * 1000 * WDM_MS); /* however long that is */
    CHECK_STR(order, "a");
    KeSetEvent(&event, IO_NO_INCREMENT, FALSE);
    CHECK_EQ(wait(&done), STATUS_SUCCESS);
    CHECK_STR(order, "ab");
    CHECK(wdm_run_idle(machine, 0));
    KeClearEvent(&event);
    KeClearEvent(&done);
    queue(&item, wait_event, &done);
    queue(&other, set_event, &event);
    CHECK_EQ(wait(&done), STATUS_SUCCESS);
    CHECK_STR(order, "abasb");
    machine_close(machine);
}

static VOID NTAPI wait_and_count(PVOID Context)
{
    (void)Context;
    wait(&event);
    runs++;
}

/* More than there may be workers: the rest come when there is one. */
static void test_many(void)
{
    enum { MANY = 100 };
    static WORK_QUEUE_ITEM items[MANY];
    start();
    for (int i = 0; i < MANY; i++)
        queue(&items[i], wait_and_count, NULL);
    delay(1);
    CHECK_EQ(runs, 0);
    KeSetEvent(&event, IO_NO_INCREMENT, FALSE);
    CHECK(wdm_run_idle(machine, 0));
    CHECK_EQ(runs, MANY);
    machine_close(machine);
}

static VOID NTAPI terminates(PVOID Context)
{
    (void)Context;
    CHECK_EQ(PsTerminateSystemThread(STATUS_SUCCESS), STATUS_INVALID_PARAMETER); /* it is not the driver's */
    runs++;
}

static void test_terminates(void)
{
    start();
    for (int i = 0; i < 2; i++) {
        queue(&item, terminates, NULL);
        CHECK(wdm_run_idle(machine, 0));
    }
    CHECK_EQ(runs, 2);
    machine_close(machine);
}

/* ---- the same every time ---- */

static VOID NTAPI busy(PVOID Context)
{
    int n = (int)(ULONG_PTR)Context;
    for (int i = 0; i < 4; i++) {
        wdm_trace("test", "item", "\"n\":%d,\"i\":%d", n, i);
        CHECK_EQ(wait(&mutex), STATUS_SUCCESS);
        delay(n % 3);
        KeReleaseMutex(&mutex, FALSE);
        KeStallExecutionProcessor((ULONG)(n * 7 % 50));
    }
}

static VOID NTAPI busy_thread(PVOID Context)
{
    busy(Context);
    wdm_broken(WDM_RULE_HARDWARE, "said by a thread");
}

static char traces[2][100000];
static size_t written;
static void keep_line(void *ctx, const char *line)
{
    int n = snprintf((char *)ctx + written, sizeof traces[0] - written, "%s\n", line);
    written += (size_t)n < sizeof traces[0] - written ? (size_t)n : 0;
}

static void test_same_every_time(void)
{
    unsigned numbers[2][4];
    for (int run = 0; run < 2; run++) {
        WORK_QUEUE_ITEM items[6];
        HANDLE threads[4];
        struct wdm_breach breach;
        start();
        written = 0;
        wdm_trace_live(machine, keep_line, traces[run]);
        for (int i = 0; i < 6; i++)
            queue(&items[i], busy, (PVOID)(ULONG_PTR)i);
        for (int i = 0; i < 4; i++)
            CHECK_EQ(PsCreateSystemThread(&threads[i], 0, NULL, NULL, NULL, busy_thread, (PVOID)(ULONG_PTR)(10 + i)),
                     STATUS_SUCCESS);
        wdm_run_until(machine, wdm_time_100ns(machine) + 1000 * WDM_MS);
        CHECK(wdm_run_idle(machine, 0));
        for (unsigned i = 0; i < 4; i++) {
            CHECK(wdm_rule_breach(machine, i, &breach));
            numbers[run][i] = breach.thread;
            ZwClose(threads[i]);
        }
        wdm_trace_live(machine, NULL, NULL);
        machine_close(machine);
    }
    CHECK(written > 1000);
    CHECK_STR(traces[0], traces[1]);
    CHECK(memcmp(numbers[0], numbers[1], sizeof numbers[0]) == 0);
}

/* ---- what is told ---- */

static VOID NTAPI never(PVOID Context)
{
    KEVENT nobodys;
    CHECK_EQ(wait(&mutex), STATUS_SUCCESS);
    KeInitializeEvent(&nobodys, NotificationEvent, FALSE);
    do
        runs += wait(&nobodys) == STATUS_UNSUCCESSFUL;
    while (Context);
    KeReleaseMutex(&mutex, FALSE);
}

/* Who waits for ever is told, not who waits for it. */
static void test_waits_for_ever(void)
{
    struct wdm_breach breach;
    start();
    queue(&item, never, NULL);
    delay(1);
    CHECK_EQ(wait(&mutex), STATUS_SUCCESS);
    KeReleaseMutex(&mutex, FALSE);
    CHECK_EQ(runs, 1);
    only_broken(machine, WDM_RULE_BLOCKING, 1);
    CHECK(wdm_rule_breach(machine, 0, &breach) && breach.thread == 2);
    wdm_rule_reset(machine);
    /* with a periodic timer, too, which keeps the machine alive */
    KeInitializeTimer(&timer);
    KeSetTimerEx(&timer, after_ms(100), 100, NULL);
    queue(&item, never, NULL);
    delay(1);
    CHECK_EQ(wait(&mutex), STATUS_SUCCESS);
    KeReleaseMutex(&mutex, FALSE);
    KeCancelTimer(&timer);
    only_broken(machine, WDM_RULE_BLOCKING, 1);
    wdm_rule_reset(machine);
    machine_close(machine);
}

static VOID NTAPI delay_device(PDEVICE_OBJECT DeviceObject, PVOID Context)
{
    (void)DeviceObject;
    delay(5000);
    IoFreeWorkItem(Context);
    note('e');
}

/* At unload: one that is queued; one that waits, with a time limit and without; a device's, which holds the driver. */
static void test_unload(void)
{
    struct wdm_breach breach;
    start();
    queue(&item, go_in, (PVOID)MUTEX);
    CHECK_EQ(wdm_report_queued(machine, NULL, SIZE_MAX, "unload"), 1);
    CHECK(wdm_work_settle(machine));
    CHECK_EQ(runs, 0);
    only_broken(machine, WDM_RULE_STILL_QUEUED, 1);
    wdm_rule_reset(machine);

    PIO_WORKITEM io = IoAllocateWorkItem(NULL);
    IoQueueWorkItem(io, delay_device, DelayedWorkQueue, io);
    delay(1);
    CHECK_EQ(wdm_report_queued(machine, NULL, SIZE_MAX, "unload"), 0);
    CHECK_EQ(wdm_threads_settle(machine), 0);
    CHECK(wdm_work_settle(machine));
    CHECK_STR(order, "e");
    only_broken(machine, WDM_RULE_NONE, 0);

    queue(&item, take_twice, NULL);
    delay(1);
    CHECK(wdm_work_settle(machine));
    CHECK_STR(order, "ei");
    only_broken(machine, WDM_RULE_STILL_QUEUED, 1);
    CHECK(wdm_rule_breach(machine, 0, &breach) && strstr(breach.text, "has not ended at unload"));
    CHECK_STR(breach.how, "queued in");
    wdm_rule_reset(machine);

    queue(&item, never, NULL);
    delay(1);
    CHECK(wdm_work_settle(machine));
    CHECK_EQ(wdm_rule_count(machine, WDM_RULE_BLOCKING), 1);
    CHECK_EQ(wdm_rule_count(machine, WDM_RULE_STILL_QUEUED), 1);
    wdm_rule_reset(machine);
    machine_close(machine);
}

/* It does not take no for an answer: after some times it is left where it is, and so is the machine's memory. */
static void test_insists(void)
{
    static struct wdm_config quiet = {.print = NULL};
    CHECK_EQ(wdm_machine_create(&quiet, &machine, NULL), DM_OK);
    wdm_enter(machine);
    KeInitializeMutex(&mutex, 0);
    runs = 0;
    queue(&item, never, (PVOID)1);
    delay(1);
    CHECK_EQ(wait(&mutex), STATUS_UNSUCCESSFUL);
    CHECK_EQ(wdm_rule_count(machine, WDM_RULE_BLOCKING), 9);
    CHECK_EQ(runs, 8);
    CHECK(!wdm_work_settle(machine));
    wdm_leave();
    wdm_machine_destroy(machine);
}

int main(void)
{
    RUN(test_exclusion);
    RUN(test_item_holds);
    RUN(test_queues_itself);
    RUN(test_item_waits);
    RUN(test_many);
    RUN(test_terminates);
    RUN(test_same_every_time);
    RUN(test_waits_for_ever);
    RUN(test_unload);
    RUN(test_insists);
    return tap_done();
}
