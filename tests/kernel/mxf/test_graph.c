/* SPDX-License-Identifier: MIT */
/* The whole graph on one machine: a driver that joins render to capture, re-entered from its own output; and the clock. */
#include "mxf_rig.h"

#include <dmusbuff.h>

#include "kernel/portcls/capture_sink.h"
#include "kernel/portcls/packer.h"
#include "kernel/portcls/sequencer.h"
#include "kernel/portcls/unpacker.h"
#include "kernel/wdm/trace.h"
#include "tap.h"

/* A virtual cable: PutMessage of its render stream hands the same events to its capture output. */
struct cable {
    IMXF iface;
    IMXF *output;
    struct rig *rig;
    unsigned depth, depth_max, wrong_irql;
    uint32_t puts;
};

struct graph {
    struct rig rig;
    struct cable cable;
    struct unpacker *unpacker;
    struct sequencer *sequencer;
    struct capture_sink *sink;
    struct packer *packer;
    struct read_request request;
    uint8_t data[1024];
    uint8_t got[1000];
    uint32_t got_count, echoes_left;
};

static NTSTATUS STDMETHODCALLTYPE cable_PutMessage(IMXF *iface, PDMUS_KERNEL_EVENT chain)
{
    struct cable *cable = (struct cable *)(void *)iface;
    cable->puts++;
    cable->wrong_irql += KeGetCurrentIrql() != DISPATCH_LEVEL;
    if (++cable->depth > cable->depth_max)
        cable->depth_max = cable->depth;
    NTSTATUS status = cable->output->lpVtbl->PutMessage(cable->output, chain);
    cable->depth--;
    return status;
}

static ULONG STDMETHODCALLTYPE cable_count(IMXF *iface)
{
    (void)iface;
    return 1;
}

static IMXFVtbl cable_vtbl = {.AddRef = cable_count, .Release = cable_count, .PutMessage = cable_PutMessage};

static void write_note(struct graph *g, int64_t time, uint8_t key)
{
    uint8_t bytes[24] = {0};
    const DMUS_EVENTHEADER header = {.cbEvent = 3, .dwChannelGroup = 1, .dwFlags = DMUS_EVENT_STRUCTURED};
    memcpy(bytes, &header, sizeof header);
    bytes[20] = 0x90;
    bytes[21] = key;
    bytes[22] = 1;
    CHECK_EQ(unpacker_write(g->unpacker, time, bytes, sizeof bytes, NULL), STATUS_SUCCESS);
}

/* The client answers each note with the next one, from inside the completion, and reads on. */
static void on_read(struct read_request *request)
{
    struct graph *g = request->ctx;
    if (request->status != STATUS_SUCCESS)
        return;
    for (uint32_t at = 0; at < request->used; at += 24)
        if (g->got_count < sizeof g->got)
            g->got[g->got_count++] = g->data[at + 21];
    uint8_t last = g->got[g->got_count - 1];
    packer_read(g->packer, request);
    if (g->echoes_left && g->echoes_left--)
        write_note(g, 0, (uint8_t)((last + 1) & 127));
}

static void open_graph(struct graph *g, const struct event_pool_config *pool)
{
    memset(g, 0, sizeof *g);
    rig_open(&g->rig, WDM_VIRTUAL, pool);
    g->cable.iface.lpVtbl = &cable_vtbl;
    g->cable.rig = &g->rig;
    struct packer_config packer = {.format = PACK_DIRECTMUSIC, .allocator = g->rig.allocator, .name = "packer"};
    CHECK_EQ(packer_create(&packer, &g->packer), STATUS_SUCCESS);
    struct capture_sink_config sink = {
        .allocator = g->rig.allocator, .output = packer_input(g->packer), .clock = g->rig.clock, .name = "sink"};
    CHECK_EQ(capture_sink_create(&sink, &g->sink), STATUS_SUCCESS);
    g->cable.output = capture_sink_input(g->sink);
    struct sequencer_config sequencer = {
        .allocator = g->rig.allocator, .output = &g->cable.iface, .clock = g->rig.clock, .name = "sequencer"};
    CHECK_EQ(sequencer_create(&sequencer, &g->sequencer), STATUS_SUCCESS);
    struct unpacker_config unpacker = {UNPACK_DIRECTMUSIC, g->rig.allocator, sequencer_input(g->sequencer), "unpacker"};
    CHECK_EQ(unpacker_create(&unpacker, &g->unpacker), STATUS_SUCCESS);
    for (int state = KSSTATE_ACQUIRE; state <= KSSTATE_RUN; state++) {
        capture_sink_set_state(g->sink, (KSSTATE)state);
        sequencer_set_state(g->sequencer, (KSSTATE)state);
    }
    g->request = (struct read_request){.data = g->data, .size = sizeof g->data, .done = on_read, .ctx = g};
    packer_read(g->packer, &g->request);
}

static void close_graph(struct graph *g, uint64_t allowed)
{
    sequencer_set_state(g->sequencer, KSSTATE_STOP);
    unpacker_destroy(g->unpacker);
    sequencer_destroy(g->sequencer);
    capture_sink_close(g->sink);
    packer_destroy(g->packer);
    CHECK_EQ(rig_events_out(&g->rig), 0);
    rig_close(&g->rig, allowed);
}

static void test_ring_of_reentry(void)
{
    struct graph g;
    open_graph(&g, NULL);
    g.echoes_left = 900;
    write_note(&g, 0, 0);
    CHECK_EQ(g.got_count, 901);
    uint32_t wrong = 0;
    for (uint32_t i = 0; i < g.got_count; i++)
        wrong += g.got[i] != (i & 127);
    CHECK_EQ(wrong, 0);
    CHECK_EQ(g.cable.depth_max, 1); /* 900 answers, no recursion: the stack stays flat */
    CHECK_EQ(g.cable.wrong_irql, 0);
    CHECK_EQ(KeGetCurrentIrql(), PASSIVE_LEVEL);
    close_graph(&g, 0);
}

static void test_ring_with_small_pool(void)
{
    struct event_pool_config pool = {.events = 2, .events_max = 2, .buffers = 1, .buffers_max = 1};
    struct graph g;
    open_graph(&g, &pool);
    g.echoes_left = 100;
    write_note(&g, 0, 0);
    CHECK_EQ(g.got_count, 101); /* two events are enough: each is back before the next is asked for */
    close_graph(&g, 0);
}

/* A driver that holds a spin lock of its own over a call that leads back into it. */
static KSPIN_LOCK driver_lock;
static NTSTATUS STDMETHODCALLTYPE locked_PutMessage(IMXF *iface, PDMUS_KERNEL_EVENT chain)
{
    KeAcquireSpinLockAtDpcLevel(&driver_lock);
    NTSTATUS status = cable_PutMessage(iface, chain);
    KeReleaseSpinLockFromDpcLevel(&driver_lock);
    return status;
}

static void test_locks(void)
{
    static IMXFVtbl vtbl;
    struct graph g;
    vtbl = cable_vtbl;
    vtbl.PutMessage = locked_PutMessage;
    open_graph(&g, NULL);
    KeInitializeSpinLock(&driver_lock);
    g.cable.iface.lpVtbl = &vtbl;
    g.echoes_left = 20;
    write_note(&g, 0, 0);
    CHECK_EQ(g.got_count, 21); /* no deadlock: the answers waited until the driver had returned */
    close_graph(&g, 0);
}

static char traced[4096];

static void on_trace(void *ctx, const char *line)
{
    (void)ctx;
    size_t used = strlen(traced);
    snprintf(traced + used, sizeof traced - used, "%s\n", line);
}

/* Every hop of one event, in the order in which it makes them. */
static void test_trace(void)
{
    static const char *const hops[] = {"unpacker", "sequencer", "sink  receive", "sink  PutMessage", "packer  read done"};
    struct graph g;
    open_graph(&g, NULL);
    traced[0] = '\0';
    wdm_trace_live(g.rig.machine, on_trace, NULL);
    write_note(&g, 0, 60);
    wdm_trace_live(g.rig.machine, NULL, NULL);
    const char *at = traced;
    for (int i = 0; i < 5 && at; i++) {
        at = strstr(at, hops[i]);
        CHECK(at != NULL);
        at = at ? at + strlen(hops[i]) : NULL;
    }
    CHECK(strstr(traced, "allocator rig") != NULL);
    if (!at)
        printf("# %s\n", traced);
    close_graph(&g, 0);
}

static void test_clock(void)
{
    struct rig rig;
    REFERENCE_TIME time = 0;
    void *out;
    rig_open(&rig, WDM_VIRTUAL, NULL);
    CHECK_EQ(rig.clock->lpVtbl->GetTime(rig.clock, &time), STATUS_SUCCESS);
    CHECK_EQ(time, MASTER_CLOCK_AT_BOOT);
    rig_run_until(&rig, 123456789);
    CHECK_EQ(rig_now(&rig), 123456789);
    CHECK_EQ(master_clock_now(rig.machine), 123456789);
    CHECK_EQ(master_clock_to_machine(rig.machine, 123456789), wdm_time_100ns(rig.machine));
    CHECK_EQ(master_clock_to_machine(rig.machine, INT64_MAX), INT64_MAX);
    CHECK(!NT_SUCCESS(rig.clock->lpVtbl->QueryInterface(rig.clock, &IID_IMXF, &out)));
    CHECK(NT_SUCCESS(rig.clock->lpVtbl->QueryInterface(rig.clock, &IID_IUnknown, &out)));
    CHECK_EQ(rig.clock->lpVtbl->Release(rig.clock), 1);
    KIRQL old;
    KeRaiseIrql(HIGH_LEVEL, &old);
    CHECK(rig_now(&rig) == 123456789);
    KeLowerIrql(old);
    rig_close(&rig, 0);
}

int main(void)
{
    RUN(test_ring_of_reentry);
    RUN(test_ring_with_small_pool);
    RUN(test_locks);
    RUN(test_trace);
    RUN(test_clock);
    return tap_done();
}
