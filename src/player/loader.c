/* SPDX-License-Identifier: MIT */
#include "loader.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "errors.h"
#include "image.h"

/* The wave behind REGION, downloaded once; NULL in *out if it cannot be. */
static enum dm_status load_wave(struct loader *l, uint32_t bank_index, uint32_t wave, const struct dm_notes *notes,
                                struct wave_image **out, struct dm_error *err)
{
    struct dmus_bank *bank = l->banks[bank_index];
    struct loaded_wave *loaded = &l->waves[bank_index][wave];
    *out = loaded->image;
    if (loaded->image || loaded->refused)
        return DM_OK;
    struct dm_error inner = {0};
    struct wave_image *image;
    enum dm_status status = bank_wave_image(bank, wave, l->append_frames, &image, &inner);
    if (status == DM_ERR_NOMEM) {
        *err = inner;
        return status;
    }
    if (status != DM_OK || image->frames == 0) {
        struct bank_wave w;
        bank->ops->wave(bank, wave, &w);
        dm_note(notes, "%s: wave %u '%s' is left out: %s", bank->path, (unsigned)wave, w.name,
                status != DM_OK ? inner.text : "no data");
        wave_image_release(bank, image);
        loaded->refused = true;
        return DM_OK;
    }
    void *handle;
    bool keeps;
    status = l->ops->download(l->route, image->bytes, &handle, &keeps, err);
    if (status != DM_OK) {
        wave_image_release(bank, image);
        char name[64];
        snprintf(name, sizeof name, "wave %u", (unsigned)wave);
        return error_at(err, status, name);
    }
    *out = loaded->image = image;
    l->wave_count++;
    l->wave_bytes += (uint64_t)image->frames * 2;
    return DM_OK;
}

static enum dm_status collect_regions(struct loader *l, const struct selected *s,
                                      const struct dls_instrument *instrument, const struct dm_notes *notes,
                                      uint32_t *count, struct dm_error *err)
{
    struct dmus_bank *bank = l->banks[s->bank];
    *count = 0;
    for (uint32_t i = 0; i < instrument->region_count; i++) {
        const struct dls_region *region = &instrument->regions[i];
        struct wave_image *image;
        if (!selected_wants(s, region))
            continue;
        enum dm_status status = load_wave(l, s->bank, region->wave, notes, &image, err);
        if (status != DM_OK)
            return status;
        if (!image) {
            l->dropped_regions++;
            continue;
        }
        l->scratch[(*count)++] = (struct image_region){
            .region = region,
            .sample = region->sample.present ? &region->sample : bank->ops->wave_sample(bank, region->wave),
            .wave_id = image->id,
        };
    }
    return DM_OK;
}

static enum dm_status download_instrument(struct loader *l, const struct selected *s,
                                          const struct dls_instrument *instrument, uint32_t count,
                                          struct dm_error *err)
{
    uint8_t *image;
    size_t size;
    enum dm_status status =
        image_instrument(s->patch, image_next_id(), instrument, l->scratch, count, &image, &size, err);
    if (status != DM_OK)
        return status;
    void *handle;
    bool keeps = false;
    status = l->ops->download(l->route, image, &handle, &keeps, err);
    if (status == DM_OK && keeps)
        l->kept[l->kept_count++] = image;
    else
        dm_free(image);
    if (status == DM_OK) {
        l->instrument_count++;
        l->region_count += count;
        l->instruments[s->bank]++;
    }
    return status;
}

static enum dm_status load_instrument(struct loader *l, const struct selected *s, const struct dm_notes *notes,
                                      struct dm_error *err)
{
    struct dmus_bank *bank = l->banks[s->bank];
    const struct dls_instrument *instrument;
    enum dm_status status = bank->ops->instrument(bank, s->entry, &instrument, err);
    if (status != DM_OK)
        return status;
    uint32_t count = 0;
    if (instrument->region_count > l->scratch_count) {
        struct image_region *grown = dm_realloc(l->scratch, instrument->region_count, sizeof *grown);
        if (!grown)
            return dm_fail(err, DM_ERR_NOMEM, "no memory for %u regions", (unsigned)instrument->region_count);
        l->scratch = grown;
        l->scratch_count = instrument->region_count;
    }
    status = collect_regions(l, s, instrument, notes, &count, err);
    /* For a page that is touched Linux maps those around it, too (64 KB, since 6.18 all of a large folio): of 90 KB of short waves
     * 650 KB of neighbours stayed resident. What is needed again of the file is quickly there again. */
    bank_forget(bank);
    return status == DM_OK ? download_instrument(l, s, instrument, count, err) : status;
}

/* Build every selected instrument first: only then is the number of waves of a SoundFont known. */
static enum dm_status prepare(struct loader *l, const struct selection *selection, const struct dm_notes *notes,
                              struct dm_error *err)
{
    for (uint32_t i = 0; i < selection->count; i++) {
        const struct selected *s = &selection->selected[i];
        struct dmus_bank *bank = l->banks[s->bank];
        const struct dls_instrument *instrument;
        enum dm_status status = bank->ops->instrument(bank, s->entry, &instrument, err);
        if (status != DM_OK)
            return error_at(err, status, bank->path);
        const char *text;
        for (uint32_t n = 0; (text = bank->ops->instrument_remark(bank, s->entry, n)) != NULL; n++)
            dm_note(notes, "%s: %s", bank->path, text);
    }
    for (size_t i = 0; i < l->bank_count; i++) {
        l->wave_counts[i] = l->banks[i]->ops->wave_count(l->banks[i]);
        l->waves[i] = dm_calloc(l->wave_counts[i] ? l->wave_counts[i] : 1, sizeof **l->waves);
        if (!l->waves[i])
            return dm_fail(err, DM_ERR_NOMEM, "no memory for %u waves", (unsigned)l->wave_counts[i]);
    }
    return DM_OK;
}

enum dm_status loader_run(struct loader *loader, const struct route_ops *ops, struct route *route,
                          struct dmus_bank *const *banks, size_t bank_count, const struct selection *selection,
                          const struct dm_notes *notes, struct dm_error *err)
{
    *loader = (struct loader){.ops = ops, .route = route, .banks = banks, .bank_count = bank_count};
    loader->append_frames = ops->append_frames(route);
    loader->waves = dm_calloc(bank_count, sizeof *loader->waves);
    loader->wave_counts = dm_calloc(bank_count, sizeof *loader->wave_counts);
    loader->instruments = dm_calloc(bank_count, sizeof *loader->instruments);
    loader->kept = dm_calloc(selection->count ? selection->count : 1, sizeof *loader->kept);
    if (!loader->waves || !loader->wave_counts || !loader->instruments || !loader->kept)
        return dm_fail(err, DM_ERR_NOMEM, "no memory to load %u instruments", (unsigned)selection->count);
    enum dm_status status = prepare(loader, selection, notes, err);
    for (uint32_t i = 0; status == DM_OK && i < selection->count; i++) {
        const struct selected *s = &selection->selected[i];
        status = load_instrument(loader, s, notes, err);
        if (status != DM_OK) {
            char place[320];
            const struct dmus_bank *bank = banks[s->bank];
            snprintf(place, sizeof place, "%.200s: instrument %u '%.60s'", bank->path, (unsigned)s->entry,
                     bank->entries[s->entry].name);
            error_at(err, status, place);
        }
    }
    return status;
}

void loader_clear(struct loader *loader)
{
    for (size_t i = 0; loader->waves && i < loader->bank_count; i++) {
        for (uint32_t w = 0; loader->waves[i] && w < loader->wave_counts[i]; w++)
            wave_image_release(loader->banks[i], loader->waves[i][w].image);
        dm_free(loader->waves[i]);
    }
    for (uint32_t i = 0; i < loader->kept_count; i++)
        dm_free(loader->kept[i]);
    dm_free(loader->waves);
    dm_free(loader->wave_counts);
    dm_free(loader->instruments);
    dm_free(loader->kept);
    dm_free(loader->scratch);
    memset(loader, 0, sizeof *loader);
}
