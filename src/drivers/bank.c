/* SPDX-License-Identifier: MIT */
#include "bank.h"

#include <string.h>

#include <dmdls.h>
#include <dmusicks.h>
#include <dmusprop.h>

#include "ask.h"
#include "base/alloc.h"
#include "base/refcount.h"
#include "names.h"
#include "player/song.h"

#define UNLOAD_MS 10000 /* how long a driver may keep unloads */

struct route { /* for the loader: nothing but downloads */
    struct host_pin *pin;
    int node;
    HANDLE *handles;
    size_t count, room;
};

struct drivers_bank {
    struct route route;
    struct loader loader;
};

static struct ask dls(const struct route *route, ULONG id)
{
    return (struct ask){.pin = route->pin, .node = route->node, .set = &KSPROPSETID_Synth_Dls, .id = id};
}

static uint32_t append_frames(struct route *route)
{
    ULONG bytes = 0;
    struct ask ask = dls(route, KSPROPERTY_SYNTH_DLS_APPEND);
    return NT_SUCCESS(ask_get(&ask, &bytes, sizeof bytes)) ? bytes / 2 : 0; /* of 16-bit mono */
}

static enum dm_status remember(struct route *route, HANDLE handle, struct dm_error *err)
{
    if (route->count == route->room) {
        size_t room = route->room ? route->room * 2 : 64;
        HANDLE *grown = dm_realloc(route->handles, room, sizeof *grown);
        if (!grown)
            return dm_fail(err, DM_ERR_NOMEM, "no memory for downloads");
        route->handles = grown;
        route->room = room;
    }
    route->handles[route->count++] = handle;
    return DM_OK;
}

/* The image says itself how long it is (spec/ddi-user.md 6). */
static enum dm_status download(struct route *route, void *image, void **handle, bool *keeps, struct dm_error *err)
{
    DMUS_DOWNLOADINFO info;
    SYNTHDOWNLOAD result = {.DownloadHandle = NULL, .Free = TRUE};
    memcpy(&info, image, sizeof info);
    SYNTH_BUFFER buffer = {.BufferSize = info.cbSize, .BufferAddress = image};
    struct ask ask = dls(route, KSPROPERTY_SYNTH_DLS_DOWNLOAD);
    ask.instance = &buffer;
    ask.cb_instance = sizeof buffer;
    NTSTATUS status = ask_get(&ask, &result, sizeof result);
    *handle = NT_SUCCESS(status) ? result.DownloadHandle : NULL;
    *keeps = NT_SUCCESS(status) && !result.Free;
    if (NT_SUCCESS(status))
        return remember(route, result.DownloadHandle, err);
    const char *name = names_status(status);
    return dm_fail(err, status == STATUS_INSUFFICIENT_RESOURCES || status == STATUS_NO_MEMORY ? DM_ERR_NOMEM : DM_ERR_FORMAT,
                   "the driver refuses a download: status 0x%08X%s%s", (unsigned)status, name ? " " : "", name ? name : "");
}

static const struct route_ops ops = {.name = "driver", .append_frames = append_frames, .download = download};

enum dm_status drivers_bank_load(struct host_pin *pin, int node, struct dmus_song *song, struct dmus_bank *const *banks, size_t count,
                                 struct drivers_bank **out, struct dm_error *err)
{
    struct selection selection = {0};
    struct dm_notes quiet = {NULL, NULL};
    struct drivers_bank *bank = dm_calloc(1, sizeof *bank);
    *out = bank;
    if (!bank)
        return dm_fail(err, DM_ERR_NOMEM, "no memory for a bank");
    bank->route.pin = pin;
    bank->route.node = node;
    enum dm_status status = selection_make(banks, count, &song->plan, false, false, &selection, err);
    if (status == DM_OK)
        status = loader_run(&bank->loader, &ops, &bank->route, banks, count, &selection, &quiet, err);
    selection_clear(&selection);
    return status;
}

void drivers_bank_figures(const struct drivers_bank *bank, uint32_t *instruments, uint32_t *waves, uint64_t *bytes)
{
    *instruments = bank->loader.instrument_count;
    *waves = bank->loader.wave_count;
    *bytes = bank->loader.wave_bytes;
}

/* Who waits for unloads and each of these has a reference: with the last request it may outlive the wait. */
struct unloading {
    struct refcount refs;
    _Atomic size_t left;
};

/* A request that may outlive the call. */
struct unload {
    _Alignas(8) KSNODEPROPERTY request;
    HANDLE handle;
    struct unloading *all;
};

static void release(struct unloading *all)
{
    if (refcount_release(&all->refs) == 0)
        dm_free(all);
}

static void unloaded(void *ctx, NTSTATUS status, uint32_t bytes)
{
    struct unload *unload = ctx;
    (void)status, (void)bytes;
    atomic_fetch_sub(&unload->all->left, 1);
    release(unload->all);
    dm_free(unload);
}

/* What the driver answered with STATUS_PENDING it completes when it no longer plays that. */
static void await(struct unloading *all, struct wdm_machine *machine)
{
    wdm_enter(machine);
    int64_t limit = wdm_time_100ns(machine) + UNLOAD_MS * WDM_MS;
    while (atomic_load(&all->left) && wdm_run_on(machine, limit))
        ;
    wdm_leave();
}

static void begin_unloads(struct route *route, struct unloading *all)
{
    while (route->count) {
        struct unload *unload = dm_calloc(1, sizeof *unload);
        if (!unload)
            return;
        refcount_add(&all->refs);
        atomic_fetch_add(&all->left, 1);
        unload->all = all;
        unload->request.Property.Set = KSPROPSETID_Synth_Dls;
        unload->request.Property.Id = KSPROPERTY_SYNTH_DLS_UNLOAD;
        unload->request.Property.Flags = KSPROPERTY_TYPE_SET | KSPROPERTY_TYPE_TOPOLOGY;
        unload->request.NodeId = (ULONG)route->node;
        unload->handle = route->handles[--route->count];
        host_pin_property_async(route->pin, &unload->request, sizeof unload->request, &unload->handle, sizeof unload->handle,
                                unloaded, unload);
    }
}

void drivers_bank_unload(struct drivers_bank *bank, struct wdm_machine *machine)
{
    struct unloading *all = dm_calloc(1, sizeof *all);
    if (!all)
        return;
    refcount_init(&all->refs, 1);
    begin_unloads(&bank->route, all);
    await(all, machine);
    release(all);
}

void drivers_bank_free(struct drivers_bank *bank)
{
    if (!bank)
        return;
    loader_clear(&bank->loader);
    dm_free(bank->route.handles);
    dm_free(bank);
}
