/* SPDX-License-Identifier: MIT */
#include "kernel/portcls/format.h"
#include "kernel/wdm/pcm_format.h"

static ULONG least(ULONG a, ULONG b) { return a < b ? a : b; }
static ULONG most(ULONG a, ULONG b) { return a > b ? a : b; }

static NTSTATUS intersect_music(const KSDATARANGE *client, const KSDATARANGE *mine, void *out, ULONG *size)
{
    KSDATAFORMAT format = {0};
    if (guid_is(&mine->SubFormat, &GUID_NULL) && guid_is(&client->SubFormat, &GUID_NULL))
        return STATUS_NO_MATCH;
    format.FormatSize = sizeof format;
    format.MajorFormat = KSDATAFORMAT_TYPE_MUSIC;
    format.SubFormat = guid_is(&mine->SubFormat, &GUID_NULL) ? client->SubFormat : mine->SubFormat;
    format.Specifier = KSDATAFORMAT_SPECIFIER_NONE;
    memcpy(out, &format, sizeof format);
    *size = sizeof format;
    return STATUS_SUCCESS;
}

static NTSTATUS intersect_pcm(const KSDATARANGE_AUDIO *client, const KSDATARANGE_AUDIO *mine, void *out, ULONG *size)
{
    ULONG channels = least(2, least(client->MaximumChannels, mine->MaximumChannels));
    ULONG bits = least(client->MaximumBitsPerSample, mine->MaximumBitsPerSample) & ~7u;
    ULONG rate = least(client->MaximumSampleFrequency, mine->MaximumSampleFrequency);
    if (channels == 0 || bits == 0 || bits > 32 || bits < most(client->MinimumBitsPerSample, mine->MinimumBitsPerSample) ||
        rate == 0 || rate > 0xffffffffu / 8 || rate < most(client->MinimumSampleFrequency, mine->MinimumSampleFrequency))
        return STATUS_NO_MATCH;
    const KSDATAFORMAT_WAVEFORMATEX format = pcm_format(rate, channels, bits);
    memcpy(out, &format, sizeof format);
    *size = sizeof format;
    return STATUS_SUCCESS;
}

NTSTATUS format_intersect(const KSDATARANGE *client, const KSDATARANGE *mine, void *out, ULONG *size)
{
    _Static_assert(sizeof(KSDATAFORMAT_WAVEFORMATEX) <= FORMAT_INTERSECTION_MAX, "room for either format");
    const KSDATARANGE_AUDIO *client_audio = format_audio_range(client), *mine_audio = format_audio_range(mine);
    if (!format_guids_match(client, mine))
        return STATUS_NO_MATCH;
    if (guid_is(&mine->MajorFormat, &KSDATAFORMAT_TYPE_MUSIC))
        return intersect_music(client, mine, out, size);
    bool pcm = guid_is(&mine->SubFormat, &KSDATAFORMAT_SUBTYPE_PCM) || guid_is(&client->SubFormat, &KSDATAFORMAT_SUBTYPE_PCM);
    bool wave = guid_is(&mine->Specifier, &KSDATAFORMAT_SPECIFIER_WAVEFORMATEX) ||
                guid_is(&client->Specifier, &KSDATAFORMAT_SPECIFIER_WAVEFORMATEX);
    return client_audio && mine_audio && pcm && wave ? intersect_pcm(client_audio, mine_audio, out, size) : STATUS_NO_MATCH;
}
