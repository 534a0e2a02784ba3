/* SPDX-License-Identifier: MIT */
/* registry_text.h - keys and values named in UTF-8, for registry.c and the reader of files. The store is locked. */
#ifndef DMUS_KERNEL_WDM_REGISTRY_TEXT_H
#define DMUS_KERNEL_WDM_REGISTRY_TEXT_H

#include "kernel/wdm/impl.h"

/* The key of a path as in registry.h; CREATE makes what is missing, else DM_ERR_NOT_FOUND. */
enum dm_status registry_key_named(struct wdm_machine *m, const char *path, size_t size, bool create, struct reg_key **out,
                                  struct dm_error *err);
enum dm_status registry_set_value(struct reg_key *key, const char *name, size_t name_size, uint32_t type, const void *data,
                                  size_t size, struct dm_error *err);
/* TEXT as UTF-16 with a zero. */
enum dm_status registry_set_text(struct reg_key *key, const char *name, size_t name_size, uint32_t type, const char *text,
                                 size_t size, struct dm_error *err);

/* Not locked: a handle for KEY, which counts it already; on failure the count is given back. */
NTSTATUS registry_handle(struct wdm_machine *m, struct reg_key *key, ULONG access, HANDLE *out);

#endif
