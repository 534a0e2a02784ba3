/* SPDX-License-Identifier: MIT */
/*
 * sf2_articulation.h - folded SoundFont generators and modulators as DLS 2
 * connections and a wsmp (spec/dls.md 6.2 to 6.4).
 *
 * One mapping serves rendering and converting, so that a SoundFont and the DLS
 * made of it sound the same. Pure functions, any thread.
 */
#ifndef DMUS_PLAYER_SF2_ARTICULATION_H
#define DMUS_PLAYER_SF2_ARTICULATION_H

#include <dls1.h>
#include <dls2.h>

#include "base/status.h"
#include "formats/dls.h"
#include "sf2_fold.h"

/* ---- lists of connections ---- */

#define CONNECTIONS_MAX 192

/* Connections of one region. `source, control, destination` is the identity of a connection in DLS: the list never holds two
 * of the same. */
struct connections {
    uint32_t count;
    uint32_t lost; /* did not fit, or clashed with one of another transform */
    struct dls_connection list[CONNECTIONS_MAX];
};

/* Words of dls_connection.transform. */
#define TRN_BIPOLAR 0x4000u
#define TRN_INVERT  0x8000u
#define TRN_CONCAVE_INVERT 0x8400u

/* Add SCALE (already in 1/65536 units, saturated to 32 bits) to the connection of this identity. One with another transform
 * stays and the new one is lost, unless either scale is zero. */
void connections_add(struct connections *to, uint16_t source, uint16_t control, uint16_t destination,
                     uint16_t transform, int64_t scale);
/* Make the connection from SOURCE, a 7-bit one, to DESTINATION one without a transform, so that more can be added: what is linear
 * moves its offset to the constant part, a curve is lost. */
void connections_straighten(struct connections *in, uint16_t source, uint16_t destination);
/* The constant part of a destination as it stands, 0x80000000 included. */
void connections_set(struct connections *to, uint16_t destination, int32_t value);
/* The connection of this identity, or NULL. */
const struct dls_connection *connections_find(const struct connections *in, uint16_t source, uint16_t control,
                                              uint16_t destination);
/* Drop what says the same as the built-in defaults of DLS 2 (spec/dls.md 2.7). */
void connections_drop_defaults(struct connections *list);

/* ---- the mapping ---- */

/* Modulators first (sf2_modulators.c): what each of MODS is in DLS. GENS tells fixed keys and velocities. What cannot be expressed
 * is said to NOTES and left out. */
void sf2_map_modulators(const struct sf2_level *gens, const struct sf2_mods *mods, const struct dm_notes *notes,
                        struct connections *out);

/* Everything about a region's articulation: generators on top of modulators, built-in defaults left out. */
void sf2_map_articulation(const struct sf2_level *gens, const struct sf2_mods *mods, const struct dm_notes *notes,
                          struct connections *out);

/* Which frames of the sample sound, and how: [*first, *first + *frames) of the sample's SAMPLE_FRAMES, loop and tuning
 * counted from there. false if nothing is left of it. */
bool sf2_map_sample(const struct sf2_level *gens, const struct sf2_sample *sample, uint32_t sample_frames,
                    const struct dm_notes *notes, uint32_t *first, uint32_t *frames, struct dls_sample_info *out);

/* After both of these, for the region's keys: move what of the tuning lies where DLS readers would not believe it from INFO to a
 * constant connection of LIST. The sum stays. */
void sf2_bound_tuning(uint16_t key_low, uint16_t key_high, struct connections *list, struct dls_sample_info *info);

/* Cents at KEY by the tuning of INFO and the key-to-pitch and constant connections that go with it: what the mapping promises to
 * equal scale * (key - root) + tune. */
double sf2_mapped_cents(const struct connections *list, const struct dls_sample_info *info, int key);

#endif
