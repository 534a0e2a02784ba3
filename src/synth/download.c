/* SPDX-License-Identifier: MIT */
#include "downloads.h"

#include <string.h>

#include "engine.h"

/* ---- lists -------------------------------------------------------------- */

static void list_append(struct download_list *list, struct synth_download *download)
{
    download->next = NULL;
    download->previous = list->last;
    if (list->last)
        list->last->next = download;
    else
        list->first = download;
    list->last = download;
}

static void list_remove(struct download_list *list, struct synth_download *download)
{
    if (download->previous)
        download->previous->next = download->next;
    else
        list->first = download->next;
    if (download->next)
        download->next->previous = download->previous;
    else
        list->last = download->previous;
}

/* Handles are addresses of 64-byte aligned blocks. */
static unsigned handle_bucket(const struct synth_download *download)
{
    return (unsigned)(((uintptr_t)download >> 6) * 2654435761u >> 8) % DOWNLOAD_BUCKETS;
}

/* Ids are handed out one after the other. */
static unsigned id_bucket(uint32_t id) { return id % (4 * DOWNLOAD_BUCKETS); }

static struct synth_download *find_handle(const struct downloads *downloads, const struct synth_download *handle)
{
    struct synth_download *at = downloads->by_handle[handle_bucket(handle)];
    while (at && at != handle)
        at = at->next_handle;
    return at;
}

struct synth_download *downloads_find(const struct downloads *downloads, uint32_t id, enum download_kind kind)
{
    struct synth_download *at = downloads->by_id[id_bucket(id)];
    while (at && (at->wave.download_id != id || at->kind != kind))
        at = at->next_id;
    return at;
}

static void load(struct downloads *downloads, struct synth_download *download)
{
    list_append(&downloads->loaded, download);
    unsigned bucket = handle_bucket(download);
    download->next_handle = downloads->by_handle[bucket];
    downloads->by_handle[bucket] = download;
    if (download->kind != DOWNLOAD_INSTRUMENT) {
        bucket = id_bucket(download->wave.download_id);
        download->next_id = downloads->by_id[bucket];
        downloads->by_id[bucket] = download;
        downloads->wave_bytes += download->bytes;
    }
}

static void retire(struct downloads *downloads, struct synth_download *download)
{
    struct synth_download **link = &downloads->by_handle[handle_bucket(download)];
    while (*link != download)
        link = &(*link)->next_handle;
    *link = download->next_handle;
    if (download->kind != DOWNLOAD_INSTRUMENT) {
        link = &downloads->by_id[id_bucket(download->wave.download_id)];
        while (*link != download)
            link = &(*link)->next_id;
        *link = download->next_id;
    }
    list_remove(&downloads->loaded, download);
    list_append(&downloads->retired, download);
    download->withdrawn = true;
}

/* ---- life --------------------------------------------------------------- */

static struct synth_download *wave_owner(const struct wave *wave)
{
    return (struct synth_download *)(void *)((uintptr_t)wave - offsetof(struct synth_download, wave));
}

static void count_waves(const struct instrument *instrument, bool hold)
{
    for (uint32_t i = 0; i < instrument->region_count; i++) {
        struct synth_download *owner = wave_owner(instrument->regions[i].wave);
        owner->references = hold ? owner->references + 1 : owner->references - 1;
    }
}

static void free_download(struct downloads *downloads, struct synth_download *download)
{
    download_drop_articulation(&downloads->mem, download);
    downloads->mem.free(downloads->mem.ctx, download->instrument);
    downloads->mem.free(downloads->mem.ctx, download->samples);
    downloads->mem.free(downloads->mem.ctx, download);
}

void downloads_init(struct downloads *downloads, const struct synth_memory *mem)
{
    memset(downloads, 0, sizeof *downloads);
    downloads->mem = *mem;
    atomic_init(&downloads->epoch, 0);
}

void downloads_destroy(struct downloads *downloads)
{
    struct download_list *lists[] = {&downloads->loaded, &downloads->retired};
    for (int i = 0; i < 2; i++) /* nobody is left to count references */
        for (struct synth_download *at = lists[i]->first; at; at = at->next)
            at->part_count = 0;
    for (int i = 0; i < 2; i++)
        while (lists[i]->first) {
            struct synth_download *download = lists[i]->first;
            list_remove(lists[i], download);
            free_download(downloads, download);
        }
}

/* The render side raises the epoch, then reads the patch table's version; the control side unlinks, raises the version, then
 * reads the epoch (all seq_cst). Either the render sees the new version, or the control side sees the render. */
uint32_t downloads_enter(struct downloads *downloads, const struct patches *patches)
{
    atomic_fetch_add_explicit(&downloads->epoch, 1, memory_order_seq_cst);
    return atomic_load_explicit(&patches->version, memory_order_seq_cst);
}

void downloads_leave(struct downloads *downloads) { atomic_fetch_add_explicit(&downloads->epoch, 1, memory_order_release); }

bool downloads_epoch_over(const struct downloads *downloads, uint32_t epoch)
{
    return !(epoch & 1) || atomic_load_explicit(&downloads->epoch, memory_order_acquire) != epoch;
}

static bool finished(struct downloads *downloads, struct synth_download *download)
{
    if (download->kind != DOWNLOAD_INSTRUMENT)
        return download->references == 0;
    download->out_of_sight = download->out_of_sight || downloads_epoch_over(downloads, download->epoch);
    return download->out_of_sight && atomic_load_explicit(&download->node.voices, memory_order_acquire) == 0;
}

/* ---- the engine's face -------------------------------------------------- */

static enum synth_status read_own(struct synth *synth, const struct image *own, struct synth_download *download)
{
    if (download->kind == DOWNLOAD_WAVE_ARTICULATION)
        return download_play_articulation(&synth->downloads, own, synth->config.channels == 1, download);
    return download_instrument(&synth->downloads, own, &synth->config, download);
}

/* An image with indices and chains is checked and used from a copy: the host's memory may change meanwhile. */
static enum synth_status read_copy(struct synth *synth, const struct image *image, struct synth_download *download)
{
    uint8_t *copy = synth->mem.alloc(synth->mem.ctx, image->size);
    if (!copy)
        return SYNTH_NOMEM;
    memcpy(copy, image->bytes, image->size);
    struct image own;
    enum synth_status status = image_open(&own, copy, image->size);
    if (status == SYNTH_OK && own.type != image->type)
        status = SYNTH_UNKNOWN_DOWNLOAD;
    if (status == SYNTH_OK)
        status = read_own(synth, &own, download);
    synth->mem.free(synth->mem.ctx, copy);
    return status;
}

static enum synth_status read_image(struct synth *synth, const struct image *image, struct synth_download *download)
{
    switch (image->type) {
    case IMAGE_INSTRUMENT:
    case IMAGE_INSTRUMENT2:
        download->kind = DOWNLOAD_INSTRUMENT;
        return read_copy(synth, image, download);
    case IMAGE_WAVE:
        download->kind = DOWNLOAD_WAVE;
        return download_wave(&synth->mem, image, download);
    case IMAGE_WAVE_ARTICULATION:
        download->kind = DOWNLOAD_WAVE_ARTICULATION;
        return read_copy(synth, image, download);
    case IMAGE_STREAMING_WAVE:
        download->kind = DOWNLOAD_STREAM_BUFFER;
        return download_play_wave(&synth->mem, image, download);
    default:
        download->kind = DOWNLOAD_ONE_SHOT;
        return download_play_wave(&synth->mem, image, download);
    }
}

enum synth_status synth_download(struct synth *synth, const void *image_bytes, size_t size, struct synth_download **out,
                                 bool *keeps)
{
    *out = NULL;
    *keeps = false;
    struct image image;
    enum synth_status status = image_open(&image, image_bytes, size);
    if (status != SYNTH_OK)
        return status;
    struct synth_download *download = synth->mem.alloc(synth->mem.ctx, sizeof *download);
    if (!download)
        return SYNTH_NOMEM;
    memset(download, 0, sizeof *download);
    status = read_image(synth, &image, download);
    if (status != SYNTH_OK) {
        synth->mem.free(synth->mem.ctx, download);
        return status;
    }
    load(&synth->downloads, download);
    if (download->kind == DOWNLOAD_INSTRUMENT) {
        count_waves(download->instrument, true);
        download->node.instrument = download->instrument;
        patches_link(&synth->patches, &download->node);
    } else {
        *keeps = !download->samples && download->kind != DOWNLOAD_WAVE_ARTICULATION;
    }
    *out = download;
    return SYNTH_OK;
}

enum synth_status synth_unload(struct synth *synth, struct synth_download *handle, void *tag)
{
    struct downloads *downloads = &synth->downloads;
    struct synth_download *download = find_handle(downloads, handle);
    if (!download)
        return SYNTH_NOT_FOUND;
    retire(downloads, download);
    download->tag = tag;
    if (download->kind == DOWNLOAD_INSTRUMENT)
        patches_unlink(&synth->patches, &download->node);
    download->epoch = atomic_load_explicit(&downloads->epoch, memory_order_seq_cst);
    return SYNTH_OK;
}

bool synth_collect(struct synth *synth, struct synth_download **handle, void **tag)
{
    struct downloads *downloads = &synth->downloads;
    plays_reap(synth);
    struct synth_download *download = downloads->retired.first;
    while (download && !finished(downloads, download))
        download = download->next;
    if (!download)
        return false;
    if (download->kind == DOWNLOAD_INSTRUMENT)
        count_waves(download->instrument, false);
    else
        downloads->wave_bytes -= download->bytes;
    list_remove(&downloads->retired, download);
    *handle = download;
    *tag = download->tag;
    free_download(downloads, download);
    return true;
}

struct synth_download *synth_next_download(struct synth *synth, struct synth_download *after)
{
    return after ? after->next : synth->downloads.loaded.first;
}
