/* SPDX-License-Identifier: MIT */
/* Each rule that the kernel services can see: broken alone, and reported alone. */
#include <string.h>

#include "kernel/wdm/device.h"
#include "kernel/wdm/given.h"
#include "kernel/wdm/pnp.h"
#include "wdm_rig.h"

#define TAG(a, b, c, d) ((ULONG)(a) | (ULONG)(b) << 8 | (ULONG)(c) << 16 | (ULONG)(d) << 24)
#define ABCD TAG('a', 'b', 'c', 'd')

static struct wdm_machine *machine;

static void irql_left(void);

/* Run FN: rule RULE is broken TIMES times and no other. */
static void breaks(enum wdm_rule rule, uint64_t times, void (*fn)(void))
{
    machine = machine_open(WDM_VIRTUAL);
    fn();
    only_broken(machine, rule, times);
    struct wdm_breach breach;
    CHECK(wdm_rule_breach(machine, 0, &breach) && breach.text[0] && breach.rule == rule);
    CHECK_EQ(breach.thread, fn == irql_left ? 2 : 1); /* the worker's */
    wdm_rule_reset(machine);
    machine_close(machine);
}

static VOID NTAPI nothing(PKDPC Dpc, PVOID DeferredContext, PVOID SystemArgument1, PVOID SystemArgument2)
{
    (void)Dpc;
    (void)DeferredContext;
    (void)SystemArgument1;
    (void)SystemArgument2;
}

static void lower_upwards(void)
{
    KeLowerIrql(DISPATCH_LEVEL);
    KfRaiseIrql(DISPATCH_LEVEL);
    KeLowerIrql(PASSIVE_LEVEL);
}
static void raise_downwards(void)
{
    KIRQL old = KeRaiseIrqlToDpcLevel();
    KfRaiseIrql(PASSIVE_LEVEL);
    KeLowerIrql(old);
}
static void paged_pool_at_dispatch(void)
{
    KIRQL old = KeRaiseIrqlToDpcLevel();
    void *block = ExAllocatePoolWithTag(PagedPool, 8, 1);
    KeLowerIrql(old);
    ExFreePool(block);
}
static void zw_at_dispatch(void)
{
    UNICODE_STRING name;
    OBJECT_ATTRIBUTES attributes;
    HANDLE handle;
    RtlInitUnicodeString(&name, (PCWSTR)u"\\Registry\\Machine");
    InitializeObjectAttributes(&attributes, &name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    KIRQL old = KeRaiseIrqlToDpcLevel();
    CHECK_EQ(ZwOpenKey(&handle, KEY_READ, &attributes), STATUS_OBJECT_NAME_NOT_FOUND);
    KeLowerIrql(old);
}
static void test_rule_1(void)
{
    breaks(WDM_RULE_IRQL, 1, lower_upwards);
    breaks(WDM_RULE_IRQL, 1, raise_downwards);
    breaks(WDM_RULE_IRQL, 1, paged_pool_at_dispatch);
    breaks(WDM_RULE_IRQL, 1, zw_at_dispatch);
}

static void paged_code(void)
{
    PAGED_CODE();
    KIRQL old = KfRaiseIrql(APC_LEVEL);
    PAGED_CODE();
    KfRaiseIrql(DISPATCH_LEVEL);
    PAGED_CODE();
    KeLowerIrql(old);
}

struct in_pool {
    KTIMER timer;
    KDPC dpc;
    KEVENT event;
    KMUTEX mutex;
    KSEMAPHORE semaphore;
    WORK_QUEUE_ITEM work;
    KSPIN_LOCK lock, other;
};
static VOID NTAPI do_nothing(PVOID context) { (void)context; }
static void use(struct in_pool *all)
{
    KIRQL old;
    KeInitializeSpinLock(&all->lock);
    KeAcquireSpinLock(&all->lock, &old);
    KeReleaseSpinLock(&all->lock, old);
    KeInitializeTimer(&all->timer);
    KeInitializeDpc(&all->dpc, nothing, NULL);
    KeSetTimer(&all->timer, after_ms(1), &all->dpc);
    KeCancelTimer(&all->timer);
    KeInitializeEvent(&all->event, NotificationEvent, FALSE);
    KeInitializeMutex(&all->mutex, 0);
    KeInitializeSemaphore(&all->semaphore, 0, 1);
    ExInitializeWorkItem(&all->work, do_nothing, NULL);
    ExQueueWorkItem(&all->work, DelayedWorkQueue);
    wdm_run_idle(machine, 0);
}
/* Each kind once for a block, at whatever level; what lies beside it, behind it, or there after it, is not meant. */
static void in_paged_pool(void)
{
    static struct in_pool resident;
    struct wdm_breach breach;
    char text[WDM_BREACH_TEXT];
    void *around[3];
    for (int i = 0; i < 3; i++)
        around[i] = ExAllocatePoolWithTag(PagedPool, 40, ABCD);
    struct in_pool *good = ExAllocatePoolWithTag(NonPagedPool, sizeof *good, ABCD);
    struct in_pool *bad = ExAllocatePoolWithTag(PagedPool, sizeof *bad, ABCD);
    use(&resident);
    use(good);
    only_broken(machine, WDM_RULE_NONE, 0);
    use(bad);
    use(bad);
    CHECK(wdm_rule_breach(machine, 1, &breach));
    snprintf(text, sizeof text, "KTIMER %p in paged pool, in block %p of %zu bytes, tag 'abcd'", (void *)&bad->timer, (void *)bad,
             sizeof *bad);
    CHECK_STR(breach.text, text);
    CHECK_STR(breach.how, "allocated in");
    only_broken(machine, WDM_RULE_PAGED_CODE, 7);
    ExFreePool(bad);
    for (int i = 0; i < 3; i++)
        ExFreePool(around[i]);
    use(good);
    ExFreePool(good);
}
/* A lock that nobody initialised is seen when it is acquired, also where a lock was found resident before. */
static void acquired_in_paged_pool(void)
{
    KIRQL old;
    struct in_pool *block = ExAllocatePoolWithTag(NonPagedPool, sizeof *block, ABCD), *again = NULL;
    KeInitializeSpinLock(&block->lock);
    ExFreePool(block);
    again = ExAllocatePoolWithTag(PagedPool, sizeof *again, ABCD); /* as a rule at the same address */
    again->lock = 0;
    KeAcquireSpinLock(&again->lock, &old);
    KeReleaseSpinLock(&again->lock, old);
    ExFreePool(again);
}
static void test_rule_2(void)
{
    breaks(WDM_RULE_PAGED_CODE, 1, paged_code);
    breaks(WDM_RULE_PAGED_CODE, 7, in_paged_pool);
    breaks(WDM_RULE_PAGED_CODE, 1, acquired_in_paged_pool);
}

static VOID NTAPI forgets_to_lower(PDEVICE_OBJECT DeviceObject, PVOID Context)
{
    (void)DeviceObject;
    IoFreeWorkItem(Context);
    KeRaiseIrqlToDpcLevel();
}
static void irql_left(void)
{
    PIO_WORKITEM item = IoAllocateWorkItem(NULL);
    IoQueueWorkItem(item, forgets_to_lower, DelayedWorkQueue, item);
    CHECK(wdm_run_idle(machine, 0));
    CHECK_EQ(KeGetCurrentIrql(), PASSIVE_LEVEL);
}
static void test_rule_3(void) { breaks(WDM_RULE_IRQL_RESTORE, 1, irql_left); }

static KSPIN_LOCK lock;
static void recursion(void)
{
    KIRQL old, inner;
    KeInitializeSpinLock(&lock);
    KeAcquireSpinLock(&lock, &old);
    KeAcquireSpinLock(&lock, &inner);
    KeReleaseSpinLock(&lock, inner);
    KeReleaseSpinLock(&lock, old);
    CHECK_EQ(lock, 0);
}
static void test_rule_4(void) { breaks(WDM_RULE_LOCK_RECURSION, 1, recursion); }

static VOID NTAPI keeps_lock(PKDPC Dpc, PVOID DeferredContext, PVOID SystemArgument1, PVOID SystemArgument2)
{
    nothing(Dpc, DeferredContext, SystemArgument1, SystemArgument2);
    KeAcquireSpinLockAtDpcLevel(DeferredContext);
}
static void lock_kept(void)
{
    KDPC dpc;
    KeInitializeSpinLock(&lock);
    KeInitializeDpc(&dpc, keeps_lock, &lock);
    KeInsertQueueDpc(&dpc, NULL, NULL);
    CHECK_EQ(lock, 0); /* taken away from it */
}
static void lock_across(void)
{
    struct wdm_call call;
    KIRQL old;
    KeInitializeSpinLock(&lock);
    KeAcquireSpinLock(&lock, &old);
    wdm_call_begin(&call, "IMXF::PutMessage");
    wdm_call_end(&call);
    KeReleaseSpinLock(&lock, old);
}
static void test_rule_5(void)
{
    breaks(WDM_RULE_LOCK_ACROSS, 1, lock_kept);
    breaks(WDM_RULE_LOCK_ACROSS, 1, lock_across);
}

static void at_dpc_level_at_passive(void)
{
    KeInitializeSpinLock(&lock);
    KeAcquireSpinLockAtDpcLevel(&lock);
    KIRQL old = KeRaiseIrqlToDpcLevel();
    KeReleaseSpinLockFromDpcLevel(&lock);
    KeLowerIrql(old);
}
static void release_free(void)
{
    KeInitializeSpinLock(&lock);
    KIRQL old = KeRaiseIrqlToDpcLevel();
    KeReleaseSpinLock(&lock, old);
}
static void acquire_at_device_level(void)
{
    KIRQL old = KfRaiseIrql(DIRQL_FIRST), dispatch;
    KeInitializeSpinLock(&lock);
    KeAcquireSpinLock(&lock, &dispatch);
    CHECK_EQ(dispatch, DIRQL_FIRST);
    KeLowerIrql(DISPATCH_LEVEL);
    KeReleaseSpinLock(&lock, old);
}
static void at_dpc_level_above(void)
{
    KIRQL old = KfRaiseIrql(DIRQL_FIRST);
    KeInitializeSpinLock(&lock);
    KeAcquireSpinLockAtDpcLevel(&lock);
    KeReleaseSpinLockFromDpcLevel(&lock);
    KeLowerIrql(old);
}
/* WDK: KeAcquireSpinLockAtDpcLevel is for DISPATCH_LEVEL and above, but no executive spin lock may be acquired by a service routine or a
 * synchronized one. */
static BOOLEAN NTAPI locking_service(PKINTERRUPT Interrupt, PVOID ServiceContext)
{
    (void)Interrupt, (void)ServiceContext;
    KeAcquireSpinLockAtDpcLevel(&lock);
    KeReleaseSpinLockFromDpcLevel(&lock);
    return TRUE;
}
static BOOLEAN NTAPI trying_routine(PVOID SynchronizeContext)
{
    (void)SynchronizeContext;
    BOOLEAN got = KeTryToAcquireSpinLockAtDpcLevel(&lock);
    if (got)
        KeReleaseSpinLockFromDpcLevel(&lock);
    return got;
}
static void lock_in_interrupt(bool service)
{
    PKINTERRUPT interrupt;
    KeInitializeSpinLock(&lock);
    CHECK_EQ(IoConnectInterrupt(&interrupt, locking_service, NULL, NULL, 5, 7, 7, LevelSensitive, TRUE, 1, FALSE), STATUS_SUCCESS);
    if (service)
        wdm_interrupt_pulse(machine, 5);
    else
        CHECK_EQ(KeSynchronizeExecution(interrupt, trying_routine, NULL), TRUE);
    IoDisconnectInterrupt(interrupt);
}
static void lock_in_service(void) { lock_in_interrupt(true); }
static void lock_synchronized(void) { lock_in_interrupt(false); }
static void test_rule_6(void)
{
    machine = machine_open(WDM_VIRTUAL);
    at_dpc_level_above(); /* the forms that change no level may be used above, too */
    only_broken(machine, WDM_RULE_LOCK_MISUSE, 0);
    machine_close(machine);
    breaks(WDM_RULE_LOCK_MISUSE, 1, lock_in_service);
    breaks(WDM_RULE_LOCK_MISUSE, 1, lock_synchronized);
    breaks(WDM_RULE_LOCK_MISUSE, 1, at_dpc_level_at_passive);
    breaks(WDM_RULE_LOCK_MISUSE, 1, release_free);
    breaks(WDM_RULE_LOCK_MISUSE, 1, acquire_at_device_level);
}

static void leak(void)
{
    void *mine = ExAllocatePoolWithTag(NonPagedPool, 100, ABCD + 1);
    uint64_t mark = wdm_pool_mark(machine);
    void *blocks[5];
    for (int i = 0; i < 5; i++)
        blocks[i] = ExAllocatePoolWithTag(NonPagedPool, 8, i % 2 ? ABCD : ABCD + 2);
    CHECK_EQ(wdm_pool_report_leaks(machine, mark, UINT64_MAX, "mysynth"), 5);
    struct wdm_breach breach;
    CHECK(wdm_rule_breach(machine, 1, &breach));
    CHECK_STR(breach.text, "mysynth left 2 blocks of 16 bytes, tag 'abcd'");
    for (int i = 0; i < 5; i++)
        ExFreePool(blocks[i]);
    ExFreePoolWithTag(mine, ABCD + 1);
    CHECK_EQ(wdm_pool_report_leaks(machine, 0, UINT64_MAX, "mysynth"), 0);
}

static VOID NTAPI end_at_once(PVOID context)
{
    (void)context;
    PsTerminateSystemThread(STATUS_SUCCESS);
}

/* A request, handles of a key and of a thread: told by kind, unless they were there before. */
static void left(void)
{
    UNICODE_STRING name;
    OBJECT_ATTRIBUTES attributes;
    HANDLE keys[2], thread, before;
    struct wdm_breach breach;
    RtlInitUnicodeString(&name, (PCWSTR)u"\\Registry\\Machine\\Software");
    InitializeObjectAttributes(&attributes, &name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    CHECK_EQ(ZwCreateKey(&before, KEY_READ, &attributes, 0, NULL, 0, NULL), STATUS_SUCCESS);
    PIRP own = wdm_irp_make(1);
    uint64_t mark = wdm_pool_mark(machine);
    PIRP irp = IoAllocateIrp(2, FALSE), other = IoAllocateIrp(2, FALSE);
    PIRP hosts = wdm_irp_make(1);
    for (int i = 0; i < 2; i++)
        CHECK_EQ(ZwCreateKey(&keys[i], KEY_READ, &attributes, 0, NULL, 0, NULL), STATUS_SUCCESS);
    CHECK_EQ(PsCreateSystemThread(&thread, 0, NULL, NULL, NULL, end_at_once, NULL), STATUS_SUCCESS);
    CHECK_EQ(wdm_threads_settle(machine), 1); /* it has had no turn yet */
    wdm_rule_reset(machine);
    wdm_run_idle(machine, 0);
    IoFreeIrp(other);
    CHECK_EQ(wdm_given_report(machine, mark, UINT64_MAX, "mysynth"), 4);
    CHECK(wdm_rule_breach(machine, 0, &breach));
    CHECK_STR(breach.text, "mysynth left 1 IRP");
    CHECK_STR(breach.how, "made in");
    CHECK(wdm_rule_breach(machine, 1, &breach));
    CHECK_STR(breach.text, "mysynth left 2 registry key handles");
    CHECK_STR(breach.how, "the first made in");
    CHECK(wdm_rule_breach(machine, 2, &breach));
    CHECK_STR(breach.text, "mysynth left 1 thread handle");
    IoFreeIrp(irp);
    IoFreeIrp(own);
    IoFreeIrp(hosts);
    ZwClose(keys[0]);
    ZwClose(keys[1]);
    ZwClose(thread);
    ZwClose(before);
    CHECK_EQ(wdm_given_report(machine, 0, UINT64_MAX, "mysynth"), 0);
}

static void thread_referenced(void)
{
    HANDLE thread;
    void *object;
    struct wdm_breach breach;
    CHECK_EQ(PsCreateSystemThread(&thread, 0, NULL, NULL, NULL, end_at_once, NULL), STATUS_SUCCESS);
    CHECK_EQ(ObReferenceObjectByHandle(thread, 0, NULL, KernelMode, &object, NULL), STATUS_SUCCESS);
    ObReferenceObject(object);
    ZwClose(thread);
    wdm_run_idle(machine, 0);
    ObDereferenceObject(object);
    CHECK_EQ(wdm_given_report(machine, 0, UINT64_MAX, "mysynth"), 1);
    CHECK(wdm_rule_breach(machine, 0, &breach));
    CHECK_STR(breach.text, "mysynth left 1 referenced thread object");
    ObDereferenceObject(object);
    CHECK_EQ(wdm_given_report(machine, 0, UINT64_MAX, "mysynth"), 0);
}
static void test_rule_19(void) { breaks(WDM_RULE_REFERENCES, 1, thread_referenced); }
static void test_rule_7(void)
{
    breaks(WDM_RULE_POOL_LEAK, 2, leak);
    breaks(WDM_RULE_POOL_LEAK, 3, left);
}

static void free_twice(void)
{
    void *block = ExAllocatePool(NonPagedPool, 24);
    ExFreePool(block);
    ExFreePool(block);
}
static void free_foreign(void)
{
    static char elsewhere[32];
    ExFreePool(elsewhere);
}
static void free_other_tag(void) { ExFreePoolWithTag(ExAllocatePoolWithTag(NonPagedPool, 4, ABCD), TAG('d', 'c', 'b', 'a')); }
static void test_rule_8(void)
{
    breaks(WDM_RULE_POOL_FREE, 1, free_twice);
    breaks(WDM_RULE_POOL_FREE, 1, free_foreign);
    breaks(WDM_RULE_POOL_FREE, 1, free_other_tag);
}

static void overrun(void)
{
    for (size_t size = 1; size <= 3 * PAGE_SIZE; size += size < 40 ? 1 : 1777) {
        volatile char *block = ExAllocatePool(NonPagedPool, size);
        CHECK_EQ((uintptr_t)block % (2 * sizeof(void *)), 0);
        block[size - 1] = 1;
        block[0] = 1;
        CHECK_EQ(wdm_pool_check(machine), 0);
        ExFreePool((void *)block);
    }
    volatile char *behind = ExAllocatePool(NonPagedPool, 7), *before = ExAllocatePool(NonPagedPool, PAGE_SIZE);
    behind[7] = 0;
    before[-1] = 0;
    ExFreePool((void *)behind);
    ExFreePool((void *)before);
}
static void test_rule_9(void) { breaks(WDM_RULE_POOL_OVERRUN, 2, overrun); }

static void wait_at_dispatch(void)
{
    KEVENT event;
    LARGE_INTEGER zero = in_100ns(0), soon = after_ms(1);
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    KIRQL old = KeRaiseIrqlToDpcLevel();
    CHECK_EQ(KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, &zero), STATUS_TIMEOUT);
    CHECK_EQ(KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, &soon), STATUS_TIMEOUT);
    KeLowerIrql(old);
}
static void wait_for_ever(void)
{
    KEVENT event;
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    CHECK_EQ(KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, NULL), STATUS_UNSUCCESSFUL);
}
static void wait_beside_timer(void) /* there is always something left to do, but nothing that helps */
{
    KTIMER timer;
    KeInitializeTimer(&timer);
    KeSetTimerEx(&timer, (LARGE_INTEGER){.QuadPart = -10000000}, 1000, NULL);
    wait_for_ever();
    KeCancelTimer(&timer);
}
static void test_rule_24(void)
{
    breaks(WDM_RULE_BLOCKING, 1, wait_at_dispatch);
    breaks(WDM_RULE_BLOCKING, 1, wait_for_ever);
    breaks(WDM_RULE_BLOCKING, 1, wait_beside_timer);
}

struct objects {
    KTIMER timer;
    KDPC dpc;
    WORK_QUEUE_ITEM item;
};
static VOID NTAPI no_work(PVOID Parameter) { (void)Parameter; }
static void free_queued(void)
{
    struct objects *o = ExAllocatePoolWithTag(NonPagedPool, sizeof *o, ABCD);
    KIRQL old = KeRaiseIrqlToDpcLevel();
    KeInitializeTimer(&o->timer);
    KeInitializeDpc(&o->dpc, nothing, NULL);
    ExInitializeWorkItem(&o->item, no_work, NULL);
    KeSetTimer(&o->timer, after_ms(1), &o->dpc);
    KeInsertQueueDpc(&o->dpc, NULL, NULL);
    ExQueueWorkItem(&o->item, DelayedWorkQueue);
    ExFreePool(o);
    KeLowerIrql(old);
    CHECK_EQ(wdm_next_due(machine), INT64_MAX);
    CHECK(wdm_run_idle(machine, 0));
}
static void queued_twice(void)
{
    WORK_QUEUE_ITEM item;
    ExInitializeWorkItem(&item, no_work, NULL);
    ExQueueWorkItem(&item, DelayedWorkQueue);
    ExQueueWorkItem(&item, DelayedWorkQueue);
    CHECK(wdm_run_idle(machine, 0));
}
static BOOLEAN NTAPI not_mine(PKINTERRUPT Interrupt, PVOID ServiceContext)
{
    (void)Interrupt;
    return *(BOOLEAN *)ServiceContext;
}
static PKINTERRUPT connect(BOOLEAN *claims)
{
    PKINTERRUPT interrupt;
    CHECK_EQ(IoConnectInterrupt(&interrupt, not_mine, claims, NULL, 5, 7, 7, LevelSensitive, TRUE, 1, FALSE), STATUS_SUCCESS);
    return interrupt;
}
/* Told once, and the routine, whose code goes, is not called any more. */
static void left_connected(void)
{
    BOOLEAN claims = TRUE;
    PKINTERRUPT first = connect(&claims), second = connect(&claims);
    IoDisconnectInterrupt(first);
    CHECK_EQ(wdm_interrupt_report_connected(machine, "the unload"), 1);
    CHECK_EQ(wdm_interrupt_report_connected(machine, "the unload"), 0);
    struct wdm_breach breach;
    CHECK(wdm_rule_breach(machine, 0, &breach));
    CHECK_STR(breach.text, "the interrupt of vector 5 is still connected at the unload");
    CHECK_STR(breach.how, "connected in");
    wdm_interrupt_pulse(machine, 5);
    CHECK_EQ(wdm_rule_count(machine, WDM_RULE_INTERRUPT), 1); /* nobody claims it */
    wdm_rule_reset(machine);
    wdm_broken(WDM_RULE_STILL_QUEUED, "%s", breach.text);
    IoDisconnectInterrupt(second);
}

/* Its lock, which was in the driver's memory, is not touched any more either. */
static void left_connected_with_lock(void)
{
    BOOLEAN claims = TRUE;
    PKINTERRUPT interrupt = NULL;
    PKSPIN_LOCK own = ExAllocatePoolWithTag(NonPagedPool, sizeof *own, ABCD);
    KeInitializeSpinLock(own);
    CHECK_EQ(IoConnectInterrupt(&interrupt, not_mine, &claims, own, 5, 7, 7, LevelSensitive, TRUE, 1, FALSE), STATUS_SUCCESS);
    CHECK_EQ(wdm_interrupt_report_connected(machine, "the unload"), 1);
    memset(own, 0xAA, sizeof *own); /* somebody else's by now: who takes it for a lock never gets it */
    wdm_interrupt_pulse(machine, 5);
    CHECK_EQ(wdm_rule_count(machine, WDM_RULE_LOCK_MISUSE) + wdm_rule_count(machine, WDM_RULE_BLOCKING), 0);
    wdm_rule_reset(machine);
    wdm_broken(WDM_RULE_STILL_QUEUED, "the interrupt");
    IoDisconnectInterrupt(interrupt);
    ExFreePool(own);
}

#define ON_THE_STACK __attribute__((noinline, no_sanitize_address)) /* a sanitizer may move what is on it */

static VOID NTAPI count_run(PKDPC dpc, PVOID context, PVOID argument1, PVOID argument2)
{
    (void)dpc;
    (void)argument1;
    (void)argument2;
    ++*(int *)context;
}
/* Between two that stay, so that a chain through these would be torn. */
ON_THE_STACK static void leave_armed(KTIMER *elsewhere, KDPC *stays)
{
    struct {
        KTIMER timer;
        KDPC dpc, own;
        WORK_QUEUE_ITEM work;
    } on;
    KeInitializeTimer(&on.timer);
    KeInitializeDpc(&on.dpc, nothing, NULL);
    KeInitializeDpc(&on.own, nothing, NULL);
    ExInitializeWorkItem(&on.work, do_nothing, NULL);
    KeSetTimer(&on.timer, after_ms(2), &on.dpc);
    KeSetTimer(elsewhere, after_ms(2), &on.own);
    KeInsertQueueDpc(&on.dpc, NULL, NULL);
    KeInsertQueueDpc(stays, NULL, NULL);
    ExQueueWorkItem(&on.work, DelayedWorkQueue);
}
ON_THE_STACK static void write_over(void)
{
    volatile uint8_t bytes[2048];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = 0xEE;
}
static void queued_on_stack(void)
{
    KTIMER timers[2], elsewhere; /* on this stack, which is not left */
    KDPC dpc, stays;
    int runs = 0;
    struct wdm_call call;
    struct wdm_breach breach;
    KeInitializeDpc(&dpc, count_run, &runs);
    KeInitializeDpc(&stays, count_run, &runs);
    KeInitializeTimer(&elsewhere);
    for (int i = 0; i < 2; i++) {
        KeInitializeTimer(&timers[i]);
        KeSetTimer(&timers[i], after_ms(i ? 3 : 1), &dpc);
    }
    KIRQL old = KeRaiseIrqlToDpcLevel(); /* DPCs wait */
    wdm_call_begin(&call, "the routine");
    leave_armed(&elsewhere, &stays);
    write_over();
    wdm_call_end(&call);
    only_broken(machine, WDM_RULE_STILL_QUEUED, 4);
    for (size_t i = 0; i < 4; i++)
        CHECK(wdm_rule_breach(machine, i, &breach) && strcmp(breach.how, "queued in") == 0 &&
              breach.code - (uintptr_t)leave_armed < 0x1000 && strstr(breach.text, "still queued on return of the routine"));
    CHECK(wdm_rule_breach(machine, 1, &breach) && strstr(breach.text, "its DPC is on the stack"));
    KeLowerIrql(old);
    wdm_run_until(machine, wdm_time_100ns(machine) + 10 * WDM_MS);
    CHECK_EQ(runs, 3); /* what stays, and both timers */
}
/* A wait in the routine itself is right. */
ON_THE_STACK static void wait_on_stack(void)
{
    KTIMER timer;
    KDPC dpc;
    KeInitializeTimer(&timer);
    KeInitializeDpc(&dpc, nothing, NULL);
    KeSetTimerEx(&timer, after_ms(1), 1, &dpc);
    CHECK_EQ(KeWaitForSingleObject(&timer, Executive, KernelMode, FALSE, NULL), STATUS_SUCCESS);
    KeCancelTimer(&timer);
    KeFlushQueuedDpcs();
}
/* What is on a system thread's stack ends with it. */
static VOID NTAPI arm_and_end(PVOID context)
{
    KTIMER timer;
    (void)context;
    KeInitializeTimer(&timer);
    KeSetTimer(&timer, after_ms(1), NULL);
    PsTerminateSystemThread(STATUS_SUCCESS);
}
static void queued_on_threads_stack(void)
{
    HANDLE thread;
    CHECK_EQ(PsCreateSystemThread(&thread, 0, NULL, NULL, NULL, arm_and_end, NULL), STATUS_SUCCESS);
    wdm_run_idle(machine, 0);
    ZwClose(thread);
}
static void overwritten(void)
{
    KTIMER timer;
    KDPC dpc;
    struct wdm_breach breach;
    KeInitializeTimer(&timer);
    KeInitializeDpc(&dpc, nothing, NULL);
    KeSetTimer(&timer, after_ms(1), &dpc);
    memset(&dpc, 0, sizeof dpc);
    wdm_run_until(machine, wdm_time_100ns(machine) + 2 * WDM_MS);
    CHECK(wdm_rule_breach(machine, 0, &breach) && strstr(breach.text, "was overwritten while it was queued"));
    CHECK(breach.code - (uintptr_t)overwritten < 0x1000);
}
static void test_rule_25(void)
{
    struct wdm_call call;
    machine = machine_open(WDM_VIRTUAL);
    wdm_call_begin(&call, "the routine");
    wait_on_stack();
    wdm_call_end(&call);
    machine_close(machine);
    breaks(WDM_RULE_STILL_QUEUED, 4, queued_on_stack);
    breaks(WDM_RULE_STILL_QUEUED, 1, overwritten);
    machine = machine_open(WDM_VIRTUAL);
    queued_on_threads_stack();
    only_broken(machine, WDM_RULE_STILL_QUEUED, 1);
    wdm_rule_reset(machine);
    machine_close(machine);
    breaks(WDM_RULE_STILL_QUEUED, 3, free_queued);
    breaks(WDM_RULE_STILL_QUEUED, 1, queued_twice);
    breaks(WDM_RULE_STILL_QUEUED, 1, left_connected);
    breaks(WDM_RULE_STILL_QUEUED, 1, left_connected_with_lock);
}

static void unclaimed(void)
{
    BOOLEAN claims = FALSE;
    PKINTERRUPT interrupt = connect(&claims);
    wdm_interrupt_set(machine, 5, true);
    CHECK_EQ(wdm_interrupt_count(machine, 5), 100);
    wdm_interrupt_set(machine, 5, false);
    IoDisconnectInterrupt(interrupt);
}
static void never_quiet(void)
{
    BOOLEAN claims = TRUE;
    PKINTERRUPT interrupt = connect(&claims);
    wdm_interrupt_set(machine, 5, true);
    CHECK_EQ(wdm_interrupt_count(machine, 5), 10000);
    IoDisconnectInterrupt(interrupt);
}
static void nobody(void) { wdm_interrupt_pulse(machine, 5); }
static void test_rule_27(void)
{
    breaks(WDM_RULE_INTERRUPT, 1, unclaimed);
    breaks(WDM_RULE_INTERRUPT, 1, never_quiet);
    breaks(WDM_RULE_INTERRUPT, 1, nobody);
}

static void map_device(void) { CHECK(!MmMapIoSpace(in_100ns(0xA0000), 64, MmNonCached)); }
static void test_rule_28(void) { breaks(WDM_RULE_UNSUPPORTED, 1, map_device); }

static void freed_timer(void)
{
    static KTIMER timer; /* as memory looks after ExFreePool */
    memset(&timer, 0xDD, sizeof timer);
    KeSetTimer(&timer, after_ms(1), NULL);
}
static void closed_handle(void) { CHECK_EQ(ZwClose((HANDLE)(uintptr_t)400), STATUS_INVALID_HANDLE); }
static void irp_twice(void)
{
    PIRP irp = IoAllocateIrp(1, FALSE);
    IoSetCompletionRoutine(irp, NULL, NULL, FALSE, FALSE, FALSE);
    irp->CurrentLocation--;
    irp->Tail.Overlay.CurrentStackLocation--;
    IoCompleteRequest(irp, 0);
    IoCompleteRequest(irp, 0);
    IoFreeIrp(irp);
}
static void test_rule_29(void)
{
    breaks(WDM_RULE_AFTER_RELEASE, 1, freed_timer);
    breaks(WDM_RULE_AFTER_RELEASE, 1, closed_handle);
    breaks(WDM_RULE_AFTER_RELEASE, 1, irp_twice);
}

static unsigned told;
static void tell(void *ctx, const struct wdm_breach *breach)
{
    CHECK(ctx == &told);
    told += breach->rule == WDM_RULE_LATE;
}
static void test_book(void)
{
    machine = machine_open(WDM_VIRTUAL);
    wdm_rule_notify(machine, tell, &told);
    for (int i = 0; i < WDM_BREACHES_KEPT + 10; i++)
        wdm_broken(WDM_RULE_LATE, "event %d", i);
    CHECK_EQ(told, WDM_BREACHES_KEPT + 10);
    CHECK_EQ(wdm_rule_count(machine, WDM_RULE_LATE), WDM_BREACHES_KEPT + 10);
    CHECK_EQ(wdm_rule_faults(machine), 0); /* informs only */
    struct wdm_breach breach;
    CHECK(wdm_rule_breach(machine, WDM_BREACHES_KEPT - 1, &breach));
    CHECK_STR(breach.text, "event 63");
    CHECK(!wdm_rule_breach(machine, WDM_BREACHES_KEPT, &breach));
    wdm_broken(WDM_RULE_POOL_LEAK, "late, but the first of its kind");
    wdm_broken(WDM_RULE_POOL_LEAK, "the second");
    CHECK(wdm_rule_breach(machine, WDM_BREACHES_KEPT, &breach) && breach.rule == WDM_RULE_POOL_LEAK);
    CHECK_STR(breach.text, "late, but the first of its kind");
    CHECK(!wdm_rule_breach(machine, WDM_BREACHES_KEPT + 1, &breach));
    CHECK_EQ(wdm_rule_faults(machine), 2);
    wdm_rule_reset(machine);
    CHECK(!wdm_rule_breach(machine, 0, &breach));
    for (int rule = 1; rule < WDM_RULE_COUNT; rule++)
        CHECK(strlen(wdm_rule_title((enum wdm_rule)rule)) > 5);
    CHECK_STR(wdm_rule_title(WDM_RULE_COUNT), "?");
    machine_close(machine);
}

static uintptr_t caller(void *ctx, unsigned skip) { return *(const uintptr_t *)ctx + skip; }

static void check_place(size_t index, enum wdm_rule rule, const char *how, uintptr_t code)
{
    struct wdm_breach breach;
    CHECK(wdm_rule_breach(machine, index, &breach) && breach.rule == rule && breach.code == code);
    CHECK(breach.how ? how && strcmp(breach.how, how) == 0 : !how);
}

static __attribute__((noinline)) void test_places(void)
{
    uintptr_t code = 0x100;
    ULONG tag = 0x74736574;
    machine = machine_open(WDM_VIRTUAL);
    wdm_broken(WDM_RULE_LATE, "nobody can tell");
    check_place(0, WDM_RULE_LATE, "in", 0);
    wdm_rule_callers(machine, caller, &code);
    wdm_broken(WDM_RULE_LATE, "by the caller");
    check_place(1, WDM_RULE_LATE, "in", 0x100);
    uint8_t *block = ExAllocatePoolWithTag(NonPagedPool, 10, tag);
    uint64_t mark = wdm_pool_mark(machine);
    code = 0x200;
    void *leak = ExAllocatePoolWithTag(NonPagedPool, 10, tag), *second = ExAllocatePoolWithTag(NonPagedPool, 10, tag);
    code = 0x300;
    block[10] = 1;
    ExFreePool(block); /* the place is where the block was made */
    check_place(2, WDM_RULE_POOL_OVERRUN, "allocated in", 0x100);
    wdm_delete(block); /* the place is behind delete */
    check_place(3, WDM_RULE_POOL_FREE, "in", 0x301);
    wdm_pool_report_leaks(machine, mark, UINT64_MAX, "test");
    check_place(4, WDM_RULE_POOL_LEAK, "the first allocated in", 0x200);
    ExFreePool(leak);
    ExFreePool(second);
    KSPIN_LOCK kept;
    struct wdm_call call;
    struct wdm_breach breach;
    KeInitializeSpinLock(&kept);
    wdm_call_begin(&call, "test");
    KeAcquireSpinLockRaiseToDpc(&kept);
    wdm_call_end(&call);
    CHECK(wdm_rule_breach(machine, 5, &breach) && breach.rule == WDM_RULE_LOCK_ACROSS && strcmp(breach.how, "acquired in") == 0);
    CHECK(breach.code - (uintptr_t)test_places < 0x4000); /* in this function */
    wdm_rule_callers(machine, NULL, NULL);
    wdm_rule_reset(machine);
    machine_close(machine);
}

int main(void)
{
    RUN(test_places);
    RUN(test_rule_1);
    RUN(test_rule_2);
    RUN(test_rule_3);
    RUN(test_rule_4);
    RUN(test_rule_5);
    RUN(test_rule_6);
    RUN(test_rule_7);
    RUN(test_rule_8);
    RUN(test_rule_9);
    RUN(test_rule_19);
    RUN(test_rule_24);
    RUN(test_rule_25);
    RUN(test_rule_27);
    RUN(test_rule_28);
    RUN(test_rule_29);
    RUN(test_book);
    return tap_done();
}
