/* SPDX-License-Identifier: MIT */
/*
 * ntstrsafe.h - strings that do not overrun: sizes are given, results are terminated.
 *
 * Cch counts characters, Cb bytes, both with the terminator. STATUS_SUCCESS; STATUS_BUFFER_OVERFLOW: cut off, and what
 * fits is there; STATUS_INVALID_PARAMETER: no room at all, or a size beyond NTSTRSAFE_MAX_CCH, or (Length) no terminator.
 * Any level. Formats are those of ddi_wide.h.
 *
 * Source: spec/ddi-kernel.md 11.1.
 */
#ifndef DDI_NTSTRSAFE_H
#define DDI_NTSTRSAFE_H

#include "ddi_wide.h"
#include "ntdef.h"
#include "ntstatus.h"

#define NTSTRSAFE_MAX_CCH 2147483647

#define DDI_STRSAFE(S, char_t, unit_is_wide)                                                                             \
    DDI_UNUSED NTSTATUS RtlStringCchLength##S(const char_t *text, size_t room, size_t *length)                           \
    {                                                                                                                    \
        size_t n = 0;                                                                                                    \
        while (text && room <= NTSTRSAFE_MAX_CCH && n < room && text[n])                                                 \
            n++;                                                                                                         \
        BOOLEAN ok = (BOOLEAN)(text && room <= NTSTRSAFE_MAX_CCH && n < room);                                           \
        if (length)                                                                                                      \
            *length = ok ? n : 0;                                                                                        \
        return ok ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;                                                           \
    }                                                                                                                    \
    DDI_UNUSED NTSTATUS RtlStringCchCopyN##S(char_t *to, size_t room, const char_t *from, size_t most)                   \
    {                                                                                                                    \
        size_t n = 0;                                                                                                    \
        if (room == 0 || room > NTSTRSAFE_MAX_CCH)                                                                       \
            return STATUS_INVALID_PARAMETER;                                                                             \
        for (; n < most && n < room - 1 && from[n]; n++)                                                                 \
            to[n] = from[n];                                                                                             \
        to[n] = 0;                                                                                                       \
        return n < most && from[n] ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS;                                            \
    }                                                                                                                    \
    DDI_UNUSED NTSTATUS RtlStringCchCopy##S(char_t *to, size_t room, const char_t *from)                                 \
    {                                                                                                                    \
        return RtlStringCchCopyN##S(to, room, from, NTSTRSAFE_MAX_CCH);                                                  \
    }                                                                                                                    \
    DDI_UNUSED NTSTATUS RtlStringCchCat##S(char_t *to, size_t room, const char_t *from)                                  \
    {                                                                                                                    \
        size_t used;                                                                                                     \
        NTSTATUS status = RtlStringCchLength##S(to, room, &used);                                                        \
        return NT_SUCCESS(status) ? RtlStringCchCopy##S(to + used, room - used, from) : status;                          \
    }                                                                                                                    \
    DDI_UNUSED NTSTATUS RtlStringCchVPrintf##S(char_t *to, size_t room, const char_t *format, va_list args)              \
    {                                                                                                                    \
        if (room == 0 || room > NTSTRSAFE_MAX_CCH)                                                                       \
            return STATUS_INVALID_PARAMETER;                                                                             \
        size_t used = ddi_format(to, room - 1, unit_is_wide, format, args);                                              \
        to[used < room ? used : room - 1] = 0;                                                                           \
        return used < room ? STATUS_SUCCESS : STATUS_BUFFER_OVERFLOW;                                                    \
    }                                                                                                                    \
    DDI_UNUSED NTSTATUS RtlStringCchPrintf##S(char_t *to, size_t room, const char_t *format, ...)                        \
    {                                                                                                                    \
        va_list args;                                                                                                    \
        va_start(args, format);                                                                                          \
        NTSTATUS status = RtlStringCchVPrintf##S(to, room, format, args);                                                \
        va_end(args);                                                                                                    \
        return status;                                                                                                   \
    }                                                                                                                    \
    DDI_UNUSED NTSTATUS RtlStringCbLength##S(const char_t *text, size_t room, size_t *length)                            \
    {                                                                                                                    \
        NTSTATUS status = RtlStringCchLength##S(text, room / sizeof(char_t), length);                                    \
        if (length)                                                                                                      \
            *length *= sizeof(char_t);                                                                                   \
        return status;                                                                                                   \
    }                                                                                                                    \
    DDI_UNUSED NTSTATUS RtlStringCbCopy##S(char_t *to, size_t room, const char_t *from)                                  \
    {                                                                                                                    \
        return RtlStringCchCopy##S(to, room / sizeof(char_t), from);                                                     \
    }                                                                                                                    \
    DDI_UNUSED NTSTATUS RtlStringCbCopyN##S(char_t *to, size_t room, const char_t *from, size_t most)                    \
    {                                                                                                                    \
        return RtlStringCchCopyN##S(to, room / sizeof(char_t), from, most / sizeof(char_t));                             \
    }                                                                                                                    \
    DDI_UNUSED NTSTATUS RtlStringCchCatN##S(char_t *to, size_t room, const char_t *from, size_t most)                    \
    {                                                                                                                    \
        size_t used;                                                                                                     \
        NTSTATUS status = RtlStringCchLength##S(to, room, &used);                                                        \
        return NT_SUCCESS(status) ? RtlStringCchCopyN##S(to + used, room - used, from, most) : status;                   \
    }                                                                                                                    \
    DDI_UNUSED NTSTATUS RtlStringCbVPrintf##S(char_t *to, size_t room, const char_t *format, va_list args)               \
    {                                                                                                                    \
        return RtlStringCchVPrintf##S(to, room / sizeof(char_t), format, args);                                          \
    }                                                                                                                    \
    DDI_UNUSED NTSTATUS RtlStringCbCat##S(char_t *to, size_t room, const char_t *from)                                   \
    {                                                                                                                    \
        return RtlStringCchCat##S(to, room / sizeof(char_t), from);                                                      \
    }                                                                                                                    \
    DDI_UNUSED NTSTATUS RtlStringCbPrintf##S(char_t *to, size_t room, const char_t *format, ...)                         \
    {                                                                                                                    \
        va_list args;                                                                                                    \
        va_start(args, format);                                                                                          \
        NTSTATUS status = RtlStringCchVPrintf##S(to, room / sizeof(char_t), format, args);                               \
        va_end(args);                                                                                                    \
        return status;                                                                                                   \
    }

DDI_STRSAFE(W, WCHAR, 1)
DDI_STRSAFE(A, char, 0)
#undef DDI_STRSAFE

/* At most SOURCE's characters, of which a counted string has its own number. */
DDI_UNUSED NTSTATUS RtlStringCchCopyUnicodeString(WCHAR *to, size_t room, PCUNICODE_STRING source)
{
    return RtlStringCchCopyNW(to, room, source->Buffer, source->Length / sizeof(WCHAR));
}
DDI_UNUSED NTSTATUS RtlStringCbCopyUnicodeString(WCHAR *to, size_t room, PCUNICODE_STRING source)
{
    return RtlStringCchCopyUnicodeString(to, room / sizeof(WCHAR), source);
}
/* Into a counted string's room. STATUS_BUFFER_OVERFLOW: cut off. */
DDI_UNUSED NTSTATUS RtlUnicodeStringPrintf(PUNICODE_STRING to, const WCHAR *format, ...)
{
    va_list args;
    va_start(args, format);
    size_t room = to->MaximumLength / sizeof(WCHAR), used = ddi_format(to->Buffer, room, 1, format, args);
    va_end(args);
    to->Length = (USHORT)((used < room ? used : room) * sizeof(WCHAR));
    return used <= room ? STATUS_SUCCESS : STATUS_BUFFER_OVERFLOW;
}

#endif
