/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
/* Spin locks. The word holds the address of the owning thread, so that misuse has a name. */
#include <sched.h>
#include <time.h>

#include "kernel/wdm/impl.h"

unsigned spin_held(const struct wdm_thread *self, const volatile ULONG_PTR *lock)
{
    unsigned times = 0;
    for (unsigned i = 0; i < self->held_count; i++)
        times += self->held[i].lock == lock;
    return times;
}

static bool try_word(struct wdm_thread *self, volatile ULONG_PTR *lock)
{
    ULONG_PTR free = 0;
    return __atomic_compare_exchange_n(lock, &free, (ULONG_PTR)self, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

/* The holder may have lost its processor, which cannot happen in a kernel: give way soon. */
static void spin_word(struct wdm_thread *self, volatile ULONG_PTR *lock)
{
    for (unsigned turns = 0; !try_word(self, lock); turns++) {
        if (turns > 1000)
            nanosleep(&(struct timespec){.tv_nsec = 20000}, NULL);
        else if (turns > 50)
            sched_yield();
    }
}

static void remember(struct wdm_thread *self, volatile ULONG_PTR *lock, uintptr_t code)
{
    if (self->held_count < HELD_MAX)
        self->held[self->held_count++] = (struct wdm_held){lock, code};
    else
        wdm_broken(WDM_RULE_LOCK_MISUSE, "more than %d spin locks held at once", HELD_MAX);
}

static void acquire(struct wdm_thread *self, volatile ULONG_PTR *lock, uintptr_t code)
{
    pool_need_resident(self, lock, RESIDENT_LOCK);
    if (spin_held(self, lock)) {
        wdm_broken(WDM_RULE_LOCK_RECURSION, "spin lock %p acquired by the thread that holds it", (void *)lock);
    } else if (time_is_virtual(self->machine) && !try_word(self, lock)) {
        /* One thread runs at a time: nobody could release it meanwhile. */
        wdm_broken(WDM_RULE_LOCK_MISUSE, "spin lock %p was left held by another thread, or never initialised", (void *)lock);
        __atomic_store_n(lock, (ULONG_PTR)self, __ATOMIC_RELEASE);
    } else if (!time_is_virtual(self->machine)) {
        spin_word(self, lock);
    }
    remember(self, lock, code);
}

void spin_drop(struct wdm_thread *self, volatile ULONG_PTR *lock)
{
    unsigned i = self->held_count;
    while (i > 0 && self->held[i - 1].lock != lock)
        i--;
    if (i == 0 && __atomic_load_n(lock, __ATOMIC_RELAXED) != (ULONG_PTR)self) {
        wdm_broken(WDM_RULE_LOCK_MISUSE, "spin lock %p released, which %s", (void *)lock,
                   __atomic_load_n(lock, __ATOMIC_RELAXED) ? "another thread holds" : "nobody holds");
        return;
    }
    if (i > 0) {
        for (; i < self->held_count; i++)
            self->held[i - 1] = self->held[i];
        self->held_count--;
    }
    if (!spin_held(self, lock))
        __atomic_store_n(lock, 0, __ATOMIC_RELEASE);
}

static void need_dispatch(struct wdm_thread *self, volatile ULONG_PTR *lock, const char *what, unsigned highest)
{
    if (self->irql < DISPATCH_LEVEL || self->irql > highest)
        wdm_broken(WDM_RULE_LOCK_MISUSE, "spin lock %p %s at IRQL %u", (void *)lock, what, self->irql);
}

VOID NTAPI KeInitializeSpinLock(PKSPIN_LOCK SpinLock)
{
    if (wdm_current())
        pool_need_resident(wdm_self(), SpinLock, RESIDENT_LOCK);
    __atomic_store_n(SpinLock, 0, __ATOMIC_RELEASE);
}

KIRQL NTAPI KeAcquireSpinLockRaiseToDpc(PKSPIN_LOCK SpinLock)
{
    struct wdm_thread *self = wdm_self();
    KIRQL old = (KIRQL)self->irql;
    if (old > DISPATCH_LEVEL)
        need_dispatch(self, SpinLock, "acquired", DISPATCH_LEVEL);
    else
        self->irql = DISPATCH_LEVEL;
    acquire(self, SpinLock, CALLED_FROM);
    return old;
}

VOID NTAPI KeReleaseSpinLock(PKSPIN_LOCK SpinLock, KIRQL NewIrql)
{
    struct wdm_thread *self = wdm_self();
    need_dispatch(self, SpinLock, "released", DISPATCH_LEVEL);
    spin_drop(self, SpinLock);
    if (NewIrql > DISPATCH_LEVEL)
        wdm_broken(WDM_RULE_LOCK_MISUSE, "spin lock %p released to IRQL %u", (void *)SpinLock, NewIrql);
    else
        irql_lower(self, NewIrql);
}

/* WDK, KeAcquireSpinLockAtDpcLevel: at DISPATCH_LEVEL or above; "Calling Support Routines That Use Spin Locks": never in a service or
 * synchronized routine, whose own lock is the interrupt's. */
static void need_dispatch_or_raised(struct wdm_thread *self, volatile ULONG_PTR *lock, const char *what)
{
    if (self->serving)
        wdm_broken(WDM_RULE_LOCK_MISUSE, "spin lock %p %s by a service or synchronized routine, at IRQL %u", (void *)lock, what,
                   self->irql);
    else
        need_dispatch(self, lock, what, HIGH_LEVEL);
}

/* These three change no level. */
VOID NTAPI KeAcquireSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock)
{
    struct wdm_thread *self = wdm_self();
    need_dispatch_or_raised(self, SpinLock, "acquired AtDpcLevel");
    acquire(self, SpinLock, CALLED_FROM);
}

VOID NTAPI KeReleaseSpinLockFromDpcLevel(PKSPIN_LOCK SpinLock)
{
    struct wdm_thread *self = wdm_self();
    need_dispatch(self, SpinLock, "released FromDpcLevel", HIGH_LEVEL);
    spin_drop(self, SpinLock);
}

BOOLEAN NTAPI KeTryToAcquireSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock)
{
    struct wdm_thread *self = wdm_self();
    need_dispatch_or_raised(self, SpinLock, "tried AtDpcLevel");
    pool_need_resident(self, SpinLock, RESIDENT_LOCK);
    if (spin_held(self, SpinLock)) {
        wdm_broken(WDM_RULE_LOCK_RECURSION, "spin lock %p tried by the thread that holds it", (void *)SpinLock);
        return FALSE;
    }
    if (!try_word(self, SpinLock))
        return FALSE;
    remember(self, SpinLock, CALLED_FROM);
    return TRUE;
}

/* For the service routines of interrupts, at their own level. */
void spin_acquire_raw(struct wdm_thread *self, volatile ULONG_PTR *lock) { acquire(self, lock, 0); }

/* ---- lists under a lock of their own; nothing is called meanwhile, so any level will do ---- */

PLIST_ENTRY NTAPI ExInterlockedInsertHeadList(PLIST_ENTRY ListHead, PLIST_ENTRY ListEntry, PKSPIN_LOCK Lock)
{
    struct wdm_thread *self = wdm_self();
    acquire(self, Lock, CALLED_FROM);
    PLIST_ENTRY first = IsListEmpty(ListHead) ? NULL : ListHead->Flink;
    InsertHeadList(ListHead, ListEntry);
    spin_drop(self, Lock);
    return first;
}

PLIST_ENTRY NTAPI ExInterlockedInsertTailList(PLIST_ENTRY ListHead, PLIST_ENTRY ListEntry, PKSPIN_LOCK Lock)
{
    struct wdm_thread *self = wdm_self();
    acquire(self, Lock, CALLED_FROM);
    PLIST_ENTRY last = IsListEmpty(ListHead) ? NULL : ListHead->Blink;
    InsertTailList(ListHead, ListEntry);
    spin_drop(self, Lock);
    return last;
}

PLIST_ENTRY NTAPI ExInterlockedRemoveHeadList(PLIST_ENTRY ListHead, PKSPIN_LOCK Lock)
{
    struct wdm_thread *self = wdm_self();
    acquire(self, Lock, CALLED_FROM);
    PLIST_ENTRY first = IsListEmpty(ListHead) ? NULL : RemoveHeadList(ListHead);
    spin_drop(self, Lock);
    return first;
}
