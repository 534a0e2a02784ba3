/* SPDX-License-Identifier: MIT */
/* lart, lar2: connection lists. */
#include "formats/dls_reader.h"

enum { ART_SIZE = 8, BLOCK_SIZE = 12, DESTINATION_GAIN = 1 };
#define GAIN_LIMIT (96 * 655360)

static uint32_t block_count(struct span art, size_t *header, uint32_t *declared)
{
    *header = *declared = 0;
    if (art.size < ART_SIZE)
        return 0;
    *header = load_le32(art.data);
    *declared = load_le32(art.data + 4);
    if (*header < ART_SIZE || *header > art.size)
        *header = ART_SIZE;
    size_t room = (art.size - *header) / BLOCK_SIZE;
    return room < *declared ? (uint32_t)room : *declared;
}

static bool is_art2(uint32_t id) { return riff_id_equal(id, FOURCC_LE('a', 'r', 't', '2')); }
static bool is_art(uint32_t id) { return is_art2(id) || riff_id_equal(id, FOURCC_LE('a', 'r', 't', '1')); }

/* A gain of more than 96 dB either way comes from damage (quirk 10); the block is left out. */
static bool absurd(const struct dls_connection *c)
{
    return c->destination == DESTINATION_GAIN && (c->scale > GAIN_LIMIT || c->scale < -GAIN_LIMIT);
}

/* DLS 1 knew the one transform word CONCAVE and fixed the rest by source and destination; DLS 2 spells it out (spec/dls.md 2.1,
 * 2.9 rule 1). Words of an art1 chunk are put into the form of art2, so that nobody behind the reader has to know. */
static uint16_t level2_transform(const struct dls_connection *c)
{
    enum { LFO = 1, VELOCITY = 2, WHEEL = 6, VIBRATO = 9, CC7 = 0x87, CC10 = 0x8A, CC11 = 0x8B, RPN1 = 0x101, RPN2 = 0x102 };
    enum { PITCH = 3, PAN = 4, KEYNUMBER = 5, BIPOLAR = 0x4000, CONCAVE = 0x0400, INVERT = 0x8000 };
    switch (c->source) {
    case LFO:
    case VIBRATO:
        return BIPOLAR;
    case VELOCITY:
    case CC7:
    case CC11:
        if (c->destination == DESTINATION_GAIN)
            return INVERT | CONCAVE;
        break;
    case WHEEL:
    case RPN1:
    case RPN2:
        if (c->destination == PITCH || c->destination == KEYNUMBER)
            return BIPOLAR;
        break;
    case CC10:
        if (c->destination == PAN)
            return BIPOLAR;
        break;
    default:
        break;
    }
    return c->transform == 1 ? CONCAVE : 0;
}

static void read_blocks(struct dls_reader *r, struct span art, bool level2, struct dls_articulation *out)
{
    size_t header;
    uint32_t declared, count = block_count(art, &header, &declared);
    if (count < declared)
        dls_note(r, "%u connections declared, %u present", declared, count);
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *p = art.data + header + (size_t)i * BLOCK_SIZE;
        struct dls_connection c = {load_le16(p), load_le16(p + 2), load_le16(p + 4), load_le16(p + 6),
                                   (int32_t)load_le32(p + 8)};
        if (!level2)
            c.transform = level2_transform(&c);
        if (absurd(&c))
            dls_note(r, "connection to gain of %.1f dB ignored", c.scale / 655360.0);
        else
            out->connections[out->count++] = c;
    }
}

static const uint32_t lart = FOURCC_LE('l', 'a', 'r', 't'), lar2 = FOURCC_LE('l', 'a', 'r', '2');

/* Blocks in the art chunks of a list. art1 in lar2 and art2 in lart mean what they say (quirk 7). */
static uint64_t count_blocks(struct riff_walker list)
{
    struct riff_chunk art;
    uint64_t total = 0;
    while (riff_next(&list, &art)) {
        size_t header;
        uint32_t declared;
        if (is_art(art.id))
            total += block_count(art.body, &header, &declared);
    }
    return total;
}

static void read_lists(struct dls_reader *r, struct riff_walker owner, uint32_t kind, struct dls_articulation *out)
{
    struct riff_chunk list, art;
    while (riff_next(&owner, &list)) {
        if (!dls_is_list(&list, kind) || !dls_allows(r, riff_children(&list)))
            continue;
        struct riff_walker arts = riff_children(&list);
        while (riff_next(&arts, &art)) {
            if (!is_art(art.id))
                continue;
            read_blocks(r, art.body, is_art2(art.id), out);
            if (is_art2(art.id) || kind == lar2)
                r->out->level = 2;
        }
    }
}

/* What dls_write writes for readers of level 1, too: a lart, and as lar2 the same once more. The later one counts. */
static void drop_first_copy(struct dls_articulation *a, uint32_t first)
{
    if (first == 0 || a->count != 2 * first)
        return;
    for (uint32_t i = 0; i < first; i++) {
        const struct dls_connection *before = &a->connections[i], *after = &a->connections[first + i];
        if (before->source != after->source || before->control != after->control ||
            before->destination != after->destination || before->scale != after->scale)
            return;
    }
    a->connections += first;
    a->count = first;
}

enum dm_status dls_artic_read(struct dls_reader *r, struct riff_walker owner, struct dls_articulation *out)
{
    struct riff_walker walker = owner;
    struct riff_chunk list;
    uint64_t blocks[2] = {0};
    while (riff_next(&walker, &list)) {
        bool level2 = dls_is_list(&list, lar2);
        if ((level2 || dls_is_list(&list, lart)) && dls_allows(r, riff_children(&list)))
            blocks[level2] += count_blocks(riff_children(&list));
    }
    if (blocks[0] + blocks[1] == 0)
        return DM_OK;
    out->connections = arena_array(r->arena, (size_t)(blocks[0] + blocks[1]), sizeof *out->connections);
    if (!out->connections)
        return DM_ERR_NOMEM;
    if (blocks[0])
        read_lists(r, owner, lart, out);
    uint32_t first = out->count;
    if (blocks[1])
        read_lists(r, owner, lar2, out);
    drop_first_copy(out, first);
    out->present = out->count > 0;
    r->out->connection_count += out->count;
    return DM_OK;
}
