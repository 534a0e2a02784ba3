/* SPDX-License-Identifier: MIT */
#include "formats/sf2_internal.h"

static struct span stream_of(const struct sf2_bank *bank, const struct sf2_sample *s)
{
    return (struct span){bank->pool.data + s->start, s->end - s->start};
}

uint32_t sf2_sample_frames(const struct sf2_bank *bank, uint32_t sample)
{
    if (sample >= bank->sample_count || !bank->samples[sample].usable)
        return 0;
    const struct sf2_sample *s = &bank->samples[sample];
    return s->vorbis ? sf2_vorbis_frames(stream_of(bank, s)) : s->end - s->start;
}

static void decode16(const struct sf2_bank *bank, size_t from, uint32_t frames, int16_t *out)
{
    const uint8_t *words = bank->pool.data + 2 * from;
    for (uint32_t i = 0; i < frames; i++)
        out[i] = (int16_t)load_le16(words + 2 * (size_t)i);
}

/* Half a step is bit 7 of the low byte, whatever the sign: 24-bit words are two's complement. */
static void decode24(const struct sf2_bank *bank, size_t from, uint32_t frames, int16_t *out)
{
    const uint8_t *words = bank->pool.data + 2 * from, *low = bank->pool24.data + from;
    for (uint32_t i = 0; i < frames; i++) {
        int value = (int16_t)load_le16(words + 2 * (size_t)i) + (low[i] >> 7);
        out[i] = (int16_t)(value < INT16_MAX ? value : INT16_MAX);
    }
}

enum dm_status sf2_sample_decode(const struct sf2_bank *bank, uint32_t sample, uint32_t first, uint32_t frames,
                                 int16_t *out, struct dm_error *err)
{
    if (sample >= bank->sample_count)
        return dm_fail(err, DM_ERR_ARGUMENT, "sample %lu of %lu", (unsigned long)sample,
                       (unsigned long)bank->sample_count);
    const struct sf2_sample *s = &bank->samples[sample];
    if (!s->usable)
        return dm_fail(err, DM_ERR_FORMAT, "sample %lu '%s' has no data", (unsigned long)sample, s->name);
    if (s->vorbis) {
        struct dm_error inner = {DM_OK, ""};
        enum dm_status status = sf2_vorbis_decode(stream_of(bank, s), first, frames, out, &inner);
        return status == DM_OK ? DM_OK : dm_fail(err, status, "sample %lu '%s': %s", (unsigned long)sample, s->name,
                                                 inner.text);
    }
    if (!range_within(first, frames, s->end - s->start))
        return dm_fail(err, DM_ERR_ARGUMENT, "sample %lu '%s': frames %lu to %llu of %lu", (unsigned long)sample,
                       s->name, (unsigned long)first, (unsigned long long)first + frames,
                       (unsigned long)(s->end - s->start));
    if (bank->pool24.size > 0)
        decode24(bank, (size_t)s->start + first, frames, out);
    else
        decode16(bank, (size_t)s->start + first, frames, out);
    return DM_OK;
}
