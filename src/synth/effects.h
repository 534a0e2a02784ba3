/* SPDX-License-Identifier: MIT */
/*
 * effects.h - the engine's reverb and chorus: stereo in, stereo out, own
 * implementations of published designs (named in the .c files).
 *
 * State lives in memory that the caller provides, so that nothing allocates
 * while rendering. Output is pure effect (no dry part) and is added to the
 * output. Frame by frame: results do not depend on how the stream is cut, nor
 * on whether process is called or skipped while idle. Input below -140 dBFS
 * counts as zero, as does what is no number. Rates 4000..192000 Hz.
 * All render side but *_size and *_init. Internal to the engine.
 */
#ifndef DMUS_SYNTH_EFFECTS_H
#define DMUS_SYNTH_EFFECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reverb;
struct chorus;
struct effects_kernels; /* effects_kernels.h: any set, the same bits; it may be another one with every call */

size_t reverb_size(uint32_t sample_rate);
struct reverb *reverb_init(void *memory, uint32_t sample_rate); /* memory: zeroed, 64-byte aligned */
/* Time to -60 dB at low frequencies in seconds (0.1..10), ratio of the decay time at 5 kHz to it (0.001..1; what would
 * need damping from below 1 kHz on is given only in part), output level as linear gain (1: an undamped impulse into one
 * side leaves each side with its energy, whatever the time), room size 0..1. New values glide; the tail is not cut.
 * While idle they hold at once. */
void reverb_set(struct reverb *reverb, float time_s, float hf_ratio, float gain, float size);
/* Add the effect of IN to OUT. PLACE, 0..63: of the first frame between two of the frames at which the caller cuts the stream
 * whatever happens, 64 apart; for speed alone, any gives the same bits. */
void reverb_process(struct reverb *reverb, const struct effects_kernels *kernels, const float *in_left, const float *in_right,
                    float *out_left, float *out_right, uint32_t frames, uint32_t place);
/* true once input has been zero and the tail is below -100 dBFS: process may then be skipped. */
bool reverb_idle(const struct reverb *reverb);
void reverb_clear(struct reverb *reverb);

size_t chorus_size(uint32_t sample_rate);
struct chorus *chorus_init(void *memory, uint32_t sample_rate);
/* Rate in Hz (0..20), depth in ms peak to peak (0..40), feedback -0.95..0.95, output gain linear. The delay swings between
 * 1.5 ms (67 frames if that is more) and that plus the depth, as a sine; the right side runs a quarter of a turn ahead. New values
 * glide, the phase goes on. */
void chorus_set(struct chorus *chorus, float rate_hz, float depth_ms, float feedback, float gain);
/* Add the effect of IN to OUT. PLACE as in reverb_process. */
void chorus_process(struct chorus *chorus, const struct effects_kernels *kernels, const float *in_left, const float *in_right,
                    float *out_left, float *out_right, uint32_t frames, uint32_t place);
bool chorus_idle(const struct chorus *chorus);
void chorus_clear(struct chorus *chorus);

#endif
