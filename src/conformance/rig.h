/* SPDX-License-Identifier: MIT */
/*
 * rig.h - sounds that a case makes itself while it judges: files rendered with other options, and the user-mode DDI driven
 * by hand where the rule is the DDI's own (channel groups, voice limits, properties, 16-bit output).
 *
 * A sound is ended with rig_free_sound. What the library refuses ends the program with a message.
 */
#ifndef DMUS_CONFORMANCE_RIG_H
#define DMUS_CONFORMANCE_RIG_H

#include "build.h"
#include "judge.h"

/* BANK (NULL: the one inside the song) and SONG as files, rendered as TEST says. 0 frames if there is nothing to play. */
struct conf_sound rig_render_files(const struct conf_case *test, const struct conf_bytes *bank, const struct conf_bytes *song);
void rig_free_sound(struct conf_sound *sound);

struct rig_options {
    bool native;
    uint32_t rate, voices, groups, channels; /* 0: CONF_RATE, 64, 1, 2 */
    bool reverb, chorus;
    bool s16;    /* IDirectMusicSynth::Render instead of float; samples come back as 1/32768 */
    bool dither;
};

struct rig;

/* An open, active synth on an offline sink, with the whole BANK downloaded. */
struct rig *rig_open(const struct rig_options *options, struct conf_bank *bank);
void rig_close(struct rig *rig);

/* Hand over a message for FRAME (not before what is rendered already) and channel group GROUP (1..; 0 is what native calls
 * all). */
void rig_message(struct rig *rig, uint64_t frame, uint32_t group, uint8_t status, uint8_t data1, uint8_t data2);
void rig_sysex(struct rig *rig, uint64_t frame, uint32_t group, const uint8_t *bytes, uint32_t size);
/* The next FRAMES frames; one channel is both left and right. */
struct conf_sound rig_sound(struct rig *rig, uint32_t frames);
/* The next FRAMES frames in blocks of BLOCK, thrown away: processor time that the lower quartile of the blocks stayed below,
 * seconds. Low, because what else the machine does only ever adds. */
double rig_block_time(struct rig *rig, uint32_t frames, uint32_t block);

/* KsProperty: item 0 or 1 of Volume, 1/100 dB; the four values of WavesReverb. */
void rig_volume(struct rig *rig, uint32_t item, int32_t volume);
void rig_waves_reverb(struct rig *rig, float in_gain_db, float mix_db, float time_ms, float hf_ratio);

struct rig_report {
    uint32_t voices, voices_peak, notes_lost, groups;
    uint64_t clipped;
};
struct rig_report rig_report(struct rig *rig);

#endif
