/* SPDX-License-Identifier: MIT */
#include "synth_impl.h"

#include <math.h>

static LONG volume_of_peak(float peak)
{
    double db = peak > 0 ? 2000.0 * log10((double)peak) : DMUS_VOLUME_MIN;
    return db < DMUS_VOLUME_MIN ? DMUS_VOLUME_MIN : (LONG)lrint(db);
}

/* Averages are those of the last whole second of sound; before the first one is over only the memory is known. */
HRESULT STDMETHODCALLTYPE synth_GetRunningStats(IDirectMusicSynth8 *iface, DMUS_SYNTHSTATS *stats)
{
    struct synth_object *synth = impl_from_IDirectMusicSynth8(iface);
    struct synth_stats engine;
    if (!stats)
        return E_POINTER;
    if (stats->dwSize < sizeof(DMUS_SYNTHSTATS))
        return E_INVALIDARG;
    os_mutex_lock(&synth->lock);
    bool open = synth->engine != NULL;
    if (open)
        synth_get_stats(synth->engine, &engine);
    synth_unlock_and_call_back(synth);
    if (!open)
        return DMUS_E_SYNTHNOTCONFIGURED;
    const struct meter *meter = &synth->meter;
    DWORD size = stats->dwSize;
    memset(stats, 0, sizeof *stats);
    stats->dwSize = size;
    stats->dwValidStats = DMUS_SYNTHSTATS_FREE_MEMORY;
    stats->dwFreeMemory = DMUS_SYNTHSTATS_SYSTEMMEMORY;
    if (atomic_load_explicit(&meter->valid, memory_order_acquire)) {
        stats->dwValidStats |= DMUS_SYNTHSTATS_VOICES | DMUS_SYNTHSTATS_TOTAL_CPU | DMUS_SYNTHSTATS_CPU_PER_VOICE |
                               DMUS_SYNTHSTATS_LOST_NOTES | DMUS_SYNTHSTATS_PEAK_VOLUME;
        stats->dwVoices = atomic_load_explicit(&meter->voices, memory_order_relaxed);
        stats->dwTotalCPU = atomic_load_explicit(&meter->cpu, memory_order_relaxed);
        stats->dwCPUPerVoice = atomic_load_explicit(&meter->cpu_per_voice, memory_order_relaxed);
        stats->dwLostNotes = atomic_load_explicit(&meter->lost, memory_order_relaxed);
        stats->lPeakVolume =
            volume_of_peak(meter_from_bits(atomic_load_explicit(&meter->peak, memory_order_relaxed)));
    }
    if (size >= sizeof(DMUS_SYNTHSTATS8)) {
        DWORD used = engine.wave_bytes < UINT32_MAX ? (DWORD)engine.wave_bytes : UINT32_MAX;
        ((DMUS_SYNTHSTATS8 *)stats)->dwSynthMemUse = used;
    }
    return S_OK;
}
