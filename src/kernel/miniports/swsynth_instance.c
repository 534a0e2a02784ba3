/* SPDX-License-Identifier: MIT */
/* One synth: its engine, and with what it was opened. */
#include "swsynth.h"

#include <dmerror.h>

#include "base/cpu.h"

#define ENGINE_ALIGNMENT 64u

/* Pool blocks are aligned to 16 or 8 bytes: the address of the block lies before the aligned one. */
static void *engine_alloc(void *ctx, size_t size)
{
    (void)ctx;
    if (size > SIZE_MAX - ENGINE_ALIGNMENT - sizeof(void *))
        return NULL;
    char *block = ExAllocatePoolWithTag(NonPagedPool, size + ENGINE_ALIGNMENT + sizeof(void *), SWSYNTH_TAG);
    if (!block)
        return NULL;
    ULONG_PTR first = (ULONG_PTR)(block + sizeof(void *));
    char *aligned = block + sizeof(void *) + (ENGINE_ALIGNMENT - first % ENGINE_ALIGNMENT) % ENGINE_ALIGNMENT;
    RtlCopyMemory(aligned - sizeof(void *), &block, sizeof block);
    RtlZeroMemory(aligned, size);
    return aligned;
}

static void engine_free(void *ctx, void *block)
{
    char *whole;
    (void)ctx;
    if (!block)
        return;
    RtlCopyMemory(&whole, (char *)block - sizeof(void *), sizeof whole);
    ExFreePoolWithTag(whole, SWSYNTH_TAG);
}

static const struct synth_memory engine_memory = {.alloc = engine_alloc, .free = engine_free};

NTSTATUS swsynth_status(enum synth_status status)
{
    switch (status) {
    case SYNTH_OK: return STATUS_SUCCESS;
    case SYNTH_NOMEM: return STATUS_NO_MEMORY;
    case SYNTH_BAD_ARGUMENT: return STATUS_INVALID_PARAMETER;
    default: return STATUS_UNSUCCESSFUL; /* the one code that is documented */
    }
}

/* ---- opening ---- */

static enum synth_interpolation engine_interpolation(const DMUS_SYNTHCONFIG *config)
{
    switch (config->dwInterpolation) {
    case DMUS_INTERPOLATION_NEAREST: return SYNTH_NEAREST;
    case DMUS_INTERPOLATION_LINEAR: return SYNTH_LINEAR;
    case DMUS_INTERPOLATION_CUBIC: return SYNTH_CUBIC;
    case DMUS_INTERPOLATION_SINC16: return SYNTH_SINC16;
    case DMUS_INTERPOLATION_SINC32: return SYNTH_SINC32;
    default: return config->dwProfile == DMUS_PROFILE_STUDIO ? SYNTH_SINC16 : SYNTH_LINEAR;
    }
}

static uint32_t engine_cpu(const DMUS_SYNTHCONFIG *config)
{
    uint32_t level = UINT32_MAX;
    if (config->dwSimd != DMUS_SIMD_BEST)
        cpu_level(config->dwSimd - DMUS_SIMD_C, &level);
    return cpu_features() & level;
}

/* [wiring] A new engine in the place of the old one. STATUS_DEVICE_BUSY: that one came into use meanwhile. */
static NTSTATUS create_engine(struct swsynth_instance *instance, const struct swsynth_params *params)
{
    const struct swsynth_profile *profile = &swsynth_profiles[instance->config.dwProfile];
    struct synth_config config = {
        .sample_rate = params->rate,
        .channels = params->channels,
        .voices = params->voices,
        .groups = params->groups,
        .effects = params->effects,
        .profile = instance->config.dwProfile == DMUS_PROFILE_STUDIO ? SYNTH_STUDIO : SYNTH_NATIVE,
        .interpolation = engine_interpolation(&instance->config),
        .dither = instance->config.dwDither == 2 ? profile->dither : instance->config.dwDither != 0,
        .cpu = engine_cpu(&instance->config),
    };
    struct synth *engine, *old = instance->engine;
    KIRQL irql;
    if (synth_create(&config, &engine_memory, &engine) != SYNTH_OK)
        return STATUS_INSUFFICIENT_RESOURCES;
    struct swsynth_gate *gate = instance->wave ? &instance->wave->gate : NULL;
    swsynth_gate_close(gate);
    KeAcquireSpinLock(&instance->lock, &irql);
    bool too_late = instance->downloads || instance->mapped;
    if (!too_late) {
        for (uint32_t i = 0; i < 2; i++)
            synth_set_volume(engine, i, instance->volume[i]);
        synth_set_reverb(engine, &instance->reverb);
        instance->engine = engine;
        instance->params = *params;
    }
    KeReleaseSpinLock(&instance->lock, irql);
    if (!too_late)
        atomic_store(&instance->silent, true);
    swsynth_gate_open(gate);
    synth_destroy(too_late ? engine : old);
    return too_late ? STATUS_DEVICE_BUSY : STATUS_SUCCESS;
}

static ULONG choose(ULONG valid, ULONG bit, ULONG asked, ULONG fallback, ULONG low, ULONG high, bool *altered)
{
    if (!(valid & bit))
        return fallback;
    ULONG value = asked < low ? low : asked > high ? high : asked;
    *altered |= value != asked;
    return value;
}

/* As user mode's Open chooses, but that a wave pin which is already there decides on rate and channels. */
static bool negotiate(const struct swsynth_instance *instance, const SYNTH_PORTPARAMS *wanted, struct swsynth_params *out)
{
    const struct swsynth_profile *p = &swsynth_profiles[instance->config.dwProfile];
    const struct swsynth_params *d = &p->defaults;
    const struct swsynth_stream *wave = instance->wave;
    ULONG valid = wanted->ValidParams;
    bool altered = (valid & SYNTH_PORTPARAMS_SHARE) && wanted->Share;
    out->voices = choose(valid, SYNTH_PORTPARAMS_VOICES, wanted->Voices, d->voices, 1, p->voices_max, &altered);
    out->groups = choose(valid, SYNTH_PORTPARAMS_CHANNELGROUPS, wanted->ChannelGroups, d->groups, 1, p->groups_max, &altered);
    out->channels = choose(valid, SYNTH_PORTPARAMS_AUDIOCHANNELS, wanted->AudioChannels, wave ? wave->channels : d->channels,
                           wave ? wave->channels : 1, wave ? wave->channels : 2, &altered);
    out->rate = choose(valid, SYNTH_PORTPARAMS_SAMPLERATE, wanted->SampleRate, wave ? wave->rate : d->rate,
                       wave ? wave->rate : p->rate_min, wave ? wave->rate : p->rate_max, &altered);
    out->effects = valid & SYNTH_PORTPARAMS_EFFECTS ? wanted->EffectsFlags & p->effects : d->effects;
    altered |= (valid & SYNTH_PORTPARAMS_EFFECTS) && out->effects != wanted->EffectsFlags;
    return altered;
}

/* Is there something to lose: downloads, or a stream that runs? */
static bool in_use(struct swsynth_instance *instance)
{
    KIRQL irql;
    KeAcquireSpinLock(&instance->lock, &irql);
    bool used = instance->engine && (instance->downloads || instance->mapped);
    KeReleaseSpinLock(&instance->lock, irql);
    return used;
}

/* Only the number of groups can change then. */
static NTSTATUS keep_engine(struct swsynth_instance *instance, struct swsynth_params *chosen, bool *altered)
{
    struct swsynth_params *now = &instance->params;
    KIRQL irql;
    KeAcquireSpinLock(&instance->lock, &irql);
    enum synth_status status = synth_set_groups(instance->engine, chosen->groups);
    if (status == SYNTH_OK)
        now->groups = chosen->groups;
    now->effects = synth_effects(instance->engine);
    *altered |= chosen->voices != now->voices || chosen->channels != now->channels || chosen->rate != now->rate ||
                chosen->effects != now->effects;
    *chosen = *now;
    KeReleaseSpinLock(&instance->lock, irql);
    return status == SYNTH_OK ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
}

NTSTATUS swsynth_configure(struct swsynth_instance *instance, const SYNTH_PORTPARAMS *wanted, SYNTH_PORTPARAMS *granted)
{
    struct swsynth_params chosen;
    bool altered = negotiate(instance, wanted, &chosen);
    NTSTATUS status = in_use(instance) ? STATUS_DEVICE_BUSY : create_engine(instance, &chosen);
    if (status == STATUS_DEVICE_BUSY) /* perhaps only since a moment ago: downloads do not wait for us */
        status = keep_engine(instance, &chosen, &altered);
    if (!NT_SUCCESS(status))
        return status;
    *granted = (SYNTH_PORTPARAMS){.ValidParams = SYNTH_PORTPARAMS_VOICES | SYNTH_PORTPARAMS_CHANNELGROUPS |
                                                 SYNTH_PORTPARAMS_AUDIOCHANNELS | SYNTH_PORTPARAMS_SAMPLERATE |
                                                 SYNTH_PORTPARAMS_EFFECTS | SYNTH_PORTPARAMS_SHARE,
                                  .Voices = chosen.voices,
                                  .ChannelGroups = chosen.groups,
                                  .AudioChannels = chosen.channels,
                                  .SampleRate = chosen.rate,
                                  .EffectsFlags = chosen.effects,
                                  .Share = FALSE};
    swsynth_pair(instance->miniport);
    return altered ? STATUS_NOT_ALL_ASSIGNED : STATUS_SUCCESS;
}

NTSTATUS swsynth_configure_default(struct swsynth_instance *instance)
{
    SYNTH_PORTPARAMS nothing = {0}, granted;
    if (instance->engine)
        return STATUS_SUCCESS;
    NTSTATUS status = swsynth_configure(instance, &nothing, &granted);
    return NT_SUCCESS(status) ? STATUS_SUCCESS : status;
}

HRESULT swsynth_set_config(struct swsynth_instance *instance, const DMUS_SYNTHCONFIG *config)
{
    HRESULT hr = S_OK;
    KIRQL irql;
    if (config->dwSize != sizeof *config || config->dwProfile > DMUS_PROFILE_STUDIO ||
        config->dwInterpolation > DMUS_INTERPOLATION_SINC32 || config->dwDither > 2 || config->dwSimd > DMUS_SIMD_NEON)
        return E_INVALIDARG;
    KeAcquireSpinLock(&instance->lock, &irql);
    if (instance->engine) {
        hr = DMUS_E_ALREADYOPEN;
    } else {
        instance->config = *config;
        for (int i = 0; i < 2; i++)
            if (!instance->volume_chosen[i])
                instance->volume[i] = swsynth_profiles[config->dwProfile].volume[i];
    }
    KeReleaseSpinLock(&instance->lock, irql);
    return hr;
}

/* ---- life ---- */

void swsynth_instance_stop(struct swsynth_instance *instance, bool unmap)
{
    struct swsynth_gate *gate = instance->wave ? &instance->wave->gate : NULL;
    PDMUS_KERNEL_EVENT held = NULL;
    KIRQL irql;
    swsynth_gate_close(gate);
    KeAcquireSpinLock(&instance->lock, &irql);
    if (instance->engine)
        synth_stop(instance->engine);
    instance->sysex.open = false;
    if (unmap)
        instance->mapped = false;
    else
        held = swsynth_take_held(instance);
    KeReleaseSpinLock(&instance->lock, irql);
    atomic_store(&instance->silent, true);
    swsynth_gate_open(gate);
    swsynth_return(instance, held);
    swsynth_collect(instance);
}

NTSTATUS swsynth_instance_create(struct swsynth_miniport *miniport, PAllocatorMXF allocator, PMASTERCLOCK clock,
                                 struct swsynth_instance **out)
{
    *out = NULL;
    struct swsynth_instance *instance = ExAllocatePoolWithTag(NonPagedPool, sizeof *instance, SWSYNTH_TAG);
    if (!instance)
        return STATUS_INSUFFICIENT_RESOURCES;
    RtlZeroMemory(instance, sizeof *instance);
    instance->miniport = miniport;
    instance->number = ++miniport->instances;
    instance->allocator = allocator;
    instance->clock = clock;
    COM_ADDREF(allocator);
    COM_ADDREF(clock);
    KeInitializeSpinLock(&instance->lock);
    instance->config = (DMUS_SYNTHCONFIG){.dwSize = sizeof instance->config, .dwProfile = miniport->profile, .dwDither = 2};
    RtlCopyMemory(instance->volume, swsynth_profiles[miniport->profile].volume, sizeof instance->volume);
    /* Defaults of GUID_DMUS_PROP_WavesReverb, spec/ddi-kernel.md 6.4. */
    instance->reverb = (struct synth_reverb){.in_gain_db = 0, .mix_db = -10, .time_ms = 1000, .hf_ratio = 0.001f};
    atomic_store(&instance->silent, true);
    swsynth_collect_init(instance);
    *out = instance;
    return STATUS_SUCCESS;
}

void swsynth_instance_destroy(struct swsynth_instance *instance)
{
    KIRQL irql;
    KeAcquireSpinLock(&instance->lock, &irql);
    PDMUS_KERNEL_EVENT held = swsynth_take_held(instance);
    KeReleaseSpinLock(&instance->lock, irql);
    swsynth_return(instance, held);
    swsynth_drop_downloads(instance);
    synth_destroy(instance->engine);
    if (instance->sysex.bytes)
        ExFreePoolWithTag(instance->sysex.bytes, SWSYNTH_TAG);
    COM_RELEASE(instance->clock);
    COM_RELEASE(instance->allocator);
    ExFreePoolWithTag(instance, SWSYNTH_TAG);
}
