/* SPDX-License-Identifier: MIT */
/*
 * notes.h - notes and the voices they start: region choice, exclusive notes and
 * key groups, pedals, mono and poly, portamento.
 *
 * The gate of a voice is open while its key is down, or the sustain pedal is, or
 * the sostenuto pedal holds it. "Shut down" is the fast release of DLS 2 1.4.4.
 * Constant time per started voice. All render side. Internal to the engine.
 */
#ifndef DMUS_SYNTH_NOTES_H
#define DMUS_SYNTH_NOTES_H

#include "engine.h"

/* [control] SYNTH_OK or SYNTH_NOMEM. */
enum synth_status notes_init(struct synth *synth);
void notes_destroy(struct synth *synth);
/* Forget all voices (the mixer is reset by the caller). [no render in flight] */
void notes_reset(struct synth *synth);

void notes_on(struct synth *synth, struct part *part, uint8_t note, uint8_t velocity);
void notes_off(struct synth *synth, struct part *part, uint8_t note);
/* CC123: note-off for all keys; pedals hold on. */
void notes_all_off(struct synth *synth, struct part *part);
/* CC120 and resets: silence, with a short ramp. */
void notes_sound_off(struct synth *synth, struct part *part);
/* A pedal went down or up: PART's cc[64] or cc[66] has its new value, WAS_DOWN tells of the old. */
void notes_sustain(struct synth *synth, struct part *part);
void notes_sostenuto(struct synth *synth, struct part *part, bool was_down);
/* PART's priority may have changed: file its voices anew. */
void notes_prioritise(struct synth *synth, struct part *part);
/* For voices that are no notes (plays.h): start one on PART with PARAMS, whose channel buses are filled in unless it has its own.
 * VOICE_NONE: no slot, counted as lost. */
voice_slot notes_start_play(struct synth *synth, struct part *part, struct play *play, struct voice_params *params);
/* Close the gate whatever the pedals; fade out at once. */
void notes_release(struct synth *synth, voice_slot slot);
void notes_fade(struct synth *synth, voice_slot slot);
/* Free what the mixer reports silent; after each span. */
void notes_reap(struct synth *synth);

/* The instrument that PART's patch choice finds now, or NULL. */
struct patch_node *notes_patch(struct synth *synth, struct part *part);

static inline bool pedal_down(const struct part *part, unsigned controller) { return part->channel.cc[controller] >= 64; }

#endif
