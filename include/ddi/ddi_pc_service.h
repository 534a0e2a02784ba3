/* SPDX-License-Identifier: MIT */
/*
 * ddi_pc_service.h - helper objects of PortCls: service groups, interrupt synchronisation, resource lists, registry keys.
 *
 * Methods are called at PASSIVE_LEVEL unless said.
 *
 * Source: spec/ddi-kernel.md 3.10 to 3.13.
 */
#ifndef DDI_PC_SERVICE_H
#define DDI_PC_SERVICE_H

#include "punknown.h"
#include "wdm.h"

DEFINE_GUID(IID_IServiceSink, 0x22c6ac64, 0x851b, 0x11d0, 0x9a, 0x7f, 0x00, 0xaa, 0x00, 0x38, 0xac, 0xfe);
DEFINE_GUID(IID_IServiceGroup, 0x22c6ac65, 0x851b, 0x11d0, 0x9a, 0x7f, 0x00, 0xaa, 0x00, 0x38, 0xac, 0xfe);
DEFINE_GUID(IID_IResourceList, 0x22c6ac60, 0x851b, 0x11d0, 0x9a, 0x7f, 0x00, 0xaa, 0x00, 0x38, 0xac, 0xfe);
DEFINE_GUID(IID_IInterruptSync, 0x22c6ac63, 0x851b, 0x11d0, 0x9a, 0x7f, 0x00, 0xaa, 0x00, 0x38, 0xac, 0xfe);
DEFINE_GUID(IID_IRegistryKey, 0xe8da4302, 0xf304, 0x11d0, 0x95, 0x8b, 0x00, 0xc0, 0x4f, 0xb9, 0x25, 0xd3);

/* ---- service: an interrupt asks for work, a DPC does it ---- */
#undef INTERFACE
#define INTERFACE IServiceSink
DECLARE_INTERFACE_(IServiceSink, IUnknown)
{
    DEFINE_ABSTRACT_UNKNOWN()
    /* Do the work. DISPATCH_LEVEL */
    STDMETHOD_(void, RequestService)(THIS) PURE;
};
typedef IServiceSink *PSERVICESINK;

#define DEFINE_ABSTRACT_SERVICESINK() STDMETHOD_(void, RequestService)(THIS) PURE;

#undef INTERFACE
#define INTERFACE IServiceGroup
DECLARE_INTERFACE_(IServiceGroup, IServiceSink)
{
    DEFINE_ABSTRACT_UNKNOWN()
    /* RequestService: one DPC that calls every member. Requests before it runs are one. Any level. */
    DEFINE_ABSTRACT_SERVICESINK()
    /* The group keeps a reference; a group may be a member. STATUS_INSUFFICIENT_RESOURCES */
    STDMETHOD_(NTSTATUS, AddMember)(THIS_ PSERVICESINK ServiceSink) PURE;
    STDMETHOD_(void, RemoveMember)(THIS_ PSERVICESINK ServiceSink) PURE;
    /* Once, before the first delayed request. <= DISPATCH_LEVEL */
    STDMETHOD_(void, SupportDelayedService)(THIS) PURE;
    /* 100 ns; negative: relative, else absolute system time; replaces an earlier one. <= DISPATCH_LEVEL */
    STDMETHOD_(void, RequestDelayedService)(THIS_ ULONGLONG DueTime) PURE;
    STDMETHOD_(void, CancelDelayedService)(THIS) PURE;
};
typedef IServiceGroup *PSERVICEGROUP;

/* ---- the interrupt of a device ---- */
typedef enum {
    InterruptSyncModeNormal = 1, /* service routines until one answers STATUS_SUCCESS */
    InterruptSyncModeAll,        /* each once */
    InterruptSyncModeRepeat      /* all, until a pass in which none answers STATUS_SUCCESS */
} INTERRUPTSYNCMODE;

struct IInterruptSync;
/* STATUS_SUCCESS of a service routine: it was mine and is handled. At the device's IRQL. */
typedef NTSTATUS (*PINTERRUPTSYNCROUTINE)(struct IInterruptSync *InterruptSync, PVOID DynamicContext);

#undef INTERFACE
#define INTERFACE IInterruptSync
DECLARE_INTERFACE_(IInterruptSync, IUnknown)
{
    DEFINE_ABSTRACT_UNKNOWN()
    /* Run Routine while no service routine and no other synchronised routine of this object runs. What it answers. Up to
     * the device's IRQL; up to DISPATCH_LEVEL while not connected. */
    STDMETHOD_(NTSTATUS, CallSynchronizedRoutine)(THIS_ PINTERRUPTSYNCROUTINE Routine, PVOID DynamicContext) PURE;
    /* NULL while not connected. Any level. */
    STDMETHOD_(PKINTERRUPT, GetKInterrupt)(THIS) PURE;
    /* STATUS_UNSUCCESSFUL: no routine or no such resource. */
    STDMETHOD_(NTSTATUS, Connect)(THIS) PURE;
    STDMETHOD_(void, Disconnect)(THIS) PURE;
    /* First TRUE: called before those that are there. */
    STDMETHOD_(NTSTATUS, RegisterServiceRoutine)(THIS_ PINTERRUPTSYNCROUTINE Routine, PVOID DynamicContext,
                                                 BOOLEAN First) PURE;
};
typedef IInterruptSync *PINTERRUPTSYNC;

/* ---- what a device owns ---- */
#undef INTERFACE
#define INTERFACE IResourceList
DECLARE_INTERFACE_(IResourceList, IUnknown)
{
    DEFINE_ABSTRACT_UNKNOWN()
    STDMETHOD_(ULONG, NumberOfEntries)(THIS) PURE;
    STDMETHOD_(ULONG, NumberOfEntriesOfType)(THIS_ CM_RESOURCE_TYPE Type) PURE;
    /* Entry Index among those of Type, NULL past the last; lives as long as the list. */
    STDMETHOD_(PCM_PARTIAL_RESOURCE_DESCRIPTOR, FindTranslatedEntry)(THIS_ CM_RESOURCE_TYPE Type, ULONG Index) PURE;
    STDMETHOD_(PCM_PARTIAL_RESOURCE_DESCRIPTOR, FindUntranslatedEntry)(THIS_ CM_RESOURCE_TYPE Type, ULONG Index) PURE;
    /* STATUS_INSUFFICIENT_RESOURCES: no room left. */
    STDMETHOD_(NTSTATUS, AddEntry)(THIS_ PCM_PARTIAL_RESOURCE_DESCRIPTOR Translated,
                                   PCM_PARTIAL_RESOURCE_DESCRIPTOR Untranslated) PURE;
    /* And STATUS_INVALID_PARAMETER: Parent has no such entry. */
    STDMETHOD_(NTSTATUS, AddEntryFromParent)(THIS_ struct IResourceList *Parent, CM_RESOURCE_TYPE Type, ULONG Index) PURE;
    STDMETHOD_(PCM_RESOURCE_LIST, TranslatedList)(THIS) PURE;
    STDMETHOD_(PCM_RESOURCE_LIST, UntranslatedList)(THIS) PURE;
};
typedef IResourceList *PRESOURCELIST;

/* list->NumberOfPorts(), list->FindTranslatedInterrupt(0), ...: for each kind of resource. */
#define NumberOfPorts()                      NumberOfEntriesOfType(CmResourceTypePort)
#define FindTranslatedPort(n)                FindTranslatedEntry(CmResourceTypePort, (n))
#define FindUntranslatedPort(n)              FindUntranslatedEntry(CmResourceTypePort, (n))
#define AddPortFromParent(p, n)              AddEntryFromParent((p), CmResourceTypePort, (n))
#define NumberOfInterrupts()                 NumberOfEntriesOfType(CmResourceTypeInterrupt)
#define FindTranslatedInterrupt(n)           FindTranslatedEntry(CmResourceTypeInterrupt, (n))
#define FindUntranslatedInterrupt(n)         FindUntranslatedEntry(CmResourceTypeInterrupt, (n))
#define AddInterruptFromParent(p, n)         AddEntryFromParent((p), CmResourceTypeInterrupt, (n))
#define NumberOfMemories()                   NumberOfEntriesOfType(CmResourceTypeMemory)
#define FindTranslatedMemory(n)              FindTranslatedEntry(CmResourceTypeMemory, (n))
#define FindUntranslatedMemory(n)            FindUntranslatedEntry(CmResourceTypeMemory, (n))
#define AddMemoryFromParent(p, n)            AddEntryFromParent((p), CmResourceTypeMemory, (n))
#define NumberOfDmas()                       NumberOfEntriesOfType(CmResourceTypeDma)
#define FindTranslatedDma(n)                 FindTranslatedEntry(CmResourceTypeDma, (n))
#define FindUntranslatedDma(n)               FindUntranslatedEntry(CmResourceTypeDma, (n))
#define AddDmaFromParent(p, n)               AddEntryFromParent((p), CmResourceTypeDma, (n))
#define NumberOfDeviceSpecifics()            NumberOfEntriesOfType(CmResourceTypeDeviceSpecific)
#define FindTranslatedDeviceSpecific(n)      FindTranslatedEntry(CmResourceTypeDeviceSpecific, (n))
#define FindUntranslatedDeviceSpecific(n)    FindUntranslatedEntry(CmResourceTypeDeviceSpecific, (n))
#define AddDeviceSpecificFromParent(p, n)    AddEntryFromParent((p), CmResourceTypeDeviceSpecific, (n))
#define NumberOfBusNumbers()                 NumberOfEntriesOfType(CmResourceTypeBusNumber)
#define FindTranslatedBusNumber(n)           FindTranslatedEntry(CmResourceTypeBusNumber, (n))
#define FindUntranslatedBusNumber(n)         FindUntranslatedEntry(CmResourceTypeBusNumber, (n))
#define AddBusNumberFromParent(p, n)         AddEntryFromParent((p), CmResourceTypeBusNumber, (n))
#define NumberOfDevicePrivates()             NumberOfEntriesOfType(CmResourceTypeDevicePrivate)
#define FindTranslatedDevicePrivate(n)       FindTranslatedEntry(CmResourceTypeDevicePrivate, (n))
#define FindUntranslatedDevicePrivate(n)     FindUntranslatedEntry(CmResourceTypeDevicePrivate, (n))
#define AddDevicePrivateFromParent(p, n)     AddEntryFromParent((p), CmResourceTypeDevicePrivate, (n))
#define NumberOfAssignedResources()          NumberOfEntriesOfType(CmResourceTypeAssignedResource)
#define FindTranslatedAssignedResource(n)    FindTranslatedEntry(CmResourceTypeAssignedResource, (n))
#define FindUntranslatedAssignedResource(n)  FindUntranslatedEntry(CmResourceTypeAssignedResource, (n))
#define AddAssignedResourceFromParent(p, n)  AddEntryFromParent((p), CmResourceTypeAssignedResource, (n))
#define NumberOfSubAllocateFroms()           NumberOfEntriesOfType(CmResourceTypeSubAllocateFrom)
#define FindTranslatedSubAllocateFrom(n)     FindTranslatedEntry(CmResourceTypeSubAllocateFrom, (n))
#define FindUntranslatedSubAllocateFrom(n)   FindUntranslatedEntry(CmResourceTypeSubAllocateFrom, (n))
#define AddSubAllocateFromFromParent(p, n)   AddEntryFromParent((p), CmResourceTypeSubAllocateFrom, (n))

/* ---- the registry. Sizes in bytes. Some of it fits: STATUS_BUFFER_OVERFLOW; nothing: STATUS_BUFFER_TOO_SMALL; both with
 * *ResultLength. STATUS_INVALID_PARAMETER. The last Release closes the key. ---- */
enum { /* kinds of key */
    GeneralRegistryKey,
    DeviceRegistryKey,
    DriverRegistryKey,
    HwProfileRegistryKey,
    DeviceInterfaceRegistryKey
};

#undef INTERFACE
#define INTERFACE IRegistryKey
DECLARE_INTERFACE_(IRegistryKey, IUnknown)
{
    DEFINE_ABSTRACT_UNKNOWN()
    STDMETHOD_(NTSTATUS, QueryKey)(THIS_ KEY_INFORMATION_CLASS KeyInformationClass, PVOID KeyInformation, ULONG Length,
                                   PULONG ResultLength) PURE;
    /* STATUS_NO_MORE_ENTRIES */
    STDMETHOD_(NTSTATUS, EnumerateKey)(THIS_ ULONG Index, KEY_INFORMATION_CLASS KeyInformationClass,
                                       PVOID KeyInformation, ULONG Length, PULONG ResultLength) PURE;
    /* STATUS_OBJECT_NAME_NOT_FOUND */
    STDMETHOD_(NTSTATUS, QueryValueKey)(THIS_ PUNICODE_STRING ValueName,
                                        KEY_VALUE_INFORMATION_CLASS KeyValueInformationClass, PVOID KeyValueInformation,
                                        ULONG Length, PULONG ResultLength) PURE;
    /* STATUS_NO_MORE_ENTRIES */
    STDMETHOD_(NTSTATUS, EnumerateValueKey)(THIS_ ULONG Index, KEY_VALUE_INFORMATION_CLASS KeyValueInformationClass,
                                            PVOID KeyValueInformation, ULONG Length, PULONG ResultLength) PURE;
    /* Creates or replaces; ValueName NULL is the unnamed value. */
    STDMETHOD_(NTSTATUS, SetValueKey)(THIS_ PUNICODE_STRING ValueName, ULONG Type, PVOID Data, ULONG DataSize) PURE;
    STDMETHOD_(NTSTATUS, QueryRegistryValues)(THIS_ PRTL_QUERY_REGISTRY_TABLE QueryTable, PVOID Context) PURE;
    /* Opens or creates; *Disposition (may be NULL) gets REG_CREATED_NEW_KEY or REG_OPENED_EXISTING_KEY. */
    STDMETHOD_(NTSTATUS, NewSubKey)(THIS_ struct IRegistryKey **RegistrySubKey, PUNKNOWN OuterUnknown,
                                    ACCESS_MASK DesiredAccess, PUNICODE_STRING SubKeyName, ULONG CreateOptions,
                                    PULONG Disposition) PURE;
    STDMETHOD_(NTSTATUS, DeleteKey)(THIS) PURE;
};
typedef IRegistryKey *PREGISTRYKEY;
#undef INTERFACE

/* For class bodies that implement the interfaces: every method declared, those of IUnknown apart. */
#ifdef __cplusplus
#define IMP_IServiceSink \
    STDMETHODIMP_(void) RequestService(void)
#define IMP_IServiceGroup \
    IMP_IServiceSink; \
    STDMETHODIMP_(NTSTATUS) AddMember(PSERVICESINK ServiceSink); \
    STDMETHODIMP_(void) RemoveMember(PSERVICESINK ServiceSink); \
    STDMETHODIMP_(void) SupportDelayedService(void); \
    STDMETHODIMP_(void) RequestDelayedService(ULONGLONG DueTime); \
    STDMETHODIMP_(void) CancelDelayedService(void)
#define IMP_IInterruptSync \
    STDMETHODIMP_(NTSTATUS) CallSynchronizedRoutine(PINTERRUPTSYNCROUTINE Routine, PVOID DynamicContext); \
    STDMETHODIMP_(PKINTERRUPT) GetKInterrupt(void); \
    STDMETHODIMP_(NTSTATUS) Connect(void); \
    STDMETHODIMP_(void) Disconnect(void); \
    STDMETHODIMP_(NTSTATUS) RegisterServiceRoutine(PINTERRUPTSYNCROUTINE Routine, PVOID DynamicContext, BOOLEAN First)
#define IMP_IResourceList \
    STDMETHODIMP_(ULONG) NumberOfEntries(void); \
    STDMETHODIMP_(ULONG) NumberOfEntriesOfType(CM_RESOURCE_TYPE Type); \
    STDMETHODIMP_(PCM_PARTIAL_RESOURCE_DESCRIPTOR) FindTranslatedEntry(CM_RESOURCE_TYPE Type, ULONG Index); \
    STDMETHODIMP_(PCM_PARTIAL_RESOURCE_DESCRIPTOR) FindUntranslatedEntry(CM_RESOURCE_TYPE Type, ULONG Index); \
    STDMETHODIMP_(NTSTATUS) AddEntry(PCM_PARTIAL_RESOURCE_DESCRIPTOR Translated, PCM_PARTIAL_RESOURCE_DESCRIPTOR Untranslated); \
    STDMETHODIMP_(NTSTATUS) AddEntryFromParent(struct IResourceList *Parent, CM_RESOURCE_TYPE Type, ULONG Index); \
    STDMETHODIMP_(PCM_RESOURCE_LIST) TranslatedList(void); \
    STDMETHODIMP_(PCM_RESOURCE_LIST) UntranslatedList(void)
#define IMP_IRegistryKey \
    STDMETHODIMP_(NTSTATUS) QueryKey(KEY_INFORMATION_CLASS KeyInformationClass, PVOID KeyInformation, ULONG Length, PULONG ResultLength); \
    STDMETHODIMP_(NTSTATUS) EnumerateKey(ULONG Index, KEY_INFORMATION_CLASS KeyInformationClass, PVOID KeyInformation, ULONG Length, PULONG ResultLength); \
    STDMETHODIMP_(NTSTATUS) QueryValueKey(PUNICODE_STRING ValueName, KEY_VALUE_INFORMATION_CLASS KeyValueInformationClass, PVOID KeyValueInformation, ULONG Length, PULONG ResultLength); \
    STDMETHODIMP_(NTSTATUS) EnumerateValueKey(ULONG Index, KEY_VALUE_INFORMATION_CLASS KeyValueInformationClass, PVOID KeyValueInformation, ULONG Length, PULONG ResultLength); \
    STDMETHODIMP_(NTSTATUS) SetValueKey(PUNICODE_STRING ValueName, ULONG Type, PVOID Data, ULONG DataSize); \
    STDMETHODIMP_(NTSTATUS) QueryRegistryValues(PRTL_QUERY_REGISTRY_TABLE QueryTable, PVOID Context); \
    STDMETHODIMP_(NTSTATUS) NewSubKey(struct IRegistryKey **RegistrySubKey, PUNKNOWN OuterUnknown, ACCESS_MASK DesiredAccess, PUNICODE_STRING SubKeyName, ULONG CreateOptions, PULONG Disposition); \
    STDMETHODIMP_(NTSTATUS) DeleteKey(void)
#endif

#if (!defined(__cplusplus) || defined(CINTERFACE)) && defined(COBJMACROS)
#define IServiceSink_QueryInterface(p, a, b) (p)->lpVtbl->QueryInterface(p, a, b)
#define IServiceSink_AddRef(p)               (p)->lpVtbl->AddRef(p)
#define IServiceSink_Release(p)              (p)->lpVtbl->Release(p)
#define IServiceSink_RequestService(p)       (p)->lpVtbl->RequestService(p)

#define IServiceGroup_QueryInterface(p, a, b)     (p)->lpVtbl->QueryInterface(p, a, b)
#define IServiceGroup_AddRef(p)                   (p)->lpVtbl->AddRef(p)
#define IServiceGroup_Release(p)                  (p)->lpVtbl->Release(p)
#define IServiceGroup_RequestService(p)           (p)->lpVtbl->RequestService(p)
#define IServiceGroup_AddMember(p, a)             (p)->lpVtbl->AddMember(p, a)
#define IServiceGroup_RemoveMember(p, a)          (p)->lpVtbl->RemoveMember(p, a)
#define IServiceGroup_SupportDelayedService(p)    (p)->lpVtbl->SupportDelayedService(p)
#define IServiceGroup_RequestDelayedService(p, a) (p)->lpVtbl->RequestDelayedService(p, a)
#define IServiceGroup_CancelDelayedService(p)     (p)->lpVtbl->CancelDelayedService(p)

#define IInterruptSync_QueryInterface(p, a, b)            (p)->lpVtbl->QueryInterface(p, a, b)
#define IInterruptSync_AddRef(p)                          (p)->lpVtbl->AddRef(p)
#define IInterruptSync_Release(p)                         (p)->lpVtbl->Release(p)
#define IInterruptSync_CallSynchronizedRoutine(p, a, b)   (p)->lpVtbl->CallSynchronizedRoutine(p, a, b)
#define IInterruptSync_GetKInterrupt(p)                   (p)->lpVtbl->GetKInterrupt(p)
#define IInterruptSync_Connect(p)                         (p)->lpVtbl->Connect(p)
#define IInterruptSync_Disconnect(p)                      (p)->lpVtbl->Disconnect(p)
#define IInterruptSync_RegisterServiceRoutine(p, a, b, c) (p)->lpVtbl->RegisterServiceRoutine(p, a, b, c)

#define IResourceList_QueryInterface(p, a, b)        (p)->lpVtbl->QueryInterface(p, a, b)
#define IResourceList_AddRef(p)                      (p)->lpVtbl->AddRef(p)
#define IResourceList_Release(p)                     (p)->lpVtbl->Release(p)
#define IResourceList_NumberOfEntries(p)             (p)->lpVtbl->NumberOfEntries(p)
#define IResourceList_NumberOfEntriesOfType(p, a)    (p)->lpVtbl->NumberOfEntriesOfType(p, a)
#define IResourceList_FindTranslatedEntry(p, a, b)   (p)->lpVtbl->FindTranslatedEntry(p, a, b)
#define IResourceList_FindUntranslatedEntry(p, a, b) (p)->lpVtbl->FindUntranslatedEntry(p, a, b)
#define IResourceList_AddEntry(p, a, b)              (p)->lpVtbl->AddEntry(p, a, b)
#define IResourceList_AddEntryFromParent(p, a, b, c) (p)->lpVtbl->AddEntryFromParent(p, a, b, c)
#define IResourceList_TranslatedList(p)              (p)->lpVtbl->TranslatedList(p)
#define IResourceList_UntranslatedList(p)            (p)->lpVtbl->UntranslatedList(p)

#define IRegistryKey_QueryInterface(p, a, b)             (p)->lpVtbl->QueryInterface(p, a, b)
#define IRegistryKey_AddRef(p)                           (p)->lpVtbl->AddRef(p)
#define IRegistryKey_Release(p)                          (p)->lpVtbl->Release(p)
#define IRegistryKey_QueryKey(p, a, b, c, d)             (p)->lpVtbl->QueryKey(p, a, b, c, d)
#define IRegistryKey_EnumerateKey(p, a, b, c, d, e)      (p)->lpVtbl->EnumerateKey(p, a, b, c, d, e)
#define IRegistryKey_QueryValueKey(p, a, b, c, d, e)     (p)->lpVtbl->QueryValueKey(p, a, b, c, d, e)
#define IRegistryKey_EnumerateValueKey(p, a, b, c, d, e) (p)->lpVtbl->EnumerateValueKey(p, a, b, c, d, e)
#define IRegistryKey_SetValueKey(p, a, b, c, d)          (p)->lpVtbl->SetValueKey(p, a, b, c, d)
#define IRegistryKey_QueryRegistryValues(p, a, b)        (p)->lpVtbl->QueryRegistryValues(p, a, b)
#define IRegistryKey_NewSubKey(p, a, b, c, d, e, f)      (p)->lpVtbl->NewSubKey(p, a, b, c, d, e, f)
#define IRegistryKey_DeleteKey(p)                        (p)->lpVtbl->DeleteKey(p)
#endif

#endif
