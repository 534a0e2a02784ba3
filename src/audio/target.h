/* SPDX-License-Identifier: MIT */
/*
 * target.h - where the bytes of a file output go until they are published.
 *
 * A regular file is written where nobody sees it (an unnamed file, or a hidden
 * one beside its place where the system has none) and gets its name in one
 * step at the end. Standard output, pipes and devices are written in place:
 * what was sent cannot be called back, and what a writer would go back to
 * change (headers) is dropped, unless standard output begins a regular file.
 *
 * One thread at a time. SIGPIPE must be ignored by the process if a closed
 * pipe shall be an error and not its end; this file does not touch signals.
 */
#ifndef DMUS_AUDIO_TARGET_H
#define DMUS_AUDIO_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct target {
    char *path;      /* final place; for messages "standard output" */
    char *temporary; /* name until publishing, NULL if it has none */
    int fd;
    bool in_place;  /* seen while it is written; nothing to publish */
    bool stream;    /* and no way back: see above */
    bool was_empty; /* of redirected standard output: all that is in it is ours */
    bool owns_fd;   /* false for standard output */
    bool overwrite;
    bool finished;  /* nothing more is written, whatever a library still wants to say */
    int64_t position, size;
    int error; /* errno of the first failed write, 0 if none */
};

/* PATH: "-" is standard output. An existing regular file is refused with DM_ERR_WRITE unless OVERWRITE; a symbolic link
 * is followed. New files get the mode of the umask, replaced ones keep theirs. Errors: DM_ERR_WRITE (with path and
 * reason), DM_ERR_NOMEM. On failure *target is zeroed and nothing is left. */
enum dm_status target_open(const char *path, bool overwrite, struct target *target, struct dm_error *err);

/* Write at the position and move it. False after an error, now or before; target_error tells it. */
bool target_write(struct target *target, const void *bytes, size_t size);
/* Position from the start; -1 if it is beyond the end or below 0. */
int64_t target_seek(struct target *target, int64_t position);
/* Bytes from the position on, as read(2); -1 on a stream. */
int64_t target_read(struct target *target, void *bytes, size_t size);

/* Fill ERR from the first failed write: DM_ERR_WRITE; DM_OK if there was none. */
enum dm_status target_error(const struct target *target, struct dm_error *err);

/* End it. COMMIT without an earlier write error: publish; else remove every trace. Always releases; a zeroed one is
 * allowed. Errors: DM_ERR_WRITE. */
enum dm_status target_close(struct target *target, bool commit, struct dm_error *err);

#endif
