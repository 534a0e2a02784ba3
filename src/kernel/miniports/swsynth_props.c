/* SPDX-License-Identifier: MIT */
/* KSPROPSETID_Synth. */
#include "swsynth.h"

#include <dmusicc.h>

#include "synth/fmath.h"

/* MinorTarget is what NewStream gave, NULL for requests to the filter (spec/ddi-kernel.md 7.7). */
NTSTATUS swsynth_request_instance(PPCPROPERTY_REQUEST request, struct swsynth_instance **out)
{
    *out = NULL;
    if (!request->MinorTarget)
        return STATUS_INVALID_DEVICE_REQUEST;
    *out = swsynth_instance_of(impl_from_IMXF((PMXF)request->MinorTarget));
    return *out ? STATUS_SUCCESS : STATUS_INVALID_DEVICE_STATE;
}

NTSTATUS swsynth_request_engine(PPCPROPERTY_REQUEST request, struct swsynth_instance **out)
{
    NTSTATUS status = swsynth_request_instance(request, out);
    return NT_SUCCESS(status) && !(*out)->engine ? STATUS_UNSUCCESSFUL : status;
}

ULONG swsynth_request_profile(PPCPROPERTY_REQUEST request)
{
    struct swsynth_instance *instance;
    if (NT_SUCCESS(swsynth_request_instance(request, &instance)))
        return instance->config.dwProfile;
    return impl_from_IMiniportDMus((IMiniportDMus *)request->MajorTarget)->profile;
}

NTSTATUS swsynth_get_volume(PPCPROPERTY_REQUEST request, void *value)
{
    struct swsynth_instance *instance;
    NTSTATUS status = swsynth_request_instance(request, &instance);
    if (NT_SUCCESS(status))
        RtlCopyMemory(value, &instance->volume[request->PropertyItem->Id], sizeof(LONG));
    return status;
}

NTSTATUS swsynth_set_volume(PPCPROPERTY_REQUEST request, const void *value)
{
    struct swsynth_instance *instance;
    ULONG item = request->PropertyItem->Id;
    LONG volume;
    KIRQL irql;
    NTSTATUS status = swsynth_request_instance(request, &instance);
    if (!NT_SUCCESS(status))
        return status;
    RtlCopyMemory(&volume, value, sizeof volume);
    volume = volume > DMUS_VOLUME_MAX ? DMUS_VOLUME_MAX : volume < DMUS_VOLUME_MIN ? DMUS_VOLUME_MIN : volume;
    KeAcquireSpinLock(&instance->lock, &irql);
    instance->volume[item] = volume;
    instance->volume_chosen[item] = true;
    if (instance->engine)
        synth_set_volume(instance->engine, item, volume);
    KeReleaseSpinLock(&instance->lock, irql);
    return STATUS_SUCCESS;
}

NTSTATUS swsynth_get_caps(PPCPROPERTY_REQUEST request, void *value)
{
    static const char description[] = "OpenDMus Software Synthesizer";
    const struct swsynth_profile *profile = &swsynth_profiles[swsynth_request_profile(request)];
    SYNTHCAPS *caps = value; /* zeroed */
    caps->Guid = CLSID_OpenDMusMiniport;
    caps->Flags = SYNTH_PC_DLS | SYNTH_PC_DLS2 | SYNTH_PC_SOFTWARESYNTH | SYNTH_PC_REVERB;
    caps->MemorySize = SYNTH_PC_SYSTEMMEMORY;
    caps->MaxChannelGroups = profile->groups_max;
    caps->MaxVoices = profile->voices_max;
    caps->MaxAudioChannels = 2;
    caps->EffectFlags = profile->effects;
    for (size_t i = 0; description[i]; i++)
        caps->Description[i] = (WCHAR)description[i];
    return STATUS_SUCCESS;
}

NTSTATUS swsynth_get_portparams(PPCPROPERTY_REQUEST request, void *value)
{
    struct swsynth_instance *instance;
    SYNTH_PORTPARAMS wanted;
    NTSTATUS status = swsynth_request_instance(request, &instance);
    if (!NT_SUCCESS(status))
        return status;
    RtlCopyMemory(&wanted, request->Instance, sizeof wanted);
    swsynth_wire(instance->miniport);
    status = swsynth_configure(instance, &wanted, value);
    swsynth_unwire(instance->miniport);
    return status;
}

NTSTATUS swsynth_get_groups(PPCPROPERTY_REQUEST request, void *value)
{
    struct swsynth_instance *instance;
    NTSTATUS status = swsynth_request_engine(request, &instance);
    if (NT_SUCCESS(status))
        RtlCopyMemory(value, &instance->params.groups, sizeof(ULONG));
    return status;
}

NTSTATUS swsynth_set_groups(PPCPROPERTY_REQUEST request, const void *value)
{
    struct swsynth_instance *instance;
    ULONG groups;
    KIRQL irql;
    NTSTATUS status = swsynth_request_engine(request, &instance);
    if (!NT_SUCCESS(status))
        return status;
    RtlCopyMemory(&groups, value, sizeof groups);
    if (groups < 1 || groups > swsynth_profiles[instance->config.dwProfile].groups_max)
        return STATUS_UNSUCCESSFUL;
    KeAcquireSpinLock(&instance->lock, &irql);
    if (synth_set_groups(instance->engine, groups) == SYNTH_OK)
        instance->params.groups = groups;
    else
        status = STATUS_UNSUCCESSFUL;
    KeReleaseSpinLock(&instance->lock, irql);
    return status;
}

/* Groups count from 0 here, from 1 in events and in the engine (spec/ddi-kernel.md 12.5). */
NTSTATUS swsynth_get_priority(PPCPROPERTY_REQUEST request, void *value)
{
    struct swsynth_instance *instance;
    SYNTHVOICEPRIORITY_INSTANCE place;
    uint32_t priority = 0;
    KIRQL irql;
    NTSTATUS status = swsynth_request_engine(request, &instance);
    if (!NT_SUCCESS(status))
        return status;
    RtlCopyMemory(&place, request->Instance, sizeof place);
    if (place.ChannelGroup == MAXULONG)
        return STATUS_UNSUCCESSFUL;
    KeAcquireSpinLock(&instance->lock, &irql);
    if (synth_get_channel_priority(instance->engine, place.ChannelGroup + 1, place.Channel, &priority) != SYNTH_OK)
        status = STATUS_UNSUCCESSFUL;
    KeReleaseSpinLock(&instance->lock, irql);
    RtlCopyMemory(value, &priority, sizeof priority);
    return status;
}

NTSTATUS swsynth_set_priority(PPCPROPERTY_REQUEST request, const void *value)
{
    struct swsynth_instance *instance;
    SYNTHVOICEPRIORITY_INSTANCE place;
    uint32_t priority;
    KIRQL irql;
    NTSTATUS status = swsynth_request_engine(request, &instance);
    if (!NT_SUCCESS(status))
        return status;
    RtlCopyMemory(&place, request->Instance, sizeof place);
    RtlCopyMemory(&priority, value, sizeof priority);
    if (place.ChannelGroup == MAXULONG)
        return STATUS_UNSUCCESSFUL;
    KeAcquireSpinLock(&instance->lock, &irql);
    if (synth_set_channel_priority(instance->engine, place.ChannelGroup + 1, place.Channel, priority) != SYNTH_OK)
        status = STATUS_UNSUCCESSFUL;
    KeReleaseSpinLock(&instance->lock, irql);
    return status;
}

/* The first frame that is not yet rendered; with nothing running, the next moment. Always after the master clock. */
NTSTATUS swsynth_get_latency(PPCPROPERTY_REQUEST request, void *value)
{
    struct swsynth_instance *instance;
    REFERENCE_TIME now = 0, latency = 0;
    KIRQL irql;
    NTSTATUS status = swsynth_request_instance(request, &instance);
    if (NT_SUCCESS(status))
        status = instance->clock->lpVtbl->GetTime(instance->clock, &now);
    if (!NT_SUCCESS(status))
        return status;
    KeAcquireSpinLock(&instance->lock, &irql);
    if (instance->mapped)
        latency = time_map_to_time(&instance->map, atomic_load(&instance->position));
    KeReleaseSpinLock(&instance->lock, irql);
    ULONGLONG answer = (ULONGLONG)(latency > now ? latency : now + 1);
    RtlCopyMemory(value, &answer, sizeof answer);
    return STATUS_SUCCESS;
}

static LONG volume_of_peak(float peak)
{
    double cb10 = peak > 0 ? fm_log2((double)peak) * 602.05999132796239 : DMUS_VOLUME_MIN; /* 2000 log10(2) */
    return cb10 < DMUS_VOLUME_MIN ? DMUS_VOLUME_MIN : (LONG)fm_floor(cb10 + 0.5);
}

/* Averages are those of the last whole second of sound; before the first one is over only the memory is known. */
NTSTATUS swsynth_get_stats(PPCPROPERTY_REQUEST request, void *value)
{
    struct swsynth_instance *instance;
    SYNTH_STATS *stats = value; /* zeroed */
    NTSTATUS status = swsynth_request_engine(request, &instance);
    if (!NT_SUCCESS(status))
        return status;
    const struct meter *meter = &instance->meter;
    stats->ValidStats = SYNTH_STATS_FREE_MEMORY;
    stats->FreeMemory = SYNTH_PC_SYSTEMMEMORY;
    if (!atomic_load_explicit(&meter->valid, memory_order_acquire))
        return STATUS_SUCCESS;
    stats->ValidStats |= SYNTH_STATS_VOICES | SYNTH_STATS_TOTAL_CPU | SYNTH_STATS_CPU_PER_VOICE | SYNTH_STATS_LOST_NOTES |
                         SYNTH_STATS_PEAK_VOLUME;
    stats->Voices = atomic_load_explicit(&meter->voices, memory_order_relaxed);
    stats->TotalCPU = atomic_load_explicit(&meter->cpu, memory_order_relaxed);
    stats->CPUPerVoice = atomic_load_explicit(&meter->cpu_per_voice, memory_order_relaxed);
    stats->LostNotes = atomic_load_explicit(&meter->lost, memory_order_relaxed);
    stats->PeakVolume = volume_of_peak(meter_from_bits(atomic_load_explicit(&meter->peak, memory_order_relaxed)));
    return STATUS_SUCCESS;
}
