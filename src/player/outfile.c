/* SPDX-License-Identifier: MIT */
#include "outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"

static enum dm_status failed(struct dm_error *err, const char *path, int error)
{
    return dm_fail(err, DM_ERR_WRITE, "%s: %s", path, strerror(error));
}

static void forget(struct outfile *out)
{
    dm_free(out->path);
    dm_free(out->temporary);
    memset(out, 0, sizeof *out);
}

/* "dir/name" to "dir/.name.XXXXXX", made. The umask decides on the rights, as for any new file. */
static enum dm_status open_temporary(struct outfile *out, struct dm_error *err)
{
    size_t length = strlen(out->path);
    const char *slash = strrchr(out->path, '/');
    size_t directory = slash ? (size_t)(slash - out->path) + 1 : 0;
    out->temporary = dm_malloc(length + 9);
    if (!out->temporary)
        return dm_fail(err, DM_ERR_NOMEM, "%s: no memory", out->path);
    snprintf(out->temporary, length + 9, "%.*s.%s.XXXXXX", (int)directory, out->path, out->path + directory);
    int fd = mkstemp(out->temporary);
    if (fd < 0)
        return failed(err, out->path, errno);
    mode_t mask = umask(0);
    umask(mask);
    (void)fchmod(fd, 0666 & ~mask);
    out->file = fdopen(fd, "wb");
    if (out->file)
        return DM_OK;
    int error = errno;
    close(fd);
    unlink(out->temporary);
    return failed(err, out->path, error);
}

static enum dm_status open_in_place(struct outfile *out, struct dm_error *err)
{
    out->file = strcmp(out->path, "-") == 0 ? fdopen(dup(STDOUT_FILENO), "wb") : fopen(out->path, "wb");
    return out->file ? DM_OK : failed(err, out->path, errno);
}

enum dm_status outfile_open(struct outfile *out, const char *path, bool overwrite, struct dm_error *err)
{
    struct stat info;
    bool there = strcmp(path, "-") != 0 && stat(path, &info) == 0;
    memset(out, 0, sizeof *out);
    if (there && S_ISDIR(info.st_mode))
        return failed(err, path, EISDIR);
    if (there && S_ISREG(info.st_mode) && !overwrite)
        return failed(err, path, EEXIST);
    out->overwrite = overwrite;
    out->path = dm_strdup(path);
    if (!out->path)
        return dm_fail(err, DM_ERR_NOMEM, "%s: no memory", path);
    bool in_place = strcmp(path, "-") == 0 || (there && !S_ISREG(info.st_mode));
    enum dm_status status = in_place ? open_in_place(out, err) : open_temporary(out, err);
    if (status != DM_OK)
        forget(out);
    return status;
}

enum dm_status outfile_write(struct outfile *out, const void *data, size_t size, struct dm_error *err)
{
    if (size && fwrite(data, 1, size, out->file) != size)
        return failed(err, out->path, errno);
    out->written += size;
    return DM_OK;
}

/* link(2) refuses where rename(2) would replace: a file that came into being meanwhile is not lost. */
static int publish(const struct outfile *out)
{
    if (out->overwrite)
        return rename(out->temporary, out->path) == 0 ? 0 : errno;
    if (link(out->temporary, out->path) == 0) {
        unlink(out->temporary);
        return 0;
    }
    if (errno == EEXIST)
        return EEXIST;
    return rename(out->temporary, out->path) == 0 ? 0 : errno; /* a file system without hard links */
}

enum dm_status outfile_close(struct outfile *out, bool commit, struct dm_error *err)
{
    enum dm_status status = DM_OK;
    if (out->file) {
        int error = fflush(out->file) == 0 ? 0 : errno;
        if (fclose(out->file) != 0 && !error)
            error = errno;
        if (commit && !error && out->temporary)
            error = publish(out);
        if (out->temporary && (!commit || error))
            unlink(out->temporary);
        if (commit && error)
            status = failed(err, out->path, error);
    }
    forget(out);
    return status;
}
