/* SPDX-License-Identifier: MIT */
#include "wav_stream.h"

#include <string.h>

#include "base/bytes.h"
#include "base/text.h"

static const uint32_t unknown_length = 0xFFFFFFFF;

static uint8_t *put_chunk(uint8_t *at, const char *id, uint32_t size)
{
    memcpy(at, id, 4);
    store_le32(at + 4, size);
    return at + 8;
}

/* A string of a LIST INFO: NUL-terminated, padded to even. */
static uint8_t *put_info(uint8_t *at, const char *id, const char *text)
{
    if (!text || !*text)
        return at;
    size_t length = text_cut(text, strlen(text), 1000), size = length + 1, padded = size + (size & 1);
    at = put_chunk(at, id, (uint32_t)size);
    memset(at, 0, padded);
    memcpy(at, text, length);
    return at + padded;
}

static uint8_t *put_format(uint8_t *at, const struct audio_config *config)
{
    bool is_float = config->format == SAMPLE_F32;
    uint32_t bytes = config->format == SAMPLE_S16 ? 2 : config->format == SAMPLE_S24 ? 3 : 4;
    uint32_t frame = bytes * config->channels;
    at = put_chunk(at, "fmt ", is_float ? 18 : 16);
    store_le16(at, is_float ? 3 : 1); /* WAVE_FORMAT_IEEE_FLOAT, WAVE_FORMAT_PCM */
    store_le16(at + 2, (uint16_t)config->channels);
    store_le32(at + 4, config->sample_rate);
    store_le32(at + 8, config->sample_rate * frame);
    store_le16(at + 12, (uint16_t)frame);
    store_le16(at + 14, (uint16_t)(bytes * 8));
    at += 16;
    if (is_float) {
        store_le16(at, 0); /* no extension */
        at = put_chunk(at + 2, "fact", 4);
        store_le32(at, unknown_length);
        at += 4;
    }
    return at;
}

size_t wav_stream_head(const struct audio_config *config, uint8_t *out)
{
    uint8_t *at = put_chunk(out, "RIFF", unknown_length);
    memcpy(at, "WAVE", 4);
    at = put_format(at + 4, config);

    uint8_t *list = at, *first = put_chunk(list, "LIST", 0) + 4;
    memcpy(first - 4, "INFO", 4);
    at = put_info(first, "INAM", config->title);
    at = put_info(at, "ISFT", config->software);
    at = put_info(at, "ICMT", config->comment);
    if (at == first)
        at = list;
    else
        store_le32(list + 4, (uint32_t)(at - first) + 4);
    return (size_t)(put_chunk(at, "data", unknown_length) - out);
}

size_t wav_stream_pack(enum sample_format format, void *samples, size_t count)
{
    uint8_t *out = samples;
    for (size_t i = 0; i < count; i++) {
        const uint8_t *in = (const uint8_t *)samples + i * (format == SAMPLE_S16 ? 2u : 4u);
        if (format == SAMPLE_S16) {
            int16_t value;
            memcpy(&value, in, sizeof value);
            store_le16(out + 2 * i, (uint16_t)value);
        } else {
            uint32_t word;
            memcpy(&word, in, sizeof word);
            if (format == SAMPLE_F32)
                store_le32(out + 4 * i, word);
            else
                for (size_t k = 0; k < 3; k++)
                    out[3 * i + k] = (uint8_t)(word >> (8 + 8 * k));
        }
    }
    return count * (format == SAMPLE_S16 ? 2u : format == SAMPLE_S24 ? 3u : 4u);
}
