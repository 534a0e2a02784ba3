/* SPDX-License-Identifier: MIT */
/* GUID_DMUS_PROP_*: sets of one item each. */
#include "swsynth.h"

#include <dmusicc.h>

static NTSTATUS answer(void *value, ULONG number)
{
    RtlCopyMemory(value, &number, sizeof number);
    return STATUS_SUCCESS;
}

NTSTATUS swsynth_get_true(PPCPROPERTY_REQUEST request, void *value)
{
    (void)request;
    return answer(value, TRUE);
}

NTSTATUS swsynth_get_false(PPCPROPERTY_REQUEST request, void *value)
{
    (void)request;
    return answer(value, FALSE);
}

/* As in user mode: studio has what a GS file may ask for, beside the sounds. */
NTSTATUS swsynth_get_gs_capable(PPCPROPERTY_REQUEST request, void *value)
{
    return answer(value, swsynth_request_profile(request) == DMUS_PROFILE_STUDIO);
}

NTSTATUS swsynth_get_memory_size(PPCPROPERTY_REQUEST request, void *value)
{
    (void)request;
    return answer(value, SYNTH_PC_SYSTEMMEMORY);
}

NTSTATUS swsynth_get_rate(PPCPROPERTY_REQUEST request, void *value)
{
    struct swsynth_instance *instance;
    NTSTATUS status = swsynth_request_engine(request, &instance);
    return NT_SUCCESS(status) ? answer(value, instance->params.rate) : status;
}

NTSTATUS swsynth_get_effects(PPCPROPERTY_REQUEST request, void *value)
{
    struct swsynth_instance *instance;
    NTSTATUS status = swsynth_request_engine(request, &instance);
    return NT_SUCCESS(status) ? answer(value, synth_effects(instance->engine)) : status;
}

NTSTATUS swsynth_set_effects(PPCPROPERTY_REQUEST request, const void *value)
{
    struct swsynth_instance *instance;
    ULONG effects;
    KIRQL irql;
    NTSTATUS status = swsynth_request_engine(request, &instance);
    if (!NT_SUCCESS(status))
        return status;
    RtlCopyMemory(&effects, value, sizeof effects);
    if (effects & ~swsynth_profiles[instance->config.dwProfile].effects)
        return STATUS_INVALID_PARAMETER;
    KeAcquireSpinLock(&instance->lock, &irql);
    synth_set_effects(instance->engine, effects);
    KeReleaseSpinLock(&instance->lock, irql);
    return STATUS_SUCCESS;
}

NTSTATUS swsynth_get_reverb(PPCPROPERTY_REQUEST request, void *value)
{
    struct swsynth_instance *instance;
    KIRQL irql;
    NTSTATUS status = swsynth_request_instance(request, &instance);
    if (!NT_SUCCESS(status))
        return status;
    KeAcquireSpinLock(&instance->lock, &irql);
    struct synth_reverb reverb = instance->reverb;
    KeReleaseSpinLock(&instance->lock, irql);
    DMUS_WAVES_REVERB_PARAMS params = {.fInGain = reverb.in_gain_db,
                                       .fReverbMix = reverb.mix_db,
                                       .fReverbTime = reverb.time_ms,
                                       .fHighFreqRTRatio = reverb.hf_ratio};
    RtlCopyMemory(value, &params, sizeof params);
    return STATUS_SUCCESS;
}

/* NaN fails both comparisons and becomes LOW. */
static float clamp(float value, float low, float high)
{
    return value > high ? high : value >= low ? value : low;
}

NTSTATUS swsynth_set_reverb(PPCPROPERTY_REQUEST request, const void *value)
{
    struct swsynth_instance *instance;
    DMUS_WAVES_REVERB_PARAMS params;
    KIRQL irql;
    NTSTATUS status = swsynth_request_instance(request, &instance);
    if (!NT_SUCCESS(status))
        return status;
    RtlCopyMemory(&params, value, sizeof params);
    struct synth_reverb reverb = {.in_gain_db = clamp(params.fInGain, -96, 0),
                                  .mix_db = clamp(params.fReverbMix, -96, 0),
                                  .time_ms = clamp(params.fReverbTime, 0.001f, 3000),
                                  .hf_ratio = clamp(params.fHighFreqRTRatio, 0.001f, 0.999f)};
    KeAcquireSpinLock(&instance->lock, &irql);
    instance->reverb = reverb;
    if (instance->engine)
        synth_set_reverb(instance->engine, &reverb);
    KeReleaseSpinLock(&instance->lock, irql);
    return STATUS_SUCCESS;
}
