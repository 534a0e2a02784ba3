/* SPDX-License-Identifier: MIT */
#include "sf2_flatten.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "sf2_articulation.h"

/* More regions than this of one preset are damage: every key and velocity could have its own layer of four and fit. */
enum { REGIONS_MAX = 65535, KEY_GROUPS = 15 };

/* What all pairs of zones of a bank may take together, in generators read: the tables of a file allow 2^32 pairs. A bank as large
 * as the tables may have each of its instruments in hundreds of presets and fit. A modulator weighs more, for it is looked for
 * among others. */
enum { STEPS_MAX = 1 << 25, MODULATOR_STEPS = 8 };

enum { SAMPLE_RIGHT = 2, SAMPLE_LEFT = 4 };

struct work {
    const struct sf2_bank *bank;
    const struct sf2_preset *preset;
    uint32_t zones; /* of the preset that are looked at */
    struct arena *arena;
    const struct sf2_wave_source *waves;
    const struct dm_notes *notes;
    struct dm_notes zone_notes; /* NOTES with the place in front */
    char place[128]; /* names are of 20 bytes in the file, and in UTF-8 of at most 40 */
    struct dls_instrument *out;
    uint32_t capacity;
    int32_t classes[KEY_GROUPS]; /* exclusive class of each key group */
    uint32_t class_count;
    uint16_t last_phase;
    uint32_t *sample_of;  /* of each region */
    const struct sf2_zone *folded; /* preset zone that the next two lines are of */
    struct sf2_level preset_level, global_level; /* preset zone on its global, defaults under the instrument's global */
    struct sf2_mods preset_mods, global_mods;
    struct sf2_level gens;
    struct sf2_mods mods;
    struct connections connections;
};

static void place_note(void *ctx, const char *text)
{
    struct work *w = ctx;
    dm_note(w->notes, "%s: %s", w->place, text);
}

static const struct sf2_zone *global_of(const struct sf2_zone *zones, uint32_t count)
{
    return count && zones[0].global ? &zones[0] : NULL;
}

static uint64_t modulator_steps(const struct sf2_zone *zone)
{
    return zone ? MODULATOR_STEPS * (uint64_t)(zone->modulator_count < SF2_MODS_MAX ? zone->modulator_count : SF2_MODS_MAX) : 0;
}

/* At most what for_each_pair and fold take for PZ and all zones of its instrument. */
static uint64_t steps_of(const struct work *w, const struct sf2_zone *pz)
{
    const struct sf2_instrument *inst = &w->bank->instruments[pz->target];
    uint64_t each = 1 + modulator_steps(pz) + modulator_steps(global_of(w->preset->zones, w->preset->zone_count));
    uint64_t steps = pz->generator_count + each * inst->zone_count;
    for (uint32_t i = 0; i < inst->zone_count; i++)
        steps += inst->zones[i].generator_count + modulator_steps(&inst->zones[i]);
    return steps;
}

static bool has_instrument(const struct work *w, const struct sf2_zone *pz)
{
    return !pz->global && pz->target < w->bank->instrument_count;
}

/* How many zones of the preset *LEFT steps are enough for. Who finds too few ends it for those behind too. */
static uint32_t zones_within(const struct work *w, uint64_t *left)
{
    for (uint32_t p = 0; p < w->preset->zone_count; p++) {
        const struct sf2_zone *pz = &w->preset->zones[p];
        if (!has_instrument(w, pz))
            continue;
        uint64_t steps = *left ? steps_of(w, pz) : 1;
        if (steps > *left) {
            *left = 0;
            return p;
        }
        *left -= steps;
    }
    return w->preset->zone_count;
}

/* Call VISIT for each pair whose ranges meet, until it fails. */
typedef enum dm_status visit_pair(struct work *w, const struct sf2_zone *preset_zone, const struct sf2_instrument *inst,
                                  const struct sf2_zone *inst_zone, const struct sf2_ranges *ranges,
                                  struct dm_error *err);

static enum dm_status for_each_pair(struct work *w, visit_pair *visit, struct dm_error *err)
{
    const struct sf2_zone *pglobal = global_of(w->preset->zones, w->preset->zone_count);
    for (uint32_t p = 0; p < w->zones; p++) {
        const struct sf2_zone *pz = &w->preset->zones[p];
        if (!has_instrument(w, pz))
            continue;
        const struct sf2_instrument *inst = &w->bank->instruments[pz->target];
        struct sf2_ranges outer = sf2_level_ranges(pglobal, pz);
        const struct sf2_zone *iglobal = global_of(inst->zones, inst->zone_count);
        for (uint32_t i = 0; i < inst->zone_count; i++) {
            const struct sf2_zone *iz = &inst->zones[i];
            if (iz->global || iz->target >= w->bank->sample_count)
                continue;
            struct sf2_ranges ranges = sf2_level_ranges(iglobal, iz);
            if (!sf2_ranges_meet(&outer, &ranges))
                continue;
            enum dm_status status = visit(w, pz, inst, iz, &ranges, err);
            if (status != DM_OK)
                return status;
        }
    }
    return DM_OK;
}

static enum dm_status count_pair(struct work *w, const struct sf2_zone *preset_zone, const struct sf2_instrument *inst,
                                 const struct sf2_zone *inst_zone, const struct sf2_ranges *ranges,
                                 struct dm_error *err)
{
    (void)preset_zone, (void)inst, (void)ranges, (void)err;
    w->capacity += w->bank->samples[inst_zone->target].usable;
    return DM_OK;
}

void sf2_measure(const struct sf2_bank *bank, struct sf2_extent *extents)
{
    uint64_t left = STEPS_MAX;
    for (uint32_t i = 0; i < bank->preset_count; i++) {
        struct work w = {.bank = bank, .preset = &bank->presets[i]};
        w.zones = zones_within(&w, &left);
        for_each_pair(&w, count_pair, NULL);
        extents[i] = (struct sf2_extent){w.zones, w.capacity < REGIONS_MAX ? w.capacity : REGIONS_MAX};
    }
}

/* ---- sums of both levels ---- */

/* What all pairs of a preset zone have in common, done once: both lists can be long. */
static void fold_outside(struct work *w, const struct sf2_zone *pz, const struct sf2_instrument *inst)
{
    const struct sf2_zone *pglobal = global_of(w->preset->zones, w->preset->zone_count);
    const struct sf2_zone *iglobal = global_of(inst->zones, inst->zone_count);
    sf2_level_zero(&w->preset_level);
    sf2_level_defaults(&w->global_level);
    w->preset_mods.count = w->preset_mods.lost = 0;
    sf2_mods_defaults(&w->global_mods);
    if (pglobal) {
        sf2_level_apply(&w->preset_level, pglobal);
        sf2_mods_apply(&w->preset_mods, pglobal);
    }
    sf2_level_apply(&w->preset_level, pz);
    sf2_mods_apply(&w->preset_mods, pz);
    if (iglobal) {
        sf2_level_apply(&w->global_level, iglobal);
        sf2_mods_apply(&w->global_mods, iglobal);
    }
    w->folded = pz;
}

static void fold(struct work *w, const struct sf2_zone *pz, const struct sf2_instrument *inst, const struct sf2_zone *iz)
{
    if (w->folded != pz)
        fold_outside(w, pz, inst);
    w->gens = w->global_level;
    sf2_mods_copy(&w->mods, &w->global_mods);
    sf2_level_apply(&w->gens, iz);
    sf2_mods_apply(&w->mods, iz);
    sf2_level_add_preset(&w->gens, &w->preset_level);
    sf2_mods_add(&w->mods, &w->preset_mods);
}

/* Exclusive classes are numbers of the preset's own in SoundFont; DLS has fifteen (spec/dls.md 6.2). */
static uint16_t key_group(struct work *w, int32_t class_number)
{
    if (class_number <= 0)
        return 0;
    for (uint32_t i = 0; i < w->class_count; i++)
        if (w->classes[i] == class_number)
            return (uint16_t)(i + 1);
    if (w->class_count < KEY_GROUPS) {
        w->classes[w->class_count++] = class_number;
        return (uint16_t)w->class_count;
    }
    dm_note(&w->zone_notes, "exclusive class %d is the sixteenth: shares key group 15", (int)class_number);
    return KEY_GROUPS;
}

static enum dm_status nomem(struct dm_error *err, const struct work *w)
{
    return dm_fail(err, DM_ERR_NOMEM, "preset '%s': no memory", w->preset->name);
}

/* The list of one of the last regions, if it is the same: neighbours are mostly alike. Nobody changes a region's list. */
static struct dls_connection *same_connections(const struct work *w)
{
    enum { LOOK_BACK = 16 };
    uint32_t count = w->out->region_count;
    for (uint32_t i = count; i-- > 0 && count - i <= LOOK_BACK;) {
        const struct dls_articulation *artic = &w->out->regions[i].articulation;
        if (artic->count == w->connections.count &&
            memcmp(artic->connections, w->connections.list, artic->count * sizeof *artic->connections) == 0)
            return artic->connections;
    }
    return NULL;
}

/* In DLS the sample runs while its envelope still waits: one that plays once may be over before anything is heard of it. Told of a
 * region by that key of it which plays the sample nearest to its own pitch. */
static void note_late(const struct work *w, const struct sf2_sample *sample, uint32_t frames, const struct dls_region *region)
{
    int32_t delay = w->gens.amount[GEN_EG1_DELAY], given = w->gens.amount[GEN_ROOT_KEY];
    int root = given >= 0 ? given : sample->original_key;
    int key = root < region->key_low ? region->key_low : root > region->key_high ? region->key_high : root;
    double octaves = (delay + sf2_mapped_cents(&w->connections, &region->sample, key)) / 1200;
    if (region->sample.loop == DLS_LOOP_NONE && delay > -12000 && pow(2, octaves) * sample->sample_rate >= frames)
        dm_note(&w->zone_notes, "sample '%s' plays once and is over before its envelope begins", sample->name);
}

static enum dm_status add_region(struct work *w, const struct sf2_zone *pz, const struct sf2_instrument *inst,
                                 const struct sf2_zone *iz, const struct sf2_ranges *ranges, struct dm_error *err)
{
    if (w->out->region_count == w->capacity)
        return DM_OK;
    const struct sf2_sample *sample = &w->bank->samples[iz->target];
    snprintf(w->place, sizeof w->place, "preset '%s', instrument '%s'", w->preset->name, inst->name);
    if (!sample->usable) {
        dm_note(&w->zone_notes, "sample '%s' is %s: region left out", sample->name, sample->rom ? "in ROM" : "unusable");
        return DM_OK;
    }
    fold(w, pz, inst, iz);
    struct dls_region *region = &w->out->regions[w->out->region_count];
    memset(region, 0, sizeof *region);
    uint32_t first, frames;
    if (!sf2_map_sample(&w->gens, sample, w->waves->frames(w->waves->ctx, iz->target), &w->zone_notes, &first, &frames,
                        &region->sample)) {
        dm_note(&w->zone_notes, "nothing of sample '%s' is left: region left out", sample->name);
        return DM_OK;
    }
    region->wave = w->waves->wave(w->waves->ctx, iz->target, first, frames);
    if (region->wave == SF2_WAVE_NO_MEMORY)
        return nomem(err, w);
    if (region->wave == SF2_WAVE_TOO_MUCH) {
        dm_note(&w->zone_notes, "sample '%s': zones of the bank have too many frames in all: region left out", sample->name);
        return DM_OK;
    }
    region->key_low = ranges->key_low;
    region->key_high = ranges->key_high;
    region->velocity_low = ranges->velocity_low;
    region->velocity_high = ranges->velocity_high;
    region->channel = WAVELINK_CHANNEL_LEFT;
    region->key_group = key_group(w, w->gens.amount[GEN_EXCLUSIVE_CLASS]);
    sf2_map_articulation(&w->gens, &w->mods, &w->zone_notes, &w->connections);
    sf2_bound_tuning(region->key_low, region->key_high, &w->connections, &region->sample);
    note_late(w, sample, frames, region);

    struct dls_articulation *artic = &region->articulation;
    artic->present = w->connections.count > 0;
    artic->count = w->connections.count;
    artic->connections = same_connections(w);
    if (!artic->connections) {
        artic->connections = arena_array(w->arena, artic->count ? artic->count : 1, sizeof *artic->connections);
        if (!artic->connections)
            return nomem(err, w);
        memcpy(artic->connections, w->connections.list, artic->count * sizeof *artic->connections);
    }
    w->sample_of[w->out->region_count++] = iz->target;
    return DM_OK;
}

/* ---- stereo pairs ---- */

static bool same_sound(const struct dls_region *a, const struct dls_region *b)
{
    if (a->key_low != b->key_low || a->key_high != b->key_high || a->velocity_low != b->velocity_low ||
        a->velocity_high != b->velocity_high || a->sample.unity_note != b->sample.unity_note ||
        a->sample.fine_tune != b->sample.fine_tune || a->sample.loop != b->sample.loop ||
        a->sample.loop_start != b->sample.loop_start || a->sample.loop_length != b->sample.loop_length)
        return false;
    /* A slave takes its whole pitch from the master, so what moves the pitch must be the same. */
    const struct dls_articulation *x = &a->articulation, *y = &b->articulation;
    if (x->count != y->count)
        return false;
    for (uint32_t i = 0; i < x->count; i++) {
        const struct dls_connection *c = &x->connections[i], *d = &y->connections[i];
        if (c->destination == CONN_DST_PAN && d->destination == CONN_DST_PAN)
            continue;
        if (memcmp(c, d, sizeof *c) != 0)
            return false;
    }
    return true;
}

static bool is_pair(const struct work *w, uint32_t right, uint32_t left)
{
    const struct sf2_sample *r = &w->bank->samples[w->sample_of[right]], *l = &w->bank->samples[w->sample_of[left]];
    const struct dls_region *regions = w->out->regions;
    return l->type == SAMPLE_LEFT && r->link == w->sample_of[left] && l->link == w->sample_of[right] &&
           regions[left].phase_group == 0 && r->sample_rate == l->sample_rate &&
           same_sound(&regions[right], &regions[left]);
}

/* Right and left that name each other become a phase group with the right one as master (SF2 2.04 section 7.10: the pitch is
 * controlled by the right sample's generators), where locking changes nothing but the drift. */
static void pair_stereo(struct work *w)
{
    enum { NEAR = 256 }; /* editors write the halves side by side, or all right ones before all left ones */
    struct dls_region *regions = w->out->regions;
    for (uint32_t i = 0; i < w->out->region_count && w->last_phase < UINT16_MAX; i++) {
        if (w->bank->samples[w->sample_of[i]].type != SAMPLE_RIGHT)
            continue;
        uint32_t j = i > NEAR ? i - NEAR : 0, end = w->out->region_count - i > NEAR ? i + NEAR : w->out->region_count;
        while (j < end && !is_pair(w, i, j))
            j++;
        if (j == end)
            continue;
        regions[i].phase_group = regions[j].phase_group = ++w->last_phase;
        regions[i].link_options = F_WAVELINK_PHASE_MASTER;
    }
}

enum dm_status sf2_flatten(const struct sf2_bank *bank, uint32_t preset, const struct sf2_extent *extent, uint32_t bank_word,
                           struct arena *arena, const struct sf2_wave_source *waves, const struct dm_notes *notes,
                           struct dls_instrument **out, struct dm_error *err)
{
    struct work w = {.bank = bank, .preset = &bank->presets[preset], .arena = arena, .waves = waves, .notes = notes};
    w.zone_notes = (struct dm_notes){place_note, &w};
    w.zones = extent->zones;
    w.capacity = extent->regions;
    if (w.zones < w.preset->zone_count)
        dm_note(notes, "preset '%s': zones from number %u on were left out: too many", w.preset->name, (unsigned)w.zones);
    w.out = arena_array(arena, 1, sizeof *w.out);
    struct dls_region *regions = arena_array(arena, w.capacity ? w.capacity : 1, sizeof *regions);
    w.sample_of = dm_calloc(w.capacity ? w.capacity : 1, sizeof *w.sample_of);
    enum dm_status status = DM_OK;
    if (!w.out || !regions || !w.sample_of) {
        status = nomem(err, &w);
    } else {
        *w.out = (struct dls_instrument){
            .bank = bank_word, .program = w.preset->program & 0x7Fu, .regions = regions, .name = w.preset->name};
        status = for_each_pair(&w, add_region, err);
    }
    if (status == DM_OK) {
        pair_stereo(&w);
        *out = w.out;
    }
    dm_free(w.sample_of);
    return status;
}
