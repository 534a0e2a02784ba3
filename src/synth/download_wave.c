/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "downloads.h"

/* DMUS_WAVE (spec/ddi-user.md 4.4): WAVEFORMATEX at 12, read up to wBitsPerSample. */
enum {
    WAVE_DATA_INDEX = 8,
    WAVE_FORMAT = 12,
    WAVE_CHANNELS = 14,
    WAVE_RATE = 16,
    WAVE_BLOCK = 24,
    WAVE_BITS = 26,
    WAVE_SIZE = 28,
    WAVEDATA_BYTES = 4
};

/* Far above any sound, low enough that pitch arithmetic keeps its precision. */
#define RATE_MAX 1000000u

static bool native_is_big_endian(void)
{
    const uint16_t probe = 1;
    uint8_t first;
    memcpy(&first, &probe, 1);
    return first == 0;
}

/* 16-bit samples in the host's byte order at an even address. */
static enum synth_status copy_samples(const struct synth_memory *mem, const uint8_t *data, struct synth_download *download)
{
    size_t frames = download->wave.frames;
    int16_t *copy = mem->alloc(mem->ctx, frames ? frames * sizeof *copy : sizeof *copy);
    if (!copy)
        return SYNTH_NOMEM;
    for (size_t i = 0; i < frames; i++)
        copy[i] = (int16_t)load_le16(data + 2 * i);
    download->samples = copy;
    download->wave.samples = copy;
    return SYNTH_OK;
}

enum synth_status download_wave_format(const struct image *image, uint32_t index, struct wave *wave, uint32_t *data_index)
{
    struct span root;
    enum synth_status status = image_object(image, index, WAVE_SIZE, SYNTH_BAD_WAVE, &root);
    if (status != SYNTH_OK)
        return status;
    unsigned bits = load_le16(root.data + WAVE_BITS);
    uint32_t rate = load_le32(root.data + WAVE_RATE);
    if (load_le16(root.data + WAVE_FORMAT) != 1)
        return SYNTH_NOT_PCM;
    if (load_le16(root.data + WAVE_CHANNELS) != 1)
        return SYNTH_NOT_MONO;
    if ((bits != 8 && bits != 16) || load_le16(root.data + WAVE_BLOCK) != bits / 8 || rate == 0 || rate > RATE_MAX)
        return SYNTH_BAD_WAVE;
    wave->eight_bit = bits == 8;
    wave->sample_rate = rate;
    wave->download_id = image->id;
    *data_index = load_le32(root.data + WAVE_DATA_INDEX);
    return SYNTH_OK;
}

enum synth_status download_wave_samples(const struct synth_memory *mem, const uint8_t *data, struct synth_download *download)
{
    struct wave *wave = &download->wave;
    wave->samples = data;
    if (!wave->eight_bit && (native_is_big_endian() || (uintptr_t)data % _Alignof(int16_t) != 0))
        return copy_samples(mem, data, download);
    return SYNTH_OK;
}

enum synth_status download_wave(const struct synth_memory *mem, const struct image *image, struct synth_download *download)
{
    struct span data;
    uint32_t data_index;
    struct wave *wave = &download->wave;
    enum synth_status status = download_wave_format(image, 0, wave, &data_index);
    if (status != SYNTH_OK)
        return status;
    if (data_index == 0)
        return SYNTH_BAD_WAVE;
    status = image_object(image, data_index, WAVEDATA_BYTES, SYNTH_BAD_WAVE, &data);
    if (status != SYNTH_OK)
        return status;
    uint32_t bytes = load_le32(data.data);
    if (bytes > data.size - WAVEDATA_BYTES)
        return SYNTH_BAD_WAVE;
    wave->frames = wave->eight_bit ? bytes : bytes / 2;
    download->bytes = bytes;
    return download_wave_samples(mem, data.data + WAVEDATA_BYTES, download);
}
