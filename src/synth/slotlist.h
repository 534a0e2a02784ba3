/* SPDX-License-Identifier: MIT */
/*
 * slotlist.h - doubly linked rings of voice slots, by 16-bit number.
 *
 * A slot is in several lists at once, one link each. A list is its head: the
 * first slot, or SLOT_NONE; the head's previous is the last. Internal to the
 * engine.
 */
#ifndef DMUS_SYNTH_SLOTLIST_H
#define DMUS_SYNTH_SLOTLIST_H

#include <stdint.h>

#define SLOT_NONE UINT16_MAX

enum slot_list {
    SLOT_BY_RANK, /* alloc.c: same priority, gate and level, oldest first */
    SLOT_BY_PART, /* all notes, or all plays, of a part */
    SLOT_BY_NOTE, /* bucket of (part, note): voices that a note-on or note-off of that note may end */
    SLOT_BY_GROUP, /* bucket of (part, key group) */
    SLOT_LISTS
};

struct slot_link {
    uint16_t next, previous;
};

struct alloc;
/* SLOT to the end of the list at *HEAD; out of it. Constant time. */
void slot_append(struct alloc *alloc, enum slot_list list, uint16_t *head, uint16_t slot);
void slot_remove(struct alloc *alloc, enum slot_list list, uint16_t *head, uint16_t slot);

#endif
