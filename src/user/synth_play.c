/* SPDX-License-Identifier: MIT */
#include "synth_impl.h"

/* One event of a buffer, checked; bytes is NULL for one to be passed over. */
struct midi_event {
    uint32_t group;
    int64_t delta; /* 100 ns */
    const uint8_t *bytes;
    uint32_t size;
    int64_t sample;
};

struct event_walk {
    const uint8_t *at;
    uint64_t left;
};

#define HEADER_SIZE 20u
#define BATCH       64u

_Static_assert(sizeof(DMUS_EVENTHEADER) == HEADER_SIZE, "events are 20 bytes and their data");

/* Bytes of a message with this status; 0 if it is none. Structured events carry no running status (spec/ddi-user.md 9.1). */
static uint32_t message_size(uint8_t status)
{
    static const uint8_t by_kind[] = {3, 3, 3, 3, 2, 2, 3};
    static const uint8_t system[] = {0, 2, 3, 2, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1};
    if (status < 0x80)
        return 0;
    return status < 0xF0 ? by_kind[(status >> 4) - 8] : system[status & 15];
}

/* The next event, or false: at the end, *ok true; at malformed bytes, *ok false. Headers may lie anywhere, so they are copied;
 * an event counts with its padding (spec/ddi-user.md 2.1, 4.3). */
static bool next_event(struct event_walk *walk, struct midi_event *event, bool *ok)
{
    DMUS_EVENTHEADER header;
    *ok = walk->left == 0;
    if (walk->left < HEADER_SIZE)
        return false;
    memcpy(&header, walk->at, HEADER_SIZE);
    uint64_t extent = (HEADER_SIZE + (uint64_t)header.cbEvent + 7) & ~(uint64_t)7;
    if (extent > walk->left)
        return false;
    *event = (struct midi_event){.group = header.dwChannelGroup,
                            .delta = header.rtDelta,
                            .bytes = walk->at + HEADER_SIZE,
                            .size = header.cbEvent};
    if (header.dwFlags & DMUS_EVENT_STRUCTURED) {
        uint32_t size = header.cbEvent ? message_size(event->bytes[0]) : 0;
        if (header.cbEvent > 3 || size == 0 || size > header.cbEvent)
            return false;
        event->size = size;
        if (event->bytes[0] > 0xF0 && event->bytes[0] < 0xFF)
            event->bytes = NULL;
    } else if (header.cbEvent == 0 || event->bytes[0] != 0xF0) {
        event->bytes = NULL;
    }
    walk->at += extent;
    walk->left -= extent;
    *ok = true;
    return true;
}

static int64_t add_saturated(int64_t a, int64_t b)
{
    if (b > 0 && a > INT64_MAX - b)
        return INT64_MAX;
    if (b < 0 && a < INT64_MIN - b)
        return INT64_MIN;
    return a + b;
}

/* Fill EVENTS with the next ones of WALK, stamped by the sink. The sink is foreign: no lock is held. The bytes are the host's and
 * were whole when they were checked; a host that writes to them meanwhile gets E_INVALIDARG here. */
static HRESULT convert_batch(struct event_walk *walk, REFERENCE_TIME start, IDirectMusicSynthSink *sink,
                             struct midi_event *events, uint32_t *count)
{
    bool ok = true;
    *count = 0;
    while (*count < BATCH && next_event(walk, &events[*count], &ok)) {
        struct midi_event *event = &events[*count];
        LONGLONG sample;
        if (!event->bytes)
            continue;
        HRESULT hr = IDirectMusicSynthSink_RefTimeToSample(sink, add_saturated(start, event->delta), &sample);
        if (FAILED(hr))
            return hr;
        event->sample = sample;
        ++*count;
    }
    return ok ? S_OK : E_INVALIDARG;
}

/* What the engine does not take for a message (a system exclusive without its end, data bytes above 127) is passed over, as
 * bytes that are no message are everywhere in MIDI. */
static HRESULT queue_batch(struct synth_object *synth, const struct midi_event *events, uint32_t count, uint32_t time_line)
{
    enum synth_status status = SYNTH_OK;
    os_mutex_lock(&synth->lock);
    HRESULT hr = synth_check_time_line(synth, time_line);
    for (uint32_t i = 0; SUCCEEDED(hr) && i < count && status != SYNTH_NOMEM; i++)
        status = synth_play(synth->engine, events[i].sample, events[i].group, events[i].bytes, events[i].size);
    synth_unlock_and_call_back(synth);
    return FAILED(hr) ? hr : status == SYNTH_NOMEM ? E_OUTOFMEMORY : S_OK;
}

/* A deactivation in between has forgotten all events of its time line; one that comes later is forgotten as they are. */
HRESULT synth_check_time_line(const struct synth_object *synth, uint32_t time_line)
{
    return !synth->engine ? DMUS_E_SYNTHNOTCONFIGURED : synth->time_line != time_line ? DMUS_E_SYNTHINACTIVE : S_OK;
}

HRESULT synth_take_sink(struct synth_object *synth, IDirectMusicSynthSink **sink, uint32_t *time_line)
{
    os_mutex_lock(&synth->lock);
    HRESULT hr = !synth->engine                                        ? DMUS_E_SYNTHNOTCONFIGURED
                 : !synth->sink                                        ? DMUS_E_NOSYNTHSINK
                 : !(atomic_load(&synth->gate) & GATE_ACTIVE)          ? DMUS_E_SYNTHINACTIVE
                                                                       : S_OK;
    *sink = synth->sink;
    *time_line = synth->time_line;
    if (SUCCEEDED(hr))
        IDirectMusicSynthSink_AddRef(*sink);
    os_mutex_unlock(&synth->lock);
    return hr;
}

HRESULT STDMETHODCALLTYPE synth_PlayBuffer(IDirectMusicSynth8 *iface, REFERENCE_TIME start, BYTE *buffer, DWORD size)
{
    struct synth_object *synth = impl_from_IDirectMusicSynth8(iface);
    struct midi_event events[BATCH];
    IDirectMusicSynthSink *sink;
    uint32_t count, time_line;
    bool ok;
    if (!buffer)
        return E_POINTER;
    HRESULT hr = synth_take_sink(synth, &sink, &time_line);
    if (FAILED(hr))
        return hr;
    struct event_walk check = {buffer, size}, walk = check;
    while (next_event(&check, &events[0], &ok))
        ;
    if (!ok)
        hr = E_INVALIDARG;
    while (SUCCEEDED(hr) && walk.left) {
        hr = convert_batch(&walk, start, sink, events, &count);
        if (SUCCEEDED(hr))
            hr = queue_batch(synth, events, count, time_line);
    }
    IDirectMusicSynthSink_Release(sink);
    return hr;
}
