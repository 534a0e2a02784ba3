/* SPDX-License-Identifier: MIT */
/*
 * buses.h - where the sound of a channel goes: lists of DSBUSID numbers
 * (spec/ddi-user.md 5.5).
 *
 * None of this is documented anywhere public; the rules are ours, chosen from
 * the names:
 *   Speaker locations (0..17). One on the left carries the left side of a voice,
 *     one on the right the right side, one on neither side (left + right) * sqrt(1/2):
 *     a centred voice keeps its power.
 *   64, 65. The list lets the voice's reverb and chorus sends through; without
 *     them the voice is dry.
 *   0xFFFFFFFF. No bus. A list of nothing else is heard nowhere.
 *   Any other number, dynamic buses (512 and up) among them: as a speaker on
 *     neither side.
 * A channel that was never assigned has {0, 1, 64, 65}, which is the engine's plain
 * path: its list is NULL, in every place that holds a list.
 *
 * With plain stereo output nobody collects the buses, and all of them fold into
 * left and right as ITU-R BS.775 does: front left and right as they are, all
 * others with sqrt(1/2) into their side or both. What BS.775 leaves open - the low
 * frequency bus - and what it cannot know - dynamic buses - count as a centre, so
 * that nothing falls silent. One channel of output hears a voice once, however many
 * buses carry it.
 *
 * With collected buses (synth_render_buses) each number has its own signal and
 * what is not asked for is not heard. The engine's effects come out on 0 and 1. A
 * host that collects 64 or 65 gets the mean of both sides of the send, and the
 * engine's own effect gets nothing.
 *
 * A list is made and freed by the control side; the render side holds it for
 * the voices that started with it. Internal to the engine.
 */
#ifndef DMUS_SYNTH_BUSES_H
#define DMUS_SYNTH_BUSES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "synth.h"

#define BUS_ID_LEFT 0u
#define BUS_ID_RIGHT 1u
#define BUS_ID_REVERB 64u
#define BUS_ID_CHORUS 65u
#define BUS_ID_NULL 0xFFFFFFFFu

struct bus_entry {
    uint32_t id;
    float from_left, from_right;
};

struct bus_list {
    /* control side: waiting to be freed */
    struct bus_list *next;
    uint32_t epoch;    /* of the render in flight when it was replaced */
    bool out_of_sight; /* no render that may have found it is in flight */
    /* shared */
    atomic_uint holds; /* of voices; written by the render side alone */
    /* constant */
    bool reverb, chorus;
    float left_left, left_right, right_left, right_right; /* folded: what goes from_to */
    uint32_t count;
    struct bus_entry entry[]; /* sends and no bus left out */
};

enum bus_side { BUS_SIDE_LEFT, BUS_SIDE_RIGHT, BUS_SIDE_NONE };
enum bus_side buses_side(uint32_t id);

/* The list of COUNT <= SYNTH_BUSES_MAX numbers for a synth with one channel (MONO) or two. SYNTH_OK with *out NULL: the plain path.
 * SYNTH_NOMEM. [control] */
enum synth_status buses_make(const struct synth_memory *mem, const uint32_t *ids, uint32_t count, bool mono,
                             struct bus_list **out);
/* Free what nobody holds any more. [control] */
void buses_collect(struct synth *synth);
/* Free all lists of all channels. No render in flight. [control] */
void buses_destroy(struct synth *synth);
/* The channels of group GROUP (0-based) back to the plain path. [control] */
void buses_forget(struct synth *synth, uint32_t group);

static inline void buses_hold(struct bus_list *list)
{
    atomic_store_explicit(&list->holds, atomic_load_explicit(&list->holds, memory_order_relaxed) + 1, memory_order_relaxed);
}

/* Release: the control side may free the list now. */
static inline void buses_let_go(struct bus_list *list)
{
    atomic_store_explicit(&list->holds, atomic_load_explicit(&list->holds, memory_order_relaxed) - 1, memory_order_release);
}

/* The buses that a host collects: one buffer each. */
struct bus_outputs {
    uint32_t count;
    const uint32_t *ids;
    float *const *out;
    uint32_t at; /* frames done: the present span begins here in each buffer */
};

#endif
