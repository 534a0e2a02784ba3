/* SPDX-License-Identifier: MIT */
#include "sink_impl.h"

/* Readers never wait for a writer that was interrupted for long: writers hold the odd version for a few stores only. One that was
 * killed in these is not waited for. */
static unsigned begin_read(struct sink_object *sink)
{
    unsigned version;
    while ((version = atomic_load(&sink->map_version)) & 1 && !os_ending())
        ;
    return version;
}

struct time_map sink_map(struct sink_object *sink)
{
    struct time_map map;
    unsigned version;
    do {
        version = begin_read(sink);
        map.start_100ns = atomic_load(&sink->map_start);
        map.rate = atomic_load(&sink->map_rate);
        map.exact = atomic_load(&sink->map_exact);
    } while (atomic_load(&sink->map_version) != version);
    return map;
}

bool sink_map_of(struct sink_object *sink, unsigned generation, struct time_map *map)
{
    os_mutex_lock(&sink->clock_lock);
    bool same = generation == atomic_load(&sink->clock_generation);
    *map = sink_map(sink);
    os_mutex_unlock(&sink->clock_lock);
    return same;
}

int64_t sink_stream_time(struct sink_object *sink)
{
    struct time_map map = {.exact = true};
    int64_t position;
    unsigned version;
    do {
        version = begin_read(sink);
        map.start_100ns = atomic_load(&sink->stream_base);
        map.rate = atomic_load(&sink->map_rate);
        position = atomic_load(&sink->position);
    } while (atomic_load(&sink->map_version) != version);
    return time_map_to_time(&map, position);
}

/* [clock_lock] */
static void write_map(struct sink_object *sink, const struct time_map *map)
{
    atomic_store(&sink->map_start, map->start_100ns);
    atomic_store(&sink->map_rate, map->rate);
    atomic_store(&sink->map_exact, map->exact);
}

void sink_set_map(struct sink_object *sink, const struct time_map *map)
{
    int64_t stream_time = sink_stream_time(sink);
    struct time_map stream = {.rate = map->rate, .exact = true};
    os_mutex_lock(&sink->clock_lock);
    atomic_fetch_add(&sink->map_version, 1);
    write_map(sink, map);
    atomic_store(&sink->stream_base, stream_time - time_map_to_time(&stream, atomic_load(&sink->position)));
    atomic_fetch_add(&sink->map_version, 1);
    os_mutex_unlock(&sink->clock_lock);
}

void sink_shift_map(struct sink_object *sink, int64_t delta_100ns)
{
    os_mutex_lock(&sink->clock_lock);
    atomic_fetch_add(&sink->map_version, 1);
    atomic_fetch_add(&sink->map_start, delta_100ns);
    atomic_fetch_add(&sink->map_version, 1);
    os_mutex_unlock(&sink->clock_lock);
}

void sink_restart_map(struct sink_object *sink, const struct time_map *map)
{
    int64_t stream_time = sink_stream_time(sink);
    os_mutex_lock(&sink->clock_lock);
    atomic_fetch_add(&sink->map_version, 1);
    write_map(sink, map);
    atomic_store(&sink->stream_base, stream_time);
    atomic_store(&sink->position, 0);
    atomic_fetch_add(&sink->map_version, 1);
    if (sink->latency_last > map->start_100ns + SINK_LEAD_MAX) { /* that of an activation offline, ahead by what was rendered */
        sink->latency_last = INT64_MIN;
        atomic_fetch_add(&sink->clock_generation, 1);
    }
    os_mutex_unlock(&sink->clock_lock);
}

/* [lock] While active: what CLOCK is ahead of the one before. If that cannot be read any more, it stood where the stream says: that
 * is rendered as far ahead of it as the session has it. E_FAIL: CLOCK cannot be read. */
static HRESULT clock_is_ahead(struct sink_object *sink, IReferenceClock *clock, int64_t *ahead_100ns)
{
    struct time_map map;
    REFERENCE_TIME before, now;
    bool known = SUCCEEDED(sink_master_time(sink, &before, &map));
    if (FAILED(IReferenceClock_GetTime(clock, &now)))
        return E_FAIL;
    int64_t lead_100ns = sink->offline ? 0 : atomic_load(&sink->session->lead_100ns);
    if (!known)
        before = time_map_to_time(&map, atomic_load(&sink->position)) - lead_100ns;
    *ahead_100ns = now - before;
    return S_OK;
}

HRESULT sink_replace_clock(struct sink_object *sink, IReferenceClock *clock, IReferenceClock **old)
{
    int64_t ahead_100ns = 0;
    *old = NULL;
    if (clock == sink->clock) /* written with lock held only */
        return S_OK;
    if (clock && sink->session && FAILED(clock_is_ahead(sink, clock, &ahead_100ns)))
        return E_FAIL;
    if (clock)
        IReferenceClock_AddRef(clock);
    os_mutex_lock(&sink->clock_lock);
    *old = sink->clock;
    sink->clock = clock;
    atomic_fetch_add(&sink->map_version, 1);
    atomic_fetch_add(&sink->map_start, ahead_100ns);
    atomic_fetch_add(&sink->map_version, 1);
    sink->latency_last = INT64_MIN; /* another time base: the answers start anew */
    atomic_fetch_add(&sink->clock_generation, 1);
    os_mutex_unlock(&sink->clock_lock);
    return S_OK;
}

HRESULT sink_master_time(struct sink_object *sink, REFERENCE_TIME *now, struct time_map *map)
{
    os_mutex_lock(&sink->clock_lock);
    IReferenceClock *clock = sink->clock;
    if (clock)
        IReferenceClock_AddRef(clock);
    *map = sink_map(sink);
    os_mutex_unlock(&sink->clock_lock);
    if (!clock)
        return DMUS_E_NO_MASTER_CLOCK;
    HRESULT hr = IReferenceClock_GetTime(clock, now);
    IReferenceClock_Release(clock);
    return FAILED(hr) ? E_FAIL : S_OK;
}
