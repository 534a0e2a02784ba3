/* SPDX-License-Identifier: MIT */
/* The engine in real time, entered from several threads at once. Argument: seconds per test. */
#include <pthread.h>
#include <stdatomic.h>

#include "mxf_rig.h"

#include <dmusbuff.h>

#include "base/clock.h"
#include "kernel/portcls/capture_sink.h"
#include "kernel/portcls/packer.h"
#include "kernel/portcls/sequencer.h"
#include "kernel/portcls/unpacker.h"
#include "tap.h"

static int seconds = 1;
static atomic_bool stop;

static void run_threads(void *(*const *bodies)(void *), unsigned count, void *ctx, int64_t time_100ns)
{
    pthread_t threads[8];
    atomic_store(&stop, false);
    for (unsigned i = 0; i < count; i++)
        if (pthread_create(&threads[i], NULL, bodies[i], ctx) != 0)
            abort();
    clock_sleep_until_100ns(clock_now_100ns() + time_100ns);
    atomic_store(&stop, true);
    for (unsigned i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
}

/* --- one pool, many hands --- */

static void *churn(void *ctx)
{
    struct rig *rig = ctx;
    static atomic_uint names;
    uint64_t seed = 99 + atomic_fetch_add(&names, 1);
    wdm_enter(rig->machine);
    while (!atomic_load(&stop)) {
        struct mxf_chain chain = {NULL, NULL};
        for (uint32_t n = rig_random(&seed) % 50; n > 0; n--) {
            static const uint8_t bytes[40] = {0xF0};
            PDMUS_KERNEL_EVENT event = rig_event(rig, 1, bytes, n % 5 ? 3 : 40);
            mxf_chain_add(&chain, event);
        }
        rig->allocator->lpVtbl->PutMessage(rig->allocator, chain.head);
    }
    wdm_leave();
    return NULL;
}

static void test_allocator(void)
{
    static void *(*const bodies[])(void *) = {churn, churn, churn, churn};
    struct event_pool_config pool = {.events = 1, .buffers = 1}; /* must grow while others take */
    struct rig rig;
    rig_open(&rig, WDM_REAL, &pool);
    run_threads(bodies, 4, &rig, seconds * CLOCK_100NS_PER_SECOND / 4);
    struct event_pool_stats stats;
    event_pool_stats(rig.pool, &stats);
    CHECK(stats.events_taken > 1000);
    CHECK_EQ(stats.events_taken, stats.events_returned);
    CHECK_EQ(stats.buffers_taken, stats.buffers_returned);
    rig_close(&rig, 0);
}

static atomic_uint clock_back;

static void *read_clock(void *ctx)
{
    struct rig *rig = ctx;
    static _Atomic int64_t seen; /* the latest that anybody was told */
    wdm_enter(rig->machine);
    while (!atomic_load(&stop)) {
        int64_t before = atomic_load(&seen), now = rig_now(rig);
        if (now < before || now <= 0)
            atomic_fetch_add(&clock_back, 1);
        while (before < now && !atomic_compare_exchange_weak(&seen, &before, now))
            ;
    }
    wdm_leave();
    return NULL;
}

static void test_clock_never_goes_back(void)
{
    static void *(*const bodies[])(void *) = {read_clock, read_clock, read_clock};
    struct rig rig;
    rig_open(&rig, WDM_REAL, NULL);
    int64_t before = rig_now(&rig);
    run_threads(bodies, 3, &rig, seconds * CLOCK_100NS_PER_SECOND / 5);
    CHECK_EQ(atomic_load(&clock_back), 0);
    CHECK(rig_now(&rig) - before >= seconds * CLOCK_100NS_PER_SECOND / 5);
    rig_close(&rig, 0);
}

/* --- a pin with everything at once --- */

struct pin {
    struct rig rig;
    IMXF cable;
    struct unpacker *unpacker;
    struct sequencer *sequencer;
    struct capture_sink *sink;
    struct packer *packer;
    KTIMER timer;
    KDPC dpc;
    pthread_mutex_t timer_lock;
    atomic_uint in_driver, overlaps, reads, messages, states;
    struct read_request request;
    uint8_t data[512];
};

static NTSTATUS STDMETHODCALLTYPE cable_PutMessage(IMXF *iface, PDMUS_KERNEL_EVENT chain)
{
    struct pin *pin = (struct pin *)(void *)((char *)iface - offsetof(struct pin, cable));
    IMXF *sink = capture_sink_input(pin->sink);
    if (atomic_fetch_add(&pin->in_driver, 1) != 0)
        atomic_fetch_add(&pin->overlaps, 1);
    for (PDMUS_KERNEL_EVENT event = chain; event; event = event->pNextEvt)
        SET_INCOMPLETE_EVT(event);
    NTSTATUS status = sink->lpVtbl->PutMessage(sink, chain);
    atomic_fetch_sub(&pin->in_driver, 1);
    return status;
}

static ULONG STDMETHODCALLTYPE cable_count(IMXF *iface)
{
    (void)iface;
    return 1;
}

static IMXFVtbl cable_vtbl = {.AddRef = cable_count, .Release = cable_count, .PutMessage = cable_PutMessage};

/* As a pin does it: asking and arming are one step. */
static void arm(void *ctx)
{
    struct pin *pin = ctx;
    pthread_mutex_lock(&pin->timer_lock);
    int64_t due = sequencer_next_due(pin->sequencer);
    if (due != INT64_MAX) {
        LARGE_INTEGER when;
        when.QuadPart = master_clock_to_machine(pin->rig.machine, due);
        KeSetTimer(&pin->timer, when, &pin->dpc);
    }
    pthread_mutex_unlock(&pin->timer_lock);
}

static VOID NTAPI on_timer(PKDPC dpc, PVOID ctx, PVOID a, PVOID b)
{
    (void)dpc, (void)a, (void)b;
    struct pin *pin = ctx;
    sequencer_service(pin->sequencer);
    arm(pin);
}

static void on_read(struct read_request *request)
{
    struct pin *pin = request->ctx;
    atomic_fetch_add(&pin->reads, 1);
    for (uint32_t at = 0; at < request->used; at += 24)
        atomic_fetch_add(&pin->messages, 1);
    if (request->status != STATUS_CANCELLED || !atomic_load(&stop))
        packer_read(pin->packer, request);
}

static void *write_events(void *ctx)
{
    struct pin *pin = ctx;
    uint64_t seed = 5;
    uint8_t bytes[24 * 8] = {0};
    wdm_enter(pin->rig.machine);
    while (!atomic_load(&stop)) {
        for (int i = 0; i < 8; i++) {
            const DMUS_EVENTHEADER header = {.cbEvent = 3, .dwChannelGroup = 1, .rtDelta = rig_random(&seed) % (5 * WDM_MS)};
            memcpy(bytes + 24 * i, &header, sizeof header);
            memcpy(bytes + 24 * i + 20, "\x90\x3c\x40", 3);
        }
        unpacker_write(pin->unpacker, rig_now(&pin->rig), bytes, sizeof bytes, NULL);
        clock_sleep_until_100ns(clock_now_100ns() + WDM_MS / 2);
    }
    wdm_leave();
    return NULL;
}

/* Hardware that speaks into the same capture stream. */
static void *capture_events(void *ctx)
{
    struct pin *pin = ctx;
    IMXF *sink = capture_sink_input(pin->sink);
    wdm_enter(pin->rig.machine);
    while (!atomic_load(&stop)) {
        PDMUS_KERNEL_EVENT event = rig_event(&pin->rig, rig_now(&pin->rig), "\xf8", 1);
        mxf_put(sink, event, "hardware");
        clock_sleep_until_100ns(clock_now_100ns() + WDM_MS / 3);
    }
    wdm_leave();
    return NULL;
}

static void *change_states(void *ctx)
{
    struct pin *pin = ctx;
    static const KSSTATE walk[] = {KSSTATE_PAUSE, KSSTATE_ACQUIRE, KSSTATE_STOP, KSSTATE_ACQUIRE, KSSTATE_PAUSE, KSSTATE_RUN};
    wdm_enter(pin->rig.machine);
    for (unsigned i = 0; !atomic_load(&stop) || walk[(i + 5) % 6] != KSSTATE_RUN; i++) {
        sequencer_set_state(pin->sequencer, walk[i % 6]);
        if (walk[i % 6] != KSSTATE_RUN && atomic_load(&pin->in_driver) != 0)
            atomic_fetch_add(&pin->overlaps, 1); /* a delivery outlived the change */
        arm(pin);
        atomic_fetch_add(&pin->states, 1);
        clock_sleep_until_100ns(clock_now_100ns() + 4 * WDM_MS);
    }
    wdm_leave();
    return NULL;
}

static void *cancel_reads(void *ctx)
{
    struct pin *pin = ctx;
    wdm_enter(pin->rig.machine);
    while (!atomic_load(&stop)) {
        struct sequencer_stats stats;
        packer_cancel(pin->packer, &pin->request);
        sequencer_stats(pin->sequencer, &stats);
        event_pool_report_leaks(pin->rig.pool, "a busy moment");
        clock_sleep_until_100ns(clock_now_100ns() + 3 * WDM_MS);
    }
    wdm_leave();
    return NULL;
}

static void open_pin(struct pin *pin)
{
    memset(pin, 0, sizeof *pin);
    rig_open(&pin->rig, WDM_REAL, NULL);
    pin->cable.lpVtbl = &cable_vtbl;
    pthread_mutex_init(&pin->timer_lock, NULL);
    KeInitializeTimer(&pin->timer);
    KeInitializeDpc(&pin->dpc, on_timer, pin);
    struct packer_config packer = {.format = PACK_DIRECTMUSIC, .allocator = pin->rig.allocator};
    struct capture_sink_config sink = {.allocator = pin->rig.allocator, .clock = pin->rig.clock};
    struct sequencer_config sequencer = {
        .allocator = pin->rig.allocator, .output = &pin->cable, .clock = pin->rig.clock, .wake = arm, .wake_ctx = pin};
    struct unpacker_config unpacker = {.format = UNPACK_DIRECTMUSIC, .allocator = pin->rig.allocator};
    CHECK_EQ(packer_create(&packer, &pin->packer), STATUS_SUCCESS);
    sink.output = packer_input(pin->packer);
    CHECK_EQ(capture_sink_create(&sink, &pin->sink), STATUS_SUCCESS);
    CHECK_EQ(sequencer_create(&sequencer, &pin->sequencer), STATUS_SUCCESS);
    unpacker.output = sequencer_input(pin->sequencer);
    CHECK_EQ(unpacker_create(&unpacker, &pin->unpacker), STATUS_SUCCESS);
    for (int state = KSSTATE_ACQUIRE; state <= KSSTATE_RUN; state++) {
        capture_sink_set_state(pin->sink, (KSSTATE)state);
        sequencer_set_state(pin->sequencer, (KSSTATE)state);
    }
    pin->request = (struct read_request){.data = pin->data, .size = sizeof pin->data, .done = on_read, .ctx = pin};
    packer_read(pin->packer, &pin->request);
}

static void close_pin(struct pin *pin, uint64_t allowed)
{
    sequencer_set_state(pin->sequencer, KSSTATE_STOP);
    KeCancelTimer(&pin->timer);
    CHECK(wdm_run_idle(pin->rig.machine, 5000));
    capture_sink_set_state(pin->sink, KSSTATE_STOP);
    packer_flush(pin->packer);
    unpacker_destroy(pin->unpacker);
    sequencer_destroy(pin->sequencer);
    capture_sink_close(pin->sink);
    packer_destroy(pin->packer);
    pthread_mutex_destroy(&pin->timer_lock);
    CHECK_EQ(rig_events_out(&pin->rig), 0);
    rig_close(&pin->rig, allowed);
}

static void test_pin_from_all_sides(void)
{
    static void *(*const bodies[])(void *) = {write_events, capture_events, change_states, cancel_reads};
    static struct pin pin;
    open_pin(&pin);
    run_threads(bodies, 4, &pin, seconds * CLOCK_100NS_PER_SECOND);
    CHECK_EQ(atomic_load(&pin.overlaps), 0);
    CHECK(atomic_load(&pin.messages) > 100);
    CHECK(atomic_load(&pin.reads) > 100);
    CHECK(atomic_load(&pin.states) > 10);
    /* The threads stamp for themselves, so that stamps cross; how late a busy machine is, is not the question here. The
     * leak reports of a busy moment are asked for on purpose. */
    close_pin(&pin, RULE_BIT(WDM_RULE_TIME_BACK) | RULE_BIT(WDM_RULE_LATE) | RULE_BIT(WDM_RULE_EVENT_LEAK));
}

/* Nothing else going on: what the timer does to events, measured. */
static void test_lateness(void)
{
    static void *(*const bodies[])(void *) = {write_events};
    static struct pin pin;
    open_pin(&pin);
    run_threads(bodies, 1, &pin, seconds * CLOCK_100NS_PER_SECOND / 2);
    clock_sleep_until_100ns(clock_now_100ns() + 20 * WDM_MS);
    struct sequencer_stats stats;
    sequencer_stats(pin.sequencer, &stats);
    CHECK(stats.timed > 100);
    CHECK_EQ(stats.held_now, 0);
    CHECK_EQ(stats.accepted, stats.delivered);
    uint64_t sum = 0;
    printf("# late by less than 10 us, 20 us, ...:");
    for (int i = 0; i < SEQUENCER_BUCKETS; i++) {
        sum += stats.late[i];
        printf(" %llu", (unsigned long long)stats.late[i]);
    }
    printf("; most %lld us, beyond 2 ms: %llu of %llu\n", (long long)(stats.late_max_100ns / 10),
           (unsigned long long)stats.late_2ms, (unsigned long long)stats.timed);
    CHECK_EQ(sum, stats.timed);
    close_pin(&pin, RULE_BIT(WDM_RULE_TIME_BACK) | RULE_BIT(WDM_RULE_LATE));
}

int main(int argc, char **argv)
{
    if (argc > 1)
        seconds = atoi(argv[1]) > 0 ? atoi(argv[1]) : 1;
    RUN(test_allocator);
    RUN(test_clock_never_goes_back);
    RUN(test_pin_from_all_sides);
    RUN(test_lateness);
    return tap_done();
}
