/* SPDX-License-Identifier: MIT */
/*
 * wine_registry.h - one text value in a registry file of a Wine prefix, set and taken back. Works on the text alone.
 *
 * Setting and taking back leave the text as it was, byte for byte.
 *
 * The file (user.reg): keys as "[Software\\Wine\\DllOverrides] 1700000000" with doubled backslashes, then lines that
 * begin with # and values such as "name"="text", up to the next key. All else in it stays as it is.
 */
#ifndef DMUS_CLI_WINE_REGISTRY_H
#define DMUS_CLI_WINE_REGISTRY_H

#include <stdbool.h>
#include <time.h>

#include "wine_files.h"

struct registry_change {
    bool key_added; /* the key was not there */
    char *previous; /* the line that was there, or NULL; free() it */
};

/* Whether TEXT is a registry file of Wine by its first line, whole by its last, and text. The others want one that is. */
bool registry_is_one(const struct file_bytes *text);

/* Set NAME in KEY, which is written as in the file, to VALUE; text->data is replaced. NOW dates a key that is added. False: no
 * memory, or a value that goes on over several lines stands there; then nothing is changed. */
bool registry_set(struct file_bytes *text, const char *key, const char *name, const char *value, time_t now,
                  struct registry_change *change);

enum registry_result {
    REGISTRY_DONE,
    REGISTRY_OTHER, /* the value is not VALUE any more, so it stays */
    REGISTRY_FAILED /* no memory */
};
enum registry_result registry_unset(struct file_bytes *text, const char *key, const char *name, const char *value,
                                    const struct registry_change *change);

#endif
