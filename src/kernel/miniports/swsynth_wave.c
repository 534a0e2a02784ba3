/* SPDX-License-Identifier: MIT */
/* The wave stream: ISynthSinkDMus. */
#include "swsynth.h"

NTSTATUS swsynth_wave_format(const KSDATAFORMAT *format, ULONG *rate, ULONG *channels)
{
    KSDATAFORMAT_WAVEFORMATEX full;
    if (!format || format->FormatSize < sizeof full)
        return STATUS_NO_MATCH;
    RtlCopyMemory(&full, format, sizeof full);
    const WAVEFORMATEX *wave = &full.WaveFormatEx;
    if (!guid_is(&format->SubFormat, &KSDATAFORMAT_SUBTYPE_PCM) || wave->wFormatTag != WAVE_FORMAT_PCM ||
        wave->wBitsPerSample != 16 || wave->nChannels < 1 || wave->nChannels > 2 ||
        wave->nBlockAlign != wave->nChannels * 2 || wave->nSamplesPerSec < swsynth_profiles[DMUS_PROFILE_STUDIO].rate_min ||
        wave->nSamplesPerSec > swsynth_profiles[DMUS_PROFILE_STUDIO].rate_max)
        return STATUS_NO_MATCH;
    *rate = wave->nSamplesPerSec;
    *channels = wave->nChannels;
    return STATUS_SUCCESS;
}

LONGLONG swsynth_now_ns(void)
{
    LARGE_INTEGER frequency, now = KeQueryPerformanceCounter(&frequency);
    LONGLONG seconds = now.QuadPart / frequency.QuadPart, rest = now.QuadPart % frequency.QuadPart;
    return seconds * 1000000000 + rest * 1000000000 / frequency.QuadPart;
}

struct swsynth_instance *swsynth_render_enter(struct swsynth_stream *stream, ULONG frames, LONGLONG position)
{
    if (!stream->wave || !swsynth_gate_enter(&stream->gate))
        return NULL;
    struct swsynth_instance *instance = stream->instance;
    stream->next_frame = position + frames;
    if (instance && instance->mapped) {
        atomic_store(&instance->silent, false); /* before any event leaves the queue: see IsSilent */
        return instance;
    }
    swsynth_gate_leave(&stream->gate);
    return NULL;
}

void swsynth_render_leave(struct swsynth_stream *stream, ULONG frames, LONGLONG position, LONGLONG since, ULONG peak_bits)
{
    struct swsynth_instance *instance = stream->instance;
    uint32_t voices, lost;
    synth_load(instance->engine, &voices, &lost);
    meter_add(&instance->meter, frames, voices, (uint64_t)(swsynth_now_ns() - since), lost, peak_bits);
    atomic_store(&instance->position, position + frames);
    atomic_store(&instance->silent, synth_silent(instance->engine));
    if (atomic_load(&instance->retired))
        swsynth_collect_soon(instance);
    swsynth_gate_leave(&stream->gate);
}

static NTSTATUS STDMETHODCALLTYPE wave_QueryInterface(ISynthSinkDMus *iface, REFIID riid, PVOID *out)
{
    return swsynth_stream_query(impl_from_ISynthSinkDMus(iface), riid, out);
}

static ULONG STDMETHODCALLTYPE wave_AddRef(ISynthSinkDMus *iface)
{
    return refcount_add(&impl_from_ISynthSinkDMus(iface)->refs);
}

static ULONG STDMETHODCALLTYPE wave_Release(ISynthSinkDMus *iface)
{
    return swsynth_stream_release(impl_from_ISynthSinkDMus(iface));
}

/* The next run counts frames from 0 again: what is queued and sounds belongs to the old time line. */
static NTSTATUS STDMETHODCALLTYPE wave_SetState(ISynthSinkDMus *iface, KSSTATE state)
{
    struct swsynth_stream *stream = impl_from_ISynthSinkDMus(iface);
    PAGED_CODE();
    swsynth_wire(stream->miniport);
    if (state != KSSTATE_RUN && atomic_load(&stream->state) == KSSTATE_RUN) {
        swsynth_gate_close(&stream->gate);
        stream->started = false;
        if (stream->instance)
            swsynth_instance_stop(stream->instance, true);
        swsynth_gate_open(&stream->gate);
    }
    atomic_store(&stream->state, state);
    swsynth_unwire(stream->miniport);
    return STATUS_SUCCESS;
}

/* Events belong to MIDI streams. */
static NTSTATUS STDMETHODCALLTYPE wave_PutMessage(ISynthSinkDMus *iface, PDMUS_KERNEL_EVENT chain)
{
    PAllocatorMXF allocator = impl_from_ISynthSinkDMus(iface)->allocator;
    if (!chain)
        return STATUS_SUCCESS;
    allocator->lpVtbl->PutMessage(allocator, chain);
    return STATUS_INVALID_DEVICE_REQUEST;
}

static NTSTATUS STDMETHODCALLTYPE wave_ConnectOutput(ISynthSinkDMus *iface, PMXF sink)
{
    (void)iface, (void)sink;
    return STATUS_INVALID_DEVICE_REQUEST;
}

static void STDMETHODCALLTYPE wave_Render(ISynthSinkDMus *iface, PBYTE buffer, DWORD frames, LONGLONG position)
{
    struct swsynth_stream *stream = impl_from_ISynthSinkDMus(iface);
    struct swsynth_instance *instance = swsynth_render_enter(stream, frames, position);
    if (!instance) {
        RtlZeroMemory(buffer, (SIZE_T)frames * stream->channels * 2);
        return;
    }
    LONGLONG since = swsynth_now_ns();
    int16_t *samples = (int16_t *)(void *)buffer;
    synth_render_s16(instance->engine, position, frames, samples);
    swsynth_render_leave(stream, frames, position, since,
                         meter_peak_s16(samples, (uint64_t)frames * instance->params.channels));
}

/* The instance takes up the stream's time line, and plays what waited for it. */
static void start(struct swsynth_stream *stream, struct swsynth_instance *instance)
{
    uint32_t voices, lost;
    KIRQL irql;
    KeAcquireSpinLock(&instance->lock, &irql);
    if (instance->mapped)
        synth_stop(instance->engine); /* a start that no other state came before */
    synth_load(instance->engine, &voices, &lost);
    meter_start(&instance->meter, instance->params.rate, lost);
    instance->map = (struct time_map){.start_100ns = stream->origin_100ns,
                                      .rate = instance->params.rate,
                                      .exact = instance->config.dwProfile == DMUS_PROFILE_STUDIO};
    instance->drift_base = instance->drift_mean = 0;
    instance->mapped = true;
    atomic_store(&instance->position, stream->next_frame);
    PDMUS_KERNEL_EVENT played = swsynth_play_held(instance);
    KeReleaseSpinLock(&instance->lock, irql);
    swsynth_return(instance, played);
}

#define DRIFT_MEAN     16    /* calls that the mean goes over */
#define DRIFT_DEAD     50000 /* 5 ms: below it the stream's own rate stands, so that in virtual time nothing ever moves */
#define DRIFT_FRACTION 64

/* How far the stream is ahead of the master clock should stay what it was after the start. Where it does not, the sample clock runs
 * at another speed, and each pass moves the map by a fraction of the drift (spec/ddi-kernel.md 8.10). */
static void follow(struct swsynth_instance *instance, REFERENCE_TIME time)
{
    KIRQL irql;
    KeAcquireSpinLock(&instance->lock, &irql);
    int64_t position = atomic_load(&instance->position);
    int64_t ahead = time_map_to_time(&instance->map, position) - time;
    if (instance->drift_base == 0)
        instance->drift_base = instance->drift_mean = ahead ? ahead : 1;
    instance->drift_mean += (ahead - instance->drift_mean) / DRIFT_MEAN;
    int64_t drift = instance->drift_mean - instance->drift_base;
    if (drift > DRIFT_DEAD || drift < -DRIFT_DEAD) {
        instance->map.start_100ns -= drift / DRIFT_FRACTION;
        instance->drift_mean -= drift / DRIFT_FRACTION;
    }
    KeReleaseSpinLock(&instance->lock, irql);
}

static NTSTATUS STDMETHODCALLTYPE wave_SyncToMaster(ISynthSinkDMus *iface, REFERENCE_TIME time, BOOL first)
{
    struct swsynth_stream *stream = impl_from_ISynthSinkDMus(iface);
    LARGE_INTEGER moment = {.QuadPart = -10000};
    /* A missed start would leave the stream silent; a missed step is made up by the next. */
    while (!swsynth_gate_enter(&stream->gate)) {
        if (!first)
            return STATUS_SUCCESS;
        KeDelayExecutionThread(KernelMode, FALSE, &moment);
    }
    struct swsynth_instance *instance = stream->instance;
    if (first) {
        stream->started = true;
        stream->origin_100ns = time;
        stream->next_frame = 0;
    }
    if (instance && instance->engine && stream->started && (first || !instance->mapped))
        start(stream, instance);
    else if (instance && instance->mapped)
        follow(instance, time);
    swsynth_gate_leave(&stream->gate);
    return STATUS_SUCCESS;
}

/* The conversions in force. Wiring, since the stream may be joined or parted at any moment. */
static NTSTATUS current_map(struct swsynth_stream *stream, struct time_map *map)
{
    NTSTATUS status = STATUS_INVALID_DEVICE_STATE;
    KIRQL irql;
    swsynth_wire(stream->miniport);
    struct swsynth_instance *instance = stream->instance;
    if (instance) {
        KeAcquireSpinLock(&instance->lock, &irql);
        *map = instance->map;
        status = instance->mapped ? STATUS_SUCCESS : status;
        KeReleaseSpinLock(&instance->lock, irql);
    }
    swsynth_unwire(stream->miniport);
    return status;
}

static NTSTATUS STDMETHODCALLTYPE wave_SampleToRefTime(ISynthSinkDMus *iface, LONGLONG sample, REFERENCE_TIME *time)
{
    struct time_map map;
    NTSTATUS status = current_map(impl_from_ISynthSinkDMus(iface), &map);
    if (NT_SUCCESS(status))
        *time = time_map_to_time(&map, sample);
    return status;
}

static NTSTATUS STDMETHODCALLTYPE wave_RefTimeToSample(ISynthSinkDMus *iface, REFERENCE_TIME time, LONGLONG *sample)
{
    struct time_map map;
    NTSTATUS status = current_map(impl_from_ISynthSinkDMus(iface), &map);
    if (NT_SUCCESS(status))
        *sample = time_map_to_sample(&map, time);
    return status;
}

const ISynthSinkDMusVtbl swsynth_wave_vtbl = {
    wave_QueryInterface, wave_AddRef,        wave_Release, wave_SetState,     wave_PutMessage,      wave_ConnectOutput,
    wave_ConnectOutput,  wave_Render,        wave_SyncToMaster, wave_SampleToRefTime, wave_RefTimeToSample,
};

NTSTATUS swsynth_wave_create(struct swsynth_miniport *miniport, const KSDATAFORMAT *format, PAllocatorMXF allocator,
                             struct swsynth_stream **out)
{
    ULONG rate, channels;
    *out = NULL;
    NTSTATUS status = swsynth_wave_format(format, &rate, &channels);
    if (!NT_SUCCESS(status))
        return status;
    struct swsynth_stream *stream = ExAllocatePoolWithTag(NonPagedPool, sizeof *stream, SWSYNTH_TAG);
    if (!stream)
        return STATUS_INSUFFICIENT_RESOURCES;
    RtlZeroMemory(stream, sizeof *stream);
    stream->ISynthSinkDMus_iface.lpVtbl = &swsynth_wave_vtbl;
    stream->IDmusSynthControl_iface.lpVtbl = &swsynth_control_vtbl;
    refcount_init(&stream->refs, 1);
    stream->miniport = miniport;
    stream->wave = true;
    stream->rate = rate;
    stream->channels = channels;
    stream->allocator = allocator;
    COM_ADDREF(allocator);
    refcount_add(&miniport->refs);
    *out = stream;
    return STATUS_SUCCESS;
}
