/* SPDX-License-Identifier: MIT */
#if !defined(_WIN32) && !defined(_POSIX_C_SOURCE)
#define _POSIX_C_SOURCE 200809L /* strerror_r of POSIX, not of GNU */
#endif
#include "status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

/* By way of a copy, because the arguments may point into ERR's own text ("track 3: " + what was said before). */
static void format_cut(char *out, size_t capacity, const char *fmt, va_list args)
{
    char whole[2 * sizeof ((struct dm_error *)0)->text];
    int length = vsnprintf(whole, sizeof whole, fmt, args);
    if (length < 0)
        whole[0] = '\0';
    size_t size = text_cut(whole, strlen(whole), capacity - 1);
    memcpy(out, whole, size);
    out[size] = '\0';
}

enum dm_status dm_fail(struct dm_error *err, enum dm_status status, const char *fmt, ...)
{
    if (err) {
        va_list args;
        va_start(args, fmt);
        format_cut(err->text, sizeof err->text, fmt, args);
        va_end(args);
        err->status = status;
    }
    return status;
}

enum dm_status dm_fail_errno(struct dm_error *err, enum dm_status status, int code, const char *fmt, ...)
{
    if (!err)
        return status;
    char place[sizeof err->text], reason[128];
    va_list args;
    va_start(args, fmt);
    format_cut(place, sizeof place, fmt, args);
    va_end(args);
#ifdef _WIN32
    if (strerror_s(reason, sizeof reason, code) != 0)
#else
    if (strerror_r(code, reason, sizeof reason) != 0)
#endif
        snprintf(reason, sizeof reason, "system error %d", code);
    /* A path too long for the field loses its end, never the reason. */
    size_t room = sizeof err->text - 1 - strlen(reason) - 2;
    place[text_cut(place, strlen(place), room)] = '\0';
    return dm_fail(err, status, "%s: %s", place, reason);
}

const char *dm_status_text(enum dm_status status)
{
    switch (status) {
    case DM_OK: return "no error";
    case DM_ERR_NOMEM: return "out of memory";
    case DM_ERR_OPEN: return "cannot open";
    case DM_ERR_READ: return "cannot read";
    case DM_ERR_WRITE: return "cannot write";
    case DM_ERR_FORMAT: return "damaged or of another format";
    case DM_ERR_UNSUPPORTED: return "not supported";
    case DM_ERR_ARGUMENT: return "argument out of range";
    case DM_ERR_NOT_FOUND: return "not found";
    case DM_ERR_DEVICE: return "device refused";
    case DM_ERR_SUBSTITUTED: return "something was replaced or dropped";
    }
    return "unknown error";
}

void dm_note(const struct dm_notes *notes, const char *fmt, ...)
{
    if (!notes || !notes->note)
        return;
    char text[sizeof ((struct dm_error *)0)->text];
    va_list args;
    va_start(args, fmt);
    format_cut(text, sizeof text, fmt, args);
    va_end(args);
    notes->note(notes->ctx, text);
}
