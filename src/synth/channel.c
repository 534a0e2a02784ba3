/* SPDX-License-Identifier: MIT */
#include "channel.h"

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

static uint32_t controller(const struct channel *channel, uint32_t number)
{
    uint32_t msb = (uint32_t)channel->cc[number] << 7;
    /* Controllers 1..31 have their LSB at +32 (bank select and data entry are no continuous values). */
    bool paired = number >= 1 && number < 32 && number != 6;
    return paired ? msb | channel->cc[number + 32] : msb;
}

uint32_t channel_source(const struct channel *channel, uint16_t source, uint8_t key, uint8_t velocity)
{
    if (source >= SRC_CC && source < SRC_CC + 128)
        return controller(channel, source - SRC_CC);
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
