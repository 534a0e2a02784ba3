/* SPDX-License-Identifier: MIT */
/* midi_parser.h - moved to src/base, where the MIDI inputs of src/audio share it: midi_parser.c is built there, not here. */
#include "base/midi_parser.h"
