/* SPDX-License-Identifier: MIT */
/*
 * ddi_wide.h - the wide-string functions of C on 16-bit characters, and Microsoft's own ones on bytes.
 *
 * The C library's own were compiled for 32-bit wchar_t and would run past the end of a driver's strings, so in a driver
 * their names mean these. The formatter knows what kernel code prints: d i u x X o c C s S p and %, with h, l, ll, w, I, I64, z;
 * flags - and 0, width, precision; ws is a wide string, hs a narrow one, wZ a PUNICODE_STRING, S the other kind than s.
 * No floating point.
 *
 * Source: spec/ddi-kernel.md 11.2.
 */
#ifndef DDI_WIDE_H
#define DDI_WIDE_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
#include <cwchar> /* first: it takes the macros below away */
#else
#include <wchar.h>
#endif

#include "ddi_types.h"

#define DDI_UNUSED static inline __attribute__((unused))

DDI_UNUSED size_t ddi_wcslen(const WCHAR *s)
{
    size_t n = 0;
    while (s[n])
        n++;
    return n;
}
DDI_UNUSED WCHAR *ddi_wcsncpy(WCHAR *to, const WCHAR *from, size_t n) /* pads with zeros, as strncpy */
{
    size_t i = 0;
    for (; i < n && from[i]; i++)
        to[i] = from[i];
    for (; i < n; i++)
        to[i] = 0;
    return to;
}
DDI_UNUSED WCHAR *ddi_wcscpy(WCHAR *to, const WCHAR *from)
{
    size_t i = 0;
    while ((to[i] = from[i]) != 0)
        i++;
    return to;
}
DDI_UNUSED WCHAR *ddi_wcscat(WCHAR *to, const WCHAR *from)
{
    ddi_wcscpy(to + ddi_wcslen(to), from);
    return to;
}
DDI_UNUSED int ddi_wcsncmp(const WCHAR *a, const WCHAR *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (a[i] != b[i] || !a[i])
            return (int)a[i] - (int)b[i];
    return 0;
}
DDI_UNUSED int ddi_wcscmp(const WCHAR *a, const WCHAR *b) { return ddi_wcsncmp(a, b, (size_t)-1); }
DDI_UNUSED WCHAR ddi_towupper(WCHAR c) { return (WCHAR)(c >= 'a' && c <= 'z' ? c - 32 : c); }
DDI_UNUSED WCHAR ddi_towlower(WCHAR c) { return (WCHAR)(c >= 'A' && c <= 'Z' ? c + 32 : c); }
DDI_UNUSED int ddi_wcsicmp(const WCHAR *a, const WCHAR *b)
{
    while (*a && ddi_towlower(*a) == ddi_towlower(*b))
        a++, b++;
    return (int)ddi_towlower(*a) - (int)ddi_towlower(*b);
}
DDI_UNUSED WCHAR *ddi_wcschr(const WCHAR *s, WCHAR c)
{
    for (;; s++) {
        if (*s == c)
            return (WCHAR *)(uintptr_t)s;
        if (!*s)
            return NULL;
    }
}
DDI_UNUSED WCHAR *ddi_wcsrchr(const WCHAR *s, WCHAR c)
{
    WCHAR *found = NULL;
    for (;; s++) {
        if (*s == c)
            found = (WCHAR *)(uintptr_t)s;
        if (!*s)
            return found;
    }
}

/* ---- the formatter: into 8- or 16-bit units ---- */
struct ddi_format_state {
    void *out;
    size_t room, used; /* units; used counts on past room */
    int wide;          /* out has 16-bit units */
    int left, zero, width, precision;
};

DDI_UNUSED void ddi_format_put(struct ddi_format_state *f, unsigned c)
{
    if (f->used < f->room) {
        if (f->wide)
            ((WCHAR *)f->out)[f->used] = (WCHAR)c;
        else
            ((char *)f->out)[f->used] = (char)c;
    }
    f->used++;
}
DDI_UNUSED void ddi_format_pad(struct ddi_format_state *f, int n, unsigned c)
{
    while (n-- > 0)
        ddi_format_put(f, c);
}
/* n units of a string of either kind. */
DDI_UNUSED void ddi_format_text(struct ddi_format_state *f, const void *s, int wide, int n)
{
    if (!f->left)
        ddi_format_pad(f, f->width - n, ' ');
    for (int i = 0; i < n; i++)
        ddi_format_put(f, wide ? ((const WCHAR *)s)[i] : ((const unsigned char *)s)[i]);
    if (f->left)
        ddi_format_pad(f, f->width - n, ' ');
}
DDI_UNUSED void ddi_format_string(struct ddi_format_state *f, const void *s, int wide)
{
    int n = 0;
    if (!s)
        s = "(null)", wide = 0;
    while ((f->precision < 0 || n < f->precision) && (wide ? ((const WCHAR *)s)[n] : ((const unsigned char *)s)[n]))
        n++;
    ddi_format_text(f, s, wide, n);
}
DDI_UNUSED void ddi_format_number(struct ddi_format_state *f, unsigned long long v, unsigned base, int upper, int negative)
{
    char digits[24];
    int n = 0, zeros;
    do {
        unsigned d = (unsigned)(v % base);
        digits[n++] = (char)(d < 10 ? '0' + d : (upper ? 'A' : 'a') + d - 10);
        v /= base;
    } while (v);
    zeros = f->precision - n;
    if (f->precision < 0 && f->zero && !f->left)
        zeros = f->width - n - negative;
    if (zeros < 0)
        zeros = 0;
    if (!f->left)
        ddi_format_pad(f, f->width - n - zeros - negative, ' ');
    if (negative)
        ddi_format_put(f, '-');
    ddi_format_pad(f, zeros, '0');
    for (int i = n; i-- > 0;)
        ddi_format_put(f, (unsigned char)digits[i]);
    if (f->left)
        ddi_format_pad(f, f->width - n - zeros - negative, ' ');
}

/* Unit i of the format string. */
#define DDI_UNIT(i) (wide ? ((const WCHAR *)format)[i] : (unsigned)((const unsigned char *)format)[i])

/* Writes at most `room` units, without a terminator; answers how many it would have written. */
DDI_UNUSED size_t ddi_format(void *out, size_t room, int wide, const void *format, va_list args)
{
    struct ddi_format_state f = {out, room, 0, wide, 0, 0, 0, -1};
    for (size_t i = 0; DDI_UNIT(i); i++) {
        int big = 0, narrow = 0, broad = 0;
        unsigned c;
        if (DDI_UNIT(i) != '%') {
            ddi_format_put(&f, DDI_UNIT(i));
            continue;
        }
        f.left = f.zero = f.width = 0;
        f.precision = -1;
        for (i++; (c = DDI_UNIT(i)) == '-' || c == '0' || c == '+' || c == ' ' || c == '#'; i++) {
            f.left |= c == '-';
            f.zero |= c == '0';
        }
        if (DDI_UNIT(i) == '*') {
            f.width = va_arg(args, int);
            i++;
        }
        for (; (c = DDI_UNIT(i)) >= '0' && c <= '9' && f.width < 4096; i++)
            f.width = f.width * 10 + (int)(c - '0');
        if (DDI_UNIT(i) == '.') {
            f.precision = 0;
            i++;
            if (DDI_UNIT(i) == '*') {
                f.precision = va_arg(args, int);
                i++;
            }
            for (; (c = DDI_UNIT(i)) >= '0' && c <= '9' && f.precision < 4096; i++)
                f.precision = f.precision * 10 + (int)(c - '0');
        }
        for (;; i++) { /* `l` alone is 32 bits, as long is on Windows */
            c = DDI_UNIT(i);
            if (c == 'h')
                narrow = 1;
            else if (c == 'w')
                broad = 1;
            else if (c == 'l') {
                broad = 1;
                big |= DDI_UNIT(i + 1) == 'l';
            } else if (c == 'z')
                big |= sizeof(size_t) == 8;
            else if (c == 'I' && DDI_UNIT(i + 1) == '6' && DDI_UNIT(i + 2) == '4') {
                big = 1;
                i += 2;
            } else if (c == 'I' && DDI_UNIT(i + 1) == '3' && DDI_UNIT(i + 2) == '2')
                i += 2;
            else if (c == 'I')
                big |= sizeof(void *) == 8;
            else
                break;
        }
        if (c == 0)
            break;
        if (c == 'd' || c == 'i') {
            long long v = big ? va_arg(args, long long) : va_arg(args, int);
            ddi_format_number(&f, v < 0 ? 0ULL - (unsigned long long)v : (unsigned long long)v, 10, 0, v < 0);
        } else if (c == 'u' || c == 'x' || c == 'X' || c == 'o') {
            unsigned long long v = big ? va_arg(args, unsigned long long) : va_arg(args, unsigned);
            ddi_format_number(&f, v, c == 'u' ? 10 : c == 'o' ? 8 : 16, c == 'X', 0);
        } else if (c == 'p') {
            f.precision = (int)sizeof(void *) * 2;
            ddi_format_number(&f, (unsigned long long)(uintptr_t)va_arg(args, void *), 16, 1, 0);
        } else if (c == 'c' || c == 'C') {
            WCHAR unit = (WCHAR)va_arg(args, int);
            ddi_format_text(&f, &unit, 1, 1);
        } else if (c == 's' || c == 'S') {
            int is_wide = narrow ? 0 : broad ? 1 : c == 's' ? wide : !wide;
            ddi_format_string(&f, va_arg(args, const void *), is_wide);
        } else if (c == 'Z') { /* counted string: Length in bytes, MaximumLength, Buffer */
            struct ddi_counted {
                USHORT length, room;
                const void *buffer;
            } const *s = va_arg(args, const struct ddi_counted *);
            if (s && s->buffer)
                ddi_format_text(&f, s->buffer, broad, broad ? s->length / 2 : s->length);
        } else
            ddi_format_put(&f, c);
    }
    return f.used;
}
#undef DDI_UNIT

/* Up to n units, terminated if there is room; -1 if not all of it fits. */
DDI_UNUSED int ddi_vsnwprintf(WCHAR *to, size_t n, const WCHAR *format, va_list args)
{
    size_t used = ddi_format(to, n, 1, format, args);
    if (used < n)
        to[used] = 0;
    return used > n ? -1 : (int)used;
}
DDI_UNUSED int ddi_snwprintf(WCHAR *to, size_t n, const WCHAR *format, ...)
{
    va_list args;
    va_start(args, format);
    int used = ddi_vsnwprintf(to, n, format, args);
    va_end(args);
    return used;
}
DDI_UNUSED int ddi_swprintf(WCHAR *to, const WCHAR *format, ...)
{
    va_list args;
    va_start(args, format);
    int used = ddi_vsnwprintf(to, 0x7fffffff, format, args);
    va_end(args);
    return used;
}

/* The same for bytes; the C library's vsnprintf has other forms and answers other numbers. TO NULL and N 0: the length. */
DDI_UNUSED int ddi_vsnprintf(char *to, size_t n, const char *format, va_list args)
{
    size_t used = ddi_format(to, n, 0, format, args);
    if (used < n)
        to[used] = 0;
    return used > n && (to || n) ? -1 : (int)used;
}
DDI_UNUSED int ddi_snprintf(char *to, size_t n, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int used = ddi_vsnprintf(to, n, format, args);
    va_end(args);
    return used;
}
DDI_UNUSED int ddi_strnicmp(const char *a, const char *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int left = ddi_towlower((WCHAR)(unsigned char)a[i]), right = ddi_towlower((WCHAR)(unsigned char)b[i]);
        if (left != right || !left)
            return left - right;
    }
    return 0;
}
DDI_UNUSED int ddi_stricmp(const char *a, const char *b) { return ddi_strnicmp(a, b, (size_t)-1); }

#if __SIZEOF_WCHAR_T__ == 2
#define _snprintf  ddi_snprintf
#define _vsnprintf ddi_vsnprintf
#define _stricmp   ddi_stricmp
#define _strnicmp  ddi_strnicmp
#define wcslen     ddi_wcslen
#define wcscpy     ddi_wcscpy
#define wcsncpy    ddi_wcsncpy
#define wcscat     ddi_wcscat
#define wcscmp     ddi_wcscmp
#define wcsncmp    ddi_wcsncmp
#define wcschr     ddi_wcschr
#define wcsrchr    ddi_wcsrchr
#define _wcsicmp   ddi_wcsicmp
#define swprintf   ddi_swprintf
#define _snwprintf ddi_snwprintf
#define _vsnwprintf ddi_vsnwprintf
#endif

#endif
