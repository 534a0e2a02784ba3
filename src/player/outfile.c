/* SPDX-License-Identifier: MIT */
#include "outfile.h"

#include <string.h>

#include "base/alloc.h"

enum { ROOM = 65536 };

enum dm_status outfile_open(struct outfile *out, const char *path, bool overwrite, struct dm_error *err)
{
    memset(out, 0, sizeof *out);
    out->buffer = dm_malloc(ROOM);
    if (!out->buffer)
        return dm_fail(err, DM_ERR_NOMEM, "%s: no memory", path);
    enum dm_status status = target_open(path, overwrite, &out->target, err);
    if (status != DM_OK) {
        dm_free(out->buffer);
        out->buffer = NULL;
    }
    return status;
}

static enum dm_status flush(struct outfile *out, struct dm_error *err)
{
    target_write(&out->target, out->buffer, out->used);
    out->used = 0;
    return target_error(&out->target, err);
}

enum dm_status outfile_write(struct outfile *out, const void *data, size_t size, struct dm_error *err)
{
    const uint8_t *from = data;
    out->written += size;
    while (size) {
        size_t part = size < ROOM - out->used ? size : ROOM - out->used;
        memcpy(out->buffer + out->used, from, part);
        out->used += part;
        from += part;
        size -= part;
        enum dm_status status = out->used == ROOM ? flush(out, err) : DM_OK;
        if (status != DM_OK)
            return status;
    }
    return DM_OK;
}

enum dm_status outfile_close(struct outfile *out, bool commit, struct dm_error *err)
{
    enum dm_status status = commit ? flush(out, err) : DM_OK;
    enum dm_status closed = target_close(&out->target, commit && status == DM_OK, err);
    dm_free(out->buffer);
    out->buffer = NULL;
    return status == DM_OK ? closed : status;
}
