/* SPDX-License-Identifier: MIT */
/*
 * port.h - the port object: IPortDMus, which is IPortMidi too, and IPortTopology over one structure.
 *
 * It binds a miniport (Init), keeps the pool, the clock and the service groups of all its pins, and is what a registered subdevice
 * names. A port and its miniport hold references on each other; port_tear_down cuts that when the device goes.
 *
 * `lock` guards the list of pins and the groups, at any IRQL, and is a leaf: Notify takes it inside interrupt service.
 * Source: spec/ddi-kernel.md 3.1, 3.2, 3.14, 8.1.
 */
#ifndef DMUS_KERNEL_PORTCLS_PORT_H
#define DMUS_KERNEL_PORTCLS_PORT_H

#include <pthread.h>

#include "kernel/portcls/com.h"
#include "kernel/portcls/device.h"
#include "kernel/portcls/mxf.h"
#include "kernel/wdm/given.h"

struct event_pool;
struct pc_pin;

#define PORT_NAME_MAX 40

enum port_kind { PORT_DMUS, PORT_TOPOLOGY };

struct port_event { /* IPortEvents: what a driver added */
    struct port_event *next;
    PKSEVENT_ENTRY entry;
};

struct port {
    IPortDMus IPortDMus_iface; /* a topology port answers the first six slots only: IPortTopology */
    IPortClsVersion IPortClsVersion_iface;
    IPortEvents IPortEvents_iface;
    IUnregisterSubdevice IUnregisterSubdevice_iface;
    IUnregisterPhysicalConnection IUnregisterPhysicalConnection_iface;
    IServiceSink IServiceSink_iface; /* joined to the miniport's groups; not answered by QueryInterface */
    struct refcount refs;
    struct wdm_given given;
    enum port_kind kind;
    char name[PORT_NAME_MAX]; /* "port DMusic": the reference string once registered */
    WCHAR *subdevice;         /* reference string, a copy; NULL before registration */

    struct pc_device *device;     /* NULL before Init */
    struct port *next_of_device;  /* list of the device, under its lock */
    IUnknown *unknown_miniport;   /* as Init got it, one reference. MajorTarget is the interface below */
    IMiniport *miniport;          /* the one bound: one of the two below, or IMiniportTopology. One reference */
    IMiniportDMus *dmus;          /* the same pointer, or NULL */
    IMiniportMidi *midi;          /* the same pointer, or NULL */
    IPinCount *pin_count;         /* NULL if the miniport has none */
    IPowerNotify *power_notify;
    PPCFILTER_DESCRIPTOR filter;  /* the miniport's */
    ULONG *instances;             /* per pin, of all filters; under lock */
    struct event_pool *pool;
    IMasterClock *clock;

    pthread_mutex_t lock;
    IServiceGroup *group;            /* what Init put out: Notify(NULL) */
    IServiceGroup *registered_group; /* RegisterServiceGroup */
    struct pc_pin *pins;             /* open ones, through next_of_port */
    uint64_t round;                  /* of port_each_pin */
    KEVENT visited;                  /* a visit of a pin is over; the driver may wait in it, and others have their turn */
    struct port_event *events;
};

/* PcNewPort. */
NTSTATUS port_create(enum port_kind kind, IPort **out);
/* The port behind any of our ports' interface pointers, or NULL for an object that is not ours. PORT may be NULL. */
struct port *port_of(IUnknown *unknown);

/* IPort::Init, shared. */
NTSTATUS port_init(struct port *self, PDEVICE_OBJECT fdo, PIRP irp, IUnknown *miniport, IUnknown *adapter, IResourceList *resources);

/* Lets go of groups, optional interfaces and the miniport but for one last reference, which the caller then gives back with
 * port_release_miniport. No pin is open. */
void port_tear_down(struct port *self);
void port_release_miniport(struct port *self);

/* IPortDMus::Notify. Any IRQL. */
void port_notify(struct port *self, IServiceGroup *group);

/* A pin joins or leaves the list that Notify walks. */
void port_add_pin(struct port *self, struct pc_pin *pin);
void port_remove_pin(struct port *self, struct pc_pin *pin);
/* VISIT every open pin once, with nothing locked. One that closes meanwhile stays until its visit is over. PASSIVE. */
void port_each_pin(struct port *self, void (*visit)(struct pc_pin *pin));

/* The six methods that both vtables share; ours to port_vtbl_*.c. */
extern const IPortDMusVtbl port_dmus_vtbl, port_topology_vtbl;

#endif
