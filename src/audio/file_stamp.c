/* SPDX-License-Identifier: MIT */
#include "file_stamp.h"

#include "base/bytes.h"

/* The PEAK chunk: version, seconds since 1970, then a peak and its place for each channel. */
enum { RIFF_HEAD = 12, CHUNK_HEAD = 8, STAMP_AT = 4, STAMP_SIZE = 4 };

void file_stamp_clear(struct target *target)
{
    static const uint8_t none[STAMP_SIZE];
    uint8_t head[CHUNK_HEAD];
    int64_t at = RIFF_HEAD;
    while (target_seek(target, at) == at && target_read(target, head, sizeof head) == CHUNK_HEAD) {
        uint32_t id = load_le32(head), size = load_le32(head + 4);
        if (id == FOURCC_LE('d', 'a', 't', 'a')) /* its size may stand in another chunk */
            return;
        at += CHUNK_HEAD;
        if (id == FOURCC_LE('P', 'E', 'A', 'K') && size >= STAMP_AT + STAMP_SIZE) {
            if (target_seek(target, at + STAMP_AT) == at + STAMP_AT)
                target_write(target, none, sizeof none);
            return;
        }
        at += (int64_t)size + (size & 1);
    }
}
