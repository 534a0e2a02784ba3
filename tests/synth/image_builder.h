/* SPDX-License-Identifier: MIT */
/* image_builder.h - download images for tests, put together field by field as spec/ddi-user.md section 4.4 lays them out. */
#ifndef DMUS_TESTS_SYNTH_IMAGE_BUILDER_H
#define DMUS_TESTS_SYNTH_IMAGE_BUILDER_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct builder {
    _Alignas(16) uint8_t bytes[1 << 16];
    uint32_t size, entries;
};

static inline void put16(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
}

static inline void put32(uint8_t *p, uint32_t v)
{
    put16(p, v);
    put16(p + 2, v >> 16);
}

static inline void build_begin(struct builder *b, uint32_t type, uint32_t id, uint32_t entries)
{
    memset(b, 0, sizeof *b);
    b->entries = entries;
    b->size = 16 + 4 * entries;
    put32(b->bytes, type);
    put32(b->bytes + 4, id);
    put32(b->bytes + 8, entries);
    put32(b->bytes + 12, b->size);
}

/* The next BYTES bytes become the object of table entry INDEX. */
static inline uint8_t *build_object(struct builder *b, uint32_t index, uint32_t bytes)
{
    uint8_t *object = b->bytes + b->size;
    put32(b->bytes + 16 + 4 * index, b->size);
    b->size += (bytes + 3) & ~3u;
    put32(b->bytes + 12, b->size);
    return object;
}

static inline void build_wave(struct builder *b, uint32_t id, uint32_t rate, uint32_t bits, const void *samples, uint32_t frames)
{
    build_begin(b, 2, id, 2);
    uint8_t *wave = build_object(b, 0, 32);
    put32(wave + 8, 1);
    put16(wave + 12, 1);
    put16(wave + 14, 1);
    put32(wave + 16, rate);
    put32(wave + 20, rate * bits / 8);
    put16(wave + 24, bits / 8);
    put16(wave + 26, bits);
    uint8_t *data = build_object(b, 1, 4 + frames * bits / 8 + 4);
    put32(data, frames * bits / 8);
    if (samples)
        memcpy(data + 4, samples, frames * bits / 8);
}

struct build_region {
    uint32_t key_low, key_high, velocity_low, velocity_high; /* highs of 0 mean 127 */
    uint32_t options, key_group, artic, wave;
    uint32_t link_options, phase_group;
    uint32_t unity; /* 0 means 60 */
    int32_t fine, gain;
    uint32_t loops, loop_type, loop_start, loop_length;
};

static inline uint8_t *build_region(struct builder *b, uint32_t index, uint32_t next, struct build_region r)
{
    uint8_t *region = build_object(b, index, 72);
    put16(region, r.key_low);
    put16(region + 2, r.key_high ? r.key_high : 127);
    put16(region + 4, r.velocity_low);
    put16(region + 6, r.velocity_high ? r.velocity_high : 127);
    put16(region + 8, r.options);
    put16(region + 10, r.key_group);
    put32(region + 12, r.artic);
    put32(region + 16, next);
    put16(region + 24, r.link_options);
    put16(region + 26, r.phase_group);
    put32(region + 28, 1);
    put32(region + 32, r.wave);
    put32(region + 36, 20);
    put16(region + 40, r.unity ? r.unity : 60);
    put16(region + 42, (uint32_t)r.fine);
    put32(region + 44, (uint32_t)r.gain);
    put32(region + 52, r.loops);
    put32(region + 56, 16);
    put32(region + 60, r.loop_type);
    put32(region + 64, r.loop_start);
    put32(region + 68, r.loop_length);
    return region;
}

static inline uint8_t *build_root(struct builder *b, uint32_t patch, uint32_t first_region, uint32_t artic, uint32_t flags)
{
    uint8_t *root = build_object(b, 0, 24);
    put32(root, patch);
    put32(root + 4, first_region);
    put32(root + 8, artic);
    put32(root + 20, flags);
    return root;
}

struct build_connection {
    uint32_t source, control, destination, transform;
    int32_t scale;
};

/* DMUS_ARTICULATION2 at INDEX and its connection list at LIST. */
static inline uint8_t *build_artic2(struct builder *b, uint32_t index, uint32_t list, uint32_t next, const struct build_connection *c,
                                    uint32_t count)
{
    uint8_t *artic = build_object(b, index, 12);
    put32(artic, list);
    put32(artic + 8, next);
    uint8_t *head = build_object(b, list, 8 + 12 * count);
    put32(head, 8);
    put32(head + 4, count);
    for (uint32_t i = 0; i < count; i++) {
        uint8_t *p = head + 8 + 12 * i;
        put16(p, c[i].source);
        put16(p + 2, c[i].control);
        put16(p + 4, c[i].destination);
        put16(p + 6, c[i].transform);
        put32(p + 8, (uint32_t)c[i].scale);
    }
    return head;
}

/* Type 3 instrument: COUNT regions at entries 3.., one empty articulation at 1 with its list at 2. */
static inline void build_instrument(struct builder *b, uint32_t id, uint32_t patch, uint32_t flags, const struct build_region *r,
                                    uint32_t count)
{
    build_begin(b, 3, id, 3 + count);
    build_root(b, patch, count ? 3 : 0, 1, flags);
    build_artic2(b, 1, 2, 0, NULL, 0);
    for (uint32_t i = 0; i < count; i++)
        build_region(b, 3 + i, i + 1 < count ? 4 + i : 0, r[i]);
}

/* Type 5 or 6 as download_play.c reads it: DMUS_WAVEDL with 16-bit samples, and a DMUS_WAVE for the format. */
static inline void build_play_wave(struct builder *b, uint32_t type, uint32_t id, uint32_t rate, const int16_t *samples,
                                   uint32_t frames)
{
    build_begin(b, type, id, 2);
    uint8_t *data = build_object(b, 0, 4 + 2 * frames);
    put32(data, 2 * frames);
    for (uint32_t i = 0; i < frames; i++)
        put16(data + 4 + 2 * i, (uint16_t)samples[i]);
    uint8_t *wave = build_object(b, 1, 32);
    put16(wave + 12, 1);
    put16(wave + 14, 1);
    put32(wave + 16, rate);
    put32(wave + 20, 2 * rate);
    put16(wave + 24, 2);
    put16(wave + 26, 16);
}

/* Type 4 on the buffers of the channel, its own master. */
static inline void build_wave_articulation(struct builder *b, uint32_t id, const uint32_t *ids, uint32_t count)
{
    build_begin(b, 4, id, 2);
    uint8_t *artic = build_object(b, 0, 20);
    put32(artic, 1);
    put32(artic + 4, 0xFFFFFFFF);
    put32(artic + 8, count);
    put32(artic + 12, id);
    uint8_t *list = build_object(b, 1, 4 * count);
    for (uint32_t i = 0; i < count; i++)
        put32(list + 4 * i, ids[i]);
}

#endif
