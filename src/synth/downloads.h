/* SPDX-License-Identifier: MIT */
/*
 * downloads.h - what the host has downloaded: handles, lists, life cycle.
 *
 * A download is published at once and withdrawn at once; its memory goes when
 * nobody can hold it any more:
 *   instrument  unlinked from the patch table, no render in flight that began
 *               before, no voice that plays one of its regions
 *   wave        withdrawn, and every instrument that refers to it is gone
 *   one-shot wave, buffer of a stream, wave articulation
 *               withdrawn, no articulation refers to it, no play (plays.h) is
 *               queued or sounds
 * The render side counts itself in and out with one word (odd while a render is
 * in flight), so that no side waits for the other.
 *
 * All functions are control side but downloads_enter and downloads_leave.
 * Internal to the engine.
 */
#ifndef DMUS_SYNTH_DOWNLOADS_H
#define DMUS_SYNTH_DOWNLOADS_H

#include <stdatomic.h>

#include "buses.h"
#include "image.h"
#include "patches.h"
#include "stream.h"
#include "wave.h"

enum download_kind {
    DOWNLOAD_WAVE,
    DOWNLOAD_INSTRUMENT,
    DOWNLOAD_WAVE_ARTICULATION,
    DOWNLOAD_STREAM_BUFFER,
    DOWNLOAD_ONE_SHOT
};

struct synth_download {
    struct synth_download *next, *previous; /* loaded or retired list, in order of arrival */
    struct synth_download *next_handle;     /* loaded: bucket of by_handle */
    struct synth_download *next_id;         /* loaded, no instrument: bucket of by_id, newest first */
    enum download_kind kind;
    bool withdrawn;
    bool out_of_sight; /* withdrawn, and no render that may have found it is in flight */
    uint32_t epoch;    /* of the render in flight when it was withdrawn */
    void *tag;         /* of synth_unload */
    uint64_t bytes;    /* sample data held */
    struct wave wave;    /* kinds without samples: download_id alone */
    uint32_t references; /* wave: regions that play it; others: articulations and plays */
    void *samples;       /* wave: copy of ours, or NULL */
    /* what PlayVoice plays: one-shot waves and wave articulations */
    const struct wave *plays;   /* stream: format of its buffers */
    bool self_non_exclusive;    /* F_RGN_OPTION_SELFNONEXCLUSIVE */
    uint32_t master_id;         /* ulMasterDLId */
    struct bus_list *buses;     /* of ulBus; NULL: the channel's */
    uint32_t bus_channel;       /* WAVELINK_CHANNEL_* for that bus */
    struct stream *stream;      /* NULL: one-shot */
    struct synth_download **parts; /* wave articulation: its buffers */
    uint32_t part_count;
    /* buffer of a stream */
    struct stream_buffer buffer;
    struct synth_download *stream_owner; /* the articulation that plays it, or NULL */
    struct instrument *instrument; /* with its regions and articulations, one block */
    struct patch_node node;
};

#define DOWNLOAD_BUCKETS 256u

struct download_list {
    struct synth_download *first, *last;
};

struct downloads {
    struct synth_memory mem;
    struct download_list loaded, retired;
    struct synth_download *by_handle[DOWNLOAD_BUCKETS];
    struct synth_download *by_id[4 * DOWNLOAD_BUCKETS];
    uint64_t wave_bytes;
    atomic_uint epoch; /* odd: a render is in flight */
};

void downloads_init(struct downloads *downloads, const struct synth_memory *mem);
/* Free everything, withdrawn or not. No render in flight. */
void downloads_destroy(struct downloads *downloads);

/* The newest loaded download of KIND (no instrument) with dwDLId ID, or NULL. */
struct synth_download *downloads_find(const struct downloads *downloads, uint32_t id, enum download_kind kind);
/* The same for DOWNLOAD_WAVE. */
static inline struct synth_download *downloads_wave(const struct downloads *downloads, uint32_t id)
{
    return downloads_find(downloads, id, DOWNLOAD_WAVE);
}

/* false while the render that was in flight when EPOCH was read still is. */
bool downloads_epoch_over(const struct downloads *downloads, uint32_t epoch);

/* Mark the render in flight; downloads_enter returns the version of PATCHES that it may rely on. [render] */
uint32_t downloads_enter(struct downloads *downloads, const struct patches *patches);
void downloads_leave(struct downloads *downloads);

/* ---- readers of one image each: fill DOWNLOAD, or leave nothing behind ---- */

/* Type 2. Reads each field of host memory once. DOWNLOAD->samples set if the samples were copied. */
enum synth_status download_wave(const struct synth_memory *mem, const struct image *image, struct synth_download *download);
/* The format in the DMUS_WAVE at table entry INDEX into *wave, and its ulWaveDataIdx. */
enum synth_status download_wave_format(const struct image *image, uint32_t index, struct wave *wave, uint32_t *data_index);
/* COUNT samples of 16 bit at DATA for DOWNLOAD->wave: in place, or copied if the machine cannot read them there. */
enum synth_status download_wave_samples(const struct synth_memory *mem, const uint8_t *data, struct synth_download *download);

/* Types 5 and 6. Reads each field of host memory once. */
enum synth_status download_play_wave(const struct synth_memory *mem, const struct image *image, struct synth_download *download);
/* Type 4. IMAGE is a private copy. MONO: the synth has one channel. The references of the buffers are counted. */
enum synth_status download_play_articulation(struct downloads *downloads, const struct image *image, bool mono,
                                             struct synth_download *download);
/* What download_play_articulation took. */
void download_drop_articulation(const struct synth_memory *mem, struct synth_download *download);

/* Types 1 and 3. IMAGE is a private copy. Sets DOWNLOAD->instrument; its regions point into waves of DOWNLOADS, whose references
 * are not yet counted. */
enum synth_status download_instrument(const struct downloads *downloads, const struct image *image,
                                      const struct synth_config *config, struct synth_download *download);

#endif
