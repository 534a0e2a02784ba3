/* SPDX-License-Identifier: MIT */
/*
 * bank.h - an opened bank, whatever its kind, as DLS instruments and waves.
 *
 * What a file holds is immutable after opening. What is built from it when it
 * is first needed (SoundFont presets flattened to instruments, wave images) is
 * kept, behind locks of the bank: any number of renders may use one bank.
 *
 * Everything here is any thread, unless it says otherwise.
 */
#ifndef DMUS_PLAYER_BANK_H
#define DMUS_PLAYER_BANK_H

#include <pthread.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/mapfile.h"
#include "base/refcount.h"
#include "base/status.h"
#include "dmus/dmus.h"
#include "formats/detect.h"
#include "formats/dls.h"
#include "formats/sf2.h"
#include "remarks.h"

/* One instrument's address, known without building it. */
struct bank_entry {
    uint32_t patch;     /* as DMUS_INSTRUMENT.ulPatch, RMID bank offset included */
    uint32_t file_bank; /* raw */
    bool addressable;   /* MIDI can select it */
    bool shadowed;      /* an earlier one has the same patch */
    const char *name;
};

/* A wave to download: some frames of a wave of the file. */
struct bank_wave {
    const char *name;
    uint32_t sample_rate, frames;
    bool costly; /* to decode (Ogg Vorbis): its image is kept as long as the bank */
};

/* The download image of a wave, shared by all synths that play it. */
struct wave_image {
    uint32_t users;  /* this, KEPT, OLDER and NEWER: under image_lock */
    bool kept;       /* as long as the bank, idle or not */
    uint32_t wave;   /* of the bank */
    uint32_t id;     /* dwDLId, unique in the process */
    uint32_t frames, append_frames;
    size_t size;
    uint8_t *bytes;  /* 16-byte aligned */
    struct wave_image *older, *newer; /* while it is idle */
};

/* Images that nobody plays just now, for who plays them next: a page of memory that is taken anew costs more than copying its
 * samples. */
struct idle_images {
    struct wave_image *oldest, *newest;
    size_t bytes;    /* at most IDLE_BYTES_MAX: the oldest go first */
};
#define IDLE_BYTES_MAX ((size_t)32 << 20)

struct dmus_bank;

/* What differs between the kinds. */
struct bank_ops {
    /* The INDEXth instrument in DLS terms; regions' `wave` are wave numbers of this bank. Lives as long as the bank. */
    enum dm_status (*instrument)(struct dmus_bank *bank, uint32_t index, const struct dls_instrument **out,
                                 struct dm_error *err);
    /* How many regions it has, without building it. */
    uint32_t (*region_count)(struct dmus_bank *bank, uint32_t index);
    /* The NTH remark made while building it (what DLS cannot express, regions left out), NULL past the last. */
    const char *(*instrument_remark)(struct dmus_bank *bank, uint32_t index, uint32_t nth);
    /* How many wave numbers there are now (SoundFont: grows while instruments are built). */
    uint32_t (*wave_count)(struct dmus_bank *bank);
    void (*wave)(struct dmus_bank *bank, uint32_t wave, struct bank_wave *out);
    /* The whole wave as 16-bit PCM. */
    enum dm_status (*decode)(struct dmus_bank *bank, uint32_t wave, uint32_t first, uint32_t frames, int16_t *out,
                             struct dm_error *err);
    /* The wsmp that a region without its own falls back on. */
    const struct dls_sample_info *(*wave_sample)(struct dmus_bank *bank, uint32_t wave);
    /* Its bytes in the file will not be looked at again soon. */
    void (*forget)(struct dmus_bank *bank, uint32_t wave);
    void (*describe)(const struct dmus_bank *bank, struct dmus_bank_info *info);
    void (*describe_wave)(struct dmus_bank *bank, uint32_t index, struct dmus_wave_info *info);
    void (*free)(struct dmus_bank *bank);
};

enum { WAVE_LOCKS = 8 };

struct dmus_bank {
    struct refcount refs;
    const struct bank_ops *ops;
    enum file_kind kind;
    char *path;
    struct mapped_file file;  /* zeroed if the bytes are another's */
    struct dmus_song *inside; /* the song that holds the bytes, or NULL */
    struct span bytes;
    uint32_t bank_offset;     /* RMID: added to CC0 of melodic instruments */
    struct remarks remarks;   /* of loading */

    uint32_t entry_count;
    struct bank_entry *entries;
    uint32_t *by_patch;       /* entries that are neither shadowed nor out of reach, sorted by patch */
    uint32_t by_patch_count;

    struct dls_collection *dls; /* one of the two */
    struct sf2_bank *sf2;
    struct sf2_lazy *lazy;

    pthread_mutex_t lock;     /* lazily built instruments, wave table, checksum */
    char sha256[SHA256_TEXT_SIZE];
    pthread_mutex_t wave_lock[WAVE_LOCKS]; /* images, by wave number */
    pthread_mutex_t image_lock; /* the table itself */
    struct wave_image **images;
    uint32_t image_capacity;
    struct idle_images idle;
    bool touched;             /* the file, since bank_forget */
};

/* Bytes of a bank as one, NAME for messages. Takes over *file on success (may be zeroed) and a reference of its own on INSIDE (may
 * be NULL). An RMID is opened at its embedded bank. */
enum dm_status bank_create(const char *name, struct mapped_file *file, struct span bytes, struct dmus_song *inside,
                           uint32_t bank_offset, struct dmus_bank **out, struct dm_error *err);

/* Called by bank_create for the kind; fill ops and entries. Single thread. */
enum dm_status bank_open_dls(struct dmus_bank *bank, const struct dm_notes *notes, struct dm_error *err);
enum dm_status bank_open_sf2(struct dmus_bank *bank, const struct dm_notes *notes, struct dm_error *err);

/* The entry that plays exactly PATCH, or -1. */
int64_t bank_find(const struct dmus_bank *bank, uint32_t patch);

/* The image of a wave, of which the caller is a user until wave_image_release. Built once and shared, and kept while it is idle;
 * APPEND_FRAMES (GetAppend) of silence or more follow the data. DM_ERR_NOMEM, DM_ERR_FORMAT (broken stream). */
enum dm_status bank_wave_image(struct dmus_bank *bank, uint32_t wave, uint32_t append_frames, struct wave_image **out,
                               struct dm_error *err);
void wave_image_release(struct dmus_bank *bank, struct wave_image *image); /* NULL allowed */
/* What building images has touched of the file is not looked at again soon. */
void bank_forget(struct dmus_bank *bank);
/* All images; nobody may play one any more. By the last close. */
void bank_free_images(struct dmus_bank *bank);

#endif
