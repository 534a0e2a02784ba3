/* SPDX-License-Identifier: MIT */
/*
 * part.h - one of the 16 parts of a channel group, and the group.
 *
 * A part is what a MIDI channel plays; part n listens to channel n unless GS
 * system exclusives say otherwise. struct channel in it is what voices see; the
 * rest belongs to the MIDI and note side alone. A group has its own mode, master
 * volume and tuning. All render side, but the words marked [shared]. Internal to
 * the engine.
 */
#ifndef DMUS_SYNTH_PART_H
#define DMUS_SYNTH_PART_H

#include <stdatomic.h>

#include "buses.h"
#include "channel.h"
#include "patches.h"
#include "slotlist.h"

enum { PARTS = 16, DRUM_PART = 9, NO_KEY = 0xFF, NO_CHANNEL = 16, GROUPS_MAX = 1000 };

/* Which standard's reset came last. MODE_GS is the power-on state: bank MSB selects variations. */
enum midi_mode { MODE_GS, MODE_GM1, MODE_GM2, MODE_XG, MODE_DLS };

/* Per-key controllers of a rhythm part (CA-023, and GS/XG drum NRPNs), from the pool in struct synth. */
struct key_controls {
    struct part *owner;     /* NULL: free */
    uint8_t volume[128];    /* 0x40 is 100 % */
    uint8_t pan[128];       /* 0 none, else 1 + value, 0x40 centre */
    uint8_t reverb[128];    /* 0 none, else 1 + value */
    uint8_t chorus[128];
    uint8_t fine[128];      /* 0x40 centre, 100/64 cents */
    uint8_t coarse[128];    /* 0x40 centre, semitones */
};

/* Controller destination setting (CA-022): what one controller moves. */
struct controller_route {
    bool set;
    uint8_t controller;     /* CC number; unused for pressure */
    uint8_t value[6];       /* pitch, cutoff, amplitude, LFO pitch, LFO cutoff, LFO amplitude */
};

enum { ROUTE_PRESSURE, ROUTE_CC, ROUTES };

struct part {
    struct channel channel;
    struct group *group;
    uint32_t number;        /* group * 16 + index: unique in the synth */
    uint8_t index;          /* 0..15 in the group */

    /* patch: what the last program change latched, and what it found */
    struct patch_choice choice;
    bool drums_by_bank;     /* CC0 = 0x78 made it a rhythm part */
    uint32_t patch_version; /* of the patch table; 0: not looked up */
    struct patch_node *patch;
    const struct artic *key_artic; /* KEY_CENTS is its artic_key_offset for KEY_RPN2; NULL: of none */
    uint16_t key_rpn2;
    float key_cents;

    /* parameters */
    bool nrpn;              /* data entry goes to a non-registered parameter */
    uint8_t rpn_msb, rpn_lsb; /* selected, 127/127 none */
    uint8_t bend_msb, bend_lsb, modulation_msb, modulation_lsb;
    uint8_t tuning_program, tuning_bank;
    struct controller_route routes[ROUTES];

    /* notes */
    bool mono;
    uint8_t last_note;      /* of the last note-on, or NO_KEY: where portamento comes from */
    uint8_t portamento_from;/* CC84: for the next note-on only, or NO_KEY */
    int8_t transpose;       /* GS key shift, semitones */
    uint8_t receives;       /* MIDI channel, or NO_CHANNEL */
    uint8_t key_low, key_high; /* GS keyboard range */
    uint8_t velocity_depth, velocity_offset; /* GS, 0x40 neutral */
    struct key_controls *keys; /* or NULL */
    struct slot_chain voices; /* SLOT_BY_PART list */
    struct slot_chain plays; /* the same for voices that are no notes (plays.h) */
    uint32_t priority;      /* in force */
};

struct group {
    struct part part[PARTS];
    struct master master;
    enum midi_mode mode;
    uint16_t receivers[16]; /* per MIDI channel: bit per part that listens */
    uint32_t number;        /* 0-based */
    float master_fine, master_coarse; /* cents: the parts of master.tune_cents */
    bool static_priority;   /* false: all parts have equal priority (DLS voice allocation off) */
    bool has_mip;           /* SP-MIDI: the order of a MIP message instead of the host's priorities */
    uint8_t mip_rank[PARTS]; /* 16 first in that message ... 1; 0 not in it */
    atomic_uint priority[PARTS]; /* [shared] as set by the host */
    _Atomic(struct bus_list *) buses[PARTS]; /* [shared] as assigned by the host; NULL: the plain path (buses.h) */
    atomic_bool stale;      /* [shared] was beyond the group count: to be reset when next seen */
};

/* DAUD_CHANn_DEF_VOICE_PRIORITY of part INDEX 0..15 (spec/ddi-user.md 8.2). */
uint32_t part_default_priority(uint32_t index);

/* A new group in zeroed memory, at power-on state. Any side, before it is published. */
void group_init(struct group *group, uint32_t number);

/* Controllers, parameters, patch, rhythm part to power-on state as MODE has it. Sounding notes are the caller's business, and so
 * are tuning programs and key controls. */
void part_power_on(struct part *part, enum midi_mode mode);
/* Reset all controllers (RP-015). */
void part_reset_controllers(struct part *part);
/* All parts and the master settings; the Volume property stays. */
void group_power_on(struct group *group, enum midi_mode mode);

/* Let PART listen to MIDI channel CHANNEL (NO_CHANNEL: none). */
void part_receive(struct part *part, uint8_t channel);
/* Rhythm part or not; the patch is looked up again. */
void part_set_drums(struct part *part, bool drums);
/* Latch bank and program (0..127 each): bank MSB 0x78/0x79 and, in XG mode, 126/127 decide on the rhythm part in studio. */
void part_program(struct part *part, uint8_t program, enum synth_profile profile);

/* Voices have to look again. */
static inline void part_changed(struct part *part) { part->channel.version++; }
void group_changed(struct group *group); /* all parts, and the master */

#endif
