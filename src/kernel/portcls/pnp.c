/* SPDX-License-Identifier: MIT */
/* IRP_MJ_PNP: start with resources, stop, remove (spec 8.1). The bus below has nothing to say: it is the host. */
#include "base/alloc.h"
#include "kernel/portcls/device.h"
#include "kernel/wdm/device.h"
#include "kernel/wdm/machine.h"

static void set_life(struct pc_device *device, enum pc_life life)
{
    pthread_mutex_lock(&device->lock);
    device->life = life;
    pthread_mutex_unlock(&device->lock);
}

static void take_ports_back(struct pc_device *device)
{
    if (device->machine)
        wdm_ports_take_back(device->machine, device);
}

/* For whoever watches what the driver touches. Until the device is stopped or removed, also if it does not start. */
static bool give_ports(struct pc_device *device, IResourceList *resources)
{
    const CM_PARTIAL_RESOURCE_DESCRIPTOR *d;
    device->machine = wdm_current();
    take_ports_back(device); /* of a start that failed */
    for (ULONG i = 0; (d = resources->lpVtbl->FindTranslatedEntry(resources, CmResourceTypePort, i)) != NULL; i++)
        if (!wdm_ports_give(device->machine, device, (uint32_t)d->u.Port.Start.QuadPart, d->u.Port.Length))
            return false;
    return true;
}

static NTSTATUS start(struct pc_device *device, PIRP irp)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(irp);
    IResourceList *resources;
    struct wdm_call call;
    NTSTATUS status = PcNewResourceList(&resources, NULL, PagedPool, stack->Parameters.StartDevice.AllocatedResourcesTranslated,
                                        stack->Parameters.StartDevice.AllocatedResources);
    if (!NT_SUCCESS(status))
        return status;
    if (!give_ports(device, resources)) {
        COM_RELEASE(resources);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    set_life(device, PC_STARTED); /* StartDevice may register, and what is registered may be opened */
    wdm_call_begin(&call, "StartDevice");
    status = device->start(device->fdo, irp, resources);
    wdm_call_end(&call);
    if (!NT_SUCCESS(status))
        set_life(device, PC_ADDED);
    COM_RELEASE(resources);
    return status;
}

/* May only deepen what the bus said (spec 3.14); the answer is not checked, as nobody here sleeps by it. */
static NTSTATUS capabilities(struct pc_device *device, PIRP irp)
{
    PDEVICE_CAPABILITIES caps = IoGetCurrentIrpStackLocation(irp)->Parameters.DeviceCapabilities.Capabilities;
    struct wdm_call call;
    if (!device->power || !caps)
        return STATUS_SUCCESS;
    wdm_call_begin(&call, "IAdapterPowerManagement::QueryDeviceCapabilities");
    device->power->lpVtbl->QueryDeviceCapabilities(device->power, caps);
    wdm_call_end(&call);
    return STATUS_SUCCESS;
}

static NTSTATUS stop(struct pc_device *device)
{
    pc_device_tear_down(device); /* a later start binds new ports */
    take_ports_back(device);
    set_life(device, PC_STOPPED);
    return STATUS_SUCCESS;
}

static NTSTATUS removed(struct pc_device *device)
{
    PDEVICE_OBJECT fdo = device->fdo;
    pc_timeouts_stop(device);
    pc_device_tear_down(device);
    pc_timeouts_end(device);
    take_ports_back(device);
    set_life(device, PC_REMOVED);
    IoDetachDevice(device->pdo);
    IoDeleteDevice(fdo);
    pthread_mutex_destroy(&device->lock);
    dm_free(device);
    return STATUS_SUCCESS;
}

NTSTATUS pc_device_pnp(struct pc_device *device, PIRP irp)
{
    switch (IoGetCurrentIrpStackLocation(irp)->MinorFunction) {
    case IRP_MN_START_DEVICE: return start(device, irp);
    case IRP_MN_QUERY_CAPABILITIES: return capabilities(device, irp);
    case IRP_MN_QUERY_STOP_DEVICE:
    case IRP_MN_CANCEL_STOP_DEVICE:
    case IRP_MN_QUERY_REMOVE_DEVICE:
    case IRP_MN_CANCEL_REMOVE_DEVICE: return STATUS_SUCCESS;
    case IRP_MN_STOP_DEVICE: return stop(device);
    case IRP_MN_SURPRISE_REMOVAL: set_life(device, PC_SURPRISE); return STATUS_SUCCESS;
    case IRP_MN_REMOVE_DEVICE: return removed(device);
    default: return STATUS_NOT_SUPPORTED;
    }
}
