/* SPDX-License-Identifier: MIT */
#include "text.h"

#include <stdint.h>
#include <string.h>

#include "arena.h"

/* Length of the well-formed character at p (Unicode table 3-7), 0 if there is none. */
static size_t utf8_length(const uint8_t *p, size_t size)
{
    uint8_t lead = p[0], low = 0x80, high = 0xBF;
    size_t length;
    if (lead < 0x80)
        return 1;
    if (lead >= 0xC2 && lead <= 0xDF)
        length = 2;
    else if ((lead & 0xF0) == 0xE0)
        length = 3;
    else if (lead >= 0xF0 && lead <= 0xF4)
        length = 4;
    else
        return 0;
    if (lead == 0xE0)
        low = 0xA0; /* overlong */
    else if (lead == 0xED)
        high = 0x9F; /* surrogates */
    else if (lead == 0xF0)
        low = 0x90; /* overlong */
    else if (lead == 0xF4)
        high = 0x8F; /* beyond U+10FFFF */
    if (size < length || p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    return length;
}

bool text_valid_utf8(const void *bytes, size_t size)
{
    const uint8_t *p = bytes;
    for (size_t i = 0, length; i < size; i += length)
        if ((length = utf8_length(p + i, size - i)) == 0)
            return false;
    return true;
}

size_t text_cut(const char *text, size_t size, size_t limit)
{
    if (size <= limit)
        return size;
    size_t cut = limit;
    for (int i = 0; i < 3 && cut > 0 && ((uint8_t)text[cut] & 0xC0) == 0x80; i++)
        cut--;
    /* Not UTF-8 after all: nothing to keep whole. */
    return ((uint8_t)text[cut] & 0xC0) == 0x80 ? limit : cut;
}

/* The next clean character of the source; returns the bytes it took and gives the bytes it makes. */
static size_t clean_one(const uint8_t *p, size_t size, bool utf8, uint8_t out[4], size_t *made)
{
    size_t length = utf8 ? utf8_length(p, size) : 1;
    bool control = p[0] < 0x20 || p[0] == 0x7F;
    if (length == 2 && p[0] == 0xC2 && p[1] < 0xA0)
        control = true;
    if (length == 1 && p[0] >= 0x80) {
        control = p[0] < 0xA0;
        out[0] = (uint8_t)(0xC0 | p[0] >> 6);
        out[1] = (uint8_t)(0x80 | (p[0] & 0x3F));
        *made = 2;
    } else {
        memcpy(out, p, length);
        *made = length;
    }
    if (control) {
        out[0] = ' ';
        *made = 1;
    }
    return length;
}

/* Bytes up to which the text counts: the first NUL, then back over what would become spaces at the end. */
static size_t clean_extent(const uint8_t *p, size_t size, bool *utf8)
{
    const uint8_t *nul = size ? memchr(p, 0, size) : NULL;
    if (nul)
        size = (size_t)(nul - p);
    *utf8 = text_valid_utf8(p, size);
    size_t end = 0;
    for (size_t i = 0; i < size;) {
        uint8_t out[4];
        size_t made;
        i += clean_one(p + i, size - i, *utf8, out, &made);
        if (made != 1 || out[0] != ' ')
            end = i;
    }
    return end;
}

/* The length of what counts of a text that is clean as it is, which nearly every name in a bank is; SIZE + 1: it is another. */
static size_t plain_extent(const uint8_t *p, size_t size)
{
    size_t end = 0;
    for (size_t i = 0; i < size && p[i] != 0; i++) {
        if (p[i] < 0x20 || p[i] >= 0x7F)
            return size + 1;
        if (p[i] != ' ')
            end = i + 1;
    }
    return end;
}

size_t text_clean(char *out, size_t capacity, const void *bytes, size_t size)
{
    const uint8_t *p = bytes;
    bool utf8, open = capacity > 0;
    size_t total = plain_extent(p, size), written = 0;
    if (total <= size && (total < capacity || capacity == 0)) {
        if (capacity == 0)
            return total;
        if (total > 0)
            memcpy(out, p, total);
        out[total] = '\0';
        return total;
    }
    total = 0;
    size = clean_extent(p, size, &utf8);
    for (size_t i = 0; i < size;) {
        uint8_t one[4];
        size_t made;
        i += clean_one(p + i, size - i, utf8, one, &made);
        open = open && made <= capacity - 1 - written;
        if (open) {
            memcpy(out + written, one, made);
            written += made;
        }
        total += made;
    }
    if (capacity > 0)
        out[written] = '\0';
    return total;
}

char *text_clean_arena(struct arena *arena, const void *bytes, size_t size)
{
    size_t length = text_clean(NULL, 0, bytes, size);
    char *text = arena_alloc(arena, length + 1, 1);
    if (text)
        text_clean(text, length + 1, bytes, size);
    return text;
}
