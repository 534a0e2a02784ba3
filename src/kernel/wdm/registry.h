/* SPDX-License-Identifier: MIT */
/*
 * registry.h - the machine's registry, from the host's side. Drivers use the Zw functions of <wdm.h>.
 *
 * Keys are paths with backslashes from \Registry ("\Registry\Machine\System\..."), names compare without case (ASCII
 * and Latin-1). Kept in memory; a text file fills it, nothing is written back. UTF-8 here, UTF-16 towards drivers.
 *
 * The text is that of a registry editor's export, in UTF-8:
 *
 *     [HKEY_LOCAL_MACHINE\System\CurrentControlSet\Services\mysynth]
 *     "Description"="Synth"          ; \\ and \" inside
 *     "Voices"=dword:00000040
 *     @="unnamed value"
 *     "Blob"=hex:01,02,ff            ; a backslash at the end of a line continues it
 *     "Other"=hex(7):61,00,00,00,00,00
 *     "Gone"=-                       ; removes a value
 *     [-HKEY_LOCAL_MACHINE\Some\Key] ; removes a key and all below
 *
 * HKEY_LOCAL_MACHINE or HKLM is \Registry\Machine, HKEY_USERS or HKU is \Registry\User; paths may begin with
 * \Registry itself. Empty lines, lines that begin with ; or #, and a first line without brackets (the editor's title)
 * are skipped. Thread-safe.
 */
#ifndef DMUS_KERNEL_WDM_REGISTRY_H
#define DMUS_KERNEL_WDM_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct wdm_machine;

#define WDM_REGISTRY_VALUE_MAX ((size_t)1 << 20) /* bytes of one value */
#define WDM_REGISTRY_DEPTH_MAX 64                /* keys in a path */
#define WDM_REGISTRY_NAME_MAX  255               /* 16-bit units in a key name */

/* Add what the text says; NAME (a file name) is for messages. On failure what came before the faulty line stands.
 * DM_ERR_FORMAT with the line's number, DM_ERR_NOMEM; _load: DM_ERR_OPEN, DM_ERR_READ too. */
enum dm_status wdm_registry_parse(struct wdm_machine *machine, const char *text, size_t size, const char *name,
                                  struct dm_error *err);
enum dm_status wdm_registry_load(struct wdm_machine *machine, const char *path, struct dm_error *err);

/* Set one value, making its key. KEY as in the file, NAME NULL or "": the unnamed value. TYPE is REG_*. */
enum dm_status wdm_registry_set(struct wdm_machine *machine, const char *key, const char *name, uint32_t type,
                                const void *data, size_t size, struct dm_error *err);
enum dm_status wdm_registry_set_string(struct wdm_machine *machine, const char *key, const char *name, const char *text,
                                       struct dm_error *err); /* REG_SZ */
enum dm_status wdm_registry_set_dword(struct wdm_machine *machine, const char *key, const char *name, uint32_t value,
                                      struct dm_error *err);
/* Copy at most CAPACITY bytes; *SIZE and *TYPE (each may be NULL) are those of the whole value. False: no such value. */
bool wdm_registry_get(struct wdm_machine *machine, const char *key, const char *name, uint32_t *type, void *data,
                      size_t capacity, size_t *size);

#endif
