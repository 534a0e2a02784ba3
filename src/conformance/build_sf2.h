/* SPDX-License-Identifier: MIT */
/*
 * build_sf2.h - a SoundFont 2 bank, generator by generator, for cases that are about SoundFonts.
 *
 * A preset has one instrument of its own. Numbers of generators and modulator sources are those of SoundFont 2.04 sections 8.1.2 and
 * 8.2. Presets and zones are begun in order; generators and modulators belong to what was begun last.
 */
#ifndef DMUS_CONFORMANCE_BUILD_SF2_H
#define DMUS_CONFORMANCE_BUILD_SF2_H

#include "build.h"

struct sf2_file;

struct sf2_file *sf2_new(void);
/* Append the finished bank to OUT and end FILE. */
void sf2_end(struct sf2_file *file, struct conf_bytes *out);

/* A sample of FRAMES 16-bit frames at CONF_RATE, key 60, with its loop in [LOOP_START, LOOP_END). Returns its index. */
uint32_t sf2_sample(struct sf2_file *file, const int16_t *samples, uint32_t frames, uint32_t loop_start, uint32_t loop_end);
/* The constant LEVEL (1: full scale), 96 frames looped. */
uint32_t sf2_constant(struct sf2_file *file, double level);
/* Two periods of PERIOD frames of a sine that starts at PHASE turns, 0.9 of full scale, looped, with one before and one behind. */
uint32_t sf2_sine(struct sf2_file *file, uint32_t period, double phase);

void sf2_preset(struct sf2_file *file, uint16_t bank, uint16_t program);
/* A generator or modulator of the preset's zone, which is added to those of the instrument. */
void sf2_preset_generator(struct sf2_file *file, uint16_t oper, int32_t amount);
void sf2_preset_modulator(struct sf2_file *file, uint16_t source, uint16_t destination, int32_t amount, uint16_t amount_source);
/* The global zone of the instrument (first of its zones), and one that plays SAMPLE. */
void sf2_global_zone(struct sf2_file *file);
void sf2_zone(struct sf2_file *file, uint32_t sample);
void sf2_generator(struct sf2_file *file, uint16_t oper, int32_t amount);
void sf2_range(struct sf2_file *file, uint16_t oper, uint8_t low, uint8_t high); /* 43 keys, 44 velocities */
void sf2_modulator(struct sf2_file *file, uint16_t source, uint16_t destination, int32_t amount, uint16_t amount_source);

#endif
