/* SPDX-License-Identifier: MIT */
/* Drivers: loaded from a shared object or linked in, their DriverEntry, and their end. */
#include <dlfcn.h>
#include <string.h>

#include "base/alloc.h"
#include "host_impl.h"
#include "kernel/wdm/device.h"
#include "kernel/wdm/given.h"

static const char services[] = "\\Registry\\Machine\\System\\CurrentControlSet\\Services\\";

static WCHAR *wide_join(const char *first, const char *second)
{
    size_t a = strlen(first), b = strlen(second);
    WCHAR *text = dm_calloc(a + b + 1, sizeof *text);
    for (size_t i = 0; text && i < a; i++)
        text[i] = (WCHAR)(unsigned char)first[i];
    for (size_t i = 0; text && i < b; i++)
        text[a + i] = (WCHAR)(unsigned char)second[i];
    return text;
}

static bool good_name(const char *name)
{
    size_t length = name ? strlen(name) : 0;
    return length > 0 && length < 48 && strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == length;
}

static bool name_taken(const struct host *host, const char *name)
{
    for (const struct host_driver *d = host->drivers; d; d = d->next)
        if (strcmp(d->name, name) == 0)
            return true;
    return false;
}

static void driver_free(struct host_driver *driver)
{
    if (driver->module)
        dlclose(driver->module);
    dm_free(driver->registry_path);
    dm_free(driver->driver_name);
    dm_free(driver->name);
    dm_free(driver);
}

static enum dm_status driver_new(struct host *host, const char *name, struct host_driver **out, struct dm_error *err)
{
    struct host_driver *driver = dm_calloc(1, sizeof *driver);
    *out = driver;
    if (driver) {
        driver->host = host;
        driver->name = dm_strdup(name);
        driver->registry_path = wide_join(services, name);
        driver->driver_name = wide_join("\\Driver\\", name);
    }
    if (driver && driver->name && driver->registry_path && driver->driver_name)
        return DM_OK;
    if (driver)
        driver_free(driver);
    return dm_fail(err, DM_ERR_NOMEM, "%s: no memory for a driver", name);
}

/* Every symbol is resolved now: a driver that wants a service which nobody has fails here and not in the middle of a song. */
static enum dm_status open_module(struct host_driver *driver, const char *path, PDRIVER_INITIALIZE *entry, struct dm_error *err)
{
    driver->module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!driver->module)
        return dm_fail(err, DM_ERR_OPEN, "%s", dlerror());
    void *symbol = dlsym(driver->module, "DriverEntry");
    if (!symbol)
        return dm_fail(err, DM_ERR_UNSUPPORTED, "%s: no DriverEntry in it (in C++ it must be extern \"C\")", path);
    memcpy(entry, &symbol, sizeof symbol); /* an object pointer to a function's, as POSIX has it */
    return DM_OK;
}

static enum dm_status call_entry(struct host_driver *driver, PDRIVER_INITIALIZE entry, struct dm_error *err)
{
    UNICODE_STRING path;
    struct wdm_call call;
    driver->object.Size = (SHORT)sizeof driver->object;
    driver->object.DriverExtension = &driver->extension;
    driver->object.DriverInit = entry;
    driver->object.DriverSection = driver;
    driver->extension.DriverObject = &driver->object;
    RtlInitUnicodeString(&driver->object.DriverName, driver->driver_name);
    RtlInitUnicodeString(&path, driver->registry_path);
    driver->pool_mark = wdm_pool_mark(driver->host->machine);
    wdm_call_begin(&call, "DriverEntry");
    NTSTATUS status = entry(&driver->object, &path);
    wdm_call_end(&call);
    if (!NT_SUCCESS(status))
        return dm_fail(err, DM_ERR_DEVICE, "%s: DriverEntry failed with status 0x%08X", driver->name, (unsigned)status);
    if (!driver->extension.AddDevice || !driver->object.MajorFunction[IRP_MJ_PNP])
        return dm_fail(err, DM_ERR_UNSUPPORTED, "%s: DriverEntry has set no AddDevice; it must call PcInitializeAdapterDriver",
                       driver->name);
    return DM_OK;
}

/* What was made up to END, the mark of the driver that was loaded next. */
static void report_leaks(struct host_driver *driver, uint64_t end)
{
    wdm_pool_report_leaks(driver->host->machine, driver->pool_mark, end, driver->name);
    wdm_given_report(driver->host->machine, driver->pool_mark, end, driver->name);
}

enum dm_status host_load_driver(struct host *host, const struct host_driver_config *config, struct host_driver **out,
                                struct dm_error *err)
{
    struct host_driver *driver;
    PDRIVER_INITIALIZE entry = config->entry;
    *out = NULL;
    if (!good_name(config->name) || name_taken(host, config->name) || !entry == !config->path)
        return dm_fail(err, DM_ERR_ARGUMENT, "driver name \"%s\": used already, or not of letters, digits, _ and -",
                       config->name ? config->name : "");
    enum dm_status status = driver_new(host, config->name, &driver, err);
    if (status != DM_OK)
        return status;
    bool entered = host_enter(host);
    if (config->path)
        status = open_module(driver, config->path, &entry, err);
    if (status == DM_OK) {
        status = call_entry(driver, entry, err);
        if (status != DM_OK)
            report_leaks(driver, UINT64_MAX);
    }
    host_leave(entered);
    if (status != DM_OK) {
        driver_free(driver);
        return status;
    }
    driver->next = host->drivers;
    host->drivers = driver;
    *out = driver;
    return DM_OK;
}

/* All are unloaded before leaks are told, the last loaded first: a block counts against the driver that was loaded last before it was
 * made, and by now nobody's is left in use. */
void host_drivers_unload(struct host *host)
{
    for (struct host_driver *d = host->drivers; d; d = d->next) {
        struct wdm_call call;
        if (!d->object.DriverUnload)
            continue;
        wdm_call_begin(&call, "DriverUnload");
        d->object.DriverUnload(&d->object);
        wdm_call_end(&call);
    }
    if (!host->drivers)
        return;
    wdm_report_queued(host->machine, NULL, SIZE_MAX, "the last driver's unload");
    wdm_interrupt_report_connected(host->machine, "the last driver's unload");
    /* What has told its driver that it is over may still have to return through the driver's code. */
    bool left = wdm_threads_settle(host->machine) > 0;
    left |= !wdm_work_settle(host->machine);
    for (uint64_t end = UINT64_MAX; host->drivers;) {
        struct host_driver *driver = host->drivers;
        host->drivers = driver->next;
        report_leaks(driver, end);
        end = driver->pool_mark;
        if (left)
            driver->module = NULL; /* for whoever runs in it */
        driver_free(driver);
    }
}
