/* SPDX-License-Identifier: MIT */
/*
 * ddi_ex.h - the executive services of wdm.h: pool, work items, interlocked arithmetic and lists, memory descriptors.
 *
 * Source: spec/ddi-kernel.md 11.3.
 */
#ifndef DDI_EX_H
#define DDI_EX_H

#include "ddi_ke.h"
#include "ddi_rtl.h"
#include "ddi_seh.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PAGE_SIZE  0x1000
#define PAGE_SHIFT 12
#define ROUND_TO_PAGES(size)    (((ULONG_PTR)(size) + PAGE_SIZE - 1) & ~((ULONG_PTR)PAGE_SIZE - 1))
#define BYTES_TO_PAGES(size)    ((ULONG)(((ULONG_PTR)(size) + PAGE_SIZE - 1) >> PAGE_SHIFT))
#define BYTE_OFFSET(va)         ((ULONG)((ULONG_PTR)(va) & (PAGE_SIZE - 1)))
#define PAGE_ALIGN(va)          ((PVOID)((ULONG_PTR)(va) & ~((ULONG_PTR)PAGE_SIZE - 1)))
#define ADDRESS_AND_SIZE_TO_SPAN_PAGES(va, size) \
    ((ULONG)((BYTE_OFFSET(va) + (ULONG_PTR)(size) + PAGE_SIZE - 1) >> PAGE_SHIFT))

/* ---- pool: NonPagedPool at <= DISPATCH_LEVEL, PagedPool at <= APC_LEVEL; aligned to 16 bytes, 8 where pointers have 4;
 * contents undefined; NULL when there is none. A tag is up to four characters that name the owner in leak reports. ---- */
typedef enum _POOL_TYPE {
    NonPagedPool = 0,
    PagedPool = 1,
    NonPagedPoolMustSucceed = 2,
    NonPagedPoolCacheAligned = 4,
    PagedPoolCacheAligned = 5,
    NonPagedPoolNx = 512
} POOL_TYPE;

#define POOL_TAGGING 1
NTKERNELAPI PVOID NTAPI ExAllocatePoolWithTag(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag);
NTKERNELAPI PVOID NTAPI ExAllocatePool(POOL_TYPE PoolType, SIZE_T NumberOfBytes); /* tag "None" */
/* Blocks of this machine's pool only, once. Tag: 0 or the one of the allocation. */
NTKERNELAPI VOID NTAPI ExFreePool(PVOID P);
NTKERNELAPI VOID NTAPI ExFreePoolWithTag(PVOID P, ULONG Tag);
/* ExFreePool for the operator delete of stdunk.h. The host's hook: what it reports, the caller of delete did. */
NTKERNELAPI VOID NTAPI wdm_delete(PVOID Block);

/* Zeroed, unless _UNINITIALIZED; NULL for tag 0 as well. _RAISE_ON_FAILURE: STATUS_INSUFFICIENT_RESOURCES is raised. */
typedef ULONG64 POOL_FLAGS;
#define POOL_FLAG_USE_QUOTA         0x0001
#define POOL_FLAG_UNINITIALIZED     0x0002
#define POOL_FLAG_SESSION           0x0004
#define POOL_FLAG_CACHE_ALIGNED     0x0008
#define POOL_FLAG_RAISE_ON_FAILURE  0x0020
#define POOL_FLAG_NON_PAGED         0x0040
#define POOL_FLAG_NON_PAGED_EXECUTE 0x0080
#define POOL_FLAG_PAGED             0x0100
NTKERNELAPI PVOID NTAPI ExAllocatePool2(POOL_FLAGS Flags, SIZE_T NumberOfBytes, ULONG Tag);
static inline __attribute__((always_inline)) PVOID ExAllocatePoolZero(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag)
{
    PVOID block = ExAllocatePoolWithTag(PoolType, NumberOfBytes, Tag);
    if (block)
        RtlZeroMemory(block, NumberOfBytes);
    return block;
}
#define ExAllocatePoolUninitialized(type, size, tag) ExAllocatePoolWithTag((type), (size), (tag))
#define DrvRtPoolNxOptIn 1 /* nothing is executable here */
#define ExInitializeDriverRuntime(flags) ((VOID)(flags))

/* ---- work items: run at PASSIVE_LEVEL on a thread of the system; may be queued at <= DISPATCH_LEVEL ---- */
typedef enum _WORK_QUEUE_TYPE {
    CriticalWorkQueue,
    DelayedWorkQueue,
    HyperCriticalWorkQueue
} WORK_QUEUE_TYPE;

typedef VOID(NTAPI WORKER_THREAD_ROUTINE)(PVOID Parameter);
typedef WORKER_THREAD_ROUTINE *PWORKER_THREAD_ROUTINE;

typedef struct _WORK_QUEUE_ITEM { /* the driver's storage, idle again when its routine is called */
    LIST_ENTRY List;              /* Flink NULL: not queued */
    PWORKER_THREAD_ROUTINE WorkerRoutine;
    PVOID Parameter;
} WORK_QUEUE_ITEM, *PWORK_QUEUE_ITEM;

#define ExInitializeWorkItem(item, routine, context) \
    do { \
        (item)->WorkerRoutine = (routine); \
        (item)->Parameter = (context); \
        (item)->List.Flink = NULL; \
    } while (0)
NTKERNELAPI VOID NTAPI ExQueueWorkItem(PWORK_QUEUE_ITEM WorkItem, WORK_QUEUE_TYPE QueueType);

/* ---- fast mutexes: <= APC_LEVEL, not recursive ---- */
typedef struct _FAST_MUTEX {
    LONG Count;
    PKTHREAD Owner;
    ULONG Contention;
    KEVENT Event;
    ULONG OldIrql;
} FAST_MUTEX, *PFAST_MUTEX;

NTKERNELAPI VOID NTAPI ExAcquireFastMutex(PFAST_MUTEX FastMutex);
NTKERNELAPI VOID NTAPI ExReleaseFastMutex(PFAST_MUTEX FastMutex);
NTKERNELAPI BOOLEAN NTAPI ExTryToAcquireFastMutex(PFAST_MUTEX FastMutex);
#define ExInitializeFastMutex(mutex) \
    do { \
        (mutex)->Count = 1; \
        (mutex)->Owner = NULL; \
        (mutex)->Contention = 0; \
        KeInitializeEvent(&(mutex)->Event, SynchronizationEvent, FALSE); \
    } while (0)

/* ---- interlocked arithmetic: any level, full barrier ---- */
static inline LONG InterlockedIncrement(LONG volatile *Addend) { return __atomic_add_fetch(Addend, 1, __ATOMIC_SEQ_CST); }
static inline LONG InterlockedDecrement(LONG volatile *Addend) { return __atomic_sub_fetch(Addend, 1, __ATOMIC_SEQ_CST); }
/* These answer the value before. */
static inline LONG InterlockedExchange(LONG volatile *Target, LONG Value)
{
    return __atomic_exchange_n(Target, Value, __ATOMIC_SEQ_CST);
}
static inline LONG InterlockedExchangeAdd(LONG volatile *Addend, LONG Value)
{
    return __atomic_fetch_add(Addend, Value, __ATOMIC_SEQ_CST);
}
static inline LONG InterlockedCompareExchange(LONG volatile *Destination, LONG Exchange, LONG Comperand)
{
    __atomic_compare_exchange_n(Destination, &Comperand, Exchange, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    return Comperand;
}
static inline LONG InterlockedOr(LONG volatile *Target, LONG Set) { return __atomic_fetch_or(Target, Set, __ATOMIC_SEQ_CST); }
static inline LONG InterlockedAnd(LONG volatile *Target, LONG Mask)
{
    return __atomic_fetch_and(Target, Mask, __ATOMIC_SEQ_CST);
}
static inline PVOID InterlockedExchangePointer(PVOID volatile *Target, PVOID Value)
{
    return __atomic_exchange_n(Target, Value, __ATOMIC_SEQ_CST);
}
static inline PVOID InterlockedCompareExchangePointer(PVOID volatile *Destination, PVOID Exchange, PVOID Comperand)
{
    __atomic_compare_exchange_n(Destination, &Comperand, Exchange, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    return Comperand;
}
static inline LONG InterlockedXor(LONG volatile *Target, LONG Flip) { return __atomic_fetch_xor(Target, Flip, __ATOMIC_SEQ_CST); }
/* 64 bits; by __sync, which needs no library where they are not aligned to 8 */
static inline LONG64 InterlockedIncrement64(LONG64 volatile *Addend) { return __sync_add_and_fetch(Addend, 1); }
static inline LONG64 InterlockedDecrement64(LONG64 volatile *Addend) { return __sync_sub_and_fetch(Addend, 1); }
static inline LONG64 InterlockedExchangeAdd64(LONG64 volatile *Addend, LONG64 Value) { return __sync_fetch_and_add(Addend, Value); }
static inline LONG64 InterlockedCompareExchange64(LONG64 volatile *Destination, LONG64 Exchange, LONG64 Comperand)
{
    return __sync_val_compare_and_swap(Destination, Comperand, Exchange);
}
static inline LONG64 InterlockedExchange64(LONG64 volatile *Target, LONG64 Value)
{
    LONG64 before = *Target, seen;
    while ((seen = __sync_val_compare_and_swap(Target, before, Value)) != before)
        before = seen;
    return before;
}
/* The bit before. */
static inline BOOLEAN InterlockedBitTestAndSet(LONG volatile *Base, LONG Bit)
{
    ULONG mask = (ULONG)1 << (Bit & 31);
    return (BOOLEAN)(((ULONG)InterlockedOr(Base + Bit / 32, (LONG)mask) & mask) != 0);
}
static inline BOOLEAN InterlockedBitTestAndReset(LONG volatile *Base, LONG Bit)
{
    ULONG mask = (ULONG)1 << (Bit & 31);
    return (BOOLEAN)(((ULONG)InterlockedAnd(Base + Bit / 32, (LONG)~mask) & mask) != 0);
}
#define ExInterlockedAddUlong(addend, increment, lock) \
    ((VOID)(lock), (ULONG)InterlockedExchangeAdd((LONG volatile *)(addend), (LONG)(increment)))
static inline VOID KeMemoryBarrier(VOID) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
#define MemoryBarrier()     KeMemoryBarrier()
#define _ReadWriteBarrier() __atomic_signal_fence(__ATOMIC_SEQ_CST)
#define YieldProcessor()    __atomic_signal_fence(__ATOMIC_SEQ_CST)

/* Lists under a spin lock that nothing else takes, any level up to DISPATCH_LEVEL. The entry that was first (last) or is
 * removed, NULL if the list was empty. */
NTKERNELAPI PLIST_ENTRY NTAPI ExInterlockedInsertHeadList(PLIST_ENTRY ListHead, PLIST_ENTRY ListEntry, PKSPIN_LOCK Lock);
NTKERNELAPI PLIST_ENTRY NTAPI ExInterlockedInsertTailList(PLIST_ENTRY ListHead, PLIST_ENTRY ListEntry, PKSPIN_LOCK Lock);
NTKERNELAPI PLIST_ENTRY NTAPI ExInterlockedRemoveHeadList(PLIST_ENTRY ListHead, PKSPIN_LOCK Lock);

/* ---- memory descriptors. Mapping is the identity: the host and its drivers share one address space. ---- */
typedef struct _MDL {
    struct _MDL *Next;
    SHORT Size;
    SHORT MdlFlags; /* MDL_* */
    struct _EPROCESS *Process;
    PVOID MappedSystemVa;
    PVOID StartVa;    /* page of the buffer */
    ULONG ByteCount;
    ULONG ByteOffset; /* of the buffer in that page */
} MDL, *PMDL;

#define MDL_MAPPED_TO_SYSTEM_VA     0x0001
#define MDL_PAGES_LOCKED            0x0002
#define MDL_SOURCE_IS_NONPAGED_POOL 0x0004
#define MDL_WRITE_OPERATION         0x0080

typedef enum _LOCK_OPERATION {
    IoReadAccess,  /* the driver reads */
    IoWriteAccess, /* the driver writes */
    IoModifyAccess
} LOCK_OPERATION;

typedef enum _MEMORY_CACHING_TYPE {
    MmNonCached,
    MmCached,
    MmWriteCombined
} MEMORY_CACHING_TYPE;

typedef enum _MM_PAGE_PRIORITY {
    LowPagePriority = 0,
    NormalPagePriority = 16,
    HighPagePriority = 32
} MM_PAGE_PRIORITY;

#define MmGetMdlVirtualAddress(mdl) ((PVOID)((PCHAR)(mdl)->StartVa + (mdl)->ByteOffset))
#define MmGetMdlByteCount(mdl)      ((mdl)->ByteCount)
#define MmGetMdlByteOffset(mdl)     ((mdl)->ByteOffset)

struct _IRP;
/* Describes Length bytes at VirtualAddress; freed with IoFreeMdl, unlocked before. NULL: no memory. <= DISPATCH_LEVEL */
NTKERNELAPI PMDL NTAPI IoAllocateMdl(PVOID VirtualAddress, ULONG Length, BOOLEAN SecondaryBuffer, BOOLEAN ChargeQuota,
                                     struct _IRP *Irp);
NTKERNELAPI VOID NTAPI IoFreeMdl(PMDL Mdl);
/* Raises STATUS_ACCESS_VIOLATION (see ddi_driver.h on __try) for memory that is not there. <= APC_LEVEL for user memory */
NTKERNELAPI VOID NTAPI MmProbeAndLockPages(PMDL Mdl, KPROCESSOR_MODE AccessMode, LOCK_OPERATION Operation);
NTKERNELAPI VOID NTAPI MmUnlockPages(PMDL Mdl);
NTKERNELAPI VOID NTAPI MmBuildMdlForNonPagedPool(PMDL Mdl);
NTKERNELAPI PVOID NTAPI MmGetSystemAddressForMdlSafe(PMDL Mdl, ULONG Priority); /* NULL: cannot be mapped */
#define MmGetSystemAddressForMdl(mdl) MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority)
NTKERNELAPI PVOID NTAPI MmMapIoSpace(PHYSICAL_ADDRESS PhysicalAddress, SIZE_T NumberOfBytes, MEMORY_CACHING_TYPE CacheType);
NTKERNELAPI VOID NTAPI MmUnmapIoSpace(PVOID BaseAddress, SIZE_T NumberOfBytes);
/* Raise STATUS_ACCESS_VIOLATION or STATUS_DATATYPE_MISALIGNMENT. PASSIVE_LEVEL */
NTKERNELAPI VOID NTAPI ProbeForRead(const volatile VOID *Address, SIZE_T Length, ULONG Alignment);
NTKERNELAPI VOID NTAPI ProbeForWrite(volatile VOID *Address, SIZE_T Length, ULONG Alignment);

#ifdef __cplusplus
}
#endif
#endif
