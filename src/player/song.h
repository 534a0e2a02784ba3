/* SPDX-License-Identifier: MIT */
/* song.h - an opened song. Immutable after opening; any thread. */
#ifndef DMUS_PLAYER_SONG_H
#define DMUS_PLAYER_SONG_H

#include "base/arena.h"
#include "base/mapfile.h"
#include "base/refcount.h"
#include "dmus/dmus.h"
#include "formats/detect.h"
#include "formats/rmid.h"
#include "formats/smf.h"
#include "remarks.h"
#include "song_plan.h"

struct song_text {
    uint32_t type, track;
    int64_t time_100ns;
    const char *text;
};

struct dmus_song {
    struct refcount refs;
    enum file_kind kind;
    char *path;
    struct mapped_file file; /* kept only for an embedded bank */
    uint8_t *copy;           /* of memory that was handed in, likewise */
    struct span embedded;    /* size 0: none */
    bool bank_offset_set;
    uint32_t bank_offset;
    struct smf_song *smf;
    const char *title, *copyright; /* RMID's own if it has them, else the SMF's; NULL if neither */
    struct song_plan plan;
    uint32_t text_count;
    struct song_text *texts;
    struct remarks remarks;
    struct arena arena;
};

#endif
