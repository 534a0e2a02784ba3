/* SPDX-License-Identifier: MIT */
/*
 * song_part.h - which patches a part may have selected, in every reading of the
 * standards that a profile of the engine may follow. Pure; one thread per part.
 */
#ifndef DMUS_PLAYER_SONG_PART_H
#define DMUS_PLAYER_SONG_PART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SONG_PART_CHOICES = 8, SONG_PART_PATCHES = 2 * SONG_PART_CHOICES };

struct song_bank {
    uint8_t msb, lsb;
};

struct song_part {
    uint8_t channel;
    bool played;
    bool xg, gm2;          /* such a reset came last */
    uint8_t drums;         /* bit 0: may be melodic, bit 1: may be a rhythm part */
    bool likely_drums;
    bool drums_by_bank;    /* bank 0x78 made it likely: another bank takes that back */
    uint8_t rpn_lsb;       /* last CC100 */
    bool keys_shift;       /* coarse tuning or key shift was used */
    bool velocities_shift; /* GS velocity depth or offset was used */
    struct song_bank bank, other_bank; /* CC0 and CC32 as last seen, and as a reset that may count has them */
    uint32_t choice_count;
    uint32_t choices[SONG_PART_CHOICES]; /* patches without rhythm bit, most likely first */
};

void song_part_init(struct song_part *part, uint32_t channel);
void song_part_control(struct song_part *part, uint8_t controller, uint8_t value);
void song_part_program(struct song_part *part, uint8_t program);
/* A whole system exclusive that reaches the 16 parts of a group. False: it couples parts and channels anew, and any note may sound
 * with any patch from here on. */
bool song_part_sysex(struct song_part parts[16], const uint8_t *data, size_t size);
/* The patches that a note may sound with, rhythm bit included, most likely first. Returns how many. */
uint32_t song_part_patches(const struct song_part *part, uint32_t patches[SONG_PART_PATCHES]);

#endif
