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
        struct dls_connection c = {load_le16(p), load_le16(p + 2), load_le16(p + 4), load_le16(p + 6), (int32_t)load_le32(p + 8)};
        if (absurd(&c))
            dls_note(r, "connection to gain of %.1f dB ignored", c.scale / 655360.0);
        else
            out->connections[out->count++] = c;
    }
}

/* All art chunks of the lists of KIND: counted, or read into OUT if it is not NULL. art1 in lar2 and art2 in lart
 * mean what they say (quirk 7). */
static uint64_t visit(struct dls_reader *r, struct riff_walker owner, uint32_t kind, struct dls_articulation *out)
{
    uint64_t total = 0;
    struct riff_chunk list, art;
    while (riff_next(&owner, &list)) {
        if (!dls_is_list(&list, kind) || !dls_allows(r, riff_children(&list)))
            continue;
        struct riff_walker arts = riff_children(&list);
        while (riff_next(&arts, &art)) {
            if (!is_art(art.id))
                continue;
            size_t header;
            uint32_t declared;
            total += block_count(art.body, &header, &declared);
            if (out)
                read_blocks(r, art.body, out);
            if (is_art2(art.id) || kind == FOURCC_LE('l', 'a', 'r', '2'))
                r->out->level = 2;
        }
    }
    return total;
}

enum dm_status dls_artic_read(struct dls_reader *r, struct riff_walker owner, struct dls_articulation *out)
{
    static const uint32_t kinds[] = {FOURCC_LE('l', 'a', 'r', 't'), FOURCC_LE('l', 'a', 'r', '2')};
    uint64_t total = visit(r, owner, kinds[0], NULL) + visit(r, owner, kinds[1], NULL);
    if (total == 0)
        return DM_OK;
    out->connections = arena_array(r->arena, (size_t)total, sizeof *out->connections);
    if (!out->connections)
        return DM_ERR_NOMEM;
    for (int i = 0; i < 2; i++)
        visit(r, owner, kinds[i], out);
    out->present = out->count > 0;
    r->out->connection_count += out->count;
    return DM_OK;
}
