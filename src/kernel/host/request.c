/* SPDX-License-Identifier: MIT */
/* Requests as IRPs through the driver's dispatch table, waited for or not. */
#include <string.h>

#include "base/alloc.h"
#include "host_impl.h"
#include "kernel/portcls/irp.h"
#include "kernel/wdm/pnp.h"

#define REAL_LIMIT_MS    30000
#define VIRTUAL_LIMIT_MS 10000
#define CANCEL_AGAIN_MS  100

/* Lives until both the IRP is over and nobody waits, and the IRP with it. */
struct host_request {
    struct refcount refs; /* the IRP's, the sender's */
    struct host_file *file; /* with a reference, or NULL */
    PIRP irp;
    void *input;  /* copy */
    void *output; /* of a property that is waited for: in place of the client's, which a handler may outlast */
    bool waited;
    KEVENT over;
    NTSTATUS status;
    ULONG information;
    host_done *done;
    void *ctx;
};

void host_request_free(struct host_request *r)
{
    if (!r)
        return;
    IoFreeIrp(r->irp);
    dm_free(r->input);
    dm_free(r->output);
    dm_free(r);
}

static void request_release(struct host_request *r)
{
    if (refcount_release(&r->refs) == 0)
        host_request_free(r);
}

/* On any thread, at any level up to DISPATCH. What DONE frees is not looked at afterwards. */
static NTSTATUS NTAPI completed(PDEVICE_OBJECT device, PIRP irp, PVOID context)
{
    struct host_request *r = context;
    struct host_file *file = r->file;
    (void)device;
    r->status = irp->IoStatus.Status;
    r->information = (ULONG)irp->IoStatus.Information;
    if (r->done)
        r->done(r->ctx, r->status, r->information);
    if (r->waited)
        KeSetEvent(&r->over, IO_NO_INCREMENT, FALSE);
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

struct host_request *host_request_new(CCHAR stack_size)
{
    struct host_request *r = dm_calloc(1, sizeof *r);
    PIRP irp = r ? wdm_irp_make(stack_size) : NULL;
    if (!irp) {
        dm_free(r);
        return NULL;
    }
    r->irp = irp;
    refcount_init(&r->refs, 2);
    return r;
}

struct host_request *host_request_for(struct host_device *device) { return host_request_new(top_of(device)->StackSize); }

static PIO_STACK_LOCATION request_begin(struct host_request *r, UCHAR major, UCHAR minor)
{
    PIO_STACK_LOCATION stack = IoGetNextIrpStackLocation(r->irp);
    KeInitializeEvent(&r->over, NotificationEvent, FALSE);
    IoSetCompletionRoutine(r->irp, completed, r, TRUE, TRUE, TRUE);
    stack->MajorFunction = major;
    stack->MinorFunction = minor;
    r->irp->IoStatus.Status = STATUS_NOT_SUPPORTED; /* what a PnP request says that nobody answers */
    return stack;
}

/* LIMIT_MS 0: for ever, which a virtual machine gives up if nothing is left to happen. False: it is not over. */
static bool over_within(struct host_request *r, uint32_t limit_ms)
{
    LARGE_INTEGER limit = {.QuadPart = -(LONGLONG)limit_ms * WDM_MS};
    return KeWaitForSingleObject(&r->over, Executive, KernelMode, FALSE, limit_ms ? &limit : NULL) == STATUS_SUCCESS;
}

/* PnP, power, files: nothing of theirs can be taken back. */
static NTSTATUS send_and_wait(struct host_request *r, struct host_device *device)
{
    r->waited = true;
    IoCallDriver(top_of(device), r->irp);
    NTSTATUS status = over_within(r, 0) ? r->status : STATUS_UNSUCCESSFUL;
    request_release(r);
    return status;
}

NTSTATUS host_send_simple(struct host_device *device, UCHAR major, UCHAR minor, void (*fill)(PIO_STACK_LOCATION, void *), void *ctx)
{
    struct host_request *r = host_request_for(device);
    if (!r)
        return STATUS_INSUFFICIENT_RESOURCES;
    PIO_STACK_LOCATION stack = request_begin(r, major, minor);
    if (fill)
        fill(stack, ctx);
    return send_and_wait(r, device);
}

NTSTATUS host_send_ready(struct host_device *device, struct host_file *file, struct host_request *r, UCHAR major, UCHAR minor)
{
    request_begin(r, major, minor)->FileObject = file ? &file->object : NULL;
    return send_and_wait(r, device);
}

/* --- device controls --- */

static NTSTATUS no_memory(const struct host_ioctl *ioctl)
{
    if (ioctl->done)
        ioctl->done(ioctl->ctx, STATUS_INSUFFICIENT_RESOURCES, 0);
    return STATUS_INSUFFICIENT_RESOURCES;
}

static uint32_t limit_ms(const struct host *host)
{
    uint32_t standard = wdm_time_base(host->machine) == WDM_VIRTUAL ? VIRTUAL_LIMIT_MS : REAL_LIMIT_MS;
    return host->config.wait_limit_ms ? host->config.wait_limit_ms : standard;
}

/* A property's handler keeps the request, without the client. A stream header is in the client's memory: that is cancelled until it is
 * over, which a write is not while another thread unpacks it. */
static NTSTATUS late(struct host_request *r, struct host_file *file, const struct host_ioctl *ioctl)
{
    if (ioctl->code == IOCTL_KS_PROPERTY) {
        IoCancelIrp(r->irp);
        return STATUS_IO_TIMEOUT;
    }
    do {
        irp_cancel(&file->object, ioctl->output);
        IoCancelIrp(r->irp); /* if a dispatch routine of the driver's own has it */
    } while (!over_within(r, CANCEL_AGAIN_MS));
    return r->status;
}

static NTSTATUS wait_ioctl(struct host_request *r, struct host_file *file, const struct host_ioctl *ioctl, ULONG *information)
{
    ULONG returned = 0;
    NTSTATUS status;
    r->waited = true;
    IoCallDriver(top_of(file->device), r->irp);
    if (over_within(r, limit_ms(file->host))) {
        status = r->status;
        returned = r->information;
        if (r->output)
            memcpy(ioctl->output, r->output, ioctl->output_size);
    } else {
        status = late(r, file, ioctl);
    }
    if (information)
        *information = returned;
    request_release(r);
    return status;
}

/* With copies of what the caller's memory would not last for. */
static struct host_request *ioctl_request(struct host_file *file, const struct host_ioctl *ioctl)
{
    bool copy = ioctl->wait && ioctl->code == IOCTL_KS_PROPERTY && ioctl->output && ioctl->output_size;
    struct host_request *r = host_request_for(file->device);
    if (!r)
        return NULL;
    r->input = ioctl->input_size ? dm_malloc(ioctl->input_size) : NULL;
    r->output = copy ? dm_malloc(ioctl->output_size) : NULL;
    if ((ioctl->input_size && !r->input) || (copy && !r->output)) {
        host_request_free(r);
        return NULL;
    }
    if (r->input)
        memcpy(r->input, ioctl->input, ioctl->input_size);
    if (r->output)
        memcpy(r->output, ioctl->output, ioctl->output_size);
    return r;
}

NTSTATUS host_send_ioctl(struct host_file *file, const struct host_ioctl *ioctl, ULONG *information)
{
    struct host_request *r = ioctl_request(file, ioctl);
    if (!r)
        return no_memory(ioctl);
    host_file_add_ref(file); /* the request's, and this call's: the request may end before the call */
    host_file_add_ref(file);
    r->file = file;
    r->done = ioctl->done;
    r->ctx = ioctl->ctx;
    PIO_STACK_LOCATION stack = request_begin(r, IRP_MJ_DEVICE_CONTROL, 0);
    stack->FileObject = &file->object;
    stack->Parameters.DeviceIoControl.IoControlCode = ioctl->code;
    stack->Parameters.DeviceIoControl.Type3InputBuffer = r->input;
    stack->Parameters.DeviceIoControl.InputBufferLength = ioctl->input_size;
    stack->Parameters.DeviceIoControl.OutputBufferLength = ioctl->output_size;
    r->irp->UserBuffer = r->output ? r->output : ioctl->output;
    NTSTATUS status;
    if (ioctl->wait) {
        status = wait_ioctl(r, file, ioctl, information);
    } else {
        status = IoCallDriver(top_of(file->device), r->irp);
        request_release(r);
    }
    host_file_release(file, KeGetCurrentIrql() > PASSIVE_LEVEL);
    return status;
}
