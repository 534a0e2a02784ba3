/* SPDX-License-Identifier: MIT */
/* The adapter's device: its making and end, its subdevices and wires, and what the host says about the machine. */
#include "kernel/portcls/device.h"

#include <stdio.h>

#include "base/alloc.h"
#include "kernel/portcls/port.h"
#include "kernel/portcls/property.h"
#include "kernel/wdm/machine.h"
#include "kernel/wdm/pnp.h"

/* --- machines --- */
struct attached {
    struct attached *next;
    const struct wdm_machine *machine;
    struct pc_config config;
};
static pthread_mutex_t attached_lock = PTHREAD_MUTEX_INITIALIZER;
static struct attached *attached_list;

bool pc_machine_attach(struct wdm_machine *machine, const struct pc_config *config)
{
    struct attached *entry = dm_calloc(1, sizeof *entry);
    if (!entry)
        return false;
    entry->machine = machine;
    entry->config = *config;
    pthread_mutex_lock(&attached_lock);
    entry->next = attached_list;
    attached_list = entry;
    pthread_mutex_unlock(&attached_lock);
    return true;
}

void pc_machine_detach(struct wdm_machine *machine)
{
    pthread_mutex_lock(&attached_lock);
    struct attached **link = &attached_list, *entry;
    while (*link && (*link)->machine != machine)
        link = &(*link)->next;
    entry = *link;
    if (entry)
        *link = entry->next;
    pthread_mutex_unlock(&attached_lock);
    dm_free(entry);
}

struct pc_config pc_machine_config(void)
{
    struct pc_config config = {0};
    const struct wdm_machine *machine = wdm_current();
    pthread_mutex_lock(&attached_lock);
    for (struct attached *entry = attached_list; entry; entry = entry->next)
        if (entry->machine == machine)
            config = entry->config;
    pthread_mutex_unlock(&attached_lock);
    return config;
}

/* --- the device --- */
/* Of the first 64 words of the device extension the adapter has 4 to 7 (spec/ddi-kernel.md 4). What is in the others is not
 * looked at: a driver may have written there. */
#define PORT_CLASS_WORDS (~UINT64_C(0xF0))

struct pc_device *pc_device_of(PDEVICE_OBJECT fdo) { return wdm_device_owner(fdo); }

NTSTATUS pc_device_ready(struct pc_device *device)
{
    pthread_mutex_lock(&device->lock);
    enum pc_life life = device->life;
    pthread_mutex_unlock(&device->lock);
    return life == PC_STARTED                          ? STATUS_SUCCESS
           : life == PC_SURPRISE || life == PC_REMOVED ? STATUS_DEVICE_REMOVED
                                                       : STATUS_INVALID_DEVICE_STATE;
}

static void free_wires(struct pc_wire *wire)
{
    while (wire) {
        struct pc_wire *next = wire->next;
        dm_free(wire->external);
        dm_free(wire);
        wire = next;
    }
}

static struct pc_subdevice *take_subdevice(struct pc_device *device)
{
    pthread_mutex_lock(&device->lock);
    struct pc_subdevice *first = device->subdevices;
    if (first)
        device->subdevices = first->next;
    pthread_mutex_unlock(&device->lock);
    return first;
}

static struct port *take_port(struct pc_device *device)
{
    pthread_mutex_lock(&device->lock);
    struct port *first = device->ports;
    if (first)
        COM_ADDREF(&first->IPortDMus_iface);
    pthread_mutex_unlock(&device->lock);
    return first;
}

/* Ports first lose what they hold of the driver but one reference on the miniport, then the adapter object goes, which may hold
 * ports and miniports, then the miniports: whatever count is left now was forgotten (rule 19). */
void pc_device_tear_down(struct pc_device *device)
{
    struct port *ports = NULL;
    struct pc_subdevice *subdevice;
    struct port *port;
    pc_power_ports(device, true); /* destructors may put the hardware to rest, whatever state it is removed in */
    property_abandon(device);
    while ((port = take_port(device)) != NULL) {
        port_tear_down(port);
        port->next_of_device = ports;
        ports = port;
    }
    while ((subdevice = take_subdevice(device)) != NULL)
        pc_subdevice_release(subdevice);
    IAdapterPowerManagement *power = device->power; /* not before: a Release above may have unregistered it */
    device->power = NULL;
    if (power) {
        struct wdm_call call;
        wdm_call_begin(&call, "adapter Release");
        COM_RELEASE(power);
        wdm_call_end(&call);
    }
    while (ports) {
        port = ports;
        ports = port->next_of_device;
        char name[PORT_NAME_MAX];
        memcpy(name, port->name, sizeof name);
        port_release_miniport(port);
        wdm_given_end(&port->given); /* what is left of it is told here */
        ULONG left = COM_RELEASE(&port->IPortDMus_iface);
        if (left)
            wdm_broken(WDM_RULE_REFERENCES, "%s has %u reference%s left at teardown", name, (unsigned)left, left == 1 ? "" : "s");
    }
    free_wires(device->wires);
    device->wires = NULL;
}

NTSTATUS NTAPI PcAddAdapterDevice(PDRIVER_OBJECT driver, PDEVICE_OBJECT pdo, PCPFNSTARTDEVICE start, ULONG max_objects,
                                  ULONG extension_size)
{
    PDEVICE_OBJECT fdo;
    wdm_need_irql(PASSIVE_LEVEL, "PcAddAdapterDevice");
    if (!driver || !pdo || !start || (extension_size && extension_size < PORT_CLASS_DEVICE_EXTENSION_SIZE))
        return STATUS_INVALID_PARAMETER;
    struct pc_device *device = dm_calloc(1, sizeof *device);
    if (!device)
        return STATUS_INSUFFICIENT_RESOURCES;
    if (!extension_size)
        extension_size = PORT_CLASS_DEVICE_EXTENSION_SIZE;
    NTSTATUS status = IoCreateDevice(driver, extension_size, NULL, FILE_DEVICE_KS, 0, FALSE, &fdo);
    if (!NT_SUCCESS(status)) {
        dm_free(device);
        return status;
    }
    pthread_mutex_init(&device->lock, NULL);
    device->fdo = fdo;
    device->pdo = pdo;
    device->start = start;
    device->max_objects = max_objects;
    pc_power_init(device);
    pc_timeouts_init(device);
    wdm_device_reserve(fdo, device, PORT_CLASS_WORDS);
    IoAttachDeviceToDeviceStack(fdo, pdo);
    fdo->Flags &= ~(ULONG)DO_DEVICE_INITIALIZING;
    return STATUS_SUCCESS;
}
