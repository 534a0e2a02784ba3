/* SPDX-License-Identifier: MIT */
/*
 * testbank.h - SoundFonts and MIDI files written in memory for the tests of this
 * room. Running out of memory ends the test.
 */
#ifndef DMUS_TESTS_TESTBANK_H
#define DMUS_TESTS_TESTBANK_H

#include <stddef.h>
#include <stdint.h>

struct blob {
    uint8_t *data;
    size_t size, room;
};

void blob_add(struct blob *blob, const void *bytes, size_t size);
void blob_free(struct blob *blob);

/* ---- SoundFont: call in order sample..., instrument (zone, gen, mod)..., preset (zone, gen, mod)..., finish ---- */

struct sf2_writer {
    struct blob phdr, pbag, pmod, pgen, inst, ibag, imod, igen, shdr, smpl;
};

/* FRAMES of DATA; loop positions relative to the sample. Returns the sample's number. */
uint16_t sf2w_sample(struct sf2_writer *w, const char *name, const int16_t *data, uint32_t frames, uint32_t loop_start,
                     uint32_t loop_end, uint32_t rate, uint8_t key, int8_t correction, uint16_t link, uint16_t type);
uint16_t sf2w_instrument(struct sf2_writer *w, const char *name);
void sf2w_izone(struct sf2_writer *w);
void sf2w_igen(struct sf2_writer *w, uint16_t oper, int amount);
void sf2w_imod(struct sf2_writer *w, uint16_t source, uint16_t destination, int amount, uint16_t amount_source,
               uint16_t transform);
void sf2w_preset(struct sf2_writer *w, const char *name, uint16_t bank, uint16_t program);
void sf2w_pzone(struct sf2_writer *w);
void sf2w_pgen(struct sf2_writer *w, uint16_t oper, int amount);
void sf2w_pmod(struct sf2_writer *w, uint16_t source, uint16_t destination, int amount, uint16_t amount_source,
               uint16_t transform);
/* The file; W is emptied. */
struct blob sf2w_finish(struct sf2_writer *w);

static inline int sf2w_range(int low, int high) { return low | high << 8; }

/* ---- MIDI: one track, 1 tick = 1/48000 s ---- */

struct smf_writer {
    struct blob track;
    uint32_t tick;
};

/* Bytes of a channel message (2 or 3) or of a whole system exclusive (F0 ... F7) at TICK (or at the last one, if that was later). */
void smfw_event(struct smf_writer *w, uint32_t tick, const uint8_t *bytes, size_t size);
void smfw_message(struct smf_writer *w, uint32_t tick, int status, int data1, int data2);
void smfw_meta(struct smf_writer *w, uint32_t tick, int type, const void *bytes, size_t size);
/* The file, its end at TICK; W is emptied. */
struct blob smfw_finish(struct smf_writer *w, uint32_t tick);

/* ---- the bank that most tests play ---- */

/* Programs of bank 0 (0: looped sine; 5: stereo pair with filter and vibrato; 16: a zone every four keys), variations in banks
 * 1 and 121, kits 0 and 16 with exclusive hats. */
struct blob testbank_make(void);
/* A song for it: COUNT pseudo-random notes and controllers over SECONDS from SEED. */
struct blob testsong_random(uint32_t seed, uint32_t count, double seconds);

#endif
