/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "bank.h"
#include "base/alloc.h"

/* A conditional chunk may ask for the rate; banks are opened before it is known, and none was seen that asks. */
enum { ASSUMED_RATE = 48000 };

static enum dm_status dls_instrument_at(struct dmus_bank *bank, uint32_t index, const struct dls_instrument **out,
                                        struct dm_error *err)
{
    (void)err;
    *out = &bank->dls->instruments[index];
    return DM_OK;
}

static uint32_t dls_region_count(struct dmus_bank *bank, uint32_t index)
{
    return bank->dls->instruments[index].region_count;
}

static const char *dls_remark(struct dmus_bank *bank, uint32_t index, uint32_t nth)
{
    (void)bank, (void)index, (void)nth;
    return NULL; /* all said while loading */
}

static uint32_t dls_wave_count(struct dmus_bank *bank) { return bank->dls->wave_count; }

static void dls_wave_at(struct dmus_bank *bank, uint32_t wave, struct bank_wave *out)
{
    const struct dls_wave *w = &bank->dls->waves[wave];
    *out = (struct bank_wave){.name = w->name, .sample_rate = w->sample_rate, .frames = w->usable ? w->frames : 0};
}

static enum dm_status dls_decode(struct dmus_bank *bank, uint32_t wave, uint32_t first, uint32_t frames, int16_t *out,
                                 struct dm_error *err)
{
    (void)err;
    dls_wave_decode(&bank->dls->waves[wave], first, frames, out);
    return DM_OK;
}

static const struct dls_sample_info *dls_wave_sample(struct dmus_bank *bank, uint32_t wave)
{
    return &bank->dls->waves[wave].sample;
}

static void dls_forget(struct dmus_bank *bank, uint32_t wave)
{
    const struct span *data = &bank->dls->waves[wave].data;
    mapfile_forget(&bank->file, data->data, data->size);
}

static void dls_describe(const struct dmus_bank *bank, struct dmus_bank_info *info)
{
    const struct dls_collection *dls = bank->dls;
    info->name = dls->info.name;
    info->engineer = dls->info.engineer;
    info->copyright = dls->info.copyright;
    info->comment = dls->info.comment;
    info->software = dls->info.software;
    info->date = dls->info.date;
    info->subject = dls->info.subject;
    info->version_major = (uint32_t)dls->level;
    info->waves = dls->wave_count;
    info->regions = dls->region_count;
    info->connections = dls->connection_count;
    for (uint32_t i = 0; i < dls->wave_count; i++)
        info->wave_frames += dls->waves[i].frames;
}

static uint32_t codec_bits(enum dls_codec codec)
{
    switch (codec) {
    case DLS_PCM_U8:
    case DLS_ALAW:
    case DLS_MULAW:
        return 8;
    case DLS_PCM_S24:
        return 24;
    case DLS_PCM_S32:
    case DLS_FLOAT32:
        return 32;
    case DLS_MSADPCM:
        return 4;
    case DLS_PCM_S16:
        break;
    }
    return 16;
}

static void dls_describe_wave(struct dmus_bank *bank, uint32_t index, struct dmus_wave_info *info)
{
    const struct dls_wave *w = &bank->dls->waves[index];
    info->sample_rate = w->sample_rate;
    info->frames = w->frames;
    info->bits = codec_bits(w->codec);
    info->usable = w->usable;
    info->name = w->name ? w->name : "";
}

static void dls_close(struct dmus_bank *bank) { dls_free(bank->dls); }

static const struct bank_ops dls_ops = {
    .instrument = dls_instrument_at,
    .region_count = dls_region_count,
    .instrument_remark = dls_remark,
    .wave_count = dls_wave_count,
    .wave = dls_wave_at,
    .decode = dls_decode,
    .wave_sample = dls_wave_sample,
    .forget = dls_forget,
    .describe = dls_describe,
    .describe_wave = dls_describe_wave,
    .free = dls_close,
};

/* MIDILOCALE to ulPatch: spec/ddi-user.md 9.3. */
static uint32_t patch_of(const struct dls_instrument *instrument, uint32_t offset)
{
    uint32_t msb = instrument->bank >> 8 & 0x7F, lsb = instrument->bank & 0x7F;
    bool drums = (instrument->bank & DLS_DRUMS) != 0;
    if (!drums)
        msb = (msb + offset) & 0x7F;
    return (drums ? DMUS_PATCH_DRUMS : 0) | msb << 16 | lsb << 8 | (instrument->program & 0x7F);
}

enum dm_status bank_open_dls(struct dmus_bank *bank, const struct dm_notes *notes, struct dm_error *err)
{
    enum dm_status status = dls_read(bank->bytes, ASSUMED_RATE, notes, &bank->dls, err);
    if (status != DM_OK)
        return status;
    bank->ops = &dls_ops;
    bank->entries = dm_calloc(bank->dls->instrument_count, sizeof *bank->entries);
    if (!bank->entries)
        return dm_fail(err, DM_ERR_NOMEM, "no memory for %u instruments", (unsigned)bank->dls->instrument_count);
    uint32_t playable = 0;
    for (uint32_t i = 0; i < bank->dls->instrument_count; i++) {
        const struct dls_instrument *instrument = &bank->dls->instruments[i];
        bank->entries[i] = (struct bank_entry){
            .patch = patch_of(instrument, bank->bank_offset),
            .file_bank = instrument->bank,
            .addressable = instrument->region_count > 0,
            .name = instrument->name ? instrument->name : "",
        };
        playable += instrument->region_count > 0;
    }
    bank->entry_count = playable ? bank->dls->instrument_count : 0;
    return DM_OK;
}
