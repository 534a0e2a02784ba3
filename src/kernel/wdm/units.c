/* SPDX-License-Identifier: MIT */
#include "kernel/wdm/units.h"

#include <stdbool.h>
#include <string.h>

/* One well-formed sequence (Unicode 15, table 3-7) at AT; else one byte as Latin-1. */
static uint32_t decode(const uint8_t *at, size_t left, size_t *used)
{
    static const uint32_t lowest[5] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned length = at[0] < 0x80 ? 1 : at[0] >> 5 == 6 ? 2 : at[0] >> 4 == 14 ? 3 : at[0] >> 3 == 30 ? 4 : 0;
    *used = 1;
    if (length < 2 || length > left)
        return at[0];
    uint32_t code = at[0] & (0x7Fu >> length);
    for (unsigned i = 1; i < length; i++) {
        if (at[i] >> 6 != 2)
            return at[0];
        code = code << 6 | (at[i] & 0x3Fu);
    }
    if (code < lowest[length] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
        return at[0];
    *used = length;
    return code;
}

size_t units_from_utf8(uint16_t *out, size_t capacity, const char *text, size_t size)
{
    const uint8_t *at = (const uint8_t *)text;
    size_t count = 0, used;
    for (size_t i = 0; i < size; i += used) {
        uint32_t code = decode(at + i, size - i, &used);
        bool pair = code >= 0x10000;
        if (count + pair < capacity) {
            out[count] = (uint16_t)(pair ? 0xD7C0 + (code >> 10) : code);
            if (pair)
                out[count + 1] = (uint16_t)(0xDC00 | (code & 0x3FF));
        } else if (count < capacity) {
            capacity = count; /* not half a pair, and nothing after it */
        }
        count += 1u + pair;
    }
    return count;
}

static unsigned encode(char piece[4], uint32_t code)
{
    if (code < 0x80) {
        piece[0] = (char)code;
        return 1;
    }
    unsigned length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (unsigned i = length; i-- > 1; code >>= 6)
        piece[i] = (char)(0x80 | (code & 0x3F));
    piece[0] = (char)((0xF00u >> length & 0xF0u) | code);
    return length;
}

size_t units_to_utf8(char *out, size_t capacity, const uint16_t *units, size_t count)
{
    size_t size = 0, end = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t code = units[i];
        char piece[4];
        if (code >= 0xD800 && code < 0xE000) {
            bool whole = code < 0xDC00 && i + 1 < count && units[i + 1] >> 10 == 0xDC00 >> 10;
            code = whole ? ((code - 0xD7C0) << 10 | (units[++i] & 0x3FFu)) : 0xFFFD;
        }
        unsigned length = encode(piece, code);
        if (size + length < capacity) {
            memcpy(out + size, piece, length);
            end = size + length;
        } else {
            capacity = capacity ? end + 1 : 0;
        }
        size += length;
    }
    if (capacity)
        out[end] = 0;
    return size;
}

int units_compare(const uint16_t *a, size_t a_count, const uint16_t *b, size_t b_count)
{
    for (size_t i = 0; i < a_count && i < b_count; i++) {
        int difference = (int)unit_up(a[i]) - (int)unit_up(b[i]);
        if (difference)
            return difference;
    }
    return a_count == b_count ? 0 : a_count < b_count ? -1 : 1;
}
