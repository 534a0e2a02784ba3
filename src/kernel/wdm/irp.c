/* SPDX-License-Identifier: MIT */
/* Requests: made, sent down, completed upwards, cancelled. Whoever allocated one frees it. */
#include "base/alloc.h"
#include "kernel/wdm/impl.h"
#include "kernel/wdm/pnp.h"

#define IO_TYPE_IRP 6

struct made {
    struct wdm_given given;
    IRP irp; /* and its stack locations */
};

PIRP wdm_irp_make(CCHAR stack_size)
{
    size_t size = sizeof(IRP) + (size_t)(unsigned char)stack_size * sizeof(IO_STACK_LOCATION);
    struct made *made = stack_size > 0 ? dm_calloc(1, offsetof(struct made, irp) + size) : NULL;
    if (!made)
        return NULL;
    PIRP irp = &made->irp;
    irp->Type = IO_TYPE_IRP;
    irp->Size = (USHORT)size;
    irp->StackCount = stack_size;
    irp->CurrentLocation = (CCHAR)(stack_size + 1);
    irp->Tail.Overlay.CurrentStackLocation = (PIO_STACK_LOCATION)(void *)(irp + 1) + stack_size;
    InitializeListHead(&irp->Tail.Overlay.ListEntry);
    return irp;
}

PIRP NTAPI IoAllocateIrp(CCHAR StackSize, BOOLEAN ChargeQuota)
{
    (void)ChargeQuota;
    wdm_need_irql(DISPATCH_LEVEL, "IoAllocateIrp");
    PIRP irp = wdm_irp_make(StackSize);
    if (irp)
        wdm_given_begin(&CONTAINING_RECORD(irp, struct made, irp)->given, WDM_RULE_POOL_LEAK, "IRP");
    return irp;
}

VOID NTAPI IoFreeIrp(PIRP Irp)
{
    wdm_need_irql(DISPATCH_LEVEL, "IoFreeIrp");
    if (Irp->Type != IO_TYPE_IRP) {
        wdm_broken(WDM_RULE_AFTER_RELEASE, "IRP %p freed twice, or not made by IoAllocateIrp", (void *)Irp);
        return;
    }
    Irp->Type = 0;
    struct made *made = CONTAINING_RECORD(Irp, struct made, irp);
    wdm_given_end(&made->given);
    dm_free(made);
}

NTSTATUS NTAPI IofCallDriver(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    struct wdm_call call;
    wdm_need_irql(DISPATCH_LEVEL, "IoCallDriver");
    if (Irp->CurrentLocation <= 1) {
        wdm_broken(WDM_RULE_AFTER_RELEASE, "IRP %p sent down with no stack location left", (void *)Irp);
        return STATUS_INVALID_PARAMETER;
    }
    Irp->CurrentLocation--;
    PIO_STACK_LOCATION at = --Irp->Tail.Overlay.CurrentStackLocation;
    at->DeviceObject = DeviceObject;
    PDRIVER_DISPATCH dispatch =
        at->MajorFunction <= IRP_MJ_MAXIMUM_FUNCTION ? DeviceObject->DriverObject->MajorFunction[at->MajorFunction] : NULL;
    if (!dispatch) {
        Irp->IoStatus.Status = STATUS_INVALID_DEVICE_REQUEST;
        Irp->IoStatus.Information = 0;
        IofCompleteRequest(Irp, IO_NO_INCREMENT);
        return STATUS_INVALID_DEVICE_REQUEST;
    }
    wdm_call_begin(&call, "dispatch routine");
    NTSTATUS status = dispatch(DeviceObject, Irp);
    wdm_call_end(&call);
    return status;
}

static bool wants_routine(const IRP *irp, const IO_STACK_LOCATION *at)
{
    if (!at->CompletionRoutine)
        return false;
    if (__atomic_load_n(&irp->Cancel, __ATOMIC_RELAXED) && (at->Control & SL_INVOKE_ON_CANCEL))
        return true;
    return at->Control & (NT_SUCCESS(irp->IoStatus.Status) ? SL_INVOKE_ON_SUCCESS : SL_INVOKE_ON_ERROR);
}

VOID NTAPI IofCompleteRequest(PIRP Irp, CCHAR PriorityBoost)
{
    (void)PriorityBoost;
    wdm_need_irql(DISPATCH_LEVEL, "IoCompleteRequest");
    if (Irp->CurrentLocation > Irp->StackCount) {
        wdm_broken(WDM_RULE_AFTER_RELEASE, "IRP %p completed twice", (void *)Irp);
        return;
    }
    if (Irp->IoStatus.Status == STATUS_PENDING)
        wdm_broken(WDM_RULE_STATE, "IRP %p completed with STATUS_PENDING", (void *)Irp);
    while (Irp->CurrentLocation <= Irp->StackCount) {
        PIO_STACK_LOCATION at = Irp->Tail.Overlay.CurrentStackLocation++;
        bool top = ++Irp->CurrentLocation > Irp->StackCount;
        Irp->PendingReturned = at->Control & SL_PENDING_RETURNED;
        if (wants_routine(Irp, at)) {
            PDEVICE_OBJECT device = top ? NULL : Irp->Tail.Overlay.CurrentStackLocation->DeviceObject;
            if (at->CompletionRoutine(device, Irp, at->Context) == STATUS_MORE_PROCESSING_REQUIRED)
                return; /* it may be freed already */
        } else if (Irp->PendingReturned && !top) {
            IoMarkIrpPending(Irp);
        }
    }
    PKEVENT event = Irp->UserEvent;
    if (Irp->UserIosb)
        *Irp->UserIosb = Irp->IoStatus;
    if (event)
        KeSetEvent(event, IO_NO_INCREMENT, FALSE);
}

VOID NTAPI IoAcquireCancelSpinLock(PKIRQL Irql) { *Irql = KeAcquireSpinLockRaiseToDpc(&wdm_self()->machine->cancel_lock); }

VOID NTAPI IoReleaseCancelSpinLock(KIRQL Irql) { KeReleaseSpinLock(&wdm_self()->machine->cancel_lock, Irql); }

BOOLEAN NTAPI IoCancelIrp(PIRP Irp)
{
    KIRQL irql;
    IoAcquireCancelSpinLock(&irql);
    __atomic_store_n(&Irp->Cancel, TRUE, __ATOMIC_RELAXED); /* the IRP may be completing on another thread */
    PDRIVER_CANCEL routine = IoSetCancelRoutine(Irp, NULL);
    if (!routine) {
        IoReleaseCancelSpinLock(irql);
        return FALSE;
    }
    Irp->CancelIrql = irql;
    routine(IoGetCurrentIrpStackLocation(Irp)->DeviceObject, Irp);
    return TRUE;
}
