/* SPDX-License-Identifier: MIT */
/*
 * ddi_pc_dma.h - DMA channels of PortCls: what code for them compiles with.
 *
 * This machine has no DMA: PcNewDmaChannel fails (rule 28). The reference does not say in which order the methods stand in the
 * table; here it is the order of the reference. No such object ever comes from another module.
 *
 * Source: the published reference of DEVICE_DESCRIPTION (wdm.h) and IDmaChannel (portcls.h).
 */
#ifndef DDI_PC_DMA_H
#define DDI_PC_DMA_H

#include "punknown.h"
#include "wdm.h"

typedef enum _DMA_WIDTH {
    Width8Bits,
    Width16Bits,
    Width32Bits
} DMA_WIDTH, *PDMA_WIDTH;

typedef enum _DMA_SPEED {
    Compatible,
    TypeA,
    TypeB,
    TypeC,
    TypeF
} DMA_SPEED, *PDMA_SPEED;

#define DEVICE_DESCRIPTION_VERSION  0
#define DEVICE_DESCRIPTION_VERSION1 1
#define DEVICE_DESCRIPTION_VERSION2 2
#define DEVICE_DESCRIPTION_VERSION3 3

typedef struct _DEVICE_DESCRIPTION {
    ULONG Version; /* DEVICE_DESCRIPTION_VERSION* */
    BOOLEAN Master;
    BOOLEAN ScatterGather;
    BOOLEAN DemandMode;
    BOOLEAN AutoInitialize;
    BOOLEAN Dma32BitAddresses;
    BOOLEAN IgnoreCount;
    BOOLEAN Reserved1;
    BOOLEAN Dma64BitAddresses;
    ULONG BusNumber;
    ULONG DmaChannel;
    INTERFACE_TYPE InterfaceType;
    DMA_WIDTH DmaWidth;
    DMA_SPEED DmaSpeed;
    ULONG MaximumLength; /* bytes of one transfer */
    ULONG DmaPort;
    ULONG DmaAddressWidth; /* from here on: of version 3 */
    ULONG DmaControllerInstance;
    ULONG DmaRequestLine;
    PHYSICAL_ADDRESS DeviceAddress;
} DEVICE_DESCRIPTION, *PDEVICE_DESCRIPTION;

typedef struct _ADAPTER_OBJECT *PADAPTER_OBJECT; /* opaque */

#undef INTERFACE
#define INTERFACE IDmaChannel
DECLARE_INTERFACE_(IDmaChannel, IUnknown)
{
    DEFINE_ABSTRACT_UNKNOWN()
    /* Once, or again after FreeBuffer. Only the bits set in the constraint vary from the buffer's beginning to its end. */
    STDMETHOD_(NTSTATUS, AllocateBuffer)(THIS_ ULONG BufferSize, PPHYSICAL_ADDRESS PhysicalAddressConstraint) PURE;
    STDMETHOD_(ULONG, AllocatedBufferSize)(THIS) PURE;
    STDMETHOD_(ULONG, BufferSize)(THIS) PURE; /* as SetBufferSize has it. Any level */
    STDMETHOD_(void, CopyFrom)(THIS_ PVOID Destination, PVOID Source, ULONG ByteCount) PURE;
    STDMETHOD_(void, CopyTo)(THIS_ PVOID Destination, PVOID Source, ULONG ByteCount) PURE;
    STDMETHOD_(void, FreeBuffer)(THIS) PURE;
    STDMETHOD_(PADAPTER_OBJECT, GetAdapterObject)(THIS) PURE;
    STDMETHOD_(ULONG, MaximumBufferSize)(THIS) PURE;
    STDMETHOD_(PHYSICAL_ADDRESS, PhysicalAddress)(THIS) PURE;
    STDMETHOD_(void, SetBufferSize)(THIS_ ULONG BufferSize) PURE;
    STDMETHOD_(PVOID, SystemAddress)(THIS) PURE;
    STDMETHOD_(ULONG, TransferCount)(THIS) PURE;
};
typedef IDmaChannel *PDMACHANNEL;

#endif
