/* SPDX-License-Identifier: MIT */
/* From events to the engine's queue. */
#include "swsynth.h"

#define HELD_MAX      65536u           /* events that wait for the wave pin to run; beyond it the oldest are given up */
#define SYSEX_MAX     (16u << 20)      /* bytes of one system exclusive in pieces */
#define PACKAGE_DEPTH 4

/* Bytes of a message with this status; 0 if it is none, or a system exclusive. */
static ULONG message_size(UCHAR status)
{
    static const UCHAR by_kind[] = {3, 3, 3, 3, 2, 2, 3};
    static const UCHAR system[] = {0, 2, 3, 2, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1};
    if (status < 0x80)
        return 0;
    return status < 0xF0 ? by_kind[(status >> 4) - 8] : system[status & 15];
}

/* ---- system exclusive in pieces ---- */

static bool sysex_append(struct swsynth_sysex *sysex, const UCHAR *bytes, ULONG size)
{
    if (size > sysex->capacity - sysex->size) {
        ULONG need = sysex->size + size, capacity = sysex->capacity ? sysex->capacity * 2 : 4096;
        if (need > SYSEX_MAX)
            return false;
        capacity = capacity < need ? need : capacity;
        UCHAR *grown = ExAllocatePoolWithTag(NonPagedPool, capacity, SWSYNTH_TAG);
        if (!grown)
            return false;
        if (sysex->bytes) {
            RtlCopyMemory(grown, sysex->bytes, sysex->size);
            ExFreePoolWithTag(sysex->bytes, SWSYNTH_TAG);
        }
        sysex->bytes = grown;
        sysex->capacity = capacity;
    }
    RtlCopyMemory(sysex->bytes + sysex->size, bytes, size);
    sysex->size += size;
    return true;
}

/* [lock] One piece. true: the message is whole, in sysex->bytes. */
static bool sysex_piece(struct swsynth_sysex *sysex, const UCHAR *bytes, ULONG size, ULONG group, bool last)
{
    if (bytes[0] == 0xF0) {
        sysex->open = true;
        sysex->failed = false;
        sysex->size = 0;
        sysex->group = group;
    } else if (!sysex->open || group != sysex->group) {
        return false; /* the middle of something whose beginning nobody saw */
    }
    sysex->failed = sysex->failed || !sysex_append(sysex, bytes, size);
    if (!last)
        return false;
    sysex->open = false;
    return !sysex->failed;
}

/* ---- playing [lock] ---- */

static enum synth_status play_bytes(struct swsynth_instance *instance, int64_t sample, const DMUS_KERNEL_EVENT *event,
                                    const UCHAR *bytes)
{
    struct swsynth_sysex *sysex = &instance->sysex;
    ULONG size = event->cbEvent, group = event->usChannelGroup, whole = message_size(bytes[0]);
    bool incomplete = INCOMPLETE_EVT(event);
    if (incomplete || (sysex->open && (bytes[0] < 0x80 || bytes[0] == 0xF7))) {
        if (!sysex_piece(sysex, bytes, size, group, !incomplete))
            return SYNTH_OK;
        return synth_play(instance->engine, sample, group, sysex->bytes, sysex->size);
    }
    if (bytes[0] < 0xF8)
        sysex->open = false; /* any status but real time ends it */
    if (bytes[0] == 0xF0)
        return synth_play(instance->engine, sample, group, bytes, size);
    /* System common and real time say nothing to a synth, but for the reset. */
    if (whole == 0 || whole > size || (bytes[0] > 0xF0 && bytes[0] < 0xFF))
        return SYNTH_OK;
    return synth_play(instance->engine, sample, group, bytes, whole);
}

/* A package's members are played in one go, without a stamp of their own at the package's time. */
static enum synth_status play_chain(struct swsynth_instance *instance, const DMUS_KERNEL_EVENT *event, REFERENCE_TIME time,
                                    int depth)
{
    enum synth_status result = SYNTH_OK;
    for (; event; event = event->pNextEvt) {
        REFERENCE_TIME stamp = event->ullPresTime100ns ? event->ullPresTime100ns : time;
        enum synth_status status = SYNTH_OK;
        if (PACKAGE_EVT(event)) {
            if (depth < PACKAGE_DEPTH)
                status = play_chain(instance, event->uData.pPackageEvt, stamp, depth + 1);
        } else if (event->cbEvent) {
            const UCHAR *bytes = SHORT_EVT(event) ? event->uData.abData : event->uData.pbData;
            if (bytes)
                status = play_bytes(instance, time_map_to_sample(&instance->map, stamp), event, bytes);
        }
        result = status == SYNTH_NOMEM ? status : result; /* what is no message is passed over */
    }
    return result;
}

/* ---- waiting for the wave pin [lock] ---- */

static PDMUS_KERNEL_EVENT hold(struct swsynth_instance *instance, PDMUS_KERNEL_EVENT chain)
{
    PDMUS_KERNEL_EVENT given_up = NULL, *tail = &given_up;
    if (instance->held)
        instance->held_last->pNextEvt = chain;
    else
        instance->held = chain;
    for (; chain; chain = chain->pNextEvt) {
        instance->held_last = chain;
        instance->held_count++;
    }
    for (; instance->held_count > HELD_MAX; instance->held_count--) {
        *tail = instance->held;
        tail = &instance->held->pNextEvt;
        instance->held = *tail;
        *tail = NULL;
    }
    return given_up;
}

PDMUS_KERNEL_EVENT swsynth_take_held(struct swsynth_instance *instance)
{
    PDMUS_KERNEL_EVENT chain = instance->held;
    instance->held = instance->held_last = NULL;
    instance->held_count = 0;
    return chain;
}

PDMUS_KERNEL_EVENT swsynth_play_held(struct swsynth_instance *instance)
{
    PDMUS_KERNEL_EVENT chain = swsynth_take_held(instance);
    play_chain(instance, chain, 0, 0);
    return chain;
}

void swsynth_return(struct swsynth_instance *instance, PDMUS_KERNEL_EVENT chain)
{
    if (chain)
        instance->allocator->lpVtbl->PutMessage(instance->allocator, chain);
}

NTSTATUS swsynth_put(struct swsynth_instance *instance, PDMUS_KERNEL_EVENT chain)
{
    enum synth_status status = SYNTH_OK;
    KIRQL irql;
    KeAcquireSpinLock(&instance->lock, &irql);
    if (instance->mapped)
        status = play_chain(instance, chain, 0, 0);
    else
        chain = hold(instance, chain);
    KeReleaseSpinLock(&instance->lock, irql);
    swsynth_return(instance, chain);
    return status == SYNTH_NOMEM ? STATUS_INSUFFICIENT_RESOURCES : STATUS_SUCCESS;
}
