/* SPDX-License-Identifier: MIT */
#include "channel.h"

#include "fmath.h"

/* CONN_SRC_*, spec/ddi-user.md section 5.8. */
enum {
    SRC_VELOCITY = 2,
    SRC_KEY = 3,
    SRC_WHEEL = 6,
    SRC_POLY_PRESSURE = 7,
    SRC_CHANNEL_PRESSURE = 8,
    SRC_MONO_PRESSURE = 10, /* only in the header; read as channel pressure (dls.md 2.2) */
    SRC_CC = 0x80,
    SRC_RPN0 = 0x100,
    SRC_RPN1 = 0x101,
    SRC_RPN2 = 0x102
};

uint32_t channel_source(const struct channel *channel, uint16_t source, uint8_t key, uint8_t velocity)
{
    if (source >= SRC_CC && source < SRC_CC + 128)
        return channel_controller(channel, source - SRC_CC);
    switch (source) {
    case SRC_VELOCITY:
        return (uint32_t)(velocity & 127) << 7;
    case SRC_KEY:
        return (uint32_t)(key & 127) << 7;
    case SRC_WHEEL:
        return channel->wheel;
    case SRC_POLY_PRESSURE:
        return (uint32_t)channel->poly_pressure[key & 127] << 7;
    case SRC_CHANNEL_PRESSURE:
    case SRC_MONO_PRESSURE:
        return (uint32_t)channel->pressure << 7;
    case SRC_RPN0: {
        float r = channel->bend_range * (16384.0f / 12800.0f);
        return r > 16383.0f ? 16383u : r > 0.0f ? (uint32_t)(r + 0.5f) : 0u;
    }
    case SRC_RPN1:
        return channel->rpn1;
    case SRC_RPN2:
        return channel->rpn2;
    default:
        return 0;
    }
}

float channel_key_tuning(const struct channel *channel, uint8_t note)
{
    if (!channel->has_key_tuning || channel->drums)
        return 0.0f;
    float cents = (float)channel->octave_tuning[note % 12] * (100.0f / 8192.0f);
    return channel->tuning ? cents + channel->tuning->cents[note & 127] : cents;
}

void channel_add_route(struct channel_offsets *sum, const uint8_t route[6], float amount, float *amplitude)
{
    sum->pitch_cents += ((float)route[0] - 64.0f) * 100.0f * amount;
    sum->cutoff_cents += ((float)route[1] - 64.0f) * 150.0f * amount; /* 0..127: -9600..+9450 cents */
    *amplitude *= 1.0f + ((float)route[2] * (1.0f / 64.0f) - 1.0f) * amount;
    sum->lfo_pitch_cents += (float)route[3] * (600.0f / 127.0f) * amount;
    sum->lfo_cutoff_cents += (float)route[4] * (2400.0f / 127.0f) * amount;
    sum->lfo_gain += (float)route[5] * (1.0f / 127.0f) * amount;
}

void channel_end_routes(struct channel_offsets *sum, float amplitude)
{
    if (sum->lfo_gain > 1.0f)
        sum->lfo_gain = 1.0f;
    if (amplitude != 1.0f)
        sum->gain_db += amplitude > 1e-5f ? (float)(6.0205999132796239 * fm_log2((double)amplitude)) : -100.0f;
}

struct channel_offsets channel_note_offsets(const struct channel *channel, uint8_t note)
{
    struct channel_offsets sum = channel->offsets;
    uint8_t pressure = channel->poly_pressure[note & 127];
    if (channel->has_poly_route && pressure) {
        float amplitude = 1.0f;
        channel_add_route(&sum, channel->poly_route, (float)pressure * (1.0f / 127.0f), &amplitude);
        channel_end_routes(&sum, amplitude);
    }
    return sum;
}
