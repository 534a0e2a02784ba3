/* SPDX-License-Identifier: MIT */
/* What an application may ask about a bank. */
#include <string.h>

#include "bank.h"
#include "errors.h"

_Static_assert((int)DMUS_KIND_DLS == FILE_DLS && (int)DMUS_KIND_SF2 == FILE_SF2 && (int)DMUS_KIND_SF3 == FILE_SF3 &&
                   (int)DMUS_KIND_SMF == FILE_SMF && (int)DMUS_KIND_RMID == FILE_RMID,
               "the public numbers are the house's");

const char *dmus_kind_name(enum dmus_kind kind) { return file_kind_name((enum file_kind)kind); }

bool dmus_kind_is_bank(enum dmus_kind kind)
{
    return kind == DMUS_KIND_DLS || kind == DMUS_KIND_SF2 || kind == DMUS_KIND_SF3;
}

bool dmus_kind_is_song(enum dmus_kind kind) { return kind == DMUS_KIND_SMF || kind == DMUS_KIND_RMID; }

enum dmus_status dmus_detect(const char *path, enum dmus_kind *kind, struct dmus_error *err)
{
    if (kind)
        *kind = DMUS_KIND_UNKNOWN;
    if (!path || !kind)
        return error_argument(err, "dmus_detect: no path or no place for the kind");
    struct dm_error inner = {0};
    struct mapped_file file;
    enum dm_status status = mapfile_open(path, &file, &inner);
    if (status == DM_OK)
        *kind = (enum dmus_kind)detect_kind(file.bytes);
    mapfile_close(&file);
    return error_public(err, status, &inner);
}

enum dmus_status dmus_bank_get_info(const struct dmus_bank *bank, struct dmus_bank_info *info)
{
    if (!bank || !abi_fits(info, sizeof *info))
        return DMUS_ERR_ARGUMENT;
    struct dmus_bank_info ours = {
        .kind = (uint32_t)bank->kind,
        .path = bank->path,
        .instruments = bank->entry_count,
        .remarks = bank->remarks.count,
        .file_bytes = bank->bytes.size,
    };
    bank->ops->describe(bank, &ours);
    abi_store(info, &ours, sizeof ours);
    return DMUS_OK;
}

enum dmus_status dmus_bank_get_instrument(struct dmus_bank *bank, uint32_t index, struct dmus_instrument_info *info)
{
    if (!bank || !abi_fits(info, sizeof *info))
        return DMUS_ERR_ARGUMENT;
    if (index >= bank->entry_count)
        return DMUS_ERR_NOT_FOUND;
    const struct bank_entry *entry = &bank->entries[index];
    struct dmus_instrument_info ours = {
        .patch = entry->patch,
        .file_bank = entry->file_bank,
        .regions = bank->ops->region_count(bank, index),
        .shadowed = entry->shadowed,
        .addressable = entry->addressable,
        .name = entry->name,
    };
    abi_store(info, &ours, sizeof ours);
    return DMUS_OK;
}

enum dmus_status dmus_bank_get_wave(struct dmus_bank *bank, uint32_t index, struct dmus_wave_info *info)
{
    if (!bank || !abi_fits(info, sizeof *info))
        return DMUS_ERR_ARGUMENT;
    if (index >= (bank->dls ? bank->dls->wave_count : bank->sf2->sample_count))
        return DMUS_ERR_NOT_FOUND;
    struct dmus_wave_info ours = {0};
    bank->ops->describe_wave(bank, index, &ours);
    abi_store(info, &ours, sizeof ours);
    return DMUS_OK;
}

const char *dmus_bank_get_remark(const struct dmus_bank *bank, uint32_t index)
{
    return bank ? remarks_get(&bank->remarks, index) : NULL;
}

/* In steps, so that the pages of a mapped bank do not all become resident. */
enum { HASH_STEP = 1 << 20 };

enum dmus_status dmus_bank_sha256(struct dmus_bank *bank, char text[DMUS_SHA256_TEXT], struct dmus_error *err)
{
    _Static_assert(DMUS_SHA256_TEXT == SHA256_TEXT_SIZE, "the public size is the house's");
    if (!bank || !text)
        return error_argument(err, "dmus_bank_sha256: no bank or no place for the text");
    pthread_mutex_lock(&bank->lock);
    if (!bank->sha256[0]) {
        struct sha256 hash;
        uint8_t digest[SHA256_BYTES];
        sha256_init(&hash);
        for (size_t at = 0; at < bank->bytes.size; at += HASH_STEP) {
            size_t size = bank->bytes.size - at < HASH_STEP ? bank->bytes.size - at : HASH_STEP;
            sha256_add(&hash, bank->bytes.data + at, size);
            mapfile_forget(&bank->file, bank->bytes.data + at, size);
        }
        sha256_end(&hash, digest);
        sha256_text(digest, bank->sha256);
    }
    memcpy(text, bank->sha256, DMUS_SHA256_TEXT);
    pthread_mutex_unlock(&bank->lock);
    return DMUS_OK;
}
