/* SPDX-License-Identifier: MIT */
/*
 * connection.h - numbers of the DLS connection model (CONN_SRC_*, CONN_DST_*,
 * transform bits of DLS 2.2 section 1.6) and the compiled form of a list.
 * Internal to the articulation files of the engine.
 */
#ifndef DMUS_SYNTH_CONNECTION_H
#define DMUS_SYNTH_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "artic.h"
#include "channel.h"
#include "profile.h"

enum {
    SRC_NONE = 0x0000,
    SRC_LFO = 0x0001,
    SRC_VELOCITY = 0x0002,
    SRC_KEY = 0x0003,
    SRC_EG1 = 0x0004,
    SRC_EG2 = 0x0005,
    SRC_WHEEL = 0x0006,
    SRC_POLY_PRESSURE = 0x0007,
    SRC_CHANNEL_PRESSURE = 0x0008,
    SRC_VIBRATO = 0x0009,
    SRC_MONO_PRESSURE = 0x000A,
    SRC_CC = 0x0080, /* + controller number */
    SRC_CC1 = 0x0081,
    SRC_CC7 = 0x0087,
    SRC_CC10 = 0x008A,
    SRC_CC11 = 0x008B,
    SRC_CC91 = 0x00DB,
    SRC_CC93 = 0x00DD,
    SRC_RPN0 = 0x0100,
    SRC_RPN1 = 0x0101,
    SRC_RPN2 = 0x0102
};

enum {
    DST_GAIN = 0x0001,
    DST_PITCH = 0x0003,
    DST_PAN = 0x0004,
    DST_KEYNUMBER = 0x0005,
    DST_CHORUS = 0x0080,
    DST_REVERB = 0x0081,
    DST_LFO_FREQUENCY = 0x0104,
    DST_LFO_DELAY = 0x0105,
    DST_VIB_FREQUENCY = 0x0114,
    DST_VIB_DELAY = 0x0115,
    DST_EG1_ATTACK = 0x0206,
    DST_EG1_DECAY = 0x0207,
    DST_EG1_RELEASE = 0x0209,
    DST_EG1_SUSTAIN = 0x020A,
    DST_EG1_DELAY = 0x020B,
    DST_EG1_HOLD = 0x020C,
    DST_EG1_SHUTDOWN = 0x020D,
    DST_EG2_ATTACK = 0x030A,
    DST_EG2_DECAY = 0x030B,
    DST_EG2_RELEASE = 0x030D,
    DST_EG2_SUSTAIN = 0x030E,
    DST_EG2_DELAY = 0x030F,
    DST_EG2_HOLD = 0x0310,
    DST_FILTER_CUTOFF = 0x0500,
    DST_FILTER_Q = 0x0501
};

#define TIME_ZERO INT32_MIN    /* 0x80000000: exactly 0 s, and the destination is locked */
#define CUTOFF_OFF 0x7FFFFFFF  /* no filter */

/* One input's conditioning: curve in bits 0-3, then the flags of the 6-bit fields of usTransform. */
#define INPUT_CURVE 0x0Fu
#define INPUT_BIPOLAR 0x10u
#define INPUT_INVERT 0x20u
enum { CURVE_LINEAR = 0, CURVE_CONCAVE = 1, CURVE_CONVEX = 2, CURVE_SWITCH = 3 };

#define TRANSFORM_SOURCE(t) ((uint8_t)(((t) >> 10) & 0x3Fu))
#define TRANSFORM_CONTROL(t) ((uint8_t)(((t) >> 4) & 0x3Fu))
#define TRANSFORM_OUTPUT(t) ((uint8_t)((t) & 0x0Fu))

/* Destinations that move while a voice sounds. */
enum live_dest {
    LIVE_GAIN,
    LIVE_PITCH,
    LIVE_PAN,
    LIVE_REVERB,
    LIVE_CHORUS,
    LIVE_LFO_FREQUENCY,
    LIVE_VIB_FREQUENCY,
    LIVE_CUTOFF,
    LIVE_Q,
    LIVE_COUNT
};

/* Sources inside the voice. */
enum generator { GEN_LFO, GEN_VIBRATO, GEN_EG1, GEN_EG2, GEN_COUNT };

struct connection {
    uint16_t source, control;
    uint8_t dest;               /* enum artic_dest */
    uint8_t source_input, control_input; /* INPUT_* */
    float scale;                /* in the unit of the destination */
};

struct artic {
    const struct profile *profile;
    float base[DEST_COUNT];  /* sums of constant connections */
    uint32_t locked;         /* bit per destination: time is zero whatever else is connected */
    bool filter;             /* a cutoff is given */
    bool uses[GEN_COUNT];    /* some connection reads the generator */
    uint32_t listens;        /* CHANNEL_*: what of the channel connections and profile read after note-on */
    /* of these, what reaches the sum of gain, or of pitch, or those of pan and sends, and nothing else */
    uint32_t only_gain, only_pitch, only_place;
    bool shared;             /* connections beyond note_count are few and read neither key nor velocity */
    float key_to_pitch;      /* cents over 128 keys */
    /* connections[0 .. note) read key and velocity alone, [note .. channel) controllers too, [channel .. count) generators */
    uint32_t note_count, channel_count, count;
    struct connection connections[];
};

/* Value of one conditioned input: X is 0..16383 (7-bit values times 128), RANGE the divisor of the linear curve. */
float input_value(uint8_t input, float x, float range);

/* The generator NUMBER belongs to a connection source, or GEN_COUNT. */
enum generator generator_of(uint16_t source);

/* The moving destination of DEST, or LIVE_COUNT. */
enum live_dest live_of(uint8_t dest);

#endif
