/* SPDX-License-Identifier: MIT */
/* stream.cpp - the stream: a queue of events in front of sixteen square waves. */
#include "miniport.h"

#include <fltsafe.h>
#include <math.h>

#pragma code_seg()
STDMETHODIMP_(NTSTATUS) CSquareStream::NonDelegatingQueryInterface(IN REFIID Interface, OUT PVOID *Object)
{
    if (IsEqualGUIDAligned(Interface, IID_IUnknown))
        *Object = QICASTUNKNOWN(PSYNTHSINKDMUS);
    else if (IsEqualGUIDAligned(Interface, IID_IMXF))
        *Object = QICAST(PMXF);
    else if (IsEqualGUIDAligned(Interface, IID_ISynthSinkDMus))
        *Object = QICAST(PSYNTHSINKDMUS);
    else
        *Object = NULL;

    if (*Object) {
        PUNKNOWN(*Object)->AddRef();
        return STATUS_SUCCESS;
    }
    return STATUS_INVALID_PARAMETER;
}

#pragma code_seg("PAGE")
NTSTATUS CSquareStream::Init(IN CMiniportSquare *Miniport, IN PMASTERCLOCK Clock)
{
    PAGED_CODE();
    m_Miniport = Miniport;
    m_Miniport->AddRef();
    m_Clock = Clock;
    m_Clock->AddRef();
    KeInitializeSpinLock(&m_Lock);
    m_Rate = 22050; // until the wave pin says otherwise
    m_Channels = 2;
    m_Gain = 65536;
    return STATUS_SUCCESS;
}

CSquareStream::~CSquareStream()
{
    PAGED_CODE();
    if (m_Miniport)
        m_Miniport->StreamGone(this);
    ReturnQueue();
    if (m_Allocator)
        m_Allocator->Release();
    if (m_Clock)
        m_Clock->Release();
    if (m_Miniport)
        m_Miniport->Release();
}

void CSquareStream::UseAllocator(IN PAllocatorMXF Allocator)
{
    PAGED_CODE();
    Allocator->AddRef();
    if (m_Allocator) {
        ReturnQueue();
        m_Allocator->Release();
    }
    m_Allocator = Allocator;
}

void CSquareStream::UseFormat(IN PKSDATAFORMAT DataFormat)
{
    PAGED_CODE();
    WAVEFORMATEX *wave = &PKSDATAFORMAT_WAVEFORMATEX(DataFormat)->WaveFormatEx;
    m_Rate = wave->nSamplesPerSec;
    m_Channels = wave->nChannels;
}

// 1/100 dB into a factor: the one place that needs floating point.
NTSTATUS CSquareStream::SetVolume(IN LONG Volume)
{
    PAGED_CODE();
    FLOATSAFE fltSafe;
    if (!NT_SUCCESS(fltSafe.ntStatus))
        return fltSafe.ntStatus;
    m_Volume = Volume;
    m_Gain = (LONG)(65536.0 * pow(10.0, min(Volume, 0) / 2000.0));
    return STATUS_SUCCESS;
}

STDMETHODIMP_(NTSTATUS) CSquareStream::SetState(IN KSSTATE State)
{
    PAGED_CODE();
    if (State == KSSTATE_STOP) {
        ReturnQueue();
        AllOff();
    }
    m_State = State;
    return STATUS_SUCCESS;
}

// There is nothing behind this element but the wave pin.
STDMETHODIMP_(NTSTATUS) CSquareStream::ConnectOutput(IN PMXF)
{
    PAGED_CODE();
    return STATUS_SUCCESS;
}
STDMETHODIMP_(NTSTATUS) CSquareStream::DisconnectOutput(IN PMXF)
{
    PAGED_CODE();
    return STATUS_SUCCESS;
}

// Calls at DISPATCH_LEVEL, so resident.
#pragma code_seg()
STDMETHODIMP_(NTSTATUS) CSquareStream::PutMessage(IN PDMUS_KERNEL_EVENT Event)
{
    KeAcquireSpinLockAtDpcLevel(&m_Lock);
    while (Event) {
        PDMUS_KERNEL_EVENT next = Event->pNextEvt;
        Event->pNextEvt = NULL;
        Enqueue(Event);
        Event = next;
    }
    KeReleaseSpinLockFromDpcLevel(&m_Lock);
    return STATUS_SUCCESS;
}

// Behind all events of the same or an earlier time. Under the lock.
void CSquareStream::Enqueue(IN PDMUS_KERNEL_EVENT Event)
{
    PDMUS_KERNEL_EVENT *link = &m_Queue;
    while (*link && (*link)->ullPresTime100ns <= Event->ullPresTime100ns)
        link = &(*link)->pNextEvt;
    Event->pNextEvt = *link;
    *link = Event;
}

// The first event that belongs at or before Sample; else the sample of the one that comes next.
PDMUS_KERNEL_EVENT CSquareStream::TakeDue(IN LONGLONG Sample, OUT LONGLONG *Next)
{
    KIRQL oldIrql;
    PDMUS_KERNEL_EVENT event = NULL;

    *Next = MAXLONGLONG;
    KeAcquireSpinLock(&m_Lock, &oldIrql);
    if (m_Queue) {
        LONGLONG due;
        RefTimeToSample(m_Queue->ullPresTime100ns, &due);
        if (due <= Sample) {
            event = m_Queue;
            m_Queue = event->pNextEvt;
            event->pNextEvt = NULL;
        } else
            *Next = due;
    }
    KeReleaseSpinLock(&m_Lock, oldIrql);
    return event;
}

void CSquareStream::ReturnQueue(void)
{
    KIRQL oldIrql;

    KeAcquireSpinLock(&m_Lock, &oldIrql);
    PDMUS_KERNEL_EVENT chain = m_Queue;
    m_Queue = NULL;
    KeReleaseSpinLock(&m_Lock, oldIrql);
    if (chain) {
        KeRaiseIrql(DISPATCH_LEVEL, &oldIrql);
        m_Allocator->PutMessage(chain);
        KeLowerIrql(oldIrql);
    }
}

STDMETHODIMP_(void) CSquareStream::Render(OUT PBYTE Buffer, IN DWORD Length, IN LONGLONG Position)
{
    SHORT *frames = (SHORT *)Buffer;
    DWORD done = 0;

    while (done < Length) {
        LONGLONG next;
        PDMUS_KERNEL_EVENT event = TakeDue(Position + done, &next);
        if (event) {
            KIRQL oldIrql;
            Play(event);
            KeRaiseIrql(DISPATCH_LEVEL, &oldIrql);
            m_Allocator->PutMessage(event);
            KeLowerIrql(oldIrql);
        } else {
            ULONG count = (ULONG)min((LONGLONG)(Length - done), next - Position - done);
            Mix(frames + (SIZE_T)done * m_Channels, count);
            done += count;
        }
    }
    m_Rendered = Position + Length;
}

void CSquareStream::Mix(OUT SHORT *Frames, IN ULONG Count)
{
    for (ULONG i = 0; i < Count; i++) {
        LONG sum = 0;
        for (ULONG v = 0; v < VOICES; v++)
            if (m_Voice[v].Sounding) {
                sum += m_Voice[v].Phase & 0x80000000 ? -m_Voice[v].Amplitude : m_Voice[v].Amplitude;
                m_Voice[v].Phase += m_Voice[v].Increment;
            }
        sum = (LONG)(((LONGLONG)sum * m_Gain) >> 16);
        for (ULONG c = 0; c < m_Channels; c++)
            *Frames++ = (SHORT)max(-32768, min(32767, sum));
    }
}

// Sample clock: exactly the master clock, counted from the start.
STDMETHODIMP_(NTSTATUS) CSquareStream::SyncToMaster(IN REFERENCE_TIME Time, IN BOOL Start)
{
    if (Start) {
        m_Start = Time;
        m_Rendered = 0;
    }
    return STATUS_SUCCESS;
}

STDMETHODIMP_(NTSTATUS) CSquareStream::SampleToRefTime(IN LONGLONG Sample, OUT REFERENCE_TIME *Time)
{
    *Time = m_Start + Sample * 10000000 / (LONGLONG)m_Rate;
    return STATUS_SUCCESS;
}

STDMETHODIMP_(NTSTATUS) CSquareStream::RefTimeToSample(IN REFERENCE_TIME Time, OUT LONGLONG *Sample)
{
    *Sample = (Time - m_Start) * (LONGLONG)m_Rate / 10000000;
    return STATUS_SUCCESS;
}

// The first sample that is not rendered yet, or soon.
REFERENCE_TIME CSquareStream::LatencyTime(void)
{
    REFERENCE_TIME now, latency;
    m_Clock->GetTime(&now);
    if (m_State != KSSTATE_RUN || m_Rendered == 0)
        return now + 100000;
    SampleToRefTime(m_Rendered, &latency);
    return max(latency, now + 1);
}

ULONG CSquareStream::SoundingVoices(void)
{
    ULONG n = 0;
    for (ULONG v = 0; v < VOICES; v++)
        n += m_Voice[v].Sounding;
    return n;
}

void CSquareStream::Play(IN PDMUS_KERNEL_EVENT Event)
{
    if (PACKAGE_EVT(Event)) {
        for (PDMUS_KERNEL_EVENT part = Event->uData.pPackageEvt; part; part = part->pNextEvt)
            Play(part);
    } else if (COMPLETE_EVT(Event))
        Message(SHORT_EVT(Event) ? Event->uData.abData : Event->uData.pbData, Event->cbEvent);
}

void CSquareStream::Message(IN const BYTE *Data, IN ULONG Length)
{
    if (Length < 3)
        return;
    BYTE channel = (BYTE)(Data[0] & 0x0f);
    switch (Data[0] & 0xf0) {
    case 0x80:
        NoteOff(channel, Data[1]);
        break;
    case 0x90:
        if (Data[2])
            NoteOn(channel, Data[1], Data[2]);
        else
            NoteOff(channel, Data[1]);
        break;
    case 0xb0:
        if (Data[1] == 120 || Data[1] == 123)
            AllOff();
        break;
    }
}

void CSquareStream::NoteOn(IN BYTE Channel, IN BYTE Note, IN BYTE Velocity)
{
    // Notes 116 to 127 in 1/1000 Hz, A4 = 440 Hz; each octave below has half of it.
    static const ULONG topOctave[12] = {6644875, 7040000, 7458620, 7902133, 8372018, 8869844,
                                        9397273, 9956063, 10548082, 11175303, 11839822, 12543854};
    VOICE *voice = &m_Voice[0];
    for (ULONG v = 0; v < VOICES; v++) {
        if (!m_Voice[v].Sounding) {
            voice = &m_Voice[v];
            break;
        }
        if (m_Voice[v].Age < voice->Age)
            voice = &m_Voice[v];
    }
    ULONG down = (127 - Note) / 12;
    ULONG milliHz = topOctave[11 - (127 - Note) % 12];
    voice->Sounding = TRUE;
    voice->Channel = Channel;
    voice->Note = Note;
    voice->Amplitude = (LONG)Velocity * 16;
    voice->Phase = 0;
    voice->Increment = (ULONG)((((ULONGLONG)milliHz << 32) / (1000ULL * m_Rate)) >> down);
    voice->Age = ++m_NoteOns;
}

void CSquareStream::NoteOff(IN BYTE Channel, IN BYTE Note)
{
    for (ULONG v = 0; v < VOICES; v++)
        if (m_Voice[v].Sounding && m_Voice[v].Channel == Channel && m_Voice[v].Note == Note)
            m_Voice[v].Sounding = FALSE;
}

void CSquareStream::AllOff(void)
{
    for (ULONG v = 0; v < VOICES; v++)
        m_Voice[v].Sounding = FALSE;
}
