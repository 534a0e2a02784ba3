/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "bank.h"
#include "base/alloc.h"
#include "sf2_flatten.h"

enum { DRUM_BANK = 128 };
#define FRAMES_UNKNOWN UINT32_MAX

/* Zones of presets and instruments multiply; FluidR3_GM makes 16,912 regions of its 189 presets. */
enum { BANK_REGIONS_MAX = 1 << 18 };

/* Waves that overlap in the sample pool multiply it: one for each zone with a start of its own, one for each sample header. What
 * an editor writes stays below this many times the pool (velocity layers that begin at different places), what is less than the
 * constant harms nobody. A byte of Ogg Vorbis is a dozen frames where it is worst. */
enum { POOL_TIMES = 8, POOL_TIMES_VORBIS = 64, SPARE_FRAMES = 1 << 24 };

/* A wave is some frames of a sample. Wave numbers below the number of samples are the whole samples; offset generators make
 * further ones, numbered as they are met. */
struct part {
    uint32_t sample, first, frames;
    uint32_t number;
    struct part *next; /* same bucket */
};

struct remark_range {
    uint32_t first, count;
};

enum { PART_BUCKETS = 1024 };

/* What is built on demand, all under bank->lock. */
struct sf2_lazy {
    struct arena arena;
    struct dls_instrument **instruments; /* by preset, NULL until built */
    struct sf2_extent *extents;          /* by preset, once measured */
    bool measured;
    struct remark_range *ranges;         /* by preset, into remarks */
    uint32_t region_count;               /* of all built so far */
    uint32_t *frames;                    /* by sample, FRAMES_UNKNOWN until asked for: SF3 must open a stream for it */
    struct part **parts;                 /* by wave number, less the samples; each in the arena */
    uint32_t part_count, part_capacity;
    bool *whole;                         /* by sample: is a wave of an instrument as it is */
    uint64_t frames_left;                /* that further waves may have */
    struct part *bucket[PART_BUCKETS];
    struct remarks remarks;              /* of flattening */
};

static uint32_t frames_of(struct dmus_bank *bank, uint32_t sample)
{
    if (bank->lazy->frames[sample] == FRAMES_UNKNOWN)
        bank->lazy->frames[sample] = sf2_sample_frames(bank->sf2, sample);
    return bank->lazy->frames[sample];
}

/* ---- waves ---- */

static struct part *part_add(struct sf2_lazy *lazy)
{
    if (lazy->part_count == lazy->part_capacity) {
        uint32_t capacity = lazy->part_capacity ? lazy->part_capacity * 2 : 64;
        struct part **grown = dm_realloc(lazy->parts, capacity, sizeof *grown);
        if (!grown)
            return NULL;
        lazy->parts = grown;
        lazy->part_capacity = capacity;
    }
    struct part *part = arena_array(&lazy->arena, 1, sizeof *part);
    if (part)
        lazy->parts[lazy->part_count++] = part;
    return part;
}

static bool spend(struct sf2_lazy *lazy, uint32_t frames)
{
    if (frames > lazy->frames_left)
        return false;
    lazy->frames_left -= frames;
    return true;
}

static uint32_t whole_sample(struct sf2_lazy *lazy, uint32_t sample, uint32_t frames)
{
    if (!lazy->whole[sample] && !spend(lazy, frames))
        return SF2_WAVE_TOO_MUCH;
    lazy->whole[sample] = true;
    return sample;
}

static uint32_t wave_number(void *ctx, uint32_t sample, uint32_t first, uint32_t frames)
{
    struct dmus_bank *bank = ctx;
    struct sf2_lazy *lazy = bank->lazy;
    if (first == 0 && frames == frames_of(bank, sample))
        return whole_sample(lazy, sample, frames);
    struct part **bucket = &lazy->bucket[(sample * 31 + first * 7 + frames) % PART_BUCKETS];
    for (const struct part *p = *bucket; p; p = p->next)
        if (p->sample == sample && p->first == first && p->frames == frames)
            return p->number;
    if (!spend(lazy, frames))
        return SF2_WAVE_TOO_MUCH;
    struct part *p = part_add(lazy);
    if (!p)
        return SF2_WAVE_NO_MEMORY;
    *p = (struct part){sample, first, frames, bank->sf2->sample_count + lazy->part_count - 1, *bucket};
    *bucket = p;
    return p->number;
}

static uint32_t wave_frames(void *ctx, uint32_t sample) { return frames_of(ctx, sample); }

static struct part part_of(struct dmus_bank *bank, uint32_t wave)
{
    pthread_mutex_lock(&bank->lock);
    struct part p;
    if (wave < bank->sf2->sample_count)
        p = (struct part){.sample = wave, .frames = bank->sf2->samples[wave].usable ? frames_of(bank, wave) : 0};
    else
        p = *bank->lazy->parts[wave - bank->sf2->sample_count];
    pthread_mutex_unlock(&bank->lock);
    return p;
}

static uint32_t sf2_wave_count(struct dmus_bank *bank)
{
    pthread_mutex_lock(&bank->lock);
    uint32_t count = bank->sf2->sample_count + bank->lazy->part_count;
    pthread_mutex_unlock(&bank->lock);
    return count;
}

static void sf2_wave(struct dmus_bank *bank, uint32_t wave, struct bank_wave *out)
{
    struct part p = part_of(bank, wave);
    const struct sf2_sample *s = &bank->sf2->samples[p.sample];
    *out = (struct bank_wave){s->name, s->sample_rate, p.frames, s->vorbis};
}

static enum dm_status sf2_decode(struct dmus_bank *bank, uint32_t wave, uint32_t first, uint32_t frames, int16_t *out,
                                 struct dm_error *err)
{
    struct part p = part_of(bank, wave);
    return sf2_sample_decode(bank->sf2, p.sample, p.first + first, frames, out, err);
}

static const struct dls_sample_info *sf2_wave_sample(struct dmus_bank *bank, uint32_t wave)
{
    (void)bank, (void)wave;
    return NULL; /* every region has its own */
}

static void forget_span(struct dmus_bank *bank, struct span pool, uint64_t offset, uint64_t size)
{
    if (range_within(offset, size, pool.size))
        mapfile_forget(&bank->file, pool.data + (size_t)offset, (size_t)size);
}

static void sf2_forget(struct dmus_bank *bank, uint32_t wave)
{
    struct part p = part_of(bank, wave);
    const struct sf2_sample *s = &bank->sf2->samples[p.sample];
    uint64_t size = s->end - s->start;
    if (s->vorbis) {
        forget_span(bank, bank->sf2->pool, s->start, size);
        return;
    }
    forget_span(bank, bank->sf2->pool, (uint64_t)s->start * 2, size * 2);
    forget_span(bank, bank->sf2->pool24, s->start, size);
}

/* ---- instruments ---- */

/* spec/dls.md 6.1: bank 128 is the drum kits, another bank number is CC0. */
static uint32_t bank_word(const struct sf2_preset *preset, uint32_t offset)
{
    return preset->bank == DRUM_BANK ? DLS_DRUMS : ((preset->bank + offset) & 0x7Fu) << 8;
}

/* How much of preset INDEX is looked at. That depends on those before it, so all are measured together, when one is needed. */
static const struct sf2_extent *extent_of(struct dmus_bank *bank, uint32_t index)
{
    if (!bank->lazy->measured)
        sf2_measure(bank->sf2, bank->lazy->extents);
    bank->lazy->measured = true;
    return &bank->lazy->extents[index];
}

static enum dm_status build(struct dmus_bank *bank, uint32_t index, struct dm_error *err)
{
    struct sf2_wave_source waves = {wave_number, wave_frames, bank};
    const struct sf2_extent *extent = extent_of(bank, index);
    if (extent->regions > BANK_REGIONS_MAX - bank->lazy->region_count)
        return dm_fail(err, DM_ERR_UNSUPPORTED, "preset %u '%s': more than %d regions in the bank", (unsigned)index,
                       bank->sf2->presets[index].name, BANK_REGIONS_MAX);
    bank->lazy->region_count += extent->regions;
    struct remarks *remarks = &bank->lazy->remarks;
    struct dm_notes notes = remarks_receiver(remarks);
    uint32_t before = remarks->count;
    enum dm_status status = sf2_flatten(bank->sf2, index, extent, bank_word(&bank->sf2->presets[index], bank->bank_offset),
                                        &bank->lazy->arena, &waves, &notes, &bank->lazy->instruments[index], err);
    bank->lazy->ranges[index] = (struct remark_range){before, remarks->count - before};
    return status;
}

static uint32_t sf2_region_count(struct dmus_bank *bank, uint32_t index)
{
    pthread_mutex_lock(&bank->lock);
    uint32_t count = extent_of(bank, index)->regions;
    pthread_mutex_unlock(&bank->lock);
    return count;
}

static const char *sf2_remark(struct dmus_bank *bank, uint32_t index, uint32_t nth)
{
    pthread_mutex_lock(&bank->lock);
    struct remark_range range = bank->lazy->ranges[index];
    const char *text = nth < range.count ? remarks_get(&bank->lazy->remarks, range.first + nth) : NULL;
    pthread_mutex_unlock(&bank->lock);
    return text;
}

static enum dm_status sf2_instrument(struct dmus_bank *bank, uint32_t index, const struct dls_instrument **out,
                                     struct dm_error *err)
{
    pthread_mutex_lock(&bank->lock);
    enum dm_status status = bank->lazy->instruments[index] ? DM_OK : build(bank, index, err);
    *out = bank->lazy->instruments[index];
    pthread_mutex_unlock(&bank->lock);
    return status;
}

/* ---- descriptions ---- */

static void sf2_describe(const struct dmus_bank *bank, struct dmus_bank_info *info)
{
    const struct sf2_bank *sf2 = bank->sf2;
    info->name = sf2->name;
    info->engineer = sf2->engineer;
    info->copyright = sf2->copyright;
    info->comment = sf2->comment;
    info->software = sf2->software;
    info->date = sf2->date;
    info->version_major = sf2->version_major;
    info->version_minor = sf2->version_minor;
    info->waves = sf2->sample_count;
    for (uint32_t i = 0; i < sf2->instrument_count; i++)
        for (uint32_t z = 0; z < sf2->instruments[i].zone_count; z++) {
            const struct sf2_zone *zone = &sf2->instruments[i].zones[z];
            info->regions += !zone->global;
            info->connections += zone->generator_count + zone->modulator_count;
        }
    for (uint32_t i = 0; i < sf2->sample_count; i++)
        if (!sf2->samples[i].vorbis)
            info->wave_frames += sf2->samples[i].end - sf2->samples[i].start;
}

static void sf2_describe_wave(struct dmus_bank *bank, uint32_t index, struct dmus_wave_info *info)
{
    const struct sf2_sample *s = &bank->sf2->samples[index];
    info->sample_rate = s->sample_rate;
    info->frames = s->vorbis ? 0 : s->end - s->start;
    info->bits = s->vorbis ? 0 : bank->sf2->pool24.size ? 24 : 16;
    info->usable = s->usable;
    info->name = s->name;
}

static void sf2_close(struct dmus_bank *bank)
{
    if (bank->lazy) {
        arena_clear(&bank->lazy->arena);
        dm_free(bank->lazy->instruments);
        dm_free(bank->lazy->extents);
        dm_free(bank->lazy->frames);
        dm_free(bank->lazy->ranges);
        dm_free(bank->lazy->parts);
        dm_free(bank->lazy->whole);
        remarks_clear(&bank->lazy->remarks);
        dm_free(bank->lazy);
    }
    sf2_free(bank->sf2);
}

static const struct bank_ops sf2_ops = {
    .instrument = sf2_instrument,
    .region_count = sf2_region_count,
    .instrument_remark = sf2_remark,
    .wave_count = sf2_wave_count,
    .wave = sf2_wave,
    .decode = sf2_decode,
    .wave_sample = sf2_wave_sample,
    .forget = sf2_forget,
    .describe = sf2_describe,
    .describe_wave = sf2_describe_wave,
    .free = sf2_close,
};

static bool has_vorbis(const struct sf2_bank *sf2)
{
    for (uint32_t i = 0; i < sf2->sample_count; i++)
        if (sf2->samples[i].vorbis)
            return true;
    return false;
}

static uint64_t frames_allowed(const struct sf2_bank *sf2)
{
    uint64_t pool = has_vorbis(sf2) ? (uint64_t)sf2->pool.size * POOL_TIMES_VORBIS : (uint64_t)sf2->pool.size / 2 * POOL_TIMES;
    return pool + SPARE_FRAMES;
}

static enum dm_status open_lazy(struct dmus_bank *bank, struct dm_error *err)
{
    const struct sf2_bank *sf2 = bank->sf2;
    struct sf2_lazy *lazy = bank->lazy = dm_calloc(1, sizeof *lazy);
    if (lazy) {
        lazy->instruments = dm_calloc(sf2->preset_count, sizeof *lazy->instruments);
        lazy->extents = dm_calloc(sf2->preset_count, sizeof *lazy->extents);
        lazy->ranges = dm_calloc(sf2->preset_count, sizeof *lazy->ranges);
        lazy->frames = dm_malloc(sf2->sample_count * sizeof *lazy->frames);
        lazy->whole = dm_calloc(sf2->sample_count, sizeof *lazy->whole);
    }
    if (!lazy || !lazy->instruments || !lazy->extents || !lazy->ranges || !lazy->frames || !lazy->whole)
        return dm_fail(err, DM_ERR_NOMEM, "no memory for %u presets", (unsigned)sf2->preset_count);
    memset(lazy->frames, 0xFF, sf2->sample_count * sizeof *lazy->frames);
    lazy->frames_left = frames_allowed(sf2);
    return DM_OK;
}

static bool preset_plays(const struct sf2_bank *sf2, const struct sf2_preset *preset)
{
    for (uint32_t i = 0; i < preset->zone_count; i++)
        if (!preset->zones[i].global && preset->zones[i].target < sf2->instrument_count)
            return true;
    return false;
}

enum dm_status bank_open_sf2(struct dmus_bank *bank, const struct dm_notes *notes, struct dm_error *err)
{
    enum dm_status status = sf2_read(bank->bytes, notes, &bank->sf2, err);
    if (status != DM_OK)
        return status;
    bank->ops = &sf2_ops;
    const struct sf2_bank *sf2 = bank->sf2;
    bank->entries = dm_calloc(sf2->preset_count, sizeof *bank->entries);
    if (!bank->entries)
        return dm_fail(err, DM_ERR_NOMEM, "no memory for %u presets", (unsigned)sf2->preset_count);
    status = open_lazy(bank, err);
    if (status != DM_OK)
        return status;
    uint32_t playable = 0;
    for (uint32_t i = 0; i < sf2->preset_count; i++) {
        const struct sf2_preset *preset = &sf2->presets[i];
        uint32_t word = bank_word(preset, bank->bank_offset);
        bool plays = preset_plays(sf2, preset);
        bank->entries[i] = (struct bank_entry){
            .patch = (word & DLS_DRUMS) | (word & 0x7F00) << 8 | (preset->program & 0x7Fu),
            .file_bank = preset->bank,
            .addressable = plays && preset->bank <= DRUM_BANK,
            .name = preset->name,
        };
        playable += plays;
    }
    bank->entry_count = playable ? sf2->preset_count : 0;
    return DM_OK;
}
