/* SPDX-License-Identifier: MIT */
#include "device.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/alloc.h"
#include "device_watch.h"

/* ---- opening ---- */

static void release(struct device *device)
{
    close(device->wake_fd);
    pthread_mutex_destroy(&device->lock);
    dm_free(device->discard);
    dm_free(device->scratch);
    dm_free(device->client_name);
    dm_free(device->device_name);
    dm_free(device);
}

static struct device *create(const struct device_driver *driver, const struct audio_config *config)
{
    struct device *device = dm_calloc(1, driver->size);
    if (!device)
        return NULL;
    device->base.ops = driver->ops;
    device->driver = driver;
    device->config = *config;
    device->device_name = dm_strdup(config->device);
    device->client_name = dm_strdup(config->client ? config->client : "dmus");
    device->config.device = device->device_name;
    device->config.client = device->client_name;
    device->scratch = dm_calloc(DEVICE_PULL_MAX * config->channels, sizeof(float));
    device->discard = dm_calloc(DEVICE_PULL_MAX * config->channels, sizeof(float));
    pthread_mutex_init(&device->lock, NULL);
    device->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    bool strings = device->client_name && (device->device_name || !config->device);
    if (device->wake_fd < 0 || !strings || !device->scratch || !device->discard) {
        release(device);
        return NULL;
    }
    return device;
}

static enum dm_status check_config(const struct audio_config *config, struct dm_error *err)
{
    if (config->sample_rate && (config->sample_rate < 4000 || config->sample_rate > 768000))
        return dm_fail(err, DM_ERR_ARGUMENT, "sample rate of %lu Hz", (unsigned long)config->sample_rate);
    if (config->channels != 1 && config->channels != 2)
        return dm_fail(err, DM_ERR_ARGUMENT, "%lu channels, not 1 or 2", (unsigned long)config->channels);
    if (config->period_frames > DEVICE_PULL_MAX || config->periods > 64)
        return dm_fail(err, DM_ERR_ARGUMENT, "a period is at most %u frames, a buffer 64 periods", DEVICE_PULL_MAX);
    return DM_OK;
}

enum dm_status device_connect(struct device *device, struct dm_error *err)
{
    struct audio_info info = {.pull_max = DEVICE_PULL_MAX};
    atomic_store(&device->lost, NULL);
    enum dm_status status = device->driver->connect(device, &info, err);
    if (status != DM_OK)
        return status;
    pthread_mutex_lock(&device->lock);
    device->info = info;
    pthread_mutex_unlock(&device->lock);
    device->config.sample_rate = info.sample_rate; /* from now on no other will do */
    device->config.channels = info.channels;
    device->connected = true;
    return DM_OK;
}

void device_disconnect(struct device *device)
{
    if (device->connected)
        device->driver->disconnect(device);
    device->connected = false;
}

enum dm_status device_open(const struct device_driver *driver, const struct audio_config *config, struct audio_output **out,
                           struct dm_error *err)
{
    *out = NULL;
    enum dm_status status = check_config(config, err);
    if (status != DM_OK)
        return status;
    struct device *device = create(driver, config);
    if (!device)
        return dm_fail(err, DM_ERR_NOMEM, "%s: out of memory", driver->name);
    status = device_connect(device, err);
    if (status != DM_OK) {
        release(device);
        return status;
    }
    *out = &device->base;
    return DM_OK;
}

enum dm_status device_close(struct audio_output *out, bool commit, struct dm_error *err)
{
    struct device *device = (struct device *)out;
    (void)commit, (void)err;
    device_stop(out);
    device_disconnect(device);
    release(device);
    return DM_OK;
}

uint64_t device_clipped(const struct audio_output *out)
{
    (void)out;
    return 0;
}

/* ---- running ---- */

enum dm_status device_start(struct audio_output *out, const struct audio_source *source, struct dm_error *err)
{
    struct device *device = (struct device *)out;
    enum dm_status status = DM_OK;
    if (atomic_load(&device->run) != AUDIO_STOPPED)
        return dm_fail(err, DM_ERR_ARGUMENT, "%s: started already", device->driver->name);
    if (device->connected && atomic_load(&device->lost)) /* while it stood still */
        device_disconnect(device);
    if (!device->connected)
        status = device_connect(device, err);
    if (status != DM_OK)
        return status;
    device->source = *source;
    device->own_frame = 0;
    atomic_store(&device->restarted, true);
    atomic_store(&device->puller, PULLER_NONE);
    atomic_store(&device->run, AUDIO_RUNNING);
    status = device->driver->run(device, err);
    if (status == DM_OK && !device_watch_start(device)) {
        device->driver->halt(device);
        status = dm_fail(err, DM_ERR_NOMEM, "%s: no thread", device->driver->name);
    }
    if (status != DM_OK)
        atomic_store(&device->run, AUDIO_STOPPED);
    return status;
}

void device_stop(struct audio_output *out)
{
    struct device *device = (struct device *)out;
    if (atomic_load(&device->run) == AUDIO_STOPPED)
        return;
    device_watch_stop(device);
    if (device->connected)
        device->driver->halt(device);
    atomic_store(&device->run, AUDIO_STOPPED);
}

/* ---- telling ---- */

void device_note(struct device *device, enum log_level level, const char *fmt, ...)
{
    char text[sizeof device->text];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    log_at(level, "audio", "%s: %s", device->driver->name, text);
    pthread_mutex_lock(&device->lock);
    snprintf(device->text, sizeof device->text, "%s: %.*s", device->driver->name, (int)(sizeof device->text - 32), text);
    pthread_mutex_unlock(&device->lock);
}

void device_info(struct audio_output *out, struct audio_info *info)
{
    struct device *device = (struct device *)out;
    pthread_mutex_lock(&device->lock);
    *info = device->info;
    pthread_mutex_unlock(&device->lock);
}

void device_state(struct audio_output *out, struct audio_state *state)
{
    struct device *device = (struct device *)out;
    *state = (struct audio_state){.run = (enum audio_run)atomic_load(&device->run),
                                  .latency_frames = atomic_load(&device->latency_frames),
                                  .xruns = atomic_load(&device->xruns),
                                  .lost_servers = atomic_load(&device->lost_servers),
                                  .frames_pulled = atomic_load(&device->pulled),
                                  .schedule = (enum audio_schedule)atomic_load(&device->schedule),
                                  .priority = atomic_load(&device->priority)};
    pthread_mutex_lock(&device->lock);
    memcpy(state->text, device->text, sizeof state->text);
    pthread_mutex_unlock(&device->lock);
}

void device_lost(struct device *device, const char *reason)
{
    const char *none = NULL;
    if (atomic_compare_exchange_strong(&device->lost, &none, reason))
        device_watch_wake(device);
}

void device_set_grant(struct device *device, const struct realtime_grant *grant)
{
    atomic_store(&device->priority, grant->priority);
    atomic_store(&device->schedule, (int)grant->schedule);
}
