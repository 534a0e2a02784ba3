/* SPDX-License-Identifier: MIT */
/* From the streams' queues to the wire. */
#include "uart.h"

/* Events to be returned, per stream, once the lock is given back. */
struct finished {
    PDMUS_KERNEL_EVENT first, last;
};

static void finished_add(struct finished *finished, PDMUS_KERNEL_EVENT event)
{
    event->pNextEvt = NULL;
    if (finished->first)
        finished->last->pNextEvt = event;
    else
        finished->first = event;
    finished->last = event;
}

static void give_back(struct uart_stream *stream, PDMUS_KERNEL_EVENT chain)
{
    if (chain)
        stream->allocator->lpVtbl->PutMessage(stream->allocator, chain);
}

/* ---- the first event of a queue [out_lock] ---- */

static PDMUS_KERNEL_EVENT pop(struct uart_stream *stream)
{
    PDMUS_KERNEL_EVENT event = stream->queue;
    stream->queue = event->pNextEvt;
    stream->written = 0;
    if (stream->atomic_last == event)
        stream->atomic_last = NULL;
    return event;
}

/* A package's members take its place; emptied, it goes back at once. Within a package they end with its own last member. */
static void open_package(struct uart_stream *stream, struct finished *finished)
{
    PDMUS_KERNEL_EVENT package = stream->queue, members = package->uData.pPackageEvt, last = members;
    bool outer_ends_here = stream->atomic_last == package;
    stream->queue = package->pNextEvt;
    package->uData.pPackageEvt = NULL;
    package->cbEvent = 0;
    finished_add(finished, package);
    if (!members) {
        stream->atomic_last = outer_ends_here ? NULL : stream->atomic_last;
        return;
    }
    while (last->pNextEvt)
        last = last->pNextEvt;
    last->pNextEvt = stream->queue;
    if (!stream->queue)
        stream->queue_last = last;
    stream->queue = members;
    if (!stream->atomic_last || outer_ends_here)
        stream->atomic_last = last;
}

static const UCHAR *event_bytes(const DMUS_KERNEL_EVENT *event)
{
    return SHORT_EVT(event) ? event->uData.abData : event->uData.pbData;
}

/* Must the next byte come from the same stream? */
static bool in_the_middle(const struct uart_stream *stream)
{
    return stream->written || stream->in_sysex || stream->atomic_last;
}

/* Spend one of the bytes that may leave now. */
static bool write_byte(struct uart_miniport *miniport, UCHAR byte)
{
    if (miniport->room == 0 || !uart_write(miniport, byte))
        return false;
    miniport->room--;
    return true;
}

/* The stream's first event. false: the device is busy, or enough has left. */
static bool write_event(struct uart_stream *stream, struct finished *finished)
{
    PDMUS_KERNEL_EVENT event = stream->queue;
    if (PACKAGE_EVT(event)) {
        open_package(stream, finished);
        return true;
    }
    const UCHAR *bytes = event_bytes(event);
    for (; bytes && stream->written < event->cbEvent; stream->written++) {
        UCHAR byte = bytes[stream->written];
        if (!write_byte(stream->miniport, byte))
            return false;
        if (byte >= 0x80 && byte < 0xF8)
            stream->in_sysex = byte == 0xF0;
    }
    /* A whole message that lacks its end is over all the same. */
    if (COMPLETE_EVT(event))
        stream->in_sysex = false;
    finished_add(finished, pop(stream));
    return true;
}

/* ---- the wire ---- */

/* [out_lock] Whose turn it is. Who began something finishes it, also in PAUSE. */
static struct uart_stream *next_stream(struct uart_miniport *miniport)
{
    if (miniport->owner)
        return miniport->owner->queue ? miniport->owner : NULL;
    for (struct uart_stream *stream = miniport->streams; stream; stream = stream->next)
        if (stream->queue && atomic_load(&stream->state) == KSSTATE_RUN)
            return stream;
    return NULL;
}

/* [out_lock] To the end of the list, so that the others have their turn. */
static void rotate(struct uart_miniport *miniport, struct uart_stream *stream)
{
    struct uart_stream **at = &miniport->streams;
    if (!stream->next)
        return;
    while (*at != stream)
        at = &(*at)->next;
    *at = stream->next;
    while (*at)
        at = &(*at)->next;
    *at = stream;
    stream->next = NULL;
}

/* [out_lock] */
static void refill(struct uart_miniport *miniport)
{
    ULONGLONG now = KeQueryInterruptTime();
    if (now - miniport->burst_since < 10000)
        return;
    miniport->burst_since = now;
    miniport->room = UART_BURST;
}

/* [out_lock] One turn. NULL: nothing to do now; *MORE: but later. */
static struct uart_stream *turn(struct uart_miniport *miniport, struct finished *finished, bool *more)
{
    *more = false;
    if (!miniport->powered)
        return NULL;
    refill(miniport);
    if (miniport->end_sysex && !write_byte(miniport, 0xF7)) {
        *more = true;
        return NULL;
    }
    miniport->end_sysex = false;
    struct uart_stream *stream = next_stream(miniport);
    if (!stream)
        return NULL;
    miniport->owner = stream;
    bool flowing;
    do {
        flowing = write_event(stream, finished);
    } while (flowing && stream->queue && in_the_middle(stream));
    *more = !flowing;
    if (!in_the_middle(stream)) {
        miniport->owner = NULL;
        rotate(miniport, stream);
    }
    atomic_fetch_add(&stream->giving, 1);
    return stream;
}

void uart_pump(struct uart_miniport *miniport)
{
    LARGE_INTEGER later = {.QuadPart = -10000};
    struct uart_stream *stream;
    bool more;
    KIRQL irql;
    do {
        struct finished finished = {0};
        KeAcquireSpinLock(&miniport->out_lock, &irql);
        stream = turn(miniport, &finished, &more);
        KeReleaseSpinLock(&miniport->out_lock, irql);
        if (stream) {
            give_back(stream, finished.first);
            atomic_fetch_sub(&stream->giving, 1);
        }
    } while (stream && !more);
    if (more)
        KeSetTimer(&miniport->out_timer, later, &miniport->out_dpc);
}

static VOID NTAPI pump_dpc(PKDPC dpc, PVOID context, PVOID argument1, PVOID argument2)
{
    (void)dpc, (void)argument1, (void)argument2;
    uart_pump(context);
}

void uart_output_init(struct uart_miniport *miniport)
{
    KeInitializeSpinLock(&miniport->out_lock);
    KeInitializeTimer(&miniport->out_timer);
    KeInitializeDpc(&miniport->out_dpc, pump_dpc, miniport);
}

void uart_output_end(struct uart_miniport *miniport)
{
    KIRQL irql;
    KeAcquireSpinLock(&miniport->out_lock, &irql);
    miniport->powered = false; /* whoever pumps now finds nothing to do, and arms nothing */
    KeReleaseSpinLock(&miniport->out_lock, irql);
    KeFlushQueuedDpcs(); /* one that was running may have armed the timer again */
    KeCancelTimer(&miniport->out_timer);
    KeRemoveQueueDpc(&miniport->out_dpc);
    KeFlushQueuedDpcs();
}

void uart_queue(struct uart_stream *stream, PDMUS_KERNEL_EVENT chain)
{
    struct uart_miniport *miniport = stream->miniport;
    PDMUS_KERNEL_EVENT last = chain;
    KIRQL irql;
    while (last->pNextEvt)
        last = last->pNextEvt;
    KeAcquireSpinLock(&miniport->out_lock, &irql);
    if (stream->queue)
        stream->queue_last->pNextEvt = chain;
    else
        stream->queue = chain;
    stream->queue_last = last;
    KeReleaseSpinLock(&miniport->out_lock, irql);
    uart_pump(miniport);
}

void uart_flush(struct uart_stream *stream)
{
    struct uart_miniport *miniport = stream->miniport;
    LARGE_INTEGER moment = {.QuadPart = -10000};
    KIRQL irql;
    KeAcquireSpinLock(&miniport->out_lock, &irql);
    PDMUS_KERNEL_EVENT chain = stream->queue;
    stream->queue = stream->queue_last = NULL;
    stream->written = 0;
    stream->atomic_last = NULL;
    if (miniport->owner == stream) {
        miniport->owner = NULL;
        miniport->end_sysex |= stream->in_sysex;
    }
    stream->in_sysex = false;
    KeReleaseSpinLock(&miniport->out_lock, irql);
    give_back(stream, chain);
    while (atomic_load(&stream->giving))
        KeDelayExecutionThread(KernelMode, FALSE, &moment);
    uart_pump(miniport);
}
