/* SPDX-License-Identifier: MIT */
#include "image.h"

#include <stdatomic.h>
#include <dls1.h>
#include <dls2.h>

#include "base/alloc.h"

/* Sizes and offsets of spec/ddi-user.md 4.4, 4.5. Written field by field, so that no structure of this machine matters. */
enum {
    INFO_SIZE = 16,
    INSTRUMENT_SIZE = 24,
    REGION_SIZE = 72, /* one WLOOP always, as every known writer has it */
    ARTICULATION2_SIZE = 12,
    LIST_SIZE = 8,
    CONNECTION_SIZE = 12,
    WAVE_AT = INFO_SIZE + 2 * 4,
    WAVEDATA_AT = 60, /* so that the samples begin at 64 */
    SAMPLES_AT = 64,
    MARGIN = 32
};

enum { TYPE_WAVE = 2, TYPE_INSTRUMENT2 = 3 };

/* dwDLIds are never reused in a process (spec/ddi-user.md 6.7), so that images of several banks and renders can share a synth. */
uint32_t image_next_id(void)
{
    static _Atomic uint32_t last;
    return atomic_fetch_add(&last, 1) + 1;
}

static void put_info(uint8_t *image, uint32_t type, uint32_t id, uint32_t entries, uint32_t size)
{
    store_le32(image, type);
    store_le32(image + 4, id);
    store_le32(image + 8, entries);
    store_le32(image + 12, size);
}

/* ---- waves ---- */

uint64_t image_wave_size(uint32_t frames, uint32_t append_frames)
{
    return SAMPLES_AT + ((uint64_t)frames + append_frames) * 2 + MARGIN;
}

int16_t *image_wave_begin(uint8_t *image, uint32_t download_id, uint32_t sample_rate, uint32_t frames,
                          uint32_t append_frames)
{
    put_info(image, TYPE_WAVE, download_id, 2, (uint32_t)image_wave_size(frames, append_frames));
    store_le32(image + INFO_SIZE, WAVE_AT);
    store_le32(image + INFO_SIZE + 4, WAVEDATA_AT);
    uint8_t *wave = image + WAVE_AT;
    store_le32(wave + 8, 1); /* ulWaveDataIdx */
    store_le16(wave + 12, 1); /* WAVE_FORMAT_PCM */
    store_le16(wave + 14, 1);
    store_le32(wave + 16, sample_rate);
    store_le32(wave + 20, sample_rate * 2);
    store_le16(wave + 24, 2);
    store_le16(wave + 26, 16);
    store_le32(image + WAVEDATA_AT, frames * 2);
    return (int16_t *)(void *)(image + SAMPLES_AT);
}

/* ---- instruments ---- */

static const struct dls_connection no_effect = {CONN_SRC_NONE, CONN_SRC_NONE, CONN_DST_PAN, 0, 0};
static const struct dls_articulation fallback = {true, 1, (struct dls_connection *)(uintptr_t)&no_effect};

struct writer {
    uint8_t *image;
    uint32_t entries;  /* of the table */
    uint32_t next;     /* table entry to fill */
    uint64_t at;       /* where the next object goes */
};

static uint32_t place(struct writer *w, uint64_t size)
{
    uint32_t index = w->next++;
    if (w->image)
        store_le32(w->image + INFO_SIZE + 4 * (size_t)index, (uint32_t)w->at);
    w->at += size;
    return index;
}

static uint8_t *object(const struct writer *w, uint64_t at) { return w->image + (size_t)at; }

static bool same_list(const struct dls_articulation *a, const struct dls_articulation *b)
{
    if (a->count != b->count)
        return false;
    for (uint32_t i = 0; i < a->count; i++) {
        const struct dls_connection *x = &a->connections[i], *y = &b->connections[i];
        if (x->source != y->source || x->control != y->control || x->destination != y->destination ||
            x->transform != y->transform || x->scale != y->scale)
            return false;
    }
    return true;
}

/* Two table entries: DMUS_ARTICULATION2 and its CONNECTIONLIST. Returns the index of the first. */
static uint32_t put_articulation(struct writer *w, const struct dls_articulation *artic)
{
    uint64_t head = w->at;
    uint32_t index = place(w, ARTICULATION2_SIZE);
    uint64_t list = w->at;
    uint32_t list_index = place(w, LIST_SIZE + (uint64_t)artic->count * CONNECTION_SIZE);
    if (!w->image)
        return index;
    store_le32(object(w, head), list_index);
    uint8_t *p = object(w, list);
    store_le32(p, LIST_SIZE);
    store_le32(p + 4, artic->count);
    p += LIST_SIZE;
    for (uint32_t i = 0; i < artic->count; i++, p += CONNECTION_SIZE) {
        const struct dls_connection *c = &artic->connections[i];
        store_le16(p, c->source);
        store_le16(p + 2, c->control);
        store_le16(p + 4, c->destination);
        store_le16(p + 6, c->transform);
        store_le32(p + 8, (uint32_t)c->scale);
    }
    return index;
}

static void put_region(uint8_t *p, const struct image_region *r, uint32_t articulation, uint32_t next)
{
    const struct dls_region *region = r->region;
    const struct dls_sample_info *s = r->sample;
    bool present = s && s->present;
    store_le16(p, region->key_low);
    store_le16(p + 2, region->key_high);
    store_le16(p + 4, region->velocity_low);
    store_le16(p + 6, region->velocity_high);
    store_le16(p + 8, region->options);
    store_le16(p + 10, region->key_group);
    store_le32(p + 12, articulation);
    store_le32(p + 16, next);
    store_le16(p + 24, region->link_options);
    store_le16(p + 26, region->phase_group);
    /* Every wave is downloaded as mono, so the channel means "left" unless the region steers an output with it. */
    store_le32(p + 28, region->link_options & F_WAVELINK_MULTICHANNEL ? region->channel : WAVELINK_CHANNEL_LEFT);
    store_le32(p + 32, r->wave_id);
    store_le32(p + 36, 20);
    store_le16(p + 40, present ? s->unity_note : 60);
    store_le16(p + 42, (uint16_t)(present ? s->fine_tune : 0));
    store_le32(p + 44, (uint32_t)(present ? s->gain : 0));
    store_le32(p + 48, present ? s->options : 0);
    store_le32(p + 52, present && s->loop != DLS_LOOP_NONE);
    store_le32(p + 56, 16);
    store_le32(p + 60, present && s->loop == DLS_LOOP_RELEASE ? WLOOP_TYPE_RELEASE : WLOOP_TYPE_FORWARD);
    store_le32(p + 64, present ? s->loop_start : 0);
    store_le32(p + 68, present ? s->loop_length : 0);
}

/* Lay the image out; with w->image set, write it too. FIRST[i] is the region whose articulation region i shares. */
static void lay_out(struct writer *w, uint32_t patch, const struct dls_articulation *global,
                    const struct image_region *regions, const uint32_t *first, uint32_t *articulation, uint32_t count)
{
    w->next = 0;
    w->at = INFO_SIZE + 4 * (uint64_t)w->entries;
    uint64_t root = w->at;
    place(w, INSTRUMENT_SIZE);
    uint32_t global_index = global ? put_articulation(w, global) : 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct dls_articulation *own = &regions[i].region->articulation;
        if (!own->present)
            articulation[i] = 0;
        else
            articulation[i] = first[i] == i ? put_articulation(w, own) : articulation[first[i]];
    }
    for (uint32_t i = 0; i < count; i++) {
        uint64_t at = w->at;
        uint32_t index = place(w, REGION_SIZE);
        if (w->image)
            put_region(object(w, at), &regions[i], articulation[i], i + 1 < count ? index + 1 : 0);
    }
    if (!w->image)
        return;
    uint8_t *p = object(w, root);
    store_le32(p, patch);
    store_le32(p + 4, count ? w->next - count : 0);
    store_le32(p + 8, global_index);
}

/* Sorting would be quicker than comparing all with all; neighbours are what is equal in practice, so look back a little. */
static void find_shared(const struct image_region *regions, uint32_t *first, uint32_t count)
{
    enum { LOOK_BACK = 16 };
    for (uint32_t i = 0; i < count; i++) {
        first[i] = i;
        for (uint32_t j = i > LOOK_BACK ? i - LOOK_BACK : 0; j < i; j++) {
            const struct dls_articulation *a = &regions[i].region->articulation, *b = &regions[j].region->articulation;
            if (a->present && b->present && same_list(a, b)) {
                first[i] = first[j];
                break;
            }
        }
    }
}

static uint32_t table_entries(const struct dls_articulation *global, const struct image_region *regions,
                              const uint32_t *first, uint32_t count)
{
    uint32_t entries = 1u + (global ? 2u : 0u) + count;
    for (uint32_t i = 0; i < count; i++)
        entries += regions[i].region->articulation.present && first[i] == i ? 2u : 0u;
    return entries;
}

enum dm_status image_instrument(uint32_t patch, uint32_t download_id, const struct dls_instrument *instrument,
                                const struct image_region *regions, uint32_t count, uint8_t **out, size_t *size,
                                struct dm_error *err)
{
    *out = NULL;
    if (count > UINT32_MAX / 8)
        return dm_fail(err, DM_ERR_UNSUPPORTED, "an instrument of %u regions", (unsigned)count);
    const struct dls_articulation *global = instrument->articulation.present ? &instrument->articulation : NULL;
    for (uint32_t i = 0; i < count && !global; i++)
        if (!regions[i].region->articulation.present)
            global = &fallback;
    uint32_t *first = dm_calloc(count ? count : 1, 2 * sizeof *first);
    if (!first)
        return dm_fail(err, DM_ERR_NOMEM, "no memory for an instrument of %u regions", (unsigned)count);
    find_shared(regions, first, count);
    struct writer w = {.entries = table_entries(global, regions, first, count)};
    lay_out(&w, patch, global, regions, first, first + count, count);
    enum dm_status status = DM_OK;
    if (w.at > UINT32_MAX)
        status = dm_fail(err, DM_ERR_UNSUPPORTED, "an instrument image beyond 4 GiB");
    else if (!(w.image = dm_calloc(1, (size_t)w.at)))
        status = dm_fail(err, DM_ERR_NOMEM, "no memory for an instrument of %u regions", (unsigned)count);
    if (status == DM_OK) {
        *size = (size_t)w.at;
        lay_out(&w, patch, global, regions, first, first + count, count);
        put_info(w.image, TYPE_INSTRUMENT2, download_id, w.entries, (uint32_t)w.at);
        *out = w.image;
    }
    dm_free(first);
    return status;
}
