/* SPDX-License-Identifier: MIT */
/*
 * outfile.h - a file of bytes that appears under its name only when it is
 * complete: audio/target.h with a buffer before it, for writers of many small
 * pieces. One thread.
 */
#ifndef DMUS_PLAYER_OUTFILE_H
#define DMUS_PLAYER_OUTFILE_H

#include "audio/target.h"

struct outfile {
    struct target target;
    uint8_t *buffer;
    size_t used;
    uint64_t written; /* buffered bytes too */
};

/* PATH and OVERWRITE as in target_open. DM_ERR_WRITE, DM_ERR_NOMEM. */
enum dm_status outfile_open(struct outfile *out, const char *path, bool overwrite, struct dm_error *err);
enum dm_status outfile_write(struct outfile *out, const void *data, size_t size, struct dm_error *err);
/* COMMIT: flush and publish; else, or if that fails, no trace is left. Always frees what belongs to OUT. */
enum dm_status outfile_close(struct outfile *out, bool commit, struct dm_error *err);

#endif
