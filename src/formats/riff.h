/* SPDX-License-Identifier: MIT */
/*
 * riff.h - walking RIFF chunks in memory, with the repairs that real files need.
 *
 * A walker stands on a list of chunks and hands out one at a time. All
 * arithmetic is 64-bit; a chunk that reaches beyond its list is cut to the
 * list and flagged, trailing bytes that cannot be a chunk end the walk.
 */
#ifndef DMUS_FORMATS_RIFF_H
#define DMUS_FORMATS_RIFF_H

#include "base/bytes.h"

struct riff_chunk {
    uint32_t id;        /* FOURCC_LE form */
    uint32_t type;      /* form or list type if id is RIFF or LIST and it has one, else 0 */
    struct span body;   /* payload; behind the type for RIFF and LIST */
    uint64_t offset;    /* of the chunk header, from the beginning of the outermost span */
    bool truncated;     /* the declared size reached beyond the parent */
};

struct riff_walker {
    struct span list;
    size_t pos;
    uint64_t base; /* offset of list.data in the outermost span */
    bool odd;      /* a padding byte is due at pos */
};

/* Start on the chunks inside LIST, whose first byte lies BASE bytes into the file. */
struct riff_walker riff_walk(struct span list, uint64_t base);

/* Next chunk; false at the end. A chunk whose id is not printable ends the walk, after one try with the
 * odd-size padding left out, or with a padding byte where none is due (quirks 2 and 26 of spec/dls.md
 * section 7.1). The size of a Crystal vendor chunk (crs1, crs2) is corrected if no chunk follows it
 * (quirk 3). OUT's body always lies inside the list. */
bool riff_next(struct riff_walker *walker, struct riff_chunk *out);

/* true if A and B are the same FOURCC, letter case ignored (spec/dls.md 1.1). */
bool riff_id_equal_caseless(uint32_t a, uint32_t b);
static inline bool riff_id_equal(uint32_t a, uint32_t b)
{
    return a == b || (((a ^ b) & 0xDFDFDFDFu) == 0 && riff_id_equal_caseless(a, b));
}

/* Walk the children of a chunk that riff_next gave. */
struct riff_walker riff_children(const struct riff_chunk *chunk);

/* Printable form of an id for messages: 4 characters, others as '?', NUL. */
void riff_id_text(uint32_t id, char out[5]);

#endif
