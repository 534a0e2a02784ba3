/* SPDX-License-Identifier: MIT */
/* skeleton.h - the faultless driver around a fault: faulty.h. Last in the file. */

#ifndef ON_START
#define ON_START(device, resources) STATUS_SUCCESS
#endif
#ifndef ON_INIT
#define ON_INIT(miniport, resources) STATUS_SUCCESS
#endif
#ifndef ON_END
#define ON_END(miniport)
#endif
#ifndef ON_PUT
#define ON_PUT recycle
#endif
#ifndef ON_SERVICE
#define ON_SERVICE(s) ((s)->state >= KSSTATE_PAUSE ? deliver(s, note(s)) : STATUS_SUCCESS)
#endif
#ifndef ON_STATE
#define ON_STATE(s, state) STATUS_SUCCESS
#endif
#ifndef ON_RENDER
#define ON_RENDER(buffer, frames, s)
#endif
#ifndef ON_PROPERTY
#define ON_PROPERTY own_property
#endif
#ifndef ON_STREAM_END
#define ON_STREAM_END(s)
#endif
#ifndef ON_UNKNOWN
#define ON_UNKNOWN STATUS_INVALID_PARAMETER
#endif
#ifndef NODE_STRIDE
#define NODE_STRIDE sizeof(PCNODE_DESCRIPTOR)
#endif

/* ---- stream ---- */

static struct stream *stream_of(ISynthSinkDMus *iface) { return CONTAINING_RECORD(iface, struct stream, iface); }

static NTSTATUS NTAPI stream_QueryInterface(ISynthSinkDMus *iface, REFIID iid, PVOID *out)
{
    struct stream *s = stream_of(iface);
    *out = NULL;
    if (IsEqualGUID(iid, &IID_IUnknown) || IsEqualGUID(iid, &IID_IMXF) ||
        (s->pin == PIN_WAVE && IsEqualGUID(iid, &IID_ISynthSinkDMus)))
        *out = iface;
    if (*out)
        InterlockedIncrement(&s->refs);
    return *out ? STATUS_SUCCESS : ON_UNKNOWN;
}

static ULONG NTAPI stream_AddRef(ISynthSinkDMus *iface) { return (ULONG)InterlockedIncrement(&stream_of(iface)->refs); }

static ULONG NTAPI stream_Release(ISynthSinkDMus *iface)
{
    struct stream *s = stream_of(iface);
    LONG left = InterlockedDecrement(&s->refs);
    if (left == 0) {
        ON_STREAM_END(s);
        s->clock->lpVtbl->Release(s->clock);
        s->allocator->lpVtbl->Release(s->allocator);
        s->miniport->iface.lpVtbl->Release(&s->miniport->iface);
        ExFreePoolWithTag(s, TAG);
    }
    return (ULONG)left;
}

static NTSTATUS NTAPI stream_SetState(ISynthSinkDMus *iface, KSSTATE state)
{
    struct stream *s = stream_of(iface);
    NTSTATUS status = ON_STATE(s, state);
    if (NT_SUCCESS(status))
        s->state = state;
    return status;
}

static NTSTATUS NTAPI stream_PutMessage(ISynthSinkDMus *iface, PDMUS_KERNEL_EVENT event)
{
    struct stream *s = stream_of(iface);
    if (s->pin == PIN_CAPTURE)
        return event ? recycle(s, event) : ON_SERVICE(s);
    return event ? ON_PUT(s, event) : STATUS_SUCCESS;
}

static NTSTATUS NTAPI stream_ConnectOutput(ISynthSinkDMus *iface, PMXF sink)
{
    stream_of(iface)->sink = sink;
    return STATUS_SUCCESS;
}

static NTSTATUS NTAPI stream_DisconnectOutput(ISynthSinkDMus *iface, PMXF sink)
{
    UNREFERENCED_PARAMETER(sink);
    stream_of(iface)->sink = NULL;
    return STATUS_SUCCESS;
}

static void NTAPI stream_Render(ISynthSinkDMus *iface, PBYTE buffer, DWORD frames, LONGLONG position)
{
    UNREFERENCED_PARAMETER(iface);
    UNREFERENCED_PARAMETER(buffer);
    UNREFERENCED_PARAMETER(frames);
    UNREFERENCED_PARAMETER(position);
    ON_RENDER(buffer, frames, stream_of(iface));
}

static NTSTATUS NTAPI stream_SyncToMaster(ISynthSinkDMus *iface, REFERENCE_TIME time, BOOL start)
{
    UNREFERENCED_PARAMETER(iface);
    UNREFERENCED_PARAMETER(time);
    UNREFERENCED_PARAMETER(start);
    return STATUS_SUCCESS;
}

static NTSTATUS NTAPI stream_SampleToRefTime(ISynthSinkDMus *iface, LONGLONG sample, REFERENCE_TIME *time)
{
    UNREFERENCED_PARAMETER(iface);
    *time = sample * 10000000 / 44100;
    return STATUS_SUCCESS;
}

static NTSTATUS NTAPI stream_RefTimeToSample(ISynthSinkDMus *iface, REFERENCE_TIME time, LONGLONG *sample)
{
    UNREFERENCED_PARAMETER(iface);
    *sample = time * 44100 / 10000000;
    return STATUS_SUCCESS;
}

static ISynthSinkDMusVtbl stream_vtbl = {
    stream_QueryInterface, stream_AddRef,           stream_Release, stream_SetState,     stream_PutMessage,
    stream_ConnectOutput,  stream_DisconnectOutput, stream_Render,  stream_SyncToMaster, stream_SampleToRefTime,
    stream_RefTimeToSample};

/* ---- descriptor ---- */

static inline NTSTATUS own_property(PPCPROPERTY_REQUEST request)
{
    NTSTATUS status = request->ValueSize == 0               ? STATUS_BUFFER_OVERFLOW
                      : request->ValueSize < sizeof(ULONG) ? STATUS_BUFFER_TOO_SMALL
                                                           : STATUS_SUCCESS;
    if (NT_SUCCESS(status))
        *(ULONG *)request->Value = 1;
    request->ValueSize = sizeof(ULONG);
    return status;
}

#define MUSIC_RANGE                                                                       \
    {.DataRange = {.FormatSize = sizeof(KSDATARANGE_MUSIC),                               \
                   .MajorFormat = {STATICGUIDOF(KSDATAFORMAT_TYPE_MUSIC)},                \
                   .SubFormat = {STATICGUIDOF(KSDATAFORMAT_SUBTYPE_DIRECTMUSIC)},         \
                   .Specifier = {STATICGUIDOF(KSDATAFORMAT_SPECIFIER_NONE)}},             \
     .Technology = {STATICGUIDOF(KSMUSIC_TECHNOLOGY_PORT)}, .ChannelMask = 0xFFFF}

static KSDATARANGE_MUSIC music_range = MUSIC_RANGE;
static KSDATARANGE_AUDIO wave_range = {
    .DataRange = {.FormatSize = sizeof(KSDATARANGE_AUDIO),
                  .MajorFormat = {STATICGUIDOF(KSDATAFORMAT_TYPE_AUDIO)},
                  .SubFormat = {STATICGUIDOF(KSDATAFORMAT_SUBTYPE_PCM)},
                  .Specifier = {STATICGUIDOF(KSDATAFORMAT_SPECIFIER_WAVEFORMATEX)}},
    .MaximumChannels = 2,
    .MinimumBitsPerSample = 16,
    .MaximumBitsPerSample = 16,
    .MinimumSampleFrequency = 44100,
    .MaximumSampleFrequency = 44100,
};
static PKSDATARANGE music_ranges[] = {(PKSDATARANGE)&music_range};
static PKSDATARANGE wave_ranges[] = {(PKSDATARANGE)&wave_range};

static PCPROPERTY_ITEM items[] = {{&KSPROPSETID_Synth, KSPROPERTY_SYNTH_CHANNELGROUPS, PCPROPERTY_ITEM_FLAG_GET, ON_PROPERTY}};
static PCAUTOMATION_TABLE node_table = {
    .PropertyItemSize = sizeof(PCPROPERTY_ITEM), .PropertyCount = SIZEOF_ARRAY(items), .Properties = items};

#define PIN(ranges, flow, communication)                                                                       \
    {.MaxGlobalInstanceCount = 8, .MaxFilterInstanceCount = 8,                                                \
     .KsPinDescriptor = {.DataRangesCount = 1, .DataRanges = ranges, .DataFlow = flow, .Communication = communication}}
static PCPIN_DESCRIPTOR pins[] = {PIN(music_ranges, KSPIN_DATAFLOW_IN, KSPIN_COMMUNICATION_SINK),
                                  PIN(music_ranges, KSPIN_DATAFLOW_OUT, KSPIN_COMMUNICATION_SINK),
                                  PIN(wave_ranges, KSPIN_DATAFLOW_OUT, KSPIN_COMMUNICATION_SOURCE)};
static PCNODE_DESCRIPTOR nodes[2] = {{.AutomationTable = &node_table, .Type = &KSNODETYPE_SYNTHESIZER}};
static PCCONNECTION_DESCRIPTOR connections[] = {{PCFILTER_NODE, PIN_RENDER, 0, KSNODEPIN_STANDARD_IN},
                                                {0, KSNODEPIN_STANDARD_OUT, PCFILTER_NODE, PIN_WAVE}};
static PCFILTER_DESCRIPTOR filter = {.PinSize = sizeof(PCPIN_DESCRIPTOR),
                                     .PinCount = SIZEOF_ARRAY(pins),
                                     .Pins = pins,
                                     .NodeSize = NODE_STRIDE,
                                     .NodeCount = 1,
                                     .Nodes = nodes,
                                     .ConnectionCount = SIZEOF_ARRAY(connections),
                                     .Connections = connections};

/* ---- miniport ---- */

static struct miniport *miniport_of(IMiniportDMus *iface) { return CONTAINING_RECORD(iface, struct miniport, iface); }

static NTSTATUS NTAPI miniport_QueryInterface(IMiniportDMus *iface, REFIID iid, PVOID *out)
{
    *out = NULL;
    if (IsEqualGUID(iid, &IID_IUnknown) || IsEqualGUID(iid, &IID_IMiniport) || IsEqualGUID(iid, &IID_IMiniportDMus)) {
        *out = iface;
        InterlockedIncrement(&miniport_of(iface)->refs);
    }
    return *out ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

static ULONG NTAPI miniport_AddRef(IMiniportDMus *iface) { return (ULONG)InterlockedIncrement(&miniport_of(iface)->refs); }

static ULONG NTAPI miniport_Release(IMiniportDMus *iface)
{
    struct miniport *m = miniport_of(iface);
    LONG left = InterlockedDecrement(&m->refs);
    if (left == 0) {
        ON_END(m);
        if (m->sync) {
            m->sync->lpVtbl->Disconnect(m->sync);
            m->sync->lpVtbl->Release(m->sync);
        }
        if (m->group)
            m->group->lpVtbl->Release(m->group);
        if (m->port)
            m->port->lpVtbl->Release(m->port);
        ExFreePoolWithTag(m, TAG);
    }
    return (ULONG)left;
}

static NTSTATUS NTAPI miniport_GetDescription(IMiniportDMus *iface, PPCFILTER_DESCRIPTOR *out)
{
    UNREFERENCED_PARAMETER(iface);
    *out = &filter;
    return STATUS_SUCCESS;
}

static NTSTATUS NTAPI miniport_DataRangeIntersection(IMiniportDMus *iface, ULONG pin, PKSDATARANGE theirs, PKSDATARANGE mine,
                                                     ULONG length, PVOID format, PULONG result)
{
    UNREFERENCED_PARAMETER(iface);
    UNREFERENCED_PARAMETER(pin);
    UNREFERENCED_PARAMETER(theirs);
    UNREFERENCED_PARAMETER(mine);
    UNREFERENCED_PARAMETER(length);
    UNREFERENCED_PARAMETER(format);
    UNREFERENCED_PARAMETER(result);
    return STATUS_NOT_IMPLEMENTED;
}

static NTSTATUS NTAPI miniport_Init(IMiniportDMus *iface, PUNKNOWN adapter, PRESOURCELIST resources, PPORTDMUS port,
                                    PSERVICEGROUP *group)
{
    struct miniport *m = miniport_of(iface);
    UNREFERENCED_PARAMETER(adapter);
    UNREFERENCED_PARAMETER(resources);
    m->port = port;
    port->lpVtbl->AddRef(port);
    NTSTATUS status = PcNewServiceGroup(&m->group, NULL);
    if (!NT_SUCCESS(status))
        return status;
    status = ON_INIT(m, resources);
    if (NT_SUCCESS(status)) {
        *group = m->group;
        m->group->lpVtbl->AddRef(m->group);
    }
    return status;
}

static void NTAPI miniport_Service(IMiniportDMus *iface) { UNREFERENCED_PARAMETER(iface); }

static NTSTATUS NTAPI miniport_NewStream(IMiniportDMus *iface, PMXF *out, PUNKNOWN outer, POOL_TYPE pool, ULONG pin,
                                         DMUS_STREAM_TYPE type, PKSDATAFORMAT format, PSERVICEGROUP *group, PAllocatorMXF allocator,
                                         PMASTERCLOCK clock, PULONGLONG prefetch)
{
    struct miniport *m = miniport_of(iface);
    UNREFERENCED_PARAMETER(outer);
    UNREFERENCED_PARAMETER(type);
    UNREFERENCED_PARAMETER(format);
    struct stream *s = ExAllocatePoolWithTag(pool, sizeof *s, TAG);
    if (!s)
        return STATUS_INSUFFICIENT_RESOURCES;
    RtlZeroMemory(s, sizeof *s);
    s->iface.lpVtbl = &stream_vtbl;
    s->refs = 1;
    s->pin = pin;
    s->miniport = m;
    s->allocator = allocator;
    s->clock = clock;
    iface->lpVtbl->AddRef(iface);
    allocator->lpVtbl->AddRef(allocator);
    clock->lpVtbl->AddRef(clock);
    KeInitializeSpinLock(&s->lock);
    *out = (PMXF)&s->iface;
    *prefetch = 0;
    if (pin == PIN_CAPTURE) {
        *group = m->group;
        m->group->lpVtbl->AddRef(m->group);
    }
    return STATUS_SUCCESS;
}

static IMiniportDMusVtbl miniport_vtbl = {
    miniport_QueryInterface,        miniport_AddRef, miniport_Release, miniport_GetDescription,
    miniport_DataRangeIntersection, miniport_Init,   miniport_Service, miniport_NewStream};

/* ---- adapter ---- */

static NTSTATUS start_device(PDEVICE_OBJECT device, PIRP irp, PRESOURCELIST resources)
{
    PPORT port = NULL;
    NTSTATUS status = ON_START(device, resources);
    struct miniport *m = NT_SUCCESS(status) ? ExAllocatePoolWithTag(NonPagedPool, sizeof *m, TAG) : NULL;
    if (!m)
        return NT_SUCCESS(status) ? STATUS_INSUFFICIENT_RESOURCES : status;
    RtlZeroMemory(m, sizeof *m);
    m->iface.lpVtbl = &miniport_vtbl;
    m->refs = 1;
    status = PcNewPort(&port, &CLSID_PortDMus);
    if (NT_SUCCESS(status))
        status = port->lpVtbl->Init(port, device, irp, (PUNKNOWN)&m->iface, NULL, resources);
    if (NT_SUCCESS(status))
        status = PcRegisterSubdevice(device, L"Faulty", (PUNKNOWN)port);
    m->iface.lpVtbl->Release(&m->iface);
    if (port)
        port->lpVtbl->Release(port);
    return status;
}

static NTSTATUS NTAPI add_device(PDRIVER_OBJECT driver, PDEVICE_OBJECT pdo)
{
    return PcAddAdapterDevice(driver, pdo, start_device, 1, 0);
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT driver, PUNICODE_STRING registry_path)
{
    return PcInitializeAdapterDriver(driver, registry_path, add_device);
}
