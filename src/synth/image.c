/* SPDX-License-Identifier: MIT */
#include "image.h"

enum { INFO_SIZE = 16 };

static uint64_t table_end(const struct image *image) { return INFO_SIZE + 4 * (uint64_t)image->entries; }

enum synth_status image_open(struct image *image, const void *bytes, size_t size)
{
    if (size < INFO_SIZE)
        return SYNTH_BAD_OFFSET_TABLE;
    image->bytes = bytes;
    image->type = load_le32(image->bytes);
    image->id = load_le32(image->bytes + 4);
    image->entries = load_le32(image->bytes + 8);
    image->size = load_le32(image->bytes + 12);
    if (image->type < IMAGE_INSTRUMENT || image->type > IMAGE_ONE_SHOT_WAVE)
        return SYNTH_UNKNOWN_DOWNLOAD;
    if (image->entries == 0 || image->size > size || table_end(image) > image->size)
        return SYNTH_BAD_OFFSET_TABLE;
    if (load_le32(image->bytes + INFO_SIZE) != table_end(image))
        return SYNTH_BAD_OFFSET_TABLE;
    return SYNTH_OK;
}

enum synth_status image_object(const struct image *image, uint32_t index, uint32_t need, enum synth_status defect,
                               struct span *object)
{
    if (index >= image->entries)
        return defect;
    uint32_t offset = load_le32(image->bytes + INFO_SIZE + 4 * (size_t)index);
    if (offset < table_end(image) || offset >= image->size)
        return SYNTH_BAD_OFFSET_TABLE;
    if (image->size - offset < need)
        return defect;
    object->data = image->bytes + offset;
    object->size = image->size - offset;
    return SYNTH_OK;
}
