/* SPDX-License-Identifier: MIT */
/*
 * engine.h - struct synth: what the files of the control half share.
 *
 * Order of a render call (render.c): settings and group changes, new events,
 * then spans from event to event, each rendered by the mixer and converted.
 * Internal to the engine.
 */
#ifndef DMUS_SYNTH_ENGINE_H
#define DMUS_SYNTH_ENGINE_H

#include <stdatomic.h>

#include "alloc.h"
#include "downloads.h"
#include "events.h"
#include "part.h"
#include "patches.h"
#include "plays.h"
#include "seqlock.h"
#include "synth.h"
#include "voice.h"

enum {
    TUNINGS = 32,      /* MTS programs in use in all groups together; further ones are not stored */
    KEY_CONTROLS = 32, /* rhythm parts with key-based controllers, likewise */
    MISSING_MAX = 256,
    SPAN_MAX = 256,    /* frames rendered at once; also the interval of alloc_refresh */
    SETTINGS_WORDS = 7,
    REPORT_WORDS = 12
};

/* What the control side sets, as the render side takes it in at the start of a call. */
struct settings {
    int32_t volume[2]; /* 1/100 dB */
    uint32_t effects;
    struct synth_reverb reverb;
};

/* Running figures of the render side, published after each call. */
struct report {
    uint32_t voices, voices_peak, notes_lost, events_late, reset_seen;
    uint64_t notes_missing, samples_clipped, frames;
    float peak;
};

struct missing {
    uint32_t patch, group, channel;
    uint8_t key;
    bool has_instrument;
    atomic_uint count;
};

struct notes {
    struct slot_chain *by_note, *by_group; /* buckets of slots */
    uint32_t mask;
    uint32_t note_id;
    uint64_t expected_at; /* frame at which the next note's memory was last fetched */
};

struct part_levels {
    atomic_uint *words; /* [shared] of each part: part_levels.c */
    uint32_t parts;     /* 0: nobody watches */
    uint64_t looked_at; /* frame of the stream [render] */
};

struct synth {
    /* constant after synth_create */
    struct synth_config config;
    struct synth_memory mem;
    struct mixer *mixer;

    /* control side */
    struct plays plays;        /* .active: render side */
    struct artic *plain_artic; /* the profile's default articulation */
    struct bus_list *old_buses; /* replaced, perhaps still held by voices */
    struct settings settings;
    struct report baseline; /* counters at synth_reset_stats */
    uint32_t resets;

    /* shared */
    _Atomic(struct group *) group[GROUPS_MAX];
    atomic_uint group_count;
    atomic_uint group_changes;    /* counts changes of the number of groups */
    atomic_uint priority_changes;
    atomic_uint reset_stats;      /* number of the last synth_reset_stats */
    struct seqlock settings_lock;
    atomic_uint settings_words[SETTINGS_WORDS];
    struct seqlock report_lock;
    atomic_uint report_words[REPORT_WORDS];
    struct missing missing[MISSING_MAX];
    atomic_uint missing_count;
    struct downloads downloads;
    struct patches patches;
    struct events events;
    struct part_levels part_levels;

    /* render side */
    struct alloc alloc;
    struct notes notes;
    struct report report;
    uint32_t groups;              /* in force during this call */
    uint32_t groups_seen, priorities_seen, settings_seen;
    uint32_t effects;
    struct synth_reverb reverb;
    uint32_t patch_version;       /* lookups of this version are good in this call */
    struct tuning tuning[TUNINGS];
    struct key_controls keys[KEY_CONTROLS];
    uint64_t played;              /* frames since all was silenced: there the grids of control and of levels begin, and dither */
    float block_peak;             /* of this call */
    _Alignas(64) float left[SPAN_MAX], right[SPAN_MAX];
};

/* Group INDEX (0-based, below synth->groups). [render] */
static inline struct group *synth_group(struct synth *synth, uint32_t index)
{
    return atomic_load_explicit(&synth->group[index], memory_order_acquire);
}

/* groups.c */
enum synth_status groups_create(struct synth *synth, uint32_t groups);
void groups_destroy(struct synth *synth);
/* Take in changes of the number of groups and of priorities. [render] */
void groups_update(struct synth *synth);
/* The priority that PART's new notes have now. */
uint32_t groups_priority(const struct part *part);
/* Every group to power-on. [control, no render in flight] */
void groups_reset(struct synth *synth);

/* settings.c: take in what changed. FIRST: all of it. [render, or control with no render in flight] */
void settings_update(struct synth *synth, bool first);
void settings_init(struct synth *synth);
void settings_apply_volume(struct synth *synth, struct group *group);

/* part_levels.c */
void levels_publish(struct synth *synth); /* [render] */
void levels_destroy(struct synth *synth);

/* stats.c */
void report_publish(struct synth *synth);
void report_begin(struct synth *synth);
void report_missing(struct synth *synth, const struct part *part, uint8_t key, bool has_instrument);

#endif
