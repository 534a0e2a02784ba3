/* SPDX-License-Identifier: MIT */
/*
 * cable.cpp - miniport and streams.
 *
 * There is no device, so nothing to wait for: a render stream hands each event, as it is, to the sink of the capture
 * stream from inside its PutMessage. The port's allocators share one pool, so the event may end its way there.
 */
#include "midicable.h"

#pragma code_seg("PAGE")
NTSTATUS CreateMiniportCable(OUT PUNKNOWN *Unknown, IN REFCLSID, IN PUNKNOWN UnknownOuter OPTIONAL, IN POOL_TYPE PoolType)
{
    PAGED_CODE();
    STD_CREATE_BODY_WITH_TAG_(CMiniportCable, Unknown, UnknownOuter, PoolType, CABLE_POOL_TAG, PMINIPORTDMUS);
}

STDMETHODIMP_(NTSTATUS) CMiniportCable::NonDelegatingQueryInterface(IN REFIID Interface, OUT PVOID *Object)
{
    PAGED_CODE();
    if (IsEqualGUIDAligned(Interface, IID_IUnknown))
        *Object = QICASTUNKNOWN(PMINIPORTDMUS);
    else if (IsEqualGUIDAligned(Interface, IID_IMiniport))
        *Object = QICAST(PMINIPORT);
    else if (IsEqualGUIDAligned(Interface, IID_IMiniportDMus))
        *Object = QICAST(PMINIPORTDMUS);
    else if (IsEqualGUIDAligned(Interface, IID_IPinCount))
        *Object = QICAST(PPINCOUNT);
    else {
        *Object = NULL;
        return STATUS_INVALID_PARAMETER;
    }
    PUNKNOWN(*Object)->AddRef();
    return STATUS_SUCCESS;
}

CMiniportCable::~CMiniportCable()
{
    PAGED_CODE();
    ASSERT(!m_Capture);
    if (m_Port)
        m_Port->Release();
}

STDMETHODIMP_(NTSTATUS) CMiniportCable::Init(IN PUNKNOWN, IN PRESOURCELIST, IN PPORTDMUS Port,
                                             OUT PSERVICEGROUP *ServiceGroup)
{
    PAGED_CODE();
    m_Port = Port;
    m_Port->AddRef();
    KeInitializeSpinLock(&m_Lock);
    *ServiceGroup = NULL;
    return STATUS_SUCCESS;
}

STDMETHODIMP_(void) CMiniportCable::Service(void) {}

STDMETHODIMP_(NTSTATUS) CMiniportCable::GetDescription(OUT PPCFILTER_DESCRIPTOR *Description)
{
    PAGED_CODE();
    *Description = &CableFilterDescriptor;
    return STATUS_SUCCESS;
}

STDMETHODIMP_(NTSTATUS) CMiniportCable::DataRangeIntersection(IN ULONG, IN PKSDATARANGE, IN PKSDATARANGE, IN ULONG,
                                                              OUT PVOID, OUT PULONG)
{
    PAGED_CODE();
    return STATUS_NOT_IMPLEMENTED;
}

// Any number of players, one listener.
STDMETHODIMP_(void) CMiniportCable::PinCount(IN ULONG PinId, IN OUT PULONG, IN OUT PULONG, IN OUT PULONG FilterPossible,
                                             IN OUT PULONG, IN OUT PULONG GlobalPossible)
{
    PAGED_CODE();
    if (PinId == PIN_RENDER)
        *FilterPossible = *GlobalPossible = KSINSTANCE_INDETERMINATE;
}

STDMETHODIMP_(NTSTATUS) CMiniportCable::NewStream(OUT PMXF *MXF, IN PUNKNOWN OuterUnknown OPTIONAL, IN POOL_TYPE PoolType,
                                                  IN ULONG PinID, IN DMUS_STREAM_TYPE StreamType, IN PKSDATAFORMAT,
                                                  OUT PSERVICEGROUP *ServiceGroup, IN PAllocatorMXF AllocatorMXF,
                                                  IN PMASTERCLOCK MasterClock, OUT PULONGLONG SchedulePreFetch)
{
    PAGED_CODE();
    if ((PinID == PIN_RENDER ? DMUS_STREAM_MIDI_RENDER : DMUS_STREAM_MIDI_CAPTURE) != StreamType)
        return STATUS_INVALID_DEVICE_REQUEST;

    PCABLESTREAM stream = new (PoolType, CABLE_POOL_TAG) CCableStream(OuterUnknown);
    if (!stream)
        return STATUS_INSUFFICIENT_RESOURCES;
    stream->AddRef();
    NTSTATUS ntStatus = stream->Init(this, StreamType, AllocatorMXF, MasterClock);
    if (!NT_SUCCESS(ntStatus)) {
        stream->Release();
        return ntStatus;
    }
    *MXF = PMXF(stream);
    *ServiceGroup = NULL;
    *SchedulePreFetch = 0; // at the time that it is meant for
    return STATUS_SUCCESS;
}

#pragma code_seg()
void CMiniportCable::SetCapture(IN PCABLESTREAM Stream)
{
    KIRQL oldIrql;
    KeAcquireSpinLock(&m_Lock, &oldIrql);
    m_Capture = Stream;
    KeReleaseSpinLock(&m_Lock, oldIrql);
}

void CMiniportCable::CaptureGone(IN PCABLESTREAM Stream)
{
    KIRQL oldIrql;
    KeAcquireSpinLock(&m_Lock, &oldIrql);
    if (m_Capture == Stream)
        m_Capture = NULL;
    KeReleaseSpinLock(&m_Lock, oldIrql);
}

// NULL while nobody listens. At DISPATCH_LEVEL.
PCABLESTREAM CMiniportCable::ReferenceCapture(void)
{
    KeAcquireSpinLockAtDpcLevel(&m_Lock);
    PCABLESTREAM stream = m_Capture;
    if (stream) {
        stream->AddRef();
        stream->Enter();
    }
    KeReleaseSpinLockFromDpcLevel(&m_Lock);
    return stream;
}

STDMETHODIMP_(NTSTATUS) CCableStream::NonDelegatingQueryInterface(IN REFIID Interface, OUT PVOID *Object)
{
    if (IsEqualGUIDAligned(Interface, IID_IUnknown))
        *Object = QICASTUNKNOWN(PMXF);
    else if (IsEqualGUIDAligned(Interface, IID_IMXF))
        *Object = QICAST(PMXF);
    else {
        *Object = NULL;
        return STATUS_INVALID_PARAMETER;
    }
    PUNKNOWN(*Object)->AddRef();
    return STATUS_SUCCESS;
}

NTSTATUS CCableStream::Init(IN PMINIPORTCABLE Miniport, IN DMUS_STREAM_TYPE Type, IN PAllocatorMXF Allocator,
                            IN PMASTERCLOCK Clock)
{
    m_Miniport = Miniport;
    m_Miniport->AddRef();
    m_Type = Type;
    m_Allocator = Allocator;
    m_Allocator->AddRef();
    m_Clock = Clock;
    m_Clock->AddRef();
    m_Sink = Allocator;
    return STATUS_SUCCESS;
}

// May be the last reference that Deliver's caller gives up, at DISPATCH_LEVEL.
CCableStream::~CCableStream()
{
    if (m_Clock)
        m_Clock->Release();
    if (m_Allocator)
        m_Allocator->Release();
    if (m_Miniport)
        m_Miniport->Release();
}

STDMETHODIMP_(NTSTATUS) CCableStream::SetState(IN KSSTATE State)
{
    if (m_Type == DMUS_STREAM_MIDI_CAPTURE) {
        if (State == KSSTATE_RUN)
            m_Miniport->SetCapture(this);
        else {
            m_Miniport->CaptureGone(this);
            LARGE_INTEGER millisecond;
            millisecond.QuadPart = -10000;
            while (m_Delivering) // nothing reaches the sink after this call
                KeDelayExecutionThread(KernelMode, FALSE, &millisecond);
        }
    }
    return STATUS_SUCCESS;
}

STDMETHODIMP_(NTSTATUS) CCableStream::ConnectOutput(IN PMXF Sink)
{
    m_Sink = Sink;
    return STATUS_SUCCESS;
}

STDMETHODIMP_(NTSTATUS) CCableStream::DisconnectOutput(IN PMXF Sink)
{
    if (m_Sink == Sink)
        m_Sink = m_Allocator;
    return STATUS_SUCCESS;
}

STDMETHODIMP_(NTSTATUS) CCableStream::PutMessage(IN PDMUS_KERNEL_EVENT Event)
{
    if (!Event) // service: what came has been handed on already
        return STATUS_SUCCESS;
    if (m_Type == DMUS_STREAM_MIDI_CAPTURE)
        return m_Allocator->PutMessage(Event);

    PCABLESTREAM capture = m_Miniport->ReferenceCapture();
    if (!capture)
        return m_Allocator->PutMessage(Event);
    NTSTATUS ntStatus = capture->Deliver(Event);
    capture->Release();
    return ntStatus;
}

// Arrived now, whatever time was asked for. Once for each Enter. No lock is held: the sink may come back.
NTSTATUS CCableStream::Deliver(IN PDMUS_KERNEL_EVENT Chain)
{
    REFERENCE_TIME now;
    m_Clock->GetTime(&now);
    for (PDMUS_KERNEL_EVENT event = Chain; event; event = event->pNextEvt) {
        event->ullPresTime100ns = now;
        event->usChannelGroup = 1;
    }
    NTSTATUS ntStatus = m_Sink->PutMessage(Chain);
    InterlockedDecrement(&m_Delivering);
    return ntStatus;
}
