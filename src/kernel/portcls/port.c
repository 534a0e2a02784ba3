/* SPDX-License-Identifier: MIT */
/* The port object: its interfaces, its methods, and what keeps it alive (spec 3.1, 3.2, 3.14). */
#include "kernel/portcls/port.h"

#include <stdio.h>

#include "base/alloc.h"
#include "kernel/portcls/pin.h"
#include "kernel/portcls/registry_key.h"
#include "kernel/wdm/machine.h"

/* Both kinds begin with the same vtable slots; which one an interface pointer has tells the kind. */
static struct port *impl(IPortDMus *iface)
{
    assert(iface->lpVtbl == &port_dmus_vtbl || iface->lpVtbl == &port_topology_vtbl);
    return (struct port *)(void *)((char *)iface - offsetof(struct port, IPortDMus_iface));
}

struct port *port_of(IUnknown *unknown)
{
    const void *vtbl = unknown ? unknown->lpVtbl : NULL;
    return vtbl == &port_dmus_vtbl || vtbl == &port_topology_vtbl ? impl((IPortDMus *)(void *)unknown) : NULL;
}

static void *find_interface(struct port *self, REFIID iid)
{
    bool dmus = self->kind == PORT_DMUS;
    if (guid_is(iid, &IID_IUnknown) || guid_is(iid, &IID_IPort) || (dmus && guid_is(iid, &IID_IPortDMus)) ||
        (dmus && guid_is(iid, &IID_IPortMidi)) || (!dmus && guid_is(iid, &IID_IPortTopology)))
        return &self->IPortDMus_iface;
    if (guid_is(iid, &IID_IPortClsVersion))
        return &self->IPortClsVersion_iface;
    if (guid_is(iid, &IID_IPortEvents))
        return &self->IPortEvents_iface;
    if (guid_is(iid, &IID_IUnregisterSubdevice))
        return &self->IUnregisterSubdevice_iface;
    if (guid_is(iid, &IID_IUnregisterPhysicalConnection))
        return &self->IUnregisterPhysicalConnection_iface;
    return NULL;
}

static NTSTATUS query(struct port *self, REFIID iid, PVOID *out)
{
    *out = find_interface(self, iid);
    if (!*out)
        return STATUS_INVALID_PARAMETER;
    refcount_add(&self->refs);
    return STATUS_SUCCESS;
}

static void port_free(struct port *self)
{
    port_tear_down(self); /* never initialised, or by the device before: then there is nothing left */
    port_release_miniport(self);
    pthread_mutex_destroy(&self->lock);
    dm_free(self->subdevice);
    dm_free(self);
}

static ULONG release(struct port *self)
{
    ULONG left = refcount_release(&self->refs);
    if (left == 0) {
        wdm_given_end(&self->given);
        port_free(self);
    }
    return left;
}

static NTSTATUS NTAPI port_QueryInterface(IPortDMus *iface, REFIID iid, PVOID *out) { return query(impl(iface), iid, out); }
static ULONG NTAPI port_AddRef(IPortDMus *iface) { return refcount_add(&impl(iface)->refs); }
static ULONG NTAPI port_Release(IPortDMus *iface) { return release(impl(iface)); }

static NTSTATUS NTAPI port_Init(IPortDMus *iface, PDEVICE_OBJECT fdo, PIRP irp, PUNKNOWN miniport, PUNKNOWN adapter,
                                PRESOURCELIST resources)
{
    wdm_need_irql(PASSIVE_LEVEL, "IPort::Init");
    return port_init(impl(iface), fdo, irp, miniport, adapter, resources);
}

static NTSTATUS NTAPI port_GetDeviceProperty(IPortDMus *iface, DEVICE_REGISTRY_PROPERTY property, ULONG length, PVOID buffer,
                                             PULONG result)
{
    struct port *self = impl(iface);
    wdm_need_irql(PASSIVE_LEVEL, "IPort::GetDeviceProperty");
    if (!self->device)
        return STATUS_UNSUCCESSFUL;
    return result ? IoGetDeviceProperty(self->device->pdo, property, length, buffer, result) : STATUS_INVALID_PARAMETER;
}

static NTSTATUS NTAPI port_NewRegistryKey(IPortDMus *iface, PREGISTRYKEY *out, PUNKNOWN outer, ULONG type, ACCESS_MASK access,
                                          POBJECT_ATTRIBUTES attributes, ULONG options, PULONG disposition)
{
    struct port *self = impl(iface);
    wdm_need_irql(PASSIVE_LEVEL, "IPort::NewRegistryKey");
    if (!out)
        return STATUS_INVALID_PARAMETER;
    *out = NULL;
    if (!self->device)
        return STATUS_UNSUCCESSFUL;
    if (outer)
        return STATUS_NOT_SUPPORTED;
    return registry_key_open(out, type, access, self->device, self->subdevice, attributes, options, disposition);
}

static void NTAPI port_Notify(IPortDMus *iface, PSERVICEGROUP group) { port_notify(impl(iface), group); }

static void NTAPI port_RegisterServiceGroup(IPortDMus *iface, PSERVICEGROUP group)
{
    struct port *self = impl(iface);
    wdm_need_irql(PASSIVE_LEVEL, "IPortDMus::RegisterServiceGroup");
    if (!group || self->registered_group || !NT_SUCCESS(group->lpVtbl->AddMember(group, &self->IServiceSink_iface)))
        return;
    COM_ADDREF(group);
    pthread_mutex_lock(&self->lock);
    self->registered_group = group;
    pthread_mutex_unlock(&self->lock);
}

const IPortDMusVtbl port_dmus_vtbl = {
    port_QueryInterface, port_AddRef, port_Release, port_Init, port_GetDeviceProperty, port_NewRegistryKey, port_Notify,
    port_RegisterServiceGroup,
};
const IPortDMusVtbl port_topology_vtbl = {
    port_QueryInterface, port_AddRef, port_Release, port_Init, port_GetDeviceProperty, port_NewRegistryKey, NULL, NULL,
};

/* --- small interfaces --- */
#define INTERFACE_UNKNOWN(prefix, iface_type)                                                                             \
    static NTSTATUS NTAPI prefix##_QueryInterface(iface_type *iface, REFIID iid, PVOID *out)                              \
    {                                                                                                                     \
        return query(impl_from_##iface_type(iface), iid, out);                                                            \
    }                                                                                                                     \
    static ULONG NTAPI prefix##_AddRef(iface_type *iface) { return refcount_add(&impl_from_##iface_type(iface)->refs); }  \
    static ULONG NTAPI prefix##_Release(iface_type *iface) { return release(impl_from_##iface_type(iface)); }

static const IPortClsVersionVtbl version_vtbl;
IMPL_FROM(port, IPortClsVersion, version_vtbl)
INTERFACE_UNKNOWN(version, IPortClsVersion)
/* What this implementation behaves like. */
static DWORD NTAPI version_GetVersion(IPortClsVersion *iface)
{
    (void)iface;
    return kVersionWinXPSP1;
}
static const IPortClsVersionVtbl version_vtbl = {version_QueryInterface, version_AddRef, version_Release, version_GetVersion};

static const IPortEventsVtbl events_vtbl;
IMPL_FROM(port, IPortEvents, events_vtbl)
INTERFACE_UNKNOWN(events, IPortEvents)
/* No client of this host enables events (spec 11.5, 6): an entry, which only enabling makes, is kept until the port ends and never looked
 * into, and there is nobody to signal. */
static void NTAPI events_AddEventToEventList(IPortEvents *iface, PKSEVENT_ENTRY entry)
{
    struct port *self = impl_from_IPortEvents(iface);
    struct port_event *event = dm_calloc(1, sizeof *event);
    wdm_need_irql(PASSIVE_LEVEL, "IPortEvents::AddEventToEventList");
    if (!event)
        return;
    event->entry = entry;
    pthread_mutex_lock(&self->lock);
    event->next = self->events;
    self->events = event;
    pthread_mutex_unlock(&self->lock);
}
static void NTAPI events_GenerateEventList(IPortEvents *iface, GUID *set, ULONG id, BOOL on_pin, ULONG pin, BOOL on_node,
                                           ULONG node)
{
    (void)iface, (void)set, (void)id, (void)on_pin, (void)pin, (void)on_node, (void)node; /* WDK: at any IRQL, a service routine's too */
}
static const IPortEventsVtbl events_vtbl = {events_QueryInterface, events_AddRef, events_Release, events_AddEventToEventList,
                                            events_GenerateEventList};

static const IUnregisterSubdeviceVtbl unregister_vtbl;
IMPL_FROM(port, IUnregisterSubdevice, unregister_vtbl)
INTERFACE_UNKNOWN(unregister, IUnregisterSubdevice)
static NTSTATUS NTAPI unregister_UnregisterSubdevice(IUnregisterSubdevice *iface, PDEVICE_OBJECT fdo, PUNKNOWN unknown)
{
    struct pc_device *device = pc_device_of(fdo);
    (void)iface;
    wdm_need_irql(PASSIVE_LEVEL, "IUnregisterSubdevice::UnregisterSubdevice");
    return device && unknown ? pc_subdevice_unregister(device, unknown) : STATUS_INVALID_PARAMETER;
}
static const IUnregisterSubdeviceVtbl unregister_vtbl = {unregister_QueryInterface, unregister_AddRef, unregister_Release,
                                                         unregister_UnregisterSubdevice};

static const IUnregisterPhysicalConnectionVtbl unwire_vtbl;
IMPL_FROM(port, IUnregisterPhysicalConnection, unwire_vtbl)
INTERFACE_UNKNOWN(unwire, IUnregisterPhysicalConnection)
static NTSTATUS unwire(PDEVICE_OBJECT fdo, PUNKNOWN from, ULONG from_pin, PUNKNOWN to, ULONG to_pin)
{
    struct pc_device *device = pc_device_of(fdo);
    wdm_need_irql(PASSIVE_LEVEL, "IUnregisterPhysicalConnection");
    return device ? pc_wire_remove(device, from, from_pin, to, to_pin) : STATUS_INVALID_PARAMETER;
}
static NTSTATUS NTAPI unwire_inside(IUnregisterPhysicalConnection *iface, PDEVICE_OBJECT fdo, PUNKNOWN from, ULONG from_pin,
                                    PUNKNOWN to, ULONG to_pin)
{
    (void)iface;
    return from && to ? unwire(fdo, from, from_pin, to, to_pin) : STATUS_INVALID_PARAMETER;
}
static NTSTATUS NTAPI unwire_to(IUnregisterPhysicalConnection *iface, PDEVICE_OBJECT fdo, PUNKNOWN from, ULONG from_pin,
                                PUNICODE_STRING to, ULONG to_pin)
{
    (void)iface;
    return from && to ? unwire(fdo, from, from_pin, NULL, to_pin) : STATUS_INVALID_PARAMETER;
}
static NTSTATUS NTAPI unwire_from(IUnregisterPhysicalConnection *iface, PDEVICE_OBJECT fdo, PUNICODE_STRING from, ULONG from_pin,
                                  PUNKNOWN to, ULONG to_pin)
{
    (void)iface;
    return from && to ? unwire(fdo, NULL, from_pin, to, to_pin) : STATUS_INVALID_PARAMETER;
}
static const IUnregisterPhysicalConnectionVtbl unwire_vtbl = {unwire_QueryInterface, unwire_AddRef, unwire_Release,
                                                              unwire_inside, unwire_to, unwire_from};

/* --- the port's service sink: a legacy miniport wants to hear of notifications, a DMus one is never called (spec 8.8) --- */
static const IServiceSinkVtbl sink_vtbl;
IMPL_FROM(port, IServiceSink, sink_vtbl)
INTERFACE_UNKNOWN(sink, IServiceSink)
static void NTAPI sink_RequestService(IServiceSink *iface)
{
    struct port *self = impl_from_IServiceSink(iface);
    struct wdm_call call;
    if (!self->midi)
        return;
    wdm_call_begin(&call, "IMiniportMidi::Service");
    self->midi->lpVtbl->Service(self->midi);
    wdm_call_end(&call);
}
static const IServiceSinkVtbl sink_vtbl = {sink_QueryInterface, sink_AddRef, sink_Release, sink_RequestService};

NTSTATUS port_create(enum port_kind kind, IPort **out)
{
    struct port *self = dm_calloc(1, sizeof *self);
    if (!self)
        return STATUS_INSUFFICIENT_RESOURCES;
    self->IPortDMus_iface.lpVtbl = kind == PORT_DMUS ? &port_dmus_vtbl : &port_topology_vtbl;
    self->IPortClsVersion_iface.lpVtbl = &version_vtbl;
    self->IPortEvents_iface.lpVtbl = &events_vtbl;
    self->IUnregisterSubdevice_iface.lpVtbl = &unregister_vtbl;
    self->IUnregisterPhysicalConnection_iface.lpVtbl = &unwire_vtbl;
    self->IServiceSink_iface.lpVtbl = &sink_vtbl;
    self->kind = kind;
    refcount_init(&self->refs, 1);
    pthread_mutex_init(&self->lock, NULL);
    KeInitializeEvent(&self->visited, NotificationEvent, FALSE);
    snprintf(self->name, sizeof self->name, "port %p", (void *)self);
    wdm_given_begin(&self->given, WDM_RULE_REFERENCES, "IPort");
    *out = (IPort *)(void *)&self->IPortDMus_iface;
    return STATUS_SUCCESS;
}
