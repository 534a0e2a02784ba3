/* SPDX-License-Identifier: MIT */
/* The PnP manager's part: device nodes, AddDevice, start, stop, removal, power (spec 8.1, 8.13). */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "host_impl.h"
#include "kernel/wdm/device.h"
#include "kernel/wdm/pnp.h"

#define STACK_MAX   8 /* devices on top of each other that a removal passes; two in practice */
#define MEDIA_CLASS "{4D36E96C-E325-11CE-BFC1-08002BE10318}" /* sound devices */

static void detach_models(struct host_device *device)
{
    while (device->model_count) {
        struct host_model_instance *m = &device->models[--device->model_count];
        m->model->detach(m->device);
    }
    dm_free(device->models);
    device->models = NULL;
}

static void device_free(struct host_device *device)
{
    detach_models(device);
    host_request_free(device->remove);
    if (device->pdo)
        IoDeleteDevice(device->pdo);
    dm_free(device->raw);
    dm_free(device->translated);
    host_resources_free(device->resources);
    dm_free(device);
}

static const struct host_model *find_model(const struct host *host, const char *name)
{
    for (size_t i = 0; i < host->config.model_count; i++)
        if (strcmp(host->config.models[i].name, name) == 0)
            return &host->config.models[i];
    return NULL;
}

static enum dm_status attach_model(struct host_device *device, const struct host_resource_model *wanted, struct dm_error *err)
{
    const struct host_model *model = find_model(device->host, wanted->name);
    const struct host_resource *port = host_resources_find(device->resources, CmResourceTypePort, wanted->port);
    const struct host_resource *interrupt = host_resources_find(device->resources, CmResourceTypeInterrupt, wanted->interrupt);
    if (!model) {
        char names[128] = "";
        size_t used = 0;
        for (size_t i = 0; used < sizeof names && i < device->host->config.model_count; i++)
            used += (size_t)snprintf(names + used, sizeof names - used, "%s %s", i ? "," : "; there is", device->host->config.models[i].name);
        return dm_fail(err, DM_ERR_NOT_FOUND, "no device model of the name \"%s\"%s", wanted->name, names);
    }
    struct host_model_place place = {
        .machine = device->host->machine,
        .port = port ? port->start : 0,
        .port_length = port ? port->length : 0,
        .has_interrupt = interrupt != NULL,
        .vector = interrupt ? (uint32_t)interrupt->start : 0,
        .options = wanted->options,
    };
    struct host_model_instance *at = &device->models[device->model_count];
    at->model = model;
    enum dm_status status = model->attach(&place, &at->device, err);
    if (status == DM_OK)
        device->model_count++;
    return status;
}

static enum dm_status attach_models(struct host_device *device, struct dm_error *err)
{
    size_t count = device->resources ? device->resources->model_count : 0;
    enum dm_status status = DM_OK;
    if (count && !(device->models = dm_calloc(count, sizeof *device->models)))
        return dm_fail(err, DM_ERR_NOMEM, "%s: no memory for device models", device->name);
    for (size_t i = 0; status == DM_OK && i < count; i++)
        status = attach_model(device, &device->resources->models[i], err);
    return status;
}

/* What an INF file would have left: properties of the node and its registry keys. */
static bool describe(struct host_device *device, unsigned number)
{
    PDEVICE_OBJECT pdo = device->pdo;
    char text[160], key[160];
    ULONG bus = 0, type = (ULONG)Internal;
    bool ok = wdm_device_describe_text(pdo, DevicePropertyDeviceDescription, device->driver->name);
    ok &= wdm_device_describe_text(pdo, DevicePropertyClassName, "MEDIA");
    ok &= wdm_device_describe_text(pdo, DevicePropertyClassGuid, MEDIA_CLASS);
    ok &= wdm_device_describe_text(pdo, DevicePropertyEnumeratorName, "OPENDMUS");
    ok &= wdm_device_describe_text(pdo, DevicePropertyManufacturer, "OpenDMus");
    snprintf(text, sizeof text, MEDIA_CLASS "\\%04u", number);
    ok &= wdm_device_describe_text(pdo, DevicePropertyDriverKeyName, text);
    snprintf(text, sizeof text, "\\Device\\%08x", number + 1);
    ok &= wdm_device_describe_text(pdo, DevicePropertyPhysicalDeviceObjectName, text);
    snprintf(text, sizeof text, "%s device %u", device->driver->name, number);
    ok &= wdm_device_describe_text(pdo, DevicePropertyLocationInformation, text);
    ok &= wdm_device_describe(pdo, DevicePropertyLegacyBusType, &type, sizeof type);
    ok &= wdm_device_describe(pdo, DevicePropertyBusNumber, &bus, sizeof bus);
    snprintf(key, sizeof key, "HKLM\\System\\CurrentControlSet\\Enum\\OPENDMUS\\%s\\%04u\\Device Parameters", device->driver->name, number);
    ok &= wdm_device_set_key(pdo, PLUGPLAY_REGKEY_DEVICE, key);
    snprintf(key, sizeof key, "HKLM\\System\\CurrentControlSet\\Control\\Class\\" MEDIA_CLASS "\\%04u", number);
    ok &= wdm_device_set_key(pdo, PLUGPLAY_REGKEY_DRIVER, key);
    snprintf(key, sizeof key, "HKLM\\System\\CurrentControlSet\\Hardware Profiles\\Current\\OPENDMUS\\%s\\%04u", device->driver->name, number);
    ok &= wdm_device_set_key(pdo, PLUGPLAY_REGKEY_DEVICE | PLUGPLAY_REGKEY_CURRENT_HWPROFILE, key);
    return ok;
}

static enum dm_status device_new(struct host_driver *driver, const struct host_resources *resources, struct host_device **out,
                                 struct dm_error *err)
{
    struct host *host = driver->host;
    struct host_device *device = dm_calloc(1, sizeof *device);
    *out = device;
    if (!device)
        return dm_fail(err, DM_ERR_NOMEM, "no memory for a device");
    device->host = host;
    device->driver = driver;
    snprintf(device->name, sizeof device->name, "%s%u", driver->name, driver->devices++);
    if ((resources && !(device->resources = host_resources_copy(resources))) ||
        !(device->raw = host_resources_list(resources, false)) || !(device->translated = host_resources_list(resources, true)) ||
        !NT_SUCCESS(IoCreateDevice(&host->bus, 0, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &device->pdo)) ||
        !(device->remove = host_request_new(STACK_MAX)) || !describe(device, host->nodes++))
        return dm_fail(err, DM_ERR_NOMEM, "%s: no memory for a device", device->name);
    device->pdo->Flags &= ~(ULONG)DO_DEVICE_INITIALIZING;
    return attach_models(device, err);
}

static enum dm_status call_add_device(struct host_device *device, struct dm_error *err)
{
    struct host_driver *driver = device->driver;
    struct wdm_call call;
    wdm_call_begin(&call, "AddDevice");
    NTSTATUS status = driver->extension.AddDevice(&driver->object, device->pdo);
    wdm_call_end(&call);
    if (!NT_SUCCESS(status))
        return dm_fail(err, status == STATUS_INSUFFICIENT_RESOURCES ? DM_ERR_NOMEM : DM_ERR_DEVICE,
                       "%s: AddDevice failed with status 0x%08X", device->name, (unsigned)status);
    if (!device->pdo->AttachedDevice)
        return dm_fail(err, DM_ERR_DEVICE, "%s: AddDevice has attached no device; it must call PcAddAdapterDevice", device->name);
    return DM_OK;
}

static void fill_capabilities(PIO_STACK_LOCATION stack, void *ctx) { stack->Parameters.DeviceCapabilities.Capabilities = ctx; }

/* What the bus can: on and off. */
static void ask_capabilities(struct host_device *device)
{
    DEVICE_CAPABILITIES caps = {.Size = sizeof caps, .Version = 1, .Address = 0xffffffffu, .UINumber = 0xffffffffu};
    caps.DeviceState[PowerSystemWorking] = PowerDeviceD0;
    for (int i = PowerSystemSleeping1; i < PowerSystemMaximum; i++)
        caps.DeviceState[i] = PowerDeviceD3;
    host_send_simple(device, IRP_MJ_PNP, IRP_MN_QUERY_CAPABILITIES, fill_capabilities, &caps);
}

static void fill_start(PIO_STACK_LOCATION stack, void *ctx)
{
    struct host_device *device = ctx;
    stack->Parameters.StartDevice.AllocatedResources = device->raw;
    stack->Parameters.StartDevice.AllocatedResourcesTranslated = device->translated;
}

static NTSTATUS start(struct host_device *device)
{
    NTSTATUS status = host_send_simple(device, IRP_MJ_PNP, IRP_MN_START_DEVICE, fill_start, device);
    device->started = NT_SUCCESS(status);
    return status;
}

static void link_device(struct host_device *device)
{
    struct host_device **link = &device->host->devices;
    while (*link)
        link = &(*link)->next;
    *link = device;
}

enum dm_status host_add_device(struct host_driver *driver, const struct host_resources *resources, struct host_device **out,
                               struct dm_error *err)
{
    struct host_device *device;
    bool entered = host_enter(driver->host);
    *out = NULL;
    enum dm_status status = device_new(driver, resources, &device, err);
    if (status == DM_OK)
        status = call_add_device(device, err);
    if (status == DM_OK) {
        link_device(device);
        ask_capabilities(device);
        NTSTATUS nt = start(device);
        if (!NT_SUCCESS(nt)) {
            status = dm_fail(err, nt == STATUS_INSUFFICIENT_RESOURCES ? DM_ERR_NOMEM : DM_ERR_DEVICE,
                             "%s: StartDevice failed with status 0x%08X", device->name, (unsigned)nt);
            host_device_end(device);
        }
    } else if (device && device->pdo && device->pdo->AttachedDevice) {
        host_device_end(device); /* AddDevice failed late */
    } else if (device) {
        device_free(device);
    }
    host_leave(entered);
    if (status == DM_OK)
        *out = device;
    return status;
}

static bool has_files(struct host_device *device)
{
    pthread_mutex_lock(&device->host->lock);
    bool any = device->files != NULL;
    pthread_mutex_unlock(&device->host->lock);
    return any;
}

NTSTATUS host_device_stop(struct host_device *device)
{
    if (!device->started)
        return STATUS_INVALID_DEVICE_STATE;
    if (has_files(device))
        return STATUS_DEVICE_BUSY;
    bool entered = host_enter(device->host);
    NTSTATUS status = host_send_simple(device, IRP_MJ_PNP, IRP_MN_QUERY_STOP_DEVICE, NULL, NULL);
    if (NT_SUCCESS(status))
        status = host_send_simple(device, IRP_MJ_PNP, IRP_MN_STOP_DEVICE, NULL, NULL);
    device->started &= !NT_SUCCESS(status);
    host_leave(entered);
    return status;
}

NTSTATUS host_device_start(struct host_device *device)
{
    if (device->started)
        return STATUS_INVALID_DEVICE_STATE;
    bool entered = host_enter(device->host);
    NTSTATUS status = start(device);
    host_leave(entered);
    return status;
}

static void report_interrupts(const struct host_device *device)
{
    const struct host_resource *interrupt;
    for (int i = 0; (interrupt = host_resources_find(device->resources, CmResourceTypeInterrupt, i)) != NULL; i++)
        wdm_interrupt_report_unserved(device->host->machine, (unsigned)interrupt->start, device->name);
}

/* In the machine. Nothing can stop a removal: the question comes first for the driver's information. */
void host_device_end(struct host_device *device)
{
    struct host_device **link = &device->host->devices;
    host_files_end(device);
    if (device->pdo->AttachedDevice) {
        host_send_simple(device, IRP_MJ_PNP, IRP_MN_QUERY_REMOVE_DEVICE, NULL, NULL);
        host_send_ready(device, NULL, device->remove, IRP_MJ_PNP, IRP_MN_REMOVE_DEVICE);
        device->remove = NULL;
        report_interrupts(device);
    }
    while (*link && *link != device)
        link = &(*link)->next;
    if (*link)
        *link = device->next;
    device_free(device);
}

void host_device_remove(struct host_device *device)
{
    struct host *host = device->host;
    bool entered = host_enter(host);
    host_device_end(device);
    host_leave(entered);
}

void host_device_surprise(struct host_device *device)
{
    bool entered = host_enter(device->host);
    host_send_simple(device, IRP_MJ_PNP, IRP_MN_SURPRISE_REMOVAL, NULL, NULL);
    host_leave(entered);
}

static void fill_power(PIO_STACK_LOCATION stack, void *ctx)
{
    stack->Parameters.Power.Type = DevicePowerState;
    stack->Parameters.Power.State.DeviceState = *(DEVICE_POWER_STATE *)ctx;
}

NTSTATUS host_device_power(struct host_device *device, DEVICE_POWER_STATE state)
{
    bool entered = host_enter(device->host);
    NTSTATUS status = host_send_simple(device, IRP_MJ_POWER, IRP_MN_QUERY_POWER, fill_power, &state);
    if (NT_SUCCESS(status))
        status = host_send_simple(device, IRP_MJ_POWER, IRP_MN_SET_POWER, fill_power, &state);
    host_leave(entered);
    return status;
}

const char *host_device_name(const struct host_device *device) { return device->name; }
