/* SPDX-License-Identifier: MIT */
/*
 * downloads.h - what the host has downloaded: handles, lists, life cycle.
 *
 * A download is published at once and withdrawn at once; its memory goes when
 * nobody can hold it any more:
 *   instrument  unlinked from the patch table, no render in flight that began
 *               before, no voice that plays one of its regions
 *   wave        withdrawn, and every instrument that refers to it is gone
 * The render side counts itself in and out with one word (odd while a render is
 * in flight), so that no side waits for the other.
 *
 * All functions are control side but downloads_enter and downloads_leave.
 * Internal to the engine.
 */
#ifndef DMUS_SYNTH_DOWNLOADS_H
#define DMUS_SYNTH_DOWNLOADS_H

#include <stdatomic.h>

#include "image.h"
#include "patches.h"
#include "wave.h"

enum download_kind { DOWNLOAD_WAVE, DOWNLOAD_INSTRUMENT };

struct synth_download {
    struct synth_download *next, *previous; /* loaded or retired list, in order of arrival */
    struct synth_download *next_handle;     /* loaded: bucket of by_handle */
    struct synth_download *next_id;         /* loaded waves: bucket of by_id, newest first */
    enum download_kind kind;
    bool withdrawn;
    bool out_of_sight; /* withdrawn, and no render that may have found it is in flight */
    uint32_t epoch;    /* of the render in flight when it was withdrawn */
    void *tag;         /* of synth_unload */
    uint64_t bytes;    /* sample data held */
    struct wave wave;
    uint32_t references; /* wave: regions that play it */
    void *samples;       /* wave: copy of ours, or NULL */
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

/* The newest loaded wave with dwDLId ID, or NULL. */
struct synth_download *downloads_wave(const struct downloads *downloads, uint32_t id);

/* Mark the render in flight; downloads_enter returns the version of PATCHES that it may rely on. [render] */
uint32_t downloads_enter(struct downloads *downloads, const struct patches *patches);
void downloads_leave(struct downloads *downloads);

/* ---- readers of one image each: fill DOWNLOAD, or leave nothing behind ---- */

/* Type 2. Reads each field of host memory once. DOWNLOAD->samples set if the samples were copied. */
enum synth_status download_wave(const struct synth_memory *mem, const struct image *image, struct synth_download *download);

/* Types 1 and 3. IMAGE is a private copy. Sets DOWNLOAD->instrument; its regions point into waves of DOWNLOADS, whose references
 * are not yet counted. */
enum synth_status download_instrument(const struct downloads *downloads, const struct image *image,
                                      enum synth_profile profile, struct synth_download *download);

#endif
