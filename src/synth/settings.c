/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "engine.h"

enum { VOLUME_0, VOLUME_1, EFFECTS, REVERB }; /* words; REVERB and the three after it hold floats */

static uint32_t float_bits(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static float bits_float(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* ---- control side ------------------------------------------------------- */

static void publish(struct synth *synth)
{
    const struct settings *settings = &synth->settings;
    uint32_t words[SETTINGS_WORDS] = {
        (uint32_t)settings->volume[0],
        (uint32_t)settings->volume[1],
        settings->effects,
        float_bits(settings->reverb.in_gain_db),
        float_bits(settings->reverb.mix_db),
        float_bits(settings->reverb.time_ms),
        float_bits(settings->reverb.hf_ratio),
    };
    seqlock_write(&synth->settings_lock, synth->settings_words, words, SETTINGS_WORDS);
}

void settings_init(struct synth *synth)
{
    /* Defaults of spec/ddi-user.md 5.7. */
    synth->settings.reverb = (struct synth_reverb){0.0f, -10.0f, 1000.0f, 0.001f};
    synth->settings.volume[0] = 0;
    synth->settings.volume[1] = synth->config.profile == SYNTH_NATIVE ? 600 : 0;
    synth->settings.effects = synth->config.effects;
    publish(synth);
}

void synth_set_volume(struct synth *synth, uint32_t item, int32_t cb10)
{
    if (item > 1)
        return;
    synth->settings.volume[item] = cb10 < -20000 ? -20000 : cb10 > 2000 ? 2000 : cb10;
    publish(synth);
}

void synth_set_effects(struct synth *synth, uint32_t effects)
{
    synth->settings.effects = effects & (SYNTH_EFFECT_REVERB | SYNTH_EFFECT_CHORUS);
    publish(synth);
}

uint32_t synth_effects(const struct synth *synth) { return synth->settings.effects; }

/* NaN becomes LOW. */
static float clamp(float value, float low, float high) { return value > low ? value < high ? value : high : low; }

void synth_set_reverb(struct synth *synth, const struct synth_reverb *reverb)
{
    synth->settings.reverb = (struct synth_reverb){
        .in_gain_db = clamp(reverb->in_gain_db, -96.0f, 0.0f),
        .mix_db = clamp(reverb->mix_db, -96.0f, 0.0f),
        .time_ms = clamp(reverb->time_ms, 0.001f, 3000.0f),
        .hf_ratio = clamp(reverb->hf_ratio, 0.001f, 0.999f),
    };
    publish(synth);
}

void synth_get_reverb(const struct synth *synth, struct synth_reverb *reverb) { *reverb = synth->settings.reverb; }

/* ---- render side -------------------------------------------------------- */

void settings_update(struct synth *synth, bool first)
{
    uint32_t words[SETTINGS_WORDS], seen;
    uint32_t version = atomic_load_explicit(&synth->settings_lock.version, memory_order_relaxed);
    if (!first && version == synth->settings_seen)
        return;
    /* Torn: the control side is at it just now; the next call will do. */
    if (!seqlock_read(&synth->settings_lock, synth->settings_words, words, SETTINGS_WORDS, &seen))
        return;
    synth->settings_seen = seen;
    float volume_db = (float)((int32_t)words[VOLUME_0] + (int32_t)words[VOLUME_1]) * 0.01f;
    for (uint32_t i = 0; i < GROUPS_MAX; i++) {
        struct group *group = synth_group(synth, i);
        if (group && (first || group->master.volume_db != volume_db)) {
            group->master.volume_db = volume_db;
            group_changed(group);
        }
    }
    if (first || words[EFFECTS] != synth->effects)
        mixer_set_effects(synth->mixer, words[EFFECTS]);
    synth->effects = words[EFFECTS];
    struct synth_reverb reverb = {bits_float(words[REVERB]), bits_float(words[REVERB + 1]), bits_float(words[REVERB + 2]),
                                  bits_float(words[REVERB + 3])};
    if (first || memcmp(&reverb, &synth->reverb, sizeof reverb) != 0)
        mixer_set_reverb(synth->mixer, &reverb);
    synth->reverb = reverb;
}
