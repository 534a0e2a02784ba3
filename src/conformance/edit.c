/* SPDX-License-Identifier: MIT */
#include "edit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put_id(char out[5], const void *from)
{
    memcpy(out, from, 4);
    out[4] = 0;
}

static bool is_list(const char *id)
{
    return strcmp(id, "RIFF") == 0 || strcmp(id, "LIST") == 0;
}

/* ---- from bytes and back ---- */

static struct conf_chunk parse(const uint8_t *bytes, uint32_t *taken)
{
    struct conf_chunk chunk = {.size = load_le32(bytes + 4)};
    put_id(chunk.id, bytes);
    *taken = 8 + chunk.size + (chunk.size & 1);
    if (!is_list(chunk.id)) {
        chunk.data = conf_grow(NULL, chunk.size + 1, 1);
        memcpy(chunk.data, bytes + 8, chunk.size);
        return chunk;
    }
    put_id(chunk.type, bytes + 8);
    for (uint32_t at = 12, length; at + 8 <= 8 + chunk.size; at += length) {
        chunk.children = conf_grow(chunk.children, chunk.count + 1, sizeof *chunk.children);
        chunk.children[chunk.count++] = parse(bytes + at, &length);
    }
    return chunk;
}

static uint32_t padded(const struct conf_chunk *chunk);

static uint32_t body(const struct conf_chunk *chunk)
{
    uint32_t size = chunk->type[0] ? 4 : chunk->size;
    for (uint32_t i = 0; i < chunk->count; i++)
        size += padded(&chunk->children[i]);
    return size;
}

static uint32_t padded(const struct conf_chunk *chunk)
{
    uint32_t size = body(chunk);
    return 8 + size + (size & 1);
}

static void write_chunk(struct conf_bytes *out, const struct conf_chunk *chunk)
{
    uint8_t size[4];
    store_le32(size, body(chunk));
    conf_append(out, chunk->id, 4);
    conf_append(out, size, 4);
    if (chunk->type[0])
        conf_append(out, chunk->type, 4);
    else
        conf_append(out, chunk->data, chunk->size);
    for (uint32_t i = 0; i < chunk->count; i++)
        write_chunk(out, &chunk->children[i]);
    if (body(chunk) & 1)
        conf_append(out, "", 1);
}

static void release(struct conf_chunk *chunk)
{
    for (uint32_t i = 0; i < chunk->count; i++)
        release(&chunk->children[i]);
    free(chunk->children);
    free(chunk->data);
}

void conf_apply_edit(struct conf_bytes *bytes, void (*change)(struct conf_chunk *form))
{
    uint32_t taken;
    struct conf_bytes out = {0};
    struct conf_chunk form = parse(bytes->data, &taken);
    change(&form);
    write_chunk(&out, &form);
    release(&form);
    free(bytes->data);
    *bytes = out;
}

/* ---- finding and changing ---- */

static bool named(const struct conf_chunk *chunk, const char *name)
{
    return strcmp(chunk->type[0] ? chunk->type : chunk->id, name) == 0;
}

struct conf_chunk *conf_child(struct conf_chunk *list, const char *name, uint32_t n)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (named(&list->children[i], name) && n-- == 0)
            return &list->children[i];
    fprintf(stderr, "conformance: there is no '%s' in '%s'\n", name, list->type);
    exit(2);
}

struct conf_chunk *conf_edit_instrument(struct conf_chunk *form, uint32_t i)
{
    return conf_child(conf_child(form, "lins", 0), "ins ", i);
}

struct conf_chunk *conf_edit_region(struct conf_chunk *form, uint32_t i, uint32_t r)
{
    return conf_child(conf_child(conf_edit_instrument(form, i), "lrgn", 0), "rgn2", r);
}

static struct conf_chunk *add(struct conf_chunk *list, const char *id, const char *type)
{
    list->children = conf_grow(list->children, list->count + 1, sizeof *list->children);
    struct conf_chunk *chunk = &list->children[list->count++];
    *chunk = (struct conf_chunk){0};
    put_id(chunk->id, id);
    if (*type)
        put_id(chunk->type, type);
    return chunk;
}

struct conf_chunk *conf_add_chunk(struct conf_chunk *list, const char *id, const void *data, uint32_t size)
{
    struct conf_chunk *chunk = add(list, id, "");
    chunk->data = conf_grow(NULL, size + 1, 1);
    chunk->size = size;
    memcpy(chunk->data, data, size);
    return chunk;
}

struct conf_chunk *conf_add_list(struct conf_chunk *list, const char *type)
{
    return add(list, "LIST", type);
}

void conf_remove(struct conf_chunk *list, const char *name, uint32_t n)
{
    struct conf_chunk *chunk = conf_child(list, name, n);
    release(chunk);
    memmove(chunk, chunk + 1, sizeof *chunk * (size_t)(list->children + --list->count - chunk));
}

void conf_add_articulation(struct conf_chunk *list, const char *type, const struct dls_connection *connections, uint32_t count)
{
    struct conf_bytes data = {0};
    uint8_t head[8];
    store_le32(head, 8);
    store_le32(head + 4, count);
    conf_append(&data, head, 8);
    for (uint32_t i = 0; i < count; i++) {
        uint8_t block[12];
        store_le16(block, connections[i].source);
        store_le16(block + 2, connections[i].control);
        store_le16(block + 4, connections[i].destination);
        store_le16(block + 6, connections[i].transform);
        store_le32(block + 8, (uint32_t)connections[i].scale);
        conf_append(&data, block, sizeof block);
    }
    conf_add_chunk(conf_add_list(list, type), strcmp(type, "lart") == 0 ? "art1" : "art2", data.data, (uint32_t)data.size);
    free(data.data);
}
