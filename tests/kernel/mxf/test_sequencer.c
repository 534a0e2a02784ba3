/* SPDX-License-Identifier: MIT */
/* The sequencer: spec/ddi-kernel.md 8.3, 8.4, 8.7. */
#include "mxf_rig.h"

#include <dmusicks.h>

#include "base/alloc.h"
#include "kernel/portcls/sequencer.h"
#include "tap.h"

struct bench {
    struct rig rig;
    struct probe probe;
    struct sequencer *sequencer;
    unsigned wakes;
};

static void on_wake(void *ctx) { ((struct bench *)ctx)->wakes++; }

static void open_with(struct bench *b, uint64_t prefetch, bool singly)
{
    memset(b, 0, sizeof *b);
    rig_open(&b->rig, WDM_VIRTUAL, NULL);
    probe_init(&b->probe, &b->rig);
    struct sequencer_config config = {.allocator = b->rig.allocator, .output = &b->probe.iface, .clock = b->rig.clock,
                                      .prefetch_100ns = prefetch, .singly = singly, .name = "sequencer test",
                                      .wake = on_wake, .wake_ctx = b};
    CHECK_EQ(sequencer_create(&config, &b->sequencer), STATUS_SUCCESS);
}

static void start(struct bench *b)
{
    for (int state = KSSTATE_ACQUIRE; state <= KSSTATE_RUN; state++)
        CHECK_EQ(sequencer_set_state(b->sequencer, (KSSTATE)state), STATUS_SUCCESS);
}

static void close_bench(struct bench *b)
{
    sequencer_destroy(b->sequencer);
    probe_end(&b->probe);
    CHECK_EQ(rig_events_out(&b->rig), 0);
    rig_close(&b->rig, 0);
}

static NTSTATUS give(struct bench *b, PDMUS_KERNEL_EVENT chain)
{
    return mxf_pass(sequencer_input(b->sequencer), chain, "test");
}

static void give_note(struct bench *b, int64_t time, uint8_t key)
{
    const uint8_t note[3] = {0x90, key, 100};
    give(b, rig_event(&b->rig, time, note, 3));
}

/* What a pin does: run the clock to each due time and serve. */
static void play_until(struct bench *b, int64_t end)
{
    for (int64_t due; (due = sequencer_next_due(b->sequencer)) <= end;) {
        if (due > rig_now(&b->rig))
            rig_run_until(&b->rig, due);
        sequencer_service(b->sequencer);
    }
    rig_run_until(&b->rig, end);
    sequencer_service(b->sequencer);
}

static void test_delivers_on_time(void)
{
    struct bench b;
    open_with(&b, 0, false);
    start(&b);
    int64_t now = rig_now(&b.rig);
    give_note(&b, now + 30 * WDM_MS, 3);
    give_note(&b, now + 10 * WDM_MS, 1);
    give_note(&b, now + 20 * WDM_MS, 2);
    give_note(&b, now - 5 * WDM_MS, 0); /* past: at once */
    CHECK_EQ(b.probe.count, 1);
    CHECK_EQ(sequencer_next_due(b.sequencer), now + 10 * WDM_MS);
    play_until(&b, now + 100 * WDM_MS);
    CHECK_EQ(b.probe.count, 4);
    for (uint32_t i = 0; i < b.probe.count; i++) {
        CHECK_EQ(b.probe.bytes[b.probe.notes[i].first + 1], i);
        CHECK_EQ(b.probe.notes[i].at_100ns, i ? b.probe.notes[i].time_100ns : now);
        CHECK_EQ(b.probe.notes[i].irql, DISPATCH_LEVEL);
    }
    struct sequencer_stats stats;
    sequencer_stats(b.sequencer, &stats);
    CHECK_EQ(stats.accepted, 4);
    CHECK_EQ(stats.delivered, 4);
    CHECK_EQ(stats.timed, 3);
    CHECK_EQ(stats.late[0], 3);
    CHECK_EQ(stats.late_max_100ns, 0);
    CHECK_EQ(KeGetCurrentIrql(), PASSIVE_LEVEL);
    close_bench(&b);
}

static void test_prefetch(void)
{
    struct bench b;
    open_with(&b, (uint64_t)(3 * WDM_MS), false);
    start(&b);
    int64_t now = rig_now(&b.rig);
    give_note(&b, now + 10 * WDM_MS, 1);
    give_note(&b, now + 3 * WDM_MS, 0); /* exactly the prefetch ahead: due */
    CHECK_EQ(b.probe.count, 1);
    play_until(&b, now + 7 * WDM_MS - 1);
    CHECK_EQ(b.probe.count, 1);
    play_until(&b, now + 7 * WDM_MS);
    CHECK_EQ(b.probe.count, 2);
    close_bench(&b);
}

static void test_dont_hold(void)
{
    static const uint64_t prefetches[] = {DONT_HOLD_FOR_SEQUENCING, UINT64_MAX, INT64_MAX};
    for (int i = 0; i < 3; i++) {
        struct bench b;
        open_with(&b, prefetches[i], false);
        start(&b);
        give_note(&b, INT64_C(1) << 62, 1);
        give_note(&b, rig_now(&b.rig) + 1, 2);
        give_note(&b, INT64_MIN, 3);
        give_note(&b, 0, 4);
        CHECK_EQ(b.probe.count, 4);
        for (uint32_t k = 0; k < b.probe.count; k++)
            CHECK_EQ(b.probe.bytes[b.probe.notes[k].first + 1], k + 1); /* as they came */
        CHECK_EQ(sequencer_next_due(b.sequencer), INT64_MAX);
        close_bench(&b);
    }
}

/* Thousands of events on a few stamps, in chains and singly, against a stable sort of the same. */
static void test_equal_stamps_keep_order(void)
{
    enum { EVENTS = 5000 };
    static int64_t stamp[EVENTS];
    for (int singly = 0; singly < 2; singly++) {
        struct bench b;
        uint64_t seed = 7;
        open_with(&b, 0, singly);
        start(&b);
        int64_t now = rig_now(&b.rig);
        struct mxf_chain chain = {NULL, NULL};
        for (uint32_t i = 0; i < EVENTS; i++) {
            const uint8_t bytes[3] = {0x90, (uint8_t)(i & 127), (uint8_t)(i >> 7)};
            stamp[i] = now + (1 + rig_random(&seed) % 20) * WDM_MS;
            mxf_chain_add(&chain, rig_event(&b.rig, stamp[i], bytes, 3));
            if (rig_random(&seed) % 4 == 0 || i + 1 == EVENTS) {
                give(&b, chain.head);
                chain = (struct mxf_chain){NULL, NULL};
            }
        }
        play_until(&b, now + 100 * WDM_MS);
        CHECK_EQ(b.probe.count, EVENTS);
        size_t at = 0, wrong = 0;
        for (int64_t time = now + WDM_MS; time <= now + 20 * WDM_MS; time += WDM_MS)
            for (uint32_t i = 0; i < EVENTS; i++)
                if (stamp[i] == time) {
                    const struct probe_note *n = &b.probe.notes[at];
                    wrong += n->time_100ns != time || b.probe.bytes[n->first + 1] != (i & 127) ||
                             b.probe.bytes[n->first + 2] != i >> 7;
                    at++;
                }
        CHECK_EQ(wrong, 0);
        CHECK_EQ(b.probe.calls, singly ? EVENTS : 20); /* a chain is of one stamp, and all of it */
        close_bench(&b);
    }
}

static void test_states(void)
{
    struct bench b;
    struct sequencer_stats stats;
    open_with(&b, DONT_HOLD_FOR_SEQUENCING, false);
    give_note(&b, 1, 0); /* STOP: discarded */
    CHECK_EQ(rig_events_out(&b.rig), 0);
    sequencer_set_state(b.sequencer, KSSTATE_ACQUIRE);
    give_note(&b, 1, 1);
    sequencer_service(b.sequencer);
    sequencer_set_state(b.sequencer, KSSTATE_PAUSE);
    give_note(&b, 2, 2);
    sequencer_service(b.sequencer);
    CHECK_EQ(b.probe.count, 0);
    CHECK_EQ(sequencer_next_due(b.sequencer), INT64_MAX);
    sequencer_set_state(b.sequencer, KSSTATE_RUN); /* delivers what was held */
    CHECK_EQ(b.probe.count, 2);
    sequencer_set_state(b.sequencer, KSSTATE_PAUSE);
    give_note(&b, 3, 3);
    sequencer_set_state(b.sequencer, KSSTATE_ACQUIRE);
    CHECK_EQ(rig_events_out(&b.rig), 1);
    sequencer_set_state(b.sequencer, KSSTATE_STOP);
    CHECK_EQ(rig_events_out(&b.rig), 0);
    start(&b);
    CHECK_EQ(b.probe.count, 2); /* what STOP took is gone */
    sequencer_stats(b.sequencer, &stats);
    CHECK_EQ(stats.discarded, 2);
    CHECK_EQ(stats.held_max, 2);
    close_bench(&b);
}

static void test_wake(void)
{
    struct bench b;
    open_with(&b, 0, false);
    start(&b);
    CHECK_EQ(b.wakes, 0);
    int64_t now = rig_now(&b.rig);
    give_note(&b, now + 50 * WDM_MS, 1);
    CHECK_EQ(b.wakes, 1);
    CHECK_EQ(sequencer_next_due(b.sequencer), now + 50 * WDM_MS);
    give_note(&b, now + 60 * WDM_MS, 2); /* later than what the pin knows */
    give_note(&b, now, 2);               /* goes at once */
    CHECK_EQ(b.wakes, 1);
    give_note(&b, now + 40 * WDM_MS, 3);
    CHECK_EQ(b.wakes, 2);
    CHECK_EQ(sequencer_next_due(b.sequencer), now + 40 * WDM_MS);
    sequencer_set_state(b.sequencer, KSSTATE_PAUSE);
    give_note(&b, now + 10 * WDM_MS, 4);
    CHECK_EQ(b.wakes, 2);
    sequencer_set_state(b.sequencer, KSSTATE_RUN);
    CHECK_EQ(b.wakes, 3);
    close_bench(&b);
}

/* A driver that sends two more into the same pin from inside PutMessage, three levels deep if it were recursion. */
static void reenter(void *ctx, struct probe *probe)
{
    struct bench *b = ctx;
    CHECK_EQ(KeGetCurrentIrql(), DISPATCH_LEVEL);
    if (probe->calls > 3)
        return;
    uint32_t calls = probe->calls;
    give_note(b, 1, (uint8_t)(10 * calls));
    give_note(b, 0, (uint8_t)(10 * calls + 1));
    CHECK_EQ(probe->calls, calls); /* queued: the stream is never called while it is called */
}

static void test_reentry(void)
{
    struct bench b;
    open_with(&b, 0, false);
    start(&b);
    b.probe.inside = reenter;
    b.probe.ctx = &b;
    give_note(&b, 0, 1);
    CHECK_EQ(b.probe.count, 7);
    close_bench(&b);
}

/* During a delivery there is no due time, although one note is late by then and another is to come; its end wakes the pin. */
static void look_inside(void *ctx, struct probe *probe)
{
    struct bench *b = ctx;
    if (probe->calls > 1)
        return;
    int64_t now = rig_now(&b->rig);
    KeStallExecutionProcessor(3000);
    give_note(b, now + 2 * WDM_MS, 2);
    give_note(b, now + 9 * WDM_MS, 3);
    CHECK_EQ(sequencer_next_due(b->sequencer), INT64_MAX);
    CHECK_EQ(b->wakes, 0);
}

static void test_no_due_time_inside(void)
{
    struct bench b;
    open_with(&b, 0, false);
    start(&b);
    int64_t now = rig_now(&b.rig);
    b.probe.inside = look_inside;
    b.probe.ctx = &b;
    give_note(&b, now, 1);
    CHECK_EQ(b.probe.count, 2);
    CHECK_EQ(b.wakes, 1);
    CHECK_EQ(sequencer_next_due(b.sequencer), now + 9 * WDM_MS);
    play_until(&b, now + 9 * WDM_MS);
    CHECK_EQ(b.probe.count, 3);
    CHECK_EQ(rig_broken(&b.rig, WDM_RULE_HARDWARE), 1); /* its long stall is told, and no fault */
    CHECK_EQ(wdm_rule_faults(b.rig.machine), 0);
    wdm_rule_reset(b.rig.machine);
    close_bench(&b);
}

static void test_no_memory(void)
{
    struct bench b;
    open_with(&b, 0, false);
    start(&b);
    int64_t later = rig_now(&b.rig) + 1000 * WDM_MS;
    struct mxf_chain chain = {NULL, NULL};
    for (int i = 0; i < 300; i++)
        mxf_chain_add(&chain, rig_event(&b.rig, later, "\x90\x3c\x40", 3));
    dm_alloc_fail_at(1, true);
    CHECK_EQ(give(&b, chain.head), STATUS_INSUFFICIENT_RESOURCES);
    dm_alloc_fail_at(0, false);
    CHECK_EQ(rig_events_out(&b.rig), 0);
    give_note(&b, later, 1);
    CHECK_EQ(rig_events_out(&b.rig), 1);
    close_bench(&b);
    for (long n = 1;; n++) {
        struct bench c;
        struct sequencer *made = NULL;
        memset(&c, 0, sizeof c);
        rig_open(&c.rig, WDM_VIRTUAL, NULL);
        probe_init(&c.probe, &c.rig);
        struct sequencer_config config = {.allocator = c.rig.allocator, .output = &c.probe.iface, .clock = c.rig.clock};
        long live = dm_alloc_live();
        dm_alloc_fail_at(n, true);
        NTSTATUS status = sequencer_create(&config, &made);
        dm_alloc_fail_at(0, false);
        sequencer_destroy(made);
        CHECK_EQ(dm_alloc_live(), live);
        rig_close(&c.rig, 0);
        if (NT_SUCCESS(status))
            break;
    }
}

int main(void)
{
    RUN(test_delivers_on_time);
    RUN(test_prefetch);
    RUN(test_dont_hold);
    RUN(test_equal_stamps_keep_order);
    RUN(test_states);
    RUN(test_wake);
    RUN(test_reentry);
    RUN(test_no_due_time_inside);
    RUN(test_no_memory);
    return tap_done();
}
