/* SPDX-License-Identifier: MIT */
/*
 * Somebody who takes a wave pin's sound at the pace of the machine's clock. A timer's DPC queues a work item, which renders at
 * PASSIVE_LEVEL what has become due: the same in both kinds of time.
 */
#include <stdatomic.h>
#include <string.h>

#include "base/alloc.h"
#include "host_impl.h"
#include "kernel/portcls/pin.h"

#define HUNDRED_NS 10000000

struct consumer {
    struct host_consumer client;
    struct host_pin *pin;
    uint32_t rate, frames_max;
    int64_t start_100ns;  /* machine time of frame 0 */
    int64_t frames_given; /* the worker's */
    int64_t wake_100ns;   /* machine time of the tick that queued the worker */
    KTIMER timer;
    KDPC dpc;
    WORK_QUEUE_ITEM work;
    atomic_bool stopping;
    pthread_mutex_t lock;
    bool queued; /* under lock, and IDLE with it: the worker ends, or a tick wants it again, in one piece */
    KEVENT idle;
    _Alignas(16) uint8_t buffer[];
};

static void give(struct consumer *self, uint32_t frames)
{
    struct pc_pin *pin = self->pin->file.object.FsContext;
    NTSTATUS status = self->client.floats ? pin_pull_float(pin, (float *)(void *)self->buffer, frames)
                                          : pin_pull(pin, self->buffer, frames);
    if (NT_SUCCESS(status))
        self->client.consume(self->client.ctx, self->buffer, frames);
    self->frames_given += frames;
}

static int64_t frames_due(const struct consumer *self)
{
    int64_t elapsed = self->wake_100ns - self->start_100ns;
    return elapsed / HUNDRED_NS * self->rate + elapsed % HUNDRED_NS * self->rate / HUNDRED_NS - self->frames_given;
}

/* What was due at the tick. Asked again after each slice, it would go on with the few frames that the slice took. */
static VOID NTAPI render(PVOID context)
{
    struct consumer *self = context;
    int64_t due = frames_due(self);
    while (due > 0 && !atomic_load(&self->stopping)) {
        uint32_t frames = due < self->frames_max ? (uint32_t)due : self->frames_max;
        give(self, frames);
        due -= frames;
    }
    pthread_mutex_lock(&self->lock);
    self->queued = false;
    KeSetEvent(&self->idle, IO_NO_INCREMENT, FALSE);
    pthread_mutex_unlock(&self->lock);
}

static VOID NTAPI tick(PKDPC dpc, PVOID context, PVOID argument1, PVOID argument2)
{
    struct consumer *self = context;
    (void)dpc, (void)argument1, (void)argument2;
    pthread_mutex_lock(&self->lock);
    bool busy = self->queued || atomic_load(&self->stopping);
    if (!busy) {
        self->queued = true;
        KeClearEvent(&self->idle);
    }
    pthread_mutex_unlock(&self->lock);
    if (busy)
        return; /* the next tick renders this one's share */
    self->wake_100ns = wdm_time_100ns(self->pin->file.host->machine);
    ExInitializeWorkItem(&self->work, render, self);
    ExQueueWorkItem(&self->work, CriticalWorkQueue);
}

NTSTATUS host_pin_attach_consumer(struct host_pin *pin, const struct host_consumer *client)
{
    uint32_t rate, channels, bits;
    LARGE_INTEGER first;
    NTSTATUS status = host_pin_format(pin, &rate, &channels, &bits);
    if (!NT_SUCCESS(status))
        return status;
    if (!client->consume || client->slice_ms < 1 || client->slice_ms > 1000 || pin->consumer)
        return STATUS_INVALID_PARAMETER;
    uint32_t frames = rate / 1000 * client->slice_ms + client->slice_ms;
    size_t frame_size = channels * (client->floats ? sizeof(float) : bits / 8);
    struct consumer *self = dm_calloc_aligned(16, sizeof *self + frames * frame_size);
    if (!self)
        return STATUS_INSUFFICIENT_RESOURCES;
    bool entered = host_enter(pin->file.host);
    self->client = *client;
    self->pin = pin;
    self->rate = rate;
    self->frames_max = frames;
    self->start_100ns = wdm_time_100ns(pin->file.host->machine);
    pthread_mutex_init(&self->lock, NULL);
    KeInitializeEvent(&self->idle, NotificationEvent, TRUE);
    KeInitializeTimer(&self->timer);
    KeInitializeDpc(&self->dpc, tick, self);
    pin->consumer = self;
    first.QuadPart = -(LONGLONG)client->slice_ms * WDM_MS;
    KeSetTimerEx(&self->timer, first, (LONG)client->slice_ms, &self->dpc);
    host_leave(entered);
    return STATUS_SUCCESS;
}

/* In the machine. */
void host_consumer_stop(struct host_pin *pin)
{
    struct consumer *self = pin->consumer;
    if (!self)
        return;
    atomic_store(&self->stopping, true);
    KeCancelTimer(&self->timer);
    KeRemoveQueueDpc(&self->dpc);
    KeFlushQueuedDpcs();
    KeWaitForSingleObject(&self->idle, Executive, KernelMode, FALSE, NULL);
    pthread_mutex_lock(&self->lock); /* until the worker has let go of it */
    pthread_mutex_unlock(&self->lock);
    pthread_mutex_destroy(&self->lock);
    pin->consumer = NULL;
    dm_free_aligned(self);
}

void host_pin_detach_consumer(struct host_pin *pin)
{
    bool entered = host_enter(pin->file.host);
    host_consumer_stop(pin);
    host_leave(entered);
}
