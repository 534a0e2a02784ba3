/* SPDX-License-Identifier: MIT */
#include "alsa_format.h"

#include <string.h>

#include "base/alloc.h"
#include "convert.h"

static const struct {
    snd_pcm_format_t format;
    enum sample_format told;
} choices[] = {
    {SND_PCM_FORMAT_FLOAT, SAMPLE_F32}, {SND_PCM_FORMAT_S32, SAMPLE_S24}, {SND_PCM_FORMAT_S24, SAMPLE_S24},
    {SND_PCM_FORMAT_S24_3LE, SAMPLE_S24}, {SND_PCM_FORMAT_S16, SAMPLE_S16},
};

int alsa_format_choose(struct alsa_format *format, snd_pcm_t *pcm, snd_pcm_hw_params_t *hw, uint32_t channels)
{
    size_t i = 0;
    unsigned card = channels;
    while (i < sizeof choices / sizeof choices[0] && snd_pcm_hw_params_test_format(pcm, hw, choices[i].format))
        i++;
    if (i == sizeof choices / sizeof choices[0])
        return -EINVAL;
    int error = snd_pcm_hw_params_set_format(pcm, hw, choices[i].format);
    if (error == 0 && snd_pcm_hw_params_test_channels(pcm, hw, card)) {
        card = 2;
        error = snd_pcm_hw_params_set_channels_min(pcm, hw, &card);
        error = error < 0 ? error : snd_pcm_hw_params_set_channels_first(pcm, hw, &card);
    } else if (error == 0) {
        error = snd_pcm_hw_params_set_channels(pcm, hw, card);
    }
    format->format = choices[i].format;
    format->told = choices[i].told;
    format->channels = channels;
    format->card_channels = card;
    format->frame_bytes = card * (uint32_t)snd_pcm_format_physical_width(choices[i].format) / 8;
    return error;
}

bool alsa_format_begin(struct alsa_format *format, uint32_t frames)
{
    format->wide = dm_calloc((size_t)frames * format->channels, sizeof *format->wide);
    format->frames = dm_calloc(frames, format->frame_bytes);
    return format->wide && format->frames;
}

void alsa_format_end(struct alsa_format *format)
{
    dm_free(format->wide);
    dm_free(format->frames);
    format->wide = NULL;
    format->frames = NULL;
}

/* One 24-bit sample at the top of 32 bits. */
static void put_wide(char *to, snd_pcm_format_t format, int32_t sample)
{
    int32_t low = sample >> 8;
    switch (format) {
    case SND_PCM_FORMAT_S32: memcpy(to, &sample, 4); break;
    case SND_PCM_FORMAT_S24: memcpy(to, &low, 4); break;
    default: /* S24_3LE */
        to[0] = (char)(low & 0xFF);
        to[1] = (char)(low >> 8 & 0xFF);
        to[2] = (char)(low >> 16 & 0xFF);
    }
}

static void spread_wide(struct alsa_format *format, uint32_t count)
{
    const uint32_t bytes = format->frame_bytes / format->card_channels;
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t c = 0; c < format->card_channels; c++) {
            bool heard = c < format->channels || (format->channels == 1 && c == 1);
            uint32_t from = c < format->channels ? c : 0;
            put_wide(format->frames + (size_t)i * format->frame_bytes + (size_t)c * bytes, format->format,
                     heard ? format->wide[(size_t)i * format->channels + from] : 0);
        }
}

/* SIZE bytes per sample, as they are. */
static const void *spread(struct alsa_format *format, const char *samples, uint32_t count, uint32_t size)
{
    if (format->channels == format->card_channels)
        return samples;
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t c = 0; c < format->card_channels; c++) {
            char *to = format->frames + (size_t)i * format->frame_bytes + (size_t)c * size;
            if (c < format->channels || (format->channels == 1 && c == 1))
                memcpy(to, samples + ((size_t)i * format->channels + (c < format->channels ? c : 0)) * size, size);
            else
                memset(to, 0, size);
        }
    return format->frames;
}

const void *alsa_format_convert(struct alsa_format *format, const void *source, uint32_t count, bool is_float)
{
    const size_t samples = (size_t)count * format->channels;
    if (format->format == SND_PCM_FORMAT_FLOAT) {
        if (!is_float)
            convert_s16_f32((float *)format->wide, source, samples);
        return spread(format, is_float ? source : (const void *)format->wide, count, sizeof(float));
    }
    if (format->format == SND_PCM_FORMAT_S16) {
        if (is_float)
            convert_f32_s16((int16_t *)format->wide, source, samples);
        return spread(format, is_float ? (const void *)format->wide : source, count, sizeof(int16_t));
    }
    if (is_float)
        convert_f32_s24(format->wide, source, samples);
    else
        convert_s16_s24(format->wide, source, samples);
    spread_wide(format, count);
    return format->frames;
}
