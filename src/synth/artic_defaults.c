/* SPDX-License-Identifier: MIT */
#include "connection.h"

#define PLAIN 0x0000
#define BIPOLAR_SOURCE 0x4000
#define INVERTED_CONCAVE_SOURCE 0x8400

#define HERTZ_5 ((int32_t)0xFCACAE9B)
#define MS_10 ((int32_t)0xE0DB5F61)
#define MS_15 ((int32_t)0xE39953DC)
#define PERCENT_100 0x03E80000
#define DB_MINUS_96 ((int32_t)0xFC400000)

/* DLS 2.2 tables 2-6. Rows with scale 0 are left out: they add nothing. EG1 to gain is implied by the envelope itself. */
#define COMMON_DEFAULTS                                                                     \
    {SRC_NONE, SRC_NONE, DST_LFO_FREQUENCY, PLAIN, HERTZ_5},                                \
    {SRC_NONE, SRC_NONE, DST_LFO_DELAY, PLAIN, MS_10},                                      \
    {SRC_NONE, SRC_NONE, DST_VIB_FREQUENCY, PLAIN, HERTZ_5},                                \
    {SRC_NONE, SRC_NONE, DST_VIB_DELAY, PLAIN, MS_10},                                      \
    {SRC_NONE, SRC_NONE, DST_EG1_DELAY, PLAIN, TIME_ZERO},                                  \
    {SRC_NONE, SRC_NONE, DST_EG1_ATTACK, PLAIN, TIME_ZERO},                                 \
    {SRC_NONE, SRC_NONE, DST_EG1_HOLD, PLAIN, TIME_ZERO},                                   \
    {SRC_NONE, SRC_NONE, DST_EG1_DECAY, PLAIN, TIME_ZERO},                                  \
    {SRC_NONE, SRC_NONE, DST_EG1_SUSTAIN, PLAIN, PERCENT_100},                              \
    {SRC_NONE, SRC_NONE, DST_EG1_RELEASE, PLAIN, TIME_ZERO},                                \
    {SRC_NONE, SRC_NONE, DST_EG1_SHUTDOWN, PLAIN, MS_15},                                   \
    {SRC_NONE, SRC_NONE, DST_EG2_DELAY, PLAIN, TIME_ZERO},                                  \
    {SRC_NONE, SRC_NONE, DST_EG2_ATTACK, PLAIN, TIME_ZERO},                                 \
    {SRC_NONE, SRC_NONE, DST_EG2_HOLD, PLAIN, TIME_ZERO},                                   \
    {SRC_NONE, SRC_NONE, DST_EG2_DECAY, PLAIN, TIME_ZERO},                                  \
    {SRC_NONE, SRC_NONE, DST_EG2_SUSTAIN, PLAIN, PERCENT_100},                              \
    {SRC_NONE, SRC_NONE, DST_EG2_RELEASE, PLAIN, TIME_ZERO},                                \
    {SRC_NONE, SRC_NONE, DST_FILTER_CUTOFF, PLAIN, CUTOFF_OFF},                             \
    {SRC_RPN2, SRC_NONE, DST_KEYNUMBER, BIPOLAR_SOURCE, 6400 * 65536},                      \
    {SRC_VELOCITY, SRC_NONE, DST_GAIN, INVERTED_CONCAVE_SOURCE, DB_MINUS_96},               \
    {SRC_CC7, SRC_NONE, DST_GAIN, INVERTED_CONCAVE_SOURCE, DB_MINUS_96},                    \
    {SRC_CC11, SRC_NONE, DST_GAIN, INVERTED_CONCAVE_SOURCE, DB_MINUS_96},                   \
    {SRC_WHEEL, SRC_RPN0, DST_PITCH, BIPOLAR_SOURCE, 12800 * 65536},                        \
    {SRC_KEY, SRC_NONE, DST_PITCH, PLAIN, 12800 * 65536},                                   \
    {SRC_RPN1, SRC_NONE, DST_PITCH, BIPOLAR_SOURCE, 100 * 65536},                           \
    {SRC_CC91, SRC_NONE, DST_REVERB, PLAIN, PERCENT_100},                                   \
    {SRC_CC93, SRC_NONE, DST_CHORUS, PLAIN, PERCENT_100}

const struct artic_block artic_defaults_dls2[ARTIC_DEFAULT_COUNT] = {
    COMMON_DEFAULTS,
    {SRC_CC10, SRC_NONE, DST_PAN, BIPOLAR_SOURCE, 508 * 65536},
};

/* native 50: p = CC10/127, so 2*v/127 - 1 times 50 % */
const struct artic_block artic_defaults_native[ARTIC_DEFAULT_COUNT] = {
    COMMON_DEFAULTS,
    {SRC_CC10, SRC_NONE, DST_PAN, BIPOLAR_SOURCE, 500 * 65536},
};
