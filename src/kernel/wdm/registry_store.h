/* SPDX-License-Identifier: MIT */
/*
 * registry_store.h - the tree of keys and values behind registry.h and the Zw functions. Names are UTF-16 units,
 * neither ended by zero nor counted in bytes. Every function but reg_lock needs the store locked.
 */
#ifndef DMUS_KERNEL_WDM_REGISTRY_STORE_H
#define DMUS_KERNEL_WDM_REGISTRY_STORE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reg_name {
    const uint16_t *units;
    size_t count;
};

struct reg_value {
    struct reg_value *next;
    uint16_t *name; /* NULL if the name is empty */
    size_t name_count;
    uint32_t type;
    uint8_t *data;
    size_t size;
};

struct reg_key {
    struct reg_key *parent; /* NULL: the root, or a key that was deleted */
    struct reg_key *children, *next;
    struct reg_value *values; /* in order of making */
    uint16_t *name;
    size_t name_count;
    unsigned handles; /* that keep the memory of a deleted key */
    bool deleted;
    int64_t written_100ns;
};

struct reg_store {
    pthread_mutex_t lock;
    struct reg_key root; /* above \Registry */
};

enum reg_result { REG_OK, REG_ABSENT, REG_NOMEM, REG_BAD_NAME, REG_DELETED, REG_HAS_CHILDREN };

void reg_init(struct reg_store *store);
void reg_finish(struct reg_store *store);

/* From FROM (NULL: the root) down PATH, names between backslashes; empty names at the front and end are skipped.
 * CREATE makes what is missing; *CREATED (may be NULL) says whether the last one was made. */
enum reg_result reg_walk(struct reg_store *store, struct reg_key *from, struct reg_name path, bool create,
                         struct reg_key **out, bool *created);
/* Takes a key without children and handles' claims out of the tree; freed when the last handle goes. */
enum reg_result reg_delete(struct reg_key *key);
/* The key and all below it. */
void reg_delete_tree(struct reg_key *key);
void reg_release(struct reg_key *key); /* one handle less */

struct reg_value *reg_value_find(struct reg_key *key, struct reg_name name);
struct reg_value *reg_value_at(struct reg_key *key, size_t index);
struct reg_key *reg_child_at(struct reg_key *key, size_t index);
/* Make or replace; DATA may be NULL if SIZE is 0. */
enum reg_result reg_value_set(struct reg_key *key, struct reg_name name, uint32_t type, const void *data, size_t size);
enum reg_result reg_value_delete(struct reg_key *key, struct reg_name name);

#endif
