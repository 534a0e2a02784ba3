/* SPDX-License-Identifier: MIT */
/* topics.c - the order of the table. */
#include "conf.h"

extern const struct conf_topic conf_topic_oscillator, conf_topic_envelopes, conf_topic_lfo, conf_topic_connections, conf_topic_times, conf_topic_transforms,
    conf_topic_filter, conf_topic_gain, conf_topic_list, conf_topic_sound;
extern const struct conf_topic conf_topic_notes, conf_topic_pedals, conf_topic_portamento, conf_topic_voices,
    conf_topic_banks, conf_topic_tuning, conf_topic_midi, conf_topic_gm2, conf_topic_native, conf_topic_native_artic,
    conf_topic_ddi, conf_topic_effects, conf_topic_output, conf_topic_wild, conf_topic_sf2, conf_topic_sf2_time,
    conf_topic_sf2_convert;

const struct conf_topic *const conf_topics[] = {
    &conf_topic_oscillator,
    &conf_topic_envelopes,
    &conf_topic_lfo,
    &conf_topic_connections,
    &conf_topic_times,
    &conf_topic_transforms,
    &conf_topic_filter,
    &conf_topic_gain,
    &conf_topic_list,
    &conf_topic_notes,
    &conf_topic_pedals,
    &conf_topic_portamento,
    &conf_topic_voices,
    &conf_topic_banks,
    &conf_topic_tuning,
    &conf_topic_midi,
    &conf_topic_gm2,
    &conf_topic_ddi,
    &conf_topic_sound,
    &conf_topic_effects,
    &conf_topic_output,
    &conf_topic_wild,
    &conf_topic_sf2,
    &conf_topic_sf2_time,
    &conf_topic_sf2_convert,
    &conf_topic_native,
    &conf_topic_native_artic,
    NULL};
