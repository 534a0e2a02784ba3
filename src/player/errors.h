/* SPDX-License-Identifier: MIT */
/* errors.h - from the house's status and error to those of dmus.h, and its structures that know their size. */
#ifndef DMUS_PLAYER_ERRORS_H
#define DMUS_PLAYER_ERRORS_H

#include <stddef.h>

#include "base/status.h"
#include "dmus/dmus.h"

/* The progress callback asked to stop: the one status that the house has no name for. */
#define PLAYER_CANCELLED ((enum dm_status)DMUS_ERR_CANCELLED)

/* Put "NAME: " before the text of ERR (may be NULL); a long name is shortened at its front. Returns STATUS. */
enum dm_status error_at(struct dm_error *err, enum dm_status status, const char *name);

/* Hand STATUS and, if it is a failure, the text of INNER to the caller's ERR (may be NULL). */
enum dmus_status error_public(struct dmus_error *err, enum dm_status status, const struct dm_error *inner);

/* DMUS_ERR_ARGUMENT with a text. */
enum dmus_status error_argument(struct dmus_error *err, const char *fmt, ...) DM_PRINTF(2, 3);

/* Is *THING (a structure of dmus.h, may be NULL) at least FIRST bytes, the size it had when it was first published, and at most
 * 65536? */
bool abi_fits(const void *thing, size_t first);
/* Fill the caller's structure from OURS of SIZE bytes: what both know; the rest of the caller's becomes zero. Its size
 * stays. */
void abi_store(void *callers, const void *ours, size_t size);
/* Take the caller's structure into OURS of SIZE bytes; what the caller does not know becomes zero. */
void abi_load(void *ours, size_t size, const void *callers);

#endif
