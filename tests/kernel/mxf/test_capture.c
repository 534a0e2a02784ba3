/* SPDX-License-Identifier: MIT */
/* The capture sink and its parser: spec/ddi-kernel.md 8.9. The million messages are made by a writer, which knows what must
 * come out. */
#include "mxf_rig.h"

#include "base/alloc.h"
#include "base/midi_parser.h"
#include "kernel/portcls/capture_sink.h"
#include "tap.h"

struct bench {
    struct rig rig;
    struct probe probe;
    struct capture_sink *sink;
};

static void open_bench(struct bench *b, const struct event_pool_config *pool, bool drop_sensing)
{
    rig_open(&b->rig, WDM_VIRTUAL, pool);
    probe_init(&b->probe, &b->rig);
    struct capture_sink_config config = {.allocator = b->rig.allocator, .output = &b->probe.iface, .clock = b->rig.clock,
                                         .drop_active_sensing = drop_sensing, .name = "capture test"};
    CHECK_EQ(capture_sink_create(&config, &b->sink), STATUS_SUCCESS);
    for (int state = KSSTATE_ACQUIRE; state <= KSSTATE_RUN; state++)
        CHECK_EQ(capture_sink_set_state(b->sink, (KSSTATE)state), STATUS_SUCCESS);
}

static void close_bench(struct bench *b, uint64_t allowed)
{
    capture_sink_close(b->sink);
    probe_end(&b->probe);
    CHECK_EQ(rig_events_out(&b->rig), 0);
    rig_close(&b->rig, allowed);
}

static void put(struct bench *b, PDMUS_KERNEL_EVENT chain)
{
    IMXF *input = capture_sink_input(b->sink);
    CHECK_EQ(mxf_pass(input, chain, "test"), STATUS_SUCCESS);
}

static PDMUS_KERNEL_EVENT raw(struct bench *b, int64_t time, const void *bytes, uint32_t size)
{
    PDMUS_KERNEL_EVENT event = rig_event(&b->rig, time, bytes, size);
    SET_INCOMPLETE_EVT(event);
    return event;
}

static void send_raw(struct bench *b, int64_t time, const char *bytes, uint32_t size) { put(b, raw(b, time, bytes, size)); }

static void test_messages(void)
{
    struct bench b;
    open_bench(&b, NULL, false);
    send_raw(&b, 10, "\x40\x41\x90\x3c", 4); /* stray data first */
    send_raw(&b, 20, "\xf8\x40\x3d", 3);     /* real-time inside, then running status */
    send_raw(&b, 30, "\x41\xc2\x05\x06", 4);
    send_raw(&b, 40, "\xf2\x01\x02\x33\xf6\xf7\xf4\x11", 8); /* common ends running status; stray F7, undefined F4 */
    send_raw(&b, 50, "\x91\x01\x92\x02\x03\xfe", 6);         /* a message cut short */
    static const char *const want[] = {"\xf8", "\x90\x3c\x40", "\x90\x3d\x41", "\xc2\x05", "\xc2\x06", "\xf2\x01\x02", "\xf6",
                                       "\x92\x02\x03", "\xfe"};
    static const int64_t times[] = {20, 20, 20, 30, 30, 40, 40, 50, 50};
    CHECK_EQ(b.probe.count, 9);
    for (uint32_t i = 0; i < b.probe.count && i < 9; i++) {
        CHECK(probe_is(&b.probe, i, want[i], (uint32_t)strlen(want[i])));
        /* 90 3C 40 began at 10, but F8 was told at 20 before it: stamps do not go back */
        CHECK_EQ(b.probe.notes[i].time_100ns, times[i]);
        CHECK_EQ(b.probe.notes[i].flags, DMUS_KEF_EVENT_COMPLETE);
        CHECK_EQ(b.probe.notes[i].group, 1);
    }
    struct capture_sink_stats stats;
    capture_sink_stats(b.sink, &stats);
    CHECK_EQ(stats.raw_bytes, 25);
    CHECK_EQ(stats.dropped_bytes, 2 + 1 + 1 + 1 + 1 + 2);
    close_bench(&b, 0);
}

static void test_active_sensing_dropped(void)
{
    struct bench b;
    open_bench(&b, NULL, true);
    send_raw(&b, 1, "\xfe\x90\xfe\x3c\x40\xf0\xfe\x01\xf7\xff", 10);
    CHECK_EQ(b.probe.count, 3);
    CHECK(probe_is(&b.probe, 0, "\x90\x3c\x40", 3) && probe_is(&b.probe, 1, "\xf0\x01\xf7", 3) && probe_is(&b.probe, 2, "\xff", 1));
    close_bench(&b, 0);
}

static void test_sysex_ends(void)
{
    struct bench b;
    open_bench(&b, NULL, false);
    send_raw(&b, 1, "\xf0\x01\x02", 3);
    CHECK_EQ(b.probe.count, 0);
    send_raw(&b, 2, "\xf9\x03\x90\x3c", 4); /* undefined real-time does not end it; a note does */
    CHECK_EQ(b.probe.count, 2);
    CHECK(probe_is(&b.probe, 0, "\xf9", 1) && probe_is(&b.probe, 1, "\xf0\x01\x02\x03", 4));
    send_raw(&b, 3, "\x40\xf0\x05\xf0\x06\xf7", 6); /* another SysEx ends one, too */
    CHECK_EQ(b.probe.count, 5);
    CHECK(probe_is(&b.probe, 2, "\x90\x3c\x40", 3) && probe_is(&b.probe, 3, "\xf0\x05", 2) &&
          probe_is(&b.probe, 4, "\xf0\x06\xf7", 3));
    send_raw(&b, 4, "\xf0\x07", 2);
    capture_sink_set_state(b.sink, KSSTATE_STOP); /* forgets it */
    capture_sink_set_state(b.sink, KSSTATE_PAUSE);
    send_raw(&b, 1, "\x08\xf7\xf8", 3);
    CHECK_EQ(b.probe.count, 6);
    CHECK(probe_is(&b.probe, 5, "\xf8", 1));
    close_bench(&b, 0);
}

static void test_complete_and_packages(void)
{
    struct bench b;
    static const uint8_t sysex[60] = {0xF0, [59] = 0xF7};
    open_bench(&b, NULL, false);
    PDMUS_KERNEL_EVENT complete = rig_event(&b.rig, 100, sysex, 60);
    complete->usChannelGroup = 7;
    complete->ullBytePosition = 1234;
    PDMUS_KERNEL_EVENT package = rig_event(&b.rig, 0, NULL, 0), inner = rig_event(&b.rig, 0, NULL, 0);
    SET_PACKAGE_EVT(package);
    SET_PACKAGE_EVT(inner);
    struct mxf_chain members = {NULL, NULL}, chain = {NULL, NULL};
    inner->uData.pPackageEvt = raw(&b, 110, "\x90\x01\x02", 3);
    mxf_chain_add(&members, rig_event(&b.rig, 105, "\xb0\x01\x02", 3));
    mxf_chain_add(&members, inner);
    mxf_chain_add(&members, rig_event(&b.rig, 120, "\xb0\x03\x04", 3));
    package->uData.pPackageEvt = members.head;
    mxf_chain_add(&chain, complete);
    mxf_chain_add(&chain, package);
    mxf_chain_add(&chain, rig_event(&b.rig, 130, "\xb0\x05\x06", 3));
    put(&b, chain.head);
    CHECK_EQ(b.probe.count, 5);
    CHECK(probe_is(&b.probe, 0, sysex, 60) && probe_is(&b.probe, 1, "\xb0\x01\x02", 3) &&
          probe_is(&b.probe, 2, "\x90\x01\x02", 3) && probe_is(&b.probe, 3, "\xb0\x03\x04", 3) &&
          probe_is(&b.probe, 4, "\xb0\x05\x06", 3));
    CHECK_EQ(b.probe.notes[0].group, 7);
    CHECK_EQ(b.probe.notes[2].time_100ns, 110);
    close_bench(&b, 0);
}

/* What an unpacker makes of a long SysEx, pushed straight into capture: INCOMPLETE, INCOMPLETE, COMPLETE. */
static void test_split_sysex_arrives_whole(void)
{
    struct event_pool_config pool = {.buffer_size = 32};
    struct bench b;
    uint8_t sysex[80] = {0xF0};
    for (uint8_t i = 1; i < 79; i++)
        sysex[i] = i;
    sysex[79] = 0xF7;
    open_bench(&b, &pool, false);
    struct mxf_chain chain = {NULL, NULL};
    mxf_chain_add(&chain, raw(&b, 5, sysex, 32));
    mxf_chain_add(&chain, raw(&b, 5, sysex + 32, 32));
    mxf_chain_add(&chain, rig_event(&b.rig, 5, sysex + 64, 16));
    put(&b, chain.head);
    CHECK_EQ(b.probe.byte_count, 80);
    CHECK(memcmp(b.probe.bytes, sysex, 80) == 0);
    CHECK_EQ(b.probe.count, 3);
    for (uint32_t i = 0; i < b.probe.count; i++)
        CHECK_EQ(b.probe.notes[i].flags, i < 2 ? DMUS_KEF_EVENT_INCOMPLETE : 0);
    close_bench(&b, 0);
}

static void test_states_and_stamps(void)
{
    struct bench b;
    open_bench(&b, NULL, false);
    rig_run_until(&b.rig, 77 * WDM_MS + MASTER_CLOCK_AT_BOOT);
    send_raw(&b, 0, "\xf8", 1); /* a driver's "not stamped" */
    CHECK_EQ(b.probe.notes[0].time_100ns, 77 * WDM_MS + MASTER_CLOCK_AT_BOOT);
    send_raw(&b, 5000, "\xf8", 1);
    CHECK_EQ(rig_broken(&b.rig, WDM_RULE_TIME_BACK), 0); /* the driver's own first stamp */
    send_raw(&b, 4999, "\xf8", 1);
    CHECK_EQ(rig_broken(&b.rig, WDM_RULE_TIME_BACK), 1);
    for (uint32_t i = 1; i < b.probe.count; i++)
        CHECK(b.probe.notes[i].time_100ns >= b.probe.notes[i - 1].time_100ns);
    size_t count = b.probe.count;
    capture_sink_set_state(b.sink, KSSTATE_ACQUIRE);
    send_raw(&b, 6000, "\xf8", 1);
    CHECK_EQ(rig_broken(&b.rig, WDM_RULE_PUT_AFTER_STOP), 0);
    capture_sink_set_state(b.sink, KSSTATE_STOP);
    send_raw(&b, 7000, "\xf8", 1);
    CHECK_EQ(rig_broken(&b.rig, WDM_RULE_PUT_AFTER_STOP), 1);
    CHECK_EQ(b.probe.count, count);
    IMXF *input = capture_sink_input(b.sink);
    input->lpVtbl->AddRef(input); /* a driver that keeps the sink beyond its pin */
    capture_sink_close(b.sink);
    put(&b, raw(&b, 8000, "\xf8", 1));
    CHECK_EQ(rig_broken(&b.rig, WDM_RULE_PUT_AFTER_STOP), 2);
    CHECK_EQ(input->lpVtbl->Release(input), 0);
    probe_end(&b.probe);
    rig_close(&b.rig, RULE_BIT(WDM_RULE_TIME_BACK) | RULE_BIT(WDM_RULE_PUT_AFTER_STOP));
}

static void test_rude_events(void)
{
    struct bench b;
    DMUS_KERNEL_EVENT foreign = {.cbEvent = 1, .uData = {{0xF8}}};
    static const uint8_t sysex[100] = {0xF0};
    open_bench(&b, NULL, false);
    put(&b, &foreign);
    CHECK_EQ(rig_broken(&b.rig, WDM_RULE_EVENT_FOREIGN), 1);
    PDMUS_KERNEL_EVENT gone = raw(&b, 1, "\xf8", 1), good = raw(&b, 1, "\xfa", 1);
    b.rig.allocator->lpVtbl->PutMessage(b.rig.allocator, gone);
    good->pNextEvt = gone;
    put(&b, good); /* the good one counts */
    CHECK_EQ(rig_broken(&b.rig, WDM_RULE_EVENT_AFTER_RETURN), 1);
    CHECK_EQ(b.probe.count, 1);
    PDMUS_KERNEL_EVENT x = raw(&b, 1, "\xfb", 1), y = raw(&b, 1, "\xfc", 1);
    x->pNextEvt = y;
    y->pNextEvt = x;
    put(&b, x);
    CHECK_EQ(rig_broken(&b.rig, WDM_RULE_EVENT_TWICE), 1);
    CHECK_EQ(b.probe.count, 3);
    PDMUS_KERNEL_EVENT tall = raw(&b, 1, sysex, 100); /* claims more than its buffer holds */
    tall->cbEvent = 5000;
    put(&b, tall);
    CHECK_EQ(rig_broken(&b.rig, WDM_RULE_POOL_OVERRUN), 1);
    put(&b, NULL);
    put(&b, raw(&b, 1, "", 0));
    PDMUS_KERNEL_EVENT empty = raw(&b, 1, "", 0); /* no buffer behind a long one */
    empty->cbEvent = 50;
    put(&b, empty);
    PDMUS_KERNEL_EVENT package = NULL;
    for (int i = 0; i < 100; i++) { /* deeper than anybody needs: given back */
        PDMUS_KERNEL_EVENT outer = rig_event(&b.rig, 1, NULL, 0);
        SET_PACKAGE_EVT(outer);
        outer->uData.pPackageEvt = package;
        package = outer;
    }
    put(&b, package);
    close_bench(&b, RULE_BIT(WDM_RULE_EVENT_FOREIGN) | RULE_BIT(WDM_RULE_EVENT_AFTER_RETURN) | RULE_BIT(WDM_RULE_EVENT_TWICE) |
                        RULE_BIT(WDM_RULE_POOL_OVERRUN));
}

/* --- a million messages --- */

/* Writes a stream as a cable would carry it, and beside it the messages that it means: SysEx by themselves, for they arrive in
 * pieces with real-time bytes between them. */
struct writer {
    uint64_t seed;
    uint8_t *wire, *sysex;
    size_t wire_size, sysex_size;
    uint8_t running;
    uint32_t others; /* FNV-1a hash and count of the other messages */
    uint32_t count;
};

static void hash_add(uint32_t *hash, const uint8_t *bytes, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++)
        *hash = (*hash ^ bytes[i]) * 16777619u;
    *hash = (*hash ^ (0x100u + size)) * 16777619u;
}

static void wire_byte(struct writer *w, uint8_t byte) { w->wire[w->wire_size++] = byte; }

static void maybe_real_time(struct writer *w, unsigned one_in)
{
    if (rig_random(&w->seed) % one_in)
        return;
    uint8_t byte = (uint8_t)(0xF8 + rig_random(&w->seed) % 8);
    wire_byte(w, byte);
    hash_add(&w->others, &byte, 1);
    w->count++;
}

static void write_sysex(struct writer *w, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++) {
        uint8_t byte = i == 0 ? 0xF0 : i + 1 == size ? 0xF7 : (uint8_t)(rig_random(&w->seed) & 0x7F);
        wire_byte(w, byte);
        w->sysex[w->sysex_size++] = byte;
        if (i + 1 < size)
            maybe_real_time(w, 50);
    }
    w->running = 0;
}

static void write_message(struct writer *w)
{
    uint32_t kind = rig_random(&w->seed) % 100;
    static const uint8_t commons[] = {0xF1, 0xF2, 0xF3, 0xF6};
    uint8_t message[3] = {kind < 95 ? (uint8_t)(0x80 + rig_random(&w->seed) % 0x70) : commons[kind % 4],
                          (uint8_t)(rig_random(&w->seed) & 0x7F), (uint8_t)(rig_random(&w->seed) & 0x7F)};
    if (kind < 95 && w->running && rig_random(&w->seed) % 2)
        message[0] = w->running;
    unsigned size = midi_message_size(message[0]);
    for (unsigned i = 0; i < size; i++) {
        if (i > 0 || message[0] != w->running || rig_random(&w->seed) % 3 == 0)
            wire_byte(w, message[i]);
        if (i + 1 < size)
            maybe_real_time(w, 20);
    }
    hash_add(&w->others, message, size);
    w->count++;
    w->running = message[0] < 0xF0 ? message[0] : 0;
}

/* Splits the wire into events of 1 to CHUNK_MAX bytes, in chains of up to 8. */
static void send_wire(struct bench *b, struct writer *w, uint32_t chunk_max, int64_t *time)
{
    struct mxf_chain chain = {NULL, NULL};
    for (size_t at = 0, in_chain = 0; at < w->wire_size;) {
        uint32_t size = 1 + rig_random(&w->seed) % chunk_max;
        if (size > w->wire_size - at)
            size = (uint32_t)(w->wire_size - at);
        mxf_chain_add(&chain, raw(b, *time += rig_random(&w->seed) % 3, w->wire + at, size));
        at += size;
        if (++in_chain == 8 || at == w->wire_size) {
            put(b, chain.head);
            chain = (struct mxf_chain){NULL, NULL};
            in_chain = 0;
        }
    }
}

/* What came out, sorted the same way as the writer did: hash of the other messages, and the SysEx bytes. */
static void judge(struct bench *b, struct writer *w, int64_t *last)
{
    uint32_t others = 2166136261u, count = 0, back = 0, wrong_flag = 0;
    size_t sysex = 0;
    bool same = true, inside = false;
    for (size_t i = 0; i < b->probe.count; i++) {
        const struct probe_note *n = &b->probe.notes[i];
        const uint8_t *bytes = b->probe.bytes + n->first;
        back += n->time_100ns < *last;
        *last = n->time_100ns;
        if (bytes[0] == 0xF0 || bytes[0] == 0xF7 || bytes[0] < 0x80) {
            wrong_flag += (bytes[0] == 0xF0) == inside; /* pieces follow each other */
            same = same && sysex + n->size <= w->sysex_size && memcmp(bytes, w->sysex + sysex, n->size) == 0;
            sysex += n->size;
            inside = (n->flags & DMUS_KEF_EVENT_INCOMPLETE) != 0;
            wrong_flag += inside == (bytes[n->size - 1] == 0xF7);
        } else {
            hash_add(&others, bytes, n->size);
            wrong_flag += n->flags != 0;
            count++;
        }
    }
    CHECK_EQ(count, w->count);
    CHECK_EQ(others, w->others);
    CHECK_EQ(sysex, w->sysex_size);
    CHECK(same);
    CHECK_EQ(back, 0);
    CHECK_EQ(wrong_flag, 0);
}

static void random_stream(struct bench *b, struct writer *w, uint32_t messages, uint32_t chunk_max, uint32_t sysex_size,
                          int64_t *time, int64_t *last)
{
    w->wire_size = w->sysex_size = 0;
    w->others = 2166136261u;
    w->count = 0;
    probe_clear(&b->probe);
    for (uint32_t i = 0; i < messages; i++) {
        write_message(w);
        if (rig_random(&w->seed) % 200 == 0)
            write_sysex(w, 2 + rig_random(&w->seed) % 60);
    }
    if (sysex_size)
        write_sysex(w, sysex_size);
    send_wire(b, w, chunk_max, time);
    judge(b, w, last);
}

static void test_a_million_random_messages(void)
{
    static const uint32_t sysex_sizes[] = {2, 3, 8, 9, 31, 32, 33, 4095, 4096, 4097, 8192, 65535, 65536, 200000};
    struct bench b;
    struct writer w = {.seed = 2024};
    int64_t time = 1000, last = 0;
    long total = 0;
    w.wire = malloc(2000000);
    w.sysex = malloc(2000000);
    if (!w.wire || !w.sysex)
        abort();
    struct event_pool_config pool = {.buffer_size = 4096};
    open_bench(&b, &pool, false);
    for (uint32_t round = 0; total < 1000000; round++) {
        random_stream(&b, &w, 20000, 1 + round % 8, sysex_sizes[round % 14], &time, &last);
        total += w.count;
    }
    CHECK_EQ(rig_events_out(&b.rig), 0);
    printf("# %ld messages besides SysEx\n", total);
    close_bench(&b, 0);
    pool.buffer_size = 32;
    open_bench(&b, &pool, false);
    for (uint32_t round = 0; round < 8; round++)
        random_stream(&b, &w, 2000, 1 + round, sysex_sizes[6 + round], &time, &last);
    close_bench(&b, 0);
    free(w.wire);
    free(w.sysex);
}

/* An allocator that runs dry costs messages, never order or memory. */
static void test_allocator_runs_dry(void)
{
    struct event_pool_config pool = {.events = 6, .events_max = 6, .buffers = 1, .buffers_max = 1, .buffer_size = 32};
    struct bench b;
    open_bench(&b, &pool, false);
    b.probe.keep = true;
    for (int i = 0; i < 6; i++)
        if (rig_events_out(&b.rig) < 6)
            send_raw(&b, 1, "\xf8\xf8", 2);
    CHECK_EQ(b.probe.count, 5); /* the raw event needed the sixth itself */
    b.rig.allocator->lpVtbl->PutMessage(b.rig.allocator, b.probe.kept);
    b.probe.kept = NULL;
    PDMUS_KERNEL_EVENT only = raw(&b, 2, "\xf0\x01\x02\x03\x04\x05\x06\x07\x08\x09\xf7", 11); /* has the only buffer */
    put(&b, only);
    CHECK_EQ(b.probe.count, 5);
    for (const char *byte = "\xf0\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\xf7\xf8"; *byte; byte++)
        send_raw(&b, 3, byte, 1);
    CHECK_EQ(b.probe.count, 7);
    CHECK(probe_is(&b.probe, 5, "\xf0\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\xf7", 12));
    close_bench(&b, 0);
}

static void ask_sink(void *ctx, const struct wdm_breach *breach)
{
    struct bench *b = ctx;
    struct capture_sink_stats stats;
    (void)breach;
    capture_sink_stats(b->sink, &stats); /* waits for ever if the sink has its lock */
}

/* Rules found while the parser asks for events are told with nothing locked. */
static void test_nothing_locked(void)
{
    struct event_pool_config pool = {.events = 2, .events_max = 2};
    struct bench b;
    open_bench(&b, &pool, false);
    wdm_rule_notify(b.rig.machine, ask_sink, &b);
    PDMUS_KERNEL_EVENT stale = rig_event(&b.rig, 1, "\xf8", 1), only = raw(&b, 1, "\x90\x40\x41", 3);
    b.rig.allocator->lpVtbl->PutMessage(b.rig.allocator, stale);
    stale->cbEvent = 1;
    put(&b, only);
    CHECK_EQ(b.probe.count, 1);
    CHECK_EQ(rig_broken(&b.rig, WDM_RULE_EVENT_AFTER_RETURN), 1);
    wdm_rule_notify(b.rig.machine, NULL, NULL);
    close_bench(&b, RULE_BIT(WDM_RULE_EVENT_AFTER_RETURN));
}

static void test_level(void)
{
    static const KIRQL levels[] = {PASSIVE_LEVEL, APC_LEVEL, DISPATCH_LEVEL};
    struct bench b;
    open_bench(&b, NULL, false);
    IMXF *input = capture_sink_input(b.sink);
    for (unsigned i = 0; i < 3; i++) {
        KIRQL before;
        KeRaiseIrql(levels[i], &before);
        CHECK_EQ(input->lpVtbl->PutMessage(input, raw(&b, 1, "\x90\x40\x41", 3)), STATUS_SUCCESS);
        KeLowerIrql(before);
        CHECK_EQ(b.probe.count, i + 1);
        CHECK_EQ(rig_broken(&b.rig, WDM_RULE_IRQL), i < 2 ? i + 1 : 2);
    }
    close_bench(&b, RULE_BIT(WDM_RULE_IRQL));
}

int main(void)
{
    RUN(test_messages);
    RUN(test_active_sensing_dropped);
    RUN(test_sysex_ends);
    RUN(test_complete_and_packages);
    RUN(test_split_sysex_arrives_whole);
    RUN(test_states_and_stamps);
    RUN(test_rude_events);
    RUN(test_a_million_random_messages);
    RUN(test_allocator_runs_dry);
    RUN(test_nothing_locked);
    RUN(test_level);
    return tap_done();
}
