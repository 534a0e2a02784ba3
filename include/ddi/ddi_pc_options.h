/* SPDX-License-Identifier: MIT */
/*
 * ddi_pc_options.h - interfaces that a miniport, an adapter object or a port may have besides its main one: pin counts,
 * power, technology, events, version, removal.
 *
 * Found by QueryInterface. Methods are called at PASSIVE_LEVEL.
 *
 * Source: spec/ddi-kernel.md 3.14.
 */
#ifndef DDI_PC_OPTIONS_H
#define DDI_PC_OPTIONS_H

#include "ks.h"
#include "punknown.h"
#include "wdm.h"

DEFINE_GUID(IID_IPinCount, 0x5dadb7dc, 0xa2cb, 0x4540, 0xa4, 0xa8, 0x42, 0x5e, 0xe4, 0xae, 0x90, 0x51);
DEFINE_GUID(IID_IPowerNotify, 0x3dd648b8, 0x969f, 0x11d1, 0x95, 0xa9, 0x00, 0xc0, 0x4f, 0xb9, 0x25, 0xd3);
DEFINE_GUID(IID_IMusicTechnology, 0x80396c3c, 0xcbcb, 0x409b, 0x9f, 0x65, 0x4f, 0x1e, 0x74, 0x67, 0xcd, 0xaf);
DEFINE_GUID(IID_IAdapterPowerManagement, 0x793417d0, 0x35fe, 0x11d1, 0xad, 0x08, 0x00, 0xa0, 0xc9, 0x0a, 0xb1, 0xb0);
DEFINE_GUID(IID_IPortEvents, 0xa80f29c4, 0x5498, 0x11d2, 0x95, 0xd9, 0x00, 0xc0, 0x4f, 0xb9, 0x25, 0xd3);
DEFINE_GUID(IID_IPortClsVersion, 0x7d89a7bb, 0x869b, 0x4567, 0x8d, 0xbe, 0x1e, 0x16, 0x8c, 0xc8, 0x53, 0xde);
DEFINE_GUID(IID_IUnregisterSubdevice, 0x16738177, 0xe199, 0x41f9, 0x9a, 0x87, 0xab, 0xb2, 0xa5, 0x43, 0x2f, 0x21);
DEFINE_GUID(IID_IUnregisterPhysicalConnection, 0x6c38e231, 0x2a0d, 0x428d,
            0x81, 0xf8, 0x07, 0xcc, 0x42, 0x8b, 0xb9, 0xa4);

/* ---- by the miniport ---- */
#undef INTERFACE
#define INTERFACE IPinCount
DECLARE_INTERFACE_(IPinCount, IUnknown)
{
    DEFINE_ABSTRACT_UNKNOWN()
    /* Before the counts are told or a stream is made: all five may be changed. KSINSTANCE_INDETERMINATE: no limit. */
    STDMETHOD_(void, PinCount)(THIS_ ULONG PinId, PULONG FilterNecessary, PULONG FilterCurrent, PULONG FilterPossible,
                               PULONG GlobalCurrent, PULONG GlobalPossible) PURE;
};
typedef IPinCount *PPINCOUNT;

#undef INTERFACE
#define INTERFACE IPowerNotify
DECLARE_INTERFACE_(IPowerNotify, IUnknown)
{
    DEFINE_ABSTRACT_UNKNOWN()
    /* Going down: streams are paused, the hardware still on; coming up: hardware on, streams not yet resumed. */
    STDMETHOD_(void, PowerChangeNotify)(THIS_ POWER_STATE PowerState) PURE;
};
typedef IPowerNotify *PPOWERNOTIFY;

#undef INTERFACE
#define INTERFACE IMusicTechnology
DECLARE_INTERFACE_(IMusicTechnology, IUnknown)
{
    DEFINE_ABSTRACT_UNKNOWN()
    /* KSMUSIC_TECHNOLOGY_* that a built-in miniport is to claim. STATUS_UNSUCCESSFUL after Init. */
    STDMETHOD_(NTSTATUS, SetTechnology)(THIS_ const GUID *Technology) PURE;
};
typedef IMusicTechnology *PMUSICTECHNOLOGY;

/* ---- by the adapter object (PcRegisterAdapterPowerManagement) ---- */
#undef INTERFACE
#define INTERFACE IAdapterPowerManagement
DECLARE_INTERFACE_(IAdapterPowerManagement, IUnknown)
{
    DEFINE_ABSTRACT_UNKNOWN()
    /* Done when it returns; cannot fail. */
    STDMETHOD_(void, PowerChangeState)(THIS_ POWER_STATE NewState) PURE;
    /* A failure vetoes. The change need not be asked about first. */
    STDMETHOD_(NTSTATUS, QueryPowerChangeState)(THIS_ POWER_STATE NewStateQuery) PURE;
    /* May only deepen DeviceState[]. Asked before StartDevice. */
    STDMETHOD_(NTSTATUS, QueryDeviceCapabilities)(THIS_ PDEVICE_CAPABILITIES PowerDeviceCaps) PURE;
};
typedef IAdapterPowerManagement *PADAPTERPOWERMANAGEMENT;

/* ---- by the port ---- */
#undef INTERFACE
#define INTERFACE IPortEvents
DECLARE_INTERFACE_(IPortEvents, IUnknown)
{
    DEFINE_ABSTRACT_UNKNOWN()
    STDMETHOD_(void, AddEventToEventList)(THIS_ PKSEVENT_ENTRY EventEntry) PURE;
    /* Signals the entries that match; Set NULL is any. <= DISPATCH_LEVEL */
    STDMETHOD_(void, GenerateEventList)(THIS_ GUID *Set, ULONG EventId, BOOL PinEvent, ULONG PinId, BOOL NodeEvent,
                                        ULONG NodeId) PURE;
};
typedef IPortEvents *PPORTEVENTS;

enum { /* of IPortClsVersion::GetVersion */
    kVersionInvalid = -1,
    kVersionWin98,
    kVersionWin98SE,
    kVersionWin2K,
    kVersionWin98SE_QFE2,
    kVersionWin2K_SP2,
    kVersionWinME,
    kVersionWin98SE_QFE3,
    kVersionWinME_QFE1,
    kVersionWinXP,
    kVersionWinXPSP1,
    kVersionWinServer2003,
    kVersionWin2K_UAAQFE,
    kVersionWinXP_UAAQFE,
    kVersionWinServer2003_UAAQFE,
    kVersionWinLonghorn
};

#undef INTERFACE
#define INTERFACE IPortClsVersion
DECLARE_INTERFACE_(IPortClsVersion, IUnknown)
{
    DEFINE_ABSTRACT_UNKNOWN()
    STDMETHOD_(DWORD, GetVersion)(THIS) PURE;
};
typedef IPortClsVersion *PPORTCLSVERSION;

#undef INTERFACE
#define INTERFACE IUnregisterSubdevice
DECLARE_INTERFACE_(IUnregisterSubdevice, IUnknown)
{
    DEFINE_ABSTRACT_UNKNOWN()
    STDMETHOD_(NTSTATUS, UnregisterSubdevice)(THIS_ PDEVICE_OBJECT DeviceObject, PUNKNOWN Unknown) PURE;
};
typedef IUnregisterSubdevice *PUNREGISTERSUBDEVICE;

#undef INTERFACE
#define INTERFACE IUnregisterPhysicalConnection
DECLARE_INTERFACE_(IUnregisterPhysicalConnection, IUnknown)
{
    DEFINE_ABSTRACT_UNKNOWN()
    STDMETHOD_(NTSTATUS, UnregisterPhysicalConnection)(THIS_ PDEVICE_OBJECT DeviceObject, PUNKNOWN FromUnknown,
                                                       ULONG FromPin, PUNKNOWN ToUnknown, ULONG ToPin) PURE;
    STDMETHOD_(NTSTATUS, UnregisterPhysicalConnectionToExternal)(THIS_ PDEVICE_OBJECT DeviceObject, PUNKNOWN FromUnknown,
                                                                 ULONG FromPin, PUNICODE_STRING ToString,
                                                                 ULONG ToPin) PURE;
    STDMETHOD_(NTSTATUS, UnregisterPhysicalConnectionFromExternal)(THIS_ PDEVICE_OBJECT DeviceObject,
                                                                   PUNICODE_STRING FromString, ULONG FromPin,
                                                                   PUNKNOWN ToUnknown, ULONG ToPin) PURE;
};
typedef IUnregisterPhysicalConnection *PUNREGISTERPHYSICALCONNECTION;
#undef INTERFACE

/* For class bodies that implement the interfaces: every method declared, those of IUnknown apart. */
#ifdef __cplusplus
#define IMP_IPinCount \
    STDMETHODIMP_(void) PinCount(ULONG PinId, PULONG FilterNecessary, PULONG FilterCurrent, PULONG FilterPossible, PULONG GlobalCurrent, PULONG GlobalPossible)
#define IMP_IPowerNotify \
    STDMETHODIMP_(void) PowerChangeNotify(POWER_STATE PowerState)
#define IMP_IMusicTechnology \
    STDMETHODIMP_(NTSTATUS) SetTechnology(const GUID *Technology)
#define IMP_IAdapterPowerManagement \
    STDMETHODIMP_(void) PowerChangeState(POWER_STATE NewState); \
    STDMETHODIMP_(NTSTATUS) QueryPowerChangeState(POWER_STATE NewStateQuery); \
    STDMETHODIMP_(NTSTATUS) QueryDeviceCapabilities(PDEVICE_CAPABILITIES PowerDeviceCaps)
#define IMP_IPortEvents \
    STDMETHODIMP_(void) AddEventToEventList(PKSEVENT_ENTRY EventEntry); \
    STDMETHODIMP_(void) GenerateEventList(GUID *Set, ULONG EventId, BOOL PinEvent, ULONG PinId, BOOL NodeEvent, ULONG NodeId)
#define IMP_IPortClsVersion \
    STDMETHODIMP_(DWORD) GetVersion(void)
#define IMP_IUnregisterSubdevice \
    STDMETHODIMP_(NTSTATUS) UnregisterSubdevice(PDEVICE_OBJECT DeviceObject, PUNKNOWN Unknown)
#define IMP_IUnregisterPhysicalConnection \
    STDMETHODIMP_(NTSTATUS) UnregisterPhysicalConnection(PDEVICE_OBJECT DeviceObject, PUNKNOWN FromUnknown, ULONG FromPin, PUNKNOWN ToUnknown, ULONG ToPin); \
    STDMETHODIMP_(NTSTATUS) UnregisterPhysicalConnectionToExternal(PDEVICE_OBJECT DeviceObject, PUNKNOWN FromUnknown, ULONG FromPin, PUNICODE_STRING ToString, ULONG ToPin); \
    STDMETHODIMP_(NTSTATUS) UnregisterPhysicalConnectionFromExternal(PDEVICE_OBJECT DeviceObject, PUNICODE_STRING FromString, ULONG FromPin, PUNKNOWN ToUnknown, ULONG ToPin)
#endif

#if (!defined(__cplusplus) || defined(CINTERFACE)) && defined(COBJMACROS)
#define IPinCount_QueryInterface(p, a, b)       (p)->lpVtbl->QueryInterface(p, a, b)
#define IPinCount_AddRef(p)                     (p)->lpVtbl->AddRef(p)
#define IPinCount_Release(p)                    (p)->lpVtbl->Release(p)
#define IPinCount_PinCount(p, a, b, c, d, e, f) (p)->lpVtbl->PinCount(p, a, b, c, d, e, f)

#define IPowerNotify_QueryInterface(p, a, b) (p)->lpVtbl->QueryInterface(p, a, b)
#define IPowerNotify_AddRef(p)               (p)->lpVtbl->AddRef(p)
#define IPowerNotify_Release(p)              (p)->lpVtbl->Release(p)
#define IPowerNotify_PowerChangeNotify(p, a) (p)->lpVtbl->PowerChangeNotify(p, a)

#define IMusicTechnology_QueryInterface(p, a, b) (p)->lpVtbl->QueryInterface(p, a, b)
#define IMusicTechnology_AddRef(p)               (p)->lpVtbl->AddRef(p)
#define IMusicTechnology_Release(p)              (p)->lpVtbl->Release(p)
#define IMusicTechnology_SetTechnology(p, a)     (p)->lpVtbl->SetTechnology(p, a)

#define IAdapterPowerManagement_QueryInterface(p, a, b)       (p)->lpVtbl->QueryInterface(p, a, b)
#define IAdapterPowerManagement_AddRef(p)                     (p)->lpVtbl->AddRef(p)
#define IAdapterPowerManagement_Release(p)                    (p)->lpVtbl->Release(p)
#define IAdapterPowerManagement_PowerChangeState(p, a)        (p)->lpVtbl->PowerChangeState(p, a)
#define IAdapterPowerManagement_QueryPowerChangeState(p, a)   (p)->lpVtbl->QueryPowerChangeState(p, a)
#define IAdapterPowerManagement_QueryDeviceCapabilities(p, a) (p)->lpVtbl->QueryDeviceCapabilities(p, a)

#define IPortEvents_QueryInterface(p, a, b)                (p)->lpVtbl->QueryInterface(p, a, b)
#define IPortEvents_AddRef(p)                              (p)->lpVtbl->AddRef(p)
#define IPortEvents_Release(p)                             (p)->lpVtbl->Release(p)
#define IPortEvents_AddEventToEventList(p, a)              (p)->lpVtbl->AddEventToEventList(p, a)
#define IPortEvents_GenerateEventList(p, a, b, c, d, e, f) (p)->lpVtbl->GenerateEventList(p, a, b, c, d, e, f)

#define IPortClsVersion_QueryInterface(p, a, b) (p)->lpVtbl->QueryInterface(p, a, b)
#define IPortClsVersion_AddRef(p)               (p)->lpVtbl->AddRef(p)
#define IPortClsVersion_Release(p)              (p)->lpVtbl->Release(p)
#define IPortClsVersion_GetVersion(p)           (p)->lpVtbl->GetVersion(p)

#define IUnregisterSubdevice_QueryInterface(p, a, b)      (p)->lpVtbl->QueryInterface(p, a, b)
#define IUnregisterSubdevice_AddRef(p)                    (p)->lpVtbl->AddRef(p)
#define IUnregisterSubdevice_Release(p)                   (p)->lpVtbl->Release(p)
#define IUnregisterSubdevice_UnregisterSubdevice(p, a, b) (p)->lpVtbl->UnregisterSubdevice(p, a, b)

#define IUnregisterPhysicalConnection_QueryInterface(p, a, b)                                    (p)->lpVtbl->QueryInterface(p, a, b)
#define IUnregisterPhysicalConnection_AddRef(p)                                                  (p)->lpVtbl->AddRef(p)
#define IUnregisterPhysicalConnection_Release(p)                                                 (p)->lpVtbl->Release(p)
#define IUnregisterPhysicalConnection_UnregisterPhysicalConnection(p, a, b, c, d, e)             (p)->lpVtbl->UnregisterPhysicalConnection(p, a, b, c, d, e)
#define IUnregisterPhysicalConnection_UnregisterPhysicalConnectionToExternal(p, a, b, c, d, e)   (p)->lpVtbl->UnregisterPhysicalConnectionToExternal(p, a, b, c, d, e)
#define IUnregisterPhysicalConnection_UnregisterPhysicalConnectionFromExternal(p, a, b, c, d, e) (p)->lpVtbl->UnregisterPhysicalConnectionFromExternal(p, a, b, c, d, e)
#endif

#endif
