/* SPDX-License-Identifier: MIT */
/*
 * artic.h - articulation: connection lists compiled to what a voice evaluates.
 *
 * DLS 2.2 section 1.6: dest += transform(source) * transform(control) * scale.
 * At download the lists are overlaid, connection by connection, on the built-in
 * defaults of the profile. What depends on constants, key and velocity alone is
 * summed once at note-on; what depends on channel controllers again whenever
 * the channel changes; what depends on an LFO or an envelope at each control
 * point of the voice.
 *
 * Internal to the engine.
 */
#ifndef DMUS_SYNTH_ARTIC_H
#define DMUS_SYNTH_ARTIC_H

#include <stdbool.h>
#include <stdint.h>

#include "synth.h"

/* Destinations a voice can be moved along. The comment gives the unit of sums. */
enum artic_dest {
    DEST_GAIN,            /* dB */
    DEST_PITCH,           /* cents */
    DEST_PAN,             /* 0.1 %, -500..500 */
    DEST_KEYNUMBER,       /* cents: read from the instrument's own list only */
    DEST_REVERB,          /* 0.1 % */
    DEST_CHORUS,          /* 0.1 % */
    DEST_LFO_FREQUENCY,   /* absolute cents (6900 = 440 Hz) */
    DEST_LFO_DELAY,       /* time cents */
    DEST_VIB_FREQUENCY,
    DEST_VIB_DELAY,
    DEST_EG1_DELAY,       /* time cents */
    DEST_EG1_ATTACK,
    DEST_EG1_HOLD,
    DEST_EG1_DECAY,
    DEST_EG1_SUSTAIN,     /* 0.1 % */
    DEST_EG1_RELEASE,     /* time cents */
    DEST_EG1_SHUTDOWN,
    DEST_EG2_DELAY,
    DEST_EG2_ATTACK,
    DEST_EG2_HOLD,
    DEST_EG2_DECAY,
    DEST_EG2_SUSTAIN,
    DEST_EG2_RELEASE,
    DEST_FILTER_CUTOFF,   /* absolute cents; base 0x7FFFFFFF: no filter */
    DEST_FILTER_Q,        /* dB */
    DEST_COUNT
};

/* One raw connection as it stands in an image (host byte order). */
struct artic_block {
    uint16_t source, control, destination, transform;
    int32_t scale;
};

struct artic; /* immutable after artic_compile */

/* Bytes that artic_compile needs for COUNT blocks. */
size_t artic_size(uint32_t count);

/* Build an articulation in MEM (artic_size(count) bytes, 16-byte aligned) from COUNT blocks in order of precedence (later
 * wins for equal source, control and destination), laid over PROFILE's defaults. Transform words 0 and 1 are read as DLS 1
 * wrote them (spec/dls.md 2.9). Never fails: unknown sources and destinations have no effect; of more than 1024 distinct
 * connections the rest is dropped. */
struct artic *artic_compile(void *mem, const struct artic_block *blocks, uint32_t count, enum synth_profile profile);

/* Sum of the connections to DEST_KEYNUMBER for a channel whose RPN 2 stands at RPN2 (14 bit, 8192 is centre), in
 * cents to add to 100 * note. */
float artic_key_offset(const struct artic *artic, uint32_t rpn2_14bit);

#endif
