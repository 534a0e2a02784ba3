/* SPDX-License-Identifier: MIT */
/*
 * channel.h - the state of one MIDI channel, as the voices on it see it.
 *
 * Written by the MIDI side of the engine (midi.c), read by voices. All of it
 * belongs to the render side. Internal to the engine.
 */
#ifndef DMUS_SYNTH_CHANNEL_H
#define DMUS_SYNTH_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>

/* What all channels of all groups share (master volume, tuning, balance). */
struct master {
    uint32_t version;      /* changes with every field */
    float gain_db;         /* universal master volume: 40*log10(v/16383), <= -96 is silence */
    float volume_db;       /* sum of the Volume property's items */
    float balance;         /* -1 left .. +1 right */
    float tune_cents;      /* fine + coarse, not for drums */
};

struct channel {
    uint32_t version;      /* changes whenever any field below does: voices then re-evaluate */
    uint8_t cc[128];       /* last value of each controller; LSBs at 32..63 */
    uint16_t wheel;        /* 0..16383, centre 8192 */
    uint8_t pressure;      /* channel pressure */
    uint8_t poly_pressure[128];
    float bend_range;      /* RPN 0, cents */
    uint16_t rpn1, rpn2;   /* 14 bit, centre 8192 */
    float modulation_range;/* RPN 5, cents; default 50 */
    float tune_cents;      /* what fine tuning by SysEx adds */
    int8_t transpose;      /* key shift by SysEx (GS), semitones */
    bool drums;            /* rhythm part */
    bool has_key_tuning;
    float key_tuning[128]; /* cents added per key (MTS, scale tuning); all 0 unless has_key_tuning */
    const struct master *master;
};

/* Value of articulation source SOURCE (CONN_SRC_*) for a voice of key KEY with velocity VELOCITY, as 14 bits (7-bit controllers
 * in the upper seven, with their LSB where the controller has one): 0..16383. Sources that are no controllers give 0. */
uint32_t channel_source(const struct channel *channel, uint16_t source, uint8_t key, uint8_t velocity);

#endif
