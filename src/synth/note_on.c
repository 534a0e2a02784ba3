/* SPDX-License-Identifier: MIT */
/*
 * note_on.c - what a note-on starts, and what it ends or moves instead.
 */
#include "fetch.h"
#include "fmath.h"
#include "note_lists.h"

/* ---- what sounds for a note --------------------------------------------- */

struct patch_node *notes_patch(struct synth *synth, struct part *part)
{
    if (part->patch_version != synth->patch_version) {
        part->patch = patches_find(&synth->patches, synth->config.profile, part->choice);
        part->patch_version = synth->patch_version;
        part->key_artic = NULL;
    }
    return part->patch;
}

static float key_offset(struct part *part, const struct artic *artic)
{
    if (part->key_artic != artic || part->key_rpn2 != part->channel.rpn2) {
        part->key_artic = artic;
        part->key_rpn2 = part->channel.rpn2;
        part->key_cents = artic_key_offset(artic, part->channel.rpn2);
    }
    return part->key_cents;
}

enum { LAYERS_KEPT = 16 };

/* The regions that a note-on starts, the first of them found once for all. */
struct layers {
    const struct region *region[LAYERS_KEPT];
    uint32_t count;
    uint32_t beyond; /* where among the key's regions the search for further ones goes on */
};

/* A note-on as it is worked out before the first voice starts. */
struct note_on {
    struct part *part;
    struct patch_node *patch;
    uint8_t note, velocity;
    uint8_t region_key; /* chooses regions */
    struct layers *layers;
    struct voice_params params;
};

/* DLS 2 1.7.3: the key number generator chooses the regions. Drums keep their notes. Microsoft's synth adds coarse tuning to the
 * pitch and leaves the regions alone (spec/dls.md 4.3), nor does a connection switch it off (native 60). */
static void work_out_key(const struct synth *synth, struct note_on *on)
{
    struct part *part = on->part;
    on->region_key = on->params.key = on->note;
    if (part->channel.drums)
        return;
    if (synth->config.profile == SYNTH_NATIVE) {
        on->params.tune_cents = ((float)(part->channel.rpn2 >> 7) - 64.0f + (float)part->transpose) * 100.0f;
        return;
    }
    double key = on->note + part->transpose +
                 (double)key_offset(part, on->patch->instrument->key_artic) * 0.01;
    double whole = fm_floor(key + 0.5);
    if (whole < 0 || whole > 127)
        whole = key = whole < 0 ? 0 : 127;
    on->region_key = on->params.key = (uint8_t)whole;
    on->params.tune_cents = (float)((key - whole) * 100.0);
}

/* The next region from place *AT of the key's list on, or NULL */
static const struct region *match(const struct note_on *on, uint32_t *at)
{
    const struct instrument *instrument = on->patch->instrument;
    const struct key_regions *key = &instrument->key[on->region_key];
    for (; *at < key->count; ++*at) {
        const struct region *region = &instrument->regions[*at ? instrument->by_key[key->first + *at] : key->region];
        if (region->velocity_low <= on->velocity && on->velocity <= region->velocity_high && region->wave->frames) {
            ++*at;
            return region;
        }
    }
    return NULL;
}

static bool any_region(const struct note_on *on)
{
    struct layers *layers = on->layers;
    layers->count = layers->beyond = 0;
    for (const struct region *region; layers->count < LAYERS_KEPT && (region = match(on, &layers->beyond)) != NULL;)
        layers->region[layers->count++] = region;
    return layers->count > 0;
}

/* A walk along all of them: begin with two zeros. */
struct layer_walk {
    uint32_t next, at;
};

static const struct region *next_layer(const struct note_on *on, struct layer_walk *walk)
{
    const struct layers *layers = on->layers;
    if (walk->next < layers->count)
        return layers->region[walk->next++];
    if (layers->count < LAYERS_KEPT)
        return NULL;
    if (walk->at == 0)
        walk->at = layers->beyond;
    return match(on, &walk->at);
}

/* The channel's instrument; if it has no region for the key, the next of the same patch (spec/dls.md 4.3); for drums in studio
 * the kit at 0. */
static bool find_regions(struct synth *synth, struct note_on *on)
{
    struct patch_node *first = notes_patch(synth, on->part);
    for (on->patch = first; on->patch; on->patch = patches_same(on->patch)) {
        work_out_key(synth, on);
        if (any_region(on))
            return true;
    }
    if (first && on->part->channel.drums && synth->config.profile == SYNTH_STUDIO) {
        on->patch = patches_find(&synth->patches, SYNTH_STUDIO, (struct patch_choice){.drums = true});
        if (on->patch && on->patch != first && any_region(on))
            return true;
    }
    report_missing(synth, on->part, on->note, first != NULL);
    return false;
}

/* ---- exclusive notes ---------------------------------------------------- */

/* DLS 2 1.4.4: the flag of the new region decides; voices with an open gate on the same key end fast. */
static void end_same_note(struct synth *synth, const struct note_on *on)
{
    struct walk walk = walk_begin(synth, *note_bucket(synth, on->part, on->note), SLOT_BY_NOTE);
    for (voice_slot number; (number = walk_next(&walk)) != VOICE_NONE;) {
        const struct slot *slot = &synth->alloc.slot[number];
        if (slot->part == on->part && slot->note == on->note)
            notes_shut_down(synth, number);
    }
}

/* A key group is local to one instrument on one channel. */
static void end_key_group(struct synth *synth, const struct note_on *on, uint8_t key_group)
{
    struct walk walk = walk_begin(synth, *group_bucket(synth, on->part, key_group), SLOT_BY_GROUP);
    for (voice_slot number; (number = walk_next(&walk)) != VOICE_NONE;) {
        const struct slot *slot = &synth->alloc.slot[number];
        if (slot->part == on->part && slot->key_group == key_group && slot->patch == on->patch)
            notes_shut_down(synth, number);
    }
}

static void end_exclusive(struct synth *synth, const struct note_on *on)
{
    bool same_note = false;
    uint32_t groups = 0;
    struct layer_walk walk = {0, 0};
    for (const struct region *region; (region = next_layer(on, &walk)) != NULL;) {
        same_note |= !region->self_non_exclusive;
        groups |= 1u << region->key_group;
    }
    if (same_note)
        end_same_note(synth, on);
    for (uint8_t key_group = 1; groups >> key_group; key_group++)
        if (groups >> key_group & 1u)
            end_key_group(synth, on, key_group);
}

/* ---- portamento, mono, legato ------------------------------------------- */

/* GM 2 gives a graph without numbers; spec/dls.md 3.11: 1000 * 10^(-5 * CC5 / 127) cents per ms, CC5 = 0 at once. */
static float glide_rate(const struct part *part)
{
    unsigned time = part->channel.cc[5];
    return time ? (float)(1e6 * fm_exp2(-16.609640474436812 * time / 127.0)) : 0.0f; /* 5 * log2(10) */
}

static bool glides(const struct synth *synth, const struct part *part)
{
    return synth->config.profile == SYNTH_STUDIO && !part->channel.drums;
}

static void retune(struct synth *synth, voice_slot number, const struct note_on *on, float rate)
{
    struct slot *slot = &synth->alloc.slot[number];
    mixer_retune(synth->mixer, number, on->note, on->params.key, rate);
    note_leave(synth, number, SLOT_BY_NOTE);
    slot->note = on->note;
    note_enter(synth, number, SLOT_BY_NOTE);
}

/* CC84: if the source key sounds, it moves to the new one and no voice starts (MIDI 1.0, portamento control). */
static bool moved_from(struct synth *synth, const struct note_on *on, uint8_t source)
{
    bool moved = false;
    struct walk walk = walk_begin(synth, *note_bucket(synth, on->part, source), SLOT_BY_NOTE);
    for (voice_slot number; (number = walk_next(&walk)) != VOICE_NONE;) {
        const struct slot *slot = &synth->alloc.slot[number];
        if (slot->part == on->part && slot->note == source && slot->key_down && source != on->note) {
            retune(synth, number, on, glide_rate(on->part));
            moved = true;
        }
    }
    return moved;
}

/* CC68 with mono: the sounding note takes the new key without a new attack. */
static bool legato(struct synth *synth, const struct note_on *on)
{
    bool moved = false;
    struct walk walk = walk_begin(synth, on->part->voices, SLOT_BY_PART);
    for (voice_slot number; (number = walk_next(&walk)) != VOICE_NONE;)
        if (synth->alloc.slot[number].key_down) {
            retune(synth, number, on, pedal_down(on->part, 65) ? glide_rate(on->part) : 0.0f);
            moved = true;
        }
    return moved;
}

static bool was_shut_down(const struct slot *slot) { return !(slot->lists & 1u << SLOT_BY_NOTE) && slot->released; }

static void end_others(struct synth *synth, const struct part *part)
{
    struct walk walk = walk_begin(synth, part->voices, SLOT_BY_PART);
    for (voice_slot number; (number = walk_next(&walk)) != VOICE_NONE;)
        if (!was_shut_down(&synth->alloc.slot[number]))
            notes_shut_down(synth, number);
}

/* true if sounding voices took the note over. Otherwise the glide of the new voices is set. */
static bool glide_or_take_over(struct synth *synth, struct note_on *on)
{
    struct part *part = on->part;
    uint8_t source = part->portamento_from;
    part->portamento_from = NO_KEY;
    if (part->mono && pedal_down(part, 68) && !part->channel.drums && legato(synth, on))
        return true;
    if (!glides(synth, part))
        return false;
    if (source != NO_KEY && !part->mono && moved_from(synth, on, source))
        return true;
    if (source == NO_KEY && pedal_down(part, 65))
        source = part->last_note;
    float rate = glide_rate(part);
    if (source != NO_KEY && source != on->note && rate > 0.0f) {
        on->params.glide_cents = ((float)source - (float)on->note) * 100.0f;
        on->params.glide_rate = rate;
    }
    return false;
}

/* ---- start -------------------------------------------------------------- */

static uint8_t part_velocity(const struct part *part, uint8_t velocity)
{
    int32_t v = velocity;
    if (part->velocity_depth != 64 || part->velocity_offset != 64)
        v = v * part->velocity_depth / 64 + (part->velocity_offset - 64) * 2;
    return (uint8_t)(v < 1 ? 1 : v > 127 ? 127 : v);
}

static void add_key_controls(struct note_on *on)
{
    const struct key_controls *keys = on->part->keys;
    if (!keys)
        return;
    uint8_t volume = keys->volume[on->note];
    if (volume != 0x40)
        on->params.gain_db += volume ? (float)(6.0205999132796239 * fm_log2(volume / 64.0)) : -96.0f; /* 20*log10 */
    on->params.tune_cents += ((float)keys->coarse[on->note] - 64.0f) * 100.0f +
                             ((float)keys->fine[on->note] - 64.0f) * (100.0f / 64.0f);
    if (keys->pan[on->note])
        on->params.pan = ((float)keys->pan[on->note] - 65.0f) * (500.0f / 63.0f);
    on->params.key_reverb = keys->reverb[on->note];
    on->params.key_chorus = keys->chorus[on->note];
}

/* The soft pedal has no law; these are Gervill's figures (spec/dls.md 3.11). */
static void add_soft_pedal(const struct synth *synth, struct note_on *on)
{
    if (synth->config.profile == SYNTH_STUDIO && pedal_down(on->part, 67) && !on->part->channel.drums) {
        on->params.gain_db -= 5.0f;
        on->params.cutoff_cents = -2400.0f;
    }
}

/* The note's place in the lists, and that of its key among the regions: where they are depends on chance alone. */
static void fetch_lists(const struct synth *synth, const struct part *part, uint8_t note)
{
    fetch_line_to_write(note_bucket(synth, part, note));
    if (part->patch && part->patch_version == synth->patch_version)
        fetch_line(&part->patch->instrument->key[note]);
}

/* What the next note-on will write to is known before it comes. */
static void expect(struct synth *synth)
{
    synth->notes.expected_at = synth->report.frames;
    mixer_expect_steal(synth->mixer, alloc_expect(&synth->alloc));
}

/* A slot on PART, perhaps another voice's. */
static voice_slot take_slot(struct synth *synth, struct part *part)
{
    voice_slot stolen;
    voice_slot number = alloc_take(&synth->alloc, part->priority, synth->notes.note_id, &stolen);
    if (stolen != VOICE_NONE)
        notes_fade_out(synth, stolen);
    if (stolen != VOICE_NONE || number == VOICE_NONE)
        synth->report.notes_lost++;
    if (number == VOICE_NONE)
        return VOICE_NONE;
    struct slot *slot = &synth->alloc.slot[number];
    slot->part = part;
    slot->key_down = true;
    slot->sostenuto = false;
    slot->lists = 0;
    return number;
}

/* The buses that voices of PART start on now, held for SLOT. In one order with the epoch (buses.c). */
static struct bus_list *take_buses(const struct part *part, struct slot *slot)
{
    struct bus_list *buses = atomic_load_explicit(&part->group->buses[part->index], memory_order_seq_cst);
    if (buses)
        buses_hold(buses);
    slot->buses = buses;
    return buses;
}

voice_slot notes_start_play(struct synth *synth, struct part *part, struct play *play, struct voice_params *params)
{
    synth->notes.note_id++;
    voice_slot number = take_slot(synth, part);
    if (number == VOICE_NONE)
        return VOICE_NONE;
    struct slot *slot = &synth->alloc.slot[number];
    slot->play = play;
    if (!params->buses)
        params->buses = take_buses(part, slot);
    note_enter(synth, number, SLOT_BY_PART);
    mixer_start(synth->mixer, number, params);
    return number;
}

static voice_slot start_voice(struct synth *synth, struct note_on *on, const struct region *region)
{
    voice_slot number = take_slot(synth, on->part);
    if (number == VOICE_NONE)
        return VOICE_NONE;
    struct slot *slot = &synth->alloc.slot[number];
    slot->patch = on->patch;
    slot->note = on->note;
    slot->key_group = region->key_group;
    on->params.buses = take_buses(on->part, slot);
    note_enter(synth, number, SLOT_BY_PART);
    note_enter(synth, number, SLOT_BY_NOTE);
    if (region->key_group)
        note_enter(synth, number, SLOT_BY_GROUP);
    atomic_store_explicit(&on->patch->voices, atomic_load_explicit(&on->patch->voices, memory_order_relaxed) + 1,
                          memory_order_relaxed);
    on->params.region = region;
    expect(synth);
    mixer_start(synth->mixer, number, &on->params);
    return number;
}

enum { PHASE_GROUPS = 16 }; /* masters that one note-on remembers */

struct phase_masters {
    uint32_t count;
    uint16_t group[PHASE_GROUPS];
    voice_slot slot[PHASE_GROUPS];
};

static voice_slot phase_master(const struct phase_masters *masters, uint16_t group)
{
    for (uint32_t i = 0; i < masters->count; i++)
        if (masters->group[i] == group)
            return masters->slot[i];
    return VOICE_NONE;
}

/* Masters of phase groups first, so that their followers can be told the slot. All regions that match, or as many as find a
 * voice. */
static void start_regions(struct synth *synth, struct note_on *on)
{
    struct phase_masters masters;
    masters.count = 0;
    bool behind = false; /* followers wait */
    for (int followers = 0; followers < 1 + behind; followers++) {
        struct layer_walk walk = {0, 0};
        for (const struct region *region; (region = next_layer(on, &walk)) != NULL;) {
            bool follower = region->phase_group && !region->phase_master;
            behind |= follower;
            if (follower != followers)
                continue;
            on->params.phase_master = followers ? phase_master(&masters, region->phase_group) : VOICE_NONE;
            voice_slot slot = start_voice(synth, on, region);
            if (slot == VOICE_NONE)
                return;
            if (region->phase_group && !followers && masters.count < PHASE_GROUPS) {
                masters.group[masters.count] = region->phase_group;
                masters.slot[masters.count++] = slot;
            }
        }
    }
}

void notes_on(struct synth *synth, struct part *part, uint8_t note, uint8_t velocity)
{
    if (note < part->key_low || note > part->key_high)
        return;
    fetch_lists(synth, part, note);
    if (synth->notes.expected_at != synth->report.frames) { /* the first since something was rendered */
        mixer_expect_start(synth->mixer);
        expect(synth);
    }
    static const struct voice_params nothing;
    struct layers layers;
    struct note_on on;
    on.part = part;
    on.note = note;
    on.velocity = part_velocity(part, velocity);
    on.layers = &layers;
    on.params = nothing;
    if (!find_regions(synth, &on))
        return;
    on.params.channel = &part->channel;
    on.params.note = note;
    on.params.velocity = on.velocity;
    on.params.bank = synth->patch_version;
    synth->notes.note_id++;
    if (!glide_or_take_over(synth, &on)) {
        if (part->mono)
            end_others(synth, part);
        end_exclusive(synth, &on);
        add_key_controls(&on);
        add_soft_pedal(synth, &on);
        start_regions(synth, &on);
    }
    part->last_note = note;
}
