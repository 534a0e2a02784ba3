/* SPDX-License-Identifier: MIT */
/* fmt: what the bytes of a wave mean (spec/dls.md 1.8). */
#include "formats/dls_adpcm.h"
#include "formats/dls_reader.h"

enum { TAG_PCM = 1, TAG_MSADPCM = 2, TAG_FLOAT = 3, TAG_ALAW = 6, TAG_MULAW = 7, TAG_EXTENSIBLE = 0xFFFE };
enum { FORMAT_SIZE = 14, EXTENSIBLE_SIZE = 40, RATE_LIMIT = 384000, RATE_UNKNOWN = 22050, CHANNEL_LIMIT = 256 };

/* The tail that every sub-format GUID made from a tag has: 0000-0010-8000-00AA00389B71. */
static const uint8_t tag_guid_tail[12] = {0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0xAA, 0x00, 0x38, 0x9B, 0x71};

/* Tag, looked up in the sub-format if it is WAVE_FORMAT_EXTENSIBLE. A cut extension counts as PCM. */
static uint32_t format_tag(struct span format)
{
    uint32_t tag = load_le16(format.data);
    if (tag != TAG_EXTENSIBLE)
        return tag;
    if (format.size < EXTENSIBLE_SIZE)
        return TAG_PCM;
    const uint8_t *guid = format.data + 24;
    for (size_t i = 0; i < sizeof tag_guid_tail; i++)
        if (guid[4 + i] != tag_guid_tail[i])
            return TAG_EXTENSIBLE;
    return load_le32(guid);
}

/* Bytes of one sample of one channel. The old form of fmt has no bit count, and 24 bits may stand in 32. */
static unsigned sample_bytes(struct span format, unsigned channels, unsigned align)
{
    unsigned container = align % channels == 0 ? align / channels : 0;
    unsigned bits = format.size >= 16 ? load_le16(format.data + 14) : 0;
    unsigned bytes = bits ? (bits + 7) / 8 : container;
    return bytes == 3 && container == 4 ? 4 : bytes;
}

static bool pick_codec(struct dls_wave *wave, uint32_t tag, unsigned bytes)
{
    static const enum dls_codec integers[] = {DLS_PCM_U8, DLS_PCM_S16, DLS_PCM_S24, DLS_PCM_S32};
    switch (tag) {
    case TAG_PCM:
        if (bytes < 1 || bytes > 4)
            return false;
        wave->codec = integers[bytes - 1];
        break;
    case TAG_FLOAT:
        if (bytes != 4)
            return false;
        wave->codec = DLS_FLOAT32;
        break;
    case TAG_ALAW:
    case TAG_MULAW:
        bytes = 1;
        wave->codec = tag == TAG_ALAW ? DLS_ALAW : DLS_MULAW;
        break;
    case TAG_MSADPCM:
        wave->codec = DLS_MSADPCM;
        return wave->block_align >= adpcm_header_size(wave->channels);
    default:
        return false;
    }
    wave->block_align = (uint16_t)(wave->channels * bytes); /* what the file says is often wrong */
    return true;
}

static uint64_t count_frames(const struct dls_wave *wave, uint32_t fact)
{
    if (wave->codec != DLS_MSADPCM)
        return wave->data.size / wave->block_align;
    uint64_t frames = adpcm_frames(wave);
    return fact > 0 && fact < frames ? fact : frames;
}

void dls_format_read(struct dls_reader *r, struct dls_wave *wave, uint32_t fact)
{
    const uint8_t *p = wave->format.data;
    if (wave->format.size < FORMAT_SIZE) {
        dls_note_loss(r, false, "no usable fmt chunk");
        return;
    }
    uint32_t tag = format_tag(wave->format);
    wave->channels = load_le16(p + 2);
    wave->sample_rate = load_le32(p + 4);
    wave->block_align = load_le16(p + 12);
    if (wave->channels == 0 || wave->channels > CHANNEL_LIMIT) {
        dls_note(r, "%u channels taken as 1", wave->channels);
        wave->channels = 1;
    }
    if (wave->sample_rate == 0 || wave->sample_rate > RATE_LIMIT) {
        uint32_t rate = wave->sample_rate ? RATE_LIMIT : RATE_UNKNOWN;
        dls_note(r, "sample rate of %u Hz taken as %u", wave->sample_rate, rate);
        wave->sample_rate = rate;
    }
    unsigned bytes = sample_bytes(wave->format, wave->channels, wave->block_align);
    if (!pick_codec(wave, tag, bytes)) {
        dls_note_loss(r, true, "sample format 0x%02x of %u bytes a sample cannot be played", tag, bytes);
        return;
    }
    uint64_t frames = count_frames(wave, fact);
    wave->frames = frames < UINT32_MAX ? (uint32_t)frames : UINT32_MAX;
    wave->usable = wave->frames > 0;
    if (!wave->usable)
        dls_note_loss(r, false, "no data");
}
