/* SPDX-License-Identifier: MIT */
#include "synth_impl.h"
#include "user.h"

#include "base/alloc.h"
#include "base/cpu.h"
#include "workers.h"

#define ENGINE_ALIGNMENT 64u

static void *engine_alloc(void *ctx, size_t size)
{
    (void)ctx;
    return dm_calloc_aligned(ENGINE_ALIGNMENT, size);
}

static void engine_free(void *ctx, void *block)
{
    (void)ctx;
    dm_free_aligned(block);
}

static const struct synth_memory engine_memory = {.alloc = engine_alloc, .free = engine_free};

HRESULT synth_status_to_hresult(enum synth_status status)
{
    switch (status) {
    case SYNTH_OK: return S_OK;
    case SYNTH_NOMEM: return E_OUTOFMEMORY;
    case SYNTH_BAD_ARGUMENT: return E_INVALIDARG;
    case SYNTH_UNKNOWN_DOWNLOAD: return DMUS_E_UNKNOWNDOWNLOAD;
    case SYNTH_BAD_OFFSET_TABLE: return DMUS_E_BADOFFSETTABLE;
    case SYNTH_BAD_INSTRUMENT: return DMUS_E_BADINSTRUMENT;
    case SYNTH_BAD_ARTICULATION: return DMUS_E_BADARTICULATION;
    case SYNTH_NO_ARTICULATION: return DMUS_E_NOARTICULATION;
    case SYNTH_BAD_WAVE: return DMUS_E_BADWAVE;
    case SYNTH_NOT_PCM: return DMUS_E_NOTPCM;
    case SYNTH_NOT_MONO: return DMUS_E_NOTMONO;
    case SYNTH_BAD_WAVE_LINK: return DMUS_E_BADWAVELINK;
    case SYNTH_NOT_FOUND:
    case SYNTH_BUSY: return E_FAIL;
    }
    return E_UNEXPECTED;
}

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
    uint32_t level = 0;
    if (config->dwSimd == DMUS_SIMD_BEST)
        return cpu_usable();
    cpu_level(config->dwSimd - DMUS_SIMD_C, &level);
    return cpu_features() & level;
}

/* [lock] */
static HRESULT create_engine(struct synth_object *synth, const struct port_params *params)
{
    const struct port_profile *profile = &port_profiles[synth->config.dwProfile];
    struct synth_config config = {
        .sample_rate = params->rate,
        .channels = params->channels,
        .voices = params->voices,
        .groups = params->groups,
        .effects = params->effects,
        .profile = synth->config.dwProfile == DMUS_PROFILE_STUDIO ? SYNTH_STUDIO : SYNTH_NATIVE,
        .bare_instruments = user_bare_instruments(),
        .interpolation = engine_interpolation(&synth->config),
        .dither = synth->config.dwDither == 2 ? profile->dither : synth->config.dwDither != 0,
        .cpu = engine_cpu(&synth->config),
    };
    struct workers *workers = workers_create(synth->config.dwThreads);
    if (workers)
        config.workers = (struct synth_workers){workers_run, workers, workers_count(workers)};
    struct synth *engine;
    enum synth_status status = synth_create(&config, &engine_memory, &engine);
    if (status != SYNTH_OK) {
        workers_destroy(workers);
        return synth_status_to_hresult(status);
    }
    synth_set_volume(engine, 0, synth->volume[0]);
    synth_set_volume(engine, 1, synth->volume[1]);
    synth_set_reverb(engine, &synth->reverb);
    synth->engine = engine;
    synth->workers = workers;
    synth->params = *params;
    synth->opened_once = true;
    meter_start(&synth->meter, params->rate, 0);
    atomic_store(&synth->silent, true);
    return S_OK;
}

/* [lock] */
static HRESULT open_with(struct synth_object *synth, DMUS_PORTPARAMS *request)
{
    struct port_params chosen;
    if (synth->engine)
        return DMUS_E_ALREADYOPEN;
    HRESULT result = port_negotiate(&port_profiles[synth->config.dwProfile], request, &chosen);
    HRESULT hr = FAILED(result) ? result : create_engine(synth, &chosen);
    if (FAILED(hr))
        return hr;
    atomic_fetch_or(&synth->gate, GATE_OPEN);
    return result;
}

HRESULT STDMETHODCALLTYPE synth_Open(IDirectMusicSynth8 *iface, DMUS_PORTPARAMS *params)
{
    struct synth_object *synth = impl_from_IDirectMusicSynth8(iface);
    DMUS_PORTPARAMS answer; /* a refusal leaves the host's structure as it was */
    if (params && params->dwSize < sizeof(DMUS_PORTPARAMS7))
        return E_INVALIDARG;
    size_t size = !params ? 0 : params->dwSize < sizeof answer ? sizeof(DMUS_PORTPARAMS7) : sizeof answer;
    if (params)
        memcpy(&answer, params, size);
    os_mutex_lock(&synth->lock);
    HRESULT hr = open_with(synth, params ? &answer : NULL);
    os_mutex_unlock(&synth->lock);
    if (params && SUCCEEDED(hr))
        memcpy(params, &answer, size);
    return hr;
}

void synth_wait_render(struct synth_object *synth)
{
    while (atomic_load(&synth->in_flight) && !os_ending())
        os_sleep_ms(1);
}

/* [lock] The report stays readable after Close. */
static void keep_report(struct synth_object *synth)
{
    synth_get_stats(synth->engine, &synth->last_stats);
    synth->last_stats.voices = 0;
    synth->last_stats.queued_events = 0;
    uint32_t count = 0;
    while (count < MISSING_KEPT && synth_get_missing(synth->engine, count, &synth->last_missing[count]))
        count++;
    synth->last_missing_count = count;
}

/* [lock] Close gives every download up. Unloads that wait for a voice or an instrument are answered now; a handle that was
 * never unloaded owes nobody an answer. */
static void drop_downloads(struct synth_object *synth)
{
    synth_reset(synth->engine);
    struct synth_download *download;
    while ((download = synth_next_download(synth->engine, NULL)) != NULL) {
        struct unload_request *request = synth->spare;
        assert(request);
        synth->spare = request->next;
        *request = (struct unload_request){.handle = download};
        synth->retired++;
        if (synth_unload(synth->engine, download, request) != SYNTH_OK) {
            dm_free(request);
            synth->retired--;
            break;
        }
    }
    synth_collect_finished(synth);
    assert(synth->retired == 0);
    while (synth->spare) {
        struct unload_request *request = synth->spare;
        synth->spare = request->next;
        dm_free(request);
    }
}

HRESULT synth_shut(struct synth_object *synth)
{
    if (os_ending())
        return S_OK;
    os_mutex_lock(&synth->lock);
    if (!synth->engine) {
        os_mutex_unlock(&synth->lock);
        return DMUS_E_ALREADYCLOSED;
    }
    atomic_fetch_and(&synth->gate, ~GATE_OPEN);
    synth_wait_render(synth);
    keep_report(synth);
    drop_downloads(synth);
    synth_destroy(synth->engine);
    synth->engine = NULL;
    workers_destroy(synth->workers);
    synth->workers = NULL;
    synth_unlock_and_call_back(synth);
    return S_OK;
}

HRESULT STDMETHODCALLTYPE synth_Close(IDirectMusicSynth8 *iface)
{
    return synth_shut(impl_from_IDirectMusicSynth8(iface));
}

HRESULT STDMETHODCALLTYPE synth_SetNumChannelGroups(IDirectMusicSynth8 *iface, DWORD groups)
{
    struct synth_object *synth = impl_from_IDirectMusicSynth8(iface);
    HRESULT hr = DMUS_E_SYNTHNOTCONFIGURED;
    os_mutex_lock(&synth->lock);
    if (synth->engine) {
        bool allowed = groups >= 1 && groups <= port_profiles[synth->config.dwProfile].groups_max;
        hr = allowed && synth_set_groups(synth->engine, groups) == SYNTH_OK ? S_OK : E_FAIL;
        if (SUCCEEDED(hr))
            synth->params.groups = groups;
    }
    os_mutex_unlock(&synth->lock);
    return hr;
}

HRESULT STDMETHODCALLTYPE synth_SetChannelPriority(IDirectMusicSynth8 *iface, DWORD group, DWORD channel, DWORD priority)
{
    struct synth_object *synth = impl_from_IDirectMusicSynth8(iface);
    HRESULT hr = DMUS_E_SYNTHNOTCONFIGURED;
    os_mutex_lock(&synth->lock);
    if (synth->engine)
        hr = synth_set_channel_priority(synth->engine, group, channel, priority) == SYNTH_OK ? S_OK : E_FAIL;
    os_mutex_unlock(&synth->lock);
    return hr;
}

HRESULT STDMETHODCALLTYPE synth_GetChannelPriority(IDirectMusicSynth8 *iface, DWORD group, DWORD channel, DWORD *priority)
{
    struct synth_object *synth = impl_from_IDirectMusicSynth8(iface);
    HRESULT hr = DMUS_E_SYNTHNOTCONFIGURED;
    uint32_t value = 0;
    if (!priority)
        return E_POINTER;
    os_mutex_lock(&synth->lock);
    if (synth->engine)
        hr = synth_get_channel_priority(synth->engine, group, channel, &value) == SYNTH_OK ? S_OK : E_FAIL;
    os_mutex_unlock(&synth->lock);
    if (SUCCEEDED(hr))
        *priority = value;
    return hr;
}

HRESULT STDMETHODCALLTYPE synth_GetPortCaps(IDirectMusicSynth8 *iface, DMUS_PORTCAPS *caps)
{
    struct synth_object *synth = impl_from_IDirectMusicSynth8(iface);
    if (!caps || caps->dwSize < sizeof *caps)
        return E_INVALIDARG;
    os_mutex_lock(&synth->lock);
    DWORD chosen = synth->config.dwProfile;
    os_mutex_unlock(&synth->lock);
    const struct port_profile *profile = &port_profiles[chosen];
    caps->dwFlags = profile->caps_flags;
    caps->guidPort = *synth->class;
    caps->dwClass = DMUS_PC_OUTPUTCLASS;
    caps->dwType = DMUS_PORT_USER_MODE_SYNTH;
    caps->dwMemorySize = DMUS_PC_SYSTEMMEMORY;
    caps->dwMaxChannelGroups = profile->groups_max;
    caps->dwMaxVoices = profile->voices_max;
    caps->dwMaxAudioChannels = 2;
    caps->dwEffectFlags = profile->effects;
    /* Beside Microsoft's, a user must be able to tell the two. */
    bool own_name = !guid_is(synth->class, &CLSID_DirectMusicSynth);
    const char *description = port_profiles[own_name ? DMUS_PROFILE_STUDIO : chosen].description;
    memset(caps->wszDescription, 0, sizeof caps->wszDescription);
    for (size_t i = 0; description[i]; i++)
        caps->wszDescription[i] = (WCHAR)description[i];
    return S_OK;
}

HRESULT STDMETHODCALLTYPE synth_GetFormat(IDirectMusicSynth8 *iface, WAVEFORMATEX *format, DWORD *size)
{
    struct synth_object *synth = impl_from_IDirectMusicSynth8(iface);
    if (!size)
        return E_POINTER;
    os_mutex_lock(&synth->lock);
    bool open = synth->engine != NULL;
    struct port_params params = synth->params;
    os_mutex_unlock(&synth->lock);
    if (!open)
        return DMUS_E_SYNTHNOTCONFIGURED;
    WAVEFORMATEX full = {.wFormatTag = WAVE_FORMAT_PCM,
                         .nChannels = (WORD)params.channels,
                         .nSamplesPerSec = params.rate,
                         .nAvgBytesPerSec = params.rate * params.channels * 2,
                         .nBlockAlign = (WORD)(params.channels * 2),
                         .wBitsPerSample = 16};
    if (format)
        memcpy(format, &full, *size < sizeof full ? *size : sizeof full);
    *size = sizeof full;
    return S_OK;
}

HRESULT STDMETHODCALLTYPE synth_GetAppend(IDirectMusicSynth8 *iface, DWORD *append)
{
    (void)iface;
    if (!append)
        return E_POINTER;
    *append = 2; /* samples; native-behaviour.md 26 */
    return S_OK;
}
