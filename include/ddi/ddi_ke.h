/* SPDX-License-Identifier: MIT */
/*
 * ddi_ke.h - the kernel core of wdm.h: interrupt request levels, locks, timers, deferred calls, waits, time.
 *
 * IRQL belongs to the thread and is simulated: nothing is masked, but every call knows its level and is checked against
 * the rule that stands with it here. Times are 100 ns units; a negative due time is relative, any other one is absolute
 * system time (since 1601). The structures are the driver's storage and the host's contents: a driver initialises them
 * by the function of their kind, does not copy them, and keeps them until they are idle.
 *
 * Source: spec/ddi-kernel.md 11.3, 8.16.
 */
#ifndef DDI_KE_H
#define DDI_KE_H

#include "ntdef.h"
#include "ntstatus.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef UCHAR KIRQL, *PKIRQL;
#define PASSIVE_LEVEL  0 /* threads; may wait and touch paged memory */
#define LOW_LEVEL      0
#define APC_LEVEL      1
#define DISPATCH_LEVEL 2 /* DPCs and spin locks; may neither wait nor touch paged memory */
#define DIRQL_FIRST    3 /* of a device; interrupts of the device and below are off */
#define PROFILE_LEVEL  27
#define CLOCK_LEVEL    28
#define IPI_LEVEL      29
#define POWER_LEVEL    30
#define HIGH_LEVEL     31

NTKERNELAPI KIRQL NTAPI KeGetCurrentIrql(VOID);
/* Raise to at or above the current level, which is returned; lower to at or below it. Lowering runs the DPCs that wait. */
NTKERNELAPI KIRQL NTAPI KfRaiseIrql(KIRQL NewIrql);
NTKERNELAPI VOID NTAPI KeLowerIrql(KIRQL NewIrql);
NTKERNELAPI KIRQL NTAPI KeRaiseIrqlToDpcLevel(VOID);
#define KeRaiseIrql(new_irql, old_irql) ((VOID)(*(old_irql) = KfRaiseIrql(new_irql)))

/* PAGED_CODE() in a pageable function: reported when the level is DISPATCH_LEVEL or above. The host's hook: */
NTKERNELAPI VOID NTAPI wdm_paged_code(const char *file, int line);
#ifndef PAGED_CODE
#define PAGED_CODE()        wdm_paged_code(__FILE__, __LINE__)
#define PAGED_CODE_LOCKED() ((VOID)0)
#endif

/* ---- spin locks: not recursive, <= DISPATCH_LEVEL, no callbacks and no pageable calls while one is held ---- */
typedef ULONG_PTR KSPIN_LOCK, *PKSPIN_LOCK; /* 0: free */

NTKERNELAPI VOID NTAPI KeInitializeSpinLock(PKSPIN_LOCK SpinLock);
/* To DISPATCH_LEVEL and the lock; the level before goes back through the release. */
NTKERNELAPI KIRQL NTAPI KeAcquireSpinLockRaiseToDpc(PKSPIN_LOCK SpinLock);
NTKERNELAPI VOID NTAPI KeReleaseSpinLock(PKSPIN_LOCK SpinLock, KIRQL NewIrql);
#define KeAcquireSpinLock(lock, old_irql) ((VOID)(*(old_irql) = KeAcquireSpinLockRaiseToDpc(lock)))
/* For callers at DISPATCH_LEVEL already. */
NTKERNELAPI VOID NTAPI KeAcquireSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock);
NTKERNELAPI VOID NTAPI KeReleaseSpinLockFromDpcLevel(PKSPIN_LOCK SpinLock);
/* TRUE: got it. At DISPATCH_LEVEL. */
NTKERNELAPI BOOLEAN NTAPI KeTryToAcquireSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock);

/* ---- deferred procedure calls ---- */
typedef enum _KDPC_IMPORTANCE {
    LowImportance,
    MediumImportance, /* what KeInitializeDpc gives */
    HighImportance    /* goes to the front of the queue */
} KDPC_IMPORTANCE;

struct _KDPC;
/* Called at DISPATCH_LEVEL, one at a time as on one processor. */
typedef VOID(NTAPI KDEFERRED_ROUTINE)(struct _KDPC *Dpc, PVOID DeferredContext, PVOID SystemArgument1,
                                      PVOID SystemArgument2);
typedef KDEFERRED_ROUTINE *PKDEFERRED_ROUTINE;

typedef struct _KDPC {
    UCHAR Type;
    UCHAR Importance; /* KDPC_IMPORTANCE */
    USHORT Number;
    LIST_ENTRY DpcListEntry;
    PKDEFERRED_ROUTINE DeferredRoutine;
    PVOID DeferredContext;
    PVOID SystemArgument1;
    PVOID SystemArgument2;
    PVOID DpcData; /* the host's: not NULL while it is queued */
} KDPC, *PKDPC, *PRKDPC;

NTKERNELAPI VOID NTAPI KeInitializeDpc(PRKDPC Dpc, PKDEFERRED_ROUTINE DeferredRoutine, PVOID DeferredContext);
/* Any level. FALSE: it is queued already, and runs once, with the arguments of the first call. */
NTKERNELAPI BOOLEAN NTAPI KeInsertQueueDpc(PRKDPC Dpc, PVOID SystemArgument1, PVOID SystemArgument2);
/* TRUE: it was queued and will not run. Any level. */
NTKERNELAPI BOOLEAN NTAPI KeRemoveQueueDpc(PRKDPC Dpc);
NTKERNELAPI VOID NTAPI KeSetImportanceDpc(PRKDPC Dpc, KDPC_IMPORTANCE Importance);
/* Returns when no DPC that was queued before is left or running. PASSIVE_LEVEL. */
NTKERNELAPI VOID NTAPI KeFlushQueuedDpcs(VOID);

/* ---- things to wait for ---- */
struct _KTHREAD;
typedef struct _KTHREAD *PKTHREAD, *PETHREAD; /* opaque */
typedef struct _EPROCESS *PEPROCESS;          /* opaque */

typedef struct _DISPATCHER_HEADER {
    UCHAR Type;        /* what it is the head of; the host's numbers */
    UCHAR Absolute;
    UCHAR Size;
    UCHAR Inserted;    /* a timer that runs */
    LONG SignalState;  /* > 0: a wait returns */
    LIST_ENTRY WaitListHead;
} DISPATCHER_HEADER, *PDISPATCHER_HEADER;

typedef enum _EVENT_TYPE {
    NotificationEvent,   /* stays signalled until reset */
    SynchronizationEvent /* lets one wait through, then is not signalled */
} EVENT_TYPE;

typedef enum _TIMER_TYPE {
    NotificationTimer,
    SynchronizationTimer
} TIMER_TYPE;

typedef struct _KEVENT {
    DISPATCHER_HEADER Header;
} KEVENT, *PKEVENT, *PRKEVENT;

typedef struct _KSEMAPHORE {
    DISPATCHER_HEADER Header;
    LONG Limit;
} KSEMAPHORE, *PKSEMAPHORE, *PRKSEMAPHORE;

typedef struct _KMUTANT { /* owned by a thread, which may take it several times */
    DISPATCHER_HEADER Header;
    LIST_ENTRY MutantListEntry;
    PKTHREAD OwnerThread;
    BOOLEAN Abandoned;
    UCHAR ApcDisable;
} KMUTANT, *PKMUTANT, *PRKMUTANT, KMUTEX, *PKMUTEX, *PRKMUTEX;

typedef struct _KTIMER {
    DISPATCHER_HEADER Header;
    ULARGE_INTEGER DueTime;
    LIST_ENTRY TimerListEntry;
    PKDPC Dpc;   /* queued at the due time, or NULL */
    LONG Period; /* milliseconds, 0: once */
} KTIMER, *PKTIMER, *PRKTIMER;

typedef enum _KWAIT_REASON {
    Executive,
    FreePage,
    PageIn,
    PoolAllocation,
    DelayExecution,
    Suspended,
    UserRequest
} KWAIT_REASON;

typedef CCHAR KPROCESSOR_MODE;
typedef enum _MODE {
    KernelMode,
    UserMode
} MODE;

typedef LONG KPRIORITY;
#define IO_NO_INCREMENT    0
#define IO_SOUND_INCREMENT 8
#define EVENT_INCREMENT    1
#define LOW_PRIORITY           0
#define LOW_REALTIME_PRIORITY  16
#define HIGH_PRIORITY          31

NTKERNELAPI VOID NTAPI KeInitializeEvent(PRKEVENT Event, EVENT_TYPE Type, BOOLEAN State);
/* The state before, 0 or not. <= DISPATCH_LEVEL; Wait TRUE is refused by the checker above PASSIVE_LEVEL. */
NTKERNELAPI LONG NTAPI KeSetEvent(PRKEVENT Event, KPRIORITY Increment, BOOLEAN Wait);
NTKERNELAPI LONG NTAPI KeResetEvent(PRKEVENT Event);
NTKERNELAPI VOID NTAPI KeClearEvent(PRKEVENT Event);
NTKERNELAPI LONG NTAPI KeReadStateEvent(PRKEVENT Event);

NTKERNELAPI VOID NTAPI KeInitializeSemaphore(PRKSEMAPHORE Semaphore, LONG Count, LONG Limit);
NTKERNELAPI LONG NTAPI KeReleaseSemaphore(PRKSEMAPHORE Semaphore, KPRIORITY Increment, LONG Adjustment, BOOLEAN Wait);

NTKERNELAPI VOID NTAPI KeInitializeMutex(PRKMUTEX Mutex, ULONG Level);
/* The state before the release. By the owner, as often as it was taken. */
NTKERNELAPI LONG NTAPI KeReleaseMutex(PRKMUTEX Mutex, BOOLEAN Wait);

/* Waits for an event, semaphore, mutex, timer or thread. Timeout NULL: for ever; 0: does not wait, then <= DISPATCH_LEVEL
 * is allowed; otherwise <= APC_LEVEL. STATUS_SUCCESS or STATUS_TIMEOUT. */
NTKERNELAPI NTSTATUS NTAPI KeWaitForSingleObject(PVOID Object, KWAIT_REASON WaitReason, KPROCESSOR_MODE WaitMode,
                                                 BOOLEAN Alertable, PLARGE_INTEGER Timeout);
#define KeWaitForMutexObject KeWaitForSingleObject

typedef enum _WAIT_TYPE {
    WaitAll, /* until all are signalled at once */
    WaitAny  /* the status is STATUS_WAIT_0 plus the index of the first one */
} WAIT_TYPE;
typedef struct _KWAIT_BLOCK { /* the driver's storage for the wait; nothing in it is for the driver */
    LIST_ENTRY WaitListEntry;
    PVOID Reserved[4];
} KWAIT_BLOCK, *PKWAIT_BLOCK;
#define THREAD_WAIT_OBJECTS  3 /* with more a WaitBlockArray is needed */
#define MAXIMUM_WAIT_OBJECTS 64
NTKERNELAPI NTSTATUS NTAPI KeWaitForMultipleObjects(ULONG Count, PVOID Object[], WAIT_TYPE WaitType,
                                                    KWAIT_REASON WaitReason, KPROCESSOR_MODE WaitMode, BOOLEAN Alertable,
                                                    PLARGE_INTEGER Timeout, PKWAIT_BLOCK WaitBlockArray);
/* <= APC_LEVEL. */
NTKERNELAPI NTSTATUS NTAPI KeDelayExecutionThread(KPROCESSOR_MODE WaitMode, BOOLEAN Alertable, PLARGE_INTEGER Interval);

/* ---- timers, <= DISPATCH_LEVEL ---- */
NTKERNELAPI VOID NTAPI KeInitializeTimer(PKTIMER Timer);
NTKERNELAPI VOID NTAPI KeInitializeTimerEx(PKTIMER Timer, TIMER_TYPE Type);
/* Arms, replacing an earlier due time. TRUE: it was armed. */
NTKERNELAPI BOOLEAN NTAPI KeSetTimer(PKTIMER Timer, LARGE_INTEGER DueTime, PKDPC Dpc);
/* Period in milliseconds, 0 for once. */
NTKERNELAPI BOOLEAN NTAPI KeSetTimerEx(PKTIMER Timer, LARGE_INTEGER DueTime, LONG Period, PKDPC Dpc);
/* TRUE: it was armed. A DPC that it queued already still runs. */
NTKERNELAPI BOOLEAN NTAPI KeCancelTimer(PKTIMER Timer);
NTKERNELAPI BOOLEAN NTAPI KeReadStateTimer(PKTIMER Timer);

/* ---- time, any level ---- */
NTKERNELAPI VOID NTAPI KeQuerySystemTime(PLARGE_INTEGER CurrentTime); /* since 1601-01-01 UTC */
NTKERNELAPI ULONGLONG NTAPI KeQueryInterruptTime(VOID);               /* since the machine started */
NTKERNELAPI LARGE_INTEGER NTAPI KeQueryPerformanceCounter(PLARGE_INTEGER PerformanceFrequency); /* Hz, or NULL */
NTKERNELAPI VOID NTAPI KeQueryTickCount(PLARGE_INTEGER TickCount);    /* in KeQueryTimeIncrement units since the start */
/* The clock of this machine ticks as KeQueryTimeIncrement says, whatever is asked for: that is what it answers. PASSIVE_LEVEL */
NTKERNELAPI ULONG NTAPI ExSetTimerResolution(ULONG DesiredTime, BOOLEAN SetResolution);
NTKERNELAPI ULONG NTAPI KeQueryTimeIncrement(VOID);
/* Burns microseconds without giving up the processor; more than 50 is bad manners. */
NTKERNELAPI VOID NTAPI KeStallExecutionProcessor(ULONG MicroSeconds);

/* ---- threads, processors, floating point ---- */
NTKERNELAPI PKTHREAD NTAPI KeGetCurrentThread(VOID);
#define PsGetCurrentThread() KeGetCurrentThread()
NTKERNELAPI KPRIORITY NTAPI KeSetPriorityThread(PKTHREAD Thread, KPRIORITY Priority);
NTKERNELAPI ULONG NTAPI KeGetCurrentProcessorNumber(VOID);
NTKERNELAPI VOID NTAPI KeEnterCriticalRegion(VOID);
NTKERNELAPI VOID NTAPI KeLeaveCriticalRegion(VOID);

typedef struct _KFLOATING_SAVE {
    ULONG Dummy;
} KFLOATING_SAVE, *PKFLOATING_SAVE;
/* Kernel code may compute in floating point between the two, on the same thread. STATUS_SUCCESS. <= DISPATCH_LEVEL */
NTKERNELAPI NTSTATUS NTAPI KeSaveFloatingPointState(PKFLOATING_SAVE FloatSave);
NTKERNELAPI NTSTATUS NTAPI KeRestoreFloatingPointState(PKFLOATING_SAVE FloatSave);

/* Ends the simulated machine: noted in the report, then the process stops. */
NTKERNELAPI VOID NTAPI KeBugCheck(ULONG BugCheckCode) __attribute__((noreturn));
NTKERNELAPI VOID NTAPI KeBugCheckEx(ULONG BugCheckCode, ULONG_PTR Parameter1, ULONG_PTR Parameter2, ULONG_PTR Parameter3,
                                    ULONG_PTR Parameter4) __attribute__((noreturn));

#ifdef __cplusplus
}
#endif
#endif
