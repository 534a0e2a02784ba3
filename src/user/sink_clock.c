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
static HRESULT read_latency(struct sink_object *sink, REFERENCE_TIME *time)
{
    struct time_map map;
    if (atomic_load(&sink->active_offline)) {
        map = sink_map(sink);
        *time = time_map_to_time(&map, atomic_load(&sink->position));
        return S_OK;
    }
    HRESULT hr = sink_master_time(sink, time, &map);
    *time += SUCCEEDED(hr) ? atomic_load(&sink->lead_100ns) : 0;
    return hr;
}

/* The latest answer so far, *TIME included; S_FALSE if it is no news. False: another master clock has taken over since
 * GENERATION, and *TIME may be of the one before. */
static bool never_back(struct sink_object *sink, unsigned generation, REFERENCE_TIME *time, HRESULT *hr)
{
    os_mutex_lock(&sink->clock_lock);
    bool same = generation == atomic_load(&sink->clock_generation);
    if (same) {
        *hr = sink->latency_last < *time ? S_OK : S_FALSE;
        sink->latency_last = *hr == S_OK ? *time : sink->latency_last;
        *time = sink->latency_last;
    }
    os_mutex_unlock(&sink->clock_lock);
    return same;
}

static HRESULT STDMETHODCALLTYPE sink_clock_GetTime(IReferenceClock *iface, REFERENCE_TIME *time)
{
    struct sink_object *sink = impl_from_IReferenceClock(iface);
    REFERENCE_TIME value = 0;
    HRESULT hr;
    unsigned generation;
    if (!time)
        return E_INVALIDARG; /* native-behaviour.md 74 */
    if (!atomic_load(&sink->active))
        return E_FAIL;
    do {
        generation = atomic_load(&sink->clock_generation);
        if (FAILED(read_latency(sink, &value)))
            return E_FAIL;
    } while (!never_back(sink, generation, &value, &hr));
    *time = value;
    return hr;
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

/* A reference on SINK's master clock, or NULL. */
static IReferenceClock *master_of(struct sink_object *sink)
{
    os_mutex_lock(&sink->clock_lock);
    IReferenceClock *clock = sink->clock;
    if (clock)
        IReferenceClock_AddRef(clock);
    os_mutex_unlock(&sink->clock_lock);
    return clock;
}

bool sink_clock_leads_to(IReferenceClock *clock, struct sink_object *sink)
{
    bool there = false;
    IReferenceClock_AddRef(clock);
    while (clock && !there && clock->lpVtbl == &sink_clock_vtbl) {
        struct sink_object *owner = impl_from_IReferenceClock(clock);
        IReferenceClock *next = master_of(owner);
        IReferenceClock_Release(clock);
        there = owner == sink;
        clock = next;
    }
    if (clock)
        IReferenceClock_Release(clock);
    return there;
}
