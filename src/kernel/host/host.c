/* SPDX-License-Identifier: MIT */
#include "host_impl.h"

#include <string.h>

#include "base/alloc.h"
#include "kernel/wdm/registry.h"

bool host_enter(struct host *host)
{
    if (wdm_current() == host->machine)
        return false;
    wdm_enter(host->machine);
    return true;
}

void host_leave(bool entered)
{
    if (entered)
        wdm_leave();
}

static enum dm_status check(const struct host_config *config, struct dm_error *err)
{
    if (config->event_buffer_size && (config->event_buffer_size < 32 || config->event_buffer_size > 65535))
        return dm_fail(err, DM_ERR_ARGUMENT, "event buffers of %u bytes: 32 to 65535", (unsigned)config->event_buffer_size);
    return DM_OK;
}

/* The machine is configured before anything enters it. */
static enum dm_status configure(struct host *host, struct dm_error *err)
{
    struct pc_config config = {
        .event_buffer_size = host->config.event_buffer_size,
        .render_bytes = host->config.render_bytes,
        .drop_active_sensing = host->config.drop_active_sensing,
        .trap_use_after_return = host->config.trap_use_after_return,
        .miniports = host->config.miniports,
        .miniport_count = host->config.miniport_count,
    };
    struct wdm_config machine = {.time = host->config.time,
                                 .print = host->config.print,
                                 .print_ctx = host->config.print_ctx,
                                 .priority = host->config.priority};
    enum dm_status status = wdm_machine_create(&machine, &host->machine, err);
    if (status != DM_OK)
        return status;
    if (!pc_machine_attach(host->machine, &config))
        return dm_fail(err, DM_ERR_NOMEM, "no memory for a host");
    if (host->config.registry_file)
        return wdm_registry_load(host->machine, host->config.registry_file, err);
    return DM_OK;
}

enum dm_status host_create(const struct host_config *config, struct host **out, struct dm_error *err)
{
    *out = NULL;
    enum dm_status status = check(config, err);
    if (status != DM_OK)
        return status;
    struct host *host = dm_calloc(1, sizeof *host);
    if (!host)
        return dm_fail(err, DM_ERR_NOMEM, "no memory for a host");
    host->config = *config;
    pthread_mutex_init(&host->lock, NULL);
    host->bus.DriverExtension = &host->bus_extension;
    host->bus_extension.DriverObject = &host->bus;
    status = configure(host, err);
    if (status != DM_OK) {
        host_destroy(host);
        return status;
    }
    *out = host;
    return DM_OK;
}

struct wdm_machine *host_machine(struct host *host) { return host->machine; }

void host_shut_down(struct host *host)
{
    if (host->shut_down)
        return;
    bool entered = host_enter(host);
    /* The youngest device first. */
    while (host->devices) {
        struct host_device *device = host->devices;
        while (device->next)
            device = device->next;
        host_device_end(device);
    }
    host_drivers_unload(host);
    host->shut_down = true;
    host_leave(entered);
}

void host_destroy(struct host *host)
{
    if (!host)
        return;
    if (host->machine) {
        host_shut_down(host);
        pc_machine_detach(host->machine);
        wdm_machine_destroy(host->machine);
    }
    pthread_mutex_destroy(&host->lock);
    dm_free(host);
}
