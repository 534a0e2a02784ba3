/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* O_TMPFILE */
#include "target.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"

static enum dm_status fail(struct dm_error *err, const char *path, int code)
{
    return dm_fail_errno(err, DM_ERR_WRITE, code, "%s", path);
}

static char *directory_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return dm_strdup(".");
    size_t length = slash == path ? 1 : (size_t)(slash - path);
    char *directory = dm_malloc(length + 1);
    if (directory) {
        memcpy(directory, path, length);
        directory[length] = '\0';
    }
    return directory;
}

/* A name beside PATH that no file has; N makes it another one. Short, so that it fits where PATH's own name does not
 * leave room for more. */
static char *name_beside(const char *directory, unsigned n)
{
    size_t size = strlen(directory) + 48;
    char *name = dm_malloc(size);
    if (name)
        snprintf(name, size, "%s/.dmus-%lx-%x.part", directory, (unsigned long)getpid(), n);
    return name;
}

static void fd_link_name(int fd, char name[32]) { snprintf(name, 32, "/proc/self/fd/%d", fd); }

/* A file without a name vanishes by itself when the process is killed. It can get a name only through /proc. */
static int open_unnamed(const char *directory)
{
#ifdef O_TMPFILE
    char name[32];
    int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
    if (fd < 0)
        return -1;
    fd_link_name(fd, name);
    if (access(name, F_OK) == 0)
        return fd;
    close(fd);
#else
    (void)directory;
#endif
    return -1;
}

/* Standard output that begins a regular file ("> FILE"): a descriptor that can go back in it and read it. -1: it is a pipe, goes on
 * in a file, may not be written, or the system has no way to it. */
static int open_redirected(bool *was_empty)
{
    struct stat info;
    char name[32];
    int flags = fcntl(STDOUT_FILENO, F_GETFL);
    if (flags < 0 || flags & O_APPEND || (flags & O_ACCMODE) == O_RDONLY || fstat(STDOUT_FILENO, &info) != 0 ||
        !S_ISREG(info.st_mode) || lseek(STDOUT_FILENO, 0, SEEK_CUR) != 0)
        return -1;
    *was_empty = info.st_size == 0;
    fd_link_name(STDOUT_FILENO, name);
    return open(name, O_RDWR | O_CLOEXEC);
}

/* Not mkstemp: with O_CREAT the kernel applies the umask, which a program of several threads cannot ask for. */
static int open_named(const char *directory, char **temporary)
{
    for (unsigned n = 0; n < 10000; n++) {
        *temporary = name_beside(directory, n);
        if (!*temporary) {
            errno = ENOMEM;
            return -1;
        }
        int fd = open(*temporary, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0666);
        if (fd >= 0)
            return fd;
        int code = errno;
        dm_free(*temporary);
        *temporary = NULL;
        errno = code;
        if (code != EEXIST)
            return -1;
    }
    return -1;
}

static enum dm_status open_regular(struct target *target, const struct stat *replaced, struct dm_error *err)
{
    char *directory = directory_of(target->path);
    if (!directory)
        return dm_fail(err, DM_ERR_NOMEM, "%s: out of memory", target->path);
    target->fd = open_unnamed(directory);
    if (target->fd < 0)
        target->fd = open_named(directory, &target->temporary);
    int code = errno;
    dm_free(directory);
    if (target->fd < 0)
        return code == ENOMEM ? dm_fail(err, DM_ERR_NOMEM, "%s: out of memory", target->path)
                              : fail(err, target->path, code);
    target->owns_fd = true;
    /* A file system without modes may refuse; the file is none the worse for it. */
    if (replaced && fchmod(target->fd, replaced->st_mode & 0777) != 0)
        errno = 0;
    return DM_OK;
}

static enum dm_status open_stream(struct target *target, struct dm_error *err)
{
    target->stream = target->in_place = true;
    target->fd = open(target->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (target->fd < 0)
        return fail(err, target->path, errno);
    target->owns_fd = true;
    return DM_OK;
}

static enum dm_status open_path(const char *path, struct target *target, struct dm_error *err)
{
    struct stat info;
    bool exists = stat(path, &info) == 0;
    if (exists && S_ISDIR(info.st_mode))
        return fail(err, path, EISDIR);
    bool in_the_way = exists ? S_ISREG(info.st_mode) : lstat(path, &info) == 0; /* a link that leads nowhere */
    if (in_the_way && !target->overwrite)
        return fail(err, path, EEXIST);
    /* The file that a link leads to is replaced, not the link. */
    char *resolved = exists ? realpath(path, NULL) : NULL;
    target->path = dm_strdup(resolved ? resolved : path);
    free(resolved);
    if (!target->path)
        return dm_fail(err, DM_ERR_NOMEM, "%s: out of memory", path);
    if (exists && !S_ISREG(info.st_mode))
        return open_stream(target, err);
    return open_regular(target, exists ? &info : NULL, err);
}

static void release(struct target *target)
{
    if (target->owns_fd)
        close(target->fd);
    if (target->temporary)
        unlink(target->temporary);
    dm_free(target->temporary);
    dm_free(target->path);
    memset(target, 0, sizeof *target);
}

enum dm_status target_open(const char *path, bool overwrite, struct target *target, struct dm_error *err)
{
    memset(target, 0, sizeof *target);
    target->overwrite = overwrite;
    if (!path[0]) /* else it would be found out when the file gets its name */
        return fail(err, "\"\"", ENOENT);
    if (strcmp(path, "-") != 0) {
        enum dm_status status = open_path(path, target, err);
        if (status != DM_OK)
            release(target);
        return status;
    }
    target->path = dm_strdup("standard output");
    if (!target->path)
        return dm_fail(err, DM_ERR_NOMEM, "standard output: out of memory");
    target->fd = open_redirected(&target->was_empty);
    target->in_place = true;
    target->stream = target->fd < 0;
    target->owns_fd = !target->stream;
    if (target->stream)
        target->fd = STDOUT_FILENO;
    return DM_OK;
}

static bool write_all(struct target *target, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        ssize_t done = write(target->fd, bytes, size);
        if (done >= 0) {
            bytes += done;
            size -= (size_t)done;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) { /* somebody else made standard output non-blocking */
            struct pollfd ready = {.fd = target->fd, .events = POLLOUT};
            poll(&ready, 1, -1);
        } else if (errno != EINTR) {
            target->error = errno;
            return false;
        }
    }
    return true;
}

bool target_write(struct target *target, const void *bytes, size_t size)
{
    const uint8_t *from = bytes;
    if (target->error)
        return false;
    if (target->finished)
        return true;
    if (target->stream && target->position < target->size) {
        size_t behind = (size_t)(target->size - target->position), dropped = size < behind ? size : behind;
        from += dropped;
        size -= dropped;
        target->position += (int64_t)dropped;
    }
    if (!write_all(target, from, size))
        return false;
    target->position += (int64_t)size;
    if (target->size < target->position)
        target->size = target->position;
    return true;
}

int64_t target_seek(struct target *target, int64_t position)
{
    if (position < 0 || position > target->size)
        return -1;
    if (!target->stream && lseek(target->fd, (off_t)position, SEEK_SET) < 0)
        return -1;
    target->position = position;
    return position;
}

int64_t target_read(struct target *target, void *bytes, size_t size)
{
    if (target->stream)
        return -1;
    ssize_t got = read(target->fd, bytes, size);
    if (got > 0)
        target->position += got;
    return got;
}

enum dm_status target_error(const struct target *target, struct dm_error *err)
{
    return target->error ? fail(err, target->path, target->error) : DM_OK;
}

/* Give the unnamed file a hidden name, from which it can be renamed over another file. */
static int name_unnamed(struct target *target)
{
    char link_name[32];
    char *directory = directory_of(target->path);
    int code = directory ? EEXIST : ENOMEM;
    fd_link_name(target->fd, link_name);
    for (unsigned n = 0; n < 10000 && code == EEXIST; n++) {
        target->temporary = name_beside(directory, n);
        if (!target->temporary)
            code = ENOMEM;
        else if (linkat(AT_FDCWD, link_name, AT_FDCWD, target->temporary, AT_SYMLINK_FOLLOW) == 0)
            code = 0;
        else {
            code = errno;
            dm_free(target->temporary);
            target->temporary = NULL;
        }
    }
    dm_free(directory);
    return code;
}

/* Returns 0 or an errno. Linking, unlike renaming, never replaces a file that appeared since the start. */
static int publish(struct target *target)
{
    if (!target->overwrite) {
        char link_name[32];
        fd_link_name(target->fd, link_name);
        if (linkat(AT_FDCWD, target->temporary ? target->temporary : link_name, AT_FDCWD, target->path,
                   AT_SYMLINK_FOLLOW) == 0)
            return 0; /* release removes the temporary name */
        if (errno == EEXIST || !target->temporary)
            return errno;
        if (access(target->path, F_OK) == 0) /* a file system without links: as near as it gets */
            return EEXIST;
    } else if (!target->temporary) {
        int code = name_unnamed(target);
        if (code != 0)
            return code;
    }
    if (rename(target->temporary, target->path) != 0)
        return errno;
    dm_free(target->temporary);
    target->temporary = NULL;
    return 0;
}

/* What a shell writes there next comes behind the file, or where it would have been: nothing is left of one that failed. What was
 * there before and goes on behind it ("1<> FILE") is not ours. */
static void leave_redirected(struct target *target, bool good)
{
    if (!good && target->was_empty && ftruncate(target->fd, 0) == 0)
        target->size = 0;
    lseek(STDOUT_FILENO, (off_t)target->size, SEEK_SET);
}

enum dm_status target_close(struct target *target, bool commit, struct dm_error *err)
{
    if (!target->path)
        return DM_OK;
    enum dm_status status = commit ? target_error(target, err) : DM_OK;
    if (target->in_place && !target->stream)
        leave_redirected(target, commit && status == DM_OK);
    if (commit && status == DM_OK && !target->in_place) {
        /* Some file systems (network, quota) say only now that there was no room: fsync would wait for the disk, a
         * close of a second descriptor does not and reports the same. */
        int second = dup(target->fd);
        int code = second >= 0 && close(second) != 0 ? errno : publish(target);
        if (code != 0)
            status = fail(err, target->path, code);
    }
    release(target);
    return status;
}
