/* SPDX-License-Identifier: MIT */
#include "pipewire_common.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "realtime.h"

#define ANSWER_SECONDS 2

atomic_uint pipewire_output_clock;

static void init(void) { pw_init(NULL, NULL); }

static void on_info(void *ctx, const struct pw_core_info *info)
{
    struct pipewire *pw = ctx;
    const char *rate = info->props ? spa_dict_lookup(info->props, "default.clock.rate") : NULL;
    if (rate && atoi(rate) > 0)
        pw->rate = (uint32_t)atoi(rate);
}

static void on_done(void *ctx, uint32_t id, int seq)
{
    struct pipewire *pw = ctx;
    if (id == PW_ID_CORE && seq == pw->pending) {
        pw->answered = true;
        pw_thread_loop_signal(pw->loop, false);
    }
}

static void on_error(void *ctx, uint32_t id, int seq, int code, const char *message)
{
    struct pipewire *pw = ctx;
    (void)seq, (void)message;
    if (id != PW_ID_CORE || code != -EPIPE)
        return;
    pw->failed = true;
    pw_thread_loop_signal(pw->loop, false);
    if (pw->gone)
        pw->gone(pw->ctx);
}

static const struct pw_core_events core_events = {
    PW_VERSION_CORE_EVENTS,
    .info = on_info,
    .done = on_done,
    .error = on_error,
};

bool pipewire_sync(struct pipewire *pw)
{
    struct timespec until;
    pw->answered = false;
    pw->pending = pw_core_sync(pw->core, PW_ID_CORE, 0);
    pw_thread_loop_get_time(pw->loop, &until, ANSWER_SECONDS * SPA_NSEC_PER_SEC);
    while (!pw->answered && !pw->failed)
        if (pw_thread_loop_timed_wait_full(pw->loop, &until) < 0)
            break;
    return pw->answered;
}

void pipewire_close(struct pipewire *pw)
{
    if (pw->loop)
        pw_thread_loop_stop(pw->loop);
    if (pw->core) {
        spa_hook_remove(&pw->core_hook);
        pw_core_disconnect(pw->core);
    }
    if (pw->context)
        pw_context_destroy(pw->context);
    if (pw->loop)
        pw_thread_loop_destroy(pw->loop);
    *pw = (struct pipewire){0};
}

enum dm_status pipewire_open(struct pipewire *pw, void (*gone)(void *ctx), void *ctx, struct dm_error *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    *pw = (struct pipewire){.gone = gone, .ctx = ctx, .rate = 48000};
    enum dm_status loaded = pipewire_library_load(err);
    if (loaded != DM_OK)
        return loaded;
    pthread_once(&once, init);
    /* The configuration that asks for real-time scheduling of the thread that processes. */
    struct pw_properties *config = pw_properties_new(PW_KEY_CONFIG_NAME, "client-rt.conf", NULL);
    pw->loop = pw_thread_loop_new("dmus-pipewire", NULL);
    if (!pw->loop)
        pw_properties_free(config);
    pw->context = pw->loop ? pw_context_new(pw_thread_loop_get_loop(pw->loop), config, 0) : NULL;
    if (!pw->context || pw_thread_loop_start(pw->loop) < 0) {
        pipewire_close(pw);
        return dm_fail(err, DM_ERR_NOMEM, "PipeWire: the library does not start");
    }
    pw_thread_loop_lock(pw->loop);
    errno = 0;
    pw->core = pw_context_connect(pw->context, NULL, 0);
    int error = errno;
    if (pw->core)
        pw_core_add_listener(pw->core, &pw->core_hook, &core_events, pw);
    bool answers = pw->core && pipewire_sync(pw);
    pw_thread_loop_unlock(pw->loop);
    if (answers)
        return DM_OK;
    bool connected = pw->core != NULL;
    pipewire_close(pw);
    if (connected)
        return dm_fail(err, DM_ERR_DEVICE, "PipeWire: the server does not answer");
    return dm_fail(err, DM_ERR_DEVICE, "PipeWire: no server is running (%s)", strerror(error));
}

/* ---- listing ---- */

struct listing {
    pipewire_global_fn *each;
    void *ctx;
};

static void on_global(void *ctx, uint32_t id, uint32_t permissions, const char *type, uint32_t version,
                      const struct spa_dict *props)
{
    struct listing *listing = ctx;
    (void)permissions, (void)version;
    if (props)
        listing->each(listing->ctx, id, type, props);
}

static const struct pw_registry_events registry_events = {PW_VERSION_REGISTRY_EVENTS, .global = on_global};

enum dm_status pipewire_list(pipewire_global_fn *each, void *ctx, struct dm_error *err)
{
    struct pipewire pw;
    struct listing listing = {each, ctx};
    struct spa_hook hook;
    spa_zero(hook);
    enum dm_status status = pipewire_open(&pw, NULL, NULL, err);
    if (status != DM_OK)
        return status;
    pw_thread_loop_lock(pw.loop);
    struct pw_registry *registry = pw_core_get_registry(pw.core, PW_VERSION_REGISTRY, 0);
    if (registry) {
        pw_registry_add_listener(registry, &hook, &registry_events, &listing);
        pipewire_sync(&pw);
        spa_hook_remove(&hook);
        pw_proxy_destroy((struct pw_proxy *)registry);
    }
    pw_thread_loop_unlock(pw.loop);
    pipewire_close(&pw);
    return registry ? DM_OK : dm_fail(err, DM_ERR_NOMEM, "PipeWire: out of memory");
}
