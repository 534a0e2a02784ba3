/* SPDX-License-Identifier: MIT */
/* Requests as IRPs through the driver's dispatch table, waited for or not. */
#include <string.h>

#include "base/alloc.h"
#include "host_impl.h"
#include "kernel/portcls/property.h"

#define VIRTUAL_WAIT_100NS (-(LONGLONG)10 * 10000000) /* relative */

struct request {
    struct refcount refs; /* the IRP's, the waiter's */
    struct host_file *file; /* with a reference, or NULL */
    PIRP irp;
    void *input; /* copy */
    bool waited, on_stack;
    KEVENT over;
    NTSTATUS status;
    ULONG information;
    host_done *done;
    void *ctx;
};

static void request_release(struct request *r)
{
    if (refcount_release(&r->refs))
        return;
    dm_free(r->input);
    dm_free(r);
}

/* On any thread, at any level up to DISPATCH. What DONE frees is not looked at afterwards. */
static NTSTATUS NTAPI completed(PDEVICE_OBJECT device, PIRP irp, PVOID context)
{
    struct request *r = context;
    struct host_file *file = r->file;
    bool on_stack = r->on_stack;
    (void)device;
    r->status = irp->IoStatus.Status;
    r->information = (ULONG)irp->IoStatus.Information;
    IoFreeIrp(irp);
    if (r->done)
        r->done(r->ctx, r->status, r->information);
    if (r->waited)
        KeSetEvent(&r->over, IO_NO_INCREMENT, FALSE);
    if (!on_stack) /* else its waiter has gone on */
        request_release(r);
    if (file)
        host_file_release(file, true);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static PDEVICE_OBJECT top_of(struct host_device *device)
{
    PDEVICE_OBJECT top = device->pdo;
    while (top->AttachedDevice)
        top = top->AttachedDevice;
    return top;
}

PIRP host_irp(struct host_device *device) { return IoAllocateIrp(top_of(device)->StackSize, FALSE); }

static void request_init(struct request *r, PIRP irp, UCHAR major, UCHAR minor)
{
    PIO_STACK_LOCATION stack = IoGetNextIrpStackLocation(irp);
    r->irp = irp;
    refcount_init(&r->refs, 2);
    KeInitializeEvent(&r->over, NotificationEvent, FALSE);
    IoSetCompletionRoutine(irp, completed, r, TRUE, TRUE, TRUE);
    stack->MajorFunction = major;
    stack->MinorFunction = minor;
    irp->IoStatus.Status = STATUS_NOT_SUPPORTED; /* what a PnP request says that nobody answers */
}

static struct request *request_new(struct host_device *device, UCHAR major, UCHAR minor)
{
    struct request *r = dm_calloc(1, sizeof *r);
    PIRP irp = r ? host_irp(device) : NULL;
    if (irp)
        request_init(r, irp, major, minor);
    else
        dm_free(r);
    return irp ? r : NULL;
}

/* A request that outlasts a virtual wait goes on without the client's buffer. */
static NTSTATUS wait_for(struct request *r, struct host *host, ULONG *information)
{
    LARGE_INTEGER limit = {.QuadPart = VIRTUAL_WAIT_100NS};
    bool is_virtual = wdm_time_base(host->machine) == WDM_VIRTUAL;
    NTSTATUS status = KeWaitForSingleObject(&r->over, Executive, KernelMode, FALSE, is_virtual ? &limit : NULL);
    if (status == STATUS_TIMEOUT) {
        property_forget_client(r->irp);
        if (information)
            *information = 0;
    } else {
        status = r->status;
        if (information)
            *information = r->information;
    }
    request_release(r);
    return status;
}

static NTSTATUS send_and_wait(struct request *r, struct host_device *device, ULONG *information)
{
    r->waited = true;
    IoCallDriver(top_of(device), r->irp);
    return wait_for(r, device->host, information);
}

NTSTATUS host_send_simple(struct host_device *device, UCHAR major, UCHAR minor, void (*fill)(PIO_STACK_LOCATION, void *), void *ctx)
{
    struct request *r = request_new(device, major, minor);
    if (!r)
        return STATUS_INSUFFICIENT_RESOURCES;
    if (fill)
        fill(IoGetNextIrpStackLocation(r->irp), ctx);
    return send_and_wait(r, device, NULL);
}

NTSTATUS host_send_ready(struct host_device *device, struct host_file *file, PIRP irp, UCHAR major, UCHAR minor)
{
    struct request r = {.on_stack = true};
    request_init(&r, irp, major, minor); /* with two references it is never freed: the waiter gives back one */
    IoGetNextIrpStackLocation(irp)->FileObject = file ? &file->object : NULL;
    return send_and_wait(&r, device, NULL);
}

static NTSTATUS no_memory(const struct host_ioctl *ioctl)
{
    if (ioctl->done)
        ioctl->done(ioctl->ctx, STATUS_INSUFFICIENT_RESOURCES, 0);
    return STATUS_INSUFFICIENT_RESOURCES;
}

NTSTATUS host_send_ioctl(struct host_file *file, const struct host_ioctl *ioctl, ULONG *information)
{
    struct host_device *device = file->device;
    void *input = ioctl->input_size ? dm_malloc(ioctl->input_size) : NULL;
    struct request *r = !ioctl->input_size || input ? request_new(device, IRP_MJ_DEVICE_CONTROL, 0) : NULL;
    if (!r) {
        dm_free(input);
        return no_memory(ioctl);
    }
    if (input)
        memcpy(input, ioctl->input, ioctl->input_size);
    host_file_add_ref(file); /* the request's, and this call's: the request may end before the call */
    host_file_add_ref(file);
    r->file = file;
    r->input = input;
    r->done = ioctl->done;
    r->ctx = ioctl->ctx;
    PIO_STACK_LOCATION stack = IoGetNextIrpStackLocation(r->irp);
    stack->FileObject = &file->object;
    stack->Parameters.DeviceIoControl.IoControlCode = ioctl->code;
    stack->Parameters.DeviceIoControl.Type3InputBuffer = input;
    stack->Parameters.DeviceIoControl.InputBufferLength = ioctl->input_size;
    stack->Parameters.DeviceIoControl.OutputBufferLength = ioctl->output_size;
    r->irp->UserBuffer = ioctl->output;
    NTSTATUS status;
    if (ioctl->wait) {
        status = send_and_wait(r, device, information);
    } else {
        status = IoCallDriver(top_of(device), r->irp);
        request_release(r);
    }
    host_file_release(file, KeGetCurrentIrql() > PASSIVE_LEVEL);
    return status;
}
