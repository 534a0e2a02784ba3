/* SPDX-License-Identifier: MIT */
/*
 * ks.h - kernel streaming as far as filters and pins of the DirectMusic DDI need it: formats, descriptors, properties,
 * stream headers.
 *
 * A filter is opened by reference string, a pin by KSPIN_CONNECT on a filter. Lists answer as KSMULTIPLE_ITEM and items.
 * LONGLONG members force an alignment of 8 on every machine, so that driver tables and host agree on sizeof.
 *
 * Source: spec/ddi-kernel.md 6.5, 6.6, 7.6.
 */
#ifndef DDI_KS_MAIN_H
#define DDI_KS_MAIN_H
#ifndef _KS_
#define _KS_
#endif

#include "basetyps.h"
#include "ddi_ks.h"
#include "ddi_ksguids.h"
#include "ntdef.h"

#ifndef SIZEOF_ARRAY
#define SIZEOF_ARRAY(array) (sizeof(array) / sizeof((array)[0]))
#endif

/* Requests on a filter or pin handle. */
#define IOCTL_KS_PROPERTY      0x002f0003
#define IOCTL_KS_ENABLE_EVENT  0x002f0007
#define IOCTL_KS_DISABLE_EVENT 0x002f000b
#define IOCTL_KS_METHOD        0x002f000f
#define IOCTL_KS_WRITE_STREAM  0x002f8013
#define IOCTL_KS_READ_STREAM   0x002f4017
#define IOCTL_KS_RESET_STATE   0x002f001b

typedef enum {
    KSRESET_BEGIN,
    KSRESET_END
} KSRESET;

typedef enum { /* of a pin; one step at a time, up and down */
    KSSTATE_STOP,
    KSSTATE_ACQUIRE,
    KSSTATE_PAUSE,
    KSSTATE_RUN
} KSSTATE, *PKSSTATE;

typedef enum {
    KSPIN_DATAFLOW_IN = 1, /* into the filter */
    KSPIN_DATAFLOW_OUT
} KSPIN_DATAFLOW, *PKSPIN_DATAFLOW;

typedef enum {
    KSPIN_COMMUNICATION_NONE,
    KSPIN_COMMUNICATION_SINK,
    KSPIN_COMMUNICATION_SOURCE,
    KSPIN_COMMUNICATION_BOTH,
    KSPIN_COMMUNICATION_BRIDGE /* leads out of the system: a jack */
} KSPIN_COMMUNICATION, *PKSPIN_COMMUNICATION;

#define KSFILTER_NODE            ((ULONG)-1) /* the filter itself, in connections */
#define KSALL_NODES              ((ULONG)-1)
#define KSNODEPIN_STANDARD_OUT   0
#define KSNODEPIN_STANDARD_IN    1
#define KSINSTANCE_INDETERMINATE ((ULONG)-1) /* no limit, or not known */
#define KSSTRING_Pin             L"{146F1A80-4791-11D0-A5D6-28DB04C10000}"

typedef KSIDENTIFIER KSPIN_INTERFACE, *PKSPIN_INTERFACE, KSPIN_MEDIUM, *PKSPIN_MEDIUM;

typedef enum {
    KSINTERFACE_STANDARD_STREAMING,
    KSINTERFACE_STANDARD_LOOPED_STREAMING,
    KSINTERFACE_STANDARD_CONTROL
} KSINTERFACE_STANDARD;

#define KSMEDIUM_TYPE_ANYINSTANCE 0
#define KSMEDIUM_STANDARD_DEVIO   KSMEDIUM_TYPE_ANYINSTANCE

/* ---- formats ---- */
typedef union { /* 64 bytes, alignment 8; as a range it is followed by what its specifier says */
    __extension__ struct {
        ULONG FormatSize; /* bytes, with what follows */
        ULONG Flags;
        ULONG SampleSize;
        ULONG Reserved;
        GUID MajorFormat;
        GUID SubFormat;
        GUID Specifier;
    };
    LONGLONG Alignment DDI_ALIGN8;
} KSDATAFORMAT, *PKSDATAFORMAT, KSDATARANGE, *PKSDATARANGE;

/* ---- requests about nodes and pins ---- */
typedef struct { /* 32 bytes */
    KSPROPERTY Property;
    ULONG NodeId;
    ULONG Reserved;
} KSNODEPROPERTY, *PKSNODEPROPERTY, KSP_NODE, *PKSP_NODE;

typedef struct { /* 32 bytes */
    KSPROPERTY Property;
    ULONG PinId;
    __extension__ union {
        ULONG Reserved;
        ULONG Flags;
    };
} KSP_PIN, *PKSP_PIN;

__extension__ typedef struct { /* alignment 8 */
    __extension__ union {
        __extension__ struct {
            ULONG Size; /* bytes, with this header */
            ULONG Count;
        };
        LONGLONG Alignment DDI_ALIGN8;
    };
} KSMULTIPLE_ITEM, *PKSMULTIPLE_ITEM;

typedef struct {
    ULONG PossibleCount;
    ULONG CurrentCount;
} KSPIN_CINSTANCES, *PKSPIN_CINSTANCES;

typedef struct {
    ULONG PriorityClass;
    ULONG PrioritySubClass;
} KSPRIORITY, *PKSPRIORITY;

typedef struct { /* followed by the KSDATAFORMAT */
    KSPIN_INTERFACE Interface;
    KSPIN_MEDIUM Medium;
    ULONG PinId;
    HANDLE PinToHandle;
    KSPRIORITY Priority;
} KSPIN_CONNECT, *PKSPIN_CONNECT;

typedef struct {
    ULONG FromNode; /* or KSFILTER_NODE, then FromNodePin is a pin of the filter */
    ULONG FromNodePin;
    ULONG ToNode;
    ULONG ToNodePin;
} KSTOPOLOGY_CONNECTION, *PKSTOPOLOGY_CONNECTION;

typedef struct { /* alignment 8 */
    ULONG InterfacesCount;
    const KSPIN_INTERFACE *Interfaces;
    ULONG MediumsCount; /* 0: the standard one */
    const KSPIN_MEDIUM *Mediums;
    ULONG DataRangesCount;
    const PKSDATARANGE *DataRanges;
    KSPIN_DATAFLOW DataFlow;
    KSPIN_COMMUNICATION Communication;
    const GUID *Category;
    const GUID *Name;
    __extension__ union {
        LONGLONG Reserved DDI_ALIGN8;
        __extension__ struct {
            ULONG ConstrainedDataRangesCount;
            PKSDATARANGE *ConstrainedDataRanges;
        };
    };
} KSPIN_DESCRIPTOR, *PKSPIN_DESCRIPTOR;
typedef const KSPIN_DESCRIPTOR *PCKSPIN_DESCRIPTOR;

/* ---- items of the property sets that a port answers itself ---- */
typedef enum { /* KSPROPSETID_Pin, with KSP_PIN */
    KSPROPERTY_PIN_CINSTANCES,
    KSPROPERTY_PIN_CTYPES, /* how many pins; with KSPROPERTY */
    KSPROPERTY_PIN_DATAFLOW,
    KSPROPERTY_PIN_DATARANGES,
    KSPROPERTY_PIN_DATAINTERSECTION,
    KSPROPERTY_PIN_INTERFACES,
    KSPROPERTY_PIN_MEDIUMS,
    KSPROPERTY_PIN_COMMUNICATION,
    KSPROPERTY_PIN_GLOBALCINSTANCES,
    KSPROPERTY_PIN_NECESSARYINSTANCES,
    KSPROPERTY_PIN_PHYSICALCONNECTION,
    KSPROPERTY_PIN_CATEGORY,
    KSPROPERTY_PIN_NAME,
    KSPROPERTY_PIN_CONSTRAINEDDATARANGES,
    KSPROPERTY_PIN_PROPOSEDATAFORMAT
} KSPROPERTY_PIN;

typedef enum { /* KSPROPSETID_Topology */
    KSPROPERTY_TOPOLOGY_CATEGORIES,
    KSPROPERTY_TOPOLOGY_NODES,
    KSPROPERTY_TOPOLOGY_CONNECTIONS,
    KSPROPERTY_TOPOLOGY_NAME /* with KSP_NODE */
} KSPROPERTY_TOPOLOGY;

typedef enum { /* KSPROPSETID_Connection, on a pin */
    KSPROPERTY_CONNECTION_STATE, /* KSSTATE */
    KSPROPERTY_CONNECTION_PRIORITY,
    KSPROPERTY_CONNECTION_DATAFORMAT,
    KSPROPERTY_CONNECTION_ALLOCATORFRAMING,
    KSPROPERTY_CONNECTION_PROPOSEDATAFORMAT,
    KSPROPERTY_CONNECTION_ACQUIREORDERING,
    KSPROPERTY_CONNECTION_ALLOCATORFRAMING_EX,
    KSPROPERTY_CONNECTION_STARTAT
} KSPROPERTY_CONNECTION;

typedef enum { /* KSPROPSETID_Clock */
    KSPROPERTY_CLOCK_TIME,
    KSPROPERTY_CLOCK_PHYSICALTIME,
    KSPROPERTY_CLOCK_CORRELATEDTIME,
    KSPROPERTY_CLOCK_CORRELATEDPHYSICALTIME,
    KSPROPERTY_CLOCK_RESOLUTION,
    KSPROPERTY_CLOCK_STATE
} KSPROPERTY_CLOCK;

/* ---- what a property's values may be: the long answer to BASICSUPPORT, KSPROPERTY_DESCRIPTION and its members ---- */
typedef struct { /* 40 bytes */
    ULONG AccessFlags;     /* KSPROPERTY_TYPE_* */
    ULONG DescriptionSize; /* bytes, with the members */
    KSIDENTIFIER PropTypeSet; /* KSPROPTYPESETID_General, Id a VT_* */
    ULONG MembersListCount;
    ULONG Reserved;
} KSPROPERTY_DESCRIPTION, *PKSPROPERTY_DESCRIPTION;

typedef struct { /* 16 bytes, then MembersCount members */
    ULONG MembersFlags; /* KSPROPERTY_MEMBER_* */
    ULONG MembersSize;  /* bytes of one */
    ULONG MembersCount;
    ULONG Flags; /* KSPROPERTY_MEMBER_FLAG_* */
} KSPROPERTY_MEMBERSHEADER, *PKSPROPERTY_MEMBERSHEADER;

__extension__ typedef union {
    __extension__ struct {
        LONG SignedMinimum;
        LONG SignedMaximum;
    };
    __extension__ struct {
        ULONG UnsignedMinimum;
        ULONG UnsignedMaximum;
    };
} KSPROPERTY_BOUNDS_LONG, *PKSPROPERTY_BOUNDS_LONG;

typedef struct { /* 16 bytes */
    ULONG SteppingDelta;
    ULONG Reserved;
    KSPROPERTY_BOUNDS_LONG Bounds;
} KSPROPERTY_STEPPING_LONG, *PKSPROPERTY_STEPPING_LONG;

#define KSPROPERTY_MEMBER_RANGES        0x00000001
#define KSPROPERTY_MEMBER_STEPPEDRANGES 0x00000002
#define KSPROPERTY_MEMBER_VALUES        0x00000003
#define KSPROPERTY_MEMBER_FLAG_DEFAULT                   0x00000001
#define KSPROPERTY_MEMBER_FLAG_BASICSUPPORT_MULTICHANNEL 0x00000002
#define KSPROPERTY_MEMBER_FLAG_BASICSUPPORT_UNIFORM      0x00000004

#ifndef VT_I4 /* types of values, of KSPROPTYPESETID_General */
#define VT_EMPTY 0
#define VT_I4    3
#define VT_R4    4
#define VT_R8    5
#define VT_BOOL  11
#define VT_UI4   19
#define VT_I8    20
#define VT_UI8   21
#endif

/* ---- data ---- */
typedef struct { /* value = Time * Numerator / Denominator in 100 ns */
    LONGLONG Time DDI_ALIGN8;
    ULONG Numerator;
    ULONG Denominator;
} KSTIME, *PKSTIME;

typedef struct { /* one buffer of a read or write request; 56 bytes, 48 where pointers have 4 */
    ULONG Size;  /* bytes of this structure */
    ULONG TypeSpecificFlags;
    KSTIME PresentationTime;
    LONGLONG Duration DDI_ALIGN8; /* 100 ns, with DURATIONVALID */
    ULONG FrameExtent;            /* bytes at Data */
    ULONG DataUsed;               /* bytes of them that count */
    PVOID Data;
    ULONG OptionsFlags; /* KSSTREAM_HEADER_OPTIONSF_* */
#if __SIZEOF_POINTER__ == 8
    ULONG Reserved;
#endif
} KSSTREAM_HEADER, *PKSSTREAM_HEADER;

#define KSSTREAM_HEADER_OPTIONSF_SPLICEPOINT        0x00000001
#define KSSTREAM_HEADER_OPTIONSF_PREROLL            0x00000002
#define KSSTREAM_HEADER_OPTIONSF_DATADISCONTINUITY  0x00000004 /* something was lost before this */
#define KSSTREAM_HEADER_OPTIONSF_TYPECHANGED        0x00000008
#define KSSTREAM_HEADER_OPTIONSF_TIMEVALID          0x00000010 /* PresentationTime is */
#define KSSTREAM_HEADER_OPTIONSF_TIMEDISCONTINUITY  0x00000040
#define KSSTREAM_HEADER_OPTIONSF_FLUSHONPAUSE       0x00000080
#define KSSTREAM_HEADER_OPTIONSF_DURATIONVALID      0x00000100
#define KSSTREAM_HEADER_OPTIONSF_ENDOFSTREAM        0x00000200

typedef struct _KSEVENT_ENTRY KSEVENT_ENTRY, *PKSEVENT_ENTRY; /* opaque, only passed on */
struct _IRP;

#endif
