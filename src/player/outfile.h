/* SPDX-License-Identifier: MIT */
/*
 * outfile.h - a file that appears under its name only when it is complete.
 *
 * It is written beside its place under a temporary name and renamed at the
 * end. Standard output ("-"), pipes and devices are written in place. One thread.
 */
#ifndef DMUS_PLAYER_OUTFILE_H
#define DMUS_PLAYER_OUTFILE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/status.h"

struct outfile {
    FILE *file;
    char *path, *temporary; /* temporary NULL: written in place */
    bool overwrite;
    uint64_t written;
};

/* An existing file is refused unless OVERWRITE. DM_ERR_WRITE, DM_ERR_NOMEM. */
enum dm_status outfile_open(struct outfile *out, const char *path, bool overwrite, struct dm_error *err);
enum dm_status outfile_write(struct outfile *out, const void *data, size_t size, struct dm_error *err);
/* COMMIT: flush and publish; else, or if that fails, no trace is left. Always frees what belongs to OUT. */
enum dm_status outfile_close(struct outfile *out, bool commit, struct dm_error *err);

#endif
