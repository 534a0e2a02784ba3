/* SPDX-License-Identifier: MIT */
/*
 * ogg_pages.h - give the pages of an Ogg stream another serial number.
 *
 * libsndfile draws the serial number of each Ogg stream at random, which would
 * make every render of the same song another file. Its pages pass through here
 * on their way out: serial number replaced, checksum (RFC 3533 section 6) new.
 * One logical stream.
 */
#ifndef DMUS_AUDIO_OGG_PAGES_H
#define DMUS_AUDIO_OGG_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OGG_LARGEST_PAGE (27 + 255 + 255 * 255)

struct ogg_pages {
    bool (*write)(void *ctx, const void *bytes, size_t size); /* receives whole pages; false is an error */
    void *ctx;
    uint32_t serial;
    uint32_t crc_table[256];
    size_t filled;
    uint8_t page[OGG_LARGEST_PAGE];
};

void ogg_pages_init(struct ogg_pages *pages, uint32_t serial, bool (*write)(void *, const void *, size_t), void *ctx);
/* Any cut of the stream. False if the receiver failed or if the bytes are not Ogg pages. */
bool ogg_pages_add(struct ogg_pages *pages, const void *bytes, size_t size);
/* True if the stream ended at the end of a page. */
bool ogg_pages_complete(const struct ogg_pages *pages);

#endif
