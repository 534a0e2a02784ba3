/* SPDX-License-Identifier: MIT */
#include "library.h"

#include <dlfcn.h>
#include <string.h>

#include "base/log.h"

_Static_assert(sizeof(void *) == sizeof(void (*)(void)), "dlsym answers with pointers to functions");

static enum dm_status find_functions(const struct library *library, void *handle, struct dm_error *err)
{
    unsigned char *to = library->functions;
    for (size_t i = 0; i < library->count; i++, to += sizeof(void *)) {
        void *function = dlsym(handle, library->names[i]);
        if (!function)
            return dm_fail(err, DM_ERR_DEVICE, "%s: %s has no %s; a newer one is needed", library->what, library->soname,
                           library->names[i]);
        memcpy(to, &function, sizeof function);
    }
    return DM_OK;
}

static enum dm_status load(const struct library *library, struct dm_error *err)
{
    void *handle = dlopen(library->soname, RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        const char *why = dlerror();
        log_at(LOG_INFO, "library", "%s", why ? why : library->soname);
        return dm_fail(err, DM_ERR_DEVICE, "%s: cannot load %s; is it installed?", library->what, library->soname);
    }
    enum dm_status status = find_functions(library, handle, err);
    if (status != DM_OK)
        dlclose(handle);
    return status;
}

enum dm_status library_load(struct library *library, struct dm_error *err)
{
    enum dm_status status = DM_OK;
    pthread_mutex_lock(&library->lock);
    if (!library->loaded)
        status = load(library, err);
    library->loaded = status == DM_OK;
    pthread_mutex_unlock(&library->lock);
    return status;
}
