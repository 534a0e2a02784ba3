/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700
#include "wine_registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Part of a text, from its first byte to behind its last. */
struct range {
    size_t begin, end;
};

/* Behind the newline of the line that AT is in. */
static size_t line_end(const struct file_bytes *text, size_t at)
{
    const char *newline = memchr(text->data + at, '\n', text->size - at);
    return newline ? (size_t)(newline - text->data) + 1 : text->size;
}

static bool begins(const struct file_bytes *text, size_t at, const char *word)
{
    size_t length = strlen(word);
    return text->size - at >= length && strncasecmp(text->data + at, word, length) == 0;
}

/* The line of a key and all that belongs to it. */
static bool find_key(const struct file_bytes *text, const char *key, struct range *out)
{
    char head[256];
    snprintf(head, sizeof head, "[%s]", key);
    for (size_t at = 0; at < text->size; at = line_end(text, at)) {
        if (!begins(text, at, head))
            continue;
        out->begin = at;
        out->end = line_end(text, at);
        while (out->end < text->size && text->data[out->end] != '[')
            out->end = line_end(text, out->end);
        return true;
    }
    return false;
}

/* The line of a value, with its newline. */
static bool find_value(const struct file_bytes *text, struct range key, const char *name, struct range *out)
{
    char head[128];
    snprintf(head, sizeof head, "\"%s\"=", name);
    for (size_t at = key.begin; at < key.end; at = line_end(text, at))
        if (begins(text, at, head)) {
            *out = (struct range){at, line_end(text, at)};
            return true;
        }
    return false;
}

/* Behind the last line of a key that is not empty. */
static size_t last_line(const struct file_bytes *text, struct range key)
{
    size_t last = key.begin;
    for (size_t at = key.begin; at < key.end; at = line_end(text, at))
        if (text->data[at] != '\n' && text->data[at] != '\r')
            last = line_end(text, at);
    return last;
}

static bool replace(struct file_bytes *text, struct range old, const char *with)
{
    size_t length = strlen(with), tail = text->size - old.end;
    char *data = malloc(old.begin + length + tail + 1);
    if (!data)
        return false;
    memcpy(data, text->data, old.begin);
    memcpy(data + old.begin, with, length);
    memcpy(data + old.begin + length, text->data + old.end, tail);
    data[old.begin + length + tail] = '\0';
    free(text->data);
    *text = (struct file_bytes){data, old.begin + length + tail};
    return true;
}

bool registry_is_one(const struct file_bytes *text)
{
    return begins(text, 0, "WINE REGISTRY Version 2") && text->data[text->size - 1] == '\n' && !memchr(text->data, 0, text->size);
}

static void value_line(char line[512], const char *name, const char *value)
{
    snprintf(line, 512, "\"%s\"=\"%s\"\n", name, value);
}

bool registry_set(struct file_bytes *text, const char *key, const char *name, const char *value, time_t now,
                  struct registry_change *change)
{
    char line[512], added[1024];
    struct range in_key, old;
    *change = (struct registry_change){false, NULL};
    value_line(line, name, value);
    if (!find_key(text, key, &in_key)) {
        snprintf(added, sizeof added, "\n[%s] %lld\n%s", key, (long long)now, line);
        change->key_added = true;
        return replace(text, (struct range){text->size, text->size}, added);
    }
    if (!find_value(text, in_key, name, &old)) {
        size_t at = last_line(text, in_key);
        return replace(text, (struct range){at, at}, line);
    }
    size_t length = old.end - old.begin - 1, shown = length; /* without the newline */
    while (shown && text->data[old.begin + shown - 1] == '\r')
        shown--;
    if (text->data[old.begin + shown - 1] == '\\')
        return false;
    change->previous = strndup(text->data + old.begin, length);
    if (change->previous && replace(text, old, line))
        return true;
    free(change->previous);
    change->previous = NULL;
    return false;
}

/* Nothing but its head, dates and empty lines. */
static bool key_is_empty(const struct file_bytes *text, struct range key)
{
    for (size_t at = line_end(text, key.begin); at < key.end; at = line_end(text, at))
        if (!strchr("#\r\n", text->data[at]))
            return false;
    return true;
}

enum registry_result registry_unset(struct file_bytes *text, const char *key, const char *name, const char *value,
                                    const struct registry_change *change)
{
    char line[512];
    struct range in_key, old;
    value_line(line, name, value);
    if (!find_key(text, key, &in_key) || !find_value(text, in_key, name, &old) || !begins(text, old.begin, line))
        return REGISTRY_OTHER;
    if (change->previous)
        return replace(text, (struct range){old.begin, old.end - 1}, change->previous) ? REGISTRY_DONE : REGISTRY_FAILED;
    if (!replace(text, old, ""))
        return REGISTRY_FAILED;
    if (change->key_added && find_key(text, key, &in_key) && key_is_empty(text, in_key)) {
        if (in_key.begin >= 2 && text->data[in_key.begin - 1] == '\n' && text->data[in_key.begin - 2] == '\n')
            in_key.begin--;
        return replace(text, in_key, "") ? REGISTRY_DONE : REGISTRY_FAILED;
    }
    return REGISTRY_DONE;
}
