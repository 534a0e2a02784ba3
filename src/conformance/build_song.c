/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "build.h"

struct entry {
    uint64_t frame;
    uint32_t order, size;
    uint8_t *bytes; /* status first; a system exclusive with its F0 */
};

struct conf_song {
    struct entry *entries;
    uint32_t count;
    uint64_t end;
    char name[64];
};

struct conf_song *conf_song_new(const char *name)
{
    struct conf_song *song = conf_grow(NULL, 1, sizeof *song);
    *song = (struct conf_song){0};
    snprintf(song->name, sizeof song->name, "%s", name);
    return song;
}

static void add(struct conf_song *song, uint64_t frame, const uint8_t *bytes, size_t size)
{
    song->entries = conf_grow(song->entries, song->count + 1, sizeof *song->entries);
    struct entry *entry = &song->entries[song->count];
    *entry = (struct entry){frame, song->count++, (uint32_t)size, conf_grow(NULL, size, 1)};
    memcpy(entry->bytes, bytes, size);
    conf_until(song, frame);
}

void conf_until(struct conf_song *song, uint64_t frame)
{
    if (frame > song->end)
        song->end = frame;
}

void conf_message(struct conf_song *song, uint64_t frame, uint8_t status, uint8_t data1, uint8_t data2)
{
    uint8_t bytes[3] = {status, data1, data2};
    bool short_message = (status & 0xe0) == 0xc0; /* program change and channel pressure */
    add(song, frame, bytes, short_message ? 2 : 3);
}

void conf_cc(struct conf_song *song, uint64_t frame, uint8_t channel, uint8_t controller, uint8_t value)
{
    conf_message(song, frame, 0xb0 | channel, controller, value);
}

void conf_program(struct conf_song *song, uint64_t frame, uint8_t channel, uint8_t msb, uint8_t lsb, uint8_t program)
{
    conf_cc(song, frame, channel, 0, msb);
    conf_cc(song, frame, channel, 32, lsb);
    conf_message(song, frame, 0xc0 | channel, program, 0);
}

void conf_rpn(struct conf_song *song, uint64_t frame, uint8_t channel, uint8_t rpn, uint8_t msb, uint8_t lsb)
{
    conf_cc(song, frame, channel, 101, 0);
    conf_cc(song, frame, channel, 100, rpn);
    conf_cc(song, frame, channel, 6, msb);
    conf_cc(song, frame, channel, 38, lsb);
    conf_cc(song, frame, channel, 101, 127);
    conf_cc(song, frame, channel, 100, 127);
}

void conf_wheel(struct conf_song *song, uint64_t frame, uint8_t channel, uint16_t value)
{
    conf_message(song, frame, 0xe0 | channel, value & 127, (uint8_t)(value >> 7));
}

void conf_note(struct conf_song *song, uint64_t frame, uint64_t length, uint8_t channel, uint8_t key, uint8_t velocity)
{
    conf_message(song, frame, 0x90 | channel, key, velocity);
    conf_message(song, frame + length, 0x80 | channel, key, 64);
}

void conf_sysex(struct conf_song *song, uint64_t frame, const uint8_t *bytes, size_t size)
{
    add(song, frame, bytes, size);
}

uint64_t conf_song_end(const struct conf_song *song)
{
    return song->end;
}

static int in_time(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    if (x->frame != y->frame)
        return x->frame < y->frame ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

static void append_length(struct conf_bytes *bytes, uint64_t value)
{
    uint8_t digits[5];
    int n = 0;
    do {
        digits[n] = (uint8_t)((value & 127) | (n ? 128 : 0));
        n++;
    } while ((value >>= 7) != 0 && n < 5);
    while (n)
        conf_append(bytes, &digits[--n], 1);
}

struct conf_bytes conf_song_file(struct conf_song *song, uint32_t rate)
{
    const uint8_t header[] = {'M', 'T', 'h', 'd', 0, 0, 0, 6, 0, 0, 0, 1, (uint8_t)(rate / 2 >> 8), (uint8_t)(rate / 2)};
    static const uint8_t tempo[] = {0, 0xff, 0x51, 3, 0x07, 0xa1, 0x20}, ending[] = {0xff, 0x2f, 0};
    struct conf_bytes track = {0}, file = {0};
    uint64_t now = 0;
    conf_message(song, song->end, 0x8f, 0, 64); /* players end at the last event that could be heard, not at the end of the track */
    qsort(song->entries, song->count, sizeof *song->entries, in_time);
    conf_append(&track, tempo, sizeof tempo);
    for (uint32_t i = 0; i < song->count; i++) {
        const struct entry *entry = &song->entries[i];
        append_length(&track, entry->frame - now);
        now = entry->frame;
        conf_append(&track, entry->bytes, 1);
        if (entry->bytes[0] == 0xf0)
            append_length(&track, entry->size - 1);
        conf_append(&track, entry->bytes + 1, entry->size - 1);
    }
    append_length(&track, song->end - now);
    conf_append(&track, ending, sizeof ending);
    uint8_t chunk[8] = {'M', 'T', 'r', 'k', (uint8_t)(track.size >> 24), (uint8_t)(track.size >> 16), (uint8_t)(track.size >> 8),
                        (uint8_t)track.size};
    conf_append(&file, header, sizeof header);
    conf_append(&file, chunk, sizeof chunk);
    conf_append(&file, track.data, track.size);
    free(track.data);
    return file;
}

void conf_song_free(struct conf_song *song)
{
    for (uint32_t i = 0; i < song->count; i++)
        free(song->entries[i].bytes);
    free(song->entries);
    free(song);
}
