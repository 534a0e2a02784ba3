/* SPDX-License-Identifier: MIT */
/* The dispatch routines that PcInitializeAdapterDriver installs, and the Pc functions for adapters that put their own in front. */
#include "kernel/portcls/device.h"
#include "kernel/portcls/filter.h"
#include "kernel/portcls/irp.h"
#include "kernel/portcls/pin.h"
#include "kernel/portcls/property.h"
#include "kernel/wdm/machine.h"

/* KSSTRING_Pin with the backslash behind it; in front of every pin's name. */
static const char pin_prefix[] = "{146F1A80-4791-11D0-A5D6-28DB04C10000}\\";
#define PIN_PREFIX_UNITS (sizeof pin_prefix - 1)

static bool is_pin_name(const UNICODE_STRING *name)
{
    if (name->Length < PIN_PREFIX_UNITS * sizeof(WCHAR))
        return false;
    for (size_t i = 0; i < PIN_PREFIX_UNITS; i++)
        if (name->Buffer[i] != (WCHAR)(unsigned char)pin_prefix[i])
            return false;
    return true;
}

static NTSTATUS create_pin(PFILE_OBJECT file)
{
    const PFILE_OBJECT parent = file->FsContext2;
    struct pc_object *object = parent ? parent->FsContext : NULL;
    struct pc_pin *pin;
    if (!object || object->kind != PC_FILTER)
        return STATUS_INVALID_PARAMETER;
    NTSTATUS status = pin_create((struct pc_filter *)(void *)object, (const char *)(file->FileName.Buffer + PIN_PREFIX_UNITS),
                                 file->FileName.Length - PIN_PREFIX_UNITS * sizeof(WCHAR), &pin);
    if (NT_SUCCESS(status))
        file->FsContext = &pin->object;
    return status;
}

static NTSTATUS create_filter(struct pc_device *device, PFILE_OBJECT file)
{
    const UNICODE_STRING *name = &file->FileName;
    struct pc_filter *filter;
    if (name->Length < 2 * sizeof(WCHAR) || name->Buffer[0] != '\\')
        return STATUS_OBJECT_NAME_NOT_FOUND;
    struct pc_subdevice *subdevice = pc_subdevice_open(device, name->Buffer + 1, name->Length / sizeof(WCHAR) - 1);
    if (!subdevice)
        return STATUS_OBJECT_NAME_NOT_FOUND;
    NTSTATUS status = filter_create(subdevice, &filter);
    if (NT_SUCCESS(status))
        file->FsContext = &filter->object;
    return status;
}

static NTSTATUS create(struct pc_device *device, PFILE_OBJECT file)
{
    NTSTATUS status = pc_device_ready(device);
    if (!NT_SUCCESS(status))
        return status;
    return is_pin_name(&file->FileName) ? create_pin(file) : create_filter(device, file);
}

static NTSTATUS close(PFILE_OBJECT file)
{
    struct pc_object *object = file->FsContext;
    file->FsContext = NULL;
    if (!object)
        return STATUS_SUCCESS;
    if (object->kind == PC_PIN)
        pin_destroy((struct pc_pin *)(void *)object);
    else
        filter_destroy((struct pc_filter *)(void *)object);
    return STATUS_SUCCESS;
}

static NTSTATUS cleanup(PFILE_OBJECT file)
{
    struct pc_object *object = file->FsContext;
    if (object && object->kind == PC_PIN)
        pin_cleanup((struct pc_pin *)(void *)object);
    return STATUS_SUCCESS;
}

static NTSTATUS device_control(struct pc_device *device, PIRP irp)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(irp);
    struct pc_object *object = stack->FileObject ? stack->FileObject->FsContext : NULL;
    NTSTATUS status = object ? pc_device_ready(device) : STATUS_INVALID_HANDLE;
    if (!NT_SUCCESS(status))
        return irp_complete(irp, status, 0);
    struct pc_pin *pin = object->kind == PC_PIN ? (struct pc_pin *)(void *)object : NULL;
    struct pc_filter *filter = pin ? pin->filter : (struct pc_filter *)(void *)object;
    switch (stack->Parameters.DeviceIoControl.IoControlCode) {
    case IOCTL_KS_PROPERTY: return property_irp(filter, pin, irp);
    case IOCTL_KS_WRITE_STREAM: return pin ? pin_write(pin, irp) : irp_complete(irp, STATUS_INVALID_DEVICE_REQUEST, 0);
    case IOCTL_KS_READ_STREAM: return pin ? pin_read(pin, irp) : irp_complete(irp, STATUS_INVALID_DEVICE_REQUEST, 0);
    /* No property, method or event of this model needs the others. */
    default: return irp_complete(irp, STATUS_INVALID_DEVICE_REQUEST, 0);
    }
}

NTSTATUS NTAPI irp_dispatch(PDEVICE_OBJECT fdo, PIRP irp)
{
    struct pc_device *device = pc_device_of(fdo);
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(irp);
    if (!device)
        return irp_complete(irp, STATUS_INVALID_DEVICE_REQUEST, 0);
    switch (stack->MajorFunction) {
    case IRP_MJ_CREATE: return irp_complete(irp, create(device, stack->FileObject), 0);
    case IRP_MJ_CLOSE: return irp_complete(irp, close(stack->FileObject), 0);
    case IRP_MJ_CLEANUP: return irp_complete(irp, cleanup(stack->FileObject), 0);
    case IRP_MJ_DEVICE_CONTROL: return device_control(device, irp);
    case IRP_MJ_PNP: return irp_complete(irp, pc_device_pnp(device, irp), irp->IoStatus.Information);
    case IRP_MJ_POWER: return irp_complete(irp, pc_device_power(device, irp), 0);
    case IRP_MJ_FLUSH_BUFFERS: return irp_complete(irp, STATUS_SUCCESS, 0);
    default: return irp_complete(irp, STATUS_INVALID_DEVICE_REQUEST, 0); /* READ, WRITE: streams only, security, WMI */
    }
}

void irp_cancel(PFILE_OBJECT file, const void *buffer)
{
    struct pc_object *object = file->FsContext;
    if (object && object->kind == PC_PIN)
        pin_cancel((struct pc_pin *)(void *)object, buffer);
}

NTSTATUS NTAPI PcInitializeAdapterDriver(PDRIVER_OBJECT driver, PUNICODE_STRING path, PDRIVER_ADD_DEVICE add_device)
{
    static const UCHAR majors[] = {IRP_MJ_CREATE,  IRP_MJ_CLOSE,          IRP_MJ_CLEANUP,      IRP_MJ_DEVICE_CONTROL,
                                   IRP_MJ_READ,    IRP_MJ_WRITE,          IRP_MJ_FLUSH_BUFFERS, IRP_MJ_QUERY_SECURITY,
                                   IRP_MJ_SET_SECURITY, IRP_MJ_SYSTEM_CONTROL, IRP_MJ_PNP,       IRP_MJ_POWER};
    wdm_need_irql(PASSIVE_LEVEL, "PcInitializeAdapterDriver");
    if (!driver || !path || !add_device)
        return STATUS_INVALID_PARAMETER;
    driver->DriverExtension->AddDevice = add_device;
    for (size_t i = 0; i < sizeof majors; i++)
        driver->MajorFunction[majors[i]] = irp_dispatch;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI PcDispatchIrp(PDEVICE_OBJECT fdo, PIRP irp) { return irp_dispatch(fdo, irp); }

NTSTATUS NTAPI PcCompleteIrp(PDEVICE_OBJECT fdo, PIRP irp, NTSTATUS status)
{
    (void)fdo;
    wdm_need_irql(DISPATCH_LEVEL, "PcCompleteIrp");
    if (!irp || status == STATUS_PENDING)
        return STATUS_INVALID_PARAMETER;
    return irp_complete(irp, status, irp->IoStatus.Information);
}

/* Below there is the host's bus, which agrees. */
NTSTATUS NTAPI PcForwardIrpSynchronous(PDEVICE_OBJECT fdo, PIRP irp)
{
    wdm_need_irql(PASSIVE_LEVEL, "PcForwardIrpSynchronous");
    if (!irp || !pc_device_of(fdo))
        return STATUS_INVALID_PARAMETER;
    irp->IoStatus.Status = STATUS_SUCCESS;
    return STATUS_SUCCESS;
}
