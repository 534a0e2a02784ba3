/* SPDX-License-Identifier: MIT */
/* Allocator and pool: spec/ddi-kernel.md 8.5. */
#include "mxf_rig.h"

#include "base/alloc.h"
#include "tap.h"

static PDMUS_KERNEL_EVENT get(struct rig *rig)
{
    PDMUS_KERNEL_EVENT event = NULL;
    CHECK_EQ(rig->allocator->lpVtbl->GetMessage(rig->allocator, &event), STATUS_SUCCESS);
    return event;
}

static NTSTATUS put(struct rig *rig, PDMUS_KERNEL_EVENT chain) { return rig->allocator->lpVtbl->PutMessage(rig->allocator, chain); }

static struct event_pool_stats stats_of(struct rig *rig)
{
    struct event_pool_stats stats;
    event_pool_stats(rig->pool, &stats);
    return stats;
}

static void test_event_is_zeroed(void)
{
    struct rig rig;
    rig_open(&rig, WDM_VIRTUAL, NULL);
    for (int round = 0; round < 600; round++) { /* every event of the pool, some twice */
        PDMUS_KERNEL_EVENT event = get(&rig);
        DMUS_KERNEL_EVENT want;
        memset(&want, 0, sizeof want);
        want.cbStruct = sizeof want;
        want.ullBytePosition = ~0ull;
        CHECK(memcmp(event, &want, sizeof want) == 0);
        memset(event, 0x5A, sizeof *event);
        event->pNextEvt = NULL;
        event->usFlags = 0;
        event->cbEvent = 3;
        put(&rig, event);
    }
    CHECK_EQ(put(&rig, NULL), STATUS_SUCCESS);
    rig_close(&rig, 0);
}

static void test_interfaces(void)
{
    struct rig rig;
    rig_open(&rig, WDM_VIRTUAL, NULL);
    IAllocatorMXF *allocator = rig.allocator;
    static const GUID *const known[] = {&IID_IUnknown, &IID_IMXF, &IID_IAllocatorMXF};
    for (int i = 0; i < 3; i++) {
        void *out = NULL;
        CHECK_EQ(allocator->lpVtbl->QueryInterface(allocator, known[i], &out), STATUS_SUCCESS);
        CHECK(out == allocator);
        CHECK_EQ(allocator->lpVtbl->Release(allocator), 1);
    }
    void *out = &rig;
    CHECK(!NT_SUCCESS(allocator->lpVtbl->QueryInterface(allocator, &IID_ISynthSinkDMus, &out)));
    CHECK(out == NULL);
    CHECK_EQ(allocator->lpVtbl->SetState(allocator, KSSTATE_RUN), STATUS_SUCCESS);
    CHECK_EQ(allocator->lpVtbl->ConnectOutput(allocator, (PMXF)allocator), STATUS_SUCCESS);
    CHECK_EQ(allocator->lpVtbl->DisconnectOutput(allocator, NULL), STATUS_SUCCESS);
    CHECK_EQ(allocator->lpVtbl->GetBufferSize(allocator), 4096);
    rig_close(&rig, 0);
}

/* A chain of short and long events and packages in packages: all come back, with their buffers. */
static void test_chain_with_packages(void)
{
    static const uint8_t sysex[100] = {0xF0};
    struct rig rig;
    struct mxf_chain chain = {NULL, NULL}, members = {NULL, NULL}, inner = {NULL, NULL};
    rig_open(&rig, WDM_VIRTUAL, NULL);
    for (int i = 0; i < 5; i++) {
        mxf_chain_add(&chain, rig_event(&rig, 1, sysex, i % 2 ? 100 : 3));   /* 2 buffers */
        mxf_chain_add(&members, rig_event(&rig, 1, sysex, i % 2 ? 3 : 100)); /* 3 buffers */
        mxf_chain_add(&inner, rig_event(&rig, 1, sysex, 100));               /* 5 buffers */
    }
    PDMUS_KERNEL_EVENT package = get(&rig), nested = get(&rig), emptied = get(&rig);
    SET_PACKAGE_EVT(nested);
    nested->cbEvent = 100; /* says nothing about uData */
    nested->uData.pPackageEvt = inner.head;
    mxf_chain_add(&members, nested);
    SET_PACKAGE_EVT(package);
    package->cbEvent = 0;
    package->uData.pPackageEvt = members.head;
    SET_PACKAGE_EVT(emptied);
    emptied->cbEvent = 0;
    emptied->uData.pPackageEvt = NULL;
    mxf_chain_add(&chain, package);
    mxf_chain_add(&chain, emptied);
    CHECK_EQ(stats_of(&rig).events_out, 18);
    CHECK_EQ(stats_of(&rig).buffers_out, 10);
    put(&rig, chain.head);
    CHECK_EQ(stats_of(&rig).events_out, 0);
    CHECK_EQ(stats_of(&rig).buffers_out, 0);
    CHECK_EQ(stats_of(&rig).events_returned, 18);
    CHECK_EQ(stats_of(&rig).buffers_returned, 10);
    rig_close(&rig, 0);
}

static void test_deep_packages(void)
{
    struct event_pool_config config = {.events = 20000};
    struct rig rig;
    PDMUS_KERNEL_EVENT package = NULL;
    rig_open(&rig, WDM_VIRTUAL, &config);
    for (int i = 0; i < 100000; i++) { /* each the only member of the next: recursion would need a stack for it */
        PDMUS_KERNEL_EVENT outer = get(&rig);
        SET_PACKAGE_EVT(outer);
        outer->uData.pPackageEvt = package;
        package = outer;
    }
    put(&rig, package);
    CHECK_EQ(stats_of(&rig).events_out, 0);
    rig_close(&rig, 0);
}

static void test_event_by_event(void)
{
    struct rig rig;
    struct mxf_chain chain = {NULL, NULL};
    rig_open(&rig, WDM_VIRTUAL, NULL);
    for (int i = 0; i < 10; i++)
        mxf_chain_add(&chain, get(&rig));
    for (PDMUS_KERNEL_EVENT event = chain.head, next; event; event = next) {
        next = event->pNextEvt;
        event->pNextEvt = NULL;
        put(&rig, event);
    }
    CHECK_EQ(stats_of(&rig).events_out, 0);
    rig_close(&rig, 0);
}

static void test_buffer_sizes(void)
{
    static const uint32_t sizes[] = {32, 33, 4096, 65535};
    for (int i = 0; i < 4; i++) {
        struct event_pool_config config = {.buffer_size = sizes[i]};
        struct rig rig;
        PBYTE buffer = NULL;
        rig_open(&rig, WDM_VIRTUAL, &config);
        CHECK_EQ(rig.allocator->lpVtbl->GetBufferSize(rig.allocator), sizes[i]);
        for (int round = 0; round < 40; round++) {
            CHECK_EQ(rig.allocator->lpVtbl->GetBuffer(rig.allocator, &buffer), STATUS_SUCCESS);
            CHECK(buffer[0] == 0 && memcmp(buffer, buffer + 1, sizes[i] - 1) == 0);
            CHECK_EQ((uintptr_t)buffer % 16, 0);
            memset(buffer, 0x77, sizes[i]); /* every byte of it is the taker's */
            CHECK_EQ(rig.allocator->lpVtbl->PutBuffer(rig.allocator, buffer), STATUS_SUCCESS);
        }
        rig_close(&rig, 0);
    }
    struct event_pool *pool;
    CHECK_EQ(event_pool_create(&(struct event_pool_config){.buffer_size = 31}, &pool), STATUS_INVALID_PARAMETER);
    CHECK_EQ(event_pool_create(&(struct event_pool_config){.buffer_size = 65536}, &pool), STATUS_INVALID_PARAMETER);
}

static void test_growth_and_limit(void)
{
    struct event_pool_config config = {.events = 4, .events_max = 100, .buffers = 1, .buffers_max = 3};
    struct rig rig;
    struct mxf_chain chain = {NULL, NULL};
    PDMUS_KERNEL_EVENT event = NULL;
    PBYTE buffers[3], none;
    rig_open(&rig, WDM_VIRTUAL, &config);
    CHECK_EQ(stats_of(&rig).events, 4);
    for (int i = 0; i < 100; i++)
        mxf_chain_add(&chain, get(&rig));
    CHECK_EQ(rig.allocator->lpVtbl->GetMessage(rig.allocator, &event), STATUS_INSUFFICIENT_RESOURCES);
    CHECK(event == NULL);
    for (int i = 0; i < 3; i++)
        CHECK_EQ(rig.allocator->lpVtbl->GetBuffer(rig.allocator, &buffers[i]), STATUS_SUCCESS);
    CHECK_EQ(rig.allocator->lpVtbl->GetBuffer(rig.allocator, &none), STATUS_INSUFFICIENT_RESOURCES);
    for (int i = 0; i < 3; i++)
        CHECK_EQ(rig.allocator->lpVtbl->PutBuffer(rig.allocator, buffers[i]), STATUS_SUCCESS);
    put(&rig, chain.head);
    put(&rig, get(&rig)); /* there are some again */
    CHECK_EQ(stats_of(&rig).events, 100);
    rig_close(&rig, 0);
}

static void test_no_memory(void)
{
    struct event_pool *pool;
    IAllocatorMXF *allocator;
    for (long n = 1;; n++) {
        long live = dm_alloc_live();
        dm_alloc_fail_at(n, true);
        NTSTATUS status = event_pool_create(NULL, &pool);
        NTSTATUS second = NT_SUCCESS(status) ? allocator_create(pool, "a", &allocator) : status;
        dm_alloc_fail_at(0, false);
        if (NT_SUCCESS(status))
            event_pool_release(pool);
        if (NT_SUCCESS(second)) {
            allocator->lpVtbl->Release(allocator);
            CHECK_EQ(dm_alloc_live(), live);
            break;
        }
        CHECK_EQ(second, STATUS_INSUFFICIENT_RESOURCES);
        CHECK_EQ(dm_alloc_live(), live);
    }
    struct rig rig;
    struct event_pool_config config = {.events = 8};
    struct mxf_chain chain = {NULL, NULL};
    PDMUS_KERNEL_EVENT event;
    rig_open(&rig, WDM_VIRTUAL, &config);
    for (int i = 0; i < 8; i++)
        mxf_chain_add(&chain, get(&rig));
    dm_alloc_fail_at(1, true);
    CHECK_EQ(rig.allocator->lpVtbl->GetMessage(rig.allocator, &event), STATUS_INSUFFICIENT_RESOURCES);
    dm_alloc_fail_at(0, false);
    mxf_chain_add(&chain, get(&rig));
    put(&rig, chain.head);
    rig_close(&rig, 0);
}

static void test_rude_returns(void)
{
    struct rig rig;
    DMUS_KERNEL_EVENT foreign;
    memset(&foreign, 0, sizeof foreign);
    rig_open(&rig, WDM_VIRTUAL, NULL);
    PDMUS_KERNEL_EVENT a = get(&rig), b = get(&rig), c = get(&rig);
    put(&rig, a);
    put(&rig, a);
    CHECK_EQ(rig_broken(&rig, WDM_RULE_EVENT_TWICE), 1);
    put(&rig, &foreign);
    CHECK_EQ(rig_broken(&rig, WDM_RULE_EVENT_FOREIGN), 1);
    put(&rig, (PDMUS_KERNEL_EVENT)((char *)b + 8)); /* into an event */
    CHECK_EQ(rig_broken(&rig, WDM_RULE_EVENT_FOREIGN), 2);
    b->pNextEvt = c;
    c->pNextEvt = b; /* the chain bites its tail: both come back, once */
    put(&rig, b);
    CHECK_EQ(rig_broken(&rig, WDM_RULE_EVENT_TWICE), 2);
    CHECK_EQ(stats_of(&rig).events_out, 0);
    rig_close(&rig, RULE_BIT(WDM_RULE_EVENT_TWICE) | RULE_BIT(WDM_RULE_EVENT_FOREIGN));
}

static void test_rude_buffers(void)
{
    static const uint8_t sysex[100] = {0xF0};
    static uint8_t own[100];
    struct rig rig;
    rig_open(&rig, WDM_VIRTUAL, NULL);
    PDMUS_KERNEL_EVENT a = rig_event(&rig, 1, sysex, 100), b = rig_event(&rig, 1, sysex, 3);
    b->cbEvent = 100;
    b->uData.pbData = a->uData.pbData; /* reachable from two events */
    a->pNextEvt = b;
    PBYTE buffer = a->uData.pbData;
    put(&rig, a);
    CHECK_EQ(rig_broken(&rig, WDM_RULE_BUFFER_TWICE), 1);
    CHECK_EQ(rig.allocator->lpVtbl->PutBuffer(rig.allocator, buffer), STATUS_INVALID_PARAMETER);
    CHECK_EQ(rig_broken(&rig, WDM_RULE_BUFFER_TWICE), 2);
    a = rig_event(&rig, 1, sysex, 3);
    a->cbEvent = 100;
    a->uData.pbData = own; /* the driver's own memory */
    put(&rig, a);
    CHECK_EQ(rig_broken(&rig, WDM_RULE_BUFFER_FOREIGN), 1);
    a = rig_event(&rig, 1, sysex, 100);
    buffer = a->uData.pbData;
    a->uData.pbData += 4;
    put(&rig, a);
    CHECK_EQ(rig_broken(&rig, WDM_RULE_BUFFER_FOREIGN), 2);
    CHECK_EQ(stats_of(&rig).buffers_out, 1);
    buffer[4096] = 1; /* one byte too far */
    CHECK_EQ(rig.allocator->lpVtbl->PutBuffer(rig.allocator, buffer), STATUS_SUCCESS);
    CHECK_EQ(rig_broken(&rig, WDM_RULE_POOL_OVERRUN), 1);
    CHECK_EQ(stats_of(&rig).events_out, 0);
    CHECK_EQ(stats_of(&rig).buffers_out, 0);
    rig_close(&rig, RULE_BIT(WDM_RULE_BUFFER_TWICE) | RULE_BIT(WDM_RULE_BUFFER_FOREIGN) | RULE_BIT(WDM_RULE_POOL_OVERRUN));
}

static void test_written_after_return(void)
{
    struct rig rig;
    struct event_pool_config config = {.events = 4, .buffers = 2};
    PBYTE buffer;
    rig_open(&rig, WDM_VIRTUAL, &config);
    PDMUS_KERNEL_EVENT event = get(&rig);
    put(&rig, event);
    CHECK(!event_pool_accept(rig.pool, "test", event));
    CHECK_EQ(rig_broken(&rig, WDM_RULE_EVENT_AFTER_RETURN), 1);
    event->cbEvent = 3;
    for (int i = 0; i < 4; i++)
        put(&rig, get(&rig));
    CHECK_EQ(rig_broken(&rig, WDM_RULE_EVENT_AFTER_RETURN), 2);
    rig.allocator->lpVtbl->GetBuffer(rig.allocator, &buffer);
    rig.allocator->lpVtbl->PutBuffer(rig.allocator, buffer);
    buffer[2000] ^= 1;
    for (int i = 0; i < 2; i++) {
        rig.allocator->lpVtbl->GetBuffer(rig.allocator, &buffer);
        rig.allocator->lpVtbl->PutBuffer(rig.allocator, buffer);
    }
    CHECK_EQ(rig_broken(&rig, WDM_RULE_EVENT_AFTER_RETURN), 3);
    /* Not given out again: found at the end. */
    event = get(&rig);
    put(&rig, event);
    event->ullPresTime100ns = 7;
    CHECK_EQ(event_pool_report_leaks(rig.pool, "test"), 0);
    CHECK_EQ(rig_broken(&rig, WDM_RULE_EVENT_AFTER_RETURN), 4);
    event_pool_report_leaks(rig.pool, "test");
    CHECK_EQ(rig_broken(&rig, WDM_RULE_EVENT_AFTER_RETURN), 4); /* told once */
    rig_close(&rig, RULE_BIT(WDM_RULE_EVENT_AFTER_RETURN));
}

static void test_leaks(void)
{
    static const uint8_t sysex[100] = {0xF0};
    struct rig rig;
    IAllocatorMXF *second;
    struct wdm_breach breach;
    rig_open(&rig, WDM_VIRTUAL, NULL);
    allocator_create(rig.pool, "second pin", &second);
    PDMUS_KERNEL_EVENT taken;
    second->lpVtbl->GetMessage(second, &taken);
    rig_event(&rig, 1, sysex, 100);
    CHECK_EQ(event_pool_report_leaks(rig.pool, "test"), 3);
    CHECK_EQ(rig_broken(&rig, WDM_RULE_EVENT_LEAK), 2); /* one per taker */
    CHECK_EQ(rig_broken(&rig, WDM_RULE_BUFFER_LEAK), 1);
    CHECK_EQ(event_pool_report_leaks(rig.pool, "test"), 0);
    CHECK(wdm_rule_breach(rig.machine, 0, &breach) && strstr(breach.text, "second pin"));
    put(&rig, taken); /* through another stream's allocator: legal */
    second->lpVtbl->Release(second);
    rig_close(&rig, RULE_BIT(WDM_RULE_EVENT_LEAK) | RULE_BIT(WDM_RULE_BUFFER_LEAK));
}

/* The caller is who holds the pen at that moment, not who finds out. */
static uintptr_t caller(void *ctx, unsigned skip)
{
    CHECK_EQ(skip, 0);
    return *(const uintptr_t *)ctx;
}

static bool told_of(struct rig *rig, enum wdm_rule rule, const char *how, uintptr_t code, const char *text)
{
    struct wdm_breach breach;
    for (size_t i = 0; wdm_rule_breach(rig->machine, i, &breach); i++)
        if (breach.rule == rule && breach.code == code && breach.how && strcmp(breach.how, how) == 0 && strstr(breach.text, text))
            return true;
    return false;
}

static void test_places(void)
{
    static const uint8_t sysex[] = {0xF0, 0x43, 0x10, 0x4C, 0, 0, 0x7E, 0, 0xF7};
    uintptr_t code = 100;
    struct rig rig;
    rig_open(&rig, WDM_VIRTUAL, &(struct event_pool_config){.events = 2, .events_max = 3});
    wdm_rule_callers(rig.machine, caller, &code);
    PDMUS_KERNEL_EVENT event = get(&rig);
    code = 200;
    put(&rig, event);
    event->cbEvent = 9;
    code = 300;
    PDMUS_KERNEL_EVENT other = get(&rig), again = get(&rig);
    CHECK(again == event && told_of(&rig, WDM_RULE_EVENT_AFTER_RETURN, "returned in", 200, "was written after"));
    put(&rig, again);
    code = 400;
    put(&rig, again);
    CHECK(told_of(&rig, WDM_RULE_EVENT_TWICE, "in", 400, "returned already"));
    uint32_t holder = event_pool_holder(rig.pool);
    PDMUS_KERNEL_EVENT message = rig_event(&rig, 1, sysex, sizeof sysex);
    event_pool_hand(rig.pool, message, holder);
    event_pool_report_held(rig.pool, holder, "a stream");
    CHECK(told_of(&rig, WDM_RULE_EVENT_LEAK, "in", 400, "has not returned 1 event, 9 bytes: F0 43 10"));
    put(&rig, message);
    code = 500;
    event_pool_report_leaks(rig.pool, "test");
    CHECK(told_of(&rig, WDM_RULE_EVENT_LEAK, "taken in", 300, "1 event that"));
    put(&rig, other);
    rig_close(&rig, RULE_BIT(WDM_RULE_EVENT_AFTER_RETURN) | RULE_BIT(WDM_RULE_EVENT_TWICE) | RULE_BIT(WDM_RULE_EVENT_LEAK));
}

static void test_kept(void)
{
    struct rig rig;
    IAllocatorMXF *lent;
    IMasterClock *clock;
    REFERENCE_TIME now;
    rig_open(&rig, WDM_VIRTUAL, NULL);
    CHECK_EQ(allocator_create(rig.pool, "lent", &lent), STATUS_SUCCESS);
    allocator_keep(lent, true);
    CHECK_EQ(lent->lpVtbl->AddRef(lent), 2);
    CHECK_EQ(lent->lpVtbl->Release(lent), 1);
    CHECK_EQ(rig_broken(&rig, WDM_RULE_AFTER_RELEASE), 0);
    CHECK_EQ(lent->lpVtbl->Release(lent), 1); /* one too many */
    CHECK_EQ(rig_broken(&rig, WDM_RULE_AFTER_RELEASE), 1);
    CHECK_EQ(lent->lpVtbl->GetBufferSize(lent), 4096); /* it lives */
    allocator_keep(lent, false);
    CHECK_EQ(lent->lpVtbl->Release(lent), 0);
    CHECK_EQ(master_clock_create(rig.machine, &clock), STATUS_SUCCESS);
    master_clock_keep(clock, true);
    CHECK_EQ(clock->lpVtbl->Release(clock), 1);
    CHECK_EQ(rig_broken(&rig, WDM_RULE_AFTER_RELEASE), 2);
    CHECK_EQ(clock->lpVtbl->GetTime(clock, &now), STATUS_SUCCESS);
    master_clock_keep(clock, false);
    CHECK_EQ(clock->lpVtbl->Release(clock), 0);
    rig_close(&rig, RULE_BIT(WDM_RULE_AFTER_RELEASE));
}

static void test_irql(void)
{
    struct rig rig;
    KIRQL old;
    rig_open(&rig, WDM_VIRTUAL, NULL);
    KeRaiseIrql(DISPATCH_LEVEL, &old);
    put(&rig, get(&rig));
    CHECK_EQ(rig_broken(&rig, WDM_RULE_IRQL), 0);
    KIRQL dispatch;
    KeRaiseIrql(DISPATCH_LEVEL + 1, &dispatch);
    CHECK_EQ(rig.allocator->lpVtbl->GetBufferSize(rig.allocator), 4096); /* any level */
    CHECK_EQ(rig_broken(&rig, WDM_RULE_IRQL), 0);
    put(&rig, get(&rig));
    CHECK_EQ(rig_broken(&rig, WDM_RULE_IRQL), 2);
    KeLowerIrql(dispatch);
    KeLowerIrql(old);
    rig_close(&rig, RULE_BIT(WDM_RULE_IRQL));
}

int main(void)
{
    RUN(test_event_is_zeroed);
    RUN(test_interfaces);
    RUN(test_chain_with_packages);
    RUN(test_deep_packages);
    RUN(test_event_by_event);
    RUN(test_buffer_sizes);
    RUN(test_growth_and_limit);
    RUN(test_no_memory);
    RUN(test_rude_returns);
    RUN(test_rude_buffers);
    RUN(test_written_after_return);
    RUN(test_leaks);
    RUN(test_places);
    RUN(test_kept);
    RUN(test_irql);
    return tap_done();
}
