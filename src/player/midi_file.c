/* SPDX-License-Identifier: MIT */
#include "midi_file.h"

#include <string.h>

#include "base/alloc.h"
#include "outfile.h"

void midi_file_begin(struct midi_file *file, uint32_t rate)
{
    *file = (struct midi_file){.rate = rate};
}

void midi_file_end(struct midi_file *file)
{
    dm_free(file->events);
    dm_free(file->bytes);
    *file = (struct midi_file){.rate = 0};
}

static bool make_room(struct midi_file *file, uint32_t size)
{
    if (file->event_count == file->event_room) {
        size_t room = file->event_room ? file->event_room * 2 : 1024;
        struct midi_file_event *grown = dm_realloc(file->events, room, sizeof *grown);
        if (!grown)
            return false;
        file->events = grown;
        file->event_room = room;
    }
    if (file->byte_room - file->byte_count < size) {
        size_t room = (file->byte_room + size) * 2 + 4096;
        uint8_t *grown = dm_realloc(file->bytes, room, 1);
        if (!grown)
            return false;
        file->bytes = grown;
        file->byte_room = room;
    }
    return true;
}

void midi_file_add(struct midi_file *file, int64_t tick, uint32_t group, const uint8_t *bytes, uint32_t size)
{
    if (size == 0 || file->failed)
        return;
    file->failed = !make_room(file, size);
    if (file->failed)
        return;
    file->events[file->event_count++] = (struct midi_file_event){tick, group, size, file->byte_count};
    memcpy(file->bytes + file->byte_count, bytes, size);
    file->byte_count += size;
}

static size_t put_variable(uint8_t *at, uint32_t value)
{
    size_t count = 0;
    for (int shift = 28; shift >= 0; shift -= 7)
        if (shift == 0 || value >> shift)
            at[count++] = (uint8_t)((value >> shift & 127) | (shift ? 128u : 0u));
    return count;
}

static void put_be(uint8_t *at, uint32_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        at[i] = (uint8_t)(value >> 8 * (bytes - 1 - i));
}

enum { HEAD_BYTES = 14, TRACK_HEAD_BYTES = 8 };

static void put_head(const struct midi_file *file, uint8_t head[HEAD_BYTES + TRACK_HEAD_BYTES], uint32_t track_bytes,
                     uint32_t *tempo_us)
{
    uint32_t halvings = 2;
    while (file->rate / halvings > 0x7FFF)
        halvings *= 2;
    *tempo_us = 1000000 / halvings;
    memcpy(head, "MThd", 4);
    put_be(head + 4, 6, 4);
    put_be(head + 8, 0, 2);
    put_be(head + 10, 1, 2);
    put_be(head + 12, file->rate / halvings, 2);
    memcpy(head + 14, "MTrk", 4);
    put_be(head + 18, track_bytes, 4);
}

/* Bytes of an event before its data: delta time, perhaps the port, F0 and length of a system exclusive. */
static size_t put_lead(uint8_t at[24], const struct midi_file_event *e, const uint8_t *bytes, uint32_t delta, uint32_t *group)
{
    size_t n = put_variable(at, delta);
    if (e->group != *group) {
        static const uint8_t port[] = {0xFF, 0x21, 1};
        memcpy(at + n, port, sizeof port);
        n += sizeof port;
        at[n++] = (uint8_t)(e->group - 1);
        at[n++] = 0; /* delta of the event itself */
        *group = e->group;
    }
    if (bytes[0] == 0xF0) {
        at[n++] = 0xF0;
        n += put_variable(at + n, e->size - 1);
    }
    return n;
}

/* The track's events, to OUT or, if that is NULL, only counted. */
static enum dm_status put_track(const struct midi_file *file, int64_t began, uint32_t tempo_us, struct outfile *out,
                                uint64_t *total, struct dm_error *err)
{
    uint8_t tempo[7] = {0, 0xFF, 0x51, 3};
    static const uint8_t end[] = {0, 0xFF, 0x2F, 0};
    uint32_t group = 1;
    int64_t last = began;
    put_be(tempo + 4, tempo_us, 3);
    enum dm_status status = out ? outfile_write(out, tempo, sizeof tempo, err) : DM_OK;
    *total = sizeof tempo + sizeof end;
    for (size_t i = 0; i < file->event_count && status == DM_OK; i++) {
        const struct midi_file_event *e = &file->events[i];
        const uint8_t *bytes = file->bytes + e->at;
        int64_t delta = e->tick > last ? e->tick - last : 0;
        uint8_t lead[24];
        if (bytes[0] > 0xF0) /* real time has no place in a file */
            continue;
        last += delta;
        size_t n = put_lead(lead, e, bytes, delta > 0x0FFFFFFF ? 0x0FFFFFFF : (uint32_t)delta, &group);
        uint32_t skip = bytes[0] == 0xF0;
        *total += n + e->size - skip;
        if (out)
            status = outfile_write(out, lead, n, err);
        if (out && status == DM_OK)
            status = outfile_write(out, bytes + skip, e->size - skip, err);
    }
    return status == DM_OK && out ? outfile_write(out, end, sizeof end, err) : status;
}

enum dm_status midi_file_write(const struct midi_file *file, int64_t began, const char *path, bool overwrite, struct dm_error *err)
{
    struct outfile out;
    uint8_t head[HEAD_BYTES + TRACK_HEAD_BYTES];
    uint64_t total;
    uint32_t tempo_us;
    put_track(file, began, 0, NULL, &total, err);
    if (file->failed || total > UINT32_MAX)
        return dm_fail(err, DM_ERR_NOMEM, "%s: too much MIDI for memory or for a file", path);
    put_head(file, head, (uint32_t)total, &tempo_us);
    enum dm_status status = outfile_open(&out, path, overwrite, err);
    if (status != DM_OK)
        return status;
    status = outfile_write(&out, head, sizeof head, err);
    if (status == DM_OK)
        status = put_track(file, began, tempo_us, &out, &total, err);
    struct dm_error closing = {0};
    enum dm_status closed = outfile_close(&out, status == DM_OK, &closing);
    if (status == DM_OK && closed != DM_OK)
        *err = closing;
    return status == DM_OK ? closed : status;
}
