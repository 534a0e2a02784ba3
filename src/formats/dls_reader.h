/* SPDX-License-Identifier: MIT */
/*
 * dls_reader.h - what the files of the DLS reader share. Internal to them.
 *
 * Order of work (spec/dls.md 1.13): the top-level chunks are located, then the
 * wave pool and its table are read, then the instruments, whose regions need
 * both, then the aliases. Everything goes into one arena. Functions that
 * allocate give DM_OK or DM_ERR_NOMEM; damage is repaired on the spot and
 * reported by dls_note with the place that is being read.
 */
#ifndef DMUS_FORMATS_DLS_READER_H
#define DMUS_FORMATS_DLS_READER_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/status.h"
#include "formats/dls.h"
#include "formats/riff.h"

struct dls_arena {
    struct arena arena;
    struct dls_collection collection;
};

/* Pool table: cue number -> wave. */
struct dls_pool {
    const uint8_t *cues;    /* 32-bit little-endian byte offsets into wvpl */
    uint32_t cue_count;     /* really present */
    uint64_t bias;          /* to subtract from every cue: 0, or the file position of the pool */
    const uint32_t *starts; /* offset of each wave's header from the beginning of wvpl, ascending */
};

#define DLS_NOWHERE UINT32_MAX

struct dls_reader {
    struct dls_collection *out;
    struct arena *arena;
    uint32_t sample_rate;
    struct dls_pool pool;

    const struct dm_notes *notes;
    uint32_t wave, instrument, region; /* being read, or DLS_NOWHERE */
    uint32_t bank, program;            /* of the instrument being read */
    bool velocity_noted;

    bool lost;             /* something could not be played; the first such thing: */
    bool lost_unsupported; /* ... well-formed but of an unknown kind */
    char lost_text[200];
};

/* Report a repair, headed by the place ("instrument 3 (bank 0 program 12): region 4: "). */
void dls_note(struct dls_reader *r, const char *fmt, ...) DM_PRINTF(2, 3);
/* The same for what is lost to the ear; the first one becomes the error text if nothing is left to play. */
void dls_note_loss(struct dls_reader *r, bool unsupported, const char *fmt, ...) DM_PRINTF(3, 4);

/* false if a cdl chunk in LIST (wherever it stands there) says that the list is not for us. */
bool dls_allows(const struct dls_reader *r, struct riff_walker list);

/* Lists of TYPE in LIST; 0 and *ALLOWED false if a cdl chunk in it says no. One walk: in the pool each step is a page. */
uint32_t dls_count_lists(const struct dls_reader *r, struct riff_walker list, uint32_t type, bool *allowed);

/* true if CHUNK is a list of TYPE; `wvpl` and `lins` are also met as chunks of their own (quirk 26). */
bool dls_is_list(const struct riff_chunk *chunk, uint32_t type);

/* Text of the INFO entry ID (dls_name: INAM) among the chunks of LIST. *OUT stays untouched if there is none. */
enum dm_status dls_info_text(struct dls_reader *r, struct riff_walker info, uint32_t id, const char **out);
enum dm_status dls_name(struct dls_reader *r, struct riff_walker list, const char **out);

/* wsmp chunk; the loop is not yet checked against a wave. */
void dls_sample_read(struct dls_reader *r, struct span chunk, struct dls_sample_info *out);
/* Make the loop lie inside FRAMES frames. */
void dls_sample_fit(struct dls_reader *r, struct dls_sample_info *info, uint32_t frames);

/* wvpl list: all waves, and where each begins. */
enum dm_status dls_waves_read(struct dls_reader *r, const struct riff_chunk *wvpl);
/* fmt and data of one wave; FACT: frames that the fact chunk gives, or 0. Sets usable; leaves the format's fields as they
 * are if there is no fmt chunk. */
void dls_format_read(struct dls_reader *r, struct dls_wave *wave, uint32_t fact);

/* ptbl chunk (size 0: none). POOL_POSITION: file position of the first byte of the pool. false: 64-bit offsets. */
bool dls_pool_read(struct dls_reader *r, struct span ptbl, uint64_t pool_position);
/* Wave that table index CUE means; false if there is none. */
bool dls_pool_find(struct dls_reader *r, uint32_t cue, uint32_t *wave);

/* lins list. */
enum dm_status dls_instruments_read(struct dls_reader *r, const struct riff_chunk *lins);

/* The lart and lar2 lists among the chunks of OWNER as one list. */
enum dm_status dls_artic_read(struct dls_reader *r, struct riff_walker owner, struct dls_articulation *out);

/* pgal chunk: further instruments and drum notes that stand for others. */
enum dm_status dls_aliases_read(struct dls_reader *r, struct span pgal);

#define DLS_RETURN_IF_FAILED(call)           \
    do {                                     \
        enum dm_status dls_status_ = (call); \
        if (dls_status_ != DM_OK)            \
            return dls_status_;              \
    } while (0)

#endif
