/* SPDX-License-Identifier: MIT */
/* Binding a miniport, and letting go of it (spec 8.1). */
#include "base/alloc.h"
#include "kernel/portcls/descriptor.h"
#include "kernel/portcls/event_pool.h"
#include "kernel/portcls/master_clock.h"
#include "kernel/portcls/pin.h"
#include "kernel/portcls/port.h"
#include "kernel/portcls/query.h"
#include "kernel/wdm/machine.h"

static void *query_miniport(IUnknown *unknown, REFIID iid, const char *what)
{
    return query_interface(unknown, iid, "miniport", what, NULL);
}

/* In the documented order; a DMus port hosts legacy MIDI miniports as well. */
static bool bind(struct port *self, IUnknown *unknown)
{
    if (self->kind == PORT_TOPOLOGY) {
        self->miniport = query_miniport(unknown, &IID_IMiniportTopology, "IMiniportTopology");
    } else if ((self->dmus = query_miniport(unknown, &IID_IMiniportDMus, "IMiniportDMus")) != NULL) {
        self->miniport = (IMiniport *)(void *)self->dmus;
    } else {
        self->midi = query_miniport(unknown, &IID_IMiniportMidi, "IMiniportMidi");
        self->miniport = (IMiniport *)(void *)self->midi;
    }
    if (!self->miniport)
        return false;
    COM_ADDREF(unknown);
    self->unknown_miniport = unknown;
    return true;
}

static NTSTATUS call_init(struct port *self, IUnknown *adapter, IResourceList *resources, IServiceGroup **group)
{
    struct wdm_call call;
    NTSTATUS status;
    wdm_call_begin(&call, "IMiniport::Init");
    if (self->dmus) {
        status = self->dmus->lpVtbl->Init(self->dmus, adapter, resources, &self->IPortDMus_iface, group);
    } else if (self->midi) {
        status = self->midi->lpVtbl->Init(self->midi, adapter, resources, (IPortMidi *)(void *)&self->IPortDMus_iface, group);
    } else {
        IMiniportTopology *topology = (IMiniportTopology *)(void *)self->miniport;
        status = topology->lpVtbl->Init(topology, adapter, resources, (IPortTopology *)(void *)&self->IPortDMus_iface);
    }
    wdm_call_end(&call);
    return status;
}

/* The group that Init put out is the port's, with its reference. The sink joins unless RegisterServiceGroup had it join. */
static NTSTATUS adopt_group(struct port *self, IServiceGroup *group)
{
    NTSTATUS status = STATUS_SUCCESS;
    if (group && group != self->registered_group)
        status = group->lpVtbl->AddMember(group, &self->IServiceSink_iface);
    if (!NT_SUCCESS(status)) {
        COM_RELEASE(group);
        return status;
    }
    pthread_mutex_lock(&self->lock);
    self->group = group;
    pthread_mutex_unlock(&self->lock);
    return STATUS_SUCCESS;
}

static NTSTATUS describe(struct port *self)
{
    struct wdm_call call;
    wdm_call_begin(&call, "IMiniport::GetDescription");
    NTSTATUS status = self->miniport->lpVtbl->GetDescription(self->miniport, &self->filter);
    wdm_call_end(&call);
    if (!NT_SUCCESS(status))
        return status;
    if (!self->filter || !descriptor_check(self->filter, self->name))
        return STATUS_INVALID_PARAMETER;
    self->instances = dm_calloc(self->filter->PinCount ? self->filter->PinCount : 1, sizeof *self->instances);
    return self->instances ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
}

static NTSTATUS make_engine(struct port *self)
{
    struct pc_config config = pc_machine_config();
    struct event_pool_config pool = {.buffer_size = config.event_buffer_size,
                                     .trap_use_after_return = config.trap_use_after_return};
    NTSTATUS status = event_pool_create(&pool, &self->pool);
    if (NT_SUCCESS(status))
        status = master_clock_create(wdm_current(), &self->clock);
    if (NT_SUCCESS(status))
        master_clock_keep(self->clock, true);
    return status;
}

static NTSTATUS initialise(struct port *self, IUnknown *miniport, IUnknown *adapter, IResourceList *resources)
{
    IServiceGroup *group = NULL;
    if (!bind(self, miniport))
        return STATUS_INVALID_PARAMETER;
    NTSTATUS status = self->kind == PORT_DMUS ? make_engine(self) : STATUS_SUCCESS;
    if (NT_SUCCESS(status))
        status = call_init(self, adapter, resources, &group);
    if (!NT_SUCCESS(status))
        return status;
    status = adopt_group(self, group);
    if (NT_SUCCESS(status))
        status = describe(self);
    if (NT_SUCCESS(status)) {
        self->pin_count = query_miniport(miniport, &IID_IPinCount, "IPinCount");
        self->power_notify = query_miniport(miniport, &IID_IPowerNotify, "IPowerNotify");
        query_nothing(miniport, "miniport");
    }
    return status;
}

NTSTATUS port_init(struct port *self, PDEVICE_OBJECT fdo, PIRP irp, IUnknown *miniport, IUnknown *adapter, IResourceList *resources)
{
    struct pc_device *device = pc_device_of(fdo);
    (void)irp;
    if (self->device)
        return STATUS_SUCCESS;
    if (!device || !miniport || (self->kind == PORT_DMUS && !resources))
        return STATUS_INVALID_PARAMETER;
    self->device = device;
    NTSTATUS status = initialise(self, miniport, adapter, resources);
    if (!NT_SUCCESS(status)) {
        port_tear_down(self);
        self->filter = NULL; /* a descriptor may have been refused: initialised it is not */
        port_release_miniport(self);
        return status;
    }
    pthread_mutex_lock(&device->lock);
    self->next_of_device = device->ports;
    device->ports = self;
    pthread_mutex_unlock(&device->lock);
    return STATUS_SUCCESS;
}

static void leave_device(struct port *self)
{
    pthread_mutex_lock(&self->device->lock);
    struct port **link = &self->device->ports;
    while (*link && *link != self)
        link = &(*link)->next_of_device;
    if (*link)
        *link = self->next_of_device;
    pthread_mutex_unlock(&self->device->lock);
}

static void leave_group(struct port *self, IServiceGroup **slot)
{
    pthread_mutex_lock(&self->lock);
    IServiceGroup *group = *slot;
    *slot = NULL;
    pthread_mutex_unlock(&self->lock);
    if (!group)
        return;
    group->lpVtbl->RemoveMember(group, &self->IServiceSink_iface);
    COM_RELEASE(group);
}

void port_tear_down(struct port *self)
{
    if (self->device)
        leave_device(self);
    self->device = NULL;
    leave_group(self, &self->registered_group);
    leave_group(self, &self->group);
    if (self->pin_count)
        COM_RELEASE(self->pin_count);
    if (self->power_notify)
        COM_RELEASE(self->power_notify);
    self->pin_count = NULL;
    self->power_notify = NULL;
    while (self->events) {
        struct port_event *event = self->events;
        self->events = event->next;
        dm_free(event);
    }
}

/* The pool and the clock outlive the miniport: drivers keep the clock without a reference (spec 8.11). */
static void end_engine(struct port *self)
{
    if (self->pool) {
        event_pool_report_leaks(self->pool, self->name);
        event_pool_release(self->pool);
    }
    if (self->clock) {
        master_clock_keep(self->clock, false);
        ULONG left = COM_RELEASE(self->clock);
        if (left)
            wdm_broken(WDM_RULE_REFERENCES, "%s: the master clock has %u reference%s left", self->name, (unsigned)left, left == 1 ? "" : "s");
    }
    self->pool = NULL;
    self->clock = NULL;
}

void port_release_miniport(struct port *self)
{
    IMiniport *miniport = self->miniport;
    IUnknown *unknown = self->unknown_miniport;
    bool was_initialised = self->filter != NULL;
    self->miniport = NULL;
    self->unknown_miniport = NULL;
    self->dmus = NULL;
    self->midi = NULL;
    self->filter = NULL;
    if (miniport) {
        struct wdm_call call;
        wdm_call_begin(&call, "miniport Release");
        bool gone = COM_RELEASE(unknown) == 0; /* with one reference of the port's left on it */
        ULONG left = gone ? 0 : COM_RELEASE(miniport);
        wdm_call_end(&call);
        if (gone)
            wdm_broken(WDM_RULE_AFTER_RELEASE, "%s: the miniport was released more often than it was referenced", self->name);
        /* A failed Init leaves the adapter its own reference. */
        if (left && was_initialised)
            wdm_broken(WDM_RULE_REFERENCES, "%s: the miniport has %u reference%s left at teardown", self->name, (unsigned)left,
                       left == 1 ? "" : "s");
    }
    end_engine(self);
    dm_free(self->instances);
    self->instances = NULL;
}
