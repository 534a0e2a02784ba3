/* SPDX-License-Identifier: MIT */
/*
 * portcls.h - PortCls: what an adapter driver calls to become a filter. Interfaces are in the ddi_pc_*.h included here and
 * in dmusicks.h.
 *
 * DriverEntry calls PcInitializeAdapterDriver; AddDevice calls PcAddAdapterDevice; StartDevice makes ports and miniports,
 * binds them (IPort::Init) and registers them as subdevices. All functions answer NTSTATUS and are for PASSIVE_LEVEL
 * unless said. Objects passed out have one reference, the caller's.
 *
 * PUT_GUIDS_HERE, or INITGUID, in exactly one unit of a driver defines the interface and class IDs.
 *
 * Source: spec/ddi-kernel.md 4.
 */
#ifdef PUT_GUIDS_HERE
#include "initguid.h"
#endif
#ifndef DDI_PORTCLS_H
#define DDI_PORTCLS_H
#ifndef _PORTCLS_H_
#define _PORTCLS_H_
#endif

#include "ddi_pc_dma.h"
#include "ddi_pc_options.h"
#include "ddi_pc_port.h"
#include "ddi_pc_service.h"
#include "ddi_pc_tables.h"
#include "drmk.h"
#include "dmusicks.h"
#include "ks.h"
#include "ksmedia.h"
#include "mmreg.h"
#include "punknown.h"
#include "wdm.h"
#include "windef.h"

/* Called for each start of the device, with its resources. */
typedef NTSTATUS (*PCPFNSTARTDEVICE)(PDEVICE_OBJECT DeviceObject, PIRP Irp, PRESOURCELIST ResourceList);

#define PORT_CLASS_DEVICE_EXTENSION_SIZE (64 * sizeof(ULONG_PTR))

/* Installs AddDevice and the dispatch routines. */
PORTCLSAPI NTSTATUS NTAPI PcInitializeAdapterDriver(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPathName,
                                                    PDRIVER_ADD_DEVICE AddDevice);
/* Makes the functional device. DeviceExtensionSize: 0, or at least PORT_CLASS_DEVICE_EXTENSION_SIZE and the driver's own
 * behind it (STATUS_INVALID_PARAMETER otherwise). MaxObjects: subdevices. */
PORTCLSAPI NTSTATUS NTAPI PcAddAdapterDevice(PDRIVER_OBJECT DriverObject, PDEVICE_OBJECT PhysicalDeviceObject,
                                             PCPFNSTARTDEVICE StartDevice, ULONG MaxObjects, ULONG DeviceExtensionSize);
/* CLSID_PortDMus, CLSID_PortMidi (the same), CLSID_PortTopology; STATUS_NOT_SUPPORTED for others. */
PORTCLSAPI NTSTATUS NTAPI PcNewPort(PPORT *OutPort, REFCLSID ClassID);
/* CLSID_MiniportDriverDMusUART, ...DMusUARTCapture. */
PORTCLSAPI NTSTATUS NTAPI PcNewMiniport(PMINIPORT *OutMiniport, REFCLSID ClassID);
/* Name is the filter's reference string, unique per device, and must stay where it is as long as the device. */
PORTCLSAPI NTSTATUS NTAPI PcRegisterSubdevice(PDEVICE_OBJECT DeviceObject, PWSTR Name, PUNKNOWN Unknown);
PORTCLSAPI NTSTATUS NTAPI PcRegisterPhysicalConnection(PDEVICE_OBJECT DeviceObject, PUNKNOWN FromUnknown, ULONG FromPin,
                                                       PUNKNOWN ToUnknown, ULONG ToPin);
PORTCLSAPI NTSTATUS NTAPI PcRegisterPhysicalConnectionToExternal(PDEVICE_OBJECT DeviceObject, PUNKNOWN FromUnknown,
                                                                 ULONG FromPin, PUNICODE_STRING ToString, ULONG ToPin);
PORTCLSAPI NTSTATUS NTAPI PcRegisterPhysicalConnectionFromExternal(PDEVICE_OBJECT DeviceObject,
                                                                   PUNICODE_STRING FromString, ULONG FromPin,
                                                                   PUNKNOWN ToUnknown, ULONG ToPin);

PORTCLSAPI NTSTATUS NTAPI PcNewServiceGroup(PSERVICEGROUP *OutServiceGroup, PUNKNOWN OuterUnknown);
/* ResourceIndex counts the interrupts of the list. */
PORTCLSAPI NTSTATUS NTAPI PcNewInterruptSync(PINTERRUPTSYNC *OutInterruptSync, PUNKNOWN OuterUnknown,
                                             PRESOURCELIST ResourceList, ULONG ResourceIndex, INTERRUPTSYNCMODE Mode);
/* Both lists or neither; copied. */
PORTCLSAPI NTSTATUS NTAPI PcNewResourceList(PRESOURCELIST *OutResourceList, PUNKNOWN OuterUnknown, POOL_TYPE PoolType,
                                            PCM_RESOURCE_LIST TranslatedResources,
                                            PCM_RESOURCE_LIST UntranslatedResources);
/* An empty list with room for MaximumEntries. */
PORTCLSAPI NTSTATUS NTAPI PcNewResourceSublist(PRESOURCELIST *OutResourceList, PUNKNOWN OuterUnknown, POOL_TYPE PoolType,
                                               PRESOURCELIST ParentList, ULONG MaximumEntries);
/* As IPort::NewRegistryKey; DeviceObject for the kinds that belong to a device, SubDevice NULL. */
PORTCLSAPI NTSTATUS NTAPI PcNewRegistryKey(PREGISTRYKEY *OutRegistryKey, PUNKNOWN OuterUnknown, ULONG RegistryKeyType,
                                           ACCESS_MASK DesiredAccess, PVOID DeviceObject, PVOID SubDevice,
                                           POBJECT_ATTRIBUTES ObjectAttributes, ULONG CreateOptions, PULONG Disposition);
PORTCLSAPI NTSTATUS NTAPI PcGetDeviceProperty(PVOID DeviceObject, DEVICE_REGISTRY_PROPERTY DeviceProperty,
                                              ULONG BufferLength, PVOID PropertyBuffer, PULONG ResultLength);

/* Unknown is queried for IAdapterPowerManagement; without it the call does nothing. */
PORTCLSAPI NTSTATUS NTAPI PcRegisterAdapterPowerManagement(PUNKNOWN Unknown, PVOID pvContext);
PORTCLSAPI NTSTATUS NTAPI PcUnregisterAdapterPowerManagement(PDEVICE_OBJECT DeviceObject); /* its reference is released */
PORTCLSAPI NTSTATUS NTAPI PcRequestNewPowerState(PDEVICE_OBJECT pDeviceObject, DEVICE_POWER_STATE RequestedNewState);

/* Ends a request that its handler answered with STATUS_PENDING, and frees it. <= DISPATCH_LEVEL */
PORTCLSAPI NTSTATUS NTAPI PcCompletePendingPropertyRequest(PPCPROPERTY_REQUEST PropertyRequest, NTSTATUS NtStatus);

/* For adapters that put dispatch routines of their own in front. */
PORTCLSAPI NTSTATUS NTAPI PcDispatchIrp(PDEVICE_OBJECT pDeviceObject, PIRP pIrp);
PORTCLSAPI NTSTATUS NTAPI PcCompleteIrp(PDEVICE_OBJECT pDeviceObject, PIRP pIrp, NTSTATUS ntStatus);
PORTCLSAPI NTSTATUS NTAPI PcForwardIrpSynchronous(PDEVICE_OBJECT DeviceObject, PIRP Irp);
PORTCLSAPI NTSTATUS NTAPI PcRegisterIoTimeout(PDEVICE_OBJECT pDeviceObject, PIO_TIMER_ROUTINE pTimerRoutine,
                                              PVOID pContext);
PORTCLSAPI NTSTATUS NTAPI PcUnregisterIoTimeout(PDEVICE_OBJECT pDeviceObject, PIO_TIMER_ROUTINE pTimerRoutine,
                                                PVOID pContext);

/* System time minus Since, 100 ns. Any level. */
PORTCLSAPI ULONGLONG NTAPI PcGetTimeInterval(ULONGLONG Since);
#define GTI_SECONDS(t)      ((ULONGLONG)(t) * 10000000)
#define GTI_MILLISECONDS(t) ((ULONGLONG)(t) * 10000)
#define GTI_MICROSECONDS(t) ((ULONGLONG)(t) * 10)

/* Not offered: STATUS_NOT_IMPLEMENTED and NULL, so that nobody ever calls a channel. */
PORTCLSAPI NTSTATUS NTAPI PcNewDmaChannel(PDMACHANNEL *OutDmaChannel, PUNKNOWN OuterUnknown, POOL_TYPE PoolType,
                                          PDEVICE_DESCRIPTION DeviceDescription, PDEVICE_OBJECT DeviceObject);
PORTCLSAPI NTSTATUS NTAPI PcAddContentHandlers(ULONG ContentId, PVOID *paHandlers, ULONG NumHandlers);
PORTCLSAPI NTSTATUS NTAPI PcCreateContentMixed(PULONG paContentId, ULONG cContentId, PULONG pMixedContentId);
PORTCLSAPI NTSTATUS NTAPI PcDestroyContent(ULONG ContentId);
PORTCLSAPI NTSTATUS NTAPI PcForwardContentToDeviceObject(ULONG ContentId, PVOID Reserved, PCDRMFORWARD DrmForward);
PORTCLSAPI NTSTATUS NTAPI PcForwardContentToFileObject(ULONG ContentId, PFILE_OBJECT FileObject);
PORTCLSAPI NTSTATUS NTAPI PcForwardContentToInterface(ULONG ContentId, PUNKNOWN pUnknown, ULONG NumMethods);
PORTCLSAPI NTSTATUS NTAPI PcGetContentRights(ULONG ContentId, PDRMRIGHTS DrmRights);

#ifdef PC_OLD_NAMES
#define InitializeAdapterDriver(c1, c2, a)      PcInitializeAdapterDriver(c1, c2, a)
#define AddAdapterDevice(c1, c2, s, m)          PcAddAdapterDevice(c1, c2, s, m, 0)
#define NewPort(o, c)                           PcNewPort(o, c)
#define NewMiniport(o, c)                       PcNewMiniport(o, c)
#define RegisterSubdevice(c1, c2, n, u)         PcRegisterSubdevice(c1, n, u)
#define RegisterPhysicalConnection(c1, c2, fs, fp, ts, tp)             PcRegisterPhysicalConnection(c1, fs, fp, ts, tp)
#define RegisterPhysicalConnectionToExternal(c1, c2, fs, fp, ts, tp)   PcRegisterPhysicalConnectionToExternal(c1, fs, fp, ts, tp)
#define RegisterPhysicalConnectionFromExternal(c1, c2, fs, fp, ts, tp) PcRegisterPhysicalConnectionFromExternal(c1, fs, fp, ts, tp)
#define NewServiceGroup(o, u)                   PcNewServiceGroup(o, u)
#define NewInterruptSync(o, u, r, i, m)         PcNewInterruptSync(o, u, r, i, m)
#define NewResourceList(o, u, p, t, r)          PcNewResourceList(o, u, p, t, r)
#define NewResourceSublist(o, u, p, r, m)       PcNewResourceSublist(o, u, p, r, m)
#define GetTimeInterval(t)                      PcGetTimeInterval(t)
#endif

#endif
