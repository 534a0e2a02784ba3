/* SPDX-License-Identifier: MIT */
/*
 * device.h - one adapter's functional device: what hangs on it, and the state of its power and its existence.
 *
 * Made by PcAddAdapterDevice, ended by IRP_MN_REMOVE_DEVICE. The device object knows it (wdm_device_owner). Of the device
 * extension an adapter may use words 4 to 7 and what lies beyond the default size (spec/ddi-kernel.md 4); the others are guarded.
 *
 * `lock` guards the lists and the states. It is never held while a driver is called.
 */
#ifndef DMUS_KERNEL_PORTCLS_DEVICE_H
#define DMUS_KERNEL_PORTCLS_DEVICE_H

#include <pthread.h>

#include "kernel/portcls/builtin.h"
#include "kernel/portcls/com.h"

struct port;
struct pc_filter;

enum pc_life {
    PC_ADDED,
    PC_STARTED,
    PC_STOPPED,  /* IRP_MN_STOP_DEVICE: resources are away */
    PC_SURPRISE, /* the hardware is gone */
    PC_REMOVED
};

/* A filter that PcRegisterSubdevice made reachable. */
struct pc_subdevice {
    struct pc_subdevice *next;
    struct refcount refs; /* the device's, one per open filter */
    struct pc_device *device;
    struct port *port; /* one reference */
    WCHAR *name;       /* reference string, a copy */
    bool gone;         /* unregistered: cannot be opened any more */
};

/* A wire between bridge pins of two subdevices, or out of the device. */
struct pc_wire {
    struct pc_wire *next;
    IUnknown *from, *to; /* ports, without a reference: compared only. NULL: external */
    ULONG from_pin, to_pin;
    WCHAR *external; /* symbolic link of the other device's filter; NULL unless external */
};

struct pc_io_timeout;

struct pc_device {
    PDEVICE_OBJECT fdo, pdo;
    PCPFNSTARTDEVICE start;
    ULONG max_objects; /* subdevices */
    pthread_mutex_t lock;
    enum pc_life life;
    struct pc_subdevice *subdevices; /* in order of registration */
    struct port *ports;              /* initialised and not yet torn down, through next_of_device; not referenced */
    struct pc_wire *wires;
    DEVICE_POWER_STATE power_state;
    KMUTEX power_gate; /* one change at a time, and no pin is opened meanwhile; taken before the pins' gates */
    IAdapterPowerManagement *power; /* NULL: none registered */
    struct pc_io_timeout *timeouts; /* under lock */
    struct wdm_machine *machine; /* that it was started in, or NULL */
    KTIMER timeout_timer;
    KDPC timeout_dpc;
};

/* The device of an FDO that PcAddAdapterDevice made; NULL for any other pointer that is a DEVICE_OBJECT, and for NULL. */
struct pc_device *pc_device_of(PDEVICE_OBJECT fdo);

/* The once-a-second timer of PcRegisterIoTimeout: idle until there is a routine. */
void pc_timeouts_init(struct pc_device *device);
void pc_timeouts_stop(struct pc_device *device); /* none is called any more */
/* What is still registered is rule 25. After the objects that may unregister it in their destructors. */
void pc_timeouts_end(struct pc_device *device);

/* Is it there for requests? STATUS_SUCCESS, STATUS_INVALID_DEVICE_STATE (not started, stopped), STATUS_DEVICE_REMOVED. */
NTSTATUS pc_device_ready(struct pc_device *device);

/* IRP_MJ_PNP and IRP_MJ_POWER. Answer what goes into the IRP. */
NTSTATUS pc_device_pnp(struct pc_device *device, PIRP irp);
NTSTATUS pc_device_power(struct pc_device *device, PIRP irp);
/* Steps to STATE with everything of spec 8.13 around it. One change at a time. PASSIVE. STATUS_POWER_STATE_INVALID.
 * From within a scope of the calling thread's, STATUS_PENDING: it happens when the outermost one ends. */
NTSTATUS pc_device_set_power(struct pc_device *device, DEVICE_POWER_STATE state);
/* Around what calls the driver while it holds something that a change of power needs (a pin's gates, the power itself). */
struct power_scope {
    struct power_scope *outer;
    struct pc_device *device;
    bool wanted; /* the driver asked for STATE; the last one counts */
    DEVICE_POWER_STATE state;
};
void pc_power_scope_begin(struct pc_device *device, struct power_scope *scope);
void pc_power_scope_end(struct power_scope *scope); /* with nothing held */
/* Brings the device to D0 and keeps it there until pc_power_let_go, which follows a success. */
NTSTATUS pc_power_hold(struct pc_device *device, struct power_scope *scope);
void pc_power_let_go(struct power_scope *scope);
void pc_power_init(struct pc_device *device);
void pc_power_ports(struct pc_device *device, bool on); /* whether its ports may be touched (rule 33) */

/* The subdevice of that name with a reference, or NULL. */
struct pc_subdevice *pc_subdevice_open(struct pc_device *device, const WCHAR *name, size_t length);
void pc_subdevice_release(struct pc_subdevice *subdevice);
/* Take it out of the list; open filters stay until they are closed. */
NTSTATUS pc_subdevice_unregister(struct pc_device *device, IUnknown *port);

/* Wires and subdevices whose port is PORT. */
NTSTATUS pc_wire_remove(struct pc_device *device, IUnknown *from, ULONG from_pin, IUnknown *to, ULONG to_pin);

/* End everything that hangs on the device: subdevices, ports, the adapter's power interface; then judge the reference counts (rule 19).
 * All pins and filters are closed. */
void pc_device_tear_down(struct pc_device *device);

/* ---- what the host tells the port driver about a machine ---- */

struct pc_config {
    uint32_t event_buffer_size; /* 0: the default */
    bool render_bytes, drop_active_sensing, trap_use_after_return;
    const struct pc_builtin_miniport *miniports; /* for PcNewMiniport; MINIPORT_COUNT of them, the caller's */
    size_t miniport_count;
};
struct wdm_machine;
/* Once per machine; false if memory is short. Any thread. */
bool pc_machine_attach(struct wdm_machine *machine, const struct pc_config *config);
void pc_machine_detach(struct wdm_machine *machine);
/* Of the calling thread's machine; zeros if none was attached. */
struct pc_config pc_machine_config(void);

#endif
