/* SPDX-License-Identifier: MIT */
#include "formats/dls_adpcm.h"

enum { COEFFICIENT_ONE = 256, STEP_FLOOR = 16, STEP_CEILING = INT32_MAX / 768 };
enum { FORMAT_FRAMES = 18, FORMAT_COUNT = 20, FORMAT_PAIRS = 22 }; /* places in the fmt chunk */

static const int16_t standard_pairs[7][2] = {{256, 0}, {512, -256}, {0, 0},     {192, 64},
                                             {240, 0}, {460, -208}, {392, -232}};
static const int16_t adaptation[16] = {230, 230, 230, 230, 307, 409, 512, 614, 768, 614, 512, 409, 307, 230, 230, 230};

uint32_t adpcm_header_size(uint32_t channels) { return 7 * channels; }

/* Frames that BYTES of one block hold: two in the header, then one nibble per channel each. */
static uint32_t frames_in(const struct dls_wave *wave, uint64_t bytes)
{
    uint32_t header = adpcm_header_size(wave->channels);
    return bytes < header ? 0 : 2 + (uint32_t)((bytes - header) * 2 / wave->channels);
}

static uint32_t frames_per_block(const struct dls_wave *wave)
{
    uint32_t full = frames_in(wave, wave->block_align);
    uint32_t declared = wave->format.size >= FORMAT_COUNT ? load_le16(wave->format.data + FORMAT_FRAMES) : 0;
    return declared >= 2 && declared < full ? declared : full;
}

uint64_t adpcm_frames(const struct dls_wave *wave)
{
    uint64_t blocks = wave->data.size / wave->block_align;
    uint32_t per_block = frames_per_block(wave), rest = frames_in(wave, wave->data.size % wave->block_align);
    return blocks * per_block + (rest < per_block ? rest : per_block);
}

struct state {
    int32_t sample1, sample2; /* last and last but one */
    int32_t step;
    int32_t pair[2];
};

static void load_pair(const struct dls_wave *wave, unsigned predictor, struct state *s)
{
    struct span format = wave->format;
    if (format.size >= FORMAT_PAIRS && predictor < load_le16(format.data + FORMAT_COUNT) &&
        range_within(FORMAT_PAIRS + 4u * predictor, 4, format.size)) {
        s->pair[0] = (int16_t)load_le16(format.data + FORMAT_PAIRS + 4u * predictor);
        s->pair[1] = (int16_t)load_le16(format.data + FORMAT_PAIRS + 4u * predictor + 2);
        return;
    }
    unsigned known = predictor < 7 ? predictor : 0;
    s->pair[0] = standard_pairs[known][0];
    s->pair[1] = standard_pairs[known][1];
}

static int16_t next_sample(struct state *s, unsigned nibble)
{
    int64_t predicted = ((int64_t)s->sample1 * s->pair[0] + (int64_t)s->sample2 * s->pair[1]) / COEFFICIENT_ONE;
    int64_t value = predicted + (int64_t)(nibble & 8 ? (int)nibble - 16 : (int)nibble) * s->step;
    value = value > INT16_MAX ? INT16_MAX : value < INT16_MIN ? INT16_MIN : value;
    s->sample2 = s->sample1;
    s->sample1 = (int32_t)value;
    int32_t step = s->step * adaptation[nibble] / 256;
    s->step = step < STEP_FLOOR ? STEP_FLOOR : step > STEP_CEILING ? STEP_CEILING : step;
    return (int16_t)value;
}

/* Frames [skip, skip + count) of channel 0 of the block at P. */
static void decode_block(const struct dls_wave *wave, const uint8_t *p, uint32_t skip, uint32_t count, int16_t *out)
{
    uint32_t channels = wave->channels, end = skip + count;
    const uint8_t *nibbles = p + adpcm_header_size(channels);
    struct state s = {.step = (int16_t)load_le16(p + channels)};
    s.sample1 = (int16_t)load_le16(p + 3 * channels);
    s.sample2 = (int16_t)load_le16(p + 5 * channels);
    load_pair(wave, p[0], &s);
    for (uint32_t frame = 0; frame < end; frame++) {
        int16_t value;
        if (frame < 2) {
            value = (int16_t)(frame == 0 ? s.sample2 : s.sample1);
        } else {
            uint32_t index = (frame - 2) * channels;
            unsigned byte = nibbles[index / 2];
            value = next_sample(&s, index & 1 ? byte & 15 : byte >> 4);
        }
        if (frame >= skip)
            out[frame - skip] = value;
    }
}

void adpcm_decode(const struct dls_wave *wave, uint32_t first, uint32_t frames, int16_t *out)
{
    uint32_t per_block = frames_per_block(wave);
    while (frames > 0) {
        uint32_t skip = first % per_block, count = per_block - skip;
        if (count > frames)
            count = frames;
        decode_block(wave, wave->data.data + (size_t)(first / per_block) * wave->block_align, skip, count, out);
        first += count;
        frames -= count;
        out += count;
    }
}
