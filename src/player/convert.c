/* SPDX-License-Identifier: MIT */
/* A bank of any kind as a DLS 2 collection: the instruments that rendering plays, and the waves they use. */
#include <stdio.h>
#include <string.h>

#include "bank.h"
#include "base/alloc.h"
#include "errors.h"
#include "outfile.h"

struct conversion {
    struct dmus_bank *bank;
    struct dmus_convert_options options;
    struct dmus_convert_result result;
    struct arena arena;
    struct dls_collection dls;
    uint32_t *new_number;  /* by wave number of the bank: 1 + number in the file, 0 unused */
    uint32_t *old_number;  /* by number in the file */
    int16_t *wave;         /* the wave in hand, whole: a Vorbis stream is decoded but once */
    uint32_t wave_index, wave_room;
    struct outfile file;
};

static void remark(struct conversion *c, const char *text)
{
    c->result.remarks++;
    if (c->options.remark)
        c->options.remark(c->options.remark_ctx, text);
}

/* ---- collecting ---- */

static enum dm_status nomem(struct conversion *c, struct dm_error *err)
{
    return dm_fail(err, DM_ERR_NOMEM, "%s: no memory", c->bank->path);
}

static enum dm_status add_instrument(struct conversion *c, uint32_t entry, struct dm_error *err)
{
    const struct dls_instrument *from;
    enum dm_status status = c->bank->ops->instrument(c->bank, entry, &from, err);
    if (status != DM_OK)
        return error_at(err, status, c->bank->path);
    const char *text;
    for (uint32_t n = 0; (text = c->bank->ops->instrument_remark(c->bank, entry, n)) != NULL; n++)
        remark(c, text);
    if (from->region_count == 0)
        return DM_OK;
    if (!c->bank->entries[entry].addressable) {
        char line[160];
        snprintf(line, sizeof line, "instrument %u '%.60s' in bank %u cannot be addressed by MIDI: left out",
                 (unsigned)entry, c->bank->entries[entry].name, (unsigned)c->bank->entries[entry].file_bank);
        remark(c, line);
        return DM_OK;
    }
    struct dls_instrument *to = &c->dls.instruments[c->dls.instrument_count++];
    *to = *from;
    to->regions = arena_array(&c->arena, from->region_count, sizeof *to->regions);
    if (!to->regions)
        return nomem(c, err);
    memcpy(to->regions, from->regions, from->region_count * sizeof *to->regions);
    c->result.regions += from->region_count;
    c->result.connections += from->articulation.count;
    for (uint32_t i = 0; i < from->region_count; i++)
        c->result.connections += from->regions[i].articulation.count;
    return DM_OK;
}

/* Number the waves by first use, so that the file does not depend on what was built before. */
static enum dm_status number_waves(struct conversion *c, struct dm_error *err)
{
    uint32_t count = c->bank->ops->wave_count(c->bank), used = 0;
    c->new_number = arena_array(&c->arena, count ? count : 1, sizeof *c->new_number);
    c->old_number = arena_array(&c->arena, count ? count : 1, sizeof *c->old_number);
    if (!c->new_number || !c->old_number)
        return nomem(c, err);
    for (uint32_t i = 0; i < c->dls.instrument_count; i++)
        for (uint32_t k = 0; k < c->dls.instruments[i].region_count; k++) {
            struct dls_region *region = &c->dls.instruments[i].regions[k];
            if (c->new_number[region->wave] == 0) {
                c->old_number[used++] = region->wave;
                c->new_number[region->wave] = used;
            }
            region->wave = c->new_number[region->wave] - 1;
        }
    c->dls.waves = arena_array(&c->arena, used ? used : 1, sizeof *c->dls.waves);
    if (!c->dls.waves)
        return nomem(c, err);
    c->dls.wave_count = used;
    for (uint32_t i = 0; i < used; i++) {
        struct bank_wave from;
        c->bank->ops->wave(c->bank, c->old_number[i], &from);
        const struct dls_sample_info *sample = c->bank->ops->wave_sample(c->bank, c->old_number[i]);
        c->dls.waves[i] = (struct dls_wave){.codec = DLS_PCM_S16,
                                            .channels = 1,
                                            .block_align = 2,
                                            .sample_rate = from.sample_rate,
                                            .frames = from.frames,
                                            .name = from.name,
                                            .usable = true};
        if (sample)
            c->dls.waves[i].sample = *sample;
    }
    return DM_OK;
}

static enum dm_status collect(struct conversion *c, struct dm_error *err)
{
    struct dmus_bank_info info = {.size = sizeof info};
    dmus_bank_get_info(c->bank, &info);
    c->dls.info = (struct dls_info){.name = info.name,
                                    .copyright = info.copyright,
                                    .engineer = info.engineer,
                                    .comment = info.comment,
                                    .software = info.software,
                                    .date = info.date,
                                    .subject = info.subject};
    c->dls.level = 2;
    c->dls.instruments = arena_array(&c->arena, c->bank->entry_count, sizeof *c->dls.instruments);
    if (!c->dls.instruments)
        return nomem(c, err);
    for (uint32_t i = 0; i < c->bank->remarks.count; i++)
        remark(c, c->bank->remarks.text[i]);
    enum dm_status status = DM_OK;
    for (uint32_t i = 0; status == DM_OK && i < c->bank->entry_count; i++)
        status = add_instrument(c, i, err);
    if (status == DM_OK && c->dls.instrument_count == 0)
        status = dm_fail(err, DM_ERR_FORMAT, "%s: no instrument with a region that DLS can hold", c->bank->path);
    if (status == DM_OK)
        status = number_waves(c, err);
    c->dls.region_count = c->result.regions;
    c->dls.connection_count = (uint32_t)c->result.connections;
    return status;
}

/* ---- writing ---- */

static enum dm_status next_wave(struct conversion *c, uint32_t wave, struct dm_error *err)
{
    uint32_t frames = c->dls.waves[wave].frames;
    if (c->options.progress && !c->options.progress(c->options.progress_ctx, wave, c->dls.wave_count))
        return dm_fail(err, PLAYER_CANCELLED, "%s: cancelled", c->bank->path);
    if (frames > c->wave_room) {
        int16_t *grown = dm_realloc(c->wave, frames, sizeof *grown);
        if (!grown)
            return nomem(c, err);
        c->wave = grown;
        c->wave_room = frames;
    }
    enum dm_status status = c->bank->ops->decode(c->bank, c->old_number[wave], 0, frames, c->wave, err);
    if (status != DM_OK) {
        char place[320];
        snprintf(place, sizeof place, "%.200s: wave %u '%.60s'", c->bank->path, (unsigned)c->old_number[wave],
                 c->dls.waves[wave].name);
        return error_at(err, status, place);
    }
    c->bank->ops->forget(c->bank, c->old_number[wave]);
    c->wave_index = wave;
    return DM_OK;
}

static enum dm_status read_pcm(void *ctx, uint32_t wave, uint32_t first, uint32_t frames, int16_t *out,
                               struct dm_error *err)
{
    struct conversion *c = ctx;
    enum dm_status status = wave == c->wave_index ? DM_OK : next_wave(c, wave, err);
    if (status == DM_OK)
        memcpy(out, c->wave + first, frames * sizeof *out);
    return status;
}

static enum dm_status write_bytes(void *ctx, const void *data, size_t size, struct dm_error *err)
{
    struct conversion *c = ctx;
    return outfile_write(&c->file, data, size, err);
}

static enum dm_status write_file(struct conversion *c, const char *path, struct dm_error *err)
{
    struct dls_pcm_source pcm = {read_pcm, c};
    struct byte_sink sink = {write_bytes, c};
    enum dm_status status = outfile_open(&c->file, path, c->options.overwrite, err);
    if (status != DM_OK)
        return status;
    c->dls.level1_too = c->options.level1;
    status = dls_write(&c->dls, &pcm, &sink, err);
    c->result.bytes = c->file.written;
    struct dm_error closing = {0};
    enum dm_status closed = outfile_close(&c->file, status == DM_OK, &closing);
    if (status == DM_OK && closed != DM_OK) {
        *err = closing;
        return closed;
    }
    return status;
}

enum dmus_status dmus_convert(struct dmus_bank *bank, const char *path, const struct dmus_convert_options *options,
                              struct dmus_convert_result *result, struct dmus_error *err)
{
    if (!bank || !path || (options && !abi_fits(options, sizeof *options)) ||
        (result && !abi_fits(result, sizeof *result)))
        return error_argument(err, "dmus_convert: an argument is missing or has no size");
    struct conversion c = {.bank = bank, .wave_index = UINT32_MAX};
    struct dm_error inner = {0};
    if (options)
        abi_load(&c.options, sizeof c.options, options);
    enum dm_status status = collect(&c, &inner);
    if (status == DM_OK)
        status = write_file(&c, path, &inner);
    c.result.instruments = c.dls.instrument_count;
    c.result.waves = c.dls.wave_count;
    if (result && status == DM_OK)
        abi_store(result, &c.result, sizeof c.result);
    dm_free(c.wave);
    arena_clear(&c.arena);
    return error_public(err, status, &inner);
}
