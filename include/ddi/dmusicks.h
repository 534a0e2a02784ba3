/* SPDX-License-Identifier: MIT */
/*
 * dmusicks.h - the kernel-mode DDI proper: DMus ports and miniports, time-stamped MIDI events, and the elements (MXF, MIDI
 * transform filters) that pass them on.
 *
 * Whoever is handed an event with PutMessage owns it, and passes it on or returns it to the allocator; the status does
 * not change that. An element with no output connected sends to the allocator. Times are 100 ns on the scale of
 * IMasterClock. Methods are called at PASSIVE_LEVEL unless said.
 *
 * Source: spec/ddi-kernel.md 3.2, 3.4 to 3.9, 6.1, 6.3, 8.2 to 8.11.
 */
#ifndef DDI_DMUSICKS_H
#define DDI_DMUSICKS_H
#ifndef _DMUSICKS_
#define _DMUSICKS_
#endif

#include "ddi_dmusprops.h"
#include "ddi_pc_port.h"
#include "dmdls.h"
#include "dmusprop.h"

DEFINE_GUID(IID_IPortDMus, 0xc096df9c, 0xfb09, 0x11d1, 0x81, 0xb0, 0x00, 0x60, 0x08, 0x33, 0x16, 0xc1);
DEFINE_GUID(IID_IMiniportDMus, 0xc096df9d, 0xfb09, 0x11d1, 0x81, 0xb0, 0x00, 0x60, 0x08, 0x33, 0x16, 0xc1);
DEFINE_GUID(IID_IMXF, 0xc096df9e, 0xfb09, 0x11d1, 0x81, 0xb0, 0x00, 0x60, 0x08, 0x33, 0x16, 0xc1);
DEFINE_GUID(IID_IAllocatorMXF, 0xa5f0d62c, 0xb30f, 0x11d2, 0xb7, 0xa3, 0x00, 0x60, 0x08, 0x33, 0x16, 0xc1);
DEFINE_GUID(IID_ISynthSinkDMus, 0x1f476974, 0x679b, 0x11d2, 0x8f, 0x7d, 0x00, 0xc0, 0x4f, 0xbf, 0x8f, 0xef);
DEFINE_GUID(CLSID_PortDMus, 0xb7902fe9, 0xfb0a, 0x11d1, 0x81, 0xb0, 0x00, 0x60, 0x08, 0x33, 0x16, 0xc1);
DEFINE_GUID(CLSID_MiniportDriverDMusUART, 0xd3f0ce1c, 0xfffc, 0x11d1, 0x81, 0xb0, 0x00, 0x60, 0x08, 0x33, 0x16, 0xc1);
DEFINE_GUID(CLSID_MiniportDriverDMusUARTCapture, 0xd3f0ce1d, 0xfffc, 0x11d1,
            0x81, 0xb0, 0x00, 0x60, 0x08, 0x33, 0x16, 0xc1);

/* As *SchedulePreFetch: hand events down as soon as they arrive. Compared as unsigned. */
#define DONT_HOLD_FOR_SEQUENCING ((ULONGLONG)0x8000000000000000ULL)

#ifndef kBytePositionNone
#define kBytePositionNone ((ULONGLONG)~0ULL) /* the event has no byte position */
#endif

typedef enum { /* what a pin instance is for */
    DMUS_STREAM_MIDI_INVALID = -1,
    DMUS_STREAM_MIDI_RENDER = 0,
    DMUS_STREAM_MIDI_CAPTURE,
    DMUS_STREAM_WAVE_SINK
} DMUS_STREAM_TYPE;

/* An event; 40 bytes, 32 where pointers have 4. Where its data are: DMUS_KEF_PACKAGE_EVENT is set: pPackageEvt is a chain
 * of events to be handled with nothing in between. Else cbEvent <= sizeof(PBYTE): abData. Else pbData, a buffer of the
 * allocator. */
typedef struct _DMUS_KERNEL_EVENT {
    BYTE bReserved;
    BYTE cbStruct;                              /* size of this structure, set by the allocator's owner */
    USHORT cbEvent;                             /* bytes of data, not rounded */
    USHORT usChannelGroup;                      /* group of 16 MIDI channels */
    USHORT usFlags;                             /* DMUS_KEF_* */
    REFERENCE_TIME ullPresTime100ns DDI_ALIGN8; /* when it is to be heard, or was played */
    ULONGLONG ullBytePosition;                  /* or kBytePositionNone */
    struct _DMUS_KERNEL_EVENT *pNextEvt;        /* of the chain; all have the same time. NULL: the last */
    union {
        BYTE abData[sizeof(PBYTE)];
        PBYTE pbData;
        struct _DMUS_KERNEL_EVENT *pPackageEvt;
    } uData;
} DMUS_KERNEL_EVENT, *PDMUS_KERNEL_EVENT;

#define DMUS_KEF_EVENT_COMPLETE   0x0000
#define DMUS_KEF_EVENT_INCOMPLETE 0x0001 /* the message goes on; on capture: raw bytes, to be parsed */
#define DMUS_KEF_PACKAGE_EVENT    0x0002

#define SHORT_EVT(evt)      ((evt)->cbEvent <= sizeof(PBYTE))
#define PACKAGE_EVT(evt)    ((evt)->usFlags & DMUS_KEF_PACKAGE_EVENT)
#define INCOMPLETE_EVT(evt) ((evt)->usFlags & DMUS_KEF_EVENT_INCOMPLETE)
#define COMPLETE_EVT(evt)   (((evt)->usFlags & DMUS_KEF_EVENT_INCOMPLETE) == 0)

#define SET_INCOMPLETE_EVT(evt) ((evt)->usFlags |= DMUS_KEF_EVENT_INCOMPLETE)
#define SET_COMPLETE_EVT(evt)   ((evt)->usFlags &= (USHORT)~DMUS_KEF_EVENT_INCOMPLETE)
#define SET_PACKAGE_EVT(evt)    ((evt)->usFlags |= DMUS_KEF_PACKAGE_EVENT)
#define CLEAR_PACKAGE_EVT(evt)  ((evt)->usFlags &= (USHORT)~DMUS_KEF_PACKAGE_EVENT)

/* ---- elements of the transport ---- */
#undef INTERFACE
#define INTERFACE IMXF
DECLARE_INTERFACE_(IMXF, IUnknown)
{
    DEFINE_ABSTRACT_UNKNOWN()
    /* One step along STOP, ACQUIRE, PAUSE, RUN. STOP gives everything held back to the allocator; ACQUIRE and PAUSE hold;
     * RUN plays. */
    STDMETHOD_(NTSTATUS, SetState)(THIS_ KSSTATE State) PURE;
    /* Takes a chain. NULL to a capture stream: the service request, collect what the device has. DISPATCH_LEVEL */
    STDMETHOD_(NTSTATUS, PutMessage)(THIS_ PDMUS_KERNEL_EVENT pDMKEvt) PURE;
    /* Where output goes from now on (borrowed: the port disconnects before it releases). */
    STDMETHOD_(NTSTATUS, ConnectOutput)(THIS_ struct IMXF *sinkMXF) PURE;
    /* Output goes to the allocator again. */
    STDMETHOD_(NTSTATUS, DisconnectOutput)(THIS_ struct IMXF *sinkMXF) PURE;
};
typedef IMXF *PMXF;

#define DEFINE_ABSTRACT_MXF() \
    STDMETHOD_(NTSTATUS, SetState)(THIS_ KSSTATE State) PURE; \
    STDMETHOD_(NTSTATUS, PutMessage)(THIS_ PDMUS_KERNEL_EVENT pDMKEvt) PURE; \
    STDMETHOD_(NTSTATUS, ConnectOutput)(THIS_ struct IMXF *sinkMXF) PURE; \
    STDMETHOD_(NTSTATUS, DisconnectOutput)(THIS_ struct IMXF *sinkMXF) PURE;

#undef INTERFACE
#define INTERFACE IAllocatorMXF
DECLARE_INTERFACE_(IAllocatorMXF, IMXF)
{
    DEFINE_ABSTRACT_UNKNOWN()
    /* PutMessage: takes back every event of a chain, with buffers and packages; the other three do nothing. */
    DEFINE_ABSTRACT_MXF()
    /* A zeroed event (but for cbStruct). STATUS_INSUFFICIENT_RESOURCES. <= DISPATCH_LEVEL */
    STDMETHOD_(NTSTATUS, GetMessage)(THIS_ PDMUS_KERNEL_EVENT *ppDMKEvt) PURE;
    /* Bytes of every buffer, always the same. Any level. */
    STDMETHOD_(USHORT, GetBufferSize)(THIS) PURE;
    /* A buffer for more than sizeof(PBYTE) bytes of data. STATUS_INSUFFICIENT_RESOURCES. <= DISPATCH_LEVEL */
    STDMETHOD_(NTSTATUS, GetBuffer)(THIS_ PBYTE *pbBuffer) PURE;
    /* For a buffer that is in no event; PutMessage takes the others. <= DISPATCH_LEVEL */
    STDMETHOD_(NTSTATUS, PutBuffer)(THIS_ PBYTE pbBuffer) PURE;
};
typedef IAllocatorMXF *PAllocatorMXF;

/* By the stream of a wave pin, and found there by QueryInterface. The port's wave sink calls these from one thread. */
#undef INTERFACE
#define INTERFACE ISynthSinkDMus
DECLARE_INTERFACE_(ISynthSinkDMus, IMXF)
{
    DEFINE_ABSTRACT_UNKNOWN()
    DEFINE_ABSTRACT_MXF()
    /* Fill with dwLength frames from stream position llPosition; the buffer is zeroed before. (The units are frames here,
     * an option of the port makes them bytes: spec 12, point 1.) */
    STDMETHOD_(void, Render)(THIS_ PBYTE pBuffer, DWORD dwLength, LONGLONG llPosition) PURE;
    /* Master time now. fStart TRUE, on the first call after entering RUN: it is sample 0. */
    STDMETHOD_(NTSTATUS, SyncToMaster)(THIS_ REFERENCE_TIME rfTime, BOOL fStart) PURE;
    STDMETHOD_(NTSTATUS, SampleToRefTime)(THIS_ LONGLONG llSampleTime, REFERENCE_TIME *prfTime) PURE;
    STDMETHOD_(NTSTATUS, RefTimeToSample)(THIS_ REFERENCE_TIME rfTime, LONGLONG *pllSampleTime) PURE;
};
typedef ISynthSinkDMus *PSYNTHSINKDMUS;

#undef INTERFACE
#define INTERFACE IMasterClock
DECLARE_INTERFACE_(IMasterClock, IUnknown)
{
    DEFINE_ABSTRACT_UNKNOWN()
    /* STATUS_SUCCESS always; never 0, never back. One object per port, as long as the port. Any level. */
    STDMETHOD_(NTSTATUS, GetTime)(THIS_ REFERENCE_TIME *pTime) PURE;
};
typedef IMasterClock *PMASTERCLOCK;

/* For source compatibility; nothing calls it. */
#undef INTERFACE
#define INTERFACE IPositionNotify
DECLARE_INTERFACE_(IPositionNotify, IUnknown)
{
    DEFINE_ABSTRACT_UNKNOWN()
    STDMETHOD_(void, PositionNotify)(THIS_ ULONGLONG bytePosition) PURE;
};
typedef IPositionNotify *PPOSITIONNOTIFY;

/* ---- port and miniport ---- */
#undef INTERFACE
#define INTERFACE IPortDMus
DECLARE_INTERFACE_(IPortDMus, IPort)
{
    DEFINE_ABSTRACT_UNKNOWN()
    DEFINE_ABSTRACT_PORT()
    /* Request service of that group; NULL: of the miniport's and of every stream's. Only queues. Any level. */
    STDMETHOD_(void, Notify)(THIS_ PSERVICEGROUP ServiceGroup) PURE;
    /* During IMiniportDMus::Init, when the device may interrupt before Init returns: the group that Init will answer. */
    STDMETHOD_(void, RegisterServiceGroup)(THIS_ PSERVICEGROUP ServiceGroup) PURE;
};
typedef IPortDMus *PPORTDMUS;

#undef INTERFACE
#define INTERFACE IMiniportDMus
DECLARE_INTERFACE_(IMiniportDMus, IMiniport)
{
    DEFINE_ABSTRACT_UNKNOWN()
    DEFINE_ABSTRACT_MINIPORT()
    /* UnknownAdapter (may be NULL) and ResourceList as given to IPort::Init. *ServiceGroup is what Notify(NULL) serves
     * and may stay NULL. */
    STDMETHOD_(NTSTATUS, Init)(THIS_ PUNKNOWN UnknownAdapter, PRESOURCELIST ResourceList, PPORTDMUS Port,
                               PSERVICEGROUP *ServiceGroup) PURE;
    /* Never called by a DMus port: PutMessage(NULL) instead. */
    STDMETHOD_(void, Service)(THIS) PURE;
    /* A stream in KSSTATE_STOP. AllocatorMXF and MasterClock are never NULL and borrowed. *ServiceGroup (may stay NULL)
     * is served with PutMessage(NULL) on capture. *SchedulePreFetch: how long before its time an event is handed down,
     * 0 when due, DONT_HOLD_FOR_SEQUENCING at once. */
    STDMETHOD_(NTSTATUS, NewStream)(THIS_ PMXF *MXF, PUNKNOWN OuterUnknown, POOL_TYPE PoolType, ULONG PinID,
                                    DMUS_STREAM_TYPE StreamType, PKSDATAFORMAT DataFormat, PSERVICEGROUP *ServiceGroup,
                                    PAllocatorMXF AllocatorMXF, PMASTERCLOCK MasterClock,
                                    PULONGLONG SchedulePreFetch) PURE;
};
typedef IMiniportDMus *PMINIPORTDMUS;
#undef INTERFACE

/* For class bodies that implement the interfaces: every method declared, those of IUnknown apart. */
#ifdef __cplusplus
#define IMP_IMXF \
    STDMETHODIMP_(NTSTATUS) SetState(KSSTATE State); \
    STDMETHODIMP_(NTSTATUS) PutMessage(PDMUS_KERNEL_EVENT pDMKEvt); \
    STDMETHODIMP_(NTSTATUS) ConnectOutput(struct IMXF *sinkMXF); \
    STDMETHODIMP_(NTSTATUS) DisconnectOutput(struct IMXF *sinkMXF);
#define IMP_IAllocatorMXF \
    IMP_IMXF \
    STDMETHODIMP_(NTSTATUS) GetMessage(PDMUS_KERNEL_EVENT *ppDMKEvt); \
    STDMETHODIMP_(USHORT) GetBufferSize(void); \
    STDMETHODIMP_(NTSTATUS) GetBuffer(PBYTE *pbBuffer); \
    STDMETHODIMP_(NTSTATUS) PutBuffer(PBYTE pbBuffer);
#define IMP_ISynthSinkDMus \
    IMP_IMXF \
    STDMETHODIMP_(void) Render(PBYTE pBuffer, DWORD dwLength, LONGLONG llPosition); \
    STDMETHODIMP_(NTSTATUS) SyncToMaster(REFERENCE_TIME rfTime, BOOL fStart); \
    STDMETHODIMP_(NTSTATUS) SampleToRefTime(LONGLONG llSampleTime, REFERENCE_TIME *prfTime); \
    STDMETHODIMP_(NTSTATUS) RefTimeToSample(REFERENCE_TIME rfTime, LONGLONG *pllSampleTime)
#define IMP_IMasterClock \
    STDMETHODIMP_(NTSTATUS) GetTime(REFERENCE_TIME *pTime)
#define IMP_IPositionNotify \
    STDMETHODIMP_(void) PositionNotify(ULONGLONG bytePosition)
#define IMP_IPortDMus \
    IMP_IPort; \
    STDMETHODIMP_(void) Notify(PSERVICEGROUP ServiceGroup); \
    STDMETHODIMP_(void) RegisterServiceGroup(PSERVICEGROUP ServiceGroup)
#define IMP_IMiniportDMus \
    IMP_IMiniport; \
    STDMETHODIMP_(NTSTATUS) Init(PUNKNOWN UnknownAdapter, PRESOURCELIST ResourceList, PPORTDMUS Port, PSERVICEGROUP *ServiceGroup); \
    STDMETHODIMP_(void) Service(void); \
    STDMETHODIMP_(NTSTATUS) NewStream(PMXF *MXF, PUNKNOWN OuterUnknown, POOL_TYPE PoolType, ULONG PinID, DMUS_STREAM_TYPE StreamType, PKSDATAFORMAT DataFormat, PSERVICEGROUP *ServiceGroup, PAllocatorMXF AllocatorMXF, PMASTERCLOCK MasterClock, PULONGLONG SchedulePreFetch)
#endif

#if (!defined(__cplusplus) || defined(CINTERFACE)) && defined(COBJMACROS)
#define IMXF_QueryInterface(p, a, b) (p)->lpVtbl->QueryInterface(p, a, b)
#define IMXF_AddRef(p)               (p)->lpVtbl->AddRef(p)
#define IMXF_Release(p)              (p)->lpVtbl->Release(p)
#define IMXF_SetState(p, a)          (p)->lpVtbl->SetState(p, a)
#define IMXF_PutMessage(p, a)        (p)->lpVtbl->PutMessage(p, a)
#define IMXF_ConnectOutput(p, a)     (p)->lpVtbl->ConnectOutput(p, a)
#define IMXF_DisconnectOutput(p, a)  (p)->lpVtbl->DisconnectOutput(p, a)

#define IAllocatorMXF_QueryInterface(p, a, b) (p)->lpVtbl->QueryInterface(p, a, b)
#define IAllocatorMXF_AddRef(p)               (p)->lpVtbl->AddRef(p)
#define IAllocatorMXF_Release(p)              (p)->lpVtbl->Release(p)
#define IAllocatorMXF_SetState(p, a)          (p)->lpVtbl->SetState(p, a)
#define IAllocatorMXF_PutMessage(p, a)        (p)->lpVtbl->PutMessage(p, a)
#define IAllocatorMXF_ConnectOutput(p, a)     (p)->lpVtbl->ConnectOutput(p, a)
#define IAllocatorMXF_DisconnectOutput(p, a)  (p)->lpVtbl->DisconnectOutput(p, a)
#define IAllocatorMXF_GetMessage(p, a)        (p)->lpVtbl->GetMessage(p, a)
#define IAllocatorMXF_GetBufferSize(p)        (p)->lpVtbl->GetBufferSize(p)
#define IAllocatorMXF_GetBuffer(p, a)         (p)->lpVtbl->GetBuffer(p, a)
#define IAllocatorMXF_PutBuffer(p, a)         (p)->lpVtbl->PutBuffer(p, a)

#define ISynthSinkDMus_QueryInterface(p, a, b)  (p)->lpVtbl->QueryInterface(p, a, b)
#define ISynthSinkDMus_AddRef(p)                (p)->lpVtbl->AddRef(p)
#define ISynthSinkDMus_Release(p)               (p)->lpVtbl->Release(p)
#define ISynthSinkDMus_SetState(p, a)           (p)->lpVtbl->SetState(p, a)
#define ISynthSinkDMus_PutMessage(p, a)         (p)->lpVtbl->PutMessage(p, a)
#define ISynthSinkDMus_ConnectOutput(p, a)      (p)->lpVtbl->ConnectOutput(p, a)
#define ISynthSinkDMus_DisconnectOutput(p, a)   (p)->lpVtbl->DisconnectOutput(p, a)
#define ISynthSinkDMus_Render(p, a, b, c)       (p)->lpVtbl->Render(p, a, b, c)
#define ISynthSinkDMus_SyncToMaster(p, a, b)    (p)->lpVtbl->SyncToMaster(p, a, b)
#define ISynthSinkDMus_SampleToRefTime(p, a, b) (p)->lpVtbl->SampleToRefTime(p, a, b)
#define ISynthSinkDMus_RefTimeToSample(p, a, b) (p)->lpVtbl->RefTimeToSample(p, a, b)

#define IMasterClock_QueryInterface(p, a, b) (p)->lpVtbl->QueryInterface(p, a, b)
#define IMasterClock_AddRef(p)               (p)->lpVtbl->AddRef(p)
#define IMasterClock_Release(p)              (p)->lpVtbl->Release(p)
#define IMasterClock_GetTime(p, a)           (p)->lpVtbl->GetTime(p, a)

#define IPositionNotify_QueryInterface(p, a, b) (p)->lpVtbl->QueryInterface(p, a, b)
#define IPositionNotify_AddRef(p)               (p)->lpVtbl->AddRef(p)
#define IPositionNotify_Release(p)              (p)->lpVtbl->Release(p)
#define IPositionNotify_PositionNotify(p, a)    (p)->lpVtbl->PositionNotify(p, a)

#define IPortDMus_QueryInterface(p, a, b)                (p)->lpVtbl->QueryInterface(p, a, b)
#define IPortDMus_AddRef(p)                              (p)->lpVtbl->AddRef(p)
#define IPortDMus_Release(p)                             (p)->lpVtbl->Release(p)
#define IPortDMus_Init(p, a, b, c, d, e)                 (p)->lpVtbl->Init(p, a, b, c, d, e)
#define IPortDMus_GetDeviceProperty(p, a, b, c, d)       (p)->lpVtbl->GetDeviceProperty(p, a, b, c, d)
#define IPortDMus_NewRegistryKey(p, a, b, c, d, e, f, g) (p)->lpVtbl->NewRegistryKey(p, a, b, c, d, e, f, g)
#define IPortDMus_Notify(p, a)                           (p)->lpVtbl->Notify(p, a)
#define IPortDMus_RegisterServiceGroup(p, a)             (p)->lpVtbl->RegisterServiceGroup(p, a)

#define IMiniportDMus_QueryInterface(p, a, b)                    (p)->lpVtbl->QueryInterface(p, a, b)
#define IMiniportDMus_AddRef(p)                                  (p)->lpVtbl->AddRef(p)
#define IMiniportDMus_Release(p)                                 (p)->lpVtbl->Release(p)
#define IMiniportDMus_GetDescription(p, a)                       (p)->lpVtbl->GetDescription(p, a)
#define IMiniportDMus_DataRangeIntersection(p, a, b, c, d, e, f) (p)->lpVtbl->DataRangeIntersection(p, a, b, c, d, e, f)
#define IMiniportDMus_Init(p, a, b, c, d)                        (p)->lpVtbl->Init(p, a, b, c, d)
#define IMiniportDMus_Service(p)                                 (p)->lpVtbl->Service(p)
#define IMiniportDMus_NewStream(p, a, b, c, d, e, f, g, h, i, j) (p)->lpVtbl->NewStream(p, a, b, c, d, e, f, g, h, i, j)
#endif

#endif
