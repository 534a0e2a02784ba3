/* SPDX-License-Identifier: MIT */
#include "formats/rmid.h"

#include <string.h>

#include "base/text.h"
#include "formats/riff.h"

enum { RIFF_HEAD = 12, SMF_HEAD = 8, SMF_CHUNK = 8, BANK_OFFSET_LIMIT = 127, CLIPBOARD_TEXT = 1 };

static const uint32_t riff_fourcc = FOURCC_LE('R', 'I', 'F', 'F');

struct parts {
    struct span song, bank, title, display, copyright, offset;
};

static bool is_bank_type(uint32_t type)
{
    return riff_id_equal(type, FOURCC_LE('D', 'L', 'S', ' ')) || riff_id_equal(type, FOURCC_LE('s', 'f', 'b', 'k'));
}

/* The bank form that stands at P with LEFT bytes to the end, cut to them. */
static bool bank_at(const uint8_t *p, size_t left, struct span *out)
{
    if (left < RIFF_HEAD || !riff_id_equal(load_le32(p), riff_fourcc) || !is_bank_type(load_le32(p + 8)))
        return false;
    uint64_t size = (uint64_t)load_le32(p + 4) + 8;
    *out = (struct span){p, size < left ? (size_t)size : left};
    return true;
}

static bool is_midi(struct span bytes) { return bytes.size >= SMF_HEAD && memcmp(bytes.data, "MThd", 4) == 0; }

static void locate_info(struct riff_walker info, struct parts *out)
{
    struct riff_chunk chunk;
    while (riff_next(&info, &chunk)) {
        if (riff_id_equal(chunk.id, FOURCC_LE('I', 'N', 'A', 'M')))
            out->title = chunk.body;
        else if (riff_id_equal(chunk.id, FOURCC_LE('I', 'C', 'O', 'P')))
            out->copyright = chunk.body;
        else if (riff_id_equal(chunk.id, FOURCC_LE('D', 'B', 'N', 'K')))
            out->offset = chunk.body;
    }
}

/* The bank may stand before the song, and each part anywhere (quirk 16). */
static void locate(struct riff_walker walker, struct parts *out)
{
    struct riff_chunk chunk;
    while (riff_next(&walker, &chunk)) {
        size_t header = chunk.type ? RIFF_HEAD : RIFF_HEAD - 4;
        if (riff_id_equal(chunk.id, FOURCC_LE('d', 'a', 't', 'a')) && !is_midi(out->song))
            out->song = chunk.body;
        else if (riff_id_equal(chunk.type, FOURCC_LE('I', 'N', 'F', 'O')))
            locate_info(riff_children(&chunk), out);
        else if (riff_id_equal(chunk.id, FOURCC_LE('D', 'B', 'N', 'K')))
            out->offset = chunk.body;
        else if (riff_id_equal(chunk.id, FOURCC_LE('D', 'I', 'S', 'P')) && chunk.body.size > 4 &&
                 load_le32(chunk.body.data) == CLIPBOARD_TEXT)
            out->display = (struct span){chunk.body.data + 4, chunk.body.size - 4};
        else if (riff_id_equal(chunk.id, riff_fourcc) && is_bank_type(chunk.type) && !out->bank.data)
            out->bank = (struct span){chunk.body.data - header, chunk.body.size + header};
    }
}

/* The MIDI file that begins at the start of BYTES: its header and the chunks that follow without a gap. */
static struct span midi_extent(struct span bytes)
{
    size_t pos = 0;
    while (range_within(pos, SMF_CHUNK, bytes.size) &&
           memcmp(bytes.data + pos, pos == 0 ? "MThd" : "MTrk", 4) == 0) {
        uint32_t size = load_be32(bytes.data + pos + 4);
        size_t left = bytes.size - pos - SMF_CHUNK;
        pos += SMF_CHUNK + (size < left ? size : left);
    }
    return (struct span){bytes.data, pos};
}

static void search(struct span bytes, struct parts *parts, const struct dm_notes *notes)
{
    for (size_t pos = 0; pos < bytes.size && !is_midi(parts->song); pos++) {
        const uint8_t *p = memchr(bytes.data + pos, 'M', bytes.size - pos);
        if (!p)
            break;
        pos = (size_t)(p - bytes.data);
        struct span rest = {p, bytes.size - pos};
        if (!is_midi(rest))
            continue;
        parts->song = midi_extent(rest);
        dm_note(notes, "song found at byte %zu, not where a data chunk says", pos);
    }
    for (size_t pos = 1; pos < bytes.size && !parts->bank.data; pos++) {
        const uint8_t *p = memchr(bytes.data + pos, 'R', bytes.size - pos);
        if (!p)
            break;
        pos = (size_t)(p - bytes.data);
        if (bank_at(p, bytes.size - pos, &parts->bank))
            dm_note(notes, "bank found at byte %zu, not as a chunk of its own", pos);
    }
    /* A data chunk whose size is too large has swallowed the bank. */
    if (parts->bank.data && parts->song.data && parts->bank.data > parts->song.data &&
        parts->bank.data < parts->song.data + parts->song.size)
        parts->song = midi_extent((struct span){parts->song.data, (size_t)(parts->bank.data - parts->song.data)});
}

static void fill_texts(const struct parts *parts, struct rmid *out)
{
    size_t half = sizeof out->text / 2;
    struct span title = parts->title.data ? parts->title : parts->display;
    if (title.data && text_clean(out->text, half, title.data, title.size) > 0)
        out->title = out->text;
    if (parts->copyright.data && text_clean(out->text + half, half, parts->copyright.data, parts->copyright.size) > 0)
        out->copyright = out->text + half;
}

static void fill_offset(struct span dbnk, const struct dm_notes *notes, struct rmid *out)
{
    if (dbnk.size < 2)
        return;
    uint16_t offset = load_le16(dbnk.data);
    if (offset > BANK_OFFSET_LIMIT) {
        dm_note(notes, "bank offset %u ignored", offset);
        return;
    }
    out->bank_offset_set = true;
    out->bank_offset = offset;
}

enum dm_status rmid_read(struct span bytes, const struct dm_notes *notes, struct rmid *out, struct dm_error *err)
{
    struct parts parts = {.song = {0}};
    memset(out, 0, sizeof *out);
    if (bytes.size < RIFF_HEAD || !riff_id_equal(load_le32(bytes.data), riff_fourcc) ||
        !riff_id_equal(load_le32(bytes.data + 8), FOURCC_LE('R', 'M', 'I', 'D')))
        return dm_fail(err, DM_ERR_FORMAT, "no RIFF form of type 'RMID'");
    uint64_t declared = (uint64_t)load_le32(bytes.data + 4) + 8;
    struct span whole = {bytes.data + RIFF_HEAD, bytes.size - RIFF_HEAD}, form = whole;
    if (declared > bytes.size)
        dm_note(notes, "the RIFF form claims more bytes than the file has");
    else
        form.size = declared > RIFF_HEAD ? (size_t)declared - RIFF_HEAD : 0;
    locate(riff_walk(form, RIFF_HEAD), &parts);
    if (form.size < whole.size && (!is_midi(parts.song) || !parts.bank.data)) {
        struct parts more = parts;
        locate(riff_walk(whole, RIFF_HEAD), &more);
        if (more.song.data != parts.song.data || more.bank.data != parts.bank.data) {
            dm_note(notes, "the RIFF size leaves out part of the file");
            parts = more;
        }
    }
    search(bytes, &parts, notes);
    if (!is_midi(parts.song))
        return dm_fail(err, DM_ERR_FORMAT, "no MIDI file (MThd) inside the RIFF form");
    out->song = parts.song;
    out->bank = parts.bank;
    fill_texts(&parts, out);
    fill_offset(parts.offset, notes, out);
    return DM_OK;
}
