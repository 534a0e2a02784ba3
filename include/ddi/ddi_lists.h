/* SPDX-License-Identifier: MIT */
/*
 * ddi_lists.h - lists and stores of wdm.h that are all in the header: lookaside lists, S-lists, chains, queued spin locks, guarded
 * mutexes.
 *
 * A lookaside list keeps nothing back here: each entry is a block of pool, so that what is wrong with it is told like any block's.
 *
 * Source: the published reference of each function.
 */
#ifndef DDI_LISTS_H
#define DDI_LISTS_H

#include "ddi_ex.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Reports name who called. */
#define DDI_LISTS static inline __attribute__((always_inline, unused))

/* ---- lookaside lists: <= DISPATCH_LEVEL, paged ones <= APC_LEVEL ---- */
typedef PVOID(NTAPI ALLOCATE_FUNCTION)(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag);
typedef ALLOCATE_FUNCTION *PALLOCATE_FUNCTION;
typedef VOID(NTAPI FREE_FUNCTION)(PVOID Buffer);
typedef FREE_FUNCTION *PFREE_FUNCTION;

typedef struct _GENERAL_LOOKASIDE { /* nothing in it is for the driver */
    PALLOCATE_FUNCTION Allocate;
    PFREE_FUNCTION Free;
    POOL_TYPE Type;
    ULONG Tag;
    SIZE_T Size;
} NPAGED_LOOKASIDE_LIST, *PNPAGED_LOOKASIDE_LIST, PAGED_LOOKASIDE_LIST, *PPAGED_LOOKASIDE_LIST;

DDI_LISTS VOID ddi_lookaside_init(struct _GENERAL_LOOKASIDE *list, PALLOCATE_FUNCTION allocate, PFREE_FUNCTION free, POOL_TYPE type,
                                  SIZE_T size, ULONG tag)
{
    list->Allocate = allocate;
    list->Free = free;
    list->Type = type;
    list->Size = size;
    list->Tag = tag;
}
DDI_LISTS PVOID ddi_lookaside_take(struct _GENERAL_LOOKASIDE *list)
{
    return list->Allocate ? list->Allocate(list->Type, list->Size, list->Tag) : ExAllocatePoolWithTag(list->Type, list->Size, list->Tag);
}
DDI_LISTS VOID ddi_lookaside_give(struct _GENERAL_LOOKASIDE *list, PVOID entry)
{
    if (list->Free)
        list->Free(entry);
    else
        ExFreePoolWithTag(entry, list->Tag);
}
/* Allocate and Free may be NULL; Flags and Depth are 0. */
#define ExInitializeNPagedLookasideList(list, allocate, free, flags, size, tag, depth) \
    ((VOID)(flags), (VOID)(depth), ddi_lookaside_init((list), (allocate), (free), NonPagedPool, (size), (tag)))
#define ExInitializePagedLookasideList(list, allocate, free, flags, size, tag, depth) \
    ((VOID)(flags), (VOID)(depth), ddi_lookaside_init((list), (allocate), (free), PagedPool, (size), (tag)))
#define ExDeleteNPagedLookasideList(list)             ((VOID)((list)->Size = 0))
#define ExDeletePagedLookasideList(list)              ((VOID)((list)->Size = 0))
#define ExAllocateFromNPagedLookasideList(list)       ddi_lookaside_take(list)
#define ExAllocateFromPagedLookasideList(list)        ddi_lookaside_take(list)
#define ExFreeToNPagedLookasideList(list, entry)      ddi_lookaside_give((list), (entry))
#define ExFreeToPagedLookasideList(list, entry)       ddi_lookaside_give((list), (entry))

/* ---- chains of SINGLE_LIST_ENTRY, under a lock of the driver's ---- */
DDI_LISTS VOID PushEntryList(PSINGLE_LIST_ENTRY ListHead, PSINGLE_LIST_ENTRY Entry)
{
    Entry->Next = ListHead->Next;
    ListHead->Next = Entry;
}
DDI_LISTS PSINGLE_LIST_ENTRY PopEntryList(PSINGLE_LIST_ENTRY ListHead) /* NULL: empty */
{
    PSINGLE_LIST_ENTRY first = ListHead->Next;
    if (first)
        ListHead->Next = first->Next;
    return first;
}

/* ---- S-lists: last in, first out; any level, no lock needed ---- */
typedef SINGLE_LIST_ENTRY SLIST_ENTRY, *PSLIST_ENTRY;
typedef struct _SLIST_HEADER {
    SINGLE_LIST_ENTRY Next;
    LONG Depth;
    LONG Busy; /* a call is in it, for some instructions */
} SLIST_HEADER, *PSLIST_HEADER;

DDI_LISTS VOID ddi_slist_enter(PSLIST_HEADER head)
{
    while (InterlockedExchange(&head->Busy, 1) != 0)
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
}
DDI_LISTS VOID ExInitializeSListHead(PSLIST_HEADER SListHead)
{
    SListHead->Next.Next = NULL;
    SListHead->Depth = SListHead->Busy = 0;
}
#define InitializeSListHead(head) ExInitializeSListHead(head)
DDI_LISTS PSLIST_ENTRY InterlockedPushEntrySList(PSLIST_HEADER ListHead, PSLIST_ENTRY ListEntry) /* the one that was first */
{
    ddi_slist_enter(ListHead);
    PSLIST_ENTRY before = ListHead->Next.Next;
    PushEntryList(&ListHead->Next, ListEntry);
    ListHead->Depth++;
    InterlockedExchange(&ListHead->Busy, 0);
    return before;
}
DDI_LISTS PSLIST_ENTRY InterlockedPopEntrySList(PSLIST_HEADER ListHead) /* NULL: empty */
{
    ddi_slist_enter(ListHead);
    PSLIST_ENTRY first = PopEntryList(&ListHead->Next);
    ListHead->Depth -= first != NULL;
    InterlockedExchange(&ListHead->Busy, 0);
    return first;
}
DDI_LISTS PSLIST_ENTRY InterlockedFlushSList(PSLIST_HEADER ListHead) /* all of them, chained */
{
    ddi_slist_enter(ListHead);
    PSLIST_ENTRY first = ListHead->Next.Next;
    ListHead->Next.Next = NULL;
    ListHead->Depth = 0;
    InterlockedExchange(&ListHead->Busy, 0);
    return first;
}
DDI_LISTS USHORT ExQueryDepthSList(PSLIST_HEADER SListHead) { return (USHORT)SListHead->Depth; }
#define ExInterlockedPushEntrySList(head, entry, lock) ((VOID)(lock), InterlockedPushEntrySList((head), (entry)))
#define ExInterlockedPopEntrySList(head, lock)         ((VOID)(lock), InterlockedPopEntrySList(head))
#define ExInterlockedFlushSList(head)                  InterlockedFlushSList(head)

/* ---- spin locks with their level in a handle on the stack: same rules, same lock word ---- */
typedef struct _KSPIN_LOCK_QUEUE {
    struct _KSPIN_LOCK_QUEUE *volatile Next;
    PKSPIN_LOCK volatile Lock;
} KSPIN_LOCK_QUEUE, *PKSPIN_LOCK_QUEUE;
typedef struct _KLOCK_QUEUE_HANDLE {
    KSPIN_LOCK_QUEUE LockQueue;
    KIRQL OldIrql;
} KLOCK_QUEUE_HANDLE, *PKLOCK_QUEUE_HANDLE;

DDI_LISTS VOID KeAcquireInStackQueuedSpinLock(PKSPIN_LOCK SpinLock, PKLOCK_QUEUE_HANDLE LockHandle)
{
    LockHandle->LockQueue.Next = NULL;
    LockHandle->LockQueue.Lock = SpinLock;
    LockHandle->OldIrql = KeAcquireSpinLockRaiseToDpc(SpinLock);
}
DDI_LISTS VOID KeReleaseInStackQueuedSpinLock(PKLOCK_QUEUE_HANDLE LockHandle)
{
    KeReleaseSpinLock(LockHandle->LockQueue.Lock, LockHandle->OldIrql);
}
DDI_LISTS VOID KeAcquireInStackQueuedSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock, PKLOCK_QUEUE_HANDLE LockHandle)
{
    LockHandle->LockQueue.Next = NULL;
    LockHandle->LockQueue.Lock = SpinLock;
    KeAcquireSpinLockAtDpcLevel(SpinLock);
}
DDI_LISTS VOID KeReleaseInStackQueuedSpinLockFromDpcLevel(PKLOCK_QUEUE_HANDLE LockHandle)
{
    KeReleaseSpinLockFromDpcLevel(LockHandle->LockQueue.Lock);
}

/* ---- guarded mutexes: <= APC_LEVEL, not recursive; the level stays ---- */
typedef struct _KGUARDED_MUTEX {
    KEVENT Event; /* signalled: free */
} KGUARDED_MUTEX, *PKGUARDED_MUTEX;
DDI_LISTS VOID KeInitializeGuardedMutex(PKGUARDED_MUTEX Mutex) { KeInitializeEvent(&Mutex->Event, SynchronizationEvent, TRUE); }
DDI_LISTS VOID KeAcquireGuardedMutex(PKGUARDED_MUTEX Mutex)
{
    KeWaitForSingleObject(&Mutex->Event, Executive, KernelMode, FALSE, NULL);
}
DDI_LISTS BOOLEAN KeTryToAcquireGuardedMutex(PKGUARDED_MUTEX Mutex)
{
    LARGE_INTEGER none;
    none.QuadPart = 0;
    return (BOOLEAN)(KeWaitForSingleObject(&Mutex->Event, Executive, KernelMode, FALSE, &none) == STATUS_SUCCESS);
}
DDI_LISTS VOID KeReleaseGuardedMutex(PKGUARDED_MUTEX Mutex) { KeSetEvent(&Mutex->Event, IO_NO_INCREMENT, FALSE); }

#undef DDI_LISTS

#ifdef __cplusplus
}
#endif
#endif
