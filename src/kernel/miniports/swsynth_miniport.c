/* SPDX-License-Identifier: MIT */
#include "swsynth.h"

#include "kernel/wdm/pcm_format.h"

void swsynth_wire(struct swsynth_miniport *miniport)
{
    KeWaitForSingleObject(&miniport->wiring, Executive, KernelMode, FALSE, NULL);
}

void swsynth_unwire(struct swsynth_miniport *miniport) { KeReleaseMutex(&miniport->wiring, FALSE); }

static NTSTATUS STDMETHODCALLTYPE miniport_QueryInterface(IMiniportDMus *iface, REFIID riid, PVOID *out)
{
    struct swsynth_miniport *miniport = impl_from_IMiniportDMus(iface);
    if (!out)
        return STATUS_INVALID_PARAMETER;
    *out = NULL;
    if (!guid_is(riid, &IID_IUnknown) && !guid_is(riid, &IID_IMiniport) && !guid_is(riid, &IID_IMiniportDMus))
        return STATUS_INVALID_PARAMETER;
    *out = iface;
    refcount_add(&miniport->refs);
    return STATUS_SUCCESS;
}

static ULONG STDMETHODCALLTYPE miniport_AddRef(IMiniportDMus *iface)
{
    return refcount_add(&impl_from_IMiniportDMus(iface)->refs);
}

static ULONG STDMETHODCALLTYPE miniport_Release(IMiniportDMus *iface)
{
    struct swsynth_miniport *miniport = impl_from_IMiniportDMus(iface);
    ULONG left = refcount_release(&miniport->refs);
    if (left == 0)
        ExFreePoolWithTag(miniport, SWSYNTH_TAG);
    return left;
}

void swsynth_miniport_release(struct swsynth_miniport *miniport) { COM_RELEASE(&miniport->IMiniportDMus_iface); }

static NTSTATUS STDMETHODCALLTYPE miniport_GetDescription(IMiniportDMus *iface, PPCFILTER_DESCRIPTOR *out)
{
    (void)iface;
    if (!out)
        return STATUS_INVALID_PARAMETER;
    *out = (PPCFILTER_DESCRIPTOR)&swsynth_filter;
    return STATUS_SUCCESS;
}

static ULONG between(ULONG value, ULONG low, ULONG high) { return value < low ? low : value > high ? high : value; }

/* The best format of the wave pin within the client's range: the profile's default as far as the range allows. */
static NTSTATUS wave_intersection(const struct swsynth_miniport *miniport, const KSDATARANGE_AUDIO *client,
                                  const KSDATARANGE_AUDIO *mine, KSDATAFORMAT_WAVEFORMATEX *format)
{
    const struct swsynth_params *wished = &swsynth_profiles[miniport->profile].defaults;
    ULONG low = client->MinimumSampleFrequency, high = client->MaximumSampleFrequency;
    low = low < mine->MinimumSampleFrequency ? mine->MinimumSampleFrequency : low;
    high = high > mine->MaximumSampleFrequency ? mine->MaximumSampleFrequency : high;
    if (low > high || client->MinimumBitsPerSample > 16 || client->MaximumBitsPerSample < 16 ||
        client->MaximumChannels == 0)
        return STATUS_NO_MATCH;
    ULONG rate = between(wished->rate, low, high), channels = client->MaximumChannels < 2 ? 1 : 2;
    *format = pcm_format(rate, channels, 16);
    return STATUS_SUCCESS;
}

static NTSTATUS STDMETHODCALLTYPE miniport_DataRangeIntersection(IMiniportDMus *iface, ULONG pin, PKSDATARANGE client,
                                                                 PKSDATARANGE mine, ULONG room, PVOID out, PULONG used)
{
    KSDATAFORMAT_WAVEFORMATEX format;
    PAGED_CODE();
    if (pin != SWSYNTH_PIN_WAVE)
        return STATUS_NOT_IMPLEMENTED; /* the port knows MUSIC formats */
    if (client->FormatSize < sizeof(KSDATARANGE_AUDIO) || !guid_is(&client->MajorFormat, &KSDATAFORMAT_TYPE_AUDIO) ||
        !guid_is(&client->SubFormat, &KSDATAFORMAT_SUBTYPE_PCM))
        return STATUS_NO_MATCH;
    NTSTATUS status = wave_intersection(impl_from_IMiniportDMus(iface), (const KSDATARANGE_AUDIO *)client,
                                        (const KSDATARANGE_AUDIO *)mine, &format);
    if (!NT_SUCCESS(status))
        return status;
    *used = sizeof format;
    if (room == 0)
        return STATUS_BUFFER_OVERFLOW;
    if (room < sizeof format)
        return STATUS_BUFFER_TOO_SMALL;
    RtlCopyMemory(out, &format, sizeof format);
    return STATUS_SUCCESS;
}

/* "Profile" of the driver's key: 0 native, 1 studio. Without a key, or with anything else in it, native. */
static ULONG configured_profile(PPORTDMUS port)
{
    union {
        KEY_VALUE_PARTIAL_INFORMATION info;
        UCHAR bytes[sizeof(KEY_VALUE_PARTIAL_INFORMATION) + sizeof(ULONG)];
    } value;
    PREGISTRYKEY key = NULL;
    UNICODE_STRING name;
    ULONG used = 0, profile = DMUS_PROFILE_NATIVE;
    if (!NT_SUCCESS(port->lpVtbl->NewRegistryKey(port, &key, NULL, DriverRegistryKey, KEY_READ, NULL, 0, NULL)))
        return profile;
    RtlInitUnicodeString(&name, (PCWSTR)L"Profile");
    if (NT_SUCCESS(key->lpVtbl->QueryValueKey(key, &name, KeyValuePartialInformation, &value, sizeof value, &used)) &&
        value.info.Type == REG_DWORD && value.info.DataLength == sizeof profile)
        RtlCopyMemory(&profile, value.info.Data, sizeof profile);
    COM_RELEASE(key);
    return profile <= DMUS_PROFILE_STUDIO ? profile : DMUS_PROFILE_NATIVE;
}

static NTSTATUS STDMETHODCALLTYPE miniport_Init(IMiniportDMus *iface, PUNKNOWN adapter, PRESOURCELIST resources,
                                                PPORTDMUS port, PSERVICEGROUP *group)
{
    (void)adapter, (void)resources;
    PAGED_CODE();
    impl_from_IMiniportDMus(iface)->profile = configured_profile(port);
    *group = NULL; /* nothing interrupts */
    return STATUS_SUCCESS;
}

static void STDMETHODCALLTYPE miniport_Service(IMiniportDMus *iface) { (void)iface; }

static NTSTATUS check_pin(ULONG pin, DMUS_STREAM_TYPE type)
{
    if (pin >= SWSYNTH_PINS)
        return STATUS_INVALID_PARAMETER;
    return type == (pin == SWSYNTH_PIN_WAVE ? DMUS_STREAM_WAVE_SINK : DMUS_STREAM_MIDI_RENDER)
               ? STATUS_SUCCESS
               : STATUS_INVALID_DEVICE_REQUEST;
}

static NTSTATUS STDMETHODCALLTYPE miniport_NewStream(IMiniportDMus *iface, PMXF *out, PUNKNOWN outer, POOL_TYPE pool,
                                                     ULONG pin, DMUS_STREAM_TYPE type, PKSDATAFORMAT format,
                                                     PSERVICEGROUP *group, PAllocatorMXF allocator, PMASTERCLOCK clock,
                                                     PULONGLONG prefetch)
{
    struct swsynth_miniport *miniport = impl_from_IMiniportDMus(iface);
    struct swsynth_stream *stream;
    PAGED_CODE();
    (void)pool;
    *out = NULL;
    *group = NULL;
    NTSTATUS status = check_pin(pin, type);
    if (NT_SUCCESS(status) && (outer || !allocator || !clock))
        status = outer ? STATUS_NOT_SUPPORTED : STATUS_INVALID_PARAMETER;
    if (!NT_SUCCESS(status))
        return status;
    *prefetch = DONT_HOLD_FOR_SEQUENCING; /* the engine sequences, to the sample */
    swsynth_wire(miniport);
    if (type == DMUS_STREAM_WAVE_SINK)
        status = swsynth_wave_create(miniport, format, allocator, &stream);
    else
        status = swsynth_stream_create(miniport, allocator, clock, &stream);
    if (NT_SUCCESS(status)) {
        struct swsynth_stream **last = &miniport->streams;
        while (*last)
            last = &(*last)->next;
        *last = stream;
        swsynth_pair(miniport);
        *out = &stream->IMXF_iface;
    }
    swsynth_unwire(miniport);
    return status;
}

static const IMiniportDMusVtbl miniport_vtbl = {
    miniport_QueryInterface, miniport_AddRef, miniport_Release,
    miniport_GetDescription, miniport_DataRangeIntersection,
    miniport_Init,           miniport_Service, miniport_NewStream,
};

NTSTATUS swsynth_miniport_create(PUNKNOWN *out)
{
    PAGED_CODE();
    *out = NULL;
    struct swsynth_miniport *miniport = ExAllocatePoolWithTag(NonPagedPool, sizeof *miniport, SWSYNTH_TAG);
    if (!miniport)
        return STATUS_INSUFFICIENT_RESOURCES;
    RtlZeroMemory(miniport, sizeof *miniport);
    miniport->IMiniportDMus_iface.lpVtbl = &miniport_vtbl;
    refcount_init(&miniport->refs, 1);
    KeInitializeMutex(&miniport->wiring, 0);
    *out = (PUNKNOWN)&miniport->IMiniportDMus_iface;
    return STATUS_SUCCESS;
}
