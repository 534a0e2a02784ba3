/* SPDX-License-Identifier: MIT */
/* The instruments of a bank in a synthesizer of the caller's: the loader, with a door that only takes downloads. */
#define COBJMACROS
#include <stdatomic.h>

#include "base/alloc.h"
#include "dmus/ddi.h"
#include "errors.h"
#include "hresult.h"
#include "image.h"
#include "loader.h"

struct given {
    HANDLE handle;
    bool keeps; /* the synth reads our memory until it calls back */
};

/* What the loader takes for a route. */
struct route {
    IDirectMusicSynth *synth;
    struct given *given;
    uint32_t count, capacity;
};

struct dmus_downloads {
    struct route route;
    struct loader loader;
    struct dmus_bank *bank;
    atomic_uint owed; /* callbacks, and one of our own */
};

static uint32_t append_frames(struct route *route)
{
    DWORD append = 0;
    return SUCCEEDED(IDirectMusicSynth_GetAppend(route->synth, &append)) ? append : 0;
}

static enum dm_status refused(HRESULT hr, struct dm_error *err)
{
    return dm_fail(err, hr == E_OUTOFMEMORY ? DM_ERR_NOMEM : hr == DMUS_E_SYNTHNOTCONFIGURED ? DM_ERR_ARGUMENT : DM_ERR_UNSUPPORTED,
                   "refused by the synthesizer: %s (0x%08X)", hresult_text(hr), (unsigned)hr);
}

static enum dm_status download(struct route *route, void *image, void **handle, bool *keeps, struct dm_error *err)
{
    BOOL may_free = TRUE;
    if (route->count == route->capacity) {
        uint32_t capacity = route->capacity ? route->capacity * 2 : 64;
        struct given *grown = dm_realloc(route->given, capacity, sizeof *grown);
        if (!grown)
            return dm_fail(err, DM_ERR_NOMEM, "no memory for %u downloads", (unsigned)capacity);
        route->given = grown;
        route->capacity = capacity;
    }
    HRESULT hr = IDirectMusicSynth_Download(route->synth, handle, image, &may_free);
    *keeps = SUCCEEDED(hr) && !may_free;
    if (FAILED(hr))
        return refused(hr, err);
    route->given[route->count++] = (struct given){*handle, *keeps};
    return DM_OK;
}

static const struct route_ops door = {.name = "caller's", .append_frames = append_frames, .download = download};

/* ---- which instruments ---- */

/* Keep of what SELECTION has, all of the bank, those that PATCHES names. */
static enum dm_status keep_patches(struct selection *selection, const uint32_t *patches, size_t count, struct dm_error *err)
{
    uint32_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t at = 0;
        while (at < selection->count && selection->selected[at].patch != patches[i])
            at++;
        if (at == selection->count)
            return dm_fail(err, DM_ERR_NOT_FOUND, "no instrument has the patch 0x%08X", (unsigned)patches[i]);
        if (at < kept)
            continue; /* named twice */
        struct selected found = selection->selected[at];
        selection->selected[at] = selection->selected[kept];
        selection->selected[kept++] = found;
    }
    selection->count = kept;
    return DM_OK;
}

static enum dm_status load(struct dmus_downloads *d, const uint32_t *patches, size_t count, struct dm_error *err)
{
    static const struct song_plan none;
    static const struct dm_notes nobody;
    struct selection selection;
    enum dm_status status = selection_make(&d->bank, 1, &none, true, true, &selection, err);
    if (status != DM_OK)
        return status;
    if (patches)
        status = keep_patches(&selection, patches, count, err);
    if (status != DM_OK)
        error_at(err, status, d->bank->path);
    else
        status = loader_run(&d->loader, &door, &d->route, &d->bank, 1, &selection, &nobody, err);
    selection_clear(&selection);
    return status;
}

/* ---- the end ---- */

static void paid(struct dmus_downloads *d)
{
    if (atomic_fetch_sub(&d->owed, 1) != 1)
        return;
    loader_clear(&d->loader);
    dmus_bank_close(d->bank);
    dm_free(d->route.given);
    dm_free(d);
}

static HRESULT CALLBACK unloaded(HANDLE handle, HANDLE user)
{
    (void)handle;
    paid(user);
    return S_OK;
}

/* A synth that was closed meanwhile knows no handle any more, and reads nothing. Backwards: instruments before waves. */
void dmus_download_end(struct dmus_downloads *downloads)
{
    if (!downloads)
        return;
    IDirectMusicSynth *synth = downloads->route.synth;
    for (uint32_t i = downloads->route.count; i-- > 0;) {
        const struct given *given = &downloads->route.given[i];
        if (given->keeps)
            atomic_fetch_add(&downloads->owed, 1);
        HRESULT hr = IDirectMusicSynth_Unload(synth, given->handle, given->keeps ? unloaded : NULL, downloads);
        if (FAILED(hr) && given->keeps)
            atomic_fetch_sub(&downloads->owed, 1);
    }
    paid(downloads);
    IDirectMusicSynth_Release(synth);
}

enum dmus_status dmus_bank_download(struct dmus_bank *bank, IDirectMusicSynth *synth, const uint32_t *patches, size_t count,
                                    struct dmus_downloads **out, struct dmus_error *err)
{
    if (out)
        *out = NULL;
    if (!bank || !synth || !out || (patches && count == 0))
        return error_argument(err, "dmus_bank_download: no bank, no synthesizer, no patches or no place for the downloads");
    struct dmus_downloads *d = dm_calloc(1, sizeof *d);
    if (!d)
        return error_public(err, DM_ERR_NOMEM, NULL);
    d->bank = dmus_bank_ref(bank);
    d->route.synth = synth;
    IDirectMusicSynth_AddRef(synth);
    atomic_init(&d->owed, 1);
    struct dm_error inner = {0};
    enum dm_status status = load(d, patches, count, &inner);
    if (status == DM_OK)
        *out = d;
    else
        dmus_download_end(d);
    return error_public(err, status, &inner);
}

uint32_t dmus_next_download_id(void) { return image_next_id(); }
