/* SPDX-License-Identifier: MIT */
/* The two master clocks a host can have from this room: the system's time and a sink's own. */
#include <stdatomic.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/refcount.h"
#include "com.h"
#include "sink_object.h"
#include "user.h"

struct clock_object {
    IReferenceClock IReferenceClock_iface;
    struct refcount refs;
    struct sink_object *sink; /* NULL: the system's time. One hold: the sink has a reference on its clock already */
    _Atomic int64_t last;
};

static const IReferenceClockVtbl clock_vtbl;
IMPL_FROM(clock_object, IReferenceClock, clock_vtbl)

static HRESULT STDMETHODCALLTYPE clock_QueryInterface(IReferenceClock *iface, REFIID riid, void **ppv)
{
    if (!ppv)
        return E_POINTER;
    *ppv = NULL;
    if (!riid)
        return E_POINTER;
    if (!guid_is(riid, &IID_IUnknown) && !guid_is(riid, &IID_IReferenceClock))
        return E_NOINTERFACE;
    *ppv = iface;
    refcount_add(&impl_from_IReferenceClock(iface)->refs);
    return S_OK;
}

static ULONG STDMETHODCALLTYPE clock_AddRef(IReferenceClock *iface)
{
    return refcount_add(&impl_from_IReferenceClock(iface)->refs);
}

static ULONG STDMETHODCALLTYPE clock_Release(IReferenceClock *iface)
{
    struct clock_object *clock = impl_from_IReferenceClock(iface);
    ULONG left = refcount_release(&clock->refs);
    if (left == 0) {
        if (clock->sink)
            sink_object_let_go(clock->sink);
        dm_free(clock);
        user_object_died();
    }
    return left;
}

static HRESULT STDMETHODCALLTYPE clock_GetTime(IReferenceClock *iface, REFERENCE_TIME *time)
{
    struct clock_object *clock = impl_from_IReferenceClock(iface);
    if (!time)
        return E_POINTER;
    *time = clock->sink ? sink_stream_time(clock->sink) : clock_now_100ns();
    return atomic_exchange(&clock->last, *time) == *time ? S_FALSE : S_OK;
}

static HRESULT STDMETHODCALLTYPE clock_AdviseTime(IReferenceClock *iface, REFERENCE_TIME base, REFERENCE_TIME offset,
                                                  HANDLE event, DWORD *cookie)
{
    (void)iface, (void)base, (void)offset, (void)event, (void)cookie;
    return E_NOTIMPL;
}

static HRESULT STDMETHODCALLTYPE clock_AdvisePeriodic(IReferenceClock *iface, REFERENCE_TIME start, REFERENCE_TIME period,
                                                      HANDLE semaphore, DWORD *cookie)
{
    (void)iface, (void)start, (void)period, (void)semaphore, (void)cookie;
    return E_NOTIMPL;
}

static HRESULT STDMETHODCALLTYPE clock_Unadvise(IReferenceClock *iface, DWORD cookie)
{
    (void)iface, (void)cookie;
    return E_NOTIMPL;
}

static const IReferenceClockVtbl clock_vtbl = {
    clock_QueryInterface, clock_AddRef,         clock_Release,  clock_GetTime,
    clock_AdviseTime,     clock_AdvisePeriodic, clock_Unadvise,
};

static HRESULT create(struct sink_object *sink, IReferenceClock **out)
{
    struct clock_object *clock = dm_calloc(1, sizeof *clock);
    if (!clock)
        return E_OUTOFMEMORY;
    clock->IReferenceClock_iface.lpVtbl = &clock_vtbl;
    refcount_init(&clock->refs, 1);
    clock->sink = sink;
    if (sink)
        sink_object_hold(sink);
    atomic_init(&clock->last, INT64_MIN);
    user_object_born();
    *out = &clock->IReferenceClock_iface;
    return S_OK;
}

HRESULT user_create_system_clock(IReferenceClock **out)
{
    if (!out)
        return E_POINTER;
    *out = NULL;
    return create(NULL, out);
}

HRESULT user_create_stream_clock(IDirectMusicSynthSink *sink, IReferenceClock **out)
{
    if (!out)
        return E_POINTER;
    *out = NULL;
    if (!sink)
        return E_POINTER;
    struct sink_object *own = sink_object_from(sink);
    return own ? create(own, out) : E_NOINTERFACE;
}
