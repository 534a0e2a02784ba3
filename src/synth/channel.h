/* SPDX-License-Identifier: MIT */
/*
 * channel.h - the state of one MIDI channel, as the voices on it see it.
 *
 * Written by the MIDI side of the engine (midi.c, sysex.c, tuning.c), read by
 * voices. All of it belongs to the render side. Internal to the engine.
 */
#ifndef DMUS_SYNTH_CHANNEL_H
#define DMUS_SYNTH_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>

/* What all channels of one group share (master volume, tuning, balance). */
struct master {
    uint32_t version;      /* changes with every field */
    float gain_db;         /* universal master volume: 40*log10(v/16383), <= -96 is silence */
    float volume_db;       /* sum of the Volume property's items; the same in all groups */
    float balance;         /* -1 left .. +1 right */
    float tune_cents;      /* fine + coarse, not for drums */
};

/* One program of the MIDI Tuning Standard: cents to add per key to equal temperament. */
struct tuning {
    uint32_t group;        /* owner, with bank and program: see tuning.h */
    uint8_t bank, program;
    bool used;
    float cents[128];
};

/* What "controller destination setting" (CA-022, spec/dls.md 5.5) adds at the present pressure and controller values.
 * All zero unless such a message came. Voices add each to the sum of the destination's connections. */
struct channel_offsets {
    float pitch_cents;
    float cutoff_cents;
    float gain_db;         /* <= -96: silence */
    float lfo_pitch_cents; /* depth of the modulation LFO */
    float lfo_cutoff_cents;
    float lfo_gain;        /* depth as a fraction of the amplitude, 0..1 */
};

/* What of a channel changed: a voice looks again only if its articulation listens to it. */
#define CHANNEL_WHEEL 0x1u
#define CHANNEL_PRESSURE 0x2u
#define CHANNEL_POLY_PRESSURE 0x4u
#define CHANNEL_SOUND 0x8u /* controllers 71..78 */
#define CHANNEL_ALL 0xFFFFFFFFu
/* A controller, with its LSB; some share a bit. */
static inline uint32_t channel_controller_bit(uint32_t number)
{
    uint32_t n = number >= 32 && number < 64 ? number - 32 : number;
    return n >= 71 && n <= 78 ? CHANNEL_SOUND : 0x10u << n % 28;
}

struct channel {
    uint32_t version;      /* changes whenever any field below does, unless TOUCHED says what it was: voices then re-evaluate */
    uint32_t touched;      /* CHANNEL_*: since the last control point (mixer_touch) */
    uint32_t messages;     /* counts those that may have changed something: with VERSION it tells one state from another */
    uint8_t cc[128];       /* last value of each controller; LSBs at 32..63 */
    uint8_t poly_pressure[128]; /* by MIDI note */
    uint16_t wheel;        /* 0..16383, centre 8192 */
    uint16_t rpn1, rpn2;   /* 14 bit, centre 8192; rpn2 is already in the key of a note when it starts */
    uint8_t pressure;      /* channel pressure */
    bool drums;            /* rhythm part */
    bool has_key_tuning;   /* false: channel_key_tuning gives 0 for every note */
    uint32_t retuned;      /* changes when sounding voices are to take the present key tuning over */
    float bend_range;      /* RPN 0, cents */
    float modulation_range;/* RPN 5, cents; default 50 */
    float tune_cents;      /* what fine tuning of the part by SysEx adds */
    int16_t octave_tuning[12]; /* scale tuning C..B, 100/8192 cents */
    const struct tuning *tuning; /* MTS program, NULL: equal temperament */
    struct channel_offsets offsets;
    bool has_poly_route;   /* poly pressure has destinations of its own: channel_note_offsets */
    uint8_t poly_route[6]; /* pitch, cutoff, amplitude, LFO pitch, LFO cutoff, LFO amplitude */
    const struct master *master;
};

/* Controller NUMBER as 14 bits. 1..31 have their LSB at +32; bank select and data entry are no continuous values. */
static inline uint32_t channel_controller(const struct channel *channel, uint32_t number)
{
    uint32_t msb = (uint32_t)channel->cc[number] << 7;
    bool paired = number >= 1 && number < 32 && number != 6;
    return paired ? msb | channel->cc[number + 32] : msb;
}

/* Value of articulation source SOURCE (CONN_SRC_*) for a voice of MIDI note KEY with velocity VELOCITY, as 14 bits (7-bit
 * controllers in the upper seven, with their LSB where the controller has one): 0..16383. RPN 0 in units of 12800/16384
 * cents. Sources that are no controllers (LFOs, envelopes, unknown numbers) give 0. */
uint32_t channel_source(const struct channel *channel, uint16_t source, uint8_t key, uint8_t velocity);

/* Add what ROUTE (the six values of CA-022) means at AMOUNT (0..1) of its controller. Amplitudes multiply: *AMPLITUDE. */
void channel_add_route(struct channel_offsets *sum, const uint8_t route[6], float amount, float *amplitude);
/* The amplitude that came out of it, as gain_db; the LFO's amplitude depth is limited to 1. */
void channel_end_routes(struct channel_offsets *sum, float amplitude);
/* What the destinations of pressure, controller and NOTE's poly pressure come to. */
struct channel_offsets channel_note_offsets(const struct channel *channel, uint8_t note);

/* Cents that scale tuning and the tuning program add to MIDI note NOTE; 0 on rhythm parts (GM 2). */
float channel_key_tuning(const struct channel *channel, uint8_t note);

#endif
