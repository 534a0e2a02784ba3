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

static void read_blocks(struct dls_reader *r, struct span art, struct dls_articulation *out)
{
    size_t header;
    uint32_t declared, count = block_count(art, &header, &declared);
    if (count < declared)
        dls_note(r, "%u connections declared, %u present", declared, count);
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *p = art.data + header + (size_t)i * BLOCK_SIZE;
        struct dls_connection c = {load_le16(p), load_le16(p + 2), load_le16(p + 4), load_le16(p + 6),
                                   (int32_t)load_le32(p + 8)};
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
            read_blocks(r, art.body, out);
            if (is_art2(art.id) || kind == lar2)
                r->out->level = 2;
        }
    }
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
    if (blocks[1])
        read_lists(r, owner, lar2, out);
    out->present = out->count > 0;
    r->out->connection_count += out->count;
    return DM_OK;
}
