/* SPDX-License-Identifier: MIT */
#include "sf2_fold.h"

#include <string.h>

enum { PRESET_TOO = 1 }; /* may also stand in a preset zone, where it is added */

/* SF2 2.04 section 8.1.3: default, lowest, highest. */
static const struct {
    int16_t initial, low, high;
    uint8_t flags;
} rules[GEN_COUNT] = {
    [GEN_START_OFFSET] = {0, -32768, 32767, 0},
    [GEN_END_OFFSET] = {0, -32768, 32767, 0},
    [GEN_LOOP_START_OFFSET] = {0, -32768, 32767, 0},
    [GEN_LOOP_END_OFFSET] = {0, -32768, 32767, 0},
    [GEN_START_COARSE] = {0, -32768, 32767, 0},
    [GEN_LFO_PITCH] = {0, -12000, 12000, PRESET_TOO},
    [GEN_VIB_PITCH] = {0, -12000, 12000, PRESET_TOO},
    [GEN_EG2_PITCH] = {0, -12000, 12000, PRESET_TOO},
    [GEN_FILTER_FC] = {13500, 1500, 13500, PRESET_TOO},
    [GEN_FILTER_Q] = {0, 0, 960, PRESET_TOO},
    [GEN_LFO_FC] = {0, -12000, 12000, PRESET_TOO},
    [GEN_EG2_FC] = {0, -12000, 12000, PRESET_TOO},
    [GEN_END_COARSE] = {0, -32768, 32767, 0},
    [GEN_LFO_VOLUME] = {0, -960, 960, PRESET_TOO},
    [GEN_CHORUS] = {0, 0, 1000, PRESET_TOO},
    [GEN_REVERB] = {0, 0, 1000, PRESET_TOO},
    [GEN_PAN] = {0, -500, 500, PRESET_TOO},
    [GEN_LFO_DELAY] = {-12000, -12000, 5000, PRESET_TOO},
    [GEN_LFO_FREQUENCY] = {0, -16000, 4500, PRESET_TOO},
    [GEN_VIB_DELAY] = {-12000, -12000, 5000, PRESET_TOO},
    [GEN_VIB_FREQUENCY] = {0, -16000, 4500, PRESET_TOO},
    [GEN_EG2_DELAY] = {-12000, -12000, 5000, PRESET_TOO},
    [GEN_EG2_ATTACK] = {-12000, -12000, 8000, PRESET_TOO},
    [GEN_EG2_HOLD] = {-12000, -12000, 5000, PRESET_TOO},
    [GEN_EG2_DECAY] = {-12000, -12000, 8000, PRESET_TOO},
    [GEN_EG2_SUSTAIN] = {0, 0, 1000, PRESET_TOO},
    [GEN_EG2_RELEASE] = {-12000, -12000, 8000, PRESET_TOO},
    [GEN_KEY_EG2_HOLD] = {0, -1200, 1200, PRESET_TOO},
    [GEN_KEY_EG2_DECAY] = {0, -1200, 1200, PRESET_TOO},
    [GEN_EG1_DELAY] = {-12000, -12000, 5000, PRESET_TOO},
    [GEN_EG1_ATTACK] = {-12000, -12000, 8000, PRESET_TOO},
    [GEN_EG1_HOLD] = {-12000, -12000, 5000, PRESET_TOO},
    [GEN_EG1_DECAY] = {-12000, -12000, 8000, PRESET_TOO},
    [GEN_EG1_SUSTAIN] = {0, 0, 1440, PRESET_TOO},
    [GEN_EG1_RELEASE] = {-12000, -12000, 8000, PRESET_TOO},
    [GEN_KEY_EG1_HOLD] = {0, -1200, 1200, PRESET_TOO},
    [GEN_KEY_EG1_DECAY] = {0, -1200, 1200, PRESET_TOO},
    [GEN_LOOP_START_COARSE] = {0, -32768, 32767, 0},
    [GEN_KEYNUM] = {-1, -1, 127, 0},
    [GEN_VELOCITY] = {-1, -1, 127, 0},
    [GEN_ATTENUATION] = {0, 0, 1440, PRESET_TOO},
    [GEN_LOOP_END_COARSE] = {0, -32768, 32767, 0},
    [GEN_COARSE_TUNE] = {0, -120, 120, PRESET_TOO},
    /* -99..99 in the text, but only ever by one zone: sums of levels go beyond, and players let them. */
    [GEN_FINE_TUNE] = {0, -12700, 12700, PRESET_TOO},
    [GEN_SAMPLE_MODES] = {0, -32768, 32767, 0},
    [GEN_SCALE_TUNING] = {100, 0, 1200, PRESET_TOO},
    [GEN_EXCLUSIVE_CLASS] = {0, 0, 127, 0},
    [GEN_ROOT_KEY] = {-1, -1, 127, 0},
};

void sf2_level_defaults(struct sf2_level *level)
{
    for (int gen = 0; gen < GEN_COUNT; gen++)
        level->amount[gen] = rules[gen].initial;
    memset(level->given, 0, sizeof level->given);
}

void sf2_level_zero(struct sf2_level *level) { memset(level, 0, sizeof *level); }

void sf2_level_apply(struct sf2_level *level, const struct sf2_zone *zone)
{
    for (uint32_t i = 0; i < zone->generator_count; i++) {
        uint16_t oper = zone->generators[i].oper;
        if (oper >= GEN_COUNT)
            continue;
        level->amount[oper] = (int16_t)zone->generators[i].amount;
        level->given[oper] = true;
    }
}

void sf2_level_add_preset(struct sf2_level *instrument, const struct sf2_level *preset)
{
    for (int gen = 0; gen < GEN_COUNT; gen++) {
        int32_t sum = instrument->amount[gen] + (rules[gen].flags & PRESET_TOO ? preset->amount[gen] : 0);
        if (sum < rules[gen].low)
            sum = rules[gen].low;
        if (sum > rules[gen].high)
            sum = rules[gen].high;
        instrument->amount[gen] = sum;
    }
}

/* ---- modulators ---- */

static bool identical(const struct sf2_mod *a, const struct sf2_mod *b)
{
    return a->source == b->source && a->destination == b->destination && a->amount_source == b->amount_source &&
           a->transform == b->transform;
}

static void put(struct sf2_mods *mods, const struct sf2_mod *mod, bool sum)
{
    for (uint32_t i = 0; i < mods->count; i++) {
        if (identical(&mods->mod[i], mod)) {
            mods->mod[i].amount = sum ? mods->mod[i].amount + mod->amount : mod->amount;
            return;
        }
    }
    if (mods->count < SF2_MODS_MAX)
        mods->mod[mods->count++] = *mod;
    else
        mods->lost++;
}

void sf2_mods_defaults(struct sf2_mods *mods)
{
    static const struct sf2_mod defaults[] = {
        {0x0502, GEN_ATTENUATION, 0, 0, 960},     /* velocity, concave, falling */
        {0x0102, GEN_FILTER_FC, 0, 0, 0},         /* velocity, linear, falling; -2400 in the text */
        {0x000D, GEN_VIB_PITCH, 0, 0, 50},        /* channel pressure */
        {0x0081, GEN_VIB_PITCH, 0, 0, 50},        /* CC1 */
        {0x0587, GEN_ATTENUATION, 0, 0, 960},     /* CC7 */
        {0x028A, GEN_PAN, 0, 0, 1000},            /* CC10, bipolar */
        {0x058B, GEN_ATTENUATION, 0, 0, 960},     /* CC11 */
        {0x00DB, GEN_REVERB, 0, 0, 200},          /* CC91 */
        {0x00DD, GEN_CHORUS, 0, 0, 200},          /* CC93 */
        {0x020E, GEN_INITIAL_PITCH, 0x0010, 0, 12700}, /* wheel, bipolar, by RPN 0 */
    };
    mods->lost = 0;
    mods->count = sizeof defaults / sizeof defaults[0];
    memcpy(mods->mod, defaults, sizeof defaults);
}

void sf2_mods_copy(struct sf2_mods *to, const struct sf2_mods *from)
{
    to->count = from->count;
    to->lost = from->lost;
    memcpy(to->mod, from->mod, from->count * sizeof *from->mod);
}

void sf2_mods_apply(struct sf2_mods *mods, const struct sf2_zone *zone)
{
    uint32_t count = zone->modulator_count < SF2_MODS_MAX ? zone->modulator_count : SF2_MODS_MAX;
    mods->lost += zone->modulator_count - count;
    for (uint32_t i = 0; i < count; i++) {
        const struct sf2_modulator *m = &zone->modulators[i];
        struct sf2_mod mod = {m->source, m->destination, m->amount_source, m->transform, m->amount};
        put(mods, &mod, false);
    }
}

void sf2_mods_add(struct sf2_mods *mods, const struct sf2_mods *preset)
{
    for (uint32_t i = 0; i < preset->count; i++)
        put(mods, &preset->mod[i], true);
    mods->lost += preset->lost;
}

/* ---- ranges ---- */

static bool names(const struct sf2_zone *zone, uint16_t oper)
{
    for (uint32_t i = 0; i < zone->generator_count; i++)
        if (zone->generators[i].oper == oper)
            return true;
    return false;
}

struct sf2_ranges sf2_level_ranges(const struct sf2_zone *global, const struct sf2_zone *zone)
{
    const struct sf2_zone *key = global && !names(zone, GEN_KEY_RANGE) ? global : zone;
    const struct sf2_zone *velocity = global && !names(zone, GEN_VELOCITY_RANGE) ? global : zone;
    struct sf2_ranges r = {key->key_low, key->key_high, velocity->velocity_low, velocity->velocity_high};
    return r;
}

bool sf2_ranges_meet(const struct sf2_ranges *other, struct sf2_ranges *ranges)
{
    if (ranges->key_low < other->key_low)
        ranges->key_low = other->key_low;
    if (ranges->key_high > other->key_high)
        ranges->key_high = other->key_high;
    if (ranges->velocity_low < other->velocity_low)
        ranges->velocity_low = other->velocity_low;
    if (ranges->velocity_high > other->velocity_high)
        ranges->velocity_high = other->velocity_high;
    return ranges->key_low <= ranges->key_high && ranges->velocity_low <= ranges->velocity_high;
}
