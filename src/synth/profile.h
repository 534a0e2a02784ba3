/* SPDX-License-Identifier: MIT */
/*
 * profile.h - the laws in which the two profiles differ, as one constant
 * table each. Code asks the table and never the name of the profile.
 * Internal to the engine.
 */
#ifndef DMUS_SYNTH_PROFILE_H
#define DMUS_SYNTH_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "artic.h"
#include "synth.h"

/* What a profile does to a connection that an instrument brings along. */
struct profile_rule {
    uint16_t source, control, destination;
    float factor; /* its scale is multiplied by this; 0: the connection is ignored, the built-in one stays */
    uint8_t item; /* of spec/native-behaviour.md */
};

struct profile {
    float linear_range;     /* divisor of 14-bit inputs in linear routes: 16384 is v/128, 16256 is v/127 */
    float send_range;       /* the same for CC91 and CC93 */
    bool power_pan;         /* sqrt(1-p), sqrt(p) instead of cosine and sine */
    float limit_db;         /* ceiling of a voice's gain sum ... */
    bool limit_output;      /* ... applied to each output channel, pan and volumes included, instead of to the sum */
    float silence_db;       /* a gain sum at or below this is silence */
    bool sound_controllers; /* CC71..78 act */
    const struct artic_block *defaults; /* ARTIC_DEFAULT_COUNT */
    const struct profile_rule *rules;
    uint32_t rule_count;
};

const struct profile *profile_of(enum synth_profile profile);

/* Built-in connections of DLS 2.2 tables 2-6 (spec/dls.md 2.7), without those whose scale is zero. */
#define ARTIC_DEFAULT_COUNT 28u
extern const struct artic_block artic_defaults_dls2[ARTIC_DEFAULT_COUNT];
extern const struct artic_block artic_defaults_native[ARTIC_DEFAULT_COUNT];

#endif
