/* SPDX-License-Identifier: MIT */
#include "sink_impl.h"

/* An identity of its own: the sink is not reached from its clock, nor the clock from the sink (native-behaviour.md 4, 74). */
static HRESULT STDMETHODCALLTYPE sink_clock_QueryInterface(IReferenceClock *iface, REFIID riid, void **ppv)
{
    struct sink_object *sink = impl_from_IReferenceClock(iface);
    if (!ppv)
        return E_POINTER;
    *ppv = NULL;
    if (!riid)
        return E_POINTER;
    if (!guid_is(riid, &IID_IUnknown) && !guid_is(riid, &IID_IReferenceClock))
        return E_NOINTERFACE;
    *ppv = iface;
    refcount_add(&sink->refs);
    return S_OK;
}

static ULONG STDMETHODCALLTYPE sink_clock_AddRef(IReferenceClock *iface)
{
    return sink_AddRef(&impl_from_IReferenceClock(iface)->IDirectMusicSynthSink_iface);
}

static ULONG STDMETHODCALLTYPE sink_clock_Release(IReferenceClock *iface)
{
    return sink_Release(&impl_from_IReferenceClock(iface)->IDirectMusicSynthSink_iface);
}

/* Real time: the master clock and the distance the thread keeps ahead of it. At every moment no more than that has been
 * rendered, so what is stamped with this clock is never late, and the clock runs as smoothly as the master. Offline: the time
 * of the first frame not yet rendered. */
static HRESULT STDMETHODCALLTYPE sink_clock_GetTime(IReferenceClock *iface, REFERENCE_TIME *time)
{
    struct sink_object *sink = impl_from_IReferenceClock(iface);
    struct time_map map;
    REFERENCE_TIME value;
    if (!time)
        return E_INVALIDARG; /* native-behaviour.md 74 */
    if (!atomic_load(&sink->active))
        return E_FAIL;
    if (atomic_load(&sink->active_offline)) {
        map = sink_map(sink);
        value = time_map_to_time(&map, atomic_load(&sink->position));
    } else {
        if (FAILED(sink_master_time(sink, &value, &map)))
            return E_FAIL;
        value += atomic_load(&sink->lead_100ns);
    }
    int64_t last = atomic_load(&sink->latency_last);
    while (last < value && !atomic_compare_exchange_weak(&sink->latency_last, &last, value))
        ;
    *time = last < value ? value : last;
    return last == *time ? S_FALSE : S_OK;
}

static HRESULT STDMETHODCALLTYPE sink_clock_AdviseTime(IReferenceClock *iface, REFERENCE_TIME base, REFERENCE_TIME offset,
                                                       HANDLE event, DWORD *cookie)
{
    (void)iface, (void)base, (void)offset, (void)event, (void)cookie;
    return E_NOTIMPL;
}

static HRESULT STDMETHODCALLTYPE sink_clock_AdvisePeriodic(IReferenceClock *iface, REFERENCE_TIME start,
                                                           REFERENCE_TIME period, HANDLE semaphore, DWORD *cookie)
{
    (void)iface, (void)start, (void)period, (void)semaphore, (void)cookie;
    return E_NOTIMPL;
}

static HRESULT STDMETHODCALLTYPE sink_clock_Unadvise(IReferenceClock *iface, DWORD cookie)
{
    (void)iface, (void)cookie;
    return E_NOTIMPL;
}

const IReferenceClockVtbl sink_clock_vtbl = {
    sink_clock_QueryInterface, sink_clock_AddRef,         sink_clock_Release,  sink_clock_GetTime,
    sink_clock_AdviseTime,     sink_clock_AdvisePeriodic, sink_clock_Unadvise,
};
