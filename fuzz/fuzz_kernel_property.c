/* SPDX-License-Identifier: MIT */
/*
 * IOCTL_KS_PROPERTY on the filter and on a pin of a small driver, in virtual time. Input, repeated: choice (bit 0 the pin's handle,
 * bits 1-3 the set), id, flags (32 bits), what stands for the node or pin number (32 bits), request size, value size, then the
 * value's bytes and what follows the number in the request. Buffers have exactly the sizes that are told; the driver asks for
 * every byte of instance and value, and answers with statuses of its choice.
 */
#include <stdlib.h>
#include <string.h>

#include <dmusprop.h>
#include <portcls.h>

#include "base/bytes.h"
#include "kernel/host/host.h"
#include "must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const GUID own_set = {0x66757a7a, 1, 2, {3, 4, 5, 6, 7, 8, 9, 10}};
static PPCPROPERTY_REQUEST held;

/* Reads all it is given, writes all it may; item 0..3 choose the status. */
static NTSTATUS handler(PPCPROPERTY_REQUEST r)
{
    ULONG sum = 0;
    for (ULONG i = 0; i < r->InstanceSize; i++)
        sum += ((const UCHAR *)r->Instance)[i];
    for (ULONG i = 0; i < r->ValueSize; i++)
        ((UCHAR *)r->Value)[i] ^= (UCHAR)(sum + i);
    switch (r->PropertyItem->Id) {
    case 0: return STATUS_SUCCESS;
    case 1: r->ValueSize = 8; return STATUS_BUFFER_OVERFLOW;
    case 2:
        held = r;
        return STATUS_PENDING;
    default: return STATUS_UNSUCCESSFUL;
    }
}

#define ALL (KSPROPERTY_TYPE_GET | KSPROPERTY_TYPE_SET)
static const PCPROPERTY_ITEM items[] = {
    {&own_set, 0, ALL, handler}, {&own_set, 1, ALL, handler}, {&own_set, 2, ALL, handler}, {&own_set, 3, KSPROPERTY_TYPE_GET, handler}};
static const PCAUTOMATION_TABLE table = {.PropertyItemSize = sizeof items[0], .PropertyCount = SIZEOF_ARRAY(items), .Properties = items};

static KSDATARANGE_MUSIC music;
static KSDATARANGE_AUDIO audio;
static const PKSDATARANGE music_ranges[] = {&music.DataRange}, audio_ranges[] = {&audio.DataRange};
static PCPIN_DESCRIPTOR pins[2];
static PCNODE_DESCRIPTOR node;
static PCCONNECTION_DESCRIPTOR connection = {PCFILTER_NODE, 0, 0, KSNODEPIN_STANDARD_IN};
static PCFILTER_DESCRIPTOR filter_descriptor;

static void fill(void)
{
    music.DataRange.FormatSize = sizeof music;
    music.DataRange.MajorFormat = KSDATAFORMAT_TYPE_MUSIC;
    music.DataRange.SubFormat = KSDATAFORMAT_SUBTYPE_DIRECTMUSIC;
    music.DataRange.Specifier = KSDATAFORMAT_SPECIFIER_NONE;
    audio.DataRange.FormatSize = sizeof audio;
    audio.DataRange.MajorFormat = KSDATAFORMAT_TYPE_AUDIO;
    audio.DataRange.SubFormat = KSDATAFORMAT_SUBTYPE_PCM;
    audio.DataRange.Specifier = KSDATAFORMAT_SPECIFIER_WAVEFORMATEX;
    audio.MaximumChannels = 2;
    audio.MinimumBitsPerSample = audio.MaximumBitsPerSample = 16;
    audio.MinimumSampleFrequency = 8000;
    audio.MaximumSampleFrequency = 48000;
    for (int i = 0; i < 2; i++) {
        pins[i].MaxGlobalInstanceCount = pins[i].MaxFilterInstanceCount = 2;
        pins[i].AutomationTable = &table;
        pins[i].KsPinDescriptor.DataRanges = i ? audio_ranges : music_ranges;
        pins[i].KsPinDescriptor.DataRangesCount = 1;
        pins[i].KsPinDescriptor.DataFlow = i ? KSPIN_DATAFLOW_OUT : KSPIN_DATAFLOW_IN;
        pins[i].KsPinDescriptor.Communication = KSPIN_COMMUNICATION_SINK;
        pins[i].KsPinDescriptor.Category = &KSCATEGORY_AUDIO;
    }
    node.AutomationTable = &table;
    node.Type = &KSNODETYPE_SYNTHESIZER;
    filter_descriptor = (PCFILTER_DESCRIPTOR){.AutomationTable = &table, .PinSize = sizeof pins[0], .PinCount = 2, .Pins = pins,
                                              .NodeSize = sizeof node, .NodeCount = 1, .Nodes = &node, .ConnectionCount = 1,
                                              .Connections = &connection, .CategoryCount = 1, .Categories = &KSCATEGORY_AUDIO};
}

/* --- the least of a miniport and a stream: static, counted by nobody --- */
static NTSTATUS NTAPI stream_query(IMXF *iface, REFIID iid, PVOID *out)
{
    (void)iid;
    *out = iface;
    return STATUS_SUCCESS;
}
static ULONG NTAPI stream_count(IMXF *iface)
{
    (void)iface;
    return 0;
}
static NTSTATUS NTAPI stream_state(IMXF *iface, KSSTATE state)
{
    (void)iface, (void)state;
    return STATUS_SUCCESS;
}
static NTSTATUS NTAPI stream_put(IMXF *iface, PDMUS_KERNEL_EVENT event)
{
    (void)iface, (void)event;
    return STATUS_SUCCESS;
}
static NTSTATUS NTAPI stream_connect(IMXF *iface, IMXF *sink)
{
    (void)iface, (void)sink;
    return STATUS_SUCCESS;
}
static IMXFVtbl stream_vtbl = {stream_query, stream_count, stream_count, stream_state, stream_put, stream_connect, stream_connect};
static IMXF stream = {&stream_vtbl};

static NTSTATUS NTAPI m_query(IMiniportDMus *iface, REFIID iid, PVOID *out)
{
    bool known = IsEqualGUID(iid, &IID_IMiniportDMus) || IsEqualGUID(iid, &IID_IUnknown);
    *out = known ? iface : NULL;
    return known ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}
static ULONG NTAPI m_count(IMiniportDMus *iface)
{
    (void)iface;
    return 0;
}
static NTSTATUS NTAPI m_description(IMiniportDMus *iface, PPCFILTER_DESCRIPTOR *out)
{
    (void)iface;
    *out = &filter_descriptor;
    return STATUS_SUCCESS;
}
static NTSTATUS NTAPI m_intersection(IMiniportDMus *iface, ULONG pin, PKSDATARANGE client, PKSDATARANGE mine, ULONG length, PVOID out,
                                     PULONG result)
{
    (void)iface, (void)mine, (void)length, (void)out, (void)result;
    ULONG sum = 0;
    for (ULONG i = 0; i < client->FormatSize; i++)
        sum += ((const UCHAR *)client)[i];
    return pin == 1 && sum % 5 == 0 ? STATUS_NO_MATCH : STATUS_NOT_IMPLEMENTED;
}
static NTSTATUS NTAPI m_init(IMiniportDMus *iface, PUNKNOWN adapter, PRESOURCELIST resources, PPORTDMUS port, PSERVICEGROUP *group)
{
    (void)iface, (void)adapter, (void)resources, (void)port, (void)group;
    return STATUS_SUCCESS;
}
static void NTAPI m_service(IMiniportDMus *iface) { (void)iface; }
static NTSTATUS NTAPI m_stream(IMiniportDMus *iface, PMXF *out, PUNKNOWN outer, POOL_TYPE pool, ULONG pin, DMUS_STREAM_TYPE type,
                               PKSDATAFORMAT format, PSERVICEGROUP *group, PAllocatorMXF allocator, PMASTERCLOCK clock,
                               PULONGLONG prefetch)
{
    (void)iface, (void)outer, (void)pool, (void)pin, (void)type, (void)format, (void)group, (void)allocator, (void)clock, (void)prefetch;
    *out = &stream;
    return STATUS_SUCCESS;
}
static IMiniportDMusVtbl m_vtbl = {m_query, m_count, m_count, m_description, m_intersection, m_init, m_service, m_stream};
static IMiniportDMus miniport = {&m_vtbl};

static NTSTATUS start(PDEVICE_OBJECT fdo, PIRP irp, PRESOURCELIST resources)
{
    static WCHAR name[] = {'F', 0};
    IPort *port;
    NTSTATUS status = PcNewPort(&port, &CLSID_PortDMus);
    if (NT_SUCCESS(status))
        status = port->lpVtbl->Init(port, fdo, irp, (IUnknown *)(void *)&miniport, NULL, resources);
    if (NT_SUCCESS(status))
        status = PcRegisterSubdevice(fdo, name, (IUnknown *)(void *)port);
    port->lpVtbl->Release(port);
    return status;
}
static NTSTATUS NTAPI add(PDRIVER_OBJECT driver, PDEVICE_OBJECT pdo) { return PcAddAdapterDevice(driver, pdo, start, 1, 0); }
static NTSTATUS NTAPI entry(PDRIVER_OBJECT driver, PUNICODE_STRING path) { return PcInitializeAdapterDriver(driver, path, add); }

static struct host *host;
static struct host_filter *filter;
static struct host_pin *pin;

static void setup(void)
{
    struct dm_error err;
    struct host_driver *driver;
    struct host_device *device;
    uint8_t connect[HOST_CONNECT_MAX];
    fill();
    MUST(host_create(&(struct host_config){.time = WDM_VIRTUAL}, &host, &err) == DM_OK);
    MUST(host_load_driver(host, &(struct host_driver_config){.name = "fuzz", .entry = entry}, &driver, &err) == DM_OK);
    MUST(host_add_device(driver, NULL, &device, &err) == DM_OK);
    MUST(host_open_filter(host, "F", &filter) == STATUS_SUCCESS);
    uint32_t size = host_connect_music(connect, 0, &KSDATAFORMAT_SUBTYPE_DIRECTMUSIC);
    MUST(host_create_pin(filter, connect, size, &pin) == STATUS_SUCCESS);
}

struct answer {
    bool done;
    NTSTATUS status;
};
static void answered(void *ctx, NTSTATUS status, uint32_t bytes)
{
    struct answer *a = ctx;
    MUST(!a->done);
    (void)bytes;
    a->done = true;
    a->status = status;
}

static void one(const uint8_t *head, const uint8_t *tail, size_t tail_size)
{
    const GUID *const sets[] = {&own_set, &own_set, &KSPROPSETID_Pin, &KSPROPSETID_Pin, &KSPROPSETID_Topology, &KSPROPSETID_Connection,
                                &KSPROPSETID_SynthClock, &KSPROPSETID_Synth};
    uint8_t request[sizeof(KSNODEPROPERTY) + 256] = {0};
    KSNODEPROPERTY key;
    uint32_t request_size = head[10], value_size = head[11];
    memset(&key, 0, sizeof key);
    key.Property.Set = *sets[head[0] >> 1 & 7];
    key.Property.Id = head[1];
    key.Property.Flags = load_le32(head + 2);
    key.NodeId = load_le32(head + 6);
    memcpy(request, &key, sizeof key);
    memcpy(request + sizeof key, tail, tail_size < 256 ? tail_size : 256);
    if (request_size > sizeof request)
        request_size = sizeof request;
    uint8_t *exact = malloc(request_size + 1u), *value = malloc(value_size + 1u);
    MUST(exact && value);
    memcpy(exact, request, request_size);
    memset(value, 0, value_size + 1u);
    memcpy(value, tail, tail_size < value_size ? tail_size : value_size);
    struct answer answer = {0};
    held = NULL;
    NTSTATUS status = head[0] & 1 ? host_pin_property_async(pin, exact, request_size, value_size ? value : NULL, value_size, answered, &answer)
                                  : host_filter_property_async(filter, exact, request_size, value_size ? value : NULL, value_size, answered, &answer);
    MUST((status == STATUS_PENDING) == !answer.done);
    if (status == STATUS_PENDING) {
        MUST(held != NULL);
        wdm_enter(host_machine(host));
        MUST(PcCompletePendingPropertyRequest(held, STATUS_SUCCESS) == STATUS_SUCCESS);
        wdm_leave();
        MUST(answer.done && answer.status == STATUS_SUCCESS);
    } else {
        MUST(answer.status == status);
    }
    MUST(value[value_size] == 0);
    free(exact);
    free(value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { HEAD = 12 };
    if (!host)
        setup();
    for (size_t at = 0; at + HEAD <= size;) {
        size_t tail = data[at + 10];
        const uint8_t *head = data + at;
        at += HEAD;
        tail = tail < size - at ? tail : size - at;
        one(head, data + at, tail);
        at += tail;
    }
    MUST(wdm_rule_count(host_machine(host), WDM_RULE_PROPERTY_OVERRUN) == 0);
    return 0;
}
