/* SPDX-License-Identifier: MIT */
/* The level of each thread, and the rules about it. */
#include "kernel/wdm/impl.h"

#define WORST 31

void irql_lower(struct wdm_thread *self, unsigned level)
{
    self->irql = level;
    if (level < WORST)
        run_deferred(self);
}

KIRQL NTAPI KeGetCurrentIrql(VOID) { return (KIRQL)wdm_self()->irql; }

KIRQL NTAPI KfRaiseIrql(KIRQL NewIrql)
{
    struct wdm_thread *self = wdm_self();
    KIRQL old = (KIRQL)self->irql;
    if (NewIrql < old || NewIrql > HIGH_LEVEL)
        wdm_broken(WDM_RULE_IRQL, "KeRaiseIrql to %u from %u", NewIrql, old);
    self->irql = NewIrql > HIGH_LEVEL ? HIGH_LEVEL : NewIrql;
    return old;
}

KIRQL NTAPI KeRaiseIrqlToDpcLevel(VOID) { return KfRaiseIrql(DISPATCH_LEVEL); }

VOID NTAPI KeLowerIrql(KIRQL NewIrql)
{
    struct wdm_thread *self = wdm_self();
    if (NewIrql > self->irql) {
        wdm_broken(WDM_RULE_IRQL, "KeLowerIrql to %u from %u", NewIrql, self->irql);
        self->irql = NewIrql > HIGH_LEVEL ? HIGH_LEVEL : NewIrql;
        return;
    }
    irql_lower(self, NewIrql);
}

VOID NTAPI wdm_paged_code(const char *file, int line)
{
    unsigned irql = wdm_self()->irql;
    if (irql >= DISPATCH_LEVEL)
        wdm_broken(WDM_RULE_PAGED_CODE, "PAGED_CODE at %s:%d at IRQL %u", file, line, irql);
}

bool wdm_need_irql(unsigned highest, const char *what)
{
    unsigned irql = wdm_self()->irql;
    if (irql <= highest)
        return true;
    wdm_broken(WDM_RULE_IRQL, "%s at IRQL %u, allowed up to %u", what, irql, highest);
    return false;
}

void wdm_call_begin_by(struct wdm_call *call, const char *what, const char *by)
{
    struct wdm_thread *self = wdm_self();
    *call = (struct wdm_call){.what = what, .by = by, .irql = self->irql, .locks = self->held_count, .polls = self->polls};
    self->polls = 0; /* each call asks for the time on its own account */
    const struct wdm_held *last = self->held_count > self->held_floor ? &self->held[self->held_count - 1] : NULL;
    if (last)
        wdm_broken_at(WDM_RULE_LOCK_ACROSS, "acquired in", last->code, "spin lock %p held while %s is called%s%s", (void *)last->lock, what,
                      by ? " by " : "", by ? by : "");
}

void wdm_call_begin(struct wdm_call *call, const char *what) { wdm_call_begin_by(call, what, NULL); }

void wdm_call_end(struct wdm_call *call)
{
    struct wdm_thread *self = wdm_self();
    const char *called_by = call->by ? ", called by " : "", *by = call->by ? call->by : "";
    const struct wdm_held *last = self->held_count > call->locks ? &self->held[self->held_count - 1] : NULL;
    if (last)
        wdm_broken_at(WDM_RULE_LOCK_ACROSS, "acquired in", last->code, "spin lock %p held on return of %s%s%s", (void *)last->lock,
                      call->what, called_by, by);
    if (self->stack_queued) /* below this frame was the driver's */
        queue_report_stack(self, (uintptr_t)__builtin_frame_address(0), call->what);
    while (self->held_count > call->locks)
        spin_drop(self, self->held[self->held_count - 1].lock);
    self->polls = call->polls;
    if (self->irql != call->irql) {
        wdm_broken(WDM_RULE_IRQL_RESTORE, "%s called at IRQL %u returned at %u%s%s", call->what, call->irql, self->irql, called_by, by);
        irql_lower(self, call->irql);
    }
    devices_check(self->machine, call->what);
}

KPRIORITY NTAPI KeSetPriorityThread(PKTHREAD Thread, KPRIORITY Priority)
{
    /* Priorities have no effect here; 8 is what a thread starts with on Windows. */
    (void)Thread;
    (void)Priority;
    return 8;
}

ULONG NTAPI KeGetCurrentProcessorNumber(VOID) { return 0; }

VOID NTAPI KeEnterCriticalRegion(VOID) { wdm_need_irql(APC_LEVEL, "KeEnterCriticalRegion"); }

VOID NTAPI KeLeaveCriticalRegion(VOID) { wdm_need_irql(DISPATCH_LEVEL, "KeLeaveCriticalRegion"); }

/* A process in user space has its own registers. */
NTSTATUS NTAPI KeSaveFloatingPointState(PKFLOATING_SAVE FloatSave)
{
    wdm_need_irql(DISPATCH_LEVEL, "KeSaveFloatingPointState");
    FloatSave->Dummy = 0;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI KeRestoreFloatingPointState(PKFLOATING_SAVE FloatSave)
{
    (void)FloatSave;
    wdm_need_irql(DISPATCH_LEVEL, "KeRestoreFloatingPointState");
    return STATUS_SUCCESS;
}
