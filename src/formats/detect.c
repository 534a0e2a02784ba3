/* SPDX-License-Identifier: MIT */
#include "formats/detect.h"

#include <string.h>

#include "formats/riff.h"

enum { RIFF_HEAD = 12, SMF_REACH = 65536, SF3_MAJOR = 3 }; /* smf.c looks as far for its header */

/* wMajor of the ifil chunk in the INFO list, 0 if there is none. */
static unsigned soundfont_major(struct span bytes)
{
    struct riff_walker file = riff_walk(bytes, 0);
    struct riff_chunk form, list, chunk;
    if (!riff_next(&file, &form))
        return 0;
    struct riff_walker lists = riff_children(&form);
    while (riff_next(&lists, &list)) {
        if (list.type != FOURCC_LE('I', 'N', 'F', 'O'))
            continue;
        struct riff_walker info = riff_children(&list);
        while (riff_next(&info, &chunk))
            if (chunk.id == FOURCC_LE('i', 'f', 'i', 'l') && chunk.body.size >= 2)
                return load_le16(chunk.body.data);
    }
    return 0;
}

static bool has_midi_header(struct span bytes)
{
    size_t reach = bytes.size < SMF_REACH ? bytes.size : SMF_REACH;
    for (const uint8_t *p = bytes.data; reach > 0 && (p = memchr(p, 'M', reach - (size_t)(p - bytes.data))) != NULL; p++)
        if (bytes.size - (size_t)(p - bytes.data) >= 4 && memcmp(p, "MThd", 4) == 0)
            return true;
    return false;
}

enum file_kind detect_kind(struct span bytes)
{
    if (bytes.size >= RIFF_HEAD) {
        uint32_t id = load_le32(bytes.data), type = load_le32(bytes.data + 8);
        if (riff_id_equal(id, FOURCC_LE('R', 'I', 'F', 'F'))) {
            if (riff_id_equal(type, FOURCC_LE('D', 'L', 'S', ' ')))
                return FILE_DLS;
            if (riff_id_equal(type, FOURCC_LE('s', 'f', 'b', 'k')))
                return soundfont_major(bytes) == SF3_MAJOR ? FILE_SF3 : FILE_SF2;
            if (riff_id_equal(type, FOURCC_LE('R', 'M', 'I', 'D')))
                return FILE_RMID;
        }
        if (id == FOURCC_LE('F', 'O', 'R', 'M') && type == FOURCC_LE('X', 'D', 'L', 'S')) /* Miles Sound System */
            return FILE_DLS;
    }
    return has_midi_header(bytes) ? FILE_SMF : FILE_UNKNOWN;
}

const char *file_kind_name(enum file_kind kind)
{
    switch (kind) {
    case FILE_UNKNOWN: break;
    case FILE_DLS: return "DLS";
    case FILE_SF2: return "SoundFont 2";
    case FILE_SF3: return "SoundFont 3";
    case FILE_SMF: return "Standard MIDI File";
    case FILE_RMID: return "RIFF MIDI";
    }
    return "unknown";
}
