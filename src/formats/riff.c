/* SPDX-License-Identifier: MIT */
#include "formats/riff.h"

enum { HEADER_SIZE = 8, TYPE_SIZE = 4, CRS1_SIZE = 28, RESYNC_REACH = 1024 };

static uint32_t lower(uint32_t c) { return c >= 'A' && c <= 'Z' ? c | 0x20u : c; }

bool riff_id_equal_caseless(uint32_t a, uint32_t b)
{
    for (unsigned shift = 0; shift < 32; shift += 8)
        if (lower(a >> shift & 0xFF) != lower(b >> shift & 0xFF))
            return false;
    return true;
}

void riff_id_text(uint32_t id, char out[5])
{
    for (unsigned i = 0; i < 4; i++) {
        uint32_t c = id >> 8 * i & 0xFF;
        out[i] = c >= 0x20 && c < 0x7F ? (char)c : '?';
    }
    out[4] = '\0';
}

/* All four bytes in 0x20..0x7E: none negative, none 0x7F, and bit 5 or 6 set in each. */
static bool printable(uint32_t id)
{
    return ((id | (id + 0x01010101u)) & 0x80808080u) == 0 && ((id | id << 1) & 0x40404040u) == 0x40404040u;
}

/* A header with a printable id stands at POS. */
static bool header_at(const struct riff_walker *walker, size_t pos)
{
    return range_within(pos, HEADER_SIZE, walker->list.size) && printable(load_le32(walker->list.data + pos));
}

/* The list may go on at POS: it ends there, or a header follows (behind a padding byte if ODD). */
static bool may_follow(const struct riff_walker *walker, size_t pos, bool odd)
{
    size_t left = walker->list.size - pos;
    return left <= (odd ? 1u : 0u) || header_at(walker, pos + (odd ? 1 : 0)) || (odd && header_at(walker, pos));
}

/* A whole chunk stands at POS and the list may go on behind it. */
static bool chunk_at(const struct riff_walker *walker, size_t pos)
{
    if (!header_at(walker, pos))
        return false;
    uint32_t size = load_le32(walker->list.data + pos + 4);
    size_t body = pos + HEADER_SIZE;
    return range_within(body, size, walker->list.size) && may_follow(walker, body + size, size & 1);
}

/* Where the next header is. Real files leave padding out or put it where none is due, and the id of a chunk read one
 * byte off may by chance be printable; the place from which the walk can go on is the right one. */
static bool next_header(const struct riff_walker *walker, size_t *at)
{
    size_t pos = walker->pos, size = walker->list.size;
    if (pos >= size)
        return false;
    bool even_start = pos == 0 || !walker->odd;
    *at = even_start ? pos : pos + 1;
    if (even_start) {
        if (header_at(walker, pos))
            return true;
        *at = pos + 1;
        return pos > 0 && chunk_at(walker, pos + 1);
    }
    if (walker->list.data[pos] == 0 || chunk_at(walker, pos + 1) || !header_at(walker, pos))
        return header_at(walker, pos + 1);
    if (chunk_at(walker, pos) || !header_at(walker, pos + 1))
        *at = pos;
    return true;
}

/* CrysDLS files declare wrong sizes for their own chunks. crs1 holds 28 bytes; behind the others the next
 * chunk is looked for. */
static uint32_t vendor_size(const struct riff_walker *walker, size_t body, uint32_t declared)
{
    size_t left = walker->list.size - body;
    uint32_t id = load_le32(walker->list.data + body - HEADER_SIZE);
    if ((id & 0xFFFFFF) != (FOURCC_LE('c', 'r', 's', 0)))
        return declared;
    if (declared <= left && may_follow(walker, body + declared, declared & 1))
        return declared;
    if (id == FOURCC_LE('c', 'r', 's', '1') && CRS1_SIZE <= left && may_follow(walker, body + CRS1_SIZE, false))
        return CRS1_SIZE;
    for (uint32_t size = 0; size < left && size <= RESYNC_REACH; size += 2)
        if (chunk_at(walker, body + size))
            return size;
    return declared;
}

struct riff_walker riff_walk(struct span list, uint64_t base)
{
    struct riff_walker walker = {.list = list, .base = base};
    return walker;
}

bool riff_next(struct riff_walker *walker, struct riff_chunk *out)
{
    size_t at;
    if (!next_header(walker, &at)) {
        walker->pos = walker->list.size;
        walker->odd = false;
        return false;
    }
    const uint8_t *header = walker->list.data + at;
    size_t body = at + HEADER_SIZE, left = walker->list.size - body;
    uint32_t size = vendor_size(walker, body, load_le32(header + 4));

    *out = (struct riff_chunk){.id = load_le32(header), .offset = walker->base + at, .truncated = size > left};
    out->body.data = header + HEADER_SIZE;
    out->body.size = out->truncated ? left : size;
    walker->pos = body + out->body.size;
    walker->odd = (out->body.size & 1) != 0;

    bool typed =
        riff_id_equal(out->id, FOURCC_LE('R', 'I', 'F', 'F')) || riff_id_equal(out->id, FOURCC_LE('L', 'I', 'S', 'T'));
    if (typed && out->body.size >= TYPE_SIZE) {
        out->type = load_le32(out->body.data);
        out->body.data += TYPE_SIZE;
        out->body.size -= TYPE_SIZE;
    }
    return true;
}

struct riff_walker riff_children(const struct riff_chunk *chunk)
{
    return riff_walk(chunk->body, chunk->offset + HEADER_SIZE + (chunk->type ? TYPE_SIZE : 0));
}
