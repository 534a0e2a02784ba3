/* SPDX-License-Identifier: MIT */
/* Handles: how long a file object lives, and who closes it. */
#include <string.h>

#include "base/alloc.h"
#include "host_impl.h"
#include "kernel/portcls/property.h"

#define COMPLETE_MS 10000 /* how long handlers may keep requests when their handles are closed */

static void file_free(struct host_file *file)
{
    for (int i = 0; i < 2; i++)
        host_request_free(file->last[i]);
    dm_free(file->object.FileName.Buffer);
    dm_free(file);
}

static void unlink_file(struct host_file *file)
{
    pthread_mutex_lock(&file->host->lock);
    struct host_file **link = &file->device->files;
    while (*link != file)
        link = &(*link)->next;
    *link = file->next;
    pthread_mutex_unlock(&file->host->lock);
}

/* PASSIVE_LEVEL. No reference is left. */
static void end(struct host_file *file)
{
    struct host_file *parent = file->parent;
    host_send_ready(file->device, file, file->last[1], IRP_MJ_CLOSE, 0);
    file->last[1] = NULL;
    unlink_file(file);
    file_free(file);
    if (parent)
        host_file_release(parent, false);
}

static VOID NTAPI end_on_worker(PVOID context) { end(context); }

void host_file_add_ref(struct host_file *file) { refcount_add(&file->refs); }

void host_file_release(struct host_file *file, bool deferred)
{
    if (refcount_release(&file->refs))
        return;
    if (!deferred) {
        end(file);
        return;
    }
    ExInitializeWorkItem(&file->closer, end_on_worker, file);
    ExQueueWorkItem(&file->closer, DelayedWorkQueue);
}

static bool prepare(struct host_file *file, const void *name, size_t size)
{
    WCHAR *copy = dm_calloc(size / sizeof *copy + 2, sizeof *copy);
    if (!copy)
        return false;
    memcpy(copy, name, size);
    file->object.FileName = (UNICODE_STRING){(USHORT)size, (USHORT)size, copy};
    for (int i = 0; i < 2; i++)
        if (!(file->last[i] = host_request_for(file->device)))
            return false;
    return true;
}

NTSTATUS host_file_open(struct host_file *file, struct host_device *device, struct host_file *parent, const void *name, size_t size)
{
    struct host_request *create = NULL;
    file->host = device->host;
    file->device = device;
    if (size > 0xfffe) {
        dm_free(file);
        return STATUS_INVALID_PARAMETER;
    }
    if (!prepare(file, name, size) || !(create = host_request_for(device))) {
        file_free(file);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    file->object.Size = (SHORT)sizeof file->object;
    file->object.DeviceObject = device->pdo;
    file->object.FsContext2 = parent ? &parent->object : NULL;
    refcount_init(&file->refs, 1);
    NTSTATUS status = host_send_ready(device, file, create, IRP_MJ_CREATE, 0);
    if (!NT_SUCCESS(status)) {
        file_free(file);
        return status;
    }
    if (parent)
        host_file_add_ref(parent);
    file->parent = parent;
    pthread_mutex_lock(&device->host->lock);
    file->next = device->files;
    device->files = file;
    pthread_mutex_unlock(&device->host->lock);
    return STATUS_SUCCESS;
}

static bool begin_close(struct host_file *file)
{
    pthread_mutex_lock(&file->host->lock);
    bool first = !file->closed;
    struct host_control *control = first ? file->control : NULL;
    file->closed = true;
    file->control = NULL;
    pthread_mutex_unlock(&file->host->lock);
    if (control)
        host_control_orphan(control);
    return first;
}

void host_file_close(struct host_file *file)
{
    if (!begin_close(file))
        return;
    host_send_ready(file->device, file, file->last[0], IRP_MJ_CLEANUP, 0);
    file->last[0] = NULL;
    host_file_release(file, false);
}

/* A handle that nobody has closed yet: a pin, or (PINS false) any. */
static struct host_file *open_file(struct host_device *device, bool pins)
{
    pthread_mutex_lock(&device->host->lock);
    struct host_file *file = device->files;
    while (file && (file->closed || (pins && !file->parent)))
        file = file->next;
    pthread_mutex_unlock(&device->host->lock);
    return file;
}

static bool any_file(struct host_device *device)
{
    pthread_mutex_lock(&device->host->lock);
    bool any = device->files != NULL;
    pthread_mutex_unlock(&device->host->lock);
    return any;
}

/* Handlers complete what they keep from timers, work items and threads of theirs. */
static void let_complete(struct host *host, const struct pc_device *pc)
{
    int64_t limit = wdm_time_100ns(host->machine) + COMPLETE_MS * WDM_MS;
    while (property_kept(pc) && wdm_run_on(host->machine, limit))
        ;
}

void host_files_end(struct host_device *device)
{
    struct host_file *file;
    struct host *host = device->host;
    PDEVICE_OBJECT fdo = device->pdo->AttachedDevice;
    while ((file = open_file(device, true)) != NULL) {
        host_consumer_stop((struct host_pin *)(void *)file);
        host_file_close(file);
    }
    while ((file = open_file(device, false)) != NULL)
        host_file_close(file);
    /* What is left waits for requests that their handlers keep. */
    wdm_run_idle(host->machine, 1000);
    if (pc_device_of(fdo))
        let_complete(host, pc_device_of(fdo));
    while (any_file(device)) {
        struct pc_device *pc = pc_device_of(fdo);
        if (pc)
            property_abandon(pc);
        bool ended = wdm_run_idle(host->machine, 1000) || !any_file(device) || wdm_work_finish(host->machine);
        if (!ended || !pc)
            break;
        if (any_file(device)) /* real time: a handler or a callback on another thread has one */
            wdm_run_until(host->machine, wdm_time_100ns(host->machine) + WDM_MS);
    }
}
