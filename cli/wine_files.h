/* SPDX-License-Identifier: MIT */
/*
 * wine_files.h - whole files, replaced in one step and put back: what installing into a foreign tree needs.
 *
 * Every function that fails has told why on standard error, with the path.
 */
#ifndef DMUS_CLI_WINE_FILES_H
#define DMUS_CLI_WINE_FILES_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct file_bytes {
    char *data; /* NUL after the last byte */
    size_t size;
};

/* "DIRECTORY/REST" into OUT; false if it is longer than a path may be. */
bool path_join(char out[PATH_MAX], const char *directory, const char *rest);

/* A regular file of at most 64 MB; free() the data. */
bool file_read(const char *path, struct file_bytes *out);
/* As PATH, which appears with all its bytes or not at all; mode of the old file, else 0666 and the umask. */
bool file_write(const char *path, const struct file_bytes *bytes);
bool file_there(const char *path); /* anything of that name; a dangling link counts */

/* The name under which PATH's new content waits, and its removal: a run that was killed may have left one. */
bool file_part_path(char out[PATH_MAX], const char *path);
void file_forget_part(const char *path);

/* Where file_keep keeps what PATH was. */
bool file_backup_path(char out[PATH_MAX], const char *path);
/* Let PATH's file have the backup's name as well, in the place of an older backup. */
bool file_keep(const char *path);
/* Put the backup in PATH's place; PATH may be another name of the backup's file. */
bool file_put_back(const char *path);
/* Whether PATH and its backup hold the same. */
bool file_is_backup(const char *path);

/* FNV-1a, to see whether a file is still the one that was written: not against malice. */
uint64_t bytes_hash(const struct file_bytes *bytes);
/* Of a file of any size; false, without a word, if it cannot be read. */
bool file_hash(const char *path, uint64_t *hash);

#endif
