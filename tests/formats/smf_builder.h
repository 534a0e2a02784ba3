/* SPDX-License-Identifier: MIT */
/*
 * smf_builder.h - MIDI files byte by byte for tests.
 *
 *     struct builder b = {0};
 *     put_header(&b, 1, 2, 480);
 *     size_t track = begin_track(&b);
 *     put_delta(&b, 0); PUT(&b, 0x90, 60, 100);
 *     end_track(&b, track);            (end of track and length)
 *     struct smf_song *song = read_ok(&b);
 */
#ifndef DMUS_TESTS_SMF_BUILDER_H
#define DMUS_TESTS_SMF_BUILDER_H

#include "builder.h"
#include "formats/smf.h"

static inline void put_be32(struct builder *b, uint32_t v)
{
    PUT(b, (uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v);
}

static inline void put_header(struct builder *b, uint16_t format, uint16_t tracks, uint16_t division)
{
    b->size = 0;
    put(b, (const uint8_t *)"MThd", 4);
    put_be32(b, 6);
    PUT(b, (uint8_t)(format >> 8), (uint8_t)format, (uint8_t)(tracks >> 8), (uint8_t)tracks,
        (uint8_t)(division >> 8), (uint8_t)division);
}

static inline void put_delta(struct builder *b, uint32_t v)
{
    for (int shift = 21; shift > 0; shift -= 7)
        if (v >> shift)
            PUT(b, (uint8_t)(0x80 | (v >> shift & 0x7F)));
    PUT(b, (uint8_t)(v & 0x7F));
}

static inline void put_tempo(struct builder *b, uint32_t delta, uint32_t tempo)
{
    put_delta(b, delta);
    PUT(b, 0xFF, 0x51, 3, (uint8_t)(tempo >> 16), (uint8_t)(tempo >> 8), (uint8_t)tempo);
}

static inline void put_text(struct builder *b, uint8_t type, const char *text)
{
    PUT(b, 0, 0xFF, type);
    put_delta(b, (uint32_t)strlen(text));
    put(b, (const uint8_t *)text, strlen(text));
}

static inline size_t begin_track(struct builder *b)
{
    put(b, (const uint8_t *)"MTrk\0\0\0\0", 8);
    return b->size;
}

/* Only the length; for tracks without an end. */
static inline void close_track(struct builder *b, size_t track)
{
    size_t length = b->size - track, end = b->size;
    b->size = track - 4;
    put_be32(b, (uint32_t)length);
    b->size = end;
}

static inline void end_track(struct builder *b, size_t track)
{
    PUT(b, 0, 0xFF, 0x2F, 0);
    close_track(b, track);
}

static inline enum dm_status read_bytes(const struct builder *b, struct smf_song **song, struct dm_error *err)
{
    forget();
    *err = (struct dm_error){DM_OK, ""};
    uint8_t *copy = exact_copy(b);
    enum dm_status status = smf_read((struct span){copy, b->size}, &hearing, song, err);
    free(copy); /* the song must not point into it */
    return status;
}

static inline struct smf_song *read_ok(const struct builder *b)
{
    struct smf_song *song;
    struct dm_error err;
    enum dm_status status = read_bytes(b, &song, &err);
    CHECK_EQ(status, DM_OK);
    if (status != DM_OK) {
        printf("# %s\n", err.text);
        exit(1);
    }
    return song;
}

static inline bool event_is(const struct smf_song *song, uint32_t index, uint8_t kind, const uint8_t *data, size_t size)
{
    if (index >= song->event_count)
        return false;
    const struct smf_event *e = &song->events[index];
    bool same = e->kind == kind && e->size == size && (size == 0 || memcmp(e->data, data, size) == 0);
    if (!same) {
        printf("# event %u: kind %u, %u bytes:", (unsigned)index, e->kind, (unsigned)e->size);
        for (uint32_t i = 0; i < e->size && i < 16; i++)
            printf(" %02X", e->data[i]);
        printf("\n");
    }
    return same;
}
#define CHECK_EVENT(song, index, kind, ...)                                                     \
    CHECK(event_is(song, index, kind, (const uint8_t[]){__VA_ARGS__}, sizeof(const uint8_t[]){__VA_ARGS__}))

#endif
