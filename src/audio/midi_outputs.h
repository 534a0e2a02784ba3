/* SPDX-License-Identifier: MIT */
/* midi_outputs.h - the members of the table in midi_output.c, where their libraries are. Internal to the room. */
#ifndef DMUS_AUDIO_MIDI_OUTPUTS_H
#define DMUS_AUDIO_MIDI_OUTPUTS_H

#include "midi_output.h"

extern const struct midi_output_ops midi_out_alsa, midi_out_rawmidi, midi_out_raw;

#endif
