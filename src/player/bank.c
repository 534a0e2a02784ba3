/* SPDX-License-Identifier: MIT */
#include "bank.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "errors.h"
#include "formats/rmid.h"
#include "song.h"

/* ---- life ---- */

static void bank_free(struct dmus_bank *bank)
{
    bank_free_images(bank);
    if (bank->ops)
        bank->ops->free(bank);
    dm_free(bank->entries);
    dm_free(bank->by_patch);
    remarks_clear(&bank->remarks);
    for (int i = 0; i < WAVE_LOCKS; i++)
        pthread_mutex_destroy(&bank->wave_lock[i]);
    pthread_mutex_destroy(&bank->lock);
    pthread_mutex_destroy(&bank->image_lock);
    mapfile_close(&bank->file);
    if (bank->inside)
        dmus_song_close(bank->inside);
    dm_free(bank->path);
    dm_free(bank);
}

struct dmus_bank *dmus_bank_ref(struct dmus_bank *bank)
{
    if (bank)
        refcount_add(&bank->refs);
    return bank;
}

void dmus_bank_close(struct dmus_bank *bank)
{
    if (bank && refcount_release(&bank->refs) == 0)
        bank_free(bank);
}

static struct dmus_bank *bank_new(const char *name)
{
    struct dmus_bank *bank = dm_calloc(1, sizeof *bank);
    if (!bank)
        return NULL;
    refcount_init(&bank->refs, 1);
    pthread_mutex_init(&bank->lock, NULL);
    pthread_mutex_init(&bank->image_lock, NULL);
    for (int i = 0; i < WAVE_LOCKS; i++)
        pthread_mutex_init(&bank->wave_lock[i], NULL);
    bank->path = dm_strdup(name);
    if (bank->path)
        return bank;
    bank_free(bank);
    return NULL;
}

/* ---- addresses ---- */

struct sort_key {
    uint32_t patch, entry;
};

static int compare_keys(const void *a, const void *b)
{
    const struct sort_key *x = a, *y = b;
    if (x->patch != y->patch)
        return x->patch < y->patch ? -1 : 1;
    return x->entry < y->entry ? -1 : x->entry > y->entry;
}

/* Sort the patches; of equal ones the first in the file wins (spec/dls.md 1.4). */
static enum dm_status index_patches(struct dmus_bank *bank, struct dm_error *err)
{
    uint32_t count = bank->entry_count, used = 0;
    struct sort_key *keys = dm_calloc(count ? count : 1, sizeof *keys);
    bank->by_patch = dm_calloc(count ? count : 1, sizeof *bank->by_patch);
    if (!keys || !bank->by_patch) {
        dm_free(keys);
        return dm_fail(err, DM_ERR_NOMEM, "%s: no memory for %u instruments", bank->path, (unsigned)count);
    }
    for (uint32_t i = 0; i < count; i++)
        if (bank->entries[i].addressable)
            keys[used++] = (struct sort_key){bank->entries[i].patch, i};
    qsort(keys, used, sizeof *keys, compare_keys);
    for (uint32_t i = 0; i < used; i++) {
        if (i > 0 && keys[i].patch == keys[i - 1].patch)
            bank->entries[keys[i].entry].shadowed = true;
        else
            bank->by_patch[bank->by_patch_count++] = keys[i].entry;
    }
    dm_free(keys);
    return DM_OK;
}

int64_t bank_find(const struct dmus_bank *bank, uint32_t patch)
{
    uint32_t low = 0, high = bank->by_patch_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        uint32_t entry = bank->by_patch[middle];
        if (bank->entries[entry].patch == patch)
            return entry;
        if (bank->entries[entry].patch < patch)
            low = middle + 1;
        else
            high = middle;
    }
    return -1;
}

/* ---- opening ---- */

static enum dm_status open_kind(struct dmus_bank *bank, const struct dm_notes *notes, struct dm_error *err)
{
    bank->kind = detect_kind(bank->bytes);
    if (bank->kind == FILE_RMID) {
        struct rmid rmid;
        enum dm_status status = rmid_read(bank->bytes, notes, &rmid, err);
        if (status != DM_OK)
            return status;
        if (rmid.bank.size == 0)
            return dm_fail(err, DM_ERR_FORMAT, "RMID song without a bank inside");
        bank->bytes = rmid.bank;
        bank->bank_offset = rmid.bank_offset_set ? rmid.bank_offset : 0;
        bank->kind = detect_kind(bank->bytes);
    }
    switch (bank->kind) {
    case FILE_DLS:
        return bank_open_dls(bank, notes, err);
    case FILE_SF2:
    case FILE_SF3:
        return bank_open_sf2(bank, notes, err);
    case FILE_SMF:
        return dm_fail(err, DM_ERR_FORMAT, "a MIDI song, not a bank");
    default:
        if (bank->bytes.size == 0)
            return dm_fail(err, DM_ERR_FORMAT, "empty file");
        return dm_fail(err, DM_ERR_FORMAT, "not a bank: neither DLS nor SoundFont");
    }
}

enum dm_status bank_create(const char *name, struct mapped_file *file, struct span bytes, struct dmus_song *inside,
                           uint32_t bank_offset, struct dmus_bank **out, struct dm_error *err)
{
    *out = NULL;
    struct dmus_bank *bank = bank_new(name);
    if (!bank)
        return dm_fail(err, DM_ERR_NOMEM, "%s: no memory", name);
    bank->bytes = bytes;
    bank->bank_offset = bank_offset;
    struct dm_notes notes = remarks_receiver(&bank->remarks);
    enum dm_status status = open_kind(bank, &notes, err);
    if (status == DM_OK && bank->entry_count == 0)
        status = dm_fail(err, DM_ERR_FORMAT, "a bank without a playable instrument");
    if (status == DM_OK)
        status = index_patches(bank, err);
    if (status != DM_OK) {
        bank_free(bank);
        return error_at(err, status, name);
    }
    remarks_end(&bank->remarks);
    if (file) {
        bank->file = *file;
        memset(file, 0, sizeof *file);
    }
    if (inside)
        bank->inside = dmus_song_ref(inside);
    *out = bank;
    return DM_OK;
}

enum dmus_status dmus_bank_open(const char *path, struct dmus_bank **out, struct dmus_error *err)
{
    if (out)
        *out = NULL;
    if (!out || !path)
        return error_argument(err, "dmus_bank_open: no path or no place for the bank");
    struct dm_error inner = {0};
    struct mapped_file file;
    enum dm_status status = mapfile_open(path, &file, &inner);
    if (status == DM_OK) {
        status = bank_create(path, &file, file.bytes, NULL, 0, out, &inner);
        mapfile_close(&file);
    }
    return error_public(err, status, &inner);
}

enum dmus_status dmus_bank_open_memory(const void *data, size_t size, const char *name, struct dmus_bank **out,
                                       struct dmus_error *err)
{
    if (out)
        *out = NULL;
    if (!out || (!data && size))
        return error_argument(err, "dmus_bank_open_memory: no data or no place for the bank");
    struct dm_error inner = {0};
    struct span bytes = {data ? data : (const void *)"", size};
    enum dm_status status = bank_create(name ? name : "memory", NULL, bytes, NULL, 0, out, &inner);
    return error_public(err, status, &inner);
}
