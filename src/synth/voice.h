/* SPDX-License-Identifier: MIT */
/*
 * voice.h - sounding voices: oscillator, envelopes, LFOs, filter, gain, pan
 * and sends, and the mixer that runs them all.
 *
 * The mixer owns a fixed set of slots. The note side (notes.c) decides which
 * slot plays what; it starts, releases and cuts voices between two spans, and
 * is told which slots have fallen silent. Everything here is render side, but
 * mixer_create and mixer_destroy. Internal to the engine.
 *
 * Control values move on a grid of MIXER_GRID frames counted from the first
 * frame rendered, with exact breakpoints at note-on, note-off and envelope
 * segment ends, so that nothing depends on how the stream is cut into spans.
 */
#ifndef DMUS_SYNTH_VOICE_H
#define DMUS_SYNTH_VOICE_H

#include <stdbool.h>
#include <stdint.h>

#include "buses.h"
#include "channel.h"
#include "instrument.h"
#include "synth.h"

#define MIXER_GRID 64u

struct mixer;
typedef uint32_t voice_slot;
#define VOICE_NONE UINT32_MAX

/* Everything a new voice is told. Pointers must stay valid until the slot is reported finished. */
struct voice_params {
    const struct region *region;
    const struct channel *channel;
    uint8_t note;          /* MIDI note, for poly pressure and key tuning */
    uint8_t key;           /* output of the key number generator, 0..127: pitch, key scaling */
    uint8_t velocity;      /* 1..127 */
    float gain_db;         /* key-based and soft-pedal adjustment, 0 for none */
    float tune_cents;      /* key-based tuning, 0 for none */
    float pan;             /* key-based pan added to DEST_PAN, 0.1 % */
    float cutoff_cents;    /* soft pedal, 0 for none */
    float glide_cents;     /* portamento: start this far from the key ... */
    float glide_rate;      /* ... and move by this many cents per second; 0: no glide */
    uint8_t key_reverb;    /* key-based sends (CA-023): 0 the channel's CC91 holds, else 1 + value that replaces it */
    uint8_t key_chorus;    /* the same for CC93 */
    uint32_t start;        /* sample of the wave to begin with */
    struct stream *stream; /* source of samples instead of region->wave, which gives the rate; or NULL */
    struct bus_list *buses;/* where the sound goes; NULL: left, right and both sends */
    uint32_t bank;         /* version of what is downloaded, by which articulations at one place are told apart; 0: unknown */
    voice_slot phase_master; /* slot whose pitch and position this voice is locked to, or VOICE_NONE */
};

/* Memory for SLOTS voices at SAMPLE_RATE from MEM; NULL if there is none. [control] */
struct mixer *mixer_create(const struct synth_config *config, uint32_t slots, const struct synth_memory *mem);
void mixer_destroy(struct mixer *mixer, const struct synth_memory *mem);

/* Start a voice in SLOT, which must be free, at the next frame to be rendered. */
void mixer_start(struct mixer *mixer, voice_slot slot, const struct voice_params *params);
/* A voice is about to start; or the one in SLOT to be stolen. Changes nothing but what is in the cache. */
void mixer_expect_start(struct mixer *mixer);
void mixer_expect_steal(const struct mixer *mixer, voice_slot slot);
/* Close the gate: envelopes go to release, a release loop is left. */
void mixer_release(struct mixer *mixer, voice_slot slot);
/* Envelope to release with the shutdown time of the articulation (native: about 15 ms). */
void mixer_shutdown(struct mixer *mixer, voice_slot slot);
/* The slot was stolen: fade to silence in a few milliseconds without a click. */
void mixer_steal(struct mixer *mixer, voice_slot slot);
/* All sound off: same ramp as a steal. */
/* New target for a sounding voice (legato, portamento control): glide from the present pitch. */
void mixer_retune(struct mixer *mixer, voice_slot slot, uint8_t note, uint8_t key, float glide_rate);

/* Present level of the voice's envelope and gain, linear (1 = full); 0 for a free slot. */
float mixer_level(const struct mixer *mixer, voice_slot slot);

/* Sample that the voice in SLOT has reached: inside its loop if it has one; of a stream, since its first buffer. 0 for a free
 * slot. */
uint64_t mixer_position(const struct mixer *mixer, voice_slot slot);

/* Render FRAMES frames (any count) of all voices and effects into planar LEFT and RIGHT (overwritten). */
void mixer_render(struct mixer *mixer, uint32_t frames, float *left, float *right);
/* The same, and each of OUTPUTS' buffers gets its bus from outputs->at on. OUTPUTS NULL: mixer_render. */
void mixer_render_buses(struct mixer *mixer, uint32_t frames, float *left, float *right, const struct bus_outputs *outputs);

/* Slots that fell silent since the last call, in slot order; returns how many were stored (at most MAX). A reported slot
 * is free again. */
uint32_t mixer_finished(struct mixer *mixer, voice_slot *slots, uint32_t max);

/* WHAT (CHANNEL_*) of CHANNEL changed: voices that listen to it look at the channel again at the next control point. Instead of a new
 * version of the channel, for changes that come often. */
void mixer_touch(struct mixer *mixer, struct channel *channel, uint32_t what);

void mixer_set_effects(struct mixer *mixer, uint32_t effects);
void mixer_set_reverb(struct mixer *mixer, const struct synth_reverb *reverb);
/* GM 2 reverb and chorus parameters by SysEx (spec/dls.md 5.6). */
void mixer_set_gm2_reverb(struct mixer *mixer, uint8_t parameter, uint8_t value);
void mixer_set_gm2_chorus(struct mixer *mixer, uint8_t parameter, uint8_t value);
bool mixer_silent(const struct mixer *mixer);
void mixer_reset(struct mixer *mixer); /* all slots free at once, effect tails gone, grid restarts */

#endif
