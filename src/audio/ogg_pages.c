/* SPDX-License-Identifier: MIT */
#include "ogg_pages.h"

#include <string.h>

#include "base/bytes.h"

enum { HEADER = 27, AT_SERIAL = 14, AT_CRC = 22, AT_SEGMENTS = 26 };

void ogg_pages_init(struct ogg_pages *pages, uint32_t serial, bool (*write)(void *, const void *, size_t), void *ctx)
{
    pages->write = write;
    pages->ctx = ctx;
    pages->serial = serial;
    pages->filled = 0;
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t crc = i << 24;
        for (int bit = 0; bit < 8; bit++)
            crc = crc << 1 ^ (crc >> 31 ? 0x04C11DB7u : 0); /* RFC 3533 section 6 field 7 */
        pages->crc_table[i] = crc;
    }
}

/* Bytes that the page in hand needs before the next thing about it is known, or before it is complete. */
static size_t needed(const struct ogg_pages *pages)
{
    if (pages->filled < HEADER)
        return HEADER;
    size_t segments = pages->page[AT_SEGMENTS], size = HEADER + segments;
    if (pages->filled < size)
        return size;
    for (size_t i = 0; i < segments; i++)
        size += pages->page[HEADER + i];
    return size;
}

static bool send_page(struct ogg_pages *pages)
{
    uint32_t crc = 0;
    store_le32(pages->page + AT_SERIAL, pages->serial);
    store_le32(pages->page + AT_CRC, 0);
    for (size_t i = 0; i < pages->filled; i++)
        crc = crc << 8 ^ pages->crc_table[(crc >> 24 ^ pages->page[i]) & 0xFF];
    store_le32(pages->page + AT_CRC, crc);
    bool sent = pages->write(pages->ctx, pages->page, pages->filled);
    pages->filled = 0;
    return sent;
}

bool ogg_pages_add(struct ogg_pages *pages, const void *bytes, size_t size)
{
    const uint8_t *from = bytes;
    while (size > 0) {
        size_t want = needed(pages) - pages->filled, take = size < want ? size : want;
        memcpy(pages->page + pages->filled, from, take);
        pages->filled += take;
        from += take;
        size -= take;
        if (pages->filled == HEADER && memcmp(pages->page, "OggS", 4) != 0)
            return false;
        /* Only a page with its segment table can be complete; one without segments is its header. */
        if (pages->filled >= HEADER && pages->filled == needed(pages) && !send_page(pages))
            return false;
    }
    return true;
}

bool ogg_pages_complete(const struct ogg_pages *pages) { return pages->filled == 0; }
