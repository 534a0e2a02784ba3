/* SPDX-License-Identifier: MIT */
/*
 * image.h - a bounded view of a download image (spec/ddi-user.md section 6.1).
 *
 * Info, offset table, objects: every access to an object goes through
 * image_object, which checks the table index, the offset and the length in
 * 64 bits. Fields of the header are read once, when the view is opened; the
 * memory may belong to a host that goes on writing to it. Internal to the engine.
 *
 * The links to extension chunks and copyrights (ulFirstExtCkIdx, ulCopyrightIdx)
 * are not looked at, not even to refuse them: nothing here would read what they
 * name, and dmusic.dll of Wine 10.0 sends an instrument's as it found the memory.
 */
#ifndef DMUS_SYNTH_IMAGE_H
#define DMUS_SYNTH_IMAGE_H

#include "base/bytes.h"
#include "synth.h"

/* dwDLType */
enum {
    IMAGE_INSTRUMENT = 1,
    IMAGE_WAVE = 2,
    IMAGE_INSTRUMENT2 = 3,
    IMAGE_WAVE_ARTICULATION = 4,
    IMAGE_STREAMING_WAVE = 5,
    IMAGE_ONE_SHOT_WAVE = 6
};

struct image {
    const uint8_t *bytes;
    uint32_t type;
    uint32_t id;      /* dwDLId */
    uint32_t entries; /* of the offset table, >= 1 */
    uint32_t size;    /* cbSize */
};

/* SYNTH_OK; SYNTH_UNKNOWN_DOWNLOAD: not one of the types 1..6 (tested before the table, native 38); SYNTH_BAD_OFFSET_TABLE: no
 * entry, table or image longer than SIZE, or the root object not right after the table. */
enum synth_status image_open(struct image *image, const void *bytes, size_t size);

/* The object that table entry INDEX names: *object is what lies from there to the end of the image, at least NEED bytes.
 * DEFECT if INDEX is outside the table or the object is cut off; SYNTH_BAD_OFFSET_TABLE if its offset lies outside the image
 * or inside the table. */
enum synth_status image_object(const struct image *image, uint32_t index, uint32_t need, enum synth_status defect,
                               struct span *object);

#endif
