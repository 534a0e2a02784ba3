/* SPDX-License-Identifier: MIT */
/* The kit's miniports and adapter: DriverEntry to destructor. */
#include <stdio.h>
#include <string.h>

#include "kit_driver.h"

struct miniport {
    IMiniportDMus IMiniportDMus_iface; /* or IMiniportMidi, which has the same slots but NewStream's arguments */
    IPinCount IPinCount_iface;
    IPowerNotify IPowerNotify_iface;
    LONG refs;
    struct kit *owner;
    bool topology;
    IPortDMus *port;
    IServiceGroup *group;
    IInterruptSync *sync;
    IMXF *shared;
};
#define MINIPORT(iface, member) ((struct miniport *)(void *)((char *)(iface)-offsetof(struct miniport, member)))
#define M(iface)                MINIPORT(iface, IMiniportDMus_iface)

static NTSTATUS query(struct miniport *self, REFIID iid, PVOID *out)
{
    const struct kit_config *c = &self->owner->config;
    const GUID *kind = self->topology ? &IID_IMiniportTopology : c->legacy ? &IID_IMiniportMidi : &IID_IMiniportDMus;
    *out = NULL;
    if (IsEqualGUID(iid, &IID_IUnknown) || IsEqualGUID(iid, &IID_IMiniport) || IsEqualGUID(iid, kind))
        *out = &self->IMiniportDMus_iface;
    else if (c->pin_count && !self->topology && IsEqualGUID(iid, &IID_IPinCount))
        *out = &self->IPinCount_iface;
    else if (c->power && !self->topology && IsEqualGUID(iid, &IID_IPowerNotify))
        *out = &self->IPowerNotify_iface;
    if (*out)
        InterlockedIncrement(&self->refs);
    return *out ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

static ULONG release(struct miniport *self)
{
    LONG left = InterlockedDecrement(&self->refs);
    if (left)
        return (ULONG)left;
    kit_log("%s gone", self->topology ? "topology" : "miniport");
    if (self->owner->config.port)
        READ_PORT_UCHAR((PUCHAR)(ULONG_PTR)self->owner->config.port);
    if (self->sync) {
        self->sync->lpVtbl->Disconnect(self->sync);
        self->sync->lpVtbl->Release(self->sync);
    }
    if (self->shared)
        self->shared->lpVtbl->Release(self->shared);
    if (self->group)
        self->group->lpVtbl->Release(self->group);
    if (self->port && self->owner->config.leak_port_reference)
        self->owner->leaked[self->topology] = self->port;
    else if (self->port)
        self->port->lpVtbl->Release(self->port);
    atomic_fetch_sub(&self->owner->miniports, 1);
    ExFreePool(self);
    return 0;
}

static NTSTATUS NTAPI m_QueryInterface(IMiniportDMus *iface, REFIID iid, PVOID *out) { return query(M(iface), iid, out); }
static ULONG NTAPI m_AddRef(IMiniportDMus *iface) { return (ULONG)InterlockedIncrement(&M(iface)->refs); }
static ULONG NTAPI m_Release(IMiniportDMus *iface) { return release(M(iface)); }

static NTSTATUS NTAPI m_GetDescription(IMiniportDMus *iface, PPCFILTER_DESCRIPTOR *out)
{
    struct miniport *self = M(iface);
    kit_log("%s GetDescription", self->topology ? "topology" : "miniport");
    *out = self->topology ? &kit_topology_descriptor : &kit_filter_descriptor;
    static PCFILTER_DESCRIPTOR bad;
    if (self->owner->config.bad_descriptor && !self->topology) {
        bad = kit_filter_descriptor;
        bad.NodeSize = sizeof(PCNODE_DESCRIPTOR) - 8; /* too short to walk */
        *out = &bad;
    }
    return STATUS_SUCCESS;
}

static NTSTATUS NTAPI m_DataRangeIntersection(IMiniportDMus *iface, ULONG pin, PKSDATARANGE client, PKSDATARANGE mine, ULONG length,
                                              PVOID out, PULONG result)
{
    NTSTATUS status = M(iface)->owner->config.intersection;
    (void)pin, (void)client, (void)mine;
    if (status == 0)
        return STATUS_NOT_IMPLEMENTED;
    *result = 16;
    if (status == STATUS_BUFFER_OVERFLOW) /* one that writes past its end, too */
        memset(out ? out : &status, 0, out ? length + 4 : 0);
    return status;
}

static NTSTATUS NTAPI service_routine(IInterruptSync *sync, PVOID context)
{
    struct miniport *self = context;
    (void)sync;
    self->port->lpVtbl->Notify(self->port, NULL);
    return STATUS_SUCCESS;
}

static NTSTATUS connect_interrupt(struct miniport *self, IResourceList *resources)
{
    NTSTATUS status = PcNewInterruptSync(&self->sync, NULL, resources, 0, InterruptSyncModeNormal);
    if (NT_SUCCESS(status))
        status = self->sync->lpVtbl->RegisterServiceRoutine(self->sync, service_routine, self, TRUE);
    if (NT_SUCCESS(status))
        status = self->sync->lpVtbl->Connect(self->sync);
    self->owner->sync = self->sync;
    return status;
}

static NTSTATUS NTAPI m_Init(IMiniportDMus *iface, PUNKNOWN adapter, PRESOURCELIST resources, PPORTDMUS port, PSERVICEGROUP *group)
{
    struct miniport *self = M(iface);
    struct kit *k = self->owner;
    NTSTATUS status = STATUS_SUCCESS;
    (void)adapter;
    kit_log("miniport Init");
    if (k->config.init_status)
        return k->config.init_status;
    self->port = port;
    port->lpVtbl->AddRef(port);
    k->port = port;
    if (!k->config.no_group) {
        status = PcNewServiceGroup(&self->group, NULL);
        if (!NT_SUCCESS(status))
            return status;
        k->group = self->group;
        if (k->config.early_group) {
            port->lpVtbl->RegisterServiceGroup(port, self->group);
            port->lpVtbl->Notify(port, NULL); /* as an interrupt might */
        }
    }
    if (k->config.interrupt_sync)
        status = connect_interrupt(self, resources);
    if (NT_SUCCESS(status) && self->group) { /* nothing is given out with a failure */
        *group = self->group;
        self->group->lpVtbl->AddRef(self->group);
    }
    return status;
}

static NTSTATUS NTAPI t_Init(IMiniportTopology *iface, PUNKNOWN adapter, PRESOURCELIST resources, PPORTTOPOLOGY port)
{
    struct miniport *self = M(iface);
    (void)adapter, (void)resources;
    kit_log("topology Init");
    self->port = (IPortDMus *)(void *)port;
    self->port->lpVtbl->AddRef(self->port);
    return STATUS_SUCCESS;
}

static void NTAPI m_Service(IMiniportDMus *iface)
{
    (void)iface;
    kit_log("miniport Service");
}

static NTSTATUS make_stream(struct miniport *self, ULONG pin, IAllocatorMXF *allocator, IMasterClock *clock, IMXF **out)
{
    NTSTATUS status = STATUS_SUCCESS;
    if (!self->owner->config.share_stream)
        return kit_stream_new(pin, allocator, clock, out);
    if (!self->shared)
        status = kit_stream_new(pin, allocator, clock, &self->shared);
    if (NT_SUCCESS(status)) {
        self->shared->lpVtbl->AddRef(self->shared);
        *out = self->shared;
    }
    return status;
}

static NTSTATUS NTAPI m_NewStream(IMiniportDMus *iface, PMXF *out, PUNKNOWN outer, POOL_TYPE pool, ULONG pin, DMUS_STREAM_TYPE type,
                                  PKSDATAFORMAT format, PSERVICEGROUP *group, PAllocatorMXF allocator, PMASTERCLOCK clock,
                                  PULONGLONG prefetch)
{
    struct miniport *self = M(iface);
    (void)outer, (void)format;
    kit_log("NewStream pin %u type %d pool %d", (unsigned)pin, (int)type, (int)pool);
    if (self->owner->config.power_in_stream)
        kit_ask_power(self->owner, PowerDeviceD3);
    if (self->owner->adapter_state > PowerDeviceD0)
        atomic_fetch_add(&self->owner->opened_down, 1);
    if (self->owner->config.stream_status)
        return self->owner->config.stream_status;
    NTSTATUS status = make_stream(self, pin, allocator, clock, out);
    if (!NT_SUCCESS(status))
        return status;
    *prefetch = self->owner->config.prefetch;
    if (type == DMUS_STREAM_MIDI_CAPTURE && self->owner->config.stream_group) {
        status = PcNewServiceGroup(group, NULL);
        if (!NT_SUCCESS(status)) {
            (*out)->lpVtbl->Release(*out);
            *out = NULL;
        }
        return status;
    }
    if (type == DMUS_STREAM_MIDI_CAPTURE && self->group) {
        *group = self->group;
        self->group->lpVtbl->AddRef(self->group);
    }
    return STATUS_SUCCESS;
}

static NTSTATUS NTAPI l_NewStream(IMiniportMidi *iface, PMINIPORTMIDISTREAM *out, PUNKNOWN outer, POOL_TYPE pool, ULONG pin,
                                  BOOLEAN capture, PKSDATAFORMAT format, PSERVICEGROUP *group)
{
    struct miniport *self = M(iface);
    (void)outer, (void)format, (void)pool;
    kit_log("NewStream pin %u capture %d", (unsigned)pin, (int)capture);
    if (self->group) {
        *group = self->group;
        self->group->lpVtbl->AddRef(self->group);
    }
    return kit_midi_stream_new(pin, out);
}

static IMiniportDMusVtbl miniport_vtbl = {m_QueryInterface, m_AddRef, m_Release, m_GetDescription, m_DataRangeIntersection,
                                          m_Init,           m_Service, m_NewStream};

/* --- IPinCount: one render instance, whatever the descriptor says --- */
static NTSTATUS NTAPI pc_QueryInterface(IPinCount *iface, REFIID iid, PVOID *out) { return query(MINIPORT(iface, IPinCount_iface), iid, out); }
static ULONG NTAPI pc_AddRef(IPinCount *iface) { return (ULONG)InterlockedIncrement(&MINIPORT(iface, IPinCount_iface)->refs); }
static ULONG NTAPI pc_Release(IPinCount *iface) { return release(MINIPORT(iface, IPinCount_iface)); }
static void NTAPI pc_PinCount(IPinCount *iface, ULONG pin, PULONG necessary, PULONG current, PULONG possible, PULONG global,
                              PULONG global_possible)
{
    (void)iface, (void)current, (void)global, (void)global_possible;
    kit_log("PinCount %u", (unsigned)pin);
    *necessary = 1;
    if (pin == KIT_RENDER)
        *possible = 1;
}
static IPinCountVtbl pin_count_vtbl = {pc_QueryInterface, pc_AddRef, pc_Release, pc_PinCount};

static NTSTATUS NTAPI pn_QueryInterface(IPowerNotify *iface, REFIID iid, PVOID *out)
{
    return query(MINIPORT(iface, IPowerNotify_iface), iid, out);
}
static ULONG NTAPI pn_AddRef(IPowerNotify *iface) { return (ULONG)InterlockedIncrement(&MINIPORT(iface, IPowerNotify_iface)->refs); }
static ULONG NTAPI pn_Release(IPowerNotify *iface)
{
    struct miniport *self = MINIPORT(iface, IPowerNotify_iface);
    if (self->owner->config.unregister_power)
        PcUnregisterAdapterPowerManagement(self->owner->fdo);
    return release(self);
}
static void NTAPI pn_PowerChangeNotify(IPowerNotify *iface, POWER_STATE state)
{
    (void)iface;
    kit_log("PowerChangeNotify D%d", (int)state.DeviceState - 1);
}
static IPowerNotifyVtbl power_notify_vtbl = {pn_QueryInterface, pn_AddRef, pn_Release, pn_PowerChangeNotify};

static NTSTATUS miniport_new(bool topology, IUnknown **out)
{
    static IMiniportDMusVtbl topology_vtbl, legacy_vtbl;
    struct miniport *self = ExAllocatePoolWithTag(NonPagedPool, sizeof *self, 'ipiM');
    if (!self)
        return STATUS_INSUFFICIENT_RESOURCES;
    memset(self, 0, sizeof *self);
    topology_vtbl = legacy_vtbl = miniport_vtbl;
    NTSTATUS(NTAPI *topology_init)(IMiniportTopology *, PUNKNOWN, PRESOURCELIST, PPORTTOPOLOGY) = t_Init;
    NTSTATUS(NTAPI *legacy_stream)
    (IMiniportMidi *, PMINIPORTMIDISTREAM *, PUNKNOWN, POOL_TYPE, ULONG, BOOLEAN, PKSDATAFORMAT, PSERVICEGROUP *) = l_NewStream;
    memcpy(&topology_vtbl.Init, &topology_init, sizeof topology_init);
    memcpy(&legacy_vtbl.NewStream, &legacy_stream, sizeof legacy_stream);
    self->IMiniportDMus_iface.lpVtbl = topology ? &topology_vtbl : kit->config.legacy ? &legacy_vtbl : &miniport_vtbl;
    self->IPinCount_iface.lpVtbl = &pin_count_vtbl;
    self->IPowerNotify_iface.lpVtbl = &power_notify_vtbl;
    self->refs = 1;
    self->owner = kit;
    self->topology = topology;
    atomic_fetch_add(&kit->miniports, 1);
    *out = (IUnknown *)(void *)&self->IMiniportDMus_iface;
    return STATUS_SUCCESS;
}

NTSTATUS kit_miniport_new(IUnknown **out) { return miniport_new(false, out); }
NTSTATUS kit_topology_new(IUnknown **out) { return miniport_new(true, out); }

/* --- adapter --- */
void kit_ask_power(struct kit *self, DEVICE_POWER_STATE state)
{
    NTSTATUS status = PcRequestNewPowerState(self->fdo, state);
    kit_log("asked for D%d: %08x", (int)state - 1, (unsigned)status);
}

struct adapter {
    IAdapterPowerManagement IAdapterPowerManagement_iface;
    LONG refs;
    struct kit *owner;
};
static NTSTATUS NTAPI a_QueryInterface(IAdapterPowerManagement *iface, REFIID iid, PVOID *out)
{
    bool known = IsEqualGUID(iid, &IID_IUnknown) || IsEqualGUID(iid, &IID_IAdapterPowerManagement);
    *out = known ? iface : NULL;
    if (known)
        InterlockedIncrement(&((struct adapter *)(void *)iface)->refs);
    return known ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}
static ULONG NTAPI a_AddRef(IAdapterPowerManagement *iface)
{
    return (ULONG)InterlockedIncrement(&((struct adapter *)(void *)iface)->refs);
}
static ULONG NTAPI a_Release(IAdapterPowerManagement *iface)
{
    struct adapter *self = (struct adapter *)(void *)iface;
    LONG left = InterlockedDecrement(&self->refs);
    if (left == 0) {
        kit_log("adapter gone");
        atomic_fetch_sub(&self->owner->adapters, 1);
        ExFreePool(self);
    }
    return (ULONG)left;
}
static void NTAPI a_PowerChangeState(IAdapterPowerManagement *iface, POWER_STATE state)
{
    kit_log("PowerChangeState D%d", (int)state.DeviceState - 1);
    struct kit *k = ((struct adapter *)(void *)iface)->owner;
    k->adapter_state = state.DeviceState;
    if (k->config.power_in_power)
        kit_ask_power(k, state.DeviceState == PowerDeviceD0 ? PowerDeviceD3 : PowerDeviceD0);
}
static NTSTATUS NTAPI a_QueryPowerChangeState(IAdapterPowerManagement *iface, POWER_STATE state)
{
    kit_log("QueryPowerChangeState D%d", (int)state.DeviceState - 1);
    return ((struct adapter *)(void *)iface)->owner->config.veto ? STATUS_UNSUCCESSFUL : STATUS_SUCCESS;
}
static NTSTATUS NTAPI a_QueryDeviceCapabilities(IAdapterPowerManagement *iface, PDEVICE_CAPABILITIES caps)
{
    (void)iface, (void)caps;
    kit_log("QueryDeviceCapabilities");
    return STATUS_SUCCESS;
}
static IAdapterPowerManagementVtbl adapter_vtbl = {a_QueryInterface,        a_AddRef,
                                                   a_Release,               a_PowerChangeState,
                                                   a_QueryPowerChangeState, a_QueryDeviceCapabilities};

static NTSTATUS register_power(PDEVICE_OBJECT fdo)
{
    struct adapter *adapter = ExAllocatePoolWithTag(NonPagedPool, sizeof *adapter, 'tpdA');
    if (!adapter)
        return STATUS_INSUFFICIENT_RESOURCES;
    *adapter = (struct adapter){{&adapter_vtbl}, 1, kit};
    atomic_fetch_add(&kit->adapters, 1);
    NTSTATUS status = PcRegisterAdapterPowerManagement((IUnknown *)(void *)adapter, fdo);
    a_Release(&adapter->IAdapterPowerManagement_iface);
    return status;
}

static NTSTATUS subdevice(PDEVICE_OBJECT fdo, PIRP irp, PRESOURCELIST resources, REFCLSID clsid, NTSTATUS (*make)(IUnknown **),
                          const char *name, IUnknown **port_out)
{
    static WCHAR wide[2][16]; /* "must stay where it is as long as the device" */
    WCHAR *text = wide[make == kit_topology_new];
    IPort *port = NULL;
    IUnknown *miniport = NULL;
    for (size_t i = 0; i <= strlen(name); i++)
        text[i] = (WCHAR)name[i];
    NTSTATUS status = PcNewPort(&port, clsid);
    if (NT_SUCCESS(status))
        status = make(&miniport);
    if (NT_SUCCESS(status))
        status = port->lpVtbl->Init(port, fdo, irp, miniport, NULL, resources);
    if (NT_SUCCESS(status))
        status = PcRegisterSubdevice(fdo, text, (IUnknown *)(void *)port);
    if (miniport)
        miniport->lpVtbl->Release(miniport);
    *port_out = (IUnknown *)(void *)port;
    if (port && !NT_SUCCESS(status)) {
        port->lpVtbl->Release(port);
        *port_out = NULL;
    }
    return status;
}

static NTSTATUS start_device(PDEVICE_OBJECT fdo, PIRP irp, PRESOURCELIST resources)
{
    IUnknown *topology = NULL, *dmus = NULL;
    kit->fdo = fdo;
    kit_log("StartDevice with %u resources", (unsigned)resources->lpVtbl->NumberOfEntries(resources));
    NTSTATUS status = subdevice(fdo, irp, resources, &CLSID_PortDMus, kit_miniport_new, kit->config.legacy ? "Midi" : "DMus", &dmus);
    if (NT_SUCCESS(status))
        status = subdevice(fdo, irp, resources, &CLSID_PortTopology, kit_topology_new, "Topology", &topology);
    if (NT_SUCCESS(status))
        status = PcRegisterPhysicalConnection(fdo, dmus, KIT_BRIDGE, topology, 0);
    if (dmus)
        dmus->lpVtbl->Release(dmus);
    if (topology)
        topology->lpVtbl->Release(topology);
    return NT_SUCCESS(status) && kit->config.start_status ? kit->config.start_status : status;
}

static NTSTATUS NTAPI add_device(PDRIVER_OBJECT driver, PDEVICE_OBJECT pdo)
{
    NTSTATUS status = PcAddAdapterDevice(driver, pdo, start_device, 4, 0);
    kit_log("AddDevice");
    if (NT_SUCCESS(status) && kit->config.power)
        status = register_power(pdo->AttachedDevice);
    return status;
}

NTSTATUS NTAPI kit_DriverEntry(PDRIVER_OBJECT driver, PUNICODE_STRING path) { return PcInitializeAdapterDriver(driver, path, add_device); }
