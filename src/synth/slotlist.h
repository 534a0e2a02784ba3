/* SPDX-License-Identifier: MIT */
/*
 * slotlist.h - doubly linked lists of voice slots, by 16-bit number.
 *
 * A slot is in several lists at once, one link each. Adding one to a list and
 * taking it off write to its neighbours, but read nothing of them: with
 * thousands of voices their memory is far away. Internal to the engine.
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
    uint16_t next, previous; /* SLOT_NONE: there is none (rings of alloc.c: never) */
};

/* A list. Empty: both are SLOT_NONE, and so all bits are set. */
struct slot_chain {
    uint16_t first, last;
};
#define SLOT_CHAIN_EMPTY ((struct slot_chain){SLOT_NONE, SLOT_NONE})

struct alloc;
/* SLOT to the end of CHAIN; out of it. Constant time. */
void slot_append(struct alloc *alloc, enum slot_list list, struct slot_chain *chain, uint16_t slot);
void slot_remove(struct alloc *alloc, enum slot_list list, struct slot_chain *chain, uint16_t slot);

#endif
