/* SPDX-License-Identifier: MIT */
/*
 * tuning.h - tuning by system exclusive: scale/octave tuning per part, and the
 * programs of the MIDI Tuning Standard (CA-020/021, spec/dls.md 5.5).
 *
 * Tuning programs are shared by the parts of a group and chosen with RPN 3 and 4.
 * Real-time forms act on sounding notes, the others on new ones. Render side.
 * Internal to the engine.
 */
#ifndef DMUS_SYNTH_TUNING_H
#define DMUS_SYNTH_TUNING_H

#include "engine.h"

/* A universal message of sub-ID 08: BYTES are all of it, F0 first, SIZE without the final F7. */
void tuning_message(struct synth *synth, struct group *group, const uint8_t *bytes, uint32_t size);
/* Twelve offsets C..B of 1/8192 * 100 cents each; SOUNDING: for notes that sound, too. */
void tuning_octave(struct part *part, const int16_t *offsets, bool sounding);
/* RPN 3 or 4 changed: look up PART's program. */
void tuning_select(struct synth *synth, struct part *part);
/* Drop GROUP's programs and key controls. */
void tuning_forget(struct synth *synth, struct group *group);

#endif
