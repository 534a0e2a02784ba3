/* SPDX-License-Identifier: MIT */
/* Memory descriptors: the mapping is the identity, the locking is counted. */
#define _GNU_SOURCE /* process_vm_readv */
#include <sys/uio.h>
#include <unistd.h>

#include <errno.h>

#include "kernel/wdm/impl.h"

#define MDL_TAG 0x206c644d /* "Mdl " */

/* Can every page of the range be read? Where the system does not let us ask, yes. Whether it may be written cannot be
 * asked without writing. */
static bool readable(const volatile void *address, size_t size)
{
    uintptr_t at = (uintptr_t)address, end = at + size;
    if (size == 0)
        return true;
    if (end < at)
        return false;
    while (at < end) {
        char byte;
        struct iovec to = {&byte, 1}, from = {(void *)at, 1};
        if (process_vm_readv(getpid(), &to, 1, &from, 1, 0) != 1)
            return errno != EFAULT;
        at = (at | (PAGE_SIZE - 1)) + 1;
        if (at == 0)
            break;
    }
    return true;
}

PMDL NTAPI IoAllocateMdl(PVOID VirtualAddress, ULONG Length, BOOLEAN SecondaryBuffer, BOOLEAN ChargeQuota, PIRP Irp)
{
    (void)ChargeQuota;
    wdm_need_irql(DISPATCH_LEVEL, "IoAllocateMdl");
    PMDL mdl = ExAllocatePoolWithTag(NonPagedPool, sizeof *mdl, MDL_TAG);
    if (!mdl)
        return NULL;
    *mdl = (MDL){.Size = sizeof *mdl, .StartVa = PAGE_ALIGN(VirtualAddress), .ByteCount = Length,
                 .ByteOffset = BYTE_OFFSET(VirtualAddress)};
    if (Irp) {
        PMDL *at = &Irp->MdlAddress;
        while (SecondaryBuffer && *at)
            at = &(*at)->Next;
        *at = mdl;
    }
    return mdl;
}

VOID NTAPI IoFreeMdl(PMDL Mdl)
{
    if (Mdl->MdlFlags & MDL_PAGES_LOCKED) {
        wdm_broken(WDM_RULE_POOL_FREE, "MDL %p freed while its pages are locked", (void *)Mdl);
        MmUnlockPages(Mdl);
    }
    ExFreePoolWithTag(Mdl, MDL_TAG);
}

static ULONG pages(const MDL *mdl) { return ADDRESS_AND_SIZE_TO_SPAN_PAGES(MmGetMdlVirtualAddress(mdl), mdl->ByteCount); }

VOID NTAPI MmProbeAndLockPages(PMDL Mdl, KPROCESSOR_MODE AccessMode, LOCK_OPERATION Operation)
{
    struct wdm_machine *m = wdm_self()->machine;
    wdm_need_irql(AccessMode == UserMode ? APC_LEVEL : DISPATCH_LEVEL, "MmProbeAndLockPages");
    if (Mdl->MdlFlags & MDL_PAGES_LOCKED) {
        wdm_broken(WDM_RULE_AFTER_RELEASE, "MDL %p locked twice", (void *)Mdl);
        return;
    }
    if (!readable(MmGetMdlVirtualAddress(Mdl), Mdl->ByteCount))
        ExRaiseStatus(STATUS_ACCESS_VIOLATION);
    Mdl->MdlFlags |= MDL_PAGES_LOCKED;
    if (Operation != IoReadAccess)
        Mdl->MdlFlags |= MDL_WRITE_OPERATION;
    atomic_fetch_add(&m->pinned_pages, pages(Mdl));
}

VOID NTAPI MmUnlockPages(PMDL Mdl)
{
    struct wdm_machine *m = wdm_self()->machine;
    wdm_need_irql(DISPATCH_LEVEL, "MmUnlockPages");
    if (!(Mdl->MdlFlags & MDL_PAGES_LOCKED)) {
        wdm_broken(WDM_RULE_AFTER_RELEASE, "MDL %p unlocked, which is not locked", (void *)Mdl);
        return;
    }
    Mdl->MdlFlags &= ~(MDL_PAGES_LOCKED | MDL_WRITE_OPERATION | MDL_MAPPED_TO_SYSTEM_VA);
    Mdl->MappedSystemVa = NULL;
    atomic_fetch_sub(&m->pinned_pages, pages(Mdl));
}

size_t wdm_pages_pinned(struct wdm_machine *m) { return atomic_load(&m->pinned_pages); }

VOID NTAPI MmBuildMdlForNonPagedPool(PMDL Mdl)
{
    wdm_need_irql(DISPATCH_LEVEL, "MmBuildMdlForNonPagedPool");
    Mdl->MdlFlags |= MDL_SOURCE_IS_NONPAGED_POOL;
    Mdl->MappedSystemVa = MmGetMdlVirtualAddress(Mdl);
}

PVOID NTAPI MmGetSystemAddressForMdlSafe(PMDL Mdl, ULONG Priority)
{
    (void)Priority;
    wdm_need_irql(DISPATCH_LEVEL, "MmGetSystemAddressForMdl");
    if (!(Mdl->MdlFlags & (MDL_PAGES_LOCKED | MDL_SOURCE_IS_NONPAGED_POOL))) {
        wdm_broken(WDM_RULE_AFTER_RELEASE, "MDL %p mapped while its pages are not locked", (void *)Mdl);
        return NULL;
    }
    Mdl->MdlFlags |= MDL_MAPPED_TO_SYSTEM_VA;
    Mdl->MappedSystemVa = MmGetMdlVirtualAddress(Mdl);
    return Mdl->MappedSystemVa;
}

PVOID NTAPI MmMapIoSpace(PHYSICAL_ADDRESS PhysicalAddress, SIZE_T NumberOfBytes, MEMORY_CACHING_TYPE CacheType)
{
    (void)CacheType;
    wdm_broken(WDM_RULE_UNSUPPORTED, "MmMapIoSpace of %zu bytes at 0x%llx: this machine has no device memory",
               (size_t)NumberOfBytes, (unsigned long long)PhysicalAddress.QuadPart);
    return NULL;
}

VOID NTAPI MmUnmapIoSpace(PVOID BaseAddress, SIZE_T NumberOfBytes)
{
    wdm_broken(WDM_RULE_UNSUPPORTED, "MmUnmapIoSpace of %zu bytes at %p, which is not mapped", (size_t)NumberOfBytes, BaseAddress);
}

#define STATUS_DATATYPE_MISALIGNMENT ((NTSTATUS)0x80000002)

VOID NTAPI ProbeForRead(const volatile VOID *Address, SIZE_T Length, ULONG Alignment)
{
    wdm_need_irql(APC_LEVEL, "ProbeForRead");
    if (Length && Alignment && (uintptr_t)Address % Alignment)
        ExRaiseStatus(STATUS_DATATYPE_MISALIGNMENT);
    if (!readable(Address, Length))
        ExRaiseStatus(STATUS_ACCESS_VIOLATION);
}

VOID NTAPI ProbeForWrite(volatile VOID *Address, SIZE_T Length, ULONG Alignment) { ProbeForRead(Address, Length, Alignment); }
