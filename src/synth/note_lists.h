/* SPDX-License-Identifier: MIT */
/*
 * note_lists.h - the lists that the slots of sounding notes are in, and walks
 * along them: what notes.c (ends, pedals) and note_on.c (starts) share. Internal
 * to the engine; render side.
 */
#ifndef DMUS_SYNTH_NOTE_LISTS_H
#define DMUS_SYNTH_NOTE_LISTS_H

#include "notes.h"

static inline struct slot_chain *note_bucket(const struct synth *synth, const struct part *part, uint8_t note)
{
    return &synth->notes.by_note[((part->number * 128 + note) * 2654435761u >> 12) & synth->notes.mask];
}

static inline struct slot_chain *group_bucket(const struct synth *synth, const struct part *part, uint8_t key_group)
{
    return &synth->notes.by_group[((part->number * 16 + key_group) * 2654435761u >> 12) & synth->notes.mask];
}

static inline struct slot_chain *note_chain(struct synth *synth, const struct slot *slot, enum slot_list list)
{
    return list == SLOT_BY_PART   ? slot->play ? &slot->part->plays : &slot->part->voices
           : list == SLOT_BY_NOTE ? note_bucket(synth, slot->part, slot->note)
                                  : group_bucket(synth, slot->part, slot->key_group);
}

static inline void note_enter(struct synth *synth, voice_slot number, enum slot_list list)
{
    struct slot *slot = &synth->alloc.slot[number];
    slot->lists |= (uint8_t)(1u << list);
    slot_append(&synth->alloc, list, note_chain(synth, slot, list), (uint16_t)number);
}

static inline void note_leave(struct synth *synth, voice_slot number, enum slot_list list)
{
    struct slot *slot = &synth->alloc.slot[number];
    if (!(slot->lists & 1u << list))
        return;
    slot->lists &= (uint8_t)~(1u << list);
    slot_remove(&synth->alloc, list, note_chain(synth, slot, list), (uint16_t)number);
}

static inline void note_leave_all(struct synth *synth, voice_slot slot)
{
    note_leave(synth, slot, SLOT_BY_PART);
    note_leave(synth, slot, SLOT_BY_NOTE);
    note_leave(synth, slot, SLOT_BY_GROUP);
}

/* A walk along a list that may lose the slot it stands on, to what was its end at the beginning. */
struct walk {
    struct alloc *alloc;
    uint16_t at, last;
    enum slot_list list;
};

static inline struct walk walk_begin(struct synth *synth, struct slot_chain chain, enum slot_list list)
{
    return (struct walk){&synth->alloc, chain.first, chain.last, list};
}

/* The next slot, or VOICE_NONE. The slot given may then be taken off the list. */
static inline voice_slot walk_next(struct walk *walk)
{
    uint16_t slot = walk->at;
    if (slot == SLOT_NONE)
        return VOICE_NONE;
    walk->at = slot == walk->last ? SLOT_NONE : walk->alloc->slot[slot].links[walk->list].next;
    return slot;
}

/* notes.c */
/* The release of DLS 2 1.4.4 for voices that another note ends. */
void notes_shut_down(struct synth *synth, voice_slot number);
/* A fade of a few milliseconds; the voice no longer counts. */
void notes_fade_out(struct synth *synth, voice_slot number);

#endif
