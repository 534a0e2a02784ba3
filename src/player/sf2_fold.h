/* SPDX-License-Identifier: MIT */
/*
 * sf2_fold.h - SoundFont zones folded to what one region plays with.
 *
 * Within a level a zone overrides the level's global zone; the preset level is
 * added to the instrument level (SF2 2.04 sections 9.4, 9.5; spec/dls.md 6.1).
 * All pure functions, any thread.
 */
#ifndef DMUS_PLAYER_SF2_FOLD_H
#define DMUS_PLAYER_SF2_FOLD_H

#include "formats/sf2.h"

/* sfGenOper */
enum sf2_gen {
    GEN_START_OFFSET = 0,
    GEN_END_OFFSET = 1,
    GEN_LOOP_START_OFFSET = 2,
    GEN_LOOP_END_OFFSET = 3,
    GEN_START_COARSE = 4, /* units of 32768 frames, like the other three coarse offsets */
    GEN_LFO_PITCH = 5,    /* cents */
    GEN_VIB_PITCH = 6,
    GEN_EG2_PITCH = 7,
    GEN_FILTER_FC = 8,    /* absolute cents */
    GEN_FILTER_Q = 9,     /* cB */
    GEN_LFO_FC = 10,      /* cents */
    GEN_EG2_FC = 11,
    GEN_END_COARSE = 12,
    GEN_LFO_VOLUME = 13,  /* cB */
    GEN_CHORUS = 15,      /* 0.1 % */
    GEN_REVERB = 16,
    GEN_PAN = 17,
    GEN_LFO_DELAY = 21,   /* time cents */
    GEN_LFO_FREQUENCY = 22, /* absolute cents */
    GEN_VIB_DELAY = 23,
    GEN_VIB_FREQUENCY = 24,
    GEN_EG2_DELAY = 25,   /* time cents */
    GEN_EG2_ATTACK = 26,
    GEN_EG2_HOLD = 27,
    GEN_EG2_DECAY = 28,
    GEN_EG2_SUSTAIN = 29, /* 0.1 % below full */
    GEN_EG2_RELEASE = 30,
    GEN_KEY_EG2_HOLD = 31, /* time cents per key, key 60 is zero */
    GEN_KEY_EG2_DECAY = 32,
    GEN_EG1_DELAY = 33,
    GEN_EG1_ATTACK = 34,
    GEN_EG1_HOLD = 35,
    GEN_EG1_DECAY = 36,
    GEN_EG1_SUSTAIN = 37, /* cB below full */
    GEN_EG1_RELEASE = 38,
    GEN_KEY_EG1_HOLD = 39,
    GEN_KEY_EG1_DECAY = 40,
    GEN_INSTRUMENT = 41,
    GEN_KEY_RANGE = 43,
    GEN_VELOCITY_RANGE = 44,
    GEN_LOOP_START_COARSE = 45,
    GEN_KEYNUM = 46,      /* fixed key, -1 none */
    GEN_VELOCITY = 47,    /* fixed velocity, -1 none */
    GEN_ATTENUATION = 48, /* cB */
    GEN_LOOP_END_COARSE = 50,
    GEN_COARSE_TUNE = 51, /* semitones */
    GEN_FINE_TUNE = 52,   /* cents */
    GEN_SAMPLE = 53,
    GEN_SAMPLE_MODES = 54,
    GEN_SCALE_TUNING = 56, /* cents per key */
    GEN_EXCLUSIVE_CLASS = 57,
    GEN_ROOT_KEY = 58,    /* -1: the sample's */
    GEN_INITIAL_PITCH = 59, /* as destination of modulators only */
    GEN_COUNT = 61
};

/* Generator amounts of one level. */
struct sf2_level {
    int32_t amount[GEN_COUNT];
    bool given[GEN_COUNT];
};

/* The defaults of SF2 2.04 section 8.1.3, none given: where the instrument level starts. */
void sf2_level_defaults(struct sf2_level *level);
/* All zero, none given: where the preset level starts. */
void sf2_level_zero(struct sf2_level *level);
/* Lay the generators of ZONE over LEVEL (last one of a kind wins; ranges and links are passed over). */
void sf2_level_apply(struct sf2_level *level, const struct sf2_zone *zone);
/* Add the preset level where it may speak (not for offsets, sample modes, fixed key and velocity, exclusive class, root
 * key), then clamp every sum to its range of section 8.1.3. */
void sf2_level_add_preset(struct sf2_level *instrument, const struct sf2_level *preset);

/* One modulator with a sum that cannot wrap. */
struct sf2_mod {
    uint16_t source, destination, amount_source, transform;
    int32_t amount;
};

#define SF2_MODS_MAX 128

struct sf2_mods {
    uint32_t count;
    uint32_t lost; /* did not fit any more */
    struct sf2_mod mod[SF2_MODS_MAX];
};

/* The ten default modulators of section 8.4, velocity to filter cutoff (8.4.2) with amount 0 as players have it. */
void sf2_mods_defaults(struct sf2_mods *mods);
void sf2_mods_copy(struct sf2_mods *to, const struct sf2_mods *from);
/* The modulators of ZONE: one that is identical (same sources, destination and transform; section 9.5.1) replaces the amount,
 * others are appended. Of more than SF2_MODS_MAX records the rest is lost unread: no sound file has them, and every region
 * reads them again. */
void sf2_mods_apply(struct sf2_mods *mods, const struct sf2_zone *zone);
/* Preset level onto instrument level: identical ones add up, others are appended. */
void sf2_mods_add(struct sf2_mods *mods, const struct sf2_mods *preset);

struct sf2_ranges {
    uint8_t key_low, key_high, velocity_low, velocity_high;
};
/* Those of a zone, which takes what it does not name itself from its level's global zone (NULL: none). */
struct sf2_ranges sf2_level_ranges(const struct sf2_zone *global, const struct sf2_zone *zone);
/* Narrow *RANGES to what it has in common with OTHER; false if no key and velocity is left. */
bool sf2_ranges_meet(const struct sf2_ranges *other, struct sf2_ranges *ranges);

#endif
