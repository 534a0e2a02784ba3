/* SPDX-License-Identifier: MIT */
/*
 * riff_builder.h - writes RIFF bytes for the tests of the readers, right ones and wrong ones.
 *
 *     struct rb b = {0};
 *     rb_begin(&b, "RIFF", "DLS "); ... rb_end(&b);
 *
 * Knows nothing of the code under test: sizes are patched in when a chunk ends.
 */
#ifndef DMUS_TESTS_RIFF_BUILDER_H
#define DMUS_TESTS_RIFF_BUILDER_H

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/status.h"

struct rb {
    uint8_t bytes[1 << 17];
    size_t size;
    size_t open[16]; /* where the open chunks' headers stand */
    int depth;
    bool unpadded; /* leave the padding of odd chunks out */
};

static inline void rb_bytes(struct rb *b, const void *data, size_t size)
{
    if (size > sizeof b->bytes - b->size)
        abort();
    memcpy(b->bytes + b->size, data, size);
    b->size += size;
}

static inline void rb_u8(struct rb *b, unsigned v) { rb_bytes(b, &(uint8_t){(uint8_t)v}, 1); }
static inline void rb_u16(struct rb *b, unsigned v)
{
    rb_u8(b, v & 0xFF);
    rb_u8(b, v >> 8 & 0xFF);
}
static inline void rb_u32(struct rb *b, uint32_t v)
{
    rb_u16(b, v & 0xFFFF);
    rb_u16(b, v >> 16);
}
static inline void rb_id(struct rb *b, const char *id) { rb_bytes(b, id, 4); }

/* COUNT 32-bit words. */
static inline void rb_words(struct rb *b, int count, ...)
{
    va_list args;
    va_start(args, count);
    while (count-- > 0)
        rb_u32(b, va_arg(args, uint32_t));
    va_end(args);
}

/* TYPE is NULL for a plain chunk. */
static inline void rb_begin(struct rb *b, const char *id, const char *type)
{
    if (b->depth == 16)
        abort();
    b->open[b->depth++] = b->size;
    rb_id(b, id);
    rb_u32(b, 0);
    if (type)
        rb_id(b, type);
}

static inline void rb_poke32(struct rb *b, size_t at, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        b->bytes[at + (size_t)i] = (uint8_t)(v >> 8 * i);
}

static inline void rb_end(struct rb *b)
{
    size_t at = b->open[--b->depth], size = b->size - at - 8;
    rb_poke32(b, at + 4, (uint32_t)size);
    if (size & 1 && !b->unpadded)
        rb_u8(b, 0);
}

static inline void rb_text(struct rb *b, const char *id, const char *text)
{
    rb_begin(b, id, NULL);
    rb_bytes(b, text, strlen(text) + 1);
    rb_end(b);
}

static inline struct span rb_span(const struct rb *b) { return (struct span){b->bytes, b->size}; }

/* Position of the Nth (from 0) occurrence of ID, or abort. */
static inline size_t rb_find(const struct rb *b, const char *id, int nth)
{
    for (size_t i = 0; i + 4 <= b->size; i++)
        if (memcmp(b->bytes + i, id, 4) == 0 && nth-- == 0)
            return i;
    abort();
}

/* What a reader said. */
struct note_log {
    int count;
    char text[64][400];
};

static inline void note_log_add(void *ctx, const char *text)
{
    struct note_log *log = ctx;
    if (log->count < 64)
        snprintf(log->text[log->count], sizeof log->text[0], "%s", text);
    log->count++;
}

static inline bool note_log_has(const struct note_log *log, const char *part)
{
    for (int i = 0; i < log->count && i < 64; i++)
        if (strstr(log->text[i], part))
            return true;
    printf("# no note \"%s\" among %d:\n", part, log->count);
    for (int i = 0; i < log->count && i < 64; i++)
        printf("#   %s\n", log->text[i]);
    return false;
}

#endif
