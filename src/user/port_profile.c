/* SPDX-License-Identifier: MIT */
#include "port_profile.h"

#include "com.h"

#define FEATURES_KNOWN (DMUS_PORT_FEATURE_AUDIOPATH | DMUS_PORT_FEATURE_STREAMING)

const struct port_profile port_profiles[2] = {
    [DMUS_PROFILE_NATIVE] =
        {
            .voices_max = 1000,
            .groups_max = 1000,
            .rate_min = 11025,
            .rate_max = 96000,
            .effects = DMUS_EFFECT_REVERB,
            .defaults = {.voices = 32, .groups = 2, .channels = 2, .rate = 22050, .effects = DMUS_EFFECT_REVERB},
            .volume = {0, 600},
            .caps_flags = DMUS_PC_DLS | DMUS_PC_DLS2 | DMUS_PC_SOFTWARESYNTH | DMUS_PC_DIRECTSOUND | DMUS_PC_AUDIOPATH |
                          DMUS_PC_WAVE,
            .description = "Microsoft Synthesizer",
            .dither = false,
        },
    [DMUS_PROFILE_STUDIO] =
        {
            .voices_max = 16384,
            .groups_max = 1000,
            .rate_min = 8000,
            .rate_max = 192000,
            .effects = DMUS_EFFECT_REVERB | DMUS_EFFECT_CHORUS,
            .defaults = {.voices = 256,
                         .groups = 2,
                         .channels = 2,
                         .rate = 48000,
                         .effects = DMUS_EFFECT_REVERB | DMUS_EFFECT_CHORUS},
            .volume = {0, 0},
            .caps_flags = DMUS_PC_DLS | DMUS_PC_DLS2 | DMUS_PC_SOFTWARESYNTH | (SINK_NEEDS_DSOUND ? DMUS_PC_DIRECTSOUND : 0) |
                          DMUS_PC_AUDIOPATH | DMUS_PC_WAVE,
            .description = "OpenDMus Synthesizer",
            .dither = true,
        },
};

static DWORD clamp(DWORD value, DWORD low, DWORD high)
{
    return value < low ? low : value > high ? high : value;
}

/* One parameter: the default, or what was asked for within [low, high]. */
static DWORD choose(DWORD valid, DWORD bit, DWORD asked, DWORD fallback, DWORD low, DWORD high, bool *altered)
{
    if (!(valid & bit))
        return fallback;
    DWORD value = clamp(asked, low, high);
    *altered |= value != asked;
    return value;
}

static DWORD choose_bits(DWORD valid, DWORD bit, DWORD asked, DWORD fallback, DWORD known, bool *altered)
{
    if (!(valid & bit))
        return fallback;
    *altered |= (asked & ~known) != 0;
    return asked & known;
}

static void write_back(DMUS_PORTPARAMS *request, const struct port_params *params)
{
    request->dwValidParams = DMUS_PORTPARAMS_VOICES | DMUS_PORTPARAMS_CHANNELGROUPS | DMUS_PORTPARAMS_AUDIOCHANNELS |
                             DMUS_PORTPARAMS_SAMPLERATE | DMUS_PORTPARAMS_EFFECTS | DMUS_PORTPARAMS_SHARE;
    request->dwVoices = params->voices;
    request->dwChannelGroups = params->groups;
    request->dwAudioChannels = params->channels;
    request->dwSampleRate = params->rate;
    request->dwEffectFlags = params->effects;
    request->fShare = FALSE;
    if (request->dwSize >= sizeof(DMUS_PORTPARAMS8)) {
        request->dwValidParams |= DMUS_PORTPARAMS_FEATURES;
        request->dwFeatures = params->features;
    }
}

HRESULT port_negotiate(const struct port_profile *profile, DMUS_PORTPARAMS *request, struct port_params *out)
{
    const struct port_params *d = &profile->defaults;
    bool altered = false;
    *out = *d;
    if (!request)
        return S_OK;
    if (request->dwSize < sizeof(DMUS_PORTPARAMS7))
        return E_INVALIDARG;
    DWORD valid = request->dwValidParams;
    out->voices =
        choose(valid, DMUS_PORTPARAMS_VOICES, request->dwVoices, d->voices, 1, profile->voices_max, &altered);
    out->groups = choose(valid, DMUS_PORTPARAMS_CHANNELGROUPS, request->dwChannelGroups, d->groups, 1, profile->groups_max,
                         &altered);
    out->channels = choose(valid, DMUS_PORTPARAMS_AUDIOCHANNELS, request->dwAudioChannels, d->channels, 1, 2, &altered);
    out->rate = choose(valid, DMUS_PORTPARAMS_SAMPLERATE, request->dwSampleRate, d->rate, profile->rate_min,
                       profile->rate_max, &altered);
    out->effects =
        choose_bits(valid, DMUS_PORTPARAMS_EFFECTS, request->dwEffectFlags, d->effects, profile->effects, &altered);
    if (valid & DMUS_PORTPARAMS_SHARE)
        altered |= request->fShare != FALSE;
    if (request->dwSize >= sizeof(DMUS_PORTPARAMS8))
        out->features = choose_bits(valid, DMUS_PORTPARAMS_FEATURES, request->dwFeatures, d->features, FEATURES_KNOWN,
                                    &altered);
    write_back(request, out);
    return altered ? S_FALSE : S_OK;
}
