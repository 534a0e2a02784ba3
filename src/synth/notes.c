/* SPDX-License-Identifier: MIT */
#include "notes.h"

#include <string.h>

#include "note_lists.h"

/* ---- ends of voices ----------------------------------------------------- */

/* Microsoft's synth, and drums everywhere, end a voice on a repeated key even after its note-off (spec/dls.md 3.2). */
static bool repeats_cut_released(const struct synth *synth, const struct part *part)
{
    return part->channel.drums || synth->config.profile == SYNTH_NATIVE;
}

static void close_gate(struct synth *synth, voice_slot number)
{
    struct slot *slot = &synth->alloc.slot[number];
    if (slot->released)
        return;
    mixer_release(synth->mixer, number);
    alloc_released(&synth->alloc, number);
    if (!repeats_cut_released(synth, slot->part))
        note_leave(synth, number, SLOT_BY_NOTE);
}

void notes_shut_down(struct synth *synth, voice_slot number)
{
    mixer_shutdown(synth->mixer, number);
    alloc_released(&synth->alloc, number);
    synth->alloc.slot[number].key_down = false;
    note_leave(synth, number, SLOT_BY_NOTE);
    note_leave(synth, number, SLOT_BY_GROUP);
}

void notes_fade_out(struct synth *synth, voice_slot number)
{
    mixer_steal(synth->mixer, number);
    note_leave_all(synth, number);
    alloc_retire(&synth->alloc, number);
}

void notes_release(struct synth *synth, voice_slot number)
{
    if (synth->alloc.slot[number].sounding)
        close_gate(synth, number);
}

void notes_fade(struct synth *synth, voice_slot number)
{
    if (synth->alloc.slot[number].sounding)
        notes_fade_out(synth, number);
}

static void close_unless_held(struct synth *synth, voice_slot number)
{
    const struct slot *slot = &synth->alloc.slot[number];
    if (!slot->key_down && !slot->sostenuto && !pedal_down(slot->part, 64))
        close_gate(synth, number);
}

/* What the voice held. Release: the control side may free it now. */
static void let_go(struct synth *synth, struct slot *slot)
{
    struct patch_node *patch = slot->patch;
    struct play *play = slot->play;
    if (slot->buses)
        buses_let_go(slot->buses);
    slot->patch = NULL;
    slot->play = NULL;
    slot->buses = NULL;
    if (play)
        plays_ended(synth, play);
    else /* only this side writes the count: no read-modify-write */
        atomic_store_explicit(&patch->voices, atomic_load_explicit(&patch->voices, memory_order_relaxed) - 1,
                              memory_order_release);
}

void notes_reap(struct synth *synth)
{
    voice_slot done[64];
    uint32_t count;
    do {
        count = mixer_finished(synth->mixer, done, 64);
        for (uint32_t i = 0; i < count; i++) {
            note_leave_all(synth, done[i]);
            alloc_free(&synth->alloc, done[i]);
            let_go(synth, &synth->alloc.slot[done[i]]);
        }
    } while (count == 64);
}

/* ---- note-off and pedals ------------------------------------------------ */

/* One note-off ends one note-on: the oldest of this key whose key is down, with all its layers. */
void notes_off(struct synth *synth, struct part *part, uint8_t note)
{
    struct walk walk = walk_begin(synth, *note_bucket(synth, part, note), SLOT_BY_NOTE);
    bool found = false;
    uint32_t note_id = 0;
    for (voice_slot number; (number = walk_next(&walk)) != VOICE_NONE;) {
        struct slot *slot = &synth->alloc.slot[number];
        if (slot->part != part || slot->note != note || !slot->key_down || (found && slot->note_id != note_id))
            continue;
        found = true;
        note_id = slot->note_id;
        slot->key_down = false;
        close_unless_held(synth, number);
    }
}

void notes_all_off(struct synth *synth, struct part *part)
{
    struct walk walk = walk_begin(synth, part->voices, SLOT_BY_PART);
    for (voice_slot number; (number = walk_next(&walk)) != VOICE_NONE;)
        if (synth->alloc.slot[number].key_down) {
            synth->alloc.slot[number].key_down = false;
            close_unless_held(synth, number);
        }
}

void notes_sound_off(struct synth *synth, struct part *part)
{
    const struct slot_chain chains[] = {part->voices, part->plays};
    for (unsigned i = 0; i < 2; i++) {
        struct walk walk = walk_begin(synth, chains[i], SLOT_BY_PART);
        for (voice_slot number; (number = walk_next(&walk)) != VOICE_NONE;)
            notes_fade_out(synth, number);
    }
}

void notes_sustain(struct synth *synth, struct part *part)
{
    if (pedal_down(part, 64))
        return;
    struct walk walk = walk_begin(synth, part->voices, SLOT_BY_PART);
    for (voice_slot number; (number = walk_next(&walk)) != VOICE_NONE;)
        close_unless_held(synth, number);
}

void notes_sostenuto(struct synth *synth, struct part *part, bool was_down)
{
    bool down = pedal_down(part, 66);
    if (down == was_down)
        return;
    struct walk walk = walk_begin(synth, part->voices, SLOT_BY_PART);
    for (voice_slot number; (number = walk_next(&walk)) != VOICE_NONE;) {
        struct slot *slot = &synth->alloc.slot[number];
        slot->sostenuto = down && slot->key_down;
        if (!down)
            close_unless_held(synth, number);
    }
}

void notes_prioritise(struct synth *synth, struct part *part)
{
    uint32_t priority = groups_priority(part);
    if (priority == part->priority)
        return;
    part->priority = priority;
    const struct slot_chain chains[] = {part->voices, part->plays};
    for (unsigned i = 0; i < 2; i++) {
        struct walk walk = walk_begin(synth, chains[i], SLOT_BY_PART);
        for (voice_slot number; (number = walk_next(&walk)) != VOICE_NONE;)
            alloc_reprioritise(&synth->alloc, number, priority);
    }
}
/* ---- life --------------------------------------------------------------- */

void notes_reset(struct synth *synth)
{
    for (uint32_t i = 0; i < synth->alloc.slots; i++) {
        struct slot *slot = &synth->alloc.slot[i];
        if (slot->patch)
            atomic_store_explicit(&slot->patch->voices, 0, memory_order_relaxed);
        if (slot->buses)
            buses_let_go(slot->buses);
    }
    memset(synth->notes.by_note, 0xFF, (synth->notes.mask + 1) * sizeof *synth->notes.by_note);
    memset(synth->notes.by_group, 0xFF, (synth->notes.mask + 1) * sizeof *synth->notes.by_group);
    synth->notes.note_id = 0;
    alloc_reset(&synth->alloc);
}

enum synth_status notes_init(struct synth *synth)
{
    enum synth_status status = alloc_init(&synth->alloc, synth->config.voices, &synth->mem);
    if (status != SYNTH_OK)
        return status;
    synth->notes.mask = 63;
    while (synth->notes.mask + 1 < 2 * synth->alloc.slots)
        synth->notes.mask = synth->notes.mask * 2 + 1;
    size_t bytes = (synth->notes.mask + 1) * sizeof *synth->notes.by_note;
    synth->notes.by_note = synth->mem.alloc(synth->mem.ctx, bytes);
    synth->notes.by_group = synth->mem.alloc(synth->mem.ctx, bytes);
    if (!synth->notes.by_note || !synth->notes.by_group) {
        notes_destroy(synth);
        return SYNTH_NOMEM;
    }
    notes_reset(synth);
    return SYNTH_OK;
}

void notes_destroy(struct synth *synth)
{
    synth->mem.free(synth->mem.ctx, synth->notes.by_note);
    synth->mem.free(synth->mem.ctx, synth->notes.by_group);
    synth->notes.by_note = synth->notes.by_group = NULL;
    alloc_destroy(&synth->alloc, &synth->mem);
}
