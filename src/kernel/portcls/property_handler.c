/* SPDX-License-Identifier: MIT */
/* Calling a driver's property handler: what it is given, what it may touch, and when the request is over (spec 7.7). */
#include <pthread.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/checked.h"
#include "kernel/portcls/device.h"
#include "kernel/portcls/irp.h"
#include "kernel/portcls/pin.h"
#include "kernel/portcls/property.h"
#include "kernel/wdm/machine.h"

#define GUARD      64   /* bytes on each side of the value */
#define GUARD_BYTE 0xA5

/* RUNNING: the handler has not returned. */
enum phase { RUNNING, ANSWERED_EARLY, PENDING, OVER };

struct request {
    PCPROPERTY_REQUEST pc; /* first: the driver's pointer is this one's */
    struct request *next;
    struct pc_device *device;
    char item[96];         /* for reports */
    void *instance;        /* copy, or NULL */
    uint8_t *guarded;      /* GUARD, value, GUARD */
    void *client;          /* where the value comes from and goes to */
    ULONG client_size;
    enum phase phase;      /* under held_lock */
    NTSTATUS early;        /* what it was completed with while RUNNING */
};

/* Requests that drivers hold, of all machines: PcCompletePendingPropertyRequest knows what it may touch. */
static pthread_mutex_t held_lock = PTHREAD_MUTEX_INITIALIZER;
static struct request *held;

static void hold(struct request *r)
{
    pthread_mutex_lock(&held_lock);
    r->next = held;
    held = r;
    pthread_mutex_unlock(&held_lock);
}

static void unlink_held(struct request *r)
{
    struct request **link = &held;
    while (*link != r)
        link = &(*link)->next;
    *link = r->next;
}

/* The handler returned STATUS: is the request over? Then it is out of the list; *STATUS may be what it was completed with. */
static bool returned_from_handler(struct request *r, NTSTATUS *status, enum phase *before)
{
    pthread_mutex_lock(&held_lock);
    *before = r->phase;
    bool over = *status != STATUS_PENDING || r->phase == ANSWERED_EARLY;
    if (over) {
        if (*status == STATUS_PENDING)
            *status = r->early;
        unlink_held(r);
    } else {
        r->phase = PENDING;
    }
    pthread_mutex_unlock(&held_lock);
    return over;
}

/* The driver completes R, which may be a stale pointer. RUNNING: noted; PENDING: R is the caller's; the others: a fault. */
static enum phase complete_held(struct request *r, NTSTATUS status)
{
    enum phase before = OVER;
    pthread_mutex_lock(&held_lock);
    struct request *found = held;
    while (found && found != r)
        found = found->next;
    if (found) {
        before = r->phase;
        if (before == RUNNING) {
            r->early = status;
            r->phase = ANSWERED_EARLY;
        } else if (before == PENDING) {
            unlink_held(r);
        }
    }
    pthread_mutex_unlock(&held_lock);
    return before;
}

static void request_free(struct request *r)
{
    if (r) {
        dm_free(r->instance);
        dm_free(r->guarded);
        dm_free(r);
    }
}

static void name_item(struct request *r, const struct property_call *call, ULONG node)
{
    char where[24] = "filter", set[16];
    if (node != KSFILTER_NODE)
        snprintf(where, sizeof where, "node %u", (unsigned)node);
    else if (call->pin)
        snprintf(where, sizeof where, "pin %u", (unsigned)call->pin->id);
    snprintf(set, sizeof set, "{%08x-...}", (unsigned)call->key.Set.Data1);
    snprintf(r->item, sizeof r->item, "%s, %s: %s property %s %u", call->filter->port->name, where,
             call->key.Flags & KSPROPERTY_TYPE_GET   ? "get"
             : call->key.Flags & KSPROPERTY_TYPE_SET ? "set"
                                                     : "support of",
             guid_is(&call->key.Set, &KSPROPSETID_Synth)       ? "KSPROPSETID_Synth"
             : guid_is(&call->key.Set, &KSPROPSETID_Synth_Dls) ? "KSPROPSETID_Synth_Dls"
                                                               : set,
             (unsigned)call->key.Id);
}

static struct request *request_new(const struct property_call *call, const PCPROPERTY_ITEM *item, ULONG node, ULONG header_size)
{
    struct request *r = dm_calloc(1, sizeof *r);
    size_t room;
    ULONG instance_size = call->request_size - header_size;
    if (!r || !add_size(call->value_size, 2 * GUARD, &room) || !(r->guarded = dm_malloc(room)) ||
        (instance_size && !(r->instance = dm_malloc(instance_size)))) {
        request_free(r);
        return NULL;
    }
    memset(r->guarded, GUARD_BYTE, room);
    if (call->value_size)
        memcpy(r->guarded + GUARD, call->value, call->value_size);
    if (instance_size)
        memcpy(r->instance, (const char *)call->request + header_size, instance_size);
    name_item(r, call, node);
    r->device = call->filter->port->device;
    r->client = call->value;
    r->client_size = call->value_size;
    r->pc = (PCPROPERTY_REQUEST){
        .MajorTarget = (IUnknown *)call->filter->port->miniport,
        .MinorTarget = !call->pin             ? NULL
                       : call->pin->stream    ? (IUnknown *)call->pin->stream
                                              : (IUnknown *)call->pin->midi_stream,
        .Node = node,
        .PropertyItem = item,
        .Verb = call->key.Flags,
        .InstanceSize = instance_size,
        .Instance = r->instance,
        .ValueSize = call->value_size,
        .Value = call->value_size ? r->guarded + GUARD : NULL,
        .Irp = call->irp,
    };
    return r;
}

static uintptr_t handler_of(const struct request *r) { return (uintptr_t)r->pc.PropertyItem->Handler; }

static void check_guards(const struct request *r)
{
    for (unsigned i = 0; i < 2 * GUARD; i++) {
        size_t at = i < GUARD ? i : r->client_size + i;
        if (r->guarded[at] != GUARD_BYTE) {
            wdm_broken_at(WDM_RULE_PROPERTY_OVERRUN, "by", handler_of(r), "%s: wrote %s the value of %u bytes", r->item,
                          i < GUARD ? "before" : "beyond", (unsigned)r->client_size);
            return;
        }
    }
}

/* What status and size say must agree; where they do not, the size is put right. */
static ULONG judge(const struct request *r, NTSTATUS status)
{
    ULONG size = r->pc.ValueSize;
    if (NT_SUCCESS(status) && size > r->client_size) {
        wdm_broken_at(WDM_RULE_PROPERTY_RESULT, "by", handler_of(r), "%s: success with %u bytes of %u", r->item, (unsigned)size,
                      (unsigned)r->client_size);
        return r->client_size;
    }
    if (status == STATUS_BUFFER_OVERFLOW && size <= r->client_size)
        wdm_broken_at(WDM_RULE_PROPERTY_RESULT, "by", handler_of(r), "%s: STATUS_BUFFER_OVERFLOW, but %u bytes would fit in %u", r->item,
                      (unsigned)size, (unsigned)r->client_size);
    /* Size 0 with a failure says nothing. */
    if (status == STATUS_BUFFER_TOO_SMALL && size && size < r->client_size)
        wdm_broken_at(WDM_RULE_PROPERTY_RESULT, "by", handler_of(r), "%s: STATUS_BUFFER_TOO_SMALL, but needs %u bytes of %u", r->item,
                      (unsigned)size, (unsigned)r->client_size);
    return size;
}

/* The client gets what the handler wrote whatever the status: it is as if the handler had had the client's buffer. */
static ULONG finish(struct request *r, NTSTATUS status)
{
    check_guards(r);
    ULONG returned = judge(r, status);
    if (r->client && r->client_size)
        memcpy(r->client, r->guarded + GUARD, r->client_size);
    request_free(r);
    return returned;
}

static void finish_pending(struct request *r, NTSTATUS status)
{
    PIRP irp = r->pc.Irp;
    ULONG returned = finish(r, status);
    irp_complete(irp, status, returned);
}

NTSTATUS property_call_handler(struct property_call *call, const PCPROPERTY_ITEM *item, ULONG node, ULONG header_size,
                               ULONG *returned)
{
    struct request *r = request_new(call, item, node, header_size);
    struct wdm_call guard;
    if (!r)
        return STATUS_INSUFFICIENT_RESOURCES;
    wdm_rule_try(WDM_RULE_PROPERTY_OVERRUN);
    wdm_rule_try(WDM_RULE_PROPERTY_RESULT);
    hold(r);
    wdm_call_begin(&guard, "property handler");
    NTSTATUS status = item->Handler(&r->pc);
    wdm_call_end(&guard);
    enum phase before;
    NTSTATUS answered = status;
    if (!returned_from_handler(r, &status, &before))
        return STATUS_PENDING; /* R may be gone by now */
    if (answered != STATUS_PENDING && before == ANSWERED_EARLY)
        wdm_broken_at(WDM_RULE_PROPERTY_RESULT, "by", handler_of(r), "%s: completed, and answered %08x as well", r->item,
                      (unsigned)answered);
    *returned = finish(r, status);
    return status;
}

NTSTATUS NTAPI PcCompletePendingPropertyRequest(PPCPROPERTY_REQUEST request, NTSTATUS status)
{
    struct request *r = (struct request *)(void *)request;
    wdm_need_irql(DISPATCH_LEVEL, "PcCompletePendingPropertyRequest");
    if (!request)
        return STATUS_INVALID_PARAMETER;
    if (status == STATUS_PENDING) {
        wdm_broken(WDM_RULE_PROPERTY_RESULT, "PcCompletePendingPropertyRequest with STATUS_PENDING");
        return STATUS_INVALID_PARAMETER;
    }
    switch (complete_held(r, status)) {
    case RUNNING: return STATUS_SUCCESS; /* the handler's return ends it */
    case PENDING: finish_pending(r, status); return STATUS_SUCCESS;
    case ANSWERED_EARLY: wdm_broken(WDM_RULE_PROPERTY_RESULT, "property request %p completed twice", (void *)request); break;
    case OVER: wdm_broken(WDM_RULE_AFTER_RELEASE, "PcCompletePendingPropertyRequest: request %p is over", (void *)request);
    }
    return STATUS_INVALID_PARAMETER;
}

static struct request *kept_locked(const struct pc_device *device)
{
    struct request *r = held;
    while (r && r->device != device)
        r = r->next;
    return r;
}

bool property_kept(const struct pc_device *device)
{
    pthread_mutex_lock(&held_lock);
    bool kept = kept_locked(device) != NULL;
    pthread_mutex_unlock(&held_lock);
    return kept;
}

unsigned property_abandon(struct pc_device *device)
{
    unsigned count = 0;
    for (;;) {
        pthread_mutex_lock(&held_lock);
        struct request *r = kept_locked(device);
        if (r)
            unlink_held(r);
        pthread_mutex_unlock(&held_lock);
        if (!r)
            return count;
        wdm_broken_at(WDM_RULE_PROPERTY_RESULT, "by", handler_of(r), "%s: answered STATUS_PENDING and never completed", r->item);
        finish_pending(r, STATUS_CANCELLED);
        count++;
    }
}
