/* SPDX-License-Identifier: MIT */
/*
 * patches.h - which instrument answers to a bank and program.
 *
 * A hash table over DMUS_INSTRUMENT.ulPatch, and a list per program for the
 * last fallback. The control side links and unlinks nodes with single release
 * stores while the render side walks the chains. A node that was unlinked keeps
 * its own links, so that a walker standing on it goes on; it may be freed once
 * no render that began before is in flight (downloads.h waits for that).
 *
 * Precedence at the same patch: an instrument without the GM flag beats one
 * with it (spec/ddi-user.md 9.3); among equals the newest download wins
 * (documented nowhere; ours). Internal to the engine.
 */
#ifndef DMUS_SYNTH_PATCHES_H
#define DMUS_SYNTH_PATCHES_H

#include <stdatomic.h>

#include "instrument.h"
#include "synth.h"

#define PATCH_DRUMS 0x80000000u
#define PATCH_BUCKETS 512u

struct patch_node {
    const struct instrument *instrument;
    _Atomic(struct patch_node *) next;         /* same bucket */
    _Atomic(struct patch_node *) next_program; /* same program, melodic only */
    atomic_uint voices; /* slots that play a region of it; written by the render side alone */
};

struct patches {
    atomic_uint version; /* changes with every link and unlink */
    _Atomic(struct patch_node *) bucket[PATCH_BUCKETS];
    _Atomic(struct patch_node *) program[128];
};

void patches_init(struct patches *patches);
void patches_link(struct patches *patches, struct patch_node *node);   /* [control] */
void patches_unlink(struct patches *patches, struct patch_node *node); /* [control] */

/* What a channel has latched at its last program change. */
struct patch_choice {
    uint8_t msb, lsb, program;
    bool drums;
};

/* ulPatch of a choice, with its drum bit. */
uint32_t patch_number(struct patch_choice choice);

/* The first instrument at exactly PATCH, or NULL. [render] */
struct patch_node *patches_exact(const struct patches *patches, uint32_t patch);
/* The next one at the same patch in order of precedence, or NULL. [render] */
struct patch_node *patches_same(const struct patch_node *node);

/* The instrument that plays CHOICE, or NULL.
 * SYNTH_NATIVE: exact; on a rhythm part else the kit at bank 0, program 0 (native 67-69).
 * SYNTH_STUDIO: exact; the same address with the other drum bit where the address names the kind (bank MSB 0x78, 0x79); LSB 0;
 * bank 0; the GM 2 default bank; for drums the kit at program & 0x78, then kit 0; melodic, any bank with that program, lowest
 * first. [render] */
struct patch_node *patches_find(const struct patches *patches, enum synth_profile profile,
                                struct patch_choice choice);

#endif
