/* SPDX-License-Identifier: MIT */
/*
 * fake_mixer.h - a mixer that makes no sound but remembers what it was told.
 *
 * Linked into tests of the note side in place of the engine's. Its output is the
 * number of gated voices / 1024 on the left and of all started ones on the right.
 */
#ifndef DMUS_TESTS_SYNTH_FAKE_MIXER_H
#define DMUS_TESTS_SYNTH_FAKE_MIXER_H

#include "synth/voice.h"

enum fake_state { FAKE_FREE, FAKE_PLAYING, FAKE_RELEASED, FAKE_SHUT_DOWN, FAKE_STOLEN };

struct fake_voice {
    enum fake_state state;
    struct voice_params params;
    uint8_t note, key; /* as started or retuned */
    float retune_rate;
    uint32_t order; /* of its start, from 1 */
    float level_db;
};

struct mixer {
    uint32_t slots;
    uint32_t started; /* since the last fake_forget */
    uint32_t retuned;
    uint32_t misuse;  /* starts of slots that were not free, calls for free ones */
    uint64_t frames;
    uint32_t effects;
    struct synth_reverb reverb;
    uint8_t gm2_reverb[8], gm2_chorus[8];
    uint32_t gm2_calls;
    bool finish[20480];
    struct fake_voice voice[20480];
};

/* The slot falls silent: reported by the next mixer_finished. */
void fake_finish(struct mixer *mixer, voice_slot slot);
/* All voices in STATE fall silent. */
void fake_finish_all(struct mixer *mixer, enum fake_state state);
uint32_t fake_count(const struct mixer *mixer, enum fake_state state);
/* The latest started voice that is in STATE and plays NOTE (or any, if NOTE > 127); VOICE_NONE. */
voice_slot fake_find(const struct mixer *mixer, enum fake_state state, uint8_t note);

#endif
