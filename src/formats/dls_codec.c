/* SPDX-License-Identifier: MIT */
/* Samples of every codec to signed 16 bit; only channel 0 is played (DLS 2.2 2.16.3). */
#include <string.h>

#include "formats/dls_adpcm.h"

static int16_t saturate(int64_t value)
{
    return (int16_t)(value > INT16_MAX ? INT16_MAX : value < INT16_MIN ? INT16_MIN : value);
}

static int16_t from_u8(const uint8_t *p) { return (int16_t)((p[0] - 128) * 256); }
static int16_t from_s16(const uint8_t *p) { return (int16_t)load_le16(p); }

/* To the nearest multiple of 2^16, halves upwards; the bias keeps the division on the positive side. */
static int16_t narrow(int32_t value) { return saturate(((int64_t)value + 0x80008000) / 0x10000 - 0x8000); }

static int16_t from_s24(const uint8_t *p)
{
    return narrow((int32_t)((uint32_t)p[0] << 8 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 24));
}
static int16_t from_s32(const uint8_t *p) { return narrow((int32_t)load_le32(p)); }

static int16_t from_float(const uint8_t *p)
{
    uint32_t bits = load_le32(p);
    float value;
    memcpy(&value, &bits, sizeof value);
    double scaled = (double)value * 32768.0;
    if (!(scaled > -32768.0)) /* NaN is silence */
        return scaled <= -32768.0 ? INT16_MIN : 0;
    if (scaled >= 32767.0)
        return INT16_MAX;
    return (int16_t)((int32_t)(scaled + 32768.5) - 32768);
}

/* G.711: 3 bits of exponent, 4 of mantissa. */
static int16_t from_alaw(const uint8_t *p)
{
    unsigned code = p[0] ^ 0x55u, exponent = code >> 4 & 7;
    int32_t value = (int32_t)((code & 15) << 4) + 8;
    if (exponent > 0)
        value = (value + 256) << (exponent - 1);
    return (int16_t)(code & 0x80 ? value : -value);
}

static int16_t from_mulaw(const uint8_t *p)
{
    unsigned code = ~(unsigned)p[0];
    int32_t value = (int32_t)((((code & 15) << 3) + 132) << (code >> 4 & 7)) - 132;
    return (int16_t)(code & 0x80 ? -value : value);
}

void dls_wave_decode(const struct dls_wave *wave, uint32_t first, uint32_t frames, int16_t *out)
{
    static int16_t (*const convert[])(const uint8_t *) = {
        [DLS_PCM_U8] = from_u8,   [DLS_PCM_S16] = from_s16,  [DLS_PCM_S24] = from_s24, [DLS_PCM_S32] = from_s32,
        [DLS_FLOAT32] = from_float, [DLS_ALAW] = from_alaw, [DLS_MULAW] = from_mulaw,
    };
    if (wave->codec == DLS_MSADPCM) {
        adpcm_decode(wave, first, frames, out);
        return;
    }
    const uint8_t *p = wave->data.data + (size_t)first * wave->block_align;
    if (wave->codec == DLS_PCM_S16) /* by far the most common, so without a call per sample */
        for (uint32_t i = 0; i < frames; i++, p += wave->block_align)
            out[i] = (int16_t)load_le16(p);
    else
        for (uint32_t i = 0; i < frames; i++, p += wave->block_align)
            out[i] = convert[wave->codec](p);
}
