/* SPDX-License-Identifier: MIT */
/* miniport.cpp - the miniport object: made once for the device, makes the stream. */
#include "miniport.h"

#pragma code_seg("PAGE")
NTSTATUS CreateMiniportSquare(OUT PUNKNOWN *Unknown, IN REFCLSID, IN PUNKNOWN UnknownOuter OPTIONAL, IN POOL_TYPE PoolType)
{
    PAGED_CODE();
    ASSERT(Unknown);
    STD_CREATE_BODY_WITH_TAG_(CMiniportSquare, Unknown, UnknownOuter, PoolType, SQUARE_POOL_TAG, PMINIPORTDMUS);
}

STDMETHODIMP_(NTSTATUS) CMiniportSquare::NonDelegatingQueryInterface(IN REFIID Interface, OUT PVOID *Object)
{
    PAGED_CODE();

    if (IsEqualGUIDAligned(Interface, IID_IUnknown))
        *Object = QICASTUNKNOWN(PMINIPORTDMUS);
    else if (IsEqualGUIDAligned(Interface, IID_IMiniport))
        *Object = QICAST(PMINIPORT);
    else if (IsEqualGUIDAligned(Interface, IID_IMiniportDMus))
        *Object = QICAST(PMINIPORTDMUS);
    else if (IsEqualGUIDAligned(Interface, IID_IPowerNotify))
        *Object = QICAST(PPOWERNOTIFY);
    else
        *Object = NULL;

    if (*Object) {
        PUNKNOWN(*Object)->AddRef();
        return STATUS_SUCCESS;
    }
    return STATUS_INVALID_PARAMETER;
}

CMiniportSquare::~CMiniportSquare()
{
    PAGED_CODE();
    if (m_Port)
        m_Port->Release();
}

STDMETHODIMP_(NTSTATUS) CMiniportSquare::Init(IN PUNKNOWN, IN PRESOURCELIST, IN PPORTDMUS Port,
                                              OUT PSERVICEGROUP *ServiceGroup)
{
    PAGED_CODE();
    ASSERT(Port);

    m_Port = Port;
    m_Port->AddRef();
    KeInitializeMutex(&m_StreamMutex, 0);
    *ServiceGroup = NULL; // there is no interrupt
    return STATUS_SUCCESS;
}

STDMETHODIMP_(void) CMiniportSquare::Service(void) {}

STDMETHODIMP_(NTSTATUS) CMiniportSquare::GetDescription(OUT PPCFILTER_DESCRIPTOR *Description)
{
    PAGED_CODE();
    *Description = &SquareFilterDescriptor;
    return STATUS_SUCCESS;
}

// The port knows PCM and the 64 bytes of a music format.
STDMETHODIMP_(NTSTATUS) CMiniportSquare::DataRangeIntersection(IN ULONG, IN PKSDATARANGE, IN PKSDATARANGE, IN ULONG,
                                                               OUT PVOID, OUT PULONG)
{
    PAGED_CODE();
    return STATUS_NOT_IMPLEMENTED;
}

STDMETHODIMP_(void) CMiniportSquare::PowerChangeNotify(IN POWER_STATE PowerState)
{
    PAGED_CODE();
    _DbgPrintF(DEBUGLVL_VERBOSE, ("power D%d", PowerState.DeviceState - PowerDeviceD0));
    (void)PowerState;
}

// The first pin to open makes the stream, the other one gets the same.
STDMETHODIMP_(NTSTATUS) CMiniportSquare::NewStream(OUT PMXF *MXF, IN PUNKNOWN OuterUnknown OPTIONAL, IN POOL_TYPE PoolType,
                                                   IN ULONG PinID, IN DMUS_STREAM_TYPE StreamType,
                                                   IN PKSDATAFORMAT DataFormat, OUT PSERVICEGROUP *ServiceGroup,
                                                   IN PAllocatorMXF AllocatorMXF, IN PMASTERCLOCK MasterClock,
                                                   OUT PULONGLONG SchedulePreFetch)
{
    PAGED_CODE();
    NTSTATUS ntStatus = STATUS_SUCCESS;

    if ((PinID == PIN_MIDI) != (StreamType == DMUS_STREAM_MIDI_RENDER) ||
        (PinID == PIN_WAVE) != (StreamType == DMUS_STREAM_WAVE_SINK))
        return STATUS_INVALID_DEVICE_REQUEST;

    KeWaitForSingleObject(&m_StreamMutex, Executive, KernelMode, FALSE, NULL);
    PSQUARESTREAM stream = m_Stream;
    if (stream)
        stream->AddRef();
    else {
        stream = new (PoolType, SQUARE_POOL_TAG) CSquareStream(OuterUnknown);
        if (stream) {
            stream->AddRef();
            ntStatus = stream->Init(this, MasterClock);
            if (NT_SUCCESS(ntStatus))
                m_Stream = stream;
        } else
            ntStatus = STATUS_INSUFFICIENT_RESOURCES;
    }
    KeReleaseMutex(&m_StreamMutex, FALSE);

    if (NT_SUCCESS(ntStatus)) {
        if (PinID == PIN_MIDI)
            stream->UseAllocator(AllocatorMXF);
        else
            stream->UseFormat(DataFormat);
        *MXF = PMXF(stream);
        *ServiceGroup = NULL;
        *SchedulePreFetch = DONT_HOLD_FOR_SEQUENCING; // Render finds the right sample
    } else if (stream)
        stream->Release();
    return ntStatus;
}

// By the destructor of the stream, so it is not referenced any more.
void CMiniportSquare::StreamGone(IN PSQUARESTREAM Stream)
{
    KeWaitForSingleObject(&m_StreamMutex, Executive, KernelMode, FALSE, NULL);
    if (m_Stream == Stream)
        m_Stream = NULL;
    KeReleaseMutex(&m_StreamMutex, FALSE);
}
