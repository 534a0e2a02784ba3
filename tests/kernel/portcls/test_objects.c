/* SPDX-License-Identifier: MIT */
/* The Pc functions and the port's smaller interfaces (spec 3.1, 3.2, 3.13, 3.14, 4), and what a descriptor must be (6.6). */
#include "tap.h"

#include "kernel/portcls/descriptor.h"
#include "kernel/portcls/query.h"
#include "kernel/wdm/registry.h"
#include "kit.h"

static struct kit k;

static void begin(void)
{
    struct dm_error err = {0};
    if (!CHECK(kit_open(&k, &(struct kit_config){0}, &err)))
        printf("# %s\n", err.text);
    wdm_enter(host_machine(k.host));
}

static void end(uint64_t faults)
{
    wdm_leave();
    kit_shut(&k);
    CHECK_EQ(kit_faults(&k), faults);
    kit_close(&k);
}

static void test_new(void)
{
    IPort *port;
    IMiniport *miniport;
    void *out;
    begin();
    CHECK_EQ(PcNewPort(NULL, &CLSID_PortDMus), STATUS_INVALID_PARAMETER);
    CHECK_EQ(PcNewPort(&port, &kit_set), STATUS_NOT_SUPPORTED);
    CHECK_EQ(PcNewMiniport(&miniport, &CLSID_MiniportDriverDMusUART), STATUS_NOT_SUPPORTED); /* none given to this host */
    CHECK_EQ(PcNewMiniport(&miniport, &kit_set), STATUS_INVALID_PARAMETER);
    CHECK_EQ(PcNewPort(&port, &CLSID_PortMidi), STATUS_SUCCESS);
    static const GUID *const answered[] = {&IID_IUnknown, &IID_IPort, &IID_IPortDMus, &IID_IPortMidi, &IID_IPortClsVersion,
                                           &IID_IPortEvents, &IID_IUnregisterSubdevice, &IID_IUnregisterPhysicalConnection};
    for (size_t i = 0; i < 8; i++) {
        CHECK_EQ(port->lpVtbl->QueryInterface(port, answered[i], &out), STATUS_SUCCESS);
        ((IUnknown *)out)->lpVtbl->Release(out);
    }
    CHECK_EQ(port->lpVtbl->QueryInterface(port, &IID_IPortTopology, &out), STATUS_INVALID_PARAMETER);
    CHECK(out == NULL);
    IPortClsVersion *version;
    CHECK_EQ(port->lpVtbl->QueryInterface(port, &IID_IPortClsVersion, (void **)&version), STATUS_SUCCESS);
    CHECK_EQ(version->lpVtbl->GetVersion(version), kVersionWinXPSP1);
    version->lpVtbl->Release(version);
    ULONG size;
    IRegistryKey *key;
    CHECK_EQ(port->lpVtbl->GetDeviceProperty(port, DevicePropertyClassName, 0, NULL, &size), STATUS_UNSUCCESSFUL); /* before Init */
    CHECK_EQ(port->lpVtbl->NewRegistryKey(port, &key, NULL, DeviceRegistryKey, KEY_READ, NULL, 0, NULL), STATUS_UNSUCCESSFUL);
    CHECK_EQ(port->lpVtbl->Release(port), 0);
    CHECK_EQ(PcAddAdapterDevice(NULL, NULL, NULL, 0, 0), STATUS_INVALID_PARAMETER);
    end(0);
}

/* WDK, IPortEvents: entries are added at PASSIVE_LEVEL, events generated at any level, as by a service routine; nobody listens here. */
static void test_port_events(void)
{
    static int entry;
    IPortEvents *events;
    begin();
    CHECK_EQ(k.port->lpVtbl->QueryInterface(k.port, &IID_IPortEvents, (void **)&events), STATUS_SUCCESS);
    for (int i = 0; i < 3; i++) /* whatever a driver hands in is left alone */
        events->lpVtbl->AddEventToEventList(events, i == 2 ? NULL : (PKSEVENT_ENTRY)(void *)&entry);
    events->lpVtbl->GenerateEventList(events, NULL, 0, FALSE, 0, FALSE, 0);
    KIRQL old = KeGetCurrentIrql(), raised[] = {DISPATCH_LEVEL, 7};
    for (size_t i = 0; i < 2; i++) {
        KfRaiseIrql(raised[i]);
        events->lpVtbl->GenerateEventList(events, (GUID *)(uintptr_t)&kit_set, 3, TRUE, 1, TRUE, 0);
    }
    KeLowerIrql(old);
    events->lpVtbl->Release(events);
    end(0);
}

static void test_device_property(void)
{
    WCHAR text[64];
    ULONG size = 0;
    IPort *port = (IPort *)(void *)k.port;
    begin();
    port = (IPort *)(void *)k.port;
    CHECK_EQ(port->lpVtbl->GetDeviceProperty(port, DevicePropertyClassName, 0, NULL, &size), STATUS_BUFFER_TOO_SMALL);
    CHECK_EQ(size, 12); /* "MEDIA" and its zero */
    CHECK_EQ(PcGetDeviceProperty(k.fdo, DevicePropertyClassName, sizeof text, text, &size), STATUS_SUCCESS);
    CHECK(text[0] == 'M' && text[4] == 'A' && text[5] == 0);
    CHECK_EQ(PcGetDeviceProperty(k.fdo, DevicePropertyFriendlyName, sizeof text, text, &size), STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK_EQ(PcGetDeviceProperty(NULL, DevicePropertyClassName, sizeof text, text, &size), STATUS_INVALID_PARAMETER);
    end(0);
}

static void test_registry(void)
{
    static WCHAR name[] = {'V', 0}, sub_name[] = {'S', 'u', 'b', 0};
    UNICODE_STRING value_name, sub_string;
    IRegistryKey *key, *sub, *none;
    struct {
        KEY_VALUE_PARTIAL_INFORMATION info;
        UCHAR room[16];
    } value;
    ULONG size, dword = 77, disposition = 0;
    begin();
    IPort *port = (IPort *)(void *)k.port;
    RtlInitUnicodeString(&value_name, name);
    RtlInitUnicodeString(&sub_string, sub_name);
    CHECK_EQ(port->lpVtbl->NewRegistryKey(port, &key, NULL, DriverRegistryKey, KEY_ALL_ACCESS, NULL, 0, NULL), STATUS_SUCCESS);
    CHECK_EQ(key->lpVtbl->QueryValueKey(key, &value_name, KeyValuePartialInformation, &value, sizeof value, &size),
             STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK_EQ(key->lpVtbl->SetValueKey(key, &value_name, REG_DWORD, &dword, sizeof dword), STATUS_SUCCESS);
    CHECK_EQ(key->lpVtbl->QueryValueKey(key, &value_name, KeyValuePartialInformation, &value, sizeof value, &size), STATUS_SUCCESS);
    CHECK_EQ(value.info.Type, REG_DWORD);
    memcpy(&dword, value.info.Data, 4);
    CHECK_EQ(dword, 77);
    CHECK_EQ(key->lpVtbl->EnumerateValueKey(key, 1, KeyValuePartialInformation, &value, sizeof value, &size),
             STATUS_NO_MORE_ENTRIES);
    CHECK_EQ(key->lpVtbl->NewSubKey(key, &sub, NULL, KEY_ALL_ACCESS, &sub_string, 0, &disposition), STATUS_SUCCESS);
    CHECK_EQ(disposition, REG_CREATED_NEW_KEY);
    CHECK_EQ(sub->lpVtbl->DeleteKey(sub), STATUS_SUCCESS);
    CHECK_EQ(sub->lpVtbl->SetValueKey(sub, NULL, REG_DWORD, &dword, 4), STATUS_INVALID_HANDLE);
    CHECK_EQ(sub->lpVtbl->Release(sub), 0);
    CHECK_EQ(key->lpVtbl->Release(key), 0);
    CHECK_EQ(PcNewRegistryKey(&none, NULL, GeneralRegistryKey, KEY_READ, NULL, NULL, NULL, 0, NULL), STATUS_INVALID_PARAMETER);
    CHECK_EQ(PcNewRegistryKey(&none, NULL, DeviceRegistryKey, KEY_READ, NULL, NULL, NULL, 0, NULL), STATUS_INVALID_PARAMETER);
    CHECK_EQ(PcNewRegistryKey(&none, NULL, 9, KEY_READ, k.fdo, NULL, NULL, 0, NULL), STATUS_INVALID_PARAMETER);
    CHECK_EQ(port->lpVtbl->NewRegistryKey(port, &none, NULL, DeviceInterfaceRegistryKey, KEY_READ, NULL, 0, NULL),
             STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK(none == NULL);
    CHECK_EQ(wdm_handles_open(host_machine(k.host)), 0);
    end(0);
}

static void test_unregister(void)
{
    IUnregisterSubdevice *unregister;
    IUnregisterPhysicalConnection *unwire;
    struct host_filter *open, *closed;
    begin();
    IUnknown *port = (IUnknown *)(void *)k.port;
    CHECK_EQ(port->lpVtbl->QueryInterface(port, &IID_IUnregisterPhysicalConnection, (void **)&unwire), STATUS_SUCCESS);
    CHECK_EQ(unwire->lpVtbl->UnregisterPhysicalConnection(unwire, k.fdo, port, 99, port, 0), STATUS_NOT_FOUND);
    unwire->lpVtbl->Release(unwire);
    CHECK_EQ(host_open_filter(k.host, "DMus", &open), STATUS_SUCCESS);
    CHECK_EQ(port->lpVtbl->QueryInterface(port, &IID_IUnregisterSubdevice, (void **)&unregister), STATUS_SUCCESS);
    CHECK_EQ(unregister->lpVtbl->UnregisterSubdevice(unregister, k.fdo, port), STATUS_SUCCESS);
    CHECK_EQ(unregister->lpVtbl->UnregisterSubdevice(unregister, k.fdo, port), STATUS_NOT_FOUND);
    unregister->lpVtbl->Release(unregister);
    CHECK_EQ(host_open_filter(k.host, "DMus", &closed), STATUS_OBJECT_NAME_NOT_FOUND);
    struct host_pin *pin;
    CHECK_EQ(kit_pin(open, KIT_RENDER, &pin), STATUS_SUCCESS); /* who is inside stays inside */
    host_close_filter(open);
    static WCHAR taken[] = {'t', 'O', 'P', 'O', 'L', 'O', 'G', 'Y', 0};
    CHECK_EQ(PcRegisterSubdevice(k.fdo, taken, port), STATUS_OBJECT_NAME_COLLISION);
    CHECK_EQ(PcRegisterSubdevice(k.fdo, NULL, port), STATUS_INVALID_PARAMETER);
    CHECK_EQ(PcRegisterSubdevice(NULL, taken, port), STATUS_INVALID_PARAMETER);
    end(0);
}

static void count(PDEVICE_OBJECT device, PVOID context)
{
    (void)device;
    ++*(int *)context;
}

static void test_time(void)
{
    int calls = 0;
    begin();
    struct wdm_machine *machine = host_machine(k.host);
    ULONGLONG start = PcGetTimeInterval(0);
    CHECK_EQ(start, wdm_time_100ns(machine)); /* since 1601 */
    CHECK_EQ(PcRegisterIoTimeout(k.fdo, count, &calls), STATUS_SUCCESS);
    CHECK_EQ(PcRegisterIoTimeout(k.fdo, count, &calls), STATUS_UNSUCCESSFUL);
    wdm_run_until(machine, wdm_time_100ns(machine) + (LONGLONG)GTI_MILLISECONDS(3500));
    CHECK_EQ(calls, 3);
    CHECK_EQ(PcUnregisterIoTimeout(k.fdo, count, &calls), STATUS_SUCCESS);
    CHECK_EQ(PcUnregisterIoTimeout(k.fdo, count, &calls), STATUS_NOT_FOUND);
    wdm_run_until(machine, wdm_time_100ns(machine) + (LONGLONG)GTI_SECONDS(2));
    CHECK_EQ(calls, 3);
    CHECK_EQ(PcGetTimeInterval(start), GTI_MICROSECONDS(5500000));
    end(0);
}

static void test_not_offered(void)
{
    PDMACHANNEL channel;
    begin();
    CHECK_EQ(PcNewDmaChannel(&channel, NULL, NonPagedPool, NULL, k.fdo), STATUS_NOT_IMPLEMENTED);
    CHECK_EQ(PcGetContentRights(1, NULL), STATUS_NOT_IMPLEMENTED);
    CHECK_EQ(kit_broken(&k, WDM_RULE_UNSUPPORTED), 2);
    end(2);
}

/* Each fault alone: how often it is told, and whether the descriptor can be walked at all. */
static PCFILTER_DESCRIPTOR filter;
static PCPIN_DESCRIPTOR pins[2];
static PCNODE_DESCRIPTOR nodes[2];
static PCCONNECTION_DESCRIPTOR wire;
static PCAUTOMATION_TABLE table;
static PCPROPERTY_ITEM item;
static KSDATARANGE range;
static PKSDATARANGE ranges[1];

static void good_descriptor(void)
{
    memset(pins, 0, sizeof pins);
    memset(nodes, 0, sizeof nodes);
    memset(&table, 0, sizeof table);
    item = (PCPROPERTY_ITEM){&kit_set, 0, KSPROPERTY_TYPE_GET, NULL};
    table.PropertyItemSize = sizeof item;
    table.PropertyCount = 1;
    table.Properties = &item;
    memset(&range, 0, sizeof range);
    range.FormatSize = sizeof range;
    ranges[0] = &range;
    for (int i = 0; i < 2; i++) {
        pins[i].MaxFilterInstanceCount = pins[i].MaxGlobalInstanceCount = 1;
        pins[i].AutomationTable = &table;
        pins[i].KsPinDescriptor.DataFlow = KSPIN_DATAFLOW_IN;
        pins[i].KsPinDescriptor.Communication = KSPIN_COMMUNICATION_SINK;
        pins[i].KsPinDescriptor.DataRanges = ranges;
        pins[i].KsPinDescriptor.DataRangesCount = 1;
        nodes[i].Type = &KSNODETYPE_SYNTHESIZER;
        nodes[i].Name = i ? &kit_set : &kit_other_set;
    }
    wire = (PCCONNECTION_DESCRIPTOR){PCFILTER_NODE, 1, 1, 0};
    filter = (PCFILTER_DESCRIPTOR){.PinSize = sizeof pins[0], .PinCount = 2, .Pins = pins, .NodeSize = sizeof nodes[0], .NodeCount = 2,
                                   .Nodes = nodes, .ConnectionCount = 1, .Connections = &wire};
}

static void check_descriptor(bool walkable, uint64_t faults, int line)
{
    struct wdm_machine *machine = host_machine(k.host);
    wdm_rule_reset(machine);
    bool ok = descriptor_check(&filter, "test");
    if (!CHECK(ok == walkable && wdm_rule_count(machine, WDM_RULE_DESCRIPTOR) == faults))
        printf("# line %d: %d, %d faults\n", line, ok, (int)wdm_rule_count(machine, WDM_RULE_DESCRIPTOR));
    wdm_rule_reset(machine);
    good_descriptor();
}
#define DESCRIPTOR(walkable, faults) check_descriptor(walkable, faults, __LINE__)

static void test_descriptor(void)
{
    begin();
    good_descriptor();
    DESCRIPTOR(true, 0);
    filter.Version = 1;
    DESCRIPTOR(true, 1);
    filter.PinSize += 4;
    filter.PinCount = 1;
    wire.FromNodePin = 0;
    DESCRIPTOR(true, 1);
    filter.PinSize = sizeof pins[0] - 8;
    DESCRIPTOR(false, 1);
    filter.Pins = NULL;
    DESCRIPTOR(false, 1);
    filter.NodeCount = 0;
    DESCRIPTOR(true, 2); /* and the wire ends nowhere */
    wire.ToNode = 7;
    DESCRIPTOR(true, 1);
    wire.FromNodePin = 2;
    DESCRIPTOR(true, 1);
    pins[1].MinFilterInstanceCount = KSINSTANCE_INDETERMINATE;
    DESCRIPTOR(true, 1);
    pins[1].MinFilterInstanceCount = 2;
    DESCRIPTOR(true, 1);
    pins[0].MaxFilterInstanceCount = 5; /* more than of all filters: never reached, but nothing forbids it */
    DESCRIPTOR(true, 0);
    pins[0].KsPinDescriptor.Communication = KSPIN_COMMUNICATION_BRIDGE;
    DESCRIPTOR(true, 1);
    ranges[0] = NULL;
    DESCRIPTOR(false, 1);
    range.FormatSize = 63;
    DESCRIPTOR(false, 1);
    pins[0].KsPinDescriptor.DataRanges = NULL;
    DESCRIPTOR(false, 1);
    nodes[1].Name = NULL;
    DESCRIPTOR(true, 1);
    nodes[1].Type = NULL;
    DESCRIPTOR(false, 1);
    item.Set = NULL;
    DESCRIPTOR(false, 1);
    table.PropertyItemSize = sizeof item - 8;
    DESCRIPTOR(false, 1);
    table.Reserved = 1;
    DESCRIPTOR(true, 2); /* both pins have it */
    end(0);
}

/* An object that answers as it is told. */
static struct {
    IUnknown iface;
    ULONG references;
    NTSTATUS answer;
    bool gives, counts;
} liar;

static HRESULT NTAPI liar_QueryInterface(IUnknown *iface, REFIID iid, void **out)
{
    (void)iid;
    *out = liar.gives ? iface : NULL;
    liar.references += liar.counts;
    return liar.answer;
}
static ULONG NTAPI liar_AddRef(IUnknown *iface) { return (void)iface, ++liar.references; }
static ULONG NTAPI liar_Release(IUnknown *iface) { return (void)iface, --liar.references; }

static void query(NTSTATUS answer, bool gives, bool counts, uint64_t faults, const char *text)
{
    static IUnknownVtbl vtbl = {liar_QueryInterface, liar_AddRef, liar_Release};
    struct wdm_machine *machine = host_machine(k.host);
    struct wdm_breach breach;
    NTSTATUS status = 0;
    wdm_rule_reset(machine);
    liar.iface.lpVtbl = &vtbl;
    liar.references = 1;
    liar.answer = answer;
    liar.gives = gives;
    liar.counts = counts;
    void *found = query_interface(&liar.iface, &IID_IPinCount, "liar", "IPinCount", &status);
    CHECK(status == answer && (found != NULL) == (NT_SUCCESS(answer) && gives));
    CHECK_EQ(liar.references, 1 + (found != NULL)); /* whatever the object did */
    CHECK_EQ(wdm_rule_count(machine, WDM_RULE_QUERY), faults);
    CHECK(!faults || (wdm_rule_breach(machine, 0, &breach) && strstr(breach.text, text)));
    query_nothing(&liar.iface, "liar");
    CHECK_EQ(wdm_rule_count(machine, WDM_RULE_QUERY), faults + (NT_SUCCESS(answer) || gives));
    wdm_rule_reset(machine);
}

static void test_query(void)
{
    begin();
    query(STATUS_SUCCESS, true, true, 0, NULL);
    query(STATUS_INVALID_PARAMETER, false, false, 0, NULL);
    query(E_NOINTERFACE, false, false, 0, NULL);
    query(STATUS_SUCCESS, false, false, 1, "gave none");
    query(STATUS_INVALID_PARAMETER, true, false, 1, "but gave");
    query(STATUS_SUCCESS, true, false, 1, "took no reference");
    end(0);
}

static uintptr_t here(void *ctx, unsigned skip)
{
    (void)skip;
    return *(const uintptr_t *)ctx;
}

static NTSTATUS served(PINTERRUPTSYNC sync, PVOID context)
{
    (void)sync, (void)context;
    return STATUS_UNSUCCESSFUL;
}

static void check_left(size_t index, enum wdm_rule rule, const char *text, const char *how, uintptr_t code)
{
    struct wdm_breach breach = {0};
    CHECK(wdm_rule_breach(host_machine(k.host), index, &breach) && breach.rule == rule && breach.code == code);
    CHECK_STR(breach.text, text);
    CHECK_STR(breach.how, how);
}

/* What a driver made of PortCls and never released, by the place where it was made; what it released is not told. */
static void test_left(void)
{
    uintptr_t code = 0x100;
    IServiceGroup *groups[3];
    IPort *port;
    IResourceList *list;
    IInterruptSync *sync;
    IRegistryKey *key;
    CM_RESOURCE_LIST resources = {.Count = 1};
    CM_PARTIAL_RESOURCE_LIST *partial = &resources.List[0].PartialResourceList;
    partial->Count = 1;
    partial->PartialDescriptors[0] = (CM_PARTIAL_RESOURCE_DESCRIPTOR){
        .Type = CmResourceTypeInterrupt, .u.Interrupt = {.Level = 7, .Vector = 7, .Affinity = 1}};
    begin();
    wdm_rule_callers(host_machine(k.host), here, &code);
    for (int i = 0; i < 3; i++, code++)
        CHECK_EQ(PcNewServiceGroup(&groups[i], NULL), STATUS_SUCCESS);
    COM_RELEASE(groups[0]);
    CHECK_EQ(PcNewPort(&port, &CLSID_PortDMus), STATUS_SUCCESS);
    code++;
    CHECK_EQ(PcNewResourceList(&list, NULL, PagedPool, &resources, &resources), STATUS_SUCCESS);
    code++;
    CHECK_EQ(PcNewInterruptSync(&sync, NULL, list, 0, InterruptSyncModeNormal), STATUS_SUCCESS);
    CHECK_EQ(sync->lpVtbl->RegisterServiceRoutine(sync, served, NULL, FALSE), STATUS_SUCCESS);
    code++;
    CHECK_EQ(sync->lpVtbl->Connect(sync), STATUS_SUCCESS);
    code++;
    CHECK_EQ(PcNewRegistryKey(&key, NULL, DeviceRegistryKey, KEY_READ, k.fdo, NULL, NULL, 0, NULL), STATUS_SUCCESS);
    wdm_leave();
    kit_shut(&k);
    CHECK_EQ(kit_faults(&k), 6);
    check_left(0, WDM_RULE_STILL_QUEUED, "the interrupt of vector 7 is still connected at the last driver's unload", "connected in",
               0x106);
    check_left(1, WDM_RULE_REFERENCES, "kit left 2 IServiceGroups", "the first made in", 0x101);
    check_left(2, WDM_RULE_REFERENCES, "kit left 1 IPort", "made in", 0x103);
    check_left(3, WDM_RULE_REFERENCES, "kit left 1 IResourceList", "made in", 0x104);
    check_left(4, WDM_RULE_REFERENCES, "kit left 1 IInterruptSync", "made in", 0x105);
    check_left(5, WDM_RULE_REFERENCES, "kit left 1 IRegistryKey", "made in", 0x107); /* and not its handle */
    wdm_enter(host_machine(k.host));
    CHECK_EQ(COM_RELEASE(groups[1]) + COM_RELEASE(groups[2]) + COM_RELEASE(port) + COM_RELEASE(list) + COM_RELEASE(sync) +
             COM_RELEASE(key), 0);
    wdm_leave();
    kit_close(&k);
}

int main(void)
{
    RUN(test_left);
    RUN(test_new);
    RUN(test_query);
    RUN(test_port_events);
    RUN(test_device_property);
    RUN(test_registry);
    RUN(test_unregister);
    RUN(test_time);
    RUN(test_not_offered);
    RUN(test_descriptor);
    return tap_done();
}
