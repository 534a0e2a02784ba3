/* SPDX-License-Identifier: MIT */
/*
 * host_impl.h - what the files of the host share.
 *
 * A handle (filter or pin) is a struct host_file in front of its own fields. It has a reference of its holder's and one of every request
 * under way; IRP_MJ_CLOSE is sent, at PASSIVE_LEVEL, when the last is gone. host->lock guards the lists and is a leaf.
 */
#ifndef DMUS_KERNEL_HOST_IMPL_H
#define DMUS_KERNEL_HOST_IMPL_H

#include <pthread.h>

#include "base/refcount.h"
#include "kernel/host/host.h"
#include "kernel/portcls/device.h"

struct host_control;
struct host_request;

struct host {
    struct wdm_machine *machine;
    struct host_config config;
    pthread_mutex_t lock;
    struct host_driver *drivers; /* the last loaded first */
    struct host_device *devices; /* in order of addition */
    DRIVER_OBJECT bus;           /* owns the physical device objects */
    DRIVER_EXTENSION bus_extension;
    unsigned nodes;              /* device nodes made so far */
    bool shut_down;
};

struct host_driver {
    struct host_driver *next;
    struct host *host;
    char *name;
    void *module; /* of dlopen, or NULL */
    DRIVER_OBJECT object;
    DRIVER_EXTENSION extension;
    WCHAR *registry_path, *driver_name;
    uint64_t pool_mark; /* before DriverEntry */
    unsigned devices;   /* made so far */
};

struct host_model_instance {
    const struct host_model *model;
    void *device;
};

struct host_device {
    struct host_device *next;
    struct host *host;
    struct host_driver *driver;
    char name[64];
    PDEVICE_OBJECT pdo;
    struct host_resources *resources; /* a copy, NULL if none */
    CM_RESOURCE_LIST *raw, *translated;
    struct host_model_instance *models;
    size_t model_count;
    bool started;
    struct host_request *remove; /* for REMOVE_DEVICE */
    struct host_file *files; /* under host->lock */
};

struct host_file {
    FILE_OBJECT object; /* FsContext: the port driver's; FsContext2 of a pin: the parent's FILE_OBJECT */
    struct refcount refs;
    struct host *host;
    struct host_device *device;
    struct host_file *next;   /* of the device */
    struct host_file *parent; /* of a pin, with a reference */
    bool closed;              /* by its holder; under host->lock */
    struct host_control *control; /* the IKsControl that exists, or NULL; under host->lock */
    struct host_request *last[2]; /* for CLEANUP and CLOSE */
    WORK_QUEUE_ITEM closer;
};

struct host_filter {
    struct host_file file;
};

struct host_pin {
    struct host_file file;
    struct consumer *consumer; /* attached, or NULL */
};

/* In and out of the machine; true if it was not in already. */
bool host_enter(struct host *host);
void host_leave(bool entered);

/* --- request.c: IRPs --- */
/* A PNP or POWER request, waited for. FILL writes the stack location, whose major and minor function are set. */
NTSTATUS host_send_simple(struct host_device *device, UCHAR major, UCHAR minor, void (*fill)(PIO_STACK_LOCATION, void *), void *ctx);
/* A request made in time for what must not fail for want of memory: host_send_ready ends it, or host_request_free (NULL allowed) if it
 * was never sent. NULL: no memory. */
struct host_request *host_request_new(CCHAR stack_size);
struct host_request *host_request_for(struct host_device *device); /* of its stack as it is now */
void host_request_free(struct host_request *request);
/* CREATE, CLEANUP and CLOSE of FILE, or (NULL) a PNP request; waited for. */
NTSTATUS host_send_ready(struct host_device *device, struct host_file *file, struct host_request *request, UCHAR major, UCHAR minor);
/* A device control. INPUT is copied. OUTPUT is the caller's until it is over; of a property that is waited for until the call returns.
 * *INFORMATION after a wait. */
struct host_ioctl {
    ULONG code;
    const void *input;
    ULONG input_size;
    void *output;
    ULONG output_size;
    bool wait;       /* until it is over */
    host_done *done; /* called when it is over, if not NULL */
    void *ctx;
};
NTSTATUS host_send_ioctl(struct host_file *file, const struct host_ioctl *ioctl, ULONG *information);

/* --- file.c: handles --- */
/* Into the device's list, with one reference; then IRP_MJ_CREATE. NAME is FileName, copied. A failed one is gone. */
NTSTATUS host_file_open(struct host_file *file, struct host_device *device, struct host_file *parent, const void *name, size_t size);
void host_file_add_ref(struct host_file *file);
/* The last one sends IRP_MJ_CLOSE and frees; DEFERRED: on a worker. */
void host_file_release(struct host_file *file, bool deferred);
/* The holder is done with it: IKsControl dies, IRP_MJ_CLEANUP, reference given back. */
void host_file_close(struct host_file *file);
/* Every handle of the device, pins first; waits for the last IRP_MJ_CLOSE. */
void host_files_end(struct host_device *device);

/* --- control.c --- */
void host_control_orphan(struct host_control *control);
NTSTATUS host_control_create(struct host_file *file, IKsControl **out);

/* --- consumer.c --- */
void host_consumer_stop(struct host_pin *pin);

/* --- resources.c --- */
struct host_resource {
    UCHAR type; /* CmResourceType* */
    uint64_t start, length;
    bool latched;
};
struct host_resource_model {
    char *name, *options;
    int port, interrupt; /* index among the resources of the kind, -1: none */
};
struct host_resources {
    size_t count, model_count;
    struct host_resource *items;
    struct host_resource_model *models;
};
struct host_resources *host_resources_copy(const struct host_resources *resources); /* NULL: no memory */
/* The N-th of a type, or NULL. */
const struct host_resource *host_resources_find(const struct host_resources *resources, UCHAR type, int n);
/* A CM_RESOURCE_LIST; NULL: no memory. RESOURCES may be NULL: an empty one. */
CM_RESOURCE_LIST *host_resources_list(const struct host_resources *resources, bool translated);

/* --- device.c --- */
void host_device_end(struct host_device *device);
/* --- driver.c --- */
void host_drivers_unload(struct host *host);

#endif
