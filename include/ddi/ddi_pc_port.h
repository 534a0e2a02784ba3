/* SPDX-License-Identifier: MIT */
/*
 * ddi_pc_port.h - ports and miniports: the common part, and the MIDI and topology kinds (DMus: dmusicks.h).
 *
 * The port is the system's half of a device, the miniport the driver's. Methods are called at PASSIVE_LEVEL unless said.
 *
 * Source: spec/ddi-kernel.md 3.1 to 3.4, 5.
 */
#ifndef DDI_PC_PORT_H
#define DDI_PC_PORT_H

#include "ddi_pc_service.h"
#include "ddi_pc_tables.h"

DEFINE_GUID(IID_IPort, 0xb4c90a25, 0x5791, 0x11d0, 0x86, 0xf9, 0x00, 0xa0, 0xc9, 0x11, 0xb5, 0x44);
DEFINE_GUID(IID_IMiniport, 0xb4c90a24, 0x5791, 0x11d0, 0x86, 0xf9, 0x00, 0xa0, 0xc9, 0x11, 0xb5, 0x44);
DEFINE_GUID(IID_IPortMidi, 0xb4c90a40, 0x5791, 0x11d0, 0x86, 0xf9, 0x00, 0xa0, 0xc9, 0x11, 0xb5, 0x44);
DEFINE_GUID(IID_IMiniportMidi, 0xb4c90a41, 0x5791, 0x11d0, 0x86, 0xf9, 0x00, 0xa0, 0xc9, 0x11, 0xb5, 0x44);
DEFINE_GUID(IID_IMiniportMidiStream, 0xb4c90a42, 0x5791, 0x11d0, 0x86, 0xf9, 0x00, 0xa0, 0xc9, 0x11, 0xb5, 0x44);
DEFINE_GUID(IID_IPortTopology, 0xb4c90a30, 0x5791, 0x11d0, 0x86, 0xf9, 0x00, 0xa0, 0xc9, 0x11, 0xb5, 0x44);
DEFINE_GUID(IID_IMiniportTopology, 0xb4c90a31, 0x5791, 0x11d0, 0x86, 0xf9, 0x00, 0xa0, 0xc9, 0x11, 0xb5, 0x44);

DEFINE_GUID(CLSID_PortMidi, 0xb4c90a43, 0x5791, 0x11d0, 0x86, 0xf9, 0x00, 0xa0, 0xc9, 0x11, 0xb5, 0x44);
DEFINE_GUID(CLSID_PortTopology, 0xb4c90a32, 0x5791, 0x11d0, 0x86, 0xf9, 0x00, 0xa0, 0xc9, 0x11, 0xb5, 0x44);
DEFINE_GUID(CLSID_MiniportDriverUart, 0xb4c90ae1, 0x5791, 0x11d0, 0x86, 0xf9, 0x00, 0xa0, 0xc9, 0x11, 0xb5, 0x44);
DEFINE_GUID(CLSID_MiniportDriverFmSynth, 0xb4c90ae0, 0x5791, 0x11d0, 0x86, 0xf9, 0x00, 0xa0, 0xc9, 0x11, 0xb5, 0x44);
DEFINE_GUID(CLSID_MiniportDriverFmSynthWithVol, 0xe5a3c139, 0xf0f2, 0x11d1,
            0x81, 0xaf, 0x00, 0x60, 0x08, 0x33, 0x16, 0xc1);

#undef INTERFACE
#define INTERFACE IPort
DECLARE_INTERFACE_(IPort, IUnknown)
{
    DEFINE_ABSTRACT_UNKNOWN()
    /* Bind the miniport: queried for what the kind of port needs, then its Init and GetDescription, all inside this call.
     * Device, request and resources are those of StartDevice; UnknownAdapter may be NULL. A second call does nothing.
     * STATUS_INVALID_PARAMETER: not a miniport of this kind; otherwise what the miniport's Init answered. */
    STDMETHOD_(NTSTATUS, Init)(THIS_ PDEVICE_OBJECT DeviceObject, PIRP Irp, PUNKNOWN UnknownMiniport,
                               PUNKNOWN UnknownAdapter, PRESOURCELIST ResourceList) PURE;
    /* STATUS_BUFFER_TOO_SMALL and the size in *ResultLength; STATUS_UNSUCCESSFUL before Init. */
    STDMETHOD_(NTSTATUS, GetDeviceProperty)(THIS_ DEVICE_REGISTRY_PROPERTY DeviceRegistryProperty, ULONG BufferLength,
                                            PVOID PropertyBuffer, PULONG ResultLength) PURE;
    /* GeneralRegistryKey is opened or created by ObjectAttributes; the other kinds only opened, and the last three
     * arguments not looked at. STATUS_UNSUCCESSFUL before Init. */
    STDMETHOD_(NTSTATUS, NewRegistryKey)(THIS_ PREGISTRYKEY *OutRegistryKey, PUNKNOWN OuterUnknown, ULONG RegistryKeyType,
                                         ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
                                         ULONG CreateOptions, PULONG Disposition) PURE;
};
typedef IPort *PPORT;

#define DEFINE_ABSTRACT_PORT() \
    STDMETHOD_(NTSTATUS, Init)(THIS_ PDEVICE_OBJECT DeviceObject, PIRP Irp, PUNKNOWN UnknownMiniport, \
                               PUNKNOWN UnknownAdapter, PRESOURCELIST ResourceList) PURE; \
    STDMETHOD_(NTSTATUS, GetDeviceProperty)(THIS_ DEVICE_REGISTRY_PROPERTY DeviceRegistryProperty, ULONG BufferLength, \
                                            PVOID PropertyBuffer, PULONG ResultLength) PURE; \
    STDMETHOD_(NTSTATUS, NewRegistryKey)(THIS_ PREGISTRYKEY *OutRegistryKey, PUNKNOWN OuterUnknown, \
                                         ULONG RegistryKeyType, ACCESS_MASK DesiredAccess, \
                                         POBJECT_ATTRIBUTES ObjectAttributes, ULONG CreateOptions, \
                                         PULONG Disposition) PURE;

#undef INTERFACE
#define INTERFACE IMiniport
DECLARE_INTERFACE_(IMiniport, IUnknown)
{
    DEFINE_ABSTRACT_UNKNOWN()
    /* The description belongs to the miniport and stays as long as the miniport. */
    STDMETHOD_(NTSTATUS, GetDescription)(THIS_ PPCFILTER_DESCRIPTOR *Description) PURE;
    /* The best format in both ranges. OutputBufferLength 0: the size in *ResultantFormatLength and
     * STATUS_BUFFER_OVERFLOW; too short: STATUS_BUFFER_TOO_SMALL; none: STATUS_NO_MATCH; STATUS_NOT_IMPLEMENTED: let the
     * port do it. */
    STDMETHOD_(NTSTATUS, DataRangeIntersection)(THIS_ ULONG PinId, PKSDATARANGE DataRange, PKSDATARANGE MatchingDataRange,
                                                ULONG OutputBufferLength, PVOID ResultantFormat,
                                                PULONG ResultantFormatLength) PURE;
};
typedef IMiniport *PMINIPORT;

#define DEFINE_ABSTRACT_MINIPORT() \
    STDMETHOD_(NTSTATUS, GetDescription)(THIS_ PPCFILTER_DESCRIPTOR *Description) PURE; \
    STDMETHOD_(NTSTATUS, DataRangeIntersection)(THIS_ ULONG PinId, PKSDATARANGE DataRange, \
                                                PKSDATARANGE MatchingDataRange, ULONG OutputBufferLength, \
                                                PVOID ResultantFormat, PULONG ResultantFormatLength) PURE;

/* ---- MIDI without time stamps ---- */
#undef INTERFACE
#define INTERFACE IPortMidi
DECLARE_INTERFACE_(IPortMidi, IPort)
{
    DEFINE_ABSTRACT_UNKNOWN()
    DEFINE_ABSTRACT_PORT()
    /* As IPortDMus. */
    STDMETHOD_(void, Notify)(THIS_ PSERVICEGROUP ServiceGroup) PURE;
    STDMETHOD_(void, RegisterServiceGroup)(THIS_ PSERVICEGROUP ServiceGroup) PURE;
};
typedef IPortMidi *PPORTMIDI;

#undef INTERFACE
#define INTERFACE IMiniportMidiStream
DECLARE_INTERFACE_(IMiniportMidiStream, IUnknown)
{
    DEFINE_ABSTRACT_UNKNOWN()
    STDMETHOD_(NTSTATUS, SetFormat)(THIS_ PKSDATAFORMAT DataFormat) PURE;
    STDMETHOD_(NTSTATUS, SetState)(THIS_ KSSTATE State) PURE;
    /* Up to Length bytes from the device; 0 of them: there are no more. STATUS_INVALID_DEVICE_REQUEST on an output.
     * DISPATCH_LEVEL */
    STDMETHOD_(NTSTATUS, Read)(THIS_ PVOID BufferAddress, ULONG Length, PULONG BytesRead) PURE;
    /* Takes all, a multiple of 4, or none (busy). STATUS_IO_DEVICE_ERROR; STATUS_INVALID_DEVICE_REQUEST on an input.
     * DISPATCH_LEVEL */
    STDMETHOD_(NTSTATUS, Write)(THIS_ PVOID BufferAddress, ULONG BytesToWrite, PULONG BytesWritten) PURE;
};
typedef IMiniportMidiStream *PMINIPORTMIDISTREAM;

#undef INTERFACE
#define INTERFACE IMiniportMidi
DECLARE_INTERFACE_(IMiniportMidi, IMiniport)
{
    DEFINE_ABSTRACT_UNKNOWN()
    DEFINE_ABSTRACT_MINIPORT()
    STDMETHOD_(NTSTATUS, Init)(THIS_ PUNKNOWN UnknownAdapter, PRESOURCELIST ResourceList, PPORTMIDI Port,
                               PSERVICEGROUP *ServiceGroup) PURE;
    /* After Notify. DISPATCH_LEVEL */
    STDMETHOD_(void, Service)(THIS) PURE;
    /* The stream starts in KSSTATE_STOP; Capture TRUE for input. */
    STDMETHOD_(NTSTATUS, NewStream)(THIS_ PMINIPORTMIDISTREAM *Stream, PUNKNOWN OuterUnknown, POOL_TYPE PoolType,
                                    ULONG Pin, BOOLEAN Capture, PKSDATAFORMAT DataFormat,
                                    PSERVICEGROUP *ServiceGroup) PURE;
};
typedef IMiniportMidi *PMINIPORTMIDI;

/* ---- topology: pins and nodes, no streams ---- */
#undef INTERFACE
#define INTERFACE IPortTopology
DECLARE_INTERFACE_(IPortTopology, IPort)
{
    DEFINE_ABSTRACT_UNKNOWN()
    DEFINE_ABSTRACT_PORT()
};
typedef IPortTopology *PPORTTOPOLOGY;

#undef INTERFACE
#define INTERFACE IMiniportTopology
DECLARE_INTERFACE_(IMiniportTopology, IMiniport)
{
    DEFINE_ABSTRACT_UNKNOWN()
    DEFINE_ABSTRACT_MINIPORT()
    STDMETHOD_(NTSTATUS, Init)(THIS_ PUNKNOWN UnknownAdapter, PRESOURCELIST ResourceList, PPORTTOPOLOGY Port) PURE;
};
typedef IMiniportTopology *PMINIPORTTOPOLOGY;
#undef INTERFACE

/* For class bodies that implement the interfaces: every method declared, those of IUnknown apart. */
#ifdef __cplusplus
#define IMP_IPort \
    STDMETHODIMP_(NTSTATUS) Init(PDEVICE_OBJECT DeviceObject, PIRP Irp, PUNKNOWN UnknownMiniport, PUNKNOWN UnknownAdapter, PRESOURCELIST ResourceList); \
    STDMETHODIMP_(NTSTATUS) GetDeviceProperty(DEVICE_REGISTRY_PROPERTY DeviceRegistryProperty, ULONG BufferLength, PVOID PropertyBuffer, PULONG ResultLength); \
    STDMETHODIMP_(NTSTATUS) NewRegistryKey(PREGISTRYKEY *OutRegistryKey, PUNKNOWN OuterUnknown, ULONG RegistryKeyType, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes, ULONG CreateOptions, PULONG Disposition)
#define IMP_IMiniport \
    STDMETHODIMP_(NTSTATUS) GetDescription(PPCFILTER_DESCRIPTOR *Description); \
    STDMETHODIMP_(NTSTATUS) DataRangeIntersection(ULONG PinId, PKSDATARANGE DataRange, PKSDATARANGE MatchingDataRange, ULONG OutputBufferLength, PVOID ResultantFormat, PULONG ResultantFormatLength)
#define IMP_IPortMidi \
    IMP_IPort; \
    STDMETHODIMP_(void) Notify(PSERVICEGROUP ServiceGroup); \
    STDMETHODIMP_(void) RegisterServiceGroup(PSERVICEGROUP ServiceGroup)
#define IMP_IMiniportMidiStream \
    STDMETHODIMP_(NTSTATUS) SetFormat(PKSDATAFORMAT DataFormat); \
    STDMETHODIMP_(NTSTATUS) SetState(KSSTATE State); \
    STDMETHODIMP_(NTSTATUS) Read(PVOID BufferAddress, ULONG Length, PULONG BytesRead); \
    STDMETHODIMP_(NTSTATUS) Write(PVOID BufferAddress, ULONG BytesToWrite, PULONG BytesWritten)
#define IMP_IMiniportMidi \
    IMP_IMiniport; \
    STDMETHODIMP_(NTSTATUS) Init(PUNKNOWN UnknownAdapter, PRESOURCELIST ResourceList, PPORTMIDI Port, PSERVICEGROUP *ServiceGroup); \
    STDMETHODIMP_(void) Service(void); \
    STDMETHODIMP_(NTSTATUS) NewStream(PMINIPORTMIDISTREAM *Stream, PUNKNOWN OuterUnknown, POOL_TYPE PoolType, ULONG Pin, BOOLEAN Capture, PKSDATAFORMAT DataFormat, PSERVICEGROUP *ServiceGroup)
#define IMP_IPortTopology \
    IMP_IPort
#define IMP_IMiniportTopology \
    IMP_IMiniport; \
    STDMETHODIMP_(NTSTATUS) Init(PUNKNOWN UnknownAdapter, PRESOURCELIST ResourceList, PPORTTOPOLOGY Port)
#endif

#if (!defined(__cplusplus) || defined(CINTERFACE)) && defined(COBJMACROS)
#define IPort_QueryInterface(p, a, b)                (p)->lpVtbl->QueryInterface(p, a, b)
#define IPort_AddRef(p)                              (p)->lpVtbl->AddRef(p)
#define IPort_Release(p)                             (p)->lpVtbl->Release(p)
#define IPort_Init(p, a, b, c, d, e)                 (p)->lpVtbl->Init(p, a, b, c, d, e)
#define IPort_GetDeviceProperty(p, a, b, c, d)       (p)->lpVtbl->GetDeviceProperty(p, a, b, c, d)
#define IPort_NewRegistryKey(p, a, b, c, d, e, f, g) (p)->lpVtbl->NewRegistryKey(p, a, b, c, d, e, f, g)

#define IMiniport_QueryInterface(p, a, b)                    (p)->lpVtbl->QueryInterface(p, a, b)
#define IMiniport_AddRef(p)                                  (p)->lpVtbl->AddRef(p)
#define IMiniport_Release(p)                                 (p)->lpVtbl->Release(p)
#define IMiniport_GetDescription(p, a)                       (p)->lpVtbl->GetDescription(p, a)
#define IMiniport_DataRangeIntersection(p, a, b, c, d, e, f) (p)->lpVtbl->DataRangeIntersection(p, a, b, c, d, e, f)

#define IPortMidi_QueryInterface(p, a, b)                (p)->lpVtbl->QueryInterface(p, a, b)
#define IPortMidi_AddRef(p)                              (p)->lpVtbl->AddRef(p)
#define IPortMidi_Release(p)                             (p)->lpVtbl->Release(p)
#define IPortMidi_Init(p, a, b, c, d, e)                 (p)->lpVtbl->Init(p, a, b, c, d, e)
#define IPortMidi_GetDeviceProperty(p, a, b, c, d)       (p)->lpVtbl->GetDeviceProperty(p, a, b, c, d)
#define IPortMidi_NewRegistryKey(p, a, b, c, d, e, f, g) (p)->lpVtbl->NewRegistryKey(p, a, b, c, d, e, f, g)
#define IPortMidi_Notify(p, a)                           (p)->lpVtbl->Notify(p, a)
#define IPortMidi_RegisterServiceGroup(p, a)             (p)->lpVtbl->RegisterServiceGroup(p, a)

#define IMiniportMidiStream_QueryInterface(p, a, b) (p)->lpVtbl->QueryInterface(p, a, b)
#define IMiniportMidiStream_AddRef(p)               (p)->lpVtbl->AddRef(p)
#define IMiniportMidiStream_Release(p)              (p)->lpVtbl->Release(p)
#define IMiniportMidiStream_SetFormat(p, a)         (p)->lpVtbl->SetFormat(p, a)
#define IMiniportMidiStream_SetState(p, a)          (p)->lpVtbl->SetState(p, a)
#define IMiniportMidiStream_Read(p, a, b, c)        (p)->lpVtbl->Read(p, a, b, c)
#define IMiniportMidiStream_Write(p, a, b, c)       (p)->lpVtbl->Write(p, a, b, c)

#define IMiniportMidi_QueryInterface(p, a, b)                    (p)->lpVtbl->QueryInterface(p, a, b)
#define IMiniportMidi_AddRef(p)                                  (p)->lpVtbl->AddRef(p)
#define IMiniportMidi_Release(p)                                 (p)->lpVtbl->Release(p)
#define IMiniportMidi_GetDescription(p, a)                       (p)->lpVtbl->GetDescription(p, a)
#define IMiniportMidi_DataRangeIntersection(p, a, b, c, d, e, f) (p)->lpVtbl->DataRangeIntersection(p, a, b, c, d, e, f)
#define IMiniportMidi_Init(p, a, b, c, d)                        (p)->lpVtbl->Init(p, a, b, c, d)
#define IMiniportMidi_Service(p)                                 (p)->lpVtbl->Service(p)
#define IMiniportMidi_NewStream(p, a, b, c, d, e, f, g)          (p)->lpVtbl->NewStream(p, a, b, c, d, e, f, g)

#define IPortTopology_QueryInterface(p, a, b)                (p)->lpVtbl->QueryInterface(p, a, b)
#define IPortTopology_AddRef(p)                              (p)->lpVtbl->AddRef(p)
#define IPortTopology_Release(p)                             (p)->lpVtbl->Release(p)
#define IPortTopology_Init(p, a, b, c, d, e)                 (p)->lpVtbl->Init(p, a, b, c, d, e)
#define IPortTopology_GetDeviceProperty(p, a, b, c, d)       (p)->lpVtbl->GetDeviceProperty(p, a, b, c, d)
#define IPortTopology_NewRegistryKey(p, a, b, c, d, e, f, g) (p)->lpVtbl->NewRegistryKey(p, a, b, c, d, e, f, g)

#define IMiniportTopology_QueryInterface(p, a, b)                    (p)->lpVtbl->QueryInterface(p, a, b)
#define IMiniportTopology_AddRef(p)                                  (p)->lpVtbl->AddRef(p)
#define IMiniportTopology_Release(p)                                 (p)->lpVtbl->Release(p)
#define IMiniportTopology_GetDescription(p, a)                       (p)->lpVtbl->GetDescription(p, a)
#define IMiniportTopology_DataRangeIntersection(p, a, b, c, d, e, f) (p)->lpVtbl->DataRangeIntersection(p, a, b, c, d, e, f)
#define IMiniportTopology_Init(p, a, b, c)                           (p)->lpVtbl->Init(p, a, b, c)
#endif

#endif
