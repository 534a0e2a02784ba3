/* SPDX-License-Identifier: MIT */
/* The registry from the host's side: paths in UTF-8. */
#include "kernel/wdm/registry.h"

#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "kernel/wdm/impl.h"
#include "kernel/wdm/registry_text.h"
#include "kernel/wdm/units.h"

static const struct {
    const char *name, *path;
} roots[] = {
    {"HKEY_LOCAL_MACHINE", "\\Registry\\Machine"},
    {"HKLM", "\\Registry\\Machine"},
    {"HKEY_USERS", "\\Registry\\User"},
    {"HKU", "\\Registry\\User"},
};

/* PATH with its root's long form, as units that the caller frees; NULL if memory is short. */
static uint16_t *path_units(const char *path, size_t size, size_t *count)
{
    const char *front = "";
    for (size_t i = 0; i < RTL_NUMBER_OF(roots); i++) {
        size_t n = strlen(roots[i].name);
        if (size >= n && strncasecmp(path, roots[i].name, n) == 0 && (size == n || path[n] == '\\')) {
            front = roots[i].path;
            path += n;
            size -= n;
            break;
        }
    }
    size_t front_count = strlen(front), rest = units_from_utf8(NULL, 0, path, size);
    uint16_t *units = dm_malloc((front_count + rest + 1) * sizeof *units);
    if (!units)
        return NULL;
    units_from_utf8(units, front_count, front, front_count);
    units_from_utf8(units + front_count, rest, path, size);
    *count = front_count + rest;
    return units;
}

static enum dm_status status_of(enum reg_result result, struct dm_error *err, const char *what)
{
    switch (result) {
    case REG_OK: return DM_OK;
    case REG_NOMEM: return dm_fail(err, DM_ERR_NOMEM, "registry");
    case REG_ABSENT: return dm_fail(err, DM_ERR_NOT_FOUND, "no registry key of that name");
    default: return dm_fail(err, DM_ERR_ARGUMENT, "registry: %s", what);
    }
}

enum dm_status registry_key_named(struct wdm_machine *m, const char *path, size_t size, bool create, struct reg_key **out,
                                  struct dm_error *err)
{
    size_t count;
    uint16_t *units = path_units(path, size, &count);
    if (!units)
        return dm_fail(err, DM_ERR_NOMEM, "registry");
    enum reg_result result = reg_walk(&m->registry, NULL, (struct reg_name){units, count}, create, out, NULL);
    dm_free(units);
    return status_of(result, err, "a key's name is too long, or the keys nest too deep");
}

enum dm_status registry_set_value(struct reg_key *key, const char *name, size_t name_size, uint32_t type, const void *data,
                                  size_t size, struct dm_error *err)
{
    size_t count = units_from_utf8(NULL, 0, name, name_size);
    uint16_t *units = dm_malloc((count + 1) * sizeof *units);
    if (!units)
        return dm_fail(err, DM_ERR_NOMEM, "registry");
    units_from_utf8(units, count, name, name_size);
    enum reg_result result = reg_value_set(key, (struct reg_name){units, count}, type, data, size);
    dm_free(units);
    return status_of(result, err, "a value or its name is too long");
}

enum dm_status registry_set_text(struct reg_key *key, const char *name, size_t name_size, uint32_t type, const char *text,
                                 size_t size, struct dm_error *err)
{
    size_t count = units_from_utf8(NULL, 0, text, size);
    uint16_t *units = dm_calloc(count + 1, sizeof *units);
    if (!units)
        return dm_fail(err, DM_ERR_NOMEM, "registry");
    units_from_utf8(units, count, text, size);
    enum dm_status status = registry_set_value(key, name, name_size, type, units, (count + 1) * sizeof *units, err);
    dm_free(units);
    return status;
}

enum dm_status registry_make(struct wdm_machine *m, const char *path, struct dm_error *err)
{
    struct reg_key *key;
    pthread_mutex_lock(&m->registry.lock);
    enum dm_status status = registry_key_named(m, path, strlen(path), true, &key, err);
    pthread_mutex_unlock(&m->registry.lock);
    return status;
}

NTSTATUS registry_open(struct wdm_machine *m, const char *path, ULONG access, HANDLE *out)
{
    struct reg_key *key;
    pthread_mutex_lock(&m->registry.lock);
    enum dm_status status = registry_key_named(m, path, strlen(path), false, &key, NULL);
    if (status == DM_OK)
        key->handles++;
    pthread_mutex_unlock(&m->registry.lock);
    if (status != DM_OK)
        return status == DM_ERR_NOMEM ? STATUS_INSUFFICIENT_RESOURCES : STATUS_OBJECT_NAME_NOT_FOUND;
    return registry_handle(m, key, access, out);
}

enum dm_status wdm_registry_set(struct wdm_machine *m, const char *path, const char *name, uint32_t type, const void *data,
                                size_t size, struct dm_error *err)
{
    struct reg_key *key;
    const char *value = name ? name : "";
    pthread_mutex_lock(&m->registry.lock);
    enum dm_status status = registry_key_named(m, path, strlen(path), true, &key, err);
    if (status == DM_OK)
        status = registry_set_value(key, value, strlen(value), type, data, size, err);
    pthread_mutex_unlock(&m->registry.lock);
    return status;
}

enum dm_status wdm_registry_set_string(struct wdm_machine *m, const char *path, const char *name, const char *text,
                                       struct dm_error *err)
{
    struct reg_key *key;
    const char *value = name ? name : "";
    pthread_mutex_lock(&m->registry.lock);
    enum dm_status status = registry_key_named(m, path, strlen(path), true, &key, err);
    if (status == DM_OK)
        status = registry_set_text(key, value, strlen(value), REG_SZ, text, strlen(text), err);
    pthread_mutex_unlock(&m->registry.lock);
    return status;
}

enum dm_status wdm_registry_set_dword(struct wdm_machine *m, const char *path, const char *name, uint32_t value,
                                      struct dm_error *err)
{
    return wdm_registry_set(m, path, name, REG_DWORD, &value, sizeof value, err);
}

bool wdm_registry_get(struct wdm_machine *m, const char *path, const char *name, uint32_t *type, void *data, size_t capacity,
                      size_t *size)
{
    struct reg_key *key;
    size_t name_size = name ? strlen(name) : 0, count = units_from_utf8(NULL, 0, name, name_size);
    uint16_t *units = dm_malloc((count + 1) * sizeof *units);
    if (!units)
        return false;
    units_from_utf8(units, count, name, name_size);
    pthread_mutex_lock(&m->registry.lock);
    bool found = registry_key_named(m, path, strlen(path), false, &key, NULL) == DM_OK;
    struct reg_value *v = found ? reg_value_find(key, (struct reg_name){units, count}) : NULL;
    if (v && capacity && v->size)
        memcpy(data, v->data, v->size < capacity ? v->size : capacity);
    if (v && size)
        *size = v->size;
    if (v && type)
        *type = v->type;
    pthread_mutex_unlock(&m->registry.lock);
    dm_free(units);
    return v != NULL;
}
