/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700
#include "wine_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"

#define COMMAND   "wine-install"
#define SIZE_MOST (64u << 20)
#define BACKUP    ".opendmus-backup"
#define PART      ".opendmus-part"

static bool fail(const char *path)
{
    complain(COMMAND, "%s: %s", path, strerror(errno));
    return false;
}

bool path_join(char out[PATH_MAX], const char *directory, const char *rest)
{
    int length = snprintf(out, PATH_MAX, "%s/%s", directory, rest);
    if (length > 0 && length < PATH_MAX)
        return true;
    errno = ENAMETOOLONG;
    return fail(directory);
}

static bool with_suffix(char out[PATH_MAX], const char *path, const char *suffix)
{
    int length = snprintf(out, PATH_MAX, "%s%s", path, suffix);
    if (length > 0 && length < PATH_MAX)
        return true;
    errno = ENAMETOOLONG;
    return fail(path);
}

bool file_there(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

static bool read_all(int fd, char *data, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t got = read(fd, data + done, size - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            errno = got == 0 ? EIO : errno; /* shorter than it was */
            return false;
        }
        done += (size_t)got;
    }
    return true;
}

bool file_read(const char *path, struct file_bytes *out)
{
    struct stat st;
    *out = (struct file_bytes){NULL, 0};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return fail(path);
    bool ok = fstat(fd, &st) == 0;
    if (ok && (!S_ISREG(st.st_mode) || st.st_size > SIZE_MOST)) {
        errno = S_ISREG(st.st_mode) ? EFBIG : EINVAL;
        ok = false;
    }
    size_t size = ok ? (size_t)st.st_size : 0;
    char *data = ok ? malloc(size + 1) : NULL;
    ok = data && read_all(fd, data, size);
    if (!ok) {
        fail(path);
        free(data);
    } else {
        data[size] = '\0';
        *out = (struct file_bytes){data, size};
    }
    close(fd);
    return ok;
}

static bool write_all(int fd, const struct file_bytes *bytes)
{
    for (size_t done = 0; done < bytes->size;) {
        ssize_t put = write(fd, bytes->data + done, bytes->size - done);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return false;
        done += (size_t)put;
    }
    return fsync(fd) == 0;
}

bool file_part_path(char out[PATH_MAX], const char *path) { return with_suffix(out, path, PART); }

void file_forget_part(const char *path)
{
    char part[PATH_MAX];
    if (with_suffix(part, path, PART))
        unlink(part);
}

bool file_write(const char *path, const struct file_bytes *bytes)
{
    char part[PATH_MAX];
    struct stat st;
    if (!with_suffix(part, path, PART))
        return false;
    unlink(part); /* of a run that was killed */
    int fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        return fail(part);
    bool ok = write_all(fd, bytes);
    if (ok && stat(path, &st) == 0)
        ok = fchmod(fd, st.st_mode & 07777) == 0;
    int error = errno;
    if (close(fd) != 0 && ok) {
        ok = false;
        error = errno;
    }
    if (ok && rename(part, path) != 0) {
        ok = false;
        error = errno;
    }
    if (!ok) {
        unlink(part);
        errno = error;
        fail(path);
    }
    return ok;
}

bool file_backup_path(char out[PATH_MAX], const char *path) { return with_suffix(out, path, BACKUP); }

/* A second name, so that the first is never without a file; where the file system has none, a new one. */
bool file_keep(const char *path)
{
    char backup[PATH_MAX];
    if (!file_backup_path(backup, path))
        return false;
    if (!file_there(backup) && link(path, backup) == 0)
        return true;
    return rename(path, backup) == 0 || fail(backup);
}

/* rename() does nothing with two names of one file. */
bool file_put_back(const char *path)
{
    char backup[PATH_MAX];
    struct stat one, other;
    if (!file_backup_path(backup, path))
        return false;
    bool same = lstat(path, &one) == 0 && lstat(backup, &other) == 0 && one.st_dev == other.st_dev && one.st_ino == other.st_ino;
    return (same ? unlink(backup) : rename(backup, path)) == 0 || fail(backup);
}

bool file_is_backup(const char *path)
{
    char backup[PATH_MAX];
    uint64_t one, other;
    return file_backup_path(backup, path) && file_hash(path, &one) && file_hash(backup, &other) && one == other;
}

#define FNV_START 0xcbf29ce484222325u
#define FNV_PRIME 0x100000001b3u

static uint64_t add_to_hash(uint64_t hash, const char *data, size_t size)
{
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ (unsigned char)data[i]) * FNV_PRIME;
    return hash;
}

uint64_t bytes_hash(const struct file_bytes *bytes) { return add_to_hash(FNV_START, bytes->data, bytes->size); }

bool file_hash(const char *path, uint64_t *hash)
{
    char data[65536];
    FILE *file = fopen(path, "rb");
    if (!file)
        return false;
    *hash = FNV_START;
    for (size_t got; (got = fread(data, 1, sizeof data, file)) > 0;)
        *hash = add_to_hash(*hash, data, got);
    bool ok = !ferror(file);
    fclose(file);
    return ok;
}
