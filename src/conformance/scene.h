/* SPDX-License-Identifier: MIT */
/*
 * scene.h - a rule as a few messages and the level that must sound at their end.
 *
 * Scenes follow one another in one song, each on a synthesizer that was reset. Voices play a looped constant, so the level is
 * the sum of what sounds: 1 is the reference note (probe.h). Instruments of different gain tell by the sum which of them play.
 */
#ifndef DMUS_CONFORMANCE_SCENE_H
#define DMUS_CONFORMANCE_SCENE_H

#include "probe.h"

#define SCENE_LENGTH 24000u
#define SCENE_CHECK 19200u /* frames after its start: where the level is read */

/* A message FRAME frames after the scene's start. A system exclusive is text in hexadecimal without F0 and F7; "cs" stands for
 * the Roland checksum of what follows its fifth byte. */
struct move {
    uint32_t frame;
    uint8_t status, data1, data2;
    const char *sysex;
};
#define ON(frame, channel, key) {frame, 0x90 | (channel), key, 127, NULL}
#define ON_VELOCITY(frame, channel, key, velocity) {frame, 0x90 | (channel), key, velocity, NULL}
#define OFF(frame, channel, key) {frame, 0x80 | (channel), key, 64, NULL}
#define CC(frame, channel, number, value) {frame, 0xB0 | (channel), number, value, NULL}
#define PROGRAM(frame, channel, number) {frame, 0xC0 | (channel), number, 0, NULL}
#define BANK(frame, channel, msb, lsb, number) \
    CC(frame, channel, 0, msb), CC(frame, channel, 32, lsb), PROGRAM(frame, channel, number)
#define PRESSURE(frame, channel, value) {frame, 0xD0 | (channel), value, 0, NULL}
#define POLY_PRESSURE(frame, channel, key, value) {frame, 0xA0 | (channel), key, value, NULL}
#define WHEEL(frame, channel, value) {frame, 0xE0 | (channel), (value) & 127, (value) >> 7, NULL}
#define RPN(frame, channel, number, msb) CC(frame, channel, 101, 0), CC(frame, channel, 100, number), CC(frame, channel, 6, msb)
#define NRPN(frame, channel, high, low, value) \
    CC(frame, channel, 99, high), CC(frame, channel, 98, low), CC(frame, channel, 6, value)
#define SYSEX(frame, text) {frame, 0xF0, 0, 0, text}
#define GS(frame, text) SYSEX(frame, "41 10 42 12 " text " cs") /* address and data of a Roland DT1 message */

/* A list of moves apart, ended by one without status: a table with room for the longest in every scene was 150 KB that the loader
 * of programs went through each time the tool was started. */
#define MOVES(...) (const struct move[]){__VA_ARGS__, {0}}

struct scene {
    const char *clause, *what;
    double expected; /* level at the end; 0: silence */
    const struct move *moves;
};

/* F0 ... F7 of TEXT into BYTES (room for 512); returns the size. */
size_t scene_sysex_bytes(const char *text, uint8_t *bytes);
/* Send TEXT at FRAME. */
void scene_sysex(struct conf_song *song, uint64_t frame, const char *text);
/* Up to COUNT moves, as far as they have a status. */
void scene_play(struct conf_song *song, uint64_t frame, const struct move *moves, uint32_t count);

/* All channels silent and at power-on (GS reset), CC7 at 127. The measured scene begins 2400 frames later at least. */
void scene_reset(struct conf_song *song, uint64_t frame);

/* Frame at which the INDEXth scene begins. */
uint64_t scene_start(uint32_t index);
void scene_build(struct conf_song *song, const struct scene *scenes, uint32_t count);
void scene_judge(struct conf_judge *judge, const struct scene *scenes, uint32_t count);
/* SCENE as it was played in the INDEXth place, its row named "OF: what", or as it is if OF is NULL. */
void scene_judge_one(struct conf_judge *judge, uint32_t index, const struct scene *scene, const char *of);

/* Steady pitch of the pair in [from, to), cents above HERTZ: of its left side if that is a sine near EXPECTED cents, else by both
 * sides (probe_cents). The left side alone is also right where a synthesizer does not keep the sides apart. */
double scene_cents(const struct conf_judge *judge, size_t from, size_t to, double hertz, double expected);

/* Instrument at MSB, LSB, PROGRAM with one region of WAVE, DB louder, for all keys. */
struct dls_region *scene_instrument(struct conf_bank *bank, uint32_t wave, uint32_t msb, uint32_t lsb, uint32_t program,
                                    bool drums, double db);

#endif
