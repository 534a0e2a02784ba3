/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700
#include "target_id.h"

#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"

static bool stat_directory(const char *path, size_t length, struct stat *info)
{
    char *directory = dm_malloc(length + 2);
    if (!directory)
        return false;
    memcpy(directory, path, length);
    memcpy(directory + length, ".", 2); /* "." or "dir/." */
    bool found = stat(directory, info) == 0;
    dm_free(directory);
    return found;
}

void target_identify(const char *path, struct target_id *id)
{
    struct stat info;
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    *id = (struct target_id){.name = path};
    if (strcmp(path, "-") == 0) /* standard output */
        return;
    bool exists = stat(path, &info) == 0;
    if (exists && S_ISCHR(info.st_mode)) {
        id->name = NULL;
    } else if (exists || stat_directory(path, (size_t)(name - path), &info)) {
        id->device = (uint64_t)info.st_dev;
        id->inode = (uint64_t)info.st_ino;
        id->name = exists ? "" : name;
    }
}

int target_id_order(const struct target_id *a, const struct target_id *b)
{
    if (!a->name || !b->name)
        return (a->name != NULL) - (b->name != NULL);
    if (a->device != b->device)
        return a->device < b->device ? -1 : 1;
    if (a->inode != b->inode)
        return a->inode < b->inode ? -1 : 1;
    return strcmp(a->name, b->name);
}

bool target_same(const char *a, const char *b)
{
    struct target_id x, y;
    if (!a || !b)
        return false;
    target_identify(a, &x);
    target_identify(b, &y);
    return x.name && target_id_order(&x, &y) == 0;
}
