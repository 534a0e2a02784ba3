/* SPDX-License-Identifier: MIT */
/*
 * pgal: the program alias table of Beatnik's mobileBAE banks (spec/dls.md 1.11). Melodic aliases become instruments
 * that share the regions of their source; drum notes that stand for others become regions of their own, tuned so
 * that they sound like the note they stand for.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "formats/dls_reader.h"

enum { NOTES = 128, VERSION_SIZE = 4, RECORD_SIZE = 8, DRUM_REGION_LIMIT = 512, ADDED_LIMIT = 65536 };
enum { CONNECTION_LIMIT = 64 * ADDED_LIMIT };
enum { PATCHES = 1 << 21 }; /* banks of 14 bits, programs of 7 */
enum { SOURCE_KEY = 3, DESTINATION_PITCH = 3, MIDDLE_C = 60, DRUM_BANK = 0x7800 };

struct entry {
    uint32_t patch, index; /* patch: ulBank << 8 | program */
};

static uint32_t patch_of(uint32_t bank, uint32_t program) { return bank << 8 | program; }
static bool is_drums(const struct dls_instrument *i) { return i->bank & DLS_DRUMS || (i->bank & 0x7F00) == DRUM_BANK; }

static int compare_entries(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    if (x->patch != y->patch)
        return x->patch < y->patch ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

/* First instrument of the file with PATCH, or NULL. */
static const struct dls_instrument *find(const struct dls_reader *r, const struct entry *entries, uint32_t count,
                                         uint32_t patch)
{
    uint32_t low = 0, high = count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (entries[middle].patch < patch)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && entries[low].patch == patch ? &r->out->instruments[entries[low].index] : NULL;
}

static uint32_t alias_patch(const uint8_t *p) /* u16 bank of 14 bits, u8 program */
{
    uint32_t bank = load_le16(p);
    return patch_of((bank >> 7 & 0x7F) << 8 | (bank & 0x7F), p[2] & 0x7Fu);
}

/* Is this the first alias for PATCH, as alias_patch makes it? USED has a bit for each patch. */
static bool take_patch(uint8_t *used, uint32_t patch)
{
    uint32_t at = (patch >> 16 & 0x7F) << 14 | (patch >> 8 & 0x7F) << 7 | (patch & 0x7F);
    bool first = !(used[at / 8] & 1u << at % 8);
    used[at / 8] |= (uint8_t)(1u << at % 8);
    return first;
}

static uint64_t connections_of(const struct dls_instrument *instrument)
{
    uint64_t count = instrument->articulation.count;
    for (uint32_t i = 0; i < instrument->region_count; i++)
        count += instrument->regions[i].articulation.count;
    return count;
}

/* Behind the instruments that ALL begins with, until they have ADDED_LIMIT regions or CONNECTION_LIMIT connections: each alias
 * counts all those of its source, for whoever loads or writes it has them all. */
static void add_aliases(struct dls_reader *r, struct dls_instrument *all, const struct entry *entries, uint32_t melodic,
                        uint8_t *used, const uint8_t *records, uint32_t count)
{
    struct dls_collection *out = r->out;
    uint32_t added = 0;
    uint64_t connections = 0;
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *p = records + (size_t)i * RECORD_SIZE;
        uint32_t alias = alias_patch(p);
        const struct dls_instrument *source = find(r, entries, melodic, alias_patch(p + 4));
        if (!source || find(r, entries, melodic, alias))
            continue;
        uint32_t weight = source->region_count ? source->region_count : 1;
        if (!take_patch(used, alias))
            continue;
        if (weight > ADDED_LIMIT - added || connections_of(source) > CONNECTION_LIMIT - connections) {
            dls_note(r, "aliases from number %u on ignored: their instruments have too many regions or connections in all", i);
            return;
        }
        struct dls_instrument *to = &all[out->instrument_count++];
        *to = *source;
        to->bank = alias >> 8;
        to->program = alias & 0x7F;
        out->region_count += source->region_count;
        added += weight;
        connections += connections_of(source);
    }
}

static enum dm_status add_instruments(struct dls_reader *r, const uint8_t *records, uint32_t count)
{
    struct dls_collection *out = r->out;
    uint32_t known = out->instrument_count, melodic = 0, room = count < ADDED_LIMIT ? count : ADDED_LIMIT;
    if (count == 0 || known == 0 || known > UINT32_MAX - room)
        return DM_OK;
    struct entry *entries = arena_array(r->arena, known, sizeof *entries);
    struct dls_instrument *all = arena_array(r->arena, (size_t)known + room, sizeof *all);
    uint8_t *used = dm_calloc(PATCHES / 8, 1);
    if (!entries || !all || !used) {
        dm_free(used);
        return DM_ERR_NOMEM;
    }
    for (uint32_t i = 0; i < known; i++)
        if (!is_drums(&out->instruments[i]))
            entries[melodic++] = (struct entry){patch_of(out->instruments[i].bank, out->instruments[i].program), i};
    qsort(entries, melodic, sizeof *entries, compare_entries);
    memcpy(all, out->instruments, known * sizeof *all);
    add_aliases(r, all, entries, melodic, used, records, count);
    dm_free(used);
    out->instruments = all;
    return DM_OK;
}

/* Cents per key: the connection key -> pitch, 12800 cents over 128 keys by default. */
static int64_t cents_per_key(const struct dls_instrument *instrument, const struct dls_region *region)
{
    const struct dls_articulation *a = region->articulation.present ? &region->articulation : &instrument->articulation;
    int64_t scale = (int64_t)12800 * 65536;
    for (uint32_t i = 0; i < a->count; i++) {
        const struct dls_connection *c = &a->connections[i];
        if (c->source == SOURCE_KEY && c->control == 0 && c->destination == DESTINATION_PITCH)
            scale = c->scale;
    }
    return scale / 65536 / 128;
}

/* REGION for KEY alone, sounding as it does at AS. */
static struct dls_region stand_in(const struct dls_reader *r, const struct dls_instrument *instrument,
                                  const struct dls_region *region, int key, int as)
{
    struct dls_region copy = *region;
    struct dls_sample_info *sample = &copy.sample;
    if (!sample->present)
        *sample = r->out->waves[region->wave].sample;
    if (!sample->present)
        sample->unity_note = MIDDLE_C;
    sample->present = true;
    int64_t shift = cents_per_key(instrument, region) * (key - as);
    int64_t below = 100 * (int64_t)sample->unity_note - sample->fine_tune + shift; /* the pitch is key - below */
    int64_t unity = sample->unity_note + shift / 100;
    unity = unity < 0 ? 0 : unity > 127 ? 127 : unity;
    int64_t fine = 100 * unity - below;
    sample->unity_note = (uint16_t)unity;
    sample->fine_tune = (int16_t)(fine > INT16_MAX ? INT16_MAX : fine < INT16_MIN ? INT16_MIN : fine);
    copy.key_low = copy.key_high = (uint16_t)key;
    return copy;
}

static bool plays_itself(const uint8_t *table, unsigned key) { return table[key] == key || table[key] >= NOTES; }

/* Regions of a drum kit under TABLE; counted, and stored if OUT is not NULL. */
static uint32_t map_kit(const struct dls_reader *r, const struct dls_instrument *kit, const uint8_t *table,
                        struct dls_region *out)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < kit->region_count; i++) {
        const struct dls_region *region = &kit->regions[i];
        for (unsigned key = region->key_low; key <= region->key_high; key++) {
            if (!plays_itself(table, key))
                continue;
            unsigned last = key;
            while (last < region->key_high && plays_itself(table, last + 1))
                last++;
            if (out) {
                out[count] = *region;
                out[count].key_low = (uint16_t)key;
                out[count].key_high = (uint16_t)last;
            }
            count++;
            key = last;
        }
    }
    for (unsigned key = 0; key < NOTES; key++)
        for (uint32_t i = 0; i < kit->region_count && !plays_itself(table, key); i++)
            if (kit->regions[i].key_low <= table[key] && table[key] <= kit->regions[i].key_high) {
                if (out)
                    out[count] = stand_in(r, kit, &kit->regions[i], (int)key, table[key]);
                count++;
            }
    return count;
}

static enum dm_status map_drums(struct dls_reader *r, const uint8_t *table)
{
    bool identity = true;
    uint32_t added = 0; /* every kit can multiply by up to 128, so this is bounded as a whole */
    for (unsigned key = 0; key < NOTES; key++)
        identity = identity && plays_itself(table, key);
    for (uint32_t i = 0; i < r->out->instrument_count && !identity && added < ADDED_LIMIT; i++) {
        struct dls_instrument *kit = &r->out->instruments[i];
        if (!is_drums(kit) || kit->region_count == 0 || kit->region_count > DRUM_REGION_LIMIT)
            continue;
        uint32_t count = map_kit(r, kit, table, NULL);
        struct dls_region *regions = arena_array(r->arena, count, sizeof *regions);
        if (!regions)
            return DM_ERR_NOMEM;
        map_kit(r, kit, table, regions);
        r->out->region_count += count - kit->region_count;
        kit->regions = regions;
        kit->region_count = count;
        added += count;
    }
    return DM_OK;
}

enum dm_status dls_aliases_read(struct dls_reader *r, struct span pgal)
{
    static const uint8_t first_notes[4] = {0, 1, 2, 3};
    const uint8_t *p = pgal.data;
    size_t left = pgal.size;
    if (left == 0)
        return DM_OK;
    if (left >= VERSION_SIZE && memcmp(p, first_notes, sizeof first_notes) != 0) {
        p += VERSION_SIZE;
        left -= VERSION_SIZE;
    }
    if (left < NOTES + 4) {
        dls_note(r, "alias table of %zu bytes ignored", pgal.size);
        return DM_OK;
    }
    DLS_RETURN_IF_FAILED(map_drums(r, p));
    size_t room = (left - NOTES - 4) / RECORD_SIZE;
    uint32_t count = load_le32(p + NOTES);
    if (count > room)
        dls_note(r, "%u aliases declared, %zu present", count, room);
    return add_instruments(r, p + NOTES + 4, count < room ? count : (uint32_t)room);
}
