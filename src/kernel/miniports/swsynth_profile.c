/* SPDX-License-Identifier: MIT */
#include "swsynth.h"

const struct swsynth_profile swsynth_profiles[2] = {
    [DMUS_PROFILE_NATIVE] = {.voices_max = 1000,
                             .groups_max = 1000,
                             .rate_min = 11025,
                             .rate_max = 96000,
                             .effects = SYNTH_EFFECT_REVERB,
                             .defaults = {.voices = 32, .groups = 2, .channels = 2, .rate = 22050, .effects = SYNTH_EFFECT_REVERB},
                             .volume = {0, 600},
                             .dither = false},
    [DMUS_PROFILE_STUDIO] = {.voices_max = 16384,
                             .groups_max = 1000,
                             .rate_min = 8000,
                             .rate_max = 192000,
                             .effects = SYNTH_EFFECT_REVERB | SYNTH_EFFECT_CHORUS,
                             .defaults = {.voices = 256,
                                          .groups = 2,
                                          .channels = 2,
                                          .rate = 48000,
                                          .effects = SYNTH_EFFECT_REVERB | SYNTH_EFFECT_CHORUS},
                             .volume = {0, 0},
                             .dither = true},
};
