/* SPDX-License-Identifier: MIT */
/*
 * modulation.h - connections evaluated for one voice (DLS 2.2 section 1.6.2).
 * Internal to the engine; render side.
 */
#ifndef DMUS_SYNTH_MODULATION_H
#define DMUS_SYNTH_MODULATION_H

#include "channel.h"
#include "connection.h"

/* Who asks. */
struct listener {
    const struct artic *artic;
    const struct channel *channel;
    uint8_t note, key, velocity;
    uint8_t key_reverb, key_chorus; /* struct voice_params */
};

struct modulation {
    float sum[DEST_COUNT];               /* in the units of enum artic_dest */
    float depth[GEN_COUNT][LIVE_COUNT];  /* what a generator's -1..1 or 0..1 adds */
    bool active[GEN_COUNT];              /* some depth of it is not zero */
    float lfo_gain;                      /* amplitude depth of the LFO by controller destination (CA-022), 0..1 */
    bool irregular;                      /* modulation_irregular has something to add */
    uint32_t moves;                      /* bit per enum live_dest that some depth is for; all if irregular */
};

/* SUM of what depends on constants, key and velocity alone. */
void modulation_note(const struct listener *who, float sum[DEST_COUNT]);

/* NOTE_SUM (of modulation_note) plus what the channel's controllers add at present, and the generators' depths. */
void modulation_channel(const struct listener *who, const float note_sum[DEST_COUNT], struct modulation *out);

/* Add to SUM the connections that are not linear in a generator or join two of them. VALUE: LFOs -1..1, envelopes 0..1. */
void modulation_irregular(const struct listener *who, const float value[GEN_COUNT], float sum[LIVE_COUNT]);

#endif
