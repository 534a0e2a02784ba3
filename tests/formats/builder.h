/* SPDX-License-Identifier: MIT */
/*
 * builder.h - for tests of readers: a file in the making, and a receiver of
 * notes that remembers what it heard. Out of memory ends the test program.
 */
#ifndef DMUS_TESTS_BUILDER_H
#define DMUS_TESTS_BUILDER_H

#include <stdlib.h>

#include "base/status.h"
#include "tap.h"

struct builder {
    uint8_t *data;
    size_t size, capacity;
};

static inline void put(struct builder *b, const uint8_t *bytes, size_t size)
{
    if (b->size + size > b->capacity) {
        b->capacity = 2 * (b->size + size) + 256;
        b->data = realloc(b->data, b->capacity);
        if (!b->data)
            exit(2);
    }
    if (size > 0)
        memcpy(b->data + b->size, bytes, size);
    b->size += size;
}
#define PUT(b, ...) put((b), (const uint8_t[]){__VA_ARGS__}, sizeof(const uint8_t[]){__VA_ARGS__})

static struct {
    char text[8192];
    unsigned count;
} heard;

static inline void hear(void *ctx, const char *text)
{
    (void)ctx;
    heard.count++;
    size_t used = strlen(heard.text);
    snprintf(heard.text + used, sizeof heard.text - used, "%s\n", text);
}

static const struct dm_notes hearing = {hear, NULL};

static inline void forget(void)
{
    heard.count = 0;
    heard.text[0] = '\0';
}

static inline bool was_heard(const char *words)
{
    bool yes = strstr(heard.text, words) != NULL;
    if (!yes)
        printf("# not noted: \"%s\" in:\n%s", words, heard.text);
    return yes;
}

/* A heap copy of the exact size, in which sanitizers see a read past the end. */
static inline uint8_t *exact_copy(const struct builder *b)
{
    uint8_t *copy = malloc(b->size ? b->size : 1);
    if (!copy)
        exit(2);
    if (b->size > 0)
        memcpy(copy, b->data, b->size);
    return copy;
}

#endif
