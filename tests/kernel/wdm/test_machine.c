/* SPDX-License-Identifier: MIT */
/* Machines beside each other, repeatable runs, the trace. */
#define _POSIX_C_SOURCE 200809L
#include <stdlib.h>
#include <string.h>

#include "kernel/wdm/trace.h"
#include "wdm_rig.h"

static VOID NTAPI note(PKDPC Dpc, PVOID DeferredContext, PVOID SystemArgument1, PVOID SystemArgument2)
{
    KTIMER *timer = DeferredContext;
    (void)Dpc;
    (void)SystemArgument1;
    (void)SystemArgument2;
    WDM_TRACE("notes", "note", "\"period\":%d", (int)timer->Period);
}

/* One run of a small world whose order depends on everything: its trace is its fingerprint. */
static char *run_world(size_t *size)
{
    char *text = NULL;
    FILE *file = open_memstream(&text, size);
    struct wdm_machine *m = machine_open(WDM_VIRTUAL);
    KTIMER timers[5];
    KDPC dpcs[5];
    CHECK_EQ(wdm_trace_start(m, file, NULL), DM_OK);
    CHECK_EQ(wdm_trace_start(m, file, NULL), DM_ERR_ARGUMENT);
    for (int i = 0; i < 5; i++) {
        KeInitializeTimer(&timers[i]);
        KeInitializeDpc(&dpcs[i], note, &timers[i]);
        KeSetTimerEx(&timers[i], after_ms(1 + i % 3), 1 + i, &dpcs[i]);
    }
    wdm_run_until(m, wdm_boot_100ns(m) + 20 * WDM_MS);
    for (int i = 0; i < 5; i++)
        CHECK(KeCancelTimer(&timers[i]));
    CHECK_EQ(wdm_trace_stop(m, NULL), DM_OK);
    machine_close(m);
    fclose(file);
    return text;
}

static void test_repeatable(void)
{
    size_t size[2];
    char *first = run_world(&size[0]), *second = run_world(&size[1]);
    CHECK(size[0] == size[1] && memcmp(first, second, size[0]) == 0);
    CHECK(strstr(first, "{\"name\":\"thread_name\",\"ph\":\"M\",\"pid\":1,\"tid\":2,\"args\":{\"name\":\"notes\"}}"));
    CHECK(strstr(first, "{\"name\":\"note\",\"ph\":\"i\",\"ts\":1000.0,\"pid\":1,\"tid\":2,\"s\":\"t\",\"args\":{\"period\":1}}"));
    CHECK(strstr(first, "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n{") == first);
    CHECK_STR(first + size[0] - 4, "\n]}\n");
    /* periods 1..5 ms, first at 1, 2, 3, 1, 2 ms, until 20 ms: 20 + 10 + 6 + 5 + 4 notes */
    unsigned notes = 0;
    for (const char *at = first; (at = strstr(at, "\"note\"")); at++)
        notes++;
    CHECK_EQ(notes, 45);
    free(first);
    free(second);
}

static void keep_line(void *ctx, const char *line) { snprintf(ctx, 200, "%s", line); }

static void test_live(void)
{
    char line[200] = "", text[16];
    struct wdm_machine *m = machine_open(WDM_VIRTUAL);
    CHECK(!wdm_tracing());
    WDM_TRACE("t", "n", NULL);
    wdm_trace_live(m, keep_line, line);
    CHECK(wdm_tracing());
    wdm_run_until(m, wdm_boot_100ns(m) + 15001);
    WDM_TRACE("pin 0", "put", "\"bytes\":%d", 3);
    CHECK_STR(line, "      1.5001 ms  pin 0  put  \"bytes\":3");
    wdm_trace_begin("pin 0", "slice");
    CHECK_STR(line, "      1.5001 ms  pin 0  slice {");
    wdm_trace_end("pin 0", "slice");
    wdm_trace_value("pin 0", "held", 7);
    CHECK_STR(line, "      1.5001 ms  pin 0  held  \"value\":7");
    char big[400];
    memset(big, 'x', sizeof big);
    WDM_TRACE("pin 0", "put", "\"%.*s\"", (int)sizeof big, big); /* arguments that do not fit are dropped whole */
    CHECK_STR(line, "      1.5001 ms  pin 0  put");
    wdm_trace_live(m, NULL, NULL);
    CHECK(!wdm_tracing());
    CHECK_STR(wdm_trace_escape(text, sizeof text, "a\"b\\\n"), "a\\\"b\\\\\\u000a");
    CHECK_STR(wdm_trace_escape(text, 4, "ab\xc3\xa4"), "ab");
    machine_close(m);
}

static void test_two_machines(void)
{
    struct wdm_machine *a = machine_open(WDM_VIRTUAL);
    LARGE_INTEGER time;
    wdm_run_until(a, wdm_boot_100ns(a) + 500);
    KIRQL old = KeRaiseIrqlToDpcLevel();
    struct wdm_machine *b = machine_open(WDM_VIRTUAL);
    CHECK_EQ(KeGetCurrentIrql(), PASSIVE_LEVEL); /* another computer */
    KeQuerySystemTime(&time);
    CHECK_EQ(time.QuadPart, wdm_boot_100ns(b));
    CHECK_EQ(wdm_boot_100ns(b), INT64_C(126227808000000000)); /* 2001-01-01, 400 years of 146097 days after 1601 */
    CHECK_EQ(INT64_C(146097) * 86400 * 10000000, INT64_C(126227808000000000));
    wdm_enter(a);
    CHECK_EQ(KeGetCurrentIrql(), DISPATCH_LEVEL); /* the same one again */
    wdm_leave();
    void *block = ExAllocatePool(NonPagedPool, 10);
    CHECK_EQ(wdm_pool_live(a), 0);
    CHECK_EQ(wdm_pool_bytes(b), 10);
    ExFreePool(block);
    machine_close(b);
    CHECK(wdm_current() == a);
    KeQuerySystemTime(&time);
    CHECK_EQ(time.QuadPart, wdm_boot_100ns(a) + 500);
    KeLowerIrql(old);
    machine_close(a);
    CHECK(!wdm_current());
}

static void test_arguments(void)
{
    struct wdm_machine *m;
    struct wdm_config config = {.workers = 17};
    CHECK_EQ(wdm_machine_create(&config, &m, NULL), DM_ERR_ARGUMENT);
    config = (struct wdm_config){.priority = 100};
    CHECK_EQ(wdm_machine_create(&config, &m, NULL), DM_ERR_ARGUMENT);
    wdm_machine_destroy(NULL);
}

static void test_pool_failure(void)
{
    struct wdm_machine *m = machine_open(WDM_VIRTUAL);
    wdm_pool_fail_at(m, 2, false);
    void *a = ExAllocatePool(NonPagedPool, 1), *b = ExAllocatePool(NonPagedPool, 1), *c = ExAllocatePool(NonPagedPool, 1);
    CHECK(a && !b && c);
    CHECK(!wdm_pool_fail_waits(m));
    wdm_pool_fail_at(m, 3, false);
    for (int i = 0; i < 4; i++)
        IoFreeIrp(IoAllocateIrp(1, FALSE)); /* no allocations of pool memory */
    ExFreePool(ExAllocatePool(NonPagedPool, 1));
    ExFreePool(ExAllocatePool(NonPagedPool, 1));
    CHECK(wdm_pool_fail_waits(m));
    CHECK(!ExAllocatePool(NonPagedPool, 1) && !wdm_pool_fail_waits(m));
    wdm_pool_fail_at(m, 1, true);
    CHECK(!IoAllocateWorkItem(NULL) && !ExAllocatePool(PagedPool, 1) && wdm_pool_fail_waits(m));
    wdm_pool_fail_at(m, 0, false);
    ExFreePool(a);
    ExFreePool(c);
    CHECK(!ExAllocatePool(NonPagedPool, (SIZE_T)-1));
    void *blocks[300];
    for (int i = 0; i < 300; i++)
        blocks[i] = ExAllocatePool(NonPagedPool, (SIZE_T)i);
    CHECK_EQ(wdm_pool_live(m), 300);
    CHECK_EQ(wdm_pool_bytes(m), 300 * 299 / 2);
    for (int i = 0; i < 300; i++)
        ExFreePool(blocks[(i * 7) % 300]);
    machine_close(m);
}

int main(void)
{
    RUN(test_repeatable);
    RUN(test_live);
    RUN(test_two_machines);
    RUN(test_arguments);
    RUN(test_pool_failure);
    return tap_done();
}
