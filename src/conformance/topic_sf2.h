/* SPDX-License-Identifier: MIT */
/* topic_sf2.h - tables of SoundFont presets that the SoundFont topics share. */
#ifndef DMUS_CONFORMANCE_TOPIC_SF2_H
#define DMUS_CONFORMANCE_TOPIC_SF2_H

#include "build_sf2.h"
#include "scene.h"

struct sf2_generator_row { uint16_t oper; int32_t amount; };
struct sf2_modulator_row { uint16_t source, destination; int32_t amount; uint16_t amount_source; };

/* One preset, and the note that is played with it. */
struct sf2_row {
    const char *what;
    double expected;
    struct sf2_generator_row generators[8], global[2], preset[3]; /* lists end with generator 0 */
    struct sf2_modulator_row modulators[3];                      /* with destination 0 */
    struct move moves[5];
    uint8_t key, velocity;                                       /* 0: 60, 127 */
};

#define SF2_SLOT (CONF_RATE * 3u / 2)
#define SF2_LONG_SLOT (CONF_RATE * 4u)
#define SF2_AT(i) (PROBE_FIRST + (size_t)(i) * SF2_SLOT)
#define SF2_LENGTH 24000u /* of a note */

/* A bank of a preset per row on a constant (PERIOD 0) or a quadrature pair of PERIOD frames, and the song that plays them, SLOT frames
 * apart from PROBE_FIRST on. */
void sf2_build_rows(struct conf_bytes *out, struct conf_song *song, const struct sf2_row *rows, uint32_t count, uint32_t period,
                    uint32_t slot);

#endif
