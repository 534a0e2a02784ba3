/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700
#include "target_id.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"

enum { LINKS_MOST = 40 }; /* as Linux */

static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* "TEXT" beside the file PATH, on the heap. */
static char *beside(const char *path, const char *text)
{
    size_t length = *text == '/' ? 0 : (size_t)(name_of(path) - path), more = strlen(text) + 1;
    char *out = dm_malloc(length + more);
    if (out) {
        memcpy(out, path, length);
        memcpy(out + length, text, more);
    }
    return out;
}

static bool stat_directory(const char *path, struct stat *info)
{
    char *directory = beside(path, "."); /* "." or "dir/." */
    bool found = directory && stat(directory, info) == 0;
    dm_free(directory);
    return found;
}

static void take(struct target_id *id, const struct stat *info, const char *name)
{
    if (strlen(name) >= sizeof id->name) /* no file is called so */
        return;
    id->device = (uint64_t)info->st_dev;
    id->inode = (uint64_t)info->st_ino;
    id->nobodys = false;
    strcpy(id->name, name);
}

/* Where the link PATH leads, on the heap; NULL: it is none. */
static char *follow(const char *path)
{
    char text[PATH_MAX];
    ssize_t length = readlink(path, text, sizeof text - 1);
    if (length <= 0)
        return NULL;
    text[length] = '\0';
    return beside(path, text);
}

static void identify(const char *path, struct target_id *id, int links)
{
    struct stat info;
    if (stat(path, &info) == 0) {
        if (!S_ISCHR(info.st_mode))
            take(id, &info, "");
        return;
    }
    char *led = links < LINKS_MOST ? follow(path) : NULL; /* to what is not there yet */
    if (led)
        identify(led, id, links + 1);
    else if (stat_directory(path, &info))
        take(id, &info, name_of(path));
    dm_free(led);
}

void target_identify(const char *path, struct target_id *id)
{
    struct stat info;
    *id = (struct target_id){.nobodys = true};
    if (strcmp(path, "-") != 0) {
        identify(path, id, 0);
    } else if (fstat(STDOUT_FILENO, &info) == 0 && !S_ISCHR(info.st_mode)) {
        take(id, &info, "");
    } else { /* even on a terminal only one output may be that */
        id->nobodys = false;
        strcpy(id->name, path);
    }
}

int target_id_order(const struct target_id *a, const struct target_id *b)
{
    if (a->nobodys || b->nobodys)
        return (int)b->nobodys - (int)a->nobodys;
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
    return !x.nobodys && target_id_order(&x, &y) == 0;
}
