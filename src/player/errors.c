/* SPDX-License-Identifier: MIT */
#include "errors.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

_Static_assert((int)DMUS_ERR_NOMEM == DM_ERR_NOMEM && (int)DMUS_ERR_OPEN == DM_ERR_OPEN &&
                   (int)DMUS_ERR_READ == DM_ERR_READ && (int)DMUS_ERR_WRITE == DM_ERR_WRITE &&
                   (int)DMUS_ERR_FORMAT == DM_ERR_FORMAT && (int)DMUS_ERR_UNSUPPORTED == DM_ERR_UNSUPPORTED &&
                   (int)DMUS_ERR_ARGUMENT == DM_ERR_ARGUMENT && (int)DMUS_ERR_NOT_FOUND == DM_ERR_NOT_FOUND &&
                   (int)DMUS_ERR_DEVICE == DM_ERR_DEVICE && (int)DMUS_ERR_SUBSTITUTED == DM_ERR_SUBSTITUTED,
               "the public numbers are the house's");

const char *dmus_status_text(enum dmus_status status)
{
    return status == DMUS_ERR_CANCELLED ? "cancelled" : dm_status_text((enum dm_status)status);
}

enum { NAME_SHOWN = 160, ABI_MOST = 65536 };

enum dm_status error_at(struct dm_error *err, enum dm_status status, const char *name)
{
    if (!err)
        return status;
    struct dm_error inner = *err;
    size_t length = strlen(name), skip = length > NAME_SHOWN ? length - NAME_SHOWN : 0;
    while (skip && ((unsigned char)name[skip] & 0xC0) == 0x80)
        skip++;
    const char *text = inner.text[0] ? inner.text : dmus_status_text((enum dmus_status)status);
    return dm_fail(err, status, "%s%s: %s", skip ? "..." : "", name + skip, text);
}

enum dmus_status error_public(struct dmus_error *err, enum dm_status status, const struct dm_error *inner)
{
    if (status == DM_OK || !abi_fits(err, sizeof *err))
        return (enum dmus_status)status;
    err->status = (int32_t)status;
    const char *text = inner && inner->text[0] ? inner->text : dmus_status_text((enum dmus_status)status);
    size_t size = text_cut(text, strlen(text), sizeof err->text - 1);
    memcpy(err->text, text, size);
    err->text[size] = '\0';
    return (enum dmus_status)status;
}

enum dmus_status error_argument(struct dmus_error *err, const char *fmt, ...)
{
    struct dm_error inner = {.status = DM_ERR_ARGUMENT};
    va_list args;
    va_start(args, fmt);
    vsnprintf(inner.text, sizeof inner.text, fmt, args);
    va_end(args);
    return error_public(err, DM_ERR_ARGUMENT, &inner);
}

static uint32_t size_of(const void *thing)
{
    uint32_t size;
    memcpy(&size, thing, sizeof size);
    return size;
}

/* A size that nobody set is most often far beyond any structure. */
bool abi_fits(const void *thing, size_t first)
{
    return thing && size_of(thing) >= first && size_of(thing) <= ABI_MOST;
}

void abi_store(void *callers, const void *ours, size_t size)
{
    uint32_t room = size_of(callers);
    size_t shared = room < size ? room : size;
    memset(callers, 0, room);
    memcpy(callers, ours, shared);
    memcpy(callers, &room, sizeof room);
}

void abi_load(void *ours, size_t size, const void *callers)
{
    uint32_t room = size_of(callers);
    memset(ours, 0, size);
    memcpy(ours, callers, room < size ? room : size);
}
