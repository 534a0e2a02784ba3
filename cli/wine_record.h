/* SPDX-License-Identifier: MIT */
/*
 * wine_record.h - what was done to a prefix, kept in it: PREFIX/opendmus-install.txt, one line for each thing.
 *
 *     opendmus-install 1
 *     dll <TAB> path in the prefix <TAB> backup or new <TAB> hash of what is written <TAB> hash of what was written before
 *     file <TAB> path in the prefix <TAB> new <TAB> hash <TAB> the same
 *     directory <TAB> path in the prefix
 *     override <TAB> added or there <TAB> the value's line before, or nothing      (last field: may hold anything)
 *
 * It is written before the thing is done, so that whatever was begun can be undone.
 */
#ifndef DMUS_CLI_WINE_RECORD_H
#define DMUS_CLI_WINE_RECORD_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "wine_registry.h"

#define RECORD_MOST 8 /* two DLLs, two gm.dls, two directories */

enum record_kind { RECORD_DLL, RECORD_FILE, RECORD_DIRECTORY };

struct record_entry {
    enum record_kind kind;
    char path[128]; /* in the prefix */
    bool backup;    /* there was one before */
    uint64_t hash, older; /* ours; an interrupted update may have left either */
};

struct wine_record {
    char path[PATH_MAX];
    unsigned count;
    struct record_entry entries[RECORD_MOST];
    bool override; /* was set */
    struct registry_change change;
};

/* Read PREFIX's record; *there tells whether it has one. False after a message: unreadable or not understood. What an interrupted
 * first writing left is removed. */
bool record_load(const char *prefix, struct wine_record *record, bool *there);
bool record_save(const struct wine_record *record);
bool record_delete(const struct wine_record *record);
void record_free(struct wine_record *record);

/* The entry for PATH, or a new one of KIND; NULL if the record is full. */
struct record_entry *record_entry(struct wine_record *record, enum record_kind kind, const char *path);
bool record_has(const struct wine_record *record, const char *path);

#endif
