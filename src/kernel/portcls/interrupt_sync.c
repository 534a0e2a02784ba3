/* SPDX-License-Identifier: MIT */
/*
 * IInterruptSync (spec 3.12): a list of service routines behind one interrupt, in three modes, and routines that exclude them.
 *
 * While connected the machine's interrupt object excludes; before Connect there is no service routine to exclude, and a spin lock
 * keeps the synchronized routines apart.
 */
#include "com.h"

#include "base/alloc.h"
#include "kernel/wdm/given.h"
#include "kernel/wdm/machine.h"
#include "kernel/wdm/trace.h"

#define PASSES_MAX 10000 /* of InterruptSyncModeRepeat; on Windows a routine that always succeeds hangs the system */

struct routine {
    struct routine *next;
    PINTERRUPTSYNCROUTINE call;
    PVOID context;
};

struct interrupt_sync {
    IInterruptSync IInterruptSync_iface;
    struct refcount refs;
    struct wdm_given given;
    INTERRUPTSYNCMODE mode;
    bool has_resource;
    CM_PARTIAL_RESOURCE_DESCRIPTOR resource;
    KSPIN_LOCK unconnected;
    PKINTERRUPT interrupt; /* NULL: not connected */
    struct routine *routines; /* changed under exclusion */
};
static const IInterruptSyncVtbl interrupt_sync_vtbl;
IMPL_FROM(interrupt_sync, IInterruptSync, interrupt_sync_vtbl)

static bool serve_pass(struct interrupt_sync *self, bool stop_at_first)
{
    bool served = false;
    for (struct routine *r = self->routines; r; r = r->next) {
        struct wdm_call call;
        wdm_call_begin(&call, "interrupt service routine");
        served |= NT_SUCCESS(r->call(&self->IInterruptSync_iface, r->context));
        wdm_call_end(&call);
        if (served && stop_at_first)
            break;
    }
    return served;
}

static void repeat(struct interrupt_sync *self)
{
    for (unsigned passes = 1; serve_pass(self, false); passes++)
        if (passes == PASSES_MAX) {
            wdm_broken(WDM_RULE_INTERRUPT, "vector %u: a service routine of InterruptSyncModeRepeat succeeds for ever",
                       (unsigned)self->resource.u.Interrupt.Vector);
            return;
        }
}

/* STATUS_SUCCESS is the documented "mine"; the system is told so in every mode if any routine said it. */
static BOOLEAN NTAPI service(PKINTERRUPT interrupt, PVOID context)
{
    struct interrupt_sync *self = context;
    bool served = serve_pass(self, self->mode == InterruptSyncModeNormal);
    (void)interrupt;
    if (self->mode == InterruptSyncModeRepeat && served)
        repeat(self);
    WDM_TRACE("interrupt", "service", "\"vector\":%u,\"served\":%d", (unsigned)self->resource.u.Interrupt.Vector, served);
    return served;
}

static NTSTATUS NTAPI sync_QueryInterface(IInterruptSync *iface, REFIID iid, PVOID *out)
{
    if (!guid_is(iid, &IID_IInterruptSync) && !guid_is(iid, &IID_IUnknown)) {
        *out = NULL;
        return STATUS_INVALID_PARAMETER;
    }
    COM_ADDREF(iface);
    *out = iface;
    return STATUS_SUCCESS;
}

static ULONG NTAPI sync_AddRef(IInterruptSync *iface) { return refcount_add(&impl_from_IInterruptSync(iface)->refs); }

static void disconnect(struct interrupt_sync *self)
{
    if (self->interrupt)
        IoDisconnectInterrupt(self->interrupt);
    self->interrupt = NULL;
}

static ULONG NTAPI sync_Release(IInterruptSync *iface)
{
    struct interrupt_sync *self = impl_from_IInterruptSync(iface);
    ULONG left = refcount_release(&self->refs);
    if (left)
        return left;
    wdm_given_end(&self->given);
    disconnect(self);
    while (self->routines) {
        struct routine *r = self->routines;
        self->routines = r->next;
        dm_free(r);
    }
    dm_free(self);
    return 0;
}

struct synchronized {
    struct interrupt_sync *self;
    PINTERRUPTSYNCROUTINE call;
    PVOID context;
    NTSTATUS status;
};

static BOOLEAN NTAPI run_synchronized(PVOID context)
{
    struct synchronized *job = context;
    job->status = job->call(&job->self->IInterruptSync_iface, job->context);
    return NT_SUCCESS(job->status);
}

static NTSTATUS exclusive(struct interrupt_sync *self, PINTERRUPTSYNCROUTINE call, PVOID context)
{
    struct synchronized job = {self, call, context, STATUS_UNSUCCESSFUL};
    if (self->interrupt) {
        KeSynchronizeExecution(self->interrupt, run_synchronized, &job);
    } else if (wdm_need_irql(DISPATCH_LEVEL, "IInterruptSync::CallSynchronizedRoutine, not connected")) {
        KIRQL before;
        KeAcquireSpinLock(&self->unconnected, &before);
        run_synchronized(&job);
        KeReleaseSpinLock(&self->unconnected, before);
    }
    return job.status;
}

static NTSTATUS NTAPI sync_CallSynchronizedRoutine(IInterruptSync *iface, PINTERRUPTSYNCROUTINE routine, PVOID context)
{
    if (!routine)
        return STATUS_INVALID_PARAMETER;
    return NT_SUCCESS(exclusive(impl_from_IInterruptSync(iface), routine, context)) ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}

static PKINTERRUPT NTAPI sync_GetKInterrupt(IInterruptSync *iface) { return impl_from_IInterruptSync(iface)->interrupt; }

static NTSTATUS NTAPI sync_Connect(IInterruptSync *iface)
{
    struct interrupt_sync *self = impl_from_IInterruptSync(iface);
    const CM_PARTIAL_RESOURCE_DESCRIPTOR *r = &self->resource;
    wdm_need_irql(PASSIVE_LEVEL, "IInterruptSync::Connect");
    if (!self->has_resource || !self->routines || self->interrupt)
        return STATUS_UNSUCCESSFUL;
    KIRQL irql = (KIRQL)r->u.Interrupt.Level;
    return IoConnectInterrupt(&self->interrupt, service, self, NULL, r->u.Interrupt.Vector, irql, irql,
                              r->Flags & CM_RESOURCE_INTERRUPT_LATCHED ? Latched : LevelSensitive,
                              r->ShareDisposition != CmResourceShareDeviceExclusive, r->u.Interrupt.Affinity, FALSE);
}

static void NTAPI sync_Disconnect(IInterruptSync *iface)
{
    wdm_need_irql(PASSIVE_LEVEL, "IInterruptSync::Disconnect");
    disconnect(impl_from_IInterruptSync(iface));
}

struct registration {
    struct routine *routine;
    bool first;
};

static NTSTATUS NTAPI link_routine(IInterruptSync *iface, PVOID context)
{
    struct interrupt_sync *self = impl_from_IInterruptSync(iface);
    struct registration *job = context;
    struct routine **link = &self->routines;
    while (!job->first && *link)
        link = &(*link)->next;
    job->routine->next = *link;
    *link = job->routine;
    return STATUS_SUCCESS;
}

static NTSTATUS NTAPI sync_RegisterServiceRoutine(IInterruptSync *iface, PINTERRUPTSYNCROUTINE routine, PVOID context,
                                                  BOOLEAN first)
{
    wdm_need_irql(PASSIVE_LEVEL, "IInterruptSync::RegisterServiceRoutine");
    if (!routine)
        return STATUS_INVALID_PARAMETER;
    struct registration job = {dm_calloc(1, sizeof *job.routine), first != 0};
    if (!job.routine)
        return STATUS_INSUFFICIENT_RESOURCES;
    job.routine->call = routine;
    job.routine->context = context;
    return exclusive(impl_from_IInterruptSync(iface), link_routine, &job);
}

static const IInterruptSyncVtbl interrupt_sync_vtbl = {
    sync_QueryInterface, sync_AddRef, sync_Release, sync_CallSynchronizedRoutine, sync_GetKInterrupt, sync_Connect,
    sync_Disconnect, sync_RegisterServiceRoutine,
};

NTSTATUS NTAPI PcNewInterruptSync(PINTERRUPTSYNC *out, PUNKNOWN outer, PRESOURCELIST resources, ULONG index,
                                  INTERRUPTSYNCMODE mode)
{
    wdm_need_irql(PASSIVE_LEVEL, "PcNewInterruptSync");
    if (out)
        *out = NULL;
    if (!out || !resources || mode < InterruptSyncModeNormal || mode > InterruptSyncModeRepeat)
        return STATUS_INVALID_PARAMETER;
    if (outer)
        return STATUS_NOT_SUPPORTED;
    struct interrupt_sync *self = dm_calloc(1, sizeof *self);
    if (!self)
        return STATUS_INSUFFICIENT_RESOURCES;
    self->IInterruptSync_iface.lpVtbl = &interrupt_sync_vtbl;
    refcount_init(&self->refs, 1);
    self->mode = mode;
    KeInitializeSpinLock(&self->unconnected);
    const CM_PARTIAL_RESOURCE_DESCRIPTOR *found = resources->lpVtbl->FindTranslatedEntry(resources, CmResourceTypeInterrupt, index);
    self->has_resource = found != NULL;
    if (found)
        self->resource = *found;
    wdm_given_begin(&self->given, WDM_RULE_REFERENCES, "IInterruptSync");
    *out = &self->IInterruptSync_iface;
    return STATUS_SUCCESS;
}
