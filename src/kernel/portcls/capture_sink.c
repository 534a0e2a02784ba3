/* SPDX-License-Identifier: MIT */
#include "capture_sink.h"

#include <stdio.h>

#include "allocator.h"
#include "base/alloc.h"
#include "com.h"
#include "kernel/wdm/machine.h"
#include "kernel/wdm/trace.h"
#include "master_clock.h"
#include "midi_events.h"
#include "mxf_lock.h"

#define PACKAGE_DEPTH 8
#define MARKED 0x4D /* bReserved of an event that is in hand: met again, it is in two places */

struct capture_sink {
    IMXF IMXF_iface;
    struct refcount refs;
    struct capture_sink_config config;
    struct event_pool *pool; /* NULL: an allocator of somebody else */
    char name[MXF_NAME_MAX];
    struct mxf_lock lock;
    struct midi_events midi; /* [turn]: it calls the allocator */
    /* all below: [lock] */
    struct mxf_turn turn;      /* to parse, and to call the output */
    KSSTATE state;
    bool reset;                /* MIDI is to forget what it has begun */
    struct mxf_chain incoming; /* checked, to be parsed */
    int64_t stamp_last_100ns;  /* the driver's latest */
    struct capture_sink_stats stats;
};

static const IMXFVtbl capture_vtbl;
IMPL_FROM(capture_sink, IMXF, capture_vtbl)

static void to_allocator(struct capture_sink *sink, PDMUS_KERNEL_EVENT chain)
{
    if (chain)
        sink->config.allocator->lpVtbl->PutMessage(sink->config.allocator, chain);
}

/* --- what came: checked, and packages opened --- */

static bool acceptable(struct capture_sink *sink, PDMUS_KERNEL_EVENT event)
{
    if (sink->pool && !event_pool_accept(sink->pool, sink->name, event))
        return false;
    if (event->bReserved != MARKED)
        return true;
    wdm_broken(WDM_RULE_EVENT_TWICE, "%s was given event %p twice in one chain", sink->name, (void *)event);
    return false;
}

static void check_size(struct capture_sink *sink, PDMUS_KERNEL_EVENT event)
{
    uint16_t most = sink->pool ? event_pool_buffer_size(sink->pool) : UINT16_MAX;
    if (PACKAGE_EVT(event) || SHORT_EVT(event) || event->cbEvent <= most)
        return;
    if (!event_pool_owns_buffer(sink->pool, event->uData.pbData))
        return; /* reported when it is returned */
    wdm_broken(WDM_RULE_POOL_OVERRUN, "%s: event %p claims %u bytes in a buffer of %u", sink->name, (void *)event,
               event->cbEvent, most);
    event->cbEvent = most;
}

/* CHAIN as single messages in *flat, and the emptied packages in *used. */
static void flatten(struct capture_sink *sink, PDMUS_KERNEL_EVENT chain, struct mxf_chain *flat, struct mxf_chain *used)
{
    PDMUS_KERNEL_EVENT rest[PACKAGE_DEPTH];
    unsigned depth = 0;
    for (;;) {
        while (!chain && depth > 0)
            chain = rest[--depth];
        if (!chain)
            return;
        if (!acceptable(sink, chain)) {
            chain = NULL;
            continue;
        }
        PDMUS_KERNEL_EVENT event = chain;
        chain = event->pNextEvt;
        event->pNextEvt = NULL;
        event->bReserved = MARKED;
        check_size(sink, event);
        if (!PACKAGE_EVT(event)) {
            mxf_chain_add(flat, event);
            continue;
        }
        if (depth < PACKAGE_DEPTH) { /* deeper ones go back unopened */
            rest[depth++] = chain;
            chain = event->uData.pPackageEvt;
            event->uData.pPackageEvt = NULL;
        }
        mxf_chain_add(used, event);
    }
}

/* --- to messages --- */

/* A stamp that went back, to be told when nothing is locked. */
struct backwards {
    unsigned count;
    int64_t stamp_100ns, before_100ns;
};

/* [lock] */
static void check_stamp(struct capture_sink *sink, PDMUS_KERNEL_EVENT event, int64_t now_100ns, struct backwards *back)
{
    if (event->ullPresTime100ns == 0) {
        event->ullPresTime100ns = now_100ns;
        return;
    }
    wdm_rule_try(WDM_RULE_TIME_BACK);
    if (event->ullPresTime100ns >= sink->stamp_last_100ns) {
        sink->stamp_last_100ns = event->ullPresTime100ns;
        return;
    }
    if (back->count++ == 0) {
        back->stamp_100ns = event->ullPresTime100ns;
        back->before_100ns = sink->stamp_last_100ns;
    }
}

/* [turn] Raw, or the end of a SysEx whose beginning was raw: an unpacker's pieces, brought here by a driver that joins render to
 * capture, are INCOMPLETE but for the last. */
static bool is_raw(const struct capture_sink *sink, const DMUS_KERNEL_EVENT *event)
{
    if (INCOMPLETE_EVT(event))
        return true;
    uint32_t size;
    const uint8_t *data = mxf_data(event, &size);
    return sink->midi.parser.in_sysex && size > 0 && (data[0] < 0x80 || data[0] == 0xF7);
}

/* What one turn made of the events it took. */
struct made {
    struct mxf_chain out, used;
    uint64_t raw_bytes, passed;
};

/* [turn] */
static void take(struct capture_sink *sink, PDMUS_KERNEL_EVENT event, struct made *made)
{
    if (!is_raw(sink, event)) {
        if (event->ullPresTime100ns > sink->midi.floor_100ns)
            sink->midi.floor_100ns = event->ullPresTime100ns;
        made->passed++;
        mxf_chain_add(&made->out, event);
        return;
    }
    uint32_t size;
    const uint8_t *data = mxf_data(event, &size);
    made->raw_bytes += size;
    sink->midi.group = event->usChannelGroup;
    midi_events_parse(&sink->midi, data, size, event->ullPresTime100ns, &made->out);
    mxf_chain_add(&made->used, event);
}

/* [turn] */
static void work(struct capture_sink *sink, bool reset, PDMUS_KERNEL_EVENT chain, struct made *made)
{
    *made = (struct made){.raw_bytes = 0};
    if (reset)
        midi_events_reset(&sink->midi);
    while (chain) {
        PDMUS_KERNEL_EVENT event = chain;
        chain = event->pNextEvt;
        event->pNextEvt = NULL;
        take(sink, event, made);
    }
    to_allocator(sink, made->used.head);
    if (made->out.head)
        mxf_pass(sink->config.output, made->out.head, sink->name);
}

/* [lock] [turn] */
static void count(struct capture_sink *sink, const struct made *made)
{
    sink->stats.raw_bytes += made->raw_bytes;
    sink->stats.passed += made->passed;
    sink->stats.dropped_bytes = sink->midi.parser.dropped;
    sink->stats.messages = sink->midi.messages;
    sink->stats.sysex_pieces = sink->midi.pieces;
}

/* The output may lead back here, on this thread: then the events wait until it returns. */
static void drain(struct capture_sink *sink)
{
    mxf_lock(&sink->lock);
    if (mxf_turn_take(&sink->turn)) {
        while (sink->reset || sink->incoming.head) {
            PDMUS_KERNEL_EVENT chain = sink->incoming.head;
            bool reset = sink->reset;
            struct made made;
            sink->incoming = (struct mxf_chain){NULL, NULL};
            sink->reset = false;
            mxf_unlock(&sink->lock);
            work(sink, reset, chain, &made);
            mxf_lock(&sink->lock);
            count(sink, &made);
        }
        mxf_turn_give(&sink->turn);
    }
    mxf_unlock(&sink->lock);
}

/* At DISPATCH_LEVEL, not up to it (spec 3.5): what is behind a sink counts on that. */
static void check_level(struct capture_sink *sink)
{
    unsigned irql = KeGetCurrentIrql();
    if (irql != DISPATCH_LEVEL)
        wdm_broken(WDM_RULE_IRQL, "PutMessage to %s at IRQL %u, must be %u", sink->name, irql, DISPATCH_LEVEL);
}

static NTSTATUS STDMETHODCALLTYPE capture_PutMessage(IMXF *iface, PDMUS_KERNEL_EVENT chain)
{
    struct capture_sink *sink = impl_from_IMXF(iface);
    struct mxf_chain flat = {NULL, NULL}, used = {NULL, NULL};
    struct backwards back = {0};
    REFERENCE_TIME now = 0;
    check_level(sink);
    if (!chain)
        return STATUS_SUCCESS;
    WDM_TRACE(sink->name, "receive", "\"stamp\":%lld", (long long)chain->ullPresTime100ns);
    flatten(sink, chain, &flat, &used);
    now = master_clock_read(sink->config.clock);
    mxf_lock(&sink->lock);
    KSSTATE state = sink->state;
    while (flat.head) {
        PDMUS_KERNEL_EVENT event = flat.head;
        flat.head = event->pNextEvt;
        event->pNextEvt = NULL;
        event->bReserved = 0;
        if (state < KSSTATE_PAUSE) {
            mxf_chain_add(&used, event);
            continue;
        }
        check_stamp(sink, event, now, &back);
        mxf_chain_add(&sink->incoming, event);
    }
    mxf_unlock(&sink->lock);
    if (state == KSSTATE_STOP)
        wdm_broken(WDM_RULE_PUT_AFTER_STOP, "PutMessage to %s in STOP", sink->name);
    if (back.count)
        wdm_broken(WDM_RULE_TIME_BACK, "%s: %u stamp(s) go back, the first from %lld to %lld", sink->name, back.count,
                   (long long)back.before_100ns, (long long)back.stamp_100ns);
    to_allocator(sink, used.head);
    drain(sink);
    return STATUS_SUCCESS;
}

NTSTATUS capture_sink_set_state(struct capture_sink *sink, KSSTATE state)
{
    PDMUS_KERNEL_EVENT waiting = NULL;
    mxf_lock(&sink->lock);
    if (sink->state != KSSTATE_STOP && state == KSSTATE_STOP)
        wdm_rule_try(WDM_RULE_PUT_AFTER_STOP);
    sink->state = state;
    if (state == KSSTATE_STOP) {
        waiting = sink->incoming.head;
        sink->incoming = (struct mxf_chain){NULL, NULL};
        sink->reset = true;
        sink->stamp_last_100ns = 0;
    }
    mxf_unlock(&sink->lock);
    WDM_TRACE(sink->name, "state", "\"state\":%d", (int)state);
    to_allocator(sink, waiting);
    if (state == KSSTATE_STOP) {
        drain(sink); /* or whoever has the turn forgets for us */
        mxf_lock(&sink->lock);
        mxf_turn_wait(&sink->turn, &sink->lock);
        mxf_unlock(&sink->lock);
    }
    return STATUS_SUCCESS;
}

void capture_sink_stats(struct capture_sink *sink, struct capture_sink_stats *out)
{
    mxf_lock(&sink->lock);
    *out = sink->stats;
    mxf_unlock(&sink->lock);
}

/* --- the object --- */

static NTSTATUS STDMETHODCALLTYPE capture_QueryInterface(IMXF *iface, REFIID riid, PVOID *out)
{
    *out = NULL;
    if (!guid_is(riid, &IID_IUnknown) && !guid_is(riid, &IID_IMXF))
        return STATUS_INVALID_PARAMETER;
    iface->lpVtbl->AddRef(iface);
    *out = iface;
    return STATUS_SUCCESS;
}

static ULONG STDMETHODCALLTYPE capture_AddRef(IMXF *iface) { return refcount_add(&impl_from_IMXF(iface)->refs); }

static ULONG STDMETHODCALLTYPE capture_Release(IMXF *iface)
{
    struct capture_sink *sink = impl_from_IMXF(iface);
    ULONG refs = refcount_release(&sink->refs);
    if (refs == 0) {
        COM_RELEASE(sink->config.allocator);
        COM_RELEASE(sink->config.clock);
        if (sink->config.output)
            COM_RELEASE(sink->config.output);
        mxf_turn_end(&sink->turn);
        mxf_lock_end(&sink->lock);
        dm_free(sink);
    }
    return refs;
}

static NTSTATUS STDMETHODCALLTYPE capture_SetState(IMXF *iface, KSSTATE state)
{
    (void)iface, (void)state;
    return STATUS_SUCCESS;
}

static NTSTATUS STDMETHODCALLTYPE capture_connect(IMXF *iface, PMXF sink)
{
    (void)iface, (void)sink;
    return STATUS_INVALID_DEVICE_REQUEST;
}

static const IMXFVtbl capture_vtbl = {
    .QueryInterface = capture_QueryInterface,
    .AddRef = capture_AddRef,
    .Release = capture_Release,
    .SetState = capture_SetState,
    .PutMessage = capture_PutMessage,
    .ConnectOutput = capture_connect,
    .DisconnectOutput = capture_connect,
};

IMXF *capture_sink_input(struct capture_sink *sink) { return &sink->IMXF_iface; }

NTSTATUS capture_sink_create(const struct capture_sink_config *config, struct capture_sink **out)
{
    *out = NULL;
    if (!config->allocator || !config->output || !config->clock)
        return STATUS_INVALID_PARAMETER;
    struct capture_sink *sink = dm_calloc(1, sizeof *sink);
    if (!sink)
        return STATUS_INSUFFICIENT_RESOURCES;
    if (!mxf_lock_init(&sink->lock))
        goto no_lock;
    if (!mxf_turn_init(&sink->turn))
        goto no_turn;
    sink->IMXF_iface.lpVtbl = &capture_vtbl;
    refcount_init(&sink->refs, 1);
    sink->config = *config;
    snprintf(sink->name, sizeof sink->name, "%s", config->name ? config->name : "capture sink");
    sink->config.name = sink->name;
    sink->pool = allocator_pool(config->allocator);
    sink->state = KSSTATE_STOP;
    sink->midi.allocator = config->allocator;
    sink->midi.monotone = true;
    sink->midi.parser.drop_active_sensing = config->drop_active_sensing;
    COM_ADDREF(config->allocator);
    COM_ADDREF(config->output);
    COM_ADDREF(config->clock);
    *out = sink;
    return STATUS_SUCCESS;
no_turn:
    mxf_lock_end(&sink->lock);
no_lock:
    dm_free(sink);
    return STATUS_INSUFFICIENT_RESOURCES;
}

void capture_sink_close(struct capture_sink *sink)
{
    if (!sink)
        return;
    capture_sink_set_state(sink, KSSTATE_STOP); /* nothing reaches the output from here on */
    mxf_lock(&sink->lock);
    IMXF *output = sink->config.output;
    sink->config.output = NULL;
    mxf_unlock(&sink->lock);
    if (output)
        COM_RELEASE(output);
    capture_Release(&sink->IMXF_iface);
}
