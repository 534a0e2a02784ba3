/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "base/text.h"
#include "formats/sf2_internal.h"

enum { GEN_INSTRUMENT = 41, GEN_KEY_RANGE = 43, GEN_VELOCITY_RANGE = 44, GEN_SAMPLE = 53, NAME_SIZE = 20 };

/* Presets over instruments and instruments over samples are the same thing twice. */
struct level {
    struct sf2_reader *r;
    const struct sf2_table *owners, *bags, *gens, *mods;
    uint32_t bag_index_at; /* offset of the bag index in an owner's record */
    uint16_t terminal;     /* generator that names the target */
    uint32_t target_count;
    const char *target_name;
    struct sf2_generator *generators;
    struct sf2_modulator *modulators;
    struct sf2_zone *zones; /* of all owners */
    uint32_t zones_used;
    /* Records that zones may still claim. In a sound file each belongs to one zone; twice as many leaves room for a
     * wrong index, and keeps the work on a hostile file linear. */
    uint64_t gens_left, mods_left;
};

/* Who a note is about. */
struct place {
    const char *name;
    bool preset;
    uint32_t bank, number;
    char text[80]; /* when it is asked for: notes are rare */
};

static const char *where(struct place *place)
{
    if (place->preset)
        snprintf(place->text, sizeof place->text, "preset %03lu:%03lu '%s'", (unsigned long)place->bank,
                 (unsigned long)place->number, place->name);
    else
        snprintf(place->text, sizeof place->text, "instrument %lu '%s'", (unsigned long)place->number, place->name);
    return place->text;
}

static enum dm_status out_of_memory(const char *what, struct dm_error *err)
{
    return dm_fail(err, DM_ERR_NOMEM, "SoundFont %s: out of memory", what);
}

/* Indices [*begin, *end) that two records in a row delimit, taken out of *LEFT. */
static bool claim(uint32_t begin, uint32_t end, uint32_t count, uint64_t *left)
{
    if (begin > end || end > count || end - begin > *left)
        return false;
    *left -= end - begin;
    return true;
}

static enum dm_status read_generators(struct level *l, struct dm_error *err)
{
    uint32_t count = l->gens->count;
    l->generators = arena_array(l->r->memory, count, sizeof *l->generators);
    if (!l->generators)
        return out_of_memory("generators", err);
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *p = sf2_record(l->gens, i);
        l->generators[i] = (struct sf2_generator){load_le16(p), load_le16(p + 2)};
    }
    l->gens_left = 2 * (uint64_t)count;
    return DM_OK;
}

static enum dm_status read_modulators(struct level *l, struct dm_error *err)
{
    uint32_t count = l->mods->count;
    l->modulators = arena_array(l->r->memory, count, sizeof *l->modulators);
    if (!l->modulators)
        return out_of_memory("modulators", err);
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *p = sf2_record(l->mods, i);
        l->modulators[i] = (struct sf2_modulator){load_le16(p), load_le16(p + 2), (int16_t)load_le16(p + 4),
                                                  load_le16(p + 6), load_le16(p + 8)};
    }
    l->mods_left = 2 * (uint64_t)count;
    return DM_OK;
}

static void read_range(const struct level *l, uint16_t amount, uint8_t *low, uint8_t *high, const char *what,
                       struct place *place, uint32_t zone)
{
    uint8_t a = (uint8_t)(amount & 0xFF), b = (uint8_t)(amount >> 8);
    if (a > b || b > 127)
        dm_note(l->r->notes, "%s: zone %lu: %s range %u-%u repaired", where(place), (unsigned long)zone, what, a, b);
    a = a < 127 ? a : 127;
    b = b < 127 ? b : 127;
    *low = a < b ? a : b;
    *high = a < b ? b : a;
}

/* SF2 2.04 section 8.1.2: keyRange counts only as the first generator, velRange only first or behind keyRange,
 * and whatever stands behind the terminal generator is ignored. true if there is a terminal one. */
static bool read_generator_list(const struct level *l, struct sf2_zone *zone, struct place *place,
                                uint32_t number)
{
    uint32_t count = zone->generator_count;
    bool ranges_over = false, velocity_over = false;
    for (uint32_t i = 0; i < count; i++) {
        struct sf2_generator gen = zone->generators[i];
        if (gen.oper == l->terminal) {
            zone->target = gen.amount;
            zone->generator_count = i + 1;
            if (i + 1 < count)
                dm_note(l->r->notes, "%s: zone %lu: %lu generators behind its %s ignored", where(place),
                        (unsigned long)number, (unsigned long)(count - i - 1), l->target_name);
            return true;
        }
        if (gen.oper == GEN_KEY_RANGE && !ranges_over)
            read_range(l, gen.amount, &zone->key_low, &zone->key_high, "key", place, number);
        else if (gen.oper == GEN_VELOCITY_RANGE && !velocity_over)
            read_range(l, gen.amount, &zone->velocity_low, &zone->velocity_high, "velocity", place, number);
        else if (gen.oper == GEN_KEY_RANGE || gen.oper == GEN_VELOCITY_RANGE)
            dm_note(l->r->notes, "%s: zone %lu: %s range out of place ignored", where(place), (unsigned long)number,
                    gen.oper == GEN_KEY_RANGE ? "key" : "velocity");
        ranges_over = true;
        velocity_over = velocity_over || gen.oper != GEN_KEY_RANGE;
    }
    return false;
}

/* Zone NUMBER of an owner, from bag BAG. false: it was dropped, with a note. */
static bool read_zone(struct level *l, uint32_t bag, uint32_t number, struct place *place,
                      struct sf2_zone *zone)
{
    const uint8_t *p = sf2_record(l->bags, bag), *next = sf2_record(l->bags, bag + 1);
    uint32_t gen = load_le16(p), gen_end = load_le16(next), mod = load_le16(p + 2), mod_end = load_le16(next + 2);
    unsigned long shown = number;
    if (!claim(gen, gen_end, l->gens->count, &l->gens_left)) {
        dm_note(l->r->notes, "%s: zone %lu dropped: its generators %lu to %lu of %lu are out of order", where(place), shown,
                (unsigned long)gen, (unsigned long)gen_end, (unsigned long)l->gens->count);
        return false;
    }
    bool mods = claim(mod, mod_end, l->mods->count, &l->mods_left);
    if (!mods && l->mods->count > 0)
        dm_note(l->r->notes, "%s: zone %lu without its modulators, %lu to %lu of %lu are out of order", where(place), shown,
                (unsigned long)mod, (unsigned long)mod_end, (unsigned long)l->mods->count);
    *zone = (struct sf2_zone){.key_high = 127, .velocity_high = 127, .generator_count = gen_end - gen,
                              .generators = l->generators + gen, .modulator_count = mods ? mod_end - mod : 0,
                              .modulators = l->modulators + (mods ? mod : 0)};
    if (!read_generator_list(l, zone, place, number)) {
        zone->global = number == 0;
        if (!zone->global)
            dm_note(l->r->notes, "%s: zone %lu dropped: it names no %s", where(place), shown, l->target_name);
        return zone->global;
    }
    if (zone->target >= l->target_count) {
        dm_note(l->r->notes, "%s: zone %lu dropped: %s %lu of %lu", where(place), shown, l->target_name,
                (unsigned long)zone->target, (unsigned long)l->target_count);
        return false;
    }
    return true;
}

/* Bags of OWNER; false if its indices are damaged. */
static bool owner_bags(const struct level *l, uint32_t owner, uint64_t *left, uint32_t *begin, uint32_t *end)
{
    *begin = load_le16(sf2_record(l->owners, owner) + l->bag_index_at);
    *end = load_le16(sf2_record(l->owners, owner + 1) + l->bag_index_at);
    return claim(*begin, *end, l->bags->count - 1, left);
}

/* The last record of each table is the terminal one: it only ends the range of the one before. */
static enum dm_status prepare(struct level *l, struct dm_error *err)
{
    uint64_t left = 2 * (uint64_t)l->bags->count, total = 0;
    for (uint32_t i = 0; i + 1 < l->owners->count; i++) {
        uint32_t begin, end;
        if (owner_bags(l, i, &left, &begin, &end))
            total += end - begin;
    }
    l->zones = total <= SIZE_MAX ? arena_array(l->r->memory, (size_t)total, sizeof *l->zones) : NULL;
    if (!l->zones)
        return out_of_memory("zones", err);
    enum dm_status status = read_generators(l, err);
    return status == DM_OK ? read_modulators(l, err) : status;
}

/* Zones of OWNER behind those of the owners before; returns how many are good. */
static uint32_t read_owner(struct level *l, uint32_t owner, uint64_t *left, struct place *place)
{
    uint32_t begin, end, first = l->zones_used;
    if (!owner_bags(l, owner, left, &begin, &end)) {
        dm_note(l->r->notes, "%s: no zones: %lu to %lu of %lu are out of order", where(place), (unsigned long)begin,
                (unsigned long)end, (unsigned long)l->bags->count - 1);
        return 0;
    }
    for (uint32_t bag = begin; bag < end; bag++)
        l->zones_used += read_zone(l, bag, bag - begin, place, &l->zones[l->zones_used]);
    return l->zones_used - first;
}

static enum dm_status read_instruments(struct sf2_reader *r, struct dm_error *err)
{
    struct level level = {.r = r, .owners = &r->tables[SF2_INST], .bags = &r->tables[SF2_IBAG],
                          .gens = &r->tables[SF2_IGEN], .mods = &r->tables[SF2_IMOD], .bag_index_at = NAME_SIZE,
                          .terminal = GEN_SAMPLE, .target_count = r->bank->sample_count, .target_name = "sample"};
    uint32_t count = level.owners->count - 1;
    uint64_t left = 2 * (uint64_t)level.bags->count;
    struct sf2_instrument *instruments = arena_array(r->memory, count, sizeof *instruments);
    if (!instruments)
        return out_of_memory("instruments", err);
    enum dm_status status = prepare(&level, err);
    for (uint32_t i = 0; i < count && status == DM_OK; i++) {
        instruments[i].name = text_clean_arena(r->memory, sf2_record(level.owners, i), NAME_SIZE);
        if (!instruments[i].name)
            return out_of_memory("names", err);
        struct place place = {.name = instruments[i].name, .number = i};
        instruments[i].zones = level.zones + level.zones_used;
        instruments[i].zone_count = read_owner(&level, i, &left, &place);
    }
    r->bank->instruments = instruments;
    r->bank->instrument_count = count;
    return status;
}

static enum dm_status read_presets(struct sf2_reader *r, struct dm_error *err)
{
    struct level level = {.r = r, .owners = &r->tables[SF2_PHDR], .bags = &r->tables[SF2_PBAG],
                          .gens = &r->tables[SF2_PGEN], .mods = &r->tables[SF2_PMOD], .bag_index_at = NAME_SIZE + 4,
                          .terminal = GEN_INSTRUMENT, .target_count = r->bank->instrument_count,
                          .target_name = "instrument"};
    uint32_t count = level.owners->count - 1;
    uint64_t left = 2 * (uint64_t)level.bags->count;
    struct sf2_preset *presets = arena_array(r->memory, count, sizeof *presets);
    if (!presets)
        return out_of_memory("presets", err);
    enum dm_status status = prepare(&level, err);
    for (uint32_t i = 0; i < count && status == DM_OK; i++) {
        const uint8_t *record = sf2_record(level.owners, i);
        presets[i].name = text_clean_arena(r->memory, record, NAME_SIZE);
        if (!presets[i].name)
            return out_of_memory("names", err);
        presets[i].program = load_le16(record + NAME_SIZE);
        presets[i].bank = load_le16(record + NAME_SIZE + 2);
        struct place place = {.name = presets[i].name, .preset = true, .bank = presets[i].bank, .number = presets[i].program};
        if (presets[i].program > 127 || presets[i].bank > 128)
            dm_note(r->notes, "%s: cannot be addressed by MIDI", where(&place));
        presets[i].zones = level.zones + level.zones_used;
        presets[i].zone_count = read_owner(&level, i, &left, &place);
        for (uint32_t k = 0; k < presets[i].zone_count; k++)
            r->playable_zones += !presets[i].zones[k].global;
    }
    r->bank->presets = presets;
    r->bank->preset_count = count;
    return status;
}

enum dm_status sf2_read_zones(struct sf2_reader *r, struct dm_error *err)
{
    enum dm_status status = read_instruments(r, err);
    return status == DM_OK ? read_presets(r, err) : status;
}
