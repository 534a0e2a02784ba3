/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "download_artic.h"
#include "downloads.h"

/* Structures of spec/ddi-user.md 4.4 and 4.5 by offset. */
enum {
    INSTRUMENT_SIZE = 24,
    REGION_SIZE = 56, /* without its loops */
    WSMPL_SIZE = 20,
    LOOP_SIZE = 16,
    REGIONS_MAX = 65535 /* by_key has 16-bit entries */
};

/* What the two passes over an image share. Ordinals number the distinct articulations; 0 is "none": the profile's defaults. */
struct reader {
    const struct image *image;
    const struct downloads *downloads;
    enum synth_profile profile;
    bool bare;               /* without any articulation it has the defaults of the specification */
    uint32_t region_count;
    uint32_t artic_count;    /* ordinals in use, 0 included */
    uint32_t *ordinal;       /* per table entry: 0 unseen, else ordinal + 1 */
    uint32_t *artic_index;   /* per ordinal: table entry */
    uint32_t *artic_blocks;  /* per ordinal: number of blocks */
    uint32_t most_blocks;
    uint32_t budget;
};

/* ---- first pass: check and count ---------------------------------------- */

static enum synth_status check_artic(struct reader *reader, uint32_t index)
{
    if (index == 0)
        return SYNTH_OK;
    if (index >= reader->image->entries)
        return SYNTH_BAD_ARTICULATION;
    if (reader->ordinal[index])
        return SYNTH_OK;
    uint32_t blocks;
    enum synth_status status = download_artic(reader->image, index, NULL, &blocks, &reader->budget);
    if (status != SYNTH_OK)
        return status;
    /* An empty list counts as none (spec/dls.md 2.8). */
    uint32_t ordinal = blocks ? reader->artic_count++ : 0;
    reader->ordinal[index] = ordinal + 1;
    reader->artic_index[ordinal] = index;
    reader->artic_blocks[ordinal] = blocks;
    if (blocks > reader->most_blocks)
        reader->most_blocks = blocks;
    return SYNTH_OK;
}

static uint32_t ordinal_of(const struct reader *reader, uint32_t index) { return index ? reader->ordinal[index] - 1 : 0; }

/* Region articulation, else the instrument's, else 0. */
static uint32_t region_artic(const struct reader *reader, uint32_t region_index, uint32_t global_index)
{
    uint32_t ordinal = ordinal_of(reader, region_index);
    return ordinal ? ordinal : ordinal_of(reader, global_index);
}

/* Whether WSMP and WLOOP of a region were written. dmusic.dll of Wine 10.0 leaves both as it found the memory, zeros or anything,
 * where a region of the file has none. cbSize is 20 where it is right, 36 where the loop was counted, 0 where it was forgotten. */
static bool has_sample(const uint8_t *region)
{
    uint32_t size = load_le32(region + 36);
    return (size >= WSMPL_SIZE && size < 256) || (size == 0 && load_le16(region + 40) != 0);
}

static uint32_t loops_of(const uint8_t *region) { return has_sample(region) ? load_le32(region + 52) : 0; }

static enum synth_status check_region(struct reader *reader, const uint8_t *region, size_t size, uint32_t global_artic)
{
    uint32_t loops = loops_of(region);
    if (loops > (size - REGION_SIZE) / LOOP_SIZE)
        return SYNTH_BAD_INSTRUMENT;
    if (load_le16(region) > load_le16(region + 2) || load_le16(region + 4) > load_le16(region + 6))
        return SYNTH_BAD_INSTRUMENT;
    if (load_le16(region) > 127)
        return SYNTH_BAD_INSTRUMENT;
    /* Loops beyond the data are repaired, but no writer can have meant half of the 32-bit range. */
    if (loops && (load_le32(region + 64) > INT32_MAX || load_le32(region + 68) > INT32_MAX))
        return SYNTH_BAD_WAVE;
    enum synth_status status = check_artic(reader, load_le32(region + 12));
    if (status != SYNTH_OK)
        return status;
    /* The page demands an articulation somewhere, be it empty. */
    if (!reader->bare && load_le32(region + 12) == 0 && global_artic == 0)
        return SYNTH_NO_ARTICULATION;
    return downloads_wave(reader->downloads, load_le32(region + 32)) ? SYNTH_OK : SYNTH_BAD_WAVE_LINK;
}

static enum synth_status check_instrument(struct reader *reader, const uint8_t *root)
{
    const struct image *image = reader->image;
    uint32_t global_artic = load_le32(root + 8);
    enum synth_status status = check_artic(reader, global_artic);
    uint32_t index = load_le32(root + 4);
    while (status == SYNTH_OK && index != 0) {
        struct span region;
        /* A chain longer than the table visits an entry twice. */
        if (reader->region_count == image->entries || reader->region_count == REGIONS_MAX)
            return SYNTH_BAD_INSTRUMENT;
        status = image_object(image, index, REGION_SIZE, SYNTH_BAD_INSTRUMENT, &region);
        if (status == SYNTH_OK)
            status = check_region(reader, region.data, region.size, global_artic);
        if (status != SYNTH_OK)
            return status;
        reader->region_count++;
        index = load_le32(region.data + 16);
    }
    return status;
}

/* ---- second pass: build ------------------------------------------------- */

/* 1/655360 dB. Beyond 96 dB either way the value is damage and counts as 0, above +12 dB it is +12 (spec/dls.md 1.6, 7.1 #10). */
static int32_t region_gain(int32_t gain)
{
    const int32_t db = 655360;
    if (gain > 96 * db || gain < -96 * db)
        return 0;
    return gain > 12 * db ? 12 * db : gain;
}

/* Repairs of spec/dls.md 1.6: outside the data no loop, past its end the end. */
static void region_loop(struct region *region, const uint8_t *raw)
{
    region->loop = LOOP_NONE;
    if (loops_of(raw) == 0)
        return;
    uint32_t type = load_le32(raw + 60), start = load_le32(raw + 64), length = load_le32(raw + 68);
    uint32_t frames = region->wave->frames;
    if (start >= frames || length == 0)
        return;
    /* Headers disagree on the number of the release loop: 1 or 2 (spec/ddi-user.md section 13, 14). */
    region->loop = type == 1 || type == 2 ? LOOP_RELEASE : LOOP_FORWARD;
    region->loop_start = start;
    region->loop_length = length > frames - start ? frames - start : length;
}

static uint8_t clamp_7bit(uint16_t value) { return value > 127 ? 127 : (uint8_t)value; }

static void build_region(const struct reader *reader, const uint8_t *raw, struct region *region)
{
    uint16_t options = load_le16(raw + 8), key_group = load_le16(raw + 10), link = load_le16(raw + 24);
    bool sample = has_sample(raw);
    uint16_t unity = load_le16(raw + 40);
    region->key_low = clamp_7bit(load_le16(raw));
    region->key_high = clamp_7bit(load_le16(raw + 2));
    region->velocity_low = clamp_7bit(load_le16(raw + 4));
    region->velocity_high = clamp_7bit(load_le16(raw + 6));
    if (region->velocity_high == 0) /* old level 1 writers: 0-0 for the whole range (spec/dls.md 1.5) */
        region->velocity_high = 127;
    region->self_non_exclusive = options & 1;
    region->key_group = key_group <= 15 ? (uint8_t)key_group : 0;
    region->phase_master = link & 1;
    region->multichannel = (link & 2) != 0;
    region->phase_group = load_le16(raw + 26);
    region->channel = load_le32(raw + 28);
    region->wave = &downloads_wave(reader->downloads, load_le32(raw + 32))->wave;
    region->unity_note = sample && unity <= 127 ? (uint8_t)unity : 60;
    region->fine_tune = sample ? (int16_t)load_le16(raw + 42) : 0;
    region->gain = sample ? region_gain((int32_t)load_le32(raw + 44)) : 0;
    region_loop(region, raw);
}

/* A list per key, shared by neighbours whose lists are the same. Stores nothing but counts if INDEX is NULL. */
static uint32_t index_keys(struct instrument *instrument, uint16_t *index)
{
    bool starts[129] = {true};
    uint32_t filled = 0;
    for (uint32_t i = 0; i < instrument->region_count; i++) {
        starts[instrument->regions[i].key_low] = true;
        starts[instrument->regions[i].key_high + 1] = true;
    }
    for (uint32_t key = 0; key < 128; key++) {
        struct key_regions *own = &instrument->key[key];
        if (!starts[key]) {
            *own = own[-1];
            continue;
        }
        own->first = filled;
        for (uint32_t i = 0; i < instrument->region_count; i++)
            if (instrument->regions[i].key_low <= key && key <= instrument->regions[i].key_high) {
                if (index)
                    index[filled] = (uint16_t)i;
                filled++;
            }
        own->count = (uint16_t)(filled - own->first);
        own->region = index && own->count ? index[own->first] : 0;
    }
    return filled;
}

/* Offsets inside the one block that an instrument takes. */
struct plan {
    uint64_t regions, artics, by_key, size;
};

static uint64_t align_64(uint64_t size) { return (size + 63) & ~UINT64_C(63); }

static struct plan make_plan(const struct reader *reader, uint32_t key_entries)
{
    struct plan plan;
    plan.regions = align_64(sizeof(struct instrument));
    plan.by_key = plan.regions + align_64(reader->region_count * (uint64_t)sizeof(struct region));
    plan.artics = plan.by_key + align_64(key_entries * (uint64_t)sizeof(uint16_t));
    plan.size = plan.artics;
    for (uint32_t i = 0; i < reader->artic_count; i++)
        plan.size += align_64(artic_size(reader->artic_blocks[i]));
    return plan;
}

static void build_artics(const struct reader *reader, uint8_t *memory, struct artic_block *blocks, const struct artic **artics)
{
    for (uint32_t i = 0; i < reader->artic_count; i++) {
        uint32_t count = 0, budget = ARTIC_BUDGET;
        if (i > 0)
            (void)download_artic(reader->image, reader->artic_index[i], blocks, &count, &budget); /* checked before */
        artics[i] = artic_compile(memory, blocks, count, reader->profile);
        memory += align_64(artic_size(count));
    }
}

static void build_regions(const struct reader *reader, const uint8_t *root, struct region *regions)
{
    uint32_t index = load_le32(root + 4);
    for (uint32_t i = 0; i < reader->region_count; i++) {
        struct span raw = {0};
        (void)image_object(reader->image, index, REGION_SIZE, SYNTH_BAD_INSTRUMENT, &raw); /* checked before */
        build_region(reader, raw.data, &regions[i]);
        index = load_le32(raw.data + 16);
    }
}

static void link_artics(const struct reader *reader, const uint8_t *root, struct region *regions,
                        const struct artic *const *artics)
{
    uint32_t index = load_le32(root + 4), global_artic = load_le32(root + 8);
    for (uint32_t i = 0; i < reader->region_count; i++) {
        struct span raw = {0};
        (void)image_object(reader->image, index, REGION_SIZE, SYNTH_BAD_INSTRUMENT, &raw);
        regions[i].artic = artics[region_artic(reader, load_le32(raw.data + 12), global_artic)];
        index = load_le32(raw.data + 16);
    }
}

static enum synth_status build(struct reader *reader, const uint8_t *root, struct region *regions, struct artic_block *blocks,
                               const struct artic **artics, struct instrument **out)
{
    const struct synth_memory *mem = &reader->downloads->mem;
    struct instrument draft = {.region_count = reader->region_count, .regions = regions};
    build_regions(reader, root, regions);
    struct plan plan = make_plan(reader, index_keys(&draft, NULL));
    if (plan.size > SIZE_MAX)
        return SYNTH_NOMEM;
    uint8_t *memory = mem->alloc(mem->ctx, (size_t)plan.size);
    if (!memory)
        return SYNTH_NOMEM;
    struct instrument *instrument = (struct instrument *)(void *)memory;
    struct region *own_regions = (struct region *)(void *)(memory + plan.regions);
    uint16_t *by_key = (uint16_t *)(void *)(memory + plan.by_key);
    uint32_t patch = load_le32(root);
    build_artics(reader, memory + plan.artics, blocks, artics);
    link_artics(reader, root, regions, artics);
    memcpy(own_regions, regions, reader->region_count * sizeof *regions);
    *instrument = draft;
    instrument->regions = own_regions;
    instrument->by_key = by_key;
    index_keys(instrument, by_key);
    instrument->patch = patch & 0x807F7F7Fu;
    instrument->drums = (patch & PATCH_DRUMS) != 0;
    instrument->gm = load_le32(root + 20) & 1;
    instrument->key_artic = artics[ordinal_of(reader, load_le32(root + 8))];
    *out = instrument;
    return SYNTH_OK;
}

/* ---- temporary memory --------------------------------------------------- */

static void *scratch(const struct synth_memory *mem, uint64_t count, size_t size)
{
    uint64_t bytes = (count ? count : 1) * size; /* 32-bit count and a small structure: no overflow */
    return bytes <= SIZE_MAX ? mem->alloc(mem->ctx, (size_t)bytes) : NULL;
}

static enum synth_status build_with_scratch(struct reader *reader, const uint8_t *root, struct instrument **out)
{
    const struct synth_memory *mem = &reader->downloads->mem;
    struct region *regions = scratch(mem, reader->region_count, sizeof *regions);
    struct artic_block *blocks = scratch(mem, reader->most_blocks, sizeof *blocks);
    const struct artic **artics = scratch(mem, reader->artic_count, sizeof *artics);
    enum synth_status status = SYNTH_NOMEM;
    if (regions && blocks && artics)
        status = build(reader, root, regions, blocks, artics, out);
    mem->free(mem->ctx, regions);
    mem->free(mem->ctx, blocks);
    mem->free(mem->ctx, artics);
    return status;
}

enum synth_status download_instrument(const struct downloads *downloads, const struct image *image,
                                      const struct synth_config *config, struct synth_download *download)
{
    const struct synth_memory *mem = &downloads->mem;
    struct reader reader = {.image = image, .downloads = downloads, .profile = config->profile, .artic_count = 1};
    reader.bare = config->profile == SYNTH_STUDIO || (config->bare_instruments && image->type == IMAGE_INSTRUMENT2);
    struct span root;
    enum synth_status status = image_object(image, 0, INSTRUMENT_SIZE, SYNTH_BAD_INSTRUMENT, &root);
    if (status != SYNTH_OK)
        return status;
    reader.budget = ARTIC_BUDGET;
    reader.ordinal = scratch(mem, image->entries, sizeof *reader.ordinal);
    reader.artic_index = scratch(mem, (uint64_t)image->entries + 1, sizeof *reader.artic_index);
    reader.artic_blocks = scratch(mem, (uint64_t)image->entries + 1, sizeof *reader.artic_blocks);
    status = SYNTH_NOMEM;
    if (reader.ordinal && reader.artic_index && reader.artic_blocks)
        status = check_instrument(&reader, root.data);
    if (status == SYNTH_OK)
        status = build_with_scratch(&reader, root.data, &download->instrument);
    mem->free(mem->ctx, reader.ordinal);
    mem->free(mem->ctx, reader.artic_index);
    mem->free(mem->ctx, reader.artic_blocks);
    return status;
}
