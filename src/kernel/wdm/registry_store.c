/* SPDX-License-Identifier: MIT */
#include "kernel/wdm/registry_store.h"

#include <string.h>

#include "base/alloc.h"
#include "kernel/wdm/registry.h"
#include "kernel/wdm/units.h"

void reg_init(struct reg_store *store)
{
    *store = (struct reg_store){0};
    pthread_mutex_init(&store->lock, NULL);
}

static void free_value(struct reg_value *value)
{
    dm_free(value->name);
    dm_free(value->data);
    dm_free(value);
}

static void free_values(struct reg_key *key)
{
    for (struct reg_value *next, *v = key->values; v; v = next) {
        next = v->next;
        free_value(v);
    }
    key->values = NULL;
}

static void free_key(struct reg_key *key)
{
    free_values(key);
    dm_free(key->name);
    dm_free(key);
}

static void unlink_key(struct reg_key *key)
{
    struct reg_key **at = &key->parent->children;
    while (*at != key)
        at = &(*at)->next;
    *at = key->next;
    key->parent = NULL;
    key->next = NULL;
    key->deleted = true;
    free_values(key);
    if (key->handles == 0)
        free_key(key);
}

/* Leaves first, without recursion: the depth is a stranger's choice. */
void reg_delete_tree(struct reg_key *key)
{
    struct reg_key *at = key;
    for (;;) {
        while (at->children)
            at = at->children;
        if (at == key)
            break;
        struct reg_key *up = at->parent;
        unlink_key(at);
        at = up;
    }
    if (key->parent)
        unlink_key(key);
}

enum reg_result reg_delete(struct reg_key *key)
{
    if (key->deleted)
        return REG_DELETED;
    if (key->children)
        return REG_HAS_CHILDREN;
    if (!key->parent)
        return REG_BAD_NAME;
    unlink_key(key);
    return REG_OK;
}

void reg_release(struct reg_key *key)
{
    if (key->handles > 0 && --key->handles == 0 && key->deleted)
        free_key(key);
}

void reg_finish(struct reg_store *store)
{
    reg_delete_tree(&store->root);
    free_values(&store->root);
    pthread_mutex_destroy(&store->lock);
}

static bool copy_name(struct reg_name name, uint16_t **out)
{
    *out = NULL;
    if (name.count == 0)
        return true;
    *out = dm_malloc(name.count * sizeof **out);
    if (*out)
        memcpy(*out, name.units, name.count * sizeof **out);
    return *out != NULL;
}

static struct reg_key *add_child(struct reg_key *parent, struct reg_name name)
{
    struct reg_key *key = dm_calloc(1, sizeof *key);
    struct reg_key **at = &parent->children;
    if (!key)
        return NULL;
    if (!copy_name(name, &key->name)) {
        dm_free(key);
        return NULL;
    }
    key->name_count = name.count;
    key->parent = parent;
    while (*at)
        at = &(*at)->next;
    *at = key;
    return key;
}

static struct reg_key *child(struct reg_key *parent, struct reg_name name)
{
    struct reg_key *key = parent->children;
    while (key && units_compare(key->name, key->name_count, name.units, name.count) != 0)
        key = key->next;
    return key;
}

static unsigned depth_of(const struct reg_key *key)
{
    unsigned depth = 0;
    for (; key->parent; key = key->parent)
        depth++;
    return depth;
}

/* Next name of PATH, which is shortened by it; false at the end. */
static bool next_name(struct reg_name *path, struct reg_name *name)
{
    while (path->count && path->units[0] == '\\') {
        path->units++;
        path->count--;
    }
    *name = (struct reg_name){path->units, 0};
    while (path->count && path->units[0] != '\\') {
        path->units++;
        path->count--;
        name->count++;
    }
    return name->count > 0;
}

enum reg_result reg_walk(struct reg_store *store, struct reg_key *from, struct reg_name path, bool create,
                         struct reg_key **out, bool *created)
{
    struct reg_key *key = from ? from : &store->root;
    struct reg_name name;
    bool made = false;
    if (key->deleted)
        return REG_DELETED;
    unsigned depth = depth_of(key);
    while (next_name(&path, &name)) {
        if (name.count > WDM_REGISTRY_NAME_MAX || ++depth > WDM_REGISTRY_DEPTH_MAX)
            return REG_BAD_NAME;
        struct reg_key *below = child(key, name);
        made = !below && create;
        if (made)
            below = add_child(key, name);
        if (!below)
            return create ? REG_NOMEM : REG_ABSENT;
        key = below;
    }
    if (created)
        *created = made;
    *out = key;
    return REG_OK;
}

struct reg_value *reg_value_find(struct reg_key *key, struct reg_name name)
{
    struct reg_value *v = key->values;
    while (v && units_compare(v->name, v->name_count, name.units, name.count) != 0)
        v = v->next;
    return v;
}

struct reg_value *reg_value_at(struct reg_key *key, size_t index)
{
    struct reg_value *v = key->values;
    while (v && index--)
        v = v->next;
    return v;
}

struct reg_key *reg_child_at(struct reg_key *key, size_t index)
{
    struct reg_key *c = key->children;
    while (c && index--)
        c = c->next;
    return c;
}

static struct reg_value *add_value(struct reg_key *key, struct reg_name name)
{
    struct reg_value *v = dm_calloc(1, sizeof *v);
    struct reg_value **at = &key->values;
    if (!v || !copy_name(name, &v->name)) {
        dm_free(v);
        return NULL;
    }
    v->name_count = name.count;
    while (*at)
        at = &(*at)->next;
    *at = v;
    return v;
}

enum reg_result reg_value_set(struct reg_key *key, struct reg_name name, uint32_t type, const void *data, size_t size)
{
    if (key->deleted)
        return REG_DELETED;
    if (size > WDM_REGISTRY_VALUE_MAX || name.count > 16383)
        return REG_BAD_NAME;
    uint8_t *copy = dm_malloc(size);
    if (!copy)
        return REG_NOMEM;
    if (size)
        memcpy(copy, data, size);
    struct reg_value *v = reg_value_find(key, name);
    if (!v)
        v = add_value(key, name);
    if (!v) {
        dm_free(copy);
        return REG_NOMEM;
    }
    dm_free(v->data);
    v->data = copy;
    v->size = size;
    v->type = type;
    return REG_OK;
}

enum reg_result reg_value_delete(struct reg_key *key, struct reg_name name)
{
    struct reg_value **at = &key->values;
    if (key->deleted)
        return REG_DELETED;
    struct reg_value *v = reg_value_find(key, name);
    if (!v)
        return REG_ABSENT;
    while (*at != v)
        at = &(*at)->next;
    *at = v->next;
    free_value(v);
    return REG_OK;
}
