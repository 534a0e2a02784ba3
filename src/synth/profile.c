/* SPDX-License-Identifier: MIT */
#include "profile.h"

#include "connection.h"

/* What native does with connections of an instrument (spec/native-behaviour.md, J). */
static const struct profile_rule native_rules[] = {
    {SRC_NONE, SRC_NONE, DST_EG1_SHUTDOWN, 0.0f, 56},
    {SRC_KEY, SRC_NONE, DST_EG1_HOLD, 0.0f, 58},
    {SRC_RPN2, SRC_NONE, DST_KEYNUMBER, 0.0f, 60},
    {SRC_LFO, SRC_CHANNEL_PRESSURE, DST_GAIN, 0.1f, 61},
    {SRC_VELOCITY, SRC_NONE, DST_GAIN, 0.0f, 62},
    {SRC_NONE, SRC_NONE, DST_PITCH, 0.0f, 63},
    {SRC_KEY, SRC_NONE, DST_PITCH, 0.0f, 63},
    {SRC_RPN1, SRC_NONE, DST_PITCH, 0.0f, 63},
    {SRC_CC10, SRC_NONE, DST_PAN, 0.0f, 63},
};

static const struct profile native = {
    .linear_range = 16256.0f, /* 57, 58, 61, 65 */
    .send_range = 16256.0f,
    .power_pan = true, /* 50 */
    .limit_db = 0.0f,  /* 48: in the reading with a broadcast to two groups */
    .limit_output = true,
    .silence_db = -96.0f,
    .sound_controllers = false,
    .defaults = artic_defaults_native,
    .rules = native_rules,
    .rule_count = sizeof native_rules / sizeof native_rules[0],
};

static const struct profile studio = {
    .linear_range = 16384.0f, /* DLS 2.2 section 1.6.5 */
    .send_range = 16256.0f,   /* GM 2: 100 % at 127 */
    .power_pan = false,       /* RP-036, DLS 2.2 */
    .limit_db = 12.0f,        /* spec/dls.md 3.7 */
    .limit_output = false,
    .silence_db = -96.0f,
    .sound_controllers = true,
    .defaults = artic_defaults_dls2,
    .rules = NULL,
    .rule_count = 0,
};

const struct profile *profile_of(enum synth_profile profile)
{
    return profile == SYNTH_NATIVE ? &native : &studio;
}
