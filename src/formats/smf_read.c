/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/alloc.h"
#include "formats/note_limit.h"
#include "formats/smf_internal.h"

enum { CHUNK_HEADER = 8, HEADER_BODY = 6, MOST_JUNK = 65536 };

struct smf_arena {
    struct arena memory;
    struct smf_song song;
};

static bool is_id(struct span file, size_t pos, const char *id)
{
    return range_within(pos, 4, file.size) && memcmp(file.data + pos, id, 4) == 0;
}

/* Where ID stands next, from POS on and before LIMIT; LIMIT if nowhere. */
static size_t find_id(struct span file, size_t pos, size_t limit, const char *id)
{
    while (pos < limit) {
        const uint8_t *hit = memchr(file.data + pos, id[0], limit - pos);
        if (!hit)
            return limit;
        pos = (size_t)(hit - file.data);
        if (is_id(file, pos, id))
            return pos;
        pos++;
    }
    return limit;
}

/* A track, or something else that has a name and fits: data bytes look like a name now and then, but
 * hardly ever with a length that fits as well. */
static bool is_chunk(struct span file, size_t pos)
{
    if (!range_within(pos, CHUNK_HEADER, file.size))
        return false;
    if (is_id(file, pos, "MTrk"))
        return true;
    for (size_t i = pos; i < pos + 4; i++) {
        uint8_t c = file.data[i];
        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == ' '))
            return false;
    }
    return range_within(pos + CHUNK_HEADER, load_be32(file.data + pos + 4), file.size);
}

/* The end of the track whose body begins at POS. A declared length that ends neither with an end of track
 * nor before another chunk is wrong (writers that never went back to fill it in): then it goes on to the
 * next track. */
static size_t track_end(const struct smf_parse *parse, size_t pos, uint32_t length)
{
    static const uint8_t end_of_track[] = {0xFF, META_END_OF_TRACK, 0};
    struct span file = parse->file;
    if (!range_within(pos, length, file.size)) {
        dm_note(parse->notes, "track %zu: %lu bytes long in a file that has %zu left", parse->track_count,
                (unsigned long)length, file.size - pos);
        return file.size;
    }
    size_t end = pos + length;
    if (end == file.size || is_chunk(file, end) ||
        (length >= 3 && memcmp(file.data + end - 3, end_of_track, 3) == 0))
        return end;
    size_t next = find_id(file, end, file.size, "MTrk");
    dm_note(parse->notes, "track %zu: wrong length %lu, %zu taken", parse->track_count, (unsigned long)length,
            next - pos);
    return next;
}

/* The track chunk at *POS, which is moved behind it. */
static enum dm_status read_track(struct smf_parse *parse, size_t *pos, struct dm_error *err)
{
    uint32_t length = load_be32(parse->file.data + *pos + 4);
    size_t track = parse->track_count, body = *pos + CHUNK_HEADER;
    size_t used, end = track_end(parse, body, length);
    enum dm_status status =
        smf_parse_track(parse, (struct span){parse->file.data + body, end - body}, &used, err);
    if (status != DM_OK)
        return status;
    /* An overlong track may have swallowed others: look for them behind its end of track. */
    *pos = length > end - body ? body + used : end;
    if (*pos > body + used)
        dm_note(parse->notes, "track %zu: %zu bytes behind its end left out", track, *pos - body - used);
    return DM_OK;
}

static enum dm_status read_chunks(struct smf_parse *parse, size_t pos, struct dm_error *err)
{
    struct span file = parse->file;
    while (file.size - pos >= CHUNK_HEADER && !is_id(file, pos, "MThd")) {
        if (is_id(file, pos, "MTrk")) {
            enum dm_status status = read_track(parse, &pos, err);
            if (status != DM_OK)
                return status;
        } else if (is_chunk(file, pos)) {
            dm_note(parse->notes, "chunk '%.4s' skipped", (const char *)file.data + pos);
            pos += CHUNK_HEADER + load_be32(file.data + pos + 4);
        } else {
            size_t next = find_id(file, pos, file.size, "MTrk");
            dm_note(parse->notes, "%zu bytes at %zu that are no chunk skipped", next - pos, pos);
            pos = next;
        }
    }
    if (pos < file.size)
        dm_note(parse->notes, "%zu bytes behind the last track ignored", file.size - pos);
    return DM_OK;
}

/* Find and read the header; *POS is where chunks begin. */
static enum dm_status read_header(struct span file, struct smf_song *song, uint16_t *tracks, size_t *pos,
                                  const struct dm_notes *notes, struct dm_error *err)
{
    size_t limit = file.size < MOST_JUNK ? file.size : MOST_JUNK;
    size_t start = find_id(file, 0, limit, "MThd");
    if (start == limit)
        return dm_fail(err, DM_ERR_FORMAT, "no MThd chunk: not a MIDI file");
    if (!range_within(start, CHUNK_HEADER + HEADER_BODY, file.size))
        return dm_fail(err, DM_ERR_FORMAT, "MIDI file ends inside its header");
    if (start > 0)
        dm_note(notes, "%zu bytes before the MIDI header skipped", start); /* MacBinary: 128 */
    const uint8_t *body = file.data + start + CHUNK_HEADER;
    uint32_t length = load_be32(body - 4);
    *pos = start + CHUNK_HEADER + HEADER_BODY;
    bool fits = length >= HEADER_BODY && range_within(start + CHUNK_HEADER, length, file.size);
    if (!fits || (length > HEADER_BODY && is_id(file, *pos, "MTrk")))
        dm_note(notes, "MIDI header of %lu bytes taken as %d", (unsigned long)length, HEADER_BODY);
    else
        *pos = start + CHUNK_HEADER + length;
    song->format = load_be16(body);
    *tracks = load_be16(body + 2);
    song->division = load_be16(body + 4);
    if (song->format > 2)
        dm_note(notes, "MIDI file format %u read as format 1", song->format);
    return DM_OK;
}

static enum dm_status read_song(struct smf_parse *parse, struct smf_arena *arena, struct dm_error *err)
{
    struct smf_song *song = &arena->song;
    uint16_t declared = 0;
    size_t pos = 0;
    enum dm_status status = read_header(parse->file, song, &declared, &pos, parse->notes, err);
    if (status == DM_OK)
        status = read_chunks(parse, pos, err);
    if (status != DM_OK)
        return status;
    if (parse->track_count == 0)
        return dm_fail(err, DM_ERR_FORMAT, "MIDI file without a track");
    if (parse->track_count != declared)
        dm_note(parse->notes, "header counts %u tracks, the file has %zu", declared, parse->track_count);
    if (song->format == 0 && parse->track_count > 1)
        dm_note(parse->notes, "format 0 with %zu tracks read as format 1", parse->track_count);
    song->track_count = (uint32_t)parse->track_count;
    return smf_merge(parse, song, &arena->memory, err);
}

enum dm_status smf_read(struct span bytes, const struct dm_notes *notes, struct smf_song **out, struct dm_error *err)
{
    *out = NULL;
    if (bytes.size > UINT32_MAX)
        return dm_fail(err, DM_ERR_UNSUPPORTED, "MIDI file above 4 GiB");
    struct smf_arena *arena = dm_calloc(1, sizeof *arena);
    if (!arena)
        return dm_fail(err, DM_ERR_NOMEM, "MIDI file: out of memory");
    arena->song.arena = arena;
    struct note_limit limit;
    note_limit_begin(&limit, notes);
    struct smf_parse parse = {.file = bytes, .notes = &limit.notes};
    enum dm_status status = read_song(&parse, arena, err);
    note_limit_end(&limit);
    dm_free(parse.events);
    dm_free(parse.tracks);
    dm_free(parse.sysex);
    if (status == DM_OK)
        *out = &arena->song;
    else
        smf_free(&arena->song);
    return status;
}

void smf_free(struct smf_song *song)
{
    if (!song)
        return;
    struct smf_arena *arena = song->arena;
    arena_clear(&arena->memory);
    dm_free(arena);
}
