/* SPDX-License-Identifier: MIT */
/* Real time: writes, reads, properties, states, opening, notifications and power from threads of their own, on the same pins. */
#define _POSIX_C_SOURCE 200809L
#include "tap.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "kit.h"

static struct kit k;
static struct host_filter *filter;
static struct host_pin *render, *capture, *wave;
static atomic_bool over;
static atomic_uint writes, reads, reads_pending, reads_data, properties, states, sounds, opened, powers;

static void rest(unsigned us)
{
    struct timespec t = {0, (long)us * 1000};
    nanosleep(&t, NULL);
}

static void *write_notes(void *ctx)
{
    (void)ctx;
    while (!atomic_load(&over)) {
        int64_t now = kit_now(&k);
        for (int i = 0; i < 20; i++)
            if (kit_note(render, now + i * 5000, 60) == STATUS_SUCCESS)
                atomic_fetch_add(&writes, 1);
        rest(300);
    }
    return NULL;
}

#define READS 4
static struct host_packet packets[READS];
static uint8_t buffers[READS][256];
static atomic_bool busy[READS];

static void read_done(void *ctx, NTSTATUS status, uint32_t bytes)
{
    size_t i = (size_t)ctx;
    if (NT_SUCCESS(status) && bytes)
        atomic_fetch_add(&reads_data, 1);
    atomic_fetch_sub(&reads_pending, 1);
    atomic_store(&busy[i], false);
}

static void *read_capture(void *ctx)
{
    (void)ctx;
    while (!atomic_load(&over)) {
        for (size_t i = 0; i < READS; i++) {
            if (atomic_exchange(&busy[i], true))
                continue;
            packets[i] = (struct host_packet){.data = buffers[i], .size = sizeof buffers[i], .done = read_done, .ctx = (void *)i};
            atomic_fetch_add(&reads_pending, 1);
            atomic_fetch_add(&reads, 1);
            host_pin_read(capture, &packets[i]);
        }
        host_pin_cancel(capture, &packets[rand() % READS]);
        rest(200);
    }
    return NULL;
}

static void *ask(void *ctx)
{
    ULONG value;
    struct host_pin *extra;
    (void)ctx;
    while (!atomic_load(&over)) {
        if (kit_get(filter, render, 0, &kit_set, KIT_ITEM_ULONG, KSPROPERTY_TYPE_GET, &value, 4, NULL) == STATUS_SUCCESS)
            atomic_fetch_add(&properties, 1);
        if (NT_SUCCESS(kit_pin(filter, KIT_CAPTURE, &extra))) {
            host_pin_set_state(extra, KSSTATE_RUN);
            host_close_pin(extra);
            atomic_fetch_add(&opened, 1);
        }
        rest(100);
    }
    return NULL;
}

static void *change_states(void *ctx)
{
    struct host_pin *pins[] = {render, capture, wave};
    unsigned n = 0;
    (void)ctx;
    while (!atomic_load(&over)) {
        static const KSSTATE way[] = {KSSTATE_RUN, KSSTATE_PAUSE, KSSTATE_RUN, KSSTATE_STOP};
        for (int i = 0; i < 3; i++)
            if (host_pin_set_state(pins[i], way[n % 4]) == STATUS_SUCCESS)
                atomic_fetch_add(&states, 1);
        n++;
        rest(1000);
    }
    return NULL;
}

static void *interrupt(void *ctx)
{
    (void)ctx;
    wdm_enter(host_machine(k.host));
    while (!atomic_load(&over)) {
        KIRQL before;
        atomic_store(&k.capture_count, 3);
        KeRaiseIrql(8, &before);
        k.port->lpVtbl->Notify(k.port, NULL);
        KeLowerIrql(before);
        rest(150);
    }
    wdm_leave();
    return NULL;
}

static void *change_power(void *ctx)
{
    (void)ctx;
    while (!atomic_load(&over)) {
        if (NT_SUCCESS(host_device_power(k.device, PowerDeviceD3)))
            atomic_fetch_add(&powers, 1);
        rest(500);
        host_device_power(k.device, PowerDeviceD0);
        rest(3000);
    }
    return NULL;
}

static void consume(void *ctx, const void *frames, uint32_t count)
{
    (void)ctx, (void)frames;
    atomic_fetch_add(&sounds, count);
}

static int seconds = 1;

static void test_threads(void)
{
    struct dm_error err = {0};
    enum { THREADS = 6 };
    pthread_t threads[THREADS];
    void *(*const work[THREADS])(void *) = {write_notes, read_capture, ask, change_states, interrupt, change_power};
    struct host_consumer consumer = {.slice_ms = 5, .consume = consume};
    if (!CHECK(kit_open(&k, &(struct kit_config){.time = WDM_REAL, .power = true}, &err))) {
        printf("# %s\n", err.text);
        return;
    }
    memcpy(k.capture_bytes, "\x90\x40\x7f", 3);
    filter = kit_filter(&k);
    CHECK_EQ(kit_pin(filter, KIT_RENDER, &render), STATUS_SUCCESS);
    CHECK_EQ(kit_pin(filter, KIT_CAPTURE, &capture), STATUS_SUCCESS);
    CHECK_EQ(kit_pin(filter, KIT_WAVE, &wave), STATUS_SUCCESS);
    CHECK_EQ(host_pin_attach_consumer(wave, &consumer), STATUS_SUCCESS);
    for (int i = 0; i < THREADS; i++)
        CHECK_EQ(pthread_create(&threads[i], NULL, work[i], NULL), 0);
    clock_sleep_until_100ns(clock_now_100ns() + seconds * CLOCK_100NS_PER_SECOND);
    atomic_store(&over, true);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    host_close_pin(capture);
    CHECK_EQ(reads_pending, 0); /* every read ended once */
    host_close_filter(filter);
    kit_shut(&k);
    CHECK_EQ(kit_faults(&k), 0);
    kit_print_book(&k);
    CHECK_EQ(k.streams, 0);
    CHECK_EQ(k.opened_down, 0); /* the device was in D0 for each NewStream */
    CHECK(writes > 50 && reads > 10 && properties > 10 && states > 30 && sounds > 1000 && opened > 10 && k.puts > 50 && powers > 5);
    printf("# %u writes, %u events played, %u reads (%u with data), %u properties, %u states, %u opens, %u frames\n", writes, k.puts, reads,
           reads_data, properties, states, opened, sounds);
    kit_close(&k);
}

struct counted {
    IServiceSink iface;
    LONG refs, calls;
};
static NTSTATUS NTAPI counted_QueryInterface(IServiceSink *iface, REFIID iid, PVOID *out)
{
    (void)iface, (void)iid;
    *out = NULL;
    return STATUS_INVALID_PARAMETER;
}
static ULONG NTAPI counted_AddRef(IServiceSink *iface) { return (ULONG)InterlockedIncrement(&((struct counted *)iface)->refs); }
static ULONG NTAPI counted_Release(IServiceSink *iface) { return (ULONG)InterlockedDecrement(&((struct counted *)iface)->refs); }
static void NTAPI counted_RequestService(IServiceSink *iface) { InterlockedIncrement(&((struct counted *)iface)->calls); }

/* The last Release while the DPC thread is about to walk, or walks. */
static void test_groups(void)
{
    static IServiceSinkVtbl vtbl = {counted_QueryInterface, counted_AddRef, counted_Release, counted_RequestService};
    static const KIRQL levels[] = {PASSIVE_LEVEL, APC_LEVEL, DISPATCH_LEVEL};
    struct dm_error err = {0};
    struct counted sink = {{&vtbl}, 1, 0};
    CHECK(kit_open(&k, &(struct kit_config){.time = WDM_REAL}, &err));
    wdm_enter(host_machine(k.host));
    for (int i = 0; i < 3000; i++) {
        IServiceGroup *group;
        KIRQL before;
        if (!NT_SUCCESS(PcNewServiceGroup(&group, NULL)))
            break;
        group->lpVtbl->AddMember(group, &sink.iface);
        KeRaiseIrql(levels[i % 3], &before);
        group->lpVtbl->RequestService(group);
        if (i % 2)
            KeStallExecutionProcessor((ULONG)i % 40);
        group->lpVtbl->Release(group);
        KeLowerIrql(before);
    }
    KeFlushQueuedDpcs();
    CHECK_EQ(sink.refs, 1);
    CHECK(sink.calls > 0);
    printf("# %d of 3000 requests were served\n", (int)sink.calls);
    wdm_leave();
    kit_shut(&k);
    CHECK_EQ(kit_faults(&k), 0);
    kit_print_book(&k);
    kit_close(&k);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        seconds = atoi(argv[1]);
    RUN(test_groups);
    RUN(test_threads);
    return tap_done();
}
