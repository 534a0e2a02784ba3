/* SPDX-License-Identifier: MIT */
/* instrument.h - a downloaded instrument, immutable once published. Internal to the engine. */
#ifndef DMUS_SYNTH_INSTRUMENT_H
#define DMUS_SYNTH_INSTRUMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "artic.h"
#include "wave.h"

enum loop_kind { LOOP_NONE, LOOP_FORWARD, LOOP_RELEASE };

struct region {
    uint8_t key_low, key_high, velocity_low, velocity_high;
    bool self_non_exclusive;
    uint8_t key_group;      /* 0 none, 1..15 */
    uint16_t phase_group;   /* 0 none */
    bool phase_master;
    bool multichannel;      /* F_WAVELINK_MULTICHANNEL: channel steers the output */
    uint32_t channel;       /* WAVELINK_CHANNEL_* bits */
    const struct wave *wave;
    uint8_t unity_note;
    int16_t fine_tune;      /* cents */
    int32_t gain;           /* 1/655360 dB */
    enum loop_kind loop;
    uint32_t loop_start, loop_length; /* frames, inside the wave, length >= 1 */
    const struct artic *artic; /* never NULL: region's, else instrument's, else defaults */
};

/* The regions whose key range holds a key, in the order of the image: by_key[first ...], COUNT of them */
struct key_regions {
    uint32_t first;
    uint16_t count;
    uint16_t region; /* the first of them, if there is one: mostly there are no others */
};

struct instrument {
    uint32_t patch;    /* ulPatch */
    bool drums;        /* bit 31 of patch */
    bool gm;           /* loses to a non-GM instrument of the same patch */
    uint32_t region_count; /* 0..65535 */
    const struct region *regions;
    const struct artic *key_artic; /* the instrument's own list (else the defaults), for DEST_KEYNUMBER; never NULL */
    struct key_regions key[128];
    const uint16_t *by_key;
};

#endif
