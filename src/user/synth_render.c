/* SPDX-License-Identifier: MIT */
#include "synth_impl.h"

/* Enter the engine, or say why not. Entry and gate are both sequentially consistent: either this thread sees the shut gate,
 * or whoever shut it sees in_flight. Two Renders at once have no meaning in this DDI: the second one fails. */
HRESULT synth_enter_render(struct synth_object *synth)
{
    unsigned idle = 0;
    if (!atomic_compare_exchange_strong(&synth->in_flight, &idle, 1))
        return E_FAIL;
    unsigned gate = atomic_load(&synth->gate);
    if (gate == (GATE_OPEN | GATE_ACTIVE)) {
        atomic_store(&synth->silent, false); /* before any event leaves the queue: see IsSilent */
        return S_OK;
    }
    atomic_store(&synth->in_flight, 0);
    return gate & GATE_OPEN ? DMUS_E_SYNTHINACTIVE : DMUS_E_SYNTHNOTCONFIGURED;
}

static void leave(struct synth_object *synth, uint32_t frames, int64_t since_ns, uint32_t peak_bits)
{
    uint32_t voices, lost;
    synth_load(synth->engine, &voices, &lost);
    meter_add(&synth->meter, frames, voices, (uint64_t)(os_time_ns() - since_ns), lost, peak_bits);
    atomic_store(&synth->silent, synth_silent(synth->engine));
    atomic_store(&synth->in_flight, 0);
}

/* After synth_enter_render. */
static void render_and_leave(struct synth_object *synth, bool as_float, void *frames, uint32_t count, int64_t position)
{
    int64_t since_ns = os_time_ns();
    uint64_t samples = (uint64_t)count * synth->params.channels;
    if (as_float)
        synth_render_f32(synth->engine, position, count, frames);
    else
        synth_render_s16(synth->engine, position, count, frames);
    leave(synth, count, since_ns, as_float ? meter_to_bits(synth_peak(synth->engine)) : meter_peak_s16(frames, samples));
}

HRESULT STDMETHODCALLTYPE synth_Render(IDirectMusicSynth8 *iface, SHORT *buffer, DWORD length, LONGLONG position)
{
    struct synth_object *synth = impl_from_IDirectMusicSynth8(iface);
    if (!buffer)
        return E_POINTER;
    HRESULT hr = synth_enter_render(synth);
    if (SUCCEEDED(hr))
        render_and_leave(synth, false, buffer, length, position);
    return hr;
}

HRESULT STDMETHODCALLTYPE synth_control_RenderFloat(IDmusSynthControl *iface, float *buffer, DWORD length, LONGLONG position)
{
    struct synth_object *synth = impl_from_IDmusSynthControl(iface);
    if (!buffer)
        return E_POINTER;
    HRESULT hr = synth_enter_render(synth);
    if (SUCCEEDED(hr))
        render_and_leave(synth, true, buffer, length, position);
    return hr;
}

HRESULT synth_object_render(struct synth_object *synth, uint32_t rate, uint32_t channels, bool as_float, void *frames,
                            uint32_t count, int64_t position)
{
    HRESULT hr = synth_enter_render(synth);
    if (FAILED(hr))
        return hr;
    if (synth->params.rate == rate && synth->params.channels == channels) {
        render_and_leave(synth, as_float, frames, count, position);
        return S_OK;
    }
    atomic_store(&synth->silent, synth_silent(synth->engine));
    atomic_store(&synth->in_flight, 0);
    return DMUS_E_WAVEFORMATNOTSUPPORTED;
}

static bool any_missing(float *const *buffers, DWORD count)
{
    for (DWORD i = 0; i < count; i++)
        if (!buffers[i])
            return true;
    return false;
}

HRESULT STDMETHODCALLTYPE synth_control_RenderBuses(IDmusSynthControl *iface, float *const *buffers, const DWORD *buses,
                                                    DWORD count, DWORD length, LONGLONG position)
{
    struct synth_object *synth = impl_from_IDmusSynthControl(iface);
    uint32_t ids[DMUS_RENDER_BUSES_MAX], peak = 0;
    if (count > DMUS_RENDER_BUSES_MAX)
        return E_INVALIDARG;
    if (count && (!buffers || !buses || any_missing(buffers, count)))
        return E_POINTER;
    for (DWORD i = 0; i < count; i++)
        ids[i] = buses[i];
    HRESULT hr = synth_enter_render(synth);
    if (FAILED(hr))
        return hr;
    int64_t since_ns = os_time_ns();
    synth_render_buses(synth->engine, position, length, buffers, ids, count);
    for (DWORD i = 0; i < count; i++) {
        uint32_t bits = meter_peak_f32(buffers[i], length);
        peak = bits > peak ? bits : peak;
    }
    leave(synth, length, since_ns, peak);
    return S_OK;
}
