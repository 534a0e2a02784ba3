/* SPDX-License-Identifier: MIT */
/*
 * IServiceGroup (spec 3.10): one DPC that calls every member. Requests coalesce as KeInsertQueueDpc does.
 *
 * Members are called outside the lock, so that they may request, add and remove; a member that is removed while the DPC walks
 * is unlinked when the walk is over, and a removal from another thread waits for that: nobody is called after it
 * was removed.
 *
 * The last Release may come while the DPC has left its queue and not begun yet, or walks: memory goes only when it is over. At
 * PASSIVE_LEVEL that is waited for; above, a DPC behind it frees, for DPCs run one at a time.
 */
#include <pthread.h>

#include "com.h"

#include "base/alloc.h"
#include "kernel/wdm/given.h"
#include "kernel/wdm/machine.h"
#include "kernel/wdm/trace.h"

struct member {
    struct member *next;
    IServiceSink *sink;
    bool dead;
};

struct service_group {
    IServiceGroup IServiceGroup_iface;
    struct refcount refs;
    struct wdm_given given;
    KDPC dpc, end_dpc;
    KTIMER timer;
    pthread_mutex_t lock;
    pthread_cond_t walked;
    struct member *members; /* under lock, as all below */
    bool walking;            /* the DPC runs: one at a time, as all DPCs of a machine */
    pthread_t walker;
};
static const IServiceGroupVtbl service_group_vtbl;
IMPL_FROM(service_group, IServiceGroup, service_group_vtbl)

static void sweep(struct service_group *self)
{
    for (struct member **link = &self->members; *link;) {
        struct member *member = *link;
        if (!member->dead) {
            link = &member->next;
            continue;
        }
        *link = member->next;
        pthread_mutex_unlock(&self->lock); /* the last Release of a sink runs foreign code */
        COM_RELEASE(member->sink);
        dm_free(member);
        pthread_mutex_lock(&self->lock);
        link = &self->members;
    }
}

static void call_members(struct service_group *self)
{
    pthread_mutex_lock(&self->lock);
    self->walking = true;
    self->walker = pthread_self();
    for (struct member *member = self->members; member; member = member->next) {
        if (member->dead)
            continue;
        struct wdm_call call;
        pthread_mutex_unlock(&self->lock);
        wdm_call_begin(&call, "IServiceSink::RequestService");
        member->sink->lpVtbl->RequestService(member->sink);
        wdm_call_end(&call);
        pthread_mutex_lock(&self->lock);
    }
    self->walking = false;
    sweep(self);
    pthread_cond_broadcast(&self->walked);
    pthread_mutex_unlock(&self->lock);
}

static VOID NTAPI group_dpc(PKDPC dpc, PVOID context, PVOID argument1, PVOID argument2)
{
    (void)dpc, (void)argument1, (void)argument2;
    WDM_TRACE("service group", "service", NULL);
    call_members(context);
}

static void group_free(struct service_group *self)
{
    while (self->members) {
        struct member *member = self->members;
        self->members = member->next;
        COM_RELEASE(member->sink);
        dm_free(member);
    }
    pthread_cond_destroy(&self->walked);
    pthread_mutex_destroy(&self->lock);
    dm_free(self);
}

static VOID NTAPI end_dpc(PKDPC dpc, PVOID context, PVOID argument1, PVOID argument2)
{
    (void)dpc, (void)argument1, (void)argument2;
    group_free(context);
}

static NTSTATUS NTAPI group_QueryInterface(IServiceGroup *iface, REFIID iid, PVOID *out)
{
    if (!guid_is(iid, &IID_IServiceGroup) && !guid_is(iid, &IID_IServiceSink) && !guid_is(iid, &IID_IUnknown)) {
        *out = NULL;
        return STATUS_INVALID_PARAMETER;
    }
    COM_ADDREF(iface);
    *out = iface;
    return STATUS_SUCCESS;
}

static ULONG NTAPI group_AddRef(IServiceGroup *iface) { return refcount_add(&impl_from_IServiceGroup(iface)->refs); }

static ULONG NTAPI group_Release(IServiceGroup *iface)
{
    struct service_group *self = impl_from_IServiceGroup(iface);
    ULONG left = refcount_release(&self->refs);
    if (left)
        return left;
    wdm_given_end(&self->given);
    KeCancelTimer(&self->timer);
    KeRemoveQueueDpc(&self->dpc);
    if (KeGetCurrentIrql() > PASSIVE_LEVEL) {
        KeInsertQueueDpc(&self->end_dpc, NULL, NULL);
        return 0;
    }
    KeFlushQueuedDpcs();
    group_free(self);
    return 0;
}

static void NTAPI group_RequestService(IServiceGroup *iface)
{
    KeInsertQueueDpc(&impl_from_IServiceGroup(iface)->dpc, NULL, NULL);
}

static NTSTATUS NTAPI group_AddMember(IServiceGroup *iface, IServiceSink *sink)
{
    struct service_group *self = impl_from_IServiceGroup(iface);
    wdm_need_irql(PASSIVE_LEVEL, "IServiceGroup::AddMember");
    if (!sink)
        return STATUS_INVALID_PARAMETER;
    struct member *member = dm_calloc(1, sizeof *member);
    if (!member)
        return STATUS_INSUFFICIENT_RESOURCES;
    COM_ADDREF(sink);
    member->sink = sink;
    pthread_mutex_lock(&self->lock);
    struct member **link = &self->members;
    while (*link)
        link = &(*link)->next;
    *link = member;
    pthread_mutex_unlock(&self->lock);
    return STATUS_SUCCESS;
}

static void NTAPI group_RemoveMember(IServiceGroup *iface, IServiceSink *sink)
{
    struct service_group *self = impl_from_IServiceGroup(iface);
    wdm_need_irql(PASSIVE_LEVEL, "IServiceGroup::RemoveMember");
    pthread_mutex_lock(&self->lock);
    struct member *member = self->members;
    while (member && (member->sink != sink || member->dead))
        member = member->next;
    if (member) {
        member->dead = true;
        while (self->walking && !pthread_equal(self->walker, pthread_self()))
            pthread_cond_wait(&self->walked, &self->lock);
        if (!self->walking)
            sweep(self);
    }
    pthread_mutex_unlock(&self->lock);
}

/* The timer is there from the beginning. */
static void NTAPI group_SupportDelayedService(IServiceGroup *iface) { (void)iface; }

/* DISPATCH_LEVEL is allowed: the page's PASSIVE_LEVEL contradicts its use from DPCs (spec 12, 18). */
static void NTAPI group_RequestDelayedService(IServiceGroup *iface, ULONGLONG due)
{
    struct service_group *self = impl_from_IServiceGroup(iface);
    LARGE_INTEGER time;
    wdm_need_irql(DISPATCH_LEVEL, "IServiceGroup::RequestDelayedService");
    time.QuadPart = (LONGLONG)due;
    KeSetTimer(&self->timer, time, &self->dpc);
}

static void NTAPI group_CancelDelayedService(IServiceGroup *iface)
{
    wdm_need_irql(DISPATCH_LEVEL, "IServiceGroup::CancelDelayedService");
    KeCancelTimer(&impl_from_IServiceGroup(iface)->timer);
}

static const IServiceGroupVtbl service_group_vtbl = {
    group_QueryInterface, group_AddRef, group_Release, group_RequestService, group_AddMember, group_RemoveMember,
    group_SupportDelayedService, group_RequestDelayedService, group_CancelDelayedService,
};

NTSTATUS NTAPI PcNewServiceGroup(PSERVICEGROUP *out, PUNKNOWN outer)
{
    wdm_need_irql(PASSIVE_LEVEL, "PcNewServiceGroup");
    if (!out)
        return STATUS_INVALID_PARAMETER;
    *out = NULL;
    if (outer)
        return STATUS_NOT_SUPPORTED;
    struct service_group *self = dm_calloc(1, sizeof *self);
    if (!self)
        return STATUS_INSUFFICIENT_RESOURCES;
    self->IServiceGroup_iface.lpVtbl = &service_group_vtbl;
    refcount_init(&self->refs, 1);
    pthread_mutex_init(&self->lock, NULL);
    pthread_cond_init(&self->walked, NULL);
    KeInitializeDpc(&self->dpc, group_dpc, self);
    KeSetImportanceDpc(&self->dpc, HighImportance);
    KeInitializeDpc(&self->end_dpc, end_dpc, self);
    KeInitializeTimer(&self->timer);
    wdm_given_begin(&self->given, WDM_RULE_REFERENCES, "IServiceGroup");
    *out = &self->IServiceGroup_iface;
    return STATUS_SUCCESS;
}
