/* SPDX-License-Identifier: MIT */
/* midi_inputs.h - the members of the table in midi_input.c, where their libraries are. Internal to the room. */
#ifndef DMUS_AUDIO_MIDI_INPUTS_H
#define DMUS_AUDIO_MIDI_INPUTS_H

#include "midi_input.h"

extern const struct midi_input_ops midi_alsa, midi_jack, midi_pipewire, midi_rawmidi, midi_raw;

#endif
