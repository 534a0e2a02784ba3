/* SPDX-License-Identifier: MIT */
#include <pthread.h>

#include "base/alloc.h"
#include "kernel/portcls/com.h"
#include "kernel/portcls/midi_stream.h"
#include "kernel/wdm/machine.h"
#include "kernel/wdm/trace.h"

#define RETRY_100NS (-WDM_MS) /* relative */

struct midi_output {
    IMXF IMXF_iface;
    IMiniportMidiStream *stream;
    IAllocatorMXF *allocator;
    const char *track;
    KTIMER timer;
    KDPC dpc;
    pthread_mutex_t lock;
    struct mxf_chain queue; /* under lock, as all below */
    uint32_t done;          /* bytes of the first event that are written */
    bool writing, again;
};
static const IMXFVtbl midi_output_vtbl;
IMPL_FROM(midi_output, IMXF, midi_output_vtbl)

enum result { TAKEN, BUSY, BROKEN };

/* Up to all of what is left of EVENT. */
static enum result write_some(struct midi_output *self, const DMUS_KERNEL_EVENT *event)
{
    uint32_t size;
    const uint8_t *data = mxf_data(event, &size);
    struct wdm_call call;
    while (data && self->done < size) {
        ULONG written = 0;
        wdm_call_begin(&call, "IMiniportMidiStream::Write");
        NTSTATUS status = self->stream->lpVtbl->Write(self->stream, (PVOID)(uintptr_t)(data + self->done), size - self->done,
                                                      &written);
        wdm_call_end(&call);
        if (!NT_SUCCESS(status) || written > size - self->done)
            return BROKEN;
        if (written == 0)
            return BUSY;
        self->done += written;
    }
    return TAKEN;
}

static void recycle(struct midi_output *self, PDMUS_KERNEL_EVENT chain) { self->allocator->lpVtbl->PutMessage(self->allocator, chain); }

/* The queue's first event stays in place while it is written: only the thread that has `writing` removes it. */
static PDMUS_KERNEL_EVENT pop(struct midi_output *self)
{
    PDMUS_KERNEL_EVENT event = self->queue.head;
    self->queue.head = event->pNextEvt;
    if (!self->queue.head)
        self->queue.tail = NULL;
    event->pNextEvt = NULL;
    self->done = 0;
    return event;
}

static void drain(struct midi_output *self)
{
    LARGE_INTEGER retry = {.QuadPart = RETRY_100NS};
    pthread_mutex_lock(&self->lock);
    if (self->writing) {
        self->again = true;
        pthread_mutex_unlock(&self->lock);
        return;
    }
    self->writing = true;
    enum result result = TAKEN;
    do {
        self->again = false;
        while (self->queue.head) {
            PDMUS_KERNEL_EVENT event = self->queue.head;
            pthread_mutex_unlock(&self->lock);
            result = write_some(self, event);
            pthread_mutex_lock(&self->lock);
            if (result == BUSY)
                break;
            event = pop(self);
            pthread_mutex_unlock(&self->lock);
            if (result == BROKEN)
                WDM_TRACE(self->track, "write failed", "\"bytes\":%u", event->cbEvent);
            recycle(self, event);
            pthread_mutex_lock(&self->lock);
        }
    } while (self->again);
    self->writing = false;
    bool busy = self->queue.head != NULL;
    pthread_mutex_unlock(&self->lock);
    if (busy)
        KeSetTimer(&self->timer, retry, &self->dpc);
}

static VOID NTAPI retry_due(PKDPC dpc, PVOID context, PVOID argument1, PVOID argument2)
{
    (void)dpc, (void)argument1, (void)argument2;
    drain(context);
}

static NTSTATUS NTAPI output_QueryInterface(IMXF *iface, REFIID iid, PVOID *out)
{
    bool known = guid_is(iid, &IID_IMXF) || guid_is(iid, &IID_IUnknown);
    *out = known ? iface : NULL;
    return known ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

static ULONG NTAPI output_count(IMXF *iface)
{
    (void)iface;
    return 1;
}

static NTSTATUS NTAPI output_SetState(IMXF *iface, KSSTATE state)
{
    (void)iface, (void)state; /* the pin sets the stream's */
    return STATUS_SUCCESS;
}

static NTSTATUS NTAPI output_PutMessage(IMXF *iface, PDMUS_KERNEL_EVENT chain)
{
    struct midi_output *self = impl_from_IMXF(iface);
    if (!chain)
        return STATUS_SUCCESS;
    pthread_mutex_lock(&self->lock);
    mxf_chain_add(&self->queue, chain);
    pthread_mutex_unlock(&self->lock);
    drain(self);
    return STATUS_SUCCESS;
}

static NTSTATUS NTAPI output_connect(IMXF *iface, IMXF *sink)
{
    (void)iface, (void)sink;
    return STATUS_INVALID_DEVICE_REQUEST;
}

static const IMXFVtbl midi_output_vtbl = {output_QueryInterface, output_count,   output_count,  output_SetState,
                                          output_PutMessage,     output_connect, output_connect};

NTSTATUS midi_output_create(IMiniportMidiStream *stream, IAllocatorMXF *allocator, const char *track, struct midi_output **out)
{
    struct midi_output *self = dm_calloc(1, sizeof *self);
    if (!self)
        return STATUS_INSUFFICIENT_RESOURCES;
    self->IMXF_iface.lpVtbl = &midi_output_vtbl;
    self->stream = stream;
    self->allocator = allocator;
    self->track = track;
    pthread_mutex_init(&self->lock, NULL);
    KeInitializeTimer(&self->timer);
    KeInitializeDpc(&self->dpc, retry_due, self);
    *out = self;
    return STATUS_SUCCESS;
}

static void end_retries(struct midi_output *self)
{
    KeCancelTimer(&self->timer);
    KeRemoveQueueDpc(&self->dpc);
    KeFlushQueuedDpcs();
}

void midi_output_flush(struct midi_output *self)
{
    end_retries(self);
    pthread_mutex_lock(&self->lock);
    PDMUS_KERNEL_EVENT rest = self->writing ? NULL : self->queue.head;
    if (!self->writing) {
        self->queue.head = self->queue.tail = NULL;
        self->done = 0;
    }
    pthread_mutex_unlock(&self->lock);
    if (rest)
        recycle(self, rest);
    end_retries(self); /* one that was running may have set the timer again; with nothing queued it is the last */
}

void midi_output_destroy(struct midi_output *self)
{
    if (!self)
        return;
    midi_output_flush(self);
    pthread_mutex_destroy(&self->lock);
    dm_free(self);
}

IMXF *midi_output_input(struct midi_output *self) { return &self->IMXF_iface; }

void midi_output_service(struct midi_output *self) { drain(self); }
