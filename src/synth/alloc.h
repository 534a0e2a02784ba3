/* SPDX-License-Identifier: MIT */
/*
 * alloc.h - voice slots: who gets one, and who loses his.
 *
 * The limit (config.voices) counts sounding slots. Slots that only fade out
 * after a theft come from a reserve on top: a quarter of the limit, at least 8
 * and at least as many as the limit up to 32.
 *
 * A note that finds no slot takes one. The victim is, in this order:
 *   1. on the channel with the lowest priority that has a sounding voice; never
 *      on one whose priority is higher than the new note's (DLS 2 1.4.5),
 *   2. released before held,
 *   3. the quietest, in steps of an octave as last looked at (alloc_refresh: at most
 *      2048 frames ago), where a voice in its attack counts as loud,
 *   4. the oldest (a voice whose level changed takes its place by age among
 *      those of its new level, as far as 64 of them have to be passed);
 * and never a voice of the same note-on. If there is none, the note is lost.
 *
 * Each step takes constant time at any polyphony: one class per distinct
 * priority in use, 2 x 16 lists in a class, a bit per list that is not empty,
 * classes in a binary heap (logarithm of the number of distinct priorities,
 * 16 unless the host sets others). A free slot is always the lowest one, so that
 * the choice does not depend on when slots were reported free.
 *
 * Render side but alloc_init and alloc_destroy. Internal to the engine.
 */
#ifndef DMUS_SYNTH_ALLOC_H
#define DMUS_SYNTH_ALLOC_H

#include <stdbool.h>
#include <stdint.h>

#include "slotlist.h"
#include "synth.h"
#include "voice.h"

struct bus_list;
struct part;
struct patch_node;
struct play;

enum { ALLOC_LEVELS = 16, ALLOC_LISTS = 2 * ALLOC_LEVELS };

/* What the note side knows of a slot. */
struct slot {
    struct slot_link links[SLOT_LISTS];
    struct part *part;
    struct patch_node *patch;     /* holds the instrument while the voice sounds; NULL: none of a note */
    struct play *play;            /* what it plays instead */
    struct bus_list *buses;       /* held while the voice sounds; NULL: plain path */
    uint32_t note_id;             /* number of the note-on: its layers share it */
    uint16_t rank;                /* class it is filed in, or SLOT_NONE */
    uint8_t list;                 /* list in the class */
    uint8_t last_step;            /* level when last looked at */
    bool settled;                 /* past its attack: the level has stopped rising once */
    bool sounding;                /* false: free, or fading after a theft */
    bool released;                /* gate closed */
    /* notes.c: */
    uint8_t note;
    uint8_t key_group;
    bool key_down;                /* no note-off yet */
    bool sostenuto;               /* latched by the pedal */
    uint8_t lists;                /* bit per SLOT_BY_* it is in, but SLOT_BY_RANK */
};

struct rank {
    uint32_t priority;
    uint32_t filled;              /* bit per list that is not empty */
    uint16_t heap_at;
    uint16_t next;                /* hash chain, or free list */
    uint16_t head[ALLOC_LISTS];
};

struct alloc {
    uint32_t slots;               /* limit and reserve */
    uint32_t limit;
    uint32_t sounding;
    struct slot *slot;
    struct rank *ranks;           /* as many as slots */
    uint16_t *heap;               /* ranks in use, lowest priority first */
    uint16_t *rank_hash;
    uint32_t hash_mask;
    uint32_t rank_count;
    uint16_t free_rank;
    uint32_t refresh_at;          /* next slot to look at */
    uint32_t refresh_end;         /* slots from here on were free in the last round */
    uint32_t refresh_seen;
    uint32_t free_words[640];     /* bit per free slot ... */
    uint32_t free_groups[20];     /* ... per word with one */
    uint32_t free_top;
};

/* Slots that a limit of VOICES needs, the reserve included. */
uint32_t alloc_slots(uint32_t voices);
/* SYNTH_OK or SYNTH_NOMEM, nothing held. [control] */
enum synth_status alloc_init(struct alloc *alloc, uint32_t voices, const struct synth_memory *mem);
void alloc_destroy(struct alloc *alloc, const struct synth_memory *mem);
/* All slots free. */
void alloc_reset(struct alloc *alloc);

/* A slot for a note of PRIORITY, marked sounding and filed as held at full level, or VOICE_NONE. *stolen: the voice to fade out for
 * it (still to be detached from its note), or VOICE_NONE. NOTE_ID goes into the slot. */
voice_slot alloc_take(struct alloc *alloc, uint32_t priority, uint32_t note_id, voice_slot *stolen);
/* Have the memory of the slot that is taken next in the cache soon. Returns the voice that a note of highest priority would take, or
 * VOICE_NONE: a slot is free, or all are near anyway. */
voice_slot alloc_expect(const struct alloc *alloc);
/* The voice no longer counts (stolen, or finished); the slot is not yet free. */
void alloc_retire(struct alloc *alloc, voice_slot slot);
/* The slot is silent and may be taken again; retires it first if need be. */
void alloc_free(struct alloc *alloc, voice_slot slot);
/* The gate was closed: file it among the released. */
void alloc_released(struct alloc *alloc, voice_slot slot);
/* The channel's priority changed. */
void alloc_reprioritise(struct alloc *alloc, voice_slot slot, uint32_t priority);
/* Look at the levels of some of the slots, going round: 16 or an eighth of the sounding ones, so that each is seen at least every
 * eighth call. A voice counts as loud until its level stops rising. */
void alloc_refresh(struct alloc *alloc, const struct mixer *mixer);

#endif
