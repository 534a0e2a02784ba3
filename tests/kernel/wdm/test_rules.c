/* SPDX-License-Identifier: MIT */
/* Each rule that the kernel services can see: broken alone, and reported alone. */
#include <string.h>

#include "kernel/wdm/device.h"
#include "wdm_rig.h"

#define TAG(a, b, c, d) ((ULONG)(a) | (ULONG)(b) << 8 | (ULONG)(c) << 16 | (ULONG)(d) << 24)
#define ABCD TAG('a', 'b', 'c', 'd')

static struct wdm_machine *machine;

/* Run FN: rule RULE is broken TIMES times and no other. */
static void breaks(enum wdm_rule rule, uint64_t times, void (*fn)(void))
{
    machine = machine_open(WDM_VIRTUAL);
    fn();
    only_broken(machine, rule, times);
    struct wdm_breach breach;
    CHECK(wdm_rule_breach(machine, 0, &breach) && breach.text[0] && breach.rule == rule && breach.thread == 1);
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
static void test_rule_2(void) { breaks(WDM_RULE_PAGED_CODE, 1, paged_code); }

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
    CHECK_EQ(wdm_pool_report_leaks(machine, mark, "mysynth"), 5);
    struct wdm_breach breach;
    CHECK(wdm_rule_breach(machine, 1, &breach));
    CHECK_STR(breach.text, "mysynth left 2 blocks of 16 bytes, tag 'abcd'");
    for (int i = 0; i < 5; i++)
        ExFreePool(blocks[i]);
    ExFreePoolWithTag(mine, ABCD + 1);
    CHECK_EQ(wdm_pool_report_leaks(machine, 0, "mysynth"), 0);
}
static void test_rule_7(void) { breaks(WDM_RULE_POOL_LEAK, 2, leak); }

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
static void test_rule_25(void)
{
    breaks(WDM_RULE_STILL_QUEUED, 3, free_queued);
    breaks(WDM_RULE_STILL_QUEUED, 1, queued_twice);
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
    wdm_pool_report_leaks(machine, mark, "test");
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
    RUN(test_rule_24);
    RUN(test_rule_25);
    RUN(test_rule_27);
    RUN(test_rule_28);
    RUN(test_rule_29);
    RUN(test_book);
    return tap_done();
}
