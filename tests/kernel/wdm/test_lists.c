/* SPDX-License-Identifier: MIT */
/* What ddi_lists.h and its neighbours add to the kernel: lookaside and S-lists, queued locks, guarded mutexes, 64 bits, pool by flags,
 * registry values by path. Against the published descriptions of the functions. */
#define DDI_DRIVER
#include "wdm_rig.h"

static struct wdm_machine *machine;

static unsigned made, freed;
static PVOID NTAPI make(POOL_TYPE type, SIZE_T size, ULONG tag)
{
    made++;
    return ExAllocatePoolWithTag(type, size, tag);
}
static VOID NTAPI unmake(PVOID block)
{
    freed++;
    ExFreePool(block);
}

static void test_lookaside(void)
{
    NPAGED_LOOKASIDE_LIST list;
    PAGED_LOOKASIDE_LIST paged;
    KIRQL old;
    machine = machine_open(WDM_VIRTUAL);
    ExInitializeNPagedLookasideList(&list, NULL, NULL, 0, 24, 0x6b6f6f4c, 0);
    uint64_t mark = wdm_pool_mark(machine);
    void *first = ExAllocateFromNPagedLookasideList(&list), *second = ExAllocateFromNPagedLookasideList(&list);
    CHECK(first && second && first != second && wdm_pool_bytes(machine) == 48);
    ExFreeToNPagedLookasideList(&list, first);
    wdm_pool_report_leaks(machine, mark, UINT64_MAX, "test");
    only_broken(machine, WDM_RULE_POOL_LEAK, 1); /* each entry is a block */
    ExFreeToNPagedLookasideList(&list, second);
    ExFreeToNPagedLookasideList(&list, second);
    CHECK_EQ(wdm_rule_count(machine, WDM_RULE_POOL_FREE), 1);
    ExDeleteNPagedLookasideList(&list);
    wdm_rule_reset(machine);
    ExInitializePagedLookasideList(&paged, make, unmake, 0, 8, 1, 0);
    KeRaiseIrql(DISPATCH_LEVEL, &old);
    first = ExAllocateFromPagedLookasideList(&paged);
    KeLowerIrql(old);
    only_broken(machine, WDM_RULE_IRQL, 1); /* paged pool */
    ExFreeToPagedLookasideList(&paged, first);
    ExDeletePagedLookasideList(&paged);
    CHECK(made == 1 && freed == 1);
    wdm_rule_reset(machine);
    machine_close(machine);
}

static void test_chains(void)
{
    SLIST_HEADER head;
    SLIST_ENTRY entries[3];
    SINGLE_LIST_ENTRY chain = {NULL};
    KSPIN_LOCK lock = 0;
    ExInitializeSListHead(&head);
    CHECK(InterlockedPopEntrySList(&head) == NULL);
    CHECK(InterlockedPushEntrySList(&head, &entries[0]) == NULL);
    CHECK(ExInterlockedPushEntrySList(&head, &entries[1], &lock) == &entries[0]);
    CHECK(InterlockedPushEntrySList(&head, &entries[2]) == &entries[1] && ExQueryDepthSList(&head) == 3);
    CHECK(ExInterlockedPopEntrySList(&head, &lock) == &entries[2] && ExQueryDepthSList(&head) == 2);
    CHECK(InterlockedFlushSList(&head) == &entries[1] && entries[1].Next == &entries[0] && !entries[0].Next);
    CHECK(ExQueryDepthSList(&head) == 0 && InterlockedPopEntrySList(&head) == NULL);
    CHECK(PopEntryList(&chain) == NULL);
    PushEntryList(&chain, &entries[0]);
    PushEntryList(&chain, &entries[1]);
    CHECK(PopEntryList(&chain) == &entries[1] && PopEntryList(&chain) == &entries[0] && PopEntryList(&chain) == NULL);
}

static void test_locks(void)
{
    KSPIN_LOCK lock;
    KLOCK_QUEUE_HANDLE outer, inner;
    KGUARDED_MUTEX mutex;
    machine = machine_open(WDM_VIRTUAL);
    KeInitializeSpinLock(&lock);
    KeAcquireInStackQueuedSpinLock(&lock, &outer);
    CHECK_EQ(KeGetCurrentIrql(), DISPATCH_LEVEL);
    KeAcquireInStackQueuedSpinLockAtDpcLevel(&lock, &inner);
    only_broken(machine, WDM_RULE_LOCK_RECURSION, 1);
    KeReleaseInStackQueuedSpinLockFromDpcLevel(&inner);
    KeReleaseInStackQueuedSpinLock(&outer);
    CHECK_EQ(KeGetCurrentIrql(), PASSIVE_LEVEL);
    wdm_rule_reset(machine);
    KeAcquireInStackQueuedSpinLockAtDpcLevel(&lock, &inner);
    only_broken(machine, WDM_RULE_LOCK_MISUSE, 1); /* below DISPATCH_LEVEL */
    KeReleaseInStackQueuedSpinLockFromDpcLevel(&inner);
    wdm_rule_reset(machine);
    KeInitializeGuardedMutex(&mutex);
    KeAcquireGuardedMutex(&mutex);
    CHECK_EQ(KeGetCurrentIrql(), PASSIVE_LEVEL);
    CHECK(!KeTryToAcquireGuardedMutex(&mutex));
    KeAcquireGuardedMutex(&mutex); /* nobody could release it */
    only_broken(machine, WDM_RULE_BLOCKING, 1);
    wdm_rule_reset(machine);
    KeReleaseGuardedMutex(&mutex);
    CHECK(KeTryToAcquireGuardedMutex(&mutex));
    KeReleaseGuardedMutex(&mutex);
    machine_close(machine);
}

static void test_interlocked(void)
{
    LONG64 wide = 0xffffffffLL;
    LONG bits[2] = {0, 0};
    ULONG sum = 0xfffffffeu;
    KSPIN_LOCK lock = 0;
    CHECK(InterlockedIncrement64(&wide) == 0x100000000LL && InterlockedExchangeAdd64(&wide, -1) == 0x100000000LL);
    CHECK(InterlockedCompareExchange64(&wide, 5, 4) == 0xffffffffLL && wide == 0xffffffffLL);
    CHECK(InterlockedCompareExchange64(&wide, 5, 0xffffffffLL) == 0xffffffffLL && wide == 5);
    CHECK(InterlockedExchange64(&wide, -7) == 5 && InterlockedDecrement64(&wide) == -8);
    CHECK(!InterlockedBitTestAndSet(bits, 33) && bits[1] == 2 && InterlockedBitTestAndSet(bits, 33));
    CHECK(InterlockedBitTestAndReset(bits, 33) && bits[1] == 0 && !InterlockedBitTestAndSet(bits, 31));
    CHECK(bits[0] == MINLONG && InterlockedXor(bits, -1) == MINLONG && bits[0] == MAXLONG);
    CHECK(ExInterlockedAddUlong(&sum, 3, &lock) == 0xfffffffeu && sum == 1);
}

static void test_pool(void)
{
    machine = machine_open(WDM_VIRTUAL);
    uint8_t *block = ExAllocatePool2(POOL_FLAG_NON_PAGED, 100, 1);
    for (int i = 0; i < 100; i++)
        CHECK(block[i] == 0);
    ExFreePoolWithTag(block, 1);
    block = ExAllocatePool2(POOL_FLAG_PAGED | POOL_FLAG_UNINITIALIZED, 10, 1);
    CHECK(block && block[5] != 0); /* what the host fills new blocks with */
    ExFreePool(block);
    block = ExAllocatePoolZero(NonPagedPoolNx, 10, 1);
    CHECK(block && block[9] == 0);
    ExFreePool(block);
    CHECK(!ExAllocatePool2(POOL_FLAG_NON_PAGED, 10, 0) && !ExAllocatePool2(POOL_FLAG_NON_PAGED | POOL_FLAG_PAGED, 10, 1) &&
          !ExAllocatePool2(0, 10, 1));
    volatile NTSTATUS raised = STATUS_SUCCESS;
    wdm_pool_fail_at(machine, 1, false);
    __try {
        ExAllocatePool2(POOL_FLAG_NON_PAGED | POOL_FLAG_RAISE_ON_FAILURE, 10, 1);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        raised = GetExceptionCode();
    }
    CHECK_EQ(raised, STATUS_INSUFFICIENT_RESOURCES);
    machine_close(machine);
}

static void test_registry(void)
{
    static WCHAR path[] = u"Click\\Parameters", other[] = u"Nobody";
    ULONG value = 42, got = 0, none = 7;
    UNICODE_STRING long_one, start;
    RTL_QUERY_REGISTRY_TABLE table[2] = {{NULL, RTL_QUERY_REGISTRY_DIRECT, (PWSTR)u"Voices", &got, REG_DWORD, &none, sizeof none},
                                         {NULL, 0, NULL, NULL, 0, NULL, 0}};
    machine = machine_open(WDM_VIRTUAL);
    CHECK_EQ(RtlCheckRegistryKey(RTL_REGISTRY_SERVICES, path), STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK_EQ(RtlWriteRegistryValue(RTL_REGISTRY_SERVICES, path, (PCWSTR)u"Voices", REG_DWORD, &value, sizeof value), STATUS_SUCCESS);
    CHECK_EQ(RtlCheckRegistryKey(RTL_REGISTRY_SERVICES, path), STATUS_SUCCESS);
    CHECK_EQ(RtlQueryRegistryValues(RTL_REGISTRY_SERVICES, path, table, NULL, NULL), STATUS_SUCCESS);
    CHECK_EQ(got, 42);
    CHECK_EQ(RtlDeleteRegistryValue(RTL_REGISTRY_SERVICES, path, (PCWSTR)u"Voices"), STATUS_SUCCESS);
    CHECK_EQ(RtlDeleteRegistryValue(RTL_REGISTRY_SERVICES, path, (PCWSTR)u"Voices"), STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK_EQ(RtlQueryRegistryValues(RTL_REGISTRY_SERVICES, path, table, NULL, NULL), STATUS_SUCCESS);
    CHECK_EQ(got, 7); /* the default */
    CHECK_EQ(RtlCreateRegistryKey(RTL_REGISTRY_CONTROL, other), STATUS_SUCCESS);
    CHECK_EQ(RtlCheckRegistryKey(RTL_REGISTRY_CONTROL, other), STATUS_SUCCESS);
    RtlInitUnicodeString(&long_one, path);
    RtlInitUnicodeString(&start, (PCWSTR)u"cLICK\\");
    CHECK(RtlPrefixUnicodeString(&start, &long_one, TRUE) && !RtlPrefixUnicodeString(&start, &long_one, FALSE));
    CHECK(!RtlPrefixUnicodeString(&long_one, &start, TRUE));
    machine_close(machine);
}

static void test_corrupt(void)
{
    LIST_ENTRY head, a, b, never = {NULL, NULL};
    machine = machine_open(WDM_VIRTUAL);
    InitializeListHead(&head);
    InsertTailList(&head, &a);
    InsertTailList(&head, &b);
    CHECK(!RemoveEntryList(&a) && RemoveEntryList(&b));
    InsertTailList(&head, &a);
    InsertTailList(&head, &b);
    RemoveEntryList(&a);
    only_broken(machine, WDM_RULE_NONE, 0);
    RemoveEntryList(&a); /* twice */
    RemoveEntryList(&never);
    only_broken(machine, WDM_RULE_AFTER_RELEASE, 2);
    CHECK(head.Flink == &b && b.Flink == &head && head.Blink == &b && b.Blink == &head);
    wdm_rule_reset(machine);
    machine_close(machine);
}

int main(void)
{
    RUN(test_corrupt);
    RUN(test_lookaside);
    RUN(test_chains);
    RUN(test_locks);
    RUN(test_interlocked);
    RUN(test_pool);
    RUN(test_registry);
    return tap_done();
}
