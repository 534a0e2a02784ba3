/* SPDX-License-Identifier: MIT */
/*
 * mapfile.h - a file as read-only memory.
 *
 * Banks are mapped, not read: only the pages that are looked at cost memory.
 * A regular file is mapped; what cannot be mapped (a pipe, /dev/stdin) is read
 * into memory. A directory, a missing file and an unreadable file are refused
 * with the reason of the system in the text.
 */
#ifndef DMUS_BASE_MAPFILE_H
#define DMUS_BASE_MAPFILE_H

#include "bytes.h"
#include "status.h"

struct mapped_file {
    struct span bytes; /* data is non-NULL even for an empty file */
    bool mapped;       /* false: heap copy */
};

/* A stream (pipe, terminal, character device) longer than this is refused with DM_ERR_READ. */
#define MAPFILE_STREAM_LIMIT ((uint64_t)1 << 30)

/* Mappings that mapfile_at knows at most (each song of a list may have its own of one bank), and bytes of their paths with NUL. */
enum { MAPFILE_KNOWN = 4096, MAPFILE_PATH_KNOWN = 512 };

/* Map PATH (UTF-8; "-" is standard input) read-only. Opening a pipe waits for its writer. A file that another program
 * shortens while it is mapped faults on access (SIGBUS): banks are replaced by renaming. On DM_OK the caller owns *out and ends it with mapfile_close;
 * on failure *out is zeroed. Errors: DM_ERR_OPEN, DM_ERR_READ, DM_ERR_NOMEM. Any thread. */
enum dm_status mapfile_open(const char *path, struct mapped_file *out, struct dm_error *err);
void mapfile_close(struct mapped_file *file); /* zeroed struct and NULL allowed */

/* The path (its end, if it is long) of the file that is mapped at ADDRESS; NULL: none, or there were too many at once. For handlers
 * of SIGBUS: safe in a signal, valid until that file is closed. */
const char *mapfile_at(const void *address);

/* Tell the system that [data, data+size) of a mapped file will not be needed soon, so that its
 * pages stop counting as resident. A hint: contents stay readable. No effect on heap copies. */
void mapfile_forget(const struct mapped_file *file, const uint8_t *data, size_t size);

#endif
