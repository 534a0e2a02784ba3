/* SPDX-License-Identifier: MIT */
#include "master_clock.h"

#include <stdatomic.h>

#include "base/alloc.h"
#include "com.h"

struct master_clock {
    IMasterClock IMasterClock_iface;
    struct lent lent;
    struct wdm_machine *machine;
    _Atomic int64_t last_100ns;
};

static const IMasterClockVtbl clock_vtbl;
IMPL_FROM(master_clock, IMasterClock, clock_vtbl)

int64_t master_clock_now(struct wdm_machine *machine)
{
    int64_t now = wdm_time_100ns(machine) - wdm_boot_100ns(machine);
    return (now > 0 ? now : 0) + MASTER_CLOCK_AT_BOOT;
}

int64_t master_clock_to_machine(struct wdm_machine *machine, int64_t time_100ns)
{
    int64_t offset = wdm_boot_100ns(machine) - MASTER_CLOCK_AT_BOOT; /* positive: boot is after 1970 */
    return time_100ns > INT64_MAX - offset ? INT64_MAX : time_100ns + offset;
}

static NTSTATUS STDMETHODCALLTYPE clock_QueryInterface(IMasterClock *iface, REFIID riid, PVOID *out)
{
    *out = NULL;
    if (!guid_is(riid, &IID_IUnknown))
        return STATUS_INVALID_PARAMETER;
    iface->lpVtbl->AddRef(iface);
    *out = iface;
    return STATUS_SUCCESS;
}

static ULONG STDMETHODCALLTYPE clock_AddRef(IMasterClock *iface) { return refcount_add(&impl_from_IMasterClock(iface)->lent.refs); }

static ULONG STDMETHODCALLTYPE clock_Release(IMasterClock *iface)
{
    struct master_clock *clock = impl_from_IMasterClock(iface);
    ULONG refs = lent_release(&clock->lent, "master clock", "the port");
    if (refs == 0)
        dm_free(clock);
    return refs;
}

/* Two processors' readings may come out of order by the time they are used: nobody gets less than anybody got before. */
int64_t master_clock_read(IMasterClock *iface)
{
    struct master_clock *clock = impl_from_IMasterClock(iface);
    int64_t now = master_clock_now(clock->machine);
    int64_t last = atomic_load_explicit(&clock->last_100ns, memory_order_relaxed);
    while (last < now && !atomic_compare_exchange_weak_explicit(&clock->last_100ns, &last, now, memory_order_relaxed,
                                                                 memory_order_relaxed))
        ;
    return last > now ? last : now;
}

/* The driver's question, which may be one of a loop. */
static NTSTATUS STDMETHODCALLTYPE clock_GetTime(IMasterClock *iface, REFERENCE_TIME *out)
{
    struct wdm_machine *machine = impl_from_IMasterClock(iface)->machine;
    if (wdm_current() == machine)
        wdm_ask_time_100ns(machine);
    *out = master_clock_read(iface);
    return STATUS_SUCCESS;
}

void master_clock_keep(IMasterClock *clock, bool keep) { atomic_store(&impl_from_IMasterClock(clock)->lent.kept, keep); }

static const IMasterClockVtbl clock_vtbl = {
    .QueryInterface = clock_QueryInterface,
    .AddRef = clock_AddRef,
    .Release = clock_Release,
    .GetTime = clock_GetTime,
};

NTSTATUS master_clock_create(struct wdm_machine *machine, IMasterClock **out)
{
    struct master_clock *clock = dm_calloc(1, sizeof *clock);
    *out = NULL;
    if (!clock)
        return STATUS_INSUFFICIENT_RESOURCES;
    clock->IMasterClock_iface.lpVtbl = &clock_vtbl;
    refcount_init(&clock->lent.refs, 1);
    clock->machine = machine;
    *out = &clock->IMasterClock_iface;
    return STATUS_SUCCESS;
}
