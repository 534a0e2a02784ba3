/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE /* madvise: posix_madvise(DONTNEED) does nothing in glibc */
#include "mapfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"

/* ---- what is mapped where ---- */

enum { FREE = 0, TAKEN = 1 }; /* no mapping begins there */

static struct known {
    _Atomic uintptr_t begin; /* written last */
    size_t size;
    char *path;
} known[MAPFILE_KNOWN];

static void know(const char *path, struct span bytes)
{
    char *copy = dm_strdup(path);
    for (int i = 0; copy && i < MAPFILE_KNOWN; i++) {
        uintptr_t begin = FREE;
        if (!atomic_compare_exchange_strong(&known[i].begin, &begin, TAKEN))
            continue;
        known[i].size = bytes.size;
        known[i].path = copy;
        atomic_store(&known[i].begin, (uintptr_t)bytes.data);
        return;
    }
    dm_free(copy);
}

static void forget(const void *data)
{
    for (int i = 0; i < MAPFILE_KNOWN; i++)
        if (atomic_load(&known[i].begin) == (uintptr_t)data) {
            char *path = known[i].path;
            atomic_store(&known[i].begin, FREE);
            dm_free(path);
            return;
        }
}

static const char *end_of(const char *path)
{
    size_t length = strlen(path);
    return length < MAPFILE_PATH_KNOWN ? path : path + length - (MAPFILE_PATH_KNOWN - 1);
}

const char *mapfile_at(const void *address)
{
    uintptr_t at = (uintptr_t)address;
    for (int i = 0; i < MAPFILE_KNOWN; i++) {
        uintptr_t begin = atomic_load(&known[i].begin);
        if (begin > TAKEN && at >= begin && at - begin < known[i].size)
            return end_of(known[i].path);
    }
    return NULL;
}

/* ---- opening and closing ---- */

static enum dm_status map_regular(int fd, const char *path, size_t size, struct mapped_file *out, struct dm_error *err)
{
    void *data = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (data == MAP_FAILED)
        return errno == ENOMEM ? dm_fail_errno(err, DM_ERR_NOMEM, errno, "%s", path)
                               : dm_fail_errno(err, DM_ERR_OPEN, errno, "%s", path);
    *out = (struct mapped_file){{data, size}, true};
    know(path, out->bytes);
    return DM_OK;
}

static enum dm_status read_stream(int fd, const char *path, struct mapped_file *out, struct dm_error *err)
{
    size_t room = 0, size = 0;
    uint8_t *data = NULL;
    enum dm_status status = DM_OK;
    for (;;) {
        if (size == room) {
            if (room >= MAPFILE_STREAM_LIMIT) {
                status = dm_fail(err, DM_ERR_READ, "%s: a stream of more than 1 GiB", path);
                break;
            }
            size_t larger = room ? room * 2 : 65536;
            uint8_t *moved = dm_realloc(data, larger, 1);
            if (!moved) {
                status = dm_fail(err, DM_ERR_NOMEM, "%s: no memory to read a stream of %zu bytes or more", path, size);
                break;
            }
            data = moved;
            room = larger;
        }
        ssize_t got = read(fd, data + size, room - size);
        if (got == 0)
            break;
        if (got > 0)
            size += (size_t)got;
        else if (errno != EINTR) {
            status = dm_fail_errno(err, DM_ERR_READ, errno, "%s", path);
            break;
        }
    }
    if (status != DM_OK) {
        dm_free(data);
        return status;
    }
    *out = (struct mapped_file){{data, size}, false};
    return DM_OK;
}

static enum dm_status open_fd(int fd, const char *path, struct mapped_file *out, struct dm_error *err)
{
    struct stat info;
    if (fstat(fd, &info) != 0)
        return dm_fail_errno(err, DM_ERR_OPEN, errno, "%s", path);
    if (S_ISDIR(info.st_mode))
        return dm_fail_errno(err, DM_ERR_OPEN, EISDIR, "%s", path);
    /* A size of 0 may be a file of /proc, which has bytes all the same: reading tells. */
    if (!S_ISREG(info.st_mode) || info.st_size == 0)
        return read_stream(fd, path, out, err);
    if ((uint64_t)info.st_size > PTRDIFF_MAX)
        return dm_fail_errno(err, DM_ERR_OPEN, EFBIG, "%s", path);
    return map_regular(fd, path, (size_t)info.st_size, out, err);
}

enum dm_status mapfile_open(const char *path, struct mapped_file *out, struct dm_error *err)
{
    memset(out, 0, sizeof *out);
    if (strcmp(path, "-") == 0)
        return open_fd(STDIN_FILENO, "standard input", out, err);
    int fd;
    do
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    while (fd < 0 && errno == EINTR);
    if (fd < 0)
        return dm_fail_errno(err, DM_ERR_OPEN, errno, "%s", path[0] ? path : "\"\"");
    enum dm_status status = open_fd(fd, path, out, err);
    close(fd);
    return status;
}

void mapfile_close(struct mapped_file *file)
{
    if (!file || !file->bytes.data)
        return;
    void *data = (void *)(uintptr_t)file->bytes.data; /* ours again: const only for the readers */
    if (file->mapped) {
        forget(data); /* first: another thread may be given the same address */
        munmap(data, file->bytes.size);
    } else {
        dm_free(data);
    }
    memset(file, 0, sizeof *file);
}

void mapfile_forget(const struct mapped_file *file, const uint8_t *data, size_t size)
{
    if (!file || !file->mapped)
        return;
    uintptr_t base = (uintptr_t)file->bytes.data, at = (uintptr_t)data;
    if (at < base || !range_within(at - base, size, file->bytes.size))
        return;
    long page_size = sysconf(_SC_PAGESIZE);
    uintptr_t page = page_size > 0 ? (uintptr_t)page_size : 4096;
    uintptr_t first = (at + page - 1) & ~(page - 1), end = at + size;
    /* Only whole pages: the ends are shared with neighbours that may be in use. The file's last page has none. */
    if (end != base + file->bytes.size)
        end &= ~(page - 1);
    if (first < end)
        madvise((void *)first, end - first, MADV_DONTNEED);
}
