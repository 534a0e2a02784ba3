/* SPDX-License-Identifier: MIT */
#include "packer.h"

#include <stdio.h>

#include <dmusbuff.h>
#include <ksmedia.h>

#include "base/alloc.h"
#include "com.h"
#include "kernel/wdm/machine.h"
#include "kernel/wdm/trace.h"
#include "mxf_lock.h"

struct requests {
    struct read_request *head, *tail;
};

struct packer {
    IMXF IMXF_iface;
    struct refcount refs; /* counted, but the pin decides */
    struct packer_config config;
    char name[MXF_NAME_MAX];
    struct mxf_lock lock;
    /* all below: [lock] */
    struct mxf_turn turn;         /* to call completions */
    struct mxf_chain events;      /* oldest first */
    uint32_t queued, offset;      /* offset: bytes of the first event that are in requests already */
    bool gap;                     /* events were lost since the last record */
    bool skip_sysex;              /* the beginning of the SysEx on its way was dropped */
    bool closed;
    struct requests reads, done;  /* waiting for events; waiting for their completion */
    uint32_t reads_waiting;
    struct packer_stats stats;
};

static const IMXFVtbl packer_vtbl;
IMPL_FROM(packer, IMXF, packer_vtbl)

static void append(struct requests *list, struct read_request *request)
{
    request->next = NULL;
    if (list->tail)
        list->tail->next = request;
    else
        list->head = request;
    list->tail = request;
}

static struct read_request *take_first(struct requests *list)
{
    struct read_request *first = list->head;
    list->head = first->next;
    if (!list->head)
        list->tail = NULL;
    return first;
}

/* [lock] */
static void finish_first(struct packer *packer, NTSTATUS status)
{
    struct read_request *request = take_first(&packer->reads);
    packer->reads_waiting--;
    request->status = status;
    if (!NT_SUCCESS(status))
        request->used = request->options = 0;
    append(&packer->done, request);
}

/* [lock] */
static PDMUS_KERNEL_EVENT pop_event(struct packer *packer)
{
    PDMUS_KERNEL_EVENT event = packer->events.head;
    packer->events.head = event->pNextEvt;
    if (!packer->events.head)
        packer->events.tail = NULL;
    event->pNextEvt = NULL;
    packer->queued--;
    packer->offset = 0;
    return event;
}

/* --- records --- */

/* A part of a SysEx: its beginning, or bytes that go on with one. */
static bool is_sysex(const DMUS_KERNEL_EVENT *event)
{
    uint32_t size;
    const uint8_t *data = mxf_data(event, &size);
    return size > 0 && (data[0] == 0xF0 || data[0] == 0xF7 || data[0] < 0x80);
}

static bool is_sysex_rest(const DMUS_KERNEL_EVENT *event)
{
    uint32_t size;
    const uint8_t *data = mxf_data(event, &size);
    return is_sysex(event) && data[0] != 0xF0;
}

static uint32_t header_size(const struct packer *packer)
{
    return packer->config.format == PACK_DIRECTMUSIC ? (uint32_t)sizeof(DMUS_EVENTHEADER) : (uint32_t)sizeof(KSMUSICFORMAT);
}

static uint32_t record_align(const struct packer *packer) { return packer->config.format == PACK_DIRECTMUSIC ? 8 : 4; }

/* Bytes of data that a record in ROOM bytes can hold, at most 65535; 0 if there is no room. */
static uint32_t data_room(const struct packer *packer, uint32_t room)
{
    uint32_t header = header_size(packer);
    room -= room % record_align(packer);
    if (room <= header)
        return 0;
    return room - header < UINT16_MAX ? room - header : UINT16_MAX;
}

static void begin_request(struct packer *packer, struct read_request *request, const DMUS_KERNEL_EVENT *event)
{
    request->start_100ns = request->clock_100ns = event->ullPresTime100ns;
    request->options = KSSTREAM_HEADER_OPTIONSF_TIMEVALID;
    if (packer->gap)
        request->options |= KSSTREAM_HEADER_OPTIONSF_DATADISCONTINUITY;
    packer->gap = false;
}

static void write_header(const struct packer *packer, struct read_request *request, const DMUS_KERNEL_EVENT *event,
                         uint32_t size, uint8_t *to)
{
    if (packer->config.format == PACK_DIRECTMUSIC) {
        const DMUS_EVENTHEADER header = {
            .cbEvent = size,
            .dwChannelGroup = event->usChannelGroup,
            .rtDelta = event->ullPresTime100ns - request->start_100ns,
            .dwFlags = is_sysex(event) ? 0 : DMUS_EVENT_STRUCTURED,
        };
        memcpy(to, &header, sizeof header);
        return;
    }
    /* Whole milliseconds that the reader adds up: what a delta rounds off is in the next one. */
    int64_t since = event->ullPresTime100ns - request->clock_100ns;
    int64_t ms = since > 0 ? since / WDM_MS : 0;
    const KSMUSICFORMAT header = {.TimeDeltaMs = ms < UINT32_MAX ? (ULONG)ms : UINT32_MAX, .ByteCount = size};
    request->clock_100ns += (int64_t)header.TimeDeltaMs * WDM_MS;
    memcpy(to, &header, sizeof header);
}

/* [lock] The first event, or as much as goes into the first request. True: the event is done with. */
static bool pack_first(struct packer *packer, bool *full)
{
    struct read_request *request = packer->reads.head;
    const DMUS_KERNEL_EVENT *event = packer->events.head;
    uint32_t size, whole = data_room(packer, request->size), room = data_room(packer, request->size - request->used);
    const uint8_t *data = mxf_data(event, &size);
    uint32_t left = size - packer->offset, part = left;
    *full = false;
    if (!left)
        return true;
    if (left > room) {
        *full = true;
        if (left <= whole || room < sizeof(ULONG)) /* it fits another one, or there is no room worth a record */
            return false;
        part = room;
    }
    if (request->used == 0)
        begin_request(packer, request, event);
    uint8_t *to = (uint8_t *)request->data + request->used;
    uint32_t header = header_size(packer), align = record_align(packer);
    write_header(packer, request, event, part, to);
    memcpy(to + header, data + packer->offset, part);
    uint32_t padding = (align - (header + part) % align) % align;
    memset(to + header + part, 0, padding);
    request->used += header + part + padding;
    packer->offset += part;
    packer->stats.packed++;
    return part == left;
}

/* [lock] Events into requests as far as either lasts. Events done with go to *used. */
static void pack(struct packer *packer, struct mxf_chain *used)
{
    while (packer->events.head && packer->reads.head) {
        bool full;
        if (pack_first(packer, &full))
            mxf_chain_add(used, pop_event(packer));
        if (full)
            finish_first(packer, STATUS_SUCCESS);
    }
    if (packer->reads.head && packer->reads.head->used > 0)
        finish_first(packer, STATUS_SUCCESS);
}

/* --- the queue's limit --- */

/* [lock] */
static void drop_first(struct packer *packer, struct mxf_chain *used)
{
    PDMUS_KERNEL_EVENT event = pop_event(packer);
    packer->gap = true;
    packer->stats.dropped++;
    if (is_sysex(event))
        packer->skip_sysex = INCOMPLETE_EVT(event) != 0;
    mxf_chain_add(used, event);
}

/* [lock] Is EVENT the rest of a SysEx of which a part was dropped? */
static bool to_skip(struct packer *packer, const DMUS_KERNEL_EVENT *event)
{
    if (!packer->skip_sysex || !is_sysex(event))
        return false;
    bool rest = is_sysex_rest(event);
    if (!rest || !INCOMPLETE_EVT(event))
        packer->skip_sysex = false;
    packer->stats.dropped += rest;
    return rest;
}

/* [lock] Take out of the queue what belongs to a SysEx that drop_first has begun to drop. */
static void drop_sysex_rest(struct packer *packer, struct mxf_chain *used)
{
    struct mxf_chain keep = {NULL, NULL};
    uint32_t kept = 0;
    while (packer->events.head) {
        PDMUS_KERNEL_EVENT event = pop_event(packer);
        bool skip = to_skip(packer, event);
        mxf_chain_add(skip ? used : &keep, event);
        kept += !skip;
    }
    packer->events = keep;
    packer->queued = kept;
}

/* [lock] */
static void limit(struct packer *packer, struct mxf_chain *used)
{
    while (packer->queued > packer->config.queued_max) {
        bool skipping = packer->skip_sysex; /* then what the queue had of it is out already */
        drop_first(packer, used);
        if (packer->skip_sysex && !skipping)
            drop_sysex_rest(packer, used);
    }
}

/* --- completions --- */

static void complete(struct packer *packer)
{
    mxf_lock(&packer->lock);
    if (mxf_turn_take(&packer->turn)) {
        while (packer->done.head) {
            struct read_request *request = take_first(&packer->done);
            mxf_unlock(&packer->lock);
            WDM_TRACE(packer->name, "read done", "\"bytes\":%u,\"status\":\"%08x\"", request->used, (unsigned)request->status);
            request->done(request);
            mxf_lock(&packer->lock);
        }
        mxf_turn_give(&packer->turn);
    }
    mxf_unlock(&packer->lock);
}

static void settle(struct packer *packer, struct mxf_chain *used)
{
    if (used->head)
        packer->config.allocator->lpVtbl->PutMessage(packer->config.allocator, used->head);
    complete(packer);
}

static NTSTATUS STDMETHODCALLTYPE packer_PutMessage(IMXF *iface, PDMUS_KERNEL_EVENT chain)
{
    struct packer *packer = impl_from_IMXF(iface);
    struct mxf_chain used = {NULL, NULL};
    wdm_need_irql(DISPATCH_LEVEL, "packer");
    mxf_lock(&packer->lock);
    while (chain) {
        PDMUS_KERNEL_EVENT event = chain;
        chain = event->pNextEvt;
        event->pNextEvt = NULL;
        if (PACKAGE_EVT(event) || to_skip(packer, event)) {
            mxf_chain_add(&used, event);
            continue;
        }
        mxf_chain_add(&packer->events, event);
        packer->queued++;
    }
    pack(packer, &used);
    limit(packer, &used);
    mxf_unlock(&packer->lock);
    settle(packer, &used);
    return STATUS_SUCCESS;
}

void packer_read(struct packer *packer, struct read_request *request)
{
    struct mxf_chain used = {NULL, NULL};
    request->status = STATUS_PENDING;
    request->used = request->options = 0;
    request->start_100ns = request->clock_100ns = 0;
    mxf_lock(&packer->lock);
    packer->stats.requests++;
    if (packer->closed || request->size < PACKER_READ_MIN) {
        request->status = packer->closed ? STATUS_CANCELLED : STATUS_BUFFER_TOO_SMALL;
        append(&packer->done, request);
    } else {
        append(&packer->reads, request);
        packer->reads_waiting++;
        pack(packer, &used);
    }
    mxf_unlock(&packer->lock);
    settle(packer, &used);
}

bool packer_cancel(struct packer *packer, struct read_request *request)
{
    struct requests keep = {NULL, NULL};
    bool found = false;
    mxf_lock(&packer->lock);
    while (packer->reads.head) {
        struct read_request *next = take_first(&packer->reads);
        if (next != request) {
            append(&keep, next);
            continue;
        }
        found = true;
        packer->reads_waiting--;
        next->status = STATUS_CANCELLED;
        append(&packer->done, next);
    }
    packer->reads = keep;
    mxf_unlock(&packer->lock);
    complete(packer);
    return found;
}

/* [lock] */
static void cancel_reads(struct packer *packer)
{
    while (packer->reads.head)
        finish_first(packer, STATUS_CANCELLED);
}

static void cancel_all(struct packer *packer, bool close)
{
    mxf_lock(&packer->lock);
    packer->closed |= close;
    cancel_reads(packer);
    mxf_unlock(&packer->lock);
    complete(packer);
}

void packer_cancel_all(struct packer *packer) { cancel_all(packer, false); }
void packer_close(struct packer *packer) { cancel_all(packer, true); }

void packer_flush(struct packer *packer)
{
    struct mxf_chain used;
    mxf_lock(&packer->lock);
    used = packer->events;
    packer->events = (struct mxf_chain){NULL, NULL};
    packer->queued = packer->offset = 0;
    packer->gap = packer->skip_sysex = false;
    cancel_reads(packer);
    mxf_unlock(&packer->lock);
    settle(packer, &used);
}

void packer_stats(struct packer *packer, struct packer_stats *out)
{
    mxf_lock(&packer->lock);
    *out = packer->stats;
    out->queued = packer->queued;
    out->reads_waiting = packer->reads_waiting;
    mxf_unlock(&packer->lock);
}

/* --- the object --- */

static NTSTATUS STDMETHODCALLTYPE packer_QueryInterface(IMXF *iface, REFIID riid, PVOID *out)
{
    *out = NULL;
    if (!guid_is(riid, &IID_IUnknown) && !guid_is(riid, &IID_IMXF))
        return STATUS_INVALID_PARAMETER;
    iface->lpVtbl->AddRef(iface);
    *out = iface;
    return STATUS_SUCCESS;
}

static ULONG STDMETHODCALLTYPE packer_AddRef(IMXF *iface) { return refcount_add(&impl_from_IMXF(iface)->refs); }
static ULONG STDMETHODCALLTYPE packer_Release(IMXF *iface) { return refcount_release(&impl_from_IMXF(iface)->refs); }

static NTSTATUS STDMETHODCALLTYPE packer_SetState(IMXF *iface, KSSTATE state)
{
    if (state == KSSTATE_STOP)
        packer_flush(impl_from_IMXF(iface));
    return STATUS_SUCCESS;
}

static NTSTATUS STDMETHODCALLTYPE packer_connect(IMXF *iface, PMXF sink)
{
    (void)iface, (void)sink;
    return STATUS_INVALID_DEVICE_REQUEST;
}

static const IMXFVtbl packer_vtbl = {
    .QueryInterface = packer_QueryInterface,
    .AddRef = packer_AddRef,
    .Release = packer_Release,
    .SetState = packer_SetState,
    .PutMessage = packer_PutMessage,
    .ConnectOutput = packer_connect,
    .DisconnectOutput = packer_connect,
};

IMXF *packer_input(struct packer *packer) { return &packer->IMXF_iface; }

NTSTATUS packer_create(const struct packer_config *config, struct packer **out)
{
    *out = NULL;
    if (!config->allocator)
        return STATUS_INVALID_PARAMETER;
    struct packer *packer = dm_calloc(1, sizeof *packer);
    if (!packer)
        return STATUS_INSUFFICIENT_RESOURCES;
    if (!mxf_lock_init(&packer->lock))
        goto no_lock;
    if (!mxf_turn_init(&packer->turn))
        goto no_turn;
    packer->IMXF_iface.lpVtbl = &packer_vtbl;
    refcount_init(&packer->refs, 1);
    packer->config = *config;
    packer->config.queued_max = config->queued_max ? config->queued_max : PACKER_QUEUED_DEFAULT;
    snprintf(packer->name, sizeof packer->name, "%s", config->name ? config->name : "packer");
    packer->config.name = packer->name;
    COM_ADDREF(config->allocator);
    *out = packer;
    return STATUS_SUCCESS;
no_turn:
    mxf_lock_end(&packer->lock);
no_lock:
    dm_free(packer);
    return STATUS_INSUFFICIENT_RESOURCES;
}

void packer_destroy(struct packer *packer)
{
    if (!packer)
        return;
    packer_flush(packer);
    mxf_lock(&packer->lock);
    mxf_turn_wait(&packer->turn, &packer->lock);
    mxf_unlock(&packer->lock);
    COM_RELEASE(packer->config.allocator);
    mxf_turn_end(&packer->turn);
    mxf_lock_end(&packer->lock);
    dm_free(packer);
}
