/* SPDX-License-Identifier: MIT */
/*
 * images.h - download images for tests, laid out by hand after
 * spec/ddi-user.md 6.1 .. 6.4, independent of the code under test.
 *
 *     struct image wave = image_wave(1, samples, 400, 44100);
 *     struct image instrument = image_instrument(&(struct instrument_desc){.id = 2, .wave_id = 1, .unity_note = 60});
 *     ... IDirectMusicSynth_Download(synth, &handle, wave.bytes, &may_free) ...
 *     image_free(&wave);
 */
#ifndef DMUS_TESTS_USER_IMAGES_H
#define DMUS_TESTS_USER_IMAGES_H

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct image {
    uint8_t *bytes;
    uint32_t size;
};

static inline void image_free(struct image *image)
{
    free(image->bytes);
    *image = (struct image){0};
}

static inline void put16(struct image *image, uint32_t at, uint32_t value)
{
    assert(at + 2 <= image->size);
    image->bytes[at] = (uint8_t)value;
    image->bytes[at + 1] = (uint8_t)(value >> 8);
}

static inline void put32(struct image *image, uint32_t at, uint32_t value)
{
    put16(image, at, value);
    put16(image, at + 2, value >> 16);
}

/* DMUS_DOWNLOADINFO and the offset table. */
static inline struct image image_begin(uint32_t type, uint32_t id, uint32_t size, const uint32_t *offsets, uint32_t count)
{
    struct image image = {calloc(1, size ? size : 1), size};
    if (!image.bytes)
        abort();
    put32(&image, 0, type);
    put32(&image, 4, id);
    put32(&image, 8, count);
    put32(&image, 12, size);
    for (uint32_t i = 0; i < count; i++)
        put32(&image, 16 + 4 * i, offsets[i]);
    return image;
}

#define WAVE_FORMAT_AT 36u /* of WAVEFORMATEX in an image of image_wave */
#define WAVE_DATA_AT   56u /* of DMUS_WAVEDATA */

/* A 16-bit mono wave: [0] DMUS_WAVE at 24, [1] DMUS_WAVEDATA at 56. Two samples of append space follow. */
static inline struct image image_wave(uint32_t id, const int16_t *samples, uint32_t count, uint32_t rate)
{
    uint32_t offsets[2] = {24, WAVE_DATA_AT};
    struct image image = image_begin(2, id, WAVE_DATA_AT + 4 + 2 * count + 4, offsets, 2);
    put32(&image, 24 + 8, 1); /* ulWaveDataIdx */
    put16(&image, WAVE_FORMAT_AT + 0, 1);
    put16(&image, WAVE_FORMAT_AT + 2, 1);
    put32(&image, WAVE_FORMAT_AT + 4, rate);
    put32(&image, WAVE_FORMAT_AT + 8, rate * 2);
    put16(&image, WAVE_FORMAT_AT + 12, 2);
    put16(&image, WAVE_FORMAT_AT + 14, 16);
    put32(&image, WAVE_DATA_AT, 2 * count);
    for (uint32_t i = 0; i < count; i++)
        put16(&image, WAVE_DATA_AT + 4 + 2 * i, (uint16_t)samples[i]);
    return image;
}

/* The same with 8 unsigned bits. */
static inline struct image image_wave8(uint32_t id, const uint8_t *samples, uint32_t count, uint32_t rate)
{
    uint32_t offsets[2] = {24, WAVE_DATA_AT};
    struct image image = image_begin(2, id, WAVE_DATA_AT + 4 + ((count + 2 + 3) & ~3u), offsets, 2);
    put32(&image, 24 + 8, 1);
    put16(&image, WAVE_FORMAT_AT + 0, 1);
    put16(&image, WAVE_FORMAT_AT + 2, 1);
    put32(&image, WAVE_FORMAT_AT + 4, rate);
    put32(&image, WAVE_FORMAT_AT + 8, rate);
    put16(&image, WAVE_FORMAT_AT + 12, 1);
    put16(&image, WAVE_FORMAT_AT + 14, 8);
    put32(&image, WAVE_DATA_AT, count);
    memcpy(image.bytes + WAVE_DATA_AT + 4, samples, count);
    return image;
}

struct connection_desc {
    uint16_t source, control, destination, transform;
    int32_t scale;
};

struct instrument_desc {
    uint32_t id, patch, wave_id;
    uint16_t unity_note;
    uint32_t loop_start, loop_length; /* length 0: no loop */
    uint32_t flags;                   /* DMUS_INSTRUMENT.ulFlags */
    int no_articulation;
    const struct connection_desc *connections;
    uint32_t connection_count;
};

#define INSTRUMENT_AT 32u                    /* of DMUS_INSTRUMENT in an image of image_instrument */
#define REGION_AT     (INSTRUMENT_AT + 24u)  /* of DMUS_REGION */
#define ARTIC_AT      (REGION_AT + 72u)      /* of DMUS_ARTICULATION2 */
#define LIST_AT       (ARTIC_AT + 12u)       /* of CONNECTIONLIST */

/* INSTRUMENT2: one region over all keys and velocities, one global articulation with the connections (none: defaults). */
static inline struct image image_instrument(const struct instrument_desc *desc)
{
    uint32_t offsets[4] = {INSTRUMENT_AT, REGION_AT, ARTIC_AT, LIST_AT};
    struct image image = image_begin(3, desc->id, LIST_AT + 8 + 12 * desc->connection_count, offsets, 4);
    put32(&image, INSTRUMENT_AT, desc->patch);
    put32(&image, INSTRUMENT_AT + 4, 1);
    put32(&image, INSTRUMENT_AT + 8, desc->no_articulation ? 0 : 2);
    put32(&image, INSTRUMENT_AT + 20, desc->flags);
    put16(&image, REGION_AT + 2, 127);
    put16(&image, REGION_AT + 6, 127);
    put32(&image, REGION_AT + 24 + 4, 1); /* WAVELINK.ulChannel: left */
    put32(&image, REGION_AT + 24 + 8, desc->wave_id);
    put32(&image, REGION_AT + 36, 20); /* WSMPL */
    put16(&image, REGION_AT + 40, desc->unity_note);
    put32(&image, REGION_AT + 52, desc->loop_length ? 1 : 0);
    put32(&image, REGION_AT + 56, 16); /* WLOOP */
    put32(&image, REGION_AT + 64, desc->loop_start);
    put32(&image, REGION_AT + 68, desc->loop_length);
    put32(&image, ARTIC_AT, 3);
    put32(&image, LIST_AT, 8);
    put32(&image, LIST_AT + 4, desc->connection_count);
    for (uint32_t i = 0; i < desc->connection_count; i++) {
        uint32_t at = LIST_AT + 8 + 12 * i;
        put16(&image, at, desc->connections[i].source);
        put16(&image, at + 2, desc->connections[i].control);
        put16(&image, at + 4, desc->connections[i].destination);
        put16(&image, at + 6, desc->connections[i].transform);
        put32(&image, at + 8, (uint32_t)desc->connections[i].scale);
    }
    return image;
}

/* INSTRUMENT (type 1): one region, one DMUS_ARTICULATION with a DMUS_ARTICPARAMS that attacks at once and sustains fully. */
static inline struct image image_instrument1(uint32_t id, uint32_t patch, uint32_t wave_id)
{
    uint32_t offsets[4] = {INSTRUMENT_AT, REGION_AT, ARTIC_AT, ARTIC_AT + 8};
    struct image image = image_begin(1, id, ARTIC_AT + 8 + 80, offsets, 4);
    uint32_t params = ARTIC_AT + 8;
    put32(&image, INSTRUMENT_AT, patch);
    put32(&image, INSTRUMENT_AT + 4, 1);
    put32(&image, INSTRUMENT_AT + 8, 2);
    put16(&image, REGION_AT + 2, 127);
    put16(&image, REGION_AT + 6, 127);
    put32(&image, REGION_AT + 24 + 4, 1);
    put32(&image, REGION_AT + 24 + 8, wave_id);
    put32(&image, REGION_AT + 36, 20);
    put16(&image, REGION_AT + 40, 60);
    put32(&image, ARTIC_AT, 3);
    put32(&image, params + 24, 0x80000000u);      /* VolEG.tcAttack: 0 s */
    put32(&image, params + 28, 0x80000000u);      /* tcDecay */
    put32(&image, params + 32, 1000u << 16);      /* ptSustain: 100 % */
    put32(&image, params + 36, 0x80000000u);      /* tcRelease */
    put32(&image, params + 48, 0x80000000u);      /* PitchEG.tcAttack */
    put32(&image, params + 52, 0x80000000u);
    put32(&image, params + 56, 1000u << 16);
    put32(&image, params + 60, 0x80000000u);
    return image;
}

/* ---- DirectX 8 (download types 4 to 6 as dmus/ddi.h reads them) --------------- */

#define PLAY_WAVE_AT 24u /* of DMUS_WAVEDL in an image of image_play_wave; DMUS_WAVE stands behind the data */

/* TYPE 5 or 6, 16 bits: [0] DMUS_WAVEDL with its data, [1] DMUS_WAVE with ulWaveDataIdx 0. The root comes first. */
static inline struct image image_play_wave(uint32_t type, uint32_t id, const int16_t *samples, uint32_t count, uint32_t rate)
{
    uint32_t data = 24 + 4 + ((2 * count + 3) & ~3u), offsets[2] = {24, data};
    struct image image = image_begin(type, id, data + 32, offsets, 2);
    put32(&image, 24, 2 * count);
    for (uint32_t i = 0; i < count; i++)
        put16(&image, 28 + 2 * i, (uint16_t)samples[i]);
    put16(&image, data + 12, 1);
    put16(&image, data + 14, 1);
    put32(&image, data + 16, rate);
    put32(&image, data + 20, 2 * rate);
    put16(&image, data + 24, 2);
    put16(&image, data + 26, 16);
    return image;
}

/* The same with 8 unsigned bits. */
static inline struct image image_play_wave8(uint32_t type, uint32_t id, const uint8_t *samples, uint32_t count, uint32_t rate)
{
    uint32_t data = 24 + 4 + ((count + 3) & ~3u), offsets[2] = {24, data};
    struct image image = image_begin(type, id, data + 32, offsets, 2);
    put32(&image, 24, count);
    memcpy(image.bytes + 28, samples, count);
    put16(&image, data + 12, 1);
    put16(&image, data + 14, 1);
    put32(&image, data + 16, rate);
    put32(&image, data + 20, rate);
    put16(&image, data + 24, 1);
    put16(&image, data + 26, 8);
    return image;
}

#define WAVEART_AT  24u /* of DMUS_WAVEARTDL in an image of image_wave_articulation */
#define WAVEART_IDS 44u /* of the array of ids */

static inline struct image image_wave_articulation(uint32_t id, uint32_t bus, uint32_t master, uint32_t options,
                                                   const uint32_t *ids, uint32_t count)
{
    uint32_t offsets[2] = {WAVEART_AT, WAVEART_IDS};
    struct image image = image_begin(4, id, WAVEART_IDS + 4 * count, offsets, 2);
    put32(&image, WAVEART_AT, 1);
    put32(&image, WAVEART_AT + 4, bus);
    put32(&image, WAVEART_AT + 8, count);
    put32(&image, WAVEART_AT + 12, master);
    put16(&image, WAVEART_AT + 16, options);
    for (uint32_t i = 0; i < count; i++)
        put32(&image, WAVEART_IDS + 4 * i, ids[i]);
    return image;
}

/* ---- event buffers ------------------------------------------------------- */

struct event_buffer {
    uint8_t bytes[65536];
    uint32_t size;
};

/* One event: header of 20 bytes, data, padding to 8 (spec/ddi-user.md 4.3). */
static inline void event_put(struct event_buffer *buffer, uint32_t group, int64_t delta, uint32_t flags, const void *data,
                             uint32_t size)
{
    struct image view = {buffer->bytes, sizeof buffer->bytes};
    uint32_t at = buffer->size;
    if (at > sizeof buffer->bytes - 27 || size > sizeof buffer->bytes - 27 - at)
        abort();
    put32(&view, at, size);
    put32(&view, at + 4, group);
    put32(&view, at + 8, (uint32_t)(uint64_t)delta);
    put32(&view, at + 12, (uint32_t)((uint64_t)delta >> 32));
    put32(&view, at + 16, flags);
    memcpy(buffer->bytes + at + 20, data, size);
    buffer->size = at + ((20 + size + 7) & ~7u);
    memset(buffer->bytes + at + 20 + size, 0, buffer->size - at - 20 - size);
}

static inline void event_midi(struct event_buffer *buffer, uint32_t group, int64_t delta, uint8_t status, uint8_t data1,
                              uint8_t data2)
{
    uint8_t message[3] = {status, data1, data2};
    event_put(buffer, group, delta, 1, message, 3);
}

#endif
